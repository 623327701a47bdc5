//! Deliveries of webhooks as a script, a server or GitHub Actions hands them over.

use github_sandbox::CloseReason;
use serde_json::json;

use super::{REPO, Shell};

/// A team with published issues, and a GitHub that tells of changes.
fn told_of() -> Shell {
    let mut team = Shell::with_accepted_actions();
    team.runs("publish");
    team.set("FOLLOWUP_WEBHOOK_SECRET", "only the two of us know");
    team.github().enable_webhooks(Some("only the two of us know"));
    drop(team.github().take_deliveries());
    team
}

#[test]
fn a_delivery_marks_an_issue_and_a_cheap_sync_looks_at_it() {
    let team = told_of();
    team.github().close(REPO, 2, CloseReason::Completed, "octo-dev").unwrap();
    let delivery = team.github().take_deliveries().pop().unwrap();
    let header = |name: &str| {
        let found = delivery.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.clone()).unwrap()
    };
    let line = format!(
        "webhook receive --event {} --delivery {} --content-type {}",
        header("X-GitHub-Event"),
        header("X-GitHub-Delivery"),
        header("Content-Type"),
    );
    let signed = format!("{line} --signature {}", header("X-Hub-Signature-256"));
    insta::assert_snapshot!(team.run_with_input(&signed, &delivery.body).exits(0).page(), @"
    received  issues closed: to be looked at: CA-1
    ---
    next: `followup sync --hinted` looks at them, `followup sync` at every issue
    ");
    insta::assert_snapshot!(team.run_with_input(&signed, &delivery.body).exits(0).page(), @"received  issues closed: it came before, and nothing was done");
    let summary = team.json("sync --hinted");
    assert_eq!((&summary["observed"], &summary["changed"][0]["id"]), (&json!(1), &json!("CA-1")));
    insta::assert_snapshot!(team.runs("sync --hinted").page(), @"no webhook hinted at an issue since somebody looked");

    for (line, body, code) in [
        (line.clone(), delivery.body.clone(), 6),
        (signed.clone(), format!("{} ", delivery.body), 6),
        (signed.replace("application/json", "text/xml"), delivery.body.clone(), 6),
        ("webhook receive".to_owned(), delivery.body.clone(), 2),
    ] {
        let before = team.everything();
        team.run_with_input(&line, body).exits(code);
        assert_eq!(team.everything(), before);
    }
}

#[test]
fn what_is_refused_says_what_to_do() {
    let mut team = told_of();
    let failure = |team: &Shell, line: &str, input: &str| {
        team.run_with_input(&format!("{line} --format json"), input).failure()
    };
    insta::assert_snapshot!(failure(&team, "webhook receive --event issues", "{}"), @"
    bad_input: the delivery is not signed: it has no X-Hub-Signature-256
    → give the webhook a secret at GitHub, and pass on the header X-Hub-Signature-256 with every delivery
    ");
    insta::assert_snapshot!(failure(&team, "webhook receive --event issues --signature sha256=00", "{}"), @"
    bad_input: the signature of the delivery does not fit
    → compare FOLLOWUP_WEBHOOK_SECRET with the secret at GitHub, and pass the body on byte by byte; when neither is wrong, GitHub did not send it
    ");
    insta::assert_snapshot!(failure(&team, "webhook receive", "{}"), @"
    usage: which event is it?
    → pass on the header X-GitHub-Event as --event; in GitHub Actions say --trusted
    ");
    insta::assert_snapshot!(failure(&team, "webhook receive --event issues --file nowhere.json", ""), @"
    bad_input: cannot read nowhere.json: No such file or directory (os error 2)
    → name the file that holds the body of the delivery
    ");
    team.unset("FOLLOWUP_WEBHOOK_SECRET");
    let ran = team
        .run_with_input("webhook receive --event issues --signature sha256=00 --format json", "{}")
        .exits(3);
    insta::assert_snapshot!(ran.failure(), @"
    configuration: there is no secret to check the delivery with
    → set FOLLOWUP_WEBHOOK_SECRET to the secret of the webhook at GitHub; or say --trusted where nobody but GitHub can put a delivery, as in Actions
    ");
}

#[test]
fn github_documents_how_it_signs() {
    let mut team = told_of();
    team.set("FOLLOWUP_WEBHOOK_SECRET", "another one");
    team.set("FOLLOWUP_WEBHOOK_SECRET_PREVIOUS", "It's a Secret to Everybody");
    let line = "webhook receive --event issues --signature sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    insta::assert_snapshot!(team.run_with_input(line, "Hello, World!").exits(0).page(), @"
    received  issues: no issue of an action is meant
    ---
    note: its body is no JSON, so nobody knows what it names; the next `followup sync` looks at every issue
    ");
}

#[test]
fn in_github_actions_the_run_is_the_delivery() {
    let mut team = told_of();
    team.unset("FOLLOWUP_WEBHOOK_SECRET");
    team.github().comment(REPO, 3, "octo-dev", "How far is this?").unwrap();
    let delivery = team.github().take_deliveries().pop().unwrap();
    team.write("event.json", &delivery.body);
    let path = team.path("event.json").display().to_string();
    for (name, value) in [
        ("GITHUB_EVENT_NAME", "issue_comment"),
        ("GITHUB_EVENT_PATH", path.as_str()),
        ("GITHUB_RUN_ID", "70"),
        ("GITHUB_RUN_ATTEMPT", "1"),
    ] {
        team.set(name, value);
    }
    // Only when it is said: the variables can be anybody's.
    team.run_with_input("webhook receive", "").exits(2);
    let receipt = team.json("webhook receive --trusted");
    let expected = json!({
        "delivery": "run-70-1", "event": "issue_comment", "action": "created", "hinted": ["CA-2"],
        "is_repeated": false, "is_understood": true,
    });
    assert_eq!(receipt, expected);
    assert_eq!(team.json("webhook receive --trusted")["is_repeated"], true);
    team.set("GITHUB_RUN_ATTEMPT", "2");
    assert_eq!(team.json("webhook receive --trusted")["hinted"], json!(["CA-2"]));
    assert_eq!(team.json("sync --hinted")["observed"], 1);
}
