//! When an action is late: pure functions of calendar days in the team's time zone.
//!
//! Invariant: the day after the due date is the first overdue day, and only active states can be overdue.

use chrono::NaiveDate;

use super::State;

/// How many days before its due date an action is due soon, unless half of its time is shorter.
pub const DUE_SOON_DAYS: i64 = 7;

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
