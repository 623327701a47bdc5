//! The facts of a structured report.
//!
//! Invariant: a fact is what the document states, read by the same grammar as in every other format; a date
//! that no calendar has is an error, one that can be read two ways is read and warned of.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::object::{Object, Shape, text};
use super::tree::{Node, Problem, Value};
use crate::actions::Trace;
use crate::dates::{DateContext, Precision, clock, resolve_date};
use crate::facts::{Person, ReportFacts, Severity};
use crate::source::Source;
use crate::words::{self, Field};
use crate::{Options, Warning};

/// The keys of the facts.
pub(super) const KEYS: [&str; 16] = [
    "title",
    "incident_date",
    "report_date",
    "started_at",
    "resolved_at",
    "duration_minutes",
    "duration",
    "severity",
    "severity_text",
    "services",
    "root_cause",
    "people",
    "language",
    "summary",
    "format",
    "source",
];

/// The facts as a map of their own.
pub(super) const SHAPE: Shape = Shape { name: "`report`", keys: &KEYS, meaning };

/// Somebody in `people`.
pub(super) const PERSON: Shape =
    Shape { name: "a person", keys: &["name", "role", "login"], meaning: |_| None };

/// The severities.
pub(super) const SEVERITIES: [&str; 5] = ["sev1", "sev2", "sev3", "sev4", "unknown"];

/// The key for a label that reports of other formats use.
pub(super) fn meaning(label: &str) -> Option<&'static str> {
    Some(match words::field(label)? {
        Field::Title => "title",
        Field::IncidentDate => "incident_date",
        Field::ReportDate => "report_date",
        Field::StartedAt => "started_at",
        Field::ResolvedAt => "resolved_at",
        Field::Window => "duration",
        Field::Severity | Field::ImpactLevel => "severity",
        Field::Services => "services",
        Field::RootCause => "root_cause",
        Field::Person => "people",
    })
}

/// What reading needs beside the document.
pub(super) struct Context<'a> {
    /// The text.
    pub(super) source: &'a Source<'a>,
    /// How to read.
    pub(super) options: &'a Options,
    /// What a person should look at.
    pub(super) warnings: &'a mut Vec<Warning>,
    /// What is no action.
    pub(super) trace: &'a mut Trace,
}

impl Context<'_> {
    /// Warns of what stands at a byte offset.
    pub(super) fn warn(&mut self, code: &'static str, message: String, at: usize) {
        self.warnings.push(Warning { code, message, line: Some(self.source.place(at).0) });
    }
}

/// Reads the facts out of the map that holds them.
pub(super) fn read(object: Object<'_>, context: &mut Context<'_>) -> Result<ReportFacts, Problem> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let incident_date = day(object, "incident_date", context)?;
    let report_date = day(object, "report_date", context)?;
    let started_at = moment(object, "started_at", incident_date, context)?;
    let resolved_at = moment(object, "resolved_at", incident_date, context)?;
    let resolved_at = match (started_at, resolved_at) {
        (Some(start), Some(end)) if end < start => {
            let message = format!("the report says it was resolved at {end}, before it started at {start}");
            context.warn("times-reversed", message, object.place("resolved_at"));
            None
        }
        _ => resolved_at,
    };
    let severity = object.word("severity", &SEVERITIES)?;
    // Where the words for it have a key of their own, they stand there.
    let severity_text = if object.has("severity_text") { object.text("severity_text")? } else { severity };
    // What a reader wrote about the file that it read is checked, and told anew about this file.
    object.text("format")?;
    object.text("source")?;
    object.text("summary")?;
    Ok(ReportFacts {
        title: owned(object.text("title")?),
        incident_date: incident_date.or_else(|| started_at.map(|start| start.date_naive())),
        report_date,
        started_at,
        resolved_at,
        duration_minutes: duration(object, started_at.zip(resolved_at), context)?,
        severity: severity.and_then(of_name),
        severity_text: owned(severity_text),
        services: object.texts("services")?,
        root_cause: owned(object.text("root_cause")?),
        people: people(object, context)?,
        language: language(object)?,
        source: context.options.source.clone(),
        ..ReportFacts::default()
    })
}

fn of_name(name: &str) -> Option<Severity> {
    [Severity::Sev1, Severity::Sev2, Severity::Sev3, Severity::Sev4]
        .into_iter()
        .find(|severity| severity.as_str() == name)
}

/// A day with its year.
pub(super) fn day(
    object: Object<'_>,
    key: &str,
    context: &mut Context<'_>,
) -> Result<Option<NaiveDate>, Problem> {
    let Some(written) = object.text(key)? else { return Ok(None) };
    let at = object.place(key);
    let dates = DateContext { order: context.options.date_order, ..DateContext::default() };
    let resolved = resolve_date(written, &dates).filter(|resolved| resolved.precision == Precision::Day);
    let Some(resolved) = resolved else {
        let message = format!("`{key}` is \"{}\", which is no day of a calendar", short(written));
        return Err(Problem::new(at, message, "write it as YYYY-MM-DD, as in 2026-03-03"));
    };
    if let Some(message) = resolved.warning {
        context.warn("ambiguous-date", message, at);
    }
    Ok(Some(resolved.date))
}

/// A time of a day, in a zone.
fn moment(
    object: Object<'_>,
    key: &str,
    day: Option<NaiveDate>,
    context: &mut Context<'_>,
) -> Result<Option<DateTime<FixedOffset>>, Problem> {
    let Some(written) = object.text(key)? else { return Ok(None) };
    if let Ok(moment) = DateTime::parse_from_rfc3339(written) {
        return Ok(Some(moment));
    }
    let at = object.place(key);
    let dates = DateContext { order: context.options.date_order, ..DateContext::default() };
    let found =
        clock::moments(written, &dates).into_iter().next().filter(|found| found.date.or(day).is_some());
    let Some(found) = found else {
        let message = format!("`{key}` is \"{}\", which is no time of a day", short(written));
        return Err(Problem::new(
            at,
            message,
            "write it as 2026-03-03T14:05:00+03:00, or 2026-03-03 14:05 EAT",
        ));
    };
    let resolved = found.resolve(day, context.options.timezone);
    if resolved.is_none() {
        let message = format!("`{key}` is \"{}\" without a time zone, and so not told", short(written));
        context.warn("no-time-zone", message, at);
    }
    Ok(resolved)
}

/// How long it lasted: between the two times, else as stated.
fn duration(
    object: Object<'_>,
    times: Option<(DateTime<FixedOffset>, DateTime<FixedOffset>)>,
    context: &mut Context<'_>,
) -> Result<Option<i64>, Problem> {
    let mut stated = object.count("duration_minutes")?;
    if let Some(written) = object.text("duration")? {
        let at = object.place("duration");
        if stated.is_some() {
            let message = "`duration` and `duration_minutes` say the same";
            return Err(Problem::new(at, message, "keep one of the two"));
        }
        stated = clock::duration_minutes(written);
        if stated.is_none() {
            let message = format!("`duration` is \"{}\", which is no length of time", short(written));
            return Err(Problem::new(at, message, "write it as 1 h 35 min, or `duration_minutes: 95`"));
        }
    }
    let between = times.map(|(start, end)| (end - start).num_minutes());
    if let (Some(between), Some(stated)) = (between, stated)
        && between != stated
    {
        let key = if object.has("duration") { "duration" } else { "duration_minutes" };
        let message =
            format!("`{key}` says {stated} minutes, and the two times are {between} apart, which counts");
        context.warn("duration-differs", message, object.place(key));
    }
    Ok(between.or(stated))
}

/// People: maps, or names alone.
fn people(object: Object<'_>, context: &Context<'_>) -> Result<Vec<Person>, Problem> {
    let mut people: Vec<Person> = Vec::new();
    for node in object.list("people")?.iter().filter(|node| node.value != Value::Null) {
        let person = person(node, context)?;
        if let Some(person) = person.filter(|person| !people.contains(person)) {
            people.push(person);
        }
    }
    Ok(people)
}

fn person(node: &Node, context: &Context<'_>) -> Result<Option<Person>, Problem> {
    let bare = |login: &str| login.trim_start_matches('@').to_owned();
    if !matches!(node.value, Value::Map(_)) {
        let name = text(node, "people")?;
        let login = name.strip_prefix('@').map(bare);
        let name = login.clone().unwrap_or_else(|| name.to_owned());
        return Ok((!name.is_empty()).then_some(Person { name, role: None, login }));
    }
    let object = Object::of(node, &PERSON, context.source)?;
    let role = object.text("role")?.map(str::to_owned);
    let login = object.text("login")?.map(bare).filter(|login| !login.is_empty());
    match object.text("name")?.map(str::to_owned).or_else(|| login.clone()) {
        Some(name) => Ok(Some(Person { name, role, login })),
        // A template leaves the role of somebody who is still to be named.
        None => Ok(None),
    }
}

/// A language by its code of two letters.
fn language(object: Object<'_>) -> Result<Option<String>, Problem> {
    let Some(written) = object.text("language")? else { return Ok(None) };
    if written.len() == 2 && written.bytes().all(|b| b.is_ascii_lowercase()) {
        return Ok(Some(written.to_owned()));
    }
    let message = format!("`language` is \"{}\", which is no code of a language", short(written));
    Err(Problem::new(
        object.place("language"),
        message,
        "write two small letters, such as en, or leave it out",
    ))
}

/// The beginning of a text, for a message.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
