//! Any text in the alphabet of a format becomes a document that keeps the promises of the model.

use proptest::prelude::*;

use crate::document::{Block, BlockKind, Document, MAX_DEPTH, Text};
use crate::source::Source;
use crate::{Format, Options, asciidoc, mediawiki, read, rst};

/// Pieces that all formats share.
const SHARED: [&str; 24] = [
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "    ",
    "\t",
    "a",
    "Ann ",
    "Next steps",
    "Action items",
    "Owner: Ann",
    "by 2026-05-31",
    "We will fix it. ",
    "- [x] ",
    "* [ ] ",
    "é",
    "改进",
    "🚒",
    "\u{0}",
    "https://acme.test/a_b",
    "|",
    ":",
    "\\",
    "\"",
];

const RST: [&str; 44] = [
    "====",
    "----",
    "~~~~",
    "=====  ===",
    "+---+---+",
    "+===+===+",
    "| a | b |",
    "* ",
    "- ",
    "#. ",
    "1. ",
    "(a) ",
    ":Name: ",
    ".. ",
    ".. note::",
    ".. code::",
    ".. list-table::",
    ".. csv-table::",
    "   :header-rows: 1",
    "   * - ",
    "     - ",
    ".. _a: https://acme.test",
    ".. |a| replace:: b",
    ".. [1] ",
    "__ https://acme.test",
    "::",
    "``",
    "`",
    "**",
    "*",
    "`_",
    "`__",
    " <https://acme.test>`_",
    "a_",
    "__",
    "[1]_",
    "|a|",
    ":ref:`",
    ":del:`",
    ">>> ",
    "| ",
    "..",
    ".. image:: a",
    "_`",
];

const ASCIIDOC: [&str; 62] = [
    "= ",
    "== ",
    "=== ",
    "# ",
    "----",
    "....",
    "====",
    "____",
    "****",
    "--",
    "++++",
    "////",
    "// ",
    "|===",
    ",===",
    ":===",
    "!===",
    "* ",
    "** ",
    "- ",
    ". ",
    ".. ",
    "1. ",
    "a:: ",
    "::",
    "+",
    "[NOTE]",
    "[source]",
    "[cols=\"1,2*\"]",
    "[%header]",
    ".Title",
    ":a: {b}",
    ":b: {a}{a}",
    "{a}",
    "{empty}",
    "include::a[]",
    "ifdef::a[b]",
    "NOTE: ",
    "*",
    "**",
    "_",
    "__",
    "`",
    "``",
    "#",
    "##",
    "[.line-through]#",
    "+++",
    "++",
    "^",
    "~",
    "link:",
    "xref:",
    "[",
    "]",
    "<<",
    ">>",
    "((",
    "))",
    "3*|",
    ".2+|",
    "a|",
];

const WIKI: [&str; 58] = [
    "== ",
    " ==",
    "=== ",
    "'''",
    "''",
    "'''''",
    "* ",
    "** ",
    "#",
    "# ",
    "; ",
    ": ",
    ":",
    "*",
    ";",
    "{|",
    "|}",
    "|-",
    "|+",
    "! ",
    "!!",
    "||",
    "rowspan=2 |",
    "colspan=\"3\"|",
    "[[",
    "]]",
    "[[File:",
    "[[Category:",
    "[https://acme.test ",
    "]",
    "{{",
    "}}",
    "{{done}}",
    "{{Status|",
    "{{Infobox\n|date=1\n|b=2}}",
    "{{{",
    "}}}",
    "<nowiki>",
    "</nowiki>",
    "<pre>",
    "</pre>",
    "<ref>",
    "</ref>",
    "<ref/>",
    "<!--",
    "-->",
    "<s>",
    "</s>",
    "<br>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<td colspan=2>",
    "</table>",
    "__TOC__",
    "~~~~",
    "&lt;",
];

fn pieces(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(of),
        3 => prop::sample::select(&SHARED[..]),
    ];
    let piece = prop_oneof![9 => piece.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// Checks what the model promises.
fn check(document: &Document, source: &Source<'_>) -> Result<(), TestCaseError> {
    check_blocks(&document.blocks, source.line_count(), 0)
}

fn check_blocks(blocks: &[Block], lines: usize, depth: usize) -> Result<(), TestCaseError> {
    prop_assert!(depth <= MAX_DEPTH + 1, "too deep");
    for block in blocks {
        let span = block.span;
        prop_assert!(span.first >= 1 && span.first <= span.last && span.last <= lines, "{block:?}");
        match &block.kind {
            BlockKind::Heading(heading) => check_text(&heading.text)?,
            BlockKind::Paragraph(told) => {
                prop_assert!(!told.is_empty());
                for line in told {
                    prop_assert!((1..=lines).contains(&line.number));
                    check_text(&line.text)?;
                }
            }
            BlockKind::List(list) => {
                prop_assert!(!list.items.is_empty());
                for item in &list.items {
                    prop_assert!(
                        item.span.first >= 1 && item.span.first <= item.span.last && item.span.last <= lines
                    );
                    check_blocks(&item.blocks, lines, depth + 1)?;
                }
            }
            BlockKind::Table(table) => {
                for cell in table.header.iter().chain(table.rows.iter().flatten()) {
                    prop_assert!((1..=lines).contains(&cell.line));
                    check_text(&cell.text)?;
                }
            }
            BlockKind::Quote(blocks) => check_blocks(blocks, lines, depth + 1)?,
            BlockKind::FrontMatter(_) | BlockKind::Code | BlockKind::Rule => {}
        }
    }
    Ok(())
}

fn check_text(text: &Text) -> Result<(), TestCaseError> {
    prop_assert!(!text.plain.contains('\n'));
    prop_assert_eq!(text.plain.trim(), text.plain.as_str());
    prop_assert!(text.plain.is_char_boundary(text.bold) && text.plain.is_char_boundary(text.struck));
    for link in &text.links {
        prop_assert!(text.plain.is_char_boundary(link.at) && !link.target.is_empty(), "{link:?}");
    }
    Ok(())
}

fn read_as(text: &str, format: Format) {
    drop(read(text, &Options { format: Some(format), ..Options::default() }));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_restructured_text(text in pieces(&RST)) {
        let source = Source::new(&text);
        check(&rst::parse(&source), &source)?;
        read_as(&text, Format::Rst);
    }

    #[test]
    fn any_asciidoc(text in pieces(&ASCIIDOC)) {
        let source = Source::new(&text);
        check(&asciidoc::parse(&source), &source)?;
        read_as(&text, Format::AsciiDoc);
    }

    #[test]
    fn any_wikitext(text in pieces(&WIKI)) {
        let source = Source::new(&text);
        check(&mediawiki::parse(&source), &source)?;
        read_as(&text, Format::MediaWiki);
    }
}

/// So many bytes of one thing, below a heading of the format.
fn much(of: &str, bytes: usize) -> String {
    of.repeat(bytes / of.len())
}

#[test]
fn much_of_one_thing_is_parsed() {
    let parse = |text: &str| {
        let source = Source::new(text);
        [rst::parse(&source), asciidoc::parse(&source), mediawiki::parse(&source)]
    };
    for of in RST.iter().chain(&ASCIIDOC).chain(&WIKI).chain(&SHARED) {
        for text in [much(of, 3_000), much(&format!("{of}\n"), 3_000), much(&format!("{of}a "), 3_000)] {
            let source = Source::new(&text);
            for document in parse(&text) {
                check(&document, &source).unwrap();
            }
        }
    }
}

#[test]
fn blocks_in_blocks_are_no_depth_on_the_stack() {
    let delimiter = |length: usize| "=".repeat(length) + "\n";
    let mut text: String = (4..1_000).map(delimiter).collect();
    text.push_str("* do it\n");
    text.extend((4..1_000).rev().map(delimiter));
    let source = Source::new(&text);
    for document in [asciidoc::parse(&source), rst::parse(&source), mediawiki::parse(&source)] {
        check(&document, &source).unwrap();
    }
}
