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

/// Looks up to [`MAX_NODES`] issues up. `None` when this server has no GraphQL that can be used, or an issue has no
/// node id; then the caller asks in another way.
pub(super) async fn fetch(client: &Client, issues: &[IssueRef]) -> Result<Option<Vec<Seen>>, TrackerError> {
    let Some(ids) = issues.iter().map(|issue| issue.node_id.as_deref()).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let body = json!({ "query": ISSUES, "variables": { "ids": ids } });
    let answer = match client.graphql(&body).await {
        Err(TrackerError::Refused { status: 404 | 405 | 410, .. }) => return Ok(None),
        answer => answer?,
    };
    let reply: Reply = client.decode(&answer)?;
    // GitHub says with status 200 that a limit was reached.
    if reply.errors.iter().any(|error| error.kind.as_deref() == Some("RATE_LIMITED")) {
        return Err(client.graphql_limit(&answer));
    }
    let Some(nodes) = reply.data.and_then(|data| data.nodes) else {
        tracing::warn!(message = reply.errors.first().map(|error| &error.message), "GraphQL gave no data");
        return Ok(None);
    };
    if nodes.len() != issues.len() {
        return Ok(None);
    }
    Ok(Some(nodes.into_iter().zip(issues).map(|(node, issue)| read(node, issue)).collect()))
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
