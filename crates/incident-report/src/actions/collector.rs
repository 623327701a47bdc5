//! Walks the sections of a report and collects its actions.
//!
//! Invariant: everything that was weighed is either kept or noted as a near miss with its rule.

use std::collections::HashSet;

use super::draft::{Draft, Place};
use super::fields::Fields;
use super::judge::Judged;
use super::model::{self, Model, Verdict};
use super::names::Names;
use super::rules::{self, Ground, Miss, NearMiss, Rule, Trace};
use super::{CandidateAction, fields, heading, list, prose, refs, state, table};
use crate::Warning;
use crate::dates::{DateContext, ResolvedDate, resolve_date};
use crate::document::{Block, BlockKind, List, Span, Table};
use crate::facts::Person;
use crate::outline::Section;
use crate::source::Source;
use crate::text;
use crate::words::Topic;

/// Collects the drafts of one report.
pub(super) struct Collector<'a> {
    source: &'a Source<'a>,
    dates: &'a DateContext,
    actions: Vec<CandidateAction>,
    seen: HashSet<String>,
    /// Whether one of them stands under a heading or in a table, and not only behind a sentence that leads in.
    has_headed: bool,
    /// Where the text under headings that are actions stands.
    explained: Vec<Span>,
    names: Names<'a>,
    trace: Trace,
    warnings: &'a mut Vec<Warning>,
}

/// Where the actions of a report were found before its other sections are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Under a heading that announces them, or in a table of actions.
    UnderHeadings,
    /// Only in lists that a sentence leads into.
    BehindSentences,
    /// Nowhere.
    Nowhere,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        source: &'a Source<'a>,
        dates: &'a DateContext,
        people: &'a [Person],
        warnings: &'a mut Vec<Warning>,
    ) -> Self {
        Self {
            source,
            dates,
            actions: Vec::new(),
            seen: HashSet::new(),
            has_headed: false,
            explained: Vec::new(),
            names: Names::new(people, source),
            trace: Trace::default(),
            warnings,
        }
    }

    /// Where actions were found so far.
    pub(super) fn found(&self) -> Found {
        match (self.has_headed, self.actions.is_empty()) {
            (true, _) => Found::UnderHeadings,
            (false, false) => Found::BehindSentences,
            (false, true) => Found::Nowhere,
        }
    }

    /// What was found, and what was passed over.
    pub(super) fn finish(self) -> (Vec<CandidateAction>, Vec<NearMiss>) {
        (self.actions, self.trace.into_misses())
    }

    /// An action section.
    pub(super) fn section(&mut self, section: &Section<'_>, place: &Place) {
        let before = self.actions.len();
        self.section_inner(section, place);
        self.has_headed |= self.actions.len() > before && !section.is_led();
    }

    fn section_inner(&mut self, section: &Section<'_>, place: &Place) {
        if let Some(draft) = heading::item(section) {
            self.explained.push(draft.span);
            self.keep(draft, place);
            return;
        }
        self.blocks(section.blocks, place);
    }

    fn blocks(&mut self, blocks: &[Block], place: &Place) {
        let is_list = |block: &Block| matches!(block.kind, BlockKind::List(_) | BlockKind::Table(_));
        let has_list = blocks.iter().any(is_list);
        // Beside a table of actions, a list explains the columns, or has what the table has no room for.
        let tables: Vec<&Table> = blocks.iter().filter_map(table::of_actions).collect();
        let mut rest = blocks.iter().peekable();
        // The state that a sentence in front gives the next list: "Done: we changed the following rules:".
        let mut led = None;
        while let Some(block) = rest.next() {
            let led = std::mem::replace(&mut led, prose::state_of_list(block));
            match &block.kind {
                BlockKind::Paragraph(lines) => {
                    if let Some(draft) = prose::with_list(lines, rest.peek().copied()) {
                        rest.next();
                        self.keep(draft, place);
                        continue;
                    }
                    let passed = &mut |rule, text: &str, line| {
                        self.trace.miss(rule, text, line, place.section.as_deref());
                    };
                    for draft in prose::drafts(lines, has_list, passed) {
                        self.keep(draft, place);
                    }
                }
                BlockKind::List(list) => {
                    let place = &Place { done: led.or(place.done), ..place.clone() };
                    for (draft, place) in self.items(list, place) {
                        let explains =
                            || !is_work_beside(&draft) || table::explains(&tables, &draft.text.plain);
                        if tables.is_empty() || draft.rule == Rule::Checkbox || !explains() {
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
    pub(super) fn tables_elsewhere(&mut self, section: &Section<'_>) {
        let before = self.actions.len();
        self.tables_in(section);
        self.has_headed |= self.actions.len() > before;
    }

    fn tables_in(&mut self, section: &Section<'_>) {
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
            || self.names.owner_inside(&draft.text.plain).is_some()
            || fields::due_inside(&draft.text.plain, self.dates).is_some()
    }

    /// What a section that is not about actions says has to be done: lines marked in capitals and open boxes
    /// with an owner or a date always; lessons that say what to do, and promises, when nothing else in the
    /// report lists actions.
    pub(super) fn commitments(&mut self, section: &Section<'_>, found: Found) {
        let tells = matches!(
            section.topic,
            Some(Topic::Timeline | Topic::Observations | Topic::People | Topic::Impact)
        );
        let passed = match section.topic {
            _ if tells => Some(Miss::ToldThere),
            _ if found != Found::Nowhere => Some(Miss::OutsideActions),
            _ => None,
        };
        // A sentence that leads into a list stands for that list alone; what others promise goes on with it.
        let may_promise = !tells && found == Found::BehindSentences;
        self.commitments_in(section.blocks, section, passed, may_promise);
    }

    fn commitments_in(
        &mut self,
        blocks: &[Block],
        section: &Section<'_>,
        passed: Option<Miss>,
        may_promise: bool,
    ) {
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
                    let tells_measures = matches!(
                        section.topic,
                        None | Some(Topic::Lessons | Topic::Resolution | Topic::Other)
                    );
                    for draft in prose::promises(lines, tells_measures) {
                        // "Lastly, we will …" behind the list goes on with it.
                        let goes_on = (section.is_resumed || may_promise)
                            && Judged::new(&draft.text.plain).is_promise();
                        self.keep_unless(passed.filter(|_| !goes_on), draft, &place);
                    }
                }
                BlockKind::List(list) => {
                    let drafts = list::drafts(list, &place, &mut |_, _, _, _| {});
                    // The lessons of a list say what to do together, or do not.
                    let tell = drafts.iter().filter(|(draft, _)| Judged::new(&draft.text.plain).is_measure());
                    let lists_tasks = section.topic == Some(Topic::Lessons)
                        && drafts.len() > 1
                        && tell.count() * 3 >= drafts.len() * 2;
                    for (draft, under) in drafts {
                        self.commitment(draft, &under, section, passed, lists_tasks);
                    }
                }
                BlockKind::Quote(blocks) => self.commitments_in(blocks, section, passed, may_promise),
                _ => {}
            }
        }
    }

    /// A list item outside the action sections.
    fn commitment(
        &mut self,
        draft: Draft,
        place: &Place,
        section: &Section<'_>,
        passed: Option<Miss>,
        among_tasks: bool,
    ) {
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
        if is_lesson || among_tasks || is_box || judged.is_promise() {
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

    /// What the rules left open, by weight.
    pub(super) fn weigh(&mut self, sections: &[Section<'_>], model: &Model) {
        for (unit, verdict) in model::verdicts(sections, model) {
            let (line, plain) = (unit.draft.span.first, unit.draft.text.plain.as_str());
            let behind = self.explained.partition_point(|span| span.last < line);
            let explains = self.explained.get(behind).is_some_and(|span| span.first <= line);
            if explains || self.seen.contains(&text::fold(plain)) {
                continue;
            }
            match verdict {
                Verdict::Action => {
                    let place = Place { ground: Ground::Weights, reason: Some(unit.reason()), ..unit.place };
                    self.keep(unit.draft, &place);
                }
                Verdict::NearMiss => {
                    self.trace.weighed(&unit.reason(), plain, line, unit.place.section.as_deref());
                }
            }
        }
    }

    /// Resolves a draft and keeps it, unless it is a placeholder or said before.
    fn keep(&mut self, draft: Draft, place: &Place) {
        let Draft {
            text: mut own,
            span,
            mut fields,
            mut details,
            links: more_links,
            mut refs,
            may_split,
            rule,
            ..
        } = draft;
        if fields.owner.is_none()
            && matches!(rule, Rule::ListItem | Rule::Checkbox | Rule::Line | Rule::TitledLine)
            && let Some((owner, task)) = self.names.owner_in_front(&own.plain)
        {
            fields.owner = Some(owner.to_owned());
            own = own.slice(own.plain.len() - task.len(), own.plain.len());
        }
        if fields.owner.is_none()
            && let Some((task, owner)) = self.names.owner_behind(&own.plain)
        {
            fields.owner = Some(owner.to_owned());
            own = own.slice(0, task.len());
        }
        fields.without_gaps();
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
        let done = fields
            .done
            .or_else(|| told.as_ref().and_then(Judged::done))
            .or_else(|| judged.done())
            .or_else(|| details.iter().any(|detail| state::is_detail_done(detail)).then_some(true))
            // Under "What has been done" a promise is still one.
            .or_else(|| place.done.filter(|done| !*done || !state::is_to_come(&plain)));
        refs::of_fields(&fields, &mut refs);
        let due_text =
            fields.due.or_else(|| fields::due_inside(&plain, self.dates)).or_else(|| place.due.clone());
        let in_heading = || self.names.owner_in_heading(place.section.as_deref()?).map(str::to_owned);
        let owner_text = fields
            .owner
            .or_else(|| self.names.owner_inside(&plain))
            .or_else(|| fields::mentions_in_front(details.first()?))
            .or_else(in_heading);
        let owner_name =
            owner_text.as_deref().and_then(|owner| self.names.full_name(owner)).map(str::to_owned);
        let line = self.source.clamp(span.first);
        let due = due_text.as_deref().and_then(|due| self.due(due, line));
        if let Some(rest) = rest {
            details.insert(0, rest);
        }
        let mut known = HashSet::new();
        let links = own.links.into_iter().map(|link| link.target).chain(more_links);
        let links: Vec<String> =
            links.filter(|link| !link.is_empty() && known.insert(link.clone())).collect();
        refs.mention(details.iter().map(String::as_str), &links);
        self.actions.push(CandidateAction {
            text: plain,
            title: refs::without(&title),
            description: Some(details.join("\n")).filter(|told| !told.is_empty()),
            section: place.section.clone(),
            line,
            quote: self.source.quote(Span::new(line, span.last)).to_owned(),
            owner_text,
            owner_name,
            due_text,
            due,
            done,
            priority_text: fields.priority.or_else(|| place.priority.clone()),
            kind_text: fields.kind,
            category_text: None,
            links,
            issue_refs: refs.all,
            tracked_in: refs.own,
            success_criteria: fields.criteria,
            rule,
            why: rules::why(rule, place),
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

/// Whether an item beside a table of actions is one more: somebody's, due by some day, or a task.
fn is_work_beside(draft: &Draft) -> bool {
    let Fields { owner, due, priority, .. } = &draft.fields;
    // "P1: fix within a week" says what a priority means.
    owner.is_some() || due.is_some() || priority.is_none() && Judged::new(&draft.text.plain).opens_with_task()
}
