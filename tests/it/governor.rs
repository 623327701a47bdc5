//! What one process hears of GitHub's limits counts for every other one of the same credential, and for no other.

use chrono::Duration;
use followup::{store::Credential, sync::SyncError};
use github_sandbox::{Effect, Fault, Match};

use crate::world::World;

impl World {
    async fn standing(&self) -> Credential {
        let (tracker, mut snapshot) = (self.github(), self.store.read().await.unwrap());
        snapshot.credential(tracker.host(), &tracker.credential()).await.unwrap()
    }
}

fn limited(retry_after: Option<u64>) -> Effect {
    Effect::SecondaryLimit { retry_after, status: 403 }
}

#[tokio::test]
async fn two_credentials_do_not_pause_each_other() {
    let mut world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.sandbox.add_token("another-token", "octo-dev");
    world.sandbox.fault(Fault::create_issue(limited(Some(3600))));
    world.publish_without_waiting().await;
    world.sandbox.clear_requests();
    world.publish_without_waiting().await;
    assert_eq!(world.sandbox.request_count(), 0);
    // The pace counts for all that make issues there, whoever they are.
    world.passes(Duration::seconds(10));
    world.token = Some("another-token");
    let published = world.publish_without_waiting().await;
    assert!(world.sandbox.request_count() > 0);
    assert_eq!((published.parents.len(), world.standing().await.paused_until), (1, None));
    world.publish().await;
    world.finish().await;
}

#[tokio::test]
async fn a_hit_makes_the_pace_lower_in_the_next_process_too() {
    let mut world = World::new().await;
    world.settings.publish.max_creates_per_minute = 4;
    world.report_with_actions(["One", "Two", "Three", "Four", "Five"]).await;
    world.sandbox.fault(Fault::create_issue(limited(Some(60))));
    world.publish_without_waiting().await;
    assert_eq!(world.standing().await.slowed, 1);
    world.restart().await;
    world.sandbox.clear_requests();
    assert_eq!(world.publish().await.created.len(), 5);
    let requests = world.sandbox.requests();
    let creates: Vec<_> =
        requests.iter().filter(|request| request.opens_an_issue()).map(|request| request.at).collect();
    assert!(creates.windows(2).all(|pair| pair[1] - pair[0] >= Duration::seconds(6)), "{creates:?}");
    assert!(creates.windows(3).all(|three| three[2] - three[0] >= Duration::seconds(60)), "{creates:?}");
    assert_eq!(world.standing().await.clean_creates, 6);
    world.finish().await;
}

#[tokio::test]
async fn a_wait_of_untold_length_grows_across_processes_while_it_goes_on() {
    let mut world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.sandbox.fault(Fault::create_issue(limited(None)).next(3));
    let mut waits = Vec::new();
    for _ in 0..3 {
        let before = world.clocks().pacing.now();
        world.publish_without_waiting().await;
        let until = world.standing().await.paused_until.unwrap();
        waits.push((until - before).num_minutes());
        world.restart().await;
        world.passes(until - world.clocks().pacing.now() + Duration::seconds(100));
    }
    assert_eq!(waits, [1, 2, 4]);
    world.publish().await;
    assert_eq!(world.standing().await.untold, 0);
    world.finish().await;
}

#[tokio::test]
async fn the_last_part_of_the_hour_is_left_to_people() {
    let mut world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.publish().await;
    world.sandbox.primary_limit(60);
    world.settings.is_background = true;
    // It learns how little is left from the answers themselves, and the next one from what was written down.
    while world.standing().await.rate_reset_at.is_none() {
        world.engine().await.sync(false).await.unwrap();
    }
    world.restart().await;
    world.sandbox.clear_requests();
    let background = world.engine().await.sync(false).await.unwrap();
    assert_eq!(world.sandbox.request_count(), 0);
    assert!(background.waiting[0].what.contains("kept for people"), "{:?}", background.waiting);
    world.settings.is_background = false;
    assert_eq!(world.engine().await.sync(false).await.unwrap().observed, 2);
    // One that waits goes on when the hour begins anew.
    world.settings.is_background = true;
    assert_eq!(world.sync().await.observed, 2);
    world.finish().await;
}

#[tokio::test]
async fn in_an_outage_a_new_pass_tries_once_and_a_success_ends_it() {
    let mut world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.publish().await;
    world.sandbox.fault(Fault::new(Match::Any, Effect::ServerErrorBeforeCommit(502)).always());
    for _ in 0..2 {
        assert!(matches!(world.tries_to_sync().await, Err(SyncError::Tracker(_))));
    }
    let standing = world.standing().await;
    assert!(standing.closed_until > Some(world.clocks().pacing.now()), "{standing:?}");
    world.restart().await;
    world.sandbox.clear_requests();
    assert!(matches!(world.tries_to_sync().await, Err(SyncError::Tracker(_))));
    assert_eq!(world.sandbox.request_count(), 1);
    world.sandbox.clear_faults();
    assert_eq!(world.sync().await.observed, 2);
    let standing = world.standing().await;
    assert_eq!((standing.failures, standing.closed_until), (0, None));
    world.finish().await;
}
