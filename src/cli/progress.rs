//! Telling a person who waits what is going on.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::sync::Progress;

/// Waits shorter than this are the pace of a publish, not news.
const WORTH_TELLING: chrono::Duration = chrono::Duration::seconds(5);

/// Tells on standard error: a line that changes on a terminal, a line per wait elsewhere.
#[derive(Debug)]
pub(super) struct Reporter {
    bar: ProgressBar,
    is_terminal: bool,
    quiet: bool,
}

impl Reporter {
    pub(super) fn new(quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal && !quiet { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{spinner} {msg}").expect("the template is right");
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, is_terminal, quiet }
    }

    pub(super) fn tell(&self, progress: &Progress) {
        match progress {
            Progress::Published { done, of } => self.bar.set_message(format!("{done} of {of} published")),
            Progress::Observed { done, of } => {
                self.bar.set_message(format!("{done} of {of} issues looked at"));
            }
            Progress::Waiting { until, why } => {
                let local = until.with_timezone(&chrono::Local).format("%H:%M:%S");
                let line = format!("waiting until {local}: {why}");
                let left = *until - crate::clock::Clock::now(&crate::clock::SystemClock);
                if !self.is_terminal && !self.quiet && left >= WORTH_TELLING {
                    anstream::eprintln!("{line}");
                }
                self.bar.set_message(line);
            }
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
