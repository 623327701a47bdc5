//! What has to be true at the end of every round, when nothing goes wrong any more.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use followup::action::State;
use followup::store::{Access, Link, LinkStatus, Location, Snapshot, Store};
use followup::sync::marker::Marker;
use github_sandbox::{DEFAULT_LOGIN, IssueView};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::people::{Ledger, PEOPLE, outside};
use crate::team::{REPO, SECRET, TOKEN, Team};

/// Everything that a summary says was done or is left to do.
const DONE: [&str; 8] =
    ["created", "adopted", "linked", "updated", "parents", "changed", "waiting", "unknown"];

/// So many passes are enough for anything.
const PASSES: usize = 10;

/// What the end of a round may still leave to people, beside conflicts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed<'a> {
    /// Issues that were deleted.
    pub(crate) gone: &'a [u64],
    /// Issues that somebody made by copying the text of one of ours.
    pub(crate) copies: &'a [u64],
}

/// Ends all mishaps, lets both sides come to rest, and looks whether everything is as it has to be.
pub(crate) fn everything(team: &mut Team, ledger: &Ledger, allowed: Allowed<'_>) -> Result<()> {
    team.tell("nothing goes wrong any more");
    team.sandbox.drop_labels_silently(false);
    team.sandbox.calm();
    comes_to_rest(team, allowed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let dump = runtime.block_on(async {
        database_is_sound(team).await?;
        let store = Store::open(Location::File(team.database()), Access::Read).await?;
        the_history_is_whole(&store, ledger).await?;
        let mut snapshot = store.read().await?;
        sides_agree(team, &mut snapshot, ledger, allowed).await?;
        drop(snapshot);
        store.close().await;
        dumped(team).await
    })?;
    people_find_again(team, ledger)?;
    // Once more: nothing is sent, nothing is written down.
    let issues = team.sandbox.issues(REPO);
    team.sandbox.clear_requests();
    let quiet = team.json(&["sync"])?;
    let writes = team.sandbox.writes();
    ensure!(writes.is_empty(), "a quiet sync wrote to GitHub: {writes:#?}");
    ensure!(issues == team.sandbox.issues(REPO), "a quiet sync changed issues");
    ensure!(is_quiet(&quiet), "a quiet sync did something: {quiet}");
    let after = runtime.block_on(dumped(team))?;
    for (table, rows) in &dump {
        ensure!(after.get(table) == Some(rows), "a quiet sync changed rows of {table}");
    }
    no_file_holds_a_secret(team)
}

fn is_quiet(summary: &Value) -> bool {
    DONE.iter().all(|list| summary[*list].as_array().is_some_and(Vec::is_empty))
}

/// Publishes and syncs until nothing is left to do.
fn comes_to_rest(team: &mut Team, allowed: Allowed<'_>) -> Result<()> {
    let mut last = Value::Null;
    for _ in 0..PASSES {
        let published = team.json(&["publish"])?;
        let synced = team.json(&["sync"])?;
        if is_quiet(&published) && is_quiet(&synced) {
            for item in
                [&published, &synced].into_iter().flat_map(|it| it["needs_human"].as_array()).flatten()
            {
                let command = item["command"].as_str().unwrap_or_default();
                let is_of_people = command.starts_with("followup resolve ")
                    || (!allowed.gone.is_empty() && command.starts_with("followup unlink "));
                ensure!(is_of_people, "it waits for a person without need: {item}");
            }
            return Ok(());
        }
        last = serde_json::json!([published, synced]);
    }
    bail!("it does not come to rest: {last:#}")
}

async fn opened(team: &Team) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(team.database()).read_only(true);
    SqliteConnection::connect_with(&options).await.context("cannot open the database")
}

async fn database_is_sound(team: &Team) -> Result<()> {
    let mut connection = opened(team).await?;
    let answer: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await?;
    ensure!(answer == "ok", "the database is broken: {answer}");
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await?;
    ensure!(orphans.is_empty(), "{} rows lead nowhere", orphans.len());
    Ok(connection.close().await?)
}

/// Every row of every table as text, but for how the credential stands with its host, which every pass learns anew, and up to
/// when comments were heard, which follows the clock until the newest one is old enough.
async fn dumped(team: &Team) -> Result<BTreeMap<String, Vec<String>>> {
    let mut connection = opened(team).await?;
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut connection)
        .await?;
    let mut dump = BTreeMap::new();
    for table in tables.into_iter().filter(|table| table != "credentials") {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&mut connection)
            .await?;
        let columns = columns.iter().filter(|name| *name != "heard_until");
        let row = columns.map(|name| format!("quote({name})")).collect::<Vec<_>>().join(" || ',' || ");
        let select = AssertSqlSafe(format!("SELECT {row} AS row FROM {table} ORDER BY row"));
        dump.insert(table, sqlx::query_scalar(select).fetch_all(&mut connection).await?);
    }
    connection.close().await?;
    Ok(dump)
}

/// The history holds, says what the tables say, and has everything that was answered with success.
async fn the_history_is_whole(store: &Store, ledger: &Ledger) -> Result<()> {
    let mut snapshot = store.read().await?;
    let verdict = followup::audit::verify(&mut snapshot, &[]).await?;
    ensure!(verdict.ok, "the history does not hold: {verdict:?}");
    let mut all = String::new();
    for event in snapshot.events_after(0, i64::MAX).await? {
        all += &event.payload;
        for text in snapshot.event_texts(event.seq).await?.into_values() {
            all += &text.value.unwrap_or_default();
        }
    }
    for word in &ledger.acknowledged {
        ensure!(
            all.contains(word),
            "a command with {word} was answered with success, and is not in the history"
        );
    }
    Ok(())
}

/// Every accepted action has one issue, and both say the same.
async fn sides_agree(
    team: &Team,
    snapshot: &mut Snapshot,
    ledger: &Ledger,
    allowed: Allowed<'_>,
) -> Result<()> {
    let issues = team.sandbox.issues(REPO);
    let mut marked: HashMap<String, u64> = HashMap::new();
    for issue in issues.iter().filter(|issue| !allowed.copies.contains(&issue.number)) {
        let Some(marker) = Marker::find(&issue.body) else { continue };
        if let Some(other) = marked.insert(marker.ulid, issue.number) {
            bail!("#{other} and #{} are issues of the same action", issue.number);
        }
    }
    let mut linked = 0;
    for report in snapshot.reports().await? {
        for link in snapshot.links_of_report(report.id).await? {
            ensure!(link.status == LinkStatus::Linked, "it is not linked: {link:?}");
            let number = link.number.unwrap_or_default().unsigned_abs();
            if allowed.gone.contains(&number) {
                continue;
            }
            let issue = issues.iter().find(|issue| issue.number == number);
            let issue = issue.with_context(|| format!("there is no issue for {link:?}"))?;
            ensure!(marked.get(&link.ulid) == Some(&number), "#{number} does not carry the mark of {link:?}");
            linked += 1;
            agrees(snapshot, &link, issue, ledger).await.with_context(|| format!("{issue:#?}\n{link:#?}"))?;
        }
        for action in snapshot.actions_of(report.id).await? {
            let link = snapshot.link_of(action.id).await?;
            let has_one = link.is_some_and(|link| link.status == LinkStatus::Linked);
            ensure!(
                has_one || !action.state.is_active(),
                "{} is {} and has no issue",
                action.id,
                action.state
            );
        }
    }
    ensure!(marked.len() == linked, "{} issues carry a mark, and {linked} are linked", marked.len());
    let rows = snapshot.live_outbox().await?;
    ensure!(rows.is_empty(), "something is still to be sent: {rows:#?}");
    Ok(())
}

async fn agrees(snapshot: &mut Snapshot, link: &Link, issue: &IssueView, ledger: &Ledger) -> Result<()> {
    ensure!(
        link.state.as_ref() == Some(&issue.state) && link.state_reason == issue.state_reason,
        "the link knows another state"
    );
    let Some(id) = link.action_id else { return Ok(()) };
    let action = snapshot.action(id).await?;
    let is_right = match (issue.state.as_str(), issue.state_reason.as_deref()) {
        ("open", _) => action.state.is_active(),
        // Done, or we decided against it before they closed it.
        (_, None | Some("completed")) => !action.state.is_active(),
        // Somebody else's decision not to do it: the action waits for ours, or had it.
        (_, Some(_)) => action.state != State::Proposed,
    };
    ensure!(is_right, "{id} is {}", action.state);
    ensure!(issue.title == action.title, "{id} is called “{}”", action.title);
    if let Some(owner) = action.owner.filter(|_| !ledger.were_dropped) {
        let can_be = PEOPLE[..3].contains(&owner.as_str());
        ensure!(issue.assignees.contains(&owner) == can_be, "{id} belongs to {owner}");
    }
    Ok(())
}

/// What people wrote is there, byte for byte.
fn people_find_again(team: &Team, ledger: &Ledger) -> Result<()> {
    let issue = |number: u64| {
        team.sandbox.issue(REPO, number).with_context(|| format!("#{number} is not there any more"))
    };
    for (number, expected) in &ledger.outside {
        let issue = issue(*number)?;
        // One that its action was taken off keeps our words as if they were people's.
        let is_ours = Marker::find(&issue.body).is_some();
        ensure!(
            !is_ours || outside(&issue.body) == *expected,
            "the text around our section changed from {expected:?} in {issue:#?}"
        );
    }
    for (number, lines) in &ledger.lines {
        let body = issue(*number)?.body;
        for line in lines {
            ensure!(body.contains(line), "#{number} lost {line:?}: {body:?}");
        }
    }
    for (number, text) in &ledger.comments {
        ensure!(issue(*number)?.comments.contains(text), "#{number} lost a comment");
    }
    for (number, command) in &ledger.commands {
        let mark = format!(" comment={command} ");
        let comments = team.sandbox.comments(REPO, *number);
        let replies = comments.iter().filter(|comment| comment.body.contains(&mark)).count();
        let reactions = comments
            .iter()
            .filter(|comment| comment.id == *command)
            .flat_map(|comment| &comment.reactions)
            .filter(|reaction| reaction.login == DEFAULT_LOGIN)
            .count();
        // One that its action was taken off is not listened to any more.
        let is_ours = Marker::find(&issue(*number)?.body).is_some();
        ensure!(
            replies + reactions == 1 || (!is_ours && replies + reactions == 0),
            "a command under #{number} got {replies} replies and {reactions} reactions: {comments:#?}"
        );
    }
    for (number, label) in &ledger.labels {
        ensure!(issue(*number)?.labels.contains(label), "#{number} lost the label {label}");
    }
    Ok(())
}

/// No secret stands in a file of the folder, the database before all.
fn no_file_holds_a_secret(team: &Team) -> Result<()> {
    for entry in fs::read_dir(team.path(""))? {
        let path = entry?.path();
        let bytes = fs::read(&path)?;
        for secret in [TOKEN, SECRET] {
            let is_in = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            ensure!(!is_in, "{} holds a secret", path.display());
        }
    }
    Ok(())
}
