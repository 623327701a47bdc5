//! What the styles of a Word document mean: headings, titles, lists, tables of contents; and which lists are
//! numbered.
//!
//! Styles are told by what they do (their level in the outline, their list) before what they are called.
//!
//! Invariant: chains of styles are followed a bounded number of steps, so a circle ends.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::package::{Element, Node, Xml};
use crate::input::ReadError;

/// How many styles a style may stand on.
const MAX_CHAIN: usize = 16;

/// How many levels a list has.
const LEVELS: usize = 9;

/// What a style says, by itself or with what it stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// The level of a heading, from 1.
    pub(super) heading: Option<u8>,
    /// Whether it is the style of code.
    pub(super) is_code: bool,
    /// Whether it is the style of an entry in a table of contents.
    pub(super) is_contents: bool,
    /// Its list, and the level in it.
    pub(super) list: Option<String>,
    pub(super) level: Option<usize>,
    pub(super) bold: Option<bool>,
    pub(super) struck: Option<bool>,
    pub(super) hidden: Option<bool>,
    based_on: Option<String>,
}

/// The styles of a document by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    /// Reads the part with the styles.
    pub(super) fn read(text: &str, part: &str) -> Result<Self, ReadError> {
        let mut styles = HashMap::new();
        let mut open: Option<(String, Style)> = None;
        let mut skipped = 0_usize;
        let mut xml = Xml::new(text, part);
        while let Some(node) = xml.next()? {
            match node {
                // What the style was before a change, and how parts of tables look.
                Node::Start(element) if skipped > 0 || is_elsewhere(element.name()) => skipped += 1,
                Node::End(_) if skipped > 0 => skipped -= 1,
                Node::Start(element) => match (element.name(), &mut open) {
                    ("style", _) => {
                        open = Some((element.get("styleId").unwrap_or_default(), Style::default()));
                    }
                    ("name", Some((_, style))) => style.call(&element.get("val").unwrap_or_default()),
                    ("basedOn", Some((_, style))) => style.based_on = element.get("val"),
                    (_, Some((_, style))) => style.take(&element),
                    _ => {}
                },
                Node::End(name) if name == "style" => styles.extend(open.take()),
                _ => {}
            }
        }
        // Where the names are left out, the ids are made of them.
        for (id, style) in &mut styles {
            if style.heading.is_none() && style.based_on.is_none() {
                style.call(id);
            }
        }
        Ok(Self(styles))
    }

    /// What a style says, with what it stands on.
    pub(super) fn get(&self, id: &str) -> Style {
        let Some(first) = self.0.get(id) else {
            let mut unknown = Style::default();
            unknown.call(id);
            return unknown;
        };
        let mut style = first.clone();
        let mut next = first.based_on.as_deref();
        for _ in 0..MAX_CHAIN {
            let Some(base) = next.and_then(|id| self.0.get(id)) else { break };
            style.heading = style.heading.or(base.heading);
            style.list = style.list.or_else(|| base.list.clone());
            style.level = style.level.or(base.level);
            style.bold = style.bold.or(base.bold);
            style.struck = style.struck.or(base.struck);
            style.hidden = style.hidden.or(base.hidden);
            next = base.based_on.as_deref();
        }
        style
    }
}

fn is_elsewhere(name: &str) -> bool {
    matches!(name, "pPrChange" | "rPrChange" | "tblStylePr" | "tblPrChange" | "trPrChange" | "tcPrChange")
}

impl Style {
    /// Takes over what an element of the properties of a paragraph or a run says.
    pub(super) fn take(&mut self, element: &Element<'_>) {
        let number = || element.get("val").and_then(|value| value.trim().parse::<u8>().ok());
        match element.name() {
            // Level 9 is the body of the text.
            "outlineLvl" => {
                self.heading = number().filter(|level| *level < 9).map(|level| (level + 1).min(6));
            }
            "numId" => self.list = element.get("val"),
            "ilvl" => self.level = number().map(usize::from),
            "b" => self.bold = Some(element.is_on()),
            "strike" | "dstrike" => self.struck = Some(element.is_on()),
            "vanish" | "webHidden" => self.hidden = Some(element.is_on()),
            _ => {}
        }
    }

    /// Takes over what a name says.
    fn call(&mut self, name: &str) {
        let name = name.trim().to_lowercase();
        let words = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let level = name[words.len()..].parse::<u8>().ok();
        let words = words.trim_end();
        match level {
            Some(level @ 1..=9) if NAMES.heading.contains(&words) => {
                self.heading = self.heading.or(Some(level.min(6)));
            }
            // The lists of Word's own styles.
            Some(level @ 1..=9) if matches!(words, "list bullet" | "list number") => {
                self.level = self.level.or(Some(usize::from(level) - 1));
            }
            Some(_) if matches!(words, "toc" | "table of contents") => self.is_contents = true,
            None if NAMES.title.contains(&words) => self.heading = Some(1),
            None if NAMES.code.contains(&words) => self.is_code = true,
            _ => {}
        }
    }
}

/// The names of styles, from `data/styles.txt`.
#[derive(Default)]
struct Names {
    heading: Vec<&'static str>,
    title: Vec<&'static str>,
    code: Vec<&'static str>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    let mut section = "";
    for line in include_str!("../../data/styles.txt").lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match (line.strip_prefix('['), section) {
            (Some(name), _) => section = name.trim_end_matches(']'),
            (None, "title") => names.title.push(line),
            (None, "code") => names.code.push(line),
            (None, _) => names.heading.push(line),
        }
    }
    names
});

/// The lists of a document: whether each level of each is numbered.
#[derive(Debug, Default)]
pub(super) struct Numbering(HashMap<String, HashMap<usize, bool>>);

impl Numbering {
    /// Reads the part with the lists.
    pub(super) fn read(text: &str, part: &str) -> Result<Self, ReadError> {
        let mut patterns: HashMap<String, HashMap<usize, bool>> = HashMap::new();
        let mut lists: HashMap<String, (String, HashMap<usize, bool>)> = HashMap::new();
        let (mut pattern, mut list, mut level) = (None, None, 0);
        let mut xml = Xml::new(text, part);
        while let Some(node) = xml.next()? {
            match node {
                Node::Start(element) => match element.name() {
                    "abstractNum" => pattern = element.get("abstractNumId"),
                    "num" => list = element.get("numId"),
                    "abstractNumId" => {
                        if let (Some(list), Some(pattern)) = (&list, element.get("val")) {
                            lists.entry(list.clone()).or_default().0 = pattern;
                        }
                    }
                    "lvl" | "lvlOverride" => {
                        level = element.get("ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
                    }
                    "numFmt" if level < LEVELS => {
                        let is_numbered =
                            !matches!(element.get("val").as_deref(), Some("bullet" | "none") | None);
                        if let Some(list) = &list {
                            lists.entry(list.clone()).or_default().1.insert(level, is_numbered);
                        } else if let Some(pattern) = &pattern {
                            patterns.entry(pattern.clone()).or_default().insert(level, is_numbered);
                        }
                    }
                    _ => {}
                },
                Node::End(name) if name == "abstractNum" => pattern = None,
                Node::End(name) if name == "num" => list = None,
                _ => {}
            }
        }
        let with_pattern = |(list, (pattern, own)): (String, (String, HashMap<usize, bool>))| {
            let mut levels = patterns.get(&pattern).cloned().unwrap_or_default();
            levels.extend(own);
            (list, levels)
        };
        Ok(Self(lists.into_iter().map(with_pattern).collect()))
    }

    /// Whether a level of a list is numbered.
    pub(super) fn is_numbered(&self, list: &str, level: usize) -> bool {
        self.0.get(list).and_then(|levels| levels.get(&level)).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_told_by_level_name_and_what_they_stand_on() {
        let styles = Styles::read(
            r#"<w:styles xmlns:w="w">
<w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="berschrift2"><w:name w:val="Überschrift 2"/></w:style>
<w:style w:styleId="House"><w:name w:val="House style"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="House"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:styleId="A"><w:name w:val="A"/><w:basedOn w:val="B"/></w:style>
<w:style w:styleId="B"><w:name w:val="B"/><w:basedOn w:val="A"/></w:style>
<w:style w:styleId="Old"><w:name w:val="Old"/><w:pPr><w:pPrChange><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:pPrChange></w:pPr></w:style>
<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
</w:styles>"#,
            "styles",
        )
        .unwrap();
        let levels: Vec<Option<u8>> =
            ["Titre1", "berschrift2", "House", "Mine", "A", "Old", "Heading3", "Title", "Normal"]
                .map(|id| styles.get(id).heading)
                .to_vec();
        assert_eq!(levels, [Some(1), Some(2), Some(3), Some(3), None, None, Some(3), Some(1), None]);
        assert_eq!(styles.get("Mine").bold, Some(true));
        assert!(styles.get("TOC1").is_contents);
    }

    #[test]
    fn lists_are_numbered_by_their_pattern_unless_they_say_otherwise() {
        let numbering = Numbering::read(
            r#"<n><abstractNum abstractNumId="7"><lvl ilvl="0"><numFmt val="decimal"/></lvl>
<lvl ilvl="1"><numFmt val="bullet"/></lvl></abstractNum>
<num numId="1"><abstractNumId val="7"/></num>
<num numId="2"><abstractNumId val="7"/><lvlOverride ilvl="0"><lvl ilvl="0"><numFmt val="bullet"/></lvl></lvlOverride></num></n>"#,
            "numbering",
        )
        .unwrap();
        let told =
            [("1", 0), ("1", 1), ("2", 0), ("3", 0)].map(|(list, level)| numbering.is_numbered(list, level));
        assert_eq!(told, [true, false, false, false]);
    }
}
