//! `cargo xtask bench`: what a user of the release build waits for, measured as whole processes.
//!
//! Figures of parts (the reader, the planner) are Criterion's, in `benches/`; these are the ones the quality bars are
//! about. A measurement that did not do what it says (too few actions, a sync that wrote) is an error, not a figure.

mod audit;
mod measure;
mod reports;
mod section;
mod sync;
mod world;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{table, tools};
use measure::Times;
use reports::{ACTIONS, Shape};
use world::{Pace, World};

/// When the reports are imported, soon after their incidents.
const IMPORTED: &str = "2026-06-01T09:00:00Z";

/// When the lists are asked for: about a third of the actions is overdue.
const A_YEAR_LATER: &str = "2027-06-01T09:00:00Z";

/// The document that shows the figures.
const DOCUMENT: &str = "docs/performance.md";

/// A tracker that is never asked.
const NOWHERE: &str = "http://127.0.0.1:9";

/// How much to measure, and where to put it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Replace the figures in docs/performance.md
    #[arg(long)]
    write: bool,
    /// How many reports make the large database, five actions each
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    reports: usize,
    /// How many issues are linked when syncs are measured; ten times as many for the large one
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    issues: usize,
    /// Measure only this; may be given several times
    #[arg(long, value_name = "PART", conflicts_with = "write")]
    only: Vec<Part>,
    /// Measure the build for developing: the requests are the same, the times are not
    #[arg(long, conflicts_with = "write")]
    dev: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// Start and import
    Commands,
    /// Lists over many actions
    Lists,
    /// Checking the history of many actions, and handing it out
    Audit,
    /// Publishing and syncing
    Sync,
}

/// One line of the result.
#[derive(Debug)]
struct Figure {
    what: String,
    runs: usize,
    median: String,
    p95: String,
    peak: String,
    bar: String,
}

/// Builds, measures, prints, and writes the document when asked to.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut built = if arguments.dev {
        tools::executables("bin", &["--workspace", "--bins"])?
    } else {
        let words = ["--release", "--package", "followup", "--package", "github-sandbox", "--bins"];
        tools::executables("bin", &words)?
    };
    let mut program =
        |name: &str| built.remove(name).with_context(|| format!("the build made no program `{name}`"));
    let (followup, sandbox) = (program("followup")?, program("github-sandbox")?);

    let mut figures = Vec::new();
    let mut add = |figure: Figure| {
        println!("{}: {}", figure.what, figure.median);
        figures.push(figure);
    };
    let is_asked_for = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    if is_asked_for(Part::Commands) {
        add(start(&followup)?);
        let small = World::new(&followup, NOWHERE, Pace::None)?;
        add(import(&small, 1_000, "< 5 s, < 200 MB")?);
    }
    if is_asked_for(Part::Lists) || is_asked_for(Part::Audit) {
        let large = World::new(&followup, NOWHERE, Pace::None)?;
        add(import(&large, arguments.reports, "")?);
        if is_asked_for(Part::Lists) {
            let lists: [&[&str]; 3] = [
                &["overdue", "--format", "json"],
                &["list", "--format", "json"],
                &["list", "--format", "json", "--state", "open", "--category", "monitoring"],
            ];
            for words in lists {
                add(listing(&large, words, arguments.reports * ACTIONS)?);
            }
        }
        if is_asked_for(Part::Audit) {
            audit::audits(&large, arguments.reports * ACTIONS, &mut add)?;
        }
    }
    if is_asked_for(Part::Sync) {
        add(sync::publish(&followup, &sandbox)?);
        sync::passes(&followup, &sandbox, arguments.issues, &[1, 10, 100], &mut add)?;
        sync::passes(&followup, &sandbox, arguments.issues * 10, &[], &mut add)?;
    }

    let text = format!("{}\n{}", machine(arguments.dev)?, rendered(&figures));
    println!("\n{text}");
    if arguments.write {
        let path = tools::root().join(DOCUMENT);
        let document = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCUMENT}"))?;
        fs::write(&path, section::replaced(&document, &text).context(DOCUMENT)?)?;
        println!("{DOCUMENT} is up to date.");
    }
    Ok(())
}

/// The start of the command line.
fn start(followup: &Path) -> Result<Figure> {
    let mut command = tools::command(followup);
    command.arg("--version");
    let runs = 50;
    let times = Times::of(&mut command, &[0], runs)?;
    let (_, peak) = measure::run_with_peak(&command, &[0])?;
    Ok(Figure {
        what: "`followup --version`".into(),
        runs,
        median: tools::readable(times.quantile(50)),
        p95: tools::readable(times.quantile(95)),
        peak: megabytes(peak),
        bar: "< 15 ms".into(),
    })
}

/// The import of reports into an empty database; it stays in the world.
fn import(world: &World, count: usize, bar: &str) -> Result<Figure> {
    let folder = world.reports(count, Shape { some_done: true })?;
    let (run, peak) = measure::run_with_peak(&world.import(&folder, IMPORTED)?, &[0])?;
    Ok(Figure {
        what: format!("`import` of {} reports ({} actions)", grouped(count), grouped(count * ACTIONS)),
        runs: 1,
        median: tools::readable(run.took),
        p95: String::new(),
        peak: megabytes(peak),
        bar: bar.into(),
    })
}

/// A command that reads all actions, a year after they were imported.
fn listing(world: &World, words: &[&str], actions: usize) -> Result<Figure> {
    let mut command = world.followup(words);
    command.env("FOLLOWUP_NOW", A_YEAR_LATER);
    let (run, peak) = measure::run_with_peak(&command, &[0])?;
    let printed: Value =
        serde_json::from_slice(&run.stdout).with_context(|| format!("`{}`", words.join(" ")))?;
    let found = |list: &Value| list.as_array().map_or(0, Vec::len);
    let note = match words.first() {
        Some(&"list") if words.len() > 3 => format!(", {} found", grouped(found(&printed))),
        Some(&"list") => {
            ensure!(found(&printed) == actions, "`list` printed {} actions of {actions}", found(&printed));
            String::new()
        }
        Some(&"overdue") => {
            let share = found(&printed) * 100 / actions;
            ensure!((10..90).contains(&share), "{share} % of the actions are overdue: not a sensible list");
            format!(", {} overdue", grouped(found(&printed)))
        }
        _ => String::new(),
    };
    let runs = 20;
    let times = Times::of(&mut command, &[0], runs)?;
    Ok(Figure {
        what: format!("`{}` over {} actions{note}", words.join(" "), grouped(actions)),
        runs,
        median: tools::readable(times.quantile(50)),
        p95: tools::readable(times.quantile(95)),
        peak: megabytes(peak),
        bar: "< 150 ms".into(),
    })
}

/// The figures as a table.
fn rendered(figures: &[Figure]) -> String {
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|figure| {
            let Figure { what, runs, median, p95, peak, bar } = figure;
            vec![what.clone(), runs.to_string(), median.clone(), p95.clone(), peak.clone(), bar.clone()]
        })
        .collect();
    table::markdown(&["what", "runs", "median", "p95", "peak memory", "bar"], &rows)
}

/// What the figures were measured on.
fn machine(dev: bool) -> Result<String> {
    let build = if dev { "a build for developing" } else { "release build" };
    let rustc = tools::output(tools::command("rustc").arg("--version"))?;
    let cores = std::thread::available_parallelism()?;
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu_model(&cpuinfo).unwrap_or("CPU of unknown model");
    Ok(format!("Measured by `cargo xtask bench` on {model}, {cores} cores; {rustc}, {build}, SQLite.\n"))
}

/// The model of the CPU in `/proc/cpuinfo`.
fn cpu_model(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

/// Bytes as whole megabytes; small ones with a decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    if tenths < 100 {
        format!("{}.{} MB", tenths / 10, tenths % 10)
    } else {
        format!("{} MB", bytes / 1_000_000)
    }
}

/// A number with its thousands apart: `20,000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [0, 999, 1_000, 20_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "20,000", "1,234,567"]
        );
    }

    #[test]
    fn memory_is_in_megabytes() {
        assert_eq!([4_230_000, 48_500_000].map(megabytes), ["4.2 MB", "48 MB"]);
    }

    #[test]
    fn reads_the_model_of_the_cpu() {
        assert_eq!(cpu_model("processor\t: 0\nmodel name\t: Fast CPU 9\nflags\t: a\n"), Some("Fast CPU 9"));
        assert_eq!(cpu_model("Hardware\t: board\n"), None);
    }

    #[test]
    fn figures_become_a_table() {
        let figure = Figure {
            what: "start".into(),
            runs: 50,
            median: "3 ms".into(),
            p95: "4 ms".into(),
            peak: "8.0 MB".into(),
            bar: "< 15 ms".into(),
        };
        let last = rendered(&[figure]).lines().last().unwrap().to_owned();
        assert_eq!(last, "| start | 50   | 3 ms   | 4 ms | 8.0 MB      | < 15 ms |");
    }
}
