//! Paragraphs: headings, items of lists, lines of text.

use super::{Body, MAX_INSIDE};
use crate::document::{Block, BlockKind, Heading, Item, Span, one_line};
use crate::docx::styles::Style;
use crate::runs::{Runs, Style as RunStyle};
use crate::{levels, lines};

/// An open paragraph.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    /// What its style says, and what it says itself.
    pub(super) style: Style,
    pub(super) own: Style,
    pub(super) runs: Runs,
    /// Whether the properties of its mark are being told.
    pub(super) in_mark: bool,
    /// Whether its end was deleted.
    pub(super) is_open_ended: bool,
    /// The open links, and where the innermost leads until its words come.
    links: usize,
    link: Option<String>,
}

impl Paragraph {
    pub(super) fn open_link(&mut self, target: Option<String>) {
        self.links += 1;
        self.link = target;
    }

    pub(super) fn close_link(&mut self) {
        self.links = self.links.saturating_sub(1);
        self.link = None;
    }

    pub(super) fn is_linked(&self) -> bool {
        self.links > 0
    }

    /// Announces a link that has no element of its own.
    pub(super) fn link(&mut self, target: String) {
        self.link = Some(target);
    }

    pub(super) fn words(&mut self, words: &str, style: RunStyle) {
        if !words.trim().is_empty()
            && let Some(target) = self.link.take()
        {
            if words.starts_with(char::is_whitespace) {
                self.runs.space();
            }
            self.runs.link(&target);
        }
        self.runs.words(words, 1, style);
    }
}

impl Body<'_> {
    pub(super) fn open_paragraph(&mut self) {
        if self.paragraphs.len() >= MAX_INSIDE {
            self.too_deep += 1;
            return;
        }
        let mut paragraph = Paragraph::default();
        if let Some(mut before) = self.unfinished.take() {
            before.runs.space();
            paragraph.runs = before.runs;
        }
        self.paragraphs.push(paragraph);
        self.run = Style::default();
        if let Some(checked) = self.checked.take() {
            self.words(if checked { "☑ " } else { "☐ " });
        }
    }

    pub(super) fn close_paragraph(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(paragraph) = self.paragraphs.pop() else { return };
        if paragraph.is_open_ended {
            self.unfinished = Some(paragraph);
        } else {
            self.add(paragraph);
        }
    }

    /// Makes a block of a paragraph.
    pub(super) fn add(&mut self, paragraph: Paragraph) {
        let Paragraph { style, own, mut runs, .. } = paragraph;
        let mut lines = runs.finish();
        if lines.is_empty() || style.is_contents {
            return;
        }
        let span = Span::line(1);
        if style.is_code && self.tables.is_empty() {
            self.codes.push(lines.into_iter().map(|line| line.text.plain).collect());
            self.push(Block { span, kind: BlockKind::Code });
            return;
        }
        if let Some(level) = own.heading.or(style.heading) {
            let heading = Heading { level, text: one_line(&lines) };
            self.push(Block { span, kind: BlockKind::Heading(heading) });
            return;
        }
        let list = own.list.or(style.list).filter(|list| list != "0");
        let level = own.level.or(style.level).unwrap_or(0);
        let (mut checked, mut is_dropped) = (None, false);
        if let Some((length, is_checked, dropped)) = lines::checkbox(&lines[0].text.plain) {
            let text = &mut lines[0].text;
            *text = text.slice(length, text.plain.len());
            (checked, is_dropped) = (Some(is_checked), dropped);
        }
        let paragraph = Block { span, kind: BlockKind::Paragraph(lines) };
        if list.is_none() && checked.is_none() {
            self.push(paragraph);
            return;
        }
        // Boxes without a list are a list of their own.
        let list = list.unwrap_or_else(|| "☐".to_owned());
        let ordered = self.parts.numbering.is_numbered(&list, level);
        let item = Item { span, checked, is_dropped, blocks: vec![paragraph] };
        let (blocks, last) = self.place();
        let is_fresh = last.is_none() || level == 0 && last.as_deref() != Some(&list);
        // A deeper level may have a list of its own; the one it stands in goes on behind it.
        if level == 0 || is_fresh {
            *last = Some(list);
        }
        levels::add(blocks, is_fresh, level, ordered, item);
    }

    /// Adds a block that is no item.
    pub(super) fn push(&mut self, block: Block) {
        let (blocks, list) = self.place();
        *list = None;
        blocks.push(block);
    }
}
