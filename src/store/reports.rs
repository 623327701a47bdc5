//! Reports and the people they name.

use chrono::NaiveDate;

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};
use crate::action::{NewEvent, Person, Report, ReportId};

/// A report that is not in the database yet: everything but its number.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// What it says; its `id` and `ulid` are given by the store.
    pub report: Report,
    /// Whom it names, in order.
    pub people: Vec<Person>,
}

/// What a report is recognised by when it comes in again.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReportName {
    /// Its number.
    pub id: ReportId,
    /// Its title.
    pub title: String,
    /// Where it was read from.
    pub source: String,
    /// SHA-256 of its newest revision.
    pub digest: String,
    /// The day of the incident.
    pub incident_date: Option<NaiveDate>,
}

macro_rules! reports {
    ($at:expr, $fetch:ident, $($tail:literal)+ $(, $argument:expr)* $(,)?) => {
        rows!(
            $at,
            $fetch,
            Report,
            "SELECT id, ulid, title, source, digest, revision, format, incident_date, report_date, started_at, "
            "resolved_at, duration_minutes, severity, severity_set, root_cause, repo, created_at, updated_at FROM reports "
            $($tail)+
            $(, $argument)*
        )
    };
}

impl Snapshot {
    /// The reports after number `after`, in the order of their numbers; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn reports_after(&mut self, after: i64, limit: i64) -> Result<Vec<Report>, StoreError> {
        Ok(reports!(self, fetch_all, "WHERE id > $1 ORDER BY id LIMIT $2", after, limit)?)
    }

    /// Every report, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn reports(&mut self) -> Result<Vec<Report>, StoreError> {
        Ok(reports!(self, fetch_all, "ORDER BY id")?)
    }

    /// What every report is recognised by, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn report_names(&mut self) -> Result<Vec<ReportName>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            ReportName,
            "SELECT id, title, source, digest, incident_date FROM reports ORDER BY id"
        )?)
    }

    /// The reports with accepted actions that no issue is decided for, oldest first; with `include_done` also those
    /// whose actions are done.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn reports_to_publish(&mut self, include_done: bool) -> Result<Vec<Report>, StoreError> {
        Ok(reports!(
            self,
            fetch_all,
            "WHERE EXISTS (SELECT 1 FROM actions WHERE actions.report_id = reports.id "
            "AND (actions.state IN ('open', 'in_progress', 'blocked') OR ($1 AND actions.state IN ('done', 'verified'))) "
            "AND NOT EXISTS (SELECT 1 FROM links WHERE links.action_id = actions.id "
            "AND links.status <> 'unlinked')) ORDER BY id",
            include_done
        )?)
    }

    /// The report with this number.
    ///
    /// # Errors
    /// [`StoreError::NoReport`] when there is none.
    pub async fn report(&mut self, id: ReportId) -> Result<Report, StoreError> {
        reports!(self, fetch_optional, "WHERE id = $1", id)?.ok_or(StoreError::NoReport(id))
    }

    /// The people that a report names, in the order of the report.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn people_of(&mut self, id: ReportId) -> Result<Vec<Person>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            Person,
            "SELECT name, role, login FROM report_people WHERE report_id = $1 ORDER BY position",
            id
        )?)
    }
}

impl UnitOfWork {
    /// Adds a report and writes it down.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn add_report(&mut self, new: NewReport) -> Result<Report, StoreError> {
        let id = ReportId::new(self.next_number("report").await?);
        let report = Report { id, ulid: self.new_ulid(), ..new.report };
        execute!(
            self,
            "INSERT INTO reports (id, ulid, title, source, digest, revision, format, incident_date, report_date, "
            "started_at, resolved_at, duration_minutes, severity, severity_set, root_cause, repo, created_at, updated_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
            id,
            &report.ulid,
            &report.title,
            &report.source,
            &report.digest,
            report.revision,
            &report.format,
            report.incident_date,
            report.report_date,
            report.started_at,
            report.resolved_at,
            report.duration_minutes,
            report.severity,
            report.severity_set,
            &report.root_cause,
            &report.repo,
            report.created_at,
            report.updated_at
        )?;
        self.set_people(id, &new.people).await?;
        self.append(
            NewEvent::of_report("report.imported", None, &report).with("people", people_text(&new.people)),
        )
        .await?;
        Ok(report)
    }

    /// Stores a newer revision of a report and writes it down.
    ///
    /// # Errors
    /// [`StoreError::NoReport`] when it is gone.
    pub async fn revise_report(
        &mut self,
        before: &Report,
        after: &Report,
        people: &[Person],
    ) -> Result<(), StoreError> {
        let changed = execute!(
            self,
            "UPDATE reports SET title = $1, source = $2, digest = $3, revision = $4, format = $5, "
            "incident_date = $6, report_date = $7, started_at = $8, resolved_at = $9, duration_minutes = $10, "
            "severity = $11, severity_set = $12, root_cause = $13, repo = $14, updated_at = $15 WHERE id = $16",
            &after.title,
            &after.source,
            &after.digest,
            after.revision,
            &after.format,
            after.incident_date,
            after.report_date,
            after.started_at,
            after.resolved_at,
            after.duration_minutes,
            after.severity,
            after.severity_set,
            &after.root_cause,
            &after.repo,
            after.updated_at,
            after.id
        )?;
        if changed == 0 {
            return Err(StoreError::NoReport(after.id));
        }
        self.set_people(after.id, people).await?;
        let event =
            NewEvent::of_report("report.revised", Some(before), after).with("people", people_text(people));
        self.append(event).await?;
        Ok(())
    }

    async fn set_people(&mut self, id: ReportId, people: &[Person]) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM report_people WHERE report_id = $1", id)?;
        for (position, person) in (0i64..).zip(people) {
            execute!(
                self,
                "INSERT INTO report_people (report_id, position, name, role, login) VALUES ($1, $2, $3, $4, $5)",
                id,
                position,
                &person.name,
                &person.role,
                &person.login
            )?;
        }
        Ok(())
    }
}

/// The people as one text, which an event can hold and erase.
fn people_text(people: &[Person]) -> String {
    let lines = people.iter().map(|person| match &person.role {
        Some(role) => format!("{} [{role}]", person.name),
        None => person.name.clone(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
