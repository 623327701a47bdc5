//! `followup publish` and `followup sync`: one pass of the engine, and what it did.

use super::{
    App, CliError, Exit,
    args::{Adopt, Publish, Sync},
    output::Output,
    table, tick,
};
use crate::{
    action::State,
    store::{Access, Listed, Store},
    sync::{Adoption, Line, Pending, Selection, Summary},
};

pub(super) async fn publish(app: &App, command: &Publish, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    if !command.dry_run {
        tick::first(app, &store, output).await?;
    }
    let engine = app.engine(&store).await?;
    let selection = Selection { report: command.report, include_done: command.include_done };
    let summary = if command.dry_run {
        engine.plan_only(&selection).await?
    } else {
        engine.publish(&selection, !command.no_wait).await?
    };
    drop(engine);
    let nothing =
        if output.is_json() { String::new() } else { nothing_to_publish(&store, &selection).await? };
    print(output, &summary, command.dry_run, &nothing)
}

pub(super) async fn sync(app: &App, command: &Sync, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    if !command.dry_run {
        tick::first(app, &store, output).await?;
    }
    let engine = app.engine(&store).await?;
    let summary = match (command.dry_run, command.hinted) {
        (true, _) => engine.compare_only().await?,
        (false, true) => engine.sync_hinted(!command.no_wait).await?,
        (false, false) => engine.sync(!command.no_wait).await?,
    };
    drop(engine);
    let quiet = match summary.observed {
        0 if command.hinted => "no webhook hinted at an issue since somebody looked".to_owned(),
        0 => "there is no issue yet; `followup publish` makes them".to_owned(),
        number => format!("{} looked at; both sides agree", table::count(number, "issue")),
    };
    print(output, &summary, command.dry_run, &quiet)
}

pub(super) async fn adopt(app: &App, command: &Adopt, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    let engine = app.engine(&store).await?;
    let adoption = Adoption { repo: command.repo.clone(), leave: command.leave };
    let summary = engine.adopt(&adoption, !command.dry_run, !command.no_wait).await?;
    drop(engine);
    let nothing = "nothing to take over: no issue there belongs to another database";
    print(output, &summary, command.dry_run, nothing)
}

/// Why there is nothing to publish, for those who expected something.
async fn nothing_to_publish(store: &Store, selection: &Selection) -> Result<String, CliError> {
    let listed = store.read().await?.list().await?;
    let is_selected = |action: &&Listed| selection.report.is_none_or(|report| action.report_id == report);
    let proposed = listed.iter().filter(is_selected).filter(|action| action.state == State::Proposed).count();
    Ok(match proposed {
        0 => "nothing to publish: every accepted action has its issue".to_owned(),
        number => format!(
            "nothing to publish: {} proposed; `followup accept` takes actions on",
            if number == 1 { "1 action is".to_owned() } else { format!("{number} actions are") }
        ),
    })
}

fn print(output: &Output, summary: &Summary, dry_run: bool, nothing: &str) -> Result<Exit, CliError> {
    if output.is_json() {
        output.json(summary)?;
    } else {
        output.text(&page(summary, dry_run, nothing))?;
    }
    Ok(if summary.waits_for_a_person() { Exit::WaitsForPerson } else { Exit::Fine })
}

fn page(summary: &Summary, dry_run: bool, nothing: &str) -> String {
    let mut page = String::new();
    let verb = |done: &str, planned: &str| if dry_run { planned.to_owned() } else { done.to_owned() };
    let mut lines = |verb: &str, lines: &[Line]| {
        for line in lines {
            let issue = match line.issue.number {
                Some(number) => format!("{}#{number}", line.issue.repo),
                None => line.issue.repo.clone(),
            };
            page.push_str(&format!("{verb:<9} {:<6} {issue}  {}\n", line.id, line.title));
            if let Some(title) = &line.issue_title {
                page.push_str(&format!("{:<16} the issue is “{title}”\n", ""));
            }
            for what in &line.what {
                page.push_str(&format!("{:<16} {what}\n", ""));
            }
        }
    };
    lines(&verb("parent", "parent"), &summary.parents);
    lines(&verb("created", "create"), &summary.created);
    lines("found", &summary.adopted);
    lines(&verb("linked", "link"), &summary.linked);
    lines(&verb("changed", "change"), &summary.changed);
    lines(&verb("updated", "update"), &summary.updated);
    let mut pending = |verb: &str, list: &[Pending]| {
        for (index, item) in list.iter().enumerate() {
            let id = if item.what.contains(&item.id) { String::new() } else { format!("{}: ", item.id) };
            page.push_str(&format!("{verb:<9} {id}{}\n", item.what));
            // What settles several is said once, after the last of them.
            let next = list.get(index + 1).and_then(|next| next.command.as_ref());
            if let Some(command) = item.command.as_ref().filter(|command| Some(*command) != next) {
                page.push_str(&format!("          → {command}\n"));
            }
        }
    };
    pending("waiting", &summary.waiting);
    pending("unknown", &summary.unknown);
    pending("NEEDS YOU", &summary.needs_human);
    for note in &summary.notes {
        page.push_str(&format!("note      {note}\n"));
    }
    if page.is_empty() {
        page = format!("{nothing}\n");
    }
    if dry_run {
        page.push_str("nothing was written or sent: this was a dry run\n");
    }
    page
}
