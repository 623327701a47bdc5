//! Where both sides of a link disagree, and what a person decided about it.
//!
//! Invariants, kept by an index whoever writes: of each thing that a link can disagree about, at most one conflict is open;
//! and one that was settled is never opened again, a new one is.

use chrono::{DateTime, Utc};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};
use crate::action::{ActionId, ConflictField, NewEvent, ReportId, Side, Subject};

/// Something that both sides disagree about.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Conflict {
    /// Its number.
    pub id: i64,
    /// The ULID of the link.
    pub link: String,
    /// The action; nothing for a parent.
    pub action_id: Option<ActionId>,
    /// The report.
    pub report_id: ReportId,
    /// What it is about.
    pub field: ConflictField,
    /// What both sides agreed on last.
    pub base: Option<String>,
    /// What stands here.
    pub ours: Option<String>,
    /// What stands in the tracker. For a duplicate, the other issues as JSON.
    pub theirs: Option<String>,
    /// Which side counts until a person decides.
    pub kept: Side,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// Which side a person chose; nothing while it is open.
    pub settled_as: Option<Side>,
}

impl Conflict {
    /// What it belongs to: an action, or the report of a parent.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.action_id.map_or(Subject::Report(self.report_id), Subject::Action)
    }
}

/// A conflict that was just found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of `Conflict`")]
pub struct NewConflict {
    pub field: ConflictField,
    pub base: Option<String>,
    pub ours: Option<String>,
    pub theirs: Option<String>,
    pub kept: Side,
}

macro_rules! conflicts {
    ($at:expr, $fetch:ident, $($tail:literal)+ $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            $fetch,
            Conflict,
            "SELECT id, link, action_id, report_id, field, base, ours, theirs, kept, found_at, settled_as FROM conflicts "
            $($tail)+
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// Every open conflict, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn open_conflicts(&mut self) -> Result<Vec<Conflict>, StoreError> {
        Ok(conflicts!(self, fetch_all, "WHERE settled_at IS NULL ORDER BY id")?)
    }

    /// The conflict with this number.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn conflict(&mut self, id: i64) -> Result<Option<Conflict>, StoreError> {
        Ok(conflicts!(self, fetch_optional, "WHERE id = $1", id)?)
    }

    /// The newest conflict of a link about one thing, open or settled.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn newest_conflict(
        &mut self,
        link: &str,
        field: ConflictField,
    ) -> Result<Option<Conflict>, StoreError> {
        Ok(conflicts!(
            self,
            fetch_optional,
            "WHERE link = $1 AND field = $2 ORDER BY id DESC LIMIT 1",
            link,
            field
        )?)
    }
}

impl UnitOfWork {
    /// Writes down a conflict, with its event. Nothing when the same thing is open already: then what both sides say is
    /// brought up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn add_conflict(
        &mut self,
        link: &super::Link,
        new: &NewConflict,
    ) -> Result<Option<i64>, StoreError> {
        let open = self.newest_conflict(&link.ulid, new.field).await?;
        if let Some(open) = open.filter(|newest| newest.settled_as.is_none()) {
            execute!(
                self,
                "UPDATE conflicts SET ours = $1, theirs = $2, kept = $3 WHERE id = $4",
                &new.ours,
                &new.theirs,
                new.kept,
                open.id
            )?;
            return Ok(None);
        }
        let id = self.next_number("conflict").await?;
        let now = self.stamp.recorded_at;
        execute!(
            self,
            "INSERT INTO conflicts (id, link, action_id, report_id, field, base, ours, theirs, kept, found_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            id,
            &link.ulid,
            link.action_id,
            link.report_id,
            new.field,
            &new.base,
            &new.ours,
            &new.theirs,
            new.kept,
            now
        )?;
        let subject = link.action_id.map_or(Subject::Report(link.report_id), Subject::Action);
        let event = NewEvent::new(subject, "conflict.found")
            .with("field", new.field.as_str())
            .with("kept", new.kept.as_str());
        self.append(event).await?;
        Ok(Some(id))
    }

    /// Writes down what a person decided about a conflict, with its event.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn settle_conflict(&mut self, conflict: &Conflict, side: Side) -> Result<(), StoreError> {
        let (now, by) = (self.stamp.recorded_at, self.stamp.actor.name.clone());
        execute!(
            self,
            "UPDATE conflicts SET settled_at = $1, settled_by = $2, settled_as = $3 WHERE id = $4 AND settled_at IS NULL",
            now,
            by,
            side,
            conflict.id
        )?;
        let event = NewEvent::new(conflict.subject(), "conflict.settled")
            .with("field", conflict.field.as_str())
            .with("as", side.as_str());
        self.append(event).await?;
        Ok(())
    }
}
