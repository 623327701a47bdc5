//! What each mutation does, after the same checks as its REST sibling.

use serde_json::{Map, Value};

use super::connections;
use super::execute::Run;
use super::objects::{Object, Out, Problem};
use crate::state::{
    CloseReason, ISSUE_TYPES, IssueId, LabelId, Level, MAX_BODY, MAX_LABEL, MAX_LABELS, MAX_TITLE, NewIssue,
    Permission, RepoId, UserId,
};

type Outcome = Result<Out, Problem>;
type Members = Vec<(&'static str, Out)>;

pub(super) fn run(run: &mut Run<'_>, name: &str, arguments: &Map<String, Value>) -> Outcome {
    let Some(viewer) = run.call.viewer else {
        return Err(Problem { kind: "FORBIDDEN", message: "Must be authenticated.".to_owned() });
    };
    let input = arguments.get("input").cloned().unwrap_or_default();
    let mut act = Act { run, viewer, input };
    let (ty, mut members) = match name {
        "createIssue" => ("CreateIssuePayload", act.create_issue()?),
        "updateIssue" => ("UpdateIssuePayload", act.update_issue()?),
        "closeIssue" => ("CloseIssuePayload", act.close_issue()?),
        "reopenIssue" => ("ReopenIssuePayload", act.reopen_issue()?),
        "addSubIssue" => ("AddSubIssuePayload", act.add_sub_issue()?),
        "removeSubIssue" => ("RemoveSubIssuePayload", act.remove_sub_issue()?),
        "addComment" => ("AddCommentPayload", act.add_comment()?),
        "addLabelsToLabelable" => ("AddLabelsToLabelablePayload", act.labels(true)?),
        "removeLabelsFromLabelable" => ("RemoveLabelsFromLabelablePayload", act.labels(false)?),
        "addAssigneesToAssignable" => ("AddAssigneesToAssignablePayload", act.assignees(true)?),
        "removeAssigneesFromAssignable" => ("RemoveAssigneesFromAssignablePayload", act.assignees(false)?),
        "createLabel" => ("CreateLabelPayload", act.create_label()?),
        _ => return Out::null(),
    };
    members.push(("clientMutationId", Out::Value(act.input["clientMutationId"].clone())));
    Ok(Out::Object(Object::Payload(ty, members)))
}

struct Act<'a, 'b> {
    run: &'a mut Run<'b>,
    viewer: UserId,
    input: Value,
}

impl Act<'_, '_> {
    fn text(&self, name: &str) -> &str {
        self.input[name].as_str().unwrap_or_default()
    }

    fn object(&self, id: &str) -> Result<Object, Problem> {
        Object::by_node_id(self.run.world, id, Some(self.viewer))
    }

    /// The issue an input names, which may be a pull request.
    fn issue(&self, name: &str) -> Result<IssueId, Problem> {
        let id = self.text(name);
        match self.object(id)? {
            Object::Issue(issue) => Ok(issue),
            _ => Err(Problem::no_node(id)),
        }
    }

    fn repo(&self, name: &str) -> Result<RepoId, Problem> {
        let id = self.text(name);
        match self.object(id)? {
            Object::Repo(repo) => Ok(repo),
            _ => Err(Problem::no_node(id)),
        }
    }

    /// The ids of a list, `None` when the list was not given.
    fn ids(&self, name: &str) -> Option<Vec<String>> {
        let items = self.input[name].as_array()?;
        Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    fn label_ids(&self, repo: RepoId, name: &str) -> Result<Option<Vec<LabelId>>, Problem> {
        let Some(ids) = self.ids(name) else { return Ok(None) };
        let mut labels = Vec::new();
        for id in ids {
            match self.object(&id)? {
                Object::Label(at, label) if at == repo => labels.push(label),
                _ => return Err(Problem::no_node(&id)),
            }
        }
        if labels.len() > MAX_LABELS {
            return Err(Problem::unprocessable("Issues cannot have more than 100 labels"));
        }
        Ok(Some(labels))
    }

    /// The milestone an input names: nothing when it names none, `Some(None)` when it clears it.
    fn milestone_id(&self, repo: RepoId) -> Result<Option<Option<u64>>, Problem> {
        match self.input.get("milestoneId") {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(_) => match self.object(self.text("milestoneId"))? {
                Object::Milestone(at, number) if at == repo => Ok(Some(Some(number))),
                _ => Err(Problem::no_node(self.text("milestoneId"))),
            },
        }
    }

    /// The type an input names.
    fn type_id(&self) -> Result<Option<&'static str>, Problem> {
        let id = self.text("issueTypeId");
        if id.is_empty() {
            return Ok(None);
        }
        let number = id.strip_prefix("IT_").and_then(|number| number.parse::<usize>().ok());
        let found = number.and_then(|number| ISSUE_TYPES.get(number.checked_sub(1)?));
        found.copied().map(Some).ok_or_else(|| Problem::no_node(id))
    }

    fn user_ids(&self, repo: RepoId, name: &str) -> Result<Option<Vec<UserId>>, Problem> {
        let Some(ids) = self.ids(name) else { return Ok(None) };
        let mut users = Vec::new();
        for id in ids {
            match self.object(&id)? {
                Object::User(user) if self.run.world.is_assignable(repo, user) => users.push(user),
                Object::User(_) => return Err(Problem::unprocessable("Assignee is not assignable")),
                _ => return Err(Problem::no_node(&id)),
            }
        }
        Ok(Some(users))
    }

    /// Refuses what the viewer may not do, and all changes of archived repositories.
    fn require(&self, repo: RepoId, least: Permission, what: &str) -> Result<(), Problem> {
        let world = &self.run.world;
        if world.repo(repo).archived {
            return Err(Problem::unprocessable("Repository was archived so is read-only."));
        }
        if !world.repo(repo).issues_enabled {
            let message = format!("Issues are disabled in the {} repository.", world.repo(repo).full_name());
            return Err(Problem::unprocessable(message));
        }
        if let Some(problem) = Problem::of_credential(world, repo, Level::Write) {
            return Err(problem);
        }
        if world.permission(repo, Some(self.viewer)) >= least {
            return Ok(());
        }
        let login = &world.user(self.viewer).login;
        let message = format!("{login} does not have the correct permissions to execute `{what}`");
        Err(Problem { kind: "FORBIDDEN", message })
    }

    fn may_label(&self, repo: RepoId) -> bool {
        self.run.world.role(repo, self.viewer) >= Permission::Triage && !self.run.world.switches.drop_labels
    }

    fn title(&self) -> Result<(), Problem> {
        let title = self.text("title");
        if title.trim().is_empty() {
            return Err(Problem::unprocessable("Title can't be blank"));
        }
        if title.chars().count() > MAX_TITLE {
            return Err(Problem::unprocessable("Title is too long (maximum is 256 characters)"));
        }
        Ok(())
    }

    fn body(&self) -> Result<(), Problem> {
        if self.text("body").chars().count() > MAX_BODY {
            return Err(Problem::unprocessable("Body is too long (maximum is 65536 characters)"));
        }
        Ok(())
    }

    fn create_issue(&mut self) -> Result<Members, Problem> {
        let repo = self.repo("repositoryId")?;
        self.require(repo, Permission::Read, "CreateIssue")?;
        self.title()?;
        self.body()?;
        let mut labels = self.label_ids(repo, "labelIds")?.unwrap_or_default();
        let mut assignees = self.user_ids(repo, "assigneeIds")?.unwrap_or_default();
        if !self.may_label(repo) {
            labels.clear();
            assignees.clear();
        }
        let milestone = self.milestone_id(repo)?.filter(|_| self.may_label(repo));
        let issue_type = self.type_id()?.filter(|_| self.may_label(repo));
        let parent = match self.text("parentIssueId") {
            "" => None,
            _ => Some(self.issue("parentIssueId")?),
        };
        if let Some(parent) = parent {
            self.require(self.run.world.issue(parent).repo, Permission::Triage, "AddSubIssue")?;
            if let Some(message) = self.run.world.refuse_child(parent, None) {
                return Err(Problem { kind: "VALIDATION", message: message.to_owned() });
            }
        }
        if !self.run.world.admit_content() {
            return Err(Problem::unprocessable("was submitted too quickly"));
        }
        let body = self.input["body"].as_str().map(str::to_owned);
        let new = NewIssue {
            title: self.text("title").to_owned(),
            body,
            labels,
            assignees,
            is_pull_request: false,
        };
        let issue = self.run.world.create_issue(repo, self.viewer, new);
        if let Some(milestone) = milestone {
            self.run.world.set_milestone(issue, milestone);
        }
        if issue_type.is_some() {
            self.run.world.set_type(issue, issue_type);
        }
        if let Some(parent) = parent {
            let added = self.run.world.add_sub_issue(parent, issue, false);
            added.map_err(Problem::unprocessable)?;
        }
        Ok(vec![("issue", Out::Object(Object::Issue(issue)))])
    }

    fn update_issue(&mut self) -> Result<Members, Problem> {
        let id = self.issue("id")?;
        let (repo, author) = (self.run.world.issue(id).repo, self.run.world.issue(id).author);
        let least = if author == self.viewer { Permission::Read } else { Permission::Write };
        self.require(repo, least, "UpdateIssue")?;
        if !self.input["title"].is_null() {
            self.title()?;
        }
        self.body()?;
        let labels = self.label_ids(repo, "labelIds")?.filter(|_| self.may_label(repo));
        let assignees = self.user_ids(repo, "assigneeIds")?.filter(|_| self.may_label(repo));
        let milestone = self.milestone_id(repo)?.filter(|_| self.may_label(repo));
        if let Some(milestone) = milestone {
            self.run.world.set_milestone(id, milestone);
        }
        let viewer = self.viewer;
        if let Some(title) = self.input["title"].as_str() {
            self.run.world.edit_title(id, viewer, title);
        }
        if let Some(body) = self.input["body"].as_str() {
            self.run.world.edit_body(id, body);
        }
        if let Some(labels) = labels {
            self.run.world.set_labels(id, viewer, &labels);
        }
        if let Some(assignees) = assignees {
            self.run.world.set_assignees(id, viewer, &assignees);
        }
        match self.input["state"].as_str() {
            Some("CLOSED") => self.run.world.close_issue(id, viewer, CloseReason::Completed),
            Some("OPEN") => self.run.world.reopen_issue(id, viewer),
            _ => {}
        }
        Ok(vec![("issue", Out::Object(Object::Issue(id))), ("actor", Out::Object(Object::User(viewer)))])
    }

    /// Closing and reopening is for triage and up, and for whoever opened the issue.
    fn may_turn(&self, id: IssueId, what: &str) -> Result<(), Problem> {
        let issue = self.run.world.issue(id);
        let least = if issue.author == self.viewer { Permission::Read } else { Permission::Triage };
        self.require(issue.repo, least, what)
    }

    fn close_issue(&mut self) -> Result<Members, Problem> {
        let id = self.issue("issueId")?;
        self.may_turn(id, "CloseIssue")?;
        if !self.input["duplicateIssueId"].is_null() {
            self.issue("duplicateIssueId")?;
        }
        let reason = match self.text("stateReason") {
            "NOT_PLANNED" => CloseReason::NotPlanned,
            "DUPLICATE" => CloseReason::Duplicate,
            _ => CloseReason::Completed,
        };
        self.run.world.close_issue(id, self.viewer, reason);
        Ok(vec![("issue", Out::Object(Object::Issue(id)))])
    }

    fn reopen_issue(&mut self) -> Result<Members, Problem> {
        let id = self.issue("issueId")?;
        self.may_turn(id, "ReopenIssue")?;
        self.run.world.reopen_issue(id, self.viewer);
        Ok(vec![("issue", Out::Object(Object::Issue(id)))])
    }

    fn sub_issue_members(parent: IssueId, child: IssueId) -> Members {
        vec![("issue", Out::Object(Object::Issue(parent))), ("subIssue", Out::Object(Object::Issue(child)))]
    }

    fn add_sub_issue(&mut self) -> Result<Members, Problem> {
        let parent = self.issue("issueId")?;
        let child = self.issue("subIssueId")?;
        self.require(self.run.world.issue(parent).repo, Permission::Triage, "AddSubIssue")?;
        let replace = self.input["replaceParent"].as_bool().unwrap_or(false);
        let added = self.run.world.add_sub_issue(parent, child, replace);
        added.map_err(|message| Problem { kind: "VALIDATION", message: message.to_owned() })?;
        Ok(Self::sub_issue_members(parent, child))
    }

    fn remove_sub_issue(&mut self) -> Result<Members, Problem> {
        let parent = self.issue("issueId")?;
        let child = self.issue("subIssueId")?;
        self.require(self.run.world.issue(parent).repo, Permission::Triage, "RemoveSubIssue")?;
        if self.run.world.issue(child).parent != Some(parent) {
            return Err(Problem::unprocessable("Issue is not a sub-issue of this parent"));
        }
        self.run.world.remove_from_parent(child);
        Ok(Self::sub_issue_members(parent, child))
    }

    fn add_comment(&mut self) -> Result<Members, Problem> {
        let id = self.issue("subjectId")?;
        let issue = self.run.world.issue(id);
        let least = if issue.locked { Permission::Write } else { Permission::Read };
        self.require(issue.repo, least, "AddComment")?;
        if self.text("body").trim().is_empty() {
            return Err(Problem::unprocessable("Body cannot be blank"));
        }
        self.body()?;
        if !self.run.world.admit_content() {
            return Err(Problem::unprocessable("was submitted too quickly"));
        }
        let body = self.text("body").to_owned();
        let comment = self.run.world.add_comment(id, self.viewer, &body);
        let edge = connections::comment_edge(self.run.world, &Object::Comment(id, comment));
        Ok(vec![("subject", Out::Object(Object::Issue(id))), ("commentEdge", Out::Object(edge))])
    }

    fn labels(&mut self, add: bool) -> Result<Members, Problem> {
        let id = self.issue("labelableId")?;
        let repo = self.run.world.issue(id).repo;
        let what = if add { "AddLabelsToLabelable" } else { "RemoveLabelsFromLabelable" };
        self.require(repo, Permission::Triage, what)?;
        let labels = self.label_ids(repo, "labelIds")?.unwrap_or_default();
        if add {
            let on = &self.run.world.issue(id).labels;
            if on.len() + labels.iter().filter(|label| !on.contains(label)).count() > MAX_LABELS {
                return Err(Problem::unprocessable("Issues cannot have more than 100 labels"));
            }
            self.run.world.add_labels(id, self.viewer, &labels);
        } else {
            self.run.world.remove_labels(id, self.viewer, &labels);
        }
        Ok(vec![("labelable", Out::Object(Object::Issue(id)))])
    }

    fn assignees(&mut self, add: bool) -> Result<Members, Problem> {
        let id = self.issue("assignableId")?;
        let repo = self.run.world.issue(id).repo;
        let what = if add { "AddAssigneesToAssignable" } else { "RemoveAssigneesFromAssignable" };
        self.require(repo, Permission::Triage, what)?;
        let users = self.user_ids(repo, "assigneeIds")?.unwrap_or_default();
        if add {
            self.run.world.add_assignees(id, self.viewer, &users);
        } else {
            self.run.world.remove_assignees(id, self.viewer, &users);
        }
        Ok(vec![("assignable", Out::Object(Object::Issue(id)))])
    }

    fn create_label(&mut self) -> Result<Members, Problem> {
        let repo = self.repo("repositoryId")?;
        self.require(repo, Permission::Write, "CreateLabel")?;
        let name = self.text("name").to_owned();
        if name.is_empty() || name.chars().count() > MAX_LABEL {
            return Err(Problem::unprocessable("Name is too long (maximum is 50 characters)"));
        }
        if self.run.world.label_by_name(repo, &name).is_some() {
            return Err(Problem::unprocessable("Name has already been taken"));
        }
        let color = self.text("color").to_owned();
        let description = self.input["description"].as_str().map(str::to_owned);
        let label = self.run.world.add_label(repo, &name, Some(&color), description.as_deref());
        Ok(vec![("label", Out::Object(Object::Label(repo, label)))])
    }
}
