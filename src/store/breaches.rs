//! Deadlines that were missed.
//!
//! Invariant, kept by the primary key whoever writes: a missed day is written down once, and stays whatever becomes of the action.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows, value},
};
use crate::action::{ActionId, Deadline, NewEvent, Subject};

/// A deadline that was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Breach {
    /// The action.
    pub action_id: ActionId,
    /// Which deadline.
    pub deadline: Deadline,
    /// The day that ended.
    pub due_on: NaiveDate,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
}

/// A day that has ended for an action.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
struct Missed {
    id: ActionId,
    due_on: Option<NaiveDate>,
}

macro_rules! breaches {
    ($at:expr, $tail:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            fetch_all,
            Breach,
            "SELECT action_id, deadline, due_on, recorded_at FROM breaches "
            $tail
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// The deadlines of an action that were missed, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn breaches_of(&mut self, id: ActionId) -> Result<Vec<Breach>, StoreError> {
        Ok(breaches!(self, "WHERE action_id = $1 ORDER BY due_on, deadline", id)?)
    }

    /// Every deadline that was missed.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn breaches(&mut self) -> Result<Vec<Breach>, StoreError> {
        Ok(breaches!(self, "ORDER BY action_id, due_on, deadline")?)
    }

    /// The deadlines that ended before `today`, are missed, and were not written down yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn unrecorded_breaches(
        &mut self,
        today: NaiveDate,
    ) -> Result<Vec<(ActionId, Deadline, NaiveDate)>, StoreError> {
        let complete = rows!(
            self,
            fetch_all,
            Missed,
            "SELECT id, due_on FROM actions WHERE state IN ('open', 'in_progress', 'blocked') AND due_on < $1 "
            "AND NOT EXISTS (SELECT 1 FROM breaches WHERE breaches.action_id = actions.id "
            "AND breaches.deadline = 'complete' AND breaches.due_on = actions.due_on) ORDER BY id",
            today
        )?;
        let assign = rows!(
            self,
            fetch_all,
            Missed,
            "SELECT id, assign_by AS due_on FROM actions WHERE state IN ('open', 'in_progress', 'blocked') "
            "AND owner IS NULL AND assign_by < $1 "
            "AND NOT EXISTS (SELECT 1 FROM breaches WHERE breaches.action_id = actions.id "
            "AND breaches.deadline = 'assign' AND breaches.due_on = actions.assign_by) ORDER BY id",
            today
        )?;
        let of = |deadline| move |missed: Missed| Some((missed.id, deadline, missed.due_on?));
        let complete = complete.into_iter().filter_map(of(Deadline::Complete));
        Ok(complete.chain(assign.into_iter().filter_map(of(Deadline::Assign))).collect())
    }

    /// The waived actions whose waiver ended before `today`, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn ended_waivers(&mut self, today: NaiveDate) -> Result<Vec<ActionId>, StoreError> {
        Ok(value!(
            self,
            fetch_all,
            "SELECT id FROM actions WHERE state = 'waived' AND waived_until < $1 ORDER BY id",
            today
        )?)
    }
}

impl UnitOfWork {
    /// Writes down that a deadline was missed, with its event. False when that was done before.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn record_breach(
        &mut self,
        id: ActionId,
        deadline: Deadline,
        due_on: NaiveDate,
    ) -> Result<bool, StoreError> {
        let at = self.stamp.at;
        let added = execute!(
            self,
            "INSERT INTO breaches (action_id, deadline, due_on, recorded_at) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT DO NOTHING",
            id,
            deadline,
            due_on,
            at
        )?;
        if added == 0 {
            return Ok(false);
        }
        let breach = json!({ "deadline": deadline, "due_on": due_on });
        self.append(NewEvent::new(Subject::Action(id), "action.breached").with("breach", breach)).await?;
        Ok(true)
    }
}
