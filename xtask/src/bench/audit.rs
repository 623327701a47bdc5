//! What an auditor waits for: checking the history, asking it, and taking it along.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    A_YEAR_LATER, Figure, grouped,
    measure::{self, Times},
    megabytes,
    world::World,
};
use crate::tools;

/// Checks the history of a large database, asks it, and hands it out.
pub(super) fn audits(world: &World, actions: usize, add: &mut impl FnMut(Figure)) -> Result<()> {
    let verdict = asked(world, &["audit", "verify", "--format", "json"])?;
    ensure!(verdict["ok"] == true, "the history does not hold: {verdict}");
    let events = usize::try_from(verdict["events"].as_u64().unwrap_or_default())?;
    for (words, runs) in [
        (&["audit", "verify"][..], 3),
        (&["audit", "log", "--limit", "20"], 10),
        (&["audit", "log", "--kind", "report", "--format", "csv"], 3),
        (&["audit", "log", "CA-7"], 10),
        (&["audit", "sample", "--n", "25"], 3),
        (&["audit", "metrics"], 3),
    ] {
        let command = world.followup(words);
        add(measured(command, &words.join(" "), events, runs)?);
    }
    let folder = world.folder().join("export");
    let target = folder.to_str().context("the temporary folder is not UTF-8")?;
    let words = ["audit", "export", target, "--format", "json"];
    let mut command = world.followup(&words);
    command.env("FOLLOWUP_NOW", A_YEAR_LATER);
    let (run, peak) = measure::run_with_peak(&command, &[0])?;
    let told: Value = serde_json::from_slice(&run.stdout).context("`audit export`")?;
    ensure!(told["manifest"]["counts"]["actions"] == actions, "the export has other actions: {told}");
    let mut bytes = 0;
    for file in fs::read_dir(&folder)? {
        bytes += file?.metadata()?.len();
    }
    add(Figure {
        what: format!(
            "`audit export` of {} actions ({} events) as CSV, JSON and a workbook: {}",
            grouped(actions),
            grouped(events),
            megabytes(bytes)
        ),
        runs: 1,
        median: tools::readable(run.took),
        p95: String::new(),
        peak: megabytes(peak),
        bar: String::new(),
    });
    Ok(())
}

fn asked(world: &World, words: &[&str]) -> Result<Value> {
    let run = measure::run(&mut world.followup(words), &[0])?;
    serde_json::from_slice(&run.stdout).with_context(|| format!("`{}`", words.join(" ")))
}

fn measured(mut command: std::process::Command, words: &str, events: usize, runs: usize) -> Result<Figure> {
    command.env("FOLLOWUP_NOW", A_YEAR_LATER);
    let (_, peak) = measure::run_with_peak(&command, &[0])?;
    let times = Times::of(&mut command, &[0], runs)?;
    let median = times.quantile(50);
    // What reads the whole history grows with it.
    let each = median.as_nanos() / u128::try_from(events.max(1))?;
    let whole =
        ["audit verify", "audit sample", "audit metrics"].iter().any(|begin| words.starts_with(begin));
    let each = if whole {
        format!(", {:.1} µs each", f64::from(u32::try_from(each)?) / 1_000.0)
    } else {
        String::new()
    };
    Ok(Figure {
        what: format!("`{words}` over {} events{each}", grouped(events)),
        runs,
        median: tools::readable(median),
        p95: if runs < 10 { String::new() } else { tools::readable(times.quantile(95)) },
        peak: megabytes(peak),
        bar: String::new(),
    })
}
