//! `followup conflicts` and `followup resolve`: what waits for a person, and what one decided.

use serde::Serialize;

use super::{
    App, CliError, Exit,
    args::{Conflicts, Resolve},
    output::Output,
};
use crate::{
    action::Subject,
    life,
    store::Access,
    sync::{self, Decision, Pending},
};

pub(super) async fn list(app: &App, _command: &Conflicts, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Read).await?;
    let waiting = sync::waiting_for_a_person(&store).await?;
    if output.is_json() {
        output.json(&waiting)?;
    } else if waiting.is_empty() {
        output.text("nothing waits for a person")?;
    } else {
        output.text(&page(&waiting))?;
    }
    Ok(if waiting.is_empty() { Exit::Fine } else { Exit::WaitsForPerson })
}

fn page(waiting: &[Pending]) -> String {
    let lines: Vec<String> = waiting
        .iter()
        .map(|item| {
            let command =
                item.command.as_ref().map(|command| format!("\n          → {command}")).unwrap_or_default();
            format!("{:<9} {}{command}", item.id, item.what)
        })
        .collect();
    lines.join("\n")
}

#[derive(Debug, Serialize)]
struct Settled {
    id: String,
    field: crate::action::ConflictField,
    settled_as: crate::action::Side,
}

pub(super) async fn resolve(app: &App, command: &Resolve, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    let stamp = app.stamp();
    let report = {
        let mut snapshot = store.read().await?;
        let id = match command.id {
            Subject::Action(id) => snapshot.action(id).await?.report_id,
            Subject::Report(id) => id,
        };
        snapshot.report(id).await?
    };
    let policy_due_on = life::policy_due_on(&app.config.policy, &app.clocks, &report, &stamp);
    let decision = Decision { id: command.id, field: command.field, keep: command.keep, policy_due_on };
    let conflict = sync::resolve(&store, &stamp, &app.clocks, decision).await?;
    if output.is_json() {
        let settled = Settled { id: command.id.to_string(), field: conflict.field, settled_as: command.keep };
        output.json(&settled)?;
    } else {
        output.text(&format!("{}  {} settled: {}", command.id, conflict.field, command.keep))?;
        output.talk("next: `followup sync` sends what follows for the issue");
    }
    Ok(Exit::Fine)
}
