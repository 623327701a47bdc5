//! A read report becomes actions: people resolved, priority, category and kind told, matched with what is there.
//!
//! Invariant: pure. What was read and what is configured give the same drafts every time; nothing is written, and no
//! clock is asked.

mod classify;
mod matching;
mod people;
mod reference;
mod wording;

use chrono::{DateTime, Utc};
use incident_report::{CandidateAction, Reading, ReportFacts};

pub use classify::{Classification, Classifier};
pub use matching::{Lookalike, Matched, lookalikes, match_drafts, overlap};
pub use people::{Owner, can_be_login, resolve_owner};
pub use reference::Reference;
pub use wording::{Advice, Weakness, advice};

use crate::{
    action::{Action, Category, Field, Kind, Person, Priority, Report, ReportId, Severity, State},
    config,
};

/// An action as a report asks for it, interpreted, and not in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What was read.
    pub read: CandidateAction,
    /// The owner, where the report names one.
    pub owner: Option<Owner>,
    /// How urgent it is, where the report says so.
    pub priority: Option<Priority>,
    /// What it changes.
    pub kind: Kind,
    /// The area of work.
    pub category: Category,
    /// Why it has this kind and category.
    pub matched: Vec<String>,
}

/// What the words of a report mean to a team.
#[derive(Clone, Debug, Default)]
pub struct Team {
    /// Who is who.
    pub people: Vec<config::Person>,
    /// What tells category and kind.
    pub classifier: Classifier,
}

impl Team {
    /// The team of a configuration.
    #[must_use]
    pub fn of(config: &config::Config) -> Self {
        let classifier = Classifier::new(&config.categories, &config.kinds);
        // A configuration was checked when it was read.
        Self { people: config.people.clone(), classifier: classifier.unwrap_or_default() }
    }
}

impl Draft {
    /// What an action that was read means to a team.
    #[must_use]
    pub fn new(mut read: CandidateAction, team: &Team) -> Self {
        // An action keeps one text: how one will know that it is done stands in it.
        read.description = read.explanation();
        let Classification { mut category, kind, mut matched } = team.classifier.classify(
            &read.title,
            &read.text,
            read.section.as_deref(),
            read.kind_text.as_deref(),
        );
        // What a structured report states wins over its words.
        if let Some(stated) = read.category_text.as_deref().and_then(|stated| stated.parse::<Category>().ok())
        {
            let overruled = format!("({category} ");
            matched.retain(|why| !why.contains(&overruled));
            matched.insert(0, format!("{stated} (category, stated)"));
            category = stated;
        }
        Self {
            owner: read.owner_text.as_deref().map(|text| match resolve_owner(text, &team.people) {
                // Initials and first names are known to the report alone.
                Owner { is_known: false, name, .. } => {
                    resolve_owner(read.owner_name.as_deref().unwrap_or(&name), &team.people)
                }
                known => known,
            }),
            priority: read.priority_text.as_deref().and_then(priority),
            kind,
            category,
            matched,
            read,
        }
    }

    /// The action that this draft is when it is new.
    #[must_use]
    pub fn to_action(&self, report_id: ReportId, now: DateTime<Utc>) -> Action {
        let due_on = self.read.due.as_ref().map(|due| due.date);
        Action {
            description: self.read.description.clone(),
            text: self.read.text.clone(),
            quote: self.read.quote.clone(),
            section: self.read.section.clone(),
            line: i64::try_from(self.read.line).unwrap_or(i64::MAX),
            kind: self.kind,
            category: self.category.clone(),
            priority: self.priority.unwrap_or(Priority::Medium),
            owner: self.owner.as_ref().map(|owner| owner.name.clone()),
            owner_text: self.read.owner_text.clone(),
            team: self.owner.as_ref().and_then(|owner| owner.team.clone()),
            due_on,
            original_due_on: due_on,
            due_text: self.read.due_text.clone(),
            reported_done: self.read.done,
            tracked_in: self.read.tracked_in.clone(),
            ..Action::proposed(report_id, &self.read.title, now)
        }
    }

    /// An action after a newer revision of its report: what the report says about it follows the report, and what
    /// people decided stays. Of a proposed action the owner and the day follow as long as nobody gave it others; later
    /// they are the team's, as are priority, category and kind. What a person corrected follows nothing.
    #[must_use]
    pub fn revise(&self, action: &Action, people: &[config::Person]) -> Action {
        let fresh = self.to_action(action.report_id, action.created_at);
        let mut after = Action {
            text: fresh.text,
            quote: fresh.quote,
            section: fresh.section,
            line: fresh.line,
            owner_text: fresh.owner_text,
            due_text: fresh.due_text,
            reported_done: fresh.reported_done,
            tracked_in: fresh.tracked_in,
            vanished: false,
            ..action.clone()
        };
        let is_free = |field| !action.corrected.has(field);
        if is_free(Field::Title) {
            after.title = fresh.title;
        }
        if is_free(Field::Description) {
            after.description = fresh.description;
        }
        if action.state != State::Proposed {
            return after;
        }
        if is_free(Field::Kind) {
            after.kind = fresh.kind;
        }
        if is_free(Field::Category) {
            after.category = fresh.category;
        }
        if is_free(Field::Priority) {
            after.priority = fresh.priority;
        }
        if people::is_as_read(action.owner.as_deref(), action.owner_text.as_deref(), people) {
            after.owner = fresh.owner;
            after.team = fresh.team;
        }
        let was_given_a_day = action.due_moves > 0 || (action.due_text.is_none() && action.due_on.is_some());
        if !was_given_a_day {
            after.due_on = fresh.due_on;
            after.original_due_on = fresh.due_on;
        }
        after
    }

    /// What the report says anew about an action, and stays as people decided: one sentence each, without the action's
    /// number. It is told when the report begins to say it, and not again.
    #[must_use]
    pub fn kept(&self, action: &Action, team: &Team) -> Vec<String> {
        let mut kept = Vec::new();
        let stays = |what: &str, here: &str| format!("the report now says {what}; it stays {here}");
        // What it says now and did not say before: a title that was corrected long ago is no news.
        let said_title = action.text.starts_with(&self.read.title);
        let title = if said_title { &self.read.title } else { &action.text };
        let said = team.classifier.classify(title, &action.text, action.section.as_deref(), None);
        let mut corrected = |field: Field, is_news: bool, new: String, here: String| {
            if action.corrected.has(field) && is_news && new != here {
                kept.push(stays(&format!("{field} {new}"), &here));
            }
        };
        let quoted = |title: &str| format!("“{title}”");
        corrected(Field::Title, !said_title, quoted(&self.read.title), quoted(&action.title));
        let (new, here) = (self.category.to_string(), action.category.to_string());
        corrected(Field::Category, self.category != said.category, new, here);
        let (new, here) = (self.kind.to_string(), action.kind.to_string());
        corrected(Field::Kind, self.kind != said.kind, new, here);
        if let Some(priority) = self.priority.filter(|priority| {
            action.corrected.has(Field::Priority)
                && *priority != action.priority
                && self.read.quote != action.quote
        }) {
            kept.push(stays(&format!("priority {priority}"), action.priority.as_str()));
        }
        if action.corrected.has(Field::Description)
            && self.read.quote != action.quote
            && self.read.description != action.description
            && self.read.description.is_some()
        {
            kept.push("the report now explains it otherwise; the description stays".to_owned());
        }
        if action.state == State::Proposed {
            return kept;
        }
        if let Some(due) = self
            .read
            .due
            .as_ref()
            .filter(|due| self.read.due_text != action.due_text && Some(due.date) != action.due_on)
        {
            let here = action.due_on.map_or("not set".to_owned(), |day| day.to_string());
            kept.push(stays(&format!("due {}", due.date), &here));
        }
        if let Some(owner) = self.owner.as_ref().filter(|owner| {
            self.read.owner_text != action.owner_text && action.owner.as_deref() != Some(owner.name.as_str())
        }) {
            let here = action.owner.as_deref().unwrap_or("nobody");
            kept.push(stays(&format!("owner {}", owner.name), here));
        }
        if self.read.done == Some(true) && action.reported_done != Some(true) && action.state.is_active() {
            kept.push(format!("the report now says that it is done; it stays {}", action.state));
        }
        kept
    }
}

/// The report that was read, for the database. `severity` is what a person said, over what the report says.
#[must_use]
pub fn to_report(
    reading: &Reading,
    source: &str,
    digest: &str,
    severity: Option<Severity>,
    repo: Option<&str>,
    now: DateTime<Utc>,
) -> Report {
    let facts = &reading.report;
    Report {
        id: ReportId::new(0),
        ulid: String::new(),
        title: facts.title.clone().unwrap_or_else(|| untitled(source)),
        source: source.to_owned(),
        digest: digest.to_owned(),
        revision: 1,
        format: facts.format.as_str().to_owned(),
        incident_date: facts.incident_date,
        report_date: facts.report_date,
        started_at: facts.started_at.map(|moment| moment.to_utc()),
        resolved_at: facts.resolved_at.map(|moment| moment.to_utc()),
        duration_minutes: facts.duration_minutes,
        severity: severity.unwrap_or_else(|| severity_of(facts)),
        severity_set: severity.is_some(),
        root_cause: facts.root_cause.clone(),
        repo: repo.map(str::to_owned),
        created_at: now,
        updated_at: now,
    }
}

/// The people whom a report names, with the logins of the configuration.
#[must_use]
pub fn people_of(facts: &ReportFacts, people: &[config::Person]) -> Vec<Person> {
    let person = |read: &incident_report::Person| Person {
        name: read.name.clone(),
        role: read.role.clone(),
        login: read
            .login
            .clone()
            .or_else(|| people::find(&read.name, people).and_then(|known| known.login.clone())),
    };
    facts.people.iter().map(person).collect()
}

/// The severity that a report states.
#[must_use]
pub fn severity_of(facts: &ReportFacts) -> Severity {
    facts.severity.and_then(|severity| severity.as_str().parse().ok()).unwrap_or(Severity::Unknown)
}

/// What a report without a title is called: its file, or the end of its address.
fn untitled(source: &str) -> String {
    let path = if source.contains("://") { source.split('?').next().unwrap_or(source) } else { source };
    match path.trim_end_matches('/').rsplit(['/', '\\']).next() {
        Some(name) if !name.is_empty() && name != "-" => name.to_owned(),
        _ => "Untitled report".to_owned(),
    }
}

/// The priority that a report states, in the words that reports use.
#[must_use]
pub fn priority(text: &str) -> Option<Priority> {
    let word: String =
        text.trim().to_lowercase().chars().filter(|character| character.is_alphanumeric()).collect();
    match word.as_str() {
        "urgent" | "critical" | "blocker" | "immediate" | "highest" | "p0" | "prio0" | "asap" => {
            Some(Priority::Urgent)
        }
        "high" | "important" | "major" | "p1" | "prio1" | "must" => Some(Priority::High),
        "medium" | "moderate" | "normal" | "med" | "p2" | "prio2" | "should" => Some(Priority::Medium),
        "low" | "minor" | "lowest" | "trivial" | "p3" | "p4" | "p5" | "prio3" | "could" | "nicetohave" => {
            Some(Priority::Low)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_read_as_reports_write_them() {
        for (text, expected) in [
            ("P0", Some(Priority::Urgent)),
            (" HIGH ", Some(Priority::High)),
            ("Medium", Some(Priority::Medium)),
            ("nice-to-have", Some(Priority::Low)),
            ("soon", None),
        ] {
            assert_eq!(priority(text), expected, "{text}");
        }
    }

    #[test]
    fn a_report_without_a_title_is_called_like_its_file() {
        assert_eq!(untitled("/reports/2024-05-14.md"), "2024-05-14.md");
        assert_eq!(untitled("https://wiki.acme.test/reports/2024/?id=7"), "2024");
        assert_eq!(untitled("-"), "Untitled report");
    }
}
