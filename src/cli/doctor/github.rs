//! What GitHub lets us do: asked, never tried.

use chrono::Duration;

use super::{App, CliError, Finding};
use crate::{
    cli::{
        app::variable,
        credentials::{Origin, gh_is_there},
    },
    store::Store,
    sync::place,
    tracker::{
        Budget, RepoName, Repository, Tracker, TrackerError,
        github::{CredentialKind, GitHub, Identity},
    },
};

/// Clocks may differ by this much before it is worth a word.
const MUCH_SKEW: Duration = Duration::minutes(1);

/// So long before its end a token is spoken of.
const SOON: Duration = Duration::days(14);

/// Everything about the tracker of the configuration, in the order in which it has to be put right.
pub(super) async fn look(app: &App, store: &Store) -> Vec<Finding> {
    let github = match app.github() {
        Ok(github) => github,
        Err(error) => return vec![Finding::wrong("credentials", error, "followup doctor")],
    };
    let origin = app.sign_in(&app.config.github.api_url).ok().flatten().map(|found| found.origin);
    let mut findings = vec![gh(origin), webhook()];
    let (identity, mut more) = credentials(app, &github, origin).await;
    findings.append(&mut more);
    let Some(identity) = identity else { return findings };
    findings.extend(clock(app, &github));
    findings.extend(limits(app, store, &github).await);
    findings.push(graphql(&github).await);
    findings.extend(repository(app, &github, &identity).await);
    findings
}

fn gh(origin: Option<Origin>) -> Finding {
    let is_there = gh_is_there();
    match (is_there, origin) {
        (true, Some(Origin::Gh)) => Finding::fine("gh", "it is installed and signed in"),
        (true, _) => Finding::fine("gh", "it is installed"),
        (false, Some(_)) => Finding::fine("gh", "it is not installed, and not needed"),
        (false, None) => Finding::warning(
            "gh",
            "it is not installed, so there is no token to ask it for",
            "set GH_TOKEN, or install it from https://cli.github.com",
            "export GH_TOKEN=TOKEN",
        ),
    }
}

fn webhook() -> Finding {
    if variable("FOLLOWUP_WEBHOOK_SECRET").is_some() {
        Finding::fine("webhook", "its secret is set")
    } else {
        Finding::fine(
            "webhook",
            "no secret (FOLLOWUP_WEBHOOK_SECRET): deliveries are refused, and `sync` finds all",
        )
    }
}

/// Who we are, and what is to be said of that.
async fn credentials(app: &App, github: &GitHub, origin: Option<Origin>) -> (Option<Identity>, Vec<Finding>) {
    let what = "credentials";
    let identity = match github.identity().await {
        Ok(identity) => identity,
        Err(error) => {
            let command = match &error {
                TrackerError::NoToken { .. } if gh_is_there() => "gh auth login",
                TrackerError::NoToken { .. } | TrackerError::Unauthorized { .. } => match origin {
                    Some(Origin::App) => "followup doctor",
                    Some(Origin::Gh) => "gh auth login",
                    _ => "export GH_TOKEN=TOKEN",
                },
                _ => "followup doctor",
            };
            return (None, vec![Finding::wrong(what, error.into(), command)]);
        }
    };
    let mut findings = Vec::new();
    let by = origin.map(|origin| format!(", by {origin}")).unwrap_or_default();
    let kind = identity.kind.as_str();
    findings.push(match &identity.login {
        Some(login) => Finding::fine(what, format!("{} knows us as {login}{by} ({kind})", github.host())),
        None => Finding::fine(what, format!("{} accepts us{by} ({kind} without a name)", github.host())),
    });
    if let (Some(Origin::Variable(name)), Some(github_app)) = (origin, &app.config.github.app) {
        findings.push(Finding::warning(
            what,
            format!("the app {} is configured and not used, because {name} is set", github_app.id),
            format!("unset {name} to act as the app"),
            format!("unset {name}"),
        ));
    }
    if let Some(expires_at) = identity.expires_at
        && expires_at - app.clocks.pacing.now() < SOON
    {
        let day = expires_at.with_timezone(&app.config.timezone).format("%-d %B %Y");
        findings.push(Finding::warning(
            what,
            format!("the token ends on {day}"),
            "make a new one, and set GH_TOKEN",
            "export GH_TOKEN=TOKEN",
        ));
    }
    findings.extend(key_file(app, origin));
    (Some(identity), findings)
}

/// Whether others can read the key of the app.
#[cfg(unix)]
fn key_file(app: &App, origin: Option<Origin>) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let file = app.config.github.app.as_ref()?.private_key_file.as_ref()?;
    let path = app.beside_the_configuration(file);
    let mode = std::fs::metadata(&path).ok()?.permissions().mode() & 0o777;
    (origin == Some(Origin::App) && mode & 0o077 != 0).then(|| {
        Finding::warning(
            "credentials",
            format!("others on this machine may read the key of the app (mode {mode:o})"),
            "let only its owner read it",
            format!("chmod 600 {}", path.display()),
        )
    })
}

#[cfg(not(unix))]
fn key_file(_app: &App, _origin: Option<Origin>) -> Option<Finding> {
    None
}

fn clock(app: &App, github: &GitHub) -> Option<Finding> {
    let skew = github.skew()?;
    if skew.abs() <= MUCH_SKEW {
        return None;
    }
    let (minutes, way) = (
        (skew.abs() + Duration::seconds(30)).num_minutes(),
        if skew > Duration::zero() { "behind" } else { "ahead of" },
    );
    let now = app.clocks.pacing.now().with_timezone(&app.config.timezone).format("%H:%M");
    Some(Finding::warning(
        "clock",
        format!("this machine's clock ({now}) is {minutes} min {way} the one of {}", github.host()),
        "let the system set it; deadlines and the history use it, waits do not suffer",
        "timedatectl set-ntp true",
    ))
}

/// What is left of this hour, and pauses that an earlier run was asked for.
async fn limits(app: &App, store: &Store, github: &GitHub) -> Vec<Finding> {
    let what = "limits";
    let mut findings = Vec::new();
    let now = app.clocks.pacing.now();
    let clock = |moment: chrono::DateTime<chrono::Utc>| {
        moment.with_timezone(&app.config.timezone).format("%H:%M").to_string()
    };
    let standing = match store.read().await {
        Ok(mut snapshot) => snapshot.credential(github.host(), &github.credential()).await.ok(),
        Err(_) => None,
    };
    let standing = standing.unwrap_or_default();
    if let Some(until) = standing.paused_until.filter(|until| *until > now) {
        let why = standing.pause_reason.map(|why| format!(" ({why})")).unwrap_or_default();
        findings.push(Finding::warning(
            what,
            format!("{} asked to wait until {}{why}", github.host(), clock(until)),
            "nothing to do: `followup publish` and `followup sync` wait for it",
            "followup publish",
        ));
    }
    if let Some(until) = standing.closed_until.filter(|until| *until > now) {
        findings.push(Finding::warning(
            what,
            format!("{} failed so often that it is left alone until {}", github.host(), clock(until)),
            "nothing to do: the next run tries once",
            "followup sync",
        ));
    }
    match github.budgets().await {
        Ok(budgets) if budgets.is_empty() => {
            findings.push(Finding::fine(what, format!("{} counts no requests", github.host())));
        }
        Ok(budgets) => {
            let left = |(name, budget): &(String, Budget)| {
                let name = if name == "core" { "REST" } else { "GraphQL" };
                format!("{} of {} for {name}", budget.remaining, budget.limit)
            };
            let told = budgets.iter().map(left).collect::<Vec<_>>().join(", ");
            let message = format!("requests left this hour: {told}");
            let scarce = budgets.iter().map(|(_, budget)| budget).find(|at| at.remaining * 10 < at.limit);
            findings.push(match scarce {
                Some(budget) => Finding::warning(
                    what,
                    format!("{message}; the rest is kept for people until {}", clock(budget.resets_at)),
                    "nothing to do: `followup publish` and `followup sync` wait for it",
                    "followup sync",
                ),
                None => Finding::fine(what, message),
            });
        }
        Err(error) => {
            findings.push(Finding::warning(what, error.to_string(), error.hint(), "followup doctor"));
        }
    }
    findings
}

async fn graphql(github: &GitHub) -> Finding {
    match github.speaks_graphql().await {
        Ok(true) => Finding::fine("graphql", "it answers"),
        Ok(false) => Finding::fine(
            "graphql",
            "it is not here: issues are read by what changed, and each is looked at once a day",
        ),
        Err(error) => Finding::warning("graphql", error.to_string(), error.hint(), "followup doctor"),
    }
}

async fn repository(app: &App, github: &GitHub, identity: &Identity) -> Vec<Finding> {
    let what = "repository";
    let Some(name) = app.config.github.repo.as_deref().and_then(|repo| repo.parse::<RepoName>().ok()) else {
        return vec![Finding::warning(
            what,
            "no repository is configured",
            "set `repo` under [github] in followup.toml",
            "followup import SOURCE --repo OWNER/NAME",
        )];
    };
    let seen = match github.repository(&name).await {
        Ok(seen) => seen,
        Err(error) => {
            let error = if error.status() == Some(404) {
                let hint = match identity.kind {
                    CredentialKind::App => "install the app for it, or correct its name",
                    _ => "correct its name, or let the token see it",
                };
                let own: CliError = error.clone().into();
                let hint = if matches!(&error, TrackerError::Refused { hint: Some(_), .. }) {
                    own.hint
                } else {
                    hint.to_owned()
                };
                CliError {
                    message: format!("{name} does not exist, or the token may not see it"),
                    hint,
                    ..error.into()
                }
            } else {
                return vec![Finding::wrong(what, error.into(), "followup doctor")];
            };
            return vec![Finding::wrong(what, error, format!("gh repo view {name}"))];
        }
    };
    let mut findings = vec![target(app, &name, &seen)];
    if findings.iter().any(|finding| finding.is_wrong()) {
        return findings;
    }
    findings.extend(rights(github, identity, &name, &seen).await);
    if findings.iter().any(Finding::is_wrong) {
        return findings;
    }
    findings.extend(place(app, github, &name, &seen).await);
    let label = &app.config.publish.labels[0];
    match github.has_label(&seen.target, label).await {
        Ok(true) => findings.push(Finding::fine("label", format!("`{label}` is there"))),
        Ok(false) => {
            findings.push(Finding::fine("label", format!("`{label}` is made by the first publish")));
        }
        Err(error) => {
            findings.push(Finding::warning("label", error.to_string(), error.hint(), "followup publish"));
        }
    }
    findings
}

/// Whether what new issues are put under is there.
async fn place(app: &App, github: &GitHub, name: &RepoName, seen: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let publish = &app.config.publish;
    if let Some(title) = &publish.milestone {
        let what = "milestone";
        findings.push(match github.milestones(&seen.target).await {
            Ok(open) => match place::milestone(&seen.target.repo, open, title) {
                Ok(found) => Finding::fine(what, format!("`{}` is open", found.title)),
                Err(why) => missing(what, &why, format!("gh api repos/{name}/milestones -f title={title:?}")),
            },
            Err(error) => Finding::wrong(what, error.into(), "followup doctor"),
        });
    }
    if let Some(wanted) = &publish.issue_type {
        let what = "issue type";
        findings.push(match github.issue_types(&seen.target).await {
            Ok(None) => Finding::fine(
                what,
                format!(
                    "{} does not tell its types; whether an issue became a `{wanted}` shows when it is made",
                    github.host()
                ),
            ),
            Ok(types) => match place::issue_type(&seen.target.repo, types, wanted) {
                Ok(found) => Finding::fine(what, format!("`{}` is there", found.name)),
                Err(why) => {
                    let command = format!(
                        "gh api orgs/{}/issue-types -f name={wanted:?} -F is_enabled=true",
                        name.owner()
                    );
                    missing(what, &why, command)
                }
            },
            Err(error) => Finding::wrong(what, error.into(), "followup doctor"),
        });
    }
    findings
}

fn missing(what: &'static str, why: &str, command: String) -> Finding {
    let (message, hint) = why.rsplit_once("; ").unwrap_or((why, "correct it in followup.toml"));
    Finding::wrong(what, CliError::tracker(message.to_owned(), hint), command)
}

/// Whether the repository takes issues at all.
fn target(app: &App, name: &RepoName, seen: &Repository) -> Finding {
    let what = "repository";
    if seen.is_archived {
        let hint = "unarchive it, or publish to another one";
        let error = CliError::tracker(format!("{name} is archived"), hint);
        return Finding::wrong(what, error, format!("gh repo unarchive {name}"));
    }
    if !seen.has_issues {
        let hint = "enable them in the settings of the repository";
        let error = CliError::tracker(format!("issues are disabled in {name}"), hint);
        return Finding::wrong(what, error, format!("gh repo edit {name} --enable-issues"));
    }
    if !seen.is_private && !app.config.publish.allow_public {
        return Finding::warning(
            what,
            format!("{name} is public, and nothing is published there"),
            "set `allow_public = true` under [publish] if that is meant",
            "followup publish",
        );
    }
    if seen.target.repo.eq_ignore_ascii_case(&name.to_string()) {
        Finding::fine(what, format!("{name} takes our issues"))
    } else {
        Finding::warning(
            what,
            format!("{name} is {} by now", seen.target.repo),
            "write its new name in followup.toml: an old name can be taken by somebody else",
            format!("gh repo view {}", seen.target.repo),
        )
    }
}

/// What we may do there: read issues, write them, and set what GitHub drops silently from others.
async fn rights(github: &GitHub, identity: &Identity, name: &RepoName, seen: &Repository) -> Vec<Finding> {
    let what = "permissions";
    let mut findings = Vec::new();
    match github.knows_sub_issues(&seen.target).await {
        Ok(Some(true)) => findings.push(Finding::fine("sub-issues", "they are available")),
        Ok(Some(false)) => findings.push(Finding::warning(
            "sub-issues",
            "this server has none: issues of a report are made, and not hung under its parent",
            "set `parent_issue = false` under [publish] to make none for the reports",
            "followup publish",
        )),
        Ok(None) => {
            findings.push(Finding::fine("sub-issues", format!("{name} has no issue yet to tell by")));
        }
        Err(error) => {
            findings.push(Finding::wrong(what, error.into(), "followup doctor"));
            return findings;
        }
    }
    let lacks = |message: String, hint: &str| {
        Finding::wrong(what, CliError::tracker(message, hint), "followup doctor")
    };
    if let Some(permissions) = &identity.permissions {
        // GitHub shows no right to push to an app that may write issues, and takes its labels all the same.
        findings.push(match permissions.get("issues").map(String::as_str) {
            Some("write" | "admin") => Finding::fine(what, "the app may write issues"),
            given => lacks(
                format!(
                    "the app lacks the permission Issues: read and write (it has: {})",
                    given.unwrap_or("none")
                ),
                "give it in the settings of the app, and let an owner accept it where the app is installed",
            ),
        });
        return findings;
    }
    if let Some(scopes) = &identity.scopes {
        let is_enough =
            scopes.iter().any(|scope| scope == "repo" || (scope == "public_repo" && !seen.is_private));
        if !is_enough {
            let has = if scopes.is_empty() { "none".to_owned() } else { scopes.join(", ") };
            let error = CliError::tracker(
                format!("the token lacks the scope repo (it has: {has})"),
                "make a token with that scope, or a fine-grained one with the permission Issues: read and write",
            );
            findings.push(Finding::wrong(what, error, "gh auth refresh --scopes repo"));
            return findings;
        }
    } else if let Err(error) = github.may_write_issues(&seen.target).await {
        // Without the right to push GitHub hides what it does not give.
        let error = match error.status() {
            Some(404) => CliError::tracker(
                format!("the token may not write in {name}"),
                "give the account write access to the repository",
            ),
            _ => error.into(),
        };
        findings.push(Finding::wrong(what, error, "followup doctor"));
        return findings;
    }
    findings.push(match seen.can_push {
        Some(false) => Finding::warning(
            what,
            format!("without push access to {name}, labels and assignees are dropped"),
            "give the account write access to the repository",
            format!(
                "gh api --method PUT repos/{name}/collaborators/{} -f permission=push",
                identity.login.as_deref().unwrap_or("LOGIN")
            ),
        ),
        _ => Finding::fine(what, "issues, labels and assignees may be written"),
    });
    findings
}
