//! How fast issues are made, and what happens when GitHub asks to wait.

use chrono::{DateTime, Duration, Utc};
use github_sandbox::{Effect, Fault, Match};

use crate::world::{REPO, World};

/// When issues were asked for, on GitHub's clock.
fn creates(world: &World) -> Vec<DateTime<Utc>> {
    let requests = world.sandbox.requests().into_iter();
    requests.filter(github_sandbox::RequestRecord::opens_an_issue).map(|request| request.at).collect()
}

/// Whether the answer to it was to wait.
fn limited(request: &github_sandbox::RequestRecord) -> bool {
    request.fault.as_ref().is_some_and(|fault| fault.contains("Limit"))
}

/// The most moments in any stretch of this length.
fn most_within(length: Duration, moments: &[DateTime<Utc>]) -> usize {
    let within =
        |start: DateTime<Utc>| moments.iter().filter(|at| **at >= start && **at < start + length).count();
    moments.iter().map(|start| within(*start)).max().unwrap_or(0)
}

#[tokio::test]
async fn no_minute_and_no_hour_sees_more_issues_than_configured() {
    let mut world = World::new().await;
    world.settings.publish.max_creates_per_minute = 2;
    world.settings.publish.max_creates_per_hour = 5;
    world.report_with_actions(["One", "Two", "Three", "Four", "Five", "Six", "Seven"]).await;
    assert_eq!(world.publish().await.created.len(), 7);
    let creates = creates(&world);
    assert_eq!(creates.len(), 8);
    assert_eq!(most_within(Duration::minutes(1), &creates), 2);
    assert_eq!(most_within(Duration::hours(1), &creates), 5);
    assert!(creates.windows(2).all(|pair| pair[1] - pair[0] >= Duration::seconds(3)));
    world.finish().await;
}

#[tokio::test]
async fn the_pace_holds_across_restarts() {
    let mut world = World::new().await;
    world.settings.publish.max_creates_per_minute = 1;
    world.report_with_actions(["One", "Two", "Three"]).await;
    for _ in 0..6 {
        world.publish_without_waiting().await;
        world.restart().await;
        world.passes(Duration::seconds(20));
    }
    assert_eq!(most_within(Duration::minutes(1), &creates(&world)), 1);
    world.publish().await;
    world.finish().await;
}

#[tokio::test]
async fn what_people_change_does_not_wait_for_the_pace_of_new_issues() {
    let mut world = World::new().await;
    world.settings.publish.max_creates_per_hour = 2;
    let ids = world.report_with_actions(["One", "Two"]).await;
    world.publish_without_waiting().await;
    world.passes(Duration::seconds(10));
    world.publish_without_waiting().await;
    world.marks_done(ids[0]).await;
    // The second issue may only be made in an hour.
    world.publish_without_waiting().await;
    assert_eq!(world.issue(2).state_reason.as_deref(), Some("completed"));
    assert_eq!(world.outbox().await, "Create CA-2 Pending after 0 tries\n");
    world.publish().await;
    world.finish().await;
}

#[tokio::test]
async fn while_github_asks_to_wait_nobody_asks_anything() {
    for (fault, wait) in [
        (Fault::create_issue(Effect::SecondaryLimit { retry_after: Some(300), status: 403 }), 300),
        (Fault::create_issue(Effect::SecondaryLimit { retry_after: Some(90), status: 429 }), 90),
        (Fault::create_issue(Effect::SecondaryLimit { retry_after: None, status: 403 }), 60),
        (Fault::create_issue(Effect::PrimaryLimit { reset_in: 600 }), 600),
        (Fault::new(Match::ListIssues, Effect::SecondaryLimit { retry_after: Some(120), status: 429 }), 120),
        (Fault::rest("POST", "labels", Effect::SecondaryLimit { retry_after: Some(30), status: 403 }), 30),
        (
            Fault::rest(
                "POST",
                "issues/*/sub_issues",
                Effect::SecondaryLimit { retry_after: Some(45), status: 403 },
            ),
            45,
        ),
    ] {
        let world = World::new().await;
        world.report_with_actions(["One", "Two"]).await;
        world.sandbox.fault(fault);
        // Where issues cannot be made under their parents, they are hung there.
        let unknown = Effect::Refuse { status: 404, body: String::new(), headers: vec![] };
        world.sandbox.fault(Fault::graphql("Ids", unknown).always());
        // Another process on the same database while the first one waits: both obey.
        let other = world.engine().await;
        let both = tokio::join!(world.tries_to_publish(), other.sync(true));
        assert_eq!((both.0.unwrap().needs_human, both.1.unwrap().needs_human), (vec![], vec![]));
        let requests = world.sandbox.requests();
        let refused = requests.iter().find(|request| limited(request)).unwrap().at;
        let during = |at: DateTime<Utc>| at > refused && at < refused + Duration::seconds(wait);
        let early: Vec<_> = requests.iter().filter(|request| during(request.at)).collect();
        assert!(early.is_empty(), "{early:#?}");
        assert_eq!(world.sandbox.issues(REPO).len(), 3);
        world.finish().await;
    }
}

#[tokio::test]
async fn without_waiting_a_pause_is_told_and_ends_the_run() {
    let world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.sandbox.fault(Fault::create_issue(Effect::SecondaryLimit { retry_after: Some(300), status: 403 }));
    let publish = world.publish_without_waiting().await;
    assert_eq!((publish.waiting.len(), publish.created), (2, vec![]));
    world.sandbox.clear_requests();
    let again = world.publish_without_waiting().await;
    let sync = world.engine().await.sync(false).await.unwrap();
    assert_eq!((again.waiting.len(), sync.waiting.len(), world.sandbox.request_count()), (2, 2, 0));
    world.passes(Duration::seconds(301));
    world.publish().await;
    world.finish().await;
}

#[tokio::test]
async fn without_waiting_a_pause_while_forgotten_issues_are_looked_for_is_told_as_well() {
    let world = World::new().await;
    world.report_with_actions(["One"]).await;
    // The first list is the look for issues of another database, the second the one for forgotten issues.
    let limit = Effect::SecondaryLimit { retry_after: Some(300), status: 403 };
    world.sandbox.fault(Fault::new(Match::ListIssues, limit).nth(2));
    let publish = world.publish_without_waiting().await;
    assert_eq!((publish.waiting.len(), publish.created), (2, vec![]), "{:?}", publish.waiting);
    assert!(publish.waiting[0].what.contains("asks to wait"), "{:?}", publish.waiting);
    world.passes(Duration::seconds(301));
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn without_waiting_a_pause_while_looking_is_told_as_well() {
    let world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.publish().await;
    world
        .sandbox
        .fault(Fault::graphql("nodes", Effect::SecondaryLimit { retry_after: Some(300), status: 403 }));
    let sync = world.engine().await.sync(false).await.unwrap();
    assert_eq!((sync.waiting.len(), sync.observed), (1, 0), "{sync:?}");
    world.passes(Duration::seconds(301));
    world.finish().await;
}

#[tokio::test]
async fn a_pause_of_thousands_of_years_is_a_day() {
    let world = World::new().await;
    world.report_with_actions(["Rotate the signing key"]).await;
    let for_ever = Effect::SecondaryLimit { retry_after: Some(99_999_999_999_999_999), status: 403 };
    world.sandbox.fault(Fault::create_issue(for_ever));
    world.publish_without_waiting().await;
    world.passes(Duration::hours(24) + Duration::seconds(1));
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}
