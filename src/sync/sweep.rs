//! Reading what changed in whole repositories, where looking issues up one by one would list them again and again.
//!
//! Invariants:
//! * An issue that is not among the changes counts as "as it was" only where everything before the cursor was taken over,
//!   and nothing says otherwise: no hint, no doubt whether it is still there, something agreed on.
//! * A cursor moves only when all that was shown is taken over, in the same pass, and no link was added since it began; a pass
//!   that breaks off, or saw a copy that lags behind, leaves it where it was, and the next one reads the same again.
//! * What a list of changes cannot show (that an issue was deleted or moved, and whatever the tracker does not count as a
//!   change) is found out once a day, when every issue is looked at itself.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};

use super::{
    agreed::Agreed,
    engine::{Engine, Pass, SyncError, issue_ref, target},
    observe::is_quiet,
};
use crate::{
    failpoint,
    store::{Cursor, Link},
    tracker::{Bookmark, Issue, Seen, TrackerError},
};

/// So long after the last look at every issue itself comes the next one.
const FULL_LOOK: Duration = Duration::hours(24);

/// What was read of the changes in repositories, before single issues are looked at.
#[derive(Default)]
pub(super) struct Sweep {
    /// When reading began.
    began: DateTime<Utc>,
    /// Issues as they were shown, by the tracker's own numbers.
    shown: HashMap<i64, Issue>,
    /// Repositories in which what was not shown is as it was.
    is_read: HashSet<i64>,
    /// The cursors as they are stored.
    stored: Vec<Cursor>,
    /// The same, after what was shown is taken over.
    next: Vec<Cursor>,
    /// Repositories in which something has to be looked at again.
    unsettled: HashSet<i64>,
}

impl Engine {
    /// Reads what changed in the repositories of `links` that are read in this way.
    pub(super) async fn sweep(&self, pass: &Pass, links: &[Link]) -> Result<Sweep, SyncError> {
        let began = self.pacing_now();
        let stored = self.store.read().await?.cursors(self.tracker.name(), self.tracker.host()).await?;
        let mut sweep = Sweep { began, ..Sweep::default() };
        let credential = self.tracker.credential();
        for cursor in &stored {
            let Some(link) = links.iter().find(|link| link.repo_id == cursor.repo_id) else { continue };
            let is_due = cursor.looked_at.is_none_or(|at| began - at >= FULL_LOOK || at > began);
            let from = cursor.since.filter(|_| !is_due).map(|since| Bookmark {
                since,
                etag: cursor.etag.clone().filter(|_| cursor.credential.as_ref() == Some(&credential)),
            });
            let at = target(link);
            let read = self.ask(pass.wait, async || self.tracker.changes(&at, from.as_ref()).await).await;
            let changes = match read {
                Ok(changes) => changes,
                // Looks at its issues tell what is wrong.
                Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                    tracing::info!(%error, repo = at.repo, "the changes of a repository cannot be read");
                    continue;
                }
                Err(error) => return Err(error),
            };
            failpoint::reach("sweep.read");
            if from.is_some() {
                sweep.is_read.insert(cursor.repo_id);
            }
            sweep.shown.extend(changes.issues.into_iter().map(|issue| (issue.at.issue_id, issue)));
            sweep.next.push(Cursor {
                repo_id: cursor.repo_id,
                since: Some(changes.next.since),
                credential: changes.next.etag.is_some().then(|| credential.clone()),
                etag: changes.next.etag,
                looked_at: if from.is_some() { cursor.looked_at } else { Some(began) },
            });
        }
        sweep.stored = stored;
        Ok(sweep)
    }

    /// Looks at the issues of a batch of links: one answer for each, in the same order, and when the oldest of them was given.
    pub(super) async fn look(
        &self,
        pass: &Pass,
        batch: &[Link],
        sweep: &mut Sweep,
    ) -> Result<(Vec<Seen>, DateTime<Utc>), SyncError> {
        let mut shown = batch.iter().map(|link| sweep.take(link)).collect::<Vec<_>>();
        let hidden = batch.iter().zip(&shown).filter(|(_, shown)| shown.is_none());
        let refs: Vec<_> = hidden.filter_map(|(link, _)| issue_ref(link)).collect();
        let at = if refs.len() < batch.len() { sweep.began } else { self.pacing_now() };
        if !refs.is_empty() {
            let seen = self.ask(pass.wait, async || self.tracker.fetch(&refs).await).await?;
            for (shown, seen) in shown.iter_mut().filter(|shown| shown.is_none()).zip(seen) {
                *shown = Some(seen);
            }
        }
        Ok((shown.into_iter().flatten().collect(), at))
    }

    /// Remembers which repositories of a batch that was taken over have to be read again from where they were read before:
    /// `seen` are the issues that showed something new, or were shown as they had been before.
    pub(super) async fn settle_sweep(
        &self,
        sweep: &mut Sweep,
        seen: &[(String, i64, Issue)],
    ) -> Result<(), SyncError> {
        if sweep.next.is_empty() || seen.is_empty() {
            return Ok(());
        }
        let mut snapshot = self.store.read().await?;
        for (ulid, repo_id, issue) in seen {
            let Some(link) = snapshot.link(ulid).await? else { continue };
            let is_settled = is_quiet(&link, issue)
                && !self.is_outdated(&link, issue)
                && self.unheard(&link, issue).is_none();
            if !is_settled {
                sweep.unsettled.insert(*repo_id);
            }
        }
        Ok(())
    }

    /// Moves the cursors after everything that was shown is taken over. `looked_at` are the links that the pass knew, and
    /// `missing` those of them whose issues were not shown.
    pub(super) async fn promote(
        &self,
        pass: &Pass,
        mut sweep: Sweep,
        looked_at: &HashSet<String>,
        missing: &[Link],
    ) -> Result<(), SyncError> {
        let (tracker, host) = (self.tracker.name(), self.tracker.host());
        let mut snapshot = self.store.read().await?;
        for link in missing {
            // It was there after all, or somewhere else, or out of reach: not everything that it shows was heard.
            let now = snapshot.link(&link.ulid).await?;
            if now.is_some_and(|link| link.missing_since.is_none() && link.gone_at.is_none()) {
                sweep.unsettled.insert(link.repo_id);
            }
        }
        let linked = snapshot.linked(tracker, host).await?;
        drop(snapshot);
        for link in linked.iter().filter(|link| !looked_at.contains(&link.ulid)) {
            sweep.unsettled.insert(link.repo_id);
        }
        let is_full = sweep.next.iter().any(|next| !sweep.is_read.contains(&next.repo_id));
        if is_full && !self.tracker.lists_to_look_up() {
            // The server learned to look many issues up at once.
            let mut work = self.store.begin(&self.stamp()).await?;
            work.forget_cursors(tracker, host).await?;
            return Ok(work.commit().await?);
        }
        let mut moved = sweep.next;
        moved.retain(|next| {
            !sweep.unsettled.contains(&next.repo_id)
                && !pass.unreadable.contains(&next.repo_id)
                && !sweep.stored.contains(next)
        });
        if self.tracker.lists_to_look_up() {
            let mut known: HashSet<i64> = sweep.stored.iter().map(|cursor| cursor.repo_id).collect();
            let new = linked.iter().filter(|link| known.insert(link.repo_id)).map(|link| Cursor {
                repo_id: link.repo_id,
                since: None,
                etag: None,
                credential: None,
                looked_at: None,
            });
            moved.extend(new);
        }
        if moved.is_empty() {
            return Ok(());
        }
        let mut work = self.store.begin(&self.stamp()).await?;
        for cursor in &moved {
            work.save_cursor(tracker, host, cursor).await?;
        }
        failpoint::reach("sweep.promoting");
        work.commit().await?;
        failpoint::reach("sweep.promoted");
        Ok(())
    }
}

impl Sweep {
    /// Whether the issue of a link is as it was.
    pub(super) fn is_as_it_was(&self, link: &Link) -> bool {
        self.is_read.contains(&link.repo_id)
            && link.issue_id.is_some_and(|id| !self.shown.contains_key(&id))
            && link.hinted_at.is_none()
            && link.missing_since.is_none()
            && link.gone_at.is_none()
            && link.agreed.as_deref().and_then(Agreed::from_json).is_some()
    }

    fn take(&mut self, link: &Link) -> Option<Seen> {
        Some(Seen::Issue(Box::new(self.shown.remove(&link.issue_id?)?)))
    }
}
