//! The severity of an incident on one scale of four.
//!
//! Invariant: a number after `SEV`, `S`, or `P` wins over words, and a word only counts where a severity is
//! expected; zero and one are both the worst.

use serde::Serialize;

use super::labelled::Labelled;
use crate::text;
use crate::words::Field;

/// How bad an incident was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Critical.
    Sev1,
    /// High, major.
    Sev2,
    /// Medium, moderate.
    Sev3,
    /// Low, minor.
    Sev4,
}

impl Severity {
    /// The name: `sev1` to `sev4`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sev1 => "sev1",
            Self::Sev2 => "sev2",
            Self::Sev3 => "sev3",
            Self::Sev4 => "sev4",
        }
    }
}

/// Words that name a severity, worst first.
const WORDS: [(Severity, &[&str]); 4] = [
    (
        Severity::Sev1,
        &["critical", "crítica", "crítico", "critique", "kritisch", "kritisk", "severe", "emergency"],
    ),
    (Severity::Sev2, &["high", "major", "alta", "alto", "hoch", "høy", "élevée", "高"]),
    (Severity::Sev3, &["medium", "moderate", "média", "medio", "mittel", "middels", "moyenne", "中"]),
    (Severity::Sev4, &["low", "minor", "trivial", "baixa", "baja", "niedrig", "lav", "faible", "低"]),
];

/// The severity a report states, and its words for it.
pub(super) fn of(labelled: &[Labelled], title: Option<&str>) -> (Option<Severity>, Option<String>) {
    let stated = labelled.iter().filter(|labelled| labelled.field == Field::Severity);
    if let Some(first) = stated.clone().next() {
        let read = stated.clone().find_map(|labelled| Some((parse(&labelled.value)?, labelled)));
        return match read {
            Some((severity, labelled)) => (Some(severity), Some(labelled.value.clone())),
            None => (None, Some(first.value.clone())),
        };
    }
    // "Impact: Critical, 100 % of users": only the first word of such a value is a severity.
    let by_impact =
        labelled.iter().filter(|labelled| labelled.field == Field::ImpactLevel).find_map(|labelled| {
            let folded = text::fold(&labelled.value);
            let severity = word(folded.split(' ').next()?).or_else(|| numbered(&folded))?;
            Some((severity, labelled.value.clone()))
        });
    if let Some((severity, value)) = by_impact {
        return (Some(severity), Some(value));
    }
    let by_title = title.and_then(|title| numbered(&text::fold(title)));
    (by_title, None)
}

/// The severity in a value such as `SEV-2`, `P1 - critical`, or `Major`.
fn parse(value: &str) -> Option<Severity> {
    let folded = text::fold(value);
    numbered(&folded).or_else(|| folded.split(' ').find_map(word)).or(match folded.as_str() {
        "0" | "1" => Some(Severity::Sev1),
        "2" => Some(Severity::Sev2),
        "3" => Some(Severity::Sev3),
        "4" | "5" => Some(Severity::Sev4),
        _ => None,
    })
}

fn word(word: &str) -> Option<Severity> {
    WORDS.iter().find(|(_, names)| names.contains(&word)).map(|(severity, _)| *severity)
}

/// `sev1`, `sev 1`, `p1`, `s1`, `severity 1`, `priority 1`, `level 1` in folded words.
fn numbered(folded: &str) -> Option<Severity> {
    let words: Vec<&str> = folded.split(' ').take(60).collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let digits = match *word {
            "sev" | "severity" | "priority" | "level" => *words.get(at + 1)?,
            word => ["sev", "p", "s"].iter().find_map(|lead| word.strip_prefix(lead))?,
        };
        match digits {
            "0" | "1" => Some(Severity::Sev1),
            "2" => Some(Severity::Sev2),
            "3" => Some(Severity::Sev3),
            "4" | "5" => Some(Severity::Sev4),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_on_every_scale() {
        for (value, expected) in [
            ("SEV-1", Some(Severity::Sev1)),
            ("Sev2 (major)", Some(Severity::Sev2)),
            ("P3", Some(Severity::Sev3)),
            ("P0", Some(Severity::Sev1)),
            ("Critical", Some(Severity::Sev1)),
            ("🔴 高", Some(Severity::Sev2)),
            ("Severity: 4", Some(Severity::Sev4)),
            ("2", Some(Severity::Sev2)),
            ("p90 latency", None),
            ("unknown", None),
        ] {
            assert_eq!(parse(value), expected, "{value}");
        }
    }
}
