//! When the incident began and ended, and when the report was written.
//!
//! Invariant: explicit statements win over found ones, in the order labelled value, title, running text;
//! a time without a zone stays untold unless a default zone is given.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::labelled::Labelled;
use crate::dates::{DateContext, Precision, clock, find_dates};
use crate::document::{BlockKind, one_line};
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

/// Finds the times.
pub(super) fn times(
    sections: &[Section<'_>],
    labelled: &[Labelled],
    title: Option<&str>,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Times {
    let context = DateContext { reference: None, order: options.date_order };
    let values = |field: Field| labelled.iter().filter(move |labelled| labelled.field == field);
    let mut day_in = |text: &str, line: Option<usize>| first_day(text, &context, line, warnings);

    let report_date = values(Field::ReportDate).find_map(|value| day_in(&value.value, Some(value.line)));
    let labelled_day = values(Field::IncidentDate).find_map(|value| day_in(&value.value, Some(value.line)));
    let prose = prose(sections);
    let incident_date = labelled_day
        .or_else(|| values(Field::StartedAt).find_map(|value| day_in(&value.value, Some(value.line))))
        .or_else(|| title.and_then(|title| day_in(title, None)))
        .or_else(|| values(Field::Window).find_map(|value| day_in(&value.value, Some(value.line))))
        .or_else(|| prose.iter().find_map(|(text, line)| day_in(text, Some(*line))))
        .or_else(|| timeline(sections).iter().find_map(|(text, line)| day_in(text, Some(*line))))
        .or_else(|| options.source.as_deref().and_then(|name| day_in(name, None)));

    let moment = |field: Field| {
        values(field).find_map(|value| {
            clock::moments(&value.value, &context).first()?.resolve(incident_date, options.timezone)
        })
    };
    let range_in = |text: &str| clock::range(text, &context)?.resolve(incident_date, options.timezone);
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

/// The first day written with its year in a text.
fn first_day(
    text: &str,
    context: &DateContext,
    line: Option<usize>,
    warnings: &mut Vec<Warning>,
) -> Option<NaiveDate> {
    let found = find_dates(text, context).into_iter().find(|found| {
        found.is_absolute && found.resolved.precision == Precision::Day && !is_due(&text[..found.start])
    })?;
    if let Some(message) = found.resolved.warning {
        let warning = Warning { code: "ambiguous-date", message, line };
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    Some(found.resolved.date)
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

fn texts<'d>(sections: impl Iterator<Item = &'d Section<'d>>) -> Vec<(String, usize)> {
    let mut texts = Vec::new();
    for block in sections.flat_map(|section| section.blocks) {
        match &block.kind {
            BlockKind::Paragraph(lines) if lines.iter().any(|line| actions::is_marked(&line.text.plain)) => {}
            BlockKind::Paragraph(lines) => texts.push((one_line(lines).plain, block.span.first)),
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
    texts
}
