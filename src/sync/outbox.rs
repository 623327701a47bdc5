//! Sending what the outbox holds: one row at a time, each once, each with its outcome written down.
//!
//! Invariants: before anything leaves this machine, the row says `sending`, durably; a row leaves `sending` only in the
//! unit of work that records what became of it; and a create whose outcome is unknown is never sent again from here.

use chrono::{DateTime, Duration, Utc};

use super::{
    body,
    engine::{
        About, Engine, Pass, Progress, SyncError, backoff, issue_ref, lane_of_issue, name_of_link,
        needs_human, pending, target,
    },
    marker::Marker,
    merge::{Agreed, Plan, Wanted, WantedState, merge},
    pace,
    publish::{labels_of, subject_of_repository},
    secret,
};
use crate::{
    action::{NewEvent, Subject},
    store::{
        Link, LinkStatus, OutboxKind, OutboxRow, OutboxState, PublisherLock, Repository, StoreError,
        UnitOfWork,
    },
    tracker::{Issue, IssueChange, NewIssue, Seen, Sent, Target, TrackerError},
};

/// How often a create that cannot be sent is tried before the command gives up.
const SEND_TRIES: u32 = 3;

/// What to do next.
enum Next<'a> {
    /// Look whether an unanswered create was done.
    Recover(&'a OutboxRow),
    /// Send this.
    Send(&'a OutboxRow),
    /// Nothing before this moment.
    Wait(DateTime<Utc>, String),
    /// Nothing at all.
    Nothing,
}

/// What became of one row.
pub(super) enum Step {
    /// It was moved on.
    Done,
    /// It may not be sent before this moment.
    Later(DateTime<Utc>, String),
}

/// The next thing to do, given everything that is not done. No issue may be made before `paced`; everything else goes on
/// in the meantime.
fn next(rows: &[OutboxRow], now: DateTime<Utc>, paced: Option<DateTime<Utc>>) -> Next<'_> {
    let mut soonest: Option<(DateTime<Utc>, String)> = None;
    let mut held: std::collections::HashSet<&str> = std::collections::HashSet::new();
    let mut wait = |until: DateTime<Utc>, why: Option<&str>| {
        if soonest.as_ref().is_none_or(|(first, _)| until < *first) {
            soonest = Some((until, why.unwrap_or("the pace that the tracker allows").to_owned()));
        }
    };
    for row in rows.iter().filter(|row| row.state == OutboxState::Unknown) {
        held.insert(&row.lane);
        match row.not_before {
            Some(until) if until > now => wait(until, row.last_error.as_deref()),
            _ => return Next::Recover(row),
        }
    }
    for row in rows.iter().filter(|row| row.state == OutboxState::Pending) {
        // The first of a lane goes first, also when it has to wait.
        if !held.insert(&row.lane) {
            continue;
        }
        let paced = paced.filter(|_| row.kind == OutboxKind::Create);
        match row.not_before.max(paced) {
            Some(until) if until > now => wait(until, row.last_error.as_deref()),
            _ => return Next::Send(row),
        }
    }
    soonest.map_or(Next::Nothing, |(until, why)| Next::Wait(until, why))
}

impl Engine {
    /// Sends until everything is done or waits for a person; without `wait`, until it would have to wait.
    pub(super) async fn deliver(&self, pass: &mut Pass, lock: &mut PublisherLock) -> Result<(), SyncError> {
        loop {
            if !lock.still_held().await {
                return Err(StoreError::Locked.into());
            }
            let now = self.pacing_now();
            let host = self.tracker.host();
            let (rows, pause, sends) = {
                let mut snapshot = self.store.read().await?;
                let sends = match self.tracker.capabilities().paces_creates {
                    true => snapshot.sends_since(host, now - Duration::hours(1)).await?,
                    false => Vec::new(),
                };
                (snapshot.live_outbox().await?, snapshot.pause(host).await?, sends)
            };
            let paced = pace::earliest(&self.settings.publish, &sends);
            let step = match (next(&rows, now, paced), pause) {
                (Next::Nothing, _) => return Ok(()),
                (_, Some(pause)) if pause.until > now => {
                    Step::Later(pause.until, format!("{}: {}", self.tracker.host(), pause.reason))
                }
                (Next::Wait(until, why), _) => Step::Later(until, why),
                (Next::Recover(row), _) => self.recover(pass, row).await?,
                (Next::Send(row), _) => {
                    let step = match row.kind {
                        OutboxKind::Prepare => self.send_prepare(pass, row).await?,
                        OutboxKind::Create => self.send_create(pass, row).await?,
                        OutboxKind::Update => self.send_update(pass, row).await?,
                    };
                    let left = rows.iter().filter(|row| row.kind == OutboxKind::Create).count();
                    if row.kind == OutboxKind::Create {
                        let done = pass.summary.created.len() + pass.summary.parents.len();
                        self.tell(Progress::Published { done, of: done + left.saturating_sub(1) });
                    }
                    step
                }
            };
            match step {
                Step::Done => {}
                Step::Later(_, _) if !pass.wait => return Ok(()),
                Step::Later(until, why) => self.wait_until(until, &why).await,
            }
        }
    }

    /// Moves a row on by itself.
    pub(super) async fn move_row(&self, before: &OutboxRow, after: &OutboxRow) -> Result<(), SyncError> {
        let mut work = self.store.begin(&self.stamp()).await?;
        work.move_outbox(before, after).await?;
        work.commit().await?;
        Ok(())
    }

    /// Makes the labels that a repository lacks. Making one twice is harmless, so this is simply done again.
    async fn send_prepare(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let repo_id =
            row.subject.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let known =
            self.store.read().await?.repository(self.tracker.name(), self.tracker.host(), repo_id).await?;
        let Some(repository) = known.filter(|known| subject_of_repository(known) == row.subject) else {
            // Of another host: this command cannot reach it.
            let what = format!("{} belongs to another tracker than the configured one", row.subject);
            self.move_row(row, &needs_human(row, what, "followup doctor")).await?;
            return Ok(Step::Done);
        };
        let sending = sending(row, row.first_sent_at.unwrap_or(self.pacing_now()));
        self.move_row(row, &sending).await?;
        let target = Target { repo_id, repo: repository.name.clone() };
        let mut have = match self.ask(pass.wait, async || self.tracker.labels(&target).await).await {
            Ok(labels) => labels,
            Err(SyncError::Tracker(error)) => return self.not_done(pass, &sending, error).await,
            Err(error) => return Err(error),
        };
        for label in self.labels_for(&repository).await? {
            if have.iter().any(|name| name.eq_ignore_ascii_case(&label)) {
                continue;
            }
            match self.tracker.create_label(&target, &label).await {
                Sent::Done(()) => {}
                // Without the right to push, labels cannot be made; the issues are worth more than their labels.
                Sent::Rejected(TrackerError::Refused { status: 403 | 404, .. }) => {
                    pass.summary.notes.push(format!("may not make the label `{label}` in {}", target.repo));
                }
                Sent::Rejected(error) | Sent::NotSent(error) | Sent::Unknown(error) => {
                    return self.not_done(pass, &sending, error).await;
                }
            }
            have.push(label);
        }
        let labels = serde_json::Value::from(have).to_string();
        let mut work = self.store.begin(&self.stamp()).await?;
        work.save_repository(&Repository { labels, ..repository }).await?;
        work.move_outbox(&sending, &done(&sending)).await?;
        work.commit().await?;
        Ok(Step::Done)
    }

    async fn send_create(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let (link, about, parent) = {
            let mut snapshot = self.store.read().await?;
            let link = snapshot.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
            let about = About::read(&mut snapshot, &link).await?;
            let links = snapshot.links_of_report(link.report_id).await?;
            let parent = links.into_iter().find(|other| other.action_id.is_none() && other.part == link.part);
            (link, about, parent)
        };
        if let Some(parent) =
            parent.filter(|parent| link.action_id.is_some() && parent.status == LinkStatus::Intended)
        {
            let what = format!("the issue of {} has to be made first", name_of_link(&parent));
            self.move_row(row, &needs_human(row, what, "followup publish")).await?;
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
        let (mut new, wanted) = self.new_issue(&link, &about);
        if let Some(secret) = secret::find(&format!("{}\n{}", new.title, new.body)) {
            let what = format!(
                "its text looks like it holds {secret}; take it out of {} and import the report again",
                about.report.source
            );
            self.move_row(row, &needs_human(row, what, "followup import SOURCE")).await?;
            return Ok(Step::Done);
        }
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
        work.commit().await?;

        let mut outcome = self.tracker.create_issue(&target(&link), &new).await;
        let refused_assignee = matches!(
            &outcome,
            Sent::Rejected(TrackerError::Refused { status: 422, field: Some(field), .. }) if field == "assignees"
        );
        if refused_assignee && !new.assignees.is_empty() {
            // Proven not done, so it may be sent again at once; the owner stays here, with a note.
            pass.summary.notes.push(format!(
                "{} cannot be assigned to {} in {}: not a member, or not a login",
                name_of_link(&link),
                new.assignees.join(", "),
                link.repo
            ));
            new.assignees.clear();
            link.agreed = Some(Agreed::asked_for(&new, wanted).to_json());
            let mut work = self.store.begin(&self.stamp()).await?;
            work.save_link(&link).await?;
            work.commit().await?;
            outcome = self.tracker.create_issue(&target(&link), &new).await;
        }
        match outcome {
            Sent::Done(issue) => {
                let dropped: Vec<&str> = new
                    .labels
                    .iter()
                    .filter(|label| !holds(&issue.labels, label))
                    .map(String::as_str)
                    .collect();
                if !dropped.is_empty() {
                    let labels = dropped.join(", ");
                    pass.summary
                        .notes
                        .push(format!("{} got no labels {labels}: no push access", name_of_link(&link)));
                }
                pass.failures = 0;
                self.made(pass, &sending, &link, &about, issue, false).await?;
                Ok(Step::Done)
            }
            Sent::Unknown(error) => {
                let mut after = self.unknown(&sending, &error.to_string());
                after.request_id = error.request_id().map(str::to_owned);
                self.move_row(&sending, &after).await?;
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

    /// The issue as it is made first.
    fn new_issue(&self, link: &Link, about: &About) -> (NewIssue, Option<Wanted>) {
        let max_title = self.tracker.capabilities().max_title;
        let marker = Marker::new(&self.identity, &link.ulid, link.repo_id);
        let labels = labels_of(&self.settings.publish.labels, about.action.as_ref(), &about.report);
        match &about.action {
            Some(action) => {
                // Every issue is made open, and closed afterwards where that is wanted.
                let wanted = Wanted { state: WantedState::Open, ..Wanted::of(action, max_title) };
                let new = NewIssue {
                    title: wanted.title.clone(),
                    body: body::action_section(action, &about.report, &marker),
                    labels,
                    assignees: wanted.assignee.iter().cloned().collect(),
                };
                (new, Some(wanted))
            }
            None => {
                let new = NewIssue {
                    title: parent_title(&about.report.title, link.part, max_title),
                    body: body::parent_section(&about.report, &marker),
                    labels,
                    assignees: Vec::new(),
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
        // What both sides agree on is what was asked for when it was sent, not what either is by now: people may have
        // changed both since. An account that may not set labels has them dropped without a word, and assignees with
        // them; then nobody took anybody off.
        let asked_for = link.agreed.as_deref().and_then(Agreed::from_json);
        let agreed = match asked_for {
            Some(asked_for) if was_found && about.action.is_some() => {
                let were_dropped = !holds(&issue.labels, &self.settings.publish.labels[0]);
                let assignees = if were_dropped { issue.assignees.clone() } else { asked_for.assignees };
                Agreed { assignees, ..asked_for }
            }
            asked_for => {
                let wanted = asked_for.and_then(|asked_for| asked_for.wanted);
                Agreed::new(&issue, body::section_digest(&issue.body), wanted)
            }
        };
        let linked = with_issue(link, &issue, &agreed);
        let subject = link.action_id.map_or(Subject::Report(link.report_id), Subject::Action);
        let event = NewEvent::new(subject, if was_found { "issue.adopted" } else { "issue.created" })
            .with("tracker", linked.tracker.as_str())
            .with("repo", linked.repo.as_str())
            .with("number", linked.number)
            .with("url", linked.url.as_deref());
        let mut work = self.store.begin(&self.stamp()).await?;
        work.save_link(&linked).await?;
        work.append(event).await?;
        // A change that came while it was being made found no issue to bring in step.
        let is_outdated = match (link.action_id, &about.action) {
            (Some(id), Some(sent)) => {
                let max_title = self.tracker.capabilities().max_title;
                let now = work.action(id).await?;
                was_found || now.version != sent.version || agreed.wanted != Some(Wanted::of(&now, max_title))
            }
            _ => false,
        };
        if (link.action_id.is_some() && link.part > 0) || is_outdated {
            work.enqueue(OutboxKind::Update, &link.ulid, &lane_of_issue(&link.ulid)).await?;
        }
        work.move_outbox(row, &done(row)).await?;
        work.commit().await?;

        let line = self.line(&linked, about.title(), Vec::new());
        match (link.action_id, was_found) {
            (None, _) => pass.summary.parents.push(line),
            (Some(_), true) => pass.summary.adopted.push(line),
            (Some(_), false) => pass.summary.created.push(line),
        }
        pass.fresh.insert(link.ulid.clone(), issue);
        Ok(())
    }

    /// Brings an issue in step with its action. What has to change is derived now, from what both sides are now; saying
    /// it twice is saying it once, so an unknown outcome is simply looked at again.
    async fn send_update(&self, pass: &mut Pass, row: &OutboxRow) -> Result<Step, SyncError> {
        let link = self.store.read().await?.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
        let Some(at) = issue_ref(&link) else {
            self.move_row(row, &done(row)).await?;
            return Ok(Step::Done);
        };
        let issue = match pass.fresh.remove(&link.ulid) {
            Some(issue) => issue,
            None => {
                match self.ask(pass.wait, async || self.tracker.fetch(std::slice::from_ref(&at)).await).await
                {
                    Ok(seen) => match seen.into_iter().next() {
                        Some(Seen::Issue(issue)) => *issue,
                        Some(Seen::Missing) | None => {
                            let what = format!("{}#{} cannot be seen any more", link.repo, at.number);
                            self.move_row(row, &needs_human(row, what, "followup doctor")).await?;
                            return Ok(Step::Done);
                        }
                    },
                    Err(SyncError::Tracker(error)) => return self.not_done(pass, row, error).await,
                    Err(error) => return Err(error),
                }
            }
        };
        self.take_over(pass, &link.ulid, &issue).await?;

        let mut work = self.store.begin(&self.stamp()).await?;
        let link = work.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
        let about = About::read(&mut work, &link).await?;
        let parent = match (link.in_parent, link.part, link.action_id) {
            (false, 1.., Some(_)) => {
                let links = work.links_of_report(link.report_id).await?;
                links.into_iter().find(|other| other.action_id.is_none() && other.part == link.part)
            }
            _ => None,
        };
        let wanted =
            about.action.as_ref().map(|action| Wanted::of(action, self.tracker.capabilities().max_title));
        let change = self.change(pass, &link, &about, &issue);
        let parent = parent.as_ref().and_then(issue_ref);
        if change.is_empty() && parent.is_none() {
            // The issue shows what is wanted already; from here on that is agreed on.
            if let Some(agreed) = link.agreed.as_deref().and_then(Agreed::from_json) {
                let agreed = Agreed { wanted, ..agreed };
                work.save_link(&Link { agreed: Some(agreed.to_json()), ..link }).await?;
            }
            work.move_outbox(row, &done(row)).await?;
            work.commit().await?;
            return Ok(Step::Done);
        }
        let sending = sending(row, row.first_sent_at.unwrap_or(self.pacing_now()));
        work.move_outbox(row, &sending).await?;
        work.commit().await?;

        let mut in_parent = link.in_parent;
        if let Some(parent) = parent {
            match self.tracker.add_sub_issue(&parent, &at).await {
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
            Agreed::new(&issue, None, wanted)
        } else {
            match self.tracker.update_issue(&at, &change).await {
                Sent::Done(after) => Agreed::after(&issue, &change, &after, wanted),
                Sent::NotSent(error) | Sent::Rejected(error) | Sent::Unknown(error) => {
                    return self.not_done(pass, &sending, error).await;
                }
            }
        };
        self.updated(pass, &sending, &change, agreed, in_parent).await?;
        Ok(Step::Done)
    }

    /// What has to change of an issue, the text included.
    fn change(&self, pass: &mut Pass, link: &Link, about: &About, issue: &Issue) -> IssueChange {
        let agreed = link.agreed.as_deref().and_then(Agreed::from_json);
        let (Some(action), Some(agreed)) = (&about.action, agreed) else { return IssueChange::default() };
        let wanted = Wanted::of(action, self.tracker.capabilities().max_title);
        let Plan { push: mut change, .. } = merge(action, &wanted, &agreed, issue);
        let section = body::action_section(
            action,
            &about.report,
            &Marker::new(&self.identity, &link.ulid, self.marker_repo(link, issue)),
        );
        let there = body::section_digest(&issue.body);
        if there.as_deref() != Some(&body::digest_of(&section)) {
            if there.is_some() && there == agreed.section {
                change.body = body::splice(&issue.body, &section);
            } else {
                let name = name_of_link(link);
                pass.summary.notes.push(format!(
                    "{name}: its section in {}#{} was edited by hand and is left as it is",
                    link.repo, issue.at.number
                ));
            }
        }
        change
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
        mut agreed: Agreed,
        in_parent: bool,
    ) -> Result<(), SyncError> {
        let mut work = self.store.begin(&self.stamp()).await?;
        let link = work.link(&row.subject).await?.ok_or_else(|| lost(&row.subject))?;
        let about = About::read(&mut work, &link).await?;
        agreed.section = match &change.body {
            Some(body) => body::section_digest(body),
            None => link.agreed.as_deref().and_then(Agreed::from_json).and_then(|before| before.section),
        };
        let (state, state_reason) = (Some(agreed.state.clone()), agreed.state_reason.clone());
        let link = Link { in_parent, state, state_reason, agreed: Some(agreed.to_json()), ..link };
        work.save_link(&link).await?;
        let what = names_of(change);
        if !what.is_empty() {
            let subject = link.action_id.map_or(Subject::Report(link.report_id), Subject::Action);
            work.append(NewEvent::new(subject, "issue.updated").with("changed", what.clone())).await?;
        }
        work.move_outbox(row, &done(row)).await?;
        work.commit().await?;
        if !what.is_empty() {
            pass.summary.updated.push(self.line(&link, about.title(), what));
        }
        Ok(())
    }

    /// Puts a row back that was not done, by what the tracker said.
    async fn not_done(
        &self,
        pass: &mut Pass,
        row: &OutboxRow,
        error: TrackerError,
    ) -> Result<Step, SyncError> {
        let mut after = match &error {
            TrackerError::RateLimited { .. } => pending(row, None, Some(error.to_string())),
            TrackerError::Refused { .. } => needs_human(row, error.to_string(), command_for(&error)),
            TrackerError::Unauthorized { .. } | TrackerError::NoToken { .. } => {
                pending(row, None, Some(error.to_string()))
            }
            TrackerError::Unreachable { .. }
            | TrackerError::NoAnswer { .. }
            | TrackerError::Broken { .. } => {
                pass.failures += 1;
                pending(row, Some(self.pacing_now() + backoff(pass.failures)), Some(error.to_string()))
            }
        };
        after.request_id = error.request_id().map(str::to_owned);
        self.move_row(row, &after).await?;
        self.obey(&error).await?;
        let gives_up = match &error {
            TrackerError::Unauthorized { .. } | TrackerError::NoToken { .. } => true,
            TrackerError::RateLimited { .. } | TrackerError::Refused { .. } => false,
            TrackerError::Unreachable { .. }
            | TrackerError::NoAnswer { .. }
            | TrackerError::Broken { .. } => pass.failures >= SEND_TRIES,
        };
        if gives_up { Err(error.into()) } else { Ok(Step::Done) }
    }
}

/// The command that settles a refusal.
fn command_for(error: &TrackerError) -> &'static str {
    match error.status() {
        Some(410) => "followup publish",
        _ => "followup doctor",
    }
}

/// The title of a parent: the report's, with its place where there are several.
fn parent_title(title: &str, part: i64, max: usize) -> String {
    if part < 2 {
        return super::merge::fit(title, max);
    }
    let place = format!(" ({part})");
    format!("{}{place}", super::merge::fit(title, max - place.chars().count()))
}

/// A link that knows its issue.
pub(super) fn with_issue(link: &Link, issue: &Issue, agreed: &Agreed) -> Link {
    Link {
        status: LinkStatus::Linked,
        repo: issue.at.target.repo.clone(),
        repo_id: issue.at.target.repo_id,
        issue_id: Some(issue.at.issue_id),
        node_id: issue.at.node_id.clone().or_else(|| link.node_id.clone()),
        number: Some(issue.at.number),
        url: Some(issue.url.clone()),
        state: Some(agreed.state.clone()),
        state_reason: agreed.state_reason.clone(),
        agreed: Some(agreed.to_json()),
        ..link.clone()
    }
}

/// The words for what a change changes.
fn names_of(change: &IssueChange) -> Vec<String> {
    let state = change.close.map(|reason| format!("closed as {}", reason.as_str()));
    [
        change.title.as_ref().map(|_| "title".to_owned()),
        change.body.as_ref().map(|_| "text".to_owned()),
        state,
        change.reopen.then(|| "reopened".to_owned()),
        (!change.assign.is_empty() || !change.unassign.is_empty()).then(|| "assignees".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn holds(labels: &[String], label: &str) -> bool {
    labels.iter().any(|other| other.eq_ignore_ascii_case(label))
}

fn sending(row: &OutboxRow, first_sent_at: DateTime<Utc>) -> OutboxRow {
    OutboxRow {
        state: OutboxState::Sending,
        attempt: row.attempt + 1,
        first_sent_at: Some(first_sent_at),
        not_before: None,
        ended_at: None,
        ..row.clone()
    }
}

pub(super) fn done(row: &OutboxRow) -> OutboxRow {
    OutboxRow {
        state: OutboxState::Done,
        not_before: None,
        last_error: None,
        command: None,
        ended_at: None,
        ..row.clone()
    }
}

/// A row without its link: only a broken database has that.
pub(super) fn lost(subject: &str) -> StoreError {
    tracing::error!(subject, "an outbox row has no link");
    StoreError::Failed(sqlx::Error::RowNotFound)
}

/// Lets a unit of work write events of the tracker.
pub(super) fn stamped_by_tracker<'a>(
    work: &'a mut UnitOfWork,
    stamp: &crate::store::Stamp,
    at: DateTime<Utc>,
    who: &str,
) -> &'a mut UnitOfWork {
    work.stamped(stamp.by(crate::action::ActorKind::Tracker, who, at))
}
