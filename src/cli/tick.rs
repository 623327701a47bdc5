//! `followup tick`: what follows from the day alone, for people who use cron. Needs neither network nor token.

use super::{App, CliError, Exit, args::Tick, output::Output, table};
use crate::{
    action::Deadline,
    life::{self, Ticked},
    store::{Access, Store},
};

pub(super) async fn run(app: &App, command: &Tick, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    let ticked = life::tick(&store, &app.stamp(), &app.clocks, command.dry_run).await?;
    if output.is_json() {
        output.json(&ticked)?;
    } else if ticked.is_empty() {
        output.talk("nothing is due");
    } else {
        output.text(&page(&ticked))?;
    }
    Ok(Exit::Fine)
}

/// What a command does before its own work, and says to people.
pub(super) async fn first(app: &App, store: &Store, output: &Output) -> Result<(), CliError> {
    let ticked = life::tick(store, &app.stamp(), &app.clocks, false).await?;
    for id in &ticked.waivers_ended {
        output.talk(&format!("note: {id} is open again: its waiver ended"));
    }
    if !ticked.breaches.is_empty() {
        let missed = table::count(ticked.breaches.len(), "missed deadline");
        output.talk(&format!("note: {missed} written down; `followup overdue` lists what is late"));
    }
    Ok(())
}

fn page(ticked: &Ticked) -> String {
    let ended = ticked.waivers_ended.iter().map(|id| format!("{id}  the waiver ended; it is open again"));
    let missed = ticked.breaches.iter().map(|missed| {
        let what = match missed.deadline {
            Deadline::Assign => "had no owner by",
            Deadline::Complete => "was not complete by",
        };
        format!("{}  {what} {}, written down", missed.id, missed.due_on)
    });
    ended.chain(missed).collect::<Vec<_>>().join("\n")
}
