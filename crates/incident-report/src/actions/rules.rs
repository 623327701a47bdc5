//! Why a text is an action or is none: every decision of the extractor by name.
//!
//! Invariant: each rule has one name, which output and documents use, and one sentence, which people read.
//! What was weighed and not taken is kept as a [`NearMiss`], up to [`MAX_NEAR_MISSES`] of them, so that a
//! wrong decision can be seen and put right before anything is filed.

use serde::Serialize;

use super::Place;

/// How many near misses are kept: more than a person reads, and few enough for a document of any size.
const MAX_NEAR_MISSES: usize = 500;

/// How much of a near miss is quoted, in characters.
const MAX_QUOTED: usize = 300;

/// In what shape an action was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// An item of a list.
    ListItem,
    /// An item with a box.
    Checkbox,
    /// A row of a table.
    TableRow,
    /// A line `Title: description` without a bullet.
    TitledLine,
    /// A line among lines that are items without bullets.
    Line,
    /// A sentence of a paragraph.
    Sentence,
    /// A heading with its explanation below it.
    HeadingItem,
    /// An entry of a structured report.
    Entry,
}

impl Rule {
    /// The name used in output, such as `list-item`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ListItem => "list-item",
            Self::Checkbox => "checkbox",
            Self::TableRow => "table-row",
            Self::TitledLine => "titled-line",
            Self::Line => "line",
            Self::Sentence => "sentence",
            Self::HeadingItem => "heading-item",
            Self::Entry => "entry",
        }
    }

    /// The shape in words, such as `a list item`.
    pub(crate) fn shape(self) -> &'static str {
        match self {
            Self::ListItem => "a list item",
            Self::Checkbox => "an item with a box",
            Self::TableRow => "a table row",
            Self::TitledLine => "a line with a title",
            Self::Line => "a line of its own",
            Self::Sentence => "a sentence that tells a measure",
            Self::HeadingItem => "a heading with its explanation",
            Self::Entry => "an entry of `actions`",
        }
    }
}

/// What makes a place one where actions stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ground {
    /// A heading that announces actions, by this phrase of the lists.
    Heading(&'static str),
    /// The columns of its table.
    Columns,
    /// A mark in capitals, or an open box with an owner or a date.
    Marked,
    /// The weights of its words and its place.
    Weights,
    /// Its own words, in a report without a section for actions.
    #[default]
    Words,
}

/// Why an action is one, as a sentence without a full stop.
pub(super) fn why(rule: Rule, place: &Place) -> String {
    let shape = rule.shape();
    match (place.ground, place.section.as_deref()) {
        (Ground::Heading(phrase), Some(section)) => {
            format!("{shape} under “{section}”; the words “{phrase}” announce actions")
        }
        (Ground::Heading(phrase), None) => format!("{shape}; the words “{phrase}” announce actions"),
        (Ground::Columns, _) => format!("{shape}; the columns of the table are those of a list of actions"),
        (Ground::Marked, _) => format!("{shape} that is marked as an action or given to somebody"),
        (Ground::Weights, _) => {
            let reason = place.reason.as_deref().unwrap_or_default();
            format!("{shape} that weighs like an action by its words and its place ({reason})")
        }
        (Ground::Words, _) => {
            format!("{shape} that commits to something; no section of the report lists actions")
        }
    }
}

/// Why a text that was weighed is no action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Miss {
    /// What a template leaves to be filled in, or "none".
    Placeholder,
    /// A chore of writing the report.
    Housekeeping,
    /// The same words as an action before.
    SaidBefore,
    /// Marked as dropped, or struck through.
    Rejected,
    /// A sentence that introduces or mentions actions.
    Introduction,
    /// A sentence in an action section that commits to nothing.
    NoMeasure,
    /// A field such as "Severity: high".
    Field,
    /// The name of a group of items.
    Group,
    /// A list beside a table of actions.
    BesideTable,
    /// A table of events.
    EventTable,
    /// A promise or a task outside the action sections of a report that has some.
    OutsideActions,
    /// A promise or a task in a section about something that was, such as a timeline.
    ToldThere,
    /// An item that begins like a task, in a list that nothing announces.
    Unannounced,
    /// An example in a template that nobody filled in.
    InTemplate,
    /// A text whose words and place weigh nearly like those of an action.
    TooLight,
}

impl Miss {
    /// The name used in output, such as `said-before`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Housekeeping => "housekeeping",
            Self::SaidBefore => "said-before",
            Self::Rejected => "rejected",
            Self::Introduction => "introduction",
            Self::NoMeasure => "no-measure",
            Self::Field => "field",
            Self::Group => "group",
            Self::BesideTable => "beside-table",
            Self::EventTable => "event-table",
            Self::OutsideActions => "outside-actions",
            Self::ToldThere => "told-there",
            Self::Unannounced => "unannounced",
            Self::InTemplate => "in-template",
            Self::TooLight => "too-light",
        }
    }

    /// Why it is no action, as a clause.
    pub fn why(self) -> &'static str {
        match self {
            Self::Placeholder => "a template left it to be filled in, or it says that there is nothing",
            Self::Housekeeping => "it is about finishing the report",
            Self::SaidBefore => "an action has the same words",
            Self::Rejected => "it is marked as dropped or struck through",
            Self::Introduction => "it introduces or mentions actions and is none",
            Self::NoMeasure => "it commits to nothing",
            Self::Field => "it is a field of the report",
            Self::Group => "it names the group of the items below it",
            Self::BesideTable => "a table beside it lists the actions",
            Self::EventTable => "the table tells events",
            Self::OutsideActions => "it stands outside the sections that list the actions",
            Self::ToldThere => "its section tells what happened",
            Self::Unannounced => "nothing says that its list is one of actions",
            Self::InTemplate => "it is an example in a template that was not filled in",
            Self::TooLight => "its words and its place do not weigh enough",
        }
    }
}

/// A text that was weighed and not taken for an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearMiss {
    /// Its words, perhaps cut short.
    pub text: String,
    /// The nearest heading or label.
    pub section: Option<String>,
    /// The 1-based line it starts on.
    pub line: usize,
    /// The rule that decided.
    pub rule: Miss,
    /// What spoke for it most, where weights decided.
    pub reason: Option<String>,
}

impl NearMiss {
    /// Why it is no action, as a clause; where weights decided, with what spoke for it.
    pub fn why(&self) -> String {
        match &self.reason {
            Some(reason) if !reason.is_empty() => format!("{} ({reason})", self.rule.why()),
            _ => self.rule.why().to_owned(),
        }
    }
}

/// What was passed over so far.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    misses: Vec<NearMiss>,
}

impl Trace {
    /// Notes a text that is no action.
    pub(crate) fn miss(&mut self, rule: Miss, text: &str, line: usize, section: Option<&str>) {
        self.note(rule, None, text, line, section);
    }

    /// Notes a text that weighs too little, and what spoke for it.
    pub(crate) fn weighed(&mut self, reason: &str, text: &str, line: usize, section: Option<&str>) {
        // A rule that passed it over said more than its weight does.
        let is_noted = self.misses.iter().any(|miss| miss.line == line && miss.text == text.trim());
        if !is_noted {
            self.note(Miss::TooLight, Some(reason), text, line, section);
        }
    }

    fn note(&mut self, rule: Miss, reason: Option<&str>, text: &str, line: usize, section: Option<&str>) {
        let text = text.trim();
        if self.misses.len() >= MAX_NEAR_MISSES || text.is_empty() {
            return;
        }
        let cut = text.char_indices().nth(MAX_QUOTED).map_or(text.len(), |(at, _)| at);
        let shortened = if cut < text.len() { format!("{}…", &text[..cut]) } else { text.to_owned() };
        self.misses.push(NearMiss {
            text: shortened,
            section: section.map(str::to_owned),
            line: line.max(1),
            rule,
            reason: reason.map(str::to_owned),
        });
    }

    /// The near misses in the order of the document.
    pub(crate) fn into_misses(mut self) -> Vec<NearMiss> {
        self.misses.sort_by_key(|miss| miss.line);
        self.misses
    }
}
