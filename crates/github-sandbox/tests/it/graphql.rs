//! The GraphQL side, told as stories.

use crate::support::Client;
use github_sandbox::{CloseReason, Effect, Fault, Sandbox};
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: CreateIssueInput!) {
    createIssue(input: $input) { issue { id databaseId number url updatedAt parent { number }
        labels(first: 5) { nodes { id name } } assignees(first: 5) { nodes { login } totalCount } } } }";

const PROBE: &str = "query Probe($a: [ID!]!) {
    a: nodes(ids: $a) { __typename ... on Issue { id updatedAt state stateReason number repository { databaseId } } }
    rateLimit { cost remaining resetAt } }";

fn sandbox() -> (Sandbox, Client, String) {
    let sandbox = Sandbox::builder().start().unwrap();
    sandbox.add_repo("acme/platform");
    let client = Client::new(&sandbox, "sandbox-token");
    let repo = client.graphql(
        "query($o: String!, $n: String!) { repository(owner: $o, name: $n) { id databaseId viewerPermission } }",
        json!({"o": "acme", "n": "platform"}),
    );
    assert_eq!(repo["data"]["repository"]["viewerPermission"], "WRITE");
    let id = repo["data"]["repository"]["id"].as_str().unwrap().to_owned();
    (sandbox, client, id)
}

fn create(client: &Client, input: Value) -> Value {
    client.graphql(CREATE, json!({"input": input}))
}

#[test]
fn an_action_is_opened_under_its_report() {
    let (sandbox, client, repo) = sandbox();
    let parent = create(&client, json!({"repositoryId": repo, "title": "Report"}));
    let parent_id = &parent["data"]["createIssue"]["issue"]["id"];
    let child = create(
        &client,
        json!({"repositoryId": repo, "title": "Action", "body": "text", "parentIssueId": parent_id}),
    );
    assert_eq!(child["errors"], Value::Null);
    assert_eq!(child["data"]["createIssue"]["issue"]["parent"]["number"], 1);
    assert_eq!(sandbox.issue("acme/platform", 2).unwrap().parent, Some(1));
    let listed = client.graphql(
        "query($p: ID!) { node(id: $p) { ... on Issue { subIssues(first: 100) { totalCount pageInfo { hasNextPage }
           nodes { number body author { login ... on Bot { databaseId } ... on User { databaseId } } } } } } }",
        json!({"p": parent_id}),
    );
    assert_eq!(listed["data"]["node"]["subIssues"]["totalCount"], 1);
    assert_eq!(listed["data"]["node"]["subIssues"]["nodes"][0]["author"]["login"], "followup-bot");
    assert_eq!(sandbox.writes().len(), 2);
    assert_eq!(sandbox.writes()[1].graphql_fields, ["createIssue"]);
}

#[test]
fn one_deleted_issue_does_not_spoil_the_others() {
    let (sandbox, client, repo) = sandbox();
    for title in ["one", "two", "three"] {
        create(&client, json!({"repositoryId": repo, "title": title}));
    }
    let ids: Vec<String> = sandbox.issues("acme/platform").into_iter().map(|issue| issue.node_id).collect();
    sandbox.delete("acme/platform", 2).unwrap();
    sandbox.close("acme/platform", 3, CloseReason::NotPlanned, "octo-lead").unwrap();
    let probe = client.graphql(PROBE, json!({"a": ids}));
    assert_eq!(probe["data"]["a"][0]["state"], "OPEN");
    assert_eq!(probe["data"]["a"][1], Value::Null);
    assert_eq!(probe["data"]["a"][2]["stateReason"], "NOT_PLANNED");
    assert_eq!(probe["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(probe["errors"][0]["path"], json!(["a", 1]));
    let message = format!("Could not resolve to a node with the global id of '{}'", ids[1]);
    assert_eq!(probe["errors"][0]["message"], message);
    assert_eq!(probe["data"]["rateLimit"]["cost"], 1);
}

#[test]
fn a_request_that_is_wrong_anywhere_changes_nothing() {
    let (sandbox, client, repo) = sandbox();
    let wrong = client.graphql(
        "mutation($input: CreateIssueInput!) { createIssue(input: $input) { issue { id nope } } }",
        json!({"input": {"repositoryId": repo, "title": "t"}}),
    );
    assert_eq!(wrong["data"], Value::Null);
    assert_eq!(wrong["errors"][0]["message"], "Field 'nope' doesn't exist on type 'Issue'");
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "undefinedField");
    let missing = create(&client, json!({"repositoryId": repo}));
    assert_eq!(
        missing["errors"][0]["message"],
        "Variable $input of type CreateIssueInput! was provided invalid value"
    );
    let unknown = create(&client, json!({"repositoryId": repo, "title": "t", "labels": []}));
    assert!(
        unknown["errors"][0]["extensions"]["problems"][0]["explanation"].as_str().unwrap().contains("labels")
    );
    assert!(sandbox.issues("acme/platform").is_empty());
}

#[test]
fn more_than_a_hundred_ids_are_too_many() {
    let (_sandbox, client, repo) = sandbox();
    let made = create(&client, json!({"repositoryId": repo, "title": "one"}));
    let id = made["data"]["createIssue"]["issue"]["id"].clone();
    let probe = client.graphql(PROBE, json!({"a": vec![id; 101]}));
    assert_eq!(probe["errors"][0]["type"], "ARGUMENT_LIMIT");
}

#[test]
fn a_lost_reply_and_a_limit_look_as_they_do_at_github() {
    let (sandbox, client, repo) = sandbox();
    sandbox.fault(Fault::graphql("createIssue", Effect::LoseReply));
    let body = json!({"query": CREATE, "variables": {"input": {"repositoryId": repo, "title": "once"}}});
    assert!(client.try_post("/graphql", body).is_err());
    assert_eq!(sandbox.issues("acme/platform")[0].title, "once");
    sandbox.fault(Fault::graphql("createIssue", Effect::PrimaryLimit { reset_in: 60 }));
    let limited = create(&client, json!({"repositoryId": repo, "title": "twice"}));
    assert_eq!(limited["errors"][0]["type"], "RATE_LIMITED");
    let still = client.post("/graphql", json!({"query": "{ viewer { login } }"}));
    assert_eq!((still.status, still.header("x-ratelimit-remaining")), (200, Some("0")));
    assert_eq!(still.body["errors"][0]["type"], "RATE_LIMITED");
    sandbox.advance(chrono::Duration::seconds(61));
    let again = client.graphql("{ viewer { login databaseId id } }", json!({}));
    assert_eq!(again["data"]["viewer"]["login"], "followup-bot");
}

#[test]
fn aliases_fragments_and_pages_work_together() {
    let (sandbox, client, repo) = sandbox();
    for number in 0..5 {
        create(&client, json!({"repositoryId": repo, "title": format!("issue {number}")}));
    }
    sandbox.label("acme/platform", 2, "Overdue").unwrap();
    let page = client.graphql(
        "query($after: String, $labels: [String!]) {
           all: repository(owner: \"acme\", name: \"platform\") { issues(first: 2, after: $after) { ...page } }
           late: repository(owner: \"ACME\", name: \"Platform\") { issues(first: 2, labels: $labels, states: OPEN) { ...page } }
         }
         fragment page on IssueConnection { totalCount pageInfo { hasNextPage endCursor } nodes { number } }",
        json!({"labels": ["overdue"]}),
    );
    assert_eq!(page["errors"], Value::Null, "{page}");
    assert_eq!(page["data"]["all"]["issues"]["totalCount"], 5);
    assert_eq!(page["data"]["late"]["issues"]["nodes"], json!([{"number": 2}]));
    let cursor = &page["data"]["all"]["issues"]["pageInfo"]["endCursor"];
    let next = client.graphql(
        "query($after: String) { repository(owner: \"acme\", name: \"platform\") { issues(first: 2, after: $after) { nodes { number } } } }",
        json!({"after": cursor}),
    );
    assert_eq!(next["data"]["repository"]["issues"]["nodes"], json!([{"number": 3}, {"number": 4}]));
}
