//! What every tracker promises, told once and held against GitHub and our own.

use std::sync::Arc;

use followup::tracker::{
    CloseReason, Issue, IssueChange, IssueRef, LocalTracker, NewIssue, Seen, Sent, Target, Tracker,
    TrackerError,
};

use crate::world::World;

/// A tracker and a place in it.
struct Place {
    tracker: Arc<dyn Tracker>,
    target: Target,
    world: World,
}

impl Place {
    async fn on_github() -> Self {
        let world = World::new().await;
        Self::of(world.github(), world).await
    }

    async fn at_home() -> Self {
        let world = World::new().await;
        let tracker = LocalTracker::new(world.store.clone(), world.stamp(), world.clocks().pacing);
        Self::of(Arc::new(tracker), world).await
    }

    async fn of(tracker: Arc<dyn Tracker>, world: World) -> Self {
        let repository = tracker.repository(&crate::world::REPO.parse().unwrap()).await.unwrap();
        assert!(repository.has_issues && repository.is_private && !repository.is_archived);
        Self { tracker, target: repository.target, world }
    }

    async fn make(&self, title: &str) -> Issue {
        let new = NewIssue {
            title: title.to_owned(),
            body: "Line one\nline two ☎".to_owned(),
            labels: vec!["corrective-action".to_owned()],
            assignees: vec!["octo-dev".to_owned()],
            parent: None,
            milestone: None,
            issue_type: None,
        };
        done(self.tracker.create_issue(&self.target, &new).await).issue
    }

    async fn change(&self, at: &IssueRef, change: IssueChange) -> Issue {
        let changed = done(self.tracker.update_issue(at, &change).await);
        let again = done(self.tracker.update_issue(at, &change).await);
        assert_eq!(without_times(again), without_times(changed), "saying it twice is saying it once");
        self.see(at).await
    }

    async fn see(&self, at: &IssueRef) -> Issue {
        match self.tracker.fetch(std::slice::from_ref(at)).await.unwrap().remove(0) {
            Seen::Issue(issue) => *issue,
            Seen::Missing => panic!("{at:?} is missing"),
        }
    }

    fn nowhere(&self) -> IssueRef {
        IssueRef { target: self.target.clone(), number: 999, issue_id: 999, node_id: None }
    }
}

fn done<T: std::fmt::Debug>(sent: Sent<T>) -> T {
    match sent {
        Sent::Done(value) => value,
        sent => panic!("{sent:?}"),
    }
}

fn without_times(issue: Issue) -> Issue {
    Issue { updated_at: issue.created_at, ..issue }
}

/// Tells each story with both trackers.
macro_rules! with_both {
    ($($story:ident),+ $(,)?) => {
        mod github {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Place::on_github().await).await;
            })+
        }

        mod local {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Place::at_home().await).await;
            })+
        }
    };
}

with_both![
    what_is_made_is_seen_as_it_was_asked_for,
    what_is_changed_is_what_was_named_and_nothing_else,
    an_issue_is_closed_for_a_reason_and_opened_again,
    people_come_and_go_one_by_one,
    what_is_not_there_is_missing_and_the_rest_is_seen,
    an_issue_is_looked_up_by_its_number,
    an_issue_hangs_under_another_however_often_that_is_said,
    a_label_that_is_there_can_be_made,
    lists_are_whole_and_begin_where_they_are_asked_to,
    what_changes_is_read_from_where_the_last_reading_ended,
];

async fn what_is_made_is_seen_as_it_was_asked_for(place: Place) {
    let made = place.make("Rotate the signing key").await;
    let seen = place.see(&made.at).await;
    assert_eq!((seen.title.as_str(), seen.body.as_str()), ("Rotate the signing key", "Line one\nline two ☎"));
    assert_eq!(
        (seen.labels.join(" "), seen.assignees.join(" ")),
        ("corrective-action".to_owned(), "octo-dev".to_owned())
    );
    assert_eq!((seen.state.as_str(), &seen.state_reason, seen.closed_at), ("open", &None, None));
    assert_eq!(seen.created_at, place.world.clocks().now());
    assert!(!seen.url.is_empty());
    assert_eq!((seen.url, seen.at.number, seen.at.issue_id), (made.url, made.at.number, made.at.issue_id));
}

async fn what_is_changed_is_what_was_named_and_nothing_else(place: Place) {
    let made = place.make("Rotate the signing key").await;
    let title = IssueChange { title: Some("Rotate both".to_owned()), ..IssueChange::default() };
    let renamed = place.change(&made.at, title).await;
    assert_eq!((renamed.title.as_str(), &renamed.body), ("Rotate both", &made.body));
    let body = IssueChange { body: Some("a\r\nb".to_owned()), ..IssueChange::default() };
    let written = place.change(&made.at, body).await;
    assert_eq!((written.title.as_str(), written.body.as_str()), ("Rotate both", "a\r\nb"));
    assert_eq!((written.labels, written.assignees, written.state), (made.labels, made.assignees, made.state));
}

async fn an_issue_is_closed_for_a_reason_and_opened_again(place: Place) {
    let made = place.make("Rotate the signing key").await;
    for reason in [CloseReason::Completed, CloseReason::NotPlanned, CloseReason::Duplicate] {
        place.world.passes(chrono::Duration::minutes(1));
        let closed_at = place.world.clocks().now();
        let closed =
            place.change(&made.at, IssueChange { close: Some(reason), ..IssueChange::default() }).await;
        assert_eq!(
            (closed.state.as_str(), closed.state_reason.as_deref()),
            ("closed", Some(reason.as_str()))
        );
        assert_eq!(closed.closed_at, Some(closed_at));
        let opened = place.change(&made.at, IssueChange { reopen: true, ..IssueChange::default() }).await;
        assert_eq!((opened.state.as_str(), opened.closed_at), ("open", None));
    }
}

async fn people_come_and_go_one_by_one(place: Place) {
    let made = place.make("Rotate the signing key").await;
    let change = |assign: &[&str], unassign: &[&str]| IssueChange {
        assign: assign.iter().map(|login| (*login).to_owned()).collect(),
        unassign: unassign.iter().map(|login| (*login).to_owned()).collect(),
        ..IssueChange::default()
    };
    let more = place.change(&made.at, change(&["octo-ops", "octo-lead"], &[])).await;
    // Sorted, so that the same people are the same list.
    assert_eq!(more.assignees, ["octo-dev", "octo-lead", "octo-ops"]);
    let other = place.change(&made.at, change(&["octo-ops"], &["octo-dev"])).await;
    assert_eq!(other.assignees, ["octo-lead", "octo-ops"]);
}

async fn what_is_not_there_is_missing_and_the_rest_is_seen(place: Place) {
    let (first, second) = (place.make("One").await, place.make("Two").await);
    let seen = place.tracker.fetch(&[second.at.clone(), place.nowhere(), first.at.clone()]).await.unwrap();
    let titles: Vec<_> = seen
        .iter()
        .map(|seen| match seen {
            Seen::Issue(issue) => issue.title.as_str(),
            Seen::Missing => "missing",
        })
        .collect();
    assert_eq!(titles, ["Two", "missing", "One"]);
    assert_eq!(place.tracker.fetch(&[]).await.unwrap(), vec![]);
    let change = IssueChange { title: Some("Nobody".to_owned()), ..IssueChange::default() };
    let refused = place.tracker.update_issue(&place.nowhere(), &change).await;
    assert!(matches!(refused, Sent::Rejected(TrackerError::Refused { status: 404, .. })), "{refused:?}");
}

async fn an_issue_is_looked_up_by_its_number(place: Place) {
    let made = place.make("Rotate the signing key").await;
    let repo = place.target.repo.parse().unwrap();
    let found = place.tracker.look_up(&repo, made.at.number, &place.target).await.unwrap();
    assert_eq!((found.issue.clone(), found.is_pull_request), (made.clone(), false));
    // As it can be reached from then on.
    assert_eq!(without_times(place.see(&found.issue.at).await), without_times(made));
    let nothing = place.tracker.look_up(&repo, 999, &place.target).await.unwrap_err();
    assert_eq!(nothing.status(), Some(404));
}

async fn an_issue_hangs_under_another_however_often_that_is_said(place: Place) {
    let (parent, child) = (place.make("Parent").await, place.make("Child").await);
    done(place.tracker.add_sub_issue(&parent.at, &child.at).await);
    done(place.tracker.add_sub_issue(&parent.at, &child.at).await);
    let refused = place.tracker.add_sub_issue(&parent.at, &place.nowhere()).await;
    assert!(matches!(refused, Sent::Rejected(TrackerError::Refused { .. })), "{refused:?}");
}

async fn a_label_that_is_there_can_be_made(place: Place) {
    for _ in 0..2 {
        done(place.tracker.create_label(&place.target, "ca:testing").await);
    }
    let labels = place.tracker.labels(&place.target).await.unwrap();
    assert!(labels.iter().filter(|label| *label == "ca:testing").count() <= 1, "{labels:?}");
}

async fn lists_are_whole_and_begin_where_they_are_asked_to(place: Place) {
    let mut made = Vec::new();
    // More than GitHub puts on a page.
    for number in 1..=103 {
        made.push(place.make(&format!("Step {number}")).await);
    }
    let close = IssueChange { close: Some(CloseReason::Completed), ..IssueChange::default() };
    place.change(&made[0].at, close).await;
    let labelled = place.tracker.issues_with_label(&place.target, "corrective-action").await.unwrap();
    assert_eq!(labelled.len(), 103);
    assert_eq!(place.tracker.issues_with_label(&place.target, "ca:testing").await.unwrap(), vec![]);
    assert_eq!(place.tracker.issues_since(&place.target, made[0].created_at).await.unwrap().len(), 103);
    place.world.passes(chrono::Duration::minutes(5));
    let now = place.world.clocks().now();
    let (late, early) = (place.make("Late").await, &made[1]);
    let title = IssueChange { title: Some("Changed".to_owned()), ..IssueChange::default() };
    place.change(&early.at, title).await;
    let mut since: Vec<_> = place.tracker.issues_since(&place.target, now).await.unwrap();
    since.sort_by_key(|issue| issue.at.number);
    let numbers: Vec<_> = since.iter().map(|issue| issue.at.number).collect();
    assert_eq!(numbers, [early.at.number, late.at.number]);
}

async fn what_changes_is_read_from_where_the_last_reading_ended(place: Place) {
    let (first, second) = (place.make("First").await, place.make("Second").await);
    place.world.passes(chrono::Duration::minutes(5));
    let begin = place.tracker.changes(&place.target, None).await.unwrap();
    assert_eq!(begin.issues, vec![]);
    let title = IssueChange { title: Some("Changed".to_owned()), ..IssueChange::default() };
    place.change(&second.at, title).await;
    let third = place.make("Third").await;
    let mut from = begin.next;
    for _ in 0..2 {
        let changes = place.tracker.changes(&place.target, Some(&from)).await.unwrap();
        let mut numbers: Vec<_> = changes.issues.iter().map(|issue| issue.at.number).collect();
        numbers.sort_unstable();
        // More than was asked for may be shown, and nothing is left out.
        numbers.retain(|number| *number != first.at.number);
        assert_eq!(numbers, [second.at.number, third.at.number]);
        // A reading that was not taken over is repeated from where it began.
        assert!(changes.next.since >= from.since);
        from.etag = None;
    }
}
