//! The REST side, told as stories by a client that knows nothing of the sandbox's insides.

use crate::support::Client;
use github_sandbox::{CloseReason, Effect, Fault, RepoSettings, Sandbox};
use serde_json::json;

fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().start().unwrap();
    sandbox.add_repo("acme/platform");
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

#[test]
fn an_issue_is_opened_labelled_closed_and_seen_by_people() {
    let (sandbox, client) = sandbox();
    let made = client.post(
        "/repos/acme/platform/issues",
        json!({"title": "Rotate the signing key", "body": "soon", "labels": ["corrective-action"], "assignees": ["octo-dev"]}),
    );
    assert_eq!(made.status, 201);
    assert_eq!(made.header("location"), made.body["url"].as_str());
    assert!(made.body["id"].as_u64().unwrap() > 1 << 32);
    assert!(made.body["node_id"].as_str().unwrap().starts_with("I_kwDO"));

    sandbox.close("acme/platform", 1, CloseReason::NotPlanned, "octo-lead").unwrap();
    let seen = client.get("/repos/acme/platform/issues/1");
    assert_eq!(
        (seen.body["state"].as_str(), seen.body["state_reason"].as_str()),
        (Some("closed"), Some("not_planned"))
    );
    assert_eq!(seen.body["closed_by"]["login"], "octo-lead");
    assert_eq!(seen.body["labels"][0]["name"], "corrective-action");
    assert_eq!(sandbox.issue("acme/platform", 1).unwrap().assignees, ["octo-dev"]);
}

#[test]
fn a_lost_reply_leaves_an_issue_behind() {
    let (sandbox, client) = sandbox();
    sandbox.fault(Fault::create_issue(Effect::LoseReply));
    assert!(client.try_post("/repos/acme/platform/issues", json!({"title": "once"})).is_err());
    assert_eq!(sandbox.issues("acme/platform").len(), 1);
    assert_eq!(sandbox.requests()[0].status, None);
    sandbox.fault(Fault::create_issue(Effect::DropBefore));
    assert!(client.try_post("/repos/acme/platform/issues", json!({"title": "never"})).is_err());
    assert_eq!(sandbox.issues("acme/platform").len(), 1);
}

#[test]
fn somebody_without_push_access_opens_issues_without_labels() {
    let (sandbox, client) = sandbox();
    sandbox.add_repo_with("acme/site", &RepoSettings::public(&[]));
    let made = client.post(
        "/repos/acme/site/issues",
        json!({"title": "t", "labels": ["x"], "assignees": ["nobody-at-all"]}),
    );
    assert_eq!(made.status, 201);
    assert_eq!(made.body["labels"], json!([]));
}

#[test]
fn labels_are_one_whatever_their_case() {
    let (_sandbox, client) = sandbox();
    assert_eq!(
        client.post("/repos/acme/platform/labels", json!({"name": "Overdue", "color": "FF0000"})).status,
        201
    );
    let again = client.post("/repos/acme/platform/labels", json!({"name": "overdue", "color": "ff0000"}));
    assert_eq!((again.status, again.body["errors"][0]["code"].as_str()), (422, Some("already_exists")));
    client.post("/repos/acme/platform/issues", json!({"title": "t", "labels": ["OVERDUE"]}));
    let found = client.get("/repos/acme/platform/issues?labels=oVERdue");
    assert_eq!(found.body[0]["labels"][0]["name"], "Overdue");
    let renamed =
        client.with_body("PATCH", "/repos/acme/platform/labels/overdue", json!({"new_name": "late"}));
    assert_eq!(renamed.body["name"], "late");
    assert_eq!(client.delete("/repos/acme/platform/issues/1/labels/overdue").status, 404);
    assert_eq!(client.delete("/repos/acme/platform/issues/1/labels/LATE").body, json!([]));
}

#[test]
fn a_milestone_and_a_type_are_set_cleared_and_silently_dropped() {
    let (sandbox, client) = sandbox();
    let due = "2026-12-01T12:00:00Z";
    let made = client.post("/repos/acme/platform/milestones", json!({"title": "Q4", "due_on": due}));
    assert_eq!((made.status, made.body["due_on"].as_str()), (201, Some(due)));
    assert_eq!(client.post("/repos/acme/platform/milestones", json!({"title": "Q4"})).status, 422);
    let place = json!({"title": "t", "milestone": 1, "type": "task"});
    let issue = client.post("/repos/acme/platform/issues", place.clone()).body;
    assert_eq!((&issue["milestone"]["title"], &issue["type"]["name"]), (&json!("Q4"), &json!("Task")));
    let asked = client.graphql(
        "{ repository(owner: \"acme\", name: \"platform\") { issue(number: 1) { milestone { title dueOn } } } }",
        json!({}),
    );
    assert_eq!(asked["data"]["repository"]["issue"]["milestone"], json!({"title": "Q4", "dueOn": due}));
    let nothing = json!({"milestone": null, "type": null});
    let cleared = client.with_body("PATCH", "/repos/acme/platform/issues/1", nothing).body;
    assert_eq!((&cleared["milestone"], &cleared["type"]), (&json!(null), &json!(null)));
    assert_eq!(client.post("/repos/acme/platform/issues", json!({"title": "t", "milestone": 9})).status, 422);
    sandbox.drop_labels_silently(true);
    let dropped = client.post("/repos/acme/platform/issues", place);
    assert_eq!(
        (dropped.status, &dropped.body["milestone"], &dropped.body["type"]),
        (201, &json!(null), &json!(null))
    );
    sandbox.quirks(github_sandbox::Quirks { due_on_floors: true, ..Default::default() });
    let old = client.post("/repos/acme/platform/milestones", json!({"title": "Q1", "due_on": due}));
    assert_eq!(old.body["due_on"], "2026-12-01T08:00:00Z");
}

#[test]
fn an_edit_is_all_or_nothing() {
    let (sandbox, client) = sandbox();
    client.post("/repos/acme/platform/issues", json!({"title": "t", "labels": ["kept"]}));
    let refused = client.with_body(
        "PATCH",
        "/repos/acme/platform/issues/1",
        json!({"title": "changed", "labels": [], "assignees": ["nobody-at-all"]}),
    );
    assert_eq!((refused.status, refused.body["errors"][0]["value"].as_str()), (422, Some("nobody-at-all")));
    let both = json!({"assignee": "octo-dev", "assignees": ["octo-dev"]});
    assert_eq!(client.with_body("PATCH", "/repos/acme/platform/issues/1", both).status, 422);
    assert_eq!(
        client.with_body("PATCH", "/repos/acme/platform/issues/1", json!({"state": "ajar"})).status,
        422
    );
    let issue = sandbox.issue("acme/platform", 1).unwrap();
    assert_eq!((issue.title.as_str(), issue.labels), ("t", vec!["kept".to_owned()]));
    let nulls = json!({"labels": null, "assignees": null, "milestone": null, "body": null, "state": null});
    assert_eq!(client.with_body("PATCH", "/repos/acme/platform/issues/1", nulls).status, 200);
    assert_eq!(sandbox.issue("acme/platform", 1).unwrap().labels, ["kept"]);
}

#[test]
fn what_is_not_a_request_is_said_so() {
    let (sandbox, client) = sandbox();
    let broken = client.send("POST", "/repos/acme/platform/issues", &[], Some("{\"title\":")).unwrap();
    assert_eq!((broken.status, broken.body["message"].as_str()), (400, Some("Problems parsing JSON")));
    assert_eq!(Client::nameless(&sandbox).get("/users/octo-dev").status, 403);
    assert_eq!(client.get("/no/such/place").status, 404);
    let stranger = Client::new(&sandbox, "no such token");
    assert_eq!(stranger.get("/repos/acme/platform").body["message"], "Bad credentials");
}
