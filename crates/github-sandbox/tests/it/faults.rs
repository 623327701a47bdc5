//! Mishaps, one story each: what the client hears, and what really happened.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use github_sandbox::{Effect, Fault, Match, Sandbox};
use serde_json::json;

use crate::support::{Client, Reply};

fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

fn create(client: &Client, title: &str) -> Result<Reply, ureq::Error> {
    client.try_post("/repos/acme/platform/issues", json!({"title": title}))
}

fn titles(sandbox: &Sandbox) -> Vec<String> {
    sandbox.issues("acme/platform").into_iter().map(|issue| issue.title).collect()
}

#[test]
fn a_server_error_may_hide_a_write_that_happened() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::ServerErrorAfterCommit(502)));
    sandbox.fault(Fault::create_issue(Effect::ServerErrorBeforeCommit(503)));
    let (first, second) = (create(&client, "happened").unwrap(), create(&client, "did not").unwrap());
    assert_eq!((first.status, second.status), (502, 503));
    assert!(first.text.contains("Unicorn") && first.header("content-type").unwrap().contains("html"));
    assert_eq!(titles(&sandbox), ["happened"]);
}

#[test]
fn a_write_lands_after_its_answer_when_the_clock_gets_there() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::LandLate(Duration::from_secs(60))));
    sandbox.fault(Fault::create_issue(Effect::DropAndLandLate(Duration::from_secs(90))));
    assert_eq!(create(&client, "late").unwrap().status, 502);
    assert!(create(&client, "later").is_err());
    sandbox.advance(chrono::Duration::seconds(59));
    assert!(titles(&sandbox).is_empty());
    sandbox.advance(chrono::Duration::seconds(1));
    assert_eq!(titles(&sandbox), ["late"]);
    assert_eq!(sandbox.issue("acme/platform", 1).unwrap().created_at, sandbox.now());
    assert_eq!(sandbox.land_late_writes(), 1);
    assert_eq!(titles(&sandbox), ["late", "later"]);
}

#[test]
fn an_answer_breaks_in_the_middle_or_is_half_of_itself() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::Truncate));
    assert!(create(&client, "broken").is_err());
    sandbox.fault(Fault::create_issue(Effect::Garble));
    let garbled = create(&client, "garbled").unwrap();
    assert_eq!((garbled.status, garbled.body), (201, serde_json::Value::Null));
    assert!(garbled.headers.iter().any(|(name, _)| name == "location"));
    assert_eq!(titles(&sandbox), ["broken", "garbled"]);
}

#[test]
fn the_nth_and_the_next_requests_are_met_and_others_are_not() {
    let (sandbox, client) = sandbox();
    let refuse = Effect::Refuse { status: 422, body: "{\"message\":\"no\"}".to_owned(), headers: Vec::new() };
    sandbox.fault(Fault::rest("POST", "issues", refuse.clone()).nth(2).next(2));
    let statuses: Vec<u16> = (0..5).map(|_| create(&client, "x").unwrap().status).collect();
    assert_eq!(statuses, [201, 422, 422, 201, 201]);
    assert_eq!(sandbox.faults_waiting(), 0);
    sandbox.fault(Fault::rest("*", "issues/*/labels", refuse).always());
    assert_eq!(client.get("/repos/acme/platform/issues/1").status, 200);
    assert_eq!(client.get("/repos/acme/platform/issues/1/labels").status, 422);
    sandbox.clear_faults();
    assert_eq!(client.get("/repos/acme/platform/issues/1/labels").status, 200);
}

#[test]
fn going_too_fast_is_refused_in_each_of_githubs_ways() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::SecondaryLimit { retry_after: Some(7), status: 429 }));
    sandbox.fault(Fault::create_issue(Effect::SecondaryLimit { retry_after: None, status: 403 }));
    let (with, without) = (create(&client, "x").unwrap(), create(&client, "x").unwrap());
    assert_eq!((with.status, with.header("retry-after")), (429, Some("7")));
    assert_eq!((without.status, without.header("retry-after")), (403, None));
    assert!(without.body["message"].as_str().unwrap().contains("secondary rate limit"));
    assert_ne!(without.header("x-ratelimit-remaining"), Some("0"));

    sandbox.content_limit(Some(2), None);
    let statuses: Vec<u16> = (0..3).map(|_| create(&client, "x").unwrap().status).collect();
    assert_eq!((statuses, sandbox.content_limit_hits()), (vec![201, 201, 403], 1));
    sandbox.advance(chrono::Duration::seconds(61));
    assert_eq!(create(&client, "x").unwrap().status, 201);
}

#[test]
fn an_hours_budget_ends_and_begins_again() {
    let (sandbox, client) = sandbox();
    sandbox.primary_limit(3);
    for left in ["2", "1", "0"] {
        assert_eq!(client.get("/user").header("x-ratelimit-remaining"), Some(left));
    }
    let refused = client.get("/user");
    assert_eq!((refused.status, refused.header("x-ratelimit-used")), (403, Some("3")));
    let reset = (sandbox.now() + chrono::Duration::hours(1)).timestamp().to_string();
    assert_eq!(refused.header("x-ratelimit-reset"), Some(reset.as_str()));
    assert_eq!(client.get("/rate_limit").body["resources"]["core"]["remaining"], 0);
    sandbox.advance(chrono::Duration::hours(1));
    assert_eq!(client.get("/user").status, 200);
}

#[test]
fn a_replica_that_lags_hides_the_newest() {
    let (sandbox, client) = sandbox();
    for title in ["one", "two", "three"] {
        create(&client, title).unwrap();
    }
    sandbox.fault(Fault::new(Match::ListIssues, Effect::StaleList { newest: 2 }));
    assert_eq!(client.get("/repos/acme/platform/issues").body.as_array().unwrap().len(), 1);
    assert_eq!(client.get("/repos/acme/platform/issues").body.as_array().unwrap().len(), 3);
    sandbox.fault(Fault::new(Match::ListIssues, Effect::StaleList { newest: 1 }));
    client.graphql("{ repository(owner: \"acme\", name: \"platform\") { id } }", json!({}));
    let listed = client.graphql(
        "{ repository(owner: \"acme\", name: \"platform\") { issues(first: 9) { totalCount } } }",
        json!({}),
    );
    assert_eq!(listed["data"]["repository"]["issues"]["totalCount"], 2);
}

#[test]
fn offline_means_nothing_is_done_or_answered() {
    let (sandbox, client) = sandbox();
    sandbox.offline(true);
    assert!(create(&client, "x").is_err());
    sandbox.offline(false);
    assert_eq!(create(&client, "y").unwrap().status, 201);
    assert_eq!(titles(&sandbox), ["y"]);
    assert_eq!(sandbox.writes().iter().map(|record| record.status).collect::<Vec<_>>(), [None, Some(201)]);
}

#[test]
fn the_log_tells_what_was_asked_and_by_whom() {
    let (sandbox, client) = sandbox();
    create(&client, "x").unwrap();
    client.graphql("query Who { viewer { login } }", json!({}));
    let log = sandbox.requests();
    assert_eq!((log[0].method.as_str(), log[0].path.as_str()), ("POST", "/repos/acme/platform/issues"));
    assert_eq!((log[0].login.as_deref(), log[0].is_write), (Some("followup-bot"), true));
    assert_eq!((log[1].graphql_operation.as_deref(), log[1].is_write), (Some("Who"), false));
    sandbox.clear_requests();
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_request_left_hanging_does_not_keep_the_sandbox_from_stopping() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::Hang));
    let waiting = std::thread::spawn(move || create(&client, "x"));
    while sandbox.request_count() == 0 {
        std::thread::yield_now();
    }
    assert!(titles(&sandbox).is_empty());
    assert_eq!(sandbox.requests()[0].status, None);
    sandbox.stop();
    assert!(waiting.join().unwrap().is_err());
}

#[test]
fn a_slow_answer_is_about_something_that_already_happened() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::new(Match::Writes, Effect::Delay(Duration::from_millis(1))));
    assert_eq!(client.get("/user").status, 200);
    assert_eq!(create(&client, "slow").unwrap().status, 201);
    assert_eq!(titles(&sandbox), ["slow"]);
}

#[test]
fn what_takes_too_long_is_cut_off_whether_it_was_done_or_not() {
    let (sandbox, client) = sandbox();
    let repo = client.get("/repos/acme/platform").body["node_id"].clone();
    let ask = |title: &str| {
        let query = "mutation($repo: ID!, $title: String!) { createIssue(input: {repositoryId: $repo, title: $title}) { issue { id } } }";
        client.post("/graphql", json!({"query": query, "variables": {"repo": repo, "title": title}}))
    };
    let before: u64 = ask("x").header("x-ratelimit-used").unwrap().parse().unwrap();
    sandbox.fault(Fault::graphql("createIssue", Effect::CutOff { done: true, status: 200 }));
    sandbox.fault(Fault::graphql("createIssue", Effect::CutOff { done: false, status: 502 }));
    let (done, not) = (ask("done"), ask("not done"));
    assert_eq!((done.status, not.status), (200, 502));
    for answer in [&done, &not] {
        assert!(answer.body["data"].is_null() && answer.body["errors"][0]["type"].is_null());
        let message = answer.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("Something went wrong while executing your query"), "{message}");
    }
    assert!(not.header("x-ratelimit-used").unwrap().parse::<u64>().unwrap() > before + 20);
    let script = r#"{"on": "create_issue", "effect": "cut_off", "status": 504, "done": true}"#;
    sandbox.fault(Fault::from_json(script).unwrap());
    let rest = create(&client, "by REST").unwrap();
    assert_eq!((rest.status, rest.body["message"].as_str()), (504, Some("Server Error")));
    assert_eq!(titles(&sandbox), ["x", "done", "by REST"]);
}

#[test]
fn a_connection_is_reset_before_or_after_it_was_done() {
    let (sandbox, _) = sandbox();
    for done in [true, false] {
        sandbox.fault(Fault::create_issue(Effect::Reset { done }));
        let address = sandbox.url().strip_prefix("http://").unwrap().to_owned();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let body = format!("{{\"title\":\"done: {done}\"}}");
        let head = "POST /repos/acme/platform/issues HTTP/1.1\r\nhost: x\r\nuser-agent: tests";
        let request = format!(
            "{head}\r\nauthorization: token sandbox-token\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let heard = stream.read(&mut [0; 16]).unwrap_err();
        assert_eq!(heard.kind(), std::io::ErrorKind::ConnectionReset);
    }
    assert_eq!(titles(&sandbox), ["done: true"]);
}

#[test]
fn nothing_has_changed_although_it_has() {
    let (sandbox, client) = sandbox();
    create(&client, "x").unwrap();
    let tag = client.get("/repos/acme/platform/issues").header("etag").unwrap().to_owned();
    create(&client, "y").unwrap();
    let again =
        || client.send("GET", "/repos/acme/platform/issues", &[("if-none-match", &tag)], None).unwrap();
    sandbox.fault(Fault::from_json(r#"{"on": "list_issues", "effect": "not_modified"}"#).unwrap());
    assert_eq!((again().status, again().status), (304, 200));
    sandbox.fault(Fault::new(Match::ListIssues, Effect::NotModified));
    assert_eq!(client.get("/repos/acme/platform/issues").status, 200, "nobody asked whether it changed");
}

#[test]
fn somebody_is_quicker_and_rows_move_between_pages() {
    let (sandbox, client) = sandbox();
    create(&client, "one").unwrap();
    sandbox.fault(Fault::rest("PATCH", "issues/*", Effect::Meanwhile));
    let patched = client.with_body("PATCH", "/repos/acme/platform/issues/1", json!({"title": "uno"})).body;
    assert_eq!((&patched["title"], &patched["body"]), (&json!("uno"), &json!("\r\n\r\nAdded meanwhile.")));

    sandbox.advance(chrono::Duration::seconds(1));
    for title in ["two", "three"] {
        create(&client, title).unwrap();
        sandbox.advance(chrono::Duration::seconds(1));
    }
    sandbox.fault(Fault::new(Match::ListIssues, Effect::Meanwhile).nth(2));
    let page = |number: u64| {
        let path = format!("/repos/acme/platform/issues?per_page=2&sort=updated&direction=asc&page={number}");
        let list = client.get(&path).body;
        list.as_array().unwrap().iter().map(|issue| issue["title"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((page(1), page(2)), (vec![json!("uno"), json!("two")], vec![json!("uno")]), "three is missed");
}
