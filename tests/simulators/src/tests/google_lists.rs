//! Whole lists, pages, partial answers, calendars.

use serde_json::{Value, json};

use super::{ANNA, CALENDAR, Http, google, plain_google};
use crate::google::GoogleOptions;

const EVENTS: &str = "/calendars/primary/events";

fn ids(body: &Value) -> Vec<String> {
    body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn only_the_last_page_ends_the_list_and_it_may_be_empty() {
    let options = GoogleOptions {
        page_items_max: Some(2),
        empty_page_after: Some(1),
        ..GoogleOptions::default()
    };
    let (sim, http) = google(options).await;
    sim.seed_events(ANNA, 5);
    let mut pages = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let pairs: Vec<(&str, &str)> = token.iter().map(|token| ("pageToken", token.as_str())).collect();
        let body = http.query(EVENTS, &pairs).await.json();
        pages.push(ids(&body).len());
        let next = body["nextPageToken"].as_str().map(str::to_owned);
        assert_ne!(
            next.is_some(),
            body["nextSyncToken"].is_string(),
            "either a page or the end"
        );
        if next.is_none() {
            break;
        }
        token = next;
    }
    assert_eq!(pages, [2, 0, 2, 0, 1, 0]);
}

#[tokio::test]
async fn tokens_must_be_encoded_and_belong_to_their_list() {
    let options = GoogleOptions {
        page_items_max: Some(2),
        ..GoogleOptions::default()
    };
    let (sim, http) = google(options).await;
    sim.seed_events(ANNA, 5);
    let token = http.get(EVENTS).await.json()["nextPageToken"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(http.get(&format!("{EVENTS}?pageToken={token}")).await.status, 400);
    assert_eq!(http.query(EVENTS, &[("pageToken", &token)]).await.status, 200);
    let other = [("pageToken", token.as_str()), ("singleEvents", "true")];
    assert_eq!(http.query(EVENTS, &other).await.status, 400);
    let again = http.query(EVENTS, &[("pageToken", &token)]).await.json();
    assert_eq!(ids(&again).len(), 2);
}

#[tokio::test]
async fn what_the_description_does_not_know_is_refused() {
    let (_sim, http) = plain_google().await;
    for (name, value, reason) in [
        ("startTime", "2026-01-01T00:00:00Z", "invalidParameter"),
        ("maxResults", "0", "invalidParameter"),
        ("maxResults", "many", "invalidParameter"),
        ("singleEvents", "1", "invalidParameter"),
        ("orderBy", "start", "invalidParameter"),
        ("orderBy", "startTime", "invalid"),
        ("timeMin", "2026-01-01", "badRequest"),
        ("privateExtendedProperty", "novalue", "invalid"),
    ] {
        let reply = http.query(EVENTS, &[(name, value)]).await;
        assert_eq!(
            (reply.status, reply.reason().as_str()),
            (400, reason),
            "{name}={value}"
        );
    }
    let reply = http
        .query(EVENTS, &[("eventTypes", "default"), ("eventTypes", "birthday")])
        .await;
    assert_eq!(reply.status, 200);
    let bounds = [
        ("timeMin", "2026-02-01T00:00:00Z"),
        ("timeMax", "2026-01-01T00:00:00Z"),
    ];
    assert_eq!(http.query(EVENTS, &bounds).await.reason(), "timeRangeEmpty");
}

#[tokio::test]
async fn filters_and_order() {
    let (sim, http) = plain_google().await;
    let person = sim.person(ANNA);
    for (summary, day) in [("Later", 20), ("Sooner", 10)] {
        let date = format!("2026-12-{day}");
        let next = format!("2026-12-{}", day + 1);
        let event = json!({ "summary": summary, "start": { "date": date }, "end": { "date": next },
            "extendedProperties": { "private": { "k": summary } } });
        person.create(ANNA, &event).unwrap();
    }
    let bounds = [
        ("timeMin", "2026-12-15T00:00:00Z"),
        ("timeMax", "2026-12-25T00:00:00Z"),
    ];
    let body = http.query(EVENTS, &bounds).await.json();
    assert_eq!(body["items"].as_array().unwrap().len(), 1);
    assert_eq!(body.get("nextSyncToken"), None);
    assert_eq!(
        (body["timeZone"].as_str(), body["accessRole"].as_str()),
        (Some("Europe/Rome"), Some("owner"))
    );
    let ordered = [("singleEvents", "true"), ("orderBy", "startTime")];
    let body = http.query(EVENTS, &ordered).await.json();
    assert_eq!(body["items"][0]["summary"], "Sooner");
    let body = http
        .query(EVENTS, &[("privateExtendedProperty", "k=Later")])
        .await
        .json();
    assert_eq!(ids(&body).len(), 1);
    let body = http
        .query(
            EVENTS,
            &[("q", "soon"), ("fields", "items(summary,start/date),etag")],
        )
        .await
        .json();
    let etag = body["etag"].clone();
    let only = json!({ "etag": etag, "items": [{ "summary": "Sooner", "start": { "date": "2026-12-10" } }] });
    assert_eq!(body, only);
}

#[tokio::test]
async fn series_are_expanded_on_demand_and_survive_the_change_of_clocks() {
    let (sim, http) = plain_google().await;
    let series = json!({
        "summary": "Weekly", "recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20261108", "EXDATE;TZID=Europe/Rome:20261101T090000"],
        "start": { "dateTime": "2026-10-18T09:00:00", "timeZone": "Europe/Rome" },
        "end": { "dateTime": "2026-10-18T10:00:00", "timeZone": "Europe/Rome" },
    });
    let id = sim.person(ANNA).create(ANNA, &series).unwrap();
    let masters = http.get(EVENTS).await.json();
    assert_eq!(ids(&masters), [id.as_str()]);
    let body = http.query(EVENTS, &[("singleEvents", "true")]).await.json();
    let starts: Vec<&str> = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["start"]["dateTime"].as_str().unwrap())
        .collect();
    assert_eq!(
        starts,
        [
            "2026-10-18T09:00:00+02:00",
            "2026-10-25T09:00:00+01:00",
            "2026-11-08T09:00:00+01:00"
        ]
    );
    assert_eq!(body["items"][1]["id"], format!("{id}_20261025T080000Z"));
    assert_eq!(body["items"][1]["recurringEventId"], id);
    let instances = http.get(&format!("{EVENTS}/{id}/instances")).await.json();
    assert_eq!(ids(&instances).len(), 3);
    let moved = format!("{EVENTS}/{id}_20261025T080000Z");
    assert_eq!(
        http.call("PATCH", &moved, &json!({ "summary": "Moved" }))
            .await
            .status,
        200
    );
    assert_eq!(
        http.delete(&format!("{EVENTS}/{id}_20261108T080000Z"))
            .await
            .status,
        204
    );
    let instances = http.get(&format!("{EVENTS}/{id}/instances")).await.json();
    assert_eq!(
        (ids(&instances).len(), instances["items"][1]["summary"].as_str()),
        (2, Some("Moved"))
    );
    // A whole list shows the cancelled instance of a living series, and the changed one, beside the master.
    let body = http.get(EVENTS).await.json();
    let cancelled = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["status"] == "cancelled")
        .unwrap();
    assert_eq!(
        cancelled,
        &json!({
            "id": format!("{id}_20261108T080000Z"), "status": "cancelled", "recurringEventId": id,
            "originalStartTime": { "dateTime": "2026-11-08T09:00:00+01:00", "timeZone": "Europe/Rome" },
        })
    );
    assert_eq!(ids(&body).len(), 3);
}

#[tokio::test]
async fn calendars_are_listed_shared_made_and_lost() {
    let (sim, http) = plain_google().await;
    let list = http.get("/users/me/calendarList").await.json();
    assert_eq!(
        ids(&list),
        [ANNA, "en.simulated#holiday@group.v.calendar.google.com"]
    );
    assert_eq!(
        (
            list["items"][0]["primary"].as_bool(),
            list["items"][0].get("dataOwner")
        ),
        (Some(true), None)
    );
    let writable = http
        .query("/users/me/calendarList", &[("minAccessRole", "writer")])
        .await
        .json();
    assert_eq!(ids(&writable), [ANNA]);
    let holidays = "/calendars/en.simulated%23holiday@group.v.calendar.google.com/events";
    assert_eq!(http.get(holidays).await.json()["accessRole"], "reader");
    let event = super::timed("No", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z");
    let refused = http.call("POST", holidays, &event).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (403, "requiredAccessLevel")
    );
    assert_eq!(http.get("/calendars/ben@example.com/events").await.status, 404);

    let made = http
        .call(
            "POST",
            "/calendars",
            &json!({ "summary": "CRM", "timeZone": "Europe/Rome" }),
        )
        .await
        .json();
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/calendars/{id}/events");
    assert_eq!(http.call("POST", &path, &event).await.status, 200);
    assert_eq!(
        http.get(&format!("/users/me/calendarList/{id}")).await.json()["accessRole"],
        "owner"
    );
    let token = list["nextSyncToken"].as_str().unwrap();
    let delta = http
        .query("/users/me/calendarList", &[("syncToken", token)])
        .await
        .json();
    assert_eq!(ids(&delta), [id.as_str()]);
    sim.person(ANNA).delete_calendar(&id).unwrap();
    assert_eq!(http.get(&path).await.status, 404);
    let refused = http.delete("/calendars/primary").await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (400, "cannotDeletePrimaryCalendar")
    );
}

#[tokio::test]
async fn a_missing_scope_is_not_a_bad_token() {
    let (sim, _) = plain_google().await;
    let narrow = sim.issue_tokens(ANNA, &["openid", "email"]).unwrap().access_token;
    let http = Http::new(&sim.calendar_url(), Some(narrow));
    let refused = http.get(EVENTS).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (403, "insufficientPermissions")
    );
    let reader = sim
        .issue_tokens(
            ANNA,
            &["https://www.googleapis.com/auth/calendar.events.readonly"],
        )
        .unwrap();
    let http = Http::new(&sim.calendar_url(), Some(reader.access_token));
    assert_eq!(http.get(EVENTS).await.status, 200);
    assert_eq!(http.get("/users/me/calendarList").await.status, 403);
    let anonymous = Http::new(&sim.calendar_url(), None);
    assert_eq!(anonymous.get(EVENTS).await.status, 401);
    assert!(sim.issue_tokens("nobody@example.com", &[CALENDAR]).is_none());
}

#[tokio::test]
async fn the_quota_refuses_in_three_ways_and_recovers() {
    let clock = crate::SimClock::stopped(super::at("2026-11-22 10:00:00"));
    let options = GoogleOptions {
        quota_per_minute: Some(3),
        clock,
        ..GoogleOptions::default()
    };
    let (sim, http) = google(options).await;
    for _ in 0..3 {
        assert_eq!(http.get(EVENTS).await.status, 200);
    }
    let mut refused = Vec::new();
    for _ in 0..3 {
        let reply = http.get(EVENTS).await;
        refused.push((reply.status, reply.reason()));
    }
    assert_eq!(
        refused,
        [
            (403, "rateLimitExceeded".to_owned()),
            (429, "rateLimitExceeded".to_owned()),
            (403, "userRateLimitExceeded".to_owned())
        ]
    );
    assert_eq!(sim.traffic().refusals(), 3);
    sim.clock().advance(std::time::Duration::from_mins(1));
    assert_eq!(http.get(EVENTS).await.status, 200);
    sim.set_quota_per_minute(None);
    for _ in 0..9 {
        assert_eq!(http.get(EVENTS).await.status, 200);
    }
}
