//! Bringing an issue in step with its action, whatever is out of step: title, text, people, state, place.
//!
//! Invariants: what has to change is derived from both sides as they are now; only what changed here is sent; our
//! section of the text is written only where it still is ours, or was never written; and saying it twice is saying it
//! once. Of an issue that its action was taken off, only our mark is taken out.

use super::{
    agreed::{Agreed, Asked, Wanted, holds},
    body,
    engine::{About, Engine, Pass, SyncError, issue_ref, name_of_link, needs_human, pending},
    marker::Marker,
    merge::{merge, merge_labels},
    missing::Resolved,
    observe::way_out,
    outbox::{Step, done, lost, sending},
    preview::parent_to_hang_under,
    publish::labels_of,
    shown::{Shown, Words},
    unlink::without,
};
use crate::{
    action::{ConflictField, NewEvent, Side, Subject},
    failpoint,
    store::{Link, LinkStatus, NewConflict, OutboxRow, UnitOfWork},
    tracker::{Issue, IssueChange, IssueRef, Seen, Sent, TrackerError},
};

/// What has to change of an issue.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) change: IssueChange,
    /// The digest of our section as it stands there afterwards, as far as it is ours.
    section: Option<String>,
    /// Which of our words it writes.
    pub(super) words: Words,
    /// Whether somebody edited our section, so that it is left as it is.
    was_edited: bool,
}

/// That our section was edited by hand.
const EDITED: NewConflict =
    NewConflict { field: ConflictField::Text, base: None, ours: None, theirs: None, kept: Side::Theirs };

/// Whether a person said that the section of an issue is the tracker's.
async fn is_theirs(work: &mut UnitOfWork, link: &Link) -> Result<bool, SyncError> {
    let newest = work.newest_conflict(&link.ulid, ConflictField::Text).await?;
    Ok(newest.is_some_and(|newest| newest.settled_as == Some(Side::Theirs)))
}

impl Engine {
    /// Brings an issue in step with its action. What has to change is derived now, from what both sides are now; saying
    /// it twice is saying it once, so an unknown outcome is simply looked at again.
    pub(super) async fn send_update(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let link = self.store.read().await?.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
        if let Some(what) = self.belongs_elsewhere(&link) {
            if link.status == LinkStatus::Unlinked {
                let (name, number) = (name_of_link(&link), link.number.unwrap_or_default());
                pass.summary
                    .notes
                    .push(format!("the mark of {name} stays in {}#{number}: {what}", link.repo));
                self.move_row(row, &done(row)).await?;
                return Ok(Step::Done);
            }
            self.move_row(row, &needs_human(row, what, "followup doctor")).await?;
            return Ok(Step::Done);
        }
        let Some(at) = issue_ref(&link) else {
            self.move_row(row, &done(row)).await?;
            return Ok(Step::Done);
        };
        let issue = match pass.fresh.take(&link.ulid, self.pacing_now()) {
            Some(issue) => issue,
            None => {
                match self.ask(pass.wait, async || self.tracker.fetch(std::slice::from_ref(&at)).await).await
                {
                    Ok(seen) => match seen.into_iter().next() {
                        Some(Seen::Issue(issue)) => *issue,
                        Some(Seen::Missing) | None if link.status == LinkStatus::Unlinked => {
                            self.move_row(row, &done(row)).await?;
                            return Ok(Step::Done);
                        }
                        Some(Seen::Missing) | None => match self.resolve(pass, &link).await {
                            Ok(Some(Resolved::Issue(issue))) => *issue,
                            Ok(Some(Resolved::Nothing)) => {
                                let what = format!("{}#{} cannot be seen any more", link.repo, at.number);
                                self.move_row(row, &needs_human(row, what, &way_out(&link))).await?;
                                return Ok(Step::Done);
                            }
                            Ok(None) => {
                                let what = format!(
                                    "{}#{} cannot be seen; it is looked at again",
                                    link.repo, at.number
                                );
                                let later = self.pacing_now() + self.settings.sync.rescan_gap;
                                self.move_row(row, &pending(row, Some(later), Some(what))).await?;
                                return Ok(Step::Done);
                            }
                            Err(SyncError::Tracker(error)) => return self.not_done(pass, row, error).await,
                            Err(error) => return Err(error),
                        },
                    },
                    Err(SyncError::Tracker(error)) => return self.not_done(pass, row, error).await,
                    Err(error) => return Err(error),
                }
            }
        };
        failpoint::reach("update.fetched");
        if self.is_outdated(&link, &issue) {
            // Written over what it shows, what people wrote since then would be lost.
            let what =
                format!("{}#{} was shown as it was before; it is looked at again", link.repo, at.number);
            let later = self.pacing_now() + self.settings.sync.rescan_gap;
            self.move_row(row, &pending(row, Some(later), Some(what))).await?;
            return Ok(Step::Done);
        }
        if link.status == LinkStatus::Unlinked {
            return self.take_mark_out(pass, row, &link, &at, &issue).await;
        }
        // What was seen may be older than a hint that the link has by now.
        let looked = Link { hinted_at: None, ..link.clone() };
        self.take_over(pass, &looked, &issue).await?;
        // New words of a report go into a repository only if they may; whether it was made public since costs a request a
        // pass, and only when there is something to say.
        match self.obstacle_of(pass, &link).await {
            Ok(None) => {}
            Ok(Some((what, _))) => {
                // Another repository helps what is to be made, and not what is there.
                self.move_row(row, &needs_human(row, what, "followup sync")).await?;
                return Ok(Step::Done);
            }
            Err(SyncError::Tracker(error)) => return self.not_done(pass, row, error).await,
            Err(error) => return Err(error),
        }

        let mut work = self.store.begin(&self.stamp()).await?;
        let link = work.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
        // It may have been moved since.
        let at = issue_ref(&link).unwrap_or(at);
        let about = About::read(&mut work, &link).await?;
        let parent = parent_to_hang_under(&mut work, &link).await?;
        let shown = self.shown(&mut work, &about).await?;
        let max_title = self.tracker.capabilities().max_title;
        let wanted = shown.action.as_ref().map(|action| Wanted::of(action, max_title));
        let given_up = self.given_up(&mut work, &issue.body).await?;
        let labels = Some(self.labels_of_link(&link, &about));
        let Planned { change, section, words, was_edited } =
            self.change(&link, &about, &shown, &issue, &given_up);
        if was_edited && !is_theirs(&mut work, &link).await? {
            work.add_conflict(&link, &EDITED).await?;
        }
        if let Some((what, command)) = shown.stop(words) {
            work.move_outbox(row, &needs_human(row, what, &command)).await?;
            work.commit().await?;
            return Ok(Step::Done);
        }
        let parent = parent.as_ref().and_then(issue_ref);
        if change.is_empty() && parent.is_none() {
            // The issue shows what is wanted already; from here on that is agreed on.
            if let Some(agreed) = link.agreed.as_deref().and_then(Agreed::from_json) {
                let agreed = Agreed {
                    wanted,
                    section,
                    labels,
                    asked_section: None,
                    asked: None,
                    rewrites: false,
                    ..agreed
                };
                work.save_link(&Link { agreed: Some(agreed.to_json()), ..link }).await?;
            }
            work.move_outbox(row, &done(row)).await?;
            work.commit().await?;
            return Ok(Step::Done);
        }
        let sending = sending(row, row.first_sent_at.unwrap_or(self.pacing_now()));
        work.move_outbox(row, &sending).await?;
        if !change.is_empty()
            && let Some(agreed) = link.agreed.as_deref().and_then(Agreed::from_json)
        {
            // Should nobody write down what became of it, what is found then is known to be ours.
            let agreed = Agreed {
                asked_section: section
                    .clone()
                    .filter(|_| change.body.is_some())
                    .or(agreed.asked_section.clone()),
                asked: wanted.as_ref().map(|wanted| Asked::new(wanted, &change)).or(agreed.asked.clone()),
                ..agreed
            };
            work.save_link(&Link { agreed: Some(agreed.to_json()), ..link.clone() }).await?;
        }
        work.commit().await?;
        failpoint::reach("update.sending");

        let mut in_parent = link.in_parent;
        if let Some(parent) = parent {
            let sent = self.tracker.add_sub_issue(&parent, &at).await;
            failpoint::reach("update.placed");
            match sent {
                Sent::Done(()) => in_parent = true,
                Sent::Rejected(TrackerError::Refused { message, .. }) => {
                    let name = name_of_link(&link);
                    pass.summary.notes.push(format!("{name} could not be made a sub-issue: {message}"));
                }
                Sent::NotSent(error) | Sent::Rejected(error) | Sent::Unknown(error) => {
                    return self.not_done(pass, &sending, error).await;
                }
            }
        }
        let agreed = if change.is_empty() {
            Agreed { labels, ..Agreed::new(&issue, section, wanted) }
        } else {
            let sent = self.tracker.update_issue(&at, &change).await;
            failpoint::reach("update.answered");
            match sent {
                Sent::Done(after) => {
                    let missing = change.label.iter().filter(|label| !holds(&after.labels, label));
                    let missing: Vec<&str> = missing.map(String::as_str).collect();
                    if !missing.is_empty() {
                        let (name, missing) = (name_of_link(&link), missing.join(", "));
                        pass.summary.notes.push(format!("{name} got no labels {missing}: no push access"));
                    }
                    Agreed { section, labels, ..Agreed::after(&issue, &change, &after, wanted) }
                }
                Sent::NotSent(error) | Sent::Rejected(error) | Sent::Unknown(error) => {
                    return self.not_done(pass, &sending, error).await;
                }
            }
        };
        self.updated(pass, &sending, &change, agreed, in_parent).await?;
        Ok(Step::Done)
    }

    /// The labels that an issue should have of us; none where it was there before.
    fn labels_of_link(&self, link: &Link, about: &About) -> Vec<String> {
        match link.made_here {
            true => labels_of(&self.settings.publish.labels, about.action.as_ref(), &about.report),
            false => Vec::new(),
        }
    }

    /// What has to change of an issue, the text included. `given_up` are the links whose sections are to go from it.
    pub(super) fn change(
        &self,
        link: &Link,
        about: &About,
        shown: &Shown,
        issue: &Issue,
        given_up: &[String],
    ) -> Planned {
        let agreed = link.agreed.as_deref().and_then(Agreed::from_json);
        let section = agreed.as_ref().and_then(|agreed| agreed.section.clone());
        let Some(agreed) = agreed else {
            return Planned {
                change: IssueChange::default(),
                section,
                words: Words::None,
                was_edited: false,
            };
        };
        let mut change = match (&about.action, &shown.action) {
            (Some(action), Some(shown)) => {
                let wanted = Wanted::of(shown, self.tracker.capabilities().max_title);
                merge(action, &wanted, &agreed, issue).push
            }
            _ => IssueChange::default(),
        };
        merge_labels(&mut change, &self.labels_of_link(link, about), &agreed, issue);
        let mut planned = Planned {
            words: if change.title.is_some() { Words::Title } else { Words::None },
            change,
            section: agreed.section.clone(),
            was_edited: false,
        };
        let is_new = !link.made_here && agreed.section.is_none();
        let text = match is_new {
            true => given_up.iter().fold(issue.body.clone(), |text, ulid| without(&text, ulid)),
            false => issue.body.clone(),
        };
        let marker = Marker::new(&self.identity, &link.ulid, self.marker_repo(link, issue));
        let room = body::room(&text, self.tracker.capabilities().max_body);
        let section = body::section(shown, &marker, room);
        let digest = body::digest_of(&section);
        let there = body::section_digest(&text);
        if there.as_deref() == Some(&digest) {
            planned.section = Some(digest);
            return planned;
        }
        let written = match &there {
            Some(there) if agreed.rewrites || agreed.wrote(there) => body::splice(&text, &section),
            None if is_new || agreed.rewrites => body::add(&text, &section),
            Some(_) | None => None,
        };
        if written.is_some() {
            planned.change.body = written;
            planned.section = Some(digest);
            planned.words = Words::All;
        } else {
            planned.was_edited = true;
        }
        planned
    }

    /// Takes our mark out of an issue that its action was taken off. What was added to somebody's text goes; in an issue
    /// that was made here, and where people wrote into our section, the words stay.
    async fn take_mark_out(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        link: &Link,
        at: &IssueRef,
        issue: &Issue,
    ) -> Result<Step, SyncError> {
        let agreed = link.agreed.as_deref().and_then(Agreed::from_json);
        let is_untouched = body::digest_at(&issue.body, &link.ulid)
            .is_some_and(|there| agreed.is_some_and(|agreed| agreed.wrote(&there)));
        let removed =
            if link.made_here || !is_untouched { None } else { body::remove(&issue.body, &link.ulid) };
        let Some(text) = removed.or_else(|| body::unmark(&issue.body, &link.ulid)) else {
            self.move_row(row, &done(row)).await?;
            return Ok(Step::Done);
        };
        let sending = sending(row, row.first_sent_at.unwrap_or(self.pacing_now()));
        self.move_row(row, &sending).await?;
        failpoint::reach("unmark.sending");
        let change = IssueChange { body: Some(text), ..IssueChange::default() };
        let (name, place) = (name_of_link(link), format!("{}#{}", issue.at.target.repo, at.number));
        let sent = self.tracker.update_issue(at, &change).await;
        failpoint::reach("unmark.answered");
        let outcome = match sent {
            Sent::Done(_) => "was taken out of",
            // The two have nothing to do with each other any more, and a mark harms nobody.
            Sent::Rejected(TrackerError::Refused { .. }) => "may not be taken out of",
            Sent::NotSent(error) | Sent::Rejected(error) | Sent::Unknown(error) => {
                return self.not_done(pass, &sending, error).await;
            }
        };
        let mut work = self.store.begin(&self.stamp()).await?;
        if outcome == "was taken out of" {
            let subject = link.action_id.map_or(Subject::Report(link.report_id), Subject::Action);
            let event = NewEvent::new(subject, "issue.updated").with("changed", vec!["mark taken out"]);
            work.append(event.with("number", at.number)).await?;
        }
        work.move_outbox(&sending, &done(&sending)).await?;
        work.commit().await?;
        failpoint::reach("unmark.recorded");
        pass.summary.notes.push(format!("the mark of {name} {outcome} {place}"));
        Ok(Step::Done)
    }

    /// The repository of creation that the marker names; it is never rewritten, also after a transfer.
    fn marker_repo(&self, link: &Link, issue: &Issue) -> i64 {
        Marker::find(&issue.body)
            .filter(|marker| marker.is_ours(&self.identity))
            .map_or(link.repo_id, |marker| marker.repo_id)
    }

    /// Writes down what an update did.
    async fn updated(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        change: &IssueChange,
        agreed: Agreed,
        in_parent: bool,
    ) -> Result<(), SyncError> {
        let mut work = self.store.begin(&self.stamp()).await?;
        let link = work.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
        let about = About::read(&mut work, &link).await?;
        let (state, state_reason) = (Some(agreed.state.clone()), agreed.state_reason.clone());
        let link = Link { in_parent, state, state_reason, agreed: Some(agreed.to_json()), ..link };
        work.save_link(&link).await?;
        let what = names_of(change);
        if !what.is_empty() {
            let subject = link.action_id.map_or(Subject::Report(link.report_id), Subject::Action);
            let event = NewEvent::new(subject, "issue.updated").with("changed", what.clone());
            let event = match change.title.is_some() || change.body.is_some() {
                true => self.shown(&mut work, &about).await?.noted(event),
                false => event,
            };
            work.append(event).await?;
        }
        work.move_outbox(row, &done(row)).await?;
        failpoint::reach("update.recording");
        work.commit().await?;
        failpoint::reach("update.recorded");
        // One that was tied in this pass is told of as that.
        let line = self.line(&link, about.title(), what);
        if !line.what.is_empty() && !pass.summary.linked.iter().any(|linked| linked.id == line.id) {
            pass.summary.updated.push(line);
        }
        Ok(())
    }
}

/// The words for what a change changes.
pub(super) fn names_of(change: &IssueChange) -> Vec<String> {
    let state = change.close.map(|reason| format!("closed as {}", reason.as_str()));
    [
        change.title.as_ref().map(|_| "title".to_owned()),
        change.body.as_ref().map(|_| "text".to_owned()),
        state,
        change.reopen.then(|| "reopened".to_owned()),
        (!change.assign.is_empty() || !change.unassign.is_empty()).then(|| "assignees".to_owned()),
        (!change.label.is_empty() || !change.unlabel.is_empty()).then(|| "labels".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}
