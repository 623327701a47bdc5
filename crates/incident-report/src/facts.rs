//! The facts of a report: what happened when, how bad it was, why, and who was there.
//!
//! Invariant: a fact is only told when the report states it. Of several statements the most explicit wins:
//! a labelled value before the title, the title before running text.

mod labelled;
mod people;
mod severity;
mod when;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

pub use self::people::Person;
pub use self::severity::Severity;

use self::labelled::Labelled;
use crate::document::{Block, BlockKind, Document, LABEL_LEVEL, one_line};
use crate::outline::Section;
use crate::words::{self, Field, Topic};
use crate::{Format, Options, Warning, language, text};

/// The longest root cause that is kept, in characters: a paragraph or two, not a chapter.
const MAX_ROOT_CAUSE: usize = 4_000;

/// What a report says about the incident and about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReportFacts {
    /// The title of the report.
    pub title: Option<String>,
    /// The (first) day of the incident.
    pub incident_date: Option<NaiveDate>,
    /// The day of the report.
    pub report_date: Option<NaiveDate>,
    /// When the incident began, where the report gives a time and a zone is known.
    pub started_at: Option<DateTime<FixedOffset>>,
    /// When it was over.
    pub resolved_at: Option<DateTime<FixedOffset>>,
    /// How long it lasted: between the two times, else as stated.
    pub duration_minutes: Option<i64>,
    /// The severity on the scale of four.
    pub severity: Option<Severity>,
    /// The severity as written.
    pub severity_text: Option<String>,
    /// The services concerned, as written.
    pub services: Vec<String>,
    /// Why it happened, in the words of the report.
    pub root_cause: Option<String>,
    /// The people named with their roles.
    pub people: Vec<Person>,
    /// The ISO 639-1 code of the report's language, where it can be told.
    pub language: Option<String>,
    /// The format it was read as.
    pub format: Format,
    /// The name of the source, as given in the options.
    pub source: Option<String>,
}

/// Gathers the facts.
pub(crate) fn gather(
    document: &Document,
    sections: &[Section<'_>],
    format: Format,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> ReportFacts {
    let labelled = labelled::collect(document, sections);
    let title = title(document, sections, &labelled);
    let times = when::times(sections, &labelled, title.as_deref(), options, warnings);
    let (severity, severity_text) = severity::of(&labelled, title.as_deref());
    ReportFacts {
        incident_date: times.incident_date,
        report_date: times.report_date,
        started_at: times.started_at,
        resolved_at: times.resolved_at,
        duration_minutes: times.duration_minutes,
        severity,
        severity_text,
        services: services(&labelled),
        root_cause: root_cause(sections, &labelled),
        people: people::of(sections, &labelled),
        language: language::of(words(document)),
        format,
        source: options.source.clone(),
        title,
    }
}

/// The title: of the front matter, else the first heading that announces nothing else, else a labelled one.
fn title(document: &Document, sections: &[Section<'_>], labelled: &[Labelled]) -> Option<String> {
    let metadata = document.blocks.first().and_then(|block| match &block.kind {
        BlockKind::FrontMatter(pairs) => pairs.iter().find(|pair| pair.key.eq_ignore_ascii_case("title")),
        _ => None,
    });
    if let Some(pair) = metadata {
        return Some(pair.value.clone());
    }
    let first_heading = || {
        let heading = sections
            .iter()
            .filter_map(|section| Some((section, section.heading?)))
            .find(|(section, heading)| heading.level == 1 || (heading.level == 2 && section.own.is_none()))?;
        (!heading.1.text.is_empty()).then(|| heading.1.text.plain.clone())
    };
    let by_label = || {
        labelled.iter().find(|labelled| labelled.field == Field::Title).map(|labelled| labelled.value.clone())
    };
    let is_headed = sections.iter().any(|section| section.heading.is_some_and(|heading| heading.level == 1));
    let in_bold = || bold_title(document).filter(|_| !is_headed);
    in_bold()
        .or_else(first_heading)
        .or_else(by_label)
        .map(|title| text::collapse(text::strip_pictures(&title)))
        .filter(|t| !t.is_empty())
}

/// A first line in bold, with at most a bracket behind it: "**Oven fire** (SEV-3)".
fn bold_title(document: &Document) -> Option<String> {
    let is_text = |block: &&Block| !matches!(block.kind, BlockKind::FrontMatter(_) | BlockKind::Rule);
    let line = match &document.blocks.iter().find(is_text)?.kind {
        BlockKind::Paragraph(lines) => &lines.first()?.text,
        BlockKind::Heading(heading) if heading.level == LABEL_LEVEL => &heading.text,
        _ => return None,
    };
    let (title, rest) = line.plain.split_at(line.bold);
    let rest = rest.trim();
    let is_bracket = rest.starts_with(['(', '[']) && rest.find([')', ']']) == Some(rest.len() - 1);
    let is_label = title.trim_end().ends_with([':', '：'])
        || words::whole_topic(title).is_some()
        || text::label_and_value(title).is_some_and(|(label, _)| words::field(label).is_some());
    let is_title = (2..=20).contains(&text::word_count(title)) && text::sentences(title).len() == 1;
    (is_title && !is_label && (rest.is_empty() || is_bracket)).then(|| line.plain.clone())
}

fn services(labelled: &[Labelled]) -> Vec<String> {
    let values = labelled.iter().filter(|labelled| labelled.field == Field::Services);
    let mut services: Vec<String> = Vec::new();
    for value in values.flat_map(|labelled| labelled.value.split([',', ';', '、'])) {
        let name = value.trim().trim_end_matches('.').trim_start_matches("and ").trim();
        // A sentence is no name of a service.
        if !name.is_empty() && text::word_count(name) <= 5 && !services.iter().any(|known| known == name) {
            services.push(name.to_owned());
        }
    }
    services
}

/// The root cause: the section about it, else a labelled value.
fn root_cause(sections: &[Section<'_>], labelled: &[Labelled]) -> Option<String> {
    let told = sections
        .iter()
        .filter(|section| section.topic == Some(Topic::RootCause))
        .map(prose)
        .find(|told| text::word_count(told) > 2);
    told.or_else(|| {
        let value = labelled.iter().filter(|labelled| labelled.field == Field::RootCause);
        value.map(|labelled| labelled.value.clone()).find(|value| text::word_count(value) > 1)
    })
}

/// The words of a section: its paragraphs, and the items of its lists.
fn prose(section: &Section<'_>) -> String {
    let mut told = String::new();
    let mut add = |words: &str| {
        if told.len() < MAX_ROOT_CAUSE && !words.is_empty() {
            if !told.is_empty() {
                told.push('\n');
            }
            told.push_str(words);
        }
    };
    for block in section.blocks {
        match &block.kind {
            BlockKind::Paragraph(lines) => add(&one_line(lines).plain),
            BlockKind::List(list) => {
                for item in &list.items {
                    add(&item.own_text().0.plain);
                }
            }
            _ => {}
        }
    }
    match told.char_indices().nth(MAX_ROOT_CAUSE) {
        Some((at, _)) => told[..at].to_owned(),
        None => told,
    }
}

/// All words of the document's own text, for telling its language.
fn words(document: &Document) -> impl Iterator<Item = &str> {
    document.blocks.iter().flat_map(|block| {
        let texts: Vec<&str> = match &block.kind {
            BlockKind::Paragraph(lines) => lines.iter().map(|line| line.text.plain.as_str()).collect(),
            BlockKind::Heading(heading) => vec![heading.text.plain.as_str()],
            BlockKind::List(list) => list
                .items
                .iter()
                .filter_map(|item| match &item.blocks.first()?.kind {
                    BlockKind::Paragraph(lines) => Some(lines.iter().map(|line| line.text.plain.as_str())),
                    _ => None,
                })
                .flatten()
                .collect(),
            BlockKind::Table(table) => {
                table.rows.iter().flatten().map(|cell| cell.text.plain.as_str()).collect()
            }
            _ => Vec::new(),
        };
        texts
    })
}

#[cfg(test)]
mod tests;
