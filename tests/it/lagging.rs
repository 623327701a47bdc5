//! GitHub answers from copies, and some lag behind: what was known already is not unlearned from them.

use std::sync::Arc;

use chrono::Duration;
use followup::{
    action::{ActionId, State},
    tracker::{IssueRef, Seen, Target},
};
use github_sandbox::CloseReason;
use proptest::prelude::*;

use crate::{
    mortal::Mortal,
    world::{REPO, World, owned},
};

impl World {
    /// What a look at every linked issue shows now.
    pub(crate) async fn looks(&self) -> Vec<Seen> {
        let github = self.github();
        let links = self.store.read().await.unwrap().linked("github", github.host()).await.unwrap();
        let refs: Vec<IssueRef> = links
            .iter()
            .map(|link| IssueRef {
                target: Target { repo_id: link.repo_id, repo: link.repo.clone() },
                number: link.number.unwrap(),
                issue_id: link.issue_id.unwrap(),
                node_id: link.node_id.clone(),
            })
            .collect();
        // A mishap shows nothing.
        github.fetch(&refs).await.unwrap_or_default()
    }

    pub(crate) async fn tries_to_sync_with_a_copy_that_shows(
        &self,
        shows: &[Seen],
    ) -> Result<followup::sync::Summary, followup::sync::SyncError> {
        let lagging = Arc::new(Mortal::showing(self.github(), shows.to_vec()));
        self.engine_with(lagging).await.sync(false).await
    }

    /// A sync that is answered by a copy which still shows this.
    async fn syncs_with_a_copy_that_shows(&self, shows: &[Seen]) -> followup::sync::Summary {
        self.tries_to_sync_with_a_copy_that_shows(shows).await.unwrap()
    }
}

async fn published() -> (World, ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.publish().await;
    world.passes(Duration::minutes(1));
    (world, ids[0])
}

#[tokio::test]
async fn what_people_closed_is_not_opened_again_by_a_copy_that_lags() {
    let (world, id) = published().await;
    let before = world.looks().await;
    world.passes(Duration::seconds(1));
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    let events = world.events().await.len();
    for _ in 0..2 {
        world.passes(Duration::minutes(5));
        let summary = world.syncs_with_a_copy_that_shows(&before).await;
        assert_eq!((summary.changed, summary.updated, summary.waiting), (vec![], vec![], vec![]));
    }
    assert_eq!((world.action(id).await.state, world.events().await.len()), (State::Done, events));
    world.finish().await;
}

#[tokio::test]
async fn what_we_wrote_is_not_taken_back_because_a_copy_lags() {
    let (world, id) = published().await;
    let before = world.looks().await;
    world.passes(Duration::seconds(1));
    world.assigns(id, "octo-ops").await;
    world.marks_done(id).await;
    world.sync().await;
    world.syncs_with_a_copy_that_shows(&before).await;
    let action = world.action(id).await;
    assert_eq!((action.state, action.owner.as_deref()), (State::Done, Some("octo-ops")));
    world.finish().await;
}

#[tokio::test]
async fn words_that_people_wrote_are_not_written_over_with_what_a_copy_shows() {
    let (world, id) = published().await;
    let before = world.looks().await;
    world.passes(Duration::seconds(1));
    let body = world.issue(2).body;
    world.sandbox.edit_body(REPO, 2, &format!("Our words.\n\n{body}")).unwrap();
    world.renames_on_github(2, "Rotate both signing keys");
    world.sync().await;
    world.moves_due(id, "2024-08-01").await;
    world.syncs_with_a_copy_that_shows(&before).await;
    assert!(world.issue(2).body.starts_with("Our words.\r\n"), "{}", world.issue(2).body);
    world.passes(Duration::minutes(1));
    world.sync().await;
    let body = world.issue(2).body;
    assert!(body.starts_with("Our words.\r\n") && body.contains("2024-08-01"), "{body}");
    world.finish().await;
}

#[tokio::test]
async fn a_tracker_whose_clock_was_set_back_is_believed_after_an_hour() {
    let (world, id) = published().await;
    let before = world.looks().await;
    world.passes(Duration::seconds(1));
    world.closes_on_github(2, CloseReason::Completed);
    world.sync().await;
    world.reopens_on_github(2);
    world.passes(Duration::minutes(61));
    world.syncs_with_a_copy_that_shows(&before).await;
    assert_eq!(world.action(id).await.state, State::Open);
    world.finish().await;
}

/// What people do with an issue in the browser.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Closes(CloseReason),
    Reopens,
    Renames(u8),
    Assigns(Option<&'static str>),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        prop::sample::select(vec![CloseReason::Completed, CloseReason::NotPlanned]).prop_map(Edit::Closes),
        Just(Edit::Reopens),
        (0u8..9).prop_map(Edit::Renames),
        prop::sample::select(vec![None, Some("octo-ops"), Some("octo-lead")]).prop_map(Edit::Assigns),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn looks_taken_over_in_any_order_and_any_number_end_at_the_newest(
        edits in prop::collection::vec(any_edit(), 1..5),
        order in prop::collection::vec(0usize..5, 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (world, id) = published().await;
            let mut looks = vec![world.looks().await];
            for edit in edits {
                world.passes(Duration::seconds(2));
                match edit {
                    Edit::Closes(reason) => world.closes_on_github(2, reason),
                    Edit::Reopens => world.reopens_on_github(2),
                    Edit::Renames(title) => world.renames_on_github(2, &format!("Renamed {title}")),
                    Edit::Assigns(login) => world.assigns_on_github(2, login),
                }
                looks.push(world.looks().await);
            }
            // The newest one, then any others, some of them again.
            world.syncs_with_a_copy_that_shows(looks.last().unwrap()).await;
            let newest = (world.actions().await, world.issues());
            for index in order {
                world.passes(Duration::seconds(31));
                world.syncs_with_a_copy_that_shows(&looks[index % looks.len()]).await;
                assert_eq!((world.actions().await, world.issues()), newest);
            }
            assert!(world.action(id).await.version >= 1);
            world.finish().await;
        });
    }
}
