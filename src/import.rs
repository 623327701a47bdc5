//! Bringing a read report into the database: new, unchanged, or revised.
//!
//! Invariant: all reports of one import become visible together, or none does. The same report changes nothing; an
//! edited one updates what changed, adds what is new, and flags what vanished; no action is ever removed.

use std::path::Path;

use ring::digest::{SHA256, digest};

use crate::{
    action::{Action, ActorKind, Change, NewEvent, Report, Severity},
    clock::Clocks,
    config,
    intake::{self, Draft, match_drafts},
    life::{self, LifeError},
    policy::Policy,
    store::{NewReport, Stamp, Store, StoreError, UnitOfWork},
};

/// A report that was read from somewhere.
#[derive(Debug)]
pub struct Source {
    /// Where it came from: an absolute path, an address, or `-`.
    pub name: String,
    /// Where it was before, when it says that it was moved.
    pub former: Option<String>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// What was read.
    pub reading: incident_report::Reading,
}

impl Source {
    /// The digest of a report's bytes.
    #[must_use]
    pub fn digest_of(bytes: &[u8]) -> String {
        digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How to import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Accept every proposed action of the reports at once.
    pub accept: bool,
    /// How bad the incidents were, over what the reports say.
    pub severity: Option<Severity>,
    /// Where the actions are published to, instead of the configured repository.
    pub repo: Option<String>,
    /// Who is who.
    pub people: Vec<config::Person>,
    /// The rules that set deadlines.
    pub policy: Policy,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was not there.
    Imported,
    /// It is there, word for word.
    Unchanged,
    /// It was there in another wording.
    Revised,
}

/// A report after its import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The report.
    pub report: Report,
    /// What became of it.
    pub fate: Fate,
    /// Its actions.
    pub actions: Vec<Action>,
    /// How many of them are new.
    pub added: usize,
    /// How many of the others changed.
    pub changed: usize,
    /// How many the report no longer has, and had before.
    pub vanished: usize,
    /// What the report says anew and what stays as the team decided, a sentence each.
    pub kept: Vec<String>,
}

/// Imports `sources`, in their order.
///
/// # Errors
/// [`LifeError`] when the database does not take it; then nothing is changed.
pub async fn import(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    sources: &[Source],
    options: &Options,
) -> Result<Vec<Imported>, LifeError> {
    // What comes in is the report's doing; who takes it on is a person.
    let by_report = stamp.by(ActorKind::Import, &stamp.actor.name, stamp.at);
    let mut work = store.begin(&by_report).await?;
    let mut imported = Vec::with_capacity(sources.len());
    for source in sources {
        let report = intake::to_report(
            &source.reading,
            &source.name,
            &source.digest,
            options.severity,
            options.repo.as_deref(),
            stamp.at,
        );
        let drafts: Vec<Draft> =
            source.reading.actions.iter().map(|read| Draft::new(read.clone(), &options.people)).collect();
        let people = intake::people_of(&source.reading.report, &options.people);
        let mut result = match find(&mut work, &report, source, sources).await? {
            Some(before) if before.digest == report.digest && !overrides(&before, &report, options) => {
                Imported {
                    actions: work.actions_of(before.id).await?,
                    report: before,
                    fate: Fate::Unchanged,
                    added: 0,
                    changed: 0,
                    vanished: 0,
                    kept: Vec::new(),
                }
            }
            Some(before) => revise(&mut work, stamp, &before, report, &drafts, &people, options).await?,
            None => {
                let report = work.add_report(NewReport { report, people }).await?;
                let mut actions = Vec::with_capacity(drafts.len());
                for draft in &drafts {
                    actions.push(work.add_action(draft.to_action(report.id, stamp.at)).await?);
                }
                Imported {
                    report,
                    fate: Fate::Imported,
                    added: actions.len(),
                    actions,
                    changed: 0,
                    vanished: 0,
                    kept: Vec::new(),
                }
            }
        };
        if options.accept {
            work.stamped(stamp.clone());
            let command = life::acceptance(&options.policy, clocks, &result.report, stamp);
            for action in &mut result.actions {
                if action.state == crate::action::State::Proposed && !action.vanished {
                    *action =
                        life::carry_out(&mut work, stamp, clocks, action.clone(), &command).await?.action;
                }
            }
        }
        work.stamped(by_report.clone());
        imported.push(result);
    }
    work.commit().await?;
    Ok(imported)
}

/// The report of the database that this one is: the same text; else the same title and day of the incident; else the
/// same source with the same title or day, since people use one file for one report after the other.
///
/// A report of the same title and day that still stands in another file is another report: "Postmortem" is a common title.
async fn find(
    work: &mut UnitOfWork,
    new: &Report,
    source: &Source,
    others: &[Source],
) -> Result<Option<Report>, StoreError> {
    let place = (new.source != "-").then_some(new.source.as_str());
    let mut known = work.reports_like(&new.digest, new.incident_date, place).await?;
    if let Some(former) = &source.former {
        known.extend(work.reports_like(&new.digest, None, Some(former)).await?);
    }
    let same_day =
        |other: &&Report| other.incident_date.is_some() && other.incident_date == new.incident_date;
    let same_title = |other: &&Report| other.title.to_lowercase() == new.title.to_lowercase();
    let was_moved = |other: &&Report| Some(&other.source) == source.former.as_ref();
    let same_place = |other: &&Report| Some(other.source.as_str()) == place || was_moved(other);
    let stands_elsewhere = |other: &&Report| {
        other.source != new.source
            && !was_moved(other)
            && (others.iter().any(|source| source.name == other.source)
                || still_there(&other.source, &new.source))
    };
    let found = known
        .iter()
        .find(|other| other.digest == new.digest)
        .or_else(|| {
            known.iter().find(|other| same_title(other) && same_day(other) && !stands_elsewhere(other))
        })
        .or_else(|| known.iter().find(|other| same_place(other) && (same_title(other) || same_day(other))));
    Ok(found.cloned())
}

/// Whether the report at `place` is surely not the one that is at `now`: its file is still there, or both are issues, which
/// say where they are moved to. Of other addresses nobody knows: a page may be the same one under its new address.
fn still_there(place: &str, now: &str) -> bool {
    match place.contains("://") {
        true => is_issue(place) && is_issue(now),
        false => Path::new(place).exists(),
    }
}

/// Whether an address is one of an issue on a GitHub: `https://HOST/OWNER/NAME/issues/NUMBER`.
fn is_issue(place: &str) -> bool {
    let parts: Vec<&str> = place.split('/').collect();
    matches!(parts.as_slice(), ["https:" | "http:", "", _, _, _, "issues", number] if number.parse::<u32>().is_ok())
}

/// Whether a person says something about the report that is not there yet.
fn overrides(before: &Report, new: &Report, options: &Options) -> bool {
    options.severity.is_some_and(|severity| severity != before.severity)
        || (options.repo.is_some() && new.repo != before.repo)
}

async fn revise(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    before: &Report,
    new: Report,
    drafts: &[Draft],
    people: &[crate::action::Person],
    options: &Options,
) -> Result<Imported, StoreError> {
    let is_new_text = before.digest != new.digest;
    let report = Report {
        id: before.id,
        ulid: before.ulid.clone(),
        revision: before.revision + i64::from(is_new_text),
        // What a person said stays until a person says otherwise.
        severity: match (options.severity, before.severity_set, new.severity) {
            (Some(said), _, _) => said,
            (None, true, _) | (None, false, Severity::Unknown) => before.severity,
            (None, false, stated) => stated,
        },
        severity_set: options.severity.is_some() || before.severity_set,
        repo: new.repo.clone().or_else(|| before.repo.clone()),
        created_at: before.created_at,
        updated_at: stamp.at,
        ..new
    };
    work.revise_report(before, &report, people).await?;
    let mut actions = work.actions_of(before.id).await?;
    let matched = match_drafts(drafts, &actions);
    let (mut added, mut changed, mut vanished) = (0, 0, 0);
    let mut kept = Vec::new();
    for (draft, found) in drafts.iter().zip(&matched.drafts) {
        match found {
            Some(index) => {
                let before = &actions[*index];
                let after = draft.revise(before, &options.people);
                kept.extend(draft.kept(before).into_iter().map(|what| format!("{}: {what}", before.id)));
                // One that only stands on another line is not worth a person's look.
                changed += usize::from(Action { line: before.line, ..after.clone() } != *before);
                actions[*index] = replace(work, "action.revised", &actions[*index], after).await?;
            }
            None => {
                added += 1;
                actions.push(work.add_action(draft.to_action(before.id, stamp.at)).await?);
            }
        }
    }
    for &index in &matched.vanished {
        let after = Action { vanished: true, ..actions[index].clone() };
        vanished += usize::from(after != actions[index]);
        actions[index] = replace(work, "action.vanished", &actions[index], after).await?;
    }
    Ok(Imported { report, fate: Fate::Revised, actions, added, changed, vanished, kept })
}

/// Stores an action that a newer revision changed, and lets its issue follow.
async fn replace(
    work: &mut UnitOfWork,
    kind: &'static str,
    before: &Action,
    after: Action,
) -> Result<Action, StoreError> {
    if *before == after {
        return Ok(after);
    }
    let event = NewEvent::of_action(kind, Some(before), &after);
    let action = work.record(Change { after, event }).await?;
    life::touch_issue(work, &action).await?;
    Ok(action)
}
