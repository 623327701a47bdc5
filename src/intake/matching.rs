//! Which action of the database an item of a newer revision is.
//!
//! Invariant: an action is matched with at most one item and back. The same words win over similar ones, wherever they
//! were moved to; similar ones win by how much they have in common, words that few items have weighing most; where
//! that leaves a choice, heading, neighbours, owner, date and the issues that are named decide. The title alone never
//! does. An item is compared with the few that share its rarest words, so that the time grows with the number of items
//! and not with its square.

mod item;
mod lookalikes;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

pub use self::lookalikes::{Lookalike, lookalikes};
use self::{
    item::{Item, likeness},
    words::{Vocabulary, WordId},
};
use super::Draft;
use crate::action::Action;

/// How alike two items have to be, from 0 to 1, with all that speaks for it. Below this, two different items that share
/// the usual words ("add monitoring for …") would be taken for one.
const ALIKE: f64 = 0.6;

/// How alike their words have to be at the least, whatever else speaks for it.
const ALIKE_IN_WORDS: f64 = 0.52;

/// An item is looked at beside at most so many that share one of its words, or two words in a row, …
const MOST_OF_ONE_WORD: usize = 24;

/// … and so many for all its words, …
const MOST_LOOKED_AT: usize = 240;

/// … of which so many are compared word by word.
const MOST_COMPARED: usize = 12;

/// A neighbour that was found in one round helps to find the next one in another.
const ROUNDS: usize = 3;

/// What became of the items and actions of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// For every draft, the index of the action that it is; nothing for a new one.
    pub drafts: Vec<Option<usize>>,
    /// The indices of the actions that no draft is.
    pub vanished: Vec<usize>,
}

/// Matches the drafts of a revision with the actions that the report had.
#[must_use]
pub fn match_drafts(drafts: &[Draft], actions: &[Action]) -> Matched {
    let mut matching = Matching::new(drafts, actions);
    matching.pair_same_words();
    matching.pair_same_issue();
    for _ in 0..ROUNDS {
        if !matching.pair_alike() {
            break;
        }
    }
    let vanished = (0..actions.len()).filter(|index| matching.of_old[*index].is_none()).collect();
    Matched { drafts: matching.of_new, vanished }
}

/// How much of the smaller of the two lists is in the other one, from 0 to 1, and how many items that are. Nothing where
/// one of them is empty.
#[must_use]
pub fn overlap(drafts: &[Draft], actions: &[Action]) -> Option<(f64, usize)> {
    let live: Vec<Action> = actions.iter().filter(|action| !action.vanished).cloned().collect();
    let smaller = drafts.len().min(live.len());
    if smaller == 0 {
        return None;
    }
    let same = match_drafts(drafts, &live).drafts.iter().flatten().count();
    Some((as_number(same) / as_number(smaller), same))
}

fn as_number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[derive(Debug)]
struct Matching {
    vocabulary: Vocabulary,
    old: Vec<Item>,
    new: Vec<Item>,
    of_old: Vec<Option<usize>>,
    of_new: Vec<Option<usize>>,
}

/// What items with the same words have in common beside them.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
struct Surroundings<'a> {
    references: &'a [String],
    section: &'a [WordId],
    owner: Option<&'a str>,
    before: &'a [WordId],
    after: &'a [WordId],
}

/// By what items with the same words are told apart, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToldBy {
    EverythingAround,
    Issues,
    SectionAndOwner,
    Section,
    Neighbours,
    TheOneBefore,
    TheOneAfter,
    Order,
}

impl ToldBy {
    const ALL: [Self; 8] = [
        Self::EverythingAround,
        Self::Issues,
        Self::SectionAndOwner,
        Self::Section,
        Self::Neighbours,
        Self::TheOneBefore,
        Self::TheOneAfter,
        Self::Order,
    ];

    /// What is compared; nothing for an item that has nothing of the kind.
    fn of(self, items: &[Item], index: usize) -> Option<Surroundings<'_>> {
        let item = &items[index];
        let words = |index: usize| items.get(index).map_or(&[] as &[WordId], |item| &item.words);
        let before = index.checked_sub(1).map_or(&[] as &[WordId], words);
        let after = words(index + 1);
        let (references, section, owner) = (&item.references[..], &item.section[..], item.owner.as_deref());
        let none = Surroundings::default();
        match self {
            Self::EverythingAround => Some(Surroundings { references, section, owner, before, after }),
            Self::Issues => (!references.is_empty()).then_some(Surroundings { references, ..none }),
            Self::SectionAndOwner => owner.is_some().then_some(Surroundings { section, owner, ..none }),
            Self::Neighbours => Some(Surroundings { before, after, ..none }),
            Self::TheOneBefore => (!before.is_empty()).then_some(Surroundings { before, ..none }),
            Self::TheOneAfter => (!after.is_empty()).then_some(Surroundings { after, ..none }),
            Self::Section => Some(Surroundings { section, ..none }),
            Self::Order => Some(none),
        }
    }
}

impl Matching {
    fn new(drafts: &[Draft], actions: &[Action]) -> Self {
        let mut vocabulary = Vocabulary::default();
        let mut old: Vec<Item> =
            actions.iter().map(|action| Item::of_action(action, &mut vocabulary)).collect();
        let mut new: Vec<Item> = drafts.iter().map(|draft| Item::of_draft(draft, &mut vocabulary)).collect();
        item::find_numbered(&mut old);
        item::find_numbered(&mut new);
        Self { of_old: vec![None; old.len()], of_new: vec![None; new.len()], vocabulary, old, new }
    }

    fn pair(&mut self, old: usize, new: usize) {
        self.of_old[old] = Some(new);
        self.of_new[new] = Some(old);
    }

    /// The actions that are left, those that the newest revision had before those that vanished earlier.
    fn left_old(&self) -> Vec<usize> {
        let mut left: Vec<usize> =
            (0..self.old.len()).filter(|index| self.of_old[*index].is_none()).collect();
        left.sort_by_key(|index| !self.old[*index].is_live);
        left
    }

    fn left_new(&self) -> Vec<usize> {
        (0..self.new.len()).filter(|index| self.of_new[*index].is_none()).collect()
    }

    /// Pairs items with the very same words. Where several have them, each way of telling them apart pairs those that it
    /// leaves no choice for; what is told apart by nothing is paired in the order of the document.
    fn pair_same_words(&mut self) {
        for told_by in ToldBy::ALL {
            let mut same: HashMap<_, (VecDeque<usize>, Vec<usize>)> = HashMap::new();
            for index in self.left_old() {
                if let Some(around) = told_by.of(&self.old, index) {
                    same.entry((self.old[index].identity(), around)).or_default().0.push_back(index);
                }
            }
            for index in self.left_new() {
                if let Some(around) = told_by.of(&self.new, index)
                    && let Some(same) = same.get_mut(&(self.new[index].identity(), around))
                {
                    same.1.push(index);
                }
            }
            let takes_any = matches!(told_by, ToldBy::EverythingAround | ToldBy::Order);
            let mut pairs = Vec::new();
            for (mut old, new) in same.into_values() {
                if takes_any || (old.len(), new.len()) == (1, 1) {
                    pairs.extend(new.into_iter().map_while(|new| old.pop_front().map(|old| (old, new))));
                }
            }
            for (old, new) in pairs {
                self.pair(old, new);
            }
        }
    }

    /// Pairs items that name an issue that no other item names, if their words have anything to do with each other.
    fn pair_same_issue(&mut self) {
        const RELATED: f64 = 0.2;

        let of_old = only_one_with(&self.old);
        let of_new = only_one_with(&self.new);
        let mut pairs = Vec::new();
        for (reference, old) in of_old {
            if let (Some(old), Some(Some(new))) = (old, of_new.get(reference)) {
                pairs.push((old, *new));
            }
        }
        for (old, new) in pairs {
            let are_left = self.of_old[old].is_none() && self.of_new[new].is_none();
            if are_left && self.words_alike(old, new) >= RELATED {
                self.pair(old, new);
            }
        }
    }

    /// Pairs items that are alike, the most alike first; of equals, the order of the document. Says whether it paired
    /// any.
    fn pair_alike(&mut self) -> bool {
        const FOR_LIVE: f64 = 0.1;

        let mut pairs = Vec::new();
        let nearby = Nearby::new(self);
        for new in self.left_new() {
            for old in nearby.candidates(self, new) {
                let in_words = self.words_alike(old, new);
                let alike = in_words + self.around_alike(old, new);
                if in_words >= ALIKE_IN_WORDS && alike >= ALIKE {
                    // What vanished earlier comes back, but not in the place of one that was there until now.
                    let preference = if self.old[old].is_live { FOR_LIVE } else { 0.0 };
                    pairs.push((alike + preference, new, old));
                }
            }
        }
        pairs.sort_by(|left, right| {
            right.0.total_cmp(&left.0).then((left.1, left.2).cmp(&(right.1, right.2)))
        });
        let mut has_paired = false;
        for (_, new, old) in pairs {
            if self.of_old[old].is_none() && self.of_new[new].is_none() {
                self.pair(old, new);
                has_paired = true;
            }
        }
        has_paired
    }

    /// How alike the words of two items are, from 0 to 1.
    fn words_alike(&self, old: usize, new: usize) -> f64 {
        /// The words in front of the colon say what it is about.
        const OF_TITLE: f64 = 0.25;
        /// An item of a word or two is told by what explains it.
        const OF_EXPLANATION: f64 = 0.7;

        let (old, new) = (&self.old[old], &self.new[new]);
        if (old.is_numbered || new.is_numbered) && old.numbers != new.numbers {
            return 0.0;
        }
        let alike = |old: &[(WordId, u32)], new: &[(WordId, u32)]| likeness(old, new, &self.vocabulary);
        let mut in_text = alike(&old.bag, &new.bag);
        if old.title.is_some() || new.title.is_some() {
            in_text += OF_TITLE * (alike(old.title(), new.title()) - in_text).max(0.0);
        }
        if old.is_terse && new.is_terse && !old.description.is_empty() && !new.description.is_empty() {
            in_text += OF_EXPLANATION * (alike(&old.description, &new.description) - in_text);
        }
        in_text
    }

    /// What stands around two items and speaks for their being one, or against it.
    fn around_alike(&self, old: usize, new: usize) -> f64 {
        let follows = |of_old: usize, of_new: usize| self.of_new.get(of_new) == Some(&Some(of_old));
        let is_behind = old > 0 && new > 0 && follows(old - 1, new - 1);
        let is_before = follows(old + 1, new + 1);
        let (old, new) = (&self.old[old], &self.new[new]);
        let mut alike = 0.0;
        let mut add = |holds: bool, weight: f64| alike += if holds { weight } else { 0.0 };
        add(old.section == new.section, 0.02);
        add(is_behind, 0.02);
        add(is_before, 0.02);
        add(old.owner.is_some() && old.owner == new.owner, 0.02);
        add(old.due.is_some() && old.due == new.due, 0.01);
        let shared = old.references.iter().any(|reference| new.references.contains(reference));
        let both_name_one = !old.references.is_empty() && !new.references.is_empty();
        add(shared, 0.05);
        add(both_name_one && !shared, -0.15);
        alike
    }
}

/// For every issue that is named, the item that names it; nothing where several do.
fn only_one_with(items: &[Item]) -> BTreeMap<&str, Option<usize>> {
    let mut only = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        for reference in &item.references {
            only.entry(reference.as_str()).and_modify(|at| *at = None).or_insert(Some(index));
        }
    }
    only
}

/// A word, or two in a row.
type Feature = (WordId, Option<WordId>);

fn features(item: &Item, vocabulary: &Vocabulary) -> HashSet<Feature> {
    let words = item.words.iter().filter(|word| vocabulary.is_telling(**word)).map(|word| (*word, None));
    let pairs = item.words.windows(2).map(|pair| (pair[0], Some(pair[1])));
    words.chain(pairs).collect()
}

/// Finds the actions that an item can be: those that share its rarest words, or stand where it stands.
#[derive(Debug)]
struct Nearby {
    left: Vec<usize>,
    with: HashMap<Feature, Vec<usize>>,
}

impl Nearby {
    fn new(matching: &Matching) -> Self {
        let mut left: Vec<usize> = matching.left_old();
        left.sort_unstable();
        let mut with: HashMap<Feature, Vec<usize>> = HashMap::new();
        for &index in &left {
            for feature in features(&matching.old[index], &matching.vocabulary) {
                with.entry(feature).or_default().push(index);
            }
        }
        Self { left, with }
    }

    fn candidates(&self, matching: &Matching, new: usize) -> Vec<usize> {
        let around = new * matching.old.len().max(1) / matching.new.len().max(1);
        let mut lists: Vec<(usize, Feature, &[usize])> = features(&matching.new[new], &matching.vocabulary)
            .into_iter()
            .filter_map(|feature| self.with.get(&feature).map(|of| (of.len(), feature, of.as_slice())))
            .collect();
        lists.sort_unstable_by_key(|(length, feature, _)| (*length, *feature));
        let mut shared: HashMap<usize, f64> = HashMap::new();
        let mut looked_at = 0;
        for (_, (word, next), list) in lists {
            let list = window(list, around);
            looked_at += list.len();
            if looked_at > MOST_LOOKED_AT {
                break;
            }
            let weight =
                matching.vocabulary.weight(word) + next.map_or(0.0, |next| matching.vocabulary.weight(next));
            for &old in list {
                *shared.entry(old).or_default() += weight;
            }
        }
        let mut best: Vec<(usize, f64)> = shared.into_iter().collect();
        best.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let mut candidates: Vec<usize> = best.into_iter().take(MOST_COMPARED).map(|(old, _)| old).collect();
        // One that shares no word may still be the one between the same neighbours, with a slip of the pen put right.
        let behind = new.checked_sub(1).and_then(|before| matching.of_new[before]).map(|old| old + 1);
        let before = matching.of_new.get(new + 1).copied().flatten().and_then(|old| old.checked_sub(1));
        for old in [behind, before].into_iter().flatten() {
            if self.left.binary_search(&old).is_ok() && !candidates.contains(&old) {
                candidates.push(old);
            }
        }
        candidates
    }
}

/// The part of a sorted list that lies nearest to `around`.
fn window(list: &[usize], around: usize) -> &[usize] {
    let middle = list.partition_point(|index| *index < around);
    let start = middle.saturating_sub(MOST_OF_ONE_WORD / 2).min(list.len().saturating_sub(MOST_OF_ONE_WORD));
    &list[start..(start + MOST_OF_ONE_WORD).min(list.len())]
}
