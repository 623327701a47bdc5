//! Lists: pages, filters, time and the ETag.

use github_sandbox::Sandbox;
use serde_json::json;

use crate::support::{Client, Reply};

fn sandbox(issues: u64) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    for number in 1..=issues {
        sandbox.open_issue("acme/platform", "octo-dev", &format!("Issue {number}"), "").unwrap();
        sandbox.advance(chrono::Duration::seconds(1));
    }
    let client = Client::new(&sandbox, "sandbox-token");
    (sandbox, client)
}

fn numbers(reply: &Reply) -> Vec<u64> {
    reply.body.as_array().unwrap().iter().map(|issue| issue["number"].as_u64().unwrap()).collect()
}

fn next(reply: &Reply) -> Option<String> {
    let links = reply.header("link")?;
    let next = links.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
    Some(next.split(['<', '>']).nth(1)?.to_owned())
}

#[test]
fn following_next_reads_every_issue_once_by_number_and_by_cursor() {
    let (sandbox, client) = sandbox(7);
    for cursors in [false, true] {
        sandbox.cursor_links(cursors);
        let mut reply = client.get("/repos/acme/platform/issues?per_page=3&direction=asc&state=all");
        let mut seen = numbers(&reply);
        while let Some(address) = next(&reply) {
            assert!(address.contains("/repositories/") && address.contains("state=all"), "{address}");
            reply = client.get(&address);
            seen.extend(numbers(&reply));
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
    }
}

#[test]
fn since_includes_its_own_second_and_comments_bring_old_issues_back() {
    let (sandbox, client) = sandbox(3);
    let list = |since: &str| {
        numbers(&client.get(&format!("/repos/acme/platform/issues?sort=updated&direction=asc&since={since}")))
    };
    assert_eq!(list("2026-11-23T08:00:02Z"), [3]);
    assert_eq!(list("2026-11-23T08:00:03Z"), [] as [u64; 0]);
    sandbox.comment("acme/platform", 1, "octo-ops", "hello").unwrap();
    assert_eq!(list("2026-11-23T08:00:02Z"), [3, 1]);
}

#[test]
fn filters_are_anded_and_pull_requests_are_issues() {
    let (sandbox, client) = sandbox(3);
    sandbox.label("acme/platform", 1, "Overdue").unwrap();
    sandbox.label("acme/platform", 1, "sev:1").unwrap();
    sandbox.label("acme/platform", 2, "Overdue").unwrap();
    sandbox.assign("acme/platform", 2, &["octo-ops"]).unwrap();
    sandbox.open_pull_request("acme/platform", "octo-ops", "A change").unwrap();
    let list =
        |query: &str| numbers(&client.get(&format!("/repos/acme/platform/issues?direction=asc&{query}")));
    assert_eq!(list("labels=overdue"), [1, 2]);
    assert_eq!(list("labels=OVERDUE,sev%3A1"), [1]);
    assert_eq!(list("assignee=octo-ops"), [2]);
    assert_eq!(list("assignee=none&creator=octo-ops"), [4]);
    assert_eq!(list("state=closed"), [] as [u64; 0]);
    let all = client.get("/repos/acme/platform/issues?direction=asc").body;
    assert!(all[3]["pull_request"]["html_url"].as_str().unwrap().ends_with("/acme/platform/pull/4"));
}

#[test]
fn asking_again_costs_whoever_does_not_say_who_they_are() {
    let sandbox = Sandbox::builder().start().unwrap();
    sandbox.add_repo_with("acme/site", &github_sandbox::RepoSettings::public(&[]));
    let anyone = Client::anonymous(&sandbox);
    let first = anyone.get("/repos/acme/site");
    let tag = [("if-none-match", first.header("etag").unwrap())];
    let again = anyone.send("GET", "/repos/acme/site", &tag, None).unwrap();
    assert_eq!((again.status, again.header("x-ratelimit-used")), (304, Some("2")));
}

#[test]
fn an_unchanged_list_costs_nothing_and_only_for_the_same_credential() {
    let (sandbox, client) = sandbox(2);
    let path = "/repos/acme/platform/issues";
    let first = client.get(path);
    let etag = first.header("etag").unwrap().to_owned();
    assert!(etag.starts_with("W/\""));
    let used = |reply: &Reply| reply.header("x-ratelimit-used").unwrap().parse::<u64>().unwrap();
    let again = client.send("GET", path, &[("if-none-match", &etag)], None).unwrap();
    assert_eq!((again.status, again.text.as_str(), used(&again)), (304, "", used(&first)));
    sandbox.add_token("second", "followup-bot");
    let other = Client::new(&sandbox, "second").send("GET", path, &[("if-none-match", &etag)], None).unwrap();
    assert_eq!(other.status, 200);
    sandbox.edit_title("acme/platform", 1, "Changed").unwrap();
    let changed = client.send("GET", path, &[("if-none-match", &etag)], None).unwrap();
    assert_eq!((changed.status, used(&changed)), (200, used(&first) + 1));
}

#[test]
fn an_enterprise_path_works_and_stays_in_its_links() {
    let (sandbox, client) = sandbox(2);
    let reply = client.get("/api/v3/repos/acme/platform/issues?per_page=1");
    assert!(next(&reply).unwrap().starts_with(&format!("{}/api/v3/repositories/", sandbox.url())));
    let viewer = client.post("/api/graphql", json!({"query": "{ viewer { login } }"})).body;
    assert_eq!(viewer["data"]["viewer"]["login"], "followup-bot");
}
