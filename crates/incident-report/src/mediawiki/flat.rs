//! Wikitext without what reaches over its lines: comments, raw text, notes, templates, and HTML that says what
//! wiki markup says too. What is left are rows that the block parser can read one by one.
//!
//! Invariants: one pass finds what there is, one what belongs together, one writes the rows; a template that
//! nests deeper than wikis allow is read as flat, so that no word is moved up more often than that. What has no
//! end is text.

use super::templates::Template;
use crate::document::Pair;
use crate::markup::inline::Finder;

/// How deep templates nest; wikis stop at the same depth.
const MAX_TEMPLATES: usize = 40;

/// How deep lists of HTML nest.
const MAX_LISTS: usize = 20;

/// Tags whose content is no wikitext.
const RAW: [&str; 14] = [
    "nowiki",
    "pre",
    "syntaxhighlight",
    "source",
    "math",
    "chem",
    "timeline",
    "gallery",
    "graph",
    "score",
    "hiero",
    "templatedata",
    "mapframe",
    "inputbox",
];

/// A row of what is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The first source line it stands on.
    pub(super) number: usize,
    /// The last one.
    pub(super) last: usize,
    /// What it holds.
    pub(super) kind: Kind,
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Wikitext.
    Text(String),
    /// Raw text.
    Code,
    /// The facts of a box.
    Facts(Vec<Pair>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Newline,
    Comment,
    /// Raw text: the length of its tag, and of its content.
    Raw {
        tag: usize,
        content: usize,
    },
    Open,
    Close,
    Note,
    NoteEnd,
    /// A tag of HTML blocks.
    Block,
}

/// Something that begins at an offset and has a length.
#[derive(Clone, Copy, Debug)]
struct Found {
    at: usize,
    length: usize,
    token: Token,
    /// Whether its other end was found.
    is_paired: bool,
}

/// The rows of a text whose lines end in `\n`.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let mut found = find(text);
    pair(text, &mut found);
    let mut writer = Writer { line: 1, ..Writer::default() };
    let mut at = 0;
    for one in found {
        writer.text(&text[at..one.at]);
        at = one.at + one.length;
        writer.found(text, one);
    }
    writer.text(&text[at..]);
    writer.end_row();
    writer.rows
}

/// Everything that is not only text.
fn find(text: &str) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut finder = Finder::default();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let one = match bytes[at] {
            b'\n' => Some((1, Token::Newline)),
            b'{' if text[at..].starts_with("{{") => Some((2, Token::Open)),
            b'}' if text[at..].starts_with("}}") => Some((2, Token::Close)),
            b'<' => markup(text, at, &mut finder),
            _ => None,
        };
        if let Some((length, token)) = one {
            found.push(Found { at, length, token, is_paired: false });
            at += length;
        } else {
            at += 1;
        }
    }
    found
}

fn markup(text: &str, at: usize, finder: &mut Finder) -> Option<(usize, Token)> {
    let rest = &text[at..];
    if rest.starts_with("<!--") {
        let end = finder.find(text, "-->", at + 4)?;
        return Some((end + 3 - at, Token::Comment));
    }
    let name_at = 1 + usize::from(rest[1..].starts_with('/'));
    let length =
        rest.as_bytes()[name_at..].iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = rest[name_at..name_at + length].to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    let close = finder.find(text, ">", at + 1)?;
    let tag = close + 1 - at;
    if tag > 1_000 || rest[1..tag - 1].contains('<') {
        return None;
    }
    let is_end = name_at == 2;
    let is_empty = rest[..tag].ends_with("/>");
    match name.as_str() {
        "ref" if is_end => Some((tag, Token::NoteEnd)),
        "ref" if !is_empty => Some((tag, Token::Note)),
        "ul" | "ol" | "li" | "table" | "tr" | "td" | "th" | "tbody" | "thead" | "caption" | "p" | "div"
        | "blockquote" | "center" | "references" => Some((tag, Token::Block)),
        name => {
            let known = RAW.iter().find(|raw| **raw == name).filter(|_| !is_end && !is_empty)?;
            let end = finder.search(known, at + tag, |from| ending(text, known, from))?;
            let content = end - at - tag;
            let closing = text[end..].find('>')? + 1;
            Some((tag + content + closing, Token::Raw { tag, content }))
        }
    }
}

/// Where the next closing tag of a name begins, in any case.
fn ending(text: &str, name: &str, from: usize) -> Option<usize> {
    let closing = text.get(from..)?.match_indices("</").map(|(at, _)| from + at);
    closing.into_iter().find(|at| {
        let rest = &text.as_bytes()[at + 2..];
        rest.len() > name.len()
            && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && matches!(rest[name.len()], b'>' | b' ' | b'\n')
    })
}

/// Whether a line is a heading.
pub(super) fn is_heading(line: &str) -> bool {
    let line = line.trim();
    line.len() > 2 && line.starts_with('=') && line.ends_with('=') && !line.bytes().all(|byte| byte == b'=')
}

/// Finds out which ends belong to which beginnings. Nothing reaches over a heading.
fn pair(text: &str, found: &mut [Found]) {
    let mut open: Vec<usize> = Vec::new();
    let mut notes = 0;
    for at in 0..found.len() {
        match found[at].token {
            Token::Open => open.push(at),
            Token::Note => {
                open.push(at);
                notes += 1;
            }
            Token::Close => {
                if open.last().is_some_and(|begin| found[*begin].token == Token::Open)
                    && let Some(begin) = open.pop()
                {
                    found[begin].is_paired = true;
                    found[at].is_paired = true;
                }
            }
            Token::NoteEnd if notes > 0 => {
                while let Some(begin) = open.pop() {
                    if found[begin].token == Token::Note {
                        found[begin].is_paired = true;
                        found[at].is_paired = true;
                        notes -= 1;
                        break;
                    }
                }
            }
            Token::Newline if !open.is_empty() => {
                let line = &text[found[at].at + 1..];
                if line.starts_with('=') && is_heading(line.split('\n').next().unwrap_or(line)) {
                    open.clear();
                    notes = 0;
                }
            }
            _ => {}
        }
    }
}

/// Text with all its markup made harmless.
fn protected(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\n') {
            harmless.push(' ');
        } else if c.is_ascii_punctuation()
            && !matches!(c, '.' | ',' | '(' | ')' | '/' | '?' | '%' | '@' | '$' | '"')
        {
            harmless.push_str("&#");
            harmless.push_str(&u32::from(c).to_string());
            harmless.push(';');
        } else {
            harmless.push(c);
        }
    }
    harmless
}

/// A template or a note that is open.
#[derive(Debug)]
struct Frame {
    is_note: bool,
    /// The line it begins on, and the one the current part begins on.
    since: usize,
    template: Template,
    part: String,
    /// How many links are open in the part.
    links: usize,
}

#[derive(Debug, Default)]
struct Writer {
    rows: Vec<Row>,
    /// The current source line.
    line: usize,
    row: String,
    /// The line the row begins on, once it holds anything.
    number: Option<usize>,
    /// Whether there was anything yet that is not blank.
    is_begun: bool,
    /// Whether a comment was left out of the row.
    had_comment: bool,
    /// The templates and notes that are open.
    frames: Vec<Frame>,
    /// How many templates are open that are too deep to be read.
    too_deep: usize,
    /// The lists of HTML that are open.
    lists: Vec<char>,
    /// Whether the row belongs to an element of HTML that goes on in the next line.
    is_inside: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let Some(frame) = self.frames.last_mut() else {
            self.push(text);
            return;
        };
        if frame.is_note {
            frame.part.push_str(text);
            return;
        }
        let mut rest = text;
        while let Some(at) = rest.find(['|', '[', ']']) {
            let (before, here) = rest.split_at(at);
            frame.part.push_str(before);
            if here.starts_with("[[") || here.starts_with("]]") {
                frame.links =
                    if here.starts_with('[') { frame.links + 1 } else { frame.links.saturating_sub(1) };
                frame.part.push_str(&here[..2]);
                rest = &here[2..];
                continue;
            }
            if here.starts_with('|') && frame.links == 0 {
                let part = std::mem::take(&mut frame.part);
                frame.template.parts.push((frame.since, part));
                // The words of an argument may begin below its bar.
                frame.since = self.line;
            } else {
                frame.part.push_str(&here[..1]);
            }
            rest = &here[1..];
        }
        frame.part.push_str(rest);
    }

    fn push(&mut self, text: &str) {
        if !text.is_empty() {
            self.number.get_or_insert(self.line);
            self.row.push_str(text);
        }
    }

    /// Adds words where they belong: to what is open, else to the row.
    fn add(&mut self, words: &str) {
        match self.frames.last_mut() {
            Some(frame) => frame.part.push_str(words),
            None => self.push(words),
        }
    }

    fn found(&mut self, text: &str, one: Found) {
        let whole = &text[one.at..one.at + one.length];
        match one.token {
            Token::Newline => {
                if self.is_inside || !self.frames.is_empty() {
                    self.add(" ");
                } else {
                    self.end_row();
                }
            }
            Token::Comment => self.had_comment = true,
            Token::Raw { tag, content } => self.raw(&whole[..tag], &whole[tag..tag + content]),
            Token::Open | Token::Note if one.is_paired => {
                if self.frames.len() >= MAX_TEMPLATES {
                    self.too_deep += 1;
                } else {
                    let is_note = one.token == Token::Note;
                    let since = self.line;
                    let template = Template::default();
                    self.frames.push(Frame { is_note, since, template, part: String::new(), links: 0 });
                }
            }
            Token::Close | Token::NoteEnd if one.is_paired => {
                if self.too_deep > 0 {
                    self.too_deep -= 1;
                } else if let Some(frame) = self.frames.pop() {
                    let mut behind = text[one.at + one.length..].bytes();
                    let is_last = behind.find(|byte| *byte != b' ').is_none_or(|byte| byte == b'\n');
                    self.close(frame, is_last);
                }
            }
            Token::Open | Token::Close | Token::Note | Token::NoteEnd => self.add(whole),
            Token::Block if self.frames.is_empty() => self.block(whole),
            Token::Block => self.add(" "),
        }
        self.line += whole.bytes().filter(|byte| *byte == b'\n').count();
    }

    /// Writes what a template or a note leaves.
    fn close(&mut self, mut frame: Frame, is_last: bool) {
        if frame.is_note {
            let addresses = crate::document::Text::from_plain(&frame.part).links;
            let addresses: Vec<String> = addresses.into_iter().map(|link| link.target).collect();
            if !addresses.is_empty() && self.frames.is_empty() {
                self.push(&format!("<ref>{}</ref>", addresses.join(" ")));
            }
            return;
        }
        frame.template.parts.push((frame.since, frame.part));
        let is_alone = is_last && self.frames.is_empty() && self.row.trim().is_empty();
        if is_alone && frame.template.is_box() {
            let number = frame.template.parts.first().map_or(self.line, |(line, _)| *line);
            self.row.clear();
            self.number = None;
            self.had_comment = true;
            self.rows.push(Row { number, last: self.line, kind: Kind::Facts(frame.template.pairs()) });
            return;
        }
        if self.frames.is_empty() {
            // The row begins where the template does.
            let since = frame.template.parts.first().map_or(self.line, |(line, _)| *line);
            self.number.get_or_insert(since);
        }
        let words = frame.template.words(is_alone);
        if words.is_empty() {
            self.had_comment = true;
        }
        self.add(&words);
    }

    fn raw(&mut self, tag: &str, content: &str) {
        let name: String = tag[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_inline = name.eq_ignore_ascii_case("nowiki")
            || !content.contains('\n') && (tag.contains("inline") || !self.row.trim().is_empty());
        if is_inline || !self.frames.is_empty() {
            self.add(&protected(content));
            return;
        }
        self.end_row();
        let last = self.line + content.matches('\n').count();
        let kind = match header(content, self.line).filter(|_| !self.is_begun) {
            Some(facts) => Kind::Facts(facts),
            None => Kind::Code,
        };
        self.is_begun = true;
        self.rows.push(Row { number: self.line, last, kind });
        self.had_comment = true;
    }

    /// A tag of HTML blocks, as the wiki markup that says the same.
    fn block(&mut self, tag: &str) {
        let is_end = tag.starts_with("</");
        let name: String =
            tag.trim_start_matches(['<', '/']).chars().take_while(char::is_ascii_alphanumeric).collect();
        let attributes = tag[1..tag.len() - 1].trim_start_matches('/')[name.len()..].trim();
        let is_merged = attributes.contains("colspan") || attributes.contains("rowspan");
        self.end_row();
        self.had_comment = true;
        let begin = match (name.to_ascii_lowercase().as_str(), is_end) {
            ("ul" | "ol", false) => {
                if self.lists.len() < MAX_LISTS {
                    self.lists.push(if name.eq_ignore_ascii_case("ul") { '*' } else { '#' });
                }
                String::new()
            }
            ("ul" | "ol", true) => {
                self.lists.pop();
                String::new()
            }
            ("li", false) if self.lists.is_empty() => "* ".to_owned(),
            ("li", false) => self.lists.iter().chain(&[' ']).collect(),
            ("table", false) => "{|\n".to_owned(),
            ("table", true) => "|}\n".to_owned(),
            ("tr", false) => "|-\n".to_owned(),
            ("td", false) if is_merged => format!("| {attributes} | "),
            ("td", false) => "| ".to_owned(),
            ("th", false) if is_merged => format!("! {attributes} | "),
            ("th", false) => "! ".to_owned(),
            ("caption", false) => "|+ ".to_owned(),
            ("p" | "div" | "blockquote" | "center", _) => {
                self.rows.push(Row { number: self.line, last: self.line, kind: Kind::Text(String::new()) });
                String::new()
            }
            _ => String::new(),
        };
        self.is_inside = false;
        if let Some(row) = begin.strip_suffix('\n') {
            self.push(row);
            self.end_row();
            self.had_comment = true;
        } else if !begin.is_empty() {
            self.push(&begin);
            self.is_inside = true;
        }
    }

    fn end_row(&mut self) {
        let text = std::mem::take(&mut self.row);
        let had_comment = std::mem::take(&mut self.had_comment);
        let number = self.number.take();
        self.is_inside = false;
        // A line on which only a comment stands is no blank line.
        if had_comment && text.trim().is_empty() {
            return;
        }
        let number = number.unwrap_or(self.line);
        self.is_begun |= !text.trim().is_empty();
        self.rows.push(Row { number, last: self.line.max(number), kind: Kind::Text(text) });
    }
}

/// The facts of raw text at the head of a document in which every line is `Name: value`, as in proposals.
fn header(content: &str, line: usize) -> Option<Vec<Pair>> {
    let mut facts: Vec<Pair> = Vec::new();
    for (at, text) in content.split('\n').enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        match text.split_once(':') {
            Some((name, value))
                if name.trim().len() <= 40 && !name.trim().is_empty() && !value.starts_with("//") =>
            {
                let (key, value) = (name.trim().to_owned(), value.trim().to_owned());
                facts.push(Pair { key, value, line: line + at });
            }
            _ if text.starts_with(char::is_whitespace) => {
                let value = &mut facts.last_mut()?.value;
                value.push(' ');
                value.push_str(text.trim());
            }
            _ => return None,
        }
    }
    facts.retain(|pair| !pair.value.is_empty());
    (facts.len() >= 2).then_some(facts)
}
