//! What every command stands on: configuration, database, clocks, and who is acting.

use std::{
    env,
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, SubsecRound, Utc};
use secrecy::SecretString;

use super::{CliError, args::Global, progress::Reporter};
use crate::{
    action::{Actor, ActorKind},
    clock::Clocks,
    config::{self, Config, Loaded, TrackerKind},
    store::{Access, Location, Stamp, Store},
    sync::{Engine, Settings},
    tracker::{LocalTracker, Tracker, github},
};

/// The environment and the configuration of a command.
#[derive(Debug)]
pub(super) struct App {
    pub(super) global: Global,
    pub(super) config: Config,
    /// The configuration file, where there is one.
    pub(super) config_path: Option<PathBuf>,
    pub(super) clocks: Clocks,
    /// Where the command was called.
    pub(super) folder: PathBuf,
    /// What to sign in with, instead of what the environment says.
    pub(super) token: Option<SecretString>,
    /// The databases that the command opened.
    opened: Mutex<Vec<Store>>,
}

impl App {
    pub(super) fn new(global: Global) -> Result<Self, CliError> {
        let folder = here()?;
        let loaded = config::load(global.config.as_deref(), variable, &folder)?;
        Self::with(global, folder, loaded)
    }

    /// For the command that writes the configuration: it need not be there yet, and one of a parent folder is not meant.
    pub(super) fn for_init(global: Global) -> Result<Self, CliError> {
        let folder = here()?;
        let named = global.config.clone().or_else(|| variable("FOLLOWUP_CONFIG").map(PathBuf::from));
        let path = folder.join(named.unwrap_or_else(|| config::FILE_NAME.into()));
        let loaded = if path.exists() {
            config::load(Some(&path), variable, &folder)?
        } else {
            Loaded { config: Config::default(), path: Some(path) }
        };
        Self::with(global, folder, loaded)
    }

    fn with(global: Global, folder: PathBuf, loaded: Loaded) -> Result<Self, CliError> {
        // It stands in every history and list: nothing in it may move the cursor or begin a line.
        if variable("FOLLOWUP_ACTOR").is_some_and(|actor| actor.contains(char::is_control)) {
            return Err(CliError::configuration(
                "environment variable FOLLOWUP_ACTOR: a name is one line without control characters",
                "correct or unset FOLLOWUP_ACTOR",
            ));
        }
        let fixed = variable("FOLLOWUP_NOW").map(|text| fixed_now(&text)).transpose()?;
        let clocks = Clocks::new(fixed, loaded.config.timezone);
        #[cfg(debug_assertions)]
        let clocks = for_harnesses(clocks)?;
        Ok(Self::from_parts(global, loaded, clocks, folder))
    }

    pub(super) fn from_parts(global: Global, loaded: Loaded, clocks: Clocks, folder: PathBuf) -> Self {
        let Loaded { config, path: config_path } = loaded;
        Self { global, config, config_path, clocks, folder, token: None, opened: Mutex::default() }
    }

    /// Ends the work with the databases, so that SQLite folds its log back into the file: a copy of the file alone is
    /// then a copy of the database.
    pub(super) async fn close(&self) {
        let opened = std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner));
        for store in opened {
            store.close().await;
        }
    }

    /// Where the database is: `--db` and `FOLLOWUP_DB` are relative to here, `database` to the configuration file.
    pub(super) fn location(&self) -> Result<Location, CliError> {
        if let Some(db) = self.global.db.as_deref().filter(|db| !db.is_empty()) {
            return Ok(db.parse::<Location>()?.relative_to(&self.folder));
        }
        Ok(self
            .config
            .database
            .parse::<Location>()?
            .relative_to(&self.beside_the_configuration(Path::new(""))))
    }

    /// Where a path of the configuration file is: relative to that file.
    pub(super) fn beside_the_configuration(&self, path: &Path) -> PathBuf {
        let folder = self.config_path.as_deref().and_then(Path::parent).unwrap_or(&self.folder);
        self.folder.join(folder).join(path)
    }

    pub(super) async fn store(&self, access: Access) -> Result<Store, CliError> {
        let location = self.location()?;
        if let Location::File(path) = &location
            && path.is_dir()
        {
            return Err(CliError::configuration(
                format!("{location} is a folder, not a database"),
                "name a file with --db, FOLLOWUP_DB, or `database` in followup.toml",
            ));
        }
        let store = Store::open(location, access).await?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).push(store.clone());
        Ok(store)
    }

    /// Says which database failed, where the message does not.
    pub(super) fn naming_the_database(&self, error: CliError) -> CliError {
        match self.location() {
            Ok(location)
                if error.code == CliError::DATABASE && !error.message.contains(&location.to_string()) =>
            {
                CliError { message: format!("{location}: {}", error.message), ..error }
            }
            _ => error,
        }
    }

    /// What the events of this command say about where they came from.
    pub(super) fn stamp(&self) -> Stamp {
        let os_user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
        let declared = variable("FOLLOWUP_ACTOR");
        let actor = Actor {
            declared: declared.is_some(),
            name: declared.unwrap_or_else(|| os_user.clone()),
            kind: ActorKind::User,
        };
        Stamp {
            actor,
            at: self.clocks.now(),
            recorded_at: self.clocks.pacing.now().trunc_subsecs(0),
            os_user,
            fixed_clock: self.clocks.is_fixed,
        }
    }

    /// The tracker of the configuration. Nothing is sent yet.
    pub(super) fn tracker(&self, store: &Store) -> Result<Arc<dyn Tracker>, CliError> {
        match self.config.tracker {
            TrackerKind::Local => {
                Ok(Arc::new(LocalTracker::new(store.clone(), self.stamp(), self.clocks.pacing.clone())))
            }
            TrackerKind::GitHub => Ok(Arc::new(self.github()?)),
        }
    }

    /// The GitHub of the configuration. Nothing is sent yet.
    pub(super) fn github(&self) -> Result<github::GitHub, CliError> {
        let github = github::GitHub::new(github::Settings {
            api_url: self.config.github.api_url.clone(),
            credentials: self.credentials(&self.config.github.api_url)?,
            may_be_anonymous: false,
            request_timeout: self.config.sync.request_timeout,
            label: self.config.publish.labels[0].clone(),
        })?;
        // Who allows issues faster than GitHub advises has a server without limits.
        let breath = self.config.publish.create_interval.min(Duration::from_secs(1));
        Ok(github.paced_by(self.clocks.pacing.clone()).writing_every(breath))
    }

    /// The engine over `store` and the tracker of the configuration, telling a person what it waits for.
    pub(super) async fn engine(&self, store: &Store) -> Result<Engine, CliError> {
        let tracker = self.tracker(store)?;
        let local = || "local/actions".parse().expect("it is two plain words");
        let repo = match self.config.tracker {
            TrackerKind::Local => Some(local()),
            TrackerKind::GitHub => self.config.github.repo.as_deref().and_then(|repo| repo.parse().ok()),
        };
        let (publish, sync) = (self.config.publish.clone(), self.config.sync.clone());
        let settings = Settings { publish, sync, repo, is_background: !has_a_person() };
        if let Some(warning) = self.config.pace_warning() {
            tracing::warn!("{warning}");
        }
        let reporter = Reporter::new(self.global.quiet, self.config.timezone);
        let tell = move |progress| reporter.tell(&progress);
        Ok(Engine::new(store.clone(), tracker, self.clocks.clone(), settings, self.stamp(), tell).await?)
    }
}

fn here() -> Result<PathBuf, CliError> {
    env::current_dir().map_err(|error| {
        CliError::configuration(
            format!("cannot tell where this is: {error}"),
            "change to a folder that exists",
        )
    })
}

/// Whether somebody sits at a terminal; a job of cron or CI has none.
fn has_a_person() -> bool {
    std::io::stdin().is_terminal() || std::io::stderr().is_terminal()
}

/// A variable of the environment; an empty one is none.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// What the crash harness changes, which no user can: how fast time passes, and where the process dies.
#[cfg(debug_assertions)]
fn for_harnesses(clocks: Clocks) -> Result<Clocks, CliError> {
    if let Some(places) = variable("FOLLOWUP_FAILPOINT") {
        crate::failpoint::arm(&places);
    }
    let Some(text) = variable("FOLLOWUP_FAST_CLOCK") else { return Ok(clocks) };
    let fast = text.parse().map_err(|error| {
        CliError::configuration(
            format!("environment variable FOLLOWUP_FAST_CLOCK: {error}"),
            "unset FOLLOWUP_FAST_CLOCK",
        )
    })?;
    Ok(clocks.sped_up(fast))
}

fn fixed_now(text: &str) -> Result<DateTime<Utc>, CliError> {
    DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc()).map_err(|_| {
        CliError::configuration(
            format!("environment variable FOLLOWUP_NOW: `{text}` is not a moment"),
            "write it as 2026-05-31T09:00:00+03:00, or unset FOLLOWUP_NOW",
        )
    })
}
