//! What a publish or a sync did, and what is left: the answer of both commands.

use serde::Serialize;

/// An issue as the answer names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssueLine {
    /// The tracker, as `github`.
    pub tracker: String,
    /// Its repository.
    pub repo: String,
    /// The number that people see; nothing where it is only planned.
    pub number: Option<i64>,
    /// Its address.
    pub url: Option<String>,
}

/// One action, or one report's parent, and its issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `CA-42`, or `IR-7` for a parent.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What its issue was called when it was tied to it, where that is not its own title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_title: Option<String>,
    /// Its issue.
    pub issue: IssueLine,
    /// What changed, in the words of the design; empty for a new issue.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what: Vec<String>,
}

/// Something that is not done and will be, or that only a person can settle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// `CA-42`, `IR-7`, or a repository.
    pub id: String,
    /// Why, in one sentence.
    pub what: String,
    /// The command that settles it; nothing where waiting does.
    pub command: Option<String>,
}

/// What a pass did, and what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Actions whose issues were made.
    pub created: Vec<Line>,
    /// Actions whose issues were found again.
    pub adopted: Vec<Line>,
    /// Actions that were tied to issues that were there before, because their reports name them.
    pub linked: Vec<Line>,
    /// Actions whose issues were changed.
    pub updated: Vec<Line>,
    /// Parents that were made or found again.
    pub parents: Vec<Line>,
    /// How many issues were looked at.
    pub observed: usize,
    /// Actions that took something over from their issue.
    pub changed: Vec<Line>,
    /// What will be done by a later pass.
    pub waiting: Vec<Pending>,
    /// Issues of which nobody knows yet whether they were made.
    pub unknown: Vec<Pending>,
    /// What only a person can settle.
    pub needs_human: Vec<Pending>,
    /// What went well but not quite as asked.
    pub notes: Vec<String>,
    /// How many requests were sent to the tracker.
    pub requests: u64,
}

impl Summary {
    /// Whether a person has to do something.
    #[must_use]
    pub fn waits_for_a_person(&self) -> bool {
        !self.needs_human.is_empty()
    }
}
