//! What happens to every request: who asks, whether it may, the route, and the headers of the answer.
//!
//! Invariant: nothing is written before the credential and its budget were accepted, and a 304 costs a known caller nothing.

use hyper::header::{ACCEPT, AUTHORIZATION, COOKIE, IF_NONE_MATCH, USER_AGENT};
use ring::digest::{Context, SHA256};
use serde_json::json;

use crate::access::{self, bearer, budget, limit_of};
use crate::call::{Answer, Call};
use crate::state::{Resource, World};
use crate::{graphql, jwt, rest};

/// The versions of the API that GitHub serves.
const API_VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// Carries out one request against the state.
pub(crate) fn handle(world: &mut World, call: Call) -> Answer {
    let answer = within(world, call);
    world.acting = None;
    answer
}

fn within(world: &mut World, mut call: Call) -> Answer {
    if call.header(USER_AGENT).is_none_or(str::is_empty) {
        return Answer::text(
            403,
            "text/html; charset=utf-8",
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        );
    }
    let token = bearer(&call);
    let resource = call.resource();
    let accepted = if access::is_for_apps(&call.segments) {
        jwt::app(world, token.as_deref(), world.clock.now()).map(|app| call.app = Some(app))
    } else {
        access::acting(world, token.as_deref()).map(|acting| {
            call.viewer = acting.as_ref().map(|acting| acting.user);
            world.acting = acting;
        })
    };
    if let Err(refusal) = accepted {
        let answer = finish(world, &call, Answer::from(refusal));
        let known = answer.status == 403;
        return if known { with_budget(world, answer, token.as_deref(), resource) } else { answer };
    }
    let free = call.segments == ["rate_limit"];
    let limit = limit_of(world, token.as_deref(), resource);
    let left = budget(world, token.as_deref(), resource);
    if !free && left.remaining(limit) == 0 {
        let answer = spent(world, &call, token.as_deref());
        let answer = finish(world, &call, answer);
        return with_budget(world, answer, token.as_deref(), resource);
    }
    if let Some(version) = call.headers.get("x-github-api-version")
        && !API_VERSIONS.iter().any(|known| version.as_bytes() == known.as_bytes())
    {
        let answer = json!({
            "message": "The requested API version is not supported. Please use a supported API version.",
            "documentation_url": "https://docs.github.com/rest/about-the-rest-api/api-versions",
            "status": "400",
        });
        return finish(world, &call, Answer::json(400, answer));
    }
    let is_write = match graphql::summary(&call).filter(|_| call.graphql) {
        Some(summary) => summary.is_mutation,
        None => !call.is_read() && !call.graphql,
    };
    let beside = world.quirks.concurrent_requests.is_some_and(|most| call.beside >= most);
    if beside || world.too_much_cpu(resource) || world.too_many_points(resource, if is_write { 5 } else { 1 })
    {
        let message =
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        let body = json!({"message": message, "documentation_url": crate::call::DOCS, "status": "403"});
        let answer = finish(world, &call, Answer::json(403, body)).with("retry-after", "60");
        return with_budget(world, answer, token.as_deref(), resource);
    }
    let (answer, cost) = if call.graphql {
        graphql::handle(world, &call)
    } else if call.segments == ["rate_limit"] {
        (rate_limit(world, token.as_deref()), 0)
    } else {
        (rest::handle(world, &call), 1)
    };
    world.take_cpu(resource, answer.body.len());
    let answer = finish(world, &call, answer);
    let mut answer = conditional(&call, answer);
    if answer.status == 304 && world.quirks.bare_304 {
        answer.headers.retain(|(name, _)| name != "etag");
    }
    if world.quirks.deprecation_link {
        deprecate(&mut answer);
    }
    // Only whoever says who they are asks again for nothing.
    if answer.status != 304 || token.is_none() {
        budget(world, token.as_deref(), resource).used += cost;
    }
    with_budget(world, answer, token.as_deref(), resource)
}

/// The answer to a credential whose hour is used up: 200 with errors for GraphQL, 403 or 429 for REST.
pub(crate) fn spent(world: &World, call: &Call, token: Option<&str>) -> Answer {
    let user = token
        .and_then(|token| world.tokens.get(token))
        .map_or_else(|| "127.0.0.1".to_owned(), |token| format!("user ID {}", token.user.0));
    let message = format!("API rate limit exceeded for {user}.");
    if call.graphql {
        return Answer::json(200, json!({"errors": [{"type": "RATE_LIMITED", "message": message}]}));
    }
    let status = if world.quirks.primary_limit_429 { 429 } else { 403 };
    Answer::json(
        status,
        json!({
            "message": message,
            "documentation_url":
                "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
            "status": status.to_string(),
        }),
    )
}

fn rate_limit(world: &mut World, token: Option<&str>) -> Answer {
    let now = world.now();
    let mut shape = |resource| {
        let limit = limit_of(world, token, resource);
        let budget = budget(world, token, resource);
        json!({
            "limit": limit,
            "used": budget.used,
            "remaining": budget.remaining(limit),
            "reset": budget.resets_at.unwrap_or(now).timestamp(),
        })
    };
    let (core, graphql, search) = (shape(Resource::Core), shape(Resource::Graphql), shape(Resource::Search));
    Answer::json(
        200,
        json!({"resources": {"core": core, "graphql": graphql, "search": search}, "rate": core}),
    )
}

/// Headers of every answer that do not depend on the budget.
pub(crate) fn finish(world: &mut World, call: &Call, answer: Answer) -> Answer {
    let number = world.next_request();
    answer
        .with("server", "github.com")
        .with("x-github-request-id", format!("5A4D:{number:06X}:0:0"))
        .with("x-github-media-type", "github.v3; format=json")
        .with("x-github-api-version-selected", "2022-11-28")
        .with(
            "cache-control",
            if call.viewer.is_some() {
                "private, max-age=60, s-maxage=60"
            } else {
                "public, max-age=60, s-maxage=60"
            },
        )
        .with("vary", "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With")
}

pub(crate) fn with_budget(
    world: &mut World,
    answer: Answer,
    token: Option<&str>,
    resource: Resource,
) -> Answer {
    let limit = limit_of(world, token, resource);
    let now = world.now();
    let budget = budget(world, token, resource);
    answer
        .with("x-ratelimit-limit", limit.to_string())
        .with("x-ratelimit-remaining", budget.remaining(limit).to_string())
        .with("x-ratelimit-used", budget.used.min(limit).to_string())
        .with("x-ratelimit-reset", budget.resets_at.unwrap_or(now).timestamp().to_string())
        .with("x-ratelimit-resource", resource.as_str())
}

/// Adds the ETag, which depends on the credential as it does at GitHub, and turns a match into 304.
fn conditional(call: &Call, answer: Answer) -> Answer {
    if call.graphql || answer.status >= 300 || answer.body.is_empty() {
        return answer;
    }
    let mut hash = Context::new(&SHA256);
    for name in [ACCEPT, AUTHORIZATION, COOKIE] {
        for value in call.headers.get_all(name) {
            hash.update(value.as_bytes());
            hash.update(b":");
        }
    }
    hash.update(&answer.body);
    let digest: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    if call.method != "GET" {
        return answer.with("etag", format!("\"{digest}\""));
    }
    let wanted = call.header(IF_NONE_MATCH).unwrap_or_default();
    if wanted.split(',').any(|tag| tag.trim().trim_start_matches("W/").trim_matches('"') == digest) {
        let headers = answer
            .headers
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "content-type" | "link"))
            .collect();
        return Answer { status: 304, headers, body: hyper::body::Bytes::new() }
            .with("etag", format!("\"{digest}\""));
    }
    answer.with("etag", format!("W/\"{digest}\""))
}

/// Adds the link that tells of an old version of the API, in front of those to other pages.
fn deprecate(answer: &mut Answer) {
    let link = "<https://docs.github.com/rest/about-the-rest-api/api-versions>; rel=\"deprecation\"";
    match answer.headers.iter_mut().find(|(name, _)| name == "link") {
        Some((_, links)) => *links = format!("{link}, {links}"),
        None => answer.headers.push(("link".to_owned(), link.to_owned())),
    }
}
