//! A report is edited after its actions were accepted and published.

use followup::{
    action::{ActionId, Severity, State},
    import::{self, Fate, Imported, Options, Source},
    sync::Selection,
    tracker::LocalTracker,
};
use github_sandbox::{Effect, Fault, Match};

use crate::world::{REPO, World, owned};

fn report(items: &[&str]) -> Source {
    let items: String = items.iter().map(|item| format!("- [ ] {item}\n")).collect();
    let text = format!("# Checkout down for two hours\n\nDate: 2024-05-14\n\n## Action items\n\n{items}");
    let reading = incident_report::read(&text, &incident_report::Options::default());
    Source {
        name: "/reports/checkout.md".to_owned(),
        former: None,
        extracted_from: None,
        digest: Source::digest_of(text.as_bytes()),
        reading,
    }
}

async fn imports(world: &World, items: &[&str]) -> Imported {
    imports_as(world, items, None).await
}

async fn imports_as(world: &World, items: &[&str], severity: Option<Severity>) -> Imported {
    let options = Options { accept: true, severity, ..Options::default() };
    let sources = [report(items)];
    let imported = import::import(&world.store, &world.stamp(), &world.clocks(), &sources, &options).await;
    imported.unwrap().remove(0)
}

#[tokio::test]
async fn a_reworded_item_stays_the_same_action_and_its_issue_follows() {
    let world = World::new().await;
    imports(&world, &["Alert when the queue is longer than 1,000 jobs", "Rotate the signing key"]).await;
    world.publish().await;
    world.renames_on_github(3, "Rotate the key, and the one before");

    let again =
        imports(&world, &["Alert when the queue is longer than 1,000 jobs", "Rotate the signing key"]).await;
    assert_eq!(again.fate, Fate::Unchanged);
    let revised = imports(
        &world,
        &["Rotate the signing key every month", "Alert when the queue is longer than 500 jobs"],
    )
    .await;
    assert_eq!((revised.fate, revised.added, revised.vanished), (Fate::Revised, vec![], vec![]));
    world.sync().await;
    assert_eq!(world.issue(2).title, "Alert when the queue is longer than 500 jobs");
    // Somebody gave this one a name; the report does not take it away.
    assert_eq!(world.issue(3).title, "Rotate the key, and the one before");
    assert!(world.issue(3).body.contains("every month"), "{}", world.issue(3).body);
    world.finish().await;
}

#[tokio::test]
async fn what_vanished_is_flagged_and_keeps_its_issue() {
    let world = World::new().await;
    imports(&world, &["Rotate the signing key", "Write a runbook for failover"]).await;
    world.publish().await;
    let revised = imports(&world, &["Rotate the signing key", "Train the new on-call engineers"]).await;
    assert_eq!((revised.added.len(), revised.vanished.len()), (1, 1));
    world.publish().await;
    insta::assert_snapshot!(world.actions().await, @"
    CA-1 open Rotate the signing key @nobody due 2024-07-14 unassigned = #2
    CA-2 open Write a runbook for failover @nobody due 2024-07-14 unassigned vanished = #3
    CA-3 open Train the new on-call engineers @nobody due 2024-07-14 unassigned = #4
    ");
    world.finish().await;
}

#[tokio::test]
async fn what_people_decided_stays_and_what_the_report_says_instead_is_told() {
    let world = World::new().await;
    let first =
        imports_as(&world, &["Rotate the signing key (owner: @octo-dev)"], Some(Severity::Sev1)).await;
    assert_eq!(first.report.severity, Severity::Sev1);
    let id = first.actions[0].id;
    world.assigns(id, "octo-lead").await;
    world.moves_due(id, "2024-06-20").await;

    let items = ["Rotate the signing key (owner: @octo-ops, due: 2024-06-03)"];
    let revised = imports(&world, &items).await;
    assert_eq!(revised.report.severity, Severity::Sev1);
    insta::assert_snapshot!(revised.kept.join("\n"), @"
    CA-1: the report now says due 2024-06-03; it stays 2024-06-20
    CA-1: the report now says owner octo-ops; it stays octo-lead
    ");
    let action = world.action(id).await;
    assert_eq!(action.owner.as_deref(), Some("octo-lead"));
    assert_eq!(action.due_on, Some(crate::world::day("2024-06-20")));
    // It is told once.
    assert_eq!(
        imports(&world, &["Rotate the signing key soon (owner: @octo-ops, due: 2024-06-03)"]).await.kept,
        [""; 0]
    );
}

#[tokio::test]
async fn a_declined_action_that_comes_back_gets_the_day_that_it_never_got() {
    let world = World::new().await;
    let ids = world
        .imports(crate::world::a_report("Nobody looked yet"), vec![crate::world::an_action("Look")])
        .await;
    world.commands(ids[0], followup::action::Command::Decline { reason: "not ours".to_owned() }).await;
    world.reopens(ids[0]).await;
    let action = world.action(ids[0]).await;
    assert_eq!((action.state, action.due_on), (State::Open, Some(crate::world::day("2024-07-14"))));
}

#[tokio::test]
async fn issues_at_another_address_do_not_look_like_peace() {
    let world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev")]).await;
    world.publish().await;
    let other = World::new().await;
    let summary = world.engine_with(other.github()).await.sync(true).await.unwrap();
    assert_eq!((summary.observed, summary.needs_human.len()), (0, 1), "{summary:?}");
    assert!(summary.needs_human[0].what.starts_with("2 issues are at 127.0.0.1:"), "{summary:?}");
}

#[tokio::test]
async fn a_secret_that_a_revision_brings_does_not_reach_the_issue() {
    let world = World::new().await;
    imports(&world, &["Rotate the signing key of the payment service"]).await;
    world.publish().await;
    let secret = "password: hunter2hunter2";
    imports(&world, &[&format!("Rotate the signing key of the payment service ({secret})")]).await;
    let summary = world.sync().await;
    assert_eq!(summary.needs_human.len(), 1, "{summary:?}");
    assert!(summary.needs_human[0].what.contains("look like they hold a password"), "{summary:?}");
    assert!(!world.issue(2).body.contains("hunter2") && !world.issue(2).title.contains("hunter2"));
    // Taken out of the report, it is sent.
    imports(&world, &["Rotate the signing key of the payment service now"]).await;
    assert_eq!(world.sync().await.needs_human, vec![]);
    assert_eq!(world.issue(2).title, "Rotate the signing key of the payment service now");
    world.finish().await;
}

#[tokio::test]
async fn an_action_that_is_dropped_before_anything_was_sent_gets_an_issue_only_when_it_comes_back() {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    // The first request of the publish is refused, so both wait; then the lead drops one of them.
    world
        .sandbox
        .fault(Fault::new(Match::CreateIssue, Effect::SecondaryLimit { retry_after: Some(60), status: 403 }));
    world.publish_without_waiting().await;
    world.drops(ids[1], followup::action::Disposition::Obsolete).await;
    world.passes(chrono::Duration::seconds(61));
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), world.sandbox.issues(REPO).len()), (1, 2), "{summary:?}");
    world.reopens(ids[1]).await;
    assert_eq!(world.publish().await.created.len(), 1);
    assert_eq!(state(&world, ids[1]).await, State::Open);
    world.finish().await;
}

#[tokio::test]
async fn a_server_that_knows_repositories_by_name_only_is_served_as_well() {
    let world = World::new().await;
    let refuse =
        Effect::Refuse { status: 404, body: r#"{"message":"Not Found"}"#.to_owned(), headers: Vec::new() };
    for path in ["/repositories/*", "/repositories/*/**"] {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            world.sandbox.fault(Fault::rest(method, path, refuse.clone()).always());
        }
    }
    let ids = world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    assert_eq!(world.publish().await.created.len(), 2);
    world.marks_done(ids[0]).await;
    world.sync().await;
    assert_eq!(world.issue(2).state, "closed");
    world.finish().await;
}

async fn state(world: &World, id: ActionId) -> State {
    world.action(id).await.state
}

#[tokio::test]
async fn what_belongs_to_one_tracker_is_never_sent_to_another() {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    world.publish().await;
    world.marks_done(ids[0]).await;
    let local = LocalTracker::new(world.store.clone(), world.stamp(), world.clocks().pacing);
    let engine = world.engine_with(std::sync::Arc::new(local)).await;
    world.report_with(vec![owned("Three", "octo-dev")]).await;
    engine.publish(&Selection::default(), true).await.unwrap();
    engine.sync(true).await.unwrap();
    assert_eq!((world.action(ids[0]).await.title.as_str(), world.issue(2).state.as_str()), ("One", "open"));
    world.sync().await;
    assert_eq!(world.issue(2).state, "closed");
}

#[tokio::test]
async fn two_reports_of_one_title_on_one_day_are_two() {
    let world = World::new().await;
    let of = |name: &str, item: &str| Source { name: name.to_owned(), ..report(&[item]) };
    let options = Options::default();
    for fate in [Fate::Imported, Fate::Unchanged] {
        let sources = [
            of("/reports/a.md", "Rotate the signing key"),
            of("/reports/b.md", "Train the on-call engineers"),
        ];
        let imported =
            import::import(&world.store, &world.stamp(), &world.clocks(), &sources, &options).await.unwrap();
        assert_eq!(imported.iter().map(|report| report.fate).collect::<Vec<_>>(), [fate, fate]);
        assert_eq!((imported[0].report.id.number(), imported[1].report.id.number()), (1, 2));
    }
}

#[tokio::test]
async fn what_was_decided_about_a_proposal_outlives_a_revision() {
    let world = World::new().await;
    let options = Options::default();
    let imports = async |items: &[&str]| {
        let sources = [report(items)];
        import::import(&world.store, &world.stamp(), &world.clocks(), &sources, &options)
            .await
            .unwrap()
            .remove(0)
    };
    let ids: Vec<_> = imports(&[
        "Rotate the signing key (owner: @octo-dev)",
        "Train the on-call engineers (owner: @octo-ops)",
    ])
    .await
    .actions
    .iter()
    .map(|action| action.id)
    .collect();
    world.assigns(ids[0], "octo-lead").await;
    world.moves_due(ids[0], "2024-06-20").await;
    imports(&[
        "Rotate the signing key soon (owner: @octo-dev)",
        "Train the on-call engineers (owner: @octo-dev)",
    ])
    .await;
    insta::assert_snapshot!(world.actions().await, @"
    CA-1 proposed Rotate the signing key soon @octo-lead due 2024-06-20
    CA-2 proposed Train the on-call engineers @octo-dev
    ");
}
