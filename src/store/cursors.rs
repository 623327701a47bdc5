//! Where reading what changed in a repository got to.
//!
//! Invariants: what changed before `since` was taken over; a tag is kept with the name of the credential that it was given
//! to; and when a cursor may move is decided in `sync::sweep`, not here.

use chrono::{DateTime, Utc};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};

/// Where reading what changed in a repository got to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Cursor {
    /// The repository, by the number that survives a rename.
    pub repo_id: i64,
    /// On the tracker's clock: what changed before this was taken over. Nothing until it was read for the first time.
    pub since: Option<DateTime<Utc>>,
    /// What the last answer was tagged with.
    pub etag: Option<String>,
    /// The credential that the tag was given to.
    pub credential: Option<String>,
    /// When every linked issue there was looked at itself last.
    pub looked_at: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// Where reading got to in every repository of a host that is read by its changes.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn cursors(&mut self, tracker: &str, host: &str) -> Result<Vec<Cursor>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            Cursor,
            "SELECT repo_id, since, etag, credential, looked_at FROM cursors WHERE tracker = $1 AND host = $2 "
            "ORDER BY repo_id",
            tracker,
            host
        )?)
    }
}

impl UnitOfWork {
    /// Writes down where reading got to in a repository.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn save_cursor(
        &mut self,
        tracker: &str,
        host: &str,
        cursor: &Cursor,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO cursors (tracker, host, repo_id, since, etag, credential, looked_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tracker, host, repo_id) DO UPDATE SET "
            "since = excluded.since, etag = excluded.etag, credential = excluded.credential, "
            "looked_at = excluded.looked_at",
            tracker,
            host,
            cursor.repo_id,
            cursor.since,
            cursor.etag.as_deref(),
            cursor.credential.as_deref(),
            cursor.looked_at
        )?;
        Ok(())
    }

    /// Forgets where reading got to at a host: it is not read by its changes any more.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn forget_cursors(&mut self, tracker: &str, host: &str) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM cursors WHERE tracker = $1 AND host = $2", tracker, host)?;
        Ok(())
    }
}
