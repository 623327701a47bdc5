//! Sentences that lead into a list of actions: "To prevent this in the future, we will:".
//!
//! Invariant: only a sentence that ends in a colon or a question mark leads in, and one that speaks to the
//! reader or about the incident leads into something else.

use crate::document::{Block, BlockKind, Line, Text, one_line};
use crate::text;
use crate::words::{self, Phrases};

/// The longest sentence that leads in, in words.
const MAX_WORDS: usize = 45;

/// The phrase by which a sentence or label announces actions.
pub(crate) fn announcement(sentence: &str) -> Option<&'static str> {
    let sentence = sentence.trim_end();
    if !sentence.ends_with([':', '：', '?', '？']) || text::word_count(sentence) > MAX_WORDS {
        return None;
    }
    let folded = text::fold(sentence);
    words::phrase_in(Phrases::LeadIn, &folded).filter(|_| !words::has(Phrases::NoLeadIn, &folded))
}

/// The sentence at the end of a paragraph that leads into the list behind it, with its line.
pub(super) fn at_end(block: &Block, next: Option<&Block>) -> Option<(usize, Text)> {
    let BlockKind::Paragraph(lines) = &block.kind else { return None };
    let leads_into_list = match &next?.kind {
        BlockKind::List(_) | BlockKind::Table(_) => true,
        BlockKind::Paragraph(lines) => lines.len() > 1 && lines.iter().all(|line| is_task(&line.text.plain)),
        _ => false,
    };
    let last =
        lines.last().filter(|line| leads_into_list && line.text.plain.ends_with([':', '：', '?', '？']))?;
    let sentence = last_sentence(lines);
    announcement(&sentence.plain)?;
    Some((last.number, sentence))
}

/// A question that stands alone above its answer: "So what are we doing about it?"
pub(super) fn question(block: &Block, next: Option<&Block>) -> Option<Line> {
    let BlockKind::Paragraph(lines) = &block.kind else { return None };
    let [line] = &lines[..] else { return None };
    let is_answered = matches!(next?.kind, BlockKind::Paragraph(_));
    let is_alone = line.text.plain.ends_with(['?', '？']) && text::sentences(&line.text.plain).len() == 1;
    (is_answered && is_alone && announcement(&line.text.plain).is_some()).then(|| line.clone())
}

/// Whether a line begins with a verb that tells what to do.
fn is_task(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(|first| words::is_task_verb(&text::fold(first)))
}

/// The last sentence of some lines; long paragraphs are looked at from their end.
fn last_sentence(lines: &[Line]) -> Text {
    let near = &lines[lines.len().saturating_sub(12)..];
    let whole = one_line(near);
    match text::sentences(&whole.plain).last() {
        Some(&(from, to)) => whole.slice(from, to),
        None => whole,
    }
}
