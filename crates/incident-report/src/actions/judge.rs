//! What a text is: a measure, a promise, a placeholder; finished or not.
//!
//! Invariant: these are questions about one text alone, answered with the phrase lists; texts longer than
//! [`MAX_JUDGED`] bytes are judged by their beginning, so that judging is linear in the document.

use crate::dates::{DateContext, find_dates};
use crate::text;
use crate::words::{self, Phrases};

/// How much of a text is judged.
const MAX_JUDGED: usize = 2_000;

/// The folded beginning of a text.
fn folded(written: &str) -> String {
    let end = (0..=MAX_JUDGED.min(written.len())).rev().find(|at| written.is_char_boundary(*at)).unwrap_or(0);
    text::fold(&written[..end])
}

fn first_words(folded: &str) -> (&str, &str) {
    let mut words = folded.split(' ');
    (words.next().unwrap_or(""), words.next().unwrap_or(""))
}

/// Whether a text is what a template leaves to be filled in, or says that there is nothing.
pub(super) fn is_placeholder(written: &str) -> bool {
    let bare = written.trim().trim_end_matches(['.', ':', '…']).trim();
    if bare.is_empty() || !bare.chars().any(char::is_alphanumeric) || bare.contains("{{") {
        return true;
    }
    let wrapped = [('<', '>'), ('[', ']'), ('{', '}'), ('«', '»')].iter().any(|(open, close)| {
        bare.starts_with(*open) && bare.find(*close) == Some(bare.len() - close.len_utf8())
    });
    if wrapped && !bare.contains("://") || bare.starts_with("...") || bare.starts_with('…') {
        return true;
    }
    let folded = folded(bare);
    if words::is(Phrases::Placeholder, &folded) {
        return true;
    }
    // "Action item 1", "Task 2".
    folded.rsplit_once(' ').is_some_and(|(name, number)| {
        number.len() <= 2
            && (number.parse::<u32>().is_ok() || number.len() == 1 || number == "etc")
            && words::is(Phrases::Placeholder, name)
    })
}

/// Whether an item is about finishing the report and not about the incident.
pub(super) fn is_housekeeping(written: &str) -> bool {
    words::has(Phrases::Housekeeping, &folded(written))
}

/// Whether a text introduces actions or refers to them, and is none.
pub(super) fn is_introduction(written: &str) -> bool {
    let folded = folded(written);
    written.trim_end().ends_with([':', '：'])
        || words::opens(Phrases::Introduction, &folded)
        || words::has(Phrases::Reference, &folded)
}

/// Whether a text begins as a task does: with a verb such as "add" or "adding".
pub(super) fn opens_with_task(written: &str) -> bool {
    let folded = folded(text::strip_number(written).0);
    let (first, second) = first_words(&folded);
    let first = if matches!(first, "also" | "please" | "always" | "to" | "finally" | "then" | "re") {
        second
    } else {
        first
    };
    words::is_task_verb(first)
}

/// Whether a sentence of an action section is a measure.
pub(super) fn is_measure(sentence: &str) -> bool {
    let sentence = sentence.trim();
    if is_introduction(sentence) || is_placeholder(sentence) || sentence.ends_with(['?', '？']) {
        return false;
    }
    opens_with_task(sentence) || words::has(Phrases::Commitment, &folded(sentence))
}

/// Whether what is marked as an action tells one; two words that are no task are a note.
pub(super) fn is_told(written: &str) -> bool {
    !is_introduction(written) && (opens_with_task(written) || text::word_count(written) > 2)
}

/// Whether a sentence anywhere in a report promises something.
pub(super) fn is_promise(sentence: &str) -> bool {
    let folded = folded(sentence);
    let promises = [
        "we will",
        "well",
        "we are going to",
        "were going to",
        "we plan to",
        "we intend to",
        "ill",
        "i will",
    ];
    let promised = promises.iter().any(|promise| {
        // "well" and "ill" are "we'll" and "I'll" only where an apostrophe was folded away.
        let is_short = !promise.contains(' ') && !sentence.contains("'ll") && !sentence.contains("’ll");
        !is_short && folded.match_indices(promise).any(|(at, _)| leads_to_task(&folded, at, promise))
    });
    let hedged =
        ["will not", "will be able", "will continue to", "if we"].iter().any(|hedge| folded.contains(hedge));
    promised && !hedged && !is_introduction(sentence) && !sentence.trim_end().ends_with('?')
}

/// Whether a sentence beside a list is a measure of its own: a promise or a plain imperative.
pub(super) fn is_firm_measure(sentence: &str) -> bool {
    let folded = folded(sentence);
    let (first, _) = first_words(&folded);
    is_promise(sentence) || (words::is_task_verb(first) && !first.ends_with("ing") && is_measure(sentence))
}

/// Whether the phrase at an offset is whole words and a task verb follows it, perhaps after an adverb.
fn leads_to_task(folded: &str, at: usize, phrase: &str) -> bool {
    let is_start = folded[..at].chars().next_back().is_none_or(|c| c == ' ');
    let Some(rest) = folded[at + phrase.len()..].strip_prefix(' ') else { return false };
    let (first, second) = first_words(rest);
    let is_adverb =
        first.ends_with("ly") || matches!(first, "also" | "now" | "be" | "soon" | "then" | "start");
    is_start && (words::is_task_verb(first) || is_adverb && words::is_task_verb(second))
}

/// Whether the words themselves say that it is done or not.
pub(super) fn done(written: &str) -> Option<bool> {
    let folded = folded(written);
    if words::has(Phrases::OpenInside, &folded) {
        return Some(false);
    }
    let (first, second) = first_words(&folded);
    let is_past = (first.ends_with("ed") && first.len() > 4 && words::is_task_verb(stem(first).as_str()))
        || matches!(first, "made" | "wrote" | "set" | "built" | "ran" | "rebuilt" | "sent" | "already");
    let opens_phrase = matches!(
        second,
        "the"
            | "a"
            | "an"
            | "our"
            | "all"
            | "to"
            | "from"
            | "on"
            | "for"
            | "in"
            | "it"
            | "this"
            | "new"
            | "with"
            | "more"
            | "by"
    );
    let set_is_plain = first == "set";
    if is_past && opens_phrase && !set_is_plain || first == "already" {
        return Some(true);
    }
    words::has(Phrases::DoneInside, &folded).then_some(true)
}

/// The verb of a past form: "increased" → "increase", "added" → "add", "stopped" → "stop".
fn stem(past: &str) -> String {
    let bare = past.strip_suffix("ed").unwrap_or(past);
    if words::is_task_verb(bare) {
        return bare.to_owned();
    }
    let with_e = format!("{bare}e");
    if words::is_task_verb(&with_e) {
        return with_e;
    }
    if let Some(stem) = bare.strip_suffix('i') {
        return format!("{stem}y");
    }
    let mut letters = bare.chars();
    let last = letters.next_back();
    if last.is_some() && last == letters.next_back() {
        bare[..bare.len() - 1].to_owned()
    } else {
        bare.to_owned()
    }
}

/// The state and the due date that a heading gives everything below it.
pub(super) fn of_heading(heading: &str) -> (Option<bool>, Option<String>) {
    let bracketed = heading
        .split_once(['(', '（'])
        .map(|(_, rest)| rest.trim_end().trim_end_matches([')', '）', ':', ' ']))
        .unwrap_or("");
    let name = words::fold_heading(heading);
    let state = [text::fold(bracketed), name].into_iter().find_map(|folded| state(&folded));
    let due = (!bracketed.is_empty() && text::word_count(bracketed) <= 6 && is_due(bracketed))
        .then(|| bracketed.to_owned())
        .or_else(|| heading_date(heading));
    (state, due)
}

/// The state that a mark such as "Done" or "in progress" names.
pub(super) fn state(folded: &str) -> Option<bool> {
    if words::is(Phrases::Done, folded) {
        return Some(true);
    }
    if words::is(Phrases::Open, folded) {
        return Some(false);
    }
    None
}

/// Whether a mark such as "cancelled" or "won't do" says that it will not be done.
pub(super) fn is_rejected(folded: &str) -> bool {
    words::is(Phrases::Rejected, folded)
}

/// Any reference day: only whether something is a date is asked here, not which.
fn any_day() -> DateContext {
    DateContext { reference: chrono::NaiveDate::from_ymd_opt(2024, 1, 1), ..DateContext::default() }
}

/// Whether a text is a due date.
pub(super) fn is_due(written: &str) -> bool {
    crate::dates::resolve_date(written, &any_day()).is_some()
}

/// A period in a heading such as "Next quarter: Q3 2026" or "Within 30 days".
fn heading_date(heading: &str) -> Option<String> {
    if text::word_count(heading) > 6 {
        return None;
    }
    let found = find_dates(heading, &any_day()).into_iter().next()?;
    heading.get(found.start..found.end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_tasks() {
        for written in [
            "TBD",
            "N/A",
            "<action item>",
            "{{ action }}",
            "...",
            "Action item 1",
            "[Describe it]",
            "None.",
            "- ",
        ] {
            assert!(is_placeholder(written), "{written}");
        }
        for written in ["Add an alert", "[#12] Add an alert", "Rotate key 1", "https://acme.test/12"] {
            assert!(!is_placeholder(written), "{written}");
        }
    }

    #[test]
    fn the_words_tell_the_state() {
        for (written, expected) in [
            ("Reverted the change", Some(true)),
            ("The cache has been disabled", Some(true)),
            ("We're working on better alerts", Some(false)),
            ("Improved configuration management", None),
            ("Enhanced testing of releases", None),
            ("Add an alert", None),
            ("We will add an alert", None),
        ] {
            assert_eq!(done(written), expected, "{written}");
        }
    }

    #[test]
    fn measures_are_told_from_talk() {
        for sentence in [
            "Add an alert.",
            "We will review the runbook.",
            "Ensuring that alerts fire.",
            "The key must be rotated.",
        ] {
            assert!(is_measure(sentence), "{sentence}");
        }
        for sentence in [
            "The following steps were agreed:",
            "The team prioritizes the corrective actions outlined above.",
            "These measures aim to lower the risk.",
            "It was a long night.",
        ] {
            assert!(!is_measure(sentence), "{sentence}");
        }
    }

    #[test]
    fn headings_give_state_and_due_date() {
        assert_eq!(of_heading("Immediate actions (completed)"), (Some(true), None));
        assert_eq!(of_heading("Long term (Q4 2025)"), (None, Some("Q4 2025".to_owned())));
        assert_eq!(of_heading("TODO:"), (Some(false), None));
        assert_eq!(of_heading("Action items"), (None, None));
    }
}
