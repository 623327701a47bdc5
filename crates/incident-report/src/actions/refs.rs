//! References to issues: `#12`, `GH-12`, `acme/shop#12`, `OPS-123`, addresses of issues and pull requests.
//!
//! Invariant: a reference is whole (no part of a longer word), and what is counted as the item's own ticket
//! stands in a place that only the own ticket stands in; a mention in a sentence is none.

use std::sync::LazyLock;

use regex::Regex;

use super::fields::Fields;
use crate::document::{Link, Text};
use crate::text;
use crate::words::{self, Phrases};

/// How much of a text is searched, in bytes.
const MAX_SEARCHED: usize = 20_000;

/// How many references of one action are kept.
const MAX_REFS: usize = 50;

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) ^ https?://[^\s/]+/ (?:
            (?:[^\s?\#]+/)? (?:-/)? (?: issues | pull | pulls | pull-requests | merge_requests | work_items | issue
                | tickets? | story | _workitems/edit ) / [\w-]*\d [\w-]* (?: / [\w-]+ )?
          | (?:[^\s?\#]+/)? browse/ [A-Z][A-Z0-9_]+-\d+
          | (?:[^\s?]+/)? (?: show_bug\.cgi\?id= | bugs?/ \?? ) \d+
          | T\d{2,7} ) (?: [?\#] \S* )? /? $
        | ^ https?://trello\.com/c/\w{8} (?: / [\w-]+ )? $
        | ^ https?://app\.asana\.com/(?:[\w-]+/)*\d{6,} (?: /f )? $",
    )
    .expect("the pattern is well-formed")
});

/// `#12`, `acme/shop#12`, `AB#12`, `!12`, `acme/shop!12`, `OPS-12`, `INC0012345`.
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) (?: [A-Za-z0-9][\w.-]* (?:/[A-Za-z0-9][\w.-]*)+ | [A-Za-z]{2,10} )? \# \d{1,8}
        | (?: [A-Za-z0-9][\w.-]* (?:/[A-Za-z0-9][\w.-]*)+ )? ! \d{1,7}
        | \b (?: [A-Z][A-Z0-9]{1,9}-\d{1,7} | (?: INC | CHG | PRB | RITM ) \d{7} )",
    )
    .expect("the pattern is well-formed")
});

/// A reference in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    start: usize,
    end: usize,
    written: String,
    /// Whether it is a pull request and no issue.
    is_pull: bool,
}

/// What the references of an action say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refs {
    /// All of them, as written.
    pub(super) all: Vec<String>,
    /// The one that is the action's own ticket.
    pub(super) own: Option<String>,
}

impl Refs {
    fn add(&mut self, reference: &str) {
        if self.all.len() < MAX_REFS && !self.all.iter().any(|known| known == reference) {
            self.all.push(reference.to_owned());
        }
    }

    /// Adds the references of what explains an action, its links included.
    pub(super) fn mention<'t>(&mut self, details: impl Iterator<Item = &'t str>, links: &[String]) {
        for detail in details.take(MAX_REFS) {
            found(detail, &[]).iter().for_each(|found| self.add(&found.written));
        }
        links.iter().take(MAX_REFS).filter_map(|link| address(link)).for_each(|(link, _)| self.add(&link));
    }

    /// Notes a ticket that is given as such, by a label or a column.
    pub(super) fn ticket(&mut self, value: &Text) {
        let found = found(&value.plain, &value.links);
        found.iter().for_each(|found| self.add(&found.written));
        if let [only] = &found[..]
            && !only.is_pull
        {
            self.own = self.own.take().or_else(|| Some(only.written.clone()));
        }
    }
}

/// The references of an item, whose own words are given as written, before fields are cut off.
pub(super) fn of(own: &Text, is_done: bool) -> Refs {
    let mut refs = Refs::default();
    let found = found(&own.plain, &own.links);
    found.iter().for_each(|found| refs.add(&found.written));
    // A number in brackets behind finished work is as often the change that did it.
    let plausible = |found: &&Found| !(found.is_pull || is_done && found.written.contains('#'));
    let announced = found.iter().filter(|found| !found.is_pull).find(|found| is_announced(&own.plain, found));
    let placed = || found.iter().filter(plausible).find(|found| is_own(&own.plain, found));
    refs.own = announced.or_else(placed).map(|it| it.written.clone());
    refs
}

/// Whether words of their own in front of a reference say that it is the item's ticket: "(tracked in #12)" anywhere,
/// ", filed as OPS-12" at the end, "Tracked in #12:" at the beginning.
fn is_announced(plain: &str, found: &Found) -> bool {
    let before = &plain[..found.start];
    let behind = &plain[found.end..];
    let opens =
        before.rfind(CLAUSE).map_or(0, |mark| mark + before[mark..].chars().next().map_or(0, char::len_utf8));
    if !announces(&before[opens..]) {
        return false;
    }
    let is_bracketed = before[..opens].ends_with(['(', '[']) && behind.starts_with([')', ']']);
    let is_first = opens == 0 && behind.trim_start().starts_with([':', '-', '–', '—', '|']);
    is_bracketed || is_first || !behind.contains(char::is_alphanumeric)
}

/// The marks in front of words of their own.
const CLAUSE: [char; 10] = ['(', '[', ',', ';', '.', '–', '—', '|', '-', '→'];

/// Whether words say that the reference behind them is the item's ticket.
fn announces(words: &str) -> bool {
    // As long as the longest of them, so that this costs the same in front of any reference.
    words.len() <= 60 && words::is(Phrases::OwnTicket, &text::fold(words))
}

/// Whether a reference stands where only the item's own ticket stands: alone, in front, or in a bracket of its
/// own at either end.
fn is_own(plain: &str, found: &Found) -> bool {
    let before = plain[..found.start].trim_start();
    let behind = plain[found.end..].trim_end().trim_end_matches(['.', ',']);
    let opens = |part: &str| part.trim_end().ends_with(['(', '[']);
    let is_alone = !before.contains(char::is_alphanumeric) && !behind.contains(char::is_alphanumeric);
    if is_alone {
        return true;
    }
    if before.is_empty() {
        return behind.trim_start().starts_with([':', '-', '–', '—', '|']) || behind.starts_with(' ');
    }
    if !opens(before) {
        // "Add an alert - OPS-12".
        return behind.is_empty() && before.trim_end().ends_with(['-', '–', '—', '|']);
    }
    let inside = before.trim_end().trim_end_matches(['(', '[']);
    let close = behind.trim_start().strip_prefix([')', ']']);
    close.is_some_and(|rest| {
        let rest = rest.trim_start_matches([')', ']']);
        inside.trim().is_empty() || !rest.contains(char::is_alphanumeric)
    })
}

/// The words of an item without the brackets and marks that hold its references.
pub(super) fn without(title: &str) -> String {
    let found = found(title, &[]);
    let mut kept = String::with_capacity(title.len());
    let mut from = 0;
    for found in &found {
        let before = &title[..found.start];
        let behind = &title[found.end..];
        let holds_no_more = |open: &usize| {
            let words = &before[open + 1..];
            words.is_empty() || (!found.is_pull && announces(words))
        };
        let bracket =
            before.rfind(['(', '[']).filter(|_| behind.starts_with([')', ']'])).filter(holds_no_more);
        let is_first = before.trim().is_empty() || before.trim() == "[" || before.trim() == "(";
        if let Some(open) = bracket.filter(|open| *open >= from) {
            kept.push_str(title[from..open].trim_end());
            from = found.end + 1;
        } else if is_first && found.start >= from {
            from = found.end;
        }
    }
    kept.push_str(&title[from..]);
    let kept = kept.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '|'));
    if text::word_count(kept) == 0 { title.to_owned() } else { text::collapse(kept) }
}

/// The references in a text and behind its links, in order.
fn found(plain: &str, links: &[Link]) -> Vec<Found> {
    let end = plain.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_SEARCHED).unwrap_or(plain.len());
    let searched = &plain[..end];
    let mut found: Vec<Found> = links
        .iter()
        .take(MAX_REFS)
        .filter_map(|link| {
            let (written, is_pull) = address(&link.target)?;
            let words = plain.get(link.at..)?;
            // The words of a link are a reference themselves, the address, or other words up to a mark.
            let shown = WRITTEN.find(words).filter(|shown| shown.start() == 0).map(|shown| shown.len());
            let length = shown.unwrap_or_else(|| match words.strip_prefix(&link.target) {
                Some(_) => link.target.len(),
                None => named(words),
            });
            Some(Found { start: link.at, end: link.at + length, written, is_pull })
        })
        .collect();
    // Most texts have no digit, and no reference is without one.
    let has_digit = searched.bytes().any(|b| b.is_ascii_digit());
    for shown in WRITTEN.find_iter(if has_digit { searched } else { "" }).take(MAX_REFS) {
        let is_linked =
            found.iter().any(|link| (link.start..link.end.max(link.start + 1)).contains(&shown.start()));
        let before = searched[..shown.start()].chars().next_back();
        let behind = plain[shown.end()..].chars().next();
        let is_part = before
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '#' | '&' | '.'))
            || behind.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'));
        let name = shown.as_str().split('-').next().unwrap_or("");
        let is_standard =
            !shown.as_str().contains(['#', '!']) && words::is(Phrases::NoTicket, &text::fold(name));
        if is_linked || is_part || is_standard {
            continue;
        }
        let lead = text::fold(
            searched[..shown.start()].rsplit([' ', '(']).find(|word| !word.is_empty()).unwrap_or(""),
        );
        let is_pull = shown.as_str().contains('!')
            || matches!(lead.as_str(), "pr" | "prs" | "pull" | "mr" | "mrs" | "request" | "requests")
            || shown.as_str().split('#').next().is_some_and(is_pull_request);
        found.push(Found {
            start: shown.start(),
            end: shown.end(),
            written: shown.as_str().to_owned(),
            is_pull,
        });
    }
    found.sort_by_key(|found| found.start);
    found
}

/// How long the words of a link are that call what it leads to a ticket, in a bracket of theirs: "(ticket)".
fn named(words: &str) -> usize {
    let end = words.char_indices().take(30).find(|(_, c)| matches!(c, ')' | ']')).map_or(0, |(at, _)| at);
    if words::is(Phrases::TicketLabel, &text::fold(&words[..end])) { end } else { 0 }
}

/// Whether some words are those for a pull request, and for no issue.
pub(super) fn is_pull_request(words: &str) -> bool {
    let folded = text::fold(words);
    matches!(folded.as_str(), "pr" | "prs" | "mr" | "mrs")
        || folded.starts_with("pull request")
        || folded.starts_with("merge request")
}

/// The address of an issue or a pull request, without what follows it, and whether it is the latter.
fn address(link: &str) -> Option<(String, bool)> {
    let bare = match link.split_once('#') {
        Some((bare, _)) => bare,
        None => link,
    };
    let bare = if bare.contains("show_bug.cgi") || bare.contains("bugs/?") {
        bare
    } else {
        bare.split('?').next().unwrap_or(bare)
    };
    let bare = bare.trim_end_matches('/');
    let is_pull =
        ["/pull/", "/pulls/", "/pull-requests/", "/merge_requests/"].iter().any(|part| bare.contains(part));
    ADDRESS.is_match(bare).then(|| (bare.to_owned(), is_pull))
}

/// The ticket that a field of an item names.
pub(super) fn of_fields(fields: &Fields, refs: &mut Refs) {
    if let Some(ticket) = &fields.ticket {
        refs.ticket(&Text::from_plain(ticket));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(item: &str) -> String {
        let refs = of(&Text::from_plain(item), false);
        format!("{} | {} | {}", refs.all.join(" "), refs.own.unwrap_or_default(), without(item))
    }

    #[test]
    fn references_are_told_from_words_and_from_tickets() {
        for (item, expected) in [
            ("OPS-12", "OPS-12 | OPS-12 | OPS-12"),
            ("#12", "#12 | #12 | #12"),
            ("[#12] Add an alert", "#12 | #12 | Add an alert"),
            ("Add an alert (OPS-12)", "OPS-12 | OPS-12 | Add an alert"),
            ("OPS-12: Add an alert", "OPS-12 | OPS-12 | Add an alert"),
            ("#41 — alerting gap", "#41 | #41 | alerting gap"),
            ("Add an alert - OPS-12", "OPS-12 | OPS-12 | Add an alert - OPS-12"),
            ("Add an alert, see #12", "#12 |  | Add an alert, see #12"),
            (
                "Add an alert for what acme/shop#7 caused",
                "acme/shop#7 |  | Add an alert for what acme/shop#7 caused",
            ),
            ("Add an alert (PR #12)", "#12 |  | Add an alert (PR #12)"),
            ("Add an alert (tracked in #12)", "#12 | #12 | Add an alert"),
            ("Add an alert (already tracked as OPS-12).", "OPS-12 | OPS-12 | Add an alert."),
            (
                "Add an alert, filed as acme/shop#12.",
                "acme/shop#12 | acme/shop#12 | Add an alert, filed as acme/shop#12.",
            ),
            (
                "Add an alert; this is tracked in OPS-12",
                "OPS-12 | OPS-12 | Add an alert; this is tracked in OPS-12",
            ),
            ("Tracked in #12: add an alert", "#12 | #12 | Tracked in #12: add an alert"),
            ("Den Alarm einbauen (erfasst in #12)", "#12 | #12 | Den Alarm einbauen"),
            ("Fix the bug tracked in #12", "#12 |  | Fix the bug tracked in #12"),
            ("Close what is tracked in #12 and #13", "#12 #13 |  | Close what is tracked in #12 and #13"),
            ("Add the alert (tracked in #12) to the page", "#12 | #12 | Add the alert to the page"),
            ("Use UTF-8 and SHA-256 for /a#12b", " |  | Use UTF-8 and SHA-256 for /a#12b"),
            (
                "https://github.com/acme/shop/issues/7#issuecomment-1",
                "https://github.com/acme/shop/issues/7 | https://github.com/acme/shop/issues/7 | https://github.com/acme/shop/issues/7#issuecomment-1",
            ),
        ] {
            assert_eq!(told(item), expected, "{item}");
        }
    }

    #[test]
    fn references_of_all_trackers() {
        // What stands in a bracket of its own, whether it is a reference, and whether it is the item's ticket.
        let table = [
            ("#12", "own"),
            ("GH-12", "own"),
            ("GL-12", "own"),
            ("acme/shop#12", "own"),
            ("acme/ovens/shop#12", "own"),
            ("OPS-123", "own"),
            ("AB#123", "own"),
            ("INC0012345", "own"),
            ("!12", "named"),
            ("acme/shop!12", "named"),
            ("https://github.com/acme/shop/issues/12", "own"),
            ("https://github.com/acme/shop/pull/12", "named"),
            ("https://github.com/acme/shop/pull/12/files", "named"),
            ("https://gitlab.com/acme/ovens/shop/-/issues/12", "own"),
            ("https://gitlab.com/acme/shop/-/work_items/12", "own"),
            ("https://gitlab.com/acme/shop/-/merge_requests/12", "named"),
            ("https://bitbucket.org/acme/shop/issues/12/add-a-lamp", "own"),
            ("https://bitbucket.org/acme/shop/pull-requests/12", "named"),
            ("https://codeberg.org/acme/shop/issues/12", "own"),
            ("https://acme.atlassian.net/browse/OPS-12", "own"),
            ("https://linear.app/acme/issue/ENG-12/add-a-lamp", "own"),
            ("https://youtrack.acme.test/issue/SHOP-12", "own"),
            ("https://dev.azure.com/acme/shop/_workitems/edit/12", "own"),
            ("https://app.shortcut.com/acme/story/12/add-a-lamp", "own"),
            ("https://trello.com/c/AbCd1234/12-add-a-lamp", "own"),
            ("https://app.asana.com/0/120100/120200", "own"),
            ("https://redmine.acme.test/issues/12", "own"),
            ("https://bugzilla.acme.test/show_bug.cgi?id=123456", "own"),
            ("https://savannah.acme.test/bugs/?1234", "own"),
            ("https://launchpad.net/bugs/1234", "own"),
            ("https://phabricator.acme.test/T1234", "own"),
            ("https://sourceforge.net/p/acme/tickets/12/", "own"),
            ("https://github.com/acme/shop", "none"),
            ("https://acme.test/blog/12", "none"),
            ("https://trello.com/b/AbCd1234/board", "none"),
            ("UTF-8", "none"),
            ("CVE-2026-1234", "none"),
            ("wow!12", "none"),
        ];
        for (reference, expected) in table {
            let plain = format!("Add a lamp ({reference})");
            let mut item = Text::from_plain(&plain);
            if reference.starts_with("http") {
                item.links.push(Link { at: plain.len() - 1 - reference.len(), target: reference.to_owned() });
            }
            let refs = of(&item, false);
            let told = match (refs.all.len(), refs.own.is_some()) {
                (0, _) => "none",
                (_, true) => "own",
                (_, false) => "named",
            };
            assert_eq!(told, expected, "{reference}");
        }
    }

    #[test]
    fn pull_requests_are_no_tickets() {
        for item in [
            "Add a lamp (PR #12)",
            "Add a lamp (PR#12)",
            "Add a lamp (pull request #12)",
            "Add a lamp (MR !12)",
            "Add a lamp (merge request !12)",
            "!12",
            "Add a lamp - !12",
            "PR 12",
        ] {
            assert_eq!(of(&Text::from_plain(item), false).own, None, "{item}");
        }
    }

    #[test]
    fn a_link_that_is_called_a_ticket_is_one() {
        for (words, is_own) in [("ticket", true), ("GitHub issue", true), ("runbook", false)] {
            let mut item = Text::from_plain(&format!("Add a lamp ({words})"));
            item.links.push(Link { at: 12, target: "https://github.com/acme/shop/issues/12".to_owned() });
            assert_eq!(of(&item, false).own.is_some(), is_own, "{words}");
        }
    }

    #[test]
    fn the_words_of_a_link_and_its_address_are_one_reference() {
        let mut item = Text::from_plain("Add an alert (#12)");
        item.links.push(Link { at: 14, target: "https://acme.test/acme/shop/-/issues/12".to_owned() });
        let refs = of(&item, false);
        assert_eq!(refs.all, ["https://acme.test/acme/shop/-/issues/12"]);
        assert_eq!(refs.own, refs.all.first().cloned());
        item.links[0].target = "https://acme.test/acme/shop/pull/12".to_owned();
        assert_eq!(of(&item, false).own, None);
    }
}
