//! `followup audit metrics`: how well what reports promised is kept.

use super::{
    super::{App, CliError, Exit, args::Measure, history, output::Output, table},
    as_of,
};
use crate::{
    audit::{self, Because, Metrics, Past, Share},
    store::Access,
};

pub(super) async fn run(app: &App, command: &Measure, output: &Output) -> Result<Exit, CliError> {
    let as_of = as_of(app, command.as_of)?;
    let moment = as_of.map_or_else(|| app.clocks.now(), |as_of| as_of.moment);
    let store = app.store(Access::Read).await?;
    let past = Past::read(&mut store.read().await?, as_of, &mut |_, _, _| Ok(())).await?;
    let metrics = audit::metrics(&past, &app.clocks, moment, as_of.map(|as_of| as_of.moment));
    if output.is_json() {
        output.json(&metrics)?;
    } else {
        output.text(&page(&metrics))?;
    }
    Ok(Exit::Fine)
}

fn share(share: Share) -> String {
    format!("{} of {}", share.n, share.of)
}

fn page(metrics: &Metrics) -> String {
    let bold = anstyle::Style::new().bold();
    let known =
        metrics.as_of.map(|moment| format!(", as known at {}", history::time(moment))).unwrap_or_default();
    let states = metrics.states.iter().filter(|(_, count)| **count > 0);
    let states: Vec<String> = states.map(|(state, count)| format!("{count} {state}")).collect();
    let mut parts = vec![format!(
        "{bold}On {}{bold:#}{known}: {}",
        metrics.on,
        if states.is_empty() { "no action yet".to_owned() } else { states.join(", ") }
    )];
    if !metrics.within_policy.is_empty() {
        let rows = metrics
            .within_policy
            .iter()
            .map(|kept| vec![kept.quarter.clone(), kept.severity.to_string(), share(kept.within_policy)]);
        let rows = table::plain(["quarter", "severity", "in time"], rows);
        parts.push(format!("{bold}Done by the day that the policy set{bold:#}\n{rows}"));
    }
    let paces = metrics.days_to_done.iter().filter_map(|pace| {
        let severity = pace.severity.map_or("all".to_owned(), |severity| severity.to_string());
        Some(vec![severity, pace.done.to_string(), pace.median_days?.to_string()])
    });
    let paces: Vec<Vec<String>> = paces.collect();
    if !paces.is_empty() {
        let rows = table::plain(["severity", "done", "median days"], paces);
        parts.push(format!("{bold}From acceptance to the end of the work{bold:#}\n{rows}"));
    }
    let ageing = metrics.overdue;
    let (finished, moved) = (metrics.finished, metrics.moved);
    let facts = table::facts([
        (
            "overdue",
            Some(format!(
                "{} for 1–7 days, {} for 8–30, {} for 31–90, {} for longer",
                ageing.days_1_to_7, ageing.days_8_to_30, ageing.days_31_to_90, ageing.days_over_90
            )),
        ),
        ("verified", Some(format!("{} finished", share(finished.verified)))),
        (
            "by another",
            Some(format!("{} verified, by somebody other than the owner", share(finished.by_another))),
        ),
        ("evidence", Some(format!("{} finished", share(finished.with_evidence)))),
        ("moved", Some(format!("{} with a day, {}", share(moved.actions), moves(moved.moves)))),
    ]);
    parts.push(facts.trim_end().to_owned());
    if !metrics.waived.is_empty() {
        let lines: Vec<String> = metrics
            .waived
            .iter()
            .map(|waiver| {
                let until = waiver.until.map(|day| format!(" until {day}")).unwrap_or_default();
                let by = waiver.accepted_by.as_deref().unwrap_or("erased");
                format!(
                    "  {}{until}, accepted by {by}: {}",
                    waiver.id,
                    history::quoted(waiver.reason.as_deref())
                )
            })
            .collect();
        parts.push(format!("{bold}Waived{bold:#}\n{}", lines.join("\n")));
    }
    if !metrics.repeats.is_empty() {
        let lines: Vec<String> = metrics
            .repeats
            .iter()
            .map(|repeat| {
                let open: Vec<String> = repeat.open.iter().map(ToString::to_string).collect();
                let because = match repeat.because {
                    Because::SameAction => "both ask for it",
                    Because::SameRootCause => "the same root cause",
                };
                format!(
                    "  {} on {} after {}, with {} open ({because})",
                    repeat.report,
                    repeat.on,
                    repeat.earlier,
                    open.join(", ")
                )
            })
            .collect();
        parts.push(format!("{bold}Came again while work was open{bold:#}\n{}", lines.join("\n")));
    }
    parts.join("\n\n")
}

fn moves(count: i64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
