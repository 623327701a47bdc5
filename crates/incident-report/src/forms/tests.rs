//! Empty reports are told as such, and filled ones are read whole.

use chrono::{DateTime, FixedOffset, NaiveDate};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Options, Reading, read};

/// The formats that have a form.
const FORMS: [Format; 8] = [
    Format::Markdown,
    Format::Plain,
    Format::Html,
    Format::Rst,
    Format::AsciiDoc,
    Format::MediaWiki,
    Format::Yaml,
    Format::Json,
];

fn form(format: Format) -> &'static str {
    empty_report(format).unwrap()
}

/// Reads a text as a file that is called after its format.
fn reading(text: &str, format: Format) -> Reading {
    let ending = Format::ENDINGS.iter().find(|(_, known)| *known == format).unwrap().0;
    read(text, &Options { source: Some(format!("report.{ending}")), ..Options::default() })
}

#[test]
fn an_empty_one_is_told_and_gives_nothing() {
    for format in FORMS {
        let reading = reading(form(format), format);
        assert_eq!(reading.report.format, format);
        assert_eq!(reading.actions, [], "{format:?}");
        let facts = &reading.report;
        assert_eq!((facts.incident_date, facts.report_date), (None, None), "{format:?}");
        assert_eq!((facts.started_at, facts.resolved_at, facts.severity), (None, None, None), "{format:?}");
        let codes: Vec<_> = reading.warnings.iter().map(|warning| warning.code).collect();
        assert!(
            codes.contains(&"template-not-filled") && codes.contains(&"no-actions"),
            "{format:?} {codes:?}"
        );
        let warning = reading.warnings.iter().find(|warning| warning.code == "template-not-filled").unwrap();
        assert!(
            warning.message.starts_with("the template was not filled in; "),
            "{format:?} {}",
            warning.message
        );
    }
}

#[test]
fn the_usual_ones_are_known_by_their_content_alone() {
    for format in [Format::Markdown, Format::Plain, Format::Html, Format::Yaml, Format::Json] {
        assert_eq!(read(form(format), &Options::default()).report.format, format);
    }
}

#[test]
fn every_key_of_our_own_format_that_people_write_stands_in_its_form() {
    let left_out =
        ["duration_minutes", "duration", "severity_text", "language", "summary", "format", "source"];
    for key in crate::structured::fact_keys().iter().filter(|key| !left_out.contains(key)) {
        assert!(form(Format::Yaml).contains(&format!("\n{key}:")), "{key}");
        assert!(form(Format::Json).contains(&format!("\n  \"{key}\":")), "{key}");
    }
}

/// What is filled in.
#[derive(Clone, Debug)]
struct Filling {
    title: String,
    incident_date: NaiveDate,
    report_date: NaiveDate,
    minutes: i64,
    severity: &'static str,
    services: Vec<String>,
    root_cause: String,
    people: Vec<(String, Option<String>)>,
    actions: Vec<Todo>,
}

#[derive(Clone, Debug)]
struct Todo {
    text: String,
    owner: Option<String>,
    due: Option<&'static str>,
    priority: Option<&'static str>,
    done: bool,
}

impl Filling {
    fn started_at(&self) -> DateTime<FixedOffset> {
        let zone = FixedOffset::east_opt(3 * 3600).unwrap();
        self.incident_date.and_hms_opt(9, 45, 0).unwrap().and_local_timezone(zone).unwrap()
    }

    fn resolved_at(&self) -> DateTime<FixedOffset> {
        self.started_at() + chrono::TimeDelta::minutes(self.minutes)
    }
}

/// Replaces what has to be there.
fn put(text: &mut String, placeholder: &str, value: &str) {
    assert!(text.contains(placeholder), "{placeholder} is not in\n{text}");
    *text = text.replacen(placeholder, value, 1);
}

fn moment(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M EAT").to_string()
}

/// Replaces the lines with a placeholder by a line for each value, made after the first of them.
fn put_lines(text: &mut String, placeholder: &str, lines: impl FnOnce(&str) -> Vec<String>) {
    let model = text
        .lines()
        .find(|line| line.contains(placeholder))
        .unwrap_or_else(|| panic!("{placeholder}: {text}"));
    let mut made = Some(lines(model));
    let kept: Vec<String> = text
        .lines()
        .flat_map(|line| match line.contains(placeholder) {
            true => made.take().unwrap_or_default(),
            false => vec![line.to_owned()],
        })
        .collect();
    *text = kept.join("\n") + "\n";
}

/// Fills in a form of text.
fn filled_text(format: Format, filling: &Filling) -> String {
    let escaped = |words: &str| match format {
        Format::Html => words.replace('&', "&amp;"),
        _ => words.to_owned(),
    };
    let mut text = form(format).to_owned();
    let title =
        if format == Format::Plain { "[what happened, in a line]" } else { "[What happened, in a line]" };
    while text.contains(title) {
        put(&mut text, title, &escaped(&filling.title));
    }
    put(&mut text, "YYYY-MM-DD HH:MM ZONE", &moment(filling.started_at()));
    put(&mut text, "YYYY-MM-DD HH:MM ZONE", &moment(filling.resolved_at()));
    put(&mut text, "YYYY-MM-DD", &filling.incident_date.to_string());
    put(&mut text, "YYYY-MM-DD", &filling.report_date.to_string());
    let choice =
        if format == Format::Plain { "sev1 / sev2 / sev3 / sev4" } else { "sev1 | sev2 | sev3 | sev4" };
    put(&mut text, choice, filling.severity);
    put(&mut text, "[service, service]", &filling.services.join(", "));
    put(&mut text, "[What happened, and whom it hurt]", "It stopped, and nobody could work.");
    put(&mut text, "HH:MM [what happened]", "09:45 It stopped.");
    put(&mut text, "[Why it happened]", &escaped(&filling.root_cause));
    put_lines(&mut text, "[Name]", |model| {
        let person = |(name, role): &(String, Option<String>)| match role {
            Some(role) => model.replace("[Name]", name).replace("incident lead", role),
            None => model.replace("[Name]", name).replace(" (incident lead)", ""),
        };
        filling.people.iter().map(person).collect()
    });
    put_lines(&mut text, "[What will be done]", |model| {
        // A row of wikitext has a line of its own before it.
        let before = if format == Format::MediaWiki { "|-\n" } else { "" };
        filling
            .actions
            .iter()
            .map(|todo| todo.line(model).replace("[What will be done]", &escaped(&todo.text)))
            .map(|line| format!("{before}{line}"))
            .collect()
    });
    text
}

impl Todo {
    /// The line of a list or the row of a table, without the fields that nobody filled in.
    fn line(&self, model: &str) -> String {
        let is_row = model.starts_with(['<', '|']);
        let status = if self.done { "done" } else { "open" };
        let fields = [
            ("owner", "[name]", self.owner.as_deref()),
            ("due", "[day]", self.due),
            ("priority", "[priority]", self.priority),
        ];
        let mut line = model.replace("[status]", status);
        if self.done {
            line = line.replacen("[ ]", "[x]", 1);
        }
        for (label, placeholder, value) in fields {
            assert!(model.contains(placeholder), "{placeholder}: {model}");
            line = match value {
                Some(value) => line.replace(placeholder, value),
                None if is_row => line.replace(placeholder, ""),
                None => line
                    .replace(&format!("{label}: {placeholder}"), "")
                    .replace(", ,", ",")
                    .replace("(, ", "(")
                    .replace(", )", ")"),
            };
        }
        line.replace(" ()", "")
    }
}

fn fill(format: Format, filling: &Filling) -> String {
    match format {
        Format::Yaml | Format::Json => filled_structure(format, filling),
        _ => filled_text(format, filling),
    }
}

/// Fills in the values of our own format, with the keys that the form has.
fn filled_structure(format: Format, filling: &Filling) -> String {
    let people: Vec<Value> =
        filling.people.iter().map(|(name, role)| json!({"name": name, "role": role})).collect();
    let actions: Vec<Value> = filling
        .actions
        .iter()
        .map(|todo| {
            json!({"text": todo.text, "owner": todo.owner, "due": todo.due, "priority": todo.priority, "done": todo.done})
        })
        .collect();
    let values = [
        ("title", json!(filling.title)),
        ("incident_date", json!(filling.incident_date)),
        ("report_date", json!(filling.report_date)),
        ("started_at", json!(moment(filling.started_at()))),
        ("resolved_at", json!(filling.resolved_at().to_rfc3339())),
        ("severity", json!(filling.severity)),
        ("services", json!(filling.services)),
        ("root_cause", json!(filling.root_cause)),
        ("people", json!(people)),
        ("actions", json!(actions)),
    ];
    if format == Format::Json {
        let mut document: Value = serde_json::from_str(form(format)).unwrap();
        values.into_iter().for_each(|(key, value)| document[key] = value);
        return serde_json::to_string_pretty(&document).unwrap();
    }
    let mut text = String::new();
    let mut lines = form(format).lines().peekable();
    while let Some(line) = lines.next() {
        let key = line.split(':').next().unwrap_or_default();
        match values.iter().find(|(known, _)| *known == key) {
            Some((key, value)) => {
                text.push_str(&serde_saphyr::to_string(&json!({*key: value})).unwrap());
                while lines.next_if(|next| next.starts_with(' ')).is_some() {}
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn a_todo() -> impl Strategy<Value = Todo> {
    let verb = one_of(&[
        "Rotate",
        "Add",
        "Write down",
        "Test",
        "Replace",
        "Describe",
        "Alert on",
        "Automate",
        "Stop",
        "Review",
    ]);
    let what = one_of(&[
        "the signing key",
        "an alarm for the pump",
        "how to move mail to the second relay",
        "every certificate (there are 40)",
        "the import, and its error handling",
        "retries & time-outs",
        "the 2.1 release",
        "\"quiet\" failures",
        "the backup of the order database",
    ]);
    let tail = one_of(&[
        "",
        "",
        " before the next release",
        " in all zones",
        ", zone by zone",
        " so that it stops at the first error",
    ]);
    let owner = prop::option::of(one_of(&[
        "Grace Apio",
        "@gapio",
        "Platform team",
        "Tomasz Lewandowski",
        "@t-lewandowski",
    ]));
    let due = prop::sample::select(vec![
        None,
        Some("2026-05-31"),
        Some("end of May"),
        Some("Q3 2026"),
        Some("within 30 days"),
    ]);
    let priority = prop::sample::select(vec![None, Some("high"), Some("urgent"), Some("low")]);
    (verb, what, tail, owner, due, priority, any::<bool>()).prop_map(
        |(verb, what, tail, owner, due, priority, done)| Todo {
            text: format!("{verb} {what}{tail}"),
            owner,
            due,
            priority,
            done,
        },
    )
}

fn a_filling() -> impl Strategy<Value = Filling> {
    let title = one_of(&[
        "Card payments declined for 95 minutes",
        "Crane 4 stopped: a fuse",
        "Search & prices were a day old",
        "The night of the pigeons",
        "Orders (about 2,300) lost",
    ]);
    let cause = one_of(&[
        "An old fuse, which nobody had checked.",
        "The address was empty. It was read as \"no processor\".",
        "A certificate ran out & nobody was told.",
    ]);
    let service = || one_of(&["checkout", "order mail", "search-api", "Crane 4"]);
    let people = (
        one_of(&["Grace Apio", "Tomasz Lewandowski", "Ingrid Solheim"]),
        prop::option::of(one_of(&["incident lead", "scribe", "SRE"])),
    );
    (
        (
            title,
            cause,
            0..300_u64,
            0..10_u64,
            1..3_000_i64,
            prop::sample::select(crate::structured::severities()),
        ),
        prop::collection::vec(service(), 1..4),
        prop::collection::vec(people, 1..4),
        prop::collection::vec(a_todo(), 1..6),
    )
        .prop_map(
            |((title, root_cause, day, later, minutes, severity), mut services, mut people, mut actions)| {
                let incident_date = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(day);
                // Nobody writes the same twice.
                services.sort();
                services.dedup();
                people.sort();
                people.dedup_by(|one, other| one.0 == other.0);
                actions.sort_by(|one, other| one.text.cmp(&other.text));
                actions.dedup_by(|one, other| crate::text::fold(&one.text) == crate::text::fold(&other.text));
                let report_date = incident_date + chrono::Days::new(later);
                Filling {
                    title,
                    incident_date,
                    report_date,
                    minutes,
                    severity,
                    services,
                    root_cause,
                    people,
                    actions,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_filled_one_is_read_whole(filling in a_filling()) {
        for format in FORMS {
            let text = fill(format, &filling);
            let reading = reading(&text, format);
            let facts = &reading.report;
            let told = format!("{format:?}\n{text}");
            prop_assert_eq!(facts.format, format, "{}", told);
            let title = facts.title.as_deref().unwrap_or_default();
            prop_assert_eq!(title.trim_start_matches("Incident report: "), &filling.title, "{}", told);
            prop_assert_eq!(facts.incident_date, Some(filling.incident_date), "{}", told);
            prop_assert_eq!(facts.report_date, Some(filling.report_date), "{}", told);
            prop_assert_eq!(facts.started_at, Some(filling.started_at()), "{}", told);
            prop_assert_eq!(facts.resolved_at, Some(filling.resolved_at()), "{}", told);
            prop_assert_eq!(facts.duration_minutes, Some(filling.minutes), "{}", told);
            prop_assert_eq!(facts.severity.map(|severity| severity.as_str()), Some(filling.severity), "{}", told);
            prop_assert_eq!(&facts.services, &filling.services, "{}", told);
            prop_assert_eq!(facts.root_cause.as_deref(), Some(filling.root_cause.as_str()), "{}", told);
            let people: Vec<_> = facts.people.iter().map(|person| (person.name.clone(), person.role.clone())).collect();
            prop_assert_eq!(&people, &filling.people, "{}", told);

            prop_assert_eq!(reading.actions.len(), filling.actions.len(), "{}", told);
            let context = crate::DateContext { reference: Some(filling.report_date), ..crate::DateContext::default() };
            for (read, written) in reading.actions.iter().zip(&filling.actions) {
                prop_assert_eq!(&read.text, &written.text, "{}", told);
                prop_assert_eq!(read.owner_text.as_deref(), written.owner.as_deref(), "{}", told);
                prop_assert_eq!(read.due_text.as_deref(), written.due, "{}", told);
                let day = written.due.and_then(|due| crate::resolve_date(due, &context)).map(|due| due.date);
                prop_assert_eq!(read.due.as_ref().map(|due| due.date), day, "{}", told);
                prop_assert_eq!(read.priority_text.as_deref(), written.priority, "{}", told);
                prop_assert_eq!(read.done, Some(written.done), "{}", told);
            }
            prop_assert_eq!(reading.warnings, [], "{}", told);
        }
    }
}
