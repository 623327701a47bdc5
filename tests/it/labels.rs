//! Our labels follow the action; all others are the team's, and what the team did with ours is left.

use followup::action::{ActionId, Command, Edit};
use github_sandbox::Permission;

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, owned},
};

/// A report with one published action; issue 1 is its parent, issue 2 its own.
async fn published() -> (World, ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.publish().await;
    world.sandbox.label(REPO, 2, "good first issue").unwrap();
    (world, ids[0])
}

impl World {
    async fn is_about(&self, id: ActionId, category: &str) {
        let edit = Edit { category: Some(category.parse().unwrap()), ..Edit::default() };
        self.commands(id, Command::Edit(edit)).await;
    }

    fn labels(&self) -> Vec<String> {
        let mut labels = self.issue(2).labels;
        labels.sort();
        labels
    }
}

#[tokio::test]
async fn another_category_is_another_label_and_the_teams_labels_stay() {
    let (world, id) = published().await;
    assert_eq!(world.labels(), ["ca:other", "corrective-action", "good first issue", "sev:2"]);
    world.is_about(id, "security").await;
    let foreseen = world.engine().await.compare_only().await.unwrap();
    assert_eq!(foreseen.updated[0].what, ["text", "labels"]);
    assert_eq!(world.sync().await.updated[0].what, ["text", "labels"]);
    assert_eq!(world.labels(), ["ca:security", "corrective-action", "good first issue", "sev:2"]);
    world.sandbox.clear_requests();
    world.sync().await;
    assert!(world.sandbox.writes().is_empty());
    world.finish().await;
}

#[tokio::test]
async fn what_the_team_did_with_our_labels_is_left() {
    let (world, id) = published().await;
    world.sandbox.unlabel(REPO, 2, "ca:other").unwrap();
    world.sandbox.unlabel(REPO, 2, "sev:2").unwrap();
    world.sandbox.label(REPO, 2, "ca:testing").unwrap();
    world.assigns(id, "octo-ops").await;
    world.sync().await;
    assert_eq!(world.labels(), ["ca:testing", "corrective-action", "good first issue"]);
    // What changes here is added and taken away; the rest is as the team has it.
    world.is_about(id, "security").await;
    world.sync().await;
    assert_eq!(world.labels(), ["ca:security", "ca:testing", "corrective-action", "good first issue"]);
    world.finish().await;
}

#[tokio::test]
async fn an_issue_that_was_there_before_gets_no_labels() {
    let world = World::new().await;
    let ids = world.report_with_actions(["Rotate the signing key"]).await;
    let number = world.opens_on_github("Rotate keys", "As said.");
    world.links(ids[0], number).await;
    world.is_about(ids[0], "security").await;
    world.sync().await;
    assert_eq!(world.sandbox.issue(REPO, number).unwrap().labels, Vec::<String>::new());
    world.finish().await;
}

#[tokio::test]
async fn who_may_not_set_labels_is_told_and_the_rest_is_sent() {
    let (world, id) = published().await;
    world.sandbox.set_permission(REPO, github_sandbox::DEFAULT_LOGIN, Permission::Read).unwrap();
    world.is_about(id, "security").await;
    let summary = world.sync().await;
    assert_eq!(summary.notes, ["CA-1 got no labels ca:security: no push access"]);
    assert!(world.issue(2).body.contains("| security |"), "{}", world.issue(2).body);
    world.sandbox.clear_requests();
    assert!(world.sync().await.notes.is_empty());
    assert!(world.sandbox.writes().is_empty());
}

#[tokio::test]
async fn a_death_at_any_request_ends_in_the_same_labels() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0..6 {
            let (mut world, id) = published().await;
            world.is_about(id, "security").await;
            world.dies_in(Work::Sync, requests, dies).await;
            world.passes(chrono::Duration::minutes(5));
            world.sync().await;
            assert_eq!(
                world.labels(),
                ["ca:security", "corrective-action", "good first issue", "sev:2"],
                "{dies:?} {requests}"
            );
            world.finish().await;
        }
    }
}
