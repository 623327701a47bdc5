//! Keeping actions and issues in step, so that nothing is lost and nothing is made twice.
//!
//! Tensions: GitHub knows no idempotency key, so a create that got no answer may or may not have been done; a process
//! can die between any two steps; and people change both sides at any time.
//!
//! Properties:
//! * An action has at most one issue, whatever fails: intent is committed before anything is sent; it is sent once;
//!   an unknown outcome is waited for (`settle`), looked for by its marker in two complete scans, and only then sent
//!   again.
//! * No transaction is open while the tracker is asked.
//! * A pass derives what to do from state, so it can be run again at any time, and the second time does nothing.
//!
//! Rooms: [`marker`] and `body` are the text of an issue; `merge` compares what both sides `agreed` on with what they
//! are now, and `conflicts` are what it cannot decide for good; `publish` decides what gets an issue, and `place` what it is
//! put under; `sensitive` finds what is not for everybody in a text, and `shown` is what is left of it; `outbox` sends, by `create` and `update`; `recover` finds out what became of an unanswered create; `adopt` takes
//! over what another database made; `link` ties an action to an issue that is there already, `unlink` takes it off, and
//! `unlinkable` says why not; `observe` looks at every issue, `sweep` reads what changed where that would be
//! list after list, and `missing` finds those that moved;
//! `governor` decides how fast and when, and `turn` carries it out; [`Summary`] is the answer.

mod adopt;
mod agreed;
mod audit;
mod body;
mod conflicts;
mod create;
mod defuse;
mod disclose;
mod engine;
mod explain;
mod governor;
mod link;
mod listen;
pub mod marker;
mod merge;
mod missing;
mod observe;
mod outbox;
pub(crate) mod place;
mod post;
mod preview;
mod publish;
mod recover;
mod reply;
mod sensitive;
mod shown;
mod spoken;
mod summary;
mod sweep;
mod turn;
mod unlink;
mod unlinkable;
mod update;

pub use adopt::Adoption;
pub use body::outside_sections;
pub use conflicts::{Decision, ResolveError, resolve, waiting_for_a_person};
pub use disclose::{Disclosing, disclose};
pub use engine::{Engine, Making, Progress, Settings, SyncError, lane_of_issue};
pub use explain::{Compared, Explanation, Queued};
pub use link::Linked;
pub use post::Posted;
pub use publish::Selection;
pub use shown::{Becomes, Finding};
pub use summary::{IssueLine, Line, Pending, Summary};
pub use unlink::{Unlinked, unlink, unlink_parent};
pub(crate) use unlinkable::is_refusal;
pub use unlinkable::{LinkError, Unlinkable};

#[cfg(test)]
pub(crate) mod tests {
    use crate::{
        action::{Action, Report, ReportId, Severity},
        tracker::{Issue, IssueRef, Target},
    };

    /// An accepted action and its report.
    pub(crate) fn action_and_report() -> (Action, Report) {
        let moment = crate::action::tests::moment("2024-05-15T09:00:00Z");
        let report = Report {
            id: ReportId::new(1),
            ulid: "01HY0000000000000000000000".to_owned(),
            title: "Checkout down for two hours".to_owned(),
            source: "reports/checkout.md".to_owned(),
            digest: String::new(),
            revision: 1,
            format: "markdown".to_owned(),
            incident_date: Some("2024-05-14".parse().unwrap()),
            report_date: None,
            started_at: None,
            resolved_at: None,
            duration_minutes: None,
            severity: Severity::Sev2,
            severity_set: false,
            root_cause: Some("A certificate ran out @midnight".to_owned()),
            repo: None,
            created_at: moment,
            updated_at: moment,
        };
        let mut action = crate::action::tests::proposed();
        action.state = crate::action::State::Open;
        action.due_on = Some("2024-06-14".parse().unwrap());
        action.original_due_on = action.due_on;
        (action, report)
    }

    /// An open issue without anybody or anything.
    pub(crate) fn issue() -> Issue {
        let moment = crate::action::tests::moment("2024-05-15T09:00:00Z");
        Issue {
            at: IssueRef {
                target: Target { repo_id: 7, repo: "acme/platform".to_owned() },
                number: 1,
                issue_id: 11,
                node_id: None,
            },
            url: String::new(),
            title: String::new(),
            body: String::new(),
            state: "open".to_owned(),
            state_reason: None,
            labels: Vec::new(),
            assignees: Vec::new(),
            created_at: moment,
            updated_at: moment,
            closed_at: None,
            commented_at: None,
            state_by: None,
        }
    }
}
