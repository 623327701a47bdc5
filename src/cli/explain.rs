//! `followup sync explain`: how an action and its issue stand to each other, and what happens next. Offline.

use super::{App, CliError, Exit, args::Explain, output::Output, table};
use crate::{
    store::Access,
    sync::{Becomes, Compared, Explanation, Queued},
};

pub(super) async fn run(app: &App, command: &Explain, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Read).await?;
    let explained = app.engine(&store).await?.explain(command.id).await?;
    if output.is_json() {
        output.json(&explained)?;
    } else {
        let pages: Vec<String> = explained.iter().map(page).collect();
        output.text(&pages.join("\n"))?;
    }
    Ok(Exit::Fine)
}

fn page(explained: &Explanation) -> String {
    let bold = anstyle::Style::new().bold();
    let dim = anstyle::Style::new().dimmed();
    let issue = explained.issue.as_ref().map(|issue| {
        let state = explained.issue_state.as_deref().map(|state| format!(" ({state})")).unwrap_or_default();
        let place = format!("{}#{}", issue.repo, issue.number.unwrap_or_default());
        format!("{}{state}", issue.url.as_ref().unwrap_or(&place))
    });
    let mut facts = vec![("action", explained.state.map(|state| state.to_string())), ("issue", issue)];
    facts.extend(explained.fields.iter().map(|field| (field.field, Some(compared(field)))));
    let mut page = format!("{bold}{} {}{bold:#}\n", explained.id, explained.title);
    if facts.iter().any(|(_, value)| value.is_some()) {
        page.push_str(&format!("{}\n", table::facts(facts)));
    }
    if !explained.findings.is_empty() {
        page.push_str(&format!("\n{bold}Not for everybody{bold:#}\n"));
    }
    for finding in &explained.findings {
        let becomes = match finding.becomes {
            Becomes::Stops => "a person decides",
            Becomes::Redacted => "redacted in the issue",
            Becomes::AsWritten => "published as written",
        };
        page.push_str(&format!("  {}: {}; {becomes}\n", finding.place, finding.what));
    }
    if !explained.queue.is_empty() {
        page.push_str(&format!("\n{bold}Sent, and to be sent{bold:#}\n"));
    }
    for row in &explained.queue {
        page.push_str(&format!("  {:<7} {:<11} {}\n", row.kind, row.state, attempts(row)));
    }
    if !explained.history.is_empty() {
        page.push_str(&format!("\n{bold}Between both sides{bold:#}\n"));
    }
    for event in &explained.history {
        let time = event.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        page.push_str(&format!("  {dim}{time}{dim:#} {:<16} by {}\n", event.kind, event.actor));
    }
    page.push_str(&format!("\n{bold}Next{bold:#}\n"));
    for item in &explained.needs_human {
        page.push_str(&format!("{}\n", table::paragraph(2, &format!("a person decides: {}", item.what))));
        page.push_str(&item.command.as_ref().map(|command| format!("  → {command}\n")).unwrap_or_default());
    }
    for what in &explained.next {
        page.push_str(&format!("{}\n", table::paragraph(2, what)));
    }
    if let Some(command) = explained.command.as_ref().filter(|_| explained.needs_human.is_empty()) {
        page.push_str(&format!("  → {command}\n"));
    }
    page
}

fn compared(field: &Compared) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "nobody".to_owned());
    let (ours, agreed) = (text(&field.ours), text(&field.agreed));
    match (field.is_to_be_sent, ours == agreed) {
        (true, _) => format!("{ours} (to be sent; the issue showed {agreed})"),
        (false, true) => format!("{ours} (in step)"),
        (false, false) => format!("{ours} (the issue shows {agreed}, and keeps it)"),
    }
}

fn attempts(row: &Queued) -> String {
    let first = row.first_sent_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    let mut parts = vec![match (row.attempts, first) {
        (0, _) => "not sent yet".to_owned(),
        (1, Some(at)) => format!("sent at {at}"),
        (number, Some(at)) => format!("sent {number} times, first at {at}"),
        (number, None) => format!("sent {number} times"),
    }];
    parts.extend(row.request_id.as_ref().map(|id| format!("request {id}")));
    parts.extend(row.why.clone());
    parts.join("; ")
}
