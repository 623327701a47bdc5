//! The arguments of every command. Their comments are the help texts.

mod audit;
mod life;
mod publish;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use self::audit::{Audit, Checkpoint, Erase, Export, Log, Measure, RowFormat, Sample, Verify};
use crate::{
    action::{
        ActionId, Disposition, EvidenceKind, Kind, ParseIdError, Priority, ReportId, Severity, State,
        Subject, UnknownWord, unknown,
    },
    import::Which,
    policy::LAST_DAY,
};

pub(super) use self::{
    life::{Add, Block, Confirm, Merge, Review, Split, Tick, Undo, Waive},
    publish::{Adopt, Conflicts, Disclose, Explain, Publish, Resolve, Sync, SyncCommand},
};

/// Make sure that what an incident report promised gets done
#[derive(Debug, Parser)]
#[command(name = "followup", version, propagate_version = true, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// Read this configuration file [env: FOLLOWUP_CONFIG]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(super) config: Option<PathBuf>,
    /// Use this database: a file, sqlite://FILE, or postgres://…
    #[arg(
        long,
        global = true,
        value_name = "URL|FILE",
        env = "FOLLOWUP_DB",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub(super) db: Option<String>,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN",
        help_heading = "Global options"
    )]
    pub(super) color: Color,
    /// Say more about what happens (again for still more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(super) verbose: u8,
    /// Say nothing but data and errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write followup.toml and create the database
    Init(Init),
    /// Show the whole story, offline, against a GitHub in this process
    Demo(Demo),
    /// Show what would be imported, and change nothing
    Extract(Extract),
    /// Bring reports and their actions into the database
    Import(Import),
    /// Go through what nobody has taken on yet, one action after the other
    Review(Review),
    /// Take proposed actions on
    Accept(Accept),
    /// Refuse proposed actions
    Decline(Reasoned),
    /// Make somebody accountable
    #[command(override_usage = "followup assign [OPTIONS] <ID>... <OWNER>")]
    Assign(Assign),
    /// Tie an action to an issue that is there already, or to a further report that asks for it
    Link(Link),
    /// Take an action off its issue, off the one that its report names, or off a further report
    Unlink(Unlink),
    /// Correct what was read: title, description, category, kind, priority
    Edit(Edit),
    /// Promise a day
    #[command(override_usage = "followup due [OPTIONS] <ID>... <DATE>")]
    Due(Due),
    /// Begin work
    Start(Step),
    /// Say that work cannot go on
    Block(Block),
    /// Say that work can go on
    Unblock(Step),
    /// Say that the work is finished
    Done(Step),
    /// Add what shows that the work was done
    #[command(subcommand)]
    Evidence(Evidence),
    /// Confirm that finished work was done and works; never by its owner
    Verify(Confirm),
    /// Say that finished work is not done, or does not work
    Reject(Reasoned),
    /// Accept the risk of not doing it until a day
    Waive(Waive),
    /// Say that the work will not be done
    Drop(DropArgs),
    /// Take finished, waived or dropped actions up again
    Reopen(Step),
    /// Add an action that its report does not name
    Add(Add),
    /// Make several actions of one
    Split(Split),
    /// Make one action of several that ask for the same
    Merge(Merge),
    /// Take back what was done last
    Undo(Undo),
    /// List actions
    List(List),
    /// Show one action and its history
    Show(Show),
    /// List and show reports
    #[command(subcommand)]
    Report(Report),
    /// List what is late, worst first
    Overdue(Overdue),
    /// Give every accepted action its issue
    Publish(Publish),
    /// Take over what happened to the issues, and send what changed here
    Sync(Sync),
    /// Take in what GitHub says by itself, as hints at issues to look at
    #[command(subcommand)]
    Webhook(Webhook),
    /// Do what follows from the day alone: waivers end, missed deadlines are written down
    Tick(Tick),
    /// Decide about what is not for everybody in the text of an issue
    ///
    /// Secrets, e-mail addresses and addresses of inner machines stop the publishing of an action. The decision holds for the
    /// texts as they are now. Another text of these classes stops the publish again.
    #[command(after_help = "\
Examples:
  followup disclose CA-7 --redacted                 `[redacted e-mail]` stands in their place in the issue
  followup disclose CA-7 --as-written --reason \"a public address of ours\"
  followup disclose --report IR-2 --redacted        for the report and all of its actions")]
    Disclose(Disclose),
    /// List what waits for a person, each with the command that settles it
    Conflicts(Conflicts),
    /// Say which side is right where both disagree
    Resolve(Resolve),
    /// Take over the issues that another database made for the same reports
    Adopt(Adopt),
    /// Look into the history, check it, and hand it out
    #[command(subcommand)]
    Audit(Audit),
    /// Print an empty report to fill in
    Template(Template),
    /// Look what is wrong, and say what to do
    Doctor(Doctor),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

impl Command {
    /// Whether standard output has to be one JSON document, whatever happens.
    pub(super) fn wants_json(&self) -> bool {
        let format = match self {
            Self::Init(args) => args.format,
            Self::Demo(args) => args.format,
            Self::Extract(args) => args.format,
            Self::Import(args) => args.format,
            Self::Review(args) => args.format,
            Self::Tick(args) => args.format,
            Self::Accept(args) => args.format,
            Self::Decline(args) | Self::Reject(args) => args.format,
            Self::Block(args) => args.format,
            Self::Verify(args) => args.format,
            Self::Waive(args) => args.format,
            Self::Add(args) => args.format,
            Self::Split(args) => args.format,
            Self::Merge(args) => args.format,
            Self::Undo(args) => args.format,
            Self::Assign(args) => args.format,
            Self::Due(args) => args.format,
            Self::Edit(args) => args.format,
            Self::Link(args) => args.format,
            Self::Unlink(args) => args.format,
            Self::Start(args) | Self::Unblock(args) | Self::Done(args) | Self::Reopen(args) => args.format,
            Self::Evidence(Evidence::Add(args)) => args.format,
            Self::Drop(args) => args.format,
            Self::List(args) => return args.format == ListFormat::Json,
            Self::Show(args) => args.format,
            Self::Report(Report::List { format } | Report::Show { format, .. }) => *format,
            Self::Overdue(args) => return args.format == ListFormat::Json,
            Self::Publish(args) => args.format,
            Self::Sync(Sync { command: Some(SyncCommand::Explain(args)), .. }) => args.format,
            Self::Sync(args) => args.format,
            Self::Webhook(Webhook::Receive(args)) => args.format,
            Self::Audit(args) => return args.wants_json(),
            Self::Disclose(args) => args.format,
            Self::Conflicts(args) => args.format,
            Self::Resolve(args) => args.format,
            Self::Adopt(args) => args.format,
            Self::Doctor(args) => args.format,
            Self::Template(_) | Self::Completions(_) | Self::Man => Format::Human,
        };
        format == Format::Json
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum View {
    Report,
    Actions,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// Comma-separated values
    Csv,
    /// A Markdown table
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The repository that actions are published to
    #[arg(long, value_name = "OWNER/NAME")]
    pub(super) repo: Option<String>,
    /// The root of GitHub's API, for GitHub Enterprise Server or a sandbox
    #[arg(long, value_name = "URL")]
    pub(super) api_url: Option<String>,
    /// The team's time zone, as Africa/Kampala
    #[arg(long, value_name = "ZONE")]
    pub(super) timezone: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Keep the database and the report in this folder
    #[arg(long, value_name = "FOLDER")]
    pub(super) keep: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// Where reports come from.
#[derive(Debug, Args)]
pub(super) struct From {
    /// Files, folders, patterns in quotes, https addresses, issues as github:OWNER/NAME#12, or - for standard input
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<String>,
    /// Read the reports in this format, whatever they look like
    #[arg(long = "as", value_name = "FORMAT")]
    pub(super) read_as: Option<incident_report::Format>,
}

#[derive(Debug, Args)]
pub(super) struct Extract {
    #[command(flatten)]
    pub(super) from: From,
    /// Say for every action why it is one, and for every text that came near why it is none
    #[arg(long)]
    pub(super) explain: bool,
    /// What to show: the report with the actions in place, as on a terminal, or the actions alone
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) view: Option<View>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    pub(super) from: From,
    /// Accept the actions at once
    #[arg(long)]
    pub(super) accept: bool,
    /// How bad the incident was, over what the report says
    #[arg(long, value_name = "sev1..sev4")]
    pub(super) severity: Option<Severity>,
    /// Publish these actions to this repository
    #[arg(long, value_name = "OWNER/NAME")]
    pub(super) repo: Option<String>,
    /// Which report it is, where it was moved and renamed: a known one, or `new` for none of them
    #[arg(long, value_name = "IR-n|new", value_parser = which)]
    pub(super) report: Option<Which>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Accept {
    /// The actions, as CA-42
    #[arg(required_unless_present = "report", value_name = "ID")]
    pub(super) ids: Vec<ActionId>,
    /// Every proposed action of this report
    #[arg(long, value_name = "IR-n", conflicts_with = "ids")]
    pub(super) report: Option<ReportId>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Reasoned {
    /// The actions, as CA-42
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<ActionId>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Step {
    /// The actions, as CA-42
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<ActionId>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Assign {
    /// The actions, as CA-42, then the owner: a name of the configuration or a login
    #[arg(required = true, num_args = 1.., value_name = "ID... OWNER")]
    pub(super) ids_and_owner: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Edit {
    /// The actions, as CA-42
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<ActionId>,
    /// What has to be done, in one line (of one action)
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// What explains it; an empty text takes it away (of one action)
    #[arg(long, value_name = "TEXT")]
    pub(super) description: Option<String>,
    /// The area of work
    #[arg(long, value_name = "CATEGORY")]
    pub(super) category: Option<String>,
    /// What it changes: prevent, mitigate, detect, process, repair, investigate or other
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<Kind>,
    /// How urgent it is: urgent, high, medium or low
    #[arg(long, value_name = "PRIORITY")]
    pub(super) priority: Option<Priority>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Link {
    /// The action, as CA-42
    #[arg(value_name = "ID")]
    pub(super) id: ActionId,
    /// The issue: its address, OWNER/NAME#12, or #12; or a further report that asks for the action, as IR-7
    #[arg(value_name = "ISSUE|IR-n")]
    pub(super) issue: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Unlink {
    /// The action, as CA-42, or the report, as IR-7: then it is taken off its parent issue
    #[arg(value_name = "ID")]
    pub(super) id: Subject,
    /// Take a further report off the action instead, as IR-9
    #[arg(value_name = "IR-n", conflicts_with = "reason")]
    pub(super) report: Option<ReportId>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Due {
    /// The actions, as CA-42, then the day, as 2026-05-31
    #[arg(required = true, num_args = 1.., value_name = "ID... DATE")]
    pub(super) ids_and_date: Vec<String>,
    /// Why it moves; needed when a day was promised before
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    /// Add a pull request, commit, document or test run by its address
    Add(EvidenceAdd),
}

#[derive(Debug, Args)]
pub(super) struct EvidenceAdd {
    /// The action, as CA-42
    #[arg(value_name = "ID")]
    pub(super) id: ActionId,
    /// Where it is, as `https://github.com/acme/platform/pull/12`
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// What it shows
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// Its own day, as 2026-05-31: when it was merged, written or run
    #[arg(long, value_name = "DATE")]
    pub(super) date: Option<String>,
    /// What it is: pull_request, commit, document or test_run; else its address tells
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<EvidenceKind>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct DropArgs {
    /// The actions, as CA-42
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<ActionId>,
    /// Which way it is not done: duplicate, superseded, obsolete or not_planned
    #[arg(long = "as", value_name = "DISPOSITION", value_parser = disposition)]
    pub(super) disposition: Disposition,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// For a duplicate: the action that is done instead
    #[arg(long, value_name = "ID")]
    pub(super) duplicate_of: Option<ActionId>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// A disposition; one that is unknown is answered with those that `drop` takes.
fn disposition(text: &str) -> Result<Disposition, UnknownWord> {
    text.parse().map_err(|_| {
        let taken = Disposition::ALL.iter().filter(|word| **word != Disposition::Declined);
        unknown(text, "disposition", taken.map(|word| word.as_str()))
    })
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only actions in this state (may be given several times)
    #[arg(long, value_name = "STATE")]
    pub(super) state: Vec<State>,
    /// Only actions of this owner
    #[arg(long, value_name = "WHO")]
    pub(super) owner: Option<String>,
    /// Only actions of this team
    #[arg(long, value_name = "TEAM")]
    pub(super) team: Option<String>,
    /// Only actions of this report
    #[arg(long, value_name = "IR-n")]
    pub(super) report: Option<ReportId>,
    /// Only actions of this category
    #[arg(long, value_name = "CATEGORY")]
    pub(super) category: Option<String>,
    /// Only actions of incidents of this severity
    #[arg(long, value_name = "SEVERITY")]
    pub(super) severity: Option<Severity>,
    /// Only what is late
    #[arg(long)]
    pub(super) overdue: bool,
    /// Only what nobody is accountable for
    #[arg(long)]
    pub(super) unassigned: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: ListFormat,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The action, as CA-42
    #[arg(value_name = "ID")]
    pub(super) id: ActionId,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Subcommand)]
pub(super) enum Report {
    /// List the reports
    List {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Show one report and its actions
    Show {
        /// The report, as IR-7
        #[arg(value_name = "IR-n")]
        id: ReportId,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GroupBy {
    Owner,
    Team,
    Report,
    Category,
}

#[derive(Debug, Args)]
pub(super) struct Overdue {
    /// Put what belongs together together
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) by: Option<GroupBy>,
    /// As it looks on this day
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) as_of: Option<NaiveDate>,
    /// End with exit code 1 when something is late
    #[arg(long)]
    pub(super) fail: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: ListFormat,
}

#[derive(Debug, Subcommand)]
pub(super) enum Webhook {
    /// Take one delivery, and mark the issues that it names; nothing else changes
    ///
    /// The body comes on standard input, byte by byte as GitHub sent it. It counts when its signature was made with
    /// FOLLOWUP_WEBHOOK_SECRET, or with FOLLOWUP_WEBHOOK_SECRET_PREVIOUS while the secret is exchanged.
    #[command(after_help = "\
Examples:
  followup webhook receive --event issues --delivery \"$GUID\" --signature \"$SIGNATURE\" < body.json
In a workflow of GitHub Actions:
  followup webhook receive --trusted && followup sync --hinted")]
    Receive(Receive),
}

#[derive(Debug, Args)]
pub(super) struct Receive {
    /// The body, if not on standard input
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// The header X-GitHub-Event
    #[arg(long, value_name = "EVENT")]
    pub(super) event: Option<String>,
    /// The header X-GitHub-Delivery; without it the content tells whether it came before
    #[arg(long, value_name = "GUID")]
    pub(super) delivery: Option<String>,
    /// The header X-Hub-Signature-256
    #[arg(long, value_name = "sha256=…")]
    pub(super) signature: Option<String>,
    /// The header Content-Type; JSON without it
    #[arg(long, value_name = "TYPE")]
    pub(super) content_type: Option<String>,
    /// Do not ask for a signature: nobody but GitHub can have put it there. In GitHub Actions, event and body are those
    /// of the run
    #[arg(long, conflicts_with = "signature")]
    pub(super) trusted: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// The formats in which there is an empty report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people who write and review in Git
    #[default]
    #[value(alias = "md")]
    Markdown,
    /// Without markup, as for a mail
    #[value(aliases = ["plain", "txt"])]
    Text,
    /// For a wiki or a word processor
    #[value(alias = "htm")]
    Html,
    /// reStructuredText
    Rst,
    /// AsciiDoc
    #[value(name = "asciidoc", alias = "adoc")]
    AsciiDoc,
    /// The wikitext of MediaWiki
    #[value(name = "mediawiki", alias = "wiki")]
    MediaWiki,
    /// Strict, with a schema; for people
    #[value(alias = "yml")]
    Yaml,
    /// Strict, with a schema; for programs
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Template {
    /// What it is written in
    #[arg(value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

fn which(text: &str) -> Result<Which, String> {
    match text {
        "new" => Ok(Which::New),
        _ => text.parse().map(Which::Same).map_err(|error: ParseIdError| format!("{error}, or `new`")),
    }
}

fn day(text: &str) -> Result<NaiveDate, String> {
    let day = text.parse().ok().filter(|day| *day <= LAST_DAY);
    day.ok_or_else(|| format!("`{text}` is not a date; write it as YYYY-MM-DD, as in 2026-05-31"))
}
