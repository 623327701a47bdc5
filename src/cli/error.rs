//! A failure as a person sees it: what, which thing, and what to do next.

use super::Exit;
use crate::{
    audit::AuditError,
    config::ConfigError,
    life::LifeError,
    source::SourceError,
    store::StoreError,
    sync::{LinkError, ResolveError, SyncError, Unlinkable},
    tracker::TrackerError,
    view::ActionView,
};

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliError {
    /// How the program ends.
    pub exit: Exit,
    /// A short stable word, for programs.
    pub code: &'static str,
    /// What went wrong, in one sentence that names the thing.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// The failures that this one sums up, where there are several.
    pub parts: Vec<Self>,
    /// The actions that changed all the same.
    pub actions: Vec<ActionView>,
}

impl CliError {
    /// The word for everything that is wrong with the database.
    pub(super) const DATABASE: &str = "database";

    fn new(exit: Exit, code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            message: message.into(),
            hint: hint.into(),
            parts: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// The arguments make no sense.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message, hint)
    }

    /// What is there does not allow it.
    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "refused", message, hint)
    }

    /// The configuration or the environment makes no sense.
    pub fn configuration(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, "configuration", message, hint)
    }

    /// A report cannot be read.
    pub fn bad_input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::BadInput, "bad_input", message, hint)
    }

    /// The tracker cannot be reached, or refuses.
    pub fn tracker(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Tracker, "tracker", message, hint)
    }

    /// Something that cannot happen.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Exit::Bug, "bug", message, "this is a bug; please report it with what you did")
    }
}

/// The message of an error and its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::configuration(chain(&error), error.hint())
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let (exit, code) = match &error {
            StoreError::NoAction(_) | StoreError::NoReport(_) => (Exit::Usage, "not_found"),
            StoreError::Conflict(_) => (Exit::Usage, "conflict"),
            StoreError::Inconsistent(_) | StoreError::Failed(_) => (Exit::Bug, "bug"),
            StoreError::Missing(_)
            | StoreError::BadLocation(_)
            | StoreError::Locked
            | StoreError::ReadOnly
            | StoreError::Full
            | StoreError::Disk(_)
            | StoreError::BrokenHistory(_)
            | StoreError::NotADatabase
            | StoreError::NotOurs
            | StoreError::CannotOpen(_)
            | StoreError::Newer { .. }
            | StoreError::File { .. }
            | StoreError::Unreachable(_)
            | StoreError::Migration { .. } => (Exit::Configuration, Self::DATABASE),
        };
        Self::new(exit, code, chain(&error), error.hint())
    }
}

impl From<AuditError> for CliError {
    fn from(error: AuditError) -> Self {
        let (exit, code) = match error {
            AuditError::Store(error) => return error.into(),
            AuditError::Broken(_) | AuditError::Differs(_) => (Exit::CheckFailed, "broken_history"),
            AuditError::Future { .. } | AuditError::Nothing { .. } | AuditError::Empty => {
                (Exit::Usage, "usage")
            }
            AuditError::NoEvent(_) | AuditError::NoWords { .. } => (Exit::Usage, "not_found"),
            AuditError::NotEmpty(_) | AuditError::InUse { .. } => (Exit::Usage, "refused"),
            AuditError::File { .. } => (Exit::Configuration, "files"),
        };
        Self::new(exit, code, chain(&error), error.hint())
    }
}

impl From<LifeError> for CliError {
    fn from(error: LifeError) -> Self {
        match error {
            LifeError::Store(error) => error.into(),
            LifeError::Refused { id, refusal } => {
                Self::new(Exit::Usage, "refused", format!("{id}: {refusal}"), refusal.hint())
            }
            LifeError::NothingToUndo(_) => Self::new(
                Exit::Usage,
                "refused",
                error.to_string(),
                "`followup undo CA-1` takes back what anybody did last to one action",
            ),
        }
    }
}

impl From<SourceError> for CliError {
    fn from(error: SourceError) -> Self {
        let hint = error.hint();
        match error {
            SourceError::Tracker { error, .. } => Self::tracker(error.to_string(), hint),
            SourceError::Credentials { message, hint } => Self::configuration(message, hint),
            SourceError::Place(_)
            | SourceError::File(_)
            | SourceError::StandardInput(_)
            | SourceError::Web { .. }
            | SourceError::Issue(_)
            | SourceError::Unreadable { .. } => Self::bad_input(error.to_string(), hint),
        }
    }
}

impl From<TrackerError> for CliError {
    fn from(error: TrackerError) -> Self {
        Self::tracker(error.to_string(), error.hint())
    }
}

impl From<LinkError> for CliError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Sync(error) => error.into(),
            LinkError::Unlinkable(error @ Unlinkable::Repository(_)) => {
                Self::tracker(error.to_string(), error.hint())
            }
            LinkError::Unlinkable(error) => {
                Self::new(Exit::Usage, "refused", error.to_string(), error.hint())
            }
        }
    }
}

impl From<ResolveError> for CliError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Store(error) => error.into(),
            ResolveError::Life(error) => error.into(),
            ResolveError::None(_) | ResolveError::NotAbout { .. } => Self::new(
                Exit::Usage,
                "not_found",
                error.to_string(),
                "`followup conflicts` lists what is open",
            ),
            ResolveError::Several { .. } => {
                Self::new(Exit::Usage, "ambiguous", error.to_string(), "name one of them behind the id")
            }
        }
    }
}

impl From<SyncError> for CliError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Store(error) => error.into(),
            SyncError::Tracker(error) => error.into(),
            SyncError::NoRepository(_) => Self::configuration(
                error.to_string(),
                "set `repo` under [github] in followup.toml, or import with --repo",
            ),
        }
    }
}
