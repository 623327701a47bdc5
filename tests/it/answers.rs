//! Owners who never leave GitHub: commands in comments, taken once, from people who may write, and answered.

use std::time::Duration;

use followup::{
    action::{Action, ActionId, ActorKind, State},
    sync::Summary,
};
use github_sandbox::{CloseReason, CommentView, Effect, Fault, Mail, Match, Permission};
use proptest::prelude::*;

use crate::{
    crash::Work,
    mortal::{Budget, Dies},
    world::{REPO, World, a_report, an_action, day, owned},
};

/// Two published actions that are due on 14 June: issues 2 and 3, under issue 1.
async fn published() -> World {
    let world = World::new().await;
    world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    world.publish().await;
    world.passes(chrono::Duration::minutes(1));
    world
}

fn id(number: i64) -> ActionId {
    ActionId::new(number)
}

impl World {
    pub(crate) fn says(&self, number: u64, who: &str, text: &str) -> u64 {
        self.sandbox.comment(REPO, number, who, text).unwrap()
    }

    fn said(&self, number: u64) -> Vec<CommentView> {
        self.sandbox.comments(REPO, number)
    }

    /// What we said under an issue, without our mark.
    pub(crate) fn replies(&self, number: u64) -> Vec<String> {
        let ours =
            self.said(number).into_iter().filter(|comment| comment.body.contains("<!-- followup answer"));
        ours.map(|comment| comment.body.split("\n\n<!--").next().unwrap().replace('\u{2060}', "")).collect()
    }

    /// How many thumbs stand under a comment.
    pub(crate) fn thumbs(&self, number: u64, comment: u64) -> usize {
        let found = self.said(number).into_iter().find(|there| there.id == comment).unwrap();
        found.reactions.iter().filter(|reaction| reaction.content == "+1").count()
    }

    async fn hears(&self) -> Summary {
        let summary = self.sync().await;
        assert_eq!((&summary.needs_human, &summary.waiting), (&vec![], &vec![]));
        summary
    }
}

#[tokio::test]
async fn a_command_is_taken_once_as_its_author_and_gets_a_thumb() {
    let world = published().await;
    let comment = world.says(2, "octo-dev", "The parts come later.\r\n/due 2024-07-01 parts are late\r\n");
    world.passes(chrono::Duration::minutes(10));
    let summary = world.hears().await;
    assert_eq!(summary.changed[0].what, ["octo-dev wrote “/due 2024-07-01 parts are late”"]);
    let action = world.action(id(1)).await;
    assert_eq!((action.due_on, action.due_moves), (Some(day("2024-07-01")), 1));
    assert_eq!((world.thumbs(2, comment), world.replies(2).len()), (1, 0));
    let events = world.events().await;
    let event = events.iter().rfind(|event| event.kind == "action.due_moved").unwrap();
    assert_eq!((event.actor.as_str(), event.actor_kind), ("octo-dev", ActorKind::Tracker));
    let address = format!("/acme/platform/issues/2#issuecomment-{comment}");
    assert!(format!("{event:?}").contains(&address), "{event:?}");
    // Its issue shows the new day, and nothing is left to hear or to say.
    assert!(world.issue(2).body.contains("2024-07-01"), "{}", world.issue(2).body);
    world.finish().await;
    world.passes(chrono::Duration::minutes(10));
    world.sandbox.clear_requests();
    world.sync().await;
    assert_eq!(world.sandbox.request_count(), 1, "what was heard is not read again");
    assert_eq!(world.action(id(1)).await.due_moves, 1);
}

#[tokio::test]
async fn all_commands_work_and_say_who_it_was() {
    let world = published().await;
    world.says(2, "octo-dev", "/blocked no parts");
    world.hears().await;
    assert_eq!(world.action(id(1)).await.state, State::Blocked);
    let both =
        world.says(2, "octo-ops", "They came!\n/unblock\n/evidence https://wiki.acme.test/parts the list");
    world.says(3, "octo-lead", "/evidence <https://github.com/acme/platform/pull/7>");
    world.hears().await;
    assert_eq!((world.action(id(1)).await.state, world.thumbs(2, both)), (State::Open, 1));
    let mut snapshot = world.store.read().await.unwrap();
    let evidence = snapshot.evidence_of(id(1)).await.unwrap();
    assert_eq!(
        (evidence[0].url.as_str(), evidence[0].note.as_deref(), evidence[0].added_by.as_str()),
        ("https://wiki.acme.test/parts", Some("the list"), "octo-ops")
    );
    assert_eq!(snapshot.evidence_of(id(2)).await.unwrap()[0].kind.as_str(), "pull_request");
    drop(snapshot);
    // What is so already is taken as well, and changes nothing.
    let again = world.says(2, "octo-dev", "/unblock");
    let summary = world.hears().await;
    assert_eq!((world.thumbs(2, again), world.replies(2).len()), (1, 0), "{summary:?}");
    world.finish().await;
}

#[tokio::test]
async fn what_is_refused_is_told_with_what_to_write() {
    let world = published().await;
    for text in
        ["/due tomorrow", "/due 2024-07-01", "/due 2024-01-01 sooner", "/blocked", "/evidence see @octo-lead"]
    {
        world.says(2, "octo-dev", text);
    }
    world.says(3, "octo-dev", "/unblock\n/due");
    world.says(1, "octo-dev", "/unblock");
    let summary = world.hears().await;
    insta::assert_snapshot!(world.replies(2).join("\n"), @"
    `/due` was not taken: `tomorrow` is not a day; write it as `/due YYYY-MM-DD REASON`.
    `/due` was not taken: moving the due date from 2024-06-14 needs a reason; write it as `/due YYYY-MM-DD REASON`.
    `/due` was not taken: the due date 2024-01-01 is in the past; today is 2024-05-15; write it as `/due YYYY-MM-DD REASON`.
    `/blocked` was not taken: it does not say why; write it as `/blocked REASON`.
    `/evidence` was not taken: `see` is not an address; expected one that begins with https:// or http://; write it as `/evidence https://…`.
    ");
    insta::assert_snapshot!(world.replies(3).join("\n"), @"
    `/unblock` was taken.
    `/due` was not taken: it names no day; write it as `/due YYYY-MM-DD REASON`.
    ");
    insta::assert_snapshot!(world.replies(1).join("\n"), @"`/unblock` was not taken: this is the issue of a report; write it under the issue of an action.");
    assert_eq!(summary.notes.len(), 7, "{summary:?}");
    assert_eq!(
        summary.notes[1],
        "CA-1: “/due tomorrow” of octo-dev was not taken: `tomorrow` is not a day; write it as `/due YYYY-MM-DD REASON`"
    );
    assert_eq!(world.action(id(1)).await.due_moves, 0);
    world.closes_on_github(2, CloseReason::Completed);
    world.says(2, "octo-dev", "/blocked after all");
    world.hears().await;
    assert_eq!(
        world.replies(2).last().unwrap(),
        "`/blocked` was not taken: cannot block an action that is done."
    );
    world.finish().await;
}

#[tokio::test]
async fn only_who_may_write_is_obeyed() {
    let world = published().await;
    for (who, permission) in
        [("passer-by", Permission::None), ("reads", Permission::Read), ("sorts", Permission::Triage)]
    {
        world.sandbox.set_permission(REPO, who, permission).unwrap();
        let before = world.replies(2).len();
        world.says(2, who, "/due 2029-01-01 never\n/unblock");
        world.hears().await;
        assert_eq!(world.replies(2).len(), before + 1, "{who}");
        assert_eq!(
            world.replies(2).last().unwrap(),
            "Commands are taken from people who may write to this repository."
        );
    }
    // Whoever goes on gets no second word under the same issue, and one under another.
    for number in [2, 2, 3] {
        world.says(number, "passer-by", "/due 2029-01-01 never");
    }
    let summary = world.hears().await;
    assert_eq!((world.replies(2).len(), world.replies(3).len(), summary.notes.len()), (3, 1, 3));
    assert_eq!(world.action(id(1)).await.due_moves, 0);
    // A program is not even answered, and neither is what nobody wrote as a command.
    world.sandbox.add_bot("helper[bot]");
    world.sandbox.set_permission(REPO, "helper[bot]", Permission::Write).unwrap();
    let said = world.replies(2).len();
    for (who, text) in [
        ("helper[bot]", "/due 2029-01-01 never"),
        ("octo-dev", "/deploy now"),
        ("octo-dev", "> /unblock\n\n```\n/blocked it\n```\nwhat do you think of /unblock?"),
    ] {
        let comment = world.says(2, who, text);
        world.hears().await;
        assert_eq!((world.replies(2).len(), world.thumbs(2, comment)), (said, 0), "{text}");
    }
    assert_eq!(world.action(id(1)).await.state, State::Open);
    world.finish().await;
}

#[tokio::test]
async fn rights_that_are_not_told_make_a_command_wait() {
    let world = published().await;
    let refuse =
        Effect::Refuse { status: 403, body: r#"{"message":"Forbidden"}"#.to_owned(), headers: vec![] };
    world.sandbox.fault(Fault::rest("GET", "collaborators/*/permission", refuse.clone()).always());
    let comment = world.says(2, "octo-dev", "/blocked no parts");
    world.passes(chrono::Duration::minutes(1));
    let summary = world.hears().await;
    assert!(summary.notes[0].starts_with("what octo-dev asks for in comments waits"), "{summary:?}");
    assert_eq!(world.action(id(1)).await.state, State::Open);
    world.sandbox.clear_faults();
    world.hears().await;
    assert_eq!((world.action(id(1)).await.state, world.thumbs(2, comment)), (State::Blocked, 1));
    world.finish().await;
}

#[tokio::test]
async fn a_comment_counts_once_also_when_it_is_edited_and_what_was_there_before_never() {
    let world = World::new().await;
    world.opens_on_github("An old one", "Text");
    world.says(1, "octo-dev", "/blocked by something long ago");
    world.passes(chrono::Duration::days(1));
    let ids = world.imports(a_report("Checkout down"), vec![an_action("One")]).await;
    world.accepts(&ids).await;
    world.links(ids[0], 1).await;
    world.hears().await;
    assert_eq!(world.action(ids[0]).await.state, State::Open);
    let comment = world.says(1, "octo-dev", "/blocked no parts");
    world.hears().await;
    world.sandbox.edit_comment(REPO, comment, "/unblock").unwrap();
    for _ in 0..2 {
        world.passes(chrono::Duration::minutes(1));
        world.says(1, "octo-lead", "How far is this?");
        world.hears().await;
        assert_eq!(world.action(ids[0]).await.state, State::Blocked);
    }
    assert_eq!(world.thumbs(1, comment), 1);
    world.finish().await;
}

#[tokio::test]
async fn long_talk_and_servers_without_graphql_are_heard_to_the_end() {
    for has_graphql in [true, false] {
        let world = published().await;
        if !has_graphql {
            let refuse = Effect::Refuse { status: 404, body: "{}".to_owned(), headers: vec![] };
            world.sandbox.fault(Fault::graphql("nodes", refuse).always());
        }
        let comment = world.says(2, "octo-dev", "/blocked no parts");
        for number in 0..120 {
            world.passes(chrono::Duration::seconds(1));
            world.says(2, "octo-lead", &format!("And another thing, number {number}."));
        }
        world.hears().await;
        assert_eq!((world.action(id(1)).await.state, world.thumbs(2, comment)), (State::Blocked, 1));
        world.finish().await;
    }
}

#[tokio::test]
async fn an_answer_whose_outcome_is_unknown_is_said_once() {
    let late = |effect: fn(Duration) -> Effect| effect(Duration::from_secs(90));
    for effect in [
        Effect::LoseReply,
        Effect::DropBefore,
        Effect::Garble,
        Effect::ServerErrorAfterCommit(502),
        Effect::ServerErrorBeforeCommit(503),
        Effect::SecondaryLimit { retry_after: Some(90), status: 403 },
        late(Effect::LandLate),
        late(Effect::DropAndLandLate),
    ] {
        let world = published().await;
        world.sandbox.fault(Fault::rest("POST", "issues/*/comments", effect.clone()));
        world.sandbox.fault(Fault::rest("POST", "issues/comments/*/reactions", effect.clone()));
        world.says(2, "octo-dev", "/due tomorrow");
        let taken = world.says(3, "octo-dev", "/blocked no parts");
        world.sync().await;
        world.sandbox.land_late_writes();
        world.hears().await;
        assert_eq!((world.replies(2).len(), world.thumbs(3, taken)), (1, 1), "{effect:?}");
        world.finish().await;
        assert_eq!(world.replies(2).len(), 1, "{effect:?}");
    }
}

#[tokio::test]
async fn an_answer_that_never_arrives_holds_nothing_up() {
    let world = published().await;
    world.says(2, "octo-dev", "/due tomorrow");
    let broken = Effect::ServerErrorBeforeCommit(503);
    world.sandbox.fault(Fault::rest("POST", "issues/*/comments", broken).always());
    let summary = world.hears().await;
    assert!(
        summary.notes[1].starts_with("CA-1: octo-dev could not be answered under acme/platform#2"),
        "{summary:?}"
    );
    let tries = world.sandbox.requests().iter().filter(|sent| sent.path.ends_with("/2/comments")).count();
    world.sandbox.clear_faults();
    world.finish().await;
    assert_eq!((tries, world.replies(2).len()), (5, 0));
}

#[tokio::test]
async fn where_nobody_may_comment_a_note_is_enough() {
    let world = published().await;
    world.says(2, "octo-dev", "/due tomorrow");
    let refuse = Effect::Refuse { status: 403, body: r#"{"message":"locked"}"#.to_owned(), headers: vec![] };
    world.sandbox.fault(Fault::rest("POST", "issues/*/comments", refuse));
    let summary = world.hears().await;
    assert!(
        summary.notes[1].starts_with("CA-1: octo-dev could not be answered under acme/platform#2"),
        "{summary:?}"
    );
    world.finish().await;
}

/// Whoever dies, whenever: each command was carried out once, and answered once.
async fn was_answered_once(world: &World, at: &str) {
    let action = world.action(id(1)).await;
    assert_eq!((action.due_on, action.due_moves), (Some(day("2024-07-01")), 1), "{at}");
    let comments = world.said(2);
    assert_eq!((world.thumbs(2, comments[0].id), world.replies(2).len()), (1, 1), "{at}");
}

async fn with_commands() -> World {
    let world = published().await;
    world.says(2, "octo-dev", "/due 2024-07-01 parts are late");
    world.says(2, "octo-dev", "/due someday");
    world
}

#[tokio::test]
async fn a_sync_that_dies_at_any_request_answers_once() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let mut world = with_commands().await;
            let died = world.dies_in(Work::Sync, requests, dies).await;
            world.hears().await;
            was_answered_once(&world, &format!("{dies:?} request {requests}")).await;
            world.finish().await;
            if !died {
                assert!(requests >= 5, "it talked to GitHub only {requests} times");
                break;
            }
        }
    }
}

#[test]
fn a_sync_that_dies_at_any_step_answers_once() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for steps in (0..).step_by(11) {
        let first = runtime();
        let (mut world, is_through) = first.block_on(async {
            let world = with_commands().await;
            let is_through = Budget::of(steps, world.sync()).await.is_some();
            (world, is_through)
        });
        drop(first);
        runtime().block_on(async {
            world.restart().await;
            world.nothing_is_on_its_way().await;
            world.hears().await;
            was_answered_once(&world, &format!("step {steps}")).await;
            world.finish().await;
        });
        if is_through {
            assert!(steps > 50, "it was through after {steps} steps");
            break;
        }
    }
}

#[tokio::test]
async fn with_good_mail_the_hint_is_enough_and_with_bad_mail_a_sync_is() {
    for (seed, mail) in [
        (1, Mail::default()),
        (2, Mail { lose: 1000, ..Mail::default() }),
        (3, Mail { double: 1000, shuffle: true, ..Mail::default() }),
        (4, Mail { delay: 700, shuffle: true, double: 300, ..Mail::default() }),
        (5, Mail { lose: 500, shuffle: true, ..Mail::default() }),
    ] {
        let world = published().await;
        world.sandbox.enable_webhooks(Some("only the two of us know"));
        let first = world.says(2, "octo-dev", "/blocked no parts");
        world.says(3, "octo-dev", "/due someday");
        world.takes_in(Mail { seed, ..mail }).await;
        let hinted = world.syncs_what_was_hinted_at().await;
        if mail.lose == 0 && mail.delay == 0 {
            assert_eq!(
                (hinted.observed, world.thumbs(2, first), world.replies(3).len()),
                (2, 1, 1),
                "{hinted:?}"
            );
        }
        // What we answered is told by a webhook as well, and is no command.
        world.takes_in(Mail { seed, ..mail }).await;
        world.syncs_what_was_hinted_at().await;
        world.hears().await;
        assert_eq!(world.action(id(1)).await.state, State::Blocked);
        assert_eq!((world.thumbs(2, first), world.replies(3).len()), (1, 1), "seed {seed}");
        world.takes_in(Mail::default()).await;
        world.syncs_what_was_hinted_at().await;
        world.finish().await;
    }
}

#[tokio::test]
async fn a_comment_that_comes_in_the_second_of_a_look_is_heard_by_the_next_one() {
    let world = published().await;
    world.says(2, "octo-dev", "/blocked no parts");
    world.hears().await;
    // No time has passed.
    world.says(2, "octo-dev", "/unblock");
    world.hears().await;
    assert_eq!(world.action(id(1)).await.state, State::Open);
    let Action { due_moves, .. } = world.action(id(1)).await;
    assert_eq!(due_moves, 0);
    world.finish().await;
}

#[tokio::test]
async fn what_is_taken_off_its_issue_is_not_heard_there() {
    let world = published().await;
    world.says(2, "octo-dev", "/due someday");
    world.unlinks(id(1)).await;
    world.sync().await;
    assert_eq!(world.replies(2), Vec::<String>::new());
    // Said before it was taken off, and not answered yet: nobody waits for that answer.
    world.says(3, "octo-dev", "/due someday");
    let refuse = Effect::SecondaryLimit { retry_after: Some(90), status: 403 };
    world.sandbox.fault(Fault::rest("POST", "issues/*/comments", refuse));
    drop(world.engine().await.sync(false).await);
    world.unlinks(id(2)).await;
    world.passes(chrono::Duration::minutes(5));
    world.sync().await;
    assert_eq!(world.replies(3), Vec::<String>::new());
    assert_eq!(world.outbox().await, "");
}

/// One thing that happens around comments.
#[derive(Clone, Debug)]
enum Happening {
    Says(u64, &'static str),
    Closes(u64),
    Syncs,
    Publishes,
    Dies(usize, bool),
    Mishap(Effect, usize),
    Passes(i64),
}

fn any_happening() -> impl Strategy<Value = Happening> {
    let words = prop::sample::select(vec![
        "/due 2024-07-01 parts are late",
        "/due 2024-07-02 still late",
        "/due someday",
        "/blocked no parts",
        "/unblock\n/evidence https://wiki.acme.test/plan",
        "How far is this?",
    ]);
    let late = || (1u64..110).prop_map(Duration::from_secs);
    let effect = prop_oneof![
        Just(Effect::LoseReply),
        Just(Effect::DropBefore),
        Just(Effect::Garble),
        Just(Effect::ServerErrorAfterCommit(502)),
        Just(Effect::ServerErrorBeforeCommit(503)),
        Just(Effect::SecondaryLimit { retry_after: Some(90), status: 403 }),
        late().prop_map(Effect::LandLate),
        late().prop_map(Effect::DropAndLandLate),
    ];
    prop_oneof![
        4 => (1u64..4, words).prop_map(|(issue, words)| Happening::Says(issue, words)),
        1 => (2u64..4).prop_map(Happening::Closes),
        2 => Just(Happening::Syncs),
        1 => Just(Happening::Publishes),
        3 => (0usize..10, any::<bool>()).prop_map(|(requests, before)| Happening::Dies(requests, before)),
        3 => (effect, 1usize..6).prop_map(|(effect, nth)| Happening::Mishap(effect, nth)),
        2 => (1i64..200).prop_map(Happening::Passes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_and_whoever_dies_each_command_is_answered_once(
        happenings in prop::collection::vec(any_happening(), 1..16),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = published().await;
            let mut commands = Vec::new();
            for happening in happenings {
                match happening {
                    Happening::Says(issue, words) => {
                        let comment = world.says(issue, "octo-dev", words);
                        if words.starts_with('/') {
                            commands.push((issue, comment));
                        }
                    }
                    Happening::Closes(issue) => world.closes_on_github(issue, CloseReason::Completed),
                    Happening::Syncs => drop(world.tries_to_sync().await),
                    Happening::Publishes => drop(world.tries_to_publish().await),
                    Happening::Dies(requests, before) => {
                        let dies = if before { Dies::Before } else { Dies::After };
                        world.dies_in(Work::Sync, requests, dies).await;
                    }
                    Happening::Mishap(effect, nth) => {
                        world.sandbox.fault(Fault::new(Match::Writes, effect).nth(nth));
                    }
                    Happening::Passes(seconds) => world.passes(chrono::Duration::seconds(seconds)),
                }
            }
            world.sandbox.clear_faults();
            world.nothing_is_on_its_way().await;
            world.passes(chrono::Duration::minutes(10));
            world.sandbox.land_late_writes();
            world.finish().await;
            for (issue, comment) in commands {
                let mark = format!("<!-- followup answer v=1 comment={comment} ");
                let said = world.said(issue);
                let replies = said.iter().filter(|there| there.body.contains(&mark)).count();
                assert_eq!(world.thumbs(issue, comment) + replies, 1, "comment {comment} of #{issue}: {said:?}");
            }
        });
    }
}
