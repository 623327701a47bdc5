//! The port to issue trackers: what Followup needs of one, in words that no single tracker owns.
//!
//! Invariants:
//! * A write ends in one of four ways, [`Sent`], and the adapter never sends it again by itself: only the outbox does,
//!   after it has looked. An outcome that is not known is not an error, and is never taken for one.
//! * A list is complete or an error. That something is missing from an answer is said ([`Seen::Missing`]), never
//!   concluded from.
//! * What [`Tracker::changes`] does not show was not changed since, as far as changes go that the tracker counts as such; it
//!   may be deleted or moved.

mod comment;
mod error;
pub mod github;
mod issue;
mod local;
mod standing;

use async_trait::async_trait;

pub use comment::{Comment, Since};
pub use error::{Limit, Sent, TrackerError};
pub use issue::{
    Bookmark, Changes, CloseReason, Closer, Found, Issue, IssueChange, IssueRef, IssueType, Made, Milestone,
    NewIssue, ParseRepoNameError, RepoName, Repository, Seen, Target, Whereabouts,
};
pub use local::LocalTracker;
pub use standing::{Budget, Standing};

/// What a tracker can do, so that nobody asks by name which one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How many characters a title holds.
    pub max_title: usize,
    /// How many characters a text holds.
    pub max_body: usize,
    /// How many sub-issues a parent holds.
    pub max_sub_issues: usize,
    /// Whether an assignee has to be an account that it knows.
    pub knows_accounts: bool,
    /// Whether creates count against a limit, so that they have to be paced.
    pub paces_creates: bool,
}

/// A tracker of issues.
#[async_trait]
pub trait Tracker: Send + Sync + std::fmt::Debug {
    /// Its name in the database and in JSON.
    fn name(&self) -> &'static str;

    /// Which installation of it this is; issues of two hosts never mix.
    fn host(&self) -> &str;

    /// Which credential it is asked with, in a form that may be stored: a digest, never the secret itself.
    fn credential(&self) -> String;

    /// Whether an issue that a report names can be one of its own: one with an address at `host`, or with none.
    fn is_at(&self, host: Option<&str>) -> bool;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// How many requests were sent so far.
    fn requests(&self) -> u64;

    /// What to add to our clock to get the tracker's, as far as an answer of it told; nothing before the first answer.
    fn skew(&self) -> Option<chrono::Duration>;

    /// How our credential stands with it, as far as answers told.
    fn standing(&self) -> Standing {
        Standing::default()
    }

    /// Who we are there: the login.
    async fn whoami(&self) -> Result<String, TrackerError>;

    /// Looks a repository up by name.
    async fn repository(&self, name: &RepoName) -> Result<Repository, TrackerError>;

    /// The names of every label of a repository.
    async fn labels(&self, target: &Target) -> Result<Vec<String>, TrackerError>;

    /// Makes a label. One that is there already is a success.
    async fn create_label(&self, target: &Target, name: &str) -> Sent<()>;

    /// The open milestones of a repository.
    async fn milestones(&self, target: &Target) -> Result<Vec<Milestone>, TrackerError>;

    /// The types that issues of a repository can have; nothing where the tracker does not tell.
    async fn issue_types(&self, target: &Target) -> Result<Option<Vec<IssueType>>, TrackerError>;

    /// Makes an issue. Sent once. Where it cannot be hung under its parent at once, it is made beside it.
    async fn create_issue(&self, target: &Target, new: &NewIssue) -> Sent<Made>;

    /// Changes what `change` names of an issue. Saying it twice is saying it once.
    async fn update_issue(&self, issue: &IssueRef, change: &IssueChange) -> Sent<Issue>;

    /// Hangs `child` under `parent`. One that hangs there already is a success.
    async fn add_sub_issue(&self, parent: &IssueRef, child: &IssueRef) -> Sent<()>;

    /// Looks issues up; one answer for each, in the same order.
    async fn fetch(&self, issues: &[IssueRef]) -> Result<Vec<Seen>, TrackerError>;

    /// Whether looking many issues up makes it list whole repositories, as far as answers told: then it is cheaper to ask
    /// for [`Self::changes`].
    fn lists_to_look_up(&self) -> bool {
        false
    }

    /// Every issue of a repository that was changed since `from`, and where to read on. Without `from`, no issue, and where
    /// to read on to hear of everything that changes from now on.
    async fn changes(&self, target: &Target, from: Option<&Bookmark>) -> Result<Changes, TrackerError>;

    /// What brought closed issues to their end; one answer for each, in the same order, empty where it was a click or
    /// nobody knows.
    async fn closers(&self, issues: &[IssueRef]) -> Result<Vec<Vec<Closer>>, TrackerError>;

    /// What was written under issues since a moment each, oldest first; one answer for each, in the same order, complete.
    async fn comments(&self, issues: &[Since]) -> Result<Vec<Vec<Comment>>, TrackerError>;

    /// Whether somebody may write to a repository.
    async fn may_write(&self, target: &Target, login: &str) -> Result<bool, TrackerError>;

    /// Shows under a comment that it was taken. Showing it twice is showing it once.
    async fn acknowledge(&self, target: &Target, comment: i64) -> Sent<()>;

    /// Writes a comment under an issue. Sent once.
    async fn say(&self, issue: &IssueRef, text: &str) -> Sent<()>;

    /// Looks for one issue that [`Self::fetch`] did not show, and says where it is.
    async fn locate(&self, issue: &IssueRef) -> Result<Whereabouts, TrackerError>;

    /// Looks an issue up by what people call it, and follows it where it was moved. `near` is a repository that is known
    /// already.
    async fn look_up(&self, repo: &RepoName, number: i64, near: &Target) -> Result<Found, TrackerError>;

    /// Every issue of a repository with this label, in every state.
    async fn issues_with_label(&self, target: &Target, label: &str) -> Result<Vec<Issue>, TrackerError>;

    /// Every issue of a repository that was made or changed at or after `moment` on the tracker's clock.
    async fn issues_since(
        &self,
        target: &Target,
        moment: chrono::DateTime<chrono::Utc>,
    ) -> Result<Vec<Issue>, TrackerError>;
}
