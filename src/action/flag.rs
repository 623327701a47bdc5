//! Derived flags: what is worth saying about an action beside its state.
//!
//! Invariant: a flag is computed when it is asked for and never stored.

use chrono::NaiveDate;

use super::{State, is_due_soon, is_overdue, is_unproven, is_waiver_ending, vocabulary::words};

words! {
    /// What is worth saying about an action beside its state.
    Flag, "flag" {
        /// The day promised has ended.
        Overdue = "overdue",
        /// The day promised is near.
        DueSoon = "due_soon",
        /// Nobody is accountable.
        Unassigned = "unassigned",
        /// It is accepted and has no issue.
        Unpublished = "unpublished",
        /// Its issue was closed as not planned or as a duplicate, and nobody here decided that.
        ClosedUpstream = "closed_upstream",
        /// Both sides disagree about something, or its issue is gone, and a person has to decide.
        Diverged = "diverged",
        /// Its report no longer has it.
        Vanished = "vanished",
        /// It was done some time ago, and nobody showed it.
        Unproven = "unproven",
        /// Its waiver ends soon.
        WaiverEnding = "waiver_ending",
    }
}

/// The part of an issue's state that flags depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssueState<'a> {
    /// `open` or `closed`.
    pub state: &'a str,
    /// `completed`, `not_planned`, `duplicate`, `reopened`, or nothing.
    pub state_reason: Option<&'a str>,
}

impl IssueState<'_> {
    /// Whether the tracker says that the work was done. Trackers that know no reasons close without one.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.state == "closed" && matches!(self.state_reason, None | Some("completed"))
    }

    /// Whether the tracker says that the work will not be done, or says why in a word we do not know.
    #[must_use]
    pub fn is_closed_undone(&self) -> bool {
        self.state == "closed" && !self.is_completed()
    }
}

/// What the flags of an action depend on.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Its state.
    pub state: State,
    /// The promised day.
    pub due_on: Option<NaiveDate>,
    /// The team's calendar day on which it was accepted.
    pub accepted_on: Option<NaiveDate>,
    /// Whether somebody is accountable.
    pub has_owner: bool,
    /// Whether its report no longer has it.
    pub vanished: bool,
    /// Whether a conflict with its issue is open, or its issue is gone.
    pub diverged: bool,
    /// The team's calendar day on which it was done.
    pub done_on: Option<NaiveDate>,
    /// Whether something shows that it was done.
    pub has_evidence: bool,
    /// The last day of its waiver.
    pub waived_until: Option<NaiveDate>,
    /// Its issue, where it has one.
    pub issue: Option<IssueState<'a>>,
}

impl Standing<'_> {
    /// The flags on `today`, in the order of [`Flag::ALL`].
    #[must_use]
    pub fn flags(&self, today: NaiveDate) -> Vec<Flag> {
        let applies = |flag: &Flag| match flag {
            Flag::Overdue => is_overdue(self.state, self.due_on, today),
            Flag::DueSoon => is_due_soon(self.state, self.due_on, self.accepted_on, today),
            Flag::Unassigned => !self.has_owner && (self.state.is_active() || self.state == State::Proposed),
            Flag::Unpublished => self.issue.is_none() && self.state.is_active(),
            Flag::ClosedUpstream => {
                self.state.is_active() && self.issue.is_some_and(|issue| issue.is_closed_undone())
            }
            Flag::Diverged => self.diverged,
            Flag::Vanished => self.vanished,
            Flag::Unproven => is_unproven(self.state, self.done_on, self.has_evidence, today),
            Flag::WaiverEnding => is_waiver_ending(self.state, self.waived_until, today),
        };
        Flag::ALL.iter().copied().filter(applies).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_completed_means_done() {
        let closed = |state_reason| IssueState { state: "closed", state_reason };
        assert!(closed(Some("completed")).is_completed());
        assert!(closed(None).is_completed());
        for reason in ["not_planned", "duplicate", "a_word_of_tomorrow"] {
            assert!(closed(Some(reason)).is_closed_undone(), "{reason}");
        }
        let open = IssueState { state: "open", state_reason: Some("reopened") };
        assert!(!open.is_completed() && !open.is_closed_undone());
    }
}
