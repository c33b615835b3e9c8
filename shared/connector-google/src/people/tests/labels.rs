//! The label: who is under it, and what becomes of it.

use serde_json::{Value, json};
use sync_core::change::Reading;
use sync_core::failure::Class;
use sync_core::kind::Record;
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::Remote;

use super::google::{
    create, delta, google, people, people_after, people_under, person, present, reading, record, rich,
    update, whole,
};

fn groups(contact: &Value) -> Vec<String> {
    let memberships = contact["memberships"].as_array().unwrap();
    memberships
        .iter()
        .map(|one| {
            one["contactGroupMembership"]["contactGroupId"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn being_put_under_the_label_is_a_change_and_so_is_being_taken_off() {
    let google = google().await;
    let person = person(&google);
    let label = person.create_label("CRM").unwrap();
    let id = person.create_contact(&rich()).unwrap();
    let people = people(&google);
    let mut set = whole(&people).await;
    let mut versions = vec![present(&set)[0].version.clone()];
    assert!(!present(&set)[0].record.labelled);
    for labelled in [true, false] {
        person.label_contact(&id, &label, labelled).unwrap();
        set = delta(&people, &set).await;
        let seen = present(&set)[0].clone();
        assert_eq!(seen.record.labelled, labelled);
        assert_ne!(versions.last(), Some(&seen.version));
        versions.push(seen.version);
    }
    assert_eq!(versions[0], versions[2]);
}

#[tokio::test]
async fn we_put_contacts_under_the_label_and_take_them_off_and_leave_their_other_groups() {
    let google = google().await;
    let person = person(&google);
    let friends = person.create_label("Friends").unwrap();
    let id = person.create_contact(&rich()).unwrap();
    person.label_contact(&id, &friends, true).unwrap();
    let people = people(&google);
    let seen = present(&whole(&people).await)[0].clone();
    // Reading made no label; writing does.
    assert_eq!(person.labels().len(), 1);
    let labelled = |labelled| ContactRecord {
        labelled,
        ..seen.record.clone()
    };
    let on = people
        .update(&update(&seen, labelled(true), &[ContactField::Labelled]))
        .await
        .unwrap();
    assert!(on.record.labelled);
    assert_eq!(person.labels().len(), 2);
    let off = people
        .update(&update(&on, labelled(false), &[ContactField::Labelled]))
        .await
        .unwrap();
    assert_eq!(off.record, seen.record);
    assert_eq!(
        groups(&person.contact(&id).unwrap()),
        ["myContacts", friends.as_str()]
    );
    // Off its last group it is put among "my contacts", or Google would not have it.
    let on = people
        .update(&update(&off, labelled(true), &[ContactField::Labelled]))
        .await
        .unwrap();
    for group in ["myContacts", &friends] {
        person.label_contact(&id, group, false).unwrap();
    }
    people
        .update(&update(&on, labelled(false), &[ContactField::Labelled]))
        .await
        .unwrap();
    assert_eq!(groups(&person.contact(&id).unwrap()), ["myContacts"]);
}

#[tokio::test]
async fn a_label_that_was_deleted_takes_nobody_off() {
    let google = google().await;
    let people = people(&google);
    let start = whole(&people).await;
    people.create(&create("c1", record("Anna"))).await.unwrap();
    let set = delta(&people, &start).await;
    let label = person(&google).labels().keys().next().unwrap().clone();
    person(&google).delete_label(&label).unwrap();
    for cursor in [Some(set.cursor), None] {
        let failure = people.changes(&reading(cursor)).await.unwrap_err();
        assert_eq!((failure.class, failure.code), (Class::Permanent, "label_gone"));
    }
    person(&google).create_label("CRM").unwrap();
    assert!(!present(&whole(&people).await)[0].record.labelled);
}

#[tokio::test]
async fn without_a_label_all_are_in_scope_and_none_is_touched() {
    let google = google().await;
    let people = people_under(&google, None);
    assert!(!people.limits().holds(ContactField::Labelled));
    assert_eq!(
        people_under(&google, Some("CRM")).limits().fields.len(),
        ContactRecord::FIELDS.len()
    );
    let created = people
        .create(&create("c1", record("Anna")))
        .await
        .unwrap()
        .observed;
    assert!(!created.record.labelled);
    assert!(person(&google).labels().is_empty());
    assert_eq!(google.traffic().count("GET", "/contactGroups"), 0);
    let body = json!(person(&google).contact(&created.id.id).unwrap());
    assert_eq!(groups(&body), ["myContacts"]);
}

#[tokio::test]
async fn copies_from_when_all_were_in_scope_miss_no_label_and_get_it_when_they_are_put_under_it() {
    let google = google().await;
    let all = people_under(&google, None);
    all.create(&create("c1", record("Anna"))).await.unwrap();
    all.create(&create("c2", record("Boris"))).await.unwrap();
    let stood = whole(&all).await.cursor;
    let tagged = people_after(&google, Some("CRM"), &stood);
    let set = whole(&tagged).await;
    let seen = present(&set);
    assert!(seen.iter().all(|seen| !seen.record.labelled));
    // Nobody has made it yet, so that the next whole reading misses none either.
    let later = people_after(&google, Some("CRM"), &set.cursor);
    assert_eq!(present(&whole(&later).await).len(), 2);
    let labelled = ContactRecord {
        labelled: true,
        ..seen[0].record.clone()
    };
    later
        .update(&update(seen[0], labelled, &[ContactField::Labelled]))
        .await
        .unwrap();
    let set = delta(&later, &set).await;
    // From here on it can be missing.
    let label = person(&google).labels().keys().next().unwrap().clone();
    person(&google).delete_label(&label).unwrap();
    let failure = people_after(&google, Some("CRM"), &set.cursor)
        .changes(&reading(None))
        .await
        .unwrap_err();
    assert_eq!(failure.code, "label_gone");
}

#[tokio::test]
async fn a_label_that_people_call_otherwise_is_still_the_one() {
    let google = google().await;
    let under = people_under(&google, Some("CRM"));
    let start = whole(&under).await;
    under.create(&create("c1", record("Anna"))).await.unwrap();
    let stood = delta(&under, &start).await.cursor;
    let label = person(&google).labels().keys().next().unwrap().clone();
    person(&google).rename_label(&label, "Customers").unwrap();
    let later = people_after(&google, Some("CRM"), &stood);
    assert!(present(&whole(&later).await)[0].record.labelled);
    assert!(
        present(&whole(&later).await)
            .iter()
            .all(|seen| !seen.traits.relabelled)
    );
}

#[tokio::test]
async fn a_contact_read_by_itself_is_known_to_be_under_the_label() {
    let google = google().await;
    let made = people(&google)
        .create(&create("c1", record("Anna")))
        .await
        .unwrap();
    let seen = made.observed;
    assert!(seen.record.labelled);
    // A door that has read nothing yet, as when a value is put back from the journal.
    let read = people(&google).read(&seen.id).await;
    assert_eq!(read, Ok(Reading::Present(seen.clone())));
    let off = ContactRecord {
        labelled: false,
        ..seen.record.clone()
    };
    let off = update(&seen, off, &[ContactField::Labelled]);
    assert!(!people(&google).update(&off).await.unwrap().record.labelled);
}
