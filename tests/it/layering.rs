//! The rules of the house, read from its text: who may use what, and whether what the documentation names is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files under a folder of the repository, with their paths from the root.
fn files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let is_ours = !path.ends_with("target") && !path.ends_with("node_modules");
            if path.is_dir() && is_ours {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no Rust file");
    found.sort();
    found
}

/// The part of a file that is built into the product: no comments, and no tests, which stand at its end.
fn product(text: &str) -> String {
    let end = Regex::new(r"(?m)^#\[cfg\(test\)\]\n(?:pub\(crate\) )?mod \w+ \{").unwrap();
    let text = end.find(text).map_or(text, |tests| &text[..tests.start()]);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether a file belongs to a module of the crate: `src/sync.rs` and everything in `src/sync/`.
fn is_in(name: &str, module: &str) -> bool {
    name == format!("src/{module}.rs") || name.starts_with(&format!("src/{module}/"))
}

/// Fails with every line of those files that matches.
fn none_says(files: &[(String, String)], of: impl Fn(&str) -> bool, pattern: &str) {
    let pattern = Regex::new(pattern).unwrap();
    let mut looked_at = 0;
    let mut found = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| of(name)) {
        looked_at += 1;
        for line in product(text).lines().filter(|line| pattern.is_match(line)) {
            found.push(format!("{name}: {}", line.trim()));
        }
    }
    assert!(looked_at > 0, "no file was looked at for {pattern}");
    assert!(found.is_empty(), "{pattern} must not stand here:\n{}", found.join("\n"));
}

/// Everything through which a program touches the world.
const WORLD: &str = r"\b(?:tokio|octocrab|axum|reqwest|hyper_util)\b|std::(?:fs|net|env|process|thread)\b|\b(?:Utc|Local|SystemTime|Instant)::now\b|std::io::(?:stdin|stdout|stderr)";

#[test]
fn the_domain_does_no_io() {
    let files = files("src");
    let pure = |name: &str| ["action", "policy", "intake"].iter().any(|module| is_in(name, module));
    none_says(&files, pure, WORLD);
    // Ids and enums may say how they are stored.
    none_says(&files, pure, r"\bsqlx::(?:[^TF]|T[^y]|F[^r])|\buse sqlx\b");
    none_says(&files, pure, r"crate::(?:store|sync|tracker|cli|clock|import|life)\b");
}

#[test]
fn the_reader_is_a_library_without_io() {
    let files = files("crates/incident-report/src");
    none_says(&files, |_| true, WORLD);
    none_says(&files, |_| true, r"\bsqlx\b|\bfollowup::");
    let manifest = fs::read_to_string(root().join("crates/incident-report/Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("[dependencies]").unwrap();
    let dependencies = rest.split("\n[").next().unwrap();
    for name in ["tokio", "octocrab", "axum", "sqlx", "reqwest", "hyper"] {
        assert!(!dependencies.contains(name), "the reader depends on {name}");
    }
}

#[test]
fn only_the_store_speaks_sql() {
    let files = files("src");
    let elsewhere = |name: &str| !is_in(name, "store");
    none_says(&files, elsewhere, r#""(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|PRAGMA|BEGIN) "#);
    none_says(&files, |name| elsewhere(name) && !is_in(name, "action"), r"\bsqlx::query");
}

#[test]
fn only_the_github_adapter_knows_octocrab() {
    none_says(&files("src"), |name| !name.starts_with("src/tracker/github"), r"\boctocrab::|\buse octocrab");
}

#[test]
fn only_the_web_and_its_resolver_know_reqwest() {
    // Every request to an address that a person or a page named goes through their checks.
    let elsewhere = |name: &str| !["src/source/web.rs", "src/source/resolve.rs"].contains(&name);
    none_says(&files("src"), elsewhere, r"\breqwest::|\buse reqwest");
}

#[test]
fn only_the_clock_reads_the_time() {
    none_says(&files("src"), |name| name != "src/clock.rs", r"\b(?:Utc|Local|SystemTime|Instant)::now\b");
}

#[test]
fn the_sync_knows_no_adapter() {
    none_says(
        &files("src"),
        |name| is_in(name, "sync"),
        r"tracker::(?:github|local)|\bgithub::|\bLocalTracker\b|\bGitHub::",
    );
}

#[test]
fn the_library_prints_and_exits_only_in_the_command_line() {
    let elsewhere = |name: &str| !is_in(name, "cli") && name != "src/main.rs" && name != "src/telemetry.rs";
    none_says(
        &files("src"),
        elsewhere,
        r"\b(?:e?println|e?print|dbg)!|process::exit|std::io::std(?:out|err)",
    );
}

#[test]
fn no_network_is_asked_inside_a_transaction() {
    // A unit of work stands in a variable `work`, and between its `begin` and its `commit` nobody asks a tracker.
    let asks = Regex::new(r"self\s*\.\s*tracker\s*\.\s*(?:whoami|repository|labels|create_label|create_issue|update_issue|add_sub_issue|fetch|closers|comments|may_write|acknowledge|say|locate|look_up|issues_with_label|issues_since)\(").unwrap();
    let mut spans = 0;
    for (name, text) in files("src").iter().filter(|(name, _)| is_in(name, "sync")) {
        for span in product(text).split("let mut work = ").skip(1) {
            let end = span.find("work.commit()").unwrap_or(span.len());
            let function = span.find("\n    }\n").unwrap_or(span.len());
            spans += 1;
            let span = &span[..end.min(function)];
            assert!(!asks.is_match(span), "{name} asks the tracker in a transaction:\n{span}");
        }
    }
    assert!(spans > 5, "the pattern finds no unit of work any more");
}

#[test]
fn the_crash_harness_knows_every_place_to_die_at() {
    let reached = Regex::new(r#"failpoint::reach\("([a-z_.]+)"\)"#).unwrap();
    let files = files("src");
    let places: std::collections::BTreeSet<&str> = files
        .iter()
        .flat_map(|(_, text)| reached.captures_iter(text))
        .map(|found| found.get(1).unwrap().as_str())
        .collect();
    // Its tour fails unless it died at each of these.
    assert_eq!(places, std::collections::BTreeSet::from(followup::failpoint::NAMES));
}

#[test]
fn no_file_is_longer_than_a_reader_can_bear() {
    for folder in ["src", "crates", "xtask", "tests", "examples", "benches"] {
        for (name, text) in files(folder) {
            let lines = text.lines().count();
            assert!(lines <= 800, "{name} has {lines} lines");
        }
    }
}

#[test]
fn every_file_of_stories_is_told() {
    // A file stands in the folder of the one that declares it.
    let stories = files("tests/it");
    for (name, _) in &stories {
        let (folder, file) = name.rsplit_once('/').unwrap();
        let module = file.trim_end_matches(".rs");
        let parent =
            if folder == "tests/it" { "tests/it/main.rs".to_owned() } else { format!("{folder}.rs") };
        let declares = |text: &str| text.lines().any(|line| line == format!("mod {module};"));
        let is_declared = name == "tests/it/main.rs"
            || stories.iter().any(|(other, text)| *other == parent && declares(text));
        assert!(is_declared, "{parent} does not declare {name}");
    }
}

#[test]
fn what_the_documentation_names_is_there() {
    let quoted = Regex::new(r"`([A-Za-z0-9_.{},*/-]+)`").unwrap();
    let top = [
        "src",
        "crates",
        "tests",
        "docs",
        "migrations",
        "xtask",
        "examples",
        "benches",
        ".github",
        ".config",
    ];
    let mut missing = Vec::new();
    let mut named = 0;
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/sync.md",
        "docs/webhooks.md",
        "docs/history.md",
    ] {
        let Ok(text) = fs::read_to_string(root().join(document)) else { continue };
        for found in quoted.captures_iter(&text) {
            let path = found[1].trim_end_matches('/');
            let first = path.split('/').next().unwrap_or(path);
            let is_file = !path.contains('/')
                && (path.ends_with(".md") || path.ends_with(".toml"))
                && path != "followup.toml";
            if !(is_file || (path.contains('/') && top.contains(&first))) {
                continue;
            }
            for path in alternatives(path) {
                named += 1;
                // A pattern names its folder.
                let path = path.split('*').next().unwrap_or(&path).to_owned();
                let path = if found[1].contains('*') { parent(&path) } else { root().join(&path) };
                if !path.exists() {
                    missing.push(format!("{document}: {}", &found[1]));
                }
            }
        }
    }
    assert!(named > 10, "the pattern finds no path any more");
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}

fn parent(path: &str) -> PathBuf {
    root().join(path.rsplit_once('/').map_or("", |(folder, _)| folder))
}

/// `src/{a,b}.rs` is two paths.
fn alternatives(path: &str) -> Vec<String> {
    match (path.split_once('{'), path.split_once('}')) {
        (Some((before, _)), Some((inner, after))) => {
            let inner = &inner[before.len() + 1..];
            inner.split(',').map(|word| format!("{before}{word}{after}")).collect()
        }
        _ => vec![path.to_owned()],
    }
}
