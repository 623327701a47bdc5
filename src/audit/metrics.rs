//! How well a team keeps what its reports promise, as the history says it.
//!
//! Invariant: each figure is a number of actions out of a number of actions, so that nobody reads much into little; what counts is
//! told in `docs/audit.md`.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;

use super::{Checkpoint, Past, Story, Words};
use crate::{
    action::{ActionId, ReportId, Severity, State, days_overdue},
    clock::Clocks,
};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Those for which it holds.
    pub n: usize,
    /// Those that were asked about.
    pub of: usize,
}

impl Share {
    fn count(&mut self, holds: bool) {
        self.of += 1;
        self.n += usize::from(holds);
    }
}

/// How many actions of one quarter and severity were done by the day that the policy set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The quarter of the incident, or of the acceptance where no report tells the day, as `2026-Q2`.
    pub quarter: String,
    /// How bad the incident was.
    pub severity: Severity,
    /// Those done in time, of those that were done or whose day has passed.
    pub within_policy: Share,
}

/// How long it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// How bad the incident was; nothing for all together.
    pub severity: Option<Severity>,
    /// How many actions were done.
    pub done: usize,
    /// The median of the days from acceptance to the end of the work; of two in the middle, the longer.
    pub median_days: Option<i64>,
}

/// How long what is overdue has been so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ageing {
    /// 1 to 7 days.
    pub days_1_to_7: usize,
    /// 8 to 30 days.
    pub days_8_to_30: usize,
    /// 31 to 90 days.
    pub days_31_to_90: usize,
    /// More than 90 days.
    pub days_over_90: usize,
}

/// Who looked at finished work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// Those that were verified, of those that are finished.
    pub verified: Share,
    /// Those that somebody other than their owner verified, of those that were verified.
    pub by_another: Share,
    /// Those with evidence, of those that are finished.
    pub with_evidence: Share,
}

/// A waiver that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The action.
    pub id: ActionId,
    /// Who accepted the risk; nothing where that was erased.
    pub accepted_by: Option<String>,
    /// Why; nothing where that was erased.
    pub reason: Option<String>,
    /// Its last day.
    pub until: Option<NaiveDate>,
}

/// Promised days that were moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Actions whose day was moved, of those that have one.
    pub actions: Share,
    /// How often, all together.
    pub moves: i64,
}

/// An incident that came again while an action of an earlier one was still open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// The report of the later incident.
    pub report: ReportId,
    /// The day of the later incident.
    pub on: NaiveDate,
    /// The report of the earlier one.
    pub earlier: ReportId,
    /// The actions that were open on that day.
    pub open: Vec<ActionId>,
    /// How it is known that it came again.
    pub because: Because,
}

/// How it is known that an incident came again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Both reports ask for the action: a person said so.
    SameAction,
    /// Both reports name the same root cause.
    SameRootCause,
}

/// Everything that is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metrics {
    /// The last day that counts.
    pub on: NaiveDate,
    /// What was known then, where that was asked for.
    pub as_of: Option<DateTime<Utc>>,
    /// Where the history ended then.
    pub checkpoint: Checkpoint,
    /// How many actions are in each state.
    pub states: BTreeMap<&'static str, usize>,
    /// Done in time, oldest quarter first, worst severity first.
    pub within_policy: Vec<Kept>,
    /// How long it takes, all together and by severity.
    pub days_to_done: Vec<Pace>,
    /// How long what is overdue has been so.
    pub overdue: Ageing,
    /// Who looked at finished work.
    pub finished: Looked,
    /// The waivers that stand, the first to end first.
    pub waived: Vec<Standing>,
    /// Promised days that were moved.
    pub moved: Moved,
    /// Incidents that came again while an action of an earlier one was still open.
    pub repeats: Vec<Repeat>,
}

/// Measures what was known at `moment`.
#[must_use]
pub fn metrics(past: &Past, clocks: &Clocks, moment: DateTime<Utc>, as_of: Option<DateTime<Utc>>) -> Metrics {
    let day = clocks.day_of(moment);
    let mut metrics = Metrics {
        on: day,
        as_of,
        checkpoint: past.end.clone(),
        states: State::ALL.iter().map(|state| (state.as_str(), 0)).collect(),
        within_policy: Vec::new(),
        days_to_done: Vec::new(),
        overdue: Ageing::default(),
        finished: Looked::default(),
        waived: waived(past),
        moved: Moved::default(),
        repeats: repeats(past, clocks),
    };
    let mut kept: BTreeMap<(String, Severity), Share> = BTreeMap::new();
    let mut days: BTreeMap<Severity, Vec<i64>> = BTreeMap::new();
    let proven: std::collections::HashSet<ActionId> = past.proofs.iter().map(|proof| proof.action).collect();
    for (id, story) in &past.actions {
        let (state, severity) = (past.state(story), past.severity_of(story));
        *metrics.states.entry(state.as_str()).or_default() += 1;
        if let Some(in_time) = past.within_policy(story, clocks, day) {
            kept.entry((quarter(past, story, clocks), severity)).or_default().count(in_time);
        }
        days.entry(severity).or_default().extend(past.days_to_done(story, clocks));
        let due_on: Option<NaiveDate> = past.said(story, "due_on").read();
        let ageing = &mut metrics.overdue;
        match days_overdue(state, due_on, day) {
            ..=0 => {}
            1..=7 => ageing.days_1_to_7 += 1,
            8..=30 => ageing.days_8_to_30 += 1,
            31..=90 => ageing.days_31_to_90 += 1,
            _ => ageing.days_over_90 += 1,
        }
        if matches!(state, State::Done | State::Verified) {
            let finished = &mut metrics.finished;
            finished.with_evidence.count(proven.contains(id));
            let verified = past.verified(story);
            finished.verified.count(verified.is_some());
            if let Some(mark) = verified {
                let owner = past.said(story, "owner").text();
                // Somebody may write down what another one looked at.
                let by = past.said(story, "verifier").text().unwrap_or(&mark.by);
                let is_owner = owner.is_some_and(|owner| owner.eq_ignore_ascii_case(by));
                finished.by_another.count(!is_owner);
            }
        }
        if due_on.is_some() {
            let moves = match past.said(story, "due_moves") {
                super::Said::Value(value) => value.as_i64().unwrap_or_default(),
                _ => 0,
            };
            metrics.moved.actions.count(moves > 0);
            metrics.moved.moves += moves;
        }
    }
    metrics.within_policy = kept
        .into_iter()
        .map(|((quarter, severity), within_policy)| Kept { quarter, severity, within_policy })
        .collect();
    let all = days.values().flatten().copied().collect();
    metrics.days_to_done.push(pace(None, all));
    let by_severity = days.into_iter().filter(|(_, days)| !days.is_empty());
    metrics.days_to_done.extend(by_severity.map(|(severity, days)| pace(Some(severity), days)));
    metrics
}

fn pace(severity: Option<Severity>, mut days: Vec<i64>) -> Pace {
    days.sort_unstable();
    Pace { severity, done: days.len(), median_days: days.get(days.len() / 2).copied() }
}

fn quarter(past: &Past, story: &Story, clocks: &Clocks) -> String {
    let report = past.report_of(story).and_then(|report| past.reports.get(&report));
    let incident: Option<NaiveDate> = report.and_then(|report| past.said(report, "incident_date").read());
    let accepted = || story.accepted.as_ref().map(|mark| clocks.day_of(mark.at));
    match incident.or_else(accepted) {
        Some(day) => format!("{}-Q{}", day.year(), day.month0() / 3 + 1),
        None => "unknown".to_owned(),
    }
}

fn waived(past: &Past) -> Vec<Standing> {
    let said = |words: &Words| match words {
        Words::Said(text) => Some(text.clone()),
        Words::None | Words::Erased => None,
    };
    let mut standing: Vec<Standing> = past
        .waivers
        .iter()
        .filter(|waiver| waiver.ended.is_none())
        .map(|waiver| Standing {
            id: waiver.action,
            accepted_by: said(&waiver.accepted_by),
            reason: said(&waiver.reason),
            until: waiver.until,
        })
        .collect();
    standing.sort_by_key(|standing| (standing.until, standing.id));
    standing
}

/// A text without what people write differently: case, and white space.
fn plain(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The incidents that came again while an action of an earlier one was open on the day of the later.
fn repeats(past: &Past, clocks: &Clocks) -> Vec<Repeat> {
    let day_of = |id: ReportId| -> Option<NaiveDate> {
        let report = past.reports.get(&id)?;
        let incident = past.said(report, "incident_date").read();
        incident.or_else(|| report.proposed.as_ref().map(|mark| clocks.day_of(mark.at)))
    };
    let mut days: Vec<(NaiveDate, ReportId)> =
        past.reports.keys().filter_map(|id| Some((day_of(*id)?, *id))).collect();
    days.sort_unstable();
    let mut pairs: BTreeMap<(ReportId, ReportId), (Because, Vec<ActionId>)> = BTreeMap::new();
    let mut of_report: HashMap<ReportId, Vec<ActionId>> = HashMap::new();
    for (id, story) in &past.actions {
        let Some(report) = past.report_of(story) else { continue };
        of_report.entry(report).or_default().push(*id);
        for later in &story.also_of {
            let days = (day_of(report), day_of(*later));
            if let (Some(earlier_day), Some(later_day)) = days
                && earlier_day <= later_day
                && story.was_owed_on(later_day, clocks)
            {
                pairs.entry((*later, report)).or_insert((Because::SameAction, Vec::new())).1.push(*id);
            }
        }
    }
    // Of each cause, the reports until now that something was still owed for: no incident is a repeat of one that is settled.
    let mut by_cause: HashMap<String, Vec<ReportId>> = HashMap::new();
    for (day, id) in days {
        let cause =
            past.reports.get(&id).and_then(|report| past.said(report, "root_cause").text()).map(plain);
        let Some(cause) = cause.filter(|cause| !cause.is_empty()) else { continue };
        let earlier = by_cause.entry(cause).or_default();
        let of = |id: &ReportId| of_report.get(id).map_or(&[][..], Vec::as_slice);
        earlier.retain(|earlier| of(earlier).iter().any(|id| past.actions[id].is_owed_after(day, clocks)));
        let open = |earlier: &ReportId| -> Vec<ActionId> {
            of(earlier).iter().copied().filter(|id| past.actions[id].was_owed_on(day, clocks)).collect()
        };
        let mut latest_first = earlier.iter().rev().map(|earlier| (*earlier, open(earlier)));
        if let Some((earlier, open)) = latest_first.find(|(_, open)| !open.is_empty()) {
            pairs.entry((id, earlier)).or_insert((Because::SameRootCause, open));
        }
        earlier.push(id);
    }
    let repeat = |((report, earlier), (because, open)): ((ReportId, ReportId), (Because, Vec<ActionId>))| {
        Some(Repeat { report, on: day_of(report)?, earlier, open, because })
    };
    pairs.into_iter().filter_map(repeat).collect()
}
