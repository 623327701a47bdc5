//! The tracker of teams without one: its issues are rows of our own database.
//!
//! It proves that the port is a port: everything else works with it as with GitHub. Writes cannot be lost here, so
//! every one ends in `Done` or `Rejected`.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};

use super::{
    Bookmark, Capabilities, Changes, Closer, Comment, Found, Issue, IssueChange, IssueRef, IssueType, Made,
    Milestone, NewIssue, RepoName, Repository, Seen, Sent, Since, Target, Tracker, TrackerError, Whereabouts,
};
use crate::{
    clock::Clock,
    store::{LocalIssue, Stamp, Store, StoreError},
};

const HOST: &str = "local";

/// The only repository of the local tracker.
const REPO: &str = "local/actions";

/// Issues in our own database.
#[derive(Debug)]
pub struct LocalTracker {
    store: Store,
    stamp: Stamp,
    clock: Arc<dyn Clock>,
}

impl LocalTracker {
    /// A tracker that keeps its issues in `store`, with the times of `clock`.
    #[must_use]
    pub fn new(store: Store, stamp: Stamp, clock: Arc<dyn Clock>) -> Self {
        Self { store, stamp, clock }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(0)
    }

    async fn add(&self, new: &NewIssue) -> Result<Issue, StoreError> {
        let now = self.now();
        let mut work = self.store.begin(&self.stamp).await?;
        let issue = work
            .add_local_issue(LocalIssue {
                id: 0,
                title: new.title.clone(),
                body: new.body.clone(),
                state: "open".to_owned(),
                state_reason: None,
                labels: list(&new.labels),
                assignees: list(&new.assignees),
                parent_id: new.parent.as_ref().map(|parent| parent.number),
                created_at: now,
                updated_at: now,
                closed_at: None,
            })
            .await?;
        work.commit().await?;
        Ok(to_issue(issue))
    }

    async fn change(
        &self,
        id: i64,
        change: impl FnOnce(&mut LocalIssue) + Send,
    ) -> Result<Option<Issue>, StoreError> {
        let mut work = self.store.begin(&self.stamp).await?;
        let Some(mut issue) = work.local_issue(id).await? else { return Ok(None) };
        change(&mut issue);
        issue.updated_at = self.now();
        work.save_local_issue(&issue).await?;
        work.commit().await?;
        Ok(Some(to_issue(issue)))
    }

    async fn all(&self) -> Result<Vec<Issue>, TrackerError> {
        let mut snapshot = self.store.read().await.map_err(failed)?;
        let issues = snapshot.local_issues().await.map_err(failed)?;
        Ok(issues.into_iter().map(to_issue).collect())
    }
}

#[async_trait]
impl Tracker for LocalTracker {
    fn name(&self) -> &'static str {
        "local"
    }

    fn host(&self) -> &str {
        HOST
    }

    fn credential(&self) -> String {
        String::new()
    }

    fn is_at(&self, _host: Option<&str>) -> bool {
        // Its issues have no address and are nobody's words: what a report names is somewhere else.
        false
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_title: 250,
            max_body: 60_000,
            max_sub_issues: 100,
            knows_accounts: false,
            paces_creates: false,
        }
    }

    fn requests(&self) -> u64 {
        0
    }

    fn skew(&self) -> Option<chrono::Duration> {
        Some(chrono::Duration::zero())
    }

    async fn whoami(&self) -> Result<String, TrackerError> {
        Ok(self.stamp.actor.name.clone())
    }

    async fn repository(&self, _name: &RepoName) -> Result<Repository, TrackerError> {
        Ok(Repository {
            target: Target { repo_id: 1, repo: REPO.to_owned() },
            is_private: true,
            is_archived: false,
            has_issues: true,
            can_push: Some(true),
        })
    }

    async fn labels(&self, _target: &Target) -> Result<Vec<String>, TrackerError> {
        Ok(Vec::new())
    }

    async fn create_label(&self, _target: &Target, _name: &str) -> Sent<()> {
        Sent::Done(())
    }

    async fn milestones(&self, _target: &Target) -> Result<Vec<Milestone>, TrackerError> {
        // The configuration asks for none here.
        Ok(Vec::new())
    }

    async fn issue_types(&self, _target: &Target) -> Result<Option<Vec<IssueType>>, TrackerError> {
        Ok(Some(Vec::new()))
    }

    async fn create_issue(&self, _target: &Target, new: &NewIssue) -> Sent<Made> {
        match self.add(new).await {
            Ok(issue) => {
                Sent::Done(Made { issue, in_parent: new.parent.is_some(), milestone: None, issue_type: None })
            }
            Err(error) => Sent::Rejected(failed(error)),
        }
    }

    async fn update_issue(&self, issue: &IssueRef, change: &IssueChange) -> Sent<Issue> {
        let changed = self
            .change(issue.number, |row| {
                if let Some(title) = &change.title {
                    row.title.clone_from(title);
                }
                if let Some(body) = &change.body {
                    row.body.clone_from(body);
                }
                if let Some(reason) = change.close {
                    row.state = "closed".to_owned();
                    row.state_reason = Some(reason.as_str().to_owned());
                    row.closed_at = Some(self.now());
                } else if change.reopen {
                    row.state = "open".to_owned();
                    row.state_reason = Some("reopened".to_owned());
                    row.closed_at = None;
                }
                let mut assignees = names(&row.assignees);
                assignees.retain(|login| !change.unassign.contains(login));
                for login in &change.assign {
                    if !assignees.contains(login) {
                        assignees.push(login.clone());
                    }
                }
                row.assignees = list(&assignees);
                let mut labels = names(&row.labels);
                labels.retain(|label| !change.unlabel.contains(label));
                labels.extend(
                    change.label.iter().filter(|label| !labels.contains(label)).cloned().collect::<Vec<_>>(),
                );
                row.labels = list(&labels);
            })
            .await;
        match changed {
            Ok(Some(issue)) => Sent::Done(issue),
            Ok(None) => Sent::Rejected(missing(issue.number)),
            Err(error) => Sent::Rejected(failed(error)),
        }
    }

    async fn add_sub_issue(&self, parent: &IssueRef, child: &IssueRef) -> Sent<()> {
        match self.change(child.number, |row| row.parent_id = Some(parent.number)).await {
            Ok(Some(_)) => Sent::Done(()),
            Ok(None) => Sent::Rejected(missing(child.number)),
            Err(error) => Sent::Rejected(failed(error)),
        }
    }

    async fn fetch(&self, issues: &[IssueRef]) -> Result<Vec<Seen>, TrackerError> {
        let mut snapshot = self.store.read().await.map_err(failed)?;
        let mut seen = Vec::with_capacity(issues.len());
        for issue in issues {
            let found = snapshot.local_issue(issue.number).await.map_err(failed)?;
            seen.push(found.map_or(Seen::Missing, |issue| Seen::Issue(Box::new(to_issue(issue)))));
        }
        Ok(seen)
    }

    async fn changes(&self, _target: &Target, from: Option<&Bookmark>) -> Result<Changes, TrackerError> {
        let mut issues = self.all().await?;
        let newest = issues.iter().map(|issue| issue.updated_at).max();
        let since = newest.into_iter().chain(from.map(|from| from.since)).max().unwrap_or_default();
        issues.retain(|issue| from.is_some_and(|from| issue.updated_at >= from.since));
        Ok(Changes { issues, next: Bookmark { since, etag: None } })
    }

    async fn closers(&self, issues: &[IssueRef]) -> Result<Vec<Vec<Closer>>, TrackerError> {
        Ok(vec![Vec::new(); issues.len()])
    }

    async fn comments(&self, issues: &[Since]) -> Result<Vec<Vec<Comment>>, TrackerError> {
        Ok(vec![Vec::new(); issues.len()])
    }

    async fn may_write(&self, _target: &Target, _login: &str) -> Result<bool, TrackerError> {
        // Who can open the database can write it.
        Ok(true)
    }

    async fn acknowledge(&self, _target: &Target, _comment: i64) -> Sent<()> {
        Sent::Done(())
    }

    async fn say(&self, _issue: &IssueRef, _text: &str) -> Sent<()> {
        Sent::Done(())
    }

    async fn locate(&self, issue: &IssueRef) -> Result<Whereabouts, TrackerError> {
        let mut snapshot = self.store.read().await.map_err(failed)?;
        let found = snapshot.local_issue(issue.number).await.map_err(failed)?;
        Ok(found.map_or(Whereabouts::Deleted, |found| Whereabouts::Here(Box::new(to_issue(found)))))
    }

    async fn look_up(&self, _repo: &RepoName, number: i64, _near: &Target) -> Result<Found, TrackerError> {
        let mut snapshot = self.store.read().await.map_err(failed)?;
        let found = snapshot.local_issue(number).await.map_err(failed)?;
        let issue = found.map(to_issue).ok_or_else(|| missing(number))?;
        Ok(Found { issue, is_pull_request: false })
    }

    async fn issues_with_label(&self, _target: &Target, label: &str) -> Result<Vec<Issue>, TrackerError> {
        let mut issues = self.all().await?;
        issues.retain(|issue| issue.labels.iter().any(|name| name == label));
        Ok(issues)
    }

    async fn issues_since(
        &self,
        _target: &Target,
        moment: DateTime<Utc>,
    ) -> Result<Vec<Issue>, TrackerError> {
        let mut issues = self.all().await?;
        issues.retain(|issue| issue.updated_at >= moment);
        Ok(issues)
    }
}

fn to_issue(row: LocalIssue) -> Issue {
    Issue {
        at: IssueRef {
            target: Target { repo_id: 1, repo: REPO.to_owned() },
            number: row.id,
            issue_id: row.id,
            node_id: None,
        },
        url: format!("followup:issue/{}", row.id),
        title: row.title,
        body: row.body,
        state: row.state,
        state_reason: row.state_reason,
        labels: names(&row.labels),
        assignees: sorted(names(&row.assignees)),
        created_at: row.created_at,
        updated_at: row.updated_at,
        closed_at: row.closed_at,
        commented_at: None,
        state_by: None,
    }
}

fn list(names: &[String]) -> String {
    serde_json::Value::from(names).to_string()
}

/// Assignees are a set: the same people are the same list.
fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

fn names(list: &str) -> Vec<String> {
    serde_json::from_str(list).unwrap_or_default()
}

#[expect(clippy::needless_pass_by_value, reason = "it is the last use of the error")]
fn failed(error: StoreError) -> TrackerError {
    TrackerError::Unreachable { host: HOST.to_owned(), message: error.to_string() }
}

fn missing(number: i64) -> TrackerError {
    TrackerError::Refused {
        host: HOST.to_owned(),
        status: 404,
        message: format!("there is no issue {number}"),
        field: None,
        hint: None,
        request_id: None,
    }
}
