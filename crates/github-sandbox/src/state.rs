//! What the sandbox remembers: people, tokens, repositories and issues.
//!
//! Invariant: every answer is computed from this state and every write goes through a method here, so REST, GraphQL
//! and the verbs of [`Sandbox`](crate::Sandbox) always see the same issues. Nothing here knows HTTP.

mod apps;
mod budget;
mod family;
mod hooks;
mod index;
mod issues;
mod labels;
mod lookups;
mod milestones;
mod node_id;
mod quirks;
mod repos;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub(crate) use apps::{Acting, App, Grant, Installation, Level, Permissions};
use budget::Minute;
pub(crate) use budget::{Budget, Budgets, ContentLimit, Resource};
pub(crate) use hooks::Hooks;
pub use hooks::WebhookDelivery;
use index::Index;
pub(crate) use index::{Found, Terms};
pub(crate) use issues::NewIssue;
pub(crate) use lookups::{AtNumber, ByName};
pub(crate) use milestones::{ISSUE_TYPES, Milestone};
pub(crate) use node_id::NodeRef;
pub use quirks::Quirks;
pub use repos::{Permission, RepoSettings};
pub(crate) use work::{Closer, REACTIONS, Reaction};

use crate::clock::Clock;

/// GitHub refuses longer bodies of issues and comments.
pub(crate) const MAX_BODY: usize = 65_536;
/// GitHub refuses longer titles.
pub(crate) const MAX_TITLE: usize = 256;
/// GitHub refuses longer label names.
pub(crate) const MAX_LABEL: usize = 50;
/// GitHub refuses more sub-issues under one parent.
pub(crate) const MAX_SUB_ISSUES: usize = 100;
/// GitHub refuses more layers of issues under one: eight levels with the uppermost.
pub(crate) const MAX_LAYERS: usize = 7;
/// GitHub refuses more issues that one waits for, and more that wait for one.
pub(crate) const MAX_BLOCKERS: usize = 50;
/// GitHub refuses more labels on one issue.
pub(crate) const MAX_LABELS: usize = 100;
/// GitHub refuses more assignees on one issue.
pub(crate) const MAX_ASSIGNEES: usize = 10;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(crate) u64);
    )+};
}

ids! {
    /// A person, bot or organisation.
    UserId,
    /// A repository; survives renames.
    RepoId,
    /// An issue or pull request; changes when an issue is transferred.
    IssueId,
    /// A label of one repository; survives renames.
    LabelId,
    /// A comment on an issue.
    CommentId,
}

/// Why an issue was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The work was done.
    Completed,
    /// The work will not be done.
    NotPlanned,
    /// Another issue stands for it.
    Duplicate,
}

impl CloseReason {
    /// The spelling of the REST API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserKind {
    User,
    Organization,
    Bot,
}

impl UserKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Organization => "Organization",
            Self::Bot => "Bot",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: UserId,
    /// Without the `[bot]` of a bot's REST login.
    pub(crate) login: String,
    pub(crate) kind: UserKind,
    pub(crate) created_at: DateTime<Utc>,
}

impl User {
    /// REST spells bots `name[bot]`, GraphQL spells them `name`.
    pub(crate) fn rest_login(&self) -> String {
        match self.kind {
            UserKind::Bot => format!("{}[bot]", self.login),
            UserKind::User | UserKind::Organization => self.login.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) user: UserId,
    pub(crate) budgets: Budgets,
    pub(crate) grant: Grant,
    /// Organisations whose single sign-on it was not authorised for.
    pub(crate) without_sso: BTreeSet<UserId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) id: LabelId,
    pub(crate) name: String,
    pub(crate) color: String,
    pub(crate) description: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Repo {
    pub(crate) id: RepoId,
    pub(crate) owner: UserId,
    pub(crate) owner_login: String,
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) issues_enabled: bool,
    pub(crate) archived: bool,
    /// Deleted: nobody sees it any more, and its name is free.
    pub(crate) gone: bool,
    pub(crate) base: Permission,
    pub(crate) roles: BTreeMap<UserId, Permission>,
    pub(crate) labels: Vec<Label>,
    pub(crate) milestones: Vec<Milestone>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) last_number: u64,
    pub(crate) last_milestone: u64,
    pub(crate) numbers: BTreeMap<u64, IssueId>,
    pub(crate) deleted: BTreeSet<u64>,
    /// Numbers that moved to another repository, and what the issue is now.
    pub(crate) transferred: BTreeMap<u64, IssueId>,
}

impl Repo {
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner_login, self.name)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) author: UserId,
    pub(crate) body: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) reactions: Vec<Reaction>,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Closed { reason: CloseReason, closer: Option<Closer> },
    ConvertedToDiscussion,
    Reopened,
    Labeled { name: String, color: String },
    Unlabeled { name: String, color: String },
    Assigned(UserId),
    Unassigned(UserId),
    Commented(CommentId),
    Renamed { from: String, to: String },
    Milestoned { title: String },
    Demilestoned { title: String },
    Locked,
    Unlocked,
    Transferred,
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) actor: UserId,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) id: IssueId,
    pub(crate) repo: RepoId,
    pub(crate) number: u64,
    pub(crate) is_pull_request: bool,
    pub(crate) author: UserId,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    /// `Some` while the issue is closed.
    pub(crate) closed: Option<(CloseReason, DateTime<Utc>)>,
    pub(crate) merged_at: Option<DateTime<Utc>>,
    /// Pull requests that were said to close this one.
    pub(crate) closing_pulls: Vec<IssueId>,
    pub(crate) was_reopened: bool,
    /// Survives a reopening, as it does at GitHub.
    pub(crate) closed_by: Option<UserId>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) assignees: Vec<UserId>,
    pub(crate) labels: Vec<LabelId>,
    pub(crate) milestone: Option<u64>,
    pub(crate) issue_type: Option<&'static str>,
    pub(crate) locked: bool,
    pub(crate) parent: Option<IssueId>,
    pub(crate) children: Vec<IssueId>,
    pub(crate) blocked_by: Vec<IssueId>,
    pub(crate) blocking: Vec<IssueId>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) events: Vec<Event>,
}

impl Issue {
    pub(crate) fn state(&self) -> &'static str {
        if self.closed.is_some() { "closed" } else { "open" }
    }

    pub(crate) fn state_reason(&self) -> Option<&'static str> {
        match self.closed {
            Some((reason, _)) => Some(reason.as_str()),
            None => self.was_reopened.then_some("reopened"),
        }
    }
}

/// Quirks that stay on until they are switched off.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Switches {
    pub(crate) offline: bool,
    pub(crate) drop_labels: bool,
    pub(crate) cursor_links: bool,
}

#[derive(Debug)]
pub(crate) struct World {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) switches: Switches,
    pub(crate) content: ContentLimit,
    pub(crate) primary_limit: u64,
    pub(crate) anonymous: Budgets,
    /// What apps ask as themselves.
    pub(crate) apps_budget: Budgets,
    /// What searches find.
    index: Index,
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) quirks: Quirks,
    /// Issues that were read at least once, when that matters.
    read_once: BTreeSet<IssueId>,
    /// The points of the last minute.
    points: Minute,
    /// The milliseconds of CPU of the last minute.
    cpu: Minute,
    pub(crate) hooks: Hooks,
    pub(crate) apps: BTreeMap<u64, App>,
    pub(crate) installations: BTreeMap<u64, Installation>,
    pub(crate) tokens_minted: u64,
    /// What the credential of the request at hand may reach; nothing between requests.
    pub(crate) acting: Option<Acting>,
    pub(crate) repos: BTreeMap<RepoId, Repo>,
    /// Lower-cased `owner/name` that a repository no longer has.
    pub(crate) former_names: BTreeMap<String, RepoId>,
    pub(crate) issues: BTreeMap<IssueId, Issue>,
    last_user: u64,
    last_installation: u64,
    last_repo: u64,
    last_issue: u64,
    last_small: u64,
    last_request: u64,
}

impl World {
    pub(crate) fn new(url: String, clock: Clock) -> Self {
        Self {
            url,
            clock,
            switches: Switches::default(),
            content: ContentLimit::default(),
            primary_limit: 5_000,
            anonymous: Budgets::default(),
            apps_budget: Budgets::default(),
            index: Index::default(),
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            quirks: Quirks::default(),
            read_once: BTreeSet::new(),
            points: Minute::default(),
            cpu: Minute::default(),
            hooks: Hooks::default(),
            apps: BTreeMap::new(),
            installations: BTreeMap::new(),
            tokens_minted: 0,
            acting: None,
            repos: BTreeMap::new(),
            former_names: BTreeMap::new(),
            issues: BTreeMap::new(),
            last_user: 190_000_000,
            last_installation: 61_000_000,
            last_repo: 1_030_000_000,
            // Above 2^32 on purpose: 32 bits are not enough for GitHub's ids either.
            last_issue: (1 << 32) + 1_000_000,
            last_small: (1 << 33) + 5_000,
            last_request: 0,
        }
    }

    /// The time as GitHub tells it: whole seconds.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now_whole_seconds()
    }

    pub(crate) fn add_token(&mut self, token: &str, user: UserId) {
        let token_of =
            Token { user, budgets: Budgets::default(), grant: Grant::Whole, without_sso: BTreeSet::new() };
        self.tokens.insert(token.to_owned(), token_of);
    }

    /// Whether one more issue or comment may be made now; counts it when it may.
    pub(crate) fn admit_content(&mut self) -> bool {
        let now = self.clock.now();
        self.content.admit(now)
    }

    pub(crate) fn next_request(&mut self) -> u64 {
        self.last_request += 1;
        self.last_request
    }

    fn next_small(&mut self) -> u64 {
        self.last_small += 1;
        self.last_small
    }
}
