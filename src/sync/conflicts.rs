//! What both sides disagree about: how it is said, and what follows from a person's decision.
//!
//! Invariants: until a person decides, one side counts, and which one the rules of the merge say; deciding needs no network,
//! and what follows for the issue goes through the outbox like everything else; deciding twice is deciding once.

use chrono::NaiveDate;

use super::{
    agreed::Agreed,
    body,
    engine::{Engine, Pass, SyncError, issue_ref, lane_of_issue},
    outbox::{Step, done, lost, sending},
    summary::Pending,
};
use crate::{
    action::{Command, ConflictField, Disposition, Edit, Side, State, Subject},
    clock::Clocks,
    failpoint,
    life::{self, LifeError},
    store::{
        Conflict, Link, NewConflict, OutboxKind, OutboxRow, OutboxState, Snapshot, Stamp, Store, StoreError,
        UnitOfWork,
    },
    tracker::{CloseReason, Issue, IssueChange, IssueRef, Seen, Sent, TrackerError},
};

/// Why a conflict was not settled. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is none.
    #[error("{0} has no open conflict")]
    None(Subject),
    /// There is none about this.
    #[error("{id} has no open conflict about its {field}")]
    NotAbout {
        /// The action or report.
        id: Subject,
        /// About what.
        field: ConflictField,
    },
    /// There are several, and nobody said which.
    #[error("{id} has {} open conflicts: {}", .fields.len(), list(.fields))]
    Several {
        /// The action or report.
        id: Subject,
        /// What they are about.
        fields: Vec<ConflictField>,
    },
    /// The action does not allow what would follow.
    #[error(transparent)]
    Life(#[from] LifeError),
}

fn list(fields: &[ConflictField]) -> String {
    fields.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(", ")
}

/// What a person is told of a conflict, with a command that settles it.
pub(super) fn describe(conflict: &Conflict) -> Pending {
    let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "nobody".to_owned());
    let (ours, theirs) = (text(&conflict.ours), text(&conflict.theirs));
    let (what, side) = match conflict.field {
        ConflictField::Title => (
            format!("both sides renamed it: the issue's “{theirs}” counts, ours was “{ours}”"),
            Side::Theirs,
        ),
        ConflictField::Owner => (
            format!("both sides gave it to somebody else: {ours} counts, the issue has {theirs}"),
            Side::Ours,
        ),
        ConflictField::State => {
            (format!("it is {ours} here, and its issue was {theirs}: ours counts"), Side::Ours)
        }
        ConflictField::Text => (
            "its section in the issue was edited by hand, and is left as it is: due date and owner there may be outdated"
                .to_owned(),
            Side::Ours,
        ),
        ConflictField::Duplicate => {
            let numbers: Vec<String> =
                Twin::list(conflict).iter().map(|twin| format!("#{}", twin.number)).collect();
            (
                format!(
                    "{} issues carry its mark: {ours} is kept, {} would be closed as duplicates",
                    numbers.len() + 1,
                    numbers.join(", ")
                ),
                Side::Ours,
            )
        }
    };
    let command = format!("followup resolve {} {} --keep {side}", conflict.subject(), conflict.field);
    Pending { id: conflict.subject().to_string(), what, command: Some(command) }
}

/// What a person would be told of a conflict that a sync would find; nothing when the same is open already.
pub(super) async fn foreseen(
    snapshot: &mut Snapshot,
    link: &Link,
    new: NewConflict,
) -> Result<Option<Pending>, StoreError> {
    let newest = snapshot.newest_conflict(&link.ulid, new.field).await?;
    if newest.is_some_and(|newest| newest.settled_as.is_none()) {
        return Ok(None);
    }
    let NewConflict { field, base, ours, theirs, kept } = new;
    let (action_id, report_id) = (link.action_id, link.report_id);
    let (id, found_at, settled_as) = (0, link.updated_at, None);
    let link = link.ulid.clone();
    let conflict =
        Conflict { id, link, action_id, report_id, field, base, ours, theirs, kept, found_at, settled_as };
    Ok(Some(describe(&conflict)))
}

/// Another issue that carries the mark of a link.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Twin {
    number: i64,
    issue_id: i64,
    node_id: Option<String>,
}

impl Twin {
    pub(super) fn of(issue: &Issue) -> Self {
        Self { number: issue.at.number, issue_id: issue.at.issue_id, node_id: issue.at.node_id.clone() }
    }

    pub(super) fn list(conflict: &Conflict) -> Vec<Self> {
        conflict.theirs.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

/// That several issues carry the mark of a link, of which the one with the number `kept` is its own.
pub(super) fn duplicate(kept: i64, twins: &[Twin]) -> NewConflict {
    NewConflict {
        field: ConflictField::Duplicate,
        base: None,
        ours: Some(format!("#{kept}")),
        theirs: Some(serde_json::to_string(twins).expect("numbers can always be written as JSON")),
        kept: Side::Ours,
    }
}

/// What a person decides about.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// Whose conflict.
    pub id: Subject,
    /// About what; nothing where there is one only.
    pub field: Option<ConflictField>,
    /// Which side is right.
    pub keep: Side,
    /// The day that the policy computes, should an action be taken up again that never got one.
    pub policy_due_on: NaiveDate,
}

/// Settles an open conflict, and puts what follows for the issue into the outbox.
///
/// # Errors
/// [`ResolveError`] when there is none, or not one, or the action does not allow it; nothing is changed then.
pub async fn resolve(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    decision: Decision,
) -> Result<Conflict, ResolveError> {
    let Decision { id, field, keep, .. } = decision;
    let mut work = store.begin(stamp).await?;
    let mut open = work.open_conflicts().await?;
    open.retain(|conflict| conflict.subject() == id);
    if open.is_empty() {
        return Err(ResolveError::None(id));
    }
    if let Some(field) = field {
        open.retain(|conflict| conflict.field == field);
    }
    let conflict = match &open[..] {
        [] => return Err(field.map_or(ResolveError::None(id), |field| ResolveError::NotAbout { id, field })),
        [one] => one.clone(),
        several => {
            let fields = several.iter().map(|conflict| conflict.field).collect();
            return Err(ResolveError::Several { id, fields });
        }
    };
    let link = work.link(&conflict.link).await?.ok_or_else(|| lost(&conflict.link))?;
    match (conflict.field, keep) {
        (ConflictField::Title, Side::Ours) => {
            let title = conflict.ours.clone();
            carry_out(&mut work, stamp, clocks, &conflict, Command::Edit(Edit { title, ..Edit::default() }))
                .await?;
        }
        (ConflictField::Owner, Side::Theirs) => {
            let owner = conflict.theirs.as_deref().and_then(|theirs| theirs.split(", ").next());
            if let Some(owner) = owner {
                let command = Command::Assign { owner: owner.to_owned() };
                carry_out(&mut work, stamp, clocks, &conflict, command).await?;
            }
        }
        (ConflictField::State, Side::Theirs) => {
            take_their_state(&mut work, stamp, clocks, &conflict, &link, decision.policy_due_on).await?;
        }
        (ConflictField::Text, Side::Ours) => {
            if let Some(agreed) = link.agreed.as_deref().and_then(Agreed::from_json) {
                let agreed = Agreed { rewrites: true, ..agreed };
                work.save_link(&Link { agreed: Some(agreed.to_json()), ..link.clone() }).await?;
                work.enqueue(OutboxKind::Update, &link.ulid, &lane_of_issue(&link.ulid)).await?;
            }
        }
        (ConflictField::Duplicate, Side::Ours) => {
            let subject = conflict.id.to_string();
            work.enqueue(OutboxKind::Settle, &subject, &lane_of_issue(&link.ulid)).await?;
        }
        (ConflictField::Title | ConflictField::Text | ConflictField::Duplicate, Side::Theirs)
        | (ConflictField::Owner | ConflictField::State, Side::Ours) => {}
    }
    work.settle_conflict(&conflict, keep).await?;
    work.commit().await?;
    Ok(Conflict { settled_as: Some(keep), ..conflict })
}

async fn carry_out(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    clocks: &Clocks,
    conflict: &Conflict,
    command: Command,
) -> Result<(), ResolveError> {
    let Some(id) = conflict.action_id else { return Ok(()) };
    let action = work.action(id).await?;
    life::carry_out(work, stamp, clocks, action, &command).await?;
    Ok(())
}

/// Makes an action what its issue says that it is.
async fn take_their_state(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    clocks: &Clocks,
    conflict: &Conflict,
    link: &Link,
    policy_due_on: NaiveDate,
) -> Result<(), ResolveError> {
    let Some(id) = conflict.action_id else { return Ok(()) };
    let reason = conflict.theirs.as_ref().map(|theirs| format!("its issue was {theirs}"));
    if !work.action(id).await?.state.is_active() {
        let command = Command::Reopen { reason: reason.clone(), policy_due_on };
        carry_out(work, stamp, clocks, conflict, command).await?;
    }
    let is_done = matches!(link.state_reason.as_deref(), None | Some("completed"));
    let command = if link.state.as_deref() != Some("closed") {
        return Ok(());
    } else if is_done {
        Command::Done { reason }
    } else {
        let reason = reason.unwrap_or_default();
        Command::Drop { disposition: Disposition::NotPlanned, reason, duplicate_of: None }
    };
    carry_out(work, stamp, clocks, conflict, command).await?;
    debug_assert_ne!(work.action(id).await?.state, State::Open);
    Ok(())
}

impl Engine {
    /// Closes the other issues that carry the mark of a link, where they still do. Closing one twice is closing it once.
    pub(super) async fn send_settle(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let (conflict, link) = {
            let mut snapshot = self.store.read().await?;
            let id = row.subject.parse().unwrap_or_default();
            let conflict = snapshot.conflict(id).await?.ok_or_else(|| lost(&row.subject))?;
            let link = snapshot.link(&conflict.link).await?.ok_or_else(|| lost(&conflict.link))?;
            (conflict, link)
        };
        let Some(kept) = issue_ref(&link).filter(|_| self.belongs_elsewhere(&link).is_none()) else {
            self.move_row(row, &done(row)).await?;
            return Ok(Step::Done);
        };
        let twins: Vec<IssueRef> = Twin::list(&conflict)
            .into_iter()
            .map(|twin| IssueRef {
                target: kept.target.clone(),
                number: twin.number,
                issue_id: twin.issue_id,
                node_id: twin.node_id,
            })
            .collect();
        let sending = sending(row, row.first_sent_at.unwrap_or(self.pacing_now()));
        self.move_row(row, &sending).await?;
        failpoint::reach("settle.sending");
        let seen = match self.ask(pass.wait, async || self.tracker.fetch(&twins).await).await {
            Ok(seen) => seen,
            Err(SyncError::Tracker(error)) => return self.not_done(pass, &sending, error).await,
            Err(error) => return Err(error),
        };
        for (at, seen) in twins.iter().zip(seen) {
            let Seen::Issue(issue) = seen else { continue };
            if issue.state == "closed" || !body::carries(&issue.body, &link.ulid) {
                continue;
            }
            let change = IssueChange { close: Some(CloseReason::Duplicate), ..IssueChange::default() };
            let sent = self.tracker.update_issue(at, &change).await;
            failpoint::reach("settle.answered");
            match sent {
                Sent::Done(_) => pass.summary.notes.push(format!(
                    "{}#{} was closed as a duplicate of #{}",
                    at.target.repo, at.number, kept.number
                )),
                Sent::Rejected(TrackerError::Refused { message, .. }) => pass.summary.notes.push(format!(
                    "{}#{} could not be closed as a duplicate: {message}",
                    at.target.repo, at.number
                )),
                Sent::NotSent(error) | Sent::Rejected(error) | Sent::Unknown(error) => {
                    return self.not_done(pass, &sending, error).await;
                }
            }
        }
        self.move_row(&sending, &done(&sending)).await?;
        failpoint::reach("settle.recorded");
        Ok(Step::Done)
    }
}

/// Everything that waits for a person, each with the command that settles it, without asking the tracker.
///
/// # Errors
/// [`StoreError`] when the database does not answer.
pub async fn waiting_for_a_person(store: &Store) -> Result<Vec<Pending>, StoreError> {
    let mut snapshot = store.read().await?;
    let mut waiting: Vec<Pending> = snapshot.open_conflicts().await?.iter().map(describe).collect();
    let gone = snapshot.gone().await?;
    waiting.extend(gone.iter().map(super::missing::gone));
    for row in snapshot.live_outbox().await? {
        let is_said = gone.iter().any(|link| link.ulid == row.subject);
        if row.state == OutboxState::NeedsHuman && !is_said {
            waiting.push(Pending {
                id: super::engine::name_of(&mut snapshot, &row).await?,
                what: row.last_error.unwrap_or_else(|| "a person has to decide".to_owned()),
                command: row.command,
            });
        }
    }
    Ok(waiting)
}
