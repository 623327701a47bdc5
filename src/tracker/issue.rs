//! Issues and repositories, in words that no single tracker owns.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use crate::action::{EvidenceKind, IssueState};

/// A repository by its name, `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoName {
    owner: String,
    name: String,
}

/// What was written is not the name of a repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a repository; expected `owner/name`")]
pub struct ParseRepoNameError {
    input: String,
}

impl RepoName {
    /// The account it belongs to.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The name within the account.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for RepoName {
    type Err = ParseRepoNameError;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        let is_plain = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        match input.trim().split('/').collect::<Vec<_>>()[..] {
            [owner, name] if is_plain(owner) && is_plain(name) && name != "." && name != ".." => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err(ParseRepoNameError { input: input.to_owned() }),
        }
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

/// Where issues go: a repository by the number that survives a rename.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The number.
    pub repo_id: i64,
    /// The name it had last, for messages and for trackers without numbers.
    pub repo: String,
}

/// A repository as the tracker shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// How to reach it.
    pub target: Target,
    /// Whether only members can read it.
    pub is_private: bool,
    /// Whether nothing in it can be changed.
    pub is_archived: bool,
    /// Whether it has issues at all.
    pub has_issues: bool,
    /// Whether we may set labels and assignees; nothing where the tracker does not say.
    pub can_push: Option<bool>,
}

/// How to reach an issue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IssueRef {
    /// Its repository.
    pub target: Target,
    /// The number that people see.
    pub number: i64,
    /// The number that is the tracker's own.
    pub issue_id: i64,
    /// The id of GraphQL.
    pub node_id: Option<String>,
}

/// An issue as the tracker shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How to reach it.
    pub at: IssueRef,
    /// Its address for people.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its text; an empty one may come as nothing.
    pub body: String,
    /// `open` or `closed`.
    pub state: String,
    /// `completed`, `not_planned`, `duplicate`, `reopened`, another word, or nothing.
    pub state_reason: Option<String>,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The logins of its assignees, sorted.
    pub assignees: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed, in whole seconds.
    pub updated_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// When its newest comment was written, or a moment after that; nothing where there is none.
    pub commented_at: Option<DateTime<Utc>>,
    /// The login of who closed it, or opened it again, last; nothing where the tracker does not say.
    pub state_by: Option<String>,
}

impl Issue {
    /// The part of its state that says whether the work was done.
    #[must_use]
    pub fn issue_state(&self) -> IssueState<'_> {
        IssueState { state: &self.state, state_reason: self.state_reason.as_deref() }
    }
}

/// What brought an issue to its end, as the tracker tells: a change that shows that the work was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closer {
    /// A pull request or a commit.
    pub kind: EvidenceKind,
    /// Its address for people.
    pub url: String,
    /// What it is called.
    pub title: Option<String>,
    /// When it was merged, or committed.
    pub at: Option<DateTime<Utc>>,
    /// The number of its commit.
    pub commit: Option<String>,
}

/// What looking for an issue found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// There it is.
    Issue(Box<Issue>),
    /// The tracker does not show it to us: moved, deleted, or out of our reach. That alone changes nothing.
    Missing,
}

/// Where reading what changed in a repository goes on. Reading again from an earlier one shows more, and never less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// On the tracker's clock: what changed before was shown.
    pub since: DateTime<Utc>,
    /// What the last answer was tagged with; it is good for the credential that it was given to.
    pub etag: Option<String>,
}

/// What changed in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The issues, each once, as they were shown last.
    pub issues: Vec<Issue>,
    /// Where to read on.
    pub next: Bookmark,
}

/// Where an issue is that a look at many did not show, as far as a look at it alone tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// It is where it was; the look at many missed it.
    Here(Box<Issue>),
    /// It was moved, and is this one by now.
    Moved(Box<Issue>),
    /// The tracker says that it was deleted.
    Deleted,
    /// Its repository can be read, and does not show it.
    Hidden,
    /// Its repository cannot be read, or shows no issues at all; that says nothing of the issue. The reason, in words.
    OutOfReach(String),
}

/// What a number that people named turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The issue, in the repository that it is in now.
    pub issue: Issue,
    /// Whether it is a pull request.
    pub is_pull_request: bool,
}

/// An issue that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIssue {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The logins of its assignees.
    pub assignees: Vec<String>,
    /// What it is to hang under, where the tracker can do that at once.
    pub parent: Option<IssueRef>,
    /// The milestone that it belongs to.
    pub milestone: Option<Milestone>,
    /// Of which type it is.
    pub issue_type: Option<IssueType>,
}

/// A milestone of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The number that people see.
    pub number: i64,
    /// The id of GraphQL.
    pub node_id: Option<String>,
    /// What it is called.
    pub title: String,
}

/// A type that issues can have, as "Task".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueType {
    /// The id of GraphQL.
    pub node_id: Option<String>,
    /// What it is called.
    pub name: String,
}

/// An issue that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// It.
    pub issue: Issue,
    /// Whether it hangs under the parent that was asked for.
    pub in_parent: bool,
    /// The title of the milestone that it got.
    pub milestone: Option<String>,
    /// The name of the type that it got.
    pub issue_type: Option<String>,
}

/// Why an issue is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The work was done.
    Completed,
    /// It will not be done.
    NotPlanned,
    /// Another issue does it.
    Duplicate,
}

impl CloseReason {
    /// The word that GitHub uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
        }
    }
}

/// What is to be changed of an issue; what is empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueChange {
    /// A new title.
    pub title: Option<String>,
    /// A new text.
    pub body: Option<String>,
    /// Close it for this reason.
    pub close: Option<CloseReason>,
    /// Open it again.
    pub reopen: bool,
    /// Logins to add.
    pub assign: Vec<String>,
    /// Logins to take away.
    pub unassign: Vec<String>,
    /// Names of labels to add.
    pub label: Vec<String>,
    /// Names of labels to take away.
    pub unlabel: Vec<String>,
}

impl IssueChange {
    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_two_plain_words() {
        assert_eq!("acme/platform".parse::<RepoName>().unwrap().to_string(), "acme/platform");
        for input in [
            "",
            "acme",
            "acme/",
            "/x",
            "a/b/c",
            "acme/plat form",
            "acme/..",
            "https://github.com/a/b",
            "a/b?c",
        ] {
            let error = input.parse::<RepoName>().unwrap_err().to_string();
            assert_eq!(error, format!("`{input}` is not a repository; expected `owner/name`"));
        }
    }
}
