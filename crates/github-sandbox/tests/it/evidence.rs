//! What an issue's end looks like to somebody who asks who closed it and by what, and reactions to comments.

use github_sandbox::{CloseReason, ReactionView, Sandbox};
use serde_json::{Value, json};

use crate::support::Client;

fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    sandbox.open_issue("acme/platform", "octo-dev", "Rotate the key", "").unwrap();
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

fn issue(client: &Client, number: u64) -> Value {
    let answer = client.graphql(
        "query($number: Int!) { repository(owner: \"acme\", name: \"platform\") { issue(number: $number) {
            state locked
            closedByPullRequestsReferences(first: 5, includeClosedPrs: true) { totalCount nodes { number } }
            comments(last: 1) { totalCount nodes { body authorAssociation author { login ... on User { databaseId } } } }
            timelineItems(first: 20, itemTypes: [CLOSED_EVENT, REOPENED_EVENT, CONVERTED_TO_DISCUSSION_EVENT]) {
              totalCount
              nodes { __typename
                ... on ReopenedEvent { actor { login } }
                ... on ConvertedToDiscussionEvent { actor { login } }
                ... on ClosedEvent { actor { login } createdAt stateReason closer { __typename
                  ... on PullRequest { number url title merged mergedAt state repository { nameWithOwner } }
                  ... on Commit { oid abbreviatedOid url committedDate } } } } } } } }",
        json!({"number": number}),
    );
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["repository"]["issue"].clone()
}

#[test]
fn a_merged_pull_request_closes_its_issue_and_is_named_as_the_closer() {
    let (sandbox, client) = sandbox();
    let pull = sandbox.close_by_pull_request("acme/platform", 1, "octo-dev").unwrap();
    let seen = issue(&client, 1);
    assert_eq!(seen["state"], "CLOSED");
    assert_eq!(seen["closedByPullRequestsReferences"], json!({"totalCount": 1, "nodes": [{"number": pull}]}));
    let closed = &seen["timelineItems"]["nodes"][0];
    assert_eq!(
        (closed["actor"]["login"].as_str(), closed["stateReason"].as_str()),
        (Some("octo-dev"), Some("COMPLETED"))
    );
    let closer = &closed["closer"];
    assert_eq!(
        (&closer["__typename"], &closer["number"], &closer["merged"], &closer["state"], &closer["mergedAt"]),
        (&json!("PullRequest"), &json!(pull), &json!(true), &json!("MERGED"), &json!("2026-11-23T08:00:00Z"))
    );
    assert_eq!(closer["repository"]["nameWithOwner"], "acme/platform");
}

#[test]
fn a_pull_request_of_another_repository_closes_an_issue_too() {
    let (sandbox, client) = sandbox();
    sandbox.add_repo("acme/infra");
    let pull = sandbox.open_pull_request("acme/infra", "octo-ops", "Rotate it everywhere").unwrap();
    sandbox.will_close("acme/infra", pull, "acme/platform", 1).unwrap();
    assert_eq!(issue(&client, 1)["closedByPullRequestsReferences"]["totalCount"], 1);
    assert_eq!(issue(&client, 1)["state"], "OPEN");
    sandbox.merge("acme/infra", pull, "octo-ops").unwrap();
    let closer = &issue(&client, 1)["timelineItems"]["nodes"][0]["closer"];
    assert_eq!(closer["repository"]["nameWithOwner"], "acme/infra");
}

#[test]
fn a_commit_closes_an_issue_and_both_apis_name_it() {
    let (sandbox, client) = sandbox();
    let oid = "5f0c2d6f8a1b4c3d9e7f6a5b4c3d2e1f0a9b8c7d";
    sandbox.close_by_commit("acme/platform", 1, "octo-dev", oid).unwrap();
    let closer = &issue(&client, 1)["timelineItems"]["nodes"][0]["closer"];
    assert_eq!((closer["oid"].as_str(), closer["abbreviatedOid"].as_str()), (Some(oid), Some("5f0c2d6")));
    let timeline = client.get("/repos/acme/platform/issues/1/timeline").body;
    assert_eq!(
        (timeline[0]["event"].as_str(), timeline[0]["commit_id"].as_str()),
        (Some("closed"), Some(oid))
    );
    assert!(timeline[0]["commit_url"].as_str().unwrap().ends_with(oid));
}

#[test]
fn closing_reopening_and_converting_stand_in_the_timeline() {
    let (sandbox, client) = sandbox();
    sandbox.close("acme/platform", 1, CloseReason::NotPlanned, "octo-lead").unwrap();
    sandbox.reopen("acme/platform", 1, "octo-dev").unwrap();
    sandbox.convert_to_discussion("acme/platform", 1, "octo-ops").unwrap();
    let seen = issue(&client, 1);
    let names: Vec<&str> = seen["timelineItems"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["__typename"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ClosedEvent", "ReopenedEvent", "ConvertedToDiscussionEvent", "ClosedEvent"]);
    assert_eq!((seen["state"].as_str(), seen["locked"].as_bool()), (Some("CLOSED"), Some(true)));
    assert!(seen["timelineItems"]["nodes"][0]["closer"].is_null());
    let events = client.get("/repos/acme/platform/issues/1/events").body;
    assert!(events.as_array().unwrap().iter().any(|event| event["event"] == "converted_to_discussion"));
}

#[test]
fn a_reaction_is_made_once_and_is_seen() {
    let (sandbox, client) = sandbox();
    let id = sandbox.comment("acme/platform", 1, "maria", "/due 2026-12-01").unwrap();
    assert_eq!(issue(&client, 1)["comments"]["nodes"][0]["authorAssociation"], "MEMBER");
    let address = format!("/repos/acme/platform/issues/comments/{id}/reactions");
    let made = client.post(&address, json!({"content": "+1"}));
    let again = client.post(&address, json!({"content": "+1"}));
    assert_eq!((made.status, again.status), (201, 200));
    assert_eq!(made.body["id"], again.body["id"]);
    assert_eq!(client.post(&address, json!({"content": "thumbs"})).status, 422);
    sandbox.react("acme/platform", id, "octo-lead", "eyes").unwrap();
    assert_eq!(client.get(&address).body.as_array().unwrap().len(), 2);
    assert_eq!(client.get(&format!("{address}?content=eyes")).body[0]["user"]["login"], "octo-lead");
    let comment = client.get(&format!("/repos/acme/platform/issues/comments/{id}")).body;
    assert_eq!((&comment["reactions"]["+1"], &comment["reactions"]["total_count"]), (&json!(1), &json!(2)));
    let view =
        |login: &str, content: &str| ReactionView { login: login.to_owned(), content: content.to_owned() };
    assert_eq!(
        sandbox.comments("acme/platform", 1)[0].reactions,
        [view("followup-bot", "+1"), view("octo-lead", "eyes")]
    );
    assert_eq!(client.delete(&format!("{address}/{}", made.body["id"])).status, 204);
    assert_eq!(sandbox.comments("acme/platform", 1)[0].reactions, [view("octo-lead", "eyes")]);
}
