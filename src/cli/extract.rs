//! `followup extract`: what would be imported, and why. Reads only.

use serde_json::{Value, json};

use super::{App, CliError, Exit, args::Extract, output::Output, source};
use crate::{
    action::Severity,
    intake::{self, Draft},
};

pub(super) fn run(app: &App, command: &Extract, output: &Output) -> Result<Exit, CliError> {
    let read = source::read_all(app, &command.sources)?;
    for named in &read {
        if named.source.reading.actions.is_empty() {
            output.talk(&format!("warning: {}: no action was found", named.shown));
        }
    }
    let people = &app.config.people;
    if output.is_json() {
        let mut documents = Vec::with_capacity(read.len());
        for named in &read {
            documents.push(document(&named.shown, &named.source.reading, people, command.explain)?);
        }
        match documents.as_slice() {
            [one] => output.json(one)?,
            several => output.json(&several)?,
        }
        return Ok(Exit::Fine);
    }
    for named in &read {
        output.text(&page(&named.shown, &named.source.reading, people, command.explain))?;
    }
    Ok(Exit::Fine)
}

fn document(
    shown: &str,
    reading: &incident_report::Reading,
    people: &[crate::config::Person],
    explain: bool,
) -> Result<Value, CliError> {
    let mut report = serde_json::to_value(&reading.report)
        .map_err(|error| CliError::bug(format!("cannot write JSON: {error}")))?;
    report["severity"] = json!(intake::severity_of(&reading.report));
    report["source"] = json!(shown);
    report["people"] = json!(intake::people_of(&reading.report, people));
    let actions: Vec<Value> = reading
        .actions
        .iter()
        .map(|read| {
            let draft = Draft::new(read.clone(), people);
            let mut action = json!({
                "text": read.text,
                "title": read.title,
                "description": read.description,
                "section": read.section,
                "line": read.line,
                "quote": read.quote,
                "owner_text": read.owner_text,
                "owner": draft.owner.as_ref().map(|owner| owner.name.clone()),
                "due_text": read.due_text,
                "due_on": read.due.as_ref().map(|due| due.date),
                "done": read.done,
                "priority_text": read.priority_text,
                "priority": draft.priority,
                "kind": draft.kind,
                "category": draft.category,
                "links": read.links,
            });
            if explain {
                action["rule"] = json!(read.rule);
                action["matched"] = json!(draft.matched);
            }
            action
        })
        .collect();
    Ok(json!({ "report": report, "actions": actions, "warnings": reading.warnings }))
}

fn page(
    shown: &str,
    reading: &incident_report::Reading,
    people: &[crate::config::Person],
    explain: bool,
) -> String {
    let bold = anstyle::Style::new().bold();
    let dim = anstyle::Style::new().dimmed();
    let facts = &reading.report;
    let mut page = format!(
        "{bold}{}{bold:#}  {dim}{shown}, {}{dim:#}\n",
        facts.title.as_deref().unwrap_or("no title"),
        facts.format.as_str()
    );
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            page.push_str(&format!("  {dim}{name:<10}{dim:#} {value}\n"));
        }
    };
    row("incident", facts.incident_date.map(|day| day.to_string()));
    row("began", facts.started_at.map(|moment| moment.to_rfc3339()));
    row("resolved", facts.resolved_at.map(|moment| moment.to_rfc3339()));
    row("duration", facts.duration_minutes.map(|minutes| format!("{minutes} minutes")));
    let severity = intake::severity_of(facts);
    row("severity", (severity != Severity::Unknown).then(|| severity.to_string()));
    row("reported", facts.report_date.map(|day| day.to_string()));
    row("root cause", facts.root_cause.clone());
    for person in intake::people_of(facts, people) {
        let role = person.role.map(|role| format!(", {role}")).unwrap_or_default();
        row("", Some(format!("{}{role}", person.name)));
    }
    page.push('\n');
    for (number, read) in (1..).zip(&reading.actions) {
        let draft = Draft::new(read.clone(), people);
        let mark = match read.done {
            Some(true) => " (already done)",
            Some(false) | None => "",
        };
        page.push_str(&format!("{bold}{number}. {}{bold:#}{mark}\n", read.title));
        if let Some(description) = &read.description {
            page.push_str(&format!("   {description}\n"));
        }
        let mut facts =
            vec![format!("line {}", read.line), draft.category.to_string(), draft.kind.to_string()];
        facts.extend(draft.owner.as_ref().map(|owner| format!("owner {}", owner.name)));
        facts.extend(match (&read.due, &read.due_text) {
            (Some(due), Some(text)) => Some(format!("due {} (“{text}”)", due.date)),
            (None, Some(text)) => Some(format!("due “{text}”, which is no day")),
            (Some(due), None) => Some(format!("due {}", due.date)),
            (None, None) => None,
        });
        facts.extend(draft.priority.map(|priority| format!("{priority} priority")));
        page.push_str(&format!("   {dim}{}{dim:#}\n", facts.join(" · ")));
        if explain {
            let matched =
                if draft.matched.is_empty() { "no word".to_owned() } else { draft.matched.join(", ") };
            page.push_str(&format!("   {dim}found by rule {}; matched: {matched}{dim:#}\n", read.rule));
        }
    }
    for warning in &reading.warnings {
        let line = warning.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        page.push_str(&format!("\nwarning: {line}{}\n", warning.message));
    }
    page
}
