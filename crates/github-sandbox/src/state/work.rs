//! How issues come to their end by other means than somebody's click, and reactions to comments.

use chrono::{DateTime, Utc};

use super::{CloseReason, CommentId, IssueId, RepoId, UserId, What, World};

/// The reactions there are.
pub(crate) const REACTIONS: [&str; 8] =
    ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"];

/// What closed an issue, when it was no click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closer {
    PullRequest(IssueId),
    Commit { repo: RepoId, oid: String },
}

#[derive(Clone, Debug)]
pub(crate) struct Reaction {
    pub(crate) id: u64,
    pub(crate) user: UserId,
    pub(crate) content: &'static str,
    pub(crate) at: DateTime<Utc>,
}

impl World {
    /// Notes that a pull request, once merged, closes an issue.
    pub(crate) fn will_close(&mut self, pull: IssueId, issue: IssueId) {
        let closers = &mut self.issue_mut(issue).closing_pulls;
        if !closers.contains(&pull) {
            closers.push(pull);
        }
    }

    /// Merges a pull request and closes what it closes.
    pub(crate) fn merge(&mut self, pull: IssueId, actor: UserId) {
        if self.issue(pull).merged_at.is_some() {
            return;
        }
        let now = self.now();
        self.issue_mut(pull).merged_at = Some(now);
        self.close_issue(pull, actor, CloseReason::Completed);
        let targets: Vec<IssueId> = self
            .issues
            .values()
            .filter(|issue| issue.closing_pulls.contains(&pull))
            .map(|issue| issue.id)
            .collect();
        for issue in targets {
            self.close_issue_by(issue, actor, CloseReason::Completed, Some(Closer::PullRequest(pull)));
        }
    }

    pub(crate) fn convert_to_discussion(&mut self, id: IssueId, actor: UserId) {
        self.happened(id, actor, What::ConvertedToDiscussion);
        self.close_issue(id, actor, CloseReason::Completed);
        self.set_locked(id, actor, true);
    }

    /// Adds a reaction, and says whether it is new; people react once in each way.
    pub(crate) fn react(
        &mut self,
        issue: IssueId,
        comment: CommentId,
        user: UserId,
        content: &'static str,
    ) -> Option<(Reaction, bool)> {
        let (id, at) = (self.next_small(), self.now());
        let comment = self.issue_mut(issue).comments.iter_mut().find(|at| at.id == comment)?;
        if let Some(there) = comment.reactions.iter().find(|at| at.user == user && at.content == content) {
            return Some((there.clone(), false));
        }
        let reaction = Reaction { id, user, content, at };
        comment.reactions.push(reaction.clone());
        Some((reaction, true))
    }

    pub(crate) fn unreact(&mut self, issue: IssueId, comment: CommentId, reaction: u64) {
        if let Some(comment) = self.issue_mut(issue).comments.iter_mut().find(|at| at.id == comment) {
            comment.reactions.retain(|at| at.id != reaction);
        }
    }
}
