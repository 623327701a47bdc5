//! The life of an action: eight states, and one total function from state and trigger to state.
//!
//! Invariant: [`State::apply`] is the only way from one state to another, and it decides for every pair.

use serde::Serialize;

use super::vocabulary::words;

words! {
    /// Where an action stands.
    State, "state" {
        /// Read from a report; nobody has accepted it yet.
        Proposed = "proposed",
        /// Accepted, not begun.
        Open = "open",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// It cannot go on; the reason is in its history.
        Blocked = "blocked",
        /// Somebody says that it is finished.
        Done = "done",
        /// Somebody other than the owner confirmed that.
        Verified = "verified",
        /// The risk is accepted until a day.
        Waived = "waived",
        /// It will not be done; the disposition says why.
        Dropped = "dropped",
    }
}

/// Where `unblock` goes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Resume {
    /// The work had not begun.
    Open,
    /// The work had begun.
    InProgress,
}

/// What can happen to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A person takes a proposed action on.
    Accept,
    /// A person accepts an action that its report says is already done.
    AcceptAsDone,
    /// A person refuses a proposed action.
    Decline,
    /// Work begins.
    Start,
    /// Work cannot go on.
    Block,
    /// Work can go on where it was.
    Unblock(Resume),
    /// A person says that it is finished.
    Complete,
    /// Its issue was closed as completed.
    IssueCompleted,
    /// Somebody other than the owner confirms it.
    Verify,
    /// Somebody other than the owner does not.
    Reject,
    /// The risk is accepted for a time.
    Waive,
    /// The waiver ran out or was revoked.
    EndWaiver,
    /// It will not be done.
    Drop,
    /// A person takes it up again.
    Reopen,
    /// Its issue was reopened.
    IssueReopened,
    /// The effectiveness review says that it did not work.
    Ineffective,
    /// A person takes back what they did; the state from which that led to this one.
    Undo(State),
}

impl Trigger {
    /// Every trigger by which the life of an action goes on; taking one of them back is none.
    pub const ALL: &'static [Self] = &[
        Self::Accept,
        Self::AcceptAsDone,
        Self::Decline,
        Self::Start,
        Self::Block,
        Self::Unblock(Resume::Open),
        Self::Unblock(Resume::InProgress),
        Self::Complete,
        Self::IssueCompleted,
        Self::Verify,
        Self::Reject,
        Self::Waive,
        Self::EndWaiver,
        Self::Drop,
        Self::Reopen,
        Self::IssueReopened,
        Self::Ineffective,
    ];

    /// The verb a person would use, for messages.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Accept | Self::AcceptAsDone => "accept",
            Self::Decline => "decline",
            Self::Start => "start",
            Self::Block => "block",
            Self::Unblock(_) => "unblock",
            Self::Complete | Self::IssueCompleted => "complete",
            Self::Verify => "verify",
            Self::Reject => "reject",
            Self::Waive => "waive",
            Self::EndWaiver => "end the waiver of",
            Self::Drop => "drop",
            Self::Reopen | Self::IssueReopened | Self::Ineffective => "reopen",
            Self::Undo(_) => "undo the last step of",
        }
    }
}

/// A trigger that the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {} an action that is {from}", trigger.verb())]
pub struct IllegalTransition {
    /// The state it was in.
    pub from: State,
    /// What was tried.
    pub trigger: Trigger,
}

impl State {
    /// The state after `trigger`, or why it is not allowed.
    ///
    /// # Errors
    /// [`IllegalTransition`] for every pair that the table of the life of an action does not have.
    pub fn apply(self, trigger: Trigger) -> Result<Self, IllegalTransition> {
        use Trigger as T;
        match (self, trigger) {
            (Self::Proposed, T::Accept) => Ok(Self::Open),
            (Self::Proposed, T::AcceptAsDone) => Ok(Self::Done),
            (Self::Proposed, T::Decline) => Ok(Self::Dropped),
            (Self::Open | Self::Blocked, T::Start) => Ok(Self::InProgress),
            (Self::Open | Self::InProgress, T::Block) => Ok(Self::Blocked),
            (Self::Blocked, T::Unblock(Resume::Open)) => Ok(Self::Open),
            (Self::Blocked, T::Unblock(Resume::InProgress)) => Ok(Self::InProgress),
            (Self::Open | Self::InProgress | Self::Blocked, T::Complete | T::IssueCompleted) => {
                Ok(Self::Done)
            }
            (Self::Open | Self::InProgress | Self::Blocked, T::Waive) => Ok(Self::Waived),
            (Self::Open | Self::InProgress | Self::Blocked, T::Drop) => Ok(Self::Dropped),
            (Self::Done, T::Verify) => Ok(Self::Verified),
            (Self::Done, T::Reject) => Ok(Self::InProgress),
            (Self::Waived, T::EndWaiver) => Ok(Self::Open),
            (
                Self::Done | Self::Verified | Self::Waived | Self::Dropped,
                T::Reopen | T::IssueReopened | T::Ineffective,
            ) => Ok(Self::Open),
            (from, T::Undo(to)) if Trigger::ALL.iter().any(|trigger| to.apply(*trigger) == Ok(from)) => {
                Ok(to)
            }
            (from, trigger) => Err(IllegalTransition { from, trigger }),
        }
    }

    /// Whether work on it is still owed: only then can it be overdue.
    #[must_use]
    pub const fn is_active(self) -> bool {
        match self {
            Self::Open | Self::InProgress | Self::Blocked => true,
            Self::Proposed | Self::Done | Self::Verified | Self::Waived | Self::Dropped => false,
        }
    }

    /// What the person can do instead, for the hint below an error.
    #[must_use]
    pub const fn next_steps(self) -> &'static str {
        match self {
            Self::Proposed => "accept or decline it first",
            Self::Open | Self::InProgress | Self::Blocked => {
                "it can be started, blocked, done, waived or dropped"
            }
            Self::Done => "it can be verified, rejected or reopened",
            Self::Verified | Self::Waived | Self::Dropped => "reopen it first",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_trigger() -> impl Strategy<Value = Trigger> {
        prop::sample::select(Trigger::ALL)
    }

    fn any_state() -> impl Strategy<Value = State> {
        prop::sample::select(State::ALL)
    }

    /// The whole table, as a picture that a reviewer can compare with the design.
    #[test]
    fn the_table_of_the_life_of_an_action() {
        let mut table = String::new();
        for state in State::ALL {
            for trigger in Trigger::ALL {
                if let Ok(next) = state.apply(*trigger) {
                    table.push_str(&format!("{state:<11} {trigger:?} -> {next}\n"));
                }
            }
        }
        insta::assert_snapshot!(table, @r"
        proposed    Accept -> open
        proposed    AcceptAsDone -> done
        proposed    Decline -> dropped
        open        Start -> in_progress
        open        Block -> blocked
        open        Complete -> done
        open        IssueCompleted -> done
        open        Waive -> waived
        open        Drop -> dropped
        in_progress Block -> blocked
        in_progress Complete -> done
        in_progress IssueCompleted -> done
        in_progress Waive -> waived
        in_progress Drop -> dropped
        blocked     Start -> in_progress
        blocked     Unblock(Open) -> open
        blocked     Unblock(InProgress) -> in_progress
        blocked     Complete -> done
        blocked     IssueCompleted -> done
        blocked     Waive -> waived
        blocked     Drop -> dropped
        done        Verify -> verified
        done        Reject -> in_progress
        done        Reopen -> open
        done        IssueReopened -> open
        done        Ineffective -> open
        verified    Reopen -> open
        verified    IssueReopened -> open
        verified    Ineffective -> open
        waived      EndWaiver -> open
        waived      Reopen -> open
        waived      IssueReopened -> open
        waived      Ineffective -> open
        dropped     Reopen -> open
        dropped     IssueReopened -> open
        dropped     Ineffective -> open
        ");
    }

    proptest! {
        #[test]
        fn no_life_verifies_what_nobody_said_was_done(triggers in prop::collection::vec(any_trigger(), 0..40)) {
            let (mut state, mut before) = (State::Proposed, State::Proposed);
            for trigger in triggers {
                if let Ok(next) = state.apply(trigger) {
                    before = state;
                    state = next;
                }
                if state == State::Verified && before != State::Verified {
                    prop_assert_eq!(before, State::Done);
                }
            }
        }

        #[test]
        fn nothing_becomes_proposed_again(state in any_state(), trigger in any_trigger()) {
            prop_assert_ne!(state.apply(trigger).ok(), Some(State::Proposed));
        }

        #[test]
        fn whatever_happened_can_be_taken_back_and_nothing_else(state in any_state(), trigger in any_trigger(), other in any_state()) {
            if let Ok(next) = state.apply(trigger) {
                prop_assert_eq!(next.apply(Trigger::Undo(state)), Ok(state));
            }
            let leads_here = Trigger::ALL.iter().any(|trigger| other.apply(*trigger) == Ok(state));
            prop_assert_eq!(state.apply(Trigger::Undo(other)).is_ok(), leads_here);
        }

        #[test]
        fn a_trigger_never_leaves_the_state_as_it_was(state in any_state(), trigger in any_trigger()) {
            prop_assert_ne!(state.apply(trigger).ok(), Some(state));
        }

        #[test]
        fn what_is_over_is_only_left_by_taking_it_up_again(
            state in prop::sample::select(&[State::Verified, State::Dropped][..]), trigger in any_trigger()
        ) {
            if let Ok(next) = state.apply(trigger) {
                prop_assert_eq!(next, State::Open);
                prop_assert_eq!(trigger.verb(), "reopen");
            }
        }

        #[test]
        fn a_refusal_names_what_was_tried(state in any_state(), trigger in any_trigger()) {
            if let Err(error) = state.apply(trigger) {
                let text = error.to_string();
                prop_assert!(text.contains(state.as_str()) && text.contains(trigger.verb()), "{}", text);
            }
        }
    }
}
