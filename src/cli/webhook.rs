//! `followup webhook receive`: one delivery, as a server or GitHub Actions hands it over.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use secrecy::SecretString;

use super::{App, CliError, Exit, app::variable, args::Receive, output::Output};
use crate::{
    store::Access,
    tracker::github,
    webhook::{Delivery, Inbox, MAX_BYTES, Proof, Receipt, ReceiveError},
};

/// The secret of the webhook, and the one that it had before.
const SECRETS: [&str; 2] = ["FOLLOWUP_WEBHOOK_SECRET", "FOLLOWUP_WEBHOOK_SECRET_PREVIOUS"];

pub(super) async fn receive(app: &App, command: &Receive, output: &Output) -> Result<Exit, CliError> {
    let in_actions = |name: &str| if command.trusted { variable(name) } else { None };
    let event = command.event.clone().or_else(|| in_actions("GITHUB_EVENT_NAME"));
    let Some(event) = event else {
        return Err(CliError::usage(
            "which event is it?",
            "pass on the header X-GitHub-Event as --event; in GitHub Actions say --trusted",
        ));
    };
    let guid = command.delivery.clone().or_else(|| run_of_actions(in_actions));
    let file = command.file.clone().or_else(|| in_actions("GITHUB_EVENT_PATH").map(PathBuf::from));
    let body = read(file.as_deref())?;
    let store = app.store(Access::Write).await?;
    let secrets = SECRETS.iter().filter_map(|name| variable(name)).map(SecretString::from).collect();
    let host = github::host_of(app.config.github.api_url.trim_end_matches('/'));
    let inbox = Inbox::new(store, github::NAME, host, secrets);
    let delivery = Delivery {
        body: &body,
        event: Some(&event),
        guid: guid.as_deref(),
        content_type: command.content_type.as_deref(),
    };
    let proof = if command.trusted { Proof::Trusted } else { Proof::Signature(command.signature.as_deref()) };
    let receipt = inbox.receive(&app.stamp(), &delivery, proof).await?;
    if output.is_json() {
        output.json(&receipt)?;
        return Ok(Exit::Fine);
    }
    output.text(&page(&receipt))?;
    if !receipt.is_understood {
        output.talk("note: its body is no JSON, so nobody knows what it names; the next `followup sync` looks at every issue");
    }
    if !receipt.hinted.is_empty() {
        output.talk("next: `followup sync --hinted` looks at them, `followup sync` at every issue");
    }
    Ok(Exit::Fine)
}

/// GitHub Actions hands no delivery number over; a run has one, and another attempt of it is meant.
fn run_of_actions(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let run = variable("GITHUB_RUN_ID")?;
    let attempt = variable("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
    Some(format!("run-{run}-{attempt}"))
}

fn read(file: Option<&Path>) -> Result<Vec<u8>, CliError> {
    if file.is_none() && io::stdin().is_terminal() {
        return Err(CliError::usage(
            "there is no delivery on standard input",
            "send its body there (`followup webhook receive … < body.json`), or name a file with --file",
        ));
    }
    let unreadable = |error: io::Error| match file {
        Some(file) => CliError::bad_input(
            format!("cannot read {}: {error}", file.display()),
            "name the file that holds the body of the delivery",
        ),
        None => CliError::bad_input(
            format!("cannot read standard input: {error}"),
            "send the body of the delivery there",
        ),
    };
    let source: Box<dyn Read> = match file {
        Some(file) => Box::new(File::open(file).map_err(unreadable)?),
        None => Box::new(io::stdin().lock()),
    };
    let mut body = Vec::new();
    // One byte more tells that it is too long.
    source.take(MAX_BYTES as u64 + 1).read_to_end(&mut body).map_err(unreadable)?;
    Ok(body)
}

fn page(receipt: &Receipt) -> String {
    let what = match &receipt.action {
        Some(action) => format!("{} {action}", receipt.event),
        None => receipt.event.clone(),
    };
    let follows = match (receipt.is_repeated, receipt.event.as_str(), receipt.hinted.as_slice()) {
        (true, ..) => "it came before, and nothing was done".to_owned(),
        (false, "ping", _) => "the webhook works".to_owned(),
        (false, _, []) => "no issue of an action is meant".to_owned(),
        (false, _, hinted) if hinted.len() <= 10 => format!("to be looked at: {}", hinted.join(", ")),
        (false, _, hinted) => {
            format!("to be looked at: {} and {} more", hinted[..10].join(", "), hinted.len() - 10)
        }
    };
    format!("received  {what}: {follows}")
}

impl From<ReceiveError> for CliError {
    fn from(error: ReceiveError) -> Self {
        let hint = error.hint();
        match error {
            ReceiveError::Store(error) => error.into(),
            ReceiveError::NoSecret => Self::configuration(
                error.to_string(),
                format!("{hint}; or say --trusted where nobody but GitHub can put a delivery, as in Actions"),
            ),
            ReceiveError::NoEvent => Self::usage(error.to_string(), hint),
            ReceiveError::TooLong | ReceiveError::Unsigned | ReceiveError::Forged | ReceiveError::Type(_) => {
                Self::bad_input(error.to_string(), hint)
            }
        }
    }
}
