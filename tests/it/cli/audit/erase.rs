//! Words of people are taken out for good, and the history holds.

use super::super::{Shell, refusals::refused};
use super::tamper;

/// Words that stand nowhere else.
const WORDS: &str = "Wanjiru forgot the renewal";

/// A report that says too much, by people who are named in it.
fn a_frank_report() -> Shell {
    let team = Shell::with_github();
    team.write(
        "frank.md",
        format!(
            "# Outage\n\nDate: 2024-05-10\nSeverity: SEV-2\n\n## People\n\n- Incident commander: Wanjiru Kamau\n\n\
             ## Action items\n\n- Renew certificates automatically: {WORDS} (owner: Wanjiru Kamau)\n- Alert before expiry\n"
        ),
    );
    team.runs("import frank.md --accept");
    team
}

/// Whether any file of the database has these bytes.
fn is_in_the_file(team: &Shell, text: &str) -> bool {
    let files = std::fs::read_dir(team.folder.path()).unwrap().map(|file| file.unwrap().path());
    let database = files.filter(|path| path.to_string_lossy().contains("followup.db"));
    database
        .map(|path| std::fs::read(path).unwrap())
        .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// The events with words in which this stands.
fn events_saying(team: &Shell, text: &str) -> Vec<i64> {
    let events = team.json("audit log");
    let says = |event: &&serde_json::Value| event["texts"].to_string().contains(text);
    events.as_array().unwrap().iter().filter(says).map(|event| event["seq"].as_i64().unwrap()).collect()
}

#[test]
fn what_is_erased_is_gone_from_the_file_and_the_history_holds() {
    let team = a_frank_report();
    assert!(is_in_the_file(&team, WORDS));
    let mut saying = events_saying(&team, WORDS);
    assert!(!saying.is_empty());
    // What people work with has to be replaced first.
    let title = team.json("show CA-1")["title"].as_str().unwrap().contains(WORDS);
    if title {
        team.runs("edit CA-1 --title \"Renew certificates\"");
        saying = events_saying(&team, WORDS);
    }
    let before = team.everything();
    for event in &saying {
        let line = format!("audit erase --event {event} --reason \"names somebody\"");
        let told = team.run(&line).exits(2);
        assert!(told.out.contains("CA-1") && told.err.contains("nothing was"), "{}", told.page());
    }
    assert_eq!(team.everything(), before);
    for event in saying {
        let texts = team.json("audit log")[usize::try_from(event).unwrap() - 1]["texts"].clone();
        let names: Vec<String> = texts
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, text)| text.to_string().contains(WORDS))
            .map(|(name, _)| format!("--text {name}"))
            .collect();
        team.runs(&format!(
            "audit erase --event {event} {} --reason \"names somebody\" --yes",
            names.join(" ")
        ));
    }
    assert!(!is_in_the_file(&team, WORDS), "not a byte of it is left");
    let verdict = team.json("audit verify");
    assert_eq!(verdict["ok"], true, "{verdict}");
    assert!(verdict["erased"].as_i64().unwrap() > 0);
    assert_eq!(team.json("show CA-1")["quote"], "[erased]");
    // What is handed out says so, and is still checked by anybody.
    team.runs("audit export ./all");
    let rows: serde_json::Value =
        serde_json::from_slice(&std::fs::read(team.path("all/actions.json")).unwrap()).unwrap();
    assert_eq!(rows[0]["quote"], serde_json::Value::Null);
    assert!(rows[0]["erased"].as_array().unwrap().contains(&"quote".into()), "{}", rows[0]);
    let (is_fine, said) = super::export::checked(&team, "all");
    assert!(is_fine, "{said}");
    // Whoever puts something there is found out.
    tamper(&team, "UPDATE actions SET quote = 'something else' WHERE id = 1");
    let found = team.run("audit verify").exits(1).out;
    assert!(found.contains("CA-1: the table has quote = something else"), "{found}");
}

#[test]
fn a_person_is_erased_where_they_are_named() {
    let mut team = a_frank_report();
    team.set("FOLLOWUP_ACTOR", "Wanjiru Kamau");
    team.runs("start CA-2");
    team.set("FOLLOWUP_ACTOR", "grace");
    insta::assert_snapshot!(team.run("audit erase --person \"wanjiru kamau\" --reason \"asked for\"").exits(2).page(), @"
        1  IR-1     report.imported    people “Wanjiru Kamau [Incident commander]”
        2  CA-1     action.proposed    owner “Wanjiru Kamau”
        2  CA-1     action.proposed    owner_text “Wanjiru Kamau”
    ---
    note: the name stands in other texts too, of event 2; --mentions erases those as a whole
    note: wanjiru kamau caused 1 event; who did something is part of the chain, and stays
    error: 3 texts would be erased; nothing was
      → repeat the command with --yes; what is erased cannot be brought back
    ");
    // Who still owes something is replaced first.
    insta::assert_snapshot!(refused(&team, "audit erase --person \"wanjiru kamau\" --reason \"asked for\" --yes", 2), @"
    refused: the owner of CA-1 still says it
    → replace it first: `followup assign CA-1 OWNER`
    ");
    team.runs("assign CA-1 octo-dev");
    insta::assert_snapshot!(team.runs("audit erase --person \"wanjiru kamau\" --mentions --reason \"asked for\" --yes").page(), @"
    erased 4 texts from 2 events; and from IR-1 people, CA-1 owner_text, CA-1 quote
    ---
    note: wanjiru kamau caused 1 event; who did something is part of the chain, and stays
    Backups, exports, mails and the tracker keep what they have; nothing here can erase that.
    ");
    assert!(team.json("audit verify")["ok"].as_bool().unwrap());
    let again = team.runs("audit erase --person \"wanjiru kamau\" --reason \"asked for\" --yes");
    assert!(again.err.contains("there is nothing to erase"), "{}", again.page());
    assert_eq!(team.json("report show IR-1")["people"], serde_json::json!([]));
}

#[test]
fn words_that_were_erased_are_not_taken_up_again() {
    let team = a_frank_report();
    team.runs("edit CA-2 --title \"Alert early\"");
    team.runs("audit erase --event 3 --text title --reason \"it was too frank\" --yes");
    insta::assert_snapshot!(refused(&team, "undo CA-2", 2), @"
    refused: CA-2: action.edited cannot be taken back
    → the words that it replaced were erased; say what is right instead
    ");
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn what_cannot_be_erased_is_told() {
    let team = a_frank_report();
    let told = ["--event 99", "--event 1 --text quote", "--person x", ""]
        .map(|line| refused(&team, &format!("audit erase {line} --reason r --yes"), 2));
    insta::assert_snapshot!(told.join("\n"), @"
    not_found: there is no event 99
    → `followup audit log` shows every event
    not_found: event 1 has no words as `quote`
    → it has people, source, title
    usage: a name has two letters at least
    → write the whole name or the login
    usage: the following required arguments were not provided: --event <N>
    → `followup audit --help` shows how it is written
    ");
}
