//! `followup overdue`: what is late, worst first.

use std::collections::BTreeMap;

use super::{
    App, CliError, Exit,
    args::{GroupBy, ListFormat, Overdue},
    output::Output,
    table,
};
use crate::{
    store::Access,
    view::{self, ActionView},
};

pub(super) async fn run(app: &App, command: &Overdue, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Read).await?;
    let mut snapshot = store.read().await?;
    let today = command.as_of.unwrap_or_else(|| app.clocks.today());
    let listed = snapshot.overdue(today).await?;
    let views = view::views(listed, &app.clocks, today);
    let count = views.len();
    let groups = match command.by {
        None => vec![(None, views)],
        Some(by) => grouped(views, by),
    };
    table::print(output, command.format, &groups, &format!("nothing is overdue on {today}"))?;
    if command.format == ListFormat::Human && count > 0 {
        output.talk(&format!("{} overdue on {today}", table::count(count, "action")));
    }
    Ok(if command.fail && count > 0 { Exit::CheckFailed } else { Exit::Fine })
}

/// The groups, the one with the worst action first; within each, worst first.
fn grouped(views: Vec<ActionView>, by: GroupBy) -> Vec<(Option<String>, Vec<ActionView>)> {
    let name = |view: &ActionView| match by {
        GroupBy::Owner => view.owner.clone().unwrap_or_else(|| "nobody".to_owned()),
        GroupBy::Team => view.team.clone().unwrap_or_else(|| "no team".to_owned()),
        GroupBy::Report => format!("{} {}", view.report.id, view.report.title),
        GroupBy::Category => view.category.to_string(),
    };
    let mut groups: BTreeMap<String, Vec<ActionView>> = BTreeMap::new();
    for view in views {
        groups.entry(name(&view)).or_default().push(view);
    }
    let mut groups: Vec<_> = groups.into_iter().map(|(name, views)| (Some(name), views)).collect();
    groups.sort_by_key(|(_, views)| std::cmp::Reverse(views.iter().map(|view| view.days_overdue).max()));
    groups
}
