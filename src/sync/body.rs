//! The text of an issue: our section between two markers, and everything else, which is the team's.
//!
//! Invariants: what stands outside our section is byte for byte as it was after any change; our section is written in
//! the line ends of the text around it; it is compared with CRLF read as LF, because browsers store CRLF; and a section
//! that was added to somebody's text can be taken out again, after which the text is what it was.

use std::{borrow::Cow, fmt::Write as _};

use ring::digest::{SHA256, digest};

use super::{defuse::defuse, marker::Marker, shown::Shown};
use crate::action::{Action, Report, Severity};

const BEGIN: &str = "<!-- followup:begin -->";
const END: &str = "<!-- followup:end -->";

/// How the line begins that people see.
const TRACKED_AS: &str = "<sub>Tracked as ";

/// How many characters of a description, quote or cause are kept: the most that leaves the section short enough. Some
/// texts grow when they are defused and quoted, so the longest that is allowed is not always short enough.
const CLIPS: [usize; 6] = [20_000, 8_000, 3_000, 1_000, 200, 0];

/// Our section for what is shown of an action, or of the parent of a report, of at most `max` characters.
pub(super) fn section(shown: &Shown, marker: &Marker, max: usize) -> String {
    shortest(max, |clip| match &shown.action {
        Some(action) => action_section_of(action, &shown.report, &shown.fingerprint, marker, clip),
        None => parent_section_of(&shown.report, &shown.fingerprint, marker, clip),
    })
}

/// The section with the longest texts that fit.
fn shortest(max: usize, section: impl Fn(usize) -> String) -> String {
    let [longest, shorter @ ..] = CLIPS;
    let mut text = section(longest);
    for clip in shorter {
        if text.chars().count() <= max {
            break;
        }
        text = section(clip);
    }
    text
}

fn action_section_of(
    action: &Action,
    report: &Report,
    fingerprint: &str,
    marker: &Marker,
    longest: usize,
) -> String {
    let mut text = format!("{BEGIN}\n");
    if let Some(description) = &action.description {
        line(&mut text, &defuse(&clip(description, longest)));
        line(&mut text, "");
    }
    line(&mut text, &origin(action, report));
    line(&mut text, "");
    if !action.quote.is_empty() {
        for quoted in defuse(&clip(&action.quote, longest)).lines() {
            line(&mut text, &format!("> {quoted}"));
        }
        line(&mut text, "");
    }
    line(&mut text, "| due | owner | category | kind | priority | severity |");
    line(&mut text, "|---|---|---|---|---|---|");
    let due = match (action.due_on, action.due_moves) {
        (None, _) => "not set".to_owned(),
        (Some(due_on), 0) => due_on.to_string(),
        (Some(due_on), moves) => {
            let first = action.original_due_on.map(|first| format!(", first {first}")).unwrap_or_default();
            format!("{due_on} (moved {moves}×{first})")
        }
    };
    let owner = action.owner.as_deref().map_or("nobody yet".to_owned(), |owner| cell(&defuse(owner)));
    let (category, kind, priority, severity) =
        (&action.category, action.kind, action.priority, report.severity);
    line(&mut text, &format!("| {due} | {owner} | {category} | {kind} | {priority} | {severity} |"));
    line(&mut text, "");
    if let Some(standing) = standing(action, longest) {
        line(&mut text, &standing);
        line(&mut text, "");
    }
    line(
        &mut text,
        "Close this issue as **completed** when the work is done. Closing it as *not planned* does not count as done: \
         somebody then has to decide what becomes of it.",
    );
    line(&mut text, "");
    line(
        &mut text,
        "Or comment `/due YYYY-MM-DD REASON`, `/blocked REASON`, `/unblock` or `/evidence https://…`, on a line of its own; a \
         thumb says that it was taken.",
    );
    line(&mut text, "");
    visible_line(&mut text, &action.id.to_string(), report, fingerprint);
    finish(text, marker)
}

/// Where an action comes from.
fn origin(action: &Action, report: &Report) -> String {
    let title = defuse(&report.title);
    let colon = if action.quote.is_empty() { "." } else { ":" };
    match (action.split_from, action.added, &action.section) {
        (Some(whole), ..) => format!("A part of {whole}, from {} “{title}”{colon}", report.id),
        (None, true, _) => format!("Added to {} “{title}”{colon}", report.id),
        (None, false, Some(section)) => {
            format!("From {} “{title}”, “{}”, line {}{colon}", report.id, defuse(section), action.line)
        }
        (None, false, None) => format!("From {} “{title}”, line {}{colon}", report.id, action.line),
    }
}

/// What a reader of the issue has to know of where the action stands, beside whether the issue is open.
fn standing(action: &Action, longest: usize) -> Option<String> {
    if let Some(until) = action.waived_until {
        let by = defuse(action.waived_by.as_deref().unwrap_or_default());
        let reason = defuse(&clip(action.waiver_reason.as_deref().unwrap_or_default(), longest));
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        return Some(format!("**Waived** until {until}. The risk is accepted by {by}: {reason}"));
    }
    let waits_for: Vec<String> = action.blocked_by.iter().map(|id| id.to_string()).collect();
    (!waits_for.is_empty()).then(|| format!("**Blocked** until {} is done.", waits_for.join(" and ")))
}

fn parent_section_of(report: &Report, fingerprint: &str, marker: &Marker, longest: usize) -> String {
    let mut text = format!("{BEGIN}\n");
    line(&mut text, &format!("The corrective actions of {} “{}”.", report.id, defuse(&report.title)));
    line(&mut text, "");
    if let Some(date) = report.incident_date {
        line(&mut text, &format!("* Incident: {date}"));
    }
    if report.severity != Severity::Unknown {
        line(&mut text, &format!("* Severity: {}", report.severity));
    }
    if let Some(cause) = &report.root_cause {
        let cause = defuse(&clip(cause, longest)).split_whitespace().collect::<Vec<_>>().join(" ");
        line(&mut text, &format!("* Root cause: {cause}"));
    }
    line(&mut text, "");
    visible_line(&mut text, &report.id.to_string(), report, fingerprint);
    finish(text, marker)
}

/// What identifies `action` in any database that knows it by the same words.
pub(super) fn fingerprint_of(action: &Action, report: &Report) -> String {
    // What somebody added has no quote of its own.
    fingerprint(report, if action.added { &action.text } else { &action.quote })
}

/// What identifies an action in any database that read the same report: eight hexadecimal digits.
pub(super) fn fingerprint(report: &Report, quote: &str) -> String {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = format!("{}\n{}", squeezed(&report.title), squeezed(quote));
    digest(&SHA256, text.as_bytes()).as_ref()[..4].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn visible_line(text: &mut String, id: &str, report: &Report, fingerprint: &str) {
    line(
        text,
        &format!("{TRACKED_AS}{id} · report {} · {fingerprint} · please keep this line</sub>", report.id),
    );
}

fn finish(mut text: String, marker: &Marker) -> String {
    line(&mut text, &marker.to_string());
    text.push_str(END);
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A value in a cell of a table.
fn cell(value: &str) -> String {
    value.replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// A text, or the beginning of one that is too long.
fn clip(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}… (the report has the rest)", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Where our section stands in `body`: from the begin marker to the end of the end marker. None where it does not stand
/// there exactly once, or its parts are in the wrong order.
fn place(body: &str) -> Option<std::ops::Range<usize>> {
    let only = |needle: &str| {
        let mut found = body.match_indices(needle).map(|(at, _)| at);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    };
    let (begin, end) = (only(BEGIN)?, only(END)?);
    (begin < end).then(|| begin..end + END.len())
}

/// The digest of our section as it stands in `body`, with CRLF read as LF.
pub(super) fn section_digest(body: &str) -> Option<String> {
    place(body).map(|place| digest_of(&body[place]))
}

/// The digest of the section with the marker of `ulid` as it stands in `body`, also among others.
pub(super) fn digest_at(body: &str, ulid: &str) -> Option<String> {
    place_of(body, ulid).map(|place| digest_of(&body[place]))
}

/// How many of `max` characters are left for our section beside the rest of `body`.
pub(super) fn room(body: &str, max: usize) -> usize {
    let section = place(body).map_or(0, |place| body[place].chars().count());
    (max + section).saturating_sub(body.chars().count())
}

/// The digest of a section, with CRLF read as LF.
pub(super) fn digest_of(section: &str) -> String {
    let text = section.replace("\r\n", "\n");
    digest(&SHA256, text.as_bytes()).as_ref()[..8].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `body` with our section replaced; none where it has none.
pub(super) fn splice(body: &str, section: &str) -> Option<String> {
    let place = place(body)?;
    let section =
        if body[place.clone()].contains("\r\n") { section.replace('\n', "\r\n") } else { section.to_owned() };
    Some(format!("{}{section}{}", &body[..place.start], &body[place.end..]))
}

/// What stands between somebody's text and the section that is added to it.
const GAP: &str = "\n\n";

/// `body` with our section below it; none where a section, or a part of one, stands in it already.
pub(super) fn add(body: &str, section: &str) -> Option<String> {
    if holds_section(body) {
        return None;
    }
    let gap = if body.is_empty() { "" } else { GAP };
    let added = format!("{gap}{section}");
    let added = if body.contains("\r\n") { added.replace('\n', "\r\n") } else { added };
    Some(format!("{body}{added}"))
}

/// Whether a section, or a part of one, stands in `body`.
pub(super) fn holds_section(body: &str) -> bool {
    body.contains(BEGIN) || body.contains(END) || Marker::all(body).next().is_some()
}

/// `body` without the section of `ulid`, as it was before that was added; none where it stands nowhere, or not once.
pub(super) fn remove(body: &str, ulid: &str) -> Option<String> {
    let place = place_of(body, ulid)?;
    let before = &body[..place.start];
    let before = before.strip_suffix("\r\n\r\n").or_else(|| before.strip_suffix(GAP)).unwrap_or(before);
    Some(format!("{before}{}", &body[place.end..]))
}

/// `body` with the words of the section of `ulid`, and without what makes it one; none where nothing does.
pub(super) fn unmark(body: &str, ulid: &str) -> Option<String> {
    let is_mark = |line: &str| {
        Marker::find(line).is_some_and(|marker| marker.ulid == ulid)
            || line == BEGIN
            || line == END
            || (line.starts_with(TRACKED_AS) && line.ends_with("</sub>"))
    };
    let without_marks = |text: &str, is_mark: &dyn Fn(&str) -> bool| -> String {
        text.split_inclusive('\n').filter(|line| !is_mark(line.trim_end_matches(['\r', '\n']))).collect()
    };
    let unmarked = match place_of(body, ulid) {
        Some(place) => {
            let words = without_marks(&body[place.clone()], &is_mark);
            format!("{}{}{}", &body[..place.start], words.trim_end(), &body[place.end..])
        }
        // What is left of it: the one line by which we would find it again.
        None => without_marks(body, &|line| Marker::find(line).is_some_and(|marker| marker.ulid == ulid)),
    };
    (unmarked != body).then_some(unmarked)
}

/// Whether the mark of `ulid` stands in `body`.
pub(super) fn carries(body: &str, ulid: &str) -> bool {
    Marker::all(body).any(|marker| marker.ulid == ulid)
}

/// Where the section with the marker of `ulid` stands in `body`, also among others. None where it does not stand there
/// exactly once.
fn place_of(body: &str, ulid: &str) -> Option<std::ops::Range<usize>> {
    let mut places = Vec::new();
    for (begin, _) in body.match_indices(BEGIN) {
        let Some(length) = body[begin..].find(END) else { continue };
        let place = begin..begin + length + END.len();
        let section = &body[place.clone()];
        if section.matches(BEGIN).count() == 1
            && Marker::find(section).is_some_and(|marker| marker.ulid == ulid)
        {
            places.push(place);
        }
    }
    if places.len() == 1 { places.pop() } else { None }
}

/// `body` with empty lines in place of our sections: what the team wrote, on the lines where it stands. A section that
/// does not end goes to the end.
pub fn outside_sections(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, from)) = rest.split_once(BEGIN) {
        let (section, after) = from.split_once(END).unwrap_or((from, ""));
        text.push_str(before);
        text.extend(section.matches('\n'));
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::Identity;

    fn action_section(action: &Action, report: &Report, marker: &Marker, max: usize) -> String {
        let fingerprint = fingerprint(report, &action.quote);
        let shown =
            Shown { report: report.clone(), action: Some(action.clone()), fingerprint, findings: Vec::new() };
        section(&shown, marker, max)
    }

    fn marker() -> Marker {
        let identity = Identity { database: "A".to_owned(), marker_key: b"k".to_vec() };
        Marker::new(&identity, "01HY3VZ8Q6X5T8W4N2B7M0C1D2", 7)
    }

    #[test]
    fn the_section_of_an_action_says_what_an_owner_has_to_know() {
        let (action, report) = super::super::tests::action_and_report();
        insta::assert_snapshot!(action_section(&action, &report, &marker(), 60_000), @"
        <!-- followup:begin -->
        From IR-1 “Checkout down for two hours”, “Action items”, line 12:

        > - Rotate the signing key

        | due | owner | category | kind | priority | severity |
        |---|---|---|---|---|---|
        | 2024-06-14 | nobody yet | other | prevent | medium | sev2 |

        Close this issue as **completed** when the work is done. Closing it as *not planned* does not count as done: somebody then has to decide what becomes of it.

        Or comment `/due YYYY-MM-DD REASON`, `/blocked REASON`, `/unblock` or `/evidence https://…`, on a line of its own; a thumb says that it was taken.

        <sub>Tracked as CA-1 · report IR-1 · 4ab165e1 · please keep this line</sub>
        <!-- followup v=1 id=01HY3VZ8Q6X5T8W4N2B7M0C1D2 repo=7 mac=MuQnjKUpPhym -->
        <!-- followup:end -->
        ");
    }

    #[test]
    fn a_browser_that_stores_crlf_changes_nothing() {
        let (action, report) = super::super::tests::action_and_report();
        let section = action_section(&action, &report, &marker(), 60_000);
        let stored = format!("note\n\n{section}\n").replace('\n', "\r\n");
        assert_eq!(section_digest(&stored), Some(digest_of(&section)));
        let spliced = splice(&stored, &section).unwrap();
        assert_eq!(spliced, stored);
    }

    #[test]
    fn the_longest_report_fits_into_an_issue() {
        let (mut action, report) = super::super::tests::action_and_report();
        for text in ["@a".repeat(60_000), "x\n".repeat(60_000), "#1 ".repeat(60_000)] {
            action.quote = text.clone();
            action.description = Some(text);
            let section = action_section(&action, &report, &marker(), 60_000);
            assert!(section.chars().count() <= 60_000);
            assert!(section.contains("(the report has the rest)") && section.ends_with(END));
            assert_eq!(Marker::find(&section), Some(marker()));
        }
    }

    #[test]
    fn what_the_team_wrote_stands_outside_of_our_sections() {
        let body = format!("one\n{BEGIN}\n- two\n{END}\nthree\n{BEGIN}- four{END}five\n{BEGIN}\n- six\n");
        assert_eq!(outside_sections(&body), "one\n\n\n\nthree\nfive\n\n\n");
        assert_eq!(outside_sections("- all of it\n"), "- all of it\n");
    }

    #[test]
    fn of_an_issue_that_we_made_the_words_stay_and_the_marks_go() {
        let (action, report) = super::super::tests::action_and_report();
        let section = action_section(&action, &report, &marker(), 60_000);
        let body = format!("Plan first.\r\n\r\n{}\r\nthen do", section.replace('\n', "\r\n"));
        let unmarked = unmark(&body, &marker().ulid).unwrap();
        insta::assert_snapshot!(unmarked.replace("\r\n", "\n"), @"
        Plan first.

        From IR-1 “Checkout down for two hours”, “Action items”, line 12:

        > - Rotate the signing key

        | due | owner | category | kind | priority | severity |
        |---|---|---|---|---|---|
        | 2024-06-14 | nobody yet | other | prevent | medium | sev2 |

        Close this issue as **completed** when the work is done. Closing it as *not planned* does not count as done: somebody then has to decide what becomes of it.

        Or comment `/due YYYY-MM-DD REASON`, `/blocked REASON`, `/unblock` or `/evidence https://…`, on a line of its own; a thumb says that it was taken.
        then do
        ");
        assert_eq!(unmarked.matches('\n').count(), unmarked.matches("\r\n").count());
        // Of a section that lost its begin, the marker goes.
        let broken = body.replace(BEGIN, "");
        assert!(!unmark(&broken, &marker().ulid).unwrap().contains("followup v=1"));
        assert_eq!(unmark("nothing of ours", &marker().ulid), None);
    }

    #[test]
    fn a_section_is_found_among_others() {
        let (action, report) = super::super::tests::action_and_report();
        let identity = Identity { database: "A".to_owned(), marker_key: b"k".to_vec() };
        let other = Marker::new(&identity, "01HY3VZ8Q6X5T8W4N2B7M0C1D3", 7);
        let [first, second] =
            [marker(), other.clone()].map(|marker| action_section(&action, &report, &marker, 60_000));
        let body = format!("{BEGIN}\nhalf\n{first}{GAP}{second}");
        assert_eq!(remove(&body, &marker().ulid), Some(format!("{BEGIN}\nhalf\n{GAP}{second}")));
        assert_eq!(remove(&body, &other.ulid), Some(format!("{BEGIN}\nhalf\n{first}")));
        assert_eq!(remove(&format!("{first}{first}"), &marker().ulid), None);
    }

    proptest! {
        #[test]
        fn what_the_team_wrote_stays_byte_for_byte(before in "[a-z\r\n é]{0,40}", after in "[a-z\r\n é]{0,40}") {
            let body = format!("{before}{BEGIN}\nold\n{END}{after}");
            let changed = splice(&body, &format!("{BEGIN}\nnew\n{END}")).unwrap();
            prop_assert!(changed.starts_with(&before) && changed.ends_with(&after));
            prop_assert_eq!(changed.len(), body.len());
        }

        #[test]
        fn what_was_added_to_a_text_can_be_taken_out_again(text in "(?s)[a-z\r\n é]{0,40}", below in "[a-z\n]{0,20}") {
            let (action, report) = super::super::tests::action_and_report();
            let section = action_section(&action, &report, &marker(), 60_000);
            let added = add(&text, &section).unwrap();
            prop_assert!(added.starts_with(&text));
            prop_assert_eq!(section_digest(&added), Some(digest_of(&section)));
            prop_assert_eq!(add(&added, &section), None);
            prop_assert_eq!(remove(&format!("{added}{below}"), &marker().ulid), Some(format!("{text}{below}")));
            prop_assert_eq!(remove(&added, "01HY3VZ8Q6X5T8W4N2B7M0C1D3"), None);
            // Of one that people wrote into, their words stay.
            let edited = added.replace("Rotate", "Our words: rotate");
            let unmarked = unmark(&edited, &marker().ulid).unwrap();
            prop_assert!(unmarked.starts_with(&text) && !holds_section(&unmarked), "{unmarked}");
            prop_assert_eq!(unmark(&unmarked, &marker().ulid), None);
        }

        #[test]
        fn a_section_that_is_gone_doubled_or_turned_round_is_left_alone(text in "[a-z\n]{0,20}") {
            for body in [
                text.clone(),
                format!("{END}{text}{BEGIN}"),
                format!("{BEGIN}{text}{BEGIN}{END}"),
                format!("{BEGIN}{text}"),
            ] {
                prop_assert_eq!(splice(&body, "x"), None);
                prop_assert_eq!(section_digest(&body), None);
            }
        }
    }
}
