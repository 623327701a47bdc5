//! Why an audit cannot say what was asked for.

use std::{borrow::Cow, io, path::PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};

use super::FirstBad;
use crate::store::StoreError;

/// Why nothing is said. Nothing was changed, and nothing that looks whole was left behind.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The history is not what was written.
    #[error("the history does not hold: event {}: {}", .0.event, .0.why)]
    Broken(FirstBad),
    /// The tables say something else than the history.
    #[error("the tables say something else than the history, {0} first")]
    Differs(String),
    /// It is about a time that did not come yet.
    #[error("{} is not over yet; now it is {}", shown(.asked), shown(.now))]
    Future {
        /// The moment that was asked for.
        asked: DateTime<Utc>,
        /// The present one.
        now: DateTime<Utc>,
    },
    /// It is about a time before anything was written down.
    #[error("nothing was known yet at {}: the first event was written down at {}", shown(.asked), shown(.first))]
    Nothing {
        /// The moment that was asked for.
        asked: DateTime<Utc>,
        /// When the first event was written down.
        first: DateTime<Utc>,
    },
    /// Nothing was ever written down.
    #[error("the history is empty")]
    Empty,
    /// There is no such event.
    #[error("there is no event {0}")]
    NoEvent(i64),
    /// The event has no such words.
    #[error("event {event} has no words as `{name}`")]
    NoWords {
        /// The event.
        event: i64,
        /// What was asked for.
        name: String,
        /// What it has.
        known: String,
    },
    /// What people work with says it.
    #[error("the {column} of {id} still says it")]
    InUse {
        /// The action.
        id: String,
        /// The column.
        column: String,
        /// The command that replaces it.
        command: String,
    },
    /// The folder has something in it.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("cannot write {}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn shown(moment: &DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl AuditError {
    /// What the person can do next.
    #[must_use]
    pub fn hint(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::NoWords { known, .. } if known.is_empty() => "it has no words of people at all",
            Self::NoWords { known, .. } => return Cow::Owned(format!("it has {known}")),
            Self::InUse { command, .. } => {
                return Cow::Owned(format!("replace it first: `followup {command}`"));
            }
            Self::NoEvent(_) => "`followup audit log` shows every event",
            Self::Store(error) => error.hint(),
            Self::Broken(_) | Self::Differs(_) => "`followup audit verify` says all that is wrong",
            Self::Future { .. } => "ask for a moment that has passed, or leave it out",
            Self::Nothing { .. } => "ask for a later moment; `followup audit log` shows what there is",
            Self::Empty => "`followup import REPORT` brings something in",
            Self::NotEmpty(_) => "name a folder that is empty or not there yet",
            Self::File { source, .. }
                if matches!(
                    source.kind(),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
                ) =>
            {
                "free some space, or name a folder on another disk; nothing was left behind"
            }
            Self::File { .. } => {
                "check the path, its permissions and the space there; nothing was left behind"
            }
        })
    }
}
