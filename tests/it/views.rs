//! What a world looks like, as text for snapshots, and what has to be true of every world when its story ends.

use std::{collections::HashMap, fmt::Write as _};

use followup::{
    action::State,
    audit::verify,
    store::{EventRow, LinkStatus, OutboxRow, Store},
    sync::marker::Marker,
};
use github_sandbox::IssueView;

use crate::world::{REPO, World};

impl World {
    /// The issues at GitHub: number, state, title, labels, assignees, and the issue above.
    pub(crate) fn issues(&self) -> String {
        let mut text = String::new();
        for issue in self.sandbox.issues(REPO) {
            let reason = issue.state_reason.as_ref().map(|reason| format!("/{reason}")).unwrap_or_default();
            let _ = write!(text, "#{} {}{reason} {}", issue.number, issue.state, issue.title);
            let _ = write!(text, " [{}]", issue.labels.join(" "));
            for login in &issue.assignees {
                let _ = write!(text, " @{login}");
            }
            if let Some(parent) = issue.parent {
                let _ = write!(text, " under #{parent}");
            }
            text.push('\n');
        }
        text
    }

    /// The actions here: id, state, owner, due date, flags, and what we think of the issue.
    pub(crate) async fn actions(&self) -> String {
        let mut snapshot = self.store.read().await.unwrap();
        let clocks = self.clocks();
        let mut text = String::new();
        for action in followup::view::views(snapshot.list().await.unwrap(), &clocks, clocks.today()) {
            let _ = write!(text, "{} {} {}", action.id, action.state, action.title);
            let _ = write!(text, " @{}", action.owner.as_deref().unwrap_or("nobody"));
            if let Some(due_on) = action.due_on {
                let _ = write!(text, " due {due_on}");
            }
            for flag in &action.flags {
                let _ = write!(text, " {flag}");
            }
            if let Some(issue) = &action.issue {
                let _ = write!(text, " = #{}", issue.number);
            }
            text.push('\n');
        }
        text
    }

    /// What is still to be sent, with the names people know.
    pub(crate) async fn outbox(&self) -> String {
        let mut snapshot = self.store.read().await.unwrap();
        let mut text = String::new();
        for row in snapshot.live_outbox().await.unwrap() {
            let link = snapshot.link(&row.subject).await.unwrap();
            let subject = link.map_or("repository".to_owned(), |link| {
                link.action_id.map_or(link.report_id.to_string(), |id| id.to_string())
            });
            let _ = writeln!(text, "{:?} {subject} {:?} after {} tries", row.kind, row.state, row.attempt);
        }
        text
    }

    pub(crate) async fn live_outbox(&self) -> Vec<OutboxRow> {
        self.store.read().await.unwrap().live_outbox().await.unwrap()
    }

    pub(crate) async fn events(&self) -> Vec<EventRow> {
        self.store.read().await.unwrap().events_after(0, i64::MAX).await.unwrap()
    }

    /// Ends a story: a sync leaves nothing to do, and then another one changes nothing anywhere.
    pub(crate) async fn finish(&self) {
        let first = self.sync().await;
        assert_eq!((first.waiting, first.unknown, first.needs_human), (vec![], vec![], vec![]));
        self.is_quiet().await;
        assert_eq!(self.outbox().await, "");
        self.both_sides_agree().await;
        self.no_action_has_two_issues();
        the_history_is_whole(&self.store).await;
    }

    /// A sync sends no write and changes nothing.
    pub(crate) async fn is_quiet(&self) {
        let (issues, actions) = (self.sandbox.issues(REPO), self.actions().await);
        let events = self.events().await.len();
        self.sandbox.clear_requests();
        let summary = self.sync().await;
        assert_eq!((summary.created, summary.adopted), (vec![], vec![]));
        assert_eq!((summary.updated, summary.changed), (vec![], vec![]));
        assert_eq!(self.writes(), Vec::<String>::new());
        assert_eq!((self.sandbox.issues(REPO), self.actions().await), (issues, actions));
        assert_eq!(self.events().await.len(), events, "a quiet pass wrote down something");
    }

    /// No marker of ours stands in two issues.
    pub(crate) fn no_action_has_two_issues(&self) {
        let mut seen: HashMap<String, u64> = HashMap::new();
        for issue in self.sandbox.issues(REPO) {
            let Some(marker) = Marker::find(&issue.body) else { continue };
            if let Some(other) = seen.insert(marker.ulid, issue.number) {
                panic!("#{other} and #{} carry the same marker:\n{}", issue.number, self.issues());
            }
        }
    }

    /// Every linked action and its issue say the same.
    pub(crate) async fn both_sides_agree(&self) {
        let mut snapshot = self.store.read().await.unwrap();
        let reports = snapshot.reports().await.unwrap();
        for report in reports {
            for link in snapshot.links_of_report(report.id).await.unwrap() {
                assert_eq!(link.status, LinkStatus::Linked, "{link:?}");
                let issue = self.sandbox.issue(REPO, link.number.unwrap().unsigned_abs()).unwrap();
                assert_eq!(
                    (link.state.as_ref(), &link.state_reason),
                    (Some(&issue.state), &issue.state_reason)
                );
                assert_eq!(Marker::find(&issue.body).unwrap().ulid, link.ulid);
                let Some(id) = link.action_id else { continue };
                let action = snapshot.action(id).await.unwrap();
                let about = format!("{} {}\n{issue:#?}", action.id, action.state);
                match (issue.state.as_str(), issue.state_reason.as_deref()) {
                    ("open", _) => assert!(action.state.is_active(), "{about}"),
                    // Done, or we decided against it before they closed it.
                    (_, None | Some("completed")) => assert!(!action.state.is_active(), "{about}"),
                    // Somebody else's decision not to do it: the action waits for ours, or had it.
                    (_, Some(_)) => assert_ne!(action.state, State::Proposed, "{about}"),
                }
                // An issue that was there before keeps its own title.
                if link.made_here && action.title.chars().count() <= 250 {
                    assert_eq!(issue.title, action.title, "{about}");
                }
                if let Some(owner) = &action.owner {
                    assert_eq!(issue.assignees.contains(owner), is_member(owner), "{owner} of {about}");
                }
            }
        }
    }

    /// The requests that asked for a change since the last clearing.
    pub(crate) fn writes(&self) -> Vec<String> {
        let writes = self.sandbox.writes();
        writes.iter().map(|record| format!("{} {} {}", record.method, record.path, record.body)).collect()
    }

    /// The issue with a number.
    pub(crate) fn issue(&self, number: u64) -> IssueView {
        self.sandbox.issue(REPO, number).unwrap()
    }
}

/// The people who can be assigned in the sandbox.
fn is_member(login: &str) -> bool {
    login.starts_with("octo-")
}

/// The history holds, and says what the tables say.
pub(crate) async fn the_history_is_whole(store: &Store) {
    let verdict = verify(&mut store.read().await.unwrap(), &[]).await.unwrap();
    assert!(verdict.ok, "{verdict:#?}");
}
