//! How long reports of one repeated thing take, in every format of text, and whether that grows with their size
//! alone: `cargo bench -p incident-report --bench repeated -- [MEGABYTES] [NAME…]`.
//!
//! Every kind is read once at half the size and once at the whole. A kind that takes much more than twice as long for
//! twice the bytes shows time that is not linear, and is marked.

use std::hint::black_box;
use std::time::Instant;
use std::{env, io};

use incident_report::{Format, Options, read};

/// What is repeated, by name.
const KINDS: &[(&str, &str)] = &[
    ("bullets", "- Add an alert for queue 17 (owner: Ann, due: 2026-05-01)\n"),
    ("boxes", "- [ ] Add an alert for queue 17 @ann by next Friday [#12](https://acme.test/12)\n"),
    ("nested bullets", "- Add an alert\n  - for queue 17\n    - which is the slow one\n"),
    ("deeper lists", "  - "),
    ("numbered", "1. We will review the runbook of the queue. It was out of date since May 2024.\n"),
    ("words on a line", "lorem ipsum dolor sit amet consectetur "),
    ("words on lines", "lorem ipsum dolor sit amet consectetur\n"),
    ("paragraphs", "lorem ipsum dolor sit amet, consectetur adipiscing elit.\n\n"),
    ("short sentences", "We will add it. "),
    ("sentences on lines", "We will add it.\n"),
    ("one letter", "a"),
    ("round brackets", "("),
    ("square brackets", "["),
    ("curly brackets", "{"),
    ("closed brackets", "(a) [b] "),
    ("quotes", ">"),
    ("quoted lines", "> > We will add it.\n"),
    ("stars", "*"),
    ("emphasis", "**a** *b* ~~c~~ `d` "),
    ("table rows", "| Add an alert | Ann | 2026-05-01 | Open | P1 |\n"),
    ("two columns", "| Severity | SEV-2, we believe |\n"),
    ("headings", "## Next steps\n"),
    ("other headings", "### Queue 17\n"),
    ("colon lines", "Owner: Ann\n"),
    ("labels", "Next steps:\n"),
    ("colons on a line", "owner: ann, due: friday; "),
    ("addresses", "https://acme.test/issues/17 "),
    ("address lines", "- https://acme.test/issues/17\n"),
    ("links", "[a](https://acme.test/17) "),
    ("emoji", "✅🚧"),
    ("cjk", "監視を追加する。"),
    ("cjk without stops", "改进措施監視追加"),
    ("cyrillic", "Мы добавим оповещение. "),
    ("dates", "2026-05-31 "),
    ("clock times", "9:45 am to 10:15 pm EAT, "),
    ("numbers", "12/01/2026 "),
    ("mentions", "@ann "),
    ("blank lines", "\n"),
    ("spaces", " "),
    ("rules", "---\n"),
    ("underlines", "Title\n=====\n"),
    ("code", "```\n"),
    ("comments", "<!-- "),
    ("tags", "<b>"),
    ("capitals", "TODO: Add an alert\n"),
    ("people", "Ann Okot (scribe)\n"),
    ("dashes", " - x"),
    ("footnotes", "[^1] "),
    ("references", "[a]: https://acme.test/17\n"),
    ("back-quotes", "`a "),
    ("underscores", "a_ __b "),
    ("apostrophes", "''a'''b"),
    ("equals signs", "="),
    ("closed headings", "== Next steps ==\n"),
    ("open templates", "{{a|"),
    ("nested templates", "{{small|a {{small|b {{small|c}} d}} e}} "),
    ("open wiki links", "[[a|"),
    ("wiki links", "[[a|b]] "),
    ("wiki rows", "|-\n| Add an alert || Ann || 2026-05-01\n"),
    ("wiki tables", "{|\n"),
    ("merged cells", "| colspan=30 rowspan=9 | a\n"),
    ("notes", "<ref>a"),
    ("raw text", "<nowiki>"),
    ("list marks", "*#:;"),
    ("definitions", "a::\n"),
    ("literal blocks", "a::\n\n  b\n\n"),
    ("directives", ".. note:: a\n\n"),
    ("fields", ":a: b\n"),
    ("grid rows", "+---+---+\n| a | b |\n"),
    ("columns", "==  ==\na   b\n"),
    ("roles", ":ref:`a "),
    ("substitutions", "|a| "),
    ("attributes", "{a} "),
    ("attribute lines", ":a: {a}{a}\n"),
    ("delimiters", "====\n=====\n"),
    ("bars", "|===\n|a |b\n"),
    ("cells", "2+|a 3*|b "),
    ("continuations", "* a\n+\nb\n"),
    ("cross references", "<<a,b "),
    ("macros", "link:a["),
    ("backslashes", "\\*"),
];

/// The formats that each kind is read in.
const FORMATS: [Format; 5] =
    [Format::Markdown, Format::Plain, Format::Rst, Format::AsciiDoc, Format::MediaWiki];

fn main() {
    let mut megabytes = 1.0;
    let mut names = Vec::new();
    for argument in env::args().skip(1).filter(|argument| argument != "--bench") {
        match argument.parse() {
            Ok(number) => megabytes = number,
            Err(_) => names.push(argument),
        }
    }
    for (name, of) in KINDS.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|n| n == name)) {
        let head = if *name == "table rows" {
            "# T\n\n## Action items\n\n| Action | Owner | Due | Status | Priority |\n|---|---|---|---|---|\n"
        } else {
            "# T\n\n## Action items\n\n"
        };
        let mut text = String::from(head);
        let halves = [megabytes * 5e5, megabytes * 1e6].map(|bytes| {
            while (text.len() as f64) < bytes {
                text.push_str(of);
            }
            text.clone()
        });
        let mut line = format!("{name:20}");
        for format in FORMATS {
            let options = Options { format: Some(format), ..Options::default() };
            let [half, whole] = halves.each_ref().map(|text| {
                let start = Instant::now();
                black_box(read(text, &options).actions.len());
                start.elapsed().as_secs_f64()
            });
            let mark = if whole > 3.0 * half && whole > 0.1 { '!' } else { ' ' };
            line.push_str(&format!("  {} {whole:7.3} s{mark}", format.as_str()));
        }
        line.push('\n');
        if io::Write::write_all(&mut io::stdout(), line.as_bytes()).is_err() {
            return;
        }
    }
}
