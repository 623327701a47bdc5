//! What a sync would do, step by step: it looks, and writes and sends nothing.
//!
//! Invariant: what is foreseen is derived by the same functions that a sync decides with.

use std::collections::HashSet;

use super::{
    agreed::Agreed,
    conflicts,
    engine::{About, Engine, SyncError, issue_ref, name_of, name_of_link},
    merge::{Plan, merge},
    missing::{gone, may_be_there},
    observe::{BATCH, apply, describe, is_about_state, shown},
    outbox::with_issue,
    summary::{Pending, Summary},
    update::names_of,
};
use crate::{
    store::{Link, OutboxKind, Snapshot},
    tracker::{Issue, Seen},
};

impl Engine {
    /// What a sync would take over and send, without writing or sending anything.
    ///
    /// # Errors
    /// [`SyncError`] when the database or the tracker does not answer.
    pub async fn compare_only(&self) -> Result<Summary, SyncError> {
        let mut pass = self.begin_pass(false).await?;
        let mut links = self.store.read().await?.linked(self.tracker.name(), self.tracker.host()).await?;
        pass.summary.needs_human.extend(may_be_there(&mut links).iter().map(gone));
        let mut foreseen = HashSet::new();
        for batch in links.chunks(BATCH) {
            let refs: Vec<_> = batch.iter().filter_map(issue_ref).collect();
            let seen = self.ask(true, async || self.tracker.fetch(&refs).await).await?;
            pass.summary.observed += batch.len();
            let mut unheard = Vec::new();
            let mut snapshot = self.store.read().await?;
            for (link, seen) in batch.iter().zip(seen) {
                match seen {
                    Seen::Issue(issue) if self.is_outdated(link, &issue) => {}
                    Seen::Issue(issue) => {
                        unheard.extend(self.unheard(link, &issue));
                        self.foresee(&mut snapshot, &mut pass.summary, link, &issue).await?;
                        foreseen.insert(name_of_link(link));
                    }
                    Seen::Missing => pass.summary.waiting.push(not_shown(link)),
                }
            }
            drop(snapshot);
            self.overhear(&mut pass, unheard).await?;
        }
        // An update that waits is told with what it would send, or not at all where there is nothing to send any more.
        let mut snapshot = self.store.read().await?;
        for row in snapshot.live_outbox().await? {
            if row.kind != OutboxKind::Update {
                foreseen.remove(&name_of(&mut snapshot, &row).await?);
            }
        }
        drop(snapshot);
        let mut summary = self.end_pass(pass).await?;
        summary.waiting.retain(|row| !foreseen.contains(&row.id));
        Ok(summary)
    }

    /// Adds to `summary` what a sync would do about one issue.
    async fn foresee(
        &self,
        snapshot: &mut Snapshot,
        summary: &mut Summary,
        link: &Link,
        issue: &Issue,
    ) -> Result<(), SyncError> {
        let mut about = About::read(snapshot, link).await?;
        let Some(before) = link.agreed.as_deref().and_then(Agreed::from_json) else { return Ok(()) };
        let mut agreed = before.heard(issue);
        if let Some(action) = &mut about.action {
            let max_title = self.tracker.capabilities().max_title;
            let wanted = self.wanted(snapshot, action, &about.report, max_title).await?;
            let Plan { take, push, conflicts } = merge(action, &wanted, &agreed, issue);
            let mut what: Vec<String> = take.iter().map(|upstream| describe(action, upstream)).collect();
            if !take.iter().any(is_about_state)
                && (agreed.state != issue.state || agreed.state_reason != issue.state_reason)
            {
                what.push(shown(issue));
            }
            if !what.is_empty() {
                summary.changed.push(self.line(link, &action.title, what));
            }
            for upstream in &take {
                if let Some((change, _)) = apply(action, upstream, issue) {
                    *action = change.after;
                }
            }
            for conflict in conflicts {
                summary.needs_human.extend(conflicts::foreseen(snapshot, link, conflict).await?);
            }
            let wanted = match push.is_empty() {
                true => Some(self.wanted(snapshot, action, &about.report, max_title).await?),
                false => agreed.wanted.clone(),
            };
            agreed = Agreed {
                asked_section: agreed.asked_section.clone(),
                asked: agreed.asked.clone(),
                labels: agreed.labels.clone(),
                rewrites: agreed.rewrites,
                ..Agreed::new(issue, agreed.section.clone(), wanted)
            };
        }
        let after = with_issue(link, issue, &agreed);
        let given_up = self.given_up(snapshot, &issue.body).await?;
        let shown = self.shown(snapshot, &about).await?;
        let planned = self.change(&after, &about, &shown, issue, &given_up);
        if let Some((what, command)) = shown.stop(planned.words) {
            summary.needs_human.push(Pending { id: name_of_link(link), what, command: Some(command) });
            return Ok(());
        }
        let mut what = names_of(&planned.change);
        if let Some(parent) = parent_to_hang_under(snapshot, link).await? {
            what.push(format!("sub-issue of {}", name_of_link(&parent)));
        }
        if !what.is_empty() {
            summary.updated.push(self.line(&after, about.title(), what));
        }
        Ok(())
    }
}

/// The parent that the issue of an action is still to be hung under.
pub(super) async fn parent_to_hang_under(
    snapshot: &mut Snapshot,
    link: &Link,
) -> Result<Option<Link>, SyncError> {
    if link.in_parent || link.part == 0 || link.action_id.is_none() {
        return Ok(None);
    }
    let links = snapshot.links_of_report(link.report_id).await?;
    Ok(links
        .into_iter()
        .find(|other| other.action_id.is_none() && other.part == link.part && other.number.is_some()))
}

fn not_shown(link: &Link) -> Pending {
    Pending {
        id: name_of_link(link),
        what: format!(
            "{}#{} is not shown: moved, deleted, or out of the token's reach; a sync finds out which",
            link.repo,
            link.number.unwrap_or_default()
        ),
        command: Some("followup sync".to_owned()),
    }
}
