//! A PostgreSQL that exists for one run: a cluster in a temporary folder, on a port and socket of its own.
//!
//! It is as unsafe as it is fast (no fsync, no password) and takes nothing from a cluster that is installed on the
//! machine. PostgreSQL refuses to run as root, so for root it runs as `postgres` or `nobody`.
//!
//! Its databases sort text as people do (ICU, `en-US`) where the build can: a query that needs the order of bytes and
//! forgot `COLLATE "C"` then fails here rather than on a user's machine.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::background::Background;
use crate::tools;

/// The variable that tells tests where PostgreSQL is: the URL of a database they may create others from.
const VARIABLE: &str = "FOLLOWUP_TEST_POSTGRES";

/// How to get PostgreSQL.
const HOW_TO_GET: &str = "install it (Debian and Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql`) \
                          so that initdb and postgres are in /usr/lib/postgresql/*/bin or on PATH";

/// A running throw-away server.
#[derive(Debug)]
pub(crate) struct Postgres {
    // Declared before the folder: the server stops before its folder goes.
    _server: Background,
    _folder: TempDir,
    port: u16,
}

impl Postgres {
    /// Starts a server, installing PostgreSQL when it is missing and that is possible.
    pub(crate) fn start() -> Result<Self> {
        let binaries = binaries()?;
        let user = User::of_server()?;
        // The port may be taken between asking for it and using it.
        let mut attempts = 0;
        loop {
            attempts += 1;
            match Self::start_on(&binaries, &user, tools::free_port()?) {
                Err(error) if attempts < 3 && format!("{error:#}").contains("Address already in use") => {}
                outcome => return outcome,
            }
        }
    }

    fn start_on(binaries: &Path, user: &User, port: u16) -> Result<Self> {
        let folder = user.folder()?;
        let data = folder.path().join("data");
        make_cluster(binaries, user, &data)?;

        let mut postgres = Command::new(binaries.join("postgres"));
        postgres.arg("-D").arg(&data);
        for setting in [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", folder.path().display()),
            // Every test has a database and pools of its own.
            "max_connections=300".to_owned(),
            "fsync=off".to_owned(),
            "synchronous_commit=off".to_owned(),
            "full_page_writes=off".to_owned(),
        ] {
            postgres.arg("-c").arg(setting);
        }
        let log = folder.path().join("postgres.log");
        let mut server =
            Background::start("PostgreSQL", &user.through, &postgres, &log, Some(folder.path()))?;
        let state = data.join("postmaster.pid");
        server.wait_until(|| fs::read_to_string(&state).is_ok_and(|state| is_ready(&state)))?;
        Ok(Self { _server: server, _folder: folder, port })
    }

    /// Tells a command where the server is.
    pub(crate) fn name_in(&self, command: &mut Command) {
        command.env(VARIABLE, self.url());
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

/// Runs a command beside a server and returns its exit code.
pub(crate) fn beside(words: &[OsString]) -> Result<ExitCode> {
    let (program, arguments) = words.split_first().context("no command given")?;
    let postgres = Postgres::start()?;
    eprintln!("{VARIABLE}={}", postgres.url());
    let mut command = tools::as_a_developer(Command::new(program));
    command.args(arguments);
    postgres.name_in(&mut command);
    let status = tools::command_status(&mut command)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Whether `postmaster.pid` says that connections are accepted; its eighth line is the state.
fn is_ready(state: &str) -> bool {
    state.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

/// The user a server runs as.
#[derive(Debug)]
struct User {
    /// The command that runs a program as that user; empty when that is us.
    through: Vec<String>,
    /// Their user and group id; `None` when that is us.
    ids: Option<(u32, u32)>,
}

impl User {
    fn of_server() -> Result<Self> {
        if !is_root()? {
            return Ok(Self { through: Vec::new(), ids: None });
        }
        let id = |flag: &str, name: &str| tools::output(tools::command("id").args([flag, name]));
        let name = ["postgres", "nobody"].into_iter().find(|name| id("-u", name).is_ok());
        let name =
            name.context("PostgreSQL does not run as root, and there is no user postgres or nobody")?;
        let (user, group) = (id("-u", name)?, id("-g", name)?);
        let words: Vec<String> = if tools::on_path("setpriv").is_some() {
            vec![
                "setpriv".into(),
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".into(),
                "--".into(),
            ]
        } else if tools::on_path("runuser").is_some() {
            ["runuser", "-u", name, "--"].map(str::to_owned).into()
        } else if tools::on_path("su").is_some() {
            ["su", "-s", "/bin/sh", name, "-c", r#"exec "$0" "$@""#, "--"].map(str::to_owned).into()
        } else {
            bail!("PostgreSQL does not run as root, and setpriv, runuser and su are all missing");
        };
        Ok(Self { through: words, ids: Some((user.parse()?, group.parse()?)) })
    }

    /// A command that runs as this user.
    fn command(&self, program: &Path) -> Command {
        let mut command = match self.through.split_first() {
            None => Command::new(program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        command.current_dir("/");
        command
    }

    /// A temporary folder that this user owns and can reach.
    fn folder(&self) -> Result<TempDir> {
        let folder_in = |parent: &Path| {
            let made = tempfile::Builder::new().prefix("followup-pg-").tempdir_in(parent);
            made.with_context(|| format!("cannot make a folder in {}", parent.display()))
        };
        let Some((user, group)) = self.ids else {
            return folder_in(&env::temp_dir());
        };
        // TMPDIR of root may be closed to everybody else.
        for parent in [env::temp_dir(), "/tmp".into(), "/var/tmp".into()] {
            if tools::succeeds(self.command(Path::new("test")).arg("-x").arg(&parent)) {
                let folder = folder_in(&parent)?;
                chown(folder.path(), Some(user), Some(group))?;
                return Ok(folder);
            }
        }
        bail!("no temporary folder that the user of PostgreSQL can reach")
    }
}

/// Whether we are root.
fn is_root() -> Result<bool> {
    Ok(tools::output(tools::command("id").arg("-u"))? == "0")
}

/// Makes an empty cluster.
fn make_cluster(binaries: &Path, user: &User, data: &Path) -> Result<()> {
    let initdb = |collation: &[&str]| {
        let mut initdb = user.command(&binaries.join("initdb"));
        initdb.arg("-D").arg(data).args([
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
        ]);
        tools::output(initdb.args(collation))
    };
    let icu = initdb(&["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]);
    if icu.is_err() {
        eprintln!("note: this PostgreSQL cannot sort with ICU, so a forgotten COLLATE \"C\" goes unseen");
        initdb(&["--locale=C"]).context("cannot make a PostgreSQL cluster")?;
    }
    Ok(())
}

/// The folder of `initdb` and `postgres`.
fn binaries() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    ensure!(is_root()? && tools::on_path("apt-get").is_some(), "PostgreSQL is missing: {HOW_TO_GET}");
    println!("PostgreSQL is missing; installing it.");
    let apt = |words: &[&str]| {
        // At this run level the package does not start the cluster it makes.
        tools::run(
            tools::command("apt-get")
                .args(words)
                .envs([("DEBIAN_FRONTEND", "noninteractive"), ("RUNLEVEL", "1")]),
        )
    };
    if let Err(error) = apt(&["update", "--quiet"]) {
        eprintln!("note: {error:#}; trying with the lists that are there");
    }
    apt(&["install", "--quiet", "--yes", "--no-install-recommends", "postgresql"])
        .with_context(|| format!("PostgreSQL is missing and cannot be installed: {HOW_TO_GET}"))?;
    find().with_context(|| format!("PostgreSQL is still missing after its installation: {HOW_TO_GET}"))
}

fn find() -> Option<PathBuf> {
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    newest(debian.map(|version| version.join("bin")).filter(|folder| is_complete(folder))).or_else(|| {
        let initdb = tools::on_path("initdb")?;
        initdb.parent().filter(|folder| is_complete(folder)).map(Path::to_path_buf)
    })
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}

/// The folder `…/VERSION/bin` with the highest version.
fn newest(folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let version = |folder: &PathBuf| -> Vec<u32> {
        let name =
            folder.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        name.split('.').filter_map(|part| part.parse().ok()).collect()
    };
    folders.max_by_key(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_newest_version_by_number() {
        let folders =
            ["9.6", "15", "9.10"].map(|version| Path::new("/usr/lib/postgresql").join(version).join("bin"));
        assert_eq!(newest(folders.into_iter()), Some(PathBuf::from("/usr/lib/postgresql/15/bin")));
        assert_eq!(newest([].into_iter()), None);
    }

    #[test]
    fn is_ready_only_when_the_server_says_so() {
        let state =
            |state: &str| format!("71\n/tmp/data\n1767225600\n5433\n/tmp\n127.0.0.1\n 1 2\n{state}\n");
        assert!(is_ready(&state("ready   ")));
        assert!(!is_ready(&state("starting")));
        assert!(!is_ready("71\n/tmp/data\n"));
    }
}
