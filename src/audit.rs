//! What an auditor asks: whether the history holds, whether it says what the tables say, what it said at some moment, and all of
//! it to take along.
//!
//! Invariants: a check reads one consistent view of the database, a page at a time. Nothing is said on the ground of a history
//! that does not hold. What is written is files outside of the database, and the event that says so.

mod derived;
mod erase;
mod error;
mod export;
mod metrics;
mod past;
mod replay;
mod sample;
mod verify;

pub use erase::{Erasable, Erased, Mentioned, erase, words_about, words_of};
pub use error::AuditError;
pub use export::{
    Counts, EVENT_COLUMNS, ExportFormat, ExportRow, Exported, ExportedFile, Exporter, Manifest,
    ParseExportFormatError, Selection, columns, export, rows,
};
pub use metrics::{Ageing, Because, Kept, Looked, Metrics, Moved, Pace, Repeat, Share, Standing, metrics};
pub use past::{AsOf, IssueName, Mark, Past, Proof, Said, Story, Waived, Words};
pub use replay::{Difference, MOST_DIFFERENCES};
pub use sample::{Dated, Drawn, Population, Sample, lot, sample};
pub use verify::{Checkpoint, FirstBad, ParseCheckpointError, Verdict, checkpoint, verify};
