//! `followup tick`: what follows from the day alone, for people who use cron. Needs neither network nor token.

use super::{App, CliError, Exit, args::Tick, output::Output};
use crate::{
    life::{self, Ticked},
    store::Access,
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

fn page(ticked: &Ticked) -> String {
    let ended = ticked.waivers_ended.iter().map(|id| format!("{id}  the waiver ended; it is open again"));
    let missed = ticked.breaches.iter().map(|missed| {
        let what = match missed.deadline {
            crate::action::Deadline::Assign => "had no owner by",
            crate::action::Deadline::Complete => "was not complete by",
        };
        format!("{}  {what} {}, written down", missed.id, missed.due_on)
    });
    ended.chain(missed).collect::<Vec<_>>().join("\n")
}
