//! When is an action finished, and who says so: verification, waivers, and what people add, split, merge and take back.

use serde_json::{Value, json};

use super::{Shell, refusals::refused};

/// A team whose first action was done by its owner, octo-lead.
fn with_a_done_action() -> Shell {
    let team = Shell::with_accepted_actions();
    team.runs("done CA-1");
    team
}

fn states(team: &Shell) -> Vec<String> {
    let list = team.json("list");
    list.as_array().unwrap().iter().map(|action| action["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn somebody_else_verifies_and_no_name_of_the_owner_will_do() {
    let mut team = with_a_done_action();
    let told: Vec<String> = ["octo-lead", "@octo-lead", "\"Grace Apio\"", "Octo-Lead"]
        .iter()
        .map(|who| refused(&team, &format!("verify CA-1 --by {who}"), 2))
        .collect();
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    insta::assert_snapshot!(told[0], @"
    refused: CA-1: octo-lead owns it, and nobody verifies their own work
    → let somebody else look at it, and name them with --by WHO
    ");
    // The owner, by default.
    team.set("FOLLOWUP_ACTOR", "octo-lead");
    refused(&team, "verify CA-1", 2);
    team.set("FOLLOWUP_ACTOR", "ines");
    assert_eq!(team.json("verify CA-1 --reason \"ran the drill\"")[0]["state"], "verified");
    let before = team.everything();
    team.runs("verify CA-1");
    assert_eq!(team.everything(), before);
    let shown = team.json("show CA-1");
    assert_eq!(shown["verifier"], "ines");
    assert_eq!(shown["verified_at"], "2024-05-15T09:00:00Z");
    assert_eq!(shown["events"].as_array().unwrap().last().unwrap()["texts"]["reason"], "ran the drill");
}

#[test]
fn only_what_is_done_is_verified_or_rejected() {
    let team = with_a_done_action();
    insta::assert_snapshot!(refused(&team, "verify CA-2 --by ines", 2), @"
    refused: CA-2: cannot verify an action that is open
    → it can be started, blocked, done, waived or dropped
    ");
    refused(&team, "reject CA-2 --reason \"it is not done\"", 2);
    refused(&team, "reject CA-1", 2);
    assert_eq!(team.json("reject CA-1 --reason \"the alert never fired\"")[0]["state"], "in_progress");
    assert_eq!(team.json("show CA-1")["done_at"], Value::Null);
}

#[test]
fn a_waiver_has_a_reason_somebody_who_answers_for_it_and_an_end() {
    let team = Shell::with_accepted_actions();
    let waive = |rest: &str| format!("waive CA-1 --reason \"the vendor has no date\" {rest}");
    for incomplete in ["--accepted-by boss", "--until 2024-06-30"] {
        refused(&team, &waive(incomplete), 2);
    }
    let told: Vec<String> = ["2024-05-14", "2024-05-15", "2024-08-14", "soon"]
        .iter()
        .map(|until| refused(&team, &waive(&format!("--accepted-by boss --until {until}")), 2))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    refused: CA-1: a waiver until 2024-05-14 is over already; today is 2024-05-15
    → give a day after today with --until DATE
    refused: CA-1: a waiver until 2024-05-15 is over already; today is 2024-05-15
    → give a day after today with --until DATE
    refused: CA-1: a waiver until 2024-08-14 is too long; the policy allows one until 2024-08-13
    → waive it for a shorter time; it can be waived again when that is over
    usage: `soon` is not a date
    → write it as YYYY-MM-DD, as in 2026-05-31
    ");
    assert_eq!(states(&team)[0], "open");
    let waived = team.json(&waive("--accepted-by boss --until 2024-06-30"));
    assert_eq!(waived[0]["state"], "waived");
    let shown = team.json("show CA-1");
    assert_eq!((&shown["waived_until"], &shown["waived_by"]), (&json!("2024-06-30"), &json!("boss")));
    insta::assert_snapshot!(refused(&team, "due CA-1 2024-09-01 --reason \"later\"", 2), @"
    refused: CA-1: it is waived until 2024-06-30, and nothing is due before that is over
    → `followup reopen` ends the waiver; then a day can be promised
    ");
    team.runs("reopen CA-1 --reason \"the vendor has a date\"");
    let shown = team.json("show CA-1");
    assert_eq!((&shown["state"], &shown["waived_until"]), (&json!("open"), &Value::Null));
}

#[test]
fn of_fifty_the_one_that_refuses_is_named_and_the_others_are_done() {
    let team = Shell::with_accepted_actions();
    team.runs("drop CA-2 --as obsolete --reason \"it is replaced\"");
    let ran = team.run("start CA-1 CA-2 CA-3 CA-99 --format json").exits(2);
    let document = ran.json();
    insta::assert_snapshot!(ran.failure(), @"
    refused: 2 of 4 actions do not allow it; 2 other actions changed
    → set right what is named above, and give the command to those again
    ");
    let messages: Vec<&Value> =
        document["error"]["parts"].as_array().unwrap().iter().map(|part| &part["message"]).collect();
    assert_eq!(messages, ["CA-2: cannot start an action that is dropped", "there is no action CA-99"]);
    let ids: Vec<&Value> =
        document["actions"].as_array().unwrap().iter().map(|action| &action["id"]).collect();
    assert_eq!(ids, ["CA-1", "CA-3"]);
    assert_eq!(states(&team), ["in_progress", "dropped", "in_progress", "open"]);
    // One that refuses, of several.
    let ran = team.run("done CA-1 CA-2").exits(2);
    insta::assert_snapshot!(ran.page(), @"
    CA-1  done: Alert on expiry
    ---
    error: CA-2: cannot complete an action that is dropped; 1 other action changed
      → reopen it first
    ");
    assert_eq!(states(&team)[0], "done");
}

#[test]
fn what_somebody_adds_is_theirs_and_no_revision_of_the_report_lets_it_vanish() {
    let team = Shell::with_accepted_actions();
    insta::assert_snapshot!(
        team.runs("add \"Alert when the queue grows\" --report IR-1 --owner \"Grace Apio\" --due 2024-06-10").page(),
        @"CA-5  open, due 2024-06-10, owner octo-lead: Alert when the queue grows"
    );
    let before = team.everything();
    team.runs("add \"Alert when the queue  grows\" --report IR-1");
    assert_eq!(team.everything(), before);
    let added = team.json("show CA-5");
    assert_eq!((&added["category"], &added["kind"]), (&json!("monitoring"), &json!("detect")));
    assert_eq!((&added["added"], &added["quote"]), (&json!(true), &json!("")));
    team.write("checkout.txt", super::REPORT.replace("Alert on expiry", "Alert early on expiry"));
    team.runs("import checkout.txt");
    assert!(!team.json("show CA-5")["flags"].to_string().contains("vanished"));
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 5);
    refused(&team, "add \"x\" --report IR-9", 2);
    refused(&team, "add \" \" --report IR-1", 2);
    refused(&team, "add \"Too late\" --report IR-1 --due 2024-05-14", 2);
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn an_action_that_is_two_is_split_and_its_parts_know_where_they_come_from() {
    let team = Shell::with_accepted_actions();
    team.runs("assign CA-2 octo-dev");
    team.runs("publish");
    let split = "split CA-2 \"Rotate the key\" \"Write down how\"";
    let printed = team.json(split);
    assert_eq!((&printed[0]["id"], &printed[0]["title"]), (&json!("CA-2"), &json!("Rotate the key")));
    assert_eq!((&printed[1]["id"], &printed[1]["owner"]), (&json!("CA-5"), &json!("octo-dev")));
    assert_eq!(printed[1]["due_on"], printed[0]["due_on"]);
    assert_eq!(team.json("show CA-5")["split_from"], "CA-2");
    let before = team.everything();
    team.runs(split);
    assert_eq!(team.everything(), before);
    // The first part keeps the issue, the second gets its own.
    let number = printed[0]["issue"]["number"].as_u64().unwrap();
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 1);
    assert_eq!(team.github().issue(super::REPO, number).unwrap().title, "Rotate the key");
    team.runs("import checkout.txt");
    assert_eq!(team.json("audit verify")["ok"], true);
    refused(&team, "split CA-2 \"only one\"", 2);
    refused(&team, "split CA-2 \"one\" \"one\"", 2);
    team.runs("done CA-2");
    refused(&team, "split CA-2 \"one\" \"two\"", 2);
}

#[test]
fn actions_that_ask_for_the_same_become_one_that_both_reports_ask_for() {
    let team = Shell::with_accepted_actions();
    team.write(
        "second.md",
        "# It happened again\n\n## Action items\n\n- Alert before keys expire (owner: @octo-dev)\n",
    );
    team.runs("import second.md");
    team.runs("publish");
    let printed = team.json("merge CA-2 CA-5 --reason \"the same alert\"");
    assert_eq!((&printed[1]["state"], &printed[1]["disposition"]), (&json!("dropped"), &json!("duplicate")));
    assert_eq!(printed[0]["owner"], "octo-dev");
    let shown = team.json("show CA-2");
    assert_eq!(shown["further_reports"], json!([{ "id": "IR-2", "title": "It happened again" }]));
    let before = team.everything();
    team.runs("merge CA-2 CA-5");
    assert_eq!(team.everything(), before);
    // Neither a circle nor itself.
    let told = [refused(&team, "merge CA-5 CA-2", 2), refused(&team, "merge CA-2 CA-2", 2)];
    insta::assert_snapshot!(told.join("\n"), @"
    refused: CA-5: cannot merge others into an action that is dropped
    → reopen it first
    refused: CA-2: an action cannot be a duplicate of itself
    → name the action that is done instead
    ");
    team.runs("unlink CA-2 IR-2");
    assert_eq!(team.json("show CA-2")["further_reports"], json!([]));
    team.runs("link CA-2 IR-2");
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn what_waits_for_itself_by_way_of_others_is_refused() {
    let team = Shell::with_accepted_actions();
    team.runs("block CA-1 --by CA-2 --reason \"needs the key\"");
    team.runs("block CA-2 --by CA-3 --reason \"needs the runbook\"");
    let told = [
        refused(&team, "block CA-3 --by CA-1 --reason x", 2),
        refused(&team, "block CA-3 --by CA-3 --reason x", 2),
        refused(&team, "block CA-3 --by CA-99 --reason x", 2),
        refused(&team, "drop CA-3 --as duplicate --duplicate-of CA-3 --reason x", 2),
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    refused: CA-3: it cannot wait for CA-1: that one waits for it
    → name what has to be done first; `followup show` tells what each one waits for
    refused: CA-3: an action cannot wait for itself
    → name what has to be done first; `followup show` tells what each one waits for
    not_found: there is no action CA-99
    → `followup list` shows every action
    refused: CA-3: an action cannot be a duplicate of itself
    → name the action that is done instead
    ");
    team.runs("drop CA-4 --as duplicate --duplicate-of CA-3 --reason x");
    refused(&team, "drop CA-3 --as duplicate --duplicate-of CA-4 --reason x", 2);
    assert_eq!(team.json("show CA-1")["blocked_by"], json!(["CA-2"]));
    team.runs("unblock CA-1");
    assert_eq!(team.json("show CA-1")["blocked_by"], json!([]));
}

#[test]
fn what_somebody_did_last_is_taken_back_step_by_step() {
    let mut team = Shell::with_accepted_actions();
    let begin = team.json("list");
    team.runs("assign CA-1 CA-2 octo-dev");
    let assigned = team.json("list");
    team.runs("edit CA-1 --title \"Rotate the keys of all zones\"");
    team.runs("done CA-3");
    assert_eq!(team.json("undo")[0]["state"], "open");
    assert_eq!(team.json("undo")[0]["title"], begin[0]["title"]);
    assert_eq!(team.json("list"), assigned);
    // What was done to several at once is taken back at once.
    assert_eq!(team.json("undo").as_array().unwrap().len(), 2);
    assert_eq!(team.json("list"), begin);
    assert_eq!(team.json("audit verify")["ok"], true);
    // Somebody else did nothing yet.
    team.set("FOLLOWUP_ACTOR", "ines");
    insta::assert_snapshot!(refused(&team, "undo", 2), @"
    refused: ines did nothing that can be taken back
    → `followup undo CA-1` takes back what anybody did last to one action
    ");
    team.runs("undo CA-1");
    assert_eq!(states(&team), ["proposed", "open", "open", "open"]);
}

#[test]
fn what_has_an_issue_or_was_done_on_github_is_not_taken_back() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    let accepted = refused(&team, "undo CA-1", 2);
    let number = team.json("show CA-1")["issue"]["number"].as_u64().unwrap();
    team.github().close(super::REPO, number, github_sandbox::CloseReason::Completed, "octo-lead").unwrap();
    team.runs("sync");
    let told = [accepted, refused(&team, "undo CA-1", 2)];
    insta::assert_snapshot!(told.join("\n"), @"
    refused: CA-1: action.accepted cannot be taken back
    → it has an issue by now; `followup drop` says that it will not be done
    refused: CA-1: what happened last is action.done by octo-lead, and nobody here did that
    → set right by hand what is wrong; `followup show` has the history
    ");
}

#[test]
fn a_waiver_ends_by_itself_and_a_missed_day_stays_missed() {
    let mut team = Shell::with_accepted_actions();
    team.runs("publish");
    team.runs("waive CA-1 --reason \"the vendor has no date\" --accepted-by boss --until 2024-06-30");
    team.runs("sync");
    let number = team.json("show CA-1")["issue"]["number"].as_u64().unwrap();
    let issue = team.github().issue(super::REPO, number).unwrap();
    assert_eq!(issue.state_reason.as_deref(), Some("not_planned"));
    assert!(
        issue
            .body
            .contains("**Waived** until 2024-06-30. The risk is accepted by boss: the vendor has no date")
    );
    assert!(issue.labels.contains(&"ca:waived".to_owned()), "{:?}", issue.labels);
    // On its last day it still holds.
    team.at("2024-06-30T18:00:00Z");
    assert_eq!(team.json("tick")["waivers_ended"], json!([]));
    team.at("2024-06-30T21:30:00Z");
    let foreseen = team.json("tick --dry-run");
    let ticked = team.json("tick");
    assert_eq!(ticked, foreseen);
    assert_eq!(ticked["waivers_ended"], json!(["CA-1"]));
    let before = team.everything();
    assert_eq!(team.json("tick")["breaches"], json!([]));
    assert_eq!(team.everything(), before);
    team.runs("sync");
    let issue = team.github().issue(super::REPO, number).unwrap();
    assert_eq!((issue.state.as_str(), issue.body.contains("Waived")), ("open", false));
    // Moving the day, and doing it after all, leave what was missed.
    team.runs("due CA-1 2024-07-10 --reason \"the vendor has a date\"");
    team.runs("done CA-1");
    assert_eq!(
        team.json("show CA-1")["breaches"],
        json!([{ "deadline": "complete", "due_on": "2024-05-31" }])
    );
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn a_day_that_moves_after_it_was_over_was_missed_though_nobody_ticked() {
    let mut team = Shell::with_accepted_actions();
    team.at("2024-06-03T09:00:00Z");
    team.runs("due CA-1 2024-06-20 --reason \"parts are late\"");
    assert_eq!(team.json("show CA-1")["breaches"][0]["due_on"], "2024-05-31");
    assert!(team.json("tick")["breaches"].as_array().unwrap().is_empty());
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn who_accepted_a_risk_is_erased_with_the_words_and_the_history_holds() {
    let team = Shell::with_accepted_actions();
    team.runs("waive CA-1 --reason \"the vendor has no date\" --accepted-by boss --until 2024-06-30");
    team.runs("audit erase --person boss --reason \"asked for\" --yes");
    let shown = team.json("show CA-1");
    assert_eq!((&shown["waived_by"], &shown["waived_until"]), (&Value::Null, &json!("2024-06-30")));
    assert_eq!(team.json("audit verify")["ok"], true);
    // What was erased does not come back with what is taken back.
    team.runs("reopen CA-1");
    team.runs("undo CA-1");
    let shown = team.json("show CA-1");
    assert_eq!((&shown["state"], &shown["waived_by"]), (&json!("waived"), &Value::Null));
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn what_nobody_showed_and_what_is_waived_for_two_more_weeks_is_flagged() {
    let mut team = with_a_done_action();
    team.runs("waive CA-2 --reason \"the vendor has no date\" --accepted-by boss --until 2024-06-30");
    team.at("2024-05-22T09:00:00Z");
    let flags = |team: &Shell, id: &str| team.json(&format!("show {id}"))["flags"].clone();
    assert_eq!([flags(&team, "CA-1"), flags(&team, "CA-2")], [json!([]), json!([])]);
    team.at("2024-06-16T09:00:00Z");
    assert_eq!([flags(&team, "CA-1"), flags(&team, "CA-2")], [json!(["unproven"]), json!(["waiver_ending"])]);
    team.runs("evidence add CA-1 https://github.com/acme/platform/pull/12");
    assert_eq!(flags(&team, "CA-1"), json!([]));
}

#[test]
fn what_another_did_since_is_never_taken_back_and_a_missed_day_stands_in_nobodys_way() {
    let mut team = Shell::with_accepted_actions();
    team.runs("assign CA-1 octo-dev");
    team.at("2024-06-03T09:00:00Z");
    team.runs("tick");
    team.runs("undo");
    assert_eq!(team.json("show CA-1")["owner"], "octo-lead");
    team.runs("assign CA-1 octo-dev");
    team.set("FOLLOWUP_ACTOR", "ines");
    team.runs("start CA-1");
    team.set("FOLLOWUP_ACTOR", "grace");
    insta::assert_snapshot!(refused(&team, "undo", 2), @"
    refused: CA-1: action.started by ines came after what you did last
    → talk to them; `followup undo ID` takes back what was done last to one action
    ");
    assert_eq!(team.json("show CA-1")["state"], "in_progress");
}

#[test]
fn what_is_late_and_refused_is_left_as_it_was() {
    let mut team = Shell::with_accepted_actions();
    team.runs("block CA-2 --by CA-1 --reason \"needs the key\"");
    team.at("2024-06-03T09:00:00Z");
    refused(&team, "block CA-1 --by CA-2 --reason \"needs the key\"", 2);
    assert_eq!(team.json("show CA-1")["breaches"], json!([]));
}
