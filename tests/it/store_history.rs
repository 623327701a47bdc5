//! Asking the history, handing it out, and erasing words from it, on both databases.

use followup::{
    action::{ActionId, ActorKind},
    audit::{self, AsOf, Selection},
    clock::Clocks,
    store::{EventFilter, NewReport, Stamp},
};

use crate::{
    database::{Database, on_both},
    views::the_history_is_whole,
    world::{BEGIN, a_report, moment, owned, stamp_at},
};

on_both![
    the_history_is_asked_by_actor_kind_time_and_subject,
    what_was_known_at_a_moment_is_handed_out,
    words_that_are_erased_are_gone_and_the_history_holds,
];

/// A later day than the one on which everything begins.
const LATER: &str = "2024-05-20T09:00:00Z";

/// A report with two actions, and a day later a third by the clock.
async fn some_past(database: &Database) {
    let mut work = database.store.begin(&stamp_at(moment(BEGIN))).await.unwrap();
    let report =
        work.add_report(NewReport { report: a_report("Checkout down"), people: Vec::new() }).await.unwrap();
    for title in ["One", "Two"] {
        let action = owned(title, "octo-dev");
        work.add_action(followup::action::Action { report_id: report.id, ..action }).await.unwrap();
    }
    work.commit().await.unwrap();
    let later = stamp_at(moment(LATER));
    let later =
        Stamp { recorded_at: moment(LATER), ..later.by(ActorKind::Scheduler, "clock", moment(LATER)) };
    let mut work = database.store.begin(&later).await.unwrap();
    let action = owned("Three", "octo-ops");
    work.add_action(followup::action::Action { report_id: report.id, ..action }).await.unwrap();
    work.commit().await.unwrap();
}

async fn the_history_is_asked_by_actor_kind_time_and_subject(database: &Database) {
    some_past(database).await;
    let mut snapshot = database.store.read().await.unwrap();
    let all = EventFilter::default();
    let by = EventFilter { actor: Some("CLOCK".to_owned()), ..all.clone() };
    let scheduled = EventFilter { actor_kind: Some(ActorKind::Scheduler), ..all.clone() };
    let sort = EventFilter { kind: Some("report".to_owned()), ..all.clone() };
    let kind = EventFilter { kind: Some("action.proposed".to_owned()), ..all.clone() };
    let since = EventFilter { since: Some(moment(LATER)), ..all.clone() };
    let before = EventFilter { before: Some(moment(LATER)), ..all.clone() };
    for (filter, seqs) in [
        (&all, vec![1, 2, 3, 4]),
        (&by, vec![4]),
        (&scheduled, vec![4]),
        (&sort, vec![1]),
        (&kind, vec![2, 3, 4]),
        (&since, vec![4]),
        (&before, vec![1, 2, 3]),
    ] {
        let found = snapshot.log_after(filter, 0, 10).await.unwrap();
        assert_eq!(found.iter().map(|entry| entry.event.seq).collect::<Vec<_>>(), seqs, "{filter:?}");
        assert_eq!(snapshot.newest_from(filter, 1).await.unwrap(), *seqs.last().unwrap(), "{filter:?}");
    }
    let about = snapshot.log_about(&kind, "CA-2").await.unwrap();
    assert_eq!(about[0].texts["title"].value.as_deref(), Some("Two"));
    assert_eq!(snapshot.event_kinds().await.unwrap(), ["action.proposed", "report.imported"]);
    assert_eq!(snapshot.known_at(moment(BEGIN), false).await.unwrap(), Ok(3));
    assert_eq!(snapshot.known_at(moment(LATER), true).await.unwrap(), Ok(4));
    assert_eq!(
        snapshot.known_at(moment("2020-01-01T00:00:00Z"), true).await.unwrap(),
        Err(Some(moment(BEGIN)))
    );
}

async fn what_was_known_at_a_moment_is_handed_out(database: &Database) {
    some_past(database).await;
    let folder = tempfile::tempdir().unwrap();
    let clocks = Clocks::new(Some(moment(LATER)), chrono_tz::Tz::UTC);
    let as_of = Some(AsOf { moment: moment(BEGIN), is_fixed: false });
    for (name, as_of, actions) in [("then", as_of, 2), ("now", None, 3)] {
        let selection = Selection { as_of, ..Selection::default() };
        let target = folder.path().join(name);
        let stamp = stamp_at(moment(LATER));
        let exported = audit::export(&database.store, &stamp, &clocks, &target, &selection).await.unwrap();
        assert_eq!(exported.manifest.counts.actions, actions);
    }
    the_history_is_whole(&database.store).await;
}

async fn words_that_are_erased_are_gone_and_the_history_holds(database: &Database) {
    some_past(database).await;
    let names = ["quote".to_owned(), "section".to_owned()];
    let words = audit::words_of(&mut database.store.read().await.unwrap(), 2, &names).await.unwrap();
    let erased =
        audit::erase(&database.store, &stamp_at(moment(LATER)), &words, "names somebody").await.unwrap();
    assert_eq!(erased.columns, ["CA-1 quote", "CA-1 section"]);
    assert!(database.store.rewrite().await.unwrap());
    let mut snapshot = database.store.read().await.unwrap();
    let action = snapshot.action(ActionId::new(1)).await.unwrap();
    assert_eq!((action.quote.as_str(), action.section), ("[erased]", None));
    let found = audit::words_about(&mut snapshot, "octo-dev").await.unwrap();
    assert_eq!(found.named.iter().map(|words| words.event).collect::<Vec<_>>(), [2, 3]);
    drop(snapshot);
    the_history_is_whole(&database.store).await;
}
