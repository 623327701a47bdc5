//! Which report of the database one that comes in is.
//!
//! Invariant: the same text is the same report, wherever it lies. Otherwise it takes two things out of four: the place
//! it was read from, the title, the day of the incident, and the actions; and what still stands somewhere else, or tells
//! of another day, is another report, because "Postmortem" is a common title and a template a common beginning. What was
//! extracted from a report says so, and is that report when it has its actions.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::OnceLock,
};

use chrono::NaiveDate;

use super::Source;
use crate::{
    action::{Report, ReportId},
    intake::{self, Draft},
    store::{ReportName, StoreError, UnitOfWork},
};

/// How much of the actions has to be there word for word to speak for the same report.
const SAME_ACTIONS: f64 = 0.5;

/// With less than this, a file that tells of another day holds another report by now.
const SOME_ACTIONS: f64 = 0.3;

/// What a report that was piped in is called.
pub(super) const STANDARD_INPUT: &str = "-";

/// So many reports whose files are gone are compared action by action, the newest first.
const MOST_GONE: usize = 200;

/// So many reports of one day or name are compared action by action.
const MOST_COMPARED: usize = 16;

/// The reports of the database, by what they are recognised by.
#[derive(Debug)]
pub(super) struct Known {
    /// As they were when they were read, and after each change in this import.
    states: Vec<ReportName>,
    newest: HashMap<ReportId, usize>,
    by: HashMap<Sign, Vec<usize>>,
    /// Where the reports of this import lie.
    incoming: HashSet<String>,
    /// The reports whose files are gone, the newest first; found when they are asked for.
    gone: OnceLock<Vec<usize>>,
}

/// A known report whose file is gone, and whose actions are in one that has neither its name nor its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{same} of its actions are those of {id} “{title}”, which lay in {source_name} and is no longer there: it may be that \
     report, or another one"
)]
pub struct Lookalike {
    /// Its number.
    pub id: ReportId,
    /// Its title.
    pub title: String,
    /// Where it lay.
    pub source_name: String,
    /// How many actions are the same.
    pub same: usize,
}

/// Something by which a report can be recognised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Sign {
    Text(String),
    Place(String),
    FileName(String),
    Title(String),
    Day(NaiveDate),
}

impl Known {
    pub(super) async fn read(work: &mut UnitOfWork, sources: &[Source]) -> Result<Self, StoreError> {
        let incoming = sources.iter().map(|source| source.name.clone()).collect();
        let mut known = Self {
            states: Vec::new(),
            newest: HashMap::new(),
            by: HashMap::new(),
            incoming,
            gone: OnceLock::new(),
        };
        for name in work.report_names().await? {
            known.add(name);
        }
        Ok(known)
    }

    /// Remembers a report as it is now.
    pub(super) fn remember(&mut self, report: &Report) {
        self.add(ReportName {
            id: report.id,
            title: report.title.clone(),
            source: report.source.clone(),
            digest: report.digest.clone(),
            incident_date: report.incident_date,
        });
    }

    fn add(&mut self, name: ReportName) {
        let index = self.states.len();
        for sign in signs(&name.digest, &name.source, &name.title, name.incident_date) {
            self.by.entry(sign).or_default().push(index);
        }
        self.newest.insert(name.id, index);
        self.states.push(name);
    }

    /// The report that `new` is, with its actions as `drafts`; nothing for one that was not there. It was read from
    /// `source`, which may say where it was before, or what it was extracted from.
    pub(super) async fn find(
        &self,
        work: &mut UnitOfWork,
        new: &Report,
        source: &Source,
        drafts: &[Draft],
    ) -> Result<Option<Report>, StoreError> {
        let former = source.former.as_deref();
        let origin = source.extracted_from.as_deref();
        let mut found: Option<(u8, ReportId)> = None;
        let mut compared = 0;
        for other in self.candidates(new, [former, origin]) {
            let evidence = Evidence::of(other, new, former);
            let is_origin = origin.is_some_and(|origin| place(origin) == place(&other.source));
            let rank = if evidence.same_text {
                // The copy in the same place, where there are several.
                8 + u8::from(evidence.same_place)
            } else if found.is_some_and(|(rank, _)| rank >= 8)
                || (!(evidence.same_place || is_origin)
                    && (evidence.other_day || self.stands(&other.source, &new.source)))
            {
                0
            } else if compared == MOST_COMPARED {
                break;
            } else {
                compared += 1;
                let actions = work.actions_read_from(other.id).await?;
                let overlap = intake::overlap(drafts, &actions);
                // Another file may have that name by now, so a name alone does not make it the same report.
                let is_extract = is_origin && overlap.is_none_or(|(share, _)| share >= SAME_ACTIONS);
                evidence.rank(overlap).max(if is_extract { 7 } else { 0 })
            };
            if rank > found.map_or(0, |(rank, _)| rank) {
                found = Some((rank, other.id));
            }
        }
        match found {
            Some((_, id)) => Ok(Some(work.report(id).await?)),
            None => Ok(None),
        }
    }

    /// The one known report that `new`, which was not found, may be all the same: its file is gone, no other day speaks
    /// against it, and most actions are in both.
    pub(super) async fn lookalike(
        &self,
        work: &mut UnitOfWork,
        new: &Report,
        drafts: &[Draft],
    ) -> Result<Option<Lookalike>, StoreError> {
        let mut found = None;
        for &index in self.gone.get_or_init(|| self.find_gone()) {
            let state = &self.states[index];
            // It was recognised in this import.
            if self.newest[&state.id] != index || Evidence::of(state, new, None).other_day {
                continue;
            }
            let actions = work.actions_read_from(state.id).await?;
            let Some((_, same)) =
                intake::overlap(drafts, &actions).filter(|(share, same)| *share >= SAME_ACTIONS && *same > 1)
            else {
                continue;
            };
            let lookalike = Lookalike {
                id: state.id,
                title: state.title.clone(),
                source_name: state.source.clone(),
                same,
            };
            if found.replace(lookalike).is_some() {
                // Several alike are reports from one template.
                return Ok(None);
            }
        }
        Ok(found)
    }

    fn find_gone(&self) -> Vec<usize> {
        let is_gone = |state: &ReportName| {
            state.source != STANDARD_INPUT
                && !state.source.contains("://")
                && !self.incoming.contains(&state.source)
                && !Path::new(&state.source).exists()
        };
        let newest = |index: &usize| self.newest[&self.states[*index].id] == *index;
        let states = (0..self.states.len()).rev().filter(newest);
        states.filter(|index| is_gone(&self.states[*index])).take(MOST_GONE).collect()
    }

    /// Whether a report of this import lies at this place.
    pub(super) fn is_incoming(&self, place: Option<&str>) -> bool {
        place.is_some_and(|place| self.incoming.contains(place))
    }

    /// Whether `source` was extracted from `report`, which still is where it was.
    pub(super) fn is_extract_of(&self, source: &Source, report: &Report) -> bool {
        let from = source.extracted_from.as_deref();
        from.is_some_and(|from| place(from) == place(&report.source))
            && report.source != source.name
            && (report.source.contains("://") || self.stands(&report.source, &source.name))
    }

    /// Whether a report lies where it lay: then one at another place, `now`, is another one.
    pub(super) fn stands(&self, source: &str, now: &str) -> bool {
        source != STANDARD_INPUT && (self.incoming.contains(source) || still_there(source, now))
    }

    /// The reports that have anything in common with `new`, what says most first, and the newest of those.
    fn candidates(&self, new: &Report, other_places: [Option<&str>; 2]) -> Vec<&ReportName> {
        let mut seen = HashSet::new();
        let mut candidates = Vec::new();
        let mut signs = signs(&new.digest, &new.source, &new.title, new.incident_date);
        let other_places = other_places.into_iter().flatten();
        signs.extend(other_places.map(|other| Sign::Place(place(other).to_owned())));
        for sign in signs {
            for &index in self.by.get(&sign).into_iter().flatten().rev() {
                let state = &self.states[index];
                if self.newest[&state.id] == index && seen.insert(state.id) {
                    candidates.push(state);
                }
            }
        }
        candidates
    }
}

/// Whether the report at `place` is surely not the one that is at `now`: its file is still there, or both are issues, which
/// say where they are moved to. Of other addresses nobody knows: a page may be the same one under its new address.
fn still_there(place: &str, now: &str) -> bool {
    match place.contains("://") {
        true => is_issue(place) && is_issue(now),
        false => Path::new(place).exists(),
    }
}

/// Whether an address is one of an issue on a GitHub: `https://HOST/OWNER/NAME/issues/NUMBER`.
fn is_issue(place: &str) -> bool {
    let parts: Vec<&str> = place.split('/').collect();
    matches!(parts.as_slice(), ["https:" | "http:", "", _, _, _, "issues", number] if number.parse::<u32>().is_ok())
}

fn signs(digest: &str, source: &str, title: &str, day: Option<NaiveDate>) -> Vec<Sign> {
    let mut signs = vec![Sign::Text(digest.to_owned())];
    if source != STANDARD_INPUT {
        signs.push(Sign::Place(place(source).to_owned()));
    }
    signs.push(Sign::Title(title.to_lowercase()));
    signs.extend(file_name(source).map(|name| Sign::FileName(name.to_owned())));
    signs.extend(day.map(Sign::Day));
    signs
}

/// A source without what makes no difference: the fragment of an address, and a slash at its end.
fn place(source: &str) -> &str {
    match source.contains("://") {
        true => source.split('#').next().unwrap_or(source).trim_end_matches('/'),
        false => source,
    }
}

fn file_name(source: &str) -> Option<&str> {
    place(source).rsplit(['/', '\\']).next().filter(|name| !name.is_empty() && *name != STANDARD_INPUT)
}

/// What two reports have in common.
#[derive(Clone, Copy, Debug)]
struct Evidence {
    same_text: bool,
    same_place: bool,
    same_file_name: bool,
    same_title: bool,
    same_day: bool,
    other_day: bool,
}

impl Evidence {
    fn of(other: &ReportName, new: &Report, former: Option<&str>) -> Self {
        let days = other.incident_date.zip(new.incident_date);
        Self {
            same_text: other.digest == new.digest,
            same_place: other.source != STANDARD_INPUT
                && (place(&other.source) == place(&new.source) || former == Some(other.source.as_str())),
            same_file_name: file_name(&other.source).is_some_and(|name| file_name(&new.source) == Some(name)),
            same_title: other.title.to_lowercase() == new.title.to_lowercase(),
            same_day: days.is_some_and(|(one, other)| one == other),
            other_day: days.is_some_and(|(one, other)| one != other),
        }
    }

    /// How surely it is the same report, and 0 when it is not; `actions` is how much of their actions is the same, and
    /// how many those are.
    fn rank(self, actions: Option<(f64, usize)>) -> u8 {
        let share = actions.map(|(share, _)| share);
        let same_actions = share.is_some_and(|share| share >= SAME_ACTIONS);
        let several = actions.is_some_and(|(_, several)| several > 1);
        if self.same_place {
            let tells_of_it = match (self.same_title, self.other_day) {
                (true, true) => share.is_none_or(|share| share >= SOME_ACTIONS),
                (true, false) => true,
                (false, _) => self.same_day || same_actions,
            };
            return if tells_of_it { 7 } else { 0 };
        }
        match (self.same_title, self.same_day) {
            (true, true) if share.is_none_or(|share| share > 0.0) => 6,
            (true, false) if self.same_file_name || same_actions => 5,
            (false, _) if self.same_file_name && same_actions => 4,
            (false, true) if same_actions && several => 3,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a report with the same title, day, place … and share of actions is taken for.
    fn rank(signs: &str, actions: Option<(f64, usize)>) -> u8 {
        let has = |sign: &str| signs.split(' ').any(|other| other == sign);
        let evidence = Evidence {
            same_text: false,
            same_place: has("place"),
            same_file_name: has("place") || has("name"),
            same_title: has("title"),
            same_day: has("day"),
            other_day: has("other-day"),
        };
        evidence.rank(actions)
    }

    #[test]
    fn two_signs_make_a_report_the_same() {
        for (signs, actions) in [
            ("place title", Some((0.0, 0))),
            ("place day", Some((0.0, 0))),
            ("place", Some((0.5, 1))),
            ("place title other-day", Some((0.5, 1))),
            ("place title other-day", None),
            ("title day", Some((0.2, 1))),
            ("title day", None),
            ("title name", None),
            ("title", Some((0.6, 1))),
            ("name", Some((0.6, 1))),
            ("day", Some((0.6, 2))),
        ] {
            assert_ne!(rank(signs, actions), 0, "{signs} {actions:?}");
        }
    }

    #[test]
    fn one_sign_does_not() {
        for (signs, actions) in [
            ("place", Some((0.4, 3))),
            ("place", None),
            ("place title other-day", Some((0.2, 1))),
            ("title day", Some((0.0, 0))),
            ("title", Some((0.4, 3))),
            ("title", None),
            ("name", None),
            ("day", Some((1.0, 1))),
            ("day", None),
        ] {
            assert_eq!(rank(signs, actions), 0, "{signs} {actions:?}");
        }
    }

    #[test]
    fn a_place_is_the_same_with_a_fragment_and_a_slash() {
        assert_eq!(place("https://wiki.acme.test/ir-1/#actions"), "https://wiki.acme.test/ir-1");
        assert_eq!(file_name("https://wiki.acme.test/ir-1/#actions"), Some("ir-1"));
        assert_eq!(
            (place("/reports/#1.md"), file_name("C:\\reports\\a.md"), file_name("-")),
            ("/reports/#1.md", Some("a.md"), None)
        );
    }
}
