//! Insert, patch, delete.

use chrono::NaiveDate;
use serde_json::{Value, json};
use sync_core::failure::Class;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::policy::Description;
use sync_core::port::{Create, Remote, Update};

use super::google::{Google, Seen, at, error, event, page, reading};

fn record() -> EventRecord {
    EventRecord {
        title: "Call <Anna>".to_owned(),
        description: "one\ntwo & three".to_owned(),
        location: "Room 4".to_owned(),
        when: When::Timed {
            start: at(3, 10),
            end: at(3, 11),
        },
        private: false,
    }
}

fn create(record: EventRecord) -> Create<EventRecord> {
    Create {
        origin: RemoteId::new("Meetings", "m1"),
        generation: 0,
        record,
        notify: false,
    }
}

fn update(fields: &[EventField], record: EventRecord) -> Update<EventRecord> {
    Update {
        id: RemoteId::new("primary", "e1"),
        expected: Version("\"e1-1\"".to_owned()),
        record,
        fields: fields.to_vec(),
        notify: false,
    }
}

/// What Google makes of an insert: the body, with an etag.
fn made(call: &Seen) -> (u16, Value) {
    let mut value = call.body.clone();
    value["etag"] = json!("\"new\"");
    value["status"] = json!("confirmed");
    (200, value)
}

#[tokio::test]
async fn a_copy_carries_its_id_its_mark_and_nothing_else() {
    let google = Google::start(made).await;
    let calendar = google.calendar();
    let created = calendar.create(&create(record())).await.unwrap();
    let id = calendar.derived_id(&RemoteId::new("Meetings", "m1"), 0);
    assert_eq!(
        (&created.observed.id, created.generation, created.adopted),
        (&id, 0, false)
    );
    assert_eq!(created.observed.record, record());
    assert_eq!(
        created.observed.traits.made_from,
        Some(RemoteId::new("Meetings", "m1"))
    );
    let call = &google.seen()[0];
    assert_eq!(call.get("sendUpdates"), Some("none"));
    assert_eq!(
        call.body,
        json!({
            "id": id.id, "summary": "Call <Anna>", "description": "one\ntwo & three", "location": "Room 4",
            "start": { "dateTime": "2026-03-03T10:00:00Z" }, "end": { "dateTime": "2026-03-03T11:00:00Z" },
            "extendedProperties": { "private": { "crmSyncLink": "acme/user-1", "crmSyncSource": "0/Meetings/m1" } },
        })
    );
}

#[tokio::test]
async fn a_copy_takes_the_calendars_zone_its_privacy_and_its_html() {
    let google = Google::start(|call| {
        if call.method == "GET" {
            page(&[], "t1")
        } else {
            made(call)
        }
    })
    .await;
    let calendar = google.calendar_with(&["primary"], Description::Html);
    calendar.changes(&reading(None)).await.unwrap();
    let private = EventRecord {
        private: true,
        ..record()
    };
    let created = calendar.create(&create(private.clone())).await.unwrap();
    assert_eq!(created.observed.record, private);
    let body = &google.seen()[1].body;
    assert_eq!(
        body["start"],
        json!({ "dateTime": "2026-03-03T10:00:00Z", "timeZone": "Europe/Rome" })
    );
    assert_eq!(
        (&body["visibility"], &body["description"]),
        (&json!("private"), &json!("one<br>two &amp; three"))
    );

    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    let whole_day = EventRecord {
        when: When::AllDay {
            start: day(3),
            end: day(5),
        },
        ..record()
    };
    assert_eq!(
        calendar
            .create(&create(whole_day.clone()))
            .await
            .unwrap()
            .observed
            .record,
        whole_day
    );
    assert_eq!(google.seen()[2].body["end"], json!({ "date": "2026-03-05" }));
}

#[tokio::test]
async fn a_burnt_id_is_followed_by_the_next_generation() {
    let google =
        Google::start(
            |call| match (call.method.as_str(), &call.body["extendedProperties"]["private"]) {
                ("POST", properties) if properties["crmSyncSource"] == "2/Meetings/m1" => made(call),
                ("POST", _) => error(409, "duplicate"),
                _ => (200, json!({ "id": call.path[3], "status": "cancelled" })),
            },
        )
        .await;
    let calendar = google.calendar();
    let created = calendar.create(&create(record())).await.unwrap();
    assert_eq!((created.generation, created.adopted), (2, false));
    assert_eq!(
        created.observed.id,
        calendar.derived_id(&RemoteId::new("Meetings", "m1"), 2)
    );
    assert_eq!(google.seen().len(), 5);
}

#[tokio::test]
async fn a_patch_names_its_fields_and_the_etag_and_no_zone() {
    let google = Google::start(|_| (200, event("e1", 3))).await;
    let fields = [EventField::Title, EventField::When];
    google
        .calendar()
        .update(&update(&fields, record()))
        .await
        .unwrap();
    let call = &google.seen()[0];
    assert_eq!(call.call(), "PATCH event");
    assert_eq!(
        (call.get("sendUpdates"), &call.headers["if-match"]),
        (Some("none"), &"\"e1-1\"".parse().unwrap())
    );
    assert_eq!(
        call.body,
        json!({
            "summary": "Call <Anna>",
            "start": { "dateTime": "2026-03-03T10:00:00Z", "date": null },
            "end": { "dateTime": "2026-03-03T11:00:00Z", "date": null },
        })
    );
}

#[tokio::test]
async fn every_field_has_its_own_patch() {
    let day = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
    let when = When::AllDay {
        start: day,
        end: day.succ_opt().unwrap(),
    };
    let record = EventRecord {
        when,
        private: true,
        location: String::new(),
        ..record()
    };
    for (field, expected) in [
        (EventField::Title, json!({ "summary": "Call <Anna>" })),
        (
            EventField::Description,
            json!({ "description": "one\ntwo & three" }),
        ),
        (EventField::Location, json!({ "location": "" })),
        (
            EventField::When,
            json!({
                "start": { "date": "2026-12-31", "dateTime": null, "timeZone": null },
                "end": { "date": "2027-01-01", "dateTime": null, "timeZone": null },
            }),
        ),
        (EventField::Private, json!({ "visibility": "private" })),
    ] {
        let google = Google::start(|_| (200, event("e1", 3))).await;
        google
            .calendar()
            .update(&update(&[field], record.clone()))
            .await
            .unwrap();
        assert_eq!(google.seen().last().unwrap().body, expected);
    }
}

#[tokio::test]
async fn guests_are_told_only_when_asked_for() {
    let google = Google::start(|_| (200, event("e1", 3))).await;
    let told = Update {
        notify: true,
        ..update(&[EventField::When], record())
    };
    google.calendar().update(&told).await.unwrap();
    assert_eq!(google.seen()[0].get("sendUpdates"), Some("all"));
}

#[tokio::test]
async fn a_meet_block_survives_a_new_description() {
    const MEET: &str = "-::~:~::~:~:~::-\nJoin: https://meet.example.com/abc\n-::~:~::~:~:~::-";
    let google = Google::start(|_| {
        let mut value = event("e1", 3);
        value["description"] = json!(format!("Agenda\n\n{MEET}"));
        (200, value)
    })
    .await;
    google
        .calendar()
        .update(&update(&[EventField::Description], record()))
        .await
        .unwrap();
    assert_eq!(google.calls(), ["GET event", "PATCH event"]);
    assert_eq!(
        google.seen()[1].body,
        json!({ "description": format!("one\ntwo & three\n\n{MEET}") })
    );
}

#[tokio::test]
async fn a_changed_or_missing_event_is_a_conflict() {
    for (answered, code) in [
        (error(412, "conditionNotMet"), "changed"),
        (error(404, "notFound"), "gone"),
        (error(410, "deleted"), "gone"),
    ] {
        let google = Google::start(move |_| answered.clone()).await;
        let failure = google
            .calendar()
            .update(&update(&[EventField::Title], record()))
            .await
            .unwrap_err();
        assert_eq!((failure.class, failure.code), (Class::Conflict, code));
    }
    // A description is looked at first; a newer event is left as it is.
    let google = Google::start(|_| {
        let mut value = event("e1", 3);
        value["etag"] = json!("\"e1-2\"");
        (200, value)
    })
    .await;
    let failure = google
        .calendar()
        .update(&update(&[EventField::Description], record()))
        .await
        .unwrap_err();
    assert_eq!((failure.class, google.seen().len()), (Class::Conflict, 1));
}

#[tokio::test]
async fn a_deletion_is_one_call_that_names_the_version() {
    let google = Google::start(|_| (204, Value::Null)).await;
    let (id, expected) = (RemoteId::new("primary", "e1"), Version("\"e1-1\"".to_owned()));
    assert_eq!(google.calendar().delete(&id, &expected).await, Ok(true));
    assert_eq!(google.seen().len(), 1);
    let call = &google.seen()[0];
    assert_eq!(
        (call.get("sendUpdates"), &call.headers["if-match"]),
        (Some("none"), &"\"e1-1\"".parse().unwrap())
    );
}

#[tokio::test]
async fn what_is_gone_already_is_not_deleted_again() {
    let (id, expected) = (RemoteId::new("primary", "e1"), Version("\"e1-1\"".to_owned()));
    for answered in [404, 410, 412] {
        let google = Google::start(move |call| match call.method.as_str() {
            "GET" => (200, json!({ "id": "e1", "status": "cancelled" })),
            _ => error(answered, "deleted"),
        })
        .await;
        assert_eq!(
            google.calendar().delete(&id, &expected).await,
            Ok(false),
            "{answered}"
        );
    }
}
