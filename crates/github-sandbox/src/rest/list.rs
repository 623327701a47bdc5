//! Listing a repository's issues, pull requests among them.

use chrono::{DateTime, Utc};

use super::{Outcome, paging};
use crate::call::{Call, Refusal};
use crate::json::Shapes;
use crate::state::{Issue, RepoId, UserId, World};

pub(super) fn list(world: &World, call: &Call, repo: RepoId) -> Outcome {
    let filter = Filter::parse(world, call)?;
    let mut issues: Vec<&Issue> = world
        .newest_first(repo, call.stale)
        .into_iter()
        .filter(|issue| filter.admits(world, issue))
        .collect();
    match call.param("sort").unwrap_or("created") {
        "created" => {}
        "updated" => issues.sort_by_key(|issue| std::cmp::Reverse((issue.updated_at, issue.id))),
        "comments" => issues.sort_by_key(|issue| std::cmp::Reverse((issue.comments.len(), issue.id))),
        _ => return Err(Refusal::invalid("Issue", "sort", "invalid")),
    }
    match call.param("direction").unwrap_or("desc") {
        "desc" => {}
        "asc" => issues.reverse(),
        _ => return Err(Refusal::invalid("Issue", "direction", "invalid")),
    }
    let shapes = Shapes { world, root: &call.root };
    paging::page(world, call, repo, &issues, |issue| shapes.issue(issue))
}

/// `since` as GitHub reads it.
pub(super) fn since(call: &Call) -> Result<Option<DateTime<Utc>>, Refusal> {
    match call.param("since").filter(|text| !text.is_empty()) {
        None => Ok(None),
        // A plus that was not encoded arrives as a blank.
        Some(text) => DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
            .map(|at| Some(at.with_timezone(&Utc)))
            .map_err(|_| Refusal::invalid("Issue", "since", "invalid")),
    }
}

enum Assignee {
    Any,
    Nobody,
    Somebody,
    Is(Option<UserId>),
}

struct Filter {
    closed: Option<bool>,
    labels: Vec<String>,
    since: Option<DateTime<Utc>>,
    creator: Option<Option<UserId>>,
    assignee: Assignee,
}

impl Filter {
    fn parse(world: &World, call: &Call) -> Result<Self, Refusal> {
        let closed = match call.param("state").unwrap_or("open") {
            "open" => Some(false),
            "closed" => Some(true),
            "all" => None,
            _ => return Err(Refusal::invalid("Issue", "state", "invalid")),
        };
        let labels = call
            .param("labels")
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().to_lowercase())
            .filter(|name| !name.is_empty())
            .collect();
        let user = |login: &str| world.user_by_login(login).map(|user| user.id);
        let assignee = match call.param("assignee") {
            None => Assignee::Any,
            Some("none") => Assignee::Nobody,
            Some("*") => Assignee::Somebody,
            Some(login) => Assignee::Is(user(login)),
        };
        let creator = call.param("creator").map(user);
        Ok(Self { closed, labels, since: since(call)?, creator, assignee })
    }

    fn admits(&self, world: &World, issue: &Issue) -> bool {
        let has_label = |wanted: &String| {
            issue.labels.iter().any(|id| world.label(issue.repo, *id).name.to_lowercase() == *wanted)
        };
        self.closed.is_none_or(|closed| issue.closed.is_some() == closed)
            && self.labels.iter().all(has_label)
            && self.since.is_none_or(|since| world.is_since(since, issue.updated_at))
            && self.creator.is_none_or(|creator| creator == Some(issue.author))
            && match self.assignee {
                Assignee::Any => true,
                Assignee::Nobody => issue.assignees.is_empty(),
                Assignee::Somebody => !issue.assignees.is_empty(),
                Assignee::Is(user) => user.is_some_and(|user| issue.assignees.contains(&user)),
            }
    }
}
