use proptest::prelude::*;

use super::*;
use crate::{
    action::{ActionId, ReportId},
    intake::Team,
};

/// The drafts of a report, and for each the line it stands on.
fn read(document: &str) -> Vec<Draft> {
    let reading = incident_report::read(document, &incident_report::Options::default());
    reading.actions.into_iter().map(|read| Draft::new(read, &Team::default())).collect()
}

fn drafts(texts: &[&str]) -> Vec<Draft> {
    let draft = |text: &&str| {
        let report = format!("# Report\n\n## Action items\n\n- {text}\n");
        let mut drafts = read(&report);
        assert_eq!(drafts.len(), 1, "{report}");
        drafts.remove(0)
    };
    texts.iter().map(draft).collect()
}

fn actions_of(drafts: &[Draft]) -> Vec<Action> {
    let numbered = (1..).zip(drafts);
    numbered
        .map(|(number, draft)| Action {
            id: ActionId::new(number),
            ..draft.to_action(ReportId::new(1), chrono::DateTime::UNIX_EPOCH)
        })
        .collect()
}

fn actions(texts: &[&str]) -> Vec<Action> {
    actions_of(&drafts(texts))
}

/// Which action each draft is, from 0, as `1 new 0`.
fn told(after: &[&str], before: &[&str]) -> String {
    let matched = match_drafts(&drafts(after), &actions(before));
    let told = matched.drafts.iter().map(|old| old.map_or("new".to_owned(), |old| old.to_string()));
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn moved_and_reworded_items_keep_their_identity() {
    let before = actions(&[
        "Add a canary stage to the deploy pipeline",
        "Alert when the queue is longer than 1,000 jobs",
        "Document the restart procedure",
    ]);
    let after = drafts(&[
        "Alert when the queue is longer than 500 jobs",
        "Write a runbook for failover",
        "Add a canary stage to the deploy pipeline",
    ]);
    let matched = match_drafts(&after, &before);
    assert_eq!(matched, Matched { drafts: vec![Some(1), None, Some(0)], vanished: vec![2] });
}

#[test]
fn a_reworded_item_is_the_same() {
    for (before, after) in [
        ("Rotate the signing key", "Rotate the signing key every month"),
        ("We need to improve alerting on queue length", "Alert on queue length."),
        ("Add alert for queue depth", "Create an alert for the depth of the queue"),
        ("Document the restart procedure", "Document restart procedure in the runbook"),
        ("Rotate the signing key of the payment service", "Rotate signing keys for payments service"),
        (
            "Page the on-call engineer when replication lags",
            "When replication lags, page the on-call engineer",
        ),
        ("Add retries to the exporter", "Add retries with back-off to the exporter (3 attempts)"),
        ("Automate cerificate renewal", "Automate certificate renewal"),
        ("Monitoring", "Better monitoring"),
        ("Alarme für volle Platten einrichten", "Alarm für volle Platten auf allen Hosts einrichten"),
        ("Ajouter des tests d'intégration", "Ajouter plus de tests d’intégration"),
        ("Legge inn varsling på kølengde", "Legg inn varslinger på kølengden"),
        ("更换泄露的密钥", "更换所有泄露的密钥"),
        (
            "Enhanced Testing: more load tests before a release",
            "Enhanced Testing: load tests before each release",
        ),
        ("Fix the retry loop #12", "Stop retrying for ever (#12)"),
    ] {
        assert_eq!(told(&[after], &[before]), "0", "{before} → {after}");
    }
}

#[test]
fn another_item_is_not_the_same_however_much_it_looks_like_it() {
    for (before, after) in [
        ("Rotate the signing key", "Rotate the API key"),
        ("Add monitoring for disk usage", "Add monitoring for replication lag"),
        ("Add a canary stage to the deploy pipeline", "Add monitoring to the deploy pipeline"),
        ("Write a runbook for failover", "Write a runbook for certificate renewal"),
        ("Improve monitoring", "Improve testing"),
        ("Train the on-call engineers", "Rotate the signing key"),
        ("Update the documentation of the exporter", "Update the dependencies of the importer"),
        ("Testing: load test the gateway", "Testing: review the fixtures of the ledger"),
        ("Review alerts (OPS-12)", "Review alarms (OPS-13)"),
    ] {
        assert_eq!(told(&[after], &[before]), "new", "{before} → {after}");
    }
}

#[test]
fn of_items_that_are_alike_each_finds_its_own() {
    let before = [
        "Add an alert for shard 1",
        "Add an alert for shard 2",
        "Add an alert for shard 3",
        "Add a dashboard for shard 1",
    ];
    assert_eq!(
        told(
            &[
                "Add a dashboard for shard 1",
                "Add an alert for shard 4",
                "Add an alert for shard 3 soon",
                "Add an alert for shard 1",
            ],
            &before
        ),
        "3 new 2 0"
    );
}

#[test]
fn the_same_text_twice_is_two_actions() {
    let texts = ["Rotate the key", "Rotate the key"];
    let matched = match_drafts(&drafts(&texts), &actions(&texts));
    assert_eq!(matched, Matched { drafts: vec![Some(0), Some(1)], vanished: vec![] });
    assert_eq!(told(&["Rotate the key"], &texts), "0");
    assert_eq!(told(&["Rotate the key", "Rotate the key", "Rotate the key"], &texts), "0 new 1");
}

#[test]
fn equal_texts_are_told_apart_by_what_stands_around_them() {
    let before = ["Rotate the key (owner: @ann)", "Rotate the key (owner: @bo)"];
    assert_eq!(told(&["Rotate the key (owner: @bo)"], &before), "1");
    let before = ["Train people", "Update the runbook", "Test the failover", "Update the runbook"];
    assert_eq!(told(&["Test the failover", "Update the runbook", "Train people"], &before), "2 3 0");
    let under = |sections: [&str; 2]| {
        let mut drafts = drafts(&["Update the runbook", "Update the runbook"]);
        for (draft, section) in drafts.iter_mut().zip(sections) {
            draft.read.section = Some(section.to_owned());
        }
        drafts
    };
    let matched = match_drafts(&under(["Web", "Mail"]), &actions_of(&under(["Mail", "Web"])));
    assert_eq!(matched.drafts, [Some(1), Some(0)]);
}

#[test]
fn a_heading_alone_is_no_identity() {
    let explained = |explanation: Option<&str>| {
        let mut drafts = drafts(&["Monitoring", "Meet every week to look at the alerts"]);
        drafts[0].read.description = explanation.map(str::to_owned);
        drafts
    };
    let before = actions_of(&explained(Some("Alert on the length of the queue of outgoing mail.")));
    let same = explained(Some("Alert on the length of the outgoing mail queue, and page somebody."));
    assert_eq!(match_drafts(&same, &before).drafts, [Some(0), Some(1)]);
    assert_eq!(match_drafts(&explained(None), &before).drafts, [Some(0), Some(1)]);
    let other = explained(Some("Measure how long certificates are still valid."));
    assert_eq!(match_drafts(&other, &before).drafts, [None, Some(1)]);
}

#[test]
fn a_split_item_goes_on_in_its_first_part_and_merged_ones_in_the_one_they_are_in() {
    let whole = "Alert on full disks and on expired certificates";
    let parts = ["Alert on full disks", "Alert on expired certificates"];
    assert_eq!(told(&parts, &[whole]), "0 new");
    let matched = match_drafts(&drafts(&[whole]), &actions(&parts));
    assert_eq!((matched.drafts.len(), matched.vanished.len()), (1, 1));
}

#[test]
fn what_vanished_and_comes_back_is_the_same_again_and_takes_nobodys_place() {
    let mut before = actions(&["Rotate the signing key", "Rotate the signing key now"]);
    before[0].vanished = true;
    assert_eq!(match_drafts(&drafts(&["Rotate the signing key soon"]), &before).drafts, [Some(1)]);
    assert_eq!(
        match_drafts(&drafts(&["Rotate the signing key now", "Rotate the signing key"]), &before).drafts,
        [Some(1), Some(0)]
    );
}

#[test]
fn however_many_items_are_alike_each_is_compared_with_a_few() {
    let many = |word: &str| -> Vec<Draft> {
        let one = drafts(&["Rotate the key"]).remove(0);
        let draft = |number: usize| {
            let mut draft = one.clone();
            draft.read.text = format!("Rotate key {} {word} of the key", number % 7);
            draft.read.title = draft.read.text.clone();
            draft
        };
        (0..1_000).map(draft).collect()
    };
    let matching = Matching::new(&many("soon"), &actions_of(&many("now")));
    let nearby = Nearby::new(&matching);
    for new in [0, 500, 999] {
        assert!(nearby.candidates(&matching, new).len() <= MOST_COMPARED + 2);
    }
    let matched = match_drafts(&many("soon"), &actions_of(&many("now")));
    let mut found: Vec<usize> = matched.drafts.into_iter().flatten().collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len() + matched.vanished.len(), 1_000);
}

/// An item of the model: what it is, and how it is written at the moment.
#[derive(Clone, Debug)]
struct Known {
    identity: usize,
    verb: usize,
    things: [usize; 3],
    number: Option<u32>,
    wording: Vec<Rewording>,
    section: usize,
}

/// The changes of wording that keep an item the same.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rewording {
    OtherVerb,
    MoreWords,
    WithoutArticles,
    Slip,
    OtherOrder,
    Plural,
    Capitals,
    OtherNumber,
}

const REWORDINGS: [Rewording; 8] = [
    Rewording::OtherVerb,
    Rewording::MoreWords,
    Rewording::WithoutArticles,
    Rewording::Slip,
    Rewording::OtherOrder,
    Rewording::Plural,
    Rewording::Capitals,
    Rewording::OtherNumber,
];

const VERBS: [&str; 10] =
    ["Add", "Create", "Improve", "Review", "Write", "Fix", "Replace", "Define", "Update", "Remove"];

const THINGS: [&str; 36] = [
    "exporter",
    "gateway",
    "ledger",
    "replica",
    "canary",
    "scheduler",
    "certificate",
    "firewall",
    "invoice",
    "snapshot",
    "partition",
    "balancer",
    "dashboard",
    "pipeline",
    "runbook",
    "cluster",
    "webhook",
    "queue",
    "session",
    "migration",
    "voucher",
    "printer",
    "telephone",
    "warehouse",
    "customer",
    "archive",
    "template",
    "registry",
    "sandbox",
    "tenant",
    "compiler",
    "bucket",
    "payload",
    "parser",
    "thermostat",
    "checkout",
];

impl Known {
    fn text(&self) -> String {
        let says = |rewording| self.wording.contains(&rewording);
        let verb =
            if says(Rewording::OtherVerb) { VERBS[(self.verb + 1) % VERBS.len()] } else { VERBS[self.verb] };
        let mut things = self.things.map(|thing| THINGS[thing].to_owned());
        if says(Rewording::Slip) {
            // Two letters in the middle of a word change places.
            let mut letters: Vec<char> = things[1].chars().collect();
            let middle = letters.len() / 2;
            letters.swap(middle, middle + 1);
            things[1] = letters.into_iter().collect();
        }
        if says(Rewording::Plural) {
            things[0].push('s');
        }
        let article = if says(Rewording::WithoutArticles) { "" } else { "the " };
        let [first, second, third] = things;
        let mut text = match says(Rewording::OtherOrder) {
            false => format!("{verb} {article}{first} {second} of {article}{third}"),
            true => format!("{verb} {article}{third} {first} for {article}{second}"),
        };
        if says(Rewording::MoreWords) {
            text.push_str(" in all regions soon");
        }
        if let Some(number) = self.number {
            let number = if says(Rewording::OtherNumber) { number + 1 } else { number };
            text.push_str(&format!(" within {number} minutes"));
        }
        if says(Rewording::Capitals) { format!("{}.", text.to_uppercase()) } else { text }
    }

    fn shares(&self, other: &Self) -> usize {
        self.things.iter().filter(|thing| other.things.contains(thing)).count()
    }
}

/// How a document is written.
#[derive(Clone, Copy, Debug)]
struct Layout {
    is_plain: bool,
    bullet: usize,
    headings: usize,
}

/// A document, and for each line that an item stands on, which one it is.
fn write(items: &[Known], layout: Layout) -> (String, HashMap<usize, usize>) {
    const BULLETS: [&str; 4] = ["- ", "* ", "  - ", "- [ ] "];
    const HEADINGS: [[&str; 2]; 3] = [
        ["Action items", "Follow-ups"],
        ["Next steps", "Action items"],
        ["Remediation", "Corrective actions"],
    ];
    let mut lines: Vec<String> =
        vec![if layout.is_plain { "Outage" } else { "# Outage" }.to_owned(), String::new()];
    let mut identities = HashMap::new();
    for (section, heading) in HEADINGS[layout.headings].into_iter().enumerate() {
        lines.push(if layout.is_plain { format!("{heading}:") } else { format!("## {heading}") });
        lines.push(String::new());
        for item in items.iter().filter(|item| item.section == section) {
            lines.push(format!("{}{}", BULLETS[layout.bullet], item.text()));
            identities.insert(lines.len(), item.identity);
        }
        lines.push(String::new());
    }
    (lines.join("\n"), identities)
}

fn layouts() -> impl Strategy<Value = Layout> {
    (any::<bool>(), 0..4usize, 0..3usize).prop_map(|(is_plain, bullet, headings)| Layout {
        is_plain,
        bullet,
        headings,
    })
}

fn items(most: usize) -> impl Strategy<Value = Vec<Known>> {
    let item =
        (0..VERBS.len(), prop::array::uniform3(0..THINGS.len()), prop::option::of(2..90u32), 0..2usize);
    prop::collection::vec(item, 1..most).prop_map(|items| {
        let mut known: Vec<Known> = Vec::new();
        for (verb, things, number, section) in items {
            let item = Known { identity: known.len(), verb, things, number, wording: Vec::new(), section };
            let is_itself = things[0] != things[1] && things[1] != things[2] && things[0] != things[2];
            // Two things of three in common are allowed: items of one report are often alike.
            if is_itself && known.iter().all(|other| other.shares(&item) <= 2) {
                known.push(item);
            }
        }
        known
    })
}

#[derive(Clone, Debug)]
enum Edit {
    Move(prop::sample::Index, prop::sample::Index, usize),
    Reword(prop::sample::Index, Rewording),
    Delete(prop::sample::Index),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let index = any::<prop::sample::Index>;
    let edit = prop_oneof![
        (index(), index(), 0..2usize).prop_map(|(from, to, section)| Edit::Move(from, to, section)),
        (index(), prop::sample::select(&REWORDINGS[..])).prop_map(|(at, how)| Edit::Reword(at, how)),
        index().prop_map(Edit::Delete),
    ];
    prop::collection::vec(edit, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever is moved, reworded lightly (at most two of the changes above for one item), deleted, written in another
    /// format or under other headings: what is the same item stays the same action; and what is a new item, with at
    /// least two of its three things its own, takes nobody's place.
    #[test]
    fn a_report_may_be_edited_and_every_action_stays_what_it_is(
        known in items(24),
        fresh in items(8),
        edits in edits(),
        layout in (layouts(), layouts()),
    ) {
        prop_assume!(!known.is_empty());
        let (before, lines) = write(&known, layout.0);
        let before = read(&before);
        prop_assert_eq!(before.len(), known.len());
        let old: Vec<usize> = before.iter().map(|draft| lines[&draft.read.line]).collect();

        let mut edited = known.clone();
        for edit in edits {
            if edited.is_empty() {
                break;
            }
            match edit {
                Edit::Move(from, to, section) => {
                    let item = edited.remove(from.index(edited.len()));
                    edited.insert(to.index(edited.len() + 1), Known { section, ..item });
                }
                Edit::Reword(at, how) => {
                    let at = at.index(edited.len());
                    let wording = &mut edited[at].wording;
                    if wording.len() < 2 && !wording.contains(&how) {
                        wording.push(how);
                    }
                }
                Edit::Delete(at) => {
                    edited.remove(at.index(edited.len()));
                }
            }
        }
        for (number, item) in fresh.into_iter().enumerate() {
            if known.iter().all(|other| other.shares(&item) <= 1) {
                edited.insert(number.min(edited.len()), Known { identity: 1_000 + number, ..item });
            }
        }
        prop_assume!(!edited.is_empty());

        let (after, lines) = write(&edited, layout.1);
        let after = read(&after);
        prop_assert_eq!(after.len(), edited.len());
        let matched = match_drafts(&after, &actions_of(&before));
        for (draft, found) in after.iter().zip(&matched.drafts) {
            let identity = lines[&draft.read.line];
            let expected = (identity < 1_000).then_some(identity);
            prop_assert_eq!(found.map(|index| old[index]), expected, "{}", draft.read.text);
        }
    }

    #[test]
    fn any_two_lists_are_matched_one_to_one(
        before in prop::collection::vec("[a-c密钥 #0-9]{0,12}", 0..12),
        after in prop::collection::vec("[a-c密钥 #0-9]{0,12}", 0..12),
    ) {
        let one = drafts(&["Rotate the key"]).remove(0);
        let make = |texts: &[String]| -> Vec<Draft> {
            let draft = |text: &String| {
                let mut draft = one.clone();
                draft.read.text.clone_from(text);
                draft.read.title.clone_from(text);
                draft
            };
            texts.iter().map(draft).collect()
        };
        let (before, after) = (actions_of(&make(&before)), make(&after));
        let matched = match_drafts(&after, &before);
        let mut all: Vec<usize> = matched.drafts.iter().flatten().copied().collect();
        all.extend(&matched.vanished);
        all.sort_unstable();
        prop_assert_eq!(all, (0..before.len()).collect::<Vec<_>>());
        prop_assert_eq!(match_drafts(&after, &before), matched);
    }
}
