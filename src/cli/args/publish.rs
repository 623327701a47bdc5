//! The arguments of what has to do with the tracker: `publish sync conflicts adopt disclose resolve`.

use clap::{ArgGroup, Args, Subcommand};

use super::Format;
use crate::{
    action::{ConflictField, ReportId, Side, Subject},
    tracker::RepoName,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Publish {
    /// Only the actions of this report
    #[arg(long, value_name = "IR-n")]
    pub(in crate::cli) report: Option<ReportId>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Do not wait for pauses and unknown outcomes
    #[arg(long)]
    pub(in crate::cli) no_wait: bool,
    /// Also actions that are done already
    #[arg(long)]
    pub(in crate::cli) include_done: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Sync {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<SyncCommand>,
    /// Look only at the issues that a webhook hinted at since they were looked at
    #[arg(long, conflicts_with = "dry_run")]
    pub(in crate::cli) hinted: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Do not wait for pauses and unknown outcomes
    #[arg(long)]
    pub(in crate::cli) no_wait: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SyncCommand {
    /// Explain how an action and its issue stand to each other, and what happens next
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// The action, as CA-42, or the report, as IR-7
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: Subject,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Conflicts {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Adopt {
    /// Only in this repository
    #[arg(long, value_name = "OWNER/NAME")]
    pub(in crate::cli) repo: Option<RepoName>,
    /// Leave alone what fits nothing here, and publish beside it from now on
    #[arg(long)]
    pub(in crate::cli) leave: bool,
    /// Show what would be taken over, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Do not wait for pauses and unknown outcomes
    #[arg(long)]
    pub(in crate::cli) no_wait: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("decision").required(true).args(["redacted", "as_written"]))]
pub(in crate::cli) struct Disclose {
    /// Actions, as CA-42, and reports, as IR-7
    #[arg(value_name = "ID", required_unless_present = "report")]
    pub(in crate::cli) ids: Vec<Subject>,
    /// A report and all of its actions
    #[arg(long, value_name = "IR-n", conflicts_with = "ids")]
    pub(in crate::cli) report: Option<ReportId>,
    /// Put something else in their place
    #[arg(long)]
    pub(in crate::cli) redacted: bool,
    /// Publish them
    #[arg(long, requires = "reason")]
    pub(in crate::cli) as_written: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Resolve {
    /// The action, as CA-42, or the report, as IR-7
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: Subject,
    /// About what, where there are several: title, owner, state, text or duplicate
    #[arg(value_name = "FIELD")]
    pub(in crate::cli) field: Option<ConflictField>,
    /// Which side is right: ours, as it stands here, or theirs, as it stands in the issue
    #[arg(long, value_name = "SIDE")]
    pub(in crate::cli) keep: Side,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}
