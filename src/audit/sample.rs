//! A sample that somebody else can draw again, without this program.
//!
//! Invariant: which actions are drawn depends on the seed and on each one's number alone, so that the same ones are drawn whatever
//! else there is: those whose SHA-256 of `SEED:ID` is smallest.

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::{Past, Story};
use crate::action::{ActionId, Severity, State};

/// Of which actions a sample is drawn: those for which all of it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Population {
    /// In one of these states; none of them is any.
    pub states: Vec<State>,
    /// Of an incident of one of these severities; none of them is any.
    pub severities: Vec<Severity>,
    /// What has to have happened in the time.
    pub dated: Dated,
    /// It happened then or later.
    pub since: Option<DateTime<Utc>>,
    /// It happened before then.
    pub before: Option<DateTime<Utc>>,
}

/// What happened to an action in the time that is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dated {
    /// Somebody took it on.
    #[default]
    Accepted,
    /// It was done.
    Done,
}

/// A drawn action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// Its number.
    pub id: ActionId,
    /// What it was drawn by, in hexadecimal.
    pub sha256: String,
}

/// What was drawn, and of how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// What the draw depends on.
    pub seed: String,
    /// Of how many actions.
    pub population: usize,
    /// The drawn ones, in the order in which they were drawn.
    pub drawn: Vec<Drawn>,
}

impl Population {
    fn holds(&self, past: &Past, story: &Story) -> bool {
        let mark = match self.dated {
            Dated::Accepted => story.accepted.as_ref(),
            Dated::Done => past.done(story),
        };
        let at = mark.map(|mark| mark.at);
        let severity = past.severity_of(story);
        (self.states.is_empty() || self.states.contains(&past.state(story)))
            && (self.severities.is_empty() || self.severities.contains(&severity))
            && self.since.is_none_or(|since| at.is_some_and(|at| at >= since))
            && self.before.is_none_or(|before| at.is_some_and(|at| at < before))
    }
}

/// What an action is drawn by.
#[must_use]
pub fn lot(seed: &str, id: ActionId) -> String {
    let digest = digest(&SHA256, format!("{seed}:{id}").as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Draws `size` actions, or all where there are fewer.
#[must_use]
pub fn sample(past: &Past, population: &Population, seed: &str, size: usize) -> Sample {
    let mut lots: Vec<Drawn> = past
        .actions
        .iter()
        .filter(|(_, story)| population.holds(past, story))
        .map(|(id, _)| Drawn { id: *id, sha256: lot(seed, *id) })
        .collect();
    let count = lots.len();
    lots.sort_by(|left, right| left.sha256.cmp(&right.sha256));
    lots.truncate(size);
    Sample { seed: seed.to_owned(), population: count, drawn: lots }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_never_changes() {
        // printf 'auditor 7:CA-12' | sha256sum
        assert_eq!(
            lot("auditor 7", ActionId::new(12)),
            "57373272ca56187602ba7e4916a464b9990f0621eaa9129ab777fba8e11fb962"
        );
    }
}
