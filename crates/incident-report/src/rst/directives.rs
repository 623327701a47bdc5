//! Explicit markup: what begins with two full stops.
//!
//! Invariant: a directive that is not known keeps its words; what stands in a comment goes.

use super::references::folded;
use super::{Parser, Row, base_of, body_length, field, span_of};
use crate::document::{Block, BlockKind, Heading, LABEL_LEVEL, Line, Span, Text};
use crate::markup::inline::text;
use crate::markup::paragraph;

/// Directives whose body is read by machines.
const CODE: [&str; 27] = [
    "code",
    "code-block",
    "sourcecode",
    "parsed-literal",
    "literalinclude",
    "math",
    "raw",
    "highlight",
    "graphviz",
    "digraph",
    "graph",
    "uml",
    "plantuml",
    "mermaid",
    "doctest",
    "testcode",
    "testsetup",
    "testoutput",
    "console",
    "prompt",
    "program-output",
    "command-output",
    "productionlist",
    "jinja",
    "ipython",
    "exec",
    "aafig",
];

/// Directives that put no words of the report on the page.
const SILENT: [&str; 25] = [
    "contents",
    "image",
    "figure",
    "include",
    "toctree",
    "index",
    "meta",
    "sectnum",
    "section-numbering",
    "header",
    "footer",
    "default-role",
    "role",
    "tags",
    "target-notes",
    "tabularcolumns",
    "todolist",
    "title",
    "currentmodule",
    "module",
    "default-domain",
    "gallery",
    "video",
    "youtube",
    "bibliography",
];

/// Directives that set their body off from the text.
const QUOTED: [&str; 18] = [
    "attention",
    "caution",
    "danger",
    "error",
    "hint",
    "important",
    "note",
    "tip",
    "warning",
    "seealso",
    "versionadded",
    "versionchanged",
    "deprecated",
    "versionremoved",
    "epigraph",
    "highlights",
    "pull-quote",
    "quote",
];

/// Directives with a title that may be the name of a section.
const TITLED: [&str; 13] = [
    "admonition",
    "topic",
    "sidebar",
    "dropdown",
    "details",
    "collapse",
    "tab",
    "tab-item",
    "card",
    "grid-item-card",
    "grid-item",
    "panel",
    "example",
];

/// Directives whose argument is no word of the report.
const CONTAINERS: [&str; 11] = [
    "container",
    "class",
    "rst-class",
    "cssclass",
    "only",
    "ifconfig",
    "tabs",
    "tab-set",
    "grid",
    "div",
    "compound",
];

impl<'t> Parser<'t> {
    /// Explicit markup that the first row begins; how many rows it takes.
    pub(super) fn explicit(
        &mut self,
        rows: &mut [Row<'t>],
        base: usize,
        depth: usize,
        into: &mut Vec<Block>,
    ) -> usize {
        let line = rows[0].text;
        if line.starts_with("__ ") {
            return 1;
        }
        // Two full stops over a blank line end what is before them, and take nothing.
        if line == ".." && rows.get(1).is_none_or(Row::is_blank) {
            return 1;
        }
        let taken = 1 + body_length(&rows[1..], base);
        let rest = line[2..].trim_start();
        let rows = &mut rows[..taken];
        if rest.starts_with(['_', '|']) {
            return taken;
        }
        if let Some(note) = rest.strip_prefix('[') {
            if let Some((label, words)) = note.split_once(']').filter(|(label, _)| !label.is_empty()) {
                self.is_begun = true;
                let is_footnote =
                    label.starts_with(['#', '*']) || label.bytes().all(|byte| byte.is_ascii_digit());
                rows[0].text = if is_footnote { words.trim() } else { rest };
                into.extend(self.body(rows, base, depth));
            }
            return taken;
        }
        let Some((name, argument)) = directive(rest) else { return taken };
        let name = folded(name.rsplit_once(':').map_or(name, |(_, name)| name));
        rows[0].text = argument;
        self.directive(&name, rows, base, depth, into);
        taken
    }

    /// The blocks of a body whose first row stands behind the name of a directive.
    fn body(&mut self, rows: &mut [Row<'t>], base: usize, depth: usize) -> Vec<Block> {
        let inner = base_of(&rows[1..]).max(base + 1);
        rows[0].indent = inner;
        self.blocks(rows, inner, depth + 1)
    }

    fn directive(
        &mut self,
        name: &str,
        rows: &mut [Row<'t>],
        base: usize,
        depth: usize,
        into: &mut Vec<Block>,
    ) {
        let known = |names: &[&str]| names.contains(&name);
        if known(&SILENT) {
            return;
        }
        self.is_begun = true;
        let span = span_of(rows);
        if known(&CODE) {
            into.push(Block { span, kind: BlockKind::Code });
            return;
        }
        // The options stand right below the name.
        let options = 1 + rows[1..].iter().take_while(|row| field(row.text).is_some()).count();
        let argument = rows[0];
        let option = |wanted: &str| {
            rows[1..options]
                .iter()
                .filter_map(|row| field(row.text))
                .find(|(name, _)| *name == wanted)
                .map(|(_, v)| v)
        };
        match name {
            "csv-table" => {
                let header = option("header");
                let is_headed = option("header-rows").is_some_and(|count| count != "0");
                let delimiter = option("delim");
                let rows = &rows[options..];
                self.csv_table(argument, header, is_headed, delimiter, rows, into);
                return;
            }
            "list-table" | "flat-table" => {
                let is_headed = option("header-rows").is_some_and(|count| count != "0");
                let body = &mut rows[options..];
                let inner = base_of(body);
                let blocks = self.blocks(body, inner, depth + 1);
                self.list_table(argument, is_headed, blocks, into);
                return;
            }
            _ => {}
        }
        rows[1..options].iter_mut().for_each(|row| row.text = "");
        if known(&QUOTED) {
            let quoted = self.body(rows, base, depth);
            into.push(Block { span, kind: BlockKind::Quote(quoted) });
        } else if name == "todo" {
            let mut blocks = self.body(rows, base, depth);
            mark_todo(&mut blocks);
            into.append(&mut blocks);
        } else if name == "rubric" {
            let text = text(argument.text, &mut self.inline);
            let kind = BlockKind::Heading(Heading { level: LABEL_LEVEL, text });
            into.push(Block { span: Span::line(argument.number), kind });
        } else {
            let is_titled = known(&TITLED);
            if is_titled || name == "table" {
                let mut title = text(argument.text, &mut self.inline);
                title.bold = if is_titled { title.plain.len() } else { title.bold };
                let line = Line { number: argument.number, text: title };
                into.extend(paragraph(vec![line]).filter(|_| !argument.is_blank()));
            }
            if is_titled || name == "table" || known(&CONTAINERS) {
                rows[0].text = "";
            }
            into.extend(self.body(rows, base, depth));
        }
    }
}

/// The name and the argument of a directive.
fn directive(rest: &str) -> Option<(&str, &str)> {
    let (name, argument) = rest.split_once("::")?;
    let name = name.trim_end();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b':');
    let is_directive = !name.is_empty() && name.len() <= 60 && name.bytes().all(is_name);
    (is_directive && (argument.is_empty() || argument.starts_with(char::is_whitespace)))
        .then(|| (name, argument.trim()))
}

/// Marks what a `todo` directive says as work, in the words that people use for it in prose.
fn mark_todo(blocks: &mut [Block]) {
    if let Some(Block { kind: BlockKind::Paragraph(lines), .. }) = blocks.first_mut()
        && let Some(first) = lines.first_mut()
    {
        let mut text = Text::from_plain("TODO:");
        text.push(&first.text);
        first.text = text;
    }
}
