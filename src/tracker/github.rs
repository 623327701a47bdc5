//! GitHub and GitHub Enterprise Server, through octocrab's raw methods.
//!
//! Invariants: octocrab never sends anything twice (`RetryConfig::None`; its default would send a POST four times),
//! never follows a redirect, and never waits for ever. Its models are not used: they fail a whole page for one odd
//! user. Facts about GitHub's behaviour come from its REST and GraphQL documentation, read in 2026.

mod auth;
mod changes;
mod client;
mod closers;
mod comments;
mod create;
mod graphql;
mod locate;
mod look;
mod meter;
mod place;
mod probe;
mod refusal;
mod report;
mod sign_in;
mod wire;

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use serde_json::json;

use self::client::{Answer, Client};
pub use self::{
    auth::{App, Credentials, KeyError},
    probe::{CredentialKind, Identity},
    report::ReportIssue,
};
use super::{
    Bookmark, Budget, Capabilities, Changes, CloseReason, Closer, Comment, Found, Issue, IssueChange,
    IssueRef, IssueType, Limit, Made, Milestone, NewIssue, RepoName, Repository, Seen, Sent, Since, Standing,
    Target, Tracker, TrackerError, Whereabouts,
};
use crate::clock::Clock;

/// The name of this tracker.
pub const NAME: &str = "github";

/// The host of the API at `api_url`, as it stands in our database.
#[must_use]
pub fn host_of(api_url: &str) -> &str {
    client::host_of(api_url)
}

/// How to reach a GitHub.
#[derive(Debug)]
pub struct Settings {
    /// The root of the REST API.
    pub api_url: String,
    /// What to sign in with; nothing is an error when the first request is made.
    pub credentials: Option<Credentials>,
    /// Whether to ask without where there is none: a public issue is shown to everybody.
    pub may_be_anonymous: bool,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// The label that every issue of ours has: it makes lists short.
    pub label: String,
}

/// A GitHub.
#[derive(Debug)]
pub struct GitHub {
    client: Client,
    label: String,
    /// What GraphQL calls things by.
    ids: create::Ids,
    /// How many issues are asked for in one GraphQL request; fewer after GitHub could not answer in time.
    nodes_at_a_time: AtomicUsize,
    /// Whether many issues were looked up by lists last, because the server knows no GraphQL.
    lists: AtomicBool,
    /// Whether this server answers to repositories by name only; not known before it refused one by number.
    by_name: OnceLock<bool>,
}

impl GitHub {
    /// A client for the GitHub of `settings`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`TrackerError::Unreachable`] when the address makes no sense.
    pub fn new(settings: Settings) -> Result<Self, TrackerError> {
        Ok(Self {
            client: Client::new(&settings)?,
            label: settings.label,
            ids: create::Ids::default(),
            nodes_at_a_time: AtomicUsize::new(graphql::MAX_NODES),
            lists: AtomicBool::new(false),
            by_name: OnceLock::new(),
        })
    }

    /// Counts the pauses that GitHub asks for on `clock`, which has to be the one they are waited on.
    #[must_use]
    pub fn paced_by(self, clock: Arc<dyn Clock>) -> Self {
        Self { client: self.client.paced_by(clock), ..self }
    }

    /// Leaves at least this long between two requests that change something. GitHub advises a second; the pace of new
    /// issues is not its business.
    #[must_use]
    pub fn writing_every(self, interval: Duration) -> Self {
        Self { client: self.client.writing_every(interval), ..self }
    }

    /// Asks for something of a repository: by its number, which survives a rename. Some servers that speak GitHub's API
    /// know no numbers; a name is used only after the repository of that name proved to be the same one, because after
    /// a rename the name can be somebody else's.
    async fn of_repository<B: serde::Serialize + Sync + ?Sized>(
        &self,
        method: Method,
        target: &Target,
        rest: &str,
        body: Option<&B>,
    ) -> Result<Answer, TrackerError> {
        let by_number = format!("/repositories/{}{rest}", target.repo_id);
        let by_name = format!("/repos/{}{rest}", target.repo);
        if self.by_name.get() == Some(&true) {
            return self.client.send(method, &by_name, body).await;
        }
        match self.client.send(method.clone(), &by_number, body).await {
            Err(TrackerError::Refused { status: 404, .. }) if self.knows_names_only(target).await? => {
                self.client.send(method, &by_name, body).await
            }
            answer => answer,
        }
    }

    /// Reads something of a repository, unless it still is what was tagged `known`: then the status is 304.
    async fn of_repository_unless(
        &self,
        target: &Target,
        rest: &str,
        known: Option<&str>,
    ) -> Result<Answer, TrackerError> {
        let by_number = format!("/repositories/{}{rest}", target.repo_id);
        let by_name = format!("/repos/{}{rest}", target.repo);
        if self.by_name.get() == Some(&true) {
            return self.client.get_unless(&by_name, known).await;
        }
        match self.client.get_unless(&by_number, known).await {
            Err(TrackerError::Refused { status: 404, .. }) if self.knows_names_only(target).await? => {
                self.client.get_unless(&by_name, known).await
            }
            answer => answer,
        }
    }

    /// Whether this server refuses a repository by number that it shows by name.
    async fn knows_names_only(&self, target: &Target) -> Result<bool, TrackerError> {
        if let Some(known) = self.by_name.get() {
            return Ok(*known);
        }
        let known = match self.client.get(&format!("/repositories/{}", target.repo_id)).await {
            Ok(_) => Some(false),
            Err(TrackerError::Refused { status: 404, .. }) => {
                let named = self.client.get(&format!("/repos/{}", target.repo)).await;
                let named = named.and_then(|answer| self.client.decode::<wire::Repository>(&answer));
                named.is_ok_and(|repository| repository.id == target.repo_id).then_some(true)
            }
            Err(error) => return Err(error),
        };
        // Neither way: out of reach, which says nothing about the server.
        Ok(known.is_some_and(|known| *self.by_name.get_or_init(|| known)))
    }

    async fn issue(&self, target: &Target, number: i64) -> Result<Issue, TrackerError> {
        let rest = format!("/issues/{number}");
        let answer = self.of_repository::<()>(Method::GET, target, &rest, None).await?;
        let issue: wire::Issue = self.client.decode(&answer)?;
        Ok(issue.into_issue(target))
    }

    /// Follows `Link: rel="next"` to the end. Pull requests, which GitHub lists among issues, are left out.
    async fn list(&self, target: &Target, rest: &str) -> Result<Vec<Issue>, TrackerError> {
        let items: Vec<wire::Issue> = self.pages(target, rest).await?;
        Ok(items
            .into_iter()
            .filter(|issue| issue.pull_request.is_none())
            .map(|issue| issue.into_issue(target))
            .collect())
    }

    async fn pages<T: serde::de::DeserializeOwned>(
        &self,
        target: &Target,
        rest: &str,
    ) -> Result<Vec<T>, TrackerError> {
        let mut answer = self.of_repository::<()>(Method::GET, target, rest, None).await?;
        let mut items: Vec<T> = self.client.decode(&answer)?;
        while let Some(next) = answer.next_page.take() {
            answer = self.client.get(&next).await?;
            items.extend(self.client.decode::<Vec<T>>(&answer)?);
        }
        Ok(items)
    }

    /// What a write that failed says of itself; a success in the status line is one even if the rest is unreadable.
    fn outcome<T>(
        answer: Result<Answer, TrackerError>,
        read: impl FnOnce(Answer) -> Result<T, TrackerError>,
    ) -> Sent<T> {
        match answer.and_then(read) {
            Ok(value) => Sent::Done(value),
            Err(error) => Sent::failed(error),
        }
    }

    async fn change_assignees(
        &self,
        method: Method,
        issue: &IssueRef,
        logins: &[String],
    ) -> Result<(), TrackerError> {
        if logins.is_empty() {
            return Ok(());
        }
        let body = json!({ "assignees": logins });
        let rest = format!("/issues/{}/assignees", issue.number);
        self.of_repository(method, &issue.target, &rest, Some(&body)).await.map(drop)
    }

    /// Adds and takes away single labels; the others are not ours. One that is not there is away. GitHub makes a label that
    /// the repository lacks. Who may not set labels has them dropped, as when an issue is made: the answer shows it.
    async fn change_labels(&self, issue: &IssueRef, change: &IssueChange) -> Result<(), TrackerError> {
        let rest = format!("/issues/{}/labels", issue.number);
        if !change.label.is_empty() {
            let body = json!({ "labels": change.label });
            match self.of_repository(Method::POST, &issue.target, &rest, Some(&body)).await {
                Ok(_) | Err(TrackerError::Refused { status: 403 | 404, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        for label in &change.unlabel {
            let one = format!("{rest}/{}", client::encode(label));
            match self.of_repository::<()>(Method::DELETE, &issue.target, &one, None).await {
                Ok(_) | Err(TrackerError::Refused { status: 403 | 404, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn change(&self, issue: &IssueRef, change: &IssueChange) -> Result<Issue, TrackerError> {
        self.change_assignees(Method::POST, issue, &change.assign).await?;
        self.change_assignees(Method::DELETE, issue, &change.unassign).await?;
        self.change_labels(issue, change).await?;
        let mut fields = serde_json::Map::new();
        if let Some(title) = &change.title {
            fields.insert("title".to_owned(), json!(title));
        }
        if let Some(body) = &change.body {
            fields.insert("body".to_owned(), json!(body));
        }
        if let Some(reason) = change.close {
            fields.insert("state".to_owned(), json!("closed"));
            fields.insert("state_reason".to_owned(), json!(reason.as_str()));
        } else if change.reopen {
            fields.insert("state".to_owned(), json!("open"));
            fields.insert("state_reason".to_owned(), json!("reopened"));
        }
        if fields.is_empty() {
            return self.issue(&issue.target, issue.number).await;
        }
        let rest = format!("/issues/{}", issue.number);
        let answer = match self.of_repository(Method::PATCH, &issue.target, &rest, Some(&fields)).await {
            // Servers of before 2025 do not know `duplicate`; it is a way of not planned.
            Err(TrackerError::Refused { status: 422, .. })
                if change.close == Some(CloseReason::Duplicate) =>
            {
                fields.insert("state_reason".to_owned(), json!(CloseReason::NotPlanned.as_str()));
                self.of_repository(Method::PATCH, &issue.target, &rest, Some(&fields)).await?
            }
            answer => answer?,
        };
        let changed: wire::Issue = self.client.decode(&answer)?;
        Ok(changed.into_issue(&issue.target))
    }
}

#[async_trait]
impl Tracker for GitHub {
    fn name(&self) -> &'static str {
        NAME
    }

    fn host(&self) -> &str {
        self.client.host()
    }

    fn credential(&self) -> String {
        self.client.credentials().map(Credentials::name).unwrap_or_default()
    }

    fn is_at(&self, host: Option<&str>) -> bool {
        let api = self.client.host();
        // People see `api.github.com` at `github.com`, and `api.NAME.ghe.com` at `NAME.ghe.com`.
        let bare =
            api.strip_prefix("api.").filter(|bare| *bare == "github.com" || bare.ends_with(".ghe.com"));
        let web = bare.unwrap_or(api);
        host.is_none_or(|host| host.strip_prefix("www.").unwrap_or(host).eq_ignore_ascii_case(web))
    }

    fn capabilities(&self) -> Capabilities {
        // 256 and 65,536 are GitHub's; the design keeps a little away from both. 100 sub-issues a parent is GitHub's.
        Capabilities {
            max_title: 250,
            max_body: 60_000,
            max_sub_issues: 100,
            knows_accounts: true,
            paces_creates: true,
        }
    }

    fn requests(&self) -> u64 {
        self.client.requests()
    }

    fn skew(&self) -> Option<chrono::Duration> {
        self.client.skew()
    }

    fn standing(&self) -> Standing {
        self.client.standing()
    }

    async fn whoami(&self) -> Result<String, TrackerError> {
        if let Some(Credentials::App(app)) = self.client.credentials() {
            return self.client.bot(app).await;
        }
        let answer = self.client.get("/user").await?;
        let account: wire::Account = self.client.decode(&answer)?;
        Ok(account.login)
    }

    async fn repository(&self, name: &RepoName) -> Result<Repository, TrackerError> {
        let mut answer =
            self.client.get_or_moved(&format!("/repos/{}/{}", name.owner(), name.name())).await?;
        // A renamed repository answers with where it is now; one step is enough for that.
        if let Some(location) = answer.location.take() {
            answer = self.client.get(&location).await?;
        }
        let repository: wire::Repository = self.client.decode(&answer)?;
        Ok(Repository {
            target: Target { repo_id: repository.id, repo: repository.full_name },
            is_private: repository.private,
            is_archived: repository.archived,
            has_issues: repository.has_issues,
            can_push: repository.permissions.map(|permissions| permissions.push),
        })
    }

    async fn labels(&self, target: &Target) -> Result<Vec<String>, TrackerError> {
        let labels: Vec<wire::Label> = self.pages(target, "/labels?per_page=100").await?;
        Ok(labels.into_iter().map(|label| label.name).collect())
    }

    async fn create_label(&self, target: &Target, name: &str) -> Sent<()> {
        let (color, description) = wire::label_style(name);
        let body = json!({ "name": name, "color": color, "description": description });
        self.ids.forget_label(target, name);
        match self.of_repository(Method::POST, target, "/labels", Some(&body)).await {
            Err(TrackerError::Refused { status: 422, ref message, .. })
                if message.contains("already_exists") =>
            {
                Sent::Done(())
            }
            answer => Self::outcome(answer, |_| Ok(())),
        }
    }

    async fn milestones(&self, target: &Target) -> Result<Vec<Milestone>, TrackerError> {
        self.open_milestones(target).await
    }

    async fn issue_types(&self, target: &Target) -> Result<Option<Vec<IssueType>>, TrackerError> {
        self.types_of_issues(target).await
    }

    async fn create_issue(&self, target: &Target, new: &NewIssue) -> Sent<Made> {
        let parent = new.parent.as_ref().and_then(|parent| parent.node_id.as_deref());
        if let Some(parent) = parent
            && let Some(outcome) = self.create_under(target, new, parent).await
        {
            return outcome;
        }
        let mut body = json!({
            "title": new.title,
            "body": new.body,
            "labels": new.labels,
            "assignees": new.assignees,
        });
        if let Some(milestone) = &new.milestone {
            body["milestone"] = json!(milestone.number);
        }
        if let Some(issue_type) = &new.issue_type {
            body["type"] = json!(issue_type.name);
        }
        let answer = self.of_repository(Method::POST, target, "/issues", Some(&body)).await;
        Self::outcome(answer, |answer| {
            let mut issue: wire::Issue = self.client.decode(&answer)?;
            let (milestone, issue_type) = issue.place();
            Ok(Made { issue: issue.into_issue(target), in_parent: false, milestone, issue_type })
        })
    }

    async fn update_issue(&self, issue: &IssueRef, change: &IssueChange) -> Sent<Issue> {
        match self.change(issue, change).await {
            Ok(issue) => Sent::Done(issue),
            Err(error) => Sent::failed(error),
        }
    }

    async fn add_sub_issue(&self, parent: &IssueRef, child: &IssueRef) -> Sent<()> {
        let rest = format!("/issues/{}/sub_issues", parent.number);
        let body = json!({ "sub_issue_id": child.issue_id });
        match self.of_repository(Method::POST, &parent.target, &rest, Some(&body)).await {
            Err(error @ TrackerError::Refused { status: 422, .. }) => {
                // It refuses what is there already in the same way as what cannot be; so look.
                match self.list(&parent.target, &format!("{rest}?per_page=100")).await {
                    Ok(children) if children.iter().any(|issue| issue.at.issue_id == child.issue_id) => {
                        Sent::Done(())
                    }
                    _ => Sent::Rejected(error),
                }
            }
            answer => Self::outcome(answer, |_| Ok(())),
        }
    }

    async fn fetch(&self, issues: &[IssueRef]) -> Result<Vec<Seen>, TrackerError> {
        self.look_at(issues).await
    }

    fn lists_to_look_up(&self) -> bool {
        self.lists.load(Ordering::Relaxed)
    }

    async fn changes(&self, target: &Target, from: Option<&Bookmark>) -> Result<Changes, TrackerError> {
        match from {
            Some(from) => self.changes_since(target, from).await,
            None => self.newest_change(target).await,
        }
    }

    async fn closers(&self, issues: &[IssueRef]) -> Result<Vec<Vec<Closer>>, TrackerError> {
        self.who_closed(issues).await
    }

    async fn comments(&self, issues: &[Since]) -> Result<Vec<Vec<Comment>>, TrackerError> {
        self.comments_of(issues).await
    }

    async fn may_write(&self, target: &Target, login: &str) -> Result<bool, TrackerError> {
        self.has_right_to_write(target, login).await
    }

    async fn acknowledge(&self, target: &Target, comment: i64) -> Sent<()> {
        self.thumb_up(target, comment).await
    }

    async fn say(&self, issue: &IssueRef, text: &str) -> Sent<()> {
        self.write_comment(issue, text).await
    }

    async fn locate(&self, issue: &IssueRef) -> Result<Whereabouts, TrackerError> {
        self.whereabouts(issue).await
    }

    async fn look_up(&self, repo: &RepoName, number: i64, near: &Target) -> Result<Found, TrackerError> {
        self.named_issue(repo, number, near).await
    }

    async fn issues_with_label(&self, target: &Target, label: &str) -> Result<Vec<Issue>, TrackerError> {
        let label = client::encode(label);
        let rest = format!("/issues?state=all&labels={label}&sort=created&direction=asc&per_page=100");
        self.list(target, &rest).await
    }

    async fn issues_since(&self, target: &Target, moment: DateTime<Utc>) -> Result<Vec<Issue>, TrackerError> {
        let since = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        let since = client::encode(&since);
        let rest = format!("/issues?state=all&since={since}&sort=created&direction=desc&per_page=100");
        self.list(target, &rest).await
    }
}
