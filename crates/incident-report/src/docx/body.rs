//! The text of a Word document, as a stream of elements, to blocks without line numbers.
//!
//! What was deleted in tracked changes is left out, what was inserted stays. Text boxes come before the
//! paragraph that holds them. Of alternatives the first is read.
//!
//! Invariant: iterative; what is open is kept in a few stacks, so that nesting never becomes depth on ours, and
//! quotes of depth in the model are bounded by [`crate::levels`] and by tables that are flat.

mod fields;
mod paragraph;
mod tables;

use std::collections::HashMap;

use self::fields::Field;
use self::paragraph::Paragraph;
use self::tables::TableState;
use super::package::{Element, Node, Xml};
use super::styles::{Numbering, Style, Styles};
use crate::document::Block;
use crate::input::ReadError;
use crate::runs::Style as RunStyle;

/// How many tables and text boxes may stand in each other; deeper ones are read as parts of the innermost.
const MAX_INSIDE: usize = 32;

/// What merged cells may take beside the length of the text, in bytes.
const SPARE: usize = 1 << 16;

/// What the text refers to in other parts.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) styles: Styles,
    pub(super) numbering: Numbering,
    /// The addresses of links by their ids.
    pub(super) links: HashMap<String, String>,
}

/// The lines of a paragraph of code.
pub(super) type Code = Vec<String>;

/// Reads the part with the text: its blocks, and the lines of those that are code.
pub(super) fn read(text: &str, part: &str, parts: &Parts) -> Result<(Vec<Block>, Vec<Code>), ReadError> {
    let mut body = Body { parts, budget: text.len() + SPARE, ..Body::new(parts) };
    let mut xml = Xml::new(text, part);
    while let Some(node) = xml.next()? {
        match node {
            Node::Start(element) => body.start(&element),
            Node::End(name) => body.end(&name),
            Node::Text(words) => body.text(&words),
        }
    }
    Ok(body.finish())
}

/// A control around a part of the text.
#[derive(Clone, Copy, Debug, Default)]
struct Control {
    /// The state of a box to tick.
    checked: Option<bool>,
    /// Whether what is in it is no text of the document: a table of contents, a request to fill something in.
    hides: bool,
    is_inside: bool,
}

struct Body<'p> {
    parts: &'p Parts,
    /// How deep the element that is skipped is open, and what it is in.
    skipped: usize,
    /// The blocks of the page.
    blocks: Vec<Block>,
    /// The lines of the blocks of code, in order.
    codes: Vec<Code>,
    /// The list that the blocks end in.
    list: Option<String>,
    tables: Vec<TableState>,
    too_deep: usize,
    /// The open paragraphs: more than one where a text box stands in a paragraph.
    paragraphs: Vec<Paragraph>,
    /// A paragraph whose end was deleted: it goes on in the next.
    unfinished: Option<Paragraph>,
    /// How the open run looks.
    run: Style,
    in_properties: Properties,
    /// Whether the text of the next node is text of the document, or of the instruction of a field.
    in_text: bool,
    in_instruction: bool,
    fields: Vec<Field>,
    controls: Vec<Control>,
    /// A box to tick that stands before its paragraph.
    checked: Option<bool>,
    budget: usize,
}

/// Whose properties are being told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Properties {
    #[default]
    None,
    Paragraph,
    Run,
    Row,
    Cell,
    Control,
}

impl<'p> Body<'p> {
    fn new(parts: &'p Parts) -> Self {
        Self {
            parts,
            skipped: 0,
            blocks: Vec::new(),
            codes: Vec::new(),
            list: None,
            tables: Vec::new(),
            too_deep: 0,
            paragraphs: Vec::new(),
            unfinished: None,
            run: Style::default(),
            in_properties: Properties::None,
            in_text: false,
            in_instruction: false,
            fields: Vec::new(),
            controls: Vec::new(),
            checked: None,
            budget: 0,
        }
    }

    fn finish(mut self) -> (Vec<Block>, Vec<Code>) {
        if let Some(paragraph) = self.unfinished.take() {
            self.add(paragraph);
        }
        (self.blocks, self.codes)
    }

    fn start(&mut self, element: &Element<'_>) {
        let name = element.name();
        if self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        if self.in_properties != Properties::None && self.property(element) {
            return;
        }
        match name {
            // What was there before a change, what was taken out by one, and a second version of the same.
            "pPrChange" | "rPrChange" | "tblPrChange" | "trPrChange" | "tcPrChange" | "sectPrChange"
            | "del" | "moveFrom" | "Fallback" | "sectPr" | "delText" | "tblPr" | "tblGrid" => {
                self.skipped = 1;
            }
            "p" => self.open_paragraph(),
            "pPr" => self.in_properties = Properties::Paragraph,
            "rPr" => self.in_properties = Properties::Run,
            "trPr" => self.in_properties = Properties::Row,
            "tcPr" => self.in_properties = Properties::Cell,
            "sdtPr" => self.in_properties = Properties::Control,
            "r" => self.run = Style::default(),
            "t" => self.in_text = true,
            "instrText" => self.in_instruction = true,
            "tab" | "ptab" => self.words(" "),
            "br" | "cr" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.runs.end_line();
                }
            }
            "noBreakHyphen" => self.words("-"),
            "sym" => self.symbol(element),
            "hyperlink" => {
                let target = element.get("id").and_then(|id| self.parts.links.get(&id).cloned());
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.open_link(target);
                }
            }
            "fldChar" => self.field(element),
            "checkBox" | "default" | "checked" => self.field_box(element),
            "tbl" => self.open_table(),
            "tr" => self.open_row(),
            "tc" => self.open_cell(),
            "sdt" => self.controls.push(Control::default()),
            "sdtContent" => self.open_control(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "p" => self.close_paragraph(),
            "pPr" | "trPr" | "tcPr" | "sdtPr" => self.in_properties = Properties::None,
            "rPr" if self.in_properties == Properties::Run => {
                // The properties of a paragraph hold those of its mark.
                let in_paragraph = self.paragraphs.last().is_some_and(|paragraph| paragraph.in_mark);
                self.in_properties = if in_paragraph { Properties::Paragraph } else { Properties::None };
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.in_mark = false;
                }
            }
            "t" => self.in_text = false,
            "instrText" => self.in_instruction = false,
            "hyperlink" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.close_link();
                }
            }
            "tbl" => self.close_table(),
            "tr" => self.close_row(),
            "tc" => self.close_cell(),
            "sdt" => {
                self.controls.pop();
            }
            _ => {}
        }
    }

    /// An element inside properties. Tells whether it was one.
    fn property(&mut self, element: &Element<'_>) -> bool {
        let name = element.name();
        if name.ends_with("PrChange") {
            self.skipped = 1;
            return true;
        }
        match self.in_properties {
            Properties::None => return false,
            Properties::Paragraph => {
                let styles = &self.parts.styles;
                let Some(paragraph) = self.paragraphs.last_mut() else { return true };
                match name {
                    "pStyle" => paragraph.style = styles.get(&element.get("val").unwrap_or_default()),
                    "rPr" => {
                        paragraph.in_mark = true;
                        self.in_properties = Properties::Run;
                    }
                    _ => paragraph.own.take(element),
                }
            }
            Properties::Run => {
                let styles = &self.parts.styles;
                match self.paragraphs.last_mut().filter(|paragraph| paragraph.in_mark) {
                    Some(paragraph) => paragraph.is_open_ended |= matches!(name, "del" | "moveFrom"),
                    None if name == "rStyle" => {
                        let Style { bold, struck, hidden, .. } =
                            styles.get(&element.get("val").unwrap_or_default());
                        self.run.bold = self.run.bold.or(bold);
                        self.run.struck = self.run.struck.or(struck);
                        self.run.hidden = self.run.hidden.or(hidden);
                    }
                    None => self.run.take(element),
                }
            }
            Properties::Row | Properties::Cell => self.table_property(element),
            Properties::Control => {
                if let Some(control) = self.controls.last_mut() {
                    match name {
                        "checkbox" => control.checked = Some(false),
                        "checked" if control.checked.is_some() => control.checked = Some(element.is_on()),
                        "showingPlcHdr" => control.hides = element.is_on(),
                        "docPartGallery" => {
                            control.hides |=
                                element.get("val").is_some_and(|name| name == "Table of Contents");
                        }
                        _ => {}
                    }
                }
            }
        }
        true
    }

    fn text(&mut self, words: &str) {
        match self.skipped {
            0 if self.in_instruction => self.instruct(words),
            0 if self.in_text => self.words(words),
            _ => {}
        }
    }

    /// Words of the open run.
    fn words(&mut self, words: &str) {
        let is_hidden = self.run.hidden == Some(true)
            || self.fields.iter().any(|field| field.hides)
            || self.controls.iter().any(|control| control.is_inside && control.hides);
        // The sign in a box to tick was written as its state already.
        let in_box =
            self.controls.last().is_some_and(|control| control.is_inside && control.checked.is_some());
        if is_hidden || in_box && words.chars().count() <= 2 {
            return;
        }
        let linked = self.fields.iter().any(|field| field.is_link());
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        let style = RunStyle {
            bold: self.run.bold.or(paragraph.style.bold).unwrap_or(false),
            struck: self.run.struck.or(paragraph.style.struck).unwrap_or(false),
            linked: linked || paragraph.is_linked(),
        };
        paragraph.words(words, style);
    }

    /// A sign from a font of signs: boxes and check marks have characters of their own.
    fn symbol(&mut self, element: &Element<'_>) {
        let font = element.get("font").unwrap_or_default();
        let code = element.get("char").and_then(|code| u32::from_str_radix(&code, 16).ok());
        let mark = match code.unwrap_or(0) & 0xff {
            _ if !font.starts_with("Wingdings") => return,
            0x52..=0x54 | 0xfd | 0xfe => "☑",
            0x6f | 0x71 | 0xa3 | 0xa8 => "☐",
            0x50 | 0xfc => "✓",
            _ => return,
        };
        self.words(mark);
    }

    fn open_control(&mut self) {
        let Some(control) = self.controls.last_mut() else { return };
        let checked = control.checked;
        if let Some(checked) = checked {
            match self.paragraphs.last_mut() {
                Some(_) => self.words(if checked { "☑ " } else { "☐ " }),
                None => self.checked = Some(checked),
            }
        }
        if let Some(control) = self.controls.last_mut() {
            control.is_inside = true;
        }
    }
}
