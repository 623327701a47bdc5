//! Cutting lists into pages, with GitHub's `Link` header.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Outcome;
use crate::call::{Answer, Call, encode};
use crate::state::{RepoId, World};

/// Rows beyond this one are not reachable by page numbers.
const DEEPEST_ROW: usize = 10_000;

/// One page of `items`, with links that name the repository by id, as GitHub's do.
pub(super) fn page<T>(
    world: &World,
    call: &Call,
    repo: RepoId,
    items: &[T],
    shape: impl Fn(&T) -> Value,
) -> Outcome {
    let per_page: usize = call
        .param("per_page")
        .and_then(|value| value.parse().ok())
        .filter(|size| *size > 0)
        .unwrap_or(30)
        .min(100);
    if world.switches.cursor_links {
        return Ok(by_cursor(call, repo, items, per_page, shape));
    }
    let number: usize =
        call.param("page").and_then(|value| value.parse().ok()).filter(|page| *page > 0).unwrap_or(1);
    if number.saturating_mul(per_page) > DEEPEST_ROW + per_page {
        let message = "Pagination with the page parameter is not supported for large datasets, \
                       please use cursor based pagination (after/before)";
        return Err(crate::call::Refusal::Status(422, message.to_owned()));
    }
    let last = items.len().div_ceil(per_page).max(1);
    let rows: Vec<Value> =
        items.iter().skip((number - 1).saturating_mul(per_page)).take(per_page).map(shape).collect();
    let link = |page: usize, rel: &str| {
        let address = address(call, repo, &[("page", page.to_string())]);
        format!("<{address}>; rel=\"{rel}\"")
    };
    let mut links = Vec::new();
    if number > 1 {
        links.push(link((number - 1).min(last), "prev"));
    }
    if number < last {
        links.push(link(number + 1, "next"));
        links.push(link(last, "last"));
    }
    if number > 1 {
        links.push(link(1, "first"));
    }
    Ok(linked(rows, &links))
}

/// The newer way: opaque cursors, neither first nor last.
fn by_cursor<T>(
    call: &Call,
    repo: RepoId,
    items: &[T],
    per_page: usize,
    shape: impl Fn(&T) -> Value,
) -> Answer {
    let cursor = |name: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(call.param(name)?).ok()?;
        String::from_utf8(bytes).ok()?.strip_prefix("row:")?.parse::<usize>().ok()
    };
    let start = match (cursor("after"), cursor("before")) {
        (Some(after), _) => after,
        (None, Some(before)) => before.saturating_sub(per_page),
        (None, None) => 0,
    };
    let rows: Vec<Value> = items.iter().skip(start).take(per_page).map(shape).collect();
    let link = |name: &str, row: usize, rel: &str| {
        let address = address(call, repo, &[(name, URL_SAFE_NO_PAD.encode(format!("row:{row}")))]);
        format!("<{address}>; rel=\"{rel}\"")
    };
    let mut links = Vec::new();
    if start + per_page < items.len() {
        links.push(link("after", start + per_page, "next"));
    }
    if start > 0 {
        links.push(link("before", start, "prev"));
    }
    linked(rows, &links)
}

fn linked(rows: Vec<Value>, links: &[String]) -> Answer {
    let answer = Answer::json(200, Value::Array(rows));
    if links.is_empty() { answer } else { answer.with("link", links.join(", ")) }
}

/// The address of this request with some parameters replaced.
fn address(call: &Call, repo: RepoId, changed: &[(&str, String)]) -> String {
    let skip = if call.segments[0] == "repos" { 3 } else { 2 };
    let rest: Vec<String> = call.segments[skip..].iter().map(|part| encode(part)).collect();
    let mut query: Vec<String> = call
        .query
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "page" | "after" | "before"))
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    query.extend(changed.iter().map(|(name, value)| format!("{name}={value}")));
    format!("{}/repositories/{}/{}?{}", call.root, repo.0, rest.join("/"), query.join("&"))
}
