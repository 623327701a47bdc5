//! How an action and its issue stand to each other, and what happens next, as a person reads it. Without any network.

use github_sandbox::{Effect, Fault, Permission};

use super::{REPO, Shell, refusals::refused};

/// What is explained, without the moments that depend on the machine's clock, and whether they are over.
fn explained(team: &Shell, id: &str) -> String {
    let page = team.runs(&format!("sync explain {id}")).page();
    let moment = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    let request = regex::Regex::new(r"request [0-9A-F:]+").unwrap();
    let page = request.replace_all(&moment.replace_all(&page, "[MOMENT]"), "request [ID]").into_owned();
    page.replace(", not before [MOMENT]", "")
}

#[test]
fn before_anything_is_published() {
    let team = Shell::with_github();
    team.runs("import checkout.txt");
    insta::assert_snapshot!(explained(&team, "CA-1"), @"
    CA-1 Alert on expiry
      action  proposed

    Next
      no issue: nobody took it on yet
      → followup accept CA-1
    ");
    team.runs("accept CA-1");
    insta::assert_snapshot!(explained(&team, "CA-1"), @"
    CA-1 Alert on expiry
      action  open

    Next
      no issue: the next publish makes one
      → followup publish
    ");
    team.runs("done CA-1");
    insta::assert_snapshot!(explained(&team, "CA-1"), @"
    CA-1 Alert on expiry
      action  done

    Next
      no issue: it is done, and only `publish --include-done` makes one for it
    ");
    insta::assert_snapshot!(explained(&team, "IR-1"), @"
    IR-1 Checkout outage on 14 May 2024

    Next
      no parent issue: none of its actions was published
      → followup publish
    ");
    assert_eq!(team.github().request_count(), 0);
}

#[test]
fn what_is_in_step_and_what_is_to_be_sent() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    let requests = team.github().request_count();
    insta::assert_snapshot!(explained(&team, "CA-1"), @"
    CA-1 Alert on expiry
      action  open
      issue   [GITHUB]/acme/platform/issues/2 (open)
      title   Alert on expiry (in step)
      owner   octo-lead (in step)
      state   open (in step)

    Sent, and to be sent
      create  done        sent at [MOMENT]

    Between both sides
      [MOMENT] issue.created    by grace

    Next
      both sides agree, as far as the last look told; the next sync looks again
      → followup sync
    ");
    team.runs("edit CA-1 --title \"Alert long before expiry\"");
    team.runs("assign CA-1 octo-dev");
    insta::assert_snapshot!(explained(&team, "CA-1"), @"
    CA-1 Alert long before expiry
      action  open
      issue   [GITHUB]/acme/platform/issues/2 (open)
      title   Alert long before expiry (to be sent; the issue showed Alert on expiry)
      owner   octo-dev (to be sent; the issue showed octo-lead)
      state   open (in step)

    Sent, and to be sent
      create  done        sent at [MOMENT]
      update  pending     not sent yet

    Between both sides
      [MOMENT] issue.created    by grace

    Next
      the next publish or sync sends its title, owner
      → followup sync
    ");
    insta::assert_snapshot!(explained(&team, "IR-1"), @"
    IR-1 Checkout outage on 14 May 2024
      issue  [GITHUB]/acme/platform/issues/1 (open)

    Sent, and to be sent
      create  done        sent at [MOMENT]

    Between both sides
      [MOMENT] issue.created    by grace

    Next
      both sides agree, as far as the last look told; the next sync looks again
      → followup sync
    ");
    let document = team.json("sync explain CA-1");
    assert_eq!(document[0]["fields"][0]["is_to_be_sent"], true);
    assert_eq!(team.github().request_count(), requests);
}

#[test]
fn an_answer_that_is_owed_is_told() {
    let team = Shell::with_accepted_actions();
    team.runs("publish");
    team.github().set_permission(REPO, "octo-dev", Permission::Write).unwrap();
    team.github().comment(REPO, 2, "octo-dev", "/due tomorrow").unwrap();
    let refuse = Effect::Refuse { status: 401, body: "{}".to_owned(), headers: vec![] };
    team.github().fault(Fault::rest("POST", "issues/*/comments", refuse));
    team.run("sync").exits(5);
    insta::assert_snapshot!(explained(&team, "CA-1"), @"
    CA-1 Alert on expiry
      action  open
      issue   [GITHUB]/acme/platform/issues/2 (open)
      title   Alert on expiry (in step)
      owner   octo-lead (in step)
      state   open (in step)

    Sent, and to be sent
      create  done        sent at [MOMENT]
      answer  pending     sent at [MOMENT]; request [ID]; [HOST] does not accept the token: no message

    Between both sides
      [MOMENT] issue.created    by grace

    Next
      the next publish or sync answers a command in a comment; it was tried once: [HOST] does not accept the token: no message
      → followup sync
    ");
}

#[test]
fn what_nobody_knows_and_what_a_person_decides() {
    let team = Shell::with_accepted_actions();
    team.github().fault(Fault::create_issue(Effect::LoseReply));
    team.runs("publish --no-wait");
    insta::assert_snapshot!(explained(&team, "IR-1"), @"
    IR-1 Checkout outage on 14 May 2024

    Sent, and to be sent
      create  unknown     sent at [MOMENT]; checking whether it was made: no answer from [HOST]: client error (SendRequest): connection closed before message completed

    Next
      nobody knows whether the issue was made. It is looked for; after 2 complete lists without it, 0 so far, it is sent again; it was tried once
      → followup sync
    ");
    team.runs("publish");
    let refuse =
        Effect::Refuse { status: 403, body: r#"{"message":"Forbidden"}"#.to_owned(), headers: vec![] };
    team.github().fault(Fault::rest("PATCH", "issues/*", refuse).always());
    team.runs("done CA-1");
    team.run("sync").exits(4);
    insta::assert_snapshot!(explained(&team, "CA-1"), @"
    CA-1 Alert on expiry
      action  done
      issue   [GITHUB]/acme/platform/issues/2 (open)
      title   Alert on expiry (in step)
      owner   octo-lead (in step)
      state   closed as completed (to be sent; the issue showed open)

    Sent, and to be sent
      create  done        sent at [MOMENT]
      update  needs_human sent at [MOMENT]; request [ID]; [HOST] refused (403): Forbidden

    Between both sides
      [MOMENT] issue.created    by grace

    Next
      a person decides: [HOST] refused (403): Forbidden
      → followup doctor
      nothing more is sent until a person decides
    ");
}

#[test]
fn what_is_not_there_is_refused() {
    let team = Shell::with_accepted_actions();
    insta::assert_snapshot!(refused(&team, "sync explain CA-99", 2), @"
    not_found: there is no action CA-99
    → `followup list` shows every action
    ");
    insta::assert_snapshot!(refused(&team, "sync explain IR-99", 2), @"
    not_found: there is no report IR-99
    → `followup report list` shows every report
    ");
    insta::assert_snapshot!(refused(&team, "sync explain seven", 2), @"
    usage: `seven` is not the id of an action; expected something like `CA-7`
    → `followup sync --help` shows how it is written
    ");
}
