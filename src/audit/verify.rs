//! Whether the history is what was written: every event hashed again, chained to the one before, and nothing missing.
//!
//! Invariants: the first event that is not what was written is named, with why; a row that cannot be read is one that was
//! changed; and an event whose words were erased holds, as long as the erasure is an event too.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    str::FromStr,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::replay::{Difference, Replay};
use crate::store::{EventRow, FIRST_HASH, SaltedText, Snapshot, StoreError, hash_of, text_digest};

/// How many events are read at a time.
const PAGE: i64 = 1_000;

/// Where the history ended at some moment: what is kept elsewhere, so that nobody can cut it off or write it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checkpoint {
    /// How many events there were.
    pub events: i64,
    /// The hash of the last of them.
    pub head: String,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.events, self.head)
    }
}

/// What was written is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a checkpoint; expected the number of events, a colon, and 64 hexadecimal digits")]
pub struct ParseCheckpointError(String);

impl FromStr for Checkpoint {
    type Err = ParseCheckpointError;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (events, head) = input.trim().split_once(':')?;
            let is_hash = head.len() == 64 && head.bytes().all(|byte| byte.is_ascii_hexdigit());
            let events = events.parse().ok().filter(|events| *events >= 0 && is_hash)?;
            Some(Self { events, head: head.to_ascii_lowercase() })
        };
        read().ok_or_else(|| ParseCheckpointError(input.to_owned()))
    }
}

/// The first event that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstBad {
    /// Its number.
    pub event: i64,
    /// What is wrong with it.
    pub why: String,
}

/// What a check of the history found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether the history holds, and says what the tables say.
    pub ok: bool,
    /// How many events there are.
    pub events: i64,
    /// The hash of the last one.
    pub head: String,
    /// The first event that is not what was written.
    pub first_bad: Option<FirstBad>,
    /// Where the tables say something else than the history; empty when the history does not hold, because then it proves
    /// nothing about them.
    pub differences: Vec<Difference>,
    /// How many events name an actor who only said so of themselves.
    pub declared: i64,
    /// How many events were made under a fixed clock.
    pub fixed_clock: i64,
    /// How many texts were erased.
    pub erased: i64,
}

/// Where the history ends.
///
/// # Errors
/// [`StoreError`] when the database does not answer.
pub async fn checkpoint(snapshot: &mut Snapshot) -> Result<Checkpoint, StoreError> {
    let (events, head) = snapshot.head().await?;
    Ok(Checkpoint { events, head })
}

/// Checks the whole history, and that it says what the tables say. Each of `known` is where it ended once.
///
/// # Errors
/// [`StoreError`] when the database does not answer.
pub async fn verify(snapshot: &mut Snapshot, known: &[Checkpoint]) -> Result<Verdict, StoreError> {
    read_through(snapshot, known, &mut |_, _, _| Ok(())).await
}

/// What sees an event: what it says, and the words of people in it.
pub(super) type Visit<'a, E> =
    dyn FnMut(&EventRow, &Value, &BTreeMap<String, SaltedText>) -> Result<(), E> + Send + 'a;

/// The same, and lets `visit` see every event that holds, one after the other.
pub(super) async fn read_through<E: From<StoreError>>(
    snapshot: &mut Snapshot,
    known: &[Checkpoint],
    visit: &mut Visit<'_, E>,
) -> Result<Verdict, E> {
    let (last, head) = snapshot.head().await?;
    let mut chain = Chain::new(known);
    let first_bad = 'history: loop {
        let (page, broken) = snapshot.history_after(chain.seq, PAGE).await?;
        let (Some(first), Some(newest)) = (page.first(), page.last()) else {
            break broken.map(|(event, why)| chain.gap(event).unwrap_or(FirstBad { event, why }));
        };
        let texts = snapshot.texts_between(first.seq, newest.seq).await?;
        for event in &page {
            match chain.taken(event, texts.get(&event.seq).map(String::as_str)) {
                Ok((payload, texts)) => visit(event, &payload, &texts)?,
                Err(bad) => break 'history Some(bad),
            }
        }
    };
    let first_bad = first_bad.or_else(|| chain.bad_end(last, &head));
    let mut differences = Vec::new();
    if first_bad.is_none() {
        differences = chain.replay.compare(snapshot).await?;
    }
    Ok(Verdict {
        ok: first_bad.is_none() && differences.is_empty(),
        events: snapshot.event_count().await?,
        head,
        first_bad,
        differences,
        declared: chain.declared,
        fixed_clock: chain.fixed_clock,
        erased: i64::try_from(chain.silent.len()).unwrap_or(i64::MAX),
    })
}

/// The history, as far as it was read.
struct Chain<'a> {
    seq: i64,
    hash: String,
    known: &'a [Checkpoint],
    declared: i64,
    fixed_clock: i64,
    /// Texts that are not there any more, by event and name.
    silent: HashSet<(i64, String)>,
    /// Texts that an event says were erased.
    erased: HashSet<(i64, String)>,
    replay: Replay,
}

/// What an event says of words that were erased from an earlier one.
#[derive(Deserialize)]
struct Erasure {
    event: i64,
    names: Vec<String>,
}

impl<'a> Chain<'a> {
    fn new(known: &'a [Checkpoint]) -> Self {
        Self {
            seq: 0,
            hash: FIRST_HASH.to_owned(),
            known,
            declared: 0,
            fixed_clock: 0,
            silent: HashSet::new(),
            erased: HashSet::new(),
            replay: Replay::default(),
        }
    }

    /// The first event that is missing before `next`.
    fn gap(&self, next: i64) -> Option<FirstBad> {
        let why = match next - self.seq - 1 {
            ..=0 => return None,
            1 => "it is missing".to_owned(),
            missing => format!("it and the {} after it are missing", missing - 1),
        };
        Some(FirstBad { event: self.seq + 1, why })
    }

    /// Takes the next event in, and gives what it says and the words in it; or what is wrong with it.
    fn taken(
        &mut self,
        event: &EventRow,
        texts: Option<&str>,
    ) -> Result<(Value, BTreeMap<String, SaltedText>), FirstBad> {
        match self.gap(event.seq) {
            Some(gap) => Err(gap),
            None => self.take(event, texts).map_err(|why| FirstBad { event: event.seq, why }),
        }
    }

    fn take(
        &mut self,
        event: &EventRow,
        texts: Option<&str>,
    ) -> Result<(Value, BTreeMap<String, SaltedText>), String> {
        let is_whole = |moment: DateTime<Utc>| moment.timestamp_subsec_nanos() == 0;
        if event.hash != hash_of(event) || !is_whole(event.at) || !is_whole(event.recorded_at) {
            return Err("it was changed: its hash is not that of what it says".to_owned());
        }
        if event.previous_hash != self.hash {
            return Err(
                "it is not chained to the event before: one of the two was put there later".to_owned()
            );
        }
        let payload: Value = serde_json::from_str(&event.payload)
            .map_err(|error| format!("what it says cannot be read: {error}"))?;
        let texts = match texts {
            Some(texts) => serde_json::from_str::<BTreeMap<String, SaltedText>>(texts)
                .map_err(|error| format!("its words cannot be read: {error}"))?,
            None => BTreeMap::new(),
        };
        let digests = payload["texts"].as_object();
        if let Some(name) =
            texts.keys().find(|name| digests.is_none_or(|digests| !digests.contains_key(*name)))
        {
            return Err(format!("it has words as `{name}` that it does not vouch for"));
        }
        for (name, digest) in digests.into_iter().flatten() {
            match texts.get(name) {
                None => return Err(format!("its words as `{name}` are missing")),
                Some(SaltedText { value: None, .. }) => {
                    self.silent.insert((event.seq, name.clone()));
                }
                Some(SaltedText { salt, value: Some(text) })
                    if digest.as_str() != Some(&text_digest(salt, text)) =>
                {
                    return Err(format!("its words as `{name}` were changed"));
                }
                Some(_) => {}
            }
        }
        if let Some(known) = self.known.iter().find(|known| known.events == event.seq)
            && known.head != event.hash
        {
            return Err("the checkpoint knows another event here: the history was written anew".to_owned());
        }
        if event.kind == "text.erased"
            && let Ok(erasure) = serde_json::from_value::<Erasure>(payload["set"].clone())
        {
            self.erased.extend(erasure.names.into_iter().map(|name| (erasure.event, name)));
        }
        self.declared += i64::from(event.declared);
        self.fixed_clock += i64::from(event.fixed_clock);
        self.replay.take(event, &payload, &texts);
        self.seq = event.seq;
        self.hash.clone_from(&event.hash);
        Ok((payload, texts))
    }

    /// What is wrong with the end, after every event was taken in.
    fn bad_end(&self, last: i64, head: &str) -> Option<FirstBad> {
        let at = |event: i64, why: &str| Some(FirstBad { event, why: why.to_owned() });
        if let Some((event, name)) = self.silent.difference(&self.erased).min() {
            return at(
                *event,
                &format!("its words as `{name}` are gone, and no event says that they were erased"),
            );
        }
        if let Some((event, name)) = self.erased.difference(&self.silent).min() {
            return at(*event, &format!("its words as `{name}` are said to be erased, and are there"));
        }
        if self.seq < last {
            return at(self.seq + 1, "it and everything after it are missing");
        }
        if self.seq > last || self.hash != head {
            return at(self.seq, "the history is said to end elsewhere: this event was put there later");
        }
        let beyond =
            self.known.iter().filter(|known| known.events > self.seq).max_by_key(|known| known.events);
        if beyond.is_some() {
            return at(self.seq + 1, "a checkpoint knows it, and it is missing with everything after it");
        }
        None
    }
}
