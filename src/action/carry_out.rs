//! What a command makes of an action.
//!
//! Invariant: [`Action::command`] either changes nothing, or gives exactly one [`Change`] with exactly one event. Giving a
//! command twice is the same as giving it once.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Action, ActionIds, Change, Command, Disposition, IllegalTransition, NewEvent, Refusal, Resume, State,
    Trigger,
};

impl Action {
    /// What `command` makes of this action; `None` when it changes nothing.
    ///
    /// `now` is the effective time, `today` the team's calendar day at that time.
    ///
    /// # Errors
    /// [`Refusal`] when the command is not allowed; nothing is changed then.
    pub fn command(
        &self,
        command: &Command,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Option<Change>, Refusal> {
        let mut after = self.clone();
        let (kind, reason) = match command {
            Command::Accept { policy_due_on } => {
                let said_done = self.reported_done == Some(true);
                let accepted = if said_done { State::Done } else { State::Open };
                if self.accepted_at.is_some() && self.state == accepted {
                    return Ok(None);
                }
                let trigger = if said_done { Trigger::AcceptAsDone } else { Trigger::Accept };
                after.transition(trigger, now)?;
                after.accepted_at = Some(now);
                after.policy_due_on = Some(*policy_due_on);
                after.promise(self.due_on.unwrap_or(*policy_due_on));
                ("action.accepted", None)
            }
            Command::Decline { reason } => {
                if self.state == State::Dropped && self.disposition == Some(Disposition::Declined) {
                    return Ok(None);
                }
                after.transition(Trigger::Decline, now)?;
                after.disposition = Some(Disposition::Declined);
                ("action.declined", Some(reason.as_str()))
            }
            Command::Assign { owner } => {
                self.must_not_be_over("assign")?;
                after.owner = Some(owner.clone());
                ("action.assigned", None)
            }
            Command::Edit(edit) => {
                self.must_not_be_over("edit")?;
                edit.apply(&mut after);
                ("action.edited", None)
            }
            Command::Due { on, reason } => {
                self.must_not_be_over("move the due date of")?;
                if self.due_on == Some(*on) {
                    return Ok(None);
                }
                if let Some(until) = self.waived_until {
                    return Err(Refusal::Waived { until });
                }
                if *on < today {
                    return Err(Refusal::DateInPast { on: *on, today });
                }
                if let Some(from) = self.due_on {
                    if reason.is_none() {
                        return Err(Refusal::ReasonMissing { from });
                    }
                    after.due_moves += 1;
                }
                after.promise(*on);
                ("action.due_moved", reason.as_deref())
            }
            Command::Start { reason } => {
                if self.state == State::InProgress {
                    return Ok(None);
                }
                after.transition(Trigger::Start, now)?;
                ("action.started", reason.as_deref())
            }
            Command::Block { reason, by } => {
                if by.iter().any(|by| by == self.id) {
                    return Err(Refusal::BlockedByItself);
                }
                if self.state != State::Blocked {
                    after.transition(Trigger::Block, now)?;
                } else if by.is_empty() {
                    return Ok(None);
                }
                after.blocked_by = by.clone();
                ("action.blocked", Some(reason.as_str()))
            }
            Command::Unblock { reason } => {
                if matches!(self.state, State::Open | State::InProgress) {
                    return Ok(None);
                }
                let resume = match self.resume_state {
                    Some(State::InProgress) => Resume::InProgress,
                    _ => Resume::Open,
                };
                after.transition(Trigger::Unblock(resume), now)?;
                ("action.unblocked", reason.as_deref())
            }
            Command::Done { reason } => {
                if self.state == State::Done {
                    return Ok(None);
                }
                after.transition(Trigger::Complete, now)?;
                ("action.done", reason.as_deref())
            }
            Command::Verify { by, reason } => {
                if self.state == State::Verified {
                    return Ok(None);
                }
                if let Some(owner) =
                    self.owner.as_deref().filter(|owner| owner.to_lowercase() == by.to_lowercase())
                {
                    return Err(Refusal::VerifiedByOwner { owner: owner.to_owned() });
                }
                after.transition(Trigger::Verify, now)?;
                after.verifier = Some(by.clone());
                ("action.verified", reason.as_deref())
            }
            Command::Reject { reason } => {
                if self.state == State::InProgress {
                    return Ok(None);
                }
                after.transition(Trigger::Reject, now)?;
                ("action.rejected", Some(reason.as_str()))
            }
            Command::Waive { reason, accepted_by, until, latest } => {
                // A waiver that is given again replaces the one that there is; the history keeps both.
                if self.state != State::Waived {
                    after.transition(Trigger::Waive, now)?;
                }
                after.waived_until = Some(*until);
                after.waived_by = Some(accepted_by.clone());
                after.waiver_reason = Some(reason.clone());
                if after == *self {
                    return Ok(None);
                }
                if *until <= today {
                    return Err(Refusal::WaiverOver { until: *until, today });
                }
                if until > latest {
                    return Err(Refusal::WaiverTooLong { until: *until, latest: *latest });
                }
                ("action.waived", None)
            }
            Command::EndWaiver => {
                if self.waived_until.is_none_or(|until| until >= today) {
                    return Ok(None);
                }
                after.transition(Trigger::EndWaiver, now)?;
                ("action.waiver_ended", None)
            }
            Command::Merge { into, reason } => {
                if self.duplicate_of == Some(*into) {
                    return Ok(None);
                }
                if *into == self.id {
                    return Err(Refusal::DuplicateOfItself);
                }
                let is_proposed = self.state == State::Proposed;
                after.transition(if is_proposed { Trigger::Decline } else { Trigger::Drop }, now)?;
                after.disposition = Some(Disposition::Duplicate);
                after.duplicate_of = Some(*into);
                ("action.merged", reason.as_deref())
            }
            Command::Drop { disposition, reason, duplicate_of } => {
                if self.state == State::Dropped && self.disposition == Some(*disposition) {
                    return Ok(None);
                }
                if *duplicate_of == Some(self.id) {
                    return Err(Refusal::DuplicateOfItself);
                }
                after.transition(Trigger::Drop, now)?;
                after.disposition = Some(*disposition);
                after.duplicate_of = *duplicate_of;
                ("action.dropped", Some(reason.as_str()))
            }
            Command::Reopen { reason, policy_due_on } => {
                if self.state == State::Open {
                    return Ok(None);
                }
                after.transition(Trigger::Reopen, now)?;
                if self.accepted_at.is_none() {
                    after.accepted_at = Some(now);
                    after.policy_due_on = Some(*policy_due_on);
                    after.promise(self.due_on.unwrap_or(*policy_due_on));
                }
                ("action.reopened", reason.as_deref())
            }
            Command::Undo { before, event } => {
                if before.state != self.state {
                    after.state = self.state.apply(Trigger::Undo(before.state))?;
                }
                after = Self {
                    version: self.version,
                    updated_at: self.updated_at,
                    state: after.state,
                    ..(**before).clone()
                };
                if after == *self {
                    return Ok(None);
                }
                let event = NewEvent::of_action("action.undone", Some(self), &after).with("undone", *event);
                return Ok(Some(Change { after, event }));
            }
        };
        if after == *self {
            return Ok(None);
        }
        let event = NewEvent::of_action(kind, Some(self), &after).because(reason);
        Ok(Some(Change { after, event }))
    }

    /// Moves to the state after `trigger` and keeps the columns that follow from the state in step with it.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the state does not allow it; the action is unchanged then.
    pub fn transition(&mut self, trigger: Trigger, now: DateTime<Utc>) -> Result<(), IllegalTransition> {
        let before = self.state;
        self.state = before.apply(trigger)?;
        self.resume_state = (self.state == State::Blocked).then_some(before);
        if self.state != State::Dropped {
            self.disposition = None;
            self.duplicate_of = None;
        }
        if self.state != State::Blocked {
            self.blocked_by = ActionIds::default();
        }
        if self.state != State::Waived {
            self.waived_until = None;
            self.waived_by = None;
            self.waiver_reason = None;
        }
        match self.state {
            State::Done => self.done_at = Some(now),
            State::Verified => self.verified_at = Some(now),
            State::Proposed
            | State::Open
            | State::InProgress
            | State::Blocked
            | State::Waived
            | State::Dropped => {
                self.done_at = None;
                self.verified_at = None;
            }
        }
        Ok(())
    }

    fn promise(&mut self, on: NaiveDate) {
        self.due_on = Some(on);
        self.original_due_on.get_or_insert(on);
    }

    /// # Errors
    /// [`Refusal::Over`] when nothing is changed about the action any more.
    pub(crate) fn must_not_be_over(&self, verb: &'static str) -> Result<(), Refusal> {
        match self.state {
            State::Proposed | State::Open | State::InProgress | State::Blocked | State::Waived => Ok(()),
            State::Done | State::Verified | State::Dropped => Err(Refusal::Over { verb, state: self.state }),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
