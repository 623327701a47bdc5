//! GitHub Apps, where they are installed, and what a credential was given.
//!
//! Invariant: an app's bot may do something in a repository only where the app is installed, and a token never more
//! than its installation, as it is now, allows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Budgets, RepoId, UserId, UserKind, World};

/// How much of a permission was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Read,
    Write,
    Admin,
}

/// `issues` → write, `metadata` → read, …
pub(crate) type Permissions = BTreeMap<String, Level>;

#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) owner: UserId,
    pub(crate) bot: UserId,
    /// The DER of an `RSAPublicKey`.
    pub(crate) public_key: Vec<u8>,
    pub(crate) created_at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) app: u64,
    pub(crate) account: UserId,
    /// `None` is every repository of the account.
    pub(crate) repos: Option<BTreeSet<RepoId>>,
    pub(crate) permissions: Permissions,
    pub(crate) suspended_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) budgets: Budgets,
}

/// What a token stands for.
#[derive(Clone, Debug)]
pub(crate) enum Grant {
    /// All that its user may.
    Whole,
    /// A fine-grained personal token: some repositories, some permissions.
    Fine { repos: Option<BTreeSet<RepoId>>, permissions: Permissions },
    /// A token of an installation, which may have been narrowed when it was made.
    Installation {
        id: u64,
        repos: Option<BTreeSet<RepoId>>,
        permissions: Permissions,
        expires_at: DateTime<Utc>,
    },
}

/// What the credential of the request at hand may reach. Everything when it names nothing.
#[derive(Clone, Debug)]
pub(crate) struct Acting {
    pub(crate) user: UserId,
    pub(crate) installation: Option<u64>,
    pub(crate) repos: Option<BTreeSet<RepoId>>,
    pub(crate) permissions: Option<Permissions>,
    /// Organisations whose single sign-on the token was not authorised for.
    pub(crate) without_sso: BTreeSet<UserId>,
}

impl Acting {
    /// What GitHub says when the credential lacks a permission.
    pub(crate) fn refusal(&self) -> &'static str {
        if self.installation.is_some() {
            "Resource not accessible by integration"
        } else {
            "Resource not accessible by personal access token"
        }
    }
}

impl World {
    /// Makes an app and its bot; one of that id is replaced.
    pub(crate) fn add_app(&mut self, id: u64, slug: &str, owner: &str, public_key: Vec<u8>) {
        let owner = self.ensure_user(owner, UserKind::Organization);
        let bot = self.ensure_user(slug, UserKind::Bot);
        let app = App { id, slug: slug.to_owned(), owner, bot, public_key, created_at: self.now() };
        self.apps.insert(id, app);
    }

    pub(crate) fn install_app(
        &mut self,
        app: u64,
        account: &str,
        repos: Option<BTreeSet<RepoId>>,
        mut permissions: Permissions,
    ) -> u64 {
        permissions.entry("metadata".to_owned()).or_insert(Level::Read);
        let account = self.ensure_user(account, UserKind::Organization);
        self.last_installation += 1;
        let id = self.last_installation;
        let installation = Installation {
            id,
            app,
            account,
            repos,
            permissions,
            suspended_at: None,
            created_at: self.now(),
            budgets: Budgets::default(),
        };
        self.installations.insert(id, installation);
        self.tell_of_installation("created", id);
        id
    }

    /// Makes a token that lives for an hour of the sandbox's clock.
    pub(crate) fn mint(
        &mut self,
        installation: u64,
        repos: Option<BTreeSet<RepoId>>,
        permissions: Permissions,
    ) -> (String, DateTime<Utc>) {
        self.tokens_minted += 1;
        let token = format!("ghs_{installation:016x}{:020x}", self.tokens_minted);
        let expires_at = self.now() + chrono::Duration::hours(1);
        let user = self.apps[&self.installations[&installation].app].bot;
        self.add_token(&token, user);
        if let Some(made) = self.tokens.get_mut(&token) {
            made.grant = Grant::Installation { id: installation, repos, permissions, expires_at };
        }
        (token, expires_at)
    }

    pub(crate) fn suspend_installation(&mut self, id: u64, suspended: bool) {
        let now = self.now();
        if let Some(installation) = self.installations.get_mut(&id) {
            installation.suspended_at = suspended.then_some(now);
        }
        self.tell_of_installation(if suspended { "suspend" } else { "unsuspend" }, id);
    }

    /// Removes an installation; its tokens are refused from now on.
    pub(crate) fn remove_installation(&mut self, id: u64) {
        self.tell_of_installation("deleted", id);
        self.installations.remove(&id);
    }

    /// Whether an installation reaches a repository.
    pub(crate) fn installed_in(&self, installation: &Installation, repo: RepoId) -> bool {
        self.repos.get(&repo).is_some_and(|at| at.owner == installation.account && !at.gone)
            && installation.repos.as_ref().is_none_or(|repos| repos.contains(&repo))
    }

    /// The repositories the request's credential reaches, when it is an installation's.
    pub(crate) fn installed_repos(&self, installation: &Installation) -> Vec<RepoId> {
        self.repos.keys().copied().filter(|repo| self.installed_in(installation, *repo)).collect()
    }

    /// The app whose bot this is.
    pub(crate) fn app_of(&self, user: UserId) -> Option<&App> {
        self.apps.values().find(|app| app.bot == user)
    }

    /// Whether the request's credential reaches a repository at all; people and classic tokens reach all.
    pub(crate) fn reaches(&self, user: UserId, repo: RepoId) -> bool {
        let Some(acting) = self.acting.as_ref().filter(|acting| acting.user == user) else { return true };
        let installed = acting.installation.is_none_or(|id| {
            self.installations.get(&id).is_some_and(|installation| self.installed_in(installation, repo))
        });
        installed && acting.repos.as_ref().is_none_or(|repos| repos.contains(&repo))
    }

    /// How much of a permission the request's credential has, if it is one that has only some.
    pub(crate) fn lacks(&self, permission: &str, level: Level) -> bool {
        let Some(acting) = &self.acting else { return false };
        let given = |permissions: &Permissions| permissions.get(permission).is_some_and(|at| *at >= level);
        let now = acting.installation.is_none_or(|id| {
            self.installations.get(&id).is_some_and(|installation| given(&installation.permissions))
        });
        !(now && acting.permissions.as_ref().is_none_or(given))
    }

    /// Whether the token still has to be authorised for the single sign-on of the repository's owner.
    pub(crate) fn wants_sso(&self, repo: RepoId) -> bool {
        self.acting.as_ref().is_some_and(|acting| acting.without_sso.contains(&self.repo(repo).owner))
    }
}
