//! Writing a line under an issue that is tied to nothing here, as where the history ends: kept where others keep it.
//!
//! Invariant: the line stands there once. It is looked for before it is written, and when no answer came, once more after
//! nothing can be on its way. No outbox row is needed for that: nothing here changes, the line says itself whether it is there,
//! and a run that died is repeated by whoever wants the line.

use super::{
    engine::{Engine, SyncError},
    link::Suitable,
    unlinkable::LinkError,
};
use crate::{
    intake::Reference,
    tracker::{IssueRef, Sent, Since, Target, TrackerError},
};

/// So often a line is sent of which nobody knows whether it arrives.
const MOST_TRIES: usize = 3;

/// Where a line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The issue, as `owner/name#12`.
    pub issue: String,
    /// Its address.
    pub url: String,
    /// Whether it stood there before.
    pub was_there: bool,
}

impl Engine {
    /// Writes `text` under an issue, unless a comment there has `mark` in it already.
    ///
    /// # Errors
    /// [`LinkError`] when there is no such issue, or it may not be written under.
    pub async fn post(&self, reference: &Reference, mark: &str, text: &str) -> Result<Posted, LinkError> {
        let named = self.named(reference, self.settings.repo.as_ref())?;
        let seen = self.ask(true, async || self.tracker.repository(&named.repo).await).await?;
        let target = Target { repo_id: seen.target.repo_id, repo: seen.target.repo };
        let Suitable { issue, .. } = self.find(true, &named, &target).await??;
        let posted = Posted {
            issue: format!("{}#{}", issue.at.target.repo, issue.at.number),
            url: issue.url.clone(),
            was_there: false,
        };
        let mut tries = 0;
        loop {
            if self.stands_under(&issue.at, mark).await? {
                self.take_in(true).await?;
                return Ok(Posted { was_there: tries == 0, ..posted });
            }
            tries += 1;
            match self.tracker.say(&issue.at, text).await {
                Sent::Done(()) => {
                    self.take_in(true).await?;
                    return Ok(posted);
                }
                Sent::Unknown(error) => {
                    self.obey(&error, false).await?;
                    if tries >= MOST_TRIES {
                        return Err(SyncError::from(error).into());
                    }
                    self.clocks.pacing.sleep(self.settings.sync.settle).await;
                }
                Sent::NotSent(error) | Sent::Rejected(error) => {
                    self.obey(&error, false).await?;
                    // Whoever looks again waits as long as that was asked for.
                    if tries >= MOST_TRIES || !matches!(error, TrackerError::RateLimited { .. }) {
                        return Err(SyncError::from(error).into());
                    }
                }
            }
        }
    }

    async fn stands_under(&self, issue: &IssueRef, mark: &str) -> Result<bool, SyncError> {
        let since = [Since { issue: issue.clone(), moment: chrono::DateTime::UNIX_EPOCH }];
        let comments = self.ask(true, async || self.tracker.comments(&since).await).await?;
        Ok(comments.iter().flatten().any(|comment| comment.body.contains(mark)))
    }
}
