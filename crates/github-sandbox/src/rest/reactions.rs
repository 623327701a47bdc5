//! Reactions to comments.

use serde_json::{Value, json};

use super::{Outcome, paging};
use crate::call::{Answer, Call, Refusal};
use crate::json::{Shapes, time};
use crate::state::{CommentId, NodeRef, REACTIONS, Reaction, RepoId, World};

fn shape(shapes: &Shapes<'_>, repo: RepoId, reaction: &Reaction) -> Value {
    json!({
        "id": reaction.id,
        "node_id": NodeRef::Reaction(repo, reaction.id).encode(),
        "user": shapes.user(reaction.user),
        "content": reaction.content,
        "created_at": time(reaction.at),
    })
}

pub(super) fn list(world: &World, call: &Call, repo: RepoId, id: CommentId) -> Outcome {
    let (_, comment) = world.comment(repo, id).ok_or_else(Refusal::not_found)?;
    let wanted = call.param("content");
    let reactions: Vec<&Reaction> =
        comment.reactions.iter().filter(|at| wanted.is_none_or(|wanted| at.content == wanted)).collect();
    let shapes = Shapes { world, root: &call.root };
    paging::page(world, call, repo, &reactions, |reaction| shape(&shapes, repo, reaction))
}

/// Reacts, with 201; a reaction that is there already is answered as it is, with 200.
pub(super) fn create(world: &mut World, call: &Call, repo: RepoId, id: CommentId) -> Outcome {
    let viewer = call.signed_in()?;
    let wanted = call.json()?;
    let content = wanted["content"].as_str().and_then(|text| REACTIONS.into_iter().find(|at| *at == text));
    let content = content.ok_or_else(|| Refusal::invalid("Reaction", "content", "invalid"))?;
    let issue = world.comment(repo, id).ok_or_else(Refusal::not_found)?.0.id;
    let (reaction, is_new) = world.react(issue, id, viewer, content).ok_or_else(Refusal::not_found)?;
    let shapes = Shapes { world, root: &call.root };
    Ok(Answer::json(if is_new { 201 } else { 200 }, shape(&shapes, repo, &reaction)))
}

pub(super) fn delete(world: &mut World, call: &Call, repo: RepoId, id: CommentId, reaction: &str) -> Outcome {
    let viewer = call.signed_in()?;
    let reaction: u64 = reaction.parse().map_err(|_| Refusal::not_found())?;
    let (issue, comment) = world.comment(repo, id).ok_or_else(Refusal::not_found)?;
    let own = comment.reactions.iter().any(|at| at.id == reaction && at.user == viewer);
    if !own {
        return Err(Refusal::not_found());
    }
    let issue = issue.id;
    world.unreact(issue, id, reaction);
    Ok(Answer::empty(204))
}
