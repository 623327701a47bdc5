//! Lists of phrases with meanings, read from the data files and looked up fast.
//!
//! Invariant: a phrase is found whole or as whole words inside a text; in scripts without spaces it may
//! stand anywhere. Every look-up is linear in the text, however long the lists are.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use rustc_hash::FxHashMap;

use crate::text;

/// The `(section, phrase)` pairs of a data file.
pub(crate) fn entries(data: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(
        move |line| {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
                return None;
            }
            Some((section, line))
        },
    )
}

/// Finds phrases inside texts.
#[derive(Debug)]
struct Finder {
    phrases: Vec<&'static str>,
    automaton: AhoCorasick,
}

impl Finder {
    fn new(phrases: Vec<&'static str>) -> Self {
        let automaton = AhoCorasickBuilder::new()
            .build(&phrases)
            .expect("a few thousand short phrases are far below the limits of the automaton");
        Self { phrases, automaton }
    }

    /// The phrases that stand in a folded text, in the order of their ends, and these.
    fn inside<'f>(&'f self, folded: &'f str) -> impl Iterator<Item = (&'static str, usize)> + use<'f> {
        let bytes = folded.as_bytes();
        self.automaton.find_overlapping_iter(folded).filter_map(move |found| {
            let phrase = *self.phrases.get(found.pattern().as_usize())?;
            let is_whole = (found.start() == 0 || bytes[found.start() - 1] == b' ')
                && (found.end() == bytes.len() || bytes[found.end()] == b' ');
            (is_whole || phrase.chars().any(text::is_glued)).then_some((phrase, found.end()))
        })
    }
}

/// Phrases with a meaning each, looked up whole or as whole words inside a text.
#[derive(Debug)]
pub(super) struct Lexicon<T> {
    whole: FxHashMap<&'static str, T>,
    inside: Finder,
}

impl<T: Copy> Lexicon<T> {
    /// Reads a data file; `meaning` turns a section name into a meaning.
    pub(super) fn parse(data: &'static str, meaning: impl Fn(&str) -> T) -> Self {
        let mut whole = FxHashMap::default();
        let mut inside = Vec::new();
        for (section, entry) in entries(data) {
            let phrase = entry.trim_end_matches('*');
            // The first section that lists a phrase decides.
            whole.entry(phrase).or_insert_with(|| meaning(section));
            if phrase.len() < entry.len() {
                inside.push(phrase);
            }
        }
        Self { whole, inside: Finder::new(inside) }
    }

    /// The meaning of a text that is a phrase.
    pub(super) fn whole(&self, folded: &str) -> Option<T> {
        self.whole.get(folded).copied()
    }

    pub(super) fn find(&self, folded: &str) -> Option<T> {
        self.found(folded).map(|(_, meaning)| meaning)
    }

    /// The phrase that decides, and its meaning.
    pub(super) fn found(&self, folded: &str) -> Option<(&'static str, T)> {
        let (phrase, meaning) = self.whole.get_key_value(folded).or_else(|| {
            // Of equally long phrases the first in the text decides.
            let longest = self
                .inside
                .inside(folded)
                .map(|(phrase, _)| phrase)
                .reduce(|best, next| if next.len() > best.len() { next } else { best })?;
            self.whole.get_key_value(longest)
        })?;
        Some((*phrase, *meaning))
    }
}

/// Named lists of phrases; a phrase may be in several. A set of lists is a set of bits.
#[derive(Debug)]
pub(super) struct Lists {
    of: FxHashMap<&'static str, u64>,
    /// The lists with a phrase that begins with a word, or with a character of a script without spaces.
    openings: FxHashMap<&'static str, u64>,
    /// The longest phrase in bytes: longer texts need no look-up.
    longest: usize,
    phrases: Vec<Vec<&'static str>>,
    finders: Vec<OnceLock<Finder>>,
}

impl Lists {
    /// Reads a data file whose sections are `names`, in the order of their bits.
    pub(super) fn parse(data: &'static str, names: &[&str]) -> Self {
        let mut lists = Self {
            of: FxHashMap::default(),
            openings: FxHashMap::default(),
            longest: 0,
            phrases: vec![Vec::new(); names.len()],
            finders: names.iter().map(|_| OnceLock::new()).collect(),
        };
        for (section, phrase) in entries(data) {
            let Some(list) = names.iter().position(|name| *name == section) else { continue };
            *lists.of.entry(phrase).or_default() |= 1 << list;
            *lists.openings.entry(opening(phrase)).or_default() |= 1 << list;
            lists.longest = lists.longest.max(phrase.len());
            lists.phrases[list].push(phrase);
        }
        lists
    }

    /// The lists that hold a folded text.
    pub(super) fn of(&self, folded: &str) -> u64 {
        if folded.len() > self.longest { 0 } else { self.of.get(folded).copied().unwrap_or(0) }
    }

    /// The phrases of a list.
    pub(super) fn of_list(&self, list: usize) -> &[&'static str] {
        &self.phrases[list]
    }

    /// The first phrase of a list that stands in a folded text.
    pub(super) fn inside(&self, list: usize, folded: &str) -> Option<&'static str> {
        self.all_inside(list, folded).next().map(|(phrase, _)| phrase)
    }

    /// All of them, each with the offset behind it.
    pub(super) fn all_inside<'f>(
        &'f self,
        list: usize,
        folded: &'f str,
    ) -> impl Iterator<Item = (&'static str, usize)> + use<'f> {
        let finder = self.finders[list].get_or_init(|| Finder::new(self.phrases[list].clone()));
        finder.inside(folded)
    }

    /// Whether a folded text begins with a phrase of the lists.
    pub(super) fn at_start(&self, lists: u64, folded: &str) -> bool {
        if self.openings.get(opening(folded)).is_none_or(|open| open & lists == 0) {
            return false;
        }
        let glued = folded.chars().next().is_some_and(text::is_glued);
        let ends = folded.char_indices().map(|(at, c)| (at, c == ' ')).chain([(folded.len(), true)]);
        ends.take_while(|(at, _)| *at <= self.longest)
            .filter(|(_, is_end)| *is_end || glued)
            .any(|(at, _)| self.of(&folded[..at]) & lists != 0)
    }
}

/// The first word of a folded text, or its first character in a script without spaces.
fn opening(folded: &str) -> &str {
    match folded.chars().next() {
        Some(c) if text::is_glued(c) => &folded[..c.len_utf8()],
        _ => folded.split(' ').next().unwrap_or(folded),
    }
}
