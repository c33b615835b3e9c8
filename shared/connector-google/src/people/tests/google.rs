//! The simulated account, and records to send.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::google::{GoogleOptions, GooglePerson, GoogleSim};
use sync_core::change::{Change, ChangeSet, Observed, Window};
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::{Create, ReadRequest, Remote, Update};

use crate::GoogleEndpoints;
use crate::oauth::SCOPE_CONTACTS;
use crate::people::{GooglePeople, GooglePeopleConfig, PEOPLE_CONCURRENCY};
use crate::scripted::{lane, link, token};

pub(super) const ANNA: &str = "anna@example.com";

pub(super) fn at(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, day, hour, 0, 0).unwrap()
}

pub(super) async fn google() -> GoogleSim {
    google_with(GoogleOptions::default()).await
}

/// The clock stands, so quotas by the minute would never recover.
pub(super) async fn google_with(options: GoogleOptions) -> GoogleSim {
    GoogleSim::start(GoogleOptions {
        clock: SimClock::stopped(at(2, 8)),
        people_first_pages_per_minute: None,
        people_writes_per_minute: None,
        ..options
    })
    .await
    .unwrap()
}

/// A CRM with two e-mails, five phones and two addresses.
pub(super) fn crm_fields() -> BTreeSet<ContactField> {
    let lacks = [
        ContactField::EmailHome,
        ContactField::AddressHome,
        ContactField::MiddleName,
        ContactField::Suffix,
    ];
    let all = ContactField::ALL.iter().copied();
    all.filter(|field| !lacks.contains(field)).collect()
}

pub(super) fn people(google: &GoogleSim) -> GooglePeople {
    people_under(google, Some("CRM"))
}

pub(super) fn people_under(google: &GoogleSim, label: Option<&str>) -> GooglePeople {
    let tokens = google.issue_tokens(ANNA, &[SCOPE_CONTACTS]).unwrap();
    people_at(&google.people_url(), label, &tokens.access_token)
}

pub(super) fn people_at(url: &str, label: Option<&str>, access_token: &str) -> GooglePeople {
    GooglePeople::new(config(url, label, access_token))
}

/// The contacts under a label, where the last reading stood there.
pub(super) fn people_after(google: &GoogleSim, label: Option<&str>, stood: &Cursor) -> GooglePeople {
    let tokens = google.issue_tokens(ANNA, &[SCOPE_CONTACTS]).unwrap();
    GooglePeople::new(GooglePeopleConfig {
        stood: Some(stood.clone()),
        ..config(&google.people_url(), label, &tokens.access_token)
    })
}

fn config(url: &str, label: Option<&str>, access_token: &str) -> GooglePeopleConfig {
    GooglePeopleConfig {
        endpoints: GoogleEndpoints {
            people: url.to_owned(),
            ..GoogleEndpoints::default()
        },
        link: link(),
        label: label.map(str::to_owned),
        stood: None,
        crm_fields: crm_fields(),
        lane: lane(PEOPLE_CONCURRENCY),
        tokens: token(access_token),
    }
}

pub(super) fn person(google: &GoogleSim) -> GooglePerson {
    google.person(ANNA)
}

pub(super) fn reading(cursor: Option<Cursor>) -> ReadRequest {
    ReadRequest {
        cursor,
        window: Window {
            from: at(1, 0),
            until: Utc.with_ymd_and_hms(2027, 3, 1, 0, 0, 0).unwrap(),
        },
    }
}

pub(super) async fn whole(people: &GooglePeople) -> ChangeSet<ContactRecord> {
    people.changes(&reading(None)).await.unwrap()
}

pub(super) async fn delta(
    people: &GooglePeople,
    before: &ChangeSet<ContactRecord>,
) -> ChangeSet<ContactRecord> {
    people
        .changes(&reading(Some(before.cursor.clone())))
        .await
        .unwrap()
}

pub(super) fn present(set: &ChangeSet<ContactRecord>) -> Vec<&Observed<ContactRecord>> {
    set.changes
        .iter()
        .filter_map(|change| match change {
            Change::Present(seen) => Some(seen),
            Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => None,
        })
        .collect()
}

pub(super) fn record(name: &str) -> ContactRecord {
    ContactRecord {
        given_name: name.to_owned(),
        family_name: "Rossi".to_owned(),
        email_work: format!("{}@example.com", name.to_lowercase()),
        phone_mobile: "+39 333 1234567".to_owned(),
        labelled: true,
        ..ContactRecord::default()
    }
}

pub(super) fn create(id: &str, record: ContactRecord) -> Create<ContactRecord> {
    Create {
        origin: RemoteId::new("Contacts", id),
        generation: 0,
        record,
        notify: false,
    }
}

pub(super) fn update(
    seen: &Observed<ContactRecord>,
    record: ContactRecord,
    fields: &[ContactField],
) -> Update<ContactRecord> {
    Update {
        id: seen.id.clone(),
        expected: seen.version.clone(),
        record,
        fields: fields.to_vec(),
        notify: false,
    }
}

/// A contact as people have them, with much that is not ours.
pub(super) fn rich() -> Value {
    json!({
        "names": [{ "givenName": "Anna", "familyName": "Rossi", "middleName": "Maria", "phoneticGivenName": "Ana" }],
        "nicknames": [{ "value": "Anni" }],
        "emailAddresses": [
            { "value": "anna@home.example.com", "type": "home", "displayName": "Anna at home" },
            { "value": "anna@work.example.com", "type": "work" },
            { "value": "old@example.com", "type": "custom one" },
        ],
        "phoneNumbers": [
            { "value": "+39 333 1", "type": "mobile" }, { "value": "06 2", "type": "workFax" },
            { "value": "06 3" }, { "value": "06 4", "type": "pager" },
        ],
        "addresses": [{ "streetAddress": "Via Roma 1", "extendedAddress": "Scala B", "poBox": "CP 9", "city": "Roma",
            "postalCode": "00100", "country": "Italia", "countryCode": "IT", "type": "home" }],
        "organizations": [
            { "name": "School", "type": "school" },
            { "name": "Acme", "title": "Boss", "department": "Sales", "current": true, "startDate": { "year": 2020 } },
        ],
        "birthdays": [{ "date": { "month": 2, "day": 29 } }],
        "urls": [{ "value": "https://blog.example.com", "type": "blog" }],
        "biographies": [{ "value": "line one\r\nline two", "contentType": "TEXT_PLAIN" }],
        "relations": [{ "person": "Marco", "type": "spouse" }],
        "userDefined": [{ "key": "Size", "value": "M" }],
        "clientData": [{ "key": "other", "value": "theirs" }],
    })
}
