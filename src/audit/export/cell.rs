//! A cell of an exported table, and how each format writes it.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::{
    audit::past::{Said, Words},
    store::ERASED,
};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Empty,
    Erased,
    Text(String),
    Number(i64),
    Flag(bool),
    /// Several texts without white space in them.
    List(Vec<String>),
    /// Anything, which only JSON can show as it is.
    Json(Value),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn optional<T: Into<Self>>(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }

    /// As JSON; what was erased is null there, and named beside.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Empty | Self::Erased => Value::Null,
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Flag(is_set) => json!(is_set),
            Self::List(items) => json!(items),
            Self::Json(value) => value.clone(),
        }
    }

    /// As plain text.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Erased => ERASED.to_owned(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Flag(is_set) => is_set.to_string(),
            Self::List(items) => items.join(" "),
            Self::Json(value) => value.to_string(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(is_set: bool) -> Self {
        Self::Flag(is_set)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Text(day.to_string())
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(moment: DateTime<Utc>) -> Self {
        Self::Text(moment.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl From<&Words> for Cell {
    fn from(words: &Words) -> Self {
        match words {
            Words::None => Self::Empty,
            Words::Erased => Self::Erased,
            Words::Said(text) => Self::Text(text.clone()),
        }
    }
}

impl From<Said<'_>> for Cell {
    fn from(said: Said<'_>) -> Self {
        match said {
            Said::Nothing => Self::Empty,
            Said::Erased => Self::Erased,
            Said::Value(Value::Null) => Self::Empty,
            Said::Value(Value::String(text)) => Self::Text(text.clone()),
            Said::Value(Value::Bool(is_set)) => Self::Flag(*is_set),
            Said::Value(value) => value.as_i64().map_or_else(|| Self::Json(value.clone()), Self::Number),
        }
    }
}
