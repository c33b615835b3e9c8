//! Vtiger: tasks, which share the table of events and most of its traps.

use serde_json::{Value, json};

use super::vtiger::{Site, ids, site};
use crate::crm::vtiger::Version;

const BOTH: [Version; 2] = [Version::V8_2, Version::V8_4];
const IN_TASKS: [(&str, &str); 1] = [("elementType", "Calendar")];

fn task(subject: &str) -> Value {
    json!({
        "subject": subject, "assigned_user_id": "19x7", "date_start": "2026-12-01", "time_start": "05:00:00",
        "due_date": "2026-12-02", "taskstatus": "Not Started", "activitytype": "Task",
    })
}

async fn made(site: &Site, element: &Value) -> Value {
    let answer = site.write("create", element, &IN_TASKS).await;
    assert_eq!(answer["success"], true, "{answer}");
    answer["result"].clone()
}

#[tokio::test]
async fn a_task_has_a_day_and_no_end_and_is_in_no_list_of_events() {
    for version in BOTH {
        let site = site(version).await;
        let mut element = task("Send the brochure");
        element["time_end"] = json!("10:00:00");
        element["source"] = json!("gsync:1");
        let made = made(&site, &element).await;
        assert_eq!(
            (&made["id"], &made["due_date"], &made["time_end"], &made["source"]),
            (
                &json!("9x101"),
                &json!("2026-12-02"),
                &json!(""),
                &json!("GSYNC:1")
            )
        );
        assert_eq!(
            site.ids("select id from Calendar where source = 'GSYNC:1';")
                .await,
            ["9x101"]
        );
        assert!(site.ids("select id from Events;").await.is_empty());
        let wrong = site
            .write("revise", &json!({ "id": "18x101", "subject": "x" }), &[])
            .await;
        assert_eq!(wrong["error"]["code"], "INVALID_ID_ATTRIBUTE");
        let backwards = json!({ "id": "9x101", "due_date": "2026-11-30" });
        assert_eq!(site.write("revise", &backwards, &[]).await["success"], true);
    }
}

#[tokio::test]
async fn a_task_without_a_due_day_is_refused_and_null_slips_through() {
    for version in BOTH {
        let site = site(version).await;
        let mut element = task("Whenever");
        element["due_date"] = json!("");
        let refused = site.write("create", &element, &IN_TASKS).await;
        assert_eq!(refused["error"]["message"], "due_date does not have a value");
        assert!(site.sim.tasks().is_empty());
        made(&site, &task("Whenever")).await;
        let emptied = json!({ "id": "9x101", "due_date": "" });
        let refused = site.write("revise", &emptied, &[]).await;
        assert_eq!(refused["error"]["code"], "MANDATORY_FIELDS_MISSING");
        let nulled = json!({ "id": "9x101", "due_date": null });
        let nulled = site.write("revise", &nulled, &[]).await;
        let nothing = if version == Version::V8_2 {
            json!("")
        } else {
            json!(null)
        };
        assert_eq!(nulled["result"]["due_date"], nothing);
    }
}

#[tokio::test]
async fn impossible_times_of_tasks_leave_something_behind_too() {
    let site = site(Version::V8_4).await;
    let mut element = task("No such hour");
    element["time_start"] = json!("25:99:00");
    let refused = site.write("create", &element, &IN_TASKS).await;
    assert_eq!(refused["error"]["code"], "INTERNAL_SERVER_ERROR");
    assert_eq!(site.sim.tasks().len(), 1, "and the task is there");
    let mut element = task("Dump");
    element["due_date"] = json!("2026-12-01T10:00:00Z");
    let dump = site.raw_write("create", &element, &IN_TASKS).await;
    assert!(dump.text.starts_with("<pre>array ("), "{}", dump.text);
    assert_eq!(site.sim.tasks().len(), 1, "an orphan is in no list");
}

#[tokio::test]
async fn a_plain_change_of_a_task_destroys_what_it_does_not_send() {
    for version in BOTH {
        let site = site(version).await;
        let anna = site.sim.person(7);
        let contacts: Vec<u64> = ["Conti", "Verdi"]
            .iter()
            .map(|name| anna.create_contact(&json!({ "lastname": name })).unwrap())
            .collect();
        let mut element = task("Call back");
        element["reminder_time"] = json!("900");
        let more = format!("{};{}", contacts[0], contacts[1]);
        let form = [IN_TASKS[0], ("contactidlist", more.as_str()), ("inviteesid", "8")];
        site.write("create", &element, &form).await;
        let row = site.sim.tasks()[0].clone();
        assert_eq!(
            (&row["reminder_time"], &row["contacts"], &row["invitees"]),
            (&json!("15"), &json!(contacts), &json!([8]))
        );
        let revised = json!({ "id": "9x103", "taskstatus": "Completed" });
        site.write("revise", &revised, &[]).await;
        let row = site.sim.tasks()[0].clone();
        let left = if version == Version::V8_2 { 1 } else { 2 };
        assert_eq!(
            (&row["taskstatus"], &row["reminder_time"], &row["invitees"]),
            (&json!("Completed"), &json!(""), &json!([]))
        );
        assert_eq!(row["contacts"].as_array().unwrap().len(), left);
    }
}

#[tokio::test]
async fn other_peoples_tasks_are_handed_out_by_the_older_release_whatever_they_say() {
    for version in BOTH {
        let site = site(version).await;
        for visibility in ["Private", "Public"] {
            let mut element = task(visibility);
            element["visibility"] = json!(visibility);
            made(&site, &element).await;
        }
        let bens = site.session_of("ben", "benSimulatedKey").await;
        let seen = ids(&site.query_in(&bens, "select id,subject from Calendar;").await);
        assert_eq!(seen.len(), if version == Version::V8_2 { 2 } else { 0 });
        for id in ["9x101", "9x102"] {
            let form = [
                ("operation", "retrieve"),
                ("sessionName", bens.as_str()),
                ("id", id),
            ];
            assert_eq!(site.get(&form).await["error"]["code"], "ACCESS_DENIED");
        }
    }
}
