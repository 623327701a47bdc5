//! Which issue belongs to which action or report, and what both sides agreed on last.

use chrono::{DateTime, Utc};

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows, value},
};
use crate::action::{ActionId, ReportId};

/// How far a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum LinkStatus {
    /// Publishing was decided; the issue is not known yet.
    Intended,
    /// The issue is known.
    Linked,
    /// The action was taken off its issue. The row stays: its ULID is never another link's, and its mark is still to be
    /// taken out of the issue.
    Unlinked,
}

/// In which way an issue is not where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum MissingAs {
    /// The tracker says that it was deleted.
    Deleted,
    /// Its repository can be read, and does not show it.
    Hidden,
}

impl MissingAs {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Hidden => "hidden",
        }
    }
}

/// The tie between an action, or a report's parent, and its issue.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Link {
    /// What the marker in the issue carries.
    pub ulid: String,
    /// The report.
    pub report_id: ReportId,
    /// The action; nothing for a parent.
    pub action_id: Option<ActionId>,
    /// Which parent of the report: this one, or the one it hangs under; 0 where there are no parents.
    pub part: i64,
    /// The tracker, as `github`.
    pub tracker: String,
    /// Its host, so that two installations never mix.
    pub host: String,
    /// The repository by name, as it was called last.
    pub repo: String,
    /// The repository by the number that survives a rename.
    pub repo_id: i64,
    /// How far it is.
    pub status: LinkStatus,
    /// Whether the issue was made for it, and was not there before.
    pub made_here: bool,
    /// The issue by the number that is the tracker's own.
    pub issue_id: Option<i64>,
    /// The issue by GraphQL's id.
    pub node_id: Option<String>,
    /// The issue by the number that people see.
    pub number: Option<i64>,
    /// Its address.
    pub url: Option<String>,
    /// Whether it hangs under its parent.
    pub in_parent: bool,
    /// The state that the tracker said last.
    pub state: Option<String>,
    /// The reason that the tracker said last.
    pub state_reason: Option<String>,
    /// The base of the three-way merge, as JSON.
    pub agreed: Option<String>,
    /// When a webhook said that something happened to the issue; nothing once somebody has looked since.
    pub hinted_at: Option<DateTime<Utc>>,
    /// Since when the issue is not where it was.
    pub missing_since: Option<DateTime<Utc>>,
    /// In which way.
    pub missing_as: Option<MissingAs>,
    /// When a second look confirmed it.
    pub gone_at: Option<DateTime<Utc>>,
    /// Before which moment of the tracker's clock every comment was read.
    pub heard_until: Option<DateTime<Utc>>,
    /// When publishing was decided.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A link that is about to be made.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// What the marker will carry.
    pub ulid: String,
    /// The report.
    pub report_id: ReportId,
    /// The action; nothing for a parent.
    pub action_id: Option<ActionId>,
    /// Which parent of the report.
    pub part: i64,
    /// Whether its issue is made for it.
    pub made_here: bool,
}

/// Issues of ours that another tracker holds than the one that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Elsewhere {
    /// Where they are.
    pub host: String,
    /// How many.
    pub issues: i64,
}

/// A repository that was looked at before anything was published into it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Repository {
    /// The tracker, as `github`.
    pub tracker: String,
    /// Its host.
    pub host: String,
    /// The number that survives a rename.
    pub repo_id: i64,
    /// The name.
    pub name: String,
    /// The labels known to be there, as a JSON array.
    pub labels: String,
    /// The numbers of marked issues that belong to nothing here and are to be left alone, as a JSON array.
    pub left_alone: String,
}

macro_rules! links {
    ($at:expr, $fetch:ident, $($tail:literal)+ $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            $fetch,
            Link,
            "SELECT ulid, report_id, action_id, part, tracker, host, repo, repo_id, status, made_here, issue_id, node_id, "
            "number, url, in_parent, state, state_reason, agreed, hinted_at, missing_since, missing_as, gone_at, heard_until, "
            "created_at, updated_at FROM links "
            $($tail)+
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// The link with this ULID, also one that was given up.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn link(&mut self, ulid: &str) -> Result<Option<Link>, StoreError> {
        Ok(links!(self, fetch_optional, "WHERE ulid = $1", ulid)?)
    }

    /// The link of an action.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn link_of(&mut self, action: ActionId) -> Result<Option<Link>, StoreError> {
        Ok(links!(self, fetch_optional, "WHERE action_id = $1 AND status <> 'unlinked'", action)?)
    }

    /// The links of a report, parents first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn links_of_report(&mut self, report: ReportId) -> Result<Vec<Link>, StoreError> {
        let mut links = links!(
            self,
            fetch_all,
            "WHERE report_id = $1 AND status <> 'unlinked' ORDER BY action_id",
            report
        )?;
        links.sort_by_key(|link| (link.action_id.is_some(), link.part, link.action_id));
        Ok(links)
    }

    /// Every link whose issue is known, in a stable order.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn linked(&mut self, tracker: &str, host: &str) -> Result<Vec<Link>, StoreError> {
        Ok(links!(
            self,
            fetch_all,
            "WHERE status = 'linked' AND tracker = $1 AND host = $2 ORDER BY repo_id, number",
            tracker,
            host
        )?)
    }

    /// Every link whose issue is gone.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn gone(&mut self) -> Result<Vec<Link>, StoreError> {
        Ok(links!(
            self,
            fetch_all,
            "WHERE status = 'linked' AND gone_at IS NOT NULL ORDER BY gone_at, repo_id, number"
        )?)
    }

    /// Whether an action, a report or a link has this ULID.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn knows_ulid(&mut self, ulid: &str) -> Result<bool, StoreError> {
        let known = value!(
            self,
            fetch_one,
            "SELECT (SELECT count(*) FROM actions WHERE ulid = $1) + (SELECT count(*) FROM reports WHERE ulid = $1) "
            "+ (SELECT count(*) FROM links WHERE ulid = $1) AS known",
            ulid
        )?;
        let known: Option<i64> = known;
        Ok(known.unwrap_or(0) > 0)
    }

    /// The hosts, other than `host`, that hold issues of ours, and how many each.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn elsewhere(&mut self, tracker: &str, host: &str) -> Result<Vec<Elsewhere>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            Elsewhere,
            "SELECT host, count(*) AS issues FROM links WHERE status = 'linked' AND NOT (tracker = $1 AND host = $2) "
            "GROUP BY host ORDER BY count(*) DESC",
            tracker,
            host
        )?)
    }

    /// The link that owns an issue.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn link_of_issue(
        &mut self,
        tracker: &str,
        host: &str,
        issue_id: i64,
    ) -> Result<Option<Link>, StoreError> {
        Ok(links!(
            self,
            fetch_optional,
            "WHERE tracker = $1 AND host = $2 AND issue_id = $3 AND status <> 'unlinked'",
            tracker,
            host,
            issue_id
        )?)
    }

    /// The link of the issue with this number in a repository.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn link_at(
        &mut self,
        tracker: &str,
        host: &str,
        repo_id: i64,
        number: i64,
    ) -> Result<Option<Link>, StoreError> {
        Ok(links!(
            self,
            fetch_optional,
            "WHERE tracker = $1 AND host = $2 AND repo_id = $3 AND number = $4 AND status = 'linked' LIMIT 1",
            tracker,
            host,
            repo_id,
            number
        )?)
    }

    /// Every link whose issue is in a repository.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn links_in(
        &mut self,
        tracker: &str,
        host: &str,
        repo_id: i64,
    ) -> Result<Vec<Link>, StoreError> {
        Ok(links!(
            self,
            fetch_all,
            "WHERE tracker = $1 AND host = $2 AND repo_id = $3 AND status = 'linked' ORDER BY number",
            tracker,
            host,
            repo_id
        )?)
    }

    /// What is known of a repository.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn repository(
        &mut self,
        tracker: &str,
        host: &str,
        repo_id: i64,
    ) -> Result<Option<Repository>, StoreError> {
        Ok(rows!(
            self,
            fetch_optional,
            Repository,
            "SELECT tracker, host, repo_id, name, labels, left_alone FROM repositories "
            "WHERE tracker = $1 AND host = $2 AND repo_id = $3",
            tracker,
            host,
            repo_id
        )?)
    }
}

impl UnitOfWork {
    /// Decides that something is published into `repository`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it, also because it was decided before.
    pub async fn intend(&mut self, new: &NewLink, repository: &Repository) -> Result<(), StoreError> {
        let now = self.stamp.recorded_at;
        execute!(
            self,
            "INSERT INTO links (ulid, report_id, action_id, part, tracker, host, repo, repo_id, status, made_here, in_parent, "
            "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'intended', $9, FALSE, $10, $10)",
            &new.ulid,
            new.report_id,
            new.action_id,
            new.part,
            &repository.tracker,
            &repository.host,
            &repository.name,
            repository.repo_id,
            new.made_here,
            now
        )?;
        Ok(())
    }

    /// The ULID for a link of what has `own`: that one, unless a link had it before. What was given up may still stand in
    /// its issue, and must not be taken for the new one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn ulid_for_link(&mut self, own: &str) -> Result<String, StoreError> {
        Ok(if self.link(own).await?.is_some() { self.new_ulid() } else { own.to_owned() })
    }

    /// Takes back that something is published, where nothing was sent for it yet: its link and its row are gone.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when something was sent in the meantime.
    pub async fn forget_intent(&mut self, link: &Link) -> Result<(), StoreError> {
        let rows = execute!(
            self,
            "DELETE FROM outbox WHERE subject = $1 AND kind = 'create' AND state = 'pending' AND attempt = 0",
            &link.ulid
        )?;
        if rows == 0 {
            return Err(StoreError::Locked);
        }
        execute!(self, "DELETE FROM outbox WHERE subject = $1", &link.ulid)?;
        execute!(self, "DELETE FROM links WHERE ulid = $1 AND status = 'intended'", &link.ulid)?;
        Ok(())
    }

    /// Stores what is known of a link now.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it, also because another link owns the issue.
    pub async fn save_link(&mut self, link: &Link) -> Result<(), StoreError> {
        let now = self.stamp.recorded_at;
        execute!(
            self,
            "UPDATE links SET repo = $1, repo_id = $2, status = $3, issue_id = $4, node_id = $5, number = $6, url = $7, "
            "in_parent = $8, state = $9, state_reason = $10, agreed = $11, missing_since = $12, missing_as = $13, "
            "gone_at = $14, updated_at = $15 WHERE ulid = $16",
            &link.repo,
            link.repo_id,
            link.status,
            link.issue_id,
            &link.node_id,
            link.number,
            &link.url,
            link.in_parent,
            &link.state,
            &link.state_reason,
            &link.agreed,
            link.missing_since,
            link.missing_as,
            link.gone_at,
            now,
            &link.ulid
        )?;
        Ok(())
    }

    /// Stores what is known of a repository.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn save_repository(&mut self, repository: &Repository) -> Result<(), StoreError> {
        let now = self.stamp.recorded_at;
        execute!(
            self,
            "INSERT INTO repositories (tracker, host, repo_id, name, labels, left_alone, checked_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tracker, host, repo_id) DO UPDATE SET "
            "name = excluded.name, labels = excluded.labels, left_alone = excluded.left_alone, "
            "checked_at = excluded.checked_at",
            &repository.tracker,
            &repository.host,
            repository.repo_id,
            &repository.name,
            &repository.labels,
            &repository.left_alone,
            now
        )?;
        Ok(())
    }
}
