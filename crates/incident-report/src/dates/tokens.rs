//! Words, numbers, and marks of a text, for the date and clock grammars.
//!
//! Invariant: tokens are in order, do not overlap, and letters never share a token with digits.

use std::borrow::Cow;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    /// Letters, lower-cased.
    Word(Cow<'t, str>),
    /// At most nine digits: the value and how many digits it has.
    Number(u32, usize),
    /// Any other character.
    Mark(char),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether white space stands before it.
    pub(super) spaced: bool,
}

impl Token<'_> {
    /// The word, if it is one.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub(super) fn number(&self) -> Option<(u32, usize)> {
        match self.kind {
            Kind::Number(value, digits) => Some((value, digits)),
            _ => None,
        }
    }

    /// Whether it is this mark.
    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }
}

/// The tokens of a text, at most `limit` of them and one more to show that there are more.
pub(super) fn tokens(text: &str, limit: usize) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut spaced = true;
    while let Some((start, c)) = chars.next() {
        if tokens.len() > limit {
            break;
        }
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let mut end = start + c.len_utf8();
        let kind = if c.is_ascii_digit() {
            while let Some((at, next)) = chars.next_if(|(_, next)| next.is_ascii_digit()) {
                end = at + next.len_utf8();
            }
            let digits = &text[start..end];
            match digits.parse() {
                Ok(value) if digits.len() <= 9 => Kind::Number(value, digits.len()),
                // A number this long is part of no date.
                _ => Kind::Mark('0'),
            }
        } else if c.is_alphabetic() {
            while let Some((at, next)) = chars.next_if(|(_, next)| next.is_alphabetic()) {
                end = at + next.len_utf8();
            }
            Kind::Word(lower(&text[start..end]))
        } else {
            Kind::Mark(c)
        };
        tokens.push(Token { kind, start, end, spaced });
        spaced = false;
    }
    tokens
}

fn lower(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii_lowercase()) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase())
    }
}
