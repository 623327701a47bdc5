//! Printing: data to standard output, talk to standard error.
//!
//! A reader that goes away (`followup list | head`) is no failure: the program ends quietly.

use std::{
    borrow::Cow,
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
        let text = &*for_screen(text, io::stdout().is_terminal());
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
        let text = for_screen(text, io::stderr().is_terminal());
        let mut stderr = AutoStream::new(io::stderr(), self.color).lock();
        // There is nowhere left to say that this failed.
        drop(writeln!(stderr, "{}", text.trim_end()));
    }

    /// Asks a person, and gives the line that they answer, without the space around it; nothing when there are no more.
    pub(super) fn ask(&self, question: &str) -> Result<Option<String>, CliError> {
        let mut stderr = AutoStream::new(io::stderr(), self.color).lock();
        // Somebody who cannot see the question can still answer.
        drop(write!(stderr, "{question}").and_then(|()| stderr.flush()));
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map_err(|error| {
            CliError::bad_input(format!("cannot read the answer: {error}"), "answer in UTF-8, a line each")
        })?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }

    /// Ends with a failure.
    pub(super) fn fail(&self, error: &CliError) -> ExitCode {
        if error.message.is_empty() {
            return error.exit.into();
        }
        if self.is_json {
            let told = |error: &CliError| serde_json::json!({ "code": error.code, "message": error.message, "hint": error.hint });
            let mut failure = told(error);
            if !error.parts.is_empty() {
                failure["parts"] = error.parts.iter().map(told).collect();
            }
            let mut document = serde_json::json!({ "error": failure });
            if !error.actions.is_empty() {
                document["actions"] = serde_json::json!(error.actions);
            }
            // The exit code still tells, should this fail.
            drop(self.json(&document));
        }
        let bold = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
        let dim = anstyle::Style::new().dimmed();
        for part in &error.parts {
            self.complain(&format!("{bold}error:{bold:#} {}\n{dim}  → {}{dim:#}", part.message, part.hint));
        }
        // What was told part by part is not told again.
        let message = match error.parts.len() {
            0 => &error.message,
            _ => error.message.split(": ").next().unwrap_or(&error.message),
        };
        self.complain(&format!("{bold}error:{bold:#} {message}\n{dim}  → {}{dim:#}", error.hint));
        error.exit.into()
    }
}

/// Text that cannot move the cursor, name the window, or hide what it says: reports and issues are written by anybody.
/// Line ends, tabs and colours stay; files and pipes get every byte.
fn for_screen(text: &str, is_screen: bool) -> Cow<'_, str> {
    let is_harmful = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !is_screen || !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_harmful) {
        safe.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match colour(rest) {
            Some(length) => {
                safe.push_str(&rest[..length]);
                length
            }
            None => {
                safe.push('\u{fffd}');
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
        rest = &rest[taken..];
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

/// The length of the escape sequence for a colour that a text begins with (ECMA-48, 8.3.117: SGR).
fn colour(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}[")?;
    let length = body.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':')).count();
    body[length..].starts_with('m').then_some(2 + length + 1)
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
            parts: Vec::new(),
            actions: Vec::new(),
        }),
        Err(error) => Err(CliError::configuration(
            format!("cannot write to standard output: {error}"),
            "check where it goes: a full disk, or a closed file",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_play_with_the_screen() {
        for (text, shown) in [
            ("\u{1b}[1mbold\u{1b}[0m\tand\n", "\u{1b}[1mbold\u{1b}[0m\tand\n"),
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\u{1b}]0;title\u{7}b", "a\u{fffd}]0;title\u{fffd}b"),
            ("one\rtwo\u{9b}2J", "one\u{fffd}two\u{fffd}2J"),
            ("file\u{202e}dm.exe", "file\u{fffd}dm.exe"),
        ] {
            assert_eq!(for_screen(text, true), shown);
            assert_eq!(for_screen(text, false), text);
        }
    }
}
