//! Bytes to text.
//!
//! UTF-8 and UTF-16 are told by their marks and patterns, others by what the document declares. What is none of
//! them is Western text from before Unicode: valid UTF-8 in it is taken as such, and each other byte as in
//! Windows-1252, with a warning.
//!
//! Invariant: what cannot be text is refused; what had to be guessed is told with the line of the first byte that
//! was not as declared.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::ReadError;
use crate::Warning;
use crate::source::Source;

/// Where a document may declare its encoding, in bytes from its beginning.
const HEAD: usize = 4_096;

/// The text in the bytes, and a warning when its encoding was guessed.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Warning>), ReadError> {
    let (text, warning) = match bytes {
        [0xff, 0xfe, rest @ ..] => (Cow::Owned(utf16(rest, 2, u16::from_le_bytes)?), None),
        [0xfe, 0xff, rest @ ..] => (Cow::Owned(utf16(rest, 2, u16::from_be_bytes)?), None),
        [0xef, 0xbb, 0xbf, rest @ ..] => eight_bits(rest, 3)?,
        _ if bytes.contains(&0) => match unmarked_utf16(bytes) {
            Some(text) => (Cow::Owned(text), None),
            None => return Err(ReadError::Binary),
        },
        _ => eight_bits(bytes, 0)?,
    };
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    if is_control_heavy(text.as_bytes()) {
        return Err(ReadError::Binary);
    }
    Ok((text, warning))
}

/// Text in an encoding of single bytes or of a varying number of them. So many bytes were skipped before it.
fn eight_bits(bytes: &[u8], skipped: usize) -> Result<(Cow<'_, str>, Option<Warning>), ReadError> {
    if bytes.contains(&0) {
        return Err(ReadError::Binary);
    }
    let declared = declared(bytes);
    let bad = match std::str::from_utf8(bytes) {
        // Escapes of seven bits look like ASCII.
        Ok(text)
            if declared.is_none_or(|encoding| encoding.is_ascii_compatible() || !bytes.contains(&0x1b)) =>
        {
            return Ok((Cow::Borrowed(text), None));
        }
        Ok(_) => 0,
        Err(error) => error.valid_up_to(),
    };
    if is_control_heavy(bytes) {
        return Err(ReadError::Binary);
    }
    if let Some(encoding) = declared.filter(|encoding| *encoding != UTF_8)
        && let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes)
    {
        return Ok((Cow::Owned(text.into_owned()), None));
    }
    let (text, guessed) = western(bytes);
    // Western text has a few letters beyond ASCII; where every other letter is one, it is something else.
    if guessed * 4 > bytes.len() {
        return Err(ReadError::NotUtf8 { offset: bad + skipped });
    }
    let line = Source::new(&text).place(bad).0;
    let message = match declared {
        Some(encoding) if encoding != UTF_8 => {
            format!("it is not in {}, as it says, and was read as Windows-1252", encoding.name())
        }
        _ => "it is not in UTF-8, and was read as Windows-1252".to_owned(),
    };
    Ok((Cow::Owned(text), Some(Warning { code: "encoding", message, line: Some(line) })))
}

/// The text with each byte that is not UTF-8 as in Windows-1252, and how many these were.
fn western(bytes: &[u8]) -> (String, usize) {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut guessed = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        guessed += chunk.invalid().len();
        if let Some(letters) =
            WINDOWS_1252.decode_without_bom_handling_and_without_replacement(chunk.invalid())
        {
            text.push_str(&letters);
        }
    }
    (text, guessed)
}

/// The encoding that a page or an XML document declares.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head: String = bytes.iter().take(HEAD).map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    let value = |text: &str| {
        let text = text.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        let end =
            text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(text.len());
        Some(text[..end].to_owned())
    };
    let in_declaration = || {
        let declaration = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?.0;
        value(declaration.split_once("encoding")?.1)
    };
    let in_meta = || {
        head.match_indices("<meta").find_map(|(at, _)| {
            let tag = head[at..].split_once('>')?.0;
            value(tag.split_once("charset")?.1)
        })
    };
    let label = in_declaration().or_else(in_meta)?;
    // A page that could be read so far is not in UTF-16, whatever it declares.
    Encoding::for_label(label.as_bytes()).filter(|encoding| ![UTF_16BE, UTF_16LE].contains(encoding))
}

/// UTF-16 without a mark: text in it has NUL bytes at every other place only.
fn unmarked_utf16(bytes: &[u8]) -> Option<String> {
    let mut nuls = [0_usize; 2];
    for (at, byte) in bytes.iter().enumerate() {
        nuls[at % 2] += usize::from(*byte == 0);
    }
    let [even, odd] = nuls;
    let is_plain = |many: usize, few: usize| many * 40 >= bytes.len() && few * 20 <= many;
    let text = if is_plain(odd, even) {
        utf16(bytes, 0, u16::from_le_bytes).ok()?
    } else if is_plain(even, odd) {
        utf16(bytes, 0, u16::from_be_bytes).ok()?
    } else {
        return None;
    };
    let odd_ones =
        text.chars().filter(|c| c.is_control() && !c.is_whitespace() || *c == char::REPLACEMENT_CHARACTER);
    (odd_ones.count() * 20 <= text.len()).then_some(text)
}

fn utf16(bytes: &[u8], skipped: usize, unit: fn([u8; 2]) -> u16) -> Result<String, ReadError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = skipped;
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
