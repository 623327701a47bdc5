//! When the incident began and ended, and when the report was written.
//!
//! Invariant: explicit statements win over found ones, in the order labelled value, title, running text;
//! a time without a zone stays untold unless a default zone is given.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

use super::labelled::Labelled;
use crate::dates::{DateContext, FoundDate, Precision, clock, find_dates};
use crate::document::{BlockKind, Line, one_line};
use crate::outline::Section;
use crate::words::{self, Field, Phrases, Topic};
use crate::{Options, Warning, actions, text};

/// The times of a report.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) incident_date: Option<NaiveDate>,
    pub(super) report_date: Option<NaiveDate>,
    pub(super) started_at: Option<DateTime<FixedOffset>>,
    pub(super) resolved_at: Option<DateTime<FixedOffset>>,
    pub(super) duration_minutes: Option<i64>,
}

/// How many paragraphs of running text are searched for dates and ranges.
const SEARCHED: usize = 40;

/// How much of each is searched, in bytes: they are searched several times.
const MAX_TEXT: usize = 4_000;

/// How many days before its own date a report tells of an incident, where its date stands beside it without a word.
const TOLD_WITHIN_DAYS: i64 = 21;

/// How many words a label has at most.
const MAX_LABEL: usize = 5;

/// Finds the times.
pub(super) fn times(
    sections: &[Section<'_>],
    labelled: &[Labelled],
    title: Option<&str>,
    dates: &DateContext,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Times {
    let values = |field: Field| labelled.iter().filter(move |labelled| labelled.field == field);
    let prose = prose(sections);
    let timeline = timeline(sections);
    let mut days = Days { dates, anchor: None, warnings };
    let of = |value: &'_ Labelled| Some(value.line);

    let mut report_date = values(Field::ReportDate).find_map(|value| days.first(&value.value, of(value)));
    let is_bare = |value: &&Labelled| is_bare_date(&value.label);
    let bare_day =
        values(Field::IncidentDate).filter(is_bare).find_map(|value| days.first(&value.value, of(value)));
    // Days without a year are those before the report's date, or beside another date of the report.
    days.anchor = report_date.or(bare_day).or_else(|| year_told(title, labelled, &prose, &timeline, dates));

    let labelled_day = values(Field::IncidentDate)
        .filter(|value| !is_bare(value))
        .chain(values(Field::StartedAt))
        .find_map(|value| days.first(&value.value, of(value)));
    let in_title = title.and_then(|title| days.first(title, None).or_else(|| compact_day(title)));
    // "Date: 9 June" over "On 6 June the pump failed" is the date of the report.
    let told_before = bare_day.filter(|_| labelled_day.is_none() && in_title.is_none()).and_then(|day| {
        let mut told = prose.iter().filter_map(|(text, line)| days.told_on(text, Some(*line)));
        told.find(|told| *told != day)
            .filter(|told| (1..=TOLD_WITHIN_DAYS).contains(&(day - *told).num_days()))
    });
    if told_before.is_some() {
        report_date = report_date.or(bare_day);
    }
    // A title tells the day on which it was noticed, and the text that it began the day before.
    let in_title = in_title.map(|day| {
        let first = prose.iter().chain(&timeline).find_map(|(text, line)| days.with_year(text, Some(*line)));
        first.filter(|first| (day - *first).num_days() == 1).unwrap_or(day)
    });
    let incident_date = labelled_day
        .or(told_before)
        .or(bare_day)
        .or(in_title)
        .or_else(|| values(Field::Window).find_map(|value| days.first(&value.value, of(value))))
        .or_else(|| prose.iter().find_map(|(text, line)| days.with_year(text, Some(*line))))
        .or_else(|| timeline.iter().find_map(|(text, line)| days.with_year(text, Some(*line))))
        .or_else(|| prose.iter().chain(&timeline).find_map(|(text, line)| days.first(text, Some(*line))))
        .or_else(|| {
            let name = options.source.as_deref()?;
            days.first(name, None).or_else(|| compact_day(name))
        });
    // A page is dated when it tells of no other day, and is not written days before what it tells.
    let page_date = values(Field::ReportDate)
        .filter(|value| is_bare_date(&value.label))
        .find_map(|value| days.first(&value.value, of(value)));
    let incident_date = match (incident_date, page_date) {
        (Some(day), Some(page)) if (day - page).num_days() > 1 && labelled_day.is_none() => Some(page),
        (day, page) => day.or(page),
    };
    let context = dates;

    let moment = |field: Field| {
        values(field).find_map(|value| {
            clock::moments(&value.value, context).first()?.resolve(incident_date, options.timezone)
        })
    };
    let range_in = |text: &str| clock::range(text, context)?.resolve(incident_date, options.timezone);
    let range = values(Field::Window)
        .chain(values(Field::StartedAt))
        .chain(values(Field::IncidentDate))
        .find_map(|value| range_in(&value.value))
        .or_else(|| prose.iter().find_map(|(text, _)| range_in(text)));

    let labelled_start = moment(Field::StartedAt);
    let labelled_end = moment(Field::ResolvedAt);
    // A labelled end belongs to a labelled start; mixing it with a range found elsewhere would invent a time.
    let (started_at, resolved_at) = match (labelled_start, labelled_end) {
        (None, None) => range.map_or((None, None), |(from, to)| (Some(from), Some(to))),
        (Some(start), Some(end)) if end < start => {
            let message = format!("the report says it was resolved at {end}, before it started at {start}");
            warnings.push(Warning { code: "times-reversed", message, line: None });
            (Some(start), None)
        }
        labelled => labelled,
    };
    let between = started_at.zip(resolved_at).map(|(start, end)| (end - start).num_minutes());
    let stated = || values(Field::Window).find_map(|value| clock::duration_minutes(&value.value));
    let incident_date = incident_date.or_else(|| started_at.map(|start| start.date_naive()));
    Times { incident_date, report_date, started_at, resolved_at, duration_minutes: between.or_else(stated) }
}

/// Whether a label says no more than that its value is a date.
fn is_bare_date(label: &str) -> bool {
    matches!(text::fold(label).as_str(), "date" | "dato" | "datum" | "fecha" | "data" | "дата" | "日期")
}

/// Finds days in texts.
struct Days<'a> {
    dates: &'a DateContext,
    /// The day near which days without a year are.
    anchor: Option<NaiveDate>,
    warnings: &'a mut Vec<Warning>,
}

impl Days<'_> {
    /// The first day in a text.
    fn first(&mut self, text: &str, line: Option<usize>) -> Option<NaiveDate> {
        self.find(text, line, |_, _| true)
    }

    /// The first day in a text whose year is told there.
    fn with_year(&mut self, text: &str, line: Option<usize>) -> Option<NaiveDate> {
        self.find(text, line, |_, is_told| is_told)
    }

    /// The first day of which a text says that something was on it: "On 6 June the pump failed".
    fn told_on(&mut self, text: &str, line: Option<usize>) -> Option<NaiveDate> {
        self.find(text, line, |before, _| {
            let mut words = before.trim_end_matches([' ', ',', '(', '*', '_']).rsplit(' ');
            let last = words.next().unwrap_or("").to_lowercase();
            let is_weekday = last.len() > 2 && last.parse::<chrono::Weekday>().is_ok();
            let lead = if is_weekday { words.next().unwrap_or("").to_lowercase() } else { last };
            // "It burned in three nights: 26 November, 27 November"; a label is short.
            let lists = before.trim_end().ends_with(':') && text::word_count(before) > MAX_LABEL;
            lists || matches!(lead.as_str(), "on" | "am" | "le" | "el" | "em" | "den" | "il")
        })
    }

    fn find(
        &mut self,
        text: &str,
        line: Option<usize>,
        fits: impl Fn(&str, bool) -> bool,
    ) -> Option<NaiveDate> {
        let context = DateContext { reference: self.anchor, ..*self.dates };
        let all = find_dates(text, &context);
        let is_day = |found: &FoundDate| {
            let is_written =
                matches!(found.resolved.rule, "iso" | "numeric" | "day-month" | "month-day" | "days");
            found.resolved.precision == Precision::Day && is_written && !is_due(&text[..found.start])
        };
        // "October 21 and October 30, 2025": the next year told is that of both.
        let next = |at: usize| all[at + 1..].first().filter(|next| next.is_absolute && is_day(next));
        let at = (0..all.len()).find(|at| {
            let found = &all[*at];
            is_day(found) && fits(&text[..found.start], found.is_absolute || next(*at).is_some())
        })?;
        let found = &all[at];
        let mut day = found.resolved.date;
        if found.resolved.rule == "days" {
            day = first_of_range(&text[found.start..found.end], day);
        }
        if !found.is_absolute {
            day = match next(at) {
                Some(next) => before(day, next.resolved.date),
                None => beside(day, self.anchor?),
            }?;
        }
        if let Some(message) = &found.resolved.warning {
            let warning = Warning { code: "ambiguous-date", message: message.clone(), line };
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        Some(day)
    }
}

/// The first day of a range within a month: "14-19 January" with its last day.
fn first_of_range(written: &str, last: NaiveDate) -> NaiveDate {
    let mut numbers =
        written.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<u32>().ok());
    numbers.next().and_then(|day| last.with_day(day)).unwrap_or(last)
}

/// A day of any year in the year that ends with `last`.
fn before(day: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
    let same = day.with_year(last.year())?;
    if same <= last { Some(same) } else { same.with_year(last.year() - 1) }
}

/// A day of any year in the year in which it is nearest to another.
fn beside(day: NaiveDate, anchor: NaiveDate) -> Option<NaiveDate> {
    let years = [anchor.year(), anchor.year() - 1, anchor.year() + 1];
    let near = years.into_iter().filter_map(|year| day.with_year(year));
    near.min_by_key(|day| (*day - anchor).num_days().abs())
}

/// A day in the year that a report tells elsewhere: of the first date with its year, or else of the first period.
fn year_told(
    title: Option<&str>,
    labelled: &[Labelled],
    prose: &[(String, usize)],
    timeline: &[(String, usize)],
    dates: &DateContext,
) -> Option<NaiveDate> {
    let texts = title.into_iter().chain(labelled.iter().map(|value| value.value.as_str()));
    let texts = texts.chain(prose.iter().chain(timeline).map(|(text, _)| text.as_str()));
    let mut period = None;
    for text in texts {
        for found in find_dates(text, dates).into_iter().filter(|found| found.is_absolute) {
            match found.resolved.precision {
                Precision::Day => return Some(found.resolved.date),
                _ => period = period.or(Some(found.resolved.date)),
            }
        }
    }
    period
}

/// A day written without marks, as names of files have it: "20220420_pump".
fn compact_day(name: &str) -> Option<NaiveDate> {
    let mut digits = name.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 8);
    digits.find_map(|digits| {
        let day = NaiveDate::parse_from_str(digits, "%Y%m%d").ok()?;
        (2000..2100).contains(&day.year()).then_some(day)
    })
}

/// Whether a date is labelled as due by the words before it: "Due: ", "(due date ", "deadline is ".
fn is_due(before: &str) -> bool {
    let start = before.char_indices().rev().take(30).last().map_or(0, |(at, _)| at);
    let clause = before[start..].rsplit(['.', ',', ';', '(', '[', '|']).next().unwrap_or("");
    let folded = text::fold(clause);
    let mut last = folded.rsplit(' ').filter(|word| !matches!(*word, "is" | "on" | "the"));
    let (last, second) = (last.next().unwrap_or(""), last.next().unwrap_or(""));
    // "Date" and "by" alone say what happened as often as what is due.
    let labels = [last.to_owned(), format!("{second} {last}")];
    labels.iter().any(|label| !matches!(label.as_str(), "date" | "by") && words::is(Phrases::DueLabel, label))
}

/// The paragraphs that may tell when it happened, with their lines.
fn prose(sections: &[Section<'_>]) -> Vec<(String, usize)> {
    let tells = |section: &&Section<'_>| {
        matches!(
            section.topic,
            None | Some(Topic::Summary | Topic::Details | Topic::Impact | Topic::Detection)
        )
    };
    texts(sections.iter().filter(tells))
}

fn timeline(sections: &[Section<'_>]) -> Vec<(String, usize)> {
    let timelines = || sections.iter().filter(|section| section.topic == Some(Topic::Timeline));
    let mut told: Vec<(String, usize)> = timelines()
        .filter_map(|section| Some((section.heading?.text.plain.clone(), section.span.first)))
        .collect();
    told.extend(texts(timelines()));
    told
}

/// The words of a paragraph, without the lines that say when the report was written.
fn told(lines: &[Line]) -> Option<(String, usize)> {
    let dates_report = |line: &Line| {
        text::label_and_value(&line.text.plain)
            .is_some_and(|(label, _)| words::field(label) == Some(Field::ReportDate) || is_update(label))
    };
    let kept: Vec<Line> = lines.iter().filter(|line| !dates_report(line)).cloned().collect();
    let first = kept.first()?.number;
    Some((one_line(&kept).plain, first))
}

/// Whether a label is that of the day on which a page was changed.
fn is_update(label: &str) -> bool {
    matches!(text::fold(label).as_str(), "updated" | "last updated" | "modified" | "last modified" | "update")
}

fn texts<'d>(sections: impl Iterator<Item = &'d Section<'d>>) -> Vec<(String, usize)> {
    let mut texts: Vec<(String, usize)> = Vec::new();
    for block in sections.flat_map(|section| section.blocks) {
        match &block.kind {
            BlockKind::Paragraph(lines) if lines.iter().any(|line| actions::is_marked(&line.text.plain)) => {}
            BlockKind::Paragraph(lines) => texts.extend(told(lines)),
            // The dates of work to be done are not those of the incident.
            BlockKind::List(list) => {
                let told = list.items.iter().take(SEARCHED).filter(|item| !actions::is_work(item));
                texts.extend(told.map(|item| (item.own_text().0.plain, item.span.first)));
            }
            BlockKind::Table(table) if actions::is_action_table(table) => {}
            BlockKind::Table(table) => texts.extend(table.rows.iter().filter_map(|row| {
                let line = row.first()?.line;
                Some((row.iter().map(|cell| cell.text.plain.as_str()).collect::<Vec<_>>().join(" "), line))
            })),
            _ => {}
        }
        if texts.len() >= SEARCHED {
            texts.truncate(SEARCHED);
            break;
        }
    }
    for (text, _) in &mut texts {
        let end = (0..=MAX_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
    texts
}
