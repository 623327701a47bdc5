//! An item of a report that names its issue is tied to that issue, and no other one is made for it.

use followup::{
    action::{Action, ActionId, Report},
    store::LinkStatus,
    sync::{Selection, Summary},
};
use github_sandbox::{CloseReason, Effect, Fault};

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, a_report, an_action, owned},
};

/// An action whose report says that this issue tracks it.
fn tracked(title: &str, issue: &str) -> Action {
    Action { tracked_in: Some(issue.to_owned()), ..owned(title, "octo-dev") }
}

/// One accepted action that names issue #1, which somebody opened, and one that names none.
async fn with_a_tracked_one() -> (World, Vec<ActionId>) {
    let world = World::new().await;
    assert_eq!(world.opens_on_github("Disk alerts", "Disks fill up."), 1);
    let ids = world
        .report_with(vec![tracked("Alert on full disks", "#1"), owned("Rehearse the rollback", "octo-ops")])
        .await;
    (world, ids)
}

fn needs(summary: &Summary) -> String {
    let line = |pending: &followup::sync::Pending| {
        format!("{}: {}\n→ {}", pending.id, pending.what, pending.command.as_deref().unwrap_or("nothing"))
    };
    summary.needs_human.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn an_item_that_names_an_issue_is_tied_to_it_and_not_created() {
    let (world, ids) = with_a_tracked_one().await;
    let summary = world.publish().await;
    assert_eq!((summary.linked.len(), summary.created.len(), summary.updated), (1, 1, vec![]));
    assert_eq!((summary.linked[0].id.as_str(), summary.linked[0].issue.number), ("CA-1", Some(1)));
    insta::assert_snapshot!(world.issues(), @"
    #1 open Disk alerts [] @octo-dev
    #2 open Checkout down for two hours [corrective-action sev:2]
    #3 open Rehearse the rollback [corrective-action ca:other sev:2] @octo-ops under #2
    ");
    assert!(world.issue(1).body.starts_with("Disks fill up.\n\n<!-- followup:begin -->"));
    world.finish().await;
    world.sandbox.clear_requests();
    assert_eq!(world.publish().await.linked, vec![]);
    assert_eq!(world.sandbox.request_count(), 0);
    world.closes_on_github(1, CloseReason::Completed);
    world.sync().await;
    assert!(world.actions().await.starts_with("CA-1 done"), "{}", world.actions().await);
    assert_eq!(world.action(ids[0]).await.title, "Alert on full disks");
    world.finish().await;
}

#[tokio::test]
async fn a_report_whose_items_all_name_issues_gets_no_parent() {
    let world = World::new().await;
    world.opens_on_github("Disk alerts", "");
    world.report_with(vec![tracked("Alert on full disks", "acme/platform#1")]).await;
    let planned = world.engine().await.plan_only(&Selection::default()).await.unwrap();
    assert_eq!((planned.parents, planned.created, planned.linked.len()), (vec![], vec![], 1));
    assert_eq!(planned.linked[0].issue.number, Some(1));
    let summary = world.publish().await;
    assert_eq!((summary.parents, world.sandbox.issues(REPO).len()), (vec![], 1));
    world.finish().await;
}

#[tokio::test]
async fn what_the_report_names_can_be_written_in_many_ways() {
    for issue in ["#1", "GH-1", "acme/platform#1", "[SANDBOX]/acme/platform/issues/1"] {
        let world = World::new().await;
        world.opens_on_github("Disk alerts", "");
        let issue = issue.replace("[SANDBOX]", &world.sandbox.url());
        world.report_with(vec![tracked("Alert on full disks", &issue)]).await;
        assert_eq!(world.publish().await.linked.len(), 1, "{issue}");
        world.finish().await;
    }
}

#[tokio::test]
async fn what_cannot_be_tied_waits_for_a_person_and_the_rest_is_done() {
    let world = World::new().await;
    world.opens_on_github("Disk alerts", "");
    world.sandbox.open_pull_request(REPO, "octo-dev", "Add the alert").unwrap();
    let deleted = world.opens_on_github("Oops", "");
    world.sandbox.delete(REPO, deleted).unwrap();
    world.sandbox.add_repo("acme/core");
    world.sandbox.open_issue("acme/core", "octo-dev", "Elsewhere", "").unwrap();
    let ids = world
        .report_with(vec![
            tracked("One", "#1"),
            tracked("Two", "#1"),
            tracked("Three", "#2"),
            tracked("Four", "#3"),
            tracked("Five", "#99"),
            tracked("Six", "acme/core#1"),
            tracked("Seven", "acme/secret#1"),
            an_action("Eight"),
        ])
        .await;
    let summary = world.publish().await;
    assert_eq!((summary.linked.len(), summary.created.len()), (1, 1));
    insta::assert_snapshot!(needs(&summary), @"
    CA-2: it cannot be linked to the issue that its report names: acme/platform#1 belongs to CA-1 already; link it to another one, or unlink it and publish to make one
    → followup unlink CA-2
    CA-3: it cannot be linked to the issue that its report names: acme/platform#2 is a pull request, not an issue; link it to another one, or unlink it and publish to make one
    → followup unlink CA-3
    CA-4: it cannot be linked to the issue that its report names: acme/platform#3 is gone: This issue was deleted; link it to another one, or unlink it and publish to make one
    → followup unlink CA-4
    CA-5: it cannot be linked to the issue that its report names: there is no issue acme/platform#99, or the token may not see it; link it to another one, or unlink it and publish to make one
    → followup unlink CA-5
    CA-6: it cannot be linked to the issue that its report names: acme/core#1 is not in acme/platform, where the actions of its report go; link it to another one, or unlink it and publish to make one
    → followup unlink CA-6
    CA-7: it cannot be linked to the issue that its report names: there is no issue acme/secret#1, or the token may not see it; link it to another one, or unlink it and publish to make one
    → followup unlink CA-7
    ");
    // It is said again, and costs nothing but looks.
    let (issues, events) = (world.sandbox.issues(REPO), world.events().await.len());
    assert_eq!(world.publish().await.needs_human, summary.needs_human);
    assert_eq!((world.sandbox.issues(REPO), world.events().await.len()), (issues, events));

    // Each way out: another issue, or one of its own.
    let other = world.opens_on_github("The right one", "");
    world.links(ids[1], other).await;
    for id in &ids[2..7] {
        world.unlinks(*id).await;
    }
    let summary = world.publish().await;
    assert_eq!((summary.needs_human, summary.created.len()), (vec![], 5));
    world.finish().await;
}

#[tokio::test]
async fn what_gets_a_number_after_the_report_named_it_is_asked_about() {
    let world = World::new().await;
    let ids =
        world.report_with(vec![tracked("One", "#1"), tracked("Two", "#3"), owned("Three", "octo-dev")]).await;
    // The parent becomes #1, the third action #2.
    let first = world.publish().await;
    assert_eq!((first.parents.len(), first.created.len(), first.needs_human.len()), (1, 1, 2));
    let events = world.events().await;
    let refused: Vec<_> = events.iter().filter(|event| event.kind == "issue.refused").collect();
    assert_eq!(refused.len(), 2);
    world.passes(chrono::Duration::hours(1));
    assert_eq!(world.opens_on_github("Something else", "Not about this."), 3);
    let issues = world.sandbox.issues(REPO);
    let second = world.publish().await;
    assert_eq!((second.linked.len(), second.created.len()), (0, 0));
    insta::assert_snapshot!(needs(&second), @"
    CA-1: it cannot be linked to the issue that its report names: acme/platform#1 belongs to IR-1 already; link it to another one, or unlink it and publish to make one
    → followup unlink CA-1
    CA-2: it cannot be linked to the issue that its report names: acme/platform#3, “Something else”, was made after the report was imported, when there was no issue with this number; `followup link CA-2 acme/platform#3` if it is the right one, or unlink it and publish to make one
    → followup unlink CA-2
    ");
    assert_eq!(world.publish().await.needs_human, second.needs_human);
    assert_eq!((world.sandbox.issues(REPO), world.events().await.len()), (issues, events.len()));
    // A person may say that it is the right one.
    world.links(ids[1], 3).await;
    world.unlinks(ids[0]).await;
    assert_eq!(world.publish().await.needs_human, vec![]);
    world.finish().await;
}

#[tokio::test]
async fn what_was_there_before_the_report_is_tied_as_soon_as_it_is_shown() {
    let world = World::new().await;
    world.opens_on_github("Disk alerts", "");
    world.passes(chrono::Duration::hours(1));
    let action = Action { created_at: world.sandbox.now(), ..tracked("Alert on full disks", "#1") };
    world.report_with(vec![action]).await;
    world.sandbox.fault(Fault::rest(
        "GET",
        "issues/1",
        Effect::Refuse { status: 404, body: "{\"message\":\"Not Found\"}".to_owned(), headers: vec![] },
    ));
    assert_eq!(world.publish().await.needs_human.len(), 1);
    let summary = world.publish().await;
    assert_eq!((summary.linked.len(), summary.needs_human), (1, vec![]));
    assert_eq!(summary.linked[0].issue_title.as_deref(), Some("Disk alerts"));
    world.finish().await;
}

#[tokio::test]
async fn what_another_tracker_holds_is_told_and_neither_looked_up_nor_made() {
    let world = World::new().await;
    let ids = world
        .report_with(vec![
            tracked("One", "OPS-12"),
            tracked("Two", "https://jira.acme.test/browse/OPS-13"),
            tracked("Three", "https://gitlab.acme.test/acme/platform/issues/1"),
        ])
        .await;
    let summary = world.publish().await;
    assert_eq!((world.sandbox.request_count(), world.sandbox.issues(REPO).len()), (0, 0));
    insta::assert_snapshot!(summary.notes.join("\n"), @"
    CA-1 is tracked in OPS-12, as its report says, and gets no issue; `followup unlink CA-1` lets publish make one
    CA-2 is tracked in https://jira.acme.test/browse/OPS-13, as its report says, and gets no issue; `followup unlink CA-2` lets publish make one
    CA-3 is tracked in https://gitlab.acme.test/acme/platform/issues/1, as its report says, and gets no issue; `followup unlink CA-3` lets publish make one
    ");
    assert_eq!(summary.needs_human, vec![]);
    world.unlinks(ids[0]).await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.notes.len()), (1, 2));
    world.finish().await;
}

#[tokio::test]
async fn in_an_issue_that_is_a_report_a_number_is_its_neighbour() {
    let world = World::new().await;
    world.opens_on_github("Disk alerts", "");
    world.sandbox.add_repo("acme/reports");
    let source = format!("{}/acme/reports/issues/7", world.sandbox.url());
    let ids = world.imports(Report { source, ..a_report("An outage") }, vec![tracked("One", "#1")]).await;
    world.accepts(&ids).await;
    let summary = world.publish().await;
    assert!(needs(&summary).contains("there is no issue acme/reports#1"), "{summary:#?}");
}

#[tokio::test]
async fn what_a_person_decided_stays_when_the_report_is_read_again() {
    let (world, ids) = with_a_tracked_one().await;
    world.publish().await;
    world.unlinks(ids[0]).await;
    world.sync().await;
    assert_eq!(world.issue(1).body, "Disks fill up.");
    // The report says it as before; the action gets an issue of its own.
    let summary = world.publish().await;
    assert_eq!((summary.linked.len(), summary.created.len()), (0, 1));
    assert_eq!(world.action(ids[0]).await.tracked_in.as_deref(), Some("#1"));
    world.finish().await;
}

#[tokio::test]
async fn a_publish_that_dies_at_any_request_is_finished_by_the_next_one() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let (mut world, ids) = with_a_tracked_one().await;
            let died = world.dies_in(Work::Publish, requests, dies).await;
            world.nothing_is_on_its_way().await;
            let summary = world.publish().await;
            assert_eq!(summary.needs_human, vec![], "{dies:?} request {requests}");
            world.finish().await;
            let mut titles: Vec<_> =
                world.sandbox.issues(REPO).into_iter().map(|issue| issue.title).collect();
            titles.sort();
            assert_eq!(titles, ["Checkout down for two hours", "Disk alerts", "Rehearse the rollback"]);
            let link = world.store.read().await.unwrap().link_of(ids[0]).await.unwrap().unwrap();
            assert_eq!((link.status, link.number), (LinkStatus::Linked, Some(1)));
            let body = world.issue(1).body;
            assert!(
                body.starts_with("Disks fill up.") && body.matches("followup:begin").count() == 1,
                "{body}"
            );
            if !died {
                assert!(requests > 8, "it talked to GitHub only {requests} times");
                break;
            }
        }
    }
}

#[tokio::test]
async fn while_github_is_broken_nothing_is_concluded() {
    let (world, _) = with_a_tracked_one().await;
    world.sandbox.fault(Fault::rest("GET", "issues/1", Effect::ServerErrorBeforeCommit(502)));
    world.sandbox.fault(Fault::rest("PATCH", "issues/*", Effect::LoseReply));
    let summary = world.publish().await;
    assert_eq!((summary.linked.len(), summary.created.len()), (1, 1), "{summary:#?}");
    world.finish().await;
    assert_eq!(world.issue(1).body.matches("followup:begin").count(), 1);
}

#[tokio::test]
async fn what_cannot_be_looked_up_during_a_pause_waits() {
    let (world, _) = with_a_tracked_one().await;
    let pause = Effect::SecondaryLimit { retry_after: Some(60), status: 403 };
    world.sandbox.fault(Fault::rest("GET", "issues/1", pause));
    let summary = world.publish_without_waiting().await;
    assert_eq!((summary.linked, summary.needs_human), (vec![], vec![]));
    assert!(summary.waiting.iter().any(|waiting| waiting.id == "CA-1"), "{:?}", summary.waiting);
    world.passes(chrono::Duration::minutes(2));
    assert_eq!(world.publish().await.linked.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn two_processes_at_once_tie_it_once() {
    let (world, _) = with_a_tracked_one().await;
    let (first, second, third) =
        tokio::join!(world.tries_to_publish(), world.tries_to_publish(), world.tries_to_sync());
    let linked = [first, second, third].map(|summary| summary.unwrap().linked.len());
    assert_eq!(linked.iter().sum::<usize>(), 1);
    world.finish().await;
}
