//! What GitHub says by itself: delivered, lost, twice, late, in any order, forged, and of kinds that nobody knows.

use followup::{
    action::{ActionId, State},
    store::Link,
    sync::Summary,
    webhook::{Delivery, Inbox, MAX_BYTES, Proof, Receipt, ReceiveError},
};
use github_sandbox::{CloseReason, Effect, Fault, Mail, WebhookDelivery};
use proptest::prelude::*;

use crate::world::{REPO, World, owned};

const SECRET: &str = "only the two of us know";

/// A report with these many published actions, at a GitHub that tells of changes; issue 1 is its parent.
async fn told_of(count: usize) -> World {
    let mut world = World::new().await;
    world.settings.publish.create_interval = std::time::Duration::ZERO;
    world.settings.publish.max_creates_per_minute = 10_000;
    world.settings.publish.max_creates_per_hour = 10_000;
    world.report_with((1..=count).map(|number| owned(&format!("Step {number}"), "octo-dev")).collect()).await;
    world.publish().await;
    world.sandbox.enable_webhooks(Some(SECRET));
    world
}

fn header<'a>(delivery: &'a WebhookDelivery, name: &str) -> Option<&'a str> {
    let found = delivery.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn id(number: i64) -> ActionId {
    ActionId::new(number)
}

impl World {
    fn inbox(&self, secrets: &[&str]) -> Inbox {
        let secrets = secrets.iter().map(|secret| (*secret).into()).collect();
        Inbox::new(self.store.clone(), "github", self.github().host(), secrets)
    }

    async fn takes(&self, delivery: &WebhookDelivery, secrets: &[&str]) -> Result<Receipt, ReceiveError> {
        let taken = Delivery {
            body: delivery.body.as_bytes(),
            event: header(delivery, "X-GitHub-Event"),
            guid: header(delivery, "X-GitHub-Delivery"),
            content_type: header(delivery, "Content-Type"),
        };
        let proof = Proof::Signature(header(delivery, "X-Hub-Signature-256"));
        self.inbox(secrets).receive(&self.stamp(), &taken, proof).await
    }

    /// Takes in what the network brings.
    pub(crate) async fn takes_in(&self, mail: Mail) -> Vec<Receipt> {
        let mut receipts = Vec::new();
        for delivery in self.sandbox.take_deliveries_by(mail) {
            receipts.push(self.takes(&delivery, &[SECRET]).await.unwrap());
        }
        receipts
    }

    async fn tells(&self, event: &str, body: &str) -> Receipt {
        let delivery = Delivery { body: body.as_bytes(), event: Some(event), ..Delivery::default() };
        self.inbox(&[]).receive(&self.stamp(), &delivery, Proof::Trusted).await.unwrap()
    }

    pub(crate) async fn syncs_what_was_hinted_at(&self) -> Summary {
        self.engine().await.sync_hinted(true).await.unwrap()
    }

    async fn all_links(&self) -> Vec<Link> {
        self.store.read().await.unwrap().linked("github", self.github().host()).await.unwrap()
    }

    /// The numbers of the issues that are to be looked at.
    async fn hinted(&self) -> Vec<i64> {
        let links = self.all_links().await;
        links.into_iter().filter(|link| link.hinted_at.is_some()).filter_map(|link| link.number).collect()
    }
}

#[tokio::test]
async fn what_a_webhook_tells_of_is_looked_at_by_a_cheap_pass() {
    let world = told_of(3).await;
    world.closes_on_github(3, CloseReason::Completed);
    let receipts = world.takes_in(Mail::default()).await;
    assert_eq!(receipts[0].event, "ping");
    let closed = receipts.iter().find(|receipt| receipt.action.as_deref() == Some("closed")).unwrap();
    assert_eq!((closed.hinted.as_slice(), closed.is_repeated), (&["CA-2".to_owned()][..], false));
    // What it says changes nothing by itself.
    assert_eq!(world.action(id(2)).await.state, State::Open);
    assert_eq!(world.hinted().await, [3]);
    let summary = world.syncs_what_was_hinted_at().await;
    assert_eq!((summary.observed, summary.changed.len()), (1, 1), "{summary:?}");
    assert_eq!(world.action(id(2)).await.state, State::Done);
    assert_eq!(world.hinted().await, Vec::<i64>::new());
    // And then there is nothing to look at.
    world.takes_in(Mail::default()).await;
    world.syncs_what_was_hinted_at().await;
    world.sandbox.clear_requests();
    let summary = world.syncs_what_was_hinted_at().await;
    assert_eq!((summary.observed, world.sandbox.request_count()), (0, 0));
    world.finish().await;
}

#[tokio::test]
async fn a_webhook_that_is_lost_delays_and_loses_nothing() {
    let world = told_of(2).await;
    world.closes_on_github(2, CloseReason::Completed);
    world.renames_on_github(3, "Step 2, and more");
    assert_eq!(world.takes_in(Mail { lose: 1000, ..Mail::default() }).await, vec![]);
    assert_eq!(world.syncs_what_was_hinted_at().await.observed, 0);
    let summary = world.sync().await;
    assert_eq!(summary.changed.len(), 2, "{summary:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_delivery_that_comes_again_is_taken_once_however_late() {
    let world = told_of(2).await;
    world.closes_on_github(2, CloseReason::Completed);
    let mut deliveries = world.sandbox.take_deliveries();
    deliveries.retain(|delivery| delivery.action.as_deref() == Some("closed"));
    let delivery = deliveries.pop().unwrap();
    assert!(!world.takes(&delivery, &[SECRET]).await.unwrap().is_repeated);
    world.syncs_what_was_hinted_at().await;
    // Somebody reopened it; the old word does not close it again.
    world.reopens_on_github(2);
    world.sync().await;
    world.passes(chrono::Duration::days(2));
    let again = world.takes(&delivery, &[SECRET]).await.unwrap();
    assert_eq!((again.is_repeated, again.hinted.len()), (true, 0));
    assert_eq!(world.hinted().await, Vec::<i64>::new());
    assert_eq!(world.action(id(1)).await.state, State::Open);
    world.finish().await;
}

#[tokio::test]
async fn nobody_else_can_hint() {
    let world = told_of(1).await;
    world.closes_on_github(2, CloseReason::Completed);
    let real = world.sandbox.take_deliveries().pop().unwrap();
    let with = |name: &str, value: Option<&str>| {
        let mut delivery = real.clone();
        delivery.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
        delivery.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        delivery
    };
    let signature = header(&real, "X-Hub-Signature-256").unwrap();
    let shorter = &signature[..signature.len() - 2];
    for forged in [
        with("X-Hub-Signature-256", Some(&signature.replace("sha256=", "sha1="))),
        with("X-Hub-Signature-256", Some(shorter)),
        with("X-Hub-Signature-256", Some("sha256=")),
        with("X-Hub-Signature-256", Some(&format!("sha256={}", "é".repeat(32)))),
        with("X-Hub-Signature-256", Some(&format!("sha256={}", "0".repeat(64)))),
        WebhookDelivery { body: real.body.replacen("closed", "opened", 1), ..real.clone() },
        WebhookDelivery { body: format!("{} ", real.body), ..real.clone() },
    ] {
        let error = world.takes(&forged, &[SECRET]).await.unwrap_err();
        assert!(matches!(error, ReceiveError::Forged), "{error}: {:?}", forged.headers);
    }
    let unsigned = world.takes(&with("X-Hub-Signature-256", None), &[SECRET]).await.unwrap_err();
    assert!(matches!(unsigned, ReceiveError::Unsigned), "{unsigned}");
    for none in [&[][..], &[""][..]] {
        let error = world.takes(&real, none).await.unwrap_err();
        assert!(matches!(error, ReceiveError::NoSecret), "an empty secret is everybody's: {error}");
    }
    let error = world.takes(&with("X-GitHub-Event", None), &[SECRET]).await.unwrap_err();
    assert!(matches!(error, ReceiveError::NoEvent), "{error}");
    let error = world.takes(&with("Content-Type", Some("text/plain")), &[SECRET]).await.unwrap_err();
    assert!(matches!(error, ReceiveError::Type(_)), "{error}");
    assert_eq!(world.hinted().await, Vec::<i64>::new());
    assert!(!world.takes(&real, &[SECRET]).await.unwrap().is_repeated, "nothing of the forged ones was kept");
    assert_eq!(world.hinted().await, [2]);
}

#[tokio::test]
async fn while_a_secret_is_exchanged_both_count() {
    let world = told_of(1).await;
    world.renames_on_github(2, "Another name");
    let old = world.sandbox.take_deliveries().pop().unwrap();
    world.sandbox.enable_webhooks(Some("the new one"));
    world.renames_on_github(2, "Still another");
    let new = world.sandbox.take_deliveries().pop().unwrap();
    for delivery in [&old, &new] {
        assert!(!world.takes(delivery, &["the new one", SECRET]).await.unwrap().is_repeated);
    }
    assert!(matches!(world.takes(&old, &["the new one"]).await, Err(ReceiveError::Forged)));
}

#[tokio::test]
async fn what_nobody_knows_yet_is_taken_and_written_down() {
    let world = told_of(1).await;
    let issue_id = world.all_links().await[1].issue_id.unwrap();
    for (event, body, hinted, is_understood) in [
        ("issue_weather", format!(r#"{{"action":"rained","issue":{{"id":{issue_id}}}}}"#), 1, true),
        ("issues", format!(r#"{{"action":["closed"],"issue":{{"id":"{issue_id}"}}}}"#), 1, true),
        ("issues", r#"{"issue":"gone","repository":7}"#.to_owned(), 0, true),
        ("issues", "[]".to_owned(), 0, true),
        ("issues", "null".to_owned(), 0, true),
        ("issues", format!("{}1{}", "[".repeat(5000), "]".repeat(5000)), 0, false),
        ("issues", r#"{"action":"closed""#.to_owned(), 0, false),
        ("issues", String::new(), 0, false),
    ] {
        let receipt = world.tells(event, &body).await;
        assert_eq!((receipt.hinted.len(), receipt.is_understood), (hinted, is_understood), "{body}");
        assert!(receipt.delivery.starts_with("sha256:"), "it is known by its content: {receipt:?}");
        assert!(world.tells(event, &body).await.is_repeated, "{body}");
    }
    world.finish().await;
    let long = vec![b' '; MAX_BYTES + 1];
    let delivery = Delivery { body: &long, event: Some("issues"), ..Delivery::default() };
    let error = world.inbox(&[]).receive(&world.stamp(), &delivery, Proof::Trusted).await.unwrap_err();
    assert!(matches!(error, ReceiveError::TooLong), "{error}");
}

#[tokio::test]
async fn a_look_that_fails_keeps_the_hint_and_one_that_came_meanwhile_stays() {
    let world = told_of(2).await;
    world.closes_on_github(2, CloseReason::Completed);
    world.takes_in(Mail::default()).await;
    world.sandbox.fault(Fault::graphql("nodes", Effect::Garble).always());
    world.engine().await.sync_hinted(true).await.unwrap_err();
    assert_eq!(world.hinted().await, [2]);
    world.sandbox.clear_faults();
    // The look begins; in the same second something else happens.
    let looked = world.all_links().await.into_iter().find(|link| link.number == Some(2)).unwrap();
    world.renames_on_github(2, "Step 1, and more");
    world.takes_in(Mail::default()).await;
    let stamp = world.stamp();
    let mut work = world.store.begin(&stamp).await.unwrap();
    work.answer_hint(&looked).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.hinted().await, [2]);
    world.syncs_what_was_hinted_at().await;
    assert_eq!(world.hinted().await, Vec::<i64>::new());
    world.finish().await;
}

#[tokio::test]
async fn what_happens_to_a_repository_hints_at_everything_in_it() {
    let world = told_of(3).await;
    world.sandbox.rename_repo(REPO, "acme/base").unwrap();
    let receipts = world.takes_in(Mail::default()).await;
    assert_eq!(receipts.last().unwrap().hinted, ["IR-1", "CA-1", "CA-2", "CA-3"], "{receipts:?}");
    world.syncs_what_was_hinted_at().await;
    assert!(world.all_links().await.iter().all(|link| link.repo == "acme/base" && link.hinted_at.is_none()));
}

#[tokio::test]
async fn an_issue_that_was_moved_or_deleted_is_found_out_by_the_hint() {
    let mut world = told_of(3).await;
    world.sandbox.add_repo("acme/core");
    let number = world.sandbox.transfer(REPO, 2, "acme/core").unwrap();
    world.sandbox.delete(REPO, 3).unwrap();
    world.takes_in(Mail { shuffle: true, seed: 7, ..Mail::default() }).await;
    let summary = world.engine().await.sync_hinted(false).await.unwrap();
    assert_eq!(summary.changed[0].what, ["its issue was moved from acme/platform#2 to acme/core#1"]);
    // What is not there is looked at twice before anybody says so, and the hint asks for it.
    assert_eq!((summary.needs_human, summary.waiting.len()), (vec![], 1));
    assert_eq!(world.hinted().await, [3]);
    world.passes(chrono::Duration::minutes(5));
    world.restart().await;
    let summary = world.engine().await.sync_hinted(false).await.unwrap();
    assert_eq!(summary.needs_human[0].what, "acme/platform#3 was deleted; the action stays as it is");
    assert_eq!(world.hinted().await, Vec::<i64>::new());
    // In its new repository it is heard as well.
    world.sandbox.close("acme/core", number, CloseReason::Completed, "octo-dev").unwrap();
    world.takes_in(Mail::default()).await;
    world.syncs_what_was_hinted_at().await;
    assert_eq!(world.action(id(1)).await.state, State::Done);
}

#[tokio::test]
async fn of_many_that_are_deleted_with_a_word_each_only_a_fifth_of_all_is_believed() {
    let world = told_of(9).await;
    for number in 2..=7 {
        world.sandbox.delete(REPO, number).unwrap();
    }
    world.takes_in(Mail::default()).await;
    let summary = world.syncs_what_was_hinted_at().await;
    let told: Vec<_> = summary.needs_human.iter().map(|waiting| waiting.what.as_str()).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("6 of 10 issues cannot be seen any more"), "{told:?}");
    assert!(world.hinted().await.len() >= 6, "nothing was concluded");
}

#[tokio::test]
async fn old_deliveries_are_forgotten_a_few_at_a_time() {
    let world = told_of(1).await;
    for number in 0..150 {
        world.tells("star", &format!(r#"{{"number":{number}}}"#)).await;
    }
    world.passes(chrono::Duration::days(29));
    assert!(world.tells("star", r#"{"number":0}"#).await.is_repeated);
    world.passes(chrono::Duration::days(2));
    // GitHub sends none again after three days; if it did, a look more would do no harm.
    for (round, left) in [("one", 50), ("two", 0)] {
        world.tells("star", &format!(r#"{{"round":"{round}"}}"#)).await;
        let mut snapshot = world.store.read().await.unwrap();
        let mut known = 0;
        for number in 0..150 {
            let body = format!(r#"{{"number":{number}}}"#);
            let digest = ring::digest::digest(&ring::digest::SHA256, body.as_bytes());
            let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            known += i32::from(snapshot.knows_delivery(&format!("sha256:{hex}")).await.unwrap());
        }
        assert_eq!(known, left, "round {round}");
    }
}

/// What people do in the browser.
#[derive(Clone, Debug)]
enum Edit {
    Closes(u64, CloseReason),
    Reopens(u64),
    Renames(u64, u8),
    Assigns(u64, Option<&'static str>),
    Labels(u64),
    Comments(u64),
    Passes(i64),
    IsDelivered,
    IsHeard,
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let issue = || 1u64..5;
    let reason =
        prop::sample::select(vec![CloseReason::Completed, CloseReason::NotPlanned, CloseReason::Duplicate]);
    let person = prop::option::of(prop::sample::select(vec!["octo-dev", "octo-ops"]));
    prop_oneof![
        (issue(), reason).prop_map(|(issue, reason)| Edit::Closes(issue, reason)),
        issue().prop_map(Edit::Reopens),
        (issue(), 0u8..4).prop_map(|(issue, title)| Edit::Renames(issue, title)),
        (issue(), person).prop_map(|(issue, person)| Edit::Assigns(issue, person)),
        issue().prop_map(Edit::Labels),
        issue().prop_map(Edit::Comments),
        (1i64..400).prop_map(Edit::Passes),
        Just(Edit::IsDelivered),
        Just(Edit::IsHeard),
    ]
}

fn any_mail() -> impl Strategy<Value = Mail> {
    let share = || prop_oneof![Just(0u32), Just(300), Just(1000)];
    (any::<u64>(), share(), share(), 0u32..700, any::<bool>())
        .prop_map(|(seed, lose, double, delay, shuffle)| Mail { seed, lose, double, delay, shuffle })
}

async fn happens(world: &World, edit: &Edit, mail: Mail) {
    match edit {
        Edit::Closes(issue, reason) => world.closes_on_github(*issue, *reason),
        Edit::Reopens(issue) => world.reopens_on_github(*issue),
        Edit::Renames(issue, title) => world.renames_on_github(*issue, &format!("Renamed {title}")),
        Edit::Assigns(issue, person) => world.assigns_on_github(*issue, *person),
        Edit::Labels(issue) => world.sandbox.label(REPO, *issue, "later").unwrap(),
        Edit::Comments(issue) => drop(world.sandbox.comment(REPO, *issue, "octo-lead", "How far?").unwrap()),
        Edit::Passes(seconds) => world.passes(chrono::Duration::seconds(*seconds)),
        Edit::IsDelivered => drop(world.takes_in(mail).await),
        Edit::IsHeard => drop(world.syncs_what_was_hinted_at().await),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_mail_does_both_sides_agree_after_a_sync(
        edits in prop::collection::vec(any_edit(), 1..20),
        mail in any_mail(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = told_of(3).await;
            for edit in &edits {
                happens(&world, edit, mail).await;
            }
            world.finish().await;
            // What comes late changes nothing any more.
            let before = world.actions().await;
            world.takes_in(Mail { shuffle: true, double: 500, ..Mail::default() }).await;
            world.syncs_what_was_hinted_at().await;
            assert_eq!(world.actions().await, before);
            world.finish().await;
        });
    }

    #[test]
    fn when_nothing_is_lost_the_hints_alone_keep_both_sides_in_step(
        edits in prop::collection::vec(any_edit(), 1..20),
        mail in any_mail(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = told_of(3).await;
            let mail = Mail { lose: 0, ..mail };
            for edit in &edits {
                happens(&world, edit, mail).await;
            }
            // Our own answers come back as webhooks; in the end all of them have come.
            for _ in 0..3 {
                world.takes_in(Mail { delay: 0, ..mail }).await;
                world.syncs_what_was_hinted_at().await;
            }
            assert_eq!(world.hinted().await, Vec::<i64>::new());
            world.is_quiet().await;
        });
    }
}
