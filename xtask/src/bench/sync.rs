//! Publishing and syncing, against the sandbox in a process of its own.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::measure::{self, Times};
use super::reports::{ACTIONS, Shape};
use super::world::{Pace, World};
use super::{Figure, IMPORTED, grouped, megabytes};
use crate::background::Background;
use crate::tools;

/// How many actions are published.
const PUBLISHED: usize = 100;

/// A sandbox that listens, and where.
#[derive(Debug)]
struct Sandbox {
    port: u16,
    _server: Background,
    _logs: tempfile::TempDir,
}

impl Sandbox {
    fn start(program: &Path, flags: &[&str]) -> Result<Self> {
        let port = tools::free_port()?;
        let logs = tempfile::tempdir()?;
        let mut server = Command::new(program);
        server.args(["--port", &port.to_string()]).args(flags);
        let mut server = Background::start("the sandbox", &[], &server, &logs.path().join("log"), None)?;
        server.wait_for_port(port)?;
        Ok(Self { port, _server: server, _logs: logs })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Gives an order at a control address.
    fn order(&self, verb: &str, order: &Value) -> Result<()> {
        let body = order.to_string();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        write!(
            stream,
            "POST /_sandbox/{verb} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "the sandbox does not {verb}: {answer}");
        Ok(())
    }
}

/// The publish of a hundred actions with their reports, at ten times GitHub's pace and within ten times its limits, each
/// answer 50 ms late.
pub(super) fn publish(followup: &Path, sandbox: &Path) -> Result<Figure> {
    let sandbox = Sandbox::start(sandbox, &["--latency", "50", "--limits", "10"])?;
    let world = World::new(followup, &sandbox.url(), Pace::Tenfold)?;
    let reports = world.reports(PUBLISHED / ACTIONS, Shape { some_done: false })?;
    measure::run(&mut world.import(&reports, IMPORTED)?, &[0])?;
    let publish = world.followup(&["publish", "--format", "json"]);
    let (run, peak) = measure::run_with_peak(&publish, &[0])?;
    let outcome: Value = serde_json::from_slice(&run.stdout).context("`publish` prints no JSON")?;
    let (created, parents) = (count(&outcome, "created"), count(&outcome, "parents"));
    ensure!(created == PUBLISHED, "`publish` created {created} issues");
    Ok(Figure {
        what: format!(
            "`publish` of {created} actions and {parents} reports, 50 ms latency, ten times GitHub's pace: {} requests",
            requests(&outcome)?
        ),
        runs: 1,
        median: tools::readable(run.took),
        p95: String::new(),
        peak: megabytes(peak),
        bar: String::new(),
    })
}

/// Syncs over so many linked issues: in which nothing happened, and in which so many were closed.
pub(super) fn passes(
    followup: &Path,
    sandbox: &Path,
    issues: usize,
    changed: &[usize],
    add: &mut impl FnMut(Figure),
) -> Result<()> {
    let sandbox = Sandbox::start(sandbox, &["--primary-limit", "1000000"])?;
    let world = World::new(followup, &sandbox.url(), Pace::None)?;
    // All open: an action that is done gets no issue.
    let reports = world.reports(issues.div_ceil(ACTIONS), Shape { some_done: false })?;
    measure::run(&mut world.import(&reports, IMPORTED)?, &[0])?;
    println!("publishing {} issues", grouped(issues));
    let published = outcome(&mut world.followup(&["publish", "--format", "json"]))?;
    let linked = count(&published, "created");
    ensure!(linked == issues.div_ceil(ACTIONS) * ACTIONS, "`publish` created {linked} issues");

    let mut sync = world.followup(&["sync", "--format", "json"]);
    outcome(&mut sync)?;
    let quiet = outcome(&mut sync)?;
    for kind in ["created", "adopted", "updated", "changed"] {
        ensure!(count(&quiet, kind) == 0, "the second sync is not quiet: {kind}: {}", quiet[kind]);
    }
    let (_, peak) = measure::run_with_peak(&sync, &[0])?;
    let runs = 10;
    let times = Times::of(&mut sync, &[0], runs)?;
    add(Figure {
        what: format!("quiet `sync` over {} linked issues: {} requests", grouped(linked), requests(&quiet)?),
        runs,
        median: tools::readable(times.quantile(50)),
        p95: tools::readable(times.quantile(95)),
        peak: megabytes(peak),
        bar: format!("≤ {} requests", linked.div_ceil(100) + 2),
    });
    let mut next = 1;
    for count_of in changed {
        for number in next..next + count_of {
            let order = serde_json::json!({ "repo": "acme/platform", "number": number, "by": "octo-dev" });
            sandbox.order("close", &order)?;
        }
        next += count_of;
        let (run, peak) = measure::run_with_peak(&sync, &[0])?;
        let outcome: Value = serde_json::from_slice(&run.stdout).context("`sync` prints no JSON")?;
        let taken = count(&outcome, "changed");
        ensure!(taken == *count_of, "{count_of} issues were closed, and `sync` took over {taken}");
        add(Figure {
            what: format!(
                "`sync` after {count_of} of {} issues were closed: {} requests",
                grouped(linked),
                requests(&outcome)?
            ),
            runs: 1,
            median: tools::readable(run.took),
            p95: String::new(),
            peak: megabytes(peak),
            bar: String::new(),
        });
    }
    Ok(())
}

/// Runs a command and reads the JSON it prints.
fn outcome(command: &mut Command) -> Result<Value> {
    let run = measure::run(command, &[0])?;
    serde_json::from_slice(&run.stdout).with_context(|| format!("`{}` prints no JSON", tools::shown(command)))
}

/// How many entries a list of an outcome has.
fn count(outcome: &Value, list: &str) -> usize {
    outcome[list].as_array().map_or(0, Vec::len)
}

fn requests(outcome: &Value) -> Result<u64> {
    match outcome["requests"].as_u64() {
        Some(requests) => Ok(requests),
        None => bail!("the outcome does not say how many requests were made"),
    }
}
