//! Vtiger: contacts, their accounts, and what marks them.

use std::time::Duration;

use serde_json::{Value, json};

use super::vtiger::{Site, ids, options, site};
use crate::crm::vtiger::{Version, VtigerOptions};

const BOTH: [Version; 2] = [Version::V8_2, Version::V8_4];
const IN_CONTACTS: [(&str, &str); 1] = [("elementType", "Contacts")];

fn contact(last: &str) -> Value {
    json!({ "lastname": last, "assigned_user_id": "19x7" })
}

async fn made(site: &Site, element: &Value) -> Value {
    let answer = site.write("create", element, &IN_CONTACTS).await;
    assert_eq!(answer["success"], true, "{answer}");
    answer["result"].clone()
}

fn empty(version: Version) -> Value {
    match version {
        Version::V8_2 => json!(""),
        Version::V8_4 => json!(null),
    }
}

#[tokio::test]
async fn a_contact_is_cut_as_its_columns_are_and_keeps_what_a_change_does_not_name() {
    for version in BOTH {
        let site = site(version).await;
        let mut element = contact(&"L".repeat(100));
        for (column, value) in [
            ("firstname", "F".repeat(50)),
            ("department", "D".repeat(50)),
            ("mailingzip", "1".repeat(50)),
            ("othercountry", "C".repeat(50)),
            ("email", "notanemail".to_owned()),
            ("contact_no", "MINE".to_owned()),
            ("salutationtype", "Baron".to_owned()),
        ] {
            element[column] = json!(value);
        }
        let made = made(&site, &element).await;
        for (column, chars) in [
            ("lastname", 80),
            ("firstname", 40),
            ("department", 30),
            ("mailingzip", 30),
            ("othercountry", 30),
        ] {
            assert_eq!(made[column].as_str().unwrap().len(), chars, "{column}");
        }
        assert_eq!(
            (&made["email"], &made["contact_no"], &made["salutationtype"]),
            (&json!("notanemail"), &json!("CON101"), &json!("Baron"))
        );
        site.sim.clock().advance(Duration::from_mins(1));
        let revised = json!({ "id": made["id"], "mobile": "+39 333 1", "email": "" });
        let revised = site.write("revise", &revised, &[]).await["result"].clone();
        assert_eq!(
            (&revised["mobile"], &revised["email"], &revised["department"]),
            (&json!("+39 333 1"), &json!(""), &made["department"])
        );
        assert_eq!(revised["modifiedtime"], "2026-11-22 09:01:00");
    }
}

#[tokio::test]
async fn what_is_mandatory_may_be_left_out_of_a_change_but_not_emptied() {
    let site = site(Version::V8_4).await;
    let refused = site
        .write("create", &json!({ "lastname": "Verdi" }), &IN_CONTACTS)
        .await;
    assert_eq!(
        refused["error"]["message"],
        "assigned_user_id does not have a value"
    );
    let made = made(&site, &contact("Verdi")).await;
    let refused = json!({ "id": made["id"], "lastname": "" });
    let refused = site.write("revise", &refused, &[]).await;
    assert_eq!(refused["error"]["code"], "MANDATORY_FIELDS_MISSING");
    assert_eq!(site.sim.contacts()[0]["lastname"], "Verdi");
    let whole = json!({ "id": made["id"], "lastname": "Neri" });
    let refused = site.write("update", &whole, &[]).await;
    assert_eq!(refused["error"]["code"], "MANDATORY_FIELDS_MISSING");
}

#[tokio::test]
async fn a_birthday_is_a_full_date_or_nonsense() {
    for version in BOTH {
        let site = site(version).await;
        for (given, kept) in [
            ("1980-05-12", json!("1980-05-12")),
            ("05-12", json!("0000-00-00")),
            ("--05-12", json!("0000-00-00")),
            ("2026-02-30", json!("0000-00-00")),
            ("", empty(version)),
        ] {
            let mut element = contact("Verdi");
            element["birthday"] = json!(given);
            assert_eq!(made(&site, &element).await["birthday"], kept, "{given}");
        }
    }
}

#[tokio::test]
async fn an_account_is_a_reference_without_a_name_that_reads_empty_once_it_is_deleted() {
    for version in BOTH {
        let site = site(version).await;
        let anna = site.sim.person(7);
        let account = anna.create_account("Verdi & Figli").unwrap();
        let mut element = contact("Verdi");
        element["account_id"] = json!(format!("11x{account}"));
        let carla = made(&site, &element).await;
        assert_eq!(carla["account_id"], "11x101");
        let named = site
            .query("select id,accountname from Accounts where id in ('11x101');")
            .await;
        assert_eq!(
            named["result"],
            json!([{ "id": "11x101", "accountname": "Verdi & Figli" }])
        );
        for pattern in ["verdi & figli", "VERDI _ F%", "%figli", "%&%"] {
            let query = format!("select id from Accounts where accountname like '{pattern}';");
            assert_eq!(site.ids(&query).await, ["11x101"], "{pattern}");
        }
        assert!(
            site.ids("select id from Accounts where accountname like 'erdi%';")
                .await
                .is_empty()
        );
        let of_it = "select id from Contacts where account_id = '11x101';";
        assert_eq!(site.ids(of_it).await, [carla["id"].as_str().unwrap()]);

        element["account_id"] = json!("12x101");
        let wrong = site.write("create", &element, &IN_CONTACTS).await;
        assert_eq!(wrong["error"]["code"], "REFERENCE_INVALID");
        element["account_id"] = json!("11x999");
        let nowhere = made(&site, &element).await;
        assert_eq!(
            nowhere["account_id"],
            empty(version),
            "taken, and nothing is there"
        );

        site.sim.clock().advance(Duration::from_mins(1));
        anna.delete(account).unwrap();
        let row = site.retrieve(carla["id"].as_str().unwrap()).await["result"].clone();
        assert_eq!(
            (&row["account_id"], &row["modifiedtime"]),
            (&empty(version), &json!("2026-11-22 09:00:00"))
        );
    }
}

#[tokio::test]
async fn everybody_reads_and_changes_every_contact() {
    for version in BOTH {
        let site = site(version).await;
        let id = made(&site, &contact("Verdi")).await["id"].clone();
        let bens = site.session_of("ben", "benSimulatedKey").await;
        assert_eq!(
            ids(&site.query_in(&bens, "select id from Contacts;").await),
            [id.as_str().unwrap()]
        );
        let element = json!({ "id": id, "title": "Buyer" }).to_string();
        let form = [
            ("operation", "revise"),
            ("sessionName", bens.as_str()),
            ("element", element.as_str()),
        ];
        assert_eq!(site.raw_post(&form).await.json()["result"]["modifiedby"], "19x8");
    }
}

#[tokio::test]
async fn a_star_is_the_sessions_own_and_moves_nothing_unless_the_service_sets_it() {
    for version in BOTH {
        let site = site(version).await;
        let id = made(&site, &contact("Verdi")).await["id"].clone();
        site.sim.clock().advance(Duration::from_mins(1));
        let starred = "select id,starred,modifiedtime from Contacts where starred = '1';";
        site.sim.person(7).star(101, true).unwrap();
        assert!(site.ids(starred).await.is_empty(), "it is Anna's");
        let annas = site.session_of("anna", "annaSimulatedKey").await;
        let seen = site.query_in(&annas, starred).await["result"][0].clone();
        assert_eq!(
            (&seen["starred"], &seen["modifiedtime"]),
            (&json!("1"), &json!("2026-11-22 09:00:00"))
        );
        let never = "select id from Contacts where starred = '0';";
        assert!(site.ids(never).await.is_empty(), "without a row it is no zero");
        site.sim.person(7).star(101, false).unwrap();
        assert_eq!(ids(&site.query_in(&annas, never).await).len(), 1);
        let revised = site
            .write("revise", &json!({ "id": id, "starred": "1" }), &[])
            .await;
        assert_eq!(
            (&revised["result"]["starred"], &revised["result"]["modifiedtime"]),
            (&json!("1"), &json!("2026-11-22 09:01:00"))
        );
        assert_eq!(site.ids(starred).await.len(), 1);
    }
}

#[tokio::test]
async fn tags_are_read_by_name_only_and_neither_asked_by_nor_written() {
    let site = site(Version::V8_4).await;
    let id = made(&site, &contact("Verdi")).await["id"].clone();
    site.sim.clock().advance(Duration::from_mins(1));
    let anna = site.sim.person(7);
    anna.tag(101, "VIP").unwrap();
    anna.tag(101, "Google").unwrap();
    anna.tag_privately(101, "Hers").unwrap();
    let asked = "select id,tags,modifiedtime from Contacts;";
    let seen = site.query(asked).await["result"][0].clone();
    assert_eq!(
        (&seen["tags"], &seen["modifiedtime"]),
        (&json!("Google,VIP"), &json!("2026-11-22 09:00:00"))
    );
    let annas = site.session_of("anna", "annaSimulatedKey").await;
    assert_eq!(
        site.query_in(&annas, asked).await["result"][0]["tags"],
        "Google,Hers,VIP"
    );
    assert_eq!(site.retrieve("12x101").await["result"]["tags"], "Google,VIP");
    let all = site.query("select * from Contacts;").await["result"][0].clone();
    assert_eq!(all["tags"], json!(null));
    let by_tag = site
        .query("select id from Contacts where tags like '%Google%';")
        .await;
    assert_eq!(
        (&by_tag["success"], &by_tag["result"]),
        (&json!(true), &json!([]))
    );
    let revised = json!({ "id": id, "tags": "Mine" });
    assert_eq!(
        site.write("revise", &revised, &[]).await["result"]["tags"],
        "Google,VIP"
    );
    anna.untag(101, "VIP").unwrap();
    assert_eq!(site.query(asked).await["result"][0]["tags"], "Google");
}

#[tokio::test]
async fn a_checkbox_of_the_administrators_is_described_by_its_label_and_never_empty() {
    let site = site(Version::V8_2).await;
    let describe = [
        ("operation", "describe"),
        ("sessionName", site.session.as_str()),
        ("elementType", "Contacts"),
    ];
    let described = site.get(&describe).await["result"]["fields"].clone();
    let field = |name: &str| {
        let fields = described.as_array().unwrap().iter();
        fields
            .clone()
            .find(|field| field["name"] == name)
            .cloned()
            .unwrap()
    };
    assert_eq!(
        (&field("cf_853")["label"], &field("cf_853")["type"]["name"]),
        (&json!("Google"), &json!("boolean"))
    );
    assert_eq!(field("account_id")["type"]["refersTo"], json!(["Accounts"]));
    assert_eq!(field("contact_no")["editable"], false);
    let id = made(&site, &contact("Verdi")).await["id"].clone();
    for (given, kept) in [
        (json!("1"), "1"),
        (json!("true"), "0"),
        (json!(true), "1"),
        (json!(""), "0"),
        (json!("on"), "1"),
        (json!("0"), "0"),
    ] {
        let revised = site
            .write("revise", &json!({ "id": id, "cf_853": given }), &[])
            .await;
        assert_eq!(revised["result"]["cf_853"], kept, "{given}");
        let ticked = site.ids("select id from Contacts where cf_853 = '1';").await;
        assert_eq!(ticked.len(), usize::from(kept == "1"));
    }
    let plain = VtigerOptions {
        contact_checkboxes: Vec::new(),
        ..options(Version::V8_2)
    };
    let without = Site::start(plain).await;
    let denied = without.query("select id,cf_853 from Contacts;").await;
    assert_eq!(denied["error"]["code"], "ACCESS_DENIED");
}

#[tokio::test]
async fn a_new_address_of_a_portal_contact_is_mailed_to_it() {
    let site = site(Version::V8_4).await;
    let mut element = contact("Verdi");
    element["email"] = json!("carla@example.com");
    let id = made(&site, &element).await["id"].clone();
    site.sim.person(7).edit(101, &json!({ "portal": "1" })).unwrap();
    assert_eq!(site.sim.portal_mails(), []);
    let title = json!({ "id": id, "title": "Buyer" });
    site.write("revise", &title, &[]).await;
    assert_eq!(site.sim.portal_mails(), []);
    let address = json!({ "id": id, "email": "new@example.com" });
    site.write("revise", &address, &[]).await;
    assert_eq!(site.sim.portal_mails(), [(101, "new@example.com".to_owned())]);
}

#[tokio::test]
async fn a_deleted_contact_leaves_the_events_it_was_at() {
    for version in BOTH {
        let site = site(version).await;
        let anna = site.sim.person(7);
        let carla = anna.create_contact(&json!({ "lastname": "Verdi" })).unwrap();
        let event = anna
            .create_meeting("Talk", site.sim.clock().now(), Duration::from_hours(1))
            .unwrap();
        anna.add_contact(event, carla).unwrap();
        let asked = format!("select id,contact_id from Events where id = '18x{event}';");
        assert_eq!(site.query(&asked).await["result"][0]["contact_id"], "12x101");
        anna.delete(carla).unwrap();
        assert_eq!(
            site.query(&asked).await["result"][0]["contact_id"],
            empty(version)
        );
        let retrieved = site.retrieve(&format!("18x{event}")).await;
        assert_eq!(retrieved["result"]["contact_id"], empty(version));
    }
}
