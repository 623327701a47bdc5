//! Printing: data to standard output, talk to standard error.
//!
//! A reader that goes away (`followup list | head`) is no failure: the program ends quietly.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use super::{CliError, Exit, args::Color};

/// Where a command prints to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    color: ColorChoice,
    is_json: bool,
    is_quiet: bool,
    is_silent: bool,
}

impl Output {
    pub(super) fn new(color: Color, is_json: bool, is_quiet: bool) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { color, is_json, is_quiet, is_silent: false }
    }

    /// The same, for a command that prints for people or not at all.
    pub(super) fn for_people(self) -> Self {
        Self { is_json: false, is_silent: self.is_json, ..self }
    }

    /// Whether the data goes to a program.
    pub(super) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Prints text as data; colours in it are left out where nobody sees them.
    pub(super) fn text(&self, text: &str) -> Result<(), CliError> {
        if self.is_silent {
            return Ok(());
        }
        let mut stdout = AutoStream::new(io::stdout(), self.color).lock();
        written(
            write!(stdout, "{text}")
                .and_then(|()| if text.ends_with('\n') { Ok(()) } else { writeln!(stdout) }),
        )?;
        written(stdout.flush())
    }

    /// Prints one JSON document as data.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<(), CliError> {
        let mut stdout = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let result = if io::stdout().is_terminal() {
            serde_json::to_writer_pretty(&mut stdout, value)
        } else {
            serde_json::to_writer(&mut stdout, value)
        };
        written(result.map_err(io::Error::from))?;
        written(writeln!(stdout))?;
        written(stdout.flush())
    }

    /// Says something to a person who did not ask for quiet.
    pub(super) fn talk(&self, text: &str) {
        if !self.is_silent && !self.is_quiet {
            self.complain(text);
        }
    }

    /// Says something to a person in any case.
    pub(super) fn complain(&self, text: &str) {
        let mut stderr = AutoStream::new(io::stderr(), self.color).lock();
        // There is nowhere left to say that this failed.
        drop(writeln!(stderr, "{}", text.trim_end()));
    }

    /// Ends with a failure.
    pub(super) fn fail(&self, error: &CliError) -> ExitCode {
        if error.message.is_empty() {
            return error.exit.into();
        }
        if self.is_json {
            let document = serde_json::json!({
                "error": { "code": error.code, "message": error.message, "hint": error.hint }
            });
            // The exit code still tells, should this fail.
            drop(self.json(&document));
        }
        let bold = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
        let dim = anstyle::Style::new().dimmed();
        self.complain(&format!("{bold}error:{bold:#} {}\n{dim}  → {}{dim:#}", error.message, error.hint));
        error.exit.into()
    }
}

/// A reader that went away ends the program quietly; anything else that cannot be written is a failure.
fn written(result: io::Result<()>) -> Result<(), CliError> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(CliError {
            exit: Exit::Fine,
            code: "broken_pipe",
            message: String::new(),
            hint: String::new(),
        }),
        Err(error) => Err(CliError::configuration(
            format!("cannot write to standard output: {error}"),
            "check where it goes: a full disk, or a closed file",
        )),
    }
}
