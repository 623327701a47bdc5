//! The tables of an export, each written into every format that was asked for, row by row.
//!
//! Invariant: the same rows give the same bytes.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{
    book::Book,
    cell::Cell,
    folder::{ExportedFile, Folder, Hashed},
};
use crate::{
    audit::{AuditError, ExportFormat},
    sheet,
};

/// A table, in every format that was asked for.
#[derive(Debug)]
pub(super) struct Table {
    name: &'static str,
    columns: Vec<&'static str>,
    csv: Option<Hashed>,
    json: Option<Hashed>,
    rows: u64,
}

impl Table {
    /// Begins a table.
    pub(super) fn begin(
        folder: &Folder,
        formats: &[ExportFormat],
        name: &'static str,
        columns: Vec<&'static str>,
    ) -> Result<Self, AuditError> {
        let create = |format: ExportFormat| {
            let is_wanted = formats.contains(&format);
            is_wanted.then(|| folder.create(&format!("{name}.{format}"))).transpose()
        };
        let mut table = Self {
            name,
            csv: create(ExportFormat::Csv)?,
            json: create(ExportFormat::Json)?,
            columns,
            rows: 0,
        };
        if let Some(file) = &mut table.csv {
            let headings = table.columns.iter().map(|name| Cow::Borrowed(*name));
            file.put(sheet::csv([headings]).as_bytes())?;
        }
        if let Some(file) = &mut table.json {
            file.put(b"[")?;
        }
        Ok(table)
    }

    /// Begins its sheet; its rows come together.
    pub(super) fn begin_sheet(&self, book: &mut Option<Book>) -> Result<(), AuditError> {
        book.as_mut().map_or(Ok(()), |book| book.sheet(self.name, &self.columns))
    }

    /// Adds a row.
    pub(super) fn row(&mut self, book: &mut Option<Book>, cells: &[Cell]) -> Result<(), AuditError> {
        debug_assert_eq!(cells.len(), self.columns.len(), "{} has a cell for each column", self.name);
        if let Some(file) = &mut self.csv {
            file.put(sheet::csv([cells.iter().map(|cell| Cow::Owned(cell.plain()))]).as_bytes())?;
        }
        if let Some(file) = &mut self.json {
            let mut object: Map<String, Value> = self
                .columns
                .iter()
                .zip(cells)
                .map(|(name, cell)| ((*name).to_owned(), cell.json()))
                .collect();
            let erased = self.columns.iter().zip(cells).filter(|(_, cell)| **cell == Cell::Erased);
            let erased: Vec<&str> = erased.map(|(name, _)| *name).collect();
            if !erased.is_empty() {
                object.insert("erased".to_owned(), json!(erased));
            }
            let begin = if self.rows == 0 { "\n" } else { ",\n" };
            file.put(format!("{begin}{}", Value::Object(object)).as_bytes())?;
        }
        if let Some(book) = book {
            book.row(&self.columns, cells)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends its files.
    pub(super) fn end(mut self) -> Result<Vec<ExportedFile>, AuditError> {
        if let Some(file) = &mut self.json {
            file.put(b"\n]\n")?;
        }
        let files = [self.csv, self.json].into_iter().flatten();
        files.map(|file| file.finish(self.rows)).collect()
    }
}
