//! The suites that need no implementation to be tried out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use sync_core::kind::event::When;

use super::time::{clock_changes, time_is_kept};

#[test]
fn every_change_of_the_clocks_is_found_to_the_second() {
    let changes = clock_changes();
    let of = |zone: Tz| -> Vec<DateTime<Utc>> {
        let of_zone = changes.iter().filter(|change| change.zone == zone);
        of_zone.map(|change| change.at).collect()
    };
    let rome = of(Tz::Europe__Rome);
    assert_eq!(rome.len(), 32);
    assert!(rome.contains(&Utc.with_ymd_and_hms(2026, 3, 29, 1, 0, 0).unwrap()));
    assert!(rome.contains(&Utc.with_ymd_and_hms(2035, 10, 28, 1, 0, 0).unwrap()));
    // Ramadan moves Morocco's clocks within weeks.
    assert_eq!(of(Tz::Africa__Casablanca).len(), 34);
    assert_eq!(of(Tz::Asia__Kolkata).len(), 1);
    assert!(changes.len() > TZ_VARIANTS.len() * 5, "{}", changes.len());
}

/// Whole days kept as instants by today's offset alone come back on other days; the sweep has to find that out.
#[test]
fn a_conversion_that_forgets_the_clocks_is_found_out() {
    let forgetful = |when: &When, zone: Tz| match when {
        When::Timed { .. } => when.clone(),
        When::AllDay { start, end } => {
            let winter = zone.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap();
            let offset = winter.naive_local() - winter.naive_utc();
            let midnight = start.and_time(NaiveTime::MIN).and_utc() - offset;
            let day = midnight.with_timezone(&zone).date_naive();
            When::AllDay {
                start: day,
                end: day + (*end - *start),
            }
        }
    };
    assert!(catch_unwind(AssertUnwindSafe(|| time_is_kept(forgetful))).is_err());
    let late = |when: &When, zone: Tz| match when {
        When::Timed { start, end } => {
            // By the clock on the wall, the first of two.
            let local = start.with_timezone(&zone).naive_local();
            let start = zone.from_local_datetime(&local).earliest().unwrap().to_utc();
            When::Timed { start, end: *end }
        }
        When::AllDay { .. } => when.clone(),
    };
    assert!(catch_unwind(AssertUnwindSafe(|| time_is_kept(late))).is_err());
    time_is_kept(|when, _| when.clone());
}
