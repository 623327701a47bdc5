//! What is written down about a change: one entry of the append-only history.
//!
//! Invariant: an event names every column that changed, with its new value, so that replaying the events of an action
//! gives its row. Columns that may hold a person's own words (`PERSONAL`) are kept apart from the rest, because their
//! text can be erased later without breaking the chain; for the others the value before stands beside the new one.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Action, ActionId, Report, ReportId, vocabulary::words};

words! {
    /// What kind of actor caused a change.
    ActorKind, "kind of actor" {
        /// A person at a command line or a page.
        User = "user",
        /// Somebody in the tracker.
        Tracker = "tracker",
        /// The clock.
        Scheduler = "scheduler",
        /// A report that was read.
        Import = "import",
    }
}

/// Who caused a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The login or name.
    pub name: String,
    /// What kind of actor it is.
    pub kind: ActorKind,
    /// Whether the name is only what somebody said of themselves, not what the system knows.
    pub declared: bool,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An action.
    Action(ActionId),
    /// A report.
    Report(ReportId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Action(id) => id.fmt(formatter),
            Self::Report(id) => id.fmt(formatter),
        }
    }
}

/// Accepts what the ids accept; a number alone is an action's.
impl std::str::FromStr for Subject {
    type Err = super::ParseIdError;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        match input.parse() {
            Ok(id) => Ok(Self::Action(id)),
            Err(error) => input.parse().map(Self::Report).map_err(|_| error),
        }
    }
}

/// What an event is about: an action or a report, or the database as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// An action or a report.
    Subject(Subject),
    /// All of it, as when it is exported.
    Database,
}

impl From<Subject> for Topic {
    fn from(subject: Subject) -> Self {
        Self::Subject(subject)
    }
}

impl std::fmt::Display for Topic {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Subject(subject) => subject.fmt(formatter),
            Self::Database => formatter.write_str("database"),
        }
    }
}

/// Accepts what a [`Subject`] accepts, and `database`.
impl std::str::FromStr for Topic {
    type Err = super::ParseIdError;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        if input.eq_ignore_ascii_case("database") {
            return Ok(Self::Database);
        }
        input.parse().map(Self::Subject)
    }
}

/// Columns that may hold a person's name or words. Their values go into texts that can be erased.
pub(crate) const PERSONAL: &[&str] = &[
    "title",
    "description",
    "text",
    "quote",
    "section",
    "owner",
    "owner_text",
    "team",
    "verifier",
    "due_text",
    "root_cause",
    "source",
    "reason",
    "note",
    "people",
    "assignees",
    "waived_by",
    "waiver_reason",
];

/// Columns that say nothing a reader of the history needs: they follow from the event itself.
const IMPLIED: &[&str] = &["updated_at", "version", "created_at"];

/// Whether a column may hold a person's name or words, so that events keep it apart.
#[must_use]
pub fn is_personal(column: &str) -> bool {
    PERSONAL.contains(&column)
}

/// Whether events leave a column out, because it follows from them.
#[must_use]
pub fn is_implied(column: &str) -> bool {
    IMPLIED.contains(&column)
}

/// An event before it gets its place in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// What it is about.
    pub subject: Topic,
    /// What happened, as `action.accepted`.
    pub kind: &'static str,
    /// The columns that changed, with their new values; columns of `PERSONAL` are in `texts`.
    pub set: Map<String, Value>,
    /// The same columns with the values they had.
    pub was: Map<String, Value>,
    /// Personal values: the new value by the name of its column, and `reason`.
    pub texts: BTreeMap<String, String>,
}

impl NewEvent {
    /// An event with no changed column.
    #[must_use]
    pub fn new(subject: impl Into<Topic>, kind: &'static str) -> Self {
        Self { subject: subject.into(), kind, set: Map::new(), was: Map::new(), texts: BTreeMap::new() }
    }

    /// The event of a change from `before` to `after`.
    #[must_use]
    pub fn of_action(kind: &'static str, before: Option<&Action>, after: &Action) -> Self {
        Self::new(Subject::Action(after.id), kind).with_difference(before, after)
    }

    /// The event of a change of a report from `before` to `after`.
    #[must_use]
    pub fn of_report(kind: &'static str, before: Option<&Report>, after: &Report) -> Self {
        Self::new(Subject::Report(after.id), kind).with_difference(before, after)
    }

    /// Adds a value that is not a column of the subject.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.put(name, value.into());
        self
    }

    /// Adds why it was done, where somebody said so.
    #[must_use]
    pub fn because(self, reason: Option<&str>) -> Self {
        match reason {
            Some(reason) => self.with("reason", reason),
            None => self,
        }
    }

    fn with_difference<T: Serialize>(mut self, before: Option<&T>, after: &T) -> Self {
        let columns = |row: &T| match serde_json::to_value(row) {
            Ok(Value::Object(columns)) => columns,
            _ => unreachable!("a row is serialised as an object of plain values"),
        };
        let before = before.map(columns).unwrap_or_default();
        for (name, value) in columns(after) {
            let old = before.get(&name).cloned().unwrap_or(Value::Null);
            if old == value || IMPLIED.contains(&name.as_str()) {
                continue;
            }
            if !PERSONAL.contains(&name.as_str()) {
                self.was.insert(name.clone(), old);
            }
            self.put(&name, value);
        }
        self
    }

    fn put(&mut self, name: &str, value: Value) {
        match value {
            Value::String(text) if PERSONAL.contains(&name) => {
                self.texts.insert(name.to_owned(), text);
            }
            value => {
                self.set.insert(name.to_owned(), value);
            }
        }
    }
}
