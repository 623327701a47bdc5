//! `followup report list` and `followup report show`.

use serde_json::json;

use super::{App, CliError, Exit, args::Report, output::Output, table};
use crate::{action::ReportId, store::Access, view};

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
        output.talk("there is no report; `followup import SOURCE` brings one in");
    } else {
        let rows = reports.into_iter().map(|report| {
            let date = report.incident_date.or(report.report_date);
            [
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
    let views = view::views(&mut snapshot, listed, &app.clocks, app.clocks.today()).await?;
    if output.is_json() {
        output.json(&json!({ "report": report, "people": people, "actions": views }))?;
        return Ok(Exit::Fine);
    }
    let bold = anstyle::Style::new().bold();
    let dim = anstyle::Style::new().dimmed();
    let mut page = format!("{bold}{} {}{bold:#}\n", report.id, report.title);
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            page.push_str(&format!("  {dim}{name:<10}{dim:#} {value}\n"));
        }
    };
    row("source", Some(format!("{} (revision {})", report.source, report.revision)));
    row("incident", report.incident_date.map(|date| date.to_string()));
    row("duration", report.duration_minutes.map(|minutes| format!("{minutes} minutes")));
    row("severity", Some(report.severity.to_string()));
    row("reported", report.report_date.map(|date| date.to_string()));
    row("root cause", report.root_cause);
    for person in people {
        let role = person.role.map(|role| format!(", {role}")).unwrap_or_default();
        row("", Some(format!("{}{role}", person.name)));
    }
    output.text(&page)?;
    table::print(output, super::args::ListFormat::Human, &[(None, views)], "it asks for no action")?;
    Ok(Exit::Fine)
}
