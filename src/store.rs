//! The database: SQLite in one file by default, PostgreSQL by URL. The only SQL of the crate.
//!
//! Invariants:
//! * A write is a method of [`UnitOfWork`], which owns its transaction, so a write outside one cannot be typed.
//! * One SQL text serves both databases: the compiler checks it against SQLite, and the tests run it on both.
//! * Nothing here waits for the network of a tracker, and no transaction is open while somebody else does.
//! * Times come from Rust, in UTC and whole seconds.

mod action_reports;
mod actions;
mod answers;
mod breaches;
mod conflicts;
mod credentials;
mod cursors;
mod database;
mod deliveries;
mod disclosures;
mod erase;
mod error;
mod events;
mod evidence;
mod history;
mod links;
mod local_issues;
mod log;
mod open;
mod outbox;
mod publisher;
mod reports;
mod settings;
mod unit_of_work;

pub use action_reports::AskedBy;
pub use actions::Listed;
pub use answers::{Answer, AnswerOutcome};
pub use breaches::Breach;
pub use conflicts::{Conflict, NewConflict};
pub use credentials::Credential;
pub use cursors::Cursor;
pub use database::Snapshot;
pub use deliveries::Delivery;
pub use disclosures::Disclosure;
pub use erase::ERASED;
pub use error::StoreError;
pub use events::{EventRow, FIRST_HASH, SaltedText, canonical, hash_of, text_digest};
pub use evidence::Evidence;
pub use links::{Elsewhere, Link, LinkStatus, MissingAs, NewLink, Repository};
pub use local_issues::LocalIssue;
pub use log::{EventFilter, LoggedEvent};
pub use open::{Access, Location, Store};
pub use outbox::{OutboxKind, OutboxRow, OutboxState};
pub use publisher::PublisherLock;
pub use reports::{NewReport, ReportName};
pub use settings::Identity;
pub use unit_of_work::{Stamp, UnitOfWork};
