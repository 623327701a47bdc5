//! Makes incident reports to measure with: the same text for the same number, on every machine.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// How many actions a report has.
pub(crate) const ACTIONS: usize = 5;

/// The people reports name, with their logins.
pub(crate) const PEOPLE: [(&str, &str); 8] = [
    ("Grace Apio", "gapio"),
    ("Tom Okello", "tokello"),
    ("Ines Duarte", "iduarte"),
    ("Marek Nowak", "mnowak"),
    ("Aiko Tanaka", "atanaka"),
    ("Samuel Otieno", "sotieno"),
    ("Lena Fischer", "lfischer"),
    ("Ravi Menon", "rmenon"),
];

const SERVICES: [&str; 12] = [
    "checkout",
    "payments",
    "search",
    "login",
    "billing",
    "inventory",
    "notifications",
    "uploads",
    "reports",
    "gateway",
    "scheduler",
    "profile",
];

const CAUSES: [&str; 6] = [
    "a configuration push that was not validated",
    "a connection pool that was too small",
    "an expired certificate",
    "a schema migration that locked a table",
    "a retry storm after a slow dependency",
    "a full disk on the primary database",
];

const TASKS: [&str; 10] = [
    "Add an alert on the error rate of",
    "Write a runbook for the failover of",
    "Validate the configuration of",
    "Limit the retries made by",
    "Add a load test for",
    "Automate the rollback of",
    "Move the certificates to automatic renewal for",
    "Add a dashboard of saturation for",
    "Rehearse the restore of backups for",
    "Document the dependencies of",
];

/// What is in the reports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Whether some of the actions are done already.
    pub(crate) some_done: bool,
}

/// Writes `count` reports into `folder`, a file each.
pub(crate) fn write(folder: &Path, count: usize, shape: Shape) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for number in 1..=count {
        let file = folder.join(format!("inc-{number:05}.md"));
        fs::write(&file, report(number, shape))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// One report in Markdown. Every second one lists its actions as a table, the others as checkboxes.
///
/// Due dates lie between one month and three years after the incident, so that a year later about a third is overdue.
fn report(number: usize, shape: Shape) -> String {
    let mut dice = Dice::new(number);
    let service = SERVICES[dice.below(SERVICES.len())];
    let cause = CAUSES[dice.below(CAUSES.len())];
    let (commander, _) = PEOPLE[dice.below(PEOPLE.len())];
    let day = 1 + dice.below(28);
    let severity = 1 + dice.below(4);
    let minutes = 10 + dice.below(45);

    let mut text = format!(
        "# INC-{number:05}: {service} failed after {cause}\n\n\
         - Date: 2026-05-{day:02}\n\
         - Severity: SEV-{severity}\n\
         - Service: {service}\n\
         - Incident commander: {commander}\n\n\
         ## Summary\n\n\
         For {minutes} minutes requests to {service} failed. Nobody lost data.\n\n\
         ## Timeline\n\n\
         | Time (UTC) | Event |\n\
         | --- | --- |\n\
         | 09:00 | {service} starts to answer with errors |\n\
         | 09:05 | {commander} is paged |\n\
         | 09:{minutes:02} | {service} is healthy again |\n\n\
         ## Root cause\n\n\
         The cause was {cause}.\n\n\
         ## Action items\n\n"
    );
    let as_table = number.is_multiple_of(2);
    if as_table {
        text += "| Action | Owner | Due | Status |\n| --- | --- | --- | --- |\n";
    }
    let first = dice.below(TASKS.len());
    for index in 0..ACTIONS {
        let task = TASKS[(first + index) % TASKS.len()];
        let (owner, _) = PEOPLE[dice.below(PEOPLE.len())];
        let due = due(&mut dice);
        let done = shape.some_done & (dice.below(8) == 0);
        let written = if as_table {
            let status = if done { "Done" } else { "Open" };
            writeln!(text, "| {task} {service} | {owner} | {due} | {status} |")
        } else {
            let mark = if done { 'x' } else { ' ' };
            writeln!(text, "- [{mark}] {task} {service} (owner: {owner}, due: {due})")
        };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
    text
}

/// A day between June 2026 and May 2029.
fn due(dice: &mut Dice) -> String {
    let months = 5 + dice.below(36);
    format!("{}-{:02}-{:02}", 2026 + months / 12, 1 + months % 12, 1 + dice.below(28))
}

/// Numbers without a pattern, the same ones for the same seed (SplitMix64).
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn new(seed: usize) -> Self {
        Self(seed as u64)
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = (mixed ^ (mixed >> 31)) >> 33;
        usize::try_from(mixed).unwrap_or_default() % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Shape = Shape { some_done: false };

    #[test]
    fn the_same_number_makes_the_same_report() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        for folder in &folders {
            write(folder.path(), 20, Shape { some_done: true }).unwrap();
        }
        for number in 1..=20 {
            let [one, other] = folders
                .each_ref()
                .map(|folder| fs::read_to_string(folder.path().join(format!("inc-{number:05}.md"))).unwrap());
            assert_eq!(one, other);
        }
    }

    #[test]
    fn a_report_has_five_different_actions_in_either_form() {
        for number in 1..=50 {
            let text = report(number, OPEN);
            let (_, list) = text.split_once("## Action items\n\n").unwrap();
            let titles: std::collections::BTreeSet<&str> = list
                .lines()
                .filter_map(|line| {
                    let line = line.trim_start_matches("- [ ] ").trim_start_matches("| ");
                    TASKS.iter().any(|task| line.starts_with(task)).then(|| line.split(['(', '|']).next())?
                })
                .collect();
            assert_eq!(titles.len(), ACTIONS, "{text}");
        }
    }

    #[test]
    fn about_a_third_is_due_within_a_year_and_some_are_done() {
        let texts: String = (1..=400).map(|number| report(number, Shape { some_done: true })).collect();
        let is_date =
            |word: &&str| word.len() == 10 && word.starts_with("20") && word.matches('-').count() == 2;
        let words = texts.split([' ', ')', '\n']).filter(is_date);
        let dates: Vec<&str> = words.filter(|date| !date.starts_with("2026-05")).collect();
        assert_eq!(dates.len(), 400 * ACTIONS);
        let early = dates.iter().filter(|date| **date < "2027-06-01").count();
        assert!((600..740).contains(&early), "{early} of 2000");
        let done = texts.matches("[x]").count() + texts.matches("| Done |").count();
        assert!((200..300).contains(&done), "{done} of 2000");
        assert!(!report(1, OPEN).contains("[x]"));
    }
}
