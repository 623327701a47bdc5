//! What a credential may do at a moment: how fast issues are made, when to wait, and when not to try at all.
//!
//! Pure: a standing and what was heard go in, a standing or a moment comes out.
//!
//! Invariants:
//! * In no window of a minute or an hour are more creates sent than configured, and no two are closer together than the
//!   interval. After a hit the pace is lower; it never becomes higher than configured.
//! * A pause is never shortened, and nothing is sent before it has ended.
//! * Background work leaves the last part of an hour's budget to people at the keyboard.
//!
//! People who make issues by hand with the same account count towards GitHub's limits as well, which nobody can ask; so
//! the defaults stay below what was observed.

use chrono::{DateTime, Duration, Utc};

use crate::{
    config::Publish,
    store::Credential,
    tracker::{Budget, Limit, Standing},
};

/// After so many creates without a hit, a halved pace is doubled again.
const CLEAN_CREATES: i64 = 100;

/// How often the pace can be halved: 140 an hour become 4.
const MOST_HALVINGS: i64 = 5;

/// The first wait when the tracker does not say how long; the next ones double it.
const FIRST_UNTOLD: Duration = Duration::seconds(60);

/// The longest wait when the tracker does not say how long.
const LONGEST_UNTOLD: Duration = Duration::seconds(15 * 60);

/// So many failures in a row within [`FAILING_WITHIN`] are an outage.
const OUTAGE: i64 = 5;

/// Failures further apart than this are not of one outage.
const FAILING_WITHIN: Duration = Duration::seconds(60);

/// How long an outage is left alone first; each failed try doubles it.
const FIRST_CLOSED: Duration = Duration::seconds(30);

/// The longest that an outage is left alone.
const LONGEST_CLOSED: Duration = Duration::seconds(300);

/// How fast issues may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    interval: Duration,
    per_minute: usize,
    per_hour: usize,
}

impl Pace {
    /// The configured pace, halved as often as `slowed` says.
    pub(super) fn new(settings: &Publish, slowed: i64) -> Self {
        let halvings = u32::try_from(slowed.clamp(0, MOST_HALVINGS)).unwrap_or(0);
        let interval = Duration::from_std(settings.create_interval).unwrap_or(Duration::hours(1));
        let most = |max: u32| usize::try_from(max >> halvings).unwrap_or(usize::MAX).max(1);
        Self {
            interval: interval * (1 << halvings),
            per_minute: most(settings.max_creates_per_minute),
            per_hour: most(settings.max_creates_per_hour),
        }
    }

    /// The first moment at which the next create may be sent, given when the last ones were, oldest first.
    pub(super) fn earliest(&self, sends: &[DateTime<Utc>]) -> Option<DateTime<Utc>> {
        let last = *sends.last()?;
        // When the window is full, the next one may go when the oldest of the last `max` leaves it.
        let window =
            |max: usize, length: Duration| sends.len().checked_sub(max).map(|index| sends[index] + length);
        [
            Some(last + self.interval),
            window(self.per_minute, Duration::seconds(60)),
            window(self.per_hour, Duration::seconds(3600)),
        ]
        .into_iter()
        .flatten()
        .max()
    }

    /// When each of the next `count` creates goes out, if nothing goes wrong and none goes before `from`.
    pub(super) fn forecast(
        &self,
        sends: &[DateTime<Utc>],
        from: DateTime<Utc>,
        count: usize,
    ) -> Vec<DateTime<Utc>> {
        let mut all = sends.to_vec();
        for _ in 0..count {
            let next = self.earliest(&all).map_or(from, |earliest| earliest.max(from));
            all.push(next);
        }
        all.split_off(sends.len())
    }
}

/// How many requests of an hour's budget are kept for people at the keyboard.
#[must_use]
pub(super) fn reserve(limit: i64) -> i64 {
    (limit / 10).max(50).min(limit)
}

/// Why nothing may be sent now, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) until: DateTime<Utc>,
    pub(super) why: String,
    /// Whether the tracker asked for it.
    pub(super) is_asked: bool,
}

/// What stands in the way of any request at `now`.
pub(super) fn closed(standing: &Credential, now: DateTime<Utc>, is_background: bool) -> Option<Closed> {
    if let Some(until) = standing.paused_until.filter(|until| *until > now) {
        let why = standing.pause_reason.clone().unwrap_or_default();
        return Some(Closed { until, why, is_asked: true });
    }
    let until = standing.rate_reset_at.filter(|until| is_background && *until > now)?;
    let (remaining, limit) = (standing.rate_remaining?, standing.rate_limit?);
    (remaining <= reserve(limit)).then(|| Closed {
        until,
        why: format!("{remaining} of {limit} requests are left in this hour, and are kept for people"),
        is_asked: false,
    })
}

/// Whether the tracker is out of order, so that one try is enough.
pub(super) fn is_out_of_order(standing: &Credential, now: DateTime<Utc>) -> bool {
    standing.closed_until.is_some_and(|until| until > now)
}

/// The standing after the tracker asked to wait until `until`, `is_create` when it did so because of a create.
pub(super) fn limited(
    before: &Credential,
    limit: Limit,
    until: DateTime<Utc>,
    reason: &str,
    now: DateTime<Utc>,
    is_create: bool,
) -> Credential {
    let mut after = before.clone();
    let until = match limit {
        Limit::Budget | Limit::Pace => until,
        Limit::PaceUntold => {
            after.untold += 1;
            until.max(now + doubled(FIRST_UNTOLD, before.untold).min(LONGEST_UNTOLD))
        }
    };
    if before.paused_until.is_none_or(|earlier| earlier < until) {
        after.paused_until = Some(until);
        after.pause_reason = Some(reason.to_owned());
    }
    if is_create && limit != Limit::Budget {
        after.slowed = (before.slowed + 1).min(MOST_HALVINGS);
        after.clean_creates = 0;
    }
    after
}

/// The standing after a create that went well.
pub(super) fn created(before: &Credential) -> Credential {
    let mut after = Credential { untold: 0, ..before.clone() };
    if before.slowed > 0 {
        after.clean_creates += 1;
        if after.clean_creates >= CLEAN_CREATES {
            after.slowed -= 1;
            after.clean_creates = 0;
        }
    }
    after
}

/// What the requests since the last time showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Whether any was answered.
    pub(super) answered: bool,
    /// When the ones since the last answer failed, oldest first.
    pub(super) failures: Vec<DateTime<Utc>>,
    /// What is left of the hour.
    pub(super) budget: Option<Budget>,
}

impl Heard {
    /// What is new in `now`, given what was taken in already.
    pub(super) fn since(before: &Standing, now: &Standing) -> Self {
        let answered = now.answered > before.answered;
        let seen = if answered { 0 } else { before.failures.len().min(now.failures.len()) };
        Self { answered, failures: now.failures[seen..].to_vec(), budget: now.budget }
    }
}

/// The standing after requests were answered, or failed.
pub(super) fn heard(before: &Credential, heard: &Heard, now: DateTime<Utc>) -> Credential {
    let mut after = before.clone();
    if heard.answered {
        (after.failures, after.failing_since, after.closed_until) = (0, None, None);
    }
    for at in &heard.failures {
        let is_of_this = |since: DateTime<Utc>| *at - since <= FAILING_WITHIN;
        if after.failures < OUTAGE && !after.failing_since.is_some_and(is_of_this) {
            (after.failures, after.failing_since) = (0, Some(*at));
        }
        after.failures += 1;
        if after.failures >= OUTAGE {
            let left_alone = doubled(FIRST_CLOSED, after.failures - OUTAGE).min(LONGEST_CLOSED);
            after.closed_until = Some(*at + left_alone);
        }
    }
    // What is left of a budget matters to others only when it is little; else the next answer says it again.
    if let Some(budget) = heard.budget {
        let is_low = budget.remaining <= reserve(budget.limit) && budget.resets_at > now;
        let kept = is_low.then_some(budget);
        after.rate_limit = kept.map(|budget| budget.limit);
        after.rate_remaining = kept.map(|budget| budget.remaining);
        after.rate_reset_at = kept.map(|budget| budget.resets_at);
    }
    after
}

/// Whether a process that asks now would decide differently.
pub(super) fn decides_differently(before: &Credential, after: &Credential) -> bool {
    before.closed_until != after.closed_until
        || before.rate_reset_at.is_some() != after.rate_reset_at.is_some()
}

fn doubled(first: Duration, times: i64) -> Duration {
    first * (1 << times.clamp(0, 10))
}

#[cfg(test)]
mod tests;
