//! The date grammar as a table: what is written, and what it means on Friday, 15 May 2026.

use super::*;

fn context(order: DateOrder) -> DateContext {
    DateContext { reference: NaiveDate::from_ymd_opt(2026, 5, 15), order, is_decided: false }
}

#[test]
fn dates_as_people_write_them() {
    let table = [
        // Written days.
        ("2026-05-31", "2026-05-31 iso"),
        ("2026/5/31", "2026-05-31 iso"),
        ("2026-05-31T10:00:00Z", "2026-05-31 iso"),
        ("2026年5月31日", "2026-05-31 iso"),
        ("30th April, 2024", "2024-04-30 day-month"),
        ("15 May 2024", "2024-05-15 day-month"),
        ("31/12", "2026-12-31 day-of-month"),
        ("1.12.", "2026-12-01 day-of-month"),
        ("1 Sept. 2026", "2026-09-01 day-month"),
        ("3. März 2026", "2026-03-03 day-month"),
        ("12 de abril de 2026", "2026-04-12 day-month"),
        ("May 15, 2024", "2024-05-15 month-day"),
        ("Jul 16, 2023", "2023-07-16 month-day"),
        ("due by June 3rd", "2026-06-03 month-day"),
        ("Friday, 5 June", "2026-06-05 day-month"),
        ("3 January", "2027-01-03 day-month"),
        ("20 April", "2026-04-20 day-month"),
        ("31/05/2026", "2026-05-31 numeric"),
        ("31.05.2026", "2026-05-31 numeric"),
        ("05/31/2026", "2026-05-31 numeric"),
        ("31/05/26", "2026-05-31 numeric"),
        ("5-26-21", "2021-05-26 numeric"),
        ("2026-Feb-07", "2026-02-07 iso"),
        ("2025-DEC-5", "2025-12-05 iso"),
        // A range ends with its last day.
        ("January 14-19, 2026", "2026-01-19 days"),
        ("14–19 January 2026", "2026-01-19 days"),
        ("14 to 19 June", "2026-06-19 days"),
        ("June 14-19", "2026-06-19 days"),
        // Periods stand for their last day.
        ("end of May", "2026-05-31 end-of month"),
        ("End of February 2028", "2028-02-29 end-of month"),
        ("mid-June", "2026-06-15 end-of month"),
        ("end of Q3", "2026-09-30 end-of quarter"),
        ("end of the month", "2026-05-31 end-of month"),
        ("end of next week", "2026-05-22 end-of week"),
        ("end of year", "2026-12-31 end-of year"),
        ("end of 2027", "2027-12-31 end-of year"),
        ("EOW", "2026-05-15 end-of week"),
        ("EOM", "2026-05-31 end-of month"),
        ("EOY 2026", "2026-12-31 end-of year"),
        ("Q3 2026", "2026-09-30 quarter quarter"),
        ("2026 Q4", "2026-12-31 quarter quarter"),
        ("Q3'27", "2027-09-30 quarter quarter"),
        ("Q1", "2027-03-31 quarter quarter"),
        ("by Q2", "2026-06-30 quarter quarter"),
        ("H1 2027", "2027-06-30 half half"),
        ("H2", "2026-12-31 half half"),
        ("May 2027", "2027-05-31 month month"),
        ("August", "2026-08-31 month month"),
        ("2026-08", "2026-08-31 year-month month"),
        ("this month", "2026-05-31 relative month"),
        ("next month", "2026-06-30 relative month"),
        ("next quarter", "2026-09-30 relative quarter"),
        ("next week", "2026-05-22 relative week"),
        // Counted from the reference.
        ("within 30 days", "2026-06-14 within"),
        ("30 days", "2026-06-14 within"),
        ("in 2 weeks", "2026-05-29 within"),
        ("within a month", "2026-06-15 within"),
        ("in the next two weeks", "2026-05-29 within"),
        ("5 business days", "2026-05-22 within"),
        ("tomorrow", "2026-05-16 relative"),
        ("next Friday", "2026-05-22 relative"),
        ("by Monday", "2026-05-18 relative"),
    ];
    for (written, expected) in table {
        let told = resolve_date(written, &context(DateOrder::DayFirst)).map(|resolved| {
            let precision = match resolved.precision {
                Precision::Day => "",
                Precision::Week => " week",
                Precision::Month => " month",
                Precision::Quarter => " quarter",
                Precision::Half => " half",
                Precision::Year => " year",
            };
            format!("{} {}{precision}", resolved.date, resolved.rule)
        });
        assert_eq!(told.as_deref(), Some(expected), "{written}");
    }
}

#[test]
fn what_is_unclear_stays_unclear() {
    for written in [
        "TBD",
        "ASAP",
        "soon",
        "",
        "next sprint",
        "later",
        "N/A",
        "31/31/2026",
        "2026-13-40",
        "42",
        "v1.2.3",
        "ongoing",
    ] {
        assert_eq!(resolve_date(written, &context(DateOrder::DayFirst)), None, "{written}");
    }
    assert_eq!(resolve_date("within 30 days", &DateContext::default()), None);
    assert_eq!(
        resolve_date("within 9999 years", &context(DateOrder::DayFirst)).map(|date| date.rule),
        Some("within")
    );
}

#[test]
fn day_and_month_follow_the_configured_order_and_doubt_is_told() {
    let day_first = resolve_date("04/05/2026", &context(DateOrder::DayFirst)).unwrap();
    let month_first = resolve_date("04/05/2026", &context(DateOrder::MonthFirst)).unwrap();
    assert_eq!(
        (day_first.date.to_string(), month_first.date.to_string()),
        ("2026-05-04".into(), "2026-04-05".into())
    );
    assert_eq!(
        day_first.warning.as_deref(),
        Some("the date is read as 2026-05-04; it could also mean 2026-04-05")
    );
    let decided = DateContext { is_decided: true, ..context(DateOrder::MonthFirst) };
    assert_eq!(resolve_date("04/05/2026", &decided).unwrap().warning, None);
    assert_eq!(resolve_date("05/05/2026", &context(DateOrder::DayFirst)).unwrap().warning, None);
    let without_year = resolve_date("04/05", &context(DateOrder::DayFirst)).unwrap();
    let warning = without_year.warning.unwrap_or_default();
    assert!(warning.contains("-05-04; it could also mean "), "{warning}");
    assert_eq!(resolve_date("31/05/2026", &context(DateOrder::MonthFirst)).unwrap().warning, None);
}

#[test]
fn running_text_gives_only_what_is_surely_a_date() {
    let text = "On 30th April, 2024 release v1.2.3 may fail; fix it by end of May, 4 nodes in 2 days, 10.0.0.12; \
                call 5-26-21-99, wait on 5-26-21, rest on June 3 and 14 others, 1-2 May 2026";
    let found: Vec<&str> = find_dates(text, &context(DateOrder::DayFirst))
        .iter()
        .map(|date| &text[date.start..date.end])
        .collect();
    assert_eq!(found, ["30th April, 2024", "end of May", "in 2 days", "5-26-21", "June 3", "1-2 May 2026"]);
}
