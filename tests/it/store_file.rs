//! What only a SQLite database can be: a file that is private, foreign, newer, locked, or not there.

use std::{fs, path::Path};

use followup::store::{Access, Credential, Location, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::world::{BEGIN, moment, stamp_at};

async fn open(path: &Path, access: Access) -> Result<Store, StoreError> {
    Store::open(Location::File(path.to_owned()), access).await
}

/// A database that was made and closed.
async fn made(folder: &tempfile::TempDir) -> std::path::PathBuf {
    let path = folder.path().join("followup.db");
    open(&path, Access::Create).await.unwrap().close().await;
    path
}

async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("followup.db");
    let store = open(&path, Access::Create).await.unwrap();
    // It holds the key of the markers, and so do the files beside it.
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
    store.close().await;
}

#[tokio::test]
async fn a_file_that_is_not_there_is_made_only_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("followup.db");
    for access in [Access::Read, Access::Write] {
        let missing = open(&path, access).await;
        assert!(matches!(missing, Err(StoreError::Missing(_))), "{missing:?}");
        assert!(!path.exists());
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    let mut connection = connect(&path).await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'of tomorrow', TRUE, x'00', 0)";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = fs::read(&path).unwrap();
    for access in [Access::Read, Access::Write, Access::Create] {
        let newer = open(&path, access).await;
        assert!(matches!(newer, Err(StoreError::Newer { found: 9999, known }) if known < 9999), "{newer:?}");
    }
    assert!(fs::read(&path).unwrap() == before, "the file was changed");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("followup.db");
    let text = "Dear diary, ".repeat(1000);
    for access in [Access::Read, Access::Write, Access::Create] {
        fs::write(&path, &text).unwrap();
        let refused = open(&path, access).await;
        assert!(matches!(refused, Err(StoreError::NotADatabase)), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    fs::write(&path, "").unwrap();
    let mut connection = connect(&path).await;
    sqlx::query("CREATE TABLE notes (text TEXT)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = fs::read(&path).unwrap();
    for access in [Access::Read, Access::Write, Access::Create] {
        let foreign = open(&path, access).await;
        assert!(matches!(foreign, Err(StoreError::NotOurs)), "{foreign:?}");
    }
    // One that uses the same library for its migrations is as foreign.
    let mut connection = connect(&path).await;
    let sql = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
               installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
               checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    let sql = "INSERT INTO _sqlx_migrations VALUES (1, 'theirs', '', TRUE, x'00', 0)";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    assert!(fs::read(&path).unwrap().len() > before.len());
    let foreign = open(&path, Access::Read).await;
    assert!(matches!(foreign, Err(StoreError::NotOurs)), "{foreign:?}");
}

#[tokio::test]
async fn a_migration_that_fails_says_so_and_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    let mut connection = connect(&path).await;
    // A version that never was, and the only one: the migration stops after the copy was made.
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version > 1").execute(&mut connection).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 0").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let copy = folder.path().join("followup.db.before-migration-1");
    for _ in 0..2 {
        let failed = open(&path, Access::Write).await.unwrap_err();
        assert!(failed.hint().contains("was backed up"), "{failed:?}");
        assert!(matches!(failed, StoreError::Migration { backup: Some(backup), .. } if backup == copy));
        let mut connection = connect(&copy).await;
        let version: i64 = sqlx::query_scalar("SELECT version FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        assert_eq!(version, 0);
    }
    let source = sqlx::migrate::MigrateError::VersionMissing(1);
    assert!(!StoreError::Migration { backup: None, source }.hint().contains("backed up"));
}

#[tokio::test]
async fn a_database_of_the_first_version_keeps_its_titles_and_its_issues() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("followup.db");
    // The first schema, as its program left it: only that migration is known to it.
    let first = folder.path().join("first");
    fs::create_dir(&first).unwrap();
    let script = "0001_spine.sql";
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    fs::copy(migrations.join(script), first.join(script)).unwrap();
    fs::write(&path, "").unwrap();
    let mut connection = connect(&path).await;
    sqlx::migrate::Migrator::new(first).await.unwrap().run(&mut connection).await.unwrap();
    sqlx::query(
        "INSERT INTO reports (id, ulid, title, source, digest, revision, format, severity, severity_set, created_at, \
         updated_at) VALUES (1, 'R', 'Outage', '-', '', 1, 'markdown', 'sev2', FALSE, $1, $1)",
    )
    .bind(BEGIN)
    .execute(&mut connection)
    .await
    .unwrap();
    for (number, title, text) in [
        (1, "Rotate the key", "Rotate the key"),
        (2, "Rotate it", "Rotate it: every month, by the platform"),
        (3, "Rotieren", "Rotieren – jeden Monat"),
        (4, "The platform does it", "Rotate the key"),
        (5, "Rotate", "Rotate the key"),
    ] {
        sqlx::query(
            "INSERT INTO actions (id, ulid, report_id, title, text, quote, line, kind, category, priority, state, \
             due_moves, vanished, created_at, updated_at, version) VALUES ($1, $2, 1, $3, $4, '', 1, 'other', 'other', \
             'medium', 'proposed', 0, FALSE, $5, $5, 1)",
        )
        .bind(number)
        .bind(format!("A{number}"))
        .bind(title)
        .bind(text)
        .bind(BEGIN)
        .execute(&mut connection)
        .await
        .unwrap();
    }
    sqlx::query(
        "INSERT INTO links (ulid, report_id, action_id, part, tracker, host, repo, repo_id, status, issue_id, number, \
         in_parent, created_at, updated_at) VALUES ('A1', 1, 1, 1, 'github', 'api.github.com', 'acme/platform', 7, \
         'linked', 5000000001, 12, TRUE, $1, $1)",
    )
    .bind(BEGIN)
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();

    let store = open(&path, Access::Write).await.unwrap();
    let link = store.read().await.unwrap().link("A1").await.unwrap().unwrap();
    assert_eq!((link.number, link.in_parent, link.made_here), (Some(12), true, true));
    let actions = store.read().await.unwrap().list().await.unwrap();
    let corrected: Vec<String> = actions.iter().map(|action| action.corrected.to_string()).collect();
    assert_eq!(corrected, ["", "", "", "title", "title"]);
    store.close().await;
}

#[tokio::test]
async fn an_empty_file_is_a_place_for_a_database_and_not_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("followup.db");
    fs::write(&path, "").unwrap();
    let empty = open(&path, Access::Read).await;
    assert!(matches!(empty, Err(StoreError::Missing(_))), "{empty:?}");
    assert_eq!(fs::read(&path).unwrap(), b"");
    open(&path, Access::Write).await.unwrap().close().await;
    open(&path, Access::Read).await.unwrap().close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_the_database_gives_no_second_right_to_send() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let (store, other) =
        (open(&path, Access::Write).await.unwrap(), open(&link, Access::Write).await.unwrap());
    let lock = store.try_publisher_lock().await.unwrap();
    assert!(lock.is_some() && other.try_publisher_lock().await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_no_bug() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    // Not even the superuser can open a log that is a folder.
    fs::create_dir(folder.path().join("followup.db-wal")).unwrap();
    let refused = open(&path, Access::Read).await;
    assert!(matches!(refused, Err(StoreError::CannotOpen(_))), "{refused:?}");
}

#[tokio::test]
async fn a_store_that_only_looks_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    let before = fs::read(&path).unwrap();
    let store = open(&path, Access::Read).await.unwrap();
    assert_eq!(store.read().await.unwrap().list().await.unwrap(), vec![]);
    let refused = store.begin(&stamp_at(moment(BEGIN))).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    store.close().await;
    assert!(fs::read(&path).unwrap() == before, "the file was changed");
}

#[tokio::test]
async fn a_writer_that_does_not_end_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    let store = open(&path, Access::Write).await.unwrap();
    let mut other = connect(&path).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    // Looking is not held up by a writer.
    assert_eq!(store.read().await.unwrap().list().await.unwrap(), vec![]);
    let locked = store.begin(&stamp_at(moment(BEGIN))).await;
    assert!(matches!(locked, Err(StoreError::Locked)), "{locked:?}");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    store.begin(&stamp_at(moment(BEGIN))).await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_of_and_nothing_is_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    let store = open(&path, Access::Write).await.unwrap();
    // The next write is one page too many.
    let mut connection = connect(&path).await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut connection).await.unwrap();
    let sql = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    let sql = "INSERT INTO settings (name, value) VALUES ('blob', hex(randomblob(1000000)))";
    let full = StoreError::from(sqlx::query(sql).execute(&mut connection).await.unwrap_err());
    assert!(matches!(full, StoreError::Full), "{full:?}");
    assert!(store.is_sound().await.unwrap());
}

#[tokio::test]
async fn a_committed_change_is_there_after_the_process_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder).await;
    let store = open(&path, Access::Write).await.unwrap();
    let mut work = store.begin(&stamp_at(moment(BEGIN))).await.unwrap();
    let paused = Credential { pause_reason: Some("why".to_owned()), ..Credential::default() };
    work.save_credential("api.github.com", "c1", &paused).await.unwrap();
    work.commit().await.unwrap();
    // What a power cut leaves is the files as they are now: nothing was closed.
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let after = open(&copy.path().join("followup.db"), Access::Write).await.unwrap();
    assert_eq!(after.read().await.unwrap().credential("api.github.com", "c1").await.unwrap(), paused);
    assert!(after.is_sound().await.unwrap());
}
