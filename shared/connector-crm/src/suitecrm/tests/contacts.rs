//! Contacts: conversion, versions and what serves as a tag.

use serde_json::{Map, Value, json};
use sync_core::id::Version;
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, ContactField, ContactRecord};
use url::Url;

use super::super::contacts::Contacts;
use super::super::contacts::tags::{Tag, Tags};
use super::super::shape::Shape;
use super::super::site::Site;
use super::super::wire::Module;
use super::resource;

fn contacts(tags: &[&str]) -> Contacts {
    let names: Vec<String> = tags.iter().map(|&name| name.to_owned()).collect();
    Contacts::new(Tags::new(&names, "anna"))
}

fn read(contacts: &Contacts, attributes: Value) -> (ContactRecord, Version) {
    let url = Url::parse("https://crm.example.com/").unwrap();
    let seen = contacts
        .observed(Module::Contacts, &resource(attributes), &url)
        .unwrap();
    (seen.record, seen.version)
}

fn sent(record: &ContactRecord, before: Option<Value>) -> Map<String, Value> {
    let before = before.map(resource);
    let fields = ContactRecord::FIELDS;
    contacts(&["Google"]).attributes(
        Module::Contacts,
        record,
        fields,
        before.as_ref(),
        &Site::default(),
    )
}

/// Everything that a contact of the CRM can say.
fn full() -> ContactRecord {
    let address = |town: &str| Address {
        street: "Via Roma 1\nScala B".to_owned(),
        city: town.to_owned(),
        region: "TO".to_owned(),
        postal_code: "10121".to_owned(),
        country: "Italy".to_owned(),
    };
    ContactRecord {
        prefix: "Ms.".to_owned(),
        given_name: "Carla".to_owned(),
        family_name: "Verdi".to_owned(),
        email_work: "carla@example.com".to_owned(),
        email_other: "verdi@example.org".to_owned(),
        phone_mobile: "+39 333 1".to_owned(),
        phone_work: "+39 011 2".to_owned(),
        phone_home: "+39 011 3".to_owned(),
        phone_other: "+39 011 4".to_owned(),
        phone_fax: "+39 011 5".to_owned(),
        address_work: address("Torino"),
        address_other: address("Milano"),
        department: "Purchasing".to_owned(),
        job_title: "Buyer \"senior\"".to_owned(),
        birthday: "1980-05-12".parse().ok(),
        notes: "Likes < and >\nsecond line".to_owned(),
        labelled: true,
        ..ContactRecord::default()
    }
}

#[test]
fn a_new_contact_comes_back_as_it_was_sent() {
    let attributes = sent(&full(), None);
    assert_eq!(attributes["google_c"], "1");
    let encoded = attributes.into_iter().map(|(name, value)| {
        let text = value.as_str().unwrap_or_default();
        let text = text
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;");
        (name, Value::String(text))
    });
    let (back, _) = read(&contacts(&["Google"]), Value::Object(encoded.collect()));
    assert_eq!(back, full());
}

#[test]
fn what_the_crm_has_no_place_for_is_not_sent() {
    let record = ContactRecord {
        prefix: "Sir".to_owned(),
        middle_name: "M.".to_owned(),
        suffix: "Jr.".to_owned(),
        email_home: "home@example.org".to_owned(),
        website: "example.org".to_owned(),
        organization: "Bianchi & Sons".to_owned(),
        birthday: "--05-12".parse().ok(),
        ..ContactRecord::default()
    };
    let attributes = sent(&record, None);
    for name in [
        "salutation",
        "birthdate",
        "email1",
        "email2",
        "account_name",
        "google_c",
    ] {
        assert_eq!(attributes.get(name), None, "{name}");
    }
    let limits = contacts(&[]).limits(&Site::default());
    for field in [
        ContactField::MiddleName,
        ContactField::EmailHome,
        ContactField::AddressHome,
        ContactField::Website,
        ContactField::Labelled,
    ] {
        assert!(!limits.holds(field), "{field:?}");
    }
    assert!(
        contacts(&["Google"])
            .limits(&Site::default())
            .holds(ContactField::Labelled)
    );
}

#[test]
fn forms_of_address_are_those_of_the_list() {
    for (text, expected) in [
        ("Dr", Some("Dr.")),
        ("mrs.", Some("Mrs.")),
        ("Miss", Some("Miss")),
        ("", Some("")),
        ("Sir", None),
    ] {
        let record = ContactRecord {
            prefix: text.to_owned(),
            ..ContactRecord::default()
        };
        let attributes = sent(&record, None);
        assert_eq!(
            attributes.get("salutation").and_then(Value::as_str),
            expected,
            "{text}"
        );
    }
}

#[test]
fn an_emptied_field_is_cleared_and_an_address_whole() {
    let before = json!({"first_name": "Carla", "google_c": "1", "birthdate": "1980-05-12"});
    let attributes = sent(&ContactRecord::default(), Some(before));
    for name in [
        "first_name",
        "phone_work",
        "primary_address_street",
        "alt_address_country",
        "birthdate",
        "description",
    ] {
        assert_eq!(attributes[name], "", "{name}");
    }
    assert_eq!(attributes["google_c"], "0");
    assert!(!attributes.contains_key("email1"), "addresses go another way");
}

#[test]
fn values_are_cut_at_the_sites_own_lengths() {
    let record = ContactRecord {
        phone_work: "1".repeat(120),
        family_name: "x".repeat(120),
        ..ContactRecord::default()
    };
    let site = Site {
        lengths: [("last_name".to_owned(), 40)].into(),
        ..Site::default()
    };
    let contacts = contacts(&[]);
    let attributes = contacts.attributes(Module::Contacts, &record, ContactRecord::FIELDS, None, &site);
    assert_eq!(attributes["phone_work"].as_str().unwrap().len(), 100);
    assert_eq!(attributes["last_name"].as_str().unwrap().len(), 40);
    let limits = contacts.limits(&site);
    assert_eq!(limits.chars.get(&ContactField::FamilyName), Some(&40));
    assert_eq!(limits.address_chars.postal_code, Some(20));
}

#[test]
fn tags_are_named_as_people_name_them() {
    let checkbox = |name: &str| Tag::Checkbox(name.to_owned());
    for (name, tag) in [
        ("Favorites", Tag::Star),
        (" favourites ", Tag::Star),
        ("Sync to Outlook", Tag::Set),
        ("user_sync", Tag::Set),
        ("Google", checkbox("google_c")),
        ("google_c", checkbox("google_c")),
        ("Google Contacts", checkbox("google_contacts_c")),
    ] {
        assert_eq!(Tag::named(name), tag, "{name}");
    }
}

#[test]
fn any_of_the_tags_marks_and_all_are_taken_off() {
    let both = contacts(&["Google", "VIP"]);
    for (google, vip, labelled) in [("0", "0", false), ("1", "0", true), ("", "1", true)] {
        let (record, _) = read(&both, json!({"google_c": google, "vip_c": vip}));
        assert_eq!(record.labelled, labelled);
    }
    let before = resource(json!({"google_c": "0", "vip_c": "1"}));
    let fields = [ContactField::Labelled];
    let change = |labelled: bool| {
        let record = ContactRecord {
            labelled,
            ..ContactRecord::default()
        };
        Value::Object(both.attributes(
            Module::Contacts,
            &record,
            &fields,
            Some(&before),
            &Site::default(),
        ))
    };
    assert_eq!(change(true), json!({}), "it bears one already");
    assert_eq!(change(false), json!({"vip_c": "0"}));
}

#[test]
fn a_version_covers_what_is_carried_and_addresses_apart() {
    let contacts = contacts(&["Google"]);
    let base = json!({"last_name": "Verdi", "email1": "a@example.com", "google_c": "1"});
    let version = |name: &str, value: &str| {
        let mut other = base.clone();
        other[name] = value.into();
        read(&contacts, other).1.0
    };
    let first = version("last_name", "Verdi");
    for (name, value) in [("lead_source", "Cold Call"), ("date_modified", "2026-12-01")] {
        assert_eq!(version(name, value), first, "{name}");
    }
    let rest = |version: &str| version.split_once('.').unwrap().0.to_owned();
    for (name, value, rest_differs) in [
        ("last_name", "Bianchi", true),
        ("google_c", "0", true),
        ("account_name", "Bianchi & Sons", true),
        ("birthdate", "1980-05-12", true),
        ("email1", "b@example.com", false),
        ("email2", "b@example.com", false),
    ] {
        let other = version(name, value);
        assert_ne!(other, first, "{name}");
        assert_eq!(rest(&other) != rest(&first), rest_differs, "{name}");
    }
}
