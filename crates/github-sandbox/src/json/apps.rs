//! The REST shapes of apps and their installations.

use serde_json::{Value, json};

use super::{Shapes, time};
use crate::jwt::client_id;
use crate::state::{App, Installation, NodeRef};

/// What an app is told of.
const EVENTS: [&str; 6] = ["issue_comment", "issues", "label", "milestone", "repository", "sub_issues"];

impl Shapes<'_> {
    pub(crate) fn app(&self, app: &App) -> Value {
        let mut installations = self.world.installations.values().filter(|at| at.app == app.id);
        let permissions = installations.next().map(|at| json!(at.permissions));
        json!({
            "id": app.id,
            "slug": app.slug,
            "client_id": client_id(app.id),
            "node_id": NodeRef::User(app.bot).encode(),
            "owner": self.user(app.owner),
            "name": app.slug,
            "description": null,
            "external_url": self.html(),
            "html_url": format!("{}/apps/{}", self.html(), app.slug),
            "created_at": time(app.created_at),
            "updated_at": time(app.created_at),
            "permissions": permissions.unwrap_or_else(|| json!({"issues": "write", "metadata": "read"})),
            "events": EVENTS,
            "installations_count": self.world.installations.values().filter(|at| at.app == app.id).count(),
        })
    }

    pub(crate) fn installation(&self, installation: &Installation) -> Value {
        let app = &self.world.apps[&installation.app];
        let account = self.world.user(installation.account);
        let id = installation.id;
        json!({
            "id": id,
            "client_id": client_id(app.id),
            "account": self.user(installation.account),
            "repository_selection": selection(installation),
            "access_tokens_url": format!("{}/app/installations/{id}/access_tokens", self.root),
            "repositories_url": format!("{}/installation/repositories", self.root),
            "html_url": format!("{}/organizations/{}/settings/installations/{id}", self.html(), account.login),
            "app_id": app.id,
            "app_slug": app.slug,
            "target_id": installation.account.0,
            "target_type": account.kind.as_str(),
            "permissions": installation.permissions,
            "events": EVENTS,
            "created_at": time(installation.created_at),
            "updated_at": time(installation.suspended_at.unwrap_or(installation.created_at)),
            "single_file_name": null,
            "has_multiple_single_files": false,
            "single_file_paths": [],
            "suspended_by": installation.suspended_at.map(|_| self.user(installation.account)),
            "suspended_at": installation.suspended_at.map(time),
        })
    }
}

pub(crate) fn selection(installation: &Installation) -> &'static str {
    if installation.repos.is_some() { "selected" } else { "all" }
}
