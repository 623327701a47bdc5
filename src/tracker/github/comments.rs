//! Comments: what people write under issues, and what we answer.
//!
//! Invariant: what is given is everything since the moment that was asked for, or an error: what GraphQL cuts off or does
//! not show is asked for issue by issue.

use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    GitHub, IssueRef, Sent, Target, TrackerError, client,
    graphql::{self, Nodes},
};
use crate::tracker::{Comment, Since};

const COMMENTS: &str = include_str!("comments.graphql");

/// So many issues are asked about at a time: each can have thirty long comments.
const ISSUES_AT_ONCE: usize = 20;

/// What GitHub names a program's login with, in REST.
const BOT: &str = "[bot]";

#[derive(Debug, Deserialize)]
struct Node {
    comments: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    page_info: PageInfo,
    nodes: Vec<Option<NodeComment>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_previous_page: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeComment {
    /// More than 32 bits, in quotes.
    full_database_id: Value,
    #[serde(default)]
    url: String,
    #[serde(default)]
    body: String,
    created_at: DateTime<Utc>,
    #[serde(default)]
    author: Option<Author>,
}

#[derive(Debug, Deserialize)]
struct Author {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

impl NodeComment {
    fn into_comment(self) -> Option<Comment> {
        let id = &self.full_database_id;
        Some(Comment {
            id: id.as_i64().or_else(|| id.as_str()?.parse().ok())?,
            is_bot: self.author.as_ref().is_some_and(|author| author.kind == "Bot"),
            author: self.author.map(|author| author.login),
            body: self.body,
            url: self.url,
            created_at: self.created_at,
        })
    }
}

/// A comment of the REST API.
#[derive(Debug, Deserialize)]
struct WireComment {
    id: i64,
    #[serde(default)]
    html_url: String,
    #[serde(default)]
    body: Option<String>,
    created_at: DateTime<Utc>,
    #[serde(default)]
    user: Option<User>,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
    #[serde(default, rename = "type")]
    kind: String,
}

impl WireComment {
    fn into_comment(self) -> Comment {
        Comment {
            id: self.id,
            is_bot: self.user.as_ref().is_some_and(|user| user.kind == "Bot" || user.login.ends_with(BOT)),
            author: self.user.map(|user| user.login),
            body: self.body.unwrap_or_default(),
            url: self.html_url,
            created_at: self.created_at,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Rights {
    #[serde(default)]
    permission: String,
}

impl GitHub {
    pub(super) async fn comments_of(&self, issues: &[Since]) -> Result<Vec<Vec<Comment>>, TrackerError> {
        let mut all = Vec::with_capacity(issues.len());
        for batch in issues.chunks(ISSUES_AT_ONCE) {
            let refs: Vec<IssueRef> = batch.iter().map(|asked| asked.issue.clone()).collect();
            let nodes = match graphql::nodes(&self.client, COMMENTS, &refs).await? {
                Nodes::Given(nodes) => nodes,
                Nodes::TooMuch | Nodes::Unusable | Nodes::NotHere => vec![Value::Null; batch.len()],
            };
            for (node, asked) in nodes.into_iter().zip(batch) {
                all.push(match read(node, asked.moment) {
                    Some(comments) => comments,
                    None => self.list_comments(&asked.issue, asked.moment).await?,
                });
            }
        }
        Ok(all)
    }

    /// `since` counts when a comment was changed last, so it gives all that were written since, and more.
    async fn list_comments(
        &self,
        issue: &IssueRef,
        moment: DateTime<Utc>,
    ) -> Result<Vec<Comment>, TrackerError> {
        let since = client::encode(&moment.to_rfc3339_opts(SecondsFormat::Secs, true));
        let rest = format!("/issues/{}/comments?since={since}&per_page=100", issue.number);
        let comments: Vec<WireComment> = self.pages(&issue.target, &rest).await?;
        let comments = comments.into_iter().map(WireComment::into_comment);
        Ok(comments.filter(|comment| comment.created_at >= moment).collect())
    }

    pub(super) async fn has_right_to_write(
        &self,
        target: &Target,
        login: &str,
    ) -> Result<bool, TrackerError> {
        let rest = format!("/collaborators/{}/permission", client::encode(login));
        match self.of_repository::<()>(Method::GET, target, &rest, None).await {
            Ok(answer) => {
                let rights: Rights = self.client.decode(&answer)?;
                // `maintain` is told as `write`, `triage` as `read`.
                Ok(matches!(rights.permission.as_str(), "admin" | "maintain" | "write"))
            }
            Err(TrackerError::Refused { status: 404, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn thumb_up(&self, target: &Target, comment: i64) -> Sent<()> {
        let rest = format!("/issues/comments/{comment}/reactions");
        let body = json!({ "content": "+1" });
        Self::outcome(self.of_repository(Method::POST, target, &rest, Some(&body)).await, |_| Ok(()))
    }

    pub(super) async fn write_comment(&self, issue: &IssueRef, text: &str) -> Sent<()> {
        let rest = format!("/issues/{}/comments", issue.number);
        let body = json!({ "body": text });
        Self::outcome(self.of_repository(Method::POST, &issue.target, &rest, Some(&body)).await, |_| Ok(()))
    }
}

/// The comments in a node since a moment; nothing when there may be more, or it cannot be read.
fn read(node: Value, moment: DateTime<Utc>) -> Option<Vec<Comment>> {
    let Page { page_info, nodes } = serde_json::from_value::<Node>(node).ok()?.comments;
    let comments: Vec<Comment> = nodes.into_iter().map(|node| node?.into_comment()).collect::<Option<_>>()?;
    let is_cut_off =
        page_info.has_previous_page && comments.first().is_none_or(|oldest| oldest.created_at >= moment);
    (!is_cut_off).then(|| comments.into_iter().filter(|comment| comment.created_at >= moment).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_gives_all_since_the_moment_or_nothing() {
        let comment = |id: u64, at: &str| {
            json!({ "fullDatabaseId": id.to_string(), "url": "", "body": "/due", "createdAt": at,
                "author": { "__typename": "Bot", "login": "dependabot" } })
        };
        let node = |more: bool, comments: Value| json!({ "comments": { "pageInfo": { "hasPreviousPage": more }, "nodes": comments } });
        let (early, late) = ("2024-05-15T09:00:00Z", "2024-05-15T10:00:00Z");
        let both = json!([comment(1, early), comment(5_000_000_000, late)]);
        let since = |moment: &str| moment.parse().unwrap();
        let found = read(node(true, both.clone()), since(late)).unwrap();
        assert_eq!((found.len(), found[0].id, found[0].is_bot), (1, 5_000_000_000, true));
        assert_eq!(read(node(true, both.clone()), since(early)), None, "there may be more of that second");
        assert_eq!(read(node(false, both), since(early)).unwrap().len(), 2);
        assert_eq!(read(node(false, json!([null])), since(early)), None);
        assert_eq!(read(Value::Null, since(early)), None);
    }
}
