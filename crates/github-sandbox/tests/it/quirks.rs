//! Quirks: GitHub as it is when it is not polite. Each is off until it is switched on.

use chrono::Duration;
use github_sandbox::{CloseReason, Effect, Fault, Quirks, Sandbox};
use serde_json::json;

use crate::support::Client;

fn sandbox(quirks: Quirks) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    sandbox.quirks(quirks);
    let client = Client::new(&sandbox, "sandbox-token");
    client.post("/repos/acme/platform/issues", json!({"title": "t", "labels": ["x"]}));
    (sandbox, client)
}

fn count(client: &Client, path: &str) -> usize {
    client.get(path).body.as_array().unwrap().len()
}

#[test]
fn since_may_leave_out_its_own_second() {
    let (_sandbox, client) = sandbox(Quirks { since_exclusive: true, ..Quirks::default() });
    assert_eq!(count(&client, "/repos/acme/platform/issues?since=2026-11-23T08:00:00Z"), 0);
    assert_eq!(count(&client, "/repos/acme/platform/issues?since=2026-11-23T07:59:59Z"), 1);
}

#[test]
fn a_list_may_lag_behind_a_create() {
    let (sandbox, client) = sandbox(Quirks { list_lag_seconds: 10, ..Quirks::default() });
    assert_eq!(count(&client, "/repos/acme/platform/issues"), 0);
    assert_eq!(client.get("/repos/acme/platform/issues/1").status, 200);
    sandbox.advance(Duration::seconds(10));
    assert_eq!(count(&client, "/repos/acme/platform/issues"), 1);
}

#[test]
fn an_issue_that_was_just_made_may_not_be_there_yet() {
    let (_sandbox, client) = sandbox(Quirks { fresh_not_found: true, ..Quirks::default() });
    let statuses = [(); 2].map(|()| client.get("/repos/acme/platform/issues/1").status);
    assert_eq!(statuses, [404, 200]);
}

#[test]
fn an_issue_may_look_like_none_that_was_seen_before() {
    let (sandbox, client) = sandbox(Quirks {
        ghost_authors: true,
        unknown_state_reason: true,
        string_labels: true,
        ..Quirks::default()
    });
    sandbox.close("acme/platform", 1, CloseReason::Completed, "octo-dev").unwrap();
    let issue = client.get("/repos/acme/platform/issues/1").body;
    assert_eq!(
        (&issue["user"], &issue["state_reason"], &issue["labels"]),
        (&json!(null), &json!("superseded"), &json!(["x"]))
    );
    let asked = client.graphql(
        "{ repository(owner: \"acme\", name: \"platform\") { issue(number: 1) { author { login } } } }",
        json!({}),
    );
    assert!(asked["data"]["repository"]["issue"]["author"].is_null() && asked["errors"].is_null());
    sandbox.quirks(Quirks { missing_members: true, ..Quirks::default() });
    assert!(client.get("/repos/acme/platform/issues/1").body.get("closed_by").is_none());
}

#[test]
fn headers_may_say_less_and_more() {
    let (_sandbox, client) = sandbox(Quirks { bare_304: true, deprecation_link: true, ..Quirks::default() });
    let first = client.get("/repos/acme/platform/issues?per_page=1");
    assert!(first.header("link").unwrap().contains("rel=\"deprecation\""));
    let tag = first.header("etag").unwrap();
    let again = client
        .send("GET", "/repos/acme/platform/issues?per_page=1", &[("if-none-match", tag)], None)
        .unwrap();
    assert_eq!((again.status, again.header("etag")), (304, None));
    let old = client.send("GET", "/user", &[("x-github-api-version", "2019-01-01")], None).unwrap();
    assert_eq!(old.status, 400);
    let new = client.send("GET", "/user", &[("x-github-api-version", "2026-03-10")], None).unwrap();
    assert_eq!(new.status, 200);
}

#[test]
fn too_many_nodes_end_in_a_page_of_html() {
    let (sandbox, client) = sandbox(Quirks { graphql_most_nodes: Some(20), ..Quirks::default() });
    let id = sandbox.issues("acme/platform")[0].node_id.clone();
    let ask = |nodes: usize| {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        client.post("/graphql", json!({"query": query, "variables": {"ids": vec![id.clone(); nodes]}})).status
    };
    assert_eq!((ask(20), ask(21)), (200, 502));
}

#[test]
fn a_minute_has_only_so_many_points() {
    let (sandbox, client) = sandbox(Quirks::default());
    sandbox.quirks(Quirks {
        rest_points_a_minute: Some(7),
        graphql_points_a_minute: Some(1),
        ..Quirks::default()
    });
    let comment = || client.post("/repos/acme/platform/issues/1/comments", json!({"body": "b"})).status;
    assert_eq!((comment(), client.get("/user").status, comment()), (201, 200, 403));
    let refused = client.get("/user");
    assert_eq!(refused.status, 200, "a reading still fits");
    let refused = client.get("/user");
    assert_eq!((refused.status, refused.header("retry-after")), (403, Some("60")));
    assert_ne!(refused.header("x-ratelimit-remaining"), Some("0"));
    let ask = || client.post("/graphql", json!({"query": "{ viewer { login } }"})).status;
    assert_eq!((ask(), ask()), (200, 403));
    sandbox.advance(Duration::seconds(61));
    assert_eq!((comment(), ask()), (201, 200));
}

#[test]
fn quirks_are_switched_from_outside() {
    let (_sandbox, client) = sandbox(Quirks::default());
    assert_eq!(client.post("/_sandbox/quirks", json!({"ghost_authors": true})).status, 200);
    assert!(client.get("/repos/acme/platform/issues/1").body["user"].is_null());
    assert_eq!(client.post("/_sandbox/quirks", json!({"no_such_quirk": true})).status, 400);
}

#[test]
fn only_so_many_requests_of_one_credential_go_on_at_once() {
    let (sandbox, client) = sandbox(Quirks { concurrent_requests: Some(2), ..Quirks::default() });
    sandbox.add_token("another-token", "octo-dev");
    let other = Client::new(&sandbox, "another-token");
    sandbox.clear_requests();
    sandbox.fault(Fault::rest("GET", "issues/1", Effect::Hang).next(2));
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads
                .spawn(|| assert!(client.send("GET", "/repos/acme/platform/issues/1", &[], None).is_err()));
        }
        while sandbox.request_count() < 2 {
            std::thread::yield_now();
        }
        let refused = client.get("/user");
        assert_eq!((refused.status, refused.header("retry-after")), (403, Some("60")));
        assert!(refused.body["message"].as_str().unwrap().contains("secondary rate limit"));
        assert_eq!(other.get("/user").status, 200);
        // The hanging ones end with the sandbox.
        sandbox.stop();
    });
}

#[test]
fn a_minute_has_only_so_much_cpu_and_less_of_it_for_graphql() {
    let (sandbox, client) = sandbox(Quirks::default());
    sandbox.quirks(Quirks {
        cpu_millis_a_minute: Some(3_000),
        cpu_millis_a_request: 1_000,
        ..Quirks::default()
    });
    let ask = || client.post("/graphql", json!({"query": "{ viewer { login } }"})).status;
    assert_eq!((ask(), ask(), ask()), (200, 200, 403));
    assert_eq!((client.get("/user").status, client.get("/user").status), (200, 403));
    sandbox.advance(Duration::seconds(61));
    assert_eq!((ask(), client.get("/user").status), (200, 200));
}

#[test]
fn the_primary_limit_may_be_said_with_429() {
    let (sandbox, client) = sandbox(Quirks { primary_limit_429: true, ..Quirks::default() });
    sandbox.primary_limit(1);
    let refused = client.get("/user");
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (429, Some("0")));
    let said = client.post("/graphql", json!({"query": "{ viewer { login } }"}));
    assert_eq!(said.status, 200);
    sandbox.fault(Fault::rest("GET", "issues", Effect::PrimaryLimit { reset_in: -30 }));
    assert_eq!(client.get("/repos/acme/platform/issues").status, 429);
}

#[test]
fn a_timeline_may_be_told_later() {
    let (sandbox, client) = sandbox(Quirks { timeline_lag_seconds: 30, ..Quirks::default() });
    sandbox.close("acme/platform", 1, CloseReason::Completed, "octo-dev").unwrap();
    let told = || {
        let query = "{ repository(owner: \"acme\", name: \"platform\") { issue(number: 1) {
            timelineItems(first: 9, itemTypes: [CLOSED_EVENT]) { nodes { __typename } } } } }";
        let asked = client.graphql(query, json!({}));
        let nodes = asked["data"]["repository"]["issue"]["timelineItems"]["nodes"].as_array().unwrap().len();
        (count(&client, "/repos/acme/platform/issues/1/timeline"), nodes)
    };
    assert_eq!(client.get("/repos/acme/platform/issues/1").body["state"], "closed");
    assert_eq!(told(), (0, 0));
    sandbox.advance(Duration::seconds(30));
    assert_eq!(told(), (2, 1));
}
