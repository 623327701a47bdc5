//! Reads incident reports and prints the actions in them: no database, no network, no configuration.
//!
//! `cargo run --example read_report [FILE…]`; without a file it reads the two reports beside it.
#![expect(clippy::print_stdout, reason = "printing is what this example is for")]

use std::{env, fs, path::PathBuf};

use anyhow::Context as _;
use followup::{
    config::Person,
    intake::{Draft, Team, severity_of},
};
use incident_report::{Options, read_bytes};

fn main() -> anyhow::Result<()> {
    let maria = Person {
        name: "Maria Lind".to_owned(),
        login: Some("mlind".to_owned()),
        aliases: vec!["maria".to_owned()],
        team: Some("payments".to_owned()),
        ..Person::default()
    };
    let team = Team { people: vec![maria], ..Team::default() };
    for path in files()? {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();

        // The reader knows documents: what the report says, word for word, with the line it stands on.
        let options = Options { source: Some(name.clone()), ..Options::default() };
        let reading = read_bytes(&bytes, &options).with_context(|| name.clone())?;
        let title = reading.report.title.as_deref().unwrap_or("(no title)");
        println!("{title} ({name}, {})", severity_of(&reading.report));

        // Intake knows the team: who is meant, how urgent it is, and what area of work it is in.
        for read in reading.actions {
            let line = read.line;
            let draft = Draft::new(read, &team);
            let owner = draft.owner.as_ref().map_or("nobody", |owner| owner.name.as_str());
            let due = draft.read.due.as_ref().map_or("no day".to_owned(), |due| due.date.to_string());
            let done = if draft.read.done == Some(true) { ", already done" } else { "" };
            println!("  line {line}: {}", draft.read.text);
            println!("    {} ({}), {owner}, {due}{done}", draft.category, draft.kind);
        }
        for warning in reading.warnings {
            println!("  warning: {}", warning.message);
        }
        println!();
    }
    Ok(())
}

/// The files that were named, or the reports in `examples/reports`.
fn files() -> anyhow::Result<Vec<PathBuf>> {
    let named: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/reports");
    let mut files = fs::read_dir(folder)
        .with_context(|| format!("cannot read {folder}"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
