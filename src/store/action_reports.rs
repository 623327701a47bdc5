//! Further reports that ask for an action: the same thing happened again.
//!
//! Invariant: the report that an action was read from is a column of the action and never stands here.

use serde_json::json;

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};
use crate::action::{ActionId, NewEvent, ReportId, Subject};

/// A further report that asks for an action.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AskedBy {
    /// The action.
    pub action_id: ActionId,
    /// The report.
    pub report_id: ReportId,
    /// The title of the report.
    pub title: String,
}

macro_rules! asked_by {
    ($at:expr, $tail:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            fetch_all,
            AskedBy,
            "SELECT action_reports.action_id, action_reports.report_id, reports.title "
            "FROM action_reports JOIN reports ON reports.id = action_reports.report_id "
            $tail
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// The further reports that ask for an action, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn further_reports_of(&mut self, id: ActionId) -> Result<Vec<AskedBy>, StoreError> {
        Ok(asked_by!(self, "WHERE action_reports.action_id = $1 ORDER BY action_reports.report_id", id)?)
    }

    /// Every further report of every action, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn further_reports(&mut self) -> Result<Vec<AskedBy>, StoreError> {
        Ok(asked_by!(self, "ORDER BY action_reports.action_id, action_reports.report_id")?)
    }
}

impl UnitOfWork {
    /// Says that a further report asks for an action, with its event. False when it was said before.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn add_report_of(&mut self, id: ActionId, report: ReportId) -> Result<bool, StoreError> {
        let at = self.stamp.at;
        let added = execute!(
            self,
            "INSERT INTO action_reports (action_id, report_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            id,
            report,
            at
        )?;
        self.append_report_of("action.report_added", id, report, added).await
    }

    /// Takes a further report off an action, with its event. False when it does not ask for it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn remove_report_of(&mut self, id: ActionId, report: ReportId) -> Result<bool, StoreError> {
        let removed =
            execute!(self, "DELETE FROM action_reports WHERE action_id = $1 AND report_id = $2", id, report)?;
        self.append_report_of("action.report_removed", id, report, removed).await
    }

    async fn append_report_of(
        &mut self,
        kind: &'static str,
        id: ActionId,
        report: ReportId,
        rows: u64,
    ) -> Result<bool, StoreError> {
        if rows == 0 {
            return Ok(false);
        }
        self.append(NewEvent::new(Subject::Action(id), kind).with("report", json!(report))).await?;
        Ok(true)
    }
}
