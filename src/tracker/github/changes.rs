//! What changed in a repository, read by its list of issues: for servers that cannot look many up at once.
//!
//! Invariants:
//! * The list is not filtered by label. One that lacks an issue because somebody took its label off would say "as it was"
//!   of an issue that was changed; and issues that were there before have no label of ours.
//! * Only GitHub's own times are used. Rows are read from the oldest change to the newest, and page by page from the time of
//!   the last row: what changes meanwhile moves to the end, where it is read again, and hides no other row.
//! * The address stays the same byte by byte until many rows changed, so that an answer which says that nothing changed
//!   costs nothing. A tag is kept for one page only: that the first page is as it was says nothing of the second.

use std::collections::HashMap;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use http::Method;

use super::{Bookmark, Changes, GitHub, Target, TrackerError, client, wire};

/// So far behind the newest change that was seen reading goes on: copies of GitHub's data may lag behind that much.
const OVERLAP: Duration = Duration::seconds(120);

/// With so many rows in an answer, reading goes on further ahead: one answer must not grow to two.
const MANY: usize = 50;

/// No row that is older than the last one of a page is missing from it, and some of the same second may be.
const SECOND: Duration = Duration::seconds(1);

impl GitHub {
    /// Where to read on to hear of everything that changes from now on.
    pub(super) async fn newest_change(&self, target: &Target) -> Result<Changes, TrackerError> {
        let rest = "/issues?state=all&sort=updated&direction=desc&per_page=1";
        let answer = self.of_repository::<()>(Method::GET, target, rest, None).await?;
        let newest: Vec<wire::Issue> = self.client.decode(&answer)?;
        let newest = newest.first().map_or(DateTime::UNIX_EPOCH, |newest| newest.updated_at);
        let since = behind(newest, answer.server_time);
        Ok(Changes { issues: Vec::new(), next: Bookmark { since, etag: None } })
    }

    /// What changed since `from`.
    pub(super) async fn changes_since(
        &self,
        target: &Target,
        from: &Bookmark,
    ) -> Result<Changes, TrackerError> {
        let known = from.etag.as_deref();
        let mut answer = self.of_repository_unless(target, &changed_since(from.since), known).await?;
        if answer.status == 304 && known.is_some() {
            return Ok(Changes { issues: Vec::new(), next: from.clone() });
        }
        let server_time = answer.server_time;
        let etag = answer.headers.get(http::header::ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.map(str::to_owned).filter(|_| answer.next_page.is_none());
        let (mut since, mut newest) = (from.since, from.since);
        let mut rows: HashMap<i64, wire::Issue> = HashMap::new();
        loop {
            let page: Vec<wire::Issue> = self.client.decode(&answer)?;
            let last = page.iter().map(|row| row.updated_at).max().unwrap_or(since);
            newest = newest.max(last);
            // One that is shown twice was changed in between.
            rows.extend(page.into_iter().map(|row| (row.id(), row)));
            let Some(next) = answer.next_page.take() else { break };
            answer = if last - SECOND > since {
                since = last - SECOND;
                self.of_repository::<()>(Method::GET, target, &changed_since(since), None).await?
            } else {
                // A whole page was changed in one second: there is no other way on than by number.
                self.client.get(&next).await?
            };
        }
        let next = if etag.is_some() && rows.len() < MANY {
            Bookmark { since: from.since, etag }
        } else {
            let since = behind(newest, server_time).max(from.since);
            Bookmark { since, etag: etag.filter(|_| since == from.since) }
        };
        let issues = rows.into_values().filter(|row| row.pull_request.is_none());
        Ok(Changes { issues: issues.map(|row| row.into_issue(target)).collect(), next })
    }
}

/// A little before the newest change, and never after the moment of the answer: the clock of a server may have been wrong.
fn behind(newest: DateTime<Utc>, server_time: Option<DateTime<Utc>>) -> DateTime<Utc> {
    (newest.min(server_time.unwrap_or(newest)) - OVERLAP).max(DateTime::UNIX_EPOCH)
}

fn changed_since(since: DateTime<Utc>) -> String {
    let since = client::encode(&since.to_rfc3339_opts(SecondsFormat::Secs, true));
    format!("/issues?state=all&sort=updated&direction=asc&per_page=100&since={since}")
}
