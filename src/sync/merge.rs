//! Three-way merge of an action and its issue: what both agreed on last, what we want now, what the tracker shows.
//!
//! Invariants:
//! * Pure: no I/O and no clock. The same three give the same plan.
//! * What is equal on both sides, and what nobody changed since the last agreement, gives nothing to do; so a quiet
//!   pass writes nothing, and our own writes do not come back as changes.
//! * An issue that is closed for another reason than completion never completes an action.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::body::section_digest;
use crate::{
    action::{Action, ConflictField, Disposition, IssueState, Side, State},
    intake::can_be_login,
    store::NewConflict,
    tracker::{CloseReason, Issue, IssueChange, NewIssue},
};

/// What we want the issue to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// The title, cut to what the tracker holds.
    pub(super) title: String,
    /// The login of the owner, where it can be one.
    pub(super) assignee: Option<String>,
    /// Open, or closed for a reason.
    pub(super) state: WantedState,
}

/// Which state we want the issue to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WantedState {
    Open,
    Completed,
    NotPlanned,
    Duplicate,
}

impl WantedState {
    /// As people say it of an issue: `open`, `closed as completed`.
    pub(super) fn in_words(self) -> String {
        self.close_reason().map_or("open".to_owned(), |reason| format!("closed as {}", reason.as_str()))
    }

    fn close_reason(self) -> Option<CloseReason> {
        match self {
            Self::Open => None,
            Self::Completed => Some(CloseReason::Completed),
            Self::NotPlanned => Some(CloseReason::NotPlanned),
            Self::Duplicate => Some(CloseReason::Duplicate),
        }
    }
}

impl Wanted {
    /// What we want of the issue of `action`.
    pub(super) fn of(action: &Action, max_title: usize) -> Self {
        let state = match action.state {
            State::Proposed | State::Open | State::InProgress | State::Blocked => WantedState::Open,
            State::Done | State::Verified => WantedState::Completed,
            State::Waived => WantedState::NotPlanned,
            State::Dropped if action.disposition == Some(Disposition::Duplicate) => WantedState::Duplicate,
            State::Dropped => WantedState::NotPlanned,
        };
        Self {
            title: fit(&action.title, max_title),
            assignee: action.owner.as_deref().filter(|owner| can_be_login(owner)).map(str::to_owned),
            state,
        }
    }
}

/// A title as the tracker holds it: one line, whole where it fits.
pub(super) fn fit(title: &str, max: usize) -> String {
    let line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let mut cut: String = line.chars().take(max - 1).collect();
    cut.push('…');
    cut
}

/// What both sides agreed on last: the base of the merge. Kept as JSON beside the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreed {
    /// What the tracker showed.
    pub(super) title: String,
    pub(super) state: String,
    pub(super) state_reason: Option<String>,
    pub(super) assignees: Vec<String>,
    /// The digest of our section as we wrote it last; none when it was not there.
    pub(super) section: Option<String>,
    /// The digest of our section as we asked for it last, when nobody wrote down whether it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked_section: Option<String>,
    /// What was asked for last, while nobody has written down whether it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<Asked>,
    /// The labels of ours as they were asked for last; nothing for what was made before they were kept in step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<Vec<String>>,
    /// Whether a person said that our section is to be written again, whatever stands there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) rewrites: bool,
    /// When the issue had changed last as it was seen then, on the tracker's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) updated_at: Option<DateTime<Utc>>,
    /// What we wanted; nothing for a parent.
    pub(super) wanted: Option<Wanted>,
}

/// How long a copy of the tracker's data is believed to lag behind at most.
const MOST_LAG: Duration = Duration::hours(1);

/// A change that was asked for. Where the issue shows it, it was made: nobody else is to be heard in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    wanted: Wanted,
    title: bool,
    state: bool,
    assign: Vec<String>,
    unassign: Vec<String>,
}

impl Asked {
    pub(super) fn new(wanted: &Wanted, change: &IssueChange) -> Self {
        Self {
            wanted: wanted.clone(),
            title: change.title.is_some(),
            state: change.close.is_some() || change.reopen,
            assign: change.assign.clone(),
            unassign: change.unassign.clone(),
        }
    }
}

impl Agreed {
    /// The agreement, with what was asked for last counted as agreed on where the issue shows it.
    pub(super) fn heard(&self, issue: &Issue) -> Self {
        let mut heard = self.clone();
        let (Some(asked), Some(base)) = (&self.asked, heard.wanted.as_mut()) else { return heard };
        if asked.title && issue.title == asked.wanted.title {
            heard.title.clone_from(&issue.title);
            base.title.clone_from(&asked.wanted.title);
        }
        let shows_state = match asked.wanted.state.close_reason() {
            None => issue.state == "open",
            // An older server closes a duplicate as not planned.
            Some(reason) => {
                issue.state == "closed"
                    && (issue.issue_state().is_completed() == (reason == CloseReason::Completed))
            }
        };
        if asked.state && shows_state {
            heard.state.clone_from(&issue.state);
            heard.state_reason.clone_from(&issue.state_reason);
            base.state = asked.wanted.state;
        }
        let mut is_heard = !asked.assign.is_empty() || !asked.unassign.is_empty();
        for login in asked.assign.iter().filter(|login| holds(&issue.assignees, login)) {
            if !holds(&heard.assignees, login) {
                heard.assignees.push(login.clone());
            }
        }
        is_heard &= asked.assign.iter().all(|login| holds(&issue.assignees, login));
        heard.assignees.retain(|login| !holds(&asked.unassign, login) || holds(&issue.assignees, login));
        is_heard &= asked.unassign.iter().all(|login| !holds(&issue.assignees, login));
        heard.assignees.sort_unstable();
        let is_gone = |login: &str| holds(&asked.unassign, login) && !holds(&issue.assignees, login);
        if is_heard {
            base.assignee.clone_from(&asked.wanted.assignee);
        } else if base.assignee.as_deref().is_some_and(is_gone) {
            // Taken off by us, for somebody who cannot be assigned: should the action get the one before back, that is a change.
            base.assignee = None;
        }
        heard
    }

    /// The agreement after `issue` was seen while we wanted `wanted`.
    pub(super) fn new(issue: &Issue, section: Option<String>, wanted: Option<Wanted>) -> Self {
        Self {
            title: issue.title.clone(),
            state: issue.state.clone(),
            state_reason: issue.state_reason.clone(),
            assignees: issue.assignees.clone(),
            section,
            asked_section: None,
            asked: None,
            labels: None,
            rewrites: false,
            updated_at: Some(issue.updated_at),
            wanted,
        }
    }

    /// What counts as agreed on when an action is tied to an issue that was there before. What the issue says was said
    /// before, so it is taken over: that it is done, and who does it. Its title and ours differ until somebody changes
    /// one. Nothing of the issue is changed, but that it gets our owner where it has nobody.
    pub(super) fn before_linking(issue: &Issue, wanted: &Wanted) -> Self {
        let nobody = issue.assignees.is_empty();
        let assignee = wanted.assignee.clone().filter(|_| !nobody);
        Self {
            title: issue.title.clone(),
            state: "open".to_owned(),
            state_reason: None,
            assignees: Vec::new(),
            section: None,
            asked_section: None,
            asked: None,
            labels: None,
            rewrites: false,
            updated_at: None,
            wanted: Some(Wanted { assignee, ..wanted.clone() }),
        }
    }

    /// Whether our section with this digest was written by us, as far as was asked for.
    pub(super) fn wrote(&self, section: &str) -> bool {
        [&self.section, &self.asked_section].into_iter().flatten().any(|ours| ours == section)
    }

    /// The agreement when `new` is sent: what its issue will show unless somebody changes it.
    pub(super) fn asked_for(new: &NewIssue, wanted: Option<Wanted>) -> Self {
        Self {
            title: new.title.clone(),
            state: "open".to_owned(),
            state_reason: None,
            assignees: new.assignees.clone(),
            section: section_digest(&new.body),
            asked_section: None,
            asked: None,
            labels: Some(new.labels.clone()),
            rewrites: false,
            updated_at: None,
            wanted,
        }
    }

    /// The agreement after `change` was made to an issue that showed `before` and shows `after`. What we did not change is
    /// what we had seen: somebody may have changed it between our look and our write, and that is still to be taken
    /// over. The section is for the caller.
    pub(super) fn after(before: &Issue, change: &IssueChange, after: &Issue, wanted: Option<Wanted>) -> Self {
        let title = if change.title.is_some() { after } else { before };
        let state = if change.close.is_some() || change.reopen { after } else { before };
        let people = if change.assign.is_empty() && change.unassign.is_empty() { before } else { after };
        Self {
            title: title.title.clone(),
            state: state.state.clone(),
            state_reason: state.state_reason.clone(),
            assignees: people.assignees.clone(),
            section: None,
            asked_section: None,
            asked: None,
            labels: None,
            rewrites: false,
            updated_at: Some(after.updated_at),
            wanted,
        }
    }

    /// Whether the issue still shows what was agreed on.
    pub(super) fn is_shown_by(&self, issue: &Issue) -> bool {
        self.title == issue.title
            && self.state == issue.state
            && self.state_reason == issue.state_reason
            && self.assignees == issue.assignees
    }

    /// Whether the issue shows what it was before it was seen last: then a copy that lags behind has answered, and what people
    /// closed must not be opened again by it. When it stays so for long, the tracker's clock was set back. `now` is the
    /// tracker's.
    pub(super) fn is_newer_than(&self, issue: &Issue, now: DateTime<Utc>) -> bool {
        self.updated_at.is_some_and(|known| issue.updated_at < known && now - known < MOST_LAG)
    }

    pub(super) fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain values can always be written as JSON")
    }
}

/// Something that people did in the tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Upstream {
    /// They renamed it.
    Title(String),
    /// They gave it to somebody, or to nobody.
    Owner(Option<String>),
    /// They closed it as completed.
    Completed,
    /// They opened it again.
    Reopened,
}

/// What follows from a comparison of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What the action takes over.
    pub(super) take: Vec<Upstream>,
    /// What the issue takes over; the body is not part of it.
    pub(super) push: IssueChange,
    /// What both sides changed in different ways, and which of them counts.
    pub(super) conflicts: Vec<NewConflict>,
}

/// What of `change` our labels ask for: what we want now and did not want before is added, what we wanted and do not any
/// more is taken away, and every other label is the team's. Before the first agreement nothing is changed.
pub(super) fn merge_labels(change: &mut IssueChange, ours: &[String], agreed: &Agreed, issue: &Issue) {
    let Some(base) = &agreed.labels else { return };
    let added = ours.iter().filter(|label| !holds(base, label) && !holds(&issue.labels, label));
    let removed = base.iter().filter(|label| !holds(ours, label) && holds(&issue.labels, label));
    change.label = added.cloned().collect();
    change.unlabel = removed.cloned().collect();
}

/// Compares an action with its issue.
pub(super) fn merge(action: &Action, wanted: &Wanted, agreed: &Agreed, issue: &Issue) -> Plan {
    let mut plan = Plan::default();
    let agreed = &agreed.heard(issue);
    let base = agreed.wanted.as_ref().unwrap_or(wanted);

    // The title: local until it is published, then shared; the tracker wins when both changed it.
    if issue.title != wanted.title {
        if issue.title != agreed.title {
            plan.take.push(Upstream::Title(issue.title.clone()));
            if wanted.title != base.title {
                plan.conflicts.push(NewConflict {
                    field: ConflictField::Title,
                    base: Some(agreed.title.clone()),
                    ours: Some(wanted.title.clone()),
                    theirs: Some(issue.title.clone()),
                    kept: Side::Theirs,
                });
            }
        } else if wanted.title != base.title {
            plan.push.title = Some(wanted.title.clone());
        }
    }
    merge_owner(&mut plan, action, wanted, base, agreed, issue);
    merge_state(&mut plan, action, wanted, base, agreed, issue);
    plan
}

fn merge_owner(
    plan: &mut Plan,
    action: &Action,
    wanted: &Wanted,
    base: &Wanted,
    agreed: &Agreed,
    issue: &Issue,
) {
    let has = holds;
    if wanted.assignee != base.assignee {
        let others = issue.assignees.iter().filter(|login| !has(&agreed.assignees, login));
        let others: Vec<&str> =
            others.filter(|login| wanted.assignee.as_ref() != Some(login)).map(String::as_str).collect();
        if !others.is_empty() {
            plan.conflicts.push(NewConflict {
                field: ConflictField::Owner,
                base: base.assignee.clone(),
                ours: wanted.assignee.clone(),
                theirs: Some(others.join(", ")),
                kept: Side::Ours,
            });
        }
        // Changed here: ours is in, the one before is out, everybody else stays as the tracker has it.
        if let Some(login) = wanted.assignee.as_deref().filter(|login| !has(&issue.assignees, login)) {
            plan.push.assign.push(login.to_owned());
        }
        if let Some(login) = base.assignee.as_deref().filter(|login| has(&issue.assignees, login)) {
            plan.push.unassign.push(login.to_owned());
        }
        return;
    }
    if issue.assignees == agreed.assignees {
        return;
    }
    let added = issue.assignees.iter().find(|login| !has(&agreed.assignees, login));
    match &wanted.assignee {
        Some(login) if has(&issue.assignees, login) => {}
        // The owner was never among the assignees, and is not replaced by a change among the others.
        Some(login) if !has(&agreed.assignees, login) && added.is_none() => {}
        None if action.owner.is_some() && added.is_none() => {}
        _ => {
            let next = added.or(issue.assignees.first()).cloned();
            if next != action.owner {
                plan.take.push(Upstream::Owner(next));
            }
        }
    }
}

/// Whether a login, or the name of a label, is one of these; GitHub tells neither by case.
pub(super) fn holds(logins: &[String], login: &str) -> bool {
    logins.iter().any(|other| other.eq_ignore_ascii_case(login))
}

fn merge_state(
    plan: &mut Plan,
    action: &Action,
    wanted: &Wanted,
    base: &Wanted,
    agreed: &Agreed,
    issue: &Issue,
) {
    let before = IssueState { state: &agreed.state, state_reason: agreed.state_reason.as_deref() };
    let now = issue.issue_state();
    let was_closed = agreed.state == "closed";
    let is_closed = issue.state == "closed";
    if now.is_completed() && !before.is_completed() && action.state.is_active() {
        plan.take.push(Upstream::Completed);
        return;
    }
    if was_closed && !is_closed && wanted.state == base.state && wanted.state != WantedState::Open {
        plan.take.push(Upstream::Reopened);
        return;
    }
    if wanted.state == base.state {
        return;
    }
    let is_ours_done = wanted.state == WantedState::Completed;
    if wanted.state != WantedState::Open && is_closed && now != before && now.is_completed() != is_ours_done {
        plan.conflicts.push(NewConflict {
            field: ConflictField::State,
            base: Some(agreed.state.clone()),
            ours: Some(action.state.to_string()),
            theirs: Some(format!("closed as {}", issue.state_reason.as_deref().unwrap_or("completed"))),
            kept: Side::Ours,
        });
    }
    match wanted.state.close_reason() {
        Some(reason) if !is_closed => plan.push.close = Some(reason),
        None if is_closed => plan.push.reopen = true,
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        action::Trigger,
        sync::tests::{action_and_report, issue},
    };

    fn setting() -> (Action, Wanted, Agreed, Issue) {
        let (mut action, _) = action_and_report();
        action.owner = Some("gapio".to_owned());
        let wanted = Wanted::of(&action, 250);
        let issue = Issue { title: action.title.clone(), assignees: vec!["gapio".to_owned()], ..issue() };
        let agreed = Agreed::new(&issue, None, Some(wanted.clone()));
        (action, wanted, agreed, issue)
    }

    #[test]
    fn nothing_changed_gives_nothing_to_do() {
        let (action, wanted, agreed, issue) = setting();
        assert_eq!(merge(&action, &wanted, &agreed, &issue), Plan::default());
    }

    #[test]
    fn closed_as_completed_is_done_and_closed_otherwise_is_not() {
        let (action, wanted, agreed, mut issue) = setting();
        issue.state = "closed".to_owned();
        for (reason, take) in [
            (Some("completed"), vec![Upstream::Completed]),
            (None, vec![Upstream::Completed]),
            (Some("not_planned"), vec![]),
            (Some("duplicate"), vec![]),
            (Some("something_new"), vec![]),
        ] {
            issue.state_reason = reason.map(str::to_owned);
            let plan = merge(&action, &wanted, &agreed, &issue);
            assert_eq!((plan.take, plan.push), (take, IssueChange::default()), "{reason:?}");
        }
    }

    #[test]
    fn an_issue_that_others_closed_undone_is_not_opened_again_by_the_next_pass() {
        let (action, wanted, _, mut issue) = setting();
        (issue.state, issue.state_reason) = ("closed".to_owned(), Some("not_planned".to_owned()));
        let agreed = Agreed::new(&issue, None, Some(wanted.clone()));
        assert_eq!(merge(&action, &wanted, &agreed, &issue), Plan::default());
    }

    #[test]
    fn done_here_closes_there_and_reopened_there_opens_here() {
        let (mut action, _, agreed, mut issue) = setting();
        action.transition(Trigger::Complete, action.created_at).unwrap();
        let wanted = Wanted::of(&action, 250);
        let plan = merge(&action, &wanted, &agreed, &issue);
        assert_eq!(plan.push, IssueChange { close: Some(CloseReason::Completed), ..IssueChange::default() });

        (issue.state, issue.state_reason) = ("closed".to_owned(), Some("completed".to_owned()));
        let agreed = Agreed::new(&issue, None, Some(wanted.clone()));
        (issue.state, issue.state_reason) = ("open".to_owned(), Some("reopened".to_owned()));
        assert_eq!(merge(&action, &wanted, &agreed, &issue).take, [Upstream::Reopened]);
    }

    #[test]
    fn a_new_owner_there_is_the_owner_here_and_a_new_owner_here_is_assigned_there() {
        let (action, wanted, agreed, mut issue) = setting();
        issue.assignees = vec!["oka".to_owned()];
        let take = merge(&action, &wanted, &agreed, &issue).take;
        assert_eq!(take, [Upstream::Owner(Some("oka".to_owned()))]);
        issue.assignees = vec![];
        assert_eq!(merge(&action, &wanted, &agreed, &issue).take, [Upstream::Owner(None)]);
        issue.assignees = vec!["gapio".to_owned(), "oka".to_owned()];
        assert_eq!(merge(&action, &wanted, &agreed, &issue).take, []);

        let mut moved = action;
        moved.owner = Some("oka".to_owned());
        issue.assignees = vec!["gapio".to_owned(), "watcher".to_owned()];
        let push = merge(&moved, &Wanted::of(&moved, 250), &agreed, &issue).push;
        assert_eq!((push.assign, push.unassign), (vec!["oka".to_owned()], vec!["gapio".to_owned()]));
    }

    #[test]
    fn a_title_changed_on_both_sides_is_the_trackers() {
        let (mut action, _, agreed, mut issue) = setting();
        action.title = "Ours".to_owned();
        let wanted = Wanted::of(&action, 250);
        assert_eq!(merge(&action, &wanted, &agreed, &issue).push.title.as_deref(), Some("Ours"));
        issue.title = "Theirs".to_owned();
        let plan = merge(&action, &wanted, &agreed, &issue);
        assert_eq!((plan.take, plan.push.title), (vec![Upstream::Title("Theirs".to_owned())], None));
    }

    #[test]
    fn what_an_issue_says_that_was_there_before_is_taken_over() {
        let (mut action, ..) = setting();
        let theirs = Issue { title: "Theirs".to_owned(), ..issue() };
        let linked = |action: &Action, issue: &Issue| {
            let wanted = Wanted::of(action, 250);
            merge(action, &wanted, &Agreed::before_linking(issue, &wanted), issue)
        };
        // Nobody does it there: our owner does.
        let plan = linked(&action, &theirs);
        assert_eq!(plan.push, IssueChange { assign: vec!["gapio".to_owned()], ..IssueChange::default() });
        assert_eq!(plan.take, []);
        let taken = Issue { assignees: vec!["oka".to_owned()], ..theirs.clone() };
        let done =
            Issue { state: "closed".to_owned(), state_reason: Some("completed".to_owned()), ..taken.clone() };
        assert_eq!(linked(&action, &taken).take, [Upstream::Owner(Some("oka".to_owned()))]);
        let both = Issue { assignees: vec!["gapio".to_owned(), "oka".to_owned()], ..theirs.clone() };
        assert_eq!(linked(&action, &both), Plan::default());
        let take = linked(&action, &done).take;
        assert_eq!(take, [Upstream::Owner(Some("oka".to_owned())), Upstream::Completed]);
        // An issue that somebody keeps open is not closed because the report says that it is done.
        action.transition(Trigger::Complete, action.created_at).unwrap();
        assert_eq!(linked(&action, &both), Plan::default());
        action.owner = None;
        assert_eq!(linked(&action, &theirs), Plan::default());
    }

    #[test]
    fn a_long_title_is_cut_and_a_short_one_is_whole() {
        assert_eq!(fit("two\n lines", 250), "two lines");
        assert_eq!(fit(&"ä".repeat(250), 250), "ä".repeat(250));
        assert_eq!(fit(&"ä".repeat(251), 250), format!("{}…", "ä".repeat(249)));
    }

    fn any_issue() -> impl Strategy<Value = Issue> {
        let states = prop::sample::select(vec![
            ("open", None),
            ("open", Some("reopened")),
            ("closed", Some("completed")),
            ("closed", None),
            ("closed", Some("not_planned")),
            ("closed", Some("duplicate")),
        ]);
        let logins = prop::sample::subsequence(vec!["gapio", "oka", "zoe"], 0..=3);
        (states, logins, prop::sample::select(vec!["A", "B", "C"])).prop_map(
            |((state, reason), logins, title)| Issue {
                title: title.to_owned(),
                state: state.to_owned(),
                state_reason: reason.map(str::to_owned),
                assignees: logins.into_iter().map(str::to_owned).collect(),
                ..issue()
            },
        )
    }

    fn any_action() -> impl Strategy<Value = Action> {
        let owner = prop::sample::select(vec![None, Some("gapio"), Some("oka"), Some("Grace Apio")]);
        (prop::sample::select(State::ALL), owner, prop::sample::select(vec!["A", "B", "C"])).prop_map(
            |(state, owner, title)| {
                let (mut action, _) = action_and_report();
                action.state = state;
                action.owner = owner.map(str::to_owned);
                action.title = title.to_owned();
                action
            },
        )
    }

    /// Does what a plan says, as the engine and the tracker would.
    fn carry_out(plan: &Plan, action: &mut Action, issue: &mut Issue) {
        for upstream in &plan.take {
            match upstream {
                Upstream::Title(title) => action.title.clone_from(title),
                Upstream::Owner(owner) => action.owner.clone_from(owner),
                Upstream::Completed => action.transition(Trigger::IssueCompleted, issue.updated_at).unwrap(),
                Upstream::Reopened => action.transition(Trigger::IssueReopened, issue.updated_at).unwrap(),
            }
        }
        if let Some(title) = &plan.push.title {
            issue.title.clone_from(title);
        }
        if let Some(reason) = plan.push.close {
            (issue.state, issue.state_reason) = ("closed".to_owned(), Some(reason.as_str().to_owned()));
        }
        if plan.push.reopen {
            (issue.state, issue.state_reason) = ("open".to_owned(), Some("reopened".to_owned()));
        }
        issue.assignees.retain(|login| !plan.push.unassign.contains(login));
        issue.assignees.extend(plan.push.assign.iter().cloned());
        issue.assignees.sort();
    }

    proptest! {
        #[test]
        fn whatever_both_sides_did_the_second_comparison_finds_nothing(
            before in any_action(), mut action in any_action(), first in any_issue(), mut issue in any_issue(),
        ) {
            let agreed = Agreed::new(&first, None, Some(Wanted::of(&before, 250)));
            let was_active = action.state.is_active();
            let plan = merge(&action, &Wanted::of(&action, 250), &agreed, &issue);
            carry_out(&plan, &mut action, &mut issue);
            let agreed = Agreed::new(&issue, None, Some(Wanted::of(&action, 250)));
            prop_assert_eq!(merge(&action, &Wanted::of(&action, 250), &agreed, &issue), Plan::default());
            // Won't do is not done.
            if was_active && action.state == State::Done {
                prop_assert!(issue.issue_state().is_completed());
            }
        }
    }
}
