//! Contacts: addresses that are records of their own, computed names, and who has chosen whom.

use serde_json::{Value, json};

use super::{Http, at, crm, plain_crm, record};
use crate::SimClock;
use crate::crm::suitecrm::{SuiteCrmOptions, SuiteCrmSim};

const ID: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const OTHER: &str = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
const ANNA: &str = "11111111-1111-4111-8111-111111111111";

async fn write(http: &Http, method: &str, id: &str, attributes: &Value) -> Value {
    let reply = http
        .call(method, "/module", &record("Contacts", Some(id), attributes))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["data"]["attributes"].clone()
}

async fn read(http: &Http, id: &str) -> Value {
    let reply = http.get(&format!("/module/Contacts/{id}")).await;
    reply.json()["data"]["attributes"].clone()
}

/// Both addresses that a contact shows.
async fn shown(http: &Http, id: &str) -> [String; 2] {
    let contact = read(http, id).await;
    ["email1", "email2"].map(|name| contact[name].as_str().unwrap_or("none").to_owned())
}

/// The ids of the addresses of a contact, with their texts.
async fn linked(http: &Http, id: &str) -> Vec<(String, String)> {
    let path = format!("/module/Contacts/{id}/relationships/email_addresses");
    let listed = http.get(&path).await.json();
    let rows = listed["data"].as_array().unwrap().iter();
    rows.map(|row| {
        assert_eq!(row["type"], "EmailAddress");
        assert!(row["attributes"].get("primary_address").is_none());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&row["id"]), text(&row["attributes"]["email_address"]))
    })
    .collect()
}

#[tokio::test]
async fn a_patch_of_an_address_is_answered_as_done_and_ignored_while_any_is_linked() {
    let (_sim, http) = plain_crm().await;
    let two = json!({ "last_name": "Verdi", "email1": "a@example.com", "email2": "b@example.com" });
    write(&http, "POST", ID, &two).await;
    assert_eq!(shown(&http, ID).await, ["a@example.com", "b@example.com"]);
    let answered = write(&http, "PATCH", ID, &json!({ "email1": "new@example.com" })).await;
    assert_eq!(
        answered["email1"], "new@example.com",
        "the answer tells what was sent"
    );
    write(&http, "PATCH", ID, &json!({ "email1": "", "email2": "" })).await;
    assert_eq!(shown(&http, ID).await, ["a@example.com", "b@example.com"]);
    // The way that works: unlink, and the next patch finds a contact without addresses.
    for (address, _) in linked(&http, ID).await {
        let path = format!("/module/Contacts/{ID}/relationships/email_addresses/{address}");
        assert_eq!(http.delete(&path).await.status, 200);
        assert!(http.delete(&path).await.reason().contains("is not related"));
    }
    assert_eq!(shown(&http, ID).await, ["", ""]);
    write(&http, "PATCH", ID, &json!({ "email1": "new@example.com" })).await;
    assert_eq!(shown(&http, ID).await, ["new@example.com", ""]);
}

#[tokio::test]
async fn without_the_primary_address_another_takes_its_place() {
    let clock = SimClock::stopped(at("2026-11-22 02:24:33"));
    let (sim, http) = crm(SuiteCrmOptions {
        clock,
        ..SuiteCrmOptions::default()
    })
    .await;
    let two = json!({ "email1": "a@example.com", "email2": "b@example.com" });
    write(&http, "POST", ID, &two).await;
    sim.clock().advance(std::time::Duration::from_mins(5));
    let modified = sim.row("Contacts", ID).unwrap()["date_modified"].clone();
    let primary = linked(&http, ID)
        .await
        .into_iter()
        .find(|(_, text)| text == "a@example.com");
    let path = format!("/module/Contacts/{ID}/relationships/email_addresses");
    http.delete(&format!("{path}/{}", primary.unwrap().0)).await;
    assert_eq!(shown(&http, ID).await, ["b@example.com", ""]);
    // A third one is made as a record of its own and then linked.
    let made = http
        .call(
            "POST",
            "/module",
            &record("EmailAddress", None, &json!({ "email_address": "c@example.com" })),
        )
        .await
        .json();
    let link = json!({ "data": { "type": "EmailAddress", "id": made["data"]["id"] } });
    assert_eq!(http.call("POST", &path, &link).await.status, 201);
    assert_eq!(shown(&http, ID).await, ["b@example.com", "c@example.com"]);
    assert_eq!(sim.row("Contacts", ID).unwrap()["date_modified"], modified);
}

#[tokio::test]
async fn an_address_is_shared_by_all_who_have_it() {
    let (sim, http) = plain_crm().await;
    let shared = json!({ "email1": "Shared@example.com" });
    write(&http, "POST", ID, &shared).await;
    write(&http, "POST", OTHER, &json!({ "email1": "shared@example.com" })).await;
    let address = linked(&http, ID).await.remove(0).0;
    assert_eq!(linked(&http, OTHER).await[0].0, address);
    let patch = record(
        "EmailAddresses",
        Some(&address),
        &json!({ "email_address": "moved@example.com" }),
    );
    assert_eq!(http.call("PATCH", "/module", &patch).await.status, 201);
    for id in [ID, OTHER] {
        assert_eq!(shown(&http, id).await[0], "moved@example.com");
    }
    assert_eq!(sim.rows("EmailAddresses").len(), 1);
}

#[tokio::test]
async fn invalid_addresses_are_dropped_and_former_ones_still_found() {
    let (_sim, http) = plain_crm().await;
    write(
        &http,
        "POST",
        ID,
        &json!({ "last_name": "Verdi", "email1": "no address" }),
    )
    .await;
    for invalid in ["no address", "a@b", "@example.com", "a b@example.com"] {
        assert_eq!(shown(&http, ID).await, ["", ""]);
        write(&http, "PATCH", ID, &json!({ "email1": invalid })).await;
    }
    assert_eq!(shown(&http, ID).await, ["", ""]);
    write(&http, "PATCH", ID, &json!({ "email1": "once@example.com" })).await;
    let address = linked(&http, ID).await.remove(0).0;
    http.delete(&format!(
        "/module/Contacts/{ID}/relationships/email_addresses/{address}"
    ))
    .await;
    let found = http
        .query(
            "/module/Contacts",
            &[("filter[email1][eq]", "once@example.com"), ("page[size]", "5")],
        )
        .await
        .json();
    assert_eq!(found["data"][0]["id"], ID);
    assert_eq!(found["data"][0]["attributes"]["email1"], "");
}

#[tokio::test]
async fn names_are_computed_and_an_account_is_set_by_its_id_alone() {
    let (sim, http) = plain_crm().await;
    let account = sim
        .person(ANNA)
        .create("Accounts", &json!({ "name": "Bianchi & Sons" }))
        .unwrap();
    let sent = json!({ "first_name": "Carla", "last_name": "x".repeat(120), "full_name": "Somebody",
        "account_name": "Somewhere", "salutation": "Ms.", "birthdate": "1980-05-12",
        "alt_address_postalcode": "1".repeat(30), "phone_work": "2".repeat(120) });
    let made = write(&http, "POST", ID, &sent).await;
    assert_eq!(made["last_name"], "x".repeat(100));
    assert_eq!(made["full_name"], format!("Carla {}", "x".repeat(100)));
    assert_eq!(
        (made["account_name"].as_str(), made["birthdate"].as_str()),
        (Some(""), Some("1980-05-12"))
    );
    assert_eq!(made["alt_address_postalcode"].as_str().unwrap().len(), 20);
    assert_eq!(made["phone_work"].as_str().unwrap().len(), 100);
    let after = write(&http, "PATCH", ID, &json!({ "account_id": account })).await;
    assert_eq!(after["account_name"], "Bianchi & Sons");
}

/// Two contacts of Anna's and the time of their last change.
fn two_contacts(sim: &SuiteCrmSim) -> [String; 2] {
    ["Carla", "Dario"].map(|name| {
        sim.person(ANNA)
            .create("Contacts", &json!({ "first_name": name, "last_name": "Verdi" }))
            .unwrap()
    })
}

#[tokio::test]
async fn the_star_is_a_record_of_its_own() {
    let (sim, http) = plain_crm().await;
    let [carla, dario] = two_contacts(&sim);
    let anna = sim.person(ANNA);
    let modified = sim.row("Contacts", &carla).unwrap()["date_modified"].clone();
    anna.star("Contacts", &carla).unwrap();
    let stars = [
        ("filter[assigned_user_id][eq]", ANNA),
        ("filter[parent_type][eq]", "Contacts"),
        ("fields[Favorites]", "parent_id"),
        ("page[size]", "5"),
    ];
    let listed = http.query("/module/Favorites", &stars).await.json();
    assert_eq!(listed["data"][0]["attributes"], json!({ "parent_id": carla }));
    assert_eq!(sim.row("Contacts", &carla).unwrap()["date_modified"], modified);
    anna.unstar("Contacts", &carla).unwrap();
    assert!(anna.unstar("Contacts", &dario).is_err());
    assert_eq!(
        http.query("/module/Favorites", &stars).await.json()["data"],
        json!([])
    );
}

#[tokio::test]
async fn the_set_of_the_outlook_plug_in_is_a_link_from_both_ends() {
    let (sim, http) = plain_crm().await;
    let [carla, dario] = two_contacts(&sim);
    sim.person(ANNA).choose_for_sync(&carla);
    let user = json!({ "data": { "type": "Users", "id": ANNA } });
    let path = format!("/module/Contacts/{dario}/relationships/user_sync");
    assert_eq!(http.call("POST", &path, &user).await.status, 201);
    let chosen = http
        .query(
            &format!("/module/Users/{ANNA}/relationships/contacts_sync"),
            &[("sort", "id"), ("page[size]", "1"), ("page[number]", "2")],
        )
        .await
        .json();
    let mut both = [carla.clone(), dario];
    both.sort();
    assert_eq!(chosen["data"][0]["id"], both[1]);
    let contact = read(&http, &carla).await;
    assert_eq!(
        (&contact["user_sync"], &contact["sync_contact"]),
        (&json!({}), &json!(""))
    );
    sim.person(ANNA).drop_from_sync(&carla);
    let path = format!("/module/Contacts/{carla}/relationships/user_sync");
    assert_eq!(http.get(&path).await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_checkbox_is_there_where_an_administrator_made_it() {
    let (_sim, http) = plain_crm().await;
    assert_eq!(
        write(&http, "POST", ID, &json!({ "google_c": "1" })).await["google_c"],
        "1"
    );
    let (_sim, http) = crm(SuiteCrmOptions {
        contact_checkboxes: Vec::new(),
        ..SuiteCrmOptions::default()
    })
    .await;
    let reply = http
        .query("/module/Contacts", &[("fields[Contacts]", "last_name,google_c")])
        .await;
    assert_eq!(reply.reason(), "Property google_c in Contacts module is invalid");
}
