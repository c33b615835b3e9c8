//! Against the simulated Google.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use futures::stream::{self, StreamExt};
use serde_json::json;
use simulators::SimClock;
use simulators::google::{GoogleOptions, GoogleSim};
use simulators::{Fault, FaultRule, When as Happens};
use sync_core::change::{Change, ChangeSet, Observed, Reading};
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::kind::{Record, Series};
use sync_core::port::{Create, CreateSeries, Remote, Update};
use sync_core::recurrence::{Starts, rule_of};

use super::google::{at, reading, simulated, simulated_own};
use crate::calendar::{CALENDAR_CONCURRENCY, GoogleCalendar};

const ANNA: &str = "anna@example.com";

async fn google() -> GoogleSim {
    google_with(GoogleOptions::default()).await
}

async fn google_with(options: GoogleOptions) -> GoogleSim {
    GoogleSim::start(GoogleOptions {
        clock: SimClock::stopped(at(2, 8)),
        ..options
    })
    .await
    .unwrap()
}

fn record(title: &str, day: u32) -> EventRecord {
    EventRecord {
        title: title.to_owned(),
        description: "one\ntwo".to_owned(),
        location: "Room 4".to_owned(),
        when: When::Timed {
            start: at(day, 10),
            end: at(day, 11),
        },
        private: false,
    }
}

fn create(id: &str, record: EventRecord) -> Create<EventRecord> {
    Create {
        origin: RemoteId::new("Meetings", id),
        generation: 0,
        record,
        notify: false,
    }
}

fn update(seen: &Observed<EventRecord>, record: EventRecord) -> Update<EventRecord> {
    Update {
        id: seen.id.clone(),
        expected: seen.version.clone(),
        record,
        fields: EventRecord::FIELDS.to_vec(),
        notify: false,
    }
}

fn present(set: &ChangeSet<EventRecord>) -> Vec<&Observed<EventRecord>> {
    set.changes
        .iter()
        .flat_map(|change| match change {
            Change::Present(seen) => vec![seen],
            Change::Series { occurrences, .. } => occurrences.iter().collect(),
            Change::Removed(_) | Change::Left(_) | Change::Unreadable { .. } => Vec::new(),
        })
        .collect()
}

async fn delta(calendar: &GoogleCalendar, before: &ChangeSet<EventRecord>) -> ChangeSet<EventRecord> {
    calendar
        .changes(&reading(Some(before.cursor.clone())))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_zone_that_a_person_has_chosen_stays() {
    let google = google().await;
    let (calendar, person) = (simulated(&google, ANNA), google.person(ANNA));
    let point = |hour| json!({ "dateTime": at(3, hour).to_rfc3339(), "timeZone": "America/New_York" });
    let plans = json!({ "summary": "Plans", "start": point(10), "end": point(11) });
    let id = person.create("primary", &plans).unwrap();
    let Reading::Present(seen) = calendar.read(&RemoteId::new("primary", &id)).await.unwrap() else {
        panic!("not there");
    };
    let moved = update(&seen, record("Plans, new", 4));
    calendar.update(&moved).await.unwrap();
    let after = person.event("primary", &id).unwrap();
    assert_eq!(after["start"]["timeZone"], "America/New_York");
}

#[tokio::test]
async fn a_series_is_seen_as_its_occurrences() {
    let google = google().await;
    let (calendar, person) = (simulated(&google, ANNA), google.person(ANNA));
    let start = calendar.changes(&reading(None)).await.unwrap();
    let series = person
        .create(
            "primary",
            &json!({
                "summary": "Weekly", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"],
                "start": { "dateTime": "2026-03-20T10:00:00", "timeZone": "Europe/Rome" },
                "end": { "dateTime": "2026-03-20T11:00:00", "timeZone": "Europe/Rome" },
            }),
        )
        .unwrap();
    let first = delta(&calendar, &start).await;
    let starts: Vec<_> = present(&first)
        .iter()
        .map(|seen| seen.record.when.starts_at())
        .collect();
    // Ten o'clock in Rome, before and after the clocks change on the 29th of March.
    let rome = |days: i64, hour| at(20, hour) + TimeDelta::days(days);
    assert_eq!(starts, [rome(0, 9), rome(7, 9), rome(14, 8), rome(21, 8)]);
    assert!(
        present(&first)
            .iter()
            .all(|seen| seen.traits.series == Some(RemoteId::new("primary", &series)))
    );

    // One is moved by us, one is deleted by us, one is renamed by a person.
    let seen = present(&first);
    let moved = EventRecord {
        when: When::Timed {
            start: at(21, 9),
            end: at(21, 10),
        },
        ..seen[0].record.clone()
    };
    let moved = Update {
        fields: vec![EventField::When],
        ..update(seen[0], moved)
    };
    calendar.update(&moved).await.unwrap();
    calendar.delete(&seen[1].id, &seen[1].version).await.unwrap();
    person
        .edit("primary", &seen[2].id.id, &json!({ "summary": "Special" }))
        .unwrap();
    let second = delta(&calendar, &first).await;
    let titles: BTreeSet<_> = present(&second)
        .iter()
        .map(|seen| (seen.record.when.starts_at(), seen.record.title.clone()))
        .collect();
    assert!(titles.contains(&(at(21, 9), "Weekly".to_owned())));
    assert!(titles.contains(&(rome(14, 8), "Special".to_owned())));
    assert!(second.changes.contains(&Change::Removed(seen[1].id.clone())));

    // Listed whole, the same three are left, each once among the occurrences.
    google.expire_sync_tokens();
    let whole = delta(&calendar, &second).await;
    assert_eq!(whole.complete, BTreeSet::from(["primary".to_owned()]));
    let Some(Change::Series { id, occurrences, .. }) = whole.changes.last() else {
        panic!("no series")
    };
    assert_eq!((id.id.as_str(), occurrences.len()), (series.as_str(), 3));
}

#[tokio::test]
async fn a_series_made_from_rows_is_listed_to_its_end() {
    let google = google().await;
    let (calendar, person) = (simulated(&google, ANNA), google.person(ANNA));
    let start = calendar.changes(&reading(None)).await.unwrap();
    // Every four weeks, to the 16th of April of the year after: the window ends in March.
    let days = (0..15).map(|time| at(20, 10) + TimeDelta::weeks(4 * time));
    let starts = Starts::Timed {
        zone: chrono_tz::Tz::UTC,
        starts: days.collect(),
    };
    let made = CreateSeries {
        origin: RemoteId::new("Meetings", "row-0"),
        generation: 0,
        series: Series {
            first: record("Every four weeks", 20),
            rule: rule_of(&starts).unwrap(),
        },
    };
    assert_eq!(calendar.create_series(&made).await.unwrap().occurrences.len(), 15);
    let listed = |set: &ChangeSet<EventRecord>| match set.changes.last() {
        Some(Change::Series {
            id: _,
            occurrences,
            whole,
        }) => Some((occurrences.len(), *whole)),
        _ => None,
    };
    let first = delta(&calendar, &start).await;
    assert_eq!(listed(&first), Some((15, true)));

    // Somebody lets it go on for ever: then it ends where the window does.
    let series = present(&first)[0].traits.series.clone().unwrap();
    let for_ever = json!({ "recurrence": ["RRULE:FREQ=WEEKLY;INTERVAL=4"] });
    person.edit("primary", &series.id, &for_ever).unwrap();
    assert_eq!(listed(&delta(&calendar, &first).await), Some((13, false)));
}

#[tokio::test]
async fn many_copies_are_made_side_by_side() {
    let google = google_with(GoogleOptions {
        quota_per_minute: None,
        ..GoogleOptions::default()
    })
    .await;
    google.set_latency(Duration::from_millis(5));
    let calendar = simulated(&google, ANNA);
    let copies: Vec<_> = (0..200)
        .map(|number| create(&format!("m{number}"), record("Meeting", 3)))
        .collect();
    let made: Vec<_> = stream::iter(&copies)
        .map(|copy| calendar.create(copy))
        .buffer_unordered(100)
        .collect()
        .await;
    let ids: BTreeSet<_> = made
        .into_iter()
        .map(|created| created.unwrap().observed.id)
        .collect();
    assert_eq!(
        (ids.len(), google.person(ANNA).events("primary").len()),
        (200, 200)
    );
    assert!(google.traffic().peak_concurrency() <= CALENDAR_CONCURRENCY);
    assert!(google.traffic().peak_concurrency() > 1);
}

#[tokio::test]
async fn the_quota_is_waited_for_and_never_taken_for_anything_else() {
    let google = google().await;
    let throttle = || Fault::Throttle {
        status: 403,
        retry_after: Some(Duration::ZERO),
    };
    google.faults().add(FaultRule::new(throttle(), Happens::Next(2)));
    let calendar = simulated(&google, ANNA);
    calendar
        .create(&create("m1", record("Meeting", 3)))
        .await
        .unwrap();
    google.faults().add(FaultRule::new(throttle(), Happens::Always));
    let failure = calendar.changes(&reading(None)).await.unwrap_err();
    assert!(matches!(failure.class, Class::Retryable { .. }), "{failure:?}");
    assert_eq!(failure.code, "rate_limited");
}

#[tokio::test]
async fn whatever_happens_on_the_way_one_calendar_of_the_syncs_own_is_made() {
    let faults = [
        Fault::LostAnswer,
        Fault::CutBody,
        Fault::DropBefore,
        Fault::ServerErrorBefore(503),
        Fault::ServerErrorAfter(500),
    ];
    for fault in faults {
        for (method, times) in [("GET", 1), ("POST", 1), ("POST", 2)] {
            let google = google().await;
            let rule = FaultRule::new(fault.clone(), Happens::Next(times));
            google.faults().add(rule.methods(&[method]));
            // Where a run cannot open its way to Google, the next one asks again.
            let mut made = simulated_own(&google, ANNA).await;
            while made.is_err() {
                made = simulated_own(&google, ANNA).await;
            }
            let case = format!("{fault:?} {method} {times}");
            let calendars = google.person(ANNA).calendars();
            assert_eq!(calendars.len(), 2, "{case}: {calendars:?}");
            assert!(calendars.contains(&made.unwrap()), "{case}");
        }
    }
}
