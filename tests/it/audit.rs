//! Whoever changes the past is found out: the first event that is not what was written is named, and so is what the tables
//! say otherwise.

use followup::{
    action::{ActionId, Command, Disposition},
    audit::{Checkpoint, Verdict, checkpoint, verify},
    life,
    store::{StoreError, hash_of},
};
use github_sandbox::CloseReason;
use proptest::prelude::*;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::world::{World, owned};

/// A team with some past: published, renamed, closed, moved, dropped, and answered.
async fn with_a_past() -> World {
    let world = World::new().await;
    let ids = world.report_with(["One", "Two", "Three"].map(|title| owned(title, "octo-dev")).into()).await;
    world.publish().await;
    world.renames_on_github(3, "Two, and more");
    world.closes_on_github(2, CloseReason::Completed);
    world.says(4, "octo-dev", "/evidence https://wiki.acme.test/runbook the runbook");
    world.sync().await;
    world.drops(ids[2], Disposition::Obsolete).await;
    world.sync().await;
    world
}

impl World {
    async fn verdict(&self, known: &[Checkpoint]) -> Verdict {
        verify(&mut self.store.read().await.unwrap(), known).await.unwrap()
    }

    async fn checkpoint(&self) -> Checkpoint {
        checkpoint(&mut self.store.read().await.unwrap()).await.unwrap()
    }

    /// Somebody who can write the file writes into it.
    async fn is_tampered_with(&self, sql: &str) {
        let address = format!("sqlite://{}", self.database().display());
        let mut connection = SqliteConnection::connect(&address).await.unwrap();
        let sql = format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {sql}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The first bad event and why, after this was done to the file.
    async fn first_bad_after(&self, sql: &str) -> (i64, String) {
        self.is_tampered_with(sql).await;
        let bad = self.verdict(&[]).await.first_bad.unwrap_or_else(|| panic!("nothing was noticed: {sql}"));
        (bad.event, bad.why)
    }

    /// What the tables say otherwise, after this was done to the file.
    async fn differences_after(&self, sql: &str) -> Vec<String> {
        self.is_tampered_with(sql).await;
        let verdict = self.verdict(&[]).await;
        assert_eq!((verdict.ok, verdict.first_bad), (false, None), "{sql}");
        verdict.differences.iter().map(|it| format!("{} {}: {}", it.id, it.column, it.why)).collect()
    }
}

#[tokio::test]
async fn a_history_that_nobody_touched_holds() {
    let world = with_a_past().await;
    let verdict = world.verdict(&[world.checkpoint().await]).await;
    assert_eq!((verdict.ok, &verdict.first_bad, &verdict.differences), (true, &None, &vec![]));
    assert_eq!(verdict.events, i64::try_from(world.events().await.len()).unwrap());
    assert_eq!(verdict.head, world.events().await.last().unwrap().hash);
    world.finish().await;
}

#[tokio::test]
async fn an_empty_history_holds() {
    let world = World::new().await;
    let empty = world.checkpoint().await;
    assert_eq!((empty.events, world.verdict(std::slice::from_ref(&empty)).await.ok), (0, true));
    assert_eq!(empty.to_string().parse(), Ok(empty));
}

#[tokio::test]
async fn whatever_is_changed_in_an_event_is_noticed_there() {
    for change in [
        "at = '2024-05-16T09:00:00+00:00'",
        "at = substr(at, 1, 19) || '.5+00:00'",
        "recorded_at = '2031-01-01T00:00:00+00:00'",
        "recorded_at = 'yesterday'",
        "actor = 'mallory'",
        "actor_kind = 'nobody'",
        "declared = 1 - declared",
        "os_user = 'mallory'",
        "fixed_clock = 1 - fixed_clock",
        "subject = 'CA-99'",
        "kind = 'action.verified'",
        "payload = replace(payload, '{', '{ ')",
        "payload = ''",
        "previous_hash = upper(previous_hash)",
        "hash = 'abc'",
    ] {
        let world = with_a_past().await;
        let (event, why) = world.first_bad_after(&format!("UPDATE events SET {change} WHERE seq = 4")).await;
        assert_eq!(event, 4, "{change}: {why}");
    }
}

#[tokio::test]
async fn what_is_taken_out_put_in_or_swapped_is_noticed_where_it_was() {
    let world = with_a_past().await;
    let (last, copy) = {
        let events = world.events().await;
        let last = events.last().unwrap().seq;
        (last, events[1].clone())
    };
    for (done, event, told) in [
        ("DELETE FROM events WHERE seq = 1".to_owned(), 1, "it is missing"),
        ("DELETE FROM events WHERE seq IN (3, 4, 5)".to_owned(), 3, "it and the 2 after it are missing"),
        (format!("DELETE FROM events WHERE seq = {last}"), last, "it and everything after it are missing"),
        (
            "UPDATE events SET seq = -1 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = 4; \
             UPDATE events SET seq = 4 WHERE seq = -1"
                .to_owned(),
            3,
            "it was changed: its hash is not that of what it says",
        ),
        (
            format!(
                "INSERT INTO events SELECT {last} + 1, at, recorded_at, actor, actor_kind, declared, os_user, \
                 fixed_clock, subject, kind, payload, previous_hash, hash FROM events WHERE seq = 2"
            ),
            last + 1,
            "it was changed: its hash is not that of what it says",
        ),
        (
            "UPDATE event_head SET seq = seq + 1".to_owned(),
            last + 1,
            "it and everything after it are missing",
        ),
        (
            "DELETE FROM event_head".to_owned(),
            last,
            "the history is said to end elsewhere: this event was put there later",
        ),
        (
            "UPDATE event_head SET seq = seq - 1".to_owned(),
            last,
            "the history is said to end elsewhere: this event was put there later",
        ),
    ] {
        let world = with_a_past().await;
        assert_eq!(world.first_bad_after(&done).await, (event, told.to_owned()), "{done}");
    }
    // A forger who knows how hashes are made puts one in between, and the next one does not follow from it.
    let mut forged = copy;
    forged.actor = "mallory".to_owned();
    forged.hash = hash_of(&forged);
    let sql = format!("UPDATE events SET actor = 'mallory', hash = '{}' WHERE seq = 2", forged.hash);
    let (event, why) = world.first_bad_after(&sql).await;
    assert_eq!(event, 3);
    assert!(why.starts_with("it is not chained to the event before"), "{why}");
}

#[tokio::test]
async fn words_that_were_changed_or_taken_away_are_noticed() {
    for (done, told) in [
        ("UPDATE event_texts SET texts = replace(texts, 'One', 'Nothing')", "were changed"),
        ("DELETE FROM event_texts WHERE seq = 2", "are missing"),
        ("UPDATE event_texts SET texts = '{}' WHERE seq = 2", "are missing"),
        ("UPDATE event_texts SET texts = 'x' WHERE seq = 2", "cannot be read"),
        (
            "UPDATE event_texts SET texts = '{\"more\":{\"salt\":\"\",\"value\":\"\"}}' WHERE seq = 2",
            "that it does not vouch for",
        ),
        (
            "UPDATE event_texts SET texts = json_set(texts, '$.title.value', NULL) WHERE seq = 2",
            "are gone, and no event says that they were erased",
        ),
    ] {
        let world = with_a_past().await;
        let (event, why) = world.first_bad_after(done).await;
        assert!(event == 2 && why.contains(told), "{done}: event {event}: {why}");
    }
}

#[tokio::test]
async fn a_checkpoint_tells_of_a_history_that_was_cut_off_or_written_anew() {
    let world = with_a_past().await;
    let known = world.checkpoint().await;
    world.assigns(ActionId::new(2), "octo-ops").await;
    assert!(world.verdict(std::slice::from_ref(&known)).await.ok, "more may follow");
    // The end is cut off, and the head with it.
    world
        .is_tampered_with(
            "DELETE FROM event_texts WHERE seq > 5; DELETE FROM events WHERE seq > 5; \
             UPDATE event_head SET seq = 5, hash = (SELECT hash FROM events WHERE seq = 5)",
        )
        .await;
    assert_eq!(world.verdict(&[]).await.first_bad, None, "without a checkpoint nobody can tell");
    let bad = world.verdict(std::slice::from_ref(&known)).await.first_bad.unwrap();
    assert_eq!(bad.event, 6);
    assert!(bad.why.starts_with("a checkpoint knows it"), "{}", bad.why);
    // Another history of the same length.
    let world = with_a_past().await;
    let other = Checkpoint { head: "0".repeat(64), ..world.checkpoint().await };
    let bad = world.verdict(std::slice::from_ref(&other)).await.first_bad.unwrap();
    assert_eq!(bad.event, other.events);
    assert!(bad.why.contains("written anew"), "{}", bad.why);
}

#[tokio::test]
async fn tables_that_say_something_else_are_named() {
    for (done, found) in [
        (
            "UPDATE actions SET state = 'verified' WHERE id = 2",
            vec!["CA-2 state: the history says something else"],
        ),
        (
            "UPDATE actions SET due_on = '2031-01-01', owner = NULL WHERE id = 2",
            vec![
                "CA-2 due_on: the history says something else",
                "CA-2 owner: the history says something else",
            ],
        ),
        ("UPDATE reports SET severity = 'sev4'", vec!["IR-1 severity: the history says something else"]),
        ("DELETE FROM actions WHERE id = 2", vec!["CA-2 id: it was taken out of the table"]),
        (
            "UPDATE evidence SET url = 'https://elsewhere.test'",
            vec!["CA-3 evidence: the history says something else"],
        ),
        ("UPDATE evidence SET action_id = 1", vec!["CA-1 evidence: the history says something else"]),
        ("DELETE FROM evidence", vec!["CA-3 evidence: it was taken out of the table"]),
        (
            "INSERT INTO evidence SELECT 99, 1, kind, url, note, dated_on, digest, added_by, added_by_kind, created_at \
             FROM evidence",
            vec!["CA-1 evidence: no event speaks of it"],
        ),
    ] {
        let world = with_a_past().await;
        assert_eq!(world.differences_after(done).await, found, "{done}");
    }
}

#[tokio::test]
async fn nothing_is_added_to_a_history_whose_end_was_touched() {
    for done in [
        "DELETE FROM events WHERE seq = (SELECT seq FROM event_head)",
        "UPDATE events SET hash = 'abc' WHERE seq = (SELECT seq FROM event_head)",
        "UPDATE event_head SET hash = 'abc'",
        "DELETE FROM event_head",
    ] {
        let world = with_a_past().await;
        world.is_tampered_with(done).await;
        let command = Command::Assign { owner: "octo-lead".to_owned() };
        let (stamp, clocks) = (world.stamp(), world.clocks());
        let refused =
            life::give(&world.store, &stamp, &clocks, &[ActionId::new(2)], |_, _| command.clone()).await;
        assert!(matches!(refused, Err(StoreError::BrokenHistory(_))), "{done}: {refused:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_byte_of_any_event_is_enough(seq in 1..10_i64, at in 0..40_usize, column in 0..5_usize) {
        let column = ["actor", "os_user", "kind", "payload", "previous_hash"][column];
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = with_a_past().await;
            let sql = format!(
                "UPDATE events SET {column} = substr({column}, 1, {at} % length({column})) || '~' || \
                 substr({column}, {at} % length({column}) + 2) WHERE seq = {seq}"
            );
            let (event, why) = world.first_bad_after(&sql).await;
            assert_eq!(event, seq, "{column}: {why}");
        });
    }
}
