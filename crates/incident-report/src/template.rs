//! Whether a report is a template that nobody filled in.
//!
//! A template is known by what is left in it: places to fill in (`[Describe the impact]`, `{{ date }}`,
//! `YYYY-MM-DD`, `TBD`), sections and fields without a word, and sentences that tell the writer what to
//! write. Each heading, field, paragraph, item, and row counts once, as blank or as told: a report has a few
//! blanks, a template little else. The words of templates are in `data/phrases.txt`.
//!
//! Invariant: actions are only taken back from what is a template by most of its parts and by many marks,
//! and not when most of them have a day by which they are due, nor from a report that was begun (it has a title and a
//! day): those somebody wrote. What is taken back is a near miss.

mod blank;

use rustc_hash::FxHashMap;

use self::blank::{
    asks_for_actions, instructs, is_blank_field, is_marked, is_title, is_title_of_template, numbered_name,
    speaks_of_itself,
};
pub(crate) use self::blank::{is_blank, is_gap};
use crate::Warning;
use crate::actions::{Extracted, Miss, NearMiss};
use crate::document::{Block, BlockKind, Item, Line, List, Table, one_line};
use crate::facts::ReportFacts;
use crate::outline::Section;
use crate::text;
use crate::words::{self, Topic};

/// How many blanks are too few to tell a template by.
const FEW: usize = 3;

/// How many marks (placeholders, instructions) make it sure that the items of a template are its examples.
const MANY_MARKS: usize = 5;

/// How many parts are counted: a template has some dozens.
const MAX_PARTS: usize = 10_000;

/// How much of a blank is quoted, in characters.
const MAX_QUOTED: usize = 60;

/// What stands where something is to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Blank {
    /// The line it stands on.
    line: usize,
    /// The placeholder, or the name of what has no word in it.
    words: String,
    /// Whether it is a placeholder; else it is empty.
    is_marked: bool,
}

/// What was counted in a report.
#[derive(Debug, Default)]
pub(crate) struct Count {
    /// Parts that say something.
    told: usize,
    /// Parts that are to be filled in, or were left without a word.
    blanks: usize,
    /// Of those, the placeholders and instructions.
    marks: usize,
    /// Sentences in which a template speaks of itself.
    talks: usize,
    /// The first placeholder.
    first_marked: Option<Blank>,
    /// The first part without a word.
    first_empty: Option<Blank>,
    /// The first sentence of the template about itself.
    first_talk: Option<Blank>,
    /// The first blank among the actions.
    first_of_actions: Option<Blank>,
}

/// Says when a report is a template that nobody filled in, and takes back what are its examples.
pub(crate) fn check(
    sections: &[Section<'_>],
    facts: &ReportFacts,
    found: &mut Extracted,
    warnings: &mut Vec<Warning>,
) {
    let count = count(sections);
    if count.is_template() && (count.talks > 0 || count.marks >= MANY_MARKS) {
        let with_day = found.actions.iter().filter(|action| action.due.is_some()).count();
        let is_begun = facts.title.is_some() && facts.incident_date.is_some();
        let is_examples = !is_begun && with_day * 2 < found.actions.len().max(1);
        let examples = if is_examples { std::mem::take(&mut found.actions) } else { Vec::new() };
        found.near_misses.extend(examples.into_iter().map(|action| NearMiss {
            text: action.text,
            section: action.section,
            line: action.line,
            rule: Miss::InTemplate,
            reason: None,
        }));
        found.near_misses.sort_by_key(|miss| miss.line);
        if found.actions.is_empty() && !warnings.iter().any(|warning| warning.code == "no-actions") {
            let message = "no action was found: what the template lists are its examples".to_owned();
            warnings.push(Warning { code: "no-actions", message, line: None });
        }
    }
    warnings.extend(count.warning(found.actions.is_empty()));
}

/// Counts what is told and what is blank.
fn count(sections: &[Section<'_>]) -> Count {
    let mut count = Count::default();
    for section in sections {
        let in_actions = section.topic == Some(Topic::Actions);
        if let Some(heading) = section.heading {
            let words = heading.text.plain.as_str();
            let is_name = words::topic(words).is_some() || words::field(words).is_some();
            if speaks_of_itself(words) || heading.level == 1 && is_title_of_template(words) {
                count.talk(section.span.first, words);
            } else if is_marked(words) || !is_name && (is_blank(words) || is_title(words)) {
                count.mark(section.span.first, words, false);
            } else if section.blocks.is_empty() && !section.has_children {
                count.empty(section.span.first, words, in_actions);
            }
        }
        count.run(section.blocks, in_actions);
    }
    count
}

impl Count {
    /// Whether more is blank than told.
    fn is_template(&self) -> bool {
        self.blanks >= FEW && self.blanks > self.told
    }

    /// Whether so much is blank that it may be why there is no action.
    fn is_partly_filled(&self) -> bool {
        self.first_of_actions.is_some() || self.blanks >= FEW && self.blanks * 3 > self.told
    }

    /// What to say about a report that is a template, or may lack its actions because it is one.
    pub(crate) fn warning(&self, has_no_actions: bool) -> Option<Warning> {
        let (code, state, first) = if self.is_template() {
            let state = if has_no_actions {
                "the template was not filled in"
            } else {
                "most of the template was not filled in"
            };
            ("template-not-filled", state, self.first_marked.as_ref().or(self.first_empty.as_ref()))
        } else if has_no_actions && self.is_partly_filled() {
            let first = self.first_of_actions.as_ref().or(self.first_marked.as_ref());
            let first = first.or(self.first_empty.as_ref());
            ("template-not-finished", "the template was not filled in to its end", first)
        } else {
            return None;
        };
        let first = first.or(self.first_talk.as_ref())?;
        let what =
            if first.is_marked { "the first placeholder is" } else { "the first part without a word is" };
        let message = format!("{state}; {what} “{}”", quoted(&first.words));
        Some(Warning { code, message, line: Some(first.line) })
    }

    /// A part that says something.
    pub(crate) fn tell(&mut self) {
        self.told += 1;
    }

    /// A placeholder or an instruction.
    pub(crate) fn mark(&mut self, line: usize, words: &str, in_actions: bool) {
        self.blanks += 1;
        self.marks += 1;
        let blank = || Blank { line, words: words.trim().to_owned(), is_marked: true };
        self.first_marked.get_or_insert_with(blank);
        if in_actions {
            self.first_of_actions.get_or_insert_with(blank);
        }
    }

    /// A part that has a name and nothing else.
    pub(crate) fn empty(&mut self, line: usize, name: &str, in_actions: bool) {
        self.blanks += 1;
        let blank =
            || Blank { line, words: name.trim().trim_end_matches([':', '：']).to_owned(), is_marked: false };
        if !name.trim().is_empty() {
            self.first_empty.get_or_insert_with(blank);
            if in_actions {
                self.first_of_actions.get_or_insert_with(blank);
            }
        }
    }

    /// A sentence in which a template speaks of itself: blank, and no place to fill in.
    fn talk(&mut self, line: usize, words: &str) {
        self.blanks += 1;
        self.talks += 1;
        self.first_talk.get_or_insert_with(|| Blank {
            line,
            words: words.trim().to_owned(),
            is_marked: true,
        });
    }

    /// Blocks that follow each other.
    fn run(&mut self, blocks: &[Block], in_actions: bool) {
        for (block, next) in blocks.iter().zip(blocks.iter().skip(1).map(Some).chain([None])) {
            if self.told + self.blanks > MAX_PARTS {
                return;
            }
            let leads_in =
                next.is_some_and(|next| !matches!(next.kind, BlockKind::Paragraph(_) | BlockKind::Rule));
            self.block(block, in_actions, leads_in);
        }
    }

    fn block(&mut self, block: &Block, in_actions: bool, leads_in: bool) {
        match &block.kind {
            BlockKind::Paragraph(lines) => self.paragraph(lines, in_actions, leads_in),
            BlockKind::List(list) => self.list(list, in_actions),
            BlockKind::Table(table) => self.table(table, block.span.first, in_actions),
            BlockKind::Quote(blocks) => self.run(blocks, in_actions),
            BlockKind::FrontMatter(pairs) => {
                for pair in pairs.iter().filter(|pair| is_blank(&pair.value) || is_title(&pair.value)) {
                    self.mark(pair.line, &pair.value, false);
                }
            }
            // Code is output, a query, or a drawing: somebody put it there.
            BlockKind::Code => self.told += 1,
            BlockKind::Heading(_) | BlockKind::Rule => {}
        }
    }

    fn paragraph(&mut self, lines: &[Line], in_actions: bool, leads_in: bool) {
        let is_fields = lines.iter().all(|line| text::label_and_value(&line.text.plain).is_some());
        for (at, line) in lines.iter().enumerate().take(MAX_PARTS).filter(|_| is_fields) {
            // "These were the messages:" has its value below.
            let is_blank = is_blank_field(&line.text) && (at + 1 < lines.len() || !leads_in);
            self.words(line.number, &line.text.plain, is_blank, in_actions);
        }
        let whole = one_line(lines);
        if let Some(first) = lines.first().filter(|_| !is_fields) {
            self.words(first.number, &whole.plain, is_blank(&whole.plain), in_actions);
        }
    }

    /// A part with words in it.
    fn words(&mut self, line: usize, words: &str, is_blank: bool, in_actions: bool) {
        if speaks_of_itself(words) {
            self.talk(line, words);
        } else if words.trim_end().ends_with([':', '：']) && is_blank {
            self.empty(line, words, in_actions);
        } else if is_blank || instructs(words) {
            self.mark(line, words, in_actions);
        } else {
            self.told += 1;
        }
    }

    fn list(&mut self, list: &List, in_actions: bool) {
        let mut names: FxHashMap<String, usize> = FxHashMap::default();
        for name in list.items.iter().filter_map(|item| numbered_name(&item.own_text().0.plain)) {
            *names.entry(name).or_default() += 1;
        }
        for item in &list.items {
            self.item(item, &names, in_actions);
        }
    }

    fn item(&mut self, item: &Item, names: &FxHashMap<String, usize>, in_actions: bool) {
        let (own, _) = item.own_text();
        let plain = own.plain.as_str();
        // "Cause 1", "Cause 2": one such item may be one's own.
        let is_numbered = numbered_name(plain).is_some_and(|name| names.get(&name).is_some_and(|&n| n > 1));
        let is_link = plain.is_empty() && !own.links.is_empty();
        let has_more = !item.rest().is_empty();
        if plain.is_empty() && item.blocks.len() <= 1 && !is_link {
            self.empty(item.span.first, "", in_actions);
        } else if is_numbered || is_blank_field(&own) && !(has_more && plain.ends_with([':', '：'])) {
            self.words(item.span.first, plain, true, in_actions);
        } else if in_actions && !asks_for_actions(plain) {
            // "Describe the new alarm in the runbook" is an action, not an instruction.
            self.told += 1;
        } else {
            self.words(item.span.first, plain, false, in_actions);
        }
        self.run(item.rest(), in_actions);
    }

    fn table(&mut self, table: &Table, line: usize, in_actions: bool) {
        let header =
            table.header.iter().map(|cell| cell.text.plain.as_str()).find(|cell| !cell.trim().is_empty());
        if table.rows.is_empty() {
            self.empty(line, header.unwrap_or_default(), in_actions);
        }
        for row in &table.rows {
            let line = row.first().map_or(line, |cell| cell.line);
            let filled: Vec<&str> =
                row.iter().map(|cell| cell.text.plain.trim()).filter(|cell| !cell.is_empty()).collect();
            let blanks = filled.iter().filter(|cell| is_blank(cell)).count();
            let [first, values @ ..] = &filled[..] else {
                self.empty(line, header.unwrap_or_default(), in_actions);
                continue;
            };
            // A field over one row; in a list of actions, "TODO" is a state.
            let is_field = !in_actions && row.len() > 1 && values.iter().all(|value| is_blank(value));
            match values.iter().find(|value| is_blank(value)) {
                None if is_field => self.empty(line, first, in_actions),
                Some(value) if is_field || blanks * 2 > filled.len() => self.mark(line, value, in_actions),
                None if blanks == filled.len() => self.mark(line, first, in_actions),
                _ => self.told += 1,
            }
        }
    }
}

/// The beginning of a text on one line, for a message.
fn quoted(words: &str) -> String {
    match words.char_indices().nth(MAX_QUOTED) {
        Some((at, _)) => format!("{}…", words[..at].trim_end()),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests;
