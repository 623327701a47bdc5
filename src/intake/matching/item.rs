//! An item of a report, or an action it became, as far as it tells one from another.

use std::collections::HashMap;

use super::words::{Side, Vocabulary, WordId, counted};
use crate::{
    action::Action,
    intake::{
        Draft,
        reference::{self, Reference},
    },
};

/// What identity is read from. Drafts and actions become the same thing.
#[derive(Debug)]
pub(super) struct Item {
    /// The words of the text, in their order.
    pub(super) words: Vec<WordId>,
    /// The same, counted and sorted.
    pub(super) bag: Vec<(WordId, u32)>,
    /// The words of the title, where it is not the whole text.
    pub(super) title: Option<Vec<(WordId, u32)>>,
    /// The words of an explanation that is not part of the text.
    pub(super) description: Vec<(WordId, u32)>,
    /// The words of the heading.
    pub(super) section: Vec<WordId>,
    pub(super) owner: Option<String>,
    pub(super) due: Option<String>,
    /// The issues that it names.
    pub(super) references: Vec<String>,
    /// Its text is a word or two: a heading over an explanation.
    pub(super) is_terse: bool,
    /// The numbers in it.
    pub(super) numbers: Vec<WordId>,
    /// Others differ from it in their numbers only: then those are names ("shard 1", "shard 2").
    pub(super) is_numbered: bool,
    /// The newest revision of the report had it.
    pub(super) is_live: bool,
}

/// With fewer telling words than this, an item is told by its explanation as well.
const TERSE: usize = 2;

impl Item {
    pub(super) fn of_draft(draft: &Draft, vocabulary: &mut Vocabulary) -> Self {
        let read = &draft.read;
        let parts = Parts {
            title: &read.title,
            text: &read.text,
            description: read.description.as_deref(),
            section: read.section.as_deref(),
            quote: &read.quote,
            owner: read.owner_text.as_deref(),
            due: read.due_text.as_deref(),
        };
        Self::new(&parts, true, Side::New, vocabulary)
    }

    pub(super) fn of_action(action: &Action, vocabulary: &mut Vocabulary) -> Self {
        // The title may be one that a person gave; the report's own is not known then, and its text says it.
        let title = if action.text.starts_with(&action.title) { &action.title } else { &action.text };
        let parts = Parts {
            title,
            text: &action.text,
            description: action.description.as_deref(),
            section: action.section.as_deref(),
            quote: &action.quote,
            owner: action.owner_text.as_deref(),
            due: action.due_text.as_deref(),
        };
        Self::new(&parts, !action.vanished, Side::Old, vocabulary)
    }

    fn new(parts: &Parts<'_>, is_live: bool, side: Side, vocabulary: &mut Vocabulary) -> Self {
        let words = vocabulary.read(parts.text);
        let bag = counted(&words);
        vocabulary.count(side, &bag);
        let title = counted(&vocabulary.read(parts.title));
        let description = match parts.description {
            Some(description) if !parts.text.contains(description) => counted(&vocabulary.read(description)),
            _ => Vec::new(),
        };
        let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        Self {
            is_terse: words.iter().filter(|word| vocabulary.is_telling(**word)).count() < TERSE,
            title: (title != bag).then_some(title),
            numbers: words.iter().copied().filter(|word| vocabulary.is_number(*word)).collect(),
            is_numbered: false,
            words,
            bag,
            description,
            section: parts.section.map(|section| vocabulary.read(section)).unwrap_or_default(),
            owner: parts.owner.map(fold),
            due: parts.due.map(fold),
            references: reference::named(parts.text, parts.quote).iter().map(Reference::folded).collect(),
            is_live,
        }
    }

    /// The words of the title.
    pub(super) fn title(&self) -> &[(WordId, u32)] {
        self.title.as_deref().unwrap_or(&self.bag)
    }

    /// What two items have to have in common to be the same word by word: the text, and of one that has hardly any, also
    /// what explains it.
    pub(super) fn identity(&self) -> (&[WordId], &[(WordId, u32)]) {
        (&self.words, if self.is_terse { &self.description } else { &[] })
    }
}

/// Finds the items that differ from others of their list in nothing but numbers.
pub(super) fn find_numbered(items: &mut [Item]) {
    let mut with: HashMap<Vec<WordId>, Vec<usize>> = HashMap::new();
    for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.numbers.is_empty()) {
        let words = item.words.iter().copied().filter(|word| !item.numbers.contains(word)).collect();
        with.entry(words).or_default().push(index);
    }
    for alike in with.values() {
        let first = &items[alike[0]].numbers;
        if alike.iter().any(|index| items[*index].numbers != *first) {
            for &index in alike {
                items[index].is_numbered = true;
            }
        }
    }
}

struct Parts<'a> {
    title: &'a str,
    text: &'a str,
    description: Option<&'a str>,
    section: Option<&'a str>,
    quote: &'a str,
    owner: Option<&'a str>,
    due: Option<&'a str>,
}

/// How much of the weight of two bags of words is in both, from 0 to 1. Words that only one of them has count less
/// than words in whose place the other has others: an item that was made more precise is the same, one about another
/// thing is not.
pub(super) fn likeness(old: &[(WordId, u32)], new: &[(WordId, u32)], vocabulary: &Vocabulary) -> f64 {
    const ADDED: f64 = 0.3;
    const EXCHANGED: f64 = 1.5;
    const NEARLY: f64 = 0.85;
    /// Texts that differ in more words than this are not compared letter by letter.
    const MOST_NEAR: usize = 16;

    let (mut both, mut left_old, mut left_new) = (0.0, Vec::new(), Vec::new());
    let (mut at_old, mut at_new) = (0, 0);
    while at_old < old.len() || at_new < new.len() {
        let one = old.get(at_old).map(|(word, _)| *word);
        let other = new.get(at_new).map(|(word, _)| *word);
        match (one, other) {
            (Some(one), Some(other)) if one == other => {
                both += vocabulary.weight(one);
                at_old += 1;
                at_new += 1;
            }
            (Some(one), other) if other.is_none_or(|other| one < other) => {
                left_old.push(one);
                at_old += 1;
            }
            (_, Some(other)) => {
                left_new.push(other);
                at_new += 1;
            }
            (_, None) => break,
        }
    }
    if left_old.len() <= MOST_NEAR && left_new.len() <= MOST_NEAR {
        left_old.retain(|one| {
            let near = left_new.iter().position(|other| vocabulary.are_near(*one, *other));
            if let Some(at) = near {
                let other = left_new.swap_remove(at);
                both += NEARLY * vocabulary.weight(*one).min(vocabulary.weight(other));
            }
            near.is_none()
        });
    }
    let weigh = |words: &[WordId]| words.iter().map(|word| vocabulary.weight(*word)).sum::<f64>();
    let (only_old, only_new) = (weigh(&left_old), weigh(&left_new));
    if both == 0.0 {
        return 0.0;
    }
    both / (both + ADDED * only_old.max(only_new) + EXCHANGED * only_old.min(only_new))
}
