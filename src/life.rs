//! The commands of an action's life, for whoever gives them: the command line, and later the service.
//!
//! Invariant: a command for several actions is one unit of work: all of them change, or none does. Each change is one
//! event, and where the action has an issue, one row in the outbox, in the same transaction.

use chrono::NaiveDate;

use crate::{
    action::{Action, ActionId, Command, NewEvidence, Refusal, Report, State},
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
}

/// An action after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The action as it is now.
    pub action: Action,
    /// Whether the command changed it.
    pub changed: bool,
}

/// Gives `command` to each of `ids`; the command may depend on the action and its report.
///
/// # Errors
/// [`LifeError`] when one of them does not allow it or is not there; then none is changed.
pub async fn give(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    ids: &[ActionId],
    command: impl Fn(&Action, &Report) -> Command,
) -> Result<Vec<Outcome>, LifeError> {
    let mut work = store.begin(stamp).await?;
    let mut outcomes = Vec::with_capacity(ids.len());
    for &id in ids {
        let action = work.action(id).await?;
        let report = work.report(action.report_id).await?;
        let command = command(&action, &report);
        outcomes.push(carry_out(&mut work, stamp, clocks, action, &command).await?);
    }
    work.commit().await?;
    Ok(outcomes)
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
    let id = action.id;
    let change = action
        .command(command, stamp.at, clocks.day_of(stamp.at))
        .map_err(|refusal| LifeError::Refused { id, refusal })?;
    let Some(mut change) = change else { return Ok(Outcome { action, changed: false }) };
    if let Some(comment) = comment {
        change.event = change.event.with("comment", comment);
    }
    let action = work.record(change).await?;
    touch_issue(work, &action).await?;
    Ok(Outcome { action, changed: true })
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
