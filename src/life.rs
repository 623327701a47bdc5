//! The commands of an action's life, for whoever gives them: the command line, and later the service.
//!
//! Invariant: a command for several actions is one unit of work. It changes each of them that allows it and names each that
//! does not; killed, it changed all of those or none. Each change is one event, and where the action has an issue, one row in the
//! outbox, in the same transaction.

mod reshape;
mod tick;
mod undo;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;

pub use self::{
    reshape::{Addition, Reshaped, add, add_report, merge, remove_report, split},
    tick::{Missed, Ticked, tick},
    undo::undo,
};
use crate::{
    action::{Action, ActionId, Command, Deadline, NewEvidence, Refusal, Report, State, days_overdue},
    clock::Clocks,
    policy::Policy,
    store::{OutboxKind, Stamp, Store, StoreError, UnitOfWork},
    sync::lane_of_issue,
};

/// Why a command was not carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The action does not allow it.
    #[error("{id}: {refusal}")]
    Refused {
        /// Which action.
        id: ActionId,
        /// Why.
        #[source]
        refusal: Refusal,
    },
    /// There is nothing that this person did and could take back.
    #[error("{0} did nothing that can be taken back")]
    NothingToUndo(String),
}

/// An action after a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The action as it is now.
    pub action: Action,
    /// Whether the command changed it.
    pub changed: bool,
}

/// What a command to several actions came to.
#[derive(Debug, Default)]
pub struct Given {
    /// The actions that allow it, in the order in which they were named.
    pub outcomes: Vec<Outcome>,
    /// Why each of the others does not.
    pub refused: Vec<LifeError>,
}

impl Given {
    /// The actions, where each of them allows the command.
    ///
    /// # Errors
    /// The first [`LifeError`] where one does not; the others were changed all the same.
    pub fn all(mut self) -> Result<Vec<Outcome>, LifeError> {
        if self.refused.is_empty() { Ok(self.outcomes) } else { Err(self.refused.swap_remove(0)) }
    }
}

/// Gives `command` to each of `ids`; the command may depend on the action and its report.
///
/// # Errors
/// [`StoreError`] when the database does not do it; then none is changed. An action that is not there, or does not allow it, is in
/// [`Given::refused`].
pub async fn give(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    ids: &[ActionId],
    command: impl Fn(&Action, &Report) -> Command,
) -> Result<Given, StoreError> {
    let mut work = store.begin(stamp).await?;
    let mut given = Given::default();
    // What was done to several at once is taken back at once.
    let together = (ids.len() > 1).then(|| work.new_ulid());
    for &id in ids {
        let action = match work.action(id).await {
            Ok(action) => action,
            Err(error @ StoreError::NoAction(_)) => {
                given.refused.push(error.into());
                continue;
            }
            Err(error) => return Err(error),
        };
        let report = work.report(action.report_id).await?;
        let command = command(&action, &report);
        let told = Told { comment: None, together: together.as_deref() };
        match carry_out_as_told(&mut work, stamp, clocks, action, &command, told).await {
            Ok(outcome) => given.outcomes.push(outcome),
            Err(LifeError::Store(error)) => return Err(error),
            Err(error) => given.refused.push(error),
        }
    }
    work.commit().await?;
    Ok(given)
}

/// How a command came, for its event.
#[derive(Clone, Copy, Debug, Default)]
struct Told<'a> {
    /// The address of the comment that told it.
    comment: Option<&'a str>,
    /// What all changes of one command have in common, where it was given to several actions.
    together: Option<&'a str>,
}

/// Carries out one command within a unit of work.
///
/// # Errors
/// [`LifeError`] when the action does not allow it.
pub async fn carry_out(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    clocks: &Clocks,
    action: Action,
    command: &Command,
) -> Result<Outcome, LifeError> {
    carry_out_told_in(work, stamp, clocks, action, command, None).await
}

/// The same, told in a comment with this address.
///
/// # Errors
/// [`LifeError`] when the action does not allow it.
pub async fn carry_out_told_in(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    clocks: &Clocks,
    action: Action,
    command: &Command,
    comment: Option<&str>,
) -> Result<Outcome, LifeError> {
    carry_out_as_told(work, stamp, clocks, action, command, Told { comment, together: None }).await
}

async fn carry_out_as_told(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    clocks: &Clocks,
    action: Action,
    command: &Command,
    told: Told<'_>,
) -> Result<Outcome, LifeError> {
    let id = action.id;
    let refused = |refusal| LifeError::Refused { id, refusal };
    let change = action.command(command, stamp.at, clocks.day_of(stamp.at)).map_err(refused)?;
    let Some(mut change) = change else { return Ok(Outcome { action, changed: false }) };
    if let Some(refusal) = circle(work, &change.after).await? {
        return Err(refused(refusal));
    }
    // A day that ended before the promise moved, or the work was done, was missed all the same.
    let today = clocks.day_of(stamp.at);
    if let Some(due_on) = action.due_on.filter(|_| days_overdue(action.state, action.due_on, today) > 0) {
        work.record_breach(id, Deadline::Complete, due_on).await?;
    }
    for (name, value) in [("comment", told.comment), ("together", told.together)] {
        if let Some(value) = value {
            change.event = change.event.with(name, value);
        }
    }
    let action = work.record(change).await?;
    touch_issue(work, &action).await?;
    Ok(Outcome { action, changed: true })
}

/// Whether an action would be a duplicate of itself, or wait for itself, by way of others. Those have to be there.
async fn circle(work: &mut UnitOfWork, after: &Action) -> Result<Option<Refusal>, StoreError> {
    if let Some(of) = after.duplicate_of
        && leads_to(work, of, after.id, |action| action.duplicate_of.into_iter().collect()).await?
    {
        return Ok(Some(Refusal::DuplicateInCircle { of }));
    }
    for by in after.blocked_by.iter() {
        if leads_to(work, by, after.id, |action| action.blocked_by.iter().collect()).await? {
            return Ok(Some(Refusal::BlockedInCircle { by }));
        }
    }
    Ok(None)
}

/// Whether one gets from one action to another, step by step; a circle that was there before is gone round once.
async fn leads_to(
    work: &mut UnitOfWork,
    from: ActionId,
    to: ActionId,
    next: impl Fn(&Action) -> Vec<ActionId>,
) -> Result<bool, StoreError> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(id) = open.pop() {
        if id == to {
            return Ok(true);
        }
        if seen.insert(id) {
            open.extend(next(&work.action(id).await?));
        }
    }
    Ok(false)
}

/// Adds a piece of evidence to an action. False when it has one at this address already.
///
/// # Errors
/// [`LifeError`] when the action is not there, or is one that nobody took on.
pub async fn add_evidence(
    store: &Store,
    stamp: &Stamp,
    id: ActionId,
    new: &NewEvidence,
) -> Result<bool, LifeError> {
    let mut work = store.begin(stamp).await?;
    let is_new = add_evidence_told_in(&mut work, id, new, None).await?;
    work.commit().await?;
    Ok(is_new)
}

/// The same within a unit of work, where it was told in a comment with its address.
///
/// # Errors
/// [`LifeError`] when the action is not there, or is one that nobody took on.
pub async fn add_evidence_told_in(
    work: &mut UnitOfWork,
    id: ActionId,
    new: &NewEvidence,
    comment: Option<&str>,
) -> Result<bool, LifeError> {
    let state = work.action(id).await?.state;
    if matches!(state, State::Proposed | State::Dropped) {
        return Err(LifeError::Refused { id, refusal: Refusal::Over { verb: "add evidence to", state } });
    }
    Ok(work.add_evidence_told_in(id, new, comment).await?)
}

/// Puts what follows from a change of `action` for its issue into the outbox, where it has one.
///
/// # Errors
/// [`StoreError`] when the database does not take it.
pub async fn touch_issue(work: &mut UnitOfWork, action: &Action) -> Result<(), StoreError> {
    if let Some(link) = work.link_of(action.id).await? {
        work.enqueue(OutboxKind::Update, &link.ulid, &lane_of_issue(&link.ulid)).await?;
    }
    Ok(())
}

/// The day that the policy computes for an action of `report` that is accepted at the moment of `stamp`.
#[must_use]
pub fn policy_due_on(policy: &Policy, clocks: &Clocks, report: &Report, stamp: &Stamp) -> NaiveDate {
    let resolved_on = report.resolved_at.map(|moment| clocks.day_of(moment)).or(report.incident_date);
    policy.due_on(report.severity, resolved_on, clocks.day_of(stamp.at))
}

/// The command that accepts an action: the policy computes the day for those without one.
#[must_use]
pub fn acceptance(policy: &Policy, clocks: &Clocks, report: &Report, stamp: &Stamp) -> Command {
    Command::Accept { policy_due_on: policy_due_on(policy, clocks, report, stamp) }
}
