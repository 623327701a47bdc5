//! Which text of a report is which labelled action.
//!
//! Invariant: what counts as alike is what the script that scores counts as alike, near enough for training; figures
//! come from the script.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

/// How alike two texts must be.
const ALIKE: f64 = 0.6;

static SMALL_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    "the a an to of in on for and or with that is are be been being we our us will would should shall must can could \
     need needs have has had this these those it its as by from at into so not no do does did i they their there which \
     when if than then also all any more"
        .split(' ')
        .collect()
});

/// The words of a text, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bag {
    all: BTreeMap<String, usize>,
    telling: BTreeMap<String, usize>,
}

impl Bag {
    /// Counts the words of a text; addresses only where there is nothing else.
    pub(crate) fn of(text: &str) -> Self {
        let folded = text.to_lowercase();
        let (addresses, words): (Vec<&str>, Vec<&str>) =
            folded.split_whitespace().partition(|word| word.contains("://"));
        let mut all = BTreeMap::new();
        for word in words.iter().flat_map(|word| word.split(|c: char| !c.is_alphanumeric())) {
            count_word(word, &mut all);
        }
        if all.is_empty() {
            addresses.iter().for_each(|address| *all.entry((*address).to_owned()).or_default() += 1);
        }
        let telling: BTreeMap<String, usize> = all
            .iter()
            .filter(|(word, _)| !SMALL_WORDS.contains(word.as_str()))
            .map(|(word, count)| (word.clone(), *count))
            .collect();
        let telling = if telling.is_empty() { all.clone() } else { telling };
        Self { all, telling }
    }

    /// How alike two texts are, where they are alike enough to be the same action.
    pub(crate) fn alike(&self, other: &Self) -> Option<f64> {
        let (here, there) = (total(&self.all), total(&other.all));
        if here == 0 || there == 0 {
            return None;
        }
        let common = shared(&self.all, &other.all);
        let jaccard = common as f64 / (here + there - common) as f64;
        let (telling, shorter) = {
            let (here, there) = (total(&self.telling), total(&other.telling));
            (shared(&self.telling, &other.telling), here.min(there))
        };
        let contained = telling as f64 / shorter as f64;
        let least = match shorter {
            5.. => ALIKE,
            3 | 4 => 0.75,
            _ => 1.0,
        };
        let same_length = total(&self.telling) == total(&other.telling);
        let is_alike =
            jaccard >= ALIKE || contained >= least && (shorter >= 2 || jaccard > 0.0 && same_length);
        is_alike.then_some(0.5 * jaccard + 0.5 * contained)
    }
}

fn count_word(word: &str, all: &mut BTreeMap<String, usize>) {
    let letters: Vec<char> = word.chars().collect();
    let unspaced =
        |c: &char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}');
    for run in letters.chunk_by(|a, b| unspaced(a) == unspaced(b)) {
        if run.len() > 1 && unspaced(&run[0]) {
            run.windows(2).for_each(|pair| *all.entry(pair.iter().collect()).or_default() += 1);
        } else {
            *all.entry(run.iter().collect()).or_default() += 1;
        }
    }
}

fn total(words: &BTreeMap<String, usize>) -> usize {
    words.values().sum()
}

fn shared(a: &BTreeMap<String, usize>, b: &BTreeMap<String, usize>) -> usize {
    a.iter().map(|(word, count)| b.get(word).map_or(0, |other| *count.min(other))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_alike_and_others_are_not() {
        let alike = |a: &str, b: &str| Bag::of(a).alike(&Bag::of(b)).is_some();
        assert!(alike("Add an alert for the full disk", "add an alert for the full disk (Ann)"));
        assert!(alike("告警阈值需要调整", "告警阈值调整"));
        assert!(alike("https://acme.test/7", "https://acme.test/7"));
        assert!(!alike("Add an alert for the full disk", "Add a dashboard for the crane"));
        assert!(!alike("", "Add an alert"));
    }
}
