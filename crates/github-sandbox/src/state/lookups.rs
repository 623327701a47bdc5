//! Finding things by the names people and programs use for them.

use super::{
    Comment, CommentId, Issue, IssueId, Label, LabelId, Permission, Repo, RepoId, User, UserId, UserKind,
    World,
};

/// What stands at an issue number of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtNumber {
    Here(IssueId),
    Deleted,
    MovedTo(IssueId),
    Nothing,
}

/// What a repository name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByName {
    Here(RepoId),
    RenamedTo(RepoId),
    Nothing,
}

impl World {
    /// Logins are looked up without regard to case, with or without a bot's `[bot]`.
    pub(crate) fn user_by_login(&self, login: &str) -> Option<&User> {
        let (bare, bot) = match login.strip_suffix("[bot]") {
            Some(bare) => (bare, true),
            None => (login, false),
        };
        self.users
            .values()
            .find(|user| user.login.eq_ignore_ascii_case(bare) && (!bot || user.kind == UserKind::Bot))
    }

    /// The user of that login, made when there is none yet.
    pub(crate) fn ensure_user(&mut self, login: &str, kind: UserKind) -> UserId {
        if let Some(user) = self.user_by_login(login) {
            return user.id;
        }
        self.last_user += 1;
        let id = UserId(self.last_user);
        let login = login.strip_suffix("[bot]").unwrap_or(login).to_owned();
        let user = User { id, login, kind, created_at: self.now() };
        self.users.insert(id, user);
        id
    }

    pub(crate) fn user(&self, id: UserId) -> &User {
        &self.users[&id]
    }

    pub(crate) fn repo(&self, id: RepoId) -> &Repo {
        &self.repos[&id]
    }

    pub(crate) fn repo_mut(&mut self, id: RepoId) -> &mut Repo {
        self.repos.get_mut(&id).expect("repositories are never removed")
    }

    pub(crate) fn issue(&self, id: IssueId) -> &Issue {
        &self.issues[&id]
    }

    pub(crate) fn issue_mut(&mut self, id: IssueId) -> &mut Issue {
        self.issues.get_mut(&id).expect("the id was looked up under the same lock")
    }

    pub(crate) fn repo_by_name(&self, owner: &str, name: &str) -> ByName {
        let found = self.repos.values().filter(|repo| !repo.gone).find(|repo| {
            repo.owner_login.eq_ignore_ascii_case(owner) && repo.name.eq_ignore_ascii_case(name)
        });
        if let Some(repo) = found {
            return ByName::Here(repo.id);
        }
        match self.former_names.get(&format!("{owner}/{name}").to_lowercase()) {
            Some(id) if !self.repo(*id).gone => ByName::RenamedTo(*id),
            Some(_) | None => ByName::Nothing,
        }
    }

    pub(crate) fn at_number(&self, repo: RepoId, number: u64) -> AtNumber {
        let repo = self.repo(repo);
        if let Some(id) = repo.numbers.get(&number) {
            AtNumber::Here(*id)
        } else if repo.deleted.contains(&number) {
            AtNumber::Deleted
        } else if let Some(id) = repo.transferred.get(&number) {
            AtNumber::MovedTo(*id)
        } else {
            AtNumber::Nothing
        }
    }

    pub(crate) fn label(&self, repo: RepoId, id: LabelId) -> &Label {
        self.repo(repo)
            .labels
            .iter()
            .find(|label| label.id == id)
            .expect("deleting a label takes it off its issues")
    }

    pub(crate) fn label_by_name(&self, repo: RepoId, name: &str) -> Option<&Label> {
        let name = name.to_lowercase();
        self.repo(repo).labels.iter().find(|label| label.name.to_lowercase() == name)
    }

    /// The issue a comment stands under, and the comment.
    pub(crate) fn comment(&self, repo: RepoId, id: CommentId) -> Option<(&Issue, &Comment)> {
        self.issues.values().filter(|issue| issue.repo == repo).find_map(|issue| {
            issue.comments.iter().find(|comment| comment.id == id).map(|comment| (issue, comment))
        })
    }

    /// A repository's issues and pull requests, newest first, without the `stale` newest.
    pub(crate) fn newest_first(&self, repo: RepoId, stale: usize) -> Vec<&Issue> {
        let issues = self.repo(repo).numbers.values().map(|id| self.issue(*id));
        let mut issues: Vec<&Issue> = issues.filter(|issue| self.is_listed(issue)).collect();
        issues.sort_by_key(|issue| std::cmp::Reverse((issue.created_at, issue.id)));
        if stale > 0 {
            let mut ids: Vec<IssueId> = issues.iter().map(|issue| issue.id).collect();
            ids.sort_unstable_by(|left, right| right.cmp(left));
            ids.truncate(stale);
            issues.retain(|issue| !ids.contains(&issue.id));
        }
        issues
    }

    /// The issues under one, in their order, without the `stale` newest.
    pub(crate) fn children(&self, parent: IssueId, stale: usize) -> Vec<&Issue> {
        let children = &self.issue(parent).children;
        let shown = children[..children.len().saturating_sub(stale)].iter().map(|id| self.issue(*id));
        shown.filter(|issue| self.is_listed(issue)).collect()
    }

    /// What somebody was given in a repository, without what everybody may do in a public one.
    pub(crate) fn role(&self, repo: RepoId, user: UserId) -> Permission {
        if !self.reaches(user, repo) {
            return Permission::None;
        }
        if let Some(app) = self.app_of(user) {
            let mut at = self.installations.values();
            let installed = at.any(|at| at.app == app.id && self.installed_in(at, repo));
            return if installed { Permission::Write } else { Permission::None };
        }
        let repo = self.repo(repo);
        if repo.owner == user {
            return Permission::Admin;
        }
        repo.roles.get(&user).copied().unwrap_or(repo.base)
    }

    /// What somebody may do in a repository.
    pub(crate) fn permission(&self, repo: RepoId, viewer: Option<UserId>) -> Permission {
        let role = viewer.map_or(Permission::None, |viewer| self.role(repo, viewer));
        if self.repo(repo).gone {
            return Permission::None;
        }
        if self.repo(repo).private { role } else { role.max(Permission::Read) }
    }

    /// Who may be assigned: people who were given something in the repository.
    pub(crate) fn is_assignable(&self, repo: RepoId, user: UserId) -> bool {
        self.user(user).kind == UserKind::User && self.role(repo, user) >= Permission::Read
    }
}
