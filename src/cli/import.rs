//! `followup import`: reports and their actions come into the database.

use std::collections::HashSet;

use serde_json::json;

use super::{App, CliError, Exit, args::Import, init, output::Output, source, table};
use crate::{
    action::{ActionId, State},
    import::{self, Fate, Imported, Options, Source},
    store::{Access, Location, Store, StoreError},
    tracker::RepoName,
    view,
};

pub(super) async fn run(app: &App, command: Import, output: &Output) -> Result<Exit, CliError> {
    if let Some(repo) = &command.repo {
        repo.parse::<RepoName>().map_err(|error| {
            CliError::usage(error.to_string(), "write `followup import REPORT --repo OWNER/NAME`")
        })?;
    }
    let named = source::read_all(app, &command.from, output).await?;
    let shown: Vec<String> = named.iter().map(|named| named.shown.clone()).collect();
    let sources: Vec<Source> = named.into_iter().map(|named| named.source).collect();
    let options = Options {
        accept: command.accept,
        severity: command.severity,
        repo: command.repo,
        people: app.config.people.clone(),
        policy: app.config.policy,
    };
    let store = open(app, output).await?;
    let taken_on = if command.accept { taken_on(&store).await? } else { HashSet::new() };
    let imported = import::import(&store, &app.stamp(), &app.clocks, &sources, &options).await?;
    if output.is_json() {
        print_json(app, output, &store, &sources, &imported).await?;
    } else {
        for (shown, result) in shown.iter().zip(&imported) {
            output.text(&told(shown, result, command.accept, &taken_on))?;
            for kept in &result.kept {
                output.talk(&format!("note: {kept}"));
            }
        }
        let proposed: Vec<_> = imported.iter().filter(|result| result.added > 0).collect();
        match proposed.as_slice() {
            [one] if !command.accept => {
                output.talk(&format!("next: `followup accept --report {}` takes them on", one.report.id));
            }
            [_, ..] if !command.accept => {
                output.talk("next: `followup list --state proposed`, then `followup accept --report IR-n`");
            }
            _ => {}
        }
    }
    Ok(Exit::Fine)
}

/// Opens the database, and makes it where somebody said where it should be. In a folder without a configuration nobody
/// did: then it is more likely that this is the wrong folder.
async fn open(app: &App, output: &Output) -> Result<Store, CliError> {
    let location = app.location()?;
    let file = match &location {
        Location::File(file) if !file.exists() => Some(file),
        Location::File(_) | Location::Server(_) => None,
    };
    let Some(file) = file else { return app.store(Access::Create).await };
    if app.config_path.is_none() && app.global.db.is_none() {
        return Err(StoreError::Missing(file.display().to_string()).into());
    }
    let store = app.store(Access::Create).await?;
    output.talk(&format!("note: there was no database; {location} is made"));
    if let Some(ignored) = init::ignore(file)? {
        output.talk(&format!("note: the database is in {} now: it holds a key", ignored.display()));
    }
    Ok(store)
}

/// The actions that are no proposals.
async fn taken_on(store: &Store) -> Result<HashSet<ActionId>, StoreError> {
    let listed = store.read().await?.list().await?;
    Ok(listed.iter().filter(|action| action.state != State::Proposed).map(|action| action.id).collect())
}

/// What became of a report, in one line; `taken_on` are the actions that were accepted before.
fn told(shown: &str, result: &Imported, accept: bool, taken_on: &HashSet<ActionId>) -> String {
    let accepted: Vec<ActionId> = result
        .actions
        .iter()
        .filter(|action| accept && action.state != State::Proposed && !taken_on.contains(&action.id))
        .map(|action| action.id)
        .collect();
    let added = table::count(result.added, "action");
    let what = match result.fate {
        Fate::Imported if result.added == 0 => "imported, without an action".to_owned(),
        Fate::Imported => {
            let verb = if accept { "accepted" } else { "proposed" };
            let ids = match (result.actions.first(), result.actions.last()) {
                (Some(first), Some(last)) if first.id != last.id => format!(", {} to {}", first.id, last.id),
                (Some(first), _) => format!(", {}", first.id),
                _ => String::new(),
            };
            format!("imported, {added} {verb}{ids}")
        }
        Fate::Unchanged if !accepted.is_empty() => {
            format!("is there already, word for word; {} accepted", table::count(accepted.len(), "action"))
        }
        Fate::Unchanged => "is there already, word for word; nothing was changed".to_owned(),
        Fate::Revised => {
            let parts: Vec<String> = [
                (result.added, "new"),
                (result.changed, "changed"),
                (result.vanished, "no longer in it"),
                (accepted.len(), "accepted"),
            ]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
            let parts = if parts.is_empty() { "no action changed".to_owned() } else { parts.join(", ") };
            format!("revision {} ({}): {parts}", result.report.revision, result.report.severity)
        }
    };
    format!("{} “{}” ({shown}): {what}", result.report.id, result.report.title)
}

async fn print_json(
    app: &App,
    output: &Output,
    store: &Store,
    sources: &[Source],
    imported: &[Imported],
) -> Result<(), CliError> {
    let mut snapshot = store.read().await?;
    let mut reports = Vec::with_capacity(imported.len());
    for (source, result) in sources.iter().zip(imported) {
        let mut listed = Vec::with_capacity(result.actions.len());
        for action in &result.actions {
            listed.push(snapshot.listed(action.id).await?);
        }
        let views = view::views(listed, &app.clocks, app.clocks.today());
        reports.push(json!({
            "id": result.report.id,
            "title": result.report.title,
            "source": result.report.source,
            "fate": result.fate,
            "added": result.added,
            "changed": result.changed,
            "vanished": result.vanished,
            "kept": result.kept,
            "actions": views,
            "warnings": source.reading.warnings,
        }));
    }
    output.json(&json!({ "reports": reports }))
}
