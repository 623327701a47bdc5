//! Whether a text is a place to fill in, or tells the writer what to write there.
//!
//! Invariant: a question about one text alone; of a long one only the beginning is looked at.

use crate::document::Text;
use crate::text;
use crate::words::{self, Phrases};

/// How much of a text is looked at, in characters.
const MAX_JUDGED: usize = 400;

/// How many words the name of a field has that no list knows.
const MAX_LABEL: usize = 4;

/// Parts of the mask of a date or a time, in several languages.
const MASKS: [&str; 16] = [
    "yyyy", "yy", "mm", "dd", "d", "hh", "h", "ss", "aaaa", "jj", "tt", "jjjj", "xx", "xxxx", "20xx", "202x",
];

/// Whether a text is nothing but a place to be filled in, or has the mark of one in it.
pub(crate) fn is_blank(written: &str) -> bool {
    let written = start(written);
    let bare = written.trim().trim_matches(['*', '_', '.', ':', '-', '…', ' ']);
    bare.is_empty() || is_marked(bare) || words::is(Phrases::TemplateBlank, &text::fold(bare))
}

/// Whether a text is a label without a value, or with one that is to be filled in.
pub(super) fn is_blank_field(written: &Text) -> bool {
    match text::label_and_value(&written.plain) {
        Some((label, "")) => {
            let is_known = words::field(label).is_some() || words::topic(label).is_some();
            written.links.is_empty() && (is_known || text::word_count(label) <= MAX_LABEL)
        }
        Some((label, value)) => is_blank(value) || is_marked(label),
        None => is_blank(&written.plain),
    }
}

/// Whether a text tells the writer what to write, or asks for it.
pub(super) fn instructs(written: &str) -> bool {
    let written = start(written).trim();
    let folded = text::fold(written);
    let is_question = written.ends_with(['?', '？']) && text::sentences(written).len() == 1;
    is_question && words::opens(Phrases::TemplateQuestion, &folded)
        || words::opens(Phrases::TemplateInstruction, &folded)
        || asks_for_actions(written)
}

/// Whether a text says that actions are to be listed.
pub(super) fn asks_for_actions(written: &str) -> bool {
    words::opens(Phrases::TemplateActions, &text::fold(start(written)))
}

/// Whether a template speaks of itself in a text.
pub(super) fn speaks_of_itself(written: &str) -> bool {
    words::has(Phrases::TemplateTalk, &text::fold(start(written)))
}

/// Whether a title is one that is still to be written.
pub(super) fn is_title(title: &str) -> bool {
    words::is(Phrases::TemplateTitle, &words::fold_heading(start(title)))
}

/// Whether a title is that of a template: "Template: outage", "User-facing template".
pub(super) fn is_title_of_template(title: &str) -> bool {
    let folded = words::fold_heading(start(title));
    let mut all = folded.split(' ');
    let first = all.next();
    [first, all.next_back()].into_iter().flatten().any(|word| words::is(Phrases::TemplateName, word))
}

/// The words of "Cause 2" without the number; "Rotate key 2" is a task and no name.
pub(super) fn numbered_name(plain: &str) -> Option<String> {
    let folded = text::fold(start(plain));
    let (name, number) = folded.rsplit_once(' ')?;
    let is_number =
        number.len() <= 2 && number.parse::<u32>().is_ok() || matches!(number, "a" | "b" | "c" | "d");
    let is_task = name.split(' ').next().is_some_and(words::is_task_verb);
    (is_number && !is_task && name.split(' ').count() <= 3).then(|| name.to_owned())
}

fn start(written: &str) -> &str {
    written.char_indices().nth(MAX_JUDGED).map_or(written, |(at, _)| &written[..at])
}

/// Whether a text has the mark of a place to be filled in.
pub(super) fn is_marked(bare: &str) -> bool {
    let bracketed = bracketed(bare);
    let is_bracketed = bracketed > 0 && bracketed * 2 >= bare.chars().count();
    is_bracketed || bare.contains("{{") || has_mask(bare) || is_choice(bare)
}

/// Whether the value of a field is still to be chosen or to be written: no fact can be read from it.
fn is_unfilled(value: &str) -> bool {
    let bare = start(value).trim();
    // Two severities may be what somebody could not decide on.
    bare.contains("{{") || has_mask(bare) || is_choice(bare) && bare.split(['/', '|']).count() > 2
}

/// Whether a text is nothing but a place to be filled in, such as `[Why it happened]`; a level in brackets is one
/// that was chosen.
pub(crate) fn is_gap(written: &str) -> bool {
    let bare = start(written).trim();
    let letters = |words: &str| words.chars().filter(|c| c.is_alphanumeric()).count();
    let inside = words_in_brackets(bare);
    is_unfilled(bare)
        || words::is(Phrases::TemplateBlank, &text::fold(bare))
        || !inside.is_empty()
            && inside.iter().map(|words| letters(words)).sum::<usize>() == letters(bare)
            && !inside.iter().all(|words| is_level(words))
}

/// Whether a text offers severities to choose from: `Low / Medium / High`, `SEV-1 | SEV-2`.
fn is_choice(bare: &str) -> bool {
    let parts: Vec<&str> = bare.trim_matches(['(', ')']).split(['/', '|']).collect();
    let has_letters = parts.iter().all(|part| part.chars().any(char::is_alphabetic));
    parts.len() > 1 && has_letters && parts.iter().all(|part| is_level(part))
}

/// Whether a text is a severity or a priority: "High", "SEV-1", "P2".
fn is_level(part: &str) -> bool {
    let folded = text::fold(part);
    let bare = folded.trim_start_matches("sev").trim_start_matches('p').trim();
    words::is(Phrases::Priority, &folded) || !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit())
}

/// How many characters stand in brackets that hold words to be replaced.
fn bracketed(bare: &str) -> usize {
    words_in_brackets(bare).into_iter().map(|words| words.chars().count() + 2).sum()
}

/// What stands in brackets that hold words to be replaced.
fn words_in_brackets(bare: &str) -> Vec<&str> {
    const PAIRS: [(char, char); 6] =
        [('[', ']'), ('<', '>'), ('{', '}'), ('«', '»'), ('＜', '＞'), ('【', '】')];
    let mut inside = Vec::new();
    let mut rest = bare;
    while let Some((at, open)) = rest.char_indices().find(|(_, c)| PAIRS.iter().any(|(open, _)| open == c)) {
        rest = &rest[at + open.len_utf8()..];
        let close = PAIRS.iter().find(|pair| pair.0 == open).map_or(open, |pair| pair.1);
        let Some(end) = rest.find(close) else { continue };
        let words = &rest[..end];
        // No times, numbers of issues, mentions, addresses, and tags.
        let is_words = words.chars().any(char::is_alphabetic)
            && !words.contains(['@', '=', '#'])
            && !words.contains("://")
            && !words.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '!' | '/' | '?'));
        if is_words {
            inside.push(words);
        }
        rest = &rest[end + close.len_utf8()..];
    }
    inside
}

/// Whether a text has the mask of a date, a time, or a name: `YYYY-MM-DD`, `HH:MM`, `20xx`, `XXX`.
fn has_mask(bare: &str) -> bool {
    let is_edge =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '`' | '*' | ',' | '"' | '“' | '”');
    bare.split(is_edge).filter(|word| !word.is_empty()).any(|word| {
        let lower = word.trim_end_matches(['.', ':', ';']).to_lowercase();
        let parts: Vec<&str> = lower.split(['-', '/', ':', '.']).flat_map(|part| part.split('t')).collect();
        let is_date = parts.len() > 1 && parts.iter().all(|part| MASKS.contains(part));
        is_date || word == "XX" || matches!(lower.as_str(), "xxx" | "yyy" | "zzz" | "yyyy" | "xxxx" | "20xx")
    })
}
