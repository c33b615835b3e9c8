//! The rule that single occurrences follow, held against a library that counts every rule out.

mod corpus;
mod known;
mod laws;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use rrule::{RRule, Unvalidated};
use sync_core::recurrence::{Rule, Starts};

/// More than any rule here makes.
const OCCURRENCES_MAX: u16 = 5_000;

/// What a rule makes, by the clock on the wall. The library is given floating times as if they were UTC, and turning
/// them into instants is left to [`instants`]: with a zone it doubles and drops occurrences about clock changes.
///
/// # Source
/// <https://github.com/fmeringdal/rust-rrule/issues/115>, open with version 0.14.
pub(crate) fn counted_out(first: NaiveDateTime, rrule: &str) -> Vec<NaiveDateTime> {
    let read: RRule<Unvalidated> = rrule.parse().expect("a rule that can be read");
    let made = read
        .build(first.and_utc().with_timezone(&rrule::Tz::UTC))
        .expect("a rule that can be counted out")
        .all(OCCURRENCES_MAX);
    assert!(!made.limited, "{rrule} makes too many");
    made.dates.into_iter().map(|at| at.naive_utc()).collect()
}

/// Local times as instants; `None` where one of them is skipped by the clocks.
pub(crate) fn instants(local: &[NaiveDateTime], zone: Tz) -> Option<Vec<DateTime<Utc>>> {
    local
        .iter()
        .map(|local| Some(zone.from_local_datetime(local).earliest()?.to_utc()))
        .collect()
}

/// The starts that a rule stands for, counted out by the library, less its exceptions.
pub(crate) fn starts_of(rule: &Rule, starts: &Starts) -> Starts {
    match (starts, &rule.exdates) {
        (
            Starts::Timed { zone, starts },
            Starts::Timed {
                zone: counted_in,
                starts: exdates,
            },
        ) => {
            let first = starts.iter().min().expect("a start");
            let local = counted_out(first.with_timezone(counted_in).naive_local(), &rule.rrule);
            let made = instants(&local, *counted_in).expect("no time that the clocks skip");
            Starts::Timed {
                zone: *zone,
                starts: less(made, exdates),
            }
        }
        (Starts::AllDay(days), Starts::AllDay(exdates)) => {
            let first = days.iter().min().expect("a day");
            let made = counted_out(first.and_time(NaiveTime::MIN), &rule.rrule);
            let made: Vec<NaiveDate> = made.into_iter().map(|at| at.date()).collect();
            Starts::AllDay(less(made, exdates))
        }
        (Starts::Timed { .. }, Starts::AllDay(_)) | (Starts::AllDay(_), Starts::Timed { .. }) => {
            panic!("exceptions of another kind than the starts")
        }
    }
}

/// Takes the exceptions out, each of which has to be there.
fn less<T: PartialEq + std::fmt::Debug>(mut made: Vec<T>, exceptions: &[T]) -> Vec<T> {
    for exception in exceptions {
        let at = made.iter().position(|made| made == exception);
        made.remove(at.unwrap_or_else(|| panic!("{exception:?} is no occurrence")));
    }
    made
}

/// The starts in order.
pub(crate) fn ordered(starts: &Starts) -> Starts {
    let mut ordered = starts.clone();
    match &mut ordered {
        Starts::Timed { zone: _, starts } => starts.sort_unstable(),
        Starts::AllDay(days) => days.sort_unstable(),
    }
    ordered
}
