//! Dependencies: which issue waits for which.

use super::{Outcome, issue_json, paging, require};
use crate::call::{Answer, Call, Refusal};
use crate::json::Shapes;
use crate::state::{IssueId, Permission, World};

/// The issues that this one waits for, or those that wait for it, as far as the reader may see them.
pub(super) fn list(world: &World, call: &Call, id: IssueId, blocking: bool) -> Outcome {
    let issue = world.issue(id);
    let ids = if blocking { &issue.blocking } else { &issue.blocked_by };
    let shapes = Shapes { world, root: &call.root };
    let seen: Vec<_> = ids
        .iter()
        .map(|id| world.issue(*id))
        .filter(|at| world.permission(at.repo, call.viewer) > Permission::None)
        .collect();
    paging::page(world, call, issue.repo, &seen, |at| shapes.issue(at))
}

/// The issue of this database id, when the reader sees it.
fn named(world: &World, call: &Call, id: Option<u64>) -> Result<IssueId, Refusal> {
    let id = id.map(IssueId).ok_or_else(|| Refusal::invalid("Issue", "issue_id", "missing_field"))?;
    let seen = world.issues.get(&id).filter(|at| world.permission(at.repo, call.viewer) > Permission::None);
    seen.map(|issue| issue.id).ok_or_else(Refusal::not_found)
}

pub(super) fn add(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    require(world, call, world.issue(id).repo, Permission::Triage)?;
    let blocker = named(world, call, call.json()?["issue_id"].as_u64())?;
    world.add_blocker(id, blocker).map_err(|message| Refusal::custom("Issue", "issue_id", message))?;
    let location =
        format!("{}/dependencies/blocked_by", Shapes { world, root: &call.root }.issue_url(world.issue(id)));
    Ok(Answer::json(201, issue_json(world, call, blocker)).with("location", location))
}

pub(super) fn remove(world: &mut World, call: &Call, id: IssueId, blocker: &str) -> Outcome {
    require(world, call, world.issue(id).repo, Permission::Triage)?;
    let blocker = named(world, call, blocker.parse().ok())?;
    if !world.issue(id).blocked_by.contains(&blocker) {
        return Err(Refusal::not_found());
    }
    world.remove_blocker(id, blocker);
    Ok(Answer::json(200, issue_json(world, call, blocker)))
}
