//! `followup doctor`: what is wrong, and what to do about it.
//!
//! Invariants: it changes nothing, neither here nor at the tracker; and what is not fine comes with one sentence and one
//! command.

mod github;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{App, CliError, Exit, args::Doctor, output::Output, table};
use crate::{
    config::TrackerKind,
    store::{Access, Location, OutboxKind, OutboxState, Store},
};

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Fine,
    Warning,
    Wrong,
}

/// So many actions are named in one finding.
const NAMED: usize = 5;

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    what: &'static str,
    standing: Standing,
    message: String,
    /// What to do.
    hint: Option<String>,
    /// The command to begin with.
    command: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

impl Finding {
    fn fine(what: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { what, standing: Standing::Fine, message, hint: None, command: None, exit: Exit::Fine }
    }

    fn warning(
        what: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
        command: impl Into<String>,
    ) -> Self {
        Self {
            what,
            standing: Standing::Warning,
            message: message.into(),
            hint: Some(hint.into()),
            command: Some(command.into()),
            exit: Exit::Fine,
        }
    }

    fn wrong(what: &'static str, error: CliError, command: impl Into<String>) -> Self {
        Self {
            what,
            standing: Standing::Wrong,
            message: error.message,
            hint: Some(error.hint),
            command: Some(command.into()),
            exit: error.exit,
        }
    }

    fn is_wrong(&self) -> bool {
        self.standing == Standing::Wrong
    }

    /// What to do, with the command where the sentence does not name it already; this one is no answer to itself.
    fn advice(&self) -> Option<String> {
        let hint = self.hint.as_ref()?;
        let command = self.command.as_ref().filter(|command| *command != "followup doctor");
        Some(match command.filter(|command| !hint.contains(command.as_str())) {
            Some(command) => format!("{hint}: `{command}`"),
            None => hint.clone(),
        })
    }
}

pub(super) async fn run(app: &App, _command: &Doctor, output: &Output) -> Result<Exit, CliError> {
    let mut findings = vec![configuration(app), clock(app)];
    findings.extend(unused(app));
    match database(app).await {
        Ok((store, more)) => {
            findings.extend(more);
            findings.extend(tracker(app, &store).await);
        }
        Err(error) => {
            let error = app.naming_the_database(error);
            findings.push(Finding::wrong("database", error, "followup init"));
        }
    }
    if output.is_json() {
        output.json(&serde_json::json!({ "findings": findings }))?;
    } else {
        for finding in &findings {
            let (mark, color) = match finding.standing {
                Standing::Fine => ("ok", anstyle::AnsiColor::Green),
                Standing::Warning => ("!", anstyle::AnsiColor::Yellow),
                Standing::Wrong => ("WRONG", anstyle::AnsiColor::Red),
            };
            let style = anstyle::Style::new().fg_color(Some(color.into()));
            output.text(&format!("{style}{mark:<5}{style:#} {:<13} {}", finding.what, finding.message))?;
            if let Some(advice) = finding.advice() {
                output.text(&format!("                    → {advice}"))?;
            }
        }
    }
    Ok(findings.iter().find(|finding| finding.is_wrong()).map_or(Exit::Fine, |finding| finding.exit))
}

fn configuration(app: &App) -> Finding {
    match &app.config_path {
        Some(path) => {
            Finding::fine("configuration", format!("{} (zone {})", path.display(), app.config.timezone))
        }
        None => Finding::warning(
            "configuration",
            "there is no followup.toml here or above; the defaults are used",
            "write one with `followup init --repo OWNER/NAME`",
            "followup init --repo OWNER/NAME",
        ),
    }
}

fn clock(app: &App) -> Finding {
    let today = app.clocks.today();
    if app.clocks.is_fixed {
        return Finding::warning(
            "clock",
            format!("FOLLOWUP_NOW fixes the day to {today}; what is done now is marked so in the history"),
            "unset FOLLOWUP_NOW for real work",
            "unset FOLLOWUP_NOW",
        );
    }
    Finding::fine("clock", format!("today is {today}"))
}

/// Parts of the configuration that this version reads and does not act on.
fn unused(app: &App) -> Option<Finding> {
    let config = &app.config;
    let unused: Vec<&str> = [
        ("[[routing]]", !config.routing.is_empty()),
        ("[[digest]]", !config.digest.is_empty()),
        ("[smtp]", config.smtp.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| is_there.then_some(name))
    .collect();
    (!unused.is_empty()).then(|| {
        Finding::warning(
            "configuration",
            format!("this version does nothing with {}", unused.join(", ")),
            "it is checked and kept for a later version",
            "followup doctor",
        )
    })
}

async fn database(app: &App) -> Result<(Store, Vec<Finding>), CliError> {
    let location = app.location()?;
    let store = app.store(Access::Read).await?;
    let counts = store.counts().await?;
    let schema = store.schema_version().await?;
    let counted = |number: i64, thing: &str| table::count(usize::try_from(number).unwrap_or(0), thing);
    let mut findings = vec![Finding::fine(
        "database",
        format!(
            "{location}: schema {schema}, {}, {}, {}",
            counted(counts.reports, "report"),
            counted(counts.actions, "action"),
            counted(counts.events, "event")
        ),
    )];
    if !store.is_sound().await? {
        findings.push(Finding::wrong(
            "database",
            CliError::configuration("SQLite finds the file damaged", "restore it from a backup"),
            "cp BACKUP followup.db",
        ));
    }
    if let Location::File(path) = &location {
        findings.extend(permissions(path));
    }
    if store.is_publishing() {
        findings.push(Finding::fine("database", "another followup is publishing from it just now"));
    }
    findings.extend(issues(&store).await?);
    Ok((store, findings))
}

/// What an earlier pass left: issues of which nobody knows whether they were made, and what waits for a person.
async fn issues(store: &Store) -> Result<Vec<Finding>, CliError> {
    let mut snapshot = store.read().await?;
    let mut unknown = Vec::new();
    let mut waiting: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for row in snapshot.live_outbox().await? {
        let name = match snapshot.link(&row.subject).await? {
            Some(link) => link.action_id.map_or_else(|| link.report_id.to_string(), |id| id.to_string()),
            None => row.subject.clone(),
        };
        match (row.state, row.kind) {
            // One that is being sent is on its way, or its sender died.
            (OutboxState::Unknown, _) | (OutboxState::Sending, OutboxKind::Create) => unknown.push(name),
            (OutboxState::NeedsHuman, _) => {
                let what = row.last_error.unwrap_or_else(|| "a person has to decide".to_owned());
                // Of what this command is named for, the other findings tell.
                let (hint, command) = match row.command.as_deref() {
                    Some(command) if command != "followup doctor" => (format!("`{command}`"), command),
                    _ => ("put it right, then `followup sync` sends it again".to_owned(), "followup sync"),
                };
                waiting.entry((what, hint, command.to_owned())).or_default().push(name);
            }
            (OutboxState::Sending | OutboxState::Pending | OutboxState::Done, _) => {}
        }
    }
    let unknown = (!unknown.is_empty()).then(|| {
        Finding::warning(
            "issues",
            format!("nobody knows yet whether the issue of {} was made", named(&unknown)),
            "`followup sync` looks for it, and makes it only when it is not there",
            "followup sync",
        )
    });
    let waiting = waiting.into_iter().map(|((what, hint, command), names)| {
        Finding::warning("issues", format!("not in step: {} ({what})", named(&names)), hint, command)
    });
    Ok(unknown.into_iter().chain(waiting).collect())
}

/// The first of some names, and how many more there are.
fn named(names: &[String]) -> String {
    let told = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// Whether others can read the file: it holds the key of the markers.
#[cfg(unix)]
fn permissions(path: &std::path::Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).ok()?;
    if metadata.permissions().readonly() {
        return Some(Finding::wrong(
            "database",
            crate::store::StoreError::ReadOnly.into(),
            format!("chmod u+w {}", path.display()),
        ));
    }
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        Finding::warning(
            "database",
            format!("others on this machine may read it (mode {mode:o}), and it holds a key"),
            "let only its owner read it",
            format!("chmod 600 {}", path.display()),
        )
    })
}

#[cfg(not(unix))]
fn permissions(_path: &std::path::Path) -> Option<Finding> {
    None
}

async fn tracker(app: &App, store: &Store) -> Vec<Finding> {
    match app.config.tracker {
        TrackerKind::Local => vec![Finding::fine("tracker", "issues are kept in the database")],
        TrackerKind::GitHub => github::look(app, store).await,
    }
}
