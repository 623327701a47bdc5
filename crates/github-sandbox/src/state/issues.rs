//! What happens to issues. Permissions are the caller's business; times, events and links are kept here.

use chrono::{DateTime, Utc};

use serde_json::json;

use super::{
    CloseReason, Closer, Comment, CommentId, Event, Issue, IssueId, LabelId, Milestone, RepoId, UserId, What,
    World,
};

/// What a new issue starts with.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewIssue {
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) labels: Vec<LabelId>,
    pub(crate) assignees: Vec<UserId>,
    pub(crate) is_pull_request: bool,
}

impl World {
    pub(crate) fn create_issue(&mut self, repo: RepoId, author: UserId, new: NewIssue) -> IssueId {
        let now = self.now();
        self.last_issue += 1;
        let id = IssueId(self.last_issue);
        let at = self.repo_mut(repo);
        at.last_number += 1;
        let number = at.last_number;
        at.numbers.insert(number, id);
        let issue = Issue {
            id,
            repo,
            number,
            is_pull_request: new.is_pull_request,
            author,
            title: new.title,
            body: new.body.filter(|body| !body.is_empty()),
            closed: None,
            merged_at: None,
            closing_pulls: Vec::new(),
            was_reopened: false,
            closed_by: None,
            created_at: now,
            updated_at: now,
            assignees: Vec::new(),
            labels: Vec::new(),
            milestone: None,
            issue_type: None,
            locked: false,
            parent: None,
            children: Vec::new(),
            blocked_by: Vec::new(),
            blocking: Vec::new(),
            comments: Vec::new(),
            events: Vec::new(),
        };
        self.issues.insert(id, issue);
        let told = self.hooks.waiting.len();
        self.add_labels(id, author, &new.labels);
        self.add_assignees(id, author, &new.assignees);
        // It is told opened first, as it is after all that it was opened with.
        self.tell_of_issue("opened", id, author, json!({}));
        let new = &mut self.hooks.waiting[told..];
        new.rotate_right(usize::from(!new.is_empty()));
        id
    }

    /// Moves `updated_at`, never backwards.
    pub(super) fn touch(&mut self, id: IssueId) -> DateTime<Utc> {
        let now = self.now();
        let issue = self.issue_mut(id);
        issue.updated_at = issue.updated_at.max(now);
        issue.updated_at
    }

    pub(super) fn happened(&mut self, id: IssueId, actor: UserId, what: What) {
        let event = self.next_small();
        let at = self.touch(id);
        self.issue_mut(id).events.push(Event { id: event, at, actor, what });
    }

    pub(crate) fn close_issue(&mut self, id: IssueId, actor: UserId, reason: CloseReason) {
        self.close_issue_by(id, actor, reason, None);
    }

    /// Closes an issue, by a pull request or a commit when one is named.
    pub(crate) fn close_issue_by(
        &mut self,
        id: IssueId,
        actor: UserId,
        reason: CloseReason,
        closer: Option<Closer>,
    ) {
        if self.issue(id).closed.is_some() {
            return;
        }
        self.happened(id, actor, What::Closed { reason, closer });
        let issue = self.issue_mut(id);
        issue.closed = Some((reason, issue.updated_at));
        issue.closed_by = Some(actor);
        self.tell_of_issue("closed", id, actor, json!({}));
    }

    pub(crate) fn reopen_issue(&mut self, id: IssueId, actor: UserId) {
        if self.issue(id).closed.is_none() {
            return;
        }
        self.happened(id, actor, What::Reopened);
        let issue = self.issue_mut(id);
        issue.closed = None;
        issue.was_reopened = true;
        self.tell_of_issue("reopened", id, actor, json!({}));
    }

    pub(crate) fn edit_title(&mut self, id: IssueId, actor: UserId, title: &str) {
        let from = self.issue(id).title.clone();
        if from != title {
            let changes = json!({"changes": {"title": {"from": from}}});
            self.happened(id, actor, What::Renamed { from, to: title.to_owned() });
            title.clone_into(&mut self.issue_mut(id).title);
            self.tell_of_issue("edited", id, actor, changes);
        }
    }

    pub(crate) fn edit_body(&mut self, id: IssueId, body: &str) {
        let body = (!body.is_empty()).then(|| body.to_owned());
        if self.issue(id).body != body {
            self.touch(id);
            let from = std::mem::replace(&mut self.issue_mut(id).body, body);
            let sender = self.sender(self.issue(id).author);
            let changes = json!({"changes": {"body": {"from": from.unwrap_or_default()}}});
            self.tell_of_issue("edited", id, sender, changes);
        }
    }

    pub(crate) fn add_labels(&mut self, id: IssueId, actor: UserId, labels: &[LabelId]) {
        for label in labels {
            if !self.issue(id).labels.contains(label) {
                let named = self.label(self.issue(id).repo, *label);
                let what = What::Labeled { name: named.name.clone(), color: named.color.clone() };
                self.issue_mut(id).labels.push(*label);
                self.happened(id, actor, what);
                self.tell_of_label("labeled", id, actor, *label);
            }
        }
    }

    pub(crate) fn remove_labels(&mut self, id: IssueId, actor: UserId, labels: &[LabelId]) {
        for label in labels {
            if self.issue(id).labels.contains(label) {
                let named = self.label(self.issue(id).repo, *label);
                let what = What::Unlabeled { name: named.name.clone(), color: named.color.clone() };
                self.issue_mut(id).labels.retain(|at| at != label);
                self.happened(id, actor, what);
                self.tell_of_label("unlabeled", id, actor, *label);
            }
        }
    }

    pub(crate) fn set_labels(&mut self, id: IssueId, actor: UserId, labels: &[LabelId]) {
        let gone: Vec<_> =
            self.issue(id).labels.iter().filter(|label| !labels.contains(label)).copied().collect();
        self.remove_labels(id, actor, &gone);
        self.add_labels(id, actor, labels);
    }

    pub(crate) fn add_assignees(&mut self, id: IssueId, actor: UserId, assignees: &[UserId]) {
        for assignee in assignees {
            if !self.issue(id).assignees.contains(assignee) {
                self.issue_mut(id).assignees.push(*assignee);
                self.happened(id, actor, What::Assigned(*assignee));
                self.tell_of_assignee("assigned", id, actor, *assignee);
            }
        }
    }

    pub(crate) fn remove_assignees(&mut self, id: IssueId, actor: UserId, assignees: &[UserId]) {
        for assignee in assignees {
            if self.issue(id).assignees.contains(assignee) {
                self.issue_mut(id).assignees.retain(|at| at != assignee);
                self.happened(id, actor, What::Unassigned(*assignee));
                self.tell_of_assignee("unassigned", id, actor, *assignee);
            }
        }
    }

    pub(crate) fn set_assignees(&mut self, id: IssueId, actor: UserId, assignees: &[UserId]) {
        let gone: Vec<_> =
            self.issue(id).assignees.iter().filter(|at| !assignees.contains(at)).copied().collect();
        self.remove_assignees(id, actor, &gone);
        self.add_assignees(id, actor, assignees);
    }

    pub(crate) fn set_locked(&mut self, id: IssueId, actor: UserId, locked: bool) {
        if self.issue(id).locked != locked {
            self.issue_mut(id).locked = locked;
            self.happened(id, actor, if locked { What::Locked } else { What::Unlocked });
            self.tell_of_issue(if locked { "locked" } else { "unlocked" }, id, actor, json!({}));
        }
    }

    pub(crate) fn add_comment(&mut self, id: IssueId, author: UserId, body: &str) -> CommentId {
        let comment = CommentId(self.next_small());
        self.happened(id, author, What::Commented(comment));
        let issue = self.issue_mut(id);
        let at = issue.updated_at;
        issue.comments.push(Comment {
            id: comment,
            author,
            body: body.to_owned(),
            created_at: at,
            updated_at: at,
            reactions: Vec::new(),
        });
        self.tell_of_comment("created", id, comment, author, json!({}));
        comment
    }

    pub(crate) fn edit_comment(&mut self, issue: IssueId, id: CommentId, body: &str) {
        let at = self.touch(issue);
        let comment = self.issue_mut(issue).comments.iter_mut().find(|comment| comment.id == id);
        if let Some(comment) = comment {
            let (from, author) = (std::mem::replace(&mut comment.body, body.to_owned()), comment.author);
            comment.updated_at = at;
            let sender = self.sender(author);
            self.tell_of_comment("edited", issue, id, sender, json!({"changes": {"body": {"from": from}}}));
        }
    }

    pub(crate) fn delete_comment(&mut self, issue: IssueId, id: CommentId) {
        self.touch(issue);
        let sender = self.sender(self.issue(issue).author);
        self.tell_of_comment("deleted", issue, id, sender, json!({}));
        let issue = self.issue_mut(issue);
        issue.comments.retain(|comment| comment.id != id);
        issue.events.retain(|event| !matches!(event.what, What::Commented(at) if at == id));
    }

    pub(crate) fn delete_issue(&mut self, id: IssueId) {
        let sender = self.sender(self.issue(id).author);
        self.tell_of_issue("deleted", id, sender, json!({}));
        self.remove_from_parent(id);
        for child in self.issue(id).children.clone() {
            self.issue_mut(child).parent = None;
        }
        for other in self.issues.values_mut() {
            other.blocked_by.retain(|at| *at != id);
            other.blocking.retain(|at| *at != id);
        }
        if let Some(issue) = self.issues.remove(&id) {
            let repo = self.repo_mut(issue.repo);
            repo.numbers.remove(&issue.number);
            repo.deleted.insert(issue.number);
        }
    }

    /// Moves an issue; its id, number and node id change. Comments, assignees and labels that the target has too stay.
    pub(crate) fn transfer_issue(&mut self, id: IssueId, to: RepoId, actor: UserId) -> IssueId {
        let names: Vec<String> = {
            let issue = self.issue(id);
            issue.labels.iter().map(|label| self.label(issue.repo, *label).name.clone()).collect()
        };
        let labels: Vec<LabelId> =
            names.iter().filter_map(|name| self.label_by_name(to, name)).map(|label| label.id).collect();
        let same = |of: &Milestone, other: &Milestone| of.title == other.title && of.due_on == other.due_on;
        let milestone =
            self.issue(id).milestone.and_then(|number| self.milestone(self.issue(id).repo, number));
        let milestone = milestone.and_then(|old| self.repo(to).milestones.iter().find(|new| same(old, new)));
        let milestone = milestone.map(|milestone| milestone.number);
        self.last_issue += 1;
        let new_id = IssueId(self.last_issue);
        let target = self.repo_mut(to);
        target.last_number += 1;
        let number = target.last_number;
        target.numbers.insert(number, new_id);
        let mut issue = self.issues.remove(&id).expect("the id was looked up under the same lock");
        let from = self.repo_mut(issue.repo);
        from.numbers.remove(&issue.number);
        from.transferred.insert(issue.number, new_id);
        for other in self.issues.values_mut() {
            if other.parent == Some(id) {
                other.parent = Some(new_id);
            }
            let relatives = other.children.iter_mut().chain(&mut other.blocked_by);
            for relative in relatives.chain(&mut other.blocking) {
                if *relative == id {
                    *relative = new_id;
                }
            }
        }
        for repo in self.repos.values_mut() {
            for moved in repo.transferred.values_mut() {
                if *moved == id {
                    *moved = new_id;
                }
            }
        }
        let old = issue.clone();
        issue.id = new_id;
        issue.repo = to;
        issue.number = number;
        issue.labels = labels;
        issue.milestone = milestone;
        self.issues.insert(new_id, issue);
        self.happened(new_id, actor, What::Transferred);
        self.tell_of_transfer(&old, new_id, actor);
        new_id
    }
}
