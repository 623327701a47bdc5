//! The same report, written in four formats, says the same.

use proptest::prelude::*;

use crate::{Format, Options, Reading, read};

/// A part of a line.
#[derive(Clone, Debug)]
enum Span {
    Words(&'static str),
    Bold(&'static str),
    Code(&'static str),
    Thin(&'static str),
    Link(&'static str, &'static str),
    Struck(&'static str),
}

type Inline = Vec<Span>;

#[derive(Clone, Debug)]
struct Item {
    checked: Option<bool>,
    words: Inline,
    children: Vec<Self>,
}

#[derive(Clone, Debug)]
enum Part {
    Lines(Vec<Inline>),
    List { ordered: bool, items: Vec<Item> },
    Table { header: Vec<&'static str>, rows: Vec<Vec<Inline>> },
    Terms(Vec<(&'static str, Inline)>),
    Code,
}

#[derive(Clone, Debug)]
struct Report {
    title: Inline,
    facts: Vec<&'static str>,
    sections: Vec<(&'static str, Vec<Part>)>,
}

const FORMATS: [Format; 4] = [Format::Markdown, Format::Rst, Format::AsciiDoc, Format::MediaWiki];

fn span(span: &Span, format: Format) -> String {
    match (span, format) {
        (Span::Words(words), _) => (*words).to_owned(),
        (Span::Bold(words), Format::Markdown | Format::Rst) => format!("**{words}**"),
        (Span::Bold(words), Format::AsciiDoc) => format!("*{words}*"),
        (Span::Bold(words), _) => format!("'''{words}'''"),
        (Span::Thin(words), Format::Markdown | Format::Rst) => format!("*{words}*"),
        (Span::Thin(words), Format::AsciiDoc) => format!("_{words}_"),
        (Span::Thin(words), _) => format!("''{words}''"),
        (Span::Code(words), Format::Markdown | Format::AsciiDoc) => format!("`{words}`"),
        (Span::Code(words), Format::Rst) => format!("``{words}``"),
        (Span::Code(words), _) => format!("<code>{words}</code>"),
        (Span::Link(words, target), Format::Markdown) => format!("[{words}]({target})"),
        (Span::Link(words, target), Format::Rst) => format!("`{words} <{target}>`__"),
        (Span::Link(words, target), Format::AsciiDoc) => format!("{target}[{words}]"),
        (Span::Link(words, target), _) => format!("[{target} {words}]"),
        (Span::Struck(words), Format::Markdown) => format!("~~{words}~~"),
        (Span::Struck(words), Format::Rst) => format!(":del:`{words}`"),
        (Span::Struck(words), Format::AsciiDoc) => format!("[.line-through]#{words}#"),
        (Span::Struck(words), _) => format!("<s>{words}</s>"),
    }
}

fn inline(words: &Inline, format: Format) -> String {
    words.iter().map(|one| span(one, format)).collect::<Vec<_>>().join(" ")
}

fn heading(words: &str, level: usize, format: Format) -> String {
    match format {
        Format::Markdown => format!("{} {words}\n\n", "#".repeat(level)),
        Format::Rst => format!("{words}\n{}\n\n", ["=", "-"][level - 1].repeat(words.chars().count().max(4))),
        Format::AsciiDoc => format!("{} {words}\n\n", "=".repeat(level)),
        _ => format!("{0} {words} {0}\n\n", "=".repeat(level)),
    }
}

fn items(list: &[Item], ordered: bool, format: Format, level: usize, before: &str, out: &mut String) {
    for item in list {
        let state = item.checked.map_or("", |checked| if checked { "[x] " } else { "[ ] " });
        let words = inline(&item.words, format);
        let (mark, inner) = match format {
            Format::Markdown if ordered => (format!("{before}1. "), format!("{before}   ")),
            Format::Rst if ordered => (format!("{before}#. "), format!("{before}   ")),
            Format::Markdown | Format::Rst => (format!("{before}- "), format!("{before}  ")),
            Format::AsciiDoc => {
                (format!("{} ", if ordered { "." } else { "*" }.repeat(level)), String::new())
            }
            _ => {
                let marks = format!("{before}{}", if ordered { '#' } else { '*' });
                (format!("{marks} "), marks)
            }
        };
        out.push_str(&format!("{mark}{state}{words}\n"));
        if !item.children.is_empty() {
            let gap = if format == Format::Rst { "\n" } else { "" };
            out.push_str(gap);
            items(&item.children, false, format, level + 1, &inner, out);
            out.push_str(gap);
        }
    }
}

fn table(header: &[&str], rows: &[Vec<Inline>], format: Format, out: &mut String) {
    let cells = |row: &Vec<Inline>| row.iter().map(|cell| inline(cell, format)).collect::<Vec<_>>();
    match format {
        Format::Markdown => {
            out.push_str(&format!("| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len())));
            rows.iter().for_each(|row| out.push_str(&format!("| {} |\n", cells(row).join(" | "))));
        }
        Format::Rst => {
            let width =
                rows.iter().flat_map(cells).map(|cell| cell.chars().count()).max().unwrap_or(0).max(10);
            let rule =
                |mark: &str| format!("{}+\n", format!("+{}", mark.repeat(width + 2)).repeat(header.len()));
            let line = |cells: Vec<String>| {
                let cells: String = cells.iter().map(|cell| format!("| {cell:width$} ")).collect();
                format!("{cells}|\n")
            };
            out.push_str(&rule("-"));
            out.push_str(&line(header.iter().map(|name| (*name).to_owned()).collect()));
            out.push_str(&rule("="));
            for row in rows {
                out.push_str(&line(cells(row)));
                out.push_str(&rule("-"));
            }
        }
        Format::AsciiDoc => {
            out.push_str(&format!("|===\n|{}\n\n", header.join(" |")));
            rows.iter().for_each(|row| out.push_str(&format!("|{}\n", cells(row).join("\n|"))));
            out.push_str("|===\n");
        }
        _ => {
            out.push_str(&format!("{{| class=\"wikitable\"\n! {}\n", header.join(" !! ")));
            rows.iter().for_each(|row| out.push_str(&format!("|-\n| {}\n", cells(row).join(" || "))));
            out.push_str("|}\n");
        }
    }
}

fn write(report: &Report, format: Format) -> String {
    let mut out = heading(&inline(&report.title, format), 1, format);
    for fact in &report.facts {
        out.push_str(&format!("{fact}\n\n"));
    }
    for (name, parts) in &report.sections {
        out.push_str(&heading(name, 2, format));
        for part in parts {
            match part {
                Part::Lines(lines) => {
                    lines.iter().for_each(|line| out.push_str(&format!("{}\n", inline(line, format))));
                }
                Part::List { ordered, items: list } => items(list, *ordered, format, 1, "", &mut out),
                Part::Table { header, rows } => table(header, rows, format, &mut out),
                Part::Terms(terms) => {
                    for (term, words) in terms {
                        let words = inline(words, format);
                        out.push_str(&match format {
                            Format::Markdown => format!("- **{term}:** {words}\n"),
                            Format::Rst => format!("{term}\n    {words}\n"),
                            Format::AsciiDoc => format!("{term}:: {words}\n"),
                            _ => format!("; {term}\n: {words}\n"),
                        });
                    }
                }
                Part::Code => out.push_str(match format {
                    Format::Markdown => "```\n- [ ] no action\n```\n",
                    Format::Rst => ".. code::\n\n   - [ ] no action\n",
                    Format::AsciiDoc => "----\n- [ ] no action\n----\n",
                    _ => "<pre>\n- [ ] no action\n</pre>\n",
                }),
            }
            out.push('\n');
        }
    }
    out
}

fn task() -> impl Strategy<Value = Inline> {
    let first = prop_oneof![
        prop::sample::select(vec![
            "Add alerts",
            "Test the backups",
            "Rotate the keys",
            "Write a runbook",
            "Review access"
        ])
        .prop_map(Span::Words),
        prop::sample::select(vec!["Replace the fuse:", "Add a dashboard", "Audit:"]).prop_map(Span::Bold),
        Just(Span::Struck("Move to another provider")),
    ];
    let more = prop_oneof![
        prop::sample::select(vec![
            "for the queue",
            "in every region",
            "(owner: Ann Okot)",
            "by 2026-05-31",
            "before winter"
        ])
        .prop_map(Span::Words),
        prop::sample::select(vec!["config.yaml", "make test", "a_b_c"]).prop_map(Span::Code),
        prop::sample::select(vec!["slowly", "all of it"]).prop_map(Span::Thin),
        Just(Span::Link("the ticket", "https://acme.test/issues/7")),
        Just(Span::Link("OPS_12", "https://acme.test/a_b?x=1&y=2")),
        Just(Span::Struck("old")),
    ];
    (first, prop::collection::vec(more, 0..4)).prop_map(|(first, more)| {
        let mut words = vec![first];
        words.extend(more);
        words
    })
}

fn item() -> impl Strategy<Value = Item> {
    let leaf = (prop::option::of(any::<bool>()), task()).prop_map(|(checked, words)| Item {
        checked,
        words,
        children: Vec::new(),
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        (prop::option::of(any::<bool>()), task(), prop::collection::vec(inner, 0..3))
            .prop_map(|(checked, words, children)| Item { checked, words, children })
    })
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let header = vec!["Action", "Owner", "Due", "Status"];
    let cell =
        |words: Vec<&'static str>| prop::sample::select(words).prop_map(|words| vec![Span::Words(words)]);
    let row = (
        task(),
        cell(vec!["Ann Okot", "Platform team", "@bob"]),
        cell(vec!["2026-05-31", "end of May", "Q3"]),
        cell(vec!["Done", "In progress", "To do"]),
    )
        .prop_map(|(a, b, c, d)| vec![a, b, c, d]);
    let part = prop_oneof![
        4 => (any::<bool>(), prop::collection::vec(item(), 1..5)).prop_map(|(ordered, items)| Part::List { ordered, items }),
        2 => prop::collection::vec(row, 1..4).prop_map(move |rows| Part::Table { header: header.clone(), rows }),
        1 => prop::collection::vec(task(), 1..3).prop_map(Part::Lines),
        1 => prop::collection::vec((prop::sample::select(vec!["Better alerts", "Drills"]), task()), 1..3).prop_map(Part::Terms),
        1 => Just(Part::Code),
    ];
    // Lists that stand next to each other are one list in some of the formats.
    prop::collection::vec(part, 1..4).prop_map(|parts| {
        let between = || Part::Lines(vec![vec![Span::Words("There is more to say about it.")]]);
        parts.into_iter().flat_map(|part| [part, between()]).collect()
    })
}

fn report() -> impl Strategy<Value = Report> {
    let title = prop::sample::select(vec!["Queue stopped on 2026-03-04", "Pumps without power"]);
    let title = (title, any::<bool>()).prop_map(|(words, is_thin)| {
        let last = if is_thin { Span::Thin("again") } else { Span::Code("again") };
        vec![Span::Words(words), last]
    });
    let facts = prop::collection::vec(
        prop::sample::select(vec!["Severity: SEV-2", "Date: 2026-03-04", "Author: Ann Okot", "It broke."]),
        0..3,
    );
    let name = prop::sample::select(vec![
        "Summary",
        "Action items",
        "Timeline",
        "Lessons learned",
        "Next steps",
        "Follow-up",
        "Root cause",
        "Prevention",
    ]);
    let sections = prop::collection::vec((name, parts()), 1..5);
    (title, facts, sections).prop_map(|(title, facts, sections)| Report { title, facts, sections })
}

fn reading(text: &str, format: Format) -> Reading {
    read(text, &Options { format: Some(format), ..Options::default() })
}

/// What a reading says, without where it stands.
fn told(reading: &Reading) -> Vec<String> {
    let report = &reading.report;
    let mut told = vec![format!(
        "{:?} {:?} {:?} {:?} {:?}",
        report.title, report.severity, report.incident_date, report.root_cause, report.people
    )];
    told.extend(reading.actions.iter().map(|action| {
        format!(
            "{} | {:?} | {:?} | {:?} | {:?} | {:?} | {:?} | {:?}",
            action.text,
            action.description,
            action.section,
            action.owner_text,
            action.due_text,
            action.done,
            action.links,
            action.rule
        )
    }));
    told
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_report_says_the_same_in_every_format(report in report()) {
        let texts = FORMATS.map(|format| (format, write(&report, format)));
        let expected = told(&reading(&texts[0].1, Format::Markdown));
        for (format, text) in &texts[1..] {
            let found = told(&reading(text, *format));
            prop_assert_eq!(&found, &expected, "{:?}\n{}\n{}", format, text, texts[0].1);
        }
    }
}

#[test]
fn a_report_with_actions_is_compared_at_all() {
    let words =
        vec![Span::Words("Add alerts"), Span::Words("(owner: Ann Okot)"), Span::Words("by 2026-05-31")];
    let items = vec![Item { checked: Some(true), words, children: Vec::new() }];
    let parts = vec![Part::List { ordered: false, items }];
    let report = Report {
        title: vec![Span::Words("Pumps")],
        facts: Vec::new(),
        sections: vec![("Action items", parts)],
    };
    for format in FORMATS {
        let actions = reading(&write(&report, format), format).actions;
        let told: Vec<_> = actions.iter().map(|action| (action.owner_text.as_deref(), action.done)).collect();
        assert_eq!(told, [(Some("Ann Okot"), Some(true))], "{format:?}");
    }
}
