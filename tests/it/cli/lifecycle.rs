//! An action's life at the command line, and the lists that find it again.

use serde_json::Value;

use super::{REPORT, Shell, refusals::refused};

/// The ids that a list prints.
fn ids(team: &Shell, filters: &str) -> String {
    let list = team.json(&format!("list {filters}"));
    let ids = list.as_array().unwrap().iter().map(|action| action["id"].as_str().unwrap().to_owned());
    ids.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_filter_leaves_what_it_says() {
    let mut team = Shell::with_accepted_actions();
    team.write(
        "second.md",
        "# Slow search\n\nSeverity: SEV1\n\n## Action items\n\n- Add a load test (owner: @octo-dev)\n",
    );
    team.runs("import second.md");
    team.runs("start CA-2");
    team.runs("block CA-3 --reason \"no access\"");
    team.runs("drop CA-4 --as obsolete --reason \"it is replaced\"");
    team.at("2024-06-05T09:00:00Z");
    assert_eq!(ids(&team, ""), "CA-1 CA-2 CA-3 CA-4 CA-5");
    assert_eq!(ids(&team, "--state open"), "CA-1");
    assert_eq!(ids(&team, "--state blocked --state dropped"), "CA-3 CA-4");
    assert_eq!(ids(&team, "--owner octo-lead"), "CA-1");
    assert_eq!(ids(&team, "--owner \"Grace Apio\""), "CA-1");
    assert_eq!(ids(&team, "--team payments"), "CA-1");
    assert_eq!(ids(&team, "--report IR-2"), "CA-5");
    assert_eq!(ids(&team, "--category testing"), "CA-4 CA-5");
    assert_eq!(ids(&team, "--category testing --state proposed"), "CA-5");
    assert_eq!(ids(&team, "--severity sev1"), "CA-5");
    assert_eq!(ids(&team, "--unassigned"), "CA-2 CA-4");
    assert_eq!(ids(&team, "--overdue"), "CA-1");
    assert_eq!(ids(&team, "--overdue --unassigned"), "");
}

#[test]
fn a_category_that_is_none_is_no_empty_list() {
    let team = Shell::with_accepted_actions();
    let told: Vec<String> = ["list --category nope", "list --category monitorng"]
        .iter()
        .map(|line| refused(&team, line, 2))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    usage: there is no category `nope`; there are configuration-management, testing, dependency-updates, incident-response, monitoring, documentation, automation, capacity, resilience, security, data-protection, access-control, deployment, communication, training, other
    → `[categories.NAME]` in followup.toml makes one of your own
    usage: there is no category `monitorng`; there are configuration-management, testing, dependency-updates, incident-response, monitoring, documentation, automation, capacity, resilience, security, data-protection, access-control, deployment, communication, training, other
    → did you mean `monitoring`? `[categories.NAME]` in followup.toml makes one of your own
    ");
    assert_eq!(ids(&team, "--category \"Incident Response\""), "");

    // One of the team's own is one; and still finds what is in it when the configuration no longer has it.
    let own = format!("{}\n[categories.compliance]\nwords = [\"gdpr\"]\n", super::CONFIG);
    team.write("followup.toml", &own);
    assert_eq!(ids(&team, "--category compliance"), "");
    team.runs("edit CA-2 --category compliance");
    team.write("followup.toml", super::CONFIG);
    assert_eq!(ids(&team, "--category compliance"), "CA-2");
}

#[test]
fn a_promise_that_moves_is_counted_and_the_first_one_stays() {
    let team = Shell::with_accepted_actions();
    team.runs("due CA-1 2024-06-10 --reason \"the vendor is late\"");
    insta::assert_snapshot!(team.runs("due CA-1 2024-06-20 --reason \"and later\"").page(), @"CA-1  open, due 2024-06-20, moved 2×, owner octo-lead: Alert on expiry");
    let action = team.json("show CA-1");
    assert_eq!(action["due_on"], "2024-06-20");
    assert_eq!(action["original_due_on"], "2024-05-31");
    assert_eq!(action["due_moves"], 2);
    // A day on which it stands already is no move.
    team.runs("due CA-1 2024-06-20");
    assert_eq!(team.json("show CA-1")["due_moves"], 2);
}

#[test]
fn unblocking_goes_back_to_where_it_was_and_reopening_to_open() {
    let team = Shell::with_accepted_actions();
    let state = || team.json("show CA-1")["state"].as_str().unwrap().to_owned();
    let seen: Vec<String> = [
        "start CA-1",
        "block CA-1 --reason \"no access\"",
        "unblock CA-1",
        "done CA-1",
        "reopen CA-1 --reason \"it came back\"",
        "drop CA-1 --as duplicate --duplicate-of CA-2 --reason \"the same work\"",
        "reopen CA-1",
    ]
    .iter()
    .map(|line| {
        team.runs(line);
        state()
    })
    .collect();
    assert_eq!(seen, ["in_progress", "blocked", "in_progress", "done", "open", "dropped", "open"]);
    assert_eq!(team.json("show CA-1")["disposition"], Value::Null);
}

#[test]
fn what_the_report_says_is_done_is_done_once_it_is_accepted_and_stays_so() {
    let team = Shell::with_github();
    team.write("done.md", "# Outage\n\n## Action items\n\n- [x] Tell the customers\n- [ ] Rotate the key\n");
    team.runs("import done.md");
    team.runs("accept CA-1 CA-2");
    let before = team.everything();
    team.runs("accept CA-1 CA-2");
    assert_eq!(team.everything(), before);
    assert_eq!(ids(&team, "--state done"), "CA-1");
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 1);
    assert_eq!(team.json("publish --include-done")["created"].as_array().unwrap().len(), 1);
}

#[test]
fn severity_and_repository_of_the_command_line_win_over_the_report() {
    let team = Shell::with_github();
    team.github().add_repo("acme/payments");
    team.runs("import checkout.txt --severity sev1 --repo acme/payments --accept");
    let actions = team.json("list");
    assert_eq!(actions[1]["severity"], "sev1");
    // Fifteen days from the later of the resolution and the acceptance.
    assert_eq!(actions[1]["due_on"], "2024-05-30");
    let summary = team.json("publish");
    assert_eq!(summary["created"][0]["issue"]["repo"], "acme/payments");
}

#[test]
fn what_the_command_line_says_anew_about_a_report_is_told() {
    let team = Shell::with_accepted_actions();
    let told = |line: &str| team.runs(line).out;
    let head = "IR-1 “Checkout outage on 14 May 2024” (checkout.txt): revision 1";
    assert_eq!(
        told("import checkout.txt --repo acme/payments"),
        format!("{head} (sev2): repository acme/payments\n")
    );
    let page = told("report show IR-1");
    assert!(page.contains("published to  acme/payments\n"), "{page}");
    assert_eq!(
        told("import checkout.txt --repo acme/core"),
        format!("{head} (sev2): repository acme/core (was acme/payments)\n")
    );
    assert_eq!(
        told("import checkout.txt --severity sev1"),
        format!("{head} (sev1): severity sev1 (was sev2)\n")
    );
    let said = &team.json("import checkout.txt --severity sev3")["reports"][0]["said"];
    assert_eq!(*said, serde_json::json!([{"what": "severity", "was": "sev1", "is": "sev3"}]));
    let again = told("import checkout.txt --repo acme/core --severity sev3");
    assert!(again.ends_with("is there already, word for word; nothing was changed\n"), "{again}");
}

#[test]
fn a_report_that_was_moved_and_renamed_is_recognised_by_a_person() {
    let team = Shell::with_github();
    let report = |title: &str, items: &[&str]| {
        let items: String = items.iter().map(|item| format!("- {item}\n")).collect();
        format!("# {title}\n\n## Action items\n\n{items}")
    };
    let items = ["Rotate the signing key", "Alert when the queue is long", "Train the on-call engineers"];
    team.write("draft.md", report("Notes", &items));
    team.runs("import draft.md --accept");
    std::fs::remove_file(team.path("draft.md")).unwrap();
    team.write("2024/keys.md", report("Signing keys expired", &[items[0], items[1], "Write a runbook"]));
    insta::assert_snapshot!(refused(&team, "import 2024/keys.md", 2), @"
    refused: 2024/keys.md: 2 of its actions are those of IR-1 “Notes”, which lay in draft.md and is no longer there: it may be that report, or another one
    → nothing was changed; `followup import 2024/keys.md --report IR-1` says that it is that one, moved, `--report new` that it is another
    ");
    insta::assert_snapshot!(refused(&team, "import 2024 checkout.txt --report IR-1", 2), @"
    usage: 2 reports cannot all be IR-1
    → name the one that it is
    ");
    insta::assert_snapshot!(refused(&team, "import 2024/keys.md --report IR-9", 2), @"
    not_found: there is no report IR-9
    → `followup report list` shows every report
    ");
    insta::assert_snapshot!(refused(&team, "import 2024/keys.md --report old", 2), @"
    usage: `old` is not the id of a report; expected something like `IR-7`, or `new`
    → `followup import --help` shows how it is written
    ");
    insta::assert_snapshot!(team.runs("import 2024/keys.md --report IR-1").out, @"
    IR-1 “Signing keys expired” (2024/keys.md): revision 2 (unknown): 1 new, 1 no longer in it
    gone      CA-3   Train the on-call engineers
    new       CA-4   Write a runbook
    ");
    // Now it is known, and asked for no more.
    assert!(team.runs("import 2024/keys.md").out.contains("word for word; nothing was changed"));

    std::fs::remove_file(team.path("2024/keys.md")).unwrap();
    team.write("other.md", report("The same once more", &items));
    team.run("import other.md").exits(2);
    assert!(team.runs("import other.md --report new").out.starts_with("IR-2 “The same once more”"));
    // What still is where it was is another report, and nobody is asked.
    team.write("2024/keys.md", report("Signing keys expired", &items));
    team.write("third.md", report("And again", &[items[0], items[2]]));
    assert!(team.runs("import third.md").out.starts_with("IR-3 “And again”"));
}

#[test]
fn a_day_ends_at_midnight_of_the_team() {
    let mut team = Shell::with_accepted_actions();
    // CA-1 is due on 31 May; Kampala is three hours ahead of UTC.
    team.at("2024-05-31T20:59:59Z");
    assert_eq!(ids(&team, "--overdue"), "");
    team.at("2024-05-31T21:00:00Z");
    assert_eq!(ids(&team, "--overdue"), "CA-1");
    assert_eq!(team.json("show CA-1")["days_overdue"], 1);
}

#[test]
fn reading_commands_write_nothing() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    let before = team.everything();
    for line in [
        "extract checkout.txt",
        "list",
        "show CA-1",
        "report list",
        "report show IR-1",
        "overdue --by owner",
        "overdue --as-of 2030-01-01",
        "publish --dry-run",
        "sync --dry-run",
        "doctor",
    ] {
        team.runs(line);
        assert_eq!(team.everything(), before, "followup {line}");
    }
    assert_eq!(REPORT, std::fs::read_to_string(team.path("checkout.txt")).unwrap());
}

#[test]
fn what_the_report_no_longer_has_is_taken_on_by_its_name_only() {
    let team = Shell::with_github();
    team.runs("import checkout.txt");
    let line = "Renew automatically: Let the platform renew certificates without a person.\n";
    team.write("checkout.txt", REPORT.replace(line, ""));
    team.runs("import checkout.txt");
    insta::assert_snapshot!(team.runs("accept --report IR-1").page(), @"
    CA-1  open, due 2024-05-31, owner octo-lead: Alert on expiry
    CA-3  open, due 2024-06-14, owner octo-dev: Runbook for the key store
    CA-4  open, due 2024-06-14, no owner: Load test in staging
    ---
    note: CA-2 is no longer in the report; `followup accept CA-2` takes it on
    ");
    assert_eq!(team.json("show CA-2")["state"], "proposed");
    team.runs("accept CA-2");
    assert_eq!(team.json("show CA-2")["state"], "open");
}

#[test]
fn a_known_report_that_is_imported_again_can_be_taken_on() {
    let team = Shell::with_github();
    team.runs("import checkout.txt");
    insta::assert_snapshot!(team.runs("import checkout.txt --accept").page(), @"IR-1 “Checkout outage on 14 May 2024” (checkout.txt): is there already, word for word; 4 actions accepted");
    insta::assert_snapshot!(team.runs("import checkout.txt --accept").page(), @"IR-1 “Checkout outage on 14 May 2024” (checkout.txt): is there already, word for word; nothing was changed");
}
