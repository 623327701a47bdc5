//! Whom a report names: the owner in front of a task, and who is meant by initials.
//!
//! Invariant: a word that the report writes small anywhere, or speaks of as a thing, is no name, unless somebody of the
//! report bears it; initials that two people share are nobody's. The report's lines are walked once, when first asked.

use std::cell::OnceCell;
use std::collections::HashMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::fields;
use crate::facts::Person;
use crate::source::Source;
use crate::text;
use crate::words::{self, Phrases};

/// The longest word that is looked up as a name, in bytes.
const MAX_NAME: usize = 80;

/// How many sentences of an item are looked at for who will do it.
const MAX_SENTENCES: usize = 6;

/// In front of a word, these show that it is a thing: "the Grafana", "in Kubernetes".
const BEFORE_THINGS: [&str; 13] =
    ["the", "a", "an", "our", "in", "on", "via", "using", "into", "each", "every", "new", "this"];

/// What opens an item as a name does, and is none: "We will", "Plan to".
const NO_NAMES: [&str; 24] = [
    "ability", "all", "anyone", "e", "each", "everyone", "how", "i", "it", "need", "needs", "one", "options",
    "plan", "plans", "someone", "that", "they", "this", "try", "want", "we", "ways", "you",
];

/// What the lines of a report tell about its words.
#[derive(Debug, Default)]
struct Seen<'a> {
    /// The words that the report writes small.
    small: FxHashSet<&'a str>,
    /// The words that it speaks of as things.
    things: FxHashSet<&'a str>,
    /// How many lines open with a word and what it will do: "ICL to build it".
    doers: FxHashMap<&'a str, usize>,
}

impl<'a> Seen<'a> {
    fn of(source: &'a Source<'a>) -> Self {
        let mut seen = Self::default();
        for line in source.lines() {
            let mut before = "";
            for word in line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
                if word.len() <= MAX_NAME {
                    if word.starts_with(char::is_lowercase) {
                        seen.small.insert(word);
                    } else if BEFORE_THINGS.contains(&before) {
                        seen.things.insert(word);
                    }
                }
                before = word;
            }
            if let Some(doer) = doer(line.trim_start_matches(|c: char| !c.is_alphabetic())) {
                *seen.doers.entry(doer).or_default() += 1;
            }
        }
        seen
    }
}

/// The word that opens a line and is told what to do: "ICL to build it", "Ann will test it".
fn doer(line: &str) -> Option<&str> {
    let mut words = line.split(' ');
    let (name, aux, verb) = (words.next()?, words.next()?, words.next()?);
    let is_name = name.len() > 1
        && name.len() <= MAX_NAME
        && name.starts_with(char::is_uppercase)
        && name.chars().all(char::is_alphabetic)
        && !NO_NAMES.contains(&text::fold(name).as_str())
        && !words::is_task_verb(&text::fold(name));
    (is_name && matches!(aux, "to" | "will") && is_task(verb)).then_some(name)
}

/// Whether a word is a task verb, also of two: "review/audit".
fn is_task(word: &str) -> bool {
    words::is_task_verb(&text::fold(word.split('/').next().unwrap_or("")))
}

/// Whom an item may name.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// The names of the report's people by what they may be called, folded; `None` for what two are called.
    people: HashMap<String, Option<&'a str>>,
    source: &'a Source<'a>,
    seen: OnceCell<Seen<'a>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(people: &'a [Person], source: &'a Source<'a>) -> Self {
        let mut known: HashMap<String, Option<&'a str>> = HashMap::new();
        for person in people {
            let mut called: Vec<String> = calls(&person.name).collect();
            called.extend(person.login.as_deref().map(text::fold));
            called.sort_unstable();
            called.dedup();
            for call in called {
                known
                    .entry(call)
                    .and_modify(|name| *name = name.filter(|name| *name == person.name))
                    .or_insert(Some(&person.name));
            }
        }
        Self { people: known, source, seen: OnceCell::new() }
    }

    fn seen(&self) -> &Seen<'a> {
        self.seen.get_or_init(|| Seen::of(self.source))
    }

    /// Whether somebody of the report is called so.
    fn is_known(&self, folded: &str) -> bool {
        self.people.contains_key(folded)
    }

    /// The full name of the one person of the report whom an owner means: by initials, first name, or login.
    pub(super) fn full_name(&self, owner: &str) -> Option<&'a str> {
        let bare = owner.trim().trim_start_matches('@');
        // Initials are written large; "al" is no Ada Lovelace.
        let is_small =
            bare.len() <= 3 && bare.chars().all(char::is_lowercase) && !owner.trim().starts_with('@');
        let name = self.people.get(&text::fold(bare)).copied().flatten();
        name.filter(|name| !is_small && *name != bare)
    }

    /// Whether a word in front of a task is a person, by the people of the report or by how it is written.
    fn is_person(&self, part: &str, task: &str) -> bool {
        let folded = text::fold(part);
        let names_nothing = || {
            !words::is(Phrases::Product, &folded)
                && !self.seen().small.contains(folded.as_str())
                && !self.seen().things.contains(part)
        };
        self.is_known(&folded) || fields::looks_like_name(part, task) && names_nothing()
    }

    /// The owner and the task of "Ann: test the alarm", "AB: test it", and "Platform team: test it".
    pub(super) fn owner_in_front<'t>(&self, plain: &'t str) -> Option<(&'t str, &'t str)> {
        let (label, task) = text::label_and_value(plain)?;
        let addressed = before_address(label);
        let name = addressed.unwrap_or(label);
        let is_owner = addressed.is_some()
            || is_team(name) && is_task(task.split(' ').next().unwrap_or(""))
            || parts(name).all(|part| self.is_person(part, task));
        (is_owner && !task.is_empty()).then_some((name, task))
    }

    /// The owner at the end of an item, behind a dash or in a bracket: "Test the alarm (AB)".
    pub(super) fn owner_behind<'t>(&self, plain: &'t str) -> Option<(&'t str, &'t str)> {
        let bare = plain.trim_end().trim_end_matches('.');
        let (task, name) = match bare.strip_suffix([')', ']']) {
            Some(inner) => inner.rsplit_once(['(', '['])?,
            None => [" - ", " – ", " — "].iter().find_map(|dash| bare.rsplit_once(dash))?,
        };
        let is_owner = name.len() <= MAX_NAME && parts(name).all(|part| self.is_known(&text::fold(part)));
        (is_owner && !task.trim().is_empty()).then(|| (task.trim_end(), name.trim()))
    }

    /// An owner who is named inside the sentence: "@ann will …", "ICL to build …", "AB will …".
    pub(super) fn owner_inside(&self, plain: &str) -> Option<String> {
        if let Some(owner) = fields::owner_inside(plain) {
            return Some(owner);
        }
        // "Nice to have a second lift".
        let opening: Vec<&str> = plain.split(' ').take(3).collect();
        if words::opens(Phrases::Priority, &text::fold(&opening.join(" "))) {
            return None;
        }
        text::sentences(plain).into_iter().take(MAX_SENTENCES).find_map(|(from, to)| {
            let sentence = plain[from..to].trim();
            let mut words = sentence.split(' ');
            let (first, second) = (words.next()?.trim_end_matches([',', ':']), words.next()?);
            let third = words.next().unwrap_or("");
            let is_told = matches!(second, "to" | "will") && is_task(third) || second == "will";
            if fields::is_mention(first) {
                return (is_told || matches!(second, "is" | "should" | "can")).then(|| first.to_owned());
            }
            let folded = text::fold(first);
            let is_doer = || {
                self.is_known(&folded) && is_told
                    || (matches!(second, "to" | "will") || is_task(second))
                        && self.seen().doers.get(first).is_some_and(|lines| *lines > 1)
            };
            (first.starts_with(char::is_uppercase) && is_doer()).then(|| first.to_owned())
        })
    }

    /// The owners that a heading names for everything below it: "Ann, Ben & Cem", "@ann", "Platform team".
    pub(super) fn owner_in_heading<'t>(&self, heading: &'t str) -> Option<&'t str> {
        let name = heading.trim().trim_end_matches([':', '：']).trim();
        // Asked for every item below the heading, so a long one must cost nothing.
        if name.len() > MAX_NAME {
            return None;
        }
        let count = parts(name).count();
        let looks_like_name = |part: &str| {
            let folded = text::fold(part);
            count > 1
                && part.chars().count() > 2
                && part.starts_with(char::is_uppercase)
                && part.chars().skip(1).all(char::is_lowercase)
                && !words::is(Phrases::Product, &folded)
                && !words::is_any(&[Phrases::Group, Phrases::Kind, Phrases::Priority], &folded)
                && !words::is_task_verb(&folded)
                && words::topic(part).is_none()
                && !self.seen().small.contains(folded.as_str())
                && !self.seen().things.contains(part)
        };
        let is_owner = is_team(name)
            || parts(name).all(|part| {
                fields::is_mention(part) || self.is_known(&text::fold(part)) || looks_like_name(part)
            });
        is_owner.then_some(name)
    }
}

/// The name in front of an address of electronic mail: "Ann Okot <ann@acme.test>".
fn before_address(label: &str) -> Option<&str> {
    let (name, address) = label.trim_end().trim_end_matches(['>', ')']).rsplit_once([' ', '<', '('])?;
    let name = name.trim_end_matches(['<', '(', ' ']);
    let (local, host) = address.split_once('@')?;
    let is_address = !local.is_empty() && host.contains('.') && !host.contains('@');
    let is_name = |word: &str| word.starts_with(char::is_uppercase);
    (is_address && (1..=4).contains(&name.split(' ').count()) && name.split(' ').all(is_name)).then_some(name)
}

/// The names in a list of them: "Ann, Ben & Cem".
fn parts(names: &str) -> impl Iterator<Item = &str> {
    names.split([',', '&', '/', '+']).flat_map(|part| part.split(" and ")).map(str::trim)
}

/// Whether some words name a team: "Platform team", "Team Blue".
fn is_team(name: &str) -> bool {
    let folded = text::fold(name);
    let count = folded.split(' ').count();
    let is_called = |word: Option<&str>| matches!(word, Some("team" | "squad" | "guild"));
    let is_named = is_called(folded.split(' ').next_back()) || is_called(folded.split(' ').next());
    (2..=4).contains(&count)
        && is_named
        && !folded.split(' ').any(|word| matches!(word, "our" | "we" | "for" | "by" | "on" | "of"))
        && !words::is_task_verb(folded.split(' ').next().unwrap_or(""))
        && words::topic(name).is_none()
}

/// Whether an owner as a report writes it, "AB" or "Ada", may mean a person by the full name, "Ada Bello".
///
/// ```
/// assert!(incident_report::may_mean("AB", "Ada Bello"));
/// assert!(!incident_report::may_mean("Al", "Ada Bello"));
/// ```
#[must_use]
pub fn may_mean(owner: &str, name: &str) -> bool {
    let owner = text::fold(owner.trim().trim_start_matches('@'));
    calls(name).any(|call| call == owner)
}

/// What a person is called, folded: by name, first name, and initials.
fn calls(name: &str) -> impl Iterator<Item = String> {
    let whole = text::fold(name);
    let first = whole.split(' ').next().map(str::to_owned);
    [Some(whole), first, initials(name)].into_iter().flatten()
}

/// The initials of a name of several words, folded.
fn initials(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split([' ', '-']).filter(|word| !word.is_empty()).collect();
    let letters: String =
        words.iter().filter_map(|word| word.chars().next()).filter(|c| c.is_uppercase()).collect();
    (words.len() > 1 && letters.chars().count() > 1).then(|| text::fold(&letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, login: Option<&str>) -> Person {
        Person { name: name.to_owned(), role: None, login: login.map(str::to_owned) }
    }

    fn people() -> Vec<Person> {
        vec![
            person("Ada Bello", Some("abello")),
            person("Carl Duke", None),
            person("Eva Fox", None),
            person("Emil Fuchs", None),
        ]
    }

    #[test]
    fn initials_first_names_and_logins_mean_one_person() {
        let (people, source) = (people(), Source::new(""));
        let names = Names::new(&people, &source);
        for (owner, expected) in [
            ("AB", Some("Ada Bello")),
            ("@abello", Some("Ada Bello")),
            ("Carl", Some("Carl Duke")),
            ("EF", None),
            ("ab", None),
            ("Zoe", None),
            ("Ada Bello", None),
        ] {
            assert_eq!(names.full_name(owner), expected, "{owner}");
        }
    }

    #[test]
    fn a_thing_in_front_of_a_task_is_no_owner() {
        let (people, source) = (people(), Source::new("It broke the Weaver.\nThen lamps went out.\n"));
        let names = Names::new(&people, &source);
        for (item, expected) in [
            ("Ann: add a panel", Some("Ann")),
            ("AB: add a panel", Some("AB")),
            ("Ann and Carl: add a panel", Some("Ann and Carl")),
            ("Platform team: add a panel", Some("Platform team")),
            ("Grafana: add a panel", None),
            ("Weaver: add a thread", None),
            ("Lamps: add a second row", None),
            ("Alerting: add a panel", None),
        ] {
            assert_eq!(names.owner_in_front(item).map(|(owner, _)| owner), expected, "{item}");
        }
    }

    #[test]
    fn owners_stand_behind_and_inside_an_item() {
        let (people, source) =
            (people(), Source::new("- ICL to build it\n- ICL will test it\n- API to support it\n"));
        let names = Names::new(&people, &source);
        for (item, expected) in [
            ("Test the alarm (AB)", Some(("Test the alarm", "AB"))),
            ("Test the alarm - Ada & CD", Some(("Test the alarm", "Ada & CD"))),
            ("Test the alarm (twice)", None),
            ("Test the alarm - hard", None),
        ] {
            assert_eq!(names.owner_behind(item), expected, "{item}");
        }
        for (item, expected) in [
            ("ICL to build the tower", Some("ICL")),
            ("ICL check the tower", Some("ICL")),
            ("API to support pages", None),
            ("AB will test the alarm", Some("AB")),
            ("We keep it. @zoe will test the alarm.", Some("@zoe")),
            ("We will test it", None),
        ] {
            assert_eq!(names.owner_inside(item).as_deref(), expected, "{item}");
        }
    }

    #[test]
    fn headings_of_names_are_owners() {
        let (people, source) = (people(), Source::new("All lamps\n"));
        let names = Names::new(&people, &source);
        for (heading, expected) in [
            ("Zoe, Yann & Xenia", Some("Zoe, Yann & Xenia")),
            ("Carl:", Some("Carl")),
            ("@zoe", Some("@zoe")),
            ("Platform team", Some("Platform team")),
            ("Zoe", None),
            ("Lamps & Wires", None),
            ("Process", None),
            ("Detection and Response", None),
            ("Our team", None),
        ] {
            assert_eq!(names.owner_in_heading(heading), expected, "{heading}");
        }
    }
}
