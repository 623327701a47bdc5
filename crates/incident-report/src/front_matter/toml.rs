//! TOML to values with their places, for metadata blocks.
//!
//! Invariant: entries keep the order of the text.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::structured::{Entry, Node, Value};

/// Parses a TOML document; none where it is not valid.
pub(super) fn parse(text: &str) -> Option<Node> {
    let table = DeTable::parse(text).ok()?;
    Some(Node { value: map(table.get_ref()), start: 0, end: text.len() })
}

fn map(table: &DeTable<'_>) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().clone().into_owned(),
            at: key.span().start,
            value: node(value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.at);
    Value::Map(entries)
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => Value::Number(number.to_string()),
        DeValue::Float(number) => Value::Number(number.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(moment) => Value::Text(moment.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(node).collect()),
        DeValue::Table(table) => map(table),
    };
    Node { value, start: span.start, end: span.end }
}
