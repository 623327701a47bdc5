//! Runs of formatted words to lines of text, for formats whose inline markup is a stream of runs.
//!
//! White space collapses as it does on a page. A line ends where the author broke it, and where the source
//! goes on in another line after enough words: what is wrapped stays apart, so that a sentence can be quoted
//! where it stands, and what is only laid out over several lines (a label, its value) stays together.
//!
//! Invariant: every word comes out exactly once, in order, and line numbers never fall within a paragraph.

use crate::document::{Line, Link, Text};

/// From how many bytes on a line that the source breaks is a wrapped one.
const WRAPPED: usize = 40;

/// How a run is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// In bold.
    pub(crate) bold: bool,
    /// Struck through.
    pub(crate) struck: bool,
    /// As the words of a link.
    pub(crate) linked: bool,
}

/// A place in the runs, to see what was added since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    ended: usize,
    bytes: usize,
}

/// Collects the lines of one paragraph.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    lines: Vec<Line>,
    current: Text,
    /// How many lines have ended, over all paragraphs.
    ended: usize,
    /// The line the current text starts on, and the last line a word stood on.
    number: usize,
    last: usize,
    /// The parts of the current text that are words of links.
    linked: Vec<(usize, usize)>,
    space: bool,
    is_mixed: bool,
    is_partly_kept: bool,
}

impl Runs {
    /// Whether there are no words yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.current.is_empty()
    }

    /// Whether the current line has no words yet.
    pub(crate) fn at_line_start(&self) -> bool {
        self.current.is_empty()
    }

    /// The last line a word stood on.
    pub(crate) fn last(&self) -> usize {
        self.last
    }

    /// Where the next word would go.
    pub(crate) fn mark(&self) -> Mark {
        Mark { ended: self.ended, bytes: self.current.plain.len() }
    }

    /// The words since a mark on the current line; nothing when the line has ended since.
    pub(crate) fn since(&self, mark: Mark) -> Option<&str> {
        (mark.ended == self.ended).then(|| self.current.plain.get(mark.bytes..).unwrap_or_default())
    }

    /// Takes back what was added to the current line since a mark.
    pub(crate) fn take_back(&mut self, mark: Mark) {
        if mark.ended == self.ended && mark.bytes <= self.current.plain.len() {
            let text = &mut self.current;
            text.plain.truncate(mark.bytes);
            text.links.retain(|link| link.at < mark.bytes);
            text.bold = text.bold.min(mark.bytes);
            text.struck = text.struck.min(mark.bytes);
            self.linked.retain(|(from, _)| *from < mark.bytes);
        }
    }

    /// White space.
    pub(crate) fn space(&mut self) {
        self.space |= !self.current.is_empty();
    }

    /// A link whose words come next.
    pub(crate) fn link(&mut self, target: &str) {
        let at = self.current.plain.len() + usize::from(self.space && !self.current.is_empty());
        self.current.links.push(Link { at, target: target.to_owned() });
    }

    /// Words on a source line; any white space in them is a space.
    pub(crate) fn words(&mut self, words: &str, line: usize, style: Style) {
        let mut rest = words;
        while !rest.is_empty() {
            let word = rest.find(is_space).unwrap_or(rest.len());
            if word > 0 {
                self.word(&rest[..word], line, style);
            }
            let Some(c) = rest[word..].chars().next() else { break };
            if !is_nothing(c) {
                self.space();
            }
            rest = &rest[word + c.len_utf8()..];
        }
    }

    fn word(&mut self, word: &str, line: usize, style: Style) {
        let line = line.max(self.last);
        if self.space && line > self.number && self.current.plain.len() >= WRAPPED {
            let links = self.current.links.len();
            // A link that was announced on the line before has its words here.
            let at = self.current.plain.len();
            let moved = self.current.links.iter().position(|link| link.at > at).unwrap_or(links);
            let moved = self.current.links.split_off(moved);
            self.end_line();
            self.current.links = moved.into_iter().map(|link| Link { at: 0, ..link }).collect();
        }
        if self.current.is_empty() {
            self.number = line;
            self.is_mixed = false;
            self.is_partly_kept = false;
        }
        self.last = line;
        let from = self.current.plain.len();
        if std::mem::take(&mut self.space) && from > 0 {
            self.current.plain.push(' ');
        }
        let start = self.current.plain.len();
        self.current.plain.push_str(word);
        let end = self.current.plain.len();
        if style.bold && !self.is_mixed {
            self.current.bold = end;
        } else {
            self.is_mixed = true;
        }
        if style.struck && !self.is_partly_kept {
            self.current.struck = end;
        } else {
            self.is_partly_kept = true;
        }
        if style.linked {
            match self.linked.last_mut() {
                Some((_, to)) if *to == from => *to = end,
                _ => self.linked.push((start, end)),
            }
        }
    }

    /// Ends the current line. Tells whether there was one: a second break in a row ends a paragraph.
    pub(crate) fn end_line(&mut self) -> bool {
        self.space = false;
        let mut text = std::mem::take(&mut self.current);
        let linked = std::mem::take(&mut self.linked);
        if text.is_empty() {
            return false;
        }
        let announced = text.plain.len();
        text.links.retain(|link| link.at < announced);
        let bare = Text::from_plain(&text.plain).links;
        if !bare.is_empty() {
            let is_linked = |link: &Link| {
                let before = linked.partition_point(|(from, _)| *from <= link.at);
                before > 0 && link.at < linked[before - 1].1
            };
            text.links.extend(bare.into_iter().filter(|link| !is_linked(link)));
            text.links.sort_by_key(|link| link.at);
        }
        self.lines.push(Line { number: self.number, text });
        self.ended += 1;
        true
    }

    /// The lines so far; the collector is empty afterwards.
    pub(crate) fn finish(&mut self) -> Vec<Line> {
        self.end_line();
        let mut lines = std::mem::take(&mut self.lines);
        lines.shrink_to_fit();
        lines
    }
}

/// White space, and the marks that take no room.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_nothing(c)
}

fn is_nothing(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOLD: Style = Style { bold: true, struck: false, linked: false };
    const PLAIN: Style = Style { bold: false, struck: false, linked: false };

    #[test]
    fn what_is_laid_out_stays_together_and_what_is_wrapped_stays_apart() {
        let mut runs = Runs::default();
        runs.words("  Owner: ", 3, BOLD);
        runs.words("\n Ann\u{a0} Okot", 4, PLAIN);
        let lines = runs.finish();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].number, lines[0].text.plain.as_str()), (3, "Owner: Ann Okot"));
        assert_eq!(lines[0].text.bold, "Owner:".len());

        runs.words("The pump stopped because the fuse was of the wrong kind.", 7, PLAIN);
        runs.words(" We will replace it.", 8, PLAIN);
        let lines = runs.finish();
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [7, 8]);
    }

    #[test]
    fn a_link_goes_with_its_words_and_its_own_address_counts_once() {
        let linked = Style { linked: true, ..PLAIN };
        let mut runs = Runs::default();
        runs.words("The pump stopped because the fuse was of the wrong kind, see ", 1, PLAIN);
        runs.link("https://acme.test/fuses");
        runs.words("https://acme.test/fu…", 2, linked);
        runs.words(" and https://acme.test/pumps.", 2, PLAIN);
        let lines = runs.finish();
        assert_eq!(lines.len(), 2);
        let links: Vec<(usize, &str)> =
            lines[1].text.links.iter().map(|link| (link.at, link.target.as_str())).collect();
        assert_eq!(links, [(0, "https://acme.test/fuses"), (28, "https://acme.test/pumps")]);
    }

    #[test]
    fn what_is_taken_back_leaves_nothing() {
        let mut runs = Runs::default();
        runs.words("Actions", 1, PLAIN);
        let mark = runs.mark();
        runs.link("#actions");
        runs.words(" ¶", 1, PLAIN);
        assert_eq!(runs.since(mark), Some(" ¶"));
        runs.take_back(mark);
        let lines = runs.finish();
        assert_eq!((lines[0].text.plain.as_str(), lines[0].text.links.len()), ("Actions", 0));
    }
}
