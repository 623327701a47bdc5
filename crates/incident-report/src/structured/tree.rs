//! What YAML and JSON have in common: values, each with the place where it stands.
//!
//! Invariants: a place is a byte range of the source; a tree is at most [`MAX_DEPTH`] deep and has at most
//! [`MAX_VALUES`] values, so walking it needs no care.

/// How deep values may nest. Our format needs six levels.
pub(crate) const MAX_DEPTH: usize = 16;

/// How many values a document may hold: some five thousand actions with all their fields.
pub(crate) const MAX_VALUES: usize = 100_000;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) value: Value,
    /// Byte offset of its first character.
    pub(crate) start: usize,
    /// Byte offset behind its last character.
    pub(crate) end: usize,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Keys with values, in order; a key may stand twice.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Byte offset of the key.
    pub(crate) at: usize,
    /// Its value.
    pub(crate) value: Node,
}

/// Why a document is not what it has to be, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Byte offset of the place.
    pub(crate) at: usize,
    /// What is wrong, as a sentence without a full stop.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

impl Problem {
    /// A problem at a byte offset.
    pub(crate) fn new(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at, message: message.into(), hint: hint.into() }
    }

    /// The document nests too deeply.
    pub(super) fn too_deep(at: usize) -> Self {
        let message = format!("the values nest more than {MAX_DEPTH} levels deep");
        Self::new(at, message, "take a level out: a report is a map with lists of people and actions")
    }

    /// The document has too many values.
    pub(super) fn too_many(at: usize) -> Self {
        let message = format!("the document has more than {MAX_VALUES} values");
        Self::new(at, message, "split the report into several files")
    }
}

impl Value {
    /// What a person calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}
