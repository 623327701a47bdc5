//! Answering commands in comments: a sign under what was taken, a few words about what was not.
//!
//! Invariant: nothing is said twice. What was said carries a mark; where it is not known whether it was said, it is looked
//! for when nothing can be on its way any more. A sign is the same however often it is given.

use super::{
    engine::{Engine, Pass, SyncError, issue_ref, name_of_link, pending},
    marker,
    outbox::{Step, done, sending},
};
use crate::{
    failpoint,
    store::{Answer, Link, LinkStatus, OutboxRow},
    tracker::{IssueRef, Sent, Since, TrackerError},
};

/// So far before a command was taken, by our clock, nothing was said about it.
const BEFORE: chrono::Duration = chrono::Duration::seconds(60);

/// So often an answer is sent of which nobody knows whether it arrives.
const MOST_TRIES: i64 = 5;

impl Engine {
    pub(super) async fn send_answer(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let Some((answer, link, at)) = self.answerable(row).await? else {
            // It was taken off its issue, or is another tracker's.
            self.move_row(row, &done(row)).await?;
            return Ok(Step::Done);
        };
        if answer.reply.is_some() && row.attempt > 0 && row.ended_at.is_none() {
            return self.settle_answer(pass, row, &answer, &link, "its sender died").await;
        }
        let sending = sending(row, row.first_sent_at.unwrap_or(self.pacing_now() + self.ahead()));
        self.move_row(row, &sending).await?;
        failpoint::reach("answer.sending");
        let sent = match &answer.reply {
            None => self.tracker.acknowledge(&at.target, answer.comment_id).await,
            Some(reply) => {
                let mark = marker::reply_mark(&self.identity, answer.comment_id);
                if row.attempt > 0 {
                    match self.was_said(pass, &at, &answer, &mark).await {
                        Ok(true) => return self.answered(&sending, &answer).await,
                        Ok(false) => {}
                        Err(SyncError::Tracker(error)) => {
                            return self.unsaid(pass, &sending, &answer, &link, error).await;
                        }
                        Err(error) => return Err(error),
                    }
                    failpoint::reach("answer.looked");
                }
                self.tracker.say(&at, &format!("{reply}\n\n{mark}")).await
            }
        };
        failpoint::reach("answer.answered");
        match sent {
            Sent::Done(()) => self.answered(&sending, &answer).await,
            Sent::Unknown(error) if answer.reply.is_some() => {
                self.obey(&error, false).await?;
                self.settle_answer(pass, &sending, &answer, &link, &error.to_string()).await
            }
            Sent::NotSent(error) | Sent::Rejected(error) | Sent::Unknown(error) => {
                self.unsaid(pass, &sending, &answer, &link, error).await
            }
        }
    }

    /// What a row is about, and where; nothing when nobody can be answered there any more.
    async fn answerable(&self, row: &OutboxRow) -> Result<Option<(Answer, Link, IssueRef)>, SyncError> {
        let mut snapshot = self.store.read().await?;
        let comment = row.subject.parse().unwrap_or_default();
        let answer = snapshot.answer(self.tracker.name(), self.tracker.host(), comment).await?;
        let Some(answer) = answer else { return Ok(None) };
        let link = snapshot.link(&answer.link).await?.filter(|link| link.status == LinkStatus::Linked);
        let Some(link) = link else { return Ok(None) };
        Ok(issue_ref(&link).map(|at| (answer, link, at)))
    }

    /// Waits until nothing can be on its way any more, to look then; after a few times, nothing more is said.
    async fn settle_answer(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        answer: &Answer,
        link: &Link,
        why: &str,
    ) -> Result<Step, SyncError> {
        if row.attempt >= MOST_TRIES {
            return self.leave_unsaid(pass, row, answer, link, why).await;
        }
        let now = self.pacing_now();
        let after = OutboxRow {
            ended_at: Some(now),
            ..pending(
                row,
                Some(now + self.settings.sync.settle),
                Some(format!("checking whether a comment was answered: {why}")),
            )
        };
        self.move_row(row, &after).await?;
        Ok(Step::Done)
    }

    async fn was_said(
        &self,
        pass: &Pass,
        at: &IssueRef,
        answer: &Answer,
        mark: &str,
    ) -> Result<bool, SyncError> {
        let since = [Since { issue: at.clone(), moment: answer.taken_at + self.ahead() - BEFORE }];
        let comments = self.ask(pass.wait, async || self.tracker.comments(&since).await).await?;
        Ok(comments.iter().flatten().any(|comment| comment.body.contains(mark)))
    }

    async fn answered(&self, row: &OutboxRow, answer: &Answer) -> Result<Step, SyncError> {
        let mut work = self.store.begin(&self.stamp()).await?;
        work.was_answered(answer).await?;
        work.move_outbox(row, &done(row)).await?;
        failpoint::reach("answer.recording");
        work.commit().await?;
        failpoint::reach("answer.recorded");
        Ok(Step::Done)
    }

    /// An answer that the tracker does not take is not worth a person's time: the issue is locked, or the comment is gone.
    async fn unsaid(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        answer: &Answer,
        link: &Link,
        error: TrackerError,
    ) -> Result<Step, SyncError> {
        if !matches!(error, TrackerError::Refused { .. }) {
            return self.not_done(pass, row, error).await;
        }
        self.leave_unsaid(pass, row, answer, link, &error.to_string()).await
    }

    async fn leave_unsaid(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        answer: &Answer,
        link: &Link,
        why: &str,
    ) -> Result<Step, SyncError> {
        pass.summary.notes.push(format!(
            "{}: {} could not be answered under {}#{}: {why}",
            name_of_link(link),
            answer.author,
            link.repo,
            link.number.unwrap_or_default()
        ));
        self.move_row(row, &done(row)).await?;
        Ok(Step::Done)
    }
}
