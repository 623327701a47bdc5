//! Cells of tables that people open in a spreadsheet.
//!
//! Invariant: no cell is taken for a formula, whoever wrote what is in it.

use std::borrow::Cow;

/// A value that a spreadsheet does not take for a formula: one that begins like one gets an apostrophe before it
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
#[must_use]
pub fn harmless(value: &str) -> Cow<'_, str> {
    match value.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => Cow::Owned(format!("'{value}")),
        _ => Cow::Borrowed(value),
    }
}

/// Rows as comma-separated values, with harmless cells.
///
/// # Panics
/// When there is no memory left: nothing else can fail.
pub fn csv<'a, R>(rows: impl IntoIterator<Item = R>) -> String
where
    R: IntoIterator<Item = Cow<'a, str>>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let cells: Vec<Cow<'a, str>> = row.into_iter().collect();
        writer
            .write_record(cells.iter().map(|cell| harmless(cell).into_owned()))
            .expect("memory takes every row, and rows of one table are of one length");
    }
    let bytes = writer.into_inner().expect("memory takes what was written");
    String::from_utf8(bytes).expect("every cell is text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("a=1"), "a=1");
        let rows = [["=HYPERLINK(\"x\")", "a,b"].map(Cow::Borrowed)];
        assert_eq!(csv(rows), "\"'=HYPERLINK(\"\"x\"\")\",\"a,b\"\n");
    }
}
