//! The words of an item, and what each of them weighs.
//!
//! Invariant: linear in the text; at most [`MOST_WORDS`] words of an item are looked at. Case, punctuation, markup and
//! white space make no difference.

use std::{collections::HashMap, sync::LazyLock};

use rust_stemmers::{Algorithm, Stemmer};

/// What comes after this many words of an item does not tell it from another one.
const MOST_WORDS: usize = 300;

/// Longer runs of letters are keys and hashes.
const LONGEST_STEMMED: usize = 40;

/// Words that stand in every text.
const COMMON: &str = "a all also an and any are as at be been before by can could do does for from had has have how i if \
    in into is it its let ll make must need needs now of on or our please s shall should so such t than that the their \
    them then there these they this those to up us ve via was we were when where which while who will with would you \
    your
    als am an auch auf aus bei das dass dem den der des die ein eine einen einer es für im ist mit nach nicht oder sich \
    sie sind sollen sollte und um von vor wenn werden wie wir wird zu zum zur über
    au aux avec ce ces cette dans de des du en est et il la le les leur lors nous ou par pas plus pour que qui se ses \
    soit sont sur un une à être
    al como con cuando del el en es esta este hay las lo los más no para por que se sea si sin son su sus un una y
    ao aos com como da das de do dos e em mais na nas no nos não o os para pela pelo por quando que se sem ser sua um \
    uma à
    at av både de den det eller en er et for fra har i ikke med når og om på skal slik som til ut ved vi være";

/// Words that open an action and say little about it.
const GENERIC: &str = "action add ask better build change check consider create define develop document enable enhance \
    ensure establish evaluate explore extend find fix follow implement improve increase introduce investigate item look \
    new plan provide put reduce reconsider remove replace review run set start switch todo track update use verify write
    anpassen einführen einrichten ergänzen erstellen hinzufügen prüfen verbessern
    ajouter améliorer créer mettre vérifier
    agregar añadir crear mejorar revisar adicionar criar melhorar
    endre forbedre innføre legge lage sjekke";

const STOP_WEIGHT: f64 = 0.15;
const GENERIC_WEIGHT: f64 = 0.4;
/// A number is often the only thing that is corrected: "more than 500 jobs".
const NUMBER_WEIGHT: f64 = 0.3;
/// Chinese and Japanese are read character by character; a word is about two of them.
const CHARACTER_WEIGHT: f64 = 0.5;

/// A word, by its place in the [`Vocabulary`].
pub(super) type WordId = u32;

/// All words of two lists of items, and what each of them weighs.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    ids: HashMap<String, WordId>,
    words: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    lower: String,
    base: f64,
    /// How many items of the old and of the new list have it.
    items: [u32; 2],
}

/// Which of the two lists an item stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Old,
    New,
}

/// The words that say little, by their stem, with what they weigh.
static PLAIN: LazyLock<HashMap<String, f64>> = LazyLock::new(|| {
    let mut plain = HashMap::new();
    for (words, weight) in [(COMMON, STOP_WEIGHT), (GENERIC, GENERIC_WEIGHT)] {
        for word in words.split_whitespace() {
            plain.entry(stem(word)).or_insert(weight);
        }
    }
    plain
});

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

fn stem(lower: &str) -> String {
    match lower.bytes().all(|byte| byte.is_ascii_lowercase()) && lower.len() <= LONGEST_STEMMED {
        true => STEMMER.stem(lower).into_owned(),
        false => lower.to_owned(),
    }
}

impl Vocabulary {
    fn add(&mut self, lower: &str, base: f64) -> WordId {
        let stem = stem(lower);
        if let Some(id) = self.ids.get(&stem) {
            return *id;
        }
        let base = PLAIN.get(&stem).copied().unwrap_or(base);
        let id = WordId::try_from(self.words.len()).unwrap_or(WordId::MAX);
        self.words.push(Known { lower: lower.to_owned(), base, items: [0, 0] });
        self.ids.insert(stem, id);
        id
    }

    /// The words of a text, in their order.
    pub(super) fn read(&mut self, text: &str) -> Vec<WordId> {
        let mut ids = Vec::new();
        for word in words(text).take(MOST_WORDS) {
            let lower = word.to_lowercase();
            let first = lower.chars().next().unwrap_or_default();
            let base = if first.is_ascii_digit() && lower.len() <= 12 {
                NUMBER_WEIGHT
            } else if is_ideograph(first) {
                CHARACTER_WEIGHT
            } else {
                1.0
            };
            ids.push(self.add(&lower, base));
        }
        ids
    }

    /// Notes that an item of one list has these words; `sorted` has each of them once.
    pub(super) fn count(&mut self, side: Side, sorted: &[(WordId, u32)]) {
        for (id, _) in sorted {
            self.words[*id as usize].items[side as usize] += 1;
        }
    }

    /// What a word weighs: less, the more items have it.
    pub(super) fn weight(&self, id: WordId) -> f64 {
        let word = &self.words[id as usize];
        let items = word.items[0].max(word.items[1]).max(1);
        word.base / (1.0 + 0.5 * f64::from(items).ln())
    }

    /// Whether a word says anything about an item.
    pub(super) fn is_telling(&self, id: WordId) -> bool {
        self.words[id as usize].base > GENERIC_WEIGHT
    }

    /// Whether it is a number.
    pub(super) fn is_number(&self, id: WordId) -> bool {
        self.words[id as usize].lower.starts_with(|first: char| first.is_ascii_digit())
    }

    /// Whether two words are one and the same but for an ending or a slip of the pen.
    pub(super) fn are_near(&self, one: WordId, other: WordId) -> bool {
        const SHORTEST: usize = 5;
        const NEAR: f64 = 0.91;
        let (one, other) = (&self.words[one as usize].lower, &self.words[other as usize].lower);
        let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
        shorter >= SHORTEST
            && longer <= 2 * shorter
            && longer <= 60
            && !one.bytes().any(|byte| byte.is_ascii_digit())
            && strsim::jaro_winkler(one, other) >= NEAR
    }
}

/// Runs of letters and digits, `1,000` and `v2.1` in one; Chinese and Japanese characters one by one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(char::is_alphanumeric)?;
        let from = &rest[start..];
        let first = from.chars().next()?;
        let end = if is_ideograph(first) { first.len_utf8() } else { end_of_word(from) };
        let (word, after) = from.split_at(end);
        rest = after;
        Some(word)
    })
}

fn end_of_word(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    let mut digit_before = false;
    while let Some((at, character)) = characters.next() {
        let digit_after = characters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let within_number = matches!(character, ',' | '.') && digit_before && digit_after;
        if (!character.is_alphanumeric() && !within_number) || is_ideograph(character) {
            return at;
        }
        digit_before = character.is_ascii_digit();
    }
    text.len()
}

fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Words as a set that knows how often each stands there, sorted.
pub(super) fn counted(words: &[WordId]) -> Vec<(WordId, u32)> {
    let mut sorted = words.to_vec();
    sorted.sort_unstable();
    let mut counted: Vec<(WordId, u32)> = Vec::with_capacity(sorted.len());
    for word in sorted {
        match counted.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => counted.push((word, 1)),
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_without_case_and_punctuation_and_numbers_in_one() {
        let read = |text: &str| words(text).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(read("Fail-over (1,000 jobs), v2.1."), ["Fail", "over", "1,000", "jobs", "v2.1"]);
        assert_eq!(read("用git密钥"), ["用", "git", "密", "钥"]);
        assert_eq!(read("…"), [""; 0]);
        let mut vocabulary = Vocabulary::default();
        assert_eq!(vocabulary.read("Alerts, ALERTED"), vocabulary.read("alerting  alert"));
    }

    #[test]
    fn a_word_weighs_less_the_more_items_have_it() {
        let mut vocabulary = Vocabulary::default();
        let words = vocabulary.read("the canary add 500");
        let weights: Vec<f64> = words.iter().map(|word| vocabulary.weight(*word)).collect();
        assert_eq!(weights, [STOP_WEIGHT, 1.0, GENERIC_WEIGHT, NUMBER_WEIGHT]);
        for _ in 0..8 {
            vocabulary.count(Side::Old, &[(words[1], 1)]);
        }
        assert!(vocabulary.weight(words[1]) < 0.5);
    }

    #[test]
    fn near_words_differ_by_an_ending_or_a_slip() {
        let mut vocabulary = Vocabulary::default();
        for (one, other, near) in [
            ("varsling", "varslinger", true),
            ("pipeline", "pipelnie", true),
            ("Überwachung", "Überwachungen", true),
            ("billing", "payment", false),
            ("disk", "disks", false),
            ("staging", "signing", false),
        ] {
            let (a, b) = (vocabulary.read(one)[0], vocabulary.read(other)[0]);
            assert_eq!(vocabulary.are_near(a, b), near, "{one} {other}");
        }
    }
}
