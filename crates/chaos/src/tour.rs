//! The tour: one story in which the program dies at every named place once, and goes on each time.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use followup::failpoint;
use github_sandbox::{CloseReason, Dice, Effect, Fault};

use crate::checks::{self, Allowed};
use crate::people::{Ledger, takes_in};
use crate::team::{REPO, Setting, Team};

/// Takes the tour.
pub(crate) fn run(program: &Path, folder: &Path) -> Result<(Team, Result<()>)> {
    let setting = Setting { times: 600, parent_issue: true, latency: Duration::ZERO, webhooks: true };
    let mut team = Team::new(program, folder, setting)?;
    let outcome = Tour { team: &mut team, left: failpoint::NAMES.to_vec() }.goes();
    Ok((team, outcome))
}

struct Tour<'a> {
    team: &'a mut Team,
    /// The places where it has not died yet.
    left: Vec<&'static str>,
}

impl Tour<'_> {
    /// Runs a command until it gets through: it dies at every place that it comes by the first time.
    fn runs(&mut self, words: &[&str]) -> Result<()> {
        loop {
            let deadly = self.left.join(",");
            let running = self.team.starts(words, &deadly)?;
            let ran = self.team.ends(running)?;
            ran.ends_with(&[0, 4])?;
            let Some(died_at) = ran.failpoint() else { return Ok(()) };
            let before = self.left.len();
            self.left.retain(|name| *name != died_at);
            ensure!(self.left.len() < before, "it died at {died_at}, which was not deadly");
        }
    }

    /// A new action, accepted, of somebody who can be assigned.
    fn adds(&mut self, ledger: &mut Ledger, id: &str) -> Result<()> {
        ledger.writes_report(self.team, &mut Dice::new(1), 1)?;
        self.team.runs(&["import", "report.md", "--accept"])?.ends_with(&[0])?;
        self.team.runs(&["assign", id, "octo-dev"])?.ends_with(&[0])
    }

    /// The number of the newest issue.
    fn newest(&self) -> Result<u64> {
        Ok(self.team.sandbox.issues(REPO).last().context("there is no issue")?.number)
    }

    fn goes(mut self) -> Result<()> {
        let mut ledger = Ledger::default();
        ledger.writes_report(self.team, &mut Dice::new(1), 5)?;
        self.team.runs(&["import", "report.md", "--accept"])?.ends_with(&[0])?;
        self.team.runs(&["assign", "CA-2", "stranger"])?.ends_with(&[0])?;

        // Everything is made: with an assignee that GitHub refuses, an answer that is lost, and a create that never came.
        self.team.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(5));
        self.team.sandbox.fault(Fault::create_issue(Effect::DropBefore).nth(8));
        self.team.sandbox.fault(Fault::rest("POST", "labels", Effect::ServerErrorBeforeCommit(502)).next(2));
        self.runs(&["publish"])?;

        // Somebody copies the text of an issue while nobody knows yet that it was made.
        self.adds(&mut ledger, "CA-6")?;
        let running = self.team.starts(&["publish"], "create.answered")?;
        self.team.ends(running)?.ends_with(&[0])?;
        let made = self.newest()?;
        let body = self.team.sandbox.issue(REPO, made).context("it was made")?.body;
        let copy = self.team.sandbox.open_issue(REPO, "octo-ops", "A copy", &body)?;
        self.runs(&["publish"])?;
        let waiting = self.team.json(&["conflicts"])?;
        let command = waiting[0]["command"].as_str().context("nobody noticed the copy")?.to_owned();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        self.runs(&words)?;
        self.runs(&["sync"])?;

        // People act on both sides.
        self.team.sandbox.close(REPO, 2, CloseReason::Completed, "octo-dev")?;
        self.team.sandbox.edit_title(REPO, 3, "Renew it tomorrow")?;
        let told = self.team.sandbox.take_deliveries();
        takes_in(self.team, told.into_iter().rev().take(2), |_, _| Ok(()))?;
        self.team.runs(&["due", "CA-3", "2028-04-01", "--reason", "parts are late"])?.ends_with(&[0])?;
        self.runs(&["sync"])?;

        // Somebody answers in an issue, and not in a way that can be understood.
        self.team.sandbox.comment(REPO, 3, "octo-lead", "/due someday, perhaps")?;
        self.runs(&["sync"])?;

        // An issue is hidden for a moment, another one is deleted, and actions are taken off theirs.
        let refuse =
            Effect::Refuse { status: 404, body: r#"{"message":"Not Found"}"#.to_owned(), headers: vec![] };
        for _ in 0..4 {
            self.team.sandbox.fault(Fault::graphql("nodes", Effect::Partial("NOT_FOUND".to_owned())));
        }
        self.team.sandbox.fault(Fault::rest("GET", "issues/*", refuse).next(4));
        self.runs(&["sync"])?;
        self.team.sandbox.clear_faults();
        self.runs(&["sync"])?;
        self.team.sandbox.delete(REPO, 4)?;
        self.runs(&["sync"])?;
        // Two of them: whoever died after a mark was taken out finds nothing to do.
        for id in ["CA-4", "CA-5"] {
            self.team.runs(&["unlink", id, "--reason", "it is another thing"])?.ends_with(&[0])?;
            self.runs(&["sync"])?;
        }

        // They get issues of their own.
        self.runs(&["publish"])?;

        // The database is restored from a backup that is older than an issue.
        self.adds(&mut ledger, "CA-7")?;
        let backup = self.team.path("backup.db");
        fs::copy(self.team.database(), &backup)?;
        self.team.runs(&["publish"])?.ends_with(&[0, 4])?;
        self.team.tell("the database is restored from a backup");
        fs::copy(&backup, self.team.database())?;
        for end in ["followup.db-wal", "followup.db-shm"] {
            fs::remove_file(self.team.path(end)).ok();
        }
        self.runs(&["publish"])?;
        self.runs(&["sync"])?;

        // The server forgets its GraphQL: the first look finds out, the second reads from then on.
        for operation in ["nodes", "repository", "createIssue"] {
            let refuse = Effect::Refuse { status: 404, body: "{}".to_owned(), headers: vec![] };
            self.team.sandbox.fault(Fault::graphql(operation, refuse).always());
        }
        for _ in 0..2 {
            self.runs(&["sync"])?;
        }
        self.team.sandbox.clear_faults();
        ensure!(self.left.is_empty(), "it never came by {}", self.left.join(", "));
        checks::everything(self.team, &ledger, Allowed { gone: &[4], copies: &[copy] })
    }
}
