//! Places at which a crash harness lets the process die, as `kill -9` would: nothing is flushed, closed or rolled back.
//!
//! Invariant: only a build for developing has them, and only what `FOLLOWUP_FAILPOINT` names is deadly there. A place stands
//! wherever what is on disk, or at the tracker, has just changed, and wherever it is just about to.

#[cfg(debug_assertions)]
use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

/// Every place, in the order in which a pass comes by.
pub const NAMES: [&str; 56] = [
    // A pass begins.
    "pass.locked",
    "pass.taken_up",
    // What is to be made.
    "publish.intending",
    "publish.intended",
    // Every row.
    "row.chosen",
    "row.moved",
    "row.not_done",
    // The labels of a repository.
    "prepare.sending",
    "prepare.answered",
    "prepare.recording",
    "prepare.recorded",
    // An issue.
    "create.recording_intent",
    "create.sending",
    "create.refused_part",
    "create.answered",
    "create.unanswered",
    "create.recording",
    "create.recorded",
    // A create that got no answer, and issues that the database has forgotten.
    "recover.listed",
    "recover.absent",
    "recover.found",
    "recover.twins",
    "forgotten.listed",
    "forgotten.found",
    // What changed in a repository, on servers without GraphQL.
    "sweep.read",
    "sweep.promoting",
    "sweep.promoted",
    // A look at every issue.
    "observe.fetched",
    "observe.asked_why",
    "observe.recording",
    "observe.recorded",
    "observe.unhinted",
    // What people wrote under them.
    "listen.fetched",
    "listen.recording",
    "listen.recorded",
    // Issues that are not shown.
    "missing.located",
    "missing.noticed",
    "missing.gone",
    "missing.seen_again",
    // A change of an issue.
    "update.fetched",
    "update.sending",
    "update.placed",
    "update.answered",
    "update.recording",
    "update.recorded",
    // The mark of an action that was taken off.
    "unmark.sending",
    "unmark.answered",
    "unmark.recorded",
    // Duplicates that a person wants closed.
    "settle.sending",
    "settle.answered",
    "settle.recorded",
    // The answer to a command in a comment.
    "answer.sending",
    "answer.looked",
    "answer.answered",
    "answer.recording",
    "answer.recorded",
];

/// What is deadly: a place, and how often it is survived before.
#[cfg(debug_assertions)]
#[derive(Debug)]
struct Armed {
    name: String,
    survived: AtomicUsize,
}

#[cfg(debug_assertions)]
static ARMED: OnceLock<Vec<Armed>> = OnceLock::new();

/// Makes places deadly: `create.sending` the first time it is reached, `update.answered:3` the third time; several with
/// commas between them.
#[cfg(debug_assertions)]
pub fn arm(places: &str) {
    let armed = places.split(',').filter_map(|place| {
        let (name, nth) = place.split_once(':').unwrap_or((place, "1"));
        let survived = nth.parse::<usize>().ok()?.checked_sub(1)?;
        Some(Armed { name: name.to_owned(), survived: AtomicUsize::new(survived) })
    });
    // Armed once a process; what is armed later is not.
    ARMED.get_or_init(|| armed.collect());
}

/// Dies here, if this place is deadly.
#[cfg(debug_assertions)]
pub(crate) fn reach(name: &'static str) {
    for armed in ARMED.get().into_iter().flatten().filter(|armed| armed.name == name) {
        if armed.survived.fetch_sub(1, Ordering::Relaxed) == 0 {
            tracing::error!("failpoint {name}");
            std::process::abort();
        }
    }
}

/// Nothing: this is no build for developing.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) fn reach(_: &'static str) {}
