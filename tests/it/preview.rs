//! A dry run tells what a sync then does, and does nothing itself.

use followup::{
    action::{ActionId, Command, Disposition, Edit},
    sync::{Line, Summary},
};
use github_sandbox::{CloseReason, Permission};

use crate::world::{REPO, World, owned};

/// A report with three published actions; issue 1 is the parent, 2 to 4 are theirs.
async fn published() -> (World, Vec<ActionId>) {
    let world = World::new().await;
    let actions = ["One", "Two", "Three"].map(|title| owned(title, "octo-dev"));
    let ids = world.report_with(actions.into()).await;
    world.publish().await;
    (world, ids)
}

impl World {
    /// Looks what a sync would do, checks that the look did nothing, syncs, and gives both answers.
    async fn foresees_and_syncs(&self) -> (Summary, Summary) {
        let before = (self.events().await.len(), self.actions().await, self.issues());
        self.sandbox.clear_requests();
        let foreseen = self.engine().await.compare_only().await.unwrap();
        let writes = self.sandbox.requests();
        let writes: Vec<_> =
            writes.iter().filter(|request| request.method != "GET" && request.path != "/graphql").collect();
        assert!(writes.is_empty(), "{writes:?}");
        assert_eq!((self.events().await.len(), self.actions().await, self.issues()), before);
        (foreseen, self.sync().await)
    }

    async fn says_the_same(&self) {
        let (foreseen, done) = self.foresees_and_syncs().await;
        let what = |lines: &[Line]| -> Vec<(String, Vec<String>)> {
            let mut what: Vec<_> = lines.iter().map(|line| (line.id.clone(), line.what.clone())).collect();
            what.sort();
            what
        };
        assert_eq!(what(&foreseen.changed), what(&done.changed));
        assert_eq!(what(&foreseen.updated), what(&done.updated));
        assert_eq!(foreseen.needs_human, done.needs_human);
        assert_eq!(foreseen.waiting, []);
    }
}

#[tokio::test]
async fn what_changed_here_there_and_on_both_sides_is_foreseen() {
    let (world, ids) = published().await;
    world.says_the_same().await;
    world.assigns(ids[0], "octo-ops").await;
    world.marks_done(ids[1]).await;
    world.renames_on_github(4, "Three, and more");
    world.says_the_same().await;
    world.closes_on_github(2, CloseReason::Completed);
    world.closes_on_github(4, CloseReason::NotPlanned);
    world.reopens_on_github(3);
    world.assigns_on_github(4, Some("octo-lead"));
    world.says_the_same().await;
    world.drops(ids[2], Disposition::Superseded).await;
    world.says_the_same().await;
    world.finish().await;
}

#[tokio::test]
async fn what_people_ask_for_in_comments_is_foreseen() {
    let (world, ids) = published().await;
    world.passes(chrono::Duration::minutes(1));
    let taken = world.says(2, "octo-dev", "/due 2024-07-01 parts are late");
    world.says(3, "octo-dev", "/due tomorrow");
    world.says(1, "octo-dev", "/unblock");
    world.sandbox.set_permission(REPO, "reads", Permission::Read).unwrap();
    world.says(4, "reads", "/unblock");
    let (foreseen, done) = world.foresees_and_syncs().await;
    assert_eq!(foreseen.changed, done.changed);
    assert_eq!(foreseen.changed[0].what, ["octo-dev wrote “/due 2024-07-01 parts are late”"]);
    assert_eq!((&foreseen.notes, foreseen.notes.len()), (&done.notes, 3));
    assert_eq!((world.action(ids[0]).await.due_moves, world.thumbs(2, taken)), (1, 1));
    // What was taken is not foreseen again.
    world.says_the_same().await;
    world.finish().await;
}

#[tokio::test]
async fn a_conflict_is_foreseen() {
    let (world, ids) = published().await;
    let edit = Edit { title: Some("One, here".to_owned()), ..Edit::default() };
    world.commands(ids[0], Command::Edit(edit)).await;
    world.renames_on_github(2, "One, there");
    let (foreseen, done) = world.foresees_and_syncs().await;
    assert_eq!(foreseen.needs_human.len(), 1);
    assert_eq!(foreseen.needs_human, done.needs_human);
    // It is open now, and told of once.
    let (foreseen, done) = world.foresees_and_syncs().await;
    assert_eq!((foreseen.needs_human, done.needs_human), (vec![], vec![]));
}

#[tokio::test]
async fn what_is_not_shown_is_said_and_nothing_follows() {
    let (world, _) = published().await;
    world.sandbox.delete(REPO, 3).unwrap();
    let (foreseen, _) = world.foresees_and_syncs().await;
    assert_eq!(foreseen.waiting.len(), 1, "{foreseen:?}");
    assert!(foreseen.waiting[0].what.contains("is not shown"), "{foreseen:?}");
}
