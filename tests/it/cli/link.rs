//! Issues that are there already, as a person at a terminal meets them.

use super::{REPO, Shell, contract, refusals::refused};

/// A report of which one item names its issue, one names that of another tracker, and one names nothing.
const REPORT: &str = "# Disks full for an hour\n\nDate: 2024-05-14\nSeverity: SEV-2\n\n## Action items\n\n\
    - [ ] Alert on full disks (tracked in #1)\n\
    - [ ] Rotate the logs (tracked in OPS-12)\n\
    - [ ] Rehearse the rollback every month (owner: @octo-dev)\n\
    - [ ] Delete old logs, tracked in acme/platform#99\n";

fn with_issues() -> Shell {
    let team = Shell::with_github();
    team.github().open_issue(REPO, "octo-lead", "Disk alerts", "Disks fill up at night.").unwrap();
    team.github().assign(REPO, 1, &["octo-ops"]).unwrap();
    team.github().open_issue(REPO, "octo-lead", "Rollback drill", "").unwrap();
    team.write("disks.md", REPORT);
    team.runs("import disks.md --accept");
    team
}

#[test]
fn an_item_that_names_an_issue_is_linked_and_not_created() {
    let team = with_issues();
    insta::assert_snapshot!(team.runs("publish --dry-run").page(), @"
    parent    IR-1   acme/platform  Disks full for an hour
    create    CA-3   acme/platform  Rehearse the rollback every month
    link      CA-1   acme/platform#1  Alert on full disks
    link      CA-4   acme/platform#99  Delete old logs, tracked in acme/platform#99
    note      CA-2 is tracked in OPS-12, as its report says, and gets no issue; `followup unlink CA-2` lets publish make one
    nothing was written or sent: this was a dry run
    ");
    insta::assert_snapshot!(team.run("publish").exits(4).page(), @"
    parent    IR-1   acme/platform#3  Disks full for an hour
    created   CA-3   acme/platform#4  Rehearse the rollback every month
    linked    CA-1   acme/platform#1  Alert on full disks
                     the issue is “Disk alerts”
                     owner: nobody → octo-ops
    NEEDS YOU CA-4: it cannot be linked to the issue that its report names: there is no issue acme/platform#99, or the token may not see it; link it to another one, or unlink it and publish to make one
              → followup unlink CA-4
    note      CA-2 is tracked in OPS-12, as its report says, and gets no issue; `followup unlink CA-2` lets publish make one
    ");
    assert_eq!(team.github().issues(REPO).len(), 4);
    let refused = team.runs("show CA-4").out;
    let told = "acme/platform#99, as the report says; there was no such issue when it was looked up";
    assert!(refused.contains(told), "{refused}");
    assert!(
        refused.contains("issue.refused") && refused.contains("tracked_in acme/platform#99"),
        "{refused}"
    );
    let action = team.json("show CA-1");
    assert_eq!((&action["issue"]["number"], &action["owner"]), (&1.into(), &"octo-ops".into()));
    let summary = team.run("publish --format json").exits(4).json();
    assert_eq!((summary["linked"].to_string(), summary["created"].to_string()), ("[]".into(), "[]".into()));
    assert_eq!(summary["needs_human"][0]["id"], "CA-4");

    // The ways out that it names.
    insta::assert_snapshot!(team.runs("unlink CA-4 --reason \"a slip of the pen\"").page(), @"
    CA-4  open, not linked to acme/platform#99, which its report names: Delete old logs, tracked in acme/platform#99
    ---
    next: `followup publish` makes it an issue of its own, `followup link` ties it to another
    ");
    insta::assert_snapshot!(team.runs("unlink CA-2").page(), @"
    CA-2  open, not linked to OPS-12, which its report names: Rotate the logs
    ---
    next: `followup publish` makes it an issue of its own, `followup link` ties it to another
    ");
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 2);
    let page = team.runs("show CA-4").page();
    let shown: Vec<&str> = page
        .lines()
        .filter(|line| ["corrected", "tracked in", "unlinked"].iter().any(|word| line.contains(word)))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    CA-4 Delete old logs, tracked in acme/platform#99
      corrected   issue (set by people; the report does not change it)
      tracked in  acme/platform#99, as the report says
      > - [ ] Delete old logs, tracked in acme/platform#99
      2024-05-15T09:00:00Z issue.unlinked     by grace: reason “a slip of the pen”
    ");
}

#[test]
fn a_person_links_and_unlinks() {
    let team = with_issues();
    insta::assert_snapshot!(team.runs("link CA-3 #2").page(), @"
    CA-3  open, linked to acme/platform#2: Rehearse the rollback every month
          the issue is “Rollback drill”
    ");
    insta::assert_snapshot!(team.runs("link CA-3 acme/platform#2").page(), @"CA-3  open, linked to acme/platform#2 (as before): Rehearse the rollback every month");
    let linked = team.json("link CA-3 2");
    contract::is_an_action(&linked[0]);
    assert_eq!(linked[0]["issue"]["number"], 2);
    let events = team.json("show CA-3")["events"].as_array().unwrap().len();
    insta::assert_snapshot!(team.runs("unlink CA-3").page(), @"
    CA-3  open, taken off acme/platform#2, which stays as it is: Rehearse the rollback every month
    ---
    note: the next `followup sync` takes the mark out of its text
    next: `followup publish` makes it an issue of its own, `followup link` ties it to another
    ");
    insta::assert_snapshot!(team.runs("unlink CA-3").page(), @"CA-3  open, without an issue (as before): Rehearse the rollback every month");
    assert_eq!(team.json("show CA-3")["events"].as_array().unwrap().len(), events + 1);
    assert_eq!(team.json("unlink CA-3")[0]["issue"], serde_json::Value::Null);
    insta::assert_snapshot!(team.runs("sync").page(), @"note      the mark of CA-3 was taken out of acme/platform#2");
    assert_eq!(team.github().issue(REPO, 2).unwrap().body, "");
}

#[test]
fn what_cannot_be_linked() {
    let mut team = with_issues();
    team.github().open_pull_request(REPO, "octo-dev", "Add the alert").unwrap();
    team.runs("link CA-1 #1");
    let told: Vec<String> = [
        "link CA-3 #1",
        "link CA-1 #2",
        "link CA-3 #3",
        "link CA-3 #99",
        "link CA-3 \"the one of last week\"",
        "link CA-3 https://jira.acme.test/browse/OPS-12",
        "link CA-3 https://tracker.acme.test/acme/platform/pull/3",
        "link CA-99 #2",
        "unlink CA-99",
        "unlink CA-1 --reason \" \"",
    ]
    .iter()
    .map(|line| refused(&team, line, 2))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    refused: acme/platform#1 belongs to CA-1 already
    → `followup show CA-1` says more; an issue belongs to one action at most
    refused: CA-1 has an issue already: acme/platform#1
    → `followup unlink CA-1` takes it off that one first
    refused: acme/platform#3 is a pull request, not an issue
    → name the issue that the pull request belongs to
    refused: there is no issue acme/platform#99, or the token may not see it
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    usage: `the one of last week` is not an issue
    → write it as #12, as OWNER/NAME#12, or as its address
    refused: https://jira.acme.test/browse/OPS-12 is no issue at [HOST]
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    refused: https://tracker.acme.test/acme/platform/pull/3 is no issue at [HOST]
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    not_found: there is no action CA-99
    → `followup list` shows every action
    not_found: there is no action CA-99
    → `followup list` shows every action
    usage: the reason is empty
    → say why with --reason TEXT
    ");
    team.set("FOLLOWUP_GITHUB_API_URL", "http://127.0.0.1:9");
    team.run("link CA-3 #2").exits(5);
    // Taking an action off needs no network.
    team.runs("unlink CA-1");
}

#[test]
fn a_revision_that_names_another_issue_is_told() {
    let team = with_issues();
    team.run("publish").exits(4);
    team.runs("unlink CA-4");
    team.write("disks.md", REPORT.replace("#1)", "#2)").replace("#99", "#98"));
    insta::assert_snapshot!(team.runs("import disks.md").page(), @"
    IR-1 “Disks full for an hour” (disks.md): revision 2 (sev2): 2 changed
    changed   CA-1   Alert on full disks (text, issue)
    changed   CA-4   Delete old logs, tracked in acme/platform#98 (title, text, issue)
    ---
    note: CA-1: the report now names #2 as its issue; it stays linked to acme/platform#1
    note: CA-4: the report now names acme/platform#98 as its issue; it stays unlinked
    ");
}
