//! What leaves the house: the history up to some moment and what follows from it, as tables, with sums that hold them together.
//!
//! Invariants: the tables follow from the events that stand beside them, not from what the database says now; the same history
//! and moment give the same bytes, but for the manifest's time; nothing is handed out of a history that does not hold; and that
//! it was handed out is an event, with the sum of the manifest.

mod actions;
mod book;
mod cell;
mod folder;
mod table;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    path::Path,
    str::FromStr,
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use folder::ExportedFile;

use self::{actions::Row, book::Book, cell::Cell, folder::Folder, table::Table};
use super::{AsOf, AuditError, Checkpoint, Past, past::Texts};
use crate::{
    action::{ActionId, NewEvent, ReportId, Subject, Topic},
    clock::Clocks,
    store::{EventRow, Stamp, Store, StoreError},
};

/// What a table is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Comma-separated values, a file for each table.
    Csv,
    /// An array of objects, a file for each table.
    Json,
    /// One workbook with a sheet for each table.
    Xlsx,
}

impl ExportFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Xlsx];

    /// The word for it, which is also how its files end.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Nothing is written as this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format of an export; expected csv, json, xlsx, or all")]
pub struct ParseExportFormatError(String);

impl FromStr for ExportFormat {
    type Err = ParseExportFormatError;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|format| format.as_str() == input);
        known.ok_or_else(|| ParseExportFormatError(input.to_owned()))
    }
}

/// What is to be handed out.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// As what; nothing is everything.
    pub formats: Vec<ExportFormat>,
    /// Only what is about these reports and their actions; nothing is everything.
    pub reports: Vec<ReportId>,
    /// What was known then; nothing is now.
    pub as_of: Option<AsOf>,
}

/// Who handed it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exporter {
    /// The named actor.
    pub actor: String,
    /// Whether that is only what somebody said of themselves.
    pub declared: bool,
    /// The user of the operating system.
    pub os_user: String,
    /// Whether the command ran under a fixed clock.
    pub fixed_clock: bool,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is the number of what it names")]
pub struct Counts {
    pub actions: u64,
    pub reports: u64,
    pub events: u64,
    pub evidence: u64,
    pub waivers: u64,
}

/// What an export says of itself: the file `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// The version of this form.
    pub format: u32,
    /// The program that wrote it.
    pub tool: &'static str,
    /// Its version.
    pub version: &'static str,
    /// When, on the machine's real clock.
    pub exported_at: DateTime<Utc>,
    /// By whom.
    pub exported_by: Exporter,
    /// What was known then, where that was asked for.
    pub as_of: Option<DateTime<Utc>>,
    /// The zone in which days begin and end.
    pub timezone: String,
    /// Only what is about these reports; nothing is everything.
    pub reports: Vec<ReportId>,
    /// Whether every event up to the checkpoint is there, so that the chain can be followed.
    pub complete: bool,
    /// Where the history ended then.
    pub checkpoint: Checkpoint,
    /// How many there are of each.
    pub counts: Counts,
    /// The files beside the manifest.
    pub files: Vec<ExportedFile>,
}

/// What was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// SHA-256 of the manifest's file.
    pub sha256: String,
    /// What it says.
    pub manifest: Manifest,
}

/// The columns of events, as they are handed out: a table row has them in this order.
pub const EVENT_COLUMNS: [&str; 14] = [
    "seq",
    "at",
    "recorded_at",
    "actor",
    "actor_kind",
    "declared",
    "os_user",
    "fixed_clock",
    "subject",
    "kind",
    "payload",
    "texts",
    "previous_hash",
    "hash",
];

const EVIDENCE: [&str; 10] =
    ["id", "action_id", "kind", "url", "dated_on", "digest", "note", "added_at", "added_by", "event"];

const WAIVERS: [&str; 10] = [
    "action_id",
    "granted_at",
    "granted_by",
    "accepted_by",
    "reason",
    "until",
    "event",
    "ended_at",
    "ended_by",
    "ended_as",
];

/// Writes what the history says into a folder, which has to be empty or not there, and writes down that it did.
///
/// # Errors
/// [`AuditError`] when the history does not hold, nothing was known then, or the folder cannot be written. Then there is no
/// folder, unless the event could be written and the last step, the renaming, could not be done.
pub async fn export(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    target: &Path,
    selection: &Selection,
) -> Result<Exported, AuditError> {
    let formats: BTreeSet<ExportFormat> = match selection.formats.as_slice() {
        [] => ExportFormat::ALL.into(),
        some => some.iter().copied().collect(),
    };
    let formats: Vec<ExportFormat> = formats.into_iter().collect();
    let reports: BTreeSet<ReportId> = selection.reports.iter().copied().collect();
    let mut snapshot = store.read().await?;
    for id in &reports {
        snapshot.report(*id).await?;
    }
    let folder = Folder::beside(target)?;
    let mut tables = Tables::begin(&folder, &formats)?;
    let past = Past::read(&mut snapshot, selection.as_of, &mut |past, event, texts| {
        if is_about(past, event, &reports) { tables.event(event, texts) } else { Ok(()) }
    })
    .await?;
    drop(snapshot);
    if let Some(id) = reports.iter().find(|id| !past.reports.contains_key(id)) {
        return Err(StoreError::NoReport(*id).into());
    }
    let moment = selection.as_of.map_or_else(|| clocks.now(), |as_of| as_of.moment);
    tables.facts(&past, &reports, clocks, moment)?;
    let counts = tables.counts;
    let files = tables.end()?;
    let manifest = Manifest {
        format: 1,
        tool: "followup",
        version: env!("CARGO_PKG_VERSION"),
        exported_at: stamp.recorded_at,
        exported_by: Exporter {
            actor: stamp.actor.name.clone(),
            declared: stamp.actor.declared,
            os_user: stamp.os_user.clone(),
            fixed_clock: stamp.fixed_clock,
        },
        as_of: selection.as_of.map(|as_of| as_of.moment),
        timezone: clocks.zone.name().to_owned(),
        complete: reports.is_empty(),
        reports: reports.into_iter().collect(),
        checkpoint: past.end.clone(),
        counts,
        files,
    };
    let mut file = folder.create("manifest.json")?;
    let mut text = serde_json::to_string_pretty(&manifest).expect("a manifest can always be written as JSON");
    text.push('\n');
    file.put(text.as_bytes())?;
    let sha256 = file.finish(0)?.sha256;
    // First the event: one about a folder that never came is harmless, a folder that no event tells of is not.
    let event = NewEvent::new(Topic::Database, "audit.exported")
        .with("manifest", sha256.as_str())
        .with("as_of", json!(manifest.as_of))
        .with("events", manifest.checkpoint.events)
        .with("head", manifest.checkpoint.head.as_str())
        .with("reports", json!(manifest.reports))
        .with("formats", json!(formats));
    let mut work = store.begin(stamp).await?;
    work.append(event).await?;
    work.commit().await?;
    folder.put_in_place()?;
    Ok(Exported { sha256, manifest })
}

/// The columns of the table of actions, in their order.
#[must_use]
pub fn columns() -> Vec<&'static str> {
    actions::columns()
}

/// A row of the table of actions.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportRow(Vec<Cell>);

impl ExportRow {
    /// The row as an object.
    #[must_use]
    pub fn json(&self) -> Map<String, Value> {
        let cells = actions::columns().into_iter().zip(&self.0);
        cells.map(|(name, cell)| (name.to_owned(), cell.json())).collect()
    }

    /// The row as plain texts.
    #[must_use]
    pub fn plain(&self) -> Vec<String> {
        self.0.iter().map(Cell::plain).collect()
    }

    /// One cell of it as plain text.
    #[must_use]
    pub fn cell(&self, column: &str) -> String {
        let at = actions::columns().iter().position(|name| *name == column);
        at.and_then(|at| self.0.get(at)).map(Cell::plain).unwrap_or_default()
    }
}

/// The rows of some actions in the table of actions, in the order asked for; those that are not there are left out.
#[must_use]
pub fn rows(past: &Past, clocks: &Clocks, moment: DateTime<Utc>, ids: &[ActionId]) -> Vec<ExportRow> {
    let mut proofs: HashMap<ActionId, Vec<_>> = ids.iter().map(|id| (*id, Vec::new())).collect();
    for proof in &past.proofs {
        if let Some(of_action) = proofs.get_mut(&proof.action) {
            of_action.push(proof);
        }
    }
    let row = |id: &ActionId| {
        let (id, story) = past.actions.get_key_value(id)?;
        let report = past.report_of(story).and_then(|report| past.reports.get(&report));
        let row =
            Row { past, id: *id, story, report, proofs: &proofs[id], day: clocks.day_of(moment), clocks };
        Some(ExportRow(row.cells()))
    };
    ids.iter().filter_map(row).collect()
}

/// Whether an event is about one of these reports or its actions; every event is about none of them.
fn is_about(past: &Past, event: &EventRow, reports: &BTreeSet<ReportId>) -> bool {
    reports.is_empty()
        || match event.subject.parse() {
            Ok(Subject::Report(id)) => reports.contains(&id),
            Ok(Subject::Action(id)) => past
                .actions
                .get(&id)
                .and_then(|story| past.report_of(story))
                .is_some_and(|report| reports.contains(&report)),
            Err(_) => false,
        }
}

/// The tables of an export.
struct Tables {
    actions: Table,
    events: Table,
    evidence: Table,
    waivers: Table,
    book: Option<Book>,
    counts: Counts,
}

impl Tables {
    fn begin(folder: &Folder, formats: &[ExportFormat]) -> Result<Self, AuditError> {
        let begin = |name, columns| Table::begin(folder, formats, name, columns);
        let actions = begin("actions", actions::columns())?;
        let events = begin("events", EVENT_COLUMNS.to_vec())?;
        let evidence = begin("evidence", EVIDENCE.to_vec())?;
        let waivers = begin("waivers", WAIVERS.to_vec())?;
        let has_book = formats.contains(&ExportFormat::Xlsx);
        let mut book = has_book.then(|| Book::begin(folder)).transpose()?;
        events.begin_sheet(&mut book)?;
        Ok(Self { actions, events, evidence, waivers, book, counts: Counts::default() })
    }

    fn event(&mut self, event: &EventRow, texts: &Texts) -> Result<(), AuditError> {
        self.counts.events += 1;
        let texts = if texts.is_empty() { Cell::Empty } else { Cell::Json(json!(texts)) };
        let cells = [
            event.seq.into(),
            event.at.into(),
            event.recorded_at.into(),
            event.actor.as_str().into(),
            event.actor_kind.as_str().into(),
            event.declared.into(),
            event.os_user.as_str().into(),
            event.fixed_clock.into(),
            event.subject.as_str().into(),
            event.kind.as_str().into(),
            event.payload.as_str().into(),
            texts,
            event.previous_hash.as_str().into(),
            event.hash.as_str().into(),
        ];
        self.events.row(&mut self.book, &cells)
    }

    /// Everything that follows from the events.
    fn facts(
        &mut self,
        past: &Past,
        reports: &BTreeSet<ReportId>,
        clocks: &Clocks,
        moment: DateTime<Utc>,
    ) -> Result<(), AuditError> {
        let is_asked_for = |report: Option<ReportId>| {
            reports.is_empty() || report.is_some_and(|report| reports.contains(&report))
        };
        let of_action =
            |id: &ActionId| is_asked_for(past.actions.get(id).and_then(|story| past.report_of(story)));
        self.counts.reports = past.reports.keys().filter(|id| is_asked_for(Some(**id))).count() as u64;
        let mut proofs: HashMap<ActionId, Vec<_>> = HashMap::new();
        self.evidence.begin_sheet(&mut self.book)?;
        for proof in past.proofs.iter().filter(|proof| of_action(&proof.action)) {
            proofs.entry(proof.action).or_default().push(proof);
            self.counts.evidence += 1;
            let cells = [
                proof.id.into(),
                proof.action.to_string().into(),
                proof.kind.as_str().into(),
                proof.url.as_str().into(),
                Cell::optional(proof.dated_on),
                Cell::optional(proof.digest.as_deref()),
                (&proof.note).into(),
                proof.added.at.into(),
                proof.added.by.as_str().into(),
                proof.added.event.into(),
            ];
            self.evidence.row(&mut self.book, &cells)?;
        }
        self.actions.begin_sheet(&mut self.book)?;
        for (id, story) in past.actions.iter().filter(|(id, _)| of_action(id)) {
            self.counts.actions += 1;
            let report = past.report_of(story).and_then(|report| past.reports.get(&report));
            let proofs = proofs.get(id).map_or(&[][..], Vec::as_slice);
            let row = Row { past, id: *id, story, report, proofs, day: clocks.day_of(moment), clocks };
            self.actions.row(&mut self.book, &row.cells())?;
        }
        self.waivers.begin_sheet(&mut self.book)?;
        for waiver in past.waivers.iter().filter(|waiver| of_action(&waiver.action)) {
            self.counts.waivers += 1;
            let ended = waiver.ended.as_ref();
            let cells = [
                waiver.action.to_string().into(),
                waiver.granted.at.into(),
                waiver.granted.by.as_str().into(),
                (&waiver.accepted_by).into(),
                (&waiver.reason).into(),
                Cell::optional(waiver.until),
                waiver.granted.event.into(),
                Cell::optional(ended.map(|(mark, _)| mark.at)),
                Cell::optional(ended.map(|(mark, _)| mark.by.as_str())),
                Cell::optional(ended.map(|(_, how)| how.as_str())),
            ];
            self.waivers.row(&mut self.book, &cells)?;
        }
        Ok(())
    }

    fn end(self) -> Result<Vec<ExportedFile>, AuditError> {
        let mut files = Vec::new();
        for table in [self.actions, self.events, self.evidence, self.waivers] {
            files.extend(table.end()?);
        }
        if let Some(book) = self.book {
            files.push(book.end()?);
        }
        files.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(files)
    }
}
