//! One field at a time: what a part of a text says, with a label or without.
//!
//! Invariant: a part that is no field is none; nothing is guessed from a word alone that the data does not list.

use chrono::Weekday;

use super::super::judge;
use super::super::refs::is_pull_request;
use super::labels::{is_label, labels, opens_with_label};
use super::trim_end;
use crate::text;
use crate::words::{self, Phrases};

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Owner(String),
    Due(String),
    Done(bool),
    Rejected,
    Priority(String),
    Kind(String),
    Ticket(String),
    Criteria(String),
    /// A value that says that there is none.
    Nothing,
}

/// A text that is nothing but fields: "P2, owner Ann, due Friday", "Due: Friday. Owner: Ann."
pub(super) fn run(written: &str) -> Option<Vec<Note>> {
    Some(run_of(written)?.0)
}

/// The fields that a text consists of, and whether the first of them has a label.
pub(super) fn run_of(written: &str) -> Option<(Vec<Note>, bool)> {
    let labels = labels(written);
    let ends = labels.iter().map(|label| label.start).chain([written.len()]);
    let mut notes: Vec<Note> = Vec::new();
    let mut is_labelled = false;
    let mut from = 0;
    for end in ends {
        let piece = trim_end(&written[from..end]);
        from = end;
        for part in split_parts(piece) {
            match continued(notes.last(), part) {
                Some(note) => {
                    notes.pop();
                    notes.push(note);
                }
                None => {
                    let with_label = labelled(part);
                    is_labelled |= with_label.is_some() && notes.is_empty();
                    notes.push(with_label.or_else(|| bare(part))?);
                }
            }
        }
    }
    (!notes.is_empty()).then_some((notes, is_labelled))
}

/// Who and by when, without labels: "Tom, by 20 Nov".
pub(super) fn name_and_day(written: &str) -> Option<Vec<Note>> {
    let (name, day) = written.split_once([',', ';'])?;
    let day = day.trim();
    let due = match labelled(day) {
        None if text::word_count(day) <= 6 && judge::may_be_due(day) => Note::Due(day.to_owned()),
        Some(due @ Note::Due(_)) => due,
        _ => return None,
    };
    is_name(name).then(|| vec![Note::Owner(name.to_owned()), due])
}

/// The fields among the parts of a text of which not all are fields, and where the others stand: "owner: Ann, see #12".
/// None where no part has a label.
pub(super) fn some_of(written: &str) -> (Vec<Note>, Vec<(usize, usize)>) {
    let (mut notes, mut unknown): (Vec<Note>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    let mut is_labelled = false;
    let mut from = 0;
    for part in split_parts(written) {
        // The parts are pieces of the text, in order.
        let at = from + written[from..].find(part).unwrap_or(0);
        from = at + part.len();
        let with_label = labelled(part);
        is_labelled |= with_label.is_some();
        match with_label.or_else(|| bare(part)) {
            Some(note) => notes.push(note),
            None => unknown.push((at, from)),
        }
    }
    if is_labelled { (notes, unknown) } else { (Vec::new(), Vec::new()) }
}

/// The field before a comma with what follows it, where that belongs to it: "Ann, Bob", "May 3, 2026".
pub(super) fn continued(before: Option<&Note>, part: &str) -> Option<Note> {
    match before? {
        Note::Owner(owner) if is_name(part) && labelled(part).is_none() => {
            Some(Note::Owner(format!("{owner}, {part}")))
        }
        Note::Due(due) => {
            let whole = format!("{due}, {part}");
            let is_year = part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit());
            // "May 3, 2026"; "Mon, Nov 30".
            let goes_on = is_year || due.parse::<Weekday>().is_ok() && judge::is_due(part);
            (goes_on && judge::is_due(&whole)).then_some(Note::Due(whole))
        }
        _ => None,
    }
}

/// Whether a text is a login or up to three capitalised words, as names are.
pub(super) fn is_name(part: &str) -> bool {
    let mut any = false;
    let fine = part.split(' ').all(|word| {
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        any |= capital || is_mention(word);
        let joins = matches!(
            word,
            "and" | "&" | "+" | "de" | "van" | "von" | "der" | "den" | "da" | "di" | "del" | "la"
        );
        is_mention(word)
            || joins
            || capital && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.'))
    });
    let folded = text::fold(part);
    any && fine
        && text::word_count(part) <= 4
        && !is_label(&folded)
        && judge::state(&folded).is_none()
        && !words::is(Phrases::Priority, &folded)
        && !words::is(Phrases::Kind, &folded)
        && !judge::is_due(part)
}

pub(super) fn split_parts(inner: &str) -> impl Iterator<Item = &str> {
    inner
        .split([';', '|', '、'])
        .flat_map(|part| part.split(", "))
        .flat_map(at_dash)
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// A part and the field that a dash sets off from it: "owner: Anna - due 2026-12-15".
fn at_dash(part: &str) -> impl Iterator<Item = &str> {
    let dash = [" - ", " – ", " — "].iter().find_map(|dash| Some((part.find(dash)?, dash.len())));
    let tail = dash.filter(|_| part.len() <= MAX_FIELD).map(|(at, length)| (at, &part[at + length..]));
    let field = tail.filter(|(_, tail)| opens_with_label(tail) && labelled(tail).is_some());
    let head = field.map_or(part, |(at, _)| &part[..at]);
    [head].into_iter().chain(field.map(|(_, tail)| tail))
}

/// The longest field with its label, in bytes.
const MAX_FIELD: usize = 400;

/// A field with its label: "Owner: Ann", "due 3 May", "owner Ann".
pub(super) fn labelled(part: &str) -> Option<Note> {
    let part = part.trim().trim_start_matches(['(', '[']);
    if part.len() > MAX_FIELD || text::word_count(part) > 12 {
        return None;
    }
    if let Some((label, value)) = text::label_and_value(part) {
        let value = trim_end(value);
        // "Owner: Ann, due: Friday" are two fields, and a sentence is no value.
        if value.is_empty()
            || text::sentences(value).len() > 1
            || split_parts(value).skip(1).any(|part| labelled(part).is_some())
        {
            return None;
        }
        return of_label(&text::fold(label), value);
    }
    let (first, rest) = part.split_once(' ')?;
    let opens_due = matches!(text::fold(first).as_str(), "due" | "by" | "eta" | "deadline" | "target");
    let date = rest.trim_start_matches("by ").trim_start_matches("on ");
    if opens_due {
        return judge::may_be_due(date).then(|| Note::Due(date.to_owned()));
    }
    // The longest label in front of a name.
    let (split, _) = part
        .match_indices(' ')
        .take(2)
        .filter(|(at, _)| words::is(Phrases::OwnerLabel, &text::fold(&part[..*at])))
        .last()?;
    let name = trim_end(&part[split..]);
    is_name(name).then(|| Note::Owner(name.to_owned()))
}

/// What shows that an item is done: "Success criteria: …", "Done when …".
pub(super) fn criteria(line: &str) -> Option<&str> {
    if let Some((label, value)) = text::label_and_value(line) {
        return Some(trim_end(value))
            .filter(|value| !value.is_empty() && words::is(Phrases::CriteriaLabel, &text::fold(label)));
    }
    let at = opens_criteria(line)?;
    Some(trim_end(&line[at..])).filter(|value| !value.is_empty())
}

/// Where what shows that an item is done begins in a line that says "Done when …".
fn opens_criteria(line: &str) -> Option<usize> {
    let (at, _) = line.match_indices(' ').nth(1)?;
    let opens = matches!(
        text::fold(&line[..at]).as_str(),
        "done when"
            | "complete when"
            | "completed when"
            | "finished when"
            | "closed when"
            | "verified when"
            | "accepted when"
            | "fertig wenn"
            | "erledigt wenn"
    );
    opens.then_some(at)
}

/// Where a text of an item goes on with "Done when …", set off from what is to be done, and what it says there.
pub(super) fn criteria_behind(plain: &str) -> Option<(usize, &str)> {
    const MARKS: [&str; 7] = [". ", "; ", " - ", " – ", " — ", " (", ", "];
    const MAX_TRIED: usize = 20;
    let is_when = |word: &[u8]| word.eq_ignore_ascii_case(b"when") || word.eq_ignore_ascii_case(b"wenn");
    if !plain.as_bytes().windows(4).any(is_when) {
        return None;
    }
    let mut tried = [0; MARKS.len()];
    let found = text::marks(plain, &MARKS).filter_map(|(at, mark)| {
        let kind = MARKS.iter().position(|known| *known == mark)?;
        tried[kind] += 1;
        let line = plain[at + mark.len()..].trim_start();
        let value = trim_end(&line[opens_criteria(line).filter(|_| tried[kind] <= MAX_TRIED)?..]);
        let keeps = usize::from(mark == ". ");
        (!value.is_empty()).then_some((kind, (at + keeps, value)))
    });
    // A new sentence says it before a clause does, wherever the two stand.
    found.min_by_key(|(kind, _)| *kind).map(|(_, found)| found)
}

/// Whether a line is the label of what shows that an item is done, with nothing behind it.
pub(crate) fn labels_criteria(line: &str) -> bool {
    text::label_and_value(line).is_some_and(|(label, value)| {
        value.is_empty() && words::is(Phrases::CriteriaLabel, &text::fold(label))
    })
}

/// What the value of a label says.
pub(super) fn of_label(folded: &str, value: &str) -> Option<Note> {
    let is_nothing = judge::is_placeholder(value);
    if words::is(Phrases::OwnerLabel, folded) {
        Some(if is_nothing { Note::Nothing } else { Note::Owner(value.to_owned()) })
    } else if words::is(Phrases::DueLabel, folded) {
        Some(if is_nothing { Note::Nothing } else { Note::Due(value.to_owned()) })
    } else if words::is(Phrases::PriorityLabel, folded) {
        Some(if is_nothing { Note::Nothing } else { Note::Priority(value.to_owned()) })
    } else if words::is(Phrases::StatusLabel, folded) {
        let value = text::fold(value);
        if judge::is_rejected(&value) {
            return Some(Note::Rejected);
        }
        // "Status: ok" says neither, and is no part of the action.
        judge::state(&value)
            .map(Note::Done)
            .or_else(|| (text::word_count(&value) <= 3).then_some(Note::Nothing))
    } else if words::is(Phrases::CriteriaLabel, folded) {
        Some(if is_nothing { Note::Nothing } else { Note::Criteria(value.to_owned()) })
    } else if words::is(Phrases::KindLabel, folded) {
        Some(Note::Kind(value.to_owned()))
    } else if words::is(Phrases::TicketLabel, folded) && text::word_count(value) <= 3 {
        // "PR: #12" names a change and no ticket.
        let is_pull = is_pull_request(folded) && !value.contains("://");
        let value = if is_pull { format!("PR {value}") } else { value.to_owned() };
        Some(if is_nothing { Note::Nothing } else { Note::Ticket(value) })
    } else {
        None
    }
}

/// A field without a label, which its own form gives away.
pub(super) fn bare(part: &str) -> Option<Note> {
    let part = part.trim().trim_matches(['*', '_', '`']);
    let folded = text::fold(part);
    if let Some(done) = judge::state(&folded) {
        return Some(Note::Done(done));
    }
    if judge::is_rejected(&folded) {
        return Some(Note::Rejected);
    }
    // "DONE in #12", "done on 3 May", "DONE 2026-05-03".
    let (first, rest) = folded.split_once(' ').unwrap_or((&folded, ""));
    if judge::state(first) == Some(true)
        && (matches!(rest.split(' ').next(), Some("in" | "on" | "by" | "via" | "with"))
            || part.split_once(' ').is_some_and(|(_, rest)| judge::is_due(rest)))
    {
        return Some(Note::Done(true));
    }
    if words::is(Phrases::Priority, &folded) {
        return Some(Note::Priority(part.to_owned()));
    }
    if words::is(Phrases::Kind, &folded) {
        return Some(Note::Kind(part.to_owned()));
    }
    mentions(part)
        .or_else(|| (text::word_count(part) <= 6 && judge::is_due(part)).then(|| Note::Due(part.to_owned())))
}

/// One or several mentions and nothing else.
pub(super) fn mentions(part: &str) -> Option<Note> {
    let mut any = false;
    for word in part.split([' ', ',', '&', '/']).filter(|word| !word.is_empty()) {
        match word {
            _ if is_mention(word) => any = true,
            "and" | "+" => {}
            _ => return None,
        }
    }
    any.then(|| Note::Owner(part.trim().to_owned()))
}

/// Whether a word is `@login`.
pub(crate) fn is_mention(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|login| {
        !login.is_empty()
            && login.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
            && login.chars().any(char::is_alphanumeric)
    })
}

/// Whether a bracket in front can hold names: few words, no digits, no sentence, and nothing else that it could be.
pub(super) fn is_names(inner: &str) -> bool {
    let words = text::word_count(inner);
    let folded = text::fold(inner);
    (1..=4).contains(&words)
        && inner.len() <= 50
        && inner.chars().all(|c| {
            c.is_alphabetic() || matches!(c, ' ' | ',' | '@' | '-' | '_' | '.' | '/' | '&' | '?' | '\'')
        })
        && !words::is_any(&[Phrases::Group, Phrases::Product, Phrases::ActionPrefix], &folded)
        && words::whole_topic(inner).is_none()
}

/// Whether a round bracket in front names teams: "(tc team)", "(web, cloudops teams)".
pub(super) fn is_team_names(inner: &str) -> bool {
    let folded = text::fold(inner);
    let names_teams = folded.split(' ').any(|word| matches!(word, "team" | "teams" | "squad"));
    names_teams && text::word_count(inner) > 1 && is_names(inner)
}
