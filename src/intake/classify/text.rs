//! A text as the words that rules are held against.
//!
//! Invariant: reading is linear in the text, and yields at most [`MOST_WORDS`] words.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// An action is a sentence or a few; what comes after this many words is an appendix.
const MOST_WORDS: usize = 600;

/// Longer runs of letters are keys and hashes. They are compared by nothing but their beginning.
const LONGEST_STEMMED: usize = 40;

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// With these words an action opens without having said anything: "We will need to …", "Bug 12: add a …".
const OPENERS: &str = "a add adding also an and bug continue create created for have i implement implementing \
    issue let ll make must need needs now please raised s shall should start started starting sure that the then \
    ticket to todo us ve we will";

/// Where an action stops to say what is done and begins to say what for, or in which case.
const PURPOSES: &[&str] = &[
    "after",
    "because",
    "during",
    "if",
    "in case",
    "in order to",
    "so that",
    "so we",
    "that caused",
    "to assess",
    "to avoid",
    "to be able",
    "to confirm",
    "to detect",
    "to ensure",
    "to identify",
    "to prevent",
    "to reduce",
    "to validate",
    "to verify",
    "until",
    "when",
    "whenever",
    "which will",
];

/// One word of a text.
#[derive(Debug)]
pub(super) struct Word {
    /// In lower case, as it was written.
    pub(super) lower: String,
    /// Its English stem; empty where there is none.
    pub(super) stem: String,
}

impl Word {
    /// Reads one word.
    pub(super) fn read(word: &str) -> Self {
        let lower = word.to_lowercase();
        let stemmed =
            lower.len() <= LONGEST_STEMMED && lower.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let stem = if stemmed { STEMMER.stem(&lower).into_owned() } else { String::new() };
        Self { lower, stem }
    }

    /// Whether an action that opens with this word has not begun yet.
    pub(super) fn says_nothing(&self) -> bool {
        OPENERS.split(' ').any(|opener| opener == self.lower)
            || self.lower.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// A text as words.
#[derive(Debug)]
pub(super) struct Text(Vec<Word>);

impl Text {
    /// Reads words: runs of letters and digits, Chinese and Japanese characters one by one. Addresses are
    /// left out: what stands in them was not written about this action.
    pub(super) fn read(text: &str) -> Self {
        let chunks = text.split_whitespace().filter(|chunk| !chunk.contains("://"));
        Self(chunks.flat_map(words).take(MOST_WORDS).map(Word::read).collect())
    }

    /// All words.
    pub(super) fn all(&self) -> &[Word] {
        &self.0
    }

    /// The words that say what is done, and those that say what for. A text that begins with its purpose
    /// ("If the queue is full, drop …") is taken as a whole.
    pub(super) fn split_purpose(&self) -> (&[Word], &[Word]) {
        let begins = |at: usize| {
            PURPOSES.iter().any(|purpose| {
                let mut words = self.0[at..].iter();
                purpose.split(' ').all(|part| words.next().is_some_and(|word| word.lower == part))
            })
        };
        let at = (2..self.0.len()).find(|at| begins(*at)).unwrap_or(self.0.len());
        self.0.split_at(at)
    }
}

/// The words of a text without white space.
pub(super) fn words(chunk: &str) -> impl Iterator<Item = &str> {
    chunk.split(|letter: char| !letter.is_alphanumeric()).flat_map(|run| {
        let mut rest = run;
        std::iter::from_fn(move || {
            let first = rest.chars().next()?;
            let end = match is_ideograph(first) {
                true => first.len_utf8(),
                false => rest.find(is_ideograph).unwrap_or(rest.len()),
            };
            let (word, after) = rest.split_at(end);
            rest = after;
            Some(word)
        })
    })
}

fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        Text::read(text).0.into_iter().map(|word| word.lower).collect()
    }

    #[test]
    fn a_text_is_read_word_by_word_and_addresses_are_not() {
        assert_eq!(
            read("We've a Roll-out, über https://example.org/alert"),
            ["we", "ve", "a", "roll", "out", "über"]
        );
        assert_eq!(read("用git密钥"), ["用", "git", "密", "钥"]);
    }

    #[test]
    fn what_an_action_is_for_is_told_from_what_it_does() {
        for (text, subject) in [
            ("Review changes to prevent outages", 2),
            ("Alert somebody when the queue grows", 2),
            ("If the queue is full, drop requests", 7),
            ("Keep it so", 3),
            ("", 0),
        ] {
            let text = Text::read(text);
            let (what, purpose) = text.split_purpose();
            assert_eq!((what.len(), purpose.len()), (subject, text.all().len() - subject), "{text:?}");
        }
    }
}
