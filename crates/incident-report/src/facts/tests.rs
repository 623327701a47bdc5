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
