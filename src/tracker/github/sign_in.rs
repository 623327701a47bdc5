//! Signing in: what to sign a request with, and what to do when GitHub does not accept it.
//!
//! Invariants: an installation's token is asked for by one request at a time, and whoever waited for it takes what that one
//! got; a request is sent again only after GitHub answered 401, and only once; and what fails while signing in never leaves
//! a doubt about the request that it was for, because that was not sent.
//!
//! Why a request that changes something may be sent again after 401: GitHub checks who asks before it looks at what is
//! asked, so an answer of 401 proves that nothing was done, as `Sent::Rejected` takes it to prove everywhere else. An app
//! gets one for a token that ended early (its key was replaced, its permissions were changed, our clock was put right), and
//! a new token is the whole cure. With a token of a person there is no cure, and nothing is sent again.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    TrackerError,
    auth::{App, Credentials, Granted, Signature},
    client::{Answer, Client, Question},
    meter::Weight,
};

/// A clock that was wrong by more than this makes an app's word one of another time.
const WRONG_CLOCK: chrono::Duration = chrono::Duration::seconds(30);

#[derive(Debug, Deserialize)]
struct Installation {
    id: u64,
}

#[derive(Debug, Deserialize)]
struct Token {
    token: secrecy::SecretString,
    expires_at: DateTime<Utc>,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Myself {
    slug: String,
}

/// What an app was given so far.
#[derive(Debug, Default)]
pub(super) struct Desk {
    installation: Option<u64>,
    granted: Option<Granted>,
}

impl Client {
    /// What to sign a request with, after one that was signed with `refused` was refused; nothing without credentials.
    pub(super) async fn signature(
        &self,
        refused: Option<&Signature>,
    ) -> Result<Option<Signature>, TrackerError> {
        let app = match self.credentials() {
            None => return Ok(None),
            Some(Credentials::Token(token)) => return Ok(Some(Signature::new(token.clone()))),
            Some(Credentials::App(app)) => app,
        };
        // Held while GitHub is asked: whoever comes meanwhile waits, and finds what was given.
        let mut desk = self.desk.lock().await;
        if let Some(granted) = &desk.granted
            && granted.is_good(self.now_there(), refused)
        {
            return Ok(Some(granted.signature.clone()));
        }
        // An installation that was removed and made again has another number.
        if refused.is_some() {
            desk.installation = None;
        }
        let installation = match app.installation().or(desk.installation) {
            Some(installation) => installation,
            None => *desk.installation.insert(self.find_installation(app).await?),
        };
        let path = format!("/app/installations/{installation}/access_tokens");
        let answer = self.as_app(app, Method::POST, &path).await?;
        let token: Token = self.decode(&answer).map_err(|error| not_sent(app, error))?;
        let signature = Signature::new(token.token.clone());
        let Token { expires_at, permissions, .. } = token;
        desk.granted = Some(Granted { signature: signature.clone(), expires_at, permissions });
        tracing::debug!(app = app.id(), installation, until = %expires_at, "signed in");
        Ok(Some(signature))
    }

    /// What an app was permitted where it acts.
    pub(super) async fn granted_permissions(&self) -> Result<BTreeMap<String, String>, TrackerError> {
        self.signature(None).await?;
        let desk = self.desk.lock().await;
        Ok(desk.granted.as_ref().map(|granted| granted.permissions.clone()).unwrap_or_default())
    }

    /// The name by which an app's doings are signed.
    pub(super) async fn bot(&self, app: &App) -> Result<String, TrackerError> {
        let answer = self.as_app(app, Method::GET, "/app").await?;
        let app: Myself = self.decode(&answer)?;
        Ok(format!("{}[bot]", app.slug))
    }

    /// The installation that reaches the repository, or its owner; the only one where none is named.
    async fn find_installation(&self, app: &App) -> Result<u64, TrackerError> {
        let there = "install it there, or set `installation_id` under [github.app] in followup.toml";
        if let Some(repo) = app.repo() {
            // The second for a repository that was renamed, or that the installation does not reach.
            for path in
                [format!("/repos/{repo}/installation"), format!("/users/{}/installation", repo.owner())]
            {
                let answer = self.ask_as_app(app, Method::GET, &path).await?;
                if matches!(answer.status, 301 | 302 | 307 | 308 | 404) {
                    continue;
                }
                let answer = self.accept_as_app(app, answer)?;
                return Ok(self.decode::<Installation>(&answer).map_err(|error| not_sent(app, error))?.id);
            }
            // Of an app that it does not know GitHub says the same.
            self.as_app(app, Method::GET, "/app").await?;
            return Err(self.not_signed_in(app, format!("it is not installed for {repo}"), there, None));
        }
        let answer = self.as_app(app, Method::GET, "/app/installations?per_page=100").await?;
        let found: Vec<Installation> = self.decode(&answer).map_err(|error| not_sent(app, error))?;
        match found.as_slice() {
            [only] => Ok(only.id),
            [] => Err(self.not_signed_in(app, "it is not installed anywhere".to_owned(), there, None)),
            _ => {
                let hint =
                    "set `installation_id` under [github.app], or `repo` under [github], in followup.toml";
                let message = format!("it has {} installations, and none is named", found.len());
                Err(self.not_signed_in(app, message, hint, None))
            }
        }
    }

    /// Asks something as the app itself.
    async fn as_app(&self, app: &App, method: Method, path: &str) -> Result<Answer, TrackerError> {
        let answer = self.ask_as_app(app, method, path).await?;
        self.accept_as_app(app, answer)
    }

    async fn ask_as_app(&self, app: &App, method: Method, path: &str) -> Result<Answer, TrackerError> {
        let body = (method == Method::POST).then(|| json!({}));
        let question = Question { weight: Weight::Read, method, path, as_app: true, known: None };
        let ask = async || {
            let signature = app.signed(self.now_there()).ok_or_else(|| TrackerError::Unreachable {
                host: self.host().to_owned(),
                message: "this system gives no random numbers to sign with".to_owned(),
            })?;
            let answer = self.once(self.rest(), &question, body.as_ref(), Some(&signature)).await;
            answer.map_err(|error| not_sent(app, error))
        };
        let believed = self.skew().unwrap_or_default();
        let answer = ask().await?;
        // Refused, because it was dated by a clock that is wrong; the refusal told the right time.
        if answer.status == 401 && (self.skew().unwrap_or_default() - believed).abs() > WRONG_CLOCK {
            return ask().await;
        }
        Ok(answer)
    }

    /// What GitHub refuses here it refuses to the app, and not to what is asked in its name.
    fn accept_as_app(&self, app: &App, answer: Answer) -> Result<Answer, TrackerError> {
        let status = answer.status;
        self.accept(answer).map_err(|error| match error {
            TrackerError::Unauthorized { message, request_id, .. }
            | TrackerError::Refused { message, request_id, .. } => {
                self.not_signed_in(app, message, hint_of(status), request_id)
            }
            error => not_sent(app, error),
        })
    }

    fn not_signed_in(
        &self,
        app: &App,
        message: String,
        hint: &str,
        request_id: Option<String>,
    ) -> TrackerError {
        let (host, who) = (self.host().to_owned(), name_of(app).into());
        TrackerError::Unauthorized { host, who, message, hint: hint.into(), request_id }
    }
}

/// What an app is called in messages.
pub(super) fn name_of(app: &App) -> String {
    format!("the app {}", app.id())
}

/// What GitHub says of an installation that somebody stopped.
pub(super) const SUSPENDED: &str = "This installation has been suspended";

pub(super) fn hint_of(status: u16) -> &'static str {
    match status {
        401 => "check `id` and the private key under [github.app]; a new key is made in the app's settings",
        403 => "an owner of the organization ends the suspension, under Settings → GitHub Apps",
        _ => {
            "check `id` and `installation_id` under [github.app] in followup.toml, and that the app is installed"
        }
    }
}

/// A failure to sign in proves that the request that it was for was not sent, whatever became of the signing in.
fn not_sent(app: &App, error: TrackerError) -> TrackerError {
    match error {
        TrackerError::NoAnswer { host, message } => TrackerError::Unreachable {
            host,
            message: format!("no answer while {} signed in: {message}", name_of(app)),
        },
        TrackerError::Broken { host, status, message, .. } => TrackerError::Unreachable {
            host,
            message: format!("status {status} while {} signed in: {message}", name_of(app)),
        },
        error => error,
    }
}
