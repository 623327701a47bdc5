//! What a text is: a measure, a promise, a placeholder; finished or not.
//!
//! Invariant: these are questions about one text alone, answered with the phrase lists; texts longer than
//! [`MAX_JUDGED`] bytes are judged by their beginning, so that judging is linear in the document.

use super::{promise, state};
use crate::dates::{DateContext, FoundDate, Precision, find_dates, resolve_date};
use crate::text;
use crate::words::{self, Phrases};

/// How much of a text is judged.
const MAX_JUDGED: usize = 2_000;

/// A text and the words that are looked for in it, folded once.
#[derive(Debug)]
pub(super) struct Judged<'t> {
    /// The text as written.
    written: &'t str,
    /// Its beginning, folded.
    folded: String,
    /// Where the folded words begin behind a number in front.
    bare: usize,
}

fn first_words(folded: &str) -> (&str, &str) {
    let mut words = folded.split(' ');
    (words.next().unwrap_or(""), words.next().unwrap_or(""))
}

impl<'t> Judged<'t> {
    pub(super) fn new(written: &'t str) -> Self {
        let end =
            (0..=MAX_JUDGED.min(written.len())).rev().find(|at| written.is_char_boundary(*at)).unwrap_or(0);
        let folded = text::fold(&written[..end]);
        let bare = if text::strip_number(written).1 { folded.find(' ').map_or(0, |at| at + 1) } else { 0 };
        Self { written, folded, bare }
    }

    /// Whether it is what a template leaves to be filled in, or says that there is nothing.
    pub(super) fn is_placeholder(&self) -> bool {
        // The number of an empty row names nothing; "#12" names an issue.
        let number = self.written.trim().trim_end_matches(['.', ')']);
        let is_number = number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit());
        is_number || has_placeholder_marks(self.written) || is_placeholder_phrase(&self.folded)
    }

    /// Whether it is about finishing the report and not about the incident.
    pub(super) fn is_housekeeping(&self) -> bool {
        words::has(Phrases::Housekeeping, &self.folded)
    }

    /// Whether it introduces actions or refers to them, and is none.
    pub(super) fn is_introduction(&self) -> bool {
        self.written.trim_end().ends_with([':', '：'])
            || words::opens(Phrases::Introduction, &self.folded)
            || words::has(Phrases::Reference, &self.folded)
    }

    /// Whether it begins as a task does: with a verb such as "add" or "adding".
    pub(super) fn opens_with_task(&self) -> bool {
        let (first, second) = first_words(&self.folded[self.bare..]);
        let is_lead = matches!(first, "also" | "please" | "always" | "to" | "finally" | "then" | "re")
            || first.len() > 5 && first.ends_with("ly");
        words::is_task_verb(if is_lead { second } else { first }) || self.is_task_elsewhere()
    }

    /// Whether it is a task in a language that puts its verb at the end, or does not set it apart.
    fn is_task_elsewhere(&self) -> bool {
        let bare = &self.folded[self.bare..];
        words::opens(Phrases::TaskOpening, bare) || words::closes(Phrases::TaskEnding, bare)
    }

    /// Whether it is a line that names somebody and what to do: "**AK** Add an alert", "@ann add an alert".
    pub(super) fn tells_owner_what_to_do(&self) -> bool {
        let mut all = self.folded.split(' ');
        let first = all.next().unwrap_or("");
        !words::is_task_verb(first)
            && all.next().is_some_and(words::is_task_verb)
            && text::sentences(self.written).len() == 1
    }

    /// Whether it is a measure, as a sentence of an action section.
    pub(super) fn is_measure(&self) -> bool {
        !self.is_question()
            && (self.opens_with_task()
                || words::has(Phrases::Commitment, &self.folded)
                || words::has(Phrases::OpenInside, &self.folded)
                || promise::is_promise(self.written, &self.folded)
                || promise::is_told(self.written, &self.folded))
            && !self.is_counterfactual()
            && (!self.written.trim_end().ends_with('!') || self.is_promise())
            && !words::has(Phrases::Talk, &self.folded)
            && !self.is_introduction()
            && !self.is_placeholder()
    }

    /// Whether what is marked as an action tells one; two words that are no task are a note.
    pub(super) fn is_told(&self) -> bool {
        !self.is_introduction() && (self.opens_with_task() || text::word_count(self.written) > 2)
    }

    /// Whether it promises something, as a sentence anywhere in a report.
    pub(super) fn is_promise(&self) -> bool {
        !self.is_question() && promise::is_promise(self.written, &self.folded) && !self.is_introduction()
    }

    /// Whether it reports a lasting measure or one under way, as a sentence of a report that lists none.
    pub(super) fn is_reported_measure(&self) -> bool {
        !self.is_question() && promise::is_reported(self.written, &self.folded) && !self.is_introduction()
    }

    /// Whether it tells what would have been.
    pub(super) fn is_counterfactual(&self) -> bool {
        !self.opens_with_task() && promise::is_counterfactual(&self.folded)
    }

    /// Whether it is a measure of its own beside a list: a promise or a plain imperative.
    pub(super) fn is_firm_measure(&self) -> bool {
        let (first, _) = first_words(&self.folded);
        self.is_promise() || words::is_task_verb(first) && !first.ends_with("ing") && self.is_measure()
    }

    fn is_question(&self) -> bool {
        self.written.trim_end().ends_with(['?', '？'])
    }

    /// Whether its words say that it is done or not.
    pub(super) fn done(&self) -> Option<bool> {
        if words::has(Phrases::OpenInside, &self.folded) {
            return Some(false);
        }
        let end = self.written.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_JUDGED);
        state::is_told_done(&self.written[..end.unwrap_or(self.written.len())]).then_some(true)
    }
}

/// Whether a text is what a template leaves to be filled in, or says that there is nothing.
pub(super) fn is_placeholder(written: &str) -> bool {
    has_placeholder_marks(written)
        || written.len() <= MAX_PLACEHOLDER && is_placeholder_phrase(&text::fold(written))
}

/// A longer text is no phrase for "nothing".
const MAX_PLACEHOLDER: usize = 200;

/// Whether the marks of a text are those of a gap in a template.
fn has_placeholder_marks(written: &str) -> bool {
    let bare = written.trim().trim_end_matches(['.', ':', '…']).trim();
    if !bare.contains(char::is_alphanumeric) || bare.contains('{') && bare.contains("{{") {
        return true;
    }
    let close = match bare.chars().next() {
        Some('<') => '>',
        Some('[') => ']',
        Some('{') => '}',
        Some('«') => '»',
        Some('…') => return true,
        _ => return bare.starts_with("..."),
    };
    bare.find(close) == Some(bare.len() - close.len_utf8()) && !bare.contains("://")
}

fn is_placeholder_phrase(folded: &str) -> bool {
    // "Action item 1", "Task 2".
    let is_numbered = || {
        folded.rsplit_once(' ').is_some_and(|(name, number)| {
            number.len() <= 2
                && (number.parse::<u32>().is_ok() || number.len() == 1 || number == "etc")
                && words::is(Phrases::Placeholder, name)
        })
    };
    words::is(Phrases::Placeholder, folded) || is_numbered()
}

/// Whether a text begins as a task does: with a verb such as "add" or "adding".
pub(super) fn opens_with_task(written: &str) -> bool {
    Judged::new(written).opens_with_task()
}

/// The verb of a past form: "increased" → "increase", "added" → "add", "stopped" → "stop".
pub(super) fn stem(past: &str) -> String {
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
    let single = letters.as_str();
    if last.is_some() && letters.next_back() == last { single.to_owned() } else { bare.to_owned() }
}

/// The state and the due date that a heading gives everything below it.
pub(super) fn of_heading(heading: &str) -> (Option<bool>, Option<String>) {
    let bracketed = heading
        .split_once(['(', '（'])
        .map(|(_, rest)| rest.trim_end().trim_end_matches([')', '）', ':', ' ']))
        .unwrap_or("");
    let name = words::fold_heading(heading);
    let state = [text::fold(bracketed), name.clone()]
        .into_iter()
        .find_map(|folded| state(&folded))
        .or_else(|| is_done_heading(&name).then_some(true));
    // "Finished (March)" tells when it was, and not by when it has to be.
    let may_be_due = state != Some(true);
    let due = (may_be_due && !bracketed.is_empty() && text::word_count(bracketed) <= 6 && is_due(bracketed))
        .then(|| bracketed.to_owned())
        .or_else(|| if may_be_due { heading_date(heading) } else { None });
    (state, due)
}

/// The priority that a heading gives everything below it: "Recovery (P2)", "High priority".
pub(super) fn priority_of_heading(heading: &str) -> Option<&str> {
    let is_priority = |words: &&str| words::is(Phrases::Priority, &text::fold(words));
    let bracketed = heading
        .rsplit_once(['(', '（', '['])
        .map(|(_, rest)| rest.trim_end().trim_end_matches([')', '）', ']', ':', ' ']));
    let whole = heading.trim().trim_end_matches([':', '：']);
    bracketed.filter(is_priority).or_else(|| Some(whole).filter(is_priority))
}

/// Whether a heading says that what stands below it is done: "What has been done", "Measures implemented".
fn is_done_heading(folded: &str) -> bool {
    text::word_count(folded) <= 8
        && words::has(Phrases::DoneHeading, folded)
        && !words::has(Phrases::OpenHeading, folded)
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
    // "(3/4)" may be a part, and "1.12" a version.
    resolve_date(written, &any_day()).is_some_and(|day| day.rule != "day-of-month")
}

/// Whether a text is a day with its year, and nothing else.
pub(super) fn is_full_day(written: &str) -> bool {
    let is_day = |day: &FoundDate| {
        day.is_absolute
            && day.resolved.precision == Precision::Day
            && (day.start, day.end) == (0, written.len())
    };
    find_dates(written, &any_day()).first().is_some_and(is_day)
}

/// Whether a text is a due date where one is expected: behind a label or a name.
pub(super) fn may_be_due(written: &str) -> bool {
    resolve_date(written, &any_day()).is_some()
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
    fn the_verb_of_a_past_form_is_cut_at_letters() {
        for (past, expected) in [
            ("increased", "increase"),
            ("added", "add"),
            ("stopped", "stop"),
            ("retried", "retry"),
            ("causááed", "causá"),
            ("áá", "á"),
            ("", ""),
        ] {
            assert_eq!(stem(past), expected, "{past}");
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
            assert_eq!(Judged::new(written).done(), expected, "{written}");
        }
    }

    #[test]
    fn measures_are_told_from_talk() {
        for sentence in [
            "Add an alert.",
            "We will review the runbook.",
            "Ensuring that alerts fire.",
            "The key must be rotated.",
            "We have hardened the lock.",
            "The suppliers are also shipping a stronger one.",
            "The limit has since been raised.",
            "The backup now runs every hour.",
            "We'll shard the queue.",
            "A lock that might have held should be bought.",
        ] {
            assert!(Judged::new(sentence).is_measure(), "{sentence}");
        }
        for sentence in [
            "The following steps were agreed:",
            "The team prioritizes the corrective actions outlined above.",
            "These measures aim to lower the risk.",
            "It was a long night.",
            "A second lock could have held.",
            "We have experienced delays.",
            "Note that we are going to add more.",
            "The crane was stuck for an hour.",
        ] {
            assert!(!Judged::new(sentence).is_measure(), "{sentence}");
        }
    }

    #[test]
    fn headings_give_state_and_due_date() {
        assert_eq!(of_heading("Immediate actions (completed)"), (Some(true), None));
        assert_eq!(of_heading("Long term (Q4 2025)"), (None, Some("Q4 2025".to_owned())));
        assert_eq!(of_heading("TODO:"), (Some(false), None));
        assert_eq!(of_heading("What has been done"), (Some(true), None));
        assert_eq!(of_heading("Finished (March)"), (Some(true), None));
        assert_eq!(of_heading("Actions already taken"), (Some(true), None));
        assert_eq!(of_heading("Mesures correctives appliquées"), (Some(true), None));
        assert_eq!(of_heading("Actions to be taken"), (None, None));
        assert_eq!(of_heading("What will be done"), (None, None));
        assert_eq!(of_heading("Action items"), (None, None));
        assert_eq!(priority_of_heading("Recovery (P2)"), Some("P2"));
        assert_eq!(priority_of_heading("High priority:"), Some("High priority"));
        assert_eq!(priority_of_heading("Recovery (second floor)"), None);
    }
}
