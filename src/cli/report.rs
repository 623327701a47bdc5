//! `followup report list` and `followup report show`.

use serde_json::json;

use super::{App, CliError, Exit, args::Report, output::Output, table};
use crate::{
    action::{Person, ReportId},
    store::Access,
    view,
};

pub(super) async fn run(app: &App, command: &Report, output: &Output) -> Result<Exit, CliError> {
    match command {
        Report::List { .. } => list(app, output).await,
        Report::Show { id, .. } => show(app, *id, output).await,
    }
}

async fn list(app: &App, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Read).await?;
    let reports = store.read().await?.reports().await?;
    if output.is_json() {
        output.json(&reports)?;
    } else if reports.is_empty() {
        output.talk("there is no report yet; `followup import REPORT` brings one in");
    } else {
        let rows = reports.into_iter().map(|report| {
            let date = report.incident_date.or(report.report_date);
            vec![
                report.id.to_string(),
                date.map_or("–".to_owned(), |date| date.to_string()),
                report.severity.to_string(),
                report.title,
            ]
        });
        output.text(&table::plain(["id", "incident", "severity", "title"], rows))?;
    }
    Ok(Exit::Fine)
}

async fn show(app: &App, id: ReportId, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Read).await?;
    let mut snapshot = store.read().await?;
    let report = snapshot.report(id).await?;
    let people = snapshot.people_of(id).await?;
    let mut listed = snapshot.list().await?;
    listed.retain(|action| action.report_id == id);
    let views = view::views(listed, &app.clocks, app.clocks.today());
    if output.is_json() {
        output.json(&json!({ "report": report, "people": people, "actions": views }))?;
        return Ok(Exit::Fine);
    }
    let configured = app.config.github.repo.as_ref();
    let bold = anstyle::Style::new().bold();
    let revision =
        if report.revision > 1 { format!(", revision {}", report.revision) } else { String::new() };
    let mut rows = vec![
        ("source", Some(format!("{}{revision}", report.source))),
        ("incident", report.incident_date.map(|day| day.to_string())),
        ("resolved", report.resolved_at.map(|moment| moment.format("%Y-%m-%d %H:%M UTC").to_string())),
        ("duration", report.duration_minutes.map(|minutes| format!("{minutes} minutes"))),
        ("severity", Some(report.severity.to_string())),
        ("published to", report.repo.or_else(|| configured.map(|repo| format!("{repo}, as configured")))),
        ("reported", report.report_date.map(|day| day.to_string())),
        ("root cause", report.root_cause),
    ];
    rows.extend(people_rows(&people));
    output.text(&format!("{bold}{} {}{bold:#}\n{}\n\n", report.id, report.title, table::facts(rows)))?;
    table::print(output, super::args::ListFormat::Human, &[(None, views)], "it asks for no action")?;
    Ok(Exit::Fine)
}

/// The people of a report, one a row.
pub(super) fn people_rows(people: &[Person]) -> Vec<(&'static str, Option<String>)> {
    let told = |person: &Person| {
        let login = person.login.as_deref().map(|login| format!(" ({login})")).unwrap_or_default();
        let role = person.role.as_deref().map(|role| format!(", {role}")).unwrap_or_default();
        format!("{}{login}{role}", person.name)
    };
    people
        .iter()
        .zip(["people"].into_iter().chain(std::iter::repeat("")))
        .map(|(person, name)| (name, Some(told(person))))
        .collect()
}
