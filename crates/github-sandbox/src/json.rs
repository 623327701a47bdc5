//! The REST shapes of things: every member that GitHub's OpenAPI description requires, and no other truth than the
//! state.

mod apps;
mod milestones;
mod repository;

pub(crate) use apps::selection;
pub(crate) use milestones::{issue_type, issue_types};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::call::encode;
use crate::state::{
    Closer, Comment, Event, Issue, IssueId, Label, LabelId, NodeRef, Permission, REACTIONS, Reaction, Repo,
    User, UserId, UserKind, What, World,
};

/// `2026-11-23T08:00:00Z`
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Builds answers whose addresses start with one root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shapes<'a> {
    pub(crate) world: &'a World,
    pub(crate) root: &'a str,
}

impl Shapes<'_> {
    fn html(&self) -> &str {
        &self.world.url
    }

    pub(crate) fn repo_url(&self, repo: &Repo) -> String {
        format!("{}/repos/{}", self.root, repo.full_name())
    }

    pub(crate) fn issue_url(&self, issue: &Issue) -> String {
        format!("{}/issues/{}", self.repo_url(self.world.repo(issue.repo)), issue.number)
    }

    pub(crate) fn user(&self, id: UserId) -> Value {
        let user = self.world.user(id);
        let login = user.rest_login();
        let url = format!("{}/users/{}", self.root, encode(&login));
        let html_url = match user.kind {
            UserKind::Bot => format!("{}/apps/{}", self.html(), user.login),
            UserKind::User | UserKind::Organization => format!("{}/{}", self.html(), user.login),
        };
        json!({
            "login": login,
            "id": id.0,
            "node_id": NodeRef::User(id).encode(),
            "avatar_url": format!("{}/_sandbox/avatars/{}", self.html(), id.0),
            "gravatar_id": "",
            "url": url,
            "html_url": html_url,
            "followers_url": format!("{url}/followers"),
            "following_url": format!("{url}/following{{/other_user}}"),
            "gists_url": format!("{url}/gists{{/gist_id}}"),
            "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{url}/subscriptions"),
            "organizations_url": format!("{url}/orgs"),
            "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events{{/privacy}}"),
            "received_events_url": format!("{url}/received_events"),
            "type": user.kind.as_str(),
            "user_view_type": "public",
            "site_admin": false,
        })
    }

    /// The longer shape of `GET /user` and `GET /users/{login}`.
    pub(crate) fn profile(&self, user: &User, own: bool) -> Value {
        let mut value = self.user(user.id);
        let at = time(user.created_at);
        merge(
            &mut value,
            json!({
                "name": null, "company": null, "blog": "", "location": null, "email": null, "hireable": null,
                "bio": null, "twitter_username": null, "public_repos": 0, "public_gists": 0, "followers": 0,
                "following": 0, "created_at": at, "updated_at": at,
            }),
        );
        if own {
            merge(
                &mut value,
                json!({
                    "private_gists": 0, "total_private_repos": 0, "owned_private_repos": 0, "disk_usage": 0,
                    "collaborators": 0, "two_factor_authentication": true,
                }),
            );
        }
        value
    }

    pub(crate) fn label(&self, repo: &Repo, label: &Label) -> Value {
        json!({
            "id": label.id.0,
            "node_id": NodeRef::Label(repo.id, label.id).encode(),
            "url": format!("{}/labels/{}", self.repo_url(repo), encode(&label.name)),
            "name": label.name,
            "color": label.color,
            "default": false,
            "description": label.description,
        })
    }

    pub(crate) fn labels(&self, repo: &Repo, labels: &[LabelId]) -> Vec<Value> {
        labels.iter().map(|id| self.label(repo, self.world.label(repo.id, *id))).collect()
    }

    pub(crate) fn association(&self, repo: &Repo, user: UserId) -> &'static str {
        if repo.owner == user {
            "OWNER"
        } else if self.world.role(repo.id, user) >= Permission::Read {
            if self.world.user(repo.owner).kind == UserKind::Organization { "MEMBER" } else { "COLLABORATOR" }
        } else {
            "NONE"
        }
    }

    pub(crate) fn issue(&self, issue: &Issue) -> Value {
        let repo = self.world.repo(issue.repo);
        let url = self.issue_url(issue);
        let folder = if issue.is_pull_request { "pull" } else { "issues" };
        let html_url = format!("{}/{}/{folder}/{}", self.html(), repo.full_name(), issue.number);
        let assignees: Vec<_> = issue.assignees.iter().map(|id| self.user(*id)).collect();
        let done = issue.children.iter().filter(|id| self.world.issue(**id).closed.is_some()).count();
        let total = issue.children.len();
        let mut value = json!({
            "url": url,
            "repository_url": self.repo_url(repo),
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "timeline_url": format!("{url}/timeline"),
            "html_url": html_url,
            "id": issue.id.0,
            "node_id": issue_node(issue),
            "number": issue.number,
            "title": issue.title,
            "user": self.user(issue.author),
            "labels": self.labels(repo, &issue.labels),
            "state": issue.state(),
            "state_reason": issue.state_reason(),
            "locked": issue.locked,
            "active_lock_reason": null,
            "assignee": assignees.first().cloned(),
            "assignees": assignees,
            "milestone": issue.milestone.and_then(|number| self.world.milestone(repo.id, number)).map(|at| self.milestone(repo, at)),
            "comments": issue.comments.len(),
            "created_at": time(issue.created_at),
            "updated_at": time(issue.updated_at),
            "closed_at": issue.closed.map(|(_, at)| time(at)),
            "closed_by": issue.closed_by.map(|id| self.user(id)),
            "author_association": self.association(repo, issue.author),
            "body": issue.body,
            "reactions": reactions(&url, &[]),
            "performed_via_github_app": null,
        });
        if issue.is_pull_request {
            merge(
                &mut value,
                json!({"draft": false, "pull_request": {
                    "url": format!("{}/pulls/{}", self.repo_url(repo), issue.number),
                    "html_url": html_url,
                    "diff_url": format!("{html_url}.diff"),
                    "patch_url": format!("{html_url}.patch"),
                    "merged_at": issue.merged_at.map(time),
                }}),
            );
        } else {
            merge(
                &mut value,
                json!({
                    "type": issue.issue_type.map(issue_type),
                    "sub_issues_summary": {
                        "total": total,
                        "completed": done,
                        "percent_completed": (done * 100).checked_div(total).unwrap_or(0),
                    },
                    "issue_dependencies_summary": self.dependencies(issue),
                }),
            );
        }
        if let Some(parent) = issue.parent {
            merge(&mut value, json!({"parent_issue_url": self.issue_url(self.world.issue(parent))}));
        }
        self.world.quirks.twist(&mut value);
        value
    }

    fn dependencies(&self, issue: &Issue) -> Value {
        let open = |ids: &[IssueId]| ids.iter().filter(|id| self.world.issue(**id).closed.is_none()).count();
        json!({
            "blocked_by": open(&issue.blocked_by), "blocking": open(&issue.blocking),
            "total_blocked_by": issue.blocked_by.len(), "total_blocking": issue.blocking.len(),
        })
    }

    pub(crate) fn comment(&self, issue: &Issue, comment: &Comment) -> Value {
        let repo = self.world.repo(issue.repo);
        let url = format!("{}/issues/comments/{}", self.repo_url(repo), comment.id.0);
        json!({
            "url": url,
            "html_url": format!(
                "{}/{}/issues/{}#issuecomment-{}", self.html(), repo.full_name(), issue.number, comment.id.0
            ),
            "issue_url": self.issue_url(issue),
            "id": comment.id.0,
            "node_id": NodeRef::Comment(repo.id, comment.id).encode(),
            "user": self.user(comment.author),
            "created_at": time(comment.created_at),
            "updated_at": time(comment.updated_at),
            "body": comment.body,
            "author_association": self.association(repo, comment.author),
            "reactions": reactions(&url, &comment.reactions),
            "performed_via_github_app": null,
        })
    }

    pub(crate) fn event(&self, issue: &Issue, event: &Event) -> Option<Value> {
        let repo = self.world.repo(issue.repo);
        let mut value = json!({
            "id": event.id,
            "node_id": NodeRef::Event(repo.id, event.id).encode(),
            "url": format!("{}/issues/events/{}", self.repo_url(repo), event.id),
            "actor": self.user(event.actor),
            "commit_id": null,
            "commit_url": null,
            "created_at": time(event.at),
            "performed_via_github_app": null,
        });
        let extra = match &event.what {
            What::Closed { reason, closer } => {
                let mut closed = json!({"event": "closed", "state_reason": reason.as_str()});
                if let Some(Closer::Commit { repo, oid }) = closer {
                    let url = format!("{}/commits/{oid}", self.repo_url(self.world.repo(*repo)));
                    merge(&mut closed, json!({"commit_id": oid, "commit_url": url}));
                }
                closed
            }
            What::ConvertedToDiscussion => json!({"event": "converted_to_discussion"}),
            What::Reopened => json!({"event": "reopened", "state_reason": null}),
            What::Labeled { name, color } => {
                json!({"event": "labeled", "label": {"name": name, "color": color}})
            }
            What::Unlabeled { name, color } => {
                json!({"event": "unlabeled", "label": {"name": name, "color": color}})
            }
            What::Assigned(user) => json!({"event": "assigned", "assignee": self.user(*user)}),
            What::Unassigned(user) => json!({"event": "unassigned", "assignee": self.user(*user)}),
            What::Renamed { from, to } => json!({"event": "renamed", "rename": {"from": from, "to": to}}),
            What::Milestoned { title } => json!({"event": "milestoned", "milestone": {"title": title}}),
            What::Demilestoned { title } => json!({"event": "demilestoned", "milestone": {"title": title}}),
            What::Locked => json!({"event": "locked", "lock_reason": null}),
            What::Unlocked => json!({"event": "unlocked", "lock_reason": null}),
            What::Transferred => json!({"event": "transferred"}),
            What::Commented(id) => {
                let comment = issue.comments.iter().find(|comment| comment.id == *id)?;
                let mut value = self.comment(issue, comment);
                merge(&mut value, json!({"event": "commented", "actor": self.user(event.actor)}));
                return Some(value);
            }
        };
        merge(&mut value, extra);
        Some(value)
    }
}

pub(crate) fn issue_node(issue: &Issue) -> String {
    if issue.is_pull_request {
        NodeRef::PullRequest(issue.repo, issue.id).encode()
    } else {
        NodeRef::Issue(issue.repo, issue.id).encode()
    }
}

fn reactions(url: &str, given: &[Reaction]) -> Value {
    let mut value = json!({"url": format!("{url}/reactions"), "total_count": given.len()});
    for content in REACTIONS {
        value[content] = given.iter().filter(|at| at.content == content).count().into();
    }
    value
}

/// Adds the members of `more` to `value`.
pub(crate) fn merge(value: &mut Value, more: Value) {
    if let (Value::Object(value), Value::Object(more)) = (value, more) {
        let more: Map<String, Value> = more;
        value.extend(more);
    }
}
