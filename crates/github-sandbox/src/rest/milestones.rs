//! Milestones of a repository.

use chrono::{DateTime, Utc};

use super::{Outcome, paging, require};
use crate::call::{Answer, Call, Refusal};
use crate::json::Shapes;
use crate::state::{Milestone, Permission, RepoId, World};

pub(super) fn list(world: &World, call: &Call, repo: RepoId) -> Outcome {
    let shapes = Shapes { world, root: &call.root };
    let at = world.repo(repo);
    let open = match call.param("state").unwrap_or("open") {
        "open" => Some(true),
        "closed" => Some(false),
        _ => None,
    };
    let wanted: Vec<&Milestone> =
        at.milestones.iter().filter(|milestone| open.is_none_or(|open| milestone.open == open)).collect();
    paging::page(world, call, repo, &wanted, |milestone| shapes.milestone(at, milestone))
}

fn find<'a>(world: &'a World, repo: RepoId, number: &str) -> Result<&'a Milestone, Refusal> {
    let number: u64 = number.parse().map_err(|_| Refusal::not_found())?;
    world.milestone(repo, number).ok_or_else(Refusal::not_found)
}

pub(super) fn get(world: &World, call: &Call, repo: RepoId, number: &str) -> Outcome {
    let milestone = find(world, repo, number)?;
    Ok(Answer::json(200, Shapes { world, root: &call.root }.milestone(world.repo(repo), milestone)))
}

fn due_on(value: &serde_json::Value) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = value.as_str() else { return Ok(None) };
    let due =
        DateTime::parse_from_rfc3339(text).map_err(|_| Refusal::invalid("Milestone", "due_on", "invalid"))?;
    Ok(Some(due.with_timezone(&Utc)))
}

pub(super) fn create(world: &mut World, call: &Call, repo: RepoId) -> Outcome {
    require(world, call, repo, Permission::Write)?;
    let wanted = call.json()?;
    let title = wanted["title"].as_str().unwrap_or_default();
    if title.is_empty() {
        return Err(Refusal::invalid("Milestone", "title", "missing_field"));
    }
    if world.repo(repo).milestones.iter().any(|milestone| milestone.title == title) {
        return Err(Refusal::invalid("Milestone", "title", "already_exists"));
    }
    let due = due_on(&wanted["due_on"])?;
    let number = world.add_milestone(repo, title, due);
    let milestone = world.milestone(repo, number).ok_or_else(Refusal::not_found)?;
    let shape = Shapes { world, root: &call.root }.milestone(world.repo(repo), milestone);
    let location = shape["url"].as_str().unwrap_or_default().to_owned();
    Ok(Answer::json(201, shape).with("location", location))
}

pub(super) fn edit(world: &mut World, call: &Call, repo: RepoId, number: &str) -> Outcome {
    require(world, call, repo, Permission::Write)?;
    let number = find(world, repo, number)?.number;
    let wanted = call.json()?;
    let title = wanted["title"].as_str();
    let mut others = world.repo(repo).milestones.iter().filter(|milestone| milestone.number != number);
    if title.is_some_and(|title| others.any(|milestone| milestone.title == title)) {
        return Err(Refusal::invalid("Milestone", "title", "already_exists"));
    }
    let due = if wanted.get("due_on").is_some() { Some(due_on(&wanted["due_on"])?) } else { None };
    let open = match wanted["state"].as_str() {
        None => None,
        Some("open") => Some(true),
        Some("closed") => Some(false),
        Some(_) => return Err(Refusal::invalid("Milestone", "state", "invalid")),
    };
    world.edit_milestone(repo, number, title, due, open);
    get(world, call, repo, &number.to_string())
}

pub(super) fn delete(world: &mut World, call: &Call, repo: RepoId, number: &str) -> Outcome {
    require(world, call, repo, Permission::Write)?;
    let number = find(world, repo, number)?.number;
    world.delete_milestone(repo, number);
    Ok(Answer::empty(204))
}
