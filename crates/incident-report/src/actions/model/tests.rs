use proptest::prelude::*;

use super::*;
use crate::{Options, Reading, read};

/// A report that the rules alone find nothing in.
const REPORT: &str = "\
# Crane outage

## Summary
The crane stood still for an hour.

## What the harbour does from now on
- A spare brake has been bought
- The rope is looked at each week
";

fn weights() -> Model {
    let file = "\
# invented
bias -2
least:no-actions 0.5
heading:now 2
cue:has-been-done 1.5
kind:list-item 1
";
    Model::parse(file).expect("these are weights")
}

fn read_with(model: Model, report: &str) -> Reading {
    read(report, &Options { model, ..Options::default() })
}

#[test]
fn the_weights_that_are_built_in_are_read() {
    let model = Model::parse(include_str!("../../../data/weights.txt")).expect("the file is read");
    assert_eq!(model, Model::built_in());
    assert!(model.weights.len() > 100, "{}", model.weights.len());
    for least in ["least:in-actions", "least:beside-actions", "least:no-actions", BIAS] {
        assert!(model.weights.contains_key(least), "{least}");
    }
}

#[test]
fn a_line_that_is_no_weight_is_named() {
    for (file, line) in [("bias 1\nword:a", 2), ("word:a one", 1), ("# fine\n\nword:a NaN", 3)] {
        assert_eq!(Model::parse(file), Err(WeightsError { line }), "{file}");
    }
}

#[test]
fn what_weighs_enough_is_an_action_and_says_why() {
    assert!(read_with(Model::none(), REPORT).actions.is_empty());
    let reading = read_with(weights(), REPORT);
    let texts: Vec<&str> = reading.actions.iter().map(|action| action.text.as_str()).collect();
    assert_eq!(texts, ["A spare brake has been bought", "The rope is looked at each week"]);
    let why = &reading.actions[0].why;
    assert!(why.contains("heading:now +2.0") && why.contains("cue:has-been-done +1.5"), "{why}");
}

#[test]
fn what_nearly_weighs_enough_is_a_near_miss_and_says_why() {
    let report = REPORT.replace("has been bought", "is a fine thing");
    let model = Model::parse("bias -2\nheading:now 1.5").expect("these are weights");
    let reading = read_with(model, &report);
    assert!(reading.actions.is_empty());
    let miss = reading.near_misses.iter().find(|miss| miss.rule == crate::Miss::TooLight);
    let miss = miss.expect("the first item is a near miss");
    assert_eq!((miss.line, miss.reason.as_deref()), (7, Some("heading:now +1.5")));
}

#[test]
fn sections_that_tell_the_events_are_never_weighed() {
    let report = REPORT.replace("What the harbour does from now on", "Timeline from now on");
    assert!(read_with(weights(), &report).actions.is_empty());
}

#[test]
fn training_sees_the_report_without_what_the_lists_know() {
    let report = "## Action items\n- Buy a brake\n\n## Timeline\n- 10:00 The crane stood still\n";
    let topics = |sight| -> Vec<String> {
        let options = Options { weigh: Some(sight), ..Options::default() };
        let weighed = read(report, &options).weighed;
        let features = weighed.into_iter().flat_map(|unit| unit.features);
        features.filter(|name| name.starts_with("topic:") && !name.contains('+')).collect()
    };
    assert_eq!(topics(Sight::Full), ["topic:actions", "topic:timeline"]);
    assert_eq!(topics(Sight::WithoutActions), ["topic:open", "topic:timeline"]);
    assert_eq!(topics(Sight::WithoutTopics), ["topic:open", "topic:open"]);
}

proptest! {
    #[test]
    fn any_text_has_a_finite_score_and_always_the_same(text in "\\PC{0,200}(\n[-#*] ?\\PC{0,80}){0,6}") {
        let options = Options { weigh: Some(Sight::Full), ..Options::default() };
        let weigh = || read(&text, &options).weighed;
        let weighed = weigh();
        prop_assert!(weighed.iter().all(|unit| unit.score.is_finite()));
        prop_assert!(weighed.iter().all(|unit| unit.features.iter().all(|name| !name.contains(char::is_whitespace))));
        prop_assert_eq!(weighed, weigh());
    }
}
