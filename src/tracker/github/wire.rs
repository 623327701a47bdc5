//! GitHub's JSON, read tolerantly: what we do not know is ignored, what may be missing may be missing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{IssueRef, Target};

#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub(super) login: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Permissions {
    #[serde(default)]
    pub(super) push: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) id: i64,
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) private: bool,
    #[serde(default)]
    pub(super) archived: bool,
    #[serde(default = "yes")]
    pub(super) has_issues: bool,
    #[serde(default)]
    pub(super) permissions: Option<Permissions>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
struct Milestone {
    title: String,
}

/// An issue of the REST API. Only what identifies it is required.
#[derive(Debug, Deserialize)]
pub(super) struct Issue {
    id: i64,
    number: i64,
    #[serde(default)]
    node_id: Option<String>,
    #[serde(default)]
    html_url: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    state: String,
    #[serde(default)]
    state_reason: Option<String>,
    #[serde(default, deserialize_with = "names")]
    labels: Vec<String>,
    #[serde(default, deserialize_with = "names")]
    assignees: Vec<String>,
    #[serde(default)]
    created_at: DateTime<Utc>,
    #[serde(default)]
    pub(super) updated_at: DateTime<Utc>,
    #[serde(default)]
    closed_at: Option<DateTime<Utc>>,
    #[serde(default)]
    comments: u64,
    #[serde(default)]
    closed_by: Option<Account>,
    #[serde(default)]
    milestone: Option<Milestone>,
    #[serde(default, rename = "type")]
    issue_type: Option<Label>,
    /// The repository that it is in.
    #[serde(default)]
    pub(super) repository_url: String,
    /// Stands only in pull requests, which GitHub lists among issues.
    #[serde(default)]
    pub(super) pull_request: Option<Value>,
}

impl Issue {
    /// The number that is the tracker's own.
    pub(super) fn id(&self) -> i64 {
        self.id
    }

    /// The milestone and the type that it has, which are looked at once, when it was made.
    pub(super) fn place(&mut self) -> (Option<String>, Option<String>) {
        (self.milestone.take().map(|it| it.title), self.issue_type.take().map(|it| it.name))
    }

    /// The issue in our words; `target` is where it was asked for.
    pub(super) fn into_issue(self, target: &Target) -> crate::tracker::Issue {
        let target = target.clone();
        let is_closed = self.state == "closed";
        crate::tracker::Issue {
            at: IssueRef { target, number: self.number, issue_id: self.id, node_id: self.node_id },
            url: self.html_url,
            title: self.title,
            body: self.body.unwrap_or_default(),
            state: self.state,
            state_reason: self.state_reason,
            labels: self.labels,
            assignees: sorted(self.assignees),
            created_at: self.created_at,
            updated_at: self.updated_at,
            closed_at: self.closed_at,
            // When the newest was written is not told; a comment changes the issue.
            commented_at: (self.comments > 0).then_some(self.updated_at),
            // It survives a reopening, and then says nothing of who did that.
            state_by: self.closed_by.filter(|_| is_closed).map(|account| account.login),
        }
    }
}

/// Names out of a list of strings or of objects with a `name` or a `login`; what has neither is left out.
pub(super) fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let items = Option::<Vec<Value>>::deserialize(deserializer)?.unwrap_or_default();
    let name =
        |item: &Value| item.as_str().or(item["name"].as_str()).or(item["login"].as_str()).map(str::to_owned);
    Ok(items.iter().filter_map(name).collect())
}

pub(super) fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}

/// The colour and description of a label that we make.
pub(super) fn label_style(name: &str) -> (&'static str, &'static str) {
    match name.split_once(':') {
        Some(("ca", _)) => ("c5def5", "Area of a corrective action"),
        Some(("sev", "1")) => ("b60205", "Severity of the incident"),
        Some(("sev", "2")) => ("d93f0b", "Severity of the incident"),
        Some(("sev", _)) => ("fbca04", "Severity of the incident"),
        _ => ("0e8a16", "A corrective action of an incident report, tracked by Followup"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> crate::tracker::Issue {
        let target = Target { repo_id: 1, repo: "acme/platform".to_owned() };
        serde_json::from_str::<Issue>(json).unwrap().into_issue(&target)
    }

    #[test]
    fn the_least_that_an_issue_can_be_is_read() {
        let issue = read(r#"{ "id": 4294967399, "number": 7 }"#);
        assert_eq!((issue.at.issue_id, issue.at.number, issue.body.as_str()), (4_294_967_399, 7, ""));
    }

    #[test]
    fn odd_labels_users_and_reasons_are_no_obstacle() {
        let issue = read(
            r#"{ "id": 1, "number": 1, "body": null, "user": null, "state": "closed", "state_reason": "tomorrow",
                 "labels": ["plain", { "name": "object" }, { "id": 3 }], "assignees": [{ "login": "zoe" }, { "login": "amy" }],
                 "created_at": "2024-05-15T09:00:00Z" }"#,
        );
        assert_eq!(issue.labels, ["plain", "object"]);
        assert_eq!(issue.assignees, ["amy", "zoe"]);
        assert!(issue.issue_state().is_closed_undone());
    }
}
