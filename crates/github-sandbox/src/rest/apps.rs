//! What an app asks as itself, and what a token of an installation asks of its installation.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Outcome;
use crate::call::{Answer, Call, Refusal};
use crate::json::{Shapes, selection, time};
use crate::state::{ByName, Installation, Level, Permissions, RepoId, World};

/// Answers one request of an app that has proved who it is.
pub(super) fn route(world: &mut World, call: &Call, app: u64) -> Outcome {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let shapes = Shapes { world, root: &call.root };
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["app"]) => Ok(Answer::json(200, shapes.app(&world.apps[&app]))),
        ("GET", ["app", "installations"]) => {
            let all = world.installations.values().filter(|at| at.app == app);
            Ok(Answer::json(200, all.map(|at| shapes.installation(at)).collect()))
        }
        ("GET", ["app", "installations", id]) => {
            Ok(Answer::json(200, shapes.installation(find(world, app, id)?)))
        }
        ("DELETE", ["app", "installations", id]) => {
            let id = find(world, app, id)?.id;
            world.remove_installation(id);
            Ok(Answer::empty(204))
        }
        ("POST", ["app", "installations", id, "access_tokens"]) => mint(world, call, app, id),
        ("GET", ["repos", owner, name, "installation"]) => {
            let repo = match world.repo_by_name(owner, name) {
                ByName::Here(repo) => repo,
                ByName::RenamedTo(_) | ByName::Nothing => return Err(Refusal::not_found()),
            };
            let found = world.installations.values().find(|at| at.app == app && world.installed_in(at, repo));
            Ok(Answer::json(200, shapes.installation(found.ok_or_else(Refusal::not_found)?)))
        }
        ("GET", ["orgs" | "users", login, "installation"]) => {
            let account = world.user_by_login(login).ok_or_else(Refusal::not_found)?.id;
            let found = world.installations.values().find(|at| at.app == app && at.account == account);
            Ok(Answer::json(200, shapes.installation(found.ok_or_else(Refusal::not_found)?)))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn find<'a>(world: &'a World, app: u64, id: &str) -> Result<&'a Installation, Refusal> {
    let id: u64 = id.parse().map_err(|_| Refusal::not_found())?;
    world.installations.get(&id).filter(|at| at.app == app).ok_or_else(Refusal::not_found)
}

fn mint(world: &mut World, call: &Call, app: u64, id: &str) -> Outcome {
    let installation = find(world, app, id)?.clone();
    if installation.suspended_at.is_some() {
        return Err(Refusal::forbidden("This installation has been suspended"));
    }
    let wanted = call.json()?;
    let repos = narrowed(world, &installation, &wanted)?;
    let permissions = permitted(&installation, &wanted["permissions"])?;
    let (token, expires_at) = world.mint(installation.id, repos.clone(), permissions.clone());
    let narrow = repos.is_some();
    let mut answer = json!({
        "token": token,
        "expires_at": time(expires_at),
        "permissions": permissions,
        "repository_selection": if narrow { "selected" } else { selection(&installation) },
    });
    if let Some(repos) = repos {
        let shapes = Shapes { world, root: &call.root };
        let viewer = Some(world.apps[&app].bot);
        answer["repositories"] =
            repos.iter().map(|repo| shapes.repository(world.repo(*repo), viewer)).collect();
    }
    Ok(Answer::json(201, answer))
}

/// The repositories a token is to be narrowed to, if the body says so.
fn narrowed(
    world: &World,
    installation: &Installation,
    wanted: &Value,
) -> Result<Option<BTreeSet<RepoId>>, Refusal> {
    let names = wanted["repositories"].as_array().cloned().unwrap_or_default();
    let ids = wanted["repository_ids"].as_array().cloned().unwrap_or_default();
    if names.is_empty() && ids.is_empty() {
        return Ok(None);
    }
    let owner = &world.user(installation.account).login;
    let by_name =
        names.iter().map(|name| match world.repo_by_name(owner, name.as_str().unwrap_or_default()) {
            ByName::Here(repo) => Some(repo),
            ByName::RenamedTo(_) | ByName::Nothing => None,
        });
    let by_id = ids.iter().map(|id| id.as_u64().map(RepoId));
    by_name
        .chain(by_id)
        .map(|repo| {
            repo.filter(|repo| world.installed_in(installation, *repo)).ok_or_else(|| {
                let message = "There is at least one repository that does not exist or is not accessible to the \
                               parent installation.";
                Refusal::Status(422, message.to_owned())
            })
        })
        .collect::<Result<BTreeSet<_>, _>>()
        .map(Some)
}

fn permitted(installation: &Installation, wanted: &Value) -> Result<Permissions, Refusal> {
    let Some(wanted) = wanted.as_object().filter(|wanted| !wanted.is_empty()) else {
        return Ok(installation.permissions.clone());
    };
    let refuse = || {
        let message = "The permissions requested are not granted to this installation.";
        Refusal::Status(422, message.to_owned())
    };
    let mut permissions: Permissions = wanted
        .iter()
        .map(|(name, level)| {
            let level: Level = serde_json::from_value(level.clone()).map_err(|_| refuse())?;
            match installation.permissions.get(name) {
                Some(given) if *given >= level => Ok((name.clone(), level)),
                _ => Err(refuse()),
            }
        })
        .collect::<Result<_, _>>()?;
    permissions.entry("metadata".to_owned()).or_insert(Level::Read);
    Ok(permissions)
}

/// `GET /installation/repositories`
pub(super) fn repositories(world: &World, call: &Call) -> Outcome {
    let acting = world.acting.as_ref();
    let Some(installation) =
        acting.and_then(|acting| acting.installation).and_then(|id| world.installations.get(&id))
    else {
        return Err(Refusal::forbidden(
            "You must authenticate with an installation access token in order to list repositories for an \
             installation.",
        ));
    };
    let shapes = Shapes { world, root: &call.root };
    let repos: Vec<Value> = world
        .installed_repos(installation)
        .into_iter()
        .filter(|repo| call.viewer.is_some_and(|viewer| world.reaches(viewer, *repo)))
        .map(|repo| shapes.repository(world.repo(repo), call.viewer))
        .collect();
    Ok(Answer::json(
        200,
        json!({
            "total_count": repos.len(),
            "repository_selection": selection(installation),
            "repositories": repos,
        }),
    ))
}
