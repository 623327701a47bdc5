//! Finding and running programs: the small things every chore needs.
//!
//! Every command is printed before it runs, gets no standard input, and runs in the root of the repository.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A command in the root of the repository, without standard input.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Cargo, as a developer would call it.
pub(crate) fn cargo() -> Command {
    as_a_developer(command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())))
}

/// The command without what Cargo tells us of ourselves.
///
/// Cargo describes the xtask package in variables that build scripts of dependencies watch; handed on, they would rebuild
/// those dependencies each time a developer changes between `cargo xtask` and plain `cargo`.
pub(crate) fn as_a_developer(mut command: Command) -> Command {
    for (name, _) in env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
                .iter()
                .any(|it| name.starts_with(it))
                || name == "CARGO_PRIMARY_PACKAGE"
        });
        if described {
            command.env_remove(name);
        }
    }
    command
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| match argument.to_string_lossy() {
        word if word.is_empty() || word.contains(char::is_whitespace) => format!("'{word}'"),
        word => word.into_owned(),
    }));
    words.join(" ")
}

/// Runs a command to its end and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command_status(command)?;
    check(command, status)
}

/// Like [`run`], and kills the command when it takes longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    println!("$ {}", shown(command));
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return check(command, status);
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("`{}` did not end within {} s", shown(command), limit.as_secs());
        }
        pause(Duration::from_millis(20));
    }
}

/// Runs a command quietly and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}`: {}\n{}", shown(command), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a command can be run and succeeds; its output is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs a command to its end.
pub(crate) fn command_status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| cannot_start(command))
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}`: {status}", shown(command));
    }
    Ok(())
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", shown(command))
}

/// Where a program is, looking in the folders of PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Makes sure that `cargo NAME` is there, and installs it otherwise.
pub(crate) fn cargo_tool(name: &str) -> Result<()> {
    if succeeds(cargo().args([name, "--version"])) {
        return Ok(());
    }
    println!("cargo-{name} is missing and takes some minutes to build.");
    // Built in a folder of Cargo's own: nothing else will use what it compiles.
    let package = format!("cargo-{name}");
    run(cargo().args(["install", &package, "--locked"]).env_remove("CARGO_TARGET_DIR"))
        .with_context(|| format!("{package} is missing and cannot be installed"))
}

/// Builds and returns the executables of one kind (`bin`, `example`) by name.
///
/// Asked of Cargo in one build rather than through `cargo run`, which picks the features for one package and would build
/// the dependencies of the workspace a second time.
pub(crate) fn executables(kind: &str, arguments: &[&str]) -> Result<BTreeMap<String, PathBuf>> {
    let mut cargo = cargo();
    cargo.arg("build").args(arguments);
    println!("$ {}", shown(&cargo));
    cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let built = cargo.output().with_context(|| cannot_start(&cargo))?;
    check(&cargo, built.status)?;
    Ok(executables_in(&String::from_utf8_lossy(&built.stdout), kind))
}

/// The executables of one kind in what Cargo prints, one JSON message a line.
fn executables_in(messages: &str, kind: &str) -> BTreeMap<String, PathBuf> {
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let target = message.get("target")?;
        let is_kind = target.get("kind")?.as_array()?.iter().any(|it| it == kind);
        let path = message.get("executable")?.as_str()?;
        is_kind.then(|| Some((target.get("name")?.as_str()?.to_owned(), PathBuf::from(path))))?
    };
    messages.lines().filter_map(executable).collect()
}

/// A port nobody listens on at the moment.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Waits a moment between two looks at another process.
#[expect(clippy::disallowed_methods, reason = "nothing here is async: a chore waits for other processes")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// A time as a person reads it: `120 ms`, `3.4 s`, `2 min 05 s`.
pub(crate) fn readable(time: Duration) -> String {
    match time.as_millis() {
        0..10 => format!("{:.2} ms", time.as_secs_f64() * 1e3),
        10..100 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        100..1_000 => format!("{:.0} ms", time.as_secs_f64() * 1e3),
        1_000..60_000 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_a_command_without_the_folder_of_its_program() {
        let mut command = Command::new("/usr/bin/node");
        command.args(["check.mjs", "two words", ""]);
        assert_eq!(shown(&command), "node check.mjs 'two words' ''");
    }

    #[test]
    fn reads_executables_of_one_kind_from_what_cargo_prints() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"followup"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["example"],"name":"story"},"executable":"/t/story"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"followup"},"executable":"/t/followup"}"#,
            "\nnot a message\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let examples = executables_in(messages, "example");
        assert_eq!(examples, BTreeMap::from([("story".to_owned(), PathBuf::from("/t/story"))]));
    }

    #[test]
    fn writes_times_with_the_digits_that_matter() {
        let shown =
            [3_120, 45_600, 120_400, 3_400_000, 125_000_000].map(|us| readable(Duration::from_micros(us)));
        assert_eq!(shown, ["3.12 ms", "45.6 ms", "120 ms", "3.4 s", "2 min 05 s"]);
    }

    #[test]
    fn kills_a_command_that_takes_too_long() {
        let error = run_within(command("sleep").arg("60"), Duration::from_millis(50)).unwrap_err();
        assert!(error.to_string().contains("did not end within"), "{error}");
    }
}
