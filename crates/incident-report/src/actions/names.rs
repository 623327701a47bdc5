//! Whom a report names: the owner in front of a task, and who is meant by initials.
//!
//! Invariant: a word that the report writes small anywhere is no name, unless somebody of the report bears it.

use std::cell::OnceCell;
use std::collections::HashSet;

use rustc_hash::FxHashSet;

use super::fields;
use crate::facts::Person;
use crate::source::Source;
use crate::text;

/// The longest word that is looked up as a name, in bytes.
const MAX_NAME: usize = 80;

/// Whom an item may name in front of its colon.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// The folded names, first names, and logins of the report's people.
    people: HashSet<String>,
    source: &'a Source<'a>,
    /// The words that the report writes small, which are no names; collected when first asked for.
    small: OnceCell<FxHashSet<&'a str>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(people: &[Person], source: &'a Source<'a>) -> Self {
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
    pub(super) fn owner_in_front<'t>(&self, plain: &'t str) -> Option<(&'t str, &'t str)> {
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
