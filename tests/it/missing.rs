//! Issues that are not where they were: moved, deleted, hidden, with their repository, or all at once.

use followup::{action::State, store::MissingAs, sync::Selection};
use github_sandbox::{CloseReason, Effect, Fault, Permission};

use crate::world::{REPO, World, a_report, an_action, owned};

const CORE: &str = "acme/core";

/// A report with these many published actions; issue 1 is its parent.
async fn published(count: usize) -> World {
    let mut world = World::new().await;
    world.settings.publish.create_interval = std::time::Duration::ZERO;
    world.settings.publish.max_creates_per_minute = 10_000;
    world.settings.publish.max_creates_per_hour = 10_000;
    world.report_with((1..=count).map(|number| owned(&format!("Step {number}"), "octo-dev")).collect()).await;
    world.publish().await;
    world
}

impl World {
    fn loses_access_to(&self, repo: &str, permission: Permission) {
        self.sandbox.set_permission(repo, github_sandbox::DEFAULT_LOGIN, permission).unwrap();
    }

    async fn kinds_of_events(&self, of: &str) -> Vec<String> {
        let events = self.events().await;
        events.into_iter().filter(|event| event.kind.starts_with(of)).map(|event| event.kind).collect()
    }

    async fn settles_by_unlinking(&self, summary: &followup::sync::Summary) {
        for waiting in &summary.needs_human {
            let command = waiting.command.as_deref().unwrap();
            let id = command.strip_prefix("followup unlink ").unwrap();
            match id.parse().unwrap() {
                followup::action::Subject::Action(id) => drop(self.unlinks(id).await),
                followup::action::Subject::Report(id) => {
                    followup::sync::unlink_parent(&self.store, &self.stamp(), id, None).await.unwrap();
                }
            }
        }
    }
}

#[tokio::test]
async fn an_issue_that_was_moved_is_followed_and_heard_there() {
    let world = published(2).await;
    world.sandbox.add_repo(CORE);
    let number = world.sandbox.transfer(REPO, 2, CORE).unwrap();
    world.sandbox.close(CORE, number, CloseReason::Completed, "octo-dev").unwrap();
    let summary = world.sync().await;
    let what: Vec<_> = summary.changed.iter().flat_map(|line| line.what.clone()).collect();
    assert_eq!(
        what,
        [
            "its issue was moved from acme/platform#2 to acme/core#1",
            "state: open → done (issue closed as completed)"
        ]
    );
    assert_eq!(summary.needs_human, vec![]);
    // What is done here goes there from now on.
    let id = "CA-1".parse().unwrap();
    world.reopens(id).await;
    world.sync().await;
    assert_eq!(world.sandbox.issue(CORE, number).unwrap().state, "open");
    assert_eq!(world.kinds_of_events("issue.moved").await.len(), 1);
    assert_eq!(world.sandbox.issues(REPO).len(), 2);
    world.is_quiet().await;
}

#[tokio::test]
async fn an_issue_that_was_moved_twice_is_followed_to_the_end() {
    let world = published(1).await;
    world.sandbox.add_repo(CORE);
    world.sandbox.add_repo("acme/edge");
    let number = world.sandbox.transfer(REPO, 2, CORE).unwrap();
    let number = world.sandbox.transfer(CORE, number, "acme/edge").unwrap();
    // An update that waits goes to where the issue is, also when nobody looked first.
    world.marks_done("CA-1".parse().unwrap()).await;
    world.publish().await;
    assert_eq!(world.sandbox.issue("acme/edge", number).unwrap().state_reason.as_deref(), Some("completed"));
    world.sync().await;
    world.is_quiet().await;
}

#[tokio::test]
async fn an_issue_that_was_moved_out_of_reach_is_gone_and_its_action_stays() {
    let world = published(2).await;
    world.sandbox.add_repo(CORE);
    world.sandbox.transfer(REPO, 2, CORE).unwrap();
    world.loses_access_to(CORE, Permission::None);
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert!(summary.needs_human[0].what.contains("moved out of reach"), "{summary:?}");
    assert_eq!(world.action("CA-1".parse().unwrap()).await.state, State::Open);
    // Somebody lets the token see it: it goes on as if nothing had been.
    world.loses_access_to(CORE, Permission::Write);
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "what is gone is not asked for singly again and again");
}

#[tokio::test]
async fn a_deleted_issue_is_gone_after_a_second_look_and_said_once() {
    let world = published(3).await;
    world.sandbox.delete(REPO, 2).unwrap();
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert_eq!(summary.needs_human[0].what, "acme/platform#2 was deleted; the action stays as it is");
    assert!(world.waits.lock().unwrap().iter().any(|why| why.contains("second look")));
    assert_eq!(world.kinds_of_events("issue.gone").await.len(), 1);
    assert_eq!(world.action("CA-1".parse().unwrap()).await.state, State::Open);
    // It is told of until somebody decides, without a look of its own and without a word in the history.
    world.sandbox.clear_requests();
    let again = world.sync().await;
    assert_eq!((again.needs_human.len(), world.sandbox.request_count()), (1, 1));
    assert_eq!(world.kinds_of_events("issue.gone").await.len(), 1);
    world.settles_by_unlinking(&again).await;
    let summary = world.publish().await;
    assert_eq!(summary.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn without_waiting_the_second_look_is_the_next_passs() {
    let mut world = published(3).await;
    world.sandbox.delete(REPO, 2).unwrap();
    let first = world.engine().await.sync(false).await.unwrap();
    assert_eq!((first.needs_human, first.waiting.len()), (vec![], 1));
    world.restart().await;
    // At once is no second look.
    let second = world.engine().await.sync(false).await.unwrap();
    assert_eq!((second.needs_human, second.waiting.len()), (vec![], 1));
    world.passes(chrono::Duration::minutes(5));
    let third = world.engine().await.sync(false).await.unwrap();
    assert_eq!((third.needs_human.len(), third.waiting), (1, vec![]));
}

#[tokio::test]
async fn an_issue_that_one_look_misses_is_not_gone() {
    let world = published(3).await;
    let nothing = r#"{"data":{"nodes":[null,null,null,null]}}"#.to_owned();
    let miss = Effect::Refuse { status: 200, body: nothing, headers: vec![] };
    world.closes_on_github(2, CloseReason::Completed);
    world.sandbox.fault(Fault::graphql("nodes", miss));
    let summary = world.sync().await;
    assert_eq!((summary.needs_human.len(), summary.changed.len()), (0, 1), "{summary:?}");
    assert_eq!(world.action("CA-1".parse().unwrap()).await.state, State::Done);
    world.finish().await;
}

#[tokio::test]
async fn a_repository_that_cannot_be_read_says_nothing_of_its_issues() {
    for disable in [false, true] {
        let world = published(3).await;
        if disable {
            world.sandbox.enable_issues(REPO, false).unwrap();
            // As a server without GraphQL shows it.
            let refuse = Effect::Refuse { status: 404, body: "{}".to_owned(), headers: vec![] };
            world.sandbox.fault(Fault::graphql("nodes", refuse).always());
        } else {
            world.loses_access_to(REPO, Permission::None);
        }
        let events = world.events().await.len();
        for _ in 0..2 {
            let summary = world.sync().await;
            let told: Vec<_> = summary.needs_human.iter().map(|waiting| waiting.id.as_str()).collect();
            assert_eq!(told, [REPO], "{summary:?}");
        }
        assert_eq!(world.events().await.len(), events);
        let links = world.store.read().await.unwrap().links_of_report("IR-1".parse().unwrap()).await.unwrap();
        assert!(links.iter().all(|link| link.missing_since.is_none()), "{links:?}");
        world.sandbox.enable_issues(REPO, true).unwrap();
        world.loses_access_to(REPO, Permission::Write);
        world.finish().await;
    }
}

#[tokio::test]
async fn when_many_vanish_at_once_nothing_is_concluded_and_nothing_is_sent() {
    let world = published(9).await;
    for number in 2..9 {
        world.sandbox.delete(REPO, number).unwrap();
    }
    world.marks_done("CA-9".parse().unwrap()).await;
    world.sandbox.clear_requests();
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert!(summary.needs_human[0].what.starts_with("7 of 10 issues cannot be seen any more"), "{summary:?}");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(world.kinds_of_events("issue.gone").await, Vec::<String>::new());
    assert_eq!(world.issue(10).state, "open");
}

#[tokio::test]
async fn a_report_is_taken_off_a_deleted_parent_and_gets_another_one_with_its_children() {
    let mut world = published(2).await;
    world.sandbox.delete(REPO, 1).unwrap();
    let summary = world.sync().await;
    assert_eq!(summary.needs_human[0].command.as_deref(), Some("followup unlink IR-1"));
    world.settles_by_unlinking(&summary).await;
    world.finish().await;
    // Nothing more is made for it until there is something to put under it.
    assert_eq!(world.publish().await.parents, vec![]);
    let stamp = world.stamp();
    let mut work = world.store.begin(&stamp).await.unwrap();
    let action = followup::action::Action { report_id: "IR-1".parse().unwrap(), ..an_action("Step 3") };
    let id = work.add_action(action).await.unwrap().id;
    work.commit().await.unwrap();
    world.accepts(&[id]).await;
    world.restart().await;
    let summary = world.engine().await.publish(&Selection::default(), true).await.unwrap();
    assert_eq!((summary.parents.len(), summary.created.len()), (1, 1), "{summary:?}");
    world.finish().await;
    let parent = i64::unsigned_abs(summary.parents[0].issue.number.unwrap());
    assert!(
        world.sandbox.issues(REPO).iter().all(|issue| issue.number == parent || issue.parent == Some(parent)),
        "{}",
        world.issues()
    );
}

#[tokio::test]
async fn what_is_too_much_at_once_for_github_is_asked_for_in_smaller_parts() {
    let world = published(60).await;
    world.renames_on_github(40, "Step 39, and more");
    let too_long = Effect::ServerErrorBeforeCommit(504);
    world.sandbox.fault(Fault::graphql("nodes", too_long).next(2));
    let summary = world.sync().await;
    assert_eq!((summary.observed, summary.changed.len()), (61, 1), "{summary:?}");
    // 61, 31, and then 16 at a time; a rename makes one more look before the write.
    assert_eq!(world.waits.lock().unwrap().len(), 0);
    world.finish().await;
}

#[tokio::test]
async fn a_look_that_breaks_off_in_the_middle_changes_nothing() {
    let world = published(20).await;
    world.closes_on_github(3, CloseReason::Completed);
    for effect in [Effect::Truncate, Effect::Garble, Effect::LoseReply] {
        world.sandbox.fault(Fault::graphql("nodes", effect).always());
        let before = world.actions().await;
        world.tries_to_sync().await.unwrap_err();
        assert_eq!(world.actions().await, before);
        world.sandbox.clear_faults();
    }
    world.sync().await;
    world.finish().await;
}

#[tokio::test]
async fn the_words_in_the_database_are_the_words_in_the_history() {
    for (missing_as, word) in [(MissingAs::Deleted, "deleted"), (MissingAs::Hidden, "hidden")] {
        assert_eq!(missing_as.as_str(), word);
    }
    // A report that nothing was published of has no parent to be taken off.
    let world = World::new().await;
    world.imports(a_report("Nothing yet"), vec![an_action("One")]).await;
    let unlinked = followup::sync::unlink_parent(&world.store, &world.stamp(), "IR-1".parse().unwrap(), None)
        .await
        .unwrap();
    assert_eq!(unlinked, Vec::<String>::new());
}
