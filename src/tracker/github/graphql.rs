//! Looking up many issues in one request.
//!
//! octocrab's own GraphQL method throws the whole answer away when one node is missing; here each node stands alone.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Issue, IssueRef, Seen, TrackerError,
    client::Client,
    wire::{self, sorted},
};

/// How many nodes GitHub takes in one `nodes(ids:)`.
pub(super) const MAX_NODES: usize = 100;

/// So few nodes are never too many: when they fail, something else is wrong.
pub(super) const FEW_NODES: usize = 12;

const ISSUES: &str = include_str!("issues.graphql");

#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Failure>,
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(default)]
    nodes: Option<Vec<Value>>,
}

/// What became of one request about many nodes.
pub(super) enum Nodes {
    /// One for each, in the same order; null where it is not there.
    Given(Vec<Value>),
    /// It was too much at once.
    TooMuch,
    /// It cannot be asked in this way: an issue has no node id, or the answer held nothing.
    Unusable,
    /// This server knows no GraphQL, or no ids for it.
    NotHere,
}

/// Asks `query` about up to [`MAX_NODES`] issues.
pub(super) async fn nodes(client: &Client, query: &str, issues: &[IssueRef]) -> Result<Nodes, TrackerError> {
    let Some(ids) = issues.iter().map(|issue| issue.node_id.as_deref()).collect::<Option<Vec<_>>>() else {
        let has_ids = issues.iter().any(|issue| issue.node_id.is_some());
        return Ok(if has_ids { Nodes::Unusable } else { Nodes::NotHere });
    };
    let body = json!({ "query": query, "variables": { "ids": ids } });
    let answer = match client.graphql(&body).await {
        Err(TrackerError::Refused { status: 404 | 405 | 410, .. }) => return Ok(Nodes::NotHere),
        answer => answer?,
    };
    let reply: Reply = client.decode(&answer)?;
    // GitHub says with status 200 that a limit was reached.
    if reply.errors.iter().any(Failure::is_limit) {
        return Err(client.graphql_limit(&answer));
    }
    let nodes = match reply.data.and_then(|data| data.nodes) {
        Some(nodes) if nodes.len() == issues.len() => nodes,
        _ => {
            let message = reply.errors.first().map(|error| error.message.as_str());
            tracing::warn!(message, "GraphQL gave no data");
            return Ok(if issues.len() > FEW_NODES { Nodes::TooMuch } else { Nodes::Unusable });
        }
    };
    // Null is said of what is not there, with an error that says so, and of what was left out for want of time.
    let is_left_out =
        |error: &Failure| error.kind.as_deref().is_some_and(|kind| kind.contains("RESOURCE_LIMITS"));
    if issues.len() > FEW_NODES && nodes.iter().any(Value::is_null) && reply.errors.iter().any(is_left_out) {
        return Ok(Nodes::TooMuch);
    }
    Ok(Nodes::Given(nodes))
}

#[derive(Debug, Deserialize)]
pub(super) struct Failure {
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) message: String,
}

impl Failure {
    pub(super) fn is_limit(&self) -> bool {
        self.kind.as_deref() == Some("RATE_LIMITED") || self.message.contains("submitted too quickly")
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: String,
    number: i64,
    #[serde(default)]
    url: String,
    title: String,
    #[serde(default)]
    body: Option<String>,
    state: String,
    #[serde(default)]
    state_reason: Option<String>,
    created_at: chrono::DateTime<chrono::Utc>,
    updated_at: chrono::DateTime<chrono::Utc>,
    #[serde(default)]
    closed_at: Option<chrono::DateTime<chrono::Utc>>,
    timeline_items: Option<Connection<StateEvent>>,
    #[serde(default)]
    comments: Option<Connection<Written>>,
    assignees: Connection<wire::Account>,
    labels: Option<Connection<wire::Label>>,
    repository: NodeRepository,
}

#[derive(Debug, Deserialize)]
pub(super) struct Connection<T> {
    #[serde(default = "Vec::new")]
    pub(super) nodes: Vec<Option<T>>,
}

/// When a comment was written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    created_at: chrono::DateTime<chrono::Utc>,
}

/// That it was closed, opened again, or made a discussion. The actor of an account that is gone is nobody.
#[derive(Debug, Deserialize)]
struct StateEvent {
    #[serde(default, rename = "__typename")]
    kind: String,
    #[serde(default)]
    actor: Option<wire::Account>,
}

/// The reason of an issue that was made a discussion: GitHub closes it as if it were done.
const CONVERTED: &str = "converted_to_discussion";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeRepository {
    #[serde(default)]
    database_id: Option<i64>,
    name_with_owner: String,
}

/// Looks up to [`MAX_NODES`] issues up: one answer for each, or why there is none.
pub(super) async fn fetch(
    client: &Client,
    issues: &[IssueRef],
) -> Result<Result<Vec<Seen>, Nodes>, TrackerError> {
    Ok(match nodes(client, ISSUES, issues).await? {
        Nodes::Given(nodes) => {
            Ok(nodes.into_iter().zip(issues).map(|(node, issue)| read(node, issue)).collect())
        }
        none => Err(none),
    })
}

/// A node that is no issue, or cannot be read, is missing; it never spoils the others.
pub(super) fn read(node: Value, issue: &IssueRef) -> Seen {
    if node.is_null() {
        return Seen::Missing;
    }
    let node: Node = match serde_json::from_value(node) {
        Ok(node) => node,
        Err(error) => {
            tracing::warn!(%error, repo = issue.target.repo, number = issue.number, "cannot read an issue");
            return Seen::Missing;
        }
    };
    let mut at = issue.clone();
    at.number = node.number;
    at.node_id = Some(node.id);
    at.target.repo = node.repository.name_with_owner;
    at.target.repo_id = node.repository.database_id.unwrap_or(at.target.repo_id);
    let names = |connection: Option<Connection<wire::Label>>| {
        connection
            .map(|labels| labels.nodes.into_iter().flatten().map(|label| label.name).collect())
            .unwrap_or_default()
    };
    // The last two: making a discussion of an issue closes it as well.
    let events = node.timeline_items.map(|events| events.nodes.into_iter().flatten().collect::<Vec<_>>());
    let events = events.unwrap_or_default();
    let is_converted = events.iter().rev().take_while(|event| event.kind != "ReopenedEvent");
    let is_converted = node.state == "CLOSED"
        && is_converted.into_iter().any(|event| event.kind == "ConvertedToDiscussionEvent");
    Seen::Issue(Box::new(Issue {
        at,
        url: node.url,
        title: node.title,
        body: node.body.unwrap_or_default(),
        state: node.state.to_lowercase(),
        state_reason: match is_converted {
            true => Some(CONVERTED.to_owned()),
            false => node.state_reason.map(|reason| reason.to_lowercase()),
        },
        labels: names(node.labels),
        assignees: sorted(node.assignees.nodes.into_iter().flatten().map(|account| account.login).collect()),
        created_at: node.created_at,
        updated_at: node.updated_at,
        closed_at: node.closed_at,
        commented_at: node
            .comments
            .and_then(|comments| comments.nodes.into_iter().flatten().next_back())
            .map(|newest| newest.created_at),
        state_by: events.into_iter().next_back().and_then(|event| event.actor).map(|actor| actor.login),
    }))
}
