//! `followup audit`: what happened, whether the history holds, where it ends, and all of it to take along. Only
//! posting a checkpoint needs a network and a token.

mod checkpoint;
mod erase;
mod export;
mod log;
mod metrics;
mod sample;
mod verify;

use chrono::{DateTime, Duration, Utc};

use super::{App, CliError, Exit, args::Audit, output::Output, when::When};
use crate::audit::{AsOf, AuditError};

pub(super) async fn run(app: &App, command: &Audit, output: &Output) -> Result<Exit, CliError> {
    match command {
        Audit::Log(command) => log::run(app, command, output).await,
        Audit::Verify(command) => verify::verify(app, command, output).await,
        Audit::Export(command) => export::run(app, command, output).await,
        Audit::Erase(command) => erase::run(app, command, output).await,
        Audit::Sample(command) => sample::run(app, command, output).await,
        Audit::Metrics(command) => metrics::run(app, command, output).await,
        Audit::Checkpoint(command) => checkpoint::run(app, command, output).await,
    }
}

/// The moment that is asked about. A day is meant to its end; today, until now.
fn as_of(app: &App, when: Option<When>) -> Result<Option<AsOf>, CliError> {
    let Some(when) = when else { return Ok(None) };
    let now = app.clocks.now();
    if when == When::Day(app.clocks.today()) {
        return Ok(None);
    }
    let moment = when.end(&app.clocks) - Duration::seconds(1);
    if moment > now {
        return Err(AuditError::Future { asked: moment, now }.into());
    }
    Ok(Some(AsOf { moment, is_fixed: app.clocks.is_fixed }))
}

/// The first second of a time that is asked about, and the first one after it.
type Period = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// What lies between two points in time.
fn period(app: &App, since: Option<When>, until: Option<When>) -> Result<Period, CliError> {
    let first = since.map(|when| when.begin(&app.clocks));
    let end = until.map(|when| when.end(&app.clocks));
    if let (Some(since), Some(until)) = (since, until)
        && first >= end
    {
        return Err(CliError::usage(
            format!("nothing is both since {since} and until {until}"),
            "the first of the two is --since, the last is --until",
        ));
    }
    Ok((first, end))
}
