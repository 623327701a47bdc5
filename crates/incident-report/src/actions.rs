//! The candidate actions of a report.
//!
//! One extractor over the sections: lists ([`list`]), tables ([`table`]), prose and titled lines
//! ([`prose`]), and headings that are actions themselves. What an item says about itself (owner, due date,
//! state) is cut off by [`fields`]; whether a text can be an action at all is asked in [`judge`].
//!
//! Invariants: an action stands on a line of the source and its quote starts there; actions come in source
//! order and no two have the same words; sections that the report devotes to something else (timeline,
//! lessons, causes) give actions only when the report has no section for them.

mod fields;
mod judge;
mod list;
mod prose;
mod rules;
mod table;

use std::cell::OnceCell;
use std::collections::HashSet;

use rustc_hash::FxHashSet;
use serde::Serialize;

use self::fields::Fields;
use self::judge::Judged;
pub(crate) use self::rules::{Ground, Trace};
pub use self::rules::{Miss, NearMiss, Rule};
use crate::Warning;
use crate::dates::{DateContext, ResolvedDate, resolve_date};
use crate::document::{Block, BlockKind, Item, List, Span, Table, Text};
use crate::facts::Person;
use crate::outline::Section;
use crate::source::Source;
use crate::text;
use crate::words::{self, Phrases, Topic};

/// Something a report says will be or was done because of the incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateAction {
    /// The action on one line, verbatim, with its markup and the fields set off from it removed.
    pub text: String,
    /// A short name: the words before the colon of `Title: description`, else the text.
    pub title: String,
    /// What explains it: the words after the colon, sub-items, paragraphs under a heading.
    pub description: Option<String>,
    /// The nearest heading or label.
    pub section: Option<String>,
    /// The 1-based line it starts on.
    pub line: usize,
    /// The source lines, verbatim.
    pub quote: String,
    /// The owner as written.
    pub owner_text: Option<String>,
    /// The due date as written.
    pub due_text: Option<String>,
    /// What the due date means, where it is clear.
    pub due: Option<ResolvedDate>,
    /// Whether it is done; `None` when the report does not say.
    pub done: Option<bool>,
    /// The priority as written.
    pub priority_text: Option<String>,
    /// The kind as written: a type column, or a tag such as `[repair]`.
    pub kind_text: Option<String>,
    /// The addresses in it.
    pub links: Vec<String>,
    /// The rule that found it.
    pub rule: Rule,
    /// Why it is an action: its shape and what announced it, as a sentence without a full stop.
    pub why: String,
}

/// What an item inherits from where it stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// The nearest heading or label.
    pub(crate) section: Option<String>,
    /// The state that the heading gives all items ("Completed", "To do").
    pub(crate) done: Option<bool>,
    /// The due date that the heading gives all items ("Q4 2025", "within 30 days").
    pub(crate) due: Option<String>,
    /// What makes it a place of actions.
    pub(crate) ground: Ground,
}

impl Place {
    /// The place under a further label.
    fn under(&self, label: &str) -> Self {
        let (done, due) = judge::of_heading(label);
        let name = label.trim().trim_end_matches([':', '：']).trim();
        Self {
            section: if name.is_empty() { self.section.clone() } else { Some(name.to_owned()) },
            done: done.or(self.done),
            due: due.or_else(|| self.due.clone()),
            ground: self.ground,
        }
    }

    /// Outside the action sections.
    fn elsewhere(section: &Section<'_>, ground: Ground) -> Self {
        Self { section: section.name(), ground, ..Self::default() }
    }
}

/// An action before its fields are resolved.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its words, with the fields cut off.
    pub(crate) text: Text,
    /// The lines it stands on.
    pub(crate) span: Span,
    /// What the item says about itself.
    pub(crate) fields: Fields,
    /// What explains it, a line each.
    pub(crate) details: Vec<String>,
    /// Links of the details and of fields.
    pub(crate) links: Vec<String>,
    /// Whether `Title: description` may be split.
    pub(crate) may_split: bool,
    /// Whether it is marked in capitals: "ACTION: …".
    pub(crate) is_marked: bool,
    /// The rule that found it.
    pub(crate) rule: Rule,
}

/// Collects the drafts of one report.
struct Collector<'a> {
    source: &'a Source<'a>,
    dates: &'a DateContext,
    actions: Vec<CandidateAction>,
    seen: HashSet<String>,
    names: Names<'a>,
    trace: Trace,
    warnings: &'a mut Vec<Warning>,
}

/// What the extractor took for actions, and what it passed over, both in the order of the document.
#[derive(Debug)]
pub(crate) struct Extracted {
    /// The actions.
    pub(crate) actions: Vec<CandidateAction>,
    /// What was weighed and not taken.
    pub(crate) near_misses: Vec<NearMiss>,
}

/// Extracts the candidate actions of a report.
pub(crate) fn extract(
    sections: &[Section<'_>],
    source: &Source<'_>,
    dates: &DateContext,
    people: &[Person],
    warnings: &mut Vec<Warning>,
) -> Extracted {
    let names = Names::new(people, source);
    let mut collector = Collector {
        source,
        dates,
        actions: Vec::new(),
        seen: HashSet::new(),
        names,
        trace: Trace::default(),
        warnings,
    };
    let mut inherited = Place::default();
    for section in sections {
        if section.topic == Some(Topic::Actions) {
            let place = match section.name() {
                // What a parent heading says of all its items counts below it, and not behind it.
                Some(name) if section.inside_actions => inherited.under(&name),
                Some(name) => {
                    let ground = Ground::Heading(section.announced_by().unwrap_or("actions"));
                    inherited = Place { ground, ..Place::default() }.under(&name);
                    inherited.clone()
                }
                None => Place::default(),
            };
            collector.section(section, &place);
        } else if section.topic != Some(Topic::Timeline) {
            collector.tables_elsewhere(section);
        }
    }
    let lists_actions = !collector.actions.is_empty();
    for section in sections.iter().filter(|section| section.topic != Some(Topic::Actions)) {
        collector.commitments(section, lists_actions);
    }
    let Collector { mut actions, trace, warnings, .. } = collector;
    actions.sort_by_key(|action| action.line);
    let near_misses = trace.into_misses();
    if actions.is_empty() {
        warnings.push(nothing_found(sections, &near_misses));
    }
    Extracted { actions, near_misses }
}

/// Says that a report has no actions, what was looked for, and what came nearest.
fn nothing_found(sections: &[Section<'_>], near_misses: &[NearMiss]) -> Warning {
    let headed = sections.iter().find(|section| section.topic == Some(Topic::Actions));
    let looked = match headed.and_then(|section| Some((section.name()?, section.span.first))) {
        Some((name, line)) => format!("nothing under “{name}” (line {line}) is one"),
        None => {
            "no heading announces actions, such as “Action items”, and no sentence commits to one".to_owned()
        }
    };
    let nearest = near_misses.first().map(|miss| {
        format!("; the nearest is “{}” (line {}), but {}", short(&miss.text), miss.line, miss.rule.why())
    });
    let message = format!("no action was found: {looked}{}", nearest.unwrap_or_default());
    Warning { code: "no-actions", message, line: None }
}

/// The first words of a text.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

impl Collector<'_> {
    /// An action section.
    fn section(&mut self, section: &Section<'_>, place: &Place) {
        if let Some(draft) = heading_item(section) {
            self.keep(draft, place);
            return;
        }
        self.blocks(section.blocks, place);
    }

    fn blocks(&mut self, blocks: &[Block], place: &Place) {
        let is_list = |block: &Block| matches!(block.kind, BlockKind::List(_) | BlockKind::Table(_));
        let has_list = blocks.iter().any(is_list);
        // Beside a table of actions, a list explains the columns.
        let has_table = blocks.iter().any(|block| match &block.kind {
            BlockKind::Table(table) => table::lists_actions(table),
            _ => false,
        });
        for block in blocks {
            match &block.kind {
                BlockKind::Paragraph(lines) => {
                    let passed = &mut |rule, text: &str, line| {
                        self.trace.miss(rule, text, line, place.section.as_deref());
                    };
                    for draft in prose::drafts(lines, has_list, passed) {
                        self.keep(draft, place);
                    }
                }
                BlockKind::List(list) => {
                    for (draft, place) in self.items(list, place) {
                        if !has_table || draft.rule == Rule::Checkbox {
                            self.keep(draft, &place);
                        } else {
                            self.pass(Miss::BesideTable, &draft, &place);
                        }
                    }
                }
                BlockKind::Table(table) => {
                    let drafts = table::drafts(table, true);
                    if drafts.is_empty() && table::tells_events(table) {
                        self.trace.miss(
                            Miss::EventTable,
                            "a table of events",
                            block.span.first,
                            place.section.as_deref(),
                        );
                    }
                    for draft in drafts {
                        self.keep(draft, place);
                    }
                }
                BlockKind::Quote(blocks) => self.blocks(blocks, place),
                BlockKind::FrontMatter(_) | BlockKind::Heading(_) | BlockKind::Code | BlockKind::Rule => {}
            }
        }
    }

    /// The drafts of a list; what its items are otherwise is noted.
    fn items(&mut self, list: &List, place: &Place) -> Vec<(Draft, Place)> {
        list::drafts(list, place, &mut |rule, text: &str, line, place: &Place| {
            self.trace.miss(rule, text, line, place.section.as_deref());
        })
    }

    /// Notes a draft that is no action.
    fn pass(&mut self, rule: Miss, draft: &Draft, place: &Place) {
        self.trace.miss(rule, &draft.text.plain, draft.span.first, place.section.as_deref());
    }

    /// Tables that are plainly lists of actions, wherever they stand.
    fn tables_elsewhere(&mut self, section: &Section<'_>) {
        let place = Place::elsewhere(section, Ground::Columns);
        for block in section.blocks {
            if let BlockKind::Table(table) = &block.kind {
                for draft in table::drafts(table, false) {
                    self.keep(draft, &place);
                }
            }
        }
    }

    /// Whether somebody is to do it, or by some day.
    fn is_assigned(&self, draft: &Draft) -> bool {
        draft.fields.owner.is_some()
            || draft.fields.due.is_some()
            || fields::owner_inside(&draft.text.plain).is_some()
            || fields::due_inside(&draft.text.plain, self.dates).is_some()
    }

    /// What a section that is not about actions says has to be done: lines marked in capitals and open boxes
    /// with an owner or a date always; lessons that say what to do, and promises, when nothing else in the
    /// report lists actions.
    fn commitments(&mut self, section: &Section<'_>, lists_actions: bool) {
        let tells = matches!(
            section.topic,
            Some(Topic::Timeline | Topic::Observations | Topic::People | Topic::Impact)
        );
        let passed = match section.topic {
            _ if tells => Some(Miss::ToldThere),
            _ if lists_actions => Some(Miss::OutsideActions),
            _ => None,
        };
        self.commitments_in(section.blocks, section, passed);
    }

    fn commitments_in(&mut self, blocks: &[Block], section: &Section<'_>, passed: Option<Miss>) {
        let place = Place::elsewhere(section, Ground::Words);
        let marked = Place::elsewhere(section, Ground::Marked);
        let is_timeline = section.topic == Some(Topic::Timeline);
        for block in blocks {
            match &block.kind {
                BlockKind::Paragraph(lines) => {
                    for draft in prose::marked(lines).into_iter().filter(|_| !is_timeline) {
                        if Judged::new(&draft.text.plain).is_told() || self.is_assigned(&draft) {
                            self.keep(draft, &marked);
                        }
                    }
                    for draft in prose::promises(lines) {
                        self.keep_unless(passed, draft, &place);
                    }
                }
                BlockKind::List(list) => {
                    for (draft, under) in list::drafts(list, &place, &mut |_, _, _, _| {}) {
                        self.commitment(draft, &under, section, passed);
                    }
                }
                BlockKind::Quote(blocks) => self.commitments_in(blocks, section, passed),
                _ => {}
            }
        }
    }

    /// A list item outside the action sections.
    fn commitment(&mut self, draft: Draft, place: &Place, section: &Section<'_>, passed: Option<Miss>) {
        let is_box = draft.rule == Rule::Checkbox;
        let is_open = is_box && draft.fields.done == Some(false);
        let is_assigned = self.is_assigned(&draft);
        let is_task = draft.is_marked && Judged::new(&draft.text.plain).is_told();
        let is_marked = is_task || (draft.is_marked || is_open) && is_assigned;
        if is_marked && section.topic != Some(Topic::Timeline) {
            self.keep(draft, &Place { ground: Ground::Marked, ..place.clone() });
            return;
        }
        let judged = Judged::new(&draft.text.plain);
        let opens_with_task = judged.opens_with_task();
        let is_lesson = section.topic == Some(Topic::Lessons) && opens_with_task;
        if is_lesson || is_box || judged.is_promise() {
            self.keep_unless(passed, draft, place);
        } else if opens_with_task && passed != Some(Miss::ToldThere) {
            self.pass(passed.unwrap_or(Miss::Unannounced), &draft, place);
        }
    }

    fn keep_unless(&mut self, passed: Option<Miss>, draft: Draft, place: &Place) {
        match passed {
            Some(rule) => self.pass(rule, &draft, place),
            None => self.keep(draft, place),
        }
    }

    /// Resolves a draft and keeps it, unless it is a placeholder or said before.
    fn keep(&mut self, draft: Draft, place: &Place) {
        let Draft {
            text: mut own, span, mut fields, mut details, links: more_links, may_split, rule, ..
        } = draft;
        if fields.owner.is_none()
            && matches!(rule, Rule::ListItem | Rule::Checkbox | Rule::Line | Rule::TitledLine)
            && let Some((owner, task)) = self.names.owner_in_front(&own.plain)
        {
            fields.owner = Some(owner.to_owned());
            own = own.slice(own.plain.len() - task.len(), own.plain.len());
        }
        let plain = text::collapse(&own.plain);
        let judged = Judged::new(&plain);
        let folded = text::fold(&plain);
        let missed = if fields.is_rejected {
            Some(Miss::Rejected)
        } else if folded.is_empty() && own.links.is_empty() || judged.is_placeholder() {
            Some(Miss::Placeholder)
        } else if judged.is_housekeeping() {
            Some(Miss::Housekeeping)
        } else if !self.seen.insert(folded) {
            Some(Miss::SaidBefore)
        } else {
            None
        };
        if let Some(missed) = missed {
            self.trace.miss(missed, &plain, span.first, place.section.as_deref());
            return;
        }
        let (title, rest) = match fields::split_title(&own).filter(|_| may_split) {
            Some((title, rest)) => (title, Some(rest)),
            None => (plain.clone(), None),
        };
        let told = rest.as_deref().map(Judged::new);
        let done = fields.done.or_else(|| told.as_ref().unwrap_or(&judged).done()).or(place.done);
        let due_text =
            fields.due.or_else(|| fields::due_inside(&plain, self.dates)).or_else(|| place.due.clone());
        let owner_text = fields.owner.or_else(|| fields::owner_inside(&plain));
        let line = self.source.clamp(span.first);
        let due = due_text.as_deref().and_then(|due| self.due(due, line));
        if let Some(rest) = rest {
            details.insert(0, rest);
        }
        let mut known = HashSet::new();
        let links = own.links.into_iter().map(|link| link.target).chain(more_links);
        let links = links.filter(|link| !link.is_empty() && known.insert(link.clone())).collect();
        self.actions.push(CandidateAction {
            text: plain,
            title,
            description: Some(details.join("\n")).filter(|told| !told.is_empty()),
            section: place.section.clone(),
            line,
            quote: self.source.quote(Span::new(line, span.last)).to_owned(),
            owner_text,
            due_text,
            due,
            done,
            priority_text: fields.priority,
            kind_text: fields.kind,
            links,
            rule,
            why: rules::why(rule, place.ground, place.section.as_deref()),
        });
    }

    fn due(&mut self, written: &str, line: usize) -> Option<ResolvedDate> {
        let due = resolve_date(written, self.dates);
        let warning = match &due {
            None => Some(("unclear-due", format!("the due date \"{written}\" is unclear"))),
            Some(due) => due.warning.clone().map(|message| ("ambiguous-date", message)),
        };
        if let Some((code, message)) = warning {
            self.warnings.push(Warning { code, message, line: Some(line) });
        }
        due
    }
}

/// The longest word that is looked up as a name, in bytes.
const MAX_NAME: usize = 80;

/// Whom an item may name in front of its colon.
#[derive(Debug)]
struct Names<'a> {
    /// The folded names, first names, and logins of the report's people.
    people: HashSet<String>,
    source: &'a Source<'a>,
    /// The words that the report writes small, which are no names; collected when first asked for.
    small: OnceCell<FxHashSet<&'a str>>,
}

impl<'a> Names<'a> {
    fn new(people: &[Person], source: &'a Source<'a>) -> Self {
        let mut known = HashSet::new();
        for person in people {
            let name = text::fold(&person.name);
            known.extend(name.split(' ').next().map(str::to_owned));
            known.insert(name);
            known.extend(person.login.as_deref().map(text::fold));
        }
        Self { people: known, source, small: OnceCell::new() }
    }

    /// Whether the report writes a folded word small.
    fn is_small(&self, folded: &str) -> bool {
        let words = || self.source.lines().flat_map(|line| line.split(|c: char| !c.is_alphabetic()));
        let small = |word: &&str| word.starts_with(char::is_lowercase) && word.len() <= MAX_NAME;
        self.small.get_or_init(|| words().filter(small).collect()).contains(folded)
    }

    /// The owner and the task of "Ann: test the alarm".
    fn owner_in_front<'t>(&self, plain: &'t str) -> Option<(&'t str, &'t str)> {
        let (name, task) = text::label_and_value(plain)?;
        // "Ann and Bob: …" names two.
        let mut parts = name.split([',', '&', '/']).flat_map(|part| part.split(" and ")).map(str::trim);
        let is_person = parts.all(|part| {
            let folded = text::fold(part);
            self.people.contains(&folded) || fields::looks_like_name(part, task) && !self.is_small(&folded)
        });
        (is_person && !task.is_empty()).then_some((name, task))
    }
}

/// Whether a text is what a template leaves to be filled in, or says that there is nothing.
pub(crate) fn is_placeholder(written: &str) -> bool {
    judge::is_placeholder(written)
}

/// Whether a list item is work to be done by its box or its fields, wherever it stands.
pub(crate) fn is_work(item: &Item) -> bool {
    let own = item.own_text().0;
    let (_, fields) = fields::cut(&own);
    item.checked.is_some() || fields.owner.is_some() || fields.due.is_some() || fields::is_marked(&own.plain)
}

/// Whether a line of text is marked as work to be done.
pub(crate) fn is_marked(plain: &str) -> bool {
    fields::is_marked(plain)
}

/// Whether a table is a list of actions.
pub(crate) fn is_action_table(table: &Table) -> bool {
    table::lists_actions(table)
}

/// A heading inside an action section that is an action itself, with the text under it as its explanation.
fn heading_item(section: &Section<'_>) -> Option<Draft> {
    let heading = section.heading.filter(|_| section.inside_actions && !section.has_children)?;
    let (bare, numbered) = text::strip_number(text::strip_pictures(&heading.text.plain));
    let is_label = bare.trim_end().ends_with([':', '：']);
    let has_items =
        section.blocks.iter().any(|block| matches!(block.kind, BlockKind::List(_) | BlockKind::Table(_)));
    let explains = section.blocks.iter().any(|block| matches!(block.kind, BlockKind::Paragraph(_)));
    let folded = words::fold_heading(bare);
    let is_group = words::is(Phrases::Group, &folded) || section.own.is_some();
    // A number makes an item of a heading, unless a list below it says that it is a group.
    let is_item = if numbered { !has_items || judge::opens_with_task(bare) } else { explains && !has_items };
    if is_label || is_group || !is_item || text::word_count(bare) < 2 {
        return None;
    }
    let end = heading.text.plain.len();
    let own = heading.text.slice(end - bare.len(), end);
    let (own, mut fields) = fields::cut(&own);
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
    Some(Draft {
        text: own,
        span,
        fields,
        details,
        links,
        may_split: false,
        is_marked: false,
        rule: Rule::HeadingItem,
    })
}

#[cfg(test)]
mod tests;
