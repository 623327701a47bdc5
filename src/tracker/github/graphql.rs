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

#[derive(Debug, Deserialize)]
struct Failure {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    message: String,
}

impl Failure {
    fn is_limit(&self) -> bool {
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
    assignees: Connection<wire::Account>,
    labels: Option<Connection<wire::Label>>,
    repository: NodeRepository,
}

#[derive(Debug, Deserialize)]
struct Connection<T> {
    #[serde(default = "Vec::new")]
    nodes: Vec<Option<T>>,
}

/// That it was closed or opened again. The actor of an account that is gone is nobody.
#[derive(Debug, Deserialize)]
struct StateEvent {
    #[serde(default)]
    actor: Option<wire::Account>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeRepository {
    #[serde(default)]
    database_id: Option<i64>,
    name_with_owner: String,
}

/// What became of a question about many issues.
pub(super) enum Answered {
    /// One answer for each, in the same order.
    Seen(Vec<Seen>),
    /// It was too much at once: some, or all, were left out for another reason than that they are not there.
    TooMuch,
    /// This server has no GraphQL that can be used, or an issue has no node id: ask in another way.
    NotHere,
}

/// Looks up to [`MAX_NODES`] issues up.
pub(super) async fn fetch(client: &Client, issues: &[IssueRef]) -> Result<Answered, TrackerError> {
    let Some(ids) = issues.iter().map(|issue| issue.node_id.as_deref()).collect::<Option<Vec<_>>>() else {
        return Ok(Answered::NotHere);
    };
    let body = json!({ "query": ISSUES, "variables": { "ids": ids } });
    let answer = match client.graphql(&body).await {
        Err(TrackerError::Refused { status: 404 | 405 | 410, .. }) => return Ok(Answered::NotHere),
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
            return Ok(if issues.len() > FEW_NODES { Answered::TooMuch } else { Answered::NotHere });
        }
    };
    // Null is said of what is not there, with an error that says so, and of what was left out for want of time.
    let is_left_out =
        |error: &Failure| error.kind.as_deref().is_some_and(|kind| kind.contains("RESOURCE_LIMITS"));
    if issues.len() > FEW_NODES && nodes.iter().any(Value::is_null) && reply.errors.iter().any(is_left_out) {
        return Ok(Answered::TooMuch);
    }
    Ok(Answered::Seen(nodes.into_iter().zip(issues).map(|(node, issue)| read(node, issue)).collect()))
}

/// A node that is no issue, or cannot be read, is missing; it never spoils the others.
fn read(node: Value, issue: &IssueRef) -> Seen {
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
    Seen::Issue(Box::new(Issue {
        at,
        url: node.url,
        title: node.title,
        body: node.body.unwrap_or_default(),
        state: node.state.to_lowercase(),
        state_reason: node.state_reason.map(|reason| reason.to_lowercase()),
        labels: names(node.labels),
        assignees: sorted(node.assignees.nodes.into_iter().flatten().map(|account| account.login).collect()),
        created_at: node.created_at,
        updated_at: node.updated_at,
        closed_at: node.closed_at,
        state_by: node
            .timeline_items
            .and_then(|events| events.nodes.into_iter().flatten().last()?.actor)
            .map(|actor| actor.login),
    }))
}
