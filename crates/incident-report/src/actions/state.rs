//! Whether the words of an item say that it is done.
//!
//! English is read by its grammar: a verb in the past in front, a perfect, "is now …", a thing and what was done with
//! it. Other languages say it in the phrases of the list `done-inside`.
//!
//! Invariant: each word of a text is looked at a bounded number of times; a command, a promise, a condition and what
//! only explains another word say nothing.

use super::judge::stem;
use super::promise;
use crate::text;
use crate::words::{self, Phrases};

/// Words between an auxiliary and its participle.
const ADVERBS: [&str; 13] = [
    "also",
    "already",
    "always",
    "both",
    "just",
    "now",
    "since",
    "then",
    "too",
    "all",
    "recently",
    "further",
    "therefore",
];

/// Behind one of these words a perfect tells a condition, a time, or which thing is meant.
const SUBORDINATE: [&str; 24] = [
    "after", "although", "as", "because", "before", "ensure", "if", "once", "or", "should", "so", "that",
    "though", "to", "unless", "until", "what", "when", "where", "whether", "which", "while", "who", "how",
];

/// What makes a wish, a plan or a condition of a perfect.
const MODALS: [&str; 12] =
    ["can", "could", "may", "might", "must", "needs", "not", "should", "to", "will", "would", "never"];

/// What follows a verb in the past that reports a finished task, and not an adjective.
const OBJECTS: [&str; 22] = [
    "the", "a", "an", "our", "all", "to", "from", "on", "for", "in", "it", "this", "new", "with", "more",
    "by", "its", "their", "these", "that", "and", "over",
];

/// What follows a thing and what was done with it: "Checklist formalised for new clients".
const BEHIND: [&str; 14] =
    ["to", "as", "for", "in", "on", "by", "with", "from", "into", "after", "via", "and", "at", "across"];

/// How many words of a sentence are looked at.
const MAX_WORDS: usize = 60;

/// How many sentences are looked at.
const MAX_SENTENCES: usize = 6;

/// Whether a text says that it is done.
pub(super) fn is_told_done(written: &str) -> bool {
    let mut refers_only = false;
    for (at, (from, to)) in text::sentences(written).into_iter().take(MAX_SENTENCES).enumerate() {
        let told = &written[from..to];
        let folded = text::fold(told);
        let sentence = Sentence::new(&folded);
        let is_question = told.trim_end().ends_with(['?', '？']);
        if !is_question && says_done(&folded, &sentence, refers_only) {
            return true;
        }
        if at == 0 {
            // What follows a command or a promise tells of it only where it speaks of it.
            refers_only = is_command(&sentence.words) || promise::is_promise(told, &folded);
        }
    }
    false
}

/// Whether what explains an item says that the item is done: "This has been done", "Done in #12".
pub(super) fn is_detail_done(detail: &str) -> bool {
    let folded = text::fold(text::strip_pictures(detail));
    let sentence = Sentence::new(&folded);
    let words = &sentence.words[..];
    let is_mark = words::opens(Phrases::Done, &folded) && words.len() <= 8;
    let speaks_of_it = matches!(words.first(), Some(&("this" | "it" | "that")));
    let is_label =
        text::label_and_value(detail).is_some_and(|(label, _)| words::is(Phrases::Done, &text::fold(label)));
    is_label || is_mark && is_state_mark(words) || speaks_of_it && says_done(&folded, &sentence, true)
}

/// "Done", "Done in #12", "Fixed by Ann": a state and where it was reached.
fn is_state_mark(words: &[&str]) -> bool {
    let next = words.iter().find(|word| !words::is(Phrases::Done, word));
    next.is_none_or(|next| matches!(*next, "in" | "by" | "on" | "via" | "with" | "at" | "see"))
}

fn says_done(folded: &str, sentence: &Sentence<'_>, refers_only: bool) -> bool {
    let words = &sentence.words[..];
    if refers_only {
        let opens =
            matches!(words.first(), Some(&("this" | "it" | "that" | "these" | "both" | "already" | "done")));
        return opens && (is_perfect(sentence) || is_now(sentence) || has_already(sentence))
            || !is_command(words) && is_now(sentence);
    }
    if is_command(words) {
        return false;
    }
    opens_in_the_past(words)
        || is_perfect(sentence)
        || is_past_passive(sentence)
        || is_now(sentence)
        || has_already(sentence)
        || speaker_did(sentence)
        || is_thing_and_participle(words)
        || words::has(Phrases::DoneInside, folded)
}

/// Whether a sentence tells what is still to come: "We will also …", "We are also replacing …".
pub(super) fn is_to_come(written: &str) -> bool {
    let end = text::sentences(written).first().map_or(written.len(), |(_, end)| *end);
    let folded = text::fold(&written[..end]);
    let words: Vec<&str> = folded.split(' ').take(MAX_WORDS).collect();
    words.iter().enumerate().any(|(at, word)| match *word {
        "will" => true,
        "is" | "are" | "were" => words
            .get(behind_adverbs(&words, at + 1))
            .is_some_and(|verb| verb.ends_with("ing") && (*verb == "going" || words::is_task_verb(verb))),
        _ => false,
    })
}

/// Whether a sentence opens with a verb in its plain form: "Make sure that …".
fn is_command(words: &[&str]) -> bool {
    // "To prevent it, we have moved the gate" tells why.
    let tells_why =
        words.first() == Some(&"to") && words.iter().any(|word| matches!(*word, "we" | "weve" | "i" | "ive"));
    let is_lead = |word: &&&str| matches!(**word, "also" | "please" | "always" | "then" | "to");
    let lead = words.iter().take_while(is_lead).count();
    !tells_why && words.get(lead).is_some_and(|word| words::is_task_verb(word))
}

/// The task that a word tells in the past: "added" → "add", "rewrote" → "rewrite".
fn past(word: &str) -> Option<String> {
    let verb = match word {
        "made" => "make",
        "built" => "build",
        "rebuilt" => "rebuild",
        "wrote" | "written" => "write",
        "rewrote" | "rewritten" => "rewrite",
        "ran" => "run",
        "took" | "taken" => "take",
        "sent" => "send",
        "bought" => "buy",
        "gave" => "give",
        // These are the same in the past.
        "set" | "reset" | "put" | "cut" | "split" | "run" | "shut" => word,
        _ if word.len() > 4 && word.ends_with("ed") => {
            return Some(stem(word)).filter(|verb| words::is_task_verb(verb));
        }
        _ => return None,
    };
    Some(verb.to_owned())
}

/// How many words stand in front of position `at` that are adverbs, or "re" of "re-worked".
fn behind_adverbs(words: &[&str], at: usize) -> usize {
    let is_adverb =
        |word: &&&str| word.len() > 4 && word.ends_with("ly") || ADVERBS.contains(*word) || **word == "re";
    at + words[at.min(words.len())..].iter().take(3).take_while(is_adverb).count()
}

/// "Removed the old key", "Temporarily doubled the reward".
fn opens_in_the_past(words: &[&str]) -> bool {
    let at = behind_adverbs(words, 0);
    // "Set the limit" is as well a command.
    let Some(word) = words.get(at).filter(|word| !words::is_task_verb(word)) else { return false };
    let next = words.get(at + 1).copied().unwrap_or("");
    let is_verb = past(word).is_some() || matches!(*word, "switched" | "began" | "moved");
    // "Created a ticket to …": the ticket is there, the work is not.
    let is_ticket = matches!(*word, "created" | "opened" | "filed" | "raised" | "made" | "wrote")
        && words[at..].iter().take(4).any(|word| TICKETS.contains(word));
    let stands_alone = !words::is(Phrases::Attribute, word) || OBJECTS.contains(&next);
    let is_plan = words::is(Phrases::NotYet, word);
    is_verb && stands_alone && !is_plan && !is_ticket && !next.is_empty()
}

/// Whether a text opens with a verb in the past, be it perhaps an adjective: "Improved alerts".
pub(super) fn opens_as_told(written: &str) -> bool {
    let folded = text::fold(written);
    past(folded.split(' ').next().unwrap_or("")).is_some()
}

/// What is created for work and is none.
const TICKETS: [&str; 10] =
    ["ticket", "tickets", "issue", "issues", "bug", "bugs", "task", "tasks", "story", "card"];

/// A sentence in words, and where it leaves its main clause.
#[derive(Debug)]
struct Sentence<'f> {
    words: Vec<&'f str>,
    /// The first word that opens another clause, a wish, or a plan.
    end_of_main: usize,
    /// Whether it opens with a thing, so that "that" and "which" only say which one.
    is_noun: bool,
}

impl<'f> Sentence<'f> {
    fn new(folded: &'f str) -> Self {
        let words: Vec<&str> = folded.split(' ').take(MAX_WORDS).collect();
        let is_noun =
            matches!(words[0], "all" | "the" | "every" | "these" | "those" | "both" | "each" | "our");
        let leaves = |(at, word): (usize, &&str)| {
            (SUBORDINATE.contains(word) || MODALS.contains(word)) && !(is_noun && at > 0 && is_relative(word))
        };
        let end_of_main = words.iter().enumerate().position(leaves).unwrap_or(words.len());
        Self { words, end_of_main, is_noun }
    }

    /// Whether what stands at `at` is the main clause: its subject is we, or nothing before it opens another clause.
    fn is_main(&self, at: usize) -> bool {
        let words = &self.words;
        let is_subject = |word: &&str| matches!(*word, "we" | "i" | "they" | "weve" | "ive" | "theyve");
        let subject = (at.saturating_sub(1)..=at).find(|at| words.get(*at).is_some_and(is_subject));
        if let Some(subject) = subject {
            let before = subject.checked_sub(1).and_then(|before| words.get(before));
            let opens_aside = matches!(words[0], "while" | "when" | "if" | "once" | "although" | "until");
            return !opens_aside && !before.is_some_and(|word| SUBORDINATE.contains(word) && *word != "so");
        }
        // "All pages that show it have been removed": the clause is over where the verb stands.
        let is_inside = self.is_noun && words[at.saturating_sub(2)..at].iter().any(is_relative);
        at <= self.end_of_main && !is_inside
    }
}

fn is_relative(word: &&str) -> bool {
    matches!(*word, "that" | "which" | "who")
}

/// "The cache has been disabled", "We've significantly tightened it", "The team has permanently removed it".
fn is_perfect(sentence: &Sentence<'_>) -> bool {
    let words = &sentence.words[..];
    words.iter().enumerate().any(|(at, word)| {
        let is_contracted = matches!(*word, "weve" | "ive" | "theyve");
        if !is_contracted && !matches!(*word, "has" | "have") || !sentence.is_main(at) {
            return false;
        }
        let next = behind_adverbs(words, at + 1);
        match words.get(next).copied() {
            Some("been") => {
                let verb = words.get(behind_adverbs(words, next + 1)).copied().unwrap_or("");
                !words::is(Phrases::NotYet, verb) && verb != "no"
            }
            Some("had") => matches!(words.get(next + 1), Some(&("its" | "their"))),
            Some(verb) => past(verb).is_some() && !words::is(Phrases::NotYet, verb),
            None => false,
        }
    })
}

/// "A small upgrade was released".
fn is_past_passive(sentence: &Sentence<'_>) -> bool {
    let words = &sentence.words[..];
    words.iter().enumerate().any(|(at, word)| {
        matches!(*word, "was" | "were")
            && at > 0
            && sentence.is_main(at)
            && words
                .get(behind_adverbs(words, at + 1))
                .is_some_and(|verb| past(verb).is_some() && !words::is(Phrases::NotYet, verb))
    })
}

/// "Paging is now set up", "The process now requires two reviews", "We now have a check".
fn is_now(sentence: &Sentence<'_>) -> bool {
    let words = &sentence.words[..];
    words.iter().enumerate().any(|(at, word)| {
        if *word != "now" || at == 0 || !sentence.is_main(at) || words[at..].contains(&"will") {
            return false;
        }
        let before = words[at - 1];
        let next = words.get(at + 1).copied().unwrap_or("");
        let is_done =
            matches!(before, "is" | "are") && !next.ends_with("ing") && !words::is(Phrases::NotYet, next);
        let holds = next.strip_suffix('s').is_some_and(words::is_task_verb)
            || matches!(next, "has" | "requires" | "runs");
        let we = matches!(before, "we" | "they") && (next == "have" || words::is_task_verb(next));
        is_done || holds || we
    })
}

/// "This already happened", "It is already released".
fn has_already(sentence: &Sentence<'_>) -> bool {
    let words = &sentence.words[..];
    words.iter().enumerate().any(|(at, word)| {
        *word == "already"
            && sentence.is_main(at)
            && words.get(at + 1).is_some_and(|next| {
                let is_told = past(next).is_some() && !words::is(Phrases::NotYet, next);
                is_told || matches!(*next, "done" | "happened" | "live" | "released" | "been")
            })
    })
}

/// "We improved the tests": what the authors did.
fn speaker_did(sentence: &Sentence<'_>) -> bool {
    let words = &sentence.words[..];
    words.iter().enumerate().any(|(at, word)| {
        matches!(*word, "we" | "i")
            && sentence.is_main(at)
            && words.get(behind_adverbs(words, at + 1)).is_some_and(|verb| {
                past(verb).is_some() && !words::is_task_verb(verb) && !words::is(Phrases::NotYet, verb)
            })
    })
}

/// "Alerts configured", "Failover tested end to end", "Checklist formalised for new clients".
fn is_thing_and_participle(words: &[&str]) -> bool {
    let is_other =
        |word: &&str| !SUBORDINATE.contains(word) && !MODALS.contains(word) && !AUXILIARIES.contains(word);
    let is_plan = || words.iter().any(|word| PLANS.contains(word));
    (1..words.len().min(9)).any(|at| {
        let next = words.get(at + 1).copied().unwrap_or("");
        let ends = next.is_empty() && at <= 2;
        let goes_on = BEHIND.contains(&next) && !words::is(Phrases::Attribute, words[at]);
        words[at].ends_with("ed")
            && past(words[at]).is_some()
            && (ends || goes_on)
            && !words::is(Phrases::NotYet, words[at])
            && is_other(&words[0])
            && !words[..at].iter().any(|word| TICKETS.contains(word))
            && !words::is_task_verb(words[0])
            && words[1..at].iter().all(is_other)
            && !is_plan()
    })
}

/// What makes a clause of a thing and a participle.
const AUXILIARIES: [&str; 12] =
    ["is", "are", "was", "were", "be", "been", "being", "we", "i", "has", "have", "get"];

/// What says that something is still to be done.
const PLANS: [&str; 7] = ["should", "will", "must", "would", "could", "needs", "need"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_as_finished_is_done() {
        let told = [
            "Reverted the change",
            "The cache has been disabled",
            "The cache has also been re-enabled, though for another purpose",
            "We've significantly tightened the release of packages",
            "The team has permanently disabled the old service and rotated its keys",
            "Temporarily doubled the reward for reports",
            "Removed old keys from the vault",
            "Re-worked our handling of secrets",
            "Rewrote the importer",
            "Alerts configured",
            "Failover tested and verified end to end",
            "Nightly restore added as a step of every release",
            "We improved our tests to cover leap years",
            "Our process now requires two reviews",
            "We now have a bot that checks the gate",
            "A small upgrade was released which made it faster",
            "The bot has had its settings changed",
            "Fix the probe. This already happened.",
            "All clients stop retrying. This is already released.",
            "Make sure that somebody is called. The pager is now set up.",
            "To prevent a repetition, we have put up a second lamp",
            "We have reset all passwords",
            "Already run the script on all hosts",
            "Already added an alert",
            "Ann has also enabled the second factor",
            "All pages that show the price have been removed",
            "The nightly check is back. Removing it was a mistake.",
        ];
        let missed: Vec<&str> = told.into_iter().filter(|written| !is_told_done(written)).collect();
        assert_eq!(missed, [""; 0]);
    }

    #[test]
    fn what_is_planned_asked_or_said_aside_is_not() {
        let open = [
            "Improved configuration management",
            "Enhanced testing of releases",
            "Add an alert",
            "We will add an alert",
            "Check every host and make sure we've moved all of them",
            "When all zones have been moved, empty the old one",
            "Alerts should have been configured",
            "The pages that have been removed come back",
            "Created a ticket to move the tables",
            "While we have restored some data, we want to keep all of it",
            "We've had a project planned for months",
            "A review has been scheduled",
            "We will start a programme. While our relay has been audited, it had a flaw.",
            "Already planned for spring",
            "Ticket raised to look at the pump",
            "We will widen the set of checks we run on the pump",
            "If we have moved the tables, drop the old ones",
            "Data stored in the old pool should be moved",
            "Tell users that the feature has been removed",
            "Has the key been rotated?",
            "Nobody has been asked yet",
        ];
        let taken: Vec<&str> = open.into_iter().filter(|written| is_told_done(written)).collect();
        assert_eq!(taken, [""; 0]);
    }

    #[test]
    fn details_speak_of_their_item() {
        for detail in ["This has been done. Sign up for it.", "Done in #12", "✅ Done", "It is now in place"]
        {
            assert!(is_detail_done(detail), "{detail}");
        }
        for detail in ["Done is better than perfect", "The pump was replaced", "This will be done", "See #12"]
        {
            assert!(!is_detail_done(detail), "{detail}");
        }
    }
}
