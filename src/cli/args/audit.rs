//! The arguments of `followup audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;
use crate::{
    action::{ActorKind, ReportId, Severity, State, Topic},
    audit::{self, Dated, ExportFormat, ParseExportFormatError},
    cli::when::When,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Audit {
    /// List what happened, oldest first
    ///
    /// Without a filter it is the whole history. Filters narrow each other down; several IDs are several things to look at.
    #[command(after_help = "\
Examples:
  followup audit log CA-3 CA-7
  followup audit log --report IR-2 --kind action.due_moved
  followup audit log --by grace --since 2026-05-01 --until 2026-05-31 --format csv")]
    Log(Log),
    /// Check that the history is what was written, and says what the tables say
    ///
    /// Every event is hashed again and must be chained to the one before. The first that was changed, removed, swapped or put
    /// in later is named; then what follows from the history is compared with the actions, reports and evidence. Exit code 1
    /// when something is wrong.
    #[command(after_help = "\
Examples:
  followup audit verify
  followup audit verify --checkpoint 1204:9f2c…   also that nobody cut the history off or wrote it anew")]
    Verify(Verify),
    /// Write actions, events and evidence into a folder, as they were known at some moment
    ///
    /// The tables follow from the history, not from what the database says now; `manifest.json` holds the SHA-256 of every file.
    /// That something was handed out is an event too. Refused when the history does not hold.
    #[command(after_help = "\
Examples:
  followup audit export ./2026-q2 --as-of 2026-06-30
  followup audit export ./ir-7 --report IR-7 --format csv,xlsx")]
    Export(Export),
    /// Draw some actions to look at, so that somebody else can draw the same
    ///
    /// Drawn are the actions with the smallest SHA-256 of SEED:ID. The same seed, filter and --as-of give the same ones.
    #[command(after_help = "\
Examples:
  followup audit sample --n 25 --seed \"audit 2026\" --as-of 2026-06-30
  followup audit sample --n 10 --state done,verified --dated done --since 2026-04-01 --until 2026-06-30 --format csv")]
    Sample(Sample),
    /// Measure how well what reports promised is kept
    ///
    /// Done by the day that the policy set, how long it takes, how long what is overdue has been so, who looked at finished work,
    /// what is waived and why, days that were moved, and incidents that came again while work was open. docs/audit.md tells what
    /// counts.
    Metrics(Measure),
    /// Erase words of people from the history and from the tables, for good
    ///
    /// Without --yes it shows what would be erased. The event stays, with a digest of what is gone, and that it was erased is an
    /// event. Who did something cannot be erased, and what issues and backups hold is not ours to erase.
    #[command(after_help = "\
Examples:
  followup audit erase --person \"Grace Apio\" --reason \"asked for on 2026-05-04\"
  followup audit erase --event 17 --text quote --reason \"names a customer\" --yes")]
    Erase(Erase),
    /// Print where the history ends, to be kept elsewhere
    ///
    /// Who can write the whole database can write a whole new history. Kept where they cannot write, a checkpoint shows it.
    #[command(after_help = "\
Examples:
  followup audit checkpoint --post acme/records#12   once for each end of the history
  followup audit checkpoint --to checkpoints.txt
  followup audit verify --checkpoints checkpoints.txt")]
    Checkpoint(Checkpoint),
}

impl Audit {
    /// Whether standard output has to be one JSON document, whatever happens.
    pub(super) fn wants_json(&self) -> bool {
        match self {
            Self::Log(args) => args.format == RowFormat::Json,
            Self::Erase(args) => args.format == Format::Json,
            Self::Sample(args) => args.format == RowFormat::Json,
            Self::Metrics(args) => args.format == Format::Json,
            Self::Export(args) => args.print == Format::Json,
            Self::Verify(Verify { format, .. }) | Self::Checkpoint(Checkpoint { format, .. }) => {
                *format == Format::Json
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RowFormat {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// Comma-separated values
    Csv,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Log {
    /// Only what is about these: actions as CA-42, reports as IR-7, or `database`
    #[arg(value_name = "ID")]
    pub(in crate::cli) about: Vec<Topic>,
    /// Only what is about this report or one of its actions; may be given several times
    #[arg(long, value_name = "IR-n")]
    pub(in crate::cli) report: Vec<ReportId>,
    /// Only what this person or program caused
    #[arg(long, value_name = "WHO")]
    pub(in crate::cli) by: Option<String>,
    /// Only what actors of this kind caused: user, tracker, scheduler or import
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) actor_kind: Option<ActorKind>,
    /// Only this, as action.done, or all of one sort, as action, issue or evidence
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) kind: Option<String>,
    /// Only what took effect then or later: a day where the team is, or a moment
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) since: Option<When>,
    /// Only what took effect then or earlier; a day counts to its end
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) until: Option<When>,
    /// Only the newest of them, so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) limit: Option<u32>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: RowFormat,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// The folder to make; one that is there already has to be empty
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: PathBuf,
    /// As it was known then: a day where the team is, to its end, or a moment
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) as_of: Option<When>,
    /// Only what is about this report and its actions; may be given several times
    #[arg(long, value_name = "IR-n")]
    pub(in crate::cli) report: Vec<ReportId>,
    /// What to write: csv, json, xlsx, several with commas between, or all
    #[arg(long = "files", value_name = "FORMATS", value_delimiter = ',', value_parser = formats)]
    pub(in crate::cli) formats: Vec<Vec<ExportFormat>>,
    /// How to print what was written
    #[arg(long = "format", value_enum, default_value_t)]
    pub(in crate::cli) print: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Erase {
    /// The words of this event, by its number
    #[arg(long, value_name = "N", required_unless_present = "person")]
    pub(in crate::cli) event: Option<i64>,
    /// Only these words of it, as quote; may be given several times
    #[arg(long, value_name = "NAME", requires = "event")]
    pub(in crate::cli) text: Vec<String>,
    /// Everywhere where this is the name of somebody: an owner, somebody whom a report names
    #[arg(long, value_name = "NAME", conflicts_with = "event")]
    pub(in crate::cli) person: Option<String>,
    /// Also whole texts in which the name stands
    #[arg(long, requires = "person")]
    pub(in crate::cli) mentions: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,
    /// Do it; it cannot be undone
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Checkpoint {
    /// Write it under this issue too, unless it stands there: its address, OWNER/NAME#12, or #12
    #[arg(long, value_name = "ISSUE")]
    pub(in crate::cli) post: Option<String>,
    /// Add it to this file too, unless it is its last line
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) to: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Sample {
    /// How many
    #[arg(long = "n", value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) n: u32,
    /// What the draw depends on; without it, the end of the history, which nobody chose
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) seed: Option<String>,
    /// Only actions in these states, with commas between
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub(in crate::cli) state: Vec<State>,
    /// Only of incidents of these severities, with commas between
    #[arg(long, value_name = "SEVERITY", value_delimiter = ',')]
    pub(in crate::cli) severity: Vec<Severity>,
    /// What has to have happened between --since and --until: accepted or done
    #[arg(long, default_value = "accepted", value_name = "WHAT", value_parser = dated)]
    pub(in crate::cli) dated: Dated,
    /// Only actions that were accepted (or done) then or later: a day where the team is, or a moment
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) since: Option<When>,
    /// Only actions that were accepted (or done) then or earlier
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) until: Option<When>,
    /// As it was known then: a day where the team is, to its end, or a moment
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) as_of: Option<When>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: RowFormat,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Measure {
    /// As it was known then: a day where the team is, to its end, or a moment
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) as_of: Option<When>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

fn dated(text: &str) -> Result<Dated, String> {
    match text {
        "accepted" => Ok(Dated::Accepted),
        "done" => Ok(Dated::Done),
        _ => Err(format!("`{text}` is nothing to date an action by; expected accepted or done")),
    }
}

fn formats(text: &str) -> Result<Vec<ExportFormat>, ParseExportFormatError> {
    if text == "all" { Ok(ExportFormat::ALL.to_vec()) } else { text.parse().map(|format| vec![format]) }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// What `followup audit checkpoint` printed once; may be given several times
    #[arg(long, value_name = "EVENTS:HASH")]
    pub(in crate::cli) checkpoint: Vec<audit::Checkpoint>,
    /// Every checkpoint of this file, as `followup audit checkpoint --to` writes it
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) checkpoints: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}
