//! Tasks that Google took while the run came to nothing: edited meanwhile, they are known again and not doubled.

use std::sync::Arc;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule, When};

use crate::rig::{Kind, Rig, over_crms};

const LIST: &str = "@default";

async fn linked(kind: Kind) -> Rig {
    let settings = json!({ "events": { "enabled": false }, "tasks": { "enabled": true } });
    Rig::linked_for(kind, &settings).await
}

fn inserts(fault: Fault) -> FaultRule {
    FaultRule::new(fault, When::Always)
        .methods(&["POST"])
        .path_contains("/tasks/v1/lists/")
}

fn google_id(rig: &Rig, title: &str) -> String {
    let tasks = rig.anna_at_google().tasks(LIST);
    let found = tasks.iter().find(|task| task["title"] == title);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

fn sorted(titles: impl Iterator<Item = Value>) -> Vec<String> {
    let mut titles: Vec<String> = titles.map(|title| title.as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

/// The titles on both sides, which must be the same.
fn titles(rig: &Rig) -> Vec<String> {
    let google = sorted(
        rig.anna_at_google()
            .tasks(LIST)
            .into_iter()
            .map(|task| task["title"].clone()),
    );
    let crm = sorted(rig.crm.rows("Tasks").into_iter().map(|row| row["name"].clone()));
    assert_eq!(google, crm);
    google
}

async fn a_copy_that_was_edited_before_the_next_run_is_known_again(kind: Kind) {
    let rig = linked(kind).await;
    rig.sync_to_rest().await;
    rig.later(20);
    let task = |name: &str, notes: &str| {
        let record = json!({ "name": name, "description": notes, "date_due": "2026-12-01 10:00:00" });
        rig.anna().create("Tasks", &record).unwrap();
    };
    task("Call back", "");
    task("Send the offer", "With a discount");
    task("Untouched", "");
    // Google takes them, no answer arrives, and what became of them cannot be seen.
    rig.google.faults().add(inserts(Fault::LostAnswer));
    let faults = rig.google.faults().clone();
    let blind = move || {
        let away = FaultRule::new(Fault::ServerErrorBefore(500), When::Always);
        faults.add(away.methods(&["GET"]).path_contains("/v1/lists/"));
    };
    let look = FaultRule::new(Fault::Meanwhile(Arc::new(blind)), When::Next(1));
    rig.google
        .faults()
        .add(look.methods(&["GET"]).path_contains("me/lists/"));
    assert_eq!(rig.scheduled().await.outcome, "failed");
    rig.google.faults().clear();
    let online = rig.anna_at_google();
    assert_eq!(online.tasks(LIST).len(), 3);
    let edit = |title: &str, changes: Value| {
        online.edit_task(LIST, &google_id(&rig, title), &changes).unwrap();
    };
    edit("Call back", json!({ "due": "2026-12-04T00:00:00.000Z" }));
    edit(
        "Send the offer",
        json!({ "title": "Send the offer to Carla", "due": "2026-12-05T00:00:00.000Z" }),
    );
    let run = rig.scheduled().await.ok();
    assert_eq!(run.changes.tasks.as_ref().unwrap().paired, 3, "{run:#?}");
    assert_eq!((run.to_google().0, run.to_crm().0), (0, 0));
    assert_eq!(
        titles(&rig),
        ["Call back", "Send the offer to Carla", "Untouched"]
    );
    let due = |name: &str| {
        let rows = rig.crm.rows("Tasks");
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        row["date_due"]
            .as_str()
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        (due("Call back"), due("Untouched")),
        ("2026-12-04".to_owned(), "2026-12-01".to_owned())
    );
    rig.assert_at_rest().await;
}

async fn what_was_there_before_is_not_taken_for_a_copy(kind: Kind) {
    let rig = linked(kind).await;
    rig.sync_to_rest().await;
    rig.later(20);
    let online = rig.anna_at_google();
    let there = json!({ "title": "Call back", "due": "2026-12-04T00:00:00.000Z" });
    let there = online.create_task(LIST, &there).unwrap();
    let record = json!({ "name": "Call back", "date_due": "2026-12-01 10:00:00" });
    rig.anna().create("Tasks", &record).unwrap();
    // Nothing arrives anywhere.
    rig.google.faults().add(inserts(Fault::DropBefore));
    rig.crm.faults().add(
        FaultRule::new(Fault::ServerErrorBefore(503), When::Always)
            .methods(&["POST"])
            .path_contains("module"),
    );
    assert_eq!(rig.scheduled().await.outcome, "failed");
    rig.google.faults().clear();
    rig.crm.faults().clear();
    online
        .edit_task(LIST, &there, &json!({ "notes": "Hers, not ours" }))
        .unwrap();
    let run = rig.scheduled().await.ok();
    assert_eq!((run.to_google().0, run.to_crm().0), (1, 1), "{run:#?}");
    assert_eq!(titles(&rig), ["Call back", "Call back"]);
    rig.assert_at_rest().await;
}

over_crms! {
    #[tokio::test] suitecrm = SuiteCrm:
    a_copy_that_was_edited_before_the_next_run_is_known_again,
    what_was_there_before_is_not_taken_for_a_copy,
}
