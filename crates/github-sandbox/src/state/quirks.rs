//! Ways in which GitHub is less polite than its documentation. All of them are off until they are switched on.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::{Issue, IssueId, Resource, World};

/// The quirks that stay on until they are switched off; [`Sandbox::quirks`](crate::Sandbox::quirks) sets them.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quirks {
    /// `since` leaves out what changed in its own second.
    pub since_exclusive: bool,
    /// Lists leave out issues that are younger than this many seconds.
    pub list_lag_seconds: i64,
    /// A 304 carries no ETag.
    pub bare_304: bool,
    /// The first reading of an issue that was just made finds nothing.
    pub fresh_not_found: bool,
    /// Who opened an issue is `null`, as when an account was deleted.
    pub ghost_authors: bool,
    /// Closed issues have a reason that nobody has heard of.
    pub unknown_state_reason: bool,
    /// Labels of issues are strings.
    pub string_labels: bool,
    /// Members that GitHub calls optional are missing from issues.
    pub missing_members: bool,
    /// The day a milestone is due moves to midnight at the Pacific, as it did until 2019.
    pub due_on_floors: bool,
    /// Answers carry a `Link` with `rel="deprecation"`.
    pub deprecation_link: bool,
    /// GraphQL requests for more nodes than this end in 502.
    pub graphql_most_nodes: Option<u64>,
    /// More points than this in a minute by REST meet the secondary limit: 900 at GitHub.
    pub rest_points_a_minute: Option<u64>,
    /// The same for GraphQL: 2,000 at GitHub.
    pub graphql_points_a_minute: Option<u64>,
    /// So many requests of one credential at the same time meet the secondary limit: 100 at GitHub.
    pub concurrent_requests: Option<usize>,
    /// So many milliseconds of CPU in a minute meet it too, two thirds of them by GraphQL: 90,000 at GitHub.
    pub cpu_millis_a_minute: Option<u64>,
    /// What each request takes of them, beside a millisecond for every kilobyte of its answer.
    pub cpu_millis_a_request: u64,
    /// Searches find what was so many seconds ago.
    pub search_lag_seconds: i64,
    /// Searches run out of time: they find half, and say so.
    pub search_incomplete: bool,
    /// Timelines leave out what happened less than so many seconds ago.
    pub timeline_lag_seconds: i64,
    /// The primary limit is said with 429 rather than 403.
    pub primary_limit_429: bool,
}

impl Quirks {
    /// Makes an issue of the REST API as strange as it may be.
    pub(crate) fn twist(&self, issue: &mut Value) {
        if self.ghost_authors {
            issue["user"] = Value::Null;
        }
        if self.unknown_state_reason && issue["state"] == "closed" {
            issue["state_reason"] = "superseded".into();
        }
        if self.string_labels
            && let Some(labels) = issue["labels"].as_array_mut()
        {
            for label in labels {
                *label = label["name"].clone();
            }
        }
        if self.missing_members
            && let Some(members) = issue.as_object_mut()
        {
            for name in
                ["reactions", "active_lock_reason", "closed_by", "type", "sub_issues_summary", "state_reason"]
            {
                members.remove(name);
            }
        }
    }
}

impl World {
    /// Whether something that changed then is asked for by `since`.
    pub(crate) fn is_since(&self, since: DateTime<Utc>, at: DateTime<Utc>) -> bool {
        at > since || (at == since && !self.quirks.since_exclusive)
    }

    /// Whether lists show an issue yet.
    pub(crate) fn is_listed(&self, issue: &Issue) -> bool {
        let lag = self.quirks.list_lag_seconds;
        lag <= 0 || issue.created_at + Duration::seconds(lag) <= self.clock.now()
    }

    /// Whether timelines tell of something that happened then yet.
    pub(crate) fn is_told(&self, at: DateTime<Utc>) -> bool {
        let lag = self.quirks.timeline_lag_seconds;
        lag <= 0 || at + Duration::seconds(lag) <= self.clock.now()
    }

    /// Whether this reading of an issue is one that comes too early.
    pub(crate) fn is_too_fresh(&mut self, id: IssueId) -> bool {
        self.quirks.fresh_not_found && self.read_once.insert(id)
    }

    /// Counts a request's points, and says whether they are too many for this minute.
    pub(crate) fn too_many_points(&mut self, resource: Resource, points: u64) -> bool {
        let limit = match resource {
            Resource::Core => self.quirks.rest_points_a_minute,
            Resource::Graphql => self.quirks.graphql_points_a_minute,
            // It has a limit of its own.
            Resource::Search => None,
        };
        let Some(limit) = limit else { return false };
        let now = self.clock.now();
        if self.points.spent(now, Some(resource)) + points > limit {
            return true;
        }
        self.points.spend(now, resource, points);
        false
    }

    /// Whether the last minute's requests took too much of GitHub's time; two thirds of it are for GraphQL.
    pub(crate) fn too_much_cpu(&mut self, resource: Resource) -> bool {
        let Some(limit) = self.quirks.cpu_millis_a_minute else { return false };
        let now = self.clock.now();
        self.cpu.spent(now, None) >= limit
            || (resource == Resource::Graphql && self.cpu.spent(now, Some(resource)) >= limit * 2 / 3)
    }

    /// Counts what a request took: so much for each, and a millisecond for every kilobyte of its answer.
    pub(crate) fn take_cpu(&mut self, resource: Resource, answered: usize) {
        if self.quirks.cpu_millis_a_minute.is_some() {
            let millis = self.quirks.cpu_millis_a_request + answered as u64 / 1024;
            self.cpu.spend(self.clock.now(), resource, millis);
        }
    }
}
