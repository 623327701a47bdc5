//! Actions that are rows of a table.
//!
//! Invariant: one row gives at most one action, from the cell of the action column; a table that tells
//! events gives none.

use super::fields::{self, Fields};
use super::{Draft, Rule, judge, refs};
use crate::document::{Block, BlockKind, Cell, Span, Table, Text};
use crate::text;
use crate::words::{self, Column, Phrases};

/// Whether a table shows by its columns that it lists actions.
pub(super) fn lists_actions(table: &Table) -> bool {
    let columns: Vec<Option<Column>> =
        table.header.iter().map(|cell| words::column(&cell.text.plain)).collect();
    let is_managed = |column: &Option<Column>| {
        matches!(column, Some(Column::Owner | Column::Due | Column::Status | Column::Priority))
    };
    columns.contains(&Some(Column::Action))
        && !columns.contains(&Some(Column::Event))
        && columns.iter().any(is_managed)
}

/// A table that shows by its columns that it lists actions.
pub(super) fn of_actions(block: &Block) -> Option<&Table> {
    match &block.kind {
        BlockKind::Table(table) if lists_actions(table) => Some(table),
        _ => None,
    }
}

/// Whether a line beside tables of actions says what stands in them: it opens with the name of a column, or with
/// a state or a priority that the rows have.
pub(super) fn explains(tables: &[&Table], written: &str) -> bool {
    let bare = written.trim_start_matches(|c: char| !c.is_alphanumeric());
    let opening = bare.split([':', '：', '–', '—', '=', '(', '\n']).next().unwrap_or(bare);
    let opening = opening.split(" - ").next().unwrap_or(opening);
    let behind = bare[opening.len()..].trim_start();
    let opening = text::fold(opening);
    let first = opening.split(' ').next().unwrap_or("");
    // "Prevent: so that it never happens" and "Detect - see it sooner" define a word.
    let is_defined = !opening.contains(' ') && behind.starts_with([':', '：', '-', '–', '—', '=']);
    let is_value = [Phrases::Priority, Phrases::Done, Phrases::Open];
    let is_column = |cell: &Cell| {
        let name = text::fold(&cell.text.plain);
        name == opening || name == first && !words::is_task_verb(first)
    };
    is_defined
        || words::is_any(&is_value, &opening)
        || words::is(Phrases::Priority, first)
        || !behind.is_empty() && !opening.contains(' ') && words::column(&opening).is_some()
        || tables.iter().flat_map(|table| &table.header).any(is_column)
}

/// Whether a table tells what happened and not what is to be done.
pub(super) fn tells_events(table: &Table) -> bool {
    let has = |column| table.header.iter().any(|cell| words::column(&cell.text.plain) == Some(column));
    has(Column::Event) && !has(Column::Action)
}

/// The actions of a table. Outside an action section the table must show by its columns that it lists some.
pub(super) fn drafts(table: &Table, in_actions: bool) -> Vec<Draft> {
    let columns: Vec<Option<Column>> =
        table.header.iter().map(|cell| words::column(&cell.text.plain)).collect();
    if !in_actions && !lists_actions(table) || tells_events(table) {
        return Vec::new();
    }
    let Some(action) = action_column(table, &columns) else { return Vec::new() };
    let are_pulls: Vec<bool> =
        table.header.iter().map(|cell| refs::is_pull_request(&cell.text.plain)).collect();
    table.rows.iter().filter_map(|row| draft(row, action, &columns, &are_pulls)).collect()
}

/// The column that says what to do: one that is called so, else the first that nothing else is known of.
fn action_column(table: &Table, columns: &[Option<Column>]) -> Option<usize> {
    let named: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| **column == Some(Column::Action))
        .map(|(at, _)| at)
        .collect();
    // Of several ("Title", "Description") the one with the most words says most.
    let words_in = |at: usize| -> usize {
        table
            .rows
            .iter()
            .take(50)
            .filter_map(|row| row.get(at))
            // The numbers of rows say nothing.
            .filter(|cell| cell.text.plain.contains(char::is_alphabetic))
            .map(|cell| text::word_count(&cell.text.plain))
            .sum()
    };
    // A column of tickets that tells what each is about is one of actions.
    let told_ticket = || {
        let rows = table.rows.iter().take(50).count();
        let mut tickets = columns.iter().enumerate().filter(|(_, column)| **column == Some(Column::Ticket));
        tickets.find(|(at, _)| words_in(*at) > 2 * rows).map(|(at, _)| at)
    };
    named
        .iter()
        .copied()
        .max_by_key(|at| (words_in(*at), std::cmp::Reverse(*at)))
        .or_else(told_ticket)
        .or_else(|| {
            columns
                .iter()
                .enumerate()
                .filter(|(_, column)| matches!(column, None | Some(Column::Remark | Column::Ticket)))
                .map(|(at, _)| at)
                .max_by_key(|at| (words_in(*at), std::cmp::Reverse(*at)))
        })
}

fn draft(row: &[Cell], action: usize, columns: &[Option<Column>], are_pulls: &[bool]) -> Option<Draft> {
    let cell = row.get(action)?;
    let (own, mut fields) = fields::cut(&cell.text);
    if own.is_empty() && own.links.is_empty() {
        return None;
    }
    let mut links: Vec<String> = Vec::new();
    let (mut tickets, mut pulls) = (Vec::new(), Vec::new());
    let mut details = Vec::new();
    let mut named = Fields::default();
    for (at, other) in row.iter().enumerate().filter(|(at, _)| *at != action) {
        let value = value(&other.text);
        links.extend(other.text.links.iter().map(|link| link.target.clone()));
        match columns.get(at).copied().flatten() {
            Some(Column::Owner) => named.owner = named.owner.or(value),
            Some(Column::Due) => {
                // Some teams write "done" where the date stood.
                let state = value.as_deref().and_then(|value| judge::state(&text::fold(value)));
                match state {
                    Some(done) => named.done = Some(done),
                    None => named.due = named.due.or(value),
                }
            }
            Some(Column::Status) => {
                let state = status(&other.text.plain);
                named.done = state.or(named.done);
                named.is_rejected |= is_rejected(&other.text.plain);
                if text::word_count(&other.text.plain) > 3 {
                    details.extend(value);
                }
            }
            Some(Column::Priority) => named.priority = named.priority.or(value),
            Some(Column::Kind) => named.kind = named.kind.or(value),
            Some(Column::Criteria) => named.criteria = named.criteria.or(value),
            Some(Column::Ticket) => {
                if are_pulls.get(at) == Some(&true) {
                    pulls.push(other.text.plain.as_str());
                } else {
                    tickets.push(&other.text);
                }
                named.done = named.done.or_else(|| state_beside(&other.text.plain));
            }
            Some(Column::Remark | Column::Action) => details.extend(value),
            Some(Column::Number | Column::Event) | None => {}
        }
    }
    fields = Fields {
        owner: named.owner.or(fields.owner),
        due: named.due.or(fields.due),
        done: named.done.or(fields.done),
        priority: named.priority.or(fields.priority),
        kind: named.kind.or(fields.kind),
        ticket: fields.ticket,
        criteria: named.criteria.or(fields.criteria),
        is_rejected: named.is_rejected
            || fields.is_rejected
            || own.struck > 0 && own.struck == own.plain.len() && named.done != Some(true),
    };
    let span = Span::line(cell.line);
    let mut draft = Draft::new(&cell.text, own, fields, span, Rule::TableRow);
    draft.links.extend(links);
    tickets.into_iter().for_each(|ticket| draft.refs.ticket(ticket));
    draft.refs.mention(pulls.into_iter(), &[]);
    Some(Draft { details, may_split: true, ..draft })
}

/// The words of a cell, unless they only fill it.
fn value(text: &Text) -> Option<String> {
    (!judge::is_placeholder(&text.plain)).then(|| text.plain.clone())
}

/// The state that stands beside the ticket: "OPS-12, done".
fn state_beside(cell: &str) -> Option<bool> {
    cell.split([',', ';', '(', ')', '/', '|']).find_map(|part| judge::state(&text::fold(part)))
}

/// Whether a status cell says that it will not be done: "Cancelled", "Rejected (too dear)".
fn is_rejected(cell: &str) -> bool {
    let before = cell.split(['(', ',', ';', ':', '-', '–', '—', '.']).next().unwrap_or(cell);
    [cell, before].into_iter().any(|words| judge::is_rejected(&text::fold(words)))
}

/// The state a status cell names, by its words or its mark.
fn status(cell: &str) -> Option<bool> {
    let folded = text::fold(cell);
    judge::state(&folded)
        .or_else(|| match cell.trim() {
            mark if mark.contains(['✅', '✔', '☑']) || matches!(mark, "[x]" | "[X]" | "x" | "X") => {
                Some(true)
            }
            mark if mark.contains(['⏳', '🚧', '🔄', '⬜', '☐']) || mark == "[ ]" => Some(false),
            _ => None,
        })
        .or_else(|| match folded.split(' ').next()? {
            "yes" => Some(true),
            "no" => Some(false),
            // "Done (2026-05-03)".
            first => judge::state(first),
        })
        .or_else(|| state_beside(cell))
}
