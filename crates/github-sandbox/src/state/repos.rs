//! Repositories: how they are set up, renamed and who may do what in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::json::Shapes;

use super::{ByName, Repo, RepoId, UserKind, World};

/// What somebody may do in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Nothing; a private repository looks absent.
    None,
    /// Reads, opens issues, comments.
    Read,
    /// Also labels, assigns, closes and reopens.
    Triage,
    /// Also edits others' issues and makes labels.
    Write,
    /// Everything.
    Admin,
}

impl Permission {
    /// The role's name in the REST API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// How a repository is set up.
#[derive(Clone, Debug)]
pub struct RepoSettings {
    /// Whether only people with a permission see it.
    pub private: bool,
    /// Whether it has issues at all.
    pub issues_enabled: bool,
    /// Whether it is read-only.
    pub archived: bool,
    /// What every user of the sandbox may do in it, as an organisation's base permission.
    pub base: Permission,
    /// Logins that may do something else than `base` says; unknown ones are made.
    pub roles: Vec<(String, Permission)>,
    /// Whether the owner is an organisation or a person.
    pub org_owned: bool,
}

impl Default for RepoSettings {
    /// A private repository of an organisation in which everybody has push access.
    fn default() -> Self {
        Self {
            private: true,
            issues_enabled: true,
            archived: false,
            base: Permission::Write,
            roles: Vec::new(),
            org_owned: true,
        }
    }
}

impl RepoSettings {
    /// A public repository in which only the given logins have push access.
    #[must_use]
    pub fn public(push: &[&str]) -> Self {
        let mut settings = Self { private: false, base: Permission::None, ..Self::default() };
        for login in push {
            settings = settings.role(login, Permission::Write);
        }
        settings
    }

    /// Gives one login a permission of its own.
    #[must_use]
    pub fn role(mut self, login: &str, permission: Permission) -> Self {
        self.roles.push((login.to_owned(), permission));
        self
    }
}

impl World {
    /// Makes a repository; one that has the name already stays as it is.
    pub(crate) fn add_repo(&mut self, owner: &str, name: &str, settings: &RepoSettings) -> RepoId {
        if let ByName::Here(repo) = self.repo_by_name(owner, name) {
            return repo;
        }
        let kind = if settings.org_owned { UserKind::Organization } else { UserKind::User };
        let owner_id = self.ensure_user(owner, kind);
        let roles: BTreeMap<_, _> = settings
            .roles
            .iter()
            .map(|(login, permission)| (self.ensure_user(login, UserKind::User), *permission))
            .collect();
        self.last_repo += 1;
        let id = RepoId(self.last_repo);
        let now = self.now();
        let repo = Repo {
            id,
            owner: owner_id,
            owner_login: self.user(owner_id).login.clone(),
            name: name.to_owned(),
            private: settings.private,
            issues_enabled: settings.issues_enabled,
            archived: settings.archived,
            gone: false,
            base: settings.base,
            roles,
            labels: Vec::new(),
            milestones: Vec::new(),
            created_at: now,
            updated_at: now,
            last_number: 0,
            last_milestone: 0,
            numbers: BTreeMap::new(),
            deleted: BTreeSet::new(),
            transferred: BTreeMap::new(),
        };
        self.former_names.remove(&repo.full_name().to_lowercase());
        self.repos.insert(id, repo);
        id
    }

    /// Archives a repository, or brings it back.
    pub(crate) fn set_archived(&mut self, id: RepoId, archived: bool) {
        if std::mem::replace(&mut self.repo_mut(id).archived, archived) != archived {
            self.tell_of_repo(if archived { "archived" } else { "unarchived" }, id, Value::Null);
        }
    }

    /// Deletes a repository with all that is in it.
    pub(crate) fn delete_repo(&mut self, id: RepoId) {
        self.tell_of_repo("deleted", id, Value::Null);
        self.repo_mut(id).gone = true;
    }

    /// Makes a repository private, or public.
    pub(crate) fn set_private(&mut self, id: RepoId, private: bool) {
        if std::mem::replace(&mut self.repo_mut(id).private, private) != private {
            self.tell_of_repo(if private { "privatized" } else { "publicized" }, id, Value::Null);
        }
    }

    /// Gives a repository another name, and another owner if that is named too; the old name redirects.
    pub(crate) fn rename_repo(&mut self, id: RepoId, owner: &str, name: &str) {
        let owner_id = self.ensure_user(owner, UserKind::Organization);
        let owner_login = self.user(owner_id).login.clone();
        let repo = self.repo_mut(id);
        let (before_owner, before_name) = (repo.owner, repo.name.clone());
        let before = repo.full_name().to_lowercase();
        repo.owner = owner_id;
        repo.owner_login = owner_login;
        repo.name = name.to_owned();
        let after = repo.full_name().to_lowercase();
        self.former_names.remove(&after);
        if before != after {
            self.former_names.insert(before, id);
        }
        if before_owner != owner_id {
            let owner = Shapes { world: self, root: &self.url }.user(before_owner);
            self.tell_of_repo("transferred", id, json!({"owner": {"from": {"organization": owner}}}));
        }
        if before_name != name {
            self.tell_of_repo("renamed", id, json!({"repository": {"name": {"from": before_name}}}));
        }
    }
}
