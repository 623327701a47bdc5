//! `followup disclose`: what a person decides about texts that are not for everybody. Offline.

use super::{App, CliError, Exit, args::Disclose, output::Output, table};
use crate::{
    action::{Disclosed, Sensitive, Subject},
    store::{Access, Store},
    sync::{self, Disclosing},
};

pub(super) async fn run(app: &App, command: &Disclose, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    let subjects = subjects(&store, command).await?;
    let decision = if command.redacted { Disclosed::Redacted } else { Disclosed::AsWritten };
    let reason = command.reason.as_deref();
    let decided =
        sync::disclose(&store, &app.stamp(), &app.config.publish, &subjects, decision, reason).await?;
    if output.is_json() {
        output.json(&decided)?;
    } else {
        let lines: Vec<String> = decided.iter().map(line).collect();
        output.text(&lines.join("\n"))?;
        if decided.iter().any(|one| one.changed) {
            output.talk("next: `followup publish` goes on with it");
        }
    }
    Ok(Exit::Fine)
}

/// What was named; of a report with `--report`, itself and all of its actions.
async fn subjects(store: &Store, command: &Disclose) -> Result<Vec<Subject>, CliError> {
    let mut subjects = command.ids.clone();
    if let Some(report) = command.report {
        let mut snapshot = store.read().await?;
        subjects.push(Subject::Report(snapshot.report(report).await?.id));
        subjects
            .extend(snapshot.actions_of(report).await?.into_iter().map(|action| Subject::Action(action.id)));
    }
    Ok(subjects)
}

fn line(one: &Disclosing) -> String {
    let texts: Vec<String> = one.texts.iter().map(|counted| many(counted.class, counted.count)).collect();
    let what = match (one.texts.is_empty(), one.changed, one.decision) {
        (true, _, _) => "nothing in its text looks like it is not for everybody".to_owned(),
        (false, true, Disclosed::Redacted) => format!("{} to be redacted", texts.join(", ")),
        (false, true, Disclosed::AsWritten) => format!("{} to be published as written", texts.join(", ")),
        (false, false, _) => format!("{}: decided so already", texts.join(", ")),
    };
    format!("{:<6} {what}", one.id)
}

/// So many texts of a class, in words.
pub(super) fn many(class: Sensitive, count: usize) -> String {
    table::count(
        count,
        match class {
            Sensitive::Secret => "secret",
            Sensitive::Email if count == 1 => return "1 e-mail address".to_owned(),
            Sensitive::Email => return format!("{count} e-mail addresses"),
            Sensitive::PrivateAddress if count == 1 => return "1 private address".to_owned(),
            Sensitive::PrivateAddress => return format!("{count} private addresses"),
        },
    )
}
