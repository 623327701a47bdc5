//! Looking issues up: many in one request where GraphQL is known, by lists and one by one where it is not.
//!
//! Invariants: every issue that is asked for gets its answer, and what was not in a list is asked for by itself before it
//! counts as missing.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
};

use super::{
    GitHub, Issue, IssueRef, Seen, Target, Tracker, TrackerError,
    graphql::{self, Nodes},
};

/// So few issues of a repository are asked for one by one: a list of all that have our label is rarely shorter.
const FEW: usize = 3;

impl GitHub {
    pub(super) async fn look_at(&self, issues: &[IssueRef]) -> Result<Vec<Seen>, TrackerError> {
        // A server that knew no GraphQL a moment ago is asked for it again with the next look at many.
        if self.lists.load(Ordering::Relaxed) && issues.len() <= FEW {
            return self.look_by_rest(issues).await;
        }
        let mut seen = Vec::with_capacity(issues.len());
        let mut rest = issues;
        while !rest.is_empty() {
            let size = rest.len().min(self.nodes_at_a_time.load(Ordering::Relaxed));
            let (batch, after) = rest.split_at(size);
            match graphql::fetch(&self.client, batch).await {
                Ok(Ok(answers)) => {
                    self.lists.store(false, Ordering::Relaxed);
                    seen.extend(answers);
                }
                // GitHub ends what takes it more than ten seconds; so less is asked for from now on.
                Ok(Err(Nodes::TooMuch))
                | Err(TrackerError::Broken { status: 502 | 504, .. } | TrackerError::NoAnswer { .. })
                    if size > graphql::FEW_NODES =>
                {
                    self.nodes_at_a_time.store(size.div_ceil(2).max(graphql::FEW_NODES), Ordering::Relaxed);
                    continue;
                }
                Ok(Err(Nodes::NotHere)) => {
                    self.lists.store(true, Ordering::Relaxed);
                    // All of them at once: their repositories are listed once, then.
                    seen.extend(self.look_by_rest(rest).await?);
                    return Ok(seen);
                }
                Ok(Err(_)) => seen.extend(self.look_by_rest(batch).await?),
                Err(error) => return Err(error),
            }
            rest = after;
        }
        Ok(seen)
    }

    /// Without GraphQL: where many are asked for, those with our label are listed, and what is not there is asked for singly.
    async fn look_by_rest(&self, issues: &[IssueRef]) -> Result<Vec<Seen>, TrackerError> {
        let mut asked: HashMap<&Target, usize> = HashMap::new();
        for issue in issues {
            *asked.entry(&issue.target).or_default() += 1;
        }
        let mut known: HashMap<i64, Issue> = HashMap::new();
        let mut shut = HashSet::new();
        for target in asked.iter().filter(|(_, asked)| **asked > FEW).map(|(target, _)| *target) {
            match self.issues_with_label(target, &self.label).await {
                Ok(issues) => known.extend(issues.into_iter().map(|issue| (issue.at.issue_id, issue))),
                // A repository that shows nothing must not hide what others show.
                Err(TrackerError::Refused { status: 301 | 403 | 404 | 410 | 451, .. }) => {
                    shut.insert(target.repo_id);
                }
                Err(error) => return Err(error),
            }
        }
        let mut seen = Vec::with_capacity(issues.len());
        for issue in issues {
            seen.push(match known.remove(&issue.issue_id) {
                Some(found) => Seen::Issue(Box::new(found)),
                None if shut.contains(&issue.target.repo_id) => Seen::Missing,
                None => match self.issue(&issue.target, issue.number).await {
                    Ok(found) if found.at.issue_id == issue.issue_id => Seen::Issue(Box::new(found)),
                    Ok(_) => Seen::Missing,
                    Err(TrackerError::Refused { status: 301 | 403 | 404 | 410 | 451, .. }) => Seen::Missing,
                    Err(error) => return Err(error),
                },
            });
        }
        Ok(seen)
    }
}
