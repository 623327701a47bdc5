//! Exit codes. They are a contract: scripts and CI read them.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is fine; also when an extract or import found no action.
    Fine = 0,
    /// The check that was asked for failed: `overdue --fail`.
    CheckFailed = 1,
    /// The arguments make no sense, or the action does not allow it.
    Usage = 2,
    /// The configuration or the database is not as it has to be.
    Configuration = 3,
    /// Something waits for a person: `publish` and `sync` only.
    WaitsForPerson = 4,
    /// The tracker cannot be reached, or refuses the credentials.
    Tracker = 5,
    /// A report, or the delivery of a webhook, cannot be read.
    BadInput = 6,
    /// A bug.
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
