//! What an item says about itself beside what is to be done: owner, due date, state, priority, kind.
//!
//! Fields set off from the sentence (in front, in brackets, behind a dash) are cut off and kept; names and
//! dates that are part of the sentence stay in it and are only noted.
//!
//! Invariant: cutting removes whole marks and never the last words of an item, and every loop shortens the
//! text, so it ends.

use super::judge;
use crate::dates::{DateContext, find_dates};
use crate::document::Text;
use crate::text;
use crate::words::{self, Phrases};

/// The fields of an item, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    /// Who does it.
    pub(crate) owner: Option<String>,
    /// By when.
    pub(crate) due: Option<String>,
    /// Whether it is done.
    pub(crate) done: Option<bool>,
    /// How urgent it is.
    pub(crate) priority: Option<String>,
    /// What kind of action it is.
    pub(crate) kind: Option<String>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Note {
    Owner(String),
    Due(String),
    Done(bool),
    Priority(String),
    Kind(String),
    /// A ticket: its address is among the links.
    Ticket,
}

impl Fields {
    fn note(&mut self, note: Note) {
        match note {
            Note::Owner(owner) => match &mut self.owner {
                Some(known) => *known = format!("{owner}, {known}"),
                None => self.owner = Some(owner),
            },
            Note::Due(due) => self.due = self.due.take().or(Some(due)),
            Note::Done(done) => self.done = self.done.or(Some(done)),
            Note::Priority(priority) => self.priority = self.priority.take().or(Some(priority)),
            Note::Kind(kind) => self.kind = self.kind.take().or(Some(kind)),
            Note::Ticket => {}
        }
    }

    /// Takes what a line such as "Owner: Ann" or "Due: Friday" says, and tells whether it was one.
    pub(crate) fn take_line(&mut self, line: &str) -> bool {
        let parts: Vec<Option<Note>> = split_parts(line).map(labelled).collect();
        if parts.is_empty() || parts.iter().any(Option::is_none) {
            return false;
        }
        parts.into_iter().flatten().for_each(|note| self.note(note));
        true
    }
}

/// How many fields an item may carry on each side.
const MAX_FIELDS: usize = 8;

/// Cuts the fields off an item.
pub(crate) fn cut(item: &Text) -> (Text, Fields) {
    let mut fields = Fields::default();
    let mut own = without_braces(item).unwrap_or_else(|| item.clone());
    for _ in 0..MAX_FIELDS {
        match cut_front(&own, &mut fields) {
            Some(shorter) if shorter.plain.len() < own.plain.len() => own = shorter,
            _ => break,
        }
    }
    for _ in 0..MAX_FIELDS {
        match cut_back(&own, &mut fields) {
            Some(shorter) if !shorter.is_empty() && shorter.plain.len() < own.plain.len() => own = shorter,
            _ => break,
        }
    }
    (own, fields)
}

/// The task in the braces of a template that was filled in without removing them: "{{ Add an alert }}".
fn without_braces(item: &Text) -> Option<Text> {
    let open = item.plain.strip_prefix("{{")?;
    let close = 2 + open.find("}}")?;
    let inner = item.slice(2, close);
    // A name of two or three words is still the template's.
    (text::word_count(&inner.plain) > 3).then_some(inner)
}

/// One field less in front.
fn cut_front(own: &Text, fields: &mut Fields) -> Option<Text> {
    let plain = own.plain.as_str();
    let end = plain.len();
    let first = plain.chars().next()?;
    if text::is_picture(first) || first == ':' {
        let rest = text::strip_pictures(plain);
        match first {
            '✅' | '☑' | '✔' => fields.note(Note::Done(true)),
            '⏳' | '🚧' | '🔄' | '⬜' | '☐' | '🔲' => fields.note(Note::Done(false)),
            _ => {}
        }
        return (!rest.is_empty()).then(|| own.slice(end - rest.len(), end));
    }
    if let Some(close) = bracketed(plain) {
        let inner = plain[1..close].trim();
        let rest = plain[close + 1..].trim_start_matches([' ', ':', '-', '–', '—']);
        if rest.is_empty() || plain[close + 1..].starts_with(['(', '[']) {
            return None;
        }
        let holds_link = own.links.iter().any(|link| link.at <= close);
        let note = bare(inner).or_else(|| labelled(inner));
        match note {
            Some(note) => fields.note(note),
            None if first == '[' && !holds_link && is_names(inner) => {
                fields.note(Note::Owner(inner.to_owned()));
            }
            None => return None,
        }
        return Some(own.slice(end - rest.len(), end));
    }
    // "TODO Write it", "DONE: write it", "@ann: write it", "P1 - write it".
    let (word, rest) = plain.split_once(' ')?;
    let rest = rest.trim_start_matches(['-', '–', '—', ':', ' ']);
    let name = word.trim_end_matches([':', '-', ',']);
    let set_off = name.len() < word.len() || plain[word.len()..].trim_start().starts_with(['-', '–', '—']);
    let loud = name.len() > 2 && name.chars().all(|c| c.is_uppercase() || c == '-');
    let state = judge::state(&text::fold(name)).filter(|_| set_off || loud);
    let note = match state {
        Some(done) => Note::Done(done),
        None if set_off && is_mention(name) => Note::Owner(name.to_owned()),
        None if set_off && words::is(Phrases::Priority, &text::fold(name)) => Note::Priority(name.to_owned()),
        None => return None,
    };
    if rest.is_empty() {
        return None;
    }
    fields.note(note);
    Some(own.slice(end - rest.len(), end))
}

/// Where the bracket closes that opens at the start.
fn bracketed(plain: &str) -> Option<usize> {
    let close = match plain.chars().next()? {
        '[' => ']',
        '(' => ')',
        _ => return None,
    };
    plain.char_indices().take(60).find(|(_, c)| *c == close).map(|(at, _)| at)
}

/// One field less at the end.
fn cut_back(own: &Text, fields: &mut Fields) -> Option<Text> {
    let plain = own.plain.trim_end_matches([' ', '.', ',', ';', '|']);
    let last = plain.chars().next_back()?;
    if matches!(last, ')' | ']' | '）') {
        let open = plain.char_indices().rev().take(120).find(|(_, c)| matches!(c, '(' | '[' | '（'))?;
        let inner = plain[open.0 + open.1.len_utf8()..plain.len() - last.len_utf8()].trim();
        let notes: Vec<Option<Note>> =
            split_parts(inner).map(|part| labelled(part).or_else(|| bare(part))).collect();
        if notes.is_empty() || notes.iter().any(Option::is_none) {
            return None;
        }
        notes.into_iter().flatten().for_each(|note| fields.note(note));
        return Some(own.slice(0, open.0));
    }
    if text::is_picture(last) {
        let rest = plain.trim_end_matches(|c: char| text::is_picture(c) || c == ' ');
        if plain[rest.len()..].contains(['✅', '✔', '☑']) {
            fields.note(Note::Done(true));
        }
        return Some(own.slice(0, rest.len()));
    }
    let (at, separator) = last_separator(plain)?;
    let part = plain[at + separator.len()..].trim();
    let note = match separator {
        " " => is_mention(part).then(|| Note::Owner(part.to_owned())),
        ", " | ". " | "、" | "。" => labelled(part).or_else(|| mentions(part)),
        _ => labelled(part).or_else(|| bare(part)),
    };
    // A shorter separator may hide a longer field: "… - Owner: Ann Okot".
    let (at, note) = match note {
        Some(note) => (at, note),
        None => longer_field(plain)?,
    };
    fields.note(note);
    Some(own.slice(0, at))
}

/// The last place where a field may begin.
fn last_separator(plain: &str) -> Option<(usize, &'static str)> {
    let separators = [" - ", " – ", " — ", " | ", "; ", ", ", ". ", "、", "。", " "];
    separators
        .iter()
        .filter_map(|separator| Some((plain.rfind(separator)?, *separator)))
        .max_by_key(|(at, separator)| (*at + separator.len(), separator.len()))
}

/// A labelled field, or a mark behind a dash, of several words at the end.
fn longer_field(plain: &str) -> Option<(usize, Note)> {
    let tail_start = plain.char_indices().rev().take(100).last().map_or(0, |(at, _)| at);
    let separators = [" - ", " – ", " — ", " | ", "; ", ", ", ". ", "、", "。", " ", " -- "];
    let mut starts: Vec<(usize, usize, usize)> = separators
        .iter()
        .flat_map(|separator| {
            let strong =
                if separator.contains(['-', '–', '—', '|']) { 2 } else { usize::from(*separator != " ") };
            plain[tail_start..]
                .match_indices(separator)
                .map(move |(at, _)| (tail_start + at, separator.len(), strong))
        })
        .collect();
    starts.sort_unstable();
    starts.into_iter().find_map(|(at, length, strong)| {
        let part = plain[at + length..].trim();
        // Behind a mere space only a label with its colon shows that the sentence is over.
        let is_set_off = strong > 0 || text::label_and_value(part).is_some();
        let note =
            labelled(part).filter(|_| is_set_off).or_else(|| if strong > 1 { bare(part) } else { None })?;
        Some((at, note))
    })
}

fn split_parts(inner: &str) -> impl Iterator<Item = &str> {
    inner
        .split([';', '|', '、'])
        .flat_map(|part| part.split(", "))
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// A field with its label: "Owner: Ann", "due 3 May".
fn labelled(part: &str) -> Option<Note> {
    let part = part.trim().trim_start_matches(['(', '[']);
    if text::word_count(part) > 12 {
        return None;
    }
    if let Some((label, value)) = text::label_and_value(part) {
        let folded = text::fold(label);
        let value = value.trim_end_matches(['.', ')', ']']).trim();
        // "Owner: Ann, due: Friday" are two fields, which are cut one after the other.
        if value.is_empty() || split_parts(value).skip(1).any(|part| labelled(part).is_some()) {
            return None;
        }
        return if words::is(Phrases::OwnerLabel, &folded) {
            Some(Note::Owner(value.to_owned()))
        } else if words::is(Phrases::DueLabel, &folded) {
            Some(Note::Due(value.to_owned()))
        } else if words::is(Phrases::PriorityLabel, &folded) {
            Some(Note::Priority(value.to_owned()))
        } else if words::is(Phrases::StatusLabel, &folded) {
            Some(Note::Done(judge::state(&text::fold(value))?))
        } else if words::is(Phrases::KindLabel, &folded) {
            Some(Note::Kind(value.to_owned()))
        } else if words::is(Phrases::TicketLabel, &folded) && text::word_count(value) <= 3 {
            Some(Note::Ticket)
        } else {
            None
        };
    }
    let (first, rest) = part.split_once(' ')?;
    let opens_due = matches!(text::fold(first).as_str(), "due" | "by" | "eta" | "deadline" | "target");
    let rest = rest.trim_start_matches("by ").trim_start_matches("on ");
    (opens_due && judge::is_due(rest)).then(|| Note::Due(rest.to_owned()))
}

/// A field without a label, which its own form gives away.
fn bare(part: &str) -> Option<Note> {
    let part = part.trim().trim_matches(['*', '_', '`']);
    let folded = text::fold(part);
    if let Some(done) = judge::state(&folded) {
        return Some(Note::Done(done));
    }
    // "DONE in #12", "done on 3 May".
    let (first, rest) = folded.split_once(' ').unwrap_or((&folded, ""));
    if judge::state(first) == Some(true)
        && matches!(rest.split(' ').next(), Some("in" | "on" | "by" | "via" | "with"))
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
fn mentions(part: &str) -> Option<Note> {
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
fn is_mention(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|login| {
        !login.is_empty()
            && login.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
            && login.chars().any(char::is_alphanumeric)
    })
}

/// Whether a bracket in front can hold names: few words, no digits, no sentence.
fn is_names(inner: &str) -> bool {
    let words = text::word_count(inner);
    (1..=4).contains(&words)
        && inner.len() <= 50
        && inner.chars().all(|c| {
            c.is_alphabetic() || matches!(c, ' ' | ',' | '@' | '-' | '_' | '.' | '/' | '&' | '?' | '\'')
        })
}

/// Title and description of `Title: description`, or of a bold title with its explanation.
pub(crate) fn split_title(own: &Text) -> Option<(String, String)> {
    let plain = own.plain.as_str();
    let by_colon = text::label_and_value(plain).filter(|(title, value)| {
        let words = text::word_count(title);
        words <= 8 && text::word_count(value) >= 2 && !title.ends_with(['?', '!'])
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

/// An owner who is named inside the sentence: "@ann will …", "Ann to …".
pub(crate) fn owner_inside(plain: &str) -> Option<String> {
    let mut words = plain.split(' ');
    let first = words.next()?.trim_end_matches([',', ':']);
    let second = words.next()?;
    let third = words.next().unwrap_or("");
    if is_mention(first) {
        return Some(first.to_owned());
    }
    let folded = text::fold(first);
    let is_name = first.chars().next().is_some_and(char::is_uppercase)
        && first.chars().skip(1).all(char::is_lowercase)
        && first.chars().count() > 1
        && !words::is_task_verb(&folded)
        && !matches!(
            folded.as_str(),
            "need" | "needs" | "we" | "want" | "ability" | "plan" | "leads" | "try" | "how"
        );
    let assigns = second == "to" && words::is_task_verb(&text::fold(third));
    (is_name && assigns).then(|| first.to_owned())
}

/// A due date inside the sentence: "… by the end of May", "… (Q2 2026)", "… in H1".
pub(crate) fn due_inside(plain: &str, context: &DateContext) -> Option<String> {
    let context = DateContext {
        reference: context.reference.or(chrono::NaiveDate::from_ymd_opt(2024, 1, 1)),
        ..*context
    };
    find_dates(plain, &context).into_iter().find_map(|found| {
        let before = plain[..found.start].trim_end();
        let last = before.rsplit([' ', '(']).next().unwrap_or("").to_lowercase();
        let opened = before.ends_with('(') && plain[found.end..].starts_with(')');
        let led = matches!(last.as_str(), "by" | "before" | "until" | "due" | "till" | "during");
        // "in H1" and "in 2 weeks" are plans; "in May 2023" in a report is more often the past.
        let planned = last == "in" && matches!(found.resolved.rule, "quarter" | "half")
            || found.resolved.rule == "within" && plain[found.start..].to_lowercase().starts_with("within");
        (opened || led || planned).then(|| plain[found.start..found.end].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(item: &str) -> String {
        let (own, fields) = cut(&Text::from_plain(item));
        let mut told = own.plain;
        let notes = [
            ("owner", fields.owner),
            ("due", fields.due),
            ("priority", fields.priority),
            ("kind", fields.kind),
        ];
        for (name, value) in notes {
            if let Some(value) = value {
                told += &format!(" | {name}={value}");
            }
        }
        if let Some(done) = fields.done {
            told += &format!(" | done={done}");
        }
        told
    }

    #[test]
    fn fields_set_off_from_the_sentence_are_cut() {
        for (item, expected) in [
            ("[DONE] Add an alert", "Add an alert | done=true"),
            ("[ann] Add an alert", "Add an alert | owner=ann"),
            ("TODO Add an alert", "Add an alert | done=false"),
            ("✅ Add an alert", "Add an alert | done=true"),
            ("@ann: Add an alert", "Add an alert | owner=@ann"),
            ("P1 - Add an alert", "Add an alert | priority=P1"),
            ("Add an alert (done)", "Add an alert | done=true"),
            ("Add an alert (owner: Ann, due: 3 May 2026)", "Add an alert | owner=Ann | due=3 May 2026"),
            (
                "Add an alert - Owner: Ann Okot, due: 2026-05-03",
                "Add an alert | owner=Ann Okot | due=2026-05-03",
            ),
            ("Add an alert — in progress", "Add an alert | done=false"),
            ("Add an alert @ann [repair]", "Add an alert | owner=@ann | kind=repair"),
            ("Add an alert. Owner: Ann", "Add an alert | owner=Ann"),
            ("Add an alert (@ann)", "Add an alert | owner=@ann"),
            ("Add an alert | High | by Friday", "Add an alert | due=Friday | priority=High"),
            (
                "監視を追加する（担当: 山田、期限: 2026-05-03）",
                "監視を追加する | owner=山田 | due=2026-05-03",
            ),
        ] {
            assert_eq!(told(item), expected, "{item}");
        }
    }

    #[test]
    fn what_belongs_to_the_sentence_stays() {
        for item in [
            "Ann to add an alert",
            "Add an alert (see runbook)",
            "[#12] Add an alert",
            "Set the high water mark",
            "Done is better than perfect",
            "Move to the new pool (#12)",
            "Document what is done",
            "Use tool: it works",
        ] {
            assert_eq!(told(item), item);
        }
        assert_eq!(owner_inside("Ann to add an alert").as_deref(), Some("Ann"));
        assert_eq!(owner_inside("Speak to add people"), None);
        assert_eq!(owner_inside("@ann will add an alert").as_deref(), Some("@ann"));
    }
}
