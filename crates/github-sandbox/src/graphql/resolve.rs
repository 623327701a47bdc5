//! What each field of a query comes to, read from the state.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::connections::{self, Bounds};
use super::execute::Run;
use super::objects::{Object, Out, Problem};
use crate::call::encode;
use crate::json::{Shapes, issue_node, time};
use crate::state::{
    AtNumber, ByName, Closer, CommentId, ISSUE_TYPES, IssueId, LabelId, Level, NodeRef, Permission, RepoId,
    Resource, UserId, UserKind, What, World,
};
use crate::{access, graphql::schema::SCHEMA};

/// How many ids `nodes` takes.
const MAX_NODES: usize = 100;

type Outcome = Result<Out, Problem>;

pub(super) fn field(
    run: &mut Run<'_>,
    object: &Object,
    name: &str,
    arguments: &Map<String, Value>,
) -> Outcome {
    if let Some(definition) = SCHEMA.field(object.type_name(run.world), name)
        && super::schema::named(&definition.ty.node).ends_with("Connection")
    {
        let bounds = Bounds::read(name, arguments)?;
        return connections::connection(run, object, name, arguments, &bounds);
    }
    match object {
        Object::Query => query(run, name, arguments),
        Object::RateLimit => Ok(Out::Value(rate_limit(run, name))),
        Object::User(id) => Ok(Out::Value(user(run.world, *id, name))),
        Object::Repo(id) => repository(run, *id, name, arguments),
        Object::Issue(id) => issue(run, *id, name, arguments),
        Object::Label(repo, id) => Ok(Out::Value(label(run.world, *repo, *id, name))),
        Object::Comment(issue, id) => comment(run.world, *issue, *id, name),
        Object::Event(issue, id) => event(run.world, *issue, *id, name),
        Object::Commit(repo, oid, at) => commit(run.world, *repo, oid, *at, name),
        Object::Milestone(repo, number) => milestone(run.world, *repo, *number, name),
        Object::IssueType(at) => Out::value(match name {
            "id" => format!("IT_{}", at + 1),
            _ => ISSUE_TYPES[*at].to_owned(),
        }),
        Object::SubIssuesSummary(id) => {
            let issue = run.world.issue(*id);
            let total = issue.children.len();
            let done = issue.children.iter().filter(|id| run.world.issue(**id).closed.is_some()).count();
            Out::value(match name {
                "total" => total,
                "completed" => done,
                _ => (done * 100).checked_div(total).unwrap_or(0),
            })
        }
        Object::Connection(ty, page) => Ok(match name {
            "totalCount" => Out::Value(page.total.into()),
            "pageInfo" => Out::Object(Object::PageInfo(page.clone())),
            "nodes" => Out::Objects(page.items.iter().cloned().map(Ok).collect()),
            _ => {
                let edge = connections::edge_of(ty);
                let pair = |(item, cursor): (&Object, &String)| {
                    Ok(Object::Edge(edge, cursor.clone(), Box::new(item.clone())))
                };
                Out::Objects(page.items.iter().zip(&page.cursors).map(pair).collect())
            }
        }),
        Object::Edge(_, cursor, node) => Ok(match name {
            "cursor" => Out::Value(cursor.as_str().into()),
            _ => Out::Object(node.as_ref().clone()),
        }),
        Object::PageInfo(page) => Ok(Out::Value(match name {
            "hasNextPage" => page.has_next.into(),
            "hasPreviousPage" => page.has_previous.into(),
            "startCursor" => json!(page.cursors.first()),
            _ => json!(page.cursors.last()),
        })),
        Object::Payload(_, members) => {
            let member = members.iter().find(|(at, _)| *at == name);
            Ok(member.map_or(Out::Value(Value::Null), |(_, out)| out.clone()))
        }
        Object::Mutation => Out::null(),
    }
}

fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> &'a str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn query(run: &mut Run<'_>, name: &str, arguments: &Map<String, Value>) -> Outcome {
    let viewer = run.call.viewer;
    match name {
        "viewer" => Ok(viewer.map_or(Out::Value(Value::Null), |id| Out::Object(Object::User(id)))),
        "rateLimit" => Ok(Out::Object(Object::RateLimit)),
        "node" => Object::by_node_id(run.world, text(arguments, "id"), viewer).map(Out::Object),
        "nodes" => {
            let ids = arguments.get("ids").cloned().unwrap_or_default();
            let ids: Vec<Value> = match ids {
                Value::Array(ids) => ids,
                one => vec![one],
            };
            if ids.len() > MAX_NODES {
                let message =
                    format!("You may not provide more than 100 node ids; you provided {}.", ids.len());
                return Err(Problem { kind: "ARGUMENT_LIMIT", message });
            }
            let find = |id: &Value| Object::by_node_id(run.world, id.as_str().unwrap_or_default(), viewer);
            Ok(Out::Objects(ids.iter().map(find).collect()))
        }
        "repository" => {
            let (owner, name) = (text(arguments, "owner"), text(arguments, "name"));
            let follow = arguments.get("followRenames").and_then(Value::as_bool).unwrap_or(true);
            let found = match run.world.repo_by_name(owner, name) {
                ByName::Here(repo) => Some(repo),
                ByName::RenamedTo(repo) if follow => Some(repo),
                ByName::RenamedTo(_) | ByName::Nothing => None,
            };
            if let Some(problem) = found
                .filter(|repo| run.world.wants_sso(*repo))
                .and_then(|repo| Problem::of_credential(run.world, repo, Level::Read))
            {
                return Err(problem);
            }
            found
                .filter(|repo| run.world.permission(*repo, viewer) > Permission::None)
                .map(|repo| Out::Object(Object::Repo(repo)))
                .ok_or_else(|| {
                    Problem::not_found(format!(
                        "Could not resolve to a Repository with the name '{owner}/{name}'."
                    ))
                })
        }
        "user" => {
            let login = text(arguments, "login");
            run.world
                .user_by_login(login)
                .filter(|user| user.kind == UserKind::User)
                .map(|user| Out::Object(Object::User(user.id)))
                .ok_or_else(|| {
                    Problem::not_found(format!("Could not resolve to a User with the login of '{login}'."))
                })
        }
        _ => Out::null(),
    }
}

fn rate_limit(run: &mut Run<'_>, name: &str) -> Value {
    let token = access::bearer(run.call);
    let limit = access::limit_of(run.world, token.as_deref(), Resource::Graphql);
    let now = run.world.now();
    let cost = run.cost;
    let budget = access::budget(run.world, token.as_deref(), Resource::Graphql);
    match name {
        "cost" => cost.into(),
        "limit" => limit.into(),
        "nodeCount" => 0.into(),
        "remaining" => budget.remaining(limit).saturating_sub(cost).into(),
        "used" => (budget.used + cost).into(),
        _ => time(budget.resets_at.unwrap_or(now)).into(),
    }
}

fn user(world: &World, id: UserId, name: &str) -> Value {
    let user = world.user(id);
    match name {
        "id" => NodeRef::User(id).encode().into(),
        "databaseId" => id.0.into(),
        "login" => user.login.as_str().into(),
        "url" => format!("{}/{}", world.url, user.login).into(),
        _ => Value::Null,
    }
}

fn repository(run: &Run<'_>, id: RepoId, name: &str, arguments: &Map<String, Value>) -> Outcome {
    let world = &run.world;
    let repo = world.repo(id);
    match name {
        "id" => Out::value(NodeRef::Repo(id).encode()),
        "databaseId" => Out::value(id.0),
        "name" => Out::value(repo.name.as_str()),
        "owner" => Ok(Out::Object(Object::User(repo.owner))),
        "nameWithOwner" => Out::value(repo.full_name()),
        "url" => Out::value(format!("{}/{}", world.url, repo.full_name())),
        "isPrivate" => Out::value(repo.private),
        "isArchived" => Out::value(repo.archived),
        "hasIssuesEnabled" => Out::value(repo.issues_enabled),
        "visibility" => Out::value(if repo.private { "PRIVATE" } else { "PUBLIC" }),
        "viewerPermission" => match world.permission(id, run.call.viewer) {
            Permission::None => Out::null(),
            permission => Out::value(permission.as_str().to_uppercase()),
        },
        "createdAt" => Out::value(time(repo.created_at)),
        "updatedAt" => Out::value(time(repo.updated_at)),
        "label" => Ok(world
            .label_by_name(id, text(arguments, "name"))
            .map_or(Out::Value(Value::Null), |label| Out::Object(Object::Label(id, label.id)))),
        "issue" => {
            if let Some(problem) = Problem::of_credential(world, id, Level::Read) {
                return Err(problem);
            }
            let number = arguments.get("number").and_then(Value::as_u64).unwrap_or_default();
            match world.at_number(id, number) {
                AtNumber::Here(issue) if !world.issue(issue).is_pull_request && repo.issues_enabled => {
                    Ok(Out::Object(Object::Issue(issue)))
                }
                _ => Err(Problem::not_found(format!(
                    "Could not resolve to an Issue with the number of {number}."
                ))),
            }
        }
        _ => Out::null(),
    }
}

fn issue(run: &Run<'_>, id: IssueId, name: &str, arguments: &Map<String, Value>) -> Outcome {
    let world = &run.world;
    let issue = world.issue(id);
    match name {
        "id" => Out::value(issue_node(issue)),
        "databaseId" => Out::value(id.0),
        "fullDatabaseId" => Out::value(id.0.to_string()),
        "number" => Out::value(issue.number),
        "url" => {
            let folder = if issue.is_pull_request { "pull" } else { "issues" };
            let repo = world.repo(issue.repo).full_name();
            Out::value(format!("{}/{repo}/{folder}/{}", world.url, issue.number))
        }
        "title" => Out::value(issue.title.as_str()),
        "body" => Out::value(issue.body.as_deref().unwrap_or_default()),
        "createdAt" => Out::value(time(issue.created_at)),
        "updatedAt" => Out::value(time(issue.updated_at)),
        "closedAt" => Out::value(issue.closed.map(|(_, at)| time(at))),
        "closed" => Out::value(issue.closed.is_some()),
        "merged" => Out::value(issue.merged_at.is_some()),
        "mergedAt" => Out::value(issue.merged_at.map(time)),
        "mergeCommit" => Ok(match issue.merged_at {
            // There is no git here; its number serves as well as any other.
            Some(at) => Out::Object(Object::Commit(issue.repo, format!("{:040x}", id.0), at)),
            None => Out::Value(Value::Null),
        }),
        "authorAssociation" => Out::value(shapes(world).association(world.repo(issue.repo), issue.author)),
        "state" if issue.merged_at.is_some() => Out::value("MERGED"),
        "state" => Out::value(issue.state().to_uppercase()),
        "stateReason" => {
            let duplicates = arguments.get("enableDuplicate").and_then(Value::as_bool).unwrap_or(false);
            Out::value(issue.state_reason().map(|reason| match reason {
                // Clients that did not ask for the newer reason get the one it replaced.
                "duplicate" if !duplicates => "NOT_PLANNED".to_owned(),
                reason => reason.to_uppercase(),
            }))
        }
        "locked" => Out::value(issue.locked),
        "author" if world.quirks.ghost_authors => Out::null(),
        "author" => Ok(Out::Object(Object::User(issue.author))),
        "parent" => Ok(issue
            .parent
            .filter(|parent| world.permission(world.issue(*parent).repo, run.call.viewer) > Permission::None)
            .map_or(Out::Value(Value::Null), |parent| Out::Object(Object::Issue(parent)))),
        "milestone" => Ok(issue
            .milestone
            .map_or(Out::Value(Value::Null), |number| Out::Object(Object::Milestone(issue.repo, number)))),
        "issueType" => {
            let at = ISSUE_TYPES.iter().position(|name| Some(*name) == issue.issue_type);
            Ok(at.map_or(Out::Value(Value::Null), |at| Out::Object(Object::IssueType(at))))
        }
        "subIssuesSummary" => Ok(Out::Object(Object::SubIssuesSummary(id))),
        "repository" => Ok(Out::Object(Object::Repo(issue.repo))),
        _ => Out::null(),
    }
}

fn label(world: &World, repo: RepoId, id: LabelId, name: &str) -> Value {
    let label = world.label(repo, id);
    match name {
        "id" => NodeRef::Label(repo, id).encode().into(),
        "name" => label.name.as_str().into(),
        "color" => label.color.as_str().into(),
        "description" => json!(label.description),
        "url" => {
            format!("{}/{}/labels/{}", world.url, world.repo(repo).full_name(), encode(&label.name)).into()
        }
        _ => Value::Null,
    }
}

fn comment(world: &World, issue: IssueId, id: CommentId, name: &str) -> Outcome {
    let issue = world.issue(issue);
    let Some(comment) = issue.comments.iter().find(|comment| comment.id == id) else { return Out::null() };
    match name {
        "id" => Out::value(NodeRef::Comment(issue.repo, id).encode()),
        "databaseId" => Out::value(id.0),
        "fullDatabaseId" => Out::value(id.0.to_string()),
        "body" => Out::value(comment.body.as_str()),
        "authorAssociation" => Out::value(shapes(world).association(world.repo(issue.repo), comment.author)),
        "author" => Ok(Out::Object(Object::User(comment.author))),
        "createdAt" => Out::value(time(comment.created_at)),
        "updatedAt" => Out::value(time(comment.updated_at)),
        "issue" => Ok(Out::Object(Object::Issue(issue.id))),
        "url" => Out::value(format!(
            "{}/{}/issues/{}#issuecomment-{}",
            world.url,
            world.repo(issue.repo).full_name(),
            issue.number,
            id.0
        )),
        _ => Out::null(),
    }
}

fn event(world: &World, issue: IssueId, id: u64, name: &str) -> Outcome {
    let issue = world.issue(issue);
    let Some(event) = issue.events.iter().find(|event| event.id == id) else { return Out::null() };
    match name {
        "id" => Out::value(NodeRef::Event(issue.repo, id).encode()),
        "actor" => Ok(Out::Object(Object::User(event.actor))),
        "createdAt" => Out::value(time(event.at)),
        "closer" => Ok(match &event.what {
            What::Closed { closer: Some(Closer::PullRequest(pull)), .. }
                if world.issues.contains_key(pull) =>
            {
                Out::Object(Object::Issue(*pull))
            }
            What::Closed { closer: Some(Closer::Commit { repo, oid }), .. } => {
                Out::Object(Object::Commit(*repo, oid.clone(), event.at))
            }
            _ => Out::Value(Value::Null),
        }),
        "stateReason" => Out::value(match event.what {
            What::Closed { reason, .. } => Some(reason.as_str().to_uppercase()),
            _ => None,
        }),
        _ => Out::null(),
    }
}

fn shapes(world: &World) -> Shapes<'_> {
    Shapes { world, root: &world.url }
}

fn commit(world: &World, repo: RepoId, oid: &str, at: DateTime<Utc>, name: &str) -> Outcome {
    match name {
        // Nothing is ever looked up by it.
        "id" => Out::value(format!("C_{oid}")),
        "oid" => Out::value(oid),
        "abbreviatedOid" => Out::value(oid.get(..7).unwrap_or(oid)),
        "url" => Out::value(format!("{}/{}/commit/{oid}", world.url, world.repo(repo).full_name())),
        "committedDate" => Out::value(time(at)),
        "messageHeadline" => Out::value("Close the issue"),
        "repository" => Ok(Out::Object(Object::Repo(repo))),
        _ => Out::null(),
    }
}

fn milestone(world: &World, repo: RepoId, number: u64, name: &str) -> Outcome {
    let Some(milestone) = world.milestone(repo, number) else { return Out::null() };
    match name {
        "id" => Out::value(NodeRef::Milestone(repo, milestone.id).encode()),
        "number" => Out::value(number),
        "title" => Out::value(milestone.title.as_str()),
        "dueOn" => Out::value(milestone.due_on.map(time)),
        _ => Out::null(),
    }
}
