//! Where an issue is that a look at many did not show.
//!
//! Invariant: nothing is concluded from silence. That an issue is deleted says GitHub (410), that it was moved says a
//! redirect, and that it is hidden follows only from its repository answering without it. A repository that cannot be read
//! says nothing of its issues.

use http::Method;

use super::{Answer, GitHub, IssueRef, Tracker, TrackerError, Whereabouts, report, wire};

impl GitHub {
    pub(super) async fn whereabouts(&self, issue: &IssueRef) -> Result<Whereabouts, TrackerError> {
        match self.at_its_number(issue).await {
            Ok(answer) => match answer.location.clone() {
                Some(location) => self.moved_to(issue, location).await,
                None => {
                    let found: wire::Issue = self.client.decode(&answer)?;
                    let found = found.into_issue(&issue.target);
                    // Numbers are never given twice, so another issue at this number is none of ours.
                    Ok(match found.at.issue_id == issue.issue_id {
                        true => Whereabouts::Here(Box::new(found)),
                        false => Whereabouts::Hidden,
                    })
                }
            },
            Err(error @ TrackerError::Refused { status: 403 | 404 | 410 | 451, .. }) => {
                self.beside_its_repository(issue, &error).await
            }
            Err(error) => Err(error),
        }
    }

    async fn at_its_number(&self, issue: &IssueRef) -> Result<Answer, TrackerError> {
        let rest = format!("/issues/{}", issue.number);
        let by_number = format!("/repositories/{}{rest}", issue.target.repo_id);
        let by_name = format!("/repos/{}{rest}", issue.target.repo);
        if self.by_name.get() == Some(&true) {
            return self.client.get_or_moved(&by_name).await;
        }
        match self.client.get_or_moved(&by_number).await {
            Err(TrackerError::Refused { status: 404, .. })
                if self.knows_names_only(&issue.target).await? =>
            {
                self.client.get_or_moved(&by_name).await
            }
            answer => answer,
        }
    }

    /// Follows an issue that was moved, also more than once. One that leads out of our reach is hidden.
    async fn moved_to(&self, issue: &IssueRef, location: String) -> Result<Whereabouts, TrackerError> {
        let answer = match self.follow(location).await {
            Ok(answer) => answer,
            Err(TrackerError::Refused { status: 410, .. }) => return Ok(Whereabouts::Deleted),
            Err(TrackerError::Refused { .. }) => return Ok(Whereabouts::Hidden),
            Err(error) => return Err(error),
        };
        let found: wire::Issue = self.client.decode(&answer)?;
        let Some(name) = report::repo_of(&found.repository_url) else { return Ok(Whereabouts::Hidden) };
        let target = self.repository(&name).await?.target;
        let found = found.into_issue(&target);
        // A repository that was renamed leads to the same issue.
        Ok(match found.at.issue_id == issue.issue_id {
            true => Whereabouts::Here(Box::new(found)),
            false => Whereabouts::Moved(Box::new(found)),
        })
    }

    /// What a refusal says of an issue, given what its repository says.
    async fn beside_its_repository(
        &self,
        issue: &IssueRef,
        refusal: &TrackerError,
    ) -> Result<Whereabouts, TrackerError> {
        let repo = &issue.target.repo;
        let answer = match self.of_repository::<()>(Method::GET, &issue.target, "", None).await {
            Ok(answer) => answer,
            Err(TrackerError::Refused { status: 404, .. }) => {
                return Ok(Whereabouts::OutOfReach(format!(
                    "{repo} cannot be seen: it was deleted, or the token may not see it any more"
                )));
            }
            Err(error @ TrackerError::Refused { .. }) => {
                return Ok(Whereabouts::OutOfReach(format!("{repo} cannot be read: {error}")));
            }
            Err(error) => return Err(error),
        };
        let repository: wire::Repository = self.client.decode(&answer)?;
        Ok(match refusal.status() {
            // The same status as of an issue that was deleted.
            Some(410) if !repository.has_issues => {
                Whereabouts::OutOfReach(format!("issues are disabled in {repo}; enable them in its settings"))
            }
            Some(410) => Whereabouts::Deleted,
            Some(404) => Whereabouts::Hidden,
            _ => Whereabouts::OutOfReach(format!("{repo} does not show its issues: {refusal}")),
        })
    }
}
