//! Whether an action says what has to be done, and how one will know that it was.
//!
//! The guides of the field agree on three things: an action begins with what to do (actionable), says of what (specific), and
//! tells when it is finished (bounded). Source: "Postmortem Action Items: Plan the Work and Work the Plan", Lueder and Beyer,
//! USENIX ;login: Spring 2017.
//!
//! Invariant: pure, and only advice; nothing is refused for its wording. What is not English is not judged.

use serde::Serialize;

/// What is weak about the wording of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// It does not say what to do.
    NoVerb,
    /// It does not say when it is finished.
    NoEnd,
    /// It holds a word that means something else to everybody.
    Vague,
}

/// A weakness, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What is weak.
    pub code: Weakness,
    /// The advice, as a sentence without a full stop.
    pub message: String,
}

/// Work that never ends by itself.
const ENDLESS: &[&str] = &[
    "consider",
    "continue",
    "encourage",
    "enhance",
    "ensure",
    "evaluate",
    "explore",
    "improve",
    "increase",
    "investigate",
    "monitor",
    "reduce",
    "reconsider",
    "revisit",
    "strengthen",
    "think",
    "try",
    "watch",
];

/// Words that everybody understands in their own way.
const VAGUE: &[&str] = &[
    "adequate",
    "appropriate",
    "appropriately",
    "better",
    "etc",
    "more robust",
    "as needed",
    "if possible",
    "when possible",
    "best practices",
    "various",
    "proper",
    "properly",
    "sufficient",
    "some kind of",
    "be more careful",
    "more careful",
];

/// Words that tell when it is finished.
const BOUNDS: &[&str] = &[
    "until",
    "so that",
    "such that",
    "within",
    "at least",
    "at most",
    "less than",
    "more than",
    "fewer than",
    "below",
    "above",
    "every",
    "each",
    "all",
    "per",
    "before",
    "after",
    "when",
    "if",
];

/// Words by which English is known.
const ENGLISH: &[&str] = &[
    "a", "all", "an", "and", "as", "be", "before", "by", "for", "from", "of", "our", "so", "that", "the",
    "this", "to", "we", "when", "with",
];

/// What is weak about the wording of `title`, explained by `description`.
#[must_use]
pub fn advice(title: &str, description: Option<&str>) -> Vec<Advice> {
    let words = words(title);
    let opens_task = words.iter().any(|word| incident_report::is_task_verb(word));
    let is_english = opens_task || words.iter().any(|word| ENGLISH.contains(&word.as_str()));
    if !is_english || !title.is_ascii() {
        return Vec::new();
    }
    let mut advice = Vec::new();
    let mut say = |code, message: String| advice.push(Advice { code, message });
    if !opens_task {
        say(
            Weakness::NoVerb,
            "it does not say what to do: begin with a verb, as “Add”, “Remove” or “Test”".to_owned(),
        );
    }
    let whole = self::words(&format!("{title} {}", description.unwrap_or_default()));
    let endless = words.first().filter(|word| ENDLESS.contains(&word.as_str()));
    let is_bounded = title.contains(|c: char| c.is_ascii_digit()) || holds(&whole, BOUNDS).is_some();
    if let Some(word) = endless.filter(|_| !is_bounded) {
        say(
            Weakness::NoEnd,
            format!("“{word}” has no end: say how one will know that it is done, with a number or a result"),
        );
    }
    if let Some(word) = holds(&words, VAGUE) {
        say(Weakness::Vague, format!("“{word}” means something else to everybody: say which, or how much"));
    }
    advice
}

/// The words of a text, in lower case.
fn words(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '\'';
    text.split(|c| !is_part(c)).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The first of `phrases` that stands in `words`.
fn holds(words: &[String], phrases: &'static [&str]) -> Option<&'static str> {
    let stands = |phrase: &&&str| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        words.windows(phrase.len()).any(|window| window.iter().eq(phrase.iter()))
    };
    phrases.iter().find(stands).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(title: &str) -> Vec<Weakness> {
        advice(title, None).into_iter().map(|advice| advice.code).collect()
    }

    #[test]
    fn what_says_what_to_do_and_when_it_is_finished_needs_no_advice() {
        for title in [
            "Alert when a certificate has less than 14 days left",
            "Remove the fallback to the old pool",
            "Ensure that every deploy is rolled out zone by zone",
            "Write down who may fail over, and rehearse it every month",
        ] {
            assert_eq!(codes(title), [], "{title}");
        }
    }

    #[test]
    fn what_is_weak_is_named() {
        assert_eq!(codes("Runbook for the failover of the database"), [Weakness::NoVerb]);
        assert_eq!(codes("Improve monitoring"), [Weakness::NoEnd]);
        assert_eq!(codes("Add appropriate alerts to the queue"), [Weakness::Vague]);
        assert_eq!(codes("Investigate better tooling"), [Weakness::NoEnd, Weakness::Vague]);
        assert_eq!(advice("Improve monitoring", Some("Done when each queue has an alert.")), []);
    }

    #[test]
    fn another_language_is_not_judged() {
        for title in ["Alarmierung bei hoher Last einrichten", "Documenter la procédure", "监控队列", ""]
        {
            assert_eq!(codes(title), [], "{title}");
        }
    }
}
