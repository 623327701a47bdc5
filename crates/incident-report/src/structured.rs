//! Our own report format, in YAML and in JSON: facts and actions under keys, see `docs/report-format.md`.
//!
//! A document is one of two things: written by hand, with the marker `followup: report` and the facts beside
//! it, or what `extract` prints, with the facts in `report`. Both are read by the same rules, through one
//! tree of values ([`tree`]) that knows the place of each.
//!
//! Invariants: strict, because what is misspelt would be lost silently otherwise: every key is known, every
//! value has its type, and the first that does not is told with its place and what to do. Time and memory
//! are bounded by the length of the text and by the limits of [`tree`].

mod actions;
mod facts;
mod json;
mod object;
mod tree;
pub(crate) mod yaml;

use self::facts::Context;
use self::object::{Object, Shape};
use self::tree::Problem;
pub(crate) use self::tree::{Entry, Node, Value};
use crate::actions::{CandidateAction, Trace};
use crate::dates::DateContext;
use crate::facts::ReportFacts;
use crate::input::ReadError;
use crate::source::Source;
use crate::{Format, Options, Reading, Warning, language, template};

/// The version of the format that is read.
const VERSION: &str = "1";

/// The keys beside the facts in a document that is written by hand.
const KEYS: [&str; 3] = ["followup", "version", "actions"];

/// A document that is written by hand.
const BY_HAND: Shape = Shape {
    name: "a report",
    keys: &{
        let mut keys = [""; KEYS.len() + facts::KEYS.len()];
        let mut at = 0;
        while at < keys.len() {
            keys[at] = if at < KEYS.len() { KEYS[at] } else { facts::KEYS[at - KEYS.len()] };
            at += 1;
        }
        keys
    },
    meaning: facts::meaning,
};

/// What `extract` prints.
const EXTRACTED: Shape = Shape {
    name: "a document with a map `report`",
    keys: &["followup", "version", "report", "actions", "warnings", "near_misses"],
    meaning: |_| None,
};

/// Reads a document in YAML or JSON.
pub(crate) fn read(source: &Source<'_>, format: Format, options: &Options) -> Result<Reading, ReadError> {
    let text = source.text();
    let parsed = if format == Format::Json { json::parse(text) } else { yaml::parse(text) };
    let mut warnings = Vec::new();
    let mut trace = Trace::default();
    let read = parsed.and_then(|root| {
        let root = only(&root);
        if !is_ours(root) {
            return Ok(Err(other_schema(root, format)));
        }
        let mut context = Context { source, options, warnings: &mut warnings, trace: &mut trace };
        document(root, &mut context).map(Ok)
    });
    match read {
        Ok(Ok(Document { mut report, actions, count })) => {
            report.format = format;
            warnings.extend(count.warning(actions.is_empty()));
            if actions.is_empty() {
                let message = "no action was found: the list `actions` has no entry with a `text`".to_owned();
                warnings.push(Warning { code: "no-actions", message, line: None });
            }
            Ok(Reading { report, actions, near_misses: trace.into_misses(), warnings, weighed: Vec::new() })
        }
        Ok(Err(other)) => Err(other),
        Err(Problem { at, message, hint }) => {
            let (line, column) = source.place(at);
            Err(ReadError::Structured { line, column, message, hint })
        }
    }
}

/// The only document of a list of one, as `extract` prints several; else the document itself.
fn only(root: &Node) -> &Node {
    match &root.value {
        Value::List(items) if items.len() == 1 => &items[0],
        _ => root,
    }
}

/// Whether a document says that it is one of ours, or looks like what `extract` prints.
fn is_ours(root: &Node) -> bool {
    match &root.value {
        Value::Map(entries) => {
            let has = |key: &str| entries.iter().any(|entry| entry.key == key);
            has("followup") || has("report") && has("actions")
        }
        // Several reports in one list are ours, and refused with their own sentence.
        Value::List(items) => items.len() > 1 && items.iter().take(100).all(is_ours),
        _ => false,
    }
}

fn other_schema(root: &Node, format: Format) -> ReadError {
    let found = match &root.value {
        Value::Map(entries) => match entries.first() {
            Some(first) => format!("begins with `{}`", facts::short(&first.key)),
            None => "is an empty map".to_owned(),
        },
        Value::Null => "is empty".to_owned(),
        other => format!("is {}", other.name()),
    };
    ReadError::OtherSchema { format, found }
}

/// The keys of the facts, for what shows them to people.
#[cfg(test)]
pub(crate) fn fact_keys() -> &'static [&'static str] {
    &facts::KEYS
}

/// The severities that are known.
#[cfg(test)]
pub(crate) fn severities() -> &'static [&'static str] {
    &facts::SEVERITIES[..4]
}

/// What a document says.
struct Document {
    report: ReportFacts,
    actions: Vec<CandidateAction>,
    /// What was left empty in it.
    count: template::Count,
}

fn document(root: &Node, context: &mut Context<'_>) -> Result<Document, Problem> {
    if let Value::List(items) = &root.value {
        let message = format!("this file holds {} reports", items.len());
        return Err(Problem::new(items[1].start, message, "put each into a file of its own"));
    }
    let is_extracted =
        matches!(&root.value, Value::Map(entries) if entries.iter().any(|e| e.key == "report"));
    let shape = if is_extracted { &EXTRACTED } else { &BY_HAND };
    let object = Object::of(root, shape, context.source)?;
    marker(object)?;
    let facts = match object.get("report") {
        Some(node) => Object::of(node, &facts::SHAPE, context.source)?,
        None if is_extracted => {
            let message = "`report` is nothing here, and has to be a map";
            return Err(Problem::new(object.at, message, "write the facts into it, or `{}`"));
        }
        None => object,
    };
    object.list("warnings")?;
    object.list("near_misses")?;
    let mut report = facts::read(facts, context)?;
    let dates = DateContext {
        reference: context.options.reference_date.or(report.report_date).or(report.incident_date),
        order: context.options.date_order,
        ..DateContext::default()
    };
    let actions = actions::read(object.list("actions")?, &dates, context)?;
    if !facts.has("language") {
        let words = [report.title.as_deref(), report.root_cause.as_deref()].into_iter().flatten();
        let told =
            actions.iter().flat_map(|action| [Some(action.text.as_str()), action.description.as_deref()]);
        report.language = language::of(words.chain(told.flatten()));
    }
    // What `extract` prints has empty values where a report says nothing.
    let count = if is_extracted { template::Count::default() } else { count(root, context.source) };
    Ok(Document { report, actions, count })
}

/// Counts what was filled in of the report and of its actions.
fn count(root: &Node, source: &Source<'_>) -> template::Count {
    let mut count = template::Count::default();
    let Value::Map(entries) = &root.value else { return count };
    let mut part = |name: &str, at: usize, node: &Node, in_actions: bool| {
        let line = source.place(at).0;
        match words(node) {
            None => count.empty(line, name, in_actions),
            Some(words) if template::is_blank(words) => count.mark(line, words, in_actions),
            Some(_) => count.tell(),
        }
    };
    for entry in entries.iter().filter(|entry| !matches!(entry.key.as_str(), "followup" | "version")) {
        match &entry.value.value {
            Value::List(items) if entry.key == "actions" && !items.is_empty() => {
                items.iter().for_each(|item| part(&entry.key, item.start, item, true));
            }
            _ => part(&entry.key, entry.at, &entry.value, entry.key == "actions"),
        }
    }
    count
}

/// The first words in a value, at any depth; of an action, what it says that has to be done.
fn words(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Null | Value::Bool(_) => None,
        Value::Number(written) => Some(written),
        Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        Value::List(items) => items.iter().find_map(words),
        Value::Map(entries) => {
            let telling = |entry: &&Entry| matches!(entry.key.as_str(), "text" | "title" | "name" | "login");
            entries.iter().filter(telling).find_map(|entry| words(&entry.value))
        }
    }
}

/// Checks what says that the document is one of ours.
fn marker(object: Object<'_>) -> Result<(), Problem> {
    if object.word("followup", &["report"])?.is_none() && object.has("followup") {
        let message = "`followup` is empty here, and has to be `report`";
        return Err(Problem::new(object.at, message, "write `followup: report`"));
    }
    match object.get("version").map(|node| &node.value) {
        None => Ok(()),
        Some(Value::Number(version)) if version == VERSION => Ok(()),
        Some(_) => {
            let message = "this is another version of the format; this program reads version 1";
            let hint = "write `version: 1`, or read the report with a newer followup";
            Err(Problem::new(object.place("version"), message, hint))
        }
    }
}

/// Which of our two formats a text without a telling name is in, where it shows that it is one of them.
pub(crate) fn detect(source: &Source<'_>) -> Option<Format> {
    let is_comment = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line.starts_with('%') || line == "---"
    };
    let mut lines = source.lines().skip_while(is_comment);
    let first = lines.next()?.trim_start_matches('\u{feff}').trim();
    if let Some(rest) = first.strip_prefix(['{', '[']) {
        let next = std::iter::once(rest.trim()).chain(lines.map(str::trim)).find(|line| !line.is_empty())?;
        let opens = if first.starts_with('{') { next.starts_with(['"', '}']) } else { next.starts_with('{') };
        return opens.then_some(Format::Json);
    }
    let value = first.strip_prefix("followup:")?.split('#').next()?.trim().trim_matches(['"', '\'']);
    (value == "report").then_some(Format::Yaml)
}

#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;
