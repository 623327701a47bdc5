//! The sections of the configuration file, with their defaults.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use super::duration;
use crate::{action::Severity, source::Allowed};

/// Which tracker holds the issues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackerKind {
    /// GitHub or GitHub Enterprise Server.
    #[default]
    GitHub,
    /// Followup's own database.
    Local,
}

/// How to reach GitHub.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GitHub {
    /// The root of the REST API.
    pub api_url: String,
    /// The repository that actions are published to, as `owner/name`.
    pub repo: Option<String>,
    /// The GitHub App to act as where no token is in the environment.
    pub app: Option<GitHubApp>,
}

impl Default for GitHub {
    fn default() -> Self {
        Self { api_url: "https://api.github.com".to_owned(), repo: None, app: None }
    }
}

/// A GitHub App and its installation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitHubApp {
    /// The App's number.
    pub id: u64,
    /// Its private key, a PEM file; relative to the configuration file.
    #[serde(default)]
    pub private_key_file: Option<PathBuf>,
    /// The installation to act for; the one that reaches `repo` when not given.
    #[serde(default)]
    pub installation_id: Option<u64>,
}

/// How many issues a minute GitHub was seen to allow (github.com/cli/cli/issues/4801).
pub(super) const SEEN_PER_MINUTE: u32 = 20;

/// The same for an hour.
pub(super) const SEEN_PER_HOUR: u32 = 150;

/// What becomes of text that is not for everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnSensitive {
    /// The action waits until a person decides.
    #[default]
    Stop,
    /// It is replaced in the issue.
    Redact,
    /// It is published.
    Allow,
}

/// How issues are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publish {
    /// The labels of every issue; the first is how ours are found again.
    pub labels: Vec<String>,
    /// The title of the milestone that new issues are put under.
    pub milestone: Option<String>,
    /// The type of the issues of actions, as the organisation calls it.
    pub issue_type: Option<String>,
    /// Whether a report gets an issue of its own, with the actions as its sub-issues.
    pub parent_issue: bool,
    /// Whether to publish into a public repository.
    pub allow_public: bool,
    /// What becomes of tokens, keys and passwords; they are never allowed.
    pub secrets: OnSensitive,
    /// What becomes of e-mail addresses.
    pub emails: OnSensitive,
    /// What becomes of addresses and names of inner machines.
    pub private_addresses: OnSensitive,
    /// The least time between two creates.
    #[serde(deserialize_with = "duration::deserialize")]
    pub create_interval: Duration,
    /// The most creates in any 60 seconds.
    pub max_creates_per_minute: u32,
    /// The most creates in any 3,600 seconds.
    pub max_creates_per_hour: u32,
}

impl Default for Publish {
    fn default() -> Self {
        Self {
            labels: vec!["corrective-action".to_owned()],
            milestone: None,
            issue_type: None,
            parent_issue: true,
            allow_public: false,
            secrets: OnSensitive::Stop,
            emails: OnSensitive::Stop,
            private_addresses: OnSensitive::Stop,
            // GitHub documents 80 creates a minute and 500 an hour, "lower" for some endpoints; what its users
            // measured for issues is about 20 a minute and 150 an hour (github.com/cli/cli/issues/4801).
            create_interval: Duration::from_secs(3),
            max_creates_per_minute: 18,
            max_creates_per_hour: 140,
        }
    }
}

/// How the two sides are kept in step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// How often the service looks.
    #[serde(deserialize_with = "duration::deserialize")]
    pub poll_interval: Duration,
    /// How long a request may take.
    #[serde(deserialize_with = "duration::deserialize")]
    pub request_timeout: Duration,
    /// How long an unanswered create may still land.
    #[serde(deserialize_with = "duration::deserialize")]
    pub settle: Duration,
    /// The least time between two scans for it.
    #[serde(deserialize_with = "duration::deserialize")]
    pub rescan_gap: Duration,
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_secs(300),
            request_timeout: Duration::from_secs(30),
            settle: Duration::from_secs(120),
            rescan_gap: Duration::from_secs(30),
        }
    }
}

/// How reports are fetched from the web.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// Hosts and networks that are not public, and may be asked all the same.
    pub allow_private: Allowed,
    /// How long a report may take to come.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
}

impl Default for Sources {
    fn default() -> Self {
        Self { allow_private: Allowed::default(), timeout: Duration::from_secs(60) }
    }
}

/// Somebody whom reports name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// The full name.
    pub name: String,
    /// The tracker login.
    pub login: Option<String>,
    /// The address that mail goes to.
    pub email: Option<String>,
    /// Other ways in which reports write the name.
    pub aliases: Vec<String>,
    /// The group.
    pub team: Option<String>,
}

/// What goes where.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Route {
    /// Matches actions of this category.
    pub category: Option<String>,
    /// Matches reports about this service.
    pub service: Option<String>,
    /// Matches reports read from a path like this.
    pub path: Option<String>,
    /// Matches reports of this severity.
    pub severity: Option<Severity>,
    /// The repository to publish to.
    pub repo: Option<String>,
    /// Further labels.
    pub labels: Vec<String>,
    /// The group that owns it.
    pub team: Option<String>,
    /// Who owns it when the report names nobody.
    pub owner: Option<String>,
    /// Who verifies it.
    pub verifier: Option<String>,
    /// Who hears about it when it is late.
    pub escalation: Option<String>,
}

/// A digest that is sent on a schedule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DigestRule {
    /// A cron expression, in the team's time zone.
    pub schedule: String,
    /// Whose digest it is.
    #[serde(rename = "for")]
    pub audience: Option<String>,
    /// Who gets it.
    pub to: Vec<String>,
    /// How it is sent.
    pub via: Option<String>,
}

/// How mail is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// The server, as `smtp://` or `smtps://`.
    pub url: String,
    /// The sender.
    pub from: String,
}

/// How the service listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// The address.
    pub listen: String,
    /// The address that people use, where a proxy stands in front.
    pub public_url: String,
    /// The addresses whose headers are believed.
    pub trusted_proxies: Vec<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".to_owned(), public_url: String::new(), trusted_proxies: Vec::new() }
    }
}
