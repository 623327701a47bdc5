//! What GitHub lets us do, as far as questions tell: who we are, what we may, and what is left.
//!
//! Invariant: nothing is changed. The one request that looks like a change asks for a label without a name, which GitHub
//! refuses in one way when it could be made and in another when it may not; it is sent only where nothing else tells.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use http::Method;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::json;

use super::{
    Budget, GitHub, Target, TrackerError,
    auth::Credentials,
    client::{encode, text},
    wire,
};

/// What kind of credentials these are, by how GitHub writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A personal token with scopes.
    Classic,
    /// A personal token with permissions for chosen repositories.
    FineGrained,
    /// What `gh` or another program got for a person.
    OfProgram,
    /// What a workflow is given, or an app that somebody else signs in.
    OfInstallation,
    /// Our own GitHub App.
    App,
    /// Something else.
    Other,
}

impl CredentialKind {
    fn of(credentials: Option<&Credentials>) -> Self {
        let token = match credentials {
            Some(Credentials::App(_)) => return Self::App,
            Some(Credentials::Token(token)) => token.expose_secret(),
            None => return Self::Other,
        };
        match token.split_once('_').map(|(kind, _)| kind) {
            Some("ghp") => Self::Classic,
            Some("github") if token.starts_with("github_pat_") => Self::FineGrained,
            Some("gho" | "ghu") => Self::OfProgram,
            Some("ghs") => Self::OfInstallation,
            _ => Self::Other,
        }
    }

    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "a personal token",
            Self::FineGrained => "a fine-grained token",
            Self::OfProgram => "a token that a program got",
            Self::OfInstallation => "a token of a workflow or an app",
            Self::App => "a GitHub App",
            Self::Other => "a token",
        }
    }
}

/// Who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What kind of credentials it is.
    pub kind: CredentialKind,
    /// The name of the account; a token of a machine may have none.
    pub login: Option<String>,
    /// The scopes of a token that has them.
    pub scopes: Option<Vec<String>>,
    /// The permissions of an app.
    pub permissions: Option<BTreeMap<String, String>>,
    /// When the token ends, where GitHub tells.
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize)]
struct Limits {
    #[serde(default)]
    resources: BTreeMap<String, Limit>,
}

#[derive(Debug, Deserialize)]
struct Limit {
    limit: i64,
    remaining: i64,
    reset: i64,
}

impl GitHub {
    /// Who we are here, and what we were given.
    ///
    /// # Errors
    /// [`TrackerError`] when GitHub does not accept us or cannot be reached.
    pub async fn identity(&self) -> Result<Identity, TrackerError> {
        let kind = CredentialKind::of(self.client.credentials());
        let mut identity = Identity { kind, login: None, scopes: None, permissions: None, expires_at: None };
        if let Some(Credentials::App(app)) = self.client.credentials() {
            identity.login = Some(self.client.bot(app).await?);
            identity.permissions = Some(self.client.granted_permissions().await?);
            return Ok(identity);
        }
        let answer = match self.client.get("/user").await {
            Ok(answer) => answer,
            Err(TrackerError::Refused { status: 403, .. }) => return Ok(identity),
            Err(error) => return Err(error),
        };
        identity.login = Some(self.client.decode::<wire::Account>(&answer)?.login);
        identity.scopes = text(&answer.headers, "x-oauth-scopes")
            .map(|scopes| scopes.split(", ").filter(|scope| !scope.is_empty()).map(str::to_owned).collect());
        identity.expires_at = text(&answer.headers, "github-authentication-token-expiration")
            .and_then(|moment| moment_of(&moment));
        Ok(identity)
    }

    /// What is left of every budget; nothing on a server without limits. The question itself costs nothing.
    ///
    /// # Errors
    /// [`TrackerError`] when GitHub does not answer.
    pub async fn budgets(&self) -> Result<Vec<(String, Budget)>, TrackerError> {
        let answer = match self.client.get("/rate_limit").await {
            Err(TrackerError::Refused { status: 404, .. }) => return Ok(Vec::new()),
            answer => answer?,
        };
        let ahead = self.client.skew().unwrap_or_default();
        let limits: Limits = self.client.decode(&answer)?;
        let ours = |name: &String| name == "core" || name == "graphql";
        let budget = |limit: Limit| {
            let resets_at = DateTime::from_timestamp(limit.reset, 0)? - ahead;
            Some(Budget { limit: limit.limit, remaining: limit.remaining, resets_at })
        };
        let all = limits.resources.into_iter().filter(|(name, _)| ours(name));
        Ok(all.filter_map(|(name, limit)| Some((name, budget(limit)?))).collect())
    }

    /// Whether GraphQL can be used. Without it, issues are listed.
    ///
    /// # Errors
    /// [`TrackerError`] when it is there and does not answer.
    pub async fn speaks_graphql(&self) -> Result<bool, TrackerError> {
        match self.client.graphql(&json!({ "query": "query { rateLimit { limit } }" })).await {
            Ok(answer) => {
                let reply: serde_json::Value = self.client.decode(&answer)?;
                Ok(reply["data"].is_object())
            }
            Err(TrackerError::Refused { status: 404 | 405 | 410, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether issues have sub-issues here; nothing where there is no issue to tell by.
    ///
    /// # Errors
    /// [`TrackerError::Refused`] when the issues may not be read.
    pub async fn knows_sub_issues(&self, target: &Target) -> Result<Option<bool>, TrackerError> {
        let rest = "/issues?state=all&per_page=1";
        let answer = self.of_repository::<()>(Method::GET, target, rest, None).await?;
        let issues: Vec<serde_json::Map<String, serde_json::Value>> = self.client.decode(&answer)?;
        Ok(issues.first().map(|issue| issue.contains_key("sub_issues_summary")))
    }

    /// Whether a label is there.
    ///
    /// # Errors
    /// [`TrackerError`] when GitHub does not answer.
    pub async fn has_label(&self, target: &Target, label: &str) -> Result<bool, TrackerError> {
        let rest = format!("/labels/{}", encode(label));
        match self.of_repository::<()>(Method::GET, target, &rest, None).await {
            Ok(_) => Ok(true),
            Err(TrackerError::Refused { status: 404, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether issues may be written, for credentials that do not say what they may: asks for a label without a name, which
    /// is never made.
    ///
    /// # Errors
    /// [`TrackerError::Refused`] when they may not.
    pub async fn may_write_issues(&self, target: &Target) -> Result<(), TrackerError> {
        match self.of_repository(Method::POST, target, "/labels", Some(&json!({}))).await {
            Ok(_) | Err(TrackerError::Refused { status: 400 | 422, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// `2026-12-01 09:30:00 UTC`, or with an offset.
fn moment_of(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z").map(|moment| moment.to_utc());
    zoned
        .or_else(|_| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S UTC").map(|moment| moment.and_utc())
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_token_shows_in_how_it_is_written() {
        let kind = |token: &str| CredentialKind::of(Some(&Credentials::from(token)));
        assert_eq!(kind("ghp_0123"), CredentialKind::Classic);
        assert_eq!(kind("github_pat_11A_x"), CredentialKind::FineGrained);
        assert_eq!(kind("gho_0123"), CredentialKind::OfProgram);
        assert_eq!(kind("ghs_0123"), CredentialKind::OfInstallation);
        assert_eq!(kind("0123456789abcdef"), CredentialKind::Other);
        assert_eq!(kind("github_other"), CredentialKind::Other);
    }

    #[test]
    fn the_end_of_a_token_is_read_with_and_without_an_offset() {
        let moment = Some("2026-12-01T09:30:00Z".parse().unwrap());
        assert_eq!(moment_of("2026-12-01 09:30:00 UTC"), moment);
        assert_eq!(moment_of("2026-12-01 10:30:00 +0100"), moment);
        assert_eq!(moment_of("soon"), None);
    }
}
