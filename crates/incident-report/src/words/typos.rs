//! Words of headings with one wrong letter: "Preventitive measures", "Moving foward".
//!
//! Invariant: a word is only corrected to one of the list with the same first and last letter, from which it differs by
//! one letter added, left out, replaced, or moved; a look-up costs the square of the word's length, whatever the size of the list.

use rustc_hash::FxHashMap;

/// Shorter words have too many neighbours.
const MIN_LETTERS: usize = 6;

/// Longer ones are none.
const MAX_LETTERS: usize = 20;

/// Words as they are spelled.
#[derive(Debug)]
pub(super) struct Spelling {
    /// Every word with one letter left out, and itself.
    near: FxHashMap<String, &'static str>,
}

impl Spelling {
    /// Learns the words; only those of the Latin alphabet without accents are looked after.
    pub(super) fn of(words: impl Iterator<Item = &'static str>) -> Self {
        let mut near = FxHashMap::default();
        for word in words.filter(|word| is_looked_after(word)) {
            near.insert(word.to_owned(), word);
            without_one(word).for_each(|shorter| {
                near.entry(shorter).or_insert(word);
            });
        }
        Self { near }
    }

    /// A folded text with its words corrected; none when there is nothing to correct.
    pub(super) fn corrected(&self, folded: &str) -> Option<String> {
        let mut is_changed = false;
        let words: Vec<&str> = folded
            .split(' ')
            .map(|word| match self.correct(word) {
                Some(right) if right != word => {
                    is_changed = true;
                    right
                }
                _ => word,
            })
            .collect();
        is_changed.then(|| words.join(" "))
    }

    fn correct(&self, word: &str) -> Option<&'static str> {
        if !is_looked_after(word) {
            return None;
        }
        // Other endings are other words: "planner" is not "planned".
        let is_alike = |found: &&str| {
            found.as_bytes().first() == word.as_bytes().first()
                && found.as_bytes().last() == word.as_bytes().last()
        };
        // "foward" is "forward" without a letter; "meassures" without one is "measures"; two words that share what is
        // left when one letter is taken from each differ by one that is replaced or moved.
        let found = self.near.get(word).copied().filter(is_alike);
        found.or_else(|| {
            without_one(word).find_map(|shorter| self.near.get(&shorter).copied().filter(is_alike))
        })
    }
}

fn is_looked_after(word: &str) -> bool {
    (MIN_LETTERS..=MAX_LETTERS).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())
}

fn without_one(word: &str) -> impl Iterator<Item = String> + use<'_> {
    (0..word.len()).map(|at| format!("{}{}", &word[..at], &word[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_letter_is_corrected() {
        let spelling = Spelling::of(["forward", "preventative", "measures", "steps"].into_iter());
        for (written, expected) in [
            ("moving foward", Some("moving forward")),
            ("preventitive meassures", Some("preventative measures")),
            ("measuers", Some("measures")),
            ("moving forward", None),
            ("setps", None),
            ("treasures", None),
            ("measured", None),
        ] {
            assert_eq!(spelling.corrected(written).as_deref(), expected, "{written}");
        }
    }
}
