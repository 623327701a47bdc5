//! Inline markup to lines of text, for any format that can say what stands at a place.
//!
//! A paragraph is scanned once from left to right. Where a byte may begin markup, the [`Rules`] of the format
//! are asked; what they find becomes pieces: words, links, styles that certainly begin or end, and marks that
//! only count when they find their partner. Marks without one are words again.
//!
//! Invariants: every word comes out on the line it stands on; the scan only moves forward, and looking ahead
//! goes through a [`Finder`], so that it is linear however often nothing is found.

use std::borrow::Cow;

use super::Row;
use crate::document::{Line, Link, Text};

/// What is told of words beyond the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Set in bold.
    Strong,
    /// Struck through.
    Struck,
    /// Anything else: only the marks go.
    Other,
}

/// A delimiter that may begin or end a style.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// Marks of one kind are partners; below [`KINDS`].
    pub(crate) kind: usize,
    /// The style between two of them.
    pub(crate) style: Style,
    /// Its bytes.
    pub(crate) length: usize,
    /// Whether it can begin the style where it stands.
    pub(crate) opens: bool,
    /// Whether it can end it.
    pub(crate) closes: bool,
}

/// How many kinds of marks a format may have.
const KINDS: usize = 16;

#[derive(Debug)]
enum Piece {
    /// Words of the source, up to this offset.
    Words(usize),
    /// Words the source does not hold as such.
    Made(String),
    Link(String),
    Start(Style),
    End(Style),
    Mark(Mark),
    Break,
}

/// The inline markup of a format.
pub(crate) trait Rules {
    /// Called with the whole text before it is scanned.
    fn begin(&mut self, text: &str);

    /// Whether markup can begin with this (ASCII) byte.
    fn is_special(byte: u8) -> bool;

    /// Reads the markup at `at`, which holds a special byte. The offset where reading goes on, always beyond
    /// `at`; `None` when the byte is only a character.
    fn read(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize>;
}

/// What a scan has found so far.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pieces: Vec<(usize, Piece)>,
    /// Where the words begin that are no piece yet.
    from: usize,
    /// Whether the words before the markup that is being read are a piece.
    is_flushed: bool,
    /// Places to skip on the way, innermost last, with the style that ends there.
    skips: Vec<(usize, usize, Option<Style>)>,
}

impl Pieces {
    fn push(&mut self, at: usize, piece: Piece) {
        if !self.is_flushed && self.from < at {
            self.pieces.push((self.from, Piece::Words(at)));
        }
        self.is_flushed = true;
        self.pieces.push((at, piece));
    }

    /// Words that stand between two offsets, without markup in them.
    pub(crate) fn words(&mut self, at: usize, from: usize, to: usize) {
        self.push(at, Piece::Made(String::new()));
        if from < to {
            self.pieces.push((from, Piece::Words(to)));
        }
    }

    /// Words that take the place of what stands at `at`.
    pub(crate) fn made(&mut self, at: usize, words: impl Into<String>) {
        self.push(at, Piece::Made(words.into()));
    }

    /// A link whose words follow.
    pub(crate) fn link(&mut self, at: usize, target: &str) {
        self.push(at, Piece::Link(target.to_owned()));
    }

    /// A style begins.
    pub(crate) fn start(&mut self, at: usize, style: Style) {
        self.push(at, Piece::Start(style));
    }

    /// A style ends.
    pub(crate) fn end(&mut self, at: usize, style: Style) {
        self.push(at, Piece::End(style));
    }

    /// A delimiter that may have a partner.
    pub(crate) fn mark(&mut self, at: usize, mark: Mark) {
        self.push(at, Piece::Mark(mark));
    }

    /// The line ends here.
    pub(crate) fn line_break(&mut self, at: usize) {
        self.push(at, Piece::Break);
    }

    /// So many bytes are left out when the scan comes to `at`; a style may end there.
    pub(crate) fn skip(&mut self, at: usize, length: usize, ends: Option<Style>) {
        self.skips.push((at, length, ends));
    }

    /// Where the words begin that no markup was found in yet.
    pub(crate) fn words_from(&self) -> usize {
        self.from
    }

    /// Reads on at an offset.
    fn go_on(&mut self, at: usize) {
        self.from = at;
        self.is_flushed = false;
    }

    /// Leaves out what is to be left out at `at`; the offset behind it.
    fn skipped(&mut self, at: usize) -> Option<usize> {
        while self.skips.last().is_some_and(|(place, ..)| *place < at) {
            self.skips.pop();
        }
        let (_, length, ends) = *self.skips.last().filter(|(place, ..)| *place == at)?;
        self.skips.pop();
        self.push(at, ends.map_or_else(|| Piece::Made(String::new()), Piece::End));
        self.go_on(at + length);
        (length > 0).then_some(at + length)
    }

    /// Turns marks with a partner into styles, and the others into words.
    fn pair(&mut self) {
        let mut open: [Option<usize>; KINDS] = [None; KINDS];
        for at in 0..self.pieces.len() {
            let (offset, Piece::Mark(mark)) = &self.pieces[at] else { continue };
            let (offset, mark) = (*offset, *mark);
            let partner = open[mark.kind].filter(|_| mark.closes);
            if let Some(partner) = partner.filter(|partner| self.pieces[*partner].0 + mark.length < offset) {
                open[mark.kind] = None;
                self.pieces[partner].1 = Piece::Start(mark.style);
                self.pieces[at].1 = Piece::End(mark.style);
            } else if mark.opens {
                open[mark.kind] = Some(at);
            }
        }
        for (offset, piece) in &mut self.pieces {
            if let Piece::Mark(mark) = piece {
                *piece = Piece::Words(*offset + mark.length);
            }
        }
    }
}

/// Scans rows of one paragraph.
pub(crate) fn lines<R: Rules>(rows: &[Row<'_>], rules: &mut R) -> Vec<Line> {
    let mut starts = Vec::with_capacity(rows.len());
    let text: Cow<'_, str> = match rows {
        [row] => {
            starts.push(0);
            Cow::Borrowed(row.text)
        }
        _ => {
            let mut joined = String::with_capacity(rows.iter().map(|row| row.text.len() + 1).sum());
            for row in rows {
                if !starts.is_empty() {
                    joined.push('\n');
                }
                starts.push(joined.len());
                joined.push_str(row.text);
            }
            Cow::Owned(joined)
        }
    };
    let mut pieces = Pieces::default();
    rules.begin(&text);
    let mut at = 0;
    while at < text.len() {
        let next = pieces.skipped(at).or_else(|| {
            let is_special = R::is_special(text.as_bytes()[at]);
            let next = is_special.then(|| rules.read(&text, at, &mut pieces)).flatten()?;
            pieces.go_on(next);
            Some(next)
        });
        at = next.filter(|next| *next > at).unwrap_or(at + 1);
    }
    if pieces.from < text.len() {
        pieces.pieces.push((pieces.from, Piece::Words(text.len())));
    }
    pieces.pair();
    let number = rows.first().map_or(1, |row| row.number);
    let mut writer = Writer {
        text: &text,
        rows,
        starts: &starts,
        row: 0,
        lines: Vec::new(),
        current: Text::default(),
        number,
        strong: 0,
        struck: 0,
        is_mixed: false,
        is_partly_kept: false,
    };
    for (offset, piece) in pieces.pieces {
        writer.write(offset, piece);
    }
    writer.end_line();
    writer.lines
}

/// Scans one line.
pub(crate) fn text<R: Rules>(words: &str, rules: &mut R) -> Text {
    crate::document::one_line(&lines(&[Row { number: 1, text: words }], rules))
}

/// Writes pieces as lines.
struct Writer<'t> {
    text: &'t str,
    rows: &'t [Row<'t>],
    /// The offset in `text` at which each row starts.
    starts: &'t [usize],
    row: usize,
    lines: Vec<Line>,
    current: Text,
    number: usize,
    /// How many styles are open.
    strong: usize,
    struck: usize,
    is_mixed: bool,
    is_partly_kept: bool,
}

impl Writer<'_> {
    fn write(&mut self, offset: usize, piece: Piece) {
        self.at(offset);
        match piece {
            Piece::Words(to) => {
                let mut from = offset;
                while let Some(length) = self.text[from..to].find('\n') {
                    self.push(from, from + length);
                    self.end_line();
                    from += length + 1;
                    self.at(from);
                }
                self.push(from, to);
            }
            Piece::Made(words) => self.push_words(&words),
            Piece::Link(target) if target.is_empty() => {}
            Piece::Link(target) => {
                let at = self.current.plain.len();
                self.current.links.push(Link { at, target });
            }
            Piece::Start(Style::Strong) => self.strong += 1,
            Piece::Start(Style::Struck) => self.struck += 1,
            Piece::End(Style::Strong) => self.strong = self.strong.saturating_sub(1),
            Piece::End(Style::Struck) => self.struck = self.struck.saturating_sub(1),
            Piece::Start(Style::Other) | Piece::End(Style::Other) | Piece::Mark(_) => {}
            Piece::Break => self.end_line(),
        }
    }

    /// Moves to the row of an offset; what is begun keeps its number.
    fn at(&mut self, offset: usize) {
        while self.starts.get(self.row + 1).is_some_and(|start| *start <= offset) {
            self.row += 1;
        }
        if self.current.plain.is_empty() && self.current.links.is_empty() {
            self.number = self.rows.get(self.row).map_or(self.number, |row| row.number);
        }
    }

    fn push(&mut self, from: usize, to: usize) {
        let text = self.text;
        self.push_words(&text[from..to]);
    }

    fn push_words(&mut self, words: &str) {
        // A line does not begin with the white space that stood around markup.
        let words = if self.current.plain.is_empty() { words.trim_start() } else { words };
        if words.is_empty() {
            return;
        }
        let is_blank = words.trim().is_empty();
        self.current.plain.push_str(words);
        if self.strong > 0 && !self.is_mixed {
            self.current.bold = self.current.plain.len();
        } else if !is_blank {
            self.is_mixed = true;
        }
        if self.struck > 0 && !self.is_partly_kept {
            self.current.struck = self.current.plain.len();
        } else if !is_blank {
            self.is_partly_kept = true;
        }
    }

    fn end_line(&mut self) {
        let mut text = std::mem::take(&mut self.current);
        self.is_mixed = false;
        self.is_partly_kept = false;
        text.plain.truncate(text.plain.trim_end().len());
        if text.plain.is_empty() && text.links.is_empty() {
            return;
        }
        let end = text.plain.len();
        text.bold = text.bold.min(end);
        text.struck = text.struck.min(end);
        // A link without words of its own belongs to the words before it.
        let last = text.plain.char_indices().next_back().map_or(0, |(at, _)| at);
        for link in &mut text.links {
            link.at = link.at.min(last);
        }
        self.lines.push(Line { number: self.number, text });
    }
}

/// Looks ahead, and remembers what it saw.
///
/// A search that begins where an earlier one for the same thing went through gives the same answer, so
/// searches that begin ever further on cost one pass over the text for each key.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    seen: Vec<(&'static str, usize, Option<usize>)>,
}

impl Finder {
    /// Forgets everything, for another text.
    pub(crate) fn clear(&mut self) {
        self.seen.clear();
    }

    /// What `search` finds from an offset on. A key must always stand for the same search.
    pub(crate) fn search(
        &mut self,
        key: &'static str,
        from: usize,
        search: impl FnOnce(usize) -> Option<usize>,
    ) -> Option<usize> {
        let known = self.seen.iter().position(|(seen, ..)| *seen == key);
        if let Some((_, since, found)) = known.map(|known| self.seen[known])
            && since <= from
            && found.is_none_or(|found| found >= from)
        {
            return found;
        }
        let found = search(from);
        match known {
            Some(known) => self.seen[known] = (key, from, found),
            None => self.seen.push((key, from, found)),
        }
        found
    }

    /// The next place of some words.
    pub(crate) fn find(&mut self, text: &str, words: &'static str, from: usize) -> Option<usize> {
        self.search(words, from, |from| Some(from + text.get(from..)?.find(words)?))
    }

    /// The next place of some words that `fits`; the key stands for both.
    pub(crate) fn find_where(
        &mut self,
        (key, words): (&'static str, &str),
        text: &str,
        from: usize,
        fits: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        self.search(key, from, |from| {
            let rest = text.get(from..)?;
            rest.match_indices(words).map(|(at, _)| from + at).find(|at| fits(*at))
        })
    }

    /// The next white space, or the end.
    pub(crate) fn space(&mut self, text: &str, from: usize) -> usize {
        let found = self.search(" ", from, |from| Some(from + text.get(from..)?.find(char::is_whitespace)?));
        found.unwrap_or(text.len())
    }
}

/// The character before an offset.
pub(crate) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at an offset.
pub(crate) fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Whether a character is part of a word.
pub(crate) fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Whether there is white space, or nothing.
pub(crate) fn is_space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

/// The end of the web address that begins at an offset; `stops` are characters that end it in this format.
pub(crate) fn address(text: &str, at: usize, stops: &[char]) -> Option<usize> {
    let rest = &text[at..];
    let scheme = ["https://", "http://"].iter().find(|scheme| rest.starts_with(**scheme))?;
    if is_word(before(text, at)) {
        return None;
    }
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '）' | '。' | '，') || stops.contains(&c)
    };
    let mut length = rest.find(ends).unwrap_or(rest.len());
    length = rest[..length].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*']).len();
    if rest[..length].ends_with(')') && !rest[..length].contains('(') {
        length = rest[..length].trim_end_matches(')').len();
    }
    (length > scheme.len()).then_some(at + length)
}

/// The character that a reference such as `&nbsp;` or `&#8217;` stands for, and the offset behind it.
pub(crate) fn entity(text: &str, at: usize) -> Option<(Cow<'static, str>, usize)> {
    let rest = text.get(at + 1..)?;
    let length = rest.bytes().take(32).position(|byte| byte == b';')?;
    let name = &rest[..length];
    let end = at + length + 2;
    let number = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
            None => number.parse().ok(),
        },
        None => {
            let known = quick_xml::escape::resolve_html5_entity(name)?;
            return Some((Cow::Borrowed(if name == "nbsp" { " " } else { known }), end));
        }
    };
    let c = char::from_u32(number?).filter(|c| !c.is_control())?;
    Some((Cow::Owned(String::from(if c == '\u{a0}' { ' ' } else { c })), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stars are bold, bars are literal, and what is in angles is a link to itself.
    #[derive(Default)]
    struct Toy(Finder);

    impl Rules for Toy {
        fn begin(&mut self, _text: &str) {
            self.0.clear();
        }

        fn is_special(byte: u8) -> bool {
            matches!(byte, b'*' | b'|' | b'<')
        }

        fn read(&mut self, text: &str, at: usize, out: &mut Pieces) -> Option<usize> {
            match text.as_bytes()[at] {
                b'*' => {
                    let mark = Mark { kind: 0, style: Style::Strong, length: 1, opens: true, closes: true };
                    out.mark(at, mark);
                    Some(at + 1)
                }
                b'|' => {
                    let end = self.0.find(text, "|", at + 1)?;
                    out.words(at, at + 1, end);
                    Some(end + 1)
                }
                _ => {
                    let end = self.0.find(text, ">", at + 1)?;
                    out.link(at, &text[at + 1..end]);
                    out.skip(end, 1, None);
                    Some(at + 1)
                }
            }
        }
    }

    fn read(rows: &[&str]) -> Vec<Line> {
        let rows: Vec<Row<'_>> =
            rows.iter().enumerate().map(|(at, text)| Row { number: at + 3, text }).collect();
        lines(&rows, &mut Toy::default())
    }

    #[test]
    fn words_stand_on_their_lines_with_their_styles_and_links() {
        let lines = read(&["*bold", "and* not |a*b|", "see <https://acme.test> and *"]);
        let told: Vec<(usize, &str, usize)> =
            lines.iter().map(|line| (line.number, line.text.plain.as_str(), line.text.bold)).collect();
        assert_eq!(told, [(3, "bold", 4), (4, "and not a*b", 3), (5, "see https://acme.test and *", 0)]);
        let link = &lines[2].text.links[0];
        assert_eq!((link.at, link.target.as_str()), (4, "https://acme.test"));
    }

    #[test]
    fn a_search_is_made_again_only_beyond_what_it_found() {
        let mut finder = Finder::default();
        assert_eq!(finder.find("a]b]", "]", 0), Some(1));
        assert_eq!(finder.search("]", 1, |_| panic!("it is known")), Some(1));
        assert_eq!(finder.find("a]b]", "]", 2), Some(3));
        assert_eq!(finder.find("a]b]", "]", 4), None);
        assert_eq!(finder.search("]", 9, |_| panic!("there is none")), None);
    }

    #[test]
    fn addresses_end_where_a_sentence_goes_on() {
        let text = "(see https://acme.test/a_b(c)). xhttps://acme.test";
        let end = address(text, 5, &[]).unwrap();
        assert_eq!(&text[5..end], "https://acme.test/a_b(c))");
        assert_eq!(address("(https://acme.test/a).", 1, &[]), Some(20));
        assert_eq!(address(text, 33, &[]), None);
    }

    #[test]
    fn references_to_characters() {
        assert_eq!(entity("&amp;x", 0), Some((Cow::Borrowed("&"), 5)));
        assert_eq!(entity("&#x2705;", 0).unwrap().0, "✅");
        assert_eq!(entity("a&#0;", 1), None);
        assert_eq!(entity("& so on;", 0), None);
        assert_eq!(entity("&", 0), None);
    }
}
