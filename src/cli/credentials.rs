//! What to sign in to GitHub with, and where that was found: the environment, the app of the configuration, or `gh`.
//!
//! Invariant: what the environment and the configuration say is for the configured GitHub, and goes to no other; and a
//! program that does not answer holds nobody up.

use std::{
    fmt,
    io::Read as _,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use secrecy::SecretString;

use super::{App, CliError, app::variable};
use crate::{
    config::GitHubApp,
    tracker::github::{self, Credentials},
};

/// The private key of the app, in PEM; it wins over the file that the configuration names.
const APP_KEY: &str = "FOLLOWUP_GITHUB_APP_KEY";

/// So long `gh` may take to say its token; it may ask a keyring.
const GH_TIME: Duration = Duration::from_secs(5);

/// Where credentials were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A variable of the environment.
    Variable(&'static str),
    /// `[github.app]`.
    App,
    /// The `gh` program.
    Gh,
    /// The command brought them.
    Command,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Variable(name) => name,
            Self::App => "[github.app]",
            Self::Gh => "`gh auth token`",
            Self::Command => "the command",
        })
    }
}

/// Credentials, and where they were found.
#[derive(Clone, Debug)]
pub(super) struct SignIn {
    pub(super) credentials: Credentials,
    pub(super) origin: Origin,
}

impl App {
    /// What to sign in with at the GitHub with this API: a token of the environment, else the app, else what `gh` keeps.
    pub(super) fn sign_in(&self, api_url: &str) -> Result<Option<SignIn>, CliError> {
        let token = |token: SecretString, origin| SignIn { credentials: token.into(), origin };
        if api_url == self.config.github.api_url {
            if let Some(given) = self.token.clone() {
                return Ok(Some(token(given, Origin::Command)));
            }
            for name in ["GH_TOKEN", "GITHUB_TOKEN"] {
                if let Some(value) = variable(name) {
                    return Ok(Some(token(value.trim().into(), Origin::Variable(name))));
                }
            }
            if let Some(app) = &self.config.github.app {
                let app = self.github_app(app)?;
                return Ok(Some(SignIn { credentials: Credentials::App(app), origin: Origin::App }));
            }
        }
        Ok(token_of_gh(api_url).map(|value| token(value, Origin::Gh)))
    }

    /// The same without where it was found.
    pub(super) fn credentials(&self, api_url: &str) -> Result<Option<Credentials>, CliError> {
        Ok(self.sign_in(api_url)?.map(|found| found.credentials))
    }

    fn github_app(&self, app: &GitHubApp) -> Result<github::App, CliError> {
        let (pem, place) = self.app_key(app)?;
        let repo = self.config.github.repo.as_deref().and_then(|repo| repo.parse().ok());
        github::App::new(app.id, app.installation_id, repo, &pem).map_err(|error| {
            CliError::configuration(
                format!("the private key of the app {} in {place}: {error}", app.id),
                "make a new key in the settings of the app, and save the file as GitHub hands it out",
            )
        })
    }

    /// The private key, and the place it comes from, in words.
    fn app_key(&self, app: &GitHubApp) -> Result<(SecretString, String), CliError> {
        if let Some(pem) = variable(APP_KEY) {
            return Ok((pem.into(), APP_KEY.to_owned()));
        }
        let Some(file) = &app.private_key_file else {
            return Err(CliError::configuration(
                format!("there is no private key for the app {}", app.id),
                format!("set `private_key_file` under [github.app] in followup.toml, or {APP_KEY}"),
            ));
        };
        let path = self.beside_the_configuration(file);
        let pem = std::fs::read_to_string(&path).map_err(|error| {
            CliError::configuration(
                format!("cannot read the private key of the app {} in {}: {error}", app.id, path.display()),
                format!("correct `private_key_file` under [github.app] in followup.toml, or set {APP_KEY}"),
            )
        })?;
        Ok((pem.into(), path.display().to_string()))
    }
}

/// The token that the `gh` program keeps for the GitHub with this API. It need not be there.
fn token_of_gh(api_url: &str) -> Option<SecretString> {
    let host = api_url.split_once("://")?.1.split(['/', ':']).next()?;
    let host = if host == "api.github.com" { "github.com" } else { host };
    if host == "localhost" || host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let mut command = Command::new("gh");
    command.args(["auth", "token", "--hostname", host]);
    said_within(command, GH_TIME).map(SecretString::from)
}

/// Whether there is a `gh` to ask.
pub(super) fn gh_is_there() -> bool {
    let mut command = Command::new("gh");
    command.arg("--version");
    said_within(command, GH_TIME).is_some()
}

/// What a program prints when it ends well within `time`; it is ended when it takes longer.
fn said_within(mut command: Command, time: Duration) -> Option<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut stdout = child.stdout.take()?;
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.read_to_string(&mut text);
        // Nobody listens any more when it took too long.
        tell.send(read.map(|_| text)).ok();
    });
    let Ok(Ok(text)) = told.recv_timeout(time) else {
        tracing::warn!("`gh` did not answer within {} s", time.as_secs());
        child.kill().ok();
        child.wait().ok();
        return None;
    };
    let text = text.trim().to_owned();
    (child.wait().ok()?.success() && !text.is_empty()).then_some(text)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, time: Duration) -> Option<String> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        said_within(command, time)
    }

    #[test]
    fn a_program_that_fails_is_missing_or_hangs_says_nothing() {
        let long = Duration::from_secs(60);
        assert_eq!(shell("echo gho_x", long).as_deref(), Some("gho_x"));
        assert_eq!(shell("echo gho_x; exit 1", long), None);
        assert_eq!(shell("echo", long), None);
        assert_eq!(said_within(Command::new("there-is-no-such-program"), long), None);
        assert_eq!(shell("exec sleep 60", Duration::from_millis(20)), None);
    }
}
