//! What people do every day, on either side, and what they find on the other one.

use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::{
    ANNA, ANNA_MAIL, Item, Kind, Rig, assert_same, at, crm_items, google_items, item, over_every_crm,
};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

/// Anna's only event: its id.
fn only_event(rig: &Rig) -> String {
    let events = rig.anna_at_google().events("primary");
    assert_eq!(events.len(), 1, "{events:#?}");
    events[0]["id"].as_str().unwrap().to_owned()
}

/// Anna's only meeting: its id.
fn only_meeting(rig: &Rig) -> String {
    let rows = rig.crm.rows("Meetings");
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows[0]["id"].as_str().unwrap().to_owned()
}

fn both_hold(rig: &Rig, items: &[Item]) {
    assert_eq!(crm_items(&rig.crm, ANNA), items);
    assert_eq!(google_items(&rig.google, ANNA_MAIL), items);
    assert_eq!(rig.google.mails(), []);
}

async fn a_meeting_and_a_call_made_in_the_crm_appear_in_google(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let anna = rig.anna();
    anna.create_meeting("Offer review", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    anna.create(
        "Calls",
        &json!({ "name": "Call back Mr Conti", "date_start": "2026-11-24 15:00:00",
                 "duration_hours": 0, "duration_minutes": 15, "description": "About the offer" }),
    )
    .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((2, 0, 0), (0, 0, 0)));
    both_hold(
        &rig,
        &[
            item("Call back Mr Conti", "2026-11-24T15:00", 15),
            item("Offer review", "2026-11-24T10:00", 30),
        ],
    );
    let call = rig
        .anna_at_google()
        .events("primary")
        .into_iter()
        .find(|event| event["summary"] == "Call back Mr Conti")
        .unwrap();
    assert_eq!(call["description"], "About the offer");
}

async fn an_event_made_in_google_appears_in_her_crm_calendar(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.anna_at_google()
        .create(
            "primary",
            &json!({ "summary": "Dentist", "location": "Via Roma 12", "description": "Bring the card",
                     "start": { "dateTime": "2026-11-25T09:00:00+01:00" },
                     "end": { "dateTime": "2026-11-25T09:45:00+01:00" } }),
        )
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((0, 0, 0), (1, 0, 0)));
    both_hold(&rig, &[item("Dentist", "2026-11-25T08:00", 45)]);
    let id = only_meeting(&rig);
    let row = rig.crm.row("Meetings", &id).unwrap();
    assert_eq!(row["location"], "Via Roma 12");
    assert_eq!(row["description"], "Bring the card");
    assert_eq!(rig.crm.in_calendar_of(ANNA), [("Meetings".to_owned(), id)]);
}

async fn edits_moves_and_deletions_travel_from_either_side(kind: Kind) {
    for born_in_crm in [true, false] {
        let rig = Rig::linked(kind).await;
        let (anna, online) = (rig.anna(), rig.anna_at_google());
        if born_in_crm {
            anna.create_meeting("Kick-off", at("2026-11-24T10:00"), HALF_AN_HOUR)
                .unwrap();
        } else {
            online
                .create_timed(
                    "primary",
                    "Kick-off",
                    at("2026-11-24T10:00"),
                    at("2026-11-24T10:30"),
                )
                .unwrap();
        }
        rig.sync_to_rest().await;
        let (meeting, event) = (only_meeting(&rig), only_event(&rig));

        rig.later(20);
        anna.edit("Meetings", &meeting, &json!({ "name": "Kick-off, 2nd try" }))
            .unwrap();
        assert_eq!(rig.sync_to_rest().await.to_google(), (0, 1, 0));
        both_hold(&rig, &[item("Kick-off, 2nd try", "2026-11-24T10:00", 30)]);

        rig.later(20);
        online
            .edit(
                "primary",
                &event,
                &json!({ "summary": "Kick-off, 3rd try", "location": "Room 3" }),
            )
            .unwrap();
        assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 1, 0));
        assert_eq!(rig.crm.row("Meetings", &meeting).unwrap()["location"], "Room 3");

        rig.later(20);
        anna.reschedule("Meetings", &meeting, at("2026-11-26T14:00"), HALF_AN_HOUR * 3)
            .unwrap();
        rig.sync_to_rest().await;
        both_hold(&rig, &[item("Kick-off, 3rd try", "2026-11-26T14:00", 90)]);

        rig.later(20);
        online
            .reschedule("primary", &event, at("2026-11-27T07:15"), at("2026-11-27T08:00"))
            .unwrap();
        rig.sync_to_rest().await;
        both_hold(&rig, &[item("Kick-off, 3rd try", "2026-11-27T07:15", 45)]);

        rig.later(20);
        if born_in_crm {
            online.delete("primary", &event).unwrap();
            assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 0, 1));
        } else {
            anna.delete("Meetings", &meeting).unwrap();
            assert_eq!(rig.sync_to_rest().await.to_google(), (0, 0, 1));
        }
        both_hold(&rig, &[]);
    }
}

async fn edits_of_different_fields_on_both_sides_both_survive(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.anna()
        .create_meeting("Negotiation", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    rig.sync_to_rest().await;
    let (meeting, event) = (only_meeting(&rig), only_event(&rig));
    rig.later(20);
    rig.anna()
        .edit(
            "Meetings",
            &meeting,
            &json!({ "name": "Negotiation, round 2", "description": "Bring figures" }),
        )
        .unwrap();
    rig.anna_at_google()
        .edit("primary", &event, &json!({ "location": "Room 7" }))
        .unwrap();
    rig.anna_at_google()
        .reschedule("primary", &event, at("2026-11-24T11:00"), at("2026-11-24T12:00"))
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_crm(), run.to_google()), ((0, 1, 0), (0, 1, 0)));
    assert_eq!(run.changes.events.conflicts, 0);
    both_hold(&rig, &[item("Negotiation, round 2", "2026-11-24T11:00", 60)]);
    let (row, seen) = (
        rig.crm.row("Meetings", &meeting).unwrap(),
        rig.anna_at_google().event("primary", &event).unwrap(),
    );
    assert_eq!(
        (&row["location"], &seen["location"]),
        (&json!("Room 7"), &json!("Room 7"))
    );
    assert_eq!(
        (&row["description"], &seen["description"]),
        (&json!("Bring figures"), &json!("Bring figures"))
    );
}

async fn of_two_edits_of_one_field_policy_chooses_and_the_other_can_be_put_back(kind: Kind) {
    // Who edits last, which policy, who wins.
    let cases = [
        ("newest", "google", "google"),
        ("newest", "crm", "crm"),
        ("crm", "google", "crm"),
        ("google", "crm", "google"),
    ];
    for (policy, last, wins) in cases {
        let rig = Rig::linked(kind).await;
        rig.set(&json!({ "events": { "conflict_winner": policy } })).await;
        rig.anna()
            .create_meeting("Draft", at("2026-11-24T10:00"), HALF_AN_HOUR)
            .unwrap();
        rig.sync_to_rest().await;
        let (meeting, event) = (only_meeting(&rig), only_event(&rig));
        rig.later(20);
        let in_crm = || {
            rig.anna()
                .edit("Meetings", &meeting, &json!({ "name": "Said in the CRM" }))
                .unwrap();
        };
        let in_google = || {
            let patch = json!({ "summary": "Said in Google" });
            rig.anna_at_google().edit("primary", &event, &patch).unwrap();
        };
        if last == "google" {
            in_crm();
            rig.later(5);
            in_google();
        } else {
            in_google();
            rig.later(5);
            in_crm();
        }
        let run = rig.sync_to_rest().await;
        assert_eq!(run.changes.events.conflicts, 1, "{policy}");
        let (winner, loser) = match wins {
            "crm" => ("Said in the CRM", "Said in Google"),
            _ => ("Said in Google", "Said in the CRM"),
        };
        both_hold(&rig, &[item(winner, "2026-11-24T10:00", 30)]);

        let journal = rig.of_link("GET", ANNA, "/journal", None).await.good();
        let entries = journal["items"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{policy}: {journal:#}");
        let entry = &entries[0];
        assert_eq!(
            (&entry["field"], &entry["value"], &entry["won_by"], &entry["why"]),
            (&json!("title"), &json!(loser), &json!(wins), &json!("conflict"))
        );
        let restore = format!("/journal/{}/restore", entry["id"].as_str().unwrap());
        rig.later(20);
        rig.of_link("POST", ANNA, &restore, None).await.good();
        rig.sync_to_rest().await;
        both_hold(&rig, &[item(loser, "2026-11-24T10:00", 30)]);
        let again = rig.of_link("POST", ANNA, &restore, None).await;
        assert_eq!(again.status, 409, "{again:?}");
    }
}

async fn what_a_deletion_took_along_can_be_put_back(kind: Kind) {
    for deleted_in_crm in [true, false] {
        let rig = Rig::linked(kind).await;
        rig.anna()
            .create_meeting("Annual review", at("2026-11-24T10:00"), HALF_AN_HOUR)
            .unwrap();
        rig.sync_to_rest().await;
        rig.later(20);
        if deleted_in_crm {
            rig.anna().delete("Meetings", &only_meeting(&rig)).unwrap();
        } else {
            rig.anna_at_google().delete("primary", &only_event(&rig)).unwrap();
        }
        rig.sync_to_rest().await;
        both_hold(&rig, &[]);
        let journal = rig.of_link("GET", ANNA, "/journal", None).await.good();
        let entry = journal["items"][0].clone();
        assert_eq!(
            (&entry["why"], &entry["value"]["title"]),
            (&json!("deletion"), &json!("Annual review"))
        );
        rig.later(20);
        let restore = format!("/journal/{}/restore", entry["id"].as_str().unwrap());
        rig.of_link("POST", ANNA, &restore, None).await.good();
        rig.sync_to_rest().await;
        assert_same(&rig, ANNA, ANNA_MAIL);
        both_hold(&rig, &[item("Annual review", "2026-11-24T10:00", 30)]);
    }
}

async fn an_edit_beats_a_deletion(kind: Kind) {
    for deleted_in_crm in [true, false] {
        let rig = Rig::linked(kind).await;
        rig.anna_at_google()
            .create_timed(
                "primary",
                "Site visit",
                at("2026-11-24T10:00"),
                at("2026-11-24T10:30"),
            )
            .unwrap();
        rig.sync_to_rest().await;
        let (meeting, event) = (only_meeting(&rig), only_event(&rig));
        rig.later(20);
        if deleted_in_crm {
            rig.anna().delete("Meetings", &meeting).unwrap();
            rig.anna_at_google()
                .edit("primary", &event, &json!({ "summary": "Site visit, gate 3" }))
                .unwrap();
        } else {
            rig.anna_at_google().delete("primary", &event).unwrap();
            rig.anna()
                .edit("Meetings", &meeting, &json!({ "name": "Site visit, gate 3" }))
                .unwrap();
        }
        rig.sync_to_rest().await;
        both_hold(&rig, &[item("Site visit, gate 3", "2026-11-24T10:00", 30)]);
        rig.later(20);
        rig.anna()
            .edit(
                "Meetings",
                &only_meeting(&rig),
                &json!({ "name": "Site visit, gate 4" }),
            )
            .unwrap();
        rig.sync_to_rest().await;
        both_hold(&rig, &[item("Site visit, gate 4", "2026-11-24T10:00", 30)]);
    }
}

async fn the_preview_tells_what_the_next_run_does_and_writes_nothing(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.anna()
        .create_meeting("Forecast", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    rig.anna_at_google()
        .create_timed("primary", "Lunch", at("2026-11-24T12:00"), at("2026-11-24T13:00"))
        .unwrap();
    let before = (rig.crm.snapshot(), rig.google.snapshot());
    let preview = rig.of_link("POST", ANNA, "/preview", None).await.good();
    assert_eq!(preview["changes"]["events"]["google"]["created"], 1);
    assert_eq!(preview["changes"]["events"]["crm"]["created"], 1);
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((1, 0, 0), (1, 0, 0)));
}

async fn history_lists_the_runs_newest_first_page_by_page(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let mut told = Vec::new();
    for hour in 9..12 {
        let start = at(&format!("2026-11-24T{hour:02}:00"));
        rig.anna()
            .create_meeting("One more", start, HALF_AN_HOUR)
            .unwrap();
        told.insert(0, rig.sync().await.ok());
        rig.later(20);
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/runs?limit=2{cursor}");
        let page = rig.of_link("GET", ANNA, &path, None).await.good();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        listed.extend(items.iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let listed: Vec<crate::rig::Run> = serde_json::from_value(Value::Array(listed)).unwrap();
    assert_eq!(listed, told);
}

over_every_crm! {
    #[tokio::test]
    a_meeting_and_a_call_made_in_the_crm_appear_in_google,
    an_event_made_in_google_appears_in_her_crm_calendar,
    edits_moves_and_deletions_travel_from_either_side,
    edits_of_different_fields_on_both_sides_both_survive,
    of_two_edits_of_one_field_policy_chooses_and_the_other_can_be_put_back,
    what_a_deletion_took_along_can_be_put_back,
    an_edit_beats_a_deletion,
    the_preview_tells_what_the_next_run_does_and_writes_nothing,
    history_lists_the_runs_newest_first_page_by_page,
}
