//! Reading, against the simulated Google.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use simulators::google::GoogleOptions;
use sync_core::change::{Change, Reading};
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::contact::{Address, Birthday, ContactField, ContactRecord};
use sync_core::port::Remote;

use super::google::{
    ANNA, create, delta, google, google_with, people, person, present, reading, record, rich, update, whole,
};

#[tokio::test]
async fn a_contact_says_what_people_see() {
    let google = google().await;
    let id = person(&google).create_contact(&rich()).unwrap();
    let set = whole(&people(&google)).await;
    let seen = present(&set)[0];
    assert_eq!(seen.id, RemoteId::new("people", &id));
    let expected = ContactRecord {
        given_name: "Anna".to_owned(),
        middle_name: "Maria".to_owned(),
        family_name: "Rossi".to_owned(),
        email_work: "anna@work.example.com".to_owned(),
        email_other: "anna@home.example.com".to_owned(),
        phone_mobile: "+39 333 1".to_owned(),
        phone_work: "06 3".to_owned(),
        phone_other: "06 4".to_owned(),
        phone_fax: "06 2".to_owned(),
        address_work: Address {
            street: "Via Roma 1\nScala B\nCP 9".to_owned(),
            city: "Roma".to_owned(),
            postal_code: "00100".to_owned(),
            country: "Italia".to_owned(),
            ..Address::default()
        },
        organization: "Acme".to_owned(),
        department: "Sales".to_owned(),
        job_title: "Boss".to_owned(),
        birthday: Birthday::new(None, 2, 29),
        website: "https://blog.example.com".to_owned(),
        notes: "line one\nline two".to_owned(),
        ..ContactRecord::default()
    };
    assert_eq!(seen.record, expected);
    assert_eq!(seen.traits.made_from, None);
    assert!(seen.modified_at.is_some() && seen.traits.address.is_some());
}

#[tokio::test]
async fn an_idle_address_book_costs_one_call() {
    let google = google().await;
    google.seed_contacts(ANNA, 250, Some("CRM"));
    let people = people(&google);
    let first = whole(&people).await;
    assert_eq!(present(&first).len(), 250);
    assert!(present(&first).iter().all(|seen| seen.record.labelled));
    // One list, one look for the label, three readings by name.
    assert_eq!(google.traffic().calls(), 5);
    google.traffic().reset();
    let idle = delta(&people, &first).await;
    assert!(idle.changes.is_empty() && idle.complete.is_empty());
    assert_eq!(google.traffic().calls(), 1);
    assert_eq!(google.traffic().writes(), 0);
}

#[tokio::test]
async fn a_token_that_has_ended_has_everything_listed() {
    let google = google().await;
    person(&google).create_contact(&rich()).unwrap();
    let before = people(&google);
    let first = whole(&before).await;
    google.clock().advance(Duration::from_hours(24 * 8));
    let people = people(&google);
    let again = delta(&people, &first).await;
    assert_eq!(again.complete, BTreeSet::from(["people".to_owned()]));
    assert_eq!(present(&again), present(&first));
    let next = delta(&people, &again).await;
    assert!(next.complete.is_empty() && next.changes.is_empty());
}

#[tokio::test]
async fn what_a_lagging_list_says_is_never_taken_for_what_is() {
    let google = google().await;
    let people = people(&google);
    let created = people
        .create(&create("c1", record("Anna")))
        .await
        .unwrap()
        .observed;
    let first = whole(&people).await;
    google.clock().advance(Duration::from_mins(30));
    google.set_people_list_delay(Duration::from_mins(5));
    let renamed = ContactRecord {
        family_name: "Bianchi".to_owned(),
        ..created.record.clone()
    };
    person(&google)
        .edit_contact(
            &created.id.id,
            &json!({ "phoneNumbers": [{ "value": "1", "type": "mobile" }] }),
        )
        .unwrap();
    google.clock().advance(Duration::from_mins(5));
    let Reading::Present(now) = people.read(&created.id).await.unwrap() else {
        panic!("gone")
    };
    let renamed = ContactRecord {
        phone_mobile: "1".to_owned(),
        ..renamed
    };
    let written = people
        .update(&update(&now, renamed.clone(), &[ContactField::FamilyName]))
        .await
        .unwrap();
    assert_eq!(written.record, renamed);
    // The list tells of the person's edit, and not yet of ours; a whole one neither.
    for set in [delta(&people, &first).await, whole(&people).await] {
        assert_eq!(present(&set)[0].record, renamed);
        assert_eq!(present(&set)[0].version, written.version);
    }
    // One that is listed and was deleted meanwhile is deleted.
    person(&google).delete_contact(&created.id.id).unwrap();
    assert_eq!(whole(&people).await.changes, [Change::Removed(created.id)]);
}

#[tokio::test]
async fn a_contact_that_goes_by_another_name_tells_the_former_one() {
    let google = google().await;
    let id = person(&google).create_contact(&rich()).unwrap();
    let people = people(&google);
    let first = whole(&people).await;
    let profile =
        json!({ "names": [{ "givenName": "Profile" }], "emailAddresses": [{ "value": "p@example.com" }] });
    let new = person(&google).link_profile(&id, &profile).unwrap();
    let (former, id) = (RemoteId::new("people", id), RemoteId::new("people", new));
    let next = delta(&people, &first).await;
    let seen = present(&next)[0];
    assert_eq!((&seen.id, &seen.traits.former_ids), (&id, &vec![former.clone()]));
    // What the profile says is not the user's own address book.
    assert_eq!(seen.record, present(&first)[0].record);
    // A whole list does not tell; asking for the former name does.
    assert_eq!(present(&whole(&people).await)[0].traits.former_ids, []);
    let Reading::Present(read) = people.read(&former).await.unwrap() else {
        panic!("gone")
    };
    assert_eq!((read.id, read.traits.former_ids), (id, vec![former]));
}

#[tokio::test]
async fn the_first_page_has_a_quota_and_a_scope_may_be_missing() {
    let google = google_with(GoogleOptions::default()).await;
    let rule = simulators::FaultRule::new(
        simulators::Fault::Throttle {
            status: 429,
            retry_after: Some(Duration::ZERO),
        },
        simulators::When::Always,
    );
    google.faults().add(rule);
    let failure = people(&google).changes(&reading(None)).await.unwrap_err();
    assert!(matches!(failure.class, Class::Retryable { .. }));
    assert_eq!(failure.code, "rate_limited");
    google.faults().clear();
    let tokens = google
        .issue_tokens(ANNA, &["https://www.googleapis.com/auth/tasks"])
        .unwrap();
    let other = super::google::people_at(&google.people_url(), None, &tokens.access_token);
    let failure = other.changes(&reading(None)).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Reauth, "missing_scope"));
}
