//! What a change from outside would destroy in the CRM.

use std::time::Duration;

use serde_json::{Map, Value, json};
use simulators::crm::vtiger::Version;
use sync_core::failure::Class;
use sync_core::kind::event::EventField;

use super::hands::{BEN, Crm, name, newest, releases};
use crate::hands::change;

const HOUR: Duration = Duration::from_hours(1);
/// What every save moves.
const STAMPS: [&str; 2] = ["modifiedtime", "modifiedby"];

/// The columns in which two states of a record differ.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let differs = |column: &&String| before.get(*column) != after.get(*column);
    after
        .keys()
        .filter(differs)
        .filter(|column| !STAMPS.contains(&column.as_str()))
        .cloned()
        .collect()
}

/// An event with everything that people add to one, but no invited users.
fn rich(crm: &Crm) -> u64 {
    let person = crm.person();
    let number = person
        .create_event(&json!({"subject": "Demo", "date_start": "2026-12-01", "time_start": "10:00:00",
            "due_date": "2026-12-01", "time_end": "11:00:00", "reminder_time": "75", "eventstatus": "Held",
            "activitytype": "Mobile Call", "taskpriority": "High", "sendnotification": "1", "visibility": "Public"}))
        .unwrap();
    for name in ["Verdi", "Conti", "Bianchi"] {
        let contact = person.create_contact(&json!({"lastname": name})).unwrap();
        person.add_contact(number, contact).unwrap();
    }
    number
}

async fn renamed(crm: &Crm, number: u64) -> Result<(), sync_core::failure::Failure> {
    let events = crm.careful_events();
    let sync_core::change::Reading::Present(seen) = events.read(&name(number)).await? else {
        panic!("not there")
    };
    let update = change(
        &seen,
        |record| record.title = "Renamed".to_owned(),
        &[EventField::Title],
    );
    events.update(&update).await.map(drop)
}

async fn renamed_without_care(crm: &Crm, number: u64) {
    let events = crm.events();
    let sync_core::change::Reading::Present(seen) = events.read(&name(number)).await.unwrap() else {
        panic!("not there")
    };
    let update = change(
        &seen,
        |record| record.title = "Renamed".to_owned(),
        &[EventField::Title],
    );
    events.update(&update).await.unwrap();
}

#[tokio::test]
async fn reminder_contacts_status_and_type_survive_every_change() {
    for options in releases() {
        let version = options.version;
        let crm = Crm::start(options).await;
        let number = rich(&crm);
        let before = crm.sim.record(number).unwrap();
        assert_eq!(before["contacts"].as_array().unwrap().len(), 3);
        crm.sim.traffic().reset();
        renamed_without_care(&crm, number).await;
        let after = crm.sim.record(number).unwrap();
        // The CRM itself counts the length again.
        let changed: Vec<String> = differences(&before, &after)
            .into_iter()
            .filter(|column| !column.starts_with("duration"))
            .collect();
        assert_eq!(changed, ["subject"], "{version:?}");
        let sent = crm.sim.traffic().log();
        let revised = sent.iter().find(|asked| asked.body.contains("revise")).unwrap();
        let sends_contacts = revised.body.contains("contactidlist");
        assert_eq!(sends_contacts, version == Version::V8_2);
    }
}

#[tokio::test]
async fn an_event_without_contacts_and_reminder_gets_none() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let number = crm
            .person()
            .create_meeting("Plain", crm.in_days(1), HOUR)
            .unwrap();
        renamed_without_care(&crm, number).await;
        let after = crm.sim.record(number).unwrap();
        assert_eq!(after["contacts"], json!([]));
        assert_eq!(
            after
                .get("reminder_time")
                .and_then(Value::as_str)
                .unwrap_or_default(),
            ""
        );
    }
}

#[tokio::test]
async fn invited_users_are_never_removed_unless_the_administrator_says_so() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let number = rich(&crm);
        crm.person().invite(number, BEN).unwrap();
        let before = crm.sim.record(number).unwrap();
        let failure = renamed(&crm, number).await.unwrap_err();
        assert_eq!(
            (failure.class, failure.code),
            (Class::Permanent, "invited_users_kept")
        );
        assert_eq!(crm.sim.record(number).unwrap(), before);
        renamed_without_care(&crm, number).await;
        assert_eq!(crm.sim.record(number).unwrap()["subject"], "Renamed");
    }
}

#[tokio::test]
async fn what_was_last_saved_by_the_sync_has_nothing_to_lose_until_a_person_saves_it() {
    let crm = Crm::start(newest()).await;
    let made = crm.events().create(&crm.copy(1, "Copy")).await.unwrap().observed;
    let number: u64 = made.id.id.trim_start_matches("18x").parse().unwrap();
    renamed(&crm, number).await.unwrap();
    crm.person().invite(number, BEN).unwrap();
    let failure = renamed(&crm, number).await.unwrap_err();
    assert_eq!(failure.code, "invited_users_kept");
    assert_eq!(crm.sim.record(number).unwrap()["invitees"], json!([BEN]));
}

#[tokio::test]
async fn an_occurrence_of_a_series_keeps_its_rule_whatever_the_administrator_says() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let series = crm
            .person()
            .create_weekly("Stand-up", crm.in_days(1), HOUR, 3)
            .unwrap();
        let before: Vec<_> = series.iter().map(|number| crm.sim.record(*number)).collect();
        assert_eq!(
            crm.changes(None).await.changes.len(),
            3,
            "each is an event of its own"
        );
        let events = crm.events();
        for number in &series {
            let sync_core::change::Reading::Present(seen) = events.read(&name(*number)).await.unwrap() else {
                panic!("not there")
            };
            let update = change(
                &seen,
                |record| record.title = "Moved".to_owned(),
                &[EventField::Title],
            );
            let failure = events.update(&update).await.unwrap_err();
            assert_eq!((failure.class, failure.code), (Class::Permanent, "series_kept"));
        }
        let after: Vec<_> = series.iter().map(|number| crm.sim.record(*number)).collect();
        assert_eq!(after, before);
    }
}
