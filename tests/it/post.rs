//! A line that is written under an issue stands there once, whatever fails.

use std::time::Duration;

use followup::{intake::Reference, sync::Posted};
use github_sandbox::{Effect, Fault};

use crate::world::{REPO, World};

const MARK: &str = "12:abc";

impl World {
    async fn posts(&self, mark: &str) -> Posted {
        let reference = Reference::parse("#1").unwrap();
        self.engine().await.post(&reference, mark, &format!("Checkpoint {mark}")).await.unwrap()
    }

    fn lines(&self) -> Vec<String> {
        self.sandbox.comments(REPO, 1).into_iter().map(|comment| comment.body).collect()
    }
}

#[tokio::test]
async fn what_stands_there_is_not_written_again() {
    let world = World::new().await;
    world.opens_on_github("Records", "What is kept for the auditors.");
    let first = world.posts(MARK).await;
    assert_eq!((first.issue.as_str(), first.was_there), ("acme/platform#1", false));
    assert!(world.posts(MARK).await.was_there);
    assert!(!world.posts("13:def").await.was_there);
    assert_eq!(world.lines(), ["Checkpoint 12:abc", "Checkpoint 13:def"]);
}

#[tokio::test]
async fn an_answer_that_never_came_is_looked_for_before_anything_is_sent_again() {
    for effect in [
        Effect::LoseReply,
        Effect::DropBefore,
        Effect::Garble,
        Effect::ServerErrorAfterCommit(502),
        Effect::ServerErrorBeforeCommit(503),
        Effect::SecondaryLimit { retry_after: Some(90), status: 403 },
        Effect::LandLate(Duration::from_secs(90)),
        Effect::DropAndLandLate(Duration::from_secs(90)),
    ] {
        let world = World::new().await;
        world.opens_on_github("Records", "What is kept for the auditors.");
        world.sandbox.fault(Fault::rest("POST", "issues/*/comments", effect.clone()));
        world.posts(MARK).await;
        world.sandbox.land_late_writes();
        world.posts(MARK).await;
        assert_eq!(world.lines(), ["Checkpoint 12:abc"], "{effect:?}");
    }
}

#[tokio::test]
async fn where_nobody_may_write_that_is_an_error_and_nothing_is_tried_for_ever() {
    let world = World::new().await;
    world.opens_on_github("Records", "What is kept for the auditors.");
    let reference = Reference::parse("#1").unwrap();
    let refuse = Effect::Refuse { status: 403, body: r#"{"message":"locked"}"#.to_owned(), headers: vec![] };
    for (effect, tries) in [(refuse, 1), (Effect::ServerErrorBeforeCommit(503), 3)] {
        world.sandbox.fault(Fault::rest("POST", "issues/*/comments", effect).always());
        let before = world.sandbox.requests().len();
        world.engine().await.post(&reference, MARK, MARK).await.unwrap_err();
        let sent = world.sandbox.requests().into_iter().skip(before);
        assert_eq!(
            sent.filter(|sent| sent.method == "POST" && sent.path.ends_with("/comments")).count(),
            tries
        );
        world.sandbox.clear_faults();
    }
    let missing = Reference::parse("#99").unwrap();
    world.engine().await.post(&missing, MARK, MARK).await.unwrap_err();
    assert_eq!(world.lines(), Vec::<String>::new());
}
