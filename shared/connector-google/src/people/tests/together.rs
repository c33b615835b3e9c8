//! Many writes at once: one after another, many in a call.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use serde_json::json;
use simulators::{Fault, FaultRule, When as Happens};
use sync_core::failure::Class;
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::Remote;

use super::google::{create, google, people, person, record, update};

#[tokio::test]
async fn many_writes_share_calls_and_never_overlap() {
    let google = google().await;
    google.set_latency(Duration::from_millis(5));
    let people = people(&google);
    let creations: Vec<_> = (0..300)
        .map(|number| create(&format!("c{number}"), record(&format!("N{number}"))))
        .collect();
    // As the engine does: so many steps under way at once.
    let made: Vec<_> = stream::iter(&creations)
        .map(|creation| people.create(creation))
        .buffered(24)
        .collect()
        .await;
    let made: Vec<_> = made.into_iter().map(|made| made.unwrap().observed).collect();
    let ids: BTreeSet<_> = made.iter().map(|seen| &seen.id).collect();
    assert_eq!((ids.len(), person(&google).contacts().len()), (300, 300));
    for (seen, creation) in made.iter().zip(&creations) {
        assert_eq!(seen.record, creation.record);
    }
    // The group was made once, the contacts in a few dozen calls; an overlap would have been refused.
    assert!(google.traffic().writes() < 60, "{}", google.traffic().writes());
    assert!(
        google
            .traffic()
            .log()
            .iter()
            .all(|logged| logged.status == Some(200))
    );

    google.traffic().reset();
    let changes: Vec<_> = made
        .iter()
        .enumerate()
        .map(|(number, seen)| {
            let mut wanted = seen.record.clone();
            // Different fields of different contacts go under one mask, and stay apart.
            let field = if number % 2 == 0 {
                wanted.job_title = format!("Title {number}");
                ContactField::JobTitle
            } else {
                wanted.phone_work = format!("06 {number}");
                ContactField::PhoneWork
            };
            update(seen, wanted, &[field])
        })
        .collect();
    let written: Vec<_> = join_all(changes.iter().map(|change| people.update(change))).await;
    for (written, change) in written.iter().zip(&changes) {
        assert_eq!(written.as_ref().unwrap().record, change.record);
    }
    assert_eq!(google.traffic().writes(), 2, "three hundred changes in two calls");

    google.traffic().reset();
    let doomed: Vec<_> = written.into_iter().map(Result::unwrap).collect();
    let deleted = join_all(doomed.iter().map(|seen| people.delete(&seen.id, &seen.version))).await;
    assert!(deleted.iter().all(|deleted| *deleted == Ok(true)));
    assert!(person(&google).contacts().is_empty());
    assert_eq!(google.traffic().writes(), 2);
}

#[tokio::test]
async fn one_that_cannot_be_written_stops_none_of_the_others() {
    let google = google().await;
    let people = people(&google);
    let creations: Vec<_> = (0..5)
        .map(|number| create(&format!("c{number}"), record(&format!("N{number}"))))
        .collect();
    let made = join_all(creations.iter().map(|creation| people.create(creation))).await;
    let made: Vec<_> = made.into_iter().map(|made| made.unwrap().observed).collect();
    // One is edited by a person, one deleted, one changed between our look and our write.
    let (edited, gone, raced) = (&made[0], &made[1], made[2].id.id.clone());
    person(&google)
        .edit_contact(&edited.id.id, &json!({ "names": [{ "givenName": "Theirs" }] }))
        .unwrap();
    person(&google).delete_contact(&gone.id.id).unwrap();
    let hand = person(&google);
    let meanwhile = Fault::Meanwhile(std::sync::Arc::new(move || {
        hand.edit_contact(&raced, &json!({ "nicknames": [{ "value": "x" }] }))
            .unwrap();
    }));
    google
        .faults()
        .add(FaultRule::new(meanwhile, Happens::Nth(1)).path_contains("batchUpdate"));
    let changes: Vec<_> = made
        .iter()
        .map(|seen| {
            let wanted = ContactRecord {
                job_title: "New".to_owned(),
                ..seen.record.clone()
            };
            update(seen, wanted, &[ContactField::JobTitle])
        })
        .collect();
    let written = join_all(changes.iter().map(|change| people.update(change))).await;
    let classes: Vec<_> = written
        .iter()
        .map(|written| written.as_ref().err().map(|failure| failure.class))
        .collect();
    let conflict = Some(Class::Conflict);
    assert_eq!(classes, [conflict, conflict, conflict, None, None]);
    let kept = person(&google).contact(&edited.id.id).unwrap();
    assert_eq!(
        (&kept["names"][0]["givenName"], kept.get("organizations")),
        (&json!("Theirs"), None)
    );
    let deleted = join_all(made.iter().map(|seen| people.delete(&seen.id, &seen.version))).await;
    let words: Vec<_> = deleted
        .iter()
        .map(|deleted| deleted.as_ref().map_err(|failure| failure.code).copied())
        .collect();
    assert_eq!(
        words,
        [
            Err("changed"),
            Ok(false),
            Ok(true),
            Err("changed"),
            Err("changed")
        ]
    );
}

#[tokio::test]
async fn many_creations_without_an_answer_are_found_again() {
    for fault in [Fault::LostAnswer, Fault::ServerErrorAfter(500), Fault::CutBody] {
        let google = google().await;
        person(&google).create_label("CRM").unwrap();
        let people = people(&google);
        let rule = FaultRule::new(fault.clone(), Happens::Always).path_contains("batchCreate");
        google.faults().add(rule);
        let creations: Vec<_> = (0..20)
            .map(|number| create(&format!("c{number}"), record("Same")))
            .collect();
        let made = join_all(creations.iter().map(|creation| people.create(creation))).await;
        let made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
        assert!(made.iter().all(|made| made.adopted), "{fault:?}");
        for (made, creation) in made.iter().zip(&creations) {
            assert_eq!(made.observed.traits.made_from.as_ref(), Some(&creation.origin));
        }
        assert_eq!(person(&google).contacts().len(), 20, "{fault:?}");
    }
}

#[tokio::test]
async fn of_two_changes_of_one_contact_in_one_call_the_second_is_refused() {
    let google = google().await;
    let people = people(&google);
    let seen = people
        .create(&create("c1", record("Anna")))
        .await
        .unwrap()
        .observed;
    let renamed = ContactRecord {
        given_name: "Anne".to_owned(),
        ..seen.record.clone()
    };
    let promoted = ContactRecord {
        job_title: "Director".to_owned(),
        ..seen.record.clone()
    };
    let changes = [
        update(&seen, renamed, &[ContactField::GivenName]),
        update(&seen, promoted, &[ContactField::JobTitle]),
    ];
    let mut answers = join_all(changes.iter().map(|change| people.update(change))).await;
    let refused = answers.pop().unwrap().unwrap_err();
    assert_eq!(refused.class, Class::Conflict);
    let now = answers.pop().unwrap().unwrap().record;
    assert_eq!((now.given_name.as_str(), now.job_title.as_str()), ("Anne", ""));
}
