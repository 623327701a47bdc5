//! Searching issues: enough of GitHub's language that its limits, its lag and its gaps are met.

use std::cmp::Reverse;

use serde_json::json;

use super::{Outcome, paging};
use crate::call::{Answer, Call, Refusal};
use crate::json::{Shapes, merge};
use crate::state::{ByName, Permission, RepoId, Terms, World};

/// GitHub refuses longer questions.
const MAX_QUERY: usize = 256;
/// GitHub refuses more of `AND`, `OR` and `NOT`.
const MAX_OPERATORS: usize = 5;
/// What comes after this is out of reach.
const REACHABLE: usize = 1_000;

pub(super) fn issues(world: &mut World, call: &Call) -> Outcome {
    let text = call.param("q").unwrap_or_default();
    let terms = parse(world, call, text)?;
    let mut found = world.search(&terms);
    found.retain(|one| world.permission(world.issue(one.id).repo, call.viewer) > Permission::None);
    match call.param("sort").unwrap_or_default() {
        "updated" => found.sort_by_key(|one| Reverse((one.updated_at, one.id))),
        "comments" => found.sort_by_key(|one| Reverse((world.issue(one.id).comments.len(), one.id))),
        _ => found.sort_by_key(|one| Reverse((one.created_at, one.id))),
    }
    if call.param("order") == Some("asc") {
        found.reverse();
    }
    let incomplete = world.quirks.search_incomplete;
    if incomplete {
        found.truncate(found.len() / 2);
    }
    let total = found.len();
    let size = paging::size(call);
    let page: usize = call.param("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
    if (page - 1).saturating_mul(size) >= REACHABLE {
        return Err(Refusal::Status(422, "Only the first 1000 search results are available".to_owned()));
    }
    found.truncate(REACHABLE);
    let shapes = Shapes { world, root: &call.root };
    let shape = |one: &crate::state::Found| {
        let mut issue = shapes.issue(world.issue(one.id));
        merge(&mut issue, json!({"score": 1.0}));
        issue
    };
    let (rows, links) = paging::by_number(call, &format!("{}/search/issues", call.root), &found, shape)?;
    let answer = json!({
        "total_count": total, "incomplete_results": incomplete, "search_type": "lexical", "items": rows,
    });
    let answer = Answer::json(200, answer);
    Ok(if links.is_empty() { answer } else { answer.with("link", links.join(", ")) })
}

fn refuse(message: &str, code: &str) -> Refusal {
    let error = json!({"message": message, "resource": "Search", "field": "q", "code": code});
    Refusal::Invalid(vec![error])
}

/// The words of a question; what stands in quotation marks is one.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().into_iter().for_each(|word| word.push(other)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn parse(world: &World, call: &Call, text: &str) -> Result<Terms, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid("Search", "q", "missing"));
    }
    if text.chars().count() > MAX_QUERY {
        return Err(refuse("The search is longer than 256 characters.", "invalid"));
    }
    let words = words(text);
    if words.iter().filter(|word| matches!(word.as_str(), "AND" | "OR" | "NOT")).count() > MAX_OPERATORS {
        return Err(refuse("More than five AND / OR / NOT operators were used.", "invalid"));
    }
    let user = |login: &str| Some(world.user_by_login(login).map(|user| user.id));
    let mut terms = Terms::default();
    for word in &words {
        match word.split_once(':') {
            Some(("is" | "type", "issue")) => terms.is_pull_request = Some(false),
            Some(("is" | "type", "pr" | "pull-request")) => terms.is_pull_request = Some(true),
            Some(("is" | "state", "open")) => terms.closed = Some(false),
            Some(("is" | "state", "closed")) => terms.closed = Some(true),
            Some(("in", places)) => {
                terms.in_title |= places.contains("title");
                terms.in_body |= places.contains("body");
            }
            Some(("label", name)) => terms.labels.push(name.to_lowercase()),
            Some(("no", "label")) => terms.no_label = true,
            Some(("no", "assignee")) => terms.no_assignee = true,
            Some(("author", login)) => terms.author = user(login),
            Some(("assignee", login)) => terms.assignee = user(login),
            Some(("repo", name)) => {
                let repo = visible(world, call, name)?;
                terms.repos.get_or_insert_default().push(repo);
            }
            Some(("org" | "user", owner)) => {
                let of = |login: &str| login.eq_ignore_ascii_case(owner);
                let repos = world.repos.values().filter(|repo| of(&repo.owner_login));
                terms.repos.get_or_insert_default().extend(repos.map(|repo| repo.id));
            }
            _ if word == "AND" => {}
            _ if word == "OR" || word == "NOT" || word.starts_with('-') => {
                let message = format!("the sandbox does not know `{word}` in searches; GitHub does");
                return Err(refuse(&message, "invalid"));
            }
            _ => terms.words.push(word.to_lowercase()),
        }
    }
    if terms.is_pull_request.is_none() {
        return Err(refuse("Query must include 'is:issue' or 'is:pull-request'", "invalid"));
    }
    Ok(terms)
}

fn visible(world: &World, call: &Call, name: &str) -> Result<RepoId, Refusal> {
    let found = name.split_once('/').map(|(owner, name)| world.repo_by_name(owner, name));
    match found {
        Some(ByName::Here(repo) | ByName::RenamedTo(repo))
            if world.permission(repo, call.viewer) > Permission::None =>
        {
            Ok(repo)
        }
        _ => Err(refuse(
            "The listed users and repositories cannot be searched either because the resources do not exist \
             or you do not have permission to view them.",
            "invalid",
        )),
    }
}
