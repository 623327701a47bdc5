//! What shows that actions were done.
//!
//! Invariant, kept by an index whoever writes: an action has each address once. What was added is never changed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};
use crate::action::{ActionId, ActorKind, EvidenceKind, NewEvent, NewEvidence, Subject};

/// A piece of evidence of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Evidence {
    /// Its number.
    pub id: i64,
    /// The action.
    pub action_id: ActionId,
    /// What it is.
    pub kind: EvidenceKind,
    /// Its address.
    pub url: String,
    /// What is said of it.
    pub note: Option<String>,
    /// Its own day.
    pub dated_on: Option<NaiveDate>,
    /// What its content is known by; see [`NewEvidence::digest`].
    pub digest: Option<String>,
    /// Who added it: a person here, or who did it in the tracker.
    pub added_by: String,
    /// What kind of actor that is.
    pub added_by_kind: ActorKind,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

macro_rules! evidence {
    ($at:expr, $tail:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            fetch_all,
            Evidence,
            "SELECT id, action_id, kind, url, note, dated_on, digest, added_by, added_by_kind, created_at FROM evidence "
            $tail
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// The evidence of an action, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn evidence_of(&mut self, id: ActionId) -> Result<Vec<Evidence>, StoreError> {
        Ok(evidence!(self, "WHERE action_id = $1 ORDER BY id", id)?)
    }

    /// The evidence after number `after`, in the order of its numbers; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn evidence_after(&mut self, after: i64, limit: i64) -> Result<Vec<Evidence>, StoreError> {
        Ok(evidence!(self, "WHERE id > $1 ORDER BY id LIMIT $2", after, limit)?)
    }
}

impl UnitOfWork {
    /// Adds a piece of evidence, with its event. False when the action has one at this address already.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn add_evidence(&mut self, id: ActionId, new: &NewEvidence) -> Result<bool, StoreError> {
        self.add_evidence_told_in(id, new, None).await
    }

    /// The same, told in a comment with this address.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn add_evidence_told_in(
        &mut self,
        id: ActionId,
        new: &NewEvidence,
        comment: Option<&str>,
    ) -> Result<bool, StoreError> {
        if self.evidence_of(id).await?.iter().any(|there| there.url == new.url) {
            return Ok(false);
        }
        let number = self.next_number("evidence").await?;
        let (actor, at) = (self.stamp.actor.clone(), self.stamp.at);
        execute!(
            self,
            "INSERT INTO evidence (id, action_id, kind, url, note, dated_on, digest, added_by, added_by_kind, created_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            number,
            id,
            new.kind,
            &new.url,
            &new.note,
            new.dated_on,
            &new.digest,
            &actor.name,
            actor.kind,
            at
        )?;
        let evidence = json!({
            "id": number,
            "kind": new.kind,
            "url": new.url,
            "dated_on": new.dated_on,
            "digest": new.digest,
        });
        let mut event = NewEvent::new(Subject::Action(id), "evidence.added").with("evidence", evidence);
        if let Some(comment) = comment {
            event = event.with("comment", comment);
        }
        self.append(match &new.note {
            Some(note) => event.with("note", note.as_str()),
            None => event,
        })
        .await?;
        Ok(true)
    }
}
