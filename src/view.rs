//! An action as programs see it: the JSON of the command line, and later of the service.
//!
//! Invariant: the names and shapes here are a contract; fields may be added, never changed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    action::{
        ActionId, Category, Disposition, Field, Flag, IssueState, Kind, Priority, ReportId, Severity,
        Standing, State, days_overdue,
    },
    clock::Clocks,
    store::Listed,
};

/// The report of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportView {
    /// Its number.
    pub id: ReportId,
    /// Its title.
    pub title: String,
}

/// The issue of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssueView {
    /// The tracker, as `github`.
    pub tracker: String,
    /// The repository.
    pub repo: String,
    /// The number that people see.
    pub number: i64,
    /// Its address.
    pub url: String,
    /// `open` or `closed`.
    pub state: String,
    /// Why it has this state, as the tracker says.
    pub state_reason: Option<String>,
}

/// An action as programs see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields of `Action`, by the same names")]
pub struct ActionView {
    pub id: ActionId,
    pub title: String,
    pub state: State,
    pub disposition: Option<Disposition>,
    pub owner: Option<String>,
    pub team: Option<String>,
    pub verifier: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub original_due_on: Option<NaiveDate>,
    pub due_moves: i64,
    pub overdue: bool,
    pub days_overdue: i64,
    pub priority: Priority,
    pub severity: Severity,
    pub category: Category,
    pub kind: Kind,
    pub flags: Vec<Flag>,
    pub report: ReportView,
    pub issue: Option<IssueView>,
    /// Lists leave it out; `show` has it.
    #[serde(skip)]
    pub tracked_in: Option<String>,
    /// Lists leave it out; `show` has it.
    #[serde(skip)]
    pub corrected: Vec<Field>,
    pub created_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
    pub verified_at: Option<DateTime<Utc>>,
}

impl ActionView {
    /// The view of a listed action on `today`.
    #[must_use]
    pub fn new(mut listed: Listed, clocks: &Clocks, today: NaiveDate) -> Self {
        let issue = issue_of(&mut listed);
        let standing = Standing {
            state: listed.state,
            due_on: listed.due_on,
            accepted_on: listed.accepted_at.map(|moment| clocks.day_of(moment)),
            has_owner: listed.owner.is_some(),
            vanished: listed.vanished,
            diverged: listed.gone_at.is_some() || listed.conflicts.unwrap_or(0) > 0,
            done_on: listed.done_at.map(|moment| clocks.day_of(moment)),
            has_evidence: listed.evidence.unwrap_or(0) > 0,
            waived_until: listed.waived_until,
            issue: issue
                .as_ref()
                .map(|issue| IssueState { state: &issue.state, state_reason: issue.state_reason.as_deref() }),
        };
        let days_overdue = days_overdue(listed.state, listed.due_on, today);
        Self {
            flags: standing.flags(today),
            id: listed.id,
            title: listed.title,
            state: listed.state,
            disposition: listed.disposition,
            owner: listed.owner,
            team: listed.team,
            verifier: listed.verifier,
            due_on: listed.due_on,
            original_due_on: listed.original_due_on,
            due_moves: listed.due_moves,
            overdue: days_overdue > 0,
            days_overdue,
            priority: listed.priority,
            severity: listed.severity,
            category: listed.category,
            kind: listed.kind,
            report: ReportView { id: listed.report_id, title: listed.report_title },
            issue,
            tracked_in: listed.tracked_in,
            corrected: listed.corrected.fields().collect(),
            created_at: listed.created_at,
            done_at: listed.done_at,
            verified_at: listed.verified_at,
        }
    }
}

/// Views of `listed` on `today`, in the same order.
#[must_use]
pub fn views(listed: Vec<Listed>, clocks: &Clocks, today: NaiveDate) -> Vec<ActionView> {
    listed.into_iter().map(|listed| ActionView::new(listed, clocks, today)).collect()
}

/// The issue of a listed action, taken out of it.
fn issue_of(listed: &mut Listed) -> Option<IssueView> {
    Some(IssueView {
        tracker: listed.tracker.take()?,
        repo: listed.repo.take()?,
        number: listed.number?,
        url: listed.url.take().unwrap_or_default(),
        state: listed.issue_state.take().unwrap_or_else(|| "open".to_owned()),
        state_reason: listed.issue_state_reason.take(),
    })
}
