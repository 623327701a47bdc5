//! Actions in paragraphs: titled lines, lines that are items without bullets, and sentences.
//!
//! Invariant: a paragraph is first cut into entries (lines that belong together), and every entry is one
//! titled line, one plain line, or sentences; introductions are none of them.

use super::fields::{self, Fields};
use super::judge::{self, Judged};
use super::{Draft, Miss, Rule, clauses, list, state};
use crate::document::{Block, BlockKind, Line, Span, Text, one_line};
use crate::lines;
use crate::outline::lead_in;
use crate::text;
use crate::words::{self, Field, Topic};

/// Some lines that belong together.
struct Entry<'d> {
    lines: &'d [Line],
    text: Text,
}

impl Entry<'_> {
    fn span(&self) -> Span {
        match (self.lines.first(), self.lines.last()) {
            (Some(first), Some(last)) => Span::new(first.number, last.number),
            _ => Span::line(1),
        }
    }

    /// Where each line begins in the joined text.
    fn starts(&self) -> Vec<usize> {
        let mut offset = 0;
        let start = |line: &Line| {
            let start = offset;
            offset += line.text.plain.len() + 1;
            start
        };
        self.lines.iter().map(start).collect()
    }

    /// The lines that the bytes `from..to` of the joined text stand on.
    fn span_of(&self, starts: &[usize], from: usize, to: usize) -> Span {
        let line_at = |offset: usize| {
            let at = starts.partition_point(|start| *start <= offset).saturating_sub(1);
            self.lines.get(at).map(|line| line.number)
        };
        match (line_at(from), line_at(to.saturating_sub(1))) {
            (Some(first), Some(last)) => Span::new(first, last),
            _ => self.span(),
        }
    }
}

/// The actions of a paragraph in an action section. Beside a list, prose only counts when it commits. What is
/// no action is told to `passed`: the rule, the words, and the line.
pub(super) fn drafts(
    lines: &[Line],
    beside_list: bool,
    passed: &mut dyn FnMut(Miss, &str, usize),
) -> Vec<Draft> {
    let entries = entries(lines);
    let several = entries.len() > 1;
    let mut drafts: Vec<Draft> = Vec::new();
    for entry in &entries {
        let plain = entry.text.plain.as_str();
        if let Some(last) = drafts.last_mut()
            && last.fields.take_line(plain)
        {
            last.span.last = entry.span().last;
            continue;
        }
        let judged = Judged::new(plain);
        let is_introduction = judged.is_introduction() && text::sentences(plain).len() == 1;
        if is_introduction || judged.is_placeholder() {
            let rule = if is_introduction { Miss::Introduction } else { Miss::Placeholder };
            passed(rule, plain, entry.span().first);
            continue;
        }
        if let Some(value) = under_own_label(&entry.text) {
            // "Improvements: Add an alert. Test it."
            let whole = Entry { lines: entry.lines, text: value };
            let told = sentences(&whole, |judged| judged.is_measure(), passed);
            drafts.extend(told.into_iter().map(|draft| Draft { span: entry.span(), ..draft }));
        } else if fields::cut(&entry.text).1.owner.is_some() && judged.tells_owner_what_to_do() {
            drafts.push(whole(entry, Rule::Line));
        } else if beside_list {
            drafts.extend(sentences(entry, |judged| judged.is_firm_measure(), passed));
        } else if is_titled(&entry.text) {
            drafts.push(whole(entry, Rule::TitledLine));
        } else if several && text::sentences(plain).len() == 1 && is_item_line(plain, &judged) {
            drafts.push(whole(entry, Rule::Line));
        } else {
            drafts.extend(sentences(entry, |judged| judged.is_measure(), passed));
        }
    }
    drafts
}

/// A task on one line that a list explains: "Show badges for:" with the names of what below it.
pub(super) fn with_list(lines: &[Line], next: Option<&Block>) -> Option<Draft> {
    let [line] = lines else { return None };
    let block = next.filter(|next| matches!(next.kind, BlockKind::List(_)) && !list::lists_tasks(next))?;
    let (text, mut fields) = fields::cut(&line.text);
    let is_task = line.text.plain.ends_with([':', '：']) && Judged::new(&text.plain).opens_with_task();
    if !is_task {
        return None;
    }
    let (mut details, mut links) = (Vec::new(), Vec::new());
    list::detail(block, &mut details, &mut links, &mut fields);
    let span = Span::new(line.number, block.span.last);
    let mut draft = Draft::new(&line.text, text, fields, span, Rule::Line);
    draft.links.extend(links);
    Some(Draft { details, ..draft })
}

/// The state that a paragraph gives the list behind it: "Done: we changed the following rules:".
pub(super) fn state_of_list(block: &Block) -> Option<bool> {
    let BlockKind::Paragraph(lines) = &block.kind else { return None };
    let (first, last) = (lines.first()?, lines.last()?);
    let (label, _) = text::label_and_value(&first.text.plain)?;
    let leads = last.text.plain.trim_end().ends_with([':', '：']);
    judge::state(&text::fold(label)).filter(|_| leads)
}

/// The promises of a paragraph outside any action section, and the measures it reports. What follows a question such
/// as "What are we doing about it?" is read as a section of actions is.
pub(super) fn promises(lines: &[Line], with_reports: bool) -> Vec<Draft> {
    let entry = Entry { lines, text: one_line(lines) };
    let plain = entry.text.plain.as_str();
    let asks = |&(from, to): &(usize, usize)| lead_in::announcement(&plain[from..to]).is_some();
    let asked = text::sentences(plain).into_iter().find(asks).map(|(_, to)| to);
    let is_promise: Test = if with_reports {
        |told| told.is_promise() || told.is_reported_measure()
    } else {
        |told| told.is_promise()
    };
    let is_told: Test = |told| told.is_measure();
    let behind = asked.map_or((plain.len(), is_promise), |asked| (asked, is_told));
    sentences_until(&entry, is_promise, behind, &mut |_, _, _| {})
}

/// Whether a sentence is an action.
type Test = fn(&Judged<'_>) -> bool;

/// Whatever could be an action in a paragraph: titled lines, lines of their own, and sentences.
pub(super) fn units(lines: &[Line]) -> Vec<Draft> {
    let entries = entries(lines);
    let several = entries.len() > 1;
    let mut drafts: Vec<Draft> = Vec::new();
    for entry in &entries {
        let plain = entry.text.plain.as_str();
        if is_titled(&entry.text) {
            drafts.push(whole(entry, Rule::TitledLine));
        } else if several && text::sentences(plain).len() == 1 {
            drafts.push(whole(entry, Rule::Line));
        } else {
            drafts.extend(sentences(entry, |_| true, &mut |_, _, _| {}));
        }
    }
    drafts
}

/// The lines of a paragraph that say in capitals that they are actions ("TODO: …"), wrapped lines included.
pub(super) fn marked(lines: &[Line]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let start = at;
        at += 1;
        if !fields::is_marked(&lines[start].text.plain) {
            continue;
        }
        while at < lines.len()
            && !starts_large(&lines[at])
            && !lines::ends_sentence(&lines[at - 1].text.plain)
        {
            at += 1;
        }
        let own = &lines[start..at];
        drafts.push(whole(&Entry { lines: own, text: one_line(own) }, Rule::Line));
    }
    drafts
}

fn whole(entry: &Entry<'_>, rule: Rule) -> Draft {
    let (text, fields) = fields::cut(&entry.text);
    let may_split = rule == Rule::TitledLine;
    let is_marked = fields::is_marked(&entry.text.plain);
    Draft { may_split, is_marked, ..Draft::new(&entry.text, text, fields, entry.span(), rule) }
}

/// The sentences of an entry that are actions.
fn sentences(entry: &Entry<'_>, is_action: Test, passed: &mut dyn FnMut(Miss, &str, usize)) -> Vec<Draft> {
    sentences_until(entry, is_action, (entry.text.plain.len(), is_action), passed)
}

/// The sentences that are actions by one test, and by another from a place on.
fn sentences_until(
    entry: &Entry<'_>,
    is_action: Test,
    (until, then): (usize, Test),
    passed: &mut dyn FnMut(Miss, &str, usize),
) -> Vec<Draft> {
    let plain = entry.text.plain.as_str();
    let starts = entry.starts();
    let mut drafts: Vec<Draft> = Vec::new();
    for (from, to) in text::sentences(plain) {
        let is_action = if from < until { is_action } else { then };
        // "Add an alert. Owner: Ann." is one action.
        if drafts.last_mut().is_some_and(|last| last.fields.take_line(plain[from..to].trim())) {
            continue;
        }
        let start = to - plain[from..to].trim_start().len();
        let span = entry.span_of(&starts, start, to);
        let judged = Judged::new(plain[from..to].trim());
        if !is_action(&judged) {
            // "This is already released."
            if let Some(last) = drafts.last_mut().filter(|_| state::is_detail_done(plain[from..to].trim())) {
                last.fields.done = last.fields.done.or(Some(true));
                continue;
            }
            let is_introduction = judged.is_introduction();
            let rule = if is_introduction { Miss::Introduction } else { Miss::NoMeasure };
            passed(rule, &plain[from..to], span.first);
            continue;
        }
        for (start, end) in clauses::measures(&plain[from..to], is_action) {
            let written = entry.text.slice(from + start, from + end);
            let (text, fields) = fields::cut(&written);
            drafts.push(Draft::new(&written, text, fields, span, Rule::Sentence));
        }
    }
    drafts
}

/// Cuts a paragraph into entries: a line begins one when the line before it is complete.
fn entries(lines: &[Line]) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    let mut start = 0;
    let unpunctuated = lines.iter().all(|line| !lines::ends_sentence(&line.text.plain) && starts_large(line));
    for at in 1..=lines.len() {
        let begins = at == lines.len()
            || starts_large(&lines[at])
                && (lines::ends_sentence(&lines[at - 1].text.plain)
                    || unpunctuated
                    || is_titled(&lines[at].text));
        if begins {
            let own = &lines[start..at];
            entries.push(Entry { lines: own, text: one_line(own) });
            start = at;
        }
    }
    entries
}

fn starts_large(line: &Line) -> bool {
    text::strip_pictures(&line.text.plain).chars().next().is_some_and(|c| !c.is_lowercase())
}

/// Whether a text is `Title: description` with a title that could name an action.
fn is_titled(text: &Text) -> bool {
    let Some((title, _)) = fields::split_title(text) else { return false };
    let count = text::word_count(&title);
    let large = text::strip_pictures(&title).chars().next().is_some_and(|c| !c.is_lowercase());
    let is_field = matches!(
        words::field(&title),
        Some(
            Field::IncidentDate
                | Field::ReportDate
                | Field::StartedAt
                | Field::ResolvedAt
                | Field::Window
                | Field::Severity
                | Field::Person
        )
    );
    large && count <= 8 && !is_field && !Fields::default().take_line(&text.plain)
}

/// The sentences behind a label that announces actions itself, where there are several.
fn under_own_label(text: &Text) -> Option<Text> {
    let (label, value) = text::label_and_value(&text.plain)?;
    let end = text.plain.len();
    let announces = words::whole_topic(label) == Some(Topic::Actions) && text::sentences(value).len() > 1;
    announces.then(|| text.slice(end - value.len(), end))
}

/// Whether one of several lines looks like an item and not like talk about the items.
fn is_item_line(plain: &str, judged: &Judged<'_>) -> bool {
    let first = text::fold(plain.split(' ').next().unwrap_or(""));
    let is_talk = matches!(
        first.as_str(),
        "the" | "this" | "these" | "it" | "there" | "that" | "in" | "as" | "all" | "our" | "by" | "with"
    );
    !plain.ends_with('?') && (judged.is_measure() || !is_talk && !judged.is_counterfactual())
}
