//! The attributes of a document, and the lists of attributes in front of blocks.
//!
//! Invariant: the value of an attribute is resolved once, where it is set, and what references add is paid from
//! a budget; a name that is not set stays as it is written.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::markup::Budget;

/// The longest name of an attribute, in bytes.
const MAX_NAME: usize = 60;

/// Attributes that every document has.
const BUILT_IN: [(&str, &str); 34] = [
    ("nbsp", " "),
    ("sp", " "),
    ("empty", ""),
    ("blank", ""),
    ("zwsp", ""),
    ("wj", ""),
    ("plus", "+"),
    ("asterisk", "*"),
    ("backtick", "`"),
    ("caret", "^"),
    ("tilde", "~"),
    ("startsb", "["),
    ("endsb", "]"),
    ("vbar", "|"),
    ("lt", "<"),
    ("gt", ">"),
    ("amp", "&"),
    ("apos", "'"),
    ("quot", "\""),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("deg", "°"),
    ("backslash", "\\"),
    ("two-colons", "::"),
    ("two-semicolons", ";;"),
    ("cpp", "C++"),
    ("pp", "++"),
    ("hyphen", "-"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("ellipsis", "…"),
    ("brvbar", "¦"),
];

/// Attributes that say how the document is shown.
const LAYOUT: [&str; 27] = [
    "toc",
    "icons",
    "source-highlighter",
    "sectnums",
    "sectanchors",
    "sectlinks",
    "sectnumlevels",
    "toclevels",
    "toc-title",
    "imagesdir",
    "experimental",
    "doctype",
    "idprefix",
    "idseparator",
    "stylesheet",
    "stylesdir",
    "linkcss",
    "data-uri",
    "nofooter",
    "noheader",
    "hide-uri-scheme",
    "encoding",
    "page-layout",
    "page-aliases",
    "numbered",
    "url-repo",
    "reproducible",
];

/// The attributes of a document.
#[derive(Debug)]
pub(super) struct Attributes {
    set: HashMap<String, String>,
    budget: Budget,
}

impl Attributes {
    pub(super) fn new(size: usize) -> Self {
        Self { set: HashMap::new(), budget: Budget::new(size) }
    }

    pub(super) fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    /// Sets an attribute; `None` takes it away.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        let name = name.to_lowercase();
        match value {
            Some(value) => {
                self.set.insert(name, value);
            }
            None => {
                self.set.remove(&name);
            }
        }
    }

    /// The text with the attributes that are known in the place of their names.
    pub(super) fn resolve<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if !text.contains('{') {
            return Cow::Borrowed(text);
        }
        let mut resolved = String::new();
        let mut from = 0;
        let mut at = 0;
        while let Some(found) = text[at..].find('{') {
            let open = at + found;
            at = open + 1;
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let length = text.as_bytes()[at..].iter().take(MAX_NAME).take_while(|byte| is_name(byte)).count();
            if length == 0 || !text[at + length..].starts_with('}') {
                continue;
            }
            let name = text[at..at + length].to_lowercase();
            if text[..open].ends_with('\\') {
                resolved.push_str(&text[from..open - 1]);
                from = open;
            } else if let Some(value) = self.value(&name) {
                resolved.push_str(&text[from..open]);
                resolved.push_str(&value);
                from = at + length + 1;
            }
            at += length + 1;
        }
        resolved.push_str(&text[from..]);
        Cow::Owned(resolved)
    }

    fn value(&mut self, name: &str) -> Option<String> {
        let built_in = || BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let value = self.set.get(name).map(String::as_str).or_else(built_in)?;
        self.budget.take(value.len()).then(|| value.to_owned())
    }
}

/// Whether an attribute may tell something about the incident.
pub(super) fn is_fact(name: &str) -> bool {
    !LAYOUT.contains(&name) && !name.ends_with("dir") && !name.starts_with("url-")
}

/// An attribute entry: the name, and the value unless it is taken away.
pub(super) fn entry(line: &str) -> Option<(&str, Option<&str>)> {
    let rest = line.strip_prefix(':')?;
    let (name, value) = rest.split_once(':')?;
    let (name, is_unset) = match name.strip_prefix('!').or_else(|| name.strip_suffix('!')) {
        Some(name) => (name, true),
        None => (name, false),
    };
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (!name.is_empty() && is_name && (value.is_empty() || value.starts_with(' ')))
        .then(|| (name, (!is_unset).then(|| value.trim())))
}

/// What stands in brackets in front of a block.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockAttributes {
    /// The first word: the style of the block, in lower case.
    pub(super) style: String,
    /// All of it.
    pub(super) all: String,
}

impl BlockAttributes {
    /// The attributes of a line that holds nothing else.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        let inner = line.strip_prefix('[')?.strip_suffix(']')?;
        if inner.starts_with('[') {
            return inner.ends_with(']').then(Self::default);
        }
        let is_start = inner
            .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '#' | '%' | '"' | '{' | ','));
        if !(is_start || inner.is_empty()) || inner.contains(['[', ']']) {
            return None;
        }
        let style = inner.split([',', '%', '.', '#']).next().unwrap_or_default().trim().to_lowercase();
        Some(Self { style: if style.contains('=') { String::new() } else { style }, all: inner.to_owned() })
    }

    /// Adds those of a further line.
    pub(super) fn merge(&mut self, other: Self) {
        if !other.style.is_empty() {
            self.style = other.style;
        }
        self.all.push(',');
        self.all.push_str(&other.all);
    }

    /// Whether an option is set: `%name`, or `options="name"`.
    pub(super) fn has(&self, option: &str) -> bool {
        let short = self.all.split(['%', ',', '.', '#']).skip(1).any(|part| part.trim() == option);
        let listed =
            |key: &str| self.value(key).is_some_and(|value| value.split(',').any(|one| one.trim() == option));
        short && self.all.contains(&format!("%{option}")) || listed("options") || listed("opts")
    }

    /// The value of a named attribute.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let mut rest = self.all.as_str();
        loop {
            let at = rest.find(name)?;
            let is_start = rest[..at].trim_end().is_empty() || rest[..at].trim_end().ends_with(',');
            let value = rest[at + name.len()..].trim_start().strip_prefix('=').filter(|_| is_start);
            if let Some(value) = value.map(str::trim_start) {
                return Some(match value.strip_prefix('"') {
                    Some(quoted) => quoted.split('"').next().unwrap_or(quoted),
                    None => value.split(',').next().unwrap_or(value).trim(),
                });
            }
            rest = &rest[at + name.len()..];
        }
    }
}
