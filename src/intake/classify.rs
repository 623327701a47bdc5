//! What an action is about: its category and its kind, told from the words that people write.
//!
//! Invariant: a pure function of its arguments, of the weights in `words/`, and of what the team adds to them. The same
//! action gets the same answer everywhere, and every answer but `other` comes with the words that led to it.
//!
//! Three things decide, the strongest first:
//!
//! * for the kind, what the report states (`Type: prevention`), then the heading above the action; a text
//!   that names two kinds at once, such as "Corrective and preventive measures", tells nothing;
//! * the words of the action: each rule counts once, twice in the title, and the highest sum wins. What
//!   follows "so that", "to prevent", "for", "when" and the like says what the action is *for*: for the category it
//!   counts once even in the title. What follows "instead of" is no longer done and counts nothing. Where they tell no
//!   category, the heading is read for one;
//! * for the kind, three points from the category: a change to monitoring detects unless it says otherwise.
//!
//! Equal sums go to a category of the team, then to what stands first in the file.

mod lexicon;
#[cfg(test)]
mod tests;
mod text;

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use self::{
    lexicon::{Addition, Hit, Lexicon, Weighed},
    text::Text,
};
use crate::{
    action::{Category, Kind},
    config::{CategoryWords, KindWords},
};

/// How many rules are named for the category, and again for the kind: the heaviest explain enough.
const NAMED_RULES: usize = 4;

/// With fewer points than this, an action has no category: one faint word in it is chance.
const LEAST: u32 = 3;

/// What a word in the heading above an action must count to tell the category: "Tracked in …" is not monitoring.
const LEAST_IN_HEADING: u32 = 4;

/// What the kind gets from the category: less than one clear word, more than a hint.
const FROM_CATEGORY: u32 = 3;

static CATEGORIES: LazyLock<Lexicon> = LazyLock::new(|| read(include_str!("words/categories.txt")));
static KINDS: LazyLock<Lexicon> = LazyLock::new(|| read(include_str!("words/kinds.txt")));
static HEADINGS: LazyLock<Lexicon> = LazyLock::new(|| read(include_str!("words/headings.txt")));

fn read(source: &str) -> Lexicon {
    Lexicon::parse(source).expect("the word lists are part of the program, and a test reads them all")
}

/// What an action was recognised as, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// The area of work; one of [`Category::BUILT_IN`], or of the team's own.
    pub category: Category,
    /// What the action changes.
    pub kind: Kind,
    /// The rules that decided, the heaviest first: `alert (monitoring +6)`. Those of the category come
    /// before those of the kind. For people: the form may change.
    pub matched: Vec<String>,
}

/// The word lists of the program, with what a team adds to them.
#[derive(Clone, Debug)]
pub struct Classifier {
    categories: Cow<'static, Lexicon>,
    kinds: Cow<'static, Lexicon>,
}

impl Default for Classifier {
    fn default() -> Self {
        Self { categories: Cow::Borrowed(&CATEGORIES), kinds: Cow::Borrowed(&KINDS) }
    }
}

impl Classifier {
    /// The lists with the words of the configuration.
    ///
    /// # Errors
    /// What makes no sense, by the key it stands under.
    pub fn new(
        categories: &BTreeMap<Category, CategoryWords>,
        kinds: &BTreeMap<Kind, KindWords>,
    ) -> Result<Self, (String, String)> {
        let mut classifier = Self::default();
        if !categories.is_empty() {
            let additions: Vec<_> = categories
                .iter()
                .map(|(category, own)| Addition {
                    group: category.as_str(),
                    suggests: own.kind.map(Kind::as_str),
                    words: &own.words,
                })
                .collect();
            classifier.categories = added(&CATEGORIES, "categories", &additions)?;
        }
        if !kinds.is_empty() {
            let additions: Vec<_> = kinds
                .iter()
                .map(|(kind, own)| Addition { group: kind.as_str(), suggests: None, words: &own.words })
                .collect();
            classifier.kinds = added(&KINDS, "kinds", &additions)?;
        }
        Ok(classifier)
    }

    /// Tells category and kind of an action.
    ///
    /// `text` is the whole action and may begin with `title`, which then counts no third time. `section` is the
    /// heading above it, `kind_text` what the report itself calls it.
    #[must_use]
    pub fn classify(
        &self,
        title: &str,
        text: &str,
        section: Option<&str>,
        kind_text: Option<&str>,
    ) -> Classification {
        let description = text.trim_start().strip_prefix(title.trim()).unwrap_or(text);
        let (title, description) = (Text::read(title), Text::read(description));
        let section = section.map(Text::read);

        let (category, mut matched) = self.tell_category(&title, &description, section.as_ref());
        let (kind, why) = self.tell_kind(&title, &description, section.as_ref(), kind_text, &category);
        matched.extend(why);
        Classification {
            category: category.name.parse().unwrap_or_else(|_| Category::other()),
            kind: kind.parse().unwrap_or(Kind::Other),
            matched,
        }
    }

    fn tell_category(
        &self,
        title: &Text,
        description: &Text,
        section: Option<&Text>,
    ) -> (Area<'_>, Vec<String>) {
        let title = Weighed::new(title.all(), 2).once_from(title.purpose());
        let mut hits = self.categories.hits(&[title, Weighed::new(description.all(), 1)]);
        if hits.is_empty()
            && let Some(section) = section
        {
            hits = self.categories.hits(&[Weighed::new(section.all(), 1)]);
            hits.retain(|hit| hit.points >= LEAST_IN_HEADING);
        }
        match self.categories.heaviest(&hits, &[], LEAST) {
            Some(group) => {
                let area = Area { name: self.categories.name(group), kind: self.categories.suggests(group) };
                (area, explain(&self.categories, &hits, group))
            }
            None => (Area { name: "other", kind: None }, Vec::new()),
        }
    }

    fn tell_kind(
        &self,
        title: &Text,
        description: &Text,
        section: Option<&Text>,
        kind_text: Option<&str>,
        category: &Area<'_>,
    ) -> (&str, Vec<String>) {
        if let Some((kind, word)) = kind_text.and_then(|stated| named_kind(&Text::read(stated))) {
            return (kind, vec![format!("{word} ({kind}, stated)")]);
        }
        if let Some((kind, word)) = section.and_then(named_kind) {
            return (kind, vec![format!("{word} ({kind}, heading)")]);
        }
        let hits = self.kinds.hits(&[Weighed::new(title.all(), 2), Weighed::new(description.all(), 1)]);
        let suggested: Vec<_> = category
            .kind
            .and_then(|kind| self.kinds.group(kind))
            .map(|group| (group, FROM_CATEGORY))
            .into_iter()
            .collect();
        let Some(group) = self.kinds.heaviest(&hits, &suggested, 1) else { return ("other", Vec::new()) };
        let mut why = explain(&self.kinds, &hits, group);
        if why.is_empty() {
            why.push(format!("{} ({} +{FROM_CATEGORY})", category.name, self.kinds.name(group)));
        }
        (self.kinds.name(group), why)
    }
}

fn added(
    list: &Lexicon,
    key: &str,
    additions: &[Addition<'_>],
) -> Result<Cow<'static, Lexicon>, (String, String)> {
    // One after the other, so that what is wrong is told with its place.
    for addition in additions {
        list.with(&[*addition]).map_err(|problem| (format!("{key}.{}", addition.group), problem))?;
    }
    list.with(additions).map(Cow::Owned).map_err(|problem| (key.to_owned(), problem))
}

/// The category, and the kind that it suggests.
struct Area<'a> {
    name: &'a str,
    kind: Option<&'a str>,
}

/// The only kind that a heading or a stated type names.
fn named_kind(text: &Text) -> Option<(&'static str, &'static str)> {
    let hits = HEADINGS.hits(&[Weighed::new(text.all(), 1)]);
    let first = hits.first()?;
    let group = HEADINGS.group_of(first);
    let alone = hits.iter().all(|hit| HEADINGS.group_of(hit) == group);
    let kind = HEADINGS.name(group);
    (alone && kind != "other").then(|| (kind, HEADINGS.spelling(first)))
}

fn explain(lexicon: &Lexicon, hits: &[Hit], group: usize) -> Vec<String> {
    let mut hits: Vec<_> = hits.iter().filter(|hit| lexicon.group_of(hit) == group).collect();
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.points), hit.rule));
    hits.iter()
        .take(NAMED_RULES)
        .map(|hit| format!("{} ({} +{})", lexicon.spelling(hit), lexicon.name(group), hit.points))
        .collect()
}
