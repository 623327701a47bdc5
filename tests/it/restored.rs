//! A database that was restored from a backup has forgotten what was published since, and the issues are still there.

use std::{ffi::OsString, fs, path::PathBuf};

use crate::world::{World, owned};

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
    let before = world.sandbox.issues(crate::world::REPO).len();

    backup.restore(&mut world).await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.adopted.len()), (0, 2), "{summary:#?}");
    assert_eq!(world.sandbox.issues(crate::world::REPO).len(), before);
    world.finish().await;
}
