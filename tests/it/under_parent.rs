//! An issue is made under its parent in one request; where that cannot be, it is made beside it and hung there afterwards.

use followup::action::ActionId;
use github_sandbox::{Effect, Fault, Permission};

use crate::{
    crash::Work,
    mortal::Dies,
    world::{REPO, World, owned},
};

async fn accepted() -> (World, Vec<ActionId>) {
    let world = World::new().await;
    let ids = world.report_with(vec![owned("One", "octo-dev"), owned("Two", "octo-ops")]).await;
    (world, ids)
}

impl World {
    fn sent(&self, method: &str, ending: &str) -> usize {
        let requests = self.sandbox.requests();
        requests.iter().filter(|request| request.method == method && request.path.ends_with(ending)).count()
    }

    fn children(&self) -> Vec<u64> {
        self.sandbox.issue(REPO, 1).unwrap().sub_issues
    }
}

#[tokio::test]
async fn one_request_makes_it_and_hangs_it() {
    let (world, _) = accepted().await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.notes), (2, vec![]));
    assert_eq!((world.children(), world.sent("POST", "/sub_issues")), (vec![2, 3], 0));
    let issue = world.issue(2);
    assert_eq!(issue.assignees, ["octo-dev"]);
    assert_eq!(issue.labels, ["corrective-action", "ca:other", "sev:2"]);
    assert!(world.sandbox.writes().iter().filter(|request| request.opens_an_issue()).count() == 3);
    // Nothing is left to say about them.
    world.sandbox.clear_requests();
    world.publish().await;
    assert!(world.sandbox.writes().is_empty());
    world.finish().await;
}

#[tokio::test]
async fn a_server_that_cannot_makes_it_beside_and_hangs_it_afterwards() {
    let unknown = |body: &str| Effect::Refuse {
        status: 200,
        body: body.to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
    };
    let field = r#"{"errors":[{"message":"InputObject 'CreateIssueInput' doesn't accept argument 'parentIssueId'","extensions":{"code":"argumentNotAccepted"}}]}"#;
    let place = r#"{"data":{"createIssue":null},"errors":[{"type":"UNPROCESSABLE","path":["createIssue"],"message":"Parent cannot have more sub-issues"}]}"#;
    for (operation, effect) in [
        ("Ids", Effect::Refuse { status: 404, body: String::new(), headers: vec![] }),
        ("CreateIssue", unknown(field)),
        ("CreateIssue", unknown(place)),
    ] {
        let (world, _) = accepted().await;
        world.sandbox.fault(Fault::graphql(operation, effect.clone()).always());
        let summary = world.publish().await;
        assert_eq!((summary.created.len(), summary.needs_human), (2, vec![]), "{effect:?}");
        assert_eq!((world.children(), world.sent("POST", "/sub_issues")), (vec![2, 3], 2), "{effect:?}");
        // It was tried once, and not again for the next one.
        let tried = world.sandbox.requests();
        let tried = tried.iter().filter(|request| request.graphql_operation.as_deref() == Some(operation));
        assert_eq!(tried.count(), 1, "{effect:?}");
        world.sandbox.clear_faults();
        world.finish().await;
    }
}

#[tokio::test]
async fn who_may_not_hang_issues_makes_them_all_the_same() {
    let (world, _) = accepted().await;
    world.sandbox.set_permission(REPO, github_sandbox::DEFAULT_LOGIN, Permission::Read).unwrap();
    let summary = world.publish().await;
    assert_eq!(summary.created.len(), 2, "{summary:?}");
    assert_eq!(world.children(), Vec::<u64>::new());
    assert!(
        summary.notes.iter().any(|note| note.contains("CA-1 was not assigned to octo-dev")),
        "{summary:?}"
    );
}

#[tokio::test]
async fn an_answer_that_proves_nothing_is_looked_for() {
    let says = |body: &str| Effect::Refuse {
        status: 200,
        body: body.to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
    };
    for effect in [
        Effect::LoseReply,
        Effect::Truncate,
        Effect::ServerErrorAfterCommit(502),
        says(r#"{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}"#),
        says(r#"{"errors":[{"message":"Something went wrong while executing your query."}]}"#),
        says(r#"{"data":{"createIssue":null}}"#),
    ] {
        let (world, _) = accepted().await;
        world.sandbox.fault(Fault::graphql("CreateIssue", effect.clone()));
        world.publish().await;
        assert_eq!(world.sandbox.issues(REPO).len(), 3, "{effect:?}");
        assert_eq!(world.children().len(), 2, "{effect:?}");
        world.finish().await;
    }
}

#[tokio::test]
async fn a_limit_in_an_answer_of_success_is_waited_for() {
    let (world, _) = accepted().await;
    let effect = Effect::Refuse {
        status: 200,
        body: r#"{"data":{"createIssue":null},"errors":[{"type":"UNPROCESSABLE","message":"was submitted too quickly"}]}"#
            .to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
    };
    world.sandbox.fault(Fault::graphql("CreateIssue", effect));
    assert_eq!(world.publish().await.created.len(), 2);
    assert!(world.waits.lock().unwrap().iter().any(|why| why.contains("GraphQL limit")), "{:?}", world.waits);
    world.finish().await;
}

#[tokio::test]
async fn after_a_rename_the_ids_of_whoever_has_the_name_are_not_used() {
    let (world, _) = accepted().await;
    world.publish().await;
    world.report_with_actions(["Three"]).await;
    world.sandbox.rename_repo(REPO, "acme/renamed").unwrap();
    world.sandbox.add_repo(REPO);
    world.sync().await;
    assert_eq!(world.sandbox.issues(REPO).len(), 0);
}

#[tokio::test]
async fn a_death_at_any_request_makes_one_issue() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 5..12 {
            let (mut world, _) = accepted().await;
            world.dies_in(Work::Publish, requests, dies).await;
            world.passes(chrono::Duration::minutes(5));
            world.publish().await;
            assert_eq!(world.sandbox.issues(REPO).len(), 3, "{dies:?} {requests}");
            assert_eq!(world.children().len(), 2, "{dies:?} {requests}");
            world.finish().await;
        }
    }
}
