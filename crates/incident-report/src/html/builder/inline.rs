//! What stands within a line: formats, links, mentions, and the text itself.

use super::{Builder, Format, Held, Link, MAX_FORMATS};
use crate::document::Pair;
use crate::html::tags::{Kind, Tag};
use crate::html::tokens::StartTag;
use crate::html::{links, styles};
use crate::runs::Style;
use crate::text;

/// The longest text of a title or a parameter that is kept, in bytes.
const MAX_CAPTURED: usize = 4_096;

/// Macros whose title stands over what is in them.
const TITLED: [&str; 7] = ["expand", "info", "note", "panel", "tip", "warning", "ui-expand"];

impl Builder {
    /// Whether text is of any use where the page is now.
    pub(in crate::html) fn wants_text(&self) -> bool {
        self.hidden == 0
            || self.word_item.is_some()
            || matches!(self.stack.last().map(|frame| &frame.held), Some(Held::Captured(_)))
    }

    /// Text on a line.
    pub(in crate::html) fn text(&mut self, words: &str, line: usize) {
        if let Some(frame) = self.stack.last_mut() {
            match &mut frame.held {
                Held::Captured(captured) if frame.kind == Kind::Style => {
                    captured.clear();
                    self.sheet.push(words);
                    return;
                }
                Held::Captured(captured) => {
                    if captured.len() + words.len() <= MAX_CAPTURED {
                        captured.push_str(words);
                    }
                    return;
                }
                Held::Code(lines) if self.hidden == 0 => {
                    self.code_bytes += words.len();
                    for (at, part) in words.split('\n').enumerate() {
                        match lines.last_mut() {
                            Some((_, last)) if at == 0 => last.push_str(part),
                            _ => lines.push((line + at, part.to_owned())),
                        }
                    }
                    return;
                }
                _ => {}
            }
        }
        if self.hidden > 0 {
            // The marker of an item of Word tells whether the list is numbered.
            if let Some((_, ordered)) = &mut self.word_item {
                *ordered |=
                    words.trim().ends_with(['.', ')']) || words.contains(|c: char| c.is_ascii_digit());
            }
            return;
        }
        if words.trim_start().is_empty() {
            self.runs.space();
            return;
        }
        if std::mem::take(&mut self.has_new_link) {
            // The link stands at the words, not at the space before them.
            if words.starts_with(char::is_whitespace) {
                self.runs.space();
            }
            for link in self.formats.iter_mut().filter_map(|format| format.link.as_mut()) {
                if let Some(target) = link.target.as_deref().filter(|_| !link.is_noted) {
                    self.runs.link(target);
                }
                link.is_noted = true;
            }
        }
        self.words += u64::from(self.inside == 0);
        self.text_bytes += words.len();
        let style = Style { bold: self.bold > 0, struck: self.struck > 0, linked: self.linked > 0 };
        self.runs.words(words, line, style);
    }

    /// A picture that stands for a word.
    pub(super) fn picture(&mut self, name: &str, line: usize) {
        let mark = match name.trim_matches([':', '(', ')']) {
            "tick" | "check" | "check_mark" | "white_check_mark" | "/" | "blue-star-tick" => "✅",
            "cross" | "cross_mark" | "x" | "error" => "❌",
            other if other.is_ascii() => return,
            picture => picture,
        };
        self.text(mark, line);
    }

    /// What a reference says when nothing stands in it.
    pub(super) fn instead(&mut self, words: &str) {
        if let Some(format) = self.formats.last_mut()
            && !words.is_empty()
        {
            format.instead = Some(words.to_owned());
        }
    }

    /// Where a reference leads.
    pub(super) fn leads_to(&mut self, address: &str) {
        let target = links::target(address);
        if let (Some(format), Some(_)) = (self.formats.last_mut(), &target)
            && format.link.is_none()
        {
            format.link = Some(Link { target, is_inside: false, is_noted: false });
            self.has_new_link = true;
            self.linked += 1;
        }
    }

    fn format(&self, tag: Option<Tag>) -> Format {
        Format {
            tag,
            bold: false,
            struck: false,
            hides: false,
            raised: false,
            link: None,
            instead: None,
            bracketed: false,
            mark: self.runs.mark(),
        }
    }

    /// Opens what has a look of its own, until the block it belongs to ends.
    pub(super) fn open_look(&mut self, look: styles::Look) {
        let styles::Look { bold, struck, hidden: hides } = look;
        self.enter_format(Format { bold, struck, hides, ..self.format(None) });
    }

    /// Opens a format.
    pub(super) fn open_format(&mut self, id: Tag, kind: Kind, tag: &StartTag<'_>) {
        let look = self.sheet.look(tag);
        let mut format = self.format(Some(id));
        format.bold = kind == Kind::Bold || look.bold;
        format.struck = kind == Kind::Struck || look.struck;
        format.hides = look.hidden || styles::is_around(kind, tag);
        format.raised = kind == Kind::Raised;
        match kind {
            Kind::Link => {
                let href = tag.text("href");
                let is_inside = href.starts_with('#');
                if let Some(name) = tag.get("data-username").filter(|name| !name.is_empty()) {
                    self.text(&format!("@{name}"), tag.line);
                    format.hides = true;
                }
                format.hides |= links::is_note(href) || is_inside && self.raised > 0;
                format.link = Some(Link { target: links::target(href), is_inside, is_noted: false });
                self.has_new_link = true;
                // A comment below the page begins with the way back to its place.
                if href.starts_with("#cmnt_ref") {
                    self.open_look(styles::Look { hidden: true, ..styles::Look::default() });
                }
            }
            Kind::Time => format.instead = tag.get("datetime").map(str::to_owned),
            Kind::Span => {
                let is_status = |class: &str| matches!(class, "status-macro" | "aui-lozenge");
                if tag.classes().any(is_status) && self.hidden == 0 && !format.hides {
                    self.text("[", tag.line);
                    format.bracketed = true;
                }
            }
            _ => {}
        }
        self.enter_format(format);
    }

    fn enter_format(&mut self, format: Format) {
        if self.formats.len() < MAX_FORMATS {
            self.count_format(&format, true);
            self.formats.push(format);
        }
    }

    fn count_format(&mut self, format: &Format, is_opened: bool) {
        let step = |count: &mut usize, is_meant: bool| {
            if is_meant {
                *count = if is_opened { *count + 1 } else { count.saturating_sub(1) };
            }
        };
        step(&mut self.bold, format.bold);
        step(&mut self.struck, format.struck);
        step(&mut self.hidden, format.hides);
        step(&mut self.raised, format.raised);
        step(&mut self.linked, format.link.is_some());
        step(&mut self.inside, format.link.as_ref().is_some_and(|link| link.is_inside));
    }

    /// Closes the innermost format of an element.
    pub(super) fn close_format(&mut self, tag: Tag) {
        let Some(at) = self.formats.iter().rposition(|format| format.tag == Some(tag)) else { return };
        if at + 1 == self.formats.len() {
            self.close_formats(at);
        } else {
            // Others were opened in it and are not closed yet: it stays, and means nothing any more.
            let nothing = self.format(None);
            let closed = std::mem::replace(&mut self.formats[at], nothing);
            self.ended(&closed);
        }
    }

    /// Closes formats until so many are open.
    pub(super) fn close_formats(&mut self, depth: usize) {
        while self.formats.len() > depth {
            let Some(format) = self.formats.pop() else { return };
            self.ended(&format);
        }
    }

    fn ended(&mut self, format: &Format) {
        self.count_format(format, false);
        if self.hidden > 0 {
            return;
        }
        let since = self.runs.since(format.mark);
        let is_empty = since.is_some_and(|words| words.trim().is_empty());
        let is_mark = since.is_some_and(|words| !words.chars().any(char::is_alphanumeric));
        if format.bracketed {
            if since.is_some_and(|words| words.trim() == "[") {
                self.runs.take_back(format.mark);
            } else {
                self.text("]", self.line);
            }
        } else if let Some(instead) = format.instead.as_deref().filter(|_| is_empty) {
            self.text(instead, self.line);
        } else if is_mark && format.link.as_ref().is_some_and(|link| link.is_inside) {
            // The sign beside a heading that links to it.
            self.runs.take_back(format.mark);
        }
    }

    /// What stood in an element whose text is no text of the page.
    pub(super) fn captured(&mut self, kind: Kind, line: usize, words: &str) {
        let words = text::collapse(words);
        match kind {
            Kind::Style => self.sheet.read(),
            Kind::Title if !words.is_empty() => {
                self.title.get_or_insert(Pair { key: "title".to_owned(), value: words, line });
            }
            Kind::TaskStatus => {
                let item = self.stack.iter_mut().rev().find_map(|frame| match &mut frame.held {
                    Held::Item { checked, .. } => Some(checked),
                    _ => None,
                });
                if let Some(checked) = item {
                    *checked = Some(words == "complete");
                }
            }
            Kind::Parameter if self.hidden == 0 && !words.is_empty() => {
                let name = std::mem::take(&mut self.parameter);
                let of = self.stack.iter().rev().find_map(|frame| match &frame.held {
                    Held::Macro(of) => Some(of.as_str()),
                    _ => None,
                });
                match (of.unwrap_or_default(), name.as_str()) {
                    ("status", "title") => self.text(&format!("[{words}]"), line),
                    ("jira", "key") => self.text(&words, line),
                    (of, "title") if TITLED.contains(&of) => {
                        self.end_block();
                        self.text(&words, line);
                        self.end_block();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}
