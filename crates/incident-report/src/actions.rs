//! The candidate actions of a report.
//!
//! One extractor over the sections: lists ([`list`]), tables ([`table`]), prose and titled lines
//! ([`prose`]), and headings that are actions themselves. What an item says about itself (owner, due date,
//! state) is cut off by [`fields`]; whether a text can be an action at all is asked in [`judge`].
//!
//! Invariants: an action stands on a line of the source and its quote starts there; actions come in source
//! order and no two have the same words; sections that the report devotes to something else (timeline,
//! lessons, causes) give actions only when the report has no section for them.

mod clauses;
mod collector;
mod draft;
mod fields;
mod heading;
mod judge;
mod list;
mod model;
mod names;
mod promise;
mod prose;
mod refs;
mod rules;
mod state;
mod table;

use serde::Serialize;

use self::collector::Collector;
pub(crate) use self::draft::{Draft, Place};
pub use self::model::{Model, Sight, Weighed, WeightsError};
pub use self::names::may_mean;
pub(crate) use self::rules::{Ground, Trace};
pub use self::rules::{Miss, NearMiss, Rule};
use crate::dates::{DateContext, ResolvedDate};
use crate::document::{Item, Table};
use crate::facts::Person;
use crate::outline::Section;
use crate::source::Source;
use crate::text;
use crate::words::Topic;
use crate::{Options, Warning};

/// Something a report says will be or was done because of the incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateAction {
    /// The action on one line, verbatim, with its markup and the fields set off from it removed.
    pub text: String,
    /// A short name: the words before the colon of `Title: description`, else the text.
    pub title: String,
    /// What explains it: the words after the colon, sub-items, paragraphs under a heading.
    pub description: Option<String>,
    /// The nearest heading or label.
    pub section: Option<String>,
    /// The 1-based line it starts on.
    pub line: usize,
    /// The source lines, verbatim.
    pub quote: String,
    /// The owner as written.
    pub owner_text: Option<String>,
    /// The full name of the owner, where the report names one person whom initials, a first name, or a login mean.
    pub owner_name: Option<String>,
    /// The due date as written.
    pub due_text: Option<String>,
    /// What the due date means, where it is clear.
    pub due: Option<ResolvedDate>,
    /// Whether it is done; `None` when the report does not say.
    pub done: Option<bool>,
    /// The priority as written.
    pub priority_text: Option<String>,
    /// The kind as written: a type column, or a tag such as `[repair]`.
    pub kind_text: Option<String>,
    /// The category as written, which only a structured report does.
    pub category_text: Option<String>,
    /// The addresses in it.
    pub links: Vec<String>,
    /// The issues and pull requests it names, as written: `#12`, `GH-12`, `acme/shop#12`, `OPS-123`, addresses.
    pub issue_refs: Vec<String>,
    /// The one of them that is plainly its own ticket.
    pub tracked_in: Option<String>,
    /// How one will know that it is done, as written.
    pub success_criteria: Option<String>,
    /// The rule that found it.
    pub rule: Rule,
    /// Why it is an action: its shape and what announced it, as a sentence without a full stop.
    pub why: String,
}

impl CandidateAction {
    /// The description with the success criteria, for those who keep one text: they follow it where it does not name
    /// them itself.
    #[must_use]
    pub fn explanation(&self) -> Option<String> {
        let description = self.description.as_deref();
        let Some(criteria) = &self.success_criteria else { return description.map(str::to_owned) };
        let told = text::collapse(description.unwrap_or_default());
        if criteria.split("; ").all(|part| told.contains(&text::collapse(part))) {
            return description.map(str::to_owned);
        }
        let lines =
            description.into_iter().map(str::to_owned).chain([format!("Success criteria: {criteria}")]);
        Some(lines.collect::<Vec<_>>().join("\n"))
    }
}

/// What the extractor took for actions, and what it passed over, both in the order of the document.
#[derive(Debug)]
pub(crate) struct Extracted {
    /// The actions.
    pub(crate) actions: Vec<CandidateAction>,
    /// What was weighed and not taken.
    pub(crate) near_misses: Vec<NearMiss>,
    /// The texts as the model sees them, when asked for.
    pub(crate) weighed: Vec<Weighed>,
}

/// Extracts the candidate actions of a report.
pub(crate) fn extract(
    sections: &[Section<'_>],
    source: &Source<'_>,
    dates: &DateContext,
    people: &[Person],
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Extracted {
    let mut collector = Collector::new(source, dates, people, warnings);
    let mut inherited = Place::default();
    for section in sections {
        if section.topic == Some(Topic::Actions) {
            let place = match section.name() {
                // What a parent heading says of all its items counts below it, and not behind it.
                Some(name) if section.inside_actions => inherited.under(&name),
                Some(name) => {
                    let ground = Ground::Heading(section.announced_by().unwrap_or("actions"));
                    inherited = Place { ground, ..Place::default() }.under(&name);
                    inherited.clone()
                }
                None => Place::default(),
            };
            collector.section(section, &place);
        } else if section.topic != Some(Topic::Timeline) {
            collector.tables_elsewhere(section);
        }
    }
    let found = collector.found();
    for section in sections.iter().filter(|section| section.topic != Some(Topic::Actions)) {
        collector.commitments(section, found);
    }
    collector.weigh(sections, &options.model);
    let (mut actions, near_misses) = collector.finish();
    actions.sort_by_key(|action| action.line);
    if actions.is_empty() {
        warnings.push(nothing_found(sections, &near_misses));
    }
    let weighed = options.weigh.map(|sight| model::weighed(sections, source, &options.model, sight));
    Extracted { actions, near_misses, weighed: weighed.unwrap_or_default() }
}

/// Says that a report has no actions, what was looked for, and what came nearest.
fn nothing_found(sections: &[Section<'_>], near_misses: &[NearMiss]) -> Warning {
    let headed = sections.iter().find(|section| section.topic == Some(Topic::Actions));
    let looked = match headed.and_then(|section| Some((section.name()?, section.span.first))) {
        Some((name, line)) => format!("nothing under “{name}” (line {line}) is one"),
        None => {
            "no heading announces actions, such as “Action items”, and no sentence commits to one".to_owned()
        }
    };
    let nearest = near_misses.first().map(|miss| {
        format!("; the nearest is “{}” (line {}), but {}", short(&miss.text), miss.line, miss.rule.why())
    });
    let message = format!("no action was found: {looked}{}", nearest.unwrap_or_default());
    Warning { code: "no-actions", message, line: None }
}

/// The first words of a text.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

/// Whether a text is what a template leaves to be filled in, or says that there is nothing.
pub(crate) fn is_placeholder(written: &str) -> bool {
    judge::is_placeholder(written)
}

/// Whether a list item is work to be done by its box or its fields, wherever it stands.
pub(crate) fn is_work(item: &Item) -> bool {
    let own = item.own_text().0;
    let (_, fields) = fields::cut(&own);
    item.checked.is_some() || fields.owner.is_some() || fields.due.is_some() || fields::is_marked(&own.plain)
}

/// Whether a line of text is marked as work to be done.
pub(crate) fn is_marked(plain: &str) -> bool {
    fields::is_marked(plain)
}

/// Whether a table is a list of actions.
pub(crate) fn is_action_table(table: &Table) -> bool {
    table::lists_actions(table)
}

#[cfg(test)]
mod grammar_tests;
#[cfg(test)]
mod tests;
