//! What the history says of every report and action at some moment: not what the tables say now.
//!
//! Invariants: it follows from the events alone, one after the other, so that anybody can follow it from an export. Nothing is
//! said on the ground of a history that does not hold, or that the tables contradict.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::{AuditError, Checkpoint, verify::read_through};
use crate::{
    action::{ActionId, ActorKind, ReportId, State, Subject, is_personal},
    store::{EventRow, FIRST_HASH, SaltedText, Snapshot},
};

/// The words of people in an event, by name.
pub(super) type Texts = BTreeMap<String, SaltedText>;

/// The moment that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// What was written down until then counts.
    pub moment: DateTime<Utc>,
    /// Whether it is a moment of a fixed clock: then what was made under one counts from its effective time.
    pub is_fixed: bool,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When it took effect.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: String,
    /// What kind of actor that is.
    pub by_kind: ActorKind,
    /// The number of the event.
    pub event: i64,
}

/// Somebody's words, as far as they are still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// Nothing was said.
    None,
    /// They were erased.
    Erased,
    /// What was said.
    Said(String),
}

impl Words {
    fn of(texts: &Texts, name: &str) -> Self {
        match texts.get(name) {
            None => Self::None,
            Some(SaltedText { value: None, .. }) => Self::Erased,
            Some(SaltedText { value: Some(text), .. }) => Self::Said(text.clone()),
        }
    }
}

/// The issue of an action, as its events name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueName {
    /// The tracker, as `github`.
    pub tracker: String,
    /// The repository.
    pub repo: String,
    /// Its number.
    pub number: i64,
    /// Its address.
    pub url: String,
}

/// What shows that an action was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Its number.
    pub id: i64,
    /// The action.
    pub action: ActionId,
    /// What it is.
    pub kind: String,
    /// Its address.
    pub url: String,
    /// Its own day.
    pub dated_on: Option<NaiveDate>,
    /// What its content is known by.
    pub digest: Option<String>,
    /// What was said of it.
    pub note: Words,
    /// Who added it.
    pub added: Mark,
}

/// A decision not to act for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The action.
    pub action: ActionId,
    /// Who wrote it down.
    pub granted: Mark,
    /// Who accepted the risk.
    pub accepted_by: Words,
    /// Why.
    pub reason: Words,
    /// Its last day.
    pub until: Option<NaiveDate>,
    /// How it ended: the kind of the event.
    pub ended: Option<(Mark, String)>,
}

/// What the history says of one action or report.
#[derive(Debug, Default)]
pub struct Story {
    /// The columns by the numbers of their names; nothing for what was erased.
    columns: Vec<(u16, Option<Value>)>,
    /// When it came in.
    pub proposed: Option<Mark>,
    /// When somebody took it on.
    pub accepted: Option<Mark>,
    /// When it first had an owner.
    pub assigned_at: Option<DateTime<Utc>>,
    /// When work first began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was done last.
    pub done: Option<Mark>,
    /// When it was verified last.
    pub verified: Option<Mark>,
    /// When its day was moved last, and why.
    pub moved: Option<(Mark, Words)>,
    /// When somebody began to owe it, and when nobody did any more.
    pub owed: Vec<(DateTime<Utc>, bool)>,
    /// Further reports that ask for it.
    pub also_of: Vec<ReportId>,
    /// How often it was taken up again after it was finished or dropped.
    pub reopened: i64,
    /// Its issue.
    pub issue: Option<IssueName>,
    /// The last event about it.
    pub last: Option<Mark>,
    /// The hash of that.
    pub last_hash: String,
}

/// The names of columns, so that each is kept once.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<String, u16>,
}

impl Names {
    fn number(&mut self, name: &str) -> u16 {
        match self.numbers.get(name) {
            Some(number) => *number,
            None => {
                let next = u16::try_from(self.numbers.len()).unwrap_or(u16::MAX);
                self.numbers.insert(name.to_owned(), next);
                next
            }
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said<'a> {
    /// No event says anything of it.
    Nothing,
    /// It was erased.
    Erased,
    /// It holds this.
    Value(&'a Value),
}

impl<'a> Said<'a> {
    /// The text, where it is one.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Value(value) => value.as_str(),
            Self::Nothing | Self::Erased => None,
        }
    }

    /// What the text means, where it means something.
    #[must_use]
    pub fn read<T: std::str::FromStr>(self) -> Option<T> {
        self.text().and_then(|text| text.parse().ok())
    }
}

/// What the history said at some moment.
#[derive(Debug)]
pub struct Past {
    /// Where the history ended.
    pub end: Checkpoint,
    /// The actions, by their numbers.
    pub actions: BTreeMap<ActionId, Story>,
    /// The reports, by their numbers.
    pub reports: BTreeMap<ReportId, Story>,
    /// What shows that actions were done, in the order in which it was added.
    pub proofs: Vec<Proof>,
    /// The waivers, in the order in which they were granted.
    pub waivers: Vec<Waived>,
    /// Those that did not end.
    open_waivers: HashMap<ActionId, usize>,
    names: Names,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            end: Checkpoint { events: 0, head: FIRST_HASH.to_owned() },
            actions: BTreeMap::new(),
            reports: BTreeMap::new(),
            proofs: Vec::new(),
            waivers: Vec::new(),
            open_waivers: HashMap::new(),
            names: Names::default(),
        }
    }
}

/// The columns that an event sets, with what it says of them; nothing for what was erased.
pub(super) fn columns_of<'a>(
    payload: &'a Value,
    texts: &'a Texts,
) -> impl Iterator<Item = (&'a str, Option<Value>)> {
    let was = payload["was"].as_object();
    // What stands in an event beside the columns that changed has no value before.
    let is_column = move |name: &str| was.is_some_and(|was| was.contains_key(name)) || is_personal(name);
    let set = payload["set"].as_object().into_iter().flatten();
    let set = set
        .filter(move |(name, _)| is_column(name))
        .map(|(name, value)| (name.as_str(), Some(value.clone())));
    set.chain(texts.iter().map(|(name, text)| (name.as_str(), text.value.clone().map(Value::String))))
}

impl Past {
    /// Reads the whole history, checks it, and takes in what was known at `as_of`; `visit` sees each event that counts.
    ///
    /// # Errors
    /// [`AuditError`] when the history does not hold, nothing was known then, or `visit` fails.
    pub async fn read(
        snapshot: &mut Snapshot,
        as_of: Option<AsOf>,
        visit: &mut (dyn FnMut(&Self, &EventRow, &Texts) -> Result<(), AuditError> + Send),
    ) -> Result<Self, AuditError> {
        let last = match as_of {
            Some(as_of) => match snapshot.known_at(as_of.moment, as_of.is_fixed).await? {
                Ok(last) => last,
                Err(None) => return Err(AuditError::Empty),
                Err(Some(first)) => return Err(AuditError::Nothing { asked: as_of.moment, first }),
            },
            None => i64::MAX,
        };
        let mut past = Self::default();
        let verdict = read_through(snapshot, &[], &mut |event, payload, texts| {
            if event.seq > last {
                return Ok(());
            }
            past.take(event, payload, texts);
            visit(&past, event, texts)
        })
        .await?;
        if let Some(bad) = verdict.first_bad {
            return Err(AuditError::Broken(bad));
        }
        if let Some(found) = verdict.differences.first() {
            return Err(AuditError::Differs(format!("the {} of {}", found.column, found.id)));
        }
        Ok(past)
    }

    /// What a column of a story holds.
    #[must_use]
    pub fn said<'a>(&self, story: &'a Story, column: &str) -> Said<'a> {
        let Some(number) = self.names.numbers.get(column) else { return Said::Nothing };
        match story.columns.iter().find(|(name, _)| name == number) {
            None => Said::Nothing,
            Some((_, None)) => Said::Erased,
            Some((_, Some(value))) => Said::Value(value),
        }
    }

    /// The report that asked for an action.
    #[must_use]
    pub fn report_of(&self, story: &Story) -> Option<ReportId> {
        self.said(story, "report_id").read()
    }

    fn take(&mut self, event: &EventRow, payload: &Value, texts: &Texts) {
        self.end = Checkpoint { events: event.seq, head: event.hash.clone() };
        let mark =
            Mark { at: event.at, by: event.actor.clone(), by_kind: event.actor_kind, event: event.seq };
        let Ok(subject) = event.subject.parse::<Subject>() else { return };
        let story = match subject {
            Subject::Action(id) => self.actions.entry(id).or_default(),
            Subject::Report(id) => self.reports.entry(id).or_default(),
        };
        story.last = Some(mark.clone());
        story.last_hash.clone_from(&event.hash);
        if story.proposed.is_none() {
            story.proposed = Some(mark.clone());
        }
        if let Subject::Action(id) = subject {
            if event.kind == "evidence.added" {
                self.proofs.extend(proof(id, payload, texts, mark));
                return;
            }
            let further = payload["set"]["report"].as_str().and_then(|report| report.parse().ok());
            match (event.kind.as_str(), further) {
                ("action.report_added", Some(report)) => story.also_of.push(report),
                ("action.report_removed", Some(report)) => story.also_of.retain(|other| *other != report),
                _ => story.follow(payload, texts, &mark),
            }
            self.follow_waiver(id, event, payload, texts, &mark);
        }
        let story = match subject {
            Subject::Action(id) => self.actions.entry(id).or_default(),
            Subject::Report(id) => self.reports.entry(id).or_default(),
        };
        story.follow_issue(&event.kind, payload);
        for (name, value) in columns_of(payload, texts) {
            // What somebody said about it is no column of it.
            if matches!(name, "reason" | "note") {
                continue;
            }
            let number = self.names.number(name);
            match story.columns.iter_mut().find(|(column, _)| *column == number) {
                Some((_, before)) => *before = value,
                None => story.columns.push((number, value)),
            }
        }
    }

    fn follow_waiver(&mut self, id: ActionId, event: &EventRow, payload: &Value, texts: &Texts, mark: &Mark) {
        let (set, was) = (&payload["set"], &payload["was"]);
        let ends = was["state"] == "waived";
        let is_renewed = self.open_waivers.contains_key(&id) && set["waived_until"].is_string();
        if (ends || is_renewed)
            && let Some(open) = self.open_waivers.remove(&id)
        {
            self.waivers[open].ended = Some((mark.clone(), event.kind.clone()));
        }
        if set["state"] == "waived" || is_renewed {
            self.open_waivers.insert(id, self.waivers.len());
            self.waivers.push(Waived {
                action: id,
                granted: mark.clone(),
                accepted_by: Words::of(texts, "waived_by"),
                reason: Words::of(texts, "waiver_reason"),
                until: set["waived_until"].as_str().and_then(|day| day.parse().ok()),
                ended: None,
            });
        }
    }
}

impl Story {
    /// What follows from an event beside the columns that it sets.
    fn follow(&mut self, payload: &Value, texts: &Texts, mark: &Mark) {
        let (set, was) = (&payload["set"], &payload["was"]);
        let state = |value: &Value| value.as_str().and_then(|state| state.parse::<State>().ok());
        if let Some(now) = state(&set["state"]) {
            let before = state(&was["state"]);
            if before.is_some_and(State::is_active) != now.is_active() {
                self.owed.push((mark.at, now.is_active()));
            }
            if before == Some(State::Proposed) && now != State::Dropped {
                self.accepted = Some(mark.clone());
            }
            match now {
                State::InProgress if self.started_at.is_none() => self.started_at = Some(mark.at),
                State::Done => self.done = Some(mark.clone()),
                State::Verified => self.verified = Some(mark.clone()),
                State::Open | State::InProgress
                    if matches!(before, Some(State::Done | State::Verified | State::Dropped)) =>
                {
                    self.reopened += 1;
                }
                _ => {}
            }
        }
        if self.assigned_at.is_none() && texts.contains_key("owner") {
            self.assigned_at = Some(mark.at);
        }
        if set.get("due_moves").is_some() && was.get("due_on").is_some_and(|day| !day.is_null()) {
            self.moved = Some((mark.clone(), Words::of(texts, "reason")));
        }
    }

    fn follow_issue(&mut self, kind: &str, payload: &Value) {
        let text = |name: &str| payload["set"][name].as_str().unwrap_or_default().to_owned();
        match kind {
            "issue.created" | "issue.adopted" | "issue.linked" => {
                self.issue = Some(IssueName {
                    tracker: text("tracker"),
                    repo: text("repo"),
                    number: payload["set"]["number"].as_i64().unwrap_or_default(),
                    url: text("url"),
                });
            }
            "issue.unlinked" => self.issue = None,
            "issue.moved" => {
                if let (Some(issue), Some((repo, number))) = (&mut self.issue, text("to").rsplit_once('#')) {
                    // The address follows from the name where both are on the same host.
                    let old = format!("{}/issues/{}", issue.repo, issue.number);
                    issue.url = issue.url.replace(&old, &format!("{repo}/issues/{number}"));
                    issue.repo = repo.to_owned();
                    issue.number = number.parse().unwrap_or(issue.number);
                }
            }
            _ => {}
        }
    }
}

fn proof(action: ActionId, payload: &Value, texts: &Texts, added: Mark) -> Option<Proof> {
    let evidence = &payload["set"]["evidence"];
    let text = |name: &str| evidence[name].as_str().map(str::to_owned);
    Some(Proof {
        id: evidence["id"].as_i64()?,
        action,
        kind: text("kind").unwrap_or_default(),
        url: text("url").unwrap_or_default(),
        dated_on: text("dated_on").and_then(|day| day.parse().ok()),
        digest: text("digest"),
        note: Words::of(texts, "note"),
        added,
    })
}
