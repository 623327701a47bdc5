//! What Markdown becomes in the model.

use std::fmt::Write as _;

use super::*;

/// The model as an indented outline, one block a line.
fn outline(markdown: &str) -> String {
    let mut out = String::new();
    write(&parse(&Source::new(markdown)).blocks, 0, &mut out);
    out.trim_end().to_owned()
}

fn write(blocks: &[Block], depth: usize, out: &mut String) {
    for block in blocks {
        let pad = "  ".repeat(depth);
        let _ = write!(out, "{}{pad} ", block.span.first);
        match &block.kind {
            BlockKind::FrontMatter(pairs) => {
                let pairs: Vec<_> = pairs.iter().map(|pair| (&pair.key, &pair.value)).collect();
                writeln!(out, "meta {pairs:?}").unwrap();
            }
            BlockKind::Heading(heading) => {
                writeln!(out, "h{} {}", heading.level, heading.text.plain).unwrap();
            }
            BlockKind::Paragraph(lines) => {
                let lines: Vec<String> =
                    lines.iter().map(|line| format!("{}:{}", line.number, line.text.plain)).collect();
                writeln!(out, "p {}", lines.join(" / ")).unwrap();
            }
            BlockKind::List(list) => {
                writeln!(out, "{}", if list.ordered { "ol" } else { "ul" }).unwrap();
                for item in &list.items {
                    writeln!(out, "{}{pad}  item {:?}", item.span.first, item.checked).unwrap();
                    write(&item.blocks, depth + 2, out);
                }
            }
            BlockKind::Table(table) => {
                let cells = |cells: &[Cell]| {
                    cells.iter().map(|cell| cell.text.plain.clone()).collect::<Vec<_>>().join("|")
                };
                writeln!(out, "table {}", cells(&table.header)).unwrap();
                for row in &table.rows {
                    writeln!(out, "{}{pad}  {}", row[0].line, cells(row)).unwrap();
                }
            }
            BlockKind::Quote(blocks) => {
                writeln!(out, "quote").unwrap();
                write(blocks, depth + 1, out);
            }
            BlockKind::Code => writeln!(out, "code").unwrap(),
            BlockKind::Rule => writeln!(out, "rule").unwrap(),
        }
    }
}

#[test]
fn a_report_with_everything_in_it() {
    let report = "---\ntitle: Queue stopped\n---\n\n# Queue *stopped*\n\nFirst line\nwith `code` and [a link](https://acme.test).\n\n- [x] **Bold**: done\n  - nested\n- [ ] open\n\n> quoted\n\n```\ncode\n```\n\n| Action | Owner |\n|---|---|\n| Add alert | Ann |\n\n---\n<details>\n<summary>More</summary>\n</details>\n";
    insta::assert_snapshot!(outline(report), @r#"
    1 meta [("title", "Queue stopped")]
    5 h1 Queue stopped
    7 p 7:First line / 8:with code and a link.
    10 ul
    10  item Some(true)
    10     p 10:Bold: done
    11     ul
    11      item None
    11         p 11:nested
    12  item Some(false)
    12     p 12:open
    14 quote
    14   p 14:quoted
    16 code
    20 table Action|Owner
    22  Add alert|Ann
    24 rule
    26 p 26:More
    "#);
}

#[test]
fn bold_starts_and_links_are_kept() {
    let document = parse(&Source::new("**Add [alerts](https://acme.test/1)**: soon, see #7\n"));
    let BlockKind::Paragraph(lines) = &document.blocks[0].kind else { panic!("a paragraph") };
    assert_eq!(lines[0].text.plain, "Add alerts: soon, see #7");
    assert_eq!(&lines[0].text.plain[..lines[0].text.bold], "Add alerts");
    assert_eq!(lines[0].text.links[0].target, "https://acme.test/1");
}

#[test]
fn line_ends_of_every_system_count_alike() {
    for end in ["\n", "\r\n", "\r"] {
        let report = ["# T", "", "one", "two", "", "- item"].join(end);
        assert_eq!(outline(&report).lines().last(), Some("6     p 6:item"), "{end:?}");
    }
}

#[test]
fn html_in_markdown_has_lists_tables_and_its_own_lines() {
    let markdown = "\
# Fire

<table>
<tr><th>Action</th><th>Owner</th></tr>
<tr><td>Buy sand</td><td>Ann</td></tr>
</table>

<ul>
<li><input type=\"checkbox\" checked> Buy a bucket</li>
</ul>
";
    let options = crate::Options::default();
    let reading = crate::read(&markdown.replace("# Fire", "# Fire\n## Next steps"), &options);
    let told: Vec<(usize, &str, Option<bool>)> =
        reading.actions.iter().map(|action| (action.line, action.text.as_str(), action.done)).collect();
    assert_eq!(told, [(6, "Buy sand", None), (10, "Buy a bucket", Some(true))]);
}

#[test]
fn tags_within_a_line_set_it_in_bold_and_strike_it_through() {
    let markdown = "<b>Next steps</b>\n\n- <DEL>Sell the boats</del>\n- Buy sand<br/>today\n";
    let blocks = parse(&Source::new(markdown)).blocks;
    let BlockKind::Paragraph(lines) = &blocks[0].kind else { panic!("{blocks:#?}") };
    assert!(lines[0].text.is_bold());
    let BlockKind::List(list) = &blocks[1].kind else { panic!("{blocks:#?}") };
    let (sell, _) = list.items[0].own_text();
    assert_eq!((sell.plain.as_str(), sell.struck), ("Sell the boats", sell.plain.len()));
    assert_eq!(list.items[1].own_text().0.plain, "Buy sand today");
}
