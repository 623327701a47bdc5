//! The metadata block between `---` lines at the top of a document.
//!
//! Invariant: only the top level is read, as plain `key: value` pairs; nested structure is skipped, never
//! guessed at. A block that is not closed is no front matter.

/// How many lines a metadata block may have: beyond that the opening line was a thematic break.
const MAX_LINES: usize = 200;

/// The pairs of the metadata block and the number of lines it takes, where the lines begin with one.
pub(crate) fn parse(lines: &[&str]) -> Option<(Vec<(String, String)>, usize)> {
    let fence = match lines.first()?.trim_end() {
        "---" => "---",
        "+++" => "+++",
        _ => return None,
    };
    let close = lines.iter().skip(1).take(MAX_LINES).position(|line| line.trim_end() == fence)? + 1;
    let separator = if fence == "---" { ':' } else { '=' };
    let mut pairs = Vec::new();
    for line in &lines[1..close] {
        if line.starts_with([' ', '\t', '#', '-', '[']) || line.trim().is_empty() {
            continue;
        }
        let (key, value) = line.split_once(separator)?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        if !value.is_empty() {
            pairs.push((key.trim().to_owned(), value.to_owned()));
        }
    }
    Some((pairs, close + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_level_is_read_and_the_rest_skipped() {
        let lines =
            ["---", "title: \"The day the queue stopped\"", "tags:", "  - a", "date: 2025-02-03", "---", "x"];
        let (pairs, taken) = parse(&lines).expect("it is closed");
        assert_eq!(taken, 6);
        assert_eq!(pairs[0], ("title".to_owned(), "The day the queue stopped".to_owned()));
        assert_eq!(pairs[1].1, "2025-02-03");
    }

    #[test]
    fn a_thematic_break_is_no_front_matter() {
        assert_eq!(parse(&["---", "Just text", "---"]), None);
        assert_eq!(parse(&["---", "a: b"]), None);
        assert_eq!(parse(&[]), None);
    }
}
