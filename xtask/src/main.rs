//! The chores of this repository that have logic: `cargo xtask test`, `postgres`, `bench`, `chaos`, `corpus`,
//! `fuzz` and `train`.
//!
//! `cargo xtask test` is the one test command: what it accepts may be merged. A chore needs nothing but Cargo and says
//! what is missing otherwise; it never passes by skipping. Processes it starts in the background do not outlive it,
//! however it ends; see [`background`].
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a chore does")]

mod background;
mod bench;
mod chaos;
mod corpus;
mod fuzz;
mod postgres;
mod table;
mod test;
mod tools;
mod train;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Run the chores of this repository
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
enum Chore {
    /// Run everything a change must pass
    Test {
        /// Run only this step, while working on it; may be given several times
        #[arg(long, value_name = "STEP")]
        only: Vec<test::Step>,
    },
    /// Run a command beside a throw-away PostgreSQL, named in FOLLOWUP_TEST_POSTGRES
    Postgres {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
        command: Vec<OsString>,
    },
    /// Measure the release build, as whole processes
    Bench(bench::Arguments),
    /// Kill the program again and again, and see whether anything is lost, doubled or broken
    Chaos(chaos::Arguments),
    /// Read a labelled corpus of reports, and say how well
    Corpus(corpus::Arguments),
    /// Feed the reader inputs that look for a panic, a hang, or memory without end
    Fuzz(fuzz::Arguments),
    /// Train the weights of the reader's model on labelled reports, and say what they are worth
    Train(train::Arguments),
}

fn main() -> ExitCode {
    let outcome: Result<ExitCode> = match Arguments::parse().chore {
        Chore::Test { only } => Ok(test::run(&only)),
        Chore::Postgres { command } => postgres::beside(&command),
        Chore::Bench(arguments) => bench::run(&arguments).map(|()| ExitCode::SUCCESS),
        Chore::Chaos(arguments) => chaos::run(&arguments).map(|()| ExitCode::SUCCESS),
        Chore::Corpus(arguments) => corpus::run(&arguments).map(|()| ExitCode::SUCCESS),
        Chore::Fuzz(arguments) => fuzz::run(&arguments).map(|()| ExitCode::SUCCESS),
        Chore::Train(arguments) => train::run(&arguments).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
