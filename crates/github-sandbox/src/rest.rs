//! The REST routes. One place decides which code answers which path; the files below say what it does.

mod apps;
mod assignees;
mod comments;
mod dependencies;
mod issues;
mod labels;
mod list;
mod milestones;
mod paging;
mod reactions;
mod search;
mod sub_issues;

use serde_json::{Value, json};

use crate::call::{Answer, Call, Refusal};
use crate::json::Shapes;
use crate::state::{AtNumber, ByName, CommentId, IssueId, Level, Permission, RepoId, UserId, World};

type Outcome = Result<Answer, Refusal>;

/// Answers one REST request.
pub(crate) fn handle(world: &mut World, call: &Call) -> Answer {
    route(world, call).unwrap_or_else(Answer::from)
}

fn route(world: &mut World, call: &Call) -> Outcome {
    if let Some(app) = call.app {
        return apps::route(world, call, app);
    }
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["user"]) => {
            let viewer = call.signed_in()?;
            if let Some(acting) = world.acting.as_ref().filter(|acting| acting.installation.is_some()) {
                return Err(Refusal::forbidden(acting.refusal()));
            }
            let shapes = Shapes { world, root: &call.root };
            Ok(Answer::json(200, shapes.profile(world.user(viewer), true)))
        }
        ("GET", ["users", login]) => {
            let user = world.user_by_login(login).ok_or_else(Refusal::not_found)?;
            Ok(Answer::json(200, Shapes { world, root: &call.root }.profile(user, false)))
        }
        ("GET", ["search", "issues"]) => search::issues(world, call),
        ("GET", ["installation", "repositories"]) => apps::repositories(world, call),
        (_, ["repos", owner, name, rest @ ..]) => {
            let repo = match world.repo_by_name(owner, name) {
                ByName::Here(repo) => repo,
                ByName::RenamedTo(repo) if world.permission(repo, call.viewer) > Permission::None => {
                    return Err(renamed(call, repo));
                }
                ByName::RenamedTo(_) | ByName::Nothing => return Err(Refusal::not_found()),
            };
            in_repo(world, call, repo, rest)
        }
        (_, ["repositories", id, rest @ ..]) => {
            let repo = id.parse().map(RepoId).map_err(|_| Refusal::not_found())?;
            if !world.repos.contains_key(&repo) {
                return Err(Refusal::not_found());
            }
            in_repo(world, call, repo, rest)
        }
        _ => Err(Refusal::not_found()),
    }
}

/// A renamed repository answers with its address by id: 301 to reads, 307 to writes.
fn renamed(call: &Call, repo: RepoId) -> Refusal {
    let rest = call.segments[3..].iter().map(|part| crate::call::encode(part)).collect::<Vec<_>>().join("/");
    let mut location = format!("{}/repositories/{}", call.root, repo.0);
    if !rest.is_empty() {
        location = format!("{location}/{rest}");
    }
    if let Some((_, query)) = call.target.split_once('?') {
        location = format!("{location}?{query}");
    }
    Refusal::Moved { status: if call.is_read() { 301 } else { 307 }, location }
}

fn in_repo(world: &mut World, call: &Call, repo: RepoId, rest: &[&str]) -> Outcome {
    if world.permission(repo, call.viewer) == Permission::None {
        return Err(Refusal::not_found());
    }
    if !call.is_read() {
        call.signed_in()?;
    }
    let accepted = permitted(world, call, repo, rest)?;
    let limited = world.acting.as_ref().is_some_and(|acting| acting.permissions.is_some());
    let answer = on_repo(world, call, repo, rest)?;
    Ok(if limited { answer.with("x-accepted-github-permissions", accepted) } else { answer })
}

/// Refuses a credential that was given too little, and tells what the request needs.
fn permitted(world: &World, call: &Call, repo: RepoId, rest: &[&str]) -> Result<String, Refusal> {
    if world.wants_sso(repo) && (world.repo(repo).private || !call.is_read()) {
        let url =
            format!("{}/orgs/{}/sso?authorization_request=AFEE", world.url, world.repo(repo).owner_login);
        return Err(Refusal::SingleSignOn { url });
    }
    let level = if call.is_read() { Level::Read } else { Level::Write };
    let permission = match rest.first() {
        Some(&("issues" | "labels" | "assignees" | "milestones")) => "issues",
        _ => "metadata",
    };
    let accepted = format!("{permission}={}", if level == Level::Read { "read" } else { "write" });
    // Whoever may not even see a public repository by the credential reads it like everybody.
    let reached = call.viewer.is_none_or(|viewer| world.reaches(viewer, repo));
    let missing = if reached { world.lacks(permission, level) } else { !call.is_read() };
    match &world.acting {
        Some(acting) if missing => Err(Refusal::Lacking { message: acting.refusal().to_owned(), accepted }),
        _ => Ok(accepted),
    }
}

fn on_repo(world: &mut World, call: &Call, repo: RepoId, rest: &[&str]) -> Outcome {
    if !call.is_read() && world.repo(repo).archived {
        return Err(Refusal::forbidden("Repository was archived so is read-only."));
    }
    if rest.first() == Some(&"issues") && !world.repo(repo).issues_enabled {
        return Err(Refusal::Status(410, "Issues are disabled for this repo".to_owned()));
    }
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let shapes = Shapes { world, root: &call.root };
            Ok(Answer::json(200, shapes.repository(world.repo(repo), call.viewer)))
        }
        ("GET", ["issues"]) => list::list(world, call, repo),
        ("POST", ["issues"]) => issues::create(world, call, repo),
        ("GET", ["issues", "comments"]) => comments::list_all(world, call, repo),
        (method, ["issues", "comments", id]) => {
            let id = id.parse().map(CommentId).map_err(|_| Refusal::not_found())?;
            match method {
                "GET" => comments::get(world, call, repo, id),
                "PATCH" => comments::edit(world, call, repo, id),
                "DELETE" => comments::delete(world, call, repo, id),
                _ => Err(Refusal::not_found()),
            }
        }
        (method, ["issues", "comments", id, "reactions", rest @ ..]) => {
            let id = id.parse().map(CommentId).map_err(|_| Refusal::not_found())?;
            match (method, rest) {
                ("GET", []) => reactions::list(world, call, repo, id),
                ("POST", []) => reactions::create(world, call, repo, id),
                ("DELETE", [reaction]) => reactions::delete(world, call, repo, id, reaction),
                _ => Err(Refusal::not_found()),
            }
        }
        (_, ["issues", number, rest @ ..]) => {
            let issue = at_number(world, call, repo, number, rest)?;
            on_issue(world, call, issue, rest)
        }
        ("GET", ["labels"]) => labels::list(world, call, repo),
        ("POST", ["labels"]) => labels::create(world, call, repo),
        ("GET", ["labels", name]) => labels::get(world, call, repo, name),
        ("PATCH", ["labels", name]) => labels::edit(world, call, repo, name),
        ("DELETE", ["labels", name]) => labels::delete(world, call, repo, name),
        ("GET", ["milestones"]) => milestones::list(world, call, repo),
        ("POST", ["milestones"]) => milestones::create(world, call, repo),
        ("GET", ["milestones", number]) => milestones::get(world, call, repo, number),
        ("PATCH", ["milestones", number]) => milestones::edit(world, call, repo, number),
        ("DELETE", ["milestones", number]) => milestones::delete(world, call, repo, number),
        ("GET", ["issue-types"]) => Ok(Answer::json(200, crate::json::issue_types())),
        ("GET", ["assignees"]) => assignees::list(world, call, repo),
        ("GET", ["assignees", login]) => assignees::check(world, repo, login),
        ("GET", ["collaborators", login, "permission"]) => assignees::permission(world, call, repo, login),
        _ => Err(Refusal::not_found()),
    }
}

/// The issue at a number, or GitHub's way of saying that it is gone or elsewhere.
fn at_number(
    world: &World,
    call: &Call,
    repo: RepoId,
    number: &str,
    rest: &[&str],
) -> Result<IssueId, Refusal> {
    let number = number.parse().map_err(|_| Refusal::not_found())?;
    match world.at_number(repo, number) {
        AtNumber::Here(issue) => Ok(issue),
        AtNumber::Deleted => Err(Refusal::Status(410, "This issue was deleted".to_owned())),
        AtNumber::MovedTo(issue) => {
            let reachable = world
                .issues
                .get(&issue)
                .filter(|issue| world.permission(issue.repo, call.viewer) > Permission::None);
            match reachable {
                // Only the issue itself redirects; what hung under it is simply not there.
                Some(issue) if rest.is_empty() => Err(Refusal::Moved {
                    status: 301,
                    location: Shapes { world, root: &call.root }.issue_url(issue),
                }),
                _ => Err(Refusal::not_found()),
            }
        }
        AtNumber::Nothing => Err(Refusal::not_found()),
    }
}

fn on_issue(world: &mut World, call: &Call, issue: IssueId, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", []) if world.is_too_fresh(issue) => Err(Refusal::not_found()),
        ("GET", []) => Ok(Answer::json(200, issue_json(world, call, issue))),
        ("PATCH", []) => issues::edit(world, call, issue),
        ("GET", ["labels"]) => labels::of_issue(world, call, issue),
        ("POST", ["labels"]) => labels::add(world, call, issue),
        ("PUT", ["labels"]) => labels::replace(world, call, issue),
        ("DELETE", ["labels"]) => labels::clear(world, call, issue),
        ("DELETE", ["labels", name]) => labels::remove(world, call, issue, name),
        ("POST", ["assignees"]) => assignees::add(world, call, issue),
        ("DELETE", ["assignees"]) => assignees::remove(world, call, issue),
        ("GET", ["comments"]) => comments::list(world, call, issue),
        ("POST", ["comments"]) => comments::create(world, call, issue),
        ("GET", ["sub_issues"]) => sub_issues::list(world, call, issue),
        ("POST", ["sub_issues"]) => sub_issues::add(world, call, issue),
        ("DELETE", ["sub_issue"]) => sub_issues::remove(world, call, issue),
        ("GET", ["dependencies", "blocked_by"]) => dependencies::list(world, call, issue, false),
        ("GET", ["dependencies", "blocking"]) => dependencies::list(world, call, issue, true),
        ("POST", ["dependencies", "blocked_by"]) => dependencies::add(world, call, issue),
        ("DELETE", ["dependencies", "blocked_by", id]) => dependencies::remove(world, call, issue, id),
        ("GET", ["parent"]) => sub_issues::parent(world, call, issue),
        ("GET", ["timeline" | "events"]) => issues::timeline(world, call, issue),
        ("PUT", ["lock"]) => issues::lock(world, call, issue, true),
        ("DELETE", ["lock"]) => issues::lock(world, call, issue, false),
        _ => Err(Refusal::not_found()),
    }
}

fn issue_json(world: &World, call: &Call, issue: IssueId) -> Value {
    Shapes { world, root: &call.root }.issue(world.issue(issue))
}

/// Who is asking, when they may do at least this much.
fn require(world: &World, call: &Call, repo: RepoId, least: Permission) -> Result<UserId, Refusal> {
    let viewer = call.signed_in()?;
    if world.permission(repo, Some(viewer)) >= least {
        Ok(viewer)
    } else {
        Err(Refusal::forbidden("Must have admin rights to Repository."))
    }
}

/// The refusal of somebody who creates too fast.
fn too_fast() -> Refusal {
    Refusal::forbidden(
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. \
         Please retry your request again later.",
    )
}

/// The strings of an array, or the names of an array of objects.
fn names(value: &Value) -> Vec<String> {
    let name = |item: &Value| item.as_str().or_else(|| item["name"].as_str()).map(str::to_owned);
    value.as_array().map(|items| items.iter().filter_map(name).collect()).unwrap_or_default()
}

/// An entry of `errors[]` for a value nobody can be assigned by.
fn not_assignable(login: &str) -> Refusal {
    Refusal::Invalid(vec![json!({
        "value": login, "resource": "Issue", "field": "assignees", "code": "invalid",
    })])
}
