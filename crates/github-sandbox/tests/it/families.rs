//! Issues under issues, issues that wait for issues, and how many of what there may be.

use github_sandbox::{CloseReason, Sandbox};
use serde_json::{Value, json};

use crate::support::Client;

const ISSUES: &str = "/repos/acme/platform/issues";

fn sandbox(issues: u64) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    for number in 1..=issues {
        sandbox.open_issue("acme/platform", "octo-dev", &number.to_string(), "").unwrap();
    }
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

fn id(sandbox: &Sandbox, number: u64) -> u64 {
    sandbox.issue("acme/platform", number).unwrap().id
}

#[test]
fn a_family_has_eight_levels() {
    let (sandbox, client) = sandbox(11);
    for number in 1..8 {
        sandbox.add_sub_issue("acme/platform", number, number + 1).unwrap();
    }
    let under_the_eighth = json!({"sub_issue_id": id(&sandbox, 9)});
    let refused = client.post(&format!("{ISSUES}/8/sub_issues"), under_the_eighth);
    assert_eq!(refused.status, 422);
    assert!(refused.body["message"].as_str().unwrap().contains("7 layers"), "{}", refused.text);
    // What comes with issues of its own under it counts with them.
    sandbox.add_sub_issue("acme/platform", 9, 10).unwrap();
    let with_one = json!({"sub_issue_id": id(&sandbox, 9)});
    assert_eq!(client.post(&format!("{ISSUES}/7/sub_issues"), with_one.clone()).status, 422);
    assert_eq!(client.post(&format!("{ISSUES}/6/sub_issues"), with_one).status, 201);
    let repo = client.get("/repos/acme/platform").body["node_id"].clone();
    let eighth = sandbox.issue("acme/platform", 8).unwrap().node_id;
    let query = "mutation($repo: ID!, $parent: ID!) {
        createIssue(input: {repositoryId: $repo, title: \"t\", parentIssueId: $parent}) { issue { id } } }";
    let refused = client.graphql(query, json!({"repo": repo, "parent": eighth}));
    assert_eq!(refused["errors"][0]["type"], "VALIDATION");
    assert_eq!(sandbox.issues("acme/platform").len(), 11);
}

#[test]
fn an_issue_has_a_hundred_labels_and_no_more() {
    let (sandbox, client) = sandbox(1);
    let names = |from: usize, to: usize| (from..to).map(|at| format!("l{at}")).collect::<Vec<_>>();
    let on_it = || sandbox.issue("acme/platform", 1).unwrap().labels.len();
    assert_eq!(client.post(&format!("{ISSUES}/1/labels"), json!({"labels": names(0, 99)})).status, 200);
    let refused = client.post(&format!("{ISSUES}/1/labels"), json!({"labels": names(98, 101)}));
    assert_eq!((refused.status, on_it()), (422, 99));
    assert!(refused.body["message"].as_str().unwrap().contains("more than 100 labels"));
    assert_eq!(client.get("/repos/acme/platform/labels/l100").status, 404, "nothing was made");
    let ones_it_has = json!({"labels": ["L0", "l1", "l99"]});
    assert_eq!((client.post(&format!("{ISSUES}/1/labels"), ones_it_has).status, on_it()), (200, 100));
    assert_eq!(client.post(ISSUES, json!({"title": "t", "labels": names(0, 101)})).status, 422);
    let node =
        |name: &str| client.get(&format!("/repos/acme/platform/labels/{name}")).body["node_id"].clone();
    assert_eq!(client.post("/repos/acme/platform/labels", json!({"name": "more"})).status, 201);
    let query = "mutation($on: ID!, $labels: [ID!]!) {
        addLabelsToLabelable(input: {labelableId: $on, labelIds: $labels}) { clientMutationId } }";
    let issue = sandbox.issue("acme/platform", 1).unwrap().node_id;
    let known = client.graphql(query, json!({"on": issue, "labels": [node("l0")]}));
    assert!(known["errors"].is_null(), "{known}");
    let refused = client.graphql(query, json!({"on": issue, "labels": [node("more")]}));
    assert_eq!(refused["errors"][0]["type"], "UNPROCESSABLE");
    assert_eq!(on_it(), 100);
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|issue| issue["number"].as_u64().unwrap()).collect()
}

#[test]
fn an_issue_waits_for_others_until_it_does_not() {
    let (sandbox, client) = sandbox(3);
    sandbox.enable_webhooks(None);
    drop(sandbox.take_deliveries());
    let blocked_by = format!("{ISSUES}/1/dependencies/blocked_by");
    let made = client.post(&blocked_by, json!({"issue_id": id(&sandbox, 2)}));
    assert_eq!((made.status, &made.body["number"]), (201, &json!(2)));
    assert!(made.header("location").unwrap().ends_with("/issues/1/dependencies/blocked_by"));
    let told: Vec<_> = sandbox.take_deliveries().into_iter().map(|one| one.action.unwrap()).collect();
    assert_eq!(told, ["blocked_by_added", "blocking_added"]);
    sandbox.block("acme/platform", 1, 3).unwrap();
    assert_eq!(numbers(&client.get(&blocked_by).body), [2, 3]);
    assert_eq!(numbers(&client.get(&format!("{ISSUES}/3/dependencies/blocking")).body), [1]);

    sandbox.close("acme/platform", 2, CloseReason::Completed, "octo-dev").unwrap();
    let summary = client.get(&format!("{ISSUES}/1")).body["issue_dependencies_summary"].clone();
    let wanted = json!({"blocked_by": 1, "blocking": 0, "total_blocked_by": 2, "total_blocking": 0});
    assert_eq!(summary, wanted);
    let ring =
        client.post(&format!("{ISSUES}/3/dependencies/blocked_by"), json!({"issue_id": id(&sandbox, 1)}));
    assert_eq!(ring.status, 422);
    assert_eq!(client.post(&blocked_by, json!({"issue_id": id(&sandbox, 3)})).status, 422, "twice");
    assert_eq!(client.post(&blocked_by, json!({"issue_id": 7})).status, 404);

    assert_eq!(client.delete(&format!("{blocked_by}/{}", id(&sandbox, 3))).status, 200);
    assert_eq!(client.delete(&format!("{blocked_by}/{}", id(&sandbox, 3))).status, 404);
    sandbox.delete("acme/platform", 2).unwrap();
    assert_eq!(numbers(&client.get(&blocked_by).body), [0; 0]);
}

#[test]
fn an_issue_waits_for_fifty_and_moves_with_what_waits_for_it() {
    let (sandbox, client) = sandbox(53);
    sandbox.add_repo("acme/other");
    for number in 2..=51 {
        sandbox.block("acme/platform", 1, number).unwrap();
    }
    assert!(sandbox.block("acme/platform", 1, 52).is_err());
    sandbox.transfer("acme/platform", 2, "acme/other").unwrap();
    let first = client.get(&format!("{ISSUES}/1/dependencies/blocked_by?per_page=1")).body;
    assert!(first[0]["repository_url"].as_str().unwrap().ends_with("/acme/other"), "{first}");
}
