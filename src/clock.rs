//! The only place that reads the time.
//!
//! There are two times. The **calendar** time decides dates, ages and effective times, and `FOLLOWUP_NOW` can fix
//! it. The **pacing** time decides pauses, settling and time-outs, and is always the real one: a fixed calendar
//! must not make a pause last for ever or not at all. Calendar times are whole seconds, pacing times milliseconds.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;

/// A source of time that can also be waited on.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment, in milliseconds.
    fn now(&self) -> DateTime<Utc>;

    /// Returns when `duration` has passed on this clock.
    async fn sleep(&self, duration: Duration);
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The clock of the machine, run faster from some moment on: a crash harness cannot wait through the minutes and hours that a
/// real tracker asks for. Only a build for developing has it.
#[cfg(debug_assertions)]
#[derive(Clone, Copy, Debug)]
pub struct FastClock {
    since: DateTime<Utc>,
    times: u32,
}

#[cfg(debug_assertions)]
impl std::str::FromStr for FastClock {
    type Err = String;

    /// Reads `2026-05-31T09:00:00Z 600`: since then, so many times as fast.
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once(' ').and_then(|(since, times)| {
            Some(Self {
                since: since.parse().ok()?,
                times: times.parse().ok().filter(|times| (1..=100_000).contains(times))?,
            })
        });
        parsed.ok_or_else(|| format!("`{text}` is not a moment and a number"))
    }
}

#[cfg(debug_assertions)]
#[async_trait::async_trait]
impl Clock for FastClock {
    fn now(&self) -> DateTime<Utc> {
        self.since + (SystemClock.now() - self.since) * i32::try_from(self.times).unwrap_or(i32::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration / self.times).await;
    }
}

/// A clock that stands still until it is moved; sleeping on it moves it at once.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Moves it on.
    pub fn advance(&self, duration: chrono::Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += duration;
    }
}

#[async_trait::async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        // Rounded up: a clock that does not move would be waited on for ever.
        let milliseconds = duration.as_micros().div_ceil(1000).max(1);
        self.advance(chrono::Duration::milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX / 1_000)));
        tokio::task::yield_now().await;
    }
}

/// Both times, and the zone in which the team's days begin and end.
#[derive(Clone, Debug)]
pub struct Clocks {
    /// Decides dates, ages and effective times.
    pub calendar: Arc<dyn Clock>,
    /// Decides pauses, settling and time-outs.
    pub pacing: Arc<dyn Clock>,
    /// Whether the calendar was fixed from outside; entries made under a fixed clock are marked.
    pub is_fixed: bool,
    /// The team's time zone.
    pub zone: Tz,
}

impl Clocks {
    /// The real clocks, with the calendar fixed at `fixed` where given.
    #[must_use]
    pub fn new(fixed: Option<DateTime<Utc>>, zone: Tz) -> Self {
        let calendar: Arc<dyn Clock> = match fixed {
            Some(now) => Arc::new(ManualClock::at(now)),
            None => Arc::new(SystemClock),
        };
        Self { calendar, pacing: Arc::new(SystemClock), is_fixed: fixed.is_some(), zone }
    }

    /// The same, with time that passes faster.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn sped_up(self, fast: FastClock) -> Self {
        let calendar = if self.is_fixed { self.calendar } else { Arc::new(fast) };
        Self { calendar, pacing: Arc::new(fast), ..self }
    }

    /// The effective moment, in whole seconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.calendar.now().trunc_subsecs(0)
    }

    /// The team's calendar day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.day_of(self.now())
    }

    /// The team's calendar day at `moment`.
    #[must_use]
    pub fn day_of(&self, moment: DateTime<Utc>) -> NaiveDate {
        moment.with_timezone(&self.zone).date_naive()
    }

    /// The first moment of a day where the team is. Where clocks are put forward at midnight, that is later.
    #[must_use]
    pub fn begin_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let moment = |minutes| {
            let local = day.and_time(NaiveTime::MIN) + chrono::Duration::minutes(minutes);
            self.zone.from_local_datetime(&local).earliest().map(|moment| moment.to_utc())
        };
        // No zone ever left out more than a day.
        (0..=48)
            .find_map(|half_hours| moment(half_hours * 30))
            .unwrap_or_else(|| day.and_time(NaiveTime::MIN).and_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_of_the_team_not_of_utc() {
        let late: DateTime<Utc> = "2024-05-31T22:30:00Z".parse().unwrap();
        let day = |zone| Clocks::new(Some(late), zone).today().to_string();
        assert_eq!(day(chrono_tz::Africa::Kampala), "2024-06-01");
        assert_eq!(day(chrono_tz::America::New_York), "2024-05-31");
    }

    #[cfg(debug_assertions)]
    #[test]
    fn a_fast_clock_is_read_from_a_moment_and_a_number() {
        let since: DateTime<Utc> = "2024-05-31T22:30:00Z".parse().unwrap();
        let fast: FastClock = "2024-05-31T22:30:00Z 600".parse().unwrap();
        let (before, now) = (SystemClock.now(), fast.now());
        assert!(now - since >= (before - since) * 600);
        for wrong in ["", "600", "2024-05-31T22:30:00Z", "2024-05-31T22:30:00Z 0", "today 600"] {
            assert!(wrong.parse::<FastClock>().is_err(), "{wrong}");
        }
    }
}
