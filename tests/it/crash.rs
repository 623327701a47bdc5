//! A process may die at any moment: no action is lost by it, and none gets two issues.

use std::sync::Arc;

use followup::{
    action::{ActionId, State},
    store::OutboxState,
    sync::Selection,
};
use github_sandbox::{CloseReason, Effect, Fault};

use crate::{
    mortal::{Budget, Dies, Mortal},
    world::{REPO, World, owned},
};

/// What a process does when it dies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    Publish,
    Sync,
}

impl World {
    /// Runs a process that dies during the request after `requests` others, and starts anew. Tells whether it died; one
    /// that was through before did not.
    pub(crate) async fn dies_in(&mut self, work: Work, requests: usize, dies: Dies) -> bool {
        let mortal = Arc::new(Mortal::after(requests, dies, self.github()));
        let engine = self.engine_with(mortal.clone()).await;
        let run = async {
            match work {
                Work::Publish => engine.publish(&Selection::default(), true).await,
                Work::Sync => engine.sync(true).await,
            }
        };
        let died = tokio::select! {
            biased;
            _ = run => false,
            () = mortal.death() => true,
        };
        drop(engine);
        self.restart().await;
        died
    }
}

/// Every action that somebody owes has its one issue.
fn nothing_is_lost(world: &World, titles: &[&str]) {
    let mut there: Vec<_> = world.sandbox.issues(REPO).into_iter().map(|issue| issue.title).collect();
    there.sort();
    assert_eq!(there, titles);
}

#[tokio::test]
async fn a_publish_that_dies_at_any_request_is_finished_by_the_next_one() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let mut world = World::new().await;
            world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
            let died = world.dies_in(Work::Publish, requests, dies).await;
            let summary = world.publish().await;
            assert_eq!(summary.needs_human, vec![], "{dies:?} request {requests}");
            nothing_is_lost(&world, &["Checkout down for two hours", "One", "Two"]);
            assert!(
                world.sandbox.issues(REPO)[1..].iter().all(|issue| issue.parent == Some(1)),
                "{}",
                world.issues()
            );
            world.finish().await;
            if !died {
                assert!(requests > 8, "it talked to GitHub only {requests} times");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_sync_that_dies_at_any_request_is_finished_by_the_next_one() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let mut world = World::new().await;
            let ids = world
                .report_with(vec![
                    owned("One", "octo-dev"),
                    owned("Two", "octo-ops"),
                    owned("Three", "octo-dev"),
                ])
                .await;
            world.publish().await;
            world.closes_on_github(2, CloseReason::Completed);
            world.marks_done(ids[1]).await;
            world.assigns(ids[2], "octo-lead").await;
            let died = world.dies_in(Work::Sync, requests, dies).await;
            world.sync().await;
            assert_eq!(world.action(ids[0]).await.state, State::Done);
            assert_eq!(world.issue(3).state_reason.as_deref(), Some("completed"));
            assert_eq!(world.issue(4).assignees, ["octo-lead"]);
            world.finish().await;
            if !died {
                assert!(requests >= 3, "it talked to GitHub only {requests} times");
                break;
            }
        }
    }
}

#[tokio::test]
async fn dying_again_and_again_does_no_harm() {
    let mut world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    for round in 0..20 {
        world.dies_in(Work::Publish, round % 5, Dies::After).await;
        world.dies_in(Work::Sync, round % 3, Dies::Before).await;
    }
    let summary = world.publish().await;
    assert_eq!(summary.needs_human, vec![], "{}", world.outbox().await);
    nothing_is_lost(&world, &["Checkout down for two hours", "One", "Two"]);
    world.finish().await;
}

/// Not only at a request: wherever the process is, in a transaction, between two, or waiting.
#[test]
fn a_publish_that_dies_at_any_step_is_finished_by_the_next_one() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for steps in (0..).step_by(7) {
        let first = runtime();
        let (mut world, is_through) = first.block_on(async {
            let world = World::new().await;
            world.report_with(vec![owned("One", "octo-dev")]).await;
            let is_through = Budget::of(steps, world.publish()).await.is_some();
            (world, is_through)
        });
        // With the runtime end all tasks of the process, also those that hold its connections.
        drop(first);
        runtime().block_on(async {
            world.restart().await;
            world.nothing_is_on_its_way().await;
            world.publish().await;
            nothing_is_lost(&world, &["Checkout down for two hours", "One"]);
            world.finish().await;
        });
        if is_through {
            assert!(steps > 50, "it was through after {steps} steps");
            break;
        }
    }
}

/// One published action whose update is being sent when the process dies.
async fn died_in_an_update() -> (World, ActionId) {
    let mut world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev")]).await;
    world.publish().await;
    world.marks_done(ids[0]).await;
    // A look at the issue, one at its repository, and then the write.
    assert!(world.dies_in(Work::Sync, 2, Dies::Before).await);
    let states: Vec<_> = world.live_outbox().await.iter().map(|row| row.state).collect();
    assert_eq!(states, [OutboxState::Sending]);
    (world, ids[0])
}

#[tokio::test]
async fn an_action_that_changes_again_while_its_update_is_in_the_air_is_sent_as_it_is_then() {
    let (world, id) = died_in_an_update().await;
    world.reopens(id).await;
    world.assigns(id, "octo-ops").await;
    world.sync().await;
    assert_eq!(
        (world.issue(2).state.as_str(), world.issue(2).assignees),
        ("open", vec!["octo-ops".to_owned()])
    );
    world.finish().await;
}

#[tokio::test]
async fn an_owner_who_comes_back_after_a_change_that_nobody_wrote_down_is_assigned_again() {
    let mut world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev")]).await;
    world.publish().await;
    world.assigns(ids[0], "stranger").await;
    assert!(world.dies_in(Work::Sync, 2, Dies::After).await);
    // GitHub took the one off, and cannot assign the other.
    assert_eq!(world.issue(2).assignees, Vec::<String>::new());
    world.assigns(ids[0], "octo-dev").await;
    world.sync().await;
    assert_eq!(world.issue(2).assignees, ["octo-dev"]);
    world.finish().await;
}

#[tokio::test]
async fn a_change_that_comes_while_github_refuses_another_waits_with_it() {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev")]).await;
    world.publish().await;
    let refuse = Effect::Refuse { status: 422, body: r#"{"message":"no"}"#.to_owned(), headers: vec![] };
    world.sandbox.fault(Fault::rest("PATCH", "issues/*", refuse).next(3));
    world.marks_done(ids[0]).await;
    assert_eq!(world.sync().await.needs_human.len(), 1);
    world.reopens(ids[0]).await;
    world.marks_done(ids[0]).await;
    assert_eq!(world.sync().await.needs_human.len(), 1);
    world.sync().await;
    world.sync().await;
    assert_eq!(world.issue(2).state, "closed");
    world.finish().await;
}

#[tokio::test]
async fn a_change_here_while_an_update_is_answered_is_not_taken_for_sent() {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev")]).await;
    world.publish().await;
    world.marks_done(ids[0]).await;
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    let meddled = Mortal::meddled(world.github(), move || {
        send.send(()).ok();
    });
    let engine = world.engine_with(Arc::new(meddled)).await;
    let person = async {
        receive.recv().await.unwrap();
        world.reopens(ids[0]).await;
        world.assigns(ids[0], "octo-ops").await;
        drop(receive);
    };
    let (summary, ()) = tokio::join!(engine.sync(true), person);
    summary.unwrap();
    world.sync().await;
    assert_eq!(
        (world.issue(2).state.as_str(), world.issue(2).assignees),
        ("open", vec!["octo-ops".to_owned()])
    );
    world.finish().await;
}

#[tokio::test]
async fn what_people_do_between_our_look_and_our_write_is_taken_over_by_the_next_pass() {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev")]).await;
    world.publish().await;
    world.assigns(ids[0], "octo-ops").await;
    let sandbox = world.sandbox.clone();
    let meddled = Mortal::meddled(world.github(), move || {
        sandbox.edit_title(REPO, 2, "One, and more").unwrap();
        sandbox.close(REPO, 2, CloseReason::Completed, "octo-lead").unwrap();
    });
    world.engine_with(Arc::new(meddled)).await.sync(true).await.unwrap();
    world.sync().await;
    let action = world.action(ids[0]).await;
    assert_eq!((action.title.as_str(), action.state), ("One, and more", State::Done));
    world.finish().await;
}

#[tokio::test]
async fn two_processes_at_once_make_every_issue_once() {
    let world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    let (first, second, third) =
        tokio::join!(world.tries_to_publish(), world.tries_to_publish(), world.tries_to_sync());
    let created = [first, second, third].map(|summary| summary.unwrap().created.len());
    assert_eq!(created.iter().sum::<usize>(), 2);
    nothing_is_lost(&world, &["Checkout down for two hours", "One", "Two"]);
    world.finish().await;
}
