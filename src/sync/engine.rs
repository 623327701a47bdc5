//! What both commands share: the engine, one pass of it, and asking the tracker politely.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, SubsecRound, Utc};

use super::{
    Selection, conflicts,
    observe::Scope,
    place::Place,
    summary::{IssueLine, Line, Pending, Summary},
    turn::Ears,
};
use crate::{
    action::{Action, Report, ReportId},
    clock::Clocks,
    config, failpoint,
    store::{
        Identity, Link, OutboxKind, OutboxRow, OutboxState, PublisherLock, Snapshot, Stamp, Store, StoreError,
    },
    tracker::{Issue, IssueRef, RepoName, Target, Tracker, TrackerError},
};

/// How long a process waits between two looks whether another one has stopped sending.
const LOCK_POLL: Duration = Duration::from_millis(500);

/// Why a pass ended before it was through. What was committed stands, and the next pass goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tracker cannot be reached, or does not accept our credentials.
    #[error(transparent)]
    Tracker(#[from] TrackerError),
    /// Nobody said where to publish to.
    #[error("there is no repository to publish {0} to")]
    NoRepository(ReportId),
}

/// How far the making of issues is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Making {
    /// Made so far.
    pub done: usize,
    /// To be made in all.
    pub of: usize,
    /// Now, on the machine's clock.
    pub now: DateTime<Utc>,
    /// When the last one goes out at this pace, if nothing goes wrong.
    pub finishes: DateTime<Utc>,
}

/// What a pass is doing, for people who wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many issues are to be made.
    Planned(Making),
    /// So many of so many issues are made.
    Published(Making),
    /// So many of so many issues were looked at.
    Observed {
        /// Looked at so far.
        done: usize,
        /// In all.
        of: usize,
    },
    /// It waits.
    Waiting {
        /// Until when, on the machine's clock.
        until: DateTime<Utc>,
        /// For what.
        why: String,
        /// Whether the tracker asked for it.
        is_paused: bool,
        /// How far the making of issues is, where that is what waits.
        making: Option<Making>,
    },
    /// It ended before it was through, after this was done.
    Stopped(Box<Summary>),
}

/// What the configuration says about publishing and syncing.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How issues are made.
    pub publish: config::Publish,
    /// How the two sides are kept in step.
    pub sync: config::Sync,
    /// Where actions go whose report says nothing else.
    pub repo: Option<RepoName>,
    /// Whether nobody waits at a keyboard: then the last part of an hour's budget is left to those who do.
    pub is_background: bool,
}

/// Keeps one database and one tracker in step.
pub struct Engine {
    pub(super) store: Store,
    pub(super) tracker: Arc<dyn Tracker>,
    pub(super) clocks: Clocks,
    pub(super) settings: Settings,
    pub(super) identity: Identity,
    /// What this process heard of the tracker's limits.
    pub(super) ears: Mutex<Ears>,
    stamp: Stamp,
    progress: Box<dyn Fn(Progress) + Send + Sync>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Engine")
            .field("store", &self.store)
            .field("tracker", &self.tracker)
            .finish_non_exhaustive()
    }
}

/// One run: what it has done, and what it has seen.
pub(super) struct Pass {
    pub(super) summary: Summary,
    /// Issues as the tracker showed them in this pass, so that none is asked for twice.
    pub(super) fresh: Fresh,
    /// The repositories in which forgotten issues were looked for in this pass.
    pub(super) searched: HashSet<i64>,
    /// Whether to sit out pauses, settling and scans.
    pub(super) wait: bool,
    /// How often a create could not be sent.
    pub(super) failures: u32,
    /// What stands in the way of making issues in a repository that was looked at in this pass, and the command
    /// against it; nothing where the way is free.
    pub(super) obstacles: HashMap<i64, Option<(String, &'static str)>>,
    /// What new issues are put under in a repository, or why that cannot be, as far as it was looked up in this pass.
    pub(super) places: HashMap<i64, Result<Place, String>>,
    /// Who may write where, by repository and login, as far as it was told in this pass.
    pub(super) rights: HashMap<(i64, String), Option<bool>>,
    /// Whether issues are made beside their parents and hung under them afterwards, because at once was refused.
    pub(super) beside: bool,
    /// The repositories in which nothing can be read.
    pub(super) unreadable: HashSet<i64>,
    /// The conflicts that were told of before.
    known_conflicts: HashSet<i64>,
    requests_before: u64,
}

/// How long an issue counts as just seen. People edit in the meantime, and what we write rests on what we saw.
const FRESH_FOR: chrono::Duration = chrono::Duration::seconds(2);

/// Issues as the tracker showed them a moment ago, so that none is asked for twice.
#[derive(Default)]
pub(super) struct Fresh(HashMap<String, (DateTime<Utc>, Issue)>);

impl Fresh {
    /// Remembers that the issue of a link was seen at `now`.
    pub(super) fn insert(&mut self, ulid: String, now: DateTime<Utc>, issue: Issue) {
        self.0.insert(ulid, (now, issue));
    }

    /// The issue of a link, if it was seen just before `now`.
    pub(super) fn take(&mut self, ulid: &str, now: DateTime<Utc>) -> Option<Issue> {
        let (seen_at, issue) = self.0.remove(ulid)?;
        (now - seen_at <= FRESH_FOR).then_some(issue)
    }
}

/// The lane in which changes of one issue are sent.
#[must_use]
pub fn lane_of_issue(ulid: &str) -> String {
    format!("issue:{ulid}")
}

impl Engine {
    /// An engine that writes events with `stamp` and tells `progress` what it does.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn new(
        store: Store,
        tracker: Arc<dyn Tracker>,
        clocks: Clocks,
        settings: Settings,
        stamp: Stamp,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let identity = store.read().await?.identity().await?;
        let (ears, progress) = (Mutex::default(), Box::new(progress));
        Ok(Self { store, tracker, clocks, settings, identity, ears, stamp, progress })
    }

    /// Gives every accepted action of `selection` its issue, and finishes what an earlier run left.
    ///
    /// With `wait` it returns when every step is done or waits for a person; without, as soon as it would have to wait.
    ///
    /// # Errors
    /// [`SyncError`] when the database or the tracker stops it; running it again goes on from there.
    #[tracing::instrument(name = "publish", skip_all)]
    pub async fn publish(&self, selection: &Selection, wait: bool) -> Result<Summary, SyncError> {
        let mut pass = self.begin_pass(wait).await?;
        let ran = self.run_publish(&mut pass, selection).await;
        // What was heard on the way to a failure counts as well; the failure is what a person has to know of.
        let heard = self.take_in(true).await;
        self.told(ran.and(heard), &pass)?;
        self.end_pass(pass).await
    }

    async fn run_publish(&self, pass: &mut Pass, selection: &Selection) -> Result<(), SyncError> {
        let Some(mut lock) = self.publisher_lock(pass).await? else { return Ok(()) };
        failpoint::reach("pass.locked");
        self.take_up_again(true).await?;
        self.plan_publish(pass, selection).await?;
        self.deliver(pass, &mut lock, None).await
    }

    /// Looks at every issue, takes over what people did there, and sends what changed here.
    ///
    /// # Errors
    /// [`SyncError`] when the database or the tracker stops it; running it again goes on from there.
    #[tracing::instrument(name = "sync", skip_all)]
    pub async fn sync(&self, wait: bool) -> Result<Summary, SyncError> {
        self.sync_within(Scope::All, wait).await
    }

    /// The same for the issues that a webhook hinted at since somebody looked. What changed here is sent all the same.
    ///
    /// # Errors
    /// [`SyncError`] when the database or the tracker stops it; the hints that were not looked into stay.
    #[tracing::instrument(name = "sync_hinted", skip_all)]
    pub async fn sync_hinted(&self, wait: bool) -> Result<Summary, SyncError> {
        self.sync_within(Scope::Hinted, wait).await
    }

    async fn sync_within(&self, scope: Scope, wait: bool) -> Result<Summary, SyncError> {
        let mut pass = self.begin_pass(wait).await?;
        let ran = self.run_sync(&mut pass, scope).await;
        let heard = self.take_in(true).await;
        self.told(ran.and(heard), &pass)?;
        self.end_pass(pass).await
    }

    async fn run_sync(&self, pass: &mut Pass, scope: Scope) -> Result<(), SyncError> {
        let Some(mut lock) = self.publisher_lock(pass).await? else { return Ok(()) };
        failpoint::reach("pass.locked");
        self.take_up_again(false).await?;
        match self.observe(pass, scope).await {
            Ok(true) => {
                if scope == Scope::All {
                    self.audit_resent(pass).await?;
                }
                self.deliver(pass, &mut lock, None).await?;
            }
            Ok(false) => {}
            // A pause that this pass does not sit out: what was not looked at is looked at by the next one.
            Err(SyncError::Tracker(error @ TrackerError::RateLimited { .. })) if !pass.wait => {
                pass.summary.waiting.push(Pending {
                    id: self.tracker.host().to_owned(),
                    what: error.to_string(),
                    command: Some("followup sync".to_owned()),
                });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What was done before a failure is committed and will not be told by the next pass, so it is told by this one.
    fn told(&self, ran: Result<(), SyncError>, pass: &Pass) -> Result<(), SyncError> {
        if ran.is_err() {
            self.tell(Progress::Stopped(Box::new(pass.summary.clone())));
        }
        ran
    }

    pub(super) async fn begin_pass(&self, wait: bool) -> Result<Pass, StoreError> {
        self.begin_listening();
        let open = self.store.read().await?.open_conflicts().await?;
        Ok(Pass {
            known_conflicts: open.into_iter().map(|conflict| conflict.id).collect(),
            summary: Summary::default(),
            fresh: Fresh::default(),
            searched: HashSet::new(),
            wait,
            failures: 0,
            obstacles: HashMap::new(),
            places: HashMap::new(),
            rights: HashMap::new(),
            beside: false,
            unreadable: HashSet::new(),
            requests_before: self.tracker.requests(),
        })
    }

    /// Adds what is left to the summary.
    pub(super) async fn end_pass(&self, mut pass: Pass) -> Result<Summary, SyncError> {
        let mut snapshot = self.store.read().await?;
        // A forgotten variable of the environment must not look like peace.
        for other in snapshot.elsewhere(self.tracker.name(), self.tracker.host()).await? {
            pass.summary.needs_human.push(Pending {
                id: other.host.clone(),
                what: format!(
                    "{} issues are at {}, and this command talks to {}: they are not looked at",
                    other.issues,
                    other.host,
                    self.tracker.host()
                ),
                command: Some("followup doctor".to_owned()),
            });
        }
        for conflict in snapshot.open_conflicts().await? {
            if !pass.known_conflicts.contains(&conflict.id) {
                pass.summary.needs_human.push(conflicts::describe(&conflict));
            }
        }
        for row in snapshot.live_outbox().await? {
            let id = name_of(&mut snapshot, &row).await?;
            let what = row.last_error.clone();
            match row.state {
                // What is gone was told of by the look.
                OutboxState::NeedsHuman
                    if pass
                        .summary
                        .needs_human
                        .iter()
                        .any(|told| told.id == id && told.command == row.command) => {}
                OutboxState::NeedsHuman => pass.summary.needs_human.push(Pending {
                    id,
                    what: what.unwrap_or_else(|| "a person has to decide".to_owned()),
                    command: row.command,
                }),
                OutboxState::Unknown => pass.summary.unknown.push(Pending {
                    id,
                    what: what.unwrap_or_else(|| "nobody knows yet whether its issue was made".to_owned()),
                    command: Some("followup sync".to_owned()),
                }),
                OutboxState::Pending | OutboxState::Sending => pass.summary.waiting.push(Pending {
                    id,
                    what: what.unwrap_or_else(|| "is still to be sent".to_owned()),
                    command: Some("followup sync".to_owned()),
                }),
                OutboxState::Done => {}
            }
        }
        pass.summary.requests = self.tracker.requests() - pass.requests_before;
        Ok(pass.summary)
    }

    /// The right to send; nothing when another process has it and this pass does not wait.
    pub(super) async fn publisher_lock(&self, pass: &mut Pass) -> Result<Option<PublisherLock>, SyncError> {
        let mut is_told = false;
        loop {
            if let Some(lock) = self.store.try_publisher_lock().await? {
                return Ok(Some(lock));
            }
            if pass.wait && !std::mem::replace(&mut is_told, true) {
                tracing::warn!("another followup is publishing from this database; waiting for it to end");
            }
            if !pass.wait {
                pass.summary
                    .notes
                    .push("another followup is publishing from this database; it goes on there".to_owned());
                return Ok(None);
            }
            self.wait_until(self.pacing_now() + LOCK_POLL, "another followup to end").await;
        }
    }

    /// Takes up what an earlier run left: what it was sending when it died is of unknown outcome, and what was refused
    /// is tried once more. A create that was given up after many unanswered attempts begins anew, with a look for it,
    /// when a person publishes again.
    pub(super) async fn take_up_again(&self, asked_for: bool) -> Result<(), SyncError> {
        let rows = self.store.read().await?.live_outbox().await?;
        let may_have_landed =
            |row: &&OutboxRow| matches!(row.state, OutboxState::Sending | OutboxState::Unknown);
        let mut held: HashSet<String> =
            rows.iter().filter(may_have_landed).map(|row| row.lane.clone()).collect();
        for row in rows {
            let after = match (row.state, row.kind) {
                (OutboxState::Sending, OutboxKind::Create) => {
                    self.unknown(&row, "the process that sent it died")
                }
                (
                    OutboxState::Sending,
                    OutboxKind::Prepare | OutboxKind::Update | OutboxKind::Settle | OutboxKind::Answer,
                ) => pending(&row, None, None),
                (OutboxState::NeedsHuman, _) if row.ended_at.is_none() => pending(&row, None, None),
                // One at a time of a lane; the next publish takes up the next.
                (OutboxState::NeedsHuman, OutboxKind::Create)
                    if asked_for && held.insert(row.lane.clone()) =>
                {
                    OutboxRow {
                        state: OutboxState::Unknown,
                        attempt: 1,
                        not_before: None,
                        scans: 0,
                        ..row.clone()
                    }
                }
                (
                    OutboxState::NeedsHuman | OutboxState::Pending | OutboxState::Unknown | OutboxState::Done,
                    _,
                ) => continue,
            };
            let mut work = self.store.begin(&self.stamp()).await?;
            work.move_outbox(&row, &after).await?;
            work.commit().await?;
            failpoint::reach("pass.taken_up");
        }
        Ok(())
    }

    /// The row after an attempt of which nobody knows whether it was done: `settle` counts from now.
    pub(super) fn unknown(&self, row: &OutboxRow, why: &str) -> OutboxRow {
        let now = self.pacing_now();
        OutboxRow {
            state: OutboxState::Unknown,
            ended_at: Some(now),
            not_before: Some(now + self.settings.sync.settle),
            scans: 0,
            last_error: Some(format!("checking whether it was made: {why}")),
            command: None,
            ..row.clone()
        }
    }

    pub(super) fn tell(&self, progress: Progress) {
        (self.progress)(progress);
    }

    pub(super) fn pacing_now(&self) -> DateTime<Utc> {
        self.clocks.pacing.now()
    }

    /// What events of this moment say about where they came from.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp { at: self.clocks.now(), recorded_at: self.pacing_now().trunc_subsecs(0), ..self.stamp.clone() }
    }

    /// Why nothing is sent for a link whose issue another tracker holds than the one that this engine talks to.
    pub(super) fn belongs_elsewhere(&self, link: &Link) -> Option<String> {
        let is_here = link.tracker == self.tracker.name() && link.host == self.tracker.host();
        (!is_here).then(|| {
            format!(
                "it belongs to {} at {}, and this command talks to {}",
                link.tracker,
                link.host,
                self.tracker.host()
            )
        })
    }

    /// The line of what would be done with an issue.
    pub(super) fn planned(&self, id: &str, title: &str, target: &Target, issue: &Issue) -> Line {
        Line {
            id: id.to_owned(),
            title: title.to_owned(),
            issue_title: Some(issue.title.clone()).filter(|there| there != title),
            issue: IssueLine {
                tracker: self.tracker.name().to_owned(),
                repo: target.repo.clone(),
                number: Some(issue.at.number),
                url: Some(issue.url.clone()),
            },
            what: Vec::new(),
        }
    }

    pub(super) fn line(&self, link: &Link, title: &str, what: Vec<String>) -> Line {
        Line {
            id: name_of_link(link),
            title: title.to_owned(),
            issue_title: None,
            issue: IssueLine {
                tracker: link.tracker.clone(),
                repo: link.repo.clone(),
                number: link.number,
                url: link.url.clone(),
            },
            what,
        }
    }
}

/// `CA-42`, or `IR-7` for a parent.
pub(super) fn name_of_link(link: &Link) -> String {
    link.action_id.map_or_else(|| link.report_id.to_string(), |id| id.to_string())
}

/// The name people know the subject of a row by.
pub(super) async fn name_of(snapshot: &mut Snapshot, row: &OutboxRow) -> Result<String, StoreError> {
    if row.kind == OutboxKind::Prepare {
        return Ok(row.subject.clone());
    }
    if row.kind == OutboxKind::Settle {
        let conflict = snapshot.conflict(row.subject.parse().unwrap_or_default()).await?;
        return Ok(conflict.map_or_else(|| row.subject.clone(), |conflict| conflict.subject().to_string()));
    }
    if row.kind == OutboxKind::Answer {
        let comment = row.subject.parse().unwrap_or_default();
        let link = match snapshot.answer_by_comment(comment).await? {
            Some(answer) => snapshot.link(&answer.link).await?,
            None => None,
        };
        return Ok(link.map_or_else(|| row.subject.clone(), |link| name_of_link(&link)));
    }
    let link = snapshot.link(&row.subject).await?;
    Ok(link.map_or_else(|| row.subject.clone(), |link| name_of_link(&link)))
}

/// How to reach the issue of a link.
pub(super) fn issue_ref(link: &Link) -> Option<IssueRef> {
    Some(IssueRef {
        target: target(link),
        number: link.number?,
        issue_id: link.issue_id?,
        node_id: link.node_id.clone(),
    })
}

/// Where the issue of a link is, or will be.
pub(super) fn target(link: &Link) -> Target {
    Target { repo_id: link.repo_id, repo: link.repo.clone() }
}

/// What a link is about.
pub(super) struct About {
    pub(super) report: Report,
    /// Nothing for a parent.
    pub(super) action: Option<Action>,
}

impl About {
    pub(super) async fn read(snapshot: &mut Snapshot, link: &Link) -> Result<Self, StoreError> {
        let report = snapshot.report(link.report_id).await?;
        let action = match link.action_id {
            Some(id) => Some(snapshot.action(id).await?),
            None => None,
        };
        Ok(Self { report, action })
    }

    pub(super) fn title(&self) -> &str {
        self.action.as_ref().map_or(&self.report.title, |action| &action.title)
    }
}

/// The row, to be sent again not before a moment.
pub(super) fn pending(
    row: &OutboxRow,
    not_before: Option<DateTime<Utc>>,
    error: Option<String>,
) -> OutboxRow {
    OutboxRow { state: OutboxState::Pending, not_before, last_error: error, command: None, ..row.clone() }
}

/// The row, for a person to decide.
pub(super) fn needs_human(row: &OutboxRow, what: String, command: &str) -> OutboxRow {
    OutboxRow {
        state: OutboxState::NeedsHuman,
        not_before: None,
        last_error: Some(what),
        command: Some(command.to_owned()),
        ..row.clone()
    }
}

/// 1, 2, 4, 8 … seconds, at most five minutes.
pub(super) fn backoff(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.saturating_sub(1).min(9)).min(Duration::from_secs(300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_before_a_pause_is_asked_for_again() {
        let seen_at = crate::action::tests::moment("2024-05-15T09:00:00Z");
        let mut fresh = Fresh::default();
        for (seconds, is_fresh) in [(0, true), (2, true), (3, false), (3600, false)] {
            fresh.insert("CA".to_owned(), seen_at, crate::sync::tests::issue());
            let found = fresh.take("CA", seen_at + chrono::Duration::seconds(seconds));
            assert_eq!(found.is_some(), is_fresh, "{seconds} s");
        }
    }
}
