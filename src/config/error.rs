//! What can be wrong with a configuration, and what to do about it.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named is not there.
    #[error("there is no configuration file {}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file may not be read.
    #[error("cannot read the configuration {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or has a key or a value that is not allowed.
    #[error("{}, line {line}: {message}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// Which key, and why.
        message: String,
        /// The known key that is nearest to an unknown one.
        nearest: Option<String>,
    },
    /// A value is of the right type and makes no sense.
    #[error("{}: {key}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The key.
        key: Cow<'static, str>,
        /// Why.
        message: String,
    },
    /// A variable of the environment makes no sense.
    #[error("environment variable {name}: {message}")]
    Environment {
        /// The variable.
        name: &'static str,
        /// Why.
        message: String,
    },
}

impl ConfigError {
    /// Turns the error of the TOML library about `text` into ours, with the nearest known key.
    pub(super) fn read(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let refused =
            |message: String, nearest| Self::Refused { path: path.to_owned(), line, message, nearest };
        // The library lists the known keys in backticks after the unknown one.
        let quoted: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
        if let (true, Some((unknown, known))) =
            (error.message().starts_with("unknown field"), quoted.split_first())
        {
            let message = format!("`{unknown}` is not a key here; there are {}", known.join(", "));
            return refused(message, nearest(unknown, known.iter().copied()));
        }
        if let (true, Some((unknown, known))) =
            (error.message().starts_with("unknown variant"), quoted.split_first())
        {
            let message = format!("`{unknown}` is not known here; there are {}", known.join(", "));
            return refused(message, nearest(unknown, known.iter().copied()));
        }
        // The key that the value stands behind, where it does.
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let key = before[start..].trim_end().strip_suffix('=').map(|key| format!("{}: ", key.trim()));
        refused(format!("{}{}", key.unwrap_or_default(), error.message()), None)
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { .. } | Self::Unreadable { .. } => {
                "name another file with --config, or write one with `followup init`".to_owned()
            }
            Self::Refused { nearest: Some(key), .. } => format!("did you mean `{key}`?"),
            Self::Refused { nearest: None, .. } | Self::Invalid { .. } => {
                "correct the file; the README describes every key".to_owned()
            }
            Self::Environment { name, .. } => format!("correct or unset {name}"),
        }
    }
}

/// The known word that somebody most likely meant.
pub(crate) fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let likeness = |known: &str| strsim::jaro_winkler(&unknown.to_lowercase(), &known.to_lowercase());
    known
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, known)| known.to_owned())
}
