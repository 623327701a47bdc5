//! The REST shapes of milestones and issue types.

use serde_json::{Value, json};

use super::{Shapes, time};
use crate::state::{ISSUE_TYPES, Milestone, NodeRef, Repo};

impl Shapes<'_> {
    pub(crate) fn milestone(&self, repo: &Repo, milestone: &Milestone) -> Value {
        let url = format!("{}/milestones/{}", self.repo_url(repo), milestone.number);
        let issues = repo.numbers.values().map(|id| self.world.issue(*id));
        let (closed, open): (Vec<_>, Vec<_>) = issues
            .filter(|issue| issue.milestone == Some(milestone.number))
            .partition(|issue| issue.closed.is_some());
        json!({
            "url": url,
            "html_url": format!("{}/{}/milestone/{}", self.html(), repo.full_name(), milestone.number),
            "labels_url": format!("{url}/labels"),
            "id": milestone.id,
            "node_id": NodeRef::Milestone(repo.id, milestone.id).encode(),
            "number": milestone.number,
            "title": milestone.title,
            "description": null,
            "creator": self.user(milestone.creator),
            "open_issues": open.len(),
            "closed_issues": closed.len(),
            "state": if milestone.open { "open" } else { "closed" },
            "created_at": time(milestone.created_at),
            "updated_at": time(milestone.updated_at),
            "due_on": milestone.due_on.map(time),
            "closed_at": milestone.closed_at.map(time),
        })
    }
}

/// The types of every repository.
pub(crate) fn issue_types() -> Value {
    ISSUE_TYPES.map(issue_type).to_vec().into()
}

pub(crate) fn issue_type(name: &str) -> Value {
    let number = ISSUE_TYPES.iter().position(|at| *at == name).unwrap_or_default() + 1;
    json!({
        "id": number, "node_id": format!("IT_{number}"), "name": name, "description": null, "color": "yellow",
        "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z", "is_enabled": true,
    })
}
