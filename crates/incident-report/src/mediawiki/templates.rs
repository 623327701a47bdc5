//! What a template leaves on the page.
//!
//! Nobody can know what a wiki's templates say, but their names tell: a state, a ticket, a date, a way to set
//! words. What is only furniture leaves nothing.
//!
//! Invariant: of a template inside a sentence the words are kept.

use crate::document::Pair;
use crate::text;

/// The states that a template without arguments names.
const STATES: [&str; 41] = [
    "done",
    "not done",
    "notdone",
    "partly done",
    "partially done",
    "doing",
    "in progress",
    "inprogress",
    "wip",
    "work in progress",
    "on hold",
    "onhold",
    "pending",
    "open",
    "closed",
    "resolved",
    "fixed",
    "todo",
    "to do",
    "started",
    "not started",
    "declined",
    "rejected",
    "wontfix",
    "won't fix",
    "invalid",
    "duplicate",
    "stalled",
    "blocked",
    "cancelled",
    "canceled",
    "completed",
    "complete",
    "accepted",
    "approved",
    "withdrawn",
    "deferred",
    "obsolete",
    "unresolved",
    "superseded",
    "abandoned",
];

/// Templates that set their last argument in some way.
const SETTING: [&str; 30] = [
    "color",
    "colour",
    "font color",
    "fontcolor",
    "small",
    "smaller",
    "big",
    "larger",
    "nowrap",
    "nobr",
    "code",
    "tt",
    "mono",
    "key",
    "kbd",
    "keypress",
    "highlight",
    "hl",
    "mark",
    "bold",
    "b",
    "strong",
    "em",
    "i",
    "lang",
    "center",
    "red",
    "green",
    "grey",
    "gray",
];

/// The least words of a template on a line of its own that are text and not furniture.
const SENTENCE: usize = 3;

/// A template with its arguments, each with the line it begins on.
#[derive(Debug, Default)]
pub(super) struct Template {
    /// The parts between bars; the first is the name.
    pub(super) parts: Vec<(usize, String)>,
}

impl Template {
    fn name(&self) -> String {
        let name = self.parts.first().map_or("", |(_, name)| name.as_str());
        let name = text::collapse(&name.replace('_', " ")).to_lowercase();
        let name = name.strip_prefix("subst:").unwrap_or(&name);
        name.strip_prefix("template:").unwrap_or(name).to_owned()
    }

    /// The arguments without a name.
    fn plain(&self) -> Vec<&str> {
        let arguments = self.parts.iter().skip(1).map(|(_, part)| part.as_str());
        let plain = arguments.filter_map(|part| match named(part) {
            None => Some(part.trim()),
            Some((name, value)) => (name.parse::<u8>().is_ok()).then_some(value),
        });
        plain.filter(|part| !part.is_empty()).collect()
    }

    /// The arguments with a name and a value.
    pub(super) fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (at, (line, part)) in self.parts.iter().enumerate() {
            if at == 0 {
                // A magic word holds its value in its name.
                let title = part.trim().strip_prefix("DISPLAYTITLE:");
                let pair = |title: &str| Pair {
                    key: "title".to_owned(),
                    value: title.trim().to_owned(),
                    line: *line,
                };
                pairs.extend(title.map(pair));
            } else if let Some((name, value)) = named(part) {
                pairs.push(Pair { key: name.replace(['_', '-'], " "), value: value.to_owned(), line: *line });
            }
        }
        pairs.retain(|Pair { key, value, .. }| {
            !value.is_empty() && !key.is_empty() && key.parse::<u8>().is_err() && !is_layout(key)
        });
        pairs
    }

    /// Whether it is a box of facts and not a part of a sentence.
    pub(super) fn is_box(&self) -> bool {
        let name = self.parts.first().map_or("", |(_, name)| name.trim());
        let pairs = self.pairs().len();
        pairs >= 2 || pairs == 1 && (name.starts_with("DISPLAYTITLE:") || name.starts_with("#set:"))
    }

    /// The words it leaves; `is_alone` tells that nothing else stands on its line.
    pub(super) fn words(&self, is_alone: bool) -> String {
        let name = self.name();
        let plain = self.plain();
        let first = plain.first().copied().unwrap_or_default();
        let last = plain.last().copied().unwrap_or_default();
        match name.as_str() {
            "!" => "|".to_owned(),
            "=" => "=".to_owned(),
            "tick" | "y" | "yes check" | "check" | "check mark" | "checkmark" | "aye" | "resolved mark" => {
                "✅".to_owned()
            }
            "cross" | "n" | "x mark" | "xmark" | "nay" => "❌".to_owned(),
            "yes" | "no" => capitalised(&name),
            "status" | "state" | "task status" | "st" => in_brackets(first),
            state if STATES.contains(&state) => in_brackets(state),
            "bug" | "bugzilla" | "gerrit" | "rt" | "cve" | "rfc" | "ticket" | "incident" => {
                if first.starts_with(|c: char| c.is_ascii_digit()) {
                    format!("{name} {first}")
                } else {
                    first.to_owned()
                }
            }
            "issue" | "pr" | "pull" | "gh" | "github" | "pull request" => {
                if first.starts_with(|c: char| c.is_ascii_digit()) {
                    format!("#{first}")
                } else {
                    last.to_owned()
                }
            }
            "phab" | "phabricator" | "tracked" | "jira" | "task" => first.to_owned(),
            "u" | "user" | "ping" | "re" | "reply to" | "noping" | "no ping" | "user link" | "userlink" => {
                plain.join(", ")
            }
            "strike" | "s" | "del" | "strikethrough" | "struck" => format!("<s>{last}</s>"),
            "date" | "dts" | "start date" | "end date" | "start-date" | "end-date" => date(&plain),
            setting if SETTING.contains(&setting) => last.to_owned(),
            cite if cite.starts_with("cite") || cite == "citation" => {
                let url = self.pairs().into_iter().find(|pair| pair.key == "url");
                url.map_or_else(String::new, |pair| pair.value)
            }
            function if function.contains(':') || function.starts_with('#') => String::new(),
            _ if is_alone && text::word_count(first) < SENTENCE => String::new(),
            _ => first.to_owned(),
        }
    }
}

/// The name and the value of an argument such as `date = 2026-05-03`.
fn named(part: &str) -> Option<(&str, &str)> {
    let (name, value) = part.split_once('=')?;
    let name = name.trim();
    let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '?'));
    (is_name && name.len() <= 60).then(|| (name, value.trim()))
}

/// Names of arguments that say how a box looks.
fn is_layout(name: &str) -> bool {
    let last = name.rsplit([' ', '-', '_']).next().unwrap_or(name).to_lowercase();
    matches!(
        last.as_str(),
        "style" | "align" | "width" | "height" | "class" | "color" | "colour" | "image" | "size" | "float"
    )
}

fn in_brackets(state: &str) -> String {
    if state.is_empty() { String::new() } else { format!("({state})") }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `{{start date|2026|5|3}}` in one piece.
fn date(parts: &[&str]) -> String {
    match parts {
        [year, month, day, ..] if parts[..3].iter().all(|part| part.parse::<u16>().is_ok()) => {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        _ => parts.join(" "),
    }
}
