//! Documents for the benches: reports as people write them, and documents that nobody would.
//!
//! Invariant: the same size gives the same bytes, on every machine.
#![allow(dead_code, reason = "each bench uses a part")]

use std::fmt::Write as _;

/// A report of about `bytes` bytes: its sections grow together, as those of a long report do.
pub(crate) fn report(bytes: usize) -> String {
    let mut text = String::from(
        "# Payments declined for 95 minutes\n\nDate: 3 March 2026\nSeverity: SEV-2\nAuthor: Ann Lee\n\n\
         ## Summary\n\nA release shipped an empty setting, and every card was declined.\n",
    );
    let mut part = 0;
    while text.len() < bytes {
        part += 1;
        let _ = write!(
            text,
            "\n## Timeline {part}\n\n- 14:05 First declined payment of zone {part}.\n- 14:51 Support calls the \
             engineer on call.\n- 15:40 Payments work again.\n\n## Root cause {part}\n\nThe service of zone {part} \
             read an empty address as no processor at all, and declined every card instead of refusing to start. \
             The check that would have told was switched off during the move to the new cluster.\n\n\
             ## Action items {part}\n\n- [ ] Refuse to start when setting {part} is empty (owner: @maria, due: \
             2026-03-13)\n- [x] Refund the customers of zone {part}\n- Alert when the share of declined payments \
             of zone {part} doubles\n  - within five minutes\n\n| Action | Owner | Due |\n|---|---|---|\n| Rehearse \
             the rollback of zone {part} | Ann Lee | end of May |\n\nWe will also review the contract with \
             processor {part}. It was a long night.\n"
        );
    }
    text
}

/// A document that somebody could send: its name, the ending of its file, and its text of about `bytes` bytes.
pub(crate) struct Hostile {
    pub(crate) name: &'static str,
    pub(crate) ending: &'static str,
    pub(crate) text: String,
}

/// What is repeated, what comes before it, and as which kind of file.
const SHAPES: [(&str, &str, &str, &str); 24] = [
    ("bullets", "md", "## Action items\n", "- Add an alert for queue N (owner: Ann, due: 2026-05-01)\n"),
    ("sentences", "md", "## Action items\n", "We will add an alert. "),
    ("words on one line", "txt", "", "lorem ipsum 12:03 dolor "),
    ("lines of words", "txt", "", "lorem ipsum dolor sit amet consectetur\n"),
    ("labels", "txt", "", "Owner: Ann\nNext steps: add it\n"),
    ("headings", "md", "", "## Action items\n"),
    ("table rows", "md", "## Actions\n| Action | Owner |\n|---|---|\n", "| Add an alert | Ann |\n"),
    ("nested lists", "md", "## Action items\n", "- a\n  - b\n    - c\n      - d\n"),
    ("open brackets", "md", "", "[(["),
    ("quotes in quotes", "md", "", "> > > > > > > > > > > > a\n"),
    ("one deep quote", "md", "", ">"),
    ("stars", "md", "", "*a **b _c "),
    ("addresses", "md", "## Action items\n", "- https://acme.test/issues/12\n"),
    ("pictures", "txt", "", "\u{1f525}\u{2705}"),
    (
        "unspaced script",
        "txt",
        "\u{6539}\u{8fdb}\u{63aa}\u{65bd}\n",
        "\u{6dfb}\u{52a0}\u{76d1}\u{63a7}\u{3002}",
    ),
    ("deep elements", "html", "", "<div><b>"),
    ("open items", "html", "<h2>Action items</h2><ul>", "<li>Add an alert"),
    ("angle brackets", "html", "", "<"),
    ("rows of cells", "html", "<table>", "<tr><td>Add an alert<td>Ann"),
    ("titles", "rst", "", "Action items\n============\n\n* Add an alert\n\n"),
    ("open blocks", "adoc", "", "====\n* Add an alert\n+\n"),
    ("open templates", "mediawiki", "", "{{a|[[b|"),
    ("deep flow", "yaml", "", "[{a: "),
    ("deep arrays", "json", "", "[["),
];

/// Every hostile document, of about `bytes` bytes each.
pub(crate) fn hostile(bytes: usize) -> impl Iterator<Item = Hostile> {
    SHAPES.into_iter().map(move |(name, ending, head, part)| {
        let mut text = String::from(head);
        text.push_str(&part.repeat(bytes / part.len()));
        Hostile { name, ending, text }
    })
}
