use std::time::Duration as StdDuration;

use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_715_763_600 + seconds, 0).unwrap()
}

fn publish(interval: u64, minute: u32, hour: u32) -> Publish {
    Publish {
        create_interval: StdDuration::from_millis(interval),
        max_creates_per_minute: minute,
        max_creates_per_hour: hour,
        ..Publish::default()
    }
}

fn most_in_any(window: Duration, sends: &[DateTime<Utc>]) -> usize {
    sends
        .iter()
        .map(|start| sends.iter().filter(|send| *send >= start && **send < *start + window).count())
        .max()
        .unwrap_or(0)
}

proptest! {
    #[test]
    fn no_window_ever_holds_more_than_configured(
        interval in 0u64..5_000, minute in 1u32..6, hour in 1u32..30, count in 1usize..60,
        slowed in 0i64..8, delays in prop::collection::vec(0i64..20_000, 60),
    ) {
        let settings = publish(interval, minute, hour);
        let pace = Pace::new(&settings, slowed);
        let mut now = at(0);
        let mut sends: Vec<DateTime<Utc>> = Vec::new();
        for delay in delays.into_iter().take(count) {
            now += Duration::milliseconds(delay);
            now = now.max(pace.earliest(&sends).unwrap_or(now));
            sends.push(now);
        }
        // A pace that was lowered keeps the configured one all the more.
        prop_assert!(most_in_any(Duration::seconds(60), &sends) <= minute as usize);
        prop_assert!(most_in_any(Duration::seconds(3600), &sends) <= hour as usize);
        for pair in sends.windows(2) {
            prop_assert!(pair[1] - pair[0] >= Duration::milliseconds(i64::try_from(interval).unwrap()));
        }
    }

    #[test]
    fn a_forecast_is_what_happens(
        interval in 0u64..5_000, minute in 1u32..30, hour in 1u32..200, before in 0usize..40, count in 0usize..300,
    ) {
        let pace = Pace::new(&publish(interval, minute, hour), 0);
        let mut sends = pace.forecast(&[], at(0), before);
        let from = at(100_000).max(sends.last().copied().unwrap_or(at(0)));
        let forecast = pace.forecast(&sends, from, count);
        prop_assert_eq!(forecast.len(), count);
        for moment in forecast {
            prop_assert_eq!(pace.earliest(&sends).unwrap_or(from).max(from), moment);
            sends.push(moment);
        }
    }

    #[test]
    fn n_issues_take_as_long_as_the_formula_says(count in 1i64..700, hour in 1u32..200) {
        // Where the minute does not bind: ⌊(N−1)/H⌋ hours and ((N−1) mod H) intervals.
        let pace = Pace::new(&publish(3_000, u32::MAX, hour), 0);
        let last = *pace.forecast(&[], at(0), usize::try_from(count).unwrap()).last().unwrap();
        let (hours, rest) = ((count - 1) / i64::from(hour), (count - 1) % i64::from(hour));
        prop_assert_eq!(last, at(hours * 3600 + rest * 3));
    }

    #[test]
    fn whatever_happens_the_pace_is_never_above_the_configured(events in prop::collection::vec(0u8..12, 0..400)) {
        let settings = publish(3_000, 18, 140);
        let configured = Pace::new(&settings, 0);
        let mut standing = Credential::default();
        for event in events {
            standing = match event {
                0 => limited(&standing, Limit::Pace, at(10), "why", at(0), true),
                1 => limited(&standing, Limit::Budget, at(10), "why", at(0), true),
                _ => created(&standing),
            };
            let pace = Pace::new(&settings, standing.slowed);
            prop_assert!((0..=MOST_HALVINGS).contains(&standing.slowed));
            prop_assert!(pace.interval >= configured.interval);
            prop_assert!(pace.per_minute <= configured.per_minute && pace.per_hour <= configured.per_hour);
            prop_assert!(pace.per_minute >= 1 && pace.per_hour >= 1, "something may always be made some day");
        }
    }

    #[test]
    fn a_pause_is_never_shortened(
        asked in prop::collection::vec((0i64..2_000, 0u8..3, any::<bool>()), 1..20), step in 0i64..120,
    ) {
        let mut standing = Credential::default();
        for (index, (seconds, kind, is_create)) in asked.into_iter().enumerate() {
            let now = at(i64::try_from(index).unwrap() * step);
            let limit = [Limit::Budget, Limit::Pace, Limit::PaceUntold][usize::from(kind)];
            let until = now + Duration::seconds(seconds);
            let after = limited(&standing, limit, until, "why", now, is_create);
            prop_assert!(after.paused_until >= standing.paused_until && after.paused_until >= Some(until));
            prop_assert_eq!(closed(&after, until - Duration::seconds(1), false).is_some(), true);
            standing = after;
        }
    }

    #[test]
    fn what_is_heard_at_once_or_bit_by_bit_is_the_same(
        story in prop::collection::vec((any::<bool>(), 0i64..40), 1..30), seen_every in 1usize..5,
    ) {
        // What the process heard in the end, and what it takes in now and then.
        let mut now = at(0);
        let mut told = Standing::default();
        let (mut taken, mut standing) = (Standing::default(), Credential::default());
        let mut one_by_one = Credential::default();
        for (index, (is_answer, gap)) in story.into_iter().enumerate() {
            now += Duration::seconds(gap);
            let mut single = Heard::default();
            if is_answer {
                told.answered += 1;
                told.failures.clear();
                single.answered = true;
            } else {
                told.failures.push(now);
                single.failures.push(now);
            }
            one_by_one = heard(&one_by_one, &single, now);
            if index % seen_every == 0 {
                standing = heard(&standing, &Heard::since(&taken, &told), now);
                taken = told.clone();
            }
        }
        standing = heard(&standing, &Heard::since(&taken, &told), now);
        prop_assert_eq!(standing, one_by_one);
    }
}

#[test]
fn each_hit_halves_the_pace_and_a_hundred_clean_creates_double_it() {
    let settings = publish(3_000, 18, 140);
    let pace = |standing: &Credential| {
        let pace = Pace::new(&settings, standing.slowed);
        (pace.interval.num_seconds(), pace.per_minute, pace.per_hour)
    };
    let hit = |standing: &Credential| limited(standing, Limit::Pace, at(60), "why", at(0), true);
    let once = hit(&Credential::default());
    let twice = hit(&once);
    assert_eq!((pace(&once), pace(&twice)), ((6, 9, 70), (12, 4, 35)));
    let mut standing = twice;
    for _ in 0..99 {
        standing = created(&standing);
    }
    assert_eq!(pace(&standing), (12, 4, 35));
    standing = created(&standing);
    assert_eq!(pace(&standing), (6, 9, 70));
    for _ in 0..250 {
        standing = created(&standing);
    }
    assert_eq!((pace(&standing), standing.clean_creates), ((3, 18, 140), 0));
    // What has nothing to do with making issues does not slow it.
    assert_eq!(limited(&standing, Limit::Pace, at(60), "why", at(0), false).slowed, 0);
    assert_eq!(limited(&standing, Limit::Budget, at(60), "why", at(0), true).slowed, 0);
    let worst = (0..20).fold(standing, |standing, _| hit(&standing));
    assert_eq!(pace(&worst), (96, 1, 4));
}

#[test]
fn a_wait_of_untold_length_doubles_up_to_a_quarter_of_an_hour() {
    let mut standing = Credential::default();
    let mut waits = Vec::new();
    let mut now = at(0);
    for _ in 0..7 {
        standing = limited(&standing, Limit::PaceUntold, now + Duration::seconds(60), "why", now, false);
        let until = standing.paused_until.unwrap();
        waits.push((until - now).num_seconds());
        now = until;
    }
    assert_eq!(waits, [60, 120, 240, 480, 900, 900, 900]);
    standing =
        limited(&created(&standing), Limit::PaceUntold, now + Duration::seconds(60), "why", now, false);
    assert_eq!((standing.paused_until.unwrap() - now).num_seconds(), 60);
}

#[test]
fn the_last_tenth_of_an_hour_is_kept_for_people() {
    assert_eq!([40, 60, 300, 1000, 5000, 15_000].map(reserve), [40, 50, 50, 100, 500, 1500]);
    let with = |remaining: i64| {
        let budget = Some(Budget { limit: 5000, remaining, resets_at: at(600) });
        heard(&Credential::default(), &Heard { answered: true, budget, ..Heard::default() }, at(0))
    };
    // Nobody else has to know of a budget that is not near its end.
    assert_eq!(with(501), Credential::default());
    let low = with(500);
    assert_eq!(closed(&low, at(0), false), None);
    assert_eq!(
        closed(&low, at(0), true),
        Some(Closed {
            until: at(600),
            why: "500 of 5000 requests are left in this hour, and are kept for people".to_owned(),
            is_asked: false,
        })
    );
    assert_eq!(closed(&low, at(600), true), None);
    let fresh = Some(Budget { limit: 5000, remaining: 4999, resets_at: at(4200) });
    let after = heard(&low, &Heard { answered: true, budget: fresh, ..Heard::default() }, at(601));
    assert_eq!(after, Credential::default());
    assert!(decides_differently(&Credential::default(), &low) && decides_differently(&low, &after));
}

#[test]
fn five_failures_within_a_minute_are_an_outage_and_each_failed_try_doubles_the_rest() {
    let after = |failures: &[i64]| {
        let failures = failures.iter().map(|second| at(*second)).collect();
        heard(&Credential::default(), &Heard { failures, ..Heard::default() }, at(10_000))
    };
    let rest = |failures: &[i64]| {
        let last = at(*failures.last().unwrap());
        after(failures).closed_until.map(|until| (until - last).num_seconds())
    };
    assert_eq!(rest(&[0, 10, 20, 30]), None);
    assert_eq!(rest(&[0, 10, 20, 30, 60]), Some(30));
    assert_eq!(rest(&[0, 10, 20, 30, 61]), None);
    assert_eq!(rest(&[0, 70, 80, 90, 100, 110]), Some(30));
    let outage = [0, 1, 2, 3, 4, 40, 120, 300, 600, 1000, 1400];
    let rests: Vec<_> = (5..=outage.len()).map(|count| rest(&outage[..count]).unwrap()).collect();
    assert_eq!(rests, [30, 60, 120, 240, 300, 300, 300]);
    let open = after(&outage[..6]);
    assert!(is_out_of_order(&open, at(99)) && !is_out_of_order(&open, at(100)));
    let answered = heard(&open, &Heard { answered: true, ..Heard::default() }, at(50));
    assert_eq!(answered, Credential::default());
    // A failure long after the outage ended begins a new row.
    let again = heard(&answered, &Heard { failures: vec![at(9_000)], ..Heard::default() }, at(9_000));
    assert_eq!((again.failures, again.closed_until), (1, None));
}
