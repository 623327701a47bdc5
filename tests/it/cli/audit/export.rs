//! What is handed out, and how somebody checks it who does not trust the program.

use std::process::Command;

use super::super::{Shell, refusals::refused};
use super::tamper;

/// A team that works through May 2024.
fn through_may() -> Shell {
    let mut team = Shell::with_accepted_actions();
    team.at("2024-05-20T09:00:00Z");
    team.runs("assign CA-2 octo-ops");
    team.runs("due CA-2 2024-06-03 --reason \"it is simpler than we thought\"");
    team.at("2024-05-27T09:00:00Z");
    team.runs("done CA-2");
    team.runs("evidence add CA-2 https://wiki.acme.test/runbook --note \"=the runbook\"");
    team
}

#[test]
fn an_export_is_told_and_told_to_programs() {
    let team = through_may();
    let page = team.runs("audit export ./q2 --as-of 2024-05-21 --files csv").page();
    // How long names are here, and what the sums are.
    let sums = regex::Regex::new(r"(?:\d+ +)?[0-9a-f]{64}").unwrap();
    insta::assert_snapshot!(sums.replace_all(&page, "[SUM]"), @"
    ./q2: 4 actions of 1 report, 11 events, 0 pieces of evidence, 0 waivers, as known at 2024-05-21T20:59:59Z

    file          rows  bytes  SHA-256
    actions.csv   4     [SUM]
    events.csv    11    [SUM]
    evidence.csv  0     [SUM]
    waivers.csv   0     [SUM]

    manifest.json [SUM]
    ---
    Note down the sum of the manifest where nobody who can write the folder can write.
    docs/audit.md tells how to check the export without this program.
    ");
    let told = team.json("audit export ./again --as-of 2024-05-21T09:00:00+03:00");
    assert_eq!(told["manifest"]["as_of"], "2024-05-21T06:00:00Z");
    assert_eq!(told["manifest"]["files"].as_array().unwrap().len(), 9);
    let states = std::fs::read_to_string(team.path("again/actions.csv")).unwrap();
    assert!(states.contains("CA-2,Renew automatically,open,"), "{states}");
    let events = team.json("audit log database");
    assert_eq!(events[1]["set"]["manifest"], told["sha256"]);
}

#[test]
fn what_cannot_be_handed_out_is_told() {
    let mut team = through_may();
    let told = [
        "./x --as-of 2024-05-28",
        "./x --as-of 2020-01-01",
        "./x --as-of tomorrow",
        "./x --report IR-9",
        "./x --files pdf",
        ". ",
    ]
    .map(|line| refused(&team, &format!("audit export {line}"), 2));
    insta::assert_snapshot!(told.join("\n"), @"
    usage: 2024-05-28T20:59:59Z is not over yet; now it is 2024-05-27T09:00:00Z
    → ask for a moment that has passed, or leave it out
    usage: nothing was known yet at 2020-01-01T20:59:59Z: the first event was written down at 2024-05-15T09:00:00Z
    → ask for a later moment; `followup audit log` shows what there is
    usage: `tomorrow` is neither a day nor a moment; write 2026-05-31, or 2026-05-31T09:00:00+03:00
    → `followup audit --help` shows how it is written
    not_found: there is no report IR-9
    → `followup report list` shows every report
    usage: `pdf` is not a format of an export; expected csv, json, xlsx, or all
    → `followup audit --help` shows how it is written
    refused: [FOLDER]/. is not empty
    → name a folder that is empty or not there yet
    ");
    team.unset("FOLLOWUP_NOW");
    // What was made under a fixed clock counts, on the real one, from when it was written down.
    let early = refused(&team, "audit export ./x --as-of 2024-05-28", 2);
    assert!(early.starts_with("usage: nothing was known yet at 2024-05-28T20:59:59Z"), "{early}");
    tamper(&team, "UPDATE events SET actor = 'mallory' WHERE seq = 3");
    insta::assert_snapshot!(refused(&team, "audit export ./x", 1), @"
    broken_history: the history does not hold: event 3: it was changed: its hash is not that of what it says
    → `followup audit verify` says all that is wrong
    ");
    assert!(!team.path("x").exists());
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_nothing_that_looks_whole() {
    let team = through_may();
    let many: String = (0..150).map(|number| format!("- Renew certificate number {number}\n")).collect();
    team.write("many.md", format!("# Many\n\n## Action items\n\n{many}"));
    team.runs("import many.md");
    let program = team.command("audit export ./x --format json");
    let script = "trap '' XFSZ; ulimit -f 70; exec \"$0\" \"$@\"";
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(script).arg(program.get_program()).args(program.get_args());
    shell.current_dir(team.folder.path()).env_clear().envs(&team.variables);
    let full = team.ran("audit export ./x", shell.output().unwrap()).exits(3);
    assert!(
        full.failure().starts_with("files: cannot write [FOLDER]/.x.followup-partial/"),
        "{}",
        full.page()
    );
    assert!(!team.path("x").exists() && !team.path(".x.followup-partial").exists());
}

/// The program of `docs/audit.md`.
fn script() -> String {
    let page = include_str!("../../../../docs/audit.md");
    let (_, rest) = page.split_once("```python\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// Runs the program of the documentation over a folder: whether it is fine, and what it says.
pub(super) fn checked(team: &Shell, folder: &str) -> (bool, String) {
    team.write("check.py", script());
    let run = Command::new("python3").arg("check.py").arg(folder).current_dir(team.folder.path()).output();
    let run = run.expect("python3 is needed: an auditor's own program checks what we hand out");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (run.status.success(), format!("{}{}", text(&run.stdout), text(&run.stderr)))
}

#[test]
fn the_program_of_the_documentation_checks_an_export() {
    let team = through_may();
    assert!(script().lines().count() <= 30, "it is short");
    team.runs("audit export ./all");
    team.runs("audit export ./then --as-of 2024-05-21 --files csv,json");
    team.runs("audit export ./one --report IR-1");
    for folder in ["all", "then", "one"] {
        let (is_fine, said) = checked(&team, folder);
        assert!(is_fine && said.contains("actions"), "{folder}: {said}");
    }
}

#[test]
fn the_program_of_the_documentation_notices_what_was_changed() {
    let team = through_may();
    team.runs("audit export ./all");
    let change = |file: &str, from: &str, to: &str| {
        let folder = team.path("all");
        let copy = team.path("copy");
        std::fs::remove_dir_all(&copy).ok();
        std::fs::create_dir(&copy).unwrap();
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
        let text = std::fs::read_to_string(copy.join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        let text = text.replacen(from, to, 1);
        std::fs::write(copy.join(file), &text).unwrap();
        // A forger who knows about sums mends them in the manifest.
        let manifest = std::fs::read_to_string(copy.join("manifest.json")).unwrap();
        let sum = |bytes: &[u8]| {
            use std::fmt::Write as _;
            ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().iter().fold(
                String::new(),
                |mut sum, byte| {
                    let _ = write!(sum, "{byte:02x}");
                    sum
                },
            )
        };
        let old = sum(&std::fs::read(folder.join(file)).unwrap());
        let unmended = checked(&team, "copy");
        std::fs::write(copy.join("manifest.json"), manifest.replace(&old, &sum(text.as_bytes()))).unwrap();
        (unmended, checked(&team, "copy"))
    };
    for (file, from, to) in [
        ("actions.csv", "CA-2,Renew automatically,done,", "CA-2,Renew automatically,verified,"),
        ("actions.csv", "octo-ops", "octo-dev"),
        ("events.json", "\"actor\":\"grace\"", "\"actor\":\"mallory\""),
        ("events.json", "octo-ops", "octo-dev"),
        ("events.json", "2024-05-20T09:00:00Z", "2024-05-19T09:00:00Z"),
    ] {
        let ((was_fine, said), (is_fine, still_said)) = change(file, from, to);
        assert!(!was_fine && said.contains(file), "{file} {from}: {said}");
        assert!(!is_fine, "{file} {from}: {still_said}");
    }
}
