//! MediaWiki's wikitext to the document model.
//!
//! First everything that reaches over lines is resolved ([`flat`]), then the rows that are left are read one by
//! one: headings, lists by the marks in front of them, tables, paragraphs.
//!
//! Left out: comments, pictures, categories, magic words, signatures, and templates that are furniture.
//!
//! Invariant: nothing here recurses deeper than a table cell, whose own tables are only words.

mod flat;
mod inline;
mod tables;
mod templates;

use self::flat::{Kind, Row};
use self::inline::Inline;
use crate::document::{Block, BlockKind, Document, Heading, Line, Pair, Span, Text};
use crate::markup::inline::{lines, text};
use crate::markup::lists::Lists;
use crate::markup::{Budget, item, paragraph, unbox};
use crate::source::Source;

/// Parses a page of wikitext.
pub(crate) fn parse(source: &Source<'_>) -> Document {
    let text = source.normalised();
    let mut budget = Budget::new(text.len());
    let mut rows = flat::rows(text.strip_suffix('\n').unwrap_or(&text));
    for row in &mut rows {
        row.number = source.clamp(row.number);
        row.last = source.clamp(row.last);
    }
    let mut inline = Inline::default();
    let mut parser =
        Parser { inline: &mut inline, blocks: Vec::new(), lists: Lists::new(0), is_after_blank: false };
    let mut at = 0;
    while at < rows.len() {
        at += parser.row(&rows[at..], Some(budget.left()));
    }
    parser.lists.close_to(0, &mut parser.blocks);
    Document { blocks: parser.blocks }
}

/// The blocks in the rows of a table cell.
fn plain_blocks(rows: &[Row], inline: &mut Inline) -> Vec<Block> {
    let mut parser = Parser { inline, blocks: Vec::new(), lists: Lists::new(1), is_after_blank: false };
    let mut at = 0;
    while at < rows.len() {
        at += parser.row(&rows[at..], None);
    }
    parser.lists.close_to(0, &mut parser.blocks);
    parser.blocks
}

/// Which list an item belongs to: the marks in front of it.
#[derive(Debug, PartialEq, Eq)]
struct Marks {
    length: usize,
    last: char,
}

struct Parser<'i> {
    inline: &'i mut Inline,
    blocks: Vec<Block>,
    lists: Lists<Marks>,
    is_after_blank: bool,
}

impl Parser<'_> {
    /// The block that the first row begins; how many rows it takes. Without a budget there are no tables.
    fn row(&mut self, rows: &[Row], budget: Option<&mut usize>) -> usize {
        let row = &rows[0];
        let span = Span::new(row.number, row.last);
        let words = match &row.kind {
            Kind::Text(words) => words.as_str(),
            Kind::Code => {
                self.push(Block { span, kind: BlockKind::Code });
                return 1;
            }
            Kind::Facts(facts) => {
                self.facts(span, facts);
                return 1;
            }
        };
        let bare = words.trim();
        if bare.is_empty() {
            self.is_after_blank = true;
            return 1;
        }
        let is_after_blank = std::mem::take(&mut self.is_after_blank);
        if bare.starts_with('=')
            && let Some((level, title)) = heading(bare)
        {
            let heading = Heading { level, text: text(title, self.inline) };
            self.push(Block { span, kind: BlockKind::Heading(heading) });
            return 1;
        }
        if let Some(rest) = words.strip_prefix("----") {
            self.push(Block { span, kind: BlockKind::Rule });
            let rest = rest.trim_start_matches('-').trim();
            self.paragraph(&[crate::markup::Row { number: row.number, text: rest }]);
            return 1;
        }
        if let Some(budget) = budget
            && bare.trim_start_matches([':', ' ', '*', '#']).starts_with("{|")
        {
            self.lists.close_to(0, &mut self.blocks);
            return tables::table(rows, self.inline, budget, &mut self.blocks);
        }
        if words.starts_with(['*', '#', ':', ';']) {
            return self.list_row(rows, words, is_after_blank);
        }
        if words.starts_with([' ', '\t']) {
            // A list that somebody indented is still one; other indented text is shown as it stands.
            if bare.starts_with(['*', '#']) && bare.trim_start_matches(['*', '#', ':']).starts_with(' ') {
                return self.list_row(rows, bare, is_after_blank);
            }
            let length = rows.iter().take_while(|row| is_indented(row)).count();
            let span = Span::new(row.number, rows[length - 1].last);
            self.push(Block { span, kind: BlockKind::Code });
            return length;
        }
        let length = rows.iter().take_while(|row| is_prose(row)).count().max(1);
        let prose: Vec<_> = rows[..length].iter().map(plain).collect();
        self.paragraph(&prose);
        length
    }

    /// Adds a block that ends all lists.
    fn push(&mut self, block: Block) {
        self.lists.close_to(0, &mut self.blocks);
        self.blocks.push(block);
    }

    fn paragraph(&mut self, rows: &[crate::markup::Row<'_>]) {
        if let Some(block) = paragraph(lines(rows, self.inline)) {
            self.push(block);
        }
    }

    /// The facts of a box: metadata at the head of the page, lines elsewhere.
    fn facts(&mut self, span: Span, facts: &[Pair]) {
        let mut read = |pair: &Pair| text(&pair.value, self.inline);
        if self.blocks.is_empty() && self.lists.is_empty() {
            let pairs = facts.iter().map(|pair| Pair { value: read(pair).plain, ..pair.clone() }).collect();
            self.push(Block { span, kind: BlockKind::FrontMatter(pairs) });
            return;
        }
        let mut told: Vec<Line> = Vec::new();
        for pair in facts {
            let mut text = Text::from_plain(&format!("{}:", pair.key));
            text.push(&read(pair));
            told.push(Line { number: pair.line, text });
        }
        if let Some(block) = paragraph(told) {
            self.push(block);
        }
    }

    /// A row with list marks in front; how many rows it takes.
    fn list_row(&mut self, rows: &[Row], words: &str, is_after_blank: bool) -> usize {
        let row = &rows[0];
        let length = words.bytes().take_while(|byte| matches!(byte, b'*' | b'#' | b':' | b';')).count();
        let (marks, words) = words.split_at(length);
        let words = words.trim();
        if words.is_empty() || marks == "#" && words.to_ascii_uppercase().starts_with("REDIRECT") {
            return 1;
        }
        let last = marks.chars().next_back().unwrap_or('*');
        let (words, state, is_dropped) = unbox(words);
        let own = [crate::markup::Row { number: row.number, text: words }];
        match last {
            ':' => self.indented(row, marks, &own, is_after_blank),
            ';' => self.term(rows, marks, words),
            _ => {
                let blocks = paragraph(lines(&own, self.inline)).into_iter().collect();
                self.add(row, Marks { length, last }, item(row.number, (state, is_dropped), blocks));
            }
        }
        1
    }

    /// Adds an item below the open ones with fewer marks.
    fn add(&mut self, row: &Row, marks: Marks, mut item: crate::document::Item) {
        item.span = Span::new(row.number, row.last);
        let level = self.lists.keys().take_while(|open| open.length < marks.length).count();
        let ordered = marks.last == '#';
        self.lists.add(level, marks, ordered, item, &mut self.blocks);
    }

    /// Text that is only indented: a definition, what goes on in an item, or a remark.
    fn indented(&mut self, row: &Row, marks: &str, own: &[crate::markup::Row<'_>], is_after_blank: bool) {
        let told = lines(own, self.inline);
        let is_inside = marks.trim_matches(':').is_empty() && is_after_blank;
        if !self.lists.is_empty() && !is_inside {
            let is_definition = self.lists.keys().next_back().is_some_and(|open| open.last == ';');
            let innermost = self.lists.innermost().filter(|_| is_definition).map(|item| {
                item.span.last = row.last;
                item.blocks.last_mut()
            });
            if let Some(Some(Block { span, kind: BlockKind::Paragraph(lines) })) = innermost {
                span.last = row.number.max(span.last);
                lines.extend(told);
                return;
            }
            if let Some(block) = paragraph(told)
                && let Some(block) = self.lists.attach(block)
            {
                self.push(block);
            }
            return;
        }
        self.lists.close_to(0, &mut self.blocks);
        let Some(block) = paragraph(told) else { return };
        match self.blocks.last_mut() {
            Some(Block { span, kind: BlockKind::Quote(quoted) }) if !is_after_blank => {
                span.last = block.span.last;
                quoted.push(block);
            }
            _ => self.blocks.push(Block { span: block.span, kind: BlockKind::Quote(vec![block]) }),
        }
    }

    /// A term, with its definition behind it or below it; without one it is a line in bold.
    fn term(&mut self, rows: &[Row], marks: &str, words: &str) {
        let row = &rows[0];
        let (term, definition) = match definition_at(words) {
            Some(at) => (&words[..at], words[at + 1..].trim()),
            None => (words, ""),
        };
        let mut name = text(term, self.inline);
        let is_defined = !definition.is_empty()
            || rows.get(1).is_some_and(|next| match &next.kind {
                Kind::Text(next) => {
                    let outer = &marks[..marks.len() - 1];
                    next.strip_prefix(outer).is_some_and(|next| next.starts_with(':'))
                }
                _ => false,
            });
        if is_defined && !name.plain.ends_with([':', '?', '!', '.']) {
            name.plain.push(':');
        }
        name.bold = name.plain.len();
        let mut told = vec![Line { number: row.number, text: name }];
        if let Some(line) = told.first_mut() {
            let own = [crate::markup::Row { number: row.number, text: definition }];
            line.text.push(&crate::document::one_line(&lines(&own, self.inline)));
        }
        let Some(block) = paragraph(told) else { return };
        if is_defined || marks.len() > 1 {
            let marks = Marks { length: marks.len(), last: ';' };
            self.add(row, marks, item(row.number, (None, false), vec![block]));
        } else {
            self.push(block);
        }
    }
}

fn plain(row: &Row) -> crate::markup::Row<'_> {
    let text = match &row.kind {
        Kind::Text(text) => text.trim(),
        Kind::Code | Kind::Facts(_) => "",
    };
    crate::markup::Row { number: row.number, text }
}

/// The level and the words of a heading.
fn heading(line: &str) -> Option<(u8, &str)> {
    if !flat::is_heading(line) {
        return None;
    }
    let left = line.bytes().take_while(|byte| *byte == b'=').count();
    let right = line.bytes().rev().take_while(|byte| *byte == b'=').count();
    let level = left.min(right).min(6);
    let title = line[level..line.len() - level].trim();
    u8::try_from(level).ok().filter(|_| !title.is_empty()).map(|level| (level, title))
}

/// Where the colon stands that separates a term from its definition, outside of links and addresses.
fn definition_at(words: &str) -> Option<usize> {
    let bytes = words.as_bytes();
    let mut within = 0_usize;
    bytes.iter().enumerate().find_map(|(at, byte)| {
        match byte {
            b'[' => within += 1,
            b']' => within = within.saturating_sub(1),
            _ => {}
        }
        let is_spaced = bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace);
        (*byte == b':' && within == 0 && at > 0 && is_spaced).then_some(at)
    })
}

fn is_indented(row: &Row) -> bool {
    matches!(&row.kind, Kind::Text(text) if text.starts_with([' ', '\t']) && !text.trim().is_empty())
}

/// Whether a row goes on with a paragraph.
fn is_prose(row: &Row) -> bool {
    match &row.kind {
        Kind::Text(text) => {
            let is_marked = text.starts_with(['*', '#', ':', ';', ' ', '\t'])
                || text.starts_with("----")
                || text.starts_with("{|")
                || flat::is_heading(text);
            !is_marked && !text.trim().is_empty()
        }
        Kind::Code | Kind::Facts(_) => false,
    }
}

#[cfg(test)]
mod tests;
