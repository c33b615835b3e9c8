//! Taking over from Vtiger's own Google connector, which leaves no mark on either side: what it has made is told by
//! what it says, and by the few ways in which it writes what Vtiger cannot say.
//!
//! # Source
//! `modules/Google/connectors/{Calendar,Contacts}.php` and `modules/Google/models/Calendar.php` of Vtiger 7 and 8.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::crm::vtiger::VtigerPerson;

use crate::rig::{ANNA, ANNA_MAIL, Kind, Rig, at, crm_items, item, over_crms};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

/// Anna in Vtiger's pages; her number there is 7.
fn anna(rig: &Rig) -> VtigerPerson {
    rig.crm.vtiger().unwrap().person(7)
}

/// An event of the CRM as the connector makes it.
fn crm_event(rig: &Rig, subject: &str, start: &str, end: &str) {
    let (day, time) = start.split_once(' ').unwrap();
    let (end_day, end_time) = end.split_once(' ').unwrap();
    anna(rig)
        .create_event(
            &json!({ "subject": subject, "date_start": day, "time_start": time, "due_date": end_day,
                     "time_end": end_time, "visibility": "Public" }),
        )
        .unwrap();
}

fn google_event(rig: &Rig, title: &str, start: &str, end: &str) -> String {
    rig.anna_at_google()
        .create_timed("primary", title, at(start), at(end))
        .unwrap()
}

fn all_day(rig: &Rig, title: &str, first: &str, end: &str) -> String {
    rig.anna_at_google()
        .create(
            "primary",
            &json!({ "summary": title, "start": { "date": first }, "end": { "date": end } }),
        )
        .unwrap()
}

async fn events_of_vtigers_own_google_connector_are_taken_over_without_doubles(kind: Kind) {
    let rig = Rig::start(kind).await;
    let offer = google_event(&rig, "Offer", "2026-11-24T10:00", "2026-11-24T11:00");
    crm_event(&rig, "Offer", "2026-11-24 10:00:00", "2026-11-24 11:00:00");
    let long = "A title of many words ".repeat(15);
    google_event(&rig, &long, "2026-11-24T16:00", "2026-11-24T16:30");
    let cut: String = long.chars().take(255).collect();
    crm_event(&rig, &cut, "2026-11-24 16:00:00", "2026-11-24 16:30:00");
    // A whole day lasts from midnight to midnight,
    all_day(&rig, "Fair", "2026-11-26", "2026-11-28");
    crm_event(&rig, "Fair", "2026-11-25 23:00:00", "2026-11-27 23:00:00");
    // as midnight is today, so that in summer it begins at one o'clock;
    let holiday = all_day(&rig, "Holiday", "2027-07-12", "2027-07-17");
    crm_event(&rig, "Holiday", "2027-07-11 23:00:00", "2027-07-16 23:00:00");
    // and an edit in the CRM makes hours of a whole day in Google too.
    google_event(&rig, "Inventory", "2026-11-29T23:00", "2026-11-30T23:00");
    crm_event(&rig, "Inventory", "2026-11-29 23:00:00", "2026-11-30 23:00:00");
    // What has no title gets one.
    let untitled = google_event(&rig, "", "2026-11-25T15:00", "2026-11-25T15:30");
    crm_event(&rig, "Google Event", "2026-11-25 15:00:00", "2026-11-25 15:30:00");
    // Series of either side are single events on the other one.
    rig.anna_at_google()
        .create(
            "primary",
            &json!({ "summary": "Stand-up", "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"],
                     "start": { "dateTime": "2026-11-24T08:00:00", "timeZone": "Europe/Rome" },
                     "end": { "dateTime": "2026-11-24T08:15:00", "timeZone": "Europe/Rome" } }),
        )
        .unwrap();
    for day in 24..27 {
        let at = |time: &str| format!("2026-11-{day} {time}");
        crm_event(&rig, "Stand-up", &at("07:00:00"), &at("07:15:00"));
    }
    anna(&rig)
        .create_weekly("Review", at("2026-11-24T13:00"), HALF_AN_HOUR, 2)
        .unwrap();
    google_event(&rig, "Review", "2026-11-24T13:00", "2026-11-24T13:30");
    google_event(&rig, "Review", "2026-12-01T13:00", "2026-12-01T13:30");

    let before = (rig.crm.snapshot(), rig.google.snapshot());
    rig.link(ANNA, ANNA_MAIL).await;
    let run = rig.sync_to_rest().await;
    run.changed_nothing();
    assert_eq!(run.changes.events.paired, 11, "{run:#?}");
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);

    // And they are kept in step from then on.
    rig.later(20);
    let online = rig.anna_at_google();
    online
        .reschedule("primary", &offer, at("2026-11-24T14:00"), at("2026-11-24T15:00"))
        .unwrap();
    let later: Value = json!({ "start": { "date": "2027-07-19" }, "end": { "date": "2027-07-24" } });
    online.edit("primary", &holiday, &later).unwrap();
    online
        .edit("primary", &untitled, &json!({ "summary": "Dentist" }))
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 3, 0));
    let items = crm_items(&rig.crm, ANNA);
    for expected in [
        item("Offer", "2026-11-24T14:00", 60),
        item("Holiday", "2027-07-18T22:00", 5 * 24 * 60),
        item("Dentist", "2026-11-25T15:00", 30),
    ] {
        assert!(items.contains(&expected), "{expected:?}: {items:#?}");
    }
}

/// People as both sides have them: what Google says, and the columns that the connector fills with it.
fn people(account: &str) -> [(Value, Value); 4] {
    [
        (
            json!({ "names": [{ "honorificPrefix": "Ms.", "givenName": "Carla", "familyName": "Verdi" }],
                    "emailAddresses": [{ "value": "carla@example.com", "type": "home" },
                                       { "value": "verdi@example.org", "type": "work" }],
                    "phoneNumbers": [{ "value": "+39 333 1234567", "type": "mobile" },
                                     { "value": "+39 011 765432", "type": "work" }],
                    "organizations": [{ "name": "Verdi & Figli", "title": "Buyer" }],
                    "birthdays": [{ "date": { "year": 1980, "month": 5, "day": 12 } }],
                    "addresses": [{ "streetAddress": "Via Roma 1", "city": "Torino", "type": "home" }] }),
            json!({ "salutationtype": "Ms.", "firstname": "Carla", "lastname": "Verdi",
                    "email": "carla@example.com", "secondaryemail": "verdi@example.org",
                    "mobile": "+39 333 1234567", "phone": "+39 011 765432", "account_id": account,
                    "title": "Buyer", "birthday": "1980-05-12", "mailingstreet": "Via Roma 1",
                    "mailingcity": "Torino" }),
        ),
        // Who has no last name gets the first one, or the e-mail address, or that of everybody else.
        (
            json!({ "names": [{ "givenName": "Elena" }],
                    "phoneNumbers": [{ "value": "+39 333 2234567", "type": "mobile" }] }),
            json!({ "firstname": "Elena", "lastname": "Elena", "mobile": "+39 333 2234567" }),
        ),
        (
            json!({ "emailAddresses": [{ "value": "office@example.net", "type": "home" }] }),
            json!({ "lastname": "office@example.net", "email": "office@example.net" }),
        ),
        (
            json!({ "phoneNumbers": [{ "value": "+39 333 3234567", "type": "mobile" }] }),
            json!({ "lastname": "Google Contact", "mobile": "+39 333 3234567" }),
        ),
    ]
}

async fn contacts_of_vtigers_own_google_connector_are_taken_over_without_doubles(kind: Kind) {
    for scope in ["all", "tagged"] {
        let rig = Rig::start(kind).await;
        rig.google.set_people_list_delay(Duration::ZERO);
        let account = anna(&rig).create_account("Verdi & Figli").unwrap();
        for (online, columns) in people(&format!("11x{account}")) {
            rig.anna_at_google().create_contact(&online).unwrap();
            let mut columns = columns;
            columns["cf_853"] = json!("1");
            anna(&rig).create_contact(&columns).unwrap();
        }
        let before = rig.crm.rows("Contacts");
        rig.link_for(&json!({ "events": { "enabled": false },
            "contacts": { "enabled": true, "scope": scope } }))
            .await;
        let run = rig.sync_to_rest().await;
        assert_eq!((run.to_crm().0, run.to_google().0), (0, 0), "{scope}: {run:#?}");
        assert_eq!(
            run.changes.contacts.as_ref().unwrap().paired,
            4,
            "{scope}: {run:#?}"
        );
        assert_eq!(rig.crm.rows("Contacts"), before, "{scope}");
        assert_eq!(rig.anna_at_google().contacts().len(), 4, "{scope}");
        assert_eq!(rig.crm.vtiger().unwrap().accounts().len(), 1);
    }
}

over_crms! {
    #[tokio::test] vtiger_8_2 = Vtiger82:
    events_of_vtigers_own_google_connector_are_taken_over_without_doubles,
    contacts_of_vtigers_own_google_connector_are_taken_over_without_doubles,
}
over_crms! {
    #[tokio::test] vtiger_8_4 = Vtiger84:
    events_of_vtigers_own_google_connector_are_taken_over_without_doubles,
    contacts_of_vtigers_own_google_connector_are_taken_over_without_doubles,
}
