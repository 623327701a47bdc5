//! The report as it was written, with the actions found in place.
//!
//! Invariant: every line of the source is shown once, in order, under its number; what was found stands below the
//! lines it was found in, so that what was missed is as easy to see as what was taken.

use anstyle::{AnsiColor, Style};
use incident_report::{CandidateAction, NearMiss};

use super::{
    super::table,
    found::{BOLD, DIM, Found, mark},
};
use crate::intake::Draft;

const TAKEN: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));

/// The longest line that is shown whole, in characters; a page without line ends is not worth a screen.
const MAX_SHOWN: usize = 1_000;

/// The report with what was found in it.
pub(super) fn page(found: &Found<'_>, text: &str) -> String {
    let actions = &found.reading.actions;
    let misses = if found.explain { found.reading.near_misses.as_slice() } else { &[] };
    let mut page = found.head();
    page.push('\n');
    let lines: Vec<&str> = text.lines().collect();
    let width = lines.len().to_string().len();
    let gutter = " ".repeat(width);
    let mut next_action = 0;
    let mut next_miss = 0;
    // The last line of the action that the line stands in.
    let mut taken_to = 0;
    for (number, line) in (1..).zip(&lines) {
        let begins = actions[next_action..].iter().take_while(|action| action.line == number);
        taken_to = begins.map(last_line).max().unwrap_or(0).max(taken_to);
        let (style, bar) = if number <= taken_to { (TAKEN, "┃") } else { (DIM, "│") };
        page.push_str(&format!("{DIM}{number:>width$}{DIM:#} {style}{bar}{style:#}{}\n", shortened(line)));
        // Below the last of its lines, or where the next action begins.
        let is_next = |action: &CandidateAction| last_line(action) > number && number < lines.len();
        while let Some(action) = actions.get(next_action).filter(|action| action.line <= number) {
            let following = actions[next_action + 1..].iter().find(|other| other.line > action.line);
            if is_next(action) && following.is_none_or(|following| following.line > number + 1) {
                break;
            }
            page.push_str(&taken(found, next_action + 1, action, &gutter));
            next_action += 1;
        }
        while let Some(miss) = misses.get(next_miss).filter(|miss| miss.line <= number) {
            page.push_str(&passed_over(miss, line, &gutter));
            next_miss += 1;
        }
    }
    page.push_str(&foot(found));
    page
}

fn last_line(action: &CandidateAction) -> usize {
    action.line + action.quote.lines().count().max(1) - 1
}

fn taken(found: &Found<'_>, number: usize, read: &CandidateAction, gutter: &str) -> String {
    let draft = Draft::new(read.clone(), found.team);
    let mut note = format!("{gutter} {TAKEN}┗ {number}. {}{TAKEN:#}{}\n", read.title, mark(read));
    let mut told = vec![found.facts(read, &draft).join(" · ")];
    if found.explain {
        told.push(found.why(read, &draft));
    }
    for line in told {
        note.push_str(&below(gutter, &line));
    }
    note
}

fn passed_over(miss: &NearMiss, line: &str, gutter: &str) -> String {
    // Of a part of a line it has to be said which.
    let is_part = miss.text.chars().count() + 8 < line.trim().chars().count();
    let what = if is_part { format!("“{}” is no action", miss.text) } else { "no action".to_owned() };
    format!("{gutter} {DIM}└ {what}: {} ({}){DIM:#}\n", miss.why(), miss.rule.as_str())
}

/// A line that explains the one above it.
fn below(gutter: &str, text: &str) -> String {
    let indent = u16::try_from(gutter.len() + 6).unwrap_or(u16::MAX);
    format!("{DIM}{}{DIM:#}\n", table::paragraph(indent, text))
}

fn foot(found: &Found<'_>) -> String {
    let mut foot = format!("\n{BOLD}{}{BOLD:#}", table::count(found.reading.actions.len(), "action"));
    let missed = found.reading.near_misses.len();
    if missed > 0 && !found.explain {
        foot.push_str(&format!("; {} passed over: --explain says why", table::count(missed, "text")));
    }
    foot.push('\n');
    foot
}

/// A line behind its bar.
fn shortened(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(MAX_SHOWN) {
        _ if line.is_empty() => String::new(),
        Some((at, _)) => format!(" {}… ({} more bytes)", &line[..at], line.len() - at),
        None => format!(" {line}"),
    }
}
