//! Sync tokens and what deltas say.

use serde_json::{Value, json};

use super::{ANNA, Http, Reply, google, plain_google, timed};
use crate::google::GoogleOptions;

const EVENTS: &str = "/calendars/primary/events";

async fn token(http: &Http) -> String {
    http.get(EVENTS).await.json()["nextSyncToken"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn delta(http: &Http, token: &str) -> Reply {
    http.query(EVENTS, &[("syncToken", token)]).await
}

fn weekly() -> Value {
    json!({
        "summary": "Weekly", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"],
        "start": { "dateTime": "2026-12-07T09:00:00", "timeZone": "Europe/Rome" },
        "end": { "dateTime": "2026-12-07T10:00:00", "timeZone": "Europe/Rome" },
    })
}

#[tokio::test]
async fn a_delta_holds_what_changed_and_tombstones_say_nothing_else() {
    let (sim, http) = plain_google().await;
    let person = sim.person(ANNA);
    let kept = person
        .create(
            ANNA,
            &timed("Kept", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z"),
        )
        .unwrap();
    let gone = person
        .create(
            ANNA,
            &timed("Gone", "2026-12-02T10:00:00Z", "2026-12-02T11:00:00Z"),
        )
        .unwrap();
    let first = token(&http).await;
    let quiet = delta(&http, &first).await.json();
    assert_eq!(quiet["items"], json!([]));
    person.delete(ANNA, &gone).unwrap();
    person
        .edit(ANNA, &kept, &json!({ "summary": "Kept well" }))
        .unwrap();
    let body = delta(&http, &first).await.json();
    let items = body["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items.contains(&json!({ "id": gone, "status": "cancelled" })));
    let second = body["nextSyncToken"].as_str().unwrap();
    assert_eq!(delta(&http, second).await.json()["items"], json!([]));
    // The old token is good for as long as it is good: the same delta again.
    assert_eq!(
        delta(&http, &first).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    // Read by its id, a deleted event still tells everything.
    let read = http.get(&format!("{EVENTS}/{gone}")).await.json();
    assert_eq!(
        (read["status"].as_str(), read["summary"].as_str()),
        (Some("cancelled"), Some("Gone"))
    );
    sim.purge_tombstones();
    assert_eq!(http.get(&format!("{EVENTS}/{gone}")).await.status, 404);
}

#[tokio::test]
async fn changed_instances_precede_their_master() {
    let (sim, http) = plain_google().await;
    let before = token(&http).await;
    let person = sim.person(ANNA);
    let id = person.create(ANNA, &weekly()).unwrap();
    let moved = person
        .edit(
            ANNA,
            &format!("{id}_20261214T080000Z"),
            &json!({ "summary": "Moved" }),
        )
        .unwrap();
    let gone = person.delete(ANNA, &format!("{id}_20261221T080000Z")).unwrap();
    let body = delta(&http, &before).await.json();
    let ids: Vec<&str> = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [gone.as_str(), &moved, &id]);
    assert_eq!(
        body["items"][0],
        json!({
            "id": gone, "status": "cancelled", "recurringEventId": id,
            "originalStartTime": { "dateTime": "2026-12-21T09:00:00+01:00", "timeZone": "Europe/Rome" },
        })
    );
}

#[tokio::test]
async fn an_expanded_delta_calls_lost_occurrences_cancelled() {
    let (sim, http) = plain_google().await;
    let person = sim.person(ANNA);
    let id = person.create(ANNA, &weekly()).unwrap();
    let expanded = |token: Option<String>| {
        let http = http.clone();
        async move {
            let mut pairs = vec![("singleEvents", "true".to_owned())];
            pairs.extend(token.map(|token| ("syncToken", token)));
            let pairs: Vec<(&str, &str)> = pairs
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            http.query(EVENTS, &pairs).await.json()
        }
    };
    let first = expanded(None).await["nextSyncToken"].as_str().unwrap().to_owned();
    person
        .edit(ANNA, &id, &json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"] }))
        .unwrap();
    let body = expanded(Some(first)).await;
    let lost: Vec<&Value> = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["status"] == "cancelled")
        .collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0]["id"], format!("{id}_20261228T080000Z"));
    let second = body["nextSyncToken"].as_str().unwrap().to_owned();
    person.delete(ANNA, &id).unwrap();
    let body = expanded(Some(second)).await;
    assert_eq!(body["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn sync_tokens_exclude_filters_and_other_shapes() {
    let (sim, http) = plain_google().await;
    sim.seed_events(ANNA, 1);
    let token = token(&http).await;
    for (name, value) in [
        ("timeMin", "2026-01-01T00:00:00Z"),
        ("timeMax", "2027-01-01T00:00:00Z"),
        ("updatedMin", "2026-01-01T00:00:00Z"),
        ("q", "x"),
        ("orderBy", "updated"),
        ("iCalUID", "x"),
        ("privateExtendedProperty", "a=b"),
        ("showDeleted", "false"),
        ("singleEvents", "true"),
    ] {
        let reply = http.query(EVENTS, &[("syncToken", &token), (name, value)]).await;
        assert_eq!(reply.status, 400, "{name}");
    }
    for (name, value) in [
        ("timeMin", "2026-01-01T00:00:00Z"),
        ("updatedMin", "2020-01-01T00:00:00Z"),
    ] {
        let body = http.query(EVENTS, &[(name, value)]).await.json();
        assert_eq!(body.get("nextSyncToken"), None, "{name}");
    }
    let loose = GoogleOptions {
        sync_token_with_time_bounds: true,
        ..GoogleOptions::default()
    };
    let (_sim, http) = google(loose).await;
    let body = http
        .query(EVENTS, &[("timeMin", "2026-01-01T00:00:00Z")])
        .await
        .json();
    assert!(body["nextSyncToken"].is_string());
}

#[tokio::test]
async fn an_old_token_is_410_and_rubbish_is_400() {
    let clock = crate::SimClock::stopped(super::at("2026-11-22 10:00:00"));
    let lifetime = Some(std::time::Duration::from_hours(1));
    let (sim, http) = google(GoogleOptions {
        clock,
        sync_token_lifetime: lifetime,
        ..GoogleOptions::default()
    })
    .await;
    let first = token(&http).await;
    assert_eq!(delta(&http, &first).await.status, 200);
    sim.expire_sync_tokens();
    let refused = delta(&http, &first).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (410, "fullSyncRequired")
    );
    let second = token(&http).await;
    sim.person(ANNA)
        .share("primary", "ben@example.com", Some("reader"));
    assert_eq!(delta(&http, &second).await.status, 410);
    let third = token(&http).await;
    sim.clock().advance(std::time::Duration::from_secs(3601));
    let fresh = sim.issue_tokens(ANNA, &[super::CALENDAR]).unwrap().access_token;
    let http = Http::new(&sim.calendar_url(), Some(fresh));
    assert_eq!(delta(&http, &third).await.status, 410);
    for rubbish in ["rubbish", "CP+/AAAA", ""] {
        assert_eq!(delta(&http, rubbish).await.status, 400, "{rubbish}");
    }
    let fourth = token(&http).await;
    assert_eq!(
        http.get(&format!("{EVENTS}?syncToken={fourth}")).await.status,
        400,
        "not encoded"
    );
}

#[tokio::test]
async fn ten_thousand_events_are_read_in_pages_without_delay() {
    let (sim, http) = plain_google().await;
    sim.seed_events(ANNA, 10_000);
    let mut read = 0;
    let mut next: Option<String> = None;
    loop {
        let mut pairs = vec![("maxResults", "2500")];
        pairs.extend(next.iter().map(|token| ("pageToken", token.as_str())));
        let body = http.query(EVENTS, &pairs).await.json();
        read += body["items"].as_array().unwrap().len();
        next = body["nextPageToken"].as_str().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    assert_eq!((read, sim.traffic().calls()), (10_000, 4));
}
