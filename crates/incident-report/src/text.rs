//! Small questions about words: sentences, numbering, folding for comparison.
//!
//! Invariant: every function is linear in its input and returns slices on character boundaries.

use std::borrow::Cow;

/// Words that end in a full stop without ending a sentence.
const ABBREVIATIONS: [&str; 18] = [
    "e.g", "i.e", "etc", "vs", "approx", "no", "nr", "mr", "mrs", "ms", "dr", "st", "cf", "inc", "fig", "ca",
    "bzw", "z.b",
];

/// Lower-cased words with punctuation and pictures removed, single-spaced: the form phrases are compared in.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Whether something stood between the last word and what follows.
    let mut gap = false;
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                if std::mem::take(&mut gap) && !folded.is_empty() {
                    folded.push(' ');
                }
                folded.push(c.to_ascii_lowercase());
                continue;
            }
        } else if c.is_alphanumeric() || is_combining(c) {
            if std::mem::take(&mut gap) && !folded.is_empty() {
                folded.push(' ');
            }
            folded.extend(c.to_lowercase());
            continue;
        }
        match c {
            '\'' | '’' | '`' | '´' => {}
            '&' | '＆' => {
                folded.push_str(if folded.is_empty() { "and" } else { " and" });
                gap = true;
            }
            _ => gap = true,
        }
    }
    folded
}

/// Runs of white space become one space; the ends are trimmed.
pub(crate) fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// Marks that belong to the letter before them, as in Indic scripts or decomposed accents.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}')
}

/// Characters of scripts that are written without spaces between words.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Characters of scripts in which a word may be glued to the next: those without spaces, and Hangul with its
/// particles.
pub(crate) fn is_glued(c: char) -> bool {
    is_unspaced(c) || matches!(c, '\u{ac00}'..='\u{d7af}')
}

/// Pictures and the like: emoji, dingbats, arrows, variation selectors.
pub(crate) fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2460}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '\u{20e3}' | '\u{1f000}'..='\u{1faff}')
}

/// The number of words.
pub(crate) fn word_count(text: &str) -> usize {
    let (mut words, mut unspaced) = (0, 0);
    let mut counted = false;
    if text.is_ascii() {
        for b in text.bytes() {
            let is_counted = counted || b.is_ascii_alphanumeric();
            words += usize::from(is_counted && !counted);
            counted = is_counted && !matches!(b, b' ' | b'\t'..=b'\r');
        }
        return words;
    }
    for c in text.chars() {
        if c.is_whitespace() {
            counted = false;
        } else if !counted && c.is_alphanumeric() {
            counted = true;
            words += 1;
        }
        unspaced += usize::from(is_unspaced(c));
    }
    words + unspaced / 2
}

/// Where each of some marks of punctuation stands, from the front; of those at one place, in the order they are given.
pub(crate) fn marks<'m>(text: &str, all: &'m [&str]) -> impl Iterator<Item = (usize, &'m str)> {
    text.char_indices().filter(|(_, c)| !c.is_alphanumeric()).flat_map(move |(at, _)| {
        all.iter().copied().filter(move |mark| text[at..].starts_with(mark)).map(move |mark| (at, mark))
    })
}

/// The byte ranges of the sentences of a text.
pub(crate) fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => {
                let next_is_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
                next_is_space
                    && (c != '.' || !is_abbreviation(&text[start..at]))
                    && text[at + 1..].trim_start().chars().next().is_none_or(|next| !next.is_lowercase())
            }
            _ => false,
        };
        if ends {
            ranges.push((start, at + c.len_utf8()));
            start = at + c.len_utf8();
        }
    }
    if !text[start..].trim().is_empty() {
        ranges.push((start, text.len()));
    }
    ranges
}

/// Whether the text before a full stop ends in an abbreviation or a single initial.
fn is_abbreviation(before: &str) -> bool {
    let tail = before.char_indices().rev().take(10).last().map_or("", |(at, _)| &before[at..]);
    let word = tail.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let single_initial =
        word.chars().count() == 1 && word.chars().all(|c| c.is_alphabetic() && c.is_uppercase());
    single_initial || ABBREVIATIONS.iter().any(|abbreviation| word.eq_ignore_ascii_case(abbreviation))
}

/// A text with the words of its Markdown links in their place: "Ann ([@ann](https://acme.test))" → "Ann (@ann)".
pub(crate) fn without_links(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("](") {
        let Some((_, after)) = behind.split_once(')') else { break };
        let open = before.rfind('[');
        kept.push_str(&before[..open.unwrap_or(before.len())]);
        kept.push_str(open.map_or("", |open| &before[open + 1..]));
        rest = after;
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// Removes a leading number such as `1)`, `2.`, `(3)`, `#4`, and tells whether there was one.
pub(crate) fn strip_number(text: &str) -> (&str, bool) {
    let trimmed = text.trim_start();
    let open = trimmed.trim_start_matches(['#', '(', '[']);
    let digits = open.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 3 {
        return (text, false);
    }
    let rest = &open[digits..];
    let closed = rest.trim_start_matches([')', '.', ':', ']', '-', '、', '．']);
    let marked = closed.len() < rest.len() || open.len() < trimmed.len();
    let spaced = closed.starts_with(' ') || rest.starts_with(['、', '．']);
    if marked && spaced { (closed.trim_start(), true) } else { (text, false) }
}

/// Removes leading pictures, `:shortcodes:`, and white space.
pub(crate) fn strip_pictures(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let bare = rest.trim_start_matches(|c: char| is_picture(c) || c.is_whitespace());
        let next = match bare.strip_prefix(':').and_then(|tail| tail.split_once(':')) {
            Some((name, tail)) if is_shortcode(name) => tail.trim_start(),
            _ => bare,
        };
        if next.len() == rest.len() {
            return rest;
        }
        rest = next;
    }
}

fn is_shortcode(name: &str) -> bool {
    name.len() > 1
        && name.len() < 50
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'+' | b'-'))
        && name.bytes().any(|b| b.is_ascii_lowercase())
}

/// The label and the value of a `Label: value` line, where the label is short enough to be one.
pub(crate) fn label_and_value(text: &str) -> Option<(&str, &str)> {
    let (label, value) = text
        .char_indices()
        .find(|&(at, c)| match c {
            '：' => true,
            ':' => text[at + 1..].chars().next().is_none_or(char::is_whitespace),
            _ => false,
        })
        .map(|(at, c)| (&text[..at], text[at + c.len_utf8()..].trim()))?;
    let label = label.trim();
    let words = word_count(label);
    let ends_sentence = |(at, _): (usize, &str)| !is_abbreviation(&label[..at]);
    let sentence_inside = label.match_indices(". ").any(ends_sentence) || label.contains("://");
    (words > 0 && words <= 10 && label.len() <= 90 && !sentence_inside).then_some((label, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_leaves_only_words() {
        assert_eq!(fold("  **What's next?** — 🚨 Q&A "), "whats next q and a");
    }

    #[test]
    fn sentences_survive_abbreviations_and_versions() {
        let text = "We use tools, e.g. Helm. Upgrade to v1.2. now? No.";
        let found: Vec<&str> = sentences(text).into_iter().map(|(a, b)| text[a..b].trim()).collect();
        assert_eq!(found, ["We use tools, e.g. Helm.", "Upgrade to v1.2. now?", "No."]);
    }

    #[test]
    fn numbers_in_front_are_numbering_only_when_marked() {
        assert_eq!(strip_number("1) Add alerts"), ("Add alerts", true));
        assert_eq!(strip_number("12. Add alerts"), ("Add alerts", true));
        assert_eq!(strip_number("3 nodes failed"), ("3 nodes failed", false));
        assert_eq!(strip_number("2024. A year"), ("2024. A year", false));
    }

    #[test]
    fn shortcodes_and_emoji_go() {
        assert_eq!(strip_pictures(":ballot_box: ✅ Follow-up"), "Follow-up");
        assert_eq!(strip_pictures("a: b: c"), "a: b: c");
    }

    #[test]
    fn links_leave_their_words() {
        for (written, expected) in [
            ("Ann ([@ann](https://acme.test/@ann)), Ben", "Ann (@ann), Ben"),
            ("[a](b)[c](d", "a[c](d"),
            ("a](b) c", "a c"),
            ("[a] (b)", "[a] (b)"),
        ] {
            assert_eq!(without_links(written), expected, "{written}");
        }
    }

    #[test]
    fn a_clock_time_is_not_a_label() {
        assert_eq!(label_and_value("9:45 am we saw errors"), None);
        assert_eq!(label_and_value("Date: 9:45 am"), Some(("Date", "9:45 am")));
    }
}
