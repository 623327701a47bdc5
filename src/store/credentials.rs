//! How a credential stands with its host: pauses, budget, failures and pace, across processes and restarts.
//!
//! Invariants: a credential is named by a digest or by a number, never by the token itself; and what follows from a standing is decided in `sync::governor`, not here.

use chrono::{DateTime, Utc};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};

/// How a credential stands with its host.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Credential {
    /// Until when the host asked it to wait.
    pub paused_until: Option<DateTime<Utc>>,
    /// What it said.
    pub pause_reason: Option<String>,
    /// How often in a row it asked to wait without saying how long.
    pub untold: i64,
    /// How many requests the host answers in an hour; kept while what is left of them is kept for people.
    pub rate_limit: Option<i64>,
    /// How many of them are left.
    pub rate_remaining: Option<i64>,
    /// When there are all of them again.
    pub rate_reset_at: Option<DateTime<Utc>>,
    /// How many requests in a row failed.
    pub failures: i64,
    /// Since when.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when only one try is made.
    pub closed_until: Option<DateTime<Utc>>,
    /// How often the pace of creates was halved.
    pub slowed: i64,
    /// How many creates went well since.
    pub clean_creates: i64,
}

impl Snapshot {
    /// How `credential` stands with `host`; nothing is known of one that was never limited.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn credential(&mut self, host: &str, credential: &str) -> Result<Credential, StoreError> {
        let found = rows!(
            self,
            fetch_optional,
            Credential,
            "SELECT paused_until, pause_reason, untold, rate_limit, rate_remaining, rate_reset_at, failures, "
            "failing_since, closed_until, slowed, clean_creates FROM credentials WHERE host = $1 AND credential = $2",
            host,
            credential
        )?;
        Ok(found.unwrap_or_default())
    }
}

impl UnitOfWork {
    /// Writes down how `credential` stands with `host`. Read it in the same unit of work: other processes write it too.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn save_credential(
        &mut self,
        host: &str,
        credential: &str,
        standing: &Credential,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO credentials (host, credential, paused_until, pause_reason, untold, rate_limit, "
            "rate_remaining, rate_reset_at, failures, failing_since, closed_until, slowed, clean_creates) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
            "ON CONFLICT (host, credential) DO UPDATE SET paused_until = excluded.paused_until, "
            "pause_reason = excluded.pause_reason, untold = excluded.untold, rate_limit = excluded.rate_limit, "
            "rate_remaining = excluded.rate_remaining, rate_reset_at = excluded.rate_reset_at, "
            "failures = excluded.failures, failing_since = excluded.failing_since, "
            "closed_until = excluded.closed_until, slowed = excluded.slowed, "
            "clean_creates = excluded.clean_creates",
            host,
            credential,
            standing.paused_until,
            standing.pause_reason.as_deref(),
            standing.untold,
            standing.rate_limit,
            standing.rate_remaining,
            standing.rate_reset_at,
            standing.failures,
            standing.failing_since,
            standing.closed_until,
            standing.slowed,
            standing.clean_creates
        )?;
        Ok(())
    }
}
