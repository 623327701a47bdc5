//! The binary: hands the arguments to the library, and its answer to the shell.

use std::process::ExitCode;

fn main() -> ExitCode {
    followup::cli::run(std::env::args_os())
}
