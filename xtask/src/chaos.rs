//! `cargo xtask chaos`: kill the program again and again, and see whether anything is lost, doubled or broken.
//!
//! The harness is a program of its own, `crates/chaos`, because it needs the library and the sandbox, and chores compile in
//! a moment.

use std::hash::{BuildHasher as _, RandomState};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::tools;

/// How much, and which.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many rounds
    #[arg(long, value_name = "N", default_value_t = 20)]
    rounds: u64,
    /// The seed of the first round; the next has the next. A fresh one when it is not given
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Begin no further round after this many seconds
    #[arg(long, value_name = "SECONDS")]
    within: Option<u64>,
    /// Leave out the round that dies at every named place once
    #[arg(long)]
    no_tour: bool,
    /// Keep the folders of all rounds, not only of those that fail
    #[arg(long)]
    keep: bool,
}

/// Builds the programs and runs the harness.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut harness = harness(arguments.rounds, arguments.seed.unwrap_or_else(fresh))?;
    if let Some(seconds) = arguments.within {
        harness.args(["--within", &seconds.to_string()]);
    }
    for (flag, is_set) in [("--no-tour", arguments.no_tour), ("--keep", arguments.keep)] {
        if is_set {
            harness.arg(flag);
        }
    }
    tools::run(&mut harness)
}

/// As many rounds as fit into a while, with a fresh seed.
pub(crate) fn within(seconds: u64) -> Result<()> {
    tools::run(harness(u64::from(u32::MAX), fresh())?.args(["--within", &seconds.to_string()]))
}

fn harness(rounds: u64, seed: u64) -> Result<Command> {
    if !cfg!(unix) {
        bail!("the harness stops and kills processes by signals, which this system does not have");
    }
    let built = tools::executables("bin", &["--workspace", "--bins"])?;
    let program = |name: &str| built.get(name).with_context(|| format!("the workspace builds no `{name}`"));
    let mut harness = tools::command(program("chaos")?);
    harness.arg("--followup").arg(program("followup")?);
    harness.args(["--rounds", &rounds.to_string(), "--seed", &seed.to_string()]);
    Ok(harness)
}

/// A seed that nobody chose; short enough to be typed.
fn fresh() -> u64 {
    RandomState::new().hash_one("chaos") % 1_000_000_000
}
