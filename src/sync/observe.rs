//! Looking at linked issues, and taking over what people did there.
//!
//! Invariants: an issue that shows what was agreed on last costs no write, unless a webhook hinted at it; one that cannot be
//! seen changes nothing, and keeps its hint, and so does one that is shown as it was before; and an observation applied
//! twice is applied once.

use std::collections::{HashMap, HashSet};

use super::{
    agreed::Agreed,
    engine::{About, Engine, Pass, Progress, SyncError, lane_of_issue, name_of_link},
    merge::{Upstream, merge},
    missing::{gone, may_be_there},
    outbox::{lost, stamped_by_tracker, with_issue},
    summary::Line,
    sweep::Sweep,
};
use crate::{
    action::{Action, Change, Field, NewEvent, NewEvidence, Trigger},
    failpoint,
    store::{Link, LinkStatus, OutboxKind, Stamp, UnitOfWork},
    tracker::{Closer, Issue, IssueRef, Seen, TrackerError},
};

/// How many issues are asked for at a time.
pub(super) const BATCH: usize = 100;

/// The same where each time lists are read for it.
const BATCH_OF_LISTS: usize = 1000;

/// Which issues a pass looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Every linked one, those first that a webhook hinted at.
    All,
    /// Only those.
    Hinted,
}

impl Engine {
    /// Looks at linked issues once. False when the pass has to stop, because too many are not shown.
    pub(super) async fn observe(&self, pass: &mut Pass, scope: Scope) -> Result<bool, SyncError> {
        let mut links = self.store.read().await?.linked(self.tracker.name(), self.tracker.host()).await?;
        let known: HashSet<String> = links.iter().map(|link| link.ulid.clone()).collect();
        pass.summary.needs_human.extend(may_be_there(&mut links).iter().map(gone));
        let all = links.len();
        let mut sweep = Sweep::default();
        match scope {
            Scope::All => {
                sweep = self.sweep(pass, &links).await?;
                links.retain(|link| !sweep.is_as_it_was(link));
                pass.summary.observed += all - links.len();
                links.sort_by_key(|link| link.hinted_at.is_none());
            }
            Scope::Hinted => links.retain(|link| link.hinted_at.is_some()),
        }
        let mut missing = Vec::new();
        let mut rest = links.as_slice();
        while !rest.is_empty() {
            let size = if self.tracker.lists_to_look_up() { BATCH_OF_LISTS } else { BATCH };
            let (batch, after) = rest.split_at(rest.len().min(size));
            rest = after;
            self.observe_batch(pass, batch, &mut sweep, &mut missing).await?;
            let of = all.min(pass.summary.observed + rest.len());
            self.tell(Progress::Observed { done: pass.summary.observed, of });
        }
        let goes_on = self.resolve_missing(pass, missing.clone(), all).await?;
        if goes_on && scope == Scope::All {
            self.promote(pass, sweep, &known, &missing).await?;
        }
        Ok(goes_on)
    }

    /// Looks at one batch, and takes over what people did there. Links whose issues are not shown are added to `missing`.
    async fn observe_batch(
        &self,
        pass: &mut Pass,
        batch: &[Link],
        sweep: &mut Sweep,
        missing: &mut Vec<Link>,
    ) -> Result<(), SyncError> {
        let (seen, seen_at) = self.look(pass, batch, sweep).await?;
        failpoint::reach("observe.fetched");
        let ended = batch.iter().zip(&seen).filter_map(|(link, seen)| match seen {
            Seen::Issue(issue) if was_closed(link, issue) && !self.is_outdated(link, issue) => {
                Some(issue.at.clone())
            }
            Seen::Issue(_) | Seen::Missing => None,
        });
        let mut closers = self.closers(pass.wait, ended.collect()).await?;
        failpoint::reach("observe.asked_why");
        let (mut answered, mut unheard, mut news) = (Vec::new(), Vec::new(), Vec::new());
        for (link, seen) in batch.iter().zip(seen) {
            match seen {
                // What it shows was taken over before. The next look sees more.
                Seen::Issue(issue) if self.is_outdated(link, &issue) => {
                    self.seen_again(link).await?;
                    news.push((link.ulid.clone(), link.repo_id, *issue));
                }
                Seen::Issue(issue) => {
                    self.seen_again(link).await?;
                    let is_unheard = self.unheard(link, &issue);
                    // Its hint is answered when that was heard as well.
                    let looked =
                        Link { hinted_at: link.hinted_at.filter(|_| is_unheard.is_none()), ..link.clone() };
                    if !is_quiet(link, &issue) || is_unheard.is_some() {
                        news.push((link.ulid.clone(), link.repo_id, Issue::clone(&issue)));
                    }
                    if !is_quiet(link, &issue) {
                        let closers = closers.remove(&issue.at.issue_id).unwrap_or_default();
                        self.take_over_with(pass, &looked, &issue, &closers).await?;
                    }
                    answered.push(looked);
                    unheard.extend(is_unheard);
                    pass.fresh.insert(link.ulid.clone(), seen_at, *issue);
                }
                Seen::Missing => missing.push(link.clone()),
            }
        }
        self.answer_hints(&answered.iter().collect::<Vec<_>>()).await?;
        self.listen(pass, unheard).await?;
        self.settle_sweep(sweep, &news).await?;
        pass.summary.observed += batch.len();
        Ok(())
    }

    /// Takes away the hints that links had before a look at their issues; what was hinted at since stays.
    pub(super) async fn answer_hints(&self, looked_at: &[&Link]) -> Result<(), SyncError> {
        let hinted: Vec<_> = looked_at.iter().filter(|link| link.hinted_at.is_some()).collect();
        if hinted.is_empty() {
            return Ok(());
        }
        let mut work = self.store.begin(&self.stamp()).await?;
        for link in hinted {
            work.answer_hint(link).await?;
        }
        work.commit().await?;
        failpoint::reach("observe.unhinted");
        Ok(())
    }

    /// Whether an issue is shown as it was before what is known of it: GitHub answers from copies, and some lag behind.
    pub(super) fn is_outdated(&self, link: &Link, issue: &Issue) -> bool {
        let now = self.pacing_now() + self.tracker.skew().unwrap_or_else(chrono::Duration::zero);
        let agreed = link.agreed.as_deref().and_then(Agreed::from_json);
        agreed.is_some_and(|agreed| agreed.is_newer_than(issue, now))
    }

    fn evidence_of(&self, closer: &Closer) -> NewEvidence {
        NewEvidence {
            kind: closer.kind,
            url: closer.url.clone(),
            note: closer.title.clone(),
            dated_on: closer.at.map(|at| self.clocks.day_of(at)),
            digest: closer.commit.as_ref().map(|commit| format!("git:{commit}")),
        }
    }

    /// Who did it, as far as the tracker tells: it does for a change of state. Else the tracker itself.
    fn who_did<'a>(&'a self, upstream: &Upstream, issue: &'a Issue) -> &'a str {
        match upstream {
            Upstream::Completed | Upstream::Reopened => {
                issue.state_by.as_deref().unwrap_or(self.tracker.name())
            }
            Upstream::Title(_) | Upstream::Owner(_) => self.tracker.name(),
        }
    }

    /// What brought issues to their end, by their numbers. What GitHub refuses to tell is not told: that the work is done
    /// counts more than what shows it.
    pub(super) async fn closers(
        &self,
        wait: bool,
        ended: Vec<IssueRef>,
    ) -> Result<HashMap<i64, Vec<Closer>>, SyncError> {
        if ended.is_empty() {
            return Ok(HashMap::new());
        }
        match self.ask(wait, async || self.tracker.closers(&ended).await).await {
            Ok(closers) => Ok(ended.into_iter().map(|issue| issue.issue_id).zip(closers).collect()),
            Err(SyncError::Tracker(error @ TrackerError::Refused { .. })) => {
                tracing::warn!(%error, "cannot see what closed issues");
                Ok(HashMap::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Takes over what people did with an issue since both sides agreed last. Does nothing when they did nothing.
    pub(super) async fn take_over(
        &self,
        pass: &mut Pass,
        link: &Link,
        issue: &Issue,
    ) -> Result<(), SyncError> {
        let ended = Vec::from_iter(was_closed(link, issue).then(|| issue.at.clone()));
        let closers = self.closers(pass.wait, ended).await?.into_values().flatten().collect::<Vec<_>>();
        self.take_over_with(pass, link, issue, &closers).await
    }

    /// The same, knowing what closed it. `looked` is the link as it was before the look, whose hint is answered by it.
    async fn take_over_with(
        &self,
        pass: &mut Pass,
        looked: &Link,
        issue: &Issue,
        closers: &[Closer],
    ) -> Result<(), SyncError> {
        let stamp = self.stamp();
        let mut work = self.store.begin(&stamp).await?;
        let link = work.link(&looked.ulid).await?.ok_or_else(|| lost(&looked.ulid))?;
        if link.status != LinkStatus::Linked || is_quiet(&link, issue) || self.is_outdated(&link, issue) {
            return Ok(());
        }
        work.answer_hint(looked).await?;
        let line = self.take_over_in(&mut work, &stamp, &link, issue, closers).await?;
        failpoint::reach("observe.recording");
        work.commit().await?;
        failpoint::reach("observe.recorded");
        pass.summary.changed.extend(line.filter(|line| !line.what.is_empty()));
        Ok(())
    }

    /// The same within a unit of work that `stamp` began. Gives what an action took over; nothing for a parent.
    pub(super) async fn take_over_in(
        &self,
        work: &mut UnitOfWork,
        stamp: &Stamp,
        link: &Link,
        issue: &Issue,
        closers: &[Closer],
    ) -> Result<Option<Line>, SyncError> {
        let ulid = link.ulid.as_str();
        let about = About::read(work, link).await?;
        let before = link.agreed.as_deref().and_then(Agreed::from_json).map(|before| before.heard(issue));
        let section = before.as_ref().and_then(|before| before.section.clone());
        let labels = before.as_ref().and_then(|before| before.labels.clone());
        let (Some(action), Some(before)) = (&about.action, before) else {
            // A parent: what it shows is remembered, and nothing follows from it.
            let agreed = Agreed { labels, ..Agreed::new(issue, section, None) };
            work.save_link(&with_issue(link, issue, &agreed)).await?;
            return Ok(None);
        };
        let max_title = self.tracker.capabilities().max_title;
        let wanted = self.wanted(work, action, &about.report, max_title).await?;
        let plan = merge(action, &wanted, &before, issue);
        let mut what = Vec::new();
        let mut current = action.clone();
        let mut state_follows = false;
        for upstream in &plan.take {
            let Some((change, at)) = apply(&current, upstream, issue) else { continue };
            what.push(describe(&current, upstream));
            state_follows |= is_about_state(upstream);
            let who = self.who_did(upstream, issue);
            current = stamped_by_tracker(work, stamp, at, who).record(change).await?;
        }
        work.stamped(stamp.clone());
        // What was taken over is agreed on. What has to be pushed is not: it keeps its base until it is.
        let wanted = self.wanted(work, &current, &about.report, max_title).await?;
        let mut agreed = Agreed::new(issue, section, Some(wanted));
        agreed.asked_section.clone_from(&before.asked_section);
        agreed.asked.clone_from(&before.asked);
        agreed.rewrites = before.rewrites;
        agreed.labels = labels;
        if !plan.push.is_empty() {
            agreed.wanted.clone_from(&before.wanted);
        }
        // Our section names the owner and follows; title and state stand in the issue itself.
        let is_named = |upstream: &Upstream| matches!(upstream, Upstream::Owner(_));
        if !plan.push.is_empty() || plan.take.iter().any(is_named) {
            work.enqueue(OutboxKind::Update, ulid, &lane_of_issue(ulid)).await?;
        }
        let after = with_issue(link, issue, &agreed);
        work.save_link(&after).await?;
        for conflict in &plan.conflicts {
            work.add_conflict(&after, conflict).await?;
        }
        // What we asked for ourselves, and nobody wrote down, is no news.
        let is_news = before.state != issue.state || before.state_reason != issue.state_reason;
        if !state_follows && is_news {
            what.push(shown(issue));
            let event = NewEvent::new(crate::action::Subject::Action(current.id), "issue.changed")
                .with("state", issue.state.as_str())
                .with("state_reason", issue.state_reason.as_deref());
            let who = issue.state_by.as_deref().unwrap_or(self.tracker.name());
            stamped_by_tracker(work, stamp, issue.updated_at, who).append(event).await?;
            work.stamped(stamp.clone());
        }
        for closer in closers {
            let who = issue.state_by.as_deref().unwrap_or(self.tracker.name());
            let at = issue.closed_at.unwrap_or(issue.updated_at);
            let evidence = self.evidence_of(closer);
            if stamped_by_tracker(work, stamp, at, who).add_evidence(current.id, &evidence).await? {
                what.push(format!("evidence: {}", closer.url));
            }
            work.stamped(stamp.clone());
        }
        Ok(Some(self.line(&after, &current.title, what)))
    }
}

/// Whether somebody closed an issue as completed since both sides agreed last.
fn was_closed(link: &Link, issue: &Issue) -> bool {
    let agreed = link.agreed.as_deref().and_then(Agreed::from_json);
    issue.issue_state().is_completed()
        && link.action_id.is_some()
        && agreed.is_some_and(|agreed| agreed.heard(issue).state != "closed")
}

/// Whether an issue shows nothing that is not known.
pub(super) fn is_quiet(link: &Link, issue: &Issue) -> bool {
    link.repo == issue.at.target.repo
        && link.number == Some(issue.at.number)
        && link.url.as_deref() == Some(issue.url.as_str())
        && link.agreed.as_deref().and_then(Agreed::from_json).is_some_and(|agreed| agreed.is_shown_by(issue))
}

/// The change of an action that follows from what people did with its issue, and when they did it.
pub(super) fn apply(
    action: &Action,
    upstream: &Upstream,
    issue: &Issue,
) -> Option<(Change, chrono::DateTime<chrono::Utc>)> {
    let mut after = action.clone();
    let (kind, at) = match upstream {
        Upstream::Title(title) => {
            after.title.clone_from(title);
            after.corrected.add(Field::Title);
            ("action.renamed", issue.updated_at)
        }
        Upstream::Owner(owner) => {
            after.owner.clone_from(owner);
            ("action.assigned", issue.updated_at)
        }
        Upstream::Completed => {
            let at = issue.closed_at.unwrap_or(issue.updated_at);
            after.transition(Trigger::IssueCompleted, at).ok()?;
            ("action.done", at)
        }
        Upstream::Reopened => {
            after.transition(Trigger::IssueReopened, issue.updated_at).ok()?;
            ("action.reopened", issue.updated_at)
        }
    };
    let event = NewEvent::of_action(kind, Some(action), &after).with("issue", issue.at.number);
    (after != *action).then_some((Change { after, event }, at))
}

/// Whether it says how far the work is.
pub(super) fn is_about_state(upstream: &Upstream) -> bool {
    match upstream {
        Upstream::Completed | Upstream::Reopened => true,
        Upstream::Title(_) | Upstream::Owner(_) => false,
    }
}

/// What was taken over, in words.
pub(super) fn describe(action: &Action, upstream: &Upstream) -> String {
    match upstream {
        Upstream::Title(title) => format!("title: “{}” → “{title}”", action.title),
        Upstream::Owner(owner) => {
            let name = |owner: &Option<String>| owner.clone().unwrap_or_else(|| "nobody".to_owned());
            format!("owner: {} → {}", name(&action.owner), name(owner))
        }
        Upstream::Completed => format!("state: {} → done (issue closed as completed)", action.state),
        Upstream::Reopened => format!("state: {} → open (issue reopened)", action.state),
    }
}

/// What the issue shows that nothing follows from.
pub(super) fn shown(issue: &Issue) -> String {
    match issue.state_reason.as_deref() {
        Some(reason) if issue.state == "closed" => {
            format!("the issue is closed as {reason}; the action keeps its state")
        }
        Some(reason) => format!("the issue is {} ({reason})", issue.state),
        None => format!("the issue is {}", issue.state),
    }
}

/// The command for a link whose issue is not there.
pub(super) fn way_out(link: &Link) -> String {
    format!("followup unlink {}", name_of_link(link))
}
