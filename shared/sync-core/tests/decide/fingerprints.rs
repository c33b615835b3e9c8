//! The stored form of what is remembered of fields: pairs that are stored stay understood.

use chrono::{NaiveDate, NaiveTime, TimeZone, Utc};
use sync_core::base::{Pair, fingerprints};
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, Birthday, ContactRecord};
use sync_core::kind::event::{EventRecord, When};
use sync_core::kind::task::{Due, Status, TaskRecord};

use crate::ground::pair;

/// What is stored of a record, field by field.
fn stored<R: Record>(record: &R) -> serde_json::Value {
    serde_json::to_value(fingerprints(record)).expect("a map of texts")
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 1).expect("a day")
}

/// Each is the beginning of the SHA-256 of the value's normal form, reckoned elsewhere.
#[test]
fn a_value_is_stored_as_ever() {
    let at = |hour| Utc.with_ymd_and_hms(2026, 2, 1, hour, 0, 0).unwrap();
    let timed = EventRecord {
        title: "Review".to_owned(),
        description: String::new(),
        location: "Room 4".to_owned(),
        when: When::Timed {
            start: at(9),
            end: at(10),
        },
        private: true,
    };
    let event = stored(&timed);
    assert_eq!(
        event,
        serde_json::json!({
            "title": "aff0766a5290e117",
            "description": "e3b0c44298fc1c14",
            "location": "adb6cf73be69cf51",
            "when": "a6f47fca2716e7cc",
            "private": "4bf5122f344554c5",
        })
    );
    let all_day = EventRecord {
        when: When::AllDay {
            start: day(),
            end: day().succ_opt().unwrap(),
        },
        private: false,
        ..timed
    };
    let event = stored(&all_day);
    assert_eq!(event["when"], "165a85535c867943");
    assert_eq!(event["private"], "6e340b9cffb37a98");

    let task = |time, status| {
        let due = Some(Due { day: day(), time });
        let task = stored(&TaskRecord {
            title: "Review".to_owned(),
            notes: String::new(),
            due,
            status,
        });
        (task["due"].clone(), task["status"].clone())
    };
    let half_past_four = NaiveTime::from_hms_opt(16, 30, 0);
    let open = task(None, Status::Open);
    assert_eq!(open, ("489b04180f126d56".into(), "65c74c15a686187b".into()));
    let done = task(half_past_four, Status::Completed { at: None });
    assert_eq!(done, ("9f2d4eb9d76539b0".into(), "2e7d2c03a9507ae2".into()));
    let done = task(None, Status::Completed { at: Some(at(9)) });
    assert_eq!(done.1, "1f4269f57f602646");

    let contact = stored(&ContactRecord {
        address_work: Address {
            street: "Via Roma 1".to_owned(),
            city: "Torino".to_owned(),
            region: "TO".to_owned(),
            postal_code: "10121".to_owned(),
            country: "Italia".to_owned(),
        },
        birthday: Birthday::new(Some(1980), 5, 12),
        labelled: true,
        ..ContactRecord::default()
    });
    assert_eq!(contact["address_work"], "1294ed6b1dc81b53");
    assert_eq!(contact["address_home"], "e3b0c44298fc1c14");
    assert_eq!(contact["birthday"], "234793027674fed1");
    assert_eq!(contact["labelled"], "4bf5122f344554c5");
}

#[test]
fn a_pair_is_read_whatever_the_order_of_its_fields() {
    let pair = pair();
    let mut stored = serde_json::to_value(&pair).unwrap();
    let text = stored.to_string();
    assert_eq!(serde_json::from_str::<Pair>(&text).unwrap(), pair);

    // Where every name stands behind the one that stood before it, and one of them is of no use any more.
    let fields = stored["half"]["crm"]["fields"].as_object_mut().unwrap();
    let behind = fields
        .iter()
        .rev()
        .map(|(name, value)| format!("\"{name}\":{value}"));
    let behind: Vec<String> = behind.chain(["\"colour\":\"00\"".to_owned()]).collect();
    let before = serde_json::to_string(&fields).unwrap();
    let turned = text.replacen(&before, &format!("{{{}}}", behind.join(",")), 1);
    assert_ne!(turned, text);
    assert_eq!(serde_json::from_str::<Pair>(&turned).unwrap(), pair);
}

#[test]
fn what_was_agreed_on_one_field_is_remembered_by_itself() {
    let mut fields = fingerprints(&crate::ground::event("base"));
    let all = fields.clone();
    let title = fields.get("title").unwrap();
    fields.remove("title");
    assert!(!fields.contains_key("title"));
    assert_ne!(fields, all);
    fields.insert("title", fields.get("when").unwrap());
    assert_ne!(fields, all);
    fields.insert("title", title);
    assert_eq!(fields, all);
}
