//! Fields: links, boxes to tick of old forms, tables of contents.

use super::Body;
use crate::docx::package::Element;
use crate::html::links;

/// The longest instruction of a field that is read, in bytes.
const MAX_INSTRUCTION: usize = 4_096;

/// How many fields may stand in each other.
const MAX_FIELDS: usize = 32;

/// An open field.
#[derive(Debug, Default)]
pub(super) struct Field {
    instruction: String,
    is_shown: bool,
    /// Whether what it shows is no text of the document.
    pub(super) hides: bool,
    leads: bool,
    checked: Option<bool>,
}

impl Field {
    /// Whether it shows the words of a link.
    pub(super) fn is_link(&self) -> bool {
        self.leads && self.is_shown
    }
}

impl Body<'_> {
    /// The beginning of a field, of what it shows, and its end.
    pub(super) fn field(&mut self, element: &Element<'_>) {
        match element.get("fldCharType").as_deref() {
            Some("begin") if self.fields.len() < MAX_FIELDS => self.fields.push(Field::default()),
            Some("separate") => {
                let Some(field) = self.fields.last_mut() else { return };
                field.is_shown = true;
                let mut words = field.instruction.split_whitespace();
                match words.next().unwrap_or_default() {
                    "TOC" | "INDEX" | "PAGEREF" => field.hides = true,
                    "HYPERLINK" => {
                        let target = field.instruction.split('"').nth(1).and_then(links::target);
                        field.leads = target.is_some();
                        if let (Some(target), Some(paragraph)) = (target, self.paragraphs.last_mut()) {
                            paragraph.link(target);
                        }
                    }
                    _ => {}
                }
            }
            Some("end") => {
                let checked = self.fields.pop().and_then(|field| field.checked);
                if let Some(checked) = checked {
                    self.words(if checked { "☑ " } else { "☐ " });
                }
            }
            _ => {}
        }
    }

    /// The state of a box of an old form: what it is set to wins over what it was at first.
    pub(super) fn field_box(&mut self, element: &Element<'_>) {
        let Some(field) = self.fields.last_mut() else { return };
        match (element.name(), field.checked) {
            ("checkBox", _) => field.checked = Some(false),
            (_, Some(_)) => field.checked = Some(element.is_on()),
            (_, None) => {}
        }
    }

    /// A part of the instruction of a field.
    pub(super) fn instruct(&mut self, words: &str) {
        if let Some(field) = self.fields.last_mut()
            && !field.is_shown
            && field.instruction.len() + words.len() <= MAX_INSTRUCTION
        {
            field.instruction.push_str(words);
        }
    }
}
