//! Making an issue under its parent in one request, where the server can.
//!
//! Invariants: a mutation leaves at most once; what its answer proves is told as for every write, and only an answer that
//! says that nothing was done is one; a server that cannot do it is known by an answer that was no write.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    GitHub, IssueRef, Made, NewIssue, Seen, Sent, Target, TrackerError,
    client::Answer,
    graphql::{self, Failure},
};

const CREATE: &str = include_str!("create_issue.graphql");

/// Where the type is asked for, and how. A server that knows no types would refuse the question for all issues.
const TYPE: (&str, &str) = ("# type", "issueType { name }");

/// What GraphQL calls repositories, labels and people by; nothing for those that it does not know.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: Mutex<Known>,
    /// Whether this server cannot make issues under a parent.
    is_not_here: AtomicBool,
}

#[derive(Debug, Default)]
struct Known {
    repositories: HashMap<i64, String>,
    labels: HashMap<(i64, String), Option<String>>,
    people: HashMap<String, Option<String>>,
}

/// The ids that one issue needs.
struct Wanted {
    repository: String,
    labels: Vec<String>,
    assignees: Vec<String>,
    /// A login that belongs to nobody.
    nobody: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<Failure>,
}

impl Ids {
    /// Forgets what was told of a label that is about to be made: it may have been missing.
    pub(super) fn forget_label(&self, target: &Target, label: &str) {
        self.known().labels.remove(&(target.repo_id, label.to_lowercase()));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The ids that `new` needs, where all of them are known.
    fn wanted(&self, target: &Target, new: &NewIssue) -> Option<Wanted> {
        let mut wanted = Wanted {
            repository: self.repositories.get(&target.repo_id)?.clone(),
            labels: Vec::new(),
            assignees: Vec::new(),
            nobody: None,
        };
        for label in &new.labels {
            wanted.labels.extend(self.labels.get(&(target.repo_id, label.to_lowercase()))?.clone());
        }
        for login in &new.assignees {
            match self.people.get(&login.to_lowercase())? {
                Some(id) => wanted.assignees.push(id.clone()),
                None => wanted.nobody = Some(login.clone()),
            }
        }
        Some(wanted)
    }
}

impl GitHub {
    /// Makes an issue under `parent`. Nothing when this server cannot: then nothing was done.
    pub(super) async fn create_under(
        &self,
        target: &Target,
        new: &NewIssue,
        parent: &str,
    ) -> Option<Sent<Made>> {
        if self.ids.is_not_here.load(Ordering::Relaxed) {
            return None;
        }
        let wanted = match self.ids_for(target, new).await {
            Ok(wanted) => wanted?,
            // A question was asked, and nothing was sent.
            Err(error) => return Some(Sent::NotSent(error)),
        };
        if let Some(login) = wanted.nobody {
            return Some(Sent::Rejected(TrackerError::Refused {
                host: self.client.host().to_owned(),
                status: 422,
                message: format!("there is no account {login}"),
                field: Some("assignees".to_owned()),
                hint: None,
                request_id: None,
            }));
        }
        let mut input = json!({
            "repositoryId": wanted.repository,
            "title": new.title,
            "body": new.body,
            "labelIds": wanted.labels,
            "assigneeIds": wanted.assignees,
            "parentIssueId": parent,
        });
        if let Some(milestone) = &new.milestone {
            input["milestoneId"] = json!(milestone.node_id.as_ref()?);
        }
        let mut query = CREATE.to_owned();
        if let Some(issue_type) = &new.issue_type {
            input["issueTypeId"] = json!(issue_type.node_id.as_ref()?);
            query = query.replacen(TYPE.0, TYPE.1, 1);
        }
        let body = json!({ "query": query, "variables": { "input": input } });
        match self.client.graphql(&body).await {
            Err(error) => Some(Sent::failed(error)),
            Ok(answer) => self.outcome_of(&answer, target, parent),
        }
    }

    fn not_here<T>(&self) -> Option<T> {
        self.ids.is_not_here.store(true, Ordering::Relaxed);
        None
    }

    /// What the answer to the mutation proves. Nothing where it proves that this server does not know it.
    fn outcome_of(&self, answer: &Answer, target: &Target, parent: &str) -> Option<Sent<Made>> {
        let reply: Reply = match self.client.decode(answer) {
            Ok(reply) => reply,
            Err(error) => return Some(Sent::failed(error)),
        };
        let broken = |message: String| {
            Some(Sent::failed(TrackerError::Broken {
                host: self.client.host().to_owned(),
                status: answer.status,
                message,
                request_id: answer.request_id.clone(),
            }))
        };
        let issue = reply.data.as_ref().map(|data| &data["createIssue"]["issue"]).filter(|it| !it.is_null());
        if let Some(issue) = issue {
            return match made(issue, target, parent) {
                Some(made) => Some(Sent::Done(made)),
                None => broken("the issue in the answer cannot be read".to_owned()),
            };
        }
        if reply.errors.iter().any(Failure::is_limit) {
            return Some(Sent::Rejected(self.client.graphql_limit(answer)));
        }
        let Some(first) = reply.errors.first() else { return broken("neither data nor an error".to_owned()) };
        // GitHub names the kind of what it refused, and none where it failed in the middle of something.
        if reply.errors.iter().all(|error| error.kind.is_some()) {
            let status = match first.kind.as_deref() {
                Some("NOT_FOUND") => 404,
                Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => 403,
                _ => 422,
            };
            return Some(Sent::Rejected(TrackerError::Refused {
                host: self.client.host().to_owned(),
                status,
                message: first.message.clone(),
                // GraphQL names no field. What an issue can do without are people, and at first its parent.
                field: Some(if first.message.contains("ssign") { "assignees" } else { "parent" }.to_owned()),
                hint: None,
                request_id: answer.request_id.clone(),
            }));
        }
        // The specification of GraphQL leaves data out where nothing began: the query itself was refused.
        if reply.data.is_none() && !is_null_data(answer) && !first.message.contains("omething went wrong") {
            tracing::info!(message = first.message, "this server makes no issues under a parent");
            return self.not_here();
        }
        broken(first.message.clone())
    }

    /// The ids that an issue needs, asked for once. Nothing when they cannot be had.
    async fn ids_for(&self, target: &Target, new: &NewIssue) -> Result<Option<Wanted>, TrackerError> {
        if let Some(wanted) = self.ids.known().wanted(target, new) {
            return Ok(Some(wanted));
        }
        let Some((owner, name)) = target.repo.split_once('/') else { return Ok(None) };
        let (query, mut variables) = question(&new.labels, &new.assignees);
        variables["owner"] = json!(owner);
        variables["name"] = json!(name);
        let body = json!({ "query": query, "variables": variables });
        let answer = match self.client.graphql(&body).await {
            Err(TrackerError::Refused { status: 404 | 405 | 410, .. }) => return Ok(self.not_here()),
            // What is refused here may be allowed elsewhere.
            Err(TrackerError::Refused { .. }) => return Ok(None),
            answer => answer?,
        };
        let reply: Reply = self.client.decode(&answer)?;
        if reply.errors.iter().any(Failure::is_limit) {
            return Err(self.client.graphql_limit(&answer));
        }
        let data = reply.data.unwrap_or_default();
        let repository = &data["repository"];
        // After a rename, somebody else may have the name.
        if repository["databaseId"].as_i64() != Some(target.repo_id) {
            return Ok(None);
        }
        let id_of = |node: &Value| node["id"].as_str().map(str::to_owned);
        let mut known = self.ids.known();
        known.repositories.extend(id_of(repository).map(|id| (target.repo_id, id)));
        for (index, label) in new.labels.iter().enumerate() {
            let id = id_of(&repository[format!("l{index}")]);
            known.labels.insert((target.repo_id, label.to_lowercase()), id);
        }
        for (index, login) in new.assignees.iter().enumerate() {
            known.people.insert(login.to_lowercase(), id_of(&data[format!("u{index}")]));
        }
        Ok(known.wanted(target, new))
    }
}

/// Whether an answer says that there is no data, instead of leaving it out.
fn is_null_data(answer: &Answer) -> bool {
    serde_json::from_slice::<Value>(&answer.body).is_ok_and(|body| body.get("data").is_some())
}

/// The issue of an answer.
fn made(issue: &Value, target: &Target, parent: &str) -> Option<Made> {
    let id = &issue["fullDatabaseId"];
    let issue_id = id.as_i64().or_else(|| id.as_str()?.parse().ok())?;
    let at = IssueRef { target: target.clone(), number: 0, issue_id, node_id: None };
    match graphql::read(issue.clone(), &at) {
        Seen::Issue(read) => {
            let name = |value: &Value| value.as_str().map(str::to_owned);
            Some(Made {
                issue: *read,
                in_parent: issue["parent"]["id"].as_str() == Some(parent),
                milestone: name(&issue["milestone"]["title"]),
                issue_type: name(&issue["issueType"]["name"]),
            })
        }
        Seen::Missing => None,
    }
}

/// The question for the ids of a repository, of labels in it, and of people.
fn question(labels: &[String], logins: &[String]) -> (String, Value) {
    let mut variables = json!({});
    let (mut declared, mut fields, mut people) = (String::new(), String::new(), String::new());
    for (index, label) in labels.iter().enumerate() {
        // Writing to a text cannot fail.
        write!(declared, ", $l{index}: String!").ok();
        write!(fields, " l{index}: label(name: $l{index}) {{ id }}").ok();
        variables[format!("l{index}")] = json!(label);
    }
    for (index, login) in logins.iter().enumerate() {
        write!(declared, ", $u{index}: String!").ok();
        write!(people, " u{index}: user(login: $u{index}) {{ id }}").ok();
        variables[format!("u{index}")] = json!(login);
    }
    let query = format!(
        "query Ids($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{ id \
         databaseId{fields} }}{people} }}"
    );
    (query, variables)
}
