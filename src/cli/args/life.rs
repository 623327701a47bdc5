//! The arguments of the commands that confirm, waive, add, split, merge and take back.

use clap::Args;

use super::Format;
use crate::action::{ActionId, Kind, Priority, ReportId};

#[derive(Debug, Args)]
pub(in crate::cli) struct Review {
    /// Only these actions, as CA-42
    #[arg(value_name = "ID")]
    pub(in crate::cli) ids: Vec<ActionId>,
    /// Only actions of this report
    #[arg(long, value_name = "IR-n")]
    pub(in crate::cli) report: Option<ReportId>,
    /// Ask also where the answers do not come from a terminal
    #[arg(long)]
    pub(in crate::cli) interactive: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Block {
    /// The actions, as CA-42
    #[arg(required = true, value_name = "ID")]
    pub(in crate::cli) ids: Vec<ActionId>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,
    /// An action that has to be done first (may be given several times)
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) by: Vec<ActionId>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Confirm {
    /// The actions, as CA-42
    #[arg(required = true, value_name = "ID")]
    pub(in crate::cli) ids: Vec<ActionId>,
    /// Who confirms it, if not you: a name of the configuration or a login. Never the owner
    #[arg(long, value_name = "WHO")]
    pub(in crate::cli) by: Option<String>,
    /// What they looked at
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Waive {
    /// The actions, as CA-42
    #[arg(required = true, value_name = "ID")]
    pub(in crate::cli) ids: Vec<ActionId>,
    /// Why it is not done until then
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,
    /// Who accepts the risk: a name of the configuration or a login
    #[arg(long, value_name = "WHO")]
    pub(in crate::cli) accepted_by: String,
    /// The last day of the waiver, as 2026-05-31; after it the action is open again
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) until: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// What has to be done, in one line
    #[arg(value_name = "TEXT")]
    pub(in crate::cli) text: String,
    /// The report that it belongs to, as IR-7
    #[arg(long, value_name = "IR-n")]
    pub(in crate::cli) report: ReportId,
    /// What explains it
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) description: Option<String>,
    /// Who does it: a name of the configuration or a login
    #[arg(long, value_name = "WHO")]
    pub(in crate::cli) owner: Option<String>,
    /// The promised day, as 2026-05-31; else the policy computes one
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) due: Option<String>,
    /// The area of work; else the words tell it
    #[arg(long, value_name = "CATEGORY")]
    pub(in crate::cli) category: Option<String>,
    /// What it changes; else the words tell it
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) kind: Option<Kind>,
    /// How urgent it is
    #[arg(long, value_name = "PRIORITY", default_value = "medium")]
    pub(in crate::cli) priority: Priority,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Split {
    /// The action, as CA-42
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: ActionId,
    /// What has to be done, part by part: the action goes on as the first
    #[arg(required = true, num_args = 2.., value_name = "TEXT")]
    pub(in crate::cli) parts: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Merge {
    /// The action that goes on, as CA-42
    #[arg(value_name = "ID")]
    pub(in crate::cli) into: ActionId,
    /// The actions that it stands for from now on
    #[arg(required = true, value_name = "ID")]
    pub(in crate::cli) others: Vec<ActionId>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Undo {
    /// The actions, as CA-42; without any, what you did last
    #[arg(value_name = "ID")]
    pub(in crate::cli) ids: Vec<ActionId>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Tick {
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}
