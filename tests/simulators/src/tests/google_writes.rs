//! Inserting, patching, deleting.

use serde_json::{Value, json};

use super::{ANNA, Http, plain_google, timed};

const EVENTS: &str = "/calendars/primary/events";

fn one() -> Value {
    timed("One", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z")
}

async fn insert(http: &Http, event: &Value) -> Value {
    let reply = http.call("POST", EVENTS, event).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn path(event: &Value) -> String {
    format!("{EVENTS}/{}", event["id"].as_str().unwrap())
}

#[tokio::test]
async fn own_ids_are_unique_for_ever() {
    let (sim, http) = plain_google().await;
    for bad in ["abcd", "ABCDE", "wxyz12", "ab-cd1"] {
        let mut event = one();
        event["id"] = json!(bad);
        assert_eq!(http.call("POST", EVENTS, &event).await.status, 400, "{bad}");
    }
    let mut event = one();
    event["id"] = json!("v0abc9");
    insert(&http, &event).await;
    let again = http.call("POST", EVENTS, &event).await;
    assert_eq!((again.status, again.reason().as_str()), (409, "duplicate"));
    assert_eq!(http.delete(&path(&event)).await.status, 204);
    assert_eq!(http.call("POST", EVENTS, &event).await.status, 409);
    // It can be brought back by a patch, though.
    let back = http
        .call("PATCH", &path(&event), &json!({ "status": "confirmed" }))
        .await
        .json();
    assert_eq!(
        (back["status"].as_str(), back["summary"].as_str()),
        (Some("confirmed"), Some("One"))
    );
    assert_eq!(http.delete(&path(&event)).await.status, 204);
    sim.purge_tombstones();
    assert_eq!(http.call("POST", EVENTS, &event).await.status, 409);
    event["iCalUID"] = json!("x@example.com");
    event["id"] = json!("v0abc8");
    assert_eq!(http.call("POST", EVENTS, &event).await.status, 400);
}

#[tokio::test]
async fn versions_guard_writes() {
    let (_sim, http) = plain_google().await;
    let made = insert(&http, &one()).await;
    let (path, etag) = (path(&made), made["etag"].as_str().unwrap().to_owned());
    let patched = http
        .guarded("PATCH", &path, &etag, &json!({ "location": "Here" }))
        .await
        .json();
    assert_ne!(patched["etag"], made["etag"]);
    let stale = http
        .guarded("PATCH", &path, &etag, &json!({ "location": "There" }))
        .await;
    assert_eq!((stale.status, stale.reason().as_str()), (412, "conditionNotMet"));
    assert_eq!(
        http.guarded("DELETE", &path, &etag, &json!(null)).await.status,
        412
    );
    let etag = patched["etag"].as_str().unwrap();
    let same = http
        .guarded("PATCH", &path, etag, &json!({ "location": "Here" }))
        .await
        .json();
    assert_eq!(same["etag"], patched["etag"]);
    let not_modified = http
        .send(http.request("GET", &path).header("if-none-match", etag))
        .await;
    assert_eq!(not_modified.status, 304);
    assert_eq!(
        http.guarded("DELETE", &path, etag, &json!(null)).await.status,
        204
    );
    let twice = http.delete(&path).await;
    assert_eq!((twice.status, twice.reason().as_str()), (410, "deleted"));
    assert_eq!(
        http.guarded("DELETE", &path, etag, &json!(null)).await.status,
        412
    );
    assert_eq!(http.delete(&format!("{EVENTS}/nosuchevent")).await.status, 404);
}

#[tokio::test]
async fn a_patch_merges_objects_replaces_arrays_and_needs_nulls_between_kinds_of_time() {
    let (_sim, http) = plain_google().await;
    let mut event = one();
    event["attendees"] = json!([{ "email": "a@example.org" }, { "email": "b@example.org" }]);
    event["extendedProperties"] = json!({ "private": { "a": "1" } });
    let made = insert(&http, &event).await;
    let place = path(&made);
    let changes = json!({ "extendedProperties": { "private": { "b": "2" } }, "attendees": [{ "email": "b@example.org" }] });
    let after = http.call("PATCH", &place, &changes).await.json();
    assert_eq!(
        after["extendedProperties"]["private"],
        json!({ "a": "1", "b": "2" })
    );
    assert_eq!(after["attendees"].as_array().unwrap().len(), 1);
    let mixed = json!({ "start": { "date": "2026-12-02" }, "end": { "date": "2026-12-03" } });
    assert_eq!(http.call("PATCH", &place, &mixed).await.status, 400);
    let explicit = json!({
        "start": { "date": "2026-12-02", "dateTime": null, "timeZone": null },
        "end": { "date": "2026-12-03", "dateTime": null, "timeZone": null },
    });
    let after = http.call("PATCH", &place, &explicit).await.json();
    assert_eq!(after["start"], json!({ "date": "2026-12-02" }));
    let put = http.call("PUT", &place, &one()).await.json();
    assert_eq!(
        (put.get("attendees"), put.get("extendedProperties")),
        (None, None)
    );
    assert_eq!(put["id"], made["id"]);
}

#[tokio::test]
async fn times_are_answered_in_the_calendars_zone() {
    let (_sim, http) = plain_google().await;
    let event = json!({ "summary": "Call", "start": { "dateTime": "2026-12-01T10:00:00.250Z" },
        "end": { "dateTime": "2026-12-01T06:00:00", "timeZone": "America/New_York" } });
    let made = insert(&http, &event).await;
    assert_eq!(
        made["start"],
        json!({ "dateTime": "2026-12-01T11:00:00+01:00", "timeZone": "Europe/Rome" })
    );
    assert_eq!(
        made["end"],
        json!({ "dateTime": "2026-12-01T12:00:00+01:00", "timeZone": "America/New_York" })
    );
    let read = http.get(&format!("{}?timeZone=UTC", path(&made))).await.json();
    assert_eq!(read["start"]["dateTime"], "2026-12-01T10:00:00Z");
}

#[tokio::test]
async fn times_that_make_no_sense_are_refused() {
    let (_sim, http) = plain_google().await;
    let cases = [
        (json!({ "summary": "x" }), "required"),
        (
            json!({ "start": { "dateTime": "2026-12-01T10:00:00Z" } }),
            "required",
        ),
        (
            json!({ "start": { "dateTime": "2026-12-01T10:00:00" }, "end": { "dateTime": "2026-12-01T11:00:00" } }),
            "required",
        ),
        (
            json!({ "start": { "date": "2026-12-01" }, "end": { "dateTime": "2026-12-01T11:00:00Z" } }),
            "invalid",
        ),
        (
            json!({ "start": { "date": "2026-12-01" }, "end": { "date": "2026-12-01" } }),
            "timeRangeEmpty",
        ),
        (
            timed("x", "2026-12-01T11:00:00Z", "2026-12-01T10:00:00Z"),
            "timeRangeEmpty",
        ),
        (
            json!({ "start": { "dateTime": "2026-12-01T10:00:00", "timeZone": "Mars/North" },
                 "end": { "dateTime": "2026-12-01T11:00:00Z" } }),
            "invalid",
        ),
    ];
    for (event, reason) in cases {
        let reply = http.call("POST", EVENTS, &event).await;
        assert_eq!((reply.status, reply.reason().as_str()), (400, reason), "{event}");
    }
    let mut series = one();
    series["recurrence"] = json!(["RRULE:FREQ=DAILY;COUNT=3"]);
    let reply = http.call("POST", EVENTS, &series).await;
    assert_eq!(
        (reply.status, reply.reason().as_str()),
        (400, "required"),
        "a series needs a named zone"
    );
    let zoned = |rule: &str| {
        json!({ "recurrence": [rule],
        "start": { "dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Rome" },
        "end": { "dateTime": "2026-12-01T11:00:00", "timeZone": "Europe/Rome" } })
    };
    for rule in [
        "RRULE:FREQ=SOMETIMES",
        "DTSTART:20261201T100000Z",
        "EXDATE:20261201T090000Z",
        "nonsense",
    ] {
        assert_eq!(
            http.call("POST", EVENTS, &zoned(rule)).await.status,
            400,
            "{rule}"
        );
    }
    assert_eq!(
        http.call("POST", EVENTS, &zoned("RRULE:FREQ=DAILY;COUNT=3"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn bodies_are_held_against_the_description() {
    let (_sim, http) = plain_google().await;
    for (name, value) in [
        ("title", json!("x")),
        ("summary", json!(7)),
        ("attendees", json!({})),
        ("start", json!("now")),
    ] {
        let mut event = one();
        event[name] = value;
        let reply = http.call("POST", EVENTS, &event).await;
        assert_eq!(
            (reply.status, reply.reason().as_str()),
            (400, "badRequest"),
            "{name}"
        );
    }
    let mut nested = one();
    nested["start"]["zone"] = json!("UTC");
    assert_eq!(http.call("POST", EVENTS, &nested).await.status, 400);
    let broken = http
        .send(
            http.request("POST", EVENTS)
                .header("content-type", "application/json")
                .body("{"),
        )
        .await;
    assert_eq!((broken.status, broken.reason().as_str()), (400, "parseError"));
    let unknown = http
        .call("POST", &format!("{EVENTS}?sendUpdate=none"), &one())
        .await;
    assert_eq!(
        (unknown.status, unknown.reason().as_str()),
        (400, "invalidParameter")
    );
    let wrong = http
        .call("POST", &format!("{EVENTS}?sendUpdates=nobody"), &one())
        .await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn properties_and_reminders_are_cut_in_silence() {
    let (_sim, http) = plain_google().await;
    let mut event = one();
    let (long_key, long_value) = ("k".repeat(45), "v".repeat(2000));
    event["extendedProperties"] = json!({ "private": { long_key.as_str(): "x", "kept": long_value } });
    let reminder = |minutes: i64| json!({ "method": "popup", "minutes": minutes });
    event["reminders"] = json!({ "useDefault": false, "overrides":
        [reminder(99_999), json!({ "method": "pigeon", "minutes": 1 }), reminder(1), reminder(2), reminder(3), reminder(4), reminder(5)] });
    let made = insert(&http, &event).await;
    let private = made["extendedProperties"]["private"].as_object().unwrap();
    assert_eq!(private.len(), 1);
    assert_eq!(private["kept"].as_str().unwrap().len(), 1024);
    let overrides = made["reminders"]["overrides"].as_array().unwrap();
    assert_eq!(
        (overrides.len(), overrides[0]["minutes"].as_i64()),
        (5, Some(40_320))
    );
    let both = json!({ "reminders": { "useDefault": true } });
    let reply = http.call("PATCH", &path(&made), &both).await;
    assert_eq!(
        (reply.status, reply.reason().as_str()),
        (400, "cannotUseDefaultRemindersAndSpecifyOverride")
    );
    let fewer = json!({ "reminders": { "overrides": [{ "method": "popup", "minutes": 10 }] } });
    let after = http.call("PATCH", &path(&made), &fewer).await.json();
    assert_ne!(after["etag"], made["etag"]);
    assert_eq!(after["updated"], made["updated"], "reminders move the etag alone");
    let all_day = json!({ "start": { "date": "2026-12-01" }, "end": { "date": "2026-12-02" } });
    assert_eq!(insert(&http, &all_day).await["reminders"]["useDefault"], false);
}

#[tokio::test]
async fn a_split_series_keeps_its_instances_prefix() {
    let (sim, http) = plain_google().await;
    let series = json!({ "summary": "Weekly", "recurrence": ["RRULE:FREQ=WEEKLY"],
        "start": { "dateTime": "2026-12-07T09:00:00", "timeZone": "Europe/Rome" },
        "end": { "dateTime": "2026-12-07T10:00:00", "timeZone": "Europe/Rome" } });
    let id = insert(&http, &series).await["id"].as_str().unwrap().to_owned();
    let instance = format!("{id}_20261221T080000Z");
    let patch = json!({ "summary": "Changed" });
    let new = sim
        .person(ANNA)
        .edit_this_and_following(ANNA, &id, &instance, &patch)
        .unwrap();
    let read = http.get(&format!("{EVENTS}/{instance}")).await.json();
    assert_eq!(
        (read["recurringEventId"].as_str(), read["summary"].as_str()),
        (Some(new.as_str()), Some("Changed"))
    );
    assert!(!read["id"].as_str().unwrap().starts_with(&new));
    let old = http.get(&format!("{EVENTS}/{id}/instances")).await.json();
    assert_eq!(old["items"].as_array().unwrap().len(), 2);
}
