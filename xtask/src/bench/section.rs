//! Replaces the generated part of a document and leaves what people wrote alone.

use anyhow::{Result, ensure};

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// The document with `body` between the markers, which stay. They must be there once each, in order.
pub(crate) fn replaced(document: &str, body: &str) -> Result<String> {
    for marker in [BEGIN, END] {
        let times = document.matches(marker).count();
        ensure!(times == 1, "`{marker}` must be there once, and is there {times} times");
    }
    let parts = document.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        anyhow::bail!("`{END}` stands before `{BEGIN}`");
    };
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", body.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_what_is_between_the_markers_only() {
        let document = format!("# Performance\n\n{BEGIN}\nold\n{END}\n\nHow we measure.\n");
        let new = replaced(&document, "| what |\n").unwrap();
        assert_eq!(new, format!("# Performance\n\n{BEGIN}\n| what |\n{END}\n\nHow we measure.\n"));
        assert_eq!(replaced(&new, "| what |\n").unwrap(), new);
    }

    #[test]
    fn refuses_a_document_with_missing_doubled_or_swapped_markers() {
        for document in
            [String::new(), format!("{BEGIN} {BEGIN} {END}"), format!("{END} {BEGIN}"), BEGIN.to_owned()]
        {
            assert!(replaced(&document, "new").is_err(), "{document}");
        }
    }
}
