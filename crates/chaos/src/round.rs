//! A round: a team works for a while under a bad star, and then everything has to be right.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use chrono::Duration as Span;
use followup::failpoint;
use github_sandbox::{Dice, Effect, Fault, Match};

use crate::checks::{self, Allowed};
use crate::people::{Ledger, mail_comes};
use crate::team::{Running, Setting, Team, pause};

/// The mishaps of chance. A change that lands late is not among them: it may land over what people wrote meanwhile, and no
/// client can keep it from that. A create that lands late is in the script.
const MISHAPS: [&str; 13] = [
    "drop_before",
    "lose_reply",
    "reset",
    "truncate",
    "garble",
    "empty",
    "server_error_before_commit",
    "server_error_after_commit",
    "cut_off",
    "secondary_limit",
    "disguised_limit",
    "delay",
    "stale_list",
];

/// How a process ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// By itself.
    Well,
    /// At a named place.
    Failpoint,
    /// Killed after so many milliseconds.
    Killed(u64),
    /// Killed when GitHub heard so many more requests, and so many milliseconds later.
    KilledAt(usize, u64),
    /// Stopped after so many milliseconds, for so many, and then killed or not.
    Stopped(u64, u64, bool),
}

/// Runs the round of this seed.
pub(crate) fn run(program: &Path, folder: &Path, seed: u64) -> Result<(Team, Result<()>)> {
    let mut dice = Dice::new(seed);
    let setting = Setting {
        times: dice.pick(&[600, 600, 600, 1_500]),
        parent_issue: dice.chance(80),
        latency: Duration::from_millis(dice.pick(&[0, 0, 3, 12])),
        webhooks: dice.chance(50),
    };
    let mut team = Team::new(program, folder, setting)?;
    let outcome = lives(&mut team, &mut dice);
    Ok((team, outcome))
}

fn lives(team: &mut Team, dice: &mut Dice) -> Result<()> {
    let mut ledger = Ledger::default();
    let items = dice.between(2, 8);
    ledger.writes_report(team, dice, items)?;
    team.runs(&["import", "report.md", "--accept"])?.ends_with(&[0])?;
    if dice.chance(60) {
        let rate = f64::from(u32::try_from(dice.between(5, 30)).unwrap_or(5)) / 100.0;
        team.tell(&format!("each request meets a mishap with {rate}"));
        team.sandbox.chaos_of(rate, dice.roll(), &MISHAPS)?;
    }
    for _ in 0..dice.between(5, 11) {
        match dice.below(11) {
            0 => ledger.here(team, dice)?,
            1 => ledger.there(team, dice, true)?,
            2 => {
                ledger.here(team, dice)?;
                ledger.there(team, dice, true)?;
                ledger.here(team, dice)?;
            }
            3 => fate(team, dice, &mut ledger),
            10 => mail_comes(team, dice)?,
            4 => {
                fate(team, dice, &mut ledger);
                passes(team, dice, &mut ledger)?;
            }
            _ => passes(team, dice, &mut ledger)?,
        }
    }
    checks::everything(team, &ledger, Allowed { gone: &[], copies: &[] })
}

/// Something goes wrong at GitHub soon.
fn fate(team: &mut Team, dice: &mut Dice, ledger: &mut Ledger) {
    let late = Span::seconds(i64::try_from(dice.between(1, 110)).unwrap_or(1)).to_std().unwrap_or_default();
    let effect = match dice.below(17) {
        0 => Effect::LoseReply,
        1 => Effect::DropBefore,
        2 => Effect::Truncate,
        3 => Effect::Empty,
        4 => Effect::ServerErrorAfterCommit(502),
        5 => Effect::ServerErrorBeforeCommit(503),
        6 => Effect::SecondaryLimit { retry_after: None, status: 403 },
        7 => Effect::SecondaryLimit { retry_after: Some(90), status: 429 },
        8 => Effect::PrimaryLimit { reset_in: 300 },
        9 => Effect::Hang,
        10 => Effect::Partial("NOT_FOUND".to_owned()),
        11 => Effect::LandLate(late),
        12 => Effect::DropAndLandLate(late),
        13 => Effect::StaleList { newest: 2 },
        14 => Effect::CutOff { done: dice.chance(50), status: dice.pick(&[200, 502, 504]) },
        15 => Effect::Reset { done: dice.chance(50) },
        _ => {
            let dropped = dice.chance(50);
            team.tell(&format!("labels and assignees are dropped: {dropped}"));
            team.sandbox.drop_labels_silently(dropped);
            ledger.were_dropped |= dropped;
            return;
        }
    };
    let on = match (&effect, dice.below(3)) {
        (Effect::LandLate(_) | Effect::DropAndLandLate(_), _) => Match::CreateIssue,
        (Effect::Partial(_), _) => Match::Graphql("nodes".to_owned()),
        (Effect::StaleList { .. }, _) => Match::ListIssues,
        (_, 0) => Match::CreateIssue,
        (_, 1) => Match::Writes,
        (_, _) => Match::Any,
    };
    let nth = dice.between(1, 4);
    team.tell(&format!("soon: {effect:?} on {on:?} number {nth}"));
    team.sandbox.fault(Fault::new(on, effect).nth(nth));
}

/// One or two processes at once, each with its end, and people who act meanwhile.
fn passes(team: &mut Team, dice: &mut Dice, ledger: &mut Ledger) -> Result<()> {
    let mut running = vec![begins(team, dice)?];
    if dice.chance(25) {
        pause(Duration::from_millis(dice.below(80) as u64));
        running.push(begins(team, dice)?);
    }
    let mut people = if dice.chance(40) { dice.between(1, 2) } else { 0 };
    for (mut process, end) in running {
        match end {
            End::Well | End::Failpoint => {}
            End::Killed(after) => {
                pause(Duration::from_millis(after));
                team.kills(&mut process)?;
            }
            End::KilledAt(requests, after) => {
                team.hears(&mut process, requests)?;
                pause(Duration::from_millis(after));
                team.kills(&mut process)?;
            }
            End::Stopped(after, time, dies) => {
                pause(Duration::from_millis(after));
                team.stops(&process)?;
                pause(Duration::from_millis(time));
                if dies {
                    team.kills(&mut process)?;
                } else {
                    team.continues(&process)?;
                }
            }
        }
        if people > 0 {
            people -= 1;
            ledger.there(team, dice, false)?;
        }
        let ran = team.ends(process)?;
        // GitHub may be out of order; a person may have to decide.
        ran.ends_with(&[0, 4, 5])?;
    }
    Ok(())
}

/// Starts a pass, and says how it will end.
fn begins(team: &mut Team, dice: &mut Dice) -> Result<(Running, End)> {
    let end = match dice.below(10) {
        0 | 1 => End::Well,
        2..=4 => End::Failpoint,
        5 => End::Killed(dice.below(220) as u64),
        6 | 7 => End::KilledAt(dice.between(1, 25), dice.pick(&[0, 0, 1, 2, 5])),
        8 => End::Stopped(dice.below(150) as u64, dice.between(50, 400) as u64, false),
        _ => End::Stopped(dice.below(150) as u64, dice.between(50, 400) as u64, true),
    };
    let pick: &[&str] = dice.pick(&[&["publish"], &["publish"], &["sync"], &["sync"], &["sync", "--hinted"]]);
    let mut words = pick.to_vec();
    if dice.chance(25) {
        words.push("--no-wait");
    }
    let mut deadly = String::new();
    if matches!(end, End::Failpoint) {
        // The first of them that it comes by.
        let places =
            (0..12).map(|_| format!("{}:{}", dice.pick(&failpoint::NAMES), dice.pick(&[1, 1, 2, 4])));
        deadly = places.collect::<Vec<_>>().join(",");
    }
    Ok((team.starts(&words, &deadly)?, end))
}
