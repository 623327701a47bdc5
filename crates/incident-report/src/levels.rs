//! Lists that say their depth by a number and not by nesting: Word's paragraphs, and the pages that word
//! processors export.
//!
//! Invariant: an item never nests deeper than half of [`MAX_DEPTH`], and what spans it on the way down ends where it ends.

use crate::document::{Block, BlockKind, Item, List, MAX_DEPTH};

/// Adds an item, so many levels deep, to the list that the blocks end in; without one, or when it is a fresh
/// list, it begins one.
pub(crate) fn add(blocks: &mut Vec<Block>, is_fresh: bool, level: usize, ordered: bool, item: Item) {
    let mut level = if is_fresh { 0 } else { level.min(MAX_DEPTH / 2 - 1) };
    let mut blocks = blocks;
    let mut begins = is_fresh;
    loop {
        let ends_in_list = matches!(blocks.last(), Some(Block { kind: BlockKind::List(_), .. }));
        if begins || !ends_in_list {
            let list = List { ordered, items: Vec::new() };
            blocks.push(Block { span: item.span, kind: BlockKind::List(list) });
            level = 0;
        }
        begins = false;
        let Some(Block { span, kind: BlockKind::List(list) }) = blocks.last_mut() else { return };
        span.last = span.last.max(item.span.last);
        if level == 0 || list.items.is_empty() {
            list.items.push(item);
            return;
        }
        level -= 1;
        let Some(parent) = list.items.last_mut() else { return };
        parent.span.last = parent.span.last.max(item.span.last);
        blocks = &mut parent.blocks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;

    fn item(line: usize) -> Item {
        Item { span: Span::line(line), checked: None, is_dropped: false, blocks: Vec::new() }
    }

    #[test]
    fn levels_nest_below_the_last_item_above_them() {
        let mut blocks = Vec::new();
        for (line, level) in [(1, 0), (2, 1), (3, 1), (4, 0), (5, 3)] {
            add(&mut blocks, line == 1, level, false, item(line));
        }
        let [Block { span, kind: BlockKind::List(list) }] = &blocks[..] else { panic!("{blocks:#?}") };
        assert_eq!((*span, list.items.len()), (Span::new(1, 5), 2));
        assert_eq!(list.items[0].span, Span::new(1, 3));
        let BlockKind::List(inner) = &list.items[0].blocks[0].kind else { panic!("{list:#?}") };
        assert_eq!(inner.items.len(), 2);
        assert_eq!(list.items[1].span, Span::new(4, 5));
    }
}
