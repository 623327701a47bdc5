//! What each step does.
//!
//! All of them build in one profile, with the features of the whole workspace and without flags of their own, so that
//! each reuses what the ones before it have compiled.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::{Outcome, Step};
use crate::background::Background;
use crate::postgres::Postgres;
use crate::{chaos, fuzz, tools};

/// How long one example may take. They are for reading, and run in a second.
const EXAMPLE_LIMIT: Duration = Duration::from_secs(60);

/// How long each fuzz target runs here; `cargo xtask fuzz` is for longer.
const FUZZ_SECONDS: u32 = 15;

/// How long the program is killed again and again here; `cargo xtask chaos` is for longer.
const CHAOS_SECONDS: u64 = 60;

/// Runs one step; an error is a failure of it.
pub(super) fn run(step: Step) -> Result<Outcome> {
    match step {
        Step::Fmt => cargo("fmt --all --check"),
        Step::Clippy => cargo("clippy --workspace --all-targets -- -D warnings"),
        Step::Docs => docs(),
        Step::Nextest => nextest(),
        Step::Doctests => cargo("test --workspace --doc"),
        Step::Examples => examples(),
        Step::Sandbox => sandbox(),
        Step::Chaos => chaos::within(CHAOS_SECONDS).map(|()| Outcome::Passed),
        Step::Fuzz => fuzz::every_target(FUZZ_SECONDS).map(|()| Outcome::Passed),
        Step::Deny => deny(),
    }
}

fn cargo(words: &str) -> Result<Outcome> {
    tools::run(tools::cargo().args(words.split(' ')))?;
    Ok(Outcome::Passed)
}

fn docs() -> Result<Outcome> {
    let words = "doc --workspace --no-deps --document-private-items";
    tools::run(tools::cargo().args(words.split(' ')).env("RUSTDOCFLAGS", "-Dwarnings"))?;
    Ok(Outcome::Passed)
}

/// Runs the tests. Those of the store make a database of their own on the server they are told of.
fn nextest() -> Result<Outcome> {
    tools::cargo_tool("nextest")?;
    let postgres = Postgres::start().context("the tests need PostgreSQL")?;
    let mut nextest = tools::cargo();
    nextest.args(["nextest", "run", "--workspace", "--profile", "ci"]);
    postgres.name_in(&mut nextest);
    tools::run(&mut nextest)?;
    Ok(Outcome::Passed)
}

/// Runs every example; one that is not built (left out of the manifest, say) is a failure.
fn examples() -> Result<Outcome> {
    let built = tools::executables("example", &["--workspace", "--examples"])?;
    let folder = tools::root().join("examples");
    let mut expected = 0;
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            ensure!(built.contains_key(name.as_ref()), "Cargo does not build examples/{name}.rs");
            expected += 1;
        }
    }
    ensure!(expected > 0, "there is no example in examples/");
    let mut failed = Vec::new();
    for (name, program) in &built {
        println!("-- example {name}");
        if let Err(error) = tools::run_within(&mut tools::command(program), EXAMPLE_LIMIT) {
            println!("error: {error:#}");
            failed.push(name.as_str());
        }
    }
    if !failed.is_empty() {
        bail!("examples that fail: {}", failed.join(", "));
    }
    Ok(Outcome::Passed)
}

/// Uses the sandbox through the clients and the schema that GitHub publishes, and compares it with another emulator: what
/// our own tests take for GitHub is held against something we did not write.
fn sandbox() -> Result<Outcome> {
    // npm comes with node, but not in every distribution.
    if let Some(missing) = ["node", "npm"].into_iter().find(|program| tools::on_path(program).is_none()) {
        return Ok(Outcome::NotRun(format!("sandbox checks, because {missing} is missing")));
    }
    let checks = tools::root().join("crates/github-sandbox/checks");
    tools::run(tools::command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&checks))?;

    let built = tools::executables("bin", &["--workspace", "--bins"])?;
    let program = built.get("github-sandbox").context("the workspace builds no program `github-sandbox`")?;
    let port = tools::free_port()?;
    let mut server = tools::command(program);
    server.args(["--port", &port.to_string()]);
    let logs = tempfile::tempdir()?;
    let mut server = Background::start("the sandbox", &[], &server, &logs.path().join("log"), None)?;
    server.wait_for_port(port)?;

    let mut node = tools::command("node");
    node.args(["check.mjs", &format!("http://127.0.0.1:{port}")]).current_dir(&checks);
    for query in queries()? {
        node.arg("--graphql").arg(query);
    }
    tools::run(&mut node).with_context(|| format!("the sandbox said:\n{}", server.log()))?;
    let mut second = tools::command("node");
    second.args(["second.mjs", &format!("http://127.0.0.1:{port}")]).current_dir(&checks);
    tools::run(&mut second).with_context(|| format!("the sandbox said:\n{}", server.log()))?;
    Ok(Outcome::Passed)
}

/// The GraphQL texts that the adapter for GitHub sends.
fn queries() -> Result<Vec<PathBuf>> {
    let folder = tools::root().join("src/tracker/github");
    let mut queries = Vec::new();
    for entry in fs::read_dir(&folder).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "graphql") {
            queries.push(path);
        }
    }
    queries.sort();
    Ok(queries)
}

/// Checks the dependencies as far as that needs no network.
fn deny() -> Result<Outcome> {
    tools::cargo_tool("deny")?;
    // Without the trees of who needs what: there is one for every crate that is there in two versions.
    cargo("deny --workspace check --hide-inclusion-graph bans licenses sources")
}
