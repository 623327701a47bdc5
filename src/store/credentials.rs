//! How a credential stands with its host: what it was asked to wait for, across processes and restarts.
//!
//! Invariants: a credential is named by a digest, never by the token itself; and an earlier end never shortens a later
//! one.

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
}

/// A tracker asked us to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Until when.
    pub until: DateTime<Utc>,
    /// What it said.
    pub reason: String,
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
            "SELECT paused_until, pause_reason FROM credentials WHERE host = $1 AND credential = $2",
            host,
            credential
        )?;
        Ok(found.unwrap_or_default())
    }

    /// Until when `host` asked `credential` to wait, and why.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn pause(&mut self, host: &str, credential: &str) -> Result<Option<Pause>, StoreError> {
        let Credential { paused_until, pause_reason, .. } = self.credential(host, credential).await?;
        Ok(paused_until.map(|until| Pause { until, reason: pause_reason.unwrap_or_default() }))
    }
}

impl UnitOfWork {
    /// Remembers until when `host` asked `credential` to wait; an earlier end never shortens a later one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn save_pause(
        &mut self,
        host: &str,
        credential: &str,
        until: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO credentials (host, credential, paused_until, pause_reason) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (host, credential) DO UPDATE SET paused_until = excluded.paused_until, "
            "pause_reason = excluded.pause_reason WHERE credentials.paused_until IS NULL "
            "OR credentials.paused_until < excluded.paused_until",
            host,
            credential,
            until,
            reason
        )?;
        Ok(())
    }
}
