//! Inline markup of reStructuredText.
//!
//! Invariant: what has no meaning here stays as words: an unknown role leaves the words it was put on, and an
//! unknown reference its name.

use super::references::{References, folded};
use crate::markup::inline::{Finder, Mark, Pieces, Rules, Style, address, after, before, is_space, is_word};

/// The longest name of a reference or substitution, in bytes.
const MAX_NAME: usize = 200;

/// The longest name of a role, in bytes.
const MAX_ROLE: usize = 50;

/// The inline rules of one document.
#[derive(Debug)]
pub(super) struct Inline<'t> {
    pub(super) references: References<'t>,
    finder: Finder,
}

impl<'t> Inline<'t> {
    pub(super) fn new(references: References<'t>) -> Self {
        Self { references, finder: Finder::default() }
    }

    /// Text in back-quotes, with the role before or behind it and the underscores of a reference.
    fn quoted(&mut self, text: &str, at: usize, open: usize, role: &str, out: &mut Pieces) -> Option<usize> {
        let bytes = text.as_bytes();
        let is_end = |place: usize| {
            !matches!(bytes[place - 1], b'\\' | b'`')
                && !bytes[place - 1].is_ascii_whitespace()
                && bytes.get(place + 1) != Some(&b'`')
        };
        let close = self.finder.find_where(("closing back-quote", "`"), text, open + 2, is_end)?;
        let content = &text[open + 1..close];
        let behind = &text[close + 1..];
        let (role, end) = match role_at(behind) {
            Some((behind, length)) if role.is_empty() => (behind, close + 1 + length),
            _ => (role, close + 1 + behind.bytes().take(2).take_while(|byte| *byte == b'_').count()),
        };
        let (words, embedded) = match content.strip_suffix('>').and_then(|content| content.rfind('<')) {
            Some(angle) => {
                (content[..angle].trim_end(), Some(content[angle + 1..].trim_end_matches('>').trim()))
            }
            None => (content, None),
        };
        let underscores = end - close - 1;
        let target = match embedded {
            Some(target) if role.is_empty() => match target.strip_suffix('_') {
                Some(name) => self.references.target(name),
                None => Some(target),
            },
            None if role.is_empty() && underscores == 2 => self.references.next_anonymous(),
            None if role.is_empty() && underscores == 1 => self.references.target(content),
            _ => None,
        };
        if let Some(target) = target {
            out.link(at, &without_space(target));
        }
        let style = match role {
            "del" | "strike" | "strikethrough" | "s" => Style::Struck,
            "strong" => Style::Strong,
            _ => Style::Other,
        };
        if matches!(role, "issue" | "pr" | "pull" | "bug" | "ticket" | "gh")
            && words.starts_with(|c: char| c.is_ascii_digit())
        {
            out.made(at, "#");
        }
        out.start(at, style);
        if words.is_empty() {
            out.made(at, embedded.unwrap_or_default());
        } else {
            out.words(at, open + 1, open + 1 + words.len());
        }
        out.end(close, style);
        Some(end)
    }

    /// Text between double back-quotes, taken as it stands.
    fn literal(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        if is_space(after(text, at + 2)) {
            return None;
        }
        let bytes = text.as_bytes();
        let is_end = |place: usize| bytes.get(place + 2) != Some(&b'`');
        let close = self.finder.find_where(("closing literal", "``"), text, at + 3, is_end)?;
        out.words(at, at + 2, close);
        Some(close + 2)
    }

    /// A reference whose name is the one word before the underscore.
    fn word_reference(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let underscores = if text[at..].starts_with("__") { 2 } else { 1 };
        if is_word(after(text, at + underscores)) || after(text, at + underscores) == Some('_') {
            return None;
        }
        let name = text.as_bytes()[out.words_from()..at].iter().rev().take(MAX_NAME);
        let length = name
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'+' | b':'))
            .count();
        let from = at - length;
        if length == 0 || is_word(before(text, from)) {
            return None;
        }
        let target = match underscores {
            2 => self.references.next_anonymous(),
            _ => self.references.target(&text[from..at]),
        }?;
        out.link(from, target);
        out.words(from, from, at);
        Some(at + underscores)
    }
}

/// The role that stands at the beginning of a text, and its length with the colons.
fn role_at(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix(':')?;
    let length = rest
        .bytes()
        .take(MAX_ROLE)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b':'))
        .count();
    let name = rest[..length].strip_suffix(':')?;
    (!name.is_empty() && !name.starts_with(':')).then_some((name, length + 1))
}

/// An address that was broken over lines, in one piece.
fn without_space(target: &str) -> String {
    target.split_whitespace().collect()
}

/// Whether inline markup may begin behind a character.
fn may_open(c: Option<char>) -> bool {
    c.is_none_or(|c| !c.is_alphanumeric() && c != '\\' && c != '*')
}

/// Whether inline markup may end before a character.
fn may_close(c: Option<char>) -> bool {
    c.is_none_or(|c| !c.is_alphanumeric() && c != '*')
}

impl Rules for Inline<'_> {
    fn begin(&mut self, _text: &str) {
        self.finder.clear();
    }

    fn is_special(byte: u8) -> bool {
        matches!(byte, b'\\' | b'`' | b'*' | b'_' | b'[' | b'|' | b':' | b'h')
    }

    fn read(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let rest = &text[at..];
        match rest.as_bytes()[0] {
            b'\\' => {
                let next = after(text, at + 1)?;
                if next.is_whitespace() {
                    out.made(at, "");
                } else {
                    out.words(at, at + 1, at + 1 + next.len_utf8());
                }
                Some(at + 1 + next.len_utf8())
            }
            b'`' if rest.starts_with("``") => self.literal(text, at, out),
            b'`' if is_space(after(text, at + 1)) => None,
            b'`' => self.quoted(text, at, at, "", out),
            b'*' => {
                let length = if rest.starts_with("**") { 2 } else { 1 };
                let (left, right) = (before(text, at), after(text, at + length));
                let mark = Mark {
                    kind: length,
                    style: if length == 2 { Style::Strong } else { Style::Other },
                    length,
                    opens: may_open(left) && !is_space(right),
                    closes: !is_space(left) && may_close(right),
                };
                out.mark(at, mark);
                Some(at + length)
            }
            b'_' if rest.starts_with("_`") && may_open(before(text, at)) => {
                self.quoted(text, at, at + 1, "target", out)
            }
            b'_' => self.word_reference(text, at, out),
            b'[' => {
                let close = self.finder.find(text, "]_", at + 1)?;
                let label = &text[at + 1..close];
                if label.is_empty() || label.len() > MAX_NAME || label.contains(char::is_whitespace) {
                    return None;
                }
                let is_footnote =
                    label.starts_with(['#', '*']) || label.bytes().all(|byte| byte.is_ascii_digit());
                if is_footnote {
                    out.made(at, "");
                } else {
                    out.words(at, at, close + 1);
                }
                Some(close + 2)
            }
            b'|' => {
                let close = self.finder.find(text, "|", at + 1)?;
                let name = &text[at + 1..close];
                if name.is_empty() || name.len() > MAX_NAME {
                    return None;
                }
                let words = self.references.substitution(name)?;
                out.made(at, words);
                Some(close + 1 + text[close + 1..].bytes().take(2).take_while(|byte| *byte == b'_').count())
            }
            b':' => {
                let (role, length) = role_at(rest)?;
                let is_role = may_open(before(text, at)) && text[at + length..].starts_with('`');
                let is_quoted = is_role && !is_space(after(text, at + length + 1));
                if is_quoted { self.quoted(text, at, at + length, &folded(role), out) } else { None }
            }
            _ => {
                let end = address(text, at, &[])?;
                out.link(at, &text[at..end]);
                out.words(at, at, end);
                Some(end)
            }
        }
    }
}
