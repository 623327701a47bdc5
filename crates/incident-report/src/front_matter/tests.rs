//! Metadata as people and their site generators write it.

use chrono::NaiveDate;

use super::*;
use crate::{Format, Options, Severity, read};

/// The pairs as `line key: value`, and the lines that the block takes.
fn told(block: &str) -> Option<(Vec<String>, usize)> {
    let lines: Vec<&str> = block.lines().collect();
    let (pairs, taken) = parse(&lines)?;
    Some((pairs.iter().map(|pair| format!("{} {}: {}", pair.line, pair.key, pair.value)).collect(), taken))
}

#[test]
fn yaml_is_read_by_its_grammar() {
    let block = "---\n# ours\ntitle: \"The day: the queue stopped\"\ndate: 2025-02-03\nseverity: SEV-2 # we think\n\
                 services: [checkout, \"mail, out\"]\nauthors:\n  - Ada Okot\n  - name: Ben Mwangi\n    role: Scribe\n\
                 \x20 - {name: Chipo Banda, github: cbanda}\nsummary: >-\n  It was\n  long\nincident:\n  startedAt: 10:00 UTC\n\
                 \x20 severity: high\nresources:\n  - src: x\n    params:\n      title: y\n        z\ndraft: false\nempty:\n---\ntext";
    let (pairs, taken) = told(block).unwrap();
    assert_eq!(
        pairs,
        [
            "3 title: The day: the queue stopped",
            "4 date: 2025-02-03",
            "5 severity: SEV-2",
            "6 services: checkout",
            "6 services: mail, out",
            "8 author: Ada Okot",
            "9 author: Ben Mwangi (Scribe)",
            "11 author: Chipo Banda (@cbanda)",
            "12 summary: It was long",
            "16 incident started At: 10:00 UTC",
            "17 incident severity: high",
            "19 resources src: x",
            "23 draft: false",
        ]
    );
    assert_eq!(taken, 25);
}

#[test]
fn toml_is_read_by_its_grammar() {
    let block = "+++\ntitle = \"Queue stopped\"\ndate = 2025-02-03T10:00:00Z\nauthors = [\"Ada Okot\", \"Ben Mwangi\"]\n\
                 [extra]\nseverity = 'SEV-2'\n+++\n";
    let (pairs, taken) = told(block).unwrap();
    assert_eq!(
        pairs,
        [
            "2 title: Queue stopped",
            "3 date: 2025-02-03T10:00:00Z",
            "4 author: Ada Okot",
            "4 author: Ben Mwangi",
            "6 extra severity: SEV-2",
        ]
    );
    assert_eq!(taken, 7);
}

#[test]
fn what_is_no_grammar_is_read_by_its_lines() {
    let block = "---\ntitle: Oven fire: the whole story # 3\nOwner: @ann\ntags:\n  - a\n  - b: c\n# note\nservices: [a, 'b']\n\
                 severity: {{ severity }}\nnested:\n  x: y\ntext: |\n  words\n---\n";
    let (pairs, _) = told(block).unwrap();
    assert_eq!(
        pairs,
        [
            "2 title: Oven fire: the whole story",
            "3 Owner: @ann",
            "5 tags: a",
            "8 services: a",
            "8 services: b",
            "9 severity: {{ severity }}",
        ]
    );
    let (pairs, _) = told("+++\ntitle = Oven fire\ndate = \"2025-02-03\"\n+++\n").unwrap();
    assert_eq!(pairs, ["2 title: Oven fire", "3 date: 2025-02-03"]);
}

#[test]
fn a_thematic_break_is_no_front_matter() {
    for block in [
        "---\nJust text\n---",
        "---\na: b",
        "",
        "---\n- a\n- b\n---",
        "---\nWhat we were told on that day: nothing at all\n---",
        "+++\na: b\n---",
    ] {
        assert_eq!(told(block), None, "{block}");
    }
    assert_eq!(told("---\n---\n"), Some((Vec::new(), 2)));
    assert_eq!(told("---\na: b\n...\n"), Some((vec!["2 a: b".to_owned()], 3)));
}

#[test]
fn a_block_that_is_too_long_is_read_by_its_lines_and_one_that_never_ends_is_none() {
    let long = format!("---\na: {}\nb:\n  c: d\n---\n", "x".repeat(MAX_BYTES));
    assert_eq!(told(&long).unwrap().0.len(), 1);
    assert_eq!(told(&format!("---\n{}---\n", "a: b\n".repeat(MAX_LINES + 1))), None);
    let bomb = format!("---\na: {}\n---\n", "[".repeat(60_000));
    assert_eq!(told(&bomb).unwrap().0.len(), 1);
}

#[test]
fn facts_in_the_metadata_reach_the_report() {
    let text = "# Crane stopped\n\nIt stopped.\n";
    for block in [
        "---\ntitle: Crane stopped\ndate: 2025-03-20\nincident_date: 03/04/2025\nstart: 2025-04-03 09:00 UTC\n\
         end: 2025-04-03 10:30 UTC\nseverity: SEV-2\nservices:\n  - cranes\n  - gates\nauthors:\n  - name: Ada Okot\n    role: Lead\n\
         \x20 - Ben Mwangi\nstatus: final\n---\n",
        "+++\ntitle = \"Crane stopped\"\ndate = 2025-03-20\nincident_date = \"03/04/2025\"\nservices = [\"cranes\", \"gates\"]\n\
         [incident]\nstart = \"2025-04-03 09:00 UTC\"\nend = \"2025-04-03 10:30 UTC\"\nseverity = \"SEV-2\"\n\
         [[authors]]\nname = \"Ada Okot\"\nrole = \"Lead\"\n[[authors]]\nname = \"Ben Mwangi\"\n+++\n",
        // Not valid, because of the title.
        "---\ntitle: Crane stopped\ndescription: Short: it stopped\ndate: 2025-03-20\nincident date: 03/04/2025\n\
         start: 2025-04-03 09:00 UTC\nend: 2025-04-03 10:30 UTC\nseverity: SEV-2\nservices: [cranes, gates]\n\
         authors:\n  - Ada Okot (Lead)\n  - Ben Mwangi\n---\n",
    ] {
        let reading = read(&format!("{block}\n{text}"), &Options::default());
        let facts = &reading.report;
        assert_eq!(facts.format, Format::Markdown);
        assert_eq!(facts.title.as_deref(), Some("Crane stopped"), "{block}");
        assert_eq!(facts.report_date, NaiveDate::from_ymd_opt(2025, 3, 20), "{block}");
        assert_eq!(facts.incident_date, NaiveDate::from_ymd_opt(2025, 4, 3), "{block}");
        assert_eq!(facts.duration_minutes, Some(90), "{block}");
        assert_eq!(facts.severity, Some(Severity::Sev2), "{block}");
        assert_eq!(facts.services, ["cranes", "gates"], "{block}");
        let people: Vec<_> = facts.people.iter().map(|p| (p.name.as_str(), p.role.as_deref())).collect();
        let role = if block.contains("description") { "authors" } else { "author" };
        assert_eq!(people, [("Ada Okot", Some("Lead")), ("Ben Mwangi", Some(role))], "{block}");
        let ambiguous = reading.warnings.iter().find(|warning| warning.code == "ambiguous-date").unwrap();
        let line = 1 + block.lines().position(|line| line.contains("03/04/2025")).unwrap();
        assert_eq!(ambiguous.line, Some(line), "{block}");
    }
}
