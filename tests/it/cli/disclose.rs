//! What is not for everybody, as the person sees it who decides about it.

use super::{REPO, Shell, refusals::refused};

const REPORT: &str = "\
# Checkout outage

- Severity: SEV2

## Action items

- Rotate the signing key, ask ops@acme.example
- Move the queue off 10.4.0.17 (password: hunter2hunter2)
- Alert on expiry
";

fn team() -> Shell {
    let team = Shell::with_github();
    team.write("outage.md", REPORT);
    team.runs("import outage.md --accept");
    team
}

#[test]
fn the_publish_stops_for_a_decision_and_says_how_to_make_it() {
    let team = team();
    insta::assert_snapshot!(team.run("publish --dry-run").exits(4).page(), @"
    parent    IR-1   acme/platform  Checkout outage
    create    CA-3   acme/platform  Alert on expiry
    NEEDS YOU CA-1: its title and quote look like they hold an e-mail address; redact it, let it pass with `--as-written --reason TEXT`, or take it out of [FOLDER]/outage.md and import that again
              → followup disclose CA-1 --redacted
    NEEDS YOU CA-2: its title and quote look like they hold a password and a private address; redact it, let it pass with `--as-written --reason TEXT`, or take it out of [FOLDER]/outage.md and import that again
              → followup disclose CA-2 --redacted
    nothing was written or sent: this was a dry run
    ");
    insta::assert_snapshot!(team.run("publish").exits(4).page(), @"
    parent    IR-1   acme/platform#1  Checkout outage
    created   CA-3   acme/platform#2  Alert on expiry
    NEEDS YOU CA-1: its title and quote look like they hold an e-mail address; redact it, let it pass with `--as-written --reason TEXT`, or take it out of [FOLDER]/outage.md and import that again
              → followup disclose CA-1 --redacted
    NEEDS YOU CA-2: its title and quote look like they hold a password and a private address; redact it, let it pass with `--as-written --reason TEXT`, or take it out of [FOLDER]/outage.md and import that again
              → followup disclose CA-2 --redacted
    ");
    insta::assert_snapshot!(team.runs("disclose CA-1 CA-2 CA-3 --redacted").page(), @"
    CA-1   1 e-mail address to be redacted
    CA-2   1 secret, 1 private address to be redacted
    CA-3   nothing in its text looks like it is not for everybody
    ---
    next: `followup publish` goes on with it
    ");
    insta::assert_snapshot!(team.runs("disclose CA-1 --as-written --reason \"a list that all may read\"").page(), @"
    CA-1   1 e-mail address to be published as written
    ---
    next: `followup publish` goes on with it
    ");
    team.runs("publish");
    let issues = team.github().issues(REPO);
    let titles: Vec<&str> = issues.iter().map(|issue| issue.title.as_str()).collect();
    insta::assert_debug_snapshot!(titles, @r#"
    [
        "Checkout outage",
        "Alert on expiry",
        "Rotate the signing key, ask ops@acme.example",
        "Move the queue off [redacted address] ([redacted secret]",
    ]
    "#);
    let shown = team.runs("show CA-2").page();
    let history: Vec<&str> = shown.lines().filter(|line| line.contains("redacted")).collect();
    insta::assert_snapshot!(history.join("\n"), @"
    2024-05-15T09:00:00Z text.disclosed     by grace: 1 secret, 1 private address redacted
    2024-05-15T09:00:00Z issue.created      by grace: number 4, 2 secrets redacted, 2 private addresses redacted
    ");
    let explained = team.runs("sync explain CA-2").page();
    let (_, findings) = explained.split_once("Not for everybody").unwrap();
    insta::assert_snapshot!(findings.split_once("Sent").unwrap().0, @"
    title: a private address; redacted in the issue
    title: a password; redacted in the issue
    quote: a private address; redacted in the issue
    quote: a password; redacted in the issue
    ");
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn a_decision_wants_to_be_complete() {
    let team = team();
    insta::assert_snapshot!(refused(&team, "disclose CA-1 --as-written", 2), @"
    usage: the following required arguments were not provided: --reason <TEXT>
    → `followup disclose --help` shows how it is written
    ");
    insta::assert_snapshot!(refused(&team, "disclose CA-1", 2), @"
    usage: the following required arguments were not provided: <--redacted|--as-written>
    → `followup disclose --help` shows how it is written
    ");
    insta::assert_snapshot!(refused(&team, "disclose CA-9 --redacted", 2), @"
    not_found: there is no action CA-9
    → `followup list` shows every action
    ");
    team.write("followup.toml", super::CONFIG.replace("[publish]", "[publish]\nsecrets = \"allow\""));
    insta::assert_snapshot!(team.run("publish --format json").exits(3).failure(), @r#"
    configuration: [FOLDER]/followup.toml: publish.secrets: a secret is never published unasked; write "stop" or "redact", and let one pass with `followup disclose`
    → correct the file; the README describes every key
    "#);
    team.write("followup.toml", super::CONFIG.replace("[publish]", "[publish]\nemails = \"alow\""));
    insta::assert_snapshot!(team.run("publish --format json").exits(3).failure(), @"
    configuration: [FOLDER]/followup.toml, line 6: `alow` is not known here; there are stop, redact, allow
    → did you mean `allow`?
    ");
}

#[test]
fn a_whole_report_is_decided_about_at_once() {
    let team = team();
    let decided = team.json("disclose --report IR-1 --redacted");
    assert_eq!(decided.as_array().unwrap().len(), 4);
    assert_eq!(decided[2]["texts"][0]["class"], "secret");
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 3);
}
