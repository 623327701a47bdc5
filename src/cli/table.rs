//! Tables for people, Markdown and CSV: one description of the columns for all three.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{CliError, args::ListFormat, output::Output};
use crate::{sheet::harmless, view::ActionView};

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
    arranged(&headings.into_iter().collect::<Vec<_>>(), rows.into_iter().collect(), terminal())
}

/// A table in which no word is broken. The last column has the texts, and gives way first; where it would become a tower
/// of single words, each row is a paragraph of its own.
fn arranged(headings: &[&str], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let least = least_widths(headings, &rows);
    if width.is_some_and(|width| least.iter().copied().map(u32::from).sum::<u32>() > width.into()) {
        return rows.iter().map(|row| stacked(headings, row, width)).collect::<Vec<_>>().join("\n");
    }
    let mut table = Table::new();
    table.set_header(headings.iter().copied()).add_rows(rows);
    table
        .set_constraints(least.into_iter().map(|least| ColumnConstraint::LowerBoundary(Width::Fixed(least))));
    rendered(table, 0, width)
}

/// How wide each column has to be, with the gap beside it, so that no word of it is broken. In the last one a very long
/// word may be.
fn least_widths(headings: &[&str], rows: &[Vec<String>]) -> Vec<u16> {
    let one_below_the_other = |text: &str| text.split_whitespace().collect::<Vec<_>>().join("\n");
    let mut words = Table::new();
    words.set_header(headings.iter().map(|heading| one_below_the_other(heading)));
    words.add_rows(rows.iter().map(|row| row.iter().map(|cell| one_below_the_other(cell))));
    let mut whole = Table::new();
    whole.set_header(headings.iter().copied()).add_rows(rows.iter().cloned());
    let mut least = words.column_max_content_widths();
    if let (Some(last), Some(whole)) = (least.last_mut(), whole.column_max_content_widths().last()) {
        *last = (*last).clamp(NARROWEST, LONG_WORD).min(*whole);
    }
    for (index, width) in least.iter_mut().enumerate() {
        *width = width.saturating_add(if index == 0 { 1 } else { 2 });
    }
    least
}

/// A row as a paragraph: what it is and its text, then the rest, each by its heading.
fn stacked(headings: &[&str], row: &[String], width: Option<u16>) -> String {
    let [first, between @ .., last] = row else { return row.join(" ") };
    let facts = headings.iter().skip(1).zip(between).filter(|(_, value)| !value.is_empty() && *value != "–");
    let facts = facts.map(|(heading, value)| format!("{heading} {value}")).collect::<Vec<_>>().join(" · ");
    let text = paragraph_within(0, &format!("{first}  {last}"), width);
    format!("{text}\n{}", paragraph_within(2, &facts, width))
}

/// Names and values, one below the other, as wide as the terminal; what has no value is left out.
pub(super) fn facts<'a>(rows: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let mut table = Table::new();
    for (name, value) in rows {
        if let Some(value) = value {
            table.add_row([name.to_owned(), value]);
        }
    }
    rendered(table, 2, terminal())
}

/// A paragraph, as wide as the terminal, that begins this far to the right.
pub(super) fn paragraph(indent: u16, text: &str) -> String {
    paragraph_within(indent, text, terminal())
}

fn paragraph_within(indent: u16, text: &str, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.add_row([text]);
    rendered(table, indent, width)
}

/// The narrowest terminal that is written for, and the narrowest column of texts.
const NARROWEST: u16 = 20;

/// For longer words, such as addresses, no room is kept.
const LONG_WORD: u16 = 30;

/// How wide the terminal is; nothing where it is a file or a pipe.
fn terminal() -> Option<u16> {
    // A terminal that does not know its size is as wide as terminals are.
    Table::new().width().map(|width| if width < NARROWEST { 80 } else { width })
}

fn rendered(mut table: Table, indent: u16, width: Option<u16>) -> String {
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
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
        writer.write_record(record.iter().map(|value| harmless(value).into_owned())).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| CliError::bug(format!("cannot write CSV: {error}")))?;
    String::from_utf8(bytes).map_err(|error| CliError::bug(format!("cannot write CSV: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_broken_on_a_narrow_terminal() {
        let headings = ["id", "state", "due", "late", "owner", "issue", "title"];
        let row = |cells: [&str; 7]| cells.map(str::to_owned).to_vec();
        let rows = || {
            vec![
                row([
                    "CA-1",
                    "open",
                    "2024-05-31",
                    "10 d",
                    "octo-lead",
                    "#2",
                    "Alert thirty days before expiry",
                ]),
                row(["CA-2", "in_progress", "2024-06-03", "", "–", "–", "Renew certificates automatically"]),
            ]
        };
        insta::assert_snapshot!(arranged(&headings, rows(), Some(80)), @"
        id    state        due         late  owner      issue  title
        CA-1  open         2024-05-31  10 d  octo-lead  #2     Alert thirty days before
                                                               expiry
        CA-2  in_progress  2024-06-03        –          –      Renew certificates
                                                               automatically
        ");
        insta::assert_snapshot!(arranged(&headings, rows(), Some(60)), @"
        CA-1  Alert thirty days before expiry
          state open · due 2024-05-31 · late 10 d · owner octo-lead
          · issue #2
        CA-2  Renew certificates automatically
          state in_progress · due 2024-06-03
        ");
        for width in 20..120 {
            let text = arranged(&headings, rows(), Some(width));
            assert!(text.lines().all(|line| line.chars().count() <= width.into()), "{width}\n{text}");
            let shown: Vec<&str> = text.split_whitespace().collect();
            for word in rows().iter().flatten().flat_map(|cell| cell.split_whitespace()) {
                assert!(word == "–" || shown.contains(&word), "{width}: {word} is broken\n{text}");
            }
        }
    }

    #[test]
    fn a_title_cannot_break_out_of_its_cell() {
        assert_eq!(markdown_cell("a | b\n<img>"), "a \\| b \\<img\\>");
        assert_eq!(markdown_cell("_not_ in_progress"), "\\_not\\_ in_progress");
    }
}
