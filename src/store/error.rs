//! What can be wrong with the database, named by what a person can do about it.

use std::path::PathBuf;

use sqlx::migrate::MigrateError;

use crate::action::{ActionId, ReportId, Subject};

/// Why the database did not do it. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no database at this place.
    #[error("there is no database at {0}")]
    Missing(String),
    /// The place named is not one we know how to open.
    #[error("`{0}` is not a database; expected a file, sqlite://FILE or postgres://…")]
    BadLocation(String),
    /// Another program holds it.
    #[error("the database is locked by another program")]
    Locked,
    /// It may not be written.
    #[error("the database is read-only")]
    ReadOnly,
    /// The disk has no room.
    #[error("the disk is full")]
    Full,
    /// The disk did not do what it was asked: a quota, a limit on the size of files, or it is broken.
    #[error("the database file cannot be read or written")]
    Disk(#[source] sqlx::Error),
    /// The file is not a database.
    #[error("the file is not a SQLite database")]
    NotADatabase,
    /// The file belongs to somebody else.
    #[error("the file is a SQLite database of another program")]
    NotOurs,
    /// The file is there, and the system does not let us at it or at those beside it.
    #[error("the file cannot be opened")]
    CannotOpen(#[source] sqlx::Error),
    /// A newer version of Followup made it.
    #[error("the database has schema {found}, and this program knows up to {known}")]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration of this program.
        known: i64,
    },
    /// There is no such action.
    #[error("there is no action {0}")]
    NoAction(ActionId),
    /// There is no such report.
    #[error("there is no report {0}")]
    NoReport(ReportId),
    /// Somebody changed it between reading and writing.
    #[error("{0} was changed by somebody else in the meantime")]
    Conflict(Subject),
    /// The history does not end where it says that it ends.
    #[error("the history is broken: event {0} is not what was written last, so nothing is added to it")]
    BrokenHistory(i64),
    /// A file beside the database could not be used.
    #[error("cannot use {path}")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database cannot be reached.
    #[error("cannot reach the database")]
    Unreachable(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("cannot migrate the database")]
    Migration {
        /// The copy that was made before.
        backup: Option<PathBuf>,
        /// Why.
        #[source]
        source: MigrateError,
    },
    /// What it holds cannot be: a bug, or somebody changed it by hand.
    #[error("the database contradicts itself: {0}")]
    Inconsistent(String),
    /// Anything else: a bug, or a broken file.
    #[error("the database failed")]
    Failed(#[source] sqlx::Error),
}

impl StoreError {
    /// What the person can do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing(_) => "make one with `followup init`, or name it with --db or FOLLOWUP_DB",
            Self::BadLocation(_) => "correct --db, FOLLOWUP_DB, or `database` in followup.toml",
            Self::Locked => "wait for the other program to end, then try again",
            Self::ReadOnly => "make the file and its folder writable for you, or name another one with --db",
            Self::Full => "free some space, then run the command again; nothing is lost",
            Self::Disk(_) => {
                "look at the disk: its space, your quota, a limit on the size of files, its health; then run the command \
                 again; nothing is lost"
            }
            Self::NotADatabase | Self::NotOurs => "name another file with --db; this one was left as it is",
            Self::Newer { .. } => "use the newer version of followup that made it",
            Self::NoAction(_) => "`followup list` shows every action",
            Self::NoReport(_) => "`followup report list` shows every report",
            Self::Conflict(_) => "look at it again, then repeat the command",
            Self::BrokenHistory(_) => {
                "`followup audit verify` says what is wrong; restore the newest backup for which it is fine"
            }
            Self::File { .. } => "check the path and its permissions",
            Self::CannotOpen(_) => "check the permissions of the file and of its folder",
            Self::Unreachable(_) => "check the address and that the server runs",
            Self::Migration { backup: Some(_), .. } => {
                "the file was backed up beside itself before; the README tells how to go back"
            }
            Self::Migration { backup: None, .. } => "no migration is half done; report this as a bug",
            Self::Inconsistent(_) | Self::Failed(_) => {
                "run `followup doctor`; if it finds nothing, report this as a bug"
            }
        }
    }
}

impl StoreError {
    /// What a migration failed of. A disk without room is that, and no fault of the migration.
    pub(super) fn of_migration(backup: Option<PathBuf>, source: MigrateError) -> Self {
        let (error, version) = match source {
            MigrateError::Execute(error) => (error, None),
            MigrateError::ExecuteMigration(error, version) => (error, Some(version)),
            source => return Self::Migration { backup, source },
        };
        match (Self::from(error), version) {
            (Self::Failed(error), None) => Self::Migration { backup, source: MigrateError::Execute(error) },
            (Self::Failed(error), Some(version)) => {
                Self::Migration { backup, source: MigrateError::ExecuteMigration(error, version) }
            }
            (known, _) => known,
        }
    }
}

/// `SQLITE_IOERR_SHMSIZE`.
const SHARED_FILE_CANNOT_GROW: u32 = 4874;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(database) = &error {
            // SQLite's result codes (https://sqlite.org/rescode.html): the low byte is the primary code.
            let code = database.code().and_then(|code| code.parse::<u32>().ok());
            let primary = code.map(|code| code & 0xff);
            let is_sqlite = database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some();
            match primary {
                Some(5 | 6) if is_sqlite => return Self::Locked,
                Some(8) if is_sqlite => return Self::ReadOnly,
                Some(13) if is_sqlite => return Self::Full,
                // Of the file that readers and writers share SQLite says no more than that it cannot be made longer.
                _ if code == Some(SHARED_FILE_CANNOT_GROW) && is_sqlite => return Self::Full,
                Some(10) if is_sqlite => return Self::Disk(error),
                Some(14) if is_sqlite => return Self::CannotOpen(error),
                Some(26) if is_sqlite => return Self::NotADatabase,
                _ => {}
            }
        }
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) => Self::Unreachable(error),
            error => Self::Failed(error),
        }
    }
}
