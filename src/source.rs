//! Where reports come from: files, folders and patterns, standard input, addresses of the web, issues of a GitHub.
//!
//! Invariants:
//! * Everything that is named is looked at before anything is done with any of it, and whoever named it learns of every
//!   source that cannot be read, not only of the first. Nothing is passed over in silence.
//! * Only what is named is asked for on the network, and never an address inside unless the configuration says so.
//! * The name under which a report is kept does not depend on how it was written, and holds nothing that lets anybody in.

mod address;
mod files;
mod issue;
mod place;
mod resolve;
mod web;

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use chrono_tz::Tz;
use incident_report::{Format, Options, ReadError, Warning};
use url::Url;

pub use self::{
    address::{Allowed, NotPublic},
    files::FileError,
    issue::IssueError,
    place::{IssuePlace, PlaceError},
    web::{Settings as WebSettings, WebError},
};
use self::{
    place::Place,
    web::{Page, Web},
};
use crate::{
    import::Source,
    tracker::{
        TrackerError,
        github::{self, Credentials},
    },
};

/// The endings of markups that may not be known here; a file that is named is read all the same.
const MARKUP_ENDINGS: [&str; 9] =
    ["adoc", "asciidoc", "htm", "html", "mediawiki", "org", "rst", "tex", "wiki"];

/// Why a source is not read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// What was named is no source.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A file, a folder or a pattern.
    #[error(transparent)]
    File(#[from] FileError),
    /// Standard input breaks off.
    #[error("standard input: {0}")]
    StandardInput(std::io::Error),
    /// An address.
    #[error("{shown}: {error}{}", cause(error))]
    Web {
        /// The address, without what lets anybody in.
        shown: String,
        /// What went wrong.
        error: WebError,
    },
    /// An issue that is no report.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The tracker of an issue.
    #[error("{error}")]
    Tracker {
        /// What went wrong.
        error: TrackerError,
        /// Whether a token was sent.
        has_token: bool,
    },
    /// What to sign in with cannot be used.
    #[error("{message}")]
    Credentials {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// What came is no report.
    #[error("{shown}: {error}{}", what(content_type.as_deref()))]
    Unreadable {
        /// The source, as messages call it.
        shown: String,
        /// What went wrong.
        error: ReadError,
        /// What a server said that it is.
        content_type: Option<String>,
    },
}

/// Why an address that a page leads to is refused.
fn cause(error: &WebError) -> String {
    std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default()
}

/// What a server said that came.
fn what(content_type: Option<&str>) -> String {
    content_type.map(|content_type| format!(" (the server says {content_type})")).unwrap_or_default()
}

impl SourceError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Place(error) => error.hint().to_owned(),
            Self::File(error) => error.hint(),
            Self::StandardInput(_) => "pipe the report in again".to_owned(),
            Self::Web { error, .. } => error.hint(),
            Self::Issue(error) => error.hint().to_owned(),
            Self::Tracker { error: error @ TrackerError::RateLimited { .. }, has_token: false } => {
                format!("set GH_TOKEN, because more is allowed with it; or {}", error.hint())
            }
            Self::Tracker { error, .. } => error.hint(),
            Self::Credentials { hint, .. } => hint.clone(),
            Self::Unreadable { error, .. } => error.hint().to_owned(),
        }
    }
}

/// Gives what to sign in with at the GitHub with this API, where there is something.
pub type CredentialsOf<'a> = dyn Fn(&str) -> Result<Option<Credentials>, SourceError> + 'a;

/// How sources are read.
pub struct Sources<'a> {
    /// The folder that relative names count from.
    pub here: PathBuf,
    /// The format of all of them; told by their names and contents when not given.
    pub format: Option<Format>,
    /// The zone of times written without one.
    pub timezone: Tz,
    /// How addresses are fetched.
    pub web: WebSettings,
    /// The root of the API of the configured GitHub.
    pub api_url: String,
    /// How long GitHub may take to answer.
    pub request_timeout: std::time::Duration,
    /// What to sign in with.
    pub credentials_of: &'a CredentialsOf<'a>,
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sources")
            .field("here", &self.here)
            .field("web", &self.web)
            .finish_non_exhaustive()
    }
}

/// A report that was read.
#[derive(Debug)]
pub struct Fetched {
    /// Its source as the person named it.
    pub shown: String,
    /// The text in which the reading counts lines.
    pub text: String,
    /// What to import.
    pub source: Source,
}

/// Everything that became of the sources that were named.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What could be read, in the order in which it was named.
    pub read: Vec<Fetched>,
    /// What could not.
    pub failures: Vec<SourceError>,
    /// What a person should know, a sentence each.
    pub notes: Vec<String>,
}

impl Sources<'_> {
    /// Reads all that `names` name.
    pub async fn read_all(&self, names: &[String]) -> Outcome {
        let mut outcome = Outcome::default();
        let mut web = None;
        let mut githubs = HashMap::new();
        let mut known = HashSet::new();
        for name in names {
            let read = match Place::parse(name, &self.api_url) {
                Ok(Place::StandardInput) => self.standard_input(),
                Ok(Place::Path(path)) => {
                    self.files(&path, &mut known, &mut outcome);
                    continue;
                }
                Ok(Place::Address(url)) => self.address(&url, &mut web).await,
                Ok(Place::Issue(place)) => self.issue(name, &place, &mut githubs, &mut outcome.notes).await,
                Err(error) => Err(error.into()),
            };
            match read {
                Ok(read) => outcome.read.push(read),
                Err(error) => outcome.failures.push(error),
            }
        }
        outcome
    }

    fn options(&self, shown: Option<&str>, format: Option<Format>) -> Options {
        Options {
            format: self.format.or(format),
            source: shown.map(str::to_owned),
            timezone: Some(self.timezone),
            ..Options::default()
        }
    }

    fn standard_input(&self) -> Result<Fetched, SourceError> {
        let mut bytes = Vec::new();
        let limit = self.web.max_bytes as u64 + 1;
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(SourceError::StandardInput)?;
        let mut fetched = fetched("-".to_owned(), "-".to_owned(), &bytes, &self.options(None, None), None)?;
        fetched.source.extracted_from = self.origin(&fetched, None);
        Ok(fetched)
    }

    /// Files are found once, however many folders and patterns they are in.
    fn files(&self, name: &str, known: &mut HashSet<PathBuf>, outcome: &mut Outcome) {
        let search = files::search(&self.here, name);
        let mut is_nothing = search.failures.is_empty();
        outcome.failures.extend(search.failures.into_iter().map(SourceError::from));
        outcome.notes.extend(self.left_out(&search.left_out));
        for path in search.files {
            let absolute = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            let is_known = !known.insert(absolute.clone());
            let read = if search.is_found {
                if is_known {
                    is_nothing = false;
                    continue;
                }
                self.found(&path, &absolute)
            } else {
                self.file(&path, &absolute).map(Some)
            };
            is_nothing &= matches!(read, Ok(None));
            match read {
                Ok(read) => outcome.read.extend(read),
                Err(error) => outcome.failures.push(error),
            }
        }
        outcome.failures.extend(search.nothing.filter(|_| is_nothing).map(SourceError::from));
    }

    /// What to say of documents that are not read.
    fn left_out(&self, files: &[PathBuf]) -> Option<String> {
        let first = files::shown(&self.here, files.first()?);
        let more = match files.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!(
            "{first}{more} left out: documents of this kind are not read; export them as HTML, DOCX or text"
        ))
    }

    fn file(&self, path: &Path, absolute: &Path) -> Result<Fetched, SourceError> {
        let shown = files::shown(&self.here, path);
        let bytes = files::read(path, &shown, self.web.max_bytes)?;
        self.file_of(shown, absolute, &bytes)
    }

    fn file_of(&self, shown: String, absolute: &Path, bytes: &[u8]) -> Result<Fetched, SourceError> {
        let options = self.options(Some(&shown), None);
        let mut fetched = fetched(shown, absolute.display().to_string(), bytes, &options, None)?;
        let reading = &mut fetched.source.reading;
        reading.warnings.extend(unknown_markup(&fetched.shown, reading.report.format));
        fetched.source.extracted_from = self.origin(&fetched, absolute.parent());
        Ok(fetched)
    }

    /// Where the report lies that `extract --format json` made this document of: as it was named then, from here or from
    /// the folder of the document.
    fn origin(&self, fetched: &Fetched, folder: Option<&Path>) -> Option<String> {
        if fetched.source.reading.report.format != Format::Json {
            return None;
        }
        let document: serde_json::Value = serde_json::from_str(&fetched.text).ok()?;
        match Place::parse(document["report"]["source"].as_str()?, &self.api_url).ok()? {
            Place::StandardInput => None,
            Place::Address(url) => Some(place::shown(&url)),
            Place::Issue(place) => Some(issue::address(&place.api_url, &place.repo, place.number)),
            Place::Path(path) => {
                let from_here = self.here.join(&path);
                let places = [Some(from_here.clone()), folder.map(|folder| folder.join(&path))];
                let found = places.into_iter().flatten().find_map(|place| fs::canonicalize(place).ok());
                Some(found.unwrap_or(from_here).display().to_string())
            }
        }
    }

    /// A file that nobody named. Folders are full of YAML and JSON that has nothing to do with reports: there, only what
    /// says that it is a report is one.
    fn found(&self, path: &Path, absolute: &Path) -> Result<Option<Fetched>, SourceError> {
        let shown = files::shown(&self.here, path);
        let is_data = Format::of_name(&shown).is_some_and(is_data);
        let bytes = match files::read(path, &shown, self.web.max_bytes) {
            Err(FileError::TooLarge { .. }) if is_data => return Ok(None),
            bytes => bytes?,
        };
        match self.file_of(shown, absolute, &bytes) {
            Err(SourceError::Unreadable { error: ReadError::OtherSchema { .. }, .. }) => Ok(None),
            Err(SourceError::Unreadable { .. }) if is_data && !says_it_is_ours(&bytes) => Ok(None),
            read => read.map(Some),
        }
    }

    async fn address(&self, url: &Url, web: &mut Option<Web>) -> Result<Fetched, SourceError> {
        let shown = place::shown(url);
        let failed = |error| SourceError::Web { shown: shown.clone(), error };
        let web = match web {
            Some(web) => web,
            None => web.insert(Web::new(&self.web).map_err(failed)?),
        };
        let mut asked = place::raw(url, &self.api_url).unwrap_or_else(|| url.clone());
        asked.set_fragment(None);
        let page = web.get(&asked).await.map_err(failed)?;
        let mut options = self.options(Some(&shown), format_of(&asked, &page));
        options.max_bytes = self.web.max_bytes;
        fetched(shown.clone(), shown, &page.bytes, &options, page.content_type)
    }

    async fn issue(
        &self,
        given: &str,
        place: &IssuePlace,
        githubs: &mut HashMap<String, github::GitHub>,
        notes: &mut Vec<String>,
    ) -> Result<Fetched, SourceError> {
        let github = match githubs.entry(place.api_url.clone()) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                let github = github::GitHub::new(github::Settings {
                    api_url: place.api_url.clone(),
                    credentials: (self.credentials_of)(&place.api_url)?,
                    may_be_anonymous: true,
                    request_timeout: self.request_timeout,
                    label: String::new(),
                });
                new.insert(github.map_err(|error| SourceError::Tracker { error, has_token: true })?)
            }
        };
        let found = issue::fetch(github, place).await.map_err(|error| match error {
            Ok(error) => SourceError::Issue(error),
            Err(error) => SourceError::Tracker { error, has_token: github.has_token() },
        })?;
        let shown = Url::parse(given).map_or_else(
            |_| given.to_owned(),
            |url| match url.scheme() {
                "github" => given.to_owned(),
                _ => place::shown(&url),
            },
        );
        if let Some(now) = &found.moved_to {
            notes.push(format!("{shown} is {now} by now"));
        }
        let (reading, wording) = found
            .read(&self.options(Some(&shown), None))
            .map_err(|error| SourceError::Unreadable { shown: shown.clone(), error, content_type: None })?;
        let digest = Source::digest_of(wording.as_bytes());
        let source = Source { name: found.name, former: found.former, extracted_from: None, digest, reading };
        Ok(Fetched { shown, text: found.text, source })
    }
}

/// Reads what came.
fn fetched(
    shown: String,
    name: String,
    bytes: &[u8],
    options: &Options,
    content_type: Option<String>,
) -> Result<Fetched, SourceError> {
    let read = incident_report::read_bytes(bytes, options)
        .and_then(|reading| Ok((reading, incident_report::text_of(bytes, options)?.into_owned())));
    match read {
        Ok((reading, text)) => {
            let digest = Source::digest_of(bytes);
            let source = Source { name, former: None, extracted_from: None, digest, reading };
            Ok(Fetched { shown, text, source })
        }
        Err(error) => {
            let shown = if shown == "-" { "standard input".to_owned() } else { shown };
            Err(SourceError::Unreadable { shown, error, content_type })
        }
    }
}

/// Whether a format is one of data, which may be anything.
fn is_data(format: Format) -> bool {
    matches!(format, Format::Yaml | Format::Json)
}

/// Whether data that cannot be read begins as a report of ours does. All JSON begins alike, so it has to have our words.
fn says_it_is_ours(bytes: &[u8]) -> bool {
    let anonymous = Options::default();
    incident_report::text_of(bytes, &anonymous).is_ok_and(|text| {
        let begins = is_data(incident_report::read(&text, &anonymous).report.format);
        begins && ["followup", "\"report\""].iter().any(|word| text.contains(word))
    })
}

/// What to say of a file whose ending tells of a markup that is not known here.
fn unknown_markup(shown: &str, read_as: Format) -> Option<Warning> {
    let ending = Path::new(shown).extension()?.to_string_lossy().to_lowercase();
    let is_unknown = MARKUP_ENDINGS.contains(&ending.as_str()) && Format::of_name(shown).is_none();
    is_unknown.then(|| Warning {
        code: "unknown-format",
        message: format!("read as {}: this version does not know .{ending}", read_as.title()),
        line: None,
    })
}

/// The format of a page: what the ending of its address tells, else what the server says. A server that shows a page
/// about a file sends HTML, whatever the file is called.
fn format_of(asked: &Url, page: &Page) -> Option<Format> {
    let said = page.content_type.as_deref().and_then(of_content_type);
    let is_html = page.content_type.as_deref() == Some("text/html") && looks_like_html(&page.bytes);
    let named = Format::of_name(page.url.path()).or_else(|| Format::of_name(asked.path()));
    match (is_html, said, named) {
        (true, Some(html), _) => Some(html),
        // What ends in .txt may be anything.
        (_, said, Some(Format::Plain)) => said,
        (_, said, named) => named.or(said),
    }
}

fn looks_like_html(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).trim_start().to_lowercase();
    ["<!doctype html", "<html", "<!--", "<?xml"].iter().any(|sign| start.starts_with(sign))
}

/// The format of a content type; nothing for those that are used for everything.
fn of_content_type(content_type: &str) -> Option<Format> {
    let ending = match content_type {
        "text/markdown" | "text/x-markdown" => "md",
        "text/html" | "application/xhtml+xml" => "html",
        "text/x-rst" | "text/prs.fallenstein.rst" => "rst",
        "text/asciidoc" | "text/x-asciidoc" => "adoc",
        "text/x-wiki" | "text/mediawiki" => "wiki",
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" => "yaml",
        "application/json" => "json",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        _ => return None,
    };
    Format::of_name(&format!("report.{ending}"))
}
