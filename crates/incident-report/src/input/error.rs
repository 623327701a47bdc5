//! Why a document cannot be read.
//!
//! Invariant: each error says what the document is or where it is wrong, and has a next step of its own.

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
        if *.format == Format::Json { "`{\"followup\": \"report\", \"version\": 1,`" } else { "`followup: report` and `version: 1`" }
    )]
    OtherSchema {
        /// The format.
        format: Format,
        /// What it is instead, to follow "this file".
        found: String,
    },
    /// It is an Office document with a password.
    #[error("the document is encrypted with a password")]
    Encrypted,
    /// It is a Word document in the format before DOCX.
    #[error("the document is an old Word document (.doc)")]
    OldWord,
    /// It is a PDF.
    #[error("the document is a PDF")]
    Pdf,
    /// It is Rich Text.
    #[error("the document is in Rich Text Format (RTF)")]
    Rtf,
    /// It is an OpenDocument text.
    #[error("the document is an OpenDocument file (.odt)")]
    OpenDocument,
    /// It is a table of Excel or the like.
    #[error("the document is a spreadsheet")]
    Spreadsheet,
    /// It is a set of slides.
    #[error("the document is a presentation")]
    Presentation,
    /// It is a picture.
    #[error("the document is a picture ({name})")]
    Picture {
        /// The name of its format.
        name: &'static str,
    },
    /// It is a page with all that belongs to it in the form of a mail, as Confluence exports "to Word".
    #[error("the document is a web archive (MHTML), whatever its name says")]
    WebArchive,
    /// It is a mail of Outlook.
    #[error("the document is an Outlook message (.msg)")]
    Message,
    /// It is a compressed file, or a zip of other things.
    #[error("the document is an archive of files")]
    Archive,
    /// It is a Word document and damaged.
    #[error("the Word document is damaged: {part}{}: {message}", .byte.map(|byte| format!(", byte {byte}")).unwrap_or_default())]
    DamagedWord {
        /// The part of the zip that is wrong.
        part: String,
        /// The place in it, where there is one.
        byte: Option<u64>,
        /// What is wrong there.
        message: String,
    },
    /// A part of a Word document is too large when it is unpacked.
    #[error("the Word document has more than {limit} bytes in {part}")]
    PartTooLarge {
        /// The part of the zip.
        part: String,
        /// The limit in bytes.
        limit: usize,
    },
}

impl ReadError {
    /// What to do about it, as a clause that follows a colon.
    pub fn hint(&self) -> &str {
        match self {
            Self::Empty => "write the report first, or name another file",
            Self::Binary => "export the report as DOCX, HTML, Markdown, or plain text",
            Self::NotUtf8 { .. } | Self::NotUtf16 { .. } => "save the report as UTF-8",
            Self::TooLarge { .. } | Self::PartTooLarge { .. } => {
                "take out what is embedded in it, or export it as plain text"
            }
            Self::Structured { hint, .. } => hint,
            Self::OtherSchema { .. } => "name the report itself, or put these first lines into it",
            Self::Encrypted => "remove the password and save it again",
            Self::OldWord => "open it and save it as DOCX",
            Self::Pdf => "export it as DOCX, HTML, or Markdown where it was written",
            Self::Rtf | Self::OpenDocument => "open it and save it as DOCX or HTML",
            Self::Spreadsheet => "put its rows into a table of the report, or into our own format in YAML",
            Self::Presentation => "write its text into a document",
            Self::Picture { .. } => "write its text into a document",
            Self::WebArchive => "open it in a browser or in Word and save it as HTML or DOCX",
            Self::Message => "save the mail as HTML or plain text",
            Self::Archive => "unpack it and name the report in it",
            Self::DamagedWord { .. } => "open it in Word, which can often repair it, and save it again",
        }
    }
}
