//! Who can be assigned, who is, and what people may do in a repository.

use serde_json::{Value, json};

use super::{Outcome, issue_json, names, paging, require};
use crate::call::{Answer, Call, Refusal};
use crate::json::{Shapes, merge};
use crate::state::{IssueId, MAX_ASSIGNEES, Permission, RepoId, UserId, World};

pub(super) fn list(world: &World, call: &Call, repo: RepoId) -> Outcome {
    let users: Vec<UserId> =
        world.users.keys().filter(|id| world.is_assignable(repo, **id)).copied().collect();
    let shapes = Shapes { world, root: &call.root };
    paging::page(world, call, repo, &users, |id| shapes.user(*id))
}

pub(super) fn check(world: &World, repo: RepoId, login: &str) -> Outcome {
    match world.user_by_login(login) {
        Some(user) if world.is_assignable(repo, user.id) => Ok(Answer::empty(204)),
        _ => Err(Refusal::not_found()),
    }
}

/// The known ones among the logins asked for; the others are ignored.
fn asked(world: &World, call: &Call) -> Result<Vec<UserId>, Refusal> {
    let wanted = call.json()?;
    Ok(names(&wanted["assignees"])
        .iter()
        .filter_map(|login| world.user_by_login(login))
        .map(|user| user.id)
        .collect())
}

pub(super) fn add(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    let repo = world.issue(id).repo;
    let viewer = require(world, call, repo, Permission::Triage)?;
    let room = MAX_ASSIGNEES.saturating_sub(world.issue(id).assignees.len());
    let users: Vec<UserId> = asked(world, call)?
        .into_iter()
        .filter(|user| world.is_assignable(repo, *user))
        .filter(|user| !world.issue(id).assignees.contains(user))
        .take(room)
        .collect();
    world.add_assignees(id, viewer, &users);
    Ok(Answer::json(201, issue_json(world, call, id)))
}

pub(super) fn remove(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    let viewer = require(world, call, world.issue(id).repo, Permission::Triage)?;
    let users = asked(world, call)?;
    world.remove_assignees(id, viewer, &users);
    Ok(Answer::json(200, issue_json(world, call, id)))
}

pub(super) fn permission(world: &World, call: &Call, repo: RepoId, login: &str) -> Outcome {
    require(world, call, repo, Permission::Write)?;
    let user = world.user_by_login(login).ok_or_else(Refusal::not_found)?;
    let may = world.permission(repo, Some(user.id));
    // The older member knows no triage role.
    let permission = if may == Permission::Triage { "read" } else { may.as_str() };
    let mut shape: Value = Shapes { world, root: &call.root }.user(user.id);
    merge(
        &mut shape,
        json!({
            "role_name": may.as_str(),
            "permissions": {
                "admin": may >= Permission::Admin,
                "maintain": may >= Permission::Admin,
                "push": may >= Permission::Write,
                "triage": may >= Permission::Triage,
                "pull": may >= Permission::Read,
            },
        }),
    );
    Ok(Answer::json(200, json!({"permission": permission, "role_name": may.as_str(), "user": shape})))
}
