//! Contacts, in both directions.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::rig::{ANNA, Kind, Rig, over_every_crm};

fn settings() -> Value {
    json!({ "events": { "enabled": false }, "contacts": { "enabled": true } })
}

async fn linked(kind: Kind) -> Rig {
    let rig = Rig::linked_for(kind, &settings()).await;
    // How lists lag has tests of its own.
    rig.google.set_people_list_delay(Duration::ZERO);
    rig
}

fn crm_contact(rig: &Rig, given: &str) -> Map<String, Value> {
    let rows = rig.crm.rows("Contacts");
    let found = rows.iter().find(|row| row["first_name"] == given);
    found
        .unwrap_or_else(|| panic!("no contact {given}: {rows:#?}"))
        .clone()
}

fn crm_id(rig: &Rig, given: &str) -> String {
    crm_contact(rig, given)["id"].as_str().unwrap().to_owned()
}

/// A contact in Google by its first name: its own name and what it says.
fn google_contact(rig: &Rig, given: &str) -> (String, Value) {
    let online = rig.anna_at_google();
    let everybody = online.contacts();
    let all = everybody
        .iter()
        .filter_map(|name| Some((name.clone(), online.contact(name)?)));
    let found = all
        .into_iter()
        .find(|(_, contact)| contact["names"][0]["givenName"] == given);
    found.unwrap_or_else(|| panic!("no contact {given} among {everybody:?}"))
}

fn values(contact: &Value, field: &str) -> Vec<String> {
    let values = contact[field].as_array().cloned().unwrap_or_default();
    values
        .iter()
        .map(|one| one["value"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Whether a contact in Google is under the label `CRM`.
fn is_labelled(rig: &Rig, given: &str) -> bool {
    let labels = rig.anna_at_google().labels();
    let label = labels
        .iter()
        .find(|(_, name)| **name == "CRM")
        .map(|(id, _)| id.clone());
    let (_, contact) = google_contact(rig, given);
    let memberships = contact["memberships"].as_array().cloned().unwrap_or_default();
    label.is_some_and(|label| {
        memberships
            .iter()
            .any(|one| one["contactGroupMembership"]["contactGroupId"] == label.as_str())
    })
}

fn carla() -> Value {
    json!({ "salutation": "Ms.", "first_name": "Carla", "last_name": "Verdi", "title": "Buyer",
            "email1": "carla@example.com", "email2": "verdi@example.org", "phone_work": "+39 011 2",
            "primary_address_street": "Via Roma 1", "primary_address_city": "Torino", "birthdate": "1980-05-12",
            "description": "Prefers mornings", "lead_source": "Cold Call", "google_c": "1" })
}

async fn contacts_with_the_tag_appear_under_the_label_and_the_others_nowhere(kind: Kind) {
    let rig = linked(kind).await;
    rig.anna().create("Contacts", &carla()).unwrap();
    rig.anna()
        .create(
            "Contacts",
            &json!({ "first_name": "Dario", "last_name": "Bianchi" }),
        )
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((1, 0, 0), (0, 0, 0)));
    let (_, contact) = google_contact(&rig, "Carla");
    assert!(is_labelled(&rig, "Carla"));
    assert_eq!(
        values(&contact, "emailAddresses"),
        ["carla@example.com", "verdi@example.org"]
    );
    assert_eq!(values(&contact, "phoneNumbers"), ["+39 011 2"]);
    assert_eq!(contact["names"][0]["familyName"], "Verdi");
    assert_eq!(contact["organizations"][0]["title"], "Buyer");
    assert_eq!(contact["addresses"][0]["city"], "Torino");
    assert_eq!(
        contact["birthdays"][0]["date"],
        json!({ "year": 1980, "month": 5, "day": 12 })
    );
    assert_eq!(rig.anna_at_google().contacts().len(), 1);
}

async fn a_contact_put_under_the_label_comes_to_the_crm_with_the_tag(kind: Kind) {
    let rig = linked(kind).await;
    let online = rig.anna_at_google();
    let label = online.create_label("CRM").unwrap();
    let make = |given: &str| {
        online
            .create_contact(&json!({ "names": [{ "givenName": given, "familyName": "Neri" }],
                "emailAddresses": [{ "value": format!("{given}@example.net"), "type": "home" }],
                "phoneNumbers": [{ "value": "+39 333 7", "type": "mobile" }] }))
            .unwrap()
    };
    let (elena, _) = (make("Elena"), make("Franco"));
    online.label_contact(&elena, &label, true).unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((0, 0, 0), (1, 0, 0)));
    let row = crm_contact(&rig, "Elena");
    assert_eq!(
        (
            &row["google_c"],
            &row["assigned_user_id"],
            &row["email1"],
            &row["phone_mobile"]
        ),
        (
            &json!("1"),
            &json!(ANNA),
            &json!("Elena@example.net"),
            &json!("+39 333 7")
        )
    );
    assert_eq!(rig.crm.rows("Contacts").len(), 1);
}

async fn two_people_who_add_different_numbers_and_addresses_keep_both(kind: Kind) {
    let rig = linked(kind).await;
    rig.anna()
        .create(
            "Contacts",
            &json!({ "first_name": "Carla", "last_name": "Verdi", "email1": "carla@example.com", "google_c": "1" }),
        )
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    let (name, contact) = google_contact(&rig, "Carla");
    let mut addresses = contact["emailAddresses"].as_array().cloned().unwrap();
    addresses.push(json!({ "value": "private@example.org", "type": "home" }));
    rig.anna_at_google()
        .edit_contact(
            &name,
            &json!({ "emailAddresses": addresses,
                     "phoneNumbers": [{ "value": "+39 333 1", "type": "mobile" }] }),
        )
        .unwrap();
    rig.anna()
        .edit(
            "Contacts",
            &crm_id(&rig, "Carla"),
            &json!({ "phone_mobile": "+39 333 2", "title": "Buyer" }),
        )
        .unwrap();
    rig.sync_to_rest().await;
    let row = crm_contact(&rig, "Carla");
    assert_eq!(
        (&row["email1"], &row["email2"], &row["title"]),
        (
            &json!("carla@example.com"),
            &json!("private@example.org"),
            &json!("Buyer")
        )
    );
    let phones = |row: &Map<String, Value>| {
        let names = ["phone_mobile", "phone_work", "phone_home", "phone_other"];
        let mut phones: Vec<String> = names
            .iter()
            .filter_map(|name| row.get(*name)?.as_str().map(str::to_owned))
            .filter(|phone| !phone.is_empty())
            .collect();
        phones.sort();
        phones
    };
    let mut online = values(&google_contact(&rig, "Carla").1, "phoneNumbers");
    online.sort();
    assert_eq!(phones(&row), ["+39 333 1", "+39 333 2"]);
    assert_eq!(online, ["+39 333 1", "+39 333 2"]);
    assert_eq!(
        google_contact(&rig, "Carla").1["organizations"][0]["title"],
        "Buyer"
    );
}

async fn a_changed_address_replaces_the_former_one_on_both_sides(kind: Kind) {
    let rig = linked(kind).await;
    rig.anna().create("Contacts", &carla()).unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    let (name, contact) = google_contact(&rig, "Carla");
    let mut addresses = contact["emailAddresses"].clone();
    addresses[0]["value"] = json!("new@example.com");
    rig.anna_at_google()
        .edit_contact(&name, &json!({ "emailAddresses": addresses }))
        .unwrap();
    rig.sync_to_rest().await;
    let row = crm_contact(&rig, "Carla");
    assert_eq!(
        (&row["email1"], &row["email2"], &row["lead_source"]),
        (
            &json!("new@example.com"),
            &json!("verdi@example.org"),
            &json!("Cold Call")
        )
    );
    rig.later(20);
    rig.anna()
        .edit(
            "Contacts",
            &crm_id(&rig, "Carla"),
            &json!({ "email1": "newer@example.com", "email2": "" }),
        )
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(
        values(&google_contact(&rig, "Carla").1, "emailAddresses"),
        ["newer@example.com"]
    );
}

async fn leaving_the_tag_or_the_label_deletes_nothing(kind: Kind) {
    let rig = linked(kind).await;
    rig.anna().create("Contacts", &carla()).unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    let contact = crm_id(&rig, "Carla");
    rig.anna()
        .edit("Contacts", &contact, &json!({ "google_c": "0" }))
        .unwrap();
    rig.sync_to_rest().await;
    assert!(!is_labelled(&rig, "Carla"), "and is still there");
    rig.later(20);
    rig.anna()
        .edit("Contacts", &contact, &json!({ "google_c": "1" }))
        .unwrap();
    rig.sync_to_rest().await;
    assert!(is_labelled(&rig, "Carla"));
    rig.later(20);
    let online = rig.anna_at_google();
    let labels = online.labels();
    let label = labels.iter().find(|(_, name)| **name == "CRM").unwrap().0;
    online
        .label_contact(&google_contact(&rig, "Carla").0, label, false)
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(crm_contact(&rig, "Carla")["google_c"], "0");
    assert_eq!((rig.crm.rows("Contacts").len(), online.contacts().len()), (1, 1));
}

async fn a_deletion_is_kept_to_its_side_unless_it_shall_travel(kind: Kind) {
    for (deletions, left) in [("keep", 1), ("propagate", 0)] {
        let rig = linked(kind).await;
        rig.set(&json!({ "contacts": { "deletions": deletions } })).await;
        rig.anna().create("Contacts", &carla()).unwrap();
        rig.sync_to_rest().await;
        rig.later(20);
        rig.anna().delete("Contacts", &crm_id(&rig, "Carla")).unwrap();
        rig.sync_to_rest().await;
        assert_eq!(rig.anna_at_google().contacts().len(), left, "{deletions}");
        assert_eq!(rig.crm.rows("Contacts").len(), 0, "{deletions}");
    }
}

async fn a_mark_of_everybodys_chooses_contacts_without_an_administrator(kind: Kind) {
    let rig = Rig::start(kind).await;
    rig.google.set_people_list_delay(Duration::ZERO);
    let mut settings = settings();
    settings["contacts"]["tags"] = json!([rig.crm.mark_of_everybodys()]);
    rig.link_for(&settings).await;
    let contact = rig
        .anna()
        .create(
            "Contacts",
            &json!({ "first_name": "Carla", "last_name": "Verdi" }),
        )
        .unwrap();
    rig.sync_to_rest().await.changed_nothing();
    rig.later(20);
    rig.crm.mark(ANNA, &contact, true);
    assert_eq!(rig.sync_to_rest().await.to_google(), (1, 0, 0));
    assert!(is_labelled(&rig, "Carla"));
    rig.later(20);
    rig.crm.mark(ANNA, &contact, false);
    rig.sync_to_rest().await;
    assert!(!is_labelled(&rig, "Carla"));
}

async fn a_lost_store_doubles_no_contact(kind: Kind) {
    let rig = linked(kind).await;
    for number in 0..5 {
        let contact = json!({ "first_name": format!("Carla {number}"), "last_name": "Verdi",
            "email1": format!("carla{number}@example.com"), "google_c": "1" });
        rig.anna().create("Contacts", &contact).unwrap();
    }
    rig.sync_to_rest().await;
    rig.later(20);
    let rig = rig.lose_store().await;
    rig.link_for(&settings()).await;
    let run = rig.sync_to_rest().await;
    assert_eq!(run.changes.contacts.as_ref().unwrap().paired, 5);
    run.changed_nothing();
    assert_eq!(
        (
            rig.crm.rows("Contacts").len(),
            rig.anna_at_google().contacts().len()
        ),
        (5, 5)
    );
}

async fn going_from_all_to_tagged_labels_the_tagged_ones_and_lets_the_others_be(kind: Kind) {
    let mut all = settings();
    all["contacts"]["scope"] = json!("all");
    let rig = Rig::linked_for(kind, &all).await;
    rig.google.set_people_list_delay(Duration::ZERO);
    rig.anna().create("Contacts", &carla()).unwrap();
    let dario = json!({ "first_name": "Dario", "last_name": "Bianchi" });
    rig.anna().create("Contacts", &dario).unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (2, 0, 0));
    rig.later(20);
    rig.set(&json!({ "contacts": { "scope": "tagged" } })).await;
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((0, 1, 0), (0, 0, 0)));
    assert!(is_labelled(&rig, "Carla") && !is_labelled(&rig, "Dario"));
    // Edits of the one travel, of the other one no more, on either side.
    rig.later(20);
    for given in ["Carla", "Dario"] {
        let phone = json!({ "phone_mobile": "+39 333 2" });
        rig.anna().edit("Contacts", &crm_id(&rig, given), &phone).unwrap();
        let birthday = json!({ "birthdays": [{ "date": { "year": 1981, "month": 6, "day": 13 } }] });
        rig.anna_at_google()
            .edit_contact(&google_contact(&rig, given).0, &birthday)
            .unwrap();
    }
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((0, 1, 0), (0, 1, 0)));
    assert_eq!(crm_contact(&rig, "Carla")["birthdate"], "1981-06-13");
    assert!(values(&google_contact(&rig, "Dario").1, "phoneNumbers").is_empty());
    // A whole reading a week later finds the same.
    rig.later(8 * 24 * 60);
    rig.sync_to_rest().await.changed_nothing();
    let left = (
        rig.crm.rows("Contacts").len(),
        rig.anna_at_google().contacts().len(),
    );
    assert_eq!(left, (2, 2));
}

async fn a_scope_in_which_nothing_is_yet_needs_no_label(kind: Kind) {
    let mut all = settings();
    all["contacts"]["scope"] = json!("all");
    let rig = Rig::linked_for(kind, &all).await;
    rig.google.set_people_list_delay(Duration::ZERO);
    let dario = json!({ "first_name": "Dario", "last_name": "Bianchi" });
    rig.anna().create("Contacts", &dario).unwrap();
    rig.sync_to_rest().await;
    rig.set(&json!({ "contacts": { "scope": "tagged" } })).await;
    for _ in 0..2 {
        rig.sync_to_rest().await.changed_nothing();
        rig.later(8 * 24 * 60);
    }
    assert!(rig.anna_at_google().labels().is_empty());
    rig.anna()
        .edit("Contacts", &crm_id(&rig, "Dario"), &json!({ "google_c": "1" }))
        .unwrap();
    rig.sync_to_rest().await;
    assert!(is_labelled(&rig, "Dario"));
    // And back again, nothing is made or taken away.
    rig.later(20);
    rig.set(&json!({ "contacts": { "scope": "all" } })).await;
    assert_eq!(rig.sync_to_rest().await.to_google().0, 0);
    assert_eq!(rig.anna_at_google().contacts().len(), 1);
}

over_every_crm! {
    #[tokio::test]
    contacts_with_the_tag_appear_under_the_label_and_the_others_nowhere,
    a_contact_put_under_the_label_comes_to_the_crm_with_the_tag,
    two_people_who_add_different_numbers_and_addresses_keep_both,
    a_changed_address_replaces_the_former_one_on_both_sides,
    leaving_the_tag_or_the_label_deletes_nothing,
    a_deletion_is_kept_to_its_side_unless_it_shall_travel,
    a_mark_of_everybodys_chooses_contacts_without_an_administrator,
    a_lost_store_doubles_no_contact,
    going_from_all_to_tagged_labels_the_tagged_ones_and_lets_the_others_be,
    a_scope_in_which_nothing_is_yet_needs_no_label,
}
