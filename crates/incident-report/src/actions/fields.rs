//! What an item says about itself beside what is to be done: owner, due date, state, priority, kind.
//!
//! Fields set off from the sentence (in front, in brackets, behind a dash) are cut off and kept; names and
//! dates that are part of the sentence stay in it and are only noted.
//!
//! Invariant: cutting removes whole marks and never the last words of an item, and every loop shortens the
//! text, so it ends.

mod inside;
mod labels;
mod notes;

pub(crate) use self::inside::{due_inside, looks_like_name, mentions_in_front, owner_inside, split_title};
use self::labels::{BETWEEN, MAX_LABEL, labels, opens_with_label};
use self::notes::{
    Note, bare, criteria, criteria_behind, is_name, is_names, is_team_names, labelled, mentions,
    name_and_day, run, run_of, some_of,
};
pub(crate) use self::notes::{is_mention, labels_criteria};
use super::judge;
use crate::document::{Line, Link, Text};
use crate::template;
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
    /// The ticket that a label names.
    pub(crate) ticket: Option<String>,
    /// How one will know that it is done.
    pub(crate) criteria: Option<String>,
    /// Whether it will not be done.
    pub(crate) is_rejected: bool,
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
            ticket: self.ticket.or(other.ticket),
            criteria: self.criteria.or(other.criteria),
            is_rejected: self.is_rejected || other.is_rejected,
        }
    }

    /// Forgets values that a template left to be filled in, such as `YYYY-MM-DD` and `[name]`.
    pub(crate) fn without_gaps(&mut self) {
        for value in [&mut self.owner, &mut self.due, &mut self.priority, &mut self.kind] {
            value.take_if(|written| template::is_gap(written));
        }
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Owner(owner) => match &mut self.owner {
                // Nobody shares a task among more people than this.
                Some(known) if known.len() + owner.len() > MAX_OWNERS => {}
                Some(known) => *known = format!("{owner}, {known}"),
                None => self.owner = Some(owner),
            },
            Note::Due(due) => self.due = self.due.take().or(Some(due)),
            Note::Done(done) => self.done = self.done.or(Some(done)),
            Note::Priority(priority) => self.priority = self.priority.take().or(Some(priority)),
            Note::Kind(kind) => self.kind = self.kind.take().or(Some(kind)),
            Note::Ticket(ticket) => self.ticket = self.ticket.take().or(Some(ticket)),
            Note::Criteria(criteria) => self.criteria = self.criteria.take().or(Some(criteria)),
            Note::Rejected => self.is_rejected = true,
            Note::Nothing => {}
        }
    }

    /// Takes what a list says below the label of what shows that an item is done.
    pub(crate) fn take_criteria(&mut self, told: String) {
        if !told.is_empty() {
            self.note(Note::Criteria(told));
        }
    }

    /// Takes what a line such as "Owner: Ann" or "Due: Friday. Owner: Ann." says, and tells whether it was one.
    pub(crate) fn take_line(&mut self, line: &str) -> bool {
        if !opens_with_label(line) {
            return false;
        }
        if let Some(criteria) = criteria(line) {
            self.note(Note::Criteria(criteria.to_owned()));
            return true;
        }
        let Some((notes, true)) = run_of(line) else { return false };
        notes.into_iter().for_each(|note| self.note(note));
        true
    }
}

/// How long the owners of one item may be together, in bytes.
const MAX_OWNERS: usize = 400;

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
    if let Some((at, value)) = criteria_behind(&own.plain).filter(|(at, _)| *at > 0) {
        fields.note(Note::Criteria(value.to_owned()));
        own = own.slice(0, at);
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
        // What shows that it is done may be told in several sentences.
        if depth == 0 && label.is_set_off && criteria(&plain[label.start..limit]).is_some() {
            notes.push(Note::Criteria(trim_end(raw).to_owned()));
            kept.push((from, label.start));
            from = limit;
            continue;
        }
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
        let is_last = to == plain.len();
        let trimmed = part.plain.trim_end_matches(|c: char| {
            BETWEEN.contains(&c) && !matches!(c, '.' | ')' | ']' | '）' | '。') || c == ':' && !is_last
        });
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
        Note::Due(due) => judge::may_be_due(due),
        Note::Priority(priority) => words::is(Phrases::Priority, &text::fold(priority)),
        Note::Done(_) | Note::Rejected => true,
        Note::Criteria(_) | Note::Kind(_) | Note::Ticket(_) | Note::Nothing => false,
    }
}

/// The longest due date behind an owner in brackets, in bytes.
const MAX_BEHIND: usize = 60;

/// Cuts brackets in the middle of a text that hold labelled fields, or an owner before a due date.
fn cut_brackets(own: &Text, fields: &mut Fields) -> Text {
    let plain = own.plain.as_str();
    let mut rest = Text::default();
    let mut from = 0;
    // The brackets that are open: "(owner: [name], due: Friday)" has one in another.
    let mut open: Vec<usize> = Vec::new();
    for (at, c) in plain.char_indices() {
        match c {
            '(' | '[' | '（' => open.push(at),
            ')' | ']' | '）' => {
                let Some(start) = open.pop().filter(|start| *start >= from) else { continue };
                let end = at + c.len_utf8();
                // "(…）" opens and closes with brackets of different widths.
                let opening = plain[start..].chars().next().map_or(0, char::len_utf8);
                let inner = plain[start + opening..at].trim();
                let behind = &plain[end..];
                let behind_is_field = || {
                    behind.len() <= MAX_BEHIND
                        && (labelled(behind.trim_matches(BETWEEN)).is_some()
                            || behind.trim_matches(BETWEEN).is_empty())
                };
                let is_labelled = inner.len() <= 160 && !labels(inner).is_empty();
                let may_be = is_labelled
                    || inner.len() <= 160 && opens_with_label(inner)
                    || mentions(inner).is_some() && behind_is_field();
                // A link's words are no field of the item.
                if !may_be || start == 0 || holds_link(own, start + 1) && !is_labelled {
                    continue;
                }
                let inner_at = start
                    + opening
                    + (plain[start + opening..at].len() - plain[start + opening..at].trim_start().len());
                let (notes, unknown) = match run(inner) {
                    Some(notes) => (notes, Vec::new()),
                    None => some_of(inner),
                };
                if notes.is_empty() {
                    continue;
                }
                notes.into_iter().for_each(|note| fields.note(note));
                rest.push(&own.slice(from, start));
                rest.push(&in_brackets(own, unknown.iter().map(|(a, b)| (inner_at + a, inner_at + b))));
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

/// Parts of a text in brackets of their own; nothing for no parts.
fn in_brackets(own: &Text, parts: impl Iterator<Item = (usize, usize)>) -> Text {
    let mut whole = Text::default();
    for (from, to) in parts {
        let part = own.slice(from, to);
        whole.plain.push_str(if whole.plain.is_empty() { "(" } else { ", " });
        let shift = whole.plain.len();
        whole.plain.push_str(&part.plain);
        let moved = |link: Link| Link { at: link.at + shift, ..link };
        whole.links.extend(part.links.into_iter().map(moved));
    }
    if !whole.plain.is_empty() {
        whole.plain.push(')');
    }
    whole
}

/// Whether a link begins at an offset.
fn holds_link(own: &Text, at: usize) -> bool {
    own.links.binary_search_by_key(&at, |link| link.at).is_ok()
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
    if let Some((who, rest)) = behind_assigned_prefix(plain) {
        fields.note(Note::Owner(who.to_owned()));
        return Some(own.slice(end - rest.len(), end));
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
            None if !holds_link && (first == '[' && is_names(inner) || is_team_names(inner)) => {
                fields.note(Note::Owner(inner.to_owned()));
            }
            None => return None,
        }
        return Some(own.slice(end - rest.len(), end));
    }
    // "**AK** Add an alert", "**Ann Okot** to add an alert".
    if own.bold > 0 && own.bold < end {
        let (name, rest) = plain.split_at(own.bold);
        let name = name.trim();
        let task = rest.trim_start();
        let is_initials = (2..=4).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase());
        let is_task = words::is_task_verb(&text::fold(task.split(' ').next().unwrap_or("")));
        if is_initials && is_task && !words::is(Phrases::NoTicket, &text::fold(name)) {
            fields.note(Note::Owner(name.to_owned()));
            return Some(own.slice(end - task.len(), end));
        }
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

/// Who is named in a mark such as "TODO(ann):", and what follows it.
fn behind_assigned_prefix(plain: &str) -> Option<(&str, &str)> {
    let (mark, rest) = plain.split_once('(').filter(|(mark, _)| mark.len() <= MAX_LABEL.1)?;
    let (who, rest) = rest.split_once(')')?;
    let rest = rest.strip_prefix(':').unwrap_or(rest).strip_prefix(' ')?.trim_start();
    let is_mark = is_loud(mark) && words::is(Phrases::ActionPrefix, &text::fold(mark));
    (is_mark && !rest.is_empty() && !who.contains(' ') && is_names(who)).then_some((who, rest))
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
        let mut depth = 0_usize;
        let open = plain.char_indices().rev().take(120).find(|(_, c)| {
            depth += usize::from(matches!(c, ')' | ']' | '）'));
            depth -= usize::from(matches!(c, '(' | '[' | '（') && depth > 0);
            depth == 0
        })?;
        let inner = plain[open.0 + open.1.len_utf8()..plain.len() - last.len_utf8()].trim();
        run(inner).or_else(|| name_and_day(inner))?.into_iter().for_each(|note| fields.note(note));
        return Some(own.slice(0, open.0));
    }
    if text::is_picture(last) {
        let rest = plain.trim_end_matches(|c: char| text::is_picture(c) || c == ' ');
        if plain[rest.len()..].contains(['✅', '✔', '☑']) {
            fields.note(Note::Done(true));
        }
        return Some(own.slice(0, rest.len()));
    }
    if let Some(at) = day_behind_task(plain) {
        fields.note(Note::Due(plain[at..].trim().to_owned()));
        return Some(own.slice(0, at));
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

/// Where the day begins that a task ends with, as in lists of tasks: "Test the alarm 2026-05-01".
fn day_behind_task(plain: &str) -> Option<usize> {
    const LONGEST: usize = 3;
    let last = plain.rsplit(' ').next()?;
    if !last.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let begins = plain.rmatch_indices(' ').take(LONGEST).map(|(at, _)| at);
    let at = begins.filter(|at| judge::is_full_day(&plain[at + 1..])).last()?;
    let before = plain[..at].trim_end();
    let word = text::fold(before.rsplit(' ').next()?);
    let leads = judge::state(&word).is_some()
        || before.ends_with([',', ':', '-', '–', '—', '(', '/'])
        || matches!(
            word.as_str(),
            "on" | "since"
                | "from"
                | "to"
                | "of"
                | "the"
                | "and"
                | "at"
                | "in"
                | "for"
                | "after"
                | "by"
                | "before"
                | "until"
        );
    let mut words = before.split(' ').filter(|word| !is_mention(word));
    let is_task = words.next().is_some_and(|first| words::is_task_verb(&text::fold(first)));
    (is_task && !leads).then_some(at)
}

/// The last place where a field may begin.
fn last_separator(plain: &str) -> Option<(usize, &'static str)> {
    let (at, last) = plain.char_indices().rev().find(|(_, c)| matches!(c, ' ' | '、' | '。'))?;
    let longer = match last {
        '、' => return Some((at, "、")),
        '。' => return Some((at, "。")),
        _ => [" - ", " – ", " — ", " | ", "; ", ", ", ". "],
    };
    let end = at + 1;
    longer
        .into_iter()
        .find(|separator| plain[..end].ends_with(separator))
        .map_or(Some((at, " ")), |separator| Some((end - separator.len(), separator)))
}

/// A labelled field, or a mark behind a dash, of several words at the end.
fn longer_field(plain: &str) -> Option<(usize, Note)> {
    let tail_start = plain.char_indices().rev().take(100).last().map_or(0, |(at, _)| at);
    if !plain[tail_start..].contains([':', '：', '-', '–', '—', '|', ';', ',', '.', '、', '。']) {
        return None;
    }
    // Shorter ones first: the longest part is tried before what a longer mark leaves of it.
    let separators = [" ", "; ", ", ", ". ", "、", "。", " - ", " | ", " -- ", " – ", " — "];
    let colon = plain.rfind([':', '：']);
    let mut starts = text::marks(&plain[tail_start..], &separators).filter_map(|(at, separator)| {
        let at = tail_start + at;
        let strong =
            if separator.contains(['-', '–', '—', '|']) { 2 } else { usize::from(separator != " ") };
        // What a mere space sets off has to have a colon.
        (strong > 0 || colon.is_some_and(|colon| colon > at)).then_some((at, separator.len(), strong))
    });
    starts.find_map(|(at, length, strong)| {
        let part = plain[at + length..].trim();
        // Behind a mere space only a label with its colon shows that the sentence is over, and the value has to be one:
        // "Platform team: add a lamp" names no "add a lamp".
        let is_field =
            |note: &Note| strong > 0 || text::label_and_value(part).is_some() && is_unmistakable(note);
        let with_label =
            || Some(part).filter(|part| opens_with_label(part)).and_then(labelled).filter(is_field);
        let note = with_label().or_else(|| match strong {
            0 => None,
            // Behind a mere full stop only a state is a field: "… goes down. DONE in PR #12".
            1 => bare(part).filter(|note| matches!(note, Note::Done(_) | Note::Rejected)),
            _ => bare(part),
        })?;
        Some((at, note))
    })
}

#[cfg(test)]
mod tests;
