//! `followup completions` and `followup man`.

use super::{CliError, Exit, args::Completions, output::Output};

pub(super) fn run(command: &Completions, output: &Output) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut super::command(), "followup", &mut script);
    output.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}

pub(super) fn man(output: &Output) -> Result<Exit, CliError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(super::command())
        .render(&mut page)
        .map_err(|error| CliError::bug(format!("cannot write the manual page: {error}")))?;
    output.text(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Fine)
}
