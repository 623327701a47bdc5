//! What new issues are put under: a milestone of their repository, and a type of its organisation.
//!
//! Invariants: it is found before anything is made, and what is not there stops the making; it is asked for once, when an
//! issue is made, and belongs to the tracker from then on.

use super::engine::{Engine, Pass, SyncError};
use crate::tracker::{IssueType, Milestone, NewIssue, Target};

/// So many names are told of what is there instead.
const SOME: usize = 5;

/// What issues of a repository are put under.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    milestone: Option<Milestone>,
    issue_type: Option<IssueType>,
}

impl Engine {
    /// Finds what issues of a repository are put under; why not, where it is not there.
    pub(super) async fn place(
        &self,
        pass: &mut Pass,
        target: &Target,
    ) -> Result<Result<Place, String>, SyncError> {
        if let Some(known) = pass.places.get(&target.repo_id) {
            return Ok(known.clone());
        }
        let mut place = Ok(Place::default());
        if let Some(title) = &self.settings.publish.milestone {
            let open = self.ask(pass.wait, async || self.tracker.milestones(target).await).await?;
            place = milestone(&target.repo, open, title)
                .map(|milestone| Place { milestone: Some(milestone), ..Place::default() });
        }
        if let (Some(name), Ok(found)) = (&self.settings.publish.issue_type, &mut place) {
            let types = self.ask(pass.wait, async || self.tracker.issue_types(target).await).await?;
            match issue_type(&target.repo, types, name) {
                Ok(issue_type) => found.issue_type = Some(issue_type),
                Err(why) => place = Err(why),
            }
        }
        pass.places.insert(target.repo_id, place.clone());
        Ok(place)
    }
}

impl Place {
    /// Puts the issue of an action, or of a report, where it belongs. A report is no task.
    pub(super) fn fill(self, new: &mut NewIssue, is_action: bool) {
        new.milestone = self.milestone;
        new.issue_type = self.issue_type.filter(|_| is_action);
    }
}

/// The open milestone with this title.
pub(crate) fn milestone(repo: &str, open: Vec<Milestone>, title: &str) -> Result<Milestone, String> {
    let names: Vec<String> = open.iter().map(|milestone| milestone.title.clone()).collect();
    pick(open, |milestone| &milestone.title, title).ok_or_else(|| {
        format!(
            "{repo} has no open milestone `{title}`{}; make it there, or correct `milestone` under [publish] in followup.toml",
            instead(&names)
        )
    })
}

/// The type with this name. Where the tracker does not tell which there are, the name is all there is.
pub(crate) fn issue_type(repo: &str, types: Option<Vec<IssueType>>, name: &str) -> Result<IssueType, String> {
    let Some(types) = types else { return Ok(IssueType { node_id: None, name: name.to_owned() }) };
    let names: Vec<String> = types.iter().map(|issue_type| issue_type.name.clone()).collect();
    pick(types, |issue_type| &issue_type.name, name).ok_or_else(|| {
        format!(
            "{repo} knows no type of issues `{name}`{}; an owner of the organization can make it, or correct `issue_type` \
             under [publish] in followup.toml",
            instead(&names)
        )
    })
}

/// The one that is called so, or that differs in case only.
fn pick<T>(all: Vec<T>, name_of: impl Fn(&T) -> &str, name: &str) -> Option<T> {
    let wanted = name.to_lowercase();
    let exact = all.iter().position(|one| name_of(one) == name);
    let at = exact.or_else(|| all.iter().position(|one| name_of(one).to_lowercase() == wanted))?;
    all.into_iter().nth(at)
}

fn instead(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let more = if names.len() > SOME { ", …" } else { "" };
    let some: Vec<String> = names.iter().take(SOME).map(|name| format!("`{name}`")).collect();
    format!(" (it has {}{more})", some.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milestones(titles: &[&str]) -> Vec<Milestone> {
        let one =
            |(title, number): (&&str, i64)| Milestone { number, node_id: None, title: (*title).to_owned() };
        titles.iter().zip(1..).map(one).collect()
    }

    #[test]
    fn the_exact_name_wins_over_one_that_differs_in_case() {
        let number =
            |titles: &[&str], title| milestone("acme/x", milestones(titles), title).map(|it| it.number);
        assert_eq!(number(&["AFTER", "After"], "After"), Ok(2));
        assert_eq!(number(&["Before", "AFTER"], "after"), Ok(2));
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let why = |titles: &[&str]| milestone("acme/x", milestones(titles), "After").unwrap_err();
        assert_eq!(
            why(&["A", "B"]),
            "acme/x has no open milestone `After` (it has `A`, `B`); make it there, or correct `milestone` under [publish] in \
             followup.toml"
        );
        assert!(why(&[]).starts_with("acme/x has no open milestone `After`; make"));
        assert!(why(&["A", "B", "C", "D", "E", "F"]).contains("`E`, …)"));
        let types = vec![IssueType { node_id: None, name: "Bug".to_owned() }];
        let why = issue_type("acme/x", Some(types), "Task").unwrap_err();
        assert!(why.starts_with("acme/x knows no type of issues `Task` (it has `Bug`); an owner"), "{why}");
        assert_eq!(issue_type("acme/x", None, "Task").unwrap().name, "Task");
    }
}
