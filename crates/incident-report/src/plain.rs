//! Plain text to the document model.
//!
//! Text without markup still has structure: a title on the first line, underlined or capitalised
//! headings, bullets of every shape, indentation. Labels (`Summary:`) and headings glued to the end of a
//! paragraph occur in marked-up documents too and are found later, in [`outline`](crate::outline).
//!
//! Invariant: every non-blank source line ends up in exactly one block.

use crate::document::{Block, BlockKind, Document, Heading, Span, Text};
use crate::lines::{self, LooseLine};
use crate::source::Source;
use crate::{text, words};

/// The longest first line that is taken for a title, in bytes.
const MAX_TITLE: usize = 140;

/// Parses a plain-text document.
pub(crate) fn parse(source: &Source<'_>) -> Document {
    let lines: Vec<&str> = source.lines().collect();
    let mut blocks = Vec::new();
    let mut loose: Vec<LooseLine> = Vec::new();
    let mut seen_text = false;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        let next = lines.get(at + 1).map_or("", |next| next.trim());
        let underlined = underline(line, next);
        let level = match underlined {
            Some(level) => Some(level),
            None if !seen_text && is_title(line) => Some(1),
            None if is_capitalised_heading(&lines, at) => Some(2),
            None => None,
        };
        seen_text |= !line.is_empty();
        if let Some(level) = level {
            blocks.extend(lines::blocks(std::mem::take(&mut loose)));
            let taken = 1 + usize::from(underlined.is_some());
            let heading = Heading { level, text: Text::from_plain(line) };
            blocks.push(Block { span: Span::new(at + 1, at + taken), kind: BlockKind::Heading(heading) });
            at += taken;
        } else {
            loose.push(lines::loose(at + 1, lines[at]));
            at += 1;
        }
    }
    blocks.extend(lines::blocks(loose));
    Document { blocks }
}

/// The level of a heading that the next line underlines.
fn underline(line: &str, next: &str) -> Option<u8> {
    let mark = next.chars().next()?;
    let level = match mark {
        '=' | '#' => 1,
        '-' | '~' | '*' | '_' => 2,
        _ => return None,
    };
    let length = next.chars().count();
    let even = next.chars().all(|c| c == mark);
    let words = text::word_count(line);
    (even
        && length >= 3
        && length * 2 >= line.chars().count()
        && words > 0
        && words <= 15
        && line.len() <= MAX_TITLE)
        .then_some(level)
}

/// Whether the first line with words is a title and not the first label or sentence of the text.
fn is_title(line: &str) -> bool {
    if line.is_empty() || line.len() > MAX_TITLE || lines::marker(line).is_some() {
        return false;
    }
    let is_label = match text::label_and_value(line) {
        Some((label, value)) => words::field(label).is_some() || value.is_empty(),
        None => words::topic(line).is_some() && text::word_count(line) <= 2,
    };
    !is_label && text::sentences(line).len() == 1
}

/// Whether a line stands apart, has every larger word capitalised, and is followed by its text.
fn is_capitalised_heading(lines: &[&str], at: usize) -> bool {
    let line = lines[at].trim();
    let before = at.checked_sub(1).map_or("", |before| lines[before].trim());
    let after = lines.get(at + 1).map_or("", |after| after.trim());
    let after = if after.is_empty() { lines.get(at + 2).map_or("", |after| after.trim()) } else { after };
    let words = text::word_count(line);
    if !before.is_empty() || after.is_empty() || words == 0 || words > 8 || lines::marker(line).is_some() {
        return false;
    }
    if line.ends_with(['.', ',', ';', '!', ':', '。'])
        || line.contains(": ")
        || line.starts_with(['|', '>', '@'])
    {
        return false;
    }
    let capital = |word: &str| word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
    let larger = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 3;
    let first_is_capital = line.split_whitespace().next().is_some_and(capital);
    let no_clock = !line.starts_with(|c: char| c.is_ascii_digit());
    first_is_capital
        && no_clock
        && line.split_whitespace().filter(larger).all(capital)
        && line.split_whitespace().any(|word| larger(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(text: &str) -> Vec<(u8, String, usize)> {
        parse(&Source::new(text))
            .blocks
            .into_iter()
            .filter_map(|block| match block.kind {
                BlockKind::Heading(heading) => Some((heading.level, heading.text.plain, block.span.first)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn titles_underlines_and_capitals_are_headings() {
        let text = "Ferry booking outage\n\nWHAT HAPPENED\nThe disk filled.\n\nNext Steps\n----------\n- add a disk\n\nIt was late and we slept\nbadly.\n";
        assert_eq!(
            headings(text),
            [
                (1, "Ferry booking outage".to_owned(), 1),
                (2, "WHAT HAPPENED".to_owned(), 3),
                (2, "Next Steps".to_owned(), 6),
            ]
        );
    }

    #[test]
    fn a_report_may_start_with_its_text() {
        assert_eq!(headings("Summary:\nAll was well.\n"), []);
        assert_eq!(headings("Date: 3 May 2024\nWe failed.\n"), []);
        assert_eq!(headings("It failed. Then it recovered.\n"), []);
    }
}
