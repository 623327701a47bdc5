//! What GitHub carries out long after it gave no answer, and what others undo again and again.

use chrono::Duration;
use followup::action::{ActionId, Side, State, Subject};
use github_sandbox::{CloseReason, Effect, Fault};

use crate::world::{REPO, World, owned};

/// A published action whose create was sent twice, because the first try got no answer and was not done. Issue 2 is its own.
async fn sent_twice() -> (World, ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.sandbox.fault(Fault::create_issue(Effect::DropBefore).nth(2));
    world.publish().await;
    assert_eq!(world.sandbox.issues(REPO).len(), 2);
    (world, ids[0])
}

impl World {
    /// GitHub carries out what it did not answer: another issue with the same words, and so with the same mark.
    fn lands_late(&self) -> u64 {
        let body = self.issue(2).body;
        self.sandbox.open_issue(REPO, github_sandbox::DEFAULT_LOGIN, "Rotate the signing key", &body).unwrap()
    }
}

#[tokio::test]
async fn what_lands_after_it_was_sent_again_is_found_and_closed_when_a_person_says_so() {
    let (world, id) = sent_twice().await;
    world.passes(Duration::hours(2));
    let late = world.lands_late();
    let summary = world.sync().await;
    assert_eq!(
        summary.needs_human[0].what,
        format!("2 issues carry its mark: #2 is kept, #{late} would be closed as duplicates")
    );
    // It is told of once, and found once.
    assert!(world.sync().await.needs_human.is_empty());
    let decision = followup::sync::Decision {
        id: Subject::Action(id),
        field: None,
        keep: Side::Ours,
        policy_due_on: crate::world::day("2024-07-14"),
    };
    followup::sync::resolve(&world.store, &world.stamp(), &world.clocks(), decision).await.unwrap();
    world.sync().await;
    let closed = world.issue(late);
    assert_eq!((closed.state.as_str(), closed.state_reason.as_deref()), ("closed", Some("duplicate")));
    assert!(world.sync().await.needs_human.is_empty());
    assert_eq!(world.action(id).await.state, State::Open);
}

#[tokio::test]
async fn only_what_was_sent_again_is_looked_after_and_for_a_day() {
    let lists = |world: &World| {
        let requests = world.sandbox.requests();
        requests.iter().filter(|request| request.path.contains("since=")).count()
    };
    let world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.publish().await;
    world.sandbox.clear_requests();
    world.sync().await;
    assert_eq!(lists(&world), 0);

    let (world, _) = sent_twice().await;
    world.sandbox.clear_requests();
    world.sync().await;
    assert_eq!(lists(&world), 1);
    world.passes(Duration::hours(25));
    world.sandbox.clear_requests();
    world.sync().await;
    assert_eq!(lists(&world), 0);
    world.finish().await;
}

#[tokio::test]
async fn whoever_undoes_all_that_we_write_is_not_fought_with() {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.publish().await;
    let before = world.issue(2);
    let edit = followup::action::Edit { title: Some("Rotate both".to_owned()), ..Default::default() };
    world.commands(ids[0], followup::action::Command::Edit(edit)).await;
    world.assigns(ids[0], "octo-ops").await;
    world.moves_due(ids[0], "2024-08-01").await;
    world.marks_done(ids[0]).await;
    let mut writes = Vec::new();
    for _ in 0..8 {
        world.sandbox.clear_requests();
        world.sync().await;
        writes.push(world.sandbox.writes().len());
        // A bot that knows better.
        world.renames_on_github(2, &before.title);
        world.edits_body_over_the_api(2, &before.body).await;
        world.assigns_on_github(2, Some("octo-dev"));
        if world.issue(2).state == "closed" {
            world.reopens_on_github(2);
        }
        world.passes(Duration::minutes(1));
    }
    // What was said here was said once; then the bot's word stands, and nothing more is written.
    assert!(writes[0] > 0 && writes[3..].iter().all(|number| *number == 0), "{writes:?}");
    let action = world.action(ids[0]).await;
    assert_eq!((action.title.as_str(), action.state), ("Rotate the signing key", State::Open));
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    assert_eq!(world.action(ids[0]).await.state, State::Done);
}
