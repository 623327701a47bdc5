//! `followup show`: one action, where it came from, and everything that happened to it.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{
    App, CliError, Exit,
    args::Show,
    history::{self, Before, quoted},
    output::Output,
    table,
};
use crate::{
    action::{Action, ActionId, Deadline, Field},
    intake::Reference,
    store::{Access, AskedBy, Breach, EventFilter, Evidence, LoggedEvent, Snapshot},
    sync,
    view::ActionView,
};

pub(super) async fn run(app: &App, command: &Show, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Read).await?;
    let mut snapshot = store.read().await?;
    let action = snapshot.action(command.id).await?;
    let listed = snapshot.listed(command.id).await?;
    let view = ActionView::new(listed, &app.clocks, app.clocks.today());
    let history = snapshot.log_about(&EventFilter::default(), &command.id.to_string()).await?;
    let evidence = snapshot.evidence_of(command.id).await?;
    let related = Related::read(&mut snapshot, &action).await?;
    if output.is_json() {
        output.json(&document(&view, &action, &related, &evidence, &history)?)?;
    } else {
        output.text(&page(&view, &action, &related, &evidence, &history))?;
    }
    Ok(Exit::Fine)
}

/// What an action has to do with others.
struct Related {
    /// Further reports that ask for it.
    reports: Vec<AskedBy>,
    /// The deadlines of it that were missed.
    breaches: Vec<Breach>,
    /// The actions that it waits for.
    blocked_by: Vec<Action>,
    /// The actions that are done with it.
    duplicates: Vec<ActionId>,
    /// The parts that became actions of their own.
    parts: Vec<ActionId>,
}

impl Related {
    async fn read(snapshot: &mut Snapshot, action: &Action) -> Result<Self, CliError> {
        let mut blocked_by = Vec::new();
        for id in action.blocked_by.iter() {
            blocked_by.push(snapshot.action(id).await?);
        }
        Ok(Self {
            reports: snapshot.further_reports_of(action.id).await?,
            breaches: snapshot.breaches_of(action.id).await?,
            blocked_by,
            duplicates: snapshot.duplicates_of(action.id).await?,
            parts: snapshot.parts_of(action.id).await?,
        })
    }
}

/// Ids, in one line.
fn listed(ids: impl IntoIterator<Item = ActionId>) -> Option<String> {
    let line = ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
    (!line.is_empty()).then_some(line)
}

fn document(
    view: &ActionView,
    action: &Action,
    related: &Related,
    evidence: &[Evidence],
    history: &[LoggedEvent],
) -> Result<Value, CliError> {
    let report = |report: &AskedBy| json!({ "id": report.report_id, "title": report.title });
    let bug = |error: serde_json::Error| CliError::bug(format!("cannot write JSON: {error}"));
    let Value::Object(mut document) = serde_json::to_value(view).map_err(bug)? else {
        return Err(CliError::bug("an action is not an object"));
    };
    for (name, value) in [
        ("corrected", json!(view.corrected)),
        ("tracked_in", json!(view.tracked_in)),
        ("description", json!(action.description)),
        ("text", json!(action.text)),
        ("quote", json!(action.quote)),
        ("section", json!(action.section)),
        ("line", json!(action.line)),
        ("owner_text", json!(action.owner_text)),
        ("due_text", json!(action.due_text)),
        ("policy_due_on", json!(action.policy_due_on)),
        ("added", json!(action.added)),
        ("split_from", json!(action.split_from)),
        ("parts", json!(related.parts)),
        ("duplicate_of", json!(action.duplicate_of)),
        ("duplicates", json!(related.duplicates)),
        ("blocked_by", json!(action.blocked_by.iter().collect::<Vec<_>>())),
        ("further_reports", related.reports.iter().map(report).collect()),
        ("waived_until", json!(action.waived_until)),
        ("waived_by", json!(action.waived_by)),
        ("waiver_reason", json!(action.waiver_reason)),
        (
            "breaches",
            related
                .breaches
                .iter()
                .map(|breach| json!({ "deadline": breach.deadline, "due_on": breach.due_on }))
                .collect(),
        ),
        ("assign_by", json!(action.assign_by)),
        ("effectiveness_on", json!(action.effectiveness_on)),
        ("effectiveness_reviews", json!(action.effectiveness_reviews)),
        ("accepted_at", json!(action.accepted_at)),
        ("updated_at", json!(action.updated_at)),
        ("evidence", json!(evidence)),
    ] {
        document.insert(name.to_owned(), value);
    }
    let events = history.iter().map(history::document).collect::<Result<_, _>>()?;
    document.insert("events".to_owned(), Value::Array(events));
    Ok(Value::Object(document))
}

fn page(
    view: &ActionView,
    action: &Action,
    related: &Related,
    evidence: &[Evidence],
    history: &[LoggedEvent],
) -> String {
    let bold = anstyle::Style::new().bold();
    let red = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    let dim = anstyle::Style::new().dimmed();
    let late = if view.overdue {
        format!("{} late", table::count(usize::try_from(view.days_overdue).unwrap_or(0), "day"))
    } else {
        String::new()
    };
    let mut due = vec![view.due_on.map_or("–".to_owned(), |day| day.to_string())];
    if view.due_moves > 0 {
        due.push(format!("moved {}×", view.due_moves));
        due.extend(view.original_due_on.map(|day| format!("first {day}")));
    }
    if view.overdue {
        due.push(late.clone());
    }
    let disposition = view.disposition.map(|disposition| format!(" as {disposition}")).unwrap_or_default();
    let duplicate_of = action.duplicate_of.map(|other| format!(" of {other}")).unwrap_or_default();
    let section = action.section.as_deref().map(|section| format!(", “{section}”")).unwrap_or_default();
    let issue = view.issue.as_ref().map_or("not published".to_owned(), |issue| {
        let reason = issue.state_reason.as_deref().map(|reason| format!(", {reason}")).unwrap_or_default();
        format!("{} ({}{reason})", issue.url, issue.state)
    });
    let waiver = action.waived_until.map(|until| {
        let by = action.waived_by.as_deref().unwrap_or("nobody known");
        let reason = quoted(action.waiver_reason.as_deref());
        format!("until {until}, the risk accepted by {by}: {reason}")
    });
    let waits_for = related.blocked_by.iter().map(|other| format!("{} ({})", other.id, other.state));
    let waits_for = waits_for.collect::<Vec<_>>().join(", ");
    let missed = related.breaches.iter().map(|breach| match breach.deadline {
        Deadline::Complete => breach.due_on.to_string(),
        Deadline::Assign => format!("{} (to have an owner)", breach.due_on),
    });
    let missed = missed.collect::<Vec<_>>().join(", ");
    let further = related.reports.iter().map(|report| format!("{} {}", report.report_id, report.title));
    let further = further.collect::<Vec<_>>().join(", ");
    let place = match action.added {
        true => " (added by hand)".to_owned(),
        false => format!("{section}, line {}", action.line),
    };
    let facts = table::facts([
        ("state", Some(format!("{}{disposition}{duplicate_of}", view.state))),
        ("waived", waiver),
        ("waits for", (!waits_for.is_empty()).then_some(waits_for)),
        ("due", Some(due.join(", "))),
        ("missed", (!missed.is_empty()).then_some(missed)),
        ("owner", Some(view.owner.clone().unwrap_or_else(|| "nobody".to_owned()))),
        ("verifier", view.verifier.clone()),
        ("team", view.team.clone()),
        (
            "category",
            Some(format!(
                "{} · {} · {} priority · {}",
                view.category, view.kind, view.priority, view.severity
            )),
        ),
        (
            "corrected",
            (!view.corrected.is_empty()).then(|| {
                let fields: Vec<&str> = view.corrected.iter().map(|field| field.as_str()).collect();
                format!("{} (set by people; the report does not change it)", fields.join(", "))
            }),
        ),
        (
            "flags",
            (!view.flags.is_empty())
                .then(|| view.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(", ")),
        ),
        ("issue", Some(issue)),
        ("tracked in", view.tracked_in.as_ref().map(|named| tracked_in(view, named, history))),
        ("report", Some(format!("{} {}{place}", view.report.id, view.report.title))),
        ("also for", (!further.is_empty()).then_some(further)),
        ("part of", action.split_from.map(|whole| whole.to_string())),
        ("parts", listed(related.parts.iter().copied())),
        ("stands for", listed(related.duplicates.iter().copied())),
    ]);
    let facts = if view.overdue { facts.replacen(&late, &format!("{red}{late}{red:#}"), 1) } else { facts };
    let mut page = format!("{bold}{} {}{bold:#}\n{facts}\n", view.id, view.title);
    if let Some(description) = &action.description {
        page.push_str(&format!("\n{}\n", table::paragraph(0, description)));
    }
    if !action.quote.is_empty() {
        page.push_str(&format!("\n{dim}As the report says it:{dim:#}\n"));
    }
    for line in action.quote.lines() {
        page.push_str(&format!("  > {line}\n"));
    }
    if !evidence.is_empty() {
        page.push_str(&format!("\n{bold}Evidence{bold:#}\n"));
    }
    for item in evidence {
        let day = item.dated_on.map(|day| format!(", {day}")).unwrap_or_default();
        let note = item.note.as_deref().map(|note| format!(": {}", quoted(Some(note)))).unwrap_or_default();
        page.push_str(&format!(
            "  {:<12} {}{note} {dim}(by {}{day}){dim:#}\n",
            item.kind, item.url, item.added_by
        ));
    }
    page.push_str(&format!("\n{bold}History{bold:#}\n"));
    let mut before = Before::default();
    for entry in history {
        let time = entry.event.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        page.push_str(&format!(
            "  {dim}{time}{dim:#} {:<18} by {}{}\n",
            entry.event.kind,
            entry.event.actor,
            history::told(entry, Some(&mut before))
        ));
    }
    page
}

/// The issue that the report names, and what becomes of that.
fn tracked_in(view: &ActionView, named: &str, history: &[LoggedEvent]) -> String {
    let refused = history.iter().find(|entry| sync::is_refusal(&entry.event, Some(named)));
    let then = match (Reference::parse(named), &view.issue) {
        (_, Some(_)) => "",
        _ if view.corrected.contains(&Field::Issue) => "; a person decided otherwise",
        (Some(Reference::Issue { .. }), None) if refused.is_some() => {
            "; there was no such issue when it was looked up"
        }
        (Some(Reference::Issue { .. }), None) => "; `followup publish` links it where it is in this tracker",
        (Some(Reference::Key(_) | Reference::Address(_)) | None, None) => "; nothing is asked there",
    };
    format!("{named}, as the report says{then}")
}
