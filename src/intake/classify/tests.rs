use proptest::prelude::*;

use super::*;

fn classify(title: &str, text: &str, section: Option<&str>, kind_text: Option<&str>) -> Classification {
    Classifier::default().classify(title, text, section, kind_text)
}

/// The category and the kind of an action without description, heading or type.
fn told(title: &str) -> String {
    let Classification { category, kind, .. } = classify(title, title, None, None);
    format!("{category} {kind}")
}

fn kind(title: &str, section: Option<&str>, kind_text: Option<&str>) -> Kind {
    classify(title, title, section, kind_text).kind
}

#[test]
fn the_word_lists_are_well_formed_and_name_what_there_is() {
    let lists = [
        include_str!("../words/categories.txt"),
        include_str!("../words/kinds.txt"),
        include_str!("../words/headings.txt"),
    ];
    for list in lists {
        assert_eq!(Lexicon::parse(list).err(), None);
    }
    let (categories, suggested): (Vec<_>, Vec<_>) = CATEGORIES.outline().into_iter().unzip();
    assert_eq!(categories, Category::BUILT_IN);
    for kind in suggested.into_iter().flatten() {
        assert!(kind.parse::<Kind>().is_ok(), "{kind}");
    }
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| (kind.as_str(), None)).collect();
    assert_eq!(KINDS.outline(), kinds);
    for (kind, _) in HEADINGS.outline() {
        assert!(kind.parse::<Kind>().is_ok(), "{kind}");
    }
}

#[test]
fn a_titled_action_is_told_by_its_title_and_its_purpose() {
    for (title, rest, expected) in [
        (
            "Improved Configuration Management",
            "Implement a more robust configuration management process to prevent similar invalid changes in the \
             future.",
            "configuration-management prevent",
        ),
        (
            "Enhanced Testing",
            "Increase the scope and frequency of testing to identify potential issues before they affect \
             production.",
            "testing prevent",
        ),
        (
            "Library Updates",
            "Prioritize updates to the internal library to ensure any known bugs are addressed.",
            "dependency-updates prevent",
        ),
        (
            "Incident Response Plan",
            "Review and refine the incident response plan to reduce the time to detect and resolve similar \
             incidents.",
            "incident-response process",
        ),
    ] {
        let Classification { category, kind, .. } = classify(title, &format!("{title}: {rest}"), None, None);
        assert_eq!(format!("{category} {kind}"), expected, "{title}");
    }
}

#[test]
fn plain_english_actions_are_told() {
    for (title, expected) in [
        ("Add an alert when the queue grows", "monitoring detect"),
        ("Alert the on-call engineer when replication lag exceeds one minute", "monitoring detect"),
        ("Add monitoring for connection pool saturation", "monitoring detect"),
        ("Create a dashboard of queue depth", "monitoring detect"),
        ("Document the restart procedure in the runbook", "documentation process"),
        ("Write down how to reach the network provider", "documentation process"),
        ("Rotate the leaked credentials", "security repair"),
        ("Revoke the old API keys", "security repair"),
        ("Add canary stage to the deploy pipeline", "deployment prevent"),
        ("Freeze deployments on the day before a holiday", "deployment prevent"),
        ("Raise the connection limit of the database", "capacity prevent"),
        ("Add an index for the slow query on orders", "capacity prevent"),
        ("Automate certificate renewal", "automation prevent"),
        ("Test restoring backups monthly", "data-protection mitigate"),
        ("Backfill the missing invoices", "data-protection repair"),
        ("Limit who can run migrations in production", "access-control prevent"),
        ("Require two approvals for changes to the ledger", "access-control prevent"),
        ("Train new on-call engineers", "training process"),
        ("Run a workshop about the new on-call tools", "training process"),
        ("Post status page updates sooner", "communication process"),
        ("Tell support before maintenance begins", "communication process"),
        ("Add retries with back-off and a circuit breaker", "resilience mitigate"),
        ("Make the payment job idempotent", "resilience mitigate"),
        ("Find out why the failover did not trigger", "resilience investigate"),
        ("Hold a game day each quarter", "incident-response process"),
        ("Write a playbook for regional outages", "incident-response process"),
        ("Load test the connection pool", "testing prevent"),
        ("Upgrade OpenSSL on all hosts", "dependency-updates prevent"),
        ("Validate the configuration file before it is loaded", "configuration-management prevent"),
        ("Water the plants", "other other"),
        ("", "other other"),
    ] {
        assert_eq!(told(title), expected, "{title}");
    }
}

#[test]
fn frequent_words_of_other_languages_are_told() {
    for (title, expected) in [
        ("Alarme für volle Platten einrichten", "monitoring detect"),
        ("Dokumentation des Neustarts ergänzen", "documentation process"),
        ("Configurar alertas de latencia", "monitoring detect"),
        ("Ajouter des tests d'intégration", "testing prevent"),
        ("Sauvegarder la base chaque nuit", "data-protection mitigate"),
        ("Treinamento sobre o novo painel", "training process"),
        ("Legge inn varsling på kølengde", "monitoring detect"),
        ("Обучить дежурных инженеров", "training process"),
        ("更换泄露的密钥", "security repair"),
    ] {
        assert_eq!(told(title), expected, "{title}");
    }
}

#[test]
fn what_an_action_is_for_does_not_hide_what_it_does() {
    let title = "Write tests so that the alert cannot break";
    assert_eq!(classify(title, title, None, None).category.as_str(), "testing");
    assert_eq!(told("Expand the monitoring to detect data leaks sooner"), "monitoring detect");
    assert_eq!(
        told("Review changes of the queue settings to prevent outages"),
        "configuration-management prevent"
    );
}

#[test]
fn the_stated_kind_wins_then_the_heading_then_the_words() {
    let title = "Add an alert when the queue grows";
    assert_eq!(kind(title, None, None), Kind::Detect);
    assert_eq!(kind(title, Some("Prevention"), None), Kind::Prevent);
    assert_eq!(kind(title, Some("How do we keep it from happening again?"), None), Kind::Prevent);
    assert_eq!(kind(title, Some("Mitigation measures"), None), Kind::Mitigate);
    assert_eq!(kind(title, Some("Process"), None), Kind::Process);
    assert_eq!(kind(title, Some("Prevention"), Some("mitigate")), Kind::Mitigate);
    for (stated, expected) in [
        ("Prevention", Kind::Prevent),
        ("preventative", Kind::Prevent),
        ("Mitigate", Kind::Mitigate),
        ("detect", Kind::Detect),
        ("process improvement", Kind::Process),
        ("Repair", Kind::Repair),
        ("bugfix", Kind::Repair),
        ("corrective", Kind::Repair),
        ("Investigation", Kind::Investigate),
        ("Forebygging", Kind::Prevent),
    ] {
        assert_eq!(kind("Water the plants", None, Some(stated)), expected, "{stated}");
    }
}

#[test]
fn a_heading_over_actions_of_all_kinds_tells_nothing() {
    let title = "Add an alert when the queue grows";
    for heading in [
        "Corrective and preventive measures",
        "Corrective/Preventative Actions",
        "Corrective actions",
        "Detection, mitigation and prevention",
        "Action items",
        "",
    ] {
        assert_eq!(kind(title, Some(heading), Some(heading)), Kind::Detect, "{heading}");
    }
}

#[test]
fn a_heading_tells_the_category_only_of_what_says_nothing_itself() {
    let category = |title, section| classify(title, title, Some(section), None).category.to_string();
    assert_eq!(category("Cover the mobile app too", "Monitoring"), "monitoring");
    assert_eq!(category("Rotate the leaked credentials", "Monitoring"), "security");
    assert_eq!(category("Water the plants", "Next steps (tracked in the board)"), "other");
}

#[test]
fn an_answer_names_the_rules_that_led_to_it() {
    let matched = |title, section| classify(title, title, section, None).matched.join("; ");
    assert_eq!(
        matched("Rotate the leaked credentials", None),
        "credential (security +10); rotate (security +6); leak (security +6); rotate (repair +10); leak (repair +6)"
    );
    assert_eq!(matched("Add headroom", None), "headroom (capacity +10); capacity (prevent +3)");
    assert_eq!(matched("Water the plants", Some("Prevention")), "prevent (prevent, heading)");
    assert_eq!(matched("Water the plants", None), "");
}

proptest! {
    #[test]
    fn any_text_is_told_and_always_the_same(
        title in any::<String>(),
        text in any::<String>(),
        section in any::<Option<String>>(),
        kind_text in any::<Option<String>>(),
    ) {
        let tell = || classify(&title, &text, section.as_deref(), kind_text.as_deref());
        prop_assert_eq!(tell(), tell());
    }

    #[test]
    fn any_words_are_told_with_their_reasons(text in "((alert|test|to prevent|document|密钥|über|9+|[-^*=#:]) ?){0,12}") {
        let Classification { category, matched, .. } = classify(&text, &text, None, None);
        prop_assert!(Category::BUILT_IN.contains(&category.as_str()));
        prop_assert!(category == Category::other() || !matched.is_empty());
        prop_assert!(matched.len() <= 2 * NAMED_RULES);
    }
}

#[test]
fn a_huge_text_is_told_as_quickly_as_its_beginning() {
    let text = "yyyyyyyyyyyy".repeat(50_000) + &" alert".repeat(50_000);
    assert_eq!(told(&text), "monitoring detect");
}

/// An action of the table, and what people would call it.
struct Example {
    category: &'static str,
    kinds: Vec<&'static str>,
    text: &'static str,
}

/// The table, by its parts: what the lists were worked on with, what was held back, and other languages.
fn examples() -> [Vec<Example>; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let (mut part, mut group) = (0, "");
    for line in include_str!("../words/examples.txt").lines() {
        if let Some(heading) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            (part, group) = match heading {
                "held back" => (1, ""),
                "other languages" => (2, ""),
                category => (0, category),
            };
        } else if let Some((told, text)) = line.split_once('|') {
            let (category, kinds) = match told.trim().split_once(' ') {
                Some((category, kinds)) => (category, kinds.trim()),
                None => (group, told.trim()),
            };
            parts[part].push(Example { category, kinds: kinds.split('/').collect(), text: text.trim() });
        }
    }
    parts
}

/// How many of the examples are told right, category and kind apart, and which are not.
fn measure(examples: &[Example]) -> (f64, f64, String) {
    let (mut categories, mut kinds, mut wrong) = (0, 0, String::new());
    for example in examples {
        let Classification { category, kind, matched } = classify(example.text, example.text, None, None);
        let right = (category.as_str() == example.category, example.kinds.contains(&kind.as_str()));
        categories += u32::from(right.0);
        kinds += u32::from(right.1);
        if right != (true, true) {
            let expected = format!("{} {}", example.category, example.kinds.join("/"));
            wrong.push_str(&format!(
                "{}\n    is {expected}, told {category} {kind}: {}\n",
                example.text,
                matched.join("; ")
            ));
        }
    }
    let of = |right: u32| f64::from(right) / f64::from(u32::try_from(examples.len()).unwrap());
    (of(categories), of(kinds), wrong)
}

#[test]
fn most_actions_are_told_as_people_would() {
    let bars = [(0.95, 0.94), (0.78, 0.85), (0.95, 0.95)];
    for (examples, bar) in examples().iter().zip(bars) {
        let (categories, kinds, wrong) = measure(examples);
        let told =
            format!("{} examples: categories {categories:.3}, kinds {kinds:.3}\n{wrong}", examples.len());
        assert!(categories >= bar.0 && kinds >= bar.1, "{told}");
    }
}

/// What is told with the words of a configuration.
fn told_by(configuration: &str, title: &str) -> String {
    let config = crate::config::Config::parse(std::path::Path::new("followup.toml"), configuration).unwrap();
    let Classification { category, kind, matched } =
        crate::intake::Team::of(&config).classifier.classify(title, title, None, None);
    format!("{category} {kind}: {}", matched.join("; "))
}

#[test]
fn a_team_adds_a_category_of_its_own() {
    let own = "[categories.compliance]\nkind = \"process\"\nwords = [\"gdpr\", \"data retention +6\", \"audit +4\"]";
    assert_eq!(
        told_by(own, "Ask the auditors about data retention under GDPR"),
        "compliance process: data retention (compliance +12); gdpr (compliance +8); ask (process +6)"
    );
    assert_eq!(told_by(own, "Rotate the keys").split(' ').next(), Some("security"));
}

#[test]
fn a_team_adds_words_to_what_is_there_and_takes_some_away() {
    let own = "[categories.monitoring]\nwords = [\"nagios +6\", \"alert +1\"]\n[kinds.prevent]\nwords = [\"nagios +9\"]";
    assert_eq!(
        told_by(own, "Move the Nagios host"),
        "monitoring prevent: nagios (monitoring +12); nagios (prevent +18)"
    );
    assert_eq!(told_by(own, "Tests of the alert")[..7], *"testing");
    let less = "[categories.capacity]\nwords = [\"headroom +0\"]";
    assert_eq!(told_by(less, "Add headroom"), "other other: ");
    assert_eq!(
        told_by("", "Add headroom"),
        "capacity prevent: headroom (capacity +10); capacity (prevent +3)"
    );
}

#[test]
fn of_equal_sums_the_category_of_the_team_wins() {
    let own = "[categories.keys]\nwords = [\"credential +5\"]";
    assert_eq!(told_by(own, "List the credentials").split(' ').next(), Some("keys"));
}
