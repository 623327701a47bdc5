//! Telling a person who waits what is going on.

use std::{io::IsTerminal, time::Duration};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::table;
use crate::sync::{Making, Progress, Summary};

/// Waits shorter than this are the pace of a publish, not news.
const WORTH_TELLING: chrono::Duration = chrono::Duration::seconds(5);

/// What is made sooner than this needs no estimate.
const WORTH_ESTIMATING: chrono::Duration = chrono::Duration::seconds(60);

/// Tells on standard error: a line that changes on a terminal, a line per wait elsewhere.
#[derive(Debug)]
pub(super) struct Reporter {
    bar: ProgressBar,
    is_terminal: bool,
    quiet: bool,
    zone: Tz,
}

impl Reporter {
    /// Tells times as they are in `zone`.
    pub(super) fn new(quiet: bool, zone: Tz) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal && !quiet { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{spinner} {msg}").expect("the template is right");
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, is_terminal, quiet, zone }
    }

    pub(super) fn tell(&self, progress: &Progress) {
        let line = line(progress, self.zone);
        let now = crate::clock::Clock::now(&crate::clock::SystemClock);
        match progress {
            Progress::Planned(making) if making.finishes - making.now >= WORTH_ESTIMATING => {
                // It stays above the line that changes.
                if !self.quiet && !self.is_terminal {
                    anstream::eprintln!("{line}");
                }
                self.bar.println(line);
            }
            Progress::Planned(_) => {}
            Progress::Waiting { until, .. } => {
                if !self.is_terminal && !self.quiet && *until - now >= WORTH_TELLING {
                    anstream::eprintln!("{line}");
                }
                self.bar.set_message(line);
            }
            Progress::Published(_) | Progress::Observed { .. } => self.bar.set_message(line),
            Progress::Stopped(_) => {
                if !self.quiet && !line.is_empty() {
                    self.bar.suspend(|| anstream::eprintln!("{line}"));
                }
            }
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What is going on, in one line.
fn line(progress: &Progress, zone: Tz) -> String {
    match progress {
        Progress::Planned(making) => format!(
            "{} to make: about {}, until ≈ {}",
            table::count(making.of - making.done, "issue"),
            span(making.finishes - making.now),
            moment(making.finishes, making.now, zone)
        ),
        Progress::Published(making) => published(making, zone),
        Progress::Stopped(summary) => done_before(summary),
        Progress::Observed { done, of } => format!("{done} of {of} issues looked at"),
        Progress::Waiting { until, why, is_paused, making } => {
            let verb = if *is_paused { "paused" } else { "waiting" };
            let until = until.with_timezone(&zone).format("%H:%M:%S");
            match making {
                Some(making) => format!("{}; {verb} until {until}: {why}", published(making, zone)),
                None => format!("{verb} until {until}: {why}"),
            }
        }
    }
}

/// What was done before a pass ended too early; nothing where nothing was.
fn done_before(summary: &Summary) -> String {
    let parts = [
        ("created", &summary.parents),
        ("created", &summary.created),
        ("found", &summary.adopted),
        ("linked", &summary.linked),
        ("updated", &summary.updated),
        ("changed", &summary.changed),
    ];
    let told = parts.into_iter().filter(|(_, lines)| !lines.is_empty()).map(|(word, lines)| {
        let ids = lines.iter().map(|line| line.id.as_str()).collect::<Vec<_>>().join(", ");
        format!("{word} {ids}")
    });
    let told = told.collect::<Vec<_>>().join("; ");
    if told.is_empty() { told } else { format!("done before it stopped: {told}") }
}

fn published(making: &Making, zone: Tz) -> String {
    let Making { done, of, now, finishes } = *making;
    match finishes - now >= WORTH_ESTIMATING {
        true => format!("{done} of {of} published, finishes ≈ {}", moment(finishes, now, zone)),
        false => format!("{done} of {of} published"),
    }
}

/// A time of day, with its day where that is another one.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let format = if at.date_naive() == now.date_naive() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at.format(format).to_string()
}

/// `5 min`, `1 h 10 min`, in whole minutes, rounded up.
fn span(length: chrono::Duration) -> String {
    let minutes = (length.num_seconds() + 59) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn people_read_how_far_it_is_and_when_it_ends_where_they_are() {
        let zone = Tz::Africa__Kampala;
        let now = at("2024-05-15T10:58:00Z");
        let making = Making { done: 38, of: 120, now, finishes: at("2024-05-15T12:10:00Z") };
        let waiting = |is_paused, making| Progress::Waiting {
            until: at("2024-05-15T11:31:00Z"),
            why: "api.github.com: You have exceeded a secondary rate limit".to_owned(),
            is_paused,
            making,
        };
        let lines = [
            Progress::Planned(Making { done: 0, ..making }),
            Progress::Planned(Making { done: 119, finishes: now + chrono::Duration::seconds(70), ..making }),
            Progress::Published(making),
            Progress::Published(Making { finishes: at("2024-05-16T00:10:00Z"), ..making }),
            Progress::Published(Making { finishes: now, ..making }),
            waiting(true, Some(making)),
            waiting(false, None),
            Progress::Observed { done: 100, of: 1000 },
        ]
        .map(|progress| line(&progress, zone));
        insta::assert_snapshot!(lines.join("\n"), @"
        120 issues to make: about 1 h 12 min, until ≈ 15:10
        1 issue to make: about 2 min, until ≈ 13:59
        38 of 120 published, finishes ≈ 15:10
        38 of 120 published, finishes ≈ 2024-05-16 03:10
        38 of 120 published
        38 of 120 published, finishes ≈ 15:10; paused until 14:31:00: api.github.com: You have exceeded a secondary rate limit
        waiting until 14:31:00: api.github.com: You have exceeded a secondary rate limit
        100 of 1000 issues looked at
        ");
    }

    #[test]
    fn spans_are_whole_minutes() {
        let spans = [1, 60, 61, 3600, 4200].map(|seconds| span(chrono::Duration::seconds(seconds)));
        assert_eq!(spans, ["1 min", "1 min", "2 min", "1 h", "1 h 10 min"]);
    }
}
