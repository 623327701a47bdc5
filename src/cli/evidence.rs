//! `followup evidence add`: what shows that an action was done. Needs neither network nor token.

use super::{App, CliError, Exit, args::EvidenceAdd, life, output::Output};
use crate::{
    action::NewEvidence,
    life::add_evidence,
    store::{Access, Evidence},
};

pub(super) async fn add(app: &App, command: &EvidenceAdd, output: &Output) -> Result<Exit, CliError> {
    let read = NewEvidence::at(&command.url)
        .map_err(|error| CliError::usage(error.to_string(), "give an address that an auditor can open"))?;
    let today = app.clocks.today();
    let dated_on = command.date.as_deref().map(|text| life::day(text, today)).transpose()?;
    if let Some(day) = dated_on.filter(|day| *day > today) {
        return Err(CliError::usage(
            format!("the evidence is of {day}, and today is {today}"),
            "give the day on which it was merged, written or run",
        ));
    }
    let note = command.note.as_deref().map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
    let new = NewEvidence { kind: command.kind.unwrap_or(read.kind), dated_on, note, ..read };
    let store = app.store(Access::Write).await?;
    let is_new = add_evidence(&store, &app.stamp(), command.id, &new).await?;
    let all = store.read().await?.evidence_of(command.id).await?;
    let Some(evidence) = all.into_iter().find(|evidence| evidence.url == new.url) else {
        return Err(CliError::bug("the evidence that was added is not there"));
    };
    if output.is_json() {
        output.json(&evidence)?;
    } else {
        output.text(&line(&evidence, is_new))?;
    }
    Ok(Exit::Fine)
}

fn line(evidence: &Evidence, is_new: bool) -> String {
    let day = evidence.dated_on.map(|day| format!(" of {day}")).unwrap_or_default();
    let before = if is_new { "" } else { " (as before)" };
    format!("{}  {}{day}: {}{before}", evidence.action_id, evidence.kind, evidence.url)
}
