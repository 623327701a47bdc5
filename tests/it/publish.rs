//! Accepted actions become issues: each once, where they belong, and only where they may.

use followup::{
    action::{Action, Report},
    sync::{Selection, Summary},
};
use github_sandbox::{Permission, RepoSettings};

use crate::world::{REPO, World, a_report, an_action, owned};

/// What waits for a person, one line each.
fn needs(summary: &Summary) -> String {
    let lines = summary.needs_human.iter().map(|pending| format!("{}: {}", pending.id, pending.what));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_report_becomes_a_parent_with_sub_issues() {
    let world = World::new().await;
    world.report_with(vec![owned("Rotate the signing key", "octo-dev"), an_action("Alert on expiry")]).await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.parents.len()), (2, 1));
    insta::assert_snapshot!(world.issues(), @"
    #1 open Checkout down for two hours [corrective-action sev:2]
    #2 open Rotate the signing key [corrective-action ca:other sev:2] @octo-dev under #1
    #3 open Alert on expiry [corrective-action ca:other sev:2] under #1
    ");
    insta::assert_snapshot!(world.actions().await, @"
    CA-1 open Rotate the signing key @octo-dev due 2024-06-14 = #2
    CA-2 open Alert on expiry @nobody due 2024-06-14 unassigned = #3
    ");
    world.finish().await;
}

#[tokio::test]
async fn publishing_again_asks_for_nothing() {
    let world = World::new().await;
    world.report_with_actions(["Rotate the signing key"]).await;
    world.publish().await;
    world.sandbox.clear_requests();
    let again = world.publish().await;
    assert_eq!((again.created, again.requests, world.sandbox.request_count()), (vec![], 0, 0));
    world.finish().await;
}

#[tokio::test]
async fn what_is_proposed_or_over_gets_no_issue() {
    let world = World::new().await;
    let proposed = world.imports(a_report("Nobody looked yet"), vec![an_action("Look")]).await;
    let done = Action { reported_done: Some(true), ..an_action("Already done") };
    world.report_with(vec![done]).await;
    assert_eq!(world.publish().await.created, vec![]);
    assert_eq!(world.issues(), "");
    world.accepts(&proposed).await;
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn what_was_done_before_is_published_when_that_is_asked_for_and_closed_at_once() {
    let world = World::new().await;
    world.report_with(vec![Action { reported_done: Some(true), ..an_action("Already done") }]).await;
    let everything = Selection { include_done: true, ..Selection::default() };
    world.engine().await.publish(&everything, true).await.unwrap();
    insta::assert_snapshot!(world.issues(), @"
    #1 open Checkout down for two hours [corrective-action sev:2]
    #2 closed/completed Already done [corrective-action ca:other sev:2] under #1
    ");
    world.finish().await;
}

#[tokio::test]
async fn without_parents_every_issue_stands_alone() {
    let mut world = World::new().await;
    world.settings.publish.parent_issue = false;
    world.report_with_actions(["One", "Two"]).await;
    assert_eq!(world.publish().await.parents, vec![]);
    assert!(world.sandbox.issues(REPO).iter().all(|issue| issue.parent.is_none()));
    world.finish().await;
}

#[tokio::test]
async fn a_report_of_more_actions_than_a_parent_holds_gets_another_parent() {
    let world = World::new().await;
    let titles: Vec<String> = (1..=103).map(|number| format!("Step {number}")).collect();
    world.report_with_actions(titles.iter().map(String::as_str)).await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.parents.len()), (103, 2));
    let parents: Vec<_> =
        world.sandbox.issues(REPO).into_iter().filter(|issue| !issue.sub_issues.is_empty()).collect();
    let sizes: Vec<_> =
        parents.iter().map(|parent| (parent.title.as_str(), parent.sub_issues.len())).collect();
    assert_eq!(sizes, [("Checkout down for two hours", 100), ("Checkout down for two hours (2/2)", 3)]);
    world.finish().await;
}

#[tokio::test]
async fn a_title_is_whole_as_long_as_it_fits() {
    let world = World::new().await;
    let (fits, too_long) = ("ä".repeat(250), "ö".repeat(300));
    let ids = world.report_with_actions([fits.as_str(), too_long.as_str()]).await;
    world.publish().await;
    assert_eq!(world.issue(2).title, fits);
    assert_eq!(world.issue(3).title, format!("{}…", "ö".repeat(249)));
    // The action keeps the whole of it: what was cut is no change.
    world.sync().await;
    assert_eq!(world.action(ids[1]).await.title, too_long);
    world.finish().await;
}

#[tokio::test]
async fn the_words_of_a_report_call_nobody_and_close_nothing() {
    let world = World::new().await;
    let quote = "- ask @gapio, fixes #12 <!-- followup:end --> and GH-3".to_owned();
    let report = Report { root_cause: Some("@midnight, see #4".to_owned()), ..a_report("An outage") };
    let ids = world.imports(report, vec![Action { quote, ..an_action("Ask") }]).await;
    world.accepts(&ids).await;
    world.publish().await;
    for (number, words) in [(1, ["@midnight", "#4"]), (2, ["@gapio", "#12"])] {
        let body = world.issue(number).body;
        for word in words {
            assert!(!body.contains(word), "{word} in {body}");
        }
        // Who reads it sees the same words.
        let seen = body.replace('\u{2060}', "");
        assert!(words.iter().all(|word| seen.contains(word)), "{seen}");
        assert_eq!(body.matches("<!-- followup:end -->").count(), 1, "{body}");
    }
    world.finish().await;
}

#[tokio::test]
async fn nothing_is_published_where_strangers_read_unless_that_is_meant() {
    let mut world = World::new().await;
    world.sandbox.set_private(REPO, false).unwrap();
    world.report_with_actions(["Rotate the signing key"]).await;
    let summary = world.publish().await;
    insta::assert_snapshot!(needs(&summary), @"acme/platform: acme/platform is public, and strangers would read IR-1 (from reports/checkout.md); set `allow_public = true` under [publish] in followup.toml if that is meant");
    assert_eq!((world.writes(), world.issues()), (vec![], String::new()));
    world.settings.publish.allow_public = true;
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn what_is_left_of_a_publish_stops_too_when_strangers_can_read_by_now() {
    let world = World::new().await;
    world.report_with_actions(["One", "Two"]).await;
    // The pace lets one issue through; the rest waits for the next run.
    world.publish_without_waiting().await;
    assert_eq!(world.sandbox.issues(REPO).len(), 1);
    world.sandbox.set_private(REPO, false).unwrap();
    let summary = world.publish().await;
    assert!(needs(&summary).contains("is public"), "{summary:?}");
    assert_eq!(world.sandbox.issues(REPO).len(), 1);
    world.sandbox.set_private(REPO, true).unwrap();
    assert_eq!(world.publish().await.needs_human, vec![]);
    world.finish().await;
}

#[tokio::test]
async fn a_repository_that_takes_no_issues_is_named_and_left_alone() {
    for (settings, why) in [
        (RepoSettings { issues_enabled: false, ..RepoSettings::default() }, "issues are disabled"),
        (RepoSettings { archived: true, ..RepoSettings::default() }, "is archived"),
        (RepoSettings { base: Permission::None, ..RepoSettings::default() }, "cannot publish to acme/other"),
    ] {
        let mut world = World::new().await;
        world.sandbox.add_repo_with("acme/other", &settings);
        world.settings.repo = Some("acme/other".parse().unwrap());
        world.report_with_actions(["Rotate the signing key"]).await;
        let summary = world.publish().await;
        assert!(needs(&summary).contains(why), "{summary:?}");
        assert_eq!(world.writes(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_token_that_is_wrong_or_missing_is_an_error_and_nothing_is_lost() {
    let mut world = World::new().await;
    world.report_with_actions(["Rotate the signing key"]).await;
    world.token = Some("ghp_wrong");
    let error = world.tries_to_publish().await.unwrap_err().to_string();
    assert!(error.contains("does not accept the token"), "{error}");
    world.token = None;
    let error = world.tries_to_publish().await.unwrap_err().to_string();
    assert!(error.contains("there is no token"), "{error}");
    world.token = Some(github_sandbox::DEFAULT_TOKEN);
    assert_eq!(world.publish().await.created.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_ends_the_run_and_the_next_one_goes_on() {
    let world = World::new().await;
    world.report_with_actions(["One", "Two"]).await;
    let refuse = github_sandbox::Effect::Refuse {
        status: 401,
        body: r#"{"message":"Bad credentials"}"#.to_owned(),
        headers: vec![],
    };
    world.sandbox.fault(github_sandbox::Fault::create_issue(refuse).nth(2));
    assert!(world.tries_to_publish().await.is_err());
    assert_eq!(world.sandbox.issues(REPO).len(), 1);
    assert_eq!(world.publish().await.created.len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn an_owner_who_cannot_be_assigned_stays_the_owner_and_is_noted() {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "stranger")]).await;
    let summary = world.publish().await;
    insta::assert_snapshot!(summary.notes.join("\n"), @"CA-1 cannot be assigned to stranger in acme/platform: not a member, or not a login");
    assert_eq!(world.issue(2).assignees, Vec::<String>::new());
    world.sync().await;
    assert_eq!(world.action(ids[0]).await.owner.as_deref(), Some("stranger"));
    world.finish().await;
}

#[tokio::test]
async fn without_push_access_issues_are_made_without_labels_and_that_is_noted() {
    let world = World::new().await;
    world.sandbox.set_permission(REPO, github_sandbox::DEFAULT_LOGIN, Permission::Read).unwrap();
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    let summary = world.publish().await;
    assert_eq!(summary.created.len(), 1, "{summary:?}");
    let notes = summary.notes.join("\n");
    assert!(notes.contains("may not make the label") && notes.contains("got no labels"), "{notes}");
    assert_eq!((world.issue(2).labels, world.issue(2).assignees), (vec![], vec![]));
    // GitHub dropped the assignee; nobody took the action away from its owner.
    world.sync().await;
    assert_eq!(world.action(ids[0]).await.owner.as_deref(), Some("octo-dev"));
}

#[tokio::test]
async fn a_text_with_a_secret_stops_that_action_only() {
    let world = World::new().await;
    let leak = Action { quote: "- the key AKIAIOSFODNN7EXAMPLE leaked".to_owned(), ..an_action("Rotate it") };
    world.report_with(vec![leak, an_action("Alert on expiry")]).await;
    let summary = world.publish().await;
    insta::assert_snapshot!(needs(&summary), @"CA-1: its quote looks like it holds an AWS access key; redact it, let it pass with `--as-written --reason TEXT`, or take it out of reports/checkout.md and import that again");
    assert_eq!(summary.created.len(), 1);
    assert!(world.sandbox.requests().iter().all(|request| !request.body.contains("AKIA")));
    assert_eq!(world.outbox().await, "Create CA-1 NeedsHuman after 0 tries\n");
    world.no_action_has_two_issues();
}

#[tokio::test]
async fn issues_of_another_database_stop_the_publish() {
    let world = World::new().await;
    world.report_with_actions(["Rotate the signing key"]).await;
    world.publish().await;
    let laptop = World::beside(&world).await;
    laptop.report_with_actions(["Rotate the signing key"]).await;
    laptop.sandbox.clear_requests();
    let summary = laptop.publish().await;
    insta::assert_snapshot!(needs(&summary), @"acme/platform: acme/platform already holds 2 issues of another Followup database, and publishing would make them twice: use that database, or take them over");
    assert_eq!(laptop.writes(), Vec::<String>::new());
    world.finish().await;
}

#[tokio::test]
async fn two_reports_go_where_each_belongs() {
    let world = World::new().await;
    world.sandbox.add_repo("acme/network");
    let elsewhere = Report { repo: Some("acme/network".to_owned()), ..a_report("A cable was cut") };
    let ids = world.imports(elsewhere, vec![an_action("Lay another cable")]).await;
    world.accepts(&ids).await;
    world.report_with_actions(["Rotate the signing key"]).await;
    assert_eq!(world.publish().await.created.len(), 2);
    let titles = |repo| world.sandbox.issues(repo).into_iter().map(|issue| issue.title).collect::<Vec<_>>();
    assert_eq!(titles("acme/network"), ["A cable was cut", "Lay another cable"]);
    assert_eq!(titles(REPO), ["Checkout down for two hours", "Rotate the signing key"]);
}
