//! The JSON that outside programs read: its fields and their types, command by command.

use serde_json::{Value, json};

use super::{Ran, Shell};

/// What a field may hold.
#[derive(Clone, Copy)]
enum Is {
    Text,
    Id(&'static str),
    Number,
    Bool,
    Day,
    Moment,
    List,
    Object,
    OneOf(&'static [&'static str]),
    Or(&'static Self),
}

use Is::{Bool, Day, Id, List, Moment, Number, Object, OneOf, Or, Text};

const STATES: &[&str] =
    &["proposed", "open", "in_progress", "blocked", "done", "verified", "waived", "dropped"];
const ISSUE_STATES: &[&str] = &["open", "closed"];
const SEVERITIES: &[&str] = &["sev1", "sev2", "sev3", "sev4", "unknown"];
const DISPOSITIONS: &[&str] = &["declined", "duplicate", "superseded", "obsolete", "not_planned"];
const PRIORITIES: &[&str] = &["urgent", "high", "medium", "low"];
const KINDS: &[&str] = &["prevent", "mitigate", "detect", "process", "repair", "investigate", "other"];

const ACTION: &[(&str, Is)] = &[
    ("id", Id("CA-")),
    ("title", Text),
    ("state", OneOf(STATES)),
    ("disposition", Or(&OneOf(DISPOSITIONS))),
    ("owner", Or(&Text)),
    ("team", Or(&Text)),
    ("verifier", Or(&Text)),
    ("due_on", Or(&Day)),
    ("original_due_on", Or(&Day)),
    ("due_moves", Number),
    ("overdue", Bool),
    ("days_overdue", Number),
    ("priority", OneOf(PRIORITIES)),
    ("severity", OneOf(SEVERITIES)),
    ("category", Text),
    ("kind", OneOf(KINDS)),
    ("flags", List),
    ("report", Object),
    ("issue", Or(&Object)),
    ("created_at", Moment),
    ("done_at", Or(&Moment)),
    ("verified_at", Or(&Moment)),
];

/// Checks the fields of an object; more may stand beside them.
#[track_caller]
fn has(object: &Value, fields: &[(&str, Is)]) {
    for (name, is) in fields {
        let value = object.get(name).unwrap_or_else(|| panic!("no `{name}` in {object}"));
        assert!(fits(value, *is), "`{name}` is {value} in {object}");
    }
}

fn fits(value: &Value, is: Is) -> bool {
    let text = value.as_str();
    match is {
        Text => text.is_some(),
        Id(prefix) => text
            .and_then(|text| text.strip_prefix(prefix))
            .is_some_and(|number| number.parse::<u32>().is_ok()),
        Number => value.is_i64(),
        Bool => value.is_boolean(),
        Day => text.is_some_and(|text| text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok()),
        // Seconds and an offset, no fractions.
        Moment => {
            text.is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok() && !text.contains('.'))
        }
        List => value.is_array(),
        Object => value.is_object(),
        OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        Or(is) => value.is_null() || fits(value, *is),
    }
}

/// Checks an action as `list`, `overdue`, `show` and every command of its life print it.
#[track_caller]
pub(super) fn is_an_action(action: &Value) {
    has(action, ACTION);
    has(&action["report"], &[("id", Id("IR-")), ("title", Text)]);
    if action["issue"].is_object() {
        has(
            &action["issue"],
            &[
                ("tracker", Text),
                ("repo", Text),
                ("number", Number),
                ("url", Text),
                ("state", OneOf(ISSUE_STATES)),
                ("state_reason", Or(&Text)),
            ],
        );
    }
    for flag in action["flags"].as_array().unwrap() {
        assert!(flag.is_string(), "{flag}");
    }
    assert_eq!(action["overdue"], json!(action["days_overdue"].as_i64().unwrap() > 0), "{action}");
}

#[track_caller]
fn are_actions(list: &Value) -> usize {
    let list = list.as_array().unwrap_or_else(|| panic!("not a list: {list}"));
    list.iter().for_each(is_an_action);
    list.len()
}

/// Checks the answer of `publish` and `sync`.
#[track_caller]
fn is_a_summary(summary: &Value) {
    has(
        summary,
        &[
            ("created", List),
            ("adopted", List),
            ("linked", List),
            ("updated", List),
            ("parents", List),
            ("observed", Number),
            ("changed", List),
            ("waiting", List),
            ("unknown", List),
            ("needs_human", List),
            ("requests", Number),
        ],
    );
    for name in ["created", "adopted", "linked", "updated", "changed", "parents"] {
        for line in summary[name].as_array().unwrap() {
            let prefix = if name == "parents" { "IR-" } else { "CA-" };
            has(line, &[("id", Id(prefix)), ("issue", Object)]);
        }
    }
    for pending in summary["needs_human"].as_array().unwrap() {
        has(pending, &[("id", Text), ("what", Text), ("command", Or(&Text))]);
    }
}

#[test]
fn a_list_holds_actions_in_every_state_and_nothing_beside_the_contract() {
    let team = Shell::with_accepted_actions();
    team.runs("done CA-1");
    team.runs("drop CA-2 --as obsolete --reason \"it is replaced\"");
    team.runs("publish");
    let list = team.json("list");
    assert_eq!(are_actions(&list), 4);
    let names: Vec<&String> = list[0].as_object().unwrap().keys().collect();
    let mut known: Vec<&str> = ACTION.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(names, known);
    assert_eq!(list[2]["issue"]["state"], "open");
}

#[test]
fn every_command_of_a_life_prints_its_actions() {
    let team = Shell::with_github();
    team.runs("import checkout.txt");
    for (line, count) in [
        ("accept --report IR-1", 4),
        ("accept --report IR-1", 0),
        ("assign CA-1 CA-2 octo-dev", 2),
        ("due CA-1 CA-2 2024-07-01 --reason later", 2),
        ("start CA-1", 1),
        ("block CA-1 --reason \"no access\"", 1),
        ("unblock CA-1", 1),
        ("done CA-1 CA-2", 2),
        ("reopen CA-1 --reason \"it came back\"", 1),
        ("drop CA-1 --as not_planned --reason \"too dear\"", 1),
    ] {
        assert_eq!(are_actions(&team.json(line)), count, "followup {line}");
    }
    let declined = Shell::with_github();
    declined.runs("import checkout.txt");
    let list = declined.json("decline CA-1 --reason \"it is done elsewhere\"");
    assert_eq!((are_actions(&list), &list[0]["disposition"]), (1, &json!("declined")));
}

#[test]
fn show_prints_one_action_with_its_history() {
    let team = Shell::with_accepted_actions();
    let action = team.json("show CA-1");
    is_an_action(&action);
    has(
        &action,
        &[("quote", Text), ("section", Or(&Text)), ("line", Number), ("events", List), ("text", Text)],
    );
    for event in action["events"].as_array().unwrap() {
        has(event, &[("seq", Number), ("at", Moment), ("actor", Text), ("kind", Text)]);
    }
}

#[test]
fn overdue_is_a_list_in_every_grouping() {
    let mut team = Shell::with_accepted_actions();
    assert_eq!(team.json("overdue"), json!([]));
    team.at("2025-01-01T00:00:00Z");
    for by in ["", " --by owner", " --by team", " --by report", " --by category"] {
        assert_eq!(are_actions(&team.json(&format!("overdue{by}"))), 4, "{by}");
    }
    assert_eq!(are_actions(&team.json("overdue --as-of 2024-06-01")), 1);
}

#[test]
fn publish_and_sync_say_what_they_did_once_for_each_action() {
    let team = Shell::with_accepted_actions();
    let planned = team.json("publish --dry-run");
    is_a_summary(&planned);
    assert_eq!((planned["created"].as_array().unwrap().len(), &planned["requests"]), (4, &json!(0)));
    let summary = team.json("publish");
    is_a_summary(&summary);
    assert_eq!(summary["created"].as_array().unwrap().len(), 4);
    assert_eq!(summary["parents"].as_array().unwrap().len(), 1);
    for line in summary["created"].as_array().unwrap() {
        has(&line["issue"], &[("tracker", Text), ("repo", Text), ("number", Number), ("url", Text)]);
    }
    team.github().close(super::REPO, 2, github_sandbox::CloseReason::Completed, "octo-dev").unwrap();
    let planned = team.json("sync --dry-run");
    is_a_summary(&planned);
    assert_eq!(team.json("show CA-1")["state"], "open");
    let summary = team.json("sync");
    is_a_summary(&summary);
    assert_eq!((&summary["observed"], &summary["changed"][0]["id"]), (&json!(5), &json!("CA-1")));
    is_a_summary(&team.json("sync --no-wait"));
    is_a_summary(&team.json("publish --no-wait --report IR-1 --include-done"));
}

#[test]
fn extract_is_an_object_for_one_source_and_a_list_for_several() {
    let team = Shell::with_github();
    let one = team.json("extract checkout.txt");
    is_a_reading(&one);
    assert_eq!(
        (&one["report"]["severity"], &one["report"]["source"]),
        (&json!("sev2"), &json!("checkout.txt"))
    );
    assert_eq!(one["actions"].as_array().unwrap().len(), 4);
    team.write(
        "second.md",
        "# Second\n\n## Action items\n\n- [ ] Rotate the key\n- [x] Tell the customers\n- TBD\n",
    );
    let several = team.json("extract checkout.txt second.md");
    several.as_array().unwrap().iter().for_each(is_a_reading);
    let done: Vec<&Value> =
        several[1]["actions"].as_array().unwrap().iter().map(|action| &action["done"]).collect();
    assert_eq!(done, [&json!(false), &json!(true)]);
    let explained = team.json("extract checkout.txt --explain");
    has(&explained["actions"][0], &[("rule", Text), ("why", Text), ("matched", List)]);
    let explained = team.json("extract second.md --explain");
    has(&explained["near_misses"][0], &[("text", Text), ("line", Number), ("rule", Text), ("why", Text)]);
    is_a_reading(&team.run_with_input("extract - --format json", super::REPORT).exits(0).json());
}

#[track_caller]
fn is_a_reading(reading: &Value) {
    has(reading, &[("report", Object), ("actions", List), ("warnings", List)]);
    has(
        &reading["report"],
        &[
            ("title", Or(&Text)),
            ("incident_date", Or(&Day)),
            ("report_date", Or(&Day)),
            ("started_at", Or(&Moment)),
            ("resolved_at", Or(&Moment)),
            ("duration_minutes", Or(&Number)),
            ("severity", OneOf(SEVERITIES)),
            ("root_cause", Or(&Text)),
            ("people", List),
            ("language", Or(&Text)),
            ("format", Text),
            ("source", Text),
        ],
    );
    for person in reading["report"]["people"].as_array().unwrap() {
        has(person, &[("name", Text), ("role", Or(&Text)), ("login", Or(&Text))]);
    }
    for action in reading["actions"].as_array().unwrap() {
        has(
            action,
            &[
                ("text", Text),
                ("title", Text),
                ("description", Or(&Text)),
                ("section", Or(&Text)),
                ("line", Number),
                ("owner_text", Or(&Text)),
                ("owner", Or(&Text)),
                ("due_text", Or(&Text)),
                ("due_on", Or(&Day)),
                ("done", Or(&Bool)),
                ("priority_text", Or(&Text)),
                ("priority", Or(&OneOf(PRIORITIES))),
                ("kind", OneOf(KINDS)),
                ("category", Text),
                ("links", List),
                ("issue_refs", List),
                ("tracked_in", Or(&Text)),
            ],
        );
    }
}

#[test]
fn the_other_commands_print_one_document_too() {
    let team = Shell::with_github();
    has(&team.json("init"), &[("config", Text), ("database", Text)]);
    let imported = team.json("import checkout.txt");
    assert_eq!(are_actions(&imported["reports"][0]["actions"]), 4);
    has(&imported["reports"][0], &[("id", Id("IR-")), ("fate", Text), ("added", Number), ("warnings", List)]);
    has(&team.json("report list")[0], &[("id", Id("IR-")), ("title", Text), ("severity", OneOf(SEVERITIES))]);
    assert_eq!(are_actions(&team.json("report show IR-1")["actions"]), 4);
    has(&team.json("doctor")["findings"][0], &[("what", Text), ("standing", Text), ("message", Text)]);
    let demo = team.json("demo");
    assert!(are_actions(&demo["actions"]) > are_actions(&demo["overdue"]));
}

#[test]
fn nothing_is_an_empty_list() {
    let team = Shell::with_github();
    team.runs("init");
    for line in ["list", "list --overdue", "overdue", "report list"] {
        assert_eq!(team.json(line), json!([]), "followup {line}");
    }
    is_a_summary(&team.json("publish"));
    is_a_summary(&team.json("sync"));
}

/// A failure is one document too, with the same exit code.
#[track_caller]
pub(super) fn is_a_failure(ran: &Ran) {
    has(&ran.json()["error"], &[("code", Text), ("message", Text), ("hint", Text)]);
}
