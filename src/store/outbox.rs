//! What is still to be sent to a tracker, and how fast.
//!
//! Invariants, kept by the database's indexes whoever writes: at most one row of a lane is in flight; a subject has at
//! most one `create`, ever; changes of a subject that were not sent yet are one row. A row says *that* its subject has
//! to be sent, not what: that is derived from the state when it is sent, so nothing stale is ever sent.

use chrono::{DateTime, Utc};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows, value},
};

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum OutboxKind {
    /// Make the labels of a repository.
    Prepare,
    /// Make an issue.
    Create,
    /// Bring an issue in step with its action.
    Update,
    /// Carry out what a person decided about a conflict.
    Settle,
    /// Answer a command in a comment.
    Answer,
}

impl OutboxKind {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Create => "create",
            Self::Update => "update",
            Self::Settle => "settle",
            Self::Answer => "answer",
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum OutboxState {
    /// To be sent.
    Pending,
    /// Being sent: when its sender dies, nobody knows whether it arrived.
    Sending,
    /// It may have arrived.
    Unknown,
    /// The tracker did it.
    Done,
    /// A person has to decide.
    NeedsHuman,
}

impl OutboxState {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Done => "done",
            Self::NeedsHuman => "needs_human",
        }
    }
}

/// One thing to be sent.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OutboxRow {
    /// Its place in the queue.
    pub id: i64,
    /// What has to be done.
    pub kind: OutboxKind,
    /// The ULID of the link, for `prepare` the repository as `tracker/host/repo_id`, for `settle` the conflict, for `answer` the
    /// comment.
    pub subject: String,
    /// Rows of one lane are sent one after the other.
    pub lane: String,
    /// How far it is.
    pub state: OutboxState,
    /// How often it was sent.
    pub attempt: i64,
    /// Not before this moment of the pacing clock.
    pub not_before: Option<DateTime<Utc>>,
    /// When it was sent first, on the tracker's clock.
    pub first_sent_at: Option<DateTime<Utc>>,
    /// When the attempt whose outcome is unknown ended; kept until the outcome is known.
    pub ended_at: Option<DateTime<Utc>>,
    /// How many complete scans since then found nothing.
    pub scans: i64,
    /// Why it is not done yet.
    pub last_error: Option<String>,
    /// What a person can do about it.
    pub command: Option<String>,
    /// The tracker's id of the last request.
    pub request_id: Option<String>,
}

macro_rules! outbox {
    ($at:expr, $fetch:ident, $($tail:literal)+ $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            $fetch,
            OutboxRow,
            "SELECT id, kind, subject, lane, state, attempt, not_before, first_sent_at, ended_at, scans, last_error, "
            "command, request_id FROM outbox "
            $($tail)+
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// Everything that is not done, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn live_outbox(&mut self) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(outbox!(
            self,
            fetch_all,
            "WHERE state IN ('pending', 'sending', 'unknown', 'needs_human') ORDER BY id"
        )?)
    }

    /// What can be sent at `now`: what is of unknown outcome before what waits, the oldest first. A row whose lane is held
    /// by an earlier one cannot; creates can only when they `may_create`. With `only`, in that lane.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn next_to_send(
        &mut self,
        now: DateTime<Utc>,
        may_create: bool,
        only: Option<&str>,
    ) -> Result<Option<OutboxRow>, StoreError> {
        let in_any = only.is_none();
        let lane = only.unwrap_or_default();
        let unknown = outbox!(
            self,
            fetch_optional,
            "WHERE state IN ('sending', 'unknown') AND state = 'unknown' AND (not_before IS NULL OR not_before <= $1) "
            "AND ($2 OR lane = $3) ORDER BY id LIMIT 1",
            now,
            in_any,
            lane
        )?;
        if unknown.is_some() {
            return Ok(unknown);
        }
        Ok(outbox!(
            self,
            fetch_optional,
            "AS waiting WHERE state IN ('pending', 'sending', 'unknown', 'needs_human') AND state = 'pending' "
            "AND (not_before IS NULL OR not_before <= $1) AND ($2 OR kind <> 'create') AND ($3 OR lane = $4) "
            "AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.lane = waiting.lane "
            "AND earlier.state = 'pending' AND earlier.id < waiting.id) "
            "AND NOT EXISTS (SELECT 1 FROM outbox AS flying WHERE flying.lane = waiting.lane "
            "AND flying.state IN ('sending', 'unknown')) ORDER BY id LIMIT 1",
            now,
            may_create,
            in_any,
            lane
        )?)
    }

    /// The first of every lane that is not done, oldest first: what [`Self::next_to_send`] chooses from. With `only`, of
    /// that lane.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn heads_of_lanes(&mut self, only: Option<&str>) -> Result<Vec<OutboxRow>, StoreError> {
        let in_any = only.is_none();
        let lane = only.unwrap_or_default();
        Ok(outbox!(
            self,
            fetch_all,
            "AS head WHERE state IN ('pending', 'sending', 'unknown', 'needs_human') AND state IN ('pending', 'unknown') "
            "AND ($1 OR lane = $2) AND (state = 'unknown' OR (NOT EXISTS (SELECT 1 FROM outbox AS earlier "
            "WHERE earlier.lane = head.lane AND earlier.state = 'pending' AND earlier.id < head.id) "
            "AND NOT EXISTS (SELECT 1 FROM outbox AS flying WHERE flying.lane = head.lane "
            "AND flying.state IN ('sending', 'unknown')))) ORDER BY id",
            in_any,
            lane
        )?)
    }

    /// How many issues are still to be made.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn creates_left(&mut self) -> Result<usize, StoreError> {
        let pending: i64 = value!(
            self,
            fetch_one,
            "SELECT count(*) FROM outbox WHERE state = 'pending' AND kind = 'create'"
        )?;
        // Asked in this way, SQLite looks through what is in flight, and not through every create there ever was.
        let unknown: i64 = value!(
            self,
            fetch_one,
            "SELECT count(CASE WHEN kind = 'create' THEN 1 END) FROM outbox "
            "WHERE state IN ('sending', 'unknown') AND state = 'unknown'"
        )?;
        Ok(usize::try_from(pending + unknown).unwrap_or(0))
    }

    /// Everything about one subject, also what is done, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn outbox_of(&mut self, subject: &str) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(outbox!(self, fetch_all, "WHERE subject = $1 ORDER BY id", subject)?)
    }

    /// The answers to comments under the issue of a link that are not given yet, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn answers_owed(&mut self, link: &str) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(outbox!(
            self,
            fetch_all,
            "WHERE state IN ('pending', 'sending', 'unknown', 'needs_human') AND kind = 'answer' "
            "AND subject IN (SELECT CAST(comment_id AS TEXT) FROM answers WHERE link = $1) ORDER BY id",
            link
        )?)
    }

    /// The creates that were sent more than once and are done since `moment`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn resent_since(&mut self, moment: DateTime<Utc>) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(outbox!(
            self,
            fetch_all,
            "WHERE kind = 'create' AND state = 'done' AND attempt > 1 AND updated_at > $1 ORDER BY id",
            moment
        )?)
    }

    /// When the newest create of a lane that is done was sent first, on the tracker's clock.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn newest_create(&mut self, lane: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let newest = value!(
            self,
            fetch_optional,
            "SELECT first_sent_at FROM outbox WHERE lane = $1 AND kind = 'create' AND state = 'done' "
            "AND first_sent_at IS NOT NULL ORDER BY first_sent_at DESC LIMIT 1",
            lane
        )?;
        let newest: Option<Option<DateTime<Utc>>> = newest;
        Ok(newest.flatten())
    }

    /// When creates were sent to `host` since `moment`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn sends_since(
        &mut self,
        host: &str,
        moment: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, StoreError> {
        Ok(value!(
            self,
            fetch_all,
            "SELECT sent_at FROM sends WHERE host = $1 AND sent_at > $2 ORDER BY sent_at",
            host,
            moment
        )?)
    }
}

impl UnitOfWork {
    /// Puts something into the queue. What waits already, or waited for a person, is not put there twice.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn enqueue(&mut self, kind: OutboxKind, subject: &str, lane: &str) -> Result<(), StoreError> {
        let now = self.stamp.recorded_at;
        if kind != OutboxKind::Create {
            let revived = execute!(
                self,
                "UPDATE outbox SET state = 'pending', attempt = 0, not_before = NULL, last_error = NULL, "
                "command = NULL, updated_at = $1 WHERE id = (SELECT min(id) FROM outbox AS first "
                "WHERE first.kind = $2 AND first.subject = $3 AND first.state = 'needs_human') "
                "AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.kind = $2 AND other.subject = $3 "
                "AND other.state = 'pending')",
                now,
                kind,
                subject
            )?;
            if revived > 0 {
                return Ok(());
            }
        }
        let id = self.next_number("outbox").await?;
        execute!(
            self,
            "INSERT INTO outbox (id, kind, subject, lane, state, attempt, scans, created_at, updated_at) "
            "VALUES ($1, $2, $3, $4, 'pending', 0, 0, $5, $5) ON CONFLICT DO NOTHING",
            id,
            kind,
            subject,
            lane,
            now
        )?;
        Ok(())
    }

    /// Moves a row on, if it still is what `before` says. One that goes back to `pending` while another of its subject
    /// waits already is done with: that other one says the same, and waits as long as this one would have.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another sender moved it in the meantime or its lane is in flight.
    pub async fn move_outbox(&mut self, before: &OutboxRow, after: &OutboxRow) -> Result<(), StoreError> {
        let now = self.stamp.recorded_at;
        let mut state = after.state;
        if state == OutboxState::Pending && before.state != OutboxState::Pending {
            let others = execute!(
                self,
                "UPDATE outbox SET not_before = $1, last_error = $2, updated_at = $3 "
                "WHERE kind = $4 AND subject = $5 AND state = 'pending'",
                after.not_before,
                &after.last_error,
                now,
                before.kind,
                &before.subject
            )?;
            if others > 0 {
                state = OutboxState::Done;
            }
        }
        let changed = match execute!(
            self,
            "UPDATE outbox SET state = $1, attempt = $2, not_before = $3, first_sent_at = $4, ended_at = $5, "
            "scans = $6, last_error = $7, command = $8, request_id = $9, updated_at = $10 "
            "WHERE id = $11 AND state = $12 AND attempt = $13",
            state,
            after.attempt,
            after.not_before,
            after.first_sent_at,
            after.ended_at,
            after.scans,
            &after.last_error,
            &after.command,
            &after.request_id,
            now,
            before.id,
            before.state,
            before.attempt
        ) {
            // The index outbox_in_flight.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Err(StoreError::Locked);
            }
            changed => changed?,
        };
        if changed == 1 { Ok(()) } else { Err(StoreError::Locked) }
    }

    /// Counts a create towards the pace, and forgets those that no longer count.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn record_send(&mut self, host: &str, sent_at: DateTime<Utc>) -> Result<(), StoreError> {
        let horizon = sent_at - chrono::Duration::hours(2);
        execute!(self, "DELETE FROM sends WHERE sent_at < $1", horizon)?;
        execute!(self, "INSERT INTO sends (host, sent_at) VALUES ($1, $2)", host, sent_at)?;
        Ok(())
    }
}
