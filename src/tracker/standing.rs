//! How the credential stands with its tracker, as the answers of this process told.

use chrono::{DateTime, Utc};

/// How many requests a tracker still answers before it starts to count anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many in a whole hour.
    pub limit: i64,
    /// How many are left.
    pub remaining: i64,
    /// When it counts anew, on our clock.
    pub resets_at: DateTime<Utc>,
}

/// What was heard so far. A tracker that knows no limits has nothing to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The budget that is nearest to its end.
    pub budget: Option<Budget>,
    /// How many requests were answered by the tracker itself, whatever it said.
    pub answered: u64,
    /// When the requests since the last answer failed, oldest first: no connection, no answer, or an answer of an outage.
    pub failures: Vec<DateTime<Utc>>,
    /// Before this moment no issue is to be made, because something was written just now.
    pub next_write: Option<DateTime<Utc>>,
}
