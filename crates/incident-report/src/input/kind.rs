//! What bytes are, by the marks that formats begin with.
//!
//! Invariant: a mark decides only where text cannot begin with it.

use super::ReadError;
use crate::docx::package::find;

/// What bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, or something unknown.
    Text,
    /// A zip, such as a Word document.
    Zip,
    /// Something that is not read.
    Unread(ReadError),
}

/// What the bytes are.
pub(super) fn of(bytes: &[u8]) -> Kind {
    let begins = |mark: &[u8]| bytes.starts_with(mark);
    if ["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"].iter().any(|mark| begins(mark.as_bytes())) {
        return Kind::Zip;
    }
    let head = &bytes[..bytes.len().min(1_024)];
    let error = if begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        compound(bytes)
    } else if find(head, b"%PDF-") && !head.is_ascii() || begins(b"%PDF-") {
        ReadError::Pdf
    } else if begins(b"{\\rtf") {
        ReadError::Rtf
    } else if let Some(name) = picture(bytes) {
        ReadError::Picture { name }
    } else if begins(b"MIME-Version:") && find(head, b"multipart/related") {
        ReadError::WebArchive
    } else if [&b"\x1f\x8b"[..], b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh9", b"\xfd7zXZ\0"]
        .iter()
        .any(|mark| begins(mark))
    {
        ReadError::Archive
    } else {
        return Kind::Text;
    };
    Kind::Unread(error)
}

/// What is in a compound file, the container of Office before 2007 and of encrypted documents since, by the
/// names in its directory.
fn compound(bytes: &[u8]) -> ReadError {
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(bytes, &name)
    };
    if has("EncryptedPackage") {
        ReadError::Encrypted
    } else if has("WordDocument") {
        ReadError::OldWord
    } else if has("Workbook") {
        ReadError::Spreadsheet
    } else if has("PowerPoint Document") {
        ReadError::Presentation
    } else if has("__properties_version1.0") {
        ReadError::Message
    } else {
        ReadError::Binary
    }
}

/// The name of the format of a picture.
fn picture(bytes: &[u8]) -> Option<&'static str> {
    let begins = |mark: &[u8]| bytes.starts_with(mark);
    let holds = |at: usize, mark: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(mark));
    let has_nul = bytes[..bytes.len().min(64)].contains(&0);
    match () {
        () if begins(b"\x89PNG\r\n\x1a\n") => Some("PNG"),
        () if begins(b"\xff\xd8\xff") => Some("JPEG"),
        () if begins(b"GIF87a") || begins(b"GIF89a") => Some("GIF"),
        () if begins(b"RIFF") && holds(8, b"WEBP") => Some("WebP"),
        () if begins(b"II*\0") || begins(b"MM\0*") => Some("TIFF"),
        () if begins(b"BM") && has_nul => Some("BMP"),
        () if holds(4, b"ftyphe") || holds(4, b"ftypmif1") || holds(4, b"ftypavif") => Some("HEIF"),
        () => None,
    }
}
