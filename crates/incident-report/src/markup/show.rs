//! The model as an indented outline, for tests of front ends: one block a line, with its source line in front.

use std::fmt::Write as _;

use crate::document::{Block, BlockKind, Cell, Document, Text};

/// The outline of a document.
pub(crate) fn outline(document: &Document) -> String {
    let mut out = String::new();
    write(&document.blocks, 0, &mut out);
    out.trim_end().to_owned()
}

/// Words, with `**` around what is bold, `~~` around what is struck, and the targets of links behind them.
fn words(text: &Text) -> String {
    let (mark, length) = match (text.bold, text.struck) {
        (0, 0) => ("", 0),
        (bold, 0) => ("**", bold),
        (_, struck) => ("~~", struck),
    };
    let mut told = format!("{mark}{}{mark}{}", &text.plain[..length], &text.plain[length..]);
    for link in &text.links {
        let _ = write!(told, " <{}>", link.target);
    }
    told
}

fn write(blocks: &[Block], depth: usize, out: &mut String) {
    for block in blocks {
        let pad = "  ".repeat(depth);
        let _ = write!(out, "{}{pad} ", block.span.first);
        let _ = match &block.kind {
            BlockKind::FrontMatter(pairs) => {
                let pairs: Vec<String> =
                    pairs.iter().map(|pair| format!("{}:{}={}", pair.line, pair.key, pair.value)).collect();
                writeln!(out, "meta {}", pairs.join(" / "))
            }
            BlockKind::Heading(heading) => writeln!(out, "h{} {}", heading.level, words(&heading.text)),
            BlockKind::Paragraph(lines) => {
                let lines: Vec<String> =
                    lines.iter().map(|line| format!("{}:{}", line.number, words(&line.text))).collect();
                writeln!(out, "p {}", lines.join(" / "))
            }
            BlockKind::List(list) => {
                let _ = writeln!(out, "{}", if list.ordered { "ol" } else { "ul" });
                for item in &list.items {
                    let state = match (item.checked, item.is_dropped) {
                        (_, true) => " [-]",
                        (Some(true), _) => " [x]",
                        (Some(false), _) => " [ ]",
                        (None, _) => "",
                    };
                    let _ = writeln!(out, "{}-{}{pad}  item{state}", item.span.first, item.span.last);
                    write(&item.blocks, depth + 2, out);
                }
                Ok(())
            }
            BlockKind::Table(table) => {
                let cells = |cells: &[Cell]| {
                    cells.iter().map(|cell| words(&cell.text)).collect::<Vec<_>>().join(" | ")
                };
                let _ = writeln!(out, "table {}", cells(&table.header));
                for row in &table.rows {
                    let line = row.first().map_or(0, |cell| cell.line);
                    let _ = writeln!(out, "{line}{pad}   {}", cells(row));
                }
                Ok(())
            }
            BlockKind::Quote(blocks) => {
                let _ = writeln!(out, "quote");
                write(blocks, depth + 1, out);
                Ok(())
            }
            BlockKind::Code => writeln!(out, "code"),
            BlockKind::Rule => writeln!(out, "rule"),
        };
    }
}
