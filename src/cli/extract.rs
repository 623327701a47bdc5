//! `followup extract`: what would be imported, and why. Reads only.

mod found;
mod in_place;
mod list;

use std::io::IsTerminal;

use serde_json::{Value, json};

use super::{
    App, CliError, Exit,
    args::{Extract, View},
    output::Output,
    source,
};
use crate::intake::{self, Draft, Team};

pub(super) async fn run(app: &App, command: &Extract, output: &Output) -> Result<Exit, CliError> {
    let read = source::read_all(app, &command.from, output).await?;
    let team = Team::of(&app.config);
    if output.is_json() {
        let mut documents = Vec::with_capacity(read.len());
        for named in &read {
            documents.push(document(&named.shown, &named.source.reading, &team, command.explain)?);
        }
        match documents.as_slice() {
            [one] => output.json(one)?,
            several => output.json(&several)?,
        }
        return Ok(Exit::Fine);
    }
    let view =
        command.view.unwrap_or(if std::io::stdout().is_terminal() { View::Report } else { View::Actions });
    let pages: Vec<String> = read
        .iter()
        .map(|named| {
            let found = found::Found {
                shown: &named.shown,
                reading: &named.source.reading,
                team: &team,
                explain: command.explain,
            };
            match view {
                View::Report => in_place::page(&found, &named.text),
                View::Actions => list::page(&found),
            }
        })
        .collect();
    output.text(&pages.join("\n"))?;
    Ok(Exit::Fine)
}

fn document(
    shown: &str,
    reading: &incident_report::Reading,
    team: &Team,
    explain: bool,
) -> Result<Value, CliError> {
    let mut report = serde_json::to_value(&reading.report)
        .map_err(|error| CliError::bug(format!("cannot write JSON: {error}")))?;
    report["severity"] = json!(intake::severity_of(&reading.report));
    report["source"] = json!(shown);
    report["people"] = json!(intake::people_of(&reading.report, &team.people));
    let actions: Vec<Value> = reading
        .actions
        .iter()
        .map(|read| {
            let draft = Draft::new(read.clone(), team);
            let mut action = json!({
                "text": read.text,
                "title": read.title,
                "description": draft.read.description,
                "section": read.section,
                "line": read.line,
                "quote": read.quote,
                "owner_text": read.owner_text,
                "owner_name": read.owner_name,
                "owner": draft.owner.as_ref().map(|owner| owner.name.clone()),
                "due_text": read.due_text,
                "due_on": read.due.as_ref().map(|due| due.date),
                "done": read.done,
                "priority_text": read.priority_text,
                "priority": draft.priority,
                "kind": draft.kind,
                "category": draft.category,
                "links": read.links,
                "issue_refs": read.issue_refs,
                "tracked_in": read.tracked_in,
                "success_criteria": read.success_criteria,
            });
            if explain {
                action["rule"] = json!(read.rule);
                action["why"] = json!(read.why);
                action["matched"] = json!(draft.matched);
            }
            action
        })
        .collect();
    let mut document = json!({ "report": report, "actions": actions, "warnings": reading.warnings });
    if explain {
        document["near_misses"] = reading
            .near_misses
            .iter()
            .map(|miss| {
                json!({
                    "text": miss.text,
                    "section": miss.section,
                    "line": miss.line,
                    "rule": miss.rule,
                    "why": miss.why(),
                })
            })
            .collect();
    }
    Ok(document)
}
