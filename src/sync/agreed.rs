//! What both sides agreed on last, and what we want of an issue: two of the three that a merge compares.
//!
//! Invariant: what is agreed on is what the issue showed or was asked to show, never what is only wanted.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::body::section_digest;
use crate::{
    action::{Action, Disposition, State},
    intake::can_be_login,
    tracker::{CloseReason, Issue, IssueChange, NewIssue},
};

/// What we want the issue to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// The title, cut to what the tracker holds.
    pub(super) title: String,
    /// The login of the owner, where it can be one.
    pub(super) assignee: Option<String>,
    /// Open, or closed for a reason.
    pub(super) state: WantedState,
}

/// Which state we want the issue to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WantedState {
    Open,
    Completed,
    NotPlanned,
    Duplicate,
}

impl WantedState {
    /// As people say it of an issue: `open`, `closed as completed`.
    pub(super) fn in_words(self) -> String {
        self.close_reason().map_or("open".to_owned(), |reason| format!("closed as {}", reason.as_str()))
    }

    pub(super) fn close_reason(self) -> Option<CloseReason> {
        match self {
            Self::Open => None,
            Self::Completed => Some(CloseReason::Completed),
            Self::NotPlanned => Some(CloseReason::NotPlanned),
            Self::Duplicate => Some(CloseReason::Duplicate),
        }
    }
}

impl Wanted {
    /// What we want of the issue of `action`.
    pub(super) fn of(action: &Action, max_title: usize) -> Self {
        let state = match action.state {
            State::Proposed | State::Open | State::InProgress | State::Blocked => WantedState::Open,
            State::Done | State::Verified => WantedState::Completed,
            State::Waived => WantedState::NotPlanned,
            State::Dropped if action.disposition == Some(Disposition::Duplicate) => WantedState::Duplicate,
            State::Dropped => WantedState::NotPlanned,
        };
        Self {
            title: fit(&action.title, max_title),
            assignee: action.owner.as_deref().filter(|owner| can_be_login(owner)).map(str::to_owned),
            state,
        }
    }
}

/// A title as the tracker holds it: one line, whole where it fits.
pub(super) fn fit(title: &str, max: usize) -> String {
    let line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let mut cut: String = line.chars().take(max - 1).collect();
    cut.push('…');
    cut
}

/// What both sides agreed on last: the base of the merge. Kept as JSON beside the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreed {
    /// What the tracker showed.
    pub(super) title: String,
    pub(super) state: String,
    pub(super) state_reason: Option<String>,
    pub(super) assignees: Vec<String>,
    /// The digest of our section as we wrote it last; none when it was not there.
    pub(super) section: Option<String>,
    /// The digest of our section as we asked for it last, when nobody wrote down whether it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked_section: Option<String>,
    /// What was asked for last, while nobody has written down whether it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<Asked>,
    /// The labels of ours as they were asked for last; nothing for what was made before they were kept in step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<Vec<String>>,
    /// Whether a person said that our section is to be written again, whatever stands there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) rewrites: bool,
    /// When the issue had changed last as it was seen then, on the tracker's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) updated_at: Option<DateTime<Utc>>,
    /// What we wanted; nothing for a parent.
    pub(super) wanted: Option<Wanted>,
}

/// How long a copy of the tracker's data is believed to lag behind at most.
const MOST_LAG: Duration = Duration::hours(1);

/// A change that was asked for. Where the issue shows it, it was made: nobody else is to be heard in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    wanted: Wanted,
    title: bool,
    state: bool,
    assign: Vec<String>,
    unassign: Vec<String>,
}

impl Asked {
    pub(super) fn new(wanted: &Wanted, change: &IssueChange) -> Self {
        Self {
            wanted: wanted.clone(),
            title: change.title.is_some(),
            state: change.close.is_some() || change.reopen,
            assign: change.assign.clone(),
            unassign: change.unassign.clone(),
        }
    }
}

impl Agreed {
    /// The agreement, with what was asked for last counted as agreed on where the issue shows it.
    pub(super) fn heard(&self, issue: &Issue) -> Self {
        let mut heard = self.clone();
        let (Some(asked), Some(base)) = (&self.asked, heard.wanted.as_mut()) else { return heard };
        if asked.title && issue.title == asked.wanted.title {
            heard.title.clone_from(&issue.title);
            base.title.clone_from(&asked.wanted.title);
        }
        let shows_state = match asked.wanted.state.close_reason() {
            None => issue.state == "open",
            // An older server closes a duplicate as not planned.
            Some(reason) => {
                issue.state == "closed"
                    && (issue.issue_state().is_completed() == (reason == CloseReason::Completed))
            }
        };
        if asked.state && shows_state {
            heard.state.clone_from(&issue.state);
            heard.state_reason.clone_from(&issue.state_reason);
            base.state = asked.wanted.state;
        }
        let mut is_heard = !asked.assign.is_empty() || !asked.unassign.is_empty();
        for login in asked.assign.iter().filter(|login| holds(&issue.assignees, login)) {
            if !holds(&heard.assignees, login) {
                heard.assignees.push(login.clone());
            }
        }
        is_heard &= asked.assign.iter().all(|login| holds(&issue.assignees, login));
        heard.assignees.retain(|login| !holds(&asked.unassign, login) || holds(&issue.assignees, login));
        is_heard &= asked.unassign.iter().all(|login| !holds(&issue.assignees, login));
        heard.assignees.sort_unstable();
        let is_gone = |login: &str| holds(&asked.unassign, login) && !holds(&issue.assignees, login);
        if is_heard {
            base.assignee.clone_from(&asked.wanted.assignee);
        } else if base.assignee.as_deref().is_some_and(is_gone) {
            // Taken off by us, for somebody who cannot be assigned: should the action get the one before back, that is a change.
            base.assignee = None;
        }
        heard
    }

    /// The agreement after `issue` was seen while we wanted `wanted`.
    pub(super) fn new(issue: &Issue, section: Option<String>, wanted: Option<Wanted>) -> Self {
        Self {
            title: issue.title.clone(),
            state: issue.state.clone(),
            state_reason: issue.state_reason.clone(),
            assignees: issue.assignees.clone(),
            section,
            asked_section: None,
            asked: None,
            labels: None,
            rewrites: false,
            updated_at: Some(issue.updated_at),
            wanted,
        }
    }

    /// What counts as agreed on when an action is tied to an issue that was there before. What the issue says was said
    /// before, so it is taken over: that it is done, and who does it. Its title and ours differ until somebody changes
    /// one. Nothing of the issue is changed, but that it gets our owner where it has nobody.
    pub(super) fn before_linking(issue: &Issue, wanted: &Wanted) -> Self {
        let nobody = issue.assignees.is_empty();
        let assignee = wanted.assignee.clone().filter(|_| !nobody);
        Self {
            title: issue.title.clone(),
            state: "open".to_owned(),
            state_reason: None,
            assignees: Vec::new(),
            section: None,
            asked_section: None,
            asked: None,
            labels: None,
            rewrites: false,
            updated_at: None,
            wanted: Some(Wanted { assignee, ..wanted.clone() }),
        }
    }

    /// Whether our section with this digest was written by us, as far as was asked for.
    pub(super) fn wrote(&self, section: &str) -> bool {
        [&self.section, &self.asked_section].into_iter().flatten().any(|ours| ours == section)
    }

    /// The agreement when `new` is sent: what its issue will show unless somebody changes it.
    pub(super) fn asked_for(new: &NewIssue, wanted: Option<Wanted>) -> Self {
        Self {
            title: new.title.clone(),
            state: "open".to_owned(),
            state_reason: None,
            assignees: new.assignees.clone(),
            section: section_digest(&new.body),
            asked_section: None,
            asked: None,
            labels: Some(new.labels.clone()),
            rewrites: false,
            updated_at: None,
            wanted,
        }
    }

    /// The agreement after `change` was made to an issue that showed `before` and shows `after`. What we did not change is
    /// what we had seen: somebody may have changed it between our look and our write, and that is still to be taken
    /// over. The section is for the caller.
    pub(super) fn after(before: &Issue, change: &IssueChange, after: &Issue, wanted: Option<Wanted>) -> Self {
        let title = if change.title.is_some() { after } else { before };
        let state = if change.close.is_some() || change.reopen { after } else { before };
        let people = if change.assign.is_empty() && change.unassign.is_empty() { before } else { after };
        Self {
            title: title.title.clone(),
            state: state.state.clone(),
            state_reason: state.state_reason.clone(),
            assignees: people.assignees.clone(),
            section: None,
            asked_section: None,
            asked: None,
            labels: None,
            rewrites: false,
            updated_at: Some(after.updated_at),
            wanted,
        }
    }

    /// Whether the issue still shows what was agreed on.
    pub(super) fn is_shown_by(&self, issue: &Issue) -> bool {
        self.title == issue.title
            && self.state == issue.state
            && self.state_reason == issue.state_reason
            && self.assignees == issue.assignees
    }

    /// Whether the issue shows what it was before it was seen last: then a copy that lags behind has answered, and what people
    /// closed must not be opened again by it. When it stays so for long, the tracker's clock was set back. `now` is the
    /// tracker's.
    pub(super) fn is_newer_than(&self, issue: &Issue, now: DateTime<Utc>) -> bool {
        self.updated_at.is_some_and(|known| issue.updated_at < known && now - known < MOST_LAG)
    }

    pub(super) fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain values can always be written as JSON")
    }
}

/// Whether a login, or the name of a label, is one of these; GitHub tells neither by case.
pub(super) fn holds(logins: &[String], login: &str) -> bool {
    logins.iter().any(|other| other.eq_ignore_ascii_case(login))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_cut_and_a_short_one_is_whole() {
        assert_eq!(fit("two\n lines", 250), "two lines");
        assert_eq!(fit(&"ä".repeat(250), 250), "ä".repeat(250));
        assert_eq!(fit(&"ä".repeat(251), 250), format!("{}…", "ä".repeat(249)));
    }
}
