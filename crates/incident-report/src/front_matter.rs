//! The metadata block between `---` or `+++` lines at the top of a document.
//!
//! What is valid YAML or TOML is read by its grammar; what is not (a title with a colon in it, a placeholder)
//! line by line. Both give the same pairs: a list is one pair for each entry, what is nested is named after
//! what it stands in, and a person is one value.
//!
//! Invariant: a block that is not closed, or has a line that is no metadata, is no front matter but a
//! thematic break and text. Only so many lines and bytes are looked at.

mod lines;
mod toml;

use crate::document::{Block, BlockKind, Document, Pair, Span};
use crate::source::Source;
use crate::structured::{Node, Value, yaml};
use crate::text;
use crate::words::{self, Field};

/// How many lines a metadata block may have: beyond that the opening line was a thematic break.
const MAX_LINES: usize = 250;

/// How many bytes a metadata block may have to be read by its grammar.
const MAX_BYTES: usize = 64 * 1024;

/// How many words a key may have; "Note that we were told: …" is text below a thematic break.
const MAX_KEY: usize = 5;

/// What a nested block may be about to be named by its inner keys alone.
const OF_THE_REPORT: [&str; 9] =
    ["incident", "outage", "report", "postmortem", "post mortem", "meta", "metadata", "params", "extra"];

/// The pairs of the metadata block and the number of lines it takes, where the lines begin with one.
pub(crate) fn parse(lines: &[&str]) -> Option<(Vec<Pair>, usize)> {
    let is_toml = match lines.first()?.trim_end() {
        "---" => false,
        "+++" => true,
        _ => return None,
    };
    let closes = |line: &&str| match line.trim_end() {
        "+++" => is_toml,
        "---" | "..." => !is_toml,
        _ => false,
    };
    let close = lines.iter().skip(1).take(MAX_LINES).position(closes)? + 1;
    let inner = &lines[1..close];
    let pairs = match by_grammar(inner, is_toml) {
        Some(read) => read?,
        None => lines::pairs(inner, is_toml)?,
    };
    let is_named = |pair: &Pair| text::word_count(&pair.key) <= MAX_KEY;
    pairs.iter().all(is_named).then_some((pairs, close + 1))
}

/// Takes the metadata block that the pages of a site have in any format, where its front end read it as text.
pub(crate) fn take(document: &mut Document, source: &Source<'_>) {
    let mut head = source.lines();
    if !head.clone().next().is_some_and(|line| line.starts_with("---") || line.starts_with("+++")) {
        return;
    }
    let head: Vec<&str> = head.by_ref().take(MAX_LINES + 2).collect();
    if let Some((pairs, taken)) = parse(&head).filter(|(pairs, _)| !pairs.is_empty()) {
        document.blocks.retain(|block| block.span.first > taken);
        let block = Block { span: Span::new(1, taken), kind: BlockKind::FrontMatter(pairs) };
        document.blocks.insert(0, block);
    }
}

/// What the grammar of the language says, where the block is valid: the pairs, or that it is no map.
fn by_grammar(lines: &[&str], is_toml: bool) -> Option<Option<Vec<Pair>>> {
    if lines.iter().map(|line| line.len() + 1).sum::<usize>() > MAX_BYTES {
        return None;
    }
    let block = lines.join("\n");
    let node = if is_toml { toml::parse(&block)? } else { yaml::parse(&block).ok()? };
    let source = Source::new(&block);
    let mut collector = Collector { source: &source, pairs: Vec::new() };
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                collector.value(&spaced(&entry.key), entry.at, &entry.value, 0);
            }
        }
        // An empty block is metadata without values.
        Value::Null => {}
        _ => return Some(None),
    }
    Some(Some(collector.pairs))
}

struct Collector<'s> {
    source: &'s Source<'s>,
    pairs: Vec<Pair>,
}

impl Collector<'_> {
    fn add(&mut self, key: &str, at: usize, value: &str) {
        let value = text::collapse(value);
        if !value.is_empty() {
            // The opening line stands above the block.
            self.pairs.push(Pair { key: key.to_owned(), value, line: self.source.place(at).0 + 1 });
        }
    }

    /// A value, and what is nested in it one or two levels down.
    fn value(&mut self, key: &str, at: usize, node: &Node, depth: usize) {
        match &node.value {
            Value::Null => {}
            Value::Bool(value) => self.add(key, at, &value.to_string()),
            Value::Number(value) | Value::Text(value) => self.add(key, at, value),
            Value::List(items) => {
                // Each of the authors is an author.
                let one = key.strip_suffix('s').filter(|one| words::field(one) == Some(Field::Person));
                let key = one.unwrap_or(key);
                for item in items.iter().filter(|_| depth < 2) {
                    self.value(key, item.start, item, depth + 1);
                }
            }
            Value::Map(entries) => {
                if let Some(person) = person(node) {
                    self.add(key, at, &person);
                    return;
                }
                for entry in entries.iter().filter(|_| depth < 2) {
                    let inner = spaced(&entry.key);
                    let joined = format!("{key} {inner}");
                    let is_own =
                        words::field(&joined).is_none() && OF_THE_REPORT.contains(&text::fold(key).as_str());
                    self.value(if is_own { &inner } else { &joined }, entry.at, &entry.value, depth + 1);
                }
            }
        }
    }
}

/// A person who is written as a map with a name: "Ada Okot (Scribe)", "Ada Okot (@aokot)".
fn person(node: &Node) -> Option<String> {
    let Value::Map(entries) = &node.value else { return None };
    let told = |keys: &[&str]| {
        let entry = entries.iter().find(|entry| keys.contains(&entry.key.to_lowercase().as_str()))?;
        match &entry.value.value {
            Value::Text(value) if !value.trim().is_empty() => Some(value.trim()),
            _ => None,
        }
    };
    let name = told(&["name"])?;
    let login = told(&["login", "github", "handle", "username"]).map(|login| login.trim_start_matches('@'));
    match (told(&["role", "position"]), login) {
        (Some(role), _) => Some(format!("{name} ({role})")),
        (None, Some(login)) => Some(format!("{name} (@{login})")),
        (None, None) => Some(name.to_owned()),
    }
}

/// The words of a key: `incident_date`, `incident-date`, and `incidentDate` are "incident date".
fn spaced(key: &str) -> String {
    let mut words = String::with_capacity(key.len());
    let mut is_small = false;
    for c in key.trim().chars() {
        if matches!(c, '_' | '-') {
            words.push(' ');
        } else {
            if is_small && c.is_uppercase() {
                words.push(' ');
            }
            words.push(c);
        }
        is_small = c.is_lowercase();
    }
    words
}

#[cfg(test)]
mod tests;
