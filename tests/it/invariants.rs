//! What has to be true of the sync whatever happens, each with the stories that would tell if it were not.
//!
//! | | what is always true | told by |
//! |---|---|---|
//! | I1 | an action has at most one live issue | `crash.rs::a_publish_that_dies_at_any_step_is_finished_by_the_next_one`, `unknown_outcome.rs::whatever_happens_to_a_create_there_is_one_issue_in_the_end`, `schedules.rs::whatever_happens_in_the_end_both_sides_agree`, `cargo xtask chaos` |
//! | I2 | an issue has at most one action, and back | `link.rs::an_issue_has_one_action_and_an_action_one_issue`, `link.rs::an_issue_is_given_to_one_of_two_that_ask_at_once` |
//! | I3 | no create leaves before a row on disk says so | `invariants.rs::every_create_that_left_is_on_disk_wherever_the_process_dies` |
//! | I4 | an unanswered create is sent again only after two complete lists without it, both after it could have landed | `invariants.rs::a_create_is_sent_again_only_after_two_lists_that_prove_its_absence`, `unknown_outcome.rs::a_list_that_lags_does_not_prove_that_nothing_landed` |
//! | I5 | one process sends, one row of a lane at a time, in order | `crash.rs::two_processes_at_once_make_every_issue_once`, `link.rs::while_its_own_issue_may_be_on_its_way_it_is_tied_to_none`, `pace.rs::what_people_change_does_not_wait_for_the_pace_of_new_issues` |
//! | I6 | what was answered with success is never lost | `invariants.rs::every_create_that_left_is_on_disk_wherever_the_process_dies`, `crash.rs::a_sync_that_dies_at_any_request_is_finished_by_the_next_one`, `cargo xtask chaos` |
//! | I7 | no tracker is asked while a transaction is open | `layering.rs::no_network_is_asked_inside_a_transaction` |
//! | I8 | looks may come doubled and in any order | `lagging.rs::looks_taken_over_in_any_order_and_any_number_end_at_the_newest`, `link.rs::what_people_do_is_heard_late_twice_and_in_any_order` |
//! | I9 | where nobody did anything, nothing is written | `observe.rs::a_quiet_look_at_many_issues_is_a_handful_of_requests_and_no_write`, and the end of every story in `views.rs` |
//! | I10 | a state means the same on the way there and back | `invariants.rs::what_is_decided_on_one_side_means_the_same_on_the_way_back` |
//! | I11 | what people write around our section stays byte for byte | `invariants.rs::whatever_people_write_around_our_section_stays_byte_for_byte`, `observe.rs::what_the_team_wrote_around_our_section_stays_as_it_is`, `cargo xtask chaos` |
//! | I12 | what is not shown changes nothing, and many at once stop the pass | `missing.rs::an_issue_that_one_look_misses_is_not_gone`, `missing.rs::when_many_vanish_at_once_nothing_is_concluded_and_nothing_is_sent` |
//! | I13 | no stretch of time holds more creates than configured | `pace.rs::no_minute_and_no_hour_sees_more_issues_than_configured`, `pace.rs::the_pace_holds_across_restarts`, and the properties of `sync::governor` |
//! | I14 | while the tracker asks to wait nobody asks it anything | `pace.rs::while_github_asks_to_wait_nobody_asks_anything`, `governor.rs::a_wait_of_untold_length_grows_across_processes_while_it_goes_on` |
//! | I15 | what one look missed the next one sees; where changes are read from a cursor, it moves only when all was taken over, and a full look comes within a day | `missing.rs::a_look_that_breaks_off_in_the_middle_changes_nothing`, `rest_fallback.rs::an_answer_that_breaks_off_moves_nothing`, `rest_fallback.rs::a_pass_that_dies_at_any_request_loses_no_change`, `rest_fallback.rs::a_deleted_and_a_moved_issue_are_found_out_by_the_daily_look` |
//! | I16 | no secret in logs, errors or the database | `cli/secrets.rs::a_token_is_neither_shown_nor_kept`, `cargo xtask chaos` |
//! | I17 | a clock that jumps a day makes one wait, and changes no decision | `invariants.rs::a_clock_that_jumps_by_a_day_changes_no_decision`, `unknown_outcome.rs::a_clock_that_is_wrong_does_not_hide_what_landed` |
//! | I18 | what only a person can settle has a line and a command | every publish and sync of every story, by `invariants.rs::World::is_told_well`; `refused.rs` |
//! | I19 | a delivery of a webhook is a hint, and counts once | `webhook.rs::a_delivery_that_comes_again_is_taken_once_however_late`, `webhook.rs::a_look_that_fails_keeps_the_hint_and_one_that_came_meanwhile_stays` |
//! | I20 | a renamed repository and a moved issue keep their link | `missing.rs::an_issue_that_was_moved_is_followed_and_heard_there`, `observe.rs::a_renamed_repository_keeps_its_issues` |

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use followup::{
    action::{Command, Disposition, State},
    store::{LinkStatus, OutboxKind, OutboxState},
    sync::{Pending, Summary},
};
use github_sandbox::{CloseReason, Effect, Fault};
use proptest::prelude::*;

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, owned},
};

const BEGIN: &str = "<!-- followup:begin -->";
const END: &str = "<!-- followup:end -->";

impl World {
    /// Whatever waits for a person says why, and names a command that the program understands.
    pub(crate) fn is_told_well(summary: &Summary) {
        for Pending { id, what, command } in &summary.needs_human {
            assert!(!what.is_empty(), "{id} waits for a person, and nobody says why");
            let command = command.as_deref().unwrap_or_else(|| panic!("{id}: {what}: there is no command"));
            let parsed = followup::cli::command().try_get_matches_from(command.split(' '));
            assert!(parsed.is_ok(), "{id}: {what}: `{command}` is no command: {parsed:?}");
        }
    }

    /// When issues were asked for, and how the sandbox answered.
    fn creates(&self) -> Vec<(DateTime<Utc>, String)> {
        let requests = self.sandbox.requests().into_iter();
        requests
            .filter(github_sandbox::RequestRecord::opens_an_issue)
            .map(|request| (request.at, request.body))
            .collect()
    }
}

#[tokio::test]
async fn every_create_that_left_is_on_disk_wherever_the_process_dies() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let mut world = World::new().await;
            let ids = world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
            let died = world.dies_in(Work::Publish, requests, dies).await;
            let rows = world.live_outbox().await;
            let sending = |row: &&followup::store::OutboxRow| {
                row.kind == OutboxKind::Create && row.state == OutboxState::Sending
            };
            let mut snapshot = world.store.read().await.unwrap();
            let report = snapshot.action(ids[0]).await.unwrap().report_id;
            let links = snapshot.links_of_report(report).await.unwrap();
            let linked = links.iter().filter(|link| link.status == LinkStatus::Linked).count();
            let left = world.creates().len();
            let known = linked + rows.iter().filter(sending).count();
            assert!(left <= known, "{left} creates left, {known} are on disk: {rows:#?}");
            drop(snapshot);
            // What was written down as made stays so.
            world.publish().await;
            assert_eq!(world.sandbox.issues(REPO).len(), 3);
            if !died {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_create_is_sent_again_only_after_two_lists_that_prove_its_absence() {
    let world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev")]).await;
    world.sandbox.fault(Fault::create_issue(Effect::DropBefore).nth(2));
    for _ in 0..2 {
        world.publish_without_waiting().await;
        world.passes(Duration::seconds(5));
    }
    // A list that fails does not count.
    let lost = world.creates()[1].0;
    world.sandbox.fault(Fault::rest("GET", "issues", Effect::ServerErrorBeforeCommit(502)));
    world.publish().await;
    let creates = world.creates();
    assert_eq!(creates.len(), 3);
    let requests = world.sandbox.requests();
    let again = requests.iter().rposition(|request| request.body == creates[2].1).unwrap();
    let settled = lost + Duration::seconds(120);
    let proofs: Vec<DateTime<Utc>> = requests[..again]
        .iter()
        .filter(|request| request.method == "GET" && request.path.contains("/issues?"))
        .filter(|request| request.status == Some(200) && request.at >= settled)
        .map(|request| request.at)
        .collect();
    assert!(proofs.len() >= 2, "{proofs:?} after {settled}, sent again at {}", creates[2].0);
    assert!(*proofs.last().unwrap() - proofs[0] >= Duration::seconds(30), "{proofs:?}");
    world.finish().await;
}

#[tokio::test]
async fn what_is_decided_on_one_side_means_the_same_on_the_way_back() {
    let drops = Disposition::ALL.iter().map(|disposition| Command::Drop {
        disposition: *disposition,
        reason: "the service is switched off".to_owned(),
        duplicate_of: None,
    });
    for command in drops.chain([Command::Done { reason: None }]) {
        let world = World::new().await;
        let id = world.report_with(vec![owned("One", "octo-dev")]).await[0];
        world.publish().await;
        world.commands(id, command.clone()).await;
        let (state, disposition) = (world.action(id).await.state, world.action(id).await.disposition);
        world.sync().await;
        let reason = world.issue(2).state_reason;
        assert_eq!(world.issue(2).state, "closed");
        assert_eq!(reason.as_deref() == Some("completed"), state == State::Done, "{command:?}");
        // What GitHub shows of it does not come back as anything else.
        world.finish().await;
        let after = world.action(id).await;
        assert_eq!((after.state, after.disposition), (state, disposition), "{command:?}");
        world.reopens_on_github(2);
        world.sync().await;
        assert_eq!(world.action(id).await.state, State::Open, "{command:?}");
        world.finish().await;
    }
    for (reason, state) in [
        (CloseReason::Completed, State::Done),
        (CloseReason::NotPlanned, State::Open),
        (CloseReason::Duplicate, State::Open),
    ] {
        let world = World::new().await;
        let id = world.report_with(vec![owned("One", "octo-dev")]).await[0];
        world.publish().await;
        world.closes_on_github(2, reason);
        let there = world.issue(2);
        world.sync().await;
        world.finish().await;
        assert_eq!(world.action(id).await.state, state);
        assert_eq!((world.issue(2).state, world.issue(2).state_reason), (there.state, there.state_reason));
    }
}

/// What stands before our section, and after it.
fn around(body: &str) -> (&str, &str) {
    let (before, rest) = body.split_once(BEGIN).unwrap();
    (before, rest.split_once(END).unwrap().1)
}

/// What people and their programs write: line ends of all kinds, marks, letters of two widths.
fn any_words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("  \n".to_owned()),
        Just("<!-- ours -->".to_owned()),
        Just("<!-- followup".to_owned()),
        Just("> @octo-dev #1 \\| `x".to_owned()),
        Just("\u{200b}\u{feff}🦀é".to_owned()),
        "[ -~]{0,12}",
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_write_around_our_section_stays_byte_for_byte(before in any_words(), after in any_words(), in_browser in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let id = world.report_with(vec![owned("One", "octo-dev")]).await[0];
            world.publish().await;
            let text = format!("{before}{}{after}", world.issue(2).body);
            if in_browser {
                world.sandbox.edit_body(REPO, 2, &text).unwrap();
            } else {
                world.edits_body_over_the_api(2, &text).await;
            }
            let there = world.issue(2).body;
            world.moves_due(id, "2024-08-01").await;
            world.assigns(id, "octo-ops").await;
            world.sync().await;
            world.marks_done(id).await;
            world.sync().await;
            let now = world.issue(2).body;
            assert_eq!(around(&now), around(&there));
            assert!(now.contains("2024-08-01") && now.contains("octo-ops"), "{now}");
            world.finish().await;
        });
    }

    #[test]
    fn a_clock_that_jumps_by_a_day_changes_no_decision(days in prop::collection::vec(-1i64..=1, 4), lost in 1usize..4) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut ends = BTreeSet::new();
            for jumps in [vec![0; 4], days] {
                let mut world = World::new().await;
                let ids = world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
                world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(lost));
                for (step, days) in jumps.into_iter().enumerate() {
                    world.our_clock_is_ahead_by(Duration::days(days));
                    match step {
                        0 => drop(world.publish_without_waiting().await),
                        1 => drop(world.publish().await),
                        2 => {
                            world.closes_on_github(3, CloseReason::Completed);
                            world.marks_done(ids[0]).await;
                            world.sync().await;
                        }
                        _ => {
                            world.renames_on_github(2, "One, and more");
                            world.sync().await;
                        }
                    }
                }
                world.finish().await;
                let titles: BTreeSet<_> = world.sandbox.issues(REPO).into_iter().map(|issue| issue.title).collect();
                assert_eq!(titles.len(), 3, "{titles:?}");
                ends.insert((world.actions().await, world.issues()));
            }
            assert_eq!(ends.len(), 1, "{ends:#?}");
        });
    }
}

#[test]
fn every_story_that_the_table_names_is_told() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let text = std::fs::read_to_string(root.join("invariants.rs")).unwrap();
    let named = regex::Regex::new(r"`([a-z_/]+\.rs)::([a-z_A-Z:]+)`").unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("//! | I")).collect();
    assert_eq!(rows.len(), 20);
    for row in rows {
        for found in named.captures_iter(row) {
            let file = std::fs::read_to_string(root.join(&found[1])).unwrap();
            let name = found[2].rsplit("::").next().unwrap();
            assert!(file.contains(&format!("fn {name}(")), "{} does not tell {name}", &found[1]);
        }
    }
}
