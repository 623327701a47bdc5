//! One issue by the name that people give it: a report by itself, or what an action is tied to.
//!
//! Invariant: what moved is followed, and who asked learns of it; the token goes to the configured host only, wherever an
//! answer says that the issue is.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Found, GitHub, RepoName, Target, Tracker, TrackerError, wire};

/// How often an issue may say that it is elsewhere: its repository was renamed, and it was moved to another one, twice.
const MOST_MOVES: usize = 4;

/// An issue that is a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportIssue {
    /// The repository that it is in now.
    pub repo: RepoName,
    /// Its number there.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether it is a pull request.
    pub is_pull_request: bool,
}

#[derive(Debug, Deserialize)]
struct Wire {
    number: i64,
    #[serde(default)]
    repository_url: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default, deserialize_with = "wire::names")]
    labels: Vec<String>,
    #[serde(default)]
    created_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pull_request: Option<Value>,
}

impl GitHub {
    /// Reads the issue `number` of `repo`, wherever it is by now.
    ///
    /// # Errors
    /// [`TrackerError`]: a refusal with status 404 where there is none or it is not shown to us, with 410 where it was
    /// deleted.
    pub async fn report_issue(&self, repo: &RepoName, number: i64) -> Result<ReportIssue, TrackerError> {
        let answer = self.wherever_it_is(repo, number).await?;
        let issue: Wire = self.client.decode(&answer)?;
        Ok(ReportIssue {
            repo: repo_of(&issue.repository_url).unwrap_or_else(|| repo.clone()),
            number: issue.number,
            title: issue.title,
            body: issue.body.unwrap_or_default(),
            labels: issue.labels,
            created_at: issue.created_at,
            is_pull_request: issue.pull_request.is_some(),
        })
    }

    /// An issue that people named, with the repository that it is in now.
    pub(super) async fn named_issue(
        &self,
        repo: &RepoName,
        number: i64,
        near: &Target,
    ) -> Result<Found, TrackerError> {
        let answer = self.wherever_it_is(repo, number).await?;
        let issue: wire::Issue = self.client.decode(&answer)?;
        let is_in = repo_of(&issue.repository_url).unwrap_or_else(|| repo.clone());
        let target = if is_in.to_string().eq_ignore_ascii_case(&near.repo) {
            near.clone()
        } else {
            self.repository(&is_in).await?.target
        };
        let is_pull_request = issue.pull_request.is_some();
        Ok(Found { issue: issue.into_issue(&target), is_pull_request })
    }

    async fn wherever_it_is(&self, repo: &RepoName, number: i64) -> Result<Answer, TrackerError> {
        self.follow(format!("/repos/{repo}/issues/{number}")).await
    }

    /// Asks for an issue at `path`, and at where that says that it is by now.
    pub(super) async fn follow(&self, mut path: String) -> Result<Answer, TrackerError> {
        let from = path.clone();
        for _ in 0..=MOST_MOVES {
            let answer = self.client.get_or_moved(&path).await?;
            if let Some(location) = answer.location.clone() {
                path = location;
                continue;
            }
            return Ok(answer);
        }
        Err(TrackerError::Broken {
            host: self.client.host().to_owned(),
            status: 301,
            message: format!("{from} leads from one place to the next"),
            request_id: None,
        })
    }

    /// Whether it asks with a token, or as an app.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.client.credentials().is_some()
    }
}

/// The repository at the end of an address like `https://api.github.com/repos/acme/platform`.
pub(super) fn repo_of(address: &str) -> Option<RepoName> {
    let (rest, name) = address.rsplit_once('/')?;
    let (_, owner) = rest.rsplit_once('/')?;
    format!("{owner}/{name}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_the_end_of_its_address() {
        let of = |address: &str| repo_of(address).map(|repo| repo.to_string());
        assert_eq!(of("https://api.github.com/repos/acme/platform").as_deref(), Some("acme/platform"));
        assert_eq!(of("platform"), None);
        assert_eq!(of(""), None);
    }
}
