//! What became of a create that got no answer.
//!
//! The tracker is asked for every issue since a while before the first attempt, never its search, whose index lags by
//! minutes to hours. Only two complete lists, both after the time in which the create could still land, prove that it
//! was not done.

use chrono::{DateTime, Duration};
use ulid::Ulid;

use super::{
    conflicts::{Twin, duplicate},
    engine::{About, Engine, Pass, SyncError, needs_human, pending, target},
    marker::Marker,
    outbox::{Step, lost},
};
use crate::{
    failpoint,
    store::{Link, OutboxKind, OutboxRow, OutboxState},
    tracker::{Issue, TrackerError},
};

/// How far before the first attempt the lists begin: what our clock and the tracker's may differ by.
pub(super) const MARGIN: Duration = Duration::minutes(10);

/// How many lists without it prove that it was not made.
const SCANS: i64 = 2;

/// How many times a create is sent again before a person has to look, and over how long at least.
const RESENDS: i64 = 5;
const RESENDS_OVER: Duration = Duration::hours(1);

impl Engine {
    /// Looks for the issue of a create whose outcome is unknown.
    pub(super) async fn recover(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let (link, about) = {
            let mut snapshot = self.store.read().await?;
            let link = snapshot.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
            let about = About::read(&mut snapshot, &link).await?;
            (link, about)
        };
        if let Some(what) = self.belongs_elsewhere(&link) {
            self.move_row(row, &needs_human(row, what, "followup doctor")).await?;
            return Ok(Step::Done);
        }
        let since = row.first_sent_at.unwrap_or(link.created_at) - MARGIN;
        let listed =
            self.ask(pass.wait, async || self.tracker.issues_since(&target(&link), since).await).await;
        let issues = match listed {
            Ok(issues) => issues,
            Err(SyncError::Tracker(error)) => {
                // A list that did not come, or not whole, proves nothing.
                let stops = error.stops_everything();
                let mut after = row.clone();
                after.not_before = Some(self.pacing_now() + self.settings.sync.rescan_gap);
                if matches!(error, TrackerError::Refused { .. }) {
                    after = needs_human(
                        row,
                        format!("cannot look whether it was made: {error}"),
                        "followup doctor",
                    );
                }
                self.move_row(row, &after).await?;
                return if stops { Err(error.into()) } else { Ok(Step::Done) };
            }
            Err(error) => return Err(error),
        };
        failpoint::reach("recover.listed");
        let mut found: Vec<Issue> =
            issues.into_iter().filter(|issue| self.marked(issue).as_ref() == Some(&link.ulid)).collect();
        found.sort_by_key(|issue| issue.at.number);
        if found.is_empty() {
            self.move_row(row, &self.not_found(row)).await?;
            failpoint::reach("recover.absent");
            return Ok(Step::Done);
        }
        let first = found.remove(0);
        if !found.is_empty() {
            let mut work = self.store.begin(&self.stamp()).await?;
            let twins: Vec<Twin> = found.iter().map(Twin::of).collect();
            work.add_conflict(&link, &duplicate(first.at.number, &twins)).await?;
            work.commit().await?;
            failpoint::reach("recover.twins");
        }
        failpoint::reach("recover.found");
        self.made(pass, row, &link, &about, first, true).await?;
        Ok(Step::Done)
    }

    /// Looks for forgotten issues before the first create of a pass in a repository. Whether it looked: then what is to be
    /// sent may be another row by now.
    pub(super) async fn search_first(&self, pass: &mut Pass, row: &OutboxRow) -> Result<bool, SyncError> {
        let link = self.store.read().await?.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
        if self.belongs_elsewhere(&link).is_some() || pass.searched.contains(&link.repo_id) {
            return Ok(false);
        }
        if self.obstacle_of(pass, &link).await?.is_none() {
            self.find_forgotten(pass, &link, &row.lane).await?;
        }
        pass.searched.insert(link.repo_id);
        Ok(true)
    }

    /// Looks for issues that this database has forgotten: one that was restored from a backup does not know what was
    /// published since, and would make it again. Those of actions that it knows are linked; those of actions that it has
    /// lost as well are for a person, and nothing more is made in the repository until then.
    async fn find_forgotten(&self, pass: &mut Pass, like: &Link, lane: &str) -> Result<(), SyncError> {
        let into = target(like);
        let (mut pending, newest, left_alone) = {
            let mut snapshot = self.store.read().await?;
            let mut pending = Vec::new();
            for row in snapshot.live_outbox().await? {
                if row.kind == OutboxKind::Create && row.state == OutboxState::Pending && row.lane == lane {
                    let link = snapshot.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
                    pending.push((row, link));
                }
            }
            let known = snapshot.repository(&like.tracker, &like.host, like.repo_id).await?;
            let left_alone = known.and_then(|known| serde_json::from_str::<Vec<i64>>(&known.left_alone).ok());
            (pending, snapshot.newest_create(lane).await?, left_alone.unwrap_or_default())
        };
        // What was forgotten was made after the newest that is remembered. No issue of an action is older than the action,
        // and its ULID tells when that was read, on our clock.
        let skew = self.skew(pass).await?;
        let read_at = |link: &Link| {
            let time = Ulid::from_string(&link.ulid).ok()?.timestamp_ms();
            Some(DateTime::from_timestamp_millis(i64::try_from(time).ok()?)? + skew)
        };
        let oldest = pending.iter().filter_map(|(_, link)| read_at(link)).min();
        let Some(since) = [oldest, newest].into_iter().flatten().min() else { return Ok(()) };
        let mut issues =
            self.ask(pass.wait, async || self.tracker.issues_since(&into, since - MARGIN).await).await?;
        failpoint::reach("forgotten.listed");
        issues.sort_by_key(|issue| issue.at.number);
        let mut lost_numbers = Vec::new();
        for issue in issues {
            let Some(ulid) = self.marked(&issue) else { continue };
            if let Some(place) = pending.iter().position(|(_, link)| link.ulid == ulid) {
                let (row, link) = pending.remove(place);
                let about = About::read(&mut self.store.read().await?, &link).await?;
                self.made(pass, &row, &link, &about, issue, true).await?;
                failpoint::reach("forgotten.found");
            } else if !left_alone.contains(&issue.at.number)
                && !self.store.read().await?.knows_ulid(&ulid).await?
            {
                lost_numbers.push(format!("#{}", issue.at.number));
            }
        }
        if !lost_numbers.is_empty() {
            let what = format!(
                "{} holds {} issues of actions that this database has lost ({}): it was restored from an older backup, \
                 and importing their report again would make them twice: restore a newer one, or import their reports, \
                 accept the actions and take the issues over",
                into.repo,
                lost_numbers.len(),
                lost_numbers.join(", ")
            );
            pass.obstacles.insert(into.repo_id, Some((what, "followup adopt")));
        }
        Ok(())
    }

    /// The ULID in the marker of an issue that is ours, and was made for the repository that the issue is in.
    pub(super) fn marked(&self, issue: &Issue) -> Option<String> {
        Marker::find(&issue.body)
            .filter(|marker| marker.repo_id == issue.at.target.repo_id && marker.is_ours(&self.identity))
            .map(|marker| marker.ulid)
    }

    /// The row after a complete list without its issue.
    fn not_found(&self, row: &OutboxRow) -> OutboxRow {
        let now = self.pacing_now();
        let scans = row.scans + 1;
        if scans < SCANS {
            return OutboxRow { scans, not_before: Some(now + self.settings.sync.rescan_gap), ..row.clone() };
        }
        let tried_for = row.first_sent_at.map_or(Duration::zero(), |first| now - first);
        if row.attempt > RESENDS && tried_for >= RESENDS_OVER {
            let what = format!("GitHub gave no answer {} times, and its issue was not made", row.attempt);
            return needs_human(row, what, "followup publish");
        }
        // At once the first time, then more and more slowly, so that the re-sends spread over an hour.
        let delay = match row.attempt {
            ..=1 => None,
            attempt => Some(now + Duration::minutes(1 << attempt.min(5))),
        };
        let error = Some("it was not made; it is sent again".to_owned());
        OutboxRow { ended_at: None, scans: 0, ..pending(row, delay, error) }
    }
}
