//! The command line: one file per command.
//!
//! Invariants: standard output is data, standard error is talk. Every failure is one sentence that names the thing, one
//! that says what to do next, and a documented exit code; with `--format json` it is a JSON document as well.

mod app;
mod args;
mod audit;
mod category;
mod completions;
mod conflicts;
mod credentials;
mod demo;
mod disclose;
mod doctor;
mod edit;
mod error;
mod evidence;
mod exit;
mod explain;
mod extract;
mod history;
mod import;
mod init;
mod life;
mod link;
mod list;
mod output;
mod overdue;
mod progress;
mod report;
mod reshape;
mod review;
mod show;
mod source;
mod summary;
mod table;
mod template;
mod tick;
mod webhook;
mod when;

use std::{ffi::OsString, panic::AssertUnwindSafe, process::ExitCode};

use clap::{CommandFactory, Parser, error::ErrorKind};

use self::{
    app::App,
    args::{Cli, Command, Webhook},
    output::Output,
};
pub use self::{error::CliError, exit::Exit};
use crate::action::ReportId;

/// Runs the program with `arguments`, of which the first is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, &arguments),
    };
    crate::telemetry::start(cli.global.verbose, cli.global.quiet);
    let output = Output::new(cli.global.color, cli.command.wants_json(), cli.global.quiet);
    // Commands wait for one thing at a time; one thread starts faster than many.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&CliError::bug(format!("cannot start: {error}"))),
    };
    match caught(|| runtime.block_on(dispatch(cli, &output))) {
        Ok(exit) => exit.into(),
        Err(error) => output.fail(&error),
    }
}

/// Makes a failure of a panic, so that it ends with a documented code and, for programs, a document.
fn caught(work: impl FnOnce() -> Result<Exit, CliError>) -> Result<Exit, CliError> {
    // Nothing of what a panic left half done is used again: the program ends.
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(CliError::bug(format!("followup stopped: {}", text.unwrap_or("it does not know why"))))
    })
}

async fn dispatch(cli: Cli, output: &Output) -> Result<Exit, CliError> {
    match cli.command {
        Command::Completions(command) => return completions::run(&command, output),
        Command::Man => return completions::man(output),
        Command::Template(command) => return template::run(&command, output),
        Command::Demo(command) => return demo::run(&command, output).await,
        _ => {}
    }
    let app = match &cli.command {
        Command::Init(_) => App::for_init(cli.global)?,
        _ => App::new(cli.global)?,
    };
    let result = carry_out(&app, cli.command, output).await.map_err(|error| app.naming_the_database(error));
    app.close().await;
    result
}

async fn carry_out(app: &App, command: Command, output: &Output) -> Result<Exit, CliError> {
    match command {
        Command::Init(command) => init::run(app, command, output).await,
        Command::Extract(command) => extract::run(app, &command, output).await,
        Command::Import(command) => import::run(app, command, output).await,
        Command::Review(command) => review::run(app, &command, output).await,
        Command::Accept(command) => life::accept(app, &command, output).await,
        Command::Decline(command) => life::decline(app, &command, output).await,
        Command::Assign(command) => life::assign(app, &command, output).await,
        Command::Due(command) => life::due(app, &command, output).await,
        Command::Edit(command) => edit::run(app, &command, output).await,
        Command::Link(command) => link::link(app, &command, output).await,
        Command::Unlink(command) => link::unlink(app, &command, output).await,
        Command::Start(command) => life::start(app, &command, output).await,
        Command::Block(command) => life::block(app, &command, output).await,
        Command::Unblock(command) => life::unblock(app, &command, output).await,
        Command::Done(command) => life::done(app, &command, output).await,
        Command::Evidence(args::Evidence::Add(command)) => evidence::add(app, &command, output).await,
        Command::Verify(command) => life::verify(app, &command, output).await,
        Command::Reject(command) => life::reject(app, &command, output).await,
        Command::Waive(command) => life::waive(app, &command, output).await,
        Command::Add(command) => reshape::add(app, &command, output).await,
        Command::Split(command) => reshape::split(app, &command, output).await,
        Command::Merge(command) => reshape::merge(app, &command, output).await,
        Command::Undo(command) => reshape::undo(app, &command, output).await,
        Command::Drop(command) => life::drop_actions(app, &command, output).await,
        Command::Reopen(command) => life::reopen(app, &command, output).await,
        Command::List(command) => list::run(app, &command, output).await,
        Command::Show(command) => show::run(app, &command, output).await,
        Command::Report(command) => report::run(app, &command, output).await,
        Command::Overdue(command) => overdue::run(app, &command, output).await,
        Command::Publish(command) => summary::publish(app, &command, output).await,
        Command::Sync(command) => match &command.command {
            Some(args::SyncCommand::Explain(explain)) => explain::run(app, explain, output).await,
            None => summary::sync(app, &command, output).await,
        },
        Command::Tick(command) => tick::run(app, &command, output).await,
        Command::Disclose(command) => disclose::run(app, &command, output).await,
        Command::Conflicts(command) => conflicts::list(app, &command, output).await,
        Command::Webhook(Webhook::Receive(command)) => webhook::receive(app, &command, output).await,
        Command::Adopt(command) => summary::adopt(app, &command, output).await,
        Command::Resolve(command) => conflicts::resolve(app, &command, output).await,
        Command::Audit(command) => audit::run(app, &command, output).await,
        Command::Doctor(command) => doctor::run(app, &command, output).await,
        Command::Template(_) | Command::Completions(_) | Command::Man | Command::Demo(_) => {
            unreachable!("they were run before")
        }
    }
}

/// Answers arguments that make no sense, or a request for help.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let wants_json = arguments.iter().any(|argument| argument == "--format=json")
        || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    let output = Output::new(args::Color::Auto, wants_json, false);
    if !error.use_stderr() {
        return match output.text(&error.render().ansi().to_string()) {
            Ok(()) => Exit::Fine.into(),
            Err(error) => output.fail(&error),
        };
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !wants_json {
        output.complain(&error.render().ansi().to_string());
        return Exit::Usage.into();
    }
    output.fail(&usage_error(error, arguments))
}

/// What the library says about the arguments, in our form.
fn usage_error(error: &clap::Error, arguments: &[OsString]) -> CliError {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let first = paragraphs.next().unwrap_or_default();
    let tip = paragraphs
        .find_map(|paragraph| paragraph.trim().strip_prefix("tip: "))
        .filter(|tip| !tip.contains("similar") || is_likely(first, tip))
        .map(|tip| match tip.split_once(": ") {
            Some((_, similar)) if tip.contains("similar") => format!("did you mean {similar}?"),
            _ => tip.split_whitespace().collect::<Vec<_>>().join(" "),
        });
    let message = match (error.kind(), std::error::Error::source(error)) {
        // A value that does not parse says itself what it is not.
        (ErrorKind::ValueValidation, Some(source)) => source.to_string(),
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => "a command is missing".to_owned(),
        _ => first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let program = command();
    let named = arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str())
        .find(|argument| program.find_subcommand(argument).is_some());
    let hint = match (hint_of_command(error, named, arguments), tip, named) {
        (Some(hint), _, _) => hint,
        (None, Some(tip), _) => tip,
        (None, None, Some(name)) => format!("`followup {name} --help` shows how it is written"),
        (None, None, None) => "`followup --help` lists every command".to_owned(),
    };
    CliError::usage(message, hint)
}

/// What to write instead, where the command itself tells what was meant.
fn hint_of_command(error: &clap::Error, named: Option<&str>, arguments: &[OsString]) -> Option<String> {
    match (named?, error.kind()) {
        ("show", ErrorKind::ValueValidation) => {
            let words = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
            let report =
                words.filter(|word| word.contains('-')).find_map(|word| word.parse::<ReportId>().ok())?;
            Some(format!("`followup report show {report}` shows a report"))
        }
        ("accept", ErrorKind::MissingRequiredArgument) => {
            Some("name actions, as CA-1, or all of a report: `followup accept --report IR-1`".to_owned())
        }
        _ => None,
    }
}

/// Whether somebody who wrote the word in quotes in `message` can have meant the one in `tip`.
fn is_likely(message: &str, tip: &str) -> bool {
    match (message.split('\'').nth(1), tip.split('\'').nth(1)) {
        (Some(written), Some(meant)) => strsim::jaro_winkler(written, meant) > 0.85,
        _ => false,
    }
}

/// The whole command line, for completions, the manual page, and tests.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_with_a_code() {
        let number: u8 = "256".parse().unwrap_or(0);
        for (error, message) in [
            (caught(|| panic!("there is no moment so late")), "followup stopped: there is no moment so late"),
            (caught(|| panic!("{number} is none")), "followup stopped: 0 is none"),
        ] {
            let error = error.unwrap_err();
            assert_eq!((error.exit, error.code, error.message.as_str()), (Exit::Bug, "bug", message));
            assert!(error.hint.contains("report it"), "{}", error.hint);
        }
    }

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        command().debug_assert();
    }
}
