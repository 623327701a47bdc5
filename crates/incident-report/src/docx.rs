//! Word documents (DOCX) to the document model.
//!
//! A zip has no lines, so what lines and quotes refer to is a text that this module makes of the document: each
//! paragraph is a line, or as many as it has line breaks; each row of a table is a line, its cells set apart
//! by ` | `; items of lists begin with `- `, two spaces further in for each level, and with `☑` or `☐` where they
//! have a box; an empty line stands before each heading. Nothing else is added.
//!
//! Headers, footers, footnotes, and comments are other parts of the zip, and are left out.
//!
//! Invariant: time and memory are bounded by the limits on parts ([`package`]) and by their length; a document
//! that is damaged is refused with the part and the place.

pub(crate) mod package;

mod body;
mod render;
mod styles;

use self::body::Parts;
use self::package::{MAX_BESIDE, Node, Package, Xml};
use self::styles::{Numbering, Styles};
use crate::document::{Block, BlockKind, Document, Heading, LABEL_LEVEL, Span, Text};
use crate::html::links;
use crate::input::ReadError;
use crate::text;

/// A Word document that was read.
#[derive(Debug)]
pub(crate) struct Word {
    /// Its blocks.
    pub(crate) document: Document,
    /// The text in which they count lines.
    pub(crate) text: String,
}

/// Reads a Word document, whose text may have so many bytes when it is unpacked.
pub(crate) fn read(package: &mut Package<'_>, limit: usize) -> Result<Word, ReadError> {
    let main = package.main()?;
    let missing =
        || ReadError::DamagedWord { part: main.clone(), byte: None, message: "it is missing".to_owned() };
    let text = package.part(&main, limit)?.ok_or_else(missing)?;
    let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
    let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let mut parts = Parts::default();
    let name = beside("styles.xml");
    if let Some(text) = package.part(&name, MAX_BESIDE)? {
        parts.styles = Styles::read(&text, &name)?;
    }
    let name = beside("numbering.xml");
    if let Some(text) = package.part(&name, MAX_BESIDE)? {
        parts.numbering = Numbering::read(&text, &name)?;
    }
    for relation in package.relations(&beside(&format!("_rels/{file}.rels")))? {
        if relation.kind.ends_with("/hyperlink")
            && let Some(target) = links::target(&relation.target)
        {
            parts.links.insert(relation.id, target);
        }
    }
    let (mut blocks, codes) = body::read(&text, &main, &parts)?;
    if !has_title(&blocks)
        && let Some(title) = title(package)?
    {
        let heading = Heading { level: 1, text: Text::from_plain(&title) };
        blocks.insert(0, Block { span: Span::line(1), kind: BlockKind::Heading(heading) });
    }
    let text = render::render(&mut blocks, codes);
    Ok(Word { document: Document { blocks }, text })
}

/// Whether the text itself has a title: a heading above others, or a first line in bold.
fn has_title(blocks: &[Block]) -> bool {
    let is_title = |block: &Block| matches!(&block.kind, BlockKind::Heading(heading) if heading.level < 3);
    let first_is_bold = match blocks.first().map(|block| &block.kind) {
        Some(BlockKind::Paragraph(lines)) => lines.first().is_some_and(|line| line.text.is_bold()),
        Some(BlockKind::Heading(heading)) => heading.level < LABEL_LEVEL,
        _ => false,
    };
    first_is_bold || blocks.iter().any(is_title)
}

/// The title in the properties of the document, unless it is the name that a program made up.
fn title(package: &mut Package<'_>) -> Result<Option<String>, ReadError> {
    const PART: &str = "docProps/core.xml";
    let Some(properties) = package.part(PART, MAX_BESIDE)? else { return Ok(None) };
    let mut xml = Xml::new(&properties, PART);
    let mut title = String::new();
    let mut in_title = false;
    while let Some(node) = xml.next()? {
        match node {
            Node::Start(element) => in_title = element.name() == "title",
            Node::End(_) => in_title = false,
            Node::Text(words) if in_title && title.len() < 1_000 => title.push_str(&words),
            Node::Text(_) => {}
        }
    }
    let title = text::collapse(&title);
    Ok((text::word_count(&title) > 1).then_some(title))
}

#[cfg(test)]
mod tests;
