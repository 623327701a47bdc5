//! Comments on issues.

use super::{Outcome, list as issue_list, paging, require, too_fast};
use crate::call::{Answer, Call, Refusal};
use crate::json::Shapes;
use crate::state::{Comment, CommentId, Issue, IssueId, MAX_BODY, Permission, RepoId, World};

pub(super) fn list(world: &World, call: &Call, id: IssueId) -> Outcome {
    let issue = world.issue(id);
    let since = issue_list::since(call)?;
    let comments: Vec<&Comment> = issue
        .comments
        .iter()
        .filter(|comment| since.is_none_or(|since| world.is_since(since, comment.updated_at)))
        .collect();
    let shapes = Shapes { world, root: &call.root };
    paging::page(world, call, issue.repo, &comments, |comment| shapes.comment(issue, comment))
}

/// All comments of a repository.
pub(super) fn list_all(world: &World, call: &Call, repo: RepoId) -> Outcome {
    let since = issue_list::since(call)?;
    let mut comments: Vec<(&Issue, &Comment)> = world
        .repo(repo)
        .numbers
        .values()
        .map(|id| world.issue(*id))
        .flat_map(|issue| issue.comments.iter().map(move |comment| (issue, comment)))
        .filter(|(_, comment)| since.is_none_or(|since| world.is_since(since, comment.updated_at)))
        .collect();
    match call.param("sort") {
        Some("updated") => comments.sort_by_key(|(_, comment)| (comment.updated_at, comment.id)),
        _ => comments.sort_by_key(|(_, comment)| comment.id),
    }
    if call.param("direction") == Some("desc") {
        comments.reverse();
    }
    let shapes = Shapes { world, root: &call.root };
    paging::page(world, call, repo, &comments, |(issue, comment)| shapes.comment(issue, comment))
}

fn body(call: &Call) -> Result<String, Refusal> {
    let wanted = call.json()?;
    let body = wanted["body"].as_str().unwrap_or_default();
    if body.trim().is_empty() {
        return Err(Refusal::invalid("IssueComment", "body", "missing_field"));
    }
    if body.chars().count() > MAX_BODY {
        return Err(Refusal::Invalid(vec![serde_json::json!({
            "resource": "IssueComment", "code": "unprocessable", "field": "data",
            "message": "Body is too long (maximum is 65536 characters)",
        })]));
    }
    Ok(body.to_owned())
}

pub(super) fn create(world: &mut World, call: &Call, id: IssueId) -> Outcome {
    let viewer = call.signed_in()?;
    let body = body(call)?;
    let issue = world.issue(id);
    if issue.locked && world.role(issue.repo, viewer) < Permission::Write {
        return Err(Refusal::forbidden("Unable to create comment because issue is locked."));
    }
    if !world.admit_content() {
        return Err(too_fast());
    }
    let comment = world.add_comment(id, viewer, &body);
    let answer = one(world, call, world.issue(id).repo, comment)?;
    let url = format!(
        "{}/repos/{}/issues/comments/{}",
        call.root,
        world.repo(world.issue(id).repo).full_name(),
        comment.0
    );
    Ok(Answer { status: 201, ..answer }.with("location", url))
}

fn one(world: &World, call: &Call, repo: RepoId, id: CommentId) -> Outcome {
    let (issue, comment) = world.comment(repo, id).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(200, Shapes { world, root: &call.root }.comment(issue, comment)))
}

pub(super) fn get(world: &World, call: &Call, repo: RepoId, id: CommentId) -> Outcome {
    one(world, call, repo, id)
}

/// The issue of a comment that this person may change.
fn changeable(world: &World, call: &Call, repo: RepoId, id: CommentId) -> Result<IssueId, Refusal> {
    let viewer = call.signed_in()?;
    let (issue, comment) = world.comment(repo, id).ok_or_else(Refusal::not_found)?;
    if comment.author != viewer {
        require(world, call, repo, Permission::Write)?;
    }
    Ok(issue.id)
}

pub(super) fn edit(world: &mut World, call: &Call, repo: RepoId, id: CommentId) -> Outcome {
    let issue = changeable(world, call, repo, id)?;
    let body = body(call)?;
    world.edit_comment(issue, id, &body);
    one(world, call, repo, id)
}

pub(super) fn delete(world: &mut World, call: &Call, repo: RepoId, id: CommentId) -> Outcome {
    let issue = changeable(world, call, repo, id)?;
    world.delete_comment(issue, id);
    Ok(Answer::empty(204))
}
