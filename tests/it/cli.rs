//! The program as people and scripts meet it: a process with arguments, an environment, two streams and an exit code.
//!
//! A [`Shell`] is a terminal in an empty folder, with nothing in its environment that the person who runs the tests has
//! set, and a GitHub at the other end where a story needs one. Time stands still until the story moves it.

mod audit;
mod contract;
mod disclose;
#[cfg(unix)]
mod disk;
mod doctor;
mod edit;
mod evidence;
mod explain;
mod finished;
mod interrupted;
mod lifecycle;
mod link;
mod main_job;
mod manners;
mod pages;
mod refusals;
mod report_format;
mod review;
mod secrets;
mod sources;
mod template;
mod trackers;
mod webhook;

use std::{
    collections::BTreeMap,
    io::Write,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use followup::store::{Access, Location, Store};
use github_sandbox::Sandbox;
use serde_json::Value;
use tempfile::TempDir;

use crate::website::Website;

/// Where everything is published to.
const REPO: &str = "acme/platform";

/// A report as people write it: facts, a story, and actions as `Title: description` lines.
const REPORT: &str = include_str!("cli/checkout.txt");

/// The waits of a real GitHub, in the time of a test.
const CONFIG: &str = r#"
timezone = "Africa/Kampala"
[github]
repo = "acme/platform"
[publish]
create_interval = "1ms"
[sync]
request_timeout = "5s"
settle = "100ms"
rescan_gap = "100ms"
[[people]]
name = "Grace Apio"
login = "octo-lead"
team = "payments"
"#;

/// A terminal in a folder of its own.
#[derive(Debug)]
struct Shell {
    folder: TempDir,
    variables: BTreeMap<&'static str, String>,
    github: Option<Sandbox>,
    web: Option<Website>,
}

impl Shell {
    /// An empty folder, and no GitHub: every address but the sandbox's is out of reach.
    fn new() -> Self {
        let variables = BTreeMap::from([
            ("FOLLOWUP_NOW", "2024-05-15T09:00:00Z".to_owned()),
            ("FOLLOWUP_ACTOR", "grace".to_owned()),
            // There is no `gh` here, whoever runs the tests.
            ("PATH", "/nowhere".to_owned()),
            ("FOLLOWUP_GITHUB_API_URL", "http://127.0.0.1:9".to_owned()),
        ]);
        Self { folder: tempfile::tempdir().unwrap(), variables, github: None, web: None }
    }

    /// A configured team with a GitHub, and the report in a file.
    fn with_github() -> Self {
        let mut shell = Self::new();
        let github = Sandbox::builder().start().unwrap();
        github.add_repo(REPO);
        shell.set("FOLLOWUP_GITHUB_API_URL", &github.url());
        shell.set("GH_TOKEN", github_sandbox::DEFAULT_TOKEN);
        shell.github = Some(github);
        shell.write("followup.toml", CONFIG);
        shell.write("checkout.txt", REPORT);
        shell
    }

    /// The same, with every action of the report accepted.
    fn with_accepted_actions() -> Self {
        let shell = Self::with_github();
        shell.runs("import checkout.txt --accept");
        shell
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.variables.insert(name, value.to_owned());
    }

    fn unset(&mut self, name: &'static str) {
        self.variables.remove(name);
    }

    /// It is this moment now.
    fn at(&mut self, moment: &str) {
        self.set("FOLLOWUP_NOW", moment);
    }

    fn github(&self) -> &Sandbox {
        self.github.as_ref().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_followup"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["FOLLOWUP_", "GH_", "GITHUB_", "CLICOLOR"].iter().any(|prefix| text.starts_with(prefix))
                || ["NO_COLOR", "RUST_LOG", "TZ", "COLUMNS"].contains(&text.as_ref())
            {
                command.env_remove(name);
            }
        }
        command.envs(&self.variables).current_dir(self.folder.path()).args(words(line));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `followup` with these words, and waits until it ends.
    fn run(&self, line: &str) -> Ran {
        self.ran(line, self.command(line).output().unwrap())
    }

    fn run_with_input(&self, line: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.command(line).stdin(Stdio::piped()).spawn().unwrap();
        // A program that does not want the rest closes its end.
        child.stdin.take().unwrap().write_all(input.as_ref()).ok();
        self.ran(line, child.wait_with_output().unwrap())
    }

    /// Runs it beside the story.
    fn start(&self, line: &str) -> Child {
        self.command(line).spawn().unwrap()
    }

    fn ran(&self, line: &str, output: Output) -> Ran {
        // Nothing in what is printed tells where the test ran.
        let mut places = vec![(self.folder.path().canonicalize().unwrap().display().to_string(), "[FOLDER]")];
        places.push((self.folder.path().display().to_string(), "[FOLDER]"));
        if let Some(github) = &self.github {
            places.push((github.url(), "[GITHUB]"));
            places.push((github.url().replace("http://", ""), "[HOST]"));
        }
        if let Some(web) = &self.web {
            places.push((web.url(), "[WEB]"));
            places.push((web.port().to_string(), "[PORT]"));
        }
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            places.iter().fold(text, |text, (place, name)| text.replace(place, name))
        };
        Ran {
            line: line.to_owned(),
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Runs it; it has to end well.
    fn runs(&self, line: &str) -> Ran {
        self.run(line).exits(0)
    }

    /// Runs it with `--format json`; it has to end well.
    fn json(&self, line: &str) -> Value {
        self.runs(&format!("{line} --format json")).json()
    }

    /// Everything that a command could have changed: actions, reports, and how much history there is.
    fn everything(&self) -> Value {
        if !self.path("followup.db").exists() {
            return Value::Null;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let events = runtime.block_on(async {
            let location = Location::File(self.path("followup.db"));
            let store = Store::open(location, Access::Read).await.unwrap();
            let counts = store.counts().await.unwrap();
            store.close().await;
            counts.events
        });
        serde_json::json!([self.json("list"), self.json("report list"), events])
    }
}

/// What a run of the program left behind.
#[derive(Debug)]
struct Ran {
    line: String,
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    /// It has to end with this code.
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "followup {}\n{}{}", self.line, self.out, self.err);
        self
    }

    /// What it prints is one JSON document and nothing else.
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("followup {}: {error}\n{}{}", self.line, self.out, self.err))
    }

    /// Both streams as a person sees them, talk after data.
    fn page(&self) -> String {
        let gap = if self.out.is_empty() || self.err.is_empty() { "" } else { "---\n" };
        format!("{}{gap}{}", self.out, self.err)
    }

    /// The failure, as people and as programs read it: `code: message → hint`.
    #[track_caller]
    fn failure(&self) -> String {
        let error = &self.json()["error"];
        let text = |name: &str| error[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", self.out));
        format!("{}: {}\n→ {}", text("code"), text("message"), text("hint"))
    }
}

/// The words of a command line; quotes hold a word together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Waits until `condition` holds, and not for ever.
#[track_caller]
fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
