//! Servers without GraphQL: what changed is read from where the last look ended, and nothing is lost by that.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use followup::{
    action::{ActionId, State},
    clock::Clock,
    store::Cursor,
    tracker::{Tracker, github},
};
use github_sandbox::{CloseReason, Effect, Fault, Quirks, RequestRecord, Sandbox};

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, a_report, an_action, moment, owned},
};

type Act = Box<dyn Fn() + Send + Sync>;

/// A clock that is looked at when an answer has come: then somebody acts, once.
struct Meddled {
    clock: Arc<dyn Clock>,
    sandbox: Arc<Sandbox>,
    act: Mutex<Option<Act>>,
}

impl std::fmt::Debug for Meddled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Meddled").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Clock for Meddled {
    fn now(&self) -> DateTime<Utc> {
        if self.sandbox.request_count() > 0
            && let Some(act) = self.act.lock().unwrap().take()
        {
            act();
        }
        self.clock.now()
    }

    async fn sleep(&self, duration: std::time::Duration) {
        self.clock.sleep(duration).await;
    }
}

impl World {
    /// GitHub becomes a server that knows no GraphQL.
    fn loses_graphql(&self) {
        for operation in ["nodes", "repository", "createIssue"] {
            let refuse = Effect::Refuse { status: 404, body: "{}".to_owned(), headers: vec![] };
            self.sandbox.fault(Fault::graphql(operation, refuse).always());
        }
    }

    /// The requests of a sync that changes nothing in the repository, in short.
    async fn quiet_requests(&self) -> Vec<String> {
        self.sandbox.clear_requests();
        let events = self.events().await.len();
        let summary = self.sync().await;
        assert_eq!((summary.changed, summary.updated, summary.needs_human), (vec![], vec![], vec![]));
        assert_eq!(self.events().await.len(), events);
        in_short(&self.sandbox.requests())
    }

    /// GitHub, where somebody acts as soon as the first answer is there.
    fn github_while(&self, act: impl Fn() + Send + Sync + 'static) -> Arc<dyn Tracker> {
        let settings = github::Settings {
            api_url: self.sandbox.url(),
            credentials: self.token.map(Into::into),
            may_be_anonymous: false,
            request_timeout: self.settings.sync.request_timeout,
            label: self.settings.publish.labels[0].clone(),
        };
        let clock = self.clocks().pacing;
        let meddled = Meddled { clock, sandbox: self.sandbox.clone(), act: Mutex::new(Some(Box::new(act))) };
        Arc::new(github::GitHub::new(settings).unwrap().paced_by(Arc::new(meddled)))
    }

    async fn cursor(&self) -> Cursor {
        let cursors = self.store.read().await.unwrap().cursors("github", self.github().host()).await.unwrap();
        assert_eq!(cursors.len(), 1, "{cursors:?}");
        cursors.into_iter().next().unwrap()
    }
}

fn in_short(requests: &[RequestRecord]) -> Vec<String> {
    let what = |request: &RequestRecord| match request.path.split_once("/issues") {
        Some((_, rest)) if rest.contains("since=") => "changes".to_owned(),
        Some((_, rest)) if rest.contains("per_page=1") && !rest.contains("per_page=100") => {
            "newest".to_owned()
        }
        Some((_, rest)) if rest.starts_with("?") => "list".to_owned(),
        Some((_, rest)) => rest.trim_start_matches('/').to_owned(),
        None => request.path.clone(),
    };
    let status = |request: &RequestRecord| request.status.unwrap_or_default();
    requests.iter().map(|request| format!("{} {}", what(request), status(request))).collect()
}

/// A report with these published actions on a server without GraphQL, some while after its issues were looked at.
async fn known(count: usize) -> World {
    let mut world = World::new().await;
    world.settings.publish.create_interval = std::time::Duration::ZERO;
    world.settings.publish.max_creates_per_minute = 10_000;
    world.settings.publish.max_creates_per_hour = 10_000;
    world.loses_graphql();
    world.report_with((1..=count).map(|number| owned(&format!("Step {number}"), "octo-dev")).collect()).await;
    world.publish().await;
    world.passes(Duration::minutes(10));
    // The first look finds out that there is no GraphQL, the second begins to read, the third learns the tag.
    for _ in 0..3 {
        world.sync().await;
    }
    world.passes(Duration::minutes(10));
    world
}

fn id(number: i64) -> ActionId {
    ActionId::new(number)
}

#[tokio::test]
async fn a_quiet_pass_is_one_answer_that_costs_nothing() {
    let world = known(5).await;
    for _ in 0..3 {
        assert_eq!(world.quiet_requests().await, ["changes 304"]);
        world.passes(Duration::hours(1));
    }
    assert_eq!(world.sync().await.observed, 6);
    world.finish().await;
}

#[tokio::test]
async fn one_changed_issue_is_one_request() {
    let world = known(5).await;
    for title in ["Step 2, and more", "Step 2, and less"] {
        world.renames_on_github(3, title);
        world.sandbox.clear_requests();
        let summary = world.sync().await;
        assert_eq!(summary.changed.len(), 1, "{summary:?}");
        assert_eq!(in_short(&world.sandbox.requests()), ["changes 200"]);
        assert_eq!(world.action(id(2)).await.title, title);
        assert_eq!(world.quiet_requests().await, ["changes 304"]);
        world.passes(Duration::minutes(5));
    }
    // What we write ourselves is a change as well, and then there is peace.
    world.marks_done(id(4)).await;
    world.sync().await;
    assert_eq!(world.quiet_requests().await, ["changes 200"]);
    assert_eq!(world.quiet_requests().await, ["changes 304"]);
    world.finish().await;
}

#[tokio::test]
async fn what_others_do_in_the_repository_is_looked_at_once() {
    let world = known(3).await;
    world.opens_on_github("The coffee machine is broken", "Again.");
    world.sandbox.open_pull_request(REPO, "octo-dev", "Repair it").unwrap();
    assert_eq!(world.quiet_requests().await, ["changes 200"]);
    assert_eq!(world.quiet_requests().await, ["changes 304"]);
    // Many of them are left behind, so that an answer stays one page.
    for number in 0..130 {
        world.passes(Duration::seconds(10));
        world.opens_on_github(&format!("Something {number}"), "");
    }
    let before = world.cursor().await.since.unwrap();
    let asked = world.quiet_requests().await;
    assert_eq!(asked, ["changes 200", "changes 200"]);
    assert!(world.cursor().await.since.unwrap() > before + Duration::minutes(15));
    assert_eq!(world.quiet_requests().await, ["changes 200"]);
    assert_eq!(world.quiet_requests().await, ["changes 304"]);
    world.finish().await;
}

#[tokio::test]
async fn a_label_that_was_taken_off_hides_nothing() {
    let world = known(3).await;
    world.sandbox.unlabel(REPO, 2, "corrective-action").unwrap();
    world.passes(Duration::minutes(5));
    world.sync().await;
    world.passes(Duration::hours(1));
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    assert_eq!(world.action(id(1)).await.state, State::Done);
    // One that was there before never had it.
    let number = world.opens_on_github("Rotate the keys", "They are old.");
    let ids = world.imports(a_report("Another one"), vec![an_action("Rotate the keys")]).await;
    world.accepts(&ids).await;
    world.links(ids[0], number).await;
    world.sync().await;
    world.passes(Duration::hours(1));
    world.closes_on_github(number, CloseReason::Completed);
    world.sync().await;
    assert_eq!(world.action(ids[0]).await.state, State::Done);
    world.finish().await;
}

#[tokio::test]
async fn the_second_at_the_edge_is_read_whatever_since_means() {
    for since_exclusive in [false, true] {
        let world = known(4).await;
        world.sandbox.quirks(Quirks { since_exclusive, ..Quirks::default() });
        // Two changes in one second, and the pass comes between them.
        world.renames_on_github(2, "Step 1, and more");
        world.sync().await;
        world.renames_on_github(3, "Step 2, and more");
        world.sync().await;
        // So many in one second that they fill more than a page.
        for number in 0..150 {
            world.opens_on_github(&format!("Something {number}"), "");
        }
        world.closes_on_github(4, CloseReason::Completed);
        world.sync().await;
        assert_eq!(world.action(id(2)).await.title, "Step 2, and more");
        assert_eq!(world.action(id(3)).await.state, State::Done);
        world.finish().await;
    }
}

#[tokio::test]
async fn rows_that_move_between_pages_are_not_lost() {
    let world = known(3).await;
    // A page and a half of changes, the first of which is ours; the second page begins with ours.
    for number in 0..150 {
        world.passes(Duration::seconds(10));
        match number {
            0 => world.renames_on_github(2, "Step 1, and more"),
            101 => world.renames_on_github(3, "Step 2, and more"),
            _ => drop(world.opens_on_github(&format!("Something {number}"), "")),
        }
    }
    // When the first page is read, half of what stands on it is changed again: everything after it moves up.
    let sandbox = world.sandbox.clone();
    let act = move || {
        for number in 5..60 {
            sandbox.edit_title(REPO, number, "Something else").unwrap();
        }
    };
    world.sandbox.clear_requests();
    let engine = world.engine_with(world.github_while(act)).await;
    let summary = engine.sync(true).await.unwrap();
    assert_eq!(summary.changed.len(), 2, "{summary:?}");
    assert_eq!(in_short(&world.sandbox.requests())[..2], ["changes 200", "changes 200"]);
    assert_eq!(world.action(id(1)).await.title, "Step 1, and more");
    assert_eq!(world.action(id(2)).await.title, "Step 2, and more");
    world.finish().await;
}

#[tokio::test]
async fn a_pass_that_dies_at_any_request_loses_no_change() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let mut world = known(3).await;
            world.closes_on_github(2, CloseReason::Completed);
            world.renames_on_github(3, "Step 2, and more");
            let before = world.cursor().await;
            let died = world.dies_in(Work::Sync, requests, dies).await;
            if died && requests == 0 {
                assert_eq!(world.cursor().await, before, "the cursor went ahead of what was taken over");
            }
            world.finish().await;
            assert_eq!(world.action(id(1)).await.state, State::Done);
            assert_eq!(world.action(id(2)).await.title, "Step 2, and more");
            if !died {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_deleted_and_a_moved_issue_are_found_out_by_the_daily_look() {
    let world = known(4).await;
    world.sandbox.add_repo("acme/attic");
    world.sandbox.delete(REPO, 2).unwrap();
    world.sandbox.transfer(REPO, 3, "acme/attic").unwrap();
    // Their absence from a list of changes says nothing.
    let summary = world.sync().await;
    assert_eq!((summary.needs_human, summary.changed), (vec![], vec![]));
    world.passes(Duration::hours(24));
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert_eq!(summary.needs_human[0].what, "acme/platform#2 was deleted; the action stays as it is");
    assert_eq!(summary.changed[0].what, ["its issue was moved from acme/platform#3 to acme/attic#1"]);
    // The other repository is read in the same way from then on.
    for _ in 0..4 {
        world.sync().await;
    }
    world.sandbox.clear_requests();
    world.sync().await;
    assert_eq!(in_short(&world.sandbox.requests()), ["changes 304", "changes 304"]);
}

#[tokio::test]
async fn a_hint_makes_an_issue_be_looked_at_itself() {
    let world = known(4).await;
    world.sandbox.delete(REPO, 2).unwrap();
    let mut work = world.store.begin(&world.stamp()).await.unwrap();
    let link = work.link_of(id(1)).await.unwrap().unwrap();
    assert!(work.hint(&link).await.unwrap());
    work.commit().await.unwrap();
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
}

#[tokio::test]
async fn a_tag_is_shown_to_the_credential_that_it_was_given_to() {
    let mut world = known(3).await;
    assert_eq!(world.quiet_requests().await, ["changes 304"]);
    world.sandbox.add_token("another-token", github_sandbox::DEFAULT_LOGIN);
    world.token = Some("another-token");
    let before = world.cursor().await;
    assert_eq!(world.quiet_requests().await, ["changes 200"]);
    let after = world.cursor().await;
    assert_eq!(after.since, before.since, "what was read does not depend on who read it");
    assert_ne!((after.etag, after.credential), (before.etag, before.credential));
    assert_eq!(world.quiet_requests().await, ["changes 304"]);
    world.finish().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_moves_nothing() {
    let world = known(3).await;
    world.renames_on_github(2, "Step 1, and more");
    let before = world.cursor().await;
    for effect in [Effect::Truncate, Effect::Garble, Effect::ServerErrorBeforeCommit(502)] {
        world.sandbox.fault(Fault::rest("GET", "issues", effect).always());
        world.tries_to_sync().await.unwrap_err();
        assert_eq!(world.cursor().await, before);
        world.sandbox.clear_faults();
        world.loses_graphql();
    }
    world.sandbox.quirks(Quirks { bare_304: true, ..Quirks::default() });
    world.finish().await;
    assert_eq!(world.action(id(1)).await.title, "Step 1, and more");
}

#[tokio::test]
async fn a_clock_that_was_wrong_for_a_while_hides_nothing() {
    let world = known(3).await;
    // The server's clock is a year ahead, and somebody changes something.
    world.sandbox.set_now(moment("2025-05-15T09:00:00Z"));
    world.opens_on_github("From the future", "");
    world.sandbox.set_now(moment("2024-05-15T11:00:00Z"));
    world.passes(Duration::hours(1));
    for _ in 0..2 {
        world.sync().await;
    }
    world.renames_on_github(2, "Step 1, and more");
    world.sync().await;
    assert_eq!(world.action(id(1)).await.title, "Step 1, and more");
    world.finish().await;
}

#[tokio::test]
async fn a_comment_that_could_not_be_read_is_read_later() {
    let world = known(3).await;
    world.sandbox.comment(REPO, 2, "octo-dev", "/blocked no parts").unwrap();
    world.passes(Duration::minutes(5));
    let refuse = Effect::Refuse { status: 403, body: "{}".to_owned(), headers: vec![] };
    world.sandbox.fault(Fault::rest("GET", "issues/*/comments", refuse).next(2));
    for _ in 0..2 {
        assert_eq!(world.sync().await.notes.len(), 1);
        world.passes(Duration::minutes(5));
    }
    world.sync().await;
    assert_eq!(world.action(id(1)).await.state, State::Blocked);
    world.passes(Duration::minutes(5));
    world.finish().await;
}

#[tokio::test]
async fn a_server_that_learns_graphql_is_asked_by_it_from_the_next_full_look_on() {
    let world = known(3).await;
    world.sandbox.clear_faults();
    assert_eq!(world.quiet_requests().await, ["changes 304"]);
    world.passes(Duration::hours(24));
    world.quiet_requests().await;
    let cursors = world.store.read().await.unwrap().cursors("github", world.github().host()).await.unwrap();
    assert_eq!(cursors, []);
    assert_eq!(world.quiet_requests().await, ["/graphql 200"]);
    world.finish().await;
}
