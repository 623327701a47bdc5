//! Taking back what somebody did.
//!
//! Invariant: only the newest change of an action is taken back, so that nothing that came after it is lost; it is one more event,
//! and the history keeps both. What somebody did last is taken back for all actions that it was done to, or for none, and never
//! what another did to them since.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::{LifeError, Outcome, carry_out};
use crate::{
    action::{Action, ActionId, ActorKind, Command, Refusal, Subject, is_personal},
    clock::Clocks,
    store::{EventRow, Snapshot, Stamp, Store, StoreError, UnitOfWork},
};

/// What people do to actions and can take back.
const UNDOABLE: &[&str] = &[
    "action.accepted",
    "action.declined",
    "action.assigned",
    "action.edited",
    "action.due_moved",
    "action.started",
    "action.blocked",
    "action.unblocked",
    "action.done",
    "action.verified",
    "action.rejected",
    "action.waived",
    "action.merged",
    "action.dropped",
    "action.reopened",
];

/// How many events of one person are looked through for one that can be taken back.
const MOST_EVENTS: i64 = 500;

/// Takes back the newest change of each of `ids`; of none, what the acting person did last, to however many actions.
///
/// # Errors
/// [`LifeError`] when there is nothing to take back, or something else happened since; then nothing is changed.
pub async fn undo(
    store: &Store,
    stamp: &Stamp,
    clocks: &Clocks,
    ids: &[ActionId],
) -> Result<Vec<Outcome>, LifeError> {
    let mut work = store.begin(stamp).await?;
    let meant = match ids {
        [] => last_of(&mut work, &stamp.actor.name).await?,
        ids => ids.iter().map(|id| (*id, None)).collect(),
    };
    let mut outcomes = Vec::with_capacity(meant.len());
    for (id, event) in meant {
        outcomes.push(take_back(&mut work, stamp, clocks, id, event).await?);
    }
    work.commit().await?;
    Ok(outcomes)
}

/// The events that later ones took back, and those later ones.
fn taken_back<'a>(events: impl Iterator<Item = &'a EventRow>) -> HashSet<i64> {
    let pairs = events.filter(|event| event.kind == "action.undone").map(|event| {
        let undone = payload(event)["set"]["undone"].as_i64();
        [Some(event.seq), undone]
    });
    pairs.flatten().flatten().collect()
}

/// The actions that somebody changed last, by one command, each with the event that did it.
async fn last_of(work: &mut UnitOfWork, actor: &str) -> Result<Vec<(ActionId, Option<i64>)>, LifeError> {
    let events = work.events_by(actor, ActorKind::User, MOST_EVENTS).await?;
    let gone = taken_back(events.iter());
    let mut open =
        events.iter().filter(|event| !gone.contains(&event.seq) && UNDOABLE.contains(&event.kind.as_str()));
    let Some(last) = open.next() else {
        return Err(LifeError::NothingToUndo(actor.to_owned()));
    };
    let together = payload(last)["set"]["together"].clone();
    let others =
        open.take_while(|event| together.is_string() && payload(event)["set"]["together"] == together);
    let changes = [last].into_iter().chain(others);
    let mut meant: Vec<_> =
        changes.filter_map(|event| Some((event.subject.parse().ok()?, Some(event.seq)))).collect();
    meant.sort_unstable();
    Ok(meant)
}

/// Takes back the newest change of one action, which has to be `event` where that is given.
async fn take_back(
    work: &mut UnitOfWork,
    stamp: &Stamp,
    clocks: &Clocks,
    id: ActionId,
    event: Option<i64>,
) -> Result<Outcome, LifeError> {
    let refused = |refusal| LifeError::Refused { id, refusal };
    let action = work.action(id).await?;
    let events = work.events_about(Subject::Action(id)).await?;
    let gone = taken_back(events.iter());
    // That a day was missed changes nothing of the action, and stays.
    let about_it = |event: &&EventRow| {
        event.kind.starts_with("action.") && event.kind != "action.breached" && !gone.contains(&event.seq)
    };
    let Some(last) = events.iter().rev().find(about_it) else { return Err(refused(Refusal::NothingToUndo)) };
    if event.is_some_and(|event| event != last.seq) {
        return Err(refused(Refusal::ChangedSince { kind: last.kind.clone(), actor: last.actor.clone() }));
    }
    if last.actor_kind != ActorKind::User {
        return Err(refused(Refusal::NotOurs { kind: last.kind.clone(), actor: last.actor.clone() }));
    }
    if !UNDOABLE.contains(&last.kind.as_str()) {
        return Err(refused(Refusal::NotUndoable { kind: last.kind.clone(), hint: instead(&last.kind) }));
    }
    if last.kind == "action.accepted" && work.link_of(id).await?.is_some() {
        let hint = "it has an issue by now; `followup drop` says that it will not be done";
        return Err(refused(Refusal::NotUndoable { kind: last.kind.clone(), hint }));
    }
    let before = before(work, &action, &events, last).await?;
    let command = Command::Undo { before: Box::new(before), event: last.seq };
    carry_out(work, stamp, clocks, action, &command).await
}

/// What to do instead of taking back what cannot be.
fn instead(kind: &str) -> &'static str {
    match kind {
        "action.proposed" => "`followup decline` refuses a proposed action",
        _ => "set right by hand what is wrong; `followup show` has the history",
    }
}

/// The action as it was before `last`: what that event changed has the values that it had.
async fn before(
    snapshot: &mut Snapshot,
    action: &Action,
    events: &[EventRow],
    last: &EventRow,
) -> Result<Action, LifeError> {
    let changed = payload(last);
    let texts = snapshot.event_texts(last.seq).await?;
    let was = changed["was"].as_object().cloned().unwrap_or_default();
    let removed = changed["set"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let words: Vec<&str> =
        texts.keys().map(String::as_str).chain(removed).filter(|name| is_personal(name)).collect();
    // An event keeps no words that it replaced: they stand in the one that brought them.
    let mut earlier: BTreeMap<String, Value> = BTreeMap::new();
    let mut erased: HashSet<String> = HashSet::new();
    for event in events.iter().filter(|event| event.seq < last.seq) {
        for (name, text) in snapshot.event_texts(event.seq).await? {
            if text.value.is_none() {
                erased.insert(name.clone());
            } else {
                erased.remove(&name);
            }
            earlier.insert(name, text.value.into());
        }
        let set = payload(event)["set"].as_object().cloned().unwrap_or_default();
        earlier.extend(set.into_iter().filter(|(name, _)| is_personal(name)));
    }
    if words.iter().any(|name| erased.contains(*name)) {
        let hint = "the words that it replaced were erased; say what is right instead";
        let refusal = Refusal::NotUndoable { kind: last.kind.clone(), hint };
        return Err(LifeError::Refused { id: action.id, refusal });
    }
    let broken = |why: String| StoreError::Inconsistent(format!("event {}: {why}", last.seq));
    let Ok(Value::Object(mut columns)) = serde_json::to_value(action) else {
        return Err(broken("the action is not an object".to_owned()).into());
    };
    let mut put = |name: &str, value: Value| {
        if let Some(column) = columns.get_mut(name) {
            *column = value;
        }
    };
    for (name, value) in was {
        put(&name, value);
    }
    for name in words {
        put(name, earlier.get(name).cloned().unwrap_or(Value::Null));
    }
    serde_json::from_value(Value::Object(columns)).map_err(|error| broken(error.to_string()).into())
}

fn payload(event: &EventRow) -> Value {
    serde_json::from_str(&event.payload).unwrap_or_else(|_| Value::Object(Map::new()))
}
