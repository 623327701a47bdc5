//! Markdown tables that can also be read as they stand.

/// Writes rows under a header, every column as wide as its widest cell.
pub(crate) fn markdown(header: &[&str], rows: &[Vec<String>]) -> String {
    let escaped = |cell: &str| cell.replace('|', "\\|").replace('\n', " ");
    let header: Vec<String> = header.iter().map(|cell| escaped(cell)).collect();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();

    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count().max(3)).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String]| {
        let cells: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut table = line(&header) + &line(&rule);
    table.extend(rows.iter().map(|row| line(row)));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_columns_and_escapes_bars() {
        let rows =
            [vec!["start ⏱".to_owned(), "3 ms".to_owned()], vec!["a|b".to_owned(), "12.5 ms".to_owned()]];
        assert_eq!(
            markdown(&["what", "p95"], &rows),
            "| what    | p95     |\n\
             | ------- | ------- |\n\
             | start ⏱ | 3 ms    |\n\
             | a\\|b    | 12.5 ms |\n"
        );
    }
}
