//! Webhooks: what GitHub says by itself, taken as a hint at issues to look at.
//!
//! Invariants:
//! * A delivery changes no action and no issue. It marks links, and the next look at their issues decides: deliveries come
//!   late, twice, in any order, or never.
//! * What proves to come from GitHub is never refused for what it says: an unknown event or shape is written down.
//! * What does not prove it writes nothing.

mod payload;

use chrono::{Duration, SubsecRound};
use ring::{digest, hmac};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use self::payload::Payload;
use crate::store::{Delivery as Row, Link, Stamp, Store, StoreError, UnitOfWork};

/// The most bytes of a delivery: GitHub sends none with more.
pub const MAX_BYTES: usize = 25 * 1024 * 1024;

/// How long deliveries are remembered. GitHub sends none again after three days.
const REMEMBERED_DAYS: i64 = 30;

/// So many old deliveries are forgotten with each new one: more than come, and never long work.
const FORGOTTEN_AT_ONCE: i64 = 100;

/// The longest words of a header that are kept.
const MAX_WORD: usize = 100;

/// A delivery as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delivery<'a> {
    /// The body, byte by byte.
    pub body: &'a [u8],
    /// `X-GitHub-Event`.
    pub event: Option<&'a str>,
    /// `X-GitHub-Delivery`. One without is known by its content.
    pub guid: Option<&'a str>,
    /// `Content-Type`; JSON when nothing is said.
    pub content_type: Option<&'a str>,
}

/// Why a delivery is believed.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// `X-Hub-Signature-256` fits one of the secrets.
    Signature(Option<&'a str>),
    /// It did not come over a network: GitHub itself put it there, as in Actions.
    Trusted,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// By what it is known when it comes again.
    pub delivery: String,
    /// The event.
    pub event: String,
    /// What happened, as `closed`.
    pub action: Option<String>,
    /// Whose issues are to be looked at because of it: `CA-1`, or `IR-1` for a parent.
    pub hinted: Vec<String>,
    /// Whether it came before; then nothing was done.
    pub is_repeated: bool,
    /// Whether its body could be read.
    pub is_understood: bool,
}

/// Why a delivery was not taken. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// GitHub sends none as long as this.
    #[error("the delivery is longer than 25 MB")]
    TooLong,
    /// There is nothing to check a signature with.
    #[error("there is no secret to check the delivery with")]
    NoSecret,
    /// It carries no signature.
    #[error("the delivery is not signed: it has no X-Hub-Signature-256")]
    Unsigned,
    /// Its signature is not that of GitHub, or its body was changed on the way.
    #[error("the signature of the delivery does not fit")]
    Forged,
    /// Nobody said what it is about.
    #[error("nobody says which event it is: there is no X-GitHub-Event")]
    NoEvent,
    /// Neither JSON nor a form.
    #[error("a delivery of type `{0}` cannot be read")]
    Type(String),
    /// The database did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReceiveError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLong => "pass the body of one delivery, as GitHub sent it",
            Self::NoSecret => "set FOLLOWUP_WEBHOOK_SECRET to the secret of the webhook at GitHub",
            Self::Unsigned => {
                "give the webhook a secret at GitHub, and pass on the header X-Hub-Signature-256 with every delivery"
            }
            Self::Forged => {
                "compare FOLLOWUP_WEBHOOK_SECRET with the secret at GitHub, and pass the body on byte by byte; when neither \
                 is wrong, GitHub did not send it"
            }
            Self::NoEvent => "pass on the header X-GitHub-Event with every delivery",
            Self::Type(_) => {
                "set the content type of the webhook at GitHub to application/json or application/x-www-form-urlencoded"
            }
            Self::Store(error) => error.hint(),
        }
    }
}

/// Where deliveries of one GitHub are taken in.
#[derive(Debug)]
pub struct Inbox {
    store: Store,
    tracker: &'static str,
    host: String,
    secrets: Vec<SecretString>,
}

impl Inbox {
    /// For the deliveries of `tracker` at `host`, as links name them. While a secret is exchanged for another one, both
    /// count; an empty one is none.
    #[must_use]
    pub fn new(store: Store, tracker: &'static str, host: &str, secrets: Vec<SecretString>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| !secret.expose_secret().is_empty()).collect();
        Self { store, tracker, host: host.to_owned(), secrets }
    }

    /// Takes a delivery: writes it down, and marks the links that it names.
    ///
    /// # Errors
    /// [`ReceiveError`] when it is not GitHub's, or the database does not take it.
    pub async fn receive(
        &self,
        stamp: &Stamp,
        delivery: &Delivery<'_>,
        proof: Proof<'_>,
    ) -> Result<Receipt, ReceiveError> {
        if delivery.body.len() > MAX_BYTES {
            return Err(ReceiveError::TooLong);
        }
        match proof {
            Proof::Signature(signature) => self.check(delivery.body, signature)?,
            Proof::Trusted => {}
        }
        let event = delivery.event.map(str::trim).filter(|event| !event.is_empty());
        let event = shortened(event.ok_or(ReceiveError::NoEvent)?);
        let json = payload::json_of(delivery.body, delivery.content_type)?;
        let payload = json.as_deref().and_then(|json| serde_json::from_slice(json).ok());
        let is_understood = payload.is_some();
        if !is_understood {
            tracing::info!(event, "a delivery is not JSON; it is written down, and marks nothing");
        }
        let payload = payload.map(|payload| Payload::of(&event, &payload)).unwrap_or_default();
        let row = Row {
            guid: guid_of(delivery),
            event,
            action: payload.action.as_deref().map(shortened),
            issue_id: payload.issue_id,
            repo_id: payload.repo_id,
        };
        let receipt = |hinted: Vec<String>, is_repeated: bool| Receipt {
            delivery: row.guid.clone(),
            event: row.event.clone(),
            action: row.action.clone(),
            hinted,
            is_repeated,
            is_understood,
        };

        let stamp = Stamp { recorded_at: stamp.recorded_at.trunc_subsecs(0), ..stamp.clone() };
        let mut work = self.store.begin(&stamp).await?;
        if work.knows_delivery(&row.guid).await? {
            return Ok(receipt(Vec::new(), true));
        }
        let mut hinted = Vec::new();
        for link in self.links_named(&mut work, &payload).await? {
            if work.hint(&link).await? {
                hinted.push(
                    link.action_id.map_or_else(|| link.report_id.to_string(), |action| action.to_string()),
                );
            }
        }
        work.add_delivery(&row, i64::try_from(hinted.len()).unwrap_or(i64::MAX)).await?;
        let horizon = stamp.recorded_at - Duration::days(REMEMBERED_DAYS);
        work.forget_deliveries(horizon, FORGOTTEN_AT_ONCE).await?;
        work.commit().await?;
        Ok(receipt(hinted, false))
    }

    /// Whether a signature over these bytes was made with one of our secrets. It takes as long whichever byte is wrong.
    fn check(&self, body: &[u8], signature: Option<&str>) -> Result<(), ReceiveError> {
        if self.secrets.is_empty() {
            return Err(ReceiveError::NoSecret);
        }
        let signature = signature.map(str::trim).filter(|signature| !signature.is_empty());
        let signature = signature.ok_or(ReceiveError::Unsigned)?;
        let tag = signature.strip_prefix("sha256=").and_then(bytes_of_hex).ok_or(ReceiveError::Forged)?;
        let fits = |secret: &SecretString| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
            hmac::verify(&key, body, &tag).is_ok()
        };
        if self.secrets.iter().any(fits) { Ok(()) } else { Err(ReceiveError::Forged) }
    }

    /// The links of everything that a payload names, each once.
    async fn links_named(&self, work: &mut UnitOfWork, payload: &Payload) -> Result<Vec<Link>, StoreError> {
        let mut links = Vec::new();
        for id in &payload.issues {
            links.extend(work.link_of_issue(self.tracker, &self.host, *id).await?);
        }
        for (repo, number) in &payload.places {
            links.extend(work.link_at(self.tracker, &self.host, *repo, *number).await?);
        }
        for repo in &payload.repositories {
            links.extend(work.links_in(self.tracker, &self.host, *repo).await?);
        }
        links.sort_by(|one, other| (one.action_id, &one.ulid).cmp(&(other.action_id, &other.ulid)));
        links.dedup_by(|one, other| one.ulid == other.ulid);
        Ok(links)
    }
}

/// By what a delivery is known: GitHub's number of it, or its content.
fn guid_of(delivery: &Delivery<'_>) -> String {
    let guid = delivery.guid.map(str::trim).filter(|guid| !guid.is_empty() && guid.len() <= MAX_WORD);
    guid.map_or_else(
        || {
            let digest = digest::digest(&digest::SHA256, delivery.body);
            let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("sha256:{hex}")
        },
        str::to_owned,
    )
}

fn shortened(word: &str) -> String {
    word.chars().filter(|letter| !letter.is_control()).take(MAX_WORD).collect()
}

/// The 32 bytes that 64 digits tell.
fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
