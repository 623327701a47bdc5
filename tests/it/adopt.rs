//! A second laptop, a lost database, a restored one: the issues that are there are taken over, and none is made twice.

use followup::{
    action::{ActionId, State},
    sync::{Adoption, Summary},
};
use github_sandbox::CloseReason;

use crate::{
    mortal::{Dies, Mortal},
    world::{World, owned},
};

const TITLES: [&str; 2] = ["Rotate the signing key", "Rehearse the restore"];

impl World {
    async fn imports_the_report(&self) -> Vec<ActionId> {
        self.report_with(vec![owned(TITLES[0], "octo-dev"), owned(TITLES[1], "octo-ops")]).await
    }

    async fn adopts(&self, adoption: Adoption) -> Summary {
        self.engine().await.adopt(&adoption, true, true).await.unwrap()
    }
}

async fn two_laptops() -> (World, World) {
    let first = World::new().await;
    first.imports_the_report().await;
    first.publish().await;
    let second = World::beside(&first).await;
    (first, second)
}

#[tokio::test]
async fn a_second_database_takes_the_issues_of_the_first_over_and_makes_none_twice() {
    let (first, second) = two_laptops().await;
    let ids = second.imports_the_report().await;
    let stopped = second.publish().await.needs_human;
    assert_eq!(stopped.len(), 1);
    assert_eq!(stopped[0].command.as_deref(), Some("followup adopt"));
    // What people did in the meantime is heard.
    first.closes_on_github(2, CloseReason::Completed);
    first.renames_on_github(3, "Rehearse the restore in June");
    first.assigns_on_github(3, Some("octo-lead"));
    let adopted = second.adopts(Adoption::default()).await;
    assert_eq!((adopted.adopted.len(), adopted.parents.len()), (2, 1), "{adopted:?}");
    assert_eq!(adopted.needs_human, vec![]);
    assert_eq!(second.action(ids[0]).await.state, State::Done);
    let second_action = second.action(ids[1]).await;
    assert_eq!(second_action.title, "Rehearse the restore in June");
    assert_eq!(second_action.owner.as_deref(), Some("octo-lead"));
    let published = second.publish().await;
    assert_eq!((published.created, published.parents, published.needs_human), (vec![], vec![], vec![]));
    assert_eq!(second.sandbox.issues(crate::world::REPO).len(), 3);
    second.finish().await;
    // Again is nothing.
    let again = second.adopts(Adoption::default()).await;
    assert_eq!((again.adopted, again.parents, again.needs_human), (vec![], vec![], vec![]));
    second.finish().await;
}

#[tokio::test]
async fn what_is_made_after_the_adoption_hangs_under_the_adopted_parent() {
    let (_first, second) = two_laptops().await;
    let ids = second
        .report_with(vec![
            owned(TITLES[0], "octo-dev"),
            owned(TITLES[1], "octo-ops"),
            owned("A third step", "octo-dev"),
        ])
        .await;
    second.adopts(Adoption::default()).await;
    assert_eq!(second.publish().await.created.len(), 1);
    assert_eq!(ids.len(), 3);
    assert_eq!(second.issue(4).parent, Some(1));
    second.finish().await;
}

#[tokio::test]
async fn what_fits_nothing_stops_publishing_until_somebody_leaves_it_alone() {
    let (_first, second) = two_laptops().await;
    second.report_with(vec![owned(TITLES[0], "octo-dev")]).await;
    let adopted = second.adopts(Adoption::default()).await;
    assert_eq!(adopted.adopted.len(), 1);
    assert_eq!(adopted.needs_human.len(), 1);
    assert!(adopted.needs_human[0].what.contains("#3 “Rehearse the restore” fits no accepted action here"));
    assert_eq!(second.publish().await.needs_human, vec![]);
    let left = second.adopts(Adoption { leave: true, ..Adoption::default() }).await;
    assert_eq!((left.needs_human, left.notes.len()), (vec![], 1));
    let before = second.issue(3);
    second.report_with(vec![owned("Another thing", "octo-dev")]).await;
    let published = second.publish().await;
    assert_eq!((published.created.len(), published.needs_human), (1, vec![]));
    assert_eq!(second.issue(3), before);
    second.adopts(Adoption::default()).await;
    second.finish().await;
}

#[tokio::test]
async fn a_look_at_what_would_be_taken_over_changes_nothing() {
    let (first, second) = two_laptops().await;
    second.imports_the_report().await;
    let (issues, events) = (first.issues(), second.events().await.len());
    second.sandbox.clear_requests();
    let planned = second.engine().await.adopt(&Adoption::default(), false, true).await.unwrap();
    assert_eq!(planned.adopted.len(), 3, "{planned:?}");
    assert_eq!(second.writes(), Vec::<String>::new());
    assert_eq!((first.issues(), second.events().await.len()), (issues, events));
}

#[tokio::test]
async fn items_that_say_the_same_are_for_a_person_to_tell_apart() {
    let first = World::new().await;
    let twice = || vec![owned("Add an alarm", "octo-dev"), owned("Add an alarm", "octo-dev")];
    first.report_with(twice()).await;
    first.publish().await;
    let second = World::beside(&first).await;
    second.report_with(twice()).await;
    let adopted = second.adopts(Adoption::default()).await;
    assert_eq!((adopted.adopted.len(), adopted.parents.len()), (0, 1));
    assert_eq!(adopted.needs_human.len(), 2);
    assert!(adopted.needs_human[0].what.contains("fits CA-1 and CA-2 alike"), "{adopted:?}");
}

#[tokio::test]
async fn an_adoption_that_dies_at_any_request_is_finished_by_the_next_one() {
    for dies in [Dies::Before, Dies::After] {
        for requests in 0.. {
            let (_first, mut second) = two_laptops().await;
            second.imports_the_report().await;
            let mortal = std::sync::Arc::new(Mortal::after(requests, dies, second.github()));
            let engine = second.engine_with(mortal.clone()).await;
            let everything = Adoption::default();
            let died = tokio::select! {
                biased;
                _ = engine.adopt(&everything, true, true) => false,
                () = mortal.death() => true,
            };
            drop(engine);
            second.restart().await;
            second.adopts(Adoption::default()).await;
            second.publish().await;
            assert_eq!(second.sandbox.issues(crate::world::REPO).len(), 3, "{dies:?} {requests}");
            second.finish().await;
            if !died {
                assert!(requests > 3, "it talked to GitHub only {requests} times");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_copied_mark_of_another_repository_is_nobodys() {
    let (first, second) = two_laptops().await;
    second.imports_the_report().await;
    let body = first.issue(2).body.replace("repo=", "repo=9");
    let copy = first.opens_on_github("A copy", &body);
    first.sandbox.label(crate::world::REPO, copy, "corrective-action").unwrap();
    let adopted = second.adopts(Adoption::default()).await;
    assert_eq!((adopted.adopted.len(), adopted.needs_human), (2, vec![]));
    second.finish().await;
}
