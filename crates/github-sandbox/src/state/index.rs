//! What searches find: the issues as they were when they were last looked at, which may be a while ago.
//!
//! Invariant: whether an issue is found follows from the index alone; what is shown of it is what it is now, as at GitHub.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::{Issue, IssueId, RepoId, UserId, World};

/// What the index knows of an issue.
#[derive(Clone, Debug)]
struct Entry {
    repo: RepoId,
    is_pull_request: bool,
    closed: bool,
    title: String,
    body: String,
    labels: Vec<String>,
    author: UserId,
    assignees: Vec<UserId>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Default)]
pub(crate) struct Index(BTreeMap<IssueId, Entry>);

/// What is searched for. All of it must be true of an issue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) words: Vec<String>,
    pub(crate) in_title: bool,
    pub(crate) in_body: bool,
    /// Repositories, any of which will do; all when nobody names one.
    pub(crate) repos: Option<Vec<RepoId>>,
    pub(crate) is_pull_request: Option<bool>,
    pub(crate) closed: Option<bool>,
    pub(crate) labels: Vec<String>,
    pub(crate) no_label: bool,
    /// An author whom nobody knows finds nothing.
    pub(crate) author: Option<Option<UserId>>,
    pub(crate) assignee: Option<Option<UserId>>,
    pub(crate) no_assignee: bool,
}

/// An issue that was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) id: IssueId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Entry {
    fn fits(&self, terms: &Terms) -> bool {
        let anywhere = !terms.in_title && !terms.in_body;
        let has = |word: &String| {
            ((terms.in_title || anywhere) && self.title.contains(word))
                || ((terms.in_body || anywhere) && self.body.contains(word))
        };
        terms.words.iter().all(has)
            && terms.repos.as_ref().is_none_or(|repos| repos.contains(&self.repo))
            && terms.is_pull_request.is_none_or(|pull| pull == self.is_pull_request)
            && terms.closed.is_none_or(|closed| closed == self.closed)
            && terms.labels.iter().all(|label| self.labels.contains(label))
            && (!terms.no_label || self.labels.is_empty())
            && terms.author.is_none_or(|author| author == Some(self.author))
            && terms.assignee.is_none_or(|user| user.is_some_and(|user| self.assignees.contains(&user)))
            && (!terms.no_assignee || self.assignees.is_empty())
    }
}

impl World {
    /// Finds issues, newest first.
    pub(crate) fn search(&mut self, terms: &Terms) -> Vec<Found> {
        let known = self.clock.now() - Duration::seconds(self.quirks.search_lag_seconds.max(0));
        let Index(mut index) = std::mem::take(&mut self.index);
        index.retain(|id, _| self.issues.contains_key(id));
        let settled = self.issues.values().filter(|issue| issue.updated_at <= known);
        index.extend(settled.map(|issue| (issue.id, self.entry(issue))));
        let found = index.iter().filter(|(_, entry)| entry.fits(terms));
        let mut found: Vec<Found> = found
            .map(|(id, entry)| Found { id: *id, created_at: entry.created_at, updated_at: entry.updated_at })
            .collect();
        found.reverse();
        self.index = Index(index);
        found
    }

    fn entry(&self, issue: &Issue) -> Entry {
        let label = |id: &super::LabelId| self.label(issue.repo, *id).name.to_lowercase();
        Entry {
            repo: issue.repo,
            is_pull_request: issue.is_pull_request,
            closed: issue.closed.is_some(),
            title: issue.title.to_lowercase(),
            body: issue.body.as_deref().unwrap_or_default().to_lowercase(),
            labels: issue.labels.iter().map(label).collect(),
            author: issue.author,
            assignees: issue.assignees.clone(),
            created_at: issue.created_at,
            updated_at: issue.updated_at,
        }
    }
}
