//! How issues stand to each other: one under another, and one that waits for another.
//!
//! Invariant: neither relation has rings, and neither moves `updated_at`.

use super::{IssueId, MAX_BLOCKERS, MAX_LAYERS, MAX_SUB_ISSUES, World};

impl World {
    /// Why an issue may not get one more under it, this one or a new one, in GitHub's words.
    pub(crate) fn refuse_child(&self, parent: IssueId, child: Option<IssueId>) -> Option<&'static str> {
        if self.issue(parent).children.len() >= MAX_SUB_ISSUES {
            return Some("Parent cannot have more than 100 sub-issues");
        }
        let above: Vec<IssueId> = std::iter::successors(Some(parent), |id| self.issue(*id).parent).collect();
        if child.is_some_and(|child| above.contains(&child)) {
            return Some("Sub issue may not create a circular dependency");
        }
        if above.len() + child.map_or(0, |child| self.layers(child)) > MAX_LAYERS {
            return Some("You cannot add more than 7 layers of sub-issues");
        }
        None
    }

    /// How many layers of issues stand under one.
    fn layers(&self, id: IssueId) -> usize {
        self.issue(id).children.iter().map(|child| 1 + self.layers(*child)).max().unwrap_or(0)
    }

    /// Puts `child` under `parent`. Times do not move. The error is GitHub's sentence.
    pub(crate) fn add_sub_issue(
        &mut self,
        parent: IssueId,
        child: IssueId,
        replace_parent: bool,
    ) -> Result<(), &'static str> {
        if parent == child {
            return Err("Issue cannot be its own sub-issue");
        }
        if self.issue(parent).children.contains(&child) {
            return Err("Issue may not contain duplicate sub-issues");
        }
        if self.issue(child).parent.is_some() && !replace_parent {
            return Err("Sub issue may only have one parent");
        }
        if let Some(refusal) = self.refuse_child(parent, Some(child)) {
            return Err(refusal);
        }
        self.remove_from_parent(child);
        self.issue_mut(parent).children.push(child);
        self.issue_mut(child).parent = Some(parent);
        self.tell_of_family("added", parent, child);
        Ok(())
    }

    pub(crate) fn remove_from_parent(&mut self, child: IssueId) {
        if let Some(parent) = self.issue_mut(child).parent.take() {
            self.issue_mut(parent).children.retain(|at| *at != child);
            self.tell_of_family("removed", parent, child);
        }
    }

    /// Lets an issue wait for another. Times do not move. The error is GitHub's sentence.
    pub(crate) fn add_blocker(&mut self, blocked: IssueId, blocker: IssueId) -> Result<(), &'static str> {
        if blocked == blocker {
            return Err("An issue cannot be blocked by itself");
        }
        if self.issue(blocked).blocked_by.contains(&blocker) {
            return Err("Target issue has already been taken");
        }
        if self.waits_for(blocker, blocked) {
            return Err("Adding this dependency would create a cycle");
        }
        if self.issue(blocked).blocked_by.len().max(self.issue(blocker).blocking.len()) >= MAX_BLOCKERS {
            return Err("An issue cannot have more than 50 dependencies of one kind");
        }
        self.issue_mut(blocked).blocked_by.push(blocker);
        self.issue_mut(blocker).blocking.push(blocked);
        self.tell_of_dependency("added", blocked, blocker);
        Ok(())
    }

    pub(crate) fn remove_blocker(&mut self, blocked: IssueId, blocker: IssueId) {
        self.issue_mut(blocked).blocked_by.retain(|at| *at != blocker);
        self.issue_mut(blocker).blocking.retain(|at| *at != blocked);
        self.tell_of_dependency("removed", blocked, blocker);
    }

    fn waits_for(&self, id: IssueId, other: IssueId) -> bool {
        self.issue(id).blocked_by.iter().any(|at| *at == other || self.waits_for(*at, other))
    }
}
