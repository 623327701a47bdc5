//! What the configuration decides about actions: the day by which one has to be complete.
//!
//! Invariant: pure functions of the policy, the incident and the day of acceptance; no I/O, no clock.

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use crate::action::Severity;

/// The last day that an action can be due: the last one that is written with four digits for the year, so that days sort
/// as text.
pub const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("it is in the calendar");

/// The most days that a rule can give, ten years: more is a slip of the finger.
pub const MOST_DAYS: u32 = 3_650;

/// When the time to complete an action begins to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockStart {
    /// The later of the other two, so that an old report is never overdue on arrival.
    #[default]
    Later,
    /// The day on which the incident was resolved.
    Resolution,
    /// The day on which the action was accepted.
    Acceptance,
}

/// Days to complete an action, by the severity of its incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deadlines {
    /// For `sev1`.
    pub sev1: u32,
    /// For `sev2`.
    pub sev2: u32,
    /// For `sev3`.
    pub sev3: u32,
    /// For `sev4`.
    pub sev4: u32,
    /// For reports that do not tell.
    pub unknown: u32,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { sev1: 15, sev2: 30, sev3: 60, sev4: 90, unknown: 60 }
    }
}

/// The rules that set deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// When the time begins to run.
    pub clock_start: ClockStart,
    /// Days until an accepted action has an owner.
    pub assign_within_days: u32,
    /// Days until it is complete.
    pub deadlines: Deadlines,
}

impl Default for Policy {
    fn default() -> Self {
        Self { clock_start: ClockStart::Later, assign_within_days: 3, deadlines: Deadlines::default() }
    }
}

impl Policy {
    /// The day by which an action is to be complete.
    ///
    /// Where the report does not tell when the incident was resolved, the day of acceptance takes its place.
    #[must_use]
    pub fn due_on(
        &self,
        severity: Severity,
        resolved_on: Option<NaiveDate>,
        accepted_on: NaiveDate,
    ) -> NaiveDate {
        let resolved_on = resolved_on.unwrap_or(accepted_on);
        let start = match self.clock_start {
            ClockStart::Later => resolved_on.max(accepted_on),
            ClockStart::Resolution => resolved_on,
            ClockStart::Acceptance => accepted_on,
        };
        let days = match severity {
            Severity::Sev1 => self.deadlines.sev1,
            Severity::Sev2 => self.deadlines.sev2,
            Severity::Sev3 => self.deadlines.sev3,
            Severity::Sev4 => self.deadlines.sev4,
            Severity::Unknown => self.deadlines.unknown,
        };
        start.checked_add_days(Days::new(u64::from(days))).unwrap_or(LAST_DAY).min(LAST_DAY)
    }
}

/// The most days that a waiver lasts; then somebody has to decide again.
pub const MOST_WAIVER_DAYS: u32 = 90;

impl Policy {
    /// The last day of a waiver that is given on `today`.
    #[must_use]
    pub fn latest_waiver(&self, today: NaiveDate) -> NaiveDate {
        today.checked_add_days(Days::new(u64::from(MOST_WAIVER_DAYS))).unwrap_or(LAST_DAY).min(LAST_DAY)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_worse_the_incident_the_sooner_the_day() {
        let policy = Policy::default();
        let due = |severity| policy.due_on(severity, None, day("2024-05-15")).to_string();
        assert_eq!(due(Severity::Sev1), "2024-05-30");
        assert_eq!(due(Severity::Sev4), "2024-08-13");
        assert_eq!(due(Severity::Unknown), "2024-07-14");
    }

    #[test]
    fn an_old_report_is_not_overdue_on_arrival_unless_the_team_wants_that() {
        let (resolved, accepted) = (Some(day("2023-01-01")), day("2024-05-15"));
        let strict = Policy { clock_start: ClockStart::Resolution, ..Policy::default() };
        assert!(Policy::default().due_on(Severity::Sev2, resolved, accepted) > accepted);
        assert!(strict.due_on(Severity::Sev2, resolved, accepted) < accepted);
    }

    proptest! {
        #[test]
        fn any_number_of_days_gives_a_day(days in any::<u32>()) {
            let policy = Policy { deadlines: Deadlines { sev1: days, ..Deadlines::default() }, ..Policy::default() };
            let due_on = policy.due_on(Severity::Sev1, None, day("2024-05-15"));
            prop_assert!(due_on >= day("2024-05-15") && due_on <= LAST_DAY);
        }
    }
}
