//! `followup audit log`: the history, as somebody asks for it.
//!
//! Invariant: a long history goes through page by page; only as one JSON document it is held as a whole.

use std::borrow::Cow;

use serde_json::{Map, json};

use super::{
    super::{
        App, CliError, Exit,
        args::{Log, RowFormat},
        history,
        output::Output,
    },
    period,
};
use crate::{
    action::{Subject, Topic},
    audit::EVENT_COLUMNS,
    sheet,
    store::{Access, EventFilter, LoggedEvent, Snapshot},
};

/// How many events are read at a time.
const PAGE: i64 = 1_000;

/// What marks an event whose actor only said who they are, and one that was made under a fixed clock.
const DECLARED: char = '†';
const FIXED: char = '‡';

pub(super) async fn run(app: &App, command: &Log, output: &Output) -> Result<Exit, CliError> {
    let filter = filter(app, command)?;
    let store = app.store(Access::Read).await?;
    let mut snapshot = store.read().await?;
    let subjects = subjects(&mut snapshot, command).await?;
    let mut printer = Printer::new(command.format);
    match subjects {
        Some(subjects) => {
            let mut found = Vec::new();
            for subject in subjects {
                found.append(&mut snapshot.log_about(&filter, &subject).await?);
            }
            found.sort_by_key(|entry| entry.event.seq);
            let unasked = command.limit.map_or(0, |limit| found.len().saturating_sub(limit as usize));
            printer.print(&found[unasked..], output)?;
        }
        None => {
            let mut after = match command.limit {
                Some(limit) => snapshot.newest_from(&filter, limit.into()).await? - 1,
                None => 0,
            };
            loop {
                let page = snapshot.log_after(&filter, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = last.event.seq;
                printer.print(&page, output)?;
            }
        }
    }
    if printer.events == 0
        && let Some(kind) = &command.kind
    {
        is_known(&mut snapshot, kind).await?;
    }
    printer.end(output)?;
    Ok(Exit::Fine)
}

fn filter(app: &App, command: &Log) -> Result<EventFilter, CliError> {
    let (since, before) = period(app, command.since, command.until)?;
    Ok(EventFilter {
        actor: command.by.clone(),
        actor_kind: command.actor_kind,
        kind: command.kind.clone(),
        since,
        before,
    })
}

/// What is asked about, each once; nothing when that is everything.
async fn subjects(snapshot: &mut Snapshot, command: &Log) -> Result<Option<Vec<String>>, CliError> {
    let mut subjects = Vec::new();
    for topic in &command.about {
        match topic {
            Topic::Subject(Subject::Action(id)) => drop(snapshot.action(*id).await?),
            Topic::Subject(Subject::Report(id)) => drop(snapshot.report(*id).await?),
            Topic::Database => {}
        }
        subjects.push(topic.to_string());
    }
    for id in &command.report {
        subjects.push(snapshot.report(*id).await?.id.to_string());
        subjects.extend(snapshot.actions_of(*id).await?.iter().map(|action| action.id.to_string()));
    }
    subjects.sort_unstable();
    subjects.dedup();
    Ok((!command.about.is_empty() || !command.report.is_empty()).then_some(subjects))
}

/// The sorts of events there are, whether or not one happened yet.
const SORTS: [&str; 7] = ["action", "audit", "conflict", "evidence", "issue", "report", "text"];

/// Says so when no event has this kind, and none can be meant.
async fn is_known(snapshot: &mut Snapshot, kind: &str) -> Result<(), CliError> {
    let kinds = snapshot.event_kinds().await?;
    let sort_of = |kind: &str| kind.split('.').next().unwrap_or_default().to_owned();
    let is_sort = |sort: &str| SORTS.contains(&sort) || kinds.iter().any(|known| sort_of(known) == sort);
    if kinds.is_empty() || is_sort(kind) || kinds.iter().any(|known| known == kind) {
        return Ok(());
    }
    let likeness = |known: &&String| strsim::jaro_winkler(known, kind);
    let nearest = kinds.iter().max_by(|left, right| likeness(left).total_cmp(&likeness(right)));
    let hint = match nearest.filter(|nearest| likeness(nearest) > 0.9) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if is_sort(&sort_of(kind)) => return Ok(()),
        None => format!("sorts of events are {}", SORTS.join(", ")),
    };
    Err(CliError::usage(format!("no event has the kind `{kind}`"), hint))
}

/// Prints events as they come.
struct Printer {
    format: RowFormat,
    events: usize,
    documents: Vec<serde_json::Value>,
    declared: bool,
    fixed: bool,
}

impl Printer {
    fn new(format: RowFormat) -> Self {
        Self { format, events: 0, documents: Vec::new(), declared: false, fixed: false }
    }

    fn print(&mut self, page: &[LoggedEvent], output: &Output) -> Result<(), CliError> {
        let is_first = self.events == 0;
        self.events += page.len();
        if page.is_empty() {
            return Ok(());
        }
        match self.format {
            RowFormat::Json => {
                for entry in page {
                    self.documents.push(history::document(entry)?);
                }
                Ok(())
            }
            RowFormat::Csv => {
                let headings = is_first.then(|| EVENT_COLUMNS.map(Cow::Borrowed));
                output.text(&sheet::csv(headings.into_iter().chain(page.iter().map(record))))
            }
            RowFormat::Human => {
                let lines: Vec<String> = page.iter().map(|entry| self.line(entry)).collect();
                output.text(&lines.join("\n"))
            }
        }
    }

    fn line(&mut self, entry: &LoggedEvent) -> String {
        let dim = anstyle::Style::new().dimmed();
        let event = &entry.event;
        let mut marks = String::new();
        for (is_marked, mark, seen) in
            [(event.declared, DECLARED, &mut self.declared), (event.fixed_clock, FIXED, &mut self.fixed)]
        {
            if is_marked {
                *seen = true;
                marks.push(mark);
            }
        }
        format!(
            "{:>5}  {dim}{}{dim:#}  {:<8} {:<18} by {}{marks}{}",
            event.seq,
            history::time(event.at),
            event.subject,
            event.kind,
            event.actor,
            history::told(entry, None)
        )
    }

    fn end(self, output: &Output) -> Result<(), CliError> {
        match self.format {
            RowFormat::Json => return output.json(&self.documents),
            RowFormat::Csv if self.events == 0 => {
                return output.text(&sheet::csv([EVENT_COLUMNS.map(Cow::Borrowed)]));
            }
            RowFormat::Human if self.events == 0 => output.talk("no event matches"),
            RowFormat::Csv | RowFormat::Human => {}
        }
        let told = [
            (self.declared, format!("{DECLARED} the actor only said who they are")),
            (self.fixed, format!("{FIXED} made under a fixed clock")),
        ];
        let told: Vec<String> =
            told.into_iter().filter(|(is_told, _)| *is_told).map(|(_, text)| text).collect();
        if !told.is_empty() {
            output.talk(&told.join(" · "));
        }
        Ok(())
    }
}

/// An event as a row of a table.
fn record(entry: &LoggedEvent) -> [Cow<'_, str>; 14] {
    let event = &entry.event;
    let texts: Map<String, serde_json::Value> =
        entry.texts.iter().map(|(name, text)| (name.clone(), json!(text.value))).collect();
    let texts = if texts.is_empty() { String::new() } else { serde_json::Value::Object(texts).to_string() };
    [
        event.seq.to_string().into(),
        history::time(event.at).into(),
        history::time(event.recorded_at).into(),
        event.actor.as_str().into(),
        event.actor_kind.as_str().into(),
        event.declared.to_string().into(),
        event.os_user.as_str().into(),
        event.fixed_clock.to_string().into(),
        event.subject.as_str().into(),
        event.kind.as_str().into(),
        event.payload.as_str().into(),
        texts.into(),
        event.previous_hash.as_str().into(),
        event.hash.as_str().into(),
    ]
}
