//! What the line-based markups (reStructuredText, AsciiDoc, wikitext) have in common: a scanner for inline
//! markup that takes the rules of a format ([`inline`]), lists that say their depth by their marker
//! ([`lists`]), and how a text without a name shows which of them it is in ([`signs`]).
//!
//! There is no use of a library here because none of those that exist keeps the promises of this crate:
//! some have no source lines, and the others recurse as deep as the input nests or rescan it.
//!
//! Invariant: everything here is iterative and looks at each byte a bounded number of times. What a reference
//! or a template is replaced by is paid from a [`Budget`], so that no text grows beyond a multiple of its source.

#[cfg(test)]
mod any;
#[cfg(test)]
mod equal;
pub(crate) mod inline;
pub(crate) mod lists;
#[cfg(test)]
pub(crate) mod show;
pub(crate) mod signs;

use crate::document::{Block, BlockKind, Item, Line, Span};
use crate::lines;

/// A line of the source, or what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'t> {
    /// Its 1-based number.
    pub(crate) number: usize,
    /// Its words.
    pub(crate) text: &'t str,
}

/// How many bytes replacements may still add to a document.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    /// What a document of so many bytes may add.
    pub(crate) fn new(source: usize) -> Self {
        Self(source.saturating_add(1 << 16))
    }

    /// Whether so many bytes more may be added; they are taken when they may.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let fits = self.0 >= bytes;
        self.0 -= if fits { bytes } else { 0 };
        fits
    }

    /// What is left.
    pub(crate) fn left(&mut self) -> &mut usize {
        &mut self.0
    }
}

/// A paragraph of lines, unless there are none.
pub(crate) fn paragraph(lines: Vec<Line>) -> Option<Block> {
    let span = Span::new(lines.first()?.number, lines.last()?.number);
    Some(Block { span, kind: BlockKind::Paragraph(lines) })
}

/// The words of a list item behind its checkbox, and what the box says: whether the item is done, and
/// whether it was dropped.
pub(crate) fn unbox(words: &str) -> (&str, Option<bool>, bool) {
    match lines::checkbox(words) {
        Some((length, checked, is_dropped)) => (&words[length..], Some(checked), is_dropped),
        None => (words, None, false),
    }
}

/// A list item of those blocks.
pub(crate) fn item(first: usize, state: (Option<bool>, bool), blocks: Vec<Block>) -> Item {
    let last = blocks.iter().map(|block| block.span.last).max().unwrap_or(first);
    Item { span: Span::new(first, last), checked: state.0, is_dropped: state.1, blocks }
}

/// The records of comma-separated values, each with the line it starts on.
pub(crate) fn records(rows: &[Row<'_>], delimiter: u8) -> Vec<(usize, Vec<String>)> {
    // Without quotes every line is a record; making a reader costs more than reading a short table.
    if !rows.iter().any(|row| row.text.contains('"')) {
        let filled = rows.iter().filter(|row| !row.text.trim().is_empty());
        let values =
            |text: &str| text.split(char::from(delimiter)).map(|value| value.trim().to_owned()).collect();
        return filled.map(|row| (row.number, values(row.text))).collect();
    }
    let text = without_padding(rows, char::from(delimiter));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .buffer_capacity(text.len().clamp(64, 8_192))
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records().map_while(Result::ok) {
        let line = record.position().and_then(|position| usize::try_from(position.line()).ok()).unwrap_or(1);
        let number = rows.get(line.saturating_sub(1)).or(rows.last()).map_or(1, |row| row.number);
        records.push((number, record.iter().map(str::to_owned).collect()));
    }
    records
}

/// Rows as one text in which quotes stand right behind the delimiter, where readers of such values look for them.
fn without_padding(rows: &[Row<'_>], delimiter: char) -> String {
    let mut text = String::new();
    let mut is_quoted = false;
    for row in rows {
        let mut is_start = !is_quoted;
        for c in row.text.chars() {
            if c == '"' && (is_quoted || is_start) {
                is_quoted = !is_quoted;
            }
            if !(is_start && c == ' ') {
                text.push(c);
                is_start = !is_quoted && c == delimiter;
            }
        }
        text.push('\n');
    }
    text
}
