//! What people do behind the client's back, and what the client then sees.

use github_sandbox::{CloseReason, Permission, RepoSettings, Sandbox};
use serde_json::{Value, json};

use crate::support::Client;

fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    sandbox.open_issue("acme/platform", "octo-dev", "Rotate the signing key", "soon").unwrap();
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

#[tokio::test]
async fn it_starts_inside_a_runtime_too() {
    let sandbox = Sandbox::start().await.unwrap();
    assert!(sandbox.url().starts_with("http://127.0.0.1:"));
    sandbox.stop();
}

#[test]
fn a_browser_edit_stores_crlf_and_moves_the_time() {
    let (sandbox, client) = sandbox();
    sandbox.advance(chrono::Duration::milliseconds(1_900));
    sandbox.edit_body("acme/platform", 1, "one\ntwo").unwrap();
    let seen = client.get("/repos/acme/platform/issues/1").body;
    assert_eq!(seen["body"], "one\r\ntwo");
    assert_eq!(seen["updated_at"], "2026-11-23T08:00:01Z");
    sandbox.set_now("2026-11-22T00:00:00Z".parse().unwrap());
    sandbox.edit_title("acme/platform", 1, "Another title").unwrap();
    let seen = client.get("/repos/acme/platform/issues/1").body;
    assert_eq!(
        (seen["title"].as_str(), seen["updated_at"].as_str()),
        (Some("Another title"), Some("2026-11-23T08:00:01Z"))
    );
}

#[test]
fn a_deleted_issue_is_gone_for_readers_and_absent_for_strangers() {
    let (sandbox, client) = sandbox();
    sandbox.delete("acme/platform", 1).unwrap();
    assert_eq!(client.get("/repos/acme/platform/issues/1").status, 410);
    assert_eq!(Client::anonymous(&sandbox).get("/repos/acme/platform/issues/1").status, 404);
    assert_eq!(client.get("/repos/acme/platform/issues?state=all").body, json!([]));
    assert_eq!(sandbox.open_issue("acme/platform", "octo-dev", "Next", "").unwrap(), 2);
}

#[test]
fn a_transferred_issue_redirects_and_is_another_one() {
    let (sandbox, client) = sandbox();
    sandbox.add_repo("acme/other");
    sandbox.label("acme/platform", 1, "kept").unwrap();
    sandbox.label("acme/platform", 1, "lost").unwrap();
    sandbox.open_issue("acme/other", "octo-dev", "First there", "").unwrap();
    sandbox.label("acme/other", 1, "KEPT").unwrap();
    sandbox.comment("acme/platform", 1, "octo-ops", "still here").unwrap();
    let before = sandbox.issue("acme/platform", 1).unwrap();
    assert_eq!(sandbox.transfer("acme/platform", 1, "acme/other").unwrap(), 2);
    let after = sandbox.issue("acme/other", 2).unwrap();
    assert_ne!((before.id, &before.node_id), (after.id, &after.node_id));
    assert_eq!((after.labels, after.comments), (vec!["KEPT".to_owned()], vec!["still here".to_owned()]));
    let moved = client.get("/repos/acme/platform/issues/1");
    let there = format!("{}/repos/acme/other/issues/2", sandbox.url());
    assert_eq!((moved.status, moved.header("location")), (301, Some(there.as_str())));
    assert_eq!(client.get("/repos/acme/platform/issues/1/comments").status, 404);
    let node = client.graphql("query($id: ID!) { node(id: $id) { id } }", json!({"id": before.node_id}));
    assert_eq!(
        (&node["data"]["node"], node["errors"][0]["type"].as_str()),
        (&Value::Null, Some("NOT_FOUND"))
    );
    sandbox.set_permission("acme/other", "followup-bot", Permission::None).unwrap();
    assert_eq!(client.get("/repos/acme/platform/issues/1").status, 404);
}

#[test]
fn a_renamed_repository_redirects_by_id() {
    let (sandbox, client) = sandbox();
    let id = client.get("/repos/acme/platform").body["id"].as_u64().unwrap();
    sandbox.rename_repo("acme/platform", "acme/core").unwrap();
    let read = client.get("/repos/acme/platform/issues?state=all");
    let there = format!("{}/repositories/{id}/issues?state=all", sandbox.url());
    assert_eq!((read.status, read.header("location")), (301, Some(there.as_str())));
    assert_eq!(client.get(&there).body[0]["number"], 1);
    let written = client.with_body("PATCH", "/repos/acme/platform/issues/1", json!({"title": "t"}));
    assert_eq!(written.status, 307);
    let written = client.with_body("PATCH", written.header("location").unwrap(), json!({"title": "t"}));
    assert_eq!((written.status, written.body["title"].as_str()), (200, Some("t")));
}

#[test]
fn a_deleted_repository_is_gone_and_its_name_is_free() {
    let (sandbox, client) = sandbox();
    let issue = sandbox.issue("acme/platform", 1).unwrap();
    sandbox.rename_repo("acme/platform", "acme/core").unwrap();
    sandbox.delete_repo("acme/core").unwrap();
    for path in ["/repos/acme/core", "/repos/acme/platform", "/repos/acme/core/issues/1"] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
    let asked = client.graphql("query($id: ID!) { node(id: $id) { id } }", json!({"id": issue.node_id}));
    assert_eq!(asked["errors"][0]["type"], "NOT_FOUND");
    sandbox.add_repo("acme/core");
    assert!(sandbox.issues("acme/core").is_empty());
}

#[test]
fn permissions_decide_what_is_seen_and_done() {
    let (sandbox, _) = sandbox();
    sandbox.add_token("guest", "guest");
    let guest = Client::new(&sandbox, "guest");
    sandbox.set_permission("acme/platform", "guest", Permission::None).unwrap();
    assert_eq!(guest.get("/repos/acme/platform").status, 404);
    sandbox.set_permission("acme/platform", "guest", Permission::Read).unwrap();
    let close = json!({"state": "closed"});
    assert_eq!(guest.with_body("PATCH", "/repos/acme/platform/issues/1", close.clone()).status, 403);
    sandbox.set_permission("acme/platform", "guest", Permission::Triage).unwrap();
    assert_eq!(guest.with_body("PATCH", "/repos/acme/platform/issues/1", close).status, 200);
    assert_eq!(guest.with_body("PATCH", "/repos/acme/platform/issues/1", json!({"title": "t"})).status, 403);
    sandbox.lock("acme/platform", 1).unwrap();
    assert_eq!(guest.post("/repos/acme/platform/issues/1/comments", json!({"body": "hm"})).status, 403);
    sandbox.archive_repo("acme/platform", true).unwrap();
    assert_eq!(guest.post("/repos/acme/platform/issues", json!({"title": "t"})).status, 403);
    sandbox.archive_repo("acme/platform", false).unwrap();
    sandbox.enable_issues("acme/platform", false).unwrap();
    let off = guest.post("/repos/acme/platform/issues", json!({"title": "t"}));
    assert_eq!((off.status, off.body["message"].as_str()), (410, Some("Issues are disabled for this repo")));
    sandbox.revoke_token("guest");
    assert_eq!(guest.get("/user").body["message"], "Bad credentials");
}

#[test]
fn a_public_repository_is_read_by_anyone_and_written_by_no_one_unknown() {
    let (sandbox, _) = sandbox();
    sandbox.add_repo_with("acme/site", &RepoSettings::public(&["followup-bot"]));
    let anyone = Client::anonymous(&sandbox);
    assert_eq!(anyone.get("/repos/acme/site").body["private"], false);
    assert_eq!(anyone.post("/repos/acme/site/issues", json!({"title": "t"})).status, 401);
    assert_eq!(anyone.get("/repos/acme/platform").status, 404);
    assert_eq!(anyone.get("/user").status, 401);
}

#[test]
fn a_bot_is_spelt_differently_by_the_two_apis() {
    let (sandbox, _) = sandbox();
    sandbox.add_bot("followup-app");
    sandbox.add_token("app", "followup-app");
    let app = Client::new(&sandbox, "app");
    let made = app.post("/repos/acme/platform/issues", json!({"title": "t"})).body;
    assert_eq!(
        (made["user"]["login"].as_str(), made["user"]["type"].as_str()),
        (Some("followup-app[bot]"), Some("Bot"))
    );
    let author = app.graphql(
        "query($id: ID!) { node(id: $id) { ... on Issue { author { __typename login ... on Bot { databaseId } } } } }",
        json!({"id": made["node_id"]}),
    );
    let id = &made["user"]["id"];
    assert_eq!(
        author["data"]["node"]["author"],
        json!({"__typename": "Bot", "login": "followup-app", "databaseId": id})
    );
}

#[test]
fn joining_a_family_moves_no_time_and_a_hundred_is_enough() {
    let (sandbox, client) = sandbox();
    for number in 2..=102 {
        sandbox.open_issue("acme/platform", "octo-dev", "Action", "").unwrap();
        sandbox.advance(chrono::Duration::seconds(1));
        if number <= 101 {
            sandbox.add_sub_issue("acme/platform", 1, number).unwrap();
        }
    }
    let parent = sandbox.issue("acme/platform", 1).unwrap();
    assert_eq!((parent.sub_issues.len(), parent.updated_at), (100, parent.created_at));
    let last = sandbox.issue("acme/platform", 102).unwrap();
    let more = client.post("/repos/acme/platform/issues/1/sub_issues", json!({"sub_issue_id": last.id}));
    assert_eq!(more.status, 422);
    sandbox.close("acme/platform", 2, CloseReason::Completed, "octo-ops").unwrap();
    let summary = &client.get("/repos/acme/platform/issues/1").body["sub_issues_summary"];
    assert_eq!(*summary, json!({"total": 100, "completed": 1, "percent_completed": 1}));
}
