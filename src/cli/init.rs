//! `followup init`: a configuration and a database, ready for the first report.
//!
//! What is there already is left as it is, so that it can be run again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{App, CliError, Exit, args::Init, output::Output};
use crate::{
    config::{self, Config, ConfigError},
    store::{Access, Location},
    tracker::RepoName,
};

pub(super) async fn run(app: &App, command: Init, output: &Output) -> Result<Exit, CliError> {
    if let Some(repo) = &command.repo {
        repo.parse::<RepoName>()
            .map_err(|error| CliError::usage(error.to_string(), "write `followup init --repo OWNER/NAME`"))?;
    }
    let path = app.config_path.clone().unwrap_or_else(|| app.folder.join(config::FILE_NAME));
    let is_new = !path.exists();
    let mut to_write = None;
    if is_new {
        let zone = command
            .timezone
            .clone()
            .or_else(|| iana_time_zone::get_timezone().ok())
            .filter(|zone| command.timezone.is_some() || zone.parse::<chrono_tz::Tz>().is_ok())
            .unwrap_or_else(|| "UTC".to_owned());
        let text = file(&zone, command.repo.as_deref(), command.api_url.as_deref());
        // Nothing is written that could not be read again.
        Config::parse(&path, &text).map_err(|error| match error {
            ConfigError::Refused { message, .. } | ConfigError::Invalid { message, .. } => {
                CliError::usage(message, "`followup init --help` shows how it is written")
            }
            error => error.into(),
        })?;
        to_write = Some(text);
    } else {
        let known = config::load(Some(&path), |_| None, &app.folder)?.config;
        for (key, asked, said) in [
            ("timezone", &command.timezone, Some(known.timezone.name())),
            ("repo", &command.repo, known.github.repo.as_deref()),
            ("api_url", &command.api_url, Some(known.github.api_url.as_str())),
        ] {
            if let Some(asked) = asked.as_deref().filter(|asked| Some(*asked) != said) {
                return Err(CliError::configuration(
                    format!("{} is there already, and its {key} is not `{asked}`", path.display()),
                    "change it in the file, or remove the file first",
                ));
            }
        }
    }
    let location = app.location()?;
    let was_there = matches!(&location, Location::File(file) if file.exists());
    // First, so that a database that is not ours leaves the folder as it was.
    app.store(Access::Create).await?;
    if let Some(text) = to_write {
        write_new(&path, &text)?;
    }
    let ignored = match &location {
        Location::File(file) => ignore(file)?,
        Location::Server(_) => None,
    };
    if output.is_json() {
        output.json(&json!({
            "config": path.display().to_string(),
            "config_created": is_new,
            "database": location.to_string(),
            "database_created": !was_there,
        }))?;
        return Ok(Exit::Fine);
    }
    let made = |is_new: bool| if is_new { "made" } else { "is there already" };
    output.text(&format!("configuration {}: {}", made(is_new), path.display()))?;
    output.text(&format!("database {}: {location}", made(!was_there)))?;
    if let Some(ignored) = ignored {
        output.text(&format!("the database is in {} now: it holds a key", ignored.display()))?;
    }
    output.talk("next: `followup import REPORT`; `followup doctor` tells whether publishing will work");
    Ok(Exit::Fine)
}

fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |error: std::io::Error| {
        CliError::configuration(
            format!("cannot write {}: {error}", path.display()),
            "check the folder and its permissions",
        )
    };
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)
}

/// In a git tree, keeps the database out of commits; gives the file that was changed.
pub(super) fn ignore(database: &Path) -> Result<Option<PathBuf>, CliError> {
    let Some(folder) = database.parent() else { return Ok(None) };
    if !folder.ancestors().any(|parent| parent.join(".git").exists()) {
        return Ok(None);
    }
    let Some(name) = database.file_name().and_then(|name| name.to_str()) else { return Ok(None) };
    let path = folder.join(".gitignore");
    let line = format!("/{name}*");
    let failed = |error: std::io::Error| {
        CliError::configuration(
            format!("cannot write {}: {error}", path.display()),
            "add the database to .gitignore yourself",
        )
    };
    // The file is the team's, in whatever encoding: it is only ever added to.
    let before = match fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        before => before.map_err(failed)?,
    };
    if before.split(|byte| *byte == b'\n').any(|known| known.trim_ascii() == line.as_bytes()) {
        return Ok(None);
    }
    let gap = if before.is_empty() || before.ends_with(b"\n") { "" } else { "\n" };
    let mut file = fs::OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, format!("{gap}{line}\n").as_bytes()).map_err(failed)?;
    Ok(Some(path))
}

/// A configuration with everything that people change first, and the rest as comments.
fn file(zone: &str, repo: Option<&str>, api_url: Option<&str>) -> String {
    let quoted = |value: &str| toml::Value::from(value).to_string();
    let repo =
        repo.map_or("# repo = \"acme/platform\"".to_owned(), |repo| format!("repo = {}", quoted(repo)));
    let api_url = api_url.map_or("# api_url = \"https://api.github.com\"".to_owned(), |api_url| {
        format!("api_url = {}", quoted(api_url))
    });
    let zone = quoted(zone);
    format!(
        r##"# Followup. Every key and its default is in the README.

# The team's days begin and end in this zone: it decides what is overdue.
timezone = {zone}
# Relative to this file; or postgres://user@host/database.
database = "sqlite://followup.db"

[github]
# Where the issues are made. The token comes from GH_TOKEN, GITHUB_TOKEN, or `gh auth token`.
{repo}
{api_url}

[publish]
# A public repository is refused unless this is true: reports often tell more than the world should read.
allow_public = false
# New issues are put under this open milestone of their repository, and are of this type of its organization.
# milestone = "Post-incident work"
# issue_type = "Task"

[policy.deadlines]
# Days to complete an action, by the severity of its incident.
sev1 = 15
sev2 = 30
sev3 = 60
sev4 = 90
unknown = 60

# Who is who: names, aliases and addresses in reports become logins.
# [[people]]
# name = "Grace Apio"
# login = "gapio"
# aliases = ["Grace"]
# team = "platform"
"##
    )
}
