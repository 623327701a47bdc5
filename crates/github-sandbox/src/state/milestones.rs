//! Milestones, and the types an organisation has for its issues.

use chrono::{DateTime, Duration, Utc};

use serde_json::{Value, json};

use super::{IssueId, RepoId, UserId, What, World};

/// The types every organisation of the sandbox has.
pub(crate) const ISSUE_TYPES: [&str; 3] = ["Task", "Bug", "Feature"];

#[derive(Clone, Debug)]
pub(crate) struct Milestone {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) open: bool,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: DateTime<Utc>,
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
        at.last_milestone += 1;
        let number = at.last_milestone;
        at.milestones.push(Milestone {
            id,
            number,
            title: title.to_owned(),
            open: true,
            closed_at: None,
            updated_at: now,
            due_on,
            creator,
            created_at: now,
        });
        self.tell_of_milestone("created", repo, number, Value::Null);
        number
    }

    /// Changes what is given of a milestone: its title, its day (inside `None` is none), whether it is open.
    pub(crate) fn edit_milestone(
        &mut self,
        repo: RepoId,
        number: u64,
        title: Option<&str>,
        due_on: Option<Option<DateTime<Utc>>>,
        open: Option<bool>,
    ) {
        let now = self.now();
        let found = self.repo_mut(repo).milestones.iter_mut().find(|milestone| milestone.number == number);
        let Some(milestone) = found else { return };
        let (mut changes, was_open) = (json!({}), milestone.open);
        milestone.updated_at = now;
        if let Some(title) = title {
            changes["title"] = json!({"from": milestone.title});
            title.clone_into(&mut milestone.title);
        }
        if let Some(due_on) = due_on {
            changes["due_on"] = json!({"from": milestone.due_on.map(crate::json::time)});
            milestone.due_on = due_on;
        }
        milestone.open = open.unwrap_or(was_open);
        milestone.closed_at = (!milestone.open).then(|| milestone.closed_at.unwrap_or(now));
        if changes != json!({}) {
            self.tell_of_milestone("edited", repo, number, changes);
        }
        if let Some(open) = open.filter(|open| *open != was_open) {
            self.tell_of_milestone(if open { "opened" } else { "closed" }, repo, number, Value::Null);
        }
    }

    /// Removes a milestone from its repository and its issues.
    pub(crate) fn delete_milestone(&mut self, repo: RepoId, number: u64) {
        self.tell_of_milestone("deleted", repo, number, Value::Null);
        let issues: Vec<IssueId> = self.repo(repo).numbers.values().copied().collect();
        for issue in
            issues.into_iter().filter(|id| self.issue(*id).milestone == Some(number)).collect::<Vec<_>>()
        {
            self.issue_mut(issue).milestone = None;
        }
        self.repo_mut(repo).milestones.retain(|milestone| milestone.number != number);
    }

    pub(crate) fn milestone(&self, repo: RepoId, number: u64) -> Option<&Milestone> {
        self.repo(repo).milestones.iter().find(|milestone| milestone.number == number)
    }

    /// Sets or clears an issue's milestone by number.
    pub(crate) fn set_milestone(&mut self, id: IssueId, milestone: Option<u64>) {
        if self.issue(id).milestone != milestone {
            let actor = self.sender(self.issue(id).author);
            let title = |world: &Self, number| {
                world.milestone(world.issue(id).repo, number).map_or_else(String::new, |at| at.title.clone())
            };
            if let Some(old) = self.issue_mut(id).milestone.take() {
                self.happened(id, actor, What::Demilestoned { title: title(self, old) });
                self.tell_of_place("demilestoned", id, old);
            }
            if let Some(new) = milestone {
                self.issue_mut(id).milestone = Some(new);
                self.happened(id, actor, What::Milestoned { title: title(self, new) });
                self.tell_of_place("milestoned", id, new);
            }
        }
    }

    /// Sets or clears an issue's type.
    pub(crate) fn set_type(&mut self, id: IssueId, to: Option<&'static str>) {
        if self.issue(id).issue_type != to {
            self.touch(id);
            let old = std::mem::replace(&mut self.issue_mut(id).issue_type, to);
            match (old, to) {
                (_, Some(new)) => self.tell_of_type("typed", id, new),
                (Some(old), None) => self.tell_of_type("untyped", id, old),
                (None, None) => {}
            }
        }
    }
}

fn floor(due: DateTime<Utc>) -> DateTime<Utc> {
    let pacific = Duration::hours(8);
    (due - pacific).date_naive().and_hms_opt(0, 0, 0).map_or(due, |midnight| midnight.and_utc() + pacific)
}
