//! Reports that are issues.

use github_sandbox::{Effect, Fault, RepoSettings};

use super::{super::REPO, Shell, refused};

const BODY: &str = "### What happened\r\n\r\nThe certificate ran out on 14 May 2024.\r\n\r\n\
    ### Action items\r\n\r\n- [ ] Rotate the signing key\r\n- [x] Renew the certificate\r\n";

/// A team with an issue that is a report.
fn team() -> Shell {
    let team = Shell::with_github();
    team.github().set_now("2024-05-16T22:30:00Z".parse().unwrap());
    team.github().open_issue(REPO, "octo-dev", "Checkout down for two hours", BODY).unwrap();
    team
}

#[test]
fn an_issue_is_a_report() {
    let team = team();
    team.github().label(REPO, 1, "severity:high").unwrap();
    team.github().comment(REPO, 1, "octo-lead", "## Action items\n\n- Buy a new server").unwrap();
    let read = team.json("extract github:acme/platform#1");
    assert_eq!(read["report"]["title"], "Checkout down for two hours");
    assert_eq!(read["report"]["severity"], "sev2");
    assert_eq!(read["report"]["source"], "github:acme/platform#1");
    assert_eq!(read["report"]["format"], "markdown");
    // In Kampala it was past midnight.
    assert_eq!(read["report"]["report_date"], "2024-05-17");
    let actions: Vec<_> = read["actions"].as_array().unwrap().iter().map(|action| &action["text"]).collect();
    assert_eq!(actions, ["Rotate the signing key", "Renew the certificate"]);
    assert_eq!(read["actions"][0]["line"], 7);
    // Reading asks once and writes nothing.
    assert_eq!(team.github().requests().len(), 1);
    assert_eq!(team.github().writes().len(), 0);
}

#[test]
fn an_issue_is_one_report_however_it_is_named() {
    let team = team();
    insta::assert_snapshot!(team.runs("import github:acme/platform#1").page(), @"
    IR-1 “Checkout down for two hours” (github:acme/platform#1): imported, 2 actions proposed, CA-1 to CA-2
    ---
    note: there was no database; [FOLDER]/followup.db is made
    next: `followup accept --report IR-1` takes them on
    ");
    let address = format!("{}/Acme/Platform/issues/1#issuecomment-7", team.github().url());
    insta::assert_snapshot!(team.runs(&format!("import {address}")).page(), @"IR-1 “Checkout down for two hours” ([GITHUB]/Acme/Platform/issues/1): is there already, word for word; nothing was changed");
    assert_eq!(team.json("report list")[0]["source"], "[GITHUB]/acme/platform/issues/1");
    // A browser stores CRLF, a program LF: it is the same text.
    team.github().edit_body(REPO, 1, &BODY.replace("\r\n", "\n")).unwrap();
    assert!(team.runs("import github:acme/platform#1").out.contains("word for word"));
    team.github().edit_title(REPO, 1, "Checkout down for three hours").unwrap();
    team.github().edit_body(REPO, 1, &format!("{BODY}- [ ] Write a runbook\r\n")).unwrap();
    insta::assert_snapshot!(team.runs("import github:acme/platform#1").page(), @"
    IR-1 “Checkout down for three hours” (github:acme/platform#1): revision 2 (unknown): 1 new
    new       CA-3   Write a runbook
    ---
    next: `followup accept --report IR-1` takes them on
    ");
}

#[test]
fn a_public_issue_needs_no_token() {
    let mut team = team();
    let public = RepoSettings { private: false, ..RepoSettings::default() };
    team.github().add_repo_with("acme/public", &public);
    team.github().open_issue("acme/public", "octo-dev", "Open to all", BODY).unwrap();
    team.unset("GH_TOKEN");
    assert_eq!(team.json("extract github:acme/public#1")["report"]["title"], "Open to all");
    insta::assert_snapshot!(refused(&team, "github:acme/platform#1"), @"
    bad_input: there is no issue acme/platform#1, or it is private
    → check its name, or set GH_TOKEN to see private issues
    ");
}

#[test]
fn an_issue_that_was_moved_is_followed_and_stays_the_same_report() {
    let team = team();
    team.runs("import github:acme/platform#1");
    team.github().add_repo("acme/incidents");
    team.github().transfer(REPO, 1, "acme/incidents").unwrap();
    team.github().edit_body("acme/incidents", 1, &format!("{BODY}- [ ] Write a runbook\r\n")).unwrap();
    insta::assert_snapshot!(team.runs("import github:acme/platform#1").page(), @"
    IR-1 “Checkout down for two hours” (github:acme/platform#1): revision 2 (unknown): 1 new
    new       CA-3   Write a runbook
    ---
    note: github:acme/platform#1 is acme/incidents#1 by now
    next: `followup accept --report IR-1` takes them on
    ");
    assert_eq!(team.json("report list")[0]["source"], "[GITHUB]/acme/incidents/issues/1");
    team.github().rename_repo("acme/incidents", "acme/postmortems").unwrap();
    team.github().edit_body("acme/postmortems", 1, BODY).unwrap();
    insta::assert_snapshot!(team.runs("import github:acme/incidents#1").page(), @"
    IR-1 “Checkout down for two hours” (github:acme/incidents#1): revision 3 (unknown): 1 no longer in it
    gone      CA-3   Write a runbook
    ---
    note: github:acme/incidents#1 is acme/postmortems#1 by now
    ");
}

#[test]
fn two_issues_with_one_title_are_two_reports() {
    let team = team();
    let body = "### What happened\n\nDate: 2024-05-14\n\n### Action items\n\n- Rotate the key\n";
    team.github().open_issue(REPO, "octo-dev", "Postmortem", body).unwrap();
    team.github().open_issue(REPO, "octo-dev", "Postmortem", &body.replace("key", "password")).unwrap();
    team.runs("import github:acme/platform#2");
    team.runs("import github:acme/platform#3");
    assert_eq!(team.json("report list").as_array().unwrap().len(), 2);
}

#[test]
fn issues_that_are_no_reports() {
    let team = team();
    let github = team.github();
    github.open_pull_request(REPO, "octo-dev", "Rotate the key").unwrap();
    github.open_issue(REPO, "octo-dev", "Nothing yet", " \r\n").unwrap();
    github.open_issue(REPO, "octo-dev", "Gone", BODY).unwrap();
    github.delete(REPO, 4).unwrap();
    let disabled = RepoSettings { issues_enabled: false, ..RepoSettings::default() };
    github.add_repo_with("acme/quiet", &disabled);
    team.runs("import github:acme/platform#1 --accept");
    team.runs("publish");
    let made = team.json("show CA-1")["issue"]["number"].clone();
    let sources = [
        "github:acme/platform#2".to_owned(),
        format!("{}/acme/platform/pull/2", github.url()),
        "github:acme/platform#3".to_owned(),
        "github:acme/platform#4".to_owned(),
        "github:acme/platform#99".to_owned(),
        "github:acme/nowhere#1".to_owned(),
        "github:acme/quiet#1".to_owned(),
        format!("github:acme/platform#{made}"),
    ];
    let told: Vec<String> = sources.iter().map(|source| refused(&team, source)).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    bad_input: acme/platform#2 is a pull request, and a report is an issue or a file
    → name the issue, or the file that the pull request brings
    bad_input: acme/platform#2 is a pull request, and a report is an issue or a file
    → name the issue, or the file that the pull request brings
    bad_input: the issue acme/platform#3 has no text
    → write the report into the issue first; comments are not read
    bad_input: acme/platform#4 is gone: This issue was deleted
    → name where the report is now, or a file
    bad_input: there is no issue acme/platform#99, or the token may not see it
    → check its name, and that the token has the permission Issues: read for this repository
    bad_input: there is no issue acme/nowhere#1, or the token may not see it
    → check its name, and that the token has the permission Issues: read for this repository
    bad_input: acme/quiet#1 is gone: Issues are disabled for this repo
    → name where the report is now, or a file
    bad_input: the issue acme/platform#6 has no text but what followup wrote: it is made from a report, and is none
    → name the report that it was made from
    ");
}

#[test]
fn our_own_section_in_an_issue_is_no_report() {
    let team = team();
    let section =
        "<!-- followup:begin -->\r\n## Action items\r\n\r\n- Not this one\r\n<!-- followup:end -->\r\n\r\n";
    team.github().edit_body(REPO, 1, &format!("{section}{BODY}")).unwrap();
    let read = team.json("extract github:acme/platform#1");
    assert_eq!(read["actions"][0]["text"], "Rotate the signing key");
    // The lines are those of the issue.
    assert_eq!(read["actions"][0]["line"], 13);
}

#[test]
fn a_github_that_does_not_answer() {
    let mut team = team();
    team.github().fault(Fault::rest(
        "GET",
        "/repos/acme/platform/issues/1",
        Effect::ServerErrorBeforeCommit(503),
    ));
    insta::assert_snapshot!(team.run("extract github:acme/platform#1 --format json").exits(5).failure(), @"
    tracker: [HOST] failed with status 503: no message
    → nothing is lost; run the command again in a while
    ");
    team.set("GH_TOKEN", "wrong");
    insta::assert_snapshot!(team.run("import github:acme/platform#1 --format json").exits(5).failure(), @"
    tracker: [HOST] does not accept the token: Bad credentials
    → make a new token with the permission Issues: read and write, and set GH_TOKEN
    ");
}
