//! Labels of a repository and of an issue.

use serde_json::Value;

use super::issues::wanted_labels;
use super::{Outcome, paging, require};
use crate::call::{Answer, Call, Refusal};
use crate::json::Shapes;
use crate::state::{IssueId, LabelId, MAX_LABEL, Permission, RepoId, World};

/// Descriptions of labels end here.
const MAX_DESCRIPTION: usize = 100;

pub(super) fn list(world: &World, call: &Call, repo: RepoId) -> Outcome {
    let shapes = Shapes { world, root: &call.root };
    let at = world.repo(repo);
    paging::page(world, call, repo, &at.labels, |label| shapes.label(at, label))
}

pub(super) fn get(world: &World, call: &Call, repo: RepoId, name: &str) -> Outcome {
    let label = world.label_by_name(repo, name).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(200, Shapes { world, root: &call.root }.label(world.repo(repo), label)))
}

pub(super) fn create(world: &mut World, call: &Call, repo: RepoId) -> Outcome {
    require(world, call, repo, Permission::Write)?;
    let wanted = call.json()?;
    let name = wanted["name"].as_str().unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::invalid("Label", "name", "missing_field"));
    }
    let color = wanted["color"].as_str();
    let description = wanted["description"].as_str();
    check(world, repo, None, Some(name), color, description)?;
    world.add_label(repo, name, color, description);
    let label = world.label_by_name(repo, name).ok_or_else(Refusal::not_found)?;
    let shape = Shapes { world, root: &call.root }.label(world.repo(repo), label);
    let location = shape["url"].as_str().unwrap_or_default().to_owned();
    Ok(Answer::json(201, shape).with("location", location))
}

pub(super) fn edit(world: &mut World, call: &Call, repo: RepoId, name: &str) -> Outcome {
    require(world, call, repo, Permission::Write)?;
    let id = world.label_by_name(repo, name).ok_or_else(Refusal::not_found)?.id;
    let wanted = call.json()?;
    let new_name = wanted["new_name"].as_str().or_else(|| wanted["name"].as_str());
    let color = wanted["color"].as_str();
    let description = wanted.get("description").map(Value::as_str);
    check(world, repo, Some(id), new_name, color, description.flatten())?;
    world.edit_label(repo, id, new_name, color, description);
    let shapes = Shapes { world, root: &call.root };
    Ok(Answer::json(200, shapes.label(world.repo(repo), world.label(repo, id))))
}

pub(super) fn delete(world: &mut World, call: &Call, repo: RepoId, name: &str) -> Outcome {
    require(world, call, repo, Permission::Write)?;
    let id = world.label_by_name(repo, name).ok_or_else(Refusal::not_found)?.id;
    world.delete_label(repo, id);
    Ok(Answer::empty(204))
}

fn check(
    world: &World,
    repo: RepoId,
    own: Option<LabelId>,
    name: Option<&str>,
    color: Option<&str>,
    description: Option<&str>,
) -> Result<(), Refusal> {
    if let Some(name) = name {
        if name.chars().count() > MAX_LABEL {
            return Err(Refusal::custom("Label", "name", "name is too long (maximum is 50 characters)"));
        }
        if world.label_by_name(repo, name).is_some_and(|label| Some(label.id) != own) {
            return Err(Refusal::invalid("Label", "name", "already_exists"));
        }
    }
    let is_color = |color: &str| color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit());
    if color.is_some_and(|color| !is_color(color)) {
        return Err(Refusal::invalid("Label", "color", "invalid"));
    }
    if description.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        let message = "description is too long (maximum is 100 characters)";
        return Err(Refusal::custom("Label", "description", message));
    }
    Ok(())
}

pub(super) fn of_issue(world: &World, call: &Call, id: IssueId) -> Outcome {
    let issue = world.issue(id);
    let repo = world.repo(issue.repo);
    let labels = Shapes { world, root: &call.root }.labels(repo, &issue.labels);
    paging::page(world, call, repo.id, &labels, Value::clone)
}

fn now_on(world: &World, call: &Call, id: IssueId) -> Answer {
    let issue = world.issue(id);
    let labels = Shapes { world, root: &call.root }.labels(world.repo(issue.repo), &issue.labels);
    Answer::json(200, Value::Array(labels))
}

/// `{"labels": […]}` or the bare array.
fn asked(call: &Call) -> Result<Value, Refusal> {
    let wanted = call.json()?;
    Ok(if wanted.is_array() { wanted } else { wanted["labels"].clone() })
}

pub(super) fn add(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    let repo = world.issue(id).repo;
    let viewer = require(world, call, repo, Permission::Triage)?;
    let stay = world.issue(id).labels.clone();
    if let Some(labels) = wanted_labels(world, repo, viewer, &stay, &asked(call)?)? {
        world.add_labels(id, viewer, &labels);
    }
    Ok(now_on(world, call, id))
}

pub(super) fn replace(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    let repo = world.issue(id).repo;
    let viewer = require(world, call, repo, Permission::Triage)?;
    if let Some(labels) = wanted_labels(world, repo, viewer, &[], &asked(call)?)? {
        world.set_labels(id, viewer, &labels);
    }
    Ok(now_on(world, call, id))
}

pub(super) fn clear(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    let viewer = require(world, call, world.issue(id).repo, Permission::Triage)?;
    world.set_labels(id, viewer, &[]);
    Ok(Answer::empty(204))
}

pub(super) fn remove(world: &mut World, call: &Call, id: IssueId, name: &str) -> Outcome {
    let repo = world.issue(id).repo;
    let viewer = require(world, call, repo, Permission::Triage)?;
    let label = world
        .label_by_name(repo, name)
        .map(|label| label.id)
        .filter(|label| world.issue(id).labels.contains(label))
        .ok_or_else(|| Refusal::Status(404, "Label does not exist".to_owned()))?;
    world.remove_labels(id, viewer, &[label]);
    Ok(now_on(world, call, id))
}
