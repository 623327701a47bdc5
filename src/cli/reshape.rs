//! `followup add`, `split`, `merge` and `undo`: actions that people make of others, and what they take back.

use std::slice;

use super::{
    App, CliError, Exit,
    args::{Add, Merge, Split, Undo},
    category,
    edit::title,
    life::{day, line, note_unknown, person, print, reason_if_any},
    output::Output,
};
use crate::{
    intake::Team,
    life::{self, Addition, Outcome, Reshaped},
    store::{Access, Store},
};

pub(super) async fn add(app: &App, command: &Add, output: &Output) -> Result<Exit, CliError> {
    let title = title(&command.text)?;
    let owner = command.owner.as_deref().map(|owner| person(app, owner, "owner")).transpose()?;
    let today = app.clocks.today();
    let due_on = command.due.as_deref().map(|text| day(text, today)).transpose()?;
    if let Some(due_on) = due_on.filter(|due_on| *due_on < today) {
        return Err(CliError::usage(
            format!("the due date {due_on} is in the past; today is {today}"),
            "give a day from today on, as YYYY-MM-DD",
        ));
    }
    let told = Team::of(&app.config).classifier.classify(&title, &title, None, None);
    let new = Addition {
        description: command
            .description
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        kind: command.kind.unwrap_or(told.kind),
        category: match &command.category {
            Some(name) => category::known(app, name, &[])?,
            None => told.category,
        },
        priority: command.priority,
        owner: owner.as_ref().map(|owner| owner.name.clone()),
        team: owner.as_ref().and_then(|owner| owner.team.clone()),
        due_on,
        title,
    };
    let store = app.store(Access::Write).await?;
    let outcome =
        life::add(&store, &app.stamp(), &app.clocks, &app.config.policy, command.report, &new).await?;
    let exit = print(app, output, &store, slice::from_ref(&outcome), line).await?;
    if let Some(owner) = &owner {
        note_unknown(output, owner);
    }
    Ok(exit)
}

pub(super) async fn split(app: &App, command: &Split, output: &Output) -> Result<Exit, CliError> {
    let parts = command.parts.iter().map(|part| title(part)).collect::<Result<Vec<_>, _>>()?;
    let twice = parts.iter().enumerate().find(|(index, part)| parts[..*index].contains(part));
    if let Some((_, part)) = twice {
        return Err(CliError::usage(format!("“{part}” is named twice"), "give each part once"));
    }
    let Some((first, further)) = parts.split_first() else {
        return Err(CliError::usage(
            "no part is named",
            "write `followup split CA-1 'FIRST PART' 'SECOND PART'`",
        ));
    };
    let store = app.store(Access::Write).await?;
    let split = life::split(&store, &app.stamp(), &app.clocks, command.id, first, further).await?;
    print_all(app, output, &store, split).await
}

pub(super) async fn merge(app: &App, command: &Merge, output: &Output) -> Result<Exit, CliError> {
    let reason = reason_if_any(command.reason.as_deref())?;
    let store = app.store(Access::Write).await?;
    let (stamp, reason) = (app.stamp(), reason.as_deref());
    let merged = life::merge(&store, &stamp, &app.clocks, command.into, &command.others, reason).await?;
    print_all(app, output, &store, merged).await
}

pub(super) async fn undo(app: &App, command: &Undo, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    let outcomes = life::undo(&store, &app.stamp(), &app.clocks, &command.ids).await?;
    print(app, output, &store, &outcomes, line).await
}

async fn print_all(app: &App, output: &Output, store: &Store, reshaped: Reshaped) -> Result<Exit, CliError> {
    let outcomes: Vec<Outcome> = [reshaped.kept].into_iter().chain(reshaped.others).collect();
    print(app, output, store, &outcomes, line).await
}
