//! What an item says about itself beside what is to be done: owner, due date, state, priority, kind.
//!
//! Fields set off from the sentence (in front, in brackets, behind a dash) are cut off and kept; names and
//! dates that are part of the sentence stay in it and are only noted.
//!
//! Invariant: cutting removes whole marks and never the last words of an item, and every loop shortens the
//! text, so it ends.

use super::judge;
use crate::dates::{DateContext, find_dates};
use crate::document::{Line, Text};
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
    /// Whether it will not be done.
    pub(crate) is_rejected: bool,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Note {
    Owner(String),
    Due(String),
    Done(bool),
    Rejected,
    Priority(String),
    Kind(String),
    /// A ticket, whose address is among the links, or a value that says that there is none.
    Nothing,
}

impl Fields {
    /// These fields, and those of `other` where these say nothing.
    fn or(self, other: Self) -> Self {
        Self {
            owner: self.owner.or(other.owner),
            due: self.due.or(other.due),
            done: self.done.or(other.done),
            priority: self.priority.or(other.priority),
            kind: self.kind.or(other.kind),
            is_rejected: self.is_rejected || other.is_rejected,
        }
    }

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
            Note::Rejected => self.is_rejected = true,
            Note::Nothing => {}
        }
    }

    /// Takes what a line such as "Owner: Ann" or "Due: Friday. Owner: Ann." says, and tells whether it was one.
    pub(crate) fn take_line(&mut self, line: &str) -> bool {
        let first = labels(line).get(1).map_or(line, |next| &line[..next.start]);
        let opens_labelled = split_parts(trim_end(first)).next().is_some_and(|part| labelled(part).is_some());
        let Some(notes) = run(line).filter(|_| opens_labelled) else { return false };
        notes.into_iter().for_each(|note| self.note(note));
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
    own = cut_labelled(&own, &mut fields);
    for _ in 0..MAX_FIELDS {
        match cut_back(&own, &mut fields) {
            Some(shorter) if !shorter.is_empty() && shorter.plain.len() < own.plain.len() => own = shorter,
            _ => break,
        }
    }
    (own, fields)
}

/// An item whose words stand on several lines: fields at the end of a line end there.
pub(crate) fn cut_lines(lines: &[Line]) -> (Text, Fields) {
    let mut fields = Fields::default();
    let mut own = Text::default();
    for (at, line) in lines.iter().enumerate() {
        let plain = line.text.plain.as_str();
        let is_field = at > 0 && text::label_and_value(plain).is_some() && fields.take_line(plain);
        if is_field {
            continue;
        }
        let is_open =
            plain.ends_with([',', '、', '-']) || plain.matches('(').count() != plain.matches(')').count();
        if at + 1 < lines.len() && !is_open {
            own.push(&cut_labelled(&line.text, &mut fields));
        } else {
            own.push(&line.text);
        }
    }
    let (own, rest) = cut(&own);
    (own, fields.or(rest))
}

/// A label of a field inside a text.
#[derive(Clone, Copy, Debug)]
struct Label {
    /// Where it begins.
    start: usize,
    /// Where its value begins.
    value: usize,
    /// Whether punctuation sets it off from the words before it.
    is_set_off: bool,
}

/// What may stand between a field and what follows it.
const BETWEEN: [char; 18] =
    [' ', '.', ',', ';', '|', '/', '-', '–', '—', '(', ')', '[', ']', '、', '。', '（', '）', '，'];

/// How many words of a label stand before its colon at most, and on how many bytes.
const MAX_LABEL: (usize, usize) = (3, 40);

/// The labels of fields in a text, in order.
fn labels(plain: &str) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for (colon, mark) in plain.char_indices().filter(|(_, c)| matches!(c, ':' | '：')) {
        let value = colon + mark.len_utf8();
        if mark == ':' && !plain[value..].starts_with(char::is_whitespace) {
            continue;
        }
        let after = labels.last().map_or(0, |label| label.value);
        let from = (colon.saturating_sub(MAX_LABEL.1)..=colon)
            .find(|at| plain.is_char_boundary(*at))
            .unwrap_or(colon);
        let from = from.max(after);
        let before = &plain[from..colon];
        let mut starts: Vec<usize> = before
            .char_indices()
            .filter(|(_, c)| BETWEEN.contains(c) && *c != '-')
            .map(|(at, c)| from + at + c.len_utf8())
            .chain((from == after || plain[..from].ends_with(BETWEEN)).then_some(from))
            .filter(|start| plain[*start..].starts_with(char::is_alphanumeric))
            .collect();
        starts.sort_unstable_by(|a, b| b.cmp(a));
        starts.truncate(MAX_LABEL.0);
        let found = starts.into_iter().rev().find(|start| is_label(&text::fold(&plain[*start..colon])));
        if let Some(start) = found {
            let lead = plain[..start].trim_end();
            let is_set_off = lead.is_empty() || lead.ends_with([':', '：']) || lead.ends_with(BETWEEN);
            labels.push(Label { start, value, is_set_off });
        }
    }
    labels
}

/// Whether folded words are the label of a field.
fn is_label(folded: &str) -> bool {
    let lists = [
        Phrases::OwnerLabel,
        Phrases::DueLabel,
        Phrases::PriorityLabel,
        Phrases::StatusLabel,
        Phrases::KindLabel,
        Phrases::TicketLabel,
    ];
    lists.into_iter().any(|list| words::is(list, folded))
}

/// A value without what separates it from the next field; a bracket of its own stays.
fn trim_end(value: &str) -> &str {
    let mut value = value.trim();
    loop {
        let close = value.ends_with([')', ']', '）']);
        let is_balanced = close && value.contains(['(', '[', '（']);
        let shorter =
            value.trim_end_matches(|c: char| BETWEEN.contains(&c) && !matches!(c, ')' | ']' | '）'));
        let shorter =
            if close && !is_balanced { shorter.trim_end_matches([')', ']', '）']) } else { shorter };
        if shorter.len() == value.len() {
            return value;
        }
        value = shorter;
    }
}

/// A text that is nothing but fields: "P2, owner Ann, due Friday", "Due: Friday. Owner: Ann."
fn run(written: &str) -> Option<Vec<Note>> {
    let labels = labels(written);
    let ends = labels.iter().map(|label| label.start).chain([written.len()]);
    let mut notes: Vec<Note> = Vec::new();
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
                None => notes.push(labelled(part).or_else(|| bare(part))?),
            }
        }
    }
    (!notes.is_empty()).then_some(notes)
}

/// The field before a comma with what follows it, where that belongs to it: "Ann, Bob", "May 3, 2026".
fn continued(before: Option<&Note>, part: &str) -> Option<Note> {
    match before? {
        Note::Owner(owner) if labelled(part).is_none() && is_name(part) => {
            Some(Note::Owner(format!("{owner}, {part}")))
        }
        Note::Due(due) => {
            let whole = format!("{due}, {part}");
            let is_year = part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit());
            (is_year && judge::is_due(&whole)).then_some(Note::Due(whole))
        }
        _ => None,
    }
}

/// Whether a text is a login or up to three capitalised words, as names are.
fn is_name(part: &str) -> bool {
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

/// Cuts the labelled fields out of a text wherever they stand: brackets of fields, and labels with their
/// values. A value ends where the next label, a sentence, or a bracket begins, and what follows it stays.
fn cut_labelled(own: &Text, fields: &mut Fields) -> Text {
    let own = cut_brackets(own, fields);
    let plain = own.plain.as_str();
    let labels = labels(plain);
    let mut notes = Vec::new();
    let mut kept: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    let (mut depth, mut counted) = (0_usize, 0);
    for (at, label) in labels.iter().enumerate() {
        let limit = labels.get(at + 1).map_or(plain.len(), |next| next.start);
        for c in plain[counted..label.start].chars() {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        counted = label.start;
        let raw = &plain[label.value..limit];
        let (sentence_from, sentence_end) = text::sentences(raw).first().copied().unwrap_or((0, raw.len()));
        let value_end = raw[sentence_from..sentence_end].find([';', '|']).unwrap_or(sentence_end);
        let written = trim_end(&plain[label.start..label.value + value_end]);
        let follows_field = from == label.start && at > 0;
        let Some(found) = run(written).filter(|_| depth == 0) else { continue };
        let plausible = label.is_set_off || follows_field || found.iter().all(is_unmistakable);
        if !plausible || found.iter().any(|note| matches!(note, Note::Kind(_))) && !label.is_set_off {
            continue;
        }
        notes.extend(found);
        kept.push((from, label.start));
        from = label.value + value_end;
        if plain[from..limit].trim_matches(BETWEEN).is_empty() {
            from = limit;
        }
    }
    kept.push((from, plain.len()));
    let mut rest = Text::default();
    for (from, to) in kept {
        let part = own.slice(from, to);
        let trimmed = part
            .plain
            .trim_end_matches(|c: char| BETWEEN.contains(&c) && !matches!(c, '.' | ')' | ']' | '）' | '。'));
        let lead =
            trimmed.len() - trimmed.trim_start_matches([' ', '.', ',', ';', '|', '/', '-', '–', '—']).len();
        if lead < trimmed.len() {
            rest.push(&part.slice(lead, trimmed.len()));
        }
    }
    if notes.is_empty() || rest.is_empty() {
        return own;
    }
    notes.into_iter().for_each(|note| fields.note(note));
    rest
}

/// Whether a field is one by its value too, so that no punctuation has to set it off.
fn is_unmistakable(note: &Note) -> bool {
    match note {
        Note::Owner(owner) => is_name(owner),
        Note::Due(due) => judge::is_due(due),
        Note::Priority(priority) => words::is(Phrases::Priority, &text::fold(priority)),
        Note::Done(_) | Note::Rejected => true,
        Note::Kind(_) | Note::Nothing => false,
    }
}

/// The longest due date behind an owner in brackets, in bytes.
const MAX_BEHIND: usize = 60;

/// Cuts brackets in the middle of a text that hold labelled fields, or an owner before a due date.
fn cut_brackets(own: &Text, fields: &mut Fields) -> Text {
    let plain = own.plain.as_str();
    let mut rest = Text::default();
    let mut from = 0;
    let mut open = None;
    for (at, c) in plain.char_indices() {
        match c {
            '(' | '[' | '（' => open = Some(at),
            ')' | ']' | '）' => {
                let Some(start) = open.take() else { continue };
                let end = at + c.len_utf8();
                let inner = plain[start + c.len_utf8()..at].trim();
                let behind = &plain[end..];
                let behind_is_field = behind.len() <= MAX_BEHIND
                    && (labelled(behind.trim_matches(BETWEEN)).is_some()
                        || behind.trim_matches(BETWEEN).is_empty());
                let is_field = inner.len() <= 160
                    && (Fields::default().take_line(inner)
                        || !labels(inner).is_empty() && run(inner).is_some()
                        || mentions(inner).is_some() && behind_is_field);
                // A link's words are no field of the item.
                if !is_field
                    || start == 0
                    || own.links.iter().any(|link| link.at == start + 1) && labels(inner).is_empty()
                {
                    continue;
                }
                run(inner).into_iter().flatten().for_each(|note| fields.note(note));
                rest.push(&own.slice(from, start));
                from = end;
            }
            _ => {}
        }
    }
    if from == 0 {
        return own.clone();
    }
    rest.push(&own.slice(from, plain.len()));
    rest
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
    if let Some(rest) = behind_prefix(plain) {
        if is_loud(&plain[..end - rest.len()]) && plain.to_lowercase().starts_with("to") {
            fields.note(Note::Done(false));
        }
        return Some(own.slice(end - rest.len(), end));
    }
    // "Nice to have: a second lift".
    if let Some((label, value)) = text::label_and_value(plain)
        && label.contains(' ')
        && !value.is_empty()
        && words::is(Phrases::Priority, &text::fold(label))
    {
        fields.note(Note::Priority(label.to_owned()));
        return Some(own.slice(end - value.len(), end));
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
    let is_rejected = (set_off || loud) && judge::is_rejected(&text::fold(name));
    let note = match state {
        _ if is_rejected => Note::Rejected,
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

/// What follows a mark such as "ACTION:" or "AI-2:".
fn behind_prefix(plain: &str) -> Option<&str> {
    let (label, rest) = plain.split_once(':')?;
    let rest = rest.strip_prefix(' ')?.trim_start();
    let name = label.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches([' ', '-', '#']);
    (label.len() <= MAX_LABEL.1 && !rest.is_empty() && words::is(Phrases::ActionPrefix, &text::fold(name)))
        .then_some(rest)
}

fn is_loud(label: &str) -> bool {
    !label.chars().any(char::is_lowercase)
}

/// Whether a line anywhere in a report says in capitals that it is an action: "ACTION: …", "TODO: …".
pub(crate) fn is_marked(plain: &str) -> bool {
    // Behind the slashes of a comment it is about code.
    plain.starts_with(char::is_alphanumeric)
        && behind_prefix(plain).is_some_and(|rest| is_loud(&plain[..plain.len() - rest.len()]))
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
        run(inner)?.into_iter().for_each(|note| fields.note(note));
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

/// A field with its label: "Owner: Ann", "due 3 May", "owner Ann".
fn labelled(part: &str) -> Option<Note> {
    let part = part.trim().trim_start_matches(['(', '[']);
    if text::word_count(part) > 12 {
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
        return judge::is_due(date).then(|| Note::Due(date.to_owned()));
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

/// What the value of a label says.
fn of_label(folded: &str, value: &str) -> Option<Note> {
    let is_nothing = judge::is_placeholder(value);
    if words::is(Phrases::OwnerLabel, folded) {
        Some(if is_nothing { Note::Nothing } else { Note::Owner(value.to_owned()) })
    } else if words::is(Phrases::DueLabel, folded) {
        Some(if is_nothing { Note::Nothing } else { Note::Due(value.to_owned()) })
    } else if words::is(Phrases::PriorityLabel, folded) {
        Some(if is_nothing { Note::Nothing } else { Note::Priority(value.to_owned()) })
    } else if words::is(Phrases::StatusLabel, folded) {
        let value = text::fold(value);
        if judge::is_rejected(&value) { Some(Note::Rejected) } else { judge::state(&value).map(Note::Done) }
    } else if words::is(Phrases::KindLabel, folded) {
        Some(Note::Kind(value.to_owned()))
    } else if words::is(Phrases::TicketLabel, folded) && text::word_count(value) <= 3 {
        Some(Note::Nothing)
    } else {
        None
    }
}

/// A field without a label, which its own form gives away.
fn bare(part: &str) -> Option<Note> {
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
        && !lists.into_iter().any(|list| words::is(list, &folded))
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
        return Some(first.to_owned());
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
        if fields.is_rejected {
            told += " | rejected";
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
            ("Add an alert. Owner: Ann", "Add an alert. | owner=Ann"),
            ("Add a check. Owner: Sara. Due: 2026-11-30", "Add a check. | owner=Sara | due=2026-11-30"),
            ("Add a check - Owner: Sara - Due: 2026-11-30", "Add a check | owner=Sara | due=2026-11-30"),
            ("Add a check / Owner: Sara / Due: 2026-11-30", "Add a check | owner=Sara | due=2026-11-30"),
            ("Add a check. Due: 2026-11-30. Owner: Sara.", "Add a check. | owner=Sara | due=2026-11-30"),
            (
                "Renewal job: Enable it. Owner: Piet de Vries. Due: 16 October 2026. Status: completed.",
                "Renewal job: Enable it. | owner=Piet de Vries | due=16 October 2026 | done=true",
            ),
            (
                "Add a check. Priority: low. Assigned to: Mehmet Yılmaz",
                "Add a check. | owner=Mehmet Yılmaz | priority=low",
            ),
            (
                "Add a check (P2, owner Sara, due 12/05/2026)",
                "Add a check | owner=Sara | due=12/05/2026 | priority=P2",
            ),
            ("Add a check (owner Sara)", "Add a check | owner=Sara"),
            ("Add a check. Owner: Sara. It covers the job.", "Add a check. It covers the job. | owner=Sara"),
            ("Add a check (Owner: Omar) for the job", "Add a check for the job | owner=Omar"),
            ("Add a check (@octo-dev) by 2024-07-01", "Add a check by 2024-07-01 | owner=@octo-dev"),
            (
                "Add a check (owner: Ann, Bob Okot; due: May 3, 2026)",
                "Add a check | owner=Ann, Bob Okot | due=May 3, 2026",
            ),
            ("Add a check. Owner: TBD. Due: n/a", "Add a check."),
            ("Add an alert - DONE 2026-11-05", "Add an alert | done=true"),
            ("Add an alert (won't do)", "Add an alert | rejected"),
            ("[Cancelled] Add an alert", "Add an alert | rejected"),
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
