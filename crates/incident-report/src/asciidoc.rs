//! AsciiDoc to the document model.
//!
//! Rows are read one by one. Delimited blocks are the only thing that needs a look ahead: where each delimiter
//! occurs is known from the beginning. What people write in the manner of Markdown is read too.
//!
//! Left out: comments, conditions and includes, pictures, anchors, pass-through blocks.
//!
//! Invariants: recursion follows delimited blocks and table cells, and stops at [`MAX_DEPTH`]; a delimiter
//! without its partner is left out, and what stands behind it is read.

mod attributes;
mod header;
mod inline;
mod marker;
mod tables;

use std::borrow::Cow;
use std::collections::HashMap;

use self::attributes::{Attributes, BlockAttributes};
use self::inline::Inline;
use self::marker::{Marker, marker};
use crate::document::{Block, BlockKind, Document, Heading, Item, Line, MAX_DEPTH, Pair, Span, Text};
use crate::markup::inline::lines;
use crate::markup::lists::Lists;
use crate::markup::{Row, item, paragraph, unbox};
use crate::source::Source;

/// Labels of paragraphs that are set off from the text.
const ADMONITIONS: [&str; 5] = ["note", "tip", "important", "warning", "caution"];

/// Styles of blocks and paragraphs that machines read, or that are shown as they stand.
const VERBATIM: [&str; 11] = [
    "source",
    "listing",
    "literal",
    "pass",
    "stem",
    "latexmath",
    "asciimath",
    "plantuml",
    "mermaid",
    "graphviz",
    "ditaa",
];

/// Parses an AsciiDoc document.
pub(crate) fn parse(source: &Source<'_>) -> Document {
    let rows: Vec<Row<'_>> =
        source.lines().enumerate().map(|(at, line)| Row { number: at + 1, text: line.trim_end() }).collect();
    let size = rows.iter().map(|row| row.text.len()).sum();
    let mut parser = Parser {
        delimiters: delimiters(&rows),
        rows,
        attributes: Attributes::new(size),
        inline: Inline::default(),
        facts: Vec::new(),
        is_header: true,
    };
    let mut blocks = Vec::new();
    let begin = parser.header(&mut blocks);
    let end = parser.rows.len();
    blocks.append(&mut parser.blocks(begin, end, 0));
    if let Some((first, last)) = parser.facts.first().zip(parser.facts.last()) {
        let span = Span::new(first.line, last.line);
        blocks.insert(0, Block { span, kind: BlockKind::FrontMatter(parser.facts) });
    }
    Document { blocks }
}

/// The character of a row that opens or closes a block.
fn delimiter(text: &str) -> Option<char> {
    let mark = text.chars().next()?;
    let is_same = || text.bytes().all(|byte| char::from(byte) == mark);
    let is = match mark {
        '-' | '.' | '=' | '_' | '*' | '+' | '/' => is_same() && (text.len() >= 4 || text == "--"),
        '`' => text.starts_with("```") && !text[3..].contains('`'),
        '|' | ',' | ':' | '!' => text.len() >= 4 && text[1..].bytes().all(|byte| byte == b'='),
        _ => false,
    };
    is.then_some(mark)
}

/// Where each delimiter stands.
fn delimiters<'t>(rows: &[Row<'t>]) -> HashMap<&'t str, Vec<usize>> {
    let mut delimiters: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        if delimiter(row.text).is_some() {
            delimiters.entry(row.text).or_default().push(at);
        }
    }
    delimiters
}

/// What stands in front of a block and belongs to it.
#[derive(Debug, Default)]
struct Pending<'t> {
    attributes: BlockAttributes,
    title: Option<Row<'t>>,
}

struct Parser<'t> {
    rows: Vec<Row<'t>>,
    delimiters: HashMap<&'t str, Vec<usize>>,
    attributes: Attributes,
    inline: Inline,
    /// What the attributes of the header tell.
    facts: Vec<Pair>,
    /// Whether there was no block yet.
    is_header: bool,
}

impl<'t> Parser<'t> {
    /// The blocks in the rows from `at` to `end`.
    fn blocks(&mut self, mut at: usize, end: usize, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut lists: Lists<String> = Lists::new(depth);
        let mut pending = Pending::default();
        let mut blanks = 0_usize;
        let mut is_attached = false;
        while at < end {
            let row = self.rows[at];
            let text = row.text;
            if text.is_empty() {
                blanks += 1;
                at += 1;
                continue;
            }
            if let Some(next) = self.unseen(at, end) {
                at = next;
                continue;
            }
            let blanks_before = std::mem::take(&mut blanks);
            if text == "+" {
                // Each blank line before it leads to the item one level up.
                let level = lists.depth().saturating_sub(blanks_before).max(1);
                lists.close_to(level, &mut blocks);
                is_attached = !lists.is_empty();
                at += 1;
                continue;
            }
            if let Some(attributes) = BlockAttributes::of_line(text) {
                if !is_attached && blanks_before > 0 {
                    lists.close_to(0, &mut blocks);
                }
                pending.attributes.merge(attributes);
                at += 1;
                continue;
            }
            if is_block_title(text) {
                if !is_attached && blanks_before > 0 {
                    lists.close_to(0, &mut blocks);
                }
                pending.title = Some(Row { number: row.number, text: &text[1..] });
                at += 1;
                continue;
            }
            self.is_header = false;
            if let Some((level, title)) = heading(text) {
                lists.close_to(0, &mut blocks);
                let text = self.text(Row { number: row.number, text: title });
                blocks.push(Block {
                    span: Span::line(row.number),
                    kind: BlockKind::Heading(Heading { level, text }),
                });
                pending = Pending::default();
                at += 1;
                continue;
            }
            if let Some(marker) =
                marker(text).filter(|_| !VERBATIM.contains(&pending.attributes.style.as_str()))
            {
                if let Some(title) = pending.title.take() {
                    lists.close_to(0, &mut blocks);
                    blocks.extend(self.title(title));
                }
                pending = Pending::default();
                is_attached = false;
                at = self.item(at, end, marker, &mut lists, &mut blocks);
                continue;
            }
            let is_indented = text.starts_with([' ', '\t']);
            let is_definition = || lists.keys().next_back().is_some_and(|key| key.ends_with([':', ';']));
            let is_in_list = !lists.is_empty()
                && (is_attached
                    || blanks_before > 0 && (is_indented || is_definition() && is_bare(&mut lists)));
            if !is_in_list {
                lists.close_to(0, &mut blocks);
            }
            let mut parsed = Vec::new();
            let inner = depth + lists.depth();
            at = if is_in_list && is_indented {
                self.paragraph(at, end, &mut parsed)
            } else {
                self.block(at, end, inner, &std::mem::take(&mut pending), &mut parsed)
            };
            is_attached = false;
            for block in parsed {
                blocks.extend(lists.attach(block));
            }
        }
        lists.close_to(0, &mut blocks);
        blocks
    }

    /// What stands in the source and not on the page, at a row: where reading goes on behind it.
    fn unseen(&mut self, at: usize, end: usize) -> Option<usize> {
        let text = self.rows[at].text;
        if text.starts_with("//") {
            if delimiter(text).is_some() {
                return Some(self.closing(at, end).map_or(at + 1, |close| close + 1));
            }
            return (!text.starts_with("///")).then_some(at + 1);
        }
        if ["include::", "ifdef::", "ifndef::", "ifeval::", "endif::"]
            .iter()
            .any(|name| text.starts_with(name))
        {
            return text.ends_with(']').then_some(at + 1);
        }
        let (name, value) = attributes::entry(text)?;
        let mut next = at + 1;
        let value = value.map(|value| {
            let mut value = value.to_owned();
            // A value goes on below a backslash.
            while value.ends_with('\\') {
                value.truncate(value[..value.len() - 1].trim_end().len());
                value.push(' ');
                value.push_str(if next < end { self.rows[next].text.trim() } else { "" });
                next += 1;
            }
            self.attributes.resolve(value.trim()).into_owned()
        });
        if let Some(value) = value.as_ref().filter(|value| self.is_header && !value.is_empty()) {
            self.fact(self.rows[at].number, name, value);
        }
        self.attributes.set(name, value);
        Some(next.min(end))
    }

    /// Where the delimiter at a row occurs again before `end`.
    fn closing(&self, at: usize, end: usize) -> Option<usize> {
        let text = self.rows[at].text;
        let text = if text.starts_with("```") { "```" } else { text };
        let places = self.delimiters.get(text)?;
        let next = places.partition_point(|place| *place <= at);
        places.get(next).copied().filter(|close| *close < end)
    }

    /// The block that begins at a row; where reading goes on behind it.
    fn block(
        &mut self,
        at: usize,
        end: usize,
        depth: usize,
        pending: &Pending<'t>,
        into: &mut Vec<Block>,
    ) -> usize {
        let row = self.rows[at];
        let mark = delimiter(row.text);
        if matches!(mark, Some('|' | ',' | ':' | '!')) && depth < MAX_DEPTH {
            let close = self.closing(at, end).unwrap_or(end);
            self.table(at, close, depth, pending, into);
            return (close + 1).min(end);
        }
        if let Some(title) = pending.title {
            into.extend(self.title(title));
        }
        let style = pending.attributes.style.as_str();
        if let Some(mark) = mark {
            let Some(close) = self.closing(at, end) else { return at + 1 };
            let span = Span::new(row.number, self.rows[close].number);
            let is_verbatim = matches!(mark, '`' | '.' | '+') || row.text.starts_with("----");
            if style == "comment" {
                return close + 1;
            }
            if is_verbatim || VERBATIM.contains(&style) {
                into.push(Block { span, kind: BlockKind::Code });
                return close + 1;
            }
            if depth >= MAX_DEPTH {
                return at + 1;
            }
            let is_quoted = mark == '_' || ADMONITIONS.contains(&style) || matches!(style, "quote" | "verse");
            let mut inner = self.blocks(at + 1, close, depth + 1);
            if is_quoted {
                into.push(Block { span, kind: BlockKind::Quote(inner) });
            } else {
                into.append(&mut inner);
            }
            return close + 1;
        }
        if is_rule(row.text) {
            into.push(Block { span: Span::line(row.number), kind: BlockKind::Rule });
            return at + 1;
        }
        if is_silent_macro(row.text) {
            return at + 1;
        }
        if depth == 0
            && at + 1 < end
            && let Some(level) = underlined(row.text, self.rows[at + 1].text)
        {
            let span = Span::new(row.number, self.rows[at + 1].number);
            let text = self.text(row);
            into.push(Block { span, kind: BlockKind::Heading(Heading { level, text }) });
            return at + 2;
        }
        if row.text.starts_with([' ', '\t']) || VERBATIM.contains(&style) || style == "comment" {
            let length = self.rows[at..end].iter().take_while(|row| !row.text.is_empty()).count();
            let span = Span::new(row.number, self.rows[at + length - 1].number);
            if style != "comment" {
                into.push(Block { span, kind: BlockKind::Code });
            }
            return at + length;
        }
        let mut told = Vec::new();
        let label = admonition(row.text);
        if let Some(words) = label {
            self.rows[at].text = words;
        }
        let next = self.paragraph(at, end, &mut told);
        let is_quoted = label.is_some() || ADMONITIONS.contains(&style) || matches!(style, "quote" | "verse");
        match told.first().map(|block| block.span) {
            Some(span) if is_quoted => into.push(Block { span, kind: BlockKind::Quote(told) }),
            _ => into.append(&mut told),
        }
        next
    }

    /// A paragraph; where reading goes on behind it.
    fn paragraph(&mut self, at: usize, end: usize, into: &mut Vec<Block>) -> usize {
        let length = 1 + self.words_length(at + 1, end);
        let rows = self.rows[at..at + length].to_vec();
        into.extend(paragraph(self.lines(&rows)));
        at + length
    }

    /// How many rows from `at` on go on with the words before them.
    fn words_length(&self, at: usize, end: usize) -> usize {
        let goes_on = |row: &&Row<'_>| {
            let text = row.text;
            !text.is_empty()
                && text != "+"
                && marker(text).is_none()
                && delimiter(text).is_none()
                && BlockAttributes::of_line(text).is_none()
                && heading(text).is_none()
        };
        self.rows[at.min(end)..end].iter().take_while(goes_on).count()
    }

    /// Rows of words with their inline markup read; comments between them are left out.
    fn lines(&mut self, rows: &[Row<'t>]) -> Vec<Line> {
        let is_comment = |text: &str| text.starts_with("//") && !text.starts_with("///");
        let resolved: Vec<(usize, Cow<'_, str>)> = rows
            .iter()
            .filter(|row| !is_comment(row.text))
            .map(|row| (row.number, self.attributes.resolve(row.text.trim())))
            .collect();
        let rows: Vec<Row<'_>> =
            resolved.iter().map(|(number, text)| Row { number: *number, text }).collect();
        lines(&rows, &mut self.inline)
    }

    fn text(&mut self, row: Row<'t>) -> Text {
        crate::document::one_line(&self.lines(&[row]))
    }

    /// The title of a block: a line in bold.
    fn title(&mut self, row: Row<'t>) -> Option<Block> {
        let mut text = self.text(row);
        text.bold = text.plain.len();
        paragraph(
            vec![Line { number: row.number, text }]
                .into_iter()
                .filter(|line| !line.text.is_empty())
                .collect(),
        )
    }

    /// A list item; where reading goes on behind its words.
    fn item(
        &mut self,
        at: usize,
        end: usize,
        marker: Marker<'t>,
        lists: &mut Lists<String>,
        into: &mut Vec<Block>,
    ) -> usize {
        let number = self.rows[at].number;
        let mut next = at + 1;
        let (words, mut checked, is_dropped) = unbox(marker.words);
        let words = match words.strip_prefix("[*] ") {
            Some(words) => {
                checked = Some(true);
                words
            }
            None => words,
        };
        let mut rows = vec![Row { number, text: words }];
        let length = self.words_length(next, end);
        let mut more: Vec<Row<'t>> = self.rows[next..next + length].to_vec();
        next += length;
        rows.append(&mut more);
        let mut told = self.lines(&rows);
        if let Some(term) = marker.term {
            let mut name = self.text(Row { number, text: term });
            if !name.plain.ends_with([':', '?', '!', '.']) {
                name.plain.push(':');
            }
            name.bold = name.plain.len();
            match told.first_mut().filter(|line| line.number == number) {
                Some(first) => {
                    name.push(&first.text);
                    first.text = name;
                }
                None => told.insert(0, Line { number, text: name }),
            }
        }
        let blocks = paragraph(told).into_iter().collect();
        let mut item: Item = item(number, (checked, is_dropped), blocks);
        item.span.last = item.span.last.max(self.rows[next - 1].number);
        let known = lists.keys().position(|key| *key == marker.key);
        let level = known.unwrap_or(lists.depth());
        lists.add(level, marker.key, marker.ordered, item, into);
        next
    }
}

/// Whether the innermost item has a term and no definition yet.
fn is_bare(lists: &mut Lists<String>) -> bool {
    lists.innermost().is_some_and(|item| match &item.blocks[..] {
        [Block { kind: BlockKind::Paragraph(lines), .. }] => {
            matches!(&lines[..], [line] if line.text.bold == line.text.plain.len())
        }
        _ => false,
    })
}

/// The level and the words of a section title.
fn heading(text: &str) -> Option<(u8, &str)> {
    let mark = text.chars().next().filter(|c| matches!(c, '=' | '#'))?;
    let level = text.bytes().take_while(|byte| char::from(*byte) == mark).count();
    let title = text[level..].strip_prefix([' ', '\t'])?.trim();
    let title = title.trim_end_matches(mark).trim_end();
    u8::try_from(level).ok().filter(|level| *level <= 6 && !title.is_empty()).map(|level| (level, title))
}

/// The level of a title that the next row underlines.
fn underlined(title: &str, under: &str) -> Option<u8> {
    let level = match under.chars().next()? {
        '=' => 1,
        '-' => 2,
        '~' => 3,
        '^' => 4,
        '+' => 5,
        _ => return None,
    };
    let mark = under.as_bytes()[0];
    let is_even = under.bytes().all(|byte| byte == mark);
    let fits = under.len() >= 3 && under.len().abs_diff(title.chars().count()) <= 1;
    (is_even && fits && title.contains(char::is_alphanumeric) && !title.starts_with(' ')).then_some(level)
}

/// Whether a row is the title of the block below it.
fn is_block_title(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|rest| {
        !rest.starts_with(['.', ' ', '\t']) && !rest.is_empty() && rest.contains(char::is_alphanumeric)
    })
}

fn is_rule(text: &str) -> bool {
    matches!(text, "'''" | "---" | "- - -" | "***" | "* * *" | "<<<")
        || text.len() > 3 && text.bytes().all(|byte| byte == b'\'')
}

/// A macro on a line of its own that puts no words on the page.
fn is_silent_macro(text: &str) -> bool {
    let names = ["image::", "video::", "audio::", "toc::", "icon::", "gist::", "diagram::"];
    text.ends_with(']') && names.iter().any(|name| text.starts_with(name))
}

/// The words behind the label of a paragraph such as `NOTE: …`.
fn admonition(text: &str) -> Option<&str> {
    let (label, words) = text.split_once(": ")?;
    let is_label = ADMONITIONS.iter().any(|known| known.eq_ignore_ascii_case(label));
    (is_label && label.bytes().all(|byte| byte.is_ascii_uppercase())).then(|| words.trim_start())
}

#[cfg(test)]
mod tests;
