//! What is told to the model about a text: its features, by name.
//!
//! A feature is a word and a place (`heading:prevent`, `lead:change`, `word:alert`), a cue (`cue:commits`, and
//! `most:opens-imperative` when most items of a list have it), or a fact about where the text stands (`kind:item`,
//! `topic:lessons`). The same text in the same place always has the same features.
//!
//! Invariant: what a heading, a list, and a text say is weighed once each and added up, so a text costs as much as
//! its own words, whatever stands around it; of a report without end only so many texts are weighed.

use std::fmt;

use super::cues::{self, Cues, Words};
use super::{BIAS, MAX_REASONS, Model, Unit, decides};
use crate::actions::judge::Judged;
use crate::actions::{Draft, Ground, Place, Rule, list, prose, table};
use crate::document::{Block, BlockKind, Line, one_line};
use crate::outline::Section;
use crate::text;
use crate::words::Topic;

/// How many words of a text are weighed: what an action is about stands at its beginning.
const MAX_WORDS: usize = 60;

/// How many texts of a report are weighed; a report of real people has some hundreds.
const MAX_UNITS: usize = 20_000;

/// How many bytes of text a paragraph has at most: what is longer is a log or a blob.
const MAX_PARAGRAPH: usize = 50_000;

/// How much an item weighs like the mean of its list.
const TOGETHER: f32 = 0.5;

/// What is known about the headings of a report when its texts are weighed.
///
/// Training looks at each report in all three ways, so that the model learns to do without the lists of headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What the lists of headings say.
    Full,
    /// As if no heading were known to announce actions.
    WithoutActions,
    /// As if no heading were known.
    WithoutTopics,
}

/// The features that weigh most, the heaviest first; empty places weigh nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Best<'m>([(f32, &'m str); MAX_REASONS]);

impl<'m> Best<'m> {
    fn add(&mut self, weight: f32, name: &'m str) {
        let places = &mut self.0;
        let Some(at) = places.iter().position(|(other, _)| weight > *other) else { return };
        if name != BIAS && places.iter().all(|(_, other)| *other != name) {
            places[at..].rotate_right(1);
            places[at] = (weight, name);
        }
    }
}

/// As a clause: "heading:prevent +1.2, cue:commits +0.8".
impl fmt::Display for Best<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (weight, name)) in self.0.iter().filter(|(weight, _)| *weight > 0.0).enumerate() {
            write!(f, "{}{name} {weight:+.1}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// A sum of weights, and what it is made of.
#[derive(Clone, Debug, Default)]
struct Sum<'m> {
    score: f32,
    best: Best<'m>,
    /// The names of all features, when asked for.
    names: Option<Vec<String>>,
    name: String,
}

impl<'m> Sum<'m> {
    fn new(named: bool) -> Self {
        Self { names: named.then(Vec::new), ..Self::default() }
    }

    fn add(&mut self, model: &'m Model, parts: &[&str]) {
        self.name.clear();
        parts.iter().for_each(|part| self.name.push_str(part));
        if let Some((name, weight)) = model.weights.get_key_value(&self.name) {
            self.score += weight;
            self.best.add(*weight, name);
        }
        if let Some(names) = &mut self.names {
            names.push(self.name.clone());
        }
    }

    /// The words of a heading or of a lead-in, their pairs, and the cues in them.
    fn context(&mut self, model: &'m Model, place: &str, written: &str) {
        let words = Words::of(written);
        let mut last = "";
        for word in words.iter().take(30) {
            let stem = cues::stem(word);
            self.add(model, &[place, ":", stem]);
            if !last.is_empty() {
                self.add(model, &[place, ":", last, "_", stem]);
            }
            last = stem;
        }
        for cue in words.cues(written).each() {
            self.add(model, &[place, "-cue:", cues::name(cue)]);
        }
    }
}

/// A text of a group, before the group is weighed.
struct Member {
    draft: Draft,
    place: Place,
    words: Words,
    cues: Cues,
    /// What the rules make of it, by number: [`RULES`].
    ruled: [bool; RULES.len()],
}

/// What the rules make of a text, whatever its language.
const RULES: [&str; 5] = ["task", "measure", "promise", "report", "what-if"];

/// Whether a text is each of them.
fn ruled(text: &str) -> [bool; RULES.len()] {
    let judged = Judged::new(text);
    [
        judged.opens_with_task(),
        judged.is_measure(),
        judged.is_promise(),
        judged.is_reported_measure(),
        judged.is_counterfactual(),
    ]
}

/// Weighs all texts of a report, in the order of the document; `named` also names their features.
pub(super) fn units<'m>(
    sections: &[Section<'_>],
    model: &'m Model,
    sight: Sight,
    named: bool,
) -> Vec<Unit<'m>> {
    // Counted in blocks: the same report has other lines in another format.
    let all_blocks: usize = sections.iter().map(|section| 1 + section.blocks.len()).sum();
    let mut blocks_before = 0;
    let announces = |section: &Section<'_>| section.topic == Some(Topic::Actions);
    let is_listed = sight == Sight::Full && sections.iter().any(announces);
    let mut walk = Walk { model, sight, is_listed, beside_list: false, only_prose: false, units: Vec::new() };
    let mut above: Vec<(u8, String)> = Vec::new();
    let mut behind = "none";
    for (at, section) in sections.iter().enumerate() {
        let mut base = Sum::new(named);
        base.add(model, &[BIAS]);
        let is_title = at <= 1 && section.heading.is_some_and(|heading| heading.level == 1);
        if let Some(heading) = section.heading {
            above.retain(|(level, _)| *level < heading.level);
            let name = section.name().unwrap_or_default();
            if !is_title {
                // Where the lists know what a heading announces, its words say nothing more.
                if walk.topic(section.topic) != "actions" {
                    base.context(model, "heading", &name);
                    if let Some((_, over)) = above.last() {
                        base.context(model, "above", over);
                    }
                }
                above.push((heading.level, name));
            }
        }
        if is_title || section.heading.is_none() {
            base.add(model, &["place:no-heading"]);
        }
        let topic = walk.topic(section.topic);
        base.add(model, &["topic:", topic]);
        base.add(model, &["behind:", behind]);
        if section.own.is_some() {
            behind = walk.topic(section.own);
        }
        base.add(model, &["report:", if walk.is_listed { "lists-actions" } else { "lists-none" }]);
        let quarter = blocks_before * 4 / all_blocks.max(1);
        blocks_before += 1 + section.blocks.len();
        base.add(model, &["place:", ["first", "second", "third", "last"][quarter.min(3)], "-quarter"]);
        let lists = |block: &Block| matches!(block.kind, BlockKind::List(_) | BlockKind::Table(_));
        walk.beside_list = section.blocks.iter().any(lists);
        if walk.beside_list {
            base.add(model, &["place:with-list"]);
        }
        let place = Place::elsewhere(section, Ground::Words);
        // What is decided elsewhere need not be weighed, unless somebody asks for the features.
        if named || decides(section.topic, true) {
            walk.only_prose = !named && !decides(section.topic, false);
            walk.blocks(section.blocks, at, topic, &base, &place);
        }
    }
    walk.units
}

struct Walk<'m> {
    model: &'m Model,
    sight: Sight,
    /// Whether a heading of the report announces actions.
    is_listed: bool,
    /// Whether the section has a list or a table.
    beside_list: bool,
    /// Whether lists and tables of the section are decided without weights.
    only_prose: bool,
    units: Vec<Unit<'m>>,
}

impl<'m> Walk<'m> {
    fn topic(&self, topic: Option<Topic>) -> &'static str {
        match topic.filter(|_| self.sight != Sight::WithoutTopics) {
            Some(Topic::Actions) if self.sight == Sight::Full => "actions",
            // Where a report lists its actions elsewhere, no topic means less than where it lists none.
            None | Some(Topic::Actions) => {
                if self.is_listed {
                    "none"
                } else {
                    "open"
                }
            }
            Some(Topic::Lessons) => "lessons",
            Some(Topic::Timeline) => "timeline",
            Some(Topic::RootCause) => "root-cause",
            Some(Topic::Summary) => "summary",
            Some(Topic::People) => "people",
            Some(Topic::Resolution) => "resolution",
            Some(Topic::Detection) => "detection",
            Some(Topic::Impact) => "impact",
            Some(Topic::Observations) => "observations",
            Some(Topic::Details) => "details",
            Some(Topic::Rejected) => "rejected",
            Some(Topic::Other) => "other",
        }
    }

    fn blocks(&mut self, blocks: &[Block], section: usize, topic: &str, base: &Sum<'m>, place: &Place) {
        let mut lead: Option<String> = None;
        for block in blocks {
            if self.units.len() >= MAX_UNITS {
                return;
            }
            let drafts: Vec<(Draft, Place)> = match &block.kind {
                BlockKind::List(_) | BlockKind::Table(_) if self.only_prose => Vec::new(),
                BlockKind::Paragraph(lines) if is_blob(lines) => Vec::new(),
                BlockKind::Paragraph(lines) => {
                    prose::units(lines).into_iter().map(|draft| (draft, place.clone())).collect()
                }
                BlockKind::List(list) => list::drafts(list, place, &mut |_, _, _, _| {}),
                BlockKind::Table(table) => {
                    table::drafts(table, true).into_iter().map(|draft| (draft, place.clone())).collect()
                }
                BlockKind::Quote(blocks) => {
                    self.blocks(blocks, section, topic, base, place);
                    continue;
                }
                _ => continue,
            };
            self.group(drafts, section, topic, base, lead.as_deref());
            lead = match &block.kind {
                BlockKind::Paragraph(lines) if !is_blob(lines) => last_sentence(&one_line(lines).plain),
                _ => None,
            };
        }
    }

    /// Weighs the texts of one list, table, or paragraph.
    fn group(
        &mut self,
        drafts: Vec<(Draft, Place)>,
        section: usize,
        topic: &str,
        base: &Sum<'m>,
        lead: Option<&str>,
    ) {
        let members: Vec<Member> = drafts
            .into_iter()
            .map(|(draft, place)| {
                let words = Words::of(&draft.text.plain);
                let cues = words.cues(&draft.text.plain);
                let ruled = ruled(&draft.text.plain);
                Member { draft, place, words, cues, ruled }
            })
            .filter(|member| member.words.len() > 0)
            .collect();
        if members.is_empty() {
            return;
        }
        let mut common = base.clone();
        match lead {
            Some(lead) => common.context(self.model, "lead", lead),
            None => common.add(self.model, &["lead:none"]),
        }
        let size = ["1", "2", "3-4", "5-8", "9+"][match members.len() {
            0 | 1 => 0,
            2 => 1,
            3 | 4 => 2,
            5..=8 => 3,
            _ => 4,
        }];
        let is_prose = members.iter().all(|member| member.draft.rule == Rule::Sentence);
        common.add(self.model, &["size:", if is_prose { "prose-" } else { "" }, size]);
        if members.len() > 1 {
            let mut counts = vec![0_usize; cues::count()];
            members.iter().flat_map(|member| member.cues.each()).for_each(|cue| counts[cue] += 1);
            for (cue, count) in counts.into_iter().enumerate() {
                let share = if count * 2 >= members.len() {
                    "most:"
                } else if count * 5 >= members.len() {
                    "some:"
                } else {
                    continue;
                };
                common.add(self.model, &[share, cues::name(cue)]);
            }
        }
        if members.len() > 1 {
            for (at, rule) in RULES.into_iter().enumerate() {
                let count = members.iter().filter(|member| member.ruled[at]).count();
                if count * 2 >= members.len() {
                    common.add(self.model, &["most-ruled:", rule]);
                } else if count == 0 {
                    common.add(self.model, &["none-ruled:", rule]);
                }
            }
        }
        let mut before = None;
        let first = self.units.len();
        for (at, member) in members.into_iter().enumerate() {
            let mut sum = common.clone();
            self.unit(&member, topic, before, &mut sum);
            if is_prose {
                sum.add(self.model, &["sentence:", ["first", "second", "later"][at.min(2)]]);
            }
            before = Some(member.cues);
            self.units.push(Unit {
                draft: member.draft,
                place: member.place,
                section,
                best: sum.best,
                features: sum.names.unwrap_or_default(),
                score: sum.score,
            });
        }
        // The items of a list are mostly all actions or none.
        if !is_prose {
            let items = &mut self.units[first..];
            let mean = items.iter().map(|unit| unit.score).sum::<f32>() / items.len() as f32;
            items.iter_mut().for_each(|unit| unit.score += (mean - unit.score) * TOGETHER);
        }
    }

    /// Weighs one text.
    fn unit(&self, member: &Member, topic: &str, before: Option<Cues>, sum: &mut Sum<'m>) {
        let model = self.model;
        let is_sentence = member.draft.rule == Rule::Sentence;
        let beside = if self.beside_list { "-beside-list" } else { "" };
        let kind = member.draft.rule.as_str();
        let opening = cues::name(member.cues.opening());
        let lists = if self.is_listed { "lists-actions" } else { "lists-none" };
        sum.add(model, &["kind:", kind]);
        sum.add(model, &["kind:", kind, "+", opening]);
        sum.add(model, &["topic:", topic, "+", kind]);
        sum.add(model, &["topic:", topic, "+", opening]);
        sum.add(model, &["report:", lists, "+", kind]);
        for cue in member.cues.each() {
            sum.add(model, &["cue:", cues::name(cue)]);
            if is_sentence {
                sum.add(model, &["sentence:", cues::name(cue)]);
            }
        }
        for (_, rule) in member.ruled.iter().zip(RULES).filter(|(is_so, _)| **is_so) {
            sum.add(model, &["ruled:", rule]);
            sum.add(model, &["ruled:", rule, "+", kind]);
            sum.add(model, &["ruled:", rule, "+topic-", topic]);
        }
        if is_sentence {
            sum.add(model, &["sentence:topic-", topic, beside]);
            for cue in before.into_iter().flat_map(Cues::each) {
                sum.add(model, &["before:", cues::name(cue)]);
            }
        }
        let length = match member.words.len() {
            0..=2 => "1-2",
            3..=5 => "3-5",
            6..=10 => "6-10",
            11..=18 => "11-18",
            19..=30 => "19-30",
            _ => "31+",
        };
        sum.add(model, &["length:", length]);
        let fields = &member.draft.fields;
        let stated = [
            ("owner", fields.owner.is_some()),
            ("due", fields.due.is_some()),
            ("done", fields.done == Some(true)),
            ("open", fields.done == Some(false)),
            ("priority", fields.priority.is_some()),
            ("link", !member.draft.text.links.is_empty() || !member.draft.links.is_empty()),
            ("details", !member.draft.details.is_empty()),
            ("marked", member.draft.is_marked),
        ];
        for (field, _) in stated.into_iter().filter(|(_, is_stated)| *is_stated) {
            sum.add(model, &["field:", field]);
        }
        let mut last = "";
        for word in member.words.iter().take(MAX_WORDS) {
            let stem = cues::stem(word);
            sum.add(model, &["word:", stem]);
            if !last.is_empty() {
                sum.add(model, &["word:", last, "_", stem]);
            }
            last = stem;
        }
    }
}

fn is_blob(lines: &[Line]) -> bool {
    let bytes = lines.iter().map(|line| line.text.plain.len() + 1);
    bytes.take(MAX_PARAGRAPH).sum::<usize>() > MAX_PARAGRAPH
}

/// The last sentence of a paragraph: what leads to the list below it.
fn last_sentence(plain: &str) -> Option<String> {
    let (from, to) = text::sentences(plain).into_iter().next_back()?;
    Some(plain[from..to].trim().to_owned())
}
