//! Taking somebody's words out of the history and of what follows from it.
//!
//! Invariants: that it was done is an event, with a reason, and the chain holds; what people work with now is replaced first, so
//! that nothing in use says `[erased]`; and what is not ours, an issue or a copy, is named and left alone.

use std::collections::{BTreeMap, BTreeSet};

use super::AuditError;
use crate::{
    action::{Action, ActionId, Change, NewEvent, Report, ReportId, State, Subject, Topic},
    life,
    store::{ERASED, EventFilter, LoggedEvent, Snapshot, Stamp, Store, UnitOfWork},
};

/// How many events are looked through at a time.
const PAGE: i64 = 1_000;

/// Words shorter than this are not looked for in other places: they would be found everywhere.
const LEAST_LOOKED_FOR: usize = 4;

/// Texts that are a name, or a list of names.
const NAMES: [&str; 7] = ["owner", "owner_text", "team", "verifier", "waived_by", "assignees", "people"];

/// Columns that people work with as long as an action is not finished; a command replaces each.
const IN_USE: [(&str, &str); 2] = [("title", "edit ID --title TEXT"), ("owner", "assign ID OWNER")];

/// Words in an event that can be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasable {
    /// The number of the event.
    pub event: i64,
    /// What it is about.
    pub subject: String,
    /// What happened.
    pub kind: String,
    /// The words, by name.
    pub texts: BTreeMap<String, String>,
}

impl Erasable {
    fn of(entry: &LoggedEvent, is_asked_for: impl Fn(&str, &str) -> bool) -> Option<Self> {
        let said = entry.texts.iter().filter_map(|(name, text)| Some((name, text.value.as_ref()?)));
        let texts: BTreeMap<String, String> = said
            .filter(|(name, value)| is_asked_for(name, value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        (!texts.is_empty()).then(|| Self {
            event: entry.event.seq,
            subject: entry.event.subject.clone(),
            kind: entry.event.kind.clone(),
            texts,
        })
    }
}

/// What the history says of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentioned {
    /// Texts that are their name.
    pub named: Vec<Erasable>,
    /// Other texts in which it stands.
    pub mentioned: Vec<Erasable>,
    /// How many events they caused: who did something cannot be erased.
    pub caused: usize,
}

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// The words that are gone, by event.
    pub events: Vec<(i64, Vec<String>)>,
    /// The columns that held them, as `CA-3 quote`.
    pub columns: Vec<String>,
    /// Whether what both sides agreed on, or an issue of our own, still has some of it.
    pub is_in_issues: bool,
}

/// The words of one event, all of them or those named.
///
/// # Errors
/// [`AuditError`] when there is no such event, or it has no such words.
pub async fn words_of(
    snapshot: &mut Snapshot,
    event: i64,
    names: &[String],
) -> Result<Vec<Erasable>, AuditError> {
    let entry = snapshot.log_after(&EventFilter::default(), event - 1, 1).await?.into_iter().next();
    let entry = entry.filter(|entry| entry.event.seq == event).ok_or(AuditError::NoEvent(event))?;
    if let Some(name) = names.iter().find(|name| !entry.texts.contains_key(*name)) {
        let known = entry.texts.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(AuditError::NoWords { event, name: name.clone(), known });
    }
    let is_asked_for = |name: &str, _: &str| names.is_empty() || names.iter().any(|asked| asked == name);
    Ok(Erasable::of(&entry, is_asked_for).into_iter().collect())
}

/// What the history says of somebody, by a name or login in whatever case.
///
/// # Errors
/// [`AuditError`] when the database does not answer.
pub async fn words_about(snapshot: &mut Snapshot, who: &str) -> Result<Mentioned, AuditError> {
    let mut found = Mentioned::default();
    let mut after = 0;
    loop {
        let page = snapshot.log_after(&EventFilter::default(), after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.event.seq;
        for entry in &page {
            found.named.extend(Erasable::of(entry, |name, value| is_name(name, value, who)));
            found.mentioned.extend(Erasable::of(entry, |name, value| {
                !is_name(name, value, who) && stands_in(value, who)
            }));
            found.caused += usize::from(entry.event.actor.to_lowercase() == who.to_lowercase());
        }
    }
}

/// Whether a text is somebody's name, or a list with it.
fn is_name(name: &str, value: &str, who: &str) -> bool {
    let is_who = |text: &str| text.trim().trim_start_matches('@').to_lowercase() == who.to_lowercase();
    NAMES.contains(&name)
        && value.lines().any(|line| is_who(line) || line.split(" [").next().is_some_and(is_who))
}

/// Whether a name stands in a text, as a word or words of it.
fn stands_in(text: &str, who: &str) -> bool {
    let (text, who) = (text.to_lowercase(), who.to_lowercase());
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(&who).any(|(at, _)| {
        !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + who.len()..].chars().next())
    })
}

/// Erases words, in one unit of work.
///
/// # Errors
/// [`AuditError`] when something in use says them, or the database does not take it. Nothing is erased then.
pub async fn erase(
    store: &Store,
    stamp: &Stamp,
    what: &[Erasable],
    reason: &str,
) -> Result<Erased, AuditError> {
    let mut work = store.begin(stamp).await?;
    let mut erased = Erased::default();
    for words in what {
        let names: Vec<String> = words.texts.keys().cloned().collect();
        let current = current(&mut work, words).await?;
        let columns = forget(&mut work, words, &current, reason).await?;
        work.forget_words(words.event, &names).await?;
        erased.columns.extend(columns.into_iter().map(|column| format!("{} {column}", words.subject)));
        erased.events.push((words.event, names));
        for text in words.texts.values().filter(|text| text.chars().count() >= LEAST_LOOKED_FOR) {
            if let Ok(Subject::Action(id)) = words.subject.parse() {
                work.forget_what_was_said(id, text).await?;
            }
            erased.is_in_issues |= work.is_said_of_issues(text).await?;
        }
    }
    work.commit().await?;
    Ok(erased)
}

/// Those of the words that no later event replaced.
async fn current(work: &mut UnitOfWork, words: &Erasable) -> Result<BTreeSet<String>, AuditError> {
    let mut current: BTreeSet<String> = words.texts.keys().cloned().collect();
    for later in work.log_about(&EventFilter::default(), &words.subject).await? {
        if later.event.seq <= words.event {
            continue;
        }
        let payload: serde_json::Value = serde_json::from_str(&later.event.payload).unwrap_or_default();
        current.retain(|name| !later.texts.contains_key(name) && payload["set"].get(name).is_none());
    }
    Ok(current)
}

/// Takes the words out of the columns that hold them, and writes down that they are erased.
async fn forget(
    work: &mut UnitOfWork,
    words: &Erasable,
    current: &BTreeSet<String>,
    reason: &str,
) -> Result<Vec<String>, AuditError> {
    let event = |topic: Topic| {
        let names: Vec<&String> = words.texts.keys().collect();
        NewEvent::new(topic, "text.erased")
            .with("event", words.event)
            .with("names", serde_json::json!(names))
            .with("reason", reason)
    };
    let topic: Topic = words.subject.parse().unwrap_or(Topic::Database);
    Ok(match topic {
        Topic::Subject(Subject::Action(id)) if words.kind == "evidence.added" => {
            work.append(event(topic)).await?;
            forget_note(work, id, words).await?
        }
        Topic::Subject(Subject::Action(id)) => {
            let before = work.action(id).await?;
            let (after, columns) = without(&before, current)?;
            if columns.is_empty() {
                work.append(event(topic)).await?;
            } else {
                let after = work.record(Change { after, event: event(topic) }).await?;
                // Our section of the issue quotes the report.
                life::touch_issue(work, &after).await?;
            }
            columns
        }
        Topic::Subject(Subject::Report(id)) => {
            work.append(event(topic)).await?;
            forget_in_report(work, id, current).await?
        }
        Topic::Database => {
            work.append(event(topic)).await?;
            Vec::new()
        }
    })
}

/// An action without those of its words, and the columns that held them.
fn without(action: &Action, names: &BTreeSet<String>) -> Result<(Action, Vec<String>), AuditError> {
    let is_finished = matches!(action.state, State::Done | State::Verified | State::Waived | State::Dropped);
    let in_use = IN_USE.iter().find(|(column, _)| names.contains(*column));
    if let Some((column, command)) = in_use.filter(|_| !is_finished) {
        let command = command.replace("ID", &action.id.to_string());
        return Err(AuditError::InUse { id: action.id.to_string(), column: (*column).to_owned(), command });
    }
    let mut after = action.clone();
    let mut columns = Vec::new();
    for name in names {
        let required = match name.as_str() {
            "title" => Some(&mut after.title),
            "text" => Some(&mut after.text),
            "quote" => Some(&mut after.quote),
            _ => None,
        };
        let optional = match name.as_str() {
            "description" => Some(&mut after.description),
            "section" => Some(&mut after.section),
            "owner" => Some(&mut after.owner),
            "owner_text" => Some(&mut after.owner_text),
            "team" => Some(&mut after.team),
            "verifier" => Some(&mut after.verifier),
            "due_text" => Some(&mut after.due_text),
            "waived_by" => Some(&mut after.waived_by),
            "waiver_reason" => Some(&mut after.waiver_reason),
            _ => None,
        };
        match (required, optional) {
            (Some(text), _) => ERASED.clone_into(text),
            (_, Some(text)) => *text = None,
            // What somebody said about it stands in the event alone.
            (None, None) => continue,
        }
        columns.push(name.clone());
    }
    Ok((after, columns))
}

async fn forget_note(
    work: &mut UnitOfWork,
    id: ActionId,
    words: &Erasable,
) -> Result<Vec<String>, AuditError> {
    let Some(note) = words.texts.get("note") else { return Ok(Vec::new()) };
    let evidence = work.evidence_of(id).await?;
    let mut columns = Vec::new();
    for piece in evidence.iter().filter(|piece| piece.note.as_ref() == Some(note)) {
        work.forget_note(piece.id).await?;
        columns.push(format!("evidence {}", piece.id));
    }
    Ok(columns)
}

async fn forget_in_report(
    work: &mut UnitOfWork,
    id: ReportId,
    names: &BTreeSet<String>,
) -> Result<Vec<String>, AuditError> {
    let mut report: Report = work.report(id).await?;
    let mut columns = Vec::new();
    for name in names {
        match name.as_str() {
            "title" => ERASED.clone_into(&mut report.title),
            "source" => ERASED.clone_into(&mut report.source),
            "root_cause" => report.root_cause = None,
            "people" => work.forget_people(id).await?,
            _ => continue,
        }
        columns.push(name.clone());
    }
    work.forget_in_report(&report).await?;
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_name_and_in_what_people_write() {
        assert!(is_name("owner", "@Grace Apio", "grace apio"));
        assert!(is_name("people", "Ines [lead]\nGrace Apio [scribe]", "Grace Apio"));
        assert!(!is_name("reason", "Grace Apio", "Grace Apio") && !is_name("owner", "Grace", "Grace Apio"));
        assert!(stands_in("asked Grace Apio, twice", "grace apio") && !stands_in("gracefully", "grace"));
    }
}
