//! An action and an issue that is there already: tied by a person, kept in step, and taken apart again, without a word of
//! the team lost on the way.

use std::sync::Arc;

use followup::{
    action::{Action, ActionId, ActorKind, Disposition, State},
    store::LinkStatus,
    sync::{LinkError, Linked, Unlinked},
};
use github_sandbox::{CloseReason, Effect, Fault};

use crate::{
    crash::Work,
    mortal::{Budget, Dies, Mortal},
    world::{REPO, World, a_report, an_action, owned},
};

/// What somebody wrote before anybody thought of Followup.
const TEXT: &str = "Disks fill up at night ☎\n\n- [ ] ask @octo-ops  \n\t2 TB?\n";

/// One accepted action, and issue #1 that somebody opened for the same thing.
async fn to_be_linked(action: Action) -> (World, ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![action]).await;
    assert_eq!(world.opens_on_github("Disk alerts", TEXT), 1);
    world.passes(chrono::Duration::hours(1));
    (world, ids[0])
}

/// Why an action is not tied to an issue; that changes nothing anywhere.
async fn is_refused(world: &World, id: ActionId, issue: &str) -> String {
    let before = (world.actions().await, world.sandbox.issues(REPO), world.events().await.len());
    world.sandbox.clear_requests();
    let refused = world.tries_to_link(id, issue).await.unwrap_err();
    assert_eq!(world.writes(), Vec::<String>::new(), "{refused}");
    let after = (world.actions().await, world.sandbox.issues(REPO), world.events().await.len());
    assert_eq!(after, before, "{refused}");
    let LinkError::Unlinkable(why) = refused else { panic!("{refused}") };
    format!("{why}\n→ {}", why.hint())
}

#[tokio::test]
async fn an_action_is_tied_to_an_issue_that_is_there() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    let linked = world.links(id, 1).await;
    assert_eq!((linked.as_before, linked.waiting, linked.line.what), (false, None, vec![]));
    let issue = world.issue(1);
    // Nothing of it is changed but the end of its text.
    let section = issue.body.strip_prefix(TEXT).unwrap();
    assert!(section.starts_with("\n\n<!-- followup:begin -->\n"), "{section}");
    assert!(section.contains("Tracked as CA-1 · report IR-1"), "{section}");
    assert_eq!((issue.title.as_str(), issue.parent, issue.assignees.len()), ("Disk alerts", None, 0));
    assert_eq!(world.action(id).await.title, "Alert on full disks");
    let events = world.events().await;
    let tied = events.iter().find(|event| event.kind == "issue.linked").unwrap();
    assert_eq!((tied.actor_kind, tied.actor.as_str()), (ActorKind::User, "grace"));
    world.finish().await;
    // It has its issue.
    assert_eq!(world.publish().await.created, vec![]);
    assert_eq!(world.sandbox.issues(REPO).len(), 1);
}

#[tokio::test]
async fn tying_it_again_changes_nothing() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    world.links(id, 1).await;
    let (issues, events) = (world.sandbox.issues(REPO), world.events().await.len());
    world.sandbox.clear_requests();
    let again = world.links(id, 1).await;
    assert!(again.as_before, "{again:?}");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!((world.sandbox.issues(REPO), world.events().await.len()), (issues, events));
    world.finish().await;
}

#[tokio::test]
async fn what_the_issue_says_is_taken_over() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    world.assigns_on_github(1, Some("octo-ops"));
    let closed_at = world.sandbox.now();
    world.closes_on_github(1, CloseReason::Completed);
    world.passes(chrono::Duration::days(1));
    let linked = world.links(id, 1).await;
    assert_eq!(
        linked.line.what,
        ["owner: octo-dev → octo-ops", "state: open → done (issue closed as completed)"]
    );
    let action = world.action(id).await;
    assert_eq!((action.state, action.done_at), (State::Done, Some(closed_at)));
    let event = world.events().await.into_iter().find(|event| event.kind == "action.done").unwrap();
    assert_eq!((event.actor_kind, event.actor.as_str()), (ActorKind::Tracker, "octo-dev"));
    world.finish().await;
}

#[tokio::test]
async fn an_issue_that_nobody_does_gets_our_owner_and_one_that_is_given_up_is_told_of() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    world.closes_on_github(1, CloseReason::NotPlanned);
    let linked = world.links(id, 1).await;
    assert_eq!(linked.line.what, ["the issue is closed as not_planned; the action keeps its state"]);
    assert_eq!(world.issue(1).assignees, ["octo-dev"]);
    assert!(world.actions().await.contains("closed_upstream"), "{}", world.actions().await);
    world.finish().await;
}

#[tokio::test]
async fn from_then_on_both_sides_are_kept_in_step() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    world.links(id, 1).await;
    world.moves_due(id, "2024-08-01").await;
    world.assigns(id, "octo-ops").await;
    world.sync().await;
    let issue = world.issue(1);
    assert!(issue.body.starts_with(TEXT) && issue.body.contains("2024-08-01 (moved 1×"), "{}", issue.body);
    assert_eq!(issue.assignees, ["octo-ops"]);
    world.renames_on_github(1, "Alerts on every disk");
    world.closes_on_github(1, CloseReason::Completed);
    world.sync().await;
    let action = world.action(id).await;
    assert_eq!((action.title.as_str(), action.state), ("Alerts on every disk", State::Done));
    world.reopens(id).await;
    world.sync().await;
    assert_eq!(world.issue(1).state, "open");
    world.finish().await;
}

/// Nothing tells us what happens there but a look: late, more than once, and after whatever else happened.
#[tokio::test]
async fn what_people_do_is_heard_late_twice_and_in_any_order() {
    type Act = fn(&World);
    let acts: [Act; 3] = [
        |world| world.assigns_on_github(1, Some("octo-ops")),
        |world| world.renames_on_github(1, "Alerts on every disk"),
        |world| world.closes_on_github(1, CloseReason::Completed),
    ];
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        for (looks_first, looks_between, times) in [(true, true, 2), (true, false, 1), (false, false, 1)] {
            let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
            if looks_first {
                world.links(id, 1).await;
            }
            for act in order {
                acts[act](&world);
                for _ in 0..if looks_between { times } else { 0 } {
                    world.sync().await;
                }
            }
            if !looks_first {
                // A title that was there before is not taken over; this one is given afterwards.
                world.renames_on_github(1, "Disk alerts");
                world.links(id, 1).await;
                world.renames_on_github(1, "Alerts on every disk");
            }
            world.finish().await;
            ends.push(world.actions().await);
        }
    }
    assert_eq!(ends[0], "CA-1 done Alerts on every disk @octo-ops due 2024-06-14 = #1\n");
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
}

#[tokio::test]
async fn what_is_no_issue_for_it_is_refused_and_changes_nothing() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    world.sandbox.open_pull_request(REPO, "octo-dev", "Add the alert").unwrap();
    let deleted = world.opens_on_github("Oops", "");
    world.sandbox.delete(REPO, deleted).unwrap();
    world.sandbox.add_repo("acme/core");
    world.sandbox.open_issue("acme/core", "octo-dev", "Elsewhere", "").unwrap();
    let moved = world.opens_on_github("To be moved", "");
    world.sandbox.transfer(REPO, moved, "acme/core").unwrap();
    let mut refusals = String::new();
    for issue in [
        "#2",
        "#3",
        "#99",
        "acme/core#1",
        "#4",
        "acme/secret#1",
        "https://jira.acme.test/browse/OPS-12",
        "https://gitlab.acme.test/acme/platform/issues/1",
        "OPS-12",
    ] {
        refusals.push_str(&format!("{issue}: {}\n", is_refused(&world, id, issue).await));
    }
    let refusals = refusals.replace(world.github().host(), "[HOST]");
    insta::assert_snapshot!(refusals, @"
    #2: acme/platform#2 is a pull request, not an issue
    → name the issue that the pull request belongs to
    #3: acme/platform#3 is gone: This issue was deleted
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    #99: there is no issue acme/platform#99, or the token may not see it
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    acme/core#1: acme/core#1 is not in acme/platform, where the actions of its report go
    → name an issue there; before its first publish a report goes elsewhere with `followup import SOURCE --repo OWNER/NAME`
    #4: acme/platform#4 was moved to acme/core#2, which is not in acme/platform, where the actions of its report go
    → name an issue there; before its first publish a report goes elsewhere with `followup import SOURCE --repo OWNER/NAME`
    acme/secret#1: there is no issue acme/secret#1, or the token may not see it
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    https://jira.acme.test/browse/OPS-12: OPS-12 is no issue at [HOST]
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    https://gitlab.acme.test/acme/platform/issues/1: https://gitlab.acme.test/acme/platform/issues/1 is no issue at [HOST]
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    OPS-12: OPS-12 is no issue at [HOST]
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    ");
    // An issue of our own repository, by the address that people see.
    world.tries_to_link(id, &format!("{}/acme/platform/issues/1", world.sandbox.url())).await.unwrap();
    world.finish().await;
}

#[tokio::test]
async fn an_issue_has_one_action_and_an_action_one_issue() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    world.links(id, 1).await;
    let other = world.report_with(vec![an_action("Alert on full logs")]).await[0];
    insta::assert_snapshot!(is_refused(&world, other, "#1").await, @"
    acme/platform#1 belongs to CA-1 already
    → `followup show CA-1` says more; an issue belongs to one action at most
    ");
    world.publish().await;
    let spare = world.opens_on_github("Log alerts", "");
    for issue in [format!("#{spare}"), "#2".to_owned()] {
        let refused = is_refused(&world, other, &issue).await;
        assert!(refused.contains("CA-2 has an issue already: acme/platform#3"), "{refused}");
    }
    assert!(is_refused(&world, id, "#2").await.contains("CA-1 has an issue already: acme/platform#1"));
    world.finish().await;
}

#[tokio::test]
async fn an_action_that_needs_no_issue_is_tied_to_none() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    let proposed = world.imports(a_report("Nobody looked yet"), vec![an_action("Look")]).await[0];
    insta::assert_snapshot!(is_refused(&world, proposed, "#1").await, @"
    CA-2 is proposed, and needs no issue
    → `followup accept CA-2` takes it on first
    ");
    world.drops(id, Disposition::Obsolete).await;
    insta::assert_snapshot!(is_refused(&world, id, "#1").await, @"
    CA-1 is dropped, and needs no issue
    → `followup reopen CA-1` takes it up again
    ");
    world.reopens(id).await;
    world.marks_done(id).await;
    insta::assert_snapshot!(is_refused(&world, id, "#1").await, @"
    acme/platform#1 is open, and CA-1 is done
    → close the issue as completed if the work is done, or take it up again: `followup reopen CA-1`
    ");
    world.closes_on_github(1, CloseReason::Completed);
    world.links(id, 1).await;
    world.finish().await;
}

#[tokio::test]
async fn where_nothing_may_be_written_nothing_is_tied() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    world.sandbox.set_private(REPO, false).unwrap();
    let refused = is_refused(&world, id, "#1").await;
    assert!(
        refused.starts_with("acme/platform is public, and strangers would read IR-1 (from "),
        "{refused}"
    );
    world.sandbox.set_private(REPO, true).unwrap();
    world.sandbox.archive_repo(REPO, true).unwrap();
    assert!(is_refused(&world, id, "#1").await.starts_with("acme/platform is archived"));
}

#[tokio::test]
async fn an_issue_of_a_renamed_repository_is_followed_and_that_is_said() {
    let (mut world, id) = to_be_linked(an_action("Alert on full disks")).await;
    world.sandbox.rename_repo(REPO, "acme/engine").unwrap();
    world.settings.repo = Some("acme/engine".parse().unwrap());
    let linked = world.tries_to_link(id, "acme/platform#1").await.unwrap();
    assert_eq!(linked.moved_from.as_deref(), Some("acme/platform#1"));
    assert_eq!((linked.line.issue.repo.as_str(), linked.line.issue.number), ("acme/engine", Some(1)));
    assert!(world.sandbox.issue("acme/engine", 1).unwrap().body.contains("Tracked as CA-1"));
    // So is one that was moved into it.
    world.sandbox.add_repo("acme/old");
    world.sandbox.open_issue("acme/old", "octo-dev", "Log alerts", "").unwrap();
    assert_eq!(world.sandbox.transfer("acme/old", 1, "acme/engine").unwrap(), 2);
    let other = world.report_with(vec![an_action("Alert on full logs")]).await[0];
    let linked = world.tries_to_link(other, "acme/old#1").await.unwrap();
    assert_eq!(linked.moved_from.as_deref(), Some("acme/old#1"));
    assert_eq!(linked.line.issue.number, Some(2));
}

#[tokio::test]
async fn an_issue_that_is_tied_to_another_database_is_left_alone() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    let second = World::beside(&world).await;
    let other = second.report_with(vec![an_action("Theirs")]).await[0];
    second.links(other, 1).await;
    insta::assert_snapshot!(is_refused(&world, id, "#1").await, @"
    the text of acme/platform#1 holds a section of Followup that belongs to another issue or another database
    → take the section out of its text, from `followup:begin` to `followup:end`
    ");
    // And so is a copy of one of ours.
    let copy = world.opens_on_github("Copied", &world.issue(1).body);
    assert!(is_refused(&second, other, &format!("#{copy}")).await.contains("has an issue already"));
    let third = second.report_with(vec![an_action("Another")]).await[0];
    assert!(is_refused(&second, third, &format!("#{copy}")).await.contains("holds a section of Followup"));
}

#[tokio::test]
async fn what_was_to_get_an_issue_of_its_own_and_never_did_can_be_tied() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    let refuse = Effect::SecondaryLimit { retry_after: Some(60), status: 403 };
    world.sandbox.fault(Fault::create_issue(refuse));
    world.publish_without_waiting().await;
    assert!(world.outbox().await.contains("Create CA-1 Pending after 0 tries"), "{}", world.outbox().await);
    // GitHub asks to wait, and this waits for nothing.
    assert!(matches!(world.tries_to_link(id, "#1").await, Err(LinkError::Sync(_))));
    world.passes(chrono::Duration::minutes(2));
    world.links(id, 1).await;
    world.publish().await;
    let with_marker = world.sandbox.issues(REPO).iter().filter(|issue| issue.body.contains("CA-1")).count();
    assert_eq!(with_marker, 1, "{}", world.issues());
    world.finish().await;
}

#[tokio::test]
async fn while_its_own_issue_may_be_on_its_way_it_is_tied_to_none() {
    let (mut world, id) = to_be_linked(an_action("Alert on full disks")).await;
    world.settings.publish.create_interval = std::time::Duration::ZERO;
    world.publish().await;
    let second = world.report_with(vec![an_action("Alert on full logs")]).await[0];
    world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
    world.publish_without_waiting().await;
    insta::assert_snapshot!(world.outbox().await, @"Create CA-2 Unknown after 1 tries");
    insta::assert_snapshot!(is_refused(&world, second, "#1").await, @"
    an issue of CA-2 is on its way
    → `followup publish` finishes that; then there is something to unlink
    ");
    let refused = followup::sync::unlink(&world.store, &world.stamp(), second, None).await.unwrap_err();
    assert_eq!(refused.to_string(), "an issue of CA-2 is on its way");
    world.publish().await;
    world.unlinks(id).await;
    world.finish().await;
}

#[tokio::test]
async fn taken_off_an_issue_that_was_there_before_leaves_it_as_it_was() {
    for browser in [true, false] {
        let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
        if browser {
            world.sandbox.edit_body(REPO, 1, TEXT).unwrap();
        }
        let text = world.issue(1).body;
        assert_eq!(text.contains("\r\n"), browser);
        world.links(id, 1).await;
        assert_eq!(world.unlinks(id).await, Unlinked::Issue("acme/platform#1".to_owned()));
        let summary = world.sync().await;
        assert_eq!(summary.notes, ["the mark of CA-1 was taken out of acme/platform#1"]);
        assert_eq!(world.issue(1).body, text);
        world.finish().await;
        // It is nobody's now: what happens there is not heard.
        world.closes_on_github(1, CloseReason::Completed);
        world.renames_on_github(1, "Something else");
        world.finish().await;
        let action = world.action(id).await;
        assert_eq!((action.state, action.title.as_str()), (State::Open, "Alert on full disks"));
        let events = world.events().await;
        let event = events.iter().find(|event| event.kind == "issue.unlinked").unwrap();
        assert_eq!((event.actor.as_str(), event.subject.as_str()), ("grace", "CA-1"));
        assert!(event.payload.contains("\"number\":1"), "{}", event.payload);
    }
}

#[tokio::test]
async fn taken_off_twice_is_taken_off_once() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    assert_eq!(world.unlinks(id).await, Unlinked::AsBefore);
    world.links(id, 1).await;
    world.unlinks(id).await;
    let events = world.events().await.len();
    assert_eq!(world.unlinks(id).await, Unlinked::AsBefore);
    assert_eq!(world.events().await.len(), events);
    world.finish().await;
}

#[tokio::test]
async fn taken_off_an_issue_that_was_made_for_it_leaves_the_words() {
    let world = World::new().await;
    let id = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await[0];
    world.publish().await;
    world.unlinks(id).await;
    world.sync().await;
    let body = world.issue(2).body;
    assert!(body.contains("> - Rotate the signing key") && !body.contains("followup"), "{body}");
    assert!(!body.contains("Tracked as"), "{body}");
    assert_eq!((world.issue(2).state.as_str(), world.issue(2).assignees.len()), ("open", 1));
    world.finish().await;
    // Published again, it gets another issue.
    let summary = world.publish().await;
    assert_eq!(summary.created[0].issue.number, Some(3), "{summary:#?}");
    world.marks_done(id).await;
    world.sync().await;
    assert_eq!((world.issue(2).state.as_str(), world.issue(3).state.as_str()), ("open", "closed"));
    world.finish().await;
}

#[tokio::test]
async fn words_that_people_wrote_into_our_section_stay_when_it_goes() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    world.links(id, 1).await;
    let edited = world.issue(1).body.replace("| octo-dev |", "| octo-dev (ask first) |");
    world.edits_body_over_the_api(1, &edited).await;
    world.unlinks(id).await;
    world.sync().await;
    let body = world.issue(1).body;
    assert!(body.starts_with(TEXT) && body.contains("(ask first)") && !body.contains("followup"), "{body}");
    world.finish().await;
}

#[tokio::test]
async fn what_was_taken_off_can_be_tied_again_before_and_after_the_mark_is_gone() {
    for synced in [true, false] {
        let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
        let other = world.report_with(vec![an_action("Alert on full logs")]).await[0];
        world.links(id, 1).await;
        world.unlinks(id).await;
        if synced {
            world.sync().await;
        }
        world.links(other, 1).await;
        assert_eq!(world.issue(1).body.matches("followup:begin").count(), 1, "{}", world.issue(1).body);
        world.unlinks(other).await;
        if synced {
            world.sync().await;
        }
        world.links(id, 1).await;
        world.finish().await;
        let body = world.issue(1).body;
        assert!(body.starts_with(TEXT) && body.matches("followup:begin").count() == 1, "{body}");
        assert!(body.contains("Tracked as CA-1"), "{body}");
        world.unlinks(id).await;
        world.sync().await;
        assert_eq!(world.issue(1).body, TEXT);
        world.finish().await;
    }
}

#[tokio::test]
async fn a_deleted_issue_is_settled_by_taking_the_action_off() {
    let world = World::new().await;
    let id = world.report_with(vec![an_action("Rotate the signing key")]).await[0];
    world.publish().await;
    world.sandbox.delete(REPO, 2).unwrap();
    world.moves_due(id, "2024-08-01").await;
    let summary = world.sync().await;
    assert_eq!(summary.needs_human[0].command.as_deref(), Some("followup unlink CA-1"), "{summary:#?}");
    world.unlinks(id).await;
    let summary = world.publish().await;
    assert_eq!((summary.needs_human, summary.created.len()), (vec![], 1));
    world.finish().await;
}

#[tokio::test]
async fn where_the_mark_cannot_be_taken_out_nobody_is_asked() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    world.links(id, 1).await;
    world.unlinks(id).await;
    world.sandbox.archive_repo(REPO, true).unwrap();
    let summary = world.sync().await;
    assert_eq!(summary.needs_human, vec![]);
    assert_eq!(summary.notes, ["the mark of CA-1 may not be taken out of acme/platform#1"]);
    world.is_quiet().await;
}

#[tokio::test]
async fn the_mark_in_an_issue_of_another_tracker_stays_and_nobody_is_asked() {
    let (mut world, id) = to_be_linked(an_action("Alert on full disks")).await;
    world.links(id, 1).await;
    world.api_url = Some(world.sandbox.url().replace("127.0.0.1", "localhost"));
    assert_eq!(world.sync().await.needs_human.len(), 1);
    world.unlinks(id).await;
    let summary = world.sync().await;
    assert_eq!((summary.needs_human, summary.waiting), (vec![], vec![]));
    assert!(
        summary.notes[0].starts_with("the mark of CA-1 stays in acme/platform#1: "),
        "{:?}",
        summary.notes
    );
    assert_eq!(world.sync().await.notes, Vec::<String>::new());
}

#[tokio::test]
async fn a_reply_that_is_lost_writes_the_section_once() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    world.sandbox.fault(Fault::rest("PATCH", "issues/*", Effect::LoseReply));
    let linked = world.links(id, 1).await;
    assert!(linked.waiting.is_some(), "{linked:?}");
    // What changes in the meantime is written over what arrived unheard.
    world.moves_due(id, "2024-08-01").await;
    world.passes(chrono::Duration::minutes(1));
    world.sync().await;
    let body = world.issue(1).body;
    assert!(body.starts_with(TEXT) && body.matches("followup:begin").count() == 1, "{body}");
    assert!(body.contains("2024-08-01"), "{body}");
    world.finish().await;
}

#[tokio::test]
async fn what_stops_the_tracker_after_they_are_tied_stops_only_what_the_issue_is_told() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    let refuse =
        Effect::Refuse { status: 401, body: r#"{"message":"Bad credentials"}"#.to_owned(), headers: vec![] };
    world.sandbox.fault(Fault::rest("PATCH", "issues/*", refuse));
    let linked = world.links(id, 1).await;
    assert!(linked.waiting.is_some_and(|why| why.contains("does not accept the token")));
    assert_eq!(world.issue(1).body, TEXT);
    world.sync().await;
    assert!(world.issue(1).body.contains("Tracked as CA-1"));
    world.finish().await;
}

#[tokio::test]
async fn a_section_that_people_deleted_is_not_written_again() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    world.links(id, 1).await;
    world.edits_body_over_the_api(1, TEXT).await;
    world.moves_due(id, "2024-08-01").await;
    world.sync().await;
    assert_eq!(world.issue(1).body, TEXT);
    world.is_quiet().await;
    world.unlinks(id).await;
    world.sync().await;
    assert_eq!(world.issue(1).body, TEXT);
    world.finish().await;
}

/// Ties an action by a process that dies during the request after `requests` others. Tells whether it died.
async fn dies_while_linking(world: &mut World, id: ActionId, requests: usize, dies: Dies) -> bool {
    let mortal = Arc::new(Mortal::after(requests, dies, world.github()));
    let engine = world.engine_with(mortal.clone()).await;
    let issue = followup::intake::Reference::parse("#1").unwrap();
    let died = tokio::select! {
        biased;
        linked = engine.link(id, &issue) => { linked.unwrap(); false }
        () = mortal.death() => true,
    };
    drop(engine);
    world.restart().await;
    died
}

/// The action has the issue, the issue has one section, and the team's words are there.
async fn is_tied(world: &World, id: ActionId) {
    let link = world.store.read().await.unwrap().link_of(id).await.unwrap().unwrap();
    assert_eq!((link.status, link.number), (LinkStatus::Linked, Some(1)));
    let issue = world.issue(1);
    assert!(issue.body.starts_with(TEXT) && issue.body.matches("followup:begin").count() == 1, "{issue:?}");
    assert_eq!((issue.assignees, world.sandbox.issues(REPO).len()), (vec!["octo-dev".to_owned()], 1));
}

#[tokio::test]
async fn a_process_that_dies_at_any_request_while_linking_does_no_harm() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let (mut world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
            let died = dies_while_linking(&mut world, id, requests, dies).await;
            world.nothing_is_on_its_way().await;
            // Either it was tied before, or it is now.
            let linked: Linked = world.links(id, 1).await;
            assert_eq!(linked.as_before, !died || requests > 1, "{dies:?} request {requests}");
            world.finish().await;
            is_tied(&world, id).await;
            if !died {
                assert!(requests >= 3, "it talked to GitHub only {requests} times");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_sync_that_dies_at_any_request_while_the_mark_goes_is_finished_by_the_next_one() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let (mut world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
            world.links(id, 1).await;
            world.unlinks(id).await;
            let died = world.dies_in(Work::Sync, requests, dies).await;
            world.nothing_is_on_its_way().await;
            world.sync().await;
            assert_eq!(world.issue(1).body, TEXT, "{dies:?} request {requests}");
            world.finish().await;
            if !died {
                assert!(requests >= 2, "it talked to GitHub only {requests} times");
                break;
            }
        }
    }
}

/// Not only at a request: in a transaction, between two, or waiting.
#[test]
fn a_process_that_dies_at_any_step_while_linking_does_no_harm() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for steps in (0..).step_by(5) {
        let first = runtime();
        let (mut world, id, is_through) = first.block_on(async {
            let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
            let is_through = Budget::of(steps, world.tries_to_link(id, "#1")).await.is_some();
            (world, id, is_through)
        });
        drop(first);
        runtime().block_on(async {
            world.restart().await;
            world.nothing_is_on_its_way().await;
            world.links(id, 1).await;
            world.finish().await;
            is_tied(&world, id).await;
        });
        if is_through {
            assert!(steps > 20, "it was through after {steps} steps");
            break;
        }
    }
}

#[tokio::test]
async fn what_people_write_between_our_look_and_our_write_is_heard_afterwards() {
    let (world, id) = to_be_linked(owned("Alert on full disks", "octo-dev")).await;
    let sandbox = world.sandbox.clone();
    let meddled = Mortal::meddled(world.github(), move || {
        sandbox.edit_title(REPO, 1, "Alerts on every disk").unwrap();
        sandbox.close(REPO, 1, CloseReason::Completed, "octo-lead").unwrap();
    });
    let engine = world.engine_with(Arc::new(meddled)).await;
    engine.link(id, &followup::intake::Reference::parse("#1").unwrap()).await.unwrap();
    world.sync().await;
    let action = world.action(id).await;
    assert_eq!((action.title.as_str(), action.state), ("Alerts on every disk", State::Done));
    world.finish().await;
}

#[tokio::test]
async fn an_issue_is_given_to_one_of_two_that_ask_at_once() {
    let (world, id) = to_be_linked(an_action("Alert on full disks")).await;
    let other = world.report_with(vec![an_action("Alert on full logs")]).await[0];
    let (first, second) = tokio::join!(world.tries_to_link(id, "#1"), world.tries_to_link(other, "#1"));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    world.finish().await;
    assert_eq!(world.issue(1).body.matches("followup:begin").count(), 1);
}
