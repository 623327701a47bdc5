//! One transaction that changes something: the change, its event, and what has to be sent because of it.
//!
//! Invariant: all of it becomes visible together at [`UnitOfWork::commit`], or nothing of it does. No tracker is
//! called between `begin` and `commit`.

use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
};

use chrono::{DateTime, Utc};

use super::{Snapshot, StoreError, events::Head};
use crate::action::{Actor, ActorKind};

/// What every event of a unit of work says about where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Who caused it.
    pub actor: Actor,
    /// The effective time.
    pub at: DateTime<Utc>,
    /// The real time.
    pub recorded_at: DateTime<Utc>,
    /// The user of the operating system.
    pub os_user: String,
    /// Whether the effective time came from a fixed clock.
    pub fixed_clock: bool,
}

impl Stamp {
    /// The same, caused by somebody else at another moment.
    #[must_use]
    pub fn by(&self, kind: ActorKind, name: &str, at: DateTime<Utc>) -> Self {
        let declared = self.actor.declared && name == self.actor.name;
        Self { actor: Actor { name: name.to_owned(), kind, declared }, at, ..self.clone() }
    }

    /// The stamp of the transaction that gives a new database its identity; it writes no event.
    pub(super) fn of_import_at_opening() -> Self {
        Self {
            actor: Actor { name: String::new(), kind: ActorKind::Import, declared: false },
            at: DateTime::UNIX_EPOCH,
            recorded_at: DateTime::UNIX_EPOCH,
            os_user: String::new(),
            fixed_clock: false,
        }
    }
}

/// An open transaction that may write. It can read what a [`Snapshot`] can.
#[derive(Debug)]
pub struct UnitOfWork {
    snapshot: Snapshot,
    pub(super) stamp: Stamp,
    /// The end of the chain as this unit of work moved it.
    pub(super) head: Option<Head>,
    /// The numbers that this unit of work took, by their counter.
    pub(super) counters: HashMap<&'static str, i64>,
}

impl UnitOfWork {
    pub(super) fn new(snapshot: Snapshot, stamp: Stamp) -> Self {
        Self { snapshot, stamp, head: None, counters: HashMap::new() }
    }

    /// Lets the following events be caused by somebody else.
    pub fn stamped(&mut self, stamp: Stamp) -> &mut Self {
        self.stamp = stamp;
        self
    }

    /// Makes all of it visible and durable.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable; nothing of it is visible then.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.store_head().await?;
        self.store_counters().await?;
        self.snapshot.commit().await
    }
}

impl Deref for UnitOfWork {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl DerefMut for UnitOfWork {
    fn deref_mut(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }
}
