//! Contacts, as people have them in Google Contacts.

use serde_json::{Value, json};
use sync_core::id::RemoteId;
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::Remote;
use sync_engine::contract::remote::Whose;

use super::{ANNA, Account, Kept};
use crate::people::{GooglePeople, GooglePeopleConfig, PEOPLE_CONCURRENCY};
use crate::scripted::{lane, link};

const LABEL: &str = "CRM";

impl Kept for ContactRecord {
    const CARRIED: &'static [&'static str] = &[
        "names",
        "emailAddresses",
        "phoneNumbers",
        "addresses",
        "organizations",
        "birthdays",
        "urls",
        "biographies",
        "memberships",
    ];
    const ITS_OWN: &'static [&'static str] = &["etag", "metadata"];
    const NAMED_BY_US: bool = false;

    fn door(account: &Account) -> Box<dyn Remote<Self>> {
        Box::new(GooglePeople::new(GooglePeopleConfig {
            endpoints: account.endpoints.clone(),
            link: link(),
            label: Some(LABEL.to_owned()),
            stood: None,
            crm_fields: ContactField::ALL.iter().copied().collect(),
            lane: lane(PEOPLE_CONCURRENCY),
            tokens: account.tokens(),
        }))
    }

    fn make(account: &Account, whose: Whose, name: &str) -> RemoteId {
        let person = account.person(whose);
        let made = person
            .create_contact(&json!({ "names": [{ "familyName": name }] }))
            .unwrap();
        let label = person.create_label(LABEL).unwrap();
        person.label_contact(&made, &label, true).unwrap();
        RemoteId::new("people", made)
    }

    fn rename(account: &Account, id: &RemoteId, name: &str) {
        let patch = json!({ "names": [{ "familyName": name }] });
        account.anna().edit_contact(&id.id, &patch).unwrap();
    }

    fn adorn(account: &Account, id: &RemoteId) {
        let patch = json!({
            "nicknames": [{ "value": "Carlotta" }],
            "relations": [{ "person": "Marco", "type": "spouse" }],
            "userDefined": [{ "key": "Size", "value": "M" }],
        });
        account.anna().edit_contact(&id.id, &patch).unwrap();
    }

    fn delete(account: &Account, id: &RemoteId) {
        account.anna().delete_contact(&id.id).unwrap();
    }

    fn seed(account: &Account, count: usize) {
        account.sim.seed_contacts(ANNA, count, Some(LABEL));
    }

    fn living(account: &Account) -> usize {
        account.anna().contacts().len()
    }

    fn row(account: &Account, id: &RemoteId) -> Option<Value> {
        let look = |whose| account.person(whose).contact(&id.id);
        look(Whose::Theirs).or_else(|| look(Whose::SomebodyElses))
    }
}
