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
    let credentials_of = |api_url: &str| {
        app.credentials(api_url)
            .map_err(|error| SourceError::Credentials { message: error.message, hint: error.hint })
    };
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
        credentials_of: &credentials_of,
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

/// Leaves out what is no report yet: a template without a single action. One that was named, and not found in a folder, is
/// refused, as is a folder of nothing else.
pub(super) fn filled_in(
    app: &App,
    from: &From,
    read: Vec<Fetched>,
    output: &Output,
) -> Result<Vec<Fetched>, CliError> {
    let all = read.len();
    let (templates, reports): (Vec<_>, Vec<_>) =
        read.into_iter().partition(|fetched| unfilled(fetched).is_some());
    let place = |name: &str| app.folder.join(name).canonicalize().ok();
    let typed: Vec<_> = from.sources.iter().filter_map(|name| place(name)).collect();
    let was_found = |fetched: &Fetched| {
        !from.sources.contains(&fetched.shown)
            && place(&fetched.source.name).is_some_and(|file| !typed.contains(&file))
    };
    if !reports.is_empty() && templates.iter().all(was_found) {
        for template in &templates {
            output.talk(&format!(
                "note: {} is left out: it is a template that is not filled in",
                template.shown
            ));
        }
        return Ok(reports);
    }
    let mut failures: Vec<CliError> = templates
        .iter()
        .map(|template| {
            let shown = if template.shown == "-" { "standard input" } else { &template.shown };
            CliError::bad_input(
                format!("{shown}: {}; there is no action in it", unfilled(template).unwrap_or_default()),
                "fill it in and import it again; `followup extract` shows what is read",
            )
        })
        .collect();
    match failures.len() {
        0 => Ok(reports),
        1 => Err(failures.remove(0)),
        _ => Err(summed_up(failures, all)),
    }
}

/// What the reader says of a template without an action.
fn unfilled(fetched: &Fetched) -> Option<&str> {
    let reading = &fetched.source.reading;
    let mut warnings = reading.warnings.iter().filter(|_| reading.actions.is_empty());
    warnings.find(|warning| warning.code == "template-not-filled").map(|warning| warning.message.as_str())
}

/// One failure for all that failed.
fn refusal(failures: Vec<SourceError>, read: usize) -> CliError {
    let mut failures: Vec<CliError> = failures.into_iter().map(CliError::from).collect();
    if failures.len() == 1 {
        return failures.remove(0);
    }
    let all = failures.len() + read;
    summed_up(failures, all)
}

/// One failure for several, of `all` sources.
fn summed_up(failures: Vec<CliError>, all: usize) -> CliError {
    let is_tracker = failures.iter().all(|failure| failure.exit == Exit::Tracker);
    let told = failures.iter().map(|failure| failure.message.as_str()).collect::<Vec<_>>().join("; ");
    CliError {
        exit: if is_tracker { Exit::Tracker } else { Exit::BadInput },
        code: if is_tracker { failures[0].code } else { "bad_input" },
        message: format!("{} of {all} sources cannot be read: {told}", failures.len()),
        hint: "nothing was done; correct them or leave them out, and run the command again".to_owned(),
        parts: failures,
        actions: Vec::new(),
    }
}
