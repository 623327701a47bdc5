//! Webhooks: what is told of each change, to be taken away by whoever plays the network, or to be posted.
//!
//! Invariant: a payload is written when the change has happened and never changed afterwards, so a delivery that comes
//! late tells of an earlier state, as it does at GitHub.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use ring::hmac;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{CommentId, Issue, IssueId, LabelId, RepoId, UserId, World};
use crate::json::{Shapes, issue_type, merge};
use crate::post::Postbox;

/// One webhook as it leaves GitHub.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct WebhookDelivery {
    /// `X-GitHub-Delivery`; a delivery that comes twice has the same.
    pub id: String,
    /// `X-GitHub-Event`: `issues`, `issue_comment`, `sub_issues`, …
    pub event: String,
    /// The payload's `action`, if it has one.
    pub action: Option<String>,
    /// All headers.
    pub headers: Vec<(String, String)>,
    /// The raw body, over which the signature was made.
    pub body: String,
}

#[derive(Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) on: bool,
    pub(crate) secret: Option<String>,
    pub(crate) waiting: Vec<WebhookDelivery>,
    /// Rung when something waits.
    pub(crate) bell: Arc<Notify>,
    /// Where deliveries go when they are posted rather than taken.
    pub(crate) postbox: Option<Postbox>,
    last: u64,
}

/// What signs a delivery that nobody at GitHub sent.
const FORGER: &str = "not the secret";

impl World {
    /// Tells of a change of an issue, or of a pull request, which has an event of its own.
    pub(crate) fn tell_of_issue(&mut self, action: &str, id: IssueId, sender: UserId, more: Value) {
        if !self.hooks.on {
            return;
        }
        let issue = self.issue(id);
        let (repo, shapes) = (issue.repo, Shapes { world: self, root: &self.url });
        let (event, mut payload) = if issue.is_pull_request {
            let shape = shapes.pull_request(issue);
            ("pull_request", json!({"action": action, "number": issue.number, "pull_request": shape}))
        } else {
            ("issues", json!({"action": action, "issue": shapes.issue(issue)}))
        };
        merge(&mut payload, more);
        self.tell(event, Some(repo), sender, payload);
    }

    /// Tells of something in a repository.
    pub(crate) fn tell(&mut self, event: &str, repo: Option<RepoId>, sender: UserId, mut payload: Value) {
        if !self.hooks.on {
            return;
        }
        let shapes = Shapes { world: self, root: &self.url };
        if let Some(repo) = repo {
            let at = self.repo(repo);
            merge(&mut payload, json!({"repository": shapes.repository(at, None)}));
            if let Some(installation) = self.installations.values().find(|one| self.installed_in(one, repo)) {
                merge(&mut payload, json!({"installation": {"id": installation.id, "node_id": "MDIzOg=="}}));
            }
        }
        merge(&mut payload, json!({"sender": shapes.user(sender)}));
        let secret = self.hooks.secret.clone();
        self.send(event, repo, &payload, secret.as_deref());
    }

    /// Sends what GitHub never said: signed with another secret, when there is one.
    pub(crate) fn forge(&mut self, event: &str, payload: &Value) {
        self.send(event, None, payload, Some(FORGER));
    }

    fn send(&mut self, event: &str, repo: Option<RepoId>, payload: &Value, secret: Option<&str>) {
        self.hooks.last += 1;
        let body = payload.to_string();
        // Another sandbox that starts later tells of other things: its ids are others too.
        let id = guid(self.hooks.last, self.clock.now());
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("User-Agent".to_owned(), "GitHub-Hookshot/5a4d0c1".to_owned()),
            ("X-GitHub-Delivery".to_owned(), id.clone()),
            ("X-GitHub-Event".to_owned(), event.to_owned()),
            ("X-GitHub-Hook-ID".to_owned(), "483200001".to_owned()),
            ("X-GitHub-Hook-Installation-Target-Type".to_owned(), "repository".to_owned()),
        ];
        if let Some(repo) = repo {
            headers.push(("X-GitHub-Hook-Installation-Target-ID".to_owned(), repo.0.to_string()));
        }
        if let Some(secret) = secret {
            let sign = |kind, name: &str| {
                let tag = hmac::sign(&hmac::Key::new(kind, secret.as_bytes()), body.as_bytes());
                format!("{name}={}", hex(tag.as_ref()))
            };
            headers.push(("X-Hub-Signature".to_owned(), sign(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "sha1")));
            headers.push(("X-Hub-Signature-256".to_owned(), sign(hmac::HMAC_SHA256, "sha256")));
        }
        let action = payload["action"].as_str().map(str::to_owned);
        self.hooks.waiting.push(WebhookDelivery { id, event: event.to_owned(), action, headers, body });
        self.hooks.bell.notify_one();
    }

    /// Who made the change at hand: the credential's user, or somebody who may always have been there.
    pub(crate) fn sender(&self, otherwise: UserId) -> UserId {
        self.acting.as_ref().map_or(otherwise, |acting| acting.user)
    }

    /// Tells of a parent and a child from both sides.
    pub(crate) fn tell_of_family(&mut self, what: &str, parent: IssueId, child: IssueId) {
        if !self.hooks.on {
            return;
        }
        let sender = self.sender(self.issue(parent).author);
        for (side, at) in [("sub_issue", parent), ("parent_issue", child)] {
            let shapes = Shapes { world: self, root: &self.url };
            let payload = json!({
                "action": format!("{side}_{what}"),
                "parent_issue_id": parent.0,
                "parent_issue": shapes.issue(self.issue(parent)),
                "sub_issue_id": child.0,
                "sub_issue": shapes.issue(self.issue(child)),
            });
            self.tell("sub_issues", Some(self.issue(at).repo), sender, payload);
        }
    }
}

/// What is told of what issues are ordered by.
impl World {
    /// Tells of a label itself. It is told of while it is there.
    pub(super) fn tell_of_named(&mut self, action: &str, repo: RepoId, label: LabelId, changes: Value) {
        if self.hooks.on {
            let at = self.repo(repo);
            let shape = Shapes { world: self, root: &self.url }.label(at, self.label(repo, label));
            self.tell_of_order("label", action, repo, &shape, changes);
        }
    }

    /// Tells of a milestone itself. It is told of while it is there.
    pub(super) fn tell_of_milestone(&mut self, action: &str, repo: RepoId, number: u64, changes: Value) {
        let Some(milestone) = self.milestone(repo, number).filter(|_| self.hooks.on) else { return };
        let shape = Shapes { world: self, root: &self.url }.milestone(self.repo(repo), milestone);
        self.tell_of_order("milestone", action, repo, &shape, changes);
    }

    fn tell_of_order(&mut self, event: &str, action: &str, repo: RepoId, shape: &Value, changes: Value) {
        let sender = self.sender(self.repo(repo).owner);
        let mut payload = json!({"action": action, event: shape});
        if !changes.is_null() {
            payload["changes"] = changes;
        }
        self.tell(event, Some(repo), sender, payload);
    }

    /// Tells that an issue came under a milestone, or left it.
    pub(super) fn tell_of_place(&mut self, action: &str, id: IssueId, milestone: u64) {
        let repo = self.issue(id).repo;
        let Some(milestone) = self.milestone(repo, milestone).filter(|_| self.hooks.on) else { return };
        let shape = Shapes { world: self, root: &self.url }.milestone(self.repo(repo), milestone);
        let sender = self.sender(self.issue(id).author);
        self.tell_of_issue(action, id, sender, json!({"milestone": shape}));
    }

    /// Tells that an issue got a type, or lost it.
    pub(super) fn tell_of_type(&mut self, action: &str, id: IssueId, kind: &str) {
        let sender = self.sender(self.issue(id).author);
        self.tell_of_issue(action, id, sender, json!({"type": issue_type(kind)}));
    }
}

/// What is told of issues that wait for each other.
impl World {
    /// Tells of both ends of a dependency.
    pub(super) fn tell_of_dependency(&mut self, what: &str, blocked: IssueId, blocker: IssueId) {
        if !self.hooks.on {
            return;
        }
        let sender = self.sender(self.issue(blocked).author);
        let place = |issue: IssueId| self.repo(self.issue(issue).repo);
        let shapes = Shapes { world: self, root: &self.url };
        let ends = json!({
            "blocked_issue_id": blocked.0, "blocked_issue": shapes.issue(self.issue(blocked)),
            "blocking_issue_id": blocker.0, "blocking_issue": shapes.issue(self.issue(blocker)),
        });
        let other_side = [
            ("blocked_by", blocked, "blocking_issue_repo", shapes.repository(place(blocker), None)),
            ("blocking", blocker, "blocked_issue_repo", shapes.repository(place(blocked), None)),
        ];
        for (side, at, name, other) in other_side {
            let mut payload = json!({"action": format!("{side}_{what}"), name: other});
            merge(&mut payload, ends.clone());
            self.tell("issue_dependencies", Some(self.issue(at).repo), sender, payload);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn guid(number: u64, at: DateTime<Utc>) -> String {
    let text = hex(digest(&SHA256, format!("{number} {}", at.timestamp_micros()).as_bytes()).as_ref());
    format!("{}-{}-4{}-a{}-{}", &text[..8], &text[8..12], &text[12..15], &text[15..18], &text[18..30])
}

/// What is told of the parts of an issue.
impl World {
    pub(super) fn tell_of_label(&mut self, action: &str, id: IssueId, sender: UserId, label: LabelId) {
        if self.hooks.on {
            let repo = self.repo(self.issue(id).repo);
            let shape = Shapes { world: self, root: &self.url }.label(repo, self.label(repo.id, label));
            self.tell_of_issue(action, id, sender, json!({"label": shape}));
        }
    }

    pub(super) fn tell_of_assignee(&mut self, action: &str, id: IssueId, sender: UserId, assignee: UserId) {
        if self.hooks.on {
            let shape = Shapes { world: self, root: &self.url }.user(assignee);
            self.tell_of_issue(action, id, sender, json!({"assignee": shape}));
        }
    }

    pub(super) fn tell_of_comment(
        &mut self,
        action: &str,
        id: IssueId,
        comment: CommentId,
        sender: UserId,
        more: Value,
    ) {
        let issue = self.issue(id);
        let Some(comment) = issue.comments.iter().find(|at| at.id == comment).filter(|_| self.hooks.on)
        else {
            return;
        };
        let shapes = Shapes { world: self, root: &self.url };
        let mut payload = json!({
            "action": action, "issue": shapes.issue(issue), "comment": shapes.comment(issue, comment),
        });
        merge(&mut payload, more);
        self.tell("issue_comment", Some(issue.repo), sender, payload);
    }

    /// Tells the old repository where the issue went, and the new one where it came from.
    pub(super) fn tell_of_transfer(&mut self, old: &Issue, new: IssueId, sender: UserId) {
        if !self.hooks.on {
            return;
        }
        let shapes = Shapes { world: self, root: &self.url };
        let mut before = shapes.issue(self.issue(new));
        // What it was: the payload still has the numbers and names it had.
        let address = format!("{}/issues/{}", shapes.repo_url(self.repo(old.repo)), old.number);
        merge(
            &mut before,
            json!({
                "id": old.id.0, "node_id": crate::json::issue_node(old), "number": old.number, "url": address,
                "repository_url": shapes.repo_url(self.repo(old.repo)),
            }),
        );
        let now = shapes.issue(self.issue(new));
        let (from, to) = (old.repo, self.issue(new).repo);
        let place = |repo| shapes.repository(self.repo(repo), None);
        let left = json!({
            "action": "transferred", "issue": before,
            "changes": {"new_issue": now, "new_repository": place(to)},
        });
        let came = json!({
            "action": "opened", "issue": now,
            "changes": {"old_issue": before, "old_repository": place(from)},
        });
        self.tell("issues", Some(from), sender, left);
        self.tell("issues", Some(to), sender, came);
    }

    /// Tells of a repository.
    pub(crate) fn tell_of_repo(&mut self, action: &str, repo: RepoId, changes: Value) {
        let sender = self.sender(self.repo(repo).owner);
        let mut payload = json!({"action": action});
        if !changes.is_null() {
            payload["changes"] = changes;
        }
        self.tell("repository", Some(repo), sender, payload);
    }

    /// Tells of an installation, as an app's own webhook does.
    pub(crate) fn tell_of_installation(&mut self, action: &str, id: u64) {
        let Some(installation) = self.installations.get(&id).filter(|_| self.hooks.on) else { return };
        let shape = Shapes { world: self, root: &self.url }.installation(installation);
        let (sender, names) = (installation.account, self.installed_repos(installation));
        let repositories: Vec<Value> = names
            .iter()
            .map(|id| self.repo(*id))
            .map(|repo| {
                json!({"id": repo.id.0, "name": repo.name, "full_name": repo.full_name(), "private": repo.private})
            })
            .collect();
        let payload = json!({"action": action, "installation": shape, "repositories": repositories});
        self.tell("installation", None, sender, payload);
    }
}
