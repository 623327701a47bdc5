//! What closed an issue is kept as evidence of its action: once, whatever fails in between, and only where it shows something.

use chrono::Duration;
use followup::{
    action::{ActionId, ActorKind, EvidenceKind, State},
    store::Evidence,
};
use github_sandbox::{CloseReason, Effect, Fault};

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, day, owned},
};

const OID: &str = "0123456789abcdef0123456789abcdef01234567";

/// A report with one published action; issue 1 is its parent, issue 2 its own.
async fn published() -> (World, ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.publish().await;
    world.passes(Duration::days(2));
    (world, ids[0])
}

impl World {
    async fn evidence(&self, id: ActionId) -> Vec<Evidence> {
        self.store.read().await.unwrap().evidence_of(id).await.unwrap()
    }

    async fn addresses(&self, id: ActionId) -> Vec<String> {
        let begin = format!("{}/{REPO}/", self.sandbox.url());
        let evidence = self.evidence(id).await;
        evidence.into_iter().map(|evidence| evidence.url.strip_prefix(&begin).unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn the_pull_request_that_closed_an_issue_shows_that_the_work_was_done() {
    let (world, id) = published().await;
    let pull = world.sandbox.close_by_pull_request(REPO, 2, "octo-ops").unwrap();
    let summary = world.sync().await;
    let url = format!("{}/{REPO}/pull/{pull}", world.sandbox.url());
    let line = "state: open → done (issue closed as completed)".to_owned();
    assert_eq!(summary.changed[0].what, [line, format!("evidence: {url}")]);
    let evidence = world.evidence(id).await;
    let [evidence] = &evidence[..] else { panic!("{evidence:?}") };
    assert_eq!((evidence.kind, &evidence.url), (EvidenceKind::PullRequest, &url));
    assert_eq!((evidence.note.as_deref(), evidence.dated_on), (Some("Fixes #2"), Some(day("2024-05-17"))));
    assert!(evidence.digest.as_deref().is_some_and(|digest| digest.starts_with("git:")), "{evidence:?}");
    assert_eq!((evidence.added_by.as_str(), evidence.added_by_kind), ("octo-ops", ActorKind::Tracker));
    assert_eq!(world.action(id).await.state, State::Done);
    world.finish().await;
    assert_eq!(world.evidence(id).await.len(), 1);
}

#[tokio::test]
async fn so_does_a_commit_with_and_without_graphql() {
    for has_graphql in [true, false] {
        let (world, id) = published().await;
        if !has_graphql {
            let body = r#"{"message":"Not Found"}"#.to_owned();
            let refuse = Effect::Refuse { status: 404, body, headers: vec![] };
            world.sandbox.fault(Fault::graphql("nodes", refuse).always());
        }
        world.sandbox.close_by_commit(REPO, 2, "octo-ops", OID).unwrap();
        world.sync().await;
        assert_eq!(world.addresses(id).await, [format!("commit/{OID}")], "{has_graphql}");
        let evidence = &world.evidence(id).await[0];
        assert_eq!(
            (evidence.kind, evidence.digest.clone()),
            (EvidenceKind::Commit, Some(format!("git:{OID}")))
        );
        assert_eq!((evidence.dated_on, evidence.added_by.as_str()), (Some(day("2024-05-17")), "octo-ops"));
        world.finish().await;
    }
}

#[tokio::test]
async fn a_pull_request_that_was_tied_to_an_issue_counts_when_somebody_closes_it_by_hand() {
    let (world, id) = published().await;
    let merged = world.sandbox.open_pull_request(REPO, "octo-ops", "Rotate it").unwrap();
    world.sandbox.merge(REPO, merged, "octo-ops").unwrap();
    world.sandbox.will_close(REPO, merged, REPO, 2).unwrap();
    let open = world.sandbox.open_pull_request(REPO, "octo-ops", "Rotate it twice").unwrap();
    world.sandbox.will_close(REPO, open, REPO, 2).unwrap();
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    assert_eq!(world.addresses(id).await, [format!("pull/{merged}")]);
    world.finish().await;
}

#[tokio::test]
async fn a_click_shows_nothing_and_neither_does_what_will_not_be_done() {
    let (world, id) = published().await;
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    assert_eq!((world.evidence(id).await, world.action(id).await.state), (vec![], State::Done));
    world.reopens_on_github(2);
    world.sync().await;
    let pull = world.sandbox.open_pull_request(REPO, "octo-ops", "Half of it").unwrap();
    world.sandbox.merge(REPO, pull, "octo-ops").unwrap();
    world.sandbox.will_close(REPO, pull, REPO, 2).unwrap();
    world.closes_on_github(2, CloseReason::NotPlanned);
    world.sync().await;
    assert_eq!((world.evidence(id).await, world.action(id).await.state), (vec![], State::Open));
    world.finish().await;
}

#[tokio::test]
async fn what_closed_it_again_is_kept_as_well() {
    let (world, id) = published().await;
    let first = world.sandbox.close_by_pull_request(REPO, 2, "octo-ops").unwrap();
    world.sync().await;
    world.reopens_on_github(2);
    world.sync().await;
    assert_eq!(world.action(id).await.state, State::Open);
    let second = world.sandbox.close_by_pull_request(REPO, 2, "octo-dev").unwrap();
    world.sync().await;
    assert_eq!(world.addresses(id).await, [format!("pull/{first}"), format!("pull/{second}")]);
    world.finish().await;
}

#[tokio::test]
async fn an_issue_that_became_a_discussion_was_not_done() {
    let (world, id) = published().await;
    world.sandbox.convert_to_discussion(REPO, 2, "octo-ops").unwrap();
    let summary = world.sync().await;
    assert_eq!(
        summary.changed[0].what,
        ["the issue is closed as converted_to_discussion; the action keeps its state"]
    );
    assert_eq!(world.action(id).await.state, State::Open);
    let events = world.events().await.len();
    assert!(world.sync().await.changed.is_empty());
    assert_eq!((world.events().await.len(), world.issue(2).state.as_str()), (events, "closed"));
}

#[tokio::test]
async fn what_cannot_be_told_now_is_asked_again_and_what_may_not_be_told_holds_nothing_up() {
    let (world, id) = published().await;
    let pull = world.sandbox.close_by_pull_request(REPO, 2, "octo-ops").unwrap();
    world.sandbox.fault(Fault::graphql("Closers", Effect::ServerErrorBeforeCommit(502)).always());
    assert!(world.tries_to_sync().await.is_err());
    assert_eq!((world.evidence(id).await, world.action(id).await.state), (vec![], State::Open));
    world.sandbox.clear_faults();
    world.passes(Duration::minutes(10));
    world.sync().await;
    assert_eq!(world.addresses(id).await, [format!("pull/{pull}")]);
    world.finish().await;

    let (world, id) = published().await;
    world.sandbox.close_by_pull_request(REPO, 2, "octo-ops").unwrap();
    let body = r#"{"message":"Resource not accessible by personal access token"}"#.to_owned();
    let refuse = Effect::Refuse { status: 403, body, headers: vec![] };
    world.sandbox.fault(Fault::graphql("Closers", refuse).always());
    world.sync().await;
    assert_eq!((world.evidence(id).await, world.action(id).await.state), (vec![], State::Done));
    world.finish().await;
}

#[tokio::test]
async fn too_many_at_once_are_asked_for_in_parts() {
    let mut world = World::new().await;
    world.settings.publish.create_interval = std::time::Duration::ZERO;
    (world.settings.publish.max_creates_per_minute, world.settings.publish.max_creates_per_hour) =
        (1000, 1000);
    let ids = world
        .report_with((1..=30).map(|number| owned(&format!("Step {number}"), "octo-dev")).collect())
        .await;
    world.publish().await;
    for number in 2..=31 {
        world.sandbox.close_by_pull_request(REPO, number, "octo-ops").unwrap();
    }
    world.sandbox.fault(Fault::graphql("Closers", Effect::ServerErrorBeforeCommit(502)));
    world.sync().await;
    for id in ids {
        assert_eq!(world.evidence(id).await.len(), 1, "{id}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_death_at_any_request_loses_and_doubles_nothing() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0..3 {
            let (mut world, id) = published().await;
            let pull = world.sandbox.close_by_pull_request(REPO, 2, "octo-ops").unwrap();
            world.dies_in(Work::Sync, requests, dies).await;
            world.passes(Duration::minutes(5));
            world.sync().await;
            assert_eq!(world.addresses(id).await, [format!("pull/{pull}")], "{dies:?} {requests}");
            world.finish().await;
        }
    }
}

#[tokio::test]
async fn an_issue_that_was_done_before_it_was_tied_brings_its_evidence() {
    let world = World::new().await;
    let ids = world.report_with_actions(["Rotate the signing key"]).await;
    let number = world.opens_on_github("Rotate keys", "As said in the review.");
    let pull = world.sandbox.close_by_pull_request(REPO, number, "octo-ops").unwrap();
    let linked = world.links(ids[0], number).await;
    assert_eq!(linked.line.what.len(), 2, "{linked:?}");
    assert_eq!(world.addresses(ids[0]).await, [format!("pull/{pull}")]);
    world.finish().await;
}
