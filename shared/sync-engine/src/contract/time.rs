//! What taking a time to a side and back must keep, about every clock change of every zone.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use sync_core::kind::event::When;

/// Years that are swept, the second one not included.
const YEARS: (i32, i32) = (2020, 2036);

/// No zone changes its clocks twice within so many days and ends where it began.
const APART_DAYS: u64 = 7;

/// Starts are taken from so long before a change to so long after it, which is farther than any zone jumps.
const AROUND: TimeDelta = TimeDelta::hours(3);

/// From one start to the next.
const STEP_MINUTES: i64 = 30;

/// Lengths of timed events: none, and one that reaches over the change. Whole multiples of a day are not among them,
/// since a CRM without whole days says a whole day that way.
const LENGTHS_MINUTES: [i64; 2] = [0, 150];

/// The moment at which a zone changes its clocks.
#[derive(Debug, Clone, Copy)]
pub struct ClockChange {
    /// The zone.
    pub zone: Tz,
    /// The first instant of the new offset.
    pub at: DateTime<Utc>,
}

/// Every change of every zone from 2020 to 2035, and for zones that never change theirs one moment to look at.
pub fn clock_changes() -> Vec<ClockChange> {
    let (from, until) = (new_year(YEARS.0), new_year(YEARS.1));
    let mut changes = Vec::new();
    for zone in TZ_VARIANTS {
        let before = changes.len();
        let mut at = from;
        while at < until {
            let next = at + Days::new(APART_DAYS);
            if offset(zone, at) != offset(zone, next) {
                changes.push(ClockChange {
                    zone,
                    at: between(zone, at, next),
                });
            }
            at = next;
        }
        if changes.len() == before {
            changes.push(ClockChange { zone, at: from });
        }
    }
    changes
}

/// Takes times to a side and back, and panics at the first one that comes back as another: instants about the change,
/// whole days about it, and the time of day of a weekly series that crosses it.
///
/// `there_and_back` gets the time of an event and the zone that its owner lives in. Hundreds of zones change their
/// clocks together, from the same offset to the same one: the first of them is swept whole, and the others are looked
/// at in the change itself, which keeps the suite to seconds.
pub fn time_is_kept(there_and_back: impl Fn(&When, Tz) -> When) {
    let (mut zones, mut swept) = (BTreeSet::new(), BTreeSet::new());
    for change in clock_changes() {
        zones.insert(change.zone.name());
        let keeps = |when: &When| {
            let back = there_and_back(when, change.zone);
            assert_eq!(
                back, *when,
                "about the change of {} at {}",
                change.zone, change.at
            );
        };
        let from = offset(change.zone, change.at - TimeDelta::seconds(1)).local_minus_utc();
        let to = offset(change.zone, change.at).local_minus_utc();
        if swept.insert((change.at, from, to)) {
            timed_about(change.at).iter().for_each(&keeps);
            whole_days_about(change).iter().for_each(&keeps);
            weekly_about(change).iter().for_each(&keeps);
        } else {
            in_the_change(change).iter().for_each(keeps);
        }
    }
    assert_eq!(zones.len(), TZ_VARIANTS.len(), "every zone was looked at");
}

/// An event that reaches over the change, one that begins with it, and its day.
fn in_the_change(change: ClockChange) -> [When; 3] {
    let day = change.at.with_timezone(&change.zone).date_naive();
    let timed = |start| When::Timed {
        start,
        end: start + TimeDelta::hours(2),
    };
    [
        timed(change.at - TimeDelta::hours(1)),
        timed(change.at),
        When::AllDay {
            start: day,
            end: day + Days::new(1),
        },
    ]
}

fn timed_about(at: DateTime<Utc>) -> Vec<When> {
    let of = |start, length| When::Timed {
        start,
        end: start + TimeDelta::minutes(length),
    };
    starts_about(at)
        .flat_map(|start| LENGTHS_MINUTES.map(|length| of(start, length)))
        .collect()
}

fn starts_about(at: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let steps = 2 * AROUND.num_minutes() / STEP_MINUTES;
    (0..=steps).map(move |step| at - AROUND + TimeDelta::minutes(step * STEP_MINUTES))
}

/// The days before, of and after a change, alone and as a long weekend.
fn whole_days_about(change: ClockChange) -> Vec<When> {
    let day = change.at.with_timezone(&change.zone).date_naive();
    let first = day - Days::new(2);
    let of = |start: NaiveDate, days: u64| When::AllDay {
        start,
        end: start + Days::new(days),
    };
    (0..5)
        .map(|number| of(first + Days::new(number), 1))
        .chain([of(first, 4), of(day, 3)])
        .collect()
}

/// Occurrences of weekly series at the same time of day, a week before a change, on its day and a week after it, as
/// far as the clocks show that time.
fn weekly_about(change: ClockChange) -> Vec<When> {
    let local = |at: DateTime<Utc>| at.with_timezone(&change.zone).naive_local();
    let times: BTreeSet<NaiveTime> = starts_about(change.at).map(|at| local(at).time()).collect();
    let day = local(change.at).date();
    let mut occurrences = Vec::new();
    for time in times {
        for date in [day - Days::new(7), day, day + Days::new(7)] {
            if let Some(start) = change.zone.from_local_datetime(&date.and_time(time)).earliest() {
                assert_eq!(start.time(), time);
                occurrences.push(When::Timed {
                    start: start.to_utc(),
                    end: start.to_utc() + TimeDelta::minutes(45),
                });
            }
        }
    }
    occurrences
}

fn between(zone: Tz, before: DateTime<Utc>, after: DateTime<Utc>) -> DateTime<Utc> {
    let (mut before, mut after) = (before, after);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        let middle = DateTime::from_timestamp(middle.timestamp(), 0).unwrap();
        if offset(zone, middle) == offset(zone, before) {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

fn offset(zone: Tz, at: DateTime<Utc>) -> FixedOffset {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix()
}

fn new_year(year: i32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap()
}
