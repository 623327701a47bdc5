//! Adding what shows that the work was done, as a person at a terminal does it.

use super::{Shell, refusals::refused};

#[test]
fn evidence_is_added_once_and_shown() {
    let team = Shell::with_accepted_actions();
    insta::assert_snapshot!(
        team.runs("evidence add CA-1 https://github.com/acme/platform/pull/12 --note \"the alert\" --date 2024-05-14").page(),
        @"CA-1  pull_request of 2024-05-14: https://github.com/acme/platform/pull/12"
    );
    insta::assert_snapshot!(team.runs("evidence add CA-1 https://github.com/acme/platform/pull/12").page(), @"CA-1  pull_request of 2024-05-14: https://github.com/acme/platform/pull/12 (as before)");
    team.runs("evidence add CA-1 https://wiki.acme.test/rehearsal --kind test_run");
    let page = team.runs("show CA-1").page();
    let page: Vec<&str> = page.lines().skip_while(|line| *line != "Evidence").collect();
    insta::assert_snapshot!(page.join("\n"), @"
    Evidence
      pull_request https://github.com/acme/platform/pull/12: “the alert” (by grace, 2024-05-14)
      test_run     https://wiki.acme.test/rehearsal (by grace)

    History
      2024-05-15T09:00:00Z action.proposed    by grace
      2024-05-15T09:00:00Z action.accepted    by grace: state proposed → open
      2024-05-15T09:00:00Z evidence.added     by grace: https://github.com/acme/platform/pull/12
      2024-05-15T09:00:00Z evidence.added     by grace: https://wiki.acme.test/rehearsal
    ");
    let shown = team.json("show CA-1")["evidence"].clone();
    assert_eq!(shown.as_array().unwrap().len(), 2);
    insta::assert_json_snapshot!(shown[0], @r#"
    {
      "action_id": "CA-1",
      "added_by": "grace",
      "added_by_kind": "user",
      "created_at": "2024-05-15T09:00:00Z",
      "dated_on": "2024-05-14",
      "digest": null,
      "id": 1,
      "kind": "pull_request",
      "note": "the alert",
      "url": "https://github.com/acme/platform/pull/12"
    }
    "#);
}

#[test]
fn what_shows_nothing_is_refused_and_changes_nothing() {
    let team = Shell::with_github();
    team.runs("import checkout.txt");
    team.runs("accept CA-2");
    insta::assert_snapshot!(refused(&team, "evidence add CA-1 https://wiki.acme.test/plan", 2), @"
    refused: CA-1: cannot add evidence to an action that is proposed
    → accept or decline it first
    ");
    insta::assert_snapshot!(refused(&team, "evidence add CA-99 https://wiki.acme.test/plan", 2), @"
    not_found: there is no action CA-99
    → `followup list` shows every action
    ");
    insta::assert_snapshot!(refused(&team, "evidence add CA-2 minutes.pdf", 2), @"
    usage: `minutes.pdf` is not an address; expected one that begins with https:// or http://
    → give an address that an auditor can open
    ");
    insta::assert_snapshot!(refused(&team, "evidence add CA-2 https://wiki.acme.test/plan --date 2024-06-01", 2), @"
    usage: the evidence is of 2024-06-01, and today is 2024-05-15
    → give the day on which it was merged, written or run
    ");
    insta::assert_snapshot!(refused(&team, "evidence add CA-2 https://wiki.acme.test/plan --kind feeling", 2), @"
    usage: `feeling` is not a kind of evidence; expected one of pull_request, commit, document, test_run
    → `followup evidence --help` shows how it is written
    ");
}
