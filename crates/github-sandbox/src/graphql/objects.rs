//! The things GraphQL fields are selected from, and what a field can come to.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::call::{Refusal, SAML};
use crate::state::{
    CommentId, IssueId, LabelId, Level, NodeRef, Permission, RepoId, UserId, UserKind, What, World,
};

/// Something with fields.
#[derive(Clone, Debug)]
pub(super) enum Object {
    Query,
    Mutation,
    RateLimit,
    User(UserId),
    Repo(RepoId),
    Issue(IssueId),
    Label(RepoId, LabelId),
    Comment(IssueId, CommentId),
    Event(IssueId, u64),
    /// A commit that closed an issue, and when.
    Commit(RepoId, String, DateTime<Utc>),
    Milestone(RepoId, u64),
    /// By its place among the types.
    IssueType(usize),
    SubIssuesSummary(IssueId),
    Connection(&'static str, Page),
    Edge(&'static str, String, Box<Self>),
    PageInfo(Page),
    /// A mutation's answer: its type and its members.
    Payload(&'static str, Vec<(&'static str, Out)>),
}

/// One page of a connection.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) items: Vec<Object>,
    pub(super) cursors: Vec<String>,
    pub(super) total: usize,
    pub(super) has_next: bool,
    pub(super) has_previous: bool,
}

/// What a field comes to.
#[derive(Clone, Debug)]
pub(super) enum Out {
    Value(Value),
    Object(Object),
    Objects(Vec<Result<Object, Problem>>),
}

/// Why a field came to nothing.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) kind: &'static str,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn not_found(message: String) -> Self {
        Self { kind: "NOT_FOUND", message }
    }

    pub(super) fn no_node(id: &str) -> Self {
        Self::not_found(format!("Could not resolve to a node with the global id of '{id}'"))
    }

    /// What the credential of this request was not given for a repository, if anything.
    pub(super) fn of_credential(world: &World, repo: RepoId, level: Level) -> Option<Self> {
        let acting = world.acting.as_ref()?;
        if world.wants_sso(repo) && (world.repo(repo).private || level > Level::Read) {
            return Some(Self { kind: "FORBIDDEN", message: SAML.to_owned() });
        }
        let reached = world.reaches(acting.user, repo);
        let missing = if reached { world.lacks("issues", level) } else { level > Level::Read };
        missing.then(|| Self { kind: "FORBIDDEN", message: acting.refusal().to_owned() })
    }

    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self { kind: "UNPROCESSABLE", message: message.into() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::unprocessable(refusal.message())
    }
}

impl Out {
    pub(super) fn value(value: impl Into<Value>) -> Result<Self, Problem> {
        Ok(Self::Value(value.into()))
    }

    pub(super) fn null() -> Result<Self, Problem> {
        Ok(Self::Value(Value::Null))
    }
}

impl Object {
    pub(super) fn type_name(&self, world: &World) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Mutation => "Mutation",
            Self::RateLimit => "RateLimit",
            Self::User(id) => match world.user(*id).kind {
                UserKind::User => "User",
                UserKind::Bot => "Bot",
                UserKind::Organization => "Organization",
            },
            Self::Repo(_) => "Repository",
            Self::Issue(id) if world.issue(*id).is_pull_request => "PullRequest",
            Self::Issue(_) => "Issue",
            Self::Label(..) => "Label",
            Self::Comment(..) => "IssueComment",
            Self::Event(issue, id) => {
                let event = world.issue(*issue).events.iter().find(|event| event.id == *id);
                match event.map(|event| &event.what) {
                    Some(What::ConvertedToDiscussion) => "ConvertedToDiscussionEvent",
                    Some(What::Reopened) => "ReopenedEvent",
                    Some(What::Labeled { .. }) => "LabeledEvent",
                    Some(What::Unlabeled { .. }) => "UnlabeledEvent",
                    Some(What::Assigned(_)) => "AssignedEvent",
                    Some(What::Unassigned(_)) => "UnassignedEvent",
                    _ => "ClosedEvent",
                }
            }
            Self::Commit(..) => "Commit",
            Self::Milestone(..) => "Milestone",
            Self::IssueType(_) => "IssueType",
            Self::SubIssuesSummary(_) => "SubIssuesSummary",
            Self::Connection(name, _) | Self::Edge(name, ..) | Self::Payload(name, _) => name,
            Self::PageInfo(_) => "PageInfo",
        }
    }

    /// What a global id names, if the viewer may see it.
    pub(super) fn by_node_id(world: &World, id: &str, viewer: Option<UserId>) -> Result<Self, Problem> {
        let seen = |repo: RepoId| {
            world.repos.contains_key(&repo) && world.permission(repo, viewer) > Permission::None
        };
        let found = match NodeRef::decode(id) {
            Some(NodeRef::User(user)) => world.users.contains_key(&user).then_some(Self::User(user)),
            Some(NodeRef::Repo(repo)) => seen(repo).then_some(Self::Repo(repo)),
            Some(NodeRef::Issue(repo, issue) | NodeRef::PullRequest(repo, issue)) => world
                .issues
                .get(&issue)
                .filter(|at| at.repo == repo && seen(repo))
                .filter(|at| at.is_pull_request == id.starts_with("PR_"))
                .map(|_| Self::Issue(issue)),
            Some(NodeRef::Label(repo, label)) => (seen(repo)
                && world.repo(repo).labels.iter().any(|at| at.id == label))
            .then_some(Self::Label(repo, label)),
            Some(NodeRef::Comment(repo, comment)) => {
                if seen(repo) {
                    world.comment(repo, comment).map(|(issue, _)| Self::Comment(issue.id, comment))
                } else {
                    None
                }
            }
            Some(NodeRef::Event(repo, event)) if seen(repo) => world
                .issues
                .values()
                .find(|issue| issue.repo == repo && issue.events.iter().any(|at| at.id == event))
                .map(|issue| Self::Event(issue.id, event)),
            Some(NodeRef::Milestone(repo, id)) if seen(repo) => {
                let found = world.repo(repo).milestones.iter().find(|at| at.id == id);
                found.map(|at| Self::Milestone(repo, at.number))
            }
            Some(NodeRef::Event(..) | NodeRef::Reaction(..) | NodeRef::Milestone(..)) | None => None,
        };
        let found = found.ok_or_else(|| Problem::no_node(id))?;
        let repo = match &found {
            Self::Issue(issue) | Self::Comment(issue, _) | Self::Event(issue, _) => {
                Some(world.issue(*issue).repo)
            }
            Self::Label(repo, _) => Some(*repo),
            _ => None,
        };
        match repo.and_then(|repo| Problem::of_credential(world, repo, Level::Read)) {
            Some(problem) => Err(problem),
            None => Ok(found),
        }
    }
}
