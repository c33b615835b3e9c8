//! Another list, another label, another calendar: what is in step stays so, and nobody loses anything by the choice.

use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::{Kind, Rig, at, over_every_crm};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

fn sorted<'a>(words: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let mut sorted: Vec<String> = words
        .into_iter()
        .map(|word| word.as_str().unwrap_or_default().to_owned())
        .collect();
    sorted.sort();
    sorted
}

/// What the CRM's records of a module are called.
fn crm_names(rig: &Rig, module: &str) -> Vec<String> {
    sorted(rig.crm.rows(module).iter().map(|row| &row["name"]))
}

fn titles(tasks: &[Value]) -> Vec<String> {
    sorted(tasks.iter().map(|task| &task["title"]))
}

async fn another_list_takes_no_task_away_and_doubles_none(kind: Kind) {
    let rig = Rig::linked_for(
        kind,
        &json!({ "events": { "enabled": false }, "tasks": { "enabled": true } }),
    )
    .await;
    let online = rig.anna_at_google();
    let brochure = rig
        .anna()
        .create("Tasks", &json!({ "name": "Send the brochure" }))
        .unwrap();
    online
        .create_task("@default", &json!({ "title": "Book a room" }))
        .unwrap();
    rig.sync_to_rest().await;

    let work = online.create_task_list("Work").unwrap();
    online
        .create_task(&work, &json!({ "title": "Call the bank" }))
        .unwrap();
    rig.later(20);
    rig.set(&json!({ "tasks": { "list": "Work" } })).await;
    rig.sync_to_rest().await;
    rig.anna()
        .edit("Tasks", &brochure, &json!({ "description": "Both languages" }))
        .unwrap();
    rig.anna()
        .create("Tasks", &json!({ "name": "Pay the bill" }))
        .unwrap();
    rig.later(20);
    rig.sync_to_rest().await;
    assert_eq!(
        crm_names(&rig, "Tasks"),
        [
            "Book a room",
            "Call the bank",
            "Pay the bill",
            "Send the brochure"
        ]
    );
    assert_eq!(
        titles(&online.tasks("@default")),
        ["Book a room", "Send the brochure"]
    );
    assert_eq!(titles(&online.tasks(&work)), ["Call the bank", "Pay the bill"]);

    rig.later(20);
    rig.set(&json!({ "tasks": { "list": "@default" } })).await;
    rig.sync_to_rest().await;
    assert_eq!(rig.crm.rows("Tasks").len(), 4);
    assert_eq!(
        titles(&online.tasks("@default")),
        ["Book a room", "Send the brochure"]
    );
    assert_eq!(titles(&online.tasks(&work)), ["Call the bank", "Pay the bill"]);
}

/// The first names of Anna's contacts in Google that are under a label.
fn under(rig: &Rig, label: &str) -> Vec<String> {
    let online = rig.anna_at_google();
    let labels = online.labels();
    let Some((id, _)) = labels.iter().find(|(_, name)| **name == label) else {
        return Vec::new();
    };
    let is_under = |contact: &Value| {
        let groups = contact["memberships"].as_array().cloned().unwrap_or_default();
        groups
            .iter()
            .any(|group| group["contactGroupMembership"]["contactGroupId"] == id.as_str())
    };
    let contacts = online.contacts();
    let under: Vec<Value> = contacts
        .iter()
        .filter_map(|name| online.contact(name))
        .filter(is_under)
        .collect();
    sorted(under.iter().map(|contact| &contact["names"][0]["givenName"]))
}

async fn another_label_takes_the_tag_from_nobody(kind: Kind) {
    let rig = Rig::linked_for(
        kind,
        &json!({ "events": { "enabled": false }, "contacts": { "enabled": true } }),
    )
    .await;
    rig.google.set_people_list_delay(Duration::ZERO);
    let online = rig.anna_at_google();
    let carla = json!({ "first_name": "Carla", "last_name": "Verdi", "google_c": "1" });
    rig.anna().create("Contacts", &carla).unwrap();
    rig.sync_to_rest().await;
    let tagged = |given: &str| {
        let rows = rig.crm.rows("Contacts");
        let row = rows.iter().find(|row| row["first_name"] == given);
        row.map(|row| row["google_c"].clone())
    };

    // One that is there already, with somebody under it.
    let friends = online.create_label("Friends").unwrap();
    let gina = online
        .create_contact(&json!({ "names": [{ "givenName": "Gina", "familyName": "Neri" }] }))
        .unwrap();
    online.label_contact(&gina, &friends, true).unwrap();
    rig.later(20);
    rig.set(&json!({ "contacts": { "label": "Friends" } })).await;
    rig.sync_to_rest().await;
    assert_eq!(
        (tagged("Carla"), tagged("Gina")),
        (Some(json!("1")), Some(json!("1")))
    );
    assert_eq!(under(&rig, "Friends"), ["Carla", "Gina"]);
    assert_eq!(under(&rig, "CRM"), ["Carla"]);

    // One that is not there yet is made.
    rig.later(20);
    rig.set(&json!({ "contacts": { "label": "Customers" } })).await;
    rig.sync_to_rest().await;
    assert_eq!(
        (tagged("Carla"), tagged("Gina")),
        (Some(json!("1")), Some(json!("1")))
    );
    assert_eq!(under(&rig, "Customers"), ["Carla", "Gina"]);

    // Under the new one people put contacts, and take them off, as under the old one.
    let labels = online.labels();
    let (customers, _) = labels.iter().find(|(_, name)| **name == "Customers").unwrap();
    rig.later(20);
    online.label_contact(&gina, customers, false).unwrap();
    rig.sync_to_rest().await;
    assert_eq!(
        (tagged("Carla"), tagged("Gina")),
        (Some(json!("1")), Some(json!("0")))
    );

    rig.later(20);
    rig.set(&json!({ "contacts": { "label": "CRM" } })).await;
    rig.sync_to_rest().await;
    assert_eq!(
        (tagged("Carla"), tagged("Gina")),
        (Some(json!("1")), Some(json!("0")))
    );
    assert_eq!(under(&rig, "CRM"), ["Carla"]);
    assert_eq!((rig.crm.rows("Contacts").len(), online.contacts().len()), (2, 2));
}

async fn another_calendar_takes_no_event_away_and_doubles_none(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    let kick_off = rig
        .anna()
        .create_meeting("Kick-off", at("2026-11-27T09:00"), HALF_AN_HOUR)
        .unwrap();
    online
        .create_timed("primary", "Lunch", at("2026-11-27T12:00"), at("2026-11-27T13:00"))
        .unwrap();
    rig.sync_to_rest().await;
    let team = online.create_calendar("Team").unwrap();
    online
        .create_timed(&team, "Review", at("2026-11-28T09:00"), at("2026-11-28T10:00"))
        .unwrap();
    rig.later(20);
    rig.set(&json!({ "events": { "calendars": [team], "target_calendar": team } }))
        .await;
    rig.sync_to_rest().await;
    rig.later(20);
    rig.anna()
        .edit("Meetings", &kick_off, &json!({ "location": "Room 2" }))
        .unwrap();
    rig.anna()
        .create_meeting("Retrospective", at("2026-11-30T09:00"), HALF_AN_HOUR)
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(
        crm_names(&rig, "Meetings"),
        ["Kick-off", "Lunch", "Retrospective", "Review"]
    );
    assert_eq!(
        (online.events("primary").len(), online.events(&team).len()),
        (2, 2)
    );
    rig.later(20);
    rig.set(&json!({ "events": { "calendars": ["primary"], "target_calendar": "primary" } }))
        .await;
    rig.sync_to_rest().await;
    assert_eq!(rig.crm.rows("Meetings").len(), 4);
    assert_eq!(
        (online.events("primary").len(), online.events(&team).len()),
        (2, 2)
    );
    let events = online.events("primary");
    let kick_off = events
        .iter()
        .find(|event| event["summary"] == "Kick-off")
        .unwrap();
    assert_eq!(kick_off["location"], "Room 2");
}

over_every_crm! {
    #[tokio::test]
    another_list_takes_no_task_away_and_doubles_none,
    another_label_takes_the_tag_from_nobody,
    another_calendar_takes_no_event_away_and_doubles_none,
}
