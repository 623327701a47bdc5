//! `followup audit verify`: whether the history holds, and says what the tables say.

use super::super::{App, CliError, Exit, args::Verify, output::Output, table};
use crate::{
    audit::{self, Verdict},
    store::Access,
};

pub(super) async fn verify(app: &App, command: &Verify, output: &Output) -> Result<Exit, CliError> {
    let mut known = command.checkpoint.clone();
    if let Some(file) = &command.checkpoints {
        known.extend(super::checkpoint::kept_in(&app.folder.join(file))?);
    }
    let store = app.store(Access::Read).await?;
    let verdict = audit::verify(&mut store.read().await?, &known).await?;
    if output.is_json() {
        output.json(&verdict)?;
    } else {
        output.text(&page(&verdict, known.len()))?;
    }
    Ok(if verdict.ok { Exit::Fine } else { Exit::CheckFailed })
}

fn page(verdict: &Verdict, checkpoints: usize) -> String {
    let bold = anstyle::Style::new().bold();
    let red = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    let number = |count: i64, thing: &str| table::count(usize::try_from(count).unwrap_or(0), thing);
    let mut lines = Vec::new();
    let events = number(verdict.events, "event");
    match &verdict.first_bad {
        Some(bad) => {
            lines.push(format!("{red}The history does not hold{red:#}: event {}: {}", bad.event, bad.why));
            lines.push(format!("{events} are there; those before event {} are what was written", bad.event));
            lines.push("→ restore the newest backup for which `followup audit verify` is fine, and keep this file as proof".to_owned());
        }
        None => {
            let held = match checkpoints {
                0 => String::new(),
                _ => format!(", {} too", table::count(checkpoints, "checkpoint")),
            };
            lines.push(format!("{bold}The history holds{bold:#}: {events}{held}, up to {}", verdict.head));
        }
    }
    for found in &verdict.differences {
        let value = found.table.as_str().map_or_else(|| found.table.to_string(), str::to_owned);
        lines.push(format!(
            "{red}{}{red:#}: the table has {} = {value}: {}",
            found.id, found.column, found.why
        ));
    }
    if !verdict.differences.is_empty() {
        let how_many = table::count(verdict.differences.len(), "difference");
        let more =
            if verdict.differences.len() == audit::MOST_DIFFERENCES { ", and perhaps more" } else { "" };
        lines.push(format!("{how_many} between the tables and the history{more}"));
        lines.push("→ restore the newest backup for which `followup audit verify` is fine, and keep this file as proof".to_owned());
    }
    let marked = [
        (verdict.declared, "by somebody who only said who they are"),
        (verdict.fixed_clock, "under a fixed clock"),
    ];
    for (count, how) in marked.into_iter().filter(|(count, _)| *count > 0) {
        lines.push(format!("{} {how}", number(count, "event")));
    }
    if verdict.erased > 0 {
        lines.push(format!("{} erased, as the history says", number(verdict.erased, "text")));
    }
    lines.join("\n")
}
