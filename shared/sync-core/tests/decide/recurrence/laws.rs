//! Whatever the starts: the answer stands for exactly these, and starts made by a rule have an answer.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use sync_core::mutation::{self, Mutation};
use sync_core::recurrence::{Starts, rule_of};

use super::{counted_out, instants, ordered, starts_of};

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn firsts() -> impl Strategy<Value = NaiveDateTime> {
    let first = NaiveDate::from_ymd_opt(2020, 1, 1)
        .expect("a day")
        .and_time(NaiveTime::MIN);
    (0_i64..15 * 365, 0_i64..48)
        .prop_map(move |(days, halves)| first + TimeDelta::days(days) + TimeDelta::minutes(30 * halves))
}

fn zones() -> impl Strategy<Value = Tz> {
    select(&TZ_VARIANTS[..])
}

fn nth() -> impl Strategy<Value = String> {
    (select(vec!["1", "2", "3", "4", "5", "-1"]), select(&DAYS[..]))
        .prop_map(|(nth, day)| format!("BYDAY={nth}{day}"))
}

/// Rules of every kind that is looked for, without their end.
fn rules() -> impl Strategy<Value = String> {
    let month_day = || {
        prop_oneof![
            (1..=31).prop_map(|day| format!("BYMONTHDAY={day}")),
            Just("BYMONTHDAY=-1".to_owned())
        ]
    };
    prop_oneof![
        (1..40).prop_map(|every| format!("FREQ=DAILY;INTERVAL={every}")),
        (1..5, subsequence(DAYS.to_vec(), 1..=7), select(vec!["MO", "SU"])).prop_map(
            |(every, days, begins)| format!(
                "FREQ=WEEKLY;INTERVAL={every};WKST={begins};BYDAY={}",
                days.join(",")
            )
        ),
        (1..14, prop_oneof![month_day(), nth()])
            .prop_map(|(every, day)| format!("FREQ=MONTHLY;INTERVAL={every};{day}")),
        // No month but February lacks its 30th, and a day that never comes has no series.
        (
            1..4,
            1..=12,
            prop_oneof![(1..=29).prop_map(|day| format!("BYMONTHDAY={day}")), nth()]
        )
            .prop_map(|(every, month, day)| format!("FREQ=YEARLY;INTERVAL={every};BYMONTH={month};{day}")),
    ]
}

/// The same starts in another order, as rows come.
fn shuffled<T: Clone>(of: &[T], by: usize) -> Vec<T> {
    let mut of = of.to_vec();
    let middle = by % of.len().max(1);
    of.rotate_left(middle);
    of.reverse();
    of
}

fn checked(starts: &Starts) -> Result<bool, TestCaseError> {
    let Some(rule) = rule_of(starts) else {
        return Ok(false);
    };
    prop_assert_eq!(&starts_of(&rule, starts), &ordered(starts), "{:?}", rule);
    Ok(true)
}

/// Ten o'clock in Rome before the clocks change, eleven after it: the same time in UTC.
#[test]
fn a_rule_that_forgets_a_clock_change_is_found_out() {
    let first = NaiveDate::from_ymd_opt(2026, 3, 20).and_then(|day| day.and_hms_opt(9, 0, 0));
    let first = first.expect("a time").and_utc();
    let starts = Starts::Timed {
        zone: Tz::Europe__Rome,
        starts: (0..4).map(|week| first + TimeDelta::weeks(week)).collect(),
    };
    assert!(checked(&starts).is_ok_and(|found| found));
    let forgotten = mutation::with(Mutation::ClockChangesForgotten, || checked(&starts));
    assert!(forgotten.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn starts_made_by_a_rule_have_one(
        first in firsts(), rule in rules(), count in 2_usize..60, zone in zones(), by in 0_usize..60,
    ) {
        let local = counted_out(first, &format!("{rule};COUNT={count}"));
        prop_assume!(local.len() >= 2);
        let days: Vec<NaiveDate> = local.iter().map(NaiveDateTime::date).collect();
        prop_assert!(checked(&Starts::AllDay(shuffled(&days, by)))?, "{rule} as days");
        if let Some(starts) = instants(&local, zone) {
            let timed = Starts::Timed { zone, starts: shuffled(&starts, by) };
            prop_assert!(checked(&timed)?, "{rule} in {zone}");
        }
    }

    #[test]
    fn some_may_have_been_struck_out(
        first in firsts(), rule in rules(), count in 3_usize..60, struck in prop::collection::vec(any::<Index>(), 1..15),
    ) {
        let mut days: Vec<NaiveDate> = counted_out(first, &format!("{rule};COUNT={count}"))
            .iter()
            .map(NaiveDateTime::date)
            .collect();
        let mut gone = 0;
        for index in struck {
            if days.len() > 2 && gone < (days.len() - 1) / 2 {
                days.remove(index.index(days.len()));
                gone += 1;
            }
        }
        prop_assume!(days.len() >= 2);
        prop_assert!(checked(&Starts::AllDay(days))?, "{rule} less {gone}");
    }

    #[test]
    fn one_that_was_moved_is_never_said_to_be_where_it_was(
        first in firsts(), rule in rules(), count in 3_usize..40, zone in zones(), which in any::<Index>(),
        by in (1_i64..2_000).prop_flat_map(|minutes| select(vec![-minutes, minutes])),
    ) {
        let local = counted_out(first, &format!("{rule};COUNT={count}"));
        prop_assume!(local.len() >= 3);
        let Some(mut starts) = instants(&local, zone) else { return Ok(()) };
        let moved = which.index(starts.len());
        starts[moved] += TimeDelta::minutes(by);
        checked(&Starts::Timed { zone, starts: starts.clone() })?;
        // Nothing hides a move by minutes where the clocks never change.
        if zone == Tz::UTC && by % 1440 != 0 {
            prop_assert_eq!(rule_of(&Starts::Timed { zone, starts }), None);
        }
    }

    #[test]
    fn no_answer_stands_for_other_starts(
        days in prop::collection::vec(0_i64..60, 2..12), minutes in prop::collection::vec(select(vec![0_i64, 60]), 12),
        base in firsts(), zone in zones(),
    ) {
        let starts: Vec<DateTime<Utc>> = days
            .iter()
            .zip(minutes)
            .map(|(day, minutes)| base.and_utc() + TimeDelta::days(*day) + TimeDelta::minutes(minutes))
            .collect();
        checked(&Starts::Timed { zone, starts })?;
        let days: Vec<NaiveDate> = days.iter().map(|day| base.date() + TimeDelta::days(*day)).collect();
        let mut once = days.clone();
        once.sort_unstable();
        once.dedup();
        let found = checked(&Starts::AllDay(days.clone()))?;
        prop_assert!(!found || once.len() == days.len(), "the same day twice");
    }
}
