//! `followup doctor`: one sentence and one command for everything that is wrong, and nothing is changed for the look.

use github_sandbox::{Access, Effect, Fault, RepoSettings, TEST_APP_KEY};
use serde_json::Value;

use super::{CONFIG, REPO, Shell};

const TOKEN: &str = "github_pat_of_the_team";

/// A configured team with a database.
fn a_team() -> Shell {
    let mut team = Shell::with_github();
    team.unset("FOLLOWUP_NOW");
    team.runs("init");
    team
}

/// What doctor says of GitHub, without what it says of this machine. It has to end with `code`, to give a command with
/// everything that is not fine, and to change nothing.
#[track_caller]
fn says(team: &Shell, code: i32) -> String {
    let before =
        (team.everything(), team.github().issues(REPO), std::fs::read(team.path("followup.db")).unwrap());
    let page = team.run("doctor").exits(code).page();
    let findings = team.run("doctor --format json").exits(code).json();
    for finding in findings["findings"].as_array().unwrap() {
        let is_fine = finding["standing"] == "fine";
        assert_eq!(finding["command"] == Value::Null, is_fine, "{finding}");
        assert_eq!(finding["hint"] == Value::Null, is_fine, "{finding}");
    }
    let after =
        (team.everything(), team.github().issues(REPO), std::fs::read(team.path("followup.db")).unwrap());
    assert!(before == after, "the look changed something");
    assert!(team.github().writes().iter().all(|write| write.status.is_some_and(|status| status >= 400)));
    let elsewhere = [
        "ok    configuration",
        "ok    database",
        "ok    gh ",
        "ok    webhook",
        "ok    clock",
        "ok    limits",
    ];
    let about = |line: &&str| !elsewhere.iter().any(|what| line.starts_with(what));
    page.lines().filter(about).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_machine_that_is_not_ready() {
    let mut team = Shell::with_github();
    insta::assert_snapshot!(team.run("doctor").exits(3).page(), @"
    ok    configuration [FOLDER]/followup.toml (zone Africa/Kampala)
    !     clock         FOLLOWUP_NOW fixes the day to 2024-05-15; what is done now is marked so in the history
                        → unset FOLLOWUP_NOW for real work
    WRONG database      there is no database at [FOLDER]/followup.db
                        → make one with `followup init`, or name it with --db or FOLLOWUP_DB
    ");
    team.runs("init");
    insta::assert_snapshot!(team.runs("doctor").page(), @"
    ok    configuration [FOLDER]/followup.toml (zone Africa/Kampala)
    !     clock         FOLLOWUP_NOW fixes the day to 2024-05-15; what is done now is marked so in the history
                        → unset FOLLOWUP_NOW for real work
    ok    database      [FOLDER]/followup.db: schema 6, 0 reports, 0 actions, 0 events
    ok    gh            it is not installed, and not needed
    ok    webhook       no secret (FOLLOWUP_WEBHOOK_SECRET): deliveries are refused, and `sync` finds all
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a token)
    ok    limits        requests left this hour: 4999 of 5000 for REST, 5000 of 5000 for GraphQL
    ok    graphql       it answers
    ok    repository    acme/platform takes our issues
    ok    sub-issues    acme/platform has no issue yet to tell by
    ok    permissions   issues, labels and assignees may be written
    ok    label         `corrective-action` is made by the first publish
    ");
    team.unset("FOLLOWUP_NOW");
    team.set("GH_TOKEN", "wrong");
    insta::assert_snapshot!(says(&team, 5), @"
    WRONG credentials   [HOST] does not accept the token: Bad credentials
                        → make a new token with the permission Issues: read and write, and set GH_TOKEN: `export GH_TOKEN=TOKEN`
    ");
    team.unset("GH_TOKEN");
    insta::assert_snapshot!(says(&team, 5), @"
    !     gh            it is not installed, so there is no token to ask it for
                        → set GH_TOKEN, or install it from https://cli.github.com: `export GH_TOKEN=TOKEN`
    WRONG credentials   there is no token for [HOST]
                        → set GH_TOKEN, or sign in with `gh auth login`: `export GH_TOKEN=TOKEN`
    ");
    let findings = team.run("doctor --format json").exits(5).json();
    assert_eq!(findings["findings"].as_array().unwrap().last().unwrap()["standing"], "wrong");
}

#[test]
fn a_repository_that_does_not_take_issues() {
    let team = a_team();
    team.github().archive_repo(REPO, true).unwrap();
    insta::assert_snapshot!(says(&team, 5), @"
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a token)
    ok    graphql       it answers
    WRONG repository    acme/platform is archived
                        → unarchive it, or publish to another one: `gh repo unarchive acme/platform`
    ");
    team.github().archive_repo(REPO, false).unwrap();
    team.github().enable_issues(REPO, false).unwrap();
    insta::assert_snapshot!(says(&team, 5), @"
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a token)
    ok    graphql       it answers
    WRONG repository    issues are disabled in acme/platform
                        → enable them in the settings of the repository: `gh repo edit acme/platform --enable-issues`
    ");
    team.github().enable_issues(REPO, true).unwrap();
    team.github().rename_repo(REPO, "acme/plattform").unwrap();
    let said = team.runs("doctor").page();
    assert!(said.contains("acme/platform is acme/plattform by now"), "{said}");
    team.github().add_repo_with("acme/open", &RepoSettings::public(&["followup-bot"]));
    for (repo, code, message) in [
        ("acme/open", 0, "acme/open is public, and nothing is published there"),
        ("acme/nowhere", 5, "acme/nowhere does not exist, or the token may not see it"),
    ] {
        team.write("followup.toml", CONFIG.replace(REPO, repo));
        let said = says(&team, code);
        assert!(said.contains(message), "{said}");
    }
}

#[test]
fn a_token_that_may_too_little() {
    let mut team = a_team();
    team.github().open_issue(REPO, "octo-lead", "Something else", "").unwrap();
    team.github()
        .add_fine_grained_token(TOKEN, "followup-bot", &Access::default().with("issues", "read"))
        .unwrap();
    team.set("GH_TOKEN", TOKEN);
    insta::assert_snapshot!(says(&team, 5), @"
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a fine-grained token)
    ok    graphql       it answers
    ok    repository    acme/platform takes our issues
    ok    sub-issues    they are available
    WRONG permissions   [HOST] refused (403): the token lacks the permission Issues: read and write (Resource not accessible by personal access token)
                        → give it in the settings of the token, and see there that the repository is among the chosen ones; then run the command again, nothing is lost
    ");
    team.github()
        .add_fine_grained_token(TOKEN, "followup-bot", &Access::default().without("issues"))
        .unwrap();
    insta::assert_snapshot!(says(&team, 5), @"
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a fine-grained token)
    ok    graphql       it answers
    ok    repository    acme/platform takes our issues
    WRONG permissions   [HOST] refused (403): the token lacks the permission Issues: read (Resource not accessible by personal access token)
                        → give it in the settings of the token, and see there that the repository is among the chosen ones; then run the command again, nothing is lost
    ");
    team.github().add_fine_grained_token(TOKEN, "followup-bot", &Access::default()).unwrap();
    insta::assert_snapshot!(says(&team, 0), @"
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a fine-grained token)
    ok    graphql       it answers
    ok    repository    acme/platform takes our issues
    ok    sub-issues    they are available
    ok    permissions   issues, labels and assignees may be written
    ok    label         `corrective-action` is made by the first publish
    ");
    team.github().authorize_sso(TOKEN, "acme", false).unwrap();
    insta::assert_snapshot!(says(&team, 5), @"
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a fine-grained token)
    ok    graphql       it answers
    WRONG repository    [HOST] refused (403): the organization acme asks for single sign-on, and the token is not authorised for it
                        → open [GITHUB]/orgs/acme/sso?authorization_request=AFEE and authorise the token, then run the command again
    ");
}

#[test]
fn an_app_that_may_too_little() {
    let mut team = a_team();
    team.unset("GH_TOKEN");
    team.write("followup.toml", format!("{CONFIG}\n[github.app]\nid = 4711\n"));
    team.set("FOLLOWUP_GITHUB_APP_KEY", TEST_APP_KEY);
    insta::assert_snapshot!(says(&team, 5), @"
    WRONG credentials   [HOST] does not accept the app 4711: Integration not found
                        → check `id` and `installation_id` under [github.app] in followup.toml, and that the app is installed
    ");
    team.github().add_app(4711, "followup-app", TEST_APP_KEY).unwrap();
    let installation =
        team.github().install_app(4711, "acme", &Access::default().with("issues", "read")).unwrap();
    insta::assert_snapshot!(says(&team, 5), @"
    ok    credentials   [HOST] knows us as followup-app[bot], by [github.app] (a GitHub App)
    ok    graphql       it answers
    ok    repository    acme/platform takes our issues
    ok    sub-issues    acme/platform has no issue yet to tell by
    WRONG permissions   the app lacks the permission Issues: read and write (it has: read)
                        → give it in the settings of the app, and let an owner accept it where the app is installed
    ");
    team.github().change_installation(installation, &Access::default()).unwrap();
    insta::assert_snapshot!(says(&team, 0), @"
    ok    credentials   [HOST] knows us as followup-app[bot], by [github.app] (a GitHub App)
    ok    graphql       it answers
    ok    repository    acme/platform takes our issues
    ok    sub-issues    acme/platform has no issue yet to tell by
    ok    permissions   the app may write issues
    ok    label         `corrective-action` is made by the first publish
    ");
    team.github().suspend_installation(installation, true).unwrap();
    insta::assert_snapshot!(says(&team, 5), @"
    WRONG credentials   [HOST] does not accept the app 4711: This installation has been suspended
                        → an owner of the organization ends the suspension, under Settings → GitHub Apps
    ");
}

#[test]
fn clocks_limits_and_pauses() {
    let team = a_team();
    team.github().advance(chrono::Duration::minutes(90));
    let said = says(&team, 0);
    assert!(
        said.contains(" is 90 min behind the one of [HOST]") && said.contains("`timedatectl set-ntp true`"),
        "{said}"
    );
    let left = r#"{"resources":{"core":{"limit":5000,"remaining":12,"reset":4102444800},"graphql":{"limit":5000,"remaining":4000,"reset":4102444800}}}"#;
    let told = Effect::Refuse { status: 200, body: left.to_owned(), headers: vec![] };
    team.github().fault(Fault::rest("GET", "/rate_limit", told).always());
    let said = says(&team, 0);
    assert!(
        said.contains("12 of 5000 for REST, 4000 of 5000 for GraphQL; the rest is kept for people until"),
        "{said}"
    );
}

#[test]
fn a_milestone_and_a_type_that_are_not_there() {
    let team = a_team();
    let wished = |issue_type: &str| {
        let publish = format!("[publish]\nmilestone = \"Post-incident work\"\nissue_type = \"{issue_type}\"");
        team.write("followup.toml", CONFIG.replace("[publish]", &publish));
    };
    wished("Chore");
    insta::assert_snapshot!(says(&team, 5), @r#"
    ok    credentials   [HOST] knows us as followup-bot, by GH_TOKEN (a token)
    ok    graphql       it answers
    ok    repository    acme/platform takes our issues
    ok    sub-issues    acme/platform has no issue yet to tell by
    ok    permissions   issues, labels and assignees may be written
    WRONG milestone     acme/platform has no open milestone `Post-incident work`
                        → make it there, or correct `milestone` under [publish] in followup.toml: `gh api repos/acme/platform/milestones -f title="Post-incident work"`
    WRONG issue type    acme/platform knows no type of issues `Chore` (it has `Task`, `Bug`, `Feature`)
                        → an owner of the organization can make it, or correct `issue_type` under [publish] in followup.toml: `gh api orgs/acme/issue-types -f name="Chore" -F is_enabled=true`
    ok    label         `corrective-action` is made by the first publish
    "#);
    wished("task");
    team.github().add_milestone(REPO, "Post-incident work").unwrap();
    let said = says(&team, 0);
    assert!(
        said.contains(
            "ok    milestone     `Post-incident work` is open\nok    issue type    `Task` is there"
        ),
        "{said}"
    );
}
