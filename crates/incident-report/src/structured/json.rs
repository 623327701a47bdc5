//! JSON to values with their places.
//!
//! Invariant: the library checks the syntax and finds where values end; here only the places are kept. Each
//! level of nesting is read once more by the level above it, so the time is linear for a bounded depth.

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::tree::{Entry, MAX_DEPTH, MAX_VALUES, Node, Problem, Value};

/// Parses a JSON document.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| problem(&error, text, 0))?;
    Parser { text, left: MAX_VALUES }.node(raw, 0)
}

struct Parser<'t> {
    text: &'t str,
    /// How many values there may still be.
    left: usize,
}

impl<'t> Parser<'t> {
    fn node(&mut self, raw: &'t RawValue, depth: usize) -> Result<Node, Problem> {
        let written = raw.get();
        let start = self.offset(written);
        if depth > MAX_DEPTH {
            return Err(Problem::too_deep(start));
        }
        let failed = |error: &serde_json::Error| problem(error, written, start);
        let value = match written.as_bytes().first() {
            Some(b'{') => {
                let pairs = self.parts(written, Pairs { left: self.left })?;
                self.left -= pairs.len();
                let mut entries = Vec::with_capacity(pairs.len());
                for (key, value) in pairs {
                    let at = self.offset(key.get());
                    let key =
                        serde_json::from_str(key.get()).map_err(|error| problem(&error, key.get(), at))?;
                    entries.push(Entry { key, at, value: self.node(value, depth + 1)? });
                }
                Value::Map(entries)
            }
            Some(b'[') => {
                let items = self.parts(written, Items { left: self.left })?;
                self.left -= items.len();
                let nodes: Result<_, _> = items.into_iter().map(|item| self.node(item, depth + 1)).collect();
                Value::List(nodes?)
            }
            Some(b'"') => Value::Text(serde_json::from_str(written).map_err(|error| failed(&error))?),
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'n') => Value::Null,
            _ => Value::Number(written.to_owned()),
        };
        Ok(Node { value, start, end: start + written.len() })
    }

    /// The parts of a list or a map.
    fn parts<T>(
        &self,
        written: &'t str,
        seed: impl DeserializeSeed<'t, Value = Vec<T>>,
    ) -> Result<Vec<T>, Problem> {
        let start = self.offset(written);
        let mut reader = serde_json::Deserializer::from_str(written);
        // The syntax was checked before: only the number of values is left to fail.
        seed.deserialize(&mut reader).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Problem::too_many(start),
            _ => problem(&error, written, start),
        })
    }

    /// Where a slice of the text begins in it.
    fn offset(&self, slice: &str) -> usize {
        slice.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }
}

/// What the library says about a part of the text that begins at `start`.
fn problem(error: &serde_json::Error, part: &str, start: usize) -> Problem {
    let line =
        part.split('\n').take(error.line().saturating_sub(1)).map(|line| line.len() + 1).sum::<usize>();
    let at = (line + error.column().saturating_sub(1)).min(part.len());
    let told = error.to_string();
    let mut message = told.split(" at line ").next().unwrap_or(&told);
    let before = part.get(..at).unwrap_or("").trim_end();
    if before.ends_with(',') && part[before.len()..].trim_start().starts_with(['}', ']']) {
        message = "trailing comma";
    }
    let hint = match message {
        "trailing comma" => "take out the comma before the closing bracket",
        "trailing characters" => "a file holds one document: take out what stands behind its last bracket",
        "key must be a string" => "put every key in double quotes; JSON has no comments",
        _ if message.starts_with("EOF") => "the file ends too early: save or export it again",
        _ if message.contains("control character") => "write a line break inside text as \\n",
        _ => "check commas, quotes, and brackets before this place",
    };
    Problem::new(start + at, format!("this is no valid JSON: {message}"), hint)
}

/// The keys and values of a map, at most so many.
struct Pairs {
    left: usize,
}

impl<'de> DeserializeSeed<'de> for Pairs {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            if pairs.len() == self.left {
                return Err(A::Error::custom("too many values"));
            }
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

/// The values of a list, at most so many.
struct Items {
    left: usize,
}

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == self.left {
                return Err(A::Error::custom("too many values"));
            }
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_where_it_stands() {
        let text = "\n{\"é\": [1.50, \"a\\n\u{e9}\", null],\r\n \"b\" : {\"c\":true}}\n";
        let node = parse(text).unwrap();
        let Value::Map(entries) = &node.value else { panic!("{node:?}") };
        assert_eq!(&text[entries[1].at..entries[1].at + 3], "\"b\"");
        let Value::List(items) = &entries[0].value.value else { panic!("{entries:?}") };
        assert_eq!(items[0].value, Value::Number("1.50".to_owned()));
        assert_eq!(&text[items[1].start..items[1].end], "\"a\\n\u{e9}\"");
        assert_eq!(items[1].value, Value::Text("a\n\u{e9}".to_owned()));
        assert_eq!(&text[entries[1].value.start..entries[1].value.end], "{\"c\":true}");
    }

    #[test]
    fn broken_json_is_told_with_its_place() {
        for (text, at, message) in [
            ("{\"a\": 1,}", 8, "trailing comma"),
            ("[1,\n]", 4, "trailing comma"),
            ("{\"a\": 1\n \"b\": 2}", 9, "expected `,` or `}`"),
            ("{a: 1}", 1, "key must be a string"),
            ("{\"a\": \"x", 7, "EOF while parsing a string"),
            ("{} {}", 3, "trailing characters"),
            ("{\"a\": \"\\ud83d\"}", 13, "unexpected end of hex escape"),
        ] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.message, format!("this is no valid JSON: {message}"), "{text}");
            assert_eq!(problem.at, at, "{text}");
            assert!(!problem.hint.is_empty());
        }
    }

    #[test]
    fn what_is_too_deep_or_too_much_is_refused() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(&deep).unwrap_err(), Problem::too_deep(MAX_DEPTH + 1));
        assert!(parse(&"[".repeat(100_000)).unwrap_err().message.contains("EOF"));
        let much = format!("[{}1]", "1,".repeat(MAX_VALUES));
        assert_eq!(parse(&much).unwrap_err(), Problem::too_many(0));
        let many = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(MAX_VALUES));
        assert_eq!(parse(&many).unwrap_err(), Problem::too_many(0));
        assert!(parse(&format!("[{}1]", "1,".repeat(MAX_VALUES - 1))).is_ok());
    }
}
