//! What the sandbox's state looks like to a test: plain values, no HTTP.

use chrono::{DateTime, Utc};

use super::{Sandbox, people};
use crate::json::issue_node;
use crate::state::{Issue, IssueId, World};

/// An issue as it is now.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct IssueView {
    /// Its number in the repository.
    pub number: u64,
    /// Its id, unique in the sandbox.
    pub id: u64,
    /// Its global node id.
    pub node_id: String,
    /// Whether it is a pull request.
    pub is_pull_request: bool,
    /// The title.
    pub title: String,
    /// The text, with the line ends it was stored with; empty when there is none.
    pub body: String,
    /// `open` or `closed`.
    pub state: String,
    /// `completed`, `not_planned`, `duplicate`, `reopened` or nothing.
    pub state_reason: Option<String>,
    /// Logins, in the order they were assigned.
    pub assignees: Vec<String>,
    /// Names, in the order they were put on.
    pub labels: Vec<String>,
    /// The title of its milestone.
    pub milestone: Option<String>,
    /// Its type.
    pub issue_type: Option<String>,
    /// The number of the issue above it.
    pub parent: Option<u64>,
    /// The numbers of the issues under it.
    pub sub_issues: Vec<u64>,
    /// The texts of its comments.
    pub comments: Vec<String>,
    /// Who opened it.
    pub author: String,
    /// Whether its conversation is locked.
    pub locked: bool,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it last changed, in whole seconds.
    pub updated_at: DateTime<Utc>,
    /// When it was closed, if it is.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A comment as it is now.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CommentView {
    /// Its id, unique in the sandbox.
    pub id: u64,
    /// Who wrote it.
    pub author: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Who reacted, and how, oldest first.
    pub reactions: Vec<ReactionView>,
}

/// A reaction to a comment.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ReactionView {
    /// Whose it is.
    pub login: String,
    /// `+1`, `-1`, `laugh`, `confused`, `heart`, `hooray`, `rocket` or `eyes`.
    pub content: String,
}

pub(crate) fn view(world: &World, issue: &Issue) -> IssueView {
    let number = |id: &IssueId| world.issue(*id).number;
    IssueView {
        number: issue.number,
        id: issue.id.0,
        node_id: issue_node(issue),
        is_pull_request: issue.is_pull_request,
        title: issue.title.clone(),
        body: issue.body.clone().unwrap_or_default(),
        state: issue.state().to_owned(),
        state_reason: issue.state_reason().map(str::to_owned),
        assignees: issue.assignees.iter().map(|id| world.user(*id).rest_login()).collect(),
        labels: issue.labels.iter().map(|id| world.label(issue.repo, *id).name.clone()).collect(),
        milestone: issue
            .milestone
            .and_then(|number| world.milestone(issue.repo, number))
            .map(|milestone| milestone.title.clone()),
        issue_type: issue.issue_type.map(str::to_owned),
        parent: issue.parent.as_ref().map(number),
        sub_issues: issue.children.iter().map(number).collect(),
        comments: issue.comments.iter().map(|comment| comment.body.clone()).collect(),
        author: world.user(issue.author).rest_login(),
        locked: issue.locked,
        created_at: issue.created_at,
        updated_at: issue.updated_at,
        closed_at: issue.closed.map(|(_, at)| at),
    }
}

pub(crate) fn all(world: &World, full_name: &str) -> anyhow::Result<Vec<IssueView>> {
    let repo = people::repo(world, full_name)?;
    Ok(world.repo(repo).numbers.values().map(|id| view(world, world.issue(*id))).collect())
}

impl Sandbox {
    /// A repository's issues and pull requests by number; empty when there is no such repository.
    #[must_use]
    pub fn issues(&self, full_name: &str) -> Vec<IssueView> {
        self.desk(|desk| all(&desk.world, full_name)).unwrap_or_default()
    }

    /// One issue, unless it was deleted, transferred or never there.
    #[must_use]
    pub fn issue(&self, full_name: &str, number: u64) -> Option<IssueView> {
        self.desk(|desk| {
            let id = people::issue(&desk.world, full_name, number).ok()?;
            Some(view(&desk.world, desk.world.issue(id)))
        })
    }

    /// An issue's comments, oldest first.
    #[must_use]
    pub fn comments(&self, full_name: &str, number: u64) -> Vec<CommentView> {
        self.desk(|desk| {
            let Ok(id) = people::issue(&desk.world, full_name, number) else { return Vec::new() };
            let shape = |comment: &crate::state::Comment| CommentView {
                id: comment.id.0,
                author: desk.world.user(comment.author).rest_login(),
                body: comment.body.clone(),
                created_at: comment.created_at,
                updated_at: comment.updated_at,
                reactions: comment
                    .reactions
                    .iter()
                    .map(|reaction| ReactionView {
                        login: desk.world.user(reaction.user).rest_login(),
                        content: reaction.content.to_owned(),
                    })
                    .collect(),
            };
            desk.world.issue(id).comments.iter().map(shape).collect()
        })
    }
}
