//! A linear model of what an action is, for texts that the rules do not decide.
//!
//! Every text of a report that could be an action is a [`Unit`]. Its features are named ([`features`]): words of the
//! text, of the heading, and of the sentence in front; what its grammar says ([`cues`]); and where it stands. Each
//! has a weight in `data/weights.txt`, which `cargo xtask train` writes; the sum is the score, and the largest parts
//! of it are the reason.
//!
//! Invariants: any text has a finite score; a document is weighed in linear time; a unit is weighed alike in training
//! and in reading, because both take it from [`units`].

mod cues;
mod features;

use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;
use serde::Serialize;

pub use self::features::Sight;
use self::features::{Best, units};
use super::judge::Judged;
use super::{Draft, Place, Rule};
use crate::outline::Section;
use crate::source::Source;
use crate::words::Topic;

/// The feature that every unit has.
const BIAS: &str = "bias";

/// How many features a reason names.
const MAX_REASONS: usize = 4;

/// How far below what is needed a score is still a near miss.
const NEARLY: f32 = 1.0;

/// A text and what its features weigh.
#[derive(Debug)]
pub(super) struct Unit<'m> {
    /// What it would be as an action.
    pub(super) draft: Draft,
    /// Where it stands.
    pub(super) place: Place,
    /// Which section it stands in.
    section: usize,
    /// The names of its features, when asked for.
    features: Vec<String>,
    /// The features that speak most for it.
    best: Best<'m>,
    /// The sum of their weights.
    score: f32,
}

impl Unit<'_> {
    /// The features that speak most for it, as a clause.
    pub(super) fn reason(&self) -> String {
        self.best.to_string()
    }
}

/// Whether weights decide about the texts of such a section, for its sentences or for what is no prose.
fn decides(topic: Option<Topic>, is_prose: bool) -> bool {
    match topic {
        Some(Topic::Timeline | Topic::Rejected) => false,
        Some(Topic::Actions) => is_prose,
        _ => true,
    }
}

/// What becomes of a unit that the rules left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is an action.
    Action,
    /// It is none, but nearly.
    NearMiss,
}

/// The units of a report that weigh like actions, or nearly.
pub(super) fn verdicts<'m>(sections: &[Section<'_>], model: &'m Model) -> Vec<(Unit<'m>, Verdict)> {
    if model.weights.is_empty() {
        return Vec::new();
    }
    let is_listed = sections.iter().any(|section| section.topic == Some(Topic::Actions));
    let verdict = |unit: &Unit<'_>| {
        let topic = sections.get(unit.section).and_then(|section| section.topic);
        if !decides(topic, unit.draft.rule == Rule::Sentence) {
            return None;
        }
        let least = match topic {
            Some(Topic::Actions) => "least:in-actions",
            _ if is_listed => "least:beside-actions",
            _ => "least:no-actions",
        };
        let judged = Judged::new(&unit.draft.text.plain);
        if judged.is_introduction() || judged.is_placeholder() {
            return None;
        }
        match unit.score - model.weight(least) {
            over if over > 0.0 => Some(Verdict::Action),
            over if over > -NEARLY => Some(Verdict::NearMiss),
            _ => None,
        }
    };
    units(sections, model, Sight::Full, false)
        .into_iter()
        .filter_map(|unit| verdict(&unit).map(|verdict| (unit, verdict)))
        .collect()
}

/// The texts of a report with their features.
pub(super) fn weighed(
    sections: &[Section<'_>],
    source: &Source<'_>,
    model: &Model,
    sight: Sight,
) -> Vec<Weighed> {
    let unit = |unit: Unit<'_>| Weighed {
        text: unit.draft.text.plain,
        section: unit.place.section,
        line: source.clamp(unit.draft.span.first),
        features: unit.features,
        score: unit.score,
    };
    units(sections, model, sight, true).into_iter().map(unit).collect()
}

/// A text of a report as the model sees it: what `cargo xtask train` learns from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighed {
    /// Its words.
    pub text: String,
    /// The nearest heading or label.
    pub section: Option<String>,
    /// The 1-based line it starts on.
    pub line: usize,
    /// The names of its features.
    pub features: Vec<String>,
    /// Their weights' sum.
    pub score: f32,
}

/// Weights of features, by which texts are taken for actions where the rules do not decide.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    weights: Arc<FxHashMap<String, f32>>,
}

/// A line of a file of weights that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the weights is not a feature and its weight")]
pub struct WeightsError {
    /// The line.
    pub line: usize,
}

static BUILT_IN: LazyLock<Model> = LazyLock::new(|| {
    Model::parse(include_str!("../../data/weights.txt")).expect("a test reads the weights that are built in")
});

impl Model {
    /// The weights that come with this crate.
    pub fn built_in() -> Self {
        BUILT_IN.clone()
    }

    /// No weights: only the rules find actions.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a file of weights: a feature and its weight a line; lines that start with `#` are remarks.
    ///
    /// # Errors
    ///
    /// Fails when another line is not a name and a finite number.
    pub fn parse(file: &str) -> Result<Self, WeightsError> {
        let lines = (1..).zip(file.lines().map(str::trim));
        let weights = lines
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(at, line)| {
                let (name, weight) = line.split_once(char::is_whitespace).ok_or(WeightsError { line: at })?;
                let weight = weight.trim().parse::<f32>().ok().filter(|weight| weight.is_finite());
                Ok((name.to_owned(), weight.ok_or(WeightsError { line: at })?))
            })
            .collect::<Result<FxHashMap<String, f32>, WeightsError>>()?;
        Ok(Self { weights: Arc::new(weights) })
    }

    fn weight(&self, feature: &str) -> f32 {
        self.weights.get(feature).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests;
