//! Every kind of fault at every kind of call: afterwards both sides agree, nothing is doubled, nothing is lost and
//! nobody was mailed.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use serde_json::json;
use simulators::{Fault, FaultRule, Faults, When};

use crate::rig::{ANNA, ANNA_MAIL, Item, Kind, Options, Rig, at, crm_items, google_items, item, over_crms};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

/// Histories played at once: a fault costs waiting, not work.
const AT_ONCE: usize = 8;

/// The calls of the run that meets the fault: the first so many of each side are struck, one in each history.
const CALLS_STRUCK: u64 = 12;

fn faults() -> Vec<Fault> {
    vec![
        Fault::LostAnswer,
        Fault::DropBefore,
        Fault::ServerErrorBefore(500),
        Fault::ServerErrorAfter(503),
        Fault::Throttle {
            status: 429,
            retry_after: Some(Duration::from_secs(1)),
        },
        Fault::Throttle {
            status: 403,
            retry_after: None,
        },
        Fault::Slow(Duration::from_millis(300)),
        Fault::CutBody,
        Fault::Html(200),
        Fault::Html(502),
    ]
}

/// What is to stand on both sides in the end.
fn expected() -> Vec<Item> {
    let mut items = vec![
        item("Untouched", "2026-11-24T08:00", 30),
        item("Renamed in the CRM", "2026-11-24T09:00", 30),
        item("Moved in Google", "2026-11-26T09:00", 45),
        item("Both, renamed", "2026-11-27T12:00", 60),
        item("New in the CRM", "2026-11-25T10:00", 30),
        item("New in Google", "2026-11-25T11:00", 30),
        item("A call", "2026-11-25T13:00", 15),
    ];
    items.sort();
    items
}

/// Six pairs in step, with guests on one of Google's.
async fn in_step(kind: Kind) -> Rig {
    let rig = Rig::with(Options {
        paced: false,
        ..Options::of(kind)
    })
    .await;
    rig.link(ANNA, ANNA_MAIL).await;
    for (title, hour) in [("Untouched", 8), ("To be renamed", 9), ("Deleted in the CRM", 10)] {
        let start = at(&format!("2026-11-24T{hour:02}:00"));
        rig.anna().create_meeting(title, start, HALF_AN_HOUR).unwrap();
    }
    for (title, hour) in [("Moved in Google", 11), ("Both", 12), ("Deleted in Google", 13)] {
        let event = json!({ "summary": title, "attendees": [{ "email": "carla@example.org" }],
            "start": { "dateTime": format!("2026-11-24T{hour:02}:00:00Z") },
            "end": { "dateTime": format!("2026-11-24T{hour:02}:30:00Z") } });
        rig.anna_at_google().create("primary", &event).unwrap();
    }
    rig.sync_to_rest().await;
    rig.later(20);
    rig
}

/// People change both sides.
fn change(rig: &Rig) {
    let anna = rig.anna();
    for row in rig.crm.rows("Meetings") {
        let id = row["id"].as_str().unwrap();
        match row["name"].as_str().unwrap() {
            "To be renamed" => anna.edit("Meetings", id, &json!({ "name": "Renamed in the CRM" })),
            "Both" => anna.edit("Meetings", id, &json!({ "name": "Both, renamed" })),
            "Deleted in the CRM" => anna.delete("Meetings", id),
            _ => Ok(()),
        }
        .unwrap();
    }
    let online = rig.anna_at_google();
    for event in online.events("primary") {
        let id = event["id"].as_str().unwrap();
        match event["summary"].as_str().unwrap() {
            "Moved in Google" => online
                .reschedule("primary", id, at("2026-11-26T09:00"), at("2026-11-26T09:45"))
                .map(drop),
            "Both" => online
                .reschedule("primary", id, at("2026-11-27T12:00"), at("2026-11-27T13:00"))
                .map(drop),
            "Deleted in Google" => online.delete("primary", id).map(drop),
            _ => Ok(()),
        }
        .unwrap();
    }
    anna.create_meeting("New in the CRM", at("2026-11-25T10:00"), HALF_AN_HOUR)
        .unwrap();
    anna.create(
        "Calls",
        &json!({ "name": "A call", "date_start": "2026-11-25 13:00:00", "duration_minutes": 15 }),
    )
    .unwrap();
    online
        .create_timed(
            "primary",
            "New in Google",
            at("2026-11-25T11:00"),
            at("2026-11-25T11:30"),
        )
        .unwrap();
}

/// After the fault: at most two runs bring both sides in step, and then there is nothing left to do.
async fn assert_recovers(rig: &Rig, what: &str) {
    rig.google.faults().clear();
    rig.crm.faults().clear();
    for _ in 0..2 {
        rig.later(20);
        rig.sync().await;
    }
    assert_eq!(crm_items(&rig.crm, ANNA), expected(), "in the CRM, after {what}");
    assert_eq!(
        google_items(&rig.google, ANNA_MAIL),
        expected(),
        "in Google, after {what}"
    );
    let in_her_calendar = rig.crm.in_calendar_of(ANNA).len();
    assert_eq!(
        in_her_calendar,
        expected().len(),
        "in her CRM calendar, after {what}"
    );
    assert_eq!(rig.google.mails(), [], "guests were mailed after {what}");
    assert_eq!(rig.state(ANNA).await, "active", "after {what}");
    rig.later(20);
    rig.assert_at_rest().await;
}

/// One history: people change both sides, a run meets the fault, then calm.
async fn play(kind: Kind, fault: Fault, side: &'static str, nth: u64) {
    let what = format!("{fault:?} at call {nth} to {side}");
    let rig = in_step(kind).await;
    change(&rig);
    let faults: Faults = match side {
        "google" => rig.google.faults(),
        _ => rig.crm.faults(),
    };
    faults.add(FaultRule::new(fault, When::Nth(nth)));
    rig.sync().await;
    assert_recovers(&rig, &what).await;
}

async fn play_all(kind: Kind, side: &'static str) {
    let histories: Vec<_> = faults()
        .into_iter()
        .flat_map(|fault| (1..=CALLS_STRUCK).map(move |nth| (fault.clone(), nth)))
        .collect();
    stream::iter(histories)
        .for_each_concurrent(AT_ONCE, |(fault, nth)| play(kind, fault, side, nth))
        .await;
}

async fn every_fault_at_every_call_to_google_is_recovered_from(kind: Kind) {
    play_all(kind, "google").await;
}

async fn every_fault_at_every_call_to_the_crm_is_recovered_from(kind: Kind) {
    play_all(kind, "crm").await;
}

async fn a_side_in_bad_weather_is_in_step_once_the_weather_is_fine(kind: Kind) {
    // Each call fails with some probability, in every way at once, over several runs while people go on.
    stream::iter(0..12_u64)
        .for_each_concurrent(AT_ONCE, |seed| async move {
            let rig = in_step(kind).await;
            change(&rig);
            for (number, fault) in (0..).zip(faults()) {
                let rule = |offset| {
                    let when = When::Chance {
                        probability: 0.04,
                        seed: seed * 100 + number + offset,
                    };
                    FaultRule::new(fault.clone(), when)
                };
                rig.google.faults().add(rule(0));
                rig.crm.faults().add(rule(50));
            }
            for _ in 0..3 {
                rig.sync().await;
                rig.later(20);
            }
            assert_recovers(&rig, &format!("bad weather of seed {seed}")).await;
        })
        .await;
}

async fn a_person_who_edits_in_google_just_before_our_write_loses_nothing(kind: Kind) {
    let rig = in_step(kind).await;
    change(&rig);
    let online = rig.anna_at_google();
    let events = online.events("primary");
    let event = events
        .iter()
        .find(|event| event["summary"] == "To be renamed")
        .unwrap();
    let id = event["id"].as_str().unwrap().to_owned();
    let edited = id.clone();
    let edit = move || {
        let patch = json!({ "location": "Room 9" });
        online.edit("primary", &edited, &patch).unwrap();
    };
    rig.google.faults().add(
        FaultRule::new(Fault::Meanwhile(Arc::new(edit)), When::Nth(1))
            .methods(&["PATCH"])
            .path_contains(&id),
    );
    rig.sync().await;
    assert_recovers(&rig, "an edit meanwhile").await;
    assert_eq!(
        rig.anna_at_google().event("primary", &id).unwrap()["location"],
        "Room 9"
    );
    let rows = rig.crm.rows("Meetings");
    let row = rows
        .iter()
        .find(|row| row["name"] == "Renamed in the CRM")
        .unwrap();
    assert_eq!(row["location"], "Room 9");
}

async fn a_person_who_edits_in_the_crm_just_before_our_write_loses_nothing(kind: Kind) {
    let rig = in_step(kind).await;
    change(&rig);
    let rows = rig.crm.rows("Meetings");
    let row = rows.iter().find(|row| row["name"] == "Moved in Google").unwrap();
    let id = row["id"].as_str().unwrap().to_owned();
    let (anna, edited) = (rig.anna(), id.clone());
    let edit = move || {
        let edit = json!({ "location": "Room 9" });
        anna.edit("Meetings", &edited, &edit).unwrap();
    };
    // The CRM has no conditional write: the last look before the write is where an edit can still be seen.
    rig.crm.faults().add(
        FaultRule::new(Fault::Meanwhile(Arc::new(edit)), When::Nth(1))
            .methods(&["GET"])
            .path_contains(&id),
    );
    rig.sync().await;
    assert_recovers(&rig, "an edit meanwhile").await;
    assert_eq!(rig.crm.row("Meetings", &id).unwrap()["location"], "Room 9");
    let events = rig.anna_at_google().events("primary");
    let event = events
        .iter()
        .find(|event| event["summary"] == "Moved in Google")
        .unwrap();
    assert_eq!(event["location"], "Room 9");
}

over_crms! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)] suitecrm = SuiteCrm:
    every_fault_at_every_call_to_google_is_recovered_from,
    every_fault_at_every_call_to_the_crm_is_recovered_from,
    a_side_in_bad_weather_is_in_step_once_the_weather_is_fine,
    a_person_who_edits_in_google_just_before_our_write_loses_nothing,
    a_person_who_edits_in_the_crm_just_before_our_write_loses_nothing,
}

over_crms! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)] vtiger_8_4 = Vtiger84:
    every_fault_at_every_call_to_google_is_recovered_from,
    every_fault_at_every_call_to_the_crm_is_recovered_from,
    a_side_in_bad_weather_is_in_step_once_the_weather_is_fine,
    a_person_who_edits_in_google_just_before_our_write_loses_nothing,
    a_person_who_edits_in_the_crm_just_before_our_write_loses_nothing,
}
