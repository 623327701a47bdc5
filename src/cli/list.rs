//! `followup list`: every action that the filters leave, in the order of their numbers.

use super::{App, CliError, Exit, args::List, category, output::Output, table};
use crate::{action::Category, store::Access, view};

pub(super) async fn run(app: &App, command: &List, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Read).await?;
    let mut snapshot = store.read().await?;
    if let Some(id) = command.report {
        snapshot.report(id).await?;
    }
    let mut listed = snapshot.list().await?;
    let is_empty = listed.is_empty();
    let category = command
        .category
        .as_deref()
        .map(|name| {
            let used: Vec<&Category> = listed.iter().map(|action| &action.category).collect();
            category::known(app, name, &used)
        })
        .transpose()?;
    let same = |left: &Option<String>, right: &str| {
        left.as_ref().is_some_and(|left| left.eq_ignore_ascii_case(right))
    };
    let owner =
        command.owner.as_deref().map(|owner| crate::intake::resolve_owner(owner, &app.config.people).name);
    listed.retain(|action| {
        (command.state.is_empty() || command.state.contains(&action.state))
            && owner.as_deref().is_none_or(|owner| same(&action.owner, owner))
            && command.team.as_deref().is_none_or(|team| same(&action.team, team))
            && command.report.is_none_or(|report| action.report_id == report)
            && category.as_ref().is_none_or(|category| action.category == *category)
            && command.severity.is_none_or(|severity| action.severity == severity)
            && (!command.unassigned || action.owner.is_none())
    });
    let mut views = view::views(listed, &app.clocks, app.clocks.today());
    views.retain(|view| !command.overdue || view.overdue);
    let none = if is_empty {
        "there is no action yet; `followup import REPORT` brings some in"
    } else {
        "no action matches; `followup list` without filters shows every one"
    };
    table::print(output, command.format, &[(None, views)], none)?;
    Ok(Exit::Fine)
}
