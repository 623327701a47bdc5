//! Markdown (CommonMark with the GitHub extensions and front matter) to the document model.
//!
//! Invariant: line numbers are those of the source; the parser sees the same lines with `\n` ends, and
//! positions it reports are clamped into the document. Walks over the tree are either bounded by
//! [`MAX_DEPTH`] or iterative, so nesting in the input never becomes depth on the stack.

mod inline;

use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options};

use crate::document::{
    Block, BlockKind, Cell, Document, Heading, Item, Line, List, MAX_DEPTH, Span, Table, Text,
};
use crate::source::Source;
use crate::{front_matter, lines, plain, text};

/// How many marks and lines a document may have to be parsed as Markdown: several times those of the longest
/// reports, and few enough for the parser's tree to stay below a few hundred megabytes.
const MAX_MARKS: usize = 2_000_000;

/// How many footnote marks are understood; each costs the parser more than the one before.
const MAX_FOOTNOTES: usize = 1_000;

/// Parses a Markdown document. One of marks and little else is read as plain text.
pub(crate) fn parse(source: &Source<'_>) -> Document {
    let mut document = Document::default();
    let mut text = source.normalised();
    if marks(&text) > MAX_MARKS {
        return plain::parse(source);
    }
    let head: Vec<&str> = source.lines().take(256).collect();
    if let Some((pairs, taken)) = front_matter::parse(&head) {
        document.blocks.push(Block { span: Span::new(1, taken), kind: BlockKind::FrontMatter(pairs) });
        text = without_lines(&text, taken);
    }
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, &text, &options(&text));
    let walk = Walk { source };
    walk.blocks(root, 0, &mut document.blocks);
    document
}

/// The text with its first lines emptied, so that the others keep their numbers.
fn without_lines(text: &str, count: usize) -> String {
    let rest = text.match_indices('\n').nth(count - 1).map_or("", |(at, _)| &text[at + 1..]);
    let mut kept = "\n".repeat(count);
    kept.push_str(rest);
    kept
}

/// How many characters of a text may become a part of the tree of their own.
fn marks(text: &str) -> usize {
    let weight = |b: u8| match b {
        b'\n' => 2,
        b'*' | b'_' | b'`' | b'[' | b']' | b'<' | b'>' | b'~' | b'|' | b'!' | b'&' | b'\\' => 1,
        _ => 0,
    };
    text.bytes().map(weight).sum()
}

/// Whether an indented block is words that somebody pasted with their indentation, and no code.
fn is_prose(code: &str) -> bool {
    let is_sentence = |line: &str| {
        let line = line.trim();
        let plain = line.chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).count();
        let starts = line.chars().next().is_some_and(char::is_uppercase) || lines::marker(line).is_some();
        starts && text::word_count(line) >= 3 && plain * 10 >= line.chars().count() * 9
    };
    let mut all = code.lines().filter(|line| !line.trim().is_empty()).peekable();
    all.peek().is_some() && all.all(is_sentence)
}

fn options(text: &str) -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.footnotes = text.matches("[^").nth(MAX_FOOTNOTES).is_none();
    options.parse.relaxed_tasklist_matching = true;
    options
}

/// One walk over the tree.
struct Walk<'s, 'a> {
    source: &'s Source<'a>,
}

impl Walk<'_, '_> {
    fn span<'t>(&self, node: &'t AstNode<'t>) -> Span {
        let position = node.data.borrow().sourcepos;
        Span::new(self.source.clamp(position.start.line), self.source.clamp(position.end.line))
    }

    /// Appends the blocks under `parent`.
    fn blocks<'t>(&self, parent: &'t AstNode<'t>, depth: usize, into: &mut Vec<Block>) {
        for node in parent.children() {
            let span = self.span(node);
            let value = &node.data.borrow().value;
            if depth >= MAX_DEPTH && node.first_child().is_some_and(|child| child.data.borrow().value.block())
            {
                self.flatten(node, into);
                continue;
            }
            let kind = match value {
                NodeValue::Heading(heading) => {
                    BlockKind::Heading(Heading { level: heading.level.clamp(1, 6), text: self.text(node) })
                }
                NodeValue::Paragraph => BlockKind::Paragraph(self.lines(node)),
                NodeValue::List(list) => {
                    let items = node.children().map(|item| self.item(item, depth + 1)).collect();
                    BlockKind::List(List { ordered: list.list_type == ListType::Ordered, items })
                }
                NodeValue::Table(_) => BlockKind::Table(self.table(node)),
                NodeValue::BlockQuote | NodeValue::Alert(_) => {
                    let mut quoted = Vec::new();
                    self.blocks(node, depth + 1, &mut quoted);
                    BlockKind::Quote(quoted)
                }
                NodeValue::CodeBlock(code) if !code.fenced && is_prose(&code.literal) => {
                    let line = |(at, line): (usize, &str)| lines::loose(span.first + at, line);
                    let loose = code.literal.lines().enumerate().map(line).collect();
                    into.extend(lines::blocks(loose).into_iter().map(|block| self.within(block)));
                    continue;
                }
                NodeValue::CodeBlock(_) => BlockKind::Code,
                NodeValue::HtmlBlock(html) => {
                    into.extend(crate::html::fragment(&html.literal, span.first, depth));
                    continue;
                }
                NodeValue::ThematicBreak => BlockKind::Rule,
                _ => {
                    self.blocks(node, depth + 1, into);
                    continue;
                }
            };
            into.push(Block { span, kind });
        }
    }

    /// A block whose span lies inside the document.
    fn within(&self, block: Block) -> Block {
        let (first, last) = (self.source.clamp(block.span.first), self.source.clamp(block.span.last));
        Block { span: Span::new(first, last), kind: block.kind }
    }

    /// Turns everything under a node that is too deep into one level of paragraphs.
    fn flatten<'t>(&self, node: &'t AstNode<'t>, into: &mut Vec<Block>) {
        for inner in node.descendants() {
            if matches!(inner.data.borrow().value, NodeValue::Paragraph | NodeValue::Heading(_)) {
                let kind = BlockKind::Paragraph(self.lines(inner));
                into.push(Block { span: self.span(inner), kind });
            }
        }
    }

    fn item<'t>(&self, node: &'t AstNode<'t>, depth: usize) -> Item {
        // Without a symbol the box is empty.
        let mark = match &node.data.borrow().value {
            NodeValue::TaskItem(task) => Some(lines::box_state(task.symbol.unwrap_or(' '))),
            _ => None,
        };
        let (checked, is_dropped) =
            (mark.map(|(checked, _)| checked), mark.is_some_and(|(_, dropped)| dropped));
        let mut blocks = Vec::new();
        self.blocks(node, depth, &mut blocks);
        Item { span: self.span(node), checked, is_dropped, blocks }
    }

    fn table<'t>(&self, node: &'t AstNode<'t>) -> Table {
        let mut table = Table { header: Vec::new(), rows: Vec::new() };
        for row in node.children() {
            let line = self.span(row).first;
            let cells = row.children().map(|cell| Cell { line, text: self.text(cell) }).collect();
            match row.data.borrow().value {
                NodeValue::TableRow(true) => table.header = cells,
                _ => table.rows.push(cells),
            }
        }
        table
    }

    /// The inline content of a node as lines.
    fn lines<'t>(&self, node: &'t AstNode<'t>) -> Vec<Line> {
        let span = self.span(node);
        inline::lines(node, span)
    }

    /// The inline content of a node as one text.
    fn text<'t>(&self, node: &'t AstNode<'t>) -> Text {
        crate::document::one_line(&self.lines(node))
    }
}

#[cfg(test)]
mod tests;
