//! A create that gets no answer may or may not have happened. It is waited for, looked for, and only then sent again.

use std::time::Duration;

use followup::action::Disposition;
use github_sandbox::{CloseReason, Effect, Fault, Match, Permission};

use crate::world::{REPO, World, owned};

/// Everything that can happen to a create and leave its outcome open.
fn mishaps() -> Vec<Effect> {
    vec![
        Effect::LoseReply,
        Effect::DropBefore,
        Effect::ServerErrorAfterCommit(502),
        Effect::ServerErrorAfterCommit(504),
        Effect::ServerErrorBeforeCommit(502),
        Effect::ServerErrorBeforeCommit(500),
        Effect::Truncate,
        Effect::Garble,
        Effect::LandLate(Duration::from_secs(60)),
        Effect::DropAndLandLate(Duration::from_secs(119)),
    ]
}

/// Every action has one issue, and so has the report.
fn three_issues(world: &World, about: &str) {
    let mut titles: Vec<_> = world.sandbox.issues(REPO).into_iter().map(|issue| issue.title).collect();
    titles.sort();
    assert_eq!(titles, ["Checkout down for two hours", "One", "Two"], "{about}");
}

#[tokio::test]
async fn whatever_happens_to_a_create_there_is_one_issue_in_the_end() {
    for effect in mishaps() {
        // The parent, the first action, the last one.
        for nth in 1..=3 {
            let world = World::new().await;
            world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
            world.sandbox.fault(Fault::create_issue(effect.clone()).nth(nth));
            let summary = world.publish().await;
            let about = format!("{effect:?} of create {nth}: {summary:?}");
            assert_eq!((summary.unknown.len(), summary.needs_human.len()), (0, 0), "{about}");
            assert_eq!(summary.created.len() + summary.adopted.len(), 2, "{about}");
            assert_eq!(world.sandbox.faults_waiting(), 0, "{about}");
            three_issues(&world, &about);
            world.finish().await;
        }
    }
}

#[tokio::test]
async fn a_create_that_gets_no_answer_in_time_is_looked_for() {
    let mut world = World::new().await;
    world.settings.sync.request_timeout = Duration::from_millis(300);
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    world.sandbox.fault(Fault::create_issue(Effect::Hang).nth(2));
    let summary = world.publish().await;
    assert_eq!(summary.created.len(), 2, "{summary:?}");
    three_issues(&world, "hang");
    world.finish().await;
}

#[tokio::test]
async fn what_may_have_landed_is_found_and_not_made_again() {
    let world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev")]).await;
    world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
    let summary = world.publish_without_waiting().await;
    assert_eq!(summary.unknown, vec![]);
    world.passes(chrono::Duration::seconds(5));
    let summary = world.publish_without_waiting().await;
    assert_eq!(summary.unknown.len(), 1, "{summary:?}");
    insta::assert_snapshot!(world.outbox().await, @"Create CA-1 Unknown after 1 tries");

    // Nobody looks before everything had time to land.
    world.sandbox.clear_requests();
    world.passes(chrono::Duration::seconds(119));
    world.publish_without_waiting().await;
    assert_eq!(world.sandbox.request_count(), 0);
    world.passes(chrono::Duration::seconds(1));
    let summary = world.publish_without_waiting().await;
    assert_eq!((summary.adopted.len(), summary.created.len()), (1, 0), "{summary:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_list_that_lags_does_not_prove_that_nothing_landed() {
    let world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
    world.sandbox.fault(Fault::new(Match::ListIssues, Effect::StaleList { newest: 1 }).nth(3));
    let summary = world.publish().await;
    assert_eq!(summary.adopted.len(), 1, "{summary:?}");
    three_issues(&world, "stale list");
    world.finish().await;
}

#[tokio::test]
async fn a_list_that_fails_proves_nothing() {
    for effect in [Effect::ServerErrorBeforeCommit(502), Effect::Truncate, Effect::DropBefore] {
        let world = World::new().await;
        world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
        world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
        // The first list is the look for other databases, the second the look for what was forgotten; then come the scans.
        world.sandbox.fault(Fault::new(Match::ListIssues, effect.clone()).nth(3).next(4));
        world.publish().await;
        world.publish().await;
        three_issues(&world, &format!("{effect:?}"));
        world.finish().await;
    }
}

#[tokio::test]
async fn a_create_that_never_lands_is_sent_again_a_few_times_and_then_asks_a_person() {
    let world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev")]).await;
    world.sandbox.fault(Fault::create_issue(Effect::ServerErrorBeforeCommit(502)).nth(2).always());
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.unknown.len()), (0, 0), "{summary:#?}");
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert!(summary.needs_human[0].command.is_some());
    let tries = world.sandbox.requests().iter().filter(|request| request.fault.is_some()).count();
    assert_eq!(tries, 6);
    // By itself nothing sends it a seventh time.
    let again = world.sync().await;
    assert_eq!((again.created, again.needs_human), (vec![], summary.needs_human));
    // A person who publishes again asks for it: it is looked for first, and found where it had landed after all.
    world.sandbox.clear_faults();
    world.sandbox.clear_requests();
    assert_eq!(world.publish().await.created.len(), 1);
    let first = world.sandbox.requests().into_iter().position(|request| request.is_write).unwrap();
    let lists =
        world.sandbox.requests()[..first].iter().filter(|request| request.path.contains("since=")).count();
    // The look for what was forgotten, and the two that prove that it was not made.
    assert_eq!(lists, 3);
    world.finish().await;
}

#[tokio::test]
async fn a_refused_connection_proves_that_nothing_was_sent() {
    let mut world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    world.api_url = Some("http://127.0.0.1:1".to_owned());
    let error = world.tries_to_publish().await.unwrap_err().to_string();
    assert!(error.contains("cannot reach 127.0.0.1:1"), "{error}");
    assert_eq!(world.outbox().await, "");
    world.api_url = None;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.adopted.len()), (2, 0));
    three_issues(&world, "refused");
    world.finish().await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_does_not_hide_what_landed() {
    for minutes in [-90, 90] {
        let mut world = World::new().await;
        world.our_clock_is_ahead_by(chrono::Duration::minutes(minutes));
        world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
        world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
        world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(3));
        // The first run makes the parent; the next one, which is a sync, has not looked at the repository before.
        world.publish_without_waiting().await;
        world.passes(chrono::Duration::seconds(5));
        let summary = world.sync().await;
        assert_eq!(summary.adopted.len(), 1, "{minutes} minutes: {summary:?}");
        world.sync().await;
        three_issues(&world, &format!("{minutes} minutes"));
    }
}

/// A world in which the issue of one action was made and nobody heard of it.
async fn unheard() -> (World, followup::action::ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
    world.publish_without_waiting().await;
    world.passes(chrono::Duration::seconds(5));
    assert_eq!(world.publish_without_waiting().await.unknown.len(), 1);
    (world, ids[0])
}

#[tokio::test]
async fn what_people_did_with_an_issue_before_we_heard_of_it_counts() {
    let (world, id) = unheard().await;
    world.renames_on_github(2, "Rotate both signing keys");
    world.closes_on_github(2, CloseReason::Completed);
    world.publish().await;
    let action = world.action(id).await;
    assert_eq!((action.title.as_str(), action.state.as_str()), ("Rotate both signing keys", "done"));
    world.finish().await;
}

#[tokio::test]
async fn whoever_left_an_issue_before_we_heard_of_it_has_left() {
    let (world, id) = unheard().await;
    world.assigns_on_github(2, None);
    world.publish().await;
    assert_eq!(world.action(id).await.owner, None);
    world.finish().await;
}

#[tokio::test]
async fn an_owner_whom_github_does_not_take_stays_the_owner_of_an_issue_that_nobody_heard_of() {
    for (owner, permission) in [("stranger", Permission::Write), ("octo-dev", Permission::Read)] {
        let world = World::new().await;
        world.sandbox.set_permission(REPO, github_sandbox::DEFAULT_LOGIN, permission).unwrap();
        let ids = world.report_with(vec![owned("Rotate the signing key", owner)]).await;
        // Who has no account is left out at once. Who may only read makes issues beside their parents, in a second request,
        // and assignees are dropped.
        let nth = if permission == Permission::Read { 3 } else { 2 };
        world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(nth));
        let summary = world.publish().await;
        assert_eq!((summary.adopted.len(), world.sandbox.faults_waiting()), (1, 0), "{summary:#?}");
        world.sync().await;
        assert_eq!(world.action(ids[0]).await.owner.as_deref(), Some(owner));
        assert_eq!(world.issue(2).assignees, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_was_decided_here_before_we_heard_of_its_issue_reaches_it() {
    let (world, id) = unheard().await;
    world.assigns(id, "octo-ops").await;
    world.moves_due(id, "2024-08-01").await;
    world.publish().await;
    assert_eq!(world.issue(2).assignees, ["octo-ops"]);
    assert!(world.issue(2).body.contains("2024-08-01 (moved 1×"), "{}", world.issue(2).body);
    world.drops(id, Disposition::Obsolete).await;
    world.finish().await;
    assert_eq!(world.issue(2).state_reason.as_deref(), Some("not_planned"));
}

#[tokio::test]
async fn an_action_that_is_done_before_we_heard_of_its_issue_closes_it() {
    let (world, id) = unheard().await;
    world.marks_done(id).await;
    world.sync().await;
    assert_eq!(world.issue(2).state_reason.as_deref(), Some("completed"));
    world.finish().await;
}
