//! GitHub's answers as they really are: accounts that are gone, words that nobody knew yet, members that are missing, long
//! and odd texts. One odd issue never spoils the others.

use followup::tracker::{CloseReason, IssueRef, Seen, Target, Tracker};
use serde_json::{Value, json};

use crate::wire::{Reply, Wire};

fn target() -> Target {
    Target { repo_id: 7, repo: "acme/platform".to_owned() }
}

/// The least that is an issue.
fn issue(number: i64, more: &Value) -> Value {
    let mut issue = json!({ "id": 4_294_967_000_i64 + number, "number": number });
    issue.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    issue
}

#[tokio::test]
async fn a_list_of_odd_issues_is_read_whole() {
    let long = "Wörter 🚒 und mehr\r\n".repeat(3_000);
    assert!(long.len() > 60_000);
    let list = json!([
        issue(1, &json!({})),
        issue(
            2,
            &json!({ "user": null, "closed_by": null, "assignee": null, "assignees": [null, { "login": "zoe" }], "milestone": null })
        ),
        issue(
            3,
            &json!({ "state": "closed", "state_reason": "postponed", "type": { "name": "Task" }, "author_association": "ROBOT" })
        ),
        issue(4, &json!({ "state": "open", "body": long, "title": "🚒 Pager\u{200B} rotation" })),
        issue(5, &json!({ "pull_request": { "url": null }, "title": "not an issue" })),
        issue(
            6,
            &json!({ "labels": ["plain", { "name": "object", "color": null }, { "name": null }, 7], "body": null })
        ),
        issue(
            7,
            &json!({ "state": "closed", "state_reason": "duplicate", "issue_dependencies_summary": {}, "sub_issues_summary": null, "closed_by": { "login": "octo-dev", "id": null } })
        ),
        issue(
            8,
            &json!({ "created_at": "2024-05-15T09:00:00Z", "updated_at": "2024-05-15T10:30:00+02:00", "closed_at": null })
        ),
    ]);
    let wire = Wire::replying([Reply::json(200, &list.to_string())]);
    let issues = wire.client("").issues_with_label(&target(), "corrective-action").await.unwrap();
    assert_eq!(issues.iter().map(|issue| issue.at.number).collect::<Vec<_>>(), [1, 2, 3, 4, 6, 7, 8]);
    assert_eq!(issues[0].at.issue_id, 4_294_967_001);
    assert_eq!(issues[1].assignees, ["zoe"]);
    assert!(issues[2].issue_state().is_closed_undone());
    assert_eq!(issues[3].body, long);
    assert_eq!(issues[3].title, "🚒 Pager\u{200B} rotation");
    assert_eq!((issues[4].labels.join(" "), issues[4].body.as_str()), ("plain object".to_owned(), ""));
    assert_eq!(issues[5].state_reason.as_deref(), Some(CloseReason::Duplicate.as_str()));
    assert_eq!(issues[6].updated_at.to_rfc3339(), "2024-05-15T08:30:00+00:00");
}

#[tokio::test]
async fn nodes_are_read_one_by_one() {
    let node = |number: i64, more: Value| {
        let mut node = json!({
            "id": format!("I_{number}"), "number": number, "title": "t", "state": "OPEN",
            "createdAt": "2024-05-15T09:00:00Z", "updatedAt": "2024-05-15T09:00:00Z",
            "assignees": { "nodes": [] }, "repository": { "databaseId": 7, "nameWithOwner": "acme/platform" },
        });
        node.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        node
    };
    let nodes = json!([
        node(1, json!({ "state": "CLOSED", "stateReason": "SOMETHING_NEW", "timelineItems": { "nodes": [{ "actor": null }] } })),
        node(2, json!({ "assignees": { "nodes": [null, { "login": "zoe" }] }, "labels": { "nodes": [{ "name": "x" }, null] }, "body": "a\r\nb" })),
        null,
        { "__typename": "PullRequest" },
        node(5, json!({ "timelineItems": null, "labels": null, "body": null, "futureMember": { "a": [1] } })),
    ]);
    let errors = json!([{ "type": "NOT_FOUND", "path": ["nodes", 2], "message": "Could not resolve to a node" }, { "message": 7 }]);
    let answers =
        [json!({ "data": { "nodes": nodes } }), json!({ "data": { "nodes": nodes }, "errors": [errors[0]] })];
    for answer in answers {
        let wire = Wire::replying([Reply::json(200, &answer.to_string())]);
        let asked: Vec<_> = (1..=5)
            .map(|number| IssueRef {
                target: target(),
                number,
                issue_id: number,
                node_id: Some(format!("I_{number}")),
            })
            .collect();
        let seen = wire.client("").fetch(&asked).await.unwrap();
        let numbers: Vec<_> = seen
            .iter()
            .map(|seen| match seen {
                Seen::Issue(issue) => Some(issue.at.number),
                Seen::Missing => None,
            })
            .collect();
        assert_eq!(numbers, [Some(1), Some(2), None, None, Some(5)]);
        let Seen::Issue(second) = &seen[1] else { panic!("{seen:?}") };
        assert_eq!((second.body.as_str(), second.assignees.join(" ")), ("a\r\nb", "zoe".to_owned()));
    }
}
