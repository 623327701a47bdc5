//! How an action and its issue stand to each other, and what happens next: from the database alone.
//!
//! Invariant: nothing is asked, written or sent; what is said of the issue is what the last look told.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    agreed::{Agreed, Wanted},
    conflicts,
    engine::{About, Engine, SyncError},
    governor,
    missing::gone,
    shown::Finding,
    summary::{IssueLine, Pending},
};
use crate::{
    action::{State, Subject},
    store::{EventRow, Link, LinkStatus, OutboxKind, OutboxRow, OutboxState, Snapshot},
};

/// Something that has to be sent, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Queued {
    /// `create`, `update`, `settle` or `answer`.
    pub kind: &'static str,
    /// `pending`, `sending`, `unknown`, `done` or `needs_human`.
    pub state: &'static str,
    /// How often it was sent.
    pub attempts: i64,
    /// When it was sent first, on the tracker's clock.
    pub first_sent_at: Option<DateTime<Utc>>,
    /// Before when it is not sent, or not looked for.
    pub not_before: Option<DateTime<Utc>>,
    /// How many complete lists since the last attempt did not show it.
    pub scans: i64,
    /// Why it is not done.
    pub why: Option<String>,
    /// The tracker's id of the last request, for its support.
    pub request_id: Option<String>,
}

/// A field of which both sides have a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// `title`, `owner` or `state`.
    pub field: &'static str,
    /// What the issue should show.
    pub ours: Option<String>,
    /// What it showed when both sides agreed last.
    pub agreed: Option<String>,
    /// Whether ours is still to be sent.
    pub is_to_be_sent: bool,
}

/// How an action, or the parent of a report, and its issue stand to each other.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// `CA-42` or `IR-7`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The state of the action; nothing for a parent.
    pub state: Option<State>,
    /// Its issue, as far as there is one.
    pub issue: Option<IssueLine>,
    /// What the issue's state was at the last look, as `closed as completed`.
    pub issue_state: Option<String>,
    /// The fields that are kept in step.
    pub fields: Vec<Compared>,
    /// What in its text is not for everybody, and what becomes of it.
    pub findings: Vec<Finding>,
    /// What was sent and is to be sent, oldest first.
    pub queue: Vec<Queued>,
    /// What waits for a person.
    pub needs_human: Vec<Pending>,
    /// What happens next, and when.
    pub next: Vec<String>,
    /// The command that makes it happen, where one does.
    pub command: Option<String>,
    /// What happened between both sides, oldest first.
    #[serde(skip)]
    pub history: Vec<EventRow>,
}

impl Engine {
    /// Explains how an action, or each parent of a report, and its issue stand to each other.
    ///
    /// # Errors
    /// [`SyncError`] when there is no such action or report, or the database does not answer.
    pub async fn explain(&self, id: Subject) -> Result<Vec<Explanation>, SyncError> {
        let mut snapshot = self.store.read().await?;
        match id {
            Subject::Action(action) => {
                let link = snapshot.link_of(action).await?;
                let about = match &link {
                    Some(link) => About::read(&mut snapshot, link).await?,
                    None => {
                        let action = snapshot.action(action).await?;
                        About { report: snapshot.report(action.report_id).await?, action: Some(action) }
                    }
                };
                Ok(vec![self.explained(&mut snapshot, id, &about, link).await?])
            }
            Subject::Report(report) => {
                let about = About { report: snapshot.report(report).await?, action: None };
                let links = snapshot.links_of_report(report).await?;
                let parents: Vec<Link> = links.into_iter().filter(|link| link.action_id.is_none()).collect();
                let mut explained = Vec::new();
                for link in parents {
                    explained.push(self.explained(&mut snapshot, id, &about, Some(link)).await?);
                }
                if explained.is_empty() {
                    explained.push(self.explained(&mut snapshot, id, &about, None).await?);
                }
                Ok(explained)
            }
        }
    }

    async fn explained(
        &self,
        snapshot: &mut Snapshot,
        id: Subject,
        about: &About,
        link: Option<Link>,
    ) -> Result<Explanation, SyncError> {
        let mut history = snapshot.events_about(id).await?;
        let between = ["issue.", "conflict.", "evidence.", "text."];
        history.retain(|event| between.iter().any(|begin| event.kind.starts_with(begin)));
        let mut rows = Vec::new();
        if let Some(link) = &link {
            rows = snapshot.outbox_of(&link.ulid).await?;
            rows.extend(snapshot.answers_owed(&link.ulid).await?);
        }
        let conflicts = snapshot.open_conflicts().await?;
        let mut needs_human: Vec<Pending> = conflicts
            .iter()
            .filter(|conflict| link.as_ref().is_some_and(|link| link.ulid == conflict.link))
            .map(conflicts::describe)
            .collect();
        let stopped = rows.iter().filter(|row| row.state == OutboxState::NeedsHuman);
        needs_human.extend(stopped.map(|row| Pending {
            id: id.to_string(),
            what: row.last_error.clone().unwrap_or_else(|| "a person has to decide".to_owned()),
            command: row.command.clone(),
        }));
        needs_human.extend(link.iter().filter(|link| link.gone_at.is_some()).map(gone));
        let agreed = link.as_ref().and_then(|link| Agreed::from_json(link.agreed.as_deref()?));
        let shown = self.shown(snapshot, about).await?;
        let fields = match (&shown.action, &agreed) {
            (Some(action), Some(agreed)) => {
                compared(&Wanted::of(action, self.tracker.capabilities().max_title), agreed)
            }
            _ => Vec::new(),
        };
        let (next, command) = self.what_is_next(snapshot, about, link.as_ref(), &rows, &fields).await?;
        Ok(Explanation {
            id: id.to_string(),
            title: about.title().to_owned(),
            state: about.action.as_ref().map(|action| action.state),
            issue: link.as_ref().filter(|link| link.number.is_some()).map(|link| IssueLine {
                tracker: link.tracker.clone(),
                repo: link.repo.clone(),
                number: link.number,
                url: link.url.clone(),
            }),
            issue_state: link.as_ref().and_then(|link| {
                let reason = link.state_reason.as_deref().filter(|_| link.state.as_deref() == Some("closed"));
                let reason = reason.map(|reason| format!(" as {reason}")).unwrap_or_default();
                Some(format!("{}{reason}", link.state.as_deref()?))
            }),
            fields,
            findings: shown.findings,
            queue: rows.iter().map(queued).collect(),
            needs_human,
            next,
            command,
            history,
        })
    }

    /// What happens next, and the command that makes it happen.
    async fn what_is_next(
        &self,
        snapshot: &mut Snapshot,
        about: &About,
        link: Option<&Link>,
        rows: &[OutboxRow],
        fields: &[Compared],
    ) -> Result<(Vec<String>, Option<String>), SyncError> {
        let now = self.pacing_now();
        let sync = Some("followup sync".to_owned());
        let mut next = Vec::new();
        let (host, credential) = (self.tracker.host(), self.tracker.credential());
        let standing = snapshot.credential(host, &credential).await?;
        if let Some(closed) = governor::closed(&standing, now, self.settings.is_background) {
            next.push(format!("nothing is sent to {host} before {}: {}", at(closed.until), closed.why));
        }
        let Some(link) = link.filter(|link| link.status != LinkStatus::Unlinked) else {
            let (what, command) = without_issue(about);
            next.push(what);
            return Ok((next, command));
        };
        if let Some(what) = self.belongs_elsewhere(link) {
            next.push(what);
            return Ok((next, Some("followup doctor".to_owned())));
        }
        if let Some(hinted_at) = link.hinted_at {
            next.push(format!(
                "a webhook said at {} that something happened; the next sync looks",
                at(hinted_at)
            ));
        }
        if let Some(since) = link.missing_since.filter(|_| link.gone_at.is_none()) {
            next.push(format!(
                "its issue was not where it was at {}; a second look says whether it is gone",
                at(since)
            ));
        }
        for row in rows {
            next.extend(next_of(row, fields, now));
        }
        let is_live = rows.iter().any(|row| row.state != OutboxState::Done);
        if !is_live && link.gone_at.is_none() {
            next.push("both sides agree, as far as the last look told; the next sync looks again".to_owned());
        }
        Ok((next, sync))
    }
}

/// What is next for an action that has no issue.
fn without_issue(about: &About) -> (String, Option<String>) {
    let Some(action) = &about.action else {
        return (
            "no parent issue: none of its actions was published".to_owned(),
            Some("followup publish".to_owned()),
        );
    };
    match action.state {
        State::Proposed => {
            ("no issue: nobody took it on yet".to_owned(), Some(format!("followup accept {}", action.id)))
        }
        State::Open | State::InProgress | State::Blocked => match &action.tracked_in {
            Some(named) => (
                format!(
                    "no issue: its report says that it is tracked in {named}; the next publish ties it to that"
                ),
                Some("followup publish".to_owned()),
            ),
            None => ("no issue: the next publish makes one".to_owned(), Some("followup publish".to_owned())),
        },
        State::Done | State::Verified => (
            format!("no issue: it is {}, and only `publish --include-done` makes one for it", action.state),
            None,
        ),
        State::Waived | State::Dropped => (format!("no issue: it is {} and gets none", action.state), None),
    }
}

/// What is next for a row, in one sentence; nothing for what is done.
fn next_of(row: &OutboxRow, fields: &[Compared], now: DateTime<Utc>) -> Option<String> {
    let later =
        row.not_before.filter(|until| *until > now).map(|until| format!(", not before {}", at(until)));
    let later = later.unwrap_or_default();
    let tried = match row.attempt {
        0 => String::new(),
        1 => "; it was tried once".to_owned(),
        attempts => format!("; it was tried {attempts} times"),
    };
    let why = row.last_error.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    Some(match (row.state, row.kind) {
        (OutboxState::Done, _) => return None,
        (OutboxState::NeedsHuman, _) => "nothing more is sent until a person decides".to_owned(),
        (OutboxState::Sending, _) => {
            "it is being sent now; if its sender died, the next run finds out what became of it".to_owned()
        }
        (OutboxState::Unknown, _) => format!(
            "nobody knows whether the issue was made. It is looked for{later}; after 2 complete lists without it, {} so \
             far, it is sent again{tried}",
            row.scans
        ),
        (OutboxState::Pending, OutboxKind::Create) => {
            format!("the next publish or sync makes the issue{later}{tried}{why}")
        }
        (OutboxState::Pending, OutboxKind::Update) => {
            let names: Vec<&str> =
                fields.iter().filter(|field| field.is_to_be_sent).map(|field| field.field).collect();
            let names = if names.is_empty() { "section".to_owned() } else { names.join(", ") };
            format!("the next publish or sync sends its {names}{later}{tried}{why}")
        }
        (OutboxState::Pending, OutboxKind::Answer) => {
            format!("the next publish or sync answers a command in a comment{later}{tried}{why}")
        }
        (OutboxState::Pending, _) => {
            format!("the next publish or sync carries out what was decided{later}{tried}{why}")
        }
    })
}

fn at(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn queued(row: &OutboxRow) -> Queued {
    Queued {
        kind: row.kind.as_str(),
        state: row.state.as_str(),
        attempts: row.attempt,
        first_sent_at: row.first_sent_at,
        not_before: row.not_before,
        scans: row.scans,
        why: row.last_error.clone(),
        request_id: row.request_id.clone(),
    }
}

/// The fields that are kept in step, and which of ours the issue does not show yet.
fn compared(wanted: &Wanted, agreed: &Agreed) -> Vec<Compared> {
    let base = agreed.wanted.as_ref();
    let reason = agreed.state_reason.as_deref().filter(|_| agreed.state == "closed");
    let state = match reason {
        Some(reason) => format!("{} as {reason}", agreed.state),
        None => agreed.state.clone(),
    };
    vec![
        Compared {
            field: "title",
            ours: Some(wanted.title.clone()),
            agreed: Some(agreed.title.clone()),
            is_to_be_sent: base.is_some_and(|base| base.title != wanted.title),
        },
        Compared {
            field: "owner",
            ours: wanted.assignee.clone(),
            agreed: (!agreed.assignees.is_empty()).then(|| agreed.assignees.join(", ")),
            is_to_be_sent: base.is_some_and(|base| base.assignee != wanted.assignee),
        },
        Compared {
            field: "state",
            ours: Some(wanted.state.in_words()),
            agreed: Some(state),
            is_to_be_sent: base.is_some_and(|base| base.state != wanted.state),
        },
    ]
}
