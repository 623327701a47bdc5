//! A point in time as people write it: a day where the team is, or a moment.

use std::str::FromStr;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::{clock::Clocks, policy::LAST_DAY};

/// A day or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Day(NaiveDate),
    Moment(DateTime<Utc>),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = |text| DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
        let read = match text.parse() {
            Ok(day) => Some(Self::Day(day)),
            Err(_) => moment(text).map(Self::Moment),
        };
        let day = |when: &Self| match when {
            Self::Day(day) => *day,
            Self::Moment(moment) => moment.date_naive(),
        };
        read.filter(|when| day(when) <= LAST_DAY).ok_or_else(|| {
            format!("`{text}` is neither a day nor a moment; write 2026-05-31, or 2026-05-31T09:00:00+03:00")
        })
    }
}

impl When {
    /// Its first second.
    pub(super) fn begin(self, clocks: &Clocks) -> DateTime<Utc> {
        match self {
            Self::Day(day) => clocks.begin_of(day),
            Self::Moment(moment) => moment,
        }
    }

    /// The first second that is later than all of it.
    pub(super) fn end(self, clocks: &Clocks) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |next| clocks.begin_of(next)),
            Self::Moment(moment) => moment + Duration::seconds(1),
        }
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(formatter),
            Self::Moment(moment) => {
                formatter.write_str(&moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_teams_day_and_a_moment_a_second() {
        let clocks = Clocks::new(None, chrono_tz::Africa::Kampala);
        let span = |text: &str| {
            let when: When = text.parse().unwrap();
            format!("{}..{}", when.begin(&clocks).to_rfc3339(), when.end(&clocks).to_rfc3339())
        };
        assert_eq!(span("2024-05-31"), "2024-05-30T21:00:00+00:00..2024-05-31T21:00:00+00:00");
        assert_eq!(span("2024-05-31T09:00:00+03:00"), "2024-05-31T06:00:00+00:00..2024-05-31T06:00:01+00:00");
        for wrong in ["", "yesterday", "2024-05-32", "2024-05-31T09:00:00", "99999-01-01"] {
            assert!(wrong.parse::<When>().unwrap_err().contains("neither a day nor a moment"), "{wrong}");
        }
    }

    #[test]
    fn a_day_that_begins_without_midnight_begins_when_its_clocks_do() {
        // Clocks were put forward at midnight (https://www.timeanddate.com/time/change/lebanon/beirut?year=2024).
        let clocks = Clocks::new(None, chrono_tz::Asia::Beirut);
        let when: When = "2024-03-31".parse().unwrap();
        assert_eq!(when.begin(&clocks).to_rfc3339(), "2024-03-30T22:00:00+00:00");
    }
}
