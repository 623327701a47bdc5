//! `followup extract`: what would be imported, and why. Reads only.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use super::{App, CliError, Exit, args::Extract, output::Output, report::people_rows, source, table};
use crate::{
    action::Severity,
    intake::{self, Draft},
};

pub(super) fn run(app: &App, command: &Extract, output: &Output) -> Result<Exit, CliError> {
    let read = source::read_all(app, &command.sources)?;
    source::warn(output, &read);
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
    let pages: Vec<String> =
        read.iter().map(|named| page(&named.shown, &named.source.reading, people, command.explain)).collect();
    output.text(&pages.join("\n"))?;
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
                action["why"] = json!(read.why);
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
    let format = match facts.format.as_str() {
        "plain" => "plain text",
        "markdown" => "Markdown",
        other => other,
    };
    let title = facts.title.as_deref().unwrap_or("no title");
    let mut page = format!("{bold}{title}{bold:#}  {dim}{shown}, {format}{dim:#}\n");
    let moment = |moment: DateTime<FixedOffset>| moment.format("%Y-%m-%d %H:%M %:z").to_string();
    let severity = intake::severity_of(facts);
    let mut rows = vec![
        ("incident", facts.incident_date.map(|day| day.to_string())),
        ("began", facts.started_at.map(moment)),
        ("resolved", facts.resolved_at.map(moment)),
        ("duration", facts.duration_minutes.map(|minutes| format!("{minutes} minutes"))),
        ("severity", (severity != Severity::Unknown).then(|| severity.to_string())),
        ("reported", facts.report_date.map(|day| day.to_string())),
        ("root cause", facts.root_cause.clone()),
    ];
    rows.extend(people_rows(&intake::people_of(facts, people)));
    if rows.iter().any(|(_, value)| value.is_some()) {
        page.push_str(&format!("{}\n", table::facts(rows)));
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
            page.push_str(&format!("{}\n", table::paragraph(3, description)));
        }
        let mut facts =
            vec![format!("line {}", read.line), draft.category.to_string(), draft.kind.to_string()];
        facts.extend(draft.owner.as_ref().map(|owner| format!("owner {}", owner.name)));
        facts.extend(match (&read.due, &read.due_text) {
            (Some(due), Some(text)) if due.date.to_string() != *text => {
                Some(format!("due {} (“{text}”)", due.date))
            }
            (None, Some(text)) => Some(format!("due “{text}”, which is no day")),
            (Some(due), _) => Some(format!("due {}", due.date)),
            (None, None) => None,
        });
        facts.extend(draft.priority.map(|priority| format!("{priority} priority")));
        page.push_str(&format!("{dim}{}{dim:#}\n", table::paragraph(3, &facts.join(" · "))));
        if explain {
            let matched =
                if draft.matched.is_empty() { "no word".to_owned() } else { draft.matched.join(", ") };
            let why = format!("{}; words that decided: {matched}", read.why);
            page.push_str(&format!("{dim}{}{dim:#}\n", table::paragraph(3, &why)));
        }
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}
