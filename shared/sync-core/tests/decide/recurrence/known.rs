//! Starts with the rule that a person would name for them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sync_core::recurrence::{Starts, rule_of};

use super::{instants, ordered, starts_of};

fn days(days: &[&str]) -> Starts {
    let day = |day: &&str| NaiveDate::parse_from_str(day, "%Y-%m-%d").expect("a day");
    Starts::AllDay(days.iter().map(day).collect())
}

fn at(zone: Tz, local: &[&str]) -> Starts {
    let local: Vec<_> = local
        .iter()
        .map(|local| NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").expect("a time"))
        .collect();
    Starts::Timed {
        zone,
        starts: instants(&local, zone).expect("times that there are"),
    }
}

fn lines(starts: &Starts) -> Vec<String> {
    let Some(rule) = rule_of(starts) else {
        return Vec::new();
    };
    assert_eq!(starts_of(&rule, starts), ordered(starts), "{rule:?}");
    rule.lines()
}

#[test]
fn days_have_the_rule_that_a_person_would_name() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["2026-03-02", "2026-03-03"], &["RRULE:FREQ=DAILY;COUNT=2"]),
        (
            &["2026-03-02", "2026-03-04", "2026-03-06"],
            &["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"],
        ),
        (
            &["2026-03-02", "2026-03-09"],
            &["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2"],
        ),
        (
            &["2026-03-02", "2026-03-16", "2026-03-30"],
            &["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=3"],
        ),
        (
            &["2026-03-03", "2026-03-05", "2026-03-10", "2026-03-12"],
            &["RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4"],
        ),
        // Monday to Friday of two weeks.
        (
            &[
                "2026-03-02",
                "2026-03-03",
                "2026-03-04",
                "2026-03-05",
                "2026-03-06",
                "2026-03-09",
                "2026-03-10",
                "2026-03-11",
                "2026-03-12",
                "2026-03-13",
            ],
            &["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10"],
        ),
        (
            &["2026-01-15", "2026-02-15"],
            &["RRULE:FREQ=MONTHLY;BYMONTHDAY=15;COUNT=2"],
        ),
        (
            &["2026-01-15", "2026-04-15", "2026-07-15"],
            &["RRULE:FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15;COUNT=3"],
        ),
        // Months without a 31st are passed over, by the rule and by these days.
        (
            &[
                "2026-01-31",
                "2026-03-31",
                "2026-05-31",
                "2026-07-31",
                "2026-08-31",
            ],
            &["RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=5"],
        ),
        (
            &["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
            &["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4"],
        ),
        (
            &["2026-01-13", "2026-02-10", "2026-03-10", "2026-04-14"],
            &["RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=4"],
        ),
        (
            &["2026-01-30", "2026-02-27", "2026-03-27", "2026-04-24"],
            &["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=4"],
        ),
        // Fifth Fridays, in the months that have five.
        (
            &["2026-01-30", "2026-05-29", "2026-07-31", "2026-10-30"],
            &["RRULE:FREQ=MONTHLY;BYDAY=5FR;COUNT=4"],
        ),
        (
            &["2026-06-03", "2027-06-03", "2028-06-03"],
            &["RRULE:FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=3;COUNT=3"],
        ),
        (
            &["2024-02-29", "2028-02-29"],
            &["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2"],
        ),
        (
            &["2025-11-27", "2026-11-26", "2027-11-25"],
            &["RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3"],
        ),
        // One struck out.
        (
            &["2026-03-02", "2026-03-09", "2026-03-23"],
            &["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4", "EXDATE;VALUE=DATE:20260316"],
        ),
        // Tuesday and Sunday of every second week, in weeks that begin on Sunday.
        (
            &["2026-03-01", "2026-03-03", "2026-03-15", "2026-03-17"],
            &["RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU;COUNT=4"],
        ),
        // The same of weeks that begin on Monday.
        (
            &["2026-03-03", "2026-03-08", "2026-03-17", "2026-03-22"],
            &["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=4"],
        ),
    ];
    for (starts, expected) in cases {
        assert_eq!(lines(&days(starts)), *expected, "{starts:?}");
    }
}

#[test]
fn what_follows_no_rule_has_none() {
    let cases: &[&[&str]] = &[
        &[],
        &["2026-03-02"],
        &["2026-03-02", "2026-03-02"],
        &["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-09"],
        // One of them moved by a day.
        &["2026-03-02", "2026-03-09", "2026-03-17", "2026-03-23"],
        // As PHP counts months from the 31st.
        &["2026-01-31", "2026-03-03", "2026-03-31", "2026-05-01"],
        &[
            "2026-03-02",
            "2026-03-05",
            "2026-03-17",
            "2026-04-02",
            "2026-04-29",
        ],
    ];
    for starts in cases {
        assert_eq!(rule_of(&days(starts)), None, "{starts:?}");
    }
}

#[test]
fn ten_o_clock_stays_ten_o_clock() {
    let rome = at(
        Tz::Europe__Rome,
        &[
            "2026-03-16 10:00",
            "2026-03-23 10:00",
            "2026-03-30 10:00",
            "2026-04-13 10:00",
        ],
    );
    assert_eq!(
        lines(&rome),
        [
            "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5",
            "EXDATE;TZID=Europe/Rome:20260406T100000"
        ]
    );
    assert_eq!(
        rule_of(&rome).and_then(|rule| rule.zone()),
        Some(Tz::Europe__Rome)
    );
}

#[test]
fn a_series_that_keeps_its_time_in_utc_is_counted_in_utc() {
    let first = at(Tz::America__New_York, &["2026-10-19 22:00"]);
    let Starts::Timed { zone, starts } = first else {
        panic!("not timed")
    };
    let week = |number: i64| starts.first().copied().expect("one") + TimeDelta::weeks(number);
    let starts = Starts::Timed {
        zone,
        starts: vec![week(0), week(1), week(2), week(4)],
    };
    let rule = rule_of(&starts).expect("a rule");
    // Monday evening in New York is Tuesday in UTC.
    assert_eq!(
        rule.lines(),
        ["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=5", "EXDATE:20261110T020000Z"]
    );
    assert_eq!(rule.zone(), Some(Tz::UTC));
    assert_eq!(starts_of(&rule, &starts), starts);
}

#[test]
fn another_time_of_day_is_no_occurrence_of_the_rule() {
    let moved = at(
        Tz::Europe__Rome,
        &[
            "2026-03-02 10:00",
            "2026-03-09 10:00",
            "2026-03-16 11:30",
            "2026-03-23 10:00",
        ],
    );
    assert_eq!(rule_of(&moved), None);
    let half: Vec<DateTime<Utc>> = [0, 7]
        .map(|day| DateTime::UNIX_EPOCH + TimeDelta::days(day) + TimeDelta::milliseconds(500))
        .to_vec();
    let starts = Starts::Timed {
        zone: Tz::UTC,
        starts: half,
    };
    assert_eq!(rule_of(&starts), None);
}

#[test]
fn times_that_the_clocks_skip_are_left_to_nobody() {
    // Half past two does not exist on the 29th of March: the rule would make it, kept or struck out.
    let days = [25, 26, 27, 28, 30, 31].map(|day| format!("2026-03-{day} 02:30"));
    let about = at(Tz::Europe__Rome, &days.each_ref().map(String::as_str));
    assert_eq!(rule_of(&about), None);
    let shifted = at(
        Tz::Europe__Rome,
        &[
            "2026-03-27 02:30",
            "2026-03-28 02:30",
            "2026-03-29 03:30",
            "2026-03-30 02:30",
        ],
    );
    assert_eq!(rule_of(&shifted), None);
    // Twice there: the first one follows the rule, the second does not.
    let first = at(
        Tz::Europe__Rome,
        &["2026-10-24 02:30", "2026-10-25 02:30", "2026-10-26 02:30"],
    );
    assert_eq!(lines(&first), ["RRULE:FREQ=DAILY;COUNT=3"]);
    let Starts::Timed { zone, mut starts } = first else {
        panic!("not timed")
    };
    for start in starts.iter_mut().skip(1).take(1) {
        *start += TimeDelta::hours(1);
    }
    assert_eq!(rule_of(&Starts::Timed { zone, starts }), None);
}

#[test]
fn a_rule_has_no_more_exceptions_than_one_for_two_starts() {
    let day =
        |number: u64| NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day") + chrono::Days::new(number * 7);
    let of = |weeks: &[u64]| rule_of(&Starts::AllDay(weeks.iter().map(|week| day(*week)).collect()));
    let one = of(&[0, 1, 3]).expect("a rule");
    assert_eq!(one.lines().len(), 2);
    assert_eq!(of(&[0, 1, 4]), None);
    assert!(of(&[0, 2, 3, 5]).is_some());
    assert_eq!(of(&[0, 2, 3, 6]), None);
    // Four years and a half, one week left out of every four: too many to have been struck out one by one.
    let weeks: Vec<u64> = (0..240).filter(|week| week % 4 != 2).collect();
    assert_eq!(of(&weeks), None);
    assert!(of(weeks.get(..150).expect("so many")).is_some());
}
