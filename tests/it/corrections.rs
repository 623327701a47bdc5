//! A person corrects what was read, before and after it was accepted and published; then the report is edited.

use followup::{
    action::{Action, ActionId, Category, Command, Edit, Kind, Priority, Subject},
    import::{self, Imported, Options, Source},
};

use crate::world::World;

fn report(items: &[&str]) -> Source {
    let items: String = items.iter().map(|item| format!("- [ ] {item}\n")).collect();
    let text = format!("# Checkout down for two hours\n\nDate: 2024-05-14\n\n## Action items\n\n{items}");
    let reading = incident_report::read(&text, &incident_report::Options::default());
    let digest = Source::digest_of(text.as_bytes());
    Source { name: "/reports/checkout.md".to_owned(), former: None, extracted_from: None, digest, reading }
}

async fn imports(world: &World, items: &[&str]) -> Imported {
    let sources = [report(items)];
    let options = Options::default();
    import::import(&world.store, &world.stamp(), &world.clocks(), &sources, &options).await.unwrap().remove(0)
}

async fn edits(world: &World, id: ActionId, edit: &Edit) {
    world.commands(id, Command::Edit(edit.clone())).await;
}

/// What happened to an action, oldest first.
async fn history(world: &World, id: ActionId) -> Vec<String> {
    let events = world.store.read().await.unwrap().events_about(Subject::Action(id)).await.unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

fn told(action: &Action) -> String {
    format!(
        "{} | {} {} {} | {}",
        action.title, action.category, action.kind, action.priority, action.corrected
    )
}

fn everything() -> Edit {
    Edit {
        title: Some("Keys are rotated by the platform".to_owned()),
        description: Some("Ask the platform team how.".to_owned()),
        category: Some("automation".parse::<Category>().unwrap()),
        kind: Some(Kind::Prevent),
        priority: Some(Priority::High),
    }
}

#[tokio::test]
async fn what_a_person_corrected_wins_over_every_revision_and_the_rest_follows() {
    let world = World::new().await;
    let items = ["Rotate the leaked signing key", "Alert when the queue is longer than 1,000 jobs"];
    let ids: Vec<_> = imports(&world, &items).await.actions.iter().map(|action| action.id).collect();
    assert_eq!(
        told(&world.action(ids[0]).await),
        "Rotate the leaked signing key | security repair medium | "
    );
    edits(&world, ids[0], &everything()).await;
    edits(&world, ids[1], &Edit { priority: Some(Priority::Urgent), ..Edit::default() }).await;

    let items = [
        "Rotate the leaked signing key every month (priority: low)",
        "Alert when the queue is longer than 500 jobs (priority: low)",
    ];
    let revised = imports(&world, &items).await;
    assert_eq!((revised.added.len(), revised.vanished.len()), (0, 0));
    let (first, second) = (world.action(ids[0]).await, world.action(ids[1]).await);
    assert_eq!(
        told(&first),
        "Keys are rotated by the platform | automation prevent high | category description kind priority title"
    );
    assert_eq!(first.description.as_deref(), Some("Ask the platform team how."));
    // What nobody corrected follows the report.
    assert!(first.text.starts_with("Rotate the leaked signing key every month"), "{}", first.text);
    assert_eq!(
        told(&second),
        "Alert when the queue is longer than 500 jobs | monitoring detect urgent | priority"
    );
    insta::assert_snapshot!(revised.kept.join("\n"), @"
    CA-1: the report now says title “Rotate the leaked signing key every month”; it stays “Keys are rotated by the platform”
    CA-1: the report now says priority low; it stays high
    CA-2: the report now says priority low; it stays urgent
    ");
    world.finish().await;
}

#[tokio::test]
async fn a_correction_is_one_event_and_said_twice_it_is_said_once() {
    let world = World::new().await;
    let id = imports(&world, &["Rotate the leaked signing key"]).await.actions[0].id;
    edits(&world, id, &everything()).await;
    edits(&world, id, &everything()).await;
    assert_eq!(history(&world, id).await, ["action.proposed", "action.edited"]);
    // To say that what was read is right is a correction too: the next revision may read it otherwise.
    let right =
        imports(&world, &["Rotate the leaked signing key", "Document the restart"]).await.actions[1].id;
    edits(&world, right, &Edit { kind: Some(Kind::Process), ..Edit::default() }).await;
    assert_eq!(world.action(right).await.corrected.to_string(), "kind");
    world.finish().await;
}

#[tokio::test]
async fn the_issue_of_a_corrected_action_follows() {
    let world = World::new().await;
    let id = imports(&world, &["Rotate the leaked signing key"]).await.actions[0].id;
    world.accepts(&[id]).await;
    world.publish().await;
    edits(&world, id, &everything()).await;
    let summary = world.sync().await;
    assert_eq!(summary.updated[0].what, ["title", "text", "labels"]);
    let issue = world.issue(2);
    assert_eq!(issue.labels, ["corrective-action", "ca:automation"]);
    assert_eq!(issue.title, "Keys are rotated by the platform");
    assert!(issue.body.contains("Ask the platform team how."), "{}", issue.body);
    assert!(issue.body.contains("| automation | prevent | high |"), "{}", issue.body);
    world.finish().await;
}

#[tokio::test]
async fn a_name_that_somebody_gave_the_issue_is_a_correction() {
    let world = World::new().await;
    let id = imports(&world, &["Rotate the leaked signing key"]).await.actions[0].id;
    world.accepts(&[id]).await;
    world.publish().await;
    world.renames_on_github(2, "Rotate it, and tell the partners");
    world.sync().await;
    assert_eq!(world.action(id).await.corrected.to_string(), "title");
    let revised = imports(&world, &["Rotate the leaked signing key every month"]).await;
    assert_eq!(world.action(id).await.title, "Rotate it, and tell the partners");
    assert_eq!(
        revised.kept,
        [
            "CA-1: the report now says title “Rotate the leaked signing key every month”; it stays “Rotate it, and tell the partners”"
        ]
    );
    world.sync().await;
    world.finish().await;
}
