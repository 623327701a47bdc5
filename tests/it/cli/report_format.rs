//! Our own report format at the command line: what `extract` prints is read again, and mistakes are told with their place.

use serde_json::{Value, json};

use super::{REPORT, Shell};

/// Reports in every format, by their names.
const REPORTS: [(&str, &str); 5] = [
    ("checkout.txt", REPORT),
    ("mail.txt", include_str!("../../../examples/reports/2026-02-11-mail-delay.txt")),
    ("payments.md", include_str!("../../../examples/reports/2026-03-03-card-payments.md")),
    ("prices.yaml", include_str!("../../../examples/reports/2026-04-20-stale-prices.yaml")),
    ("doors.json", include_str!("../../../examples/reports/2026-05-04-door-readers.json")),
];

/// What `extract` says, without where things stand in the file and what was doubtful.
fn told(mut document: Value) -> Value {
    for key in ["format", "source"] {
        document["report"][key] = Value::Null;
    }
    for action in document["actions"].as_array_mut().unwrap() {
        for key in ["line", "rule", "why", "matched"] {
            action[key] = Value::Null;
        }
    }
    json!({"report": document["report"], "actions": document["actions"]})
}

#[test]
fn what_extract_prints_is_read_the_same() {
    let team = Shell::with_github();
    for (name, text) in REPORTS {
        team.write(name, text);
        for explain in ["", " --explain"] {
            let first = team.json(&format!("extract {name}{explain}"));
            assert_ne!(first["actions"], json!([]), "{name}");
            team.write("again.json", first.to_string());
            let second = team.json(&format!("extract again.json{explain}"));
            assert_eq!(told(second.clone()), told(first), "{name}");
            assert_eq!(second["report"]["format"], "json");
            // And so on, for ever.
            team.write("again.json", second.to_string());
            assert_eq!(team.json(&format!("extract again.json{explain}")), second, "{name}");
        }
    }
}

#[test]
fn what_was_extracted_is_imported_like_the_report() {
    let imported = |name: &str, text: &str| {
        let team = Shell::with_github();
        team.write("report.in", text);
        std::fs::rename(team.path("report.in"), team.path(name)).unwrap();
        team.runs(&format!("import {name} --accept"));
        let mut actions = team.json("list");
        for action in actions.as_array_mut().unwrap() {
            action["report"] = Value::Null;
        }
        actions
    };
    for (name, text) in REPORTS {
        let team = Shell::with_github();
        team.write(name, text);
        let extracted = team.runs(&format!("extract {name} --format json")).out;
        assert_eq!(imported("extracted.json", &extracted), imported(name, text), "{name}");
    }
}

#[test]
fn what_was_extracted_and_imported_again_changes_nothing() {
    let team = Shell::with_github();
    team.write(
        "disks.md",
        "# Disks were full\n\nDate: 2024-05-14\n\n## Action items\n\n- Alert on full disks. Ticket: #3\n  - It rings\n  - \
         Success criteria:\n    - it rang in a test\n    - somebody came\n- Rehearse the restore, see #4. Done when it took an hour\n",
    );
    team.runs("import disks.md --accept");
    let before = [team.json("show CA-1"), team.json("show CA-2")];
    assert_eq!(before[0]["tracked_in"], "#3");
    assert_eq!(before[0]["description"], "It rings\nSuccess criteria: it rang in a test; somebody came");
    let extracted = team.json("extract disks.md");
    let second = &extracted["actions"][1];
    assert_eq!(
        (&second["issue_refs"], &second["tracked_in"], &second["success_criteria"]),
        (&json!(["#4"]), &Value::Null, &json!("it took an hour"))
    );
    // The report lies there as JSON from now on.
    std::fs::remove_file(team.path("disks.md")).unwrap();
    team.write("disks.json", extracted.to_string());
    let ran = team.runs("import disks.json");
    assert!(
        ran.out.contains("IR-1 “Disks were full” (disks.json): revision 2 (unknown): no action changed"),
        "{}",
        ran.out
    );
    for (id, before) in ["CA-1", "CA-2"].into_iter().zip(before) {
        let after = team.json(&format!("show {id}"));
        for key in [
            "title",
            "text",
            "description",
            "quote",
            "section",
            "owner",
            "due_on",
            "category",
            "kind",
            "tracked_in",
        ] {
            assert_eq!(after[key], before[key], "{id} {key}");
        }
    }
}

#[test]
fn what_was_extracted_is_the_report_beside_it() {
    let team = Shell::with_github();
    for (name, text) in REPORTS {
        team.write(&format!("reports/{name}"), text);
    }
    team.runs("import reports --accept");
    let before = team.everything();
    for (name, _) in REPORTS {
        let extracted = team.runs(&format!("extract reports/{name} --format json")).out;
        team.write(&format!("reports/{name}.json"), &extracted);
        let ran = team.runs(&format!("import reports/{name}.json"));
        assert!(ran.out.contains("is there already, with all that this file says"), "{}", ran.out);
        let piped = team.run_with_input("import -", &extracted).exits(0);
        assert!(piped.out.contains("nothing was changed"), "{}", piped.out);
    }
    // Also all at once, and in whatever order: nothing is there twice, and nothing changes.
    team.runs("import reports");
    assert_eq!(team.everything(), before);
    let other = Shell::with_github();
    other.write("b.md", "# Fire\n\n## Action items\n\n- Buy sand\n- Call the fire brigade\n");
    other.write("a.json", other.runs("extract b.md --format json").out);
    insta::assert_snapshot!(other.runs("import a.json b.md").out, @"
    IR-1 “Fire” (a.json): is there already, with all that this file says; nothing was changed
    IR-1 “Fire” (b.md): imported, 2 actions proposed, CA-1 to CA-2
    ");

    // What a person corrects in it changes the report, which stays where it is.
    let mut corrected = other.json("extract b.md");
    corrected["actions"][1]["owner_text"] = json!("octo-dev");
    other.write("a.json", corrected.to_string());
    insta::assert_snapshot!(other.runs("import a.json").out, @"
    IR-1 “Fire” (a.json): revision 2 (unknown): 1 changed
    changed   CA-2   Call the fire brigade (owner)
    ");
    assert!(other.json("report list")[0]["source"].as_str().unwrap().ends_with("/b.md"));
    let action = other.json("show CA-2");
    assert_eq!((&action["owner"], &action["line"]), (&json!("octo-dev"), &json!(6)));

    // The name alone says nothing: there may be another report under it.
    corrected["report"]["title"] = json!("Flood");
    corrected["actions"] = json!([{"text": "Dry the cellar"}, {"text": "Lay new cables"}]);
    other.write("c.json", corrected.to_string());
    assert!(other.runs("import c.json").out.starts_with("IR-2 “Flood” (c.json): imported, 2 actions"));
}

#[test]
fn a_mistake_is_told_with_its_place_and_nothing_is_imported() {
    let team = Shell::with_github();
    team.write("good.md", "# Fire\n\n## Action items\n- Buy sand\n");
    team.write("bad.yaml", "followup: report\nactions:\n  - text: Buy sand\n    ownr: Ann\n");
    let ran = team.run("import good.md bad.yaml").exits(6);
    assert!(ran.err.contains("bad.yaml: line 4, column 5: `ownr` is no key of an action"), "{}", ran.err);
    assert!(ran.err.contains("did you mean `owner`?"), "{}", ran.err);
    let failure = team.run("extract bad.yaml --format json").exits(6).json();
    assert_eq!(failure["error"]["code"], "bad_input");
    assert!(failure["error"]["hint"].as_str().unwrap().contains("`owner`"));
    assert!(!team.path("followup.db").exists());
    team.write("compose.yaml", "services:\n  web: {}\n");
    let ran = team.run("extract compose.yaml").exits(6);
    assert!(
        ran.err.contains("begins with `services`") && ran.err.contains("`followup: report`"),
        "{}",
        ran.err
    );
}

#[test]
fn a_report_by_hand_becomes_actions() {
    let team = Shell::with_github();
    team.write("prices.yaml", REPORTS[3].1);
    team.runs("import prices.yaml");
    assert_eq!(team.json("report list")[0]["title"], "Search showed the prices of the day before");
    let actions = team.json("list");
    let told: Vec<_> = actions
        .as_array()
        .unwrap()
        .iter()
        .map(|action| {
            json!([
                action["title"],
                action["owner"],
                action["due_on"],
                action["priority"],
                action["kind"],
                action["category"]
            ])
        })
        .collect();
    assert_eq!(
        told[0],
        json!([
            "Stop the import at the first line it cannot write",
            "octo-lead",
            "2026-05-06",
            "high",
            "prevent",
            "resilience"
        ])
    );
    assert_eq!(told[1][2], "2026-05-31");
    assert_eq!(told[1][4], "detect");
    assert_eq!(told[3][2], "2026-09-30");
}
