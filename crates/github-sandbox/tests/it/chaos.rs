//! Chance that can be repeated, scripts of faults, and the mishaps that only a reader of answers sees.

use github_sandbox::{Effect, Fault, Sandbox};
use serde_json::json;

use crate::support::Client;

fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

fn mishaps(seed: u64) -> Vec<Option<String>> {
    let (sandbox, client) = sandbox();
    sandbox.chaos(0.5, seed).unwrap();
    for number in 0..40 {
        let title = json!({"title": number.to_string()});
        drop(client.try_post("/repos/acme/platform/issues", title));
    }
    sandbox.calm();
    assert_eq!(client.get("/repos/acme/platform/issues").status, 200);
    sandbox.requests().into_iter().map(|record| record.fault).collect()
}

#[test]
fn the_same_seed_gives_the_same_mishaps_and_calm_ends_them() {
    let first = mishaps(7);
    assert_eq!(first, mishaps(7));
    assert_ne!(first, mishaps(8));
    let met = first.iter().flatten().count();
    assert!((10..=30).contains(&met), "{met} of 40");
}

#[test]
fn chance_is_set_from_outside_and_bad_odds_are_refused() {
    let (sandbox, client) = sandbox();
    let odds = json!({"rate": 1.0, "seed": 3, "only": ["server_error_before_commit"]});
    assert_eq!(client.post("/_sandbox/chaos", odds).status, 200);
    assert!(client.get("/user").status >= 502);
    assert_eq!(client.post("/_sandbox/chaos", json!({"rate": 2.0})).status, 400);
    assert_eq!(client.post("/_sandbox/chaos", json!({"rate": 0.1, "only": ["explode"]})).status, 400);
    client.post("/_sandbox/calm", json!({}));
    assert_eq!(client.get("/user").status, 200);
    assert_eq!(client.post("/_sandbox/latency", json!({"milliseconds": 1})).status, 200);
    assert_eq!(client.get("/user").status, 200);
    drop(sandbox);
}

#[test]
fn a_script_of_faults_is_read_line_by_line() {
    let script = Fault::script(
        "# none on the first\n\n{\"on\":\"create_issue\",\"effect\":\"lose_reply\",\"nth\":2}\n",
    )
    .unwrap();
    assert_eq!(script.len(), 1);
    let wrong = Fault::script("{\"on\":\"any\",\"effect\":\"hang\"}\n{\"on\":\"any\"}").unwrap_err();
    assert!(wrong.to_string().contains("line 2"), "{wrong:#}");
    let (sandbox, client) = sandbox();
    script.into_iter().for_each(|fault| sandbox.fault(fault));
    let create = || client.try_post("/repos/acme/platform/issues", json!({"title": "t"})).is_ok();
    assert_eq!([create(), create(), create()], [true, false, true]);
    assert_eq!(sandbox.issues("acme/platform").len(), 3);
}

#[test]
fn a_limit_comes_in_disguise() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::DisguisedLimit).next(2));
    let refused = client.post("/repos/acme/platform/issues", json!({"title": "t"}));
    assert_eq!((refused.status, refused.body["errors"][0]["code"].as_str()), (422, Some("abuse")));
    let said = client.graphql(
        "mutation { createIssue(input: {repositoryId: \"x\", title: \"t\"}) { issue { id } } }",
        json!({}),
    );
    assert_eq!(said["errors"][0]["message"], "was submitted too quickly");
    assert!(sandbox.issues("acme/platform").is_empty());
}

#[test]
fn one_create_lands_twice_or_answers_with_nothing() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::Twice));
    assert_eq!(client.post("/repos/acme/platform/issues", json!({"title": "t"})).body["number"], 1);
    assert_eq!(sandbox.issues("acme/platform").len(), 2);
    sandbox.fault(Fault::create_issue(Effect::Empty));
    let empty = client.post("/repos/acme/platform/issues", json!({"title": "u"}));
    assert_eq!((empty.status, empty.text.as_str(), empty.header("location")), (201, "", None));
    assert_eq!(sandbox.issues("acme/platform").len(), 3);
}

#[test]
fn half_of_the_nodes_are_missing_and_said_to_be() {
    let (sandbox, client) = sandbox();
    for title in ["one", "two"] {
        sandbox.open_issue("acme/platform", "octo-dev", title, "").unwrap();
    }
    let ids: Vec<String> = sandbox.issues("acme/platform").into_iter().map(|issue| issue.node_id).collect();
    sandbox.fault(Fault::graphql("nodes", Effect::Partial("RESOURCE_LIMITS_EXCEEDED".to_owned())));
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Issue { number } } }";
    let partial = client.graphql(query, json!({"ids": ids}));
    assert_eq!(partial["data"]["nodes"], json!([{"number": 1}, null]));
    assert_eq!(
        (&partial["errors"][0]["type"], &partial["errors"][0]["path"]),
        (&json!("RESOURCE_LIMITS_EXCEEDED"), &json!(["nodes", 1]))
    );
}
