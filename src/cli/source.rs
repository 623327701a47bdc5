//! Reading reports from files, folders and standard input.
//!
//! Invariant: every source is read before anything is done with any of them, so one that cannot be read changes nothing.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use incident_report::{DEFAULT_MAX_BYTES, Options, ReadError};

use super::{App, CliError};
use crate::import::Source;

/// The endings of files that a folder is searched for.
const ENDINGS: [&str; 3] = ["md", "markdown", "txt"];

/// A source that was read, and its name as the person wrote it.
pub(super) struct Named {
    pub(super) shown: String,
    pub(super) source: Source,
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
            for path in files(&app.folder.join(name))? {
                let bytes = read_file(&path)?;
                let absolute = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
                let shown = path.strip_prefix(&app.folder).unwrap_or(&path);
                read.push(named(app, shown.display().to_string(), absolute.display().to_string(), &bytes)?);
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
    let reading = incident_report::read_bytes(bytes, &options).map_err(|error| unreadable(&shown, &error))?;
    Ok(Named { source: Source { name, digest: Source::digest_of(bytes), reading }, shown })
}

fn unreadable(shown: &str, error: &ReadError) -> CliError {
    let hint = match error {
        ReadError::Empty => "write the report first, or name another file",
        ReadError::Binary => "export the report as Markdown or plain text",
        ReadError::NotUtf8 { .. } | ReadError::NotUtf16 { .. } => "save the report as UTF-8",
        ReadError::TooLarge { .. } => "a report is a text; take out what is embedded in it",
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

fn read_file(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |error: std::io::Error| {
        CliError::bad_input(format!("{}: {error}", path.display()), "check the path and its permissions")
    };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > DEFAULT_MAX_BYTES as u64 {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        return Err(unreadable(
            &path.display().to_string(),
            &ReadError::TooLarge { size, limit: DEFAULT_MAX_BYTES },
        ));
    }
    fs::read(path).map_err(failed)
}

/// The file itself, or every report in a folder and below it, in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |path: &Path, error: std::io::Error| {
        CliError::bad_input(format!("{}: {error}", path.display()), "check the path and its permissions")
    };
    if !fs::metadata(path).map_err(|error| failed(path, error))?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
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
            format!("{}: there is no report in this folder", path.display()),
            "reports are files that end in .md, .markdown or .txt",
        ));
    }
    found.sort();
    Ok(found)
}
