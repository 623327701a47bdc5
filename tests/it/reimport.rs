//! A report comes in again: from another place, under another title, in another order, or after another one took its
//! file.

use std::{fs, path::Path};

use followup::{
    action::ActionId,
    import::{self, Imported, Options, Source},
};

use crate::world::World;

/// Reads a file and imports it, alone.
async fn imports(world: &World, path: &Path) -> Imported {
    imports_all(world, &[path]).await.remove(0)
}

async fn imports_all(world: &World, paths: &[&Path]) -> Vec<Imported> {
    let sources: Vec<Source> = paths
        .iter()
        .map(|path| source(&path.display().to_string(), &fs::read_to_string(path).unwrap()))
        .collect();
    import::import(&world.store, &world.stamp(), &world.clocks(), &sources, &Options::default())
        .await
        .unwrap()
}

fn source(name: &str, text: &str) -> Source {
    let reading = incident_report::read(text, &incident_report::Options::default());
    Source {
        name: name.to_owned(),
        former: None,
        extracted_from: None,
        digest: Source::digest_of(text.as_bytes()),
        reading,
    }
}

fn report(title: &str, date: Option<&str>, items: &[&str]) -> String {
    let date = date.map(|date| format!("Date: {date}\n\n")).unwrap_or_default();
    let items: String = items.iter().map(|item| format!("- [ ] {item}\n")).collect();
    format!("# {title}\n\n{date}## Action items\n\n{items}")
}

/// What an import did, as `IR-1 Revised +0 ~1 -0`.
fn told(imported: &Imported) -> String {
    format!(
        "{} {:?} +{} ~{} -{}",
        imported.report.id,
        imported.fate,
        imported.added.len(),
        imported.changed.len(),
        imported.vanished.len()
    )
}

const ITEMS: [&str; 3] = [
    "Rotate the signing key",
    "Alert when the queue is longer than 1,000 jobs",
    "Train the on-call engineers",
];

#[tokio::test]
async fn a_report_that_was_moved_and_then_edited_is_the_same_report() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("draft.md"), folder.path().join("2024/checkout.md"));
    fs::create_dir(folder.path().join("2024")).unwrap();
    fs::write(&old, report("Checkout down", None, &ITEMS)).unwrap();
    assert_eq!(told(&imports(&world, &old).await), "IR-1 Imported +3 ~0 -0");
    fs::rename(&old, &new).unwrap();
    let moved = imports(&world, &new).await;
    assert_eq!(told(&moved), "IR-1 Moved +0 ~0 -0");
    assert_eq!(moved.report.source, new.display().to_string());
    assert_eq!(told(&imports(&world, &new).await), "IR-1 Unchanged +0 ~0 -0");
    // Another title, no day, and one item reworded: the file and what stands in it say that it is the same.
    fs::write(
        &new,
        report("Checkout and payments down", None, &[ITEMS[1], "Rotate the signing key monthly", ITEMS[2]]),
    )
    .unwrap();
    assert_eq!(told(&imports(&world, &new).await), "IR-1 Revised +0 ~1 -0");
    world.finish().await;
}

#[tokio::test]
async fn a_report_that_was_moved_and_edited_in_one_go_is_found_by_its_title_and_its_actions() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("a.md"), folder.path().join("b.md"));
    fs::write(&old, report("Checkout down", None, &ITEMS)).unwrap();
    imports(&world, &old).await;
    fs::remove_file(&old).unwrap();
    fs::write(
        &new,
        report("Checkout down", None, &[ITEMS[0], "Alert when the queue is longer than 500 jobs"]),
    )
    .unwrap();
    assert_eq!(told(&imports(&world, &new).await), "IR-1 Revised +0 ~1 -1");
    world.finish().await;
}

#[tokio::test]
async fn a_copy_beside_it_is_another_report_as_soon_as_it_says_something_else() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one.md"), folder.path().join("other.md"));
    fs::write(&one, report("Checkout down", Some("2024-05-14"), &ITEMS)).unwrap();
    fs::write(&other, report("Checkout down", Some("2024-05-14"), &ITEMS)).unwrap();
    let imported = imports_all(&world, &[&one, &other]).await;
    assert_eq!(
        imported.iter().map(told).collect::<Vec<_>>(),
        ["IR-1 Imported +3 ~0 -0", "IR-1 Unchanged +0 ~0 -0"]
    );
    fs::write(&other, report("Checkout down", Some("2024-05-14"), &ITEMS[..2])).unwrap();
    assert_eq!(told(&imports(&world, &other).await), "IR-2 Imported +2 ~0 -0");
    world.finish().await;
}

#[tokio::test]
async fn a_file_that_holds_another_incident_by_now_is_another_report() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("postmortem.md");
    fs::write(&file, report("Postmortem", Some("2024-05-14"), &ITEMS)).unwrap();
    imports(&world, &file).await;
    let others = ["Buy a second printer", "Write a runbook for failover"];
    fs::write(&file, report("Postmortem", Some("2024-06-20"), &others)).unwrap();
    assert_eq!(told(&imports(&world, &file).await), "IR-2 Imported +2 ~0 -0");
    // A day that was put right is no other incident: the actions are the same.
    fs::write(&file, report("Postmortem", Some("2024-06-21"), &others)).unwrap();
    assert_eq!(told(&imports(&world, &file).await), "IR-2 Revised +0 ~0 -0");
    world.finish().await;
}

#[tokio::test]
async fn a_page_is_the_same_under_another_fragment_and_a_report_that_is_piped_in_by_its_title_and_day() {
    let world = World::new().await;
    let import = async |name: &str, text: &str| {
        let sources = [source(name, text)];
        let options = Options::default();
        let imported =
            import::import(&world.store, &world.stamp(), &world.clocks(), &sources, &options).await;
        told(&imported.unwrap()[0])
    };
    let page = "https://wiki.acme.test/incidents/12";
    assert_eq!(import(page, &report("Checkout down", None, &ITEMS)).await, "IR-1 Imported +3 ~0 -0");
    let edited = report("Checkout and payments down", None, &ITEMS[1..]);
    assert_eq!(import(&format!("{page}/#actions"), &edited).await, "IR-1 Revised +0 ~0 -1");
    assert_eq!(
        import("-", &report("Mail is late", Some("2024-05-14"), &ITEMS)).await,
        "IR-2 Imported +3 ~0 -0"
    );
    let edited = report("Mail is late", Some("2024-05-14"), &["Rotate the signing key every month"]);
    assert_eq!(import("-", &edited).await, "IR-2 Revised +0 ~1 -2");
    let other = report("Mail is late", Some("2024-05-14"), &["Buy a second printer"]);
    assert_eq!(import("-", &other).await, "IR-3 Imported +1 ~0 -0");
    world.finish().await;
}

#[tokio::test]
async fn initials_mean_the_person_of_the_report_until_somebody_else_is_given_the_action() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crane.md");
    let owners = async |world: &World| {
        let [first, second] = [1, 2].map(|id| world.action(ActionId::new(id)));
        [first.await.owner.unwrap(), second.await.owner.unwrap()]
    };
    let write = |owners: [&str; 2]| {
        let text = format!(
            "# Crane 4 stopped\n\nDate: 2024-05-14\n\n## People\n\n- Ada Bello (incident lead)\n- Carl Duke (scribe)\n\n\
             ## Action items\n\n- Grease the hook (owner: {})\n- Test the brake (owner: {})\n",
            owners[0], owners[1]
        );
        fs::write(&path, text).unwrap();
    };
    write(["AB", "Carl"]);
    imports(&world, &path).await;
    assert_eq!(owners(&world).await, ["Ada Bello", "Carl Duke"]);
    world.assigns(ActionId::new(2), "zoe").await;
    write(["CD", "AB"]);
    imports(&world, &path).await;
    assert_eq!(owners(&world).await, ["Carl Duke", "zoe"]);
    world.finish().await;
}
