//! Publishing as a GitHub App: one token for everybody who waits for it, replaced in time, and no doubt about what was
//! sent when GitHub does not accept it.

use chrono::Duration;
use followup::{
    sync::SyncError,
    tracker::{
        Tracker, TrackerError,
        github::{App, Credentials, GitHub, Settings},
    },
};
use github_sandbox::{Access, Effect, Fault, TEST_APP_KEY};

use crate::world::{REPO, World};

const APP: u64 = 4711;

fn an_app(id: u64, installation: Option<u64>, repo: Option<&str>) -> App {
    App::new(id, installation, repo.map(|repo| repo.parse().unwrap()), &TEST_APP_KEY.into()).unwrap()
}

/// A team whose Followup is an app, installed for its owner.
async fn a_world_with_an_app() -> (World, u64) {
    let mut world = World::new().await;
    world.sandbox.add_app(APP, "followup-app", TEST_APP_KEY).unwrap();
    let installation = world.sandbox.install_app(APP, "acme", &Access::default()).unwrap();
    world.app = Some(an_app(APP, Some(installation), Some(REPO)));
    (world, installation)
}

fn refusal(status: u16) -> Effect {
    Effect::Refuse { status, body: "{\"message\":\"Bad credentials\"}".to_owned(), headers: vec![] }
}

/// Why the pass ended, and what the person can do.
fn why<T: std::fmt::Debug>(outcome: Result<T, SyncError>) -> String {
    let Err(SyncError::Tracker(error @ TrackerError::Unauthorized { .. })) = outcome else {
        panic!("{outcome:?}")
    };
    let (_, message) = error.to_string().split_once(' ').map(|(_, rest)| ((), rest.to_owned())).unwrap();
    format!("{message} → {}", error.hint())
}

impl World {
    fn statuses(&self, path: &str) -> Vec<Option<u16>> {
        let requests = self.sandbox.requests();
        requests.iter().filter(|request| request.path.contains(path)).map(|request| request.status).collect()
    }
}

#[tokio::test]
async fn an_app_publishes_as_its_bot_with_one_token() {
    let (mut world, installation) = a_world_with_an_app().await;
    let github = world.github();
    assert_eq!(github.whoami().await.unwrap(), "followup-app[bot]");
    assert_eq!(github.credential(), format!("app-{APP}-{installation}"));
    world.report_with_actions(["One", "Two"]).await;
    let minted = world.sandbox.tokens_minted();
    assert_eq!(world.publish().await.created.len(), 2);
    assert_eq!(world.sandbox.tokens_minted(), minted + 1);
    let issues = world.sandbox.issues(REPO);
    assert_eq!(issues.len(), 3);
    assert!(issues.iter().all(|issue| issue.author == "followup-app[bot]"), "{issues:?}");
    assert!(issues[0].labels.contains(&"corrective-action".to_owned()));
    world.restart().await;
    world.finish().await;
}

#[tokio::test]
async fn many_requests_wait_for_one_token() {
    let (world, _) = a_world_with_an_app().await;
    let github = world.github();
    let repo = REPO.parse().unwrap();
    let asked: Vec<_> = (0..20).map(|_| github.repository(&repo)).collect();
    for answer in futures(asked).await {
        answer.unwrap();
    }
    assert_eq!(world.sandbox.tokens_minted(), 1);
    // A token that all of them are refused with is replaced once. That it ended only GitHub knows.
    world.sandbox.advance(Duration::hours(1));
    let asked: Vec<_> = (0..20).map(|_| github.repository(&repo)).collect();
    for answer in futures(asked).await {
        answer.unwrap();
    }
    assert_eq!(world.sandbox.tokens_minted(), 2);
    let refused = world.statuses("/repos/").iter().filter(|status| **status == Some(401)).count();
    assert_eq!(refused, 20);
}

/// Asks all at once.
async fn futures<F: Future + Send>(all: Vec<F>) -> Vec<F::Output>
where
    F::Output: Send,
{
    let mut all: Vec<_> = all.into_iter().map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_ready = true;
        for (one, answer) in &mut all {
            if answer.is_none() {
                match one.as_mut().poll(context) {
                    std::task::Poll::Ready(output) => *answer = Some(output),
                    std::task::Poll::Pending => is_ready = false,
                }
            }
        }
        if is_ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    all.into_iter().map(|(_, answer)| answer.unwrap()).collect()
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    let (world, _) = a_world_with_an_app().await;
    let github = world.github();
    let repo = REPO.parse().unwrap();
    github.repository(&repo).await.unwrap();
    world.passes(Duration::minutes(54));
    github.repository(&repo).await.unwrap();
    assert_eq!(world.sandbox.tokens_minted(), 1);
    world.passes(Duration::minutes(1));
    github.repository(&repo).await.unwrap();
    assert_eq!(world.sandbox.tokens_minted(), 2);
    assert!(world.sandbox.requests().iter().all(|request| request.status != Some(401)));
}

#[tokio::test]
async fn what_was_refused_with_401_was_not_done_and_is_sent_once_more() {
    let (world, _) = a_world_with_an_app().await;
    let ids = world.report_with_actions(["One"]).await;
    world.sandbox.fault(Fault::create_issue(refusal(401)));
    assert_eq!(world.publish().await.created.len(), 1);
    assert_eq!(world.sandbox.tokens_minted(), 2);
    assert_eq!(world.sandbox.issues(REPO).len(), 2);
    world.moves_due(ids[0], "2024-08-01").await;
    world.sandbox.fault(Fault::rest("PATCH", "issues/*", refusal(401)));
    assert_eq!(world.sync().await.updated.len(), 1);
    world.sandbox.fault(Fault::graphql("nodes", refusal(401)));
    world.sync().await;
    world.finish().await;
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_told_and_nothing_is_sent_a_third_time() {
    let (world, _) = a_world_with_an_app().await;
    world.report_with_actions(["One"]).await;
    world.sandbox.fault(Fault::create_issue(refusal(401)).next(2));
    insta::assert_snapshot!(why(world.tries_to_publish().await), @"does not accept the app 4711: Bad credentials → see in the app's settings that it is still installed and has the permission Issues: read and write");
    let creates = world.sandbox.writes().iter().filter(|write| write.path.ends_with("/issues")).count();
    assert_eq!((creates, world.sandbox.issues(REPO).len()), (2, 0));
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_persons_token_that_is_refused_is_not_tried_again() {
    let world = World::new().await;
    world.report_with_actions(["One"]).await;
    world.sandbox.fault(Fault::create_issue(refusal(401)));
    insta::assert_snapshot!(why(world.tries_to_publish().await), @"does not accept the token: Bad credentials → make a new token with the permission Issues: read and write, and set GH_TOKEN");
    let creates = world.sandbox.writes().iter().filter(|write| write.path.ends_with("/issues")).count();
    assert_eq!((creates, world.sandbox.issues(REPO).len()), (1, 0));
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn signing_in_without_an_answer_leaves_no_doubt_about_the_issue() {
    for effect in [Effect::LoseReply, Effect::DropBefore, Effect::Truncate, refusal(502)] {
        let (world, _) = a_world_with_an_app().await;
        world.report_with_actions(["One"]).await;
        world.publish().await;
        world.report_with_actions(["Two"]).await;
        // The first create meets a token that ended early, and the new one does not arrive.
        world.sandbox.fault(Fault::create_issue(refusal(401)));
        world.sandbox.fault(Fault::rest("POST", "/app/**", effect).nth(2));
        let summary = world.publish().await;
        assert_eq!((summary.created.len(), world.sandbox.faults_waiting()), (1, 0), "{summary:?}");
        let waits = world.waits.lock().unwrap().join("; ");
        assert!(!waits.contains("was made"), "{waits}");
        assert_eq!(world.sandbox.issues(REPO).len(), 4);
        world.finish().await;
    }
}

#[tokio::test]
async fn an_app_that_was_suspended_or_taken_away_loses_nothing() {
    let (mut world, installation) = a_world_with_an_app().await;
    world.report_with_actions(["One"]).await;
    world.sandbox.suspend_installation(installation, true).unwrap();
    insta::assert_snapshot!(why(world.tries_to_publish().await), @"does not accept the app 4711: This installation has been suspended → an owner of the organization ends the suspension, under Settings → GitHub Apps");
    world.sandbox.suspend_installation(installation, false).unwrap();
    assert_eq!(world.publish().await.created.len(), 1);

    world.report_with_actions(["Two"]).await;
    world.sandbox.remove_installation(installation);
    insta::assert_snapshot!(why(world.tries_to_publish().await), @"does not accept the app 4711: Not Found → check `id` and `installation_id` under [github.app] in followup.toml, and that the app is installed");
    let again = world.sandbox.install_app(APP, "acme", &Access::default()).unwrap();
    world.app = Some(an_app(APP, Some(again), Some(REPO)));
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_a_day_is_no_obstacle() {
    for ahead in [Duration::days(1), Duration::days(-1)] {
        let (mut world, _) = a_world_with_an_app().await;
        world.our_clock_is_ahead_by(ahead);
        let ids = world.report_with_actions(["One"]).await;
        assert_eq!(world.publish().await.created.len(), 1);
        // The first word of the app is refused, and the refusal tells what time it is.
        assert_eq!(world.statuses("/access_tokens"), [Some(401), Some(201)]);
        world.marks_done(ids[0]).await;
        world.sync().await;
        world.finish().await;
    }
}

#[tokio::test]
async fn the_installation_is_found_by_the_repository_its_owner_or_as_the_only_one() {
    let (mut world, installation) = a_world_with_an_app().await;
    world.report_with_actions(["One"]).await;
    world.app = Some(an_app(APP, None, Some(REPO)));
    assert_eq!(world.github().credential(), format!("app-{APP}-acme"));
    assert_eq!(world.publish().await.created.len(), 1);
    assert_eq!(world.statuses("/repos/acme/platform/installation"), [Some(200)]);

    let repo = REPO.parse().unwrap();
    for named in [Some("acme/renamed-since"), None] {
        world.app = Some(an_app(APP, None, named));
        world.github().repository(&repo).await.unwrap();
    }
    world.sandbox.install_app(APP, "globex", &Access::default()).unwrap();
    let ask = async |app| {
        world.sandbox.clear_requests();
        let settings = Settings {
            api_url: world.sandbox.url(),
            credentials: Some(Credentials::App(app)),
            may_be_anonymous: false,
            request_timeout: std::time::Duration::from_secs(20),
            label: String::new(),
        };
        let github = GitHub::new(settings).unwrap().paced_by(world.clocks().pacing);
        why(github.repository(&repo).await.map_err(SyncError::Tracker))
    };
    insta::assert_snapshot!(ask(an_app(APP, None, None)).await, @"does not accept the app 4711: it has 2 installations, and none is named → set `installation_id` under [github.app], or `repo` under [github], in followup.toml");
    insta::assert_snapshot!(ask(an_app(APP, None, Some("initech/reports"))).await, @"does not accept the app 4711: it is not installed for initech/reports → install it there, or set `installation_id` under [github.app] in followup.toml");
    insta::assert_snapshot!(ask(an_app(APP, Some(installation + 7), None)).await, @"does not accept the app 4711: Not Found → check `id` and `installation_id` under [github.app] in followup.toml, and that the app is installed");
    insta::assert_snapshot!(ask(an_app(9, None, Some(REPO))).await, @"does not accept the app 9: Integration not found → check `id` and `installation_id` under [github.app] in followup.toml, and that the app is installed");
    world.app = None;
    world.finish().await;
}

#[tokio::test]
async fn an_enterprise_server_has_two_roots() {
    let (mut world, _) = a_world_with_an_app().await;
    world.api_url = Some(format!("{}/api/v3/", world.sandbox.url()));
    world.report_with_actions(["One", "Two"]).await;
    assert_eq!(world.publish().await.created.len(), 2);
    world.sync().await;
    let requests = world.sandbox.requests();
    let (graphql, rest): (Vec<_>, Vec<_>) =
        requests.iter().partition(|request| request.path.ends_with("graphql"));
    assert!(
        !graphql.is_empty() && graphql.iter().all(|request| request.path == "/api/graphql"),
        "{graphql:?}"
    );
    assert!(rest.iter().all(|request| request.path.starts_with("/api/v3/")), "{rest:?}");
    assert!(requests.iter().all(|request| request.status.is_some_and(|status| status < 300)), "{requests:?}");
    world.finish().await;
}
