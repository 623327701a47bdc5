//! Lists whose items say by their marker how deep they stand.
//!
//! Invariant: an item never nests deeper than the model allows, and what spans it on the way down ends where
//! it ends.

use crate::document::{Block, BlockKind, Item, List, MAX_DEPTH, Span};

/// The list items that are open, outermost first. `K` is what tells one list from another on the same level.
#[derive(Debug)]
pub(crate) struct Lists<K> {
    open: Vec<Open<K>>,
    most: usize,
}

#[derive(Debug)]
struct Open<K> {
    key: K,
    ordered: bool,
    siblings: Vec<Item>,
    item: Item,
}

impl<K: PartialEq> Lists<K> {
    /// No lists yet, in blocks that are so deep themselves.
    pub(crate) fn new(depth: usize) -> Self {
        Self { open: Vec::new(), most: (MAX_DEPTH - 2).saturating_sub(depth).max(1) }
    }

    /// Whether no item is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many items are open within each other.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The keys of the open lists, outermost first.
    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator {
        self.open.iter().map(|open| &open.key)
    }

    /// Adds an item below so many others. What is open beside it or below is finished.
    pub(crate) fn add(&mut self, level: usize, key: K, ordered: bool, item: Item, into: &mut Vec<Block>) {
        let level = level.min(self.open.len()).min(self.most - 1);
        self.close_to(level + 1, into);
        let mut siblings = Vec::new();
        let beside = if self.open.len() > level { self.open.pop() } else { None };
        match beside {
            Some(open) if open.key == key => {
                siblings = open.siblings;
                siblings.push(open.item);
            }
            Some(open) => {
                self.open.push(open);
                self.close_to(level, into);
            }
            None => {}
        }
        self.open.push(Open { key, ordered, siblings, item });
    }

    /// Hangs a block into the innermost open item. Without one it is given back.
    pub(crate) fn attach(&mut self, block: Block) -> Option<Block> {
        let Some(open) = self.open.last_mut() else { return Some(block) };
        open.item.span.last = open.item.span.last.max(block.span.last);
        open.item.blocks.push(block);
        None
    }

    /// The innermost open item.
    pub(crate) fn innermost(&mut self) -> Option<&mut Item> {
        self.open.last_mut().map(|open| &mut open.item)
    }

    /// Finishes items until only so many are open; what has no item around it goes into `into`.
    pub(crate) fn close_to(&mut self, depth: usize, into: &mut Vec<Block>) {
        while self.open.len() > depth {
            let Some(Open { ordered, mut siblings, item, .. }) = self.open.pop() else { return };
            siblings.push(item);
            let first = siblings.first().map_or(1, |item| item.span.first);
            let last = siblings.last().map_or(first, |item| item.span.last);
            let list = BlockKind::List(List { ordered, items: siblings });
            into.extend(self.attach(Block { span: Span::new(first, last), kind: list }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup;

    #[test]
    fn items_nest_by_level_and_lists_differ_by_key() {
        let mut lists = Lists::new(0);
        let mut blocks = Vec::new();
        for (line, level, key) in
            [(1, 0, '*'), (2, 1, '*'), (3, 1, '*'), (4, 0, '*'), (5, 0, '#'), (6, 7, '*')]
        {
            lists.add(level, key, key == '#', markup::item(line, (None, false), Vec::new()), &mut blocks);
        }
        lists.close_to(0, &mut blocks);
        let [Block { span: first, kind: BlockKind::List(bullets) }, Block { span: second, .. }] = &blocks[..]
        else {
            panic!("{blocks:#?}")
        };
        assert_eq!((*first, *second), (Span::new(1, 4), Span::new(5, 6)));
        assert_eq!(bullets.items[0].span, Span::new(1, 3));
        let BlockKind::List(inner) = &bullets.items[0].blocks[0].kind else { panic!("{bullets:#?}") };
        assert_eq!(inner.items.len(), 2);
    }

    #[test]
    fn depth_is_bounded() {
        let mut lists = Lists::new(MAX_DEPTH - 4);
        let mut blocks = Vec::new();
        for line in 1..=100 {
            lists.add(line, '*', false, markup::item(line, (None, false), Vec::new()), &mut blocks);
        }
        assert_eq!(lists.depth(), 2);
    }
}
