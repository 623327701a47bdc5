//! Sending what the outbox holds: one row at a time, each once, each with its outcome written down.
//!
//! Invariants: before anything leaves this machine, the row says `sending`, durably; a row leaves `sending` only in the
//! unit of work that records what became of it; and a create whose outcome is unknown is never sent again from here.

use chrono::{DateTime, Duration, Utc};

use super::{
    agreed::Agreed,
    engine::{Engine, Making, Pass, Progress, SyncError, backoff, needs_human, pending},
    governor::{self, Pace},
    publish::subject_of_repository,
};
use crate::{
    failpoint,
    store::{
        Link, LinkStatus, OutboxKind, OutboxRow, OutboxState, PublisherLock, Repository, StoreError,
        UnitOfWork,
    },
    tracker::{Issue, Sent, Target, TrackerError},
};

/// How often a create that cannot be sent is tried before the command gives up.
const SEND_TRIES: u32 = 3;

/// What to do next.
enum Next {
    /// Look whether it was done, or send it.
    Move(OutboxRow),
    /// Nothing before this moment.
    Wait(DateTime<Utc>, String),
}

/// What became of one row.
pub(super) enum Step {
    /// It was moved on.
    Done,
    /// It may not be sent before this moment.
    Later(DateTime<Utc>, String),
}

/// When the first of `heads` may go, and why not before. No issue may be made before `paced`.
fn soonest(heads: Vec<OutboxRow>, paced: Option<DateTime<Utc>>) -> Option<Next> {
    let earliest = |row: OutboxRow| {
        let paced = paced.filter(|_| row.kind == OutboxKind::Create && row.state == OutboxState::Pending);
        let why = row.last_error.unwrap_or_else(|| "the pace that the tracker allows".to_owned());
        Some((row.not_before.max(paced)?, why))
    };
    let (until, why) = heads.into_iter().filter_map(earliest).min_by_key(|(until, _)| *until)?;
    Some(Next::Wait(until, why))
}

impl Engine {
    /// Sends until everything is done or waits for a person; without `wait`, until it would have to wait. With `only`, no
    /// other lane is looked at.
    pub(super) async fn deliver(
        &self,
        pass: &mut Pass,
        lock: &mut PublisherLock,
        only: Option<&str>,
    ) -> Result<(), SyncError> {
        let mut has_told = false;
        loop {
            if !lock.still_held().await {
                return Err(StoreError::Locked.into());
            }
            let now = self.pacing_now();
            let host = self.tracker.host();
            let mut snapshot = self.store.read().await?;
            let stored = snapshot.credential(host, &self.tracker.credential()).await?;
            let sends = match self.tracker.capabilities().paces_creates {
                true => snapshot.sends_since(host, now - Duration::hours(1)).await?,
                false => Vec::new(),
            };
            let left = match only {
                None => snapshot.creates_left().await?,
                Some(_) => 0,
            };
            let standing = self.as_of_now(&stored);
            let closed = governor::closed(&standing, now, self.settings.is_background);
            let pace = Pace::new(&self.settings.publish, standing.slowed);
            let paced = pace.earliest(&sends).filter(|paced| *paced > now);
            let next = match snapshot.next_to_send(now, paced.is_none(), only).await? {
                Some(row) => Some(Next::Move(row)),
                None => soonest(snapshot.heads_of_lanes(only).await?, paced),
            };
            drop(snapshot);
            let done = pass.summary.created.len() + pass.summary.parents.len();
            let making = |from: DateTime<Utc>, done: usize, left: usize| {
                let finishes = pace.forecast(&sends, from, left).last().copied().unwrap_or(now);
                (left > 0).then_some(Making { done, of: done + left, now, finishes })
            };
            if !std::mem::replace(&mut has_told, true)
                && only.is_none()
                && let Some(planned) = making(closed.as_ref().map_or(now, |closed| closed.until), done, left)
            {
                self.tell(Progress::Planned(planned));
            }
            failpoint::reach("row.chosen");
            let Some(next) = next else { return Ok(()) };
            let step = match (&next, closed) {
                (_, Some(_)) if !pass.wait => return Ok(()),
                (_, Some(closed)) => {
                    self.wait_for(&closed, making(closed.until, done, left)).await;
                    continue;
                }
                (Next::Wait(until, why), _) => Step::Later(*until, why.clone()),
                // In the middle of a pass an outage is waited out; a pass that begins in one tries once.
                (_, None) if governor::is_out_of_order(&standing, now) && !self.is_on_trial() => {
                    let until = standing.closed_until.unwrap_or(now);
                    Step::Later(until, format!("{host} is out of order"))
                }
                (Next::Move(row), _) if row.state == OutboxState::Unknown => self.recover(pass, row).await?,
                (Next::Move(row), _) if self.has_searched_first(pass, row).await? => Step::Done,
                (Next::Move(row), _) => {
                    let step = match row.kind {
                        OutboxKind::Prepare => self.send_prepare(pass, row).await?,
                        OutboxKind::Create => {
                            self.take_breath().await;
                            self.send_create(pass, row).await?
                        }
                        OutboxKind::Update => self.send_update(pass, row).await?,
                        OutboxKind::Settle => self.send_settle(pass, row).await?,
                        OutboxKind::Answer => self.send_answer(pass, row).await?,
                    };
                    let made = pass.summary.created.len() + pass.summary.parents.len();
                    if row.kind == OutboxKind::Create {
                        if made > done {
                            self.count_create(&stored).await?;
                        }
                        if let Some(making) = making(now, made, left.saturating_sub(1)) {
                            self.tell(Progress::Published(making));
                        }
                    }
                    step
                }
            };
            self.take_in(false).await?;
            if self.has_failed_its_trial() {
                let message = "it was out of order when this began, and one more try failed".to_owned();
                return Err(TrackerError::NoAnswer { host: host.to_owned(), message }.into());
            }
            match step {
                Step::Done => {}
                Step::Later(_, _) if !pass.wait => return Ok(()),
                Step::Later(until, why) => {
                    let making = making(until, done, left);
                    self.wait(Progress::Waiting { until, why, is_paused: false, making }).await;
                }
            }
        }
    }

    /// Whether it looked for forgotten issues instead of sending a create, or was asked to wait while it looked: then the
    /// row says so, and whoever waits looks again.
    async fn has_searched_first(&self, pass: &mut Pass, row: &OutboxRow) -> Result<bool, SyncError> {
        if row.kind != OutboxKind::Create {
            return Ok(false);
        }
        match self.search_first(pass, row).await {
            Err(SyncError::Tracker(error @ TrackerError::RateLimited { .. })) => {
                self.not_done(pass, row, error).await?;
                Ok(true)
            }
            searched => searched,
        }
    }

    /// Moves a row on by itself.
    pub(super) async fn move_row(&self, before: &OutboxRow, after: &OutboxRow) -> Result<(), SyncError> {
        let mut work = self.store.begin(&self.stamp()).await?;
        work.move_outbox(before, after).await?;
        work.commit().await?;
        failpoint::reach("row.moved");
        Ok(())
    }

    /// Makes the labels that a repository lacks. Making one twice is harmless, so this is simply done again.
    async fn send_prepare(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let repo_id =
            row.subject.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let known =
            self.store.read().await?.repository(self.tracker.name(), self.tracker.host(), repo_id).await?;
        let Some(repository) = known.filter(|known| subject_of_repository(known) == row.subject) else {
            // Of another host: this command cannot reach it.
            let what = format!("{} belongs to another tracker than the configured one", row.subject);
            self.move_row(row, &needs_human(row, what, "followup doctor")).await?;
            return Ok(Step::Done);
        };
        let sending = sending(row, row.first_sent_at.unwrap_or(self.pacing_now()));
        self.move_row(row, &sending).await?;
        failpoint::reach("prepare.sending");
        let target = Target { repo_id, repo: repository.name.clone() };
        let mut have = match self.ask(pass.wait, async || self.tracker.labels(&target).await).await {
            Ok(labels) => labels,
            Err(SyncError::Tracker(error)) => return self.not_done(pass, &sending, error).await,
            Err(error) => return Err(error),
        };
        for label in self.labels_for(&repository).await? {
            if have.iter().any(|name| name.eq_ignore_ascii_case(&label)) {
                continue;
            }
            let sent = self.tracker.create_label(&target, &label).await;
            failpoint::reach("prepare.answered");
            match sent {
                Sent::Done(()) => {}
                // Without the right to push, labels cannot be made; the issues are worth more than their labels.
                Sent::Rejected(TrackerError::Refused { status: 403 | 404, .. }) => {
                    pass.summary.notes.push(format!("may not make the label `{label}` in {}", target.repo));
                }
                Sent::Rejected(error) | Sent::NotSent(error) | Sent::Unknown(error) => {
                    return self.not_done(pass, &sending, error).await;
                }
            }
            have.push(label);
        }
        let labels = serde_json::Value::from(have).to_string();
        let mut work = self.store.begin(&self.stamp()).await?;
        work.save_repository(&Repository { labels, ..repository }).await?;
        work.move_outbox(&sending, &done(&sending)).await?;
        failpoint::reach("prepare.recording");
        work.commit().await?;
        failpoint::reach("prepare.recorded");
        Ok(Step::Done)
    }

    /// Puts a row back that was not done, by what the tracker said.
    pub(super) async fn not_done(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        error: TrackerError,
    ) -> Result<Step, SyncError> {
        let mut after = match &error {
            TrackerError::RateLimited { .. } => pending(row, None, Some(error.to_string())),
            TrackerError::Refused { .. } => needs_human(row, error.to_string(), command_for(&error)),
            TrackerError::Unauthorized { .. } | TrackerError::NoToken { .. } => {
                pending(row, None, Some(error.to_string()))
            }
            TrackerError::Unreachable { .. }
            | TrackerError::NoAnswer { .. }
            | TrackerError::Broken { .. } => {
                pass.failures += 1;
                pending(row, Some(self.pacing_now() + backoff(pass.failures)), Some(error.to_string()))
            }
        };
        after.request_id = error.request_id().map(str::to_owned);
        self.move_row(row, &after).await?;
        failpoint::reach("row.not_done");
        let is_create = row.kind == OutboxKind::Create && row.state == OutboxState::Sending;
        self.obey(&error, is_create).await?;
        let gives_up = match &error {
            TrackerError::Unauthorized { .. } | TrackerError::NoToken { .. } => true,
            TrackerError::RateLimited { .. } | TrackerError::Refused { .. } => false,
            TrackerError::Unreachable { .. }
            | TrackerError::NoAnswer { .. }
            | TrackerError::Broken { .. } => pass.failures >= SEND_TRIES,
        };
        if gives_up { Err(error.into()) } else { Ok(Step::Done) }
    }
}

/// The command that settles a refusal.
fn command_for(error: &TrackerError) -> &'static str {
    match error.status() {
        Some(410) => "followup publish",
        _ => "followup doctor",
    }
}

/// A link that knows its issue.
pub(super) fn with_issue(link: &Link, issue: &Issue, agreed: &Agreed) -> Link {
    Link {
        status: LinkStatus::Linked,
        repo: issue.at.target.repo.clone(),
        repo_id: issue.at.target.repo_id,
        issue_id: Some(issue.at.issue_id),
        node_id: issue.at.node_id.clone().or_else(|| link.node_id.clone()),
        number: Some(issue.at.number),
        url: Some(issue.url.clone()),
        state: Some(agreed.state.clone()),
        state_reason: agreed.state_reason.clone(),
        agreed: Some(agreed.to_json()),
        ..link.clone()
    }
}

/// The row, on its way.
pub(super) fn sending(row: &OutboxRow, first_sent_at: DateTime<Utc>) -> OutboxRow {
    OutboxRow {
        state: OutboxState::Sending,
        attempt: row.attempt + 1,
        first_sent_at: Some(first_sent_at),
        not_before: None,
        ended_at: None,
        ..row.clone()
    }
}

/// The row, with nothing left to do.
pub(super) fn done(row: &OutboxRow) -> OutboxRow {
    OutboxRow {
        state: OutboxState::Done,
        not_before: None,
        last_error: None,
        command: None,
        ended_at: None,
        ..row.clone()
    }
}

/// A row without its link: only a broken database has that.
pub(super) fn lost(subject: &str) -> StoreError {
    StoreError::Inconsistent(format!("{subject} is to be sent, and has no link"))
}

/// Lets a unit of work write events of the tracker.
pub(super) fn stamped_by_tracker<'a>(
    work: &'a mut UnitOfWork,
    stamp: &crate::store::Stamp,
    at: DateTime<Utc>,
    who: &str,
) -> &'a mut UnitOfWork {
    work.stamped(stamp.by(crate::action::ActorKind::Tracker, who, at))
}
