//! Guests, mails, privacy, odd event types.

use serde_json::{Value, json};

use super::{ANNA, CALENDAR, Http, plain_google, timed};

const EVENTS: &str = "/calendars/primary/events";

fn with_guest() -> Value {
    let mut event = timed("One", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z");
    event["attendees"] =
        json!([{ "email": ANNA }, { "email": "ben@example.com" }, { "email": "carla@example.org" }]);
    event
}

#[tokio::test]
async fn nobody_is_mailed_unless_the_request_says_so() {
    let (sim, http) = plain_google().await;
    let made = http.call("POST", EVENTS, &with_guest()).await.json();
    let path = format!("{EVENTS}/{}", made["id"].as_str().unwrap());
    http.call(
        "PATCH",
        &format!("{path}?sendUpdates=none"),
        &json!({ "location": "A" }),
    )
    .await;
    // Inside the body it means nothing, and is not even a field.
    let inside = http.call("PATCH", &path, &json!({ "sendUpdates": "all" })).await;
    assert_eq!(inside.status, 400);
    assert!(sim.mails().is_empty());
    http.call(
        "PATCH",
        &format!("{path}?sendUpdates=all"),
        &json!({ "location": "B" }),
    )
    .await;
    http.call(
        "PATCH",
        &format!("{path}?sendUpdates=externalOnly"),
        &json!({ "location": "C" }),
    )
    .await;
    http.delete(&format!("{path}?sendNotifications=true")).await;
    let mails = sim.mails();
    assert_eq!(
        mails.iter().map(|mail| mail.method.as_str()).collect::<Vec<_>>(),
        ["patch", "patch", "delete"]
    );
    assert_eq!(mails[0].to, ["ben@example.com", "carla@example.org"]);
    assert_eq!(mails[1].to, ["carla@example.org"]);
}

#[tokio::test]
async fn a_guest_changes_only_what_is_his() {
    let (sim, http) = plain_google().await;
    let mut event = with_guest();
    event["organizer"] = json!({ "email": "carla@example.org" });
    let id = sim.person(ANNA).create(ANNA, &event).unwrap();
    let path = format!("{EVENTS}/{id}");
    let read = http.get(&path).await.json();
    assert_eq!(read["organizer"].get("self"), None);
    assert_eq!(read["attendees"][0]["self"], true);
    assert_eq!(read["attendees"][2]["organizer"], true);
    let refused = http.call("PATCH", &path, &json!({ "summary": "Mine" })).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (403, "forbiddenForNonOrganizer")
    );
    assert_eq!(
        http.call("PATCH", &path, &json!({ "summary": "One", "colorId": "3" }))
            .await
            .status,
        200
    );
    let answer = json!({ "attendees": [{ "email": ANNA, "responseStatus": "accepted" }] });
    let after = http.call("PATCH", &path, &answer).await.json();
    assert_eq!(after["attendees"].as_array().unwrap().len(), 3);
    assert_eq!(after["attendees"][0]["responseStatus"], "accepted");
    let of_others = json!({ "attendees": [{ "email": ANNA }, { "email": "new@example.org" }] });
    assert_eq!(http.call("PATCH", &path, &of_others).await.status, 403);
    sim.person(ANNA)
        .edit(ANNA, &id, &json!({ "guestsCanModify": true }))
        .unwrap();
    assert_eq!(
        http.call("PATCH", &path, &json!({ "summary": "Ours" }))
            .await
            .status,
        200
    );
    assert_eq!(http.delete(&path).await.status, 204);
}

#[tokio::test]
async fn readers_see_no_details_of_private_events_and_some_see_none_at_all() {
    let (sim, _) = plain_google().await;
    let anna = sim.person(ANNA);
    let mut secret = with_guest();
    secret["visibility"] = json!("private");
    let id = anna.create(ANNA, &secret).unwrap();
    anna.create(ANNA, &with_guest()).unwrap();
    let token = sim
        .issue_tokens("ben@example.com", &[CALENDAR])
        .unwrap()
        .access_token;
    let ben = Http::new(&sim.calendar_url(), Some(token));
    let events = format!("/calendars/{ANNA}/events");
    assert_eq!(ben.get(&events).await.status, 404);
    anna.share(ANNA, "ben@example.com", Some("reader"));
    let body = ben.get(&events).await.json();
    let items = body["items"].as_array().unwrap();
    let hidden = items.iter().find(|item| item["id"] == id.as_str()).unwrap();
    assert_eq!(
        (
            hidden.get("summary"),
            hidden.get("attendees"),
            hidden.get("organizer")
        ),
        (None, None, None)
    );
    assert_eq!(hidden["visibility"], "private");
    assert!(items.iter().any(|item| item["summary"] == "One"));
    anna.share(ANNA, "ben@example.com", Some("freeBusyReader"));
    let body = ben.get(&events).await.json();
    assert!(
        body["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item.get("summary").is_none())
    );
    anna.share(ANNA, "ben@example.com", Some("writerWithoutPrivateAccess"));
    let refused = ben
        .call("PATCH", &format!("{events}/{id}"), &json!({ "location": "x" }))
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn odd_event_types_are_not_a_programs_to_change() {
    let (sim, http) = plain_google().await;
    let mut mail = timed("Flight", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z");
    mail["eventType"] = json!("fromGmail");
    let refused = http.call("POST", EVENTS, &mail).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (400, "eventTypeRestriction")
    );
    let id = sim.person(ANNA).create(ANNA, &mail).unwrap();
    let path = format!("{EVENTS}/{id}");
    assert_eq!(
        http.call("PATCH", &path, &json!({ "summary": "Mine" }))
            .await
            .status,
        400
    );
    assert_eq!(
        http.call("PATCH", &path, &json!({ "eventType": "default" }))
            .await
            .status,
        400
    );
    assert_eq!(
        http.call("PATCH", &path, &json!({ "colorId": "3" })).await.status,
        200
    );
}

#[tokio::test]
async fn conference_data_needs_its_version() {
    let (_sim, http) = plain_google().await;
    let mut event = timed("Meet", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z");
    event["conferenceData"] = json!({ "conferenceId": "aaa-bbbb-ccc" });
    let plain = http.call("POST", EVENTS, &event).await.json();
    assert_eq!(plain.get("conferenceData"), None);
    let meet = http
        .call("POST", &format!("{EVENTS}?conferenceDataVersion=1"), &event)
        .await
        .json();
    let path = format!("{EVENTS}/{}", meet["id"].as_str().unwrap());
    let patched = http
        .call("PATCH", &path, &json!({ "summary": "Same" }))
        .await
        .json();
    assert_eq!(patched["conferenceData"]["conferenceId"], "aaa-bbbb-ccc");
    assert_eq!(http.call("PUT", &path, &event).await.status, 400);
}

#[tokio::test]
async fn samples_are_accepted_whole() {
    let (sim, _) = plain_google().await;
    sim.seed_sample();
    assert_eq!(sim.person(ANNA).events(ANNA).len(), 31);
    assert_eq!(sim.traffic().calls(), 0);
}
