//! What shows that an action was done: a pull request, a commit, a document, a test run.
//!
//! Invariant: evidence of an action is named by its address, once.

use chrono::NaiveDate;

use super::vocabulary::words;

words! {
    /// What a piece of evidence is.
    EvidenceKind, "kind of evidence" {
        /// A change that was reviewed and merged.
        PullRequest = "pull_request",
        /// A change by itself.
        Commit = "commit",
        /// Anything that can be read: a page, a plan, a minute.
        Document = "document",
        /// A run of tests, an exercise, a rehearsal.
        TestRun = "test_run",
    }
}

/// A piece of evidence that somebody is about to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Its address.
    pub url: String,
    /// What somebody said of it, or what it says of itself, as the title of a pull request.
    pub note: Option<String>,
    /// Its own day: when it was merged, written, or run.
    pub dated_on: Option<NaiveDate>,
    /// What its content is known by: of a change in git, `git:` and the number of its commit.
    pub digest: Option<String>,
}

/// What was written is not an address that others can open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address; expected one that begins with https:// or http://")]
pub struct NotAnAddress(String);

impl NewEvidence {
    /// Evidence at an address, whose path tells what kind it is; what it does not tell is a document.
    ///
    /// # Errors
    /// [`NotAnAddress`] when nobody could open it.
    pub fn at(url: &str) -> Result<Self, NotAnAddress> {
        let url = url.trim();
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let (host, path) = rest.map(|rest| rest.split_once('/').unwrap_or((rest, ""))).unwrap_or_default();
        let is_plain = !url.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        if !is_plain || !host.contains(char::is_alphanumeric) || host.contains('@') {
            return Err(NotAnAddress(url.to_owned()));
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let kind = parts.windows(2).find_map(|pair| kind_of(pair[0], pair[1]));
        let digest = parts
            .windows(2)
            .find(|pair| kind_of(pair[0], pair[1]) == Some(EvidenceKind::Commit))
            .filter(|pair| pair[1].len() == 40)
            .map(|pair| format!("git:{}", pair[1].to_ascii_lowercase()));
        let kind = kind.unwrap_or(EvidenceKind::Document);
        Ok(Self { kind, url: url.to_owned(), note: None, dated_on: None, digest })
    }
}

/// What two parts of a path tell: `pull/12`, `commit/1f2e…`, `runs/34`. GitHub's, GitLab's, Bitbucket's and Gitea's words.
fn kind_of(name: &str, id: &str) -> Option<EvidenceKind> {
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_hash = (7..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name {
        "pull" | "pulls" | "pull-requests" | "merge_requests" if is_number => Some(EvidenceKind::PullRequest),
        "commit" | "commits" if is_hash => Some(EvidenceKind::Commit),
        "runs" | "pipelines" | "jobs" | "builds" if is_number => Some(EvidenceKind::TestRun),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_the_kind() {
        for (url, kind) in [
            ("https://github.com/acme/platform/pull/12", EvidenceKind::PullRequest),
            ("https://github.com/acme/platform/pull/12/files?w=1#diff", EvidenceKind::PullRequest),
            ("https://gitlab.acme.test/a/b/-/merge_requests/7", EvidenceKind::PullRequest),
            ("https://github.com/acme/platform/commit/1f2e3d4", EvidenceKind::Commit),
            ("https://github.com/acme/platform/actions/runs/345", EvidenceKind::TestRun),
            ("https://wiki.acme.test/pull/requests", EvidenceKind::Document),
            ("http://wiki.acme.test", EvidenceKind::Document),
        ] {
            assert_eq!(NewEvidence::at(url).unwrap().kind, kind, "{url}");
        }
    }

    #[test]
    fn a_whole_commit_is_its_own_digest() {
        let oid = "0123456789ABCDEF0123456789abcdef01234567";
        let evidence = NewEvidence::at(&format!("https://github.com/acme/platform/commit/{oid}")).unwrap();
        assert_eq!(evidence.digest, Some(format!("git:{}", oid.to_lowercase())));
        assert_eq!(NewEvidence::at("https://github.com/acme/platform/commit/0123456").unwrap().digest, None);
    }

    #[test]
    fn what_nobody_can_open_is_no_address() {
        for url in [
            "",
            "minutes.pdf",
            "ftp://acme.test/x",
            "https://",
            "https:///x",
            "https://a b/c",
            "https://x@y/z",
        ] {
            let error = NewEvidence::at(url).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("`{url}` is not an address; expected one that begins with https:// or http://")
            );
        }
    }
}
