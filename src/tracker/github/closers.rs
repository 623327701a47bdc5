//! What brought issues to their end: the pull requests and commits that GitHub ties to their closing.
//!
//! Invariant: only what was merged or committed is named; a pull request that was closed shows nothing.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{
    GitHub, IssueRef, TrackerError,
    graphql::{self, Connection, Nodes},
};
use crate::{action::EvidenceKind, tracker::Closer};

const CLOSERS: &str = include_str!("closers.graphql");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    timeline_items: Option<Connection<ClosedEvent>>,
    closed_by_pull_requests_references: Option<Connection<Change>>,
}

#[derive(Debug, Deserialize)]
struct ClosedEvent {
    #[serde(default)]
    closer: Option<Change>,
}

/// A pull request, or a commit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    #[serde(rename = "__typename")]
    kind: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    merged_at: Option<DateTime<Utc>>,
    #[serde(default)]
    merge_commit: Option<MergeCommit>,
    #[serde(default)]
    message_headline: Option<String>,
    #[serde(default)]
    committed_date: Option<DateTime<Utc>>,
    #[serde(default)]
    oid: Option<String>,
}

#[derive(Debug, Deserialize)]
struct MergeCommit {
    oid: String,
}

impl Change {
    fn into_closer(self) -> Option<Closer> {
        match self.kind.as_str() {
            "PullRequest" if self.merged_at.is_some() => Some(Closer {
                kind: EvidenceKind::PullRequest,
                url: self.url,
                title: self.title,
                at: self.merged_at,
                commit: self.merge_commit.map(|commit| commit.oid),
            }),
            "Commit" => Some(Closer {
                kind: EvidenceKind::Commit,
                url: self.url,
                title: self.message_headline,
                at: self.committed_date,
                commit: self.oid,
            }),
            _ => None,
        }
    }
}

/// An event of an issue, as REST tells it.
#[derive(Debug, Deserialize)]
struct Event {
    #[serde(default)]
    event: String,
    #[serde(default)]
    commit_id: Option<String>,
    /// Of the API: `…/repos/acme/platform/commits/1f2e…`.
    #[serde(default)]
    commit_url: Option<String>,
    #[serde(default)]
    created_at: Option<DateTime<Utc>>,
}

impl GitHub {
    pub(super) async fn who_closed(&self, issues: &[IssueRef]) -> Result<Vec<Vec<Closer>>, TrackerError> {
        let mut all = Vec::with_capacity(issues.len());
        // It is more to ask about an issue than a look is.
        let (mut rest, mut most) = (issues, graphql::MAX_NODES / 2);
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(rest.len().min(most));
            match graphql::nodes(&self.client, CLOSERS, batch).await {
                Ok(Nodes::Given(nodes)) => all.extend(nodes.into_iter().map(read)),
                // GitHub ends what takes it more than ten seconds.
                Ok(Nodes::TooMuch)
                | Err(TrackerError::Broken { status: 502 | 504, .. } | TrackerError::NoAnswer { .. })
                    if batch.len() > graphql::FEW_NODES =>
                {
                    most = batch.len().div_ceil(2).max(graphql::FEW_NODES);
                    continue;
                }
                Ok(Nodes::TooMuch | Nodes::Unusable | Nodes::NotHere) => {
                    for issue in batch {
                        all.push(self.commit_that_closed(issue).await?);
                    }
                }
                Err(error) => return Err(error),
            }
            rest = after;
        }
        Ok(all)
    }

    /// REST names commits only. What it does not show has no closer.
    async fn commit_that_closed(&self, issue: &IssueRef) -> Result<Vec<Closer>, TrackerError> {
        let rest = format!("/issues/{}/events?per_page=100", issue.number);
        let events: Vec<Event> = match self.pages(&issue.target, &rest).await {
            Err(TrackerError::Refused { status: 403 | 404 | 410, .. }) => Vec::new(),
            events => events?,
        };
        let last = events.into_iter().rfind(|event| event.event == "closed");
        let closer = last.and_then(|event| {
            Some(Closer {
                kind: EvidenceKind::Commit,
                url: page_of(&event.commit_url?)?,
                title: None,
                at: event.created_at,
                commit: event.commit_id,
            })
        });
        Ok(closer.into_iter().collect())
    }
}

/// A node that cannot be read has no closer.
fn read(node: Value) -> Vec<Closer> {
    let Ok(node) = serde_json::from_value::<Node>(node) else { return Vec::new() };
    let events = node.timeline_items.map(|events| events.nodes).unwrap_or_default();
    let tied = node.closed_by_pull_requests_references.map(|tied| tied.nodes).unwrap_or_default();
    let closer = events.into_iter().flatten().filter_map(|event| event.closer);
    let mut closers: Vec<Closer> =
        closer.chain(tied.into_iter().flatten()).filter_map(Change::into_closer).collect();
    let mut known = std::collections::HashSet::new();
    closers.retain(|closer| known.insert(closer.url.clone()));
    closers
}

/// The address for people of a commit that the API names.
fn page_of(url: &str) -> Option<String> {
    let (root, rest) = url.split_once("/repos/")?;
    let root = root.strip_suffix("/api/v3").unwrap_or(root).replacen("://api.", "://", 1);
    Some(format!("{root}/{}", rest.replacen("/commits/", "/commit/", 1)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_of_a_commit() {
        for (url, page) in [
            ("https://api.github.com/repos/acme/a/commits/1f2e", "https://github.com/acme/a/commit/1f2e"),
            (
                "https://git.acme.test/api/v3/repos/acme/a/commits/1f2e",
                "https://git.acme.test/acme/a/commit/1f2e",
            ),
        ] {
            assert_eq!(page_of(url).as_deref(), Some(page));
        }
        assert_eq!(page_of("https://acme.test/1f2e"), None);
    }

    #[test]
    fn only_what_was_merged_shows_something_and_each_once() {
        let pull = |number: u64, merged_at: Option<&str>| {
            json!({ "__typename": "PullRequest", "url": format!("https://github.com/acme/a/pull/{number}"),
                "title": "Alert", "mergedAt": merged_at, "mergeCommit": null })
        };
        let merged = pull(1, Some("2024-05-15T09:00:00Z"));
        let closers = read(json!({
            "timelineItems": { "nodes": [{ "closer": merged }, null] },
            "closedByPullRequestsReferences": { "nodes": [merged, pull(2, None), null] },
        }));
        let urls: Vec<&str> = closers.iter().map(|closer| closer.url.as_str()).collect();
        assert_eq!(urls, ["https://github.com/acme/a/pull/1"]);
        for odd in [json!(null), json!({}), json!({ "timelineItems": { "nodes": [{}] } })] {
            assert_eq!(read(odd), []);
        }
    }
}
