//! The source document of actions, as the database keeps it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{ReportId, Severity};

/// An incident report, postmortem, post-incident review or root cause analysis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Report {
    /// The number people see, as `IR-7`.
    pub id: ReportId,
    /// The identity that the marker in the parent issue carries.
    pub ulid: String,
    /// Its title.
    pub title: String,
    /// Where it was read from: a path, or `-` for standard input.
    pub source: String,
    /// SHA-256 of its newest revision, in hexadecimal.
    pub digest: String,
    /// How many different texts of it were imported.
    pub revision: i64,
    /// The format it was read as.
    pub format: String,
    /// The (first) day of the incident.
    pub incident_date: Option<NaiveDate>,
    /// The day of the report.
    pub report_date: Option<NaiveDate>,
    /// When the incident began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// How long it lasted, in minutes.
    pub duration_minutes: Option<i64>,
    /// How bad it was.
    pub severity: Severity,
    /// Whether a person said so, over what the report says.
    pub severity_set: bool,
    /// What the report says was the cause.
    pub root_cause: Option<String>,
    /// The repository its actions are published to, where it is not the configured one.
    pub repo: Option<String>,
    /// When it was first imported.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Somebody whom a report names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Person {
    /// The name as written.
    pub name: String,
    /// The role as written.
    pub role: Option<String>,
    /// The tracker login, where known.
    pub login: Option<String>,
}
