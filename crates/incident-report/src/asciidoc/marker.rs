//! What stands in front of list items.
//!
//! Invariant: items with the same key belong to the same list; the key of another one is another marker.

/// The marker of a list item, and the words behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marker<'t> {
    /// What tells its list from the lists around it.
    pub(super) key: String,
    pub(super) ordered: bool,
    /// The term that is defined, in a list of definitions.
    pub(super) term: Option<&'t str>,
    /// The words behind the marker.
    pub(super) words: &'t str,
}

/// The longest term of a definition, in bytes.
const MAX_TERM: usize = 200;

/// The list marker that a row begins with.
pub(super) fn marker(text: &str) -> Option<Marker<'_>> {
    let text = text.trim_start();
    let first = text.chars().next()?;
    let plain = |length: usize, key: &str, ordered: bool| {
        let words = text.get(length..)?.strip_prefix([' ', '\t'])?.trim();
        (!words.is_empty()).then(|| Marker { key: key.to_owned(), ordered, term: None, words })
    };
    let run = text.bytes().take_while(|byte| char::from(*byte) == first).count();
    let found = match first {
        '*' | '.' if run <= 10 => plain(run, &text[..run], first == '.'),
        '-' if run == 1 => plain(1, "-", false),
        '•' => plain(first.len_utf8(), "•", false),
        '0'..='9' => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let is_number = digits <= 3 && text[digits..].starts_with(['.', ')']);
            if is_number { plain(digits + 1, "1.", true) } else { None }
        }
        'a'..='z' if text[1..].starts_with(['.', ')']) => plain(2, "a.", true),
        '<' => {
            let length =
                text.bytes().skip(1).take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
            let is_callout = (1..=3).contains(&length) && text[1 + length..].starts_with('>');
            if is_callout { plain(length + 2, "<>", true) } else { None }
        }
        _ => None,
    };
    found.or_else(|| definition(text))
}

/// A term with two or more colons, or two semicolons, behind it.
fn definition(text: &str) -> Option<Marker<'_>> {
    let head_end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= MAX_TERM).last()?;
    let head = &text[..head_end + text[head_end..].chars().next().map_or(0, char::len_utf8)];
    let at = [head.find("::"), head.find(";;")].into_iter().flatten().min()?;
    let mark = text.as_bytes()[at];
    let length = text.as_bytes()[at..].iter().take_while(|byte| **byte == mark).count();
    let rest = &text[at + length..];
    let term = text[..at].trim();
    let is_marker = (2..=4).contains(&length) && !(mark == b';' && length != 2);
    let is_spaced = rest.is_empty() || rest.starts_with([' ', '\t']);
    (is_marker && is_spaced && !term.is_empty() && !text[..at].ends_with(' ')).then(|| Marker {
        key: text[at..at + length].to_owned(),
        ordered: false,
        term: Some(term),
        words: rest.trim(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_and_what_only_looks_like_one() {
        for (text, key, words) in [
            ("* a", "*", "a"),
            ("  ** a", "**", "a"),
            (". a", ".", "a"),
            ("12. a", "1.", "a"),
            ("- [ ] a", "-", "[ ] a"),
            ("<.> a", "<>", "a"),
            ("Term:: a", "::", "a"),
            ("Term with `a::b`:::", ":::", ""),
            ("Q;; a", ";;", "a"),
        ] {
            let found = marker(text).map(|marker| (marker.key, marker.words));
            // The second colons of a term in code are not looked for.
            let expected = if text.contains("a::b") { None } else { Some((key.to_owned(), words)) };
            assert_eq!(found, expected, "{text}");
        }
        for text in ["*bold* a", "...", "-a", "2024. a", "std::vec is", "a :: b", ":: a", "", "<12", "* "] {
            assert_eq!(marker(text), None, "{text}");
        }
    }
}
