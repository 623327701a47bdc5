//! `cargo xtask test`: everything a change must pass, in order, with a summary at the end.
//!
//! A step that fails does not stop the others: one run shows all there is to repair. A step that cannot run has failed,
//! with one exception, which the summary names: the sandbox checks need Node, which Followup itself does not.

mod steps;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::{table, tools};

/// A step of the test run, in the order they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// The formatting
    Fmt,
    /// The lints
    Clippy,
    /// The documentation, private items included
    Docs,
    /// The tests, on SQLite and on a throw-away PostgreSQL
    Nextest,
    /// The examples in the documentation
    Doctests,
    /// Every program in examples/
    Examples,
    /// The sandbox, used by GitHub clients that others wrote
    Sandbox,
    /// The program, killed again and again for a short while
    Chaos,
    /// The fuzz targets of the reader, for a short while each
    Fuzz,
    /// The dependencies: licences, bans and sources
    Deny,
}

/// How a step ended.
#[derive(Debug)]
enum Outcome {
    Passed,
    Failed(String),
    /// It could not run, and is permitted not to.
    NotRun(String),
}

/// Runs the steps in `only`, or all of them when there are none.
pub(crate) fn run(only: &[Step]) -> ExitCode {
    let steps = selected(only);
    let started = Instant::now();
    let mut results = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        println!("\n== {}/{} {} ==", index + 1, steps.len(), name(*step));
        let begun = Instant::now();
        let outcome = steps::run(*step).unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        let took = begun.elapsed();
        match &outcome {
            Outcome::Passed => println!("== {} passed in {} ==", name(*step), tools::readable(took)),
            Outcome::Failed(why) => {
                println!("error: {why}\n== {} FAILED after {} ==", name(*step), tools::readable(took));
            }
            Outcome::NotRun(why) => println!("== NOT RUN: {why} =="),
        }
        results.push((*step, outcome, took));
    }
    println!("\n{}", summary(&results, started.elapsed()));
    let failed = results.iter().any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_)));
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The steps to run: each once, in the order of a full run whatever the order they were named in.
fn selected(only: &[Step]) -> Vec<Step> {
    let all = Step::value_variants().iter().copied();
    all.filter(|step| only.is_empty() || only.contains(step)).collect()
}

/// The name of a step, as `--only` takes it.
fn name(step: Step) -> String {
    step.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// What came of it all: a table, and below it a line for everything that is not plainly good.
fn summary(results: &[(Step, Outcome, Duration)], total: Duration) -> String {
    let rows: Vec<Vec<String>> = results
        .iter()
        .map(|(step, outcome, took)| {
            let result = match outcome {
                Outcome::Passed => "passed",
                Outcome::Failed(_) => "FAILED",
                Outcome::NotRun(_) => "NOT RUN",
            };
            vec![name(*step), result.to_owned(), tools::readable(*took)]
        })
        .collect();
    let mut text = table::markdown(&["step", "result", "time"], &rows);
    for (step, outcome, _) in results {
        match outcome {
            Outcome::Passed => {}
            Outcome::Failed(why) => {
                text += &format!("FAILED: {}: {}\n", name(*step), why.lines().next().unwrap_or_default());
            }
            Outcome::NotRun(why) => text += &format!("NOT RUN: {why}\n"),
        }
    }
    let ran: Vec<Step> = results.iter().map(|(step, ..)| *step).collect();
    let missing: Vec<String> =
        Step::value_variants().iter().filter(|step| !ran.contains(step)).map(|step| name(*step)).collect();
    if !missing.is_empty() {
        text += &format!("PARTIAL RUN: without {}\n", missing.join(", "));
    }
    let failed = results.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_))).count();
    let verdict = match failed {
        0 => "all passed".to_owned(),
        _ => format!("{failed} of {} failed", results.len()),
    };
    text + &format!("{verdict}, in {}", tools::readable(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_choice_every_step_runs() {
        assert_eq!(selected(&[]), Step::value_variants());
    }

    #[test]
    fn chosen_steps_run_once_and_in_order() {
        assert_eq!(selected(&[Step::Deny, Step::Fmt, Step::Deny]), [Step::Fmt, Step::Deny]);
    }

    #[test]
    fn the_summary_hides_nothing() {
        let results = [
            (Step::Fmt, Outcome::Passed, Duration::from_millis(800)),
            (
                Step::Clippy,
                Outcome::Failed("`cargo clippy`: exit status: 101\nmore".into()),
                Duration::from_secs(20),
            ),
            (
                Step::Sandbox,
                Outcome::NotRun("sandbox checks, because node is missing".into()),
                Duration::ZERO,
            ),
        ];
        assert_eq!(
            summary(&results, Duration::from_secs(21)),
            "| step    | result  | time    |\n\
             | ------- | ------- | ------- |\n\
             | fmt     | passed  | 800 ms  |\n\
             | clippy  | FAILED  | 20.0 s  |\n\
             | sandbox | NOT RUN | 0.00 ms |\n\
             FAILED: clippy: `cargo clippy`: exit status: 101\n\
             NOT RUN: sandbox checks, because node is missing\n\
             PARTIAL RUN: without docs, nextest, doctests, examples, chaos, fuzz, deny\n\
             1 of 3 failed, in 21.0 s"
        );
    }
}
