//! Which action of the database an item of a newer revision is.
//!
//! Invariant: an action is matched with at most one item and back. The title alone never decides: words that stayed the
//! same anywhere in the text do, and the same text wins over a similar one wherever it was moved to.

use std::collections::HashMap;

use strsim::sorensen_dice;

use super::Draft;
use crate::action::Action;

/// How alike two texts have to be, from 0 to 1, to be the same action reworded. Below this, two different items that
/// share the usual words ("add monitoring for …") would be taken for one.
const ALIKE: f64 = 0.72;

/// Beyond this many comparisons only equal texts are matched, so that a huge report takes no quadratic time.
const MAX_COMPARISONS: usize = 250_000;

/// What became of the items and actions of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// For every draft, the index of the action that it is; nothing for a new one.
    pub drafts: Vec<Option<usize>>,
    /// The indices of the actions that no draft is.
    pub vanished: Vec<usize>,
}

/// Matches the drafts of a revision with the actions that the report had.
#[must_use]
pub fn match_drafts(drafts: &[Draft], actions: &[Action]) -> Matched {
    let mut found: Vec<Option<usize>> = vec![None; drafts.len()];
    let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, action) in actions.iter().enumerate().rev() {
        by_text.entry(squeeze(&action.text)).or_default().push(index);
    }
    for (draft, found) in drafts.iter().zip(&mut found) {
        *found = by_text.get_mut(&squeeze(&draft.read.text)).and_then(Vec::pop);
    }
    let is_taken = |found: &[Option<usize>], index: usize| found.contains(&Some(index));
    let left: Vec<usize> = (0..actions.len()).filter(|index| !is_taken(&found, *index)).collect();
    let new: Vec<usize> = (0..drafts.len()).filter(|index| found[*index].is_none()).collect();
    if left.len().saturating_mul(new.len()) <= MAX_COMPARISONS {
        let mut pairs = Vec::new();
        for &draft in &new {
            for &action in &left {
                let alike =
                    sorensen_dice(&squeeze(&drafts[draft].read.text), &squeeze(&actions[action].text));
                if alike >= ALIKE {
                    pairs.push((alike, draft, action));
                }
            }
        }
        // The most alike first; of equals, the order of the document.
        pairs.sort_by(|left, right| {
            right.0.total_cmp(&left.0).then((left.1, left.2).cmp(&(right.1, right.2)))
        });
        for (_, draft, action) in pairs {
            if found[draft].is_none() && !is_taken(&found, action) {
                found[draft] = Some(action);
            }
        }
    }
    let vanished = (0..actions.len()).filter(|index| !is_taken(&found, *index)).collect();
    Matched { drafts: found, vanished }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{ActionId, ReportId};

    fn drafts(texts: &[&str]) -> Vec<Draft> {
        let draft = |text: &&str| {
            let report = format!("# Report\n\n## Action items\n\n- {text}\n");
            let mut reading = incident_report::read(&report, &incident_report::Options::default());
            assert_eq!(reading.actions.len(), 1, "{report}");
            Draft::new(reading.actions.remove(0), &[])
        };
        texts.iter().map(draft).collect()
    }

    fn actions(texts: &[&str]) -> Vec<Action> {
        let numbered = (1..).zip(drafts(texts));
        numbered
            .map(|(number, draft)| Action {
                id: ActionId::new(number),
                ..draft.to_action(ReportId::new(1), chrono::DateTime::UNIX_EPOCH)
            })
            .collect()
    }

    #[test]
    fn moved_and_reworded_items_keep_their_identity() {
        let before = actions(&[
            "Add a canary stage to the deploy pipeline",
            "Alert when the queue is longer than 1,000 jobs",
            "Document the restart procedure",
        ]);
        let after = drafts(&[
            "Alert when the queue is longer than 500 jobs",
            "Write a runbook for failover",
            "Add a canary stage to the deploy pipeline",
        ]);
        let matched = match_drafts(&after, &before);
        assert_eq!(matched, Matched { drafts: vec![Some(1), None, Some(0)], vanished: vec![2] });
    }

    #[test]
    fn the_same_text_twice_is_two_actions() {
        let texts = ["Rotate the key", "Rotate the key"];
        let matched = match_drafts(&drafts(&texts), &actions(&texts));
        assert_eq!(matched, Matched { drafts: vec![Some(0), Some(1)], vanished: vec![] });
    }
}
