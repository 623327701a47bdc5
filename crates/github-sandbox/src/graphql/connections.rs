//! Connections: lists that are read in pages with `first` and `after`, or `last` and `before`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::execute::Run;
use super::objects::{Object, Out, Page, Problem};
use crate::state::{Issue, Level, Permission, RepoId, What, World};

/// How much of a connection is asked for.
pub(super) struct Bounds {
    first: Option<usize>,
    last: Option<usize>,
    after: Option<usize>,
    before: Option<usize>,
}

impl Bounds {
    pub(super) fn read(name: &str, arguments: &Map<String, Value>) -> Result<Self, Problem> {
        let size = |bound: &str| {
            let Some(value) = arguments.get(bound).filter(|value| !value.is_null()) else { return Ok(None) };
            match value.as_i64() {
                Some(size @ 0..=100) => Ok(usize::try_from(size).ok()),
                Some(size) if size > 100 => Err(Problem {
                    kind: "EXCESSIVE_PAGINATION",
                    message: format!(
                        "Requesting {size} records on the `{name}` connection exceeds the `{bound}` limit of 100 records."
                    ),
                }),
                _ => Err(Problem {
                    kind: "UNPROCESSABLE",
                    message: format!("`{bound}` on the `{name}` connection cannot be less than zero."),
                }),
            }
        };
        let cursor = |bound: &str| match arguments.get(bound).and_then(Value::as_str) {
            None => Ok(None),
            Some(text) => row_of(text).map(Some).ok_or_else(|| Problem {
                kind: "INVALID_CURSOR_ARGUMENTS",
                message: format!("`{text}` does not appear to be a valid cursor."),
            }),
        };
        let bounds = Self {
            first: size("first")?,
            last: size("last")?,
            after: cursor("after")?,
            before: cursor("before")?,
        };
        if bounds.first.is_none() && bounds.last.is_none() {
            return Err(Problem {
                kind: "MISSING_PAGINATION_BOUNDARIES",
                message: format!(
                    "You must provide a `first` or `last` value to properly paginate the `{name}` connection."
                ),
            });
        }
        Ok(bounds)
    }

    fn page(&self, items: &[Object]) -> Page {
        let total = items.len();
        let mut start = self.after.unwrap_or(0).min(total);
        let mut end = self.before.map_or(total, |row| row.saturating_sub(1)).clamp(start, total);
        if let Some(first) = self.first {
            end = end.min(start + first);
        } else if let Some(last) = self.last {
            start = start.max(end.saturating_sub(last));
        }
        Page {
            items: items[start..end].to_vec(),
            cursors: (start + 1..=end).map(|row| STANDARD.encode(format!("cursor:v2:{row}"))).collect(),
            total,
            has_next: end < total,
            has_previous: start > 0,
        }
    }
}

fn row_of(cursor: &str) -> Option<usize> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    text.strip_prefix("cursor:v2:")?.parse().ok()
}

/// The type of a connection's edges.
pub(super) fn edge_of(connection: &str) -> &'static str {
    match connection {
        "IssueConnection" => "IssueEdge",
        "LabelConnection" => "LabelEdge",
        "UserConnection" => "UserEdge",
        "IssueCommentConnection" => "IssueCommentEdge",
        "PullRequestConnection" => "PullRequestEdge",
        _ => "IssueTimelineItemsEdge",
    }
}

pub(super) fn connection(
    run: &Run<'_>,
    object: &Object,
    name: &str,
    arguments: &Map<String, Value>,
    bounds: &Bounds,
) -> Result<Out, Problem> {
    let world = &*run.world;
    let (ty, items) = match object {
        Object::Repo(id)
            if name != "assignableUsers" && Problem::of_credential(world, *id, Level::Read).is_some() =>
        {
            return Problem::of_credential(world, *id, Level::Read).map_or_else(Out::null, Err);
        }
        Object::Repo(id) => match name {
            "labels" => {
                let labels = &world.repo(*id).labels;
                ("LabelConnection", labels.iter().map(|label| Object::Label(*id, label.id)).collect())
            }
            "assignableUsers" => {
                let users = world.users.keys().filter(|user| world.is_assignable(*id, **user));
                ("UserConnection", users.map(|user| Object::User(*user)).collect())
            }
            _ => ("IssueConnection", issues(run, *id, arguments)),
        },
        Object::Issue(id) => {
            let issue = world.issue(*id);
            match name {
                "labels" => {
                    let labels = issue.labels.iter().map(|label| Object::Label(issue.repo, *label));
                    ("LabelConnection", labels.collect())
                }
                "assignees" => {
                    ("UserConnection", issue.assignees.iter().map(|user| Object::User(*user)).collect())
                }
                "subIssues" => {
                    let children = world
                        .children(*id, run.call.stale)
                        .into_iter()
                        .filter(|child| world.permission(child.repo, run.call.viewer) > Permission::None)
                        .map(|child| Object::Issue(child.id));
                    ("IssueConnection", children.collect())
                }
                "comments" => {
                    let comments = issue.comments.iter().map(|comment| Object::Comment(*id, comment.id));
                    ("IssueCommentConnection", comments.collect())
                }
                "timelineItems" => ("IssueTimelineItemsConnection", timeline(world, issue, arguments)),
                _ => {
                    let closed = arguments.get("includeClosedPrs").and_then(Value::as_bool).unwrap_or(false);
                    let pulls = issue.closing_pulls.iter().filter_map(|id| world.issues.get(id));
                    let pulls = pulls
                        .filter(|pull| closed || pull.closed.is_none())
                        .filter(|pull| world.permission(pull.repo, run.call.viewer) > Permission::None);
                    ("PullRequestConnection", pulls.map(|pull| Object::Issue(pull.id)).collect())
                }
            }
        }
        _ => return Out::null(),
    };
    let items: Vec<Object> = items;
    Ok(Out::Object(Object::Connection(ty, bounds.page(&items))))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn issues(run: &Run<'_>, repo: RepoId, arguments: &Map<String, Value>) -> Vec<Object> {
    let world = &*run.world;
    let filter = arguments.get("filterBy").cloned().unwrap_or_default();
    let mut states = strings(arguments.get("states"));
    states.extend(strings(filter.get("states")));
    let any_label: Vec<String> =
        strings(arguments.get("labels")).iter().map(|name| name.to_lowercase()).collect();
    let all_labels: Vec<String> =
        strings(filter.get("labels")).iter().map(|name| name.to_lowercase()).collect();
    let since = filter["since"]
        .as_str()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        .map(|at| at.with_timezone(&Utc));
    let creator = filter["createdBy"].as_str().map(|login| world.user_by_login(login).map(|user| user.id));
    let assignee = filter["assignee"].as_str().map(|login| world.user_by_login(login).map(|user| user.id));
    let has = |issue: &Issue, wanted: &String| {
        issue.labels.iter().any(|id| world.label(repo, *id).name.to_lowercase() == *wanted)
    };
    let mut issues: Vec<&Issue> = world
        .newest_first(repo, run.call.stale)
        .into_iter()
        .filter(|issue| !issue.is_pull_request && world.repo(repo).issues_enabled)
        .filter(|issue| states.is_empty() || states.contains(&issue.state().to_uppercase()))
        .filter(|issue| any_label.is_empty() || any_label.iter().any(|wanted| has(issue, wanted)))
        .filter(|issue| all_labels.iter().all(|wanted| has(issue, wanted)))
        .filter(|issue| since.is_none_or(|since| world.is_since(since, issue.updated_at)))
        .filter(|issue| creator.is_none_or(|creator| creator == Some(issue.author)))
        .filter(|issue| assignee.is_none_or(|user| user.is_some_and(|user| issue.assignees.contains(&user))))
        .collect();
    let order = arguments.get("orderBy").cloned().unwrap_or_default();
    match order["field"].as_str() {
        Some("UPDATED_AT") => issues.sort_by_key(|issue| (issue.updated_at, issue.id)),
        Some("COMMENTS") => issues.sort_by_key(|issue| (issue.comments.len(), issue.id)),
        _ => issues.sort_by_key(|issue| (issue.created_at, issue.id)),
    }
    if order["direction"].as_str() == Some("DESC") {
        issues.reverse();
    }
    issues.into_iter().map(|issue| Object::Issue(issue.id)).collect()
}

fn timeline(world: &World, issue: &Issue, arguments: &Map<String, Value>) -> Vec<Object> {
    let wanted = strings(arguments.get("itemTypes"));
    let since = arguments
        .get("since")
        .and_then(Value::as_str)
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        .map(|at| at.with_timezone(&Utc));
    issue
        .events
        .iter()
        .filter(|event| world.is_told(event.at) && since.is_none_or(|since| event.at >= since))
        .filter_map(|event| {
            let (kind, object) = match &event.what {
                What::Closed { .. } => ("CLOSED_EVENT", Object::Event(issue.id, event.id)),
                What::ConvertedToDiscussion => {
                    ("CONVERTED_TO_DISCUSSION_EVENT", Object::Event(issue.id, event.id))
                }
                What::Reopened => ("REOPENED_EVENT", Object::Event(issue.id, event.id)),
                What::Labeled { .. } => ("LABELED_EVENT", Object::Event(issue.id, event.id)),
                What::Unlabeled { .. } => ("UNLABELED_EVENT", Object::Event(issue.id, event.id)),
                What::Assigned(_) => ("ASSIGNED_EVENT", Object::Event(issue.id, event.id)),
                What::Unassigned(_) => ("UNASSIGNED_EVENT", Object::Event(issue.id, event.id)),
                What::Commented(comment) => ("ISSUE_COMMENT", Object::Comment(issue.id, *comment)),
                What::Renamed { .. }
                | What::Milestoned { .. }
                | What::Demilestoned { .. }
                | What::Locked
                | What::Unlocked
                | What::Transferred => return None,
            };
            (wanted.is_empty() || wanted.iter().any(|at| at == kind)).then_some(object)
        })
        .collect()
}

/// The edge of a comment that was just made.
pub(super) fn comment_edge(world: &World, comment: &Object) -> Object {
    let row = match comment {
        Object::Comment(issue, _) => world.issue(*issue).comments.len(),
        _ => 0,
    };
    Object::Edge("IssueCommentEdge", STANDARD.encode(format!("cursor:v2:{row}")), Box::new(comment.clone()))
}
