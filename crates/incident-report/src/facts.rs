//! The facts of a report: what happened when, how bad it was, why, and who was there.
//!
//! Invariant: a fact is only told when the report states it. Of several statements the most explicit wins:
//! a labelled value before the title, the title before running text.

mod labelled;
mod people;
mod severity;
mod when;

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

pub use self::people::Person;
pub use self::severity::Severity;

use self::labelled::Labelled;
use crate::dates::DateContext;
use crate::document::{Block, BlockKind, Document, Heading, LABEL_LEVEL, one_line};
use crate::outline::Section;
use crate::words::{self, Field, Phrases, Topic};
use crate::{Format, Options, Warning, language, lines, template, text};

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
    dates: &DateContext,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> ReportFacts {
    let labelled = labelled::collect(document, sections);
    let title = title(document, sections, &labelled);
    let times = when::times(sections, &labelled, title.as_deref(), dates, options, warnings);
    let (severity, severity_text) = severity::of(sections, &labelled, title.as_deref());
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
        BlockKind::FrontMatter(pairs) => pairs.iter().find(|pair| text::fold(&pair.key) == "title"),
        _ => None,
    });
    if let Some(pair) = metadata.filter(|pair| !is_gap_of_title(&pair.value)) {
        // Titles of pages are written for HTML: "post&#x2011;mortem".
        let unescaped = quick_xml::escape::unescape(&pair.value).map(Cow::into_owned);
        return Some(unescaped.unwrap_or_else(|_| pair.value.clone()));
    }
    let headings = || sections.iter().filter_map(|section| Some((section, section.heading?)));
    let first_heading = || {
        let is_single = headings().filter(|(_, heading)| heading.level == 1).count() == 1;
        let first_of_all = headings().position(|(_, heading)| heading.level == 1);
        let is_title = |(at, (section, heading)): &(usize, (&Section<'_>, &Heading))| {
            let plain = heading.text.plain.as_str();
            // "Incident: the lift stuck" is a title with its label.
            let is_field = text::label_and_value(plain)
                .and_then(|(label, _)| words::field(label))
                .is_some_and(|field| field != Field::Title);
            // Of several headings of the first level, one that announces a section is none.
            let announces = section.own.is_some() || words::whole_topic(plain).is_some();
            !is_field
                && match heading.level {
                    1 => is_single || !announces && first_of_all == Some(*at),
                    LABEL_LEVEL => false,
                    _ => *at == 0 && !announces,
                }
        };
        let (_, (_, heading)) = headings().enumerate().find(is_title)?;
        (!heading.text.is_empty() && !is_gap_of_title(&heading.text.plain))
            .then(|| heading.text.plain.clone())
    };
    let by_label = || {
        labelled.iter().find(|labelled| labelled.field == Field::Title).map(|labelled| labelled.value.clone())
    };
    let is_headed = sections.iter().any(|section| section.heading.is_some_and(|heading| heading.level == 1));
    let in_bold = || bold_title(document).filter(|_| !is_headed);
    let first_line_of_heading = headings().next().map_or(usize::MAX, |(section, _)| section.span.first);
    let on_top = || {
        let mut titles = labelled.iter().filter(|labelled| labelled.field == Field::Title);
        titles.find(|labelled| labelled.line < first_line_of_heading).map(|labelled| labelled.value.clone())
    };
    in_bold()
        .or_else(on_top)
        .or_else(first_heading)
        .or_else(by_label)
        .or_else(|| first_line(document))
        .map(|title| text::collapse(text::strip_pictures(&title)))
        .filter(|title| !title.is_empty() && !is_gap_of_title(title))
}

/// Whether a title is still to be written: `[What happened]`, `Incident: [short title]`.
fn is_gap_of_title(title: &str) -> bool {
    let value = text::label_and_value(title).map_or("", |(_, value)| value);
    template::is_gap(title) || !value.is_empty() && template::is_gap(value)
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

/// A first line that stands alone and is no sentence.
fn first_line(document: &Document) -> Option<String> {
    let is_text = |block: &&Block| !matches!(block.kind, BlockKind::FrontMatter(_) | BlockKind::Rule);
    let BlockKind::Paragraph(lines) = &document.blocks.iter().find(is_text)?.kind else { return None };
    let line = lines.first()?;
    let plain = line.text.plain.as_str();
    let is_label = text::label_and_value(plain)
        .is_some_and(|(label, value)| value.is_empty() || words::field(label).is_some());
    let is_title = (2..=14).contains(&text::word_count(plain))
        && !lines::ends_sentence(plain)
        && !plain.ends_with([':', '：', ','])
        && !plain.contains("://")
        && !is_label
        && words::whole_topic(plain).is_none()
        && plain.starts_with(char::is_alphanumeric)
        && lines.len() == 1;
    is_title.then(|| plain.to_owned())
}

fn services(labelled: &[Labelled]) -> Vec<String> {
    let values = labelled.iter().filter(|labelled| labelled.field == Field::Services);
    let mut services: Vec<String> = Vec::new();
    for value in values.flat_map(|labelled| labelled.value.split([',', ';', '、'])) {
        let name = value.trim().trim_end_matches('.').trim_start_matches("and ").trim();
        // A sentence is no name of a service.
        if !name.is_empty()
            && !template::is_gap(name)
            && text::word_count(name) <= 5
            && !services.iter().any(|known| known == name)
        {
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
            BlockKind::Paragraph(lines) => {
                let plain = one_line(lines).plain;
                match text::label_and_value(&plain) {
                    // "Root cause: a full disk." below "Root cause and resolution", and then "Resolution: …".
                    _ if template::is_gap(&plain) => {}
                    Some((label, value)) if words::field(label) == Some(Field::RootCause) => {
                        add(Some(value).filter(|value| !template::is_gap(value)).unwrap_or_default());
                    }
                    Some((label, _)) if words::whole_topic(label) == Some(Topic::Resolution) => break,
                    _ if words::opens(Phrases::TemplateInstruction, &text::fold(&plain)) => {}
                    _ => add(&plain),
                }
            }
            BlockKind::List(list) => {
                let told = list.items.iter().map(|item| item.own_text().0.plain);
                told.filter(|told| !template::is_gap(told)).for_each(|told| add(&told));
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
