//! From blocks to sections with a meaning.
//!
//! Two steps. [`promote`] turns labels that act as headings into headings: `Action items:` alone on a line,
//! bold lines, list items that only hold a label, and labels glued to the end of a paragraph. [`sections`]
//! then cuts the document at its headings and gives each section its topic, inherited from the heading
//! above where its own says nothing.
//!
//! Invariant: promotion never loses or reorders text, and a section's blocks are a contiguous run.

pub(crate) mod lead_in;

use crate::document::{Block, BlockKind, Document, Heading, Item, LABEL_LEVEL, Line, List, Span, Text};
use crate::words::{self, Phrases, Topic};
use crate::{lines, text};

/// A heading and what stands under it, up to the next heading of any level.
#[derive(Debug)]
pub(crate) struct Section<'d> {
    /// The heading; none for what comes before the first.
    pub(crate) heading: Option<&'d Heading>,
    /// The lines of the heading, or line 1.
    pub(crate) span: Span,
    /// What the heading itself announces.
    pub(crate) own: Option<Topic>,
    /// What the section is about, with what it inherits.
    pub(crate) topic: Option<Topic>,
    /// Whether an action section encloses this one.
    pub(crate) inside_actions: bool,
    /// Whether headings of a deeper level follow before the next of this level.
    pub(crate) has_children: bool,
    /// Whether it goes on behind a list of actions that one of its sentences led into.
    pub(crate) is_resumed: bool,
    /// The blocks.
    pub(crate) blocks: &'d [Block],
}

impl Section<'_> {
    /// The phrase of the heading that announces what the section is about.
    pub(crate) fn announced_by(&self) -> Option<&'static str> {
        let heading = &self.heading?.text.plain;
        match words::topic_and_phrase(heading) {
            Some((phrase, _)) => Some(phrase),
            None => lead_in::announcement(heading).or_else(|| words::heading_cue(heading)),
        }
    }

    /// Whether a sentence that leads into a list is its heading.
    pub(crate) fn is_led(&self) -> bool {
        self.heading.is_some_and(|heading| {
            heading.level == LABEL_LEVEL && words::topic(&heading.text.plain).is_none()
        })
    }

    /// The heading's words without numbering, pictures, and closing colon.
    pub(crate) fn name(&self) -> Option<String> {
        let heading = self.heading?;
        let (bare, _) = text::strip_number(text::strip_pictures(&heading.text.plain));
        Some(bare.trim().trim_end_matches([':', '：']).trim().to_owned()).filter(|name| !name.is_empty())
    }
}

/// Makes headings of the labels that act as headings.
pub(crate) fn promote(document: Document) -> Document {
    let mut blocks: Vec<Block> = Vec::with_capacity(document.blocks.len());
    let mut topic = None;
    let mut read = 0;
    // Whether the next block is the list that a sentence led into; what follows it is no part of it.
    let mut is_led = false;
    let mut rest = document.blocks.into_iter().peekable();
    while let Some(block) = rest.next() {
        let may_lead = !matches!(topic, Some(Topic::Actions | Topic::Timeline));
        let lead = lead_in::at_end(&block, rest.peek()).filter(|_| may_lead);
        let end = block.span.last;
        let question = lead_in::question(&block, rest.peek()).filter(|_| may_lead);
        match numbered_name(&block, rest.peek()).or(question) {
            Some(name) => blocks.push(label(name.number, name.text)),
            None => promote_block(block, topic, &mut blocks),
        }
        if std::mem::take(&mut is_led) {
            blocks.push(label(end, Text::default()));
        }
        let is_promoted = matches!(blocks.last(), Some(Block { kind: BlockKind::Heading(_), .. }));
        if let Some((line, sentence)) = lead.filter(|_| !is_promoted) {
            blocks.push(label(line, sentence));
            is_led = true;
        }
        let heading = |block: &Block| match &block.kind {
            BlockKind::Heading(heading) => words::topic(&heading.text.plain),
            _ => None,
        };
        topic = blocks[read..].iter().rev().find_map(heading).or(topic);
        read = blocks.len();
    }
    Document { blocks }
}

/// The name of a section of a report in plain text: "3. Root cause" alone, with a paragraph below it.
fn numbered_name(block: &Block, next: Option<&Block>) -> Option<Line> {
    let BlockKind::List(list) = &block.kind else { return None };
    let [item] = &list.items[..] else { return None };
    let [Block { kind: BlockKind::Paragraph(lines), .. }] = &item.blocks[..] else { return None };
    let [line] = &lines[..] else { return None };
    let plain = &line.text.plain;
    let is_name = list.ordered
        && matches!(next, Some(Block { kind: BlockKind::Paragraph(_), .. }))
        && text::word_count(plain) <= 10
        && !lines::ends_sentence(plain)
        && !text::fold(plain).split(' ').next().is_some_and(words::is_imperative);
    let announces = || words::topic(plain).is_some() || words::heading_cue(plain).is_some();
    (is_name && announces()).then(|| line.clone())
}

/// Promotes what is in a block; `topic` is what the last telling heading announced.
fn promote_block(block: Block, topic: Option<Topic>, into: &mut Vec<Block>) {
    match block.kind {
        BlockKind::Paragraph(lines) if lines::hides_items(&lines) => {
            let loose = lines.into_iter().map(|line| lines::LooseLine { indent: 0, line }).collect();
            for block in lines::blocks(loose) {
                match block.kind {
                    BlockKind::Paragraph(lines) => promote_lines(lines, into),
                    _ => into.push(block),
                }
            }
        }
        BlockKind::Paragraph(lines) => promote_lines(lines, into),
        // "Actions taken:" in a timeline is a part of the timeline.
        BlockKind::List(list) if topic != Some(Topic::Timeline) && list.items.iter().any(is_section_item) => {
            for item in list.items {
                explode(item, list.ordered, into);
            }
        }
        BlockKind::List(list)
            if !matches!(topic, Some(Topic::Actions | Topic::Timeline)) && numbers_sections(&list) =>
        {
            list.items.into_iter().for_each(|item| explode_numbered(item, into));
        }
        kind => into.push(Block { span: block.span, kind }),
    }
}

/// Splits a paragraph at its labels.
fn promote_lines(lines: Vec<Line>, into: &mut Vec<Block>) {
    let mut kept: Vec<Line> = Vec::new();
    let count = lines.len();
    for (at, line) in lines.into_iter().enumerate() {
        let first = kept.is_empty();
        if is_label(&line.text, first, count == 1 || at + 1 < count) {
            flush(&mut kept, into);
            into.push(label(line.number, line.text));
        } else if let Some(split) = lead_label(&line.text) {
            flush(&mut kept, into);
            let end = line.text.plain.len();
            into.push(label(line.number, line.text.slice(0, split)));
            kept.push(Line { number: line.number, text: line.text.slice(split, end) });
        } else if let Some(split) = glued_label(&line.text.plain) {
            let end = line.text.plain.len();
            kept.push(Line { number: line.number, text: line.text.slice(0, split) });
            flush(&mut kept, into);
            into.push(label(line.number, line.text.slice(split, end)));
        } else {
            kept.push(line);
        }
    }
    flush(&mut kept, into);
}

fn label(line: usize, text: Text) -> Block {
    Block { span: Span::line(line), kind: BlockKind::Heading(Heading { level: LABEL_LEVEL, text }) }
}

fn flush(lines: &mut Vec<Line>, into: &mut Vec<Block>) {
    if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
        let span = Span::new(first.number, last.number);
        into.push(Block { span, kind: BlockKind::Paragraph(std::mem::take(lines)) });
    }
}

/// Whether a line of text is nothing but a label.
fn is_label(line: &Text, first: bool, more_follows: bool) -> bool {
    let plain = line.plain.as_str();
    let colon = plain.ends_with([':', '：']);
    if plain.len() > 100 || !colon && !line.is_bold() && lines::ends_sentence(plain) {
        return false;
    }
    let count = text::word_count(plain);
    let limit = if colon || line.is_bold() { 10 } else { 5 };
    let name = text::strip_number(text::strip_pictures(plain)).0;
    if count == 0 || count > limit || text::sentences(name).len() > 1 {
        return false;
    }
    if words::topic(plain).is_some() && (colon || line.is_bold()) {
        return count <= 8 && !is_lead_in(plain);
    }
    if colon || line.is_bold() {
        let limit = if line.is_bold() { 10 } else { 6 };
        // A bold line is a name even where it speaks ("What we agreed"), unless it breaks off.
        let leads_in =
            if line.is_bold() && !colon { breaks_off(&text::fold(plain)) } else { is_lead_in(plain) };
        let is_sentence = line.is_bold() && plain.ends_with(['.', '!', ',', ';', '。']);
        return count <= limit && more_follows && !leads_in && !is_sentence && first_is_large(plain);
    }
    first_is_large(plain) && (first || more_follows) && words::whole_topic(plain).is_some()
}

fn first_is_large(plain: &str) -> bool {
    let first = text::strip_number(text::strip_pictures(plain)).0.chars().next();
    first.is_some_and(|c| !c.is_lowercase())
}

/// Whether a line that ends in a colon leads into a list ("We decided to:") and is no name of it.
fn is_lead_in(plain: &str) -> bool {
    let folded = text::fold(plain);
    let mut all = folded.split(' ');
    let speaks = |word: &str| {
        matches!(
            word,
            "we" | "i" | "it" | "they" | "will" | "following" | "should" | "are" | "this" | "was" | "were"
        )
    };
    words::opens(Phrases::Introduction, &folded)
        || breaks_off(&folded)
        || words::whole_topic(plain).is_none() && all.any(speaks)
}

/// Whether folded words break off in the middle of a sentence.
fn breaks_off(folded: &str) -> bool {
    let leads =
        |word: &str| matches!(word, "to" | "by" | "that" | "is" | "be" | "because" | "for" | "with" | "was");
    folded.split(' ').next_back().is_some_and(leads)
}

/// Where a bold or plain `Action items: text` label ends, for labels that announce actions.
fn lead_label(line: &Text) -> Option<usize> {
    let (label, value) = text::label_and_value(&line.plain)?;
    let announces = words::whole_topic(label) == Some(Topic::Actions)
        && text::word_count(label) > 1
        && text::word_count(value) > 3;
    announces.then(|| line.plain.len() - value.len())
}

/// Where a label begins that is glued to the end of a paragraph: "… from happening. Recommendations:".
fn glued_label(plain: &str) -> Option<usize> {
    if !plain.ends_with([':', '：']) {
        return None;
    }
    let body = plain.trim_end_matches([':', '：']);
    let split = body
        .char_indices()
        .rev()
        .take(80)
        .find(|(_, c)| matches!(c, '.' | '!' | '?' | '。'))
        .map(|(at, c)| at + c.len_utf8())?;
    let label = body[split..].trim();
    let count = text::word_count(label);
    (count > 0 && count <= 6 && first_is_large(label) && !is_lead_in(label) && words::topic(label).is_some())
        .then_some(split)
}

/// Whether a list item is a section of the report: "- **Action items**:" with things under or after it.
fn is_section_item(item: &Item) -> bool {
    let (own, _) = item.own_text();
    let announces_actions = |label: &str| words::topic(label) == Some(Topic::Actions);
    match item_label(&own) {
        Some(split) => announces_actions(&own.plain[..split]) && split == own.plain.len(),
        None => false,
    }
}

/// Whether the items of a list are the sections of a report in plain text: "1. Summary", "2. Root cause".
fn numbers_sections(list: &List) -> bool {
    let is_known =
        |item: &&Item| name_line(item).is_some_and(|name| words::topic(&name.text.plain).is_some());
    let known = list.items.iter().filter(is_known).count();
    list.ordered && known > 1 && known * 2 > list.items.len()
}

/// The first line of an item, where it could be the name of what stands below it.
fn name_line(item: &Item) -> Option<&Line> {
    let BlockKind::Paragraph(lines) = &item.blocks.first()?.kind else { return None };
    let name = lines.first()?;
    let has_more = lines.len() > 1 || item.blocks.len() > 1;
    let is_name = text::word_count(&name.text.plain) <= 10 && !lines::ends_sentence(&name.text.plain);
    (has_more && is_name).then_some(name)
}

/// Makes a section of an item with a name.
fn explode_numbered(item: Item, into: &mut Vec<Block>) {
    let Some(name) = name_line(&item).cloned() else {
        into.push(Block {
            span: item.span,
            kind: BlockKind::List(List { ordered: true, items: vec![item] }),
        });
        return;
    };
    into.push(label(name.number, name.text));
    let mut blocks = item.blocks.into_iter();
    if let Some(Block { span, kind: BlockKind::Paragraph(mut lines) }) = blocks.next() {
        lines.remove(0);
        if !lines.is_empty() {
            promote_block(Block { span, kind: BlockKind::Paragraph(lines) }, None, into);
        }
    }
    blocks.for_each(|block| promote_block(block, None, into));
}

/// Where the label of a list item ends: a bold start with a colon, or a known label and its colon.
fn item_label(own: &Text) -> Option<usize> {
    let (label, value) = text::label_and_value(&own.plain)?;
    let bold = own.bold > 0 && own.bold + 2 >= label.len();
    let known = words::topic(label).is_some() && text::word_count(label) <= 6;
    (bold || known).then(|| own.plain.len() - value.len())
}

/// Makes sections of the items of a list that holds sections.
fn explode(item: Item, ordered: bool, into: &mut Vec<Block>) {
    let (own, _) = item.own_text();
    let Some(split) = item_label(&own) else {
        let span = item.span;
        let list = List { ordered, items: vec![item] };
        into.push(Block { span, kind: BlockKind::List(list) });
        return;
    };
    into.push(label(item.span.first, own.slice(0, split)));
    let mut blocks = item.blocks.into_iter();
    if let Some(Block { span, kind: BlockKind::Paragraph(mut lines) }) = blocks.next() {
        // The label stands at the start of the first line; what is left of the paragraph follows it.
        if let Some(line) = lines.first_mut() {
            let end = line.text.plain.len();
            line.text = line.text.slice(split.min(end), end);
        }
        lines.retain(|line| !line.text.is_empty());
        if !lines.is_empty() {
            promote_block(Block { span, kind: BlockKind::Paragraph(lines) }, None, into);
        }
    }
    for block in blocks {
        promote_block(block, None, into);
    }
}

/// Cuts a document into its sections.
pub(crate) fn sections(document: &Document) -> Vec<Section<'_>> {
    let blocks = &document.blocks;
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut above: Vec<Above> = Vec::new();
    let mut start = 0;
    let mut current = Section {
        heading: None,
        span: Span::line(1),
        own: None,
        topic: None,
        inside_actions: false,
        has_children: false,
        is_resumed: false,
        blocks: &[],
    };
    for (at, block) in blocks.iter().enumerate() {
        let BlockKind::Heading(heading) = &block.kind else { continue };
        current.blocks = &blocks[start..at];
        let was_empty = current.blocks.is_empty();
        let is_first = sections.is_empty() && current.heading.is_none();
        sections.push(current);
        start = at + 1;

        let own = match heading.level {
            1 if is_first => words::whole_topic(&heading.text.plain),
            LABEL_LEVEL => words::topic(&heading.text.plain)
                .or_else(|| lead_in::announcement(&heading.text.plain).map(|_| Topic::Actions)),
            _ => words::topic(&heading.text.plain),
        };
        let own = own.or_else(|| cue(heading, is_first, &above));
        let is_end = heading.text.is_empty();
        let level = if is_end { heading.level } else { nesting(heading.level, own, &above, was_empty) };
        above.retain(|over| over.level < level);
        let over = above.last();
        if let Some(parent) = over.filter(|_| !is_end) {
            sections[parent.section].has_children = true;
        }
        let inside_actions = over.is_some_and(|over| over.topic == Some(Topic::Actions));
        let topic =
            if inside_actions { under_actions(own) } else { own.or(over.and_then(|over| over.topic)) };
        // Behind the list of a sentence the section goes on that the sentence stands in.
        let is_resumed = heading.text.is_empty() && heading.level == LABEL_LEVEL;
        let resumed = above.last().and_then(|over| sections[over.section].heading);
        above.push(Above { level, topic, section: sections.len() });
        current = Section {
            heading: if is_resumed { resumed } else { Some(heading) },
            span: block.span,
            own,
            topic,
            inside_actions,
            has_children: false,
            is_resumed,
            blocks: &[],
        };
    }
    current.blocks = &blocks[start..];
    sections.push(current);
    sections
}

/// Whether a heading announces actions in words of its own, where none above it does.
fn cue(heading: &Heading, is_first: bool, above: &[Above]) -> Option<Topic> {
    let over = above.iter().rev().find(|over| over.level < heading.level);
    let is_title = heading.level == 1 && is_first;
    let is_inside = over.is_some_and(|over| matches!(over.topic, Some(Topic::Actions | Topic::Timeline)));
    // "Improve the alerts" is an action, and announces none.
    let opens = || text::fold(text::strip_number(text::strip_pictures(&heading.text.plain)).0);
    let is_task = || opens().split(' ').next().is_some_and(words::is_imperative);
    if is_title || is_inside || is_task() {
        return None;
    }
    words::heading_cue(&heading.text.plain).map(|_| Topic::Actions)
}

/// A heading that is still open.
#[derive(Debug)]
struct Above {
    level: u8,
    topic: Option<Topic>,
    section: usize,
}

/// The level a heading counts as. Labels have one level on paper; below an action label, one that
/// announces nothing of its own, or more actions straight away, is a part of it.
fn nesting(level: u8, own: Option<Topic>, above: &[Above], was_empty: bool) -> u8 {
    if level != LABEL_LEVEL {
        return level;
    }
    let Some(over) = above.iter().rev().find(|over| over.level == LABEL_LEVEL) else { return level };
    let already_inside = above.last().is_some_and(|last| last.level > LABEL_LEVEL);
    let is_part = match own {
        None => true,
        Some(Topic::Actions) => was_empty || already_inside,
        Some(_) => false,
    };
    if over.topic == Some(Topic::Actions) && is_part { LABEL_LEVEL + 1 } else { level }
}

/// The topic of a section under a heading of actions: its groups often bear names such as "Detection".
fn under_actions(own: Option<Topic>) -> Option<Topic> {
    match own {
        Some(
            topic @ (Topic::Lessons
            | Topic::Timeline
            | Topic::Observations
            | Topic::People
            | Topic::Summary
            | Topic::RootCause
            | Topic::Rejected
            | Topic::Other),
        ) => Some(topic),
        None
        | Some(Topic::Actions | Topic::Resolution | Topic::Detection | Topic::Impact | Topic::Details) => {
            Some(Topic::Actions)
        }
    }
}

#[cfg(test)]
mod tests;
