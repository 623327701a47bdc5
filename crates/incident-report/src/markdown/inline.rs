//! Inline Markdown to plain text with links.
//!
//! Invariant: iterative, because emphasis and brackets nest as deep as the input likes.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{AstNode, NodeValue};

use crate::document::{Line, Link, Span, Text};

/// Collects one line after the other.
struct Collector {
    span: Span,
    lines: Vec<Line>,
    current: Text,
    number: usize,
    /// How many `strong` elements are open.
    strong: usize,
    /// Whether everything on the current line so far is bold.
    all_bold: bool,
    /// How many struck-through elements are open.
    strikes: usize,
    /// Whether everything on the current line so far is struck through.
    all_struck: bool,
}

impl Collector {
    fn push(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        self.current.plain.push_str(words);
        if self.strong > 0 && self.all_bold {
            self.current.bold = self.current.plain.len();
        } else if !words.trim().is_empty() {
            self.all_bold = false;
        }
        if self.strikes > 0 && self.all_struck {
            self.current.struck = self.current.plain.len();
        } else if !words.trim().is_empty() {
            self.all_struck = false;
        }
    }

    fn end_line(&mut self) {
        let text = std::mem::take(&mut self.current);
        let end = text.plain.len();
        let text = text.slice(0, end);
        if !text.is_empty() || !text.links.is_empty() {
            self.lines.push(Line { number: self.number, text });
        }
        self.all_bold = true;
        self.all_struck = true;
    }

    /// A tag of HTML: those that break lines and set formats mean the same as Markdown's own marks.
    fn tag(&mut self, tag: &str) {
        let name = tag.trim_start_matches('<');
        let (name, is_end) = name.strip_prefix('/').map_or((name, false), |name| (name, true));
        let length = name.bytes().take_while(u8::is_ascii_alphabetic).count();
        let count = match name[..length].to_ascii_lowercase().as_str() {
            "br" => return self.end_line(),
            "b" | "strong" => &mut self.strong,
            "s" | "del" | "strike" => &mut self.strikes,
            _ => return,
        };
        *count = if is_end { count.saturating_sub(1) } else { *count + 1 };
    }

    /// Moves to a source line; line numbers only ever grow.
    fn at_line(&mut self, line: usize) {
        self.number = line.clamp(self.number, self.span.last);
    }
}

/// The inline content under a node, line by line. Images and footnote marks are dropped, HTML tags too.
pub(super) fn lines<'t>(node: &'t AstNode<'t>, span: Span) -> Vec<Line> {
    let mut collector = Collector {
        span,
        lines: Vec::new(),
        current: Text::default(),
        number: span.first,
        strong: 0,
        all_bold: true,
        strikes: 0,
        all_struck: true,
    };
    let mut inside_image = 0_usize;
    for edge in node.traverse() {
        match edge {
            NodeEdge::Start(inner) => {
                let data = inner.data.borrow();
                if collector.current.plain.is_empty() && !std::ptr::eq(inner, node) {
                    collector.at_line(data.sourcepos.start.line);
                }
                match &data.value {
                    NodeValue::Image(_) => inside_image += 1,
                    _ if inside_image > 0 => {}
                    NodeValue::Text(words) => collector.push(words),
                    NodeValue::Code(code) => collector.push(&code.literal),
                    NodeValue::SoftBreak | NodeValue::LineBreak => {
                        collector.end_line();
                        collector.at_line(data.sourcepos.start.line + 1);
                    }
                    NodeValue::HtmlInline(tag) => collector.tag(tag),
                    NodeValue::Strong => collector.strong += 1,
                    NodeValue::Strikethrough => collector.strikes += 1,
                    NodeValue::Link(link) => {
                        let at = collector.current.plain.len();
                        collector.current.links.push(Link { at, target: link.url.clone() });
                    }
                    _ => {}
                }
            }
            NodeEdge::End(inner) => match &inner.data.borrow().value {
                NodeValue::Image(_) => inside_image = inside_image.saturating_sub(1),
                NodeValue::Strong if inside_image == 0 => {
                    collector.strong = collector.strong.saturating_sub(1);
                }
                NodeValue::Strikethrough if inside_image == 0 => {
                    collector.strikes = collector.strikes.saturating_sub(1);
                }
                _ => {}
            },
        }
    }
    collector.end_line();
    collector.lines
}
