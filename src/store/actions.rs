//! Actions: read for a list or one by one, added, and replaced as a whole row.
//!
//! Invariant: a change of an action and its event are written together, by [`UnitOfWork::add_action`] and
//! [`UnitOfWork::record`], and only over the version that the change was computed from.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows, value},
};
use crate::action::{
    Action, ActionId, Category, Change, Corrected, Disposition, Kind, NewEvent, Priority, ReportId, Severity,
    State, Subject,
};

/// An action as lists show it, with what they need of its report and its issue.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[expect(
    missing_docs,
    reason = "the columns of `actions`, of its report, and of its link; see `Action` and `Link`"
)]
pub struct Listed {
    pub id: ActionId,
    pub report_id: ReportId,
    pub report_title: String,
    pub severity: Severity,
    pub title: String,
    pub kind: Kind,
    pub category: Category,
    pub priority: Priority,
    pub state: State,
    pub disposition: Option<Disposition>,
    pub owner: Option<String>,
    pub team: Option<String>,
    pub verifier: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub original_due_on: Option<NaiveDate>,
    pub due_moves: i64,
    pub vanished: bool,
    pub corrected: Corrected,
    pub tracked_in: Option<String>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
    pub verified_at: Option<DateTime<Utc>>,
    pub tracker: Option<String>,
    pub repo: Option<String>,
    pub number: Option<i64>,
    pub url: Option<String>,
    pub issue_state: Option<String>,
    pub issue_state_reason: Option<String>,
    pub gone_at: Option<DateTime<Utc>>,
    pub conflicts: Option<i64>,
    pub waived_until: Option<NaiveDate>,
    pub evidence: Option<i64>,
}

macro_rules! actions {
    ($at:expr, $fetch:ident, $($tail:literal)+ $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            $fetch,
            Action,
            "SELECT id, ulid, report_id, title, description, text, quote, section, line, kind, category, priority, "
            "state, resume_state, disposition, duplicate_of, owner, owner_text, team, verifier, due_on, "
            "original_due_on, policy_due_on, due_moves, due_text, reported_done, vanished, corrected, tracked_in, "
            "added, split_from, blocked_by, assign_by, waived_until, waived_by, waiver_reason, effectiveness_on, "
            "effectiveness_reviews, accepted_at, done_at, verified_at, created_at, updated_at, version FROM actions "
            $($tail)+
            $(, $argument)*
        )
    };
}

macro_rules! listed {
    ($at:expr, $($tail:literal)+ $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            fetch_all,
            Listed,
            "SELECT actions.id, actions.report_id, reports.title AS report_title, reports.severity, actions.title, "
            "actions.kind, actions.category, actions.priority, actions.state, actions.disposition, actions.owner, "
            "actions.team, actions.verifier, actions.due_on, actions.original_due_on, actions.due_moves, "
            "actions.vanished, actions.corrected, actions.tracked_in, actions.accepted_at, actions.created_at, actions.done_at, actions.verified_at, "
            "links.tracker, links.repo, links.number, links.url, links.state AS issue_state, "
            "links.state_reason AS issue_state_reason, links.gone_at, (SELECT count(*) FROM conflicts "
            "WHERE conflicts.action_id = actions.id AND conflicts.settled_at IS NULL) AS conflicts, actions.waived_until, "
            "(SELECT count(*) FROM evidence WHERE evidence.action_id = actions.id) AS evidence "
            "FROM actions JOIN reports ON reports.id = actions.report_id "
            "LEFT JOIN links ON links.action_id = actions.id AND links.status = 'linked' "
            $($tail)+
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// The action with this number.
    ///
    /// # Errors
    /// [`StoreError::NoAction`] when there is none.
    pub async fn action(&mut self, id: ActionId) -> Result<Action, StoreError> {
        actions!(self, fetch_optional, "WHERE id = $1", id)?.ok_or(StoreError::NoAction(id))
    }

    /// The actions after number `after`, in the order of their numbers; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn actions_after(&mut self, after: i64, limit: i64) -> Result<Vec<Action>, StoreError> {
        Ok(actions!(self, fetch_all, "WHERE id > $1 ORDER BY id LIMIT $2", after, limit)?)
    }

    /// The actions of a report, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn actions_of(&mut self, report: ReportId) -> Result<Vec<Action>, StoreError> {
        Ok(actions!(self, fetch_all, "WHERE report_id = $1 ORDER BY id", report)?)
    }

    /// The actions that were read from a report, in the order of their numbers: without those that somebody added.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn actions_read_from(&mut self, report: ReportId) -> Result<Vec<Action>, StoreError> {
        Ok(actions!(self, fetch_all, "WHERE report_id = $1 AND added = FALSE ORDER BY id", report)?)
    }

    /// The actions that somebody owes, or that nobody has taken on yet, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn owed_or_proposed(&mut self) -> Result<Vec<Action>, StoreError> {
        Ok(actions!(
            self,
            fetch_all,
            "WHERE state IN ('proposed', 'open', 'in_progress', 'blocked') ORDER BY id"
        )?)
    }

    /// The actions that are duplicates of one, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn duplicates_of(&mut self, id: ActionId) -> Result<Vec<ActionId>, StoreError> {
        Ok(value!(self, fetch_all, "SELECT id FROM actions WHERE duplicate_of = $1 ORDER BY id", id)?)
    }

    /// The actions that were a part of one, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn parts_of(&mut self, id: ActionId) -> Result<Vec<ActionId>, StoreError> {
        Ok(value!(self, fetch_all, "SELECT id FROM actions WHERE split_from = $1 ORDER BY id", id)?)
    }

    /// Every action in every state, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn list(&mut self) -> Result<Vec<Listed>, StoreError> {
        Ok(listed!(self, "ORDER BY actions.id")?)
    }

    /// One action as lists show it.
    ///
    /// # Errors
    /// [`StoreError::NoAction`] when there is none.
    pub async fn listed(&mut self, id: ActionId) -> Result<Listed, StoreError> {
        listed!(self, "WHERE actions.id = $1", id)?.pop().ok_or(StoreError::NoAction(id))
    }

    /// The actions whose due date lies before `today` and that somebody still owes, worst first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn overdue(&mut self, today: NaiveDate) -> Result<Vec<Listed>, StoreError> {
        Ok(listed!(
            self,
            "WHERE actions.state IN ('open', 'in_progress', 'blocked') AND actions.due_on < $1 "
            "ORDER BY actions.due_on, actions.id",
            today
        )?)
    }
}

impl UnitOfWork {
    /// Adds an action and writes it down; its `id` and `ulid` are given here.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn add_action(&mut self, new: Action) -> Result<Action, StoreError> {
        let id = ActionId::new(self.next_number("action").await?);
        let action = Action { id, ulid: self.new_ulid(), version: 1, ..new };
        execute!(
            self,
            "INSERT INTO actions (id, ulid, report_id, title, description, text, quote, section, line, kind, "
            "category, priority, state, resume_state, disposition, duplicate_of, owner, owner_text, team, verifier, "
            "due_on, original_due_on, policy_due_on, due_moves, due_text, reported_done, vanished, corrected, tracked_in, "
            "added, split_from, blocked_by, assign_by, waived_until, waived_by, waiver_reason, effectiveness_on, "
            "effectiveness_reviews, accepted_at, done_at, verified_at, created_at, updated_at, version) VALUES ($1, $2, "
            "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, "
            "$26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44)",
            action.id,
            &action.ulid,
            action.report_id,
            &action.title,
            &action.description,
            &action.text,
            &action.quote,
            &action.section,
            action.line,
            action.kind,
            &action.category,
            action.priority,
            action.state,
            action.resume_state,
            action.disposition,
            action.duplicate_of,
            &action.owner,
            &action.owner_text,
            &action.team,
            &action.verifier,
            action.due_on,
            action.original_due_on,
            action.policy_due_on,
            action.due_moves,
            &action.due_text,
            action.reported_done,
            action.vanished,
            &action.corrected,
            &action.tracked_in,
            action.added,
            action.split_from,
            &action.blocked_by,
            action.assign_by,
            action.waived_until,
            &action.waived_by,
            &action.waiver_reason,
            action.effectiveness_on,
            action.effectiveness_reviews,
            action.accepted_at,
            action.done_at,
            action.verified_at,
            action.created_at,
            action.updated_at,
            action.version
        )?;
        self.append(NewEvent::of_action("action.proposed", None, &action)).await?;
        Ok(action)
    }

    /// Stores a change over the version it was computed from, and writes it down. Gives the action as stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody changed the action in the meantime.
    pub async fn record(&mut self, change: Change) -> Result<Action, StoreError> {
        let before = change.after.version;
        let action = Action { version: before + 1, updated_at: self.stamp.at, ..change.after };
        let changed = execute!(
            self,
            "UPDATE actions SET title = $1, description = $2, text = $3, quote = $4, section = $5, line = $6, "
            "kind = $7, category = $8, priority = $9, state = $10, resume_state = $11, disposition = $12, "
            "duplicate_of = $13, owner = $14, owner_text = $15, team = $16, verifier = $17, due_on = $18, "
            "original_due_on = $19, policy_due_on = $20, due_moves = $21, due_text = $22, reported_done = $23, "
            "vanished = $24, corrected = $25, tracked_in = $26, blocked_by = $27, assign_by = $28, "
            "waived_until = $29, waived_by = $30, waiver_reason = $31, effectiveness_on = $32, "
            "effectiveness_reviews = $33, accepted_at = $34, done_at = $35, verified_at = $36, updated_at = $37, "
            "version = $38 WHERE id = $39 AND version = $40",
            &action.title,
            &action.description,
            &action.text,
            &action.quote,
            &action.section,
            action.line,
            action.kind,
            &action.category,
            action.priority,
            action.state,
            action.resume_state,
            action.disposition,
            action.duplicate_of,
            &action.owner,
            &action.owner_text,
            &action.team,
            &action.verifier,
            action.due_on,
            action.original_due_on,
            action.policy_due_on,
            action.due_moves,
            &action.due_text,
            action.reported_done,
            action.vanished,
            &action.corrected,
            &action.tracked_in,
            &action.blocked_by,
            action.assign_by,
            action.waived_until,
            &action.waived_by,
            &action.waiver_reason,
            action.effectiveness_on,
            action.effectiveness_reviews,
            action.accepted_at,
            action.done_at,
            action.verified_at,
            action.updated_at,
            action.version,
            action.id,
            before
        )?;
        if changed == 0 {
            return Err(StoreError::Conflict(Subject::Action(action.id)));
        }
        self.append(change.event).await?;
        Ok(action)
    }
}
