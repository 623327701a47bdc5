//! A database that was restored from a backup has forgotten what was published since, and the issues are still there.

use std::{ffi::OsString, fs, path::PathBuf};

use followup::action::{Action, State};
use github_sandbox::{CloseReason, Effect, Fault, Match};

use crate::world::{REPO, World, owned};

/// The file of a database and its log, as a backup of the folder holds them.
struct Backup(Vec<(PathBuf, Vec<u8>)>);

impl Backup {
    fn of(world: &World) -> Self {
        let file = |ending: &str| {
            let mut name = OsString::from(world.database());
            name.push(ending);
            PathBuf::from(name)
        };
        let files = [file(""), file("-wal"), file("-shm")];
        Self(files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect())
    }

    async fn restore(self, world: &mut World) {
        world.store.clone().close().await;
        for (path, bytes) in self.0 {
            fs::write(path, bytes).unwrap();
        }
        world.restart().await;
    }
}

#[tokio::test]
async fn what_a_restored_database_forgot_is_found_and_not_made_again() {
    let mut world = World::new().await;
    world.report_with(vec![owned("Known before the backup", "octo-dev")]).await;
    world.publish().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    let backup = Backup::of(&world);
    assert_eq!(world.publish().await.created.len(), 2);
    let before = world.sandbox.issues(REPO).len();

    backup.restore(&mut world).await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.adopted.len()), (0, 2), "{summary:#?}");
    assert_eq!(world.sandbox.issues(REPO).len(), before);
    world.finish().await;
}

#[tokio::test]
async fn what_was_waiting_when_the_backup_was_made_is_looked_for_before_it_is_sent() {
    let mut world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    let pause = Effect::SecondaryLimit { retry_after: Some(60), status: 403 };
    world.sandbox.fault(Fault::new(Match::CreateIssue, pause));
    world.publish_without_waiting().await;
    let backup = Backup::of(&world);
    world.passes(chrono::Duration::seconds(61));
    assert_eq!(world.publish().await.created.len(), 2);

    backup.restore(&mut world).await;
    // Whichever command comes first.
    let summary = world.sync().await;
    assert_eq!((summary.created.len(), summary.adopted.len()), (0, 2), "{summary:#?}");
    assert_eq!(world.sandbox.issues(REPO).len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn what_was_linked_after_the_backup_is_linked_again_and_written_once() {
    for wished in [true, false] {
        let mut world = World::new().await;
        let number = world.opens_on_github("Disk alerts", "Disks fill up.");
        let tracked_in = wished.then(|| format!("#{number}"));
        let alert = Action { tracked_in, ..owned("Alert on full disks", "octo-dev") };
        let ids = world.report_with(vec![alert]).await;
        let backup = Backup::of(&world);
        world.links(ids[0], number).await;
        let before = world.issue(number).body;

        backup.restore(&mut world).await;
        if wished {
            assert_eq!(world.publish().await.linked.len(), 1);
            assert_eq!(world.sandbox.issues(REPO).len(), 1);
        } else {
            // It is found by its marker before an issue of its own is made.
            let summary = world.publish().await;
            assert_eq!((summary.created.len(), summary.adopted.len()), (0, 1), "{summary:#?}");
        }
        world.sync().await;
        assert_eq!(world.issue(number).body, before);
        world.moves_due(ids[0], "2024-08-01").await;
        world.finish().await;
        let body = world.issue(number).body;
        assert!(body.starts_with("Disks fill up.") && body.contains("2024-08-01"), "{body}");
    }
}

#[tokio::test]
async fn what_people_did_with_a_forgotten_issue_counts() {
    let mut world = World::new().await;
    world.report_with(vec![owned("Known before the backup", "octo-dev")]).await;
    world.publish().await;
    let ids = world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    let backup = Backup::of(&world);
    world.publish().await;
    world.closes_on_github(4, CloseReason::Completed);
    world.renames_on_github(5, "Two, and more");

    backup.restore(&mut world).await;
    world.publish().await;
    world.sync().await;
    assert_eq!(world.action(ids[0]).await.state, State::Done);
    assert_eq!(world.action(ids[1]).await.title, "Two, and more");
    world.finish().await;
}

#[tokio::test]
async fn a_backup_from_before_the_first_publish_knows_its_own_issues() {
    let mut world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    let backup = Backup::of(&world);
    world.publish().await;
    backup.restore(&mut world).await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.adopted.len()), (0, 2), "{summary:#?}");
    world.finish().await;
}

#[tokio::test]
async fn what_the_database_has_lost_altogether_is_for_a_person() {
    let mut world = World::new().await;
    world.report_with(vec![owned("Known before the backup", "octo-dev")]).await;
    world.publish().await;
    let backup = Backup::of(&world);
    world.passes(chrono::Duration::hours(1));
    world.report_with(vec![owned("One", "octo-dev")]).await;
    world.publish().await;
    let before = world.sandbox.issues(REPO).len();

    backup.restore(&mut world).await;
    world.passes(chrono::Duration::hours(1));
    world.report_with(vec![owned("One", "octo-dev")]).await;
    let summary = world.publish().await;
    assert_eq!(world.sandbox.issues(REPO).len(), before);
    let told = &summary.needs_human[0].what;
    assert!(told.contains("holds 2 issues of actions that this database has lost (#3, #4)"), "{told}");
}
