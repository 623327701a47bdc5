//! What is not for everybody does not reach an issue before somebody decides: secrets, e-mail addresses, inner addresses.

use followup::{
    action::{Action, Command, Disclosed, Edit, Report, Subject},
    audit,
    config::OnSensitive,
    sync::{Becomes, Disclosing, Selection, Summary, disclose},
};

use sqlx::{Connection, SqliteConnection};

use crate::world::{REPO, World, a_report, an_action};

fn needs(summary: &Summary) -> String {
    let lines = summary.needs_human.iter().map(|pending| {
        format!("{}: {}\n  → {}", pending.id, pending.what, pending.command.as_deref().unwrap_or_default())
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl World {
    async fn discloses(&self, subject: Subject, decision: Disclosed) -> Disclosing {
        let reason = Some("asked the owner");
        let rules = &self.settings.publish;
        disclose(&self.store, &self.stamp(), rules, &[subject], decision, reason).await.unwrap().remove(0)
    }

    /// Nothing that was sent holds this text.
    fn was_never_sent(&self, text: &str) -> bool {
        self.sandbox.requests().iter().all(|request| !request.body.contains(text))
    }

    async fn history_holds(&self) {
        let verdict = audit::verify(&mut self.store.read().await.unwrap(), &[]).await.unwrap();
        assert!(verdict.ok, "{verdict:?}");
    }
}

fn told_to(mail: &str) -> Action {
    Action {
        description: Some(format!("Ask {mail}, who runs 10.4.0.17.")),
        quote: format!("- Rotate the signing key. Ask {mail}, who runs 10.4.0.17."),
        ..an_action("Rotate the signing key")
    }
}

#[tokio::test]
async fn an_action_waits_until_somebody_decides_and_the_others_are_published() {
    let world = World::new().await;
    let ids = world.report_with(vec![told_to("ops@acme.example"), an_action("Alert on expiry")]).await;
    let planned = world.engine().await.plan_only(&Selection::default()).await.unwrap();
    assert_eq!((planned.created.len(), planned.needs_human.len()), (1, 1), "{planned:?}");
    let summary = world.publish().await;
    insta::assert_snapshot!(needs(&summary), @"
    CA-1: its description and quote look like they hold a private address and an e-mail address; redact it, let it pass with `--as-written --reason TEXT`, or take it out of reports/checkout.md and import that again
      → followup disclose CA-1 --redacted
    ");
    assert_eq!(planned.needs_human, summary.needs_human);
    assert_eq!(summary.created.len(), 1);
    assert!(world.was_never_sent("ops@acme.example") && world.was_never_sent("10.4.0.17"));

    let id = Subject::Action(ids[0]);
    assert!(world.discloses(id, Disclosed::Redacted).await.changed);
    assert!(!world.discloses(id, Disclosed::Redacted).await.changed, "the same decision is no news");
    let summary = world.publish().await;
    assert_eq!((summary.created.len(), summary.needs_human.len()), (1, 0), "{summary:?}");
    let issue =
        world.sandbox.issues(REPO).into_iter().find(|issue| issue.title.starts_with("Rotate")).unwrap();
    assert!(issue.body.contains("Ask [redacted e-mail], who runs [redacted address]."), "{}", issue.body);
    assert!(world.was_never_sent("ops@acme.example") && world.was_never_sent("10.4.0.17"));

    // What was taken out is in the history as a digest, and nowhere as a text.
    let events = world.store.read().await.unwrap().events_about(id).await.unwrap();
    let decided = events.iter().find(|event| event.kind == "text.disclosed").unwrap();
    let created = events.iter().find(|event| event.kind == "issue.created").unwrap();
    for event in [decided, created] {
        assert!(event.payload.contains("\"digest") && !event.payload.contains("acme.example"), "{event:?}");
    }
    world.history_holds().await;
    world.finish().await;
}

#[tokio::test]
async fn a_decision_holds_for_the_text_that_it_was_made_about() {
    let world = World::new().await;
    let ids = world.report_with(vec![told_to("ops@acme.example")]).await;
    world.publish().await;
    world.discloses(Subject::Action(ids[0]), Disclosed::AsWritten).await;
    world.publish().await;
    assert!(world.issue(2).body.contains("runs 10.4.0.17"), "{}", world.issue(2).body);
    // The same person, in other words, was decided about; another one was not.
    let describe = |text: &str| Command::Edit(Edit { description: Some(text.to_owned()), ..Edit::default() });
    world.commands(ids[0], describe("OPS@acme.example knows how")).await;
    assert_eq!(world.sync().await.needs_human, vec![]);
    assert!(world.issue(2).body.contains("knows how"));
    world.commands(ids[0], describe("eve@acme.example knows how")).await;
    let summary = world.sync().await;
    insta::assert_snapshot!(needs(&summary), @"
    CA-1: its description looks like it holds an e-mail address; redact it, let it pass with `--as-written --reason TEXT`, or take it out of reports/checkout.md and import that again
      → followup disclose CA-1 --redacted
    ");
    assert!(world.was_never_sent("eve@"));
    world.discloses(Subject::Action(ids[0]), Disclosed::Redacted).await;
    assert_eq!(world.sync().await.needs_human, vec![]);
    // The newest decision counts for all of them.
    assert!(!world.issue(2).body.contains("10.4.0.17"));
    assert!(world.issue(2).body.contains("[redacted e-mail] knows how"));
    world.history_holds().await;
    world.finish().await;
}

#[tokio::test]
async fn the_configuration_can_redact_and_allow_without_asking() {
    let mut world = World::new().await;
    world.settings.publish.emails = OnSensitive::Redact;
    world.settings.publish.private_addresses = OnSensitive::Allow;
    let title = "Tell ops@acme.example of 10.4.0.17";
    let ids = world.report_with(vec![an_action(title)]).await;
    assert_eq!(world.publish().await.needs_human, vec![]);
    assert_eq!(world.issue(2).title, "Tell [redacted e-mail] of 10.4.0.17");
    // Both sides agree, although they are not the same.
    let quiet = world.sync().await;
    assert_eq!((quiet.updated, quiet.changed), (vec![], vec![]));
    assert_eq!(world.action(ids[0]).await.title, title);
    let explained = world.engine().await.explain(Subject::Action(ids[0])).await.unwrap().remove(0);
    let becomes: Vec<Becomes> = explained.findings.iter().map(|finding| finding.becomes).collect();
    assert_eq!(becomes, [Becomes::Redacted, Becomes::AsWritten, Becomes::Redacted, Becomes::AsWritten]);
    // What people call it there is taken over as it is.
    world.renames_on_github(2, "Tell [redacted e-mail] and 10.4.0.18");
    world.sync().await;
    assert_eq!(world.action(ids[0]).await.title, "Tell [redacted e-mail] and 10.4.0.18");
    // A secret is never allowed, and the configuration changes its mind for what is there too.
    world
        .commands(ids[0], Command::Edit(Edit { title: Some("Tell 10.4.0.18".to_owned()), ..Edit::default() }))
        .await;
    world.sync().await;
    world.settings.publish.private_addresses = OnSensitive::Redact;
    world.assigns(ids[0], "octo-dev").await;
    world.sync().await;
    assert_eq!(world.issue(2).title, "Tell [redacted address]");
    assert_eq!(world.sync().await.updated, vec![]);
    world.history_holds().await;
}

#[tokio::test]
async fn what_the_title_of_a_report_holds_is_decided_once_for_all_of_its_actions() {
    let world = World::new().await;
    let report =
        Report { root_cause: Some("db.internal was full".to_owned()), ..a_report("eve@acme.example left") };
    let ids = world.imports(report, vec![an_action("One"), an_action("Two")]).await;
    world.accepts(&ids).await;
    let summary = world.publish().await;
    insta::assert_snapshot!(needs(&summary), @"
    IR-1: its title looks like it holds an e-mail address, its root cause looks like it holds the name of an inner host; redact it, let it pass with `--as-written --reason TEXT`, or take it out of reports/checkout.md and import that again
      → followup disclose IR-1 --redacted
    CA-1: the issue of IR-1 has to be made first
      → followup publish
    CA-2: the issue of IR-1 has to be made first
      → followup publish
    ");
    let report = Subject::Report(world.action(ids[0]).await.report_id);
    let decided = world.discloses(report, Disclosed::Redacted).await;
    assert_eq!(decided.texts.len(), 2, "{decided:?}");
    assert_eq!(world.publish().await.created.len(), 2);
    assert_eq!(world.issue(1).title, "[redacted e-mail] left");
    assert!(world.was_never_sent("eve@") && world.was_never_sent("db.internal"));
    world.finish().await;
}

#[tokio::test]
async fn a_decision_that_nobody_made_is_found_in_the_audit() {
    let world = World::new().await;
    let ids = world.report_with(vec![told_to("ops@acme.example")]).await;
    world.discloses(Subject::Action(ids[0]), Disclosed::Redacted).await;
    world.history_holds().await;
    let tamper = async |sql: &'static str| {
        let url = format!("sqlite://{}", world.database().display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        let verdict = audit::verify(&mut world.store.read().await.unwrap(), &[]).await.unwrap();
        verdict
            .differences
            .iter()
            .map(|one| format!("{} {}: {}", one.id, one.column, one.why))
            .collect::<Vec<_>>()
    };
    let changed = tamper("UPDATE disclosures SET decision = 'as_written' WHERE class = 'email'").await;
    assert_eq!(changed, ["CA-1 disclosure: the history says something else"]);
    let removed = tamper("DELETE FROM disclosures WHERE class = 'email'").await;
    assert_eq!(removed, ["CA-1 disclosure: it was taken out of the table"]);
}
