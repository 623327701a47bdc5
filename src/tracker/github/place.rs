//! Milestones and types: what issues of a repository can be put under.

use http::Method;
use serde::Deserialize;

use super::{GitHub, IssueType, Milestone, Target, TrackerError};

#[derive(Debug, Deserialize)]
struct WireMilestone {
    number: i64,
    title: String,
    #[serde(default)]
    node_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct WireType {
    name: String,
    #[serde(default)]
    node_id: Option<String>,
    #[serde(default = "yes")]
    is_enabled: bool,
}

fn yes() -> bool {
    true
}

impl GitHub {
    pub(super) async fn open_milestones(&self, target: &Target) -> Result<Vec<Milestone>, TrackerError> {
        let open: Vec<WireMilestone> = self.pages(target, "/milestones?state=open&per_page=100").await?;
        let milestone =
            |it: WireMilestone| Milestone { number: it.number, node_id: it.node_id, title: it.title };
        Ok(open.into_iter().map(milestone).collect())
    }

    /// The types that a repository has from its organisation. Nothing where the server does not tell: most servers of
    /// before 2026 do not, whether there are any or not.
    pub(super) async fn types_of_issues(
        &self,
        target: &Target,
    ) -> Result<Option<Vec<IssueType>>, TrackerError> {
        let answer = match self.of_repository::<()>(Method::GET, target, "/issue-types", None).await {
            Err(TrackerError::Refused { status: 403 | 404 | 410, .. }) => return Ok(None),
            answer => answer?,
        };
        let types: Vec<WireType> = self.client.decode(&answer)?;
        let issue_type = |it: WireType| IssueType { node_id: it.node_id, name: it.name };
        Ok(Some(types.into_iter().filter(|it| it.is_enabled).map(issue_type).collect()))
    }
}
