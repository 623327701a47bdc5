//! A team in a folder of its own: the program, its database, a GitHub beside it, and how processes end.
//!
//! Invariant: everything that happens is written into the story, so that a round that failed can be read; and every process
//! that was started has ended when a method returns, unless it hands the process out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, Utc};
use github_sandbox::{DEFAULT_LOGIN, Sandbox};
use serde_json::Value;

/// Where everything is published to.
pub(crate) const REPO: &str = "acme/platform";

/// What GitHub signs what it tells of itself with.
pub(crate) const SECRET: &str = "onlyTheTwoOfUsKnowThisSecret";

/// What nobody but GitHub may ever get to see.
pub(crate) const TOKEN: &str = "ghp_chaosChaosChaosChaosChaosChaosChao";

/// A process that takes longer hangs. The machine may be busy.
const LIMIT: Duration = Duration::from_secs(120);

/// The signals that an aborted and a killed process ended by.
const ABORTED: i32 = 6;
const KILLED: i32 = 9;

/// How a team is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// How much faster than on the wall time passes.
    pub(crate) times: i32,
    pub(crate) parent_issue: bool,
    /// How late every answer of GitHub comes.
    pub(crate) latency: Duration,
    /// Whether GitHub tells of changes by itself.
    pub(crate) webhooks: bool,
}

/// A team, its folder, and its GitHub.
#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) sandbox: Sandbox,
    pub(crate) counts: Counts,
    folder: PathBuf,
    program: PathBuf,
    clock: String,
    story: String,
    began: Instant,
    started: usize,
}

/// What happened, in numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) processes: usize,
    pub(crate) killed: usize,
    pub(crate) stopped: usize,
    /// Deaths by the place where they happened.
    pub(crate) failpoints: BTreeMap<String, usize>,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.processes += other.processes;
        self.killed += other.killed;
        self.stopped += other.stopped;
        for (name, times) in &other.failpoints {
            *self.failpoints.entry(name.clone()).or_default() += times;
        }
    }
}

/// A process that runs.
#[derive(Debug)]
pub(crate) struct Running {
    words: String,
    child: Child,
    number: usize,
    began: Instant,
    out: PathBuf,
    err: PathBuf,
}

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) words: String,
    status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Whether it died, of whatever.
    pub(crate) fn died(&self) -> bool {
        self.status.signal().is_some()
    }

    /// The place at which it died.
    pub(crate) fn failpoint(&self) -> Option<&str> {
        if self.status.signal() != Some(ABORTED) {
            return None;
        }
        let (_, name) = self.err.rsplit_once("failpoint ")?;
        name.split_whitespace().next()
    }

    /// It ended with one of these codes, or died as it was to.
    pub(crate) fn ends_with(&self, codes: &[i32]) -> Result<()> {
        let is_fine = match (self.code(), self.status.signal()) {
            (Some(code), _) => codes.contains(&code),
            (None, Some(KILLED)) => true,
            (None, _) => self.failpoint().is_some(),
        };
        ensure!(is_fine, "`followup {}` ended with {}\n{}{}", self.words, self.status, self.out, self.err);
        Ok(())
    }

    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.out)
            .with_context(|| format!("`followup {}` printed no JSON:\n{}{}", self.words, self.out, self.err))
    }
}

#[expect(clippy::disallowed_methods, reason = "the clocks of both sides begin with the machine's")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

impl Team {
    /// A configured team in `folder` with an empty repository.
    pub(crate) fn new(program: &Path, folder: &Path, setting: Setting) -> Result<Self> {
        let since = now();
        let sandbox = Sandbox::builder().fast(since, setting.times).start()?;
        sandbox.add_repo(REPO);
        sandbox.add_token(TOKEN, DEFAULT_LOGIN);
        sandbox.latency(setting.latency);
        if setting.webhooks {
            sandbox.enable_webhooks(Some(SECRET));
        }
        // The waits are those of a real GitHub; it is the clock that is faster.
        let config = format!(
            "timezone = \"Africa/Kampala\"\n\
             [github]\nrepo = \"{REPO}\"\napi_url = \"{}\"\n\
             [publish]\nparent_issue = {}\n\
             [sync]\nrequest_timeout = \"2s\"\n\
             [[people]]\nname = \"Grace Apio\"\nlogin = \"octo-lead\"\n",
            sandbox.url(),
            setting.parent_issue,
        );
        fs::write(folder.join("followup.toml"), config)?;
        let clock = format!("{} {}", since.to_rfc3339(), setting.times);
        let mut team = Self {
            sandbox,
            counts: Counts::default(),
            folder: folder.to_owned(),
            program: program.to_owned(),
            clock,
            story: String::new(),
            began: Instant::now(),
            started: 0,
        };
        team.tell(&format!("{setting:?}"));
        Ok(team)
    }

    /// Writes down that something happened.
    pub(crate) fn tell(&mut self, what: &str) {
        let at = self.began.elapsed().as_millis();
        let written = writeln!(self.story, "{at:>6} ms  {what}");
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }

    /// Everything that happened so far.
    pub(crate) fn story(&self) -> &str {
        &self.story
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("followup.db")
    }

    pub(crate) fn write(&mut self, name: &str, text: &str) -> Result<()> {
        self.tell(&format!("{name} is written"));
        Ok(fs::write(self.path(name), text)?)
    }

    /// Starts `followup` with these words; `deadly` are places for it to die at.
    pub(crate) fn starts(&mut self, words: &[&str], deadly: &str) -> Result<Running> {
        self.started += 1;
        self.counts.processes += 1;
        let number = self.started;
        let line = words.join(" ");
        let at = if deadly.is_empty() { String::new() } else { format!(", deadly {deadly}") };
        self.tell(&format!("[{number}] followup {line}{at}"));
        let [out, err] = ["out", "err"].map(|stream| self.path(&format!("{number:03}.{stream}")));
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let name_of = name.to_string_lossy();
            if ["FOLLOWUP_", "GH_", "GITHUB_"].iter().any(|prefix| name_of.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command.env("GH_TOKEN", TOKEN).env("FOLLOWUP_ACTOR", "grace").env("FOLLOWUP_FAST_CLOCK", &self.clock);
        command.env_remove("RUST_LOG").env("NO_COLOR", "1").env("FOLLOWUP_WEBHOOK_SECRET", SECRET);
        if !deadly.is_empty() {
            command.env("FOLLOWUP_FAILPOINT", deadly);
        }
        command.current_dir(&self.folder).args(words).stdin(Stdio::null());
        command.stdout(fs::File::create(&out)?).stderr(fs::File::create(&err)?);
        let child = command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        Ok(Running { words: line, child, number, began: Instant::now(), out, err })
    }

    /// Waits until a process has ended.
    pub(crate) fn ends(&mut self, mut running: Running) -> Result<Ran> {
        let status = loop {
            if let Some(status) = running.child.try_wait()? {
                break status;
            }
            if running.began.elapsed() > LIMIT {
                running.child.kill()?;
                running.child.wait()?;
                bail!("`followup {}` did not end within {LIMIT:?}", running.words);
            }
            pause(Duration::from_millis(2));
        };
        let Running { words, number, out, err, began, .. } = running;
        let read =
            |path: &Path| -> Result<String> { Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned()) };
        let ran = Ran { words, status, out: read(&out)?, err: read(&err)? };
        let at = ran.failpoint().map(|name| format!(" at {name}")).unwrap_or_default();
        self.tell(&format!("[{number}] ended after {} ms: {status}{at}", began.elapsed().as_millis()));
        if let Some(name) = ran.failpoint() {
            *self.counts.failpoints.entry(name.to_owned()).or_default() += 1;
        } else if ran.died() {
            self.counts.killed += 1;
        }
        for secret in [TOKEN, SECRET] {
            ensure!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "`{}` printed a secret",
                ran.words
            );
        }
        Ok(ran)
    }

    /// Runs `followup` with these words to its end.
    pub(crate) fn runs(&mut self, words: &[&str]) -> Result<Ran> {
        let running = self.starts(words, "")?;
        self.ends(running)
    }

    /// The JSON of a command that has to end well.
    pub(crate) fn json(&mut self, words: &[&str]) -> Result<Value> {
        let words: Vec<&str> = words.iter().copied().chain(["--format", "json"]).collect();
        let ran = self.runs(&words)?;
        ran.ends_with(&[0, 4])?;
        ran.json()
    }

    pub(crate) fn kills(&mut self, running: &mut Running) -> Result<()> {
        self.tell(&format!("[{}] is killed", running.number));
        Ok(running.child.kill()?)
    }

    /// Returns when GitHub has heard so many more requests, or the process has ended before.
    pub(crate) fn hears(&mut self, running: &mut Running, requests: usize) -> Result<()> {
        let before = self.sandbox.request_count();
        while self.sandbox.request_count() < before + requests {
            if running.child.try_wait()?.is_some() || running.began.elapsed() > LIMIT {
                break;
            }
            pause(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Stops a process, as a laptop that is closed does.
    pub(crate) fn stops(&mut self, running: &Running) -> Result<()> {
        self.counts.stopped += 1;
        self.signal(running, "-STOP")
    }

    pub(crate) fn continues(&mut self, running: &Running) -> Result<()> {
        self.signal(running, "-CONT")
    }

    fn signal(&mut self, running: &Running, signal: &str) -> Result<()> {
        self.tell(&format!("[{}] gets {signal}", running.number));
        // It may have ended meanwhile; it is ours until we have waited for it, so its number is nobody else's.
        Command::new("kill")
            .args([signal, &running.child.id().to_string()])
            .stderr(Stdio::null())
            .status()
            .context("there is no program `kill`")?;
        Ok(())
    }
}

/// Waits a moment.
#[expect(clippy::disallowed_methods, reason = "nothing here is async: the harness waits for other processes")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
