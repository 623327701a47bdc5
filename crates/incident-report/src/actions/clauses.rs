//! The measures of one sentence: "We will add an alert, and we have moved the host."
//!
//! Invariant: the parts are a partition of the sentence, in order; a part begins with a clause of its own that is a
//! measure, or with a verb in the form of the one that the sentence commits with.

use super::judge::Judged;
use super::promise;
use crate::text;
use crate::words;

/// The longest sentence that is cut, in bytes, and how many parts it may have.
const MAX_CUT: usize = 1_500;
const MAX_PARTS: usize = 8;

/// How many places are looked at where a part could begin.
const MAX_JOINTS: usize = 24;

/// How many words a part has at least, the verb included.
const MIN_WORDS: usize = 3;

/// What stands between two clauses of which each says who does it.
const BETWEEN_CLAUSES: [&str; 6] = ["; ", ", and ", " and ", ", but ", ", ", " – "];

/// Whom such a clause begins with.
const SUBJECTS: [&str; 9] = ["we", "well", "weve", "were", "i", "ill", "ive", "im", "this"];

/// Verbs that tell what a measure is for: "… and to prevent it from falling".
const PURPOSES: [&str; 9] =
    ["allow", "avoid", "enable", "ensure", "help", "make", "mitigate", "prevent", "reduce"];

/// The byte ranges of the measures that a sentence tells; the whole of it where it is one.
pub(super) fn measures(sentence: &str, is_action: fn(&Judged<'_>) -> bool) -> Vec<(usize, usize)> {
    let whole = vec![(0, sentence.len())];
    if sentence.len() > MAX_CUT {
        return whole;
    }
    let mut starts = vec![0];
    let mut joints = 0;
    for at in (1..sentence.len()).filter(|at| sentence.is_char_boundary(*at)) {
        let Some(joint) = BETWEEN_CLAUSES.iter().find(|joint| sentence[at..].starts_with(**joint)) else {
            continue;
        };
        joints += 1;
        if joints > MAX_JOINTS {
            break;
        }
        let Some(next) = begins(sentence, at, joint, is_action) else { continue };
        let last = starts.last().copied().unwrap_or(0);
        if next > last && starts.len() < MAX_PARTS && text::word_count(&sentence[last..at]) >= MIN_WORDS {
            starts.push(next);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([sentence.len()]);
    let parts: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
    if parts.iter().any(|(from, to)| text::word_count(&sentence[*from..*to]) < MIN_WORDS) {
        whole
    } else {
        parts
    }
}

/// Where a part begins whose joint stands at `at`.
fn begins(sentence: &str, at: usize, joint: &str, is_action: fn(&Judged<'_>) -> bool) -> Option<usize> {
    let start = at + joint.len();
    let rest = sentence[start..].trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut all = rest.split(' ').map(text::fold);
    let first = all.next().unwrap_or_default();
    let is_clause = SUBJECTS.contains(&first.as_str()) && joint != ", " || joint == "; ";
    if is_clause {
        let is_measure = |part: &str| is_action(&Judged::new(part));
        return (is_measure(&sentence[..at]) && is_measure(&sentence[start..])).then_some(start);
    }
    if first == "to" && joint != ", " {
        let is_adverb = |word: &str| matches!(word, "always" | "also" | "never" | "regularly");
        let verb = all.find(|word| !is_adverb(word)).unwrap_or_default();
        let is_purpose = PURPOSES.contains(&verb.as_str());
        return (words::is_imperative(&verb) && !is_purpose && is_infinitive(&sentence[..at]))
            .then_some(start);
    }
    let adverb = first.ends_with("ly") || first == "also";
    let verb = if adverb { all.next().unwrap_or_default() } else { first };
    let is_same = promise::is_task_in_past(&verb) && promise::has_participle(&sentence[..at]);
    is_same.then_some(start)
}

/// Whether a verb with "to" stands in what goes before.
fn is_infinitive(before: &str) -> bool {
    before.match_indices("to ").any(|(at, lead)| {
        let mut behind = before[at + lead.len()..].split(' ').map(text::fold);
        let first = behind.next().unwrap_or_default();
        let is_adverb = matches!(first.as_str(), "always" | "also" | "never" | "regularly");
        words::is_task_verb(if is_adverb { behind.next().unwrap_or_default() } else { first }.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(sentence: &str) -> Vec<&str> {
        let found = measures(sentence, |judged| judged.is_measure());
        found.into_iter().map(|(from, to)| sentence[from..to].trim_end_matches([' ', ',', ';'])).collect()
    }

    #[test]
    fn several_measures_of_a_sentence_are_told_apart() {
        for (sentence, expected) in [
            (
                "We will add an alert, and we have moved the host.",
                ["We will add an alert, and", "we have moved the host."].as_slice(),
            ),
            (
                "We have rotated the keys, closed the port, and moved the host.",
                &["We have rotated the keys", "closed the port, and", "moved the host."],
            ),
            (
                "They plan to add an alert and to test it weekly.",
                &["They plan to add an alert and", "to test it weekly."],
            ),
            (
                "We plan to add an alert and to prevent falls.",
                &["We plan to add an alert and to prevent falls."],
            ),
            ("We will add an alert and a siren.", &["We will add an alert and a siren."]),
            ("We will add an alert, and it was late.", &["We will add an alert, and it was late."]),
        ] {
            assert_eq!(parts(sentence), expected, "{sentence}");
        }
    }
}
