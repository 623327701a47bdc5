//! Tables of a Word document.

use std::collections::HashMap;

use super::{Body, MAX_INSIDE};
use crate::document::Block;
use crate::docx::package::Element;
use crate::grid::{Grid, GridCell, GridRow};

/// An open table.
#[derive(Debug, Default)]
pub(super) struct TableState {
    grid: Grid,
    row: Option<RowState>,
    /// The cell that still reaches down, by its column: its row and its place in it.
    merged: HashMap<usize, (usize, usize)>,
}

#[derive(Debug, Default)]
struct RowState {
    row: GridRow,
    column: usize,
    is_deleted: bool,
    cell: Option<CellState>,
}

#[derive(Debug)]
struct CellState {
    blocks: Vec<Block>,
    list: Option<String>,
    across: u16,
    merge: Merge,
    is_deleted: bool,
}

/// Whether a cell is merged with that above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Merge {
    None,
    Begins,
    Continues,
}

impl Body<'_> {
    /// Where the next block goes, and the list that the blocks there end in.
    pub(super) fn place(&mut self) -> (&mut Vec<Block>, &mut Option<String>) {
        let cell = self.tables.iter_mut().rev().find_map(|table| table.row.as_mut()?.cell.as_mut());
        match cell {
            Some(cell) => (&mut cell.blocks, &mut cell.list),
            None => (&mut self.blocks, &mut self.list),
        }
    }

    fn row(&mut self) -> Option<&mut RowState> {
        self.tables.last_mut()?.row.as_mut()
    }

    pub(super) fn open_table(&mut self) {
        if self.tables.len() < MAX_INSIDE {
            self.tables.push(TableState::default());
        } else {
            self.too_deep += 1;
        }
    }

    pub(super) fn close_table(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(table) = self.tables.pop() else { return };
        let mut budget = self.budget;
        for block in table.grid.into_blocks(&mut budget) {
            self.push(block);
        }
        self.budget = budget;
    }

    pub(super) fn open_row(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.row = Some(RowState::default());
        }
    }

    pub(super) fn close_row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        if let Some(RowState { mut row, is_deleted: false, .. }) = table.row.take() {
            row.cells.shrink_to_fit();
            table.grid.rows.push(row);
        }
    }

    pub(super) fn open_cell(&mut self) {
        if let Some(row) = self.row() {
            row.cell = Some(CellState {
                blocks: Vec::new(),
                list: None,
                across: 1,
                merge: Merge::None,
                is_deleted: false,
            });
        }
    }

    pub(super) fn close_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let Some(row) = table.row.as_mut() else { return };
        let Some(CellState { blocks, across, merge, is_deleted: false, .. }) = row.cell.take() else {
            return;
        };
        let column = row.column;
        row.column += usize::from(across);
        if merge == Merge::Continues
            && let Some((at, cell)) = table.merged.get(&column)
            && let Some(cell) = table.grid.rows.get_mut(*at).and_then(|row| row.cells.get_mut(*cell))
        {
            cell.reach_down();
            return;
        }
        if merge == Merge::Begins {
            table.merged.insert(column, (table.grid.rows.len(), row.row.cells.len()));
        } else {
            table.merged.remove(&column);
        }
        row.row.cells.push(GridCell::new(1, blocks, false, across, 1));
    }

    /// A property of a row or a cell.
    pub(super) fn table_property(&mut self, element: &Element<'_>) {
        let Some(row) = self.row() else { return };
        match (element.name(), &mut row.cell) {
            ("tblHeader", None) => row.row.is_header = element.is_on(),
            ("del", None) => row.is_deleted = true,
            ("gridBefore", None) => {
                row.column = element.get("val").and_then(|columns| columns.parse().ok()).unwrap_or(0);
            }
            ("gridSpan", Some(cell)) => {
                cell.across = element.get("val").and_then(|columns| columns.parse().ok()).unwrap_or(1);
            }
            ("vMerge", Some(cell)) => {
                let begins = element.get("val").is_some_and(|value| value == "restart");
                cell.merge = if begins { Merge::Begins } else { Merge::Continues };
            }
            ("cellDel", Some(cell)) => cell.is_deleted = true,
            _ => {}
        }
    }
}
