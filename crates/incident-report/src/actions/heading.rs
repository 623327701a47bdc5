//! Actions that are headings with their explanation below them.
//!
//! Invariant: a heading that groups lists is none; what stands under one that is an action is its detail.

use super::fields::Fields;
use super::judge::{self, Judged};
use super::{Draft, Rule, fields, list};
use crate::document::{Block, BlockKind, Item, Span};
use crate::outline::Section;
use crate::text;
use crate::words::{self, Phrases};

/// A heading inside an action section that is an action itself, with the text under it as its explanation.
pub(super) fn item(section: &Section<'_>) -> Option<Draft> {
    let heading = section.heading.filter(|_| section.inside_actions && !section.has_children)?;
    let (bare, numbered) = text::strip_number(text::strip_pictures(&heading.text.plain));
    let is_label = bare.trim_end().ends_with([':', '：']);
    let has_items =
        section.blocks.iter().any(|block| matches!(block.kind, BlockKind::List(_) | BlockKind::Table(_)));
    let explains = section.blocks.iter().any(|block| matches!(block.kind, BlockKind::Paragraph(_)));
    let folded = words::fold_heading(bare);
    let names_group = folded.split(' ').next_back().is_some_and(|last| words::is(Phrases::GroupNoun, last));
    // "Near-term safeguards" over paragraphs that have titles of their own, "Already completed".
    let titled = section.blocks.iter().filter(|block| opens_with_title(block)).count();
    let is_state = judge::state(folded.strip_prefix("already ").unwrap_or(&folded)).is_some();
    // A list of nothing but fields says who does what the heading names.
    let has_fields = has_only_fields(section.blocks);
    let is_group = words::is(Phrases::Group, &folded)
        || (names_group || section.own.is_some()) && !has_fields
        || titled > 1
        || is_state;
    // A number makes an item of a heading, unless a list below it says that it is a group.
    let is_item = if numbered {
        !has_items || judge::opens_with_task(bare) || !section.blocks.iter().any(list::lists_tasks)
    } else {
        explains && !has_items || has_fields
    };
    let marks_items = section.blocks.iter().any(|block| match &block.kind {
        BlockKind::Paragraph(lines) => lines.iter().any(|line| fields::cut(&line.text).1.done.is_some()),
        _ => false,
    });
    if is_label || is_group || marks_items || !is_item || text::word_count(bare) < 2 {
        return None;
    }
    let end = heading.text.plain.len();
    let written = heading.text.slice(end - bare.len(), end);
    let (own, mut fields) = fields::cut(&written);
    let mut details = Vec::new();
    let mut links = Vec::new();
    let mut last = section.span.last;
    for block in section.blocks {
        if matches!(block.kind, BlockKind::Rule | BlockKind::Code) {
            break;
        }
        list::detail(block, &mut details, &mut links, &mut fields);
        last = last.max(block.span.last);
    }
    // The explanation tells the state more often than the heading does.
    fields.done = fields.done.or_else(|| details.first().and_then(|first| Judged::new(first).done()));
    let span = Span::new(section.span.first, last);
    let mut draft = Draft::new(&written, own, fields, span, Rule::HeadingItem);
    draft.links.extend(links);
    Some(Draft { details, ..draft })
}

/// Whether the lists among some blocks have nothing but fields in them, one of them at least an owner or a day.
fn has_only_fields(blocks: &[Block]) -> bool {
    let mut fields = Fields::default();
    let mut is_field = |item: &Item| fields.take_line(&item.own_text().0.plain);
    let are_fields = blocks.iter().all(|block| match &block.kind {
        BlockKind::List(list) => list.items.iter().all(&mut is_field),
        BlockKind::Table(_) => false,
        _ => true,
    });
    are_fields && (fields.owner.is_some() || fields.due.is_some())
}

/// Whether a block is a paragraph with a bold title of its own: "**Guard rails.** We will …".
fn opens_with_title(block: &Block) -> bool {
    let BlockKind::Paragraph(lines) = &block.kind else { return false };
    lines.first().is_some_and(|line| {
        let (title, rest) = line.text.plain.split_at(line.text.bold);
        let is_set_off = title.trim_end().ends_with(['.', ':', '：', '。']) || rest.starts_with(['.', ':']);
        is_set_off && text::word_count(rest) > 2 && fields::cut(&line.text).1 == Fields::default()
    })
}
