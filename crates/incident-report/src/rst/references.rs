//! What a reStructuredText document defines to be referred to: targets of links, and substitutions.
//!
//! Invariant: a chain of targets is followed a few steps only, and what substitutions add is paid from a budget.

use std::collections::HashMap;

use super::Row;
use crate::markup::Budget;

/// How many targets may refer to each other.
const MAX_CHAIN: usize = 8;

/// The definitions of a document.
#[derive(Debug)]
pub(super) struct References<'t> {
    targets: HashMap<String, &'t str>,
    substitutions: HashMap<String, String>,
    anonymous: Vec<&'t str>,
    used: usize,
    pub(super) budget: Budget,
}

/// A name as it is compared: in lower case, with single spaces.
pub(super) fn folded(name: &str) -> String {
    crate::text::collapse(name).to_lowercase()
}

impl<'t> References<'t> {
    /// Collects the definitions in the rows of a document.
    pub(super) fn collect(rows: &[Row<'t>], size: usize) -> Self {
        let mut found = Self {
            targets: HashMap::new(),
            substitutions: HashMap::new(),
            anonymous: Vec::new(),
            used: 0,
            budget: Budget::new(size),
        };
        for (at, row) in rows.iter().enumerate() {
            if let Some(rest) = row.text.strip_prefix("__ ") {
                found.anonymous.push(rest.trim());
                continue;
            }
            let Some(rest) = row.text.strip_prefix(".. ").map(str::trim_start) else { continue };
            // What is too long for its line goes on in the next one.
            let next = rows.get(at + 1).filter(|next| next.indent > row.indent).map_or("", |next| next.text);
            if let Some(rest) = rest.strip_prefix("__:") {
                found.anonymous.push(either(rest, next));
            } else if let Some(rest) = rest.strip_prefix('_') {
                if let Some((name, target)) = named(rest) {
                    found.targets.entry(folded(&name)).or_insert(either(target, next));
                }
            } else if let Some((name, definition)) =
                rest.strip_prefix('|').and_then(|rest| rest.split_once('|'))
            {
                found.substitution_of(name, definition.trim(), next);
            }
        }
        found
    }

    fn substitution_of(&mut self, name: &str, definition: &str, next: &str) {
        let words = match definition.split_once("::") {
            Some(("replace", words)) => {
                let words = words.trim();
                if next.is_empty() { words.to_owned() } else { format!("{words} {next}").trim().to_owned() }
            }
            Some(_) => String::new(),
            None => return,
        };
        self.substitutions.entry(folded(name)).or_insert(words);
    }

    /// Where a name leads.
    pub(super) fn target(&self, name: &str) -> Option<&'t str> {
        let mut name = folded(name);
        for _ in 0..MAX_CHAIN {
            let target = *self.targets.get(&name)?;
            match target.strip_suffix('_') {
                Some(next) if !target.contains("://") => name = folded(next.trim_matches('`')),
                _ => return Some(target).filter(|target| !target.is_empty()),
            }
        }
        None
    }

    /// Where the next reference without a name leads.
    pub(super) fn next_anonymous(&mut self) -> Option<&'t str> {
        let target = self.anonymous.get(self.used).copied();
        self.used += 1;
        target
    }

    /// The words that take the place of a name.
    pub(super) fn substitution(&mut self, name: &str) -> Option<String> {
        let words = self.substitutions.get(&folded(name))?;
        self.budget.take(words.len()).then(|| words.clone())
    }
}

fn either<'t>(here: &'t str, next: &'t str) -> &'t str {
    let here = here.trim();
    if here.is_empty() { next.trim() } else { here }
}

/// The name and the target of `name: target`; the name may be in back-quotes, or have its colons escaped.
fn named(rest: &str) -> Option<(String, &str)> {
    if let Some(rest) = rest.strip_prefix('`') {
        let (name, target) = rest.split_once("`:")?;
        return Some((name.to_owned(), target));
    }
    let end = rest.match_indices(':').map(|(at, _)| at).find(|at| {
        !rest[..*at].ends_with('\\') && rest[at + 1..].chars().next().is_none_or(char::is_whitespace)
    })?;
    Some((rest[..end].replace('\\', ""), &rest[end + 1..]))
}
