//! Tables as documents lay them out (merged cells, cells that hold paragraphs and lists, tables that only
//! place text on a page) to tables of the model.
//!
//! Invariant: the words of every cell come out at least once and in order; what a merged cell covers is filled
//! with its words only as far as a budget allows, so that no table grows beyond a multiple of its source.

use crate::document::{
    Block, BlockKind, Cell, Heading, Item, LABEL_LEVEL, Line, Span, Table, Text, one_line,
};
use crate::{text, words};

/// How many columns a merged cell may cover.
const MAX_ACROSS: u16 = 32;

/// The longest cell of a first row that may be the name of a column, in words.
const MAX_NAME: usize = 6;

/// A table while it is read.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    /// The rows that are finished.
    pub(crate) rows: Vec<GridRow>,
    /// The words above the table.
    pub(crate) caption: Option<Line>,
}

/// A row while it is read.
#[derive(Debug, Default)]
pub(crate) struct GridRow {
    /// Whether the document says that it names the columns.
    pub(crate) is_header: bool,
    /// Its cells.
    pub(crate) cells: Vec<GridCell>,
}

/// A cell while it is read.
#[derive(Debug)]
pub(crate) struct GridCell {
    /// Its words, unless they are in `blocks`.
    cell: Cell,
    /// What stands in it, where that is more than one paragraph.
    blocks: Option<Box<[Block]>>,
    across: u16,
    down: u16,
    is_header: bool,
}

impl GridCell {
    /// A cell that covers so many columns and rows.
    pub(crate) fn new(line: usize, mut blocks: Vec<Block>, is_header: bool, across: u16, down: u16) -> Self {
        let is_paragraph = matches!(&blocks[..], [] | [Block { kind: BlockKind::Paragraph(_), .. }]);
        let (cell, blocks) = if is_paragraph {
            let text = match blocks.pop().map(|block| block.kind) {
                Some(BlockKind::Paragraph(mut lines)) if lines.len() == 1 => {
                    lines.pop().map_or_else(Text::default, |line| line.text)
                }
                Some(BlockKind::Paragraph(lines)) => one_line(&lines),
                _ => Text::default(),
            };
            (Cell { line, text }, None)
        } else {
            (Cell { line, text: Text::default() }, Some(blocks.into_boxed_slice()))
        };
        Self { cell, blocks, across: across.clamp(1, MAX_ACROSS), down: down.max(1), is_header }
    }

    /// The cell also covers the next row.
    pub(crate) fn reach_down(&mut self) {
        self.down = self.down.saturating_add(1);
    }

    fn has(&self, is: fn(&BlockKind) -> bool) -> bool {
        self.blocks.as_ref().is_some_and(|blocks| blocks.iter().any(|block| is(&block.kind)))
    }

    /// The cell with its words on one line.
    fn flat(self) -> Cell {
        let Self { cell: Cell { line, mut text }, blocks, .. } = self;
        for block in blocks.into_iter().flatten() {
            flatten(&block, &mut text);
        }
        Cell { line, text }
    }

    /// What stands in the cell, as blocks.
    fn into_blocks(self) -> Vec<Block> {
        match self.blocks {
            Some(blocks) => blocks.into_vec(),
            None if self.cell.text.is_empty() => Vec::new(),
            None => vec![paragraph(self.cell.line, self.cell.text)],
        }
    }
}

fn paragraph(line: usize, text: Text) -> Block {
    Block { span: Span::line(line), kind: BlockKind::Paragraph(vec![Line { number: line, text }]) }
}

fn label(line: usize, text: Text) -> Block {
    Block { span: Span::line(line), kind: BlockKind::Heading(Heading { level: LABEL_LEVEL, text }) }
}

/// Appends the words of a block; blocks nest as deep as the model allows.
fn flatten(block: &Block, into: &mut Text) {
    match &block.kind {
        BlockKind::Paragraph(lines) => lines.iter().for_each(|line| into.push(&line.text)),
        BlockKind::Heading(heading) => into.push(&heading.text),
        BlockKind::List(list) => {
            for Item { checked, blocks, .. } in &list.items {
                if let Some(checked) = checked {
                    into.push(&Text::from_plain(if *checked { "☑" } else { "☐" }));
                }
                blocks.iter().for_each(|block| flatten(block, into));
            }
        }
        BlockKind::Quote(blocks) => blocks.iter().for_each(|block| flatten(block, into)),
        BlockKind::Table(table) => {
            table.header.iter().chain(table.rows.iter().flatten()).for_each(|cell| into.push(&cell.text));
        }
        BlockKind::FrontMatter(_) | BlockKind::Code | BlockKind::Rule => {}
    }
}

impl Grid {
    /// The blocks of the table: usually the table, with its caption as a label in front. `budget` is how many
    /// bytes the filling of merged cells may still take.
    pub(crate) fn into_blocks(mut self, budget: &mut usize) -> Vec<Block> {
        self.rows.retain(|row| !row.cells.is_empty());
        let mut blocks = Vec::new();
        if let Some(Line { number, text }) = self.caption.take().filter(|caption| !caption.text.is_empty()) {
            blocks.push(paragraph(number, text));
        }
        if self.only_places_text() {
            for cell in self.rows.into_iter().flat_map(|row| row.cells) {
                blocks.extend(cell.into_blocks());
            }
            return blocks;
        }
        if self.tells_sections() {
            for row in self.rows {
                let mut cells = row.cells.into_iter();
                let Some(name) = cells.next().map(GridCell::flat).filter(|name| !name.text.is_empty()) else {
                    continue;
                };
                blocks.push(label(name.line, name.text));
                blocks.extend(cells.flat_map(GridCell::into_blocks));
            }
            return blocks;
        }
        // A row of one cell over several columns names what is below it.
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut header: Option<Vec<Cell>> = None;
        for row in std::mem::take(&mut self.rows) {
            if matches!(&row.cells[..], [cell] if cell.across > 1) {
                blocks.extend(table(std::mem::take(&mut rows), &mut header, budget));
                let name = row.cells.into_iter().map(GridCell::flat).next();
                let name = name.filter(|name| !name.text.is_empty());
                blocks.extend(name.map(|name| label(name.line, name.text)));
            } else {
                rows.push(row);
            }
        }
        blocks.extend(table(rows, &mut header, budget));
        blocks
    }

    /// Whether the table only places text on the page: one cell, or cells that hold headings or tables.
    fn only_places_text(&self) -> bool {
        let cells = || self.rows.iter().flat_map(|row| &row.cells);
        cells().count() == 1
            || cells()
                .any(|cell| cell.has(|kind| matches!(kind, BlockKind::Heading(_) | BlockKind::Table(_))))
    }

    /// Whether each row is a section of the report: its name in the first cell, lists or paragraphs in the other.
    fn tells_sections(&self) -> bool {
        let is_pair = |row: &GridRow| matches!(&row.cells[..], [name, _] if name.blocks.is_none());
        let has_list =
            |row: &GridRow| row.cells[1].has(|kind| matches!(kind, BlockKind::List(_) | BlockKind::Quote(_)));
        let is_named = |row: &GridRow| {
            let name = &row.cells[0];
            name.is_header && !row.cells[1].is_header || name.cell.text.is_bold() || has_list(row)
        };
        self.rows.iter().all(is_pair)
            && self.rows.iter().any(has_list)
            && self.rows.iter().filter(|row| is_named(row)).count() * 2 > self.rows.len()
            && self
                .rows
                .iter()
                .any(|row| has_list(row) && words::topic(&row.cells[0].cell.text.plain).is_some())
    }
}

/// A table of rows. Its header is the first of them, where that names columns, else the one of the table before.
fn table(rows: Vec<GridRow>, header: &mut Option<Vec<Cell>>, budget: &mut usize) -> Option<Block> {
    let first = rows.first()?.cells.first()?.cell.line;
    let is_headed = is_headed(&rows);
    let mut rows = filled(rows, budget);
    let last = rows.iter().flatten().map(|cell| cell.line).max().unwrap_or(first);
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let names = if is_headed {
        rows.remove(0)
    } else {
        match header.as_ref().filter(|header| header.len() >= columns) {
            Some(header) if header.iter().all(|cell| spend(budget, cell)) => header.clone(),
            _ => std::iter::repeat_with(|| empty(first)).take(columns).collect(),
        }
    };
    *header = Some(names.clone());
    Some(Block { span: Span::new(first, last), kind: BlockKind::Table(Table { header: names, rows }) })
}

/// Whether the first row names the columns: it is marked so, set in bold, or knows the names of columns.
fn is_headed(rows: &[GridRow]) -> bool {
    let Some((first, rest)) = rows.split_first() else { return false };
    if first.is_header || first.cells.len() > 1 && first.cells.iter().all(|cell| cell.is_header) {
        return true;
    }
    let named = || first.cells.iter().filter(|cell| !cell.cell.text.is_empty());
    let is_name =
        |cell: &GridCell| cell.blocks.is_none() && text::word_count(&cell.cell.text.plain) <= MAX_NAME;
    let are_names = first.cells.len() > 1
        && !rest.is_empty()
        && named().count() * 2 > first.cells.len()
        && first.cells.iter().all(is_name);
    let all_bold =
        |row: &GridRow| row.cells.iter().all(|cell| cell.cell.text.is_empty() || cell.cell.text.is_bold());
    let known = named().filter(|cell| words::column(&cell.cell.text.plain).is_some()).count();
    are_names && (all_bold(first) && !rest.iter().all(all_bold) || known * 2 >= first.cells.len())
}

fn empty(line: usize) -> Cell {
    Cell { line, text: Text::default() }
}

/// The rows with the words of merged cells in every row that they reach.
fn filled(rows: Vec<GridRow>, budget: &mut usize) -> Vec<Vec<Cell>> {
    // What still covers a column from above, and for how many rows.
    let mut above: Vec<Option<(Cell, u16)>> = Vec::new();
    let mut filled = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells: Vec<Cell> = Vec::with_capacity(row.cells.len());
        for cell in row.cells {
            from_above(&mut above, &mut cells, budget);
            let (across, down, line) = (cell.across, cell.down, cell.cell.line);
            let mut next = Some(cell.flat());
            for _ in 0..across {
                let Some(cell) = next.take().or_else(|| Some(empty(line)).filter(|cell| spend(budget, cell)))
                else {
                    break;
                };
                if down > 1 && spend(budget, &cell) {
                    let column = cells.len();
                    above.resize_with(above.len().max(column + 1), || None);
                    above[column] = Some((cell.clone(), down - 1));
                }
                cells.push(cell);
            }
        }
        from_above(&mut above, &mut cells, budget);
        cells.shrink_to_fit();
        filled.push(cells);
    }
    filled
}

/// Fills the next columns as long as a cell of an earlier row covers them.
fn from_above(above: &mut [Option<(Cell, u16)>], cells: &mut Vec<Cell>, budget: &mut usize) {
    while let Some(covered) = above.get_mut(cells.len()) {
        let Some((cell, left)) = covered else { break };
        if !spend(budget, cell) {
            *covered = None;
            break;
        }
        cells.push(cell.clone());
        *left -= 1;
        if *left == 0 {
            *covered = None;
        }
    }
}

/// Whether there is room for one more copy of a cell.
fn spend(budget: &mut usize, cell: &Cell) -> bool {
    let cost = size_of::<Cell>() + cell.text.plain.len();
    let fits = *budget >= cost;
    *budget -= if fits { cost } else { 0 };
    fits
}
