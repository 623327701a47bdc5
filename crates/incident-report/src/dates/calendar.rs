//! Arithmetic on calendar days.
//!
//! Invariant: every function is total; what falls outside the calendar is `None`.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// The last day of a month.
pub(super) fn end_of_month(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// The last day of a quarter, 1 to 4.
pub(super) fn end_of_quarter(year: i32, quarter: u32) -> Option<NaiveDate> {
    if (1..=4).contains(&quarter) { end_of_month(year, quarter * 3) } else { None }
}

/// The last day of a half, 1 or 2.
pub(super) fn end_of_half(year: i32, half: u32) -> Option<NaiveDate> {
    if (1..=2).contains(&half) { end_of_month(year, half * 6) } else { None }
}

/// The last day of a year.
pub(super) fn end_of_year(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 12, 31)
}

/// The quarter a day falls in.
pub(super) fn quarter_of(day: NaiveDate) -> u32 {
    day.month0() / 3 + 1
}

/// The Friday of the week a day falls in; weeks start on Monday.
pub(super) fn friday_of(day: NaiveDate) -> Option<NaiveDate> {
    let monday = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))?;
    monday.checked_add_days(Days::new(4))
}

/// The first such weekday after a day.
pub(super) fn next_weekday(after: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    let ahead = (7 + weekday.num_days_from_monday() - after.weekday().num_days_from_monday()) % 7;
    let ahead = if ahead == 0 { 7 } else { ahead };
    after.checked_add_days(Days::new(u64::from(ahead)))
}

/// The day that many working days later; Saturdays and Sundays do not count.
pub(super) fn add_working_days(day: NaiveDate, count: u32) -> Option<NaiveDate> {
    let mut day = day.checked_add_days(Days::new(u64::from(count / 5) * 7))?;
    let mut left = count % 5;
    while left > 0 || is_weekend(day) {
        day = day.succ_opt()?;
        if !is_weekend(day) {
            left = left.saturating_sub(1);
        }
    }
    Some(day)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// A day and month near the reference: this year, or the next when that is long past.
pub(super) fn near(reference: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    // A report may set a due date shortly before it is published; two months is still this year.
    let floor = reference.checked_sub_days(Days::new(60))?;
    let this_year = NaiveDate::from_ymd_opt(reference.year(), month, day);
    match this_year {
        Some(date) if date >= floor => Some(date),
        _ => NaiveDate::from_ymd_opt(reference.year() + 1, month, day).or(this_year),
    }
}
