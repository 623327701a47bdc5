//! Maps with known keys: every key is known or refused, and every value has the type that it has to have.
//!
//! Invariant: a refusal names the place, what was expected there, and what to do; of a key that nobody
//! knows, the known one that was probably meant.

use super::tree::{Entry, Node, Problem, Value};
use crate::source::Source;

/// What a map is, and the keys that it may have.
#[derive(Debug)]
pub(super) struct Shape {
    /// What it is called.
    pub(super) name: &'static str,
    /// Its keys.
    pub(super) keys: &'static [&'static str],
    /// The key for a word that other people use for it ("assignee").
    pub(super) meaning: fn(&str) -> Option<&'static str>,
}

/// A map whose keys were checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'n> {
    /// Byte offset of the map.
    pub(super) at: usize,
    entries: &'n [Entry],
}

/// How alike a written key and a known one must be to be the same with a slip: as in other programs.
const LIKELY: f64 = 0.8;

impl<'n> Object<'n> {
    /// The node as a map of this shape.
    pub(super) fn of(node: &'n Node, shape: &Shape, source: &Source<'_>) -> Result<Self, Problem> {
        let Value::Map(entries) = &node.value else {
            let message = format!("{} is {} here, and has to be a map", shape.name, node.value.name());
            return Err(Problem::new(node.start, message, format!("write its keys: {}", listed(shape.keys))));
        };
        let mut seen: Vec<(&str, usize)> = Vec::new();
        for entry in entries.iter().filter(|entry| !is_private(&entry.key)) {
            if !shape.keys.contains(&entry.key.as_str()) {
                return Err(unknown(entry, shape));
            }
            if let Some((_, first)) = seen.iter().find(|(key, _)| *key == entry.key) {
                let line = source.place(*first).0;
                let message =
                    format!("`{}` stands here a second time; the first is on line {line}", entry.key);
                return Err(Problem::new(entry.at, message, "keep one of the two"));
            }
            seen.push((&entry.key, entry.at));
        }
        Ok(Self { at: node.start, entries })
    }

    /// Whether the key stands there, with or without a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// The value of a key; one that is nothing is none.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.value).filter(|node| node.value != Value::Null)
    }

    /// The text of a key, without white space around it; empty text is none.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'n str>, Problem> {
        self.get(key)
            .map_or(Ok(None), |node| text(node, key).map(|text| Some(text).filter(|text| !text.is_empty())))
    }

    /// The text of a key as it stands there; text without a word is none.
    pub(super) fn verbatim(&self, key: &str) -> Result<Option<&'n str>, Problem> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match &node.value {
            Value::Text(text) => Ok(Some(text.as_str()).filter(|text| !text.trim().is_empty())),
            _ => text(node, key).map(Some),
        }
    }

    /// The text of the first of two keys that has one; only one of them may have it where `both` is false.
    pub(super) fn either(&self, first: &str, second: &str) -> Result<Option<&'n str>, Problem> {
        match (self.text(first)?, self.text(second)?) {
            (Some(_), Some(_)) => {
                let at = self.get(second).map_or(self.at, |node| node.start);
                let message = format!("`{first}` and `{second}` say the same");
                Err(Problem::new(at, message, "keep one of the two"))
            }
            (one, other) => Ok(one.or(other)),
        }
    }

    /// One of these words.
    pub(super) fn word(&self, key: &str, words: &[&'static str]) -> Result<Option<&'static str>, Problem> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let written = match &node.value {
            Value::Text(written) if written.is_empty() => return Ok(None),
            Value::Text(written) | Value::Number(written) => written.as_str(),
            other => {
                return Err(wrong(node, key, "one word", &format!("write one of {}", listed(words)), other));
            }
        };
        let is_text = matches!(node.value, Value::Text(_));
        if let Some(word) = words.iter().find(|word| is_text && **word == written) {
            return Ok(Some(word));
        }
        let message = format!("`{written}` is no {}", key.replace('_', " "));
        let hint = match nearest(&written.to_lowercase().replace([' ', '-'], "_"), words) {
            Some(word) => format!("write `{word}`, or another of {}", listed(words)),
            None => format!("write one of {}", listed(words)),
        };
        Err(Problem::new(node.start, message, hint))
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, key: &str) -> Result<Option<i64>, Problem> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match &node.value {
            Value::Number(written) => {
                // A fraction of nothing is none.
                let whole = written.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
                let count = whole.map_or(written.as_str(), |(whole, _)| whole).parse::<i64>();
                count.ok().filter(|count| *count >= 0).map(Some).ok_or_else(|| {
                    let message = format!("`{key}` is {written}, and has to be a whole number from 0");
                    Problem::new(node.start, message, "write it without a sign, a fraction, or an exponent")
                })
            }
            other => Err(wrong(node, key, "a whole number", "write the number without quotes", other)),
        }
    }

    /// True or false.
    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, Problem> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match &node.value {
            Value::Bool(value) => Ok(Some(*value)),
            other => Err(wrong(node, key, "true or false", "write true or false, without quotes", other)),
        }
    }

    /// The values of a list; none where the key is not there.
    pub(super) fn list(&self, key: &str) -> Result<&'n [Node], Problem> {
        let Some(node) = self.get(key) else { return Ok(&[]) };
        match &node.value {
            Value::List(items) => Ok(items),
            other => Err(wrong(node, key, "a list", "write it as a list, also when it has one entry", other)),
        }
    }

    /// The texts of a list; empty ones are left out.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, Problem> {
        let mut texts = Vec::new();
        for node in self.list(key)?.iter().filter(|node| node.value != Value::Null) {
            let text = text(node, key)?;
            if !text.is_empty() {
                texts.push(text.to_owned());
            }
        }
        Ok(texts)
    }

    /// Where the value of a key stands.
    pub(super) fn place(&self, key: &str) -> usize {
        self.get(key).map_or(self.at, |node| node.start)
    }
}

/// Whether a key is the team's own, which nobody reads.
fn is_private(key: &str) -> bool {
    key.starts_with("x-")
}

/// The text of a node, without white space around it.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Result<&'n str, Problem> {
    match &node.value {
        Value::Text(text) => Ok(text.trim()),
        Value::Number(written) => {
            Err(wrong(node, key, "text", &format!("put it in quotes: \"{written}\""), &node.value))
        }
        Value::Bool(value) => {
            Err(wrong(node, key, "text", &format!("put it in quotes: \"{value}\""), &node.value))
        }
        other => {
            Err(wrong(node, key, "text", "write it as one text; put text with brackets in quotes", other))
        }
    }
}

fn wrong(node: &Node, key: &str, expected: &str, hint: &str, found: &Value) -> Problem {
    let message = format!("`{key}` is {} here, and has to be {expected}", found.name());
    Problem::new(node.start, message, hint)
}

fn unknown(entry: &Entry, shape: &Shape) -> Problem {
    let message = format!("`{}` is no key of {}", entry.key, shape.name);
    let meant = nearest(&entry.key.to_lowercase().replace([' ', '-'], "_"), shape.keys)
        .or_else(|| (shape.meaning)(&entry.key.replace(['_', '-'], " ")));
    let hint = match meant {
        Some(key) => format!("did you mean `{key}`? A key of your own begins with `x-`"),
        None => format!("the keys are {}; one of your own begins with `x-`", listed(shape.keys)),
    };
    Problem::new(entry.at, message, hint)
}

/// The word that was probably meant.
fn nearest(written: &str, words: &[&'static str]) -> Option<&'static str> {
    let start: String = written.chars().take(60).collect();
    words
        .iter()
        .map(|word| (strsim::jaro_winkler(&start, word), *word))
        .filter(|(likeness, _)| *likeness > LIKELY)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, word)| word)
}

/// Words in a row.
pub(super) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
