//! The header of a document: its title, its authors, its revision, and its attributes.
//!
//! Invariant: a line that does not look like an author or a revision is text.

use super::{Parser, attributes, heading};
use crate::document::{Block, BlockKind, Heading, Pair, Span};

impl Parser<'_> {
    /// Reads the header, and says where the body begins.
    pub(super) fn header(&mut self, into: &mut Vec<Block>) -> usize {
        let end = self.rows.len();
        let mut at = 0;
        while at < end {
            let row = self.rows[at];
            if row.text.is_empty() {
                at += 1;
            } else if let Some(next) = self.unseen(at, end) {
                at = next;
            } else if let Some((1, title)) = heading(row.text) {
                let text = self.text(crate::markup::Row { number: row.number, text: title });
                into.push(Block {
                    span: Span::line(row.number),
                    kind: BlockKind::Heading(Heading { level: 1, text }),
                });
                return self.below_title(at + 1);
            } else {
                break;
            }
        }
        at
    }

    /// The lines right below the title.
    fn below_title(&mut self, mut at: usize) -> usize {
        let mut has_author = false;
        while at < self.rows.len() && !self.rows[at].text.is_empty() {
            let row = self.rows[at];
            if let Some(next) = self.unseen(at, self.rows.len()) {
                at = next;
            } else if !has_author && let Some(authors) = authors(row.text) {
                self.fact(row.number, "author", &authors);
                has_author = true;
                at += 1;
            } else if let Some(date) = revision(row.text) {
                self.fact(row.number, "revdate", date);
                at += 1;
            } else {
                break;
            }
        }
        at
    }

    /// Keeps what an attribute of the header tells.
    pub(super) fn fact(&mut self, number: usize, name: &str, value: &str) {
        let name = match name.to_lowercase().as_str() {
            "revdate" => "date".to_owned(),
            "doctitle" => "title".to_owned(),
            name => name.to_owned(),
        };
        if attributes::is_fact(&name) {
            self.facts.push(Pair { key: name, value: value.to_owned(), line: number });
        }
    }
}

/// The names in a line of authors.
fn authors(text: &str) -> Option<String> {
    let mut names = Vec::new();
    for author in text.split(';') {
        let name = author.split('<').next().unwrap_or(author).trim();
        let has_address = author.trim_end().ends_with('>') && author.contains('<');
        let words = name.split_whitespace().count();
        let is_name = name
            .split_whitespace()
            .all(|word| word.starts_with(char::is_uppercase) && !word.ends_with([':', ',']));
        if !(1..=4).contains(&words)
            || !is_name
            || words == 1 && !has_address
            || name.ends_with(['.', '!', '?'])
        {
            return None;
        }
        names.push(name);
    }
    Some(names.join(", "))
}

/// The date in a line such as `v1.2, 2026-05-03: after review`.
fn revision(text: &str) -> Option<&str> {
    let is_version = |text: &str| {
        text.strip_prefix('v').unwrap_or(text).starts_with(|c: char| c.is_ascii_digit()) && text.len() <= 80
    };
    if !is_version(text) {
        return None;
    }
    let date = match text.split_once(',') {
        Some((version, rest)) if version.len() <= 20 => rest,
        _ if text.starts_with('v') => return Some(text),
        _ => text,
    };
    let date = date.split_once(": ").map_or(date, |(date, _)| date).trim();
    (date.split_whitespace().count() <= 4).then_some(date)
}
