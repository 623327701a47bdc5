//! What people do in the tracker comes back, what was decided here goes there, and nobody's words are lost.

use followup::{
    action::{ActionId, ActorKind, Disposition, State},
    sync::Summary,
};
use github_sandbox::{CloseReason, Effect, Fault};

use crate::world::{REPO, World, owned};

/// One published action, in issue #2 under #1.
async fn published() -> (World, ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.publish().await;
    world.passes(chrono::Duration::hours(1));
    (world, ids[0])
}

async fn state_of(world: &World, id: ActionId) -> State {
    world.action(id).await.state
}

/// A sync in which GitHub is broken at first: every request fails once, and writes happen unheard.
async fn rough_sync(world: &World) -> Summary {
    world.sandbox.fault(Fault::graphql("nodes", Effect::ServerErrorBeforeCommit(502)));
    world.sandbox.fault(Fault::rest("PATCH", "issues/*", Effect::LoseReply));
    world.sync().await
}

#[tokio::test]
async fn closed_as_completed_is_done() {
    let (mut world, id) = published().await;
    let closed_at = world.sandbox.now();
    world.closes_on_github(2, CloseReason::Completed);
    world.passes(chrono::Duration::days(2));
    // Told once, and heard after a restart through a connection that breaks.
    world.restart().await;
    let summary = rough_sync(&world).await;
    assert_eq!(summary.changed[0].what, ["state: open → done (issue closed as completed)"]);
    let action = world.action(id).await;
    assert_eq!((action.state, action.done_at), (State::Done, Some(closed_at)));
    let event = world.events().await.into_iter().find(|event| event.kind == "action.done").unwrap();
    let who = (event.actor_kind, event.actor.as_str());
    assert_eq!((who, event.at), ((ActorKind::Tracker, "octo-dev"), closed_at));
    world.finish().await;
}

#[tokio::test]
async fn closed_without_being_done_keeps_the_state_and_says_so() {
    for reason in [CloseReason::NotPlanned, CloseReason::Duplicate] {
        let (world, id) = published().await;
        world.closes_on_github(2, reason);
        let summary = world.sync().await;
        assert_eq!(summary.changed.len(), 1);
        assert_eq!(world.sync().await.changed, vec![]);
        assert_eq!(state_of(&world, id).await, State::Open);
        let actions = world.actions().await;
        assert!(actions.contains("closed_upstream"), "{actions}");
        // The issue is left as it is until somebody decides.
        assert_eq!(world.issue(2).state, "closed");
        world.finish().await;

        world.drops(id, Disposition::NotPlanned).await;
        world.finish().await;
        assert_eq!(world.issue(2).state_reason.as_deref(), Some(reason.as_str()));
        assert!(!world.actions().await.contains("closed_upstream"));
    }
}

#[tokio::test]
async fn closed_without_being_done_is_told_beside_a_new_title_and_a_new_owner() {
    let (world, id) = published().await;
    world.sandbox.edit_title(REPO, 2, "Rotate every key").unwrap();
    world.closes_on_github(2, CloseReason::NotPlanned);
    let expected = [
        "title: “Rotate the signing key” → “Rotate every key”",
        "the issue is closed as not_planned; the action keeps its state",
    ];
    let planned = world.engine().await.compare_only().await.unwrap();
    assert_eq!(planned.changed[0].what, expected);
    let summary = world.sync().await;
    assert_eq!((summary.changed.len(), &summary.changed[0].what[..]), (1, &expected.map(str::to_owned)[..]));
    let events = world.events().await;
    let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
    assert_eq!((count("action.renamed"), count("issue.changed")), (1, 1));
    let change = events.iter().find(|event| event.kind == "issue.changed").unwrap();
    assert_eq!((change.actor_kind, change.actor.as_str()), (ActorKind::Tracker, "octo-dev"));
    assert_eq!(state_of(&world, id).await, State::Open);
    assert_eq!(world.sync().await.changed, vec![]);
    world.finish().await;
}

#[tokio::test]
async fn an_issue_that_was_closed_undone_and_reopened_is_as_it_was() {
    let (world, id) = published().await;
    world.closes_on_github(2, CloseReason::NotPlanned);
    world.sync().await;
    world.reopens_on_github(2);
    world.sync().await;
    assert_eq!(state_of(&world, id).await, State::Open);
    assert!(!world.actions().await.contains("closed_upstream"));
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    assert_eq!(state_of(&world, id).await, State::Done);
    world.finish().await;
}

#[tokio::test]
async fn from_not_planned_to_completed_in_one_go_is_done() {
    let (world, id) = published().await;
    world.closes_on_github(2, CloseReason::NotPlanned);
    world.sync().await;
    world.reopens_on_github(2);
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    assert_eq!(state_of(&world, id).await, State::Done);
    world.finish().await;
}

#[tokio::test]
async fn reopened_there_is_open_here() {
    let (world, id) = published().await;
    world.marks_done(id).await;
    world.sync().await;
    assert_eq!(world.issue(2).state_reason.as_deref(), Some("completed"));
    world.reopens_on_github(2);
    let summary = rough_sync(&world).await;
    assert_eq!(summary.changed[0].what, ["state: done → open (issue reopened)"]);
    let action = world.action(id).await;
    assert_eq!((action.state, action.done_at), (State::Open, None));
    world.finish().await;
}

#[tokio::test]
async fn closed_and_reopened_between_two_looks_is_nothing() {
    let (world, id) = published().await;
    world.closes_on_github(2, CloseReason::Completed);
    world.reopens_on_github(2);
    world.sync().await;
    assert_eq!(state_of(&world, id).await, State::Open);
    world.finish().await;
}

#[tokio::test]
async fn what_is_decided_here_is_done_there() {
    let (world, id) = published().await;
    world.marks_done(id).await;
    rough_sync(&world).await;
    assert_eq!(world.issue(2).state_reason.as_deref(), Some("completed"));
    world.reopens(id).await;
    world.sync().await;
    assert_eq!(world.issue(2).state, "open");
    world.drops(id, Disposition::Duplicate).await;
    world.sync().await;
    assert_eq!(world.issue(2).state_reason.as_deref(), Some("duplicate"));
    world.finish().await;
}

#[tokio::test]
async fn a_new_title_there_is_the_title_here_and_here_is_there() {
    let (world, id) = published().await;
    world.renames_on_github(2, "Rotate both signing keys");
    rough_sync(&world).await;
    assert_eq!(world.action(id).await.title, "Rotate both signing keys");
    world.finish().await;
}

#[tokio::test]
async fn a_new_owner_there_is_the_owner_here_and_here_is_there() {
    let (world, id) = published().await;
    world.assigns_on_github(2, Some("octo-ops"));
    rough_sync(&world).await;
    assert_eq!(world.action(id).await.owner.as_deref(), Some("octo-ops"));
    assert!(world.issue(2).body.contains("| octo-ops |"), "{}", world.issue(2).body);
    world.assigns(id, "octo-lead").await;
    world.sync().await;
    assert_eq!(world.issue(2).assignees, ["octo-lead"]);
    world.assigns_on_github(2, None);
    world.sync().await;
    assert_eq!(world.action(id).await.owner, None);
    world.finish().await;
}

#[tokio::test]
async fn people_who_were_added_stay_and_the_owner_stays_the_owner() {
    let (world, id) = published().await;
    world.sandbox.assign(REPO, 2, &["octo-lead"]).unwrap();
    world.sync().await;
    assert_eq!(world.action(id).await.owner.as_deref(), Some("octo-dev"));
    world.assigns(id, "octo-ops").await;
    world.sync().await;
    let mut assignees = world.issue(2).assignees;
    assignees.sort();
    assert_eq!(assignees, ["octo-lead", "octo-ops"]);
    world.finish().await;
}

#[tokio::test]
async fn an_owner_who_is_assigned_already_and_leaves_is_not_assigned_again() {
    let (world, id) = published().await;
    world.sandbox.assign(REPO, 2, &["octo-lead"]).unwrap();
    world.sandbox.unassign(REPO, 2, &["octo-dev"]).unwrap();
    world.sync().await;
    assert_eq!(world.action(id).await.owner.as_deref(), Some("octo-lead"));
    world.assigns_on_github(2, None);
    world.sync().await;
    assert_eq!((world.action(id).await.owner, world.issue(2).assignees), (None, vec![]));
    world.finish().await;
}

#[tokio::test]
async fn both_sides_at_once_each_keeps_what_the_other_did_not_touch() {
    let (world, id) = published().await;
    world.renames_on_github(2, "Rotate both signing keys");
    world.assigns(id, "octo-ops").await;
    world.sync().await;
    assert_eq!(world.action(id).await.title, "Rotate both signing keys");
    assert_eq!(world.issue(2).assignees, ["octo-ops"]);
    world.finish().await;
}

#[tokio::test]
async fn an_action_done_here_whose_issue_was_closed_undone_stays_done_and_can_be_reopened_there() {
    let (world, id) = published().await;
    world.closes_on_github(2, CloseReason::NotPlanned);
    world.sync().await;
    world.marks_done(id).await;
    world.sync().await;
    world.is_quiet().await;
    world.reopens_on_github(2);
    world.sync().await;
    assert_eq!((state_of(&world, id).await, world.issue(2).state.as_str()), (State::Open, "open"));
    world.finish().await;
}

/// A person writes above and below our section, in a browser that stores CRLF or over the API, which does not.
#[tokio::test]
async fn what_the_team_wrote_around_our_section_stays_as_it_is() {
    for browser in [true, false] {
        let (world, id) = published().await;
        let section = world.issue(2).body;
        let written = format!("Plan:\n\n1. order ☎\n\n{section}\n\n- [ ] tell @octo-ops  \n\tand test");
        let expected = if browser {
            world.sandbox.edit_body(REPO, 2, &written).unwrap();
            written.replace('\n', "\r\n")
        } else {
            world.edits_body_over_the_api(2, &written).await;
            written.clone()
        };
        assert_eq!(world.issue(2).body, expected);
        world.is_quiet().await;
        world.moves_due(id, "2024-08-01").await;
        world.sync().await;
        let after = world.issue(2).body;
        assert!(after.contains("2024-08-01 (moved 1×"), "{after}");
        let (above, below) = expected
            .split_once(if browser { section.replace('\n', "\r\n") } else { section }.as_str())
            .unwrap();
        assert!(after.starts_with(above) && after.ends_with(below), "{after:?}");
        // One kind of line ends, as before.
        assert_eq!(after.matches('\n').count() == after.matches("\r\n").count(), browser, "{after:?}");
        world.finish().await;
    }
}

#[tokio::test]
async fn a_section_that_people_edited_is_theirs() {
    let (world, id) = published().await;
    let edited = world.issue(2).body.replace("| octo-dev |", "| octo-dev (ask first) |");
    world.sandbox.edit_body(REPO, 2, &edited).unwrap();
    let before = world.issue(2).body;
    world.moves_due(id, "2024-08-01").await;
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert!(summary.needs_human[0].what.contains("edited by hand"), "{summary:?}");
    assert_eq!(world.issue(2).body, before);
    world.finish().await;
}

#[tokio::test]
async fn an_issue_without_our_section_is_left_without_one() {
    let (world, id) = published().await;
    let marker =
        world.issue(2).body.lines().find(|line| line.starts_with("<!-- followup v=1")).unwrap().to_owned();
    world.sandbox.edit_body(REPO, 2, &format!("done by hand\n{marker}")).unwrap();
    world.marks_done(id).await;
    world.sync().await;
    assert_eq!(world.issue(2).body, format!("done by hand\r\n{marker}"));
    assert_eq!(world.issue(2).state, "closed");
    world.finish().await;
}

#[tokio::test]
async fn a_deleted_issue_changes_nothing_and_asks_a_person() {
    let (world, id) = published().await;
    let (before, events) = (world.action(id).await, world.events().await.len());
    world.sandbox.delete(REPO, 2).unwrap();
    for _ in 0..2 {
        let summary = world.sync().await;
        assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
        assert_eq!(summary.needs_human[0].id, "CA-1");
        assert_eq!((summary.created, summary.updated), (vec![], vec![]));
    }
    world.publish().await;
    assert_eq!(world.sandbox.issues(REPO).len(), 1);
    // That it is gone is written down once; the action stays as it was.
    assert_eq!((world.action(id).await, world.events().await.len()), (before, events + 1));
}

#[tokio::test]
async fn a_renamed_repository_keeps_its_issues() {
    let (world, id) = published().await;
    world.sandbox.rename_repo(REPO, "acme/engine").unwrap();
    world.sync().await;
    world.marks_done(id).await;
    world.sync().await;
    assert_eq!(world.sandbox.issue("acme/engine", 2).unwrap().state, "closed");
    let listed = world.store.read().await.unwrap().listed(id).await.unwrap();
    assert_eq!(listed.repo.as_deref(), Some("acme/engine"));
}

#[tokio::test]
async fn a_quiet_look_at_many_issues_is_a_handful_of_requests_and_no_write() {
    let mut world = World::new().await;
    world.settings.publish.create_interval = std::time::Duration::ZERO;
    world.settings.publish.max_creates_per_minute = 10_000;
    world.settings.publish.max_creates_per_hour = 10_000;
    let titles: Vec<String> = (1..=250).map(|number| format!("Step {number}")).collect();
    world.report_with_actions(titles.iter().map(String::as_str)).await;
    world.publish().await;
    let linked = 250 + 3;
    world.sandbox.clear_requests();
    let summary = world.sync().await;
    assert_eq!((summary.observed, summary.changed.len(), summary.updated.len()), (linked, 0, 0));
    assert_eq!(usize::try_from(summary.requests).unwrap(), world.sandbox.request_count());
    assert!(world.sandbox.request_count() <= linked.div_ceil(100) + 2, "{}", world.sandbox.request_count());
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn without_graphql_the_answer_is_the_same() {
    let mut stories = Vec::new();
    for has_graphql in [true, false] {
        let world = World::new().await;
        let ids = world
            .report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-dev"), owned("Three", "octo-ops")])
            .await;
        world.publish().await;
        if !has_graphql {
            let refuse = Effect::Refuse {
                status: 404,
                body: r#"{"message":"Not Found"}"#.to_owned(),
                headers: vec![],
            };
            world.sandbox.fault(Fault::rest("POST", "/graphql", refuse.clone()).always());
            world.sandbox.fault(Fault::graphql("nodes", refuse).always());
        }
        world.closes_on_github(2, CloseReason::Completed);
        world.renames_on_github(3, "Two, and more");
        world.sandbox.delete(REPO, 4).unwrap();
        world.assigns(ids[1], "octo-lead").await;
        let summary = world.sync().await;
        assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
        world.sync().await;
        let lists = world
            .sandbox
            .requests()
            .iter()
            .filter(|request| request.path.contains("/issues?state=all&labels"))
            .count();
        // One of them looks for other databases before the first publish.
        assert_eq!(lists > 1, !has_graphql);
        stories.push(world.actions().await + &world.issues());
    }
    assert_eq!(stories[0], stories[1]);
}

#[tokio::test]
async fn what_a_sync_would_take_over_is_told_without_touching_anything() {
    let (world, id) = published().await;
    world.closes_on_github(2, CloseReason::Completed);
    let events = world.events().await.len();
    let summary = world.engine().await.compare_only().await.unwrap();
    assert_eq!(summary.changed[0].what, ["state: open → done (issue closed as completed)"]);
    assert_eq!((state_of(&world, id).await, world.events().await.len()), (State::Open, events));
    world.finish().await;
    assert_eq!(state_of(&world, id).await, State::Done);
}
