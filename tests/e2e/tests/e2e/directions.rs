//! One-way settings write nothing to their source, not even a mark.

use std::time::Duration;

use serde_json::json;

use crate::rig::{ANNA, ANNA_MAIL, Kind, Rig, at, crm_items, google_items, over_every_crm};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

async fn from_the_crm_only_writes_nothing_to_the_crm(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.set(&json!({ "events": { "direction": "crm_to_google" } }))
        .await;
    let (anna, online) = (rig.anna(), rig.anna_at_google());
    let meeting = anna
        .create_meeting("Made in the CRM", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    online
        .create_timed(
            "primary",
            "Made in Google",
            at("2026-11-24T12:00"),
            at("2026-11-24T13:00"),
        )
        .unwrap();
    rig.crm.traffic().reset();
    let before = rig.crm.snapshot();
    rig.sync().await.ok();
    let copy = |rig: &Rig| {
        let events = rig.anna_at_google().events("primary");
        let found = events.iter().find(|event| event["summary"] != "Made in Google");
        found.map(|event| event["id"].as_str().unwrap().to_owned())
    };
    let event = copy(&rig).expect("the meeting is in Google");
    rig.later(20);
    online
        .edit("primary", &event, &json!({ "location": "Elsewhere" }))
        .unwrap();
    rig.sync().await.ok();
    rig.later(20);
    online.delete("primary", &event).unwrap();
    rig.sync().await.ok();
    assert_eq!(rig.crm.traffic().writes(), 0);
    assert_eq!(rig.crm.snapshot(), before);

    // The source still rules.
    rig.later(20);
    anna.edit("Meetings", &meeting, &json!({ "name": "Said again in the CRM" }))
        .unwrap();
    rig.sync().await.ok();
    let titles: Vec<_> = google_items(&rig.google, ANNA_MAIL)
        .into_iter()
        .map(|item| item.title)
        .collect();
    assert_eq!(titles, ["Made in Google", "Said again in the CRM"]);
    rig.assert_at_rest().await;
}

async fn from_google_only_writes_nothing_to_google(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.set(&json!({ "events": { "direction": "google_to_crm" } }))
        .await;
    let (anna, online) = (rig.anna(), rig.anna_at_google());
    anna.create_meeting("Made in the CRM", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    let event = online
        .create_timed(
            "primary",
            "Made in Google",
            at("2026-11-24T12:00"),
            at("2026-11-24T13:00"),
        )
        .unwrap();
    rig.google.traffic().reset();
    let before = rig.google.snapshot();
    rig.sync().await.ok();
    let copy = rig
        .crm
        .rows("Meetings")
        .into_iter()
        .find(|row| row["name"] == "Made in Google")
        .expect("the event is in the CRM");
    let copy = copy["id"].as_str().unwrap();
    rig.later(20);
    anna.edit("Meetings", copy, &json!({ "location": "Elsewhere" }))
        .unwrap();
    rig.sync().await.ok();
    rig.later(20);
    anna.delete("Meetings", copy).unwrap();
    rig.sync().await.ok();
    assert_eq!(rig.google.traffic().writes(), 0);
    assert_eq!(rig.google.snapshot(), before);

    rig.later(20);
    online
        .edit("primary", &event, &json!({ "summary": "Said again in Google" }))
        .unwrap();
    rig.sync().await.ok();
    let titles: Vec<_> = crm_items(&rig.crm, ANNA)
        .into_iter()
        .map(|item| item.title)
        .collect();
    assert_eq!(titles, ["Made in the CRM", "Said again in Google"]);
    rig.assert_at_rest().await;
}

over_every_crm! {
    #[tokio::test]
    from_the_crm_only_writes_nothing_to_the_crm,
    from_google_only_writes_nothing_to_google,
}
