//! What an action is about: its category and its kind, told from the words that people write.
//!
//! Invariant: a pure function of its arguments and of the weights in `words/`. The same action gets the
//! same answer everywhere, and every answer but `other` comes with the words that led to it.
//!
//! Three things decide, the strongest first:
//!
//! * for the kind, what the report states (`Type: prevention`), then the heading above the action; a text
//!   that names two kinds at once, such as "Corrective and preventive measures", tells nothing;
//! * the words of the action: each rule counts once, twice in the title, and the highest sum wins. What
//!   follows "so that", "to prevent", "when" and the like says what the action is *for*: for the category it
//!   counts once even in the title. Where they tell no category, the heading is read for one;
//! * for the kind, two points from the category: a change to monitoring detects unless it says otherwise.
//!
//! Equal sums go to what stands first in the file.

mod lexicon;
#[cfg(test)]
mod tests;
mod text;

use std::sync::LazyLock;

use self::{
    lexicon::{Hit, Lexicon},
    text::Text,
};
use crate::action::{Category, Kind};

/// How many rules are named for the category, and again for the kind: the heaviest explain enough.
const NAMED_RULES: usize = 4;

/// What a word in the heading above an action must count to tell the category: "Tracked in …" is not monitoring.
const LEAST_IN_HEADING: u32 = 4;

/// What the kind gets from the category: less than one clear word, more than a hint.
const FROM_CATEGORY: u32 = 2;

static CATEGORIES: LazyLock<Lexicon> = LazyLock::new(|| read(include_str!("words/categories.txt")));
static KINDS: LazyLock<Lexicon> = LazyLock::new(|| read(include_str!("words/kinds.txt")));
static HEADINGS: LazyLock<Lexicon> = LazyLock::new(|| read(include_str!("words/headings.txt")));

fn read(source: &str) -> Lexicon {
    Lexicon::parse(source).expect("the word lists are part of the program, and a test reads them all")
}

/// What an action was recognised as, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// The area of work; one of [`Category::BUILT_IN`].
    pub category: Category,
    /// What the action changes.
    pub kind: Kind,
    /// The rules that decided, the heaviest first: `alert (monitoring +6)`. Those of the category come
    /// before those of the kind. For people: the form may change.
    pub matched: Vec<String>,
}

/// Tells category and kind of an action.
///
/// `text` is the whole action and may begin with `title`, which then counts no third time. `section` is the
/// heading above it, `kind_text` what the report itself calls it.
#[must_use]
pub fn classify(title: &str, text: &str, section: Option<&str>, kind_text: Option<&str>) -> Classification {
    let description = text.trim_start().strip_prefix(title.trim()).unwrap_or(text);
    let (title, description) = (Text::read(title), Text::read(description));
    let section = section.map(Text::read);

    let (category, mut matched) = tell_category(&title, &description, section.as_ref());
    let (kind, why) = tell_kind(&title, &description, section.as_ref(), kind_text, &category);
    matched.extend(why);
    Classification {
        category: category.name.parse().unwrap_or_else(|_| Category::other()),
        kind: kind.parse().unwrap_or(Kind::Other),
        matched,
    }
}

/// The category, and the kind that it suggests.
struct Area {
    name: &'static str,
    kind: Option<&'static str>,
}

fn tell_category(title: &Text, description: &Text, section: Option<&Text>) -> (Area, Vec<String>) {
    let (subject, purpose) = title.split_purpose();
    let mut hits = CATEGORIES.hits(&[(subject, 2), (purpose, 1), (description.all(), 1)]);
    if hits.is_empty()
        && let Some(section) = section
    {
        hits = CATEGORIES.hits(&[(section.all(), 1)]);
        hits.retain(|hit| hit.points >= LEAST_IN_HEADING);
    }
    match CATEGORIES.heaviest(&hits, &[]) {
        Some(group) => {
            let area = Area { name: CATEGORIES.name(group), kind: CATEGORIES.suggests(group) };
            (area, explain(&CATEGORIES, &hits, group))
        }
        None => (Area { name: "other", kind: None }, Vec::new()),
    }
}

fn tell_kind(
    title: &Text,
    description: &Text,
    section: Option<&Text>,
    kind_text: Option<&str>,
    category: &Area,
) -> (&'static str, Vec<String>) {
    if let Some((kind, word)) = kind_text.and_then(|stated| named_kind(&Text::read(stated))) {
        return (kind, vec![format!("{word} ({kind}, stated)")]);
    }
    if let Some((kind, word)) = section.and_then(named_kind) {
        return (kind, vec![format!("{word} ({kind}, heading)")]);
    }
    let hits = KINDS.hits(&[(title.all(), 2), (description.all(), 1)]);
    let suggested: Vec<_> = category
        .kind
        .and_then(|kind| KINDS.group(kind))
        .map(|group| (group, FROM_CATEGORY))
        .into_iter()
        .collect();
    let Some(group) = KINDS.heaviest(&hits, &suggested) else { return ("other", Vec::new()) };
    let mut why = explain(&KINDS, &hits, group);
    if why.is_empty() {
        why.push(format!("{} ({} +{FROM_CATEGORY})", category.name, KINDS.name(group)));
    }
    (KINDS.name(group), why)
}

/// The only kind that a heading or a stated type names.
fn named_kind(text: &Text) -> Option<(&'static str, &'static str)> {
    let hits = HEADINGS.hits(&[(text.all(), 1)]);
    let first = hits.first()?;
    let group = HEADINGS.group_of(first);
    let alone = hits.iter().all(|hit| HEADINGS.group_of(hit) == group);
    let kind = HEADINGS.name(group);
    (alone && kind != "other").then(|| (kind, HEADINGS.spelling(first)))
}

fn explain(lexicon: &'static Lexicon, hits: &[Hit], group: usize) -> Vec<String> {
    let mut hits: Vec<_> = hits.iter().filter(|hit| lexicon.group_of(hit) == group).collect();
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.points), hit.rule));
    hits.iter()
        .take(NAMED_RULES)
        .map(|hit| format!("{} ({} +{})", lexicon.spelling(hit), lexicon.name(group), hit.points))
        .collect()
}
