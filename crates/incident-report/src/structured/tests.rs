//! Reports in our own format, right and wrong.

use chrono::NaiveDate;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Format, Miss, Options, Precision, ReadError, Reading, Severity, read, read_bytes};

const BY_HAND: &str = "\
followup: report
version: 1

title: Boiler out of order
incident_date: 2026-01-20
report_date: 22 January 2026
started_at: 2026-01-20 06:10 EAT
resolved_at: 2026-01-20T09:40:00+03:00
severity: sev2
services: [heating, hot water]
root_cause: |
  The pump had no power
  and nobody was told.
people:
  - name: Ada Okot
    role: Incident lead
    login: \"@aokot\"
  - Ben Mwangi
x-house: Kampala

actions:
  - title: Alarm on the pump
    description: Ring when the pump has no power
    owner: Ada Okot
    due: end of March
    priority: high
    kind: detect
    category: monitoring
    status: in_progress
    issue: 12
    links: [\"https://acme.test/pump\"]
    success_criteria:
      - the alarm rang in a test
    section: Short term
  - text: Second pump
    done: true
";

fn yaml(text: &str) -> Result<Reading, ReadError> {
    read_bytes(text.as_bytes(), &Options { format: Some(Format::Yaml), ..Options::default() })
}

fn json(document: &Value) -> Result<Reading, ReadError> {
    read_bytes(document.to_string().as_bytes(), &Options { format: Some(Format::Json), ..Options::default() })
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

#[test]
fn a_report_by_hand_is_read_whole() {
    let Reading { report, actions, warnings, .. } = read(BY_HAND, &Options::default());
    assert_eq!(warnings, []);
    assert_eq!(report.format, Format::Yaml);
    assert_eq!(report.title.as_deref(), Some("Boiler out of order"));
    assert_eq!(report.incident_date, day(2026, 1, 20));
    assert_eq!(report.report_date, day(2026, 1, 22));
    assert_eq!(report.started_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-01-20T06:10:00+03:00"));
    assert_eq!(report.resolved_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-01-20T09:40:00+03:00"));
    assert_eq!(report.duration_minutes, Some(210));
    assert_eq!(report.severity, Some(Severity::Sev2));
    assert_eq!(report.services, ["heating", "hot water"]);
    assert_eq!(report.root_cause.as_deref(), Some("The pump had no power\nand nobody was told."));
    let people: Vec<_> =
        report.people.iter().map(|p| (p.name.as_str(), p.role.as_deref(), p.login.as_deref())).collect();
    assert_eq!(people, [("Ada Okot", Some("Incident lead"), Some("aokot")), ("Ben Mwangi", None, None)]);

    let first = &actions[0];
    assert_eq!((first.text.as_str(), first.title.as_str()), ("Alarm on the pump", "Alarm on the pump"));
    assert_eq!(
        first.description.as_deref(),
        Some("Ring when the pump has no power\nSuccess criteria: the alarm rang in a test")
    );
    assert_eq!(first.owner_text.as_deref(), Some("Ada Okot"));
    assert_eq!(first.due_text.as_deref(), Some("end of March"));
    let due = first.due.as_ref().unwrap();
    assert_eq!((Some(due.date), due.precision), (day(2026, 3, 31), Precision::Month));
    assert_eq!((first.done, actions[1].done), (Some(false), Some(true)));
    assert_eq!(first.priority_text.as_deref(), Some("high"));
    assert_eq!(first.kind_text.as_deref(), Some("detect"));
    assert_eq!(first.category_text.as_deref(), Some("monitoring"));
    assert_eq!(first.links, ["https://acme.test/pump", "#12"]);
    assert_eq!(first.section.as_deref(), Some("Short term"));
    assert_eq!((first.line, actions[1].line), (22, 35));
    assert!(first.quote.starts_with("  - title: Alarm on the pump\n    description:"));
    assert!(first.quote.ends_with("section: Short term"));
    assert_eq!(actions[1].quote, "  - text: Second pump\n    done: true");
}

#[test]
fn the_same_in_json() {
    let hand = json!({
        "followup": "report",
        "version": 1,
        "title": "Boiler out of order",
        "duration": "3 h 30 min",
        "actions": [{"text": "Second pump", "due_on": "2026-03-31"}, {"text": "Third pump", "due": "31/03/2026"}],
    });
    let reading = json(&hand).unwrap();
    assert_eq!(reading.warnings, []);
    assert_eq!(reading.report.duration_minutes, Some(210));
    assert_eq!(reading.actions[0].due_text.as_deref(), Some("2026-03-31"));
    assert_eq!(reading.actions[1].due.as_ref().map(|due| due.date), day(2026, 3, 31));
    // All of it stands on one line, and each quotes its own part.
    assert_eq!(reading.actions[0].quote, r#"{"due_on":"2026-03-31","text":"Second pump"}"#);

    let pretty = serde_json::to_string_pretty(&hand).unwrap().replace("  ", "\t");
    let reading = read(&pretty, &Options::default());
    assert_eq!(reading.report.format, Format::Json);
    assert_eq!(reading.actions[0].line, 3);
    assert_eq!(
        reading.actions[0].quote,
        "\t\t{\n\t\t\t\"due_on\": \"2026-03-31\",\n\t\t\t\"text\": \"Second pump\"\n\t\t},"
    );
}

/// What `extract` prints of a reading, with nobody configured.
fn extracted(reading: &Reading) -> Value {
    let actions: Vec<Value> = reading
        .actions
        .iter()
        .map(|action| {
            let mut told = json!(action);
            told["due_on"] = json!(action.due.as_ref().map(|due| due.date));
            told["owner"] = told["owner_text"].clone();
            told.as_object_mut().unwrap().remove("due");
            told
        })
        .collect();
    json!({ "report": reading.report, "actions": actions, "warnings": reading.warnings })
}

/// A reading without where its actions stand and what was doubtful about them.
fn told(reading: &Reading) -> Value {
    let mut told = extracted(reading);
    for key in ["format", "source"] {
        told["report"][key] = Value::Null;
    }
    for action in told["actions"].as_array_mut().unwrap() {
        action["line"] = Value::Null;
        action["rule"] = Value::Null;
        action["why"] = Value::Null;
    }
    told["warnings"] = Value::Null;
    told
}

#[test]
fn what_was_extracted_is_read_the_same() {
    let report = "---\nseverity: SEV-3\n---\n# Oven fire on 3 March 2026\n\nAuthors: Ann Opio (@ann)\n\nStart: 2026-03-03 09:45 EAT\n\
                  End: 2026-03-03 10:15 EAT\n\n## Root cause\nThe thermostat was broken for weeks.\n\n## Action items\n\
                  - [ ] Buy a thermostat (owner: Ann, due: end of May, P1) https://acme.test/1\n\
                  - [x] Clean the oven\n- Write it down: all of it (due: 05/06/2026)\n- Tell the fire brigade (due: soon)\n";
    let first = read(report, &Options { source: Some("oven.md".to_owned()), ..Options::default() });
    assert_eq!(first.actions.len(), 4);
    for text in [extracted(&first).to_string(), serde_saphyr::to_string(&extracted(&first)).unwrap()] {
        let format = if text.starts_with('{') { Format::Json } else { Format::Yaml };
        let options = Options { format: Some(format), source: Some("r".to_owned()), ..Options::default() };
        let second = read(&text, &options);
        assert_eq!(told(&second), told(&first));
        assert_eq!(second.report.format, format);
        let codes =
            |reading: &Reading| reading.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>();
        assert_eq!(codes(&second), ["ambiguous-date", "unclear-due"]);
        assert_eq!(codes(&second), codes(&first));
        assert!(second.warnings.iter().all(|warning| warning.line.is_some()));
    }
}

#[test]
fn an_array_of_one_document_is_that_document() {
    let document = json!([{"report": {"title": "x"}, "actions": [{"text": "Buy sand"}]}]);
    assert_eq!(json(&document).unwrap().actions.len(), 1);
    let two = json!([document[0], document[0]]);
    let Err(ReadError::Structured { message, hint, .. }) = json(&two) else { panic!() };
    assert_eq!(message, "this file holds 2 reports");
    assert!(hint.contains("a file of its own"));
}

/// The place, the message, and the hint of a document that is refused.
fn refused(text: &str) -> (usize, usize, String, String) {
    match yaml(text) {
        Err(ReadError::Structured { line, column, message, hint }) => (line, column, message, hint),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_to_do() {
    let head = "followup: report\n";
    for (rest, place, message, hint) in [
        ("titel: x", (2, 1), "`titel` is no key of a report", "did you mean `title`?"),
        ("Root Cause: x", (2, 1), "`Root Cause` is no key of a report", "did you mean `root_cause`?"),
        ("authors: [x]", (2, 1), "`authors` is no key of a report", "did you mean `people`?"),
        ("shoe: x", (2, 1), "`shoe` is no key of a report", "the keys are `followup`"),
        (
            "actions:\n  - text: x\n    ownr: y",
            (4, 5),
            "`ownr` is no key of an action",
            "did you mean `owner`?",
        ),
        ("actions:\n  - text: x\n    assignee: y", (4, 5), "`assignee` is no key of an action", "`owner`"),
        ("actions:\n  - text: x\n    deadline: y", (4, 5), "`deadline` is no key", "`due`"),
        ("people:\n  - nam: x", (3, 5), "`nam` is no key of a person", "`name`"),
        ("title: x\ntitle: y", (3, 1), "a second time; the first is on line 2", "keep one"),
        ("title: 42", (2, 8), "`title` is a number here, and has to be text", "put it in quotes: \"42\""),
        ("title: true", (2, 8), "true or false here, and has to be text", "\"true\""),
        ("title: [a]", (2, 8), "`title` is a list here", "one text"),
        ("services: a, b", (2, 11), "`services` is text here, and has to be a list", "as a list"),
        ("duration_minutes: 1.5", (2, 19), "is 1.5, and has to be a whole number", "fraction"),
        ("duration_minutes: -1", (2, 19), "is -1, and has to be a whole number", "sign"),
        ("duration_minutes: long", (2, 19), "`duration_minutes` is text here", "without quotes"),
        ("duration: long", (2, 11), "is no length of time", "1 h 35 min"),
        ("duration: 1 h\nduration_minutes: 60", (2, 11), "say the same", "keep one"),
        ("severity: SEV 2", (2, 11), "`SEV 2` is no severity", "write `sev2`"),
        ("severity: 2", (2, 11), "`2` is no severity", "write one of `sev1`"),
        ("incident_date: 2026-02-30", (2, 16), "no day of a calendar", "YYYY-MM-DD"),
        ("incident_date: next Friday", (2, 16), "no day of a calendar", "YYYY-MM-DD"),
        ("started_at: yesterday", (2, 13), "no time of a day", "2026-03-03T14:05:00+03:00"),
        ("language: English", (2, 11), "no code of a language", "such as en"),
        ("version: 2", (2, 10), "another version", "version: 1"),
        ("actions: 7", (2, 10), "`actions` is a number here", "as a list"),
        ("actions:\n  - Buy sand", (3, 5), "an action is text here, and has to be a map", "`text`"),
        ("actions:\n  - owner: Ann", (3, 5), "does not say what has to be done", "as `text`"),
        ("actions:\n  - text: x\n    due: 2026-02-30", (4, 10), "no day of a calendar", "YYYY-MM-DD"),
        ("actions:\n  - text: x\n    due_on: May", (4, 13), "no day of a calendar", "YYYY-MM-DD"),
        ("actions:\n  - text: x\n    due: May\n    due_text: May", (5, 15), "say the same", "keep one"),
        ("actions:\n  - text: x\n    done: yes", (4, 11), "`done` is text here", "true or false"),
        ("actions:\n  - text: x\n    done: true\n    status: open", (4, 11), "`done` is true, and", "right"),
        ("actions:\n  - text: x\n    status: In progress", (4, 13), "is no status", "write `in_progress`"),
        ("actions:\n  - text: x\n    priority: P1", (4, 15), "`P1` is no priority", "`urgent`"),
        ("actions:\n  - text: x\n    kind: prevention", (4, 11), "is no kind", "write `prevent`"),
        ("actions:\n  - text: x\n    category: My own", (4, 15), "no name of a category", "small letters"),
        ("actions:\n\t- text: x", (3, 2), "tabs", "indent with spaces"),
        ("---\ntitle: x", (3, 1), "a second document begins here", "a file of its own"),
        (
            "report: {}\ntitle: x",
            (3, 1),
            "`title` is no key of a document with a map `report`",
            "the keys are",
        ),
    ] {
        let (line, column, found, told) = refused(&format!("{head}{rest}\n"));
        assert!(found.contains(message), "{rest}: {found}");
        assert!(told.contains(hint), "{rest}: {told}");
        assert_eq!((line, column), place, "{rest}: {found}");
    }
    assert!(refused("followup: yes\n").2.contains("`yes` is no followup"));
}

#[test]
fn another_schema_is_refused_with_a_sentence_about_ours() {
    for (format, text, found) in [
        (Format::Yaml, "openapi: 3.1.0\ninfo: {}\n", "begins with `openapi`"),
        (Format::Yaml, "- a\n- b\n", "is a list"),
        (Format::Yaml, "Just words\n", "is text"),
        (Format::Yaml, "# nothing\n", "is empty"),
        (Format::Json, "{\"name\": \"x\", \"actions\": []}", "begins with `name`"),
        (Format::Json, "{}", "is an empty map"),
        (Format::Json, "[1, 2]", "is a list"),
    ] {
        let options = Options { format: Some(format), ..Options::default() };
        let error = read_bytes(text.as_bytes(), &options).unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, ReadError::OtherSchema { .. }), "{text}: {told}");
        assert!(told.contains(found), "{told}");
        assert!(told.contains(if format == Format::Json {
            "\"followup\": \"report\""
        } else {
            "`followup: report`"
        }));
    }
}

#[test]
fn without_a_way_to_fail_the_reading_is_empty_and_says_why() {
    let reading = read("followup: report\ntitel: x\n", &Options::default());
    assert_eq!(reading.report.format, Format::Yaml);
    assert!(reading.actions.is_empty());
    let [warning] = &reading.warnings[..] else { panic!("{:?}", reading.warnings) };
    assert_eq!((warning.code, warning.line), ("not-read", Some(2)));
    assert_eq!(
        warning.message,
        "line 2, column 1: `titel` is no key of a report; did you mean `title`? A key of your own begins with `x-`"
    );
}

#[test]
fn doubtful_things_are_warned_of_where_they_stand() {
    let text = "followup: report\nincident_date: 03/04/2026\nstarted_at: 10:00 UTC\nresolved_at: 09:00 UTC\n\
                report_date: 2026-04-05\nactions:\n  - text: Buy sand\n    due: soon\n  - text: buy sand.\n\
                \x20 - text: Sell sand\n    status: dropped\n  - text: TBD\n  - text:\n    owner:\n";
    let reading = yaml(text).unwrap();
    let codes: Vec<_> = reading.warnings.iter().map(|w| (w.code, w.line)).collect();
    assert_eq!(
        codes,
        [
            ("ambiguous-date", Some(2)),
            ("times-reversed", Some(4)),
            ("unclear-due", Some(8)),
            ("repeated-action", Some(9)),
            ("rejected-action", Some(10)),
        ]
    );
    assert_eq!(reading.actions.len(), 1);
    let passed: Vec<_> = reading.near_misses.iter().map(|miss| (miss.rule, miss.line)).collect();
    assert_eq!(passed, [(Miss::SaidBefore, 9), (Miss::Rejected, 10), (Miss::Placeholder, 12)]);
    assert_eq!(reading.report.duration_minutes, None);
    let reading = yaml("followup: report\nstarted_at: 2026-04-03 10:00\nduration: 2 h\n").unwrap();
    let codes: Vec<_> = reading.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["no-time-zone", "no-actions"]);
    let text = "followup: report\nstarted_at: 2026-04-03 10:00 UTC\nresolved_at: 2026-04-03 11:00 UTC\nduration: 2 h\n";
    let reading = yaml(text).unwrap();
    assert_eq!(reading.report.duration_minutes, Some(60));
    assert_eq!(reading.warnings[0].code, "duration-differs");
}

/// Text that a person may write: with everything that means something to YAML or JSON in it.
fn words() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Rotate the key",
        "a: b",
        "# no",
        "- x",
        "\"quoted\"",
        "it's",
        "{",
        "[x]",
        "*",
        "&a",
        "!b",
        "|",
        ">",
        "@ann",
        "%",
        "12",
        "true",
        "null",
        "~",
        "é",
        "日本",
        "😀",
        "\\n",
        "end\nof line",
        "  two  ",
        "0x1F",
        "1e5",
        "2026-05-31",
        ", ",
    ]);
    prop::collection::vec(pieces, 1..4).prop_map(|pieces| format!("Fix {}", pieces.join(" ").trim()))
}

fn an_action() -> impl Strategy<Value = Value> {
    let due = prop::sample::select(vec![
        None,
        Some("end of May"),
        Some("2026-05-31"),
        Some("within 30 days"),
        Some("soon"),
    ]);
    let maybe = || prop::option::of(words());
    (words(), maybe(), maybe(), due, prop::option::of(any::<bool>()), prop::collection::vec(words(), 0..3)).prop_map(
        |(text, description, owner, due, done, links)| {
            json!({"text": text, "description": description, "owner": owner, "due": due, "done": done, "links": links})
        },
    )
}

fn any_document() -> impl Strategy<Value = Value> {
    let severity = prop::sample::select(super::facts::SEVERITIES.to_vec());
    (words(), severity, prop::collection::vec(words(), 0..3), prop::collection::vec(an_action(), 0..5)).prop_map(
        |(title, severity, services, actions)| {
            json!({"followup": "report", "version": 1, "title": title, "severity": severity, "report_date": "2026-05-01",
                   "services": services, "actions": actions})
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn yaml_and_json_are_read_alike_and_nothing_is_lost(document in any_document()) {
        let by_json = json(&document).unwrap();
        let by_yaml = yaml(&serde_saphyr::to_string(&document).unwrap()).unwrap();
        prop_assert_eq!(by_yaml.report.title.as_deref(), document["title"].as_str().map(str::trim));
        prop_assert_eq!(json!(by_yaml.report.services), document["services"].clone());
        let alike = |reading: &Reading| {
            let mut told = told(reading);
            for action in told["actions"].as_array_mut().unwrap() {
                action["quote"] = Value::Null;
            }
            told
        };
        prop_assert_eq!(alike(&by_yaml), alike(&by_json));
        let again = json(&extracted(&by_json)).unwrap();
        prop_assert_eq!(told(&again), told(&by_json));
        let mut expected: Vec<&Value> = Vec::new();
        for action in document["actions"].as_array().unwrap() {
            let fold = |action: &Value| crate::text::fold(action["text"].as_str().unwrap());
            if !expected.iter().any(|known| fold(known) == fold(action)) {
                expected.push(action);
            }
        }
        prop_assert_eq!(by_yaml.actions.len(), expected.len());
        for (read, written) in by_yaml.actions.iter().zip(expected) {
            prop_assert_eq!(Some(read.text.clone()), written["text"].as_str().map(crate::text::collapse));
            prop_assert_eq!(read.owner_text.as_deref(), written["owner"].as_str().map(str::trim));
            prop_assert_eq!(read.due_text.as_deref(), written["due"].as_str());
            prop_assert_eq!(read.done, written["done"].as_bool());
            prop_assert_eq!(json!(read.links), written["links"].clone());
        }
    }

    #[test]
    fn a_document_with_anything_changed_in_it_is_read_or_refused(
        document in any_document(), at in any::<prop::sample::Index>(), piece in "\\PC{0,3}|[\\t\\n:{}\\[\\]\"'&*#-]",
    ) {
        for text in [document.to_string(), serde_saphyr::to_string(&document).unwrap()] {
            let at = (0..=at.index(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let changed = format!("{}{piece}{}", &text[..at], &text[at..]);
            for format in [Format::Yaml, Format::Json] {
                let options = Options { format: Some(format), ..Options::default() };
                match read_bytes(changed.as_bytes(), &options) {
                    Ok(reading) => prop_assert!(reading.actions.iter().all(|action| changed.contains(&action.quote))),
                    Err(ReadError::Structured { line, column, message, hint }) => {
                        prop_assert!(line >= 1 && line <= changed.lines().count().max(1) + 1 && column >= 1);
                        prop_assert!(!message.is_empty() && !hint.is_empty());
                    }
                    Err(_) => {}
                }
            }
        }
    }
}

#[test]
fn very_much_of_anything_returns() {
    for of in [
        "- a\n", "a: b\n", "\n", "#\n", "x", "x ", "\"", "'", "- ", "[", "{", "[1,", "{\"a\":", "*a ", "&a ",
        "? ", "|\n", "---\n",
    ] {
        let text = of.repeat(300_000 / of.len());
        for format in [Format::Yaml, Format::Json] {
            let options = Options { format: Some(format), ..Options::default() };
            assert!(read_bytes(text.as_bytes(), &options).is_err(), "{of:?}");
        }
    }
    // A file on one line is quoted by its parts.
    let action = r#"{"text":"Buy sand "#;
    let many: Vec<String> = (0..2_000).map(|number| format!("{action}{number}\"}}")).collect();
    let text = format!("{{\"followup\":\"report\",\"actions\":[{}]}}", many.join(","));
    let reading = read_bytes(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(reading.actions.len(), 2_000);
    assert!(reading.actions.iter().all(|action| action.quote.len() < 40));
}
