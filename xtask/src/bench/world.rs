//! A place to run `followup` in: a folder with a configuration, a database, and reports.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::reports::{self, PEOPLE, Shape};
use crate::tools;

/// How fast issues are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As fast as it goes: a sandbox can take it. Reports get no issues of their own.
    None,
    /// Ten times as fast as configured by default.
    Tenfold,
}

/// A temporary folder that holds everything one measurement needs.
#[derive(Debug)]
pub(crate) struct World {
    followup: PathBuf,
    folder: TempDir,
}

impl World {
    /// A world for the program `followup`, whose tracker is at `api_url`.
    pub(crate) fn new(followup: &Path, api_url: &str, pace: Pace) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("followup-bench-").tempdir()?;
        fs::write(folder.path().join("followup.toml"), configuration(api_url, pace))?;
        Ok(Self { followup: followup.to_path_buf(), folder })
    }

    /// Where everything is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes reports and returns their folder.
    pub(crate) fn reports(&self, count: usize, shape: Shape) -> Result<PathBuf> {
        let folder = self.folder.path().join("reports");
        reports::write(&folder, count, shape)?;
        Ok(folder)
    }

    /// `followup` with this world's configuration and database, and nothing from the caller's environment.
    pub(crate) fn followup(&self, arguments: &[&str]) -> Command {
        let mut command = tools::command(&self.followup);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("FOLLOWUP_")) {
                command.env_remove(name);
            }
        }
        command.env("FOLLOWUP_ACTOR", "bench").env("GH_TOKEN", "sandbox-token").env_remove("GITHUB_TOKEN");
        command.current_dir(self.folder.path()).arg("--config").arg(self.folder.path().join("followup.toml"));
        command.arg("--db").arg(format!("sqlite://{}", self.folder.path().join("followup.db").display()));
        command.args(arguments);
        command
    }

    /// Imports and accepts a folder of reports. `followup` reads the clock from `now`.
    pub(crate) fn import(&self, reports: &Path, now: &str) -> Result<Command> {
        let reports = reports.to_str().context("the temporary folder is not UTF-8")?;
        let mut command = self.followup(&["import", reports, "--accept", "--format", "json"]);
        command.env("FOLLOWUP_NOW", now);
        Ok(command)
    }
}

fn configuration(api_url: &str, pace: Pace) -> String {
    let (interval, minute, hour) = match pace {
        Pace::None => ("0s", 1_000_000, 1_000_000),
        Pace::Tenfold => ("300ms", 180, 1_400),
    };
    let parents = pace != Pace::None;
    let mut text = format!(
        "timezone = \"UTC\"\n\
         database = \"sqlite://followup.db\"\n\n\
         [github]\n\
         api_url = \"{api_url}\"\n\
         repo = \"acme/platform\"\n\n\
         [publish]\n\
         parent_issue = {parents}\n\
         create_interval = \"{interval}\"\n\
         max_creates_per_minute = {minute}\n\
         max_creates_per_hour = {hour}\n"
    );
    for (name, login) in PEOPLE {
        let written = write!(text, "\n[[people]]\nname = \"{name}\"\nlogin = \"{login}\"\n");
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
    text
}
