//! Inline markup of AsciiDoc, after the references to attributes are resolved.
//!
//! Invariant: a mark without its partner, and a macro that is not known, stay as words.

use crate::markup::inline::{
    Finder, Mark, Pieces, Rules, Style, address, after, before, entity, is_space, is_word,
};

/// Macros that leave nothing.
const SILENT: [&str; 6] = ["image:", "icon:", "anchor:", "indexterm:", "footnote:", "footnoteref:"];

/// Macros that leave the words in their brackets.
const WORDS: [&str; 8] =
    ["kbd:[", "btn:[", "pass:[", "stem:[", "latexmath:[", "asciimath:[", "indexterm2:[", "pass:q["];

/// The inline rules.
#[derive(Debug, Default)]
pub(super) struct Inline {
    finder: Finder,
}

impl Inline {
    /// The bracket that closes what opens before `from`.
    fn closing(&mut self, text: &str, from: usize) -> Option<usize> {
        self.finder
            .find_where(("closing bracket", "]"), text, from, |at| text.as_bytes()[at.max(1) - 1] != b'\\')
    }

    /// The words of a link in brackets, which open at `open`; where reading goes on.
    fn link(&mut self, text: &str, at: usize, target: &str, open: usize, out: &mut Pieces) -> Option<usize> {
        let close = self.closing(text, open + 1)?;
        let content = &text[open + 1..close];
        let shown = words_of_link(content);
        out.link(at, target);
        if shown.trim().is_empty() {
            let target = target.trim_start_matches("mailto:");
            out.made(at, target);
            return Some(close + 1);
        }
        out.made(at, "");
        out.skip(open + 1 + shown.len(), close + 1 - (open + 1 + shown.len()), None);
        Some(open + 1)
    }

    /// A macro whose name stands at `at`.
    fn named(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        if is_word(before(text, at)) {
            return None;
        }
        let rest = &text[at..];
        if let Some(end) = address(text, at, &['[', ']']) {
            let target_end = self.target_end(text, at).unwrap_or(end);
            if text[target_end..].starts_with('[')
                && target_end >= end
                && let Some(next) = self.link(text, at, &text[at..target_end], target_end, out)
            {
                return Some(next);
            }
            out.link(at, &text[at..end]);
            out.words(at, at, end);
            return Some(end);
        }
        if let Some(name) = WORDS.iter().find(|name| rest.starts_with(**name)) {
            let open = at + name.len() - 1;
            let close = self.closing(text, open + 1)?;
            out.words(at, open + 1, close);
            return Some(close + 1);
        }
        if let Some(name) = SILENT.iter().find(|name| rest.starts_with(**name)) {
            let open = self.target_end(text, at + name.len())?;
            let close = self.closing(text, open + 1)?;
            out.made(at, "");
            if name.starts_with("footnote") {
                for link in crate::document::Text::from_plain(&text[open + 1..close]).links {
                    out.link(at, words_before(&link.target, '['));
                }
            }
            return Some(close + 1);
        }
        for name in ["link:", "xref:", "mailto:"] {
            let Some(target) = rest.strip_prefix(name) else { continue };
            if target.starts_with("++") {
                let open = self.finder.find(text, "++[", at + name.len() + 2)?;
                let target = &text[at + name.len() + 2..open];
                return self.link(text, at, target, open + 2, out);
            }
            let open = self.target_end(text, at + name.len()).filter(|open| *open > at + name.len())?;
            let target = match name {
                "mailto:" => &text[at..open],
                _ => &text[at + name.len()..open],
            };
            return self.link(text, at, target, open, out);
        }
        None
    }

    /// Where the bracket behind the target of a macro opens.
    fn target_end(&mut self, text: &str, from: usize) -> Option<usize> {
        let open = self.finder.find(text, "[", from)?;
        (self.finder.space(text, from) > open).then_some(open)
    }

    /// A cross reference in double angles.
    fn reference(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let close = self.finder.find(text, ">>", at + 2)?;
        let content = &text[at + 2..close];
        if content.is_empty() || content.contains("<<") || content.len() > 2_000 {
            return None;
        }
        let (target, words) = match content.split_once(',') {
            Some((target, words)) => (target.trim(), words.trim_start()),
            None => (content, content),
        };
        let target = if target.contains(['#', '.', '/']) { target.to_owned() } else { format!("#{target}") };
        out.link(at, &target);
        out.made(at, "");
        out.skip(close, 2, None);
        Some(close - words.len())
    }

    /// `[.role]#text#`: what is struck through is said so by its role.
    fn role(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let close = self.closing(text, at + 1).filter(|close| *close <= at + 60)?;
        let roles = &text[at + 1..close];
        let behind = &text[close + 1..];
        let mark = ["##", "#"].into_iter().find(|mark| behind.starts_with(mark))?;
        let from = close + 1 + mark.len();
        let end = if mark == "##" {
            self.finder.find(text, "##", from + 1)
        } else {
            let bytes = text.as_bytes();
            let is_end = |at: usize| !bytes[at - 1].is_ascii_whitespace() && !is_word(after(text, at + 1));
            self.finder.find_where(("closing number sign", "#"), text, from + 1, is_end)
        }?;
        let style = match roles.trim_start_matches('.') {
            "line-through" | "strike" | "strikethrough" | "del" | "deleted" => Style::Struck,
            _ => Style::Other,
        };
        out.start(at, style);
        out.skip(end, mark.len(), Some(style));
        Some(from)
    }

    /// Text that is taken as it stands, between the same marks.
    fn literal(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let bytes = text.as_bytes();
        let mark = bytes[at];
        let length = bytes[at..].iter().take(3).take_while(|byte| **byte == mark).count();
        if length > 1 {
            let (key, mark) = match (mark, length) {
                (b'+', 3) => ("+++", "+++"),
                (b'+', _) => ("++", "++"),
                _ => ("``", "``"),
            };
            let close = self.finder.find(text, key, at + mark.len() + 1)?;
            out.words(at, at + mark.len(), close);
            return Some(close + mark.len());
        }
        if is_word(before(text, at)) || is_space(after(text, at + 1)) {
            return None;
        }
        let is_end = |at: usize| !bytes[at - 1].is_ascii_whitespace() && !is_word(after(text, at + 1));
        let key = if mark == b'+' { ("closing plus", "+") } else { ("closing back-quote", "`") };
        let close = self.finder.find_where(key, text, at + 2, is_end)?;
        let content = &text[at + 1..close];
        let plus = usize::from(
            mark == b'`' && content.len() > 2 && content.starts_with('+') && content.ends_with('+'),
        );
        out.words(at, at + 1 + plus, close - plus);
        Some(close + 1)
    }

    /// Bold, italic and highlighted text.
    fn formatted(text: &str, at: usize, out: &mut Pieces) -> usize {
        let bytes = text.as_bytes();
        let mark = bytes[at];
        let length = if bytes.get(at + 1) == Some(&mark) { 2 } else { 1 };
        let (left, right) = (before(text, at), after(text, at + length));
        let (kind, style) = match mark {
            b'*' => (0, Style::Strong),
            b'_' => (2, Style::Other),
            _ => (4, Style::Other),
        };
        let is_loose = length == 2;
        out.mark(
            at,
            Mark {
                kind: kind + length,
                style,
                length,
                opens: is_loose && right.is_some() || !is_word(left) && !is_space(right),
                closes: is_loose && left.is_some() || !is_space(left) && !is_word(right),
            },
        );
        at + length
    }

    /// Raised and lowered text has no spaces in it.
    fn shifted(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let key = if text.as_bytes()[at] == b'^' { "^" } else { "~" };
        let close = self.finder.find(text, key, at + 2)?;
        if self.finder.space(text, at + 1) < close {
            return None;
        }
        out.words(at, at + 1, close);
        Some(close + 1)
    }
}

/// The words of a link, without the attributes behind them.
fn words_of_link(content: &str) -> &str {
    let mut end = 0;
    for (at, part) in content.split(',').enumerate() {
        let name = part.split_once('=').map_or("", |(name, _)| name.trim());
        if at > 0 && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            break;
        }
        end += part.len() + usize::from(at > 0);
    }
    let words = &content[..end];
    words.trim_end_matches('^')
}

fn words_before(text: &str, end: char) -> &str {
    text.split(end).next().unwrap_or(text)
}

impl Rules for Inline {
    fn begin(&mut self, _text: &str) {
        self.finder.clear();
    }

    fn is_special(byte: u8) -> bool {
        matches!(
            byte,
            b'\\'
                | b'*'
                | b'_'
                | b'#'
                | b'`'
                | b'+'
                | b'^'
                | b'~'
                | b'['
                | b'<'
                | b'('
                | b'&'
                | b'"'
                | b'\''
                | b'h'
                | b'l'
                | b'x'
                | b'm'
                | b'i'
                | b'k'
                | b'b'
                | b'p'
                | b's'
                | b'a'
                | b'f'
        )
    }

    fn read(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
        let rest = &text[at..];
        match rest.as_bytes()[0] {
            b'\\' => {
                let next = after(text, at + 1)?;
                let is_macro = || {
                    let mut names =
                        SILENT.iter().chain(&WORDS).chain(&["link:", "xref:", "mailto:", "http:", "https:"]);
                    names.any(|name| rest[1..].starts_with(name))
                };
                let is_mark =
                    next.is_ascii_punctuation() && Self::is_special(rest.as_bytes()[1]) && next != '\\';
                // In a table, a bar is escaped that is no border.
                (is_mark || next == '|' || is_macro()).then(|| {
                    out.words(at, at + 1, at + 2);
                    at + 2
                })
            }
            b'*' | b'_' | b'#' => Some(Self::formatted(text, at, out)),
            b'+' if is_space(before(text, at)) && matches!(after(text, at + 1), None | Some('\n')) => {
                out.made(at, "");
                Some(at + 1)
            }
            b'`' | b'+' => self.literal(text, at, out),
            b'^' | b'~' => self.shifted(text, at, out),
            b'[' if rest.starts_with("[[") => {
                let close = self.finder.find(text, "]]", at + 2)?;
                let name = &text[at + 2..close];
                let is_anchor = name.len() <= 200 && !name.is_empty() && !name.contains(['[', '\n']);
                let is_first_of_name = is_anchor && name.starts_with(|c: char| c.is_alphabetic() || c == '_');
                is_first_of_name.then(|| {
                    out.made(at, "");
                    close + 2
                })
            }
            b'[' => self.role(text, at, out),
            b'<' if rest.starts_with("<<") => self.reference(text, at, out),
            b'<' if rest[1..].starts_with("http") => {
                let close = self.finder.find(text, ">", at + 1)?;
                if self.finder.space(text, at) < close {
                    return None;
                }
                out.link(at, &text[at + 1..close]);
                out.words(at, at + 1, close);
                Some(close + 1)
            }
            b'(' if rest.starts_with("(((") => {
                let close = self.finder.find(text, ")))", at + 3)?;
                out.made(at, "");
                Some(close + 3)
            }
            b'(' if rest.starts_with("((") => {
                let close = self.finder.find(text, "))", at + 3)?;
                out.words(at, at + 2, close);
                Some(close + 2)
            }
            b'&' => {
                let (words, end) = entity(text, at)?;
                out.made(at, words);
                Some(end)
            }
            quote @ (b'"' | b'\'') => {
                // Curved quotation marks: "`text`".
                if !rest[1..].starts_with('`') || is_word(before(text, at)) {
                    return None;
                }
                let closing = if quote == b'"' { "`\"" } else { "`'" };
                let close = self.finder.find(text, closing, at + 3)?;
                out.words(at, at, at + 1);
                out.skip(close, 1, None);
                Some(at + 2)
            }
            b'h' | b'l' | b'x' | b'm' | b'i' | b'k' | b'b' | b'p' | b's' | b'a' | b'f' => {
                self.named(text, at, out)
            }
            _ => None,
        }
    }
}
