//! Bringing a read report into the database: new, unchanged, or revised.
//!
//! Invariant: all reports of one import become visible together, or none does. The same report changes nothing; an
//! edited one updates what changed, adds what is new, and flags what vanished; no action is ever removed.

mod known;

use ring::digest::{SHA256, digest};

use self::known::Known;
pub use self::known::Lookalike;
use crate::{
    action::{Action, ActionId, ActorKind, Change, Field, NewEvent, Report, ReportId, Severity},
    clock::Clocks,
    intake::{self, Draft, Reference, Team, match_drafts},
    life::{self, LifeError},
    policy::Policy,
    store::{Link, NewReport, Stamp, Store, StoreError, UnitOfWork},
};

/// A report that was read from somewhere.
#[derive(Debug)]
pub struct Source {
    /// Where it came from: an absolute path, an address, or `-`.
    pub name: String,
    /// Where it was before, when it says that it was moved.
    pub former: Option<String>,
    /// Where the report lies that it was extracted from, when it says so.
    pub extracted_from: Option<String>,
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
    /// Which report it is, where a person says so.
    pub which: Option<Which>,
    /// What the words of a report mean to the team.
    pub team: Team,
    /// The rules that set deadlines.
    pub policy: Policy,
}

/// Which report of the database one that comes in is, as a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one, wherever it lies and whatever it is called now.
    Same(ReportId),
    /// None that only looks like it.
    New,
}

/// Why reports are not imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database does not take them.
    #[error(transparent)]
    Life(#[from] LifeError),
    /// One may be a known report under another name, at another place, or may be none: only a person knows.
    #[error("{name}: {lookalike}")]
    LooksLike {
        /// Where the report that comes in lies.
        name: String,
        /// The known one.
        lookalike: Box<Lookalike>,
    },
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        LifeError::from(error).into()
    }
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was not there.
    Imported,
    /// It is there, word for word.
    Unchanged,
    /// It is there, word for word, and lies in another place now.
    Moved,
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
    /// Those that are new.
    pub added: Vec<ActionId>,
    /// Those of the others that changed, each with what did.
    pub changed: Vec<(ActionId, Vec<&'static str>)>,
    /// Those that the report no longer has, and had before.
    pub vanished: Vec<ActionId>,
    /// Those that it has again.
    pub returned: Vec<ActionId>,
    /// What the person who imports it says over the report, and was not so before: where it is published to, and how bad
    /// the incident was. Each with what it was.
    pub said: Vec<Said>,
    /// What the report says anew and what stays as the team decided, a sentence each.
    pub kept: Vec<String>,
}

/// Something about a report that a person says, and the report does not.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Said {
    /// `repository` or `severity`.
    pub what: &'static str,
    /// What it was; nothing where nobody had said it.
    pub was: Option<String>,
    /// What it is.
    pub is: String,
}

impl Imported {
    /// A report with nothing to say about its actions.
    fn new(report: Report, fate: Fate, actions: Vec<Action>) -> Self {
        Self {
            report,
            fate,
            actions,
            added: Vec::new(),
            changed: Vec::new(),
            vanished: Vec::new(),
            returned: Vec::new(),
            said: Vec::new(),
            kept: Vec::new(),
        }
    }
}

/// Imports `sources`, in their order.
///
/// # Errors
/// [`ImportError`] when the database does not take it, or a person has to say which report one is; then nothing is changed.
pub async fn import(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    sources: &[Source],
    options: &Options,
) -> Result<Vec<Imported>, ImportError> {
    // What comes in is the report's doing; who takes it on is a person.
    let by_report = stamp.by(ActorKind::Import, &stamp.actor.name, stamp.at);
    let mut work = store.begin(&by_report).await?;
    let mut known = Known::read(&mut work, sources).await?;
    let mut imported = Vec::with_capacity(sources.len());
    // What was extracted from a report is looked at after the report itself.
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|&index| known.is_incoming(sources[index].extracted_from.as_deref()));
    for index in order {
        let source = &sources[index];
        let mut result = take_in(&mut work, stamp, &known, source, options).await?;
        known.remember(&result.report);
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
        imported.push((index, result));
    }
    work.commit().await?;
    imported.sort_by_key(|(index, _)| *index);
    Ok(imported.into_iter().map(|(_, result)| result).collect())
}

/// Brings one report in.
async fn take_in(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    known: &Known,
    source: &Source,
    options: &Options,
) -> Result<Imported, ImportError> {
    let new = intake::to_report(
        &source.reading,
        &source.name,
        &source.digest,
        options.severity,
        options.repo.as_deref(),
        stamp.at,
    );
    let drafts: Vec<Draft> =
        source.reading.actions.iter().map(|read| Draft::new(read.clone(), &options.team)).collect();
    let people = intake::people_of(&source.reading.report, &options.team.people);
    let found = match options.which {
        Some(Which::Same(id)) => Some(work.report(id).await?),
        Some(Which::New) | None => known.find(work, &new, source, &drafts).await?,
    };
    match found {
        Some(before) if known.is_extract_of(source, &before) => {
            // The report itself stays where it is, and what it was extracted to stands beside it.
            let new = Report { source: before.source.clone(), format: before.format.clone(), ..new };
            let actions = work.actions_read_from(before.id).await?;
            let says_the_same = says_the_same(&before, &new, &drafts, &actions, &options.team);
            if says_the_same
                && work.people_of(before.id).await? == people
                && !overrides(&before, &new, options)
            {
                return Ok(Imported::new(before, Fate::Unchanged, actions));
            }
            // A line is one of the report, and not of what it was extracted to.
            let matched = match_drafts(&drafts, &actions).drafts;
            let mut drafts = drafts;
            for (draft, index) in
                drafts.iter_mut().zip(matched).filter_map(|(draft, index)| Some((draft, index?)))
            {
                draft.read.line = usize::try_from(actions[index].line).unwrap_or(draft.read.line);
            }
            Ok(revise(work, stamp, &before, new, &drafts, &people, options).await?)
        }
        Some(before) if before.digest == new.digest && !overrides(&before, &new, options) => {
            let actions = work.actions_read_from(before.id).await?;
            let was_moved = source.former.as_ref() == Some(&before.source);
            let stands = !was_moved && known.stands(&before.source, &new.source);
            if before.source == new.source || new.source == known::STANDARD_INPUT || stands {
                return Ok(Imported::new(before, Fate::Unchanged, actions));
            }
            // It was moved: the next edit is looked for where it is now.
            let report = Report { source: new.source, updated_at: stamp.at, ..before.clone() };
            work.revise_report(&before, &report, &people).await?;
            Ok(Imported::new(report, Fate::Moved, actions))
        }
        Some(before) => Ok(revise(work, stamp, &before, new, &drafts, &people, options).await?),
        None => {
            if options.which.is_none()
                && let Some(lookalike) = known.lookalike(work, &new, &drafts).await?
            {
                let lookalike = Box::new(lookalike);
                return Err(ImportError::LooksLike { name: source.name.clone(), lookalike });
            }
            let report = work.add_report(NewReport { report: new, people }).await?;
            let mut actions = Vec::with_capacity(drafts.len());
            for draft in &drafts {
                actions.push(work.add_action(draft.to_action(report.id, stamp.at)).await?);
            }
            let added = actions.iter().map(|action| action.id).collect();
            Ok(Imported { added, ..Imported::new(report, Fate::Imported, actions) })
        }
    }
}

/// Whether what was extracted from a report says what the database knows of it, and no more.
fn says_the_same(before: &Report, new: &Report, drafts: &[Draft], actions: &[Action], team: &Team) -> bool {
    let facts = |report: &Report| {
        let days = (report.incident_date, report.report_date);
        let times = (report.started_at, report.resolved_at, report.duration_minutes);
        (report.title.clone(), days, times, report.root_cause.clone())
    };
    let matched = match_drafts(drafts, actions);
    let is_as_before = |(draft, found): (&Draft, &Option<usize>)| {
        found.is_some_and(|index| {
            let action = &actions[index];
            !action.vanished && differences(action, &draft.revise(action, &team.people)).is_empty()
        })
    };
    facts(before) == facts(new)
        && (before.severity_set || before.severity == new.severity)
        && drafts.iter().zip(&matched.drafts).all(is_as_before)
        && matched.vanished.iter().all(|&index| actions[index].vanished)
}

/// Whether a person says something about the report that is not there yet.
fn overrides(before: &Report, new: &Report, options: &Options) -> bool {
    options.severity.is_some_and(|severity| severity != before.severity)
        || (options.repo.is_some() && new.repo != before.repo)
}

/// What a person says about the report that is new.
fn said(before: &Report, after: &Report, options: &Options) -> Vec<Said> {
    let repository = after.repo.clone().filter(|_| options.repo.is_some() && before.repo != after.repo);
    let severity =
        (options.severity.is_some() && before.severity != after.severity).then_some(after.severity);
    repository
        .map(|is| Said { what: "repository", was: before.repo.clone(), is })
        .into_iter()
        .chain(severity.map(|is| Said {
            what: "severity",
            was: Some(before.severity.to_string()),
            is: is.to_string(),
        }))
        .collect()
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
    let actions = work.actions_read_from(before.id).await?;
    let matched = match_drafts(drafts, &actions);
    let said = said(before, &report, options);
    let mut result = Imported { said, ..Imported::new(report, Fate::Revised, actions) };
    for (draft, found) in drafts.iter().zip(&matched.drafts) {
        let Some(index) = *found else {
            let action = work.add_action(draft.to_action(before.id, stamp.at)).await?;
            result.added.push(action.id);
            result.actions.push(action);
            continue;
        };
        let before = &result.actions[index];
        let after = draft.revise(before, &options.team.people);
        result.kept.extend(
            draft.kept(before, &options.team).into_iter().map(|what| format!("{}: {what}", before.id)),
        );
        result.kept.extend(other_issue(work, before, &after).await?);
        if before.vanished {
            result.returned.push(before.id);
        } else {
            let what = differences(before, &after);
            if !what.is_empty() {
                result.changed.push((before.id, what));
            }
        }
        result.actions[index] = replace(work, "action.revised", before, after).await?;
    }
    for &index in &matched.vanished {
        let before = &result.actions[index];
        if !before.vanished {
            result.vanished.push(before.id);
            let after = Action { vanished: true, ..before.clone() };
            result.actions[index] = replace(work, "action.vanished", before, after).await?;
        }
    }
    Ok(result)
}

/// What the report says anew about the issue of an action that has another one, or that a person took off it.
async fn other_issue(
    work: &mut UnitOfWork,
    before: &Action,
    after: &Action,
) -> Result<Option<String>, StoreError> {
    let Some(named) = after.tracked_in.as_deref().filter(|_| before.tracked_in != after.tracked_in) else {
        return Ok(None);
    };
    let here = match work.link_of(before.id).await? {
        Some(link) if is_named(&link, named) => return Ok(None),
        Some(link) => match link.number {
            Some(number) => format!("it stays linked to {}#{number}", link.repo),
            None => "its own issue is on its way".to_owned(),
        },
        None if before.corrected.has(Field::Issue) => "it stays unlinked".to_owned(),
        None => return Ok(None),
    };
    Ok(Some(format!("{}: the report now names {named} as its issue; {here}", before.id)))
}

/// Whether a report that names an issue means the one of a link.
fn is_named(link: &Link, named: &str) -> bool {
    match Reference::parse(named) {
        Some(Reference::Issue { repo, number, .. }) => {
            link.number == Some(number) && repo.is_none_or(|repo| repo.eq_ignore_ascii_case(&link.repo))
        }
        Some(Reference::Key(_) | Reference::Address(_)) | None => false,
    }
}

/// What a newer revision changed about an action. That it stands on another line is not worth a person's look.
fn differences(before: &Action, after: &Action) -> Vec<&'static str> {
    let is_reworded = |action: &Action| (action.text.clone(), action.description.clone());
    let changes = [
        (before.title != after.title, "title"),
        (is_reworded(before) != is_reworded(after), "text"),
        (before.section != after.section, "section"),
        (before.owner != after.owner || before.owner_text != after.owner_text, "owner"),
        (before.due_on != after.due_on || before.due_text != after.due_text, "due date"),
        (before.reported_done != after.reported_done, "what is done"),
        (before.priority != after.priority, "priority"),
        (before.category != after.category, "category"),
        (before.kind != after.kind, "kind"),
        (before.tracked_in != after.tracked_in, "issue"),
    ];
    let mut what: Vec<&str> =
        changes.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what).collect();
    if what.is_empty() && before.quote != after.quote {
        what.push("quote");
    }
    what
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
