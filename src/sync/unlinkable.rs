//! Why an action and an issue cannot be tied, in a sentence and with what to do instead.
//!
//! Invariant: that an issue which a report names is not there is written down once, so that nobody looks again each pass.

use super::{engine::SyncError, summary::Pending};
use crate::{
    action::{Action, ActionId, NewEvent, State, Subject},
    store::{EventRow, StoreError, UnitOfWork},
};

/// Why an action and an issue are not tied, or not taken apart. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlinkable {
    /// There is none, or it is not shown to us.
    #[error("there is no issue {0}, or the token may not see it")]
    NotThere(String),
    /// It was deleted, or its repository has no issues.
    #[error("{issue} is gone: {message}")]
    Gone {
        /// The issue.
        issue: String,
        /// What the tracker says.
        message: String,
    },
    /// The tracker does not show it for another reason.
    #[error("{issue} cannot be looked at: {message}")]
    Refused {
        /// The issue.
        issue: String,
        /// What the tracker says.
        message: String,
    },
    /// It brings work, and does not track it.
    #[error("{0} is a pull request, not an issue")]
    PullRequest(String),
    /// The actions of the report go to another repository.
    #[error("{} is not in {target}, where the actions of its report go", moved(.issue, .moved_from.as_deref()))]
    Elsewhere {
        /// The issue.
        issue: String,
        /// What it was called, where it was moved since.
        moved_from: Option<String>,
        /// Where the actions go.
        target: String,
    },
    /// It was made after the report that names it, so the report means another one.
    #[error(
        "{issue}, “{title}”, was made after the report was imported, when there was no issue with this number"
    )]
    CameLater {
        /// The issue.
        issue: String,
        /// What it is called.
        title: String,
    },
    /// Another action has it, or it is the parent of a report.
    #[error("{issue} belongs to {owner} already")]
    Taken {
        /// The issue.
        issue: String,
        /// Whose it is.
        owner: String,
    },
    /// It was copied from an issue of Followup, or is one of another database.
    #[error("the text of {0} holds a section of Followup that belongs to another issue or another database")]
    HoldsSection(String),
    /// The one is over and the other is not: a person has to say which of them is right.
    #[error("{issue} is open, and {id} is {state}")]
    StillOpen {
        /// The issue.
        issue: String,
        /// The action.
        id: ActionId,
        /// Where it stands.
        state: State,
    },
    /// Another tracker has it.
    #[error("{reference} is no issue at {host}")]
    Foreign {
        /// What was named.
        reference: String,
        /// The tracker that is asked.
        host: String,
    },
    /// Nothing may be written into the repository.
    #[error("{0}")]
    Repository(String),
    /// It has another issue.
    #[error("{id} has an issue already: {issue}")]
    HasIssue {
        /// The action.
        id: ActionId,
        /// Its issue.
        issue: String,
    },
    /// Its own issue may be made at this moment.
    #[error("an issue of {0} is on its way")]
    OnItsWay(Subject),
    /// Nobody took it on, or it will not be done.
    #[error("{id} is {state}, and needs no issue")]
    NotWanted {
        /// The action.
        id: ActionId,
        /// Where it stands.
        state: State,
    },
}

fn moved(issue: &str, from: Option<&str>) -> String {
    from.map_or_else(|| issue.to_owned(), |from| format!("{from} was moved to {issue}, which"))
}

impl Unlinkable {
    /// What the person can do instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotThere(_) | Self::Gone { .. } | Self::Refused { .. } | Self::Foreign { .. } => {
                "name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one"
                    .to_owned()
            }
            Self::CameLater { .. } => {
                "`followup link` ties them if it is the right one all the same".to_owned()
            }
            Self::PullRequest(_) => "name the issue that the pull request belongs to".to_owned(),
            Self::Elsewhere { .. } => {
                "name an issue there; before its first publish a report goes elsewhere with \
                 `followup import SOURCE --repo OWNER/NAME`"
                    .to_owned()
            }
            Self::Taken { owner, .. } => {
                format!("`followup show {owner}` says more; an issue belongs to one action at most")
            }
            Self::HoldsSection(_) => {
                "take the section out of its text, from `followup:begin` to `followup:end`".to_owned()
            }
            Self::StillOpen { id, .. } => {
                format!(
                    "close the issue as completed if the work is done, or take it up again: `followup reopen {id}`"
                )
            }
            Self::Repository(_) => "`followup doctor` shows what the tracker allows".to_owned(),
            Self::HasIssue { id, .. } => format!("`followup unlink {id}` takes it off that one first"),
            Self::OnItsWay(_) => {
                "`followup publish` finishes that; then there is something to unlink".to_owned()
            }
            Self::NotWanted { state: State::Proposed, id } => {
                format!("`followup accept {id}` takes it on first")
            }
            Self::NotWanted { id, .. } => format!("`followup reopen {id}` takes it up again"),
        }
    }
}

/// Why tying an action to an issue failed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The database or the tracker stopped it.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// It cannot be.
    #[error(transparent)]
    Unlinkable(#[from] Unlinkable),
}

impl From<StoreError> for LinkError {
    fn from(error: StoreError) -> Self {
        Self::Sync(error.into())
    }
}

/// What a person has to know of an action whose report names an issue that it cannot be tied to.
pub(super) fn cannot_be_linked(id: ActionId, why: &Unlinkable) -> Pending {
    let link = match why {
        Unlinkable::CameLater { issue, .. } => format!("`followup link {id} {issue}` if it is the right one"),
        _ => "link it to another one".to_owned(),
    };
    Pending {
        id: id.to_string(),
        what: format!(
            "it cannot be linked to the issue that its report names: {why}; {link}, or unlink it and publish to make one"
        ),
        command: Some(format!("followup unlink {id}")),
    }
}

/// The event that says that the issue which a report names is not there.
pub(crate) const REFUSED: &str = "issue.refused";

/// Writes down, once, that there is no issue as the report of an action names it; gives whether it did.
pub(super) async fn note_refusal(
    work: &mut UnitOfWork,
    action: &Action,
    why: &Unlinkable,
) -> Result<bool, StoreError> {
    if !matches!(why, Unlinkable::NotThere(_)) || was_refused(work, action).await? {
        return Ok(false);
    }
    let event = NewEvent::new(Subject::Action(action.id), REFUSED)
        .with("tracked_in", action.tracked_in.as_deref())
        .with("why", why.to_string());
    work.append(event).await?;
    Ok(true)
}

/// Whether what the report of an action names was looked up before, and was not there.
pub(super) async fn was_refused(work: &mut UnitOfWork, action: &Action) -> Result<bool, StoreError> {
    let events = work.events_about(Subject::Action(action.id)).await?;
    Ok(events.iter().any(|event| is_refusal(event, action.tracked_in.as_deref())))
}

/// Whether an event says that the issue of this name is not there.
pub(crate) fn is_refusal(event: &EventRow, named: Option<&str>) -> bool {
    let told = || serde_json::from_str::<serde_json::Value>(&event.payload).unwrap_or_default();
    event.kind == REFUSED && told()["set"]["tracked_in"].as_str() == named
}
