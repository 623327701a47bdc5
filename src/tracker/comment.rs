//! Comments on issues, in words that no single tracker owns.

use chrono::{DateTime, Utc};

use super::IssueRef;

/// An issue, and since when its comments are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The issue.
    pub issue: IssueRef,
    /// Comments that were written before this moment of the tracker's clock are not asked for.
    pub moment: DateTime<Utc>,
}

/// A comment on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The number that is the tracker's own.
    pub id: i64,
    /// Who wrote it: the login; nobody for an account that is gone.
    pub author: Option<String>,
    /// Whether that is a program.
    pub is_bot: bool,
    /// Its text, as it is now.
    pub body: String,
    /// Its address.
    pub url: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}
