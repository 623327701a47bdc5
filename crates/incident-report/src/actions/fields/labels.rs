//! Where the labels of fields stand in a text: "Owner:", "Due:", "Status:".
//!
//! Invariant: the labels are in order and do not overlap.

use crate::text;
use crate::words::{self, Phrases};

/// A label of a field inside a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    /// Where it begins.
    pub(super) start: usize,
    /// Where its value begins.
    pub(super) value: usize,
    /// Whether punctuation sets it off from the words before it.
    pub(super) is_set_off: bool,
}

/// What may stand between a field and what follows it.
pub(super) const BETWEEN: [char; 18] =
    [' ', '.', ',', ';', '|', '/', '-', '–', '—', '(', ')', '[', ']', '、', '。', '（', '）', '，'];

/// How many words of a label stand before its colon at most, and on how many bytes.
pub(super) const MAX_LABEL: (usize, usize) = (3, 40);

/// The labels of fields in a text, in order.
pub(super) fn labels(plain: &str) -> Vec<Label> {
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

/// The lists of the labels of fields.
const LABELS: [Phrases; 7] = [
    Phrases::OwnerLabel,
    Phrases::DueLabel,
    Phrases::PriorityLabel,
    Phrases::StatusLabel,
    Phrases::KindLabel,
    Phrases::TicketLabel,
    Phrases::CriteriaLabel,
];

/// Whether folded words are the label of a field.
pub(super) fn is_label(folded: &str) -> bool {
    words::is_any(&LABELS, folded)
}

/// Whether a text begins with the label of a field, with its colon or without; cheap, for what is no field.
pub(super) fn opens_with_label(plain: &str) -> bool {
    let bare = plain.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = bare.char_indices().take_while(|(at, _)| *at <= MAX_LABEL.1).last();
    let head = end.map_or(bare, |(at, c)| &bare[..at + c.len_utf8()]);
    words::opens_any(&LABELS, &text::fold(head))
}
