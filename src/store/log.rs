//! Reading the history as somebody asks for it: by subject, actor, kind and time.
//!
//! Invariant: what is asked for is chosen by the database, so that a short answer from a long history is a short work.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    EventRow, SaltedText, Snapshot, StoreError,
    database::{rows, value},
};
use crate::action::ActorKind;

/// Which events are asked for: those for which all of it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Who caused it, in whatever case.
    pub actor: Option<String>,
    /// What kind of actor did.
    pub actor_kind: Option<ActorKind>,
    /// The kind of event, or its first word.
    pub kind: Option<String>,
    /// It took effect then or later.
    pub since: Option<DateTime<Utc>>,
    /// It took effect before then.
    pub before: Option<DateTime<Utc>>,
}

/// An event with the words of people in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// The event.
    pub event: EventRow,
    /// The words, by name.
    pub texts: BTreeMap<String, SaltedText>,
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    actor: String,
    actor_kind: ActorKind,
    declared: bool,
    os_user: String,
    fixed_clock: bool,
    subject: String,
    kind: String,
    payload: String,
    previous_hash: String,
    hash: String,
    texts: Option<String>,
}

impl Row {
    fn read(self) -> Result<LoggedEvent, StoreError> {
        let texts = match &self.texts {
            Some(texts) => serde_json::from_str(texts)
                .map_err(|error| StoreError::Failed(sqlx::Error::Decode(error.into())))?,
            None => BTreeMap::new(),
        };
        let event = EventRow {
            seq: self.seq,
            at: self.at,
            recorded_at: self.recorded_at,
            actor: self.actor,
            actor_kind: self.actor_kind,
            declared: self.declared,
            os_user: self.os_user,
            fixed_clock: self.fixed_clock,
            subject: self.subject,
            kind: self.kind,
            payload: self.payload,
            previous_hash: self.previous_hash,
            hash: self.hash,
        };
        Ok(LoggedEvent { event, texts })
    }
}

macro_rules! logged {
    ($at:expr, $filter:expr, $($tail:literal)+ $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            fetch_all,
            Row,
            "SELECT events.seq, events.at, events.recorded_at, events.actor, events.actor_kind, events.declared, "
            "events.os_user, events.fixed_clock, events.subject, events.kind, events.payload, events.previous_hash, "
            "events.hash, event_texts.texts FROM events LEFT JOIN event_texts ON event_texts.seq = events.seq "
            "WHERE ($1 IS NULL OR lower(events.actor) = lower($1)) AND ($2 IS NULL OR events.actor_kind = $2) "
            "AND ($3 IS NULL OR events.kind = $3 OR substr(events.kind, 1, length($3) + 1) = $3 || '.') "
            "AND ($4 IS NULL OR events.at >= $4) AND ($5 IS NULL OR events.at < $5) "
            $($tail)+,
            &$filter.actor,
            $filter.actor_kind,
            &$filter.kind,
            $filter.since,
            $filter.before
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// The events that are asked for, after `seq`, oldest first; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer, or a text is not what was written.
    pub async fn log_after(
        &mut self,
        filter: &EventFilter,
        seq: i64,
        limit: i64,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let rows = logged!(self, filter, "AND events.seq > $6 ORDER BY events.seq LIMIT $7", seq, limit)?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The events that are asked for about one thing, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer, or a text is not what was written.
    pub async fn log_about(
        &mut self,
        filter: &EventFilter,
        subject: &str,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let rows = logged!(self, filter, "AND events.subject = $6 ORDER BY events.seq", subject)?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The number of the first of the newest `limit` events that are asked for; zero when there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn newest_from(&mut self, filter: &EventFilter, limit: i64) -> Result<i64, StoreError> {
        let first: Option<i64> = value!(
            self,
            fetch_one,
            "SELECT min(newest.seq) FROM (SELECT seq FROM events "
            "WHERE ($1 IS NULL OR lower(actor) = lower($1)) AND ($2 IS NULL OR actor_kind = $2) "
            "AND ($3 IS NULL OR kind = $3 OR substr(kind, 1, length($3) + 1) = $3 || '.') "
            "AND ($4 IS NULL OR at >= $4) AND ($5 IS NULL OR at < $5) ORDER BY seq DESC LIMIT $6) AS newest",
            &filter.actor,
            filter.actor_kind,
            &filter.kind,
            filter.since,
            filter.before,
            limit
        )?;
        Ok(first.unwrap_or(0))
    }

    /// The kinds of events that the history has, in alphabetical order.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn event_kinds(&mut self) -> Result<Vec<String>, StoreError> {
        let mut kinds: Vec<String> = value!(self, fetch_all, "SELECT DISTINCT kind FROM events")?;
        kinds.sort_unstable();
        Ok(kinds)
    }
}
