//! What the store promises, on both databases: numbers, events, the queue, links, and who may send.

use followup::{
    action::{Action, ActionId, ActionIds, Command, Disposition, Person, Report, State, Subject},
    store::{
        Credential, Link, LinkStatus, NewLink, NewReport, OutboxKind, OutboxRow, OutboxState, Repository,
        Store, StoreError, UnitOfWork, text_digest,
    },
};

use crate::{
    database::{Database, on_both},
    views::the_history_is_whole,
    world::{BEGIN, a_report, an_action, day, moment, stamp_at},
};

on_both![
    numbers_are_given_from_one_without_gaps,
    a_unit_of_work_that_is_dropped_leaves_nothing,
    what_is_stored_comes_back_as_it_was,
    a_change_of_an_outdated_copy_is_refused,
    an_event_holds_digests_of_peoples_words_and_the_words_beside_them,
    eight_writers_at_once_make_one_history,
    a_look_shows_one_moment,
    a_day_ends_when_it_is_over,
    a_revised_report_names_other_people,
    one_of_a_lane_is_in_flight,
    a_subject_is_created_once_ever,
    changes_that_wait_are_one_row,
    a_row_that_goes_back_joins_the_one_that_waits,
    a_row_that_waited_for_a_person_is_taken_up_by_the_next_change,
    a_row_is_moved_from_where_it_is_or_not_at_all,
    an_issue_belongs_to_one_action_and_an_action_to_one_issue,
    how_a_credential_stands_is_kept_for_it_alone,
    sends_are_counted_by_host_and_forgotten,
    a_database_keeps_its_identity_and_shares_it_with_none,
    one_process_may_send,
];

async fn begin(database: &Database) -> UnitOfWork {
    database.store.begin(&stamp_at(moment(BEGIN))).await.unwrap()
}

/// A report with actions, committed.
async fn a_report_of(store: &Store, actions: Vec<Action>) -> Vec<Action> {
    let mut work = store.begin(&stamp_at(moment(BEGIN))).await.unwrap();
    let new = NewReport { report: a_report("Checkout down"), people: Vec::new() };
    let report = work.add_report(new).await.unwrap();
    let mut added = Vec::new();
    for action in actions {
        added.push(work.add_action(Action { report_id: report.id, ..action }).await.unwrap());
    }
    work.commit().await.unwrap();
    added
}

fn accept(action: &Action) -> Command {
    Command::Accept { policy_due_on: action.due_on.unwrap_or(day("2024-06-14")) }
}

/// Carries out one command on an action as it was read.
async fn record(store: &Store, action: &Action, command: &Command) -> Result<Action, StoreError> {
    let now = moment(BEGIN);
    let change = action.command(command, now, now.date_naive()).unwrap().unwrap();
    let mut work = store.begin(&stamp_at(now)).await?;
    let after = work.record(change).await?;
    work.commit().await?;
    Ok(after)
}

async fn numbers_are_given_from_one_without_gaps(database: &Database) {
    let first = a_report_of(&database.store, vec![an_action("One"), an_action("Two")]).await;
    let mut work = begin(database).await;
    let report = NewReport { report: a_report("Never committed"), people: Vec::new() };
    let report = work.add_report(report).await.unwrap();
    work.add_action(Action { report_id: report.id, ..an_action("Never") }).await.unwrap();
    drop(work);
    let second = a_report_of(&database.store, vec![an_action("Three")]).await;
    let ids: Vec<String> = first.iter().chain(&second).map(|action| action.id.to_string()).collect();
    assert_eq!(ids, ["CA-1", "CA-2", "CA-3"]);
    assert_eq!(second[0].report_id.to_string(), "IR-2");
}

async fn a_unit_of_work_that_is_dropped_leaves_nothing(database: &Database) {
    let actions = a_report_of(&database.store, vec![an_action("One")]).await;
    let before = database.store.counts().await.unwrap();
    let mut work = begin(database).await;
    let now = moment(BEGIN);
    let change = actions[0].command(&accept(&actions[0]), now, now.date_naive()).unwrap().unwrap();
    work.record(change).await.unwrap();
    work.enqueue(OutboxKind::Update, &actions[0].ulid, "issue:1").await.unwrap();
    drop(work);
    assert_eq!(database.store.counts().await.unwrap(), before);
    let mut snapshot = database.store.read().await.unwrap();
    assert_eq!(snapshot.action(actions[0].id).await.unwrap(), actions[0]);
    assert_eq!(snapshot.live_outbox().await.unwrap(), vec![]);
    drop(snapshot);
    the_history_is_whole(&database.store).await;
}

async fn what_is_stored_comes_back_as_it_was(database: &Database) {
    let odd = Action {
        description: Some("zwei\nZeilen ☎ 'quoted' \"twice\" \\ %_".to_owned()),
        due_on: Some(day("2024-02-29")),
        due_text: Some(String::new()),
        reported_done: Some(false),
        owner: Some("Grace Apio".to_owned()),
        due_moves: i64::from(i32::MAX) + 1,
        ..an_action("Rotate the signing key – now")
    };
    let added = a_report_of(&database.store, vec![odd, an_action("Plain")]).await;
    let mut snapshot = database.store.read().await.unwrap();
    assert_eq!(snapshot.actions_of(added[0].report_id).await.unwrap(), added);
    let report = snapshot.report(added[0].report_id).await.unwrap();
    assert_eq!((report.created_at, report.incident_date), (moment(BEGIN), Some(day("2024-05-14"))));
    assert!(
        matches!(snapshot.action(ActionId::new(9)).await, Err(StoreError::NoAction(id)) if id.number() == 9)
    );
}

async fn a_change_of_an_outdated_copy_is_refused(database: &Database) {
    let read = a_report_of(&database.store, vec![an_action("One")]).await.remove(0);
    let accepted = record(&database.store, &read, &accept(&read)).await.unwrap();
    assert_eq!(accepted.version, 2);
    let events = database.store.counts().await.unwrap().events;
    let late = record(&database.store, &read, &Command::Assign { owner: "oka".to_owned() }).await;
    assert!(matches!(late, Err(StoreError::Conflict(Subject::Action(id))) if id == read.id), "{late:?}");
    assert_eq!(database.store.counts().await.unwrap().events, events);
    assert_eq!(database.store.read().await.unwrap().action(read.id).await.unwrap(), accepted);
}

async fn an_event_holds_digests_of_peoples_words_and_the_words_beside_them(database: &Database) {
    let action = a_report_of(&database.store, vec![an_action("Rotate it")]).await.remove(0);
    let action = record(&database.store, &action, &accept(&action)).await.unwrap();
    let reason = "parts are late; ask Grace".to_owned();
    record(&database.store, &action, &Command::Block { reason: reason.clone(), by: ActionIds::default() })
        .await
        .unwrap();
    let mut snapshot = database.store.read().await.unwrap();
    let about = snapshot.events_about(Subject::Action(action.id)).await.unwrap();
    let kinds: Vec<_> = about.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["action.proposed", "action.accepted", "action.blocked"]);
    let blocked = about.last().unwrap();
    assert!(!blocked.payload.contains("Grace"), "{}", blocked.payload);
    let payload: serde_json::Value = serde_json::from_str(&blocked.payload).unwrap();
    assert_eq!((&payload["was"]["state"], &payload["set"]["state"]), (&"open".into(), &"blocked".into()));
    let texts = snapshot.event_texts(blocked.seq).await.unwrap();
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["reason"]);
    assert_eq!(texts["reason"].value.as_ref(), Some(&reason));
    assert_eq!(payload["texts"]["reason"], text_digest(&texts["reason"].salt, &reason));
    drop(snapshot);
    the_history_is_whole(&database.store).await;
}

async fn eight_writers_at_once_make_one_history(database: &Database) {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let store = database.another_process().await;
        writers.spawn(async move {
            for number in 0..4 {
                a_report_of(&store, vec![an_action(&format!("{writer}.{number}"))]).await;
            }
            store.close().await;
        });
    }
    writers.join_all().await;
    the_history_is_whole(&database.store).await;
    let counts = database.store.counts().await.unwrap();
    assert_eq!((counts.reports, counts.actions, counts.events), (32, 32, 64));
    let numbers: Vec<_> = database.store.read().await.unwrap().list().await.unwrap();
    assert!((1..).zip(&numbers).all(|(number, action)| action.id.number() == number));
}

async fn a_look_shows_one_moment(database: &Database) {
    let action = a_report_of(&database.store, vec![an_action("One")]).await.remove(0);
    let mut before = database.store.read().await.unwrap();
    assert_eq!(before.list().await.unwrap().len(), 1);
    record(&database.store, &action, &accept(&action)).await.unwrap();
    a_report_of(&database.store, vec![an_action("Two")]).await;
    assert_eq!(before.list().await.unwrap().len(), 1);
    assert_eq!(before.action(action.id).await.unwrap().state, State::Proposed);
    drop(before);
    assert_eq!(database.store.read().await.unwrap().list().await.unwrap().len(), 2);
}

async fn a_day_ends_when_it_is_over(database: &Database) {
    let due = |title: &str, on: &str| Action { due_on: Some(day(on)), ..an_action(title) };
    let actions = a_report_of(
        &database.store,
        vec![
            due("late", "2024-05-31"),
            due("later", "2024-06-01"),
            due("latest", "2024-05-30"),
            due("done", "2024-05-01"),
            due("nobody accepted it", "2024-05-01"),
            due("dropped", "2024-05-01"),
        ],
    )
    .await;
    for action in [0, 1, 2, 3, 5].map(|index: usize| &actions[index]) {
        record(&database.store, action, &accept(action)).await.unwrap();
    }
    let mut snapshot = database.store.read().await.unwrap();
    let done = snapshot.action(actions[3].id).await.unwrap();
    let dropped = snapshot.action(actions[5].id).await.unwrap();
    drop(snapshot);
    record(&database.store, &done, &Command::Done { reason: None }).await.unwrap();
    let disposition = Disposition::Obsolete;
    let command = Command::Drop { disposition, reason: "gone".to_owned(), duplicate_of: None };
    record(&database.store, &dropped, &command).await.unwrap();
    let overdue = async |today: &str| {
        let listed = database.store.read().await.unwrap().overdue(day(today)).await.unwrap();
        listed.into_iter().map(|action| action.title).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(overdue("2024-05-30").await, "");
    assert_eq!(overdue("2024-05-31").await, "latest");
    assert_eq!(overdue("2024-06-01").await, "latest, late");
    assert_eq!(overdue("2024-06-02").await, "latest, late, later");
}

async fn a_revised_report_names_other_people(database: &Database) {
    let person = |name: &str, role: Option<&str>| Person {
        name: name.to_owned(),
        role: role.map(str::to_owned),
        login: None,
    };
    let mut work = begin(database).await;
    let first = vec![person("Grace Apio", Some("incident commander")), person("Oka", None)];
    let report = NewReport { report: a_report("An outage"), people: first.clone() };
    let before = work.add_report(report).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(database.store.read().await.unwrap().people_of(before.id).await.unwrap(), first);
    let after = Report { revision: 2, root_cause: Some("A cable".to_owned()), ..before.clone() };
    let mut work = begin(database).await;
    work.revise_report(&before, &after, &[person("Zoe", None)]).await.unwrap();
    work.commit().await.unwrap();
    let mut snapshot = database.store.read().await.unwrap();
    assert_eq!(snapshot.report(before.id).await.unwrap(), after);
    assert_eq!(snapshot.people_of(before.id).await.unwrap(), [person("Zoe", None)]);
    drop(snapshot);
    the_history_is_whole(&database.store).await;
}

// The queue.

async fn enqueue(database: &Database, kind: OutboxKind, subject: &str, lane: &str) {
    let mut work = begin(database).await;
    work.enqueue(kind, subject, lane).await.unwrap();
    work.commit().await.unwrap();
}

async fn queue(database: &Database) -> Vec<OutboxRow> {
    database.store.read().await.unwrap().live_outbox().await.unwrap()
}

async fn moves(database: &Database, row: &OutboxRow, state: OutboxState) -> Result<(), StoreError> {
    let mut work = begin(database).await;
    work.move_outbox(row, &OutboxRow { state, ..row.clone() }).await?;
    work.commit().await
}

fn states(rows: &[OutboxRow]) -> Vec<(&str, OutboxState)> {
    rows.iter().map(|row| (row.subject.as_str(), row.state)).collect()
}

async fn one_of_a_lane_is_in_flight(database: &Database) {
    enqueue(database, OutboxKind::Create, "A", "lane").await;
    enqueue(database, OutboxKind::Create, "B", "lane").await;
    enqueue(database, OutboxKind::Create, "C", "another lane").await;
    let rows = queue(database).await;
    moves(database, &rows[0], OutboxState::Sending).await.unwrap();
    for state in [OutboxState::Sending, OutboxState::Unknown] {
        let second = moves(database, &rows[1], state).await;
        assert!(matches!(second, Err(StoreError::Locked)), "{second:?}");
    }
    moves(database, &rows[2], OutboxState::Sending).await.unwrap();
    moves(database, &queue(database).await[0], OutboxState::Done).await.unwrap();
    moves(database, &rows[1], OutboxState::Sending).await.unwrap();
}

async fn a_subject_is_created_once_ever(database: &Database) {
    enqueue(database, OutboxKind::Create, "A", "lane").await;
    enqueue(database, OutboxKind::Create, "A", "lane").await;
    let rows = queue(database).await;
    assert_eq!(rows.len(), 1);
    moves(database, &rows[0], OutboxState::NeedsHuman).await.unwrap();
    enqueue(database, OutboxKind::Create, "A", "lane").await;
    assert_eq!(states(&queue(database).await), [("A", OutboxState::NeedsHuman)]);
    moves(database, &queue(database).await[0], OutboxState::Done).await.unwrap();
    enqueue(database, OutboxKind::Create, "A", "lane").await;
    assert_eq!(queue(database).await, vec![]);
}

async fn changes_that_wait_are_one_row(database: &Database) {
    for _ in 0..3 {
        enqueue(database, OutboxKind::Update, "A", "lane").await;
    }
    let rows = queue(database).await;
    assert_eq!(states(&rows), [("A", OutboxState::Pending)]);
    // What is on its way may be outdated by the next change, so that one waits for itself.
    moves(database, &rows[0], OutboxState::Sending).await.unwrap();
    enqueue(database, OutboxKind::Update, "A", "lane").await;
    enqueue(database, OutboxKind::Update, "A", "lane").await;
    assert_eq!(states(&queue(database).await), [("A", OutboxState::Sending), ("A", OutboxState::Pending)]);
}

async fn a_row_that_goes_back_joins_the_one_that_waits(database: &Database) {
    enqueue(database, OutboxKind::Update, "A", "lane").await;
    let row = queue(database).await.remove(0);
    moves(database, &row, OutboxState::Sending).await.unwrap();
    enqueue(database, OutboxKind::Update, "A", "lane").await;
    let sending = queue(database).await.remove(0);
    let later = Some(moment("2024-05-15T10:00:00Z"));
    let mut work = begin(database).await;
    let back = OutboxRow { state: OutboxState::Pending, not_before: later, ..sending.clone() };
    work.move_outbox(&sending, &back).await.unwrap();
    work.commit().await.unwrap();
    let rows = queue(database).await;
    assert_eq!((states(&rows), rows[0].not_before), (vec![("A", OutboxState::Pending)], later));
    assert_ne!(rows[0].id, row.id);
}

async fn a_row_that_waited_for_a_person_is_taken_up_by_the_next_change(database: &Database) {
    // Two of them can come to wait, when a change comes while another is on its way.
    for _ in 0..2 {
        enqueue(database, OutboxKind::Update, "A", "lane").await;
        let row = queue(database).await.into_iter().find(|row| row.state == OutboxState::Pending).unwrap();
        moves(database, &row, OutboxState::Sending).await.unwrap();
        if row.id == 1 {
            enqueue(database, OutboxKind::Update, "A", "lane").await;
        }
        let sending =
            queue(database).await.into_iter().find(|row| row.state == OutboxState::Sending).unwrap();
        moves(database, &sending, OutboxState::NeedsHuman).await.unwrap();
    }
    enqueue(database, OutboxKind::Update, "A", "lane").await;
    let rows = queue(database).await;
    assert_eq!(rows.iter().filter(|row| row.state == OutboxState::Pending).count(), 1, "{rows:#?}");
    for row in rows.iter().filter(|row| row.state == OutboxState::NeedsHuman) {
        moves(database, row, OutboxState::Pending).await.unwrap();
    }
    assert_eq!(states(&queue(database).await), [("A", OutboxState::Pending)]);
}

async fn a_row_is_moved_from_where_it_is_or_not_at_all(database: &Database) {
    enqueue(database, OutboxKind::Create, "A", "lane").await;
    let row = queue(database).await.remove(0);
    let mut work = begin(database).await;
    work.move_outbox(&row, &OutboxRow { state: OutboxState::Sending, attempt: 1, ..row.clone() })
        .await
        .unwrap();
    work.commit().await.unwrap();
    let twice = moves(database, &row, OutboxState::Sending).await;
    assert!(matches!(twice, Err(StoreError::Locked)), "{twice:?}");
    assert_eq!(queue(database).await[0].attempt, 1);
}

// Links, pauses, and who sends.

fn a_repository() -> Repository {
    Repository {
        tracker: "github".to_owned(),
        host: "api.github.com".to_owned(),
        repo_id: 5_000_000_000,
        name: "acme/platform".to_owned(),
        labels: "[]".to_owned(),
        left_alone: "[]".to_owned(),
    }
}

async fn an_issue_belongs_to_one_action_and_an_action_to_one_issue(database: &Database) {
    let actions = a_report_of(&database.store, vec![an_action("One"), an_action("Two")]).await;
    let new = |action: &Action, ulid: &str| NewLink {
        ulid: ulid.to_owned(),
        report_id: action.report_id,
        action_id: Some(action.id),
        part: 1,
        made_here: true,
    };
    let mut work = begin(database).await;
    work.save_repository(&a_repository()).await.unwrap();
    for action in &actions {
        work.intend(&new(action, &action.ulid), &a_repository()).await.unwrap();
    }
    work.commit().await.unwrap();
    let mut work = begin(database).await;
    assert!(work.intend(&new(&actions[0], "another"), &a_repository()).await.is_err());
    drop(work);

    let link = database.store.read().await.unwrap().link_of(actions[0].id).await.unwrap().unwrap();
    assert_eq!((link.status, link.number, link.repo_id), (LinkStatus::Intended, None, 5_000_000_000));
    let mut linked = link;
    (linked.status, linked.issue_id, linked.number) = (LinkStatus::Linked, Some(5_000_000_001), Some(7));
    let mut work = begin(database).await;
    work.save_link(&linked).await.unwrap();
    work.commit().await.unwrap();
    let mut work = begin(database).await;
    let mut other = work.link_of(actions[1].id).await.unwrap().unwrap();
    (other.status, other.issue_id, other.number) = (LinkStatus::Linked, linked.issue_id, Some(7));
    assert!(work.save_link(&other).await.is_err());
    drop(work);
    let mut snapshot = database.store.read().await.unwrap();
    let owner = snapshot.link_of_issue("github", "api.github.com", 5_000_000_001).await.unwrap().unwrap();
    assert_eq!(owner.action_id, Some(actions[0].id));
    let all = snapshot.linked("github", "api.github.com").await.unwrap();
    assert_eq!(all.iter().map(|link| link.action_id).collect::<Vec<_>>(), [Some(actions[0].id)]);
    assert_eq!(snapshot.linked("github", "ghe.acme.example").await.unwrap(), vec![]);
    drop(snapshot);

    // Given up, the issue is free for the other, and the ULID is not: its mark may still stand in the issue.
    let mut work = begin(database).await;
    work.save_link(&Link { status: LinkStatus::Unlinked, ..owner.clone() }).await.unwrap();
    assert_eq!(work.link_of(actions[0].id).await.unwrap(), None);
    assert_eq!(work.link_of_issue("github", "api.github.com", 5_000_000_001).await.unwrap(), None);
    assert_eq!(work.linked("github", "api.github.com").await.unwrap(), vec![]);
    let of_report = work.links_of_report(actions[0].report_id).await.unwrap();
    assert_eq!(of_report.iter().map(|link| link.action_id).collect::<Vec<_>>(), [Some(actions[1].id)]);
    let fresh = work.ulid_for_link(&actions[0].ulid).await.unwrap();
    assert_ne!(fresh, actions[0].ulid);
    assert_eq!(work.ulid_for_link("01HY0000000000000000000009").await.unwrap(), "01HY0000000000000000000009");
    work.intend(&new(&actions[0], &fresh), &a_repository()).await.unwrap();
    let mut other = work.link_of(actions[1].id).await.unwrap().unwrap();
    (other.status, other.issue_id, other.number) = (LinkStatus::Linked, owner.issue_id, Some(7));
    work.save_link(&other).await.unwrap();
    work.commit().await.unwrap();
    let mut snapshot = database.store.read().await.unwrap();
    let given_up = snapshot.link(&actions[0].ulid).await.unwrap().unwrap();
    assert_eq!(
        (given_up.status, given_up.made_here, given_up.number),
        (LinkStatus::Unlinked, true, owner.number)
    );
    assert_eq!(snapshot.link_of(actions[0].id).await.unwrap().unwrap().ulid, fresh);
}

async fn how_a_credential_stands_is_kept_for_it_alone(database: &Database) {
    let standing = Credential {
        paused_until: Some(moment("2024-05-15T09:10:00.250Z")),
        pause_reason: Some("asked to wait".to_owned()),
        slowed: 2,
        ..Credential::default()
    };
    let mut work = begin(database).await;
    work.save_credential("api.github.com", "c1", &Credential::default()).await.unwrap();
    work.save_credential("api.github.com", "c1", &standing).await.unwrap();
    work.commit().await.unwrap();
    let mut snapshot = database.store.read().await.unwrap();
    assert_eq!(snapshot.credential("api.github.com", "c1").await.unwrap(), standing);
    for (host, credential) in [("another.example", "c1"), ("api.github.com", "another")] {
        assert_eq!(snapshot.credential(host, credential).await.unwrap(), Credential::default());
    }
}

async fn sends_are_counted_by_host_and_forgotten(database: &Database) {
    let at = |text: &str| moment(&format!("2024-05-15T{text}Z"));
    let mut work = begin(database).await;
    for time in ["09:00:00.999", "09:00:00", "09:00:01", "09:59:59.500"] {
        work.record_send("api.github.com", at(time)).await.unwrap();
    }
    work.record_send("another.example", at("09:30:00")).await.unwrap();
    work.commit().await.unwrap();
    let mut snapshot = database.store.read().await.unwrap();
    let sends = snapshot.sends_since("api.github.com", at("09:00:00")).await.unwrap();
    assert_eq!(sends, [at("09:00:00.999"), at("09:00:01"), at("09:59:59.500")]);
    drop(snapshot);
    let mut work = begin(database).await;
    work.record_send("api.github.com", at("23:00:00")).await.unwrap();
    work.commit().await.unwrap();
    let mut snapshot = database.store.read().await.unwrap();
    assert_eq!(snapshot.sends_since("api.github.com", at("00:00:00")).await.unwrap(), [at("23:00:00")]);
}

async fn a_database_keeps_its_identity_and_shares_it_with_none(database: &Database) {
    let identity = async |store: &Store| {
        let identity = store.read().await.unwrap().identity().await.unwrap();
        (identity.database, identity.marker_key)
    };
    let first = identity(&database.store).await;
    assert_eq!(identity(&database.another_process().await).await, first);
    let stranger = Database::sqlite().await;
    let other = identity(&stranger.store).await;
    assert!(other.0 != first.0 && other.1 != first.1);
    stranger.ends().await;
}

async fn one_process_may_send(database: &Database) {
    let other = database.another_process().await;
    let mut lock = database.store.try_publisher_lock().await.unwrap().unwrap();
    assert!(other.try_publisher_lock().await.unwrap().is_none());
    assert!(database.store.try_publisher_lock().await.unwrap().is_none());
    assert!(lock.still_held().await);
    drop(lock);
    // A server notices a closed connection a moment later.
    let mut got_it = false;
    for _ in 0..10_000 {
        got_it = other.try_publisher_lock().await.unwrap().is_some();
        if got_it {
            break;
        }
    }
    assert!(got_it);
    other.close().await;
}
