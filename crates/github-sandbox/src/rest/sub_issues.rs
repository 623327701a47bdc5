//! Sub-issues: which issue stands under which.

use serde_json::Value;

use super::{Outcome, issue_json, paging, require};
use crate::call::{Answer, Call, Refusal};
use crate::json::Shapes;
use crate::state::{IssueId, Permission, World};

pub(super) fn list(world: &World, call: &Call, id: IssueId) -> Outcome {
    let issue = world.issue(id);
    let shapes = Shapes { world, root: &call.root };
    let children: Vec<_> = world
        .children(id, call.stale)
        .into_iter()
        .filter(|child| world.permission(child.repo, call.viewer) > Permission::None)
        .collect();
    paging::page(world, call, issue.repo, &children, |child| shapes.issue(child))
}

/// The issue whose database id the body names.
fn named(world: &World, call: &Call, wanted: &Value) -> Result<IssueId, Refusal> {
    let id = wanted["sub_issue_id"].as_u64().map(IssueId);
    let id = id.ok_or_else(|| Refusal::invalid("Issue", "sub_issue_id", "missing_field"))?;
    world
        .issues
        .get(&id)
        .filter(|issue| world.permission(issue.repo, call.viewer) > Permission::None)
        .map(|issue| issue.id)
        .ok_or_else(|| {
            let message = "The provided sub-issue does not exist";
            Refusal::Status(404, message.to_owned())
        })
}

pub(super) fn add(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    require(world, call, world.issue(id).repo, Permission::Triage)?;
    let wanted = call.json()?;
    let child = named(world, call, &wanted)?;
    let replace = wanted["replace_parent"].as_bool().unwrap_or(false);
    world.add_sub_issue(id, child, replace).map_err(|message| {
        Refusal::Status(
            422,
            format!("An error occurred while adding the sub-issue to the parent issue. {message}"),
        )
    })?;
    Ok(Answer::json(201, issue_json(world, call, id)))
}

pub(super) fn remove(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    require(world, call, world.issue(id).repo, Permission::Triage)?;
    let child = named(world, call, &call.json()?)?;
    if world.issue(child).parent != Some(id) {
        return Err(Refusal::not_found());
    }
    world.remove_from_parent(child);
    Ok(Answer::json(200, issue_json(world, call, id)))
}

pub(super) fn parent(world: &World, call: &Call, id: IssueId) -> Outcome {
    let parent = world.issue(id).parent.ok_or_else(Refusal::not_found)?;
    if world.permission(world.issue(parent).repo, call.viewer) == Permission::None {
        return Err(Refusal::not_found());
    }
    Ok(Answer::json(200, issue_json(world, call, parent)))
}
