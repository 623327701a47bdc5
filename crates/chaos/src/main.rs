//! The crash harness: rounds of real processes on a real database file that are killed at any moment, against a GitHub that
//! misbehaves, with people who change things on both sides meanwhile. `cargo xtask chaos` builds and runs it.
//!
//! Invariant: what a round does follows from its seed. When exactly a process is killed depends on the machine as well, so a
//! seed that failed once may have to be run a few times to fail again.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a harness does")]

mod checks;
mod people;
mod round;
mod team;
mod tour;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;
use followup::failpoint;

use team::{Counts, Team};

/// Kill the program again and again, and see whether anything is lost, doubled or broken
#[derive(Debug, Parser)]
struct Options {
    /// The program, in a build for developing
    #[arg(long, value_name = "FILE")]
    followup: PathBuf,
    /// How many rounds
    #[arg(long, value_name = "N", default_value_t = 20)]
    rounds: u64,
    /// Begin no further round after this many seconds
    #[arg(long, value_name = "SECONDS")]
    within: Option<u64>,
    /// The seed of the first round; the next has the next
    #[arg(long, value_name = "S")]
    seed: u64,
    /// Leave out the round that dies at every named place once
    #[arg(long)]
    no_tour: bool,
    /// Keep the folders of all rounds, not only of those that fail
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("error: {failed} rounds failed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs everything, and says how many rounds failed.
fn run(options: &Options) -> Result<usize> {
    let program = options.followup.canonicalize().with_context(|| options.followup.display().to_string())?;
    let began = Instant::now();
    let mut counts = Counts::default();
    let (mut rounds, mut failed) = (0, 0);
    if !options.no_tour {
        let told = told("the tour", options, "", |folder| tour::run(&program, folder))?;
        failed += usize::from(!told.is_fine);
        counts.add(&told.counts);
    }
    for seed in (options.seed..).take(usize::try_from(options.rounds).unwrap_or(usize::MAX)) {
        if options.within.is_some_and(|seconds| began.elapsed() > Duration::from_secs(seconds)) {
            break;
        }
        let again = format!("cargo xtask chaos --rounds 1 --no-tour --seed {seed}");
        let told =
            told(&format!("round {seed}"), options, &again, |folder| round::run(&program, folder, seed))?;
        failed += usize::from(!told.is_fine);
        counts.add(&told.counts);
        rounds += 1;
    }
    println!(
        "{rounds} rounds in {} s: {} processes, {} killed, {} died at {} of {} named places, {} stopped for a while; {failed} failed",
        began.elapsed().as_secs(),
        counts.processes,
        counts.killed,
        counts.failpoints.values().sum::<usize>(),
        counts.failpoints.len(),
        failpoint::NAMES.len(),
        counts.stopped,
    );
    let rarest: Vec<String> =
        counts.failpoints.iter().map(|(name, times)| format!("{name} {times}")).collect();
    println!("{}", rarest.join(", "));
    Ok(failed)
}

/// What came of a round.
struct Told {
    is_fine: bool,
    counts: Counts,
}

/// A round in a folder of its own, which is kept when it fails.
fn told(
    name: &str,
    options: &Options,
    again: &str,
    round: impl FnOnce(&Path) -> Result<(Team, Result<()>)>,
) -> Result<Told> {
    let prefix = format!("chaos-{}-", name.replace(' ', "-"));
    let mut folder = tempfile::Builder::new().prefix(&prefix).tempdir()?;
    let began = Instant::now();
    let (team, outcome) = round(folder.path())?;
    let took = began.elapsed().as_millis();
    folder.disable_cleanup(options.keep || outcome.is_err());
    if options.keep || outcome.is_err() {
        std::fs::write(folder.path().join("story.txt"), team.story())?;
    }
    match &outcome {
        Ok(()) => println!("{name}: fine, {} processes, {took} ms", team.counts.processes),
        Err(error) => println!(
            "{name}: FAILED after {took} ms\n{error:#}\nits story: {}\nagain: {again}\n",
            folder.path().join("story.txt").display()
        ),
    }
    Ok(Told { is_fine: outcome.is_ok(), counts: team.counts.clone() })
}
