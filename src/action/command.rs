//! What people do to an action: a command and an action give the changed action and its event.
//!
//! Invariant: a command either changes nothing, or gives exactly one [`Change`] with exactly one event. Giving a
//! command twice is the same as giving it once.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Action, ActionId, Category, Disposition, Field, IllegalTransition, Kind, NewEvent, Priority, Resume,
    State, Trigger,
};

/// Something a person does to one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take a proposed action on.
    Accept {
        /// The day that the policy computes, for an action that has no due date yet.
        policy_due_on: NaiveDate,
    },
    /// Refuse a proposed action.
    Decline {
        /// Why.
        reason: String,
    },
    /// Make somebody accountable.
    Assign {
        /// The login where known, else the name.
        owner: String,
    },
    /// Correct what was read.
    Edit(Edit),
    /// Promise a day.
    Due {
        /// The day.
        on: NaiveDate,
        /// Why it moves; needed when there is a promise already.
        reason: Option<String>,
    },
    /// Begin.
    Start {
        /// Why, where somebody says so.
        reason: Option<String>,
    },
    /// It cannot go on.
    Block {
        /// Why.
        reason: String,
    },
    /// It can go on where it was.
    Unblock {
        /// Why, where somebody says so.
        reason: Option<String>,
    },
    /// It is finished.
    Done {
        /// What to say about it.
        reason: Option<String>,
    },
    /// It will not be done.
    Drop {
        /// Which way it is not done.
        disposition: Disposition,
        /// Why.
        reason: String,
        /// For a duplicate, what is done instead.
        duplicate_of: Option<ActionId>,
    },
    /// Take it up again.
    Reopen {
        /// Why, where somebody says so.
        reason: Option<String>,
        /// The day that the policy computes, for an action that was declined and so never got one.
        policy_due_on: NaiveDate,
    },
}

/// What to correct of an action; what is empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The title, in one line.
    pub title: Option<String>,
    /// The explanation under it; an empty one takes it away.
    pub description: Option<String>,
    /// The area of work.
    pub category: Option<Category>,
    /// What it changes.
    pub kind: Option<Kind>,
    /// How urgent it is.
    pub priority: Option<Priority>,
}

impl Edit {
    /// Whether there is nothing to correct.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn apply(&self, action: &mut Action) {
        if let Some(title) = &self.title {
            action.title.clone_from(title);
            action.corrected.add(Field::Title);
        }
        if let Some(description) = &self.description {
            action.description = Some(description.clone()).filter(|description| !description.is_empty());
            action.corrected.add(Field::Description);
        }
        if let Some(category) = &self.category {
            action.category = category.clone();
            action.corrected.add(Field::Category);
        }
        if let Some(kind) = self.kind {
            action.kind = kind;
            action.corrected.add(Field::Kind);
        }
        if let Some(priority) = self.priority {
            action.priority = priority;
            action.corrected.add(Field::Priority);
        }
    }
}

/// An action after a command, and what is written down about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The action as it is now.
    pub after: Action,
    /// Its entry in the history.
    pub event: NewEvent,
}

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The state does not allow it.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// The promise moves and nobody says why.
    #[error("moving the due date from {from} needs a reason")]
    ReasonMissing {
        /// The promise as it stands.
        from: NaiveDate,
    },
    /// The promise lies in the past.
    #[error("the due date {on} is in the past; today is {today}")]
    DateInPast {
        /// The day asked for.
        on: NaiveDate,
        /// The team's calendar day.
        today: NaiveDate,
    },
    /// The action is over, so this part of it is no longer changed.
    #[error("cannot {verb} an action that is {state}")]
    Over {
        /// What was asked for.
        verb: &'static str,
        /// Where it stands.
        state: State,
    },
    /// The action would be a duplicate of itself.
    #[error("an action cannot be a duplicate of itself")]
    DuplicateOfItself,
}

impl Refusal {
    /// What the person can do instead.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Illegal(illegal) => illegal.from.next_steps(),
            Self::ReasonMissing { .. } => "say why with --reason TEXT",
            Self::DateInPast { .. } => "give a day from today on, as YYYY-MM-DD",
            Self::Over { state, .. } => state.next_steps(),
            Self::DuplicateOfItself => "name the action that is done instead",
        }
    }
}

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
            Command::Block { reason } => {
                if self.state == State::Blocked {
                    return Ok(None);
                }
                after.transition(Trigger::Block, now)?;
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

    fn must_not_be_over(&self, verb: &'static str) -> Result<(), Refusal> {
        match self.state {
            State::Proposed | State::Open | State::InProgress | State::Blocked | State::Waived => Ok(()),
            State::Done | State::Verified | State::Dropped => Err(Refusal::Over { verb, state: self.state }),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::action::{Corrected, ReportId};

    /// A proposed action as an import leaves it.
    pub(crate) fn proposed() -> Action {
        let now = moment("2024-05-15T09:00:00Z");
        Action {
            id: ActionId::new(1),
            ulid: "01HY0000000000000000000001".to_owned(),
            report_id: ReportId::new(1),
            title: "Rotate the signing key".to_owned(),
            description: None,
            text: "Rotate the signing key".to_owned(),
            quote: "- Rotate the signing key".to_owned(),
            section: Some("Action items".to_owned()),
            line: 12,
            kind: Kind::Prevent,
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
            accepted_at: None,
            done_at: None,
            verified_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    pub(crate) fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn give(action: &Action, command: &Command) -> Result<Option<Change>, Refusal> {
        action.command(command, moment("2024-05-16T08:00:00Z"), day("2024-05-16"))
    }

    fn accepted() -> Action {
        give(&proposed(), &Command::Accept { policy_due_on: day("2024-07-15") }).unwrap().unwrap().after
    }

    #[test]
    fn accepting_promises_the_day_of_the_policy_unless_the_report_names_one() {
        assert_eq!(accepted().due_on, Some(day("2024-07-15")));
        let stated = Action { due_on: Some(day("2024-06-01")), ..proposed() };
        let after =
            give(&stated, &Command::Accept { policy_due_on: day("2024-07-15") }).unwrap().unwrap().after;
        assert_eq!((after.due_on, after.original_due_on), (Some(day("2024-06-01")), Some(day("2024-06-01"))));
        assert_eq!(after.policy_due_on, Some(day("2024-07-15")));
    }

    #[test]
    fn what_the_report_says_is_done_is_done_on_acceptance() {
        let done = Action { reported_done: Some(true), ..proposed() };
        let after =
            give(&done, &Command::Accept { policy_due_on: day("2024-07-15") }).unwrap().unwrap().after;
        assert_eq!((after.state, after.done_at), (State::Done, Some(moment("2024-05-16T08:00:00Z"))));
    }

    #[test]
    fn moving_a_promise_needs_a_reason_is_counted_and_keeps_the_first_one() {
        let action = accepted();
        let silent = Command::Due { on: day("2024-08-01"), reason: None };
        assert_eq!(give(&action, &silent), Err(Refusal::ReasonMissing { from: day("2024-07-15") }));
        let moved = Command::Due { on: day("2024-08-01"), reason: Some("vendor is late".to_owned()) };
        let after = give(&action, &moved).unwrap().unwrap().after;
        assert_eq!((after.due_moves, after.original_due_on), (1, Some(day("2024-07-15"))));
        let past = Command::Due { on: day("2024-05-15"), reason: Some("x".to_owned()) };
        assert_eq!(
            give(&action, &past),
            Err(Refusal::DateInPast { on: day("2024-05-15"), today: day("2024-05-16") })
        );
    }

    #[test]
    fn unblocking_goes_back_to_where_it_was() {
        let started = give(&accepted(), &Command::Start { reason: None }).unwrap().unwrap().after;
        for (action, expected) in [(accepted(), State::Open), (started, State::InProgress)] {
            let blocked =
                give(&action, &Command::Block { reason: "no access".to_owned() }).unwrap().unwrap().after;
            let after = give(&blocked, &Command::Unblock { reason: None }).unwrap().unwrap().after;
            assert_eq!((after.state, after.resume_state), (expected, None));
        }
    }

    #[test]
    fn a_command_given_twice_changes_nothing_the_second_time() {
        let done = Command::Done { reason: None };
        let after = give(&accepted(), &done).unwrap().unwrap().after;
        assert_eq!(give(&after, &done), Ok(None));
        let assign = Command::Assign { owner: "gapio".to_owned() };
        let after = give(&accepted(), &assign).unwrap().unwrap().after;
        assert_eq!(give(&after, &assign), Ok(None));
        let accept = Command::Accept { policy_due_on: day("2024-07-15") };
        for said_done in [None, Some(true)] {
            let action = Action { reported_done: said_done, ..proposed() };
            let after = give(&action, &accept).unwrap().unwrap().after;
            assert_eq!(give(&after, &accept), Ok(None));
        }
    }

    #[test]
    fn what_is_corrected_is_noted_also_where_it_was_right() {
        let action = proposed();
        let edit = Edit { kind: Some(action.kind), title: Some("Rotate it".to_owned()), ..Edit::default() };
        let change = give(&action, &Command::Edit(edit.clone())).unwrap().unwrap();
        assert_eq!(change.after.corrected.to_string(), "kind title");
        assert_eq!(change.event.set["corrected"], "kind title");
        assert_eq!(change.event.texts["title"], "Rotate it");
        assert_eq!(give(&change.after, &Command::Edit(edit)), Ok(None));
        let no_description = Edit { description: Some(String::new()), ..Edit::default() };
        let explained = Action { description: Some("Every month.".to_owned()), ..action };
        let after = give(&explained, &Command::Edit(no_description.clone())).unwrap().unwrap().after;
        assert_eq!(after.description, None);
        let done = Action { state: State::Done, ..explained };
        assert_eq!(
            give(&done, &Command::Edit(no_description)),
            Err(Refusal::Over { verb: "edit", state: State::Done })
        );
    }

    #[test]
    fn an_event_names_what_changed_and_keeps_words_of_people_apart() {
        let change = give(&accepted(), &Command::Assign { owner: "gapio".to_owned() }).unwrap().unwrap();
        assert_eq!(change.event.texts.get("owner").map(String::as_str), Some("gapio"));
        assert!(change.event.set.is_empty(), "{:?}", change.event.set);
        let change = give(&accepted(), &Command::Block { reason: "no access".to_owned() }).unwrap().unwrap();
        assert_eq!(change.event.set["state"], "blocked");
        assert_eq!(change.event.was["state"], "open");
        assert_eq!(change.event.texts["reason"], "no access");
    }
}
