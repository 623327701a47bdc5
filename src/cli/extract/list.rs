//! The actions of a report, one below the other.

use super::{
    super::table,
    found::{BOLD, DIM, Found, mark},
};
use crate::intake::Draft;

/// The facts, the actions, and with `--explain` what was passed over.
pub(super) fn page(found: &Found<'_>) -> String {
    let mut page = found.head();
    page.push('\n');
    for (number, read) in (1..).zip(&found.reading.actions) {
        let draft = Draft::new(read.clone(), found.team);
        page.push_str(&format!("{BOLD}{number}. {}{BOLD:#}{}\n", read.title, mark(read)));
        if let Some(description) = &draft.read.description {
            page.push_str(&format!("{}\n", table::paragraph(3, description)));
        }
        let mut facts = vec![format!("line {}", read.line)];
        facts.extend(found.facts(read, &draft));
        page.push_str(&dim(3, &facts.join(" · ")));
        if found.explain {
            page.push_str(&dim(3, &found.why(read, &draft)));
        }
    }
    let missed = &found.reading.near_misses;
    if found.explain && !missed.is_empty() {
        page.push_str(&format!("\n{BOLD}Passed over{BOLD:#}\n"));
        for miss in missed {
            page.push_str(&format!(
                "{}\n",
                table::paragraph(0, &format!("line {}: {}", miss.line, miss.text))
            ));
            page.push_str(&dim(3, &format!("{} ({})", miss.why(), miss.rule.as_str())));
        }
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn dim(indent: u16, text: &str) -> String {
    format!("{DIM}{}{DIM:#}\n", table::paragraph(indent, text))
}
