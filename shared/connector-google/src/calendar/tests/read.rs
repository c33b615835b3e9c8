//! Lists, sync tokens, occurrences.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use serde_json::{Value, json};
use sync_core::change::{Change, Reading, Window};
use sync_core::failure::Class;
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::event::EventRecord;
use sync_core::policy::Description;
use sync_core::port::{ReadRequest, Remote};

use super::google::{Google, at, error, event, page, reading, window};

/// A cursor as a whole list leaves it.
async fn cursor() -> Cursor {
    let google = Google::start(|_| page(&[], "t1")).await;
    google.calendar().changes(&reading(None)).await.unwrap().cursor
}

/// `+id` present, `-id` removed, `~id[occurrences]` a series, `?id` unreadable.
fn told(changes: &[Change<EventRecord>]) -> Vec<String> {
    changes
        .iter()
        .map(|change| match change {
            Change::Present(seen) => format!("+{}", seen.id.id),
            Change::Removed(id) => format!("-{}", id.id),
            Change::Left(id) => format!("<{}", id.id),
            Change::Series {
                id,
                occurrences,
                whole: _,
            } => {
                let ids: Vec<&str> = occurrences.iter().map(|seen| seen.id.id.as_str()).collect();
                format!("~{}{ids:?}", id.id)
            }
            Change::Unreadable { id, .. } => format!("?{}", id.id),
        })
        .collect()
}

#[tokio::test]
async fn an_idle_run_costs_one_call_for_each_calendar() {
    let google = Google::start(|_| page(&[], "t2")).await;
    let calendar = google.calendar_with(
        &["primary", "en.italian#holiday@group.example.com"],
        Description::Text,
    );
    let whole = calendar.changes(&reading(None)).await.unwrap();
    assert_eq!(google.seen().len(), 2);
    assert_eq!(whole.complete.len(), 2);
    let idle = calendar
        .changes(&reading(Some(whole.cursor.clone())))
        .await
        .unwrap();
    assert_eq!(google.seen().len(), 4);
    assert_eq!(
        (idle.changes.len(), idle.complete.len(), idle.cursor),
        (0, 0, whole.cursor)
    );
    assert_eq!(idle.time_zone.as_deref(), Some("Europe/Rome"));
    let tokens: BTreeSet<_> = google
        .seen()
        .iter()
        .skip(2)
        .map(|call| call.get("syncToken").map(str::to_owned))
        .collect();
    assert_eq!(tokens, BTreeSet::from([Some("t2".to_owned())]));
    assert!(
        google
            .seen()
            .iter()
            .any(|call| call.path[1] == "en.italian#holiday@group.example.com")
    );
}

#[tokio::test]
async fn empty_and_short_pages_are_not_the_last() {
    let google = Google::start(|call| match call.get("pageToken") {
        None => (200, json!({ "items": [], "nextPageToken": "p 2/+=" })),
        Some("p 2/+=") => (200, json!({ "items": [event("e1", 3)], "nextPageToken": "p3" })),
        Some("p3") => (200, json!({ "nextPageToken": "p4" })),
        _ => page(&[event("e2", 4)], "t1"),
    })
    .await;
    let set = google.calendar().changes(&reading(None)).await.unwrap();
    assert_eq!(told(&set.changes), ["+e1", "+e2"]);
    assert_eq!(google.seen().len(), 4);
}

#[tokio::test]
async fn a_delta_tells_deletions_and_leaves_out_nothing() {
    let google = Google::start(|_| {
        let long_ago = json!({ "id": "old", "etag": "1", "updated": "2020-01-01T00:00:00Z",
            "start": { "date": "2020-01-01" }, "end": { "date": "2020-01-02" } });
        let gone = json!({ "id": "gone", "status": "cancelled" });
        let instance = json!({ "id": "s_1", "status": "cancelled", "recurringEventId": "s",
            "originalStartTime": { "dateTime": "2026-03-03T10:00:00Z" } });
        let odd = json!({ "id": "odd", "status": "confirmed" });
        let odder = json!({ "id": "odder", "start": 7 });
        page(&[event("e1", 3), gone, instance, long_ago, odd, odder], "t2")
    })
    .await;
    let set = google
        .calendar()
        .changes(&reading(Some(cursor().await)))
        .await
        .unwrap();
    assert_eq!(
        told(&set.changes),
        ["+e1", "-gone", "-s_1", "+old", "?odd", "?odder"]
    );
    assert!(set.complete.is_empty());
}

#[tokio::test]
async fn a_whole_list_leaves_out_what_is_long_past_but_not_what_was_moved_there() {
    let google = Google::start(|_| {
        let mut past = event("past", 1);
        past["start"]["dateTime"] = json!("2026-02-01T10:00:00Z");
        past["updated"] = json!("2025-06-01T10:00:00Z");
        let mut moved = past.clone();
        moved["id"] = json!("moved");
        moved["updated"] = json!("2026-03-05T10:00:00Z");
        page(&[past, moved, event("e1", 3)], "t1")
    })
    .await;
    let set = google.calendar().changes(&reading(None)).await.unwrap();
    assert_eq!(told(&set.changes), ["+moved", "+e1"]);
}

#[tokio::test]
async fn a_refused_token_lists_that_calendar_alone() {
    let before = {
        let google = Google::start(|_| page(&[], "t1")).await;
        let calendar = google.calendar_with(&["primary", "team@example.com"], Description::Text);
        calendar.changes(&reading(None)).await.unwrap().cursor
    };
    for status in [410, 400] {
        let google = Google::start(move |call| match (call.path[1].as_str(), call.has("syncToken")) {
            ("team@example.com", true) => error(status, "fullSyncRequired"),
            ("team@example.com", false) => page(&[event("e9", 9)], "t9"),
            _ => page(&[], "t2"),
        })
        .await;
        let calendar = google.calendar_with(&["primary", "team@example.com"], Description::Text);
        let set = calendar.changes(&reading(Some(before.clone()))).await.unwrap();
        assert_eq!(set.complete, BTreeSet::from(["team@example.com".to_owned()]));
        assert_eq!(
            (told(&set.changes), google.seen().len()),
            (vec!["+e9".to_owned()], 3)
        );
        assert!(set.cursor.0.contains("t2") && set.cursor.0.contains("t9"));
    }
}

#[tokio::test]
async fn a_wider_window_or_an_unknown_cursor_lists_everything() {
    let known = cursor().await;
    let earlier = Window {
        from: window().from - TimeDelta::days(1),
        ..window()
    };
    let later = Window {
        until: window().until + TimeDelta::days(31),
        ..window()
    };
    let little_later = Window {
        until: window().until + TimeDelta::days(29),
        from: at(2, 0),
    };
    for (cursor, window, whole) in [
        (known.clone(), window(), false),
        (known.clone(), little_later, false),
        (known.clone(), earlier, true),
        (known, later, true),
        (Cursor("rubbish".to_owned()), window(), true),
        (
            Cursor("{\"schema\":2,\"calendars\":{}}".to_owned()),
            window(),
            true,
        ),
    ] {
        let google = Google::start(|_| page(&[], "t2")).await;
        let request = ReadRequest {
            cursor: Some(cursor),
            window,
        };
        let set = google.calendar().changes(&request).await.unwrap();
        assert_eq!(
            (set.complete.len(), google.seen().len()),
            (usize::from(whole), 1),
            "{window:?}"
        );
        assert_eq!(google.seen()[0].has("syncToken"), !whole);
    }
}

#[tokio::test]
async fn a_list_without_a_sync_token_is_listed_again() {
    let google = Google::start(|_| (200, json!({ "items": [] }))).await;
    let calendar = google.calendar();
    let set = calendar.changes(&reading(None)).await.unwrap();
    let again = calendar.changes(&reading(Some(set.cursor))).await.unwrap();
    assert_eq!(again.complete.len(), 1);
}

#[tokio::test]
async fn one_failed_page_fails_the_whole_reading() {
    let google = Google::start(|call| match call.get("pageToken") {
        None => (200, json!({ "items": [event("e1", 3)], "nextPageToken": "p2" })),
        Some(_) => error(404, "notFound"),
    })
    .await;
    let failure = google.calendar().changes(&reading(None)).await.unwrap_err();
    assert_eq!(
        (failure.class, failure.code),
        (Class::Permanent, "calendar_not_found")
    );
}

#[tokio::test]
async fn a_server_error_is_tried_again() {
    let tries = AtomicUsize::new(0);
    let google = Google::start(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => (503, json!({})),
        _ => page(&[event("e1", 3)], "t1"),
    })
    .await;
    assert_eq!(
        told(&google.calendar().changes(&reading(None)).await.unwrap().changes),
        ["+e1"]
    );
}

fn occurrence(id: &str, day: u32) -> Value {
    let mut value = event(id, day);
    value["recurringEventId"] = json!("s");
    value
}

fn series(rule: &str) -> Value {
    let mut value = event("s", 3);
    value["recurrence"] = json!([rule, "EXDATE;VALUE=DATE:20260304"]);
    value
}

#[tokio::test]
async fn a_changed_series_is_expanded_inside_the_window() {
    let google = Google::start(|call| match (call.call().as_str(), call.get("pageToken")) {
        ("GET events", _) => {
            // The exception that was moved out of the window is not among the occurrences.
            let mut moved = occurrence("s_2", 4);
            moved["start"]["dateTime"] = json!("2026-01-04T10:00:00Z");
            let cancelled = json!({ "id": "s_4", "status": "cancelled", "recurringEventId": "s" });
            page(&[moved, cancelled, series("RRULE:FREQ=DAILY")], "t2")
        }
        (_, None) => {
            // Reaches into the window, but began before it.
            let mut early = occurrence("s_0", 1);
            early["start"]["dateTime"] = json!("2026-02-28T23:30:00Z");
            (
                200,
                json!({ "items": [early, occurrence("s_1", 3)], "nextPageToken": "p2" }),
            )
        }
        (_, Some(_)) => (200, json!({ "items": [occurrence("s_3", 5)] })),
    })
    .await;
    let set = google
        .calendar()
        .changes(&reading(Some(cursor().await)))
        .await
        .unwrap();
    assert_eq!(
        told(&set.changes),
        ["+s_2", "-s_4", "~s[\"s_1\", \"s_3\", \"s_2\"]"]
    );
    assert_eq!(google.calls(), ["GET events", "GET instances", "GET instances"]);
    let call = &google.seen()[1];
    assert_eq!(
        (call.get("timeMin"), call.get("timeMax")),
        (Some("2026-03-01T00:00:00Z"), Some("2027-03-01T00:00:00Z"))
    );
}

/// An occurrence every eight hours from the second of March on.
fn every_eight_hours(number: usize) -> Value {
    let start = at(2, 0) + TimeDelta::hours(8 * i64::try_from(number).unwrap());
    let mut value = occurrence(&format!("s_{number}"), 2);
    value["start"]["dateTime"] = json!(start.to_rfc3339());
    value["end"]["dateTime"] = json!((start + TimeDelta::hours(1)).to_rfc3339());
    value
}

#[tokio::test]
async fn a_series_with_too_many_occurrences_is_left_out_as_a_whole() {
    for (count, calls) in [(1_000, 3), (1_001, 2)] {
        let google = Google::start(move |call| match (call.call().as_str(), call.get("pageToken")) {
            ("GET events", _) => page(
                &[
                    every_eight_hours(7),
                    event("e1", 3),
                    series("RRULE:FREQ=HOURLY;INTERVAL=8"),
                ],
                "t1",
            ),
            ("GET event", _) => (200, series("RRULE:FREQ=HOURLY;INTERVAL=8")),
            (_, None) => {
                let items: Vec<Value> = (0..count).map(every_eight_hours).collect();
                (200, json!({ "items": items, "nextPageToken": "p2" }))
            }
            (_, Some(_)) => (200, json!({ "items": [] })),
        })
        .await;
        let calendar = google.calendar();
        let set = calendar.changes(&reading(None)).await.unwrap();
        assert_eq!(google.seen().len(), calls);
        let id = RemoteId::new("primary", "s");
        let again = calendar.read(&id).await.unwrap();
        if count > 1_000 {
            // The one that was changed by hand is not carried alone.
            assert_eq!(told(&set.changes), ["+e1", "?s"]);
            let Change::Unreadable { code, message, .. } = &set.changes[1] else {
                panic!("{:?}", set.changes)
            };
            assert_eq!(*code, "series_too_dense");
            assert!(message.contains("1,000"), "{message}");
            assert_eq!(
                again,
                Reading::Unreadable {
                    code,
                    message: message.clone()
                }
            );
        } else {
            assert_eq!(told(&set.changes[..2]), ["+s_7", "+e1"]);
            assert!(
                matches!(&set.changes[2], Change::Series { occurrences, .. } if occurrences.len() == count)
            );
            // A series is no record: whoever asks for it by name is not shown its master as one event.
            assert_eq!(again, Reading::OutOfReach);
        }
    }
}

#[tokio::test]
async fn a_series_that_ended_long_ago_or_is_none_of_ours_costs_no_call_in_a_whole_list() {
    for (rule, kind, expanded) in [
        ("RRULE:FREQ=DAILY;UNTIL=20250101T000000Z", "default", false),
        ("RRULE:UNTIL=20260226;FREQ=DAILY", "default", false),
        ("RRULE:FREQ=DAILY;UNTIL=20260228T100000Z", "default", true),
        ("RRULE:FREQ=DAILY;COUNT=1", "default", true),
        ("RRULE:FREQ=YEARLY", "birthday", false),
        ("RDATE;VALUE=DATE:20200101", "default", true),
    ] {
        let google = Google::start(move |call| {
            if call.call() == "GET events" {
                let mut series = series(rule);
                series["eventType"] = json!(kind);
                return page(&[series], "t1");
            }
            (200, json!({ "items": [] }))
        })
        .await;
        google.calendar().changes(&reading(None)).await.unwrap();
        assert_eq!(google.seen().len(), 1 + usize::from(expanded), "{rule}");
    }
}

#[tokio::test]
async fn a_series_that_vanishes_meanwhile_is_left_to_the_next_delta() {
    let google = Google::start(|call| match call.call().as_str() {
        "GET events" => page(&[series("RRULE:FREQ=DAILY")], "t2"),
        _ => error(404, "notFound"),
    })
    .await;
    let set = google
        .calendar()
        .changes(&reading(Some(cursor().await)))
        .await
        .unwrap();
    assert_eq!(told(&set.changes), Vec::<String>::new());
}

#[tokio::test]
async fn one_record_is_there_or_gone_or_out_of_reach() {
    let google = Google::start(|call| match call.path[3].as_str() {
        "there" => (200, event("there", 3)),
        "cancelled" => (200, json!({ "id": "cancelled", "status": "cancelled" })),
        "hidden" => error(403, "forbidden"),
        _ => error(404, "notFound"),
    })
    .await;
    let calendar = google.calendar();
    let read = async |id: &str| calendar.read(&RemoteId::new("primary", id)).await.unwrap();
    assert!(matches!(read("there").await, Reading::Present(_)));
    assert_eq!(read("cancelled").await, Reading::Gone);
    assert_eq!(read("never").await, Reading::Gone);
    assert_eq!(read("hidden").await, Reading::OutOfReach);
    google.seen();
}

#[tokio::test]
async fn a_record_that_left_its_calendar_is_looked_for_in_the_others() {
    let google = Google::start(|call| match (call.path[1].as_str(), call.path[3].as_str()) {
        ("team@example.com", "moved") => (200, event("moved", 3)),
        (_, "moved" | "deleted") => (200, json!({ "id": "moved", "status": "cancelled" })),
        _ => error(404, "notFound"),
    })
    .await;
    let calendar = google.calendar_with(&["primary", "team@example.com"], Description::Text);
    let known = RemoteId::new("primary", "moved");
    let Reading::Present(seen) = calendar.read(&known).await.unwrap() else {
        panic!("it is there");
    };
    assert_eq!(seen.id, RemoteId::new("team@example.com", "moved"));
    assert_eq!(seen.traits.former_ids, [known]);
    let deleted = RemoteId::new("primary", "deleted");
    assert_eq!(calendar.read(&deleted).await.unwrap(), Reading::Gone);
    google.seen();
}
