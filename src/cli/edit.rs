//! `followup edit`: a person corrects what was read, and no revision of the report takes it back.

use super::{App, CliError, Exit, args, category, life, output::Output};
use crate::{
    action::{Command, Edit},
    life::Outcome,
    view::ActionView,
};

/// As long as a title in the tracker can be.
const LONGEST_TITLE: usize = 250;

pub(super) async fn run(app: &App, command: &args::Edit, output: &Output) -> Result<Exit, CliError> {
    let edit = Edit {
        title: command.title.as_deref().map(title).transpose()?,
        description: command.description.as_deref().map(|text| text.trim().to_owned()),
        category: command.category.as_deref().map(|name| category::known(app, name, &[])).transpose()?,
        kind: command.kind,
        priority: command.priority,
    };
    if edit.is_empty() {
        return Err(CliError::usage(
            "nothing is to be corrected",
            "add --title, --description, --category, --kind or --priority; owners and days have `followup assign` and \
             `followup due`",
        ));
    }
    if command.ids.len() > 1 && (edit.title.is_some() || edit.description.is_some()) {
        return Err(CliError::usage(
            "several actions cannot have the same title or description",
            "correct them one by one; --category, --kind and --priority take several",
        ));
    }
    life::give_and_tell(app, output, &command.ids, |_, _, _| Command::Edit(edit.clone()), line).await
}

/// What an action is now, as far as it can be corrected.
fn line(view: &ActionView, outcome: &Outcome) -> String {
    let as_before = if outcome.changed { "" } else { " (as before)" };
    format!(
        "{}  {} · {} · {} priority{as_before}: {}",
        view.id, view.category, view.kind, view.priority, view.title
    )
}

/// A title that fits into the tracker, on one line.
pub(super) fn title(text: &str) -> Result<String, CliError> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return Err(CliError::usage("the title is empty", "say what has to be done, in one line"));
    }
    let length = line.chars().count();
    if length > LONGEST_TITLE {
        return Err(CliError::usage(
            format!("the title has {length} characters, and an issue's title holds {LONGEST_TITLE}"),
            "shorten it, and explain the rest with --description",
        ));
    }
    Ok(line)
}
