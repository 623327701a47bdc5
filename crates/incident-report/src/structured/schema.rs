//! The JSON Schema, the documentation, and the reader say the same about our format.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{BY_HAND, EXTRACTED, Shape, actions, facts, tree, yaml};
use crate::{CandidateAction, Format, Options, ReadError, ReportFacts, read, read_bytes};

const SCHEMA: &str = include_str!("../../../../docs/report.schema.json");
const DOCUMENTATION: &str = include_str!("../../../../docs/report-format.md");
const EXAMPLES: [&str; 2] = [
    include_str!("../../../../examples/reports/2026-04-20-stale-prices.yaml"),
    include_str!("../../../../examples/reports/2026-05-04-door-readers.json"),
];

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn validator() -> Validator {
    jsonschema::options().should_validate_formats(true).build(&schema()).unwrap()
}

/// A document as JSON, whichever of the two formats it is in.
fn as_json(text: &str) -> Value {
    fn value(node: &tree::Node) -> Value {
        match &node.value {
            tree::Value::Null => Value::Null,
            tree::Value::Bool(value) => json!(value),
            tree::Value::Number(written) => serde_json::from_str(written).unwrap(),
            tree::Value::Text(text) => json!(text),
            tree::Value::List(items) => items.iter().map(value).collect(),
            tree::Value::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), value(&entry.value))).collect()
            }
        }
    }
    serde_json::from_str(text).unwrap_or_else(|_| value(&yaml::parse(text).unwrap()))
}

/// The blocks of the documentation in our format, which its own words show.
fn documented() -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in DOCUMENTATION.lines() {
        match (&mut open, line) {
            (None, "```yaml" | "```json") => open = Some(String::new()),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some(block), line) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    assert!(blocks.len() >= 4, "the documentation shows reports");
    blocks
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn examples_are_valid_and_read_without_warnings() {
    let validator = validator();
    for text in EXAMPLES.into_iter().map(str::to_owned).chain(documented()) {
        let errors: Vec<String> = validator
            .iter_errors(&as_json(&text))
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        let reading = read(&text, &Options::default());
        assert!(matches!(reading.report.format, Format::Yaml | Format::Json), "{text}");
        assert_eq!(reading.warnings, [], "{text}");
        assert!(!reading.actions.is_empty(), "{text}");
    }
}

#[test]
fn what_the_documentation_says_of_the_long_example_is_so() {
    let reading = read(&documented()[0], &Options::default());
    let facts = &reading.report;
    assert_eq!(facts.duration_minutes, Some(145));
    assert_eq!(facts.people.len(), 2);
    let days: Vec<_> =
        reading.actions.iter().map(|a| a.due.as_ref().map(|due| due.date.to_string())).collect();
    assert_eq!(days, [Some("2026-05-31".to_owned()), None]);
    assert_eq!(reading.actions[0].links, ["https://acme.test/imports", "https://tracker.acme.test/OPS-298"]);
}

/// The keys of a part of the schema.
fn keys(part: &str) -> BTreeSet<String> {
    schema()["$defs"][part]["properties"].as_object().unwrap().keys().cloned().collect()
}

fn set<'k>(keys: impl IntoIterator<Item = &'k str>) -> BTreeSet<String> {
    keys.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_schema_has_the_keys_and_the_words_of_the_reader() {
    let of = |shape: &Shape| set(shape.keys.iter().copied());
    assert_eq!(keys("facts"), set(facts::KEYS));
    assert_eq!(&keys("facts") | &keys("byHand"), of(&BY_HAND));
    assert_eq!(keys("extracted"), of(&EXTRACTED));
    assert_eq!(keys("person"), of(&facts::PERSON));
    assert_eq!(keys("action"), set(actions::KEYS));
    let words = |part: &str, key: &str| {
        let schema = schema();
        let listed = schema["$defs"][part]["properties"][key]["enum"].as_array().unwrap().clone();
        listed
            .iter()
            .filter_map(Value::as_str)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(words("facts", "severity"), facts::SEVERITIES);
    assert_eq!(words("action", "status"), actions::STATES);
    assert_eq!(words("action", "priority"), actions::PRIORITIES);
    assert_eq!(words("action", "kind"), actions::KINDS);
}

#[test]
fn every_field_of_a_reading_has_its_key_and_every_key_its_field() {
    let fields = |value: Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    // What a key is another spelling of, or of which nothing is kept.
    let besides = set(["duration", "summary"]);
    assert_eq!(keys("facts"), &fields(json!(ReportFacts::default())) | &besides);

    let reading = read(EXAMPLES[0], &Options::default());
    let action: &CandidateAction = &reading.actions[0];
    let besides = set(["owner", "due_on", "status", "priority", "kind", "category", "issue", "matched"]);
    assert_eq!(keys("action"), &fields(json!(action)) | &besides);
    assert_eq!(keys("person"), fields(json!(reading.report.people[0])));
}

#[test]
fn every_key_is_documented() {
    let explained = |key: &str| DOCUMENTATION.contains(&format!("`{key}`"));
    for key in BY_HAND.keys.iter().chain(EXTRACTED.keys).chain(&actions::KEYS).chain(facts::PERSON.keys) {
        assert!(explained(key), "{key}");
    }
    for word in
        facts::SEVERITIES.iter().chain(&actions::STATES).chain(&actions::PRIORITIES).chain(&actions::KINDS)
    {
        assert!(DOCUMENTATION.contains(word), "{word}");
    }
}

/// Whether the reader takes a document.
fn is_read(document: &Value) -> bool {
    let options = Options { format: Some(Format::Json), ..Options::default() };
    let by_json = read_bytes(document.to_string().as_bytes(), &options).is_ok();
    let text = serde_saphyr::to_string(document).unwrap();
    let options = Options { format: Some(Format::Yaml), ..Options::default() };
    let by_yaml = read_bytes(text.as_bytes(), &options).is_ok();
    assert_eq!(by_json, by_yaml, "{document}\n{text}");
    by_json
}

/// A report with these keys beside the marker.
fn report(keys: Value) -> Value {
    let mut document = json!({"followup": "report"});
    let Value::Object(keys) = keys else { panic!() };
    document.as_object_mut().unwrap().extend(keys);
    document
}

/// A report with an action of these keys beside its text.
fn with_action(keys: Value) -> Value {
    let mut action = json!({"text": "Buy sand"});
    let Value::Object(keys) = keys else { panic!() };
    action.as_object_mut().unwrap().extend(keys);
    report(json!({"actions": [action]}))
}

#[test]
fn the_schema_and_the_reader_agree() {
    let valid = [
        report(json!({})),
        report(json!({"version": 1, "title": "x", "incident_date": "2026-03-03", "x-y": {"z": [1]}})),
        report(
            json!({"title": null, "severity": "", "services": null, "people": [], "actions": null, "version": null}),
        ),
        report(json!({"people": ["Ann", {"name": "Ben", "role": null, "x-desk": 4}, null, {}]})),
        report(json!({"duration_minutes": 0, "language": "en"})),
        report(json!({"duration_minutes": 90.0})),
        report(json!({"duration": "", "duration_minutes": 90, "language": " "})),
        report(
            json!({"actions": [null, {}, {"owner": "", "links": [""]}, {"section": "Later", "status": "open"}]}),
        ),
        report(json!({"actions": [{"title": "Buy sand"}]})),
        with_action(json!({"due": "soon", "due_on": "2026-03-31", "done": true, "status": "verified"})),
        with_action(
            json!({"due": "", "due_text": "May 2026", "due_on": "", "status": "proposed", "done": false}),
        ),
        with_action(
            json!({"issue": 12, "success_criteria": ["a", null], "links": ["x"], "category": "my-own-2"}),
        ),
        with_action(
            json!({"issue": "OPS-1", "success_criteria": "a", "category": "", "priority": "low", "kind": "other"}),
        ),
        json!({"report": {}, "actions": []}),
        json!({"report": {"x-y": 1}, "followup": "report"}),
        json!({"report": {"title": "x", "source": "r.md", "format": "markdown"}, "actions": [{"text": "a", "line": 3,
               "rule": "list-item", "why": "b", "matched": ["c"]}], "warnings": [{"code": "d"}], "near_misses": []}),
    ];
    let invalid = [
        json!(null),
        json!({}),
        json!([]),
        json!({"openapi": "3.1.0"}),
        json!({"title": "x", "actions": []}),
        json!({"followup": "yes"}),
        json!({"followup": null}),
        json!({"report": {}}),
        json!({"report": {"titel": "x"}, "actions": []}),
        json!({"report": {}, "actions": [], "title": "x"}),
        json!({"report": [], "actions": []}),
        json!({"report": null, "actions": []}),
        report(json!({"version": 2})),
        report(json!({"version": "1"})),
        report(json!({"titel": "x"})),
        report(json!({"title": 4})),
        report(json!({"title": ["x"]})),
        report(json!({"services": "a, b"})),
        report(json!({"services": [1]})),
        report(json!({"severity": "SEV-2"})),
        report(json!({"severity": 2})),
        report(json!({"duration_minutes": -1})),
        report(json!({"duration_minutes": 1.5})),
        report(json!({"duration_minutes": "90"})),
        report(json!({"duration": "1 h", "duration_minutes": 60})),
        report(json!({"language": "English"})),
        report(json!({"people": {"name": "Ann"}})),
        report(json!({"people": [{"nom": "Ann"}]})),
        report(json!({"people": [7]})),
        report(json!({"actions": {}})),
        report(json!({"actions": ["Buy sand"]})),
        report(json!({"actions": [{"owner": "Ann"}]})),
        report(json!({"actions": [{"text": " ", "due": "May"}]})),
        with_action(json!({"ownr": "Ann"})),
        with_action(json!({"owner": {"name": "Ann"}})),
        with_action(json!({"due": "May", "due_text": "May"})),
        with_action(json!({"due": 20260531})),
        with_action(json!({"due_on": "31/03/2026"})),
        with_action(json!({"due_on": "2026-02-30"})),
        with_action(json!({"done": "true"})),
        with_action(json!({"done": true, "status": "open"})),
        with_action(json!({"done": false, "status": "done"})),
        with_action(json!({"status": "In progress"})),
        with_action(json!({"priority": "P1"})),
        with_action(json!({"kind": "prevention"})),
        with_action(json!({"category": "My own"})),
        with_action(json!({"category": "-a"})),
        with_action(json!({"category": "a".repeat(48)})),
        with_action(json!({"links": "https://acme.test"})),
        with_action(json!({"issue": -1})),
        with_action(json!({"issue": ["a"]})),
        with_action(json!({"line": "3"})),
    ];
    let validator = validator();
    for document in &valid {
        assert!(validator.is_valid(document), "the schema refuses {document}");
        assert!(is_read(document), "the reader refuses {document}");
    }
    for document in &invalid {
        assert!(!validator.is_valid(document), "the schema takes {document}");
        assert!(!is_read(document), "the reader takes {document}");
    }
}

#[test]
fn only_the_reader_knows_the_calendar() {
    let validator = validator();
    for document in [
        report(json!({"incident_date": "2026-02-30"})),
        report(json!({"started_at": "yesterday"})),
        report(json!({"duration": "long"})),
        with_action(json!({"due": "2026-02-30"})),
    ] {
        assert!(validator.is_valid(&document), "{document}");
        let options = Options { format: Some(Format::Json), ..Options::default() };
        let error = read_bytes(document.to_string().as_bytes(), &options).unwrap_err();
        assert!(matches!(error, ReadError::Structured { .. }), "{document}");
    }
}
