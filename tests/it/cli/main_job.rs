//! The main job: a report becomes issues, the people close them, and what is late comes out.

use github_sandbox::CloseReason;

use super::{REPO, Shell, contract};

#[test]
fn from_a_report_to_what_is_late() {
    let mut team = Shell::with_github();

    insta::assert_snapshot!(team.runs("extract checkout.txt").page(), @"
    Checkout outage on 14 May 2024  checkout.txt, plain text
      incident    2024-05-14
      resolved    2024-05-14 11:40 +00:00
      severity    sev2
      root cause  The certificate of the key store expired.
      people      Grace Apio (octo-lead), Author

    1. Alert on expiry
       Alert thirty days before a certificate of the key store expires.
       line 16 · monitoring · detect · owner octo-lead · due 2024-05-31
    2. Renew automatically
       Let the platform renew certificates without a person.
       line 17 · automation · prevent
    3. Runbook for the key store
       Write down how to restart the key store, and rehearse it once.
       line 18 · documentation · process · owner octo-dev
    4. Load test in staging
       Run the load test of checkout before every release, with real certificate chains.
       line 19 · testing · prevent
    ");
    insta::assert_snapshot!(team.runs("import checkout.txt").page(), @"
    IR-1 “Checkout outage on 14 May 2024” (checkout.txt): imported, 4 actions proposed, CA-1 to CA-4
    ---
    note: there was no database; [FOLDER]/followup.db is made
    next: `followup accept --report IR-1` takes them on
    ");
    insta::assert_snapshot!(team.runs("accept --report IR-1").page(), @"
    CA-1  open, due 2024-05-31, owner octo-lead: Alert on expiry
    CA-2  open, due 2024-06-14, no owner: Renew automatically
    CA-3  open, due 2024-06-14, owner octo-dev: Runbook for the key store
    CA-4  open, due 2024-06-14, no owner: Load test in staging
    ");
    insta::assert_snapshot!(team.runs("assign CA-2 octo-ops").page(), @"
    CA-2  open, due 2024-06-14, owner octo-ops: Renew automatically
    ---
    note: `octo-ops` is in no [[people]] of the configuration, and is taken as a login
    ");
    insta::assert_snapshot!(team.runs("due CA-4 2024-06-30 --reason \"the release moved\"").page(), @"CA-4  open, due 2024-06-30, moved 1×, no owner: Load test in staging");

    insta::assert_snapshot!(team.runs("publish --dry-run").page(), @"
    parent    IR-1   acme/platform  Checkout outage on 14 May 2024
    create    CA-1   acme/platform  Alert on expiry
    create    CA-2   acme/platform  Renew automatically
    create    CA-3   acme/platform  Runbook for the key store
    create    CA-4   acme/platform  Load test in staging
    nothing was written or sent: this was a dry run
    ");
    insta::assert_snapshot!(team.runs("publish").page(), @"
    parent    IR-1   acme/platform#1  Checkout outage on 14 May 2024
    created   CA-1   acme/platform#2  Alert on expiry
    created   CA-2   acme/platform#3  Renew automatically
    created   CA-3   acme/platform#4  Runbook for the key store
    created   CA-4   acme/platform#5  Load test in staging
    ");
    insta::assert_snapshot!(issues(&team), @r#"
    #1 Checkout outage on 14 May 2024 ["corrective-action", "sev:2"] []
    #2 Alert on expiry ["corrective-action", "ca:monitoring", "sev:2"] ["octo-lead"] under #1
    #3 Renew automatically ["corrective-action", "ca:automation", "sev:2"] ["octo-ops"] under #1
    #4 Runbook for the key store ["corrective-action", "ca:documentation", "sev:2"] ["octo-dev"] under #1
    #5 Load test in staging ["corrective-action", "ca:testing", "sev:2"] [] under #1
    "#);

    team.at("2024-06-20T09:00:00Z");
    team.github().close(REPO, 2, CloseReason::Completed, "octo-lead").unwrap();
    team.github().close(REPO, 3, CloseReason::NotPlanned, "octo-ops").unwrap();
    team.github().edit_title(REPO, 4, "Runbook and rehearsal for the key store").unwrap();
    insta::assert_snapshot!(team.runs("sync").page(), @"
    changed   CA-1   acme/platform#2  Alert on expiry
                     state: open → done (issue closed as completed)
    changed   CA-2   acme/platform#3  Renew automatically
                     the issue is closed as not_planned; the action keeps its state
    changed   CA-3   acme/platform#4  Runbook and rehearsal for the key store
                     title: “Runbook for the key store” → “Runbook and rehearsal for the key store”
    ---
    note: 3 missed deadlines written down; `followup overdue` lists what is late
    ");
    insta::assert_snapshot!(team.runs("list").page(), @"
    id    state  due         moved  late  owner      issue           title
    CA-1  done   2024-05-31               octo-lead  #2              Alert on expiry
    CA-2  open   2024-06-14         6 d   octo-ops   #3 not planned  Renew automatically
    CA-3  open   2024-06-14         6 d   octo-dev   #4              Runbook and rehearsal for the key store
    CA-4  open   2024-06-30  1×           –          #5              Load test in staging
    ");
    insta::assert_snapshot!(team.runs("overdue").page(), @"
    id    state  due         late  owner     issue           title
    CA-2  open   2024-06-14  6 d   octo-ops  #3 not planned  Renew automatically
    CA-3  open   2024-06-14  6 d   octo-dev  #4              Runbook and rehearsal for the key store
    ---
    2 actions overdue on 2024-06-20
    ");

    let late = team.run("overdue --fail --format json").exits(1).json();
    let late = late.as_array().unwrap();
    late.iter().for_each(contract::is_an_action);
    let told: Vec<String> = late
        .iter()
        .map(|action| {
            format!("{} {} {} {}", action["id"], action["due_on"], action["days_overdue"], action["flags"])
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    "CA-2" "2024-06-14" 6 ["overdue","closed_upstream"]
    "CA-3" "2024-06-14" 6 ["overdue"]
    "#);
    // What was done is not late, and what was closed undone is.
    assert!(late.iter().all(|action| action["id"] != "CA-1"));
    assert!(late.iter().any(|action| action["id"] == "CA-2"));
}

/// The issues, as GitHub has them.
fn issues(team: &Shell) -> String {
    let lines = team.github().issues(REPO).into_iter().map(|issue| {
        let parent = issue.parent.map(|parent| format!(" under #{parent}")).unwrap_or_default();
        format!("#{} {} {:?} {:?}{parent}", issue.number, issue.title, issue.labels, issue.assignees)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_second_run_of_every_step_changes_nothing() {
    let team = Shell::with_github();
    for line in [
        "init",
        "import checkout.txt",
        "accept --report IR-1",
        "assign CA-2 octo-ops",
        "due CA-4 2024-06-30 --reason \"the release moved\"",
        "start CA-2",
        "block CA-3 --reason \"no access yet\"",
        "done CA-1",
        "drop CA-4 --as obsolete --reason \"checkout is replaced\"",
        "publish",
        "sync",
    ] {
        team.runs(line);
        let (before, issues) = (team.everything(), team.github().issues(REPO).len());
        team.github().clear_requests();
        team.runs(line);
        assert_eq!(team.everything(), before, "followup {line}");
        assert_eq!(team.github().issues(REPO).len(), issues, "followup {line}");
        assert!(team.github().writes().is_empty(), "followup {line}: {:?}", team.github().writes());
    }
}

#[test]
fn an_edited_report_updates_adds_and_flags() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    let edited = super::REPORT
        .replace("thirty days before", "sixty days before")
        .replace("Renew automatically: Let the platform renew certificates without a person.\n", "")
        + "Game day: Rehearse an outage of the key store twice a year.\n";
    team.write("checkout.txt", edited);
    insta::assert_snapshot!(team.runs("import checkout.txt").page(), @"
    IR-1 “Checkout outage on 14 May 2024” (checkout.txt): revision 2 (sev2): 1 new, 1 changed, 1 no longer in it
    changed   CA-1   Alert on expiry (text)
    gone      CA-2   Renew automatically
    new       CA-5   Game day
    ---
    next: `followup accept --report IR-1` takes them on
    ");
    let actions = team.json("list");
    let told: Vec<String> = actions
        .as_array()
        .unwrap()
        .iter()
        .map(|action| format!("{} {} {} {}", action["id"], action["state"], action["title"], action["flags"]))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    "CA-1" "open" "Alert on expiry" []
    "CA-2" "open" "Renew automatically" ["unassigned","vanished"]
    "CA-3" "open" "Runbook for the key store" []
    "CA-4" "open" "Load test in staging" ["unassigned"]
    "CA-5" "proposed" "Game day" ["unassigned"]
    "#);
    // What was accepted keeps its words; the source that is quoted, and the issue, follow.
    assert!(team.json("show CA-1")["quote"].as_str().unwrap().contains("sixty days"));
    team.runs("sync");
    assert!(team.github().issue(REPO, 2).unwrap().body.contains("sixty days"));
    assert_eq!(team.runs("import checkout.txt").out.matches("nothing was changed").count(), 1);
}

#[test]
fn the_same_report_from_a_file_a_folder_and_standard_input_is_one() {
    let team = Shell::with_github();
    team.write("reports/checkout.txt", super::REPORT);
    team.runs("import checkout.txt");
    let before = team.everything();
    team.runs("import reports");
    team.run_with_input("import -", super::REPORT).exits(0);
    assert_eq!(team.everything(), before);
}
