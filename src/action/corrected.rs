//! What people set of an action, over what its report says.
//!
//! Invariant: a field that is in the set is never changed by a report. Only people put fields into it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, Serializer};

use super::vocabulary::words;

words! {
    /// A field that a report fills and a person can correct.
    Field, "field" {
        /// The area of work.
        Category = "category",
        /// The explanation under the title.
        Description = "description",
        /// Which issue it has: a person took it off the one that its report names, or that it had.
        Issue = "issue",
        /// What the action changes.
        Kind = "kind",
        /// How urgent it is.
        Priority = "priority",
        /// The title.
        Title = "title",
    }
}

/// The fields that people set: their words in alphabetical order, with spaces between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct Corrected(String);

impl Corrected {
    /// Whether a person set this field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.words().any(|word| word == field.as_str())
    }

    /// Notes that a person set this field.
    pub fn add(&mut self, field: Field) {
        if !self.has(field) {
            let mut words: Vec<&str> = self.words().chain([field.as_str()]).collect();
            words.sort_unstable();
            self.0 = words.join(" ");
        }
    }

    /// The fields, in alphabetical order. Words of a newer version are left out.
    pub fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.words().filter_map(|word| Field::from_str(word).ok())
    }

    /// Whether nobody set anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }
}

impl fmt::Display for Corrected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// As the column has it: events record columns.
impl Serialize for Corrected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_kept_once_and_in_order() {
        let mut corrected = Corrected::default();
        assert!(corrected.is_empty() && !corrected.has(Field::Title));
        for field in [Field::Title, Field::Category, Field::Title] {
            corrected.add(field);
        }
        assert_eq!(corrected.to_string(), "category title");
        assert!(corrected.has(Field::Title) && !corrected.has(Field::Kind));
        assert_eq!(corrected.fields().collect::<Vec<_>>(), [Field::Category, Field::Title]);
    }

    #[test]
    fn words_of_a_newer_version_are_kept() {
        let mut corrected = Corrected("verifier".to_owned());
        corrected.add(Field::Kind);
        assert_eq!(corrected.to_string(), "kind verifier");
        assert_eq!(corrected.fields().collect::<Vec<_>>(), [Field::Kind]);
    }
}
