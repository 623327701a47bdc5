//! Taking an action off its issue, and a report off its parent.
//!
//! Invariants: the issue stays, with every word that people wrote; our mark is taken out of it by the next pass. Needs no
//! network.

use super::{
    body,
    engine::lane_of_issue,
    unlinkable::{LinkError, Unlinkable},
};
use crate::{
    action::{ActionId, Change, Field, NewEvent, ReportId, Subject},
    store::{Link, LinkStatus, OutboxKind, Stamp, Store},
};

/// An action that was taken off an issue, or off the one that its report names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlinked {
    /// It had an issue.
    Issue(String),
    /// It had none, and its report names one.
    Named(String),
    /// There was nothing to take it off.
    AsBefore,
}

/// Takes an action off its issue, or off the one that its report names. The issue stays; our mark is taken out of it by
/// the next pass. Needs no network.
///
/// # Errors
/// [`LinkError`] when it cannot be; nothing is changed then.
pub async fn unlink(
    store: &Store,
    stamp: &Stamp,
    id: ActionId,
    reason: Option<&str>,
) -> Result<Unlinked, LinkError> {
    let mut work = store.begin(stamp).await?;
    let action = work.action(id).await?;
    let mut after = action.clone();
    after.corrected.add(Field::Issue);
    let event = NewEvent::of_action("issue.unlinked", Some(&action), &after).because(reason);
    let Some(link) = work.link_of(id).await? else {
        let Some(named) = action.tracked_in.clone().filter(|_| after != action) else {
            return Ok(Unlinked::AsBefore);
        };
        work.record(Change { after, event }).await?;
        work.commit().await?;
        return Ok(Unlinked::Named(named));
    };
    if link.status != LinkStatus::Linked {
        return Err(Unlinkable::OnItsWay(Subject::Action(id)).into());
    }
    let event = event
        .with("tracker", link.tracker.as_str())
        .with("repo", link.repo.as_str())
        .with("number", link.number)
        .with("url", link.url.as_deref());
    if after == action {
        work.append(event).await?;
    } else {
        work.record(Change { after, event }).await?;
    }
    let issue = name_of(&link);
    work.enqueue(OutboxKind::Update, &link.ulid, &lane_of_issue(&link.ulid)).await?;
    work.save_link(&Link { status: LinkStatus::Unlinked, ..link }).await?;
    work.commit().await?;
    Ok(Unlinked::Issue(issue))
}

/// Takes a report off its parent issues: off those that are gone, or, when none is, off all. The issues of its actions stay
/// where they are; when more actions are published, another parent is made and they are hung under it.
///
/// # Errors
/// [`LinkError`] when it cannot be; nothing is changed then.
pub async fn unlink_parent(
    store: &Store,
    stamp: &Stamp,
    id: ReportId,
    reason: Option<&str>,
) -> Result<Vec<String>, LinkError> {
    let mut work = store.begin(stamp).await?;
    work.report(id).await?;
    let links = work.links_of_report(id).await?;
    let mut parents: Vec<&Link> = links.iter().filter(|link| link.action_id.is_none()).collect();
    if parents.iter().any(|link| link.gone_at.is_some()) {
        parents.retain(|link| link.gone_at.is_some());
    }
    let mut issues = Vec::new();
    for parent in parents {
        if parent.status != LinkStatus::Linked {
            return Err(Unlinkable::OnItsWay(Subject::Report(id)).into());
        }
        let event = NewEvent::new(Subject::Report(id), "issue.unlinked")
            .because(reason)
            .with("tracker", parent.tracker.as_str())
            .with("repo", parent.repo.as_str())
            .with("number", parent.number)
            .with("url", parent.url.as_deref());
        work.append(event).await?;
        work.enqueue(OutboxKind::Update, &parent.ulid, &lane_of_issue(&parent.ulid)).await?;
        work.save_link(&Link { status: LinkStatus::Unlinked, ..parent.clone() }).await?;
        for child in links.iter().filter(|link| link.action_id.is_some() && link.part == parent.part) {
            work.save_link(&Link { in_parent: false, ..child.clone() }).await?;
        }
        issues.push(name_of(parent));
    }
    work.commit().await?;
    Ok(issues)
}

/// A text without the section of a link that was given up.
pub(super) fn without(text: &str, ulid: &str) -> String {
    body::remove(text, ulid).or_else(|| body::unmark(text, ulid)).unwrap_or_else(|| text.to_owned())
}

pub(super) fn name_of(link: &Link) -> String {
    format!("{}#{}", link.repo, link.number.unwrap_or_default())
}
