//! Actions that people add, split and merge, and further reports that ask for one.
//!
//! Invariant: what a report says is never lost by it. An action that is split stays the action of its report, and one that is
//! merged into another keeps its row, its history and its issue.

use chrono::NaiveDate;

use super::{LifeError, Outcome, acceptance, carry_out, touch_issue};
use crate::{
    action::{
        Action, ActionId, ActionIds, Category, Command, Corrected, Edit, Field, Kind, Priority, ReportId,
        State,
    },
    clock::Clocks,
    policy::Policy,
    store::{Stamp, Store, StoreError, UnitOfWork},
};

/// An action that no report asks for in words, and somebody wants all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of `Action`, by the same names")]
pub struct Addition {
    pub title: String,
    pub description: Option<String>,
    pub kind: Kind,
    pub category: Category,
    pub priority: Priority,
    pub owner: Option<String>,
    pub team: Option<String>,
    pub due_on: Option<NaiveDate>,
}

impl Addition {
    /// The action that it is, proposed and without its numbers, which the store gives.
    fn to_action(&self, report_id: ReportId, stamp: &Stamp) -> Action {
        let mut corrected = Corrected::default();
        for field in [Field::Category, Field::Description, Field::Kind, Field::Priority, Field::Title] {
            corrected.add(field);
        }
        Action {
            description: self.description.clone(),
            kind: self.kind,
            category: self.category.clone(),
            priority: self.priority,
            owner: self.owner.clone(),
            team: self.team.clone(),
            due_on: self.due_on,
            original_due_on: self.due_on,
            corrected,
            added: true,
            ..Action::proposed(report_id, &self.title, stamp.at)
        }
    }
}

/// Adds an action to a report. Who adds it takes it on, so it is open at once. An action of the same title that was added to the
/// report and is not over is that one.
///
/// # Errors
/// [`LifeError`] when there is no such report.
pub async fn add(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    policy: &Policy,
    report: ReportId,
    new: &Addition,
) -> Result<Outcome, LifeError> {
    let mut work = store.begin(stamp).await?;
    let report = work.report(report).await?;
    let there = work.actions_of(report.id).await?;
    let same = |action: &Action| {
        action.added
            && action.title == new.title
            && (action.state.is_active() || action.state == State::Proposed)
    };
    if let Some(action) = there.into_iter().find(same) {
        return Ok(Outcome { action, changed: false });
    }
    let proposed = work.add_action(new.to_action(report.id, stamp)).await?;
    let accept = acceptance(policy, clocks, &report, stamp);
    let outcome = carry_out(&mut work, stamp, clocks, proposed, &accept).await?;
    work.commit().await?;
    Ok(outcome)
}

/// What became of actions that were split or merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshaped {
    /// The action that goes on.
    pub kept: Outcome,
    /// The parts that became actions of their own, or the actions that were merged into it.
    pub others: Vec<Outcome>,
}

/// Splits an action: it goes on as the first of `titles`, with its issue; each further one becomes an action of its own with the
/// same owner, day, category, kind and priority. A split that was made already is made once.
///
/// # Errors
/// [`LifeError`] when the action is not there, or is over.
pub async fn split(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    id: ActionId,
    first: &str,
    further: &[String],
) -> Result<Reshaped, LifeError> {
    let mut work = store.begin(stamp).await?;
    let action = work.action(id).await?;
    let edit = Edit { title: Some(first.to_owned()), ..Edit::default() };
    let kept = carry_out(&mut work, stamp, clocks, action, &Command::Edit(edit)).await?;
    let parts: Vec<Action> = work
        .actions_of(kept.action.report_id)
        .await?
        .into_iter()
        .filter(|part| part.split_from == Some(id))
        .collect();
    let mut others = Vec::new();
    for title in further {
        if let Some(part) = parts.iter().find(|part| part.title == *title) {
            others.push(Outcome { action: part.clone(), changed: false });
            continue;
        }
        let mut corrected = kept.action.corrected.clone();
        corrected.add(Field::Title);
        let part = Action {
            title: title.clone(),
            text: title.clone(),
            description: None,
            // A part is begun, and waits, on its own.
            state: if kept.action.state == State::Proposed { State::Proposed } else { State::Open },
            resume_state: None,
            blocked_by: ActionIds::default(),
            waived_until: None,
            waived_by: None,
            waiver_reason: None,
            corrected,
            tracked_in: None,
            vanished: false,
            added: true,
            split_from: Some(id),
            created_at: stamp.at,
            updated_at: stamp.at,
            ..kept.action.clone()
        };
        let action = work.add_action(part).await?;
        others.push(Outcome { action, changed: true });
    }
    work.commit().await?;
    Ok(Reshaped { kept, others })
}

/// Merges `others` into one: each is dropped as its duplicate, its report asks for it from then on, and it takes their owner where
/// it has none.
///
/// # Errors
/// [`LifeError`] when one of them is not there or is over; then nothing is changed.
pub async fn merge(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    into: ActionId,
    others: &[ActionId],
    reason: Option<&str>,
) -> Result<Reshaped, LifeError> {
    let mut work = store.begin(stamp).await?;
    let before = work.action(into).await?;
    before
        .must_not_be_over("merge others into")
        .map_err(|refusal| LifeError::Refused { id: into, refusal })?;
    let mut kept = Outcome { action: before, changed: false };
    let mut merged = Vec::new();
    for &id in others {
        let other = work.action(id).await?;
        let command = Command::Merge { into, reason: reason.map(str::to_owned) };
        let outcome = carry_out(&mut work, stamp, clocks, other, &command).await?;
        kept.changed |= attach(&mut work, &kept.action, outcome.action.report_id).await?;
        if let (None, Some(owner), true) = (&kept.action.owner, &outcome.action.owner, outcome.changed) {
            let assign = Command::Assign { owner: owner.clone() };
            kept = carry_out(&mut work, stamp, clocks, kept.action, &assign).await?;
        }
        merged.push(outcome);
    }
    work.commit().await?;
    Ok(Reshaped { kept, others: merged })
}

/// Says that a further report asks for an action: it happened again. Unchanged when that report did so before.
///
/// # Errors
/// [`LifeError`] when there is no such action or report.
pub async fn add_report(
    store: &Store,
    stamp: &Stamp,
    id: ActionId,
    report: ReportId,
) -> Result<Outcome, LifeError> {
    let mut work = store.begin(stamp).await?;
    let action = work.action(id).await?;
    let report = work.report(report).await?.id;
    let changed = attach(&mut work, &action, report).await?;
    work.commit().await?;
    Ok(Outcome { action, changed })
}

/// Says that a further report does not ask for an action after all. Unchanged when it did not.
///
/// # Errors
/// [`LifeError`] when there is no such action.
pub async fn remove_report(
    store: &Store,
    stamp: &Stamp,
    id: ActionId,
    report: ReportId,
) -> Result<Outcome, LifeError> {
    let mut work = store.begin(stamp).await?;
    let action = work.action(id).await?;
    let changed = work.remove_report_of(id, report).await?;
    if changed {
        touch_issue(&mut work, &action).await?;
    }
    work.commit().await?;
    Ok(Outcome { action, changed })
}

async fn attach(work: &mut UnitOfWork, action: &Action, report: ReportId) -> Result<bool, StoreError> {
    if action.report_id == report || !work.add_report_of(action.id, report).await? {
        return Ok(false);
    }
    touch_issue(work, action).await?;
    Ok(true)
}
