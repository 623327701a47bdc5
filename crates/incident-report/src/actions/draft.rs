//! An action before its fields are resolved, and the place it stands in.
//!
//! Invariant: a place passes on what its headings say of everything below them, and nothing else.

use super::fields::Fields;
use super::judge;
use super::refs::{self, Refs};
use super::{Ground, Rule};
use crate::document::{Span, Text};
use crate::outline::Section;

/// What an item inherits from where it stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// The nearest heading or label.
    pub(crate) section: Option<String>,
    /// The state that the heading gives all items ("Completed", "To do").
    pub(crate) done: Option<bool>,
    /// The due date that the heading gives all items ("Q4 2025", "within 30 days").
    pub(crate) due: Option<String>,
    /// The priority that the heading gives all items ("Recovery (P2)").
    pub(crate) priority: Option<String>,
    /// What makes it a place of actions.
    pub(crate) ground: Ground,
    /// What weighed most, where weights decided.
    pub(crate) reason: Option<String>,
}

impl Place {
    /// The place under a further label.
    pub(crate) fn under(&self, label: &str) -> Self {
        let (done, due) = judge::of_heading(label);
        let name = label.trim().trim_end_matches([':', '：']).trim();
        Self {
            section: if name.is_empty() { self.section.clone() } else { Some(name.to_owned()) },
            done: done.or(self.done),
            due: due.or_else(|| self.due.clone()),
            priority: judge::priority_of_heading(label).map(str::to_owned).or_else(|| self.priority.clone()),
            ground: self.ground,
            reason: self.reason.clone(),
        }
    }

    /// Outside the action sections.
    pub(super) fn elsewhere(section: &Section<'_>, ground: Ground) -> Self {
        Self { section: section.name(), ground, ..Self::default() }
    }
}

/// An action before its fields are resolved.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its words, with the fields cut off.
    pub(crate) text: Text,
    /// The lines it stands on.
    pub(crate) span: Span,
    /// What the item says about itself.
    pub(crate) fields: Fields,
    /// What explains it, a line each.
    pub(crate) details: Vec<String>,
    /// Links of the item as written, of the details, and of fields.
    pub(crate) links: Vec<String>,
    /// The issues it names.
    pub(super) refs: Refs,
    /// Whether `Title: description` may be split.
    pub(crate) may_split: bool,
    /// Whether it is marked in capitals: "ACTION: …".
    pub(crate) is_marked: bool,
    /// The rule that found it.
    pub(crate) rule: Rule,
}

impl Draft {
    /// A draft of an item, from its words as written and from what is left of them without the fields.
    pub(super) fn new(written: &Text, text: Text, fields: Fields, span: Span, rule: Rule) -> Self {
        // Without the fields behind it a bracket is at the end: "Add an alert (OPS-12). Owner: Ann".
        let is_done = fields.done == Some(true);
        let refs = Refs { own: refs::of(&text, is_done).own, ..refs::of(written, is_done) };
        let links = written.links.iter().map(|link| link.target.clone()).collect();
        Self {
            text,
            span,
            fields,
            details: Vec::new(),
            links,
            refs,
            may_split: false,
            is_marked: false,
            rule,
        }
    }
}
