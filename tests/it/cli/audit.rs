//! The history, as an auditor asks for it at the command line.

mod checkpoint;
mod erase;
mod export;
mod log;
mod sample;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::{Shell, refusals::refused};

/// Somebody who can write the file writes into it.
fn tamper(team: &Shell, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let address = format!("sqlite://{}", team.path("followup.db").display());
        let mut connection = SqliteConnection::connect(&address).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn a_history_that_holds_is_fine_and_one_that_does_not_is_named() {
    let team = Shell::with_accepted_actions();
    let verdict = team.json("audit verify");
    assert_eq!((&verdict["ok"], &verdict["first_bad"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(verdict["declared"], verdict["events"], "{verdict}");
    let known = team.runs("audit checkpoint").out.trim().to_owned();
    assert_eq!(team.json("audit checkpoint")["checkpoint"], known);
    team.runs("assign CA-1 octo-lead");
    let held = team.runs(&format!("audit verify --checkpoint {known}")).out;
    assert!(held.contains("1 checkpoint too"), "{held}");

    tamper(&team, "UPDATE actions SET state = 'verified' WHERE id = 2");
    let found = team.run("audit verify").exits(1).out;
    assert!(
        found.contains("CA-2: the table has state = verified: the history says something else"),
        "{found}"
    );
    tamper(&team, "UPDATE events SET actor = 'mallory' WHERE seq = 3");
    let found = team.run("audit verify --format json").exits(1).json();
    assert_eq!((&found["ok"], &found["first_bad"]["event"]), (&false.into(), &3.into()));
    let found = team.run("audit verify").exits(1).out;
    assert!(found.starts_with("The history does not hold: event 3: it was changed"), "{found}");
}

#[test]
fn nothing_is_written_over_a_history_that_was_cut_off() {
    let team = Shell::with_accepted_actions();
    tamper(&team, "DELETE FROM events WHERE seq = (SELECT seq FROM event_head)");
    insta::assert_snapshot!(refused(&team, "assign CA-1 octo-dev", 3), @"
    database: [FOLDER]/followup.db: the history is broken: event 9 is not what was written last, so nothing is added to it
    → `followup audit verify` says what is wrong; restore the newest backup for which it is fine
    ");
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let team = Shell::with_accepted_actions();
    insta::assert_snapshot!(refused(&team, "audit verify --checkpoint 3:abc", 2), @"
    usage: `3:abc` is not a checkpoint; expected the number of events, a colon, and 64 hexadecimal digits
    → `followup audit --help` shows how it is written
    ");
}
