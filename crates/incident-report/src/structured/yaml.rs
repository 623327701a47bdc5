//! YAML to values with their places.
//!
//! Invariant: the only module that knows the YAML library. What is written plainly keeps its meaning for
//! people: `no` and `012` are text. Nesting, values, and what anchors repeat are bounded, so a few lines
//! cannot become millions of values.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, Location, Options, Spanned};

use super::tree::{Entry, MAX_DEPTH, MAX_VALUES, Node, Problem, Value};
use crate::source::Source;

/// How many values may be repeated by anchors and aliases.
const MAX_REPEATED: usize = 10_000;

/// Parses a YAML document; an empty one is [`Value::Null`].
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    within(text, MAX_VALUES)
}

/// Parses a document of at most so many values.
fn within(text: &str, values: usize) -> Result<Node, Problem> {
    let node: Spanned<Parsed> =
        serde_saphyr::from_str_with_options(text, options(values)).map_err(|error| problem(&error, text))?;
    Ok(placed(node, text))
}

fn options(values: usize) -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        // A repeated key is told with both places by whoever reads the map.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPEATED },
        // The parser counts one level more than the tree does.
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH + 1,
            flow_nesting_limit: MAX_DEPTH + 1,
            // Keys count as well.
            max_nodes: 2 * values,
            max_documents: 2,
        },
    }
}

/// A value as the library gives it.
enum Parsed {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
}

/// Takes any value.
struct AnyValue;

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(AnyValue)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Parsed;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Null)
    }

    fn visit_none<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Parsed, E> {
        Ok(Parsed::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Parsed, E> {
        Ok(Parsed::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Parsed, E> {
        Ok(Parsed::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Parsed, E> {
        Ok(Parsed::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Parsed, E> {
        Ok(Parsed::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Parsed, E> {
        Ok(Parsed::Number)
    }

    fn visit_str<E>(self, value: &str) -> Result<Parsed, E> {
        Ok(Parsed::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Parsed, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Parsed::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Parsed::Map(pairs))
    }
}

/// The byte range of a location; an alias stands where it is used.
fn range(location: Location, text: &str) -> (usize, usize) {
    let span = location.span();
    let bytes = |count: Option<u64>| count.and_then(|count| usize::try_from(count).ok());
    let start = bytes(span.byte_offset()).unwrap_or_else(|| offset(location, text)).min(text.len());
    let end = start.saturating_add(bytes(span.byte_len()).unwrap_or(0)).min(text.len());
    (start, end)
}

/// The byte offset of a location that only has a line and a column, as those of bad syntax.
fn offset(location: Location, text: &str) -> usize {
    let (line, column) = (location.line(), location.column());
    let source = Source::new(text);
    let Some(start) = usize::try_from(line).ok().and_then(|line| source.start(line)) else { return 0 };
    let before =
        text[start..].chars().take(usize::try_from(column).map_or(0, |column| column.saturating_sub(1)));
    start + before.map(char::len_utf8).sum::<usize>()
}

fn placed(node: Spanned<Parsed>, text: &str) -> Node {
    let (start, mut end) = range(node.referenced, text);
    let value = match node.value {
        Parsed::Null => Value::Null,
        Parsed::Bool(value) => Value::Bool(value),
        Parsed::Number => Value::Number(text.get(start..end).unwrap_or("").to_owned()),
        Parsed::Text(value) => {
            // The range of a block of text takes the empty lines behind it in.
            end = start + text.get(start..end).map_or(0, |written| written.trim_end().len());
            Value::Text(value)
        }
        Parsed::List(items) => {
            let items: Vec<Node> = items.into_iter().map(|item| placed(item, text)).collect();
            end = items.last().map_or(end, |last| last.end.max(end));
            Value::List(items)
        }
        Parsed::Map(pairs) => {
            let entries: Vec<Entry> = pairs
                .into_iter()
                .map(|(key, value)| {
                    let at = range(key.referenced, text).0;
                    Entry { at, key: key.value, value: placed(value, text) }
                })
                .collect();
            end = entries.last().map_or(end, |last| last.value.end.max(end));
            Value::Map(entries)
        }
    };
    Node { value, start, end }
}

/// What the library says.
fn problem(error: &Error, text: &str) -> Problem {
    let at = error.location().map_or(0, |location| range(location, text).0);
    let told = error.to_string();
    let told = told.split(" at line ").next().unwrap_or(&told);
    match error.without_snippet() {
        Error::MultipleDocuments { .. } => Problem::new(
            at,
            "a second document begins here",
            "a file holds one report: put the second into a file of its own, or take the line `---` out",
        ),
        Error::Budget { .. } | Error::AliasError { .. } if is_depth(told) => Problem::too_deep(at),
        Error::Budget { .. } => Problem::too_many(at),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasError { .. } => Problem::new(
            at,
            format!("aliases repeat more than {MAX_REPEATED} values"),
            "write the values out instead of repeating them with `*`",
        ),
        Error::UnknownAnchor { .. } => Problem::new(
            at,
            "this alias names no anchor",
            "text that begins with `*` or `&` has to be put in quotes",
        ),
        _ if is_depth(told) => Problem::too_deep(at),
        _ => Problem::new(at, format!("this is no valid YAML: {told}"), hint(told)),
    }
}

fn is_depth(told: &str) -> bool {
    told.contains("recursion limit") || told.contains("Depth")
}

fn hint(told: &str) -> &'static str {
    if told.contains("tab") {
        "indent with spaces: YAML allows no tabs there"
    } else if told.contains("mapping values are not allowed") {
        "put the value in quotes when it has a colon and a space in it, and check the indentation"
    } else if told.contains("expected string scalar") {
        "a key is plain text; put a value that begins with `{` or `[` in quotes"
    } else if told.contains("quote") {
        "close the quotes"
    } else if told.contains("tag") {
        "put text that begins with `!` in quotes"
    } else {
        "check the indentation, and put text with special characters in quotes"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Vec<Entry> {
        match parse(text).unwrap().value {
            Value::Map(entries) => entries,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn plain_words_stay_what_they_are_for_people() {
        let entries = map("a: no\nb: 012\nc: 2026-03-03\nd: 1_000\ne: 1.50\nf: true\ng:\nh: ~\ni: '7'\n");
        let values: Vec<&Value> = entries.iter().map(|entry| &entry.value.value).collect();
        let text = |words: &str| Value::Text(words.to_owned());
        assert_eq!(values[..4], [&text("no"), &text("012"), &text("2026-03-03"), &text("1_000")]);
        assert_eq!(values[4..6], [&Value::Number("1.50".to_owned()), &Value::Bool(true)]);
        assert_eq!(values[6..], [&Value::Null, &Value::Null, &text("7")]);
    }

    #[test]
    fn every_value_knows_where_it_stands() {
        let text = "é: ü\nlist:\n  - a: |\n      one\n      two\n\n    b: x\n  - c\nd: e\n";
        let entries = map(text);
        assert_eq!(&text[entries[1].at..entries[1].at + 4], "list");
        let Value::List(items) = &entries[1].value.value else { panic!("{entries:?}") };
        assert_eq!(&text[items[0].start..items[0].end], "a: |\n      one\n      two\n\n    b: x");
        let Value::Map(inner) = &items[0].value else { panic!("{items:?}") };
        assert_eq!(inner[0].value.value, Value::Text("one\ntwo\n".to_owned()));
        assert_eq!(&text[inner[0].value.start..inner[0].value.end], "one\n      two");
    }

    #[test]
    fn an_alias_stands_where_it_is_used() {
        let text = "a: &x [1, 2]\nb: *x\n";
        let entries = map(text);
        assert_eq!(&text[entries[1].value.start..entries[1].value.end], "*x");
        assert!(matches!(&entries[1].value.value, Value::List(items) if items.len() == 2));
    }

    #[test]
    fn broken_yaml_is_told_with_its_place_and_what_to_do() {
        for (text, place, message, hint) in [
            ("a:\n\t- b", "- b", "tabs disallowed", "indent with spaces"),
            ("a: b: c", ": c", "mapping values", "quotes"),
            ("a: 'x", "'x", "unclosed quote", "close the quotes"),
            ("a: {{ x }}", "{ x }}", "expected string scalar", "quotes"),
            ("a: *x", "*x", "this alias names no anchor", "quotes"),
            ("a: 1\n---\nb: 2", "b: 2", "a second document", "a file of its own"),
            ("a: !x y", "y", "tag", "quotes"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.message.contains(message), "{text}: {problem:?}");
            assert!(problem.hint.contains(hint), "{text}: {problem:?}");
            assert!(text[problem.at..].starts_with(place), "{text}: {:?}", &text[problem.at..]);
        }
    }

    #[test]
    fn bombs_and_depths_are_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(9);
            bomb += &format!("a{level}: &a{level} [{before}]\n");
        }
        assert!(parse(&bomb).unwrap_err().message.starts_with("aliases repeat"));
        for deep in ["[", "{a: ", "- ", "? "] {
            let problem = parse(&deep.repeat(100_000)).unwrap_err();
            assert_eq!(problem.message, Problem::too_deep(0).message, "{deep}");
        }
        let stairs: String = (0..400).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert_eq!(parse(&stairs).unwrap_err().message, Problem::too_deep(0).message);
        assert_eq!(within(&"- a\n".repeat(300), 100).unwrap_err().message, Problem::too_many(0).message);
        assert!(within(&"- a\n".repeat(100), 100).is_ok());
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(parse("").unwrap().value, Value::Null);
        assert_eq!(parse("# only words\n").unwrap().value, Value::Null);
    }
}
