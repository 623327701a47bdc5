//! Webhooks: what is told of a change, and what a bad network does to it.

use github_sandbox::{CloseReason, Mail, Sandbox, WebhookDelivery};
use serde_json::{Value, json};

use crate::support::Client;

fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    sandbox.enable_webhooks(Some("It's a Secret to Everybody"));
    assert_eq!(told(&sandbox.take_deliveries()), ["ping"]);
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

fn told(deliveries: &[WebhookDelivery]) -> Vec<String> {
    deliveries
        .iter()
        .map(|one| one.action.as_ref().map_or(one.event.clone(), |action| format!("{}.{action}", one.event)))
        .collect()
}

fn body(delivery: &WebhookDelivery) -> Value {
    serde_json::from_str(&delivery.body).unwrap()
}

#[test]
fn one_action_is_told_by_several_events_and_our_own_come_back() {
    let (sandbox, client) = sandbox();
    let wanted = json!({"title": "t", "labels": ["x"], "assignees": ["octo-dev"]});
    client.post("/repos/acme/platform/issues", wanted);
    let deliveries = sandbox.take_deliveries();
    assert_eq!(told(&deliveries), ["label.created", "issues.opened", "issues.labeled", "issues.assigned"]);
    let opened = body(&deliveries[1]);
    assert_eq!(opened["issue"]["labels"][0]["name"], "x");
    assert_eq!(
        (&opened["sender"]["login"], &opened["repository"]["full_name"]),
        (&json!("followup-bot"), &json!("acme/platform"))
    );
    sandbox.close("acme/platform", 1, CloseReason::Completed, "octo-dev").unwrap();
    sandbox.reopen("acme/platform", 1, "octo-dev").unwrap();
    sandbox.edit_title("acme/platform", 1, "u").unwrap();
    sandbox.edit_body("acme/platform", 1, "text").unwrap();
    sandbox.unlabel("acme/platform", 1, "x").unwrap();
    sandbox.comment("acme/platform", 1, "maria", "hello").unwrap();
    let deliveries = sandbox.take_deliveries();
    assert_eq!(
        told(&deliveries),
        [
            "issues.closed",
            "issues.reopened",
            "issues.edited",
            "issues.edited",
            "issues.unlabeled",
            "issue_comment.created"
        ]
    );
    assert_eq!(body(&deliveries[2])["changes"], json!({"title": {"from": "t"}}));
    assert!(sandbox.take_deliveries().is_empty());
}

#[test]
fn a_delivery_is_signed_over_its_raw_body_and_has_githubs_headers() {
    let (sandbox, _) = sandbox();
    sandbox.open_issue("acme/platform", "octo-dev", "t", "").unwrap();
    let delivery = &sandbox.take_deliveries()[0];
    let header =
        |name: &str| delivery.headers.iter().find(|(at, _)| at == name).map(|(_, value)| value.as_str());
    assert_eq!(
        (header("X-GitHub-Event"), header("X-GitHub-Delivery")),
        (Some("issues"), Some(delivery.id.as_str()))
    );
    assert!(
        header("User-Agent").unwrap().starts_with("GitHub-Hookshot/") && header("X-GitHub-Hook-ID").is_some()
    );
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"It's a Secret to Everybody");
    let hex = header("X-Hub-Signature-256").unwrap().strip_prefix("sha256=").unwrap();
    let tag: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    ring::hmac::verify(&key, delivery.body.as_bytes(), &tag).unwrap();
}

#[test]
fn families_moves_and_ends_are_told_from_both_sides() {
    let (sandbox, _) = sandbox();
    sandbox.add_repo("acme/other");
    for title in ["Report", "Action"] {
        sandbox.open_issue("acme/platform", "octo-dev", title, "").unwrap();
    }
    drop(sandbox.take_deliveries());
    sandbox.add_sub_issue("acme/platform", 1, 2).unwrap();
    assert_eq!(
        told(&sandbox.take_deliveries()),
        ["sub_issues.sub_issue_added", "sub_issues.parent_issue_added"]
    );
    sandbox.transfer("acme/platform", 2, "acme/other").unwrap();
    let moved = sandbox.take_deliveries();
    assert_eq!(told(&moved), ["issues.transferred", "issues.opened"]);
    let (left, came) = (body(&moved[0]), body(&moved[1]));
    assert_eq!(
        (&left["issue"]["number"], &left["changes"]["new_repository"]["name"]),
        (&json!(2), &json!("other"))
    );
    assert_eq!(left["changes"]["new_issue"]["id"], came["issue"]["id"]);
    assert_eq!(came["changes"]["old_issue"]["id"], left["issue"]["id"]);
    sandbox.delete("acme/platform", 1).unwrap();
    sandbox.rename_repo("acme/platform", "acme/core").unwrap();
    sandbox.archive_repo("acme/core", true).unwrap();
    sandbox.set_private("acme/core", false).unwrap();
    assert_eq!(
        told(&sandbox.take_deliveries()),
        ["issues.deleted", "repository.renamed", "repository.archived", "repository.publicized"]
    );
}

#[test]
fn a_bad_network_loses_doubles_delays_and_shuffles_the_same_way_each_time() {
    let (sandbox, _) = sandbox();
    let open = |from: u64| {
        for number in from..from + 40 {
            sandbox.open_issue("acme/platform", "octo-dev", &number.to_string(), "").unwrap();
        }
    };
    open(0);
    let bad = Mail { seed: 7, lose: 200, double: 300, delay: 100, shuffle: true };
    let carried = sandbox.take_deliveries_by(bad);
    let mut ids: Vec<&str> = carried.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert!(ids.len() < count && ids.len() < 40, "{count} deliveries of {} changes", ids.len());
    let late = sandbox.take_deliveries();
    assert!(!late.is_empty() && late.iter().all(|one| !ids.contains(&one.id.as_str())));
    open(40);
    assert!(sandbox.take_deliveries_by(Mail { lose: 1_000, ..Mail::default() }).is_empty());
    assert!(sandbox.take_deliveries().is_empty());
}

#[test]
fn labels_milestones_types_and_pull_requests_have_events_of_their_own() {
    let (sandbox, client) = sandbox();
    let at = |path: &str| format!("/repos/acme/platform/{path}");
    client.post(&at("labels"), json!({"name": "sev:1"}));
    client.with_body("PATCH", &at("labels/sev:1"), json!({"new_name": "sev:2"}));
    client.delete(&at("labels/sev:2"));
    let deliveries = sandbox.take_deliveries();
    assert_eq!(told(&deliveries), ["label.created", "label.edited", "label.deleted"]);
    assert_eq!(body(&deliveries[1])["changes"], json!({"name": {"from": "sev:1"}}));
    assert_eq!(body(&deliveries[2])["label"]["name"], "sev:2");

    client.post(&at("milestones"), json!({"title": "Q4", "due_on": "2026-12-31T08:00:00Z"}));
    client.post(&at("issues"), json!({"title": "t", "milestone": 1, "type": "Task"}));
    let closed = client.with_body("PATCH", &at("milestones/1"), json!({"title": "Q1", "state": "closed"}));
    assert_eq!(
        (&closed.body["state"], &closed.body["closed_at"]),
        (&json!("closed"), &closed.body["updated_at"])
    );
    client.with_body("PATCH", &at("issues/1"), json!({"milestone": null, "type": null}));
    client.with_body("PATCH", &at("milestones/1"), json!({"state": "open"}));
    client.with_body("PATCH", &at("issues/1"), json!({"milestone": 1}));
    assert_eq!(client.delete(&at("milestones/1")).status, 204);
    assert_eq!(client.get(&at("milestones/1")).status, 404);
    assert!(client.get(&at("issues/1")).body["milestone"].is_null());
    let deliveries = sandbox.take_deliveries();
    assert_eq!(
        told(&deliveries),
        [
            "milestone.created",
            "issues.opened",
            "issues.milestoned",
            "issues.typed",
            "milestone.edited",
            "milestone.closed",
            "issues.demilestoned",
            "issues.untyped",
            "milestone.opened",
            "issues.milestoned",
            "milestone.deleted"
        ]
    );
    assert_eq!(body(&deliveries[6])["milestone"]["title"], "Q1");
    assert_eq!(body(&deliveries[7])["type"]["name"], "Task");

    sandbox.close_by_pull_request("acme/platform", 1, "octo-dev").unwrap();
    let deliveries = sandbox.take_deliveries();
    assert_eq!(told(&deliveries), ["pull_request.opened", "pull_request.closed", "issues.closed"]);
    let merged = body(&deliveries[1]);
    assert_eq!((&merged["number"], &merged["pull_request"]["merged"]), (&json!(2), &json!(true)));
    assert_eq!(merged["pull_request"]["base"]["repo"]["full_name"], "acme/platform");
}
