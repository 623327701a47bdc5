//! What people do to an action, what comes of it, and why it is refused.
//!
//! Invariant: a command says all that is needed to carry it out; what depends on the policy or on other actions was looked up
//! before.

use chrono::NaiveDate;

use super::{
    Action, ActionId, ActionIds, Category, Disposition, Field, IllegalTransition, Kind, NewEvent, Priority,
    State,
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
        /// The actions that it waits for.
        by: ActionIds,
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
    /// Somebody other than the owner confirms that it is done and works.
    Verify {
        /// Who confirms it: the login where known, else the name.
        by: String,
        /// What they looked at, where they say so.
        reason: Option<String>,
    },
    /// It is not done, or does not work.
    Reject {
        /// Why.
        reason: String,
    },
    /// The risk is accepted for a time.
    Waive {
        /// Why.
        reason: String,
        /// Who accepts it: the login where known, else the name.
        accepted_by: String,
        /// The last day of the waiver.
        until: NaiveDate,
        /// The last day that the policy allows.
        latest: NaiveDate,
    },
    /// The waiver ran out.
    EndWaiver,
    /// Another action does it, and goes on for both.
    Merge {
        /// That action.
        into: ActionId,
        /// Why, where somebody says so.
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
    /// Take back what an event did, after which nothing else happened to the action.
    Undo {
        /// The action as it was before that event.
        before: Box<Action>,
        /// The place of the event in the history.
        event: i64,
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

    pub(super) fn apply(&self, action: &mut Action) {
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
    /// The action would be a duplicate of itself by way of others.
    #[error("it cannot be a duplicate of {of}: that one counts as a duplicate of it")]
    DuplicateInCircle {
        /// What it was to be a duplicate of.
        of: ActionId,
    },
    /// The action would wait for itself.
    #[error("an action cannot wait for itself")]
    BlockedByItself,
    /// The action would wait for itself by way of others.
    #[error("it cannot wait for {by}: that one waits for it")]
    BlockedInCircle {
        /// What it was to wait for.
        by: ActionId,
    },
    /// The owner would confirm their own work.
    #[error("{owner} owns it, and nobody verifies their own work")]
    VerifiedByOwner {
        /// The owner.
        owner: String,
    },
    /// The waiver ends before it begins.
    #[error("a waiver until {until} is over already; today is {today}")]
    WaiverOver {
        /// The day asked for.
        until: NaiveDate,
        /// The team's calendar day.
        today: NaiveDate,
    },
    /// The waiver is longer than the policy allows.
    #[error("a waiver until {until} is too long; the policy allows one until {latest}")]
    WaiverTooLong {
        /// The day asked for.
        until: NaiveDate,
        /// The last day that the policy allows.
        latest: NaiveDate,
    },
    /// While an action is waived, no day counts.
    #[error("it is waived until {until}, and nothing is due before that is over")]
    Waived {
        /// The last day of the waiver.
        until: NaiveDate,
    },
    /// The event is not one that can be taken back.
    #[error("{kind} cannot be taken back")]
    NotUndoable {
        /// What happened.
        kind: String,
        /// What to do instead.
        hint: &'static str,
    },
    /// What happened last was not done by a person here.
    #[error("what happened last is {kind} by {actor}, and nobody here did that")]
    NotOurs {
        /// What happened.
        kind: String,
        /// Who did it.
        actor: String,
    },
    /// Somebody else changed the action since.
    #[error("{kind} by {actor} came after what you did last")]
    ChangedSince {
        /// What happened since.
        kind: String,
        /// Who did that.
        actor: String,
    },
    /// There is nothing that could be taken back.
    #[error("there is nothing to take back")]
    NothingToUndo,
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
            Self::DuplicateOfItself | Self::DuplicateInCircle { .. } => {
                "name the action that is done instead"
            }
            Self::BlockedByItself | Self::BlockedInCircle { .. } => {
                "name what has to be done first; `followup show` tells what each one waits for"
            }
            Self::VerifiedByOwner { .. } => "let somebody else look at it, and name them with --by WHO",
            Self::WaiverOver { .. } => "give a day after today with --until DATE",
            Self::WaiverTooLong { .. } => {
                "waive it for a shorter time; it can be waived again when that is over"
            }
            Self::Waived { .. } => "`followup reopen` ends the waiver; then a day can be promised",
            Self::NotUndoable { hint, .. } => hint,
            Self::ChangedSince { .. } => {
                "talk to them; `followup undo ID` takes back what was done last to one action"
            }
            Self::NotOurs { .. } => "set right by hand what is wrong; `followup show` has the history",
            Self::NothingToUndo => "`followup show` has the history",
        }
    }
}
