//! Random lives: faults, deaths, and people on both sides in any order. In the end both sides agree, and stay so.

use std::time::Duration;

use followup::action::{ActionId, ActionIds, Command, Disposition};
use github_sandbox::{CloseReason, Effect, Fault, Match};
use proptest::prelude::*;

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, owned},
};

const PEOPLE: [&str; 3] = ["octo-dev", "octo-ops", "octo-lead"];

/// One thing that happens. The numbers pick an action or an issue among those that are there.
#[derive(Clone, Debug)]
enum Happening {
    Publishes,
    PublishesWithoutWaiting,
    Syncs,
    Dies(bool, usize, bool),
    Mishap(Effect, bool, usize),
    Commands(usize, Command),
    Closes(usize, CloseReason),
    Reopens(usize),
    Renames(usize, u8),
    Assigns(usize, Option<&'static str>),
    Comments(usize),
    Passes(i64),
    AddsAction,
    Opens,
    WritesInto(usize, bool),
    OurClockIsAhead(i64),
    SyncsWithACopyThatLags,
    Links(usize, usize),
    Unlinks(usize),
}

fn any_effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        Just(Effect::LoseReply),
        Just(Effect::DropBefore),
        Just(Effect::Truncate),
        Just(Effect::Garble),
        Just(Effect::ServerErrorAfterCommit(502)),
        Just(Effect::ServerErrorBeforeCommit(503)),
        Just(Effect::SecondaryLimit { retry_after: Some(90), status: 403 }),
        Just(Effect::SecondaryLimit { retry_after: None, status: 429 }),
        (1u64..110).prop_map(|seconds| Effect::LandLate(Duration::from_secs(seconds))),
        (1u64..110).prop_map(|seconds| Effect::DropAndLandLate(Duration::from_secs(seconds))),
    ]
}

fn any_command() -> impl Strategy<Value = Command> {
    let person =
        prop::sample::select(&PEOPLE[..]).prop_map(|owner| Command::Assign { owner: owner.to_owned() });
    let dropped = prop::sample::select(Disposition::ALL).prop_map(|disposition| Command::Drop {
        disposition,
        reason: "no longer needed".to_owned(),
        duplicate_of: None,
    });
    let due = (16u32..30).prop_map(|day| Command::Due {
        on: chrono::NaiveDate::from_ymd_opt(2024, 6, day).unwrap(),
        reason: Some("parts are late".to_owned()),
    });
    prop_oneof![
        person,
        dropped,
        due,
        Just(Command::Start { reason: None }),
        Just(Command::Block { reason: "parts are late".to_owned(), by: ActionIds::default() }),
        Just(Command::Done { reason: None }),
        Just(Command::Reopen { reason: None, policy_due_on: crate::world::day("2024-07-14") }),
    ]
}

fn any_happening() -> impl Strategy<Value = Happening> {
    let reason =
        prop::sample::select(vec![CloseReason::Completed, CloseReason::NotPlanned, CloseReason::Duplicate]);
    let person = prop::option::of(prop::sample::select(&PEOPLE[..]));
    prop_oneof![
        1 => Just(Happening::Publishes),
        2 => Just(Happening::PublishesWithoutWaiting),
        2 => Just(Happening::Syncs),
        4 => (any::<bool>(), 0usize..12, any::<bool>()).prop_map(|(publish, at, before)| Happening::Dies(publish, at, before)),
        3 => (any_effect(), any::<bool>(), 1usize..4).prop_map(|(effect, create, nth)| Happening::Mishap(effect, create, nth)),
        4 => (0usize..6, any_command()).prop_map(|(action, command)| Happening::Commands(action, command)),
        2 => (0usize..6, reason).prop_map(|(issue, reason)| Happening::Closes(issue, reason)),
        1 => (0usize..6).prop_map(Happening::Reopens),
        1 => (0usize..6, 0u8..4).prop_map(|(issue, title)| Happening::Renames(issue, title)),
        1 => (0usize..6, person).prop_map(|(issue, person)| Happening::Assigns(issue, person)),
        1 => (0usize..6).prop_map(Happening::Comments),
        2 => (1i64..400).prop_map(Happening::Passes),
        1 => Just(Happening::AddsAction),
        1 => Just(Happening::Opens),
        2 => (0usize..6, any::<bool>()).prop_map(|(issue, above)| Happening::WritesInto(issue, above)),
        1 => (-1i64..=1).prop_map(Happening::OurClockIsAhead),
        1 => Just(Happening::SyncsWithACopyThatLags),
        3 => (0usize..6, 0usize..6).prop_map(|(action, issue)| Happening::Links(action, issue)),
        1 => (0usize..6).prop_map(Happening::Unlinks),
    ]
}

impl World {
    /// The number of an issue of an action, picked among those there are.
    fn pick(&self, index: usize) -> Option<u64> {
        let issues: Vec<_> =
            self.sandbox.issues(REPO).into_iter().filter(|issue| issue.title != TITLE).collect();
        (!issues.is_empty()).then(|| issues[index % issues.len()].number)
    }

    async fn happens(&mut self, ids: &mut Vec<ActionId>, past: &mut Past, happening: Happening) {
        match happening {
            // What a mishap does to a run is told by the error; the next one goes on.
            Happening::Publishes => drop(self.tries_to_publish().await),
            Happening::PublishesWithoutWaiting => {
                drop(self.engine().await.publish(&followup::sync::Selection::default(), false).await);
            }
            Happening::Syncs => drop(self.tries_to_sync().await),
            Happening::Dies(publish, requests, before) => {
                let work = if publish { Work::Publish } else { Work::Sync };
                let dies = if before { Dies::Before } else { Dies::After };
                self.dies_in(work, requests, dies).await;
            }
            Happening::Mishap(effect, create, nth) => {
                let is_late = matches!(effect, Effect::LandLate(_) | Effect::DropAndLandLate(_));
                past.may_write_over |= is_late && !create;
                let on = if create { Match::CreateIssue } else { Match::Any };
                self.sandbox.fault(Fault::new(on, effect).nth(nth));
            }
            Happening::Commands(index, command) => self.tries(ids[index % ids.len()], &command).await,
            Happening::Closes(index, reason) => {
                if let Some(number) = self.pick(index) {
                    self.closes_on_github(number, reason);
                }
            }
            Happening::Reopens(index) => {
                if let Some(number) = self.pick(index) {
                    self.reopens_on_github(number);
                }
            }
            Happening::Renames(index, title) => {
                if let Some(number) = self.pick(index) {
                    self.renames_on_github(number, &format!("Renamed {title}"));
                }
            }
            Happening::Assigns(index, person) => {
                if let Some(number) = self.pick(index) {
                    self.assigns_on_github(number, person);
                }
            }
            Happening::Comments(index) => {
                if let Some(number) = self.pick(index) {
                    self.sandbox.comment(REPO, number, "octo-lead", "How far is this?").unwrap();
                }
            }
            Happening::WritesInto(index, above) => {
                // Into one that we made: the words of the others are looked at as they were.
                let ours = self.pick(index).filter(|number| !self.issue(*number).body.starts_with(WORDS));
                if let Some(number) = ours {
                    let (body, line) =
                        (self.issue(number).body, format!("Our words, part {}.", past.lines.len()));
                    let body = if above { format!("{line}\n{body}") } else { format!("{body}\n{line}") };
                    self.sandbox.edit_body(REPO, number, &body).unwrap();
                    past.lines.push((number, line));
                    past.looks = self.looks().await;
                }
            }
            Happening::OurClockIsAhead(days) => self.our_clock_is_ahead_by(chrono::Duration::days(days)),
            Happening::SyncsWithACopyThatLags => {
                drop(self.tries_to_sync_with_a_copy_that_shows(&past.looks).await);
            }
            Happening::Opens => {
                self.opens_on_github(THEIRS, WORDS);
            }
            Happening::Links(index, issue) => {
                if let Some(number) = self.pick(issue) {
                    // What cannot be linked, and what a mishap does to it, changes nothing.
                    drop(self.tries_to_link(ids[index % ids.len()], &format!("#{number}")).await);
                }
            }
            Happening::Unlinks(index) => {
                let id = ids[index % ids.len()];
                drop(followup::sync::unlink(&self.store, &self.stamp(), id, None).await);
            }
            Happening::Passes(seconds) => self.passes(chrono::Duration::seconds(seconds)),
            Happening::AddsAction => {
                let title = format!("Step {}", ids.len() + 1);
                ids.extend(self.report_with(vec![owned(&title, PEOPLE[ids.len() % 3])]).await);
            }
        }
    }

    /// The issues that actions were taken off.
    async fn given_up(&self) -> Vec<u64> {
        let events = self.events().await;
        let given_up = events.iter().filter(|event| event.kind == "issue.unlinked");
        let number = |payload: &str| {
            let payload: serde_json::Value = serde_json::from_str(payload).unwrap();
            payload["set"]["number"].as_u64()
        };
        given_up.filter_map(|event| number(&event.payload)).collect()
    }

    /// Nothing more goes wrong, everything had time to land, and both commands are run until nothing is left.
    async fn comes_to_rest(&mut self) {
        self.our_clock_is_ahead_by(chrono::Duration::zero());
        self.sandbox.clear_faults();
        self.passes(chrono::Duration::hours(2));
        self.publish().await;
        self.sync().await;
    }
}

/// What happened before, as far as it matters in the end.
#[derive(Debug, Default)]
struct Past {
    /// What people wrote into issues.
    lines: Vec<(u64, String)>,
    /// Whether a change of an issue may have landed late, and so over what people wrote meanwhile. No client can help that.
    may_write_over: bool,
    /// What a copy that lags behind shows.
    looks: Vec<followup::tracker::Seen>,
}

/// The issues that people open by themselves, which can be renamed, and what stands in them.
const THEIRS: &str = "Theirs";
const WORDS: &str = "Their own words.\n";

const TITLE: &str = "Checkout down for two hours";

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_the_end_both_sides_agree(happenings in prop::collection::vec(any_happening(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            let mut ids = world.report_with(vec![owned("Step 1", "octo-dev"), owned("Step 2", "octo-ops")]).await;
            let mut past = Past::default();
            for happening in happenings {
                world.happens(&mut ids, &mut past, happening).await;
            }
            world.comes_to_rest().await;
            world.finish().await;
            for (number, line) in past.lines.iter().filter(|_| !past.may_write_over) {
                let body = world.issue(*number).body;
                assert!(body.contains(line), "#{number} lost {line:?}: {body}");
            }
            let mut snapshot = world.store.read().await.unwrap();
            let mut linked = std::collections::HashSet::new();
            for id in ids {
                let link = snapshot.link_of(id).await.unwrap();
                let state = snapshot.action(id).await.unwrap().state;
                assert!(link.is_some() || !state.is_active(), "{id} is {state} and has no issue");
                linked.extend(link.and_then(|link| link.number).map(i64::unsigned_abs));
            }
            // Nothing was made that belongs to nobody: what is not linked was opened by people, or was given up.
            let given_up = world.given_up().await;
            for issue in world.sandbox.issues(REPO).iter().filter(|issue| issue.title != TITLE) {
                let is_linked = linked.contains(&issue.number);
                let sections = issue.body.matches("<!-- followup v=1").count();
                assert_eq!(sections, usize::from(is_linked), "{issue:#?}");
                let is_theirs = issue.body.starts_with(WORDS);
                assert!(is_linked || is_theirs || given_up.contains(&issue.number), "{issue:#?}");
                assert!(is_linked || !is_theirs || issue.body == WORDS, "{issue:#?}");
            }
        });
    }
}
