//! Logs: for people who look into what happened, on standard error.
//!
//! Invariant: no token, no text of a report and no body of an issue is ever logged; ids, numbers and statuses are.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging. `verbose` counts `-v`; `RUST_LOG` wins over it.
pub fn start(verbose: u8, quiet: bool) {
    // octocrab logs a failed request as an error; whether it is one is for us to say, and we do.
    let default = match (quiet, verbose) {
        (true, _) => "error,octocrab=off",
        (false, 0) => "warn,octocrab=off",
        (false, 1) => "followup=info,warn,octocrab=off",
        (false, 2) => "followup=debug,info",
        (false, 3..) => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // Fails only when it was started before, in tests.
    drop(subscriber.compact().without_time().try_init());
}
