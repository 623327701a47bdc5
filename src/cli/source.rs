//! Reading the sources that a command names, and saying what became of them.
//!
//! Invariant: every source is read before anything is done with any of them, so one that cannot be read changes nothing;
//! and all that cannot be read are told at once.

use incident_report::DEFAULT_MAX_BYTES;

use super::{App, CliError, Exit, args::From, output::Output};
use crate::source::{Fetched, SourceError, Sources, WebSettings};

/// Reads all that is named, and says what the reader was not sure of; programs find the same in the JSON.
pub(super) async fn read_all(app: &App, from: &From, output: &Output) -> Result<Vec<Fetched>, CliError> {
    let config = &app.config;
    let token_of = |api_url: &str| app.token_for(api_url);
    let sources = Sources {
        here: app.folder.clone(),
        format: from.read_as,
        timezone: config.timezone,
        web: WebSettings {
            allowed: config.sources.allow_private.clone(),
            timeout: config.sources.timeout,
            max_bytes: DEFAULT_MAX_BYTES,
        },
        api_url: config.github.api_url.clone(),
        request_timeout: config.sync.request_timeout,
        token_of: &token_of,
    };
    let outcome = sources.read_all(&from.sources).await;
    for note in &outcome.notes {
        output.talk(&format!("note: {note}"));
    }
    if !outcome.failures.is_empty() {
        return Err(refusal(outcome.failures, outcome.read.len()));
    }
    for fetched in &outcome.read {
        for warning in &fetched.source.reading.warnings {
            let shown = if fetched.shown == "-" { "standard input" } else { &fetched.shown };
            let line = warning.line.map(|line| format!(", line {line}")).unwrap_or_default();
            output.talk(&format!("warning: {shown}{line}: {}", warning.message));
        }
    }
    Ok(outcome.read)
}

/// One failure for all that failed.
fn refusal(failures: Vec<SourceError>, read: usize) -> CliError {
    let mut failures: Vec<CliError> = failures.into_iter().map(CliError::from).collect();
    if failures.len() == 1 {
        return failures.remove(0);
    }
    let all = failures.len() + read;
    let is_tracker = failures.iter().all(|failure| failure.exit == Exit::Tracker);
    let told = failures.iter().map(|failure| failure.message.as_str()).collect::<Vec<_>>().join("; ");
    CliError {
        exit: if is_tracker { Exit::Tracker } else { Exit::BadInput },
        code: if is_tracker { failures[0].code } else { "bad_input" },
        message: format!("{} of {all} sources cannot be read: {told}", failures.len()),
        hint: "nothing was done; correct them or leave them out, and run the command again".to_owned(),
        parts: failures,
    }
}
