//! `followup audit`: what happened, whether the history holds, and where it ends. Needs neither network nor token.

mod log;
mod verify;

use super::{App, CliError, Exit, args::Audit, output::Output};

pub(super) async fn run(app: &App, command: &Audit, output: &Output) -> Result<Exit, CliError> {
    match command {
        Audit::Log(command) => log::run(app, command, output).await,
        Audit::Verify(command) => verify::verify(app, command, output).await,
        Audit::Checkpoint { .. } => verify::checkpoint(app, output).await,
    }
}
