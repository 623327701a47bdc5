//! Titles: a line of text with punctuation below it, and perhaps above it.
//!
//! Invariant: the levels come in the order in which the document first uses each style.

use super::{Row, bullet};

/// The styles of titles seen so far, outermost first: the character, and whether it stands above too.
#[derive(Debug, Default)]
pub(super) struct Titles {
    styles: Vec<(char, bool)>,
}

impl Titles {
    /// The title that begins in the first row: which row holds its text, its level, and how many rows it takes.
    /// Punctuation that stands alone between blank lines is a transition, and has no level.
    pub(super) fn at(&mut self, rows: &[Row<'_>], base: usize) -> Option<(usize, Option<u8>, usize)> {
        if let Some(mark) = adornment(rows[0].text) {
            let over = rows[0].text.len();
            if let [_, title, under, ..] = rows {
                let is_framed = !title.is_blank()
                    && under.indent == base
                    && under.text.len() == over
                    && adornment(under.text) == Some(mark)
                    && adornment(title.text).is_none();
                if is_framed {
                    return Some((1, Some(self.level((mark, true))), 3));
                }
            }
            let is_transition = over >= 4 && rows.get(1).is_none_or(Row::is_blank);
            return is_transition.then_some((0, None, 1));
        }
        if !is_underlined(rows) || rows[1].indent != base {
            return None;
        }
        let mark = adornment(rows[1].text)?;
        Some((0, Some(self.level((mark, false))), 2))
    }

    fn level(&mut self, style: (char, bool)) -> u8 {
        let at = self.styles.iter().position(|known| *known == style).unwrap_or_else(|| {
            self.styles.push(style);
            self.styles.len() - 1
        });
        u8::try_from(at + 1).unwrap_or(u8::MAX).min(6)
    }
}

/// Whether the first row is a text that the second underlines.
pub(super) fn is_underlined(rows: &[Row<'_>]) -> bool {
    let [title, under, ..] = rows else { return false };
    let long_enough = || {
        let length = under.text.len();
        length >= 4 || length >= title.text.chars().count()
    };
    adornment(under.text).is_some()
        && !title.is_blank()
        && adornment(title.text).is_none()
        && !title.text.starts_with(".. ")
        && bullet(title.text).is_none()
        && long_enough()
}

/// The character of a row that is nothing but at least two of the same punctuation character.
fn adornment(text: &str) -> Option<char> {
    let mark = text.chars().next().filter(char::is_ascii_punctuation)?;
    (text.len() >= 2 && text != "::" && text != ".." && text.bytes().all(|byte| char::from(byte) == mark))
        .then_some(mark)
}
