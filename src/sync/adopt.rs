//! Taking over issues that another database made: a second laptop's, or one that was lost.
//!
//! Invariants: an issue is taken over only for the one action that its visible line fits, by the fingerprint of report and
//! quote; what fits nothing, or several, is told of and left as it is; and each is taken over in one unit of work, so that
//! no moment exists in which its action could get another one.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use super::{
    body,
    conflicts::{Twin, duplicate},
    engine::{About, Engine, Pass, SyncError},
    marker::Marker,
    outbox::lost,
    publish::{lane_of_repository, refusal},
    summary::{Pending, Summary},
};
use crate::{
    action::{Action, ActionId, Report, State},
    store::{LinkStatus, NewLink, OutboxKind, Repository, Snapshot},
    tracker::{Issue, RepoName, Target, TrackerError},
};

/// The line that people see. The fingerprint tells what it is about in any database.
static VISIBLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^<sub>Tracked as ((?:CA|IR)-\d+) · report IR-\d+ · ([0-9a-f]{8}) · ")
        .expect("the pattern is right")
});

/// What to take over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Only in this repository; else in every one that actions go to.
    pub repo: Option<RepoName>,
    /// Whether what fits nothing is to be left alone for good, so that publishing may go on beside it.
    pub leave: bool,
}

/// What an issue can be taken over for.
#[derive(Clone, Debug)]
struct Candidate {
    report: Report,
    /// Nothing for a parent.
    action: Option<Action>,
}

impl Candidate {
    fn name(&self) -> String {
        self.action.as_ref().map_or_else(|| self.report.id.to_string(), |action| action.id.to_string())
    }
}

impl Engine {
    /// Takes over the issues of another database that fit actions of this one. Without `is_real` it only says which.
    ///
    /// # Errors
    /// [`SyncError`] when the database or the tracker stops it; what was taken over by then stands.
    #[tracing::instrument(name = "adopt", skip_all)]
    pub async fn adopt(&self, adoption: &Adoption, is_real: bool, wait: bool) -> Result<Summary, SyncError> {
        let mut pass = self.begin_pass(wait).await?;
        let mut lock = None;
        if is_real {
            lock = self.publisher_lock(&mut pass).await?;
            if lock.is_none() {
                return self.end_pass(pass).await;
            }
            self.take_up_again(false).await?;
        }
        for name in self.repositories_of(adoption).await? {
            self.adopt_in(&mut pass, &name, adoption, is_real).await?;
        }
        if let Some(mut lock) = lock {
            self.deliver(&mut pass, &mut lock, None).await?;
        }
        self.end_pass(pass).await
    }

    /// Where the actions of this database go.
    async fn repositories_of(&self, adoption: &Adoption) -> Result<Vec<RepoName>, SyncError> {
        if let Some(repo) = &adoption.repo {
            return Ok(vec![repo.clone()]);
        }
        let mut names: Vec<RepoName> = self.settings.repo.iter().cloned().collect();
        for report in self.store.read().await?.reports().await? {
            names.extend(self.target_of(&report).ok());
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    async fn adopt_in(
        &self,
        pass: &mut Pass,
        name: &RepoName,
        adoption: &Adoption,
        is_real: bool,
    ) -> Result<(), SyncError> {
        let seen = match self.ask(pass.wait, async || self.tracker.repository(name).await).await {
            Ok(seen) => seen,
            Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                let what = refusal(name, &error);
                pass.summary.needs_human.push(Pending {
                    id: name.to_string(),
                    what,
                    command: Some("followup doctor".to_owned()),
                });
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let label = &self.settings.publish.labels[0];
        let issues =
            self.ask(pass.wait, async || self.tracker.issues_with_label(&seen.target, label).await).await?;
        pass.summary.observed += issues.len();
        let repository = {
            let (tracker, host) = (self.tracker.name(), self.tracker.host());
            let known = self.store.read().await?.repository(tracker, host, seen.target.repo_id).await?;
            let fresh = self.unknown_repository(seen.target.clone());
            known.map_or(fresh, |known| Repository { name: seen.target.repo.clone(), ..known })
        };
        let (mut by_fingerprint, left) = self.foreign(name, &repository, issues).await?;
        let mut left_alone: Vec<i64> = serde_json::from_str(&repository.left_alone).unwrap_or_default();
        let mut alone = left;
        let candidates = self.candidates(name).await?;
        let mut fingerprints: Vec<&String> = candidates.keys().collect();
        // Parents first, so that their children find them.
        fingerprints.sort_by_key(|print| {
            candidates[*print].first().map(|first| (first.action.is_some(), first.name()))
        });
        for print in fingerprints {
            let Some(mut issues) = by_fingerprint.remove(print) else { continue };
            issues.sort_by_key(|issue| issue.at.number);
            match &candidates[print][..] {
                [one] => {
                    let first = issues.remove(0);
                    self.adopt_one(pass, &repository, one, first, &issues, is_real).await?;
                }
                several => {
                    let names: Vec<String> = several.iter().map(Candidate::name).collect();
                    let why = format!("fits {} alike; link the right one", names.join(" and "));
                    alone.extend(issues.into_iter().map(|issue| (issue, why.clone())));
                }
            }
        }
        let nothing =
            "fits no accepted action here; import its report and accept its actions, then adopt again";
        alone.extend(by_fingerprint.into_values().flatten().map(|issue| (issue, nothing.to_owned())));
        alone.sort_by_key(|(issue, _)| issue.at.number);
        for (issue, why) in &alone {
            let (number, title) = (issue.at.number, &issue.title);
            if adoption.leave {
                left_alone.push(number);
                pass.summary.notes.push(format!("{name}#{number} “{title}” is left alone"));
            } else {
                pass.summary.needs_human.push(Pending {
                    id: format!("{name}#{number}"),
                    what: format!("{name}#{number} “{title}” {why}; or leave it alone"),
                    command: Some("followup adopt --leave".to_owned()),
                });
            }
        }
        if is_real && (adoption.leave || alone.is_empty()) {
            // From here on this database may publish there.
            left_alone.sort_unstable();
            left_alone.dedup();
            let left_alone = serde_json::Value::from(left_alone).to_string();
            let mut work = self.store.begin(&self.stamp()).await?;
            work.save_repository(&Repository { left_alone, ..repository }).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// The issues with a mark that belong to no link here, by their fingerprints; and those without one, with what to say.
    async fn foreign(
        &self,
        name: &RepoName,
        repository: &Repository,
        issues: Vec<Issue>,
    ) -> Result<(HashMap<String, Vec<Issue>>, Vec<(Issue, String)>), SyncError> {
        let left_alone: Vec<i64> = serde_json::from_str(&repository.left_alone).unwrap_or_default();
        let mut by_fingerprint: HashMap<String, Vec<Issue>> = HashMap::new();
        let mut unreadable = Vec::new();
        let mut snapshot = self.store.read().await?;
        for issue in issues {
            // The repository in a mark is that of its making: one that was copied from elsewhere is nobody's.
            let marker = Marker::find(&issue.body).filter(|marker| marker.repo_id == repository.repo_id);
            let Some(marker) = marker.filter(|_| !left_alone.contains(&issue.at.number)) else { continue };
            let (tracker, host) = (self.tracker.name(), self.tracker.host());
            let owner = snapshot.link_of_issue(tracker, host, issue.at.issue_id).await?;
            if owner.is_some()
                || (marker.is_ours(&self.identity) && snapshot.knows_ulid(&marker.ulid).await?)
            {
                continue;
            }
            match VISIBLE.captures(&issue.body) {
                Some(found) => by_fingerprint.entry(found[2].to_owned()).or_default().push(issue),
                None => {
                    tracing::info!(%name, number = issue.at.number, "an issue has a mark and no visible line");
                    unreadable
                        .push((issue, "lost the line that says what it tracks; link it by hand".to_owned()));
                }
            }
        }
        Ok((by_fingerprint, unreadable))
    }

    /// What an issue in a repository can be taken over for, by fingerprint: accepted actions without an issue, and reports
    /// without a parent.
    async fn candidates(&self, name: &RepoName) -> Result<HashMap<String, Vec<Candidate>>, SyncError> {
        let mut found: HashMap<String, Vec<Candidate>> = HashMap::new();
        let mut snapshot = self.store.read().await?;
        for report in snapshot.reports().await? {
            if self.target_of(&report).ok().as_ref() != Some(name) {
                continue;
            }
            let links = snapshot.links_of_report(report.id).await?;
            let is_free = |id: Option<ActionId>| {
                links.iter().all(|link| link.action_id != id || link.status == LinkStatus::Intended)
            };
            if is_free(None) && self.settings.publish.parent_issue {
                let print = body::fingerprint(&report, "");
                let candidate = Candidate { report: report.clone(), action: None };
                found.entry(print).or_default().push(candidate);
            }
            for action in snapshot.actions_of(report.id).await? {
                let is_meant =
                    action.state.is_active() || matches!(action.state, State::Done | State::Verified);
                if is_meant && is_free(Some(action.id)) {
                    let print = body::fingerprint_of(&action, &report);
                    let candidate = Candidate { report: report.clone(), action: Some(action) };
                    found.entry(print).or_default().push(candidate);
                }
            }
        }
        Ok(found)
    }

    /// Takes an issue over, in one unit of work: the link, its row and what became of both.
    async fn adopt_one(
        &self,
        pass: &mut Pass,
        repository: &Repository,
        candidate: &Candidate,
        issue: Issue,
        others: &[Issue],
        is_real: bool,
    ) -> Result<(), SyncError> {
        let about = About { report: candidate.report.clone(), action: candidate.action.clone() };
        let id = candidate.action.as_ref().map(|action| action.id);
        if !is_real {
            let target = Target { repo_id: repository.repo_id, repo: repository.name.clone() };
            pass.summary.adopted.push(self.planned(&candidate.name(), about.title(), &target, &issue));
            return Ok(());
        }
        let mut work = self.store.begin(&self.stamp()).await?;
        let links = work.links_of_report(candidate.report.id).await?;
        let mine = links.iter().find(|link| link.action_id == id);
        let ulid = match (mine, &candidate.action) {
            (Some(link), _) => link.ulid.clone(),
            (None, Some(action)) => work.ulid_for_link(&action.ulid).await?,
            (None, None) => work.ulid_for_link(&candidate.report.ulid).await?,
        };
        if mine.is_none() {
            let part = i64::from(self.settings.publish.parent_issue);
            let new = NewLink {
                ulid: ulid.clone(),
                report_id: candidate.report.id,
                action_id: id,
                part,
                made_here: true,
            };
            work.save_repository(repository).await?;
            work.intend(&new, repository).await?;
            work.enqueue(OutboxKind::Create, &ulid, &lane_of_repository(repository)).await?;
        }
        let link = work.link(&ulid).await?.ok_or_else(|| lost(&ulid))?;
        let row = create_row(&mut work, &ulid).await?;
        if !others.is_empty() {
            let twins: Vec<Twin> = others.iter().map(Twin::of).collect();
            work.add_conflict(&link, &duplicate(issue.at.number, &twins)).await?;
        }
        let line = self.made_in(&mut work, &row, &link, &about, &issue, true).await?;
        work.commit().await?;
        self.tell_made(pass, &link, line, true);
        pass.fresh.insert(ulid, self.pacing_now(), issue);
        Ok(())
    }
}

async fn create_row(snapshot: &mut Snapshot, ulid: &str) -> Result<crate::store::OutboxRow, SyncError> {
    let rows = snapshot.live_outbox().await?;
    let row = rows.into_iter().find(|row| row.kind == OutboxKind::Create && row.subject == ulid);
    Ok(row.ok_or_else(|| lost(ulid))?)
}
