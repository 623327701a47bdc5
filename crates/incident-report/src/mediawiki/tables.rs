//! Tables of wikitext.
//!
//! Invariant: a table ends at its end, at a heading, or with the document; a table within a cell is the words
//! of that cell.

use super::flat::{Kind, Row, is_heading};
use super::inline::Inline;
use crate::document::{Block, Line};
use crate::grid::{Grid, GridCell, GridRow};
use crate::markup::inline::text;

/// A cell while its rows are collected.
#[derive(Debug, Default)]
struct Cell {
    rows: Vec<Row>,
    is_header: bool,
    across: u16,
    down: u16,
}

/// The table whose opening row comes first; how many rows it takes.
pub(super) fn table(rows: &[Row], inline: &mut Inline, budget: &mut usize, into: &mut Vec<Block>) -> usize {
    let mut table = Table { grid: Grid::default(), row: GridRow::default(), cell: None, inline };
    let mut within = 0_usize;
    let mut taken = rows.len();
    for (at, row) in rows.iter().enumerate().skip(1) {
        let Kind::Text(words) = &row.kind else { continue };
        let words = words.trim_start_matches(|c: char| c.is_whitespace() || c == ':');
        if is_heading(words) {
            taken = at;
            break;
        }
        if words.starts_with("{|") {
            within += 1;
        } else if let Some(rest) = words.strip_prefix("|}") {
            if within == 0 {
                taken = at + 1;
                table.goes_on(row, rest);
                break;
            }
            within -= 1;
        } else if within > 0 {
            let bare = words.trim_start_matches(['|', '!', '-', '+']);
            let bare = bare.replace("||", " ");
            table.goes_on(row, without_attributes(&bare).1);
        } else if words.starts_with("|-") {
            table.end_row();
        } else if let Some(caption) = words.strip_prefix("|+") {
            let caption = text(without_attributes(caption).1, table.inline);
            table.grid.caption = Some(Line { number: row.number, text: caption });
        } else if let Some(cells) = words.strip_prefix('|') {
            table.cells(row, cells, false);
        } else if let Some(cells) = words.strip_prefix('!') {
            table.cells(row, cells, true);
        } else {
            table.goes_on(row, words);
        }
    }
    table.end_row();
    into.extend(table.grid.into_blocks(budget));
    taken
}

struct Table<'i> {
    grid: Grid,
    row: GridRow,
    cell: Option<Cell>,
    inline: &'i mut Inline,
}

impl Table<'_> {
    /// The cells of one row of source.
    fn cells(&mut self, row: &Row, words: &str, is_header: bool) {
        let mut rest = words;
        loop {
            let end = separator(rest, is_header);
            let (attributes, content) = without_attributes(&rest[..end.unwrap_or(rest.len())]);
            self.end_cell();
            let rows = vec![in_place(row, content)];
            let across = span(attributes, "colspan");
            self.cell = Some(Cell { rows, is_header, across, down: span(attributes, "rowspan") });
            let Some(end) = end else { return };
            rest = &rest[end + 2..];
        }
    }

    /// Words that belong to the cell before them.
    fn goes_on(&mut self, row: &Row, words: &str) {
        if let Some(cell) = &mut self.cell {
            cell.rows.push(in_place(row, words));
        } else if !words.trim().is_empty() && !words.contains('=') {
            self.cells(row, words, false);
        }
    }

    fn end_cell(&mut self) {
        if let Some(Cell { mut rows, is_header, across, down }) = self.cell.take() {
            let line = rows.first().map_or(1, |row| row.number);
            let is_blank = |row: &Row| matches!(&row.kind, Kind::Text(text) if text.trim().is_empty());
            rows.retain(|row| !is_blank(row));
            let blocks = super::plain_blocks(&rows, self.inline);
            self.row.cells.push(GridCell::new(line, blocks, is_header, across, down));
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if !self.row.cells.is_empty() {
            self.grid.rows.push(std::mem::take(&mut self.row));
        }
    }
}

/// Words in the place of a row.
fn in_place(row: &Row, words: &str) -> Row {
    Row { number: row.number, last: row.last, kind: Kind::Text(words.trim().to_owned()) }
}

/// Where the next cell on the same line is set off.
fn separator(words: &str, is_header: bool) -> Option<usize> {
    let bytes = words.as_bytes();
    let mut links = 0_usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"[[" => links += 1,
            b"]]" => links = links.saturating_sub(1),
            b"||" if links == 0 => return Some(at),
            b"!!" if links == 0 && is_header => return Some(at),
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    None
}

/// The attributes in front of a cell, and its words.
fn without_attributes(cell: &str) -> (&str, &str) {
    match cell.split_once('|') {
        Some((attributes, words))
            if !attributes.contains("[[") && (attributes.contains('=') || attributes.trim().is_empty()) =>
        {
            (attributes, words)
        }
        _ => ("", cell),
    }
}

/// How many columns or rows an attribute says that a cell covers.
fn span(attributes: &str, name: &str) -> u16 {
    let value =
        attributes.split_once(name).map_or("", |(_, value)| value.trim_start_matches([' ', '=', '"', '\'']));
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    value[..digits].parse().unwrap_or(1)
}
