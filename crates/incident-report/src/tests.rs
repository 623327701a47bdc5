//! The crate as a whole: an invented report read from end to end, and properties that hold for any input.

use chrono::NaiveDate;
use proptest::prelude::*;

use crate::Rule;
use crate::source::Source;
use crate::{Format, MAX_LINES, Options, Reading, read, read_bytes};

/// A report as a word processor leaves it when it is pasted as text: labels for headings, no blank lines.
const PASTED: &str = include_str!("../tests/fixtures/harbour-cranes.txt");

#[test]
fn a_pasted_report_is_read_whole() {
    let options = Options { source: Some("harbour-cranes.txt".to_owned()), ..Options::default() };
    let Reading { report, actions, near_misses: _, warnings, weighed: _ } = read(PASTED, &options);

    assert_eq!(
        report.title.as_deref(),
        Some("Incident Report: Harbour Crane Control Outage on 3rd March, 2025")
    );
    assert_eq!(report.format, Format::Plain);
    assert_eq!(report.incident_date, NaiveDate::from_ymd_opt(2025, 3, 3));
    assert_eq!(report.report_date, NaiveDate::from_ymd_opt(2025, 3, 20));
    assert_eq!(report.started_at.map(|at| at.to_rfc3339()).as_deref(), Some("2025-03-03T06:20:00+03:00"));
    assert_eq!(report.resolved_at.map(|at| at.to_rfc3339()).as_deref(), Some("2025-03-03T20:05:00+03:00"));
    assert_eq!(report.duration_minutes, Some(825));
    assert_eq!(report.language.as_deref(), Some("en"));
    assert!(report.root_cause.is_some_and(|cause| cause.starts_with("An expired certificate")));
    let people: Vec<String> =
        report.people.iter().map(|p| format!("{}: {}", p.name, p.role.as_deref().unwrap_or("-"))).collect();
    assert_eq!(people, ["Ada Okot: Shift Lead", "Ben Mwangi: Control Engineer", "Chipo Banda: Developer"]);

    let titles: Vec<&str> = actions.iter().map(|action| action.title.as_str()).collect();
    assert_eq!(titles, ["Certificate Inventory", "Improved Alerting", "Crane Drills"]);
    assert!(actions.iter().all(|action| action.rule == Rule::TitledLine && action.done.is_none()));
    assert_eq!(
        actions[1].description.as_deref(),
        Some("Warn the shift lead thirty days before any certificate expires.")
    );
    assert_eq!(actions[1].section.as_deref(), Some("Corrective Actions"));
    assert_eq!(warnings, []);
}

#[test]
fn bytes_are_read_like_text() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend("# Fire\n\n## Next steps\n- buy sand\n".encode_utf16().flat_map(u16::to_le_bytes));
    let reading = read_bytes(&bytes, &Options::default()).unwrap();
    assert_eq!(reading.actions[0].text, "buy sand");
}

/// Pieces that documents are made of, for documents that look like reports and go wrong.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ \\t]{0,9}",
        prop::sample::select(vec![
            "\n",
            "\r\n",
            "\r",
            "# ",
            "## Action items\n",
            "Next steps:",
            "- ",
            "* ",
            "1. ",
            "  - [x] ",
            "| a | b |\n",
            "|---|---|\n",
            "**",
            "`",
            "[x](",
            ")",
            "> ",
            "---\n",
            "title: x\n",
            "Owner: Ann",
            "(due: 31/05/2026)",
            "2026-05-31",
            "within 99999 days",
            "9:45 am and 10:15 pm EAT",
            "TODO ",
            "[done] ",
            "@ann ",
            "…",
            "：",
            "改进措施",
            "<!--",
            "<b>",
            "```\n",
            "===\n",
            "We will fix it. ",
            "Recommendations:",
            "\u{feff}",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
    ]
}

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

fn check(text: &str, format: Option<Format>) -> Result<(), TestCaseError> {
    let options =
        Options { format, reference_date: NaiveDate::from_ymd_opt(2026, 5, 15), ..Options::default() };
    let source = Source::new(text);
    let lines: Vec<&str> = source.lines().collect();
    for action in read(text, &options).actions {
        prop_assert!((1..=source.line_count()).contains(&action.line));
        let mut quoted =
            Source::new(&action.quote).lines().map(str::to_owned).collect::<Vec<_>>().into_iter();
        let first = quoted.next().unwrap_or_default();
        prop_assert!(!first.is_empty(), "an empty quote for {:?}", action.text);
        let standing = lines[action.line - 1];
        prop_assert!(standing.trim_end() == first.trim_end(), "{first:?} does not stand at {standing:?}");
        prop_assert!(!action.text.contains('\n') && !action.text.is_empty());
        prop_assert!(!action.title.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_without_panic_and_quoted_where_it_stands(text in document()) {
        check(&text, None)?;
        check(&text, Some(Format::Markdown))?;
        check(&text, Some(Format::Plain))?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read_bytes(&bytes, &Options::default()));
    }
}

/// Reads an action section that holds so many bytes of one thing, in both formats.
fn read_much(of: &str, bytes: usize) {
    let text = format!("# T\n\n## Action items\n\n{}", of.repeat(bytes / of.len()));
    for format in [Format::Markdown, Format::Plain] {
        let options = Options { format: Some(format), ..Options::default() };
        assert!(read(&text, &options).report.title.is_some(), "{of:?}");
    }
}

#[test]
fn a_megabyte_of_nesting_returns() {
    for of in ["[", "]", "> ", "- ", "* ", "1. ", "(", "**", "*a ", "![", "<", "<!--", "[a](b) ", "[^1] "] {
        read_much(of, 1_000_000);
    }
}

#[test]
fn a_megabyte_on_one_line_returns() {
    for of in
        ["a", "a ", "#", ". ", "(done) ", " - x", "@a ", "9:45 ", "2026-05-31 ", "a: ", "a@b.c ", "。", "  "]
    {
        read_much(of, 1_000_000);
    }
}

#[test]
fn very_many_lines_return() {
    for of in [
        "\n",
        "\r",
        "- a\n",
        "> a\n",
        "Next steps:\n",
        "| a | b |\n",
        "\t- a\n",
        "- [ ] a\n  - b\n",
        "We will fix it.\n",
    ] {
        read_much(of, 100_000);
    }
}

#[test]
fn deep_nesting_is_flattened_and_not_followed() {
    let mut deep = String::from("# T\n\n## Action items\n\n");
    for level in 0..400 {
        deep += &" ".repeat(level * 2);
        deep += "- look deeper\n";
    }
    for format in [Format::Markdown, Format::Plain] {
        let options = Options { format: Some(format), ..Options::default() };
        assert!(!read(&deep, &options).actions.is_empty());
    }
}

#[test]
fn what_follows_so_many_lines_is_said_not_to_be_read() {
    let mut text = "# Queue stuck\n\n## Action items\n\n- Add an alert\n\n## Log\n\n".to_owned();
    text.push_str(&"09:00 the queue is stuck\n".repeat(MAX_LINES));
    text.push_str("\n## Action items\n\n- Restart the queue\n");
    let reading = read(&text, &Options::default());
    let found: Vec<&str> = reading.actions.iter().map(|action| action.title.as_str()).collect();
    assert_eq!(found, ["Add an alert"]);
    let said = reading.warnings.iter().find(|warning| warning.code == "too-long").expect("it is said");
    assert_eq!(
        (said.message.as_str(), said.line),
        (
            "only the first 200000 of 200012 lines were read: cut off what is no report, such as a log",
            Some(MAX_LINES)
        )
    );
}
