//! What is not carried is the same before and after every write, on both sides, and nobody is mailed.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::rig::{ANNA, Kind, Rig, assert_same, at, over_every_crm};

/// What a write may change of an event: what is carried, and what Google stamps by itself.
const CARRIED_IN_GOOGLE: [&str; 8] = [
    "summary",
    "description",
    "location",
    "start",
    "end",
    "etag",
    "updated",
    "sequence",
];

/// The same of a meeting or a call.
const CARRIED_IN_CRM: [&str; 9] = [
    "name",
    "description",
    "location",
    "date_start",
    "date_end",
    "duration_hours",
    "duration_minutes",
    "date_modified",
    "modified_user_id",
];

fn rich_event(title: &str, hour: u32) -> Value {
    json!({
        "summary": title,
        "description": "Agenda",
        "start": { "dateTime": format!("2026-11-24T{hour:02}:00:00+01:00"), "timeZone": "Europe/Rome" },
        "end": { "dateTime": format!("2026-11-24T{hour:02}:30:00+01:00"), "timeZone": "Europe/Rome" },
        "attendees": [
            { "email": "anna@example.com", "responseStatus": "accepted" },
            { "email": "carla@example.org", "responseStatus": "tentative", "comment": "Perhaps" },
            { "email": "dario@example.org", "optional": true, "responseStatus": "declined" },
        ],
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 7 }] },
        "colorId": "5",
        "transparency": "transparent",
        "guestsCanInviteOthers": false,
        "conferenceData": { "conferenceId": "aaa-bbbb-ccc", "entryPoints":
            [{ "entryPointType": "video", "uri": "https://meet.example.com/aaa-bbbb-ccc" }] },
        "attachments": [{ "fileUrl": "https://drive.example.com/file", "title": "Figures" }],
        "extendedProperties": { "private": { "otherProgram": "keep me" }, "shared": { "team": "blue" } },
        "source": { "title": "Ticket", "url": "https://tickets.example.com/1" },
    })
}

fn without(value: &Value, names: &[&str]) -> Map<String, Value> {
    let mut fields = value.as_object().unwrap().clone();
    fields.retain(|name, _| !names.contains(&name.as_str()));
    fields
}

fn other_fields_of_events(rig: &Rig) -> Vec<Map<String, Value>> {
    let events = rig.anna_at_google().events("primary");
    events
        .iter()
        .map(|event| without(event, &CARRIED_IN_GOOGLE))
        .collect()
}

async fn guests_reminders_colours_and_other_programs_marks_survive_every_write_to_google(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    for (number, title) in ["Edited", "Moved", "Made a whole day", "Described anew"]
        .iter()
        .enumerate()
    {
        let hour = 9 + u32::try_from(number).unwrap();
        online.create("primary", &rich_event(title, hour)).unwrap();
    }
    let before = other_fields_of_events(&rig);
    rig.sync_to_rest().await;
    rig.later(20);
    for row in rig.crm.rows("Meetings") {
        let id = row["id"].as_str().unwrap();
        let edit = match row["name"].as_str().unwrap() {
            "Edited" => json!({ "name": "Edited in the CRM", "location": "Room 1" }),
            "Moved" => json!({ "date_start": "2026-11-26 13:00:00", "duration_hours": 2 }),
            "Made a whole day" => {
                json!({ "date_start": "2026-11-25 23:00:00", "duration_hours": 24, "duration_minutes": 0 })
            }
            _ => json!({ "description": "" }),
        };
        rig.anna().edit("Meetings", id, &edit).unwrap();
    }
    assert_eq!(rig.sync_to_rest().await.to_google(), (0, 4, 0));
    assert_eq!(other_fields_of_events(&rig), before);
    let whole_day = online
        .events("primary")
        .into_iter()
        .find(|event| event["summary"] == "Made a whole day")
        .unwrap();
    assert_eq!(whole_day["start"], json!({ "date": "2026-11-26" }));
    assert_eq!(rig.google.mails(), []);
}

async fn status_parents_invitees_and_reminders_survive_every_write_to_the_crm(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let anna = rig.anna();
    let contact = anna
        .create(
            "Contacts",
            &json!({ "first_name": "Carla", "last_name": "Verdi" }),
        )
        .unwrap();
    for (module, name, hour) in [
        ("Meetings", "Demo", 9),
        ("Meetings", "Visit", 11),
        ("Calls", "Renewal", 14),
    ] {
        let mut record = json!({
            "name": name, "date_start": format!("2026-11-24 {hour:02}:00:00"), "duration_hours": 1,
            "duration_minutes": 0, "status": "Held", "parent_type": "Contacts", "parent_id": contact,
            "reminder_time": "1800", "outlook_id": "somebody-elses-id",
        });
        if module == "Calls" {
            record["direction"] = json!("Inbound");
        }
        let id = anna.create(module, &record).unwrap();
        if rig.crm.shows_invited_users() {
            anna.invite(module, &id, crate::rig::BEN);
        }
    }
    let other_fields = |rig: &Rig| {
        let rows = ["Meetings", "Calls"].map(|module| rig.crm.rows(module));
        let rows: Vec<_> = rows
            .into_iter()
            .flatten()
            .map(|row| without(&Value::Object(row), &CARRIED_IN_CRM))
            .collect();
        (rows, rig.crm.snapshot()["relationships"].clone())
    };
    let before = other_fields(&rig);
    rig.sync_to_rest().await;
    assert_eq!(
        other_fields(&rig),
        before,
        "a copy was made in Google and the original was touched"
    );
    rig.later(20);
    let online = rig.anna_at_google();
    for event in online.events("primary") {
        let id = event["id"].as_str().unwrap();
        let patch = match event["summary"].as_str().unwrap() {
            "Demo" => json!({ "summary": "Demo, part 1", "description": "Slides", "location": "Room 2" }),
            "Visit" => {
                json!({ "start": { "dateTime": "2026-11-25T09:00:00Z" }, "end": { "dateTime": "2026-11-25T09:20:00Z" } })
            }
            _ => json!({ "summary": "Renewal call", "description": "Prices" }),
        };
        online.edit("primary", id, &patch).unwrap();
    }
    assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 3, 0));
    assert_eq!(other_fields(&rig), before);
    assert_same(&rig, ANNA, crate::rig::ANNA_MAIL);
}

async fn no_guest_is_mailed_whatever_happens_to_a_meeting(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    for (title, hour) in [("Edited", 9), ("Moved", 10), ("Deleted", 11)] {
        online.create("primary", &rich_event(title, hour)).unwrap();
    }
    rig.sync_to_rest().await;
    rig.later(20);
    for row in rig.crm.rows("Meetings") {
        let id = row["id"].as_str().unwrap();
        match row["name"].as_str().unwrap() {
            "Edited" => rig
                .anna()
                .edit("Meetings", id, &json!({ "name": "Edited in the CRM" })),
            "Moved" => rig
                .anna()
                .reschedule("Meetings", id, at("2026-11-26T10:00"), Duration::from_hours(1)),
            _ => rig.anna().delete("Meetings", id),
        }
        .unwrap();
    }
    assert_eq!(rig.sync_to_rest().await.to_google(), (0, 2, 1));
    rig.of_link("DELETE", ANNA, "", None).await.good();
    assert_eq!(rig.google.mails(), []);
}

over_every_crm! {
    #[tokio::test]
    guests_reminders_colours_and_other_programs_marks_survive_every_write_to_google,
    status_parents_invitees_and_reminders_survive_every_write_to_the_crm,
    no_guest_is_mailed_whatever_happens_to_a_meeting,
}
