//! What an auditor asks: whether the history holds, whether it says what the tables say, and what it says.
//!
//! Invariant: nothing here writes; a check reads one consistent view of the database, a page at a time.

mod replay;
mod verify;

pub use replay::{Difference, MOST_DIFFERENCES};
pub use verify::{Checkpoint, FirstBad, ParseCheckpointError, Verdict, checkpoint, verify};
