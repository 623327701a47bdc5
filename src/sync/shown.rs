//! What of an action and its report an issue shows: their words, without what is not for everybody.
//!
//! Invariants: pure. What a person decided counts before the configuration, and only for the very text that was decided
//! about; what nobody decided about is published unless the configuration says so. No text that was found is kept: a
//! finding is told by its class and a keyed digest.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    agreed::Wanted,
    body,
    engine::{About, Engine},
    marker,
    sensitive::{Found, find, redact},
};
use crate::{
    action::{Action, Disclosed, NewEvent, Report, Sensitive, Subject},
    config::{OnSensitive, Publish},
    store::{Disclosure, Identity, Snapshot, StoreError},
};

/// What becomes of something that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// Nothing is published until a person decides.
    Stops,
    /// Something else stands in its place.
    Redacted,
    /// It is published.
    AsWritten,
}

/// Something in a text that is not for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where it stands, as `title`.
    pub place: &'static str,
    /// Of which class it is.
    pub class: Sensitive,
    /// What it looks like, as `an e-mail address`.
    pub what: &'static str,
    /// What tells it from others; the same text has the same in this database, and another one elsewhere.
    pub digest: String,
    /// What becomes of it.
    pub becomes: Becomes,
}

/// How many texts of a class were replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Redacted {
    class: Sensitive,
    count: usize,
    digests: Vec<String>,
}

/// An action and its report as an issue shows them.
pub(super) struct Shown {
    pub(super) report: Report,
    /// Nothing for a parent.
    pub(super) action: Option<Action>,
    /// What identifies it in any database that read the same report, from the words as they were read.
    pub(super) fingerprint: String,
    pub(super) findings: Vec<Finding>,
}

/// The places of a text that all issues of a report have in common.
const OF_REPORT: [&str; 2] = ["title of its report", "root cause"];

/// One look through the texts.
struct Look<'a> {
    identity: &'a Identity,
    rules: &'a Publish,
    decided: BTreeMap<&'a str, Disclosed>,
    findings: Vec<Finding>,
}

impl Look<'_> {
    fn through(&mut self, place: &'static str, text: &mut String) {
        // What stands beside something that was replaced can look like something of its own then.
        while self.once(place, text) {}
    }

    /// Whether something was replaced. What stays is told by the look that replaces nothing any more.
    fn once(&mut self, place: &'static str, text: &mut String) -> bool {
        let found = find(text);
        let judged: Vec<Finding> = found
            .iter()
            .map(|one| {
                let digest = digest_of(self.identity, one.class, &text[one.at.clone()]);
                let becomes = self.becomes(one.class, &digest);
                Finding { place, class: one.class, what: one.what, digest, becomes }
            })
            .collect();
        let is_redacted = |becomes: Becomes| becomes == Becomes::Redacted;
        let replaced: Vec<Found> = found
            .into_iter()
            .zip(&judged)
            .filter(|(_, finding)| is_redacted(finding.becomes))
            .map(|(one, _)| one)
            .collect();
        *text = redact(text, &replaced);
        let is_through = replaced.is_empty();
        self.findings.extend(judged.into_iter().filter(|one| is_through || is_redacted(one.becomes)));
        !is_through
    }

    fn becomes(&self, class: Sensitive, digest: &str) -> Becomes {
        let rule = match class {
            Sensitive::Secret => self.rules.secrets,
            Sensitive::Email => self.rules.emails,
            Sensitive::PrivateAddress => self.rules.private_addresses,
        };
        match (self.decided.get(digest), rule) {
            (Some(Disclosed::Redacted), _) | (None, OnSensitive::Redact) => Becomes::Redacted,
            (Some(Disclosed::AsWritten), _) | (None, OnSensitive::Allow) => Becomes::AsWritten,
            (None, OnSensitive::Stop) => Becomes::Stops,
        }
    }
}

/// A digest that tells a text from others and cannot be made without the key of the database.
fn digest_of(identity: &Identity, class: Sensitive, text: &str) -> String {
    // Addresses are the same in capitals.
    let text = if class == Sensitive::Secret { text.to_owned() } else { text.to_lowercase() };
    marker::sign(identity, &format!("disclosure|{class}|{text}"))
}

impl Shown {
    /// What `rules` and what was `decided` leave of the words of an action and its report.
    pub(super) fn new(about: &About, rules: &Publish, identity: &Identity, decided: &[Disclosure]) -> Self {
        let fingerprint = match &about.action {
            Some(action) => body::fingerprint_of(action, &about.report),
            None => body::fingerprint(&about.report, ""),
        };
        let (mut report, mut action) = (about.report.clone(), about.action.clone());
        let decided = decided.iter().map(|one| (one.digest.as_str(), one.decision)).collect();
        let mut look = Look { identity, rules, decided, findings: Vec::new() };
        if let Some(action) = &mut action {
            look.through("title", &mut action.title);
            if let Some(text) = &mut action.description {
                look.through("description", text);
            }
            if let Some(text) = &mut action.section {
                look.through("heading", text);
            }
            look.through("quote", &mut action.quote);
            if let Some(text) = &mut action.owner {
                look.through("owner", text);
            }
            for text in [&mut action.waived_by, &mut action.waiver_reason].into_iter().flatten() {
                look.through("waiver", text);
            }
        }
        let is_parent = action.is_none();
        look.through(if is_parent { "title" } else { OF_REPORT[0] }, &mut report.title);
        if let Some(text) = report.root_cause.as_mut().filter(|_| is_parent) {
            look.through(OF_REPORT[1], text);
        }
        Self { report, action, fingerprint, findings: look.findings }
    }

    /// Why it must not be published, and the command that decides; nothing where it may.
    pub(super) fn stop(&self, of: Words) -> Option<(String, String)> {
        let stops = |finding: &&Finding| finding.becomes == Becomes::Stops && of.has(finding.place);
        let stopping: Vec<&Finding> = self.findings.iter().filter(stops).collect();
        let mut places: Vec<&str> = stopping.iter().map(|finding| finding.place).collect();
        places.dedup();
        places.first()?;
        let id = match &self.action {
            // Decided once for all of its actions.
            Some(action) if !places.iter().all(|place| OF_REPORT.contains(place)) => action.id.to_string(),
            _ => self.report.id.to_string(),
        };
        let held = held(&stopping, &places);
        let is_gone = self.action.as_ref().is_some_and(|action| action.vanished);
        let source = match is_gone {
            true => "; its report no longer has it".to_owned(),
            false => format!(", or take it out of {} and import that again", self.report.source),
        };
        let what = format!("{held}; redact it, let it pass with `--as-written --reason TEXT`{source}");
        Some((what, format!("followup disclose {id} --redacted")))
    }

    /// The event that says that it was published, with what was replaced in it.
    pub(super) fn noted(&self, event: NewEvent) -> NewEvent {
        let redacted = self.redacted();
        if redacted.is_empty() {
            return event;
        }
        event.with("redacted", serde_json::to_value(redacted).unwrap_or_default())
    }

    /// What was replaced, by class.
    fn redacted(&self) -> Vec<Redacted> {
        let of_class = |class: &Sensitive| {
            let digests = self.findings.iter().filter(|one| one.becomes == Becomes::Redacted);
            let mut digests: Vec<String> =
                digests.filter(|one| one.class == *class).map(|one| one.digest.clone()).collect();
            let count = digests.len();
            digests.sort_unstable();
            digests.dedup();
            (count > 0).then_some(Redacted { class: *class, count, digests })
        };
        Sensitive::ALL.iter().filter_map(of_class).collect()
    }
}

/// What was found and where, in one sentence without its end.
fn held(found: &[&Finding], places: &[&str]) -> String {
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for place in places {
        let mut what: Vec<&str> =
            found.iter().filter(|one| one.place == *place).map(|one| one.what).collect();
        what.sort_unstable();
        what.dedup();
        match groups.iter_mut().find(|(_, other)| *other == what) {
            Some((places, _)) => places.push(place),
            None => groups.push((vec![place], what)),
        }
    }
    let told = groups.iter().map(|(places, what)| {
        let looks = if places.len() == 1 { "looks like it holds" } else { "look like they hold" };
        format!("its {} {looks} {}", places.join(" and "), what.join(" and "))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Which words of an issue are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// All of them.
    All,
    /// Those of the title.
    Title,
    /// None.
    None,
}

impl Words {
    fn has(self, place: &str) -> bool {
        match self {
            Self::All => true,
            Self::Title => place == "title",
            Self::None => false,
        }
    }
}

impl Engine {
    /// What an issue shows of an action or a report.
    pub(super) async fn shown(&self, snapshot: &mut Snapshot, about: &About) -> Result<Shown, StoreError> {
        shown(snapshot, about, &self.settings.publish, &self.identity).await
    }

    /// What we want of the issue of an action.
    pub(super) async fn wanted(
        &self,
        snapshot: &mut Snapshot,
        action: &Action,
        report: &Report,
        max_title: usize,
    ) -> Result<Wanted, StoreError> {
        if find(&action.title).is_empty() {
            return Ok(Wanted::of(action, max_title));
        }
        let about = About { report: report.clone(), action: Some(action.clone()) };
        let shown = self.shown(snapshot, &about).await?;
        Ok(Wanted::of(shown.action.as_ref().unwrap_or(action), max_title))
    }
}

/// The same without an engine.
pub(super) async fn shown(
    snapshot: &mut Snapshot,
    about: &About,
    rules: &Publish,
    identity: &Identity,
) -> Result<Shown, StoreError> {
    let shown = Shown::new(about, rules, identity, &[]);
    if shown.findings.is_empty() {
        return Ok(shown);
    }
    let report = Subject::Report(about.report.id);
    let own = about.action.as_ref().map_or(report, |action| Subject::Action(action.id));
    let mut decided = snapshot.disclosures_of(report).await?;
    if own != report {
        // What was decided about the action itself counts before what was decided about all of its report.
        decided.extend(snapshot.disclosures_of(own).await?);
    }
    Ok(Shown::new(about, rules, identity, &decided))
}
