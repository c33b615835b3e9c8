//! What only Vtiger has: users that no interface shows, and series that are rows with a hidden rule.

use std::time::Duration;

use serde_json::json;
use simulators::crm::vtiger::VtigerSim;

use crate::rig::{ANNA, ANNA_MAIL, BEN, CRM, Kind, Rig, assert_same, at, over_crms};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);
/// Anna's number.
const ANNAS: u64 = 7;

fn sim(rig: &Rig) -> &VtigerSim {
    rig.crm.vtiger().unwrap()
}

/// Registers the CRM anew, with that word on invited users or with none.
async fn register(rig: &Rig, invited_users: Option<&str>) {
    let mut body = rig.crm.registration();
    let auth = body["auth"].as_object_mut().unwrap();
    auth.remove("invited_users");
    auth.extend(invited_users.map(|word| ("invited_users".to_owned(), json!(word))));
    rig.call("PUT", &format!("/crms/{CRM}"), Some(&body)).await.good();
}

fn event_named(rig: &Rig, title: &str) -> String {
    let events = rig.anna_at_google().events("primary");
    let found = events.iter().find(|event| event["summary"] == title);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

async fn a_change_that_would_remove_invited_users_waits_and_is_told(kind: Kind) {
    let rig = Rig::linked(kind).await;
    register(&rig, None).await;
    let anna = rig.anna();
    let meeting = anna
        .create_meeting("Planning", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    anna.invite("Meetings", &meeting, BEN);
    let online = rig.anna_at_google();
    online
        .create_timed(
            "primary",
            "Dentist",
            at("2026-11-24T12:00"),
            at("2026-11-24T13:00"),
        )
        .unwrap();
    rig.sync_to_rest().await;

    rig.later(20);
    let before = sim(&rig).record(101);
    for title in ["Planning", "Dentist"] {
        online
            .edit(
                "primary",
                &event_named(&rig, title),
                &json!({ "location": "Room 9" }),
            )
            .unwrap();
    }
    let run = rig.sync().await;
    assert_eq!(
        (run.outcome.as_str(), run.to_crm()),
        ("partial", (0, 1, 0)),
        "{run:#?}"
    );
    assert_eq!(run.problems[0].code, "invited_users_kept");
    assert_eq!(run.problems[0].crm_id.as_deref(), Some(meeting.as_str()));
    assert_eq!(sim(&rig).record(101), before, "the invited users stay");
    // What the CRM changes still reaches Google.
    rig.later(5);
    rig.anna()
        .edit("Meetings", &meeting, &json!({ "name": "Planning, 2nd part" }))
        .unwrap();
    let run = rig.sync().await;
    assert_eq!(run.to_google(), (0, 1, 0), "{run:#?}");

    // Once the administrator says that there are none, what waited goes through.
    register(&rig, Some("drop")).await;
    rig.later(24 * 60);
    rig.sync_to_rest().await;
    assert_same(&rig, ANNA, ANNA_MAIL);
    let rows = rig.crm.rows("Meetings");
    assert!(rows.iter().all(|row| row["location"] == "Room 9"), "{rows:#?}");
}

async fn rows_of_a_series_are_single_events_and_keep_their_rule(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let start = at("2026-11-24T09:00");
    let rows = sim(&rig)
        .person(ANNAS)
        .create_weekly("Stand-up", start, HALF_AN_HOUR, 3)
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!(run.to_google(), (3, 0, 0));
    rig.later(20);
    sim(&rig)
        .person(ANNAS)
        .edit(rows[1], &json!({ "location": "Room 2" }))
        .unwrap();
    sim(&rig).person(ANNAS).delete(rows[2]).unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (0, 1, 1));
    rig.later(20);
    let events = rig.anna_at_google().events("primary");
    let first = events.iter().find(|event| event["location"].is_null());
    rig.anna_at_google()
        .reschedule(
            "primary",
            first.unwrap()["id"].as_str().unwrap(),
            at("2026-11-25T09:00"),
            at("2026-11-25T09:30"),
        )
        .unwrap();
    let before = sim(&rig).record(rows[0]);
    let run = rig.sync().await;
    assert_eq!(
        (run.to_crm(), run.problems[0].code.as_str()),
        ((0, 0, 0), "series_kept")
    );
    assert_eq!(sim(&rig).record(rows[0]), before);
}

over_crms! {
    #[tokio::test] vtiger_8_2 = Vtiger82:
    a_change_that_would_remove_invited_users_waits_and_is_told,
    rows_of_a_series_are_single_events_and_keep_their_rule,
}
over_crms! {
    #[tokio::test] vtiger_8_4 = Vtiger84:
    a_change_that_would_remove_invited_users_waits_and_is_told,
    rows_of_a_series_are_single_events_and_keep_their_rule,
}
