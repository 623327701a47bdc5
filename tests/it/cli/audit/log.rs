//! What happened, as somebody asks for it.

use super::super::{Shell, refusals::refused};

/// Some weeks of a team, told by different people.
fn some_weeks() -> Shell {
    let mut team = Shell::with_accepted_actions();
    team.runs("assign CA-2 octo-ops");
    team.at("2024-05-20T09:00:00Z");
    team.set("FOLLOWUP_ACTOR", "=ines");
    team.runs("due CA-2 2024-06-03 --reason \"it is simpler than we thought\"");
    team.at("2024-05-31T21:30:00Z");
    team.set("FOLLOWUP_ACTOR", "grace");
    team.runs("done CA-2");
    team
}

/// The numbers of the events that this prints.
fn events(team: &Shell, line: &str) -> Vec<i64> {
    let events = team.json(&format!("audit log {line}"));
    events.as_array().unwrap().iter().map(|event| event["seq"].as_i64().unwrap()).collect()
}

#[test]
fn the_history_is_told_in_lines() {
    let team = some_weeks();
    insta::assert_snapshot!(team.runs("audit log CA-2").page(), @"
        3  2024-05-15T09:00:00Z  CA-2     action.proposed    by grace†‡: “Renew automatically”
        7  2024-05-15T09:00:00Z  CA-2     action.accepted    by grace†‡: state proposed → open, due_on 2024-06-14
       10  2024-05-15T09:00:00Z  CA-2     action.assigned    by grace†‡: owner “octo-ops”
       11  2024-05-20T09:00:00Z  CA-2     action.due_moved   by =ines†‡: due_on 2024-06-14 → 2024-06-03, reason “it is simpler than we thought”
       12  2024-05-31T21:30:00Z  CA-2     action.done        by grace†‡: state open → done
    ---
    † the actor only said who they are · ‡ made under a fixed clock
    ");
    insta::assert_snapshot!(team.runs("audit log --kind report").page(), @"
        1  2024-05-15T09:00:00Z  IR-1     report.imported    by grace†‡: “Checkout outage on 14 May 2024”
    ---
    † the actor only said who they are · ‡ made under a fixed clock
    ");
    insta::assert_snapshot!(team.runs("audit log CA-2 --kind issue").page(), @"no event matches");
}

#[test]
fn filters_narrow_each_other_down() {
    let team = some_weeks();
    let all = events(&team, "");
    let count = i64::try_from(all.len()).unwrap();
    assert_eq!(all, (1..=count).collect::<Vec<_>>());
    assert_eq!(events(&team, "--limit 3"), all[all.len() - 3..]);
    assert_eq!(events(&team, "--kind action.due_moved"), [count - 1]);
    assert_eq!(events(&team, "--kind report"), [1]);
    assert_eq!(events(&team, "--by =INES"), [count - 1]);
    assert_eq!(events(&team, "--by nobody"), Vec::<i64>::new());
    assert_eq!(events(&team, "--actor-kind tracker"), Vec::<i64>::new());
    let two = events(&team, "CA-2 CA-1");
    assert_eq!(two, events(&team, "CA-1 2 CA-1"), "each once, in order");
    assert_eq!(events(&team, "CA-2 CA-1 --limit 2"), two[two.len() - 2..]);
    assert_eq!(events(&team, "--report IR-1"), all);
    // A day is the team's: in Kampala the evening of the 31st in UTC is the first of June.
    assert_eq!(events(&team, "--since 2024-05-20 --until 2024-05-31"), [count - 1]);
    assert_eq!(events(&team, "--since 2024-06-01"), [count]);
    assert_eq!(events(&team, "--until 2024-05-20T09:00:00Z --since 2024-05-20T12:00:00+03:00"), [count - 1]);
}

#[test]
fn tables_hold_every_column_and_no_formula() {
    let team = some_weeks();
    let table = team.runs("audit log --by =ines --format csv").out;
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell =
        |name: &str| rows[0].get(headings.iter().position(|heading| heading == name).unwrap()).unwrap();
    assert_eq!((rows.len(), cell("actor"), cell("kind")), (1, "'=ines", "action.due_moved"));
    assert_eq!(cell("texts"), r#"{"reason":"it is simpler than we thought"}"#);
    // Nothing found is a table without rows.
    assert_eq!(team.runs("audit log --by nobody --format csv").out.lines().count(), 1);
}

#[test]
fn what_cannot_be_asked_for_is_told() {
    let team = some_weeks();
    let told =
        ["CA-99", "IR-9", "--report IR-9", "--kind action.due_move", "--kind nonsense", "--since 2024-13-01"]
            .map(|line| refused(&team, &format!("audit log {line}"), 2));
    insta::assert_snapshot!(told.join("\n"), @"
    not_found: there is no action CA-99
    → `followup list` shows every action
    not_found: there is no report IR-9
    → `followup report list` shows every report
    not_found: there is no report IR-9
    → `followup report list` shows every report
    usage: no event has the kind `action.due_move`
    → did you mean `action.due_moved`?
    usage: no event has the kind `nonsense`
    → sorts of events are action, audit, conflict, evidence, issue, report, text
    usage: `2024-13-01` is neither a day nor a moment; write 2026-05-31, or 2026-05-31T09:00:00+03:00
    → `followup audit --help` shows how it is written
    ");
    insta::assert_snapshot!(refused(&team, "audit log --since 2024-06-02 --until 2024-06-01", 2), @"
    usage: nothing is both since 2024-06-02 and until 2024-06-01
    → the first of the two is --since, the last is --until
    ");
}
