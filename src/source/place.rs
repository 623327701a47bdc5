//! What a person names when they name a source.
//!
//! Invariants: pure. What is shown of an address has no fragment, no password, and no parameter that lets anybody in.

use url::Url;

use crate::tracker::RepoName;

/// Where a report is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `-`
    StandardInput,
    /// A file, a folder, or a pattern.
    Path(String),
    /// A page of the web.
    Address(Box<Url>),
    /// An issue of a GitHub.
    Issue(IssuePlace),
}

/// Where an issue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuePlace {
    /// The root of the API of its GitHub.
    pub api_url: String,
    /// The repository.
    pub repo: RepoName,
    /// Its number.
    pub number: i64,
}

/// What was named is no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// It begins like an issue.
    #[error("`{0}` is not an issue; expected `github:OWNER/NAME#NUMBER`")]
    NotAnIssue(String),
    /// A pull request.
    #[error("{0} is a pull request, and a report is an issue or a file")]
    PullRequest(String),
    /// It begins like an address.
    #[error("{given} is not an address: {message}")]
    NotAnAddress {
        /// What was named.
        given: String,
        /// Why.
        message: String,
    },
}

impl PlaceError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAnIssue(_) => "write it as github:acme/platform#12",
            Self::PullRequest(_) => "name the issue, or the file that the pull request brings",
            Self::NotAnAddress { .. } => "write it as https://HOST/PATH, or name a file",
        }
    }
}

/// GitHub's own API.
const GITHUB: &str = "https://api.github.com";

impl Place {
    /// What `given` names; `api_url` is the configured GitHub.
    pub(super) fn parse(given: &str, api_url: &str) -> Result<Self, PlaceError> {
        if given == "-" {
            return Ok(Self::StandardInput);
        }
        if let Some(issue) = given.strip_prefix("github:") {
            let parsed = issue
                .split_once('#')
                .and_then(|(repo, number)| Some((repo.parse().ok()?, positive(number)?)));
            return match parsed {
                Some((repo, number)) => {
                    Ok(Self::Issue(IssuePlace { api_url: api_url.to_owned(), repo, number }))
                }
                None => Err(PlaceError::NotAnIssue(plain(given))),
            };
        }
        if !is_address(given) {
            return Ok(Self::Path(given.to_owned()));
        }
        let url = Url::parse(given).map_err(|error| PlaceError::NotAnAddress {
            given: if given.contains('@') { "what was named".to_owned() } else { plain(given) },
            message: error.to_string(),
        })?;
        Ok(match issue_of(&url, api_url)? {
            Some(issue) => Self::Issue(issue),
            None => Self::Address(Box::new(url)),
        })
    }
}

/// Whether `given` begins with a scheme, as `https://`.
fn is_address(given: &str) -> bool {
    given.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
    })
}

fn positive(number: &str) -> Option<i64> {
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|number| is_number && *number > 0)
}

/// What was written, on one line.
fn plain(given: &str) -> String {
    given.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// The issue that is shown at `url`, where that is GitHub or the configured one.
fn issue_of(url: &Url, api_url: &str) -> Result<Option<IssuePlace>, PlaceError> {
    let of = |root: Option<Url>| root.is_some_and(|root| is_same_host(&root, url));
    let api_url = if of(web_root(api_url)) {
        api_url
    } else if of(web_root(GITHUB)) {
        GITHUB
    } else {
        return Ok(None);
    };
    let Some([owner, name, kind, number]) = segments(url) else { return Ok(None) };
    match (kind, format!("{owner}/{name}").parse(), positive(number)) {
        ("issues", Ok(repo), Some(number)) => {
            Ok(Some(IssuePlace { api_url: api_url.to_owned(), repo, number }))
        }
        ("pull", Ok(repo), Some(number)) => Err(PlaceError::PullRequest(format!("{repo}#{number}"))),
        _ => Ok(None),
    }
}

/// The parts of a path that has exactly `N`.
fn segments<const N: usize>(url: &Url) -> Option<[&str; N]> {
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    parts.try_into().ok()
}

fn is_same_host(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// Where people look at the GitHub with this API.
pub(super) fn web_root(api_url: &str) -> Option<Url> {
    let mut root = Url::parse(api_url).ok()?;
    let host = root.host_str()?;
    // `api.github.com`, and `api.NAME.ghe.com`; GitHub Enterprise Server has its API in a folder.
    let bare = host.strip_prefix("api.").filter(|bare| *bare == "github.com" || bare.ends_with(".ghe.com"));
    if let Some(bare) = bare.map(str::to_owned) {
        root.set_host(Some(&bare)).ok()?;
    }
    root.set_path("");
    Some(root)
}

/// The text behind a page that only shows it: a file on GitHub or GitLab, a gist.
pub(super) fn raw(url: &Url, api_url: &str) -> Option<Url> {
    let is_github =
        [api_url, GITHUB].iter().any(|api| web_root(api).is_some_and(|root| is_same_host(&root, url)));
    let parts: Vec<&str> = url.path_segments()?.collect();
    let path = match parts.as_slice() {
        [owner, name, "blob", rest @ ..] if is_github && rest.len() > 1 => {
            format!("{owner}/{name}/raw/{}", rest.join("/"))
        }
        [owner, gist] if url.host_str() == Some("gist.github.com") && !gist.is_empty() => {
            format!("{owner}/{gist}/raw")
        }
        _ => {
            let (project, file) = url.path().split_once("/-/blob/")?;
            format!("{project}/-/raw/{file}")
        }
    };
    let mut raw = url.clone();
    raw.set_path(&path);
    raw.set_query(None);
    raw.set_fragment(None);
    Some(raw)
}

/// An address as it is kept and shown.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // Fails only for addresses that have neither.
    url.set_username("").ok();
    url.set_password(None).ok();
    if url.query().is_some() {
        let kept: Vec<(String, String)> =
            url.query_pairs().into_owned().filter(|(name, _)| !lets_in(name)).collect();
        if kept.len() < url.query_pairs().count() {
            url.set_query(None);
            if !kept.is_empty() {
                url.query_pairs_mut().extend_pairs(kept);
            }
        }
    }
    url.to_string()
}

/// Whether a parameter of this name is there to let somebody in.
fn lets_in(name: &str) -> bool {
    let name = name.to_lowercase();
    ["token", "signature", "password", "secret", "credential", "x-amz-", "x-goog-"]
        .iter()
        .any(|part| name.contains(part))
        || ["sig", "key", "apikey", "api_key", "api-key", "auth", "authorization", "jwt", "ticket"]
            .contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<Place, PlaceError> {
        Place::parse(given, "https://ghe.acme.test/api/v3")
    }

    fn issue(given: &str) -> (String, String, i64) {
        match parse(given) {
            Ok(Place::Issue(issue)) => (issue.api_url, issue.repo.to_string(), issue.number),
            other => panic!("{given} is {other:?}"),
        }
    }

    #[test]
    fn an_issue_is_named_shortly_or_by_its_address() {
        let of = |api: &str| (api.to_owned(), "acme/platform".to_owned(), 12);
        assert_eq!(issue("github:acme/platform#12"), of("https://ghe.acme.test/api/v3"));
        assert_eq!(
            issue("https://ghe.acme.test/acme/platform/issues/12"),
            of("https://ghe.acme.test/api/v3")
        );
        assert_eq!(issue("https://github.com/acme/platform/issues/12"), of(GITHUB));
        assert_eq!(issue("https://GitHub.com/acme/platform/issues/12/?x=1#issuecomment-3"), of(GITHUB));
        for given in [
            "github:",
            "github:acme#12",
            "github:acme/platform",
            "github:a/b#0",
            "github:a/b#-1",
            "github:a/b#x",
        ] {
            assert_eq!(parse(given), Err(PlaceError::NotAnIssue(given.to_owned())));
        }
        let pull = parse("https://github.com/acme/platform/pull/12");
        assert_eq!(pull, Err(PlaceError::PullRequest("acme/platform#12".to_owned())));
    }

    #[test]
    fn everything_else_is_an_address_or_a_path() {
        for given in [
            "https://github.com/acme/platform/issues",
            "https://github.com/acme/platform/issues/new",
            "http://github.com/acme/platform/issues/12",
            "https://github.com.evil.test/acme/platform/issues/12",
            "https://wiki.acme.test/issues/12",
            "HTTPS://wiki.acme.test/",
            "ftp://acme.test/report.md",
        ] {
            assert!(matches!(parse(given), Ok(Place::Address(_))), "{given}");
        }
        for given in ["report.md", "./github:acme", "C:\\reports\\report.md", "a://b", "what://is this"] {
            let is_path = matches!(parse(given), Ok(Place::Path(_)));
            assert_eq!(is_path, !given.contains("://"), "{given}");
        }
        assert!(matches!(parse("notes: https://wiki.acme.test"), Ok(Place::Path(_))));
        let broken = parse("https://user:hunter2@[::1/").unwrap_err();
        assert!(!broken.to_string().contains("hunter2"), "{broken}");
    }

    #[test]
    fn where_people_look_at_a_github() {
        for (api, web) in [
            ("https://api.github.com", "https://github.com/"),
            ("https://api.acme.ghe.com/", "https://acme.ghe.com/"),
            ("https://ghe.acme.test/api/v3", "https://ghe.acme.test/"),
            ("http://127.0.0.1:8090", "http://127.0.0.1:8090/"),
            ("https://api.acme.test", "https://api.acme.test/"),
        ] {
            assert_eq!(web_root(api).unwrap().as_str(), web);
        }
    }

    #[test]
    fn the_text_behind_a_page_that_shows_it() {
        let of =
            |given: &str| raw(&Url::parse(given).unwrap(), "https://ghe.acme.test/api/v3").map(String::from);
        for (page, text) in [
            (
                "https://github.com/acme/ops/blob/main/reports/2026.md?plain=1#L3",
                Some("https://github.com/acme/ops/raw/main/reports/2026.md"),
            ),
            (
                "https://ghe.acme.test/acme/ops/blob/v1/a%20b.md",
                Some("https://ghe.acme.test/acme/ops/raw/v1/a%20b.md"),
            ),
            ("https://gist.github.com/grace/0a1b2c", Some("https://gist.github.com/grace/0a1b2c/raw")),
            (
                "https://git.acme.test/a/b/c/-/blob/main/r.md",
                Some("https://git.acme.test/a/b/c/-/raw/main/r.md"),
            ),
            ("https://github.com/acme/ops/tree/main/reports", None),
            ("https://github.com/acme/ops/blob/main", None),
            ("https://raw.githubusercontent.com/acme/ops/main/r.md", None),
            ("https://wiki.acme.test/acme/ops/blob/main/r.md", None),
            ("https://gist.github.com/grace", None),
        ] {
            assert_eq!(of(page).as_deref(), text, "{page}");
        }
    }

    #[test]
    fn what_is_shown_lets_nobody_in() {
        for (given, expected) in [
            ("https://wiki.acme.test/r.md#top", "https://wiki.acme.test/r.md"),
            ("https://me:hunter2@wiki.acme.test:443/r.md", "https://wiki.acme.test/r.md"),
            ("https://wiki.acme.test/r?id=7&v=a+b", "https://wiki.acme.test/r?id=7&v=a+b"),
            ("https://raw.acme.test/r.md?token=AAAA", "https://raw.acme.test/r.md"),
            ("https://s3.acme.test/r?X-Amz-Signature=1&id=7&sig=2", "https://s3.acme.test/r?id=7"),
        ] {
            assert_eq!(shown(&Url::parse(given).unwrap()), expected);
        }
    }
}
