//! Reading the history, and what has to follow from it, page by page and row by row, as a check needs it.
//!
//! Invariant: a row of the history that cannot be read is told by its number, and hides no other.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    EventRow, Snapshot, StoreError,
    database::{rows, value},
};

#[derive(sqlx::FromRow)]
struct Head {
    seq: i64,
    hash: String,
}

/// When an event was known.
#[derive(sqlx::FromRow)]
struct First {
    at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    fixed_clock: bool,
}

#[derive(sqlx::FromRow)]
struct Texts {
    seq: i64,
    texts: String,
}

impl Snapshot {
    /// The number and hash of the last event, as they stand beside the history; zero and nothing when they were taken away.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn head(&mut self) -> Result<(i64, String), StoreError> {
        let head = rows!(self, fetch_optional, Head, "SELECT seq, hash FROM event_head WHERE id = 1")?;
        Ok(head.map_or_else(Default::default, |head| (head.seq, head.hash)))
    }

    /// The number of the last event that was known at `moment`: that was written down until then, whatever the clocks of those
    /// before it said. For a moment of a fixed clock, what was made under one counts from its effective time. When nothing was
    /// known, when the first event was written down; nothing for an empty history.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn known_at(
        &mut self,
        moment: DateTime<Utc>,
        is_fixed: bool,
    ) -> Result<Result<i64, Option<DateTime<Utc>>>, StoreError> {
        let last: Option<i64> = value!(
            self,
            fetch_one,
            "SELECT max(seq) FROM events WHERE ($2 AND fixed_clock AND at <= $1) "
            "OR (NOT ($2 AND fixed_clock) AND recorded_at <= $1)",
            moment,
            is_fixed
        )?;
        if let Some(last) = last {
            return Ok(Ok(last));
        }
        let first = rows!(
            self,
            fetch_optional,
            First,
            "SELECT at, recorded_at, fixed_clock FROM events ORDER BY seq LIMIT 1"
        )?;
        let known = |first: First| if is_fixed && first.fixed_clock { first.at } else { first.recorded_at };
        Ok(Err(first.map(known)))
    }

    /// How many events there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn event_count(&mut self) -> Result<i64, StoreError> {
        Ok(value!(self, fetch_one, "SELECT count(*) FROM events")?)
    }

    /// The events after `seq`, oldest first, `limit` at most, up to one that cannot be read. When the first of them cannot,
    /// its number and why.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn history_after(
        &mut self,
        seq: i64,
        limit: i64,
    ) -> Result<(Vec<EventRow>, Option<(i64, String)>), StoreError> {
        let broken = |error: &StoreError| match error {
            StoreError::Failed(error) => match error {
                sqlx::Error::ColumnDecode { index, source } => {
                    Some(format!("its {index} cannot be read: {source}"))
                }
                sqlx::Error::Decode(source) => Some(format!("it cannot be read: {source}")),
                _ => None,
            },
            _ => None,
        };
        match self.events_after(seq, limit).await {
            Err(error) if broken(&error).is_some() => {}
            page => return Ok((page?, None)),
        }
        let mut page: Vec<EventRow> = Vec::new();
        loop {
            let after = page.last().map_or(seq, |event| event.seq);
            match self.events_after(after, 1).await {
                Ok(mut next) if !next.is_empty() => page.append(&mut next),
                Ok(_) => return Ok((page, None)),
                Err(error) => {
                    let why = broken(&error).ok_or(error)?;
                    if !page.is_empty() {
                        return Ok((page, None));
                    }
                    let number = value!(
                        self,
                        fetch_one,
                        "SELECT seq FROM events WHERE seq > $1 ORDER BY seq LIMIT 1",
                        after
                    );
                    return Ok((page, Some((number.unwrap_or(after + 1), why))));
                }
            }
        }
    }

    /// The words of people in the events from `first` to `last`, as they are stored, by the numbers of the events.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn texts_between(
        &mut self,
        first: i64,
        last: i64,
    ) -> Result<BTreeMap<i64, String>, StoreError> {
        let texts = rows!(
            self,
            fetch_all,
            Texts,
            "SELECT seq, texts FROM event_texts WHERE seq >= $1 AND seq <= $2",
            first,
            last
        )?;
        Ok(texts.into_iter().map(|texts| (texts.seq, texts.texts)).collect())
    }
}
