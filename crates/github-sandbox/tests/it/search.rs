//! Searching, as far as somebody who does it meets GitHub's limits, lag and gaps.

use chrono::Duration;
use github_sandbox::{CloseReason, Quirks, Sandbox};

use crate::support::{Client, Reply};

fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

fn search(client: &Client, query: &str) -> Reply {
    let query: String = query.replace(' ', "+").replace('"', "%22").replace('#', "%23");
    client.get(&format!("/search/issues?per_page=100&q={query}"))
}

fn numbers(reply: &Reply) -> Vec<u64> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.body["items"].as_array().unwrap().iter().map(|item| item["number"].as_u64().unwrap()).collect()
}

#[test]
fn words_and_qualifiers_are_anded() {
    let (sandbox, client) = sandbox();
    sandbox.add_repo("other/place");
    sandbox.open_issue("acme/platform", "octo-dev", "Rotate the signing key", "marker CA-1").unwrap();
    sandbox.open_issue("acme/platform", "octo-ops", "Write a runbook", "about signing").unwrap();
    sandbox.open_pull_request("acme/platform", "octo-dev", "Rotate it").unwrap();
    sandbox.open_issue("other/place", "octo-dev", "Rotate", "").unwrap();
    sandbox.label("acme/platform", 1, "sev one").unwrap();
    sandbox.assign("acme/platform", 2, &["octo-dev"]).unwrap();
    sandbox.close("acme/platform", 2, CloseReason::Completed, "octo-dev").unwrap();
    let here = |query: &str| numbers(&search(&client, &format!("repo:acme/platform {query}")));
    assert_eq!(here("is:issue SIGNING"), [2, 1]);
    assert_eq!(here("is:issue signing in:title"), [1]);
    assert_eq!(here("is:issue \"signing key\""), [1]);
    assert_eq!(here("is:pr rotate"), [3]);
    assert_eq!(here("is:issue is:open"), [1]);
    assert_eq!(here("is:issue state:closed assignee:octo-dev"), [2]);
    assert_eq!(here("is:issue label:\"sev one\" author:octo-dev"), [1]);
    assert_eq!(here("is:issue no:label"), [2]);
    assert_eq!(here("is:issue author:nobody-at-all"), [0; 0]);
    let all = search(&client, "is:issue rotate");
    assert_eq!((numbers(&all).len(), &all.body["total_count"]), (2, &2.into()));
    assert_eq!(numbers(&search(&client, "is:issue org:other")), [1]);
    sandbox.set_permission("other/place", "followup-bot", github_sandbox::Permission::None).unwrap();
    assert_eq!(numbers(&search(&client, "is:issue rotate")), [1], "only what one may see");
}

#[test]
fn questions_that_github_refuses() {
    let (_sandbox, client) = sandbox();
    let refused = |query: &str| {
        let reply = search(&client, query);
        assert_eq!(reply.status, 422, "{query}: {}", reply.text);
        reply.body["errors"][0].clone()
    };
    assert_eq!(refused("")["code"], "missing");
    assert_eq!(refused("rotate")["message"], "Query must include 'is:issue' or 'is:pull-request'");
    assert!(refused(&format!("is:issue {}", "x".repeat(256)))["message"].as_str().unwrap().contains("256"));
    assert!(refused("is:issue a AND b AND c AND d AND e AND f AND g")["message"].is_string());
    assert!(refused("is:issue repo:acme/none")["message"].as_str().unwrap().contains("cannot be searched"));
    let deep = client.get("/search/issues?q=is:issue&per_page=100&page=11");
    assert_eq!((deep.status, deep.body["message"].as_str().unwrap().contains("1000")), (422, true));
}

#[test]
fn the_index_lags_behind_and_half_of_it_may_be_missing() {
    let (sandbox, client) = sandbox();
    sandbox.quirks(Quirks { search_lag_seconds: 60, ..Quirks::default() });
    for title in ["one", "two"] {
        sandbox.open_issue("acme/platform", "octo-dev", title, "").unwrap();
    }
    let open = || numbers(&search(&client, "is:issue is:open"));
    assert_eq!(open(), [0; 0]);
    sandbox.advance(Duration::seconds(60));
    assert_eq!(open(), [2, 1]);
    sandbox.close("acme/platform", 1, CloseReason::Completed, "octo-dev").unwrap();
    let stale = search(&client, "is:issue is:open");
    assert_eq!(numbers(&stale), [2, 1], "found as it was");
    assert_eq!(stale.body["items"][1]["state"], "closed", "and shown as it is");
    sandbox.advance(Duration::seconds(60));
    assert_eq!(open(), [2]);
    sandbox.quirks(Quirks { search_incomplete: true, ..Quirks::default() });
    let half = search(&client, "is:issue");
    assert_eq!((numbers(&half).len(), &half.body["incomplete_results"]), (1, &true.into()));
}

#[test]
fn searching_has_a_limit_of_its_own() {
    let (sandbox, client) = sandbox();
    sandbox.open_issue("acme/platform", "octo-dev", "t", "").unwrap();
    for left in (0..30).rev() {
        let reply = search(&client, "is:issue");
        assert_eq!(reply.header("x-ratelimit-remaining"), Some(left.to_string().as_str()));
        assert_eq!(reply.header("x-ratelimit-resource"), Some("search"));
    }
    assert_eq!(search(&client, "is:issue").status, 403);
    assert_eq!(client.get("/repos/acme/platform/issues").status, 200);
    assert_eq!(client.get("/rate_limit").body["resources"]["search"]["remaining"], 0);
    let anonymous = Client::anonymous(&sandbox);
    assert_eq!(search(&anonymous, "is:issue").header("x-ratelimit-limit"), Some("10"));
    sandbox.advance(Duration::seconds(61));
    assert_eq!(search(&client, "is:issue").status, 200);
}

#[test]
fn pages_of_a_search_link_to_the_search() {
    let (sandbox, client) = sandbox();
    for title in ["one", "two", "three"] {
        sandbox.open_issue("acme/platform", "octo-dev", title, "").unwrap();
    }
    let first = client.get("/search/issues?q=is:issue&per_page=2&sort=created&order=asc");
    assert_eq!(numbers(&first), [1, 2]);
    let link = first.header("link").unwrap();
    let next = link.split_once("; rel=\"next\"").unwrap().0.trim_start_matches('<').trim_end_matches('>');
    assert!(next.starts_with(&format!("{}/search/issues?q=is%3Aissue&", sandbox.url())), "{next}");
    assert_eq!(numbers(&client.get(next)), [3]);
}
