//! What people do on both sides, and what they may expect to find again afterwards.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use github_sandbox::{CloseReason, Dice, Mail, WebhookDelivery};
use serde_json::Value;

use crate::team::{REPO, Running, Team};

/// Who is there. The last one cannot be assigned.
pub(crate) const PEOPLE: [&str; 4] = ["octo-dev", "octo-ops", "octo-lead", "stranger"];

/// What stands around our section of an issue.
const BEGIN: &str = "<!-- followup:begin -->";
const END: &str = "<!-- followup:end -->";

/// What people write: with line ends, letters and ends of lines that are easily lost.
const WORDS: [&str; 5] = [
    "Please keep me.",
    "Größe 🦀\u{200b} stays, and so do two blanks at the end  ",
    "> quoted\n\n    indented\n",
    "<!-- a comment of ours -->",
    "| a | b |\n|---|---|\n| `<!-- followup` | \\| |",
];

/// What must not be lost.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The report as it stands in its file, item by item.
    items: Vec<String>,
    /// How many items it ever had.
    ever: usize,
    /// What stands outside our section, by issue.
    pub(crate) outside: BTreeMap<u64, String>,
    /// Lines that people wrote into an issue.
    pub(crate) lines: BTreeMap<u64, Vec<String>>,
    pub(crate) comments: Vec<(u64, String)>,
    pub(crate) labels: Vec<(u64, String)>,
    /// Comments with a command under issues that belonged to an action: the issue, and the comment.
    pub(crate) commands: Vec<(u64, u64)>,
    /// Words of commands that were answered with success.
    pub(crate) acknowledged: Vec<String>,
    /// Whether GitHub ever dropped labels and assignees without a word.
    pub(crate) were_dropped: bool,
    words: usize,
}

/// What stands outside our section: before it, and after it.
pub(crate) fn outside(body: &str) -> String {
    match body.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1))) {
        Some((before, after)) => format!("{before}⟨our section⟩{after}"),
        None => body.to_owned(),
    }
}

impl Ledger {
    fn word(&mut self) -> String {
        self.words += 1;
        format!("word{:03}", self.words)
    }

    /// Writes the report, with so many new items.
    pub(crate) fn writes_report(&mut self, team: &mut Team, dice: &mut Dice, new: usize) -> Result<()> {
        for _ in 0..new {
            self.ever += 1;
            let owner = match dice.below(3) {
                0 => String::new(),
                _ => format!(" Owner: {}.", dice.pick(&PEOPLE)),
            };
            let due = if dice.chance(50) { " Due: 2028-03-01." } else { "" };
            self.items.push(format!("Renew the certificate of service number {}.{owner}{due}", self.ever));
        }
        let items: String = self.items.iter().map(|item| format!("* {item}\n")).collect();
        let text = format!(
            "# Many certificates ran out\n\nIncident date: 2024-05-14\nSeverity: SEV2\n\n## Action items\n\n{items}"
        );
        team.write("report.md", &text)
    }

    /// An action, as people name it.
    pub(crate) fn any_action(&self, dice: &mut Dice) -> String {
        format!("CA-{}", 1 + dice.below(self.ever.max(1)))
    }

    /// Somebody does something at the command line. What is answered with success must never be lost.
    pub(crate) fn here(&mut self, team: &mut Team, dice: &mut Dice) -> Result<()> {
        let id = self.any_action(dice);
        let word = self.word();
        let reason = format!("because of {word}");
        let (line, is_told): (Vec<String>, bool) = match dice.below(13) {
            0 | 1 => (words(&["done", &id, "--reason", &reason]), false),
            2 => (words(&["reopen", &id, "--reason", &reason]), false),
            3 => (words(&["drop", &id, "--as", "not_planned", "--reason", &reason]), false),
            4 => {
                let day = format!("2028-{:02}-{:02}", dice.between(1, 12), dice.between(1, 28));
                (words(&["due", &id, &day, "--reason", &reason]), true)
            }
            5 | 6 => (words(&["assign", &id, dice.pick(&PEOPLE)]), false),
            7 => (words(&["edit", &id, "--title", &format!("Renew it, and think of {word}")]), true),
            8 => (words(&["start", &id]), false),
            9 => (words(&["block", &id, "--reason", &reason]), false),
            10 => (words(&["unlink", &id, "--reason", &reason]), false),
            11 => return self.reimports(team, dice),
            _ => return resolves(team),
        };
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let mut running = team.starts(&line, "")?;
        if dice.chance(10) {
            crate::team::pause(std::time::Duration::from_millis(dice.below(60) as u64));
            team.kills(&mut running)?;
        }
        let ran = team.ends(running)?;
        ran.ends_with(&[0, 2])?;
        // Said again, it changes nothing, and there is nothing to write down.
        if is_told && ran.code() == Some(0) && !ran.out.contains("as before") {
            self.acknowledged.push(word);
        }
        Ok(())
    }

    fn reimports(&mut self, team: &mut Team, dice: &mut Dice) -> Result<()> {
        let new = dice.below(2);
        if dice.chance(50) && self.items.len() > 2 {
            let place = dice.below(self.items.len());
            self.items[place] += " Before the next release.";
        }
        self.writes_report(team, dice, new)?;
        let words: &[&str] =
            if dice.chance(70) { &["import", "report.md", "--accept"] } else { &["import", "report.md"] };
        team.runs(words)?.ends_with(&[0])
    }

    /// Somebody does something in the browser. `alone`: no process of ours runs, so nothing can come between a look and a
    /// write of the same text.
    pub(crate) fn there(&mut self, team: &mut Team, dice: &mut Dice, alone: bool) -> Result<()> {
        let issues = team.sandbox.issues(REPO);
        if issues.is_empty() {
            return Ok(());
        }
        let issue = &issues[dice.below(issues.len())];
        let number = issue.number;
        let word = self.word();
        let what = match dice.below(if alone { 13 } else { 8 }) {
            0 | 1 => {
                let reason =
                    dice.pick(&[CloseReason::Completed, CloseReason::Completed, CloseReason::NotPlanned]);
                team.sandbox.close(REPO, number, reason, "octo-dev")?;
                format!("closed as {reason:?}")
            }
            2 => {
                team.sandbox.reopen(REPO, number, "octo-lead")?;
                "reopened".to_owned()
            }
            3 => {
                team.sandbox.edit_title(REPO, number, &format!("Renamed {word}"))?;
                format!("renamed {word}")
            }
            4 => {
                let login = PEOPLE[dice.below(3)];
                team.sandbox.assign(REPO, number, &[login])?;
                format!("assigned to {login}")
            }
            5 => {
                let logins: Vec<&str> = issue.assignees.iter().map(String::as_str).collect();
                team.sandbox.unassign(REPO, number, &logins)?;
                "assigned to nobody".to_owned()
            }
            6 => {
                team.sandbox.comment(REPO, number, "octo-lead", &word)?;
                self.comments.push((number, word));
                "commented on".to_owned()
            }
            7 => {
                team.sandbox.label(REPO, number, &word)?;
                self.labels.push((number, word));
                "labelled".to_owned()
            }
            11 | 12 => {
                self.answers_in(team, dice, number, &word)?;
                "answered in".to_owned()
            }
            place => {
                self.writes_into(team, dice, number, &issue.body, place == 8)?;
                "written into".to_owned()
            }
        };
        team.tell(&format!("#{number} is {what}"));
        Ok(())
    }

    /// Writes a command into a comment, well or not.
    fn answers_in(&mut self, team: &mut Team, dice: &mut Dice, number: u64, word: &str) -> Result<()> {
        let text = match dice.below(5) {
            0 => format!("Sorry.\n/due 2029-0{}-11 {word}", dice.between(1, 9)),
            1 => format!("/blocked {word}"),
            2 => "/unblock".to_owned(),
            3 => format!("/evidence https://docs.acme.example/{word} as agreed"),
            _ => format!("/due someday {word}"),
        };
        let comment = team.sandbox.comment(REPO, number, "octo-lead", &text)?;
        self.comments.push((number, text));
        let actions = team.json(&["list"])?;
        let is_linked = |action: &Value| action["issue"]["number"].as_u64() == Some(number);
        if actions.as_array().is_some_and(|actions| actions.iter().any(is_linked)) {
            self.commands.push((number, comment));
        }
        Ok(())
    }

    /// Adds lines outside our section, and sometimes changes a word within it.
    fn writes_into(
        &mut self,
        team: &mut Team,
        dice: &mut Dice,
        number: u64,
        body: &str,
        first: bool,
    ) -> Result<()> {
        let line = format!("{} {}", dice.pick(&WORDS), self.word());
        let mut text = if first { format!("{line}\n\n{body}") } else { format!("{body}\n{line}") };
        if dice.chance(10) {
            text = text.replacen("Close this issue", "Do close this issue", 1);
        }
        team.sandbox.edit_body(REPO, number, &text)?;
        let after = team.sandbox.issue(REPO, number).context("it was there a moment ago")?.body;
        self.outside.insert(number, outside(&after));
        let lines = self.lines.entry(number).or_default();
        lines.extend(line.lines().filter(|line| !line.is_empty()).map(str::to_owned));
        Ok(())
    }
}

/// The network brings what GitHub told of, a part of it: lost, doubled, late and shuffled.
pub(crate) fn mail_comes(team: &mut Team, dice: &mut Dice) -> Result<()> {
    let mail = Mail { seed: dice.roll(), lose: 200, double: 200, delay: 200, shuffle: true };
    let deliveries = team.sandbox.take_deliveries_by(mail);
    let most = dice.between(1, 4);
    takes_in(team, deliveries.into_iter().take(most), |team, running| {
        if dice.chance(15) {
            crate::team::pause(std::time::Duration::from_millis(dice.below(60) as u64));
            team.kills(running)?;
        }
        Ok(())
    })
}

/// Hands deliveries over, one after the other; `meanwhile` is what happens to each process.
pub(crate) fn takes_in(
    team: &mut Team,
    deliveries: impl Iterator<Item = WebhookDelivery>,
    mut meanwhile: impl FnMut(&mut Team, &mut Running) -> Result<()>,
) -> Result<()> {
    for delivery in deliveries {
        team.write("delivery.json", &delivery.body)?;
        let mut words = vec!["webhook", "receive", "--file", "delivery.json"];
        let flags = [
            ("X-GitHub-Event", "--event"),
            ("X-GitHub-Delivery", "--delivery"),
            ("Content-Type", "--content-type"),
            ("X-Hub-Signature-256", "--signature"),
        ];
        for (name, value) in &delivery.headers {
            if let Some((_, flag)) = flags.iter().find(|(header, _)| header == name) {
                words.extend([*flag, value.as_str()]);
            }
        }
        let mut running = team.starts(&words, "")?;
        meanwhile(team, &mut running)?;
        team.ends(running)?.ends_with(&[0])?;
    }
    Ok(())
}

/// Somebody settles the first conflict that there is.
fn resolves(team: &mut Team) -> Result<()> {
    let waiting = team.json(&["conflicts"])?;
    let mut commands = waiting.as_array().into_iter().flatten().filter_map(|item| item["command"].as_str());
    let Some(command) = commands.find(|command| command.starts_with("followup resolve ")) else {
        return Ok(());
    };
    let line: Vec<&str> = command.split(' ').skip(1).collect();
    // The action may have changed meanwhile in a way that does not allow it.
    team.runs(&line)?.ends_with(&[0, 2])
}

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|&word| word.to_owned()).collect()
}
