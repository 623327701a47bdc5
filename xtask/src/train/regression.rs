//! Logistic regression with few weights: what a sum of features must weigh to tell actions from other texts.
//!
//! Invariant: the same examples in the same order give the same weights, to the last digit. Weights are found one
//! after the other (coordinate descent); each step uses a bound on the curvature, so the loss never grows.

use std::collections::{BTreeMap, BTreeSet};

/// A text to learn from.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// Its features; one that is named twice counts twice.
    pub(crate) features: Vec<String>,
    /// Whether it is an action.
    pub(crate) is_action: bool,
    /// How much it counts.
    pub(crate) weight: f64,
    /// Whose report it is from.
    pub(crate) organisation: String,
}

/// How to learn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// In how many organisations a feature must occur.
    pub(crate) least_organisations: usize,
    /// What a weight costs by its size: makes small weights none.
    pub(crate) lasso: f64,
    /// What a weight costs by its square: keeps weights small.
    pub(crate) ridge: f64,
    /// How much an action counts beside another text.
    pub(crate) action_weight: f64,
    /// How often each weight is looked at.
    pub(crate) rounds: usize,
}

/// The feature that costs nothing.
const FREE: &str = "bias";

/// Learns the weights; features without one are left out.
pub(crate) fn learn(examples: &[&Example], settings: Settings) -> BTreeMap<String, f64> {
    let columns = columns(examples, settings.least_organisations);
    let counts: Vec<f64> = examples
        .iter()
        .map(|example| example.weight * if example.is_action { settings.action_weight } else { 1.0 })
        .collect();
    let mut sums = vec![0.0_f64; examples.len()];
    let mut weights = vec![0.0_f64; columns.len()];
    for round in 0..settings.rounds {
        let mut largest = 0.0_f64;
        for (at, (name, column)) in columns.iter().enumerate() {
            // Most weights are none and stay none; they are asked again now and then only.
            if weights[at] == 0.0 && round % 5 != 0 {
                continue;
            }
            let (mut slope, mut curve) = (0.0, 0.0);
            for (row, value) in column {
                let likely = 1.0 / (1.0 + (-sums[*row]).exp());
                let target = if examples[*row].is_action { 1.0 } else { 0.0 };
                slope += counts[*row] * (likely - target) * value;
                curve += counts[*row] * value * value * 0.25;
            }
            let (lasso, ridge) = if *name == FREE { (0.0, 0.0) } else { (settings.lasso, settings.ridge) };
            let curve = curve + ridge;
            let wanted = weights[at] - (slope + ridge * weights[at]) / curve;
            let shrunk = (wanted.abs() - lasso / curve).max(0.0).copysign(wanted);
            let step = shrunk - weights[at];
            if step != 0.0 {
                column.iter().for_each(|(row, value)| sums[*row] += step * value);
                weights[at] = shrunk;
                largest = largest.max(step.abs());
            }
        }
        if largest < 1e-3 && round % 5 == 0 {
            break;
        }
    }
    let rounded = weights.into_iter().map(|weight| (weight * 100.0).round() / 100.0);
    let named = columns.into_iter().zip(rounded).filter(|(_, weight)| *weight != 0.0);
    named.map(|((name, _), weight)| (name.to_owned(), weight)).collect()
}

/// Where each feature occurs, and how often there; features of too few organisations are left out.
fn columns<'e>(examples: &[&'e Example], least: usize) -> Vec<(&'e str, Vec<(usize, f64)>)> {
    let mut columns: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
    for (row, example) in examples.iter().enumerate() {
        for name in &example.features {
            let column = columns.entry(name).or_default();
            match column.last_mut() {
                Some((last, count)) if *last == row => *count += 1.0,
                _ => column.push((row, 1.0)),
            }
        }
    }
    let is_common = |column: &[(usize, f64)]| {
        let mut organisations: BTreeSet<&str> = BTreeSet::new();
        column.iter().any(|(row, _)| {
            organisations.insert(&examples[*row].organisation);
            organisations.len() >= least
        })
    };
    columns.into_iter().filter(|(_, column)| is_common(column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings =
        Settings { least_organisations: 2, lasso: 0.1, ridge: 0.1, action_weight: 1.0, rounds: 50 };

    fn examples() -> Vec<Example> {
        let example = |features: &str, is_action, organisation: &str| Example {
            features: features.split(' ').map(str::to_owned).collect(),
            is_action,
            weight: 1.0,
            organisation: organisation.to_owned(),
        };
        let mut examples = Vec::new();
        for organisation in ["acme", "globex", "initech"] {
            examples.push(example("bias word:add word:alert", true, organisation));
            examples.push(example("bias word:add word:test", true, organisation));
            examples.push(example("bias word:saw word:alert", false, organisation));
            examples.push(example("bias word:was word:test", false, organisation));
        }
        examples.push(example("bias word:crane word:add", true, "acme"));
        examples
    }

    #[test]
    fn what_tells_actions_apart_is_learned() {
        let examples = examples();
        let weights = learn(&examples.iter().collect::<Vec<_>>(), SETTINGS);
        assert!(weights["word:add"] > 1.0, "{weights:?}");
        assert!(weights.get("word:alert").is_none_or(|weight| weight.abs() < 0.5), "{weights:?}");
        assert!(!weights.contains_key("word:crane"), "one organisation alone says nothing: {weights:?}");
        for example in &examples {
            let score: f64 = example.features.iter().filter_map(|name| weights.get(name)).sum();
            assert_eq!(score > 0.0, example.is_action, "{example:?} {weights:?}");
        }
    }

    #[test]
    fn learning_twice_gives_the_same() {
        let examples = examples();
        let examples: Vec<&Example> = examples.iter().collect();
        assert_eq!(learn(&examples, SETTINGS), learn(&examples, SETTINGS));
    }
}
