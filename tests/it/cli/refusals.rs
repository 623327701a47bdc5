//! What cannot be done: each is refused with a sentence that names the thing, another that says what to do next, and a
//! documented exit code; and nothing is changed.

use std::fs;

use followup::store::{Access, Location, Store};
use sqlx::{Connection, SqliteConnection};

use super::{CONFIG, REPORT, Shell, contract};
use crate::world::{moment, stamp_at};

/// The failure of a command, as programs read it. People read the same, and nothing has changed.
#[track_caller]
pub(super) fn refused(team: &Shell, line: &str, code: i32) -> String {
    let before = team.everything();
    let failure = failure(team, line, code);
    assert_eq!(team.everything(), before, "followup {line}");
    failure
}

/// The same where the database cannot be looked into.
#[track_caller]
fn failure(team: &Shell, line: &str, code: i32) -> String {
    let ran = team.run(&format!("{line} --format json")).exits(code);
    contract::is_a_failure(&ran);
    let people = team.run(line).exits(code);
    assert_eq!(people.out, "", "followup {line}");
    let failure = ran.failure();
    for part in failure.split_once(": ").unwrap().1.split("\n→ ") {
        assert!(people.err.contains(part), "{part} is not in {}", people.err);
    }
    failure
}

#[test]
fn reports_that_cannot_be_read() {
    let team = Shell::with_accepted_actions();
    team.write("empty.md", "");
    team.write("blank.md", " \n\t\n");
    team.write("binary.md", [0x89, b'P', b'N', b'G', 0, 0, 0, 13, 1, 2, 3]);
    team.write("broken.md", b"\xff\xfeR\0e\0p\0o\0\x00\xd8");
    team.write("huge.md", "");
    fs::File::options().write(true).open(team.path("huge.md")).unwrap().set_len(50 << 20).unwrap();
    team.write("notes/readme.pdf", "not a report");
    team.write("reports/good.md", "# Good\n\n## Action items\n\n- Rotate the key\n");
    team.write("reports/worse.md", "");
    let sources = [
        "empty.md",
        "blank.md",
        "binary.md",
        "broken.md",
        "huge.md",
        "nowhere.md",
        "notes",
        "reports",
        "https://10.0.0.1/report.md",
    ];
    for verb in ["extract", "import"] {
        let told: Vec<String> =
            sources.iter().map(|source| refused(&team, &format!("{verb} {source}"), 6)).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
            bad_input: empty.md: the document is empty
            → write the report first, or name another file
            bad_input: blank.md: the document is empty
            → write the report first, or name another file
            bad_input: binary.md: the document is not text but binary data
            → export the report as DOCX, HTML, Markdown, or plain text
            bad_input: broken.md: the document is not valid UTF-16 at byte 10
            → save the report as UTF-8
            bad_input: huge.md: 50 MB are too much for a report; the limit is 25 MB
            → take out what is embedded in it, or export it as plain text
            bad_input: there is no file nowhere.md
            → check the name; a path is taken from the folder you are in
            bad_input: there is no report in the folder notes
            → reports end in .md, .txt, .html, .docx, .rst, .adoc and the like; a file that is named is read whatever its ending
            bad_input: reports/worse.md: the document is empty
            → write the report first, or name another file
            bad_input: https://10.0.0.1/report.md: 10.0.0.1 is a private network
            → if it is meant, add allow_private = ["10.0.0.1"] under [sources] in followup.toml; or save the page as a file, and name the file
            "#);
        }
    }
    // One that cannot be read keeps the others out.
    refused(&team, "import reports/good.md empty.md", 6);
}

#[cfg(unix)]
#[test]
fn a_report_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let team = Shell::with_accepted_actions();
    team.write("secret.md", REPORT);
    fs::set_permissions(team.path("secret.md"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(team.path("secret.md")).is_ok() {
        return; // The superuser reads everything.
    }
    insta::assert_snapshot!(refused(&team, "import secret.md", 6), @"
    bad_input: secret.md may not be read
    → check its permissions
    ");
}

#[test]
fn a_report_without_an_action_is_no_failure() {
    let team = Shell::with_github();
    team.write("quiet.md", "# All is well\n\nNothing happened.\n");
    insta::assert_snapshot!(team.runs("extract quiet.md").page(), @"
    All is well  quiet.md, Markdown
    ---
    warning: quiet.md: no action was found: no heading announces actions, such as “Action items”, and no sentence commits to one
    ");
    insta::assert_snapshot!(team.runs("import quiet.md").page(), @"
    IR-1 “All is well” (quiet.md): imported, without an action
    ---
    warning: quiet.md: no action was found: no heading announces actions, such as “Action items”, and no sentence commits to one
    note: there was no database; [FOLDER]/followup.db is made
    ");
    let reading = team.json("extract quiet.md");
    assert_eq!(reading["warnings"].as_array().unwrap().len(), 1, "{reading}");
    assert_eq!(team.json("list"), serde_json::json!([]));
}

#[test]
fn what_is_not_there() {
    let team = Shell::with_accepted_actions();
    let told: Vec<String> = [
        "show CA-99",
        "done CA-99",
        "done first",
        "accept --report IR-9",
        "list --report IR-9",
        "report show IR-9",
        "publish --report IR-9",
        "list --state finished",
        "import checkout.txt --severity sev9",
        "import checkout.txt --repo acme",
        "drop CA-1 --as duplicate --duplicate-of CA-99 --reason \"the same\"",
        "assign CA-1 CA-2",
        "assign CA-1",
        "block CA-1",
        "block CA-1 --reason \" \"",
        "finish CA-1",
        "show IR-1",
        "accept",
        "drop CA-1 --as wontfix --reason \"no\"",
        "list --everything",
    ]
    .iter()
    .map(|line| refused(&team, line, 2))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    not_found: there is no action CA-99
    → `followup list` shows every action
    not_found: there is no action CA-99
    → `followup list` shows every action
    usage: `first` is not the id of an action; expected something like `CA-7`
    → `followup done --help` shows how it is written
    not_found: there is no report IR-9
    → `followup report list` shows every report
    not_found: there is no report IR-9
    → `followup report list` shows every report
    not_found: there is no report IR-9
    → `followup report list` shows every report
    not_found: there is no report IR-9
    → `followup report list` shows every report
    usage: `finished` is not a state; expected one of proposed, open, in_progress, blocked, done, verified, waived, dropped
    → `followup list --help` shows how it is written
    usage: `sev9` is not a severity; expected one of sev1, sev2, sev3, sev4, unknown
    → `followup import --help` shows how it is written
    usage: `acme` is not a repository; expected `owner/name`
    → write `followup import REPORT --repo OWNER/NAME`
    not_found: there is no action CA-99
    → `followup list` shows every action
    usage: nobody is named as the owner
    → write `followup assign CA-1 OWNER`: a name of the configuration, or a login
    usage: nobody is named as the owner
    → write `followup assign CA-1 OWNER`: a name of the configuration, or a login
    usage: the following required arguments were not provided: --reason <TEXT>
    → `followup block --help` shows how it is written
    usage: the reason is empty
    → say why with --reason TEXT
    usage: unrecognized subcommand 'finish'
    → `followup --help` lists every command
    usage: `IR-1` is not the id of an action; expected something like `CA-7`
    → `followup report show IR-1` shows a report
    usage: the following required arguments were not provided: <ID>...
    → name actions, as CA-1, or all of a report: `followup accept --report IR-1`
    usage: `wontfix` is not a disposition; expected one of duplicate, superseded, obsolete, not_planned
    → `followup drop --help` shows how it is written
    usage: unexpected argument '--everything' found
    → did you mean '--severity'?
    ");
}

#[test]
fn what_the_state_does_not_allow() {
    let team = Shell::with_github();
    team.runs("import checkout.txt");
    let told: Vec<String> = ["start CA-1", "done CA-1", "reopen CA-1", "block CA-1 --reason \"no access\""]
        .iter()
        .map(|line| refused(&team, line, 2))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    refused: CA-1: cannot start an action that is proposed
    → accept or decline it first
    refused: CA-1: cannot complete an action that is proposed
    → accept or decline it first
    refused: CA-1: cannot reopen an action that is proposed
    → accept or decline it first
    refused: CA-1: cannot block an action that is proposed
    → accept or decline it first
    ");
    team.runs("accept --report IR-1");
    team.runs("done CA-1");
    team.runs("drop CA-2 --as obsolete --reason \"it is replaced\"");
    let told: Vec<String> = [
        "decline CA-3 --reason \"no\"",
        "unblock CA-1",
        "start CA-1",
        "drop CA-1 --as obsolete --reason \"no\"",
        "assign CA-1 octo-dev",
        "due CA-2 2024-07-01 --reason later",
        "done CA-2",
        "drop CA-3 --as declined --reason \"no\"",
        "drop CA-3 --as duplicate --reason \"no\"",
        "drop CA-3 --as duplicate --duplicate-of CA-3 --reason \"no\"",
    ]
    .iter()
    .map(|line| refused(&team, line, 2))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    refused: CA-3: cannot decline an action that is open
    → it can be started, blocked, done, waived or dropped
    refused: CA-1: cannot unblock an action that is done
    → it can be verified, rejected or reopened
    refused: CA-1: cannot start an action that is done
    → it can be verified, rejected or reopened
    refused: CA-1: cannot drop an action that is done
    → it can be verified, rejected or reopened
    refused: CA-1: cannot assign an action that is done
    → it can be verified, rejected or reopened
    refused: CA-2: cannot move the due date of an action that is dropped
    → reopen it first
    refused: CA-2: cannot complete an action that is dropped
    → reopen it first
    usage: an accepted action is not declined
    → use duplicate, superseded, obsolete or not_planned; `followup decline` is for proposed actions
    usage: a duplicate needs the action that is done instead
    → add --duplicate-of CA-1
    refused: CA-3: an action cannot be a duplicate of itself
    → name the action that is done instead
    ");
}

#[test]
fn days_that_make_no_sense() {
    let team = Shell::with_accepted_actions();
    let told: Vec<String> = [
        "due CA-1 2024-05-14 --reason \"later\"",
        "due CA-1 2024-07-01",
        "due CA-1 2024-02-30 --reason \"later\"",
        "due CA-1 eventually --reason \"later\"",
        "due CA-1 +10000-01-01 --reason \"later\"",
        "due CA-1",
        "overdue --as-of yesterday",
        "overdue --as-of +10000-01-01",
    ]
    .iter()
    .map(|line| refused(&team, line, 2))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    refused: CA-1: the due date 2024-05-14 is in the past; today is 2024-05-15
    → give a day from today on, as YYYY-MM-DD
    refused: CA-1: moving the due date from 2024-05-31 needs a reason
    → say why with --reason TEXT
    usage: `2024-02-30` is not a date
    → write it as YYYY-MM-DD, as in 2026-05-31
    usage: `eventually` is not a date
    → write it as YYYY-MM-DD, as in 2026-05-31
    usage: `+10000-01-01` is after the year 9999
    → write it as YYYY-MM-DD, as in 2026-05-31
    usage: no day is named
    → write `followup due CA-1 2026-05-31 --reason TEXT`
    usage: `yesterday` is not a date; write it as YYYY-MM-DD, as in 2026-05-31
    → `followup overdue --help` shows how it is written
    usage: `+10000-01-01` is not a date; write it as YYYY-MM-DD, as in 2026-05-31
    → `followup overdue --help` shows how it is written
    ");
}

#[test]
fn configurations_that_are_refused() {
    let mut team = Shell::with_accepted_actions();
    let before = team.everything();
    let told: Vec<String> = [
        CONFIG.replace("[publish]", "[publish]\nalow_public = true"),
        CONFIG.replace("[publish]", "[publihs]"),
        CONFIG.replace("\"5s\"", "5"),
        CONFIG.replace("Africa/Kampala", "Kampala"),
        CONFIG.replace("acme/platform", "acme"),
        CONFIG.replace("repo =", "api_url = \"ftp://acme\"\nrepo ="),
        "[github\n".to_owned(),
    ]
    .iter()
    .map(|config| {
        team.write("followup.toml", config);
        failure(&team, "list", 3)
    })
    .collect();
    team.write("followup.toml", CONFIG);
    insta::assert_snapshot!(told.join("\n"), @r#"
    configuration: [FOLDER]/followup.toml, line 6: `alow_public` is not a key here; there are labels, milestone, issue_type, parent_issue, allow_public, secrets, emails, private_addresses, create_interval, max_creates_per_minute, max_creates_per_hour
    → did you mean `allow_public`?
    configuration: [FOLDER]/followup.toml, line 5: `publihs` is not a key here; there are timezone, database, tracker, github, sources, publish, sync, policy, people, categories, kinds, routing, digest, smtp, server
    → did you mean `publish`?
    configuration: [FOLDER]/followup.toml, line 8: request_timeout: invalid type: integer `5`, expected a duration in quotes, such as "3s", "5m" or "2h"
    → correct the file; the README describes every key
    configuration: [FOLDER]/followup.toml, line 2: timezone: `Kampala` is not a time zone; did you mean `Africa/Kampala`?
    → correct the file; the README describes every key
    configuration: [FOLDER]/followup.toml: github.repo: `acme` is not a repository; expected `owner/name`
    → correct the file; the README describes every key
    configuration: [FOLDER]/followup.toml: github.api_url: `ftp://acme` is not an http or https address
    → correct the file; the README describes every key
    configuration: [FOLDER]/followup.toml, line 1: unclosed table, expected `]`
    → correct the file; the README describes every key
    "#);
    insta::assert_snapshot!(refused(&team, "list --config nowhere.toml", 3), @"
    configuration: there is no configuration file nowhere.toml
    → name another file with --config, or write one with `followup init`
    ");
    insta::assert_snapshot!(refused(&team, "init --repo acme/other", 3), @"
    configuration: [FOLDER]/followup.toml is there already, and its repo is not `acme/other`
    → change it in the file, or remove the file first
    ");
    team.set("FOLLOWUP_NOW", "yesterday");
    insta::assert_snapshot!(failure(&team, "done CA-1", 3), @"
    configuration: environment variable FOLLOWUP_NOW: `yesterday` is not a moment
    → write it as 2026-05-31T09:00:00+03:00, or unset FOLLOWUP_NOW
    ");
    team.at("2024-05-15T09:00:00Z");
    assert_eq!(team.everything(), before);
}

#[test]
fn databases_that_are_none() {
    let team = Shell::with_accepted_actions();
    team.write("text.db", "this is no database, whatever its name says\n".repeat(100));
    fs::create_dir(team.path("folder.db")).unwrap();
    let told: Vec<String> =
        ["--db nowhere.db list", "--db text.db done CA-1", "--db folder.db list", "--db mysql://acme list"]
            .iter()
            .map(|line| refused(&team, line, 3))
            .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    database: there is no database at [FOLDER]/nowhere.db
    → make one with `followup init`, or name it with --db or FOLLOWUP_DB
    database: [FOLDER]/text.db: the file is not a SQLite database
    → name another file with --db; this one was left as it is
    configuration: [FOLDER]/folder.db is a folder, not a database
    → name a file with --db, FOLLOWUP_DB, or `database` in followup.toml
    database: `mysql://acme` is not a database; expected a file, sqlite://FILE or postgres://…
    → correct --db, FOLLOWUP_DB, or `database` in followup.toml
    ");
    assert!(!team.path("nowhere.db").exists());
    assert!(fs::read_to_string(team.path("text.db")).unwrap().starts_with("this is no database"));
}

#[tokio::test]
async fn a_database_of_a_newer_version() {
    let team = Shell::with_accepted_actions();
    let url = format!("sqlite://{}", team.path("followup.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations SELECT 9000, 'tomorrow', installed_on, success, checksum, execution_time \
         FROM _sqlx_migrations LIMIT 1",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    insta::assert_snapshot!(failure(&team, "done CA-1", 3), @"
    database: [FOLDER]/followup.db: the database has schema 9000, and this program knows up to 6
    → use the newer version of followup that made it
    ");
    failure(&team, "list", 3);
}

#[tokio::test]
async fn a_database_that_somebody_else_is_writing_to() {
    let team = Shell::with_accepted_actions();
    let location = Location::File(team.path("followup.db"));
    let store = Store::open(location, Access::Write).await.unwrap();
    let work = store.begin(&stamp_at(moment("2024-05-15T09:00:00Z"))).await.unwrap();
    let ran = team.run("done CA-1 --format json").exits(3);
    insta::assert_snapshot!(ran.failure(), @"
    database: [FOLDER]/followup.db: the database is locked by another program
    → wait for the other program to end, then try again
    ");
    // Who only looks is not kept waiting.
    assert_eq!(team.json("show CA-1")["state"], "open");
    drop(work);
    store.close().await;
    team.runs("done CA-1");
}

#[cfg(unix)]
#[test]
fn a_database_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let team = Shell::with_accepted_actions();
    fs::set_permissions(team.path("followup.db"), fs::Permissions::from_mode(0o400)).unwrap();
    if fs::File::options().append(true).open(team.path("followup.db")).is_ok() {
        return; // The superuser writes everything.
    }
    insta::assert_snapshot!(refused(&team, "done CA-1", 3), @"
    database: [FOLDER]/followup.db: the database is read-only
    → make the file and its folder writable for you, or name another one with --db
    ");
}

#[test]
fn reasons_that_say_nothing() {
    let team = Shell::with_accepted_actions();
    for line in ["due CA-1 2024-07-01", "start CA-1", "done CA-1", "reopen CA-1", "unblock CA-1"] {
        for reason in ["", " \t "] {
            let told = refused(&team, &format!("{line} --reason \"{reason}\""), 2);
            assert_eq!(told, "usage: the reason is empty\n→ say why with --reason TEXT", "{line}");
        }
    }
}

#[test]
fn a_name_that_would_begin_a_line_of_its_own() {
    let mut team = Shell::with_accepted_actions();
    for actor in ["grace\n2024-05-15 action.done by heidi", "\u{1b}[2Jgrace"] {
        team.set("FOLLOWUP_ACTOR", actor);
        insta::allow_duplicates! {
            insta::assert_snapshot!(failure(&team, "start CA-1", 3), @"
            configuration: environment variable FOLLOWUP_ACTOR: a name is one line without control characters
            → correct or unset FOLLOWUP_ACTOR
            ");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_report_without_an_end() {
    let team = Shell::with_accepted_actions();
    insta::assert_snapshot!(refused(&team, "extract /dev/zero", 6), @"
    bad_input: /dev/zero: 26 MB are too much for a report; the limit is 25 MB
    → take out what is embedded in it, or export it as plain text
    ");
}
