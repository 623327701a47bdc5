//! Tables of AsciiDoc.
//!
//! Invariant: every cell comes out once; what a cell says of how often it stands there is paid from the budget.

use super::{BlockAttributes, Parser, Pending, delimiters, marker};
use crate::document::{Block, Line};
use crate::grid::{Grid, GridCell, GridRow};
use crate::markup::{Row, paragraph, records};

/// How many columns a table has at most.
const MAX_COLUMNS: usize = 200;

/// What stands in front of the bar of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spec {
    across: u16,
    down: u16,
    times: u16,
    style: Option<char>,
}

impl Default for Spec {
    fn default() -> Self {
        Self { across: 1, down: 1, times: 1, style: None }
    }
}

/// A cell while its rows are collected.
#[derive(Clone, Debug)]
struct Cell<'t> {
    rows: Vec<Row<'t>>,
    spec: Spec,
}

impl<'t> Parser<'t> {
    /// The table between two delimiters.
    pub(super) fn table(
        &mut self,
        at: usize,
        close: usize,
        depth: usize,
        pending: &Pending<'t>,
        into: &mut Vec<Block>,
    ) {
        let attributes = &pending.attributes;
        let delimiter = self.rows[at].text.chars().next().unwrap_or('|');
        let rows: Vec<Row<'t>> = self.rows[at + 1..close].to_vec();
        let caption = pending.title.map(|row| Line { number: row.number, text: self.text(row) });
        let mut grid = Grid { caption, ..Grid::default() };
        let first = rows.iter().position(|row| !row.text.is_empty()).unwrap_or(0);
        let is_set_off = first == 0 && rows.get(1).is_some_and(|row| row.text.is_empty());
        let is_headed = attributes.has("header") || is_set_off && !attributes.has("noheader");
        let separator = match (delimiter, attributes.value("format"), attributes.value("separator")) {
            (_, Some("csv"), None) | (',', _, None) => Some(b','),
            (_, Some("tsv"), None) => Some(b'\t'),
            (_, Some("dsv"), None) | (':', _, None) => Some(b':'),
            (_, Some("csv" | "dsv"), Some(separator)) => separator.bytes().next(),
            _ => None,
        };
        if let Some(separator) = separator {
            for (at, (number, values)) in records(&rows, separator).into_iter().enumerate() {
                let cells = values.iter().map(|value| {
                    let value = self.attributes.resolve(value).into_owned();
                    let rows = [Row { number, text: value.as_str() }];
                    let told = crate::markup::inline::lines(&rows, &mut self.inline);
                    GridCell::new(number, paragraph(told).into_iter().collect(), false, 1, 1)
                });
                let cells = cells.collect();
                grid.rows.push(GridRow { is_header: at == 0 && is_headed, cells });
            }
        } else {
            let separator = match attributes.value("separator") {
                Some(separator) => separator.chars().next().unwrap_or('|'),
                None if delimiter == '!' => '!',
                None => '|',
            };
            let (cells, on_first_line) = cells(&rows, separator);
            let columns = columns(attributes).unwrap_or(on_first_line).clamp(1, MAX_COLUMNS);
            let is_headed = is_headed && (attributes.has("header") || on_first_line >= columns);
            self.fill(cells, columns, is_headed, depth, &mut grid);
        }
        into.extend(grid.into_blocks(self.attributes.budget().left()));
    }

    /// Lays cells out in rows of so many columns.
    fn fill(&mut self, cells: Vec<Cell<'t>>, columns: usize, is_headed: bool, depth: usize, grid: &mut Grid) {
        let mut covered = vec![0_u16; columns];
        let mut row = GridRow { is_header: is_headed, cells: Vec::new() };
        let mut column = 0;
        for cell in cells {
            let mut times = cell.spec.times;
            loop {
                while covered.get(column).is_some_and(|left| *left > 0) {
                    covered[column] -= 1;
                    column += 1;
                }
                if column >= columns {
                    if row.cells.is_empty() {
                        // A row that the rows above cover altogether is none.
                        covered.fill(0);
                    } else {
                        grid.rows.push(std::mem::take(&mut row));
                    }
                    column = 0;
                    continue;
                }
                let across = usize::from(cell.spec.across).min(columns - column);
                covered[column..column + across].fill(cell.spec.down.saturating_sub(1));
                row.cells.push(self.cell(&cell, depth));
                column += across;
                if column >= columns {
                    grid.rows.push(std::mem::take(&mut row));
                    column = 0;
                }
                times -= 1;
                let size = size_of::<Cell<'_>>() + cell.rows.iter().map(|row| row.text.len()).sum::<usize>();
                if times == 0 || !self.attributes.budget().take(size) {
                    break;
                }
            }
        }
        grid.rows.push(row);
    }

    fn cell(&mut self, cell: &Cell<'t>, depth: usize) -> GridCell {
        let line = cell
            .rows
            .iter()
            .find(|row| !row.text.is_empty())
            .or(cell.rows.first())
            .map_or(1, |row| row.number);
        let is_structured = cell.spec.style == Some('a')
            || cell.rows.iter().any(|row| marker(row.text).is_some_and(|marker| marker.term.is_none()));
        let blocks = if is_structured {
            self.blocks_of(cell.rows.clone(), depth + 1)
        } else {
            let rows: Vec<Row<'t>> = cell.rows.iter().filter(|row| !row.text.is_empty()).copied().collect();
            paragraph(self.lines(&rows)).into_iter().collect()
        };
        GridCell::new(line, blocks, cell.spec.style == Some('h'), cell.spec.across, cell.spec.down)
    }

    /// The blocks of rows that are no part of the others.
    fn blocks_of(&mut self, rows: Vec<Row<'t>>, depth: usize) -> Vec<Block> {
        let delimiters = std::mem::replace(&mut self.delimiters, delimiters(&rows));
        let rows = std::mem::replace(&mut self.rows, rows);
        let blocks = self.blocks(0, self.rows.len(), depth);
        self.rows = rows;
        self.delimiters = delimiters;
        blocks
    }
}

/// The cells of a table, and how many stand on its first line.
fn cells<'t>(rows: &[Row<'t>], separator: char) -> (Vec<Cell<'t>>, usize) {
    let mut cells: Vec<Cell<'t>> = Vec::new();
    let mut on_first_line = 0;
    for row in rows {
        let is_first = cells.is_empty();
        let mut from = 0;
        let bars =
            row.text.match_indices(separator).map(|(at, _)| at).filter(|at| !row.text[..*at].ends_with('\\'));
        for bar in bars.chain([row.text.len()]) {
            let part = &row.text[from..bar];
            let is_end = bar == row.text.len();
            let (words, spec) = if is_end { (part, None) } else { split_spec(part) };
            // What stands in front of the first bar of a row goes on with the cell before it.
            let is_needed = from > 0 || is_end || !words.trim().is_empty();
            if let Some(cell) = cells.last_mut().filter(|_| is_needed) {
                cell.rows.push(Row { number: row.number, text: words.trim() });
            }
            if !is_end {
                cells.push(Cell { rows: Vec::new(), spec: spec.unwrap_or_default() });
                from = bar + separator.len_utf8();
            }
        }
        if is_first {
            on_first_line =
                cells.iter().map(|cell| usize::from(cell.spec.across) * usize::from(cell.spec.times)).sum();
        }
    }
    (cells, on_first_line)
}

/// The words before a bar, without what is said there of the next cell.
fn split_spec(part: &str) -> (&str, Option<Spec>) {
    let start = part
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + part[at..].chars().next().map_or(1, char::len_utf8));
    match spec(&part[start..]) {
        Some(spec) => (&part[..start], Some(spec)),
        None => (part, None),
    }
}

/// What is said of a cell: `2+`, `.3+`, `3*`, `a`, `^.>s`.
fn spec(text: &str) -> Option<Spec> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    let mut spec = Spec::default();
    let mut rest = text;
    if let Some(at) = rest.find(['+', '*']) {
        let (counts, kind) = (&rest[..at], &rest[at..=at]);
        let (across, down) = counts.split_once('.').unwrap_or((counts, ""));
        let number =
            |text: &str| if text.is_empty() { Some(1) } else { text.parse::<u16>().ok().filter(|n| *n > 0) };
        let (across, down) = (number(across)?, number(down)?);
        if counts.is_empty() {
            return None;
        }
        if kind == "*" {
            spec.times = across.min(50);
        } else {
            spec.across = across;
            spec.down = down;
        }
        rest = &rest[at + 1..];
    }
    let rest = rest.trim_start_matches(['<', '^', '>', '.']);
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (None, _) => {}
        (Some(style @ ('a' | 'd' | 'e' | 'h' | 'l' | 'm' | 's' | 'v')), None) => spec.style = Some(style),
        _ => return None,
    }
    Some(spec)
}

/// How many columns the attributes tell of.
fn columns(attributes: &BlockAttributes) -> Option<usize> {
    let value = attributes.value("cols")?.trim();
    let times = |part: &str| part.split_once('*').and_then(|(times, _)| times.trim().parse::<usize>().ok());
    let count = value.split([',', ';']).map(|part| times(part).unwrap_or(1).min(MAX_COLUMNS)).sum();
    (!value.is_empty() && count > 0).then_some(count)
}
