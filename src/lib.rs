//! Followup makes sure that what an incident report promised gets done.
//!
//! It reads the report, files each corrective action as an issue in the team's tracker, keeps both sides in step, says
//! what is overdue, and keeps the history that shows afterwards what was done, when and by whom.
//!
//! The map of the house:
//!
//! * [`action`] is the domain: ids, the state machine, deadlines, commands, events. No I/O.
//! * [`audit`] checks the history that shows afterwards what was done.
//! * [`policy`] computes deadlines from the configuration. No I/O.
//! * [`source`] fetches reports from wherever they are: files, the web, issues.
//! * [`intake`] turns a read report into actions. No I/O. The reader itself is the crate `incident_report`.
//! * [`import`] and [`life`] are the two ways in which people change the database: a report comes in, a command is given.
//! * [`sync`] keeps actions and issues in step; it is the heart.
//! * [`tracker`] is the port to issue trackers, with its adapters.
//! * [`store`] is the database, and the only place with SQL.
//! * [`webhook`] takes in what GitHub says by itself: hints at issues to look at.
//! * [`view`] is an action as programs see it; [`sheet`] is what spreadsheets must not take for a formula.
//! * [`cli`] is the command line; [`config`], [`clock`] and [`telemetry`] are what it stands on.
//! * [`failpoint`] is for the crash harness, and empty in a release.
//!
//! A change flows one way: a command → one unit of work (change, event, outbox row) → commit → [`sync`] derives from the
//! state what has to be sent, sends it, and records what became of it.

pub mod action;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod failpoint;
pub mod import;
pub mod intake;
pub mod life;
pub mod policy;
pub mod sheet;
pub mod source;
pub mod store;
pub mod sync;
pub mod telemetry;
pub mod tracker;
pub mod view;
pub mod webhook;
