//! The words of a text, and the cues in them: what its grammar and its turns of phrase say it does.
//!
//! Invariant: both come from one walk over at most [`MAX_READ`] bytes of the text, so weighing is linear in a
//! document; the turns of phrase are listed in `data/cues.txt`, and only grammar is code.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::words;

/// How much of a text is read.
const MAX_READ: usize = 1_200;

/// The cues that grammar gives; those of `data/cues.txt` come after them.
const GRAMMAR: [&str; 26] = [
    "opens-imperative",
    "opens-gerund",
    "opens-past",
    "opens-noun",
    "opens-person",
    "opens-article",
    "opens-pronoun",
    "opens-time",
    "opens-question",
    "opens-infinitive",
    "opens-other",
    "we-have-done",
    "we-did-task",
    "we-did-other",
    "we-are-doing",
    "has-been-done",
    "was-done",
    "will-be-done",
    "should-be-done",
    "is-being-done",
    "person",
    "time",
    "number",
    "link",
    "asks",
    "announces",
];

/// How many cues open a text: exactly one of them is set.
const OPENINGS: usize = 11;

/// A set of cues, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cues(u64);

impl Cues {
    /// The numbers of the cues in the set.
    pub(super) fn each(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |at| self.0 >> at & 1 == 1)
    }

    /// The number of the cue that says how the text opens.
    pub(super) fn opening(self) -> usize {
        (0..OPENINGS).find(|at| self.0 >> at & 1 == 1).unwrap_or(OPENINGS - 1)
    }

    fn set(&mut self, name: &str) {
        if let Some(at) = GRAMMAR.iter().position(|cue| *cue == name) {
            self.0 |= 1 << at;
        }
    }
}

/// The name of a cue by its number.
pub(super) fn name(cue: usize) -> &'static str {
    GRAMMAR.get(cue).copied().or_else(|| LISTS.names.get(cue - GRAMMAR.len()).copied()).unwrap_or("")
}

/// How many cues there are.
pub(super) fn count() -> usize {
    GRAMMAR.len() + LISTS.names.len()
}

/// The lists of `data/cues.txt`.
struct Lists {
    names: Vec<&'static str>,
    /// Turns of phrase by their first word, with the number of their cue.
    phrases: FxHashMap<&'static str, Vec<(Vec<&'static str>, usize)>>,
    past: FxHashSet<&'static str>,
    participle: FxHashSet<&'static str>,
    adverb: FxHashSet<&'static str>,
    person: FxHashSet<&'static str>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists {
        names: Vec::new(),
        phrases: FxHashMap::default(),
        past: FxHashSet::default(),
        participle: FxHashSet::default(),
        adverb: FxHashSet::default(),
        person: FxHashSet::default(),
    };
    for (section, line) in words::entries(include_str!("../../../data/cues.txt")) {
        let each = line.split_whitespace();
        match section {
            "past" => lists.past.extend(each),
            "participle" => lists.participle.extend(each),
            "adverb" => lists.adverb.extend(each),
            "person" => lists.person.extend(each),
            _ => {
                if lists.names.last() != Some(&section) {
                    lists.names.push(section);
                }
                let words: Vec<&str> = each.collect();
                let cue = GRAMMAR.len() + lists.names.len() - 1;
                lists.phrases.entry(words[0]).or_default().push((words, cue));
            }
        }
    }
    lists
});

/// The words of a text, in lower case, with contractions written out.
#[derive(Debug, Default)]
pub(super) struct Words {
    text: String,
    ends: Vec<usize>,
}

impl Words {
    /// Cuts a text into words. Times, numbers, and addresses become marks; scripts without spaces, pairs of letters.
    pub(super) fn of(text: &str) -> Self {
        let end = (0..=MAX_READ.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let mut words = Self::default();
        for piece in text[..end].split_whitespace() {
            if piece.contains("://") {
                words.push("<link>");
                continue;
            }
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | ':' | '#' | '@' | '_');
            for part in piece.split(|c: char| !is_part(c)) {
                let part = part.trim_matches(['\'', '’', ':', '_']);
                if !part.is_empty() {
                    words.part(part);
                }
            }
        }
        words
    }

    fn part(&mut self, part: &str) {
        if part.starts_with(['#', '@']) {
            self.push(if part.starts_with('#') { "<reference>" } else { "<person>" });
        } else if part.starts_with(|c: char| c.is_ascii_digit()) {
            let is_time = part.contains(':') || part.ends_with("am") || part.ends_with("pm");
            self.push(if is_time { "<time>" } else { "<number>" });
        } else {
            for word in part.split([':', '#', '@', '_']).filter(|word| !word.is_empty()) {
                self.word(word);
            }
        }
    }

    fn word(&mut self, word: &str) {
        let word = word.to_lowercase().replace('’', "'");
        let (stem, more) = match word.split_once('\'') {
            Some((stem, "ll")) => (stem, "will"),
            Some((stem, "ve")) => (stem, "have"),
            Some((stem, "re")) => (stem, "are"),
            Some(("i", "m")) => ("i", "am"),
            Some(("let", "s")) => ("let", "us"),
            Some(("it" | "that" | "there" | "what" | "here", "s")) => (&word[..word.len() - 2], "is"),
            Some(("won", "t")) => ("will", "not"),
            Some(("can", "t")) => ("can", "not"),
            Some((stem, "t")) => (stem.trim_end_matches('n'), "not"),
            Some((stem, _)) => (stem, ""),
            None => (word.as_str(), ""),
        };
        self.push(stem);
        self.push(more);
    }

    fn push(&mut self, word: &str) {
        if !word.is_empty() {
            self.text.push_str(word);
            self.ends.push(self.text.len());
        }
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The word at a place; none behind the last.
    pub(super) fn get(&self, at: usize) -> &str {
        let Some(end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..*end]
    }

    /// The words in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The first place at or after `at` that holds no adverb; at most two are passed over.
    fn after_adverbs(&self, at: usize) -> usize {
        let is_adverb = |word: &str| word.len() > 4 && word.ends_with("ly") || LISTS.adverb.contains(word);
        (at..at + 2).find(|at| !is_adverb(self.get(*at))).unwrap_or(at + 2)
    }

    /// The cues of a text of these words, as written in `text`.
    pub(super) fn cues(&self, text: &str) -> Cues {
        let mut cues = Cues::default();
        cues.set(self.opening());
        let trimmed = text.trim_end();
        if trimmed.ends_with(['?', '？']) {
            cues.set("asks");
        }
        if trimmed.ends_with([':', '：']) {
            cues.set("announces");
        }
        for at in 0..self.len() {
            self.grammar(at, &mut cues);
            for (phrase, cue) in LISTS.phrases.get(self.get(at)).into_iter().flatten() {
                if phrase.iter().enumerate().all(|(step, word)| self.get(at + step) == *word) {
                    cues.0 |= 1 << cue;
                }
            }
        }
        cues
    }

    fn grammar(&self, at: usize, cues: &mut Cues) {
        let next = self.after_adverbs(at + 1);
        let verb = self.get(next);
        match self.get(at) {
            "we" | "i" => {
                cues.set("person");
                let behind = self.get(self.after_adverbs(next + 1));
                if verb == "have" && is_participle(behind) {
                    cues.set("we-have-done");
                } else if matches!(verb, "are" | "am") && behind.ends_with("ing") {
                    cues.set("we-are-doing");
                } else if is_past(verb) {
                    cues.set(if is_past_task(verb) { "we-did-task" } else { "we-did-other" });
                }
            }
            "us" | "our" => cues.set("person"),
            "has" | "have" if verb == "been" && is_participle(self.get(self.after_adverbs(next + 1))) => {
                cues.set("has-been-done");
            }
            "was" | "were" if is_participle(verb) => cues.set("was-done"),
            "will" | "to" if verb == "be" && is_participle(self.get(self.after_adverbs(next + 1))) => {
                let is_needed = at > 0 && self.get(at - 1).starts_with("need");
                cues.set(if is_needed { "should-be-done" } else { "will-be-done" });
            }
            "should" | "must" | "could" | "can"
                if verb == "be" && is_participle(self.get(self.after_adverbs(next + 1))) =>
            {
                cues.set("should-be-done");
            }
            "is" | "are" if verb == "being" => cues.set("is-being-done"),
            "<time>" => cues.set("time"),
            "<number>" => cues.set("number"),
            "<link>" | "<reference>" => cues.set("link"),
            _ => {}
        }
    }

    /// How a text begins.
    fn opening(&self) -> &'static str {
        let mut at = self.after_adverbs(0);
        if matches!(self.get(at), "please" | "and" | "or" | "but") {
            at += 1;
        }
        let word = self.get(at);
        match word {
            "to" if !self.get(at + 1).is_empty() => "opens-infinitive",
            "we" | "i" | "our" | "let" => "opens-person",
            "the" | "a" | "an" | "all" | "some" | "each" | "every" => "opens-article",
            "it" | "this" | "that" | "these" | "those" | "they" | "there" | "he" | "she" | "you" => {
                "opens-pronoun"
            }
            "at" | "on" | "<time>" | "<number>" | "after" | "during" | "when" | "once" => "opens-time",
            "what" | "why" | "how" | "who" | "where" | "did" | "is" | "are" => "opens-question",
            _ if word.ends_with("ing") && word.len() > 5 => "opens-gerund",
            _ if words::is_task_verb(word) => "opens-imperative",
            _ if is_past(word) => "opens-past",
            _ if is_deverbal(word) => "opens-noun",
            _ => "opens-other",
        }
    }
}

fn is_past(word: &str) -> bool {
    word.len() > 4 && word.ends_with("ed") && !word.ends_with("eed") || LISTS.past.contains(word)
}

fn is_participle(word: &str) -> bool {
    is_past(word) || LISTS.participle.contains(word)
}

/// Whether a word is the past form of a verb that opens tasks.
fn is_past_task(word: &str) -> bool {
    let Some(stem) = word.strip_suffix("ed") else {
        return matches!(
            word,
            "made" | "built" | "set" | "put" | "wrote" | "rebuilt" | "rewrote" | "took" | "began"
        );
    };
    words::is_task_verb(stem)
        || words::is_task_verb(&word[..word.len() - 1])
        || words::is_task_verb(&format!("{stem}ing"))
        || stem.strip_suffix('i').is_some_and(|stem| words::is_task_verb(&format!("{stem}y")))
}

/// Whether a noun was made of a verb: "implementation", "removal".
fn is_deverbal(word: &str) -> bool {
    word.len() > 6
        && ["tion", "sion", "ment", "ments", "tions", "val", "ance", "ysis"]
            .iter()
            .any(|end| word.ends_with(end))
}

/// A word without the endings that bend it, near enough for counting: "alerts" and "alerting" are "alert".
pub(super) fn stem(word: &str) -> &str {
    let cut = |end: &str, least: usize| word.strip_suffix(end).filter(|stem| stem.len() >= least);
    let stem = cut("ing", 4)
        .or_else(|| cut("ies", 4))
        .or_else(|| cut("ed", 4))
        .or_else(|| cut("es", 4))
        .or_else(|| cut("s", 3).filter(|stem| !stem.ends_with(['s', 'u', 'i'])))
        .unwrap_or(word);
    if stem.is_ascii() && stem.len() > 4 { stem.trim_end_matches(['e', 'y']) } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contractions_are_written_out_and_numbers_become_marks() {
        let words =
            Words::of("We’ll rotate keys at 10:30, it's #12: don't wait 3 days (https://acme.test/1)");
        let told: Vec<&str> = words.iter().collect();
        assert_eq!(
            told.join(" "),
            "we will rotate keys at <time> it is <reference> do not wait <number> days <link>"
        );
    }

    #[test]
    fn cues_tell_what_a_sentence_does() {
        for (text, expected) in [
            ("We will also add an alarm", "commits"),
            ("We have now added an alarm", "we-have-done"),
            ("We're currently building a second crane", "we-are-doing"),
            ("The old key was revoked", "was-done"),
            ("The old key will soon be revoked", "will-be-done"),
            ("An alarm has already been added", "has-been-done"),
            ("Each key should be rotated", "should-be-done"),
            ("Adding an alarm", "opens-gerund"),
            ("Added an alarm", "opens-past"),
            ("Add an alarm", "opens-imperative"),
            ("Replacement of the brake", "opens-noun"),
            ("To prevent this, we test the brake", "purpose"),
            ("Is the brake tested?", "asks"),
        ] {
            let cues = Words::of(text).cues(text);
            let told: Vec<&str> = cues.each().map(name).collect();
            assert!(told.contains(&expected), "{text}: {told:?}");
        }
    }

    #[test]
    fn every_cue_has_a_bit_and_a_name() {
        assert!(count() <= 64, "{}", count());
        assert!((0..count()).all(|cue| !name(cue).is_empty()));
    }

    #[test]
    fn bent_words_count_as_one() {
        for (words, expected) in
            [(["alerts", "alerting", "alerted"], "alert"), (["changes", "changing", "changed"], "chang")]
        {
            assert!(words.iter().all(|word| stem(word) == expected), "{words:?}");
        }
    }
}
