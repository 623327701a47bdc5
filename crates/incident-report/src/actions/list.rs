//! Actions that are list items.
//!
//! Invariant: every item is an action, a group whose items are, or a detail of the item above it; nothing
//! is counted twice. Recursion is bounded by the depth of the model.

use super::fields::{self, Fields};
use super::judge::Judged;
use super::{Draft, Miss, Place, Rule, judge, state};
use crate::document::{Block, BlockKind, Item, List, Span, Text, one_line};
use crate::text;
use crate::words::{self, Phrases, Topic};

/// Hears what an item is when it is no action: the rule, its words, its line, and its place.
pub(super) type Passed<'p> = &'p mut dyn FnMut(Miss, &str, usize, &Place);

/// The actions of a list, each with the place it stands in.
pub(super) fn drafts(list: &List, place: &Place, passed: Passed<'_>) -> Vec<(Draft, Place)> {
    let mut drafts = Vec::new();
    collect(list, place, passed, &mut drafts);
    tell_together(&mut drafts);
    drafts
}

/// Where most items tell what was done, "Improved alerts" tells it as well.
fn tell_together(drafts: &mut [(Draft, Place)]) {
    let told =
        |draft: &Draft| draft.fields.done.is_none() && Judged::new(&draft.text.plain).done() == Some(true);
    let count = drafts.iter().filter(|(draft, _)| told(draft)).count();
    if count < 2 || count * 2 <= drafts.len() {
        return;
    }
    for (draft, _) in drafts.iter_mut().filter(|(draft, _)| draft.fields.done.is_none()) {
        if state::opens_as_told(&draft.text.plain) {
            draft.fields.done = Some(true);
        }
    }
}

fn collect(list: &List, place: &Place, passed: Passed<'_>, into: &mut Vec<(Draft, Place)>) {
    for item in &list.items {
        let (own, own_last) = item.own_text();
        let nested = || {
            item.rest().iter().filter_map(|block| match &block.kind {
                BlockKind::List(list) => Some(list),
                _ => None,
            })
        };
        if own.is_empty() || is_group(item, &own, nested()) {
            if words::topic(&own.plain) == Some(Topic::Rejected) {
                passed(Miss::Rejected, &own.plain, item.span.first, place);
                continue;
            }
            passed(Miss::Group, &own.plain, item.span.first, place);
            let place = place.under(&own.plain);
            for list in nested() {
                collect(list, &place, passed, into);
            }
            continue;
        }
        if is_other_field(&own.plain) {
            passed(Miss::Field, &own.plain, item.span.first, place);
            continue;
        }
        let (text, mut fields) = match item.blocks.first().map(|block| &block.kind) {
            Some(BlockKind::Paragraph(lines)) => fields::cut_lines(lines),
            _ => fields::cut(&own),
        };
        let mut details = Vec::new();
        let mut links = Vec::new();
        let mut last = own_last;
        let mut tasks = Vec::new();
        for block in item.rest() {
            let is_task = |child: &&Item| is_task_below(&own.plain, child);
            match &block.kind {
                // A task below a task is one of its own; the others explain.
                BlockKind::List(list) if list.items.iter().any(|child| is_task(&child)) => {
                    let (own, others): (Vec<&Item>, Vec<&Item>) = list.items.iter().partition(is_task);
                    tasks.extend(own.into_iter().cloned());
                    let items = others.into_iter().cloned().collect();
                    let kind = BlockKind::List(List { ordered: list.ordered, items });
                    detail(&Block { span: block.span, kind }, &mut details, &mut links, &mut fields);
                }
                _ => {
                    detail(block, &mut details, &mut links, &mut fields);
                    last = last.max(block.span.last);
                }
            }
        }
        fields.done = item.checked.or(fields.done);
        // What is struck through was dropped, unless its box or its words say that it is done.
        let behind = own.plain[own.struck..].trim_start();
        let is_struck =
            own.struck > 0 && (behind.is_empty() || behind.starts_with(['(', '[', '-', '–', '—', ':', '.']));
        fields.is_rejected |= item.is_dropped || is_struck && fields.done != Some(true);
        let is_marked = fields::is_marked(&own.plain);
        let rule = if item.checked.is_some() { Rule::Checkbox } else { Rule::ListItem };
        let span = Span::new(item.span.first, last);
        let mut draft = Draft::new(&own, text, fields, span, rule);
        draft.links.extend(links);
        into.push((Draft { details, may_split: true, is_marked, ..draft }, place.clone()));
        if !tasks.is_empty() {
            collect(&List { ordered: list.ordered, items: tasks }, place, passed, into);
        }
    }
}

/// Whether an item below another is a task of its own and no explanation.
fn is_task_below(above: &str, child: &Item) -> bool {
    let own = child.own_text().0;
    // "Encourage the porters to" goes on with the items below it.
    let breaks_off = above.trim_end_matches([':', '：', '…', '.']).trim_end().ends_with(" to");
    !breaks_off
        && text::word_count(&own.plain) >= 3
        && judge::opens_with_task(&own.plain)
        && judge::opens_with_task(above)
}

/// Whether an item only names the group of the items below it.
fn is_group<'d>(item: &Item, own: &Text, mut nested: impl Iterator<Item = &'d List>) -> bool {
    let Some(children) = nested.next() else {
        // A label with nothing below it names what was not written.
        return own.plain.ends_with(':') && words::is(Phrases::Group, &words::fold_heading(&own.plain));
    };
    if words::is(Phrases::Group, &words::fold_heading(&own.plain)) {
        return true;
    }
    if item.checked.is_none() && children.items.iter().any(|child| child.checked.is_some()) {
        return true;
    }
    let starts_task = judge::opens_with_task(&own.plain);
    let children_are_tasks =
        children.items.iter().filter(|child| judge::opens_with_task(&child.own_text().0.plain)).count() * 2
            > children.items.len();
    if own.plain.ends_with([':', '：']) || own.is_bold() {
        let tells = |child: &&Item| Judged::new(&child.own_text().0.plain).is_measure();
        if children.items.iter().filter(tells).count() * 2 > children.items.len()
            && text::word_count(&own.plain) <= 6
        {
            return true;
        }
        return !starts_task || children_are_tasks && text::word_count(&own.plain) <= 6;
    }
    !starts_task && children_are_tasks && text::word_count(&own.plain) <= 4
}

/// Whether a block is a list with a box, or with an item that begins as a task does; or a table.
pub(super) fn lists_tasks(block: &Block) -> bool {
    match &block.kind {
        BlockKind::List(list) => {
            let is_task =
                |item: &Item| item.checked.is_some() || judge::opens_with_task(&item.own_text().0.plain);
            list.items.iter().take(MAX_LOOKED_AT).any(is_task)
        }
        BlockKind::Table(_) => true,
        _ => false,
    }
}

/// How many items of a list are looked at to tell what it is.
const MAX_LOOKED_AT: usize = 100;

/// The words of the lists below an item, on one line.
fn told_below(item: &Item) -> String {
    let lists = item.rest().iter().filter_map(|block| match &block.kind {
        BlockKind::List(list) => Some(list),
        _ => None,
    });
    let told: Vec<String> =
        lists.flat_map(|list| &list.items).take(MAX_LOOKED_AT).map(|item| item.own_text().0.plain).collect();
    told.join("; ")
}

/// Whether an item is a field of the list and not an action: "Severity: high".
fn is_other_field(plain: &str) -> bool {
    Fields::default().take_line(plain)
}

/// Adds what a block below an action says to its details, or to its fields where it is one.
pub(super) fn detail(block: &Block, details: &mut Vec<String>, links: &mut Vec<String>, fields: &mut Fields) {
    let mut add = |text: &Text| {
        links.extend(text.links.iter().map(|link| link.target.clone()));
        if !text.is_empty() && !fields.take_line(&text.plain) {
            details.push(text.plain.clone());
        }
    };
    match &block.kind {
        BlockKind::Paragraph(lines) => {
            // Lines of fields stand alone; other lines are one wrapped text.
            let all_labelled = lines.iter().all(|line| Fields::default().take_line(&line.text.plain));
            if all_labelled {
                lines.iter().for_each(|line| add(&line.text));
            } else {
                add(&one_line(lines));
            }
        }
        BlockKind::List(list) => {
            // "Acceptance criteria:" with a list of them below.
            let (criteria, others): (Vec<&Item>, Vec<&Item>) = list.items.iter().partition(|item| {
                !item.rest().is_empty() && fields::labels_criteria(&item.own_text().0.plain)
            });
            for item in &others {
                add(&item.own_text().0);
            }
            for item in criteria {
                fields.take_criteria(told_below(item));
            }
            for item in others {
                item.rest().iter().for_each(|inner| detail(inner, details, links, fields));
            }
        }
        BlockKind::Quote(blocks) => blocks.iter().for_each(|inner| detail(inner, details, links, fields)),
        _ => {}
    }
}
