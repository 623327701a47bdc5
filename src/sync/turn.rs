//! Asking the tracker in turn: its pauses obeyed, its outages left alone, and both written down for every other process.
//!
//! Invariant: what one process hears of limits counts for all that use the credential, at once where it changes what they
//! may do, and otherwise at the end of the pass. [`governor`] decides; here its decisions are carried out.

use std::sync::{MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::{
    engine::{Engine, Making, Progress, SyncError, backoff},
    governor::{self, Heard},
};
use crate::{
    store::{Credential, UnitOfWork},
    tracker::{Limit, Standing, TrackerError},
};

/// How often a request that changes nothing is tried before the command gives up.
const READ_TRIES: u32 = 3;

/// What this process heard in a pass.
#[derive(Debug, Default)]
pub(super) struct Ears {
    /// What was taken in already.
    taken: Standing,
    /// Whether the pass began while the tracker was out of order; nothing before its first look.
    is_on_trial: Option<bool>,
    /// Whether it was asked to wait.
    was_limited: bool,
    /// How many requests had been answered when the pass began.
    answered_before: u64,
}

impl Engine {
    fn ears(&self) -> MutexGuard<'_, Ears> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A pass begins.
    pub(super) fn begin_listening(&self) {
        let answered_before = self.tracker.standing().answered;
        let mut ears = self.ears();
        *ears = Ears { taken: std::mem::take(&mut ears.taken), answered_before, ..Ears::default() };
    }

    /// The standing that is written down, with what this process heard since.
    pub(super) fn as_of_now(&self, stored: &Credential) -> Credential {
        let mut ears = self.ears();
        let now = self.pacing_now();
        let heard = Heard::since(&ears.taken, &self.tracker.standing());
        let standing = governor::heard(stored, &heard, now);
        ears.is_on_trial.get_or_insert(governor::is_out_of_order(&standing, now));
        standing
    }

    /// Whether this pass began while the tracker was out of order, and its one try failed as well.
    pub(super) fn has_failed_its_trial(&self) -> bool {
        let ears = self.ears();
        let standing = self.tracker.standing();
        ears.is_on_trial == Some(true)
            && standing.answered == ears.answered_before
            && !standing.failures.is_empty()
    }

    /// Whether this pass tries although the tracker is out of order: once.
    pub(super) fn is_on_trial(&self) -> bool {
        self.ears().is_on_trial == Some(true)
    }

    /// Writes down what was heard, where others would decide differently; at the end of a pass also the rest.
    pub(super) async fn take_in(&self, is_over: bool) -> Result<(), SyncError> {
        let standing = self.tracker.standing();
        let (heard, was_limited) = {
            let ears = self.ears();
            (Heard::since(&ears.taken, &standing), ears.was_limited)
        };
        if heard == Heard::default() {
            return Ok(());
        }
        let now = self.pacing_now();
        let after = |before: &Credential| {
            let after = governor::heard(before, &heard, now);
            // A pass that was not limited ends a row of them.
            let is_calm = is_over && heard.answered && !was_limited;
            Credential { untold: if is_calm { 0 } else { after.untold }, ..after }
        };
        let (host, credential) = (self.tracker.host(), self.tracker.credential());
        let stored = self.store.read().await?.credential(host, &credential).await?;
        let planned = after(&stored);
        if stored == planned || !(is_over || governor::decides_differently(&stored, &planned)) {
            return Ok(());
        }
        self.change_standing(after).await?;
        self.ears().taken = standing;
        Ok(())
    }

    /// Changes what is written down of our credential; other processes may have changed it a moment ago.
    async fn change_standing(
        &self,
        change: impl Fn(&Credential) -> Credential,
    ) -> Result<Credential, SyncError> {
        let (host, credential) = (self.tracker.host(), self.tracker.credential());
        let mut work: UnitOfWork = self.store.begin(&self.stamp()).await?;
        let before = work.credential(host, &credential).await?;
        let after = change(&before);
        if after != before {
            work.save_credential(host, &credential, &after).await?;
        }
        work.commit().await?;
        Ok(after)
    }

    /// Remembers that the tracker asks to wait, for every process that uses this database. After a create it also makes
    /// the pace lower.
    pub(super) async fn obey(&self, error: &TrackerError, is_create: bool) -> Result<(), SyncError> {
        if let TrackerError::RateLimited { until, limit, message, .. } = error {
            self.ears().was_limited = true;
            let now = self.pacing_now();
            self.change_standing(|before| governor::limited(before, *limit, *until, message, now, is_create))
                .await?;
        }
        Ok(())
    }

    /// An issue was made.
    pub(super) async fn count_create(&self, stored: &Credential) -> Result<(), SyncError> {
        if governor::created(stored) != *stored {
            self.change_standing(governor::created).await?;
        }
        Ok(())
    }

    /// Asks the tracker something that changes nothing: obeys its pauses, and tries again what failed in passing.
    ///
    /// # Errors
    /// [`TrackerError`] when it refuses, when it cannot be reached, or when this pass does not wait and it asks to.
    pub(super) async fn ask<T>(
        &self,
        wait: bool,
        ask: impl AsyncFn() -> Result<T, TrackerError>,
    ) -> Result<T, SyncError> {
        let mut tries = 0;
        loop {
            let (host, credential) = (self.tracker.host(), self.tracker.credential());
            let stored = self.store.read().await?.credential(host, &credential).await?;
            let standing = self.as_of_now(&stored);
            let now = self.pacing_now();
            if let Some(closed) = governor::closed(&standing, now, self.settings.is_background) {
                if !wait {
                    return Err(TrackerError::RateLimited {
                        host: host.to_owned(),
                        until: closed.until,
                        limit: Limit::Budget,
                        message: closed.why,
                        request_id: None,
                    }
                    .into());
                }
                self.wait_for(&closed, None).await;
            }
            let answer = ask().await;
            self.take_in(false).await?;
            match answer {
                Ok(value) => return Ok(value),
                Err(error @ TrackerError::RateLimited { .. }) => {
                    self.obey(&error, false).await?;
                    if !wait {
                        return Err(error.into());
                    }
                }
                Err(
                    error @ (TrackerError::Unreachable { .. }
                    | TrackerError::NoAnswer { .. }
                    | TrackerError::Broken { .. }),
                ) => {
                    tries += 1;
                    if tries >= READ_TRIES || self.has_failed_its_trial() {
                        return Err(error.into());
                    }
                    self.wait_until(self.pacing_now() + backoff(tries), &error.to_string()).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sits out what stands in the way of every request.
    pub(super) async fn wait_for(&self, closed: &governor::Closed, making: Option<Making>) {
        let why = if closed.is_asked {
            format!("{}: {}", self.tracker.host(), closed.why)
        } else {
            closed.why.clone()
        };
        self.wait(Progress::Waiting { until: closed.until, why, is_paused: closed.is_asked, making }).await;
    }

    /// Waits for something of our own.
    pub(super) async fn wait_until(&self, until: DateTime<Utc>, why: &str) {
        let why = why.to_owned();
        self.wait(Progress::Waiting { until, why, is_paused: false, making: None }).await;
    }

    /// Lets the last write rest for a moment before an issue is made. Nobody is told: it is no more than a second, and
    /// also taken by those who do not wait.
    pub(super) async fn take_breath(&self) {
        let next = self.tracker.standing().next_write;
        if let Some(wait) = next.and_then(|next| (next - self.pacing_now()).to_std().ok()) {
            self.clocks.pacing.sleep(wait).await;
        }
    }

    pub(super) async fn wait(&self, progress: Progress) {
        let until = match &progress {
            Progress::Waiting { until, .. } => *until,
            Progress::Planned(_)
            | Progress::Published(_)
            | Progress::Observed { .. }
            | Progress::Stopped(_) => return,
        };
        self.tell(progress);
        if let Ok(duration) = (until - self.pacing_now()).to_std() {
            self.clocks.pacing.sleep(duration).await;
        }
    }
}
