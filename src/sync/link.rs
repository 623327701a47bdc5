//! Tying an action to an issue that is there already.
//!
//! Invariants: an issue belongs to one action at most, and is in the repository that its action goes to; it is looked at
//! before anything is written down, and what cannot be tied changes nothing. Tying and what follows from it are one unit
//! of work; the issue gets our section by the outbox, which can say it twice. Nothing else of the issue is changed, but
//! that our owner does it where nobody does.

use super::{
    agreed::Agreed,
    body,
    engine::{Engine, Pass, SyncError, lane_of_issue, name_of_link},
    marker::Marker,
    outbox::{lost, with_issue},
    publish::refusal,
    summary::Line,
    unlink::{name_of, without},
    unlinkable::{LinkError, Unlinkable, was_refused},
};
use crate::{
    action::{Action, ActionId, Field, NewEvent, Report, State, Subject},
    intake::Reference,
    store::{LinkStatus, NewLink, OutboxKind, Repository, Snapshot, Stamp, StoreError, UnitOfWork},
    tracker::{Closer, Issue, RepoName, Target, TrackerError},
};

/// An action that is tied to an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The action, its issue, and what it took over from it.
    pub line: Line,
    /// What the issue was called, where it was moved since.
    pub moved_from: Option<String>,
    /// Whether the two were tied before.
    pub as_before: bool,
    /// Why the issue does not show it yet.
    pub waiting: Option<String>,
    /// What went well, but not quite as asked.
    pub notes: Vec<String>,
}

/// What a report says about where an action is tracked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing, or a person decided otherwise: it gets an issue of its own.
    Own,
    /// In this issue.
    Linked(Named),
    /// In something that this tracker does not hold.
    Elsewhere(String),
}

/// An issue by what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) repo: RepoName,
    pub(super) number: i64,
}

impl std::fmt::Display for Named {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}#{}", self.repo, self.number)
    }
}

/// An issue that an action can be tied to, and what it was called where it was moved since.
#[derive(Debug)]
pub(super) struct Suitable {
    pub(super) issue: Issue,
    /// What closed it, where it is closed.
    pub(super) closers: Vec<Closer>,
    pub(super) moved_from: Option<String>,
}

/// What a unit of work ties together.
pub(super) struct Tie<'a> {
    pub(super) action: &'a Action,
    pub(super) report: &'a Report,
    pub(super) repository: &'a Repository,
    pub(super) issue: &'a Issue,
    pub(super) closers: &'a [Closer],
}

impl Engine {
    /// What the report of an action says about where it is tracked; `target` is where its report goes.
    pub(super) fn wish(&self, action: &Action, report: &Report, target: &RepoName) -> Wish {
        let Some(text) = action.tracked_in.as_deref().filter(|_| !action.corrected.has(Field::Issue)) else {
            return Wish::Own;
        };
        let Some(Reference::Issue { host, repo, number }) = Reference::parse(text) else {
            return Wish::Elsewhere(text.to_owned());
        };
        if !self.tracker.is_at(host.as_deref()) {
            return Wish::Elsewhere(text.to_owned());
        }
        let repo = match repo {
            Some(repo) => repo.parse().ok(),
            // In an issue, `#12` is its neighbour; in a file it is one where the actions go.
            None => Some(self.repository_of_source(report).unwrap_or_else(|| target.clone())),
        };
        repo.map_or_else(|| Wish::Elsewhere(text.to_owned()), |repo| Wish::Linked(Named { repo, number }))
    }

    fn repository_of_source(&self, report: &Report) -> Option<RepoName> {
        match Reference::parse(&report.source)? {
            Reference::Issue { host: Some(host), repo, .. } if self.tracker.is_at(Some(&host)) => {
                repo?.parse().ok()
            }
            Reference::Issue { .. } | Reference::Key(_) | Reference::Address(_) => None,
        }
    }

    /// Looks an issue up that people named; nothing is written.
    pub(super) async fn find(
        &self,
        wait: bool,
        named: &Named,
        target: &Target,
    ) -> Result<Result<Suitable, Unlinkable>, SyncError> {
        let asked = named.to_string();
        let found =
            self.ask(wait, async || self.tracker.look_up(&named.repo, named.number, target).await).await;
        let found = match found {
            Ok(found) => found,
            Err(SyncError::Tracker(TrackerError::Refused { status, message, .. })) => {
                return Ok(Err(match status {
                    404 => Unlinkable::NotThere(asked),
                    410 => Unlinkable::Gone { issue: asked, message },
                    _ => Unlinkable::Refused { issue: asked, message },
                }));
            }
            Err(error) => return Err(error),
        };
        let issue = name_of_issue(&found.issue);
        if found.is_pull_request {
            return Ok(Err(Unlinkable::PullRequest(issue)));
        }
        let moved_from = Some(asked).filter(|asked| !asked.eq_ignore_ascii_case(&issue));
        if found.issue.at.target.repo_id != target.repo_id {
            return Ok(Err(Unlinkable::Elsewhere { issue, moved_from, target: target.repo.clone() }));
        }
        let ended = Vec::from_iter(found.issue.issue_state().is_completed().then(|| found.issue.at.clone()));
        let closers = self.closers(wait, ended).await?.into_values().flatten().collect();
        Ok(Ok(Suitable { issue: found.issue, closers, moved_from }))
    }

    /// Ties an action without an issue to one, within a unit of work that `stamp` began.
    pub(super) async fn tie(
        &self,
        work: &mut UnitOfWork,
        stamp: &Stamp,
        tie: &Tie<'_>,
    ) -> Result<Result<Line, Unlinkable>, SyncError> {
        let Tie { action, report, repository, issue, closers } = *tie;
        let owner = work.link_of_issue(self.tracker.name(), self.tracker.host(), issue.at.issue_id).await?;
        if let Some(owner) = owner {
            let (issue, owner) = (name_of_issue(issue), name_of_link(&owner));
            return Ok(Err(Unlinkable::Taken { issue, owner }));
        }
        if issue.state == "open" && !action.state.is_active() {
            let (id, state) = (action.id, action.state);
            return Ok(Err(Unlinkable::StillOpen { issue: name_of_issue(issue), id, state }));
        }
        let ulid = work.ulid_for_link(&action.ulid).await?;
        let given_up = self.given_up(work, &issue.body).await?;
        let rest = given_up.iter().fold(issue.body.clone(), |text, other| without(&text, other));
        // A database that was restored from a backup does not know that it was tied to this issue before.
        let is_ours = |marker: &Marker| marker.ulid == ulid && marker.is_ours(&self.identity);
        let forgotten = Marker::find(&rest).filter(is_ours).and_then(|_| body::section_digest(&rest));
        if forgotten.is_none() && body::holds_section(&rest) {
            return Ok(Err(Unlinkable::HoldsSection(name_of_issue(issue))));
        }
        let new =
            NewLink { ulid, report_id: report.id, action_id: Some(action.id), part: 0, made_here: false };
        work.intend(&new, repository).await?;
        let link = work.link(&new.ulid).await?.ok_or_else(|| lost(&new.ulid))?;
        let max_title = self.tracker.capabilities().max_title;
        let wanted = self.wanted(work, action, report, max_title).await?;
        let agreed = Agreed { section: forgotten, ..Agreed::before_linking(issue, &wanted) };
        let linked = with_issue(&link, issue, &agreed);
        work.save_link(&linked).await?;
        let event = NewEvent::new(Subject::Action(action.id), "issue.linked")
            .with("tracker", linked.tracker.as_str())
            .with("repo", linked.repo.as_str())
            .with("number", linked.number)
            .with("url", linked.url.as_deref());
        work.append(event).await?;
        work.enqueue(OutboxKind::Update, &linked.ulid, &lane_of_issue(&linked.ulid)).await?;
        let line = self.take_over_in(work, stamp, &linked, issue, closers).await?;
        let line = line.unwrap_or_else(|| self.line(&linked, &action.title, Vec::new()));
        let issue_title = Some(issue.title.clone()).filter(|title| *title != line.title);
        Ok(Ok(Line { issue_title, ..line }))
    }

    /// Why no action is tied to an issue without a person: the report cannot have meant one that was not there when it was
    /// looked up, and was made after the report was imported. What belongs to somebody is told by [`Engine::tie`].
    pub(super) async fn came_later(
        &self,
        work: &mut UnitOfWork,
        action: &Action,
        issue: &Issue,
    ) -> Result<Option<Unlinkable>, SyncError> {
        if issue.created_at < action.created_at || !was_refused(work, action).await? {
            return Ok(None);
        }
        let owner = work.link_of_issue(self.tracker.name(), self.tracker.host(), issue.at.issue_id).await?;
        Ok(owner
            .is_none()
            .then(|| Unlinkable::CameLater { issue: name_of_issue(issue), title: issue.title.clone() }))
    }

    /// The ULIDs of links that were given up and whose sections still stand in a text.
    pub(super) async fn given_up(&self, work: &mut Snapshot, body: &str) -> Result<Vec<String>, StoreError> {
        let mut given_up = Vec::new();
        for marker in Marker::all(body).filter(|marker| marker.is_ours(&self.identity)) {
            let link = work.link(&marker.ulid).await?;
            if link.is_some_and(|link| link.status == LinkStatus::Unlinked) {
                given_up.push(marker.ulid);
            }
        }
        Ok(given_up)
    }

    /// Ties an action to an issue that is there already, and writes our section into it as far as that goes at once.
    ///
    /// # Errors
    /// [`LinkError`] when it cannot be; nothing is changed then.
    #[tracing::instrument(name = "link", skip_all)]
    pub async fn link(&self, id: ActionId, reference: &Reference) -> Result<Linked, LinkError> {
        let mut pass = self.begin_pass(false).await?;
        let report = {
            let mut snapshot = self.store.read().await?;
            let action = snapshot.action(id).await?;
            is_wanted(&action)?;
            snapshot.report(action.report_id).await?
        };
        let name = self.target_of(&report)?;
        let repository = self.repository_to_link_in(&mut pass, &name, &report).await?;
        let target = Target { repo_id: repository.repo_id, repo: repository.name.clone() };
        let named = self.named(reference, Some(&name))?;
        let Suitable { issue, closers, moved_from } = self.find(false, &named, &target).await??;
        let at = name_of_issue(&issue);

        // Whoever has the right to send finds what is written here; only what it may be sending must not change.
        let mut lock = self.store.try_publisher_lock().await?;
        if lock.is_some() {
            self.take_up_again(false).await?;
        }
        let stamp = self.stamp();
        let mut work = self.store.begin(&stamp).await?;
        let action = work.action(id).await?;
        is_wanted(&action)?;
        let before = work.link_of(id).await?;
        let as_before = before.as_ref().is_some_and(|link| link.issue_id == Some(issue.at.issue_id));
        let line = if let Some(link) = before.as_ref().filter(|_| as_before) {
            self.line(link, &action.title, Vec::new())
        } else {
            match before {
                Some(link) if link.status == LinkStatus::Linked => {
                    return Err(Unlinkable::HasIssue { id, issue: name_of(&link) }.into());
                }
                Some(_) if lock.is_none() => return Err(Unlinkable::OnItsWay(Subject::Action(id)).into()),
                // It was to get an issue of its own, and nothing was sent for it.
                Some(link) => match work.forget_intent(&link).await {
                    Err(StoreError::Locked) => return Err(Unlinkable::OnItsWay(Subject::Action(id)).into()),
                    forgotten => forgotten?,
                },
                None => {}
            }
            let tie = Tie {
                action: &action,
                report: &report,
                repository: &repository,
                issue: &issue,
                closers: &closers,
            };
            self.tie(&mut work, &stamp, &tie).await??
        };
        let ulid = work.link_of(id).await?.map(|link| link.ulid).unwrap_or_default();
        work.commit().await?;
        tracing::info!(action.id = %id, issue = at, "linked");

        let lane = lane_of_issue(&ulid);
        pass.fresh.insert(ulid, self.pacing_now(), issue);
        pass.summary.linked.push(line.clone());
        let mut failed = None;
        if let Some(lock) = &mut lock {
            match self.deliver(&mut pass, lock, Some(&lane)).await {
                // They are tied; what stops the tracker now stops only what the issue is to be told.
                Err(SyncError::Tracker(error)) => failed = Some(error.to_string()),
                delivered => delivered?,
            }
        }
        let rows = self.store.read().await?.live_outbox().await?;
        let left = rows.into_iter().find(|row| row.lane == lane);
        let waiting = left.map(|row| {
            let why = failed.or(row.last_error);
            why.unwrap_or_else(|| "another followup is publishing from this database".to_owned())
        });
        Ok(Linked { line, moved_from, as_before, waiting, notes: pass.summary.notes })
    }

    /// Which issue a person means.
    pub(super) fn named(
        &self,
        reference: &Reference,
        target: Option<&RepoName>,
    ) -> Result<Named, Unlinkable> {
        let foreign =
            || Unlinkable::Foreign { reference: reference.to_string(), host: self.tracker.host().to_owned() };
        let Reference::Issue { host, repo, number } = reference else { return Err(foreign()) };
        if host.is_some() && !self.tracker.is_at(host.as_deref()) {
            return Err(foreign());
        }
        let repo = match repo {
            Some(repo) => repo.parse().map_err(|_| foreign())?,
            None => target.cloned().ok_or_else(foreign)?,
        };
        Ok(Named { repo, number: *number })
    }

    /// The repository of a report, if we may write there.
    async fn repository_to_link_in(
        &self,
        pass: &mut Pass,
        name: &RepoName,
        report: &Report,
    ) -> Result<Repository, LinkError> {
        let seen = match self.ask(false, async || self.tracker.repository(name).await).await {
            Ok(seen) => seen,
            Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                return Err(Unlinkable::Repository(refusal(name, &error)).into());
            }
            Err(error) => return Err(error.into()),
        };
        if let Some((what, _)) = self.obstacle(name, &seen, std::slice::from_ref(report)) {
            return Err(Unlinkable::Repository(what).into());
        }
        pass.obstacles.insert(seen.target.repo_id, None);
        Ok(self.unknown_repository(seen.target))
    }
}

/// Whether an action can have an issue at all.
fn is_wanted(action: &Action) -> Result<(), Unlinkable> {
    match action.state {
        State::Open | State::InProgress | State::Blocked | State::Done | State::Verified => Ok(()),
        state @ (State::Proposed | State::Waived | State::Dropped) => {
            Err(Unlinkable::NotWanted { id: action.id, state })
        }
    }
}

fn name_of_issue(issue: &Issue) -> String {
    format!("{}#{}", issue.at.target.repo, issue.at.number)
}
