//! Bytes to text.
//!
//! Invariant: what cannot be text is refused with the reason; nothing is replaced silently.

use std::borrow::Cow;

use crate::Format;

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is nothing but white space.
    #[error("the document is empty")]
    Empty,
    /// It is no text: NUL bytes, or mostly control characters.
    #[error("the document is not text but binary data")]
    Binary,
    /// It is text in another encoding, or damaged.
    #[error("the document is not valid UTF-8 at byte {offset}")]
    NotUtf8 {
        /// Offset of the first bad byte.
        offset: usize,
    },
    /// It says that it is UTF-16 and is not.
    #[error("the document is not valid UTF-16 at byte {offset}")]
    NotUtf16 {
        /// Offset of the first bad unit.
        offset: usize,
    },
    /// It is larger than the limit of the options.
    #[error("the document has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// It is in our own format, and not as that has to be.
    #[error("line {line}, column {column}: {message}")]
    Structured {
        /// The 1-based line of the place.
        line: usize,
        /// The 1-based column of the place, in characters.
        column: usize,
        /// What is wrong there, as a sentence without a full stop.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// It is YAML or JSON of another kind: a configuration, an interface description, a lock file.
    #[error(
        "this {} file {found}, and is no incident report; one begins with {}",
        .format.as_str().to_uppercase(),
        if *.format == Format::Json { "`{{\"followup\": \"report\", \"version\": 1,`" } else { "`followup: report` and `version: 1`" }
    )]
    OtherSchema {
        /// The format.
        format: Format,
        /// What it is instead, to follow "this file".
        found: String,
    },
}

/// The text in the bytes: UTF-8 with or without a byte order mark, or UTF-16 with one.
pub(crate) fn decode(bytes: &[u8], limit: usize) -> Result<Cow<'_, str>, ReadError> {
    if bytes.len() > limit {
        return Err(ReadError::TooLarge { size: bytes.len(), limit });
    }
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(utf8(rest, 3)?),
        _ => Cow::Borrowed(utf8(bytes, 0)?),
    };
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    if is_control_heavy(text.as_bytes()) {
        return Err(ReadError::Binary);
    }
    Ok(text)
}

fn utf8(bytes: &[u8], skipped: usize) -> Result<&str, ReadError> {
    if bytes.contains(&0) {
        return Err(ReadError::Binary);
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to() + skipped;
        if is_control_heavy(bytes) { ReadError::Binary } else { ReadError::NotUtf8 { offset } }
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ReadError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = 2;
    for c in char::decode_utf16(units) {
        let c = c.map_err(|_| ReadError::NotUtf16 { offset })?;
        offset += 2 * c.len_utf16();
        text.push(c);
    }
    if bytes.len() % 2 == 1 {
        return Err(ReadError::NotUtf16 { offset });
    }
    if text.contains('\0') { Err(ReadError::Binary) } else { Ok(text) }
}

/// Whether more than a tenth of the bytes are control characters that text does not use.
fn is_control_heavy(bytes: &[u8]) -> bool {
    let controls =
        bytes.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)).count();
    controls * 10 > bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 100;

    #[test]
    fn text_in_its_usual_encodings() {
        assert_eq!(decode(b"fix it", LIMIT).unwrap(), "fix it");
        assert_eq!(decode(b"\xef\xbb\xbffix it", LIMIT).unwrap(), "fix it");
        assert_eq!(decode(b"\xff\xfef\0i\0x\0", LIMIT).unwrap(), "fix");
        assert_eq!(decode(b"\xfe\xff\0f\0i\0x", LIMIT).unwrap(), "fix");
    }

    #[test]
    fn every_refusal_names_its_case() {
        assert_eq!(decode(b" \n\t", LIMIT), Err(ReadError::Empty));
        assert_eq!(decode(b"", LIMIT), Err(ReadError::Empty));
        assert_eq!(decode(b"PK\x03\x04\0\0", LIMIT), Err(ReadError::Binary));
        assert_eq!(decode(b"\x01\x02\x03\x04abc", LIMIT), Err(ReadError::Binary));
        assert_eq!(decode(b"caf\xe9 au lait", LIMIT), Err(ReadError::NotUtf8 { offset: 3 }));
        assert_eq!(decode(b"\xef\xbb\xbfcaf\xe9", LIMIT), Err(ReadError::NotUtf8 { offset: 6 }));
        assert_eq!(decode(b"\xff\xfea\0\x00\xd8", LIMIT), Err(ReadError::NotUtf16 { offset: 4 }));
        assert_eq!(decode(b"\xff\xfea\0b", LIMIT), Err(ReadError::NotUtf16 { offset: 4 }));
        assert_eq!(decode(&[b'a'; 101], LIMIT), Err(ReadError::TooLarge { size: 101, limit: 100 }));
        let told = ReadError::NotUtf8 { offset: 3 }.to_string();
        assert_eq!(told, "the document is not valid UTF-8 at byte 3");
    }
}
