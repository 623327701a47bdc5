//! What can be wrong with a configuration, and what to do about it.

use std::path::{Path, PathBuf};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or may not be read.
    #[error("cannot read the configuration {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or has a key or a value that is not allowed.
    #[error("{}, {message}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Place, excerpt and reason.
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
        key: &'static str,
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
    /// Turns the error of the TOML library into ours, with the nearest known key.
    pub(super) fn read(path: &Path, error: &toml::de::Error) -> Self {
        let text = error.to_string();
        let message = text.trim().trim_start_matches("TOML parse error ").to_owned();
        // The library lists the known keys in backticks after the unknown one.
        let quoted: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
        let nearest = match quoted.split_first() {
            Some((unknown, known)) if error.message().starts_with("unknown field") => known
                .iter()
                .max_by(|left, right| {
                    let [left, right] = [left, right].map(|known| strsim::jaro_winkler(unknown, known));
                    left.total_cmp(&right)
                })
                .map(|key| (*key).to_owned()),
            _ => None,
        };
        Self::Refused { path: path.to_owned(), message, nearest }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => {
                "name another file with --config, or write one with `followup init`".to_owned()
            }
            Self::Refused { nearest: Some(key), .. } => format!("did you mean `{key}`?"),
            Self::Refused { nearest: None, .. } | Self::Invalid { .. } => {
                "correct the file; the README lists every key".to_owned()
            }
            Self::Environment { name, .. } => format!("correct or unset {name}"),
        }
    }
}
