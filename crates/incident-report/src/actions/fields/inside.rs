//! Names and dates that are part of the sentence, and titles with a description behind them.
//!
//! Invariant: nothing is cut; the text stays as it was written.

use super::super::judge;
use super::labels::is_label;
use super::notes::is_mention;
use crate::dates::{DateContext, find_dates};
use crate::document::Text;
use crate::text;
use crate::words::{self, Phrases};

/// Title and description of `Title: description`, or of a bold title with its explanation.
pub(crate) fn split_title(own: &Text) -> Option<(String, String)> {
    let plain = own.plain.as_str();
    let by_colon = text::label_and_value(plain).filter(|(title, value)| {
        let words = text::word_count(title);
        // "Add an alert (effort: small)" has no title before its colon.
        let is_open = title.matches(['(', '[', '（']).count() > title.matches([')', ']', '）']).count();
        words <= 8 && text::word_count(value) >= 2 && !title.ends_with(['?', '!']) && !is_open
    });
    if let Some((title, value)) = by_colon {
        return Some((title.to_owned(), value.to_owned()));
    }
    if own.bold == 0 || own.bold >= plain.len() {
        return None;
    }
    let (title, rest) = plain.split_at(own.bold);
    let rest = rest.trim_start_matches([' ', ':', '-', '–', '—', '.']);
    let title = title.trim().trim_end_matches(['.', ':']);
    let words = text::word_count(title);
    ((1..=12).contains(&words) && text::word_count(rest) >= 3).then(|| (title.to_owned(), rest.to_owned()))
}

/// Whether the words before a colon look like the first name of a person who is told what to do.
pub(crate) fn looks_like_name(name: &str, task: &str) -> bool {
    let folded = text::fold(name);
    let is_word = name.chars().next().is_some_and(char::is_uppercase)
        && name.chars().skip(1).all(char::is_lowercase)
        && (2..=20).contains(&name.chars().count());
    let first = task.split(' ').next().unwrap_or("");
    let is_told = first.starts_with(char::is_lowercase) && words::is_task_verb(&text::fold(first));
    let names_things = ["ing", "tion", "ment", "ity", "ness", "ance", "ware", "ops"];
    let lists =
        [Phrases::Group, Phrases::Kind, Phrases::Priority, Phrases::ActionPrefix, Phrases::Placeholder];
    is_word
        && is_told
        && !names_things.iter().any(|ending| folded.ends_with(ending))
        && !words::is_task_verb(&folded)
        && !words::is_any(&lists, &folded)
        && !is_label(&folded)
        && judge::state(&folded).is_none()
        && words::whole_topic(name).is_none()
        && words::field(name).is_none()
        && words::column(name).is_none()
        && !judge::is_due(name)
}

/// An owner who is named inside the sentence: "@ann will …", "Ann to …".
pub(crate) fn owner_inside(plain: &str) -> Option<String> {
    let mut words = plain.split(' ');
    let first = words.next()?.trim_end_matches([',', ':']);
    let second = words.next()?;
    let third = words.next().unwrap_or("");
    if is_mention(first) {
        return mentions_in_front(plain);
    }
    // "Nice to have".
    if words::opens(Phrases::Priority, &text::fold(&[first, second, third].join(" "))) {
        return None;
    }
    let folded = text::fold(first);
    let is_name = first.chars().next().is_some_and(char::is_uppercase)
        && first.chars().skip(1).all(char::is_lowercase)
        && first.chars().count() > 1
        && !words::is_task_verb(&folded)
        && !words::is(Phrases::Placeholder, &folded)
        && !matches!(folded.as_str(), "need" | "needs" | "we" | "want" | "ability" | "plan" | "try" | "how");
    // "Ann to review/audit it".
    let verb = third.split('/').next().unwrap_or("");
    let assigns = second == "to" && words::is_task_verb(&text::fold(verb));
    (is_name && assigns).then(|| first.to_owned())
}

/// The mentions that a text begins with: "@ann and @ben will …".
pub(crate) fn mentions_in_front(plain: &str) -> Option<String> {
    let bare = plain.trim_start();
    let joins = |word: &str| matches!(word, "and" | "&" | "+");
    let mut end = 0;
    let mut at = 0;
    for word in bare.split(' ') {
        let name = word.trim_end_matches([',', ':', '.', ';']);
        if is_mention(name) {
            end = at + name.len();
        } else if end == 0 || !joins(word) {
            break;
        }
        at += word.len() + 1;
    }
    (end > 0).then(|| bare[..end].to_owned())
}

/// A due date inside the sentence: "… by the end of May", "… (Q2 2026)", "… in H1".
pub(crate) fn due_inside(plain: &str, context: &DateContext) -> Option<String> {
    let context = DateContext {
        reference: context.reference.or(chrono::NaiveDate::from_ymd_opt(2024, 1, 1)),
        ..*context
    };
    let vague = || {
        let lower = plain.to_ascii_lowercase();
        VAGUE.iter().find_map(|phrase| {
            let at = lower.find(phrase)?;
            plain.get(at..at + phrase.len()).map(str::to_owned)
        })
    };
    let exact = find_dates(plain, &context).into_iter().find_map(|found| {
        let mut start = found.start;
        let mut before = plain[..start].trim_end();
        // "for Wednesday 12 February", "during the H1 sprints".
        let weekday = before.rsplit([' ', '(']).next().unwrap_or("").trim_end_matches(',');
        if weekday.len() > 2 && weekday.parse::<chrono::Weekday>().is_ok() {
            before = before.trim_end_matches(',');
            start = before.len() - weekday.len();
            before = before[..start].trim_end();
        }
        before = before.strip_suffix(" the").unwrap_or(before);
        let last = before.rsplit([' ', '(']).next().unwrap_or("").to_lowercase();
        let opened = before.ends_with('(') && plain[found.end..].starts_with(')');
        let led = matches!(last.as_str(), "by" | "before" | "until" | "due" | "till" | "during");
        // "in H1" and "in 2 weeks" are plans; "in May 2023" in a report is more often the past.
        let planned = last == "in" && matches!(found.resolved.rule, "quarter" | "half")
            || last == "for" && matches!(found.resolved.rule, "day-month" | "month-day")
            || found.resolved.rule == "within" && plain[found.start..].to_lowercase().starts_with("within");
        let next =
            found.resolved.rule == "relative" && plain[found.start..].to_lowercase().starts_with("next");
        (opened || led || planned || next).then(|| plain[start..found.end].to_owned())
    });
    let event = || before_event(plain).map(str::to_owned);
    exact.or_else(event).or_else(vague)
}

/// A due date that is an event, at the end of an item: "… before the next release".
fn before_event(plain: &str) -> Option<&str> {
    let bare = plain.trim_end().trim_end_matches(['.', ')']);
    let mut start = bare.len();
    for (count, word) in bare.rsplit(' ').take(MAX_EVENT).enumerate() {
        let is_event = EVENTS.contains(&word.to_lowercase().as_str());
        if count == 0 && !is_event {
            return None;
        }
        start -= word.len();
        if matches!(word, "by" | "before" | "until") {
            let behind = &bare[start..];
            // "Moved by migration" names a thing, and "before migration" a habit.
            let is_time = behind.contains(" the ");
            return (count > 0 && is_time).then_some(behind);
        }
        start = start.checked_sub(1)?;
    }
    None
}

/// How many words of an event are looked at.
const MAX_EVENT: usize = 6;

/// Events that happen once, by which something may be due; a release or a sprint is one of many.
const EVENTS: [&str; 8] =
    ["audit", "cutover", "election", "go-live", "handover", "launch", "migration", "opening"];

/// Plans without a day: they are kept as written, and a person is asked to set one.
const VAGUE: [&str; 8] = [
    "in the coming days",
    "in the coming weeks",
    "in the coming months",
    "over the coming weeks",
    "over the coming months",
    "later this month",
    "later this quarter",
    "later this year",
];
