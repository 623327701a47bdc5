//! Clock times and ranges with zones: "9:45 am and 10:15 pm EAT", "14:05–15:10 UTC", "2024-05-01 14:05 CET".
//!
//! Invariant: a moment is resolved only with a date and with a zone, its own or the default one; an
//! abbreviation that is not in `data/zones.txt` is no zone.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Days, FixedOffset, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::tokens::{self, Kind, Token};
use super::{DateContext, FoundDate, find_dates};

/// Zone abbreviations as written in upper case.
static ABBREVIATIONS: LazyLock<HashMap<&'static str, Tz>> = LazyLock::new(|| {
    include_str!("../../data/zones.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(short, name)| Some((short, name.parse().ok()?)))
        .collect()
});

/// A zone that was written with a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// A region with its own history of offsets.
    Region(Tz),
    /// A plain offset.
    Offset(FixedOffset),
}

/// A clock time in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    /// The date written with it.
    pub(crate) date: Option<NaiveDate>,
    /// The time of day.
    pub(crate) time: NaiveTime,
    /// The zone written with it.
    pub(crate) zone: Option<Zone>,
    /// Byte offset of the time.
    start: usize,
    /// Byte offset behind the time and its zone.
    end: usize,
    /// Whether it says am or pm.
    half_of_day: Option<bool>,
}

/// Two moments written as a range.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
    /// Where it begins.
    pub(crate) from: Moment,
    /// Where it ends.
    pub(crate) to: Moment,
}

/// The clock times in a text, in order, with the dates and zones that belong to them.
pub(crate) fn moments(text: &str, context: &DateContext) -> Vec<Moment> {
    let tokens = tokens::tokens(text, usize::MAX);
    let dates = find_dates(text, context);
    let mut moments: Vec<Moment> = Vec::new();
    let mut next_date = 0;
    let mut at = 0;
    while at < tokens.len() {
        let Some((time, half_of_day, next)) = clock_time(&tokens, at) else {
            at += 1;
            continue;
        };
        let (zone, next) =
            zone_at(text, &tokens, next).map_or((None, next), |(zone, next)| (Some(zone), next));
        let (start, end) = (tokens[at].start, tokens[next - 1].end);
        while dates.get(next_date + 1).is_some_and(|date| date.start < start) {
            next_date += 1;
        }
        let date = date_beside(text, &dates[next_date.min(dates.len())..], start, end);
        moments.push(Moment { date, time, zone, start, end, half_of_day });
        at = next;
    }
    moments
}

/// The first range in a text.
pub(crate) fn range(text: &str, context: &DateContext) -> Option<Range> {
    let moments = moments(text, context);
    moments.windows(2).find_map(|pair| {
        let between = text.get(pair[0].end..pair[1].start)?;
        joins(between).then(|| {
            let (mut from, mut to) = (pair[0].clone(), pair[1].clone());
            if from.half_of_day.is_none() && to.half_of_day == Some(true) && from.time < twelve() {
                // "4:14 to 5:01 pm": the half of the day counts for both unless that turns them round.
                let later = from.time.overflowing_add_signed(TimeDelta::hours(12)).0;
                if later <= to.time {
                    from.time = later;
                }
            }
            from.zone = from.zone.or(to.zone);
            to.zone = to.zone.or(from.zone);
            from.date = from.date.or(to.date);
            Range { from, to }
        })
    })
}

impl Range {
    /// The two ends as moments in time, on `day` where they have no date of their own.
    pub(crate) fn resolve(
        &self,
        day: Option<NaiveDate>,
        default: Option<Tz>,
    ) -> Option<(DateTime<FixedOffset>, DateTime<FixedOffset>)> {
        let from = self.from.resolve(day, default)?;
        let mut to = self.to.resolve(self.from.date.or(day), default)?;
        if to < from && self.to.date.is_none() {
            to = self.to.resolve(from.date_naive().checked_add_days(Days::new(1)), default)?;
        }
        (to >= from).then_some((from, to))
    }
}

impl Moment {
    /// The moment in time, on `day` where it has no date of its own.
    pub(crate) fn resolve(
        &self,
        day: Option<NaiveDate>,
        default: Option<Tz>,
    ) -> Option<DateTime<FixedOffset>> {
        let local = self.date.or(day)?.and_time(self.time);
        match self.zone.or(default.map(Zone::Region))? {
            Zone::Offset(offset) => offset.from_local_datetime(&local).single(),
            Zone::Region(zone) => match zone.from_local_datetime(&local) {
                LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => {
                    Some(moment.fixed_offset())
                }
                // The hour that is skipped when clocks go forward: an hour later exists.
                LocalResult::None => zone
                    .from_local_datetime(&local.checked_add_signed(TimeDelta::hours(1))?)
                    .earliest()
                    .map(|moment| moment.fixed_offset()),
            },
        }
    }
}

/// The total of a written duration in minutes: "12 hours and 30 minutes", "1h 30m", "47 min", "2 days".
pub(crate) fn duration_minutes(text: &str) -> Option<i64> {
    let tokens = tokens::tokens(text, 200);
    let mut total: Option<i64> = None;
    let mut at = 0;
    while at + 1 < tokens.len() {
        let minutes = match (tokens[at].number(), tokens[at + 1].word()) {
            (Some((count, digits)), Some(unit)) if digits <= 5 => match unit {
                "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "minutos" | "minutter" => Some(1),
                "h" | "hr" | "hrs" | "hour" | "hours" | "stunden" | "heures" | "heure" | "horas"
                | "timer" => Some(60),
                "d" | "day" | "days" => Some(24 * 60),
                _ => None,
            }
            .map(|unit: i64| unit * i64::from(count)),
            _ => None,
        };
        if let Some(minutes) = minutes {
            total = Some(total.unwrap_or(0) + minutes);
            at += 2;
        } else if total.is_some() && tokens[at].word() != Some("and") && !tokens[at].is_mark(',') {
            break;
        } else {
            at += 1;
        }
    }
    total
}

fn twelve() -> NaiveTime {
    NaiveTime::from_hms_opt(12, 0, 0).expect("noon exists")
}

/// A time of day at a token: the time, whether it is pm, and the token behind it.
fn clock_time(tokens: &[Token<'_>], at: usize) -> Option<(NaiveTime, Option<bool>, usize)> {
    let token = &tokens[at];
    if let Some(word) = token.word() {
        let time = match word {
            "noon" | "midday" => twelve(),
            "midnight" => NaiveTime::MIN,
            _ => return None,
        };
        return Some((time, None, at + 1));
    }
    let glued_to_number = !token.spaced
        && at > 0
        && matches!(tokens[at - 1].kind, Kind::Mark('.' | ':' | '/' | '#' | '$'))
        && at > 1
        && tokens[at - 2].number().is_some();
    let (hour, digits) = token.number()?;
    if digits > 2 || glued_to_number {
        return None;
    }
    let mut next = at + 1;
    let mut minute = None;
    let mut second = 0;
    let separator = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            !token.spaced
                && (token.is_mark(':') || token.is_mark('：') || matches!(token.word(), Some("h" | "u")))
        })
    };
    let two_digits = |at: usize| {
        let (value, digits) = tokens.get(at).filter(|token| !token.spaced)?.number()?;
        (digits == 2 && value < 60).then_some(value)
    };
    if separator(next)
        && let Some(value) = two_digits(next + 1)
    {
        minute = Some(value);
        next += 2;
        if separator(next)
            && let Some(value) = two_digits(next + 1)
        {
            second = value;
            next += 2;
            // Fractions of a second are of no interest.
            if tokens.get(next).is_some_and(|token| token.is_mark('.') && !token.spaced)
                && tokens.get(next + 1).is_some_and(|token| !token.spaced && token.number().is_some())
            {
                next += 2;
            }
        }
    }
    let (pm, next) = half_of_day(tokens, next);
    let minute = match (minute, pm) {
        (Some(minute), _) => minute,
        (None, Some(_)) => 0,
        (None, None) => return None,
    };
    let hour = match pm {
        Some(pm) if (1..=12).contains(&hour) => hour % 12 + if pm { 12 } else { 0 },
        Some(_) if hour > 23 => return None,
        _ => hour,
    };
    Some((NaiveTime::from_hms_opt(hour, minute, second)?, pm, next))
}

/// `am`, `p.m.`, and the like at a token.
fn half_of_day(tokens: &[Token<'_>], at: usize) -> (Option<bool>, usize) {
    let word = |at: usize| tokens.get(at).and_then(|token| token.word());
    let dot = |at: usize| tokens.get(at).is_some_and(|token| token.is_mark('.') && !token.spaced);
    match word(at) {
        Some("am") => (Some(false), at + 1),
        Some("pm") => (Some(true), at + 1),
        Some(letter @ ("a" | "p")) if dot(at + 1) && word(at + 2) == Some("m") => {
            (Some(letter == "p"), at + 3 + usize::from(dot(at + 3)))
        }
        _ => (None, at),
    }
}

/// A zone behind a time: `UTC`, `(CET)`, `UTC+3`, `+03:00`, `Africa/Kampala`.
fn zone_at(text: &str, tokens: &[Token<'_>], at: usize) -> Option<(Zone, usize)> {
    let open = usize::from(tokens.get(at)?.is_mark('('));
    let first = at + open;
    let token = tokens.get(first)?;
    if token.is_mark('+') || token.is_mark('-') || token.is_mark('−') {
        // A bare offset stands right behind the time and has minutes; anything else is a range or a remark.
        let (offset, next) = offset_at(tokens, first)?;
        let has_minutes =
            next > first + 2 || tokens[first + 1].number().is_some_and(|(_, digits)| digits == 4);
        return (!token.spaced && has_minutes).then_some((Zone::Offset(offset), next));
    }
    let written = text.get(token.start..token.end)?;
    if tokens.get(first + 1).is_some_and(|token| token.is_mark('/')) {
        let end =
            (first + 2..tokens.len().min(first + 7)).take_while(|inner| !tokens[*inner].spaced).last()?;
        let name = text.get(token.start..tokens[end].end)?.trim_end_matches([')', '.', ',']);
        return name.parse().ok().map(|zone| (Zone::Region(zone), end + 1));
    }
    let zone = *ABBREVIATIONS.get(written)?;
    let next = first + 1;
    if matches!(written, "UTC" | "GMT")
        && tokens.get(next).is_some_and(|token| !token.spaced || token.is_mark('+'))
        && let Some((offset, next)) = offset_at(tokens, next)
    {
        return Some((Zone::Offset(offset), next));
    }
    Some((Zone::Region(zone), next))
}

/// `+3`, `-03`, `+0530`, `+05:30` at a token.
fn offset_at(tokens: &[Token<'_>], at: usize) -> Option<(FixedOffset, usize)> {
    let sign = match tokens.get(at)?.kind {
        Kind::Mark('+') => 1,
        Kind::Mark('-' | '−') => -1,
        _ => return None,
    };
    let (value, digits) = tokens.get(at + 1).filter(|token| !token.spaced)?.number()?;
    let (hours, minutes, next) = match digits {
        1 | 2 => {
            let colon = tokens.get(at + 2).is_some_and(|token| token.is_mark(':') && !token.spaced);
            match tokens.get(at + 3).and_then(|token| token.number()) {
                Some((minutes, 2)) if colon => (value, minutes, at + 4),
                _ => (value, 0, at + 2),
            }
        }
        4 => (value / 100, value % 100, at + 2),
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    FixedOffset::east_opt(sign * seconds).map(|offset| (offset, next))
}

/// The date that stands right before or right behind a time.
fn date_beside(text: &str, dates: &[FoundDate], start: usize, end: usize) -> Option<NaiveDate> {
    let is_gap = |gap: Option<&str>| {
        gap.is_some_and(|gap| {
            gap.len() <= 16
                && gap.split(|c: char| !c.is_alphabetic()).all(|word| {
                    matches!(word, "" | "T" | "at" | "on" | "um" | "à" | "kl" | "the" | "around" | "about")
                })
                && !gap.contains(['–', '—', ';'])
                && gap.trim() != "-"
        })
    };
    dates
        .iter()
        .take(3)
        .find(|date| {
            date.end <= start && is_gap(text.get(date.end..start))
                || date.start >= end && is_gap(text.get(end..date.start))
        })
        .map(|date| date.resolved.date)
}

/// Whether the text between two times makes a range of them; a date may stand before the second.
fn joins(between: &str) -> bool {
    if between.len() > 60 {
        return false;
    }
    let first = between.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ')' | ',' | '`' | '*'));
    let dashes = ['-', '–', '—', '~', '→', '至'];
    let words = ["to", "until", "till", "and", "through", "bis", "à", "a", "até", "hasta", "til"];
    let word = first.split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    first.starts_with(dashes) || words.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let day = NaiveDate::from_ymd_opt(2024, 4, 30);
        let (from, to) = range(text, &DateContext::default())?.resolve(day, None)?;
        Some(format!("{} {}", from.to_rfc3339(), to.to_rfc3339()))
    }

    #[test]
    fn ranges_with_zones() {
        for (text, expected) in [
            ("between 9:45 am and 10:15 pm EAT", "2024-04-30T09:45:00+03:00 2024-04-30T22:15:00+03:00"),
            ("14:05–15:10 UTC", "2024-04-30T14:05:00+00:00 2024-04-30T15:10:00+00:00"),
            ("14:05 to 15:10 (CET)", "2024-04-30T14:05:00+02:00 2024-04-30T15:10:00+02:00"),
            ("from 4:14 to 5:01 pm PST", "2024-04-30T16:14:00-07:00 2024-04-30T17:01:00-07:00"),
            ("23:30 - 00:40 UTC", "2024-04-30T23:30:00+00:00 2024-05-01T00:40:00+00:00"),
            ("10:00 UTC+3 until 11:00 UTC+3", "2024-04-30T10:00:00+03:00 2024-04-30T11:00:00+03:00"),
            (
                "2024-05-01T14:05:00Z to 2024-05-02T01:00:00Z",
                "2024-05-01T14:05:00+00:00 2024-05-02T01:00:00+00:00",
            ),
            (
                "2024-05-01 14:05 - 2024-05-02 01:00 Africa/Kampala",
                "2024-05-01T14:05:00+03:00 2024-05-02T01:00:00+03:00",
            ),
        ] {
            assert_eq!(told(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn no_zone_no_moment_and_no_range_no_guess() {
        assert_eq!(told("14:05 to 15:10"), None);
        assert_eq!(told("ratio 4:1 and 99:99 UTC"), None);
        assert_eq!(
            range("at 14:05 UTC we saw it, then at 15:10 UTC it ended", &DateContext::default()),
            None
        );
    }

    #[test]
    fn durations_add_up() {
        for (text, minutes) in [
            ("approximately 12 hours and 30 minutes", Some(750)),
            ("1h 30m", Some(90)),
            ("47 minutes from 4:14 pm", Some(47)),
            ("2 days, 3 hours", Some(51 * 60)),
            ("673h 34m", Some(40_414)),
            ("a while", None),
        ] {
            assert_eq!(duration_minutes(text), minutes, "{text}");
        }
    }
}
