//! Writing, against the simulated Google.

use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};
use futures::future::join_all;
use serde_json::{Value, json};
use simulators::google::GoogleSim;
use simulators::{Fault, FaultRule, When as Happens};
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};
use sync_core::port::{Remote, Update};

use super::google::{ANNA, at, create, delta, google, person, present, record, tasks, update, whole};

fn there(google: &GoogleSim) -> Vec<Value> {
    google.person(ANNA).tasks("@default")
}

#[tokio::test]
async fn a_task_is_done_when_the_record_says_or_else_now() {
    let google = google().await;
    let tasks = tasks(&google);
    let created = tasks.create(&create("t1", record("Task"))).await.unwrap();
    let done = TaskRecord {
        notes: String::new(),
        due: None,
        status: Status::Completed {
            at: Some(at(1, 12) + TimeDelta::seconds(7)),
        },
        ..record("Renamed")
    };
    let updated = tasks
        .update(&update(&created.observed, done.clone()))
        .await
        .unwrap();
    assert_eq!(updated.record, done);
    let reopened = tasks.update(&update(&updated, record("Again"))).await.unwrap();
    assert_eq!(reopened.record, record("Again"));
    // Without an instant, Google's own is told.
    let just_done = Update {
        fields: vec![TaskField::Status],
        ..update(
            &reopened,
            TaskRecord {
                status: Status::Completed { at: None },
                ..record("Again")
            },
        )
    };
    let finished = tasks.update(&just_done).await.unwrap();
    assert_eq!(finished.record.status, Status::Completed { at: Some(at(2, 8)) });
}

#[tokio::test]
async fn a_time_of_day_is_not_sent_and_long_texts_are_cut() {
    let google = google().await;
    let tasks = tasks(&google);
    let mut long = record(&"t".repeat(2000));
    long.notes = "n".repeat(9000);
    long.due = long.due.map(|due| Due {
        time: NaiveTime::from_hms_opt(23, 30, 0),
        ..due
    });
    let created = tasks.create(&create("t1", long.clone())).await.unwrap();
    let shown = &created.observed.record;
    assert_eq!((shown.title.len(), shown.notes.len()), (1024, 8192));
    assert_eq!(shown.due.unwrap().day, long.due.unwrap().day);
    let (ours, theirs) = (tasks.limits(), sync_core::kind::task::TaskLimits::none());
    let limits = sync_core::side::PerSide {
        crm: &theirs,
        google: &ours,
    };
    for field in [TaskField::Title, TaskField::Notes, TaskField::Due] {
        assert!(
            sync_core::kind::Record::same(&long, field, shown, limits),
            "{field:?}"
        );
    }
}

#[tokio::test]
async fn the_tasks_below_a_deleted_one_stay() {
    let google = google().await;
    let tasks = tasks(&google);
    let parent = tasks
        .create(&create("t1", record("parent")))
        .await
        .unwrap()
        .observed;
    let list = parent.id.collection.clone();
    let tokens = google.issue_tokens(ANNA, &[crate::oauth::SCOPE_TASKS]).unwrap();
    let http = connector_http::client::HttpClient::unguarded().unwrap();
    let insert = http::Request::builder()
        .method("POST")
        .uri(format!(
            "{}/lists/{list}/tasks?parent={}",
            google.tasks_url(),
            parent.id.id
        ))
        .header("authorization", format!("Bearer {}", tokens.access_token))
        .header("content-type", "application/json")
        .body(br#"{"title":"below"}"#.to_vec())
        .unwrap();
    assert_eq!(http.send(insert).await.unwrap().status, 200);
    assert_eq!(tasks.delete(&parent.id, &parent.version).await, Ok(true));
    let left = there(&google);
    assert_eq!((left.len(), left[0]["title"].as_str()), (1, Some("below")));
}

#[tokio::test]
async fn whatever_happens_on_the_way_an_insert_makes_one_task() {
    let faults = [
        Fault::LostAnswer,
        Fault::CutBody,
        Fault::DropBefore,
        Fault::ServerErrorBefore(503),
        Fault::ServerErrorAfter(500),
        Fault::Html(502),
    ];
    for fault in faults {
        let google = google().await;
        let tasks = tasks(&google);
        let mut last = whole(&tasks).await;
        // One that a person made before, and that says the same, is nobody's copy.
        person(&google)
            .create_task(
                "@default",
                &json!({ "title": "Task", "notes": "one\ntwo", "due": "2026-03-05T00:00:00Z" }),
            )
            .unwrap();
        last = delta(&tasks, &last).await;
        assert_eq!(present(&last).len(), 1);
        let rule = FaultRule::new(fault.clone(), Happens::Next(1)).methods(&["POST"]);
        google.faults().add(rule);
        let made = tasks.create(&create("t1", record("Task"))).await;
        let count = there(&google).len();
        match made {
            Ok(made) => {
                assert_eq!(count, 2, "{fault:?}");
                assert_ne!(made.observed.id, present(&last)[0].id, "{fault:?}");
            }
            Err(failure) => {
                assert!(
                    matches!(failure.class, Class::Retryable { .. }),
                    "{fault:?} {failure:?}"
                );
                assert_eq!(count, 1, "{fault:?}: nothing is known of a task that is there");
            }
        }
    }
}

#[tokio::test]
async fn a_run_that_died_leaves_a_task_that_the_next_one_sees() {
    let google = google().await;
    let first = tasks(&google);
    let before = whole(&first).await;
    first.create(&create("t1", record("Task"))).await.unwrap();
    // The next run has nothing but the cursor of before.
    let next = tasks(&google);
    let set = delta(&next, &before).await;
    assert_eq!(present(&set).len(), 1);
    assert_eq!(present(&set)[0].record, record("Task"));
}

#[tokio::test]
async fn equal_tasks_without_an_answer_get_one_each() {
    let google = google().await;
    let tasks = Arc::new(tasks(&google));
    whole(&tasks).await;
    let rule = FaultRule::new(Fault::LostAnswer, Happens::Always).methods(&["POST"]);
    google.faults().add(rule);
    let names: Vec<String> = (0..6).map(|number| format!("t{number}")).collect();
    let creations: Vec<_> = names.iter().map(|name| create(name, record("Same"))).collect();
    let made = join_all(creations.iter().map(|creation| tasks.create(creation))).await;
    let ids: std::collections::BTreeSet<RemoteId> =
        made.into_iter().map(|made| made.unwrap().observed.id).collect();
    assert_eq!((ids.len(), there(&google).len()), (6, 6));
}
