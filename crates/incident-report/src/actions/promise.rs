//! Sentences in running text that commit to a measure or report one.
//!
//! Invariant: a phrase such as "we will" counts only where a verb of the list follows it, perhaps after adverbs;
//! verbs of the emergency ("we have restored") report no measure.

use super::judge::stem;
use crate::text;
use crate::words::{self, Phrases};

/// What makes none of a promise.
const HEDGES: [&str; 8] = [
    "committed to",
    "will not",
    "will be able",
    "will continue to",
    "if we",
    "we will see",
    "will keep you",
    "will update this",
];

/// Words between "we will" and the verb.
const BETWEEN: [&str; 21] = [
    "also", "be", "been", "now", "soon", "then", "start", "starting", "begin", "to", "further", "both",
    "all", "try", "already", "since", "just", "more", "help", "seek", "have",
];

/// How many words may stand between.
const MAX_BETWEEN: usize = 4;

/// Whether a sentence promises a measure: "we will add …", "we are planning to add …", "… will be added".
pub(super) fn is_promise(written: &str, folded: &str) -> bool {
    let is_hedged = || HEDGES.iter().any(|hedge| folded.contains(hedge));
    let mut leads = phrases(Phrases::Promise, written, folded);
    let is_measure = |verb: String| !words::is(Phrases::TellingVerb, &verb);
    leads.any(|rest| task_verb(rest).or_else(|| any_verb(rest)).is_some_and(is_measure)) && !is_hedged()
        || words::has(Phrases::PromiseWhole, folded)
        || words::has_ending(Phrases::PromiseEnding, folded)
        || is_announced_passive(folded) && !is_hedged()
}

/// Whether a sentence reports a measure that lasts: "we have disabled …", "we are improving …".
pub(super) fn is_reported(written: &str, folded: &str) -> bool {
    phrases(Phrases::Report, written, folded).any(|rest| {
        let is_measure = |verb: &str| !words::is(Phrases::ResponseVerb, verb);
        task_verb(rest).or_else(|| participle(rest)).is_some_and(|verb| is_measure(&verb))
    })
}

/// Whether a sentence of a section of actions tells a measure by its grammar, whatever its verb: "We have hardened …",
/// "The limits were raised", "The hosts are being moved", "GitHub is also fixing it".
pub(super) fn is_told(written: &str, folded: &str) -> bool {
    let words: Vec<&str> = folded.split(' ').collect();
    let is_short_form = written.contains(['\'', '’']);
    (0..words.len()).any(|at| {
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        let next =
            |at: usize| (at..at + MAX_BETWEEN).find_map(|at| words.get(at).filter(|word| !is_adverb(word)));
        let following = || next(at + 1).copied().unwrap_or("");
        let is_modal =
            matches!(before, "would" | "could" | "should" | "might" | "may" | "must" | "to" | "not");
        match words[at] {
            "have" | "has" if !is_modal => {
                is_participle(following())
                    || following() == "been" && {
                        let mut rest = words.iter().skip(at + 1).skip_while(|word| **word != "been").skip(1);
                        rest.find(|word| !is_adverb(word)).is_some_and(|word| is_participle(word))
                    }
            }
            "weve" | "ive" => is_participle(following()),
            "lets" => {
                words::is_task_verb(following())
                    && !words::is_any(&[Phrases::TellingVerb, Phrases::ResponseVerb], following())
            }
            "are" | "is" | "am" | "im" | "theyre" => {
                let word = following();
                word.len() > 5 && word.ends_with("ing") && !words::is(Phrases::IdleVerb, word)
            }
            "were" if is_short_form && following().ends_with("ing") => {
                !words::is(Phrases::IdleVerb, following())
            }
            "now" if at > 0 => is_present(words.get(at + 1).copied().unwrap_or("")),
            "being" => matches!(before, "is" | "are" | "currently" | "now") && is_participle(following()),
            "was" | "were" => is_task_participle(following()),
            _ => false,
        }
    })
}

/// Whether a word behind "now" may be a verb in the present: "The routers now remember …".
fn is_present(word: &str) -> bool {
    let is_small = matches!(
        word,
        "that"
            | "the"
            | "a"
            | "an"
            | "we"
            | "it"
            | "in"
            | "on"
            | "at"
            | "to"
            | "and"
            | "our"
            | "as"
            | "with"
            | "this"
            | "all"
            | "any"
            | "each"
            | "every"
            | "both"
            | "no"
            | "there"
            | "they"
            | "he"
            | "i"
            | "you"
            | "for"
            | "of"
            | "or"
            | "but"
            | "if"
            | "when"
            | "more"
    );
    word.len() > 1 && !is_small && !words::is(Phrases::IdleVerb, word)
}

/// Whether a word is a participle of a verb that may tell a measure.
fn is_participle(word: &str) -> bool {
    let is_irregular = matches!(
        word,
        "begun"
            | "built"
            | "made"
            | "rebuilt"
            | "written"
            | "rewritten"
            | "set"
            | "reset"
            | "put"
            | "split"
            | "cut"
            | "shut"
            | "taken"
            | "sent"
            | "brought"
            | "bought"
            | "chosen"
            | "drawn"
            | "given"
            | "hired"
            | "run"
            | "rolled"
            | "spun"
            | "switched"
            | "thrown"
            | "turned"
    );
    is_irregular || word.len() > 4 && word.ends_with("ed") && !words::is(Phrases::IdleVerb, word)
}

/// Whether a text has an auxiliary and such a participle behind it: "We have rotated …", "We rotated …".
pub(super) fn has_participle(written: &str) -> bool {
    let folded = text::fold(written);
    let words: Vec<&str> = folded.split(' ').collect();
    (0..words.len()).filter(|at| AUXILIARIES.contains(&words[*at])).any(|at| {
        let mut behind = words.iter().skip(at + 1).take(MAX_BETWEEN);
        behind.find(|word| !is_adverb(word)).is_some_and(|word| is_participle(word))
    })
}

/// Whether a word is the participle of a verb that opens a task.
pub(super) fn is_task_in_past(word: &str) -> bool {
    participle(word).is_some()
}

/// What stands in front of a participle or of a verb in the past.
const AUXILIARIES: [&str; 6] = ["have", "has", "weve", "ive", "we", "i"];

/// Whether a word is the participle of a verb that tells a measure.
pub(super) fn is_task_participle(word: &str) -> bool {
    participle(word).is_some_and(|verb| !words::is_any(&[Phrases::ResponseVerb, Phrases::TellingVerb], &verb))
}

fn is_adverb(word: &str) -> bool {
    word.len() > 4 && word.ends_with("ly") || ADVERBS.contains(&word)
}

/// Words between an auxiliary and its verb.
const ADVERBS: [&str; 14] = [
    "also",
    "already",
    "now",
    "since",
    "just",
    "then",
    "both",
    "all",
    "further",
    "still",
    "again",
    "not",
    "therefore",
    "subsequently",
];

/// Whether a sentence tells what would have been, and commits to nothing: "A test could have caught this."
pub(super) fn is_counterfactual(folded: &str) -> bool {
    let is_modal = |word: &&str| {
        matches!(
            *word,
            "would" | "could" | "might" | "should" | "may" | "will" | "must" | "shall" | "need" | "needs"
        )
    };
    let mut rest = folded.split(' ').skip_while(|word| !is_modal(word));
    let is_open = matches!(rest.next(), Some("would" | "could" | "might" | "should" | "may"));
    let mut rest = rest.filter(|word| !is_adverb(word));
    is_open
        && rest.next() == Some("have")
        && rest.next().is_some_and(|word| {
            let is_irregular = matches!(
                word,
                "been"
                    | "caught"
                    | "made"
                    | "seen"
                    | "had"
                    | "known"
                    | "found"
                    | "shown"
                    | "taken"
                    | "kept"
                    | "gone"
            );
            is_irregular || word.ends_with("ed")
        })
}

/// "More training will be conducted".
fn is_announced_passive(folded: &str) -> bool {
    ["will be", "will now be", "is going to be", "are going to be", "is planned to be"].iter().any(|lead| {
        folded.match_indices(lead).any(|(at, _)| {
            let rest = &folded[at + lead.len()..];
            let is_word = rest.starts_with(' ') && folded[..at].ends_with(' ');
            is_word && participle(rest).is_some_and(|verb| !words::is(Phrases::ResponseVerb, &verb))
        })
    })
}

/// What follows the phrases of a list in a folded text.
fn phrases<'f>(list: Phrases, written: &'f str, folded: &'f str) -> impl Iterator<Item = &'f str> {
    let is_short_form = written.contains(['\'', '’']);
    words::phrases_in(list, folded).filter_map(move |(phrase, end)| {
        // "well", "were", and "ill" are "we'll", "we're", and "I'll" only where an apostrophe was folded away.
        let is_ambiguous = matches!(phrase.split(' ').next(), Some("well" | "were" | "ill"));
        (!is_ambiguous || is_short_form).then(|| &folded[end..])
    })
}

/// The words behind a phrase, adverbs and the like left out.
fn behind(rest: &str) -> Option<&str> {
    let is_between = |word: &&str| word.ends_with("ly") || BETWEEN.contains(word);
    let mut all = rest.trim_start().split(' ').take(MAX_BETWEEN + 1);
    all.find(|word| !is_between(word))
}

/// The task verb that follows, in its plain or its -ing form.
fn task_verb(rest: &str) -> Option<String> {
    let verb = behind(rest).filter(|verb| words::is_task_verb(verb))?;
    Some(words::plain_verb(verb))
}

/// The word that follows, where it may be a verb that no list knows: "we will shard …".
fn any_verb(rest: &str) -> Option<String> {
    let verb =
        behind(rest).filter(|verb| !words::is_any(&[Phrases::IdleVerb, Phrases::ResponseVerb], verb))?;
    let is_word = verb.len() > 2 && verb.bytes().all(|b| b.is_ascii_lowercase()) && !verb.ends_with("ed");
    is_word.then(|| verb.to_owned())
}

/// The task verb that follows as a participle.
fn participle(rest: &str) -> Option<String> {
    let word = behind(rest)?;
    let verb = match word {
        "made" => "make".to_owned(),
        "built" | "rebuilt" => "build".to_owned(),
        "written" | "rewritten" => "write".to_owned(),
        "set" | "reset" | "put" | "split" | "cut" | "shut" => word.to_owned(),
        "taken" => "take".to_owned(),
        _ if word.ends_with("ed") => stem(word),
        _ => return None,
    };
    words::is_task_verb(&verb).then_some(verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_and_reports() {
        for (sentence, promised, reported) in [
            ("We will add an alert.", true, false),
            ("We'll also be taking a look at the alerts.", true, false),
            ("Next week we are planning to move the queue.", true, true),
            ("The old key will be removed.", true, false),
            ("We will not add one.", false, false),
            ("It went well and was added.", false, false),
            ("We have permanently disabled the old key.", false, true),
            ("We are improving the alerts.", false, true),
            ("We have restored the service.", false, false),
            ("We are investigating the cause.", false, false),
            ("The cells were added by hand.", false, false),
        ] {
            let folded = text::fold(sentence);
            assert_eq!(is_promise(sentence, &folded), promised, "{sentence}");
            assert_eq!(is_reported(sentence, &folded), reported, "{sentence}");
        }
    }
}
