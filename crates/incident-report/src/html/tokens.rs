//! The tokens of HTML, each with the line it starts on.
//!
//! The tokenizer is the one of the HTML standard, so entities are decoded once, and what a browser takes for
//! text is text. It tells positions in bytes; they become lines by a cursor that only moves forth, or back by
//! a few bytes, so the text is never scanned again.
//!
//! Invariant: of a tag at most [`WANTED`] attributes of a bounded length are kept, whatever it carries.

use std::convert::Infallible;

use html5gum::{Emitter, Error, State, Tokenizer};

use super::builder::Builder;

/// The attributes that mean something here.
pub(super) const WANTED: [&str; 27] = [
    "class",
    "id",
    "style",
    "href",
    "role",
    "type",
    "checked",
    "hidden",
    "aria-checked",
    "aria-level",
    "colspan",
    "rowspan",
    "datetime",
    "alt",
    "content",
    "name",
    "property",
    "data-username",
    "data-inline-task-id",
    "ac:name",
    "ac:emoji-fallback",
    "ri:username",
    "ri:account-id",
    "ri:userkey",
    "ri:content-title",
    "ri:value",
    "title",
];

/// The longest value of an attribute that is kept, in bytes.
const MAX_VALUE: usize = 4_096;

/// The longest name of a tag or attribute that can be known.
const MAX_NAME: usize = 64;

/// A start tag.
#[derive(Debug)]
pub(super) struct StartTag<'t> {
    /// Its name, in lower case.
    pub(super) name: &'t str,
    attributes: &'t [(&'static str, Vec<u8>)],
    /// Whether it ends in `/>`.
    pub(super) is_closed: bool,
    /// The line of its `<`.
    pub(super) line: usize,
}

impl StartTag<'_> {
    /// The value of one of the [`WANTED`] attributes.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| *known == name)?;
        std::str::from_utf8(value).ok()
    }

    /// The value of an attribute, or nothing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// The words of the attribute `class`.
    pub(super) fn classes(&self) -> impl Iterator<Item = &str> {
        self.text("class").split_ascii_whitespace()
    }
}

/// Feeds the tokens of a text to a builder. Its lines start at those bytes, the first of them is `first`.
pub(super) fn feed(text: &str, starts: Vec<usize>, first: usize, is_xml: bool, builder: &mut Builder) {
    let tokens = Tokens {
        text,
        starts,
        first,
        is_xml,
        builder,
        cursor: 0,
        position: 0,
        opened: 0,
        is_start: false,
        is_closed: false,
        name: Vec::new(),
        last_start: Vec::new(),
        attributes: Vec::new(),
        attribute: Vec::new(),
        value: None,
    };
    match Tokenizer::new_with_emitter(text, tokens).finish() {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

struct Tokens<'t> {
    text: &'t str,
    /// Where the lines start.
    starts: Vec<usize>,
    /// The number of the first line.
    first: usize,
    is_xml: bool,
    builder: &'t mut Builder,
    /// The line of the last question, 0-based.
    cursor: usize,
    /// How many bytes were read.
    position: usize,
    /// Where the current tag begins.
    opened: usize,
    is_start: bool,
    is_closed: bool,
    name: Vec<u8>,
    last_start: Vec<u8>,
    attributes: Vec<(&'static str, Vec<u8>)>,
    /// The name of the current attribute.
    attribute: Vec<u8>,
    /// Where the value of the current attribute goes, once it is known to be wanted.
    value: Option<usize>,
}

impl Tokens<'_> {
    /// The number of the line that a byte stands on.
    fn line_at(&mut self, position: usize) -> usize {
        while self.cursor > 0 && self.starts[self.cursor] > position {
            self.cursor -= 1;
        }
        while self.starts.get(self.cursor + 1).is_some_and(|start| *start <= position) {
            self.cursor += 1;
        }
        self.first + self.cursor
    }

    /// Decides whether the current attribute is kept, when its name is complete.
    fn name_attribute(&mut self) {
        if self.attribute.is_empty() {
            return;
        }
        let wanted = WANTED.iter().find(|wanted| wanted.as_bytes() == self.attribute.as_slice());
        self.attribute.clear();
        // The first of two attributes with one name counts.
        if let Some(name) = wanted.filter(|name| !self.attributes.iter().any(|(known, _)| known == *name)) {
            self.value = Some(self.attributes.len());
            self.attributes.push((name, Vec::new()));
        }
    }
}

impl Emitter for Tokens<'_> {
    type Token = Infallible;

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start.clear();
        self.last_start.extend(last_start_tag.unwrap_or_default());
    }

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_string(&mut self, piece: &[u8]) {
        if piece.is_empty() || !self.builder.wants_text() {
            return;
        }
        let end = self.position;
        let start = end.saturating_sub(piece.len());
        let words = match std::str::from_utf8(piece) {
            // What stands there as it is may go over several lines.
            Ok(words) if self.text.as_bytes().get(start..end) == Some(piece) => {
                let mut from = start;
                while from < end {
                    let line = self.line_at(from);
                    let to = self.starts.get(self.cursor + 1).map_or(end, |next| end.min(*next));
                    self.builder.text(&words[from - start..to - start], line);
                    from = to;
                }
                return;
            }
            words => words.map_or_else(|_| String::from_utf8_lossy(piece), Into::into),
        };
        let line = self.line_at(end.saturating_sub(1));
        self.builder.text(&words, line);
    }

    fn start_open_tag(&mut self) {
        self.opened = self.position.saturating_sub(1);
    }

    fn init_start_tag(&mut self) {
        self.init_end_tag();
        self.is_start = true;
    }

    fn init_end_tag(&mut self) {
        self.is_start = false;
        self.is_closed = false;
        self.name.clear();
        self.attributes.clear();
        self.attribute.clear();
        self.value = None;
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.name_attribute();
        let line = self.line_at(self.opened);
        let name = std::str::from_utf8(&self.name).unwrap_or_default();
        if !self.is_start {
            self.last_start.clear();
            self.builder.end(name, line);
            return None;
        }
        let tag = StartTag { name, attributes: &self.attributes, is_closed: self.is_closed, line };
        self.builder.start(&tag);
        self.last_start.clone_from(&self.name);
        if self.is_xml && self.is_closed {
            return None;
        }
        match name {
            "script" => Some(State::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(State::RawText),
            "title" | "textarea" => Some(State::RcData),
            _ => None,
        }
    }

    fn set_self_closing(&mut self) {
        self.is_closed = true;
    }

    fn push_tag_name(&mut self, piece: &[u8]) {
        // A longer name is none that is known, and must not become one by being cut.
        let room = (MAX_NAME + 1).saturating_sub(self.name.len());
        self.name.extend(piece.iter().take(room));
    }

    fn init_attribute(&mut self) {
        self.name_attribute();
        self.value = None;
    }

    fn push_attribute_name(&mut self, piece: &[u8]) {
        let room = (MAX_NAME + 1).saturating_sub(self.attribute.len());
        self.attribute.extend(piece.iter().take(room));
    }

    fn push_attribute_value(&mut self, piece: &[u8]) {
        self.name_attribute();
        if let Some((_, value)) = self.value.and_then(|at| self.attributes.get_mut(at)) {
            if value.len() + piece.len() <= MAX_VALUE {
                value.extend(piece);
            } else {
                self.value = None;
            }
        }
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        !self.is_start && !self.name.is_empty() && self.name == self.last_start
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        // The text between `<![CDATA[` and `]]>` is text, as in the storage format of Confluence.
        true
    }

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    // Comments and document types are not kept.
    fn init_comment(&mut self) {}
    fn push_comment(&mut self, _: &[u8]) {}
    fn emit_current_comment(&mut self) {}
    fn init_doctype(&mut self) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn emit_current_doctype(&mut self) {}
    fn set_force_quirks(&mut self) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
}
