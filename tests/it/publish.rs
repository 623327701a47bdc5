//! Accepted actions become issues: each once, where they belong, and only where they may.

use crate::world::{World, an_action, owned};

#[tokio::test]
async fn a_report_becomes_a_parent_with_sub_issues() {
    let world = World::new().await;
    world.report_with(vec![owned("Rotate the signing key", "octo-dev"), an_action("Alert on expiry")]).await;
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.parents.len()), (2, 1));
    insta::assert_snapshot!(world.issues(), @"
    #1 open Checkout down for two hours [corrective-action sev:2]
    #2 open Rotate the signing key [corrective-action ca:other sev:2] @octo-dev under #1
    #3 open Alert on expiry [corrective-action ca:other sev:2] under #1
    ");
    insta::assert_snapshot!(world.actions().await, @"
    CA-1 open Rotate the signing key @octo-dev due 2024-06-14 = #2
    CA-2 open Alert on expiry @nobody due 2024-06-14 unassigned = #3
    ");
    world.finish().await;
}
