//! When an action is late: pure functions of calendar days in the team's time zone.
//!
//! Invariant: the day after the due date is the first overdue day, and only active states can be overdue.

use chrono::NaiveDate;

use super::State;

/// How many days before its due date an action is due soon, unless half of its time is shorter.
pub const DUE_SOON_DAYS: i64 = 7;

/// How many days after an action was done somebody may take to show it.
pub const EVIDENCE_GRACE_DAYS: i64 = 7;

/// How many days before a waiver ends it is told of.
pub const WAIVER_WARNING_DAYS: i64 = 14;

/// Whether nobody showed within the time of grace that what was done on `done_on` was done.
#[must_use]
pub fn is_unproven(state: State, done_on: Option<NaiveDate>, has_evidence: bool, today: NaiveDate) -> bool {
    let is_late = |day: NaiveDate| (today - day).num_days() > EVIDENCE_GRACE_DAYS;
    matches!(state, State::Done | State::Verified) && !has_evidence && done_on.is_some_and(is_late)
}

/// Whether a waiver ends soon that holds until `until`.
#[must_use]
pub fn is_waiver_ending(state: State, until: Option<NaiveDate>, today: NaiveDate) -> bool {
    let is_near = |until: NaiveDate| (until - today).num_days() <= WAIVER_WARNING_DAYS;
    state == State::Waived && until.is_some_and(is_near)
}

/// How many days `due_on` has passed on `today`; 0 for what is not overdue.
#[must_use]
pub fn days_overdue(state: State, due_on: Option<NaiveDate>, today: NaiveDate) -> i64 {
    match due_on {
        Some(due_on) if state.is_active() => (today - due_on).num_days().max(0),
        _ => 0,
    }
}

/// Whether the day promised has ended.
#[must_use]
pub fn is_overdue(state: State, due_on: Option<NaiveDate>, today: NaiveDate) -> bool {
    days_overdue(state, due_on, today) > 0
}

/// Whether the day promised is near: [`DUE_SOON_DAYS`] ahead, or half the time since `accepted_on` where that is
/// shorter. What is overdue is not due soon.
#[must_use]
pub fn is_due_soon(
    state: State,
    due_on: Option<NaiveDate>,
    accepted_on: Option<NaiveDate>,
    today: NaiveDate,
) -> bool {
    let Some(due_on) = due_on else { return false };
    let days_left = (due_on - today).num_days();
    let half = accepted_on.map_or(DUE_SOON_DAYS, |accepted_on| (due_on - accepted_on).num_days() / 2);
    state.is_active() && days_left >= 0 && days_left <= DUE_SOON_DAYS.min(half.max(0))
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_itself_is_not_overdue_and_the_next_one_is() {
        let due = Some(day("2024-05-31"));
        assert!(!is_overdue(State::Open, due, day("2024-05-31")));
        assert_eq!(days_overdue(State::Open, due, day("2024-06-01")), 1);
    }

    #[test]
    fn a_short_promise_is_due_soon_only_in_its_second_half() {
        let accepted = Some(day("2024-05-01"));
        let due = Some(day("2024-05-05"));
        assert!(!is_due_soon(State::Open, due, accepted, day("2024-05-02")));
        assert!(is_due_soon(State::Open, due, accepted, day("2024-05-03")));
        assert!(!is_due_soon(State::Open, due, accepted, day("2024-05-06")));
    }

    #[test]
    fn what_nobody_showed_is_unproven_once_the_grace_is_over() {
        let done = Some(day("2024-05-01"));
        for (state, has_evidence, today, expected) in [
            (State::Done, false, "2024-05-08", false),
            (State::Done, false, "2024-05-09", true),
            (State::Verified, false, "2024-05-09", true),
            (State::Done, true, "2024-06-09", false),
            (State::Open, false, "2024-06-09", false),
        ] {
            assert_eq!(is_unproven(state, done, has_evidence, day(today)), expected, "{state} {today}");
        }
    }

    #[test]
    fn a_waiver_is_told_of_two_weeks_before_it_ends() {
        let until = Some(day("2024-06-30"));
        assert!(!is_waiver_ending(State::Waived, until, day("2024-06-15")));
        assert!(is_waiver_ending(State::Waived, until, day("2024-06-16")));
        assert!(!is_waiver_ending(State::Open, until, day("2024-06-16")));
    }

    proptest! {
        #[test]
        fn days_overdue_grows_by_one_a_day_once_it_is_late(offset in 0u64..4000) {
            let due = day("2024-02-29");
            let today = due + Days::new(offset);
            prop_assert_eq!(days_overdue(State::Blocked, Some(due), today), i64::try_from(offset).unwrap());
        }

        #[test]
        fn what_nobody_owes_is_never_late(state in prop::sample::select(State::ALL), offset in 0u64..4000) {
            let due = day("2024-02-29");
            let today = due + Days::new(offset);
            if !state.is_active() {
                prop_assert!(!is_overdue(state, Some(due), today));
                prop_assert!(!is_due_soon(state, Some(due), None, today));
            }
            prop_assert!(!(is_overdue(state, Some(due), today) && is_due_soon(state, Some(due), None, today)));
        }
    }
}
