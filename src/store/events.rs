//! The history: append-only, numbered without gaps, each event chained to the one before by its hash.
//!
//! The canonical form, which the hash covers, is one JSON object of every column but `hash`, with its members sorted
//! by name, no white space, times as RFC 3339 in UTC with whole seconds, and `payload` as the text that is stored. The
//! hash is the lower-case hexadecimal SHA-256 of its UTF-8 bytes. Words of people are not in the payload but their
//! digest is: SHA-256 of salt, a zero byte, and the text; so the words can be erased and the chain still holds.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows, value},
    settings::{hex, random},
};
use crate::action::{ActorKind, NewEvent, Subject};

/// What the first event is chained to.
pub const FIRST_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One entry of the history, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EventRow {
    /// Its place, from 1 without gaps.
    pub seq: i64,
    /// When it took effect.
    pub at: DateTime<Utc>,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// Who caused it.
    pub actor: String,
    /// What kind of actor that is.
    pub actor_kind: ActorKind,
    /// Whether the actor's name is only what somebody said of themselves.
    pub declared: bool,
    /// The user of the operating system.
    pub os_user: String,
    /// Whether the effective time came from a fixed clock.
    pub fixed_clock: bool,
    /// What it is about, as `CA-42`.
    pub subject: String,
    /// What happened, as `action.accepted`.
    pub kind: String,
    /// What changed, in the canonical form.
    pub payload: String,
    /// The hash of the event before.
    pub previous_hash: String,
    /// The hash of this event.
    pub hash: String,
}

/// The end of the chain.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Head {
    seq: i64,
    hash: String,
}

/// A JSON value with its members sorted and no white space.
#[must_use]
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            let members = names
                .iter()
                .map(|name| format!("{}:{}", Value::from(name.as_str()), canonical(&members[*name])));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

/// The hash of an event, from every other column.
#[must_use]
pub fn hash_of(event: &EventRow) -> String {
    let time = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = canonical(&serde_json::json!({
        "seq": event.seq,
        "at": time(event.at),
        "recorded_at": time(event.recorded_at),
        "actor": event.actor,
        "actor_kind": event.actor_kind,
        "declared": event.declared,
        "os_user": event.os_user,
        "fixed_clock": event.fixed_clock,
        "subject": event.subject,
        "kind": event.kind,
        "payload": event.payload,
        "previous_hash": event.previous_hash,
    }));
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The digest of a person's words that stands in the payload in their place.
#[must_use]
pub fn text_digest(salt: &str, text: &str) -> String {
    hex(digest(&SHA256, format!("{salt}\0{text}").as_bytes()).as_ref())
}

impl UnitOfWork {
    /// Adds an event to the end of the history.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn append(&mut self, event: NewEvent) -> Result<i64, StoreError> {
        let head = match self.head.take() {
            Some(head) => head,
            // This update is what serialises the writers on PostgreSQL: replicas cannot fork the chain. It is done once
            // a unit of work; the new end is stored when the unit of work is committed.
            None => rows!(
                self,
                fetch_optional,
                Head,
                "UPDATE event_head SET seq = seq WHERE id = 1 RETURNING seq, hash"
            )?
            .ok_or(StoreError::BrokenHistory(0))?,
        };
        let texts: BTreeMap<String, SaltedText> = event
            .texts
            .into_iter()
            .map(|(name, value)| (name, SaltedText { salt: hex(&random::<16>()), value: Some(value) }))
            .collect();
        let digests: Map<String, Value> = texts
            .iter()
            .map(|(name, text)| {
                (name.clone(), text_digest(&text.salt, text.value.as_deref().unwrap_or_default()).into())
            })
            .collect();
        let payload = serde_json::json!({ "set": event.set, "texts": digests, "was": event.was });
        let mut row = EventRow {
            seq: head.seq + 1,
            at: self.stamp.at,
            recorded_at: self.stamp.recorded_at,
            actor: self.stamp.actor.name.clone(),
            actor_kind: self.stamp.actor.kind,
            declared: self.stamp.actor.declared,
            os_user: self.stamp.os_user.clone(),
            fixed_clock: self.stamp.fixed_clock,
            subject: event.subject.to_string(),
            kind: event.kind.to_owned(),
            payload: canonical(&payload),
            previous_hash: head.hash,
            hash: String::new(),
        };
        row.hash = hash_of(&row);
        // The end that is kept beside the history must be an event: one that was taken away or changed is not written over.
        let added = execute!(
            self,
            "INSERT INTO events (seq, at, recorded_at, actor, actor_kind, declared, os_user, fixed_clock, subject, "
            "kind, payload, previous_hash, hash) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 "
            "WHERE $14 = 0 OR EXISTS (SELECT 1 FROM events WHERE seq = $14 AND hash = $12)",
            row.seq,
            row.at,
            row.recorded_at,
            &row.actor,
            row.actor_kind,
            row.declared,
            &row.os_user,
            row.fixed_clock,
            &row.subject,
            &row.kind,
            &row.payload,
            &row.previous_hash,
            &row.hash,
            head.seq
        )?;
        if added == 0 {
            return Err(StoreError::BrokenHistory(head.seq));
        }
        if !texts.is_empty() {
            let texts = serde_json::to_string(&texts).expect("texts can always be written as JSON");
            execute!(self, "INSERT INTO event_texts (seq, texts) VALUES ($1, $2)", row.seq, texts)?;
        }
        self.head = Some(Head { seq: row.seq, hash: row.hash });
        Ok(row.seq)
    }

    /// Stores the end of the chain, where this unit of work moved it.
    pub(super) async fn store_head(&mut self) -> Result<(), StoreError> {
        if let Some(head) = self.head.take() {
            execute!(self, "UPDATE event_head SET seq = $1, hash = $2 WHERE id = 1", head.seq, head.hash)?;
        }
        Ok(())
    }
}

impl Snapshot {
    /// Every event after `seq`, oldest first; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn events_after(&mut self, seq: i64, limit: i64) -> Result<Vec<EventRow>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            EventRow,
            "SELECT seq, at, recorded_at, actor, actor_kind, declared, os_user, fixed_clock, subject, kind, payload, "
            "previous_hash, hash FROM events WHERE seq > $1 ORDER BY seq LIMIT $2",
            seq,
            limit
        )?)
    }

    /// Every event about `subject`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn events_about(&mut self, subject: Subject) -> Result<Vec<EventRow>, StoreError> {
        let subject = subject.to_string();
        Ok(rows!(
            self,
            fetch_all,
            EventRow,
            "SELECT seq, at, recorded_at, actor, actor_kind, declared, os_user, fixed_clock, subject, kind, payload, "
            "previous_hash, hash FROM events WHERE subject = $1 ORDER BY seq",
            &subject
        )?)
    }

    /// The newest events that `actor` caused, newest first; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn events_by(
        &mut self,
        actor: &str,
        actor_kind: ActorKind,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            EventRow,
            "SELECT seq, at, recorded_at, actor, actor_kind, declared, os_user, fixed_clock, subject, kind, payload, "
            "previous_hash, hash FROM events WHERE actor = $1 AND actor_kind = $2 ORDER BY seq DESC LIMIT $3",
            actor,
            actor_kind,
            limit
        )?)
    }

    /// The words of people in event `seq`, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer, or what it holds is no such JSON.
    pub async fn event_texts(&mut self, seq: i64) -> Result<BTreeMap<String, SaltedText>, StoreError> {
        let texts: Option<String> =
            value!(self, fetch_optional, "SELECT texts FROM event_texts WHERE seq = $1", seq)?;
        let Some(texts) = texts else { return Ok(BTreeMap::new()) };
        serde_json::from_str(&texts).map_err(|error| StoreError::Failed(sqlx::Error::Decode(error.into())))
    }
}

/// A person's words in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaltedText {
    /// What its digest is salted with.
    pub salt: String,
    /// The words; nothing when they were erased.
    pub value: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_sorted_and_has_no_spaces() {
        let value = serde_json::json!({ "b": [1, true, null], "a": { "z": "ä\"\n", "c": -2 } });
        assert_eq!(canonical(&value), r#"{"a":{"c":-2,"z":"ä\"\n"},"b":[1,true,null]}"#);
    }

    #[test]
    fn the_hash_of_a_known_event_never_changes() {
        let moment = "2024-05-15T09:00:00Z".parse().unwrap();
        let event = EventRow {
            seq: 1,
            at: moment,
            recorded_at: moment,
            actor: "gapio".to_owned(),
            actor_kind: ActorKind::User,
            declared: false,
            os_user: "grace".to_owned(),
            fixed_clock: false,
            subject: "CA-1".to_owned(),
            kind: "action.accepted".to_owned(),
            payload: "{}".to_owned(),
            previous_hash: FIRST_HASH.to_owned(),
            hash: String::new(),
        };
        // Computed once with another program: sha256sum of the canonical text.
        assert_eq!(hash_of(&event), "f77e2a7800ebc9875c65dfdbc53c697997f80c7308f2e0e0556e4753207d6ac6");
    }
}
