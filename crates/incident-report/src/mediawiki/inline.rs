//! Inline markup of wikitext, after comments, templates and raw text are gone.
//!
//! Invariant: a tag that is not known stays as the words it is; so does a bracket without its partner.

use crate::markup::inline::{Finder, Pieces, Rules, Style, address, entity};

/// The longest tag, in bytes.
const MAX_TAG: usize = 1_000;

/// The longest name of a space of pages, in bytes.
const MAX_SPACE: usize = 40;

/// Tags that only set words in some way, or that mean nothing here.
const QUIET: [&str; 43] = [
    "i",
    "em",
    "u",
    "ins",
    "small",
    "big",
    "sub",
    "sup",
    "span",
    "font",
    "code",
    "tt",
    "kbd",
    "samp",
    "var",
    "cite",
    "abbr",
    "mark",
    "q",
    "dfn",
    "bdi",
    "bdo",
    "center",
    "div",
    "p",
    "blockquote",
    "noinclude",
    "includeonly",
    "onlyinclude",
    "nowiki",
    "references",
    "section",
    "translate",
    "languages",
    "tvar",
    "poem",
    "wbr",
    "label",
    "dl",
    "dt",
    "dd",
    "data",
    "time",
];

/// What links to a picture or puts a page into a category begins with.
const SILENT_SPACES: [&str; 16] = [
    "category",
    "file",
    "image",
    "kategorie",
    "datei",
    "bild",
    "catégorie",
    "fichier",
    "categoría",
    "archivo",
    "categoria",
    "ficheiro",
    "categorie",
    "bestand",
    "категория",
    "файл",
];

/// The inline rules.
#[derive(Debug, Default)]
pub(super) struct Inline {
    finder: Finder,
    /// Where each double bracket closes, in the order in which they open; made when one is met.
    links: Option<Vec<(usize, usize)>>,
    is_bold: bool,
}

/// The brackets of links: where each opens, and where it closes.
fn links(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut open = Vec::new();
    let mut links = Vec::new();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"[[" => open.push(at),
            b"]]" => links.extend(open.pop().map(|opened| (opened, at))),
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    links.sort_unstable();
    links
}

/// Whether a link shows a picture or sorts the page, and is no text.
fn is_silent(target: &str) -> bool {
    let end = target.bytes().take(MAX_SPACE).position(|byte| byte == b':');
    let space = end.map(|end| target[..end].trim().to_lowercase());
    space.is_some_and(|space| SILENT_SPACES.contains(&space.as_str()))
}

/// The scheme of an outward link.
fn is_outward(rest: &str) -> bool {
    ["http://", "https://", "ftp://", "mailto:", "//", "irc://", "ircs://"]
        .iter()
        .any(|scheme| rest.starts_with(scheme))
}

impl Inline {
    fn link(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let links = self.links.get_or_insert_with(|| links(text));
        let known = links.binary_search_by_key(&at, |(open, _)| *open).ok()?;
        let close = links[known].1;
        let content = &text[at + 2..close];
        if content.is_empty() || content.starts_with('[') {
            return None;
        }
        if is_silent(content) {
            out.made(at, "");
            return Some(close + 2);
        }
        // Links do not hold links; what looks so is text in brackets.
        if links.get(known + 1).is_some_and(|(open, _)| *open < close) {
            return None;
        }
        let (target, words) = match content.split_once('|') {
            Some((target, words)) => (target, (!words.trim().is_empty()).then_some(words)),
            None => (content, None),
        };
        out.link(at, target.trim().trim_start_matches(':'));
        out.skip(close, 2, None);
        match words {
            Some(words) => Some(close - words.len()),
            None => {
                let name =
                    if content.ends_with('|') { target.rsplit(':').next().unwrap_or(target) } else { target };
                let from = at + 2 + target.len() - name.trim_start_matches(':').len();
                out.words(at, from, at + 2 + target.len());
                Some(close)
            }
        }
    }

    fn outward(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        if !is_outward(&text[at + 1..]) {
            return None;
        }
        let close = self.finder.find(text, "]", at + 1)?;
        if self.finder.find(text, "\n", at + 1).is_some_and(|end| end < close) {
            return None;
        }
        let content = &text[at + 1..close];
        let target = content.split(char::is_whitespace).next().unwrap_or(content);
        out.link(at, target);
        let words = content[target.len()..].trim_start();
        if words.is_empty() {
            out.words(at, at + 1, at + 1 + target.len());
            return Some(close + 1);
        }
        out.skip(close, 1, None);
        out.made(at, "");
        Some(close - words.len())
    }

    fn tag(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let close = self.finder.find(text, ">", at + 1).filter(|close| close - at <= MAX_TAG)?;
        let inner = &text[at + 1..close];
        let (is_end, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = inner[..length].to_ascii_lowercase();
        let style = match name.as_str() {
            "b" | "strong" => Style::Strong,
            "s" | "del" | "strike" => Style::Struck,
            "br" | "hr" => {
                out.line_break(at);
                return Some(close + 1);
            }
            "ref" if !is_end && !inner.ends_with('/') => {
                let end = self.finder.find(text, "</ref>", close + 1)?;
                out.made(at, "");
                for address in text[close + 1..end].split_whitespace() {
                    out.link(at, address);
                }
                return Some(end + "</ref>".len());
            }
            "ref" => Style::Other,
            name if QUIET.contains(&name) => Style::Other,
            _ => return None,
        };
        if is_end {
            out.end(at, style);
        } else if !inner.ends_with('/') {
            out.start(at, style);
        } else {
            out.made(at, "");
        }
        Some(close + 1)
    }

    /// Apostrophes: two for italics, three for bold, five for both.
    fn apostrophes(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let length = text.as_bytes()[at..].iter().take_while(|byte| **byte == b'\'').count();
        let (shown, toggles) = match length {
            0 | 1 => return None,
            2 => (0, false),
            3 | 5 => (0, true),
            4 => (1, true),
            _ => (length - 5, true),
        };
        out.words(at, at, at + shown);
        if toggles {
            self.is_bold = !self.is_bold;
            if self.is_bold {
                out.start(at, Style::Strong);
            } else {
                out.end(at, Style::Strong);
            }
        }
        Some(at + length)
    }
}

impl Rules for Inline {
    fn begin(&mut self, _text: &str) {
        self.finder.clear();
        self.links = None;
        self.is_bold = false;
    }

    fn is_special(byte: u8) -> bool {
        matches!(byte, b'\'' | b'[' | b'<' | b'~' | b'_' | b'&' | b'h' | b'\n')
    }

    fn read(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let rest = &text[at..];
        match rest.as_bytes()[0] {
            b'\'' => self.apostrophes(text, at, out),
            b'[' if rest.starts_with("[[") => {
                self.link(text, at, out).or_else(|| self.outward(text, at, out))
            }
            b'[' => self.outward(text, at, out),
            b'<' => self.tag(text, at, out),
            b'~' => {
                let length = rest.bytes().take_while(|byte| *byte == b'~').count();
                let is_signature = (3..=5).contains(&length);
                out.words(at, at, if is_signature { at } else { at + length });
                Some(at + length)
            }
            b'_' => {
                let name = rest.strip_prefix("__")?;
                let length = name.bytes().take(40).take_while(u8::is_ascii_uppercase).count();
                (length > 2 && name[length..].starts_with("__")).then(|| {
                    out.made(at, "");
                    at + length + 4
                })
            }
            b'&' => {
                let (words, end) = entity(text, at)?;
                out.made(at, words);
                Some(end)
            }
            b'\n' => {
                // Bold ends with its line.
                if std::mem::take(&mut self.is_bold) {
                    out.end(at, Style::Strong);
                    out.words(at, at, at + 1);
                    return Some(at + 1);
                }
                None
            }
            _ => {
                let end = address(text, at, &['[', ']', '|'])?;
                out.link(at, &text[at..end]);
                out.words(at, at, end);
                Some(end)
            }
        }
    }
}
