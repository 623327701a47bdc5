//! What people do in the browser: the verbs tests and demos tell their stories with.

use anyhow::{Context as _, bail};

use super::Sandbox;
use crate::state::{
    AtNumber, ByName, CloseReason, IssueId, NewIssue, Permission, RepoId, UserId, UserKind, World,
};

/// The repository of that name, today's or a former one.
pub(crate) fn repo(world: &World, full_name: &str) -> anyhow::Result<RepoId> {
    let (owner, name) = full_name
        .split_once('/')
        .with_context(|| format!("`{full_name}` is not a repository; expected `owner/name`"))?;
    match world.repo_by_name(owner, name) {
        ByName::Here(repo) | ByName::RenamedTo(repo) => Ok(repo),
        ByName::Nothing => bail!("there is no repository {full_name}"),
    }
}

pub(crate) fn issue(world: &World, full_name: &str, number: u64) -> anyhow::Result<IssueId> {
    match world.at_number(repo(world, full_name)?, number) {
        AtNumber::Here(issue) => Ok(issue),
        AtNumber::Deleted => bail!("{full_name}#{number} was deleted"),
        AtNumber::MovedTo(_) => bail!("{full_name}#{number} was transferred"),
        AtNumber::Nothing => bail!("there is no issue {full_name}#{number}"),
    }
}

/// Text as the browser sends it.
pub(crate) fn from_browser(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

pub(super) fn person(world: &mut World, login: &str) -> UserId {
    world.ensure_user(login, UserKind::User)
}

/// Who acts when nobody is named: the first of the people every sandbox knows.
fn somebody(world: &mut World) -> UserId {
    person(world, super::RESIDENTS[0])
}

impl Sandbox {
    fn on<T>(
        &self,
        full_name: &str,
        number: u64,
        act: impl FnOnce(&mut World, IssueId) -> T,
    ) -> anyhow::Result<T> {
        self.desk(|desk| {
            let issue = issue(&desk.world, full_name, number)?;
            Ok(act(&mut desk.world, issue))
        })
    }

    /// Opens an issue and gives its number.
    pub fn open_issue(&self, full_name: &str, by: &str, title: &str, body: &str) -> anyhow::Result<u64> {
        self.open(full_name, by, title, body, false)
    }

    /// Opens a pull request, which is an issue too, and gives its number.
    pub fn open_pull_request(&self, full_name: &str, by: &str, title: &str) -> anyhow::Result<u64> {
        self.open(full_name, by, title, "", true)
    }

    fn open(&self, full_name: &str, by: &str, title: &str, body: &str, pull: bool) -> anyhow::Result<u64> {
        self.desk(|desk| {
            let repo = repo(&desk.world, full_name)?;
            let author = person(&mut desk.world, by);
            let new = NewIssue {
                title: title.to_owned(),
                body: Some(body.to_owned()),
                is_pull_request: pull,
                ..NewIssue::default()
            };
            let issue = desk.world.create_issue(repo, author, new);
            Ok(desk.world.issue(issue).number)
        })
    }

    /// Closes an issue.
    pub fn close(&self, full_name: &str, number: u64, reason: CloseReason, by: &str) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = person(world, by);
            world.close_issue(issue, by, reason);
        })
    }

    /// Reopens an issue.
    pub fn reopen(&self, full_name: &str, number: u64, by: &str) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = person(world, by);
            world.reopen_issue(issue, by);
        })
    }

    /// Changes an issue's title.
    pub fn edit_title(&self, full_name: &str, number: u64, title: &str) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = somebody(world);
            world.edit_title(issue, by, title);
        })
    }

    /// Changes an issue's text in the browser, which stores CRLF line ends.
    pub fn edit_body(&self, full_name: &str, number: u64, body: &str) -> anyhow::Result<()> {
        let body = from_browser(body);
        self.on(full_name, number, |world, issue| world.edit_body(issue, &body))
    }

    /// Assigns people.
    pub fn assign(&self, full_name: &str, number: u64, logins: &[&str]) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = somebody(world);
            let people: Vec<UserId> = logins.iter().map(|login| person(world, login)).collect();
            world.add_assignees(issue, by, &people);
        })
    }

    /// Takes assignments away.
    pub fn unassign(&self, full_name: &str, number: u64, logins: &[&str]) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = somebody(world);
            let people: Vec<UserId> = logins.iter().map(|login| person(world, login)).collect();
            world.remove_assignees(issue, by, &people);
        })
    }

    /// Puts a label on an issue; the label is made if need be.
    pub fn label(&self, full_name: &str, number: u64, name: &str) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = somebody(world);
            let label = world.ensure_label(world.issue(issue).repo, name);
            world.add_labels(issue, by, &[label]);
        })
    }

    /// Takes a label off an issue.
    pub fn unlabel(&self, full_name: &str, number: u64, name: &str) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = somebody(world);
            let label = world.label_by_name(world.issue(issue).repo, name).map(|label| label.id);
            world.remove_labels(issue, by, label.as_slice());
        })
    }

    /// Makes a milestone, and gives its number.
    pub fn add_milestone(&self, full_name: &str, title: &str) -> anyhow::Result<u64> {
        self.desk(|desk| {
            let repo = repo(&desk.world, full_name)?;
            Ok(desk.world.add_milestone(repo, title, None))
        })
    }

    /// Closes a milestone. Its issues stay in it.
    pub fn close_milestone(&self, full_name: &str, number: u64) -> anyhow::Result<()> {
        self.desk(|desk| {
            let repo = repo(&desk.world, full_name)?;
            for milestone in &mut desk.world.repo_mut(repo).milestones {
                milestone.open &= milestone.number != number;
            }
            Ok(())
        })
    }

    /// Puts an issue into a milestone, or takes it out of the one it is in.
    pub fn set_milestone(&self, full_name: &str, number: u64, milestone: Option<u64>) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| world.set_milestone(issue, milestone))
    }

    /// Renames a label of a repository; its id and its issues stay.
    pub fn rename_label(&self, full_name: &str, from: &str, to: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let repo = repo(&desk.world, full_name)?;
            let label = desk.world.label_by_name(repo, from).map(|label| label.id);
            let label = label.with_context(|| format!("{full_name} has no label {from}"))?;
            desk.world.edit_label(repo, label, Some(to), None, None);
            Ok(())
        })
    }

    /// Comments on an issue and gives the comment's id.
    pub fn comment(&self, full_name: &str, number: u64, by: &str, text: &str) -> anyhow::Result<u64> {
        self.on(full_name, number, |world, issue| {
            let by = person(world, by);
            world.add_comment(issue, by, text).0
        })
    }

    /// Locks an issue's conversation.
    pub fn lock(&self, full_name: &str, number: u64) -> anyhow::Result<()> {
        self.on(full_name, number, |world, issue| {
            let by = somebody(world);
            world.set_locked(issue, by, true);
        })
    }

    /// Deletes an issue for good.
    pub fn delete(&self, full_name: &str, number: u64) -> anyhow::Result<()> {
        self.on(full_name, number, World::delete_issue)
    }

    /// Moves an issue to another repository and gives its number there.
    pub fn transfer(&self, full_name: &str, number: u64, to: &str) -> anyhow::Result<u64> {
        self.desk(|desk| {
            let issue = issue(&desk.world, full_name, number)?;
            let to = repo(&desk.world, to)?;
            let by = somebody(&mut desk.world);
            let moved = desk.world.transfer_issue(issue, to, by);
            Ok(desk.world.issue(moved).number)
        })
    }

    /// Puts one issue under another of the same repository.
    pub fn add_sub_issue(&self, full_name: &str, parent: u64, child: u64) -> anyhow::Result<()> {
        self.desk(|desk| {
            let parent = issue(&desk.world, full_name, parent)?;
            let child = issue(&desk.world, full_name, child)?;
            desk.world.add_sub_issue(parent, child, true).map_err(anyhow::Error::msg)
        })
    }

    /// Lets an issue wait for another one of the same repository.
    pub fn block(&self, full_name: &str, blocked: u64, blocker: u64) -> anyhow::Result<()> {
        self.desk(|desk| {
            let blocked = issue(&desk.world, full_name, blocked)?;
            let blocker = issue(&desk.world, full_name, blocker)?;
            desk.world.add_blocker(blocked, blocker).map_err(anyhow::Error::msg)
        })
    }

    /// Gives a repository another name; the old one redirects.
    pub fn rename_repo(&self, from: &str, to: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = repo(&desk.world, from)?;
            let (owner, name) = to.split_once('/').context("expected `owner/name`")?;
            desk.world.rename_repo(id, owner, name);
            Ok(())
        })
    }

    /// Archives a repository, or brings it back.
    pub fn archive_repo(&self, full_name: &str, archived: bool) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = repo(&desk.world, full_name)?;
            desk.world.set_archived(id, archived);
            Ok(())
        })
    }

    /// Deletes a repository with all that is in it.
    pub fn delete_repo(&self, full_name: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = repo(&desk.world, full_name)?;
            desk.world.delete_repo(id);
            Ok(())
        })
    }

    /// Makes a repository private, or public.
    pub fn set_private(&self, full_name: &str, private: bool) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = repo(&desk.world, full_name)?;
            desk.world.set_private(id, private);
            Ok(())
        })
    }

    /// Turns a repository's issues off, or on again.
    pub fn enable_issues(&self, full_name: &str, enabled: bool) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = repo(&desk.world, full_name)?;
            desk.world.repo_mut(id).issues_enabled = enabled;
            Ok(())
        })
    }

    /// Gives one person a permission in a repository.
    pub fn set_permission(&self, full_name: &str, login: &str, permission: Permission) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = repo(&desk.world, full_name)?;
            let user = person(&mut desk.world, login);
            desk.world.repo_mut(id).roles.insert(user, permission);
            Ok(())
        })
    }
}
