//! What we rely on in octocrab, byte for byte: a new version of it that sends twice, follows, forgets the token or waits for
//! ever fails here. Its behaviour has changed between patch releases before.

use std::time::Duration;

use followup::tracker::{
    IssueChange, IssueRef, NewIssue, Seen, Sent, Target, Tracker, TrackerError, github::GitHub,
};

use crate::wire::{Reply, TOKEN, Wire};

fn target() -> Target {
    Target { repo_id: 7, repo: "acme/platform".to_owned() }
}

fn an_issue() -> IssueRef {
    IssueRef { target: target(), number: 3, issue_id: 300, node_id: Some("I_300".to_owned()) }
}

fn a_new_issue() -> NewIssue {
    NewIssue {
        title: "t".to_owned(),
        body: "b".to_owned(),
        labels: vec![],
        assignees: vec![],
        parent: None,
        milestone: None,
        issue_type: None,
    }
}

/// How a request ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    NotSent,
    Rejected,
    Unknown,
    Done,
}

fn end<T>(sent: &Sent<T>) -> End {
    match sent {
        Sent::NotSent(_) => End::NotSent,
        Sent::Rejected(_) => End::Rejected,
        Sent::Unknown(_) => End::Unknown,
        Sent::Done(_) => End::Done,
    }
}

/// The four kinds of request that we make.
async fn ask(github: &GitHub, kind: &str) -> End {
    let of = |answer: Result<(), TrackerError>| {
        answer.map_or_else(|error| end(&Sent::<()>::failed(error)), |()| End::Done)
    };
    match kind {
        "GET" => of(github.labels(&target()).await.map(drop)),
        "POST" => end(&github.create_issue(&target(), &a_new_issue()).await),
        "PATCH" => {
            let change = IssueChange { title: Some("new".to_owned()), ..IssueChange::default() };
            end(&github.update_issue(&an_issue(), &change).await)
        }
        "GraphQL" => of(github.fetch(&[an_issue()]).await.map(drop)),
        _ => unreachable!("{kind}"),
    }
}

const KINDS: [&str; 4] = ["GET", "POST", "PATCH", "GraphQL"];

#[tokio::test]
async fn nothing_is_sent_twice_whatever_comes_back() {
    let message = "{\"message\":\"no\"}";
    let limited = || Reply::json(429, message).with("retry-after", "60");
    for kind in KINDS {
        for (reply, expected) in [
            (Reply::json(500, message), End::Unknown),
            (Reply::json(502, "<html>Unicorn!</html>"), End::Unknown),
            (Reply::json(503, message).with("retry-after", "1"), End::Unknown),
            (Reply::json(504, message), End::Unknown),
            (limited(), End::Rejected),
            (Reply::json(403, "{\"message\":\"You have exceeded a secondary rate limit\"}"), End::Rejected),
            (Reply::json(401, message), End::Rejected),
            (Reply::json(409, message), End::Rejected),
            (Reply::HangUp, End::Unknown),
            (Reply::json(200, "{\"id\":"), End::Unknown),
        ] {
            // Whatever is sent again meets the same.
            let wire = Wire::replying(std::iter::repeat_n(reply.clone(), 5));
            assert_eq!(ask(&wire.client(""), kind).await, expected, "{kind} {reply:?}");
            assert_eq!(wire.lines().len(), 1, "{kind} {reply:?}: {:?}", wire.lines());
        }
    }
}

#[tokio::test]
async fn nobody_is_waited_for_for_ever() {
    for kind in KINDS {
        for reply in [Reply::Silence, Reply::Drip] {
            let wire = Wire::replying(std::iter::repeat_n(reply, 5));
            let github = wire.patient_client("", Duration::from_millis(150));
            assert_eq!(ask(&github, kind).await, End::Unknown);
            assert_eq!(wire.lines().len(), 1, "{kind}: {:?}", wire.lines());
        }
    }
}

#[tokio::test]
async fn a_connection_that_was_not_made_proves_that_nothing_was_sent() {
    let wire = Wire::replying([]);
    let github = wire.client("");
    drop(wire);
    for kind in KINDS {
        assert_eq!(ask(&github, kind).await, End::NotSent, "{kind}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_by_itself() {
    for kind in KINDS {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = Wire::replying([]);
            let to = format!("{}/repositories/8", elsewhere.url());
            let moved = Reply::json(status, "{\"message\":\"Moved\"}").with("location", to);
            let wire = Wire::replying(std::iter::repeat_n(moved, 5));
            assert_eq!(ask(&wire.client(""), kind).await, End::Rejected, "{kind} {status}");
            assert_eq!((wire.lines().len(), elsewhere.lines()), (1, vec![]), "{kind} {status}");
        }
    }
}

#[tokio::test]
async fn where_a_redirect_or_a_page_leads_only_its_path_counts_and_the_token_stays() {
    let elsewhere = Wire::replying([]);
    let repository = r#"{"id":7,"full_name":"acme/plattform","private":true,"has_issues":true}"#;
    let moved = |to: String| Reply::json(301, "{}").with("location", to);
    let page = |to: &str| {
        let link = format!("<{to}>; rel=\"next\", <{to}>; rel=\"last\"");
        Reply::json(200, "[]").with("link", link)
    };
    let wire = Wire::replying([
        moved(format!("{}/repositories/7", elsewhere.url())),
        Reply::json(200, repository),
        page(&format!("{}/repositories/7/issues?page=2", elsewhere.url())),
        page("https://api.github.com/repositories/7/issues?page=3"),
        Reply::json(200, "[]"),
    ]);
    let github = wire.client("");
    let seen = github.repository(&"acme/platform".parse().unwrap()).await.unwrap();
    assert_eq!(seen.target.repo, "acme/plattform");
    assert!(github.issues_with_label(&target(), "x").await.unwrap().is_empty());
    assert_eq!(
        wire.lines(),
        [
            "GET /repos/acme/platform",
            "GET /repositories/7",
            "GET /repositories/7/issues?state=all&labels=x&sort=created&direction=asc&per_page=100",
            "GET /repositories/7/issues?page=2",
            "GET /repositories/7/issues?page=3",
        ]
    );
    for asked in wire.asked() {
        assert_eq!(asked.all("authorization"), [format!("Bearer {TOKEN}")], "{}", asked.line);
    }
    assert_eq!(elsewhere.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn every_request_says_once_who_asks_and_what_it_understands() {
    for kind in KINDS {
        let wire = Wire::replying([Reply::json(500, "{}")]);
        ask(&wire.client(""), kind).await;
        let asked = wire.asked().remove(0);
        assert_eq!(asked.all("authorization"), [format!("Bearer {TOKEN}")], "{kind}");
        assert_eq!(asked.all("accept"), ["application/vnd.github+json"], "{kind}");
        // octocrab adds the same version to the one that we name; GitHub reads one.
        let mut versions = asked.all("x-github-api-version");
        versions.dedup();
        assert_eq!(versions, ["2022-11-28"], "{kind}");
        assert_eq!(asked.all("user-agent").len(), 1, "{kind}");
        if kind != "GET" {
            assert!(asked.all("content-type")[0].starts_with("application/json"), "{kind}");
            assert!(serde_json::from_str::<serde_json::Value>(&asked.body).is_ok(), "{kind}: {}", asked.body);
        }
    }
}

#[tokio::test]
async fn the_root_of_the_api_keeps_its_path_and_graphql_has_its_own() {
    for (root, rest, graphql) in [
        ("", "/repositories/7", "/graphql"),
        ("/", "/repositories/7", "/graphql"),
        ("/api/v3", "/api/v3/repositories/7", "/api/graphql"),
        ("/api/v3/", "/api/v3/repositories/7", "/api/graphql"),
        ("/gateway/github", "/gateway/github/repositories/7", "/gateway/github/graphql"),
    ] {
        let next = format!("<https://ghe.acme.example{rest}/labels?page=2>; rel=\"next\"");
        let wire = Wire::replying([
            Reply::json(200, "[]").with("link", next),
            Reply::json(200, "[]"),
            Reply::json(200, "{\"data\":{\"nodes\":[null]}}"),
        ]);
        let github = wire.client(root);
        github.labels(&target()).await.unwrap();
        assert!(matches!(github.fetch(&[an_issue()]).await.unwrap()[..], [Seen::Missing]));
        assert_eq!(
            wire.lines(),
            [
                format!("GET {rest}/labels?per_page=100"),
                format!("GET {rest}/labels?page=2"),
                format!("POST {graphql}"),
            ]
        );
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_the_end() {
    let wire = Wire::replying([Reply::Endless]);
    let error = wire.client("").labels(&target()).await.unwrap_err();
    assert!(matches!(&error, TrackerError::NoAnswer { message, .. } if message.contains("limit")), "{error}");
}
