//! Writing one contact, against the simulated Google.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule, When as Happens};
use std::time::Duration;
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, Birthday, ContactField, ContactRecord};
use sync_core::port::Remote;

use super::google::{create, delta, google, people, person, present, record, rich, update, whole};

fn full() -> ContactRecord {
    ContactRecord {
        prefix: "Dr.".to_owned(),
        email_other: "second@example.com".to_owned(),
        phone_fax: "06 999".to_owned(),
        address_work: Address {
            street: "Via Roma 1\nScala B".to_owned(),
            city: "Roma".to_owned(),
            region: "RM".to_owned(),
            postal_code: "00100".to_owned(),
            country: "Italia".to_owned(),
        },
        organization: "Acme".to_owned(),
        department: "Sales".to_owned(),
        job_title: "Boss".to_owned(),
        birthday: Birthday::new(Some(1980), 5, 12),
        website: "https://example.com".to_owned(),
        notes: "one\ntwo 🎂".to_owned(),
        ..record("Anna")
    }
}

#[tokio::test]
async fn a_contact_can_be_emptied_and_filled_again() {
    let google = google().await;
    let people = people(&google);
    let created = people.create(&create("c1", full())).await.unwrap();
    assert_eq!(created.observed.record, full());
    let labels = person(&google).labels();
    assert_eq!(labels.values().collect::<Vec<_>>(), [&json!("CRM")]);
    // A person sees it: it is among "my contacts" as well.
    let kept = person(&google).contact(&created.observed.id.id).unwrap();
    assert_eq!(kept["memberships"].as_array().unwrap().len(), 2);

    let empty = ContactRecord {
        given_name: "Only".to_owned(),
        labelled: true,
        ..ContactRecord::default()
    };
    let emptied = people
        .update(&update(&created.observed, empty.clone(), ContactRecord::FIELDS))
        .await
        .unwrap();
    assert_eq!(emptied.record, empty);
    let filled = people
        .update(&update(&emptied, full(), ContactRecord::FIELDS))
        .await
        .unwrap();
    assert_eq!(filled.record, full());
    let stale = people
        .update(&update(&created.observed, record("Late"), ContactRecord::FIELDS))
        .await;
    // The contact says what it said then, so that nothing is stale about it.
    assert!(stale.is_ok());
}

/// Everything that is kept of a contact but what a write is meant to change.
fn rest(contact: &Value, without: &[&str]) -> Value {
    let mut contact = contact.clone();
    for name in ["etag", "metadata"].iter().chain(without) {
        contact.as_object_mut().unwrap().remove(*name);
    }
    contact
}

#[tokio::test]
async fn what_is_not_ours_is_the_same_after_every_write() {
    let google = google().await;
    let id = person(&google).create_contact(&rich()).unwrap();
    let people = people(&google);
    let mut seen = present(&whole(&people).await)[0].clone();
    let cases: [(ContactField, &str); 9] = [
        (ContactField::GivenName, "names"),
        (ContactField::EmailOther, "emailAddresses"),
        (ContactField::PhoneWork, "phoneNumbers"),
        (ContactField::AddressWork, "addresses"),
        (ContactField::JobTitle, "organizations"),
        (ContactField::Birthday, "birthdays"),
        (ContactField::Website, "urls"),
        (ContactField::Notes, "biographies"),
        (ContactField::Labelled, "memberships"),
    ];
    for (field, name) in cases {
        let before = person(&google).contact(&id).unwrap();
        let wanted = ContactRecord {
            given_name: "New".to_owned(),
            email_other: "new@example.com".to_owned(),
            phone_work: "new".to_owned(),
            address_work: Address {
                city: "Milano".to_owned(),
                ..seen.record.address_work.clone()
            },
            job_title: "New".to_owned(),
            birthday: Birthday::new(Some(1990), 2, 28),
            website: "new.example.com".to_owned(),
            notes: "new".to_owned(),
            labelled: true,
            ..seen.record.clone()
        };
        let written = people
            .update(&update(&seen, wanted.clone(), &[field]))
            .await
            .unwrap();
        assert_eq!(written.record.value(field), wanted.value(field), "{field:?}");
        for other in ContactRecord::FIELDS.iter().filter(|other| **other != field) {
            assert_eq!(
                written.record.value(*other),
                seen.record.value(*other),
                "{other:?} by {field:?}"
            );
        }
        let after = person(&google).contact(&id).unwrap();
        assert_eq!(rest(&after, &[name]), rest(&before, &[name]), "{field:?}");
        seen = written;
    }
    let after = person(&google).contact(&id).unwrap();
    assert_eq!(after["names"][0]["phoneticGivenName"], "Ana");
    assert_eq!(after["emailAddresses"][0]["displayName"], "Anna at home");
    assert_eq!(after["emailAddresses"][0]["type"], "home");
    assert_eq!(after["emailAddresses"][2]["value"], "old@example.com");
    assert_eq!(after["phoneNumbers"].as_array().unwrap().len(), 4);
    let address = &after["addresses"][0];
    assert_eq!(
        (&address["poBox"], &address["countryCode"]),
        (&json!("CP 9"), &json!("IT"))
    );
    assert!(address["formattedValue"].as_str().unwrap().contains("Milano"));
    assert_eq!(after["organizations"][0]["name"], "School");
    assert_eq!(after["organizations"][1]["startDate"]["year"], 2020);
}

#[tokio::test]
async fn a_street_that_changes_takes_its_other_lines_along() {
    let google = google().await;
    let id = person(&google).create_contact(&rich()).unwrap();
    let people = people(&google);
    let seen = present(&whole(&people).await)[0].clone();
    let mut moved = seen.record.clone();
    moved.address_work.street = "Corso Italia 5\nPiano 2".to_owned();
    let written = people
        .update(&update(&seen, moved.clone(), &[ContactField::AddressWork]))
        .await
        .unwrap();
    assert_eq!(written.record.address_work, moved.address_work);
    let kept = person(&google).contact(&id).unwrap()["addresses"][0].clone();
    assert_eq!((kept.get("poBox"), kept.get("extendedAddress")), (None, None));
}

#[tokio::test]
async fn a_lost_race_is_a_conflict_and_nothing_is_overwritten() {
    let google = google().await;
    let people = people(&google);
    let created = people
        .create(&create("c1", record("Anna")))
        .await
        .unwrap()
        .observed;
    let (hand, id) = (person(&google), created.id.id.clone());
    let meanwhile = Fault::Meanwhile(std::sync::Arc::new(move || {
        hand.edit_contact(&id, &json!({ "nicknames": [{ "value": "Anni" }] }))
            .unwrap();
    }));
    google
        .faults()
        .add(FaultRule::new(meanwhile, Happens::Nth(1)).methods(&["PATCH"]));
    let renamed = ContactRecord {
        given_name: "Renamed".to_owned(),
        ..created.record.clone()
    };
    let change = update(&created, renamed, &[ContactField::GivenName]);
    let failure = people.update(&change).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Conflict, "changed"));
    // What the person did is none of the sync's business: the same write goes through now.
    assert!(people.update(&change).await.is_ok());
    let kept = person(&google).contact(&created.id.id).unwrap();
    assert_eq!(kept["nicknames"][0]["value"], "Anni");
}

#[tokio::test]
async fn a_creation_without_an_answer_is_not_repeated_before_lists_can_tell() {
    let google = google().await;
    person(&google).create_label("CRM").unwrap();
    google.set_people_list_delay(Duration::from_mins(3));
    let first = people(&google);
    let before = whole(&first).await;
    google
        .faults()
        .add(FaultRule::new(Fault::LostAnswer, Happens::Next(1)).methods(&["POST"]));
    let failure = first.create(&create("c1", record("Anna"))).await.unwrap_err();
    assert!(matches!(failure.class, Class::Retryable { after: Some(_) }));
    google.clock().advance(Duration::from_mins(10));
    // The next run finds it by our mark, and has nothing to make.
    let set = delta(&people(&google), &before).await;
    assert_eq!(
        present(&set)[0].traits.made_from,
        Some(RemoteId::new("Contacts", "c1"))
    );
    assert_eq!(person(&google).contacts().len(), 1);
}
