//! The control addresses that scripts outside the process use.

use github_sandbox::Sandbox;
use serde_json::json;

use crate::support::Client;

#[test]
fn a_script_tells_a_whole_story_without_being_logged() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = Client::new(&sandbox, "sandbox-token");
    let tell = |verb: &str, order| {
        let reply = client.post(&format!("/_sandbox/{verb}"), order);
        assert_eq!(reply.status, 200, "{verb}: {}", reply.text);
        reply.body
    };
    tell("repo", json!({"repo": "acme/platform"}));
    tell("clock", json!({"now": "2026-11-23T08:00:00Z"}));
    tell("open", json!({"repo": "acme/platform", "title": "t", "by": "octo-dev"}));
    let one = |extra: serde_json::Value| {
        let mut order = json!({"repo": "acme/platform", "number": 1});
        order.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        order
    };
    tell("label", one(json!({"label": "overdue"})));
    tell("assign", one(json!({"logins": ["octo-ops"]})));
    tell("comment", one(json!({"text": "/due 2026-12-01", "by": "octo-ops"})));
    tell("clock", json!({"advance_seconds": 60}));
    let closed = tell("close", one(json!({"reason": "duplicate", "by": "octo-lead"})));
    assert_eq!(
        (closed["state_reason"].as_str(), closed["closed_at"].as_str()),
        (Some("duplicate"), Some("2026-11-23T08:01:00Z"))
    );
    tell(
        "fault",
        json!({"method": "GET", "path": "issues/*", "effect": "refuse", "status": 404, "body": {"message": "Not Found"}}),
    );
    assert_eq!(client.get("/repos/acme/platform/issues/1").status, 404);
    assert_eq!(client.get("/repos/acme/platform/issues/1").status, 200);
    assert_eq!(client.get("/_sandbox/requests").body.as_array().unwrap().len(), 2);
    assert_eq!(client.get("/_sandbox/issues?repo=acme/platform").body[0]["assignees"], json!(["octo-ops"]));
}

#[test]
fn a_wrong_order_is_refused_with_a_reason() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = Client::new(&sandbox, "sandbox-token");
    let reply = client.post("/_sandbox/close", json!({"repo": "acme/none", "number": 1}));
    assert_eq!((reply.status, reply.body["error"].as_str()), (400, Some("there is no repository acme/none")));
    let reply = client.post("/_sandbox/fault", json!({"on": "any", "effect": "explode"}));
    assert_eq!(reply.body["error"], "unknown effect `explode`");
}
