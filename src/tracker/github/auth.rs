//! What requests are signed with: a token, or what a GitHub App is given for an hour.
//!
//! Invariant: no secret stands in a `Debug`, a message or a log, and none is written anywhere: keys and tokens are held in
//! types that do not show what they hold, and only [`Signature::header`] makes bytes of one, marked as sensitive.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use http::HeaderValue;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::RepoName;

/// So far back an app dates what it says of itself: GitHub refuses what comes from the future, and clocks differ.
const BACKDATED: Duration = Duration::seconds(60);

/// So long it is good for. GitHub refuses more than ten minutes from now, by its own clock.
const GOOD_FOR: Duration = Duration::minutes(9);

/// So long before its end a token of an installation is replaced: a pass must not meet the end in the middle.
const EARLY: Duration = Duration::minutes(5);

/// What to sign in with.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A token of a person, of a machine, or of a workflow.
    Token(SecretString),
    /// A GitHub App, at one of its installations.
    App(App),
}

impl Credentials {
    /// What names them in the database and gives nothing away. The budget of an app belongs to its installation, whose
    /// tokens are replaced every hour, so it is not named by a token.
    pub(super) fn name(&self) -> String {
        match self {
            // Tokens are long and random, so that nobody can guess one from 64 bits of its digest.
            Self::Token(token) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, token.expose_secret().as_bytes());
                digest.as_ref()[..8]
                    .iter()
                    .fold("token-".to_owned(), |text, byte| format!("{text}{byte:02x}"))
            }
            Self::App(App { id, installation: Some(installation), .. }) => format!("app-{id}-{installation}"),
            // An app has one installation for each owner, so the owner names it as well.
            Self::App(App { id, repo: Some(repo), .. }) => {
                format!("app-{id}-{}", repo.owner().to_lowercase())
            }
            Self::App(App { id, .. }) => format!("app-{id}"),
        }
    }
}

impl From<SecretString> for Credentials {
    fn from(token: SecretString) -> Self {
        Self::Token(token)
    }
}

impl From<&str> for Credentials {
    fn from(token: &str) -> Self {
        Self::Token(token.into())
    }
}

/// Why a private key is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a PEM text with a key.
    #[error("there is no private key in it: expected `-----BEGIN RSA PRIVATE KEY-----` and what follows")]
    NoKey,
    /// A key of another kind, or a broken one.
    #[error("it is not an RSA key of at least 2048 bits")]
    NotRsa,
}

/// A GitHub App, and which of its installations to act for.
#[derive(Clone)]
pub struct App {
    id: u64,
    installation: Option<u64>,
    repo: Option<RepoName>,
    key: std::sync::Arc<RsaKeyPair>,
}

impl App {
    /// The app `id` with its private key: `pem` as GitHub hands it out (PKCS#1), or as PKCS#8. Without an `installation`
    /// the one that reaches `repo` is looked for, and without that the only one.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot be used.
    pub fn new(
        id: u64,
        installation: Option<u64>,
        repo: Option<RepoName>,
        pem: &SecretString,
    ) -> Result<Self, KeyError> {
        // In an environment variable line ends are often written out.
        let pem = SecretString::from(pem.expose_secret().replace("\\n", "\n"));
        let der =
            PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| KeyError::NoKey)?;
        let key = match &der {
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            _ => return Err(KeyError::NotRsa),
        };
        Ok(Self { id, installation, repo, key: key.map_err(|_| KeyError::NotRsa)?.into() })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn installation(&self) -> Option<u64> {
        self.installation
    }

    pub(super) fn repo(&self) -> Option<&RepoName> {
        self.repo.as_ref()
    }

    /// What the app says of itself when it is `now` at GitHub. Nothing when there is no randomness to sign with.
    pub(super) fn signed(&self, now: DateTime<Utc>) -> Option<Signature> {
        let claims = json!({
            "iss": self.id.to_string(),
            "iat": (now - BACKDATED).timestamp(),
            "exp": (now + GOOD_FOR).timestamp(),
        });
        let mut said = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature).ok()?;
        said.push('.');
        said.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Some(Signature(said.into()))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("App")
            .field("id", &self.id)
            .field("installation", &self.installation)
            .field("repo", &self.repo)
            .finish_non_exhaustive()
    }
}

/// What a request is signed with.
#[derive(Clone, Debug)]
pub(super) struct Signature(SecretString);

impl Signature {
    pub(super) fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// The value of `Authorization`. Nothing for a token that holds what no header can.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    fn is(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

/// A token of an installation.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) signature: Signature,
    /// On GitHub's clock.
    pub(super) expires_at: DateTime<Utc>,
    /// What it may do: `issues` → `write`, …
    pub(super) permissions: BTreeMap<String, String>,
}

impl Granted {
    /// Whether to use it for a request that is sent when it is `now` at GitHub, after one with `refused` was refused.
    pub(super) fn is_good(&self, now: DateTime<Utc>, refused: Option<&Signature>) -> bool {
        now + EARLY < self.expires_at && !refused.is_some_and(|refused| refused.is(&self.signature))
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use github_sandbox::TEST_APP_KEY;
    use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    fn app(pem: &str) -> Result<App, KeyError> {
        App::new(4711, Some(2), None, &pem.into())
    }

    /// The same key wrapped as PKCS#8: a version, the algorithm, and the key in an octet string.
    fn pkcs8() -> String {
        let base64: String = TEST_APP_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
        let key = STANDARD.decode(base64).unwrap();
        let sized = |tag: u8, content: &[u8]| {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x82][..], &length, content].concat()
        };
        let mut inside = vec![0x02, 0x01, 0x00];
        inside.extend([
            0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
        ]);
        inside.extend(sized(0x04, &key));
        let text = STANDARD.encode(sized(0x30, &inside));
        format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    }

    #[test]
    fn what_an_app_says_is_signed_and_short_lived() {
        let now: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        for pem in [TEST_APP_KEY.to_owned(), pkcs8(), TEST_APP_KEY.replace('\n', "\\n")] {
            let app = app(&pem).unwrap();
            let signed = app.signed(now).unwrap();
            let (said, signature) = signed.0.expose_secret().rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, app.key.public_key().as_ref());
            key.verify(said.as_bytes(), &signature).unwrap();
            let claims = URL_SAFE_NO_PAD.decode(said.split_once('.').unwrap().1).unwrap();
            let claims: Value = serde_json::from_slice(&claims).unwrap();
            assert_eq!(claims["iss"], "4711");
            assert_eq!(now.timestamp() - claims["iat"].as_i64().unwrap(), 60);
            assert_eq!(claims["exp"].as_i64().unwrap() - now.timestamp(), 540);
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(app("").unwrap_err(), KeyError::NoKey);
        assert_eq!(app("ghp_a_token").unwrap_err(), KeyError::NoKey);
        let of = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
        assert_eq!(app(&of("CERTIFICATE")).unwrap_err(), KeyError::NoKey);
        assert_eq!(app(&of("EC PRIVATE KEY")).unwrap_err(), KeyError::NotRsa);
        assert_eq!(app(&of("RSA PRIVATE KEY")).unwrap_err(), KeyError::NotRsa);
    }

    #[test]
    fn a_credential_is_named_without_giving_it_away() {
        let name = |installation, repo: Option<&str>| {
            let repo = repo.map(|repo| repo.parse().unwrap());
            Credentials::App(App::new(4711, installation, repo, &TEST_APP_KEY.into()).unwrap()).name()
        };
        assert_eq!(name(Some(2), Some("acme/platform")), "app-4711-2");
        assert_eq!(name(None, Some("Acme/platform")), "app-4711-acme");
        assert_eq!(name(None, None), "app-4711");
        let token = Credentials::from("ghp_recognisable");
        assert!(token.name().starts_with("token-") && !token.name().contains("recognisable"));
        let shown =
            format!("{token:?} {:?} {:?}", app(TEST_APP_KEY).unwrap(), Signature::new("ghs_x".into()));
        assert!(!shown.contains("recognisable") && !shown.contains("ghs_x"), "{shown}");
        let header = Signature::new("ghs_x".into()).header().unwrap();
        assert!(header.is_sensitive() && format!("{header:?}") == "Sensitive");
    }

    #[test]
    fn a_token_is_replaced_five_minutes_before_its_end_and_when_it_was_refused() {
        let ends: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
        let signature = Signature::new("ghs_x".into());
        let granted = Granted { signature, expires_at: ends, permissions: BTreeMap::new() };
        assert!(granted.is_good(ends - Duration::seconds(301), None));
        assert!(!granted.is_good(ends - Duration::seconds(300), None));
        let now = ends - Duration::minutes(30);
        assert!(granted.is_good(now, Some(&Signature::new("ghs_before".into()))));
        assert!(!granted.is_good(now, Some(&granted.signature)));
    }
}
