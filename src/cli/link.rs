//! `followup link` and `followup unlink`: an action and the issue that is there already.

use super::{
    App, CliError, Exit,
    args::{Link, Unlink},
    life,
    output::Output,
};
use crate::{
    action::{ActionId, ReportId, Subject},
    intake::Reference,
    life::Outcome,
    store::{Access, Store},
    sync::{self, LinkError, Linked, Unlinkable, Unlinked},
    view::{self, ActionView},
};

pub(super) async fn link(app: &App, command: &Link, output: &Output) -> Result<Exit, CliError> {
    let store = app.store(Access::Write).await?;
    if let Some(report) = report(&command.issue) {
        let outcome = crate::life::add_report(&store, &app.stamp(), command.id, report).await?;
        return life::print(app, output, &store, &[outcome], asked_by).await;
    }
    let reference = issue(&command.issue)?;
    let engine = app.engine(&store).await?;
    let linked = engine.link(command.id, &reference).await.map_err(|error| match error {
        // What cannot be is told about the issue as it was typed: its address may be that of a pull request.
        LinkError::Unlinkable(Unlinkable::Foreign { host, .. }) => {
            Unlinkable::Foreign { reference: command.issue.trim().to_owned(), host }.into()
        }
        error => error,
    })?;
    drop(engine);
    let view = view_of(app, &store, command.id).await?;
    if output.is_json() {
        output.json(&[view])?;
    } else {
        output.text(&page(&view, &linked))?;
    }
    if let Some(from) = &linked.moved_from {
        output.talk(&format!("note: {from} was moved to {}", place(&linked)));
    }
    for note in &linked.notes {
        output.talk(&format!("note: {note}"));
    }
    if let Some(why) = &linked.waiting {
        output.talk(&format!("note: the issue does not show it yet ({why}); `followup sync` goes on"));
    }
    Ok(Exit::Fine)
}

pub(super) async fn unlink(app: &App, command: &Unlink, output: &Output) -> Result<Exit, CliError> {
    let reason = life::reason_if_any(command.reason.as_deref())?;
    let store = app.store(Access::Write).await?;
    let id = match (command.id, command.report) {
        (Subject::Action(id), Some(report)) => {
            let outcome = crate::life::remove_report(&store, &app.stamp(), id, report).await?;
            return life::print(app, output, &store, &[outcome], asked_by).await;
        }
        (Subject::Report(_), Some(_)) => {
            return Err(CliError::usage(
                "a report is not taken off a report",
                "name an action first, as CA-42",
            ));
        }
        (Subject::Action(id), None) => id,
        (Subject::Report(id), None) => {
            let issues = sync::unlink_parent(&store, &app.stamp(), id, reason.as_deref()).await?;
            return parent_page(id, &issues, output);
        }
    };
    let unlinked = sync::unlink(&store, &app.stamp(), id, reason.as_deref()).await?;
    let view = view_of(app, &store, id).await?;
    let (what, next) = match &unlinked {
        Unlinked::Issue(issue) => (
            format!("taken off {issue}, which stays as it is"),
            Some("the next `followup sync` takes the mark out of its text".to_owned()),
        ),
        Unlinked::Named(issue) => (format!("not linked to {issue}, which its report names"), None),
        Unlinked::AsBefore => ("without an issue (as before)".to_owned(), None),
    };
    if output.is_json() {
        output.json(&[&view])?;
    } else {
        output.text(&format!("{}  {}, {what}: {}", view.id, view.state, view.title))?;
    }
    if unlinked == Unlinked::AsBefore {
        return Ok(Exit::Fine);
    }
    if let Some(next) = next {
        output.talk(&format!("note: {next}"));
    }
    if view.state.is_active() {
        output.talk(
            "next: `followup publish` makes it an issue of its own, `followup link` ties it to another",
        );
    }
    Ok(Exit::Fine)
}

/// A report as people name one; a number alone is an issue's.
fn report(text: &str) -> Option<ReportId> {
    text.contains('-').then(|| text.parse().ok()).flatten()
}

/// What became of an action and a further report.
fn asked_by(view: &ActionView, outcome: &Outcome) -> String {
    let as_before = if outcome.changed { "" } else { " (as before)" };
    format!(
        "{}  {}{as_before}: {}; `followup show {}` has its reports",
        view.id, view.state, view.title, view.id
    )
}

/// The parent issues that a report was taken off.
fn parent_page(id: ReportId, issues: &[String], output: &Output) -> Result<Exit, CliError> {
    if output.is_json() {
        output.json(&serde_json::json!({ "id": id, "unlinked": issues }))?;
        return Ok(Exit::Fine);
    }
    if issues.is_empty() {
        output.text(&format!("{id}  has no parent issue (as before)"))?;
        return Ok(Exit::Fine);
    }
    output.text(&format!("{id}  taken off {}", issues.join(", ")))?;
    output
        .talk("next: when more of its actions are published, `followup publish` makes another parent issue");
    Ok(Exit::Fine)
}

/// What was tied, and what the action took over.
fn page(view: &ActionView, linked: &Linked) -> String {
    let as_before = if linked.as_before { " (as before)" } else { "" };
    let mut page =
        format!("{}  {}, linked to {}{as_before}: {}", view.id, view.state, place(linked), view.title);
    if let Some(title) = &linked.line.issue_title {
        page.push_str(&format!("\n      the issue is “{title}”"));
    }
    for what in &linked.line.what {
        page.push_str(&format!("\n      {what}"));
    }
    page
}

fn place(linked: &Linked) -> String {
    format!("{}#{}", linked.line.issue.repo, linked.line.issue.number.unwrap_or_default())
}

async fn view_of(app: &App, store: &Store, id: ActionId) -> Result<ActionView, CliError> {
    let listed = store.read().await?.listed(id).await?;
    let mut views = view::views(vec![listed], &app.clocks, app.clocks.today());
    views.pop().ok_or_else(|| CliError::bug(format!("{id} has no view")))
}

/// An issue as people write it: `#12`, `acme/platform#12`, its address, or as a source.
pub(super) fn issue(text: &str) -> Result<Reference, CliError> {
    let plain = text.trim().strip_prefix("github:").unwrap_or(text.trim());
    let plain =
        if plain.bytes().all(|byte| byte.is_ascii_digit()) { format!("#{plain}") } else { plain.to_owned() };
    Reference::parse(&plain).ok_or_else(|| {
        CliError::usage(
            format!("`{text}` is not an issue"),
            "write it as #12, as OWNER/NAME#12, or as its address",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_read_as_people_write_them() {
        for (text, expected) in [
            ("12", "#12"),
            ("#12", "#12"),
            ("acme/platform#12", "acme/platform#12"),
            ("github:acme/platform#12", "acme/platform#12"),
            ("https://github.com/acme/platform/issues/12", "https://github.com/acme/platform/issues/12"),
        ] {
            assert_eq!(issue(text).unwrap().to_string(), expected);
        }
        for text in ["", "the one of last week", "#0", "12a"] {
            assert_eq!(issue(text).unwrap_err().message, format!("`{text}` is not an issue"));
        }
    }
}
