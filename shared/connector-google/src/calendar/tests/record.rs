//! Events to records.

use chrono::{NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::change::{Observed, ReadOnly};
use sync_core::id::RemoteId;
use sync_core::kind::event::{EventRecord, When};

use super::google::{at, event, link};
use crate::calendar::convert::observed;
use crate::calendar::marker::Marker;
use crate::calendar::read::timestamp;
use crate::calendar::wire::Event;

fn seen(value: &Value, role: &str) -> Option<Observed<EventRecord>> {
    let event: Event = serde_json::from_value(value.clone()).unwrap();
    observed(
        &Marker::new(&link(), vec!["primary".to_owned()]),
        "primary",
        Some(role),
        &event,
    )
}

fn with(changes: &Value) -> Value {
    let mut value = event("e1", 3);
    for (name, change) in changes.as_object().unwrap() {
        if change.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = change.clone();
        }
    }
    value
}

#[test]
fn an_ordinary_event_is_read_whole() {
    let seen = seen(
        &with(&json!({
            "summary": " Review\nof plans ", "description": "<b>Bring</b> papers<br>and pens", "location": "Room 4 ",
            "visibility": "confidential", "recurringEventId": "series1",
        })),
        "owner",
    )
    .unwrap();
    assert_eq!(seen.id, RemoteId::new("primary", "e1"));
    assert_eq!(seen.version.0, "\"e1-1\"");
    assert_eq!(seen.modified_at, Some("2026-02-20T08:00:00Z".parse().unwrap()));
    assert_eq!(
        seen.record,
        EventRecord {
            title: "Review of plans".to_owned(),
            description: "Bring papers\nand pens".to_owned(),
            location: "Room 4".to_owned(),
            when: When::Timed {
                start: at(3, 10),
                end: at(3, 11)
            },
            private: true,
        }
    );
    assert_eq!(seen.traits.series, Some(RemoteId::new("primary", "series1")));
    assert_eq!(seen.traits.ical_uid.as_deref(), Some("e1@google.com"));
    assert_eq!(
        seen.traits.address.as_deref(),
        Some("https://calendar.example.com/e1")
    );
    assert_eq!((seen.traits.read_only, seen.traits.made_from), (None, None));
}

#[test]
fn an_event_has_an_end_whatever_google_says() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    let timed = |end| When::Timed {
        start: at(3, 10),
        end,
    };
    for (start, end, when) in [
        (
            json!({ "dateTime": "2026-03-03T10:00:00Z" }),
            json!({ "dateTime": "2026-03-03T10:00:00Z" }),
            timed(at(3, 10)),
        ),
        (
            json!({ "dateTime": "2026-03-03T10:00:00Z" }),
            Value::Null,
            timed(at(3, 10)),
        ),
        (
            json!({ "dateTime": "2026-03-03T10:00:00Z" }),
            json!({ "dateTime": "2026-03-03T09:00:00Z" }),
            timed(at(3, 10)),
        ),
        (
            json!({ "dateTime": "2026-03-03T02:00:00.500-08:00" }),
            json!({ "dateTime": "2026-03-04T00:00:00+13:00" }),
            timed(at(3, 11)),
        ),
        (
            json!({ "date": "2026-03-03" }),
            json!({ "date": "2026-03-05" }),
            When::AllDay {
                start: day(3),
                end: day(5),
            },
        ),
        (
            json!({ "date": "2026-03-03" }),
            json!({ "date": "2026-03-03" }),
            When::AllDay {
                start: day(3),
                end: day(4),
            },
        ),
        (
            json!({ "date": "2026-03-03" }),
            Value::Null,
            When::AllDay {
                start: day(3),
                end: day(4),
            },
        ),
    ] {
        let seen = seen(&with(&json!({ "start": start, "end": end })), "owner").unwrap();
        assert_eq!(seen.record.when, when, "{start} {end}");
    }
    for start in [
        Value::Null,
        json!({}),
        json!({ "date": "soon" }),
        json!({ "dateTime": "2026-03-03 10:00" }),
    ] {
        assert_eq!(seen(&with(&json!({ "start": start })), "owner"), None, "{start}");
    }
}

#[test]
fn what_may_not_be_written_is_told_apart() {
    let other = json!({ "email": "ben@example.com" });
    for (role, changes, expected) in [
        ("owner", json!({}), None),
        ("writer", json!({ "organizer": null }), None),
        (
            "owner",
            json!({ "organizer": other }),
            Some(ReadOnly::NotOrganizer),
        ),
        (
            "owner",
            json!({ "organizer": other, "guestsCanModify": true }),
            None,
        ),
        ("owner", json!({ "locked": true }), Some(ReadOnly::NotOrganizer)),
        ("reader", json!({}), Some(ReadOnly::Calendar)),
        (
            "reader",
            json!({ "visibility": "private", "summary": null }),
            Some(ReadOnly::HiddenDetails),
        ),
        (
            "writerWithoutPrivateAccess",
            json!({ "visibility": "private", "summary": null }),
            Some(ReadOnly::HiddenDetails),
        ),
        ("owner", json!({ "visibility": "private", "summary": null }), None),
        (
            "freeBusyReader",
            json!({ "summary": null }),
            Some(ReadOnly::HiddenDetails),
        ),
        ("owner", json!({ "eventType": "default" }), None),
        (
            "owner",
            json!({ "eventType": "birthday" }),
            Some(ReadOnly::EventType),
        ),
        (
            "owner",
            json!({ "eventType": "somethingNew" }),
            Some(ReadOnly::EventType),
        ),
    ] {
        let seen = seen(&with(&changes), role).unwrap();
        assert_eq!(seen.traits.read_only, expected, "{role} {changes}");
    }
}

#[test]
fn the_crms_own_sync_names_its_partner_except_on_occurrences() {
    let properties = json!({ "private": { "suitecrm_id": "m1", "suitecrm_type": "Meetings" } });
    let single = seen(&with(&json!({ "extendedProperties": properties })), "owner").unwrap();
    assert_eq!(single.traits.built_in_partner.as_deref(), Some("m1"));
    let newer = json!({ "private": { "suitecrm_linked_event_id": "m2" } });
    let newer = seen(&with(&json!({ "extendedProperties": newer })), "owner").unwrap();
    assert_eq!(newer.traits.built_in_partner.as_deref(), Some("m2"));
    let changes = json!({ "extendedProperties": properties, "recurringEventId": "s" });
    assert_eq!(
        seen(&with(&changes), "owner").unwrap().traits.built_in_partner,
        None
    );
}

proptest! {
    #[test]
    fn instants_are_the_same_in_every_zone(seconds in 1_577_836_800_i64..2_082_758_400, minutes in -840_i32..=840, length in 0_i64..1_000_000) {
        let start = chrono::DateTime::<Utc>::from_timestamp(seconds, 0).unwrap();
        let end = start + TimeDelta::seconds(length);
        let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
        let changes = json!({
            "start": { "dateTime": start.with_timezone(&offset).to_rfc3339() },
            "end": { "dateTime": timestamp(end) },
        });
        let seen = seen(&with(&changes), "owner").unwrap();
        prop_assert_eq!(seen.record.when, When::Timed { start, end });
    }

    #[test]
    fn an_item_of_any_shape_is_survived(text in "\\PC{0,40}", number in any::<i64>()) {
        for odd in [json!(number), json!(text), json!([text]), json!({ "id": number }), json!({ "id": text, "start": number })] {
            let page = json!({ "items": [odd, event("e1", 3)] });
            let page: crate::calendar::wire::Page = serde_json::from_value(page).unwrap();
            prop_assert_eq!(page.items.len(), 2);
        }
    }
}
