//! Reports in files: named one by one, in folders, or by a pattern.
//!
//! Invariants: what is found is in the order of its names, and once. Hidden files and links are not found, only named: a
//! link to a parent folder would never end. Nothing that cannot be read is passed over.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobMatcher};
use incident_report::Format;

/// The endings of documents that are often reports and are not read; a folder with them says so.
const UNREAD_ENDINGS: [&str; 7] = ["doc", "odt", "org", "pages", "pdf", "rtf", "tex"];

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("there is no file {shown}")]
    NotThere {
        /// As a person names it.
        shown: String,
    },
    /// The system does not let us.
    #[error("{shown} may not be read")]
    Forbidden {
        /// As a person names it.
        shown: String,
    },
    /// Anything else that goes wrong.
    #[error("cannot read {shown}: {error}")]
    Failed {
        /// As a person names it.
        shown: String,
        /// What the system says.
        error: io::Error,
    },
    /// It is larger than any report.
    #[error("{shown}: {} MB are too much for a report; the limit is {} MB", size.div_ceil(1 << 20), limit >> 20)]
    TooLarge {
        /// As a person names it.
        shown: String,
        /// Its size in bytes.
        size: u64,
        /// The most bytes.
        limit: u64,
    },
    /// A folder without a report.
    #[error("there is no report in the folder {shown}")]
    EmptyFolder {
        /// As a person names it.
        shown: String,
    },
    /// A pattern that fits nothing.
    #[error("no report fits the pattern {pattern}")]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// The folder that was searched.
        folder: String,
    },
    /// A pattern that is none.
    #[error("there is no file {pattern}, and it is no pattern either: {message}")]
    BadPattern {
        /// What was named.
        pattern: String,
        /// Why.
        message: String,
    },
}

impl FileError {
    fn of(shown: String, error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NotThere { shown },
            ErrorKind::PermissionDenied => Self::Forbidden { shown },
            _ => Self::Failed { shown, error },
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotThere { shown } => match as_issue(shown) {
                Some(issue) => {
                    format!("for an issue, write {issue}; a path is taken from the folder you are in")
                }
                None => "check the name; a path is taken from the folder you are in".to_owned(),
            },
            Self::Forbidden { .. } => "check its permissions".to_owned(),
            Self::Failed { .. } => "check that it is a file".to_owned(),
            Self::TooLarge { .. } => "take out what is embedded in it, or export it as plain text".to_owned(),
            Self::EmptyFolder { .. } => REPORTS.to_owned(),
            Self::NoMatch { folder, .. } => {
                format!("{folder} was searched, without hidden files and links; {REPORTS}")
            }
            Self::BadPattern { .. } => "check the name; * ? [ ] { } make a pattern of it".to_owned(),
        }
    }
}

/// Which files a folder is searched for, for people: all endings are too many for a sentence.
const REPORTS: &str = "reports end in .md, .txt, .html, .docx, .rst, .adoc and the like; a file that is named is read whatever its ending";

/// How to name the issue that somebody meant by `acme/platform#12`.
fn as_issue(name: &str) -> Option<String> {
    let (repo, number) = name.split_once('#')?;
    repo.parse::<crate::tracker::RepoName>().ok()?;
    number.parse::<u32>().ok().map(|_| format!("github:{name}"))
}

/// What a name stands for.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The files, in the order of their names.
    pub(super) files: Vec<PathBuf>,
    /// Whether they were found, and not named.
    pub(super) is_found: bool,
    /// What could not be looked into.
    pub(super) failures: Vec<FileError>,
    /// Documents beside them that are not read.
    pub(super) left_out: Vec<PathBuf>,
    /// What is wrong where there is no report among them.
    pub(super) nothing: Option<FileError>,
}

/// The file itself, every report in a folder and below it, or every report that fits a pattern. A file whose name looks
/// like a pattern is that file.
pub(super) fn search(here: &Path, name: &str) -> Search {
    let path = here.join(name);
    let failed = |error| Search { failures: vec![error], ..Search::default() };
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => {
            let nothing = FileError::EmptyFolder { shown: name.to_owned() };
            Walk::new(here).folder(&path, usize::MAX, &Take::Reports, nothing)
        }
        Ok(_) => Search { files: vec![path], ..Search::default() },
        Err(_) if is_pattern(name) => match Pattern::new(here, name) {
            Ok(pattern) => {
                let folder = shown(here, &pattern.folder);
                let folder = if folder.is_empty() { "this folder".to_owned() } else { folder };
                let nothing = FileError::NoMatch { pattern: name.to_owned(), folder };
                Walk::new(here).folder(&pattern.folder, pattern.depth, &Take::Matching(&pattern), nothing)
            }
            Err(error) => failed(error),
        },
        Err(error) => failed(FileError::of(shown(here, &path), error)),
    }
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

/// A file as people name it: from here, where it lies below.
pub(super) fn shown(here: &Path, path: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// All bytes of a file, up to a limit.
pub(super) fn read(path: &Path, shown: &str, limit: usize) -> Result<Vec<u8>, FileError> {
    let failed = |error| FileError::of(shown.to_owned(), error);
    let limit = limit as u64;
    let too_large = |size| FileError::TooLarge { shown: shown.to_owned(), size, limit };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > limit {
        return Err(too_large(size));
    }
    // What is no regular file has no size, and may never end.
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > limit { Err(too_large(limit + 1)) } else { Ok(bytes) }
}

/// Which files of a folder are meant.
enum Take<'a> {
    Reports,
    Matching(&'a Pattern),
}

/// A pattern for paths below a folder.
struct Pattern {
    folder: PathBuf,
    matcher: GlobMatcher,
    /// How many folders deep it can fit.
    depth: usize,
    /// Whether it says itself how files end; then that need not be an ending of reports.
    states_ending: bool,
}

impl Pattern {
    fn new(here: &Path, name: &str) -> Result<Self, FileError> {
        let parts: Vec<&str> = name.split(std::path::is_separator).collect();
        let first = parts.iter().position(|part| is_pattern(part)).unwrap_or(0);
        let (fixed, rest) = parts.split_at(first);
        // "/reports/*.md" begins with an empty part.
        let fixed = fixed.iter().fold(String::new(), |path, part| format!("{path}{part}/"));
        let pattern = rest.join("/");
        let glob = GlobBuilder::new(&pattern)
            .literal_separator(true)
            .backslash_escape(!cfg!(windows))
            .case_insensitive(cfg!(windows))
            .build()
            .map_err(|error| FileError::BadPattern {
                pattern: name.to_owned(),
                message: error.kind().to_string(),
            })?;
        let last = rest.last().copied().unwrap_or_default();
        Ok(Self {
            folder: match fixed.strip_suffix('/') {
                None => here.to_owned(),
                Some("") => PathBuf::from("/"),
                Some(fixed) => here.join(fixed),
            },
            matcher: glob.compile_matcher(),
            depth: if rest.contains(&"**") { usize::MAX } else { rest.len() },
            states_ending: last
                .rsplit_once('.')
                .is_some_and(|(_, ending)| !ending.is_empty() && !is_pattern(ending)),
        })
    }

    fn fits(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.folder) else { return false };
        self.matcher.is_match(below)
    }
}

/// A walk through folders.
struct Walk<'a> {
    here: &'a Path,
    files: BTreeSet<PathBuf>,
    left_out: BTreeSet<PathBuf>,
    failures: Vec<FileError>,
}

impl<'a> Walk<'a> {
    fn new(here: &'a Path) -> Self {
        Self { here, files: BTreeSet::new(), left_out: BTreeSet::new(), failures: Vec::new() }
    }

    fn folder(mut self, folder: &Path, depth: usize, take: &Take<'_>, nothing: FileError) -> Search {
        self.walk(folder, depth, take);
        Search {
            files: self.files.into_iter().collect(),
            is_found: true,
            failures: self.failures,
            left_out: self.left_out.into_iter().collect(),
            nothing: Some(nothing),
        }
    }

    fn walk(&mut self, folder: &Path, depth: usize, take: &Take<'_>) {
        let mut folders = vec![(folder.to_owned(), depth)];
        while let Some((folder, depth)) = folders.pop() {
            match entries(&folder) {
                Ok(entries) => {
                    for (path, kind) in entries {
                        if kind.is_file() {
                            self.file(path, take);
                        } else if kind.is_dir() {
                            match take {
                                // As the shell would name the folder.
                                Take::Matching(pattern) if pattern.fits(&path) => {
                                    self.walk(&path, usize::MAX, &Take::Reports);
                                }
                                Take::Matching(_) | Take::Reports if depth > 1 => {
                                    folders.push((path, depth - 1));
                                }
                                Take::Matching(_) | Take::Reports => {}
                            }
                        }
                    }
                }
                Err(error) => self.failures.push(FileError::of(shown(self.here, &folder), error)),
            }
        }
    }

    fn file(&mut self, path: PathBuf, take: &Take<'_>) {
        let (is_meant, any_ending) = match take {
            Take::Reports => (true, false),
            Take::Matching(pattern) => (pattern.fits(&path), pattern.states_ending),
        };
        if !is_meant {
            return;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if any_ending || Format::of_name(&name).is_some() {
            self.files.insert(path);
        } else if UNREAD_ENDINGS.contains(&ending.as_str()) {
            self.left_out.insert(path);
        }
    }
}

/// What is in a folder and not hidden.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, fs::FileType)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            found.push((entry.path(), entry.file_type()?));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "# Report\n").unwrap();
        }
        folder
    }

    /// The files that a name stands for, or why there are none.
    fn found(folder: &tempfile::TempDir, name: &str) -> String {
        let search = search(folder.path(), name);
        if let Some(error) =
            search.failures.first().or(search.nothing.as_ref().filter(|_| search.files.is_empty()))
        {
            return error.to_string();
        }
        let files = search.files.iter().map(|file| shown(folder.path(), file).replace('\\', "/"));
        files.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_folder_is_its_reports_in_order() {
        let folder = tree(&[
            "reports/b.md",
            "reports/a.TXT",
            "reports/2026/c.markdown",
            "reports/2026/d.html.md.erb",
            "reports/e.png",
            "reports/f.pdf",
            "reports/.draft.md",
            "reports/.git/g.md",
            "reports/h",
            "reports/i.yml",
            "empty/i.png",
        ]);
        assert_eq!(
            found(&folder, "reports"),
            "reports/2026/c.markdown reports/2026/d.html.md.erb reports/a.TXT reports/b.md reports/i.yml"
        );
        assert_eq!(search(folder.path(), "reports").left_out, [folder.path().join("reports/f.pdf")]);
        assert_eq!(found(&folder, "empty"), "there is no report in the folder empty");
        // What is named is read, whatever it is called.
        for name in ["reports/h", "reports/e.png", "reports/.draft.md"] {
            assert_eq!(found(&folder, name), name);
            assert!(!search(folder.path(), name).is_found);
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_when_they_are_named() {
        let folder = tree(&["reports/a.md", "elsewhere/b.md"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("reports/up")).unwrap();
        std::os::unix::fs::symlink("../elsewhere/b.md", folder.path().join("reports/b.md")).unwrap();
        assert_eq!(found(&folder, "reports"), "reports/a.md");
        assert_eq!(found(&folder, "reports/*.md"), "reports/a.md");
        assert_eq!(found(&folder, "reports/b.md"), "reports/b.md");
        assert_eq!(found(&folder, "reports/up/elsewhere"), "reports/up/elsewhere/b.md");
    }

    #[test]
    fn a_pattern_is_what_fits_it() {
        let folder = tree(&[
            "2026-01.md",
            "2026-02.md",
            "2025-12.md",
            "2026-03.log",
            "notes.txt",
            "old.pdf",
            "reports/2026/a.md",
            "reports/2026/deep/b.md",
            "reports/2025/c.txt",
            "reports/d.md",
            "reports/.hidden/e.md",
            "reports/.f.md",
        ]);
        for (pattern, expected) in [
            ("2026-*.md", "2026-01.md 2026-02.md"),
            ("202[56]-??.md", "2025-12.md 2026-01.md 2026-02.md"),
            ("2026-{01,03}.*", "2026-01.md"),
            ("2026-*.log", "2026-03.log"),
            (
                "*",
                "2025-12.md 2026-01.md 2026-02.md notes.txt reports/2025/c.txt reports/2026/a.md \
                   reports/2026/deep/b.md reports/d.md",
            ),
            ("reports/*.md", "reports/d.md"),
            ("reports/**/*.md", "reports/2026/a.md reports/2026/deep/b.md reports/d.md"),
            ("**/[bc].*", "reports/2025/c.txt reports/2026/deep/b.md"),
            ("reports/*/a.md", "reports/2026/a.md"),
            ("reports/202?", "reports/2025/c.txt reports/2026/a.md reports/2026/deep/b.md"),
            ("reports/**/*.rst", "no report fits the pattern reports/**/*.rst"),
            ("nowhere/*.md", "there is no file nowhere"),
            (
                "2026-[.md",
                "there is no file 2026-[.md, and it is no pattern either: unclosed character class; missing ']'",
            ),
        ] {
            assert_eq!(found(&folder, pattern), expected, "{pattern}");
        }
        let absolute = folder.path().join("reports/*.md").display().to_string();
        assert_eq!(found(&folder, &absolute), "reports/d.md");
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_looks_like_a_pattern_is_a_name_first() {
        let folder = tree(&["report[1].md", "report1.md", "what?.md", "whatx.md", "a*.md", "ab.md"]);
        for name in ["report[1].md", "what?.md", "a*.md"] {
            assert_eq!(found(&folder, name), name);
        }
        fs::remove_file(folder.path().join("a*.md")).unwrap();
        assert_eq!(found(&folder, "a*.md"), "ab.md");
    }

    #[test]
    fn a_missing_file_may_have_been_meant_as_an_issue() {
        let hint = |shown: &str| FileError::NotThere { shown: shown.to_owned() }.hint();
        assert!(hint("acme/platform#12").contains("github:acme/platform#12"));
        assert!(!hint("reports/c#.md").contains("github:"));
    }
}
