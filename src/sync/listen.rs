//! Listening to what people write under issues, and doing what commands in it ask for.
//!
//! Invariants: a comment is taken once, in the unit of work that carries out its commands, writes down what is to be answered,
//! and remembers that it was heard; only who may write to the repository is obeyed; programs are not, and neither are we
//! ourselves. What could not be read, or whose author's rights could not be looked up, counts as not heard.

use chrono::{DateTime, Duration, Utc};

use super::{
    defuse::defuse,
    engine::{About, Engine, Pass, SyncError, name_of_link},
    marker,
    outbox::{lost, stamped_by_tracker},
    spoken::{self, Spoken, Wish},
};
use crate::{
    action::{ActionId, Refusal},
    failpoint, life,
    store::{Answer, AnswerOutcome, Link, LinkStatus, OutboxKind, Stamp, UnitOfWork},
    tracker::{Comment, Issue, IssueRef, Since, TrackerError},
};

/// So long after a second nobody writes in it any more, however clocks are rounded and requests are under way.
const OVER: Duration = Duration::seconds(5);

/// So long a list may be behind what a look showed.
const BEHIND: Duration = Duration::seconds(60);

/// Why nobody but these is obeyed.
const NO_RIGHT: &str = "Commands are taken from people who may write to this repository.";

/// Why nothing is taken under the issue of a report.
const OF_A_REPORT: &str = "this is the issue of a report; write it under the issue of an action";

/// An issue under which somebody wrote something that was not heard yet.
pub(super) struct Unheard {
    /// The link as it was before the look.
    link: Link,
    at: IssueRef,
    /// When the newest comment was written, as the look told.
    commented_at: DateTime<Utc>,
}

/// A comment with commands in it that was not taken yet.
struct Asking {
    comment: Comment,
    author: String,
    commands: Vec<Spoken>,
    /// Whether the author may write to the repository.
    may: bool,
}

/// What became of one command.
enum Fate {
    Taken,
    Refused(String),
}

impl Engine {
    /// What is to be read of an issue that a look showed; nothing when it was heard.
    pub(super) fn unheard(&self, link: &Link, issue: &Issue) -> Option<Unheard> {
        let commented_at = issue.commented_at.filter(|at| *at >= self.heard_before(link))?;
        Some(Unheard { link: link.clone(), at: issue.at.clone(), commented_at })
    }

    /// Before which moment of the tracker's clock everything was heard. What was written before an issue was ours is talk
    /// among others.
    fn heard_before(&self, link: &Link) -> DateTime<Utc> {
        link.heard_until.unwrap_or_else(|| link.created_at + self.ahead())
    }

    /// What to add to our clock to get the tracker's.
    pub(super) fn ahead(&self) -> Duration {
        self.tracker.skew().unwrap_or_default()
    }

    /// Reads what was written under these issues, and does what it asks for.
    pub(super) async fn listen(&self, pass: &mut Pass, unheard: Vec<Unheard>) -> Result<(), SyncError> {
        let heard = self.read_comments(pass, &unheard).await?;
        failpoint::reach("listen.fetched");
        for (one, comments) in unheard.into_iter().zip(heard) {
            self.hear(pass, &one, comments).await?;
        }
        Ok(())
    }

    /// What listening would do, as far as it is known before it is done: who wrote which commands.
    pub(super) async fn overhear(&self, pass: &mut Pass, unheard: Vec<Unheard>) -> Result<(), SyncError> {
        let heard = self.read_comments(pass, &unheard).await?;
        for (one, comments) in unheard.into_iter().zip(heard) {
            let asking = self.asking(pass, &one, comments).await?.unwrap_or_default();
            let (mut what, mut notes) = (Vec::new(), Vec::new());
            for Asking { author, commands, may, .. } in &asking {
                for command in commands {
                    match allowed(&one.link, *may, command) {
                        Ok(_) => what.push(written(author, command)),
                        Err(why) => notes.push(not_taken(&one.link, author, command, &why)),
                    }
                }
            }
            if !what.is_empty() {
                let about = About::read(&mut self.store.read().await?, &one.link).await?;
                pass.summary.changed.push(self.line(&one.link, about.title(), what));
            }
            pass.summary.notes.extend(notes);
        }
        Ok(())
    }

    /// What was written under these issues, one answer for each; nothing at all when it cannot be read, which is noted and
    /// stops nothing else.
    async fn read_comments(
        &self,
        pass: &mut Pass,
        unheard: &[Unheard],
    ) -> Result<Vec<Vec<Comment>>, SyncError> {
        if unheard.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<Since> = unheard
            .iter()
            .map(|one| Since { issue: one.at.clone(), moment: self.heard_before(&one.link) })
            .collect();
        match self.ask(pass.wait, async || self.tracker.comments(&asked).await).await {
            Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                pass.summary.notes.push(format!("comments cannot be read: {error}"));
                Ok(Vec::new())
            }
            heard => heard,
        }
    }

    /// The comments that ask for something and were not taken, oldest first. Nothing when it is not told who may.
    async fn asking(
        &self,
        pass: &mut Pass,
        one: &Unheard,
        mut comments: Vec<Comment>,
    ) -> Result<Option<Vec<Asking>>, SyncError> {
        let before = self.heard_before(&one.link);
        comments.retain(|comment| {
            comment.created_at >= before && !comment.is_bot && !marker::is_reply(&comment.body)
        });
        comments.sort_by_key(|comment| (comment.created_at, comment.id));
        let mut asking = Vec::new();
        for comment in comments {
            let commands = spoken::commands(&comment.body);
            let Some(author) = comment.author.clone().filter(|_| !commands.is_empty()) else { continue };
            if self.is_answered(&comment).await? {
                continue;
            }
            let Some(may) = self.may_write(pass, one, &author).await? else { return Ok(None) };
            asking.push(Asking { comment, author, commands, may });
        }
        Ok(Some(asking))
    }

    async fn hear(&self, pass: &mut Pass, one: &Unheard, comments: Vec<Comment>) -> Result<(), SyncError> {
        let now = self.pacing_now() + self.ahead();
        let until = heard_until(self.heard_before(&one.link), one.commented_at, &comments, now);
        let Some(spoken) = self.asking(pass, one, comments).await? else { return Ok(()) };
        if spoken.is_empty() && one.link.heard_until == Some(until) {
            return self.answer_hints(&[&one.link]).await;
        }
        let stamp = self.stamp();
        let mut work = self.store.begin(&stamp).await?;
        let link = work.link(&one.link.ulid).await?.ok_or_else(|| lost(&one.link.ulid))?;
        if link.status != LinkStatus::Linked {
            return Ok(());
        }
        let (mut what, mut notes) = (Vec::new(), Vec::new());
        for asking in &spoken {
            let Asking { comment, author, commands, may } = asking;
            // Another process may have taken it in the meantime.
            if work.answer(&link.tracker, &link.host, comment.id).await?.is_some() {
                continue;
            }
            let mut fates = Vec::new();
            for command in commands {
                let fate = match allowed(&link, *may, command) {
                    Ok((id, wish)) => {
                        self.obey_person(&mut work, &stamp, id, asking, command.name, wish).await?
                    }
                    Err(why) => Fate::Refused(why),
                };
                match &fate {
                    Fate::Taken => what.push(written(author, command)),
                    Fate::Refused(why) => notes.push(not_taken(&link, author, command, why)),
                }
                fates.push((command, fate));
            }
            let is_refused = fates.iter().any(|(_, fate)| matches!(fate, Fate::Refused(_)));
            let mut reply = is_refused.then(|| reply(&fates));
            let mut is_said = false;
            if !may && work.was_told(&link, author, NO_RIGHT).await? {
                // Whoever writes a hundred of them must not make us write a hundred.
                (reply, is_said) = (None, true);
            }
            work.add_answer(&Answer {
                tracker: link.tracker.clone(),
                host: link.host.clone(),
                comment_id: comment.id,
                link: link.ulid.clone(),
                author: author.clone(),
                command: commands.iter().map(|command| command.line.as_str()).collect::<Vec<_>>().join("\n"),
                outcome: if is_refused { AnswerOutcome::Refused } else { AnswerOutcome::Taken },
                reply,
                taken_at: stamp.recorded_at,
            })
            .await?;
            if is_said {
                continue;
            }
            let subject = comment.id.to_string();
            work.enqueue(OutboxKind::Answer, &subject, &format!("answer:{subject}")).await?;
        }
        work.heard(&link, until).await?;
        work.answer_hint(&one.link).await?;
        let title = About::read(&mut work, &link).await?.title().to_owned();
        failpoint::reach("listen.recording");
        work.commit().await?;
        failpoint::reach("listen.recorded");
        if !what.is_empty() {
            pass.summary.changed.push(self.line(&link, &title, what));
        }
        pass.summary.notes.extend(notes);
        Ok(())
    }

    async fn is_answered(&self, comment: &Comment) -> Result<bool, SyncError> {
        let (tracker, host) = (self.tracker.name(), self.tracker.host());
        Ok(self.store.read().await?.answer(tracker, host, comment.id).await?.is_some())
    }

    /// Whether somebody may write where an issue is; nothing when that is not told.
    async fn may_write(
        &self,
        pass: &mut Pass,
        one: &Unheard,
        login: &str,
    ) -> Result<Option<bool>, SyncError> {
        let target = &one.at.target;
        let key = (target.repo_id, login.to_owned());
        if let Some(known) = pass.rights.get(&key) {
            return Ok(*known);
        }
        let may = match self.ask(pass.wait, async || self.tracker.may_write(target, login).await).await {
            Ok(may) => Some(may),
            Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                pass.summary.notes.push(format!(
                    "what {login} asks for in comments waits: who may write to {} is not told: {error}",
                    target.repo
                ));
                None
            }
            Err(error) => return Err(error),
        };
        pass.rights.insert(key, may);
        Ok(may)
    }

    /// Does what one command asks for, as its author, at the moment it was written.
    async fn obey_person(
        &self,
        work: &mut UnitOfWork,
        stamp: &Stamp,
        id: ActionId,
        Asking { comment, author, .. }: &Asking,
        name: &str,
        wish: &Wish,
    ) -> Result<Fate, SyncError> {
        stamped_by_tracker(work, stamp, comment.created_at, author);
        let said_at = Stamp { at: comment.created_at, ..stamp.clone() };
        let url = Some(comment.url.as_str());
        let done = match wish {
            Wish::Command(command) => {
                let action = work.action(id).await?;
                life::carry_out_told_in(work, &said_at, &self.clocks, action, command, url).await.map(drop)
            }
            Wish::Evidence(new) => life::add_evidence_told_in(work, id, new, url).await.map(drop),
        };
        work.stamped(stamp.clone());
        match done {
            Ok(()) => Ok(Fate::Taken),
            Err(life::LifeError::Store(error)) => Err(error.into()),
            Err(error @ life::LifeError::NothingToUndo(_)) => Ok(Fate::Refused(error.to_string())),
            Err(life::LifeError::Refused { refusal, .. }) => Ok(Fate::Refused(match &refusal {
                Refusal::ReasonMissing { .. } | Refusal::DateInPast { .. } => {
                    with_usage(&refusal.to_string(), name)
                }
                _ => refusal.to_string(),
            })),
        }
    }
}

/// What a command asks for of which action; else why nothing can come of it, whatever the action is like.
fn allowed<'a>(link: &Link, may: bool, command: &'a Spoken) -> Result<(ActionId, &'a Wish), String> {
    match (may, link.action_id, &command.wish) {
        (false, _, _) => Err(NO_RIGHT.to_owned()),
        (true, None, _) => Err(OF_A_REPORT.to_owned()),
        (true, Some(_), Err(wrong)) => Err(with_usage(wrong, command.name)),
        (true, Some(id), Ok(wish)) => Ok((id, wish)),
    }
}

fn with_usage(why: &str, name: &str) -> String {
    format!("{why}; write it as `{}`", spoken::usage(name))
}

/// Before which moment everything was heard by a list that was read at `now`: past the newest that it shows, and past what
/// the look before it told of, unless the list may be behind that.
fn heard_until(
    before: DateTime<Utc>,
    commented_at: DateTime<Utc>,
    comments: &[Comment],
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let past = |moment: DateTime<Utc>| {
        // In a second that is not over, somebody may write another one.
        if now - moment > OVER { moment + Duration::seconds(1) } else { moment }
    };
    let newest = comments.iter().map(|comment| comment.created_at).max();
    let told = Some(commented_at).filter(|told| now - *told > BEHIND);
    newest.map(past).into_iter().chain(told.map(past)).fold(before, DateTime::max)
}

fn written(author: &str, command: &Spoken) -> String {
    format!("{author} wrote “{}”", command.line)
}

fn not_taken(link: &Link, author: &str, command: &Spoken, why: &str) -> String {
    format!("{}: “{}” of {author} was not taken: {why}", name_of_link(link), command.line)
}

/// What is to be said about commands, not all of which were taken.
fn reply(fates: &[(&Spoken, Fate)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (command, fate) in fates {
        let line = match fate {
            Fate::Taken => format!("`{}` was taken.", command.name),
            Fate::Refused(why) if why == NO_RIGHT => NO_RIGHT.to_owned(),
            Fate::Refused(why) => format!("`{}` was not taken: {}.", command.name, defuse(why)),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::tests::moment;

    fn comment(at: &str) -> Comment {
        Comment {
            id: 1,
            author: None,
            is_bot: false,
            body: String::new(),
            url: String::new(),
            created_at: moment(at),
        }
    }

    #[test]
    fn a_second_is_heard_when_it_is_over_and_a_list_that_is_behind_is_read_again() {
        let (before, told) = (moment("2024-05-15T08:00:00Z"), moment("2024-05-15T09:00:00Z"));
        let heard = |comments: &[Comment], now: &str| heard_until(before, told, comments, moment(now));
        let there = [comment("2024-05-15T09:00:00Z")];
        assert_eq!(heard(&there, "2024-05-15T09:00:01Z"), told);
        assert_eq!(heard(&there, "2024-05-15T09:00:06Z"), moment("2024-05-15T09:00:01Z"));
        assert_eq!(heard(&[], "2024-05-15T09:00:06Z"), before, "the list is behind the look");
        assert_eq!(heard(&[], "2024-05-15T09:01:01Z"), moment("2024-05-15T09:00:01Z"), "it was deleted");
    }

    #[test]
    fn what_is_said_of_several_commands_is_one_answer() {
        let commands = spoken::commands("/unblock\n/due soon\n/due later");
        let refused = |why: &str| Fate::Refused(why.to_owned());
        let all = [Fate::Taken, refused("ask @gapio"), refused(NO_RIGHT)];
        let fates: Vec<_> = commands.iter().zip(all).collect();
        let text = reply(&fates);
        assert_eq!(
            text.replace('\u{2060}', ""),
            format!("`/unblock` was taken.\n`/due` was not taken: ask @gapio.\n{NO_RIGHT}")
        );
        assert!(!text.contains("@gapio"), "nobody is called");
    }
}
