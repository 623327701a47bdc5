//! What follows from the day alone: waivers end, and deadlines that were missed are written down.
//!
//! Invariant: a second tick on the same day changes nothing. Killed anywhere, the next one does the rest: all of a tick is one
//! unit of work.

use chrono::NaiveDate;
use serde::Serialize;

use super::{LifeError, carry_out};
use crate::{
    action::{ActionId, ActorKind, Command, Deadline},
    clock::Clocks,
    store::{Stamp, Store, UnitOfWork},
};

/// Who acts when nobody does.
const SCHEDULER: &str = "followup";

/// What a tick did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ticked {
    /// The actions whose waiver ended: they are open again.
    pub waivers_ended: Vec<ActionId>,
    /// The deadlines that were missed and written down.
    pub breaches: Vec<Missed>,
}

/// A deadline that was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The action.
    pub id: ActionId,
    /// Which deadline.
    pub deadline: Deadline,
    /// The day that ended.
    pub due_on: NaiveDate,
}

impl Ticked {
    /// Whether nothing had to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Does what is due. With `dry_run`, nothing is written.
///
/// # Errors
/// [`LifeError`] when the database does not do it.
pub async fn tick(store: &Store, stamp: &Stamp, clocks: &Clocks, dry_run: bool) -> Result<Ticked, LifeError> {
    let today = clocks.day_of(stamp.at);
    {
        // Most ticks find nothing, and need no turn at writing.
        let mut snapshot = store.read().await?;
        if snapshot.ended_waivers(today).await?.is_empty()
            && snapshot.unrecorded_breaches(today).await?.is_empty()
        {
            return Ok(Ticked::default());
        }
    }
    let stamp = stamp.by(ActorKind::Scheduler, SCHEDULER, stamp.at);
    let mut work = store.begin(&stamp).await?;
    let mut ticked = Ticked::default();
    // What was missed counts before a waiver that ends makes more of it.
    record(&mut work, today, &mut ticked).await?;
    for id in work.ended_waivers(today).await? {
        let action = work.action(id).await?;
        carry_out(&mut work, &stamp, clocks, action, &Command::EndWaiver).await?;
        ticked.waivers_ended.push(id);
    }
    record(&mut work, today, &mut ticked).await?;
    if !dry_run {
        work.commit().await?;
    }
    Ok(ticked)
}

async fn record(work: &mut UnitOfWork, today: NaiveDate, ticked: &mut Ticked) -> Result<(), LifeError> {
    for (id, deadline, due_on) in work.unrecorded_breaches(today).await? {
        work.record_breach(id, deadline, due_on).await?;
        ticked.breaches.push(Missed { id, deadline, due_on });
    }
    Ok(())
}
