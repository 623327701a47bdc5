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
    "for",
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

/// What follows says what is no longer done.
const INSTEADS: &[&str] = &["instead of", "rather than", "in place of", "no longer"];

/// So many words.
const LENGTH_OF_INSTEAD: usize = 4;

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
        let stem = if stemmed { STEMMER.stem(&with_z(&lower)).into_owned() } else { String::new() };
        Self { lower, stem }
    }

    /// Whether it only stands between others: "change the password" is "change password".
    pub(super) fn is_article(&self) -> bool {
        matches!(
            self.lower.as_str(),
            "a" | "all" | "an" | "our" | "the" | "their" | "these" | "this" | "your"
        )
    }

    /// Whether an action that opens with this word has not begun yet.
    pub(super) fn says_nothing(&self) -> bool {
        OPENERS.split(' ').any(|opener| opener == self.lower)
            || self.lower.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// `anonymise` as `anonymize`: the stemmer takes them for two words.
fn with_z(lower: &str) -> String {
    const ENDINGS: [&str; 8] = ["ise", "ises", "ised", "ising", "isation", "yse", "ysed", "ysing"];
    let ending = ENDINGS.iter().find(|ending| lower.len() > ending.len() + 3 && lower.ends_with(*ending));
    match ending {
        Some(ending) => {
            let at = lower.len() - ending.len() + 1;
            format!("{}z{}", &lower[..at], &lower[at + 1..])
        }
        None => lower.to_owned(),
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
        let mut read: Vec<Word> = Vec::new();
        let mut left_out = 0;
        for word in chunks.flat_map(words).take(MOST_WORDS).map(Word::read).filter(|word| !word.is_article())
        {
            if left_out > 0 {
                left_out -= 1;
                continue;
            }
            read.push(word);
            let ends_with = |instead: &&&str| {
                let mut parts = instead.rsplit(' ');
                let mut words = read.iter().rev();
                parts.all(|part| words.next().is_some_and(|word| word.lower == part))
            };
            if let Some(instead) = INSTEADS.iter().find(ends_with) {
                read.truncate(read.len() - instead.split(' ').count());
                left_out = LENGTH_OF_INSTEAD;
            }
        }
        Self(read)
    }

    /// All words.
    pub(super) fn all(&self) -> &[Word] {
        &self.0
    }

    /// Where the words end that say what is done, and those begin that say what for. A text that begins with its purpose
    /// ("If the queue is full, drop …") is taken as a whole.
    pub(super) fn purpose(&self) -> usize {
        let begins = |at: usize| {
            PURPOSES.iter().any(|purpose| {
                let mut words = self.0[at..].iter();
                purpose.split(' ').all(|part| words.next().is_some_and(|word| word.lower == part))
            })
        };
        (2..self.0.len()).find(|at| begins(*at)).unwrap_or(self.0.len())
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
            ["we", "ve", "roll", "out", "über"]
        );
        assert_eq!(read("用git密钥"), ["用", "git", "密", "钥"]);
    }

    #[test]
    fn what_an_action_is_for_is_told_from_what_it_does() {
        for (text, purpose) in [
            ("Review changes to prevent outages", 2),
            ("Alert somebody when the queue grows", 2),
            ("If the queue is full, drop requests", 6),
            ("Keep it so", 3),
            ("", 0),
        ] {
            assert_eq!(Text::read(text).purpose(), purpose, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_longer_done_is_not_read() {
        assert_eq!(
            read("Use a script instead of doing it by hand, every day"),
            ["use", "script", "every", "day"]
        );
        assert_eq!(Word::read("anonymise").stem, Word::read("Anonymizing").stem);
    }
}
