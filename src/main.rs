//! The binary: hands the arguments to the library, and its answer to the shell.

use std::process::ExitCode;

/// Rows come from SQLite's thread as many small values that are freed in another; the allocator of the system takes half
/// again as long for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    followup::cli::run(std::env::args_os())
}
