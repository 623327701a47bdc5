//! Which number comes first in the numeric dates of a report, by the report itself.
//!
//! Dates with a day over twelve decide; then a range that is short in one order only; then the days that are written
//! without doubt, before which nothing is due and long after which nothing happens.
//!
//! Invariant: the order is decided only where all evidence of a kind agrees; each line is looked at once.

use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use regex::Regex;

use super::{DateContext, DateOrder, Precision, find_dates};

/// How many dates of each kind are looked at.
const MAX_DATES: usize = 500;

/// How many lines are looked at for days written without doubt.
const MAX_LINES: usize = 4_000;

/// The longest line that is looked at, in bytes.
const MAX_LINE: usize = 2_000;

/// How long a range of dates on one line is at most that is written in the right order, and at least in the wrong one.
const RANGE_DAYS: (i64, i64) = (7, 25);

/// How many days before and behind the days of a report its other dates may be.
const AROUND_DAYS: (u64, u64) = (31, 400);

static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(\d{1,2})([/-])(\d{1,2})([/-])(\d{4}|\d{2})\b").expect("the pattern is well-formed")
});

/// A numeric date that is a day in both orders.
#[derive(Clone, Copy, Debug)]
struct Unclear {
    day_first: NaiveDate,
    month_first: NaiveDate,
}

/// What the numeric dates of a report say.
#[derive(Debug, Default)]
struct Evidence {
    day_first: usize,
    month_first: usize,
    unclear: Vec<Unclear>,
    /// Ranges of two unclear dates on one line.
    ranges: Vec<(Unclear, Unclear)>,
}

impl Evidence {
    fn of<'l>(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut evidence = Self::default();
        for line in lines.filter(|line| line.len() <= MAX_LINE) {
            if evidence.unclear.len() + evidence.day_first + evidence.month_first >= MAX_DATES {
                break;
            }
            let mut before: Option<Unclear> = None;
            for found in NUMERIC.captures_iter(line) {
                before = evidence.add(&found, before);
            }
        }
        evidence
    }

    /// Adds a date; `before` is the unclear date in front of it on the line.
    fn add(&mut self, found: &regex::Captures<'_>, before: Option<Unclear>) -> Option<Unclear> {
        let number = |group: usize| found.get(group).and_then(|part| part.as_str().parse::<u32>().ok());
        let (first, second, year) = (number(1)?, number(3)?, number(5)?);
        // Two digits are a year only behind slashes, and "1/2-2020" is no date.
        if found.get(2)?.as_str() != found.get(4)?.as_str() || year < 100 && found.get(2)?.as_str() != "/" {
            return None;
        }
        let year = i32::try_from(if year < 100 { 2000 + year } else { year }).ok()?;
        let day_first = NaiveDate::from_ymd_opt(year, second, first);
        let month_first = NaiveDate::from_ymd_opt(year, first, second);
        match (day_first, month_first) {
            (Some(_), None) => self.day_first += 1,
            (None, Some(_)) => self.month_first += 1,
            (Some(day_first), Some(month_first)) if day_first != month_first => {
                let unclear = Unclear { day_first, month_first };
                self.unclear.push(unclear);
                if let Some(before) = before {
                    self.ranges.push((before, unclear));
                }
                return Some(unclear);
            }
            _ => {}
        }
        None
    }

    /// The order that days over twelve show.
    fn by_day(&self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (1.., 0) => Some(DateOrder::DayFirst),
            (0, 1..) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// The order in which the ranges are short.
    fn by_range(&self) -> Option<DateOrder> {
        let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days();
        let all = |is_short: fn(&(i64, i64)) -> i64, is_long: fn(&(i64, i64)) -> i64| {
            let mut lengths = self.ranges.iter().map(|(from, to)| {
                (days(from.day_first, to.day_first), days(from.month_first, to.month_first))
            });
            !self.ranges.is_empty()
                && lengths.all(|both| {
                    (0..=RANGE_DAYS.0).contains(&is_short(&both)) && is_long(&both).abs() >= RANGE_DAYS.1
                })
        };
        if all(|both| both.0, |both| both.1) {
            return Some(DateOrder::DayFirst);
        }
        all(|both| both.1, |both| both.0).then_some(DateOrder::MonthFirst)
    }

    /// The order in which all dates lie around the days that are written without doubt.
    fn by_days_around(&self, known: &[NaiveDate]) -> Option<DateOrder> {
        let (first, last) = (known.iter().min()?, known.iter().max()?);
        let from = first.checked_sub_days(Days::new(AROUND_DAYS.0))?;
        let to = last.checked_add_days(Days::new(AROUND_DAYS.1))?;
        let fits = |day: NaiveDate| (from..=to).contains(&day);
        let day_first = self.unclear.iter().all(|date| fits(date.day_first));
        let month_first = self.unclear.iter().all(|date| fits(date.month_first));
        match (day_first, month_first) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }
}

/// The order of the numeric dates of a report, where its lines decide it: how its dates are to be read.
pub(crate) fn observed<'l>(lines: impl Iterator<Item = &'l str> + Clone, order: DateOrder) -> DateContext {
    let evidence = Evidence::of(lines.clone());
    let around = || {
        if evidence.unclear.is_empty() || evidence.day_first + evidence.month_first > 0 {
            return None;
        }
        evidence.by_days_around(&known_days(lines))
    };
    let decided = evidence.by_day().or_else(|| evidence.by_range()).or_else(around);
    DateContext { reference: None, order: decided.unwrap_or(order), is_decided: decided.is_some() }
}

/// The days that a report writes without doubt: `2026-03-05`, `5 March 2026`.
fn known_days<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<NaiveDate> {
    let context = DateContext::default();
    let may_hold = |line: &&str| line.len() <= MAX_LINE && line.contains("20");
    let is_known = |found: &super::FoundDate| {
        found.is_absolute && found.resolved.precision == Precision::Day && found.resolved.rule != "numeric"
    };
    lines
        .take(MAX_LINES)
        .filter(may_hold)
        .flat_map(|line| find_dates(line, &context))
        .filter(is_known)
        .map(|found| found.resolved.date)
        .take(MAX_DATES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_decides_where_it_can() {
        for (report, expected) in [
            // A day over twelve.
            ("Start: 13/01/2026\nDue: 04/05/2026", Some(DateOrder::DayFirst)),
            ("Start: 01/13/2026\nDue: 04/05/2026", Some(DateOrder::MonthFirst)),
            ("Start: 1/13/26, due: 4/5/26", Some(DateOrder::MonthFirst)),
            ("Start: 01-13-2026", Some(DateOrder::MonthFirst)),
            // A range that is short in one order only.
            ("Timeline 7/5/2026-7/6/2026", Some(DateOrder::MonthFirst)),
            ("From 05/07/2026 to 06/07/2026", Some(DateOrder::DayFirst)),
            // A day without doubt: nothing is due before the incident.
            ("Date: 20 November 2026\nDue: 12/01/2026", Some(DateOrder::MonthFirst)),
            ("Date: 2026-11-20\nDue: 01/12/2026", Some(DateOrder::DayFirst)),
            // Nothing decides, or two things do not agree.
            ("Date: 04/05/2026", None),
            ("Date: 2026-04-04\nDue: 04/05/2026", None),
            ("Start: 13/01/2026\nEnd: 01/14/2026", None),
            ("Version 1.2.2026, 5/5/2026, 1/2-2026", None),
            ("", None),
        ] {
            let context = observed(report.lines(), DateOrder::DayFirst);
            let decided = context.is_decided.then_some(context.order);
            assert_eq!(decided, expected, "{report}");
        }
    }

    #[test]
    fn the_configured_order_is_left_where_nothing_decides() {
        let context = observed("Date: 04/05/2026".lines(), DateOrder::MonthFirst);
        assert_eq!((context.order, context.is_decided), (DateOrder::MonthFirst, false));
    }
}
