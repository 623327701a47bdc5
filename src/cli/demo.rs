//! `followup demo`: the whole story in one command, offline: the real commands, against a GitHub in this process.
//!
//! Time is a clock that the story moves, so that weeks pass at once; everything else is what a team would run.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Duration, Utc};
use github_sandbox::{CloseReason, Effect, Fault, Sandbox};
use serde_json::json;

use super::{
    App, CliError, Exit,
    args::{self, Format, ListFormat},
    import, life, list,
    output::Output,
    overdue, summary,
};
use crate::{
    clock::{Clock, Clocks, ManualClock, SystemClock},
    config::{Config, Loaded},
    store::{Access, Store},
    view,
};

const REPORT: &str = include_str!("../../examples/reports/2026-03-03-card-payments.md");
const FILE: &str = "2026-03-03-card-payments.md";
const REPO: &str = "acme/platform";

/// The morning on which the team goes through its report.
const BEGIN: &str = "2026-03-04T08:30:00Z";

pub(super) async fn run(command: &args::Demo, output: &Output) -> Result<Exit, CliError> {
    let folder = Folder::new(command.keep.as_deref())?;
    let sandbox = Sandbox::builder().now(begin()).start().map_err(|error| {
        CliError::configuration(
            format!("cannot start the sandbox: {error}"),
            "check that programs may listen on 127.0.0.1",
        )
    })?;
    sandbox.add_repo(REPO);
    for login in ["maria", "jonas", "aisha"] {
        sandbox.add_user(login);
    }
    let story = Story::new(&folder.path, sandbox, output.for_people())?;
    // A team has run `followup init` before.
    story.app.store(Access::Create).await?;
    story.tell().await?;
    story.app.close().await;
    if output.is_json() {
        output.json(&story.document().await?)?;
    } else if command.keep.is_some() {
        output.talk(&format!(
            "\nThe report, the configuration and the database are in {}.",
            folder.path.display()
        ));
    }
    Ok(Exit::Fine)
}

/// Where the demo works: a folder of its own, which is removed afterwards unless it was asked for.
struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    fn new(keep: Option<&Path>) -> Result<Self, CliError> {
        let failed = |path: &Path, error: std::io::Error| {
            CliError::configuration(
                format!("cannot use {}: {error}", path.display()),
                "name another folder with --keep",
            )
        };
        if let Some(path) = keep {
            fs::create_dir_all(path).map_err(|error| failed(path, error))?;
            let path = &fs::canonicalize(path).map_err(|error| failed(path, error))?;
            if path.join("followup.db").exists() {
                return Err(CliError::usage(
                    format!("there is a database in {} already", path.display()),
                    "name an empty folder with --keep",
                ));
            }
            return Ok(Self { path: path.to_owned(), is_temporary: false });
        }
        let name = format!("followup-demo-{}-{}", std::process::id(), SystemClock.now().timestamp_millis());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).map_err(|error| failed(&path, error))?;
        Ok(Self { path, is_temporary: true })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // A folder that stays behind in the temporary directory harms nobody.
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

struct Story {
    app: App,
    sandbox: Sandbox,
    calendar: ManualClock,
    output: Output,
}

impl Story {
    fn new(folder: &Path, sandbox: Sandbox, output: Output) -> Result<Self, CliError> {
        let failed = |error: std::io::Error| {
            CliError::configuration(
                format!("cannot write into {}: {error}", folder.display()),
                "name another folder with --keep",
            )
        };
        fs::write(folder.join(FILE), REPORT).map_err(failed)?;
        let text = format!(
            "timezone = \"Europe/Berlin\"\n\n[github]\napi_url = \"{}\"\nrepo = \"{REPO}\"\n\n\
             [[people]]\nname = \"Maria Lind\"\nlogin = \"maria\"\n\n[[people]]\nname = \"Jonas Berg\"\nlogin = \"jonas\"\n\n\
             [[people]]\nname = \"Aisha Khan\"\nlogin = \"aisha\"\n",
            sandbox.url()
        );
        let config_path = folder.join(crate::config::FILE_NAME);
        fs::write(&config_path, &text).map_err(failed)?;
        let config = Config::parse(&config_path, &text)?;
        let calendar = ManualClock::at(begin());
        let clocks = Clocks {
            calendar: Arc::new(calendar.clone()),
            pacing: Arc::new(ManualClock::at(begin())),
            is_fixed: true,
            zone: config.timezone,
        };
        let global =
            args::Global { config: None, db: None, color: args::Color::Auto, verbose: 0, quiet: true };
        let loaded = Loaded { config, path: Some(config_path) };
        let mut app = App::from_parts(global, loaded, clocks, folder.to_owned());
        app.token = Some(github_sandbox::DEFAULT_TOKEN.into());
        Ok(Self { app, sandbox, calendar, output })
    }

    async fn tell(&self) -> Result<(), CliError> {
        self.say(
            "Followup makes sure that what an incident report promised gets done.\n\
                  This is its story, on a GitHub that lives in this process. Nothing leaves your machine.",
        );

        self.chapter("1  An incident report, as teams write them");
        for line in REPORT.lines().skip_while(|line| !line.starts_with("## Action items")).take(7) {
            self.say(format!("   {line}").trim_end());
        }

        self.chapter("2  Its actions come into the database, proposed");
        self.prompt(&format!("followup import {FILE}"));
        import::run(&self.app, self.import_args(), &self.output).await?;
        self.prompt("followup list");
        self.list().await?;

        self.chapter("3  The lead takes them on, and gives the one without an owner to somebody");
        self.prompt("followup accept --report IR-1");
        let accept = args::Accept {
            ids: Vec::new(),
            report: Some(crate::action::ReportId::new(1)),
            format: Format::Human,
        };
        life::accept(&self.app, &accept, &self.output).await?;
        self.prompt("followup assign CA-4 jonas");
        let assign = args::Assign {
            ids_and_owner: vec!["CA-4".to_owned(), "jonas".to_owned()],
            format: Format::Human,
        };
        life::assign(&self.app, &assign, &self.output).await?;
        self.say(
            "   The report says no day for CA-4; the policy does: 30 days for a sev2 incident.\n   \
                  CA-5 was done before the report was written, so it is done, and gets no issue.",
        );

        self.chapter("4  Each becomes an issue, under one parent for the report");
        self.say("   GitHub is having a bad day: it makes the third issue and its answer is lost. Tools that try\n   \
                  again make it twice. Followup waits, looks for it, and finds it.");
        self.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(3));
        self.prompt("followup publish");
        self.publish().await?;
        self.prompt("followup publish");
        self.publish().await?;
        self.say(&format!(
            "   On GitHub there are {} issues: one parent, four actions. None is there twice.",
            self.sandbox.issues(REPO).len()
        ));

        self.chapter("5  Five weeks pass. The owners work on GitHub; they never open Followup");
        self.pass(Duration::days(8));
        self.people_act(|sandbox| sandbox.close(REPO, 2, CloseReason::Completed, "maria"))?;
        self.say("   12 March   maria closes #2 as completed");
        self.pass(Duration::days(7));
        self.people_act(|sandbox| {
            sandbox.edit_title(
                REPO,
                3,
                "Page when twice as many payments are declined as five minutes before",
            )
        })?;
        self.say("   19 March   jonas gives #3 a better title");
        self.pass(Duration::days(10));
        self.people_act(|sandbox| sandbox.close(REPO, 5, CloseReason::NotPlanned, "jonas"))?;
        self.say("   29 March   jonas closes #5 as not planned: no time for rehearsals");
        self.pass(Duration::days(10));
        self.say("    8 April   the lead asks where things stand");
        self.prompt("followup sync");
        self.sync().await?;

        self.chapter("6  What is late, worst first");
        self.prompt("followup overdue");
        let command = args::Overdue { by: None, as_of: None, fail: false, format: ListFormat::Human };
        overdue::run(&self.app, &command, &self.output).await?;
        self.say("   CA-4 is on the list although its issue is closed: closing it as \"not planned\" is not doing it.\n   \
                  It stays until the lead decides:");
        self.prompt("followup drop CA-4 --as not_planned --reason \"rehearsals move to the platform team's calendar\"");
        let command = args::DropArgs {
            ids: vec![crate::action::ActionId::new(4)],
            disposition: crate::action::Disposition::NotPlanned,
            reason: "rehearsals move to the platform team's calendar".to_owned(),
            duplicate_of: None,
            format: Format::Human,
        };
        life::drop_actions(&self.app, &command, &self.output).await?;

        self.chapter("7  And a year later, when the auditor asks");
        self.prompt("followup show CA-1");
        let command = args::Show { id: crate::action::ActionId::new(1), format: Format::Human };
        super::show::run(&self.app, &command, &self.output).await?;

        self.chapter("Where to go from here");
        self.say(
            "   followup init --repo OWNER/NAME     a configuration and a database of your own\n   \
                  followup extract REPORT --explain   what it reads in one of your reports, and why\n   \
                  followup import REPORT              bring it in\n   \
                  followup doctor                     whether publishing will work, and what is missing\n   \
                  followup demo --keep FOLDER         this story again, with its database to look into",
        );
        Ok(())
    }

    async fn list(&self) -> Result<(), CliError> {
        let command = args::List {
            state: Vec::new(),
            owner: None,
            team: None,
            report: None,
            category: None,
            severity: None,
            overdue: false,
            unassigned: false,
            format: ListFormat::Human,
        };
        list::run(&self.app, &command, &self.output).await.map(drop)
    }

    async fn publish(&self) -> Result<(), CliError> {
        let command = args::Publish {
            report: None,
            dry_run: false,
            no_wait: false,
            include_done: false,
            format: Format::Human,
        };
        summary::publish(&self.app, &command, &self.output).await.map(drop)
    }

    async fn sync(&self) -> Result<(), CliError> {
        let command = args::Sync {
            command: None,
            hinted: false,
            dry_run: false,
            no_wait: false,
            format: Format::Human,
        };
        summary::sync(&self.app, &command, &self.output).await.map(drop)
    }

    fn import_args(&self) -> args::Import {
        args::Import {
            from: args::From { sources: vec![FILE.to_owned()], read_as: None },
            accept: false,
            severity: None,
            repo: None,
            report: None,
            format: Format::Human,
        }
    }

    /// Lets time pass, here and on GitHub.
    fn pass(&self, duration: Duration) {
        self.calendar.advance(duration);
        self.sandbox.set_now(self.calendar.now());
    }

    fn people_act<T>(&self, act: impl FnOnce(&Sandbox) -> Result<T, anyhow::Error>) -> Result<T, CliError> {
        act(&self.sandbox).map_err(|error| CliError::bug(format!("the sandbox refused: {error}")))
    }

    fn say(&self, text: &str) {
        // Nobody is there to read on: then the story may go on unheard.
        drop(self.output.text(text));
    }

    fn chapter(&self, title: &str) {
        let style = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Cyan.into()));
        self.say(&format!("\n{style}── {title}{style:#}\n"));
    }

    fn prompt(&self, command: &str) {
        let style = anstyle::Style::new().bold();
        self.say(&format!("\n{style}$ {command}{style:#}"));
    }

    /// How the story ended, for programs.
    async fn document(&self) -> Result<serde_json::Value, CliError> {
        let store = Store::open(self.app.location()?, Access::Read).await?;
        let mut snapshot = store.read().await?;
        let (listed, late) = (snapshot.list().await?, snapshot.overdue(self.app.clocks.today()).await?);
        let today = self.app.clocks.today();
        let actions = view::views(listed, &self.app.clocks, today);
        let overdue = view::views(late, &self.app.clocks, today);
        Ok(json!({ "actions": actions, "overdue": overdue, "issues": self.sandbox.issues(REPO).len() }))
    }
}

fn begin() -> DateTime<Utc> {
    BEGIN.parse().expect("the moment is right")
}
