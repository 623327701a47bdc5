//! The word lists: what headings, labels, columns, and phrases mean, in the languages reports come in.
//!
//! Invariant: the meanings live in `data/*.txt` and nowhere else; this module only looks them up. Lists
//! hold folded phrases ([`text::fold`]), and of several that match the longest decides.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::text;

/// What a section of a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// Corrective actions.
    Actions,
    /// Lessons learned, takeaways, opportunities.
    Lessons,
    /// What happened when.
    Timeline,
    /// Causes.
    RootCause,
    /// Summary and background.
    Summary,
    /// Who took part.
    People,
    /// How the incident ended.
    Resolution,
    /// How it was noticed.
    Detection,
    /// Whom it hurt.
    Impact,
    /// What went well, or wrong, or was luck.
    Observations,
    /// Metadata of the incident.
    Details,
    /// Appendices, links, glossaries.
    Other,
}

/// What a labelled value says about the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    /// The title.
    Title,
    /// The day of the incident.
    IncidentDate,
    /// The day of the report.
    ReportDate,
    /// When it began.
    StartedAt,
    /// When it was over.
    ResolvedAt,
    /// A time range or a duration.
    Window,
    /// The severity.
    Severity,
    /// A value that may hold a severity among other words.
    ImpactLevel,
    /// The services concerned.
    Services,
    /// The root cause.
    RootCause,
    /// A person, whose role is the label.
    Person,
}

/// What a column of a table of actions holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    /// The action itself.
    Action,
    /// Who does it.
    Owner,
    /// By when.
    Due,
    /// How far it is.
    Status,
    /// How urgent it is.
    Priority,
    /// What kind of action it is.
    Kind,
    /// Where it is tracked.
    Ticket,
    /// A running number.
    Number,
    /// Remarks.
    Remark,
    /// Something that happened: the mark of a timeline.
    Event,
}

/// The lists of phrases the extractor consults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phrases {
    /// Marks of finished work.
    Done,
    /// Marks of unfinished work.
    Open,
    /// Marks of work that will not be done.
    Rejected,
    /// Passages that report finished work.
    DoneInside,
    /// Passages that report work under way.
    OpenInside,
    /// Passages that commit.
    Commitment,
    /// Openings of introductions.
    Introduction,
    /// References to actions told elsewhere.
    Reference,
    /// Marks in front of an action.
    ActionPrefix,
    /// Boxes about the report itself.
    Housekeeping,
    /// What templates leave.
    Placeholder,
    /// Names of groups of actions.
    Group,
    /// Kinds of action used as tags.
    Kind,
    /// Labels of an owner.
    OwnerLabel,
    /// Labels of a due date.
    DueLabel,
    /// Labels of a priority.
    PriorityLabel,
    /// Labels of a status.
    StatusLabel,
    /// Labels of a kind.
    KindLabel,
    /// Labels of a ticket.
    TicketLabel,
    /// Values of a priority.
    Priority,
}

/// Phrases by their first words, so that looking for all of them takes one walk over a text.
#[derive(Debug, Default)]
struct Index {
    by_first_word: HashMap<&'static str, Vec<&'static str>>,
    /// Phrases of scripts without spaces, which may begin anywhere.
    unspaced: Vec<&'static str>,
}

impl Index {
    fn add(&mut self, phrase: &'static str) {
        if phrase.chars().any(text::is_unspaced) {
            self.unspaced.push(phrase);
        } else {
            let first = phrase.split(' ').next().unwrap_or(phrase);
            self.by_first_word.entry(first).or_default().push(phrase);
        }
    }

    /// The phrases that begin where `rest` begins.
    fn at_start<'f>(&self, rest: &'f str) -> impl Iterator<Item = &'static str> + use<'f, '_> {
        let first = rest.split(' ').next().unwrap_or("");
        let listed = self.by_first_word.get(first).map_or(&[][..], Vec::as_slice);
        listed.iter().copied().filter(move |phrase| text::starts_with_phrase(rest, phrase))
    }

    /// The phrases that stand anywhere in a folded text as whole words.
    fn inside<'f>(&self, folded: &'f str) -> impl Iterator<Item = &'static str> + use<'f, '_> {
        let starts = std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
        let unspaced = self.unspaced.iter().copied().filter(|phrase| folded.contains(phrase));
        starts.flat_map(|at| self.at_start(&folded[at..])).chain(unspaced)
    }
}

/// Phrases with a meaning each, looked up whole or as whole words inside a text.
#[derive(Debug)]
struct Lexicon<T> {
    whole: HashMap<&'static str, T>,
    inside: Index,
}

impl<T: Copy> Lexicon<T> {
    /// Reads a data file; `meaning` turns a section name into a meaning.
    fn parse(data: &'static str, meaning: impl Fn(&str) -> T) -> Self {
        let mut lexicon = Self { whole: HashMap::new(), inside: Index::default() };
        for (section, entry) in entries(data) {
            let phrase = entry.trim_end_matches('*');
            // The first section that lists a phrase decides.
            lexicon.whole.entry(phrase).or_insert_with(|| meaning(section));
            if phrase.len() < entry.len() {
                lexicon.inside.add(phrase);
            }
        }
        lexicon
    }

    fn find(&self, folded: &str) -> Option<T> {
        self.found(folded).map(|(_, meaning)| meaning)
    }

    /// The phrase that decides, and its meaning.
    fn found(&self, folded: &str) -> Option<(&'static str, T)> {
        let (phrase, meaning) = self.whole.get_key_value(folded).or_else(|| {
            // Of equally long phrases the first in the text decides.
            let longest = self
                .inside
                .inside(folded)
                .reduce(|best, next| if next.len() > best.len() { next } else { best })?;
            self.whole.get_key_value(longest)
        })?;
        Some((*phrase, *meaning))
    }
}

/// The `(section, phrase)` pairs of a data file.
fn entries(data: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(
        move |line| {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
                return None;
            }
            Some((section, line))
        },
    )
}

static TOPICS: LazyLock<Lexicon<Topic>> = LazyLock::new(|| {
    Lexicon::parse(include_str!("../data/topics.txt"), |section| match section {
        "actions" => Topic::Actions,
        "lessons" => Topic::Lessons,
        "timeline" => Topic::Timeline,
        "root-cause" => Topic::RootCause,
        "summary" => Topic::Summary,
        "people" => Topic::People,
        "resolution" => Topic::Resolution,
        "detection" => Topic::Detection,
        "impact" => Topic::Impact,
        "observations" => Topic::Observations,
        "details" => Topic::Details,
        _ => Topic::Other,
    })
});

static FIELDS: LazyLock<Lexicon<Field>> = LazyLock::new(|| {
    Lexicon::parse(include_str!("../data/fields.txt"), |section| match section {
        "title" => Field::Title,
        "incident-date" => Field::IncidentDate,
        "report-date" => Field::ReportDate,
        "started-at" => Field::StartedAt,
        "resolved-at" => Field::ResolvedAt,
        "window" => Field::Window,
        "severity" => Field::Severity,
        "impact-level" => Field::ImpactLevel,
        "services" => Field::Services,
        "root-cause" => Field::RootCause,
        _ => Field::Person,
    })
});

static COLUMNS: LazyLock<Lexicon<Column>> = LazyLock::new(|| {
    Lexicon::parse(include_str!("../data/columns.txt"), |section| match section {
        "action" => Column::Action,
        "owner" => Column::Owner,
        "due" => Column::Due,
        "status" => Column::Status,
        "priority" => Column::Priority,
        "kind" => Column::Kind,
        "ticket" => Column::Ticket,
        "number" => Column::Number,
        "event" => Column::Event,
        _ => Column::Remark,
    })
});

/// One list of phrases.
#[derive(Debug, Default)]
struct List {
    whole: HashSet<&'static str>,
    index: Index,
}

static PHRASES: LazyLock<HashMap<&'static str, List>> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, List> = HashMap::new();
    for (section, phrase) in entries(include_str!("../data/phrases.txt")) {
        let list = lists.entry(section).or_default();
        list.whole.insert(phrase);
        list.index.add(phrase);
    }
    lists
});

static VERBS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    entries(include_str!("../data/verbs.txt"))
        .flat_map(|(_, line)| line.split_whitespace())
        .flat_map(|verb| [verb.to_owned(), gerund(verb)])
        .collect()
});

/// The -ing form of a verb; doubled consonants are accepted by [`is_task_verb`] separately.
fn gerund(verb: &str) -> String {
    match verb.strip_suffix('e') {
        Some(stem) if !verb.ends_with("ee") => format!("{stem}ing"),
        _ => format!("{verb}ing"),
    }
}

/// Whether a folded word opens a task: a verb of the list or its -ing form.
pub(crate) fn is_task_verb(word: &str) -> bool {
    VERBS.contains(word) || {
        let stem = word.strip_suffix("ing").unwrap_or("");
        let mut letters = stem.chars().rev();
        let doubled = letters.next().is_some_and(|last| letters.next() == Some(last));
        doubled && VERBS.contains(&stem[..stem.len() - stem.chars().next_back().map_or(0, char::len_utf8)])
    }
}

/// Removes what stands in round brackets, numbering, pictures, and the closing colon, then folds.
pub(crate) fn fold_heading(heading: &str) -> String {
    let (bare, _) = text::strip_number(text::strip_pictures(heading));
    let mut depth = 0_usize;
    let mut outside = String::with_capacity(bare.len());
    for c in bare.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    let folded = text::fold(&outside);
    if folded.is_empty() { text::fold(bare) } else { folded }
}

/// What a heading announces. Headings of more than twelve words announce nothing.
pub(crate) fn topic(heading: &str) -> Option<Topic> {
    topic_and_phrase(heading).map(|(_, topic)| topic)
}

/// What a heading announces, and the phrase that says so.
pub(crate) fn topic_and_phrase(heading: &str) -> Option<(&'static str, Topic)> {
    let folded = fold_heading(heading);
    if text::word_count(&folded) > 12 {
        return None;
    }
    TOPICS.found(&folded)
}

/// What a heading announces when the whole of it is a phrase of the lists.
pub(crate) fn whole_topic(heading: &str) -> Option<Topic> {
    TOPICS.whole.get(fold_heading(heading).as_str()).copied()
}

/// What a label in front of a value means.
pub(crate) fn field(label: &str) -> Option<Field> {
    let folded = fold_heading(label);
    if text::word_count(&folded) > 6 { None } else { FIELDS.find(&folded) }
}

/// What a column of this name holds.
pub(crate) fn column(header: &str) -> Option<Column> {
    let folded = fold_heading(header);
    if text::word_count(&folded) > 5 { None } else { COLUMNS.find(&folded) }
}

fn list(phrases: Phrases) -> &'static List {
    let section = match phrases {
        Phrases::Done => "done",
        Phrases::Open => "open",
        Phrases::Rejected => "rejected",
        Phrases::DoneInside => "done-inside",
        Phrases::OpenInside => "open-inside",
        Phrases::Commitment => "commitment",
        Phrases::Introduction => "introduction",
        Phrases::Reference => "reference",
        Phrases::ActionPrefix => "action-prefix",
        Phrases::Housekeeping => "housekeeping",
        Phrases::Placeholder => "placeholder",
        Phrases::Group => "group",
        Phrases::Kind => "kind",
        Phrases::OwnerLabel => "owner-label",
        Phrases::DueLabel => "due-label",
        Phrases::PriorityLabel => "priority-label",
        Phrases::StatusLabel => "status-label",
        Phrases::KindLabel => "kind-label",
        Phrases::TicketLabel => "ticket-label",
        Phrases::Priority => "priority",
    };
    PHRASES.get(section).expect("every list is a section of data/phrases.txt, which a test checks")
}

/// Whether a folded text is one of the phrases.
pub(crate) fn is(phrases: Phrases, folded: &str) -> bool {
    list(phrases).whole.contains(folded)
}

/// Whether a folded text has one of the phrases in it as whole words.
pub(crate) fn has(phrases: Phrases, folded: &str) -> bool {
    list(phrases).index.inside(folded).next().is_some()
}

/// Whether a folded text begins with one of the phrases.
pub(crate) fn opens(phrases: Phrases, folded: &str) -> bool {
    let index = &list(phrases).index;
    index.at_start(folded).next().is_some() || index.unspaced.iter().any(|phrase| folded.starts_with(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_understood_however_they_are_dressed() {
        for (heading, expected) in [
            ("Action Items", Some(Topic::Actions)),
            ("5. Corrective & Preventative Measures:", Some(Topic::Actions)),
            (":memo: Follow-up tasks", Some(Topic::Actions)),
            ("✅ Next steps (this quarter)", Some(Topic::Actions)),
            ("Root Cause and Resolution", Some(Topic::RootCause)),
            ("What went well?", Some(Topic::Observations)),
            ("Incident Response Team:", Some(Topic::People)),
            ("Incident Response Plan", None),
            ("Aksjonspunkter", Some(Topic::Actions)),
            ("三、改进措施", Some(Topic::Actions)),
            ("Blue whales", None),
        ] {
            assert_eq!(topic(heading), expected, "{heading}");
        }
    }

    #[test]
    fn columns_and_labels_have_meanings() {
        assert_eq!(column("Action Item"), Some(Column::Action));
        assert_eq!(column("DRI"), Some(Column::Owner));
        assert_eq!(column("Target date"), Some(Column::Due));
        assert_eq!(field("Date of Incident Report"), Some(Field::ReportDate));
        assert_eq!(field("Date"), Some(Field::IncidentDate));
        assert_eq!(field("Shoe size"), None);
    }

    #[test]
    fn every_phrase_of_the_data_files_is_folded() {
        let files = [
            include_str!("../data/topics.txt"),
            include_str!("../data/fields.txt"),
            include_str!("../data/columns.txt"),
            include_str!("../data/phrases.txt"),
        ];
        for (_, phrase) in files.into_iter().flat_map(entries) {
            let bare = phrase.trim_end_matches('*');
            assert_eq!(text::fold(bare), bare, "not folded");
        }
    }

    #[test]
    fn phrases_match_whole_words_only() {
        assert!(has(Phrases::Reference, "the steps outlined above will do"));
        assert!(!has(Phrases::Reference, "the steps outlined aboveboard"));
        assert!(opens(Phrases::Introduction, "below are the tasks"));
        assert!(!opens(Phrases::Introduction, "belowstairs"));
        assert_eq!(topic("主要改进措施和计划"), Some(Topic::Actions));
    }

    #[test]
    fn every_list_is_in_the_data() {
        use Phrases as P;
        let all = [
            P::Done,
            P::Open,
            P::Rejected,
            P::DoneInside,
            P::OpenInside,
            P::Commitment,
            P::Introduction,
            P::Reference,
            P::ActionPrefix,
            P::Housekeeping,
            P::Placeholder,
            P::Group,
            P::Kind,
            P::OwnerLabel,
            P::DueLabel,
            P::PriorityLabel,
            P::StatusLabel,
            P::KindLabel,
            P::TicketLabel,
            P::Priority,
        ];
        for phrases in all {
            assert!(!list(phrases).whole.is_empty(), "{phrases:?}");
        }
    }

    #[test]
    fn verbs_are_known_in_both_forms() {
        for word in ["add", "adding", "setting", "improving", "rotate"] {
            assert!(is_task_verb(word), "{word}");
        }
        assert!(!is_task_verb("banana"));
    }
}
