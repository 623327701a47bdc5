//! The text of a document that has no lines of its own, and the lines of its blocks.
//!
//! Invariant: every line number of the blocks is that of the line on which their words stand in the text.

use super::body::Code;
use crate::document::{Block, BlockKind, Item, Line, Span, Table};

/// Writes the blocks as text, and gives them the lines of it. The lines of code stand beside the blocks.
pub(super) fn render(blocks: &mut [Block], codes: Vec<Code>) -> String {
    let mut text = Rendition { text: String::new(), line: 1, codes: codes.into_iter() };
    text.blocks(blocks, 0);
    text.text
}

struct Rendition {
    text: String,
    /// The number of the line that comes next.
    line: usize,
    codes: std::vec::IntoIter<Code>,
}

impl Rendition {
    fn line(&mut self, depth: usize, mark: &str, words: &str) -> usize {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.push_str(mark);
        self.text.push_str(words);
        self.text.push('\n');
        self.line += 1;
        self.line - 1
    }

    /// Blocks nest as deep as the model allows.
    fn blocks(&mut self, blocks: &mut [Block], depth: usize) {
        for block in blocks {
            let first = match &mut block.kind {
                BlockKind::Heading(heading) => {
                    if self.line > 1 {
                        self.line(0, "", "");
                    }
                    self.line(depth, "", &heading.text.plain)
                }
                BlockKind::Paragraph(lines) => self.lines(lines, depth, ""),
                BlockKind::List(list) => {
                    let first = self.line;
                    list.items.iter_mut().for_each(|item| self.item(item, depth));
                    first
                }
                BlockKind::Table(table) => self.table(table, depth),
                BlockKind::Quote(blocks) => {
                    let first = self.line;
                    self.blocks(blocks, depth + 1);
                    first
                }
                BlockKind::Code => {
                    let first = self.line;
                    for line in self.codes.next().unwrap_or_default() {
                        self.line(depth, "", &line);
                    }
                    first
                }
                BlockKind::FrontMatter(_) | BlockKind::Rule => self.line(depth, "", ""),
            };
            block.span = Span::new(first, self.line - 1);
        }
    }

    fn lines(&mut self, lines: &mut [Line], depth: usize, mark: &str) -> usize {
        let first = self.line;
        for (at, line) in lines.iter_mut().enumerate() {
            line.number = self.line(depth, if at == 0 { mark } else { "" }, &line.text.plain);
        }
        first
    }

    fn item(&mut self, item: &mut Item, depth: usize) {
        let first = self.line;
        let mark = match item.checked {
            Some(true) => "- ☑ ",
            Some(false) => "- ☐ ",
            None => "- ",
        };
        let begins = matches!(item.blocks.first().map(|block| &block.kind), Some(BlockKind::Paragraph(_)));
        let (own, rest) = item.blocks.split_at_mut(usize::from(begins));
        for Block { span, kind } in own {
            if let BlockKind::Paragraph(lines) = kind {
                let first = self.lines(lines, depth, mark);
                *span = Span::new(first, self.line - 1);
            }
        }
        self.blocks(rest, depth + 1);
        item.span = Span::new(first, self.line - 1);
    }

    fn table(&mut self, table: &mut Table, depth: usize) -> usize {
        let first = self.line;
        // A table without a header has empty names for its columns.
        let is_named = table.header.iter().any(|cell| !cell.text.is_empty());
        for row in std::iter::once(&mut table.header).filter(|_| is_named).chain(&mut table.rows) {
            let words: Vec<&str> = row.iter().map(|cell| cell.text.plain.as_str()).collect();
            let line = self.line(depth, "", &words.join(" | "));
            row.iter_mut().for_each(|cell| cell.line = line);
        }
        if !is_named {
            table.header.iter_mut().for_each(|cell| cell.line = first);
        }
        first
    }
}
