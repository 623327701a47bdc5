//! Taking words of people out of the database for good.
//!
//! Invariant: where an event's words were, a mark stands that they were erased, and the salt of their digest is gone with them, so
//! that nobody can find them again by guessing. Which rows of other tables held them is decided in `audit::erase`.

use std::{fs, path::PathBuf};

use super::{
    Location, SaltedText, Snapshot, Store, StoreError, UnitOfWork,
    database::{execute, value},
    open::{Pool, beside},
};
use crate::action::{ActionId, Report, ReportId};

/// What stands in a column that may not be empty, where somebody's words were erased.
pub const ERASED: &str = "[erased]";

impl Snapshot {
    /// Whether something else than the history and what follows from it still says a text about an action: what both sides agreed
    /// on, or an issue of our own.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn is_said_of_issues(&mut self, text: &str) -> Result<bool, StoreError> {
        let links: i64 = value!(
            self,
            fetch_one,
            "SELECT count(*) FROM links WHERE replace(agreed, $1, '') <> agreed",
            text
        )?;
        let issues: i64 = value!(
            self,
            fetch_one,
            "SELECT count(*) FROM local_issues WHERE replace(title, $1, '') <> title OR replace(body, $1, '') <> body "
            "OR replace(assignees, $1, '') <> assignees",
            text
        )?;
        Ok(links + issues > 0)
    }
}

impl UnitOfWork {
    /// Takes words out of an event. Its own digest of them stays; what was erased before stays erased.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn forget_words(&mut self, seq: i64, names: &[String]) -> Result<(), StoreError> {
        let mut texts = self.event_texts(seq).await?;
        for name in names {
            if let Some(text) = texts.get_mut(name) {
                *text = SaltedText { salt: String::new(), value: None };
            }
        }
        let texts = serde_json::to_string(&texts).expect("texts can always be written as JSON");
        execute!(self, "UPDATE event_texts SET texts = $1 WHERE seq = $2", texts, seq)?;
        Ok(())
    }

    /// Stores what is left of the words of a report.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn forget_in_report(&mut self, report: &Report) -> Result<(), StoreError> {
        let now = self.stamp.at;
        execute!(
            self,
            "UPDATE reports SET title = $1, source = $2, root_cause = $3, updated_at = $4 WHERE id = $5",
            &report.title,
            &report.source,
            &report.root_cause,
            now,
            report.id
        )?;
        Ok(())
    }

    /// Takes the people out of a report.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn forget_people(&mut self, report: ReportId) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM report_people WHERE report_id = $1", report)?;
        Ok(())
    }

    /// Takes what was said of a piece of evidence.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn forget_note(&mut self, evidence: i64) -> Result<(), StoreError> {
        execute!(self, "UPDATE evidence SET note = NULL WHERE id = $1", evidence)?;
        Ok(())
    }

    /// Takes a text out of what was settled about an action: comments that were answered, and sides of conflicts that are over.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn forget_what_was_said(&mut self, id: ActionId, text: &str) -> Result<(), StoreError> {
        execute!(
            self,
            "UPDATE answers SET command = replace(command, $1, $2), reply = replace(reply, $1, $2) "
            "WHERE link IN (SELECT ulid FROM links WHERE action_id = $3)",
            text,
            ERASED,
            id
        )?;
        execute!(
            self,
            "UPDATE conflicts SET base = replace(base, $1, $2), ours = replace(ours, $1, $2), "
            "theirs = replace(theirs, $1, $2) WHERE action_id = $3 AND settled_at IS NOT NULL",
            text,
            ERASED,
            id
        )?;
        execute!(
            self,
            "UPDATE outbox SET last_error = replace(last_error, $1, $2) WHERE replace(last_error, $1, '') <> last_error",
            text,
            ERASED
        )?;
        Ok(())
    }
}

impl Store {
    /// Writes the database anew, so that nothing is left of what was erased in the room that became free. False when somebody else
    /// has it open, or may not; then what is left is written over some day.
    ///
    /// # Errors
    /// [`StoreError`] when the disk does not take it.
    pub async fn rewrite(&self) -> Result<bool, StoreError> {
        match &self.pool {
            Pool::Sqlite { write: None, .. } => Err(StoreError::ReadOnly),
            Pool::Sqlite { write: Some(write), .. } => {
                match sqlx::query("VACUUM").execute(write).await.map_err(StoreError::from) {
                    Err(StoreError::Locked) => return Ok(false),
                    done => done?,
                };
                // The log still has the pages as they were.
                let busy: i64 =
                    sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(write).await?;
                Ok(busy == 0)
            }
            Pool::Postgres(pool) => {
                let mut is_done = true;
                for sql in [
                    "VACUUM FULL event_texts",
                    "VACUUM FULL actions",
                    "VACUUM FULL reports",
                    "VACUUM FULL report_people",
                    "VACUUM FULL evidence",
                    "VACUUM FULL answers",
                    "VACUUM FULL conflicts",
                    "VACUUM FULL outbox",
                ] {
                    is_done &= sqlx::query(sql).execute(pool).await.is_ok();
                }
                Ok(is_done)
            }
        }
    }

    /// The copies of the database that were made beside it before migrations.
    #[must_use]
    pub fn copies(&self) -> Vec<PathBuf> {
        let Location::File(path) = &self.location else { return Vec::new() };
        let begin = beside(path, ".before-migration-");
        let (Some(folder), Some(begin)) = (path.parent(), begin.file_name()) else { return Vec::new() };
        let begin = begin.to_string_lossy().into_owned();
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut copies: Vec<PathBuf> = files
            .filter(|file| file.file_name().to_string_lossy().starts_with(&begin))
            .map(|file| file.path())
            .collect();
        copies.sort();
        copies
    }
}
