//! Pages as blocks, and whole reports read from pages.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::document::Text;
use crate::{Format, Options, Reading, read};

/// Blocks as a text of one line each: `LINE MARK WORDS`, with `<link>`s and what is bold or struck.
pub(crate) fn told(blocks: &[Block]) -> String {
    let mut told = String::new();
    tell(blocks, 0, &mut told);
    told
}

fn words(text: &Text) -> String {
    let mut words = text.plain.clone();
    if text.struck > 0 {
        words = format!("~{}~{}", &words[..text.struck], &words[text.struck..]);
    } else if text.bold > 0 {
        words = format!("*{}*{}", &words[..text.bold], &words[text.bold..]);
    }
    for link in &text.links {
        write!(words, " <{}>", link.target).unwrap();
    }
    words
}

fn tell(blocks: &[Block], depth: usize, told: &mut String) {
    let indent = "  ".repeat(depth);
    for Block { span, kind } in blocks {
        let at = span.first;
        match kind {
            BlockKind::FrontMatter(pairs) => writeln!(told, "{at} meta {pairs:?}").unwrap(),
            BlockKind::Heading(heading) => {
                let marks = "#".repeat(heading.level.into());
                writeln!(told, "{indent}{at} {marks} {}", words(&heading.text)).unwrap();
            }
            BlockKind::Paragraph(lines) => {
                for line in lines {
                    writeln!(told, "{indent}{} {}", line.number, words(&line.text)).unwrap();
                }
            }
            BlockKind::List(list) => {
                for item in &list.items {
                    let mark = if list.ordered { "1." } else { "-" };
                    let checked = match item.checked {
                        Some(true) => " [x]",
                        Some(false) => " [ ]",
                        None => "",
                    };
                    writeln!(told, "{indent}{}-{} {mark}{checked}", item.span.first, item.span.last).unwrap();
                    tell(&item.blocks, depth + 1, told);
                }
            }
            BlockKind::Table(table) => {
                for row in std::iter::once(&table.header).chain(&table.rows) {
                    let cells: Vec<String> = row.iter().map(|cell| words(&cell.text)).collect();
                    let line = row.first().map_or(0, |cell| cell.line);
                    writeln!(told, "{indent}{line} | {} |", cells.join(" | ")).unwrap();
                }
            }
            BlockKind::Quote(blocks) => {
                writeln!(told, "{indent}{at} >").unwrap();
                tell(blocks, depth + 1, told);
            }
            BlockKind::Code => writeln!(told, "{indent}{at} code").unwrap(),
            BlockKind::Rule => writeln!(told, "{indent}{at} ---").unwrap(),
        }
    }
}

fn page(html: &str) -> String {
    told(&parse(&Source::new(html)).0.blocks)
}

fn report(html: &str) -> Reading {
    read(html, &Options { format: Some(Format::Html), ..Options::default() })
}

#[test]
fn a_blog_post_is_read_without_what_stands_around_it() {
    let text = include_str!("../../tests/fixtures/ferry-blog.html");
    let reading = read(text, &Options { source: Some("post.html".to_owned()), ..Options::default() });
    let facts = &reading.report;
    assert_eq!(facts.format, Format::Html);
    assert_eq!(facts.title.as_deref(), Some("The night the ferry gates stayed shut"));
    assert_eq!(facts.incident_date.map(|day| day.to_string()).as_deref(), Some("2025-06-17"));
    assert_eq!(facts.report_date.map(|day| day.to_string()).as_deref(), Some("2025-06-20"));
    let actions = &reading.actions;
    let texts: Vec<&str> = actions.iter().map(|action| action.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Give the controllers a second time server",
            "Alert when a gate & its pier disagree, see the draft and issue 17"
        ]
    );
    assert_eq!(actions[0].owner_text.as_deref(), Some("Bo"));
    assert_eq!((actions[0].done, actions[1].done), (Some(true), Some(false)));
    assert_eq!(actions[1].links, ["/issues/17"]);
    assert_eq!(actions[1].section.as_deref(), Some("Action items"));
    assert_eq!(text.lines().nth(actions[1].line - 1).map(str::trim_end), actions[1].quote.lines().next());
    assert!(actions[1].quote.ends_with("issue 17</a></li>"), "{}", actions[1].quote);
}

#[test]
fn what_confluence_stores_on_one_line_is_quoted_by_element() {
    let text = include_str!("../../tests/fixtures/confluence-storage.html");
    let reading = read(text, &Options::default());
    assert_eq!(reading.report.format, Format::Html);
    assert_eq!(reading.report.severity_text.as_deref(), Some("SEV-2"));
    assert_eq!(reading.report.incident_date.map(|day| day.to_string()).as_deref(), Some("2025-03-04"));
    let [calibrate, refuse] = &reading.actions[..] else { panic!("{:#?}", reading.actions) };
    assert_eq!(calibrate.done, Some(true));
    assert_eq!(calibrate.owner_text.as_deref(), Some("@gapio"));
    assert_eq!(calibrate.due_text.as_deref(), Some("2025-03-14"));
    assert_eq!(
        refuse.text,
        "Refuse a delivery when the scale says zero, as in Weighing rules, told in MILL-12"
    );
    assert_eq!(refuse.done, Some(false));
    assert_eq!((calibrate.line, refuse.line), (1, 1));
    assert!(refuse.quote.starts_with("<ac:task>") && refuse.quote.len() < 600, "{}", refuse.quote);
    assert!(!refuse.quote.contains("Calibrate"), "{}", refuse.quote);
}

#[test]
fn a_page_of_a_wiki_with_tasks_mentions_and_statuses() {
    let html = r#"<h2>Follow-up</h2>
<ul class="inline-task-list" data-inline-tasks-content-id="7">
<li class="checked" data-inline-task-id="1"><span><a class="confluence-userlink" data-username="gapio" href="/display/~gapio">Grace Apio</a> Grease the crane</span></li>
<li data-inline-task-id="2">Order a spare hook by <time datetime="2025-05-02" class="date-future">02 May 2025</time></li>
</ul>
<div class="table-wrap"><table class="confluenceTable"><tbody>
<tr><th class="confluenceTh">Action</th><th class="confluenceTh">Status</th></tr>
<tr><td>Paint the rail</td><td><span class="status-macro aui-lozenge aui-lozenge-success">DONE</span></td></tr>
</tbody></table></div>
"#;
    let reading = report(html);
    let told: Vec<(&str, Option<bool>)> =
        reading.actions.iter().map(|action| (action.text.as_str(), action.done)).collect();
    assert_eq!(
        told,
        [
            ("@gapio Grease the crane", Some(true)),
            ("Order a spare hook by 02 May 2025", Some(false)),
            ("Paint the rail", Some(true))
        ]
    );
    assert_eq!(reading.actions[0].owner_text.as_deref(), Some("@gapio"));
    assert_eq!(reading.actions[1].due_text.as_deref(), Some("02 May 2025"));
}

#[test]
fn tables_with_merged_cells_groups_and_boxes() {
    let html = "<table>
<caption>What we do</caption>
<tr><th>Area</th><th>Task</th><th>Who</th></tr>
<tr><td rowspan=2>Pumps</td><td>Clean <ul><li>filters</li><li>pipes</li></ul></td><td>Ann</td></tr>
<tr><td>Test</td><td>Bo</td></tr>
<tr><td colspan=3>Later</td></tr>
<tr><td>Boats</td><td colspan=2>Paint</td></tr>
</table>";
    assert_eq!(
        page(html),
        "2 What we do
3 | Area | Task | Who |
4 | Pumps | Clean filters pipes | Ann |
4 | Pumps | Test | Bo |
6 ####### Later
3 | Area | Task | Who |
7 | Boats | Paint |  |
"
    );
    // Names of columns are known without `<th>`, and what only places text is no table.
    assert_eq!(
        page("<table><tr><td>Action</td><td>Owner</td></tr><tr><td>Dig</td><td>Ann</td></tr></table>"),
        "1 | Action | Owner |\n1 | Dig | Ann |\n"
    );
    assert_eq!(
        page("<table><tr><td><h2>Next</h2><ul><li>Dig</ul></td><td><p>Side</td></tr></table>"),
        "1 ## Next\n1-1 -\n  1 Dig\n1 Side\n"
    );
}

#[test]
fn a_table_whose_rows_are_sections_is_read_as_sections() {
    let html = "<table>
<tr><th>Impact</th><td>The mill stood still.</td></tr>
<tr><th>Action items</th><td><ul><li>Add a second fuse</li><li>Label the fuses</li></ul></td></tr>
</table>";
    let reading = report(html);
    let texts: Vec<&str> = reading.actions.iter().map(|action| action.text.as_str()).collect();
    assert_eq!(texts, ["Add a second fuse", "Label the fuses"]);
    assert_eq!(reading.actions[0].section.as_deref(), Some("Action items"));
}

#[test]
fn lists_nest_however_they_are_written() {
    assert_eq!(
        page("<ol>\n<li>a\n<ul><li>b<li>c</ul>\n<li><p>d</p><p>e</p></ol>"),
        "2-3 1.
  2 a
  3-3 -
    3 b
  3-3 -
    3 c
4-4 1.
  4 d
  4 e
"
    );
    // A list in a list, and not in an item of it, belongs to the item before.
    assert_eq!(page("<ul><li>a</li><ul><li>b</li></ul></ul>"), "1-1 -\n  1 a\n  1-1 -\n    1 b\n");
    // Google's lists say their level in a class.
    assert_eq!(
        page(
            "<ul class='c1 lst-kix_x-0'><li>a</li></ul><ul class='lst-kix_x-1'><li>b</li></ul><ul class='lst-kix_x-0'><li>c</li></ul>"
        ),
        "1-1 -\n  1 a\n  1-1 -\n    1 b\n1-1 -\n  1 c\n"
    );
}

#[test]
fn pages_saved_by_word_and_google() {
    let word = "<p class=MsoTitle>Oven fire</p>
<p class=MsoListParagraph style='text-indent:-.25in;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp;&nbsp; </span></span><![endif]>Buy sand<o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>Two buckets</p>";
    assert_eq!(page(word), "1 # Oven fire\n2-3 1.\n  2 Buy sand\n  3-3 -\n    3 Two buckets\n");

    let google =
        "<html><head><style>.c1{font-weight:700}.c2{color:#000}</style></head><body class='doc-content'>
<p class='c5 title' id='h.a1'><span class='c2'>Oven fire</span></p>
<p><span class='c1'>Action items</span><sup><a href='#cmnt1' id='cmnt_ref1'>[a]</a></sup></p>
<p><a href='https://www.google.com/url?q=https://acme.test/7&amp;sa=D'>the ticket</a></p>
<div><p><a href='#cmnt_ref1' id='cmnt1'>[a]</a><span>We will see.</span></p></div></body></html>";
    assert_eq!(page(google), "2 # Oven fire\n3 *Action items*\n4 the ticket <https://acme.test/7>\n");
}

#[test]
fn terms_breaks_details_and_quotes() {
    let html = "<dl><dt>Owner<dd>Ann<dt>Plan</dt><dd><ul><li>dig</li></ul></dd></dl>
Add a fence<br>
Add a gate<br><br>The end.
<details><summary>Later</summary><p>More</p></details>
<blockquote><p>Said</p></blockquote><pre>
code &lt;b&gt;
</pre><hr>";
    assert_eq!(
        page(html),
        "1 *Owner:* Ann
1 ####### *Plan:*
1-1 -
  1 dig
2 Add a fence
3 Add a gate
3 The end.
4 Later
4 More
5 >
  5 Said
5 code
7 ---
"
    );
}

#[test]
fn a_letter_in_preformatted_text_is_read_as_plain_text() {
    let html = "<html><body><h1>[ops] mill stood still</h1><pre>\nThe mill stood still.\n\nNext steps:\n\n- add a second fuse\n- label the fuses\n</pre></body></html>";
    let reading = report(html);
    let told: Vec<(usize, &str)> =
        reading.actions.iter().map(|action| (action.line, action.text.as_str())).collect();
    assert_eq!(told, [(6, "add a second fuse"), (7, "label the fuses")]);
}

#[test]
fn unclosed_and_crossed_tags_end_with_their_block() {
    assert_eq!(page("<p><b>one<p>two <i>three</b> four</i>"), "1 *one*\n1 two three four\n");
    assert_eq!(page("<b><p>one</p><div></b>two</div>"), "1 *one*\n1 two\n");
    assert_eq!(
        page("<p>a < b && c <notatag> &lt;script&gt; &amp;lt;"),
        "1 a < b && c &lt;script&gt; &lt;\n".replace("&lt;script&gt;", "<script>")
    );
    assert_eq!(page("<table><tr><td>a<td>b<tr><td>c</table>"), "1 |  |  |\n1 | a | b |\n1 | c |\n");
}

#[test]
fn what_is_hidden_stays_hidden_at_any_depth() {
    let mut deep = "<div>\n".repeat(400);
    deep += "<script>we_will()</script><p>shown</p><nav>We will not</nav><style>p{}</style>";
    assert_eq!(page(&deep), "401 shown\n");
    assert_eq!(
        page(
            "<p>a<span style='display: none'>b</span></p><div hidden>c</div><p style='display:none'>d<br><br>e</p>f"
        ),
        "1 a\n1 f\n"
    );
    assert_eq!(
        page(
            "<noscript>a</noscript><svg><text>b</text></svg><template>c</template><select><option>d</select>e"
        ),
        "1 e\n"
    );
}

#[test]
fn a_cut_off_page_is_read_as_far_as_it_goes() {
    assert_eq!(page("<ul><li>Buy sand</li><li>Buy a buck"), "1-1 -\n  1 Buy sand\n1-1 -\n  1 Buy a buck\n");
    assert_eq!(page("<p>Buy sand <a href='htt"), "1 Buy sand\n");
}

#[test]
fn a_part_of_a_page_counts_lines_from_where_it_stands() {
    assert_eq!(told(&fragment("<ul>\n<li>Buy sand\n</ul>", 40, 0)), "41-41 -\n  41 Buy sand\n");
}

#[test]
fn what_is_a_page_and_what_is_not() {
    for html in [
        "<!doctype html><p>x",
        "\n<!-- a --><HTML>",
        "<?xml version='1.0'?>\n<html/>",
        "<h1>a</h1><p>b</p><ul><li>c</li></ul>",
    ] {
        assert!(is_html(html), "{html}");
    }
    for other in ["a < b", "<https://acme.test>", "<p align=center>\n\n# Title\n", "# a\n<b>x</b>", "<", ""] {
        assert!(!is_html(other), "{other}");
    }
}

/// Pieces of pages, for pages that go wrong everywhere.
fn piece() -> impl Strategy<Value = String> {
    let tags = prop::sample::select(vec![
        "div",
        "p",
        "b",
        "a",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "h2",
        "span",
        "dl",
        "dt",
        "dd",
        "pre",
        "blockquote",
        "main",
        "nav",
        "script",
        "style",
        "title",
        "svg",
        "header",
        "del",
        "time",
        "ac:task",
        "ac:task-list",
        "ac:task-status",
        "ac:structured-macro",
        "ac:parameter",
        "ac:link",
        "textarea",
        "caption",
    ]);
    prop_oneof![
        any::<String>(),
        (tags.clone(), "( [a-z:-]{1,8}=(\"[^\"<]{0,6}\"|[a-z]{1,3}))?")
            .prop_map(|(tag, with)| format!("<{tag}{with}>")),
        tags.clone().prop_map(|tag| format!("</{tag}>")),
        tags.prop_map(|tag| format!("<{tag}/>")),
        prop::sample::select(vec![
            "\n",
            "\r\n",
            "\r",
            "<h2>Action items</h2>",
            "<li>Buy sand",
            "<td rowspan=99 colspan=99>Fix",
            "<input type=checkbox checked>",
            "<p style='mso-list:l0 level9 lfo1'>",
            "<ul class='lst-kix_a-7'>",
            "<a href='#x'>¶",
            "<br>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "&nbsp;&amp;lt;&#10;&#0;",
            "We will fix it. ",
            "<ri:user ri:username=\"ann\"/>",
            "&",
            "<",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_page_is_read_without_panic_and_quoted_where_it_stands(
        pieces in prop::collection::vec(piece(), 0..80),
        is_long in any::<bool>(),
    ) {
        // A long line is cut, and the numbers are those of the file all the same.
        let mut html = pieces.concat();
        if is_long {
            html = format!("{}{html}", "<p>word</p>".repeat(100));
        }
        let lines: Vec<&str> = Source::new(&html).lines().collect();
        for action in report(&html).actions {
            let first = Source::new(&action.quote).lines().next().unwrap_or_default().trim_end().to_owned();
            prop_assert!(!first.is_empty() && lines[action.line - 1].contains(&first), "{first:?} is not on line {}", action.line);
            prop_assert!(!action.text.is_empty() && !action.text.contains('\n'));
        }
    }
}

/// Reads a page that holds so many bytes of one thing.
fn read_much(of: &str, bytes: usize) {
    let html = format!("<h2>Action items</h2><ul><li>Buy sand</li></ul>{}", of.repeat(bytes / of.len()));
    assert!(!report(&html).actions.is_empty(), "{of:?}");
}

#[test]
fn much_of_anything_returns() {
    for of in [
        "<div>",
        "<b>",
        "<p><b class=x>",
        "<a href=x>",
        "<li>",
        "<ul>",
        "<ul><li>",
        "<table>",
        "<table><tr><td>",
        "<tr><td>x",
        "<td rowspan=9 colspan=9>x",
        "<blockquote>",
        "<dl><dt>a<dd>",
        "<h2>",
        "</div>",
        "</b>",
        "<",
        "<a b=c d ",
        "&",
        "&amp;",
        "<!--",
        "<script>",
        "<pre>\n",
        "x",
        "x ",
        "<br>",
        "<p>We will go.",
        "<ac:task-list><ac:task>",
        "<ac:structured-macro ac:name=x><ac:parameter>",
        "<span class=aui-lozenge>",
        "<p style='mso-list:l0 level9 lfo1'>x",
        "<main>",
        "<svg>",
        "<title>",
        "<input type=checkbox>",
    ] {
        read_much(of, 100_000);
    }
}
