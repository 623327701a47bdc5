//! A process that runs beside us and never outlives us.
//!
//! Invariant: however this process ends (return, panic, Ctrl-C, `kill -9`), the other one is told to stop and its
//! folder is removed. A destructor alone cannot promise that, and signal handlers do not run on `kill -9`; a pipe can:
//! the kernel closes our end of it when we are gone. A small shell waits for that beside the process it started.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::tools;

/// Becomes the program of the arguments after the first, and leaves a watcher behind that reads the pipe on standard
/// input. When the pipe closes the watcher interrupts the program, waits until it is gone, and removes the folder named
/// by the first argument, if any.
const LEASH: &str = r#"
folder=$1
shift
exec 3<&0 </dev/null
(
    trap '' HUP INT TERM
    cat <&3 >/dev/null
    kill -INT $$ 2>/dev/null
    if [ -n "$folder" ]; then
        tries=0
        while kill -0 $$ 2>/dev/null && [ $tries -lt 100 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        rm -rf "$folder"
    fi
) &
exec "$@" 3<&-
"#;

/// How long a process may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process that ends when this value is dropped, or when we are gone.
#[derive(Debug)]
pub(crate) struct Background {
    /// What people call it, for messages.
    name: &'static str,
    child: Child,
    /// Where its output goes.
    log: PathBuf,
}

impl Background {
    /// Starts `program`, whose output goes to the file `log`.
    ///
    /// `through` is the command that runs it, for example `setpriv … --`, or nothing. `folder` is removed after the
    /// process ended, by the user it runs as.
    pub(crate) fn start(
        name: &'static str,
        through: &[String],
        program: &Command,
        log: &Path,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut leash = Command::new(through.first().map_or("sh", String::as_str));
        leash.args(through.iter().skip(1));
        if !through.is_empty() {
            leash.arg("sh");
        }
        leash.args(["-c", LEASH, "sh"]).arg(folder.unwrap_or(Path::new("")));
        leash.arg(program.get_program()).args(program.get_args());
        for (variable, value) in program.get_envs() {
            match value {
                Some(value) => leash.env(variable, value),
                None => leash.env_remove(variable),
            };
        }
        // Not in our process group: Ctrl-C at the terminal reaches it through the pipe only, in an orderly way.
        leash.current_dir("/").process_group(0).stdin(Stdio::piped());
        leash.stdout(output.try_clone()?).stderr(output);
        let child = leash.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, child, log: log.to_path_buf() })
    }

    /// Waits until `ready` says so; fails with the log when the process ends before, or takes too long.
    pub(crate) fn wait_until(&mut self, mut ready: impl FnMut() -> bool) -> Result<()> {
        let limit = Duration::from_secs(60);
        let started = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once: {status}\n{}", self.name, self.log());
            }
            if started.elapsed() > limit {
                bail!("{} was not ready after {} s\n{}", self.name, limit.as_secs(), self.log());
            }
            tools::pause(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Waits until the process accepts connections on a port of 127.0.0.1.
    pub(crate) fn wait_for_port(&mut self, port: u16) -> Result<()> {
        self.wait_until(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())
    }

    /// The last lines the process has written.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Whether the process has ended within `limit`.
    fn ended_within(&mut self, limit: Duration) -> bool {
        let started = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if started.elapsed() > limit {
                return false;
            }
            tools::pause(Duration::from_millis(10));
        }
        true
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if !self.ended_within(PATIENCE) {
            eprintln!("{} does not stop; killing it", self.name);
            let group = format!("-{}", self.child.id());
            tools::succeeds(tools::command("kill").args(["-KILL", "--", &group]));
            self.ended_within(PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn stops_with_its_owner_and_takes_its_folder_along() {
        let kept = tempfile::tempdir().unwrap();
        let folder = kept.path().join("gone");
        fs::create_dir(&folder).unwrap();
        let (log, said) = (kept.path().join("log"), kept.path().join("said"));
        let script = format!(
            "trap 'echo stopped >{}; exit 0' INT; echo up; while :; do sleep 0.05; done",
            said.display()
        );

        let mut background = Background::start("a loop", &[], &sh(&script), &log, Some(&folder)).unwrap();
        background.wait_until(|| fs::read_to_string(&log).is_ok_and(|log| log.contains("up"))).unwrap();
        drop(background);

        assert_eq!(fs::read_to_string(&said).unwrap(), "stopped\n");
        let started = Instant::now();
        while folder.exists() {
            assert!(started.elapsed() < PATIENCE, "the folder is still there");
            tools::pause(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_process_that_ends_before_it_is_ready_fails_with_its_log() {
        let kept = tempfile::tempdir().unwrap();
        let log = kept.path().join("log");
        let mut background =
            Background::start("a server", &[], &sh("echo port taken; exit 3"), &log, None).unwrap();
        let error = background.wait_until(|| false).unwrap_err().to_string();
        assert!(error.contains("a server ended at once: exit status: 3\nport taken"), "{error}");
    }
}
