//! Runs a program as its users do and says how long it took and how much memory it had.
//!
//! Times are of the whole process, from `exec` to its end, with its output read through a pipe as a script would.

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::tools;

/// GNU time, which asks the kernel for the peak.
const GNU_TIME: &str = "/usr/bin/time";

/// One run of a program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) took: Duration,
    /// What it wrote to standard output.
    pub(crate) stdout: Vec<u8>,
}

/// Runs a command that must end with one of the exit codes in `fine`.
pub(crate) fn run(command: &mut Command, fine: &[i32]) -> Result<Run> {
    let started = Instant::now();
    let output = command.output().with_context(|| format!("cannot start `{}`", tools::shown(command)))?;
    let took = started.elapsed();
    check(command, &output, fine)?;
    Ok(Run { took, stdout: output.stdout })
}

/// Like [`run`], with the peak memory in bytes.
pub(crate) fn run_with_peak(command: &Command, fine: &[i32]) -> Result<(Run, u64)> {
    if tools::succeeds(Command::new(GNU_TIME).args(["-v", "true"])) {
        timed(command, fine)
    } else {
        watched(command, fine)
    }
}

/// Through GNU time: exact.
fn timed(command: &Command, fine: &[i32]) -> Result<(Run, u64)> {
    let report = tempfile::NamedTempFile::new()?;
    let mut time = surroundings_of(command, GNU_TIME);
    time.args(["-v", "-o"]).arg(report.path()).arg(command.get_program()).args(command.get_args());
    let run = run(&mut time, fine)?;
    let report = fs::read_to_string(report.path())?;
    let peak = peak_in(&report, "Maximum resident set size (kbytes):");
    Ok((run, peak.with_context(|| format!("{GNU_TIME} does not say the peak memory"))?))
}

/// By looking at the process every two milliseconds: may miss what it allocates just before its end.
fn watched(command: &Command, fine: &[i32]) -> Result<(Run, u64)> {
    let mut copy = surroundings_of(command, command.get_program());
    copy.args(command.get_args()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let child = copy.spawn().with_context(|| format!("cannot start `{}`", tools::shown(command)))?;
    let status = format!("/proc/{}/status", child.id());
    let ended = AtomicBool::new(false);
    let (output, peak) = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = 0;
            while !ended.load(Ordering::Relaxed) {
                let status = fs::read_to_string(&status).unwrap_or_default();
                peak = peak.max(peak_in(&status, "VmHWM:").unwrap_or_default());
                tools::pause(Duration::from_millis(2));
            }
            peak
        });
        let output = child.wait_with_output();
        ended.store(true, Ordering::Relaxed);
        (output, watcher.join().unwrap_or_default())
    });
    let took = started.elapsed();
    let output = output?;
    check(command, &output, fine)?;
    ensure!(peak > 0, "cannot see the memory of a process: neither {GNU_TIME} nor /proc is there");
    Ok((Run { took, stdout: output.stdout }, peak))
}

/// Another program with the environment and the folder of a command.
fn surroundings_of(command: &Command, program: impl AsRef<OsStr>) -> Command {
    let mut other = tools::command(program);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        other.current_dir(folder);
    }
    other
}

/// Fails unless the program ended as it should.
fn check(command: &Command, output: &Output, fine: &[i32]) -> Result<()> {
    ensure!(
        output.status.code().is_some_and(|code| fine.contains(&code)),
        "`{}`: {}\n{}\n{}",
        tools::shown(command),
        output.status,
        last_lines(&output.stdout),
        last_lines(&output.stderr),
    );
    Ok(())
}

fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(2_000)..]);
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

/// The number of kilobytes after `label`, in bytes.
fn peak_in(text: &str, label: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(label))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Times sorted, for quantiles.
#[derive(Debug)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Measures a command `count` times, after one run that warms the caches.
    pub(crate) fn of(command: &mut Command, fine: &[i32], count: usize) -> Result<Self> {
        run(command, fine)?;
        let times = (0..count).map(|_| Ok(run(command, fine)?.took)).collect::<Result<Vec<_>>>()?;
        Ok(Self::from(times))
    }

    /// The time that `percent` of the runs did not exceed (nearest rank).
    pub(crate) fn quantile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }
}

impl From<Vec<Duration>> for Times {
    fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let times = Times::from((1..=50).rev().map(Duration::from_millis).collect::<Vec<_>>());
        assert_eq!(times.quantile(50), Duration::from_millis(25));
        assert_eq!(times.quantile(95), Duration::from_millis(48));
        assert_eq!(Times::from(vec![Duration::from_secs(1)]).quantile(50), Duration::from_secs(1));
    }

    #[test]
    fn reads_the_peak_from_either_source() {
        let time = "\tCommand being timed: \"true\"\n\tMaximum resident set size (kbytes): 2048\n";
        assert_eq!(peak_in(time, "Maximum resident set size (kbytes):"), Some(2_097_152));
        assert_eq!(peak_in("Name:\tx\nVmHWM:\t    3000 kB\n", "VmHWM:"), Some(3_072_000));
    }

    #[test]
    fn sees_the_memory_of_a_process_both_ways() {
        let mut command = tools::command("sh");
        command.args(["-c", "echo out; sleep 0.1"]);
        for measure in [run_with_peak, watched] {
            let (run, peak) = measure(&command, &[0]).unwrap();
            assert_eq!(run.stdout, b"out\n");
            assert!(peak > 100_000, "{peak}");
            assert!(run.took >= Duration::from_millis(100));
        }
    }

    #[test]
    fn an_unexpected_exit_code_is_an_error_with_what_the_program_said() {
        let mut command = tools::command("sh");
        command.args(["-c", "echo why >&2; exit 6"]);
        let error = run(&mut command, &[0, 4]).unwrap_err().to_string();
        assert!(error.contains("exit status: 6") && error.contains("why"), "{error}");
    }
}
