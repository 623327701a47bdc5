//! What both views of a report say: its facts, and what each action is.

use anstyle::Style;
use chrono::{DateTime, FixedOffset};
use incident_report::{CandidateAction, Reading};

use super::super::{report::people_rows, table};
use crate::{
    action::Severity,
    intake::{self, Draft, Team},
};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

/// A report that was read, and how to tell of it.
pub(super) struct Found<'r> {
    /// The source as the person named it.
    pub(super) shown: &'r str,
    pub(super) reading: &'r Reading,
    pub(super) team: &'r Team,
    /// Whether to say why.
    pub(super) explain: bool,
}

impl Found<'_> {
    /// The title, the source, and the facts.
    pub(super) fn head(&self) -> String {
        let facts = &self.reading.report;
        let title = facts.title.as_deref().unwrap_or("no title");
        let format = facts.format.title();
        let mut head = format!("{BOLD}{title}{BOLD:#}  {DIM}{}, {format}{DIM:#}\n", self.shown);
        let moment = |moment: DateTime<FixedOffset>| moment.format("%Y-%m-%d %H:%M %:z").to_string();
        let severity = intake::severity_of(facts);
        let mut rows = vec![
            ("incident", facts.incident_date.map(|day| day.to_string())),
            ("began", facts.started_at.map(moment)),
            ("resolved", facts.resolved_at.map(moment)),
            ("duration", facts.duration_minutes.map(|minutes| format!("{minutes} minutes"))),
            ("severity", (severity != Severity::Unknown).then(|| severity.to_string())),
            ("reported", facts.report_date.map(|day| day.to_string())),
            ("root cause", facts.root_cause.clone()),
        ];
        rows.extend(people_rows(&intake::people_of(facts, &self.team.people)));
        if rows.iter().any(|(_, value)| value.is_some()) {
            head.push_str(&format!("{}\n", table::facts(rows)));
        }
        head
    }

    /// What an action is, in one line: owner, day, area, kind, and its issue where it has one already.
    pub(super) fn facts(&self, read: &CandidateAction, draft: &Draft) -> Vec<String> {
        let mut facts = vec![draft.category.to_string(), draft.kind.to_string()];
        facts.extend(draft.owner.as_ref().map(|owner| format!("owner {}", owner.name)));
        facts.extend(match (&read.due, &read.due_text) {
            (Some(due), Some(text)) if due.date.to_string() != *text => {
                Some(format!("due {} (“{text}”)", due.date))
            }
            (None, Some(text)) => Some(format!("due “{text}”, which is no day")),
            (Some(due), _) => Some(format!("due {}", due.date)),
            (None, None) => None,
        });
        facts.extend(draft.priority.map(|priority| format!("{priority} priority")));
        facts.extend(read.tracked_in.as_ref().map(|issue| format!("tracked in {issue}")));
        facts
    }

    /// Why it is an action, and why it has its category and kind.
    pub(super) fn why(&self, read: &CandidateAction, draft: &Draft) -> String {
        let matched = if draft.matched.is_empty() { "no word".to_owned() } else { draft.matched.join(", ") };
        format!("{} ({}); category and kind by: {matched}", read.why, read.rule.as_str())
    }
}

/// What is behind the number of an action that the report calls done.
pub(super) fn mark(read: &CandidateAction) -> &'static str {
    match read.done {
        Some(true) => " (already done)",
        Some(false) | None => "",
    }
}
