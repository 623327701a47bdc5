//! The issues of the `local` tracker, which keeps them in our own database.

use chrono::{DateTime, Utc};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};

/// An issue of the `local` tracker.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LocalIssue {
    /// Its number, from 1.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// `open` or `closed`.
    pub state: String,
    /// Why it has this state.
    pub state_reason: Option<String>,
    /// Its labels, as a JSON array.
    pub labels: String,
    /// Who it is assigned to, as a JSON array.
    pub assignees: String,
    /// The issue it hangs under.
    pub parent_id: Option<i64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// Every issue of the `local` tracker, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn local_issues(&mut self) -> Result<Vec<LocalIssue>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            LocalIssue,
            "SELECT id, title, body, state, state_reason, labels, assignees, parent_id, created_at, updated_at, "
            "closed_at FROM local_issues ORDER BY id"
        )?)
    }

    /// One issue of the `local` tracker.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn local_issue(&mut self, id: i64) -> Result<Option<LocalIssue>, StoreError> {
        Ok(rows!(
            self,
            fetch_optional,
            LocalIssue,
            "SELECT id, title, body, state, state_reason, labels, assignees, parent_id, created_at, updated_at, "
            "closed_at FROM local_issues WHERE id = $1",
            id
        )?)
    }
}

impl UnitOfWork {
    /// Adds an issue; its number is given here.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn add_local_issue(&mut self, new: LocalIssue) -> Result<LocalIssue, StoreError> {
        let issue = LocalIssue { id: self.next_number("local_issue").await?, ..new };
        execute!(
            self,
            "INSERT INTO local_issues (id, title, body, state, state_reason, labels, assignees, parent_id, created_at, "
            "updated_at, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            issue.id,
            &issue.title,
            &issue.body,
            &issue.state,
            &issue.state_reason,
            &issue.labels,
            &issue.assignees,
            issue.parent_id,
            issue.created_at,
            issue.updated_at,
            issue.closed_at
        )?;
        Ok(issue)
    }

    /// Stores an issue as it is now.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn save_local_issue(&mut self, issue: &LocalIssue) -> Result<(), StoreError> {
        execute!(
            self,
            "UPDATE local_issues SET title = $1, body = $2, state = $3, state_reason = $4, labels = $5, "
            "assignees = $6, parent_id = $7, updated_at = $8, closed_at = $9 WHERE id = $10",
            &issue.title,
            &issue.body,
            &issue.state,
            &issue.state_reason,
            &issue.labels,
            &issue.assignees,
            issue.parent_id,
            issue.updated_at,
            issue.closed_at,
            issue.id
        )?;
        Ok(())
    }
}
