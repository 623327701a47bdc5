//! The numbers people use: `CA-42` for an action, `IR-7` for a report.
//!
//! Invariant: an id is made by the store or parsed from what a person typed, nowhere else.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// What was typed is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not the id of {article} {thing}; expected something like `{prefix}-7`")]
pub struct ParseIdError {
    input: String,
    article: &'static str,
    thing: &'static str,
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $article:literal, $thing:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The prefix people write before the number.
            pub const PREFIX: &'static str = $prefix;

            /// Makes the id of the `number`-th one, counted from 1.
            #[must_use]
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number without its prefix.
            #[must_use]
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&format!(concat!($prefix, "-{}"), self.0))
            }
        }

        /// Accepts `CA-42`, `ca-42` and, for people in a hurry, `42`.
        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(input: &str) -> Result<Self, Self::Err> {
                let trimmed = input.trim();
                let digits = match trimmed.split_once('-') {
                    Some((prefix, digits)) if prefix.eq_ignore_ascii_case($prefix) => digits,
                    Some(_) => "",
                    None => trimmed,
                };
                let only_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                match digits.parse::<i64>() {
                    Ok(number) if only_digits && number > 0 => Ok(Self(number)),
                    _ => Err(ParseIdError {
                        input: input.to_owned(),
                        article: $article,
                        thing: $thing,
                        prefix: $prefix,
                    }),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

id! {
    /// The number of a corrective action, written `CA-42`.
    ActionId, "CA", "an", "action"
}
id! {
    /// The number of a report, written `IR-7`.
    ReportId, "IR", "a", "report"
}

/// Several actions: their ids in the order of their numbers, with spaces between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct ActionIds(String);

impl ActionIds {
    /// The ids, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = ActionId> + '_ {
        self.0.split(' ').filter_map(|id| id.parse().ok())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<ActionId> for ActionIds {
    fn from_iter<T: IntoIterator<Item = ActionId>>(ids: T) -> Self {
        let ids: BTreeSet<ActionId> = ids.into_iter().collect();
        Self(ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }
}

/// As the column has it: events record columns.
impl Serialize for ActionIds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_is_read_as_people_type_it() {
        for input in ["CA-42", "ca-42", "42", " CA-42 "] {
            assert_eq!(input.parse(), Ok(ActionId::new(42)), "{input}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for input in ["", "CA-", "IR-42", "CA-0", "CA--4", "CA-4x", "CA-99999999999999999999", "+4"] {
            let error = input.parse::<ActionId>().unwrap_err().to_string();
            assert!(error.ends_with("expected something like `CA-7`"), "{input}: {error}");
        }
    }

    #[test]
    fn several_are_kept_once_and_in_the_order_of_their_numbers() {
        let ids: ActionIds = [10, 9, 10].map(ActionId::new).into_iter().collect();
        assert_eq!(serde_json::to_value(&ids).unwrap(), "CA-9 CA-10");
        assert_eq!(ids.iter().collect::<Vec<_>>(), [9, 10].map(ActionId::new));
        assert!(ActionIds::default().is_empty() && ActionIds::default().iter().next().is_none());
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(number in 1..i64::MAX) {
            let id = ReportId::new(number);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
