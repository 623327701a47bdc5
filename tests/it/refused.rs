//! What GitHub refuses is told in one sentence that names what is missing, with one command; and when that was put right,
//! the rest happens by itself, once.

use followup::sync::{Pending, Summary};
use github_sandbox::{Access, Effect, Fault, TEST_APP_KEY};

use crate::world::{REPO, World};

const TOKEN: &str = "github_pat_of_the_team";

impl World {
    /// What waits for a person, each sentence once.
    fn told(&self, summary: &Summary) -> String {
        let line = |Pending { what, command, .. }: &Pending| {
            let what = what.replace(self.github().host(), "[HOST]");
            format!("{what}\n→ {}", command.as_deref().unwrap_or("-"))
        };
        let mut lines: Vec<_> = summary.needs_human.iter().map(line).collect();
        lines.dedup();
        lines.join("\n")
    }
}

/// A team that publishes with a fine-grained token.
async fn a_world_with_a_fine_grained_token(access: &Access) -> World {
    let mut world = World::new().await;
    world.sandbox.add_fine_grained_token(TOKEN, "followup-bot", access).unwrap();
    world.token = Some(TOKEN);
    world
}

#[tokio::test]
async fn a_missing_permission_is_named_and_nothing_is_lost() {
    let reading = Access::default().with("issues", "read");
    let world = a_world_with_a_fine_grained_token(&reading).await;
    world.report_with_actions(["One", "Two"]).await;
    let summary = world.publish().await;
    insta::assert_snapshot!(world.told(&summary), @"
    [HOST] refused (403): the token lacks the permission Issues: read and write (Resource not accessible by personal access token)
    → followup doctor
    the issue of IR-1 has to be made first
    → followup publish
    ");
    assert!(world.sandbox.issues(REPO).is_empty());
    world.sandbox.add_fine_grained_token(TOKEN, "followup-bot", &Access::default()).unwrap();
    assert_eq!(world.publish().await.created.len(), 2);
    assert_eq!(world.sandbox.issues(REPO).len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn an_app_that_loses_its_permission_gets_it_back() {
    let mut world = World::new().await;
    world.sandbox.add_app(4711, "followup-app", TEST_APP_KEY).unwrap();
    let installation = world.sandbox.install_app(4711, "acme", &Access::default()).unwrap();
    let key = TEST_APP_KEY.into();
    world.app = Some(followup::tracker::github::App::new(4711, Some(installation), None, &key).unwrap());
    let ids = world.report_with_actions(["One"]).await;
    world.publish().await;
    let reading = Access::default().with("issues", "read");
    world.sandbox.change_installation(installation, &reading).unwrap();
    world.marks_done(ids[0]).await;
    insta::assert_snapshot!(world.told(&world.sync().await), @"
    [HOST] refused (403): the app 4711 lacks the permission Issues: read and write (Resource not accessible by integration)
    → followup doctor
    ");
    world.sandbox.change_installation(installation, &Access::default()).unwrap();
    world.sync().await;
    assert_eq!(world.sandbox.issue(REPO, 2).unwrap().state, "closed");
    world.finish().await;
}

#[tokio::test]
async fn single_sign_on_in_the_middle_of_a_publish() {
    let world = World::new().await;
    world.report_with_actions(["One", "Two"]).await;
    world.sandbox.fault(
        Fault::create_issue(Effect::Refuse {
            status: 403,
            body: "{\"message\":\"Resource protected by organization SAML enforcement.\"}".to_owned(),
            headers: vec![(
                "x-github-sso".to_owned(),
                "required; url=https://github.com/orgs/acme/sso?authorization_request=AZ12".to_owned(),
            )],
        })
        .nth(2)
        .next(2),
    );
    let summary = world.publish().await;
    insta::assert_snapshot!(world.told(&summary), @"
    [HOST] refused (403): the organization acme asks for single sign-on, and the token is not authorised for it
    → followup doctor
    ");
    assert_eq!(world.sandbox.issues(REPO).len(), 1);
    // The address is good once and for an hour; it is told, and not kept.
    let kept = world.store.read().await.unwrap().live_outbox().await.unwrap();
    let kept: Vec<_> = kept.into_iter().filter_map(|row| row.last_error).collect();
    assert!(
        !kept.is_empty() && kept.iter().all(|error| error.ends_with("is not authorised for it")),
        "{kept:?}"
    );
    assert_eq!(world.publish().await.created.len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn a_repository_that_is_closed_in_the_middle_loses_nothing() {
    for (fault, message) in [
        (403, "Repository was archived so is read-only."),
        (410, "Issues has been disabled in this repository."),
        (404, "Not Found"),
    ] {
        let world = World::new().await;
        world.report_with_actions(["One", "Two"]).await;
        let body = format!("{{\"message\":\"{message}\"}}");
        let refuse = Effect::Refuse { status: fault, body, headers: vec![] };
        world.sandbox.fault(Fault::create_issue(refuse).nth(2).next(2));
        let summary = world.publish().await;
        let lines = world.told(&summary);
        assert!(lines.contains(message) && lines.contains("→ followup "), "{lines}");
        assert_eq!(world.sandbox.issues(REPO).len(), 1);
        assert_eq!(world.publish().await.created.len(), 2, "{message}");
        world.finish().await;
    }
}
