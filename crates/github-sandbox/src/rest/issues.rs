//! Opening, editing and locking issues, and their history.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Outcome, issue_json, names, not_assignable, paging, require, too_fast};
use crate::call::{Answer, Call, Refusal};
use crate::json::Shapes;
use crate::state::{
    CloseReason, ISSUE_TYPES, IssueId, LabelId, MAX_ASSIGNEES, MAX_BODY, MAX_LABEL, MAX_LABELS, MAX_TITLE,
    NewIssue, Permission, RepoId, UserId, World,
};

pub(super) fn create(world: &mut World, call: &Call, repo: RepoId) -> Outcome {
    let viewer = call.signed_in()?;
    let wanted = call.json()?;
    let title =
        title(&wanted["title"])?.ok_or_else(|| Refusal::invalid("Issue", "title", "missing_field"))?;
    let body = body(&wanted["body"])?;
    let assignees = wanted_assignees(world, repo, viewer, &wanted)?.unwrap_or_default();
    if !world.admit_content() {
        return Err(too_fast());
    }
    let labels = wanted_labels(world, repo, viewer, &[], &wanted["labels"])?.unwrap_or_default();
    let (milestone, kind) = wanted_place(world, repo, viewer, &wanted)?;
    let new = NewIssue { title, body, labels, assignees, is_pull_request: false };
    let issue = world.create_issue(repo, viewer, new);
    world.set_milestone(issue, milestone.flatten());
    world.set_type(issue, kind.flatten());
    let location = Shapes { world, root: &call.root }.issue_url(world.issue(issue));
    Ok(Answer::json(201, issue_json(world, call, issue)).with("location", location))
}

pub(super) fn edit(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    let viewer = call.signed_in()?;
    let repo = world.issue(id).repo;
    let own = world.issue(id).author == viewer;
    if !own {
        require(world, call, repo, Permission::Triage)?;
    }
    let wanted = call.json()?;
    // Everything is checked before anything is changed.
    let title = title(&wanted["title"])?;
    let body = if wanted.get("body").is_some() { Some(body(&wanted["body"])?) } else { None };
    let reason = state_reason(&wanted["state_reason"])?;
    let closed = match wanted["state"].as_str() {
        None if wanted.get("state").is_none_or(Value::is_null) => None,
        Some("open") => Some(false),
        Some("closed") => Some(true),
        Some(_) | None => return Err(Refusal::invalid("Issue", "state", "invalid")),
    };
    if (title.is_some() || body.is_some()) && !own {
        require(world, call, repo, Permission::Write)?;
    }
    let assignees = wanted_assignees(world, repo, viewer, &wanted)?;
    let labels = match wanted.get("labels").filter(|labels| !labels.is_null()) {
        Some(labels) => wanted_labels(world, repo, viewer, &[], labels)?,
        None => None,
    };
    let (milestone, kind) = wanted_place(world, repo, viewer, &wanted)?;
    if let Some(milestone) = milestone {
        world.set_milestone(id, milestone);
    }
    if let Some(kind) = kind {
        world.set_type(id, kind);
    }
    if let Some(title) = title {
        world.edit_title(id, viewer, &title);
    }
    if let Some(body) = body {
        world.edit_body(id, body.as_deref().unwrap_or_default());
    }
    if let Some(labels) = labels {
        world.set_labels(id, viewer, &labels);
    }
    if let Some(assignees) = assignees {
        world.set_assignees(id, viewer, &assignees);
    }
    match closed {
        Some(true) => world.close_issue(id, viewer, reason.unwrap_or(CloseReason::Completed)),
        Some(false) => world.reopen_issue(id, viewer),
        None => {}
    }
    Ok(Answer::json(200, issue_json(world, call, id)))
}

pub(super) fn lock(world: &mut World, call: &Call, id: IssueId, locked: bool) -> Outcome {
    let viewer = require(world, call, world.issue(id).repo, Permission::Write)?;
    world.set_locked(id, viewer, locked);
    Ok(Answer::empty(204))
}

pub(super) fn timeline(world: &World, call: &Call, id: IssueId) -> Outcome {
    let issue = world.issue(id);
    let shapes = Shapes { world, root: &call.root };
    let whole = call.segments.last().is_some_and(|last| last == "timeline");
    let events: Vec<Value> = issue
        .events
        .iter()
        .filter(|event| world.is_told(event.at))
        .filter_map(|event| shapes.event(issue, event))
        .filter(|event| whole || event["event"] != "commented")
        .collect();
    paging::page(world, call, issue.repo, &events, Value::clone)
}

fn title(value: &Value) -> Result<Option<String>, Refusal> {
    let title = match value {
        Value::Null => return Ok(None),
        Value::String(title) => title.clone(),
        // A number is taken as its digits.
        Value::Number(number) => number.to_string(),
        _ => return Err(Refusal::invalid("Issue", "title", "invalid")),
    };
    if title.trim().is_empty() {
        return Err(Refusal::invalid("Issue", "title", "missing_field"));
    }
    if title.chars().count() > MAX_TITLE {
        return Err(Refusal::custom("Issue", "title", "title is too long (maximum is 256 characters)"));
    }
    Ok(Some(title))
}

fn body(value: &Value) -> Result<Option<String>, Refusal> {
    let body = match value {
        Value::Null => return Ok(None),
        Value::String(body) => body,
        _ => return Err(Refusal::invalid("Issue", "body", "invalid")),
    };
    if body.chars().count() > MAX_BODY {
        return Err(Refusal::custom("Issue", "body", "body is too long (maximum is 65536 characters)"));
    }
    Ok(Some(body.clone()))
}

fn state_reason(value: &Value) -> Result<Option<CloseReason>, Refusal> {
    match value.as_str() {
        Some("completed") => Ok(Some(CloseReason::Completed)),
        Some("not_planned") => Ok(Some(CloseReason::NotPlanned)),
        Some("duplicate") => Ok(Some(CloseReason::Duplicate)),
        Some("reopened") => Ok(None),
        None if value.is_null() => Ok(None),
        Some(_) | None => Err(Refusal::invalid("Issue", "state_reason", "invalid")),
    }
}

/// The labels asked for beside those that stay, or nothing when this person's labels are dropped without a word.
pub(super) fn wanted_labels(
    world: &mut World,
    repo: RepoId,
    viewer: UserId,
    stay: &[LabelId],
    wanted: &Value,
) -> Result<Option<Vec<LabelId>>, Refusal> {
    let role = world.role(repo, viewer);
    if role < Permission::Triage || world.switches.drop_labels {
        return Ok(None);
    }
    let names = names(wanted);
    if names.iter().any(|name| name.chars().count() > MAX_LABEL) {
        return Err(Refusal::custom("Label", "name", "name is too long (maximum is 50 characters)"));
    }
    let mut all: BTreeSet<String> =
        stay.iter().map(|label| world.label(repo, *label).name.to_lowercase()).collect();
    all.extend(names.iter().map(|name| name.to_lowercase()));
    if all.len() > MAX_LABELS {
        let message = "Validation Failed. Issues cannot have more than 100 labels";
        return Err(Refusal::Status(422, message.to_owned()));
    }
    let mut labels = Vec::new();
    for name in names {
        let label = match world.label_by_name(repo, &name) {
            Some(label) => Some(label.id),
            None if role >= Permission::Write => Some(world.ensure_label(repo, &name)),
            None => None,
        };
        labels.extend(label.filter(|label| !labels.contains(label)));
    }
    Ok(Some(labels))
}

/// What an issue is to be put under: outside `None` is to leave it, inside `None` is to clear it.
type Place = (Option<Option<u64>>, Option<Option<&'static str>>);

/// The milestone and the type asked for; dropped without a word when this person's are.
fn wanted_place(world: &World, repo: RepoId, viewer: UserId, wanted: &Value) -> Result<Place, Refusal> {
    let milestone = match wanted.get("milestone") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(number) => {
            let found = number.as_u64().and_then(|number| world.milestone(repo, number));
            Some(Some(found.ok_or_else(|| Refusal::invalid("Issue", "milestone", "invalid"))?.number))
        }
    };
    let kind = match wanted.get("type") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(name) => {
            let name = name.as_str().unwrap_or_default();
            let found = ISSUE_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(name));
            Some(Some(found.ok_or_else(|| Refusal::invalid("Issue", "type", "invalid"))?))
        }
    };
    let dropped = world.role(repo, viewer) < Permission::Triage || world.switches.drop_labels;
    Ok(if dropped { (None, None) } else { (milestone, kind) })
}

/// The assignees asked for, or nothing when none were named or this person's are dropped without a word.
fn wanted_assignees(
    world: &World,
    repo: RepoId,
    viewer: UserId,
    wanted: &Value,
) -> Result<Option<Vec<UserId>>, Refusal> {
    let many = wanted.get("assignees").filter(|many| !many.is_null());
    let logins = match (wanted.get("assignee"), many) {
        (None, None) => return Ok(None),
        (Some(one), Some(_)) if !one.is_null() => {
            let message = "You cannot pass both `assignee` and `assignees`. Only one may be provided.";
            return Err(Refusal::Status(422, message.to_owned()));
        }
        (_, Some(many)) => names(many),
        (Some(one), None) => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    if world.role(repo, viewer) < Permission::Triage || world.switches.drop_labels {
        return Ok(None);
    }
    let mut assignees = Vec::new();
    for login in logins {
        let user = world
            .user_by_login(&login)
            .filter(|user| world.is_assignable(repo, user.id))
            .ok_or_else(|| not_assignable(&login))?;
        assignees.push(user.id);
    }
    assignees.dedup();
    if assignees.len() > MAX_ASSIGNEES {
        return Err(Refusal::custom("Issue", "assignees", "assignees are limited to 10"));
    }
    Ok(Some(assignees))
}
