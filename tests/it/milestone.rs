//! New issues are put under a milestone and get a type: found before anything is made, told where GitHub dropped them, and
//! GitHub's from then on.

use followup::{
    action::ActionId,
    store::LinkStatus,
    sync::{Selection, Summary},
};
use github_sandbox::{Effect, Fault, IssueView};

use crate::world::{REPO, World, owned};

const MILESTONE: &str = "Post-incident work";

/// A report with two accepted actions, whose issues are to be tasks in a milestone; it is there.
async fn configured() -> World {
    let world = wished_for().await;
    world.sandbox.add_milestone(REPO, "Something else").unwrap();
    world.sandbox.add_milestone(REPO, MILESTONE).unwrap();
    world
}

/// The same, and the milestone is not there.
async fn wished_for() -> World {
    let mut world = World::new().await;
    world.settings.publish.milestone = Some(MILESTONE.to_owned());
    world.settings.publish.issue_type = Some("Task".to_owned());
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-dev")]).await;
    world
}

fn refuse(status: u16, body: &str) -> Effect {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Effect::Refuse { status, body: body.to_owned(), headers }
}

fn place(issue: &IssueView) -> (Option<&str>, Option<&str>) {
    (issue.milestone.as_deref(), issue.issue_type.as_deref())
}

/// Nothing was made, and this is why.
fn stopped(world: &World, summary: &Summary) -> String {
    assert_eq!((summary.created.len(), summary.parents.len(), world.sandbox.issues(REPO).len()), (0, 0, 0));
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert_eq!(summary.needs_human[0].command.as_deref(), Some("followup doctor"));
    summary.needs_human[0].what.clone()
}

#[tokio::test]
async fn issues_are_put_where_they_belong_in_every_way_of_making_them() {
    for (parent_issue, has_graphql) in [(true, true), (true, false), (false, true)] {
        let mut world = configured().await;
        world.settings.publish.parent_issue = parent_issue;
        if !has_graphql {
            for operation in ["nodes", "repository", "createIssue"] {
                world.sandbox.fault(Fault::graphql(operation, refuse(404, "{}")).always());
            }
        }
        let summary = world.publish().await;
        assert_eq!((summary.created.len(), &summary.notes), (2, &vec![]));
        for issue in world.sandbox.issues(REPO) {
            // A report is no task.
            let issue_type = (!parent_issue || issue.number > 1).then_some("Task");
            assert_eq!(place(&issue), (Some(MILESTONE), issue_type), "#{} {has_graphql}", issue.number);
            assert_eq!(issue.parent, (parent_issue && issue.number > 1).then_some(1));
        }
        // What is there was asked for once.
        let asked = |what: &str| {
            world.sandbox.requests().iter().filter(|request| request.path.contains(what)).count()
        };
        assert_eq!((asked("/milestones?"), asked("/issue-types")), (1, 1));
        world.finish().await;
    }
}

#[tokio::test]
async fn what_is_not_there_stops_everything_before_anything_is_made() {
    let mut world = wished_for().await;
    world.sandbox.add_milestone(REPO, "Something else").unwrap();
    let what = stopped(&world, &world.publish().await);
    assert_eq!(
        what,
        "acme/platform has no open milestone `Post-incident work` (it has `Something else`); make it there, or correct \
         `milestone` under [publish] in followup.toml"
    );
    assert_eq!(world.outbox().await, "");
    // Closed is as good as not there.
    let number = world.sandbox.add_milestone(REPO, "POST-INCIDENT WORK").unwrap();
    world.sandbox.close_milestone(REPO, number).unwrap();
    assert!(stopped(&world, &world.publish().await).contains("no open milestone"));
    // A title that differs in case only is meant.
    world.settings.publish.milestone = Some("something ELSE".to_owned());
    world.settings.publish.issue_type = Some("Chore".to_owned());
    assert_eq!(
        stopped(&world, &world.publish().await),
        "acme/platform knows no type of issues `Chore` (it has `Task`, `Bug`, `Feature`); an owner of the organization can \
         make it, or correct `issue_type` under [publish] in followup.toml"
    );
    world.settings.publish.issue_type = Some("bug".to_owned());
    assert_eq!(world.publish().await.created.len(), 2);
    assert_eq!(place(&world.issue(2)), (Some("Something else"), Some("Bug")));
    world.finish().await;
}

#[tokio::test]
async fn a_milestone_that_was_closed_in_between_holds_back_new_issues_only() {
    let mut world = configured().await;
    // GitHub asks to wait, after all was decided and the first issue was made.
    let wait = Effect::SecondaryLimit { retry_after: Some(60), status: 403 };
    world.sandbox.fault(Fault::create_issue(wait).nth(3));
    world.publish_without_waiting().await;
    world.passes(chrono::Duration::minutes(5));
    for number in [1, 2] {
        world.sandbox.close_milestone(REPO, number).unwrap();
    }
    let made = world.sandbox.issues(REPO).len();
    assert!(made < 3, "{}", world.issues());
    world.marks_done(ActionId::new(1)).await;
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 3 - made, "{summary:?}");
    assert!(summary.needs_human[0].what.starts_with("acme/platform has no open milestone"), "{summary:?}");
    assert_eq!(world.sandbox.issues(REPO).len(), made);
    // Without the wish the rest is made, and what was made stays where it is.
    world.settings.publish.milestone = None;
    world.publish().await;
    let places = world.sandbox.issues(REPO).iter().map(|issue| issue.milestone.is_some()).collect::<Vec<_>>();
    assert_eq!(places, (0..3).map(|index| index < made).collect::<Vec<_>>());
    world.finish().await;
}

#[tokio::test]
async fn what_github_drops_without_a_word_is_told() {
    for parent_issue in [true, false] {
        let mut world = configured().await;
        world.settings.publish.parent_issue = parent_issue;
        world.sandbox.drop_labels_silently(true);
        let summary = world.publish().await;
        assert_eq!(summary.created.len(), 2);
        let of = |name: &str| {
            let notes = summary.notes.iter().filter_map(|note| note.strip_prefix(&format!("{name} ")));
            notes.filter(|note| note.contains("milestone") || note.contains("type")).collect::<Vec<_>>()
        };
        let milestone = "got no milestone Post-incident work: no push access";
        let issue_type = "got no type Task: no push access, or no such type there";
        assert_eq!(of("CA-1"), [milestone, issue_type]);
        assert_eq!(of("IR-1"), if parent_issue { vec![milestone] } else { vec![] });
    }
}

#[tokio::test]
async fn people_move_issues_as_they_like_afterwards() {
    let world = configured().await;
    world.publish().await;
    world.sandbox.set_milestone(REPO, 2, None).unwrap();
    world.sandbox.set_milestone(REPO, 3, Some(1)).unwrap();
    world.sync().await;
    world.moves_due(ActionId::new(1), "2024-08-01").await;
    world.finish().await;
    assert_eq!((place(&world.issue(2)).0, place(&world.issue(3)).0), (None, Some("Something else")));
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_types_is_asked_by_name() {
    let world = configured().await;
    world
        .sandbox
        .fault(Fault::rest("GET", "issue-types", refuse(404, r#"{"message":"Not Found"}"#)).always());
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.notes), (2, vec![]));
    assert_eq!(place(&world.issue(3)), (Some(MILESTONE), Some("Task")));
    assert_eq!(world.issue(1).sub_issues, [2, 3]);
    world.finish().await;
}

#[tokio::test]
async fn an_issue_whose_answer_was_lost_is_not_made_twice_for_it() {
    let world = configured().await;
    world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
    let summary = world.publish().await;
    assert_eq!(summary.created.len() + summary.adopted.len(), 2);
    for number in [2, 3] {
        assert_eq!(place(&world.issue(number)), (Some(MILESTONE), Some("Task")));
    }
    world.finish().await;
}

#[tokio::test]
async fn a_preview_says_where_they_would_go_and_asks_nobody() {
    let world = wished_for().await;
    let summary = world.engine().await.plan_only(&Selection::default()).await.unwrap();
    assert_eq!(summary.parents[0].what, ["milestone: Post-incident work"]);
    assert_eq!(summary.created[0].what, ["milestone: Post-incident work", "type: Task"]);
    assert_eq!(world.sandbox.request_count(), 0);
}

#[tokio::test]
async fn an_issue_that_was_there_before_stays_where_it_is() {
    let world = configured().await;
    let number = world.opens_on_github("One, long since", "It is old.");
    world.links(ActionId::new(1), number).await;
    world.publish().await;
    world.finish().await;
    assert_eq!(place(&world.issue(number)), (None, None));
    let link = world.store.read().await.unwrap().link_of(ActionId::new(1)).await.unwrap().unwrap();
    assert_eq!((link.status, link.made_here), (LinkStatus::Linked, false));
}
