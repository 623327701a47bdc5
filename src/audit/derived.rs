//! What follows from the history of an action beside its columns.
//!
//! Invariant: one answer to each question, for exports, samples and metrics alike.

use chrono::NaiveDate;

use super::{Mark, Past, Story};
use crate::{
    action::{Severity, State, is_overdue},
    clock::Clocks,
};

impl Past {
    /// The state of an action.
    #[must_use]
    pub fn state(&self, story: &Story) -> State {
        self.said(story, "state").read().unwrap_or(State::Proposed)
    }

    /// The severity of the incident of an action.
    #[must_use]
    pub fn severity_of(&self, story: &Story) -> Severity {
        let report = self.report_of(story).and_then(|report| self.reports.get(&report));
        report.and_then(|report| self.said(report, "severity").read()).unwrap_or(Severity::Unknown)
    }

    /// The event that finished an action, as long as it is finished.
    #[must_use]
    pub fn done<'a>(&self, story: &'a Story) -> Option<&'a Mark> {
        story.done.as_ref().filter(|_| self.said(story, "done_at").text().is_some())
    }

    /// The event that verified an action, as long as it is verified.
    #[must_use]
    pub fn verified<'a>(&self, story: &'a Story) -> Option<&'a Mark> {
        story.verified.as_ref().filter(|_| self.said(story, "verified_at").text().is_some())
    }

    /// The days between acceptance and the first owner.
    #[must_use]
    pub fn days_to_assign(&self, story: &Story, clocks: &Clocks) -> Option<i64> {
        let accepted = story.accepted.as_ref()?.at;
        let assigned = story.assigned_at?.max(accepted);
        Some((clocks.day_of(assigned) - clocks.day_of(accepted)).num_days())
    }

    /// The days between acceptance and the end of the work, as long as it is finished.
    #[must_use]
    pub fn days_to_done(&self, story: &Story, clocks: &Clocks) -> Option<i64> {
        let (accepted, done) = (story.accepted.as_ref()?, self.done(story)?);
        Some((clocks.day_of(done.at) - clocks.day_of(accepted.at)).num_days().max(0))
    }

    /// Whether an action was done by the day that the policy set: unknown while that day is still to come on `day`, and for what
    /// nobody owes.
    #[must_use]
    pub fn within_policy(&self, story: &Story, clocks: &Clocks, day: NaiveDate) -> Option<bool> {
        let by: NaiveDate = self.said(story, "policy_due_on").read()?;
        match self.done(story) {
            Some(mark) => Some(clocks.day_of(mark.at) <= by),
            None => is_overdue(self.state(story), Some(by), day).then_some(false),
        }
    }
}

impl Story {
    /// Whether somebody owed it when a day began.
    #[must_use]
    pub fn was_owed_on(&self, day: NaiveDate, clocks: &Clocks) -> bool {
        let until = self.owed.iter().take_while(|(at, _)| clocks.day_of(*at) < day);
        until.last().is_some_and(|(_, is_owed)| *is_owed)
    }

    /// Whether somebody owed it when a day began, or at any time later.
    #[must_use]
    pub fn is_owed_after(&self, day: NaiveDate, clocks: &Clocks) -> bool {
        self.was_owed_on(day, clocks)
            || self.owed.iter().any(|(at, is_owed)| *is_owed && clocks.day_of(*at) >= day)
    }
}
