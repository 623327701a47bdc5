//! What GitHub's answers tell of its limits, and a short breath between two writes.
//!
//! Invariant: while this process knows that GitHub asked to wait, it sends nothing; and two requests that change
//! something are never closer together than the interval, issues apart, whose pace the outbox keeps.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http::HeaderMap;

use super::{Budget, Standing, TrackerError, client::text};
use crate::clock::Clock;

/// So many failures are remembered; more say nothing more.
const MOST_FAILURES: usize = 32;

/// What a request does to GitHub's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It only asks.
    Read,
    /// It changes something.
    Write,
    /// It makes an issue.
    Create,
}

#[derive(Debug, Default)]
pub(super) struct Meter {
    /// The least time between two writes.
    interval: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// REST and GraphQL have budgets of their own.
    budgets: HashMap<String, Budget>,
    answered: u64,
    failures: Vec<DateTime<Utc>>,
    last_write: Option<DateTime<Utc>>,
    pause: Option<(DateTime<Utc>, TrackerError)>,
}

impl Meter {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn interval(&self) -> chrono::Duration {
        chrono::Duration::from_std(self.interval).unwrap_or(chrono::Duration::zero())
    }

    /// Returns when the next request may be sent; an error while GitHub asked to wait.
    pub(super) async fn turn(&self, weight: Weight, clock: &dyn Clock) -> Result<(), TrackerError> {
        let now = clock.now();
        let at = {
            let mut state = self.state();
            if let Some((until, error)) = &state.pause
                && *until > now
            {
                return Err(error.clone());
            }
            if weight == Weight::Read {
                return Ok(());
            }
            let free =
                state.last_write.map(|last| last + self.interval()).filter(|_| weight == Weight::Write);
            let at = free.map_or(now, |free| free.max(now));
            state.last_write = state.last_write.max(Some(at));
            at
        };
        if let Ok(wait) = (at - now).to_std()
            && !wait.is_zero()
        {
            clock.sleep(wait).await;
        }
        Ok(())
    }

    /// GitHub did not answer, or answered as it does in an outage.
    pub(super) fn failed(&self, at: DateTime<Utc>) {
        let mut state = self.state();
        if state.failures.len() < MOST_FAILURES {
            state.failures.push(at);
        }
    }

    /// GitHub answered. `ahead` is what to add to our clock to get its.
    pub(super) fn answered(&self, headers: &HeaderMap, ahead: chrono::Duration) {
        let number = |name: &str| text(headers, name).and_then(|value| value.parse::<i64>().ok());
        let mut state = self.state();
        state.answered += 1;
        state.failures.clear();
        let (limit, remaining) = (number("x-ratelimit-limit"), number("x-ratelimit-remaining"));
        let reset = number("x-ratelimit-reset").and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        if let (Some(limit), Some(remaining), Some(reset)) = (limit, remaining, reset) {
            let resource = text(headers, "x-ratelimit-resource").unwrap_or_default();
            state.budgets.insert(resource, Budget { limit, remaining, resets_at: reset - ahead });
        }
    }

    /// GitHub asked to wait.
    pub(super) fn paused(&self, until: DateTime<Utc>, error: TrackerError) {
        self.state().pause = Some((until, error));
    }

    pub(super) fn standing(&self, now: DateTime<Utc>) -> Standing {
        let state = self.state();
        // The one with the smallest part left; parts are compared crosswise, without fractions.
        let live = state.budgets.values().filter(|budget| budget.resets_at > now && budget.limit > 0);
        let nearest = live.min_by(|a, b| {
            (i128::from(a.remaining) * i128::from(b.limit))
                .cmp(&(i128::from(b.remaining) * i128::from(a.limit)))
        });
        Standing {
            budget: nearest.copied(),
            answered: state.answered,
            failures: state.failures.clone(),
            next_write: state.last_write.map(|last| last + self.interval()).filter(|next| *next > now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_715_763_600 + seconds, 0).unwrap()
    }

    fn headers(resource: &str, limit: i64, remaining: i64, reset: DateTime<Utc>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-ratelimit-resource", resource.to_owned()),
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", remaining.to_string()),
            ("x-ratelimit-reset", reset.timestamp().to_string()),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        headers
    }

    #[tokio::test]
    async fn writes_keep_their_distance_and_issues_do_not_wait_for_it() {
        let meter = Meter::new(Duration::from_secs(1));
        let clock = ManualClock::at(at(0));
        let mut sent = Vec::new();
        for weight in [Weight::Write, Weight::Read, Weight::Write, Weight::Create, Weight::Write] {
            meter.turn(weight, &clock).await.unwrap();
            sent.push((clock.now() - at(0)).num_seconds());
        }
        assert_eq!(sent, [0, 0, 1, 1, 2]);
        assert_eq!(meter.standing(clock.now()).next_write, Some(at(3)));
        clock.advance(chrono::Duration::seconds(1));
        assert_eq!(meter.standing(clock.now()).next_write, None);
    }

    #[test]
    fn the_budget_that_is_nearest_to_its_end_counts_until_it_begins_anew() {
        let meter = Meter::default();
        let ahead = chrono::Duration::hours(1);
        meter.answered(&headers("core", 5000, 4000, at(3600) + ahead), ahead);
        meter.answered(&headers("graphql", 10_000, 300, at(600) + ahead), ahead);
        let graphql = Budget { limit: 10_000, remaining: 300, resets_at: at(600) };
        assert_eq!(meter.standing(at(0)).budget, Some(graphql));
        assert_eq!(meter.standing(at(600)).budget.unwrap().limit, 5000);
        assert_eq!(meter.standing(at(3600)).budget, None);
    }

    #[test]
    fn an_answer_ends_a_row_of_failures() {
        let meter = Meter::default();
        (0..40).for_each(|second| meter.failed(at(second)));
        let standing = meter.standing(at(40));
        assert_eq!((standing.answered, standing.failures.len()), (0, MOST_FAILURES));
        meter.answered(&HeaderMap::new(), chrono::Duration::zero());
        meter.failed(at(50));
        let standing = meter.standing(at(60));
        assert_eq!((standing.answered, standing.failures), (1, vec![at(50)]));
    }
}
