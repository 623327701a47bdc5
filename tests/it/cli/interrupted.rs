//! A publish that is killed, doubled, or lied to: one issue for every action, never two, never none.

use std::{collections::BTreeMap, time::Duration};

use github_sandbox::{Effect, Fault};

use super::{REPO, Shell, wait_until};

/// One issue for each of the four actions and one for the report, and both sides know it.
#[track_caller]
fn every_action_has_exactly_one_issue(team: &Shell) {
    let mut titles: BTreeMap<String, usize> = BTreeMap::new();
    for issue in team.github().issues(REPO) {
        *titles.entry(issue.title).or_default() += 1;
    }
    assert_eq!(titles.len(), 5, "{titles:?}");
    assert!(titles.values().all(|count| *count == 1), "{titles:?}");
    for action in team.json("list").as_array().unwrap() {
        let number = action["issue"]["number"].as_u64().unwrap();
        assert_eq!(team.github().issue(REPO, number).unwrap().title, action["title"].as_str().unwrap());
    }
    team.github().clear_requests();
    team.runs("publish");
    assert!(team.github().writes().is_empty(), "{:?}", team.github().writes());
}

fn creates(team: &Shell) -> usize {
    team.github().requests().iter().filter(|seen| seen.opens_an_issue()).count()
}

/// Kills a publish while its `nth` create is on its way, and publishes again.
fn killed_at(nth: usize, effect: Effect) {
    let team = Shell::with_accepted_actions();
    team.github().fault(Fault::create_issue(effect).nth(nth));
    let mut publish = team.start("publish");
    wait_until("the create is on its way", || creates(&team) == nth);
    publish.kill().unwrap();
    publish.wait().unwrap();
    team.runs("publish");
    every_action_has_exactly_one_issue(&team);
}

#[test]
fn killed_before_github_makes_the_issue() {
    for nth in 1..=5 {
        killed_at(nth, Effect::Hang);
    }
}

#[test]
fn killed_after_github_made_the_issue_and_before_it_answers() {
    for nth in 1..=5 {
        killed_at(nth, Effect::Delay(Duration::from_secs(60)));
    }
}

#[test]
fn killed_twice_in_the_same_place() {
    let team = Shell::with_accepted_actions();
    for effect in [Effect::Delay(Duration::from_secs(60)), Effect::Hang] {
        team.github().clear_requests();
        team.github().fault(Fault::create_issue(effect).nth(2));
        let mut publish = team.start("publish");
        wait_until("a create is on its way", || creates(&team) >= 2);
        publish.kill().unwrap();
        publish.wait().unwrap();
    }
    team.runs("publish");
    every_action_has_exactly_one_issue(&team);
}

#[test]
fn an_answer_that_never_comes_is_looked_for() {
    let team = Shell::with_accepted_actions();
    team.github().fault(Fault::create_issue(Effect::LoseReply).nth(3));
    let summary = team.json("publish");
    assert_eq!(summary["adopted"].as_array().unwrap().len(), 1, "{summary}");
    every_action_has_exactly_one_issue(&team);
}

#[test]
fn what_nobody_knows_yet_is_told_by_those_who_do_not_wait() {
    let team = Shell::with_github();
    team.write("followup.toml", super::CONFIG.replace("settle = \"100ms\"", "settle = \"3s\""));
    team.runs("import checkout.txt --accept");
    team.github().fault(Fault::create_issue(Effect::LoseReply).nth(2));
    let summary = team.json("publish --no-wait");
    assert_eq!(summary["unknown"].as_array().unwrap().len(), 1, "{summary}");
    team.runs("publish");
    every_action_has_exactly_one_issue(&team);
}

#[test]
fn two_publishes_at_the_same_time() {
    let team = Shell::with_accepted_actions();
    // The first is in the middle of it when the second begins.
    team.github().fault(Fault::create_issue(Effect::Delay(Duration::from_secs(1))).nth(2));
    let first = team.start("publish --format json");
    wait_until("the first has begun", || creates(&team) == 2);
    let second = team.start("publish --format json");
    let ran =
        [first, second].map(|child| team.ran("publish", child.wait_with_output().unwrap()).exits(0).json());
    let made: usize = ran.iter().map(|summary| summary["created"].as_array().unwrap().len()).sum();
    assert_eq!(made, 4, "{ran:?}");
    every_action_has_exactly_one_issue(&team);
}

#[test]
fn a_command_that_is_killed_leaves_all_or_nothing() {
    let team = Shell::with_github();
    let reports: String = (1..=40).map(|number| format!("* Renew certificate number {number}\n")).collect();
    team.write("many.md", format!("# Many certificates\n\n## Action items\n\n{reports}"));
    team.runs("init");
    for _ in 0..5 {
        let mut import = team.start("import many.md --accept");
        wait_until("it has begun", || team.path("followup.db-wal").exists());
        import.kill().unwrap();
        import.wait().unwrap();
        let count = team.json("list").as_array().unwrap().len();
        assert!(count == 0 || count == 40, "{count}");
    }
    team.runs("import many.md --accept");
    assert_eq!(team.json("list --state open").as_array().unwrap().len(), 40);
    assert_eq!(team.json("report list").as_array().unwrap().len(), 1);
}
