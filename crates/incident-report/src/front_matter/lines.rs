//! Metadata blocks that are no valid YAML or TOML, line by line.
//!
//! Invariant: only the top level is read, as `key: value` pairs and the lists below a key; deeper structure
//! is skipped, never guessed at.

use crate::document::Pair;

/// The pairs of the lines of a block; none where a line on the left is no metadata.
pub(super) fn pairs(lines: &[&str], is_toml: bool) -> Option<Vec<Pair>> {
    let separator = if is_toml { '=' } else { ':' };
    let mut pairs = Vec::new();
    let mut open: Option<String> = None;
    for (line, number) in lines.iter().zip(2..) {
        let bare = without_comment(line.trim());
        if bare.is_empty() {
            continue;
        }
        if let Some(item) = bare.strip_prefix("- ") {
            // An entry with keys of its own is deeper structure.
            let is_deeper = item.contains(": ") && !item.starts_with(['"', '\'']);
            if let Some(key) = open.as_ref().filter(|_| !is_deeper) {
                add(&mut pairs, key, item, number);
            }
            continue;
        }
        if line.starts_with([' ', '\t', '-', '[']) {
            continue;
        }
        let (key, value) = bare.split_once(separator)?;
        let key = super::spaced(key.trim().trim_matches(['"', '\'']));
        match value.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(list) if !list.contains(['[', '{']) => {
                list.split(',').for_each(|item| add(&mut pairs, &key, item, number));
            }
            _ => add(&mut pairs, &key, value, number),
        }
        open = value.trim().is_empty().then_some(key);
    }
    Some(pairs)
}

fn add(pairs: &mut Vec<Pair>, key: &str, value: &str, line: usize) {
    let value = value.trim().trim_matches(['"', '\'']).trim();
    // What only says that a block of text follows is no value.
    if !value.is_empty() && !matches!(value, "|" | ">" | "|-" | ">-") {
        pairs.push(Pair { key: key.to_owned(), value: value.to_owned(), line });
    }
}

/// A line without the comment at its end.
fn without_comment(line: &str) -> &str {
    if line.starts_with('#') {
        return "";
    }
    match line.find(" #") {
        // A number sign in quotes, or of a heading such as "Outage #12", belongs to the value.
        Some(at) if line[at + 2..].starts_with(' ') && !line[..at].contains(['"', '\'']) => {
            line[..at].trim_end()
        }
        _ => line,
    }
}
