//! `followup template`: an empty report to fill in.
//!
//! Invariant: needs no configuration, database, or network. What it prints is a file as it is, with nothing around it.

use incident_report::{Format, empty_report};

use super::{
    CliError, Exit,
    args::{Form, Template},
    output::Output,
};

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Markdown => Self::Markdown,
            Form::Text => Self::Plain,
            Form::Html => Self::Html,
            Form::Rst => Self::Rst,
            Form::AsciiDoc => Self::AsciiDoc,
            Form::MediaWiki => Self::MediaWiki,
            Form::Yaml => Self::Yaml,
            Form::Json => Self::Json,
        }
    }
}

pub(super) fn run(command: &Template, output: &Output) -> Result<Exit, CliError> {
    let form = empty_report(command.form.into())
        .ok_or_else(|| CliError::bug("there is no empty report in this format"))?;
    output.text(form)?;
    Ok(Exit::Fine)
}
