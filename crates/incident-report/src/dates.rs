//! Dates as people write them in reports: "30th April, 2024", "end of May", "within 30 days", "Q3 2026".
//!
//! Invariant: there is no clock here. Whatever is relative is resolved against the reference date that the
//! caller gives, and is unclear (`None`) without one. A period stands for its last day, because the reader
//! of "by Q3" is late only when Q3 is over; the precision says what was written.

mod calendar;
pub(crate) mod clock;
mod grammar;
pub(crate) mod order;
mod tokens;

use chrono::NaiveDate;
use serde::Serialize;

/// Which number comes first in dates such as `04/05/2026`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Day before month, as in most of the world.
    #[default]
    DayFirst,
    /// Month before day, as in the United States.
    MonthFirst,
}

/// How exactly a date was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// A day.
    Day,
    /// A week; the date is its Friday.
    Week,
    /// A month; the date is its last day.
    Month,
    /// A quarter; the date is its last day.
    Quarter,
    /// Half a year; the date is its last day.
    Half,
    /// A year; the date is its last day.
    Year,
}

/// What a written date means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResolvedDate {
    /// The day, or the last day of the period.
    pub date: NaiveDate,
    /// How exactly it was written.
    pub precision: Precision,
    /// The rule of the date grammar that read it: `iso`, `day-month`, `numeric`, `end-of`, `within`, …
    pub rule: &'static str,
    /// What the reader should know, for instance that day and month could be the other way round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// What dates are resolved against.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateContext {
    /// The day from which relative dates count, usually that of the report.
    pub reference: Option<NaiveDate>,
    /// The order of day and month in numeric dates.
    pub order: DateOrder,
    /// Whether the order is beyond doubt, so that no date needs a warning.
    pub is_decided: bool,
}

/// A date found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundDate {
    /// Byte offset of its first character.
    pub(crate) start: usize,
    /// Byte offset behind its last character.
    pub(crate) end: usize,
    /// Whether it was written with its year, so that it does not hang on the reference.
    pub(crate) is_absolute: bool,
    /// What it means.
    pub(crate) resolved: ResolvedDate,
}

/// Resolves a text that is a date, such as the cell of a due column. `None` when it is unclear ("soon", "TBD").
///
/// ```
/// use chrono::NaiveDate;
/// use incident_report::{DateContext, resolve_date};
///
/// let context = DateContext { reference: NaiveDate::from_ymd_opt(2026, 5, 15), ..DateContext::default() };
/// let due = resolve_date("within 30 days", &context).expect("it is clear");
/// assert_eq!(due.date.to_string(), "2026-06-14");
/// assert_eq!(resolve_date("ASAP", &context), None);
/// ```
pub fn resolve_date(text: &str, context: &DateContext) -> Option<ResolvedDate> {
    let tokens = tokens::tokens(text, MAX_PHRASE);
    grammar::whole(&tokens, context)
}

/// The dates in a running text, in order, without overlaps. Only what is unmistakably a date counts.
pub(crate) fn find_dates(text: &str, context: &DateContext) -> Vec<FoundDate> {
    grammar::all(&tokens::tokens(text, usize::MAX), context)
}

/// How many tokens a date phrase may have; longer texts are not dates.
const MAX_PHRASE: usize = 24;

#[cfg(test)]
mod tests;
