//! The source text by lines.
//!
//! Invariant: lines are counted as CommonMark counts them (`\n`, `\r\n`, and a lone `\r` each end one), so
//! a line number means the same here, in every front end, and in an editor. Quotes are slices of the
//! source, never rebuilt.
//!
//! Markup may hold a whole page on one line. A front end can cut such lines ([`Source::cut`]): quotes then
//! are as short as elsewhere, and [`Source::number`] still tells the line that an editor shows.

use crate::document::Span;

/// A text and where its lines start.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    text: &'a str,
    /// Byte ranges of the lines without their line ends; never empty.
    lines: Vec<(usize, usize)>,
    /// Which of `lines` begin a line of the text, where lines were cut.
    whole: Option<Vec<usize>>,
}

impl<'a> Source<'a> {
    /// Indexes a text.
    pub(crate) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut lines = Vec::new();
        let mut start = 0;
        let mut at = 0;
        while at < bytes.len() {
            let width = match bytes[at] {
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => 2,
                b'\r' | b'\n' => 1,
                _ => {
                    at += 1;
                    continue;
                }
            };
            lines.push((start, at));
            at += width;
            start = at;
        }
        if start < bytes.len() || lines.is_empty() {
            lines.push((start, bytes.len()));
        }
        Self { text, lines, whole: None }
    }

    /// The same text with the lines that `cuts` knows places in cut there. The places are byte offsets within
    /// the line, rising, and on character boundaries.
    pub(crate) fn cut(&self, cuts: impl Fn(&str) -> Vec<usize>) -> Self {
        let mut lines = Vec::with_capacity(self.lines.len());
        let mut whole = Vec::with_capacity(self.lines.len());
        for &(start, end) in &self.lines {
            whole.push(lines.len());
            let mut from = start;
            for at in cuts(&self.text[start..end]) {
                lines.push((from, start + at));
                from = start + at;
            }
            lines.push((from, end));
        }
        Self { text: self.text, lines, whole: Some(whole) }
    }

    /// The number of a line as an editor shows it.
    pub(crate) fn number(&self, line: usize) -> usize {
        match &self.whole {
            Some(whole) => whole.partition_point(|first| *first < line).max(1),
            None => line,
        }
    }

    /// Where the lines start, as byte offsets.
    pub(crate) fn starts(&self) -> impl Iterator<Item = usize> {
        self.lines.iter().map(|(start, _)| *start)
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The first lines, at most so many.
    pub(crate) fn up_to(&self, lines: usize) -> Self {
        let kept = &self.lines[..lines.clamp(1, self.lines.len())];
        let end = kept.last().map_or(0, |(_, end)| *end);
        Self { text: &self.text[..end], lines: kept.to_vec(), whole: None }
    }

    /// How many lines there are; at least one.
    pub(crate) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The lines in order, without line ends.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a, '_> {
        let text = self.text;
        self.lines.iter().map(move |&(start, end)| &text[start..end])
    }

    /// The text with every line end as `\n`, so that all parsers count the same lines.
    pub(crate) fn normalised(&self) -> String {
        let mut normalised = String::with_capacity(self.text.len());
        for line in self.lines() {
            normalised.push_str(line);
            normalised.push('\n');
        }
        normalised
    }

    /// The nearest line number that exists.
    pub(crate) fn clamp(&self, line: usize) -> usize {
        line.clamp(1, self.lines.len())
    }

    /// The line and the column of a byte offset, both 1-based; columns count characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&(start, _)| start <= offset).max(1);
        let (start, end) = self.lines[line - 1];
        let before = self.text.get(start..offset.min(end)).unwrap_or("");
        (line, before.chars().count() + 1)
    }

    /// The byte offset where a line begins, where there is such a line.
    pub(crate) fn start(&self, line: usize) -> Option<usize> {
        self.lines.get(line.checked_sub(1)?).map(|&(start, _)| start)
    }

    /// The text between two byte offsets verbatim.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    /// The lines of a span verbatim, without trailing blank ones.
    pub(crate) fn quote(&self, span: Span) -> &'a str {
        let first = self.clamp(span.first);
        let last = self.clamp(span.last).max(first);
        self.text[self.lines[first - 1].0..self.lines[last - 1].1].trim_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let source = Source::new("a\r\nb\rc\n\nd");
        assert_eq!(source.lines().collect::<Vec<_>>(), ["a", "b", "c", "", "d"]);
        assert_eq!(source.quote(Span::new(2, 4)), "b\rc");
        assert_eq!(source.normalised(), "a\nb\nc\n\nd\n");
    }

    #[test]
    fn a_byte_has_a_line_and_a_column() {
        let source = Source::new("é b\r\nc");
        let places: Vec<_> = [0, 2, 3, 4, 5, 6, 7, 99].map(|offset| source.place(offset)).to_vec();
        assert_eq!(places, [(1, 1), (1, 2), (1, 3), (1, 4), (1, 4), (2, 1), (2, 2), (2, 2)]);
        assert_eq!([0, 1, 2, 3].map(|line| source.start(line)), [None, Some(0), Some(6), None]);
        assert_eq!(source.slice(0, 2), "é");
        assert_eq!(source.slice(1, 2), "");
    }

    #[test]
    fn a_cut_line_keeps_its_number() {
        let source = Source::new("one\ntwo and three\nfour");
        let cut = source.cut(|line| line.find("and").into_iter().collect());
        assert_eq!(cut.lines().collect::<Vec<_>>(), ["one", "two ", "and three", "four"]);
        assert_eq!((1..=4).map(|line| cut.number(line)).collect::<Vec<_>>(), [1, 2, 2, 3]);
        assert_eq!(cut.quote(Span::new(2, 3)), "two and three");
    }

    #[test]
    fn nothing_is_one_empty_line() {
        let source = Source::new("");
        assert_eq!(source.line_count(), 1);
        assert_eq!(source.quote(Span::new(3, 9)), "");
    }
}
