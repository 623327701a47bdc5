//! What is handed out follows from the history, says what was known at a moment, and is the same each time.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use followup::{
    action::{ActionId, ReportId, Subject, is_implied},
    audit::{AsOf, AuditError, ExportFormat, Exported, Selection, export, verify},
};
use github_sandbox::CloseReason;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::world::{World, a_report, moment, owned};

/// What an export wrote, read back.
struct Folder(PathBuf);

impl Folder {
    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let names =
            fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    /// One column of a table, by the id of the row.
    fn column(&self, table: &str, id: &str, name: &str) -> Vec<String> {
        let rows = self.json(table);
        let shown = |row: &Value| format!("{} {}", row[id].as_str().unwrap_or("?"), row[name]);
        rows.as_array().unwrap().iter().map(shown).collect()
    }

    /// Every file but the manifest, with what is in it.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let names = self.names().into_iter().filter(|name| name != "manifest.json");
        names.map(|name| (name.clone(), self.read(&name))).collect()
    }
}

impl World {
    fn place(&self, name: &str) -> PathBuf {
        self.database().with_file_name(name)
    }

    async fn tries_to_export(&self, name: &str, selection: &Selection) -> Result<Exported, AuditError> {
        export(&self.store, &self.stamp(), &self.clocks(), &self.place(name), selection).await
    }

    async fn exports(&self, name: &str, selection: &Selection) -> (Folder, Exported) {
        let exported = self.tries_to_export(name, selection).await.unwrap();
        (Folder(self.place(name)), exported)
    }

    async fn breaks_the_file(&self, sql: &'static str) {
        let mut connection =
            SqliteConnection::connect(&format!("sqlite://{}", self.database().display())).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

fn as_of(text: &str) -> Selection {
    let as_of = AsOf { moment: moment(text), is_fixed: false };
    Selection { as_of: Some(as_of), ..Selection::default() }
}

/// A team that works through May 2024: the issue of CA-1 is closed on the 20th, and nobody looks before the 24th.
async fn through_may() -> World {
    let world = World::new().await;
    let ids = world.report_with(["One", "Two", "Three"].map(|title| owned(title, "octo-dev")).into()).await;
    world.publish().await;
    world.passes(moment("2024-05-20T09:00:00Z") - world.clocks().now());
    world.moves_due(ids[1], "2024-07-01").await;
    world.closes_on_github(2, CloseReason::Completed);
    world.passes(chrono::Duration::days(4));
    world.sync().await;
    world
}

#[tokio::test]
async fn an_export_of_a_moment_says_what_was_known_then() {
    let world = through_may().await;
    let states = |folder: &Folder| folder.column("actions.json", "id", "state");
    let (then, _) = world.exports("then", &as_of("2024-05-22T09:00:00Z")).await;
    assert_eq!(states(&then), ["CA-1 \"open\"", "CA-2 \"open\"", "CA-3 \"open\""]);
    assert_eq!(then.column("actions.json", "id", "due_moves")[1], "CA-2 1");
    let (now, _) = world.exports("now", &Selection::default()).await;
    assert_eq!(states(&now), ["CA-1 \"done\"", "CA-2 \"open\"", "CA-3 \"open\""]);
    assert_eq!(now.column("actions.json", "id", "done_at")[0], "CA-1 \"2024-05-20T09:00:00Z\"");
    // What happens later changes nothing of what was known.
    world.assigns(ActionId::new(3), "octo-lead").await;
    world.passes(chrono::Duration::days(1));
    let (again, exported) = world.exports("again", &as_of("2024-05-22T09:00:00Z")).await;
    assert_eq!(again.files(), then.files());
    assert!(exported.manifest.complete && exported.manifest.counts.actions == 3);
    world.finish().await;
}

#[tokio::test]
async fn an_export_of_now_says_what_the_tables_say() {
    let world = through_may().await;
    let (folder, _) = world.exports("now", &Selection::default()).await;
    let rows = folder.json("actions.json");
    let actions = world.store.read().await.unwrap().actions_after(0, 100).await.unwrap();
    assert_eq!(rows.as_array().unwrap().len(), actions.len());
    for (row, action) in rows.as_array().unwrap().iter().zip(&actions) {
        for (name, value) in serde_json::to_value(action).unwrap().as_object().unwrap() {
            let is_empty = matches!(value, Value::Null | Value::Bool(false)) || value == "" || value == 0;
            let says_the_same = row[name] == *value || (is_empty && row[name].is_null());
            assert!(
                says_the_same || is_implied(name) || name == "ulid",
                "{} {name}: {}",
                action.id,
                row[name]
            );
        }
    }
    let evidence = world.store.read().await.unwrap().evidence_after(0, 100).await.unwrap();
    assert_eq!(folder.json("evidence.json").as_array().unwrap().len(), evidence.len());
}

#[tokio::test]
async fn the_export_is_an_event_and_the_manifest_holds_every_file() {
    let world = through_may().await;
    let (folder, exported) = world.exports("all", &Selection::default()).await;
    let names = [
        "actions.csv",
        "actions.json",
        "events.csv",
        "events.json",
        "evidence.csv",
        "evidence.json",
        "followup.xlsx",
        "manifest.json",
        "waivers.csv",
        "waivers.json",
    ];
    assert_eq!(folder.names(), names);
    let last = world.events().await.pop().unwrap();
    assert_eq!((last.subject.as_str(), last.kind.as_str()), ("database", "audit.exported"));
    assert!(last.payload.contains(&exported.sha256));
    let manifest = folder.json("manifest.json");
    assert_eq!(manifest["checkpoint"]["head"], last.previous_hash);
    assert_eq!(manifest["files"].as_array().unwrap().len(), names.len() - 1);
    assert!(verify(&mut world.store.read().await.unwrap(), &[]).await.unwrap().ok);
    world.finish().await;
}

#[tokio::test]
async fn two_exports_of_one_moment_are_the_same_bytes() {
    let world = through_may().await;
    world.passes(chrono::Duration::hours(1));
    let now = as_of("2024-05-24T09:30:00Z");
    let (one, first) = world.exports("one", &now).await;
    world.passes(chrono::Duration::days(400));
    let (two, second) = world.exports("two", &now).await;
    assert_eq!(one.files(), two.files());
    assert_eq!(first.manifest.files, second.manifest.files);
}

#[tokio::test]
async fn only_what_is_about_a_report_is_handed_out_when_that_is_asked_for() {
    let world = through_may().await;
    world.imports(a_report("Another"), vec![owned("Four", "octo-ops")]).await;
    let formats = vec![ExportFormat::Json];
    let selection = Selection { reports: vec![ReportId::new(2)], formats, ..Selection::default() };
    let (folder, exported) = world.exports("one", &selection).await;
    assert_eq!(folder.column("actions.json", "id", "title"), ["CA-4 \"Four\""]);
    let events = folder.json("events.json");
    let subjects: Vec<Subject> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["subject"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(subjects, [Subject::Report(ReportId::new(2)), Subject::Action(ActionId::new(4))]);
    assert!(!exported.manifest.complete);
    let early = Selection { as_of: as_of("2024-05-20T09:00:00Z").as_of, ..selection };
    let refused = world.tries_to_export("early", &early).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no report IR-2");
    assert!(!world.place("early").exists() && !world.place(".early.followup-partial").exists());
}

#[tokio::test]
async fn nothing_is_handed_out_of_a_history_that_does_not_hold() {
    for (sql, told) in [
        (
            "UPDATE events SET actor = 'mallory' WHERE seq = 3",
            "the history does not hold: event 3: it was changed",
        ),
        (
            "UPDATE actions SET state = 'verified' WHERE id = 2",
            "the tables say something else than the history, the state of CA-2 first",
        ),
    ] {
        let world = through_may().await;
        world.breaks_the_file(sql).await;
        let events = world.events().await.len();
        let refused = world.tries_to_export("broken", &Selection::default()).await.unwrap_err();
        assert!(refused.to_string().starts_with(told), "{refused}");
        assert!(!world.place("broken").exists() && !world.place(".broken.followup-partial").exists());
        assert_eq!(world.events().await.len(), events);
    }
}

#[tokio::test]
async fn what_is_in_the_way_stays_and_what_was_left_half_done_does_not() {
    let world = through_may().await;
    fs::create_dir(world.place("full")).unwrap();
    fs::write(world.place("full").join("mine.txt"), "mine").unwrap();
    let refused = world.tries_to_export("full", &Selection::default()).await.unwrap_err();
    assert!(matches!(refused, AuditError::NotEmpty(_)), "{refused}");
    assert_eq!(Folder(world.place("full")).names(), ["mine.txt"]);
    let refused = world.tries_to_export("followup.db", &Selection::default()).await.unwrap_err();
    assert!(matches!(refused, AuditError::File { .. }), "{refused}");
    let refused = world.tries_to_export("nowhere/at/all", &Selection::default()).await.unwrap_err();
    assert!(matches!(refused, AuditError::File { .. }), "{refused}");
    // Somebody killed one; the next begins anew, also into a folder that is there and empty.
    fs::create_dir(world.place("next")).unwrap();
    fs::create_dir(world.place(".next.followup-partial")).unwrap();
    fs::write(world.place(".next.followup-partial").join("actions.csv"), "id\nCA-").unwrap();
    let (folder, _) = world.exports("next", &Selection::default()).await;
    assert!(folder.names().len() > 2 && !world.place(".next.followup-partial").exists());
    assert!(is_private(&folder.0));
}

/// Whether nobody but the owner can look into it, where the system knows that.
fn is_private(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(folder).unwrap().permissions().mode().trailing_zeros() >= 6
    }
    #[cfg(not(unix))]
    {
        folder.is_dir()
    }
}

#[tokio::test]
async fn a_moment_before_everything_is_no_empty_export() {
    let world = through_may().await;
    let refused = world.tries_to_export("early", &as_of("2020-01-01T00:00:00Z")).await.unwrap_err();
    assert!(matches!(refused, AuditError::Nothing { .. }), "{refused}");
    let empty = World::new().await;
    let refused = empty.tries_to_export("empty", &as_of("2024-05-20T09:00:00Z")).await.unwrap_err();
    assert!(matches!(refused, AuditError::Empty), "{refused}");
}
