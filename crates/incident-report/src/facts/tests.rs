//! Facts of small invented reports.

use crate::{Options, ReportFacts, Severity, read};

fn facts(report: &str) -> ReportFacts {
    read(report, &Options::default()).report
}

#[test]
fn labelled_values_tell_most() {
    let report = "# Ticket machine outage\n\n- **Severity**: SEV-2\n- **Start time**: 3 March 2025, 08:10 UTC\n- **End time**: 3 March 2025, 09:40 UTC\n- **Affected services**: ticketing, gates and doors\n- **Author**: Ada Okot\n- **Published**: 2025-03-09\n\n## Root cause\n\nA full disk.\nNobody watched it.\n";
    let facts = facts(report);
    assert_eq!(facts.title.as_deref(), Some("Ticket machine outage"));
    assert_eq!(facts.severity, Some(Severity::Sev2));
    assert_eq!(facts.incident_date.map(|day| day.to_string()).as_deref(), Some("2025-03-03"));
    assert_eq!(facts.report_date.map(|day| day.to_string()).as_deref(), Some("2025-03-09"));
    assert_eq!(facts.duration_minutes, Some(90));
    assert_eq!(facts.services, ["ticketing", "gates and doors"]);
    assert_eq!(facts.root_cause.as_deref(), Some("A full disk. Nobody watched it."));
    assert_eq!(facts.people[0].name, "Ada Okot");
    assert_eq!(facts.people[0].role.as_deref(), Some("Author"));
}

#[test]
fn a_time_without_a_zone_needs_the_default_one() {
    let report = "# Outage on 2025-03-03\n\n## Summary\nIt was down from 08:10 to 09:40.\n";
    assert_eq!(facts(report).started_at, None);
    let options = Options { timezone: Some(chrono_tz::Africa::Kampala), ..Options::default() };
    let started = read(report, &options).report.started_at.map(|at| at.to_rfc3339());
    assert_eq!(started.as_deref(), Some("2025-03-03T08:10:00+03:00"));
}

#[test]
fn an_ambiguous_date_is_told() {
    let reading = read("# Outage\n\nDate: 04/05/2026\n", &Options::default());
    assert_eq!(reading.report.incident_date.map(|day| day.to_string()).as_deref(), Some("2026-05-04"));
    assert_eq!(reading.warnings[0].code, "ambiguous-date");
    assert_eq!(reading.warnings[0].line, Some(3));
}

#[test]
fn front_matter_gives_title_and_publication() {
    let report = "---\ntitle: The night of the pigeons\ndate: 2025-06-02\n---\n\n## What happened\n\nOn 30 May 2025 pigeons sat on the antenna.\n";
    let facts = facts(report);
    assert_eq!(facts.title.as_deref(), Some("The night of the pigeons"));
    assert_eq!(facts.report_date.map(|day| day.to_string()).as_deref(), Some("2025-06-02"));
    assert_eq!(facts.incident_date.map(|day| day.to_string()).as_deref(), Some("2025-05-30"));
    assert_eq!(facts.language.as_deref(), None);
}

#[test]
fn a_due_date_is_no_date_of_the_incident() {
    for item in [
        "- [ ] Buy sand by 2026-11-30",
        "- Buy sand (owner: Ann, due: 2026-11-30)",
        "Ann buys sand. Due: 2026-11-30.",
        "The deadline is 2026-11-30.",
        "TODO: buy sand before 2026-11-30",
        "- [ ] Buy sand\n  - Date: 2026-11-30",
        "| Action | Owner | Due |\n|---|---|---|\n| Buy sand | Ann | 2026-11-30 |",
    ] {
        let facts = facts(&format!("# Oven fire\n\n## What comes now\n\n{item}\n"));
        assert_eq!((facts.incident_date, facts.report_date), (None, None), "{item}");
    }
    let facts = facts("# Oven fire\n\nBuy sand (due 2026-11-30). The oven burned on 2026-11-05.\n");
    assert_eq!(facts.incident_date.map(|day| day.to_string()).as_deref(), Some("2026-11-05"));
}

#[test]
fn a_bold_first_line_is_the_title() {
    let facts = facts("**Oven review – \"Too much heat\"** (SEV-3)\n\n## Summary\n\nIt burned.\n");
    assert_eq!(facts.title.as_deref(), Some("Oven review – \"Too much heat\" (SEV-3)"));
    assert_eq!(facts.severity, Some(Severity::Sev3));
    let titled = read("**Oven fire**\n\n## Cause of it\n\nIt burned.\n", &Options::default());
    assert_eq!(titled.report.title.as_deref(), Some("Oven fire"));
}

fn day(report: &str) -> Option<String> {
    facts(report).incident_date.map(|day| day.to_string())
}

#[test]
fn the_day_of_the_incident_is_told_in_many_ways() {
    for (report, expected) in [
        ("# Oven fire\n\n**Date:** January 14-19, 2026\n", "2026-01-14"),
        ("# Oven fire\n\n- Date: 2026-Feb-07\n", "2026-02-07"),
        ("# Oven fire 5-26-21\n\nIt burned.\n", "2021-05-26"),
        ("# 20220420_oven_fire\n\nIt burned.\n", "2022-04-20"),
        ("# Oven fire\n\nBetween October 21 and October 30, 2025, it burned four times.\n", "2025-10-21"),
        // A day without its year lies near the other days of the report.
        (
            "---\ndate: 2021-01-12\n---\n# Oven fire\n\nAt 03:01 on Tuesday 12th January it burned.\n",
            "2021-01-12",
        ),
        ("---\ndate: 2021-01-03\n---\n# Oven fire\n\nOn 30 December it burned.\n", "2020-12-30"),
        ("# Oven fire\n\nOn 28th February it burned. We move out soon (Q2 2024).\n", "2024-02-28"),
        // A page tells of what was, and is dated by it where it names no other day.
        ("---\ndate: 2020-12-11\n---\n# Oven fire\n\nAt 19:55 it burned.\n", "2020-12-11"),
        (
            "---\ndate: 2024-02-01\n---\n# Oven fire\n\nIt burned. The pull request is of 2024-03-05.\n",
            "2024-02-01",
        ),
        (
            "# Oven fire\n\nDate: June 18, 2020\n\n## What happened\n\nOn June 16, 2020, the oven burned.\n",
            "2020-06-16",
        ),
        (
            "# Oven fire\n\nDate: 2020-06-18\n\n## What happened\n\nThe part was built on 2019-06-16.\n",
            "2020-06-18",
        ),
        (
            "# Oven fire\n\n- Date: 2025-DEC-5\n- Summary: The oven burned in three nights: Nov 26, Nov 27, and Dec 4.\n",
            "2025-11-26",
        ),
        ("# Oven fire\n\n- Date: 2025-12-05\n- Built: 2025-11-26\n", "2025-12-05"),
        ("# Oven fire\n\nLast updated: 2026-01-05\n\nIt burned on 2025-12-24.\n", "2025-12-24"),
    ] {
        assert_eq!(day(report).as_deref(), Some(expected), "{report}");
    }
    assert_eq!(day("# Oven fire\n\nOn 28th February it burned.\n"), None);
    assert_eq!(day("# Oven fire\n\nUpdated: 2026-01-05\n\nIt burned.\n"), None);
}

#[test]
fn the_date_of_a_report_stands_beside_that_of_the_incident() {
    let told = facts("# Oven fire\n\nDate: 18 June 2020\n\n## Summary\n\nOn 16 June the oven burned.\n");
    assert_eq!(told.incident_date.map(|day| day.to_string()).as_deref(), Some("2020-06-16"));
    assert_eq!(told.report_date.map(|day| day.to_string()).as_deref(), Some("2020-06-18"));
}

#[test]
fn other_dates_of_the_report_decide_which_number_is_the_month() {
    let reading = |report: &str| {
        let reading = read(report, &Options::default());
        let due =
            reading.actions.first().and_then(|action| action.due.as_ref()).map(|due| due.date.to_string());
        (due, reading.warnings.iter().any(|warning| warning.code == "ambiguous-date"))
    };
    let items = "## Action items\n\n- Buy sand (due: 12/01/2026)\n";
    for (head, expected, is_doubtful) in [
        ("Started 11/20/2026, over 11/21/2026", "2026-12-01", false),
        ("Started 20/11/2025, over 21/11/2025", "2026-01-12", false),
        ("Date: 20 November 2026", "2026-12-01", false),
        ("Nobody knows when", "2026-01-12", true),
    ] {
        let told = reading(&format!("# Oven fire\n\n{head}\n\n{items}"));
        assert_eq!(told, (Some(expected.to_owned()), is_doubtful), "{head}");
    }
}

#[test]
fn titles_stand_on_top_however_they_are_written() {
    for (report, expected) in [
        (
            "### Postmortem: the oven burned\n\n#### Issue summary\n\nIt was hot.\n",
            Some("Postmortem: the oven burned"),
        ),
        ("0x15. The oven\n\n## Issue summary\n\nIt was hot.\n", Some("0x15. The oven")),
        ("# Incident: the oven burned\n\n## Summary\n\nIt was hot.\n", Some("Incident: the oven burned")),
        (
            "| **Event** | `oven_fire` |\n|---|---|\n| Systems | oven |\n\n## Summary\n\nHot.\n\n## Backlog check\n\nDone.\n",
            Some("oven_fire"),
        ),
        ("---\ntitle: Oven post&#x2011;mortem\n---\n\n## Summary\n\nIt was hot.\n", Some("Oven post‑mortem")),
        ("# Summary\n\nIt was hot.\n\n# Impact\n\nNo bread.\n\n# Ownership\n\nWe.\n", None),
        ("Issue summary:\nDuration: two hours\n\nIt was hot.\n", None),
    ] {
        assert_eq!(facts(report).title.as_deref(), expected, "{report}");
    }
}

#[test]
fn pages_of_a_site_have_their_metadata_in_any_format() {
    let options = |name: &str| Options { source: Some(name.to_owned()), ..Options::default() };
    let page = "---\nlayout: post\ntitle: \"Oven fire\"\n---\n<p>On June 30, 2017 it burned.</p>\n<h2>Summary</h2>\n<p>Hot.</p>\n";
    assert_eq!(read(page, &options("a.html")).report.title.as_deref(), Some("Oven fire"));
    let page = "---\n:layout: post\n:title: \"Oven fire\"\n---\n\nIt burned.\n\n== Summary\n\nHot.\n";
    assert_eq!(read(page, &options("a.adoc")).report.title.as_deref(), Some("Oven fire"));
}

#[test]
fn severities_are_read_from_labels_and_sentences() {
    for (report, expected) in [
        ("# Oven fire\n\n- **严重等级**：P1（烤箱停机）\n", Some(Severity::Sev1)),
        ("# Oven fire\n\n## Summary\n\nThe severity of the fire was HIGH.\n", Some(Severity::Sev2)),
        ("# Oven fire\n\n**Impact:** Critical, all bread\n", Some(Severity::Sev1)),
        ("# Oven fire\n\n**Impact:** Critical loss of all bread\n", None),
        ("# Oven fire (SEV-3)\n\nHot.\n", Some(Severity::Sev3)),
    ] {
        assert_eq!(facts(report).severity, expected, "{report}");
    }
}

#[test]
fn a_root_cause_is_told_without_its_label_and_its_resolution() {
    for (told, expected) in [
        (
            "Root cause: A full disk let it stop.\n\nResolution: We emptied it.\n",
            Some("A full disk let it stop."),
        ),
        (
            "*List the sequence of events that led to it*\n\nA full disk let it stop.\n",
            Some("A full disk let it stop."),
        ),
        ("Root cause:\n\nResolution:\n", None),
    ] {
        let report = format!("# Oven fire\n\n## Root cause and resolution\n\n{told}");
        assert_eq!(facts(&report).root_cause.as_deref(), expected, "{told}");
    }
}

#[test]
fn authors_of_a_page_are_known_by_their_names() {
    let report = "---\ntitle: Oven fire\nauthor: Ann Okot ([@ann](https://acme.test/@ann)), Ben\nseverity: \"{page.severity}\"\n---\n\nIt burned.\n";
    let told = facts(report);
    let names: Vec<(&str, Option<&str>)> =
        told.people.iter().map(|person| (person.name.as_str(), person.login.as_deref())).collect();
    assert_eq!(names, [("Ann Okot", Some("ann")), ("Ben", None)]);
    assert_eq!(told.severity_text, None);
}

#[test]
fn what_a_template_leaves_to_be_filled_in_is_no_fact() {
    let report = "# [What happened, in a line]\n\n- **Incident date:** [day]\n- **Severity:** [severity]\n- **Services:** [service], [service]\n- **Author:** [name]\n\n\
                  ## People\n\n- [Name] (incident lead)\n- Scribe: <name>\n\n## Root cause\n\n[Why it happened]\n\n- [First cause]\n";
    let facts = facts(report);
    assert_eq!(facts.title, None);
    assert_eq!(facts.root_cause, None);
    assert_eq!((facts.severity, facts.severity_text), (None, None));
    assert_eq!(facts.services, [""; 0]);
    assert_eq!(facts.people, []);
}

#[test]
fn what_stands_beside_a_gap_is_a_fact() {
    let report = "# [Resolved] The oven caught fire\n\n- Severity: [SEV-2]\n- Services: oven, [service]\n- Author: Ada Okot [Team lead]\n\n\
                  ## Root cause\n\n[Why it happened]\n\nThe fan was off (see [the plan](https://acme.test/1)).\n";
    let facts = facts(report);
    assert_eq!(facts.title.as_deref(), Some("[Resolved] The oven caught fire"));
    assert_eq!(facts.severity, Some(Severity::Sev2));
    assert_eq!(facts.services, ["oven"]);
    assert_eq!(facts.people[0].name, "Ada Okot");
    assert_eq!(facts.root_cause.as_deref(), Some("The fan was off (see the plan)."));
}

#[test]
fn a_line_has_several_labelled_values() {
    for line in [
        "**Date:** 12.10.2026 **Severity:** SEV-1 **Author:** Petra Klein",
        "**Date:** 2026-10-12 | **Severity:** SEV-1 | **Author:** Petra Klein",
        "Date: 2026-10-12  Severity: SEV-1  Author: Petra Klein",
        "Author: Petra Klein Severity: SEV-1 Incident date: 12 October 2026",
        "- Date: 2026-10-12; Ticket: OPS-7; Severity: SEV-1; Author: Petra Klein",
        "**Severity:** SEV-1 · **Date:** 2026-10-12 · **Author:** Petra Klein",
    ] {
        let facts = facts(&format!("# The oven caught fire\n\n{line}\n\n## Summary\n\nIt burned.\n"));
        assert_eq!(facts.incident_date.map(|day| day.to_string()).as_deref(), Some("2026-10-12"), "{line}");
        assert_eq!(facts.severity_text.as_deref(), Some("SEV-1"), "{line}");
        let people: Vec<_> = facts.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(people, ["Petra Klein"], "{line}");
    }
    let one = facts("# Fire\n\nRoot cause: the note said: Fan: off. And Ann, the cook: absent.\n");
    assert_eq!(one.root_cause.as_deref(), Some("the note said: Fan: off. And Ann, the cook: absent."));
}
