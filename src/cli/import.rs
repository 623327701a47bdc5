//! `followup import`: reports and their actions come into the database.

use std::{collections::HashSet, path::Path};

use serde_json::json;

use super::{App, CliError, Exit, args::Import, init, output::Output, source, table};
use crate::{
    action::{Action, ActionId, State},
    import::{self, Fate, ImportError, Imported, Lookalike, Options, Source, Which},
    intake::Team,
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
    let named = source::filled_in(app, &command.from, named, output)?;
    if let (Some(Which::Same(id)), true) = (command.report, named.len() != 1) {
        return Err(CliError::usage(
            format!("{} reports cannot all be {id}", named.len()),
            "name the one that it is",
        ));
    }
    let shown: Vec<String> = named.iter().map(|named| named.shown.clone()).collect();
    let sources: Vec<Source> = named.into_iter().map(|named| named.source).collect();
    let options = Options {
        accept: command.accept,
        severity: command.severity,
        repo: command.repo,
        which: command.report,
        team: Team::of(&app.config),
        policy: app.config.policy,
    };
    let store = open(app, output).await?;
    let taken_on = if command.accept { taken_on(&store).await? } else { HashSet::new() };
    let imported = import::import(&store, &app.stamp(), &app.clocks, &sources, &options).await;
    let imported = imported.map_err(|error| refusal(app, error, &shown, &sources))?;
    if output.is_json() {
        print_json(app, output, &store, &sources, &imported).await?;
    } else {
        for ((shown, source), result) in shown.iter().zip(&sources).zip(&imported) {
            let is_same_text = source.digest == result.report.digest;
            output.text(&told(shown, is_same_text, result, command.accept, &taken_on))?;
            for kept in &result.kept {
                output.talk(&format!("note: {kept}"));
            }
        }
        let proposed: Vec<_> = imported.iter().filter(|result| !result.added.is_empty()).collect();
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

/// What to say of an import that was refused.
fn refusal(app: &App, error: ImportError, shown: &[String], sources: &[Source]) -> CliError {
    match error {
        ImportError::Life(error) => error.into(),
        ImportError::LooksLike { name, lookalike } => {
            let known = sources.iter().zip(shown).find(|(source, _)| source.name == name);
            let name = known.map_or(name.as_str(), |(_, shown)| shown);
            let was = Path::new(&lookalike.source_name);
            let was = was.strip_prefix(&app.folder).unwrap_or(was).display().to_string();
            let lookalike = Lookalike { source_name: was, ..*lookalike };
            let id = lookalike.id;
            CliError::refused(
                format!("{name}: {lookalike}"),
                format!(
                    "nothing was changed; `followup import {name} --report {id}` says that it is that one, moved, \
                     `--report new` that it is another"
                ),
            )
        }
    }
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
fn told(
    shown: &str,
    is_same_text: bool,
    result: &Imported,
    accept: bool,
    taken_on: &HashSet<ActionId>,
) -> String {
    let accepted: Vec<ActionId> = result
        .actions
        .iter()
        .filter(|action| accept && action.state != State::Proposed && !taken_on.contains(&action.id))
        .map(|action| action.id)
        .collect();
    let added = table::count(result.added.len(), "action");
    let what = match result.fate {
        Fate::Imported if result.added.is_empty() => "imported, without an action".to_owned(),
        Fate::Imported => {
            let verb = if accept { "accepted" } else { "proposed" };
            let ids = match (result.actions.first(), result.actions.last()) {
                (Some(first), Some(last)) if first.id != last.id => format!(", {} to {}", first.id, last.id),
                (Some(first), _) => format!(", {}", first.id),
                _ => String::new(),
            };
            format!("imported, {added} {verb}{ids}")
        }
        Fate::Unchanged | Fate::Moved => {
            let moved = if result.fate == Fate::Moved { ", and was moved here" } else { "" };
            let then = match accepted.len() {
                0 if result.fate == Fate::Moved => String::new(),
                0 => "; nothing was changed".to_owned(),
                number => format!("; {} accepted", table::count(number, "action")),
            };
            let how = if is_same_text { "word for word" } else { "with all that this file says" };
            format!("is there already, {how}{moved}{then}")
        }
        Fate::Revised => {
            let said = result.said.iter().map(|said| {
                let was = said.was.as_ref().map(|was| format!(" (was {was})")).unwrap_or_default();
                format!("{} {}{was}", said.what, said.is)
            });
            let actions = [
                (result.added.len(), "new"),
                (result.changed.len(), "changed"),
                (result.vanished.len(), "no longer in it"),
                (result.returned.len(), "in it again"),
                (accepted.len(), "accepted"),
            ]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"));
            let parts: Vec<String> = said.chain(actions).collect();
            let parts = if parts.is_empty() { "no action changed".to_owned() } else { parts.join(", ") };
            format!("revision {} ({}): {parts}", result.report.revision, result.report.severity)
        }
    };
    format!("{} “{}” ({shown}): {what}{}", result.report.id, result.report.title, changes(result))
}

/// What a revision did to each action, a line each.
fn changes(result: &Imported) -> String {
    if result.fate != Fate::Revised {
        return String::new();
    }
    let change = |action: &Action| {
        let id = action.id;
        let (word, what) = if result.added.contains(&id) {
            ("new", String::new())
        } else if result.vanished.contains(&id) {
            ("gone", String::new())
        } else if result.returned.contains(&id) {
            ("back", String::new())
        } else {
            let (_, what) = result.changed.iter().find(|(changed, _)| *changed == id)?;
            ("changed", format!(" ({})", what.join(", ")))
        };
        Some(format!("\n{word:<9} {id:<6} {}{what}", action.title))
    };
    result.actions.iter().filter_map(change).collect()
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
            "added": result.added.len(),
            "changed": result.changed.len(),
            "vanished": result.vanished.len(),
            "returned": result.returned.len(),
            "changes": result.changed.iter().map(|(id, what)| json!({ "id": id, "what": what })).collect::<Vec<_>>(),
            "added_ids": result.added,
            "vanished_ids": result.vanished,
            "returned_ids": result.returned,
            "said": result.said,
            "kept": result.kept,
            "actions": views,
            "warnings": source.reading.warnings,
        }));
    }
    output.json(&json!({ "reports": reports }))
}
