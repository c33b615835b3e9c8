//! Contacts, both ways: addresses, tags, accounts.

use std::time::Duration;

use serde_json::json;
use simulators::crm::suitecrm::SuiteCrmOptions;
use simulators::{Fault, FaultRule, When as Strikes};
use sync_core::change::{Change, ChangeSet, Observed, Reading};
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::Remote;

use super::hands::{Crm, at_will};
use crate::hands::{change, copy_of};

const LATER: Duration = Duration::from_mins(10);
const EMAILS: [ContactField; 2] = [ContactField::EmailWork, ContactField::EmailOther];

fn contact(given: &str) -> ContactRecord {
    ContactRecord {
        given_name: given.to_owned(),
        family_name: "Verdi".to_owned(),
        email_work: format!("{}@example.com", given.to_lowercase()),
        phone_work: "+39 011 2".to_owned(),
        labelled: true,
        ..ContactRecord::default()
    }
}

/// Google's Carla, copied.
async fn made(contacts: &dyn Remote<ContactRecord>) -> Observed<ContactRecord> {
    let copy = copy_of("people/c1", contact("Carla"));
    contacts.create(&copy).await.unwrap().observed
}

pub(super) async fn read(contacts: &dyn Remote<ContactRecord>, id: &str) -> Observed<ContactRecord> {
    match contacts.read(&RemoteId::new("Contacts", id)).await.unwrap() {
        Reading::Present(seen) => seen,
        other @ (Reading::Gone | Reading::OutOfReach | Reading::Unreadable { .. }) => panic!("{other:?}"),
    }
}

/// Who was reported, and whether with the tag.
fn labels(set: &ChangeSet<ContactRecord>) -> Vec<(String, bool)> {
    let mut labels: Vec<(String, bool)> = set
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Present(seen) => Some((seen.record.given_name.clone(), seen.record.labelled)),
            Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => None,
        })
        .collect();
    labels.sort();
    labels
}

#[tokio::test]
async fn a_star_and_the_outlook_set_are_seen_though_the_contact_does_not_move() {
    for tag in ["Favorites", "Sync to Outlook"] {
        let crm = Crm::start(at_will()).await;
        let anna = crm.person();
        let make = |name: &str| anna.create("Contacts", &json!({ "first_name": name })).unwrap();
        let (carla, _dario) = (make("Carla"), make("Dario"));
        crm.sim.clock().advance(LATER);
        let contacts = || crm.contacts(&[tag]);
        let first = crm.changes_of(&*contacts(), None).await;
        crm.sim.clock().advance(LATER);
        let star = |on: bool| match (tag, on) {
            ("Favorites", true) => anna.star("Contacts", &carla).unwrap(),
            ("Favorites", false) => anna.unstar("Contacts", &carla).unwrap(),
            (_, true) => anna.choose_for_sync(&carla),
            (_, false) => anna.drop_from_sync(&carla),
        };
        star(true);
        // Somebody else's mark is nobody's here.
        let ben = crm.sim.person(&crm.sim.users()[2].id);
        ben.star("Contacts", &carla).unwrap();
        let second = crm.changes_of(&*contacts(), Some(&first.cursor)).await;
        let expected = [("Carla".to_owned(), true), ("Dario".to_owned(), false)];
        assert_eq!(labels(&second), expected, "{tag}");
        assert!(second.complete.is_empty(), "absence says nothing in a delta");
        assert!(read(&*contacts(), &carla).await.record.labelled);
        crm.sim.clock().advance(LATER);
        crm.sim.traffic().reset();
        let idle = crm.changes_of(&*contacts(), Some(&second.cursor)).await;
        assert!(idle.changes.is_empty());
        assert_eq!(crm.sim.traffic().calls(), 4);
        star(false);
        let third = crm.changes_of(&*contacts(), Some(&idle.cursor)).await;
        assert_eq!(labels(&third)[0], ("Carla".to_owned(), false), "{tag}");
    }
}

#[tokio::test]
async fn a_copy_bears_the_tag_whichever_it_is() {
    for tags in [vec!["Google"], vec!["Favorites"], vec!["Sync to Outlook"], vec![]] {
        let crm = Crm::start(at_will()).await;
        let contacts = crm.contacts(&tags);
        let copy = copy_of("people/c1", contact("Carla"));
        let created = contacts.create(&copy).await.unwrap();
        let mut expected = copy.record.clone();
        expected.labelled = !tags.is_empty();
        assert_eq!(created.observed.record, expected, "{tags:?}");
        let set = crm.changes_of(&*contacts, None).await;
        assert_eq!(set.changes, [Change::Present(created.observed.clone())]);
        // Leaving is a change like any other, and the contact stays.
        let leave = change(
            &created.observed,
            |record| record.labelled = false,
            &[ContactField::Labelled],
        );
        let left = contacts.update(&leave).await.unwrap();
        assert!(!left.record.labelled);
        let back = change(&left, |record| record.labelled = true, &[ContactField::Labelled]);
        assert_eq!(
            contacts.update(&back).await.unwrap().record.labelled,
            !tags.is_empty()
        );
        assert_eq!(crm.sim.rows("Contacts").len(), 1);
        assert_eq!(
            crm.sim.rows("Favorites").len(),
            usize::from(tags == ["Favorites"])
        );
    }
}

#[tokio::test]
async fn a_copy_that_lost_its_star_on_the_way_gets_it() {
    let crm = Crm::start(at_will()).await;
    let contacts = crm.contacts(&["Favorites"]);
    contacts
        .read(&RemoteId::new("Contacts", "00000000-0000-4000-8000-000000000001"))
        .await
        .unwrap();
    let strike = FaultRule::new(Fault::ServerErrorBefore(502), Strikes::Nth(2)).methods(&["POST"]);
    crm.sim
        .faults()
        .add(strike.paths(|path| path.ends_with("/V8/module")));
    let copy = copy_of("people/c1", contact("Carla"));
    contacts.create(&copy).await.unwrap_err();
    assert_eq!(
        (crm.sim.rows("Contacts").len(), crm.sim.rows("Favorites").len()),
        (1, 0)
    );
    crm.sim.faults().clear();
    contacts
        .complete(&contacts.derived_id(&copy.origin, 0))
        .await
        .unwrap();
    assert_eq!(crm.sim.rows("Favorites").len(), 1);
}

#[tokio::test]
async fn a_site_without_the_checkbox_says_what_to_do() {
    let crm = Crm::start(SuiteCrmOptions {
        contact_checkboxes: Vec::new(),
        ..at_will()
    })
    .await;
    let failure = crm
        .contacts(&["Google"])
        .changes(&sync_core::port::ReadRequest {
            cursor: None,
            window: sync_core::change::Window {
                from: crm.sim.clock().now(),
                until: crm.sim.clock().now(),
            },
        })
        .await
        .unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "no_tag"));
    assert!(failure.message.contains("google_c") && failure.message.contains("Favorites"));
}

#[tokio::test]
async fn addresses_are_replaced_and_those_beside_them_kept() {
    let crm = Crm::start(at_will()).await;
    let anna = crm.person();
    let id = anna
        .create("Contacts", &json!({ "first_name": "Carla" }))
        .unwrap();
    anna.give_addresses(&id, &["a@example.com", "b@example.com", "c@example.com"])
        .unwrap();
    // Somebody else has the address too, and keeps it.
    let other = anna
        .create(
            "Contacts",
            &json!({ "first_name": "Dario", "email1": "a@example.com" }),
        )
        .unwrap();
    let contacts = crm.contacts(&[]);
    let seen = read(&*contacts, &id).await;
    let cases: [(&str, &str, &[&str]); 5] = [
        (
            "new@example.com",
            "b@example.com",
            &["new@example.com", "b@example.com", "c@example.com"],
        ),
        (
            "new@example.com",
            "d@example.com",
            &["new@example.com", "d@example.com", "c@example.com"],
        ),
        (
            "d@example.com",
            "new@example.com",
            &["d@example.com", "new@example.com", "c@example.com"],
        ),
        ("d@example.com", "", &["d@example.com", "c@example.com"]),
        (
            "New@Example.com",
            "e@example.com",
            &["new@example.com", "e@example.com"],
        ),
    ];
    let mut seen = seen;
    for (first, second, expected) in cases {
        let update = change(
            &seen,
            |record| {
                record.email_work = first.to_owned();
                record.email_other = second.to_owned();
            },
            &EMAILS,
        );
        seen = contacts.update(&update).await.unwrap();
        assert_eq!(seen.record.email_work.to_lowercase(), expected[0]);
        assert_eq!(crm.addresses(&id), expected);
    }
    assert_eq!(crm.addresses(&other), ["a@example.com"]);
    let cleared = change(
        &seen,
        |record| {
            record.email_work.clear();
            record.email_other.clear();
        },
        &EMAILS,
    );
    let bare = contacts.update(&cleared).await.unwrap();
    assert_eq!(
        (bare.record.email_work.as_str(), crm.addresses(&id).len()),
        ("", 0)
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_told_and_nothing_lost() {
    let crm = Crm::start(at_will()).await;
    let contacts = crm.contacts(&[]);
    let seen = made(&*contacts).await;
    let wrong = change(&seen, |record| record.email_work = "call her".to_owned(), &EMAILS);
    let failure = contacts.update(&wrong).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "email_refused"));
    assert!(!failure.message.contains("call her"));
    // One that looks well and that the CRM drops all the same: the former one is back.
    let dropped = change(
        &seen,
        |record| record.email_work = "a@b(c).com".to_owned(),
        &EMAILS,
    );
    assert_eq!(contacts.update(&dropped).await.unwrap_err().code, "email_refused");
    assert_eq!(crm.addresses(&seen.id.id), ["carla@example.com"]);
    let record = ContactRecord {
        email_other: "nonsense".to_owned(),
        ..contact("Dario")
    };
    let refused = contacts.create(&copy_of("people/c2", record)).await.unwrap_err();
    assert_eq!(refused.code, "email_refused");
    assert_eq!(crm.sim.rows("Contacts").len(), 1);
}

#[tokio::test]
async fn a_change_of_addresses_that_was_cut_off_is_finished() {
    let crm = Crm::start(at_will()).await;
    let contacts = crm.contacts(&["Google"]);
    let seen = made(&*contacts).await;
    let update = change(
        &seen,
        |record| record.email_work = "new@example.com".to_owned(),
        &EMAILS,
    );
    // The address is unlinked, and from then on nothing goes through.
    let strike = FaultRule::new(Fault::DropBefore, Strikes::Always).methods(&["POST", "PATCH"]);
    crm.sim.faults().add(strike);
    let failure = crm.contacts(&["Google"]).update(&update).await.unwrap_err();
    assert!(matches!(failure.class, Class::Retryable { .. }), "{failure:?}");
    assert!(crm.addresses(&seen.id.id).is_empty());
    crm.sim.faults().clear();
    let after = contacts.update(&update).await.unwrap();
    assert_eq!(after.record.email_work, "new@example.com");
    // A person's edit of anything else meanwhile is a conflict all the same.
    crm.person()
        .edit("Contacts", &seen.id.id, &json!({ "title": "Buyer" }))
        .unwrap();
    let late = change(&after, |record| record.email_work.clear(), &EMAILS);
    assert_eq!(contacts.update(&late).await.unwrap_err().class, Class::Conflict);
}
