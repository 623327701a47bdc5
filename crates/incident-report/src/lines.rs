//! Loose lines to blocks: the lists and paragraphs that people write without any markup language.
//!
//! Plain text consists of nothing else, and the paragraphs of marked-up documents often hide the same
//! (`•` bullets, lists indented too far), so both go through here.
//!
//! Invariant: every line comes out exactly once, in order; nesting follows indentation and is bounded by
//! [`MAX_DEPTH`].

use crate::document::{Block, BlockKind, Item, Line, List, MAX_DEPTH, Span, Text};
use crate::text;

/// A line before it is known what it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct LooseLine {
    /// Columns of white space in front; tabs count to the next multiple of four.
    pub(crate) indent: usize,
    /// The line itself; its text may be empty, which makes it a blank line.
    pub(crate) line: Line,
}

/// What stands in front of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    /// Bytes of the marker with the space behind it.
    length: usize,
    ordered: bool,
    checked: Option<bool>,
    is_dropped: bool,
}

/// The list marker a line starts with.
pub(crate) fn marker(line: &str) -> Option<Marker> {
    if let Some((length, checked, is_dropped)) = checkbox(line) {
        return Some(Marker { length, ordered: false, checked: Some(checked), is_dropped });
    }
    let (mut length, ordered) =
        bullet(line).map(|n| (n, false)).or_else(|| number(line).map(|n| (n, true)))?;
    let mark = checkbox(&line[length..]).map(|(more, checked, is_dropped)| {
        length += more;
        (checked, is_dropped)
    });
    (!line[length..].trim().is_empty()).then_some(Marker {
        length,
        ordered,
        checked: mark.map(|(checked, _)| checked),
        is_dropped: mark.is_some_and(|(_, is_dropped)| is_dropped),
    })
}

fn with_space(line: &str, length: usize) -> usize {
    length + line[length..].len() - line[length..].trim_start().len()
}

fn bullet(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    let length = first.len_utf8();
    let rest = &line[length..];
    let spaced = rest.starts_with(char::is_whitespace);
    match first {
        '·' | '•' | '●' | '▪' | '◦' | '‣' | '∙' | '■' | '□' | '○' | '➢' | '➤' | '►' | '・' => {
            Some(with_space(line, length))
        }
        '*' | '+' | '–' | '—' | '-' if spaced => Some(with_space(line, length)),
        'o' if spaced && rest.starts_with(['\t']) => Some(with_space(line, length)),
        '-' if rest.chars().next().is_some_and(char::is_uppercase) => Some(length),
        _ => None,
    }
}

fn number(line: &str) -> Option<usize> {
    let open = usize::from(line.starts_with('('));
    let body = &line[open..];
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let label = match digits {
        1..=3 => digits,
        0 if body.starts_with(|c: char| c.is_ascii_lowercase()) && body[1..].starts_with(')') => 1,
        _ => return None,
    };
    let rest = &body[label..];
    let close = rest.chars().next().filter(|c| matches!(c, '.' | ')' | '、' | '．'))?;
    let length = open + label + close.len_utf8();
    let tail = &line[length..];
    let closed = tail.starts_with(char::is_whitespace) || matches!(close, '、' | '．');
    closed.then(|| with_space(line, length))
}

/// What the mark in a checkbox says: whether it is done, and whether it was dropped.
pub(crate) fn box_state(mark: char) -> (bool, bool) {
    (matches!(mark, 'x' | 'X' | '✓' | '✔' | '☑' | '☒' | '✅'), matches!(mark, '-' | '–'))
}

/// The length of a checkbox with the space behind it, and its state.
pub(crate) fn checkbox(line: &str) -> Option<(usize, bool, bool)> {
    let mut chars = line.chars();
    let first = chars.next()?;
    let (length, mark) = match first {
        '☐' | '☑' | '☒' => (first.len_utf8(), first),
        '[' => match (chars.next()?, chars.next()) {
            (']', _) => (2, ' '),
            (mark @ (' ' | 'x' | 'X' | '✓' | '✔' | '✅' | '-' | '–' | '~' | '/' | '>'), Some(']')) => {
                (2 + mark.len_utf8(), mark)
            }
            _ => return None,
        },
        _ => return None,
    };
    let (checked, is_dropped) = box_state(mark);
    line[length..].starts_with(char::is_whitespace).then(|| (with_space(line, length), checked, is_dropped))
}

/// Turns lines into paragraphs and lists.
pub(crate) fn blocks(lines: Vec<LooseLine>) -> Vec<Block> {
    let mut builder = Builder::default();
    for line in lines {
        builder.add(line);
    }
    builder.finish()
}

#[derive(Debug, Default)]
struct Builder {
    done: Vec<Block>,
    paragraph: Vec<Line>,
    /// The open list items, outermost first.
    open: Vec<OpenItem>,
    blank_before: bool,
}

#[derive(Debug)]
struct OpenItem {
    indent: usize,
    ordered: bool,
    /// Finished items of the list this item belongs to.
    siblings: Vec<Item>,
    item: Item,
    lines: Vec<Line>,
}

impl Builder {
    fn add(&mut self, LooseLine { indent, line }: LooseLine) {
        if line.text.is_empty() {
            self.blank_before = true;
            return;
        }
        let blank_before = std::mem::take(&mut self.blank_before);
        if let Some(marker) = marker(&line.text.plain) {
            self.end_paragraph();
            self.start_item(indent, marker, &line);
            return;
        }
        if let Some(open) = self.open.last() {
            let last_ends = open.lines.last().is_some_and(|last| ends_sentence(&last.text.plain));
            let continues_word = line.text.plain.starts_with(|c: char| c.is_lowercase());
            let belongs = indent > open.indent && (!blank_before || indent > open.indent + 1)
                || !blank_before && continues_word && !last_ends;
            if belongs {
                if let Some(open) = self.open.last_mut() {
                    open.item.span.last = line.number;
                    open.lines.push(line);
                }
                return;
            }
            self.close_to(0);
        } else if blank_before {
            self.end_paragraph();
        }
        self.paragraph.push(line);
    }

    fn start_item(&mut self, indent: usize, marker: Marker, line: &Line) {
        let keep = self.open.iter().take_while(|open| open.indent < indent).count().min(MAX_DEPTH / 2);
        // An item at the same depth and of the same kind continues the list; everything deeper is closed.
        let continues = self.open.get(keep).is_some_and(|open| open.ordered == marker.ordered);
        let mut siblings = Vec::new();
        if continues {
            self.close_to(keep + 1);
            if let Some(open) = self.open.pop() {
                siblings = open.siblings;
                siblings.push(finished(open.item, open.lines));
            }
        } else {
            self.close_to(keep);
        }
        let length = line.text.plain.len();
        let text = line.text.slice(marker.length, length);
        self.open.push(OpenItem {
            indent,
            ordered: marker.ordered,
            siblings,
            item: Item {
                span: Span::line(line.number),
                checked: marker.checked,
                is_dropped: marker.is_dropped,
                blocks: Vec::new(),
            },
            lines: vec![Line { number: line.number, text }],
        });
    }

    /// Closes open items until only `depth` are left, hanging each list where it belongs.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(OpenItem { ordered, mut siblings, item, lines, .. }) = self.open.pop() else { return };
            siblings.push(finished(item, lines));
            let span = match (siblings.first(), siblings.last()) {
                (Some(first), Some(last)) => Span::new(first.span.first, last.span.last),
                _ => return,
            };
            let block = Block { span, kind: BlockKind::List(List { ordered, items: siblings }) };
            match self.open.last_mut() {
                Some(parent) => {
                    parent.item.span.last = parent.item.span.last.max(span.last);
                    let lines = std::mem::take(&mut parent.lines);
                    parent.item.blocks.extend(paragraph(lines));
                    parent.item.blocks.push(block);
                }
                None => self.done.push(block),
            }
        }
    }

    fn end_paragraph(&mut self) {
        self.done.extend(paragraph(std::mem::take(&mut self.paragraph)));
    }

    fn finish(mut self) -> Vec<Block> {
        self.end_paragraph();
        self.close_to(0);
        self.done
    }
}

fn finished(mut item: Item, lines: Vec<Line>) -> Item {
    item.blocks.extend(paragraph(lines));
    item
}

fn paragraph(lines: Vec<Line>) -> Option<Block> {
    let span = Span::new(lines.first()?.number, lines.last()?.number);
    Some(Block { span, kind: BlockKind::Paragraph(lines) })
}

/// Whether a line ends as a sentence or a label does.
pub(crate) fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(['"', '”', ')', '’', '*'])
        .ends_with(['.', '!', '?', ':', ';', '。', '！', '？', '：'])
}

/// Columns of white space in front of a line.
pub(crate) fn indent(line: &str) -> usize {
    let mut columns = 0;
    for c in line.chars() {
        match c {
            '\t' => columns += 4 - columns % 4,
            c if c.is_whitespace() => columns += 1,
            _ => break,
        }
    }
    columns
}

/// A loose line from the words of a source line.
pub(crate) fn loose(number: usize, line: &str) -> LooseLine {
    LooseLine { indent: indent(line), line: Line { number, text: Text::from_plain(line) } }
}

/// Whether a paragraph hides list items.
pub(crate) fn hides_items(lines: &[Line]) -> bool {
    lines.iter().any(|line| marker(&line.text.plain).is_some() && text::word_count(&line.text.plain) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_every_kind() {
        for line in [
            "- a",
            "* a",
            "• a",
            "·        a",
            "– a",
            "1. a",
            "12) a",
            "a) a",
            "(3) a",
            "[ ] a",
            "- [x] a",
            "-Add",
        ] {
            assert!(marker(line).is_some(), "{line}");
        }
        for line in ["-a", "a.b", "2024. a", "10:15 a", "*bold* a", "-", "x) ", "[link] a", "e.g. this"] {
            assert_eq!(marker(line), None, "{line}");
        }
        assert_eq!(marker("- [x] a").and_then(|marker| marker.checked), Some(true));
    }

    #[test]
    fn indentation_nests_and_wrapped_lines_join() {
        let lines = ["Intro:", "  - first", "    goes on", "    - inner", "  - second", "back to", "text"];
        let loose = lines.iter().enumerate().map(|(at, line)| loose(at + 1, line)).collect();
        let blocks = blocks(loose);
        let [intro, list] = &blocks[..] else { panic!("{blocks:#?}") };
        assert_eq!(intro.span, Span::line(1));
        let BlockKind::List(list) = &list.kind else { panic!("{list:#?}") };
        assert_eq!(list.items[0].own_text().0.plain, "first goes on");
        assert_eq!(list.items[0].span, Span::new(2, 4));
        assert_eq!(list.items[1].own_text().0.plain, "second back to text");
    }
}
