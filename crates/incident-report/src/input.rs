//! Bytes to what can be read: text, or a Word document.
//!
//! What a document is, its bytes tell; its name is a hint, and where the two differ a warning says so. Formats
//! that are not read are recognised, so that the message can name what to do instead.
//!
//! Invariants: what cannot be read is refused with the reason; nothing is replaced silently.

mod encoding;
mod error;
mod kind;

use std::borrow::Cow;

pub use self::error::ReadError;

use self::kind::Kind;
use crate::docx::package::{Contents, Package};
use crate::docx::{self, Word};
use crate::{Format, Options, Warning};

/// What the bytes hold.
pub(crate) enum Input<'b> {
    /// Text in any format.
    Text(Cow<'b, str>),
    /// A Word document.
    Word(Box<Word>),
}

/// Finds out what the bytes are, and opens them.
pub(crate) fn open<'b>(bytes: &'b [u8], options: &Options) -> Result<(Input<'b>, Vec<Warning>), ReadError> {
    let limit = options.max_bytes;
    if bytes.len() > limit {
        return Err(ReadError::TooLarge { size: bytes.len(), limit });
    }
    match kind::of(bytes) {
        Kind::Unread(error) => Err(error),
        Kind::Zip => {
            let mut package = Package::open(bytes)?;
            match package.contents() {
                // Text shrinks to a fraction in a zip, so what is unpacked may be larger than a file may be.
                Contents::Word => {
                    let word = docx::read(&mut package, limit.saturating_mul(2))?;
                    if word.text.trim().is_empty() {
                        return Err(ReadError::Empty);
                    }
                    let warnings = wrong_ending(options, Format::Docx).into_iter().collect();
                    Ok((Input::Word(Box::new(word)), warnings))
                }
                Contents::Spreadsheet => Err(ReadError::Spreadsheet),
                Contents::Presentation => Err(ReadError::Presentation),
                Contents::OpenDocument => Err(ReadError::OpenDocument),
                Contents::Other => Err(ReadError::Archive),
            }
        }
        Kind::Text => {
            let (text, warning) = encoding::decode(bytes)?;
            Ok((Input::Text(text), warning.into_iter().collect()))
        }
    }
}

/// A warning when the name of a document tells of another format than its content. Only formats that cannot be
/// taken for each other count: any text may end in `.txt`.
pub(crate) fn wrong_ending(options: &Options, is: Format) -> Option<Warning> {
    if options.format.is_some() {
        return None;
    }
    let named = options.source.as_deref().and_then(Format::of_name)?;
    let differs = named != is
        && ([named, is].contains(&Format::Docx)
            || named == Format::Html
            || is == Format::Html && named != Format::Plain);
    differs.then(|| Warning {
        code: "wrong-extension",
        message: format!("the name says {}, and it is read as {}, which it is", named.title(), is.title()),
        line: None,
    })
}

#[cfg(test)]
mod tests;
