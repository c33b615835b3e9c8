//! Tasks, in both directions.

use serde_json::{Map, Value, json};

use crate::rig::{ANNA, Kind, Rig, over_every_crm};

/// The list that everybody has.
const LIST: &str = "@default";

fn settings() -> Value {
    json!({ "events": { "enabled": false }, "tasks": { "enabled": true } })
}

async fn linked(kind: Kind) -> Rig {
    Rig::linked_for(kind, &settings()).await
}

fn crm_task(rig: &Rig, name: &str) -> Map<String, Value> {
    let rows = rig.crm.rows("Tasks");
    let found = rows.iter().find(|row| row["name"] == name);
    found
        .unwrap_or_else(|| panic!("no task {name}: {rows:#?}"))
        .clone()
}

fn google_task(rig: &Rig, title: &str) -> Value {
    let tasks = rig.anna_at_google().tasks(LIST);
    let found = tasks.iter().find(|task| task["title"] == title);
    found
        .unwrap_or_else(|| panic!("no task {title}: {tasks:#?}"))
        .clone()
}

fn id(task: &Value) -> String {
    task["id"].as_str().unwrap().to_owned()
}

fn row_id(row: &Map<String, Value>) -> String {
    row["id"].as_str().unwrap().to_owned()
}

async fn tasks_of_either_side_are_on_the_other_one_with_day_notes_and_state(kind: Kind) {
    let rig = linked(kind).await;
    rig.anna()
        .create(
            "Tasks",
            &json!({ "name": "Send the brochure", "description": "Both languages", "status": "In Progress",
                     "priority": "High", "date_due": "2026-12-01 23:30:00" }),
        )
        .unwrap();
    rig.anna_at_google()
        .create_task(
            LIST,
            &json!({ "title": "Book a room", "notes": "For ten", "due": "2026-12-03T00:00:00.000Z" }),
        )
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((1, 0, 0), (1, 0, 0)));
    let brochure = google_task(&rig, "Send the brochure");
    // Half past midnight in Rome is the next day there.
    assert_eq!(brochure["due"], "2026-12-02T00:00:00.000Z");
    assert_eq!(
        (&brochure["notes"], &brochure["status"]),
        (&json!("Both languages"), &json!("needsAction"))
    );
    let room = crm_task(&rig, "Book a room");
    let due = rig.crm.kept_due(ANNA, "2026-12-03 11:00:00");
    assert_eq!(
        (&room["description"], &room["date_due"], &room["assigned_user_id"]),
        (&json!("For ten"), &json!(due), &json!(ANNA))
    );
}

async fn what_is_done_on_one_side_is_done_on_the_other_and_may_be_opened_again(kind: Kind) {
    let rig = linked(kind).await;
    let call = rig
        .anna()
        .create(
            "Tasks",
            &json!({ "name": "Call back", "status": "Pending Input", "priority": "Low" }),
        )
        .unwrap();
    let online = rig.anna_at_google();
    let room = online
        .create_task(LIST, &json!({ "title": "Book a room" }))
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    online
        .complete_task(LIST, &id(&google_task(&rig, "Call back")))
        .unwrap();
    let booking = row_id(&crm_task(&rig, "Book a room"));
    rig.anna()
        .edit("Tasks", &booking, &json!({ "status": "Completed" }))
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(crm_task(&rig, "Call back")["status"], "Completed");
    assert_eq!(online.task(LIST, &room).unwrap()["status"], "completed");
    rig.later(20);
    rig.anna()
        .edit("Tasks", &call, &json!({ "status": "Deferred" }))
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(google_task(&rig, "Call back")["status"], "needsAction");
    assert_eq!(crm_task(&rig, "Call back")["priority"], "Low");
}

async fn another_day_in_google_keeps_the_crms_hour_and_what_both_edit_is_kept(kind: Kind) {
    let rig = linked(kind).await;
    let task = rig
        .anna()
        .create(
            "Tasks",
            &json!({ "name": "Prepare the offer", "date_due": "2026-12-01 15:30:00", "priority": "High" }),
        )
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    let online = rig.anna_at_google();
    let copy = id(&google_task(&rig, "Prepare the offer"));
    online
        .edit_task(LIST, &copy, &json!({ "due": "2026-12-04T00:00:00.000Z" }))
        .unwrap();
    rig.anna()
        .edit("Tasks", &task, &json!({ "description": "With a discount" }))
        .unwrap();
    rig.sync_to_rest().await;
    let row = crm_task(&rig, "Prepare the offer");
    assert_eq!(
        (&row["date_due"], &row["priority"], &row["description"]),
        (
            &json!(rig.crm.kept_due(ANNA, "2026-12-04 15:30:00")),
            &json!("High"),
            &json!("With a discount")
        )
    );
    assert_eq!(google_task(&rig, "Prepare the offer")["notes"], "With a discount");
    // Another hour in the CRM is nothing that Google could know.
    rig.later(20);
    rig.anna()
        .edit("Tasks", &task, &json!({ "date_due": "2026-12-04 09:00:00" }))
        .unwrap();
    rig.sync_to_rest().await.changed_nothing();
    assert_eq!(
        crm_task(&rig, "Prepare the offer")["date_due"],
        json!(rig.crm.kept_due(ANNA, "2026-12-04 09:00:00"))
    );
}

async fn deletions_travel_and_a_task_that_was_moved_to_another_list_is_not_deleted(kind: Kind) {
    let rig = linked(kind).await;
    let online = rig.anna_at_google();
    let make = |name: &str| rig.anna().create("Tasks", &json!({ "name": name })).unwrap();
    let (one, _two, _three) = (make("One"), make("Two"), make("Three"));
    rig.sync_to_rest().await;
    rig.later(20);
    rig.anna().delete("Tasks", &one).unwrap();
    online.delete_task(LIST, &id(&google_task(&rig, "Two"))).unwrap();
    let elsewhere = online.create_task_list("Private").unwrap();
    online
        .move_task(LIST, &id(&google_task(&rig, "Three")), &elsewhere)
        .unwrap();
    rig.sync_to_rest().await;
    let names: Vec<Value> = rig
        .crm
        .rows("Tasks")
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["Three"]);
    assert_eq!(online.tasks(LIST), [] as [Value; 0]);
    assert_eq!(online.tasks(&elsewhere).len(), 1);
}

async fn a_lost_store_doubles_no_task_and_an_idle_run_costs_little(kind: Kind) {
    let rig = linked(kind).await;
    for number in 0..5 {
        rig.anna()
            .create(
                "Tasks",
                &json!({ "name": format!("Task {number}"), "date_due": "2026-12-01 10:00:00" }),
            )
            .unwrap();
    }
    rig.sync_to_rest().await;
    rig.later(20);
    // The first run after a writing one may read again what was written.
    rig.sync().await.changed_nothing();
    rig.later(20);
    let idle = rig.sync().await.ok();
    idle.changed_nothing();
    assert_eq!(idle.requests.google, 1);
    assert!(
        idle.requests.crm <= rig.crm.idle_requests_max("tasks"),
        "{idle:#?}"
    );
    let rig = rig.lose_store().await;
    rig.link_for(&settings()).await;
    let run = rig.sync_to_rest().await;
    assert_eq!(run.changes.tasks.as_ref().unwrap().paired, 5);
    run.changed_nothing();
    assert_eq!(rig.crm.rows("Tasks").len(), 5);
}

over_every_crm! {
    #[tokio::test]
    tasks_of_either_side_are_on_the_other_one_with_day_notes_and_state,
    what_is_done_on_one_side_is_done_on_the_other_and_may_be_opened_again,
    another_day_in_google_keeps_the_crms_hour_and_what_both_edit_is_kept,
    deletions_travel_and_a_task_that_was_moved_to_another_list_is_not_deleted,
    a_lost_store_doubles_no_task_and_an_idle_run_costs_little,
}
