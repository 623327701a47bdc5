//! The table of actions: one row for each, as the history says it.
//!
//! Invariant: a column that bears the name of a column of the database holds what the last event that set it says; the others
//! follow from the events about the action and its report, as `docs/audit.md` tells.

use chrono::NaiveDate;

use super::cell::Cell;
use crate::{
    action::{ActionId, days_overdue},
    audit::past::{Past, Proof, Said, Story},
    clock::Clocks,
};

/// Where a column comes from.
#[derive(Clone, Copy)]
enum Source {
    /// The column of that name of the action.
    Own,
    /// This column of its report.
    Report(&'static str),
    /// What follows from its events.
    Derived(fn(&Row<'_>) -> Cell),
}

/// An action, and what its row is made of.
pub(super) struct Row<'a> {
    pub(super) past: &'a Past,
    pub(super) id: ActionId,
    pub(super) story: &'a Story,
    pub(super) report: Option<&'a Story>,
    pub(super) proofs: &'a [&'a Proof],
    /// The last day that counts.
    pub(super) day: NaiveDate,
    pub(super) clocks: &'a Clocks,
}

use Source::{Derived, Own, Report};

/// The columns, in their order.
const COLUMNS: &[(&str, Source)] = &[
    ("id", Own),
    ("title", Own),
    ("state", Own),
    ("disposition", Own),
    ("duplicate_of", Own),
    ("owner", Own),
    ("team", Own),
    ("verifier", Own),
    ("due_on", Own),
    ("original_due_on", Own),
    ("policy_due_on", Own),
    ("due_moves", Own),
    ("days_overdue", Derived(|row| row.days_overdue().into())),
    ("kind", Own),
    ("category", Own),
    ("priority", Own),
    ("severity", Report("severity")),
    ("report_id", Own),
    ("report_title", Report("title")),
    ("report_source", Report("source")),
    ("report_revision", Report("revision")),
    ("report_date", Report("report_date")),
    ("incident_date", Report("incident_date")),
    ("incident_started_at", Report("started_at")),
    ("incident_resolved_at", Report("resolved_at")),
    ("root_cause", Report("root_cause")),
    ("description", Own),
    ("text", Own),
    ("quote", Own),
    ("section", Own),
    ("line", Own),
    ("owner_text", Own),
    ("due_text", Own),
    ("reported_done", Own),
    ("vanished", Own),
    ("corrected", Own),
    ("tracked_in", Own),
    ("added", Own),
    ("split_from", Own),
    ("resume_state", Own),
    ("blocked_by", Own),
    ("proposed_at", Derived(|row| Cell::optional(row.story.proposed.as_ref().map(|mark| mark.at)))),
    ("proposed_by", Derived(|row| Cell::optional(row.story.proposed.as_ref().map(|mark| mark.by.as_str())))),
    ("accepted_at", Own),
    ("accepted_by", Derived(|row| Cell::optional(row.story.accepted.as_ref().map(|mark| mark.by.as_str())))),
    ("assign_by", Own),
    ("assigned_at", Derived(|row| Cell::optional(row.story.assigned_at))),
    ("days_to_assign", Derived(|row| Cell::optional(row.past.days_to_assign(row.story, row.clocks)))),
    ("started_at", Derived(|row| Cell::optional(row.story.started_at))),
    ("done_at", Own),
    ("done_by", Derived(|row| Cell::optional(row.past.done(row.story).map(|mark| mark.by.as_str())))),
    (
        "done_by_kind",
        Derived(|row| Cell::optional(row.past.done(row.story).map(|mark| mark.by_kind.as_str()))),
    ),
    ("days_to_done", Derived(|row| Cell::optional(row.past.days_to_done(row.story, row.clocks)))),
    ("within_policy", Derived(|row| Cell::optional(row.past.within_policy(row.story, row.clocks, row.day)))),
    ("verified_at", Own),
    ("verified_by", Derived(|row| Cell::optional(row.past.verified(row.story).map(|mark| mark.by.as_str())))),
    ("last_move_at", Derived(|row| Cell::optional(row.story.moved.as_ref().map(|(mark, _)| mark.at)))),
    (
        "last_move_by",
        Derived(|row| Cell::optional(row.story.moved.as_ref().map(|(mark, _)| mark.by.as_str()))),
    ),
    ("last_move_reason", Derived(|row| row.story.moved.as_ref().map_or(Cell::Empty, |(_, why)| why.into()))),
    ("waived_until", Own),
    ("waived_by", Own),
    ("waiver_reason", Own),
    ("effectiveness_on", Own),
    ("effectiveness_reviews", Own),
    ("reopened", Derived(|row| row.story.reopened.into())),
    (
        "issue_tracker",
        Derived(|row| Cell::optional(row.story.issue.as_ref().map(|issue| issue.tracker.as_str()))),
    ),
    ("issue_repo", Derived(|row| Cell::optional(row.story.issue.as_ref().map(|issue| issue.repo.as_str())))),
    ("issue_number", Derived(|row| Cell::optional(row.story.issue.as_ref().map(|issue| issue.number)))),
    ("issue_url", Derived(|row| Cell::optional(row.story.issue.as_ref().map(|issue| issue.url.as_str())))),
    ("evidence_count", Derived(|row| i64::try_from(row.proofs.len()).unwrap_or(i64::MAX).into())),
    ("evidence_urls", Derived(|row| row.of_each_proof(|proof| Some(proof.url.clone())))),
    ("evidence_dates", Derived(|row| row.of_each_proof(|proof| proof.dated_on.map(|day| day.to_string())))),
    ("evidence_digests", Derived(|row| row.of_each_proof(|proof| proof.digest.clone()))),
    ("last_event", Derived(|row| Cell::optional(row.story.last.as_ref().map(|mark| mark.event)))),
    ("last_event_at", Derived(|row| Cell::optional(row.story.last.as_ref().map(|mark| mark.at)))),
    ("last_event_by", Derived(|row| Cell::optional(row.story.last.as_ref().map(|mark| mark.by.as_str())))),
    ("last_event_hash", Derived(|row| Cell::text(row.story.last_hash.clone()))),
];

/// The names of the columns.
pub(super) fn columns() -> Vec<&'static str> {
    COLUMNS.iter().map(|(name, _)| *name).collect()
}

impl Row<'_> {
    /// The cells of the row, one for each column.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let cell = |(name, source): &(&str, Source)| match source {
            Own if *name == "id" => Cell::text(self.id.to_string()),
            Own => self.past.said(self.story, name).into(),
            Report(column) => self.report.map_or(Cell::Empty, |report| self.past.said(report, column).into()),
            Derived(derive) => derive(self),
        };
        COLUMNS.iter().map(cell).collect()
    }

    fn said(&self, column: &str) -> Said<'_> {
        self.past.said(self.story, column)
    }

    fn days_overdue(&self) -> i64 {
        days_overdue(self.past.state(self.story), self.said("due_on").read(), self.day)
    }

    fn of_each_proof(&self, value: impl Fn(&Proof) -> Option<String>) -> Cell {
        if self.proofs.is_empty() {
            return Cell::Empty;
        }
        Cell::List(self.proofs.iter().map(|proof| value(proof).unwrap_or_else(|| "-".to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{is_implied, tests::proposed};

    #[test]
    fn every_column_of_an_action_is_there_once() {
        let names = columns();
        let of_actions = serde_json::to_value(proposed()).unwrap();
        for name in of_actions.as_object().unwrap().keys() {
            // The identity in the marker is nobody's business, and tells nothing.
            assert!(
                is_implied(name) || name == "ulid" || names.contains(&name.as_str()),
                "{name} is missing"
            );
        }
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len(), "each once");
    }
}
