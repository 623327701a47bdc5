//! HTML to the document model: pages, fragments, what Confluence stores and exports, and what word processors
//! save as pages.
//!
//! The page is read as a stream of tokens ([`tokens`]) by a builder that keeps no tree ([`builder`]), so that
//! neither depth nor width of the page costs more than its length. What stands around the content (navigation,
//! sidebars, footers, scripts) is left out; where a page says what its content is, only that is read.
//!
//! A page may be written on a single line. Lines over [`LONG`] bytes are cut before the elements in them, so
//! that a quote is the element and not the page; the numbers given to readers are those of the file.
//!
//! Invariant: hostile pages are text: nothing from scripts, styles, comments, and attributes that run anything
//! becomes a word or a link.

pub(crate) mod links;

mod builder;
mod styles;
mod tags;
mod tokens;

use self::builder::{Builder, Region};
use crate::document::{Block, BlockKind, Document, Heading, Pair, Span};
use crate::lines;
use crate::source::Source;
use crate::text;

/// From how many bytes on a line is cut.
const LONG: usize = 1_000;

/// Where a cut line is cut when no element begins: after so many bytes at the end of a sentence, else twice as
/// many at a space, else four times as many anywhere.
const PIECE: usize = 240;

/// The least that is cut off.
const LEAST: usize = 16;

/// Parses a page. The source that comes back has the lines that the document speaks of.
pub(crate) fn parse<'a>(source: &Source<'a>) -> (Document, Source<'a>) {
    let source = source.cut(cuts);
    let text = source.text();
    let mut builder = Builder::new(is_xml(text), text.len(), 0);
    tokens::feed(text, source.starts().collect(), 1, is_xml(text), &mut builder);
    let (mut blocks, mut regions) = builder.finish();
    if builder.code_bytes > 2 * builder.text_bytes {
        // A page that is nearly all one block of code is a text in its original form: mail, a log of changes.
        (blocks, regions) = with_text(blocks, &regions, std::mem::take(&mut builder.codes));
    }
    let mut blocks = content(blocks, &regions);
    if let Some(metadata) = metadata(&builder, &blocks) {
        blocks.insert(0, metadata);
    }
    (Document { blocks }, source)
}

/// Parses a part of a page that stands in another document, from a line on and so many blocks deep.
pub(crate) fn fragment(html: &str, first: usize, depth: usize) -> Vec<Block> {
    let mut builder = Builder::new(is_xml(html), html.len(), depth);
    let starts = Source::new(html).starts().collect();
    tokens::feed(html, starts, first, is_xml(html), &mut builder);
    builder.finish().0
}

/// Whether a text looks like a page or a part of one: it begins with a tag of a page, or has several elements
/// and is mostly made of them.
pub(crate) fn is_html(text: &str) -> bool {
    let head = text.trim_start().trim_start_matches('\u{feff}');
    if is_page(head) {
        return true;
    }
    head.starts_with('<') && {
        let mut end = head.len().min(64 * 1024);
        while !head.is_char_boundary(end) {
            end -= 1;
        }
        let sample = &head[..end];
        let begins = sample
            .match_indices('<')
            .filter(|(at, _)| tags::begins_line(name_at(&sample.as_bytes()[at + 1..])))
            .count();
        begins >= 3 && sample.matches("</").count() >= 2
    }
}

/// Whether a text begins as a whole page does, whatever its name says.
pub(crate) fn is_page(head: &str) -> bool {
    let mut rest = head.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--").or_else(|| rest.strip_prefix("<?xml")) {
        let Some((_, after)) = comment.split_once('>') else { return false };
        rest = after.trim_start();
    }
    let starts = |tag: &str| rest.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag));
    ["<!doctype html", "<html", "<head>", "<head ", "<body", "<ac:"].iter().any(|tag| starts(tag))
}

/// Whether there is any tag in a text.
pub(crate) fn has_tags(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text.as_bytes()[at + 1..];
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        tags::tag(name_at(rest)).is_some()
    })
}

/// Whether elements without content are closed in the way of XML.
fn is_xml(text: &str) -> bool {
    text.trim_start().starts_with("<?xml") || text.contains("<ac:") || text.contains("<ri:")
}

/// The name of the tag whose name begins here, if it is one that can be known.
fn name_at(bytes: &[u8]) -> &str {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-');
    let length = bytes.iter().take(24).take_while(|b| is_part(b)).count();
    std::str::from_utf8(&bytes[..length]).unwrap_or_default()
}

/// Where an overlong line is cut.
fn cuts(line: &str) -> Vec<usize> {
    let mut cuts = Vec::new();
    if line.len() <= LONG {
        return cuts;
    }
    let bytes = line.as_bytes();
    let mut last = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let length = at - last;
        if length < LEAST || !line.is_char_boundary(at) {
            continue;
        }
        let cut = match byte {
            b'<' => tags::begins_line(&name_at(&bytes[at + 1..]).to_ascii_lowercase()),
            b' ' => length >= 2 * PIECE || length >= PIECE && matches!(bytes[at - 1], b'.' | b'!' | b'?'),
            _ => length >= 4 * PIECE,
        };
        if cut {
            cuts.push(at);
            last = at;
        }
    }
    cuts
}

/// The blocks with what stands in blocks of code read as plain text.
fn with_text(
    blocks: Vec<Block>,
    regions: &[Region],
    codes: Vec<(usize, Vec<(usize, String)>)>,
) -> (Vec<Block>, Vec<Region>) {
    let mut codes = codes.into_iter().peekable();
    let mut read = Vec::with_capacity(blocks.len());
    let mut regions_read = Vec::with_capacity(blocks.len());
    for (at, (block, region)) in blocks.into_iter().zip(regions).enumerate() {
        match codes.next_if(|(place, _)| *place == at) {
            Some((_, text)) => {
                let loose = text.iter().map(|(number, line)| lines::loose(*number, line)).collect();
                read.extend(lines::blocks(loose));
            }
            None => read.push(block),
        }
        regions_read.resize(read.len(), *region);
    }
    (read, regions_read)
}

/// The content of a page: what it says is its content, if that is the better part of it, with the heading that
/// stands above it.
fn content(blocks: Vec<Block>, regions: &[Region]) -> Vec<Block> {
    let mut sizes = [0_usize; 4];
    for (block, region) in blocks.iter().zip(regions) {
        sizes[*region as usize] += size(block);
    }
    let [main, article, header, body] = sizes;
    let wanted = if main >= 200 || main > 0 && main >= article + body {
        Region::Main
    } else if article > 0 && article >= main + body {
        Region::Article
    } else {
        return blocks;
    };
    let is_title = |block: &Block| matches!(&block.kind, BlockKind::Heading(heading) if heading.level == 1);
    let is_titled = blocks.iter().zip(regions).any(|(block, region)| *region == wanted && is_title(block));
    let in_header = |block: &Block, region: Region| {
        !is_titled && header > 0 && region == Region::Header && is_title(block)
    };
    blocks
        .into_iter()
        .zip(regions)
        .filter(|(block, region)| **region == wanted || in_header(block, **region))
        .map(|(block, _)| block)
        .collect()
}

/// The bytes of text in a block.
fn size(block: &Block) -> usize {
    match &block.kind {
        BlockKind::Heading(heading) => heading.text.plain.len(),
        BlockKind::Paragraph(lines) => lines.iter().map(|line| line.text.plain.len()).sum(),
        BlockKind::List(list) => list.items.iter().flat_map(|item| &item.blocks).map(size).sum(),
        BlockKind::Table(table) => {
            table.header.iter().chain(table.rows.iter().flatten()).map(|cell| cell.text.plain.len()).sum()
        }
        BlockKind::Quote(blocks) => blocks.iter().map(size).sum(),
        BlockKind::FrontMatter(_) | BlockKind::Code | BlockKind::Rule => 0,
    }
}

/// What the page says about itself: its title, where no heading does, and the day it was published.
fn metadata(builder: &Builder, blocks: &[Block]) -> Option<Block> {
    let told = |key: &str| builder.metadata.iter().find(|pair| pair.key == key);
    let mut pairs = Vec::new();
    if let Some(page) = told("og:title").or(builder.title.as_ref())
        && let Some(title) = title_of(&page.value, blocks)
    {
        pairs.push(Pair { key: "title".to_owned(), value: title, line: page.line });
    }
    let has_digit = |pair: &&Pair| pair.value.contains(|c: char| c.is_ascii_digit());
    pairs.extend(told("date").filter(has_digit).cloned());
    let first = pairs.iter().map(|pair| pair.line).min()?;
    Some(Block { span: Span::line(first), kind: BlockKind::FrontMatter(pairs) })
}

/// The title of the report by the title of the page, unless the headings tell it better.
fn title_of(page: &str, blocks: &[Block]) -> Option<String> {
    let headings = || {
        blocks.iter().filter_map(|block| match &block.kind {
            BlockKind::Heading(heading) => Some(heading),
            _ => None,
        })
    };
    let folded = text::fold(page);
    let named = |heading: &&Heading| {
        let name = text::fold(&heading.text.plain);
        name.contains(' ') && folded.contains(&name)
    };
    // The name of a site stands behind that of the page, and may be a heading too.
    let leads = |heading: &&Heading| folded.starts_with(&text::fold(&heading.text.plain));
    let heading = headings().take(20).find(|heading| named(heading) && leads(heading));
    let heading = heading.or_else(|| headings().take(20).find(named));
    let mut first = headings().filter(|heading| heading.level == 1);
    match (first.next(), first.next(), heading) {
        (Some(first), _, Some(heading)) if first == heading => return None,
        (Some(_), None, None) => return None,
        _ => {}
    }
    let title = match heading {
        Some(heading) => heading.text.plain.as_str(),
        None => {
            let separators = [" | ", " - ", " – ", " — ", " · ", " :: "];
            let split = separators.iter().filter_map(|separator| page.rsplit_once(separator)).next();
            split.filter(|(name, _)| text::word_count(name) > 1).map_or(page, |(name, _)| name)
        }
    };
    Some(title.trim().to_owned()).filter(|title| !title.is_empty())
}

#[cfg(test)]
pub(crate) mod tests;
