//! An event of the history as it is told: in one line for people, as JSON for programs.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::{CliError, disclose::many};
use crate::store::LoggedEvent;

/// The words of people that are told with those that they replaced.
const REPLACED: [&str; 4] = ["title", "description", "owner", "verifier"];

/// The columns that are told with their values.
const TOLD: [&str; 14] = [
    "state",
    "disposition",
    "duplicate_of",
    "due_on",
    "category",
    "kind",
    "priority",
    "tracked_in",
    "number",
    "waived_until",
    "blocked_by",
    "report",
    "split_from",
    "undone",
];

/// What an event says of texts that are not for everybody.
fn not_for_everybody(set: &Value) -> Vec<String> {
    let many =
        |class: &Value, count: u64| Some(many(class.as_str()?.parse().ok()?, usize::try_from(count).ok()?));
    let redacted = set["redacted"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some(format!("{} redacted", many(&one["class"], one["count"].as_u64()?)?)));
    let mut parts: Vec<String> = redacted.collect();
    if let Some(decision) = set["decision"].as_str() {
        let mut classes: Vec<(&Value, u64)> = Vec::new();
        for text in set["texts"].as_array().into_iter().flatten() {
            match classes.iter_mut().find(|(class, _)| *class == &text["class"]) {
                Some((_, count)) => *count += 1,
                None => classes.push((&text["class"], 1)),
            }
        }
        let counts: Vec<String> =
            classes.into_iter().filter_map(|(class, count)| many(class, count)).collect();
        parts.push(format!("{} {}", counts.join(", "), decision.replace('_', " ")));
    }
    parts
}

/// So much of a text is told in one line.
const LONGEST: usize = 48;

/// What people wrote until now, by the name of the column. It stands in the event that brought it, so what an event
/// replaced stands in an earlier one.
#[derive(Debug, Default)]
pub(super) struct Before(HashMap<String, Option<String>>);

impl Before {
    fn take(&mut self, entry: &LoggedEvent, set: &Value) {
        self.0.extend(entry.texts.iter().map(|(name, text)| (name.clone(), text.value.clone())));
        for name in REPLACED.into_iter().filter(|name| set.get(name).is_some()) {
            self.0.remove(name);
        }
    }
}

/// A moment as it is told.
pub(super) fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An event as programs see it.
pub(super) fn document(entry: &LoggedEvent) -> Result<Value, CliError> {
    let event = &entry.event;
    let payload: Value = serde_json::from_str(&event.payload)
        .map_err(|error| CliError::bug(format!("cannot read event {}: {error}", event.seq)))?;
    let texts: Map<String, Value> =
        entry.texts.iter().map(|(name, text)| (name.clone(), json!(text.value))).collect();
    Ok(json!({
        "seq": event.seq,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "actor_kind": event.actor_kind,
        "declared": event.declared,
        "os_user": event.os_user,
        "fixed_clock": event.fixed_clock,
        "subject": event.subject,
        "kind": event.kind,
        "set": payload["set"],
        "was": payload["was"],
        "texts": texts,
        "hash": event.hash,
    }))
}

/// What is worth telling of an event in one line, with a colon before it. With `before` it is one of all about its subject,
/// and what people wrote is told with what it replaced.
pub(super) fn told(entry: &LoggedEvent, before: Option<&mut Before>) -> String {
    let payload: Value = serde_json::from_str(&entry.event.payload).unwrap_or_default();
    let parts = match (entry.event.kind.as_str(), &before) {
        // All that it says stands above the history, or follows in it.
        ("action.proposed", Some(_)) => Vec::new(),
        ("action.proposed" | "report.imported", None) => {
            entry.texts.get("title").map(|title| quoted(title.value.as_deref())).into_iter().collect()
        }
        _ => parts(entry, &payload, before.as_deref()),
    };
    if let Some(before) = before {
        before.take(entry, &payload["set"]);
    }
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn parts(entry: &LoggedEvent, payload: &Value, before: Option<&Before>) -> Vec<String> {
    let (set, was) = (&payload["set"], &payload["was"]);
    let mut parts = Vec::new();
    for name in TOLD {
        let Some(value) = set.get(name) else { continue };
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match was.get(name) {
            Some(was) if !was.is_null() && was != "" => {
                parts.push(format!("{name} {} → {}", plain(was), plain(value)));
            }
            _ => parts.push(format!("{name} {}", plain(value))),
        }
    }
    for name in REPLACED {
        let now = entry.texts.get(name).map(|now| quoted(now.value.as_deref()));
        let Some(now) = now.or_else(|| set.get(name).map(|_| "none".to_owned())) else { continue };
        match before.and_then(|before| before.0.get(name)) {
            Some(was) => parts.push(format!("{name} {} → {now}", quoted(was.as_deref()))),
            None => parts.push(format!("{name} {now}")),
        }
    }
    if let (Some(deadline), Some(day)) =
        (set["breach"]["deadline"].as_str(), set["breach"]["due_on"].as_str())
    {
        parts.push(format!("to {deadline} by {day}"));
    }
    if let Some(url) = set["evidence"]["url"].as_str() {
        parts.push(url.to_owned());
    }
    if let Some(reason) = entry.texts.get("reason") {
        let reason = reason.value.as_deref().unwrap_or("erased");
        parts.push(format!("reason “{}”", reason.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    parts.extend(not_for_everybody(set));
    if let Some(comment) = set["comment"].as_str() {
        parts.push(format!("in {comment}"));
    }
    if parts.is_empty() {
        // Long or of little interest, but something changed.
        parts.extend(entry.texts.keys().cloned());
    }
    parts
}

/// The beginning of a text, on one line.
pub(super) fn quoted(text: Option<&str>) -> String {
    let Some(text) = text else { return "“erased”".to_owned() };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("“{}…”", line[..end].trim_end()),
        None => format!("“{line}”"),
    }
}
