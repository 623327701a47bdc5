//! The date grammar: one function per form, tried in order at a token.
//!
//! Invariant: each form looks at a bounded number of tokens, so reading a text is linear in its length.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::calendar;
use super::tokens::Token;
use super::{DateContext, DateOrder, FoundDate, Precision, ResolvedDate};

/// The months by their names in all languages of the list.
static MONTHS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut months = HashMap::new();
    for line in include_str!("../../data/months.txt").lines().filter(|line| !line.starts_with('#')) {
        for (name, month) in line.split_whitespace().zip(1..) {
            months.entry(name).or_insert(month);
        }
    }
    months
});

/// A parsed form: what it means, the token behind it, and whether the year was written.
type Parsed = (ResolvedDate, usize, bool);

/// The tokens being read, with what relative dates count from.
struct Reader<'t> {
    tokens: &'t [Token<'t>],
    context: &'t DateContext,
    /// Whether the whole text is expected to be a date, which allows forms too loose for running text.
    is_whole: bool,
}

/// Reads tokens that are one date and nothing else, small words around it aside.
pub(super) fn whole(tokens: &[Token<'_>], context: &DateContext) -> Option<ResolvedDate> {
    if tokens.len() > super::MAX_PHRASE {
        return None;
    }
    let reader = Reader { tokens, context, is_whole: true };
    let is_small = |at: usize| {
        reader
            .word(at)
            .is_some_and(|word| matches!(word, "by" | "before" | "due" | "on" | "until" | "till" | "the"))
            || reader.tokens.get(at).is_some_and(|token| token.is_mark('~') || token.is_mark(':'))
    };
    let mut start = 0;
    loop {
        // "in" and "within" belong to some forms, so the form is tried before a small word is skipped.
        if let Some((resolved, end, _)) = reader.at(start) {
            let ends = reader.tokens[end..].iter().all(|token| {
                matches!(token.kind, super::tokens::Kind::Mark('.' | ',' | ')' | '(' | ']' | '?' | '!'))
            });
            // A clock time, a weekday, or an explanation may follow a written day.
            let exact = matches!(resolved.rule, "iso" | "day-month" | "month-day" | "days" | "numeric");
            return (ends || exact).then_some(resolved);
        }
        if is_small(start)
            || reader.weekday(start).is_some()
            || reader.is_mark(start, ',')
            || reader.is_mark(start, '(')
        {
            start += 1;
        } else {
            return None;
        }
    }
}

/// All dates in running text.
pub(super) fn all(tokens: &[Token<'_>], context: &DateContext) -> Vec<FoundDate> {
    let reader = Reader { tokens, context, is_whole: false };
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match reader.at(at) {
            Some((resolved, end, is_absolute)) => {
                let (start, stop) = (tokens[at].start, tokens[end - 1].end);
                found.push(FoundDate { start, end: stop, is_absolute, resolved });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn resolved(date: NaiveDate, precision: Precision, rule: &'static str) -> ResolvedDate {
    ResolvedDate { date, precision, rule, warning: None }
}

impl Reader<'_> {
    fn at(&self, at: usize) -> Option<Parsed> {
        let token = self.tokens.get(at)?;
        // A number that continues another word or number ("v1", "1.2.3") starts no date.
        let glued = !token.spaced
            && at > 0
            && (self.tokens[at - 1].word().is_some()
                || self.is_mark(at - 1, '.')
                || self.is_mark(at - 1, '/')
                || self.is_mark(at - 1, '-'));
        if token.number().is_some() && glued {
            return None;
        }
        self.iso(at)
            .or_else(|| self.numeric(at))
            .or_else(|| self.day_of_month(at))
            .or_else(|| self.day_month(at))
            .or_else(|| self.month_day(at))
            .or_else(|| self.part_of(at))
            .or_else(|| self.quarter_or_half(at))
            .or_else(|| self.within(at))
            .or_else(|| self.relative(at))
            .or_else(|| self.month(at))
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.tokens.get(at)?.word()
    }

    fn number(&self, at: usize) -> Option<(u32, usize)> {
        self.tokens.get(at)?.number()
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_mark(mark))
    }

    fn is_word(&self, at: usize, words: &[&str]) -> bool {
        self.word(at).is_some_and(|word| words.contains(&word))
    }

    fn skip_marks(&self, mut at: usize, marks: &[char]) -> usize {
        while marks.iter().any(|mark| self.is_mark(at, *mark)) {
            at += 1;
        }
        at
    }

    /// A year of four digits, or of two after an apostrophe.
    fn year(&self, at: usize) -> Option<(i32, usize)> {
        if self.is_mark(at, '\'') || self.is_mark(at, '’') {
            let (value, digits) = self.number(at + 1)?;
            return (digits == 2).then_some((2000 + i32::try_from(value).ok()?, at + 2));
        }
        let (value, digits) = self.number(at)?;
        (digits == 4 && (1970..=2199).contains(&value)).then_some((i32::try_from(value).ok()?, at + 1))
    }

    fn month_name(&self, at: usize) -> Option<(u32, usize)> {
        let month = *MONTHS.get(self.word(at)?)?;
        let dotted = self.is_mark(at + 1, '.') && !self.tokens[at + 1].spaced;
        Some((month, at + 1 + usize::from(dotted)))
    }

    fn day_number(&self, at: usize) -> Option<(u32, usize)> {
        let (day, digits) = self.number(at)?;
        if digits > 2 || !(1..=31).contains(&day) {
            return None;
        }
        let suffixed = self.is_word(at + 1, &["st", "nd", "rd", "th"]) && !self.tokens[at + 1].spaced;
        let dotted = self.is_mark(at + 1, '.') && !self.tokens[at + 1].spaced;
        Some((day, at + 1 + usize::from(suffixed || dotted)))
    }

    /// `2026-05-31`, `2026/05/31`, `2026.05.31`, `2026年5月31日`.
    fn iso(&self, at: usize) -> Option<Parsed> {
        let (year, next) = self.year(at)?;
        if self.is_word(next, &["年"]) {
            let (month, _) = self.number(next + 1)?;
            let (day, _) = self.number(next + 3)?;
            let end = next
                + 4
                + usize::from(self.word(next + 4).is_some_and(|word| word.starts_with(['日', '号'])));
            self.is_word(next + 2, &["月"]).then_some(())?;
            let date = NaiveDate::from_ymd_opt(year, month, day)?;
            return Some((resolved(date, Precision::Day, "iso"), end, true));
        }
        let separator = ['-', '/', '.'].into_iter().find(|mark| self.is_mark(next, *mark))?;
        // `2026-Feb-07`.
        if let Some((month, after)) = self.month_name(next + 1)
            && self.is_mark(after, separator)
        {
            let (day, digits) = self.number(after + 1)?;
            let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| digits <= 2)?;
            return Some((resolved(date, Precision::Day, "iso"), after + 2, true));
        }
        let (month, _) = self.number(next + 1)?;
        if !self.is_mark(next + 2, separator) {
            let alone = separator == '-' && self.is_whole && next + 2 == self.tokens.len();
            let date = calendar::end_of_month(year, month).filter(|_| alone)?;
            return Some((resolved(date, Precision::Month, "year-month"), next + 2, true));
        }
        let (day, digits) = self.number(next + 3)?;
        let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| digits <= 2)?;
        Some((resolved(date, Precision::Day, "iso"), next + 4, true))
    }

    /// `31/05/2026`, `31.05.26`, `05-31-2026`, in the configured order.
    fn numeric(&self, at: usize) -> Option<Parsed> {
        let (first, first_digits) = self.number(at)?;
        let separator = ['/', '.', '-'].into_iter().find(|mark| self.is_mark(at + 1, *mark))?;
        let (second, second_digits) = self.number(at + 2)?;
        let (third, third_digits) = self.number(at + 4)?;
        let tight = (at + 1..at + 5).all(|inner| !self.tokens[inner].spaced);
        if !tight || !self.is_mark(at + 3, separator) || first_digits > 2 || second_digits > 2 {
            return None;
        }
        let year = match third_digits {
            4 => i32::try_from(third).ok().filter(|year| (1970..=2199).contains(year))?,
            // Two digits are a year only where versions and addresses do not look alike.
            2 if separator == '/' || self.is_whole || separator == '-' && self.stands_alone(at, at + 5) => {
                2000 + i32::try_from(third).ok()?
            }
            _ => return None,
        };
        let meant = self.in_order(first, second, separator, "numeric", |month, day| {
            NaiveDate::from_ymd_opt(year, month, day)
        })?;
        Some((meant, at + 5, true))
    }

    /// `31/12`, `1.12.`, where the whole text is a date: two numbers may be anything else.
    fn day_of_month(&self, at: usize) -> Option<Parsed> {
        let reference = self.context.reference.filter(|_| self.is_whole)?;
        let (first, first_digits) = self.number(at)?;
        let separator = ['/', '.'].into_iter().find(|mark| self.is_mark(at + 1, *mark))?;
        let (second, second_digits) = self.number(at + 2)?;
        let tight = (at + 1..at + 3).all(|inner| !self.tokens[inner].spaced);
        let goes_on = self.is_mark(at + 3, separator) && self.number(at + 4).is_some();
        if !tight || goes_on || first_digits > 2 || second_digits > 2 {
            return None;
        }
        let near = |month, day| calendar::near(reference, month, day);
        let meant = self.in_order(first, second, separator, "day-of-month", near)?;
        let is_dotted = self.is_mark(at + 3, separator) && !self.tokens[at + 3].spaced;
        Some((meant, at + 3 + usize::from(is_dotted), false))
    }

    /// The day that two numbers are in the configured order, or in the other where that is none; `day` makes it of a
    /// month and a day.
    fn in_order(
        &self,
        first: u32,
        second: u32,
        separator: char,
        rule: &'static str,
        day: impl Fn(u32, u32) -> Option<NaiveDate>,
    ) -> Option<ResolvedDate> {
        let day_first = separator == '.' || self.context.order == DateOrder::DayFirst;
        let (preferred, other) = if day_first {
            (day(second, first), day(first, second))
        } else {
            (day(first, second), day(second, first))
        };
        let mut meant = resolved(preferred.or(other)?, Precision::Day, rule);
        if let (Some(taken), Some(other)) = (preferred, other)
            && taken != other
            && separator != '.'
            && !self.context.is_decided
        {
            meant.warning = Some(format!("the date is read as {taken}; it could also mean {other}"));
        }
        Some(meant)
    }

    /// Whether space or nothing stands around some tokens, as around "5-26-21".
    fn stands_alone(&self, from: usize, to: usize) -> bool {
        let opens = self.tokens[from].spaced
            || from > 0 && (self.is_mark(from - 1, '(') || self.is_mark(from - 1, '*'));
        let closes = self.tokens.get(to).is_none_or(|token| {
            token.spaced || [',', '.', ')', ':', ';', '*'].into_iter().any(|mark| token.is_mark(mark))
        });
        opens && closes
    }

    /// The last day of a range within a month, "14-19" or "14 to 19", and the token behind it.
    fn last_day(&self, next: usize) -> Option<(u32, usize)> {
        let is_dash = ['-', '–', '—', '&'].into_iter().any(|mark| self.is_mark(next, mark));
        if !is_dash && !self.is_word(next, &["to", "and", "bis", "au", "al"]) {
            return None;
        }
        let (day, end) = self.day_number(next + 1)?;
        // "June 3-10:30" is a time, and "May 3-2026" a year.
        (!self.is_mark(end, ':')).then_some((day, end))
    }

    /// `30th April, 2024`, `30 April`, `30. April 2024`, `30 de abril de 2024`, `14-19 January 2026`.
    fn day_month(&self, at: usize) -> Option<Parsed> {
        let (first, next) = self.day_number(at)?;
        if let Some((day, end)) = self.last_day(next).filter(|(day, _)| *day > first)
            && let Some((month, end)) = self.month_name(end + usize::from(self.is_word(end, &["of", "de"])))
        {
            return self.with_year(day, month, end, "days");
        }
        let day = first;
        let next = next + usize::from(self.is_word(next, &["of", "de"]));
        let next = self.skip_marks(next, &['-', '/', '.']);
        let (month, next) = self.month_name(next)?;
        self.with_year(day, month, next, "day-month")
    }

    /// `April 30, 2024`, `Apr 30th`.
    fn month_day(&self, at: usize) -> Option<Parsed> {
        let (month, next) = self.month_name(at)?;
        let (day, next) = self.day_number(next)?;
        // "May 12:30" is a time of day, not the twelfth.
        if self.is_mark(next, ':') && self.number(next + 1).is_some() {
            return None;
        }
        // "January 14-19, 2026"; behind "January 14 and" a number may count anything else.
        if let Some((last, end)) = self.last_day(next).filter(|(last, _)| *last > day)
            && let Some(days) =
                self.with_year(last, month, end, "days").filter(|days| days.2 || self.is_whole)
        {
            return Some(days);
        }
        self.with_year(day, month, next, "month-day")
    }

    fn with_year(&self, day: u32, month: u32, next: usize, rule: &'static str) -> Option<Parsed> {
        let after = self.skip_marks(next, &[',', '-', '/', '.']);
        let after = after + usize::from(self.is_word(after, &["de"]));
        if let Some((year, end)) = self.year(after) {
            let date = NaiveDate::from_ymd_opt(year, month, day)?;
            return Some((resolved(date, Precision::Day, rule), end, true));
        }
        let date = calendar::near(self.context.reference?, month, day)?;
        Some((resolved(date, Precision::Day, rule), next, false))
    }

    /// `end of May`, `mid-June 2026`, `early Q3`, `end of the month`, `EOY`.
    fn part_of(&self, at: usize) -> Option<Parsed> {
        let reference = self.context.reference;
        let short = match self.word(at)? {
            "eod" | "cob" => Some((reference?, Precision::Day)),
            "eow" => Some((calendar::friday_of(reference?)?, Precision::Week)),
            "eom" => Some((calendar::end_of_month(reference?.year(), reference?.month())?, Precision::Month)),
            "eoq" => {
                let reference = reference?;
                let date = calendar::end_of_quarter(reference.year(), calendar::quarter_of(reference))?;
                Some((date, Precision::Quarter))
            }
            "eoy" => Some((calendar::end_of_year(reference?.year())?, Precision::Year)),
            _ => None,
        };
        if let Some((date, precision)) = short {
            if let Some((year, end)) = self.year(at + 1).filter(|_| precision == Precision::Year) {
                return Some((resolved(calendar::end_of_year(year)?, precision, "end-of"), end, true));
            }
            return Some((resolved(date, precision, "end-of"), at + 1, false));
        }
        let part = match self.word(at)? {
            "end" | "late" | "ende" | "fin" | "finales" => Part::End,
            "mid" | "middle" | "mitte" => Part::Middle,
            "early" | "beginning" | "start" | "anfang" => Part::Start,
            _ => return None,
        };
        let mut next = at + 1;
        while self.is_mark(next, '-')
            || self.is_word(next, &["of", "the", "in", "de", "this"]) && next < at + 4
        {
            next += 1;
        }
        if let Some((month, after)) = self.month_name(next) {
            let (year, end, absolute) = match self.year(self.skip_marks(after, &[','])) {
                Some((year, end)) => (year, end, true),
                None => (calendar::near(reference?, month, 28)?.year(), after, false),
            };
            let last = calendar::end_of_month(year, month)?;
            let date = match part {
                Part::End => last,
                Part::Middle => last.with_day(15)?,
                Part::Start => last.with_day(10)?,
            };
            return Some((resolved(date, Precision::Month, "end-of"), end, absolute));
        }
        if let Some((period, end, absolute)) = self.quarter_or_half(next) {
            return Some((ResolvedDate { rule: "end-of", ..period }, end, absolute));
        }
        if let Some((year, end)) = self.year(next) {
            return Some((resolved(calendar::end_of_year(year)?, Precision::Year, "end-of"), end, true));
        }
        let step = u32::from(self.is_word(next, &["next"]));
        let next = next + usize::from(step == 1);
        let (date, precision) = self.period(self.word(next)?, step)?;
        Some((resolved(date, precision, "end-of"), next + 1, false))
    }

    /// The end of the current week, month, quarter, or year, or of the one `step` later.
    fn period(&self, unit: &str, step: u32) -> Option<(NaiveDate, Precision)> {
        let reference = self.context.reference?;
        let (months, precision) = match unit {
            "day" => return Some((reference.checked_add_days(Days::new(u64::from(step)))?, Precision::Day)),
            "week" => {
                let day = reference.checked_add_days(Days::new(7 * u64::from(step)))?;
                return Some((calendar::friday_of(day)?, Precision::Week));
            }
            "month" => (step, Precision::Month),
            "quarter" => (3 * step, Precision::Quarter),
            "year" => (12 * step, Precision::Year),
            _ => return None,
        };
        let day = reference.with_day(1)?.checked_add_months(Months::new(months))?;
        let date = match precision {
            Precision::Month => calendar::end_of_month(day.year(), day.month())?,
            Precision::Quarter => calendar::end_of_quarter(day.year(), calendar::quarter_of(day))?,
            _ => calendar::end_of_year(day.year())?,
        };
        Some((date, precision))
    }

    /// `Q3 2026`, `2026 Q3`, `2026-H2`, `Q3`, `Q3/26`.
    fn quarter_or_half(&self, at: usize) -> Option<Parsed> {
        let (leading_year, next) = match self.year(at) {
            Some((year, next)) => (Some(year), self.skip_marks(next, &['-', '/'])),
            None => (None, at),
        };
        let precision = match self.word(next)? {
            "q" => Precision::Quarter,
            "h" => Precision::Half,
            _ => return None,
        };
        let (index, digits) = self.number(next + 1)?;
        if digits != 1 || self.tokens[next + 1].spaced {
            return None;
        }
        let end_in = |year: i32| match precision {
            Precision::Quarter => calendar::end_of_quarter(year, index),
            _ => calendar::end_of_half(year, index),
        };
        let rule = if precision == Precision::Quarter { "quarter" } else { "half" };
        if let Some(year) = leading_year {
            return Some((resolved(end_in(year)?, precision, rule), next + 2, true));
        }
        let after = next + 2 + usize::from(self.is_word(next + 2, &["of"]));
        if let Some((year, end)) = self.year(self.skip_marks(after, &[',', '-', '/'])) {
            return Some((resolved(end_in(year)?, precision, rule), end, true));
        }
        let reference = self.context.reference?;
        let this_year = end_in(reference.year())?;
        let date = if this_year < reference { end_in(reference.year() + 1)? } else { this_year };
        Some((resolved(date, precision, rule), next + 2, false))
    }

    /// `within 30 days`, `in 2 weeks`, `next two months`, `30 days` where the whole text is a date.
    fn within(&self, at: usize) -> Option<Parsed> {
        let reference = self.context.reference?;
        let mut next = at;
        let mut led = false;
        while self.is_word(
            next,
            &["within", "in", "after", "over", "the", "next", "coming", "following", "innerhalb"],
        ) && next < at + 3
        {
            led |= !self.is_word(next, &["the"]);
            next += 1;
        }
        if !led && !self.is_whole {
            return None;
        }
        let count = match self.tokens.get(next)?.number() {
            Some((count, digits)) if digits <= 4 => count,
            Some(_) => return None,
            // "next week" is a period and "within a week" is seven days.
            None => {
                let count = small_number(self.word(next)?)?;
                if !led {
                    return None;
                }
                count
            }
        };
        next += 1;
        let working = self.is_word(next, &["business", "working", "work"]);
        next += usize::from(working || self.is_word(next, &["calendar"]));
        let date = match self.word(next)? {
            "day" | "days" | "d" if working => calendar::add_working_days(reference, count)?,
            "day" | "days" | "tage" | "tagen" | "jours" | "días" | "dias" => {
                reference.checked_add_days(Days::new(u64::from(count)))?
            }
            "week" | "weeks" | "wochen" | "semaines" | "semanas" => {
                reference.checked_add_days(Days::new(7 * u64::from(count)))?
            }
            "fortnight" | "fortnights" => reference.checked_add_days(Days::new(14 * u64::from(count)))?,
            "month" | "months" | "monate" | "monaten" | "mois" | "meses" => {
                reference.checked_add_months(Months::new(count))?
            }
            "quarter" | "quarters" => reference.checked_add_months(Months::new(count.checked_mul(3)?))?,
            "year" | "years" => reference.checked_add_months(Months::new(count.checked_mul(12)?))?,
            "hour" | "hours" => reference.checked_add_days(Days::new(u64::from(count.div_ceil(24))))?,
            _ => return None,
        };
        Some((resolved(date, Precision::Day, "within"), next + 1, false))
    }

    /// `tomorrow`, `next Friday`, `this month`, `next quarter`.
    fn relative(&self, at: usize) -> Option<Parsed> {
        let reference = self.context.reference?;
        let day =
            |date: NaiveDate, end: usize| Some((resolved(date, Precision::Day, "relative"), end, false));
        match self.word(at)? {
            "today" | "heute" | "hoje" if self.is_whole => return day(reference, at + 1),
            "tomorrow" | "morgen" => return day(reference.succ_opt()?, at + 1),
            "fortnight" if self.is_whole => return day(reference.checked_add_days(Days::new(14))?, at + 1),
            "next" | "coming" | "this" => {}
            _ => {
                let is_led = || at > 0 && self.is_word(at - 1, &["by", "until", "till", "bis"]);
                let weekday = self.weekday(at).filter(|_| self.is_whole || is_led())?;
                let follows_date = (at + 1..at + 4).any(|next| self.day_number(next).is_some());
                return if follows_date {
                    None
                } else {
                    day(calendar::next_weekday(reference, weekday)?, at + 1)
                };
            }
        }
        if let Some(weekday) = self.weekday(at + 1) {
            return day(calendar::next_weekday(reference, weekday)?, at + 2);
        }
        let step = u32::from(self.word(at)? != "this");
        let unit = self.word(at + 1).filter(|unit| matches!(*unit, "week" | "month" | "quarter" | "year"))?;
        let (date, precision) = self.period(unit, step)?;
        Some((resolved(date, precision, "relative"), at + 2, false))
    }

    fn weekday(&self, at: usize) -> Option<Weekday> {
        self.word(at).filter(|word| word.len() >= 3)?.parse().ok()
    }

    /// `May 2026`, and `May` where the whole text is a date.
    fn month(&self, at: usize) -> Option<Parsed> {
        let (month, next) = self.month_name(at)?;
        if let Some((year, end)) = self.year(self.skip_marks(next, &[',', '-', '/'])) {
            return Some((
                resolved(calendar::end_of_month(year, month)?, Precision::Month, "month"),
                end,
                true,
            ));
        }
        let reference = self.context.reference.filter(|_| self.is_whole && next == self.tokens.len())?;
        let year = calendar::near(reference, month, 28)?.year();
        Some((resolved(calendar::end_of_month(year, month)?, Precision::Month, "month"), next, false))
    }
}

/// Which part of a month is meant.
#[derive(Clone, Copy)]
enum Part {
    Start,
    Middle,
    End,
}

fn small_number(word: &str) -> Option<u32> {
    let numbers =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match word {
        "a" | "an" => Some(1),
        _ => numbers.iter().zip(1..).find(|(name, _)| **name == word).map(|(_, number)| number),
    }
}
