//! Deciding what gets an issue: intent, written down with what has to be sent, before anything is sent.
//!
//! Invariant: nothing is made in a repository that was not looked at before. When it holds issues of another Followup
//! database, publishing stops: otherwise every issue would be made twice.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    engine::{About, Engine, Pass, SyncError},
    link::{Suitable, Tie, Wish},
    marker::Marker,
    shown::Words,
    summary::{IssueLine, Line, Pending, Summary},
    unlinkable::{Unlinkable, cannot_be_linked, note_refusal},
};
use crate::{
    action::{Action, ActionId, Report, ReportId, Severity, State},
    failpoint,
    store::{Link, LinkStatus, NewLink, OutboxKind, Repository, UnitOfWork},
    tracker::{self, RepoName, Target, TrackerError},
};

/// Which actions to publish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only those of this report.
    pub report: Option<ReportId>,
    /// Also those that are done already.
    pub include_done: bool,
}

/// What the issues that reports name turned out to be.
type Wishes = BTreeMap<ActionId, Result<Suitable, Unlinkable>>;

/// What became of the issues that reports name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Granted {
    /// The actions that were tied.
    linked: Vec<Line>,
    /// Whether it was written down that there is no such issue.
    has_refused: bool,
}

impl Selection {
    /// Whether an action gets an issue, given the links of its report.
    fn includes(self, action: &Action, links: &[Link]) -> bool {
        let is_meant = action.state.is_active()
            || (self.include_done && matches!(action.state, State::Done | State::Verified));
        is_meant && !links.iter().any(|link| link.action_id == Some(action.id))
    }
}

impl Engine {
    /// Writes down that every selected action without an issue gets one.
    pub(super) async fn plan_publish(&self, pass: &mut Pass, selection: &Selection) -> Result<(), SyncError> {
        let (groups, notes) = self.by_repository(selection).await?;
        pass.summary.notes.extend(notes);
        for (name, reports) in groups {
            let Some(repository) = self.look_at(pass, &name, &reports).await? else { continue };
            let wishes = self.look_up_wishes(pass, selection, &name, &reports, &repository).await?;
            let mut work = self.store.begin(&self.stamp()).await?;
            let mut labels: BTreeSet<String> = self.settings.publish.labels.iter().cloned().collect();
            let mut intended = 0;
            let mut granted = Granted::default();
            for report in &reports {
                intended +=
                    self.intend_report(&mut work, selection, report, &repository, &mut labels).await?;
                self.grant(&mut work, pass, report, &repository, &wishes, &mut granted).await?;
            }
            if intended == 0 && granted == Granted::default() {
                continue;
            }
            work.save_repository(&repository).await?;
            failpoint::reach("publish.intending");
            work.commit().await?;
            failpoint::reach("publish.intended");
            pass.summary.linked.extend(granted.linked);
        }
        Ok(())
    }

    /// Looks up what the reports name as the issues of selected actions.
    async fn look_up_wishes(
        &self,
        pass: &mut Pass,
        selection: &Selection,
        name: &RepoName,
        reports: &[Report],
        repository: &Repository,
    ) -> Result<Wishes, SyncError> {
        let mut named = Vec::new();
        {
            let mut snapshot = self.store.read().await?;
            for report in reports {
                let links = snapshot.links_of_report(report.id).await?;
                for action in snapshot.actions_of(report.id).await? {
                    if selection.includes(&action, &links)
                        && let Wish::Linked(issue) = self.wish(&action, report, name)
                    {
                        named.push((action.id, issue));
                    }
                }
            }
        }
        let target = Target { repo_id: repository.repo_id, repo: repository.name.clone() };
        let mut wishes = Wishes::new();
        for (id, issue) in named {
            match self.find(pass.wait, &issue, &target).await {
                // A pause that this pass does not sit out: the next one looks.
                Err(SyncError::Tracker(error @ TrackerError::RateLimited { .. })) => {
                    pass.summary.waiting.push(Pending {
                        id: id.to_string(),
                        what: error.to_string(),
                        command: Some("followup publish".to_owned()),
                    });
                }
                found => drop(wishes.insert(id, found?)),
            }
        }
        Ok(wishes)
    }

    /// Ties the actions of a report to the issues that it names. What cannot be is for a person, and gets no issue of its
    /// own until one decides.
    async fn grant(
        &self,
        work: &mut UnitOfWork,
        pass: &mut Pass,
        report: &Report,
        repository: &Repository,
        wishes: &Wishes,
        granted: &mut Granted,
    ) -> Result<(), SyncError> {
        for action in work.actions_of(report.id).await? {
            let Some(found) = wishes.get(&action.id) else { continue };
            let found = match found {
                Ok(Suitable { issue, closers, moved_from }) => {
                    match self.came_later(work, &action, issue).await? {
                        Some(why) => Err(why),
                        None => {
                            let tie = Tie { action: &action, report, repository, issue, closers };
                            self.tie(work, &self.stamp(), &tie).await?.map(|line| (line, moved_from))
                        }
                    }
                }
                Err(why) => {
                    granted.has_refused |= note_refusal(work, &action, why).await?;
                    Err(why.clone())
                }
            };
            match found {
                Ok((line, moved_from)) => {
                    if let (Some(from), Some(number)) = (moved_from, line.issue.number) {
                        let (id, repo) = (action.id, &line.issue.repo);
                        pass.summary
                            .notes
                            .push(format!("{id}: {from}, which its report names, is {repo}#{number} by now"));
                    }
                    granted.linked.push(line);
                }
                Err(why) => pass.summary.needs_human.push(cannot_be_linked(action.id, &why)),
            }
        }
        Ok(())
    }

    /// What [`Engine::publish`] would do, without writing or sending anything.
    ///
    /// # Errors
    /// [`SyncError`] when the database does not answer, or nobody said where to publish to.
    pub async fn plan_only(&self, selection: &Selection) -> Result<Summary, SyncError> {
        let (groups, notes) = self.by_repository(selection).await?;
        let mut summary = Summary { notes, ..Summary::default() };
        for (name, reports) in groups {
            let planned = |id: String, title: &str| Line {
                id,
                title: title.to_owned(),
                issue: IssueLine {
                    tracker: self.tracker.name().to_owned(),
                    repo: name.to_string(),
                    number: None,
                    url: None,
                },
                issue_title: None,
                what: Vec::new(),
            };
            let mut snapshot = self.store.read().await?;
            for report in reports {
                let links = snapshot.links_of_report(report.id).await?;
                let mut needs_parent =
                    self.settings.publish.parent_issue && !links.iter().any(|link| link.action_id.is_none());
                for action in snapshot.actions_of(report.id).await? {
                    if !selection.includes(&action, &links) {
                        continue;
                    }
                    let line = planned(action.id.to_string(), &action.title);
                    let about = About { report: report.clone(), action: Some(action.clone()) };
                    if let Some((what, command)) = self.shown(&mut snapshot, &about).await?.stop(Words::All) {
                        let id = action.id.to_string();
                        summary.needs_human.push(Pending { id, what, command: Some(command) });
                        continue;
                    }
                    match self.wish(&action, &report, &name) {
                        Wish::Own => {
                            if std::mem::take(&mut needs_parent) {
                                let about = About { report: report.clone(), action: None };
                                let stop = self.shown(&mut snapshot, &about).await?.stop(Words::All);
                                summary.needs_human.extend(stop.map(|(what, command)| Pending {
                                    id: report.id.to_string(),
                                    what,
                                    command: Some(command),
                                }));
                                let parent = planned(report.id.to_string(), &report.title);
                                summary.parents.push(Line { what: self.planned_place(false), ..parent });
                            }
                            summary.created.push(Line { what: self.planned_place(true), ..line });
                        }
                        Wish::Linked(named) => {
                            let (repo, number) = (named.repo.to_string(), Some(named.number));
                            let issue = IssueLine { repo, number, ..line.issue };
                            summary.linked.push(Line { issue, ..line });
                        }
                        Wish::Elsewhere(_) => {}
                    }
                }
            }
        }
        Ok(summary)
    }

    /// What a new issue is to be put under, in words.
    fn planned_place(&self, is_action: bool) -> Vec<String> {
        let publish = &self.settings.publish;
        let milestone = publish.milestone.iter().map(|title| format!("milestone: {title}"));
        let issue_type = publish.issue_type.iter().filter(|_| is_action).map(|name| format!("type: {name}"));
        milestone.chain(issue_type).collect()
    }

    /// Where the actions of a report go.
    pub(super) fn target_of(&self, report: &Report) -> Result<RepoName, SyncError> {
        let own = report.repo.as_deref().and_then(|repo| repo.parse().ok());
        own.or_else(|| self.settings.repo.clone()).ok_or(SyncError::NoRepository(report.id))
    }

    /// The reports with something to publish, by where it goes; and what is to be said of the actions that other trackers
    /// hold, which get no issue.
    async fn by_repository(
        &self,
        selection: &Selection,
    ) -> Result<(BTreeMap<RepoName, Vec<Report>>, Vec<String>), SyncError> {
        let mut snapshot = self.store.read().await?;
        let reports = match selection.report {
            Some(id) => vec![snapshot.report(id).await?],
            None => snapshot.reports_to_publish(selection.include_done).await?,
        };
        let mut groups: BTreeMap<RepoName, Vec<Report>> = BTreeMap::new();
        let mut notes = Vec::new();
        for report in reports {
            let links = snapshot.links_of_report(report.id).await?;
            let mut new = snapshot.actions_of(report.id).await?;
            new.retain(|action| selection.includes(action, &links));
            if new.is_empty() {
                continue;
            }
            let name = self.target_of(&report)?;
            new.retain(|action| match self.wish(action, &report, &name) {
                Wish::Own | Wish::Linked(_) => true,
                Wish::Elsewhere(what) => {
                    let id = action.id;
                    notes.push(format!(
                        "{id} is tracked in {what}, as its report says, and gets no issue; `followup unlink {id}` lets \
                         publish make one"
                    ));
                    false
                }
            });
            if !new.is_empty() {
                groups.entry(name).or_default().push(report);
            }
        }
        Ok((groups, notes))
    }

    /// Looks whether a repository can take our issues; nothing where a person has to do something first.
    async fn look_at(
        &self,
        pass: &mut Pass,
        name: &RepoName,
        reports: &[Report],
    ) -> Result<Option<Repository>, SyncError> {
        let (seen, obstacle) = match self.obstacle_in(pass, name, reports).await {
            Ok(looked) => looked,
            Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                let what = refusal(name, &error);
                return Ok(stop(pass, name, what, "followup doctor"));
            }
            Err(SyncError::Tracker(error @ TrackerError::RateLimited { .. })) => {
                pass.summary.waiting.push(Pending {
                    id: name.to_string(),
                    what: error.to_string(),
                    command: Some("followup publish".to_owned()),
                });
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if let Some((what, command)) = obstacle {
            return Ok(stop(pass, name, what, command));
        }
        let (tracker, host, repo_id) = (self.tracker.name(), self.tracker.host(), seen.target.repo_id);
        if let Some(known) = self.store.read().await?.repository(tracker, host, repo_id).await? {
            return Ok(Some(Repository { name: seen.target.repo, ..known }));
        }
        let foreign = self.foreign_issues(pass, &seen).await?;
        if foreign > 0 {
            let what = format!(
                "{name} already holds {foreign} issues of another Followup database, and publishing would make them twice: use \
                 that database, or take them over"
            );
            return Ok(stop(pass, name, what, "followup adopt"));
        }
        Ok(Some(self.unknown_repository(seen.target)))
    }

    /// A repository as it is now, and why nothing new can be made in it.
    async fn obstacle_in(
        &self,
        pass: &mut Pass,
        name: &RepoName,
        reports: &[Report],
    ) -> Result<(tracker::Repository, Option<(String, &'static str)>), SyncError> {
        let seen = self.ask(pass.wait, async || self.tracker.repository(name).await).await?;
        let obstacle = self.obstacle(name, &seen, reports);
        pass.obstacles.insert(seen.target.repo_id, obstacle.clone());
        if obstacle.is_some() {
            return Ok((seen, obstacle));
        }
        let misplaced = self.place(pass, &seen.target).await?.err();
        Ok((seen, misplaced.map(|what| (what, "followup doctor"))))
    }

    /// A repository of which nothing is known yet but where it is.
    pub(super) fn unknown_repository(&self, target: Target) -> Repository {
        Repository {
            tracker: self.tracker.name().to_owned(),
            host: self.tracker.host().to_owned(),
            repo_id: target.repo_id,
            name: target.repo,
            labels: "[]".to_owned(),
            left_alone: "[]".to_owned(),
        }
    }

    /// Why the issue of a link cannot be made now. Much can have happened to its repository since that was decided: what
    /// an earlier run left must not go where strangers read by now.
    pub(super) async fn obstacle_of(
        &self,
        pass: &mut Pass,
        link: &Link,
    ) -> Result<Option<(String, &'static str)>, SyncError> {
        if let Some(known) = pass.obstacles.get(&link.repo_id) {
            return Ok(known.clone());
        }
        let Ok(name) = link.repo.parse::<RepoName>() else {
            return Ok(Some((format!("`{}` is not a repository", link.repo), "followup doctor")));
        };
        let obstacle = match self.ask(pass.wait, async || self.tracker.repository(&name).await).await {
            Ok(seen) if seen.target.repo_id == link.repo_id => self.obstacle(&name, &seen, &[]),
            Ok(_) => Some((format!("{name} is another repository by now"), "followup doctor")),
            Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                Some((refusal(&name, &error), "followup doctor"))
            }
            Err(error) => return Err(error),
        };
        pass.obstacles.insert(link.repo_id, obstacle.clone());
        Ok(obstacle)
    }

    /// Why nothing can be published into a repository, and what to do about it.
    pub(super) fn obstacle(
        &self,
        name: &RepoName,
        seen: &tracker::Repository,
        reports: &[Report],
    ) -> Option<(String, &'static str)> {
        if seen.is_archived {
            return Some((format!("{name} is archived"), "followup import SOURCE --repo OWNER/NAME"));
        }
        if !seen.has_issues {
            return Some((
                format!("issues are disabled in {name}; enable them in its settings"),
                "followup publish",
            ));
        }
        if !seen.is_private && !self.settings.publish.allow_public {
            return Some((
                format!(
                    "{name} is public{}; set `allow_public = true` under [publish] in followup.toml if that is meant",
                    would_read(reports)
                ),
                "followup publish",
            ));
        }
        None
    }

    /// How many issues in a repository carry a marker that is not ours. Issues of ours that are not linked are linked
    /// by what made them unknown, never here.
    async fn foreign_issues(&self, pass: &Pass, seen: &tracker::Repository) -> Result<usize, SyncError> {
        let label = &self.settings.publish.labels[0];
        let issues =
            self.ask(pass.wait, async || self.tracker.issues_with_label(&seen.target, label).await).await?;
        let mut snapshot = self.store.read().await?;
        let mut foreign = 0;
        for issue in issues {
            let Some(marker) = Marker::find(&issue.body) else { continue };
            // The MAC covers the repository of creation, so a copied issue of ours elsewhere is not foreign.
            let is_known = marker.is_ours(&self.identity) && snapshot.knows_ulid(&marker.ulid).await?;
            foreign += usize::from(!is_known && marker.repo_id == seen.target.repo_id);
        }
        Ok(foreign)
    }

    /// Writes down what of one report gets an issue; gives how many issues that is.
    async fn intend_report(
        &self,
        work: &mut UnitOfWork,
        selection: &Selection,
        report: &Report,
        repository: &Repository,
        labels: &mut BTreeSet<String>,
    ) -> Result<usize, SyncError> {
        let links = work.links_of_report(report.id).await?;
        let actions = work.actions_of(report.id).await?;
        let target = self.target_of(report)?;
        let is_new = |action: &&Action| {
            selection.includes(action, &links) && self.wish(action, report, &target) == Wish::Own
        };
        let new: Vec<&Action> = actions.iter().filter(is_new).collect();
        for action in &new {
            labels.extend(labels_of(&self.settings.publish.labels, Some(action), report));
        }
        let known: BTreeSet<String> = serde_json::from_str(&repository.labels).unwrap_or_default();
        let lane = lane_of_repository(repository);
        if !new.is_empty() && !labels.is_subset(&known) {
            work.save_repository(repository).await?;
            work.enqueue(OutboxKind::Prepare, &subject_of_repository(repository), &lane).await?;
        }
        let room = self.tracker.capabilities().max_sub_issues;
        let mut children: BTreeMap<i64, usize> = BTreeMap::new();
        let mut parents: BTreeSet<i64> = BTreeSet::new();
        for link in &links {
            if link.action_id.is_some() {
                *children.entry(link.part).or_default() += 1;
            } else {
                parents.insert(link.part);
            }
        }
        for action in &new {
            let part = if self.settings.publish.parent_issue {
                (1..).find(|part| children.get(part).is_none_or(|count| *count < room)).unwrap_or(1)
            } else {
                0
            };
            if part > 0 && parents.insert(part) {
                // The first parent carries the report's own ULID, further ones one of their own.
                let ulid = match part {
                    1 => work.ulid_for_link(&report.ulid).await?,
                    _ => work.new_ulid(),
                };
                let new = NewLink { ulid, report_id: report.id, action_id: None, part, made_here: true };
                self.intend(work, new, repository).await?;
            }
            *children.entry(part).or_default() += 1;
            let ulid = work.ulid_for_link(&action.ulid).await?;
            let new =
                NewLink { ulid, report_id: report.id, action_id: Some(action.id), part, made_here: true };
            self.intend(work, new, repository).await?;
        }
        Ok(new.len())
    }

    async fn intend(
        &self,
        work: &mut UnitOfWork,
        new: NewLink,
        repository: &Repository,
    ) -> Result<(), SyncError> {
        work.intend(&new, repository).await?;
        work.enqueue(OutboxKind::Create, &new.ulid, &lane_of_repository(repository)).await?;
        Ok(())
    }

    /// The labels that a repository should have for everything that is or will be published into it.
    pub(super) async fn labels_for(&self, repository: &Repository) -> Result<BTreeSet<String>, SyncError> {
        let mut snapshot = self.store.read().await?;
        let mut labels: BTreeSet<String> = self.settings.publish.labels.iter().cloned().collect();
        for report in snapshot.reports().await? {
            let links = snapshot.links_of_report(report.id).await?;
            let waiting: Vec<_> = links
                .iter()
                .filter(|link| link.repo_id == repository.repo_id && link.status == LinkStatus::Intended)
                .collect();
            if waiting.is_empty() {
                continue;
            }
            for action in snapshot.actions_of(report.id).await? {
                if waiting.iter().any(|link| link.action_id == Some(action.id)) {
                    labels.extend(labels_of(&self.settings.publish.labels, Some(&action), &report));
                }
            }
        }
        Ok(labels)
    }
}

/// The labels of an issue: the configured ones, the category of an action, and the severity of the incident.
pub(super) fn labels_of(configured: &[String], action: Option<&Action>, report: &Report) -> Vec<String> {
    let mut labels = configured.to_vec();
    if let Some(action) = action {
        labels.push(format!("ca:{}", action.category));
        labels.extend(label_of(action.state).map(str::to_owned));
    }
    if let Some(number) =
        report.severity.as_str().strip_prefix("sev").filter(|_| report.severity != Severity::Unknown)
    {
        labels.push(format!("sev:{number}"));
    }
    labels
}

/// The label that says where an action stands, where whether the issue is open does not.
fn label_of(state: State) -> Option<&'static str> {
    match state {
        State::InProgress => Some("ca:in-progress"),
        State::Blocked => Some("ca:blocked"),
        State::Verified => Some("ca:verified"),
        State::Waived => Some("ca:waived"),
        State::Proposed | State::Open | State::Done | State::Dropped => None,
    }
}

/// The lane in which issues of a repository are made, one after the other.
pub(super) fn lane_of_repository(repository: &Repository) -> String {
    format!("create:{}", subject_of_repository(repository))
}

/// The subject of a `prepare`.
pub(super) fn subject_of_repository(repository: &Repository) -> String {
    format!("{}/{}/{}", repository.tracker, repository.host, repository.repo_id)
}

/// Whose text strangers would read; nothing where that is told beside it.
fn would_read(reports: &[Report]) -> String {
    let named = |report: &Report| format!("{} (from {})", report.id, report.source);
    match reports {
        [] => String::new(),
        [one] => format!(", and strangers would read {}", named(one)),
        [one, two] => format!(", and strangers would read {} and {}", named(one), named(two)),
        [first, rest @ ..] => {
            format!(", and strangers would read {} and {} more reports", named(first), rest.len())
        }
    }
}

/// Why a repository cannot be looked at, in words.
pub(super) fn refusal(name: &RepoName, error: &TrackerError) -> String {
    match error.status() {
        Some(404) => format!("cannot publish to {name}: it does not exist, or the token may not see it"),
        _ => format!("cannot publish to {name}: {error}"),
    }
}

fn stop(pass: &mut Pass, name: &RepoName, what: String, command: &str) -> Option<Repository> {
    pass.summary.needs_human.push(Pending { id: name.to_string(), what, command: Some(command.to_owned()) });
    None
}
