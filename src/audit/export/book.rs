//! A workbook as spreadsheets open it (Office Open XML, ECMA-376), written row by row.
//!
//! Invariants: however long a table is, only a row of it is held; the same rows give the same bytes; and a disk that is full is an
//! error. Libraries that write workbooks hold all of it or end the program there, so this is our own: texts, numbers, and yes or
//! no, with bold headings that stay in sight.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions, write::StreamWriter};

use super::{
    cell::Cell,
    folder::{ExportedFile, Folder, Hashed, failed},
};
use crate::audit::AuditError;

/// The name of the workbook.
const NAME: &str = "followup.xlsx";

/// So many rows a sheet has at most, with its headings, and so many characters a cell
/// (<https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3>).
const SHEET_ROWS: u32 = 1_048_576;
const CELL_CHARACTERS: usize = 32_767;

/// What stands at the end of a cell that would be too long.
const CUT: &str = " […]";

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// What stands before the rows of a sheet: its first row stays in sight.
const SHEET: &str = r#"<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" baseColWidth="14"/><sheetData>"#;

/// Two looks: plain, and bold for headings.
const STYLES: &str = r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>"#;

/// A workbook that is being written.
pub(super) struct Book {
    zip: ZipWriter<StreamWriter<Hashed>>,
    path: std::path::PathBuf,
    /// The names of the sheets, in the order in which they were begun; the last one is open.
    sheets: Vec<String>,
    /// The table of the open sheet, and the next row in it.
    table: &'static str,
    row: u32,
    rows: u64,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Book").field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

impl Book {
    /// Begins a workbook.
    pub(super) fn begin(folder: &Folder) -> Result<Self, AuditError> {
        let zip = ZipWriter::new_stream(folder.create(NAME)?);
        Ok(Self { zip, path: folder.path(NAME), sheets: Vec::new(), table: "", row: 0, rows: 0 })
    }

    /// Begins the sheet of a table. The rows of one table come together.
    pub(super) fn sheet(&mut self, table: &'static str, columns: &[&str]) -> Result<(), AuditError> {
        self.open(table, table.to_owned(), columns).map_err(|error| failed(&self.path, error))
    }

    /// Adds a row to the open sheet, or to a further one where that is full.
    pub(super) fn row(&mut self, columns: &[&str], cells: &[Cell]) -> Result<(), AuditError> {
        let mut write = || -> io::Result<()> {
            if self.row >= SHEET_ROWS {
                let name = format!("{} {}", self.table, self.sheets.len() + 1);
                self.open(self.table, name, columns)?;
            }
            self.put(cells, 0)?;
            self.rows += 1;
            Ok(())
        };
        write().map_err(|error| failed(&self.path, error))
    }

    /// Ends the workbook.
    pub(super) fn end(mut self) -> Result<ExportedFile, AuditError> {
        let path = self.path.clone();
        let ended = self.close().and_then(|()| self.frame());
        let file =
            ended.and_then(|()| self.zip.finish().map_err(ZipError::into)).map(StreamWriter::into_inner);
        file.map_err(|error| failed(&path, error))?.finish(self.rows)
    }

    fn begin_part(&mut self, name: &str) -> io::Result<()> {
        // Without a date of its own, every part has the same one.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .large_file(true);
        self.zip.start_file(name, options)?;
        self.zip.write_all(DECLARATION.as_bytes())
    }

    fn part(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.begin_part(name)?;
        self.zip.write_all(text.as_bytes())
    }

    fn open(&mut self, table: &'static str, name: String, columns: &[&str]) -> io::Result<()> {
        self.close()?;
        self.sheets.push(name);
        (self.table, self.row) = (table, 0);
        self.begin_part(&format!("xl/worksheets/sheet{}.xml", self.sheets.len()))?;
        write!(self.zip, r#"<worksheet xmlns="{MAIN}">{SHEET}"#)?;
        let headings: Vec<Cell> = columns.iter().map(|column| Cell::from(*column)).collect();
        self.put(&headings, 1)
    }

    fn close(&mut self) -> io::Result<()> {
        if self.sheets.is_empty() { Ok(()) } else { self.zip.write_all(b"</sheetData></worksheet>") }
    }

    fn put(&mut self, cells: &[Cell], look: u8) -> io::Result<()> {
        self.row += 1;
        let mut row = format!(r#"<row r="{}">"#, self.row);
        for (column, cell) in cells.iter().enumerate() {
            let place = format_args!(r#"<c r="{}{}" s="{look}""#, letters(column), self.row).to_string();
            let written = match cell {
                Cell::Empty => continue,
                Cell::Number(number) => write!(row, "{place}><v>{number}</v></c>"),
                Cell::Flag(is_set) => write!(row, r#"{place} t="b"><v>{}</v></c>"#, u8::from(*is_set)),
                cell => {
                    let text = escaped(&fitting(cell.plain()));
                    write!(row, r#"{place} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#)
                }
            };
            written.expect("memory takes every cell");
        }
        row.push_str("</row>");
        self.zip.write_all(row.as_bytes())
    }

    /// What makes a workbook of the sheets.
    fn frame(&mut self) -> io::Result<()> {
        let sheets = self.sheets.clone();
        let each = |line: &dyn Fn(usize, &str) -> String| -> String {
            (1..).zip(&sheets).map(|(number, name)| line(number, name)).collect()
        };
        // People look at the actions first.
        let names = |line: &dyn Fn(usize, &str) -> String| -> String {
            let mut numbered: Vec<(usize, &String)> = (1..).zip(&sheets).collect();
            numbered.sort_by_key(|(_, name)| !name.starts_with("actions"));
            numbered.into_iter().map(|(number, name)| line(number, name)).collect()
        };
        let named =
            names(&|number, name| format!(r#"<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>"#));
        self.part(
            "xl/workbook.xml",
            &format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>"#),
        )?;
        let related = each(&|number, _| {
            format!(
                r#"<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
            )
        });
        self.part(
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships">{related}<Relationship Id="rId{}" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>"#,
                sheets.len() + 1
            ),
        )?;
        self.part("xl/styles.xml", &format!(r#"<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>"#))?;
        self.part(
            "_rels/.rels",
            &format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        )?;
        const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
        let typed = each(&|number, _| {
            format!(
                r#"<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPE}.worksheet+xml"/>"#
            )
        });
        self.part(
            "[Content_Types].xml",
            &format!(
                r#"<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>{typed}</Types>"#
            ),
        )
    }
}

/// The letters of a column, from 0: `A` to `Z`, then `AA`.
fn letters(column: usize) -> String {
    let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    match column / 26 {
        0 => letter(column).to_string(),
        more => format!("{}{}", letters(more - 1), letter(column)),
    }
}

/// A text that fits into a cell of a sheet. What stands outside of the first plane of Unicode counts twice there.
fn fitting(text: String) -> String {
    if text.encode_utf16().count() <= CELL_CHARACTERS {
        return text;
    }
    let mut length = CUT.len();
    let end = text.char_indices().find(|(_, c)| {
        length += c.len_utf16();
        length > CELL_CHARACTERS
    });
    format!("{}{CUT}", &text[..end.map_or(text.len(), |(end, _)| end)])
}

/// A text as XML has it. What XML has no character for is written as `_x001B_`, and what would look like that has its first
/// line written so.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '_' if looks_escaped(&text[at..]) => escaped.push_str("_x005F_"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(escaped, "_x{:04X}_", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[..2] == *b"_x"
        && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
        && bytes[6] == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_where_a_cell_ends() {
        let cut = fitting("🙂".repeat(20_000));
        assert!(cut.ends_with(CUT) && cut.encode_utf16().count() <= CELL_CHARACTERS);
        let whole = "a".repeat(CELL_CHARACTERS);
        assert_eq!(fitting(whole.clone()), whole);
    }

    #[test]
    fn columns_are_named_by_letters() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn no_text_breaks_the_sheet() {
        assert_eq!(escaped("a < b & c > d\n"), "a &lt; b &amp; c &gt; d\n");
        assert_eq!(escaped("\u{1b}[1m\r"), "_x001B_[1m_x000D_");
        assert_eq!(escaped("_x0041_ _x_"), "_x005F_x0041_ _x_");
    }
}
