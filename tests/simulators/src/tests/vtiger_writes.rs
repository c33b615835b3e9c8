//! Vtiger: what writes keep, change and destroy.

use serde_json::json;

use super::vtiger::{Site, event, options, site};
use crate::crm::vtiger::{Version, VtigerOptions};

const BOTH: [Version; 2] = [Version::V8_2, Version::V8_4];

#[tokio::test]
async fn the_source_is_taken_once_in_capitals() {
    for version in BOTH {
        let site = site(version).await;
        let mut element = event("Talk");
        element["source"] = json!(format!("Gsync:abc{}", "x".repeat(200)));
        element["id"] = json!("18x7");
        element["createdtime"] = json!("2001-01-01 00:00:00");
        let made = site.write("create", &element, &[]).await["result"].clone();
        let source = made["source"].as_str().unwrap();
        assert!(source.starts_with("GSYNC:ABC") && source.len() == 100);
        assert_eq!(made["createdtime"], "2026-11-22 09:00:00");
        let revised = json!({"id": made["id"], "source": "ANOTHER"});
        let revised = site.write("revise", &revised, &[]).await["result"].clone();
        assert_eq!(revised["source"], made["source"]);
        assert_eq!(revised["label"], "Talk");
        let found = site
            .ids("select id from Events where source like 'gsync:%';")
            .await;
        assert_eq!(found, [made["id"].as_str().unwrap()]);
        let plain = site.write("create", &event("Plain"), &[]).await;
        assert_eq!(
            (&plain["result"]["source"], &plain["result"]["visibility"]),
            (&json!("WEBSERVICE"), &json!(""))
        );
    }
}

#[tokio::test]
async fn what_is_missing_is_named_and_what_is_impossible_leaves_something_behind() {
    let site = site(Version::V8_2).await;
    let mut element = event("No end");
    element["time_end"] = json!("");
    let refused = site.write("create", &element, &[]).await;
    assert_eq!(refused["error"]["code"], "MANDATORY_FIELDS_MISSING");
    assert_eq!(refused["error"]["message"], "time_end does not have a value");
    assert!(site.sim.events().is_empty());

    let mut element = event("No such hour");
    element["time_start"] = json!("25:99:00");
    let refused = site.write("create", &element, &[]).await;
    assert_eq!(refused["error"]["code"], "INTERNAL_SERVER_ERROR");
    assert_eq!(site.sim.events().len(), 1, "and the event is there");

    let mut element = event("Dump");
    element["date_start"] = json!("2026-12-01T10:00:00Z");
    let dump = site.raw_write("create", &element, &[]).await;
    assert_eq!(dump.status, 200);
    assert!(dump.text.starts_with("<pre>array ("), "{}", dump.text);
    assert_eq!(site.sim.events().len(), 1, "an orphan is in no list");

    let mut element = event("Nobody's");
    element["assigned_user_id"] = json!("19x999");
    let text = site.raw_write("create", &element, &[]).await;
    assert_eq!(
        (text.status, text.text.as_str()),
        (200, "Sorry! Attempt to access restricted file.")
    );

    let mut element = event("Backwards");
    element["due_date"] = json!("2026-11-30");
    assert_eq!(
        site.write("create", &element, &[]).await["success"],
        true,
        "an end before the start"
    );
}

#[tokio::test]
async fn a_plain_change_destroys_what_it_does_not_send() {
    for version in BOTH {
        let site = site(version).await;
        let anna = site.sim.person(7);
        let contacts: Vec<u64> = ["Conti", "Verdi"]
            .iter()
            .map(|name| anna.create_contact(&json!({"lastname": name})).unwrap())
            .collect();
        let rich = || {
            let numbers = anna
                .create_weekly(
                    "Rich",
                    site.sim.clock().now(),
                    std::time::Duration::from_hours(1),
                    1,
                )
                .unwrap();
            anna.edit(numbers[0], &json!({"reminder_time": "75"})).unwrap();
            anna.invite(numbers[0], 8).unwrap();
            for contact in &contacts {
                anna.add_contact(numbers[0], *contact).unwrap();
            }
            numbers[0]
        };
        let number = rich();
        let element = json!({"id": format!("18x{number}"), "subject": "Poor"});
        site.write("revise", &element, &[]).await;
        let row = site.sim.record(number).unwrap();
        let contacts_left = if version == Version::V8_2 { 1 } else { 2 };
        assert_eq!(row["contacts"].as_array().unwrap().len(), contacts_left);
        assert_eq!(
            (
                &row["reminder_time"],
                &row["invitees"],
                &row["rule"],
                &row["recurringtype"]
            ),
            (&json!(""), &json!([]), &json!(null), &json!("Weekly"))
        );

        let number = rich();
        let element = json!({"id": format!("18x{number}"), "subject": "Kept", "reminder_time": "4500"});
        let more = [
            ("contactidlist", format!("{};{}", contacts[0], contacts[1])),
            ("inviteesid", "8".to_owned()),
            ("recurringtype", "Weekly".to_owned()),
            ("repeat_frequency", "1".to_owned()),
        ];
        let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        site.write("revise", &element, &more).await;
        let row = site.sim.record(number).unwrap();
        assert_eq!(
            (&row["reminder_time"], &row["invitees"], &row["contacts"]),
            (&json!("75"), &json!([8]), &json!(contacts))
        );
        assert!(row["rule"].is_string());
        site.write("revise", &element, &[("contactidlist", "")]).await;
        assert_eq!(
            site.sim.record(number).unwrap()["contacts"],
            json!([]),
            "an empty list empties"
        );
    }
}

#[tokio::test]
async fn reminders_are_written_in_seconds_read_in_minutes_and_whole_hours_gain_one() {
    let site = site(Version::V8_4).await;
    for (seconds, minutes) in [
        ("4500", "75"),
        ("3600", "61"),
        ("86400", "1441"),
        ("30", "1"),
        ("3660", "61"),
    ] {
        let mut element = event("Reminded");
        element["reminder_time"] = json!(seconds);
        let made = site.write("create", &element, &[]).await;
        assert_eq!(made["result"]["reminder_time"], minutes, "{seconds}");
    }
}

#[tokio::test]
async fn the_type_decides_the_class() {
    let site = site(Version::V8_4).await;
    let mut element = event("Task without a type");
    element["taskstatus"] = json!("Planned");
    element.as_object_mut().unwrap().remove("activitytype");
    let made = site
        .write("create", &element, &[("elementType", "Calendar")])
        .await;
    assert_eq!(made["result"]["id"], "9x101");
    assert_eq!(
        site.ids("select id from Events;").await,
        ["18x101"],
        "it is an event"
    );
    let wrong = site
        .write("revise", &json!({"id": "9x101", "subject": "x"}), &[])
        .await;
    assert_eq!(wrong["error"]["code"], "INVALID_ID_ATTRIBUTE");
    let turned = site
        .write("revise", &json!({"id": "18x101", "activitytype": "Task"}), &[])
        .await;
    assert_eq!(turned["result"]["id"], "9x101");
    assert!(site.ids("select id from Events;").await.is_empty());
}

#[tokio::test]
async fn texts_are_cut_and_garbled_as_the_columns_and_the_release_do() {
    for version in BOTH {
        let site = Site::start(VtigerOptions {
            three_byte_text: true,
            ..options(version)
        })
        .await;
        let mut element = event(&"x".repeat(300));
        element["location"] = json!("y".repeat(200));
        element["description"] = json!("<b>bold</b> & <script>alert(1)</script> \u{1f389}");
        let made = site.write("create", &element, &[]).await["result"].clone();
        assert_eq!(made["subject"].as_str().unwrap().len(), 255);
        assert_eq!(made["location"].as_str().unwrap().len(), 150);
        let expected = match version {
            Version::V8_2 => "<b>bold</b> & &lt;script&gt;alert(1)&lt;/script&gt; ????",
            Version::V8_4 => "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;alert(1)&lt;/script&gt; ????",
        };
        assert_eq!(made["description"], expected);
        let empty = if version == Version::V8_2 {
            json!("")
        } else {
            json!(null)
        };
        assert_eq!((&made["contact_id"], &made["parent_id"]), (&empty, &empty));
        assert_eq!(made["duration_minutes"], "15", "the CRM counts the length itself");
    }
}

#[tokio::test]
async fn control_characters_come_back_as_they_are_in_the_newer_release() {
    for version in BOTH {
        let site = site(version).await;
        site.raw_write("create", &event("A\u{0}B"), &[]).await;
        let answer = site.raw_query("select subject from Events;").await;
        assert_eq!(answer.text.contains('\0'), version == Version::V8_4);
    }
}
