//! Cutting lists into pages, with GitHub's `Link` header.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Outcome;
use crate::call::{Answer, Call, Refusal, encode};
use crate::state::{RepoId, World};

/// Rows beyond this one are not reachable by page numbers.
const DEEPEST_ROW: usize = 10_000;

/// How many rows a page has.
pub(super) fn size(call: &Call) -> usize {
    let wanted = call.param("per_page").and_then(|value| value.parse().ok());
    wanted.filter(|size| *size > 0).unwrap_or(30).min(100)
}

/// One page of `items`, with links that name the repository by id, as GitHub's do.
pub(super) fn page<T>(
    world: &World,
    call: &Call,
    repo: RepoId,
    items: &[T],
    shape: impl Fn(&T) -> Value,
) -> Outcome {
    let skip = if call.segments[0] == "repos" { 3 } else { 2 };
    let rest: Vec<String> = call.segments[skip..].iter().map(|part| encode(part)).collect();
    let base = format!("{}/repositories/{}/{}", call.root, repo.0, rest.join("/"));
    let (rows, links) = if world.switches.cursor_links {
        by_cursor(call, &base, items, shape)
    } else {
        by_number(call, &base, items, shape)?
    };
    let answer = Answer::json(200, Value::Array(rows));
    Ok(if links.is_empty() { answer } else { answer.with("link", links.join(", ")) })
}

/// The rows of the page that is asked for, and the links to the others.
pub(super) fn by_number<T>(
    call: &Call,
    base: &str,
    items: &[T],
    shape: impl Fn(&T) -> Value,
) -> Result<(Vec<Value>, Vec<String>), Refusal> {
    let per_page = size(call);
    let number: usize =
        call.param("page").and_then(|value| value.parse().ok()).filter(|page| *page > 0).unwrap_or(1);
    if number.saturating_mul(per_page) > DEEPEST_ROW + per_page {
        let message = "Pagination with the page parameter is not supported for large datasets, \
                       please use cursor based pagination (after/before)";
        return Err(Refusal::Status(422, message.to_owned()));
    }
    let last = items.len().div_ceil(per_page).max(1);
    let rows = items.iter().skip((number - 1).saturating_mul(per_page)).take(per_page).map(shape).collect();
    let link = |page: usize, rel: &str| {
        format!("<{}>; rel=\"{rel}\"", address(call, base, "page", &page.to_string()))
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
    Ok((rows, links))
}

/// The newer way: opaque cursors, neither first nor last.
fn by_cursor<T>(
    call: &Call,
    base: &str,
    items: &[T],
    shape: impl Fn(&T) -> Value,
) -> (Vec<Value>, Vec<String>) {
    let per_page = size(call);
    let cursor = |name: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(call.param(name)?).ok()?;
        String::from_utf8(bytes).ok()?.strip_prefix("row:")?.parse::<usize>().ok()
    };
    let start = match (cursor("after"), cursor("before")) {
        (Some(after), _) => after,
        (None, Some(before)) => before.saturating_sub(per_page),
        (None, None) => 0,
    };
    let rows = items.iter().skip(start).take(per_page).map(shape).collect();
    let link = |name: &str, row: usize, rel: &str| {
        let cursor = URL_SAFE_NO_PAD.encode(format!("row:{row}"));
        format!("<{}>; rel=\"{rel}\"", address(call, base, name, &cursor))
    };
    let mut links = Vec::new();
    if start + per_page < items.len() {
        links.push(link("after", start + per_page, "next"));
    }
    if start > 0 {
        links.push(link("before", start, "prev"));
    }
    (rows, links)
}

/// The address of this request with another place in the list.
fn address(call: &Call, base: &str, name: &str, place: &str) -> String {
    let stays = call.query.iter().filter(|(name, _)| !matches!(name.as_str(), "page" | "after" | "before"));
    let mut query: Vec<String> =
        stays.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    query.push(format!("{name}={place}"));
    format!("{base}?{}", query.join("&"))
}
