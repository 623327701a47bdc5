//! Values with a label: `Severity: high`, metadata, two-column tables, headings over one line.
//!
//! Invariant: only labels that `data/fields.txt` knows are collected, and none from sections that list
//! actions or tell the timeline, where the same words mean other things.

use crate::document::{Block, BlockKind, Document, Pair, Text, one_line};
use crate::outline::Section;
use crate::words::{self, Field, Topic};
use crate::{template, text};

/// How many words a label inside a line has.
const MAX_LABEL: usize = 4;

/// How many labels are looked for in a line.
const MAX_PARTS: usize = 20;

/// A value and what its label says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labelled {
    /// What it is.
    pub(super) field: Field,
    /// The label as written.
    pub(super) label: String,
    /// The value as written, on one line.
    pub(super) value: String,
    /// The line it stands on.
    pub(super) line: usize,
}

/// Collects the labelled values of a report, in order.
pub(super) fn collect(document: &Document, sections: &[Section<'_>]) -> Vec<Labelled> {
    let mut found = Vec::new();
    if let Some(Block { kind: BlockKind::FrontMatter(pairs), .. }) = document.blocks.first() {
        for Pair { key, value, line } in pairs {
            let field = match words::field(key) {
                // The date of a web page is that of its publication.
                Some(Field::IncidentDate) if text::fold(key) == "date" => Some(Field::ReportDate),
                field => field,
            };
            // Values of a page may be code: "severity: {frontmatter.severity}".
            if !value.trim_start().starts_with('{') {
                add(&mut found, field, key, &text::without_links(value), *line);
            }
        }
    }
    for section in sections {
        if matches!(section.topic, Some(Topic::Actions | Topic::Timeline)) {
            continue;
        }
        heading(section, &mut found);
        for block in section.blocks {
            labelled_block(block, &mut found);
        }
    }
    found
}

fn add(found: &mut Vec<Labelled>, field: Option<Field>, label: &str, value: &str, line: usize) {
    let value = value.trim();
    if let Some(field) = field.filter(|_| !value.is_empty() && !template::is_gap(value)) {
        found.push(Labelled { field, label: label.trim().to_owned(), value: value.to_owned(), line });
    }
}

/// A heading such as "Severity" over a single short paragraph.
fn heading(section: &Section<'_>, found: &mut Vec<Labelled>) {
    let (Some(name), Some(first)) = (section.name(), section.blocks.first()) else { return };
    let field = words::field(&name).filter(|field| *field != Field::Person);
    if let BlockKind::Paragraph(lines) = &first.kind {
        let value = one_line(lines).plain;
        if text::word_count(&value) <= 30 {
            add(found, field, &name, &value, first.span.first);
        }
    }
}

fn labelled_block(block: &Block, found: &mut Vec<Labelled>) {
    match &block.kind {
        BlockKind::Paragraph(lines) => {
            for line in lines {
                labelled_text(&line.text, line.number, found);
            }
        }
        BlockKind::List(list) => {
            for item in &list.items {
                labelled_text(&item.own_text().0, item.span.first, found);
                // Below a checkbox stand the fields of a task.
                for inner in item.rest().iter().filter(|_| item.checked.is_none()) {
                    labelled_block(inner, found);
                }
            }
        }
        BlockKind::Table(table) if table.header.len() == 2 => {
            for row in std::iter::once(&table.header).chain(&table.rows) {
                if let [label, value] = &row[..] {
                    add(
                        found,
                        words::field(&label.text.plain),
                        &label.text.plain,
                        &value.text.plain,
                        label.line,
                    );
                }
            }
        }
        BlockKind::Quote(blocks) => blocks.iter().for_each(|block| labelled_block(block, found)),
        _ => {}
    }
}

fn labelled_text(text: &Text, line: usize, found: &mut Vec<Labelled>) {
    if text::label_and_value(&text.plain).is_some() {
        for part in parts(&text.plain) {
            if let Some((label, value)) = text::label_and_value(part) {
                add(found, words::field(label), label, value, line);
            }
        }
    } else if text.bold > 0 && text.bold < text.plain.len() {
        let (label, value) = text.plain.split_at(text.bold);
        add(found, words::field(label), label, value.trim_start_matches([' ', '-', '–', ':']), line);
    }
}

/// The labelled values of a line that has several: "Date: 2026-10-12 | Severity: SEV-1", with or without a mark
/// between them. A line whose first label no list knows is one value.
fn parts(line: &str) -> Vec<&str> {
    let known = |label: &str| words::field(label).is_some();
    let Some((first, _)) = text::label_and_value(line).filter(|(first, _)| known(first)) else {
        return vec![line];
    };
    let mut parts = Vec::new();
    let mut start = 0;
    let mut value = line.find(first).unwrap_or_default() + first.len();
    let ends = line.match_indices(": ").map(|(at, _)| at);
    for end in ends.filter(|end| *end > value).collect::<Vec<_>>().into_iter().take(MAX_PARTS) {
        // The label is what stands behind a mark, else the longest name of a field that ends here.
        let before = &line[value..end];
        let marked = before.rfind([';', '|', '·', '•', '\t']).map(|at| {
            let mark = before[at..].chars().next().map_or(0, char::len_utf8);
            (value + at, value + at + mark)
        });
        let marked = marked.filter(|(_, label)| {
            let label = line[*label..end].trim();
            (1..=MAX_LABEL).contains(&text::word_count(label)) && label.starts_with(char::is_uppercase)
        });
        let named = || {
            let spaces = before.rmatch_indices(' ').take(MAX_LABEL).map(|(at, _)| value + at);
            let names: Vec<usize> = spaces
                .filter(|at| line[at + 1..].starts_with(char::is_uppercase) && known(&line[at + 1..end]))
                .collect();
            // "Severity" is also known behind other words, which are those of the value in front of it.
            let is_whole = |at: &&usize| !known(&format!("x {}", &line[*at + 1..end]));
            let at = *names.iter().rev().find(is_whole).or(names.first())?;
            Some((at, at + 1))
        };
        let Some((cut, label)) = marked.or_else(named) else { continue };
        parts.push(&line[start..cut]);
        (start, value) = (label, end);
    }
    parts.push(&line[start..]);
    parts
}
