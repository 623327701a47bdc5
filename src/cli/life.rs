//! The commands of an action's life: `accept decline assign due start block unblock done verify reject waive drop reopen`.
//!
//! Each needs neither network nor token: what follows for the issue waits in the outbox for `publish` or `sync`.

use chrono::NaiveDate;
use incident_report::DateContext;

use super::{
    App, CliError, Exit,
    args::{Accept, Assign, Block, Confirm, DropArgs, Due, Reasoned, Step, Waive},
    output::Output,
    table,
};
use crate::{
    action::{Action, ActionId, ActionIds, Command, Disposition, Report, ReportId, State},
    intake::{Owner, resolve_owner},
    life::{self, Outcome},
    policy::LAST_DAY,
    store::{Access, Stamp, Store},
    view::{self, ActionView},
};

/// Gives a command to actions, and prints what they are now.
async fn give(
    app: &App,
    output: &Output,
    ids: &[ActionId],
    command: impl Fn(&Action, &Report, &Stamp) -> Command,
) -> Result<Exit, CliError> {
    give_and_tell(app, output, ids, command, line).await
}

/// The same, with another way to say what an action is now.
pub(super) async fn give_and_tell(
    app: &App,
    output: &Output,
    ids: &[ActionId],
    command: impl Fn(&Action, &Report, &Stamp) -> Command,
    line: fn(&ActionView, &Outcome) -> String,
) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    let stamp = app.stamp();
    let given =
        life::give(&store, &stamp, &app.clocks, ids, |action, report| command(action, report, &stamp))
            .await?;
    if given.refused.is_empty() {
        return print(app, output, &store, &given.outcomes, line).await;
    }
    let done = given.outcomes.len();
    let mut parts: Vec<CliError> = given.refused.into_iter().map(CliError::from).collect();
    let mut failure = match parts.len() {
        1 => parts.remove(0),
        refused => {
            let first = &parts[0];
            let message = format!("{refused} of {} actions do not allow it", refused + done);
            let hint = "set right what is named above, and give the command to those again";
            CliError { message, hint: hint.to_owned(), parts: parts.clone(), ..first.clone() }
        }
    };
    if done > 0 {
        failure.message = format!("{}; {} changed", failure.message, table::count(done, "other action"));
        failure.actions = views_of(app, &store, &given.outcomes).await?;
        let people = output.for_people();
        for (view, outcome) in failure.actions.iter().zip(&given.outcomes) {
            people.text(&line(view, outcome))?;
        }
    }
    Err(failure)
}

async fn views_of(app: &App, store: &Store, outcomes: &[Outcome]) -> Result<Vec<ActionView>, CliError> {
    let mut snapshot = store.read().await?;
    let mut listed = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        listed.push(snapshot.listed(outcome.action.id).await?);
    }
    Ok(view::views(listed, &app.clocks, app.clocks.today()))
}

/// Prints what actions are now.
pub(super) async fn print(
    app: &App,
    output: &Output,
    store: &Store,
    outcomes: &[Outcome],
    line: fn(&ActionView, &Outcome) -> String,
) -> Result<Exit, CliError> {
    let views = views_of(app, store, outcomes).await?;
    if output.is_json() {
        output.json(&views)?;
        return Ok(Exit::Fine);
    }
    for (view, outcome) in views.iter().zip(outcomes) {
        output.text(&line(view, outcome))?;
    }
    Ok(Exit::Fine)
}

/// What an action is now, in one line.
pub(super) fn line(view: &ActionView, outcome: &Outcome) -> String {
    let mut line = format!("{}  {}", view.id, view.state);
    if let Some(disposition) = view.disposition {
        line.push_str(&format!(" as {disposition}"));
        if let Some(other) = outcome.action.duplicate_of {
            line.push_str(&format!(" of {other}"));
        }
    }
    if view.state.is_active() || view.state == State::Proposed {
        line.push_str(&view.due_on.map(|day| format!(", due {day}")).unwrap_or_default());
        if view.due_moves > 0 {
            line.push_str(&format!(", moved {}×", view.due_moves));
        }
        line.push_str(
            &view.owner.as_deref().map_or(", no owner".to_owned(), |owner| format!(", owner {owner}")),
        );
    }
    if !outcome.changed {
        line.push_str(" (as before)");
    }
    format!("{line}: {}", view.title)
}

pub(super) async fn accept(app: &App, command: &Accept, output: &Output) -> Result<Exit, CliError> {
    let ids = match command.report {
        None => command.ids.clone(),
        Some(report) => proposed_of(app, report, output).await?,
    };
    give(app, output, &ids, |_, report, stamp| {
        life::acceptance(&app.config.policy, &app.clocks, report, stamp)
    })
    .await
}

/// The proposed actions that the newest revision of a report still has.
async fn proposed_of(app: &App, report: ReportId, output: &Output) -> Result<Vec<ActionId>, CliError> {
    let store = app.store(Access::Write).await?;
    let mut snapshot = store.read().await?;
    snapshot.report(report).await?;
    let mut proposed = snapshot.actions_of(report).await?;
    proposed.retain(|action| action.state == State::Proposed);
    let (vanished, ids): (Vec<&Action>, Vec<&Action>) = proposed.iter().partition(|action| action.vanished);
    if ids.is_empty() {
        output.talk("nothing to accept: no action of this report is proposed");
    }
    for action in vanished {
        output.talk(&format!(
            "note: {0} is no longer in the report; `followup accept {0}` takes it on",
            action.id
        ));
    }
    Ok(ids.into_iter().map(|action| action.id).collect())
}

pub(super) async fn decline(app: &App, command: &Reasoned, output: &Output) -> Result<Exit, CliError> {
    let reason = reason(&command.reason)?;
    give(app, output, &command.ids, |_, _, _| Command::Decline { reason: reason.clone() }).await
}

pub(super) async fn assign(app: &App, command: &Assign, output: &Output) -> Result<Exit, CliError> {
    const HINT: &str = "write `followup assign CA-1 OWNER`: a name of the configuration, or a login";
    let (ids, owner) = ids_and_last(&command.ids_and_owner)?;
    if ids.is_empty() || (owner.parse::<ActionId>().is_ok() && owner.contains('-')) {
        return Err(CliError::usage("nobody is named as the owner", HINT));
    }
    let owner = person(app, owner, "owner")?;
    let exit = give(app, output, &ids, |_, _, _| Command::Assign { owner: owner.name.clone() }).await?;
    note_unknown(output, &owner);
    Ok(exit)
}

/// Somebody who is named as the `role`.
pub(super) fn person(app: &App, text: &str, role: &str) -> Result<Owner, CliError> {
    let person = resolve_owner(text, &app.config.people);
    if person.name.is_empty() {
        return Err(CliError::usage(
            format!("the {role} has no name"),
            "give a name of the configuration, or a login",
        ));
    }
    Ok(person)
}

/// Says that the configuration does not know somebody.
pub(super) fn note_unknown(output: &Output, person: &Owner) {
    if !person.is_known {
        let name = &person.name;
        let taken = if person.can_be_login() {
            "is taken as a login"
        } else {
            "can be no login: GitHub assigns nobody"
        };
        output.talk(&format!("note: `{name}` is in no [[people]] of the configuration, and {taken}"));
    }
}

pub(super) async fn due(app: &App, command: &Due, output: &Output) -> Result<Exit, CliError> {
    let (ids, text) = ids_and_last(&command.ids_and_date)?;
    if ids.is_empty() {
        return Err(CliError::usage("no day is named", "write `followup due CA-1 2026-05-31 --reason TEXT`"));
    }
    let on = day(text, app.clocks.today())?;
    let reason = reason_if_any(command.reason.as_deref())?;
    give(app, output, &ids, |_, _, _| Command::Due { on, reason: reason.clone() }).await
}

pub(super) async fn start(app: &App, command: &Step, output: &Output) -> Result<Exit, CliError> {
    let reason = reason_if_any(command.reason.as_deref())?;
    give(app, output, &command.ids, |_, _, _| Command::Start { reason: reason.clone() }).await
}

pub(super) async fn block(app: &App, command: &Block, output: &Output) -> Result<Exit, CliError> {
    let reason = reason(&command.reason)?;
    let by: ActionIds = command.by.iter().copied().collect();
    give(app, output, &command.ids, |_, _, _| Command::Block { reason: reason.clone(), by: by.clone() }).await
}

pub(super) async fn unblock(app: &App, command: &Step, output: &Output) -> Result<Exit, CliError> {
    let reason = reason_if_any(command.reason.as_deref())?;
    give(app, output, &command.ids, |_, _, _| Command::Unblock { reason: reason.clone() }).await
}

pub(super) async fn done(app: &App, command: &Step, output: &Output) -> Result<Exit, CliError> {
    let reason = reason_if_any(command.reason.as_deref())?;
    give(app, output, &command.ids, |_, _, _| Command::Done { reason: reason.clone() }).await
}

pub(super) async fn verify(app: &App, command: &Confirm, output: &Output) -> Result<Exit, CliError> {
    let reason = reason_if_any(command.reason.as_deref())?;
    let stamp = app.stamp();
    let by = person(app, command.by.as_deref().unwrap_or(&stamp.actor.name), "verifier")?;
    let exit = give(app, output, &command.ids, |action, _, _| {
        // The owner may stand there by another of their names.
        let owner = action.owner.as_deref().map(|owner| resolve_owner(owner, &app.config.people).name);
        let is_owner = owner.is_some_and(|owner| owner.to_lowercase() == by.name.to_lowercase());
        let by = if is_owner { action.owner.clone().unwrap_or_default() } else { by.name.clone() };
        Command::Verify { by, reason: reason.clone() }
    })
    .await?;
    if command.by.is_some() {
        note_unknown(output, &by);
    }
    Ok(exit)
}

pub(super) async fn reject(app: &App, command: &Reasoned, output: &Output) -> Result<Exit, CliError> {
    let reason = reason(&command.reason)?;
    give(app, output, &command.ids, |_, _, _| Command::Reject { reason: reason.clone() }).await
}

pub(super) async fn waive(app: &App, command: &Waive, output: &Output) -> Result<Exit, CliError> {
    let reason = reason(&command.reason)?;
    let accepted_by = person(app, &command.accepted_by, "person who accepts the risk")?;
    let today = app.clocks.today();
    let until = day(&command.until, today)?;
    let latest = app.config.policy.latest_waiver(today);
    give(app, output, &command.ids, |_, _, _| Command::Waive {
        reason: reason.clone(),
        accepted_by: accepted_by.name.clone(),
        until,
        latest,
    })
    .await
}

pub(super) async fn drop_actions(app: &App, command: &DropArgs, output: &Output) -> Result<Exit, CliError> {
    let reason = reason(&command.reason)?;
    match (command.disposition, command.duplicate_of) {
        (Disposition::Declined, _) => {
            return Err(CliError::usage(
                "an accepted action is not declined",
                "use duplicate, superseded, obsolete or not_planned; `followup decline` is for proposed actions",
            ));
        }
        (Disposition::Duplicate, None) => {
            return Err(CliError::usage(
                "a duplicate needs the action that is done instead",
                "add --duplicate-of CA-1",
            ));
        }
        (Disposition::Superseded | Disposition::Obsolete | Disposition::NotPlanned, Some(_)) => {
            return Err(CliError::usage(
                "only a duplicate has a --duplicate-of",
                "add --as duplicate, or leave it out",
            ));
        }
        (Disposition::Duplicate, Some(_))
        | (Disposition::Superseded | Disposition::Obsolete | Disposition::NotPlanned, None) => {}
    }
    give(app, output, &command.ids, |_, _, _| Command::Drop {
        disposition: command.disposition,
        reason: reason.clone(),
        duplicate_of: command.duplicate_of,
    })
    .await
}

pub(super) async fn reopen(app: &App, command: &Step, output: &Output) -> Result<Exit, CliError> {
    let reason = reason_if_any(command.reason.as_deref())?;
    give(app, output, &command.ids, |_, report, stamp| Command::Reopen {
        reason: reason.clone(),
        policy_due_on: life::policy_due_on(&app.config.policy, &app.clocks, report, stamp),
    })
    .await
}

/// The ids before the last argument, and the last argument.
fn ids_and_last(arguments: &[String]) -> Result<(Vec<ActionId>, &str), CliError> {
    let (last, ids) = arguments.split_last().unwrap_or_else(|| unreachable!("one argument is required"));
    let ids = ids
        .iter()
        .map(|id| {
            id.parse().map_err(|error: crate::action::ParseIdError| {
                CliError::usage(error.to_string(), "`followup list` shows every action")
            })
        })
        .collect::<Result<_, _>>()?;
    Ok((ids, last))
}

/// A day as people write it: `2026-05-31`, `31 May`, `in 2 weeks`, `end of June`.
pub(super) fn day(text: &str, today: NaiveDate) -> Result<NaiveDate, CliError> {
    let as_words = || {
        let context = DateContext { reference: Some(today), ..DateContext::default() };
        let resolved = incident_report::resolve_date(text, &context);
        resolved.filter(|resolved| resolved.warning.is_none()).map(|resolved| resolved.date)
    };
    let refused =
        |what| CliError::usage(format!("`{text}` {what}"), "write it as YYYY-MM-DD, as in 2026-05-31");
    let day = text.parse().ok().or_else(as_words).ok_or_else(|| refused("is not a date"))?;
    if day > LAST_DAY {
        return Err(refused("is after the year 9999"));
    }
    Ok(day)
}

fn reason(text: &str) -> Result<String, CliError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CliError::usage("the reason is empty", "say why with --reason TEXT"));
    }
    Ok(text.to_owned())
}

/// A reason that need not be given, and is one where it is.
pub(super) fn reason_if_any(text: Option<&str>) -> Result<Option<String>, CliError> {
    text.map(reason).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them_and_doubtful_ones_are_not() {
        let today = "2026-05-13".parse().unwrap();
        assert_eq!(day("2026-05-31", today).unwrap().to_string(), "2026-05-31");
        assert_eq!(day("in 2 weeks", today).unwrap().to_string(), "2026-05-27");
        for text in ["soon", "05/06/2026", "2026-02-30", ""] {
            assert_eq!(day(text, today).unwrap_err().message, format!("`{text}` is not a date"));
        }
        // Days are compared as text in the database: one with a fifth digit would come before all others.
        assert_eq!(day("9999-12-31", today).unwrap(), LAST_DAY);
        assert_eq!(day("+10000-01-01", today).unwrap_err().message, "`+10000-01-01` is after the year 9999");
    }
}
