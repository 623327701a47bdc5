//! What the history says of every report, action and evidence, and where the tables say something else.
//!
//! Invariant: a value is kept as a digest, so that the history of a hundred thousand actions fits into memory; what differs is
//! read once more to be shown.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::past::columns_of;
use crate::{
    action::{Subject, is_implied},
    store::{ERASED, EventRow, Evidence, SaltedText, Snapshot, StoreError, canonical},
};

/// How many rows of a table are read at a time.
const PAGE: i64 = 1_000;

/// How many differences are named at most; one is as bad as a thousand.
pub const MOST_DIFFERENCES: usize = 100;

/// A table that says something else than the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The action or report.
    pub id: String,
    /// The column, or `evidence`.
    pub column: String,
    /// What the table says.
    pub table: Value,
    /// What happened to the row, in words.
    pub why: &'static str,
}

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Value(u64),
    /// It was erased.
    Erased,
}

/// The rows that follow from the history.
#[derive(Debug, Default)]
pub(super) struct Replay {
    names: HashMap<String, u16>,
    rows: HashMap<String, Vec<(u16, Known)>>,
    /// Evidence by its number: its action, and what its event says.
    evidence: HashMap<i64, (String, u64)>,
    /// Further reports that ask for an action: the action and the report.
    asked_by: BTreeSet<(String, String)>,
    /// Deadlines that were missed: the action, which deadline, and the day.
    breaches: BTreeSet<(String, String, String)>,
    /// Decisions about texts, by subject and digest of the text.
    disclosures: HashMap<(String, String), u64>,
}

/// One row of a table, as columns.
struct Row {
    id: String,
    columns: Map<String, Value>,
}

fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    canonical(value).hash(&mut hasher);
    hasher.finish()
}

fn columns(row: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(row) {
        Ok(Value::Object(columns)) => columns,
        _ => Map::new(),
    }
}

/// Whether a column that no event speaks of may hold this: columns are added empty by later versions.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is_set) => !is_set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

impl Replay {
    /// Takes an event in.
    pub(super) fn take(&mut self, event: &EventRow, payload: &Value, texts: &BTreeMap<String, SaltedText>) {
        if event.kind == "evidence.added" {
            let evidence = &payload["set"]["evidence"];
            if let Some(id) = evidence["id"].as_i64() {
                self.evidence.insert(id, (event.subject.clone(), digest(evidence)));
            }
            return;
        }
        if event.kind == "action.breached" {
            let word = |name: &str| payload["set"]["breach"][name].as_str().unwrap_or_default().to_owned();
            self.breaches.insert((event.subject.clone(), word("deadline"), word("due_on")));
            return;
        }
        if let ("action.report_added" | "action.report_removed", Some(report)) =
            (event.kind.as_str(), payload["set"]["report"].as_str())
        {
            let asked = (event.subject.clone(), report.to_owned());
            match event.kind.as_str() {
                "action.report_added" => self.asked_by.insert(asked),
                _ => self.asked_by.remove(&asked),
            };
            return;
        }
        if event.kind == "text.disclosed" {
            let decision = payload["set"]["decision"].as_str().unwrap_or_default();
            for text in payload["set"]["texts"].as_array().into_iter().flatten() {
                let (class, text) =
                    (text["class"].as_str().unwrap_or_default(), text["digest"].as_str().unwrap_or_default());
                let said = digest(&json!([class, decision]));
                self.disclosures.insert((event.subject.clone(), text.to_owned()), said);
            }
        }
        for (name, value) in columns_of(payload, texts) {
            let known = value.as_ref().map_or(Known::Erased, |value| Known::Value(digest(value)));
            self.put(&event.subject, name, known);
        }
    }

    fn put(&mut self, subject: &str, name: &str, known: Known) {
        let next = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        let name = match self.names.get(name) {
            Some(name) => *name,
            None => *self.names.entry(name.to_owned()).or_insert(next),
        };
        let row = match self.rows.get_mut(subject) {
            Some(row) => row,
            None => self.rows.entry(subject.to_owned()).or_default(),
        };
        match row.iter_mut().find(|(column, _)| *column == name) {
            Some((_, value)) => *value = known,
            None => row.push((name, known)),
        }
    }

    /// Where the tables say something else. Each row that was compared is forgotten.
    pub(super) async fn compare(&mut self, snapshot: &mut Snapshot) -> Result<Vec<Difference>, StoreError> {
        let mut found = Vec::new();
        let mut after = 0;
        loop {
            let page = snapshot.reports_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id.number();
            for report in &page {
                self.compare_row(&mut found, Row { id: report.id.to_string(), columns: columns(report) });
            }
        }
        after = 0;
        loop {
            let page = snapshot.actions_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id.number();
            for action in &page {
                self.compare_row(&mut found, Row { id: action.id.to_string(), columns: columns(action) });
            }
        }
        let gone = self.rows.keys().filter(|subject| {
            // A row of the history that is about something else than a report or an action has no table.
            subject.parse::<Subject>().is_ok()
        });
        let mut gone: Vec<&String> = gone.collect();
        gone.sort_by_key(|subject| (subject.len(), (*subject).clone()));
        for subject in gone {
            found.push(difference(subject, "id", Value::Null, "it was taken out of the table"));
        }
        self.compare_evidence(snapshot, &mut found).await?;
        for asked in snapshot.further_reports().await? {
            let asked = (asked.action_id.to_string(), asked.report_id.to_string());
            if !self.asked_by.remove(&asked) {
                found.push(difference(&asked.0, "report", json!(asked.1), "no event speaks of it"));
            }
        }
        for breach in snapshot.breaches().await? {
            let (deadline, due_on) = (breach.deadline.to_string(), breach.due_on.to_string());
            let missed = (breach.action_id.to_string(), deadline, due_on);
            if !self.breaches.remove(&missed) {
                found.push(difference(&missed.0, "breach", json!(missed.2), "no event speaks of it"));
            }
        }
        found.extend(self.breaches.iter().map(|(action, _, due_on)| {
            difference(action, "breach", json!(due_on), "it was taken out of the table")
        }));
        found.extend(self.asked_by.iter().map(|(action, report)| {
            difference(action, "report", json!(report), "it was taken out of the table")
        }));
        self.compare_disclosures(snapshot, &mut found).await?;
        found.truncate(MOST_DIFFERENCES);
        Ok(found)
    }

    fn compare_row(&mut self, found: &mut Vec<Difference>, row: Row) {
        let Some(known) = self.rows.remove(&row.id) else {
            found.push(difference(&row.id, "id", json!(row.id), "no event speaks of it"));
            return;
        };
        for (name, value) in row.columns {
            if is_implied(&name) {
                continue;
            }
            let column = self.names.get(&name);
            let said = known.iter().find(|(other, _)| Some(other) == column).map(|(_, known)| *known);
            let is_same = match said {
                None => is_empty(&value),
                // Nothing may stand there any more.
                Some(Known::Erased) => is_empty(&value) || value == ERASED,
                Some(Known::Value(said)) => said == digest(&value),
            };
            if !is_same {
                found.push(difference(&row.id, &name, value, "the history says something else"));
            }
        }
    }

    async fn compare_evidence(
        &mut self,
        snapshot: &mut Snapshot,
        found: &mut Vec<Difference>,
    ) -> Result<(), StoreError> {
        let mut after = 0;
        loop {
            let page = snapshot.evidence_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for evidence in &page {
                let id = evidence.action_id.to_string();
                let why = match self.evidence.remove(&evidence.id) {
                    None => "no event speaks of it",
                    Some((action, said)) if action != id || said != digest(&as_said(evidence)) => {
                        "the history says something else"
                    }
                    Some(_) => continue,
                };
                found.push(difference(&id, "evidence", json!(evidence.url), why));
            }
        }
        let mut gone: Vec<_> = self.evidence.iter().collect();
        gone.sort_unstable();
        found.extend(gone.into_iter().map(|(number, (action, _))| {
            difference(action, "evidence", json!(number), "it was taken out of the table")
        }));
        Ok(())
    }

    async fn compare_disclosures(
        &mut self,
        snapshot: &mut Snapshot,
        found: &mut Vec<Difference>,
    ) -> Result<(), StoreError> {
        for one in snapshot.disclosures().await? {
            let said = digest(&json!([one.class, one.decision]));
            let why = match self.disclosures.remove(&(one.subject.clone(), one.digest.clone())) {
                None => "no event speaks of it",
                Some(known) if known != said => "the history says something else",
                Some(_) => continue,
            };
            found.push(difference(&one.subject, "disclosure", json!(one.digest), why));
        }
        let mut gone: Vec<_> = self.disclosures.keys().collect();
        gone.sort_unstable();
        found.extend(gone.into_iter().map(|(subject, text)| {
            difference(subject, "disclosure", json!(text), "it was taken out of the table")
        }));
        Ok(())
    }
}

/// A row of evidence as its event says it.
fn as_said(evidence: &Evidence) -> Value {
    json!({
        "id": evidence.id,
        "kind": evidence.kind,
        "url": evidence.url,
        "dated_on": evidence.dated_on,
        "digest": evidence.digest,
    })
}

fn difference(id: &str, column: &str, table: Value, why: &'static str) -> Difference {
    Difference { id: id.to_owned(), column: column.to_owned(), table, why }
}
