//! What attributes say about how something looks: in bold, struck through, not at all; and what classes and
//! roles say about what it is.
//!
//! Invariant: only what a browser would do with the text is read from styles; nothing is hidden by a word that
//! may also name content.

use std::collections::HashMap;

use super::tags::Kind;
use super::tokens::StartTag;

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) bold: bool,
    pub(super) struck: bool,
    pub(super) hidden: bool,
}

impl Look {
    /// What declarations such as `font-weight: bold` say.
    pub(super) fn of(declarations: &str) -> Self {
        let mut look = Self::default();
        for declaration in declarations.split(';') {
            let Some((name, value)) = declaration.split_once(':') else { continue };
            let value = value.trim().to_ascii_lowercase();
            match name.trim().to_ascii_lowercase().as_str() {
                "font-weight" => {
                    look.bold = ["bold", "600", "700", "800", "900"].iter().any(|w| value.starts_with(w));
                }
                "text-decoration" | "text-decoration-line" => look.struck = value.contains("line-through"),
                "display" => look.hidden |= value.starts_with("none"),
                "visibility" => look.hidden |= value.starts_with("hidden"),
                // The bullets and comments of Word's pages are written out.
                "mso-hide" => look.hidden |= value == "all",
                "mso-element" => look.hidden |= value.starts_with("comment"),
                "mso-list" => look.hidden |= value == "ignore",
                _ => {}
            }
        }
        look
    }

    fn or(self, other: Self) -> Self {
        Self {
            bold: self.bold || other.bold,
            struck: self.struck || other.struck,
            hidden: self.hidden || other.hidden,
        }
    }
}

/// The longest style sheet that is read, in bytes, and how many of its classes are kept.
const MAX_SHEET: usize = 1 << 20;
const MAX_CLASSES: usize = 4_096;

/// The classes that a style sheet gives a look.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: String,
    looks: HashMap<String, Look>,
}

impl Sheet {
    /// More text of the sheet.
    pub(super) fn push(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_SHEET {
            self.text.push_str(text);
        }
    }

    /// Reads what was pushed: rules of a single class, as word processors write them.
    pub(super) fn read(&mut self) {
        for rule in std::mem::take(&mut self.text).split('}') {
            let Some((selectors, declarations)) = rule.split_once('{') else { continue };
            let look = Look { hidden: false, ..Look::of(declarations) };
            for selector in selectors.split(',') {
                let Some((_, class)) = selector.trim().split_once('.') else { continue };
                let is_single = class.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
                if is_single && look != Look::default() && self.looks.len() < MAX_CLASSES {
                    self.looks.insert(class.to_owned(), look);
                }
            }
        }
    }

    /// How an element looks by its style and its classes.
    pub(super) fn look(&self, tag: &StartTag<'_>) -> Look {
        let own = tag.get("style").map(Look::of).unwrap_or_default();
        if self.looks.is_empty() {
            return own;
        }
        tag.classes().filter_map(|class| self.looks.get(class)).fold(own, |look, more| look.or(*more))
    }
}

/// Roles of what stands around the content.
const ROLES_AROUND: [&str; 10] = [
    "navigation",
    "banner",
    "contentinfo",
    "complementary",
    "search",
    "dialog",
    "menu",
    "menubar",
    "tablist",
    "doc-toc",
];

/// Classes and ids of what stands around the content, in the pages of common programs.
const NAMES_AROUND: [&str; 26] = [
    "breadcrumb",
    "breadcrumb-section",
    "breadcrumbs",
    "comments",
    "cookie-banner",
    "disqus_thread",
    "footer",
    "greybox",
    "menu",
    "nav",
    "navbar",
    "navigation",
    "page-metadata",
    "pagesectionheader",
    "pagination",
    "related-posts",
    "screen-reader-text",
    "share-buttons",
    "sidebar",
    "site-footer",
    "skip-link",
    "sr-only",
    "table-of-contents",
    "toc",
    "toc-macro",
    "visually-hidden",
];

/// Whether an element is not shown, or belongs to the page and not to its content.
pub(super) fn is_around(kind: Kind, tag: &StartTag<'_>) -> bool {
    let is_named = |name: &str| NAMES_AROUND.binary_search(&name.to_ascii_lowercase().as_str()).is_ok();
    tag.get("hidden").is_some()
        || ROLES_AROUND.contains(&tag.text("role"))
        || tag.classes().any(is_named)
        // Sections and headings have ids made of their own names.
        || matches!(kind, Kind::Lines | Kind::List(_)) && is_named(tag.text("id"))
}

/// Whether an element tells when and by whom the page was published.
pub(super) fn is_byline(tag: &StartTag<'_>) -> bool {
    tag.classes().any(|class| {
        let class = class.to_ascii_lowercase();
        let words: Vec<&str> = class.split(['-', '_']).collect();
        let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
        has(&["byline", "dateline", "publish", "published", "pubdate"])
            || has(&["post", "entry", "article", "blog"])
                && has(&["meta", "date", "info", "author", "metadata"])
    })
}

/// What an element is by its role or its class, where that says more than its name.
pub(super) fn refined(kind: Kind, tag: &StartTag<'_>) -> Kind {
    match (kind, tag.text("role")) {
        (Kind::Lines | Kind::Section, "main") => Kind::Main,
        (Kind::Lines | Kind::Section, "article") => Kind::Article,
        (Kind::Lines | Kind::Paragraph, "heading") => {
            Kind::Heading(tag.text("aria-level").parse().unwrap_or(2).clamp(1, 6))
        }
        (Kind::Lines, _) if tag.text("id") == "main-content" => Kind::Main,
        // The title of a document as Word and Google write it.
        (Kind::Paragraph, _) if tag.classes().any(|class| class == "MsoTitle") => Kind::Heading(1),
        (Kind::Paragraph, _)
            if tag.text("id").starts_with("h.") && tag.classes().any(|class| class == "title") =>
        {
            Kind::Heading(1)
        }
        _ => kind,
    }
}

/// The level of a paragraph that is an item of one of Word's lists, from 0.
pub(super) fn word_level(style: &str) -> Option<usize> {
    let (_, list) = style.split_once("mso-list:")?;
    let (_, level) = list.split(';').next()?.split_once("level")?;
    let digits = level.bytes().take_while(u8::is_ascii_digit).count();
    level[..digits].parse::<usize>().ok()?.checked_sub(1)
}

/// The level of one of Google's lists, from 0.
pub(super) fn google_level(tag: &StartTag<'_>) -> Option<usize> {
    let class = tag.classes().find_map(|class| class.strip_prefix("lst-kix_"))?;
    class.rsplit_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_so_that_each_is_found() {
        assert!(NAMES_AROUND.is_sorted());
    }

    #[test]
    fn looks_of_styles_and_sheets() {
        assert!(Look::of("color:red; FONT-WEIGHT : Bold").bold);
        assert!(Look::of("display:none").hidden);
        assert!(!Look::of("font-weight:400;text-decoration:underline").bold);
        let mut sheet = Sheet::default();
        sheet.push(".c5{font-weight:700}p.c6,.c7{text-decoration:line-through}.c8 .c9{font-weight:700}");
        sheet.read();
        assert!(sheet.looks["c5"].bold && sheet.looks["c6"].struck && sheet.looks["c7"].struck);
        assert_eq!(sheet.looks.len(), 3);
    }

    #[test]
    fn levels_of_word() {
        assert_eq!(word_level("margin-left:.5in;mso-list:l0 level2 lfo1"), Some(1));
        assert_eq!(word_level("mso-list:Ignore"), None);
    }
}
