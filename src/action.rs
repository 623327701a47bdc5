//! The domain: corrective actions, their states, their deadlines, and what a command changes.
//!
//! Invariant: nothing here does I/O or reads a clock. Every function is a pure function of its arguments;
//! the day and the moment come in as `today` and `now`. There is no setter for a state: the only way from one
//! [`State`] to another is [`State::apply`].

mod carry_out;
mod command;
mod corrected;
mod deadline;
mod event;
mod evidence;
mod flag;
mod id;
mod report;
mod state;
mod vocabulary;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

#[cfg(test)]
pub(crate) use carry_out::tests;
pub use command::{Change, Command, Edit, Refusal};
pub use corrected::{Corrected, Field};
pub use deadline::{
    DUE_SOON_DAYS, EVIDENCE_GRACE_DAYS, WAIVER_WARNING_DAYS, days_overdue, is_due_soon, is_overdue,
    is_unproven, is_waiver_ending,
};
pub use event::{Actor, ActorKind, NewEvent, Subject, Topic, is_implied, is_personal};
pub use evidence::{EvidenceKind, NewEvidence, NotAnAddress};
pub use flag::{Flag, IssueState, Standing};
pub use id::{ActionId, ActionIds, ParseIdError, ReportId};
pub use report::{Person, Report};
pub use state::{IllegalTransition, Resume, State, Trigger};
pub(crate) use vocabulary::unknown;
pub use vocabulary::{
    Category, ConflictField, Deadline, Disclosed, Disposition, Kind, Priority, Sensitive, Severity, Side,
    UnknownWord,
};

/// One corrective action that a report asks for, as the database keeps it.
///
/// The fields are the columns of the table `actions`; events record changes of them by these names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Action {
    /// The number people see, as `CA-42`.
    pub id: ActionId,
    /// The identity that the marker in the issue carries; never reused, never shown to people.
    pub ulid: String,
    /// The report that asked for it.
    pub report_id: ReportId,
    /// What has to be done, in one line; the title of the issue.
    pub title: String,
    /// The explanation under the title, where the report gives one.
    pub description: Option<String>,
    /// The whole item as one line, verbatim, markup removed.
    pub text: String,
    /// The lines of the report it was read from.
    pub quote: String,
    /// The heading it stood under.
    pub section: Option<String>,
    /// The line of the report it starts at, from 1.
    pub line: i64,
    /// What the action changes.
    pub kind: Kind,
    /// The area of work.
    pub category: Category,
    /// How urgent the action is; never derived from the severity of the incident.
    pub priority: Priority,
    /// Where it stands.
    pub state: State,
    /// For a blocked action, where `unblock` goes back to.
    pub resume_state: Option<State>,
    /// For a dropped action, why it is not done.
    pub disposition: Option<Disposition>,
    /// For a duplicate, the action that is done instead.
    pub duplicate_of: Option<ActionId>,
    /// The one accountable person: the tracker login where known, else the name as written.
    pub owner: Option<String>,
    /// The owner as the report wrote it.
    pub owner_text: Option<String>,
    /// The group that owns it.
    pub team: Option<String>,
    /// Who confirms that it works; never the owner.
    pub verifier: Option<String>,
    /// The promised day.
    pub due_on: Option<NaiveDate>,
    /// The first promise; never changes once set.
    pub original_due_on: Option<NaiveDate>,
    /// What the policy computed on acceptance.
    pub policy_due_on: Option<NaiveDate>,
    /// How often the promised day was moved.
    pub due_moves: i64,
    /// The due date as the report wrote it.
    pub due_text: Option<String>,
    /// Whether the report says it is done: yes, no, or not stated.
    pub reported_done: Option<bool>,
    /// Whether the newest revision of the report no longer has it.
    pub vanished: bool,
    /// What people set, over what the report says.
    pub corrected: Corrected,
    /// The issue that does this already, as the report names it.
    pub tracked_in: Option<String>,
    /// Whether somebody added it; no report has it then, so that none lets it vanish.
    pub added: bool,
    /// The action that it was a part of.
    pub split_from: Option<ActionId>,
    /// For a blocked action, the actions that it waits for.
    pub blocked_by: ActionIds,
    /// The day by which it is to have an owner, as the policy computed it on acceptance.
    pub assign_by: Option<NaiveDate>,
    /// For a waived action, the last day of the waiver.
    pub waived_until: Option<NaiveDate>,
    /// For a waived action, who accepted the risk.
    pub waived_by: Option<String>,
    /// For a waived action, why it is not done until then.
    pub waiver_reason: Option<String>,
    /// The day of the next review of its effect.
    pub effectiveness_on: Option<NaiveDate>,
    /// How many reviews of its effect were held.
    pub effectiveness_reviews: i64,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub done_at: Option<DateTime<Utc>>,
    /// When somebody else confirmed it.
    pub verified_at: Option<DateTime<Utc>>,
    /// When it was imported.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts the changes; a change of an outdated copy is refused.
    pub version: i64,
}

impl Action {
    /// A proposed action of a report: `title` says all that is known of it. The store gives its numbers.
    #[must_use]
    pub fn proposed(report_id: ReportId, title: &str, at: DateTime<Utc>) -> Self {
        Self {
            id: ActionId::new(0),
            ulid: String::new(),
            report_id,
            title: title.to_owned(),
            description: None,
            text: title.to_owned(),
            quote: String::new(),
            section: None,
            line: 0,
            kind: Kind::Other,
            category: Category::other(),
            priority: Priority::Medium,
            state: State::Proposed,
            resume_state: None,
            disposition: None,
            duplicate_of: None,
            owner: None,
            owner_text: None,
            team: None,
            verifier: None,
            due_on: None,
            original_due_on: None,
            policy_due_on: None,
            due_moves: 0,
            due_text: None,
            reported_done: None,
            vanished: false,
            corrected: Corrected::default(),
            tracked_in: None,
            added: false,
            split_from: None,
            blocked_by: ActionIds::default(),
            assign_by: None,
            waived_until: None,
            waived_by: None,
            waiver_reason: None,
            effectiveness_on: None,
            effectiveness_reviews: 0,
            accepted_at: None,
            done_at: None,
            verified_at: None,
            created_at: at,
            updated_at: at,
            version: 0,
        }
    }
}
