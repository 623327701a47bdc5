//! The word lists: what headings, labels, columns, and phrases mean, in the languages reports come in.
//!
//! Invariant: the meanings live in `data/*.txt` and nowhere else; this module only looks them up. Lists
//! hold folded phrases ([`text::fold`]), and of several that match the longest decides.

mod lexicon;
mod typos;

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

pub(crate) use self::lexicon::entries;
use self::lexicon::{Lexicon, Lists};
use self::typos::Spelling;
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
    /// What was considered and will not be done, or is warned against.
    Rejected,
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
    /// What shows that it is done.
    Criteria,
    /// Remarks.
    Remark,
    /// Something that happened: the mark of a timeline.
    Event,
}

/// Declares the lists of `data/phrases.txt`: their names in the code and in the file.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $section:literal,)*) => {
        /// The lists of phrases the extractor consults.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Phrases {
            $($(#[$doc])* $name,)*
        }

        impl Phrases {
            /// All of them, in order.
            const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The section of the data file.
            fn section(self) -> &'static str {
                match self {
                    $(Self::$name => $section,)*
                }
            }

            /// Its bit in a set of lists.
            fn bit(self) -> u64 {
                1 << self as u64
            }
        }
    };
}

lists! {
    /// Marks of finished work.
    Done = "done",
    /// Marks of unfinished work.
    Open = "open",
    /// Marks of work that will not be done.
    Rejected = "rejected",
    /// Passages that report finished work.
    DoneInside = "done-inside",
    /// Participles that stand in front of a thing as often as they report.
    Attribute = "attribute",
    /// Participles of what was only planned or talked about.
    NotYet = "not-yet",
    /// Words of a heading over finished work.
    DoneHeading = "done-heading",
    /// Words of a heading over work to be done.
    OpenHeading = "open-heading",
    /// Passages that report work under way.
    OpenInside = "open-inside",
    /// Passages that commit.
    Commitment = "commitment",
    /// What a promise begins with, in front of a verb.
    Promise = "promise",
    /// What promises by itself.
    PromiseWhole = "promise-whole",
    /// What sentences say that thank, apologise, or look back.
    Talk = "talk",
    /// Verbs of the report about itself.
    TellingVerb = "telling-verb",
    /// What reports a measure, in front of a verb.
    Report = "report",
    /// Verbs of the emergency, which report no measure.
    ResponseVerb = "response-verb",
    /// Verbs in any form that tell what befell somebody and no measure.
    IdleVerb = "idle-verb",
    /// What tasks open with in languages whose verbs are several words, or are not set apart.
    TaskOpening = "task-opening",
    /// What tasks end with in languages whose verbs stand at the end.
    TaskEnding = "task-ending",
    /// Endings of verbs by which their authors commit, in languages that need no "we will".
    PromiseEnding = "promise-ending",
    /// Openings of introductions.
    Introduction = "introduction",
    /// References to actions told elsewhere.
    Reference = "reference",
    /// Marks in front of an action.
    ActionPrefix = "action-prefix",
    /// Boxes about the report itself.
    Housekeeping = "housekeeping",
    /// What templates leave.
    Placeholder = "placeholder",
    /// Names of groups of actions.
    Group = "group",
    /// The last word of the name of such a group.
    GroupNoun = "group-noun",
    /// Kinds of action used as tags.
    Kind = "kind",
    /// Labels of an owner.
    OwnerLabel = "owner-label",
    /// Labels of a due date.
    DueLabel = "due-label",
    /// Labels of a priority.
    PriorityLabel = "priority-label",
    /// Labels of a status.
    StatusLabel = "status-label",
    /// Labels of a kind.
    KindLabel = "kind-label",
    /// Labels of a ticket.
    TicketLabel = "ticket-label",
    /// Words that say that the reference behind them is the ticket of the item.
    OwnTicket = "own-ticket",
    /// Labels of what shows that an action is done.
    CriteriaLabel = "criteria-label",
    /// Names of products, which are nobody's.
    Product = "product",
    /// Names that look like the key of a tracker and are none.
    NoTicket = "no-ticket",
    /// What announces actions in a sentence that leads into a list.
    LeadIn = "lead-in",
    /// What such a sentence says when it leads into something else.
    NoLeadIn = "no-lead-in",
    /// Turns of phrase by which a heading that no list of topics knows announces actions.
    HeadingCue = "heading-cue",
    /// What such a heading says when it is about something else.
    NoHeadingCue = "no-heading-cue",
    /// Values of a priority.
    Priority = "priority",
    /// What a template leaves in the place of words; unlike [`Self::Placeholder`], nothing that says "none".
    TemplateBlank = "template-blank",
    /// Openings of sentences that tell the writer what to write.
    TemplateInstruction = "template-instruction",
    /// Openings of questions that the writer is to answer.
    TemplateQuestion = "template-question",
    /// Openings of sentences that ask for a list of actions.
    TemplateActions = "template-actions",
    /// Passages in which a template speaks of itself.
    TemplateTalk = "template-talk",
    /// Words for a template, at the beginning or the end of its title.
    TemplateName = "template-name",
    /// Titles of reports that have none yet.
    TemplateTitle = "template-title",
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
        "rejected" => Topic::Rejected,
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
        "criteria" => Column::Criteria,
        "number" => Column::Number,
        "event" => Column::Event,
        _ => Column::Remark,
    })
});

static PHRASES: LazyLock<Lists> = LazyLock::new(|| {
    let names: Vec<&str> = Phrases::ALL.iter().map(|phrases| phrases.section()).collect();
    Lists::parse(include_str!("../data/phrases.txt"), &names)
});

/// The words by which headings announce actions.
static SPELLING: LazyLock<Spelling> = LazyLock::new(|| {
    let topics = entries(include_str!("../data/topics.txt")).filter(|(section, _)| *section == "actions");
    let cues = entries(include_str!("../data/phrases.txt")).filter(|(section, _)| *section == "heading-cue");
    Spelling::of(topics.chain(cues).flat_map(|(_, phrase)| phrase.trim_end_matches('*').split(' ')))
});

static VERBS: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
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

/// Whether a word in lower case opens a task: a verb of the list ("add", "prüfen") or its -ing form.
#[must_use]
pub fn is_task_verb(word: &str) -> bool {
    VERBS.contains(word) || {
        let stem = word.strip_suffix("ing").unwrap_or("");
        let mut letters = stem.chars().rev();
        let doubled = letters.next().is_some_and(|last| letters.next() == Some(last));
        doubled && VERBS.contains(&stem[..stem.len() - stem.chars().next_back().map_or(0, char::len_utf8)])
    }
}

/// Whether a folded word is a verb that opens a task, in its plain form.
pub(crate) fn is_imperative(word: &str) -> bool {
    is_task_verb(word) && !word.ends_with("ing")
}

/// The plain form of a task verb: "adding" → "add", "setting" → "set".
pub(crate) fn plain_verb(word: &str) -> String {
    let Some(stem) = word.strip_suffix("ing") else { return word.to_owned() };
    let with_e = format!("{stem}e");
    let shorter = &stem[..stem.char_indices().next_back().map_or(0, |(at, _)| at)];
    [stem, &with_e, shorter]
        .into_iter()
        .find(|verb| VERBS.contains(*verb))
        .map_or_else(|| word.to_owned(), str::to_owned)
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
    let found = TOPICS.found(&folded);
    if matches!(found, Some((_, Topic::Lessons))) {
        // "What we learned and what we will do".
        let actions = |part| {
            let known = TOPICS.found(part);
            known.or_else(|| Some((cue(part)?, Topic::Actions))).filter(|(_, topic)| *topic == Topic::Actions)
        };
        return folded.split(" and ").find_map(actions).or(found);
    }
    found
}

/// The turn of phrase by which a heading announces actions that [`topic`] does not know: "How we keep this from
/// happening again".
pub(crate) fn heading_cue(heading: &str) -> Option<&'static str> {
    let folded = fold_heading(heading);
    if text::word_count(&folded) > MAX_CUED {
        return None;
    }
    cue(&folded).or_else(|| {
        let spelled = SPELLING.corrected(&folded)?;
        let topic = TOPICS.found(&spelled).filter(|(_, topic)| *topic == Topic::Actions);
        topic.map(|(phrase, _)| phrase).or_else(|| cue(&spelled))
    })
}

/// The longest heading that announces actions in words of its own, in words.
const MAX_CUED: usize = 16;

fn cue(folded: &str) -> Option<&'static str> {
    phrase_in(Phrases::HeadingCue, folded).filter(|_| !has(Phrases::NoHeadingCue, folded))
}

/// What a heading announces when the whole of it is a phrase of the lists.
pub(crate) fn whole_topic(heading: &str) -> Option<Topic> {
    TOPICS.whole(&fold_heading(heading))
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

/// Whether a folded text is one of the phrases.
pub(crate) fn is(phrases: Phrases, folded: &str) -> bool {
    is_any(&[phrases], folded)
}

/// Whether a folded text is a phrase of one of the lists.
pub(crate) fn is_any(lists: &[Phrases], folded: &str) -> bool {
    PHRASES.of(folded) & lists.iter().fold(0, |bits, phrases| bits | phrases.bit()) != 0
}

/// Whether a folded text has one of the phrases in it as whole words.
pub(crate) fn has(phrases: Phrases, folded: &str) -> bool {
    phrase_in(phrases, folded).is_some()
}

/// The first of the phrases that stands in a folded text as whole words.
pub(crate) fn phrase_in(phrases: Phrases, folded: &str) -> Option<&'static str> {
    PHRASES.inside(phrases as usize, folded)
}

/// All phrases of a list that stand in a folded text as whole words, each with the offset behind it.
pub(crate) fn phrases_in(
    phrases: Phrases,
    folded: &str,
) -> impl Iterator<Item = (&'static str, usize)> + use<'_> {
    PHRASES.all_inside(phrases as usize, folded)
}

/// Whether a folded text ends with one of the phrases.
pub(crate) fn closes(phrases: Phrases, folded: &str) -> bool {
    phrases_in(phrases, folded).any(|(_, end)| end == folded.len())
}

/// Whether a word of a folded text has one of these endings.
pub(crate) fn has_ending(endings: Phrases, folded: &str) -> bool {
    let ends = |word: &str| PHRASES.of_list(endings as usize).iter().any(|ending| word.ends_with(ending));
    folded.split(' ').any(|word| word.len() > 8 && ends(word))
}

/// Whether a folded text begins with one of the phrases.
pub(crate) fn opens(phrases: Phrases, folded: &str) -> bool {
    opens_any(&[phrases], folded)
}

/// Whether a folded text begins with a phrase of one of the lists.
pub(crate) fn opens_any(lists: &[Phrases], folded: &str) -> bool {
    PHRASES.at_start(lists.iter().fold(0, |bits, phrases| bits | phrases.bit()), folded)
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
    fn headings_announce_actions_in_their_own_words() {
        for heading in [
            "Will this happen again?",
            "How we are making sure that no crane falls in the future",
            "What will change?",
            "Was wir künftig tun",
            "面向未来的准则",
            "今後の取り組み",
            "Preventitive Meassures",
            "Moving foward",
        ] {
            assert_eq!(topic(heading), None, "{heading}: the lists know it");
            assert!(heading_cue(heading).is_some(), "{heading}");
        }
        for heading in
            ["What could have prevented this", "Why did this happen again?", "What you should do now"]
        {
            assert_eq!(heading_cue(heading), None, "{heading}");
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
    fn every_list_is_in_the_data_and_nothing_else() {
        let mut sections: Vec<&str> =
            entries(include_str!("../data/phrases.txt")).map(|(name, _)| name).collect();
        sections.sort_unstable();
        sections.dedup();
        let mut lists: Vec<&str> = Phrases::ALL.iter().map(|phrases| phrases.section()).collect();
        lists.sort_unstable();
        assert_eq!(sections, lists);
    }

    #[test]
    fn verbs_are_known_in_both_forms() {
        for word in ["add", "adding", "setting", "improving", "rotate"] {
            assert!(is_task_verb(word), "{word}");
        }
        assert!(!is_task_verb("banana"));
    }
}
