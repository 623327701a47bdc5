//! The sandbox's own time: the real time, perhaps faster, until somebody sets it.

use chrono::{DateTime, Duration, Utc};

/// A clock that follows the real time, shifted, since some moment so many times as fast, or stands still where it was set.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    Running { since: DateTime<Utc>, times: i32, shift: Duration },
    Standing(DateTime<Utc>),
}

impl Clock {
    pub(crate) fn real() -> Self {
        Self::fast(DateTime::UNIX_EPOCH, 1)
    }

    pub(crate) fn fast(since: DateTime<Utc>, times: i32) -> Self {
        Self::Running { since, times, shift: Duration::zero() }
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the sandbox reads the time")]
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Running { since, times, shift } => *since + (Utc::now() - *since) * *times + *shift,
            Self::Standing(at) => *at,
        }
    }

    pub(crate) fn now_whole_seconds(&self) -> DateTime<Utc> {
        let now = self.now();
        DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        match self {
            Self::Running { shift, .. } => *shift += by,
            Self::Standing(at) => *at += by,
        }
    }
}
