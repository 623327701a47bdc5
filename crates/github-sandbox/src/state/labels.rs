//! Labels of a repository.

use serde_json::{Value, json};

use super::{IssueId, Label, LabelId, RepoId, World};

/// The colour GitHub gives a label nobody chose a colour for.
const PLAIN: &str = "ededed";

impl World {
    pub(crate) fn add_label(
        &mut self,
        repo: RepoId,
        name: &str,
        color: Option<&str>,
        description: Option<&str>,
    ) -> LabelId {
        let id = LabelId(self.next_small());
        self.repo_mut(repo).labels.push(Label {
            id,
            name: name.to_owned(),
            color: color.unwrap_or(PLAIN).to_lowercase(),
            description: description.map(str::to_owned),
        });
        self.tell_of_named("created", repo, id, Value::Null);
        id
    }

    pub(crate) fn ensure_label(&mut self, repo: RepoId, name: &str) -> LabelId {
        match self.label_by_name(repo, name) {
            Some(label) => label.id,
            None => self.add_label(repo, name, None, None),
        }
    }

    pub(crate) fn edit_label(
        &mut self,
        repo: RepoId,
        id: LabelId,
        name: Option<&str>,
        color: Option<&str>,
        description: Option<Option<&str>>,
    ) {
        let label = self.repo_mut(repo).labels.iter_mut().find(|label| label.id == id);
        let Some(label) = label else { return };
        let mut changes = json!({});
        if let Some(name) = name {
            changes["name"] = json!({"from": label.name});
            name.clone_into(&mut label.name);
        }
        if let Some(color) = color {
            label.color = color.to_lowercase();
        }
        if let Some(description) = description {
            label.description = description.map(str::to_owned);
        }
        self.tell_of_named("edited", repo, id, changes);
    }

    /// Removes a label and takes it off every issue; their times do not move.
    pub(crate) fn delete_label(&mut self, repo: RepoId, id: LabelId) {
        self.tell_of_named("deleted", repo, id, Value::Null);
        self.repo_mut(repo).labels.retain(|label| label.id != id);
        let issues: Vec<IssueId> = self.repo(repo).numbers.values().copied().collect();
        for issue in issues {
            self.issue_mut(issue).labels.retain(|label| *label != id);
        }
    }
}
