//! reStructuredText to the document model.
//!
//! Everything in reStructuredText is said by indentation, so a body is parsed as the rows it consists of, and
//! a body within it as a part of those rows; nothing is copied. What people write against the letter of the
//! specification is read as they mean it: lists without blank lines around them, lines that are wrapped
//! without indentation, block quotes that only indent a list.
//!
//! Left out: comments, images, tables of contents, and other directives that put no words on the page.
//!
//! Invariant: recursion follows the nesting of blocks, which stops at [`MAX_DEPTH`]; a row is looked at a
//! bounded number of times on each level.

mod directives;
mod inline;
mod references;
mod tables;
mod titles;

use self::inline::Inline;
use self::references::References;
use self::titles::Titles;
use crate::document::{Block, BlockKind, Document, Heading, Item, Line, List, MAX_DEPTH, Pair, Span, Text};
use crate::markup::inline::{lines, text};
use crate::markup::{item, paragraph, unbox};
use crate::source::Source;

/// A line of the source.
#[derive(Clone, Copy, Debug)]
struct Row<'t> {
    /// Its 1-based number.
    number: usize,
    /// The column its words begin in.
    indent: usize,
    /// Its words, or what is left of them, trimmed.
    text: &'t str,
}

impl Row<'_> {
    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    fn plain(&self) -> crate::markup::Row<'_> {
        crate::markup::Row { number: self.number, text: self.text }
    }
}

/// Parses a reStructuredText document.
pub(crate) fn parse(source: &Source<'_>) -> Document {
    let mut size = 0;
    let mut rows: Vec<Row<'_>> = source
        .lines()
        .enumerate()
        .map(|(at, line)| {
            size += line.len();
            Row { number: at + 1, indent: columns(line), text: line.trim() }
        })
        .collect();
    let references = References::collect(&rows, size);
    let mut parser = Parser {
        inline: Inline::new(references),
        titles: Titles::default(),
        facts: Vec::new(),
        is_begun: false,
        no_table_before: 0,
        cells_above: Vec::new(),
    };
    let base = base_of(&rows);
    let mut blocks = parser.blocks(&mut rows, base, 0);
    if let Some((first, last)) = parser.facts.first().zip(parser.facts.last()) {
        let span = Span::new(first.line, last.line);
        blocks.insert(0, Block { span, kind: BlockKind::FrontMatter(parser.facts) });
    }
    Document { blocks }
}

/// The columns of white space in front of a line; a tab goes to the next multiple of eight.
fn columns(line: &str) -> usize {
    let mut columns = 0;
    for byte in line.bytes() {
        match byte {
            b'\t' => columns += 8 - columns % 8,
            b' ' => columns += 1,
            _ => break,
        }
    }
    columns
}

/// The column in which the outermost of some rows begin.
fn base_of(rows: &[Row<'_>]) -> usize {
    rows.iter().filter(|row| !row.is_blank()).map(|row| row.indent).min().unwrap_or(0)
}

/// How many rows at the beginning are blank or further in than `base`, without blank ones at their end.
fn body_length(rows: &[Row<'_>], base: usize) -> usize {
    let all = rows.iter().take_while(|row| row.is_blank() || row.indent > base).count();
    rows[..all].iter().rposition(|row| !row.is_blank()).map_or(0, |last| last + 1)
}

/// How many rows at the beginning are blank.
fn blank_length(rows: &[Row<'_>]) -> usize {
    rows.iter().take_while(|row| row.is_blank()).count()
}

/// A field: its name, and the words behind its colon.
fn field(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(':')?;
    let (end, _) = rest.match_indices(':').take(4).find(|(at, _)| {
        !rest[..*at].ends_with('\\') && rest[at + 1..].chars().next().is_none_or(char::is_whitespace)
    })?;
    let name = &rest[..end];
    (!name.trim().is_empty() && !name.starts_with(' ') && !name.contains('`'))
        .then(|| (name, rest[end + 1..].trim()))
}

/// The bytes of a bullet with the space behind it.
fn bullet(text: &str) -> Option<usize> {
    let mark = text.chars().next().filter(|c| matches!(c, '*' | '+' | '-' | '•' | '‣' | '⁃' | '·'))?;
    let rest = &text[mark.len_utf8()..];
    let spaces = rest.len() - rest.trim_start().len();
    (spaces > 0 || rest.is_empty() && mark != '·').then_some(mark.len_utf8() + spaces)
}

/// The bytes of a number with the space behind it: `1.`, `(2)`, `#.`, `a)`, `iv.`.
fn enumerator(text: &str) -> Option<usize> {
    let open = usize::from(text.starts_with('('));
    let body = &text[open..];
    let label = body.bytes().take(5).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    let name = &body[..label];
    let is_label = match name.as_bytes() {
        [b'#'] => true,
        [c] if c.is_ascii_lowercase() => true,
        // Capitals with a full stop are the initials of people.
        [c] if c.is_ascii_uppercase() => !body[1..].starts_with('.'),
        [_, ..] => {
            label <= 3 && name.bytes().all(|byte| byte.is_ascii_digit())
                || name.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'))
        }
        [] => false,
    } || name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_digit());
    let close = body[label..].chars().next()?;
    let is_closed = if open == 1 { close == ')' } else { matches!(close, '.' | ')') };
    let length = open + label + 1;
    let rest = text.get(length..).filter(|_| is_label && is_closed)?;
    let spaces = rest.len() - rest.trim_start().len();
    (spaces > 0 && !rest.trim().is_empty()).then_some(length + spaces)
}

struct Parser<'t> {
    inline: Inline<'t>,
    titles: Titles,
    /// The fields that describe the document.
    facts: Vec<Pair>,
    /// Whether there was anything but titles, comments and definitions yet.
    is_begun: bool,
    /// The line before which no table of columns closes.
    no_table_before: usize,
    /// The cells of the row before in a drawn table.
    cells_above: Vec<Vec<Row<'t>>>,
}

impl<'t> Parser<'t> {
    /// The blocks in rows whose outermost begin in column `base`.
    fn blocks(&mut self, rows: &mut [Row<'t>], base: usize, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        if depth >= MAX_DEPTH {
            for run in rows.split(Row::is_blank) {
                blocks.extend(self.paragraph_of(run));
            }
            return blocks;
        }
        let mut at = 0;
        while at < rows.len() {
            let row = rows[at];
            if row.is_blank() {
                at += 1;
                continue;
            }
            if row.indent > base {
                let length = body_length(&rows[at..], base).max(1);
                self.indented(&mut rows[at..at + length], depth, &mut blocks);
                at += length;
                continue;
            }
            if depth == 0
                && let Some((block, taken)) = self.title(&rows[at..], base)
            {
                blocks.push(block);
                at += taken;
                continue;
            }
            at += self.block(&mut rows[at..], base, depth, &mut blocks);
        }
        blocks
    }

    /// The block that the first row begins; how many rows it takes, at least one.
    fn block(&mut self, rows: &mut [Row<'t>], base: usize, depth: usize, into: &mut Vec<Block>) -> usize {
        let text = rows[0].text;
        if text == ".." || text.starts_with(".. ") || text.starts_with("__ ") {
            return self.explicit(rows, base, depth, into);
        }
        if let Some(taken) = self.drawn_table(rows, base, depth, into) {
            self.is_begun = true;
            return taken;
        }
        if field(text).is_some() {
            return self.fields(rows, base, depth, into);
        }
        self.is_begun = true;
        if bullet(text).is_some() {
            return self.list(rows, base, depth, bullet, into);
        }
        if enumerator(text).is_some() {
            return self.list(rows, base, depth, enumerator, into);
        }
        if text == "|" || text.starts_with("| ") {
            return self.line_block(rows, base, into);
        }
        if text.starts_with(">>> ") {
            let length = rows.iter().take_while(|row| !row.is_blank()).count();
            into.push(code(rows, length));
            return length;
        }
        let is_term = rows.get(1).is_some_and(|next| !next.is_blank() && next.indent > base);
        let is_label = text.ends_with(':') && rows.get(1).is_some_and(|next| bullet(next.text).is_some());
        if is_term && !is_label && !text.ends_with("::") {
            return self.definitions(rows, base, depth, into);
        }
        self.paragraph(rows, base, depth, into)
    }

    fn title(&mut self, rows: &[Row<'t>], base: usize) -> Option<(Block, usize)> {
        let (text_at, level, taken) = self.titles.at(rows, base)?;
        let Some(level) = level else {
            return Some((Block { span: Span::line(rows[0].number), kind: BlockKind::Rule }, taken));
        };
        let span = Span::new(rows[0].number, rows[taken - 1].number);
        let heading = Heading { level, text: text(rows[text_at].text, &mut self.inline) };
        Some((Block { span, kind: BlockKind::Heading(heading) }, taken))
    }

    /// Rows that are further in than what is around them: a quotation, or only indented lists and tables.
    fn indented(&mut self, rows: &mut [Row<'t>], depth: usize, into: &mut Vec<Block>) {
        self.is_begun = true;
        let base = base_of(rows);
        let quoted = self.blocks(rows, base, depth + 1);
        let is_laid_out =
            |block: &Block| matches!(block.kind, BlockKind::List(_) | BlockKind::Table(_) | BlockKind::Code);
        if quoted.iter().all(is_laid_out) {
            into.extend(quoted);
            return;
        }
        let span = span_of(rows);
        into.push(Block { span, kind: BlockKind::Quote(quoted) });
    }

    /// A list whose items begin with what `marker` knows.
    fn list(
        &mut self,
        rows: &mut [Row<'t>],
        base: usize,
        depth: usize,
        marker: fn(&str) -> Option<usize>,
        into: &mut Vec<Block>,
    ) -> usize {
        let ordered = bullet(rows[0].text).is_none();
        let first_mark = rows[0].text.chars().next();
        let mut items: Vec<Item> = Vec::new();
        let mut at = 0;
        while let Some(row) = rows.get(at).filter(|row| row.indent == base) {
            let Some(length) = marker(row.text).filter(|_| ordered || row.text.chars().next() == first_mark)
            else {
                break;
            };
            let mut taken = 1 + body_length(&rows[at + 1..], base);
            if taken == 1 {
                taken += self.lazy_length(&rows[at..], base);
            }
            items.push(self.item(&mut rows[at..at + taken], length, base, depth));
            let after = at + taken;
            at = after + blank_length(&rows[after..]);
            let goes_on = rows.get(at).is_some_and(|row| row.indent == base && marker(row.text).is_some());
            if !goes_on {
                at = after;
                break;
            }
        }
        push_list(items, ordered, into);
        at.max(1)
    }

    /// How many rows after the first go on with it although they are not indented.
    fn lazy_length(&self, rows: &[Row<'t>], base: usize) -> usize {
        let mut length = 0;
        for pair in rows.windows(2) {
            let [last, next] = pair else { break };
            let goes_on = next.indent == base
                && next.text.starts_with(char::is_lowercase)
                && enumerator(next.text).is_none()
                && !crate::lines::ends_sentence(last.text);
            if !goes_on {
                break;
            }
            length += 1;
        }
        length
    }

    /// An item: its marker is so long, and its other rows are further in than `base`.
    fn item(&mut self, rows: &mut [Row<'t>], length: usize, base: usize, depth: usize) -> Item {
        let number = rows[0].number;
        let column = base + rows[0].text[..length].chars().count();
        let (words, checked, is_dropped) = unbox(&rows[0].text[length..]);
        rows[0].text = words.trim();
        rows[0].indent = column;
        let inner = rows[1..].iter_mut();
        // What stands only a little further in was meant to stand below the words.
        inner.for_each(|row| row.indent = row.indent.max(column.min(base + 4)));
        let base = base_of(rows).min(column);
        rows[0].indent = base;
        let last = span_of(rows).last;
        let blocks = self.blocks(rows, base, depth + 1);
        let mut item = item(number, (checked, is_dropped), blocks);
        item.span.last = item.span.last.max(last);
        item
    }

    /// Terms, each with its definition below it, as items of the form `Term: definition`.
    fn definitions(
        &mut self,
        rows: &mut [Row<'t>],
        base: usize,
        depth: usize,
        into: &mut Vec<Block>,
    ) -> usize {
        let mut items = Vec::new();
        let mut at = 0;
        loop {
            let taken = 1 + body_length(&rows[at + 1..], base);
            let term = rows[at];
            let body = &mut rows[at + 1..at + taken];
            let inner = base_of(body);
            let last = span_of(body).last;
            let blocks = self.blocks(body, inner, depth + 1);
            let name = text(term.text, &mut self.inline);
            let mut item = item(term.number, (None, false), defined(term.number, name, blocks));
            item.span.last = item.span.last.max(last);
            items.push(item);
            let after = at + taken;
            at = after + blank_length(&rows[after..]);
            let is_term = match &rows[at.min(rows.len())..] {
                [term, next, ..] => {
                    let is_text = field(term.text).is_none() && bullet(term.text).is_none();
                    let is_explicit = term.text.starts_with("..");
                    term.indent == base && is_text && !is_explicit && !next.is_blank() && next.indent > base
                }
                _ => false,
            };
            if !is_term {
                at = after;
                break;
            }
        }
        push_list(items, false, into);
        at
    }

    /// Fields. At the head of a document they describe it; elsewhere each is a line.
    fn fields(&mut self, rows: &mut [Row<'t>], base: usize, depth: usize, into: &mut Vec<Block>) -> usize {
        let is_head = depth == 0 && !self.is_begun;
        let mut plain: Vec<Line> = Vec::new();
        let mut at = 0;
        while let Some((name, words)) =
            rows.get(at).filter(|row| row.indent == base).and_then(|row| field(row.text))
        {
            let number = rows[at].number;
            let name = text(name, &mut self.inline).plain;
            let taken = 1 + body_length(&rows[at + 1..], base);
            let body = &mut rows[at..at + taken];
            body[0].text = words;
            body[0].indent = if taken > 1 { base_of(&body[1..]) } else { base + 1 };
            let inner = base_of(body);
            let mut blocks = self.blocks(body, inner, depth + 1);
            if is_head {
                let value = blocks.iter().map(words_of).collect::<Vec<_>>().join(" ").trim().to_owned();
                if !value.is_empty() {
                    self.facts.push(Pair { key: name, value, line: number });
                }
            } else {
                let mut label = Text::from_plain(&format!("{name}:"));
                match blocks.first_mut().map(|block| &mut block.kind) {
                    Some(BlockKind::Paragraph(lines)) => {
                        let mut lines = std::mem::take(lines).into_iter();
                        if let Some(first) = lines.next() {
                            label.push(&first.text);
                        }
                        plain.push(Line { number, text: label });
                        plain.extend(lines);
                        blocks.remove(0);
                    }
                    _ => plain.push(Line { number, text: label }),
                }
                if !blocks.is_empty() {
                    into.extend(paragraph(std::mem::take(&mut plain)));
                    into.append(&mut blocks);
                }
            }
            let after = at + taken;
            at = after + blank_length(&rows[after..]);
            if rows.get(at).is_none_or(|row| row.indent != base || field(row.text).is_none()) {
                at = after;
                break;
            }
        }
        self.is_begun |= !is_head;
        into.extend(paragraph(plain));
        at
    }

    /// Lines that begin with a bar are kept apart.
    fn line_block(&mut self, rows: &mut [Row<'t>], base: usize, into: &mut Vec<Block>) -> usize {
        let mut length = 0;
        for row in rows.iter_mut() {
            match row.text.strip_prefix('|') {
                Some(rest) if row.indent == base && (rest.is_empty() || rest.starts_with(' ')) => {
                    row.text = rest.trim();
                }
                _ if !row.is_blank() && row.indent > base => {}
                _ => break,
            }
            length += 1;
        }
        for run in rows[..length].split(Row::is_blank) {
            into.extend(self.paragraph_of(run));
        }
        length
    }

    fn paragraph_of(&mut self, rows: &[Row<'t>]) -> Option<Block> {
        let rows: Vec<_> = rows.iter().map(Row::plain).collect();
        paragraph(lines(&rows, &mut self.inline))
    }

    /// A paragraph, and the code below it where it announces some.
    fn paragraph(&mut self, rows: &mut [Row<'t>], base: usize, depth: usize, into: &mut Vec<Block>) -> usize {
        let is_end = |at: usize| {
            let row = rows[at];
            let is_title = || depth == 0 && row.indent == base && titles::is_underlined(&rows[at..]);
            row.is_blank()
                || at > 0
                    && (bullet(row.text).is_some_and(|length| row.text.len() > length)
                        || row.text.starts_with(".. ") && row.text.contains("::")
                        || is_title())
        };
        let length = (0..rows.len()).find(|at| is_end(*at)).unwrap_or(rows.len()).max(1);
        let last = &mut rows[length - 1];
        let announces = last.text.ends_with("::");
        if announces {
            let before = last.text.trim_end_matches(':');
            let is_alone = before.is_empty() || before.ends_with(char::is_whitespace);
            last.text = if is_alone { before.trim_end() } else { &last.text[..last.text.len() - 1] };
        }
        let block = self.paragraph_of(&rows[..length]);
        into.extend(block);
        if !announces {
            return length;
        }
        let begin = length + blank_length(&rows[length..]);
        let mut end = begin + body_length(&rows[begin..], base);
        if begin == end {
            // Code may also stand unindented, with the same mark in front of every row.
            let mark =
                rows.get(begin).and_then(|row| row.text.chars().next()).filter(char::is_ascii_punctuation);
            let is_quoted =
                |row: &&Row<'_>| mark.is_some_and(|mark| row.indent == base && row.text.starts_with(mark));
            end += rows[begin..].iter().take_while(is_quoted).count();
        }
        if begin == end {
            return length;
        }
        into.push(code(&rows[begin..], end - begin));
        end
    }
}

/// So many rows of code.
fn code(rows: &[Row<'_>], length: usize) -> Block {
    Block { span: span_of(&rows[..length]), kind: BlockKind::Code }
}

fn span_of(rows: &[Row<'_>]) -> Span {
    let first = rows.first().map_or(1, |row| row.number);
    Span::new(first, rows.last().map_or(first, |row| row.number))
}

fn push_list(items: Vec<Item>, ordered: bool, into: &mut Vec<Block>) {
    if let (Some(first), Some(last)) = (items.first(), items.last()) {
        let span = Span::new(first.span.first, last.span.last);
        into.push(Block { span, kind: BlockKind::List(List { ordered, items }) });
    }
}

/// The words of a block on one line.
fn words_of(block: &Block) -> String {
    match &block.kind {
        BlockKind::Paragraph(lines) => crate::document::one_line(lines).plain,
        BlockKind::List(list) => {
            list.items.iter().map(|item| item.own_text().0.plain).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

/// The blocks of an item that defines a term: the term in bold with a colon, and the definition behind it.
fn defined(number: usize, mut term: Text, mut blocks: Vec<Block>) -> Vec<Block> {
    if !term.plain.ends_with([':', '?', '!', '.']) {
        term.plain.push(':');
    }
    term.bold = term.plain.len();
    let first = Line { number, text: term };
    match blocks.first_mut() {
        Some(Block { span, kind: BlockKind::Paragraph(lines) }) => {
            span.first = number;
            lines.insert(0, first);
        }
        _ => blocks.splice(0..0, paragraph(vec![first])).for_each(drop),
    }
    blocks
}

#[cfg(test)]
mod tests;
