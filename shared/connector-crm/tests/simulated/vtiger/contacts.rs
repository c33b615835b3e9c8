//! Contacts, both ways: names, accounts, checkboxes and tags.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use simulators::{Fault, FaultRule, When as Strikes};
use sync_core::change::{Change, ChangeSet, Observed, Reading};
use sync_core::failure::Class;
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::contact::{Address, ContactField, ContactRecord};
use sync_core::port::Remote;

use super::hands::{Crm, SYNC, newest, releases};
use crate::hands::{change, copy_of, reported};

fn contact(given: &str) -> ContactRecord {
    ContactRecord {
        prefix: "Dr.".to_owned(),
        given_name: given.to_owned(),
        family_name: "Verdi".to_owned(),
        email_work: format!("{}@example.com", given.to_lowercase()),
        email_other: "second@example.com".to_owned(),
        phone_work: "+39 011 2".to_owned(),
        phone_mobile: "+39 333 3".to_owned(),
        phone_home: "+39 011 4".to_owned(),
        phone_other: "+39 011 5".to_owned(),
        phone_fax: "+39 011 6".to_owned(),
        address_work: Address {
            street: "Via Roma 1\nScala B".to_owned(),
            city: "Torino".to_owned(),
            region: "TO".to_owned(),
            postal_code: "10121".to_owned(),
            country: "Italia".to_owned(),
        },
        department: "Purchasing".to_owned(),
        job_title: "Buyer".to_owned(),
        birthday: Some("1980-02-29".parse().unwrap()),
        notes: "First line\nsecond line".to_owned(),
        labelled: true,
        ..ContactRecord::default()
    }
}

/// Google's Carla, copied.
async fn made(contacts: &dyn Remote<ContactRecord>) -> Observed<ContactRecord> {
    let copy = copy_of("people/c1", contact("Carla"));
    contacts.create(&copy).await.unwrap().observed
}

async fn read(contacts: &dyn Remote<ContactRecord>, number: u64) -> Observed<ContactRecord> {
    let name = RemoteId::new("Contacts", format!("12x{number}"));
    match contacts.read(&name).await.unwrap() {
        Reading::Present(seen) => seen,
        other @ (Reading::Gone | Reading::OutOfReach | Reading::Unreadable { .. }) => panic!("{other:?}"),
    }
}

fn number(seen: &Observed<ContactRecord>) -> u64 {
    let (_, number) = seen.id.id.split_once('x').unwrap();
    number.parse().unwrap()
}

fn row(crm: &Crm, seen: &Observed<ContactRecord>) -> Map<String, Value> {
    crm.sim.record(number(seen)).unwrap()
}

/// Who was reported, and whether with the mark.
fn labels(set: &ChangeSet<ContactRecord>) -> Vec<(String, bool)> {
    let mut labels: Vec<(String, bool)> = set
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Present(seen) => Some((seen.record.family_name.clone(), seen.record.labelled)),
            Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => None,
        })
        .collect();
    labels.sort();
    labels
}

fn labelled(name: &str, on: bool) -> (String, bool) {
    (name.to_owned(), on)
}

#[tokio::test]
async fn a_shared_tag_is_seen_though_the_contact_does_not_move() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let anna = crm.person();
        let make = |name: &str| anna.create_contact(&json!({ "lastname": name })).unwrap();
        let (carla, dario) = (make("Carla"), make("Dario"));
        crm.later();
        let contacts = || crm.contacts(&["Newsletter"]);
        let first = crm.changes_of(&*contacts(), None).await;
        assert_eq!(
            labels(&first),
            [labelled("Carla", false), labelled("Dario", false)]
        );
        anna.tag(carla, "newsletter").unwrap();
        // What is private to Anna, and any other tag, marks nothing.
        anna.tag_privately(dario, "Newsletter").unwrap();
        anna.tag(dario, "Customer").unwrap();
        crm.later();
        let second = crm.changes_of(&*contacts(), Some(&first.cursor)).await;
        assert_eq!(labels(&second), [labelled("Carla", true)]);
        assert!(second.complete.is_empty(), "absence says nothing in a delta");
        assert!(read(&*contacts(), carla).await.record.labelled);
        crm.later();
        crm.sim.traffic().reset();
        let idle = crm.changes_of(&*contacts(), Some(&second.cursor)).await;
        assert!(idle.changes.is_empty());
        assert_eq!(
            crm.sim.traffic().calls(),
            3,
            "what changed, and a page of tags with its end"
        );
        anna.untag(carla, "newsletter").unwrap();
        anna.delete(dario).unwrap();
        crm.later();
        let third = crm.changes_of(&*contacts(), Some(&idle.cursor)).await;
        assert_eq!(labels(&third), [labelled("Carla", false)]);
        assert!(reported(&third).contains(&format!("-12x{dario}")));
    }
}

#[tokio::test]
async fn tags_are_not_written_and_the_checkbox_is() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let shared = crm.contacts(&["Newsletter"]);
        let copy = copy_of("people/c1", contact("Carla"));
        let failure = shared.create(&copy).await.unwrap_err();
        assert_eq!(
            (failure.class, failure.code),
            (Class::Permanent, "tag_not_writable")
        );
        assert!(crm.sim.contacts().is_empty());
        // With a checkbox beside it, that is what a new one gets.
        let both = crm.contacts(&["Newsletter", "Google"]);
        let seen = both.create(&copy).await.unwrap().observed;
        assert_eq!(row(&crm, &seen)["cf_853"], "1");
        let off = |seen: &Observed<ContactRecord>| {
            change(seen, |record| record.labelled = false, &[ContactField::Labelled])
        };
        let left = both.update(&off(&seen)).await.unwrap();
        assert!(!left.record.labelled);
        let back = change(&left, |record| record.labelled = true, &[ContactField::Labelled]);
        assert!(both.update(&back).await.unwrap().record.labelled);
        crm.person().tag(number(&seen), "Newsletter").unwrap();
        let tagged = read(&*both, number(&seen)).await;
        let failure = both.update(&off(&tagged)).await.unwrap_err();
        assert_eq!(failure.code, "tag_not_writable");
    }
}

#[tokio::test]
async fn a_star_is_refused_with_what_to_do() {
    let crm = Crm::start(newest()).await;
    for name in ["Favorites", "star", " Starred "] {
        let contacts = crm.contacts(&[name]);
        let failure = contacts.changes(&crm.request(None)).await.unwrap_err();
        assert_eq!((failure.class, failure.code), (Class::Permanent, "star_unseen"));
        assert!(failure.message.contains("checkbox"));
    }
}

#[tokio::test]
async fn names_that_are_missing_are_filled_in_or_told() {
    let crm = Crm::start(newest()).await;
    let contacts = crm.contacts(&[]);
    let first_only = ContactRecord {
        family_name: String::new(),
        ..contact("Carla")
    };
    let seen = contacts
        .create(&copy_of("people/c1", first_only))
        .await
        .unwrap()
        .observed;
    assert_eq!(row(&crm, &seen)["lastname"], "-");
    assert_eq!(
        (seen.record.given_name.as_str(), seen.record.family_name.as_str()),
        ("Carla", "")
    );
    let nameless = change(
        &seen,
        |record| record.given_name.clear(),
        &[ContactField::GivenName],
    );
    let failure = contacts.update(&nameless).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "no_name"));
    let company = ContactRecord {
        organization: "Verdi & Figli".to_owned(),
        ..ContactRecord::default()
    };
    let failure = contacts.create(&copy_of("people/c2", company)).await.unwrap_err();
    assert_eq!(failure.code, "no_name");
    assert_eq!(crm.sim.contacts().len(), 1);
}

#[tokio::test]
async fn an_account_that_a_failing_query_does_not_find_is_not_lost() {
    let crm = Crm::start(newest()).await;
    let anna = crm.person();
    let account = anna.create_account("Verdi").unwrap();
    let id = anna
        .create_contact(&json!({"lastname": "Rossi", "account_id": format!("11x{account}")}))
        .unwrap();
    // From the query for accounts on, every query fails inside and is answered like one that finds nothing.
    let sim = crm.sim.clone();
    let fail = Fault::Meanwhile(Arc::new(move || sim.let_queries_fail(true)));
    crm.sim
        .faults()
        .add(FaultRule::new(fail, Strikes::Next(1)).path_contains("Accounts"));
    let contacts = crm.contacts(&[]);
    assert_eq!(read(&*contacts, id).await.record.organization, "Verdi");
    assert!(crm.sim.traffic().count("GET", "/webservice.php/retrieve") > 0);
}

#[tokio::test]
async fn a_contact_of_the_portal_is_never_mailed() {
    let crm = Crm::start(newest()).await;
    let anna = crm.person();
    let id = anna
        .create_contact(&json!({"lastname": "Rossi", "email": "a@example.com", "portal": "1"}))
        .unwrap();
    let before = crm.sim.portal_mails().len();
    let contacts = crm.contacts(&[]);
    let seen = read(&*contacts, id).await;
    let moved = change(
        &seen,
        |record| record.email_work = "b@example.com".to_owned(),
        &[ContactField::EmailWork],
    );
    let failure = contacts.update(&moved).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "portal_email"));
    let titled = change(
        &seen,
        |record| record.job_title = "Buyer".to_owned(),
        &[ContactField::JobTitle],
    );
    contacts.update(&titled).await.unwrap();
    assert_eq!(crm.sim.portal_mails().len(), before);
}

#[tokio::test]
async fn a_birthday_without_a_year_is_not_written() {
    let crm = Crm::start(newest()).await;
    let contacts = crm.contacts(&["Google"]);
    let seen = made(&*contacts).await;
    let yearless = Some("--05-01".parse().unwrap());
    let update = change(
        &seen,
        |record| record.birthday = yearless,
        &[ContactField::Birthday],
    );
    let after = contacts.update(&update).await.unwrap();
    assert_eq!(after, seen);
}

#[tokio::test]
async fn nobody_loses_a_mark_because_the_site_does_not_tell_its_checkboxes() {
    let crm = Crm::start(newest()).await;
    crm.person()
        .create_contact(&json!({"lastname": "Rossi", "cf_853": "1"}))
        .unwrap();
    let strike = FaultRule::new(Fault::Html(200), Strikes::Always);
    crm.sim.faults().add(strike.path_contains("operation=describe"));
    let request = crm.request(None);
    let failure = crm.contacts(&["Google"]).changes(&request).await.unwrap_err();
    assert!(matches!(failure.class, Class::Retryable { .. }), "{failure:?}");
    // Where nobody is marked, there is nothing to lose.
    assert_eq!(crm.changes_of(&*crm.contacts(&[]), None).await.changes.len(), 1);
    crm.sim.faults().clear();
    let set = crm.changes_of(&*crm.contacts(&["Google"]), None).await;
    assert_eq!(labels(&set), [labelled("Rossi", true)]);
}

#[tokio::test]
async fn a_column_that_the_site_has_lost_asks_for_everything() {
    let crm = Crm::start(newest()).await;
    let first = crm.changes_of(&*crm.contacts(&["Google"]), None).await;
    let lost = Cursor(first.cursor.0.replace("cf_853", "cf_999"));
    let request = crm.request(Some(&lost));
    let failure = crm.contacts(&["Google"]).changes(&request).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Resync, "columns_lost"));
}

#[tokio::test]
async fn whoever_is_no_administrator_cannot_tell_a_deleted_contact_from_a_hidden_one() {
    let crm = Crm::start(newest()).await;
    let contacts = crm.contacts(&["Google"]);
    let seen = made(&*contacts).await;
    crm.person().delete(number(&seen)).unwrap();
    crm.sim.set_admin(SYNC, false);
    let failure = contacts.read(&seen.id).await.unwrap_err();
    assert_eq!(failure.code, "not_administrator");
}

#[tokio::test]
async fn a_contact_read_by_itself_bears_its_mark() {
    let crm = Crm::start(newest()).await;
    let seen = made(&*crm.contacts(&["Google"])).await;
    assert!(seen.record.labelled);
    // A door that has read nothing yet, as when a value is put back from the journal.
    assert_eq!(read(&*crm.contacts(&["Google"]), number(&seen)).await, seen);
    let off = change(&seen, |record| record.labelled = false, &[ContactField::Labelled]);
    assert!(
        !crm.contacts(&["Google"])
            .update(&off)
            .await
            .unwrap()
            .record
            .labelled
    );
}
