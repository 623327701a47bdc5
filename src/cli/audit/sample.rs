//! `followup audit sample`: some actions, drawn so that somebody else can draw the same.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{
    super::{
        App, CliError, Exit,
        args::{RowFormat, Sample},
        history,
        output::Output,
        table,
    },
    as_of, period,
};
use crate::{
    action::ActionId,
    audit::{self, Past, Population},
    sheet,
    store::Access,
};

pub(super) async fn run(app: &App, command: &Sample, output: &Output) -> Result<Exit, CliError> {
    let (since, before) = period(app, command.since, command.until)?;
    let as_of = as_of(app, command.as_of)?;
    let moment = as_of.map_or_else(|| app.clocks.now(), |as_of| as_of.moment);
    let population = Population {
        states: command.state.clone(),
        severities: command.severity.clone(),
        dated: command.dated,
        since,
        before,
    };
    let store = app.store(Access::Read).await?;
    let past = Past::read(&mut store.read().await?, as_of, &mut |_, _, _| Ok(())).await?;
    // One that nobody chose, and that the same history gives again.
    let seed = command.seed.clone().unwrap_or_else(|| past.end.head[..16].to_owned());
    let sample = audit::sample(&past, &population, &seed, command.n as usize);
    let ids: Vec<ActionId> = sample.drawn.iter().map(|drawn| drawn.id).collect();
    let rows = audit::rows(&past, &app.clocks, moment, &ids);
    match command.format {
        RowFormat::Json => {
            let mut actions = Vec::new();
            for (row, drawn) in rows.iter().zip(&sample.drawn) {
                let mut document = row.json();
                document.insert("sha256".to_owned(), json!(drawn.sha256));
                actions.push(Value::Object(document));
            }
            output.json(&json!({
                "seed": sample.seed,
                "drawn_by": "the smallest SHA-256 of SEED:ID",
                "population": sample.population,
                "filter": population,
                "as_of": as_of.map(|as_of| as_of.moment),
                "checkpoint": past.end,
                "actions": actions,
            }))?;
        }
        RowFormat::Csv => {
            let columns: Vec<Cow<'_, str>> =
                audit::columns().into_iter().chain(["sha256"]).map(Cow::Borrowed).collect();
            let lines = rows.iter().zip(&sample.drawn).map(|(row, drawn)| {
                row.plain().into_iter().chain([drawn.sha256.clone()]).map(Cow::Owned).collect()
            });
            output.text(&sheet::csv([columns].into_iter().chain(lines)))?;
        }
        RowFormat::Human => {
            const SHOWN: [&str; 7] = ["id", "state", "severity", "accepted_at", "done_at", "owner", "title"];
            let day = |cell: String| cell.split('T').next().unwrap_or_default().to_owned();
            let lines = rows.iter().map(|row| {
                let cells = SHOWN.iter().map(|name| {
                    let cell = row.cell(name);
                    let cell = if name.ends_with("_at") { day(cell) } else { cell };
                    if cell.is_empty() { "–".to_owned() } else { cell }
                });
                cells.collect()
            });
            if !rows.is_empty() {
                let headings = ["id", "state", "severity", "accepted", "done", "owner", "title"];
                output.text(&table::plain(headings, lines))?;
            }
            let as_of = as_of
                .map(|as_of| format!(", as known at {}", history::time(as_of.moment)))
                .unwrap_or_default();
            output.talk(&format!(
                "{} of {}{as_of}, drawn with the seed {}",
                sample.drawn.len(),
                table::count(sample.population, "action"),
                sample.seed
            ));
            output.talk(
                "Drawn are those with the smallest SHA-256 of SEED:ID, so anybody can draw them again.",
            );
        }
    }
    if sample.population < command.n as usize {
        output.talk(&format!("note: there are no {}; these are all", command.n));
    }
    Ok(Exit::Fine)
}
