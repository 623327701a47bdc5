//! What GitHub can refuse, and how the program says so: a token, a repository, a connection.

use github_sandbox::{CloseReason, Effect, Fault, RepoSettings};

use super::{CONFIG, REPO, Shell, contract};

/// The failure of a command in both formats, which changes nothing.
#[track_caller]
fn fails(team: &Shell, line: &str, code: i32) -> String {
    let before = team.everything();
    let ran = team.run(&format!("{line} --format json")).exits(code);
    contract::is_a_failure(&ran);
    let people = team.run(line).exits(code);
    assert_eq!(people.out, "", "followup {line}");
    assert_eq!(team.everything(), before, "followup {line}");
    ran.failure()
}

#[test]
fn without_a_token() {
    let mut team = Shell::with_accepted_actions();
    team.unset("GH_TOKEN");
    insta::assert_snapshot!(fails(&team, "publish", 5), @"
    tracker: there is no token for [HOST]
    → set GH_TOKEN, or sign in with `gh auth login`
    ");
    // Nothing of an action's life needs one, nor does a sync that has nothing to ask.
    team.runs("sync");
    team.runs("done CA-1");
    team.runs("list");
}

#[test]
fn with_a_wrong_token() {
    let mut team = Shell::with_accepted_actions();
    team.set("GH_TOKEN", "wrong");
    insta::assert_snapshot!(fails(&team, "publish", 5), @"
    tracker: [HOST] does not accept the token: Bad credentials
    → make a new token with the permission Issues: read and write, and set GH_TOKEN
    ");
    // The right one is tried at once.
    team.set("GH_TOKEN", github_sandbox::DEFAULT_TOKEN);
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 4);
}

#[test]
fn a_token_that_stops_to_work_between_two_runs() {
    let mut team = Shell::with_accepted_actions();
    team.runs("publish");
    team.github().close(REPO, 2, CloseReason::Completed, "octo-dev").unwrap();
    team.set("GH_TOKEN", "wrong");
    insta::assert_snapshot!(fails(&team, "sync", 5), @"
    tracker: [HOST] does not accept the token: Bad credentials
    → make a new token with the permission Issues: read and write, and set GH_TOKEN
    ");
    team.set("GH_TOKEN", github_sandbox::DEFAULT_TOKEN);
    team.runs("sync");
    assert_eq!(team.json("show CA-1")["state"], "done");
}

#[test]
fn a_token_that_is_revoked_in_the_middle_of_a_publish() {
    let team = Shell::with_accepted_actions();
    let refuse =
        Effect::Refuse { status: 401, body: "{\"message\":\"Bad credentials\"}".to_owned(), headers: vec![] };
    team.github().fault(Fault::create_issue(refuse).nth(3).next(9));
    // What was made is told now, because the next run has no reason to.
    insta::assert_snapshot!(team.run("publish").exits(5).page(), @"
    done before it stopped: created IR-1; created CA-1
    error: [HOST] does not accept the token: Bad credentials
      → make a new token with the permission Issues: read and write, and set GH_TOKEN
    ");
    team.github().clear_faults();
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 3);
    assert_eq!(team.github().issues(REPO).len(), 5);
}

#[test]
fn an_archived_repository_waits_for_the_change_of_an_issue() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    team.github().archive_repo(REPO, true).unwrap();
    team.runs("done CA-1");
    insta::assert_snapshot!(team.run("sync").exits(4).page(), @"
    NEEDS YOU CA-1: acme/platform is archived
              → followup sync
    ");
    team.github().archive_repo(REPO, false).unwrap();
    team.runs("sync");
    assert_eq!(team.github().issue(REPO, 2).unwrap().state, "closed");
}

#[test]
fn github_token_is_taken_where_gh_token_is_not_set() {
    let mut team = Shell::with_accepted_actions();
    team.unset("GH_TOKEN");
    team.set("GITHUB_TOKEN", github_sandbox::DEFAULT_TOKEN);
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 4);
}

#[test]
fn nobody_answers() {
    let mut team = Shell::with_accepted_actions();
    team.set("FOLLOWUP_GITHUB_API_URL", "http://127.0.0.1:9");
    let failure = fails(&team, "publish --no-wait", 5);
    assert!(failure.starts_with("tracker: cannot reach 127.0.0.1:9: "), "{failure}");
    assert!(failure.contains("nothing is lost, run the command again"), "{failure}");
}

#[test]
fn a_repository_that_is_not_there() {
    let team = Shell::with_github();
    team.runs("import checkout.txt --accept --repo acme/nowhere");
    let before = team.everything();
    insta::assert_snapshot!(team.run("publish").exits(4).page(), @"
    NEEDS YOU cannot publish to acme/nowhere: it does not exist, or the token may not see it
              → followup doctor
    ");
    let summary = team.run("publish --format json").exits(4).json();
    assert_eq!(summary["needs_human"][0]["id"], "acme/nowhere");
    assert_eq!(team.everything(), before);
}

#[test]
fn a_repository_with_issues_disabled() {
    let team = Shell::with_github();
    let settings = RepoSettings { issues_enabled: false, ..RepoSettings::default() };
    team.github().add_repo_with("acme/closed", &settings);
    team.runs("import checkout.txt --accept --repo acme/closed");
    let before = team.everything();
    insta::assert_snapshot!(team.run("publish").exits(4).page(), @"
    NEEDS YOU issues are disabled in acme/closed; enable them in its settings
              → followup publish
    ");
    assert_eq!(team.everything(), before);
    assert!(team.github().writes().is_empty());
}

#[test]
fn a_public_repository_is_published_to_only_when_that_is_meant() {
    let team = Shell::with_github();
    team.github().add_repo_with("acme/open", &RepoSettings::public(&["followup-bot"]));
    team.runs("import checkout.txt --accept --repo acme/open");
    insta::assert_snapshot!(team.run("publish").exits(4).page(), @"
    NEEDS YOU acme/open is public, and strangers would read IR-1 (from [FOLDER]/checkout.txt); set `allow_public = true` under [publish] in followup.toml if that is meant
              → followup publish
    ");
    assert!(team.github().writes().is_empty());
    team.write("followup.toml", CONFIG.replace("[publish]", "[publish]\nallow_public = true"));
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 4);
}

#[test]
fn no_repository_is_configured() {
    let team = Shell::with_github();
    team.write("followup.toml", CONFIG.replace("repo = \"acme/platform\"", ""));
    team.runs("import checkout.txt --accept");
    insta::assert_snapshot!(fails(&team, "publish", 3), @"
    configuration: there is no repository to publish IR-1 to
    → set `repo` under [github] in followup.toml, or import with --repo
    ");
    team.runs("import checkout.txt --repo acme/platform");
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 4);
}

#[test]
fn a_second_database_does_not_make_everything_twice() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    team.runs("--db second.db import checkout.txt --accept");
    insta::assert_snapshot!(team.run("--db second.db publish").exits(4).page(), @"
    NEEDS YOU acme/platform already holds 5 issues of another Followup database, and publishing would make them twice: use that database, or take them over
              → followup adopt
    ");
    insta::assert_snapshot!(team.run("--db second.db adopt --dry-run").exits(0).page(), @"
    found     IR-1   acme/platform#1  Checkout outage on 14 May 2024
    found     CA-1   acme/platform#2  Alert on expiry
    found     CA-2   acme/platform#3  Renew automatically
    found     CA-3   acme/platform#4  Runbook for the key store
    found     CA-4   acme/platform#5  Load test in staging
    nothing was written or sent: this was a dry run
    ");
    insta::assert_snapshot!(team.run("--db second.db adopt").exits(0).page(), @"
    parent    IR-1   acme/platform#1  Checkout outage on 14 May 2024
    found     CA-1   acme/platform#2  Alert on expiry
    found     CA-2   acme/platform#3  Renew automatically
    found     CA-3   acme/platform#4  Runbook for the key store
    found     CA-4   acme/platform#5  Load test in staging
    updated   IR-1   acme/platform#1  Checkout outage on 14 May 2024
                     text
    updated   CA-1   acme/platform#2  Alert on expiry
                     text
    updated   CA-2   acme/platform#3  Renew automatically
                     text
    updated   CA-3   acme/platform#4  Runbook for the key store
                     text
    updated   CA-4   acme/platform#5  Load test in staging
                     text
    ");
    assert_eq!(
        team.run("--db second.db adopt").exits(0).page(),
        "nothing to take over: no issue there belongs to another database\n"
    );
    assert_eq!(
        team.run("--db second.db publish").exits(0).page(),
        "nothing to publish: every accepted action has its issue\n"
    );
    assert_eq!(team.github().issues(REPO).len(), 5);
}

#[test]
fn what_waits_for_a_person_is_listed_and_settled() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    insta::assert_snapshot!(team.run("conflicts").exits(0).page(), @"nothing waits for a person");
    team.runs("edit CA-1 --title Ours");
    team.github().edit_title(REPO, 2, "Theirs").unwrap();
    insta::assert_snapshot!(team.run("sync").exits(4).page(), @"
    changed   CA-1   acme/platform#2  Theirs
                     title: “Ours” → “Theirs”
    NEEDS YOU CA-1: both sides renamed it: the issue's “Theirs” counts, ours was “Ours”
              → followup resolve CA-1 title --keep theirs
    ");
    insta::assert_snapshot!(team.run("conflicts").exits(4).page(), @"
    CA-1      both sides renamed it: the issue's “Theirs” counts, ours was “Ours”
              → followup resolve CA-1 title --keep theirs
    ");
    insta::assert_snapshot!(team.run("conflicts --format json").exits(4).page(), @r#"[{"id":"CA-1","what":"both sides renamed it: the issue's “Theirs” counts, ours was “Ours”","command":"followup resolve CA-1 title --keep theirs"}]"#);
    insta::assert_snapshot!(fails(&team, "resolve CA-2 --keep ours", 2), @"
    not_found: CA-2 has no open conflict
    → `followup conflicts` lists what is open
    ");
    insta::assert_snapshot!(fails(&team, "resolve CA-1 text --keep ours", 2), @"
    not_found: CA-1 has no open conflict about its text
    → `followup conflicts` lists what is open
    ");
    insta::assert_snapshot!(team.run("resolve CA-1 --keep ours").exits(0).page(), @"
    CA-1  title settled: ours
    ---
    next: `followup sync` sends what follows for the issue
    ");
    insta::assert_snapshot!(team.run("sync").exits(0).page(), @"
    updated   CA-1   acme/platform#2  Ours
                     title
    ");
    assert_eq!(team.github().issue(REPO, 2).unwrap().title, "Ours");
    insta::assert_snapshot!(team.run("conflicts").exits(0).page(), @"nothing waits for a person");
}

#[test]
fn doctor_tells_what_an_earlier_pass_left() {
    let team = Shell::with_github();
    team.write("followup.toml", CONFIG.replace("settle = \"100ms\"", "settle = \"2s\""));
    team.runs("import checkout.txt --accept");
    let issues = || {
        let page = team.runs("doctor").page();
        let told = page.lines().skip_while(|line| !line.contains(" issues "));
        told.take_while(|line| !line.contains(" gh ")).collect::<Vec<_>>().join("\n")
    };
    // Nobody knows whether the second issue, the one of CA-1, was made.
    team.github().fault(Fault::create_issue(Effect::LoseReply).nth(2));
    team.json("publish --no-wait");
    insta::assert_snapshot!(issues(), @"
    !     issues        nobody knows yet whether the issue of CA-1 was made
                        → `followup sync` looks for it, and makes it only when it is not there
    ");

    team.runs("publish");
    assert_eq!(issues(), "");

    // GitHub does not take what changed, whoever sends it.
    let refuse = Effect::Refuse {
        status: 422,
        body: "{\"message\":\"Validation Failed\"}".to_owned(),
        headers: vec![],
    };
    team.github().fault(Fault::rest("PATCH", "issues/*", refuse).next(2));
    team.runs("edit CA-1 CA-2 --priority high");
    insta::assert_snapshot!(team.run("sync").exits(4).page(), @"
    NEEDS YOU CA-1: [HOST] refused (422): Validation Failed
    NEEDS YOU CA-2: [HOST] refused (422): Validation Failed
              → followup doctor
    ");
    insta::assert_snapshot!(issues(), @"
    !     issues        not in step: CA-1, CA-2 ([HOST] refused (422): Validation Failed)
                        → put it right, then `followup sync` sends it again
    ");
    team.runs("sync");
    assert_eq!(issues(), "");
}

#[test]
fn a_team_without_a_tracker_has_the_whole_product() {
    let team = Shell::new();
    team.write("checkout.txt", super::REPORT);
    team.write("followup.toml", "tracker = \"local\"\n[publish]\ncreate_interval = \"1ms\"\n");
    team.runs("import checkout.txt --accept");
    insta::assert_snapshot!(team.runs("publish").page(), @"
    parent    IR-1   local/actions#1  Checkout outage on 14 May 2024
    created   CA-1   local/actions#2  Alert on expiry
    created   CA-2   local/actions#3  Renew automatically
    created   CA-3   local/actions#4  Runbook for the key store
    created   CA-4   local/actions#5  Load test in staging
    note      CA-1 is assigned to nobody: `Grace Apio` cannot be a login
    ");
    team.runs("done CA-1");
    insta::assert_snapshot!(team.runs("sync").page(), @"
    updated   CA-1   local/actions#2  Alert on expiry
                     closed as completed
    ");
    let action = team.json("show CA-1");
    contract::is_an_action(&action);
    assert_eq!((&action["issue"]["tracker"], &action["issue"]["state"]), (&"local".into(), &"closed".into()));
}
