//! `followup doctor`: what is wrong, and what to do about it. Changes nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{App, CliError, Exit, args::Doctor, credentials::Origin, output::Output, table};
use crate::{
    config::TrackerKind,
    store::{Access, Location, OutboxKind, OutboxState, Store},
    tracker::{RepoName, TrackerError},
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
    hint: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

impl Finding {
    fn fine(what: &'static str, message: impl Into<String>) -> Self {
        Self { what, standing: Standing::Fine, message: message.into(), hint: None, exit: Exit::Fine }
    }

    fn warning(what: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what,
            standing: Standing::Warning,
            message: message.into(),
            hint: Some(hint.into()),
            exit: Exit::Fine,
        }
    }

    fn wrong(what: &'static str, error: CliError) -> Self {
        Self {
            what,
            standing: Standing::Wrong,
            message: error.message,
            hint: Some(error.hint),
            exit: error.exit,
        }
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
        Err(error) => findings.push(Finding::wrong("database", app.naming_the_database(error))),
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
            if let Some(hint) = &finding.hint {
                output.text(&format!("                    → {hint}"))?;
            }
        }
    }
    Ok(findings
        .iter()
        .find(|finding| finding.standing == Standing::Wrong)
        .map_or(Exit::Fine, |finding| finding.exit))
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
        ));
    }
    if let Location::File(path) = &location {
        findings.extend(permissions(path));
    }
    findings.extend(issues(&store).await?);
    Ok((store, findings))
}

/// What an earlier pass left: issues of which nobody knows whether they were made, and what waits for a person.
async fn issues(store: &Store) -> Result<Vec<Finding>, CliError> {
    let mut snapshot = store.read().await?;
    let mut unknown = Vec::new();
    let mut waiting: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
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
                let hint = match row.command.as_deref() {
                    Some(command) if command != "followup doctor" => format!("`{command}`"),
                    _ => "put it right, then `followup sync` sends it again".to_owned(),
                };
                waiting.entry((what, hint)).or_default().push(name);
            }
            (OutboxState::Sending | OutboxState::Pending | OutboxState::Done, _) => {}
        }
    }
    let unknown = (!unknown.is_empty()).then(|| {
        Finding::warning(
            "issues",
            format!("nobody knows yet whether the issue of {} was made", named(&unknown)),
            "`followup sync` looks for it, and makes it only when it is not there",
        )
    });
    let waiting = waiting.into_iter().map(|((what, hint), names)| {
        Finding::warning("issues", format!("not in step: {} ({what})", named(&names)), hint)
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
        return Some(Finding::wrong("database", crate::store::StoreError::ReadOnly.into()));
    }
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        Finding::warning(
            "database",
            format!("others on this machine may read it (mode {mode:o}), and it holds a key"),
            format!("chmod 600 {}", path.display()),
        )
    })
}

#[cfg(not(unix))]
fn permissions(_path: &std::path::Path) -> Option<Finding> {
    None
}

async fn tracker(app: &App, store: &Store) -> Vec<Finding> {
    if app.config.tracker == TrackerKind::Local {
        return vec![Finding::fine("tracker", "issues are kept in the database")];
    }
    let tracker = match app.tracker(store) {
        Ok(tracker) => tracker,
        Err(error) => return vec![Finding::wrong("tracker", error)],
    };
    let mut findings = Vec::new();
    let origin = app.sign_in(&app.config.github.api_url).ok().flatten().map(|found| found.origin);
    match tracker.whoami().await {
        Ok(login) => {
            let by = origin.map(|origin| format!(", by {origin}")).unwrap_or_default();
            findings
                .push(Finding::fine("credentials", format!("{} knows us as {login}{by}", tracker.host())));
            if let (Some(Origin::Variable(name)), Some(github_app)) = (origin, &app.config.github.app) {
                findings.push(Finding::warning(
                    "credentials",
                    format!("the app {} is configured and not used, because {name} is set", github_app.id),
                    format!("unset {name} to act as the app"),
                ));
            }
        }
        Err(error @ TrackerError::Refused { .. }) => {
            // A token of a machine has no user; it may work all the same.
            findings.push(Finding::warning(
                "credentials",
                error.to_string(),
                "go on if the repository below is fine",
            ));
        }
        Err(error) => {
            findings.push(Finding::wrong("credentials", error.into()));
            return findings;
        }
    }
    let Some(name) = app.config.github.repo.as_deref().and_then(|repo| repo.parse::<RepoName>().ok()) else {
        findings.push(Finding::warning(
            "repository",
            "no repository is configured",
            "set `repo` under [github] in followup.toml",
        ));
        return findings;
    };
    match tracker.repository(&name).await {
        Err(error) if error.status() == Some(404) => findings.push(Finding::wrong(
            "repository",
            CliError {
                message: format!("{name} does not exist, or the token may not see it"),
                ..error.into()
            },
        )),
        Err(error) => findings.push(Finding::wrong("repository", error.into())),
        Ok(repository) => findings.push(repository_finding(app, &name, &repository)),
    }
    findings
}

fn repository_finding(app: &App, name: &RepoName, repository: &crate::tracker::Repository) -> Finding {
    let wrong = |message: String, hint: &str| Finding::wrong("repository", CliError::tracker(message, hint));
    if repository.is_archived {
        return wrong(format!("{name} is archived"), "unarchive it, or publish to another one");
    }
    if !repository.has_issues {
        return wrong(
            format!("issues are disabled in {name}"),
            "enable them in the settings of the repository",
        );
    }
    if !repository.is_private && !app.config.publish.allow_public {
        return Finding::warning(
            "repository",
            format!("{name} is public, and nothing is published there"),
            "set `allow_public = true` under [publish] if that is meant",
        );
    }
    if repository.can_push == Some(false) {
        return Finding::warning(
            "repository",
            format!("without push access to {name}, labels and assignees are dropped"),
            "give the token the permission Issues: read and write",
        );
    }
    Finding::fine("repository", format!("{name} takes our issues"))
}
