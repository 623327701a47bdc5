//! Making the issue of an action or a report: intent becomes an issue, exactly one.
//!
//! Invariants: the row says `sending` and the link says what is asked for, durably, before the request leaves; a request
//! is repeated only when the tracker said that it did not do it; and what is written down afterwards is committed in one
//! unit of work with the row's outcome.

use chrono::Duration;

use super::{
    agreed::{Agreed, Wanted, WantedState, fit, holds},
    body,
    engine::{About, Engine, Pass, SyncError, issue_ref, lane_of_issue, name_of_link, needs_human, target},
    marker::Marker,
    outbox::{Step, done, lost, sending, with_issue},
    publish::labels_of,
    shown::{Shown, Words},
    summary::Line,
};
use crate::{
    action::{Action, NewEvent, State, Subject},
    failpoint,
    store::{Link, LinkStatus, OutboxKind, OutboxRow, UnitOfWork},
    tracker::{Capabilities, Issue, IssueType, Made, NewIssue, Sent, TrackerError},
};

impl Engine {
    /// Makes an issue. Sent once; what became of it is written down, also when nobody knows.
    pub(super) async fn send_create(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let (link, about, shown, parent, parents) = {
            let mut snapshot = self.store.read().await?;
            let link = snapshot.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
            let about = About::read(&mut snapshot, &link).await?;
            let shown = self.shown(&mut snapshot, &about).await?;
            let links = snapshot.links_of_report(link.report_id).await?;
            let mut parents: Vec<Link> =
                links.into_iter().filter(|other| other.action_id.is_none()).collect();
            let number = parents.len();
            parents.retain(|other| other.part == link.part);
            (link, about, shown, parents.pop(), number)
        };
        if let Some(what) = self.belongs_elsewhere(&link) {
            self.move_row(row, &needs_human(row, what, "followup doctor")).await?;
            return Ok(Step::Done);
        }
        let parent = parent.filter(|_| link.action_id.is_some());
        if let Some(parent) = parent.as_ref().filter(|parent| parent.status == LinkStatus::Intended) {
            let what = format!("the issue of {} has to be made first", name_of_link(parent));
            self.move_row(row, &needs_human(row, what, "followup publish")).await?;
            return Ok(Step::Done);
        }
        if let Some(action) = about.action.as_ref().filter(|action| row.attempt == 0 && !wants_issue(action))
        {
            // Dropped, or given back, before anything was sent: then it needs no issue, and may get one later.
            let mut work = self.store.begin(&self.stamp()).await?;
            work.forget_intent(&link).await?;
            work.commit().await?;
            pass.summary.notes.push(format!("{} is {} by now and gets no issue", action.id, action.state));
            return Ok(Step::Done);
        }
        match self.obstacle_of(pass, &link).await {
            Ok(None) => {}
            Ok(Some((what, command))) => {
                self.move_row(row, &needs_human(row, what, command)).await?;
                return Ok(Step::Done);
            }
            Err(SyncError::Tracker(error)) => return self.not_done(pass, row, error).await,
            Err(error) => return Err(error),
        }
        let place = match self.place(pass, &target(&link)).await {
            Ok(Ok(place)) => place,
            Ok(Err(what)) => {
                self.move_row(row, &needs_human(row, what, "followup doctor")).await?;
                return Ok(Step::Done);
            }
            Err(SyncError::Tracker(error)) => return self.not_done(pass, row, error).await,
            Err(error) => return Err(error),
        };
        if let Some((what, command)) = shown.stop(Words::All) {
            self.move_row(row, &needs_human(row, what, &command)).await?;
            return Ok(Step::Done);
        }
        let (mut new, wanted) = self.new_issue(&link, &shown, parents);
        place.fill(&mut new, link.action_id.is_some());
        new.parent = parent.as_ref().filter(|_| !pass.beside).and_then(issue_ref);
        let now = self.pacing_now();
        let first_sent_at = match row.first_sent_at {
            Some(first) => first,
            None => now + self.skew(pass).await?,
        };
        let sending = sending(row, first_sent_at);
        // What is asked for is written down too: should no answer come, this is what people's changes are told from.
        let mut link = Link { agreed: Some(Agreed::asked_for(&new, wanted.clone()).to_json()), ..link };
        let mut work = self.store.begin(&self.stamp()).await?;
        work.move_outbox(row, &sending).await?;
        work.save_link(&link).await?;
        work.record_send(self.tracker.host(), now).await?;
        failpoint::reach("create.recording_intent");
        work.commit().await?;
        failpoint::reach("create.sending");

        let mut refused_assignee = false;
        let outcome = loop {
            let outcome = self.tracker.create_issue(&target(&link), &new).await;
            failpoint::reach("create.answered");
            // Where only a part of it was refused, it is proven not done, and may be sent again at once without that.
            let refused = match &outcome {
                Sent::Rejected(TrackerError::Refused { field, .. }) => field.clone(),
                Sent::Rejected(_) | Sent::NotSent(_) | Sent::Unknown(_) | Sent::Done(_) => None,
            };
            if refused.as_deref() == Some("assignees") && !new.assignees.is_empty() {
                // The owner stays here, with a note.
                pass.summary.notes.push(format!(
                    "{} cannot be assigned to {} in {}: not a member, or not a login",
                    name_of_link(&link),
                    new.assignees.join(", "),
                    link.repo
                ));
                refused_assignee = true;
                new.assignees.clear();
                link.agreed = Some(Agreed::asked_for(&new, wanted.clone()).to_json());
            } else if refused.as_deref() == Some("parent") && new.parent.take().is_some() {
                // The rest of this pass makes them beside their parents at once, and hangs them under those afterwards.
                pass.beside = true;
            } else {
                break outcome;
            }
            let mut work = self.store.begin(&self.stamp()).await?;
            work.save_link(&link).await?;
            work.record_send(self.tracker.host(), self.pacing_now()).await?;
            work.commit().await?;
            failpoint::reach("create.refused_part");
        };
        match outcome {
            Sent::Done(Made { issue, in_parent, milestone, issue_type }) => {
                link.in_parent |= in_parent;
                if let Some(owner) = about.action.as_ref().and_then(|action| action.owner.as_deref())
                    && new.assignees.is_empty()
                    && !refused_assignee
                {
                    let name = name_of_link(&link);
                    pass.summary
                        .notes
                        .push(format!("{name} is assigned to nobody: `{owner}` cannot be a login"));
                }
                let name = name_of_link(&link);
                let dropped = |asked: &[String], given: &[String]| {
                    let missing: Vec<&str> =
                        asked.iter().filter(|one| !holds(given, one)).map(String::as_str).collect();
                    (!missing.is_empty()).then(|| missing.join(", "))
                };
                if let Some(labels) = dropped(&new.labels, &issue.labels) {
                    pass.summary.notes.push(format!("{name} got no labels {labels}: no push access"));
                }
                if let Some(logins) = dropped(&new.assignees, &issue.assignees) {
                    let why = "no push access, or they cannot be assigned";
                    pass.summary.notes.push(format!("{name} was not assigned to {logins}: {why}"));
                }
                if let Some(asked) = new.milestone.filter(|asked| milestone.as_ref() != Some(&asked.title)) {
                    let title = asked.title;
                    pass.summary.notes.push(format!("{name} got no milestone {title}: no push access"));
                }
                let is_it = |asked: &IssueType| {
                    issue_type.as_ref().is_some_and(|given| given.to_lowercase() == asked.name.to_lowercase())
                };
                if let Some(asked) = new.issue_type.filter(|asked| !is_it(asked)) {
                    let why = "no push access, or no such type there";
                    pass.summary.notes.push(format!("{name} got no type {}: {why}", asked.name));
                }
                pass.failures = 0;
                self.made(pass, &sending, &link, &about, issue, false).await?;
                Ok(Step::Done)
            }
            Sent::Unknown(error) => {
                let mut after = self.unknown(&sending, &error.to_string());
                after.request_id = error.request_id().map(str::to_owned);
                self.move_row(&sending, &after).await?;
                failpoint::reach("create.unanswered");
                Ok(Step::Done)
            }
            Sent::NotSent(error) | Sent::Rejected(error) => self.not_done(pass, &sending, error).await,
        }
    }

    /// What to add to our clock to get the tracker's. Should the create get no answer, the tracker is asked for what
    /// was made since then on *its* clock: a laptop whose clock is a day ahead must not look in the future.
    pub(super) async fn skew(&self, pass: &Pass) -> Result<Duration, SyncError> {
        if self.tracker.skew().is_none() {
            self.ask(pass.wait, async || self.tracker.whoami().await).await?;
        }
        Ok(self.tracker.skew().unwrap_or_else(Duration::zero))
    }

    /// The issue as it is made first. `parents` is how many the report has.
    fn new_issue(&self, link: &Link, shown: &Shown, parents: usize) -> (NewIssue, Option<Wanted>) {
        let Capabilities { max_title, max_body, .. } = self.tracker.capabilities();
        let marker = Marker::new(&self.identity, &link.ulid, link.repo_id);
        let labels = labels_of(&self.settings.publish.labels, shown.action.as_ref(), &shown.report);
        let body = body::section(shown, &marker, max_body);
        match &shown.action {
            Some(action) => {
                // Every issue is made open, and closed afterwards where that is wanted.
                let wanted = Wanted { state: WantedState::Open, ..Wanted::of(action, max_title) };
                let new = NewIssue {
                    title: wanted.title.clone(),
                    body,
                    labels,
                    assignees: wanted.assignee.iter().cloned().collect(),
                    parent: None,
                    milestone: None,
                    issue_type: None,
                };
                (new, Some(wanted))
            }
            None => {
                let new = NewIssue {
                    title: parent_title(&shown.report.title, link.part, parents, max_title),
                    body,
                    labels,
                    assignees: Vec::new(),
                    parent: None,
                    milestone: None,
                    issue_type: None,
                };
                (new, None)
            }
        }
    }

    /// Writes down that a link's issue exists: made now, or found again.
    pub(super) async fn made(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        link: &Link,
        about: &About,
        issue: Issue,
        was_found: bool,
    ) -> Result<(), SyncError> {
        let mut work = self.store.begin(&self.stamp()).await?;
        let line = self.made_in(&mut work, row, link, about, &issue, was_found).await?;
        failpoint::reach("create.recording");
        work.commit().await?;
        failpoint::reach("create.recorded");
        self.tell_made(pass, link, line, was_found);
        pass.fresh.insert(link.ulid.clone(), self.pacing_now(), issue);
        Ok(())
    }

    pub(super) fn tell_made(&self, pass: &mut Pass, link: &Link, line: Line, was_found: bool) {
        match (link.action_id, was_found) {
            (None, _) => pass.summary.parents.push(line),
            (Some(_), true) => pass.summary.adopted.push(line),
            (Some(_), false) => pass.summary.created.push(line),
        }
    }

    /// The same within a unit of work.
    pub(super) async fn made_in(
        &self,
        work: &mut UnitOfWork,
        row: &OutboxRow,
        link: &Link,
        about: &About,
        issue: &Issue,
        was_found: bool,
    ) -> Result<Line, SyncError> {
        // What both sides agree on is what was asked for when it was sent, not what either is by now: people may have
        // changed both since. An account that may not set labels has them dropped without a word, and assignees with
        // them; then nobody took anybody off.
        let asked_for = link.agreed.as_deref().and_then(Agreed::from_json);
        let shown = self.shown(work, about).await?;
        let agreed = match asked_for {
            Some(asked_for) if was_found && about.action.is_some() => {
                let were_dropped = !holds(&issue.labels, &self.settings.publish.labels[0]);
                let assignees = if were_dropped { issue.assignees.clone() } else { asked_for.assignees };
                Agreed { assignees, ..asked_for }
            }
            // Found without our knowing what was asked for: by a database that has forgotten it. What would be asked for
            // now is the nearest thing, so that what people did with the issue since then is told from it.
            None if was_found && about.action.is_some() => {
                let (new, wanted) = self.new_issue(link, &shown, 0);
                let section = body::section_digest(&issue.body);
                Agreed { section, ..Agreed::asked_for(&new, wanted) }
            }
            asked_for => {
                let (wanted, labels) =
                    asked_for.map(|asked| (asked.wanted, asked.labels)).unwrap_or_default();
                Agreed { labels, ..Agreed::new(issue, body::section_digest(&issue.body), wanted) }
            }
        };
        let linked = with_issue(link, issue, &agreed);
        let subject = link.action_id.map_or(Subject::Report(link.report_id), Subject::Action);
        let event = NewEvent::new(subject, if was_found { "issue.adopted" } else { "issue.created" })
            .with("tracker", linked.tracker.as_str())
            .with("repo", linked.repo.as_str())
            .with("number", linked.number)
            .with("url", linked.url.as_deref());
        work.save_link(&linked).await?;
        work.append(shown.noted(event)).await?;
        // A change that came while it was being made found no issue to bring in step.
        let is_outdated = match (link.action_id, &about.action) {
            (Some(id), Some(sent)) => {
                let max_title = self.tracker.capabilities().max_title;
                let now = work.action(id).await?;
                let wanted = self.wanted(work, &now, &about.report, max_title).await?;
                was_found || now.version != sent.version || agreed.wanted != Some(wanted)
            }
            // The mark in a parent that was found may be another database's.
            _ => was_found,
        };
        if (link.action_id.is_some() && link.part > 0 && !link.in_parent) || is_outdated {
            work.enqueue(OutboxKind::Update, &link.ulid, &lane_of_issue(&link.ulid)).await?;
        }
        if link.action_id.is_none() {
            // The place of one that was given up: its children come along.
            for child in work.links_of_report(link.report_id).await? {
                let is_orphan = child.part == link.part && !child.in_parent;
                if child.action_id.is_some() && child.status == LinkStatus::Linked && is_orphan {
                    work.enqueue(OutboxKind::Update, &child.ulid, &lane_of_issue(&child.ulid)).await?;
                }
            }
        }
        work.move_outbox(row, &done(row)).await?;
        Ok(self.line(&linked, about.title(), Vec::new()))
    }
}

/// Whether an action that was to get an issue still has any use for one.
fn wants_issue(action: &Action) -> bool {
    match action.state {
        State::Open | State::InProgress | State::Blocked | State::Done | State::Verified => true,
        State::Proposed | State::Waived | State::Dropped => false,
    }
}

/// The title of a parent: the report's, with its place where there are several.
fn parent_title(title: &str, part: i64, parents: usize, max: usize) -> String {
    if part < 2 {
        return fit(title, max);
    }
    let place = format!(" ({part}/{parents})");
    format!("{}{place}", fit(title, max - place.chars().count()))
}
