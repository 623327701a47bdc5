//! What lets anybody in is never shown and never kept: not in what is printed, not in the most talkative log, not in the
//! database.

use github_sandbox::{Access, CloseReason, Effect, Fault, TEST_APP_KEY};

use super::{CONFIG, REPO, Shell};

const APP: u64 = 4711;

/// A configured team whose Followup signs in as an app, and its installation.
fn with_an_app(more: &str) -> (Shell, u64) {
    let mut team = Shell::with_github();
    team.github().add_app(APP, "followup-app", TEST_APP_KEY).unwrap();
    let installation = team.github().install_app(APP, "acme", &Access::default()).unwrap();
    team.unset("GH_TOKEN");
    team.write("followup.toml", format!("{CONFIG}\n[github.app]\nid = {APP}\n{more}"));
    (team, installation)
}

/// Runs the story of a team, with every failure that has to do with signing in, and gives everything that was said.
fn a_noisy_story(team: &mut Shell) -> String {
    team.set("RUST_LOG", "trace");
    team.set("RUST_BACKTRACE", "full");
    let mut said = String::new();
    let mut run = |team: &Shell, line: &str| {
        let ran = team.run(line);
        said.push_str(&ran.page());
        ran.code
    };
    assert_eq!(run(team, "import checkout.txt --accept"), Some(0));
    let refusal = |status, message: &str| Effect::Refuse {
        status,
        body: format!("{{\"message\":\"{message}\"}}"),
        headers: vec![],
    };
    team.github().fault(Fault::rest("GET", "/repos/acme/platform", refusal(401, "Bad credentials")).next(4));
    assert_eq!(run(team, "publish"), Some(5));
    team.github().clear_faults();
    team.github().fault(Fault::create_issue(Effect::LoseReply));
    team.github().fault(Fault::create_issue(refusal(502, "Server Error")).nth(2));
    assert_eq!(run(team, "publish"), Some(0));
    team.github().close(REPO, 2, CloseReason::Completed, "octo-dev").unwrap();
    assert_eq!(run(team, "sync --format json"), Some(0));
    assert_eq!(run(team, "doctor"), Some(0));
    team.github().offline(true);
    assert_eq!(run(team, "sync"), Some(5));
    team.github().offline(false);
    assert!(said.contains("request answered"), "nothing was logged");
    said
}

/// Everything that is in the folder of the team, but for its key.
fn everything_kept(team: &Shell) -> Vec<u8> {
    let files = std::fs::read_dir(team.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.is_file() && path.extension().is_none_or(|ending| ending != "pem"));
    files.flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_token_is_neither_shown_nor_kept() {
    const TOKEN: &str = "ghp_recognisable0123456789recognisable";
    let mut team = Shell::with_github();
    team.github().add_token(TOKEN, "octo-lead");
    team.set("GH_TOKEN", TOKEN);
    let said = a_noisy_story(&mut team);
    assert!(!said.contains("recognisable"), "{said}");
    let kept = everything_kept(&team);
    assert!(holds(&kept, "SQLite format 3") && !holds(&kept, "recognisable"));
}

#[test]
fn the_key_of_an_app_and_its_tokens_are_neither_shown_nor_kept() {
    let (mut team, installation) = with_an_app("private_key_file = \"app.pem\"\n");
    team.write("app.pem", TEST_APP_KEY);
    let said = a_noisy_story(&mut team);
    assert!(said.contains("signed in"));
    let kept = everything_kept(&team);
    assert!(holds(&kept, "SQLite format 3"));
    // Lines of the key, the head of every JSON web token, and what the sandbox's tokens begin with.
    let token = format!("ghs_{installation:016x}");
    for secret in TEST_APP_KEY.lines().filter(|line| !line.starts_with("---")).chain(["eyJhbGciOi", &token]) {
        assert!(!said.contains(secret), "{secret}");
        assert!(!holds(&kept, secret), "{secret}");
    }
    assert!(team.github().issues(REPO).iter().all(|issue| issue.author == "followup-app[bot]"));
}

#[test]
fn the_key_may_stand_in_the_environment_and_a_token_there_comes_first() {
    let (mut team, _) = with_an_app("");
    team.runs("import checkout.txt --accept");
    insta::assert_snapshot!(team.run("publish --format json").exits(3).failure(), @"
    configuration: there is no private key for the app 4711
    → set `private_key_file` under [github.app] in followup.toml, or FOLLOWUP_GITHUB_APP_KEY
    ");
    team.set("FOLLOWUP_GITHUB_APP_KEY", "nonsense");
    insta::assert_snapshot!(team.run("publish --format json").exits(3).failure(), @"
    configuration: the private key of the app 4711 in FOLLOWUP_GITHUB_APP_KEY: there is no private key in it: expected `-----BEGIN RSA PRIVATE KEY-----` and what follows
    → make a new key in the settings of the app, and save the file as GitHub hands it out
    ");
    team.set("FOLLOWUP_GITHUB_APP_KEY", TEST_APP_KEY);
    assert_eq!(team.json("publish")["created"].as_array().unwrap().len(), 4);
    assert_eq!(team.github().issue(REPO, 1).unwrap().author, "followup-app[bot]");
    let credentials = |team: &Shell| {
        let page = team.runs("doctor").page();
        let told = page.lines().skip_while(|line| !line.contains(" credentials "));
        told.take_while(|line| !line.contains(" limits ")).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(credentials(&team), @"ok    credentials   [HOST] knows us as followup-app[bot], by [github.app] (a GitHub App)");
    team.set("GITHUB_TOKEN", github_sandbox::DEFAULT_TOKEN);
    insta::assert_snapshot!(credentials(&team), @"
    ok    credentials   [HOST] knows us as followup-bot, by GITHUB_TOKEN (a token)
    !     credentials   the app 4711 is configured and not used, because GITHUB_TOKEN is set
                        → unset GITHUB_TOKEN to act as the app
    ");
}

#[test]
fn a_report_in_an_issue_is_read_by_the_app_too() {
    let (team, _) = with_an_app("private_key_file = \"keys/app.pem\"\n");
    let number = team.github().open_issue(REPO, "octo-lead", "Outage", super::REPORT).unwrap();
    let line = format!("extract github:{REPO}#{number} --format json");
    insta::assert_snapshot!(team.run(&line).exits(3).failure(), @"
    configuration: cannot read the private key of the app 4711 in [FOLDER]/keys/app.pem: No such file or directory (os error 2)
    → correct `private_key_file` under [github.app] in followup.toml, or set FOLLOWUP_GITHUB_APP_KEY
    ");
    team.write("keys/app.pem", TEST_APP_KEY);
    assert_eq!(team.runs(&line).json()["actions"].as_array().unwrap().len(), 4);
    let requests = team.github().requests();
    assert_eq!(requests.last().unwrap().login.as_deref(), Some("followup-app[bot]"));
}
