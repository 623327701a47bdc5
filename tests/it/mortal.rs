//! Death at a chosen moment: of a process, at its n-th word with the tracker, or at its n-th step whatever it is.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use followup::tracker::{
    Bookmark, Capabilities, Changes, Closer, Comment, Found, Issue, IssueChange, IssueRef, IssueType, Made,
    Milestone, NewIssue, RepoName, Repository, Seen, Sent, Since, Target, Tracker, TrackerError, Whereabouts,
};

/// Which side of the tracker's answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dies {
    /// Nothing leaves this machine any more.
    Before,
    /// The answer came, and nobody wrote it down.
    After,
}

/// What happens just before a write: people who act in between.
type Meddling = Box<dyn Fn() + Send + Sync>;

/// A tracker during whose n-th request the process dies: nothing after it is ever carried out.
pub(crate) struct Mortal {
    inner: Arc<dyn Tracker>,
    left: AtomicUsize,
    dies: Dies,
    death: tokio::sync::Notify,
    before_updates: Option<Meddling>,
    /// What a look shows instead of what is there, as a copy that lags behind does.
    shows: Vec<Seen>,
}

impl std::fmt::Debug for Mortal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mortal").field("dies", &self.dies).finish_non_exhaustive()
    }
}

impl Mortal {
    /// Dies at the request after `requests` others.
    pub(crate) fn after(requests: usize, dies: Dies, inner: Arc<dyn Tracker>) -> Self {
        let left = AtomicUsize::new(requests);
        let death = tokio::sync::Notify::new();
        Self { inner, left, dies, death, before_updates: None, shows: Vec::new() }
    }

    /// Does not die, but lets somebody act between our look at an issue and our write.
    pub(crate) fn meddled(inner: Arc<dyn Tracker>, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { before_updates: Some(Box::new(act)), ..Self::after(usize::MAX, Dies::Before, inner) }
    }

    /// Does not die, but shows these issues as they were when they were looked at.
    pub(crate) fn showing(inner: Arc<dyn Tracker>, shows: Vec<Seen>) -> Self {
        Self { shows, ..Self::after(usize::MAX, Dies::Before, inner) }
    }

    /// Returns when it has died.
    pub(crate) async fn death(&self) {
        self.death.notified().await;
    }

    async fn request<T>(&self, request: impl Future<Output = T>) -> T {
        let is_last = self.left.fetch_sub(1, Ordering::Relaxed) == 0;
        if is_last && matches!(self.dies, Dies::Before) {
            self.die().await;
        }
        let answer = request.await;
        if is_last {
            self.die().await;
        }
        answer
    }

    async fn die(&self) {
        self.death.notify_one();
        std::future::pending::<()>().await;
    }
}

#[async_trait]
impl Tracker for Mortal {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn host(&self) -> &str {
        self.inner.host()
    }

    fn credential(&self) -> String {
        self.inner.credential()
    }

    fn is_at(&self, host: Option<&str>) -> bool {
        self.inner.is_at(host)
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn requests(&self) -> u64 {
        self.inner.requests()
    }

    fn skew(&self) -> Option<Duration> {
        self.inner.skew()
    }

    async fn whoami(&self) -> Result<String, TrackerError> {
        self.request(self.inner.whoami()).await
    }

    async fn repository(&self, name: &RepoName) -> Result<Repository, TrackerError> {
        self.request(self.inner.repository(name)).await
    }

    async fn labels(&self, target: &Target) -> Result<Vec<String>, TrackerError> {
        self.request(self.inner.labels(target)).await
    }

    async fn create_label(&self, target: &Target, name: &str) -> Sent<()> {
        self.request(self.inner.create_label(target, name)).await
    }

    async fn milestones(&self, target: &Target) -> Result<Vec<Milestone>, TrackerError> {
        self.request(self.inner.milestones(target)).await
    }

    async fn issue_types(&self, target: &Target) -> Result<Option<Vec<IssueType>>, TrackerError> {
        self.request(self.inner.issue_types(target)).await
    }

    async fn create_issue(&self, target: &Target, new: &NewIssue) -> Sent<Made> {
        self.request(self.inner.create_issue(target, new)).await
    }

    async fn update_issue(&self, issue: &IssueRef, change: &IssueChange) -> Sent<Issue> {
        if let Some(act) = &self.before_updates {
            act();
        }
        self.request(self.inner.update_issue(issue, change)).await
    }

    async fn add_sub_issue(&self, parent: &IssueRef, child: &IssueRef) -> Sent<()> {
        self.request(self.inner.add_sub_issue(parent, child)).await
    }

    async fn fetch(&self, issues: &[IssueRef]) -> Result<Vec<Seen>, TrackerError> {
        let mut seen = self.request(self.inner.fetch(issues)).await?;
        for (at, seen) in issues.iter().zip(&mut seen) {
            let is_it =
                |shown: &&Seen| matches!(shown, Seen::Issue(issue) if issue.at.issue_id == at.issue_id);
            if let Some(shown) = self.shows.iter().find(is_it) {
                *seen = shown.clone();
            }
        }
        Ok(seen)
    }

    fn lists_to_look_up(&self) -> bool {
        self.inner.lists_to_look_up()
    }

    async fn changes(&self, target: &Target, from: Option<&Bookmark>) -> Result<Changes, TrackerError> {
        self.request(self.inner.changes(target, from)).await
    }

    async fn closers(&self, issues: &[IssueRef]) -> Result<Vec<Vec<Closer>>, TrackerError> {
        self.request(self.inner.closers(issues)).await
    }

    async fn comments(&self, issues: &[Since]) -> Result<Vec<Vec<Comment>>, TrackerError> {
        self.request(self.inner.comments(issues)).await
    }

    async fn may_write(&self, target: &Target, login: &str) -> Result<bool, TrackerError> {
        self.request(self.inner.may_write(target, login)).await
    }

    async fn acknowledge(&self, target: &Target, comment: i64) -> Sent<()> {
        self.request(self.inner.acknowledge(target, comment)).await
    }

    async fn say(&self, issue: &IssueRef, text: &str) -> Sent<()> {
        self.request(self.inner.say(issue, text)).await
    }

    async fn locate(&self, issue: &IssueRef) -> Result<Whereabouts, TrackerError> {
        self.request(self.inner.locate(issue)).await
    }

    async fn look_up(&self, repo: &RepoName, number: i64, near: &Target) -> Result<Found, TrackerError> {
        self.request(self.inner.look_up(repo, number, near)).await
    }

    async fn issues_with_label(&self, target: &Target, label: &str) -> Result<Vec<Issue>, TrackerError> {
        self.request(self.inner.issues_with_label(target, label)).await
    }

    async fn issues_since(&self, target: &Target, moment: DateTime<Utc>) -> Result<Vec<Issue>, TrackerError> {
        self.request(self.inner.issues_since(target, moment)).await
    }
}

/// A future that is taken up only so many times, and then dropped: whatever it was doing ends there.
#[derive(Debug)]
pub(crate) struct Budget<F> {
    inner: Pin<Box<F>>,
    steps: usize,
}

impl<F: Future> Budget<F> {
    pub(crate) fn of(steps: usize, future: F) -> Self {
        Self { inner: Box::pin(future), steps }
    }
}

impl<F: Future> Future for Budget<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(steps) = self.steps.checked_sub(1) else { return Poll::Ready(None) };
        self.steps = steps;
        self.inner.as_mut().poll(context).map(Some)
    }
}
