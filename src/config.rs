//! The configuration file `followup.toml`: found, read, checked, and laid over by the environment.
//!
//! Invariant: a configuration that this module hands out is valid. An unknown key or a wrong value is an error that
//! names the file, the place and, for a key, the nearest known one. A flag wins over the environment, and the
//! environment over the file.

mod duration;
mod error;
mod sections;
mod words;
mod zone;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use chrono_tz::Tz;
use serde::Deserialize;

pub use error::ConfigError;
pub(crate) use error::nearest;
pub use sections::{
    DigestRule, GitHub, GitHubApp, OnSensitive, Person, Publish, Route, Server, Smtp, Sources, Sync,
    TrackerKind,
};
pub use words::{CategoryWords, KindWords, WeightedWords};

use crate::{
    action::{Category, Kind},
    intake::Classifier,
    policy::{MOST_DAYS, Policy},
};

/// The name of the file that is looked for here and in parent folders.
pub const FILE_NAME: &str = "followup.toml";

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The team's time zone: its days decide what is overdue.
    #[serde(deserialize_with = "zone::deserialize")]
    pub timezone: Tz,
    /// Where the database is: `sqlite://PATH`, relative to the file, or `postgres://…`.
    pub database: String,
    /// Which tracker holds the issues.
    pub tracker: TrackerKind,
    /// How to reach GitHub.
    pub github: GitHub,
    /// How reports are fetched from the web.
    pub sources: Sources,
    /// How issues are made.
    pub publish: Publish,
    /// How the two sides are kept in step.
    pub sync: Sync,
    /// The rules that set deadlines.
    pub policy: Policy,
    /// Who is who.
    pub people: Vec<Person>,
    /// What tells the category of an action, beside the words of the program.
    pub categories: BTreeMap<Category, CategoryWords>,
    /// What tells its kind.
    pub kinds: BTreeMap<Kind, KindWords>,
    /// What goes where.
    pub routing: Vec<Route>,
    /// Which digests are sent when.
    pub digest: Vec<DigestRule>,
    /// How mail is sent.
    pub smtp: Option<Smtp>,
    /// How the service listens.
    pub server: Server,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            timezone: Tz::UTC,
            database: "sqlite://followup.db".to_owned(),
            tracker: TrackerKind::GitHub,
            github: GitHub::default(),
            sources: Sources::default(),
            publish: Publish::default(),
            sync: Sync::default(),
            policy: Policy::default(),
            people: Vec::new(),
            categories: BTreeMap::new(),
            kinds: BTreeMap::new(),
            routing: Vec::new(),
            digest: Vec::new(),
            smtp: None,
            server: Server::default(),
        }
    }
}

/// A configuration and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// The file, where there is one.
    pub path: Option<PathBuf>,
}

impl Config {
    /// Reads a configuration from `text`; `name` is the file named in errors.
    ///
    /// # Errors
    /// [`ConfigError`] with line, column and excerpt for what cannot be read or is not allowed.
    pub fn parse(name: &Path, text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError::read(name, text, &error))?;
        config.check().map_err(|(key, message)| ConfigError::Invalid {
            path: name.to_owned(),
            key,
            message,
        })?;
        Ok(config)
    }

    /// What is to be said about a pace of new issues that is above what GitHub was seen to allow. Other servers have limits
    /// of their own, or none.
    #[must_use]
    pub fn pace_warning(&self) -> Option<String> {
        let host = self.github.api_url.split_once("://")?.1.split(['/', ':']).next()?;
        if self.tracker != TrackerKind::GitHub || !(host == "api.github.com" || host.ends_with(".ghe.com")) {
            return None;
        }
        let publish = &self.publish;
        let above: Vec<String> = [
            ("max_creates_per_minute", publish.max_creates_per_minute, sections::SEEN_PER_MINUTE),
            ("max_creates_per_hour", publish.max_creates_per_hour, sections::SEEN_PER_HOUR),
        ]
        .into_iter()
        .filter(|(_, configured, seen)| configured > seen)
        .map(|(key, configured, seen)| format!("{key} = {configured} is more than the {seen}"))
        .collect();
        let above = above.join(", and ");
        (!above.is_empty()).then(|| format!("publish.{above} that GitHub was seen to allow: it may refuse"))
    }

    fn check(&self) -> Result<(), (Cow<'static, str>, String)> {
        Classifier::new(&self.categories, &self.kinds).map_err(|(key, problem)| (key.into(), problem))?;
        self.check_values().map_err(|(key, message)| (key.into(), message))
    }

    fn check_values(&self) -> Result<(), (&'static str, String)> {
        if let Some(repo) = &self.github.repo {
            repo.parse::<crate::tracker::RepoName>().map_err(|error| ("github.repo", error.to_string()))?;
        }
        let url = &self.github.api_url;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(("github.api_url", format!("`{url}` is not an http or https address")));
        }
        if self.publish.labels.is_empty() {
            return Err((
                "publish.labels",
                "at least one label is needed to find our issues again".to_owned(),
            ));
        }
        if let Some(label) =
            self.publish.labels.iter().find(|label| label.is_empty() || label.chars().count() > 50)
        {
            return Err((
                "publish.labels",
                format!("`{label}` is not a label; GitHub takes 1 to 50 characters"),
            ));
        }
        for (key, name) in
            [("publish.milestone", &self.publish.milestone), ("publish.issue_type", &self.publish.issue_type)]
        {
            let Some(name) = name else { continue };
            if name.trim().is_empty() {
                return Err((key, "it is empty; leave the key out to set none".to_owned()));
            }
            if self.tracker == TrackerKind::Local {
                return Err((key, "the local tracker has none; leave the key out".to_owned()));
            }
        }
        if self.publish.secrets == OnSensitive::Allow {
            return Err((
                "publish.secrets",
                "a secret is never published unasked; write \"stop\" or \"redact\", and let one pass with `followup \
                 disclose`"
                    .to_owned(),
            ));
        }
        for (key, value) in [
            ("publish.max_creates_per_minute", self.publish.max_creates_per_minute),
            ("publish.max_creates_per_hour", self.publish.max_creates_per_hour),
        ] {
            if value == 0 {
                return Err((key, "0 would publish nothing, ever".to_owned()));
            }
        }
        let deadlines = &self.policy.deadlines;
        for (key, days) in [
            ("policy.assign_within_days", self.policy.assign_within_days),
            ("policy.deadlines.sev1", deadlines.sev1),
            ("policy.deadlines.sev2", deadlines.sev2),
            ("policy.deadlines.sev3", deadlines.sev3),
            ("policy.deadlines.sev4", deadlines.sev4),
            ("policy.deadlines.unknown", deadlines.unknown),
        ] {
            if days > MOST_DAYS {
                return Err((key, format!("{days} days are too many; the most is {MOST_DAYS}")));
            }
        }
        Ok(())
    }
}

/// Finds and reads the configuration: `flag`, then `FOLLOWUP_CONFIG` in `env`, then [`FILE_NAME`] in `folder` or a
/// parent of it; the defaults where there is none of the latter.
///
/// # Errors
/// [`ConfigError`] for a named file that is not there, and for what [`Config::parse`] refuses.
pub fn load(
    flag: Option<&Path>,
    env: impl Fn(&str) -> Option<String>,
    folder: &Path,
) -> Result<Loaded, ConfigError> {
    let named = flag.map(Path::to_owned).or_else(|| env("FOLLOWUP_CONFIG").map(PathBuf::from));
    let found =
        named.or_else(|| folder.ancestors().map(|parent| parent.join(FILE_NAME)).find(|path| path.is_file()));
    let mut loaded = match found {
        None => Loaded { config: Config::default(), path: None },
        Some(path) => {
            let text = std::fs::read_to_string(&path).map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => ConfigError::Missing { path: path.clone() },
                _ => ConfigError::Unreadable { path: path.clone(), source },
            })?;
            Loaded { config: Config::parse(&path, &text)?, path: Some(path) }
        }
    };
    if let Some(url) = env("FOLLOWUP_GITHUB_API_URL") {
        loaded.config.github.api_url = url;
        loaded
            .config
            .check()
            .map_err(|(_, message)| ConfigError::Environment { name: "FOLLOWUP_GITHUB_API_URL", message })?;
    }
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("followup.toml"), text)
            .map_err(|error| format!("{error}\n  {}", error.hint()))
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        let config = parse("").unwrap();
        assert_eq!(config.github.api_url, "https://api.github.com");
        assert_eq!(config.publish.create_interval, Duration::from_secs(3));
        assert_eq!(config.sync.settle, Duration::from_secs(120));
        assert_eq!(config.policy.deadlines.sev1, 15);
    }

    #[test]
    fn every_key_of_the_documented_file_is_known() {
        let config = parse(
            r#"
            timezone = "Africa/Kampala"
            database = "sqlite://followup.db"
            [github]
            api_url = "http://127.0.0.1:8090"
            repo = "acme/platform"
            app = { id = 1, private_key_file = "app.pem", installation_id = 2 }
            [publish]
            labels = ["corrective-action"]
            milestone = "Post-incident work"
            issue_type = "Task"
            parent_issue = true
            allow_public = false
            secrets = "redact"
            emails = "allow"
            private_addresses = "stop"
            create_interval = "3s"
            max_creates_per_minute = 18
            max_creates_per_hour = 140
            [sync]
            poll_interval = "5m"
            request_timeout = "30s"
            settle = "120s"
            rescan_gap = "500ms"
            [policy]
            clock_start = "later"
            assign_within_days = 3
            [policy.deadlines]
            sev1 = 15
            [[people]]
            name = "Grace Apio"
            login = "gapio"
            email = "grace@acme.example"
            aliases = ["Grace", "GA"]
            team = "platform"
            [categories.compliance]
            kind = "process"
            words = ["gdpr", "data retention +6"]
            [kinds.prevent]
            words = ["poka yoke +6"]
            [[routing]]
            category = "testing"
            repo = "acme/tests"
            labels = ["qa"]
            [[digest]]
            schedule = "0 9 * * 1"
            for = "leadership"
            to = ["boss@acme.example"]
            via = "smtp"
            [smtp]
            url = "smtp://127.0.0.1:2525"
            from = "followup@acme.example"
            [server]
            listen = "127.0.0.1:8080"
            public_url = ""
            trusted_proxies = []
            "#,
        )
        .unwrap();
        assert_eq!(config.timezone, Tz::Africa__Kampala);
        assert_eq!(config.sync.rescan_gap, Duration::from_millis(500));
        assert_eq!(config.people[0].login.as_deref(), Some("gapio"));
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_known_one() {
        insta::assert_snapshot!(parse("[publish]\nalow_public = true\n").unwrap_err(), @"
        followup.toml, line 2: `alow_public` is not a key here; there are labels, milestone, issue_type, parent_issue, allow_public, secrets, emails, private_addresses, create_interval, max_creates_per_minute, max_creates_per_hour
          did you mean `allow_public`?
        ");
        insta::assert_snapshot!(parse("[publish]\nmilestones = [\"After\"]\n").unwrap_err(), @"
        followup.toml, line 2: `milestones` is not a key here; there are labels, milestone, issue_type, parent_issue, allow_public, secrets, emails, private_addresses, create_interval, max_creates_per_minute, max_creates_per_hour
          did you mean `milestone`?
        ");
        insta::assert_snapshot!(parse("[policy.deadlines]\nsev5 = 3\n").unwrap_err(), @"
        followup.toml, line 2: `sev5` is not a key here; there are sev1, sev2, sev3, sev4, unknown
          did you mean `sev4`?
        ");
    }

    #[test]
    fn a_wrong_value_names_its_place() {
        insta::assert_snapshot!(parse("[sync]\nsettle = \"soon\"\n").unwrap_err(), @r#"
        followup.toml, line 2: settle: `soon` is not a duration; write something like "3s", "5m" or "2h"
          correct the file; the README describes every key
        "#);
        insta::assert_snapshot!(parse("[publish]\nmilestone = \" \"\n").unwrap_err(), @"
        followup.toml: publish.milestone: it is empty; leave the key out to set none
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("tracker = \"local\"\n[publish]\nissue_type = \"Task\"\n").unwrap_err(), @"
        followup.toml: publish.issue_type: the local tracker has none; leave the key out
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[github]\nrepo = \"acme\"\n").unwrap_err(), @"
        followup.toml: github.repo: `acme` is not a repository; expected `owner/name`
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[sync]\nsettle = \"31d\"\n").unwrap_err(), @"
        followup.toml, line 2: settle: `31d` is too long; the most is \"30d\"
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[policy.deadlines]\nsev2 = 3651\n").unwrap_err(), @"
        followup.toml: policy.deadlines.sev2: 3651 days are too many; the most is 3650
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[policy]\nassign_within_days = 4000000000\n").unwrap_err(), @"
        followup.toml: policy.assign_within_days: 4000000000 days are too many; the most is 3650
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("timezone = \"Kampala\"\n").unwrap_err(), @"
        followup.toml, line 1: timezone: `Kampala` is not a time zone; did you mean `Africa/Kampala`?
          correct the file; the README describes every key
        ");
    }

    #[test]
    fn words_that_make_no_sense_name_their_place() {
        insta::assert_snapshot!(parse("[kinds.preventt]\nwords = [\"x\"]\n").unwrap_err(), @"
        followup.toml, line 1: `preventt` is not known here; there are prevent, mitigate, detect, process, repair, investigate, other
          did you mean `prevent`?
        ");
        insta::assert_snapshot!(parse("[categories.Data]\nwords = [\"x\"]\n").unwrap_err(), @"
        followup.toml, line 1: `Data` is not the name of a category; use lower-case letters, digits and hyphens, as in `data-retention`
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[categories.data]\nword = [\"x\"]\n").unwrap_err(), @"
        followup.toml, line 2: `word` is not a key here; there are kind, words
          did you mean `words`?
        ");
        insta::assert_snapshot!(parse("[categories.data]\nwords = [\n  \"x\",\n  \"audit +12\",\n]\n").unwrap_err(), @"
        followup.toml, line 2: words: `audit +12`: a weight is +0 to +9
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[categories.data]\nwords = [\"audit\", \"audits +3\"]\n").unwrap_err(), @"
        followup.toml: categories.data: `audits` says the same as `audit`
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[categories.data]\nwords = [\"the\"]\n").unwrap_err(), @"
        followup.toml: categories.data: `the` has no word
          correct the file; the README describes every key
        ");
        insta::assert_snapshot!(parse("[categories.data]\nkind = \"detekt\"\n").unwrap_err(), @"
        followup.toml, line 2: `detekt` is not known here; there are prevent, mitigate, detect, process, repair, investigate, other
          did you mean `detect`?
        ");
    }

    /// The documented file.
    const EXAMPLE: &str = include_str!("../examples/followup.toml");

    #[test]
    fn the_documented_file_is_a_configuration_also_with_what_it_only_mentions() {
        let config = parse(EXAMPLE).unwrap();
        assert_eq!(config.people[0].login.as_deref(), Some("isolheim"));
        let config = parse(&uncommented()).unwrap();
        assert_eq!(config.routing[0].severity, Some(crate::action::Severity::Sev1));
        assert!(config.github.app.is_some() && config.smtp.is_some() && !config.digest.is_empty());
    }

    #[test]
    fn the_documented_file_names_every_key() {
        let documented: toml::Table = uncommented().parse().unwrap();
        for place in [
            "",
            "github",
            "github.app",
            "sources",
            "publish",
            "sync",
            "policy",
            "policy.deadlines",
            "people",
            "categories.compliance",
            "kinds.prevent",
            "routing",
            "digest",
            "smtp",
            "server",
        ] {
            let section =
                place.split('.').filter(|part| !part.is_empty()).fold(documented.clone(), |table, part| {
                    match &table[part] {
                        toml::Value::Array(list) => list[0].as_table().unwrap().clone(),
                        value => value.as_table().unwrap().clone(),
                    }
                });
            for key in keys(place) {
                assert!(section.contains_key(&key), "examples/followup.toml has no `{key}` under [{place}]");
            }
        }
    }

    /// The documented file with what stands in it as a comment: lines like `# key = value` and `# [section]`.
    fn uncommented() -> String {
        let is_toml = |line: &str| line.starts_with('[') || line.contains(" = ");
        let lines = EXAMPLE.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest) if is_toml(rest) && !rest.starts_with('#') => rest,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The keys that are known at `place`, from what is said about one that is not.
    fn keys(place: &str) -> Vec<String> {
        let heading = match place {
            "" => String::new(),
            "people" | "routing" | "digest" => format!("[[{place}]]\n"),
            _ => format!("[{place}]\n"),
        };
        let refusal = parse(&format!("{heading}nonsense = 1\n")).unwrap_err();
        let list = refusal.split_once("there are ").unwrap().1.lines().next().unwrap();
        list.split(", ").map(str::to_owned).collect()
    }

    #[test]
    fn the_environment_names_the_file_and_lays_itself_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.toml");
        std::fs::write(&path, "[github]\napi_url = \"https://ghe.acme.example/api/v3\"\n").unwrap();
        let env = |name: &str| match name {
            "FOLLOWUP_CONFIG" => Some(path.display().to_string()),
            "FOLLOWUP_GITHUB_API_URL" => Some("http://127.0.0.1:9".to_owned()),
            _ => None,
        };
        assert_eq!(load(None, env, folder.path()).unwrap().config.github.api_url, "http://127.0.0.1:9");
        let error = load(Some(Path::new("/nowhere.toml")), |_| None, folder.path()).unwrap_err();
        assert_eq!(error.to_string(), "there is no configuration file /nowhere.toml");
    }

    #[test]
    fn the_file_is_found_in_a_parent_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "timezone = \"Europe/Oslo\"").unwrap();
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(load(None, |_| None, &deep).unwrap().config.timezone, Tz::Europe__Oslo);
    }
}
