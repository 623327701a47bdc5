//! Looking after creates that were sent more than once: what GitHub carried out late stands beside what was made then.
//!
//! Invariant: a create that was sent again is looked after for a day; what carries its mark and is not its issue waits for a
//! person, once.

use chrono::Duration;

use super::{
    conflicts::{self, Twin},
    engine::{Engine, Pass, SyncError, target},
    recover::MARGIN,
};
use crate::{action::ConflictField, tracker::TrackerError};

/// For how long: GitHub has been seen to carry out minutes later what it did not answer, and never a day later.
const LOOKED_AFTER: Duration = Duration::hours(24);

impl Engine {
    /// Looks for second issues of creates that were sent more than once; a request for each of their repositories.
    pub(super) async fn audit_resent(&self, pass: &mut Pass) -> Result<(), SyncError> {
        let mut resent = Vec::new();
        {
            let since = self.stamp().recorded_at - LOOKED_AFTER;
            let mut snapshot = self.store.read().await?;
            for row in snapshot.resent_since(since).await? {
                if let Some(link) = snapshot.link(&row.subject).await?
                    && link.number.is_some()
                    && self.belongs_elsewhere(&link).is_none()
                {
                    resent.push((row.first_sent_at.unwrap_or(link.created_at), link));
                }
            }
        }
        resent.sort_by_key(|(sent_at, link)| (link.repo_id, *sent_at));
        for of_one in resent.chunk_by(|(_, one), (_, other)| one.repo_id == other.repo_id) {
            let (sent_at, first) = &of_one[0];
            let into = target(first);
            let listed =
                self.ask(pass.wait, async || self.tracker.issues_since(&into, *sent_at - MARGIN).await).await;
            let issues = match listed {
                Ok(issues) => issues,
                // A repository that shows nothing proves nothing; the look at its issues has said so.
                Err(SyncError::Tracker(TrackerError::Refused { .. })) => continue,
                Err(error) => return Err(error),
            };
            for (_, link) in of_one {
                let is_twin = |issue: &&crate::tracker::Issue| {
                    issue.state == "open"
                        && Some(issue.at.issue_id) != link.issue_id
                        && self.marked(issue).as_ref() == Some(&link.ulid)
                };
                let twins: Vec<Twin> = issues.iter().filter(is_twin).map(Twin::of).collect();
                if twins.is_empty() {
                    continue;
                }
                let mut work = self.store.begin(&self.stamp()).await?;
                let newest = work.newest_conflict(&link.ulid, ConflictField::Duplicate).await?;
                if newest.is_some_and(|newest| twins.iter().all(|twin| Twin::list(&newest).contains(twin))) {
                    continue;
                }
                work.add_conflict(link, &conflicts::duplicate(link.number.unwrap_or_default(), &twins))
                    .await?;
                work.commit().await?;
            }
        }
        Ok(())
    }
}
