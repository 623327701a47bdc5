//! The zip around a Word document: which parts there are, and their text.
//!
//! Invariant: only the parts that are asked for are unpacked, and none beyond its limit, whatever the zip says
//! about its size.

use std::io::{Cursor, Read};

use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::input::ReadError;

/// How many parts a document may have; Word writes some dozens, and one for each picture.
const MAX_PARTS: usize = 4_096;

/// The mark of an entry in the list of a zip's parts.
const ENTRY: &[u8] = b"PK\x01\x02";

/// Where Word puts the text, unless the relations say otherwise.
const MAIN: &str = "word/document.xml";

/// The largest part beside the text that is read, in bytes.
pub(super) const MAX_BESIDE: usize = 8 << 20;

/// What a zip holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    Word,
    Spreadsheet,
    Presentation,
    OpenDocument,
    Other,
}

/// An opened zip.
pub(crate) struct Package<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
}

impl<'b> Package<'b> {
    /// Reads the list of parts.
    pub(crate) fn open(bytes: &'b [u8]) -> Result<Self, ReadError> {
        let is_office = find(bytes, b"[Content_Types].xml") || find(bytes, b"word/");
        let count = bytes.windows(ENTRY.len()).filter(|window| *window == ENTRY).count();
        if count > MAX_PARTS {
            return Err(damaged("the list of its parts", format!("it names more than {MAX_PARTS}")));
        }
        ZipArchive::new(Cursor::new(bytes)).map(|zip| Self { zip }).map_err(|error| {
            let what = match error {
                ZipError::InvalidArchive(_) | ZipError::Io(_) if count == 0 => {
                    "it is missing, as in a file that is cut off".to_owned()
                }
                error => error.to_string(),
            };
            if is_office { damaged("the list of its parts", what) } else { ReadError::Archive }
        })
    }

    /// What the zip is.
    pub(crate) fn contents(&mut self) -> Contents {
        let has = |package: &Self, prefix: &str| {
            package.zip.file_names_raw().any(|name| name.starts_with(prefix.as_bytes()))
        };
        if has(self, "word/") {
            Contents::Word
        } else if has(self, "xl/") {
            Contents::Spreadsheet
        } else if has(self, "ppt/") {
            Contents::Presentation
        } else if has(self, "content.xml") && has(self, "META-INF/manifest.xml") {
            Contents::OpenDocument
        } else if has(self, "[Content_Types].xml") {
            Contents::Word
        } else {
            Contents::Other
        }
    }

    /// The name of the part with the text.
    pub(super) fn main(&mut self) -> Result<String, ReadError> {
        let relations = self.relations("_rels/.rels")?;
        let main = relations.into_iter().find(|relation| relation.kind.ends_with("/officeDocument"));
        Ok(main.map_or_else(|| MAIN.to_owned(), |main| main.target.trim_start_matches('/').to_owned()))
    }

    /// The text of a part, if there is one of that name.
    pub(super) fn part(&mut self, name: &str, limit: usize) -> Result<Option<String>, ReadError> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::InvalidPassword) => return Err(ReadError::Encrypted),
            Err(ZipError::UnsupportedArchive(what)) if what.contains("assword") => {
                return Err(ReadError::Encrypted);
            }
            Err(error) => return Err(damaged(name, error.to_string())),
        };
        let too_large = || ReadError::PartTooLarge { part: name.to_owned(), limit };
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        // The stated size may be a lie, so it only ever refuses.
        if file.size() > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| damaged(name, error.to_string()))?;
        if bytes.len() as u64 > limit {
            return Err(too_large());
        }
        let text = match &bytes[..] {
            [0xff, 0xfe, ..] => encoding_rs::UTF_16LE.decode(&bytes).0.into_owned(),
            [0xfe, 0xff, ..] => encoding_rs::UTF_16BE.decode(&bytes).0.into_owned(),
            _ => String::from_utf8(bytes).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                damaged_at(name, at as u64, "it is not UTF-8".to_owned())
            })?,
        };
        Ok(Some(text))
    }

    /// The relations of a part; none where it has none.
    pub(super) fn relations(&mut self, name: &str) -> Result<Vec<Relation>, ReadError> {
        let mut relations = Vec::new();
        let Some(text) = self.part(name, MAX_BESIDE)? else { return Ok(relations) };
        let mut xml = Xml::new(&text, name);
        while let Some(node) = xml.next()? {
            if let Node::Start(element) = node
                && element.name() == "Relationship"
            {
                let get = |key| element.get(key).unwrap_or_default();
                relations.push(Relation { id: get("Id"), kind: get("Type"), target: get("Target") });
            }
        }
        Ok(relations)
    }
}

/// How a part is related to another, or to an address.
pub(super) struct Relation {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) target: String,
}

/// Whether bytes hold others.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn damaged(part: &str, message: String) -> ReadError {
    ReadError::DamagedWord { part: part.to_owned(), byte: None, message }
}

fn damaged_at(part: &str, byte: u64, message: String) -> ReadError {
    ReadError::DamagedWord { part: part.to_owned(), byte: Some(byte), message }
}

/// The nodes of a part, whatever prefixes its names have.
pub(super) struct Xml<'x> {
    reader: Reader<&'x [u8]>,
    part: &'x str,
    depth: usize,
}

/// A node.
pub(super) enum Node<'x> {
    Start(Element<'x>),
    End(String),
    Text(String),
}

/// A start tag.
pub(super) struct Element<'x>(quick_xml::events::BytesStart<'x>);

impl Element<'_> {
    /// Its name without prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute, by its name without prefix.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        // Without the check for doubles, which compares each attribute with all before it.
        let attribute = self
            .0
            .attributes()
            .with_checks(false)
            .filter_map(Result::ok)
            .find(|attribute| attribute.key.local_name().as_ref() == name)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        Some(value.map_or_else(|_| attribute.value.clone().into_owned(), Into::into))
    }

    /// Whether a switch is on: there, and not said to be off.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.get("val").as_deref(), Some("0" | "false" | "off" | "none"))
    }
}

impl<'x> Xml<'x> {
    pub(super) fn new(text: &'x str, part: &'x str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, part, depth: 0 }
    }

    /// The next node; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Node<'x>>, ReadError> {
        loop {
            let event = self
                .reader
                .read_event()
                .map_err(|error| damaged_at(self.part, self.reader.error_position(), error.to_string()))?;
            return Ok(Some(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    Node::Start(Element(start))
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    Node::End(end.local_name().into_inner().to_owned())
                }
                Event::Text(text) => Node::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Node::Text(text.xml10_content().into_owned()),
                // Only what XML itself defines is resolved: entities of a document type are not.
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => Node::Text(c.into()),
                    _ => match quick_xml::escape::resolve_predefined_entity(&reference.xml10_content()) {
                        Some(text) => Node::Text(text.to_owned()),
                        None => continue,
                    },
                },
                Event::Eof if self.depth > 0 => {
                    let at = self.reader.buffer_position();
                    return Err(damaged_at(self.part, at, "it ends in the middle".to_owned()));
                }
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                    continue;
                }
            }));
        }
    }
}
