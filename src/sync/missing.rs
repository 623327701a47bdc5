//! Issues that a look did not show: moved, hidden, deleted, or only missed.
//!
//! Invariants: that an issue is not shown changes nothing by itself; one counts as gone only when two looks at it alone,
//! some time apart, said so while its repository could be read; and when many are not shown at once, something else is
//! wrong, nothing is concluded, and the pass stops.

use chrono::Duration;

use super::{
    agreed::Agreed,
    engine::{Engine, Pass, SyncError, issue_ref, name_of_link},
    marker::Marker,
    outbox::{lost, with_issue},
    summary::Pending,
};
use crate::{
    action::{NewEvent, Subject},
    failpoint,
    store::{Link, LinkStatus, MissingAs},
    tracker::{Issue, Whereabouts},
};

/// So many may vanish from one look to the next without anybody wondering, and this share of all above that.
const FEW: usize = 5;
const SHARE: usize = 5;

/// What is known of one that was not shown.
pub(super) enum Resolved {
    /// It is there after all, or somewhere else; this is what it shows.
    Issue(Box<Issue>),
    /// It is not there for now, or not any more; what there is to say was said.
    Nothing,
}

impl Engine {
    /// Finds out what became of the issues that a look at `looked_at` links did not show. False when so many are missing
    /// that the pass has to stop.
    pub(super) async fn resolve_missing(
        &self,
        pass: &mut Pass,
        missing: Vec<Link>,
        looked_at: usize,
    ) -> Result<bool, SyncError> {
        let vanished = missing.iter().filter(|link| link.missing_since.is_none()).count();
        if vanished > FEW && vanished * SHARE > looked_at {
            pass.summary.needs_human.push(Pending {
                id: self.tracker.host().to_owned(),
                what: format!(
                    "{vanished} of {looked_at} issues cannot be seen any more, all at once: nothing was concluded from it, \
                     and nothing is sent"
                ),
                command: Some("followup doctor".to_owned()),
            });
            return Ok(false);
        }
        let mut again = Vec::new();
        for link in missing {
            if self.resolve(pass, &link).await?.is_none() {
                again.push(link.ulid);
            }
        }
        if again.is_empty() {
            return Ok(true);
        }
        if !pass.wait {
            return Ok(true);
        }
        let until = self.pacing_now() + self.settings.sync.rescan_gap;
        self.wait_until(until, "a second look at issues that seem to be gone").await;
        for ulid in again {
            let link = self.store.read().await?.link(&ulid).await?.ok_or_else(|| lost(&ulid))?;
            self.resolve(pass, &link).await?;
        }
        Ok(true)
    }

    /// Looks for one issue. Nothing when it has to be looked at once more.
    pub(super) async fn resolve(&self, pass: &mut Pass, link: &Link) -> Result<Option<Resolved>, SyncError> {
        let name = name_of_link(link);
        if link.gone_at.is_some() {
            self.answer_hints(&[link]).await?;
            pass.summary.needs_human.push(gone(link));
            return Ok(Some(Resolved::Nothing));
        }
        if pass.unreadable.contains(&link.repo_id) {
            return Ok(Some(Resolved::Nothing));
        }
        let Some(at) = issue_ref(link) else { return Ok(Some(Resolved::Nothing)) };
        let whereabouts = self.ask(pass.wait, async || self.tracker.locate(&at).await).await?;
        failpoint::reach("missing.located");
        match whereabouts {
            Whereabouts::Here(issue) => {
                tracing::info!(
                    name,
                    repo = link.repo,
                    number = at.number,
                    "a look missed an issue that is there"
                );
                self.seen_again(link).await?;
                self.take_over(pass, link, &issue).await?;
                self.answer_hints(&[link]).await?;
                Ok(Some(Resolved::Issue(issue)))
            }
            Whereabouts::Moved(issue) => {
                if !self.relink(pass, link, &issue).await? {
                    return Ok(Some(Resolved::Nothing));
                }
                self.take_over(pass, link, &issue).await?;
                self.answer_hints(&[link]).await?;
                Ok(Some(Resolved::Issue(issue)))
            }
            Whereabouts::OutOfReach(why) => {
                // Once for the whole repository.
                pass.unreadable.insert(link.repo_id);
                pass.summary.needs_human.push(Pending {
                    id: link.repo.clone(),
                    what: format!("{why}; what became of its issues is not known, and nothing was changed"),
                    command: Some("followup doctor".to_owned()),
                });
                Ok(Some(Resolved::Nothing))
            }
            Whereabouts::Deleted => self.not_there(pass, link, MissingAs::Deleted).await,
            Whereabouts::Hidden => self.not_there(pass, link, MissingAs::Hidden).await,
        }
    }

    /// It was said that an issue is not there: remembered the first time, believed the second.
    async fn not_there(
        &self,
        pass: &mut Pass,
        looked: &Link,
        missing_as: MissingAs,
    ) -> Result<Option<Resolved>, SyncError> {
        let stamp = self.stamp();
        let now = stamp.recorded_at;
        let mut work = self.store.begin(&stamp).await?;
        let link = work.link(&looked.ulid).await?.ok_or_else(|| lost(&looked.ulid))?;
        if link.status != LinkStatus::Linked {
            return Ok(Some(Resolved::Nothing));
        }
        let gap = Duration::from_std(self.settings.sync.rescan_gap).unwrap_or(Duration::zero());
        let is_second = link.missing_as == Some(missing_as)
            && link.missing_since.is_some_and(|since| now - since >= gap.min(Duration::minutes(10)));
        if !is_second {
            let missing_since =
                link.missing_since.filter(|_| link.missing_as == Some(missing_as)).or(Some(now));
            let after = Link { missing_since, missing_as: Some(missing_as), ..link };
            work.save_link(&after).await?;
            work.commit().await?;
            failpoint::reach("missing.noticed");
            if !pass.wait {
                pass.summary.waiting.push(Pending {
                    id: name_of_link(&after),
                    what: format!(
                        "{} seems to be {}; it is looked at once more",
                        place(&after),
                        word(missing_as)
                    ),
                    command: Some("followup sync".to_owned()),
                });
            }
            return Ok(None);
        }
        let after = Link { gone_at: Some(now), missing_as: Some(missing_as), ..link };
        work.save_link(&after).await?;
        work.answer_hint(looked).await?;
        let subject = after.action_id.map_or(Subject::Report(after.report_id), Subject::Action);
        let event = NewEvent::new(subject, "issue.gone")
            .with("repo", after.repo.as_str())
            .with("number", after.number)
            .with("as", missing_as.as_str());
        work.append(event).await?;
        work.commit().await?;
        failpoint::reach("missing.gone");
        pass.summary.needs_human.push(gone(&after));
        Ok(Some(Resolved::Nothing))
    }

    /// Forgets that an issue was not there.
    pub(super) async fn seen_again(&self, link: &Link) -> Result<(), SyncError> {
        if link.missing_since.is_none() && link.gone_at.is_none() {
            return Ok(());
        }
        let stamp = self.stamp();
        let mut work = self.store.begin(&stamp).await?;
        let link = work.link(&link.ulid).await?.ok_or_else(|| lost(&link.ulid))?;
        let was_gone = link.gone_at.is_some();
        let after = Link { missing_since: None, missing_as: None, gone_at: None, ..link };
        work.save_link(&after).await?;
        if was_gone {
            let subject = after.action_id.map_or(Subject::Report(after.report_id), Subject::Action);
            let event = NewEvent::new(subject, "issue.found_again")
                .with("repo", after.repo.as_str())
                .with("number", after.number);
            work.append(event).await?;
        }
        work.commit().await?;
        failpoint::reach("missing.seen_again");
        Ok(())
    }

    /// Ties a link to the issue that its own was moved to. That it was moved is the tracker's word; a marker of another
    /// link in it, or another owner of it, makes that a matter for a person.
    async fn relink(&self, pass: &mut Pass, link: &Link, issue: &Issue) -> Result<bool, SyncError> {
        let name = name_of_link(link);
        let mut work = self.store.begin(&self.stamp()).await?;
        let link = work.link(&link.ulid).await?.ok_or_else(|| lost(&link.ulid))?;
        if link.status != LinkStatus::Linked {
            return Ok(false);
        }
        let marked = Marker::find(&issue.body).filter(|marker| marker.is_ours(&self.identity));
        let is_other = marked.is_some_and(|marker| marker.ulid != link.ulid);
        let owner = work.link_of_issue(&link.tracker, &link.host, issue.at.issue_id).await?;
        let to = format!("{}#{}", issue.at.target.repo, issue.at.number);
        if is_other || owner.is_some_and(|owner| owner.ulid != link.ulid) {
            pass.summary.needs_human.push(Pending {
                id: name.clone(),
                what: format!("{} was moved to {to}, which belongs to another action", place(&link)),
                command: Some(super::observe::way_out(&link)),
            });
            return Ok(false);
        }
        let from = place(&link);
        let Some(agreed) = link.agreed.as_deref().and_then(Agreed::from_json) else { return Ok(false) };
        let moved = Link {
            node_id: issue.at.node_id.clone(),
            missing_since: None,
            missing_as: None,
            gone_at: None,
            ..with_issue(&link, issue, &agreed)
        };
        work.save_link(&moved).await?;
        let subject = link.action_id.map_or(Subject::Report(link.report_id), Subject::Action);
        work.append(
            NewEvent::new(subject, "issue.moved").with("from", from.as_str()).with("to", to.as_str()),
        )
        .await?;
        let title = super::engine::About::read(&mut work, &moved).await?.title().to_owned();
        work.commit().await?;
        pass.summary.changed.push(self.line(
            &moved,
            &title,
            vec![format!("its issue was moved from {from} to {to}")],
        ));
        Ok(true)
    }
}

/// Leaves the links whose issues may be there, and gives those that are gone for good. A hint makes one that was deleted
/// worth another look.
pub(super) fn may_be_there(links: &mut Vec<Link>) -> Vec<Link> {
    let is_deleted = |link: &Link| {
        link.gone_at.is_some() && link.missing_as == Some(MissingAs::Deleted) && link.hinted_at.is_none()
    };
    let (deleted, rest): (Vec<_>, Vec<_>) = std::mem::take(links).into_iter().partition(is_deleted);
    *links = rest;
    deleted
}

/// What there is to say about an issue that is gone.
pub(super) fn gone(link: &Link) -> Pending {
    let what = match link.missing_as {
        Some(MissingAs::Deleted) => format!("{} was deleted", place(link)),
        Some(MissingAs::Hidden) | None => {
            format!("{} is not shown any more: moved out of reach, or hidden", place(link))
        }
    };
    let what = match link.action_id {
        Some(_) => format!("{what}; the action stays as it is"),
        None => format!("{what}; the issues of its actions stay as they are"),
    };
    Pending { id: name_of_link(link), what, command: Some(super::observe::way_out(link)) }
}

fn word(missing_as: MissingAs) -> &'static str {
    match missing_as {
        MissingAs::Deleted => "deleted",
        MissingAs::Hidden => "hidden, or moved out of reach",
    }
}

fn place(link: &Link) -> String {
    format!("{}#{}", link.repo, link.number.unwrap_or_default())
}
