//! What the elements of HTML, of Confluence's storage format, and of word processors' pages mean here.
//!
//! Invariant: an element that is not listed means nothing: its tags are dropped and its words stay.

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its content is not shown, or is no text.
    Hidden,
    /// The text of a style sheet.
    Style,
    /// The title of the page.
    Title,
    /// A line of its own, such as `div`.
    Lines,
    /// A paragraph of its own, such as `form`.
    Blocks,
    /// A part of the content.
    Section,
    /// The content proper of the page.
    Main,
    /// One of the articles of the page.
    Article,
    /// What stands above the content.
    Header,
    /// What stands beside the content.
    Aside,
    /// A paragraph, whose end tag is optional.
    Paragraph,
    /// A heading.
    Heading(u8),
    /// A list; whether it is numbered.
    List(bool),
    Item,
    /// A term, and what is said about it.
    Term,
    Description,
    Table,
    /// Rows of a table; whether they name its columns.
    Rows(bool),
    Row,
    /// A cell; whether it names a column or a row.
    Cell(bool),
    Caption,
    Quote,
    Code,
    // Without content.
    Rule,
    Break,
    Image,
    Input,
    Meta,
    // Within a line.
    Bold,
    Struck,
    Link,
    Time,
    Span,
    /// The mark of a footnote.
    Raised,
    // Confluence.
    Task,
    TaskStatus,
    Macro,
    Parameter,
    Reference,
    User,
    Page,
    Address,
    Emoticon,
}

impl Kind {
    /// Whether it has no content, so that it has no end tag.
    pub(super) fn is_void(self) -> bool {
        matches!(
            self,
            Self::Rule
                | Self::Break
                | Self::Image
                | Self::Input
                | Self::Meta
                | Self::User
                | Self::Page
                | Self::Address
                | Self::Emoticon
        )
    }

    /// Whether all that stands in it is one line.
    pub(super) fn collects(self) -> bool {
        matches!(self, Self::Heading(_) | Self::Term | Self::Caption)
    }

    /// Whether it has content that is no part of the text around it, so that it ends no line.
    pub(super) fn is_aside(self) -> bool {
        matches!(
            self,
            Self::Hidden | Self::Style | Self::Title | Self::Macro | Self::Parameter | Self::TaskStatus
        )
    }

    /// Whether it stands within a line.
    pub(super) fn is_inline(self) -> bool {
        matches!(
            self,
            Self::Bold | Self::Struck | Self::Link | Self::Time | Self::Span | Self::Raised | Self::Reference
        )
    }
}

/// A known element: its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(u8);

/// The known elements, sorted by name.
static TAGS: [(&str, Kind); 106] = {
    use Kind::*;
    [
        ("a", Link),
        ("ac:adf-attribute", Hidden),
        ("ac:adf-fallback", Hidden),
        ("ac:emoticon", Emoticon),
        ("ac:image", Hidden),
        ("ac:link", Reference),
        ("ac:macro", Macro),
        ("ac:parameter", Parameter),
        ("ac:placeholder", Hidden),
        ("ac:plain-text-body", Code),
        ("ac:rich-text-body", Blocks),
        ("ac:structured-macro", Macro),
        ("ac:task", Task),
        ("ac:task-body", Lines),
        ("ac:task-id", Hidden),
        ("ac:task-list", List(false)),
        ("ac:task-status", TaskStatus),
        ("ac:task-uuid", Hidden),
        ("address", Blocks),
        ("applet", Hidden),
        ("article", Article),
        ("aside", Aside),
        ("audio", Hidden),
        ("b", Bold),
        ("blockquote", Quote),
        ("body", Blocks),
        ("br", Break),
        ("button", Hidden),
        ("canvas", Hidden),
        ("caption", Caption),
        ("center", Lines),
        ("datalist", Hidden),
        ("dd", Description),
        ("del", Struck),
        ("details", Blocks),
        ("dialog", Hidden),
        ("dir", List(false)),
        ("div", Lines),
        ("dl", Blocks),
        ("dt", Term),
        ("embed", Hidden),
        ("fieldset", Blocks),
        ("figcaption", Paragraph),
        ("figure", Blocks),
        ("font", Span),
        ("footer", Hidden),
        ("form", Blocks),
        ("h1", Heading(1)),
        ("h2", Heading(2)),
        ("h3", Heading(3)),
        ("h4", Heading(4)),
        ("h5", Heading(5)),
        ("h6", Heading(6)),
        ("header", Header),
        ("hgroup", Blocks),
        ("hr", Rule),
        ("iframe", Hidden),
        ("img", Image),
        ("input", Input),
        ("ins", Span),
        ("label", Span),
        ("legend", Paragraph),
        ("li", Item),
        ("listing", Code),
        ("main", Main),
        ("map", Hidden),
        ("math", Hidden),
        ("menu", List(false)),
        ("meta", Meta),
        ("nav", Hidden),
        ("noembed", Hidden),
        ("noframes", Hidden),
        ("noscript", Hidden),
        ("object", Hidden),
        ("ol", List(true)),
        ("p", Paragraph),
        ("pre", Code),
        ("ri:page", Page),
        ("ri:url", Address),
        ("ri:user", User),
        ("s", Struck),
        ("script", Hidden),
        ("section", Section),
        ("select", Hidden),
        ("span", Span),
        ("strike", Struck),
        ("strong", Bold),
        ("style", Style),
        ("summary", Paragraph),
        ("sup", Raised),
        ("svg", Hidden),
        ("table", Table),
        ("tbody", Rows(false)),
        ("td", Cell(false)),
        ("template", Hidden),
        ("textarea", Hidden),
        ("tfoot", Rows(false)),
        ("th", Cell(true)),
        ("thead", Rows(true)),
        ("time", Time),
        ("title", Title),
        ("tr", Row),
        ("ul", List(false)),
        ("video", Hidden),
        ("xml", Hidden),
        ("xmp", Code),
    ]
};

/// The element of a name.
pub(super) fn tag(name: &str) -> Option<(Tag, Kind)> {
    let at = TAGS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some((Tag(u8::try_from(at).ok()?), TAGS[at].1))
}

/// Whether an element begins a line where the text of a page is written in one: blocks and rows, not cells.
pub(super) fn begins_line(name: &str) -> bool {
    tag(name).is_some_and(|(_, kind)| {
        !kind.is_inline()
            && !kind.is_void()
            && !matches!(
                kind,
                Kind::Hidden | Kind::Cell(_) | Kind::Parameter | Kind::TaskStatus | Kind::Title
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_element_is_found() {
        for (at, (name, kind)) in TAGS.iter().enumerate() {
            assert_eq!(tag(name).map(|(tag, kind)| (usize::from(tag.0), kind)), Some((at, *kind)), "{name}");
        }
        assert_eq!(tag("blink"), None);
    }
}
