//! The actions of a structured report.
//!
//! Invariants: an entry is an action, is left out with a warning, or is an error; nothing of it is lost. Each
//! stands on the line where its entry begins and quotes it, unless the document has the words of the report
//! that it was made from.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::facts::{Context, short};
use super::object::{Object, Shape};
use super::tree::{Node, Problem, Value};
use crate::actions::{CandidateAction, Miss, Rule, is_placeholder};
use crate::dates::{DateContext, Precision, ResolvedDate, resolve_date};
use crate::document::Span;
use crate::source::Source;
use crate::text;
use crate::words::{self, Column};

/// The keys of an action.
pub(super) const KEYS: [&str; 28] = [
    "text",
    "title",
    "description",
    "owner",
    "owner_text",
    "owner_name",
    "due",
    "due_text",
    "due_on",
    "done",
    "status",
    "priority",
    "priority_text",
    "kind",
    "kind_text",
    "category",
    "category_text",
    "section",
    "links",
    "issue",
    "issue_refs",
    "tracked_in",
    "success_criteria",
    "quote",
    "line",
    "rule",
    "why",
    "matched",
];

/// An entry of `actions`.
pub(super) const SHAPE: Shape = Shape { name: "an action", keys: &KEYS, meaning };

/// The states of an action, as everywhere else.
pub(super) const STATES: [&str; 8] =
    ["proposed", "open", "in_progress", "blocked", "done", "verified", "waived", "dropped"];

/// How urgent an action is.
pub(super) const PRIORITIES: [&str; 4] = ["urgent", "high", "medium", "low"];

/// What an action changes.
pub(super) const KINDS: [&str; 7] =
    ["prevent", "mitigate", "detect", "process", "repair", "investigate", "other"];

/// The longest name of a category, which has to fit into a label.
const MAX_CATEGORY: usize = 47;

fn meaning(label: &str) -> Option<&'static str> {
    Some(match words::column(label)? {
        Column::Action => "text",
        Column::Owner => "owner",
        Column::Due => "due",
        Column::Status => "status",
        Column::Priority => "priority",
        Column::Kind => "kind",
        Column::Ticket => "issue",
        Column::Remark => "description",
        Column::Criteria => "success_criteria",
        Column::Number | Column::Event => return None,
    })
}

/// Reads the actions.
pub(super) fn read(
    nodes: &[Node],
    dates: &DateContext,
    context: &mut Context<'_>,
) -> Result<Vec<CandidateAction>, Problem> {
    let mut actions = Vec::new();
    let mut seen = HashSet::new();
    for (at, node) in nodes.iter().enumerate() {
        if node.value == Value::Null {
            continue;
        }
        let quote = quoted(node, at.checked_sub(1).map(|at| &nodes[at]), nodes.get(at + 1), context.source);
        let Some(action) = action(node, quote, dates, context)? else { continue };
        if seen.insert(text::fold(&action.text)) {
            actions.push(action);
        } else {
            let message = format!("the action \"{}\" stands here a second time", short(&action.text));
            context.warn("repeated-action", message, node.start);
            context.trace.miss(Miss::SaidBefore, &action.text, action.line, action.section.as_deref());
        }
    }
    Ok(actions)
}

/// The lines of an entry, or only its part of them where it shares them with its neighbours.
fn quoted(node: &Node, before: Option<&Node>, after: Option<&Node>, source: &Source<'_>) -> String {
    let line = |offset: usize| source.place(offset).0;
    let (first, last) = (line(node.start), line(node.end));
    let is_alone = before.is_none_or(|before| line(before.end) < first)
        && after.is_none_or(|after| line(after.start) > last)
        // A whole document on one line is no quote of an action.
        && source.slice(node.start, node.end).len() * 2 >= source.quote(Span::new(first, last)).trim().len();
    if is_alone {
        source.quote(Span::new(first, last)).to_owned()
    } else {
        source.slice(node.start, node.end).to_owned()
    }
}

fn action(
    node: &Node,
    quote: String,
    dates: &DateContext,
    context: &mut Context<'_>,
) -> Result<Option<CandidateAction>, Problem> {
    let object = Object::of(node, &SHAPE, context.source)?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let one_line = |text: Option<&str>| text.map(text::collapse);
    let title = one_line(object.text("title")?);
    let text = one_line(object.text("text")?);
    let status = object.word("status", &STATES)?;
    let done = done(object, status)?;
    let owner_text = owned(object.text("owner_text")?.or(object.text("owner")?));
    let owner_name = owned(object.text("owner_name")?);
    let (due_text, due) = due(object, dates, context)?;
    let priority = owned(object.text("priority_text")?.or(object.word("priority", &PRIORITIES)?));
    let kind = owned(object.text("kind_text")?.or(object.word("kind", &KINDS)?));
    let category = owned(category(object, "category_text")?.or(category(object, "category")?));
    // What a reader wrote about the report that it read is checked, and told anew about this file.
    object.count("line")?;
    object.text("rule")?;
    object.text("why")?;
    object.texts("matched")?;
    let mut links = object.texts("links")?;
    let issue = issue(object)?;
    if let Some(issue) = &issue
        && !links.contains(issue)
    {
        links.push(issue.clone());
    }
    let tracked_in = owned(object.text("tracked_in")?).or(issue);
    let mut issue_refs = object.texts("issue_refs")?;
    if let Some(own) = &tracked_in
        && !issue_refs.contains(own)
    {
        issue_refs.push(own.clone());
    }
    let description = owned(object.text("description")?);
    let criteria = success_criteria(object)?;

    let Some(text) = text.or_else(|| title.clone()) else {
        let says_more = owner_text.is_some()
            || due_text.is_some()
            || description.is_some()
            || !criteria.is_empty()
            || !links.is_empty();
        if says_more {
            let hint = "write what has to be done as `text`, or as `title` and `description`";
            return Err(Problem::new(object.at, "this action does not say what has to be done", hint));
        }
        return Ok(None);
    };
    let line = context.source.place(node.start).0;
    let section = object.text("section")?;
    if is_placeholder(&text) {
        context.trace.miss(Miss::Placeholder, &text, line, section);
        return Ok(None);
    }
    if let Some(status @ ("waived" | "dropped")) = status {
        let message = format!("the action \"{}\" is left out: its status is {status}", short(&text));
        context.warn("rejected-action", message, object.at);
        context.trace.miss(Miss::Rejected, &text, line, section);
        return Ok(None);
    }
    let mut action = CandidateAction {
        title: title.unwrap_or_else(|| text.clone()),
        text,
        description,
        section: owned(section),
        line,
        quote: owned(object.verbatim("quote")?).unwrap_or(quote),
        owner_text,
        owner_name,
        due_text,
        due,
        done,
        priority_text: priority,
        kind_text: kind,
        category_text: category,
        links,
        issue_refs,
        tracked_in,
        success_criteria: Some(criteria.join("; ")).filter(|criteria| !criteria.is_empty()),
        rule: Rule::Entry,
        why: Rule::Entry.shape().to_owned(),
    };
    action.description = action.explanation();
    Ok(Some(action))
}

/// Whether it is done, by `done` and `status`, which have to agree.
fn done(object: Object<'_>, status: Option<&str>) -> Result<Option<bool>, Problem> {
    let stated = object.truth("done")?;
    let by_status = match status {
        Some("done" | "verified") => Some(true),
        Some("open" | "in_progress" | "blocked") => Some(false),
        _ => None,
    };
    if let (Some(stated), Some(by_status)) = (stated, by_status)
        && stated != by_status
    {
        let message = format!("`done` is {stated}, and `status` is {}", status.unwrap_or_default());
        return Err(Problem::new(object.place("done"), message, "keep the one that is right"));
    }
    Ok(stated.or(by_status))
}

/// The due date as written and what it means. A day in `due_on` is what was made of the words before.
fn due(
    object: Object<'_>,
    dates: &DateContext,
    context: &mut Context<'_>,
) -> Result<(Option<String>, Option<ResolvedDate>), Problem> {
    let written = object.either("due", "due_text")?;
    let key = if object.has("due") { "due" } else { "due_text" };
    let given = match object.text("due_on")? {
        Some(day) => Some(iso_day(day).ok_or_else(|| no_such_day(object, "due_on", day))?),
        None => None,
    };
    let Some(text) = written else {
        let due = given.map(exactly);
        return Ok((given.map(|date| date.to_string()), due));
    };
    let at = object.place(key);
    let resolved = resolve_date(text, dates);
    if resolved.is_none() && is_iso_shaped(text) {
        return Err(no_such_day(object, key, text));
    }
    match (&resolved, given) {
        (None, None) => {
            context.warn("unclear-due", format!("the due date \"{}\" is unclear", short(text)), at);
        }
        (Some(ResolvedDate { warning: Some(message), .. }), _) => {
            context.warn("ambiguous-date", message.clone(), at);
        }
        _ => {}
    }
    let due = match given {
        Some(given) => resolved.filter(|resolved| resolved.date == given).or_else(|| Some(exactly(given))),
        None => resolved,
    };
    Ok((Some(text.to_owned()), due))
}

fn exactly(date: NaiveDate) -> ResolvedDate {
    ResolvedDate { date, precision: Precision::Day, rule: "iso", warning: None }
}

/// A day written as YYYY-MM-DD.
fn iso_day(written: &str) -> Option<NaiveDate> {
    written.parse().ok().filter(|_| is_iso_shaped(written))
}

fn is_iso_shaped(written: &str) -> bool {
    let is_number =
        |part: &str, digits: usize| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = written.split('-');
    parts.next().is_some_and(|year| is_number(year, 4))
        && parts.next().is_some_and(|month| is_number(month, 2))
        && parts.next().is_some_and(|day| is_number(day, 2))
        && parts.next().is_none()
}

fn no_such_day(object: Object<'_>, key: &str, written: &str) -> Problem {
    let message = format!("`{key}` is \"{}\", which is no day of a calendar", short(written));
    Problem::new(object.place(key), message, "write it as YYYY-MM-DD, as in 2026-05-31")
}

/// Small letters, digits, and dashes: one of the built-in categories, or one of the team.
fn category<'n>(object: Object<'n>, key: &str) -> Result<Option<&'n str>, Problem> {
    let Some(written) = object.text(key)? else { return Ok(None) };
    let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_closed = !written.starts_with('-') && !written.ends_with('-');
    if written.len() <= MAX_CATEGORY && written.bytes().all(is_name) && is_closed {
        return Ok(Some(written));
    }
    let message = format!("`{key}` is \"{}\", which is no name of a category", short(written));
    let hint = "write at most 47 small letters, digits, and dashes, as in incident-response";
    Err(Problem::new(object.place(key), message, hint))
}

/// What tracks it already: an address, a key, or a number.
fn issue(object: Object<'_>) -> Result<Option<String>, Problem> {
    match object.get("issue").map(|node| &node.value) {
        Some(Value::Number(_)) => Ok(object.count("issue")?.map(|number| format!("#{number}"))),
        _ => Ok(object.text("issue")?.map(str::to_owned)),
    }
}

/// One text, or several.
fn success_criteria(object: Object<'_>) -> Result<Vec<String>, Problem> {
    match object.get("success_criteria").map(|node| &node.value) {
        Some(Value::List(_)) => object.texts("success_criteria"),
        _ => Ok(object.text("success_criteria")?.map(str::to_owned).into_iter().collect()),
    }
}
