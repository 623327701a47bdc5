//! The words by which a team tells its actions' categories and kinds, beside those that the program brings.

use serde::{Deserialize, Deserializer, de::Error};

use crate::action::Kind;

/// What a word counts when nothing is said about it.
const USUAL_WEIGHT: u32 = 4;

/// The most a word can count.
const MOST_WEIGHT: u32 = 9;

/// The words of a category, one of the program's or one of the team's own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CategoryWords {
    /// The kind that such an action usually has.
    pub kind: Option<Kind>,
    /// What tells the category.
    pub words: Vec<WeightedWords>,
}

/// The words of a kind.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KindWords {
    /// What tells the kind.
    pub words: Vec<WeightedWords>,
}

/// Words, and what they count: `data retention +6`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedWords {
    /// One or several, as they stand in the action; any form of them counts.
    pub words: String,
    /// From 0, which takes words of the program away, to 9.
    pub weight: u32,
}

impl<'de> Deserialize<'de> for WeightedWords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(Error::custom)
    }
}

impl WeightedWords {
    fn parse(text: &str) -> Result<Self, String> {
        let (words, weight) = match text.rsplit_once('+') {
            Some((words, weight)) => {
                let weight = weight.trim().parse().ok().filter(|weight| *weight <= MOST_WEIGHT);
                (words, weight.ok_or_else(|| format!("`{text}`: a weight is +0 to +{MOST_WEIGHT}"))?)
            }
            None => (text, USUAL_WEIGHT),
        };
        let words = words.trim();
        if !words.chars().any(char::is_alphanumeric) {
            return Err(format!("`{text}` has no word"));
        }
        Ok(Self { words: words.to_owned(), weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_with_their_weight() {
        let read = |text: &str| WeightedWords::parse(text).map(|read| (read.words, read.weight));
        assert_eq!(read("gdpr"), Ok(("gdpr".to_owned(), 4)));
        assert_eq!(read(" data retention  +6"), Ok(("data retention".to_owned(), 6)));
        assert_eq!(read("^audit +0"), Ok(("^audit".to_owned(), 0)));
        for text in ["", "+4", "audit +10", "audit +x", "c++", "^ =*"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
