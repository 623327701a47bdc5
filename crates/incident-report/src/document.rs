//! The document model: what every input format becomes before anything is understood.
//!
//! Invariants, kept by the front ends and relied on by everything after them:
//!
//! * every line number is 1-based and lies inside the source, and a span never ends before it starts;
//! * blocks nest at most [`MAX_DEPTH`] deep, so code over the model may recurse;
//! * inline text carries no markup: what was a link is in [`Text::links`].
//!
//! Nothing here knows a format or a meaning; see [`outline`](crate::outline) for the latter.

/// How deep blocks may nest. Nobody writes lists in lists in lists beyond a handful of levels; deeper
/// structure is flattened into its ancestor so that recursion over the model is bounded.
pub(crate) const MAX_DEPTH: usize = 24;

/// The level of a heading that was written as a label ("Action items:") and not as a heading of the format.
pub(crate) const LABEL_LEVEL: u8 = 7;

/// A parsed document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// The top-level blocks in source order.
    pub(crate) blocks: Vec<Block>,
}

/// A run of source lines, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first line, 1-based.
    pub(crate) first: usize,
    /// The last line, never before `first`.
    pub(crate) last: usize,
}

impl Span {
    /// The span from `first` to `last`; a reversed pair becomes the single line `first`.
    pub(crate) fn new(first: usize, last: usize) -> Self {
        Self { first, last: last.max(first) }
    }

    /// A span of one line.
    pub(crate) fn line(number: usize) -> Self {
        Self::new(number, number)
    }
}

/// A block and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The source lines of the block.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: BlockKind,
}

/// The kinds of blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// Metadata before the text.
    FrontMatter(Vec<Pair>),
    /// A heading, or a label that acts as one.
    Heading(Heading),
    /// Lines of text.
    Paragraph(Vec<Line>),
    /// A bulleted, numbered, or checkbox list.
    List(List),
    /// A table.
    Table(Table),
    /// Quoted blocks.
    Quote(Vec<Block>),
    /// Code, kept out of all reading.
    Code,
    /// A thematic break.
    Rule,
}

/// A value of the metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// What it is called.
    pub(crate) key: String,
    /// The value on one line; a list is as many pairs as it has entries.
    pub(crate) value: String,
    /// The 1-based source line.
    pub(crate) line: usize,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// 1 to 6, or [`LABEL_LEVEL`] for a label.
    pub(crate) level: u8,
    /// Its text, with a label's colon.
    pub(crate) text: Text,
}

/// One line of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The 1-based source line.
    pub(crate) number: usize,
    /// The text of the line, trimmed.
    pub(crate) text: Text,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List {
    /// Whether the items are numbered.
    pub(crate) ordered: bool,
    /// The items in order.
    pub(crate) items: Vec<Item>,
}

/// A list item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The source lines of the item with everything in it.
    pub(crate) span: Span,
    /// The state of its checkbox, where it has one.
    pub(crate) checked: Option<bool>,
    /// Whether its checkbox says that it was dropped (`[-]`).
    pub(crate) is_dropped: bool,
    /// What stands in it: usually a paragraph, then perhaps a nested list.
    pub(crate) blocks: Vec<Block>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// The cells of the header row; empty for a table without one.
    pub(crate) header: Vec<Cell>,
    /// The other rows.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The 1-based source line it starts on.
    pub(crate) line: usize,
    /// Its text.
    pub(crate) text: Text,
}

/// Inline text with its markup removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// The words.
    pub(crate) plain: String,
    /// The links in it, in order.
    pub(crate) links: Vec<Link>,
    /// How many leading bytes of `plain` are set in bold.
    pub(crate) bold: usize,
    /// How many leading bytes of `plain` are struck through.
    pub(crate) struck: usize,
}

/// A link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Byte offset of the link's words in the text.
    pub(crate) at: usize,
    /// Where it leads, as written.
    pub(crate) target: String,
}

impl Text {
    /// Text from plain words; bare web addresses in it count as links.
    pub(crate) fn from_plain(words: &str) -> Self {
        let plain = words.trim().to_owned();
        let links = bare_addresses(&plain);
        Self { plain, links, bold: 0, struck: 0 }
    }

    /// Whether there are no words in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// Whether all of it (a closing colon aside) is bold.
    pub(crate) fn is_bold(&self) -> bool {
        self.bold > 0 && self.plain[self.bold..].trim_matches([' ', ':', '：', '.']).is_empty()
    }

    /// Appends `other` after a space.
    pub(crate) fn push(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            *self = other.clone();
            return;
        }
        let all_struck = self.struck == self.plain.len();
        self.plain.push(' ');
        let shift = self.plain.len();
        self.plain.push_str(&other.plain);
        if all_struck && other.struck > 0 {
            self.struck = shift + other.struck;
        }
        self.links
            .extend(other.links.iter().map(|link| Link { at: link.at + shift, target: link.target.clone() }));
    }

    /// The part between two byte offsets, trimmed, with the links that start in it.
    pub(crate) fn slice(&self, from: usize, to: usize) -> Self {
        let part = &self.plain[from..to];
        let start = from + (part.len() - part.trim_start().len());
        let plain = part.trim().to_owned();
        let end = start + plain.len();
        let first = self.links.partition_point(|link| link.at < from);
        let links = self.links[first..]
            .iter()
            .take_while(|link| link.at < to)
            .map(|link| Link { at: link.at.clamp(start, end) - start, target: link.target.clone() })
            .collect();
        let bold = self.bold.clamp(start, end) - start;
        let struck = self.struck.clamp(start, end) - start;
        Self { plain, links, bold, struck }
    }
}

impl Item {
    /// The item's own words (its first paragraph, on one line) and the last line they stand on.
    pub(crate) fn own_text(&self) -> (Text, usize) {
        match self.blocks.first() {
            Some(Block { kind: BlockKind::Paragraph(lines), span }) => (one_line(lines), span.last),
            Some(Block { kind: BlockKind::Heading(heading), span }) => (heading.text.clone(), span.last),
            _ => (Text::default(), self.span.first),
        }
    }

    /// The blocks after the item's own words.
    pub(crate) fn rest(&self) -> &[Block] {
        match self.blocks.first().map(|block| &block.kind) {
            Some(BlockKind::Paragraph(_) | BlockKind::Heading(_)) => &self.blocks[1..],
            _ => &self.blocks,
        }
    }
}

/// The lines of a paragraph as one text.
pub(crate) fn one_line(lines: &[Line]) -> Text {
    let mut text = Text::default();
    for line in lines {
        text.push(&line.text);
    }
    text
}

/// The bare `http(s)` addresses in a text, as links.
fn bare_addresses(plain: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(found) = plain[from..].find("http") {
        let at = from + found;
        let rest = &plain[at..];
        let Some(scheme) = ["https://", "http://"].iter().find(|scheme| rest.starts_with(**scheme)) else {
            from = at + "http".len();
            continue;
        };
        let length = rest
            .find(|c: char| {
                c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|' | '）' | '。' | '，')
            })
            .unwrap_or(rest.len());
        let mut address = rest[..length].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ']']);
        if address.ends_with(')') && !address.contains('(') {
            address = address.trim_end_matches(')');
        }
        if address.len() > scheme.len() {
            links.push(Link { at, target: address.to_owned() });
        }
        from = at + length;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_sentence_is_a_link_without_the_full_stop() {
        let text = Text::from_plain("see https://acme.test/issues/7. Then (http://acme.test/a).");
        let targets: Vec<&str> = text.links.iter().map(|link| link.target.as_str()).collect();
        assert_eq!(targets, ["https://acme.test/issues/7", "http://acme.test/a"]);
    }

    #[test]
    fn a_slice_keeps_its_own_links_and_bold_start() {
        let mut text = Text::from_plain("Title: see https://acme.test/1 and");
        text.push(&Text::from_plain("https://acme.test/2"));
        text.bold = 5;
        let half = text.slice(6, text.plain.len());
        assert_eq!(half.links.len(), 2);
        assert_eq!(half.bold, 0);
        assert!(half.plain[half.links[1].at..].starts_with("https://acme.test/2"));
        assert_eq!(text.slice(0, 6).bold, 5);
        assert!(text.slice(0, 6).is_bold());
    }
}
