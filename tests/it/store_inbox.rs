//! What the store keeps of what comes in from a tracker, on both databases: deliveries, hints, and commands in comments.

use chrono::Duration;
use followup::{
    action::{Action, NewEvidence},
    store::{
        Answer, AnswerOutcome, Delivery, Link, LinkStatus, NewLink, NewReport, OutboxKind, Repository,
        UnitOfWork,
    },
};

use crate::{
    database::{Database, on_both},
    world::{BEGIN, a_report, an_action, moment, stamp_at},
};

on_both![
    a_delivery_is_written_down_once_and_forgotten_when_it_is_old,
    a_hint_is_taken_away_by_a_look_that_began_after_it,
    a_comment_is_taken_once_and_names_its_link,
];

const HOST: &str = "api.github.com";
const REPO_ID: i64 = 5_000_000_000;

async fn begin(database: &Database) -> UnitOfWork {
    database.store.begin(&stamp_at(moment(BEGIN))).await.unwrap()
}

/// An action with its issue, number 7.
async fn linked(database: &Database) -> Link {
    let mut work = begin(database).await;
    let new = NewReport { report: a_report("Checkout down"), people: Vec::new() };
    let report = work.add_report(new).await.unwrap();
    let action = work.add_action(Action { report_id: report.id, ..an_action("One") }).await.unwrap();
    let repository = Repository {
        tracker: "github".to_owned(),
        host: HOST.to_owned(),
        repo_id: REPO_ID,
        name: "acme/platform".to_owned(),
        labels: "[]".to_owned(),
        left_alone: "[]".to_owned(),
    };
    work.save_repository(&repository).await.unwrap();
    let (report_id, action_id) = (report.id, Some(action.id));
    let new = NewLink { ulid: action.ulid.clone(), report_id, action_id, part: 0, made_here: true };
    work.intend(&new, &repository).await.unwrap();
    let link = work.link(&action.ulid).await.unwrap().unwrap();
    let link = Link { status: LinkStatus::Linked, issue_id: Some(70), number: Some(7), ..link };
    work.save_link(&link).await.unwrap();
    work.commit().await.unwrap();
    link
}

async fn a_delivery_is_written_down_once_and_forgotten_when_it_is_old(database: &Database) {
    let delivery = |number: u8| Delivery {
        guid: format!("guid-{number}"),
        event: "issues".to_owned(),
        action: Some("closed".to_owned()),
        issue_id: Some(70),
        repo_id: None,
    };
    let mut work = begin(database).await;
    for number in 0..5 {
        work.add_delivery(&delivery(number), 1).await.unwrap();
    }
    assert!(work.knows_delivery("guid-4").await.unwrap());
    assert!(!work.knows_delivery("guid-5").await.unwrap());
    work.commit().await.unwrap();
    let mut work = begin(database).await;
    assert!(work.add_delivery(&delivery(4), 1).await.is_err());
    drop(work);
    let mut work = begin(database).await;
    assert_eq!(work.forget_deliveries(moment(BEGIN), 9).await.unwrap(), 0);
    let later = moment(BEGIN) + Duration::seconds(1);
    assert_eq!(work.forget_deliveries(later, 3).await.unwrap(), 3);
    assert_eq!(work.forget_deliveries(later, 3).await.unwrap(), 2);
    work.commit().await.unwrap();
}

async fn a_hint_is_taken_away_by_a_look_that_began_after_it(database: &Database) {
    let link = linked(database).await;
    let mut work = begin(database).await;
    let found = work.link_at("github", HOST, REPO_ID, 7).await.unwrap().unwrap();
    assert_eq!((found.ulid.as_str(), found.hinted_at), (link.ulid.as_str(), None));
    assert_eq!(work.links_in("github", HOST, REPO_ID).await.unwrap(), std::slice::from_ref(&found));
    assert_eq!(work.links_in("github", "ghe.acme.example", REPO_ID).await.unwrap(), vec![]);
    assert!(work.hint(&found).await.unwrap());
    let first = work.link(&link.ulid).await.unwrap().unwrap();
    assert!(work.hint(&first).await.unwrap());
    let second = work.link(&link.ulid).await.unwrap().unwrap();
    assert!(second.hinted_at > first.hinted_at, "in the same second, and yet later");
    // A look without a hint, and one that began before the second, take nothing away.
    for looked in [&found, &first] {
        work.answer_hint(looked).await.unwrap();
        assert_eq!(work.link(&link.ulid).await.unwrap().unwrap().hinted_at, second.hinted_at);
    }
    // Neither does what is written down about the link otherwise.
    work.save_link(&found).await.unwrap();
    work.answer_hint(&second).await.unwrap();
    assert_eq!(work.link(&link.ulid).await.unwrap().unwrap().hinted_at, None);
    let given_up = Link { status: LinkStatus::Unlinked, ..second };
    assert!(!work.hint(&given_up).await.unwrap());
    work.commit().await.unwrap();
}

async fn a_comment_is_taken_once_and_names_its_link(database: &Database) {
    let link = linked(database).await;
    let answer = Answer {
        tracker: "github".to_owned(),
        host: HOST.to_owned(),
        comment_id: 5_000_000_007,
        link: link.ulid.clone(),
        author: "octo-dev".to_owned(),
        command: "/unblock\n/due someday".to_owned(),
        outcome: AnswerOutcome::Refused,
        reply: Some("no".to_owned()),
        taken_at: moment(BEGIN),
    };
    let mut work = begin(database).await;
    work.add_answer(&answer).await.unwrap();
    work.enqueue(OutboxKind::Answer, "5000000007", "answer:5000000007").await.unwrap();
    work.heard(&link, moment(BEGIN)).await.unwrap();
    let evidence = NewEvidence::at("https://wiki.acme.test/plan").unwrap();
    let comment = Some("https://github.com/acme/platform/issues/7#issuecomment-5000000007");
    assert!(work.add_evidence_told_in(link.action_id.unwrap(), &evidence, comment).await.unwrap());
    work.commit().await.unwrap();
    let mut work = begin(database).await;
    assert_eq!(work.link(&link.ulid).await.unwrap().unwrap().heard_until, Some(moment(BEGIN)));
    assert_eq!(work.answer("github", HOST, 5_000_000_007).await.unwrap(), Some(answer.clone()));
    assert_eq!(work.answer("github", "ghe.acme.example", 5_000_000_007).await.unwrap(), None);
    assert_eq!(work.answer_by_comment(5_000_000_007).await.unwrap(), Some(answer.clone()));
    assert_eq!(work.live_outbox().await.unwrap()[0].kind, OutboxKind::Answer);
    work.was_answered(&answer).await.unwrap();
    work.commit().await.unwrap();
    let mut work = begin(database).await;
    assert!(work.add_answer(&answer).await.is_err());
}
