//! How fast issues may be made, across processes and restarts: every create is written down before it is sent.
//!
//! Invariant: in no window of a minute or an hour are more creates sent than configured, and no two are closer together
//! than the interval. People who make issues by hand with the same account count towards GitHub's limits as well, which
//! nobody can ask; so the defaults stay below what was observed.

use chrono::{DateTime, Duration, Utc};

use crate::config::Publish;

/// The first moment at which the next create may be sent, given when the last ones were, oldest first.
pub(super) fn earliest(settings: &Publish, sends: &[DateTime<Utc>]) -> Option<DateTime<Utc>> {
    let last = *sends.last()?;
    let interval = Duration::from_std(settings.create_interval).unwrap_or(Duration::hours(1));
    let window = |max: u32, length: Duration| {
        // When the window is full, the next one may go when the oldest of the last `max` leaves it.
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        sends.len().checked_sub(max).map(|index| sends[index] + length)
    };
    [
        Some(last + interval),
        window(settings.max_creates_per_minute, Duration::seconds(60)),
        window(settings.max_creates_per_hour, Duration::seconds(3600)),
    ]
    .into_iter()
    .flatten()
    .max()
}

#[cfg(test)]
mod tests {
    use std::time::Duration as StdDuration;

    use proptest::prelude::*;

    use super::*;

    fn most_in_any(window: Duration, sends: &[DateTime<Utc>]) -> usize {
        sends
            .iter()
            .map(|start| sends.iter().filter(|send| *send >= start && **send < *start + window).count())
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_configured(
            interval in 0u64..5_000, minute in 1u32..6, hour in 1u32..30, count in 1usize..60,
            delays in prop::collection::vec(0i64..20_000, 60),
        ) {
            let settings = Publish {
                create_interval: StdDuration::from_millis(interval),
                max_creates_per_minute: minute,
                max_creates_per_hour: hour,
                ..Publish::default()
            };
            let mut now: DateTime<Utc> = "2024-05-15T09:00:00Z".parse().unwrap();
            let mut sends: Vec<DateTime<Utc>> = Vec::new();
            for delay in delays.into_iter().take(count) {
                now += Duration::milliseconds(delay);
                now = now.max(earliest(&settings, &sends).unwrap_or(now));
                sends.push(now);
            }
            prop_assert!(most_in_any(Duration::seconds(60), &sends) <= minute as usize);
            prop_assert!(most_in_any(Duration::seconds(3600), &sends) <= hour as usize);
            for pair in sends.windows(2) {
                prop_assert!(pair[1] - pair[0] >= Duration::milliseconds(i64::try_from(interval).unwrap()));
            }
        }
    }
}
