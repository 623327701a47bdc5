//! The severity of an incident on one scale of four.
//!
//! Invariant: a number after `SEV`, `S`, or `P` wins over words, and a word only counts where a severity is
//! expected; zero and one are both the worst.

use serde::Serialize;

use super::labelled::Labelled;
use crate::document::{BlockKind, one_line};
use crate::outline::Section;
use crate::text;
use crate::words::{Field, Topic};

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
pub(super) fn of(
    sections: &[Section<'_>],
    labelled: &[Labelled],
    title: Option<&str>,
) -> (Option<Severity>, Option<String>) {
    let stated = labelled.iter().filter(|labelled| labelled.field == Field::Severity);
    if let Some(first) = stated.clone().next() {
        let read = stated.clone().find_map(|labelled| Some((parse(&labelled.value)?, labelled)));
        return match read {
            Some((severity, labelled)) => (Some(severity), Some(labelled.value.clone())),
            None => (None, Some(first.value.clone())),
        };
    }
    // "Impact: Critical, 100 % of users": only a first word that stands alone is a severity of such a value, and
    // "Critical outage of the gate" describes what happened.
    let by_impact =
        labelled.iter().filter(|labelled| labelled.field == Field::ImpactLevel).find_map(|labelled| {
            let folded = text::fold(&labelled.value);
            let first = labelled.value.split([',', '.', ':', ';', '(', '-', '–', '—', '/']).next()?;
            let severity = word(&text::fold(first)).or_else(|| numbered(&folded))?;
            Some((severity, labelled.value.clone()))
        });
    if let Some((severity, value)) = by_impact {
        return (Some(severity), Some(value));
    }
    if let Some(by_title) = title.and_then(|title| numbered(&text::fold(title))) {
        return (Some(by_title), None);
    }
    told(sections).map_or((None, None), |(severity, word)| (Some(severity), Some(word)))
}

/// How many paragraphs are searched for a severity.
const SEARCHED: usize = 60;

/// A severity that a sentence tells: "The severity of the incident was HIGH", "This was a SEV-2 incident".
fn told(sections: &[Section<'_>]) -> Option<(Severity, String)> {
    let tells = |section: &&Section<'_>| {
        matches!(section.topic, None | Some(Topic::Summary | Topic::Details | Topic::Impact))
    };
    let paragraphs = sections.iter().filter(tells).flat_map(|section| section.blocks);
    let texts = paragraphs.take(SEARCHED).filter_map(|block| match &block.kind {
        BlockKind::Paragraph(lines) => Some(one_line(lines).plain),
        _ => None,
    });
    texts.into_iter().find_map(|told| in_sentence(&told))
}

/// The severity in a running text, behind the word itself and "is" or "was".
fn in_sentence(told: &str) -> Option<(Severity, String)> {
    let words: Vec<&str> = told.split(' ').take(400).collect();
    let bare = |at: usize| words.get(at).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    (0..words.len()).find_map(|at| {
        if bare(at)?.eq_ignore_ascii_case("severity") {
            let is_verb = |at: &usize| matches!(bare(*at), Some("is" | "was" | "of" | "as" | "to"));
            let verb = (at + 1..at + 6).rfind(|at| is_verb(at) && bare(*at) != Some("of"))?;
            let named = bare(verb + 1)?;
            return parse(named).map(|severity| (severity, named.to_owned()));
        }
        None
    })
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
    fn sentences_tell_a_severity_only_where_they_name_it() {
        for (told, expected) in [
            ("The severity of the issue was HIGH because of it.", Some((Severity::Sev2, "HIGH".to_owned()))),
            ("Its severity is SEV-1.", Some((Severity::Sev1, "SEV-1".to_owned()))),
            ("We changed the severity of alerts.", None),
            ("It was a high wave.", None),
        ] {
            assert_eq!(in_sentence(told), expected, "{told}");
        }
    }

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
