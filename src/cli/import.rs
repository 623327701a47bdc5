//! `followup import`: reports and their actions come into the database.

use serde_json::json;

use super::{App, CliError, Exit, args::Import, output::Output, source};
use crate::{
    import::{self, Fate, Imported, Options, Source},
    store::Access,
    tracker::RepoName,
    view,
};

pub(super) async fn run(app: &App, command: Import, output: &Output) -> Result<Exit, CliError> {
    if let Some(repo) = &command.repo {
        repo.parse::<RepoName>().map_err(|error| {
            CliError::usage(error.to_string(), "followup import SOURCE --repo OWNER/NAME")
        })?;
    }
    let named = source::read_all(app, &command.sources)?;
    let shown: Vec<String> = named.iter().map(|named| named.shown.clone()).collect();
    let sources: Vec<Source> = named.into_iter().map(|named| named.source).collect();
    let options = Options {
        accept: command.accept,
        severity: command.severity,
        repo: command.repo,
        people: app.config.people.clone(),
        policy: app.config.policy,
    };
    let store = app.store(Access::Create).await?;
    let imported = import::import(&store, &app.stamp(), &app.clocks, &sources, &options).await?;
    for (shown, source) in shown.iter().zip(&sources) {
        for warning in &source.reading.warnings {
            let line = warning.line.map(|line| format!(":{line}")).unwrap_or_default();
            if !app.global.quiet {
                output.talk(&format!("warning: {shown}{line}: {}", warning.message));
            }
        }
        if source.reading.actions.is_empty() {
            output.talk(&format!(
                "warning: {shown}: no action was found; `followup extract --explain` shows what was read"
            ));
        }
    }
    if output.is_json() {
        print_json(app, output, &store, &sources, &imported).await?;
    } else {
        for (shown, result) in shown.iter().zip(&imported) {
            output.text(&told(shown, result, command.accept))?;
        }
        if !command.accept && imported.iter().any(|result| result.added > 0) {
            output.talk("they are proposed; `followup accept --report IR-n` takes them on");
        }
    }
    Ok(Exit::Fine)
}

fn told(shown: &str, result: &Imported, accept: bool) -> String {
    let (id, title) = (result.report.id, &result.report.title);
    let actions = |count: usize| if count == 1 { "1 action".to_owned() } else { format!("{count} actions") };
    let numbers = match (result.actions.first(), result.actions.last()) {
        (Some(first), Some(last)) if first.id != last.id => format!(" {}–{}", first.id, last.id),
        (Some(first), _) => format!(" {}", first.id),
        _ => String::new(),
    };
    let what = match result.fate {
        Fate::Imported if accept => format!("imported, {} accepted{numbers}", actions(result.added)),
        Fate::Imported => format!("imported, {} proposed{numbers}", actions(result.added)),
        Fate::Unchanged => "is there already, word for word; nothing was changed".to_owned(),
        Fate::Revised => format!(
            "revision {}: {} new, {} no longer in it",
            result.report.revision,
            actions(result.added),
            result.vanished
        ),
    };
    format!("{id} “{title}” ({shown}): {what}")
}

async fn print_json(
    app: &App,
    output: &Output,
    store: &crate::store::Store,
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
        let views = view::views(&mut snapshot, listed, &app.clocks, app.clocks.today()).await?;
        reports.push(json!({
            "id": result.report.id,
            "title": result.report.title,
            "source": result.report.source,
            "fate": result.fate,
            "added": result.added,
            "vanished": result.vanished,
            "actions": views,
            "warnings": source.reading.warnings,
        }));
    }
    output.json(&json!({ "reports": reports }))
}
