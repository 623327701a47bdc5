//! Tables for people, Markdown and CSV: one description of the columns for all three.

use comfy_table::{ContentArrangement, Table, presets};

use super::{CliError, args::ListFormat, output::Output};
use crate::view::ActionView;

/// One column: its heading, and its value for an action.
struct Column {
    heading: &'static str,
    value: fn(&ActionView) -> String,
}

const COLUMNS: [Column; 9] = [
    Column { heading: "id", value: |view| view.id.to_string() },
    Column { heading: "state", value: |view| view.state.to_string() },
    Column { heading: "due", value: |view| view.due_on.map_or("–".to_owned(), |day| day.to_string()) },
    Column { heading: MOVED, value: moved },
    Column {
        heading: LATE,
        value: |view| if view.overdue { format!("{} d", view.days_overdue) } else { String::new() },
    },
    Column { heading: "owner", value: |view| view.owner.clone().unwrap_or_else(|| "–".to_owned()) },
    Column { heading: "issue", value: issue },
    Column { heading: REPORT, value: |view| view.report.id.to_string() },
    Column { heading: "title", value: |view| view.title.clone() },
];

/// The columns that people see only when they tell something.
const MOVED: &str = "moved";
const LATE: &str = "late";
const REPORT: &str = "report";

/// How often the due date was moved.
fn moved(view: &ActionView) -> String {
    if view.due_moves > 0 { format!("{}×", view.due_moves) } else { String::new() }
}

/// The issue, and how it was closed where the action does not tell.
fn issue(view: &ActionView) -> String {
    let Some(issue) = &view.issue else { return "–".to_owned() };
    if issue.state != "closed" || !view.state.is_active() {
        return format!("#{}", issue.number);
    }
    let reason = issue.state_reason.as_deref().unwrap_or("closed");
    format!("#{} {}", issue.number, reason.replace('_', " "))
}

/// A number of things: `1 action`, `2 actions`.
pub(super) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// Prints actions in the format asked for. `groups` are headings with the actions under them; programs get one list.
pub(super) fn print(
    output: &Output,
    format: ListFormat,
    groups: &[(Option<String>, Vec<ActionView>)],
    none: &str,
) -> Result<(), CliError> {
    match format {
        ListFormat::Json => output.json(&groups.iter().flat_map(|(_, views)| views).collect::<Vec<_>>()),
        ListFormat::Csv => output.text(&csv(groups)?),
        ListFormat::Markdown => output.text(&markdown(groups)),
        ListFormat::Human if groups.iter().all(|(_, views)| views.is_empty()) => {
            output.talk(none);
            Ok(())
        }
        ListFormat::Human => output.text(&human(groups)),
    }
}

fn human(groups: &[(Option<String>, Vec<ActionView>)]) -> String {
    let views = || groups.iter().flat_map(|(_, views)| views);
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .filter(|column| match column.heading {
            MOVED | LATE => views().any(|view| !(column.value)(view).is_empty()),
            REPORT => views().any(|view| Some(view.report.id) != views().next().map(|first| first.report.id)),
            _ => true,
        })
        .collect();
    let mut text = String::new();
    for (heading, views) in groups {
        if let Some(heading) = heading {
            let bold = anstyle::Style::new().bold();
            text.push_str(&format!("{bold}{heading}{bold:#} ({})\n", views.len()));
        }
        text.push_str(&plain(
            columns.iter().map(|column| column.heading),
            views.iter().map(|view| columns.iter().map(|column| (column.value)(view)).collect()),
        ));
        text.push_str("\n\n");
    }
    text.truncate(text.trim_end().len());
    text
}

/// A table without lines, as wide as the terminal.
pub(super) fn plain<'a>(
    headings: impl IntoIterator<Item = &'a str>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.set_header(headings).add_rows(rows);
    rendered(table, 0)
}

/// Names and values, one below the other, as wide as the terminal; what has no value is left out.
pub(super) fn facts<'a>(rows: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let mut table = Table::new();
    for (name, value) in rows {
        if let Some(value) = value {
            table.add_row([name.to_owned(), value]);
        }
    }
    rendered(table, 2)
}

/// A paragraph, as wide as the terminal, that begins this far to the right.
pub(super) fn paragraph(indent: u16, text: &str) -> String {
    let mut table = Table::new();
    table.add_row([text]);
    rendered(table, indent)
}

/// The narrowest terminal that is written for.
const NARROWEST: u16 = 20;

fn rendered(mut table: Table, indent: u16) -> String {
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // A terminal that does not know its size is as wide as terminals are.
    if table.width().is_some_and(|width| width < NARROWEST) {
        table.set_width(80);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((indent, 1));
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn markdown(groups: &[(Option<String>, Vec<ActionView>)]) -> String {
    let mut text = String::new();
    for (heading, views) in groups {
        if let Some(heading) = heading {
            text.push_str(&format!("## {}\n\n", markdown_cell(heading)));
        }
        let headings = COLUMNS.map(|column| column.heading);
        text.push_str(&format!("| {} |\n|{}\n", headings.join(" | "), "---|".repeat(headings.len())));
        for view in views {
            let cells = COLUMNS.map(|column| match (column.heading, &view.issue) {
                ("issue", Some(issue)) => {
                    format!("[{}]({})", markdown_cell(&(column.value)(view)), issue.url)
                }
                _ => markdown_cell(&(column.value)(view)),
            });
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// A value that cannot break out of its cell.
fn markdown_cell(value: &str) -> String {
    let mut cell = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // Within a word it means itself.
            '_' if cell.ends_with(char::is_alphanumeric)
                && characters.peek().is_some_and(|next| next.is_alphanumeric()) =>
            {
                cell.push(character);
            }
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' => cell.extend(['\\', character]),
            '\n' | '\r' => cell.push(' '),
            character => cell.push(character),
        }
    }
    cell
}

/// The names of the JSON fields, so that a script that reads both finds the same words.
fn csv(groups: &[(Option<String>, Vec<ActionView>)]) -> Result<String, CliError> {
    let failed = |error: csv::Error| CliError::bug(format!("cannot write CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record([
            "id",
            "title",
            "state",
            "disposition",
            "owner",
            "team",
            "verifier",
            "due_on",
            "original_due_on",
            "due_moves",
            "overdue",
            "days_overdue",
            "priority",
            "severity",
            "category",
            "kind",
            "flags",
            "report_id",
            "report_title",
            "issue_url",
            "issue_state",
            "issue_state_reason",
            "created_at",
            "done_at",
            "verified_at",
        ])
        .map_err(failed)?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let day = |value: Option<chrono::NaiveDate>| value.map(|day| day.to_string()).unwrap_or_default();
    let time = |value: Option<chrono::DateTime<chrono::Utc>>| {
        value.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
    };
    for view in groups.iter().flat_map(|(_, views)| views) {
        let issue = view.issue.as_ref();
        let record = [
            view.id.to_string(),
            view.title.clone(),
            view.state.to_string(),
            view.disposition.map(|disposition| disposition.to_string()).unwrap_or_default(),
            text(&view.owner),
            text(&view.team),
            text(&view.verifier),
            day(view.due_on),
            day(view.original_due_on),
            view.due_moves.to_string(),
            view.overdue.to_string(),
            view.days_overdue.to_string(),
            view.priority.to_string(),
            view.severity.to_string(),
            view.category.to_string(),
            view.kind.to_string(),
            view.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(" "),
            view.report.id.to_string(),
            view.report.title.clone(),
            issue.map(|issue| issue.url.clone()).unwrap_or_default(),
            issue.map(|issue| issue.state.clone()).unwrap_or_default(),
            issue.and_then(|issue| issue.state_reason.clone()).unwrap_or_default(),
            time(Some(view.created_at)),
            time(view.done_at),
            time(view.verified_at),
        ];
        writer.write_record(record.iter().map(|value| harmless(value))).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| CliError::bug(format!("cannot write CSV: {error}")))?;
    String::from_utf8(bytes).map_err(|error| CliError::bug(format!("cannot write CSV: {error}")))
}

/// A value that a spreadsheet does not take for a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn harmless(value: &str) -> String {
    match value.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{value}"),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_break_out_of_its_cell() {
        assert_eq!(markdown_cell("a | b\n<img>"), "a \\| b \\<img\\>");
        assert_eq!(markdown_cell("_not_ in_progress"), "\\_not\\_ in_progress");
        assert_eq!(harmless("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(harmless("plain"), "plain");
    }
}
