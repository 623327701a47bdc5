//! The words of the product: one spelling per thing, the same in SQL, code, JSON and text.
//!
//! Invariant: each word is written once, in the tables below; printing, parsing, JSON and the database all
//! come from there.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// A word that is not in one of the vocabularies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a {what}; expected one of {expected}")]
pub struct UnknownWord {
    input: String,
    what: &'static str,
    expected: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[sqlx(type_name = "TEXT")]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] #[sqlx(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word, in the order in which people think of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it stands in SQL, JSON and text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::action::vocabulary::UnknownWord;

            fn from_str(input: &str) -> Result<Self, Self::Err> {
                let wanted = input.trim().to_ascii_lowercase().replace('-', "_");
                Self::ALL.iter().copied().find(|word| word.as_str() == wanted).ok_or_else(|| {
                    $crate::action::vocabulary::unknown(input, $what, Self::ALL.iter().map(|word| word.as_str()))
                })
            }
        }
    };
}
pub(crate) use words;

pub(crate) fn unknown<'a>(
    input: &str,
    what: &'static str,
    expected: impl Iterator<Item = &'a str>,
) -> UnknownWord {
    UnknownWord { input: input.to_owned(), what, expected: expected.collect::<Vec<_>>().join(", ") }
}

words! {
    /// What both sides disagree about.
    ConflictField, "field" {
        /// The title of the issue and of the action.
        Title = "title",
        /// Who does it.
        Owner = "owner",
        /// Whether it is done.
        State = "state",
        /// Our section of the text.
        Text = "text",
        /// Several issues carry the mark of one action.
        Duplicate = "duplicate",
    }
}

words! {
    /// One of the two sides.
    Side, "side" {
        /// What stands here.
        Ours = "ours",
        /// What stands in the tracker.
        Theirs = "theirs",
    }
}

words! {
    /// A day by which something is to have happened to an action.
    Deadline, "deadline" {
        /// It has an owner.
        Assign = "assign",
        /// It is done.
        Complete = "complete",
    }
}

words! {
    /// What is not for everybody in a text.
    Sensitive, "class of text" {
        /// Something that lets somebody in: a token, a key, a password.
        Secret = "secret",
        /// The address of a person.
        Email = "email",
        /// The address or name of a machine that is not public.
        PrivateAddress = "private_address",
    }
}

words! {
    /// What a person decided about such a text.
    Disclosed, "decision" {
        /// Something else stands in its place.
        Redacted = "redacted",
        /// It is published.
        AsWritten = "as_written",
    }
}

words! {
    /// What an action changes.
    Kind, "kind" {
        /// Makes the incident impossible or less likely.
        Prevent = "prevent",
        /// Makes its effect smaller.
        Mitigate = "mitigate",
        /// Makes it seen earlier.
        Detect = "detect",
        /// Changes how people work.
        Process = "process",
        /// Mends what the incident broke.
        Repair = "repair",
        /// Finds out something.
        Investigate = "investigate",
        /// None of these, or not told.
        Other = "other",
    }
}

words! {
    /// How urgent an action is.
    Priority, "priority" {
        /// Before everything else.
        Urgent = "urgent",
        /// Next.
        High = "high",
        /// In the normal course of work.
        Medium = "medium",
        /// When there is time.
        Low = "low",
    }
}

words! {
    /// How bad the incident was.
    Severity, "severity" {
        /// The worst.
        Sev1 = "sev1",
        /// Major.
        Sev2 = "sev2",
        /// Minor.
        Sev3 = "sev3",
        /// Hardly noticed.
        Sev4 = "sev4",
        /// The report does not say.
        Unknown = "unknown",
    }
}

words! {
    /// Why a dropped action is not done.
    Disposition, "disposition" {
        /// Refused when it was proposed.
        Declined = "declined",
        /// Another action does it.
        Duplicate = "duplicate",
        /// Another plan took its place.
        Superseded = "superseded",
        /// The reason for it is gone.
        Obsolete = "obsolete",
        /// It will not be done.
        NotPlanned = "not_planned",
    }
}

/// The area of work of an action: a lower-case word with hyphens. Teams add their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct Category(String);

impl Category {
    /// The categories that everybody has.
    pub const BUILT_IN: &'static [&'static str] = &[
        "configuration-management",
        "testing",
        "dependency-updates",
        "incident-response",
        "monitoring",
        "documentation",
        "automation",
        "capacity",
        "resilience",
        "security",
        "data-protection",
        "access-control",
        "deployment",
        "communication",
        "training",
        "other",
    ];

    /// The category of what fits no other.
    #[must_use]
    pub fn other() -> Self {
        Self("other".to_owned())
    }

    /// The word as it stands in SQL, JSON, labels and text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Category {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Category {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(|_| {
            let form = "lower-case letters, digits and hyphens, as in `data-retention`";
            serde::de::Error::custom(format!("`{word}` is not the name of a category; use {form}"))
        })
    }
}

/// Accepts any lower-case word of letters, digits and hyphens that leaves room for the label `ca:<category>`.
impl FromStr for Category {
    type Err = UnknownWord;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        // GitHub's label names hold at most 50 characters, three of which are our prefix.
        let fits = (1..=47).contains(&input.len());
        let plain =
            input.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits && plain && !input.starts_with('-') && !input.ends_with('-') {
            Ok(Self(input.to_owned()))
        } else {
            Err(unknown(input, "category", Self::BUILT_IN.iter().copied()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_is_the_same_in_json() {
        for severity in Severity::ALL {
            assert_eq!(severity.as_str().parse(), Ok(*severity));
            assert_eq!(serde_json::to_string(severity).unwrap(), format!("\"{severity}\""));
        }
        assert_eq!("not-planned".parse(), Ok(Disposition::NotPlanned));
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "sev9".parse::<Severity>().unwrap_err().to_string();
        assert_eq!(error, "`sev9` is not a severity; expected one of sev1, sev2, sev3, sev4, unknown");
    }

    #[test]
    fn every_built_in_category_is_a_category_and_nonsense_is_none() {
        for name in Category::BUILT_IN {
            assert!(name.parse::<Category>().is_ok(), "{name}");
        }
        for name in ["", "Has Space", "-x", "x-", "ünder", &"x".repeat(48)] {
            assert!(name.parse::<Category>().is_err(), "{name}");
        }
    }
}
