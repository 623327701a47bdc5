//! How the program behaves among others: streams, colours, pipes, and who wins over whom.

use std::{io::Read, process::Stdio};

use super::{CONFIG, Shell};

#[test]
fn what_is_piped_has_no_colours_unless_that_is_asked_for() {
    let mut team = Shell::with_accepted_actions();
    let is_coloured = |team: &Shell, line: &str| team.runs(line).out.contains('\u{1b}');
    assert!(!is_coloured(&team, "show CA-1"));
    assert!(is_coloured(&team, "show CA-1 --color always"));
    team.set("NO_COLOR", "1");
    assert!(!is_coloured(&team, "show CA-1"));
    // A flag wins over the environment.
    assert!(is_coloured(&team, "show CA-1 --color always"));
    assert!(!is_coloured(&team, "show CA-1 --color never"));
}

#[test]
fn data_goes_to_one_stream_and_talk_to_the_other() {
    let team = Shell::with_github();
    let ran = team.runs("import checkout.txt");
    assert!(ran.err.contains("next:") && !ran.out.contains("next:"));
    let ran = team.run("show CA-99").exits(2);
    assert!(ran.out.is_empty() && ran.err.contains("CA-99"));
}

#[test]
fn quiet_says_nothing_but_data_and_errors() {
    let team = Shell::with_github();
    team.write("quiet.md", "# All is well\n\nNothing happened.\n");
    for line in [
        "init -q",
        "import checkout.txt -q",
        "import quiet.md -q",
        "accept --report IR-1 -q",
        "assign CA-2 somebody -q",
        "publish -q",
        "sync -q",
        "overdue -q",
        "list -q --state waived",
        "overdue -q --as-of 2030-01-01",
    ] {
        assert_eq!(team.runs(line).err, "", "followup {line}");
    }
    assert_ne!(team.run("show CA-99 -q").exits(2).err, "");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let team = Shell::with_github();
    let actions: String = (0..1500).map(|number| format!("- Renew certificate number {number}\n")).collect();
    team.write("many.md", format!("# Many\n\n## Action items\n\n{actions}"));
    team.runs("import many.md");
    for line in ["list", "list --format json", "list --format csv", "report show IR-1"] {
        let mut child = team.command(line).stdout(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), complaint.as_str()), (Some(0), ""), "followup {line}");
    }
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let mut team = Shell::with_github();
    team.write("followup.toml", format!("database = \"sqlite://of-the-file.db\"\n{CONFIG}"));
    team.runs("init");
    assert!(team.path("of-the-file.db").exists());
    team.set("FOLLOWUP_DB", "of-the-environment.db");
    team.runs("init");
    assert!(team.path("of-the-environment.db").exists());
    team.runs("init --db of-the-flag.db");
    assert!(team.path("of-the-flag.db").exists());
    // Empty is not set.
    team.set("FOLLOWUP_DB", "");
    team.runs("list");
    team.write("elsewhere/team.toml", "timezone = \"Europe/Oslo\"\n");
    team.set("FOLLOWUP_CONFIG", "elsewhere/team.toml");
    assert!(team.runs("init").out.contains("elsewhere/team.toml"));
    assert!(team.path("elsewhere/followup.db").exists());
    assert!(team.runs("init --config followup.toml").out.contains("of-the-file.db"));
}

#[test]
fn the_actor_is_who_the_environment_says() {
    let mut team = Shell::with_accepted_actions();
    team.set("FOLLOWUP_ACTOR", "heidi");
    team.runs("start CA-1");
    let events = team.json("show CA-1")["events"].clone();
    assert_eq!(events.as_array().unwrap().last().unwrap()["actor"], "heidi");
}

#[test]
fn what_needs_nothing_asks_for_nothing() {
    let mut empty = Shell::new();
    empty.unset("FOLLOWUP_GITHUB_API_URL");
    empty.write("checkout.txt", super::REPORT);
    empty.runs("extract checkout.txt");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(empty.runs(&format!("completions {shell}")).out.contains("followup"));
    }
    let manual = empty.runs("man").out;
    assert!(manual.contains(".TH followup") && manual.contains(".SH followup publish"));
    assert!(manual.contains("no\\-wait"), "{manual}");
    empty.runs("demo");
    let left: Vec<_> =
        std::fs::read_dir(empty.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["checkout.txt"]);
    empty.runs("demo --keep kept");
    assert!(empty.path("kept/followup.db").exists());
    assert!(empty.runs("--config kept/followup.toml list").out.contains("CA-5"));
    empty.run("demo --keep kept").exits(2);
}

#[test]
fn init_makes_what_is_not_there_and_leaves_the_rest() {
    let team = Shell::new();
    insta::assert_snapshot!(team.runs("init --repo acme/platform --timezone Africa/Kampala").page(), @"
    configuration made: [FOLDER]/followup.toml
    database made: [FOLDER]/followup.db
    ---
    next: `followup import REPORT`; `followup doctor` tells whether publishing will work
    ");
    let written = std::fs::read_to_string(team.path("followup.toml")).unwrap();
    assert!(
        written.contains("repo = \"acme/platform\"") && written.contains("timezone = \"Africa/Kampala\"")
    );
    insta::assert_snapshot!(team.runs("init --repo acme/platform --timezone Africa/Kampala").page(), @"
    configuration is there already: [FOLDER]/followup.toml
    database is there already: [FOLDER]/followup.db
    ---
    next: `followup import REPORT`; `followup doctor` tells whether publishing will work
    ");
    assert_eq!(std::fs::read_to_string(team.path("followup.toml")).unwrap(), written);
    let other = Shell::new();
    for line in ["init --repo acme", "init --timezone Kampala", "init --api-url acme"] {
        assert_ne!(other.run(line).code, Some(0), "followup {line}");
        assert!(
            !other.path("followup.toml").exists() && !other.path("followup.db").exists(),
            "followup {line}"
        );
    }
}

#[test]
fn init_writes_nothing_beside_a_database_that_is_not_ours() {
    let team = Shell::new();
    std::fs::create_dir(team.path(".git")).unwrap();
    let foreign = "this is no database, whatever its name says\n".repeat(100);
    team.write("foreign.db", &foreign);
    let ran = team.run("--db foreign.db init --repo acme/platform").exits(3);
    assert!(ran.err.contains("foreign.db: the file is not a SQLite database"), "{}", ran.err);
    team.run("--db .git init").exits(3);
    assert!(!team.path("followup.toml").exists() && !team.path(".gitignore").exists());
    assert_eq!(std::fs::read_to_string(team.path("foreign.db")).unwrap(), foreign);
    // And the next one, with the database where it belongs, is as if nothing had been tried.
    assert!(
        team.runs("init --repo acme/platform").out.contains("configuration made: [FOLDER]/followup.toml")
    );
}

#[cfg(unix)]
#[test]
fn the_database_is_for_nobody_else_and_not_for_git() {
    use std::os::unix::fs::PermissionsExt;
    let team = Shell::new();
    std::fs::create_dir(team.path(".git")).unwrap();
    team.runs("init");
    let mode = std::fs::metadata(team.path("followup.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(team.path(".gitignore")).unwrap(), "/followup.db*\n");
    team.runs("init");
    assert_eq!(std::fs::read_to_string(team.path(".gitignore")).unwrap(), "/followup.db*\n");
}

#[test]
fn what_git_ignores_is_only_ever_added_to() {
    let team = Shell::new();
    std::fs::create_dir(team.path(".git")).unwrap();
    // A file in Latin-1, without a last newline.
    team.write(".gitignore", b"/caf\xe9\r\n/target");
    team.runs("init");
    team.runs("init");
    let expected = b"/caf\xe9\r\n/target\n/followup.db*\n";
    assert_eq!(std::fs::read(team.path(".gitignore")).unwrap(), expected);
}

#[test]
fn a_markup_that_is_not_known_is_said() {
    let team = Shell::new();
    team.write("report.ORG", super::REPORT);
    team.write("report.txt", super::REPORT);
    insta::assert_snapshot!(team.runs("extract report.ORG").err, @"warning: report.ORG: read as plain text: this version does not know .org");
    assert_eq!(team.json("extract report.ORG")["warnings"][0]["code"], "unknown-format");
    assert_eq!(team.runs("extract report.txt").err, "");
}

#[test]
fn the_help_does_not_show_what_signs_in() {
    let mut team = Shell::new();
    team.set("FOLLOWUP_DB", "postgres://user:secret@127.0.0.1:9/followup?password=secret");
    for line in ["--help", "list --help", "list"] {
        let ran = team.run(line);
        assert!(!ran.page().contains("secret"), "{}", ran.page());
    }
}
