//! Which of the line-based markups a text without a telling name is in.
//!
//! Each sign has a weight, and some are decisive: nothing else looks like them. A text is only taken for one of
//! these formats when it shows a decisive sign, more than one sign in all, and less of Markdown.
//!
//! Invariant: what stands in a fence of code counts for nothing; long lines are looked at only at their beginning.

use crate::{Format, format};

/// How much a format needs to be taken for it.
const ENOUGH: u32 = 5;

/// How often one kind of sign counts.
const MOST: u32 = 6;

/// How many bytes of a line are looked at.
const WIDTH: usize = 2_000;

/// Counts of one kind of sign.
#[derive(Clone, Copy, Debug, Default)]
struct Sign {
    weight: u32,
    is_decisive: bool,
    count: u32,
}

impl Sign {
    fn new(weight: u32, is_decisive: bool) -> Self {
        Self { weight, is_decisive, count: 0 }
    }

    fn add(&mut self, is_there: bool) {
        self.count += u32::from(is_there);
    }
}

/// The weight of all signs together, or nothing when none is decisive.
fn score(signs: &[Sign]) -> u32 {
    if !signs.iter().any(|sign| sign.is_decisive && sign.count > 0) {
        return 0;
    }
    signs.iter().map(|sign| sign.weight * sign.count.min(MOST)).sum()
}

/// The format that the lines are in, where they show it.
pub(crate) fn told_by(lines: &[&str]) -> Option<Format> {
    let mut rst = [3, 3, 3, 1, 1, 1, 1].map(|weight| Sign::new(weight, weight == 3));
    let mut asciidoc = [2, 3, 2, 2, 1, 1, 1].map(|weight| Sign::new(weight, weight >= 2));
    let mut wiki = [3, 3, 2, 2, 3, 1, 1, 1].map(|weight| Sign::new(weight, weight >= 2));
    let mut markdown = 0;
    let mut is_code = false;
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim_end();
        let cut = (0..=WIDTH.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        let line = &line[..cut];
        let inner = line.trim_start();
        if inner.starts_with("```") || inner.starts_with("~~~") && !inner.starts_with("~~~~") {
            is_code = !is_code;
            markdown += 3;
            continue;
        }
        if is_code {
            continue;
        }
        let before = at.checked_sub(1).map_or("", |before| lines[before].trim_end());
        markdown += of_markdown(line, lines.get(at + 1).copied().unwrap_or_default());
        of_rst(line, before, &mut rst);
        of_asciidoc(line, &mut asciidoc);
        of_wiki(line, &mut wiki);
    }
    let scores =
        [(Format::MediaWiki, score(&wiki)), (Format::AsciiDoc, score(&asciidoc)), (Format::Rst, score(&rst))];
    let (format, best) = scores.into_iter().max_by_key(|(_, score)| *score)?;
    (best >= ENOUGH && best > markdown).then_some(format)
}

/// What only Markdown looks like.
fn of_markdown(line: &str, next: &str) -> u32 {
    let inner = line.trim_start();
    let level = inner.bytes().take_while(|byte| *byte == b'#').count();
    let is_heading = (1..=6).contains(&level) && inner[level..].starts_with(' ');
    // One number sign also numbers the items of a wiki.
    let heading = match level {
        _ if !is_heading => 0,
        1 if !next.trim().is_empty() => 0,
        1 => 1,
        _ => 2,
    };
    let link = if line.contains("](") { 2 } else { 0 };
    let rule = if format::is_table_rule(inner) { 3 } else { 0 };
    heading + link + rule
}

fn of_rst(line: &str, before: &str, signs: &mut [Sign; 7]) {
    let inner = line.trim_start();
    let [explicit, link, role, title, field, literal, other] = signs;
    explicit.add(inner.strip_prefix(".. ").is_some_and(|rest| {
        let is_target = rest.starts_with('_') && rest.contains(':');
        let name = rest.split("::").next().unwrap_or(rest);
        let is_name =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'|' | b' ');
        is_target || name.len() < rest.len() && name.split(' ').count() <= 4 && name.bytes().all(is_name)
    }));
    link.add(inner.contains('`') && (inner.contains(">`_") || inner.ends_with("`_")));
    role.add(has_role(inner));
    let mark = line.bytes().next().filter(u8::is_ascii_punctuation);
    let is_even = mark.is_some_and(|mark| line.len() >= 3 && line.bytes().all(|byte| byte == mark));
    title.add(is_even && !before.is_empty() && before.chars().count().abs_diff(line.len()) <= 2);
    field.add(is_field(line));
    literal.add(inner.matches("``").count() >= 2);
    other.add(
        line.ends_with("::") && line.len() > 2
            || line.starts_with("#. ")
            || line.starts_with("+--") && line.ends_with("-+"),
    );
}

/// Whether a role such as `:ref:` stands in a line.
fn has_role(line: &str) -> bool {
    line.match_indices(":`").take(8).any(|(at, _)| {
        let name = line[..at].rsplit(':').next().unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_name && line[..at].len() > name.len()
    })
}

/// Whether a line is a field or an attribute: `:name: value`.
fn is_field(line: &str) -> bool {
    let name = line
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(':'))
        .filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '));
    name.is_some_and(|(name, _)| {
        (2..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' '))
    })
}

fn of_asciidoc(line: &str, signs: &mut [Sign; 7]) {
    let [heading, table, block, link, attribute, label, nested] = signs;
    let level = line.bytes().take_while(|byte| *byte == b'=').count();
    let is_title = (1..=6).contains(&level) && line[level..].starts_with(' ');
    heading.add(is_title && !line.ends_with('=') && line[level..].trim().starts_with(char::is_alphanumeric));
    table.add(line == "|===");
    let starts = |names: &[&str]| names.iter().any(|name| line.starts_with(name));
    let is_bracketed = starts(&[
        "[source",
        "[listing",
        "[NOTE]",
        "[TIP]",
        "[IMPORTANT]",
        "[WARNING]",
        "[CAUTION]",
        "[quote",
        "[cols=",
        "[options=",
        "[%",
        "[horizontal]",
        "[[",
        "[role=",
    ]);
    let is_whole = line.ends_with(']') && !line.trim_start_matches('[').contains('[');
    let is_macro = starts(&["image::", "include::", "toc::", "ifdef::"]) && line.ends_with(']');
    block.add(
        is_bracketed && is_whole && !line.contains('|') && !(line.starts_with("[[") && line.contains(' '))
            || is_macro,
    );
    link.add(has_macro(line));
    attribute.add(
        is_field(line)
            && line.strip_prefix(':').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase())),
    );
    label.add(
        starts(&["NOTE: ", "TIP: ", "IMPORTANT: ", "WARNING: ", "CAUTION: "])
            || line.starts_with('.') && line[1..].starts_with(char::is_uppercase),
    );
    nested.add(
        line.starts_with("** ")
            || line.starts_with(".. ") && !line.contains("::")
            || line.starts_with("* [ ] ")
            || line.starts_with("* [x] "),
    );
}

/// Whether a link with its words in brackets stands in a line.
fn has_macro(line: &str) -> bool {
    let is_worded = |target: &str| {
        let open = target.find(['[', ' ', '(', '<']).filter(|open| target[*open..].starts_with('['));
        let words = open.and_then(|open| target[open + 1..].split_once(']')).map(|(words, _)| words);
        open.is_some_and(|open| open > 0) && words.is_some_and(|words| words.contains(char::is_alphabetic))
    };
    ["https://", "http://", "link:", "xref:"].iter().any(|name| {
        line.match_indices(name).take(8).any(|(at, _)| {
            !line[..at].ends_with(['(', '[', '"', '\'', '<', '/']) && is_worded(&line[at + name.len()..])
        })
    })
}

fn of_wiki(line: &str, signs: &mut [Sign; 8]) {
    let [heading, table, bold, link, page, inner_link, template, other] = signs;
    let left = line.bytes().take_while(|byte| *byte == b'=').count();
    let right = line.bytes().rev().take_while(|byte| *byte == b'=').count();
    heading.add(
        left == right
            && (2..=6).contains(&left)
            && line.len() > 2 * left
            && line[left..line.len() - right].contains(char::is_alphanumeric),
    );
    table.add(line.starts_with("{|"));
    bold.add(line.matches("'''").count() >= 2);
    link.add(line.match_indices("[http").take(8).any(|(at, _)| {
        let content = line[at + 1..].split_once(']').map(|(content, rest)| (content, rest.starts_with('(')));
        !line[..at].ends_with('[')
            && content.is_some_and(|(content, is_other)| content.contains(' ') && !is_other)
    }));
    let pages = [
        "<ref>",
        "<ref ",
        "<nowiki>",
        "__TOC__",
        "__NOTOC__",
        "[[Category:",
        "[[File:",
        "[[User:",
        "{{DISPLAYTITLE",
        "</syntaxhighlight>",
    ];
    page.add(pages.iter().any(|sign| line.contains(sign)));
    inner_link.add(line.contains("[[") && line.contains("]]"));
    template.add(line.contains("{{") && line.contains("}}"));
    other.add(
        ["#* ", "*# ", "** ", "## ", "|- ", "! ", ";"].iter().any(|sign| line.starts_with(sign))
            || line == "|-"
            || line == "|}",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<Format> {
        told_by(&text.lines().collect::<Vec<_>>())
    }

    #[test]
    fn what_shows_its_markup_is_known_by_it() {
        for (text, expected) in [
            ("Outage\n======\n\n.. contents::\n\nSee `it <https://acme.test>`_ and ``x``.\n", Format::Rst),
            (":Author: Ann\n:Date: 2026-05-03\n\nOutage\n======\n\n.. note:: careful\n", Format::Rst),
            ("Outage\n======\n\nSee :ref:`x` and :doc:`y`.\n\n#. do it\n", Format::Rst),
            ("= Outage\nAnn Okot\n:toc:\n\n== Next steps\n\n* [ ] do it\n", Format::AsciiDoc),
            ("== Next steps\n\n|===\n|Action |Owner\n\n|Do it |Ann\n|===\n", Format::AsciiDoc),
            (
                "= Outage\n\nSee https://acme.test[the page].\n\n[source,sh]\n----\nls\n----\n",
                Format::AsciiDoc,
            ),
            (
                "== Summary ==\nIt broke.\n\n== Action items ==\n* fix it\n# test it\n# ship it\n",
                Format::MediaWiki,
            ),
            ("{{Infobox}}\n'''Outage''' was on [https://acme.test/1 Monday].\n", Format::MediaWiki),
            (
                "{| class=\"wikitable\"\n! Action !! Owner\n|-\n| Do it || [[User:Ann|Ann]]\n|}\n",
                Format::MediaWiki,
            ),
        ] {
            assert_eq!(told(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn markdown_and_plain_text_are_not_taken_for_another_markup() {
        for text in [
            "",
            "# Outage\n\n## Next steps\n\n- do it\n- [[wiki link]] and {{ variable }}\n",
            "# Outage\n\nSee [it](https://acme.test).\n\n```\n== log ==\n=== RUN Test ===\n'''x'''\n.. note::\n```\n",
            "Outage\n======\n\nNext steps\n----------\n\n* do it\n* **bold** and `code`\n",
            "Outage\n=======\n\n- a ``literal`` of Markdown\n- https://acme.test/1\n",
            "Summary:\nIt broke.\n\nNOTE: call Ann.\n.. and then\n... it went on\n",
            "10:15 == nothing == happened\nWe saw [1] and [2].\n",
            "See https://acme.test[1] and https://acme.test[2], [https://acme.test](https://acme.test).\n",
            "Next steps\n; then\n; more\n**bold** text ** \n",
            "---------------\nA banner\n---------------\n\n+----+----+\n| a  | b  |\n+----+----+\n",
            "| Action | Owner |\n|---|---|\n| Do [[it]] | Ann |\n",
            "{{ summary }}\n{{ actions }}\n{% for action in actions %}\n- {{ action }}\n{% endfor %}\n",
            "* a\n** b\n*** c\n** d\n* e\n",
            "def f():\n    '''docs'''\n    return a[[1]]\n",
            ":warning: careful\n:fire: it burns\n:x: no\n",
            "Time: 10:15\n:: separator ::\nFoo::bar and std::vec\n",
            "> quoted\n>> more\n\n[link]: https://acme.test\n[^1]: a note\n\n1. a\n2. b\n",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
