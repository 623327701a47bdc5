//! Tables: drawn with lines, drawn with columns, and written as lists or comma-separated values.
//!
//! Invariant: a drawing that does not close is no table, and its rows are text.

use super::{Parser, Row, columns};
use crate::document::{Block, BlockKind, Line};
use crate::grid::{Grid, GridCell, GridRow};
use crate::markup::inline::{lines, text};
use crate::markup::{paragraph, records};

/// One cell while its rows are collected.
#[derive(Debug, Default)]
struct Cell<'t> {
    rows: Vec<Row<'t>>,
    across: u16,
    /// Whether the cell above it goes on here.
    is_joined: bool,
}

impl<'t> Parser<'t> {
    /// A table whose drawing begins in the first row; how many rows it takes.
    pub(super) fn drawn_table(
        &mut self,
        rows: &[Row<'t>],
        base: usize,
        depth: usize,
        into: &mut Vec<Block>,
    ) -> Option<usize> {
        match rows[0].text.as_bytes() {
            [b'+', b'-' | b'=' | b'+', ..] => self.grid_table(rows, base, depth, into),
            [b'=', b'=' | b' ', ..] => self.simple_table(rows, base, depth, into),
            _ => None,
        }
    }

    fn grid_table(
        &mut self,
        rows: &[Row<'t>],
        base: usize,
        depth: usize,
        into: &mut Vec<Block>,
    ) -> Option<usize> {
        let is_border = |text: &str| {
            text.len() > 2
                && text.starts_with('+')
                && text.ends_with('+')
                && text.bytes().all(|byte| b"+-=".contains(&byte))
        };
        if !is_border(rows[0].text) {
            return None;
        }
        let is_drawn = |row: &&Row<'_>| row.indent == base && row.text.starts_with(['+', '|']);
        let length = rows.iter().take_while(is_drawn).count();
        if length < 3 {
            return None;
        }
        let rows = &rows[..length];
        let mut edges: Vec<usize> = rows
            .iter()
            .filter(|row| is_border(row.text))
            .flat_map(|row| row.text.bytes().enumerate().filter(|(_, byte)| *byte == b'+').map(|(at, _)| at))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let mut grid = Grid::default();
        let mut cells: Vec<Cell<'t>> = Vec::new();
        for row in rows {
            if is_border(row.text) {
                self.end_row(&mut cells, depth, &mut grid);
                if row.text.contains('=') {
                    grid.rows.iter_mut().for_each(|row| row.is_header = true);
                }
                continue;
            }
            let parts = cut(row.text, &edges);
            let is_ruled =
                |part: &str| part.len() > 2 && part.bytes().all(|byte| matches!(byte, b'-' | b'+'));
            if parts.iter().any(|(_, _, part)| is_ruled(part)) {
                // A border that leaves out the cells that go on below it.
                self.end_row(&mut cells, depth, &mut grid);
                for (column, _, part) in parts {
                    let cell = cell_at(&mut cells, column);
                    cell.is_joined = !is_ruled(part);
                    add(cell, row.number, if is_ruled(part) { "" } else { part });
                }
                continue;
            }
            for (column, across, part) in parts {
                let cell = cell_at(&mut cells, column);
                cell.across = cell.across.max(across);
                add(cell, row.number, part);
            }
        }
        self.end_row(&mut cells, depth, &mut grid);
        into.extend(grid.into_blocks(self.inline.references.budget.left()));
        Some(length)
    }

    /// Finishes the cells of a row.
    fn end_row(&mut self, cells: &mut Vec<Cell<'t>>, depth: usize, grid: &mut Grid) {
        let mut row = GridRow::default();
        let is_empty = |cell: &Cell<'_>| cell.rows.iter().all(Row::is_blank);
        // A cell that goes on below a border without further words says there what it said above it.
        for (column, cell) in
            cells.iter_mut().enumerate().filter(|(_, cell)| cell.is_joined && is_empty(cell))
        {
            let above: &[Row<'t>] = self.cells_above.get(column).map_or(&[], Vec::as_slice);
            if self
                .inline
                .references
                .budget
                .take(above.iter().map(|row| size_of::<Row<'_>>() + row.text.len()).sum())
            {
                cell.rows = above.to_vec();
            }
        }
        let is_needed = !cells.iter().all(is_empty);
        self.cells_above.clear();
        for mut cell in cells.drain(..).filter(|_| is_needed) {
            self.cells_above.push(cell.rows.clone());
            if cell.across > 0 || !cell.rows.is_empty() {
                row.cells.push(self.cell(&mut cell, depth));
            }
        }
        if !row.cells.is_empty() {
            grid.rows.push(row);
        }
    }

    fn cell(&mut self, cell: &mut Cell<'t>, depth: usize) -> GridCell {
        let line =
            cell.rows.iter().find(|row| !row.is_blank()).or(cell.rows.first()).map_or(1, |row| row.number);
        let base = super::base_of(&cell.rows);
        let blocks = self.blocks(&mut cell.rows, base, depth + 1);
        GridCell::new(line, blocks, false, cell.across.max(1), 1)
    }

    fn simple_table(
        &mut self,
        rows: &[Row<'t>],
        base: usize,
        depth: usize,
        into: &mut Vec<Block>,
    ) -> Option<usize> {
        let is_border = |row: &Row<'_>, mark: u8| {
            row.indent == base
                && row.text.as_bytes().first() == Some(&mark)
                && row.text.bytes().all(|byte| byte == mark || byte == b' ')
        };
        if !is_border(&rows[0], b'=') || !rows[0].text.contains(' ') || rows[0].number < self.no_table_before
        {
            return None;
        }
        let mut borders = (1..rows.len()).filter(|at| is_border(&rows[*at], b'='));
        let mut header = 0;
        let end = loop {
            let Some(at) = borders.next() else {
                // Further down there is no end to it either.
                self.no_table_before = rows.last().map_or(0, |row| row.number);
                return None;
            };
            if rows.get(at + 1).is_none_or(Row::is_blank) {
                break at;
            }
            header = if header == 0 { at } else { header };
        };
        let border = rows[0].text.as_bytes();
        let starts: Vec<usize> = (0..border.len())
            .filter(|at| border[*at] == b'=' && (*at == 0 || border[at - 1] == b' '))
            .collect();
        let mut grid = Grid::default();
        let mut cells: Vec<Cell<'t>> = Vec::new();
        for (at, row) in rows[..end].iter().enumerate().skip(1) {
            if row.is_blank() || is_border(row, b'-') {
                continue;
            }
            if at == header {
                self.end_row(&mut cells, depth, &mut grid);
                grid.rows.iter_mut().for_each(|row| row.is_header = true);
                continue;
            }
            let parts = at_columns(row, base, &starts);
            if parts.first().is_some_and(|first| !first.is_empty()) {
                self.end_row(&mut cells, depth, &mut grid);
            }
            for (column, part) in parts.into_iter().enumerate() {
                add(cell_at(&mut cells, column), row.number, part);
            }
        }
        self.end_row(&mut cells, depth, &mut grid);
        into.extend(grid.into_blocks(self.inline.references.budget.left()));
        Some(end + 1)
    }

    /// A table of comma-separated values.
    pub(super) fn csv_table(
        &mut self,
        title: Row<'t>,
        header: Option<&'t str>,
        is_headed: bool,
        delimiter: Option<&str>,
        rows: &[Row<'t>],
        into: &mut Vec<Block>,
    ) {
        let delimiter = match delimiter {
            Some("tab" | "\\t") => b'\t',
            Some(name) if name.len() == 1 => name.as_bytes()[0],
            _ => b',',
        };
        let header: Vec<_> =
            header.map(|text| crate::markup::Row { number: title.number, text }).into_iter().collect();
        let rows: Vec<_> = rows.iter().skip_while(|row| row.is_blank()).map(Row::plain).collect();
        let mut grid = Grid { caption: self.caption(title), ..Grid::default() };
        for rows in [&header, &rows] {
            let is_header = std::ptr::eq(rows, &raw const header);
            for (at, (number, values)) in records(rows, delimiter).into_iter().enumerate() {
                let cells = values.iter().map(|value| {
                    let row = crate::markup::Row { number, text: value };
                    let blocks = paragraph(lines(&[row], &mut self.inline)).into_iter().collect();
                    GridCell::new(number, blocks, false, 1, 1)
                });
                let cells = cells.collect();
                grid.rows.push(GridRow { is_header: is_header || is_headed && at == 0, cells });
            }
        }
        into.extend(grid.into_blocks(self.inline.references.budget.left()));
    }

    /// A table written as a list of lists.
    pub(super) fn list_table(
        &mut self,
        title: Row<'t>,
        is_headed: bool,
        blocks: Vec<Block>,
        into: &mut Vec<Block>,
    ) {
        let mut grid = Grid { caption: self.caption(title), ..Grid::default() };
        for block in blocks {
            let BlockKind::List(list) = block.kind else {
                into.push(block);
                continue;
            };
            for (at, item) in list.items.into_iter().enumerate() {
                let mut row = GridRow { is_header: is_headed && at == 0, cells: Vec::new() };
                for block in item.blocks {
                    match block.kind {
                        BlockKind::List(list) => row.cells.extend(
                            list.items
                                .into_iter()
                                .map(|cell| GridCell::new(cell.span.first, cell.blocks, false, 1, 1)),
                        ),
                        _ => row.cells.push(GridCell::new(block.span.first, vec![block], false, 1, 1)),
                    }
                }
                grid.rows.push(row);
            }
        }
        into.extend(grid.into_blocks(self.inline.references.budget.left()));
    }

    fn caption(&mut self, title: Row<'t>) -> Option<Line> {
        let text = text(title.text, &mut self.inline);
        (!text.is_empty()).then_some(Line { number: title.number, text })
    }
}

fn cell_at<'c, 't>(cells: &'c mut Vec<Cell<'t>>, column: usize) -> &'c mut Cell<'t> {
    if cells.len() <= column {
        cells.resize_with(column + 1, Cell::default);
    }
    &mut cells[column]
}

fn add<'t>(cell: &mut Cell<'t>, number: usize, text: &'t str) {
    cell.rows.push(Row { number, indent: columns(text), text: text.trim() });
}

/// The cells of a row of a grid: the column each begins in, how many it covers, and its words.
fn cut<'t>(text: &'t str, edges: &[usize]) -> Vec<(usize, u16, &'t str)> {
    let inner = text.trim_start_matches('|').trim_end_matches('|');
    let parts: Vec<&str> = inner.split('|').collect();
    if parts.len() + 1 == edges.len() {
        return parts.into_iter().enumerate().map(|(column, part)| (column, 1, part)).collect();
    }
    let mut cells = Vec::new();
    let mut places = text.char_indices().map(|(at, c)| (at, matches!(c, '|' | '+'))).enumerate();
    let (mut from, mut column) = (1.min(text.len()), 0);
    for (edge, place) in edges.iter().enumerate().skip(1) {
        let found = places.find(|(at, _)| at == place).map(|(_, found)| found);
        let is_last = edge + 1 == edges.len();
        match found {
            Some((at, is_edge)) if (is_edge || is_last) && at >= from => {
                cells.push((column, across(column, edge), &text[from..at]));
                from = at + if is_edge { 1 } else { 0 };
                column = edge;
            }
            None if from <= text.len() => {
                cells.push((column, across(column, edges.len() - 1), text[from..].trim_end_matches('|')));
                break;
            }
            _ => {}
        }
    }
    cells
}

fn across(from: usize, to: usize) -> u16 {
    u16::try_from(to.saturating_sub(from)).unwrap_or(u16::MAX).max(1)
}

/// The words of a row in the columns that begin in these places.
fn at_columns<'t>(row: &Row<'t>, base: usize, starts: &[usize]) -> Vec<&'t str> {
    // Where letters are wider than their place in the text, only the gaps between columns tell them apart.
    if !row.text.is_ascii() {
        let parts: Vec<&str> = row.text.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() == starts.len() && row.indent == base {
            return parts;
        }
    }
    let shift = row.indent.saturating_sub(base);
    let mut places = row.text.char_indices().map(|(at, _)| at).enumerate();
    let mut bounds: Vec<usize> = starts
        .iter()
        .map(|start| match start.checked_sub(shift) {
            None | Some(0) => 0,
            Some(place) => places.find(|(at, _)| *at == place).map_or(row.text.len(), |(_, at)| at),
        })
        .collect();
    bounds.push(row.text.len());
    bounds.windows(2).map(|pair| &row.text[pair[0]..pair[1].max(pair[0])]).map(str::trim).collect()
}
