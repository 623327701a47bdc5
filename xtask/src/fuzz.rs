//! `cargo xtask fuzz`: the fuzz targets of the reader, for a bounded time each.
//!
//! cargo-fuzz builds them with a compiler that is not a nightly one, so without the address sanitizer: the reader has no
//! unsafe code of its own, and what is looked for are panics, hangs, and memory that grows. What libFuzzer found out
//! about the inputs is kept beside the build, so that the next run begins where this one ends; an input that fails is
//! printed in base64 and kept in `crates/incident-report/fuzz/artifacts/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::tools;

/// How long one input may take, in seconds: far beyond what any input of this length needs on a busy machine.
const SECONDS_AN_INPUT: u32 = 20;

/// The longest input that is made, in bytes.
const LONGEST: u32 = 8_192;

/// How much memory a target may take, in MB.
const MEMORY: u32 = 1_024;

/// How long to look.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 300)]
    seconds: u32,
}

/// Runs every target for the time asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    every_target(arguments.seconds)
}

/// Runs every target for so many seconds; the first input that fails is an error.
pub(crate) fn every_target(seconds: u32) -> Result<()> {
    tools::cargo_tool("fuzz")?;
    let package = tools::root().join("crates/incident-report");
    let seeds = seeds(&package.join("fuzz/target/seeds"))?;
    let listed = tools::output(tools::cargo().args(["fuzz", "list"]).current_dir(&package))?;
    let targets: Vec<&str> = listed.lines().collect();
    ensure!(!targets.is_empty(), "there is no fuzz target");
    for target in targets {
        let mut fuzz = tools::cargo();
        fuzz.args(["fuzz", "run", "--sanitizer", "none", target]).current_dir(&package);
        // The first folder takes what is learnt, the second is where it starts.
        let learnt = package.join("fuzz/corpus").join(target);
        fs::create_dir_all(&learnt)?;
        fuzz.arg(&learnt).arg(&seeds).arg("--");
        fuzz.args([
            format!("-max_total_time={seconds}"),
            format!("-max_len={LONGEST}"),
            format!("-timeout={SECONDS_AN_INPUT}"),
            format!("-rss_limit_mb={MEMORY}"),
            "-print_final_stats=1".to_owned(),
            "-verbosity=0".to_owned(),
        ]);
        tools::run(&mut fuzz)
            .with_context(|| format!("the fuzz target {target} found an input that fails"))?;
    }
    Ok(())
}

/// Our own example reports, to start from.
fn seeds(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for from in ["examples/reports", "crates/incident-report/tests/fixtures"] {
        let from = tools::root().join(from);
        for entry in fs::read_dir(&from).with_context(|| format!("cannot read {}", from.display()))? {
            let path = entry?.path();
            if let Some(name) = path.file_name().filter(|_| path.is_file()) {
                fs::copy(&path, folder.join(name))?;
            }
        }
    }
    Ok(folder.to_owned())
}
