//! Against the simulated Google.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::google::{GoogleOptions, GoogleSim};
use simulators::{Fault, FaultRule, When as Happens};
use sync_core::change::{Change, ChangeSet, Observed, Reading};
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::port::{Create, Remote, Update};

use super::google::{at, reading, simulated};
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
async fn a_copy_lives_is_edited_and_dies() {
    let google = google().await;
    let calendar = simulated(&google, ANNA);
    let start = calendar.changes(&reading(None)).await.unwrap();
    let created = calendar
        .create(&create("m1", record("Meeting", 3)))
        .await
        .unwrap();
    assert_eq!(created.observed.record, record("Meeting", 3));

    // Our own write comes back under the version that we know.
    let echo = delta(&calendar, &start).await;
    assert_eq!(present(&echo), [&created.observed]);
    let calls = google.traffic().calls();
    assert!(delta(&calendar, &echo).await.changes.is_empty());
    assert_eq!(google.traffic().calls(), calls + 1);

    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    let whole_day = EventRecord {
        when: When::AllDay {
            start: day(5),
            end: day(6),
        },
        ..record("Moved", 3)
    };
    let updated = calendar
        .update(&update(&created.observed, whole_day.clone()))
        .await
        .unwrap();
    assert_eq!(updated.record, whole_day);
    let timed = EventRecord {
        private: true,
        ..record("Back", 4)
    };
    let updated = calendar.update(&update(&updated, timed.clone())).await.unwrap();
    assert_eq!(updated.record, timed);
    assert_eq!(
        google.person(ANNA).event("primary", &updated.id.id).unwrap()["start"]["timeZone"],
        "Europe/Rome"
    );

    let stale = calendar
        .update(&update(&created.observed, record("Late", 3)))
        .await
        .unwrap_err();
    assert_eq!(stale.class, Class::Conflict);
    assert_eq!(calendar.delete(&updated.id, &updated.version).await, Ok(true));
    assert_eq!(calendar.delete(&updated.id, &updated.version).await, Ok(false));
    assert_eq!(calendar.read(&updated.id).await, Ok(Reading::Gone));
    assert_eq!(
        delta(&calendar, &echo).await.changes,
        [Change::Removed(updated.id)]
    );

    let again = calendar.create(&create("m1", record("Again", 3))).await.unwrap();
    assert_eq!((again.generation, again.adopted), (1, false));
    assert!(google.mails().is_empty());
}

#[tokio::test]
async fn what_is_not_ours_is_the_same_after_every_write() {
    let google = google().await;
    let (calendar, person) = (simulated(&google, ANNA), google.person(ANNA));
    let id = person
        .create(
            "primary",
            &json!({
                "summary": "Plans", "description": "Agenda",
                "start": { "dateTime": "2026-03-03T10:00:00Z", "timeZone": "America/New_York" },
                "end": { "dateTime": "2026-03-03T11:00:00Z", "timeZone": "America/New_York" },
                "attendees": [{ "email": "ben@example.com" }, { "email": "guest@example.com" }],
                "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 7 }] },
                "colorId": "5", "transparency": "transparent", "guestsCanModify": true,
                "extendedProperties": { "private": { "other": "1" }, "shared": { "both": "2" } },
            }),
        )
        .unwrap();
    let mails = google.mails().len();
    let before = person.event("primary", &id).unwrap();
    let Reading::Present(seen) = calendar.read(&RemoteId::new("primary", &id)).await.unwrap() else {
        panic!("not there");
    };
    calendar
        .update(&update(
            &seen,
            EventRecord {
                private: true,
                ..record("Plans, new", 4)
            },
        ))
        .await
        .unwrap();
    let after = person.event("primary", &id).unwrap();
    let ours = [
        "summary",
        "description",
        "location",
        "visibility",
        "start",
        "end",
        "etag",
        "updated",
        "sequence",
    ];
    let rest = |event: &Value| {
        let mut event = event.as_object().unwrap().clone();
        event.retain(|name, _| !ours.contains(&name.as_str()));
        event
    };
    assert_eq!(rest(&after), rest(&before));
    assert_eq!(after["start"]["timeZone"], "America/New_York");
    assert_eq!(google.mails().len(), mails);
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
    let Some(Change::Series { id, occurrences }) = whole.changes.last() else {
        panic!("no series")
    };
    assert_eq!((id.id.as_str(), occurrences.len()), (series.as_str(), 3));
}

#[tokio::test]
async fn whatever_happens_on_the_way_each_write_happens_once() {
    let faults = [
        Fault::LostAnswer,
        Fault::CutBody,
        Fault::DropBefore,
        Fault::ServerErrorBefore(503),
        Fault::ServerErrorAfter(500),
    ];
    for fault in faults {
        for method in ["POST", "PATCH", "DELETE"] {
            let google = google().await;
            let calendar = simulated(&google, ANNA);
            let rule = || FaultRule::new(fault.clone(), Happens::Next(1)).methods(&[method]);
            google.faults().add(rule());
            let created = calendar
                .create(&create("m1", record("Meeting", 3)))
                .await
                .unwrap();
            assert_eq!(
                google.person(ANNA).events("primary").len(),
                1,
                "{fault:?} {method}"
            );
            let wanted = record("Renamed", 4);
            // A change whose answer was lost is a conflict with ourselves: the next look shows it done.
            match calendar.update(&update(&created.observed, wanted.clone())).await {
                Ok(seen) => assert_eq!(seen.record, wanted),
                Err(failure) => assert_eq!(failure.class, Class::Conflict, "{fault:?} {method}"),
            }
            let Reading::Present(seen) = calendar.read(&created.observed.id).await.unwrap() else {
                panic!("gone after {fault:?} {method}");
            };
            assert_eq!(seen.record, wanted, "{fault:?} {method}");
            // After a lost answer the repeat meets an event that is gone.
            calendar.delete(&seen.id, &seen.version).await.unwrap();
            assert!(google.person(ANNA).events("primary").is_empty());
            assert!(google.mails().is_empty());
        }
    }
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
async fn pages_may_be_short_or_empty() {
    let google = google_with(GoogleOptions {
        page_items_max: Some(7),
        empty_page_after: Some(2),
        ..GoogleOptions::default()
    })
    .await;
    google.seed_events(ANNA, 60);
    let calendar = simulated(&google, ANNA);
    let set = calendar.changes(&reading(None)).await.unwrap();
    let ids: BTreeSet<_> = present(&set).into_iter().map(|seen| &seen.id).collect();
    assert_eq!((ids.len(), set.changes.len()), (60, 60));
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
