//! What each command makes of an action.

use proptest::prelude::*;

use super::*;
use crate::action::{ActionId, Edit, Kind, ReportId};

/// A proposed action as an import leaves it.
pub(crate) fn proposed() -> Action {
    let now = moment("2024-05-15T09:00:00Z");
    Action {
        id: ActionId::new(1),
        ulid: "01HY0000000000000000000001".to_owned(),
        quote: "- Rotate the signing key".to_owned(),
        section: Some("Action items".to_owned()),
        line: 12,
        kind: Kind::Prevent,
        version: 1,
        ..Action::proposed(ReportId::new(1), "Rotate the signing key", now)
    }
}

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn give(action: &Action, command: &Command) -> Result<Option<Change>, Refusal> {
    action.command(command, moment("2024-05-16T08:00:00Z"), day("2024-05-16"))
}

fn accepted() -> Action {
    give(&proposed(), &Command::Accept { policy_due_on: day("2024-07-15") }).unwrap().unwrap().after
}

#[test]
fn accepting_promises_the_day_of_the_policy_unless_the_report_names_one() {
    assert_eq!(accepted().due_on, Some(day("2024-07-15")));
    let stated = Action { due_on: Some(day("2024-06-01")), ..proposed() };
    let after = give(&stated, &Command::Accept { policy_due_on: day("2024-07-15") }).unwrap().unwrap().after;
    assert_eq!((after.due_on, after.original_due_on), (Some(day("2024-06-01")), Some(day("2024-06-01"))));
    assert_eq!(after.policy_due_on, Some(day("2024-07-15")));
}

#[test]
fn what_the_report_says_is_done_is_done_on_acceptance() {
    let done = Action { reported_done: Some(true), ..proposed() };
    let after = give(&done, &Command::Accept { policy_due_on: day("2024-07-15") }).unwrap().unwrap().after;
    assert_eq!((after.state, after.done_at), (State::Done, Some(moment("2024-05-16T08:00:00Z"))));
}

#[test]
fn moving_a_promise_needs_a_reason_is_counted_and_keeps_the_first_one() {
    let action = accepted();
    let silent = Command::Due { on: day("2024-08-01"), reason: None };
    assert_eq!(give(&action, &silent), Err(Refusal::ReasonMissing { from: day("2024-07-15") }));
    let moved = Command::Due { on: day("2024-08-01"), reason: Some("vendor is late".to_owned()) };
    let after = give(&action, &moved).unwrap().unwrap().after;
    assert_eq!((after.due_moves, after.original_due_on), (1, Some(day("2024-07-15"))));
    let past = Command::Due { on: day("2024-05-15"), reason: Some("x".to_owned()) };
    assert_eq!(
        give(&action, &past),
        Err(Refusal::DateInPast { on: day("2024-05-15"), today: day("2024-05-16") })
    );
}

#[test]
fn unblocking_goes_back_to_where_it_was() {
    let started = give(&accepted(), &Command::Start { reason: None }).unwrap().unwrap().after;
    for (action, expected) in [(accepted(), State::Open), (started, State::InProgress)] {
        let blocked =
            give(&action, &Command::Block { reason: "no access".to_owned(), by: ActionIds::default() })
                .unwrap()
                .unwrap()
                .after;
        let after = give(&blocked, &Command::Unblock { reason: None }).unwrap().unwrap().after;
        assert_eq!((after.state, after.resume_state), (expected, None));
    }
}

#[test]
fn a_command_given_twice_changes_nothing_the_second_time() {
    let done = Command::Done { reason: None };
    let after = give(&accepted(), &done).unwrap().unwrap().after;
    assert_eq!(give(&after, &done), Ok(None));
    let assign = Command::Assign { owner: "gapio".to_owned() };
    let after = give(&accepted(), &assign).unwrap().unwrap().after;
    assert_eq!(give(&after, &assign), Ok(None));
    let accept = Command::Accept { policy_due_on: day("2024-07-15") };
    for said_done in [None, Some(true)] {
        let action = Action { reported_done: said_done, ..proposed() };
        let after = give(&action, &accept).unwrap().unwrap().after;
        assert_eq!(give(&after, &accept), Ok(None));
    }
}

#[test]
fn what_is_corrected_is_noted_also_where_it_was_right() {
    let action = proposed();
    let edit = Edit { kind: Some(action.kind), title: Some("Rotate it".to_owned()), ..Edit::default() };
    let change = give(&action, &Command::Edit(edit.clone())).unwrap().unwrap();
    assert_eq!(change.after.corrected.to_string(), "kind title");
    assert_eq!(change.event.set["corrected"], "kind title");
    assert_eq!(change.event.texts["title"], "Rotate it");
    assert_eq!(give(&change.after, &Command::Edit(edit)), Ok(None));
    let no_description = Edit { description: Some(String::new()), ..Edit::default() };
    let explained = Action { description: Some("Every month.".to_owned()), ..action };
    let after = give(&explained, &Command::Edit(no_description.clone())).unwrap().unwrap().after;
    assert_eq!(after.description, None);
    let done = Action { state: State::Done, ..explained };
    assert_eq!(
        give(&done, &Command::Edit(no_description)),
        Err(Refusal::Over { verb: "edit", state: State::Done })
    );
}

#[test]
fn an_event_names_what_changed_and_keeps_words_of_people_apart() {
    let change = give(&accepted(), &Command::Assign { owner: "gapio".to_owned() }).unwrap().unwrap();
    assert_eq!(change.event.texts.get("owner").map(String::as_str), Some("gapio"));
    assert!(change.event.set.is_empty(), "{:?}", change.event.set);
    let change =
        give(&accepted(), &Command::Block { reason: "no access".to_owned(), by: ActionIds::default() })
            .unwrap()
            .unwrap();
    assert_eq!(change.event.set["state"], "blocked");
    assert_eq!(change.event.was["state"], "open");
    assert_eq!(change.event.texts["reason"], "no access");
}

fn after(action: &Action, command: &Command) -> Action {
    give(action, command).unwrap().unwrap().after
}

fn done() -> Action {
    let owned = after(&accepted(), &Command::Assign { owner: "gapio".to_owned() });
    after(&owned, &Command::Done { reason: None })
}

fn waive(until: &str) -> Command {
    Command::Waive {
        reason: "the vendor has no date".to_owned(),
        accepted_by: "boss".to_owned(),
        until: day(until),
        latest: day("2024-08-14"),
    }
}

#[test]
fn somebody_else_verifies_and_the_owner_never_does() {
    let verify = |by: &str| Command::Verify { by: by.to_owned(), reason: None };
    for owner in ["gapio", "GApio"] {
        let refused = Err(Refusal::VerifiedByOwner { owner: "gapio".to_owned() });
        assert_eq!(give(&done(), &verify(owner)), refused);
    }
    let verified = after(&done(), &verify("oka"));
    assert_eq!((verified.state, verified.verifier.as_deref()), (State::Verified, Some("oka")));
    assert!(verified.verified_at.is_some() && verified.done_at == done().done_at);
    assert_eq!(give(&verified, &verify("boss")), Ok(None));
    assert!(matches!(give(&accepted(), &verify("oka")), Err(Refusal::Illegal(_))));
}

#[test]
fn what_is_rejected_is_worked_on_again() {
    let reject = Command::Reject { reason: "it failed again".to_owned() };
    let rejected = after(&done(), &reject);
    assert_eq!((rejected.state, rejected.done_at), (State::InProgress, None));
    assert_eq!(give(&rejected, &reject), Ok(None));
    let verified = after(&done(), &Command::Verify { by: "oka".to_owned(), reason: None });
    assert!(matches!(give(&verified, &reject), Err(Refusal::Illegal(_))));
}

#[test]
fn a_waiver_says_who_why_and_until_when_and_nothing_is_due_meanwhile() {
    let waived = after(&accepted(), &waive("2024-06-30"));
    assert_eq!((waived.state, waived.waived_until), (State::Waived, Some(day("2024-06-30"))));
    assert_eq!(waived.waived_by.as_deref(), Some("boss"));
    assert_eq!(give(&waived, &waive("2024-06-30")), Ok(None));
    // It is given again for longer, and taken back by reopening.
    assert_eq!(after(&waived, &waive("2024-07-31")).waived_until, Some(day("2024-07-31")));
    let due = Command::Due { on: day("2024-09-01"), reason: Some("x".to_owned()) };
    assert_eq!(give(&waived, &due), Err(Refusal::Waived { until: day("2024-06-30") }));
    let reopened = after(&waived, &Command::Reopen { reason: None, policy_due_on: day("2024-07-15") });
    assert_eq!(reopened, Action { state: State::Open, ..accepted() });
    for (until, refused) in [
        ("2024-05-16", Refusal::WaiverOver { until: day("2024-05-16"), today: day("2024-05-16") }),
        ("2024-08-15", Refusal::WaiverTooLong { until: day("2024-08-15"), latest: day("2024-08-14") }),
    ] {
        assert_eq!(give(&accepted(), &waive(until)), Err(refused));
    }
}

#[test]
fn a_waiver_ends_when_its_last_day_is_over() {
    let waived = after(&accepted(), &waive("2024-06-30"));
    let on = |today: &str| waived.command(&Command::EndWaiver, moment("2024-07-01T08:00:00Z"), day(today));
    assert_eq!(on("2024-06-30"), Ok(None));
    let ended = on("2024-07-01").unwrap().unwrap();
    assert_eq!(
        (ended.after.state, ended.after.waived_until, ended.after.waived_by),
        (State::Open, None, None)
    );
    assert_eq!(ended.event.was["waived_until"], "2024-06-30");
    assert_eq!(give(&accepted(), &Command::EndWaiver), Ok(None));
}

#[test]
fn what_waits_for_others_names_them_until_it_goes_on() {
    let block = |by: &[i64]| Command::Block {
        reason: "no access".to_owned(),
        by: by.iter().copied().map(ActionId::new).collect(),
    };
    let blocked = after(&accepted(), &block(&[3]));
    assert_eq!(blocked.blocked_by.iter().collect::<Vec<_>>(), [ActionId::new(3)]);
    assert_eq!(after(&blocked, &block(&[3, 2])).blocked_by.iter().count(), 2);
    assert_eq!(give(&blocked, &block(&[])), Ok(None));
    assert!(after(&blocked, &Command::Unblock { reason: None }).blocked_by.is_empty());
    assert_eq!(give(&accepted(), &block(&[1])), Err(Refusal::BlockedByItself));
}

#[test]
fn what_is_merged_is_a_duplicate_also_where_nobody_took_it_on() {
    let merge = Command::Merge { into: ActionId::new(2), reason: None };
    for action in [proposed(), accepted()] {
        let merged = after(&action, &merge);
        assert_eq!((merged.state, merged.disposition), (State::Dropped, Some(Disposition::Duplicate)));
        assert_eq!(merged.duplicate_of, Some(ActionId::new(2)));
        assert_eq!(give(&merged, &merge), Ok(None));
    }
    let itself = Command::Merge { into: ActionId::new(1), reason: None };
    assert_eq!(give(&accepted(), &itself), Err(Refusal::DuplicateOfItself));
}

proptest! {
    /// Whatever a command did, taking it back gives the action as it was.
    #[test]
    fn what_was_done_is_taken_back_to_the_last_column(steps in prop::collection::vec(any_command(), 1..12)) {
        let mut action = proposed();
        for command in steps {
            let Ok(Some(change)) = give(&action, &command) else { continue };
            let undo = Command::Undo { before: Box::new(action.clone()), event: 7 };
            let undone = give(&change.after, &undo).unwrap().unwrap();
            prop_assert_eq!(&undone.after, &action);
            prop_assert_eq!(&undone.event.set["undone"], 7);
            action = change.after;
        }
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    let reason = || "because".to_owned();
    prop::sample::select(vec![
        Command::Accept { policy_due_on: day("2024-07-15") },
        Command::Decline { reason: reason() },
        Command::Assign { owner: "gapio".to_owned() },
        Command::Edit(Edit { title: Some("Rotate it".to_owned()), ..Edit::default() }),
        Command::Due { on: day("2024-08-01"), reason: Some(reason()) },
        Command::Start { reason: None },
        Command::Block { reason: reason(), by: [ActionId::new(3)].into_iter().collect() },
        Command::Unblock { reason: None },
        Command::Done { reason: None },
        Command::Verify { by: "oka".to_owned(), reason: None },
        Command::Reject { reason: reason() },
        waive("2024-06-30"),
        Command::Merge { into: ActionId::new(2), reason: None },
        Command::Drop { disposition: Disposition::Obsolete, reason: reason(), duplicate_of: None },
        Command::Reopen { reason: None, policy_due_on: day("2024-07-15") },
    ])
}
