//! Reading reports from files, folders and standard input.
//!
//! Invariant: every source is read before anything is done with any of them, so one that cannot be read changes nothing.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use incident_report::{DEFAULT_MAX_BYTES, Options, ReadError};

use super::{App, CliError, output::Output};
use crate::import::Source;

/// The endings of files that a folder is searched for.
const ENDINGS: [&str; 3] = ["md", "markdown", "txt"];

/// The endings of formats that this version does not know; a file that is named is read all the same.
const UNREAD_ENDINGS: [&str; 9] =
    ["html", "htm", "rst", "adoc", "asciidoc", "mediawiki", "wiki", "org", "tex"];

/// A source that was read, and its name as the person wrote it.
pub(super) struct Named {
    pub(super) shown: String,
    /// The text in which the reading counts lines.
    pub(super) text: String,
    pub(super) source: Source,
}

/// Says what the reader was not sure of; programs find the same in the JSON.
pub(super) fn warn(output: &Output, read: &[Named]) {
    for named in read {
        for warning in &named.source.reading.warnings {
            let line = warning.line.map(|line| format!(", line {line}")).unwrap_or_default();
            output.talk(&format!("warning: {}{line}: {}", called(&named.shown), warning.message));
        }
    }
}

/// Reads all of `names`.
pub(super) fn read_all(app: &App, names: &[String]) -> Result<Vec<Named>, CliError> {
    let mut read = Vec::new();
    for name in names {
        if name == "-" {
            let bytes = read_standard_input()?;
            read.push(named(app, "-".to_owned(), "-".to_owned(), &bytes)?);
        } else if name.contains("://") || name.starts_with("github:") {
            return Err(CliError::bad_input(
                format!("{name}: this version reads files, folders and standard input only"),
                "save the report to a file, or pipe it in and name `-`",
            ));
        } else {
            for path in files(&app.folder, name)? {
                let absolute = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
                let shown = shown(&app.folder, &path);
                let bytes = read_file(&path, &shown)?;
                read.push(named(app, shown, absolute.display().to_string(), &bytes)?);
            }
        }
    }
    Ok(read)
}

fn named(app: &App, shown: String, name: String, bytes: &[u8]) -> Result<Named, CliError> {
    let options = Options {
        source: (shown != "-").then(|| shown.clone()),
        timezone: Some(app.config.timezone),
        ..Options::default()
    };
    let mut reading =
        incident_report::read_bytes(bytes, &options).map_err(|error| unreadable(&shown, &error))?;
    reading.warnings.extend(unknown_format(&shown, reading.report.format));
    let text = incident_report::text_of(bytes, &options).map_err(|error| unreadable(&shown, &error))?;
    Ok(Named {
        source: Source { name, digest: Source::digest_of(bytes), reading },
        text: text.into_owned(),
        shown,
    })
}

/// What to say of a file whose ending tells of a markup that is not read here.
fn unknown_format(shown: &str, read_as: incident_report::Format) -> Option<incident_report::Warning> {
    let ending = Path::new(shown).extension()?.to_string_lossy().to_lowercase();
    let read_as = if read_as == incident_report::Format::Markdown { "Markdown" } else { "plain text" };
    UNREAD_ENDINGS.contains(&ending.as_str()).then(|| incident_report::Warning {
        code: "unknown-format",
        message: format!("read as {read_as}: this version knows Markdown and plain text"),
        line: None,
    })
}

/// A file as people name it: from here, where it lies below.
fn shown(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

/// A source as messages call it.
fn called(shown: &str) -> &str {
    if shown == "-" { "standard input" } else { shown }
}

fn unreadable(shown: &str, error: &ReadError) -> CliError {
    let shown = called(shown);
    if let ReadError::TooLarge { size, limit } = error {
        let megabytes = |bytes: &usize| bytes.div_ceil(1 << 20);
        return CliError::bad_input(
            format!(
                "{shown}: {} MB are too much for a report; the limit is {} MB",
                megabytes(size),
                megabytes(limit)
            ),
            "take out what is embedded in it, or export it as plain text",
        );
    }
    let hint = match error {
        ReadError::Empty => "write the report first, or name another file",
        ReadError::Binary => "export the report as Markdown or plain text",
        ReadError::NotUtf8 { .. } | ReadError::NotUtf16 { .. } => "save the report as UTF-8",
        _ => "export the report as Markdown or plain text in UTF-8",
    };
    CliError::bad_input(format!("{shown}: {error}"), hint)
}

fn read_standard_input() -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let limit = DEFAULT_MAX_BYTES as u64 + 1;
    std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| {
        CliError::bad_input(format!("standard input: {error}"), "pipe the report in again")
    })?;
    Ok(bytes)
}

/// A file or folder that the system does not let us read.
fn refused(shown: &str, error: &std::io::Error) -> CliError {
    match error.kind() {
        ErrorKind::NotFound => CliError::bad_input(
            format!("there is no file {shown}"),
            "check the name; a path is taken from the folder you are in",
        ),
        ErrorKind::PermissionDenied => {
            CliError::bad_input(format!("{shown} may not be read"), "check its permissions")
        }
        _ => CliError::bad_input(format!("cannot read {shown}: {error}"), "check that it is a file"),
    }
}

fn read_file(path: &Path, shown: &str) -> Result<Vec<u8>, CliError> {
    let failed = |error: std::io::Error| refused(shown, &error);
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > DEFAULT_MAX_BYTES as u64 {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        return Err(unreadable(shown, &ReadError::TooLarge { size, limit: DEFAULT_MAX_BYTES }));
    }
    // What is no regular file has no size, and may never end.
    let mut bytes = Vec::new();
    let limit = DEFAULT_MAX_BYTES as u64 + 1;
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

/// The file itself, or every report in a folder and below it, in the order of their names.
fn files(here: &Path, name: &str) -> Result<Vec<PathBuf>, CliError> {
    let failed = |path: &Path, error: std::io::Error| refused(&shown(here, path), &error);
    let path = here.join(name);
    if !fs::metadata(&path).map_err(|error| failed(&path, error))?.is_dir() {
        return Ok(vec![path]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
            let entry = entry.map_err(|error| failed(&folder, error))?;
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            let kind = entry.file_type().map_err(|error| failed(&entry.path(), error))?;
            let ending = entry.path().extension().map(|ending| ending.to_string_lossy().to_lowercase());
            // Links are not followed: a link to a parent folder would never end.
            if kind.is_dir() && !is_hidden {
                folders.push(entry.path());
            } else if kind.is_file()
                && !is_hidden
                && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
            {
                found.push(entry.path());
            }
        }
    }
    if found.is_empty() {
        return Err(CliError::bad_input(
            format!("there is no report in the folder {name}"),
            "reports are files that end in .md, .markdown or .txt",
        ));
    }
    found.sort();
    Ok(found)
}
