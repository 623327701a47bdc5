//! `followup audit checkpoint`: where the history ends, to be kept where nobody who can write the database can write.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use serde_json::json;

use super::super::{App, CliError, Exit, args, history, link, output::Output};
use crate::{
    audit::{self, AuditError, Checkpoint},
    config::TrackerKind,
    store::Access,
    sync::Posted,
};

pub(super) async fn run(app: &App, command: &args::Checkpoint, output: &Output) -> Result<Exit, CliError> {
    if command.post.is_some() && app.config.tracker == TrackerKind::Local {
        return Err(CliError::refused(
            "the issues of this team are in the same database, so a checkpoint there shows nothing",
            "keep it in a file with --to, or wherever nobody who can write the database can write",
        ));
    }
    let access = if command.post.is_some() { Access::Write } else { Access::Read };
    let store = app.store(access).await?;
    let end = audit::checkpoint(&mut store.read().await?).await?;
    if end.events == 0 && (command.post.is_some() || command.to.is_some()) {
        return Err(AuditError::Empty.into());
    }
    let added = command.to.as_deref().map(|file| add(&app.folder.join(file), &end)).transpose()?;
    let posted = match &command.post {
        None => None,
        Some(issue) => {
            let reference = link::issue(issue)?;
            let engine = app.engine(&store).await?;
            Some(engine.post(&reference, &end.to_string(), &text(app, &end)).await?)
        }
    };
    if output.is_json() {
        output.json(&json!({
            "events": end.events,
            "head": end.head,
            "checkpoint": end.to_string(),
            "added": added,
            "posted": posted.as_ref().map(|posted| json!({
                "issue": posted.issue,
                "url": posted.url,
                "was_there": posted.was_there,
            })),
        }))?;
        return Ok(Exit::Fine);
    }
    output.text(&end.to_string())?;
    if let Some(Posted { issue, url, was_there }) = &posted {
        let how = if *was_there { "it stood there before" } else { "written now" };
        output.talk(&format!("{issue}: {how}: {url}"));
    }
    if let (Some(is_new), Some(file)) = (added, &command.to) {
        let how = if is_new { "added" } else { "its last line already" };
        output.talk(&format!("{}: {how}", file.display()));
    }
    if posted.is_none() && added.is_none() {
        output.talk("Keep this where nobody who can write the database can write: in a ticket, a mail, another repository.");
    }
    output.talk(&format!("`followup audit verify --checkpoint {end}` checks against it."));
    Ok(Exit::Fine)
}

/// What is written under an issue.
fn text(app: &App, end: &Checkpoint) -> String {
    let now = history::time(app.stamp().recorded_at);
    format!(
        "Checkpoint of a history, {now}:\n\n`{end}`\n\nThe history had {} events then, and the last one has this hash. \
         `followup audit verify --checkpoint {end}` finds one that was cut off or written anew since.",
        end.events
    )
}

/// Adds a checkpoint to a file. False when it is its last line.
fn add(path: &Path, end: &Checkpoint) -> Result<bool, CliError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let kept = if path.exists() { fs::read_to_string(path).map_err(failed)? } else { String::new() };
    if kept.trim_end().lines().next_back() == Some(end.to_string().as_str()) {
        return Ok(false);
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    let gap = if kept.is_empty() || kept.ends_with('\n') { "" } else { "\n" };
    file.write_all(format!("{gap}{end}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(true)
}

/// The checkpoints of a file, one a line.
pub(super) fn kept_in(path: &Path) -> Result<Vec<Checkpoint>, CliError> {
    let text = fs::read_to_string(path).map_err(|error| {
        CliError::usage(
            format!("cannot read {}: {error}", path.display()),
            "`followup audit checkpoint --to FILE` writes such a file",
        )
    })?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            line.parse().map_err(|error| {
                CliError::usage(
                    format!("{}: line {number}: {error}", path.display()),
                    "put right or take out that line",
                )
            })
        })
        .collect()
}
