//! Weighted words: how the lists in `words/` are written, and how a text is held against them.
//!
//! Invariant: time is linear in the text: each word meets only the rules that begin with it, its stem or its
//! first letter.
//!
//! A list is groups of rules, a weight and its rules per line:
//!
//! ```text
//! [monitoring] detect        # a group, and what it suggests for the kind
//! 4: alert, health check     # words and phrases, compared by their English stem
//! 2: =access, ^page          # `=` compares the word itself, `^` wants it to open the text
//! 4: überwach*, 监控          # `*` compares the beginning; every Chinese character is a word
//! ```
//!
//! Of the rules that match at one place, the longest phrase counts, then the more exact one, and its words
//! count no further: a "status page" pages nobody.

use std::collections::HashMap;

use super::text::{Word, words};
use crate::config::WeightedWords;

/// How one word of a rule is compared, the less exact first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pattern {
    Prefix(String),
    Stem(String),
    Exact(String),
}

impl Pattern {
    fn matches(&self, word: &Word) -> bool {
        match self {
            Self::Prefix(prefix) => word.lower.starts_with(prefix),
            Self::Stem(stem) => word.stem == *stem,
            Self::Exact(exact) => word.lower == *exact,
        }
    }

    const fn exactness(&self) -> u8 {
        match self {
            Self::Prefix(_) => 0,
            Self::Stem(_) => 1,
            Self::Exact(_) => 2,
        }
    }
}

#[derive(Clone, Debug)]
struct Rule {
    spelling: String,
    group: usize,
    weight: u32,
    opens: bool,
    words: Vec<Pattern>,
}

impl Rule {
    fn parse(spelling: &str, group: usize, weight: u32) -> Option<Self> {
        let (opens, phrase) = match spelling.strip_prefix('^') {
            Some(phrase) => (true, phrase),
            None => (false, spelling),
        };
        let mut patterns = Vec::new();
        for part in phrase.split_whitespace() {
            let (exact, part) = match part.strip_prefix('=') {
                Some(part) => (true, part),
                None => (false, part),
            };
            let (prefix, part) = match part.strip_suffix('*') {
                Some(part) => (true, part),
                None => (false, part),
            };
            let mut found: Vec<_> = words(part).map(Word::read).filter(|word| !word.is_article()).collect();
            // An article: "the password" is "password".
            let Some(last) = found.pop() else { continue };
            let plain = |word: Word| match exact || word.stem.is_empty() {
                true => Pattern::Exact(word.lower),
                false => Pattern::Stem(word.stem),
            };
            patterns.extend(found.into_iter().map(plain));
            patterns.push(if prefix { Pattern::Prefix(last.lower) } else { plain(last) });
        }
        let spelling = phrase.replace(['=', '*'], "");
        (!patterns.is_empty()).then_some(Self { spelling, group, weight, opens, words: patterns })
    }

    fn matches(&self, words: &[Word], at: usize, opening: usize) -> bool {
        (!self.opens || at == opening)
            && words.get(at..at + self.words.len()).is_some_and(|words| {
                self.words.iter().zip(words).all(|(pattern, word)| pattern.matches(word))
            })
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.group, self.opens, &self.words) == (other.group, other.opens, &other.words)
    }

    /// Which rule counts where several match: the longer, then one that must open, then the more exact.
    fn rank(&self) -> (usize, bool, u8) {
        (self.words.len(), self.opens, self.words.iter().map(Pattern::exactness).min().unwrap_or(0))
    }
}

#[derive(Clone, Debug)]
struct Group {
    name: String,
    suggests: Option<String>,
}

/// A line of a word list that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub(super) struct Malformed {
    line: usize,
    problem: String,
}

/// A text, and how much its words count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighed<'a> {
    words: &'a [Word],
    factor: u32,
    /// From which word on it counts once only.
    once_from: usize,
}

impl<'a> Weighed<'a> {
    /// A text all of whose words count `factor` times.
    pub(super) fn new(words: &'a [Word], factor: u32) -> Self {
        Self { words, factor, once_from: words.len() }
    }

    /// The same, with words that count once from this one on.
    pub(super) fn once_from(self, once_from: usize) -> Self {
        Self { once_from, ..self }
    }

    fn factor(&self, at: usize) -> u32 {
        if at < self.once_from { self.factor } else { 1 }
    }
}

/// A rule that matched, and what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// The place of the rule in its list.
    pub(super) rule: usize,
    /// Its weight, times the weight of the text.
    pub(super) points: u32,
}

/// What a team adds to a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addition<'a> {
    /// The group, of the list or a new one.
    pub(super) group: &'a str,
    /// What the group suggests, where the team says so.
    pub(super) suggests: Option<&'a str>,
    /// Its rules and their weights; 0 takes a rule of the list away.
    pub(super) words: &'a [WeightedWords],
}

/// A word list, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon {
    groups: Vec<Group>,
    rules: Vec<Rule>,
    by_word: HashMap<String, Vec<usize>>,
    by_letter: HashMap<char, Vec<usize>>,
}

impl Lexicon {
    /// Reads a list.
    pub(super) fn parse(source: &str) -> Result<Self, Malformed> {
        let mut lexicon = Self::default();
        for (index, line) in source.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                lexicon.read_line(line).map_err(|problem| Malformed { line: index + 1, problem })?;
            }
        }
        Ok(lexicon)
    }

    /// This list with what a team adds to it. What the team says about a rule wins over the list, and of equal sums that
    /// of a group that the team made.
    pub(super) fn with(&self, additions: &[Addition<'_>]) -> Result<Self, String> {
        let mut lexicon = Self::default();
        let is_new = |addition: &&Addition<'_>| self.group(addition.group).is_none();
        for addition in additions.iter().filter(is_new) {
            lexicon.groups.push(Group { name: addition.group.to_owned(), suggests: None });
        }
        let moved_by = lexicon.groups.len();
        lexicon.groups.extend(self.groups.iter().cloned());
        for addition in additions {
            let group = lexicon.group(addition.group).ok_or("a group that is not there")?;
            if let Some(suggests) = addition.suggests {
                lexicon.groups[group].suggests = Some(suggests.to_owned());
            }
            for WeightedWords { words, weight } in addition.words {
                let rule =
                    Rule::parse(words, group, *weight).ok_or_else(|| format!("`{words}` has no word"))?;
                lexicon.add(rule)?;
            }
        }
        for rule in &self.rules {
            // One that the team weighs otherwise is refused here, and that is meant.
            lexicon.add(Rule { group: rule.group + moved_by, ..rule.clone() }).ok();
        }
        Ok(lexicon)
    }

    fn read_line(&mut self, line: &str) -> Result<(), String> {
        if let Some(heading) = line.strip_prefix('[') {
            let (name, suggests) = heading.split_once(']').ok_or("a group without `]`")?;
            if self.group(name).is_some() {
                return Err(format!("the group `{name}` stands twice"));
            }
            let suggests = Some(suggests.trim().to_owned()).filter(|suggests| !suggests.is_empty());
            self.groups.push(Group { name: name.to_owned(), suggests });
            return Ok(());
        }
        let group = self.groups.len().checked_sub(1).ok_or("rules before the first group")?;
        let (weight, rules) = line.split_once(':').ok_or("neither `[group]` nor `weight: rules`")?;
        let weight =
            weight.parse().ok().filter(|weight| (1..=9).contains(weight)).ok_or("a weight is 1 to 9")?;
        for spelling in rules.split(',').map(str::trim) {
            let rule =
                Rule::parse(spelling, group, weight).ok_or_else(|| format!("`{spelling}` has no word"))?;
            self.add(rule)?;
        }
        Ok(())
    }

    fn add(&mut self, rule: Rule) -> Result<(), String> {
        let beginning_alike = match rule.words.first() {
            Some(Pattern::Stem(word) | Pattern::Exact(word)) => self.by_word.entry(word.clone()).or_default(),
            Some(Pattern::Prefix(word)) => self.by_letter.entry(first_letter(word)).or_default(),
            None => return Ok(()),
        };
        if let Some(&other) = beginning_alike.iter().find(|&&other| self.rules[other].is_same(&rule)) {
            return Err(format!("`{}` says the same as `{}`", rule.spelling, self.rules[other].spelling));
        }
        beginning_alike.push(self.rules.len());
        self.rules.push(rule);
        Ok(())
    }

    /// The rules that match in the texts, in the order of the list. A rule counts once: where it weighs most.
    pub(super) fn hits(&self, texts: &[Weighed<'_>]) -> Vec<Hit> {
        let mut points: HashMap<usize, u32> = HashMap::new();
        for text in texts {
            let words = text.words;
            let opening = words.iter().position(|word| !word.says_nothing()).unwrap_or(0);
            let mut at = 0;
            while at < words.len() {
                let found = self.best(words, at, opening);
                for &rule in &found {
                    let points = points.entry(rule).or_default();
                    *points = (*points).max(self.rules[rule].weight * text.factor(at));
                }
                at += found.first().map_or(1, |&rule| self.rules[rule].words.len());
            }
        }
        let mut hits: Vec<_> = points.into_iter().map(|(rule, points)| Hit { rule, points }).collect();
        hits.retain(|hit| hit.points > 0);
        hits.sort_by_key(|hit| hit.rule);
        hits
    }

    /// The rules of the highest rank that match at a word.
    fn best(&self, words: &[Word], at: usize, opening: usize) -> Vec<usize> {
        let word = &words[at];
        let by_stem = self.by_word.get(&word.stem);
        let by_word = self.by_word.get(&word.lower).filter(|_| word.lower != word.stem);
        let by_letter = self.by_letter.get(&first_letter(&word.lower));
        let mut best = Vec::new();
        for &rule in [by_stem, by_word, by_letter].into_iter().flatten().flatten() {
            if self.rules[rule].matches(words, at, opening) {
                let held = best.first().map(|&rule: &usize| self.rules[rule].rank());
                let rank = Some(self.rules[rule].rank());
                if rank > held {
                    best.clear();
                }
                if rank >= held {
                    best.push(rule);
                }
            }
        }
        best
    }

    /// The group with the most points, and at least `least`, `extra` included; of equals the one that stands first.
    pub(super) fn heaviest(&self, hits: &[Hit], extra: &[(usize, u32)], least: u32) -> Option<usize> {
        let mut sums = vec![0; self.groups.len()];
        for hit in hits {
            sums[self.rules[hit.rule].group] += hit.points;
        }
        for &(group, points) in extra {
            sums[group] += points;
        }
        let most = sums.iter().copied().max().filter(|most| *most >= least.max(1))?;
        sums.iter().position(|sum| *sum == most)
    }

    /// The group of this name.
    pub(super) fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name == name)
    }

    /// The group that a rule belongs to.
    pub(super) fn group_of(&self, hit: &Hit) -> usize {
        self.rules[hit.rule].group
    }

    /// The name of a group.
    pub(super) fn name(&self, group: usize) -> &str {
        &self.groups[group].name
    }

    /// What a group suggests.
    pub(super) fn suggests(&self, group: usize) -> Option<&str> {
        self.groups[group].suggests.as_deref()
    }

    /// A rule as the list writes it, without its signs.
    pub(super) fn spelling(&self, hit: &Hit) -> &str {
        &self.rules[hit.rule].spelling
    }

    /// The names of the groups and what they suggest, in their order.
    #[cfg(test)]
    pub(super) fn outline(&self) -> Vec<(&str, Option<&str>)> {
        self.groups.iter().map(|group| (group.name.as_str(), group.suggests.as_deref())).collect()
    }
}

fn first_letter(word: &str) -> char {
    word.chars().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::text::Text, *};

    fn matched(list: &str, text: &str) -> Vec<String> {
        let lexicon = Lexicon::parse(list).unwrap();
        let hits = lexicon.hits(&[Weighed::new(Text::read(text).all(), 1)]);
        hits.iter().map(|hit| format!("{} +{}", lexicon.spelling(hit), hit.points)).collect()
    }

    #[test]
    fn words_are_compared_by_stem_exactly_or_by_their_beginning() {
        assert_eq!(matched("[g]\n3: monitor", "Monitoring, monitored: MONITORS"), ["monitor +3"]);
        assert_eq!(matched("[g]\n3: =access", "accessible accesses"), [""; 0]);
        assert_eq!(matched("[g]\n3: =access", "Access."), ["access +3"]);
        assert_eq!(matched("[g]\n3: überwach*", "die Überwachung"), ["überwach +3"]);
        assert_eq!(matched("[g]\n3: 密钥", "更换密钥。"), ["密钥 +3"]);
    }

    #[test]
    fn the_longer_phrase_counts_and_uses_its_words_up() {
        let list = "[a]\n2: page\n[b]\n5: status page\n4: back-off";
        assert_eq!(matched(list, "the status page"), ["status page +5"]);
        assert_eq!(matched(list, "backs off; then page somebody"), ["page +2", "back-off +4"]);
    }

    #[test]
    fn a_rule_that_must_open_passes_over_what_says_nothing() {
        let list = "[a]\n5: ^train\n1: train";
        assert_eq!(matched(list, "We will need to train people"), ["train +5"]);
        assert_eq!(matched(list, "The release train"), ["train +1"]);
    }

    #[test]
    fn a_malformed_list_is_refused_with_its_line() {
        for (list, line) in [
            ("[a\n", 1),
            ("3: word", 1),
            ("[a]\n\n# fine\nword", 4),
            ("[a]\n0: word", 2),
            ("[a]\n10: word", 2),
            ("[a]\n1: word,", 2),
            ("[a]\n1: -", 2),
            ("[a]\n1: word, words", 2),
            ("[a]\n[a]", 2),
        ] {
            assert_eq!(Lexicon::parse(list).unwrap_err().line, line, "{list}");
        }
    }
}
