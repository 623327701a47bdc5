//! Three-way merge of an action and its issue: what both agreed on last, what we want now, what the tracker shows.
//!
//! Invariants:
//! * Pure: no I/O and no clock. The same three give the same plan.
//! * What is equal on both sides, and what nobody changed since the last agreement, gives nothing to do; so a quiet
//!   pass writes nothing, and our own writes do not come back as changes.
//! * An issue that is closed for another reason than completion never completes an action.

use super::agreed::{Agreed, Wanted, WantedState, holds};
use crate::{
    action::{Action, ConflictField, IssueState, Side},
    store::NewConflict,
    tracker::{Issue, IssueChange},
};

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
        action::{State, Trigger},
        sync::tests::{action_and_report, issue},
        tracker::CloseReason,
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
