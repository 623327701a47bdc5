//! Deliveries of webhooks, and the hints that they leave on links.
//!
//! Invariants: a delivery is written down once; a hint is later than the one before it on the same link, so a look that
//! began before it came never takes it away.

use chrono::{DateTime, Duration, Utc};

use super::{
    Link, LinkStatus, Snapshot, StoreError, UnitOfWork,
    database::{execute, value},
};

/// One delivery of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// By what it is known when it comes again.
    pub guid: String,
    /// The event, as `issues`.
    pub event: String,
    /// What happened, as `closed`.
    pub action: Option<String>,
    /// The issue that it names.
    pub issue_id: Option<i64>,
    /// The repository that it names.
    pub repo_id: Option<i64>,
}

impl Snapshot {
    /// Whether this delivery was written down before.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn knows_delivery(&mut self, guid: &str) -> Result<bool, StoreError> {
        let known =
            value!(self, fetch_one, "SELECT count(*) AS known FROM deliveries WHERE guid = $1", guid)?;
        let known: Option<i64> = known.into();
        Ok(known.unwrap_or(0) > 0)
    }
}

impl UnitOfWork {
    /// Writes a delivery down, and how many links it left a hint on.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it, also because it was written down before.
    pub async fn add_delivery(&mut self, delivery: &Delivery, hinted: i64) -> Result<(), StoreError> {
        let now = self.stamp.recorded_at;
        execute!(
            self,
            "INSERT INTO deliveries (guid, event, action, issue_id, repo_id, hinted, received_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &delivery.guid,
            &delivery.event,
            &delivery.action,
            delivery.issue_id,
            delivery.repo_id,
            hinted,
            now
        )?;
        Ok(())
    }

    /// Forgets the oldest deliveries that came before `moment`, at most `limit` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn forget_deliveries(&mut self, moment: DateTime<Utc>, limit: i64) -> Result<u64, StoreError> {
        Ok(execute!(
            self,
            "DELETE FROM deliveries WHERE guid IN (SELECT guid FROM deliveries WHERE received_at < $1 "
            "ORDER BY received_at LIMIT $2)",
            moment,
            limit
        )?)
    }

    /// Marks a link as one that something happened to. False for one that has no issue.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn hint(&mut self, link: &Link) -> Result<bool, StoreError> {
        if link.status != LinkStatus::Linked {
            return Ok(false);
        }
        let now = self.stamp.recorded_at;
        let at = link.hinted_at.map_or(now, |before| now.max(before + Duration::seconds(1)));
        execute!(self, "UPDATE links SET hinted_at = $1 WHERE ulid = $2", at, &link.ulid)?;
        Ok(true)
    }

    /// Takes a hint away that `link` had when the look at its issue began; a later one stays.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn answer_hint(&mut self, link: &Link) -> Result<(), StoreError> {
        let Some(hinted_at) = link.hinted_at else { return Ok(()) };
        execute!(
            self,
            "UPDATE links SET hinted_at = NULL WHERE ulid = $1 AND hinted_at = $2",
            &link.ulid,
            hinted_at
        )?;
        Ok(())
    }
}
