//! Both sides change the same thing: the rules pick one, nothing is lost, and a person has the last word, once.

use followup::{
    action::{ActionId, Command, ConflictField, Edit, Side, State},
    sync::{Decision, Pending, ResolveError, resolve, waiting_for_a_person},
};
use github_sandbox::{CloseReason, Effect, Fault};

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, day, owned},
};

async fn published() -> (World, ActionId) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    world.publish().await;
    (world, ids[0])
}

impl World {
    async fn renames_here(&self, id: ActionId, title: &str) {
        let edit = Edit { title: Some(title.to_owned()), ..Edit::default() };
        self.commands(id, Command::Edit(edit)).await;
    }

    async fn decides(&self, id: ActionId, keep: Side) {
        self.tries_to_decide(id, None, keep).await.unwrap();
    }

    async fn tries_to_decide(
        &self,
        id: ActionId,
        field: Option<ConflictField>,
        keep: Side,
    ) -> Result<followup::store::Conflict, ResolveError> {
        let decision = Decision {
            id: followup::action::Subject::Action(id),
            field,
            keep,
            policy_due_on: day("2024-07-14"),
        };
        resolve(&self.store, &self.stamp(), &self.clocks(), decision).await
    }

    async fn waits_for_a_person(&self) -> Vec<Pending> {
        waiting_for_a_person(&self.store).await.unwrap()
    }
}

#[tokio::test]
async fn a_title_that_both_sides_changed_is_the_trackers_until_a_person_decides() {
    for (keep, title) in [(Side::Theirs, "Theirs"), (Side::Ours, "Ours")] {
        let (world, id) = published().await;
        world.renames_here(id, "Ours").await;
        world.renames_on_github(2, "Theirs");
        let told = world.sync().await.needs_human;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].what, "both sides renamed it: the issue's “Theirs” counts, ours was “Ours”");
        assert_eq!(told[0].command.as_deref(), Some("followup resolve CA-1 title --keep theirs"));
        assert_eq!(world.action(id).await.title, "Theirs");
        // Said once; listed until it is settled, and shown as a flag.
        assert_eq!(world.sync().await.needs_human, vec![]);
        assert_eq!(world.waits_for_a_person().await, told);
        assert!(world.actions().await.contains("diverged"), "{}", world.actions().await);
        world.decides(id, keep).await;
        world.sync().await;
        assert_eq!((world.issue(2).title.as_str(), world.action(id).await.title.as_str()), (title, title));
        assert_eq!(world.waits_for_a_person().await, vec![]);
        assert!(!world.actions().await.contains("diverged"));
        world.finish().await;
    }
}

#[tokio::test]
async fn the_same_change_on_both_sides_is_no_conflict() {
    let (world, id) = published().await;
    world.renames_here(id, "The same").await;
    world.renames_on_github(2, "The same");
    world.marks_done(id).await;
    world.closes_on_github(2, CloseReason::Completed);
    assert_eq!(world.sync().await.needs_human, vec![]);
    assert_eq!(world.waits_for_a_person().await, vec![]);
    world.finish().await;
}

#[tokio::test]
async fn an_owner_given_on_both_sides_is_ours_until_a_person_decides() {
    for (keep, owner) in [(Side::Ours, "octo-lead"), (Side::Theirs, "octo-ops")] {
        let (world, id) = published().await;
        world.assigns(id, "octo-lead").await;
        world.assigns_on_github(2, Some("octo-ops"));
        let told = world.sync().await.needs_human;
        assert_eq!(told[0].command.as_deref(), Some("followup resolve CA-1 owner --keep ours"));
        assert_eq!(world.action(id).await.owner.as_deref(), Some("octo-lead"));
        world.decides(id, keep).await;
        world.sync().await;
        assert_eq!(world.action(id).await.owner.as_deref(), Some(owner));
        assert!(world.issue(2).assignees.contains(&owner.to_owned()));
        world.finish().await;
    }
}

#[tokio::test]
async fn done_here_and_not_planned_there_is_a_persons_to_decide() {
    for (keep, state) in [(Side::Ours, State::Done), (Side::Theirs, State::Dropped)] {
        let (world, id) = published().await;
        world.marks_done(id).await;
        world.closes_on_github(2, CloseReason::NotPlanned);
        let told = world.sync().await.needs_human;
        assert_eq!(told[0].what, "it is done here, and its issue was closed as not_planned: ours counts");
        assert_eq!(world.action(id).await.state, State::Done);
        world.decides(id, keep).await;
        world.sync().await;
        assert_eq!(world.action(id).await.state, state);
        assert_eq!(world.waits_for_a_person().await, vec![]);
        world.is_quiet().await;
    }
}

#[tokio::test]
async fn dropped_here_and_completed_there_can_become_done() {
    let (world, id) = published().await;
    world.drops(id, followup::action::Disposition::Obsolete).await;
    world.closes_on_github(2, CloseReason::Completed);
    assert_eq!(world.sync().await.needs_human.len(), 1);
    assert_eq!(world.action(id).await.state, State::Dropped);
    world.decides(id, Side::Theirs).await;
    world.sync().await;
    assert_eq!(world.action(id).await.state, State::Done);
    world.finish().await;
}

#[tokio::test]
async fn a_section_that_was_edited_by_hand_is_written_again_only_when_a_person_says_so() {
    for keep in [Side::Ours, Side::Theirs] {
        let (world, id) = published().await;
        let edited = world.issue(2).body.replace("| octo-dev |", "| octo-dev (ask first) |");
        world.sandbox.edit_body(REPO, 2, &edited).unwrap();
        world.moves_due(id, "2024-08-01").await;
        assert_eq!(world.sync().await.needs_human.len(), 1);
        world.decides(id, keep).await;
        world.sync().await;
        let body = world.issue(2).body;
        assert_eq!(body.contains("ask first"), keep == Side::Theirs, "{body}");
        assert_eq!(body.contains("2024-08-01"), keep == Side::Ours, "{body}");
        // Who left it to the team is not asked again.
        world.moves_due(id, "2024-09-01").await;
        assert_eq!(world.sync().await.needs_human, vec![]);
        assert_eq!(world.issue(2).body.contains("2024-09-01"), keep == Side::Ours);
        world.finish().await;
    }
}

#[tokio::test]
async fn a_section_that_was_deleted_comes_back_below_the_teams_words() {
    let (world, id) = published().await;
    world.sandbox.edit_body(REPO, 2, "Only our words.").unwrap();
    world.moves_due(id, "2024-08-01").await;
    assert_eq!(world.sync().await.needs_human.len(), 1);
    world.decides(id, Side::Ours).await;
    world.sync().await;
    let body = world.issue(2).body;
    assert!(body.starts_with("Only our words.") && body.contains("2024-08-01"), "{body}");
    world.finish().await;
}

#[tokio::test]
async fn issues_that_carry_the_same_mark_are_closed_as_duplicates_when_a_person_says_so() {
    let mut world = World::new().await;
    let ids = world.report_with(vec![owned("Rotate the signing key", "octo-dev")]).await;
    // It lands, nobody hears of it, and somebody clones it before we look.
    world.settings.publish.create_interval = std::time::Duration::ZERO;
    world.sandbox.fault(Fault::create_issue(Effect::LoseReply).nth(2));
    world.engine().await.publish(&followup::sync::Selection::default(), false).await.unwrap();
    let made = world.issue(2);
    let copy = world.opens_on_github("Rotate the signing key", &made.body);
    let summary = world.publish().await;
    assert_eq!(summary.adopted.len(), 1);
    assert_eq!(
        summary.needs_human[0].what,
        format!("2 issues carry its mark: #2 is kept, #{copy} would be closed as duplicates")
    );
    world.decides(ids[0], Side::Ours).await;
    world.sync().await;
    let closed = world.issue(copy);
    assert_eq!((closed.state.as_str(), closed.state_reason.as_deref()), ("closed", Some("duplicate")));
    assert_eq!(world.issue(2).state, "open");
    world.sync().await;
    world.is_quiet().await;
}

#[tokio::test]
async fn what_is_not_open_cannot_be_settled_and_changes_nothing() {
    let (world, id) = published().await;
    let error = world.tries_to_decide(id, None, Side::Ours).await.unwrap_err();
    assert_eq!(error.to_string(), "CA-1 has no open conflict");
    world.renames_here(id, "Ours").await;
    world.renames_on_github(2, "Theirs");
    world.assigns(id, "octo-lead").await;
    world.assigns_on_github(2, Some("octo-ops"));
    world.sync().await;
    let error = world.tries_to_decide(id, None, Side::Ours).await.unwrap_err();
    assert_eq!(error.to_string(), "CA-1 has 2 open conflicts: title, owner");
    let error = world.tries_to_decide(id, Some(ConflictField::Text), Side::Ours).await.unwrap_err();
    assert_eq!(error.to_string(), "CA-1 has no open conflict about its text");
    let events = world.events().await.len();
    assert_eq!(world.waits_for_a_person().await.len(), 2);
    world.tries_to_decide(id, Some(ConflictField::Title), Side::Theirs).await.unwrap();
    world.tries_to_decide(id, Some(ConflictField::Title), Side::Theirs).await.unwrap_err();
    assert_eq!(world.events().await.len(), events + 1);
    world.decides(id, Side::Ours).await;
    world.finish().await;
}

/// An update that landed and was not written down is ours, whatever happens here before the next look.
#[tokio::test]
async fn what_we_said_and_did_not_write_down_is_not_taken_for_somebody_elses_word() {
    let (mut world, id) = published().await;
    world.renames_here(id, "Said").await;
    world.assigns(id, "octo-ops").await;
    world.marks_done(id).await;
    let mut requests = 2;
    while world.issue(2).state == "open" {
        world.dies_in(Work::Sync, requests, Dies::After).await;
        requests += 1;
        assert!(requests < 12, "{}", world.issues());
        if world.issue(2).state == "open" {
            world.passes(chrono::Duration::minutes(5));
        }
    }
    world.nothing_is_on_its_way().await;
    // It is taken back here before anybody looked.
    world.reopens(id).await;
    world.renames_here(id, "Said otherwise").await;
    world.assigns(id, "octo-lead").await;
    let summary = world.sync().await;
    assert_eq!((summary.changed, summary.needs_human), (vec![], vec![]));
    let (action, issue) = (world.action(id).await, world.issue(2));
    assert_eq!((action.state, issue.state.as_str()), (State::Open, "open"));
    assert_eq!((action.title.as_str(), issue.title.as_str()), ("Said otherwise", "Said otherwise"));
    assert_eq!((action.owner.as_deref(), issue.assignees), (Some("octo-lead"), vec!["octo-lead".to_owned()]));
    world.finish().await;
}
