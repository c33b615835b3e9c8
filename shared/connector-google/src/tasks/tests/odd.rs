//! Answers that no simulator gives.

use serde_json::{Value, json};
use sync_core::change::Change;
use sync_core::failure::Class;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::task::{Status, TaskField};
use sync_core::port::{Remote, Update};

use super::google::{create, delta, reading, record, tasks_at, whole};
use crate::scripted::{Scripted, Seen, error};

fn list(items: &[Value]) -> (u16, Value) {
    (200, json!({ "kind": "tasks#tasks", "items": items }))
}

fn answering(items: Vec<Value>) -> impl Fn(&Seen) -> (u16, Value) + Send + Sync + 'static {
    move |seen| {
        if seen.path.ends_with("/lists/@default") {
            (200, json!({ "id": "L1", "title": "My Tasks" }))
        } else {
            list(&items)
        }
    }
}

#[tokio::test]
async fn an_odd_task_does_not_spoil_the_list() {
    let google = Scripted::start(answering(vec![
        json!({ "id": "a", "etag": "\"1\"", "title": " A\tb ", "status": "needsAction", "updated": "2026-03-01T08:00:00.000Z" }),
        json!({ "id": "b", "title": 7 }),
        json!({ "id": "c", "status": "completed", "due": "nonsense", "unknown": { "x": 1 } }),
        json!({ "title": "without an id" }),
    ]))
    .await;
    let set = whole(&tasks_at(&google.base, "@default", "token")).await;
    assert_eq!(set.changes.len(), 3);
    let Change::Present(seen) = &set.changes[0] else {
        panic!("{:?}", set.changes[0])
    };
    assert_eq!(seen.record.title, "A b");
    let odd = RemoteId::new("L1", "b");
    assert!(matches!(&set.changes[1], Change::Unreadable { id, .. } if *id == odd));
    let Change::Present(seen) = &set.changes[2] else {
        panic!("{:?}", set.changes[2])
    };
    assert_eq!(
        (seen.record.due, seen.record.status),
        (None, Status::Completed { at: None })
    );
    let query = google.seen()[1].query.clone();
    let has = |name: &str, value: &str| query.contains(&(name.to_owned(), value.to_owned()));
    assert!(has("showCompleted", "true") && has("showHidden", "true") && has("showDeleted", "false"));
    assert!(has("maxResults", "100"));
}

#[tokio::test]
async fn a_cursor_of_another_list_is_worth_nothing() {
    let google = Scripted::start(answering(Vec::new())).await;
    let first = whole(&tasks_at(&google.base, "@default", "token")).await;
    let again = delta(&tasks_at(&google.base, "@default", "token"), &first).await;
    assert!(again.complete.is_empty());
    let last = google.seen().pop().unwrap();
    assert_eq!(last.get("showDeleted"), Some("true"));
    assert!(last.get("updatedMin").is_some());
    let other = Scripted::start(|seen| {
        if seen.path.ends_with("/users/@me/lists") {
            (200, json!({ "items": [{ "id": "L2", "title": "Other" }] }))
        } else {
            list(&[])
        }
    })
    .await;
    let set = delta(&tasks_at(&other.base, "Other", "token"), &first).await;
    assert_eq!(set.complete.len(), 1);
}

#[tokio::test]
async fn reasons_decide_and_not_the_status() {
    let cases = [
        (error(403, "rateLimitExceeded"), "rate_limited"),
        (error(403, "dailyLimitExceeded"), "quota_exceeded"),
        (error(403, "insufficientPermissions"), "missing_scope"),
        (error(403, "accessNotConfigured"), "api_disabled"),
        (error(403, "somethingElse"), "forbidden"),
        (error(401, "authError"), "token_refused"),
        (error(404, "notFound"), "list_not_found"),
        (error(500, "backendError"), "google_away"),
    ];
    for (answer, code) in cases {
        let sent = answer.clone();
        let google = Scripted::start(move |seen| {
            if seen.path.ends_with("/lists/@default") {
                (200, json!({ "id": "L1" }))
            } else {
                sent.clone()
            }
        })
        .await;
        if code == "rate_limited" || code == "google_away" {
            // Repeated for seconds by the lane; the write that is sent once shows the same.
            continue;
        }
        let failure = tasks_at(&google.base, "@default", "token")
            .changes(&reading(None))
            .await
            .unwrap_err();
        assert_eq!(failure.code, code, "{answer:?}");
    }
}

#[tokio::test]
async fn a_page_with_a_good_status_is_no_deletion_and_a_deleted_task_no_write() {
    let google = Scripted::start(|seen| match seen.method.as_str() {
        "DELETE" => (200, json!("<html>")),
        "PATCH" => (200, json!({ "id": "t1", "etag": "\"2\"", "deleted": true })),
        _ => list(&[]),
    })
    .await;
    let tasks = tasks_at(&google.base, "@default", "token");
    let id = RemoteId::new("L1", "t1");
    let failure = tasks.delete(&id, &Version("\"1\"".to_owned())).await.unwrap_err();
    assert_eq!(failure.code, "answer_unreadable");
    let write = Update {
        id,
        expected: Version("\"1\"".to_owned()),
        record: record("A"),
        fields: vec![TaskField::Title],
        notify: false,
    };
    assert_eq!(tasks.update(&write).await.unwrap_err().class, Class::Conflict);
    let body = google.seen().pop().unwrap().body;
    assert_eq!(body, json!({ "title": "A" }));
}

#[tokio::test]
async fn a_refused_insert_is_not_looked_for() {
    let google = Scripted::start(|seen| match seen.method.as_str() {
        "POST" => error(400, "invalid"),
        _ => (200, json!({ "id": "L1" })),
    })
    .await;
    let tasks = tasks_at(&google.base, "@default", "token");
    let failure = tasks.create(&create("t1", record("A"))).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "refused"));
    assert_eq!(google.seen().len(), 2, "which list, and the insert");
}
