//! Milestones, and the types an organisation has for its issues.

use chrono::{DateTime, Duration, Utc};

use super::{IssueId, RepoId, UserId, World};

/// The types every organisation of the sandbox has.
pub(crate) const ISSUE_TYPES: [&str; 3] = ["Task", "Bug", "Feature"];

#[derive(Clone, Debug)]
pub(crate) struct Milestone {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) open: bool,
    pub(crate) due_on: Option<DateTime<Utc>>,
    pub(crate) creator: UserId,
    pub(crate) created_at: DateTime<Utc>,
}

impl World {
    /// Makes a milestone and gives its number.
    pub(crate) fn add_milestone(&mut self, repo: RepoId, title: &str, due_on: Option<DateTime<Utc>>) -> u64 {
        let (id, now) = (self.next_small(), self.now());
        // Until 2019 days due were moved to midnight at GitHub's office.
        let due_on = due_on.map(|due| if self.quirks.due_on_floors { floor(due) } else { due });
        let creator = self.sender(self.repo(repo).owner);
        let at = self.repo_mut(repo);
        let number = at.milestones.len() as u64 + 1;
        at.milestones.push(Milestone {
            id,
            number,
            title: title.to_owned(),
            open: true,
            due_on,
            creator,
            created_at: now,
        });
        number
    }

    pub(crate) fn milestone(&self, repo: RepoId, number: u64) -> Option<&Milestone> {
        self.repo(repo).milestones.iter().find(|milestone| milestone.number == number)
    }

    /// Sets or clears an issue's milestone by number.
    pub(crate) fn set_milestone(&mut self, id: IssueId, milestone: Option<u64>) {
        if self.issue(id).milestone != milestone {
            self.touch(id);
            self.issue_mut(id).milestone = milestone;
        }
    }

    /// Sets or clears an issue's type.
    pub(crate) fn set_type(&mut self, id: IssueId, to: Option<&'static str>) {
        if self.issue(id).issue_type != to {
            self.touch(id);
            self.issue_mut(id).issue_type = to;
        }
    }
}

fn floor(due: DateTime<Utc>) -> DateTime<Utc> {
    let pacific = Duration::hours(8);
    (due - pacific).date_naive().and_hms_opt(0, 0, 0).map_or(due, |midnight| midnight.and_utc() + pacific)
}
