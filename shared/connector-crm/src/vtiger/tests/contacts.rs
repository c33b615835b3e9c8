//! Rows to contacts and back, and what marks them.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sync_core::kind::Record;
use sync_core::kind::contact::{ContactField, ContactRecord};

use super::super::contacts::Contacts;
use super::super::contacts::convert::values;
use super::super::shape::Shape;
use super::super::site::Site;
use super::super::wire::Row;

fn contacts(tags: &[&str]) -> Contacts {
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Contacts::new(&tags)
}

fn site(contacts: &Contacts) -> Site {
    let mut site = Site::of(Contacts::MODULE, Contacts::TWIN);
    let mut fields: Vec<Value> = Contacts::COLUMNS
        .iter()
        .map(|name| json!({ "name": name }))
        .collect();
    fields.push(json!({"name": "cf_7", "label": " Google ", "type": {"name": "boolean"}}));
    fields.push(json!({"name": "donotcall", "label": "VIP", "type": {"name": "boolean"}}));
    fields.retain(|field| field["name"] != "account_id" && field["name"] != "salutationtype");
    fields.push(json!({"name": "account_id", "type": {"name": "reference", "refersTo": ["Accounts"]}}));
    fields.push(json!({"name": "salutationtype", "type": {"name": "picklist",
        "picklistValues": [{"value": "--None--"}, {"value": "Mr."}, {"value": "Sig.ra"}]}}));
    site.learn(contacts, &json!({"idPrefix": "12", "fields": fields}));
    site
}

fn read(contacts: &Contacts, value: Value) -> ContactRecord {
    let row: Row = serde_json::from_value(value).unwrap();
    let base = "https://crm.example.com/".parse().unwrap();
    contacts.observed(&row, &site(contacts), &base).unwrap().record
}

#[test]
fn a_name_in_the_settings_is_a_checkbox_or_else_a_shared_tag() {
    let cases = [
        ("Google", json!({"cf_7": "1"}), true),
        ("GOOGLE", json!({"cf_7": "0", "tags": "Google"}), false),
        ("cf_7", json!({"cf_7": "1"}), true),
        ("VIP", json!({"tags": "a, vip ,b"}), true),
        ("VIP", json!({"tags": "VIPs,not VIP", "donotcall": "1"}), false),
    ];
    for (tag, columns, expected) in cases {
        let contacts = contacts(&[tag]);
        let mut row = columns;
        row["id"] = "12x1".into();
        assert_eq!(read(&contacts, row.clone()).labelled, expected, "{tag} {row}");
    }
    let mixed = contacts(&["VIP", "Google"]);
    assert_eq!(mixed.more_columns(&site(&mixed)), ["cf_7", "tags"]);
    assert_eq!(mixed.silent_marks(&site(&mixed)), Some("tags"));
    let checkbox = contacts(&["Google"]);
    assert_eq!(checkbox.silent_marks(&site(&checkbox)), None);
    let cuts: Vec<ContactField> = checkbox.limits(&site(&checkbox)).chars.into_keys().collect();
    assert!(!cuts.contains(&ContactField::Organization));
}

#[test]
fn choices_that_were_not_made_and_days_that_are_none_are_empty() {
    let contacts = contacts(&[]);
    let record = read(
        &contacts,
        json!({"id": "12x1", "salutationtype": "--None--", "lastname": "-", "birthday": "0000-00-00", "email": null}),
    );
    assert_eq!(record, ContactRecord::default());
    let record = read(
        &contacts,
        json!({"id": "12x1", "birthday": "1980-02-29", "lastname": " A  B "}),
    );
    assert_eq!(record.birthday.unwrap().to_string(), "1980-02-29");
    assert_eq!(record.family_name, "A B");
    for (first, expected) in [("", ""), ("Carla", "Google Contact")] {
        let row = json!({"id": "12x1", "firstname": first, "lastname": "Google Contact"});
        assert_eq!(read(&contacts, row).family_name, expected);
    }
}

#[test]
fn a_form_of_address_is_written_where_the_site_has_it() {
    let contacts = contacts(&[]);
    let site = site(&contacts);
    for (prefix, expected) in [
        ("Mr", Some("Mr.")),
        ("sig.ra", Some("Sig.ra")),
        ("Dr.", None),
        ("", Some("")),
    ] {
        let record = ContactRecord {
            prefix: prefix.to_owned(),
            ..ContactRecord::default()
        };
        let sent = values(&record, &[ContactField::Prefix], &site).unwrap();
        assert_eq!(
            sent.get("salutationtype").and_then(Value::as_str),
            expected,
            "{prefix}"
        );
    }
}

#[test]
fn a_site_without_accounts_has_no_organisations() {
    let contacts = contacts(&[]);
    let mut site = site(&contacts);
    assert!(contacts.limits(&site).holds(ContactField::Organization));
    let fields = json!([{"name": "account_id", "type": {"name": "reference", "refersTo": []}}]);
    site.learn(&contacts, &json!({"fields": fields}));
    let limits = contacts.limits(&site);
    assert!(!limits.holds(ContactField::Organization) && !limits.holds(ContactField::AddressWork));
    assert!(limits.holds(ContactField::FamilyName) || !site.has("lastname"));
}

proptest! {
    #[test]
    fn what_is_sent_reads_back(
        given in "[A-Za-z]{1,30}", family in "[A-Za-z]{2,60}", street in "[A-Za-z0-9]{0,20}",
        title in "[a-zA-Z ]{0,30}", phone in "[0-9+]{0,20}",
    ) {
        let contacts = contacts(&["Google"]);
        let mut record = ContactRecord {
            given_name: given,
            family_name: family,
            job_title: sync_core::kind::line::one_line(&title),
            phone_mobile: phone,
            ..ContactRecord::default()
        };
        record.address_other.street = street;
        let mut sent: Map<String, Value> = values(&record, ContactRecord::FIELDS, &site(&contacts)).unwrap();
        sent.insert("id".to_owned(), "12x1".into());
        prop_assert_eq!(read(&contacts, Value::Object(sent)), record);
    }
}
